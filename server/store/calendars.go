package store

import (
	"context"

	"motcua/slides"
)

// CalendarChange is one step of SaveCalendars.
type CalendarChange struct {
	Unit     string // that owns it
	Calendar slides.Calendar
	Base     int // the version that was seen, 0: a new one
}

// SaveCalendars keeps several calendars' drafts, all or none, like SaveCalendar.
func (s *Store) SaveCalendars(ctx context.Context, a Actor, changes []CalendarChange) error {
	const op = "store.SaveCalendars"
	for i := range changes {
		if err := checkCalendar(op, &changes[i].Calendar); err != nil {
			return err
		}
	}
	return s.write(ctx, op, func(t *txn) error {
		for _, c := range changes {
			if _, err := t.saveCalendar(op, a, c.Unit, c.Calendar, c.Base); err != nil {
				return err
			}
		}
		return nil
	})
}

func (t *txn) saveCalendar(op string, a Actor, unit string, c slides.Calendar, base int) (Item, error) {
	title := "Lịch làm việc"
	if unit != "" {
		u, err := t.unitTerm(unit, t.now)
		if err != nil && slides.KindOf(err) != slides.NotFound {
			return Item{}, err
		}
		if u != nil {
			title += " – " + u.Name["vi"]
		}
	}
	return t.saveOwned(op, a, jsonItem(CalendarItem, c.ID, unit, title, c), base)
}
