package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"motcua/server/compile"
	"motcua/slides"
)

// Emergency is an override of the screens: one person asks for it, another
// confirms it, and it ends by itself.
type Emergency struct {
	ID       string
	Unit     string      // in which it is asked for
	Text     slides.Text // what to show; nil where Slide is named
	Slide    string      // an existing slide; "": one made of Text
	Where    compile.Where
	Minutes  int    // how long, from the confirmation
	Zone     string // IANA name
	Asker    string // user id
	Asked    slides.Millis
	Decider  string
	Decided  slides.Millis
	Refused  bool
	Ends     slides.Millis // when it ends by itself, or was ended
	Ender    string
	Revision int64 // of the publication that put it on
}

// EmergencyState is how an emergency stands.
type EmergencyState string

// The states: waits for a second person; nobody confirmed it in time; refused;
// on the screens; over.
const (
	EmergencyAsked   EmergencyState = "asked"
	EmergencyLapsed  EmergencyState = "lapsed"
	EmergencyRefused EmergencyState = "refused"
	EmergencyOn      EmergencyState = "on"
	EmergencyOver    EmergencyState = "over"
)

// Limits of an emergency. What nobody confirmed within the wait is no emergency.
const (
	MinEmergency  = 5       // minutes
	MaxEmergency  = 24 * 60 // minutes
	emergencyWait = slides.Millis(60 * 60 * 1000)
)

// State is how it stands at now.
func (e *Emergency) State(now slides.Millis) EmergencyState {
	switch {
	case e.Refused:
		return EmergencyRefused
	case e.Decided == 0 && now >= e.Asked+emergencyWait:
		return EmergencyLapsed
	case e.Decided == 0:
		return EmergencyAsked
	case now >= e.Ends:
		return EmergencyOver
	}
	return EmergencyOn
}

// SlideID is the slide that it shows.
func (e *Emergency) SlideID() string {
	if e.Slide != "" {
		return e.Slide
	}
	return e.ID
}

// AskEmergency writes the wish down; nothing shows yet.
func (s *Store) AskEmergency(ctx context.Context, a Actor, e Emergency) (Emergency, error) {
	const op = "store.AskEmergency"
	err := s.write(ctx, op, func(t *txn) error {
		e.ID, e.Asker, e.Asked = randomID(emergencyID), a.User, t.now
		e.Decider, e.Decided, e.Refused, e.Ends, e.Ender, e.Revision = "", 0, false, 0, "", 0
		var p slides.Problems
		if e.Minutes < MinEmergency || e.Minutes > MaxEmergency {
			p.Add("minutes", "Thời gian phải từ 5 phút đến 24 giờ.", "It lasts 5 minutes to 24 hours.")
		}
		if e.Slide != "" {
			e.Text = nil
		} else {
			e.Text = slides.CleanText(e.Text)
			e.Text.Check(&p, "text", true, 240)
		}
		// The entry is checked now, so that the second person's press can't fail.
		x := e.entry(t.now)
		if !e.Where.All && len(e.Where.Units)+len(e.Where.Groups)+len(e.Where.Kiosks) == 0 {
			p.Add("where", "Chưa chọn nơi phát.", "Choose where it shows.")
		}
		slides.CheckEntry(&x.Entry, &p, "entry")
		if e.Slide != "" {
			if i, err := t.item(op, ItemRef{SlideItem, e.Slide}); err != nil || i.State == Removed || i.State == Removing {
				p.Add("slide", fmt.Sprintf("Không có trang %q.", e.Slide), fmt.Sprintf("There is no slide %q.", e.Slide))
			}
		}
		if err := p.Err(op); err != nil {
			return err
		}
		if err := t.exec("INSERT INTO emergencies (id, unit, text, slide, places, minutes, zone, asker, asked) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
			e.ID, e.Unit, toJSON(e.Text), e.Slide, toJSON(e.Where), e.Minutes, e.Zone, e.Asker, e.Asked); err != nil {
			return err
		}
		return t.audit(a, "emergency.ask", "emergency:"+e.ID, e)
	})
	return e, err
}

// MadeByEmergency says whether a piece of content was made for an emergency's own
// words, and is nothing to begin another one from.
func MadeByEmergency(id string) bool { return strings.HasPrefix(id, emergencyID+"-") }

// emergencyID begins the ids of emergencies and of what is made for them.
const emergencyID = "khan"

