package slides

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// What Explain and Stretches say agrees with what shows.
func TestExplainAgrees(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		p := w.program
		from := w.base
		stretches := p.Stretches(from, from.AddDate(0, 0, 3))
		at := from
		for i, s := range stretches {
			if !s.From.Equal(at) || !s.Until.After(s.From) {
				t.Fatalf("stretch %d is %v to %v after %v", i, s.From, s.Until, at)
			}
			at = s.Until
			if n := len(s.Entries); n == 0 && len(s.Interrupts) == 0 && s.Class >= 0 {
				t.Fatalf("a class without entries: %+v", s)
			}
		}
		if !at.Equal(from.AddDate(0, 0, 3)) {
			t.Fatalf("the stretches end at %v", at)
		}
		for range 20 {
			at := from.Add(time.Duration(rapid.Int64Range(0, 3*24*3600*1000-1).Draw(t, "at")) * time.Millisecond)
			shown, reasons := p.Explain(at)
			if shown != p.At(at) || len(reasons) != len(w.manifest.Schedule) {
				t.Fatalf("%v: %+v of %d reasons", at, shown, len(reasons))
			}
			won := 0
			for _, r := range reasons {
				on := slices.Contains([]Lot{Shows, Shares, Covered, Interrupted, Pauses, Yields, Empty}, r.Lot)
				if on && (r.Occurrence.From.After(at) || !r.Occurrence.Until.IsZero() && !at.Before(r.Occurrence.Until)) {
					t.Fatalf("%v: %+v", at, r)
				}
				if r.Lot == Shows {
					won++
					if r.Entry != shown.Entry || r.Playlist != shown.Playlist {
						t.Fatalf("%v: %+v of %+v", at, r, shown)
					}
				}
				if r.Lot == Covered && won == 0 {
					t.Fatalf("%v: %+v is covered by nothing", at, r)
				}
			}
			if (won == 1) != (shown.Why != ByNone) {
				t.Fatalf("%v: %d winners of %+v", at, won, shown)
			}
			i := slices.IndexFunc(stretches, func(s Stretch) bool { return at.Before(s.Until) })
			s := stretches[i]
			switch {
			case shown.Why == ByNone && len(s.Entries) > 0, shown.Why != ByNone && !slices.Contains(append(s.Entries, s.Interrupts...), shown.Entry):
				t.Fatalf("%v: %+v in %+v", at, shown, s)
			}
		}
	})
}

func TestExplainWords(t *testing.T) {
	zone, _ := time.LoadLocation("Asia/Ho_Chi_Minh")
	day := func(d, h, m int) time.Time { return time.Date(2026, 11, d, h, m, 0, 0, zone) }
	m := &Manifest{
		Playlists: []Playlist{{ID: "l", Items: []Item{{Slide: "s"}}}, {ID: "empty", Items: []Item{{Slide: "old"}}}},
		Calendars: []Calendar{{ID: "c", Week: []int{1, 2, 3, 4, 5}, Days: map[LocalDate]DayKind{"2026-11-26": Holiday}}},
	}
	add := func(id, rule string, class Priority, change func(*Entry)) {
		e := Entry{ID: id, Playlist: "l", Zone: "Asia/Ho_Chi_Minh", Start: "2026-11-02T07:00", End: "2026-11-02T17:00", Rule: rule, Priority: class}
		if change != nil {
			change(&e)
		}
		m.Schedule = append(m.Schedule, e)
	}
	add("high", "FREQ=DAILY", Campaign, nil)
	add("equal", "FREQ=DAILY", Campaign, func(e *Entry) { e.Start, e.End = "2026-11-02T06:00", "2026-11-02T18:00" })
	add("low", "FREQ=DAILY", Normal, nil)
	add("empty", "FREQ=DAILY", Campaign, func(e *Entry) { e.Playlist = "empty" })
	add("tuesdays", "FREQ=WEEKLY;BYDAY=TU", Campaign, nil)
	add("evening", "FREQ=DAILY", Campaign, func(e *Entry) { e.Start, e.End = "2026-11-02T18:00", "2026-11-02T20:00" })
	add("over", "FREQ=DAILY;UNTIL=20261120", Campaign, nil)
	add("once", "", Campaign, nil)
	add("later", "FREQ=DAILY", Campaign, func(e *Entry) { e.Start, e.End = "2026-12-02T07:00", "2026-12-02T17:00" })
	add("except", "FREQ=DAILY", Campaign, func(e *Entry) { e.Except = []LocalDate{"2026-11-26"} })
	add("work", "FREQ=DAILY", Campaign, func(e *Entry) { e.Calendar, e.Kinds = "c", []DayKind{Working} })
	add("pause", "FREQ=DAILY", Campaign, func(e *Entry) { e.Interrupt = &Interrupt{10, 3600} })
	p, err := NewProgram(m, map[string]*Slide{"s": {ID: "s"}, "old": {ID: "old", Until: At(day(1, 0, 0))}})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]Lot{
		"low": Covered, "empty": Empty, "tuesdays": OtherDay, "evening": OtherHours, "over": Ended, "once": Ended,
		"later": NotYet, "except": Excepted, "work": WrongKind, "pause": Pauses,
	}
	s, reasons := p.Explain(day(26, 9, 40))
	other := map[string]string{"high": "equal", "equal": "high"}[s.Entry]
	want[s.Entry], want[other] = Shows, Shares
	for _, r := range reasons {
		if r.Lot != want[r.Entry] {
			t.Errorf("%s is %s, want %s", r.Entry, r.Lot, want[r.Entry])
		}
		if r.Entry == "evening" && !r.Next.Equal(day(26, 18, 0)) {
			t.Errorf("the evening's next is %v", r.Next)
		}
		if r.Entry == "work" && r.Kind != Holiday {
			t.Errorf("the day is %s", r.Kind)
		}
	}
	// In the interrupt's ten seconds the plain ones wait.
	_, reasons = p.Explain(day(26, 9, 0))
	if reasons[0].Entry != "pause" || reasons[0].Lot != Shows || reasons[1].Lot != Interrupted {
		t.Errorf("at the interrupt: %+v", reasons[:2])
	}
}
