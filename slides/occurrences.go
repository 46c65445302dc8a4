package slides

import "time"

// Occurrence is one time that an entry is on the air, if nothing hides it:
// [From, Until). Until is zero for one that does not end.
type Occurrence struct {
	Day         LocalDate // on which it starts, in the entry's zone
	From, Until time.Time
}

// MaxOccurrences bounds the answer of Occurrences.
const MaxOccurrences = 5000

// Occurrences lists the times of e that meet [from, to), by start, at most
// MaxOccurrences. It is what a kiosk reckons with: c is the calendar that e
// names, nil where it names none. Kind Invalid: an entry that CheckEntry refuses.
func Occurrences(e *Entry, c *Calendar, from, to time.Time) ([]Occurrence, error) {
	var p Problems
	a := readEntry(e, &p, "")
	if err := p.Err("slides.Occurrences"); err != nil {
		return nil, err
	}
	a.calendar = c
	var out []Occurrence
	for _, o := range a.between(from.UnixMilli(), to.UnixMilli()) {
		if len(out) == MaxOccurrences {
			break
		}
		out = append(out, a.occurrence(o))
	}
	return out, nil
}

func (a *airing) occurrence(o occurrence) Occurrence {
	x := Occurrence{From: time.UnixMilli(o.start).UTC()}
	x.Day = LocalDate(x.From.In(a.loc).Format(time.DateOnly))
	if o.end != forever {
		x.Until = time.UnixMilli(o.end).UTC()
	}
	return x
}
