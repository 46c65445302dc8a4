package studio

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"motcua/server/auth"
	"motcua/server/compile"
	"motcua/server/store"
	"motcua/slides"
)

// moved answers a change that was dragged: what it is now in words, and how to
// take it back.
type moved struct {
	OK   bool     `json:"ok"`
	Says string   `json:"says"`
	Undo []string `json:"undo,omitempty"` // for calendarUndo
}

// calendarPlace makes a one-time entry where a playlist was dropped.
func (s *server) calendarPlace(q *request) error {
	return q.dragged(func() (moved, error) {
		v := q.r.PostForm
		e := compile.Entry{}
		e.ID, e.Playlist, e.Priority = newID(v.Get("playlist")), v.Get("playlist"), slides.Normal
		e.Where = compile.Where{All: true}
		if u, g, k := named(v.Get("unit")), named(v.Get("group")), named(v.Get("kiosk")); len(u)+len(g)+len(k) > 0 {
			e.Where = compile.Where{Units: u, Groups: g, Kiosks: k}
		}
		unit, err := q.firstUnit()
		if err != nil {
			return moved{}, err
		}
		zone, err := time.LoadLocation(v.Get("zone"))
		if err != nil {
			zone = q.zone
		}
		e.Zone = zone.String()
		if err := q.retime(&e, zone, v.Get("start"), v.Get("end")); err != nil {
			return moved{}, err
		}
		return q.change([]store.EntryChange{{Unit: unit, Entry: e}}, "calendar.placed")
	})
}

// calendarMove gives an entry other hours, or one of its occurrences another
// time: that one then goes its own way as an entry of its own.
func (s *server) calendarMove(q *request) error {
	return q.dragged(func() (moved, error) {
		v := q.r.PostForm
		row, err := q.entry(v.Get("id"))
		if err != nil {
			return moved{}, err
		}
		if err := q.mayEdit(row.Unit); err != nil {
			return moved{}, err
		}
		base := number(v.Get("base"))
		zone, err := time.LoadLocation(v.Get("zone"))
		if err != nil {
			zone = q.zone
		}
		e, err := clone(row.Entry)
		if err != nil {
			return moved{}, err
		}
		if v.Get("only") != "" && e.Rule != "" {
			own, err := clone(row.Entry)
			if err != nil {
				return moved{}, err
			}
			own.ID, own.Rule, own.Except, own.Calendar, own.Kinds = newID(e.Playlist), "", nil, "", nil
			if err := q.retime(&own, zone, v.Get("start"), v.Get("end")); err != nil {
				return moved{}, err
			}
			day := slides.LocalDate(v.Get("day"))
			if _, err := day.Time(); err != nil {
				return moved{}, slides.E(slides.Invalid, "studio.calendarMove", q.words.say("vi", "calendar.span"), q.words.say("en", "calendar.span"), err)
			}
			if !slices.Contains(e.Except, day) {
				e.Except = append(e.Except, day)
				slices.Sort(e.Except)
			}
			return q.change([]store.EntryChange{{Entry: e, Base: base}, {Unit: row.Unit, Entry: own}}, "calendar.moved.only")
		}
		key := "calendar.moved"
		if e.Rule == "" {
			err = q.retime(&e, zone, v.Get("start"), v.Get("end"))
		} else {
			key = "calendar.moved.all"
			err = q.rehour(&e, zone, v.Get("start"), v.Get("end"), slides.LocalDate(v.Get("day")))
		}
		if err != nil {
			return moved{}, err
		}
		return q.change([]store.EntryChange{{Entry: e, Base: base}}, key)
	})
}

// calendarUndo takes changes back: each value is "id:base:version", version 0
// for an entry that was not there before.
func (s *server) calendarUndo(q *request) error {
	return q.dragged(func() (moved, error) {
		var changes []store.EntryChange
		bad := slides.E(slides.Invalid, "studio.calendarUndo", q.words.say("vi", "error.form"), q.words.say("en", "error.form"), nil)
		list := q.r.PostForm["undo"]
		if len(list) == 0 || len(list) > 4 {
			return moved{}, bad
		}
		for _, v := range list {
			part := strings.Split(v, ":")
			if len(part) != 3 {
				return moved{}, bad
			}
			base, _ := strconv.Atoi(part[1])
			version, _ := strconv.Atoi(part[2])
			row, err := q.Store.EntryVersion(q.r.Context(), part[0], max(version, 1))
			if err != nil {
				return moved{}, err
			}
			if err := q.mayEdit(row.Unit); err != nil {
				return moved{}, err
			}
			if row.State == store.Removed || row.State == store.Removing {
				base = 0
			}
			changes = append(changes, store.EntryChange{Entry: row.Entry, Base: base, Delete: version == 0})
		}
		m, err := q.change(changes, "calendar.undone")
		m.Undo = nil
		return m, err
	})
}

