package workdays

import (
	"slices"
	"testing"
	"time"

	"motcua/slides"

	"pgregory.net/rapid"
)

var monToFri = []int{1, 2, 3, 4, 5}

// Years whose days are known from their decisions.
func TestKnownYears(t *testing.T) {
	for _, c := range []struct {
		year int
		has  []slides.LocalDate
		off  []slides.LocalDate
	}{
		{2023, []slides.LocalDate{"2023-01-01", "2023-01-21", "2023-01-22", "2023-01-25", "2023-04-29", "2023-04-30", "2023-05-01", "2023-09-02"}, []slides.LocalDate{"2023-01-02", "2023-01-26", "2023-01-27", "2023-05-02", "2023-05-03"}},
		{2024, []slides.LocalDate{"2024-02-09", "2024-02-10", "2024-04-18", "2024-04-30", "2024-05-01", "2024-09-02", "2024-09-03"}, []slides.LocalDate{"2024-02-14"}},
		{2025, []slides.LocalDate{"2025-01-01", "2025-01-28", "2025-01-29", "2025-04-07", "2025-09-01", "2025-09-02"}, nil},
		{2026, []slides.LocalDate{"2026-02-16", "2026-02-17", "2026-04-26", "2026-09-01", "2026-09-02", "2026-11-24"}, []slides.LocalDate{"2026-04-27"}},
	} {
		list := Year(c.year, monToFri)
		kind := func(d slides.LocalDate) slides.DayKind {
			for _, x := range list {
				if x.Date == d {
					return x.Kind
				}
			}
			return ""
		}
		for _, d := range c.has {
			if kind(d) != slides.Holiday {
				t.Errorf("%s is %q", d, kind(d))
			}
		}
		for _, d := range c.off {
			if kind(d) != slides.Off {
				t.Errorf("%s is %q", d, kind(d))
			}
		}
	}
}

func TestEveryYearIsWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		year := rapid.IntRange(FirstYear, LastYear).Draw(t, "year")
		week := rapid.SampledFrom([][]int{monToFri, {1, 2, 3, 4, 5, 6}, nil}).Draw(t, "week")
		list := Year(year, week)
		holidays, off, sure := map[slides.LocalDate]bool{}, 0, 0
		weekend := 0
		for i, d := range list {
			if i > 0 && list[i-1].Date > d.Date {
				t.Fatalf("not by date: %v", list)
			}
			if _, err := d.Date.Time(); err != nil || d.Name["vi"] == "" || d.Name["en"] == "" {
				t.Fatalf("%+v: %v", d, err)
			}
			works := slices.Contains(week, int(weekday(d.Date)))
			switch d.Kind {
			case slides.Holiday:
				// 30/4 or 1/5 may fall on 10/3 by the moon: still a day each.
				holidays[d.Date] = true
				if !works {
					weekend++
				}
				if d.Sure {
					sure++
				}
			case slides.Off:
				off++
				if !works || holidays[d.Date] {
					t.Fatalf("%+v is off in place of nothing", d)
				}
			}
		}
		want := 11
		if year >= 2026 {
			want = 12
		}
		if len(holidays) < want-1 || sure != 8 || len(week) > 0 && off != weekend {
			t.Fatalf("%d: %d holidays, %d sure, %d off for %d: %v", year, len(holidays), sure, off, weekend, list)
		}
		c := &slides.Calendar{ID: "c", Week: week, Days: map[slides.LocalDate]slides.DayKind{dateOf(dayOf(year, time.July, 3)): slides.Swapped, dateOf(dayOf(year+1, time.July, 3)): slides.Swapped}}
		Fill(c, year)
		var p slides.Problems
		c.Check(&p, "c")
		if len(p.List) > 0 || c.Days[dateOf(dayOf(year, time.July, 3))] != "" || c.Days[dateOf(dayOf(year+1, time.July, 3))] != slides.Swapped {
			t.Fatalf("%+v: %v", c, p.List)
		}
	})
}