// entry is the schedule entry that puts it on from a moment: from that minute
// on, until Minutes later. A screen's end is a wall-clock minute, so it shows up
// to a minute longer than asked.
func (e *Emergency) entry(now slides.Millis) compile.Entry {
	const layout = "2006-01-02T15:04"
	zone, err := time.LoadLocation(e.Zone)
	if err != nil {
		zone = time.UTC
	}
	start := now.Time().In(zone).Truncate(time.Minute)
	end := start.Add(time.Duration(e.Minutes+1) * time.Minute)
	x := compile.Entry{Where: e.Where}
	x.ID, x.Playlist, x.Zone, x.Priority = e.ID, e.ID, e.Zone, slides.Emergency
	x.Start, x.End = slides.LocalTime(start.Format(layout)), slides.LocalTime(end.Format(layout))
	return x
}

// ConfirmEmergency puts it on every screen that it names, at once. Denied for
// who asked; Conflict where it was decided already or waited too long.
func (s *Store) ConfirmEmergency(ctx context.Context, a Actor, id string) (e Emergency, err error) {
	const op = "store.ConfirmEmergency"
	err = s.write(ctx, op, func(t *txn) error {
		if e, err = t.emergency(op, id); err != nil {
			return err
		}
		if e.Asker == a.User {
			return slides.E(slides.Denied, op, "Người yêu cầu không tự xác nhận được; cần người thứ hai.", "Who asked can't confirm it; a second person must.", nil)
		}
		if st := e.State(t.now); st != EmergencyAsked {
			return slides.E(slides.Conflict, op, "Yêu cầu này đã được quyết định hoặc đã quá một giờ; hãy yêu cầu lại.", "It was decided already, or waited over an hour; ask again.", nil)
		}
		steps, err := t.sweep(op)
		if err != nil {
			return err
		}
		x := e.entry(t.now)
		if e.Slide == "" {
			body, err := json.Marshal(map[string]any{"overline": slides.Text{"vi": "Thông báo khẩn", "en": "Urgent notice"}, "text": e.Text})
			if err != nil {
				return err
			}
			title := slides.Text{"vi": "Thông báo khẩn", "en": "Urgent notice"}
			d, err := slideDraft(op, e.Unit, &slides.Slide{ID: e.ID, Kind: "slogan", Title: title, Topic: "T04", Audience: slides.Public, Body: body, Dwell: slides.MaxDwell.Milliseconds()})
			if err != nil {
				return err
			}
			i, err := t.saveOwned(op, a, d, 0)
			if err != nil {
				return err
			}
			steps = append(steps, PublishedItem{ItemRef: i.ItemRef, After: i.Version})
		} else if i, err := t.item(op, ItemRef{SlideItem, e.Slide}); err != nil {
			return err
		} else if i.State == Removed || i.State == Removing || i.Live == 0 && i.Updated > e.Asked {
			return slides.E(slides.Conflict, op, "Trang được yêu cầu đã bị sửa hoặc xóa sau khi yêu cầu; hãy yêu cầu lại.", "The slide was changed or deleted after it was asked for; ask again.", nil)
		} else if i.Live == 0 { // a draft that was meant for this
			steps = append(steps, PublishedItem{ItemRef: i.ItemRef, After: i.Version})
		}
		list, err := t.savePlaylist(op, a, e.Unit, slides.Playlist{ID: e.ID, Name: "Thông báo khẩn", Items: []slides.Item{{Slide: e.SlideID()}}}, 0)
		if err != nil {
			return err
		}
		entry, err := t.saveEntry(op, a, e.Unit, x, 0)
		if err != nil {
			return err
		}
		steps = append(steps, PublishedItem{ItemRef: list.ItemRef, After: list.Version}, PublishedItem{ItemRef: entry.ItemRef, After: entry.Version})
		// Its own pieces are checked; what else is live and broken (a recall is
		// not held up, either) must not keep it off the screens.
		p, err := t.releaseChecked(op, a, "publish", "Thông báo khẩn", true, false, steps)
		if err != nil {
			return err
		}
		e.Decider, e.Decided, e.Revision = a.User, t.now, p.Revision
		e.Ends = t.now + slides.Millis(e.Minutes)*60_000
		if err := t.exec("UPDATE emergencies SET decider = ?, decided = ?, ends = ?, revision = ? WHERE id = ?", e.Decider, e.Decided, e.Ends, e.Revision, id); err != nil {
			return err
		}
		return t.audit(a, "emergency.confirm", "emergency:"+id, e)
	})
	return e, err
}

