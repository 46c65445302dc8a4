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
	Raised   int   // the version of the draft Slide that it put on, 0: Slide was live already, or none was named
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
		e.Decider, e.Decided, e.Refused, e.Ends, e.Ender, e.Revision, e.Raised = "", 0, false, 0, "", 0, 0
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
			e.Raised = i.Version
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
		if err := t.exec("UPDATE emergencies SET decider = ?, decided = ?, ends = ?, revision = ?, raised = ? WHERE id = ?", e.Decider, e.Decided, e.Ends, e.Revision, e.Raised, id); err != nil {
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

// overs are the emergencies that are over and left something live behind: their
// own pieces, or a draft that they put on. It is asked twice a second: from the
// few emergencies to the many items (CROSS JOIN keeps SQLite to that order).
const overs = `SELECT i.type, i.id, i.live, e.id FROM emergencies e CROSS JOIN items i ON i.type IN ('slide', 'playlist', 'entry') AND i.id = e.id
	WHERE e.decided > 0 AND e.refused = 0 AND e.ends <= ?1 AND i.live > 0
	UNION ALL SELECT i.type, i.id, i.live, e.id FROM emergencies e JOIN items i ON i.type = 'slide' AND i.id = e.slide AND i.live = e.raised
	WHERE e.raised > 0 AND e.decided > 0 AND e.refused = 0 AND e.ends <= ?1`

// sweep lists the steps that take off what emergencies that are over left behind,
// and deletes what was made for them. A draft that one put on goes back to being
// a draft, unless another version of it was published since or a live playlist
// of somebody's shows it.
func (t *txn) sweep(op string) (steps []PublishedItem, err error) {
	type left struct {
		ItemRef
		live int
		of   string // the emergency
	}
	var list []left
	err = t.each(overs+" ORDER BY 1, 2, 4", []any{t.now}, func(rows *sql.Rows) error {
		var l left
		err := rows.Scan(&l.Type, &l.ID, &l.live, &l.of)
		list = append(list, l)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, l := range list {
		if l.ID == l.of {
			if err := t.exec("UPDATE items SET deleted = 1, updated = ? WHERE type = ? AND id = ?", t.now, l.Type, l.ID); err != nil {
				return nil, err
			}
		} else {
			if err := t.exec("UPDATE emergencies SET raised = 0 WHERE id = ?", l.of); err != nil {
				return nil, err
			}
			if kept, err := t.chosenSince(l.ID); err != nil {
				return nil, err
			} else if kept {
				continue
			}
		}
		steps = append(steps, PublishedItem{ItemRef: l.ItemRef, Before: l.live})
	}
	return steps, nil
}

// chosenSince says whether a live playlist shows a slide, but for those of
// emergencies that are over.
func (t *txn) chosenSince(slide string) (yes bool, err error) {
	lists, err := t.listedIn(slide)
	for _, id := range lists {
		over := false
		if err := t.row("SELECT EXISTS (SELECT 1 FROM emergencies WHERE id = ? AND decided > 0 AND refused = 0 AND ends <= ?)", id, t.now).Scan(&over); err != nil {
			return false, err
		}
		yes = yes || !over
	}
	return yes, err
}

// listedIn are the ids of the live playlists that show a slide.
func (t *txn) listedIn(slide string) (ids []string, err error) {
	err = t.each(`SELECT DISTINCT i.id FROM items i JOIN item_versions v ON v.type = i.type AND v.id = i.id AND v.version = i.live, json_each(CAST(v.bytes AS TEXT), '$.items') x
		WHERE i.type = 'playlist' AND i.live > 0 AND json_extract(x.value, '$.slide') = ? ORDER BY i.id`, []any{slide}, func(rows *sql.Rows) error {
		var id string
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	})
	return ids, err
}

// SweepEmergencies takes off what emergencies that are over left behind, as the
// system's own recall. Run calls it, so that one ends to the second on the
// screens that hear it (the others' entry ends within the minute) and no draft
// stays live that it alone put on; it says whether there was anything.
func (s *Store) SweepEmergencies(ctx context.Context) (swept bool, err error) {
	const op = "store.SweepEmergencies"
	err = s.read(ctx, op, func(t *txn) error {
		return t.row("SELECT EXISTS ("+overs+")", t.now).Scan(&swept)
	})
	if err != nil || !swept {
		return false, err
	}
	err = s.write(ctx, op, func(t *txn) error {
		steps, err := t.sweep(op)
		if err != nil || len(steps) == 0 {
			return err
		}
		_, err = t.release(op, Actor{}, "recall", "Thông báo khẩn đã hết giờ", true, steps)
		return err
	})
	return err == nil, err
}

const emergencyColumns = "id, unit, text, slide, places, minutes, zone, asker, asked, decider, decided, refused, ends, ender, revision, raised"

func scanEmergency(scan func(...any) error) (e Emergency, err error) {
	var text, where string
	if err := scan(&e.ID, &e.Unit, &text, &e.Slide, &where, &e.Minutes, &e.Zone, &e.Asker, &e.Asked, &e.Decider, &e.Decided, &e.Refused, &e.Ends, &e.Ender, &e.Revision, &e.Raised); err != nil {
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
