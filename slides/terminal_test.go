package slides_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"motcua/slides"
)

// A span holds a minute exactly when walking the days says so, across midnight
// and the week's end.
func TestSpanHoldsByWalkingTheWeek(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		clock := func(name string) slides.DayTime {
			m := rapid.IntRange(0, 1439).Draw(t, name)
			return slides.DayTime(time.Date(2026, 1, 1, m/60, m%60, 0, 0, time.UTC).Format("15:04"))
		}
		s := slides.Span{Days: rapid.SliceOfDistinct(rapid.IntRange(0, 6), func(d int) int { return d }).Draw(t, "days"), From: clock("from"), Until: clock("until")}
		at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 20*1440).Draw(t, "minute")) * time.Minute)
		from, _ := s.From.Minutes()
		until, _ := s.Until.Minutes()
		length := until - from
		if length <= 0 {
			length += 1440
		}
		want := false
		for back := range 2 {
			y, m, d := at.AddDate(0, 0, -back).Date()
			begin := time.Date(y, m, d, from/60, from%60, 0, 0, time.UTC)
			on := len(s.Days) == 0
			for _, x := range s.Days {
				on = on || x == int(begin.Weekday())
			}
			want = want || on && !at.Before(begin) && at.Before(begin.Add(time.Duration(length)*time.Minute))
		}
		if got := s.Holds(at); got != want {
			t.Fatalf("%+v holds %s: %v, want %v", s, at, got, want)
		}
	})
}

func TestOpenNamesTheNextOpening(t *testing.T) {
	office := slides.Terminal{Hours: []slides.Span{
		{Days: []int{1, 2, 3, 4, 5}, From: "07:30", Until: "11:30"}, {Days: []int{1, 2, 3, 4, 5}, From: "13:30", Until: "17:00"},
	}}
	for _, row := range []struct {
		at, next string // next "": open
	}{
		{"2026-11-25T07:30", ""},
		{"2026-11-25T11:29", ""},
		{"2026-11-25T11:30", "2026-11-25T13:30"},
		{"2026-11-25T06:00", "2026-11-25T07:30"},
		{"2026-11-27T17:00", "2026-11-30T07:30"},
		{"2026-11-28T12:00", "2026-11-30T07:30"},
	} {
		at, _ := time.Parse("2006-01-02T15:04", row.at)
		open, next := office.Open(at)
		got := ""
		if !open {
			got = next.Format("2006-01-02T15:04")
		}
		if got != row.next || open != (row.next == "") {
			t.Errorf("at %s: open %v, next %q, want %q", row.at, open, got, row.next)
		}
	}
	if open, _ := (&slides.Terminal{}).Open(time.Now()); !open {
		t.Error("a kiosk without hours is closed")
	}
}

func TestFormAtTakesTheFirstRuleThatHolds(t *testing.T) {
	term := slides.Terminal{Forms: []slides.FormRule{{Form: "daydu", Spans: []slides.Span{{Days: []int{5}, From: "08:00", Until: "10:00"}}}, {Form: "rutgon"}}}
	friday := time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)
	if got := term.FormAt(friday); got != "daydu" {
		t.Errorf("on Friday %q", got)
	}
	if got := term.FormAt(friday.Add(time.Hour)); got != "rutgon" {
		t.Errorf("later %q", got)
	}
	if got := (&slides.Terminal{}).FormAt(friday); got != "" {
		t.Errorf("without rules %q", got)
	}
}

func TestTerminalCheckNamesEachFault(t *testing.T) {
	for path, term := range map[string]slides.Terminal{
		"t.tiles":      {Tiles: []slides.Tile{"rate", "rate"}},
		"t.forms.0":    {Forms: []slides.FormRule{{Form: "Ôi"}}},
		"t.officer":    {Officer: &slides.OfficerCard{ID: "x"}},
		"t.typing":     {Typing: "viqr"},
		"t.seal":       {Seal: []byte{1}},
		"t.hours.0":    {Hours: []slides.Span{{From: "7:30", Until: "11:30"}}},
		"t.closed.url": {Closed: slides.Closing{URL: "http://a.b"}},
		"t.motion":     {Motion: "spin"},
		"t.night":      {Night: &slides.Night{Span: slides.Span{From: "22:00", Until: "05:00"}, Level: 1}},
		"t.power.0":    {Power: []slides.Span{{From: "08:00", Until: "08:00"}}},
	} {
		var p slides.Problems
		term.Check(&p, "t")
		if len(p.List) != 1 || p.List[0].Path != path {
			t.Errorf("%s: %+v", path, p.List)
		}
	}
	good := slides.Terminal{
		Tiles: slides.Tiles, Forms: []slides.FormRule{{Form: "nhanh"}}, Officer: &slides.OfficerCard{ID: "cb-1", Name: "Cán bộ A"},
		Hours: []slides.Span{{From: "22:00", Until: "05:00"}}, Night: &slides.Night{Span: slides.Span{From: "18:00", Until: "24:00"}, Level: 40},
	}
	var p slides.Problems
	good.Check(&p, "t")
	if len(p.List) != 0 {
		t.Errorf("a good one: %+v", p.List)
	}
}
