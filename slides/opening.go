package slides

import (
	"slices"
	"time"
)

// OpenOn says whether the desk is open at local time now and, if not, when it
// opens next; zero when it does not within a month. days is the unit's working
// calendar, nil for none:
//
//   - a public holiday, or a day off that the calendar names, is closed (spans
//     that began the evening before end as they would), unless OnHolidays;
//   - a day worked in exchange keeps the hours of its weekday or, where that has
//     none, those of the calendar's first working weekday;
//   - every other day keeps the hours of its weekday: a desk that is open on
//     Saturday mornings is open though a Saturday is no working day.
func (t *Terminal) OpenOn(now time.Time, days *Calendar) (open bool, next time.Time) {
	if len(t.Hours) == 0 {
		return true, time.Time{}
	}
	minute := now.Hour()*60 + now.Minute()
	for _, s := range t.spansOn(now, days) {
		if from, until, ok := s.minutes(); ok && minute >= from && (minute < until || until <= from) {
			return true, time.Time{}
		}
	}
	for _, s := range t.spansOn(now.AddDate(0, 0, -1), days) {
		if from, until, ok := s.minutes(); ok && until <= from && minute < until {
			return true, time.Time{}
		}
	}
	const most = 31 // days: Tết and the weekends around it are nine
	for day := range most {
		d := now.AddDate(0, 0, day)
		for _, s := range t.spansOn(d, days) {
			from, _, ok := s.minutes()
			at := time.Date(d.Year(), d.Month(), d.Day(), from/60, from%60, 0, 0, now.Location())
			if ok && at.After(now) && (next.IsZero() || at.Before(next)) {
				next = at
			}
		}
		if !next.IsZero() {
			return false, next
		}
	}
	return false, next
}

// Open is OpenOn without a calendar.
func (t *Terminal) Open(now time.Time) (open bool, next time.Time) { return t.OpenOn(now, nil) }

// spansOn are the hours that begin on the local date of day.
func (t *Terminal) spansOn(day time.Time, days *Calendar) []Span {
	of := func(d int) (out []Span) {
		for _, s := range t.Hours {
			if len(s.Days) == 0 || slices.Contains(s.Days, d) {
				out = append(out, s)
			}
		}
		return out
	}
	own := of(int(day.Weekday()))
	if days == nil {
		return own
	}
	switch days.Days[LocalDate(day.Format(time.DateOnly))] {
	case Holiday, Off:
		if !t.OnHolidays {
			return nil
		}
	case Swapped, Working:
		if len(own) > 0 {
			return own
		}
		for d := 1; d <= 7; d++ {
			if slices.Contains(days.Week, d%7) {
				return of(d % 7)
			}
		}
	}
	return own
}

// minutes are the span's ends since midnight.
func (s Span) minutes() (from, until int, ok bool) {
	from, ok1 := s.From.Minutes()
	until, ok2 := s.Until.Minutes()
	return from, until, ok1 && ok2
}
