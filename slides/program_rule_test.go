package slides

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/teambition/rrule-go"
	"pgregory.net/rapid"
)

// someOf draws up to n distinct values, joined as in a rule.
func someOf(t *rapid.T, label string, n int, g *rapid.Generator[int]) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(rapid.SliceOfNDistinct(g, 1, n, rapid.ID).Draw(t, label)), " ", ","), "[]")
}

var dayNames = []string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}

// drawRule draws a rule that rrule-go reads as RFC 5545 does: it takes a
// BYDAY that mixes 1MO with TU for an intersection, and starts the first week
// of BYSETPOS at DTSTART.
func drawRule(t *rapid.T) string {
	freq := rapid.SampledFrom([]string{"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}).Draw(t, "freq")
	parts := []string{"FREQ=" + freq}
	maybe := func(label string) bool { return rapid.IntRange(0, 2).Draw(t, label) == 0 }
	add := func(s string) { parts = append(parts, s) }
	if rapid.Bool().Draw(t, "interval") {
		add(fmt.Sprintf("INTERVAL=%d", rapid.IntRange(1, 14).Draw(t, "n")))
	}
	by := false
	if maybe("bymonth") {
		by = true
		add("BYMONTH=" + someOf(t, "months", 4, rapid.IntRange(1, 12)))
	}
	signed := func(n int) *rapid.Generator[int] {
		return rapid.IntRange(-n, n).Filter(func(i int) bool { return i != 0 })
	}
	if freq != "WEEKLY" && maybe("bymonthday") {
		by = true
		add("BYMONTHDAY=" + someOf(t, "mdays", 6, signed(31)))
	}
	if freq == "YEARLY" && maybe("byyearday") {
		by = true
		add("BYYEARDAY=" + someOf(t, "ydays", 6, signed(366)))
	}
	if maybe("byday") {
		by = true
		days := rapid.SliceOfNDistinct(rapid.SampledFrom(dayNames), 1, 7, rapid.ID).Draw(t, "days")
		if (freq == "MONTHLY" || freq == "YEARLY") && rapid.Bool().Draw(t, "nth") {
			for i := range days {
				days[i] = fmt.Sprint(signed(5).Draw(t, "which")) + days[i]
			}
		}
		add("BYDAY=" + strings.Join(days, ","))
	}
	if by && freq != "WEEKLY" && maybe("bysetpos") {
		add("BYSETPOS=" + someOf(t, "positions", 3, signed(6)))
	}
	if maybe("wkst") {
		add("WKST=" + rapid.SampledFrom(dayNames).Draw(t, "week"))
	}
	if maybe("count") {
		add(fmt.Sprintf("COUNT=%d", rapid.IntRange(1, 40).Draw(t, "count")))
	}
	return strings.Join(parts, ";")
}

// theirDays is what rrule-go says: the first days of the rule, at most n and
// before limit.
func theirDays(t *rapid.T, rule string, start, limit time.Time, n int) []int {
	o, err := rrule.StrToROption(rule)
	if err != nil {
		t.Fatal(rule, err)
	}
	o.Dtstart = start
	o.Until = limit // COUNT and UNTIL together: whichever is first
	r, err := rrule.NewRRule(*o)
	if err != nil {
		t.Fatal(rule, err)
	}
	var out []int
	next := r.Iterator()
	for len(out) < n {
		d, ok := next()
		if !ok || d.After(limit) {
			break
		}
		out = append(out, int(d.Unix()/daySeconds))
	}
	return out
}

func TestRulesAgreeWithRRuleGo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 5*366).Draw(t, "start"))
		limit := start.AddDate(12, 0, 0)
		rule := drawRule(t)
		theirs := theirDays(t, rule, start, limit, 2000)
		a := dateOf(int(start.Unix() / daySeconds))
		r, why := parseRule(rule, a)
		if why != nil {
			t.Fatalf("%s: %s", rule, why.en)
		}
		var ours []int
		first, last, ok := r.bounds(a)
		if !ok && len(theirs) > 0 {
			t.Fatalf("%s from %s: refused, but it happens on %d", rule, start, theirs[0])
		}
		if ok {
			r.expand(a, first, min(last, int(limit.Unix()/daySeconds)), func(d int) bool {
				ours = append(ours, d)
				return len(ours) < 2000
			})
		}
		if d := cmp.Diff(theirs, ours); d != "" {
			t.Fatalf("%s from %s: rrule-go (-) and ours (+): %s", rule, start.Format(time.DateOnly), d)
		}
		if len(ours) == 0 {
			return
		}
		// Starting anywhere gives the same days.
		from := ours[0] + rapid.IntRange(-10, 4000).Draw(t, "from")
		to := from + rapid.IntRange(0, 60).Draw(t, "length")
		var want, got []int
		for _, d := range ours {
			if d >= from && d <= to {
				want = append(want, d)
			}
		}
		r.expand(a, from, min(to, ours[len(ours)-1]), func(d int) bool { got = append(got, d); return true })
		if !slices.Equal(want, got) {
			t.Fatalf("%s from %s, asked %d to %d: want %v, got %v", rule, start.Format(time.DateOnly), from, to, want, got)
		}
	})
}

