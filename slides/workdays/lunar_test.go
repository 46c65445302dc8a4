package workdays

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"testing"

	"motcua/slides"

	"pgregory.net/rapid"
)

// The dates of sixty years against published tables.
func TestTetAgainstTables(t *testing.T) {
	f, err := os.Open("testdata/tet.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	n := 0
	for s := bufio.NewScanner(f); s.Scan(); {
		var year, leap int
		var tet, kings string
		if strings.HasPrefix(s.Text(), "#") {
			continue
		}
		if _, err := fmt.Sscan(s.Text(), &year, &tet, &kings, &leap); err != nil {
			t.Fatal(s.Text(), err)
		}
		n++
		if got, ok := Tet(year); !ok || string(got) != fmt.Sprintf("%d-%s", year, tet) {
			t.Errorf("Tết %d is %s, the table has %s", year, got, tet)
		}
		if got, ok := (Lunar{Year: year, Month: 3, Day: 10}).Date(); !ok || string(got) != fmt.Sprintf("%d-%s", year, kings) {
			t.Errorf("10/3 of %d is %s, the table has %s", year, got, kings)
		}
		for m := 1; m <= 12; m++ {
			if _, ok := (Lunar{Year: year, Month: m, Day: 1, Leap: true}).Date(); ok != (m == leap) {
				t.Errorf("%d: leap month %d is %v, the table has %d", year, m, ok, leap)
			}
		}
	}
	if n != 61 {
		t.Errorf("%d years", n)
	}
}

// Every day has one lunar day that leads back to it; days follow each other.
func TestLunarDaysFollow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		day := rapid.IntRange(dayOf(FirstYear, 3, 1), dayOf(LastYear, 1, 1)).Draw(t, "day")
		d := dateOf(day)
		l, ok := Of(d)
		back, ok2 := l.Date()
		if !ok || !ok2 || back != d {
			t.Fatalf("%s is %+v, which is %s", d, l, back)
		}
		next, _ := Of(dateOf(day + 1))
		switch {
		case next.Day == l.Day+1 && next.Month == l.Month && next.Leap == l.Leap && next.Year == l.Year:
		case next.Day == 1 && l.Day >= 29 && (next.Month == l.Month%12+1 && !next.Leap || next.Month == l.Month && next.Leap):
		default:
			t.Fatalf("%s is %+v, the day after %+v", d, l, next)
		}
	})
}

func TestLunarBounds(t *testing.T) {
	for _, d := range []slides.LocalDate{"1975-12-31", "2200-01-01", "hôm nay"} {
		if l, ok := Of(d); ok {
			t.Errorf("%s is %+v", d, l)
		}
	}
	if d, ok := (Lunar{Year: 2026, Month: 1, Day: 31}).Date(); ok {
		t.Errorf("the 31st is %s", d)
	}
}