// RefuseEmergency says no to it, or takes it back.
func (s *Store) RefuseEmergency(ctx context.Context, a Actor, id string) (e Emergency, err error) {
	const op = "store.RefuseEmergency"
	err = s.write(ctx, op, func(t *txn) error {
		if e, err = t.emergency(op, id); err != nil {
			return err
		}
		if e.State(t.now) != EmergencyAsked {
			return slides.E(slides.Conflict, op, "Yêu cầu này đã được quyết định.", "It was decided already.", nil)
		}
		e.Decider, e.Decided, e.Refused = a.User, t.now, true
		if err := t.exec("UPDATE emergencies SET decider = ?, decided = ?, refused = 1 WHERE id = ?", e.Decider, e.Decided, id); err != nil {
			return err
		}
		return t.audit(a, "emergency.refuse", "emergency:"+id, e)
	})
	return e, err
}

// EndEmergency takes it off the screens at once. Conflict where it is not on.
func (s *Store) EndEmergency(ctx context.Context, a Actor, id string) (e Emergency, err error) {
	const op = "store.EndEmergency"
	err = s.write(ctx, op, func(t *txn) error {
		if e, err = t.emergency(op, id); err != nil {
			return err
		}
		if e.State(t.now) != EmergencyOn {
			return slides.E(slides.Conflict, op, "Thông báo khẩn này không còn trên màn hình.", "It is on no screen any more.", nil)
		}
		if err := t.exec("UPDATE emergencies SET ends = ?, ender = ? WHERE id = ?", t.now, a.User, id); err != nil {
			return err
		}
		e.Ends, e.Ender = t.now, a.User
		steps, err := t.sweep(op)
		if err != nil {
			return err
		}
		// As a recall: taking off is never held up by what else is live.
		if _, err := t.release(op, a, "recall", "Kết thúc thông báo khẩn", true, steps); err != nil {
			return err
		}
		return t.audit(a, "emergency.end", "emergency:"+id, e)
	})
	return e, err
}

// sweep deletes what emergencies that are over left behind, and lists the steps
// that take it off.
func (t *txn) sweep(op string) (steps []PublishedItem, err error) {
	var refs []ItemRef
	err = t.each(`SELECT i.type, i.id FROM emergencies e JOIN items i ON i.id = e.id AND i.type IN ('slide', 'playlist', 'entry')
		WHERE e.decided > 0 AND e.refused = 0 AND e.ends <= ? AND i.live > 0 ORDER BY i.type, i.id`, []any{t.now}, func(rows *sql.Rows) error {
		var r ItemRef
		err := rows.Scan(&r.Type, &r.ID)
		refs = append(refs, r)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, r := range refs {
		i, err := t.item(op, r)
		if err != nil {
			return nil, err
		}
		if err := t.exec("UPDATE items SET deleted = 1, updated = ? WHERE type = ? AND id = ?", t.now, r.Type, r.ID); err != nil {
			return nil, err
		}
		steps = append(steps, PublishedItem{ItemRef: r, Before: i.Live})
	}
	return steps, nil
}

const emergencyColumns = "id, unit, text, slide, places, minutes, zone, asker, asked, decider, decided, refused, ends, ender, revision"

func scanEmergency(scan func(...any) error) (e Emergency, err error) {
	var text, where string
	if err := scan(&e.ID, &e.Unit, &text, &e.Slide, &where, &e.Minutes, &e.Zone, &e.Asker, &e.Asked, &e.Decider, &e.Decided, &e.Refused, &e.Ends, &e.Ender, &e.Revision); err != nil {
		return e, err
	}
	return e, errors.Join(json.Unmarshal([]byte(text), &e.Text), json.Unmarshal([]byte(where), &e.Where))
}

func (t *txn) emergency(op, id string) (Emergency, error) {
	e, err := scanEmergency(t.row("SELECT "+emergencyColumns+" FROM emergencies WHERE id = ?", id).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return e, notFound(op, "Không có thông báo khẩn này.", "There is no such emergency.")
	}
	return e, err
}

// Emergency is one emergency.
func (s *Store) Emergency(ctx context.Context, id string) (e Emergency, err error) {
	err = s.read(ctx, "store.Emergency", func(t *txn) error {
		e, err = t.emergency("store.Emergency", id)
		return err
	})
	return e, err
}

// Emergencies lists the newest first.
func (s *Store) Emergencies(ctx context.Context, limit int) (out []Emergency, err error) {
	err = s.read(ctx, "store.Emergencies", func(t *txn) error {
		return t.each("SELECT "+emergencyColumns+" FROM emergencies ORDER BY asked DESC, id LIMIT ?", []any{limit}, func(rows *sql.Rows) error {
			e, err := scanEmergency(rows.Scan)
			out = append(out, e)
			return err
		})
	})
	return out, err
}