// Where RFC 5545 and rrule-go part, and the edges that a random rule seldom meets.
func TestRuleByHand(t *testing.T) {
	for _, c := range []struct{ start, rule, want string }{
		{"2026-01-07", "FREQ=WEEKLY;BYDAY=MO,WE;BYSETPOS=1;COUNT=2", "2026-01-12 2026-01-19"}, // its first Monday is past
		{"2026-01-01", "FREQ=MONTHLY;BYDAY=1MO,FR;COUNT=5", "2026-01-02 2026-01-05 2026-01-09 2026-01-16 2026-01-23"},
		{"2026-01-06", "FREQ=WEEKLY;BYDAY=MO;COUNT=1", "2026-01-12"}, // the start is no Monday
		{"2024-02-29", "FREQ=YEARLY;COUNT=3", "2024-02-29 2028-02-29 2032-02-29"},
		{"2096-02-29", "FREQ=YEARLY;COUNT=2", "2096-02-29 2104-02-29"}, // 2100 is no leap year
		{"2026-01-31", "FREQ=MONTHLY;COUNT=4", "2026-01-31 2026-03-31 2026-05-31 2026-07-31"},
		{"2026-01-31", "FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3", "2026-01-31 2026-02-28 2026-03-31"},
		{"2026-01-01", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=3", "2026-01-30 2026-02-27 2026-03-31"},
		{"2026-01-01", "freq=daily;interval=999999999;count=10000", "2026-01-01"},
		{"2026-12-28", "FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=SU,SA;COUNT=3", "2027-01-02 2027-01-10 2027-01-16"},
		{"2026-12-28", "FREQ=WEEKLY;INTERVAL=2;WKST=MO;BYDAY=SU,SA;COUNT=3", "2027-01-02 2027-01-03 2027-01-16"},
		{"2026-01-01", "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=-1,1;COUNT=3", "2026-01-05 2026-01-26 2026-02-02"},
		{"2026-02-01", "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=-4,1;COUNT=3", "2026-02-02 2026-03-02 2026-03-09"}, // one Monday, twice
		{"2026-01-01", "FREQ=YEARLY;BYDAY=-1SU;COUNT=2", "2026-12-27 2027-12-26"},
		{"2026-01-01", "FREQ=YEARLY;BYDAY=53TH;COUNT=2", "2026-12-31 2032-12-30"},
		{"2026-01-01", "FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU;COUNT=2", "2026-10-25 2027-10-31"},
		{"2026-01-01", "FREQ=YEARLY;BYYEARDAY=-1,60;COUNT=4", "2026-03-01 2026-12-31 2027-03-01 2027-12-31"},
	} {
		d, err := LocalDate(c.start).Time()
		if err != nil {
			t.Fatal(err)
		}
		start := dateOf(int(d.Unix() / daySeconds))
		r, why := parseRule(c.rule, start)
		if why != nil {
			t.Errorf("%s: %s", c.rule, why.en)
			continue
		}
		_, last, _ := r.bounds(start)
		var got []string
		r.expand(start, start.number, last, func(day int) bool {
			got = append(got, time.Unix(wall(day, 0), 0).UTC().Format(time.DateOnly))
			return true
		})
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s from %s:\n got %s\nwant %s", c.rule, c.start, s, c.want)
		}
	}
}

func TestInstantIsTheFirstMomentThatReachesTheWallClock(t *testing.T) {
	for _, c := range []struct{ zone, wall, want string }{
		{"Asia/Ho_Chi_Minh", "2026-01-01T07:30", "2026-01-01T00:30:00Z"},
		{"Europe/Berlin", "2026-03-29T02:30", "2026-03-29T01:00:00Z"},       // skipped: 03:00 summer time
		{"Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30:00Z"},       // twice: the first
		{"America/New_York", "2026-11-01T01:00", "2026-11-01T05:00:00Z"},    // the first of two, to the second
		{"America/New_York", "2026-11-01T02:00", "2026-11-01T07:00:00Z"},    // once
		{"Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:30:00Z"}, // half an hour skipped
		{"Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45:00Z"}, // half an hour twice
		{"Pacific/Apia", "2011-12-30T12:00", "2011-12-30T10:00:00Z"},        // the day that was not
		{"Pacific/Kiritimati", "2026-01-01T00:00", "2025-12-31T10:00:00Z"},  // +14
		{"Pacific/Pago_Pago", "2026-01-01T00:00", "2026-01-01T11:00:00Z"},   // -11
		{"America/Sao_Paulo", "2018-11-04T00:00", "2018-11-04T03:00:00Z"},   // midnight skipped
		{"Atlantic/Azores", "2026-10-25T00:30", "2026-10-25T00:30:00Z"},     // midnight twice
		{"Africa/Casablanca", "2199-06-01T12:00", "2199-06-01T11:00:00Z"},   // beyond the table
		{"UTC", "2000-02-29T23:59", "2000-02-29T23:59:00Z"},
	} {
		loc, ok := zone(c.zone)
		if !ok {
			t.Fatal(c.zone)
		}
		w, err := time.Parse("2006-01-02T15:04", c.wall)
		if err != nil {
			t.Fatal(err)
		}
		if got := time.Unix(instant(loc, w.Unix()), 0).UTC().Format(time.RFC3339); got != c.want {
			t.Errorf("%s %s: got %s, want %s", c.zone, c.wall, got, c.want)
		}
	}
}