// dragged answers a script in JSON: an error's sentence is shown beside what
// was dragged, which goes back to its place.
func (q *request) dragged(do func() (moved, error)) error {
	m, err := do()
	if err == nil {
		m.OK = true
		return q.answer(http.StatusOK, m)
	}
	status := slides.KindOf(err).Status()
	if status >= 500 {
		return err
	}
	says := slides.Sentence(err, q.lang)
	if e, ok := errors.AsType[*slides.Error](err); ok {
		var more []string
		for _, p := range e.Problems {
			if q.lang == "en" {
				more = append(more, p.En)
			} else {
				more = append(more, p.Vi)
			}
		}
		if len(more) > 0 {
			says = strings.Join(more, " ")
		}
	}
	return q.answer(status, moved{Says: says})
}

func (q *request) mayEdit(unit string) error {
	reach, err := q.reach(auth.EditContent)
	if err == nil && !reach.In(unit) {
		err = slides.E(slides.Denied, "studio.mayEdit", q.words.say("vi", "error.unit"), q.words.say("en", "error.unit"), nil)
	}
	return err
}

// change keeps entries whose places the session reaches, and says how to take it back.
func (q *request) change(changes []store.EntryChange, key string) (moved, error) {
	var p slides.Problems
	for i := range changes {
		c := &changes[i]
		if c.Delete {
			continue
		}
		slides.CheckEntry(&c.Entry.Entry, &p, "")
		if err := q.placesReached(&c.Entry.Where, &p); err != nil {
			return moved{}, err
		}
		if err := q.seen(store.ItemRef{Type: store.PlaylistItem, ID: c.Entry.Playlist}, "playlist", &p); err != nil {
			return moved{}, err
		}
	}
	if err := p.Err("studio.change"); err != nil {
		return moved{}, err
	}
	items, err := q.Store.ChangeEntries(q.r.Context(), q.session.Actor(), changes)
	if err != nil {
		return moved{}, err
	}
	last := changes[len(changes)-1].Entry
	m := moved{Says: q.words.say(q.lang, key, last.Sentence(q.lang))}
	for i, it := range items {
		m.Undo = append(m.Undo, fmt.Sprintf("%s:%d:%d", it.ID, it.Version, changes[i].Base))
	}
	return m, nil
}

// wallTimes reads what the calendar says, wall-clock times of zone, in the
// entry's own zone.
func (q *request) wallTimes(e *compile.Entry, zone *time.Location, start, end string) (from, until time.Time, err error) {
	own, err := time.LoadLocation(e.Zone)
	if err != nil {
		own = zone
	}
	from, err1 := time.ParseInLocation(wallLayout, fmt.Sprintf("%.19s", start), zone)
	until, err2 := time.ParseInLocation(wallLayout, fmt.Sprintf("%.19s", end), zone)
	if err = errors.Join(err1, err2); err != nil {
		return from, until, slides.E(slides.Invalid, "studio.wallTimes", q.words.say("vi", "calendar.span"), q.words.say("en", "calendar.span"), err)
	}
	return from.In(own), until.In(own), nil
}

// retime gives a single entry another time.
func (q *request) retime(e *compile.Entry, zone *time.Location, start, end string) error {
	from, until, err := q.wallTimes(e, zone, start, end)
	if err != nil {
		return err
	}
	e.Start, e.End = slides.LocalTime(from.Format(momentLayout)), slides.LocalTime(until.Format(momentLayout))
	return nil
}

// rehour gives every occurrence of a series the hours that one of them, of the
// day, was dragged to. Its days stay: which day a rule means when one of its
// occurrences moves to another is a guess, so that is refused in words.
func (q *request) rehour(e *compile.Entry, zone *time.Location, start, end string, day slides.LocalDate) error {
	from, until, err := q.wallTimes(e, zone, start, end)
	if err != nil {
		return err
	}
	if from.Format(time.DateOnly) != string(day) {
		return slides.E(slides.Invalid, "studio.rehour", q.words.say("vi", "calendar.otherday"), q.words.say("en", "calendar.otherday"), nil)
	}
	first, err := time.Parse(momentLayout, string(e.Start))
	if err != nil {
		return err
	}
	begin := time.Date(first.Year(), first.Month(), first.Day(), from.Hour(), from.Minute(), 0, 0, time.UTC)
	days := int(time.Date(until.Year(), until.Month(), until.Day(), 0, 0, 0, 0, time.UTC).Sub(time.Date(from.Year(), from.Month(), from.Day(), 0, 0, 0, 0, time.UTC)).Hours() / 24)
	last := time.Date(first.Year(), first.Month(), first.Day()+days, until.Hour(), until.Minute(), 0, 0, time.UTC)
	e.Start, e.End = slides.LocalTime(begin.Format(momentLayout)), slides.LocalTime(last.Format(momentLayout))
	return nil
}
