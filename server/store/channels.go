package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"motcua/slides"
	"motcua/slides/scene"
)

// ChannelKind is what a channel is.
type ChannelKind string

// The kinds.
const (
	ChannelZalo     ChannelKind = "zalo"
	ChannelFacebook ChannelKind = "facebook"
	ChannelPortal   ChannelKind = "portal"
	ChannelOther    ChannelKind = "other"
)

// ChannelKinds lists them in the order of the studio.
var ChannelKinds = []ChannelKind{ChannelZalo, ChannelFacebook, ChannelPortal, ChannelOther}

// MaxChannels is how many QR codes one slide of channels takes.
const MaxChannels = 4

// maxChannelName is what stands beside a QR code.
const maxChannelName = 60

// Channel is where a unit is reached.
type Channel struct {
	Kind ChannelKind `json:"kind"`
	Name slides.Text `json:"name"`
	URL  string      `json:"url"`
}

// Channels are a unit's own channels, and those that hold there: its own, else
// those of the nearest unit above that has some.
func (s *Store) Channels(ctx context.Context, unit string) (own, holds []Channel, err error) {
	err = s.read(ctx, "store.Channels", func(t *txn) error {
		own, holds, err = t.channels(unit)
		return err
	})
	return own, holds, err
}

func (t *txn) channels(unit string) (own, holds []Channel, err error) {
	cat, err := t.catalogue()
	if err != nil {
		return nil, nil, err
	}
	for _, u := range cat.path(unit, t.now) {
		err := t.each("SELECT kind, name, url FROM channels WHERE unit = ? ORDER BY no", []any{u}, func(rows *sql.Rows) error {
			var c Channel
			var name string
			err := rows.Scan(&c.Kind, &name, &c.URL)
			if err == nil {
				c.Name, err = fromJSON[slides.Text](name)
			}
			holds = append(holds, c)
			return err
		})
		if err != nil {
			return nil, nil, err
		}
		if u == unit {
			own = holds
		}
		if len(holds) > 0 {
			break
		}
	}
	return own, holds, nil
}

// SaveChannels replaces a unit's own channels; none gives it back those of the
// unit above. was is what the change began from. Kinds: Conflict, somebody was
// first; Invalid, with problems at "channels.0.url" and the like: addresses are
// held to the same hosts as those of slides.
func (s *Store) SaveChannels(ctx context.Context, a Actor, unit string, was, list []Channel) error {
	const op = "store.SaveChannels"
	list = slices.Clone(list)
	return s.write(ctx, op, func(t *txn) error {
		if err := t.knownUnit(op, unit); err != nil {
			return err
		}
		look, _, err := t.look()
		if err != nil {
			return err
		}
		var p slides.Problems
		if len(list) > MaxChannels {
			p.Add("channels", fmt.Sprintf("Tối đa %d kênh.", MaxChannels), fmt.Sprintf("At most %d channels.", MaxChannels))
		}
		seen := map[string]bool{}
		for i := range list {
			c, at := &list[i], fmt.Sprintf("channels.%d", i)
			c.URL, c.Name = slides.Clean(c.URL), slides.CleanText(c.Name)
			c.Name.Check(&p, at+".name", true, maxChannelName)
			if !slices.Contains(ChannelKinds, c.Kind) {
				p.Add(at+".kind", "Chọn loại kênh.", "Choose what it is.")
			}
			if err := scene.AllowedURL(c.URL, look.Hosts); err != nil {
				p.Add(at+".url", slides.Sentence(err, "vi"), slides.Sentence(err, "en"))
			} else if seen[c.URL] {
				p.Add(at+".url", "Địa chỉ này đã có ở một kênh khác.", "Another channel has this address already.")
			}
			seen[c.URL] = true
		}
		if err := p.Err(op); err != nil {
			return err
		}
		own, _, err := t.channels(unit)
		if err != nil {
			return err
		}
		if toJSON(own) != toJSON(was) {
			return slides.E(slides.Conflict, op, "Người khác vừa sửa các kênh này; hãy mở lại trang rồi sửa.", "Somebody has changed these channels meanwhile; open the page again and change them.", nil)
		}
		if err := t.exec("DELETE FROM channels WHERE unit = ?", unit); err != nil {
			return err
		}
		for i, c := range list {
			if err := t.exec("INSERT INTO channels VALUES (?, ?, ?, ?, ?)", unit, i, c.Kind, toJSON(c.Name), c.URL); err != nil {
				return err
			}
		}
		return t.audit(a, "unit.channels", "unit:"+unit, change(map[string]any{"channels": own}, map[string]any{"channels": list}))
	})
}
