package slides

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Without a calendar a desk is open while one of its spans holds, and opens
// next at the first minute at which one does.
func TestOpenIsWhatSpansHold(t *testing.T) {
	clock := rapid.Custom(func(t *rapid.T) DayTime {
		m := rapid.IntRange(0, 96).Draw(t, "quarter") * 15
		if m == 1440 {
			return "24:00"
		}
		return DayTime(time.Date(2000, 1, 1, 0, m, 0, 0, time.UTC).Format("15:04"))
	})
	rapid.Check(t, func(t *rapid.T) {
		var term Terminal
		for range rapid.IntRange(1, 4).Draw(t, "spans") {
			s := Span{From: clock.Draw(t, "from"), Until: clock.Draw(t, "until"), Days: rapid.SliceOfNDistinct(rapid.IntRange(0, 6), 0, 3, rapid.ID).Draw(t, "days")}
			var p Problems
			if s.check(&p, ""); len(p.List) == 0 {
				term.Hours = append(term.Hours, s)
			}
		}
		if len(term.Hours) == 0 {
			return
		}
		holds := func(at time.Time) bool {
			return slices.ContainsFunc(term.Hours, func(s Span) bool { return s.Holds(at) })
		}
		now := time.Date(2026, 11, 26, 0, rapid.IntRange(0, 7*1440).Draw(t, "minute"), 0, 0, time.UTC)
		open, next := term.Open(now)
		if open != holds(now) {
			t.Fatalf("%v at %v: open is %v", term.Hours, now, open)
		}
		if open {
			return
		}
		at := now
		for !holds(at) {
			at = at.Add(time.Minute)
		}
		if !next.Equal(at) {
			t.Fatalf("%v at %v: opens at %v, not %v", term.Hours, now, at, next)
		}
	})
}

func TestOpenOnHolidays(t *testing.T) {
	zone, _ := time.LoadLocation("Asia/Ho_Chi_Minh")
	days := &Calendar{ID: "c", Week: []int{1, 2, 3, 4, 5}, Days: map[LocalDate]DayKind{
		"2026-02-16": Holiday, "2026-02-17": Holiday, "2026-02-18": Holiday, "2026-02-19": Holiday, "2026-02-20": Holiday, // Monday to Friday
		"2026-08-31": Off, "2026-08-22": Swapped, // a Monday for a Saturday
		"2026-08-29": Swapped,
	}}
	term := Terminal{Hours: []Span{{Days: []int{1, 2, 3, 4, 5}, From: "07:30", Until: "11:30"}, {Days: []int{1}, From: "13:30", Until: "17:00"}, {Days: []int{6}, From: "08:00", Until: "10:00"}, {Days: []int{0}, From: "22:00", Until: "02:00"}}}
	at := func(s string) time.Time {
		x, err := time.ParseInLocation("2006-01-02 15:04", s, zone)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	for _, c := range []struct {
		at, next string // next "" is open
	}{
		{"2026-02-13 08:00", ""},
		{"2026-02-14 08:30", ""}, // Saturday hours are kept, though no working day
		{"2026-02-16 01:00", ""}, // since Sunday evening
		{"2026-02-16 08:00", "2026-02-21 08:00"},
		{"2026-02-19 12:00", "2026-02-21 08:00"},
		{"2026-08-31 08:00", "2026-09-01 07:30"},
		{"2026-08-22 08:30", ""},
		{"2026-08-22 14:00", "2026-08-23 22:00"}, // its weekday has hours of its own
	} {
		open, next := term.OpenOn(at(c.at), days)
		if open != (c.next == "") || !open && !next.Equal(at(c.next)) {
			t.Errorf("%s: open %v, next %v, want %q", c.at, open, next, c.next)
		}
	}
	term.Hours = term.Hours[:2] // no Saturdays: a swapped one is like Monday
	if open, _ := term.OpenOn(at("2026-08-22 14:00"), days); !open {
		t.Error("a swapped Saturday is closed")
	}
	term.OnHolidays = true
	if open, _ := term.OpenOn(at("2026-02-16 08:00"), days); !open {
		t.Error("a desk that is open on holidays is closed")
	}
}
