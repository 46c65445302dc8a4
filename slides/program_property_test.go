package slides

import (
	"fmt"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"pgregory.net/rapid"
)

// world is a random schedule with its model.
type world struct {
	manifest *Manifest
	slides   map[string]*Slide
	base     time.Time // where things happen
	model    *model
	program  *Program
}

var testZones = []string{"Asia/Ho_Chi_Minh", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"}

// Days around which a schedule is likely to be read wrongly: changes of the
// zones above, ends of months and years, leap days.
var hardDays = []string{
	"2026-03-29", "2026-10-25", "2026-03-08", "2026-11-01", "2026-10-04", "2026-04-05",
	"2026-01-31", "2026-02-28", "2026-12-31", "2028-02-29", "2027-02-28", "2026-06-15",
}

func drawWorld(t *rapid.T) *world {
	base, err := time.Parse(time.DateOnly, rapid.SampledFrom(hardDays).Draw(t, "day"))
	if err != nil {
		t.Fatal(err)
	}
	w := &world{base: base, slides: map[string]*Slide{}, manifest: &Manifest{}}
	seconds := func(label string, from, to int) int64 { return int64(rapid.IntRange(from, to).Draw(t, label)) }
	for i := range rapid.IntRange(1, 8).Draw(t, "slides") {
		s := &Slide{ID: fmt.Sprintf("s%d", i)}
		if rapid.Bool().Draw(t, "own dwell") {
			s.Dwell = seconds("dwell", 0, 700) * 1000
		}
		if rapid.IntRange(0, 2).Draw(t, "limited") == 0 {
			s.From = At(base) + Millis(seconds("from", -40, 40)*3600_000+seconds("s", 0, 100)*500)
			s.Until = s.From + Millis(seconds("for", -1, 60)*1800_000)
		}
		if rapid.IntRange(0, 9).Draw(t, "missing") > 0 {
			w.slides[s.ID] = s
		}
	}
	for i := range 3 {
		l := Playlist{ID: fmt.Sprintf("l%d", i)}
		for range rapid.IntRange(0, 5).Draw(t, "items") {
			it := Item{Slide: fmt.Sprintf("s%d", rapid.IntRange(0, 7).Draw(t, "slide"))}
			if rapid.Bool().Draw(t, "item dwell") {
				it.Dwell = seconds("dwell", 3, 60) * 1000
			}
			l.Items = append(l.Items, it)
		}
		w.manifest.Playlists = append(w.manifest.Playlists, l)
	}
	w.manifest.Calendars = []Calendar{{ID: "c", Week: []int{1, 2, 3, 4, 5}, Days: map[LocalDate]DayKind{
		LocalDate(base.Format(time.DateOnly)):                  rapid.SampledFrom([]DayKind{Working, Off, Holiday, Swapped}).Draw(t, "kind"),
		LocalDate(base.AddDate(0, 0, 1).Format(time.DateOnly)): Holiday,
	}}}
	rules := map[string]*modelRule{}
	for i := range rapid.IntRange(1, 6).Draw(t, "entries") {
		e, r := drawEntry(t, i, base)
		var p Problems
		if CheckEntry(&e, &p, ""); len(p.List) > 0 {
			if p.List[0].Path == ".rrule" && strings.Contains(p.List[0].En, "never happens") {
				mustNeverHappen(t, &e, r)
				continue
			}
			t.Fatalf("%+v: %v", e, p.Err("check"))
		}
		w.manifest.Schedule = append(w.manifest.Schedule, e)
		rules[e.ID] = r
	}
	w.program, err = NewProgram(w.manifest, w.slides)
	if err != nil {
		t.Fatal(err)
	}
	w.model = newModel(w.manifest, rules, w.slides, base.AddDate(0, 0, 9))
	return w
}

func mustNeverHappen(t *rapid.T, e *Entry, r *modelRule) {
	first, _ := time.Parse("2006-01-02", string(e.Start[:10]))
	for day := first; day.Year() < first.Year()+30; day = day.AddDate(0, 0, 1) {
		if r.until != "" && day.Format("20060102") > r.until {
			return
		}
		if r.names(first, day) {
			t.Fatalf("%s from %s is refused, but names %s", e.Rule, e.Start, day)
		}
	}
}

func drawEntry(t *rapid.T, i int, base time.Time) (Entry, *modelRule) {
	num := func(label string, from, to int) int { return rapid.IntRange(from, to).Draw(t, label) }
	e := Entry{
		ID: fmt.Sprintf("e%d", 9-i), Playlist: fmt.Sprintf("l%d", num("list", 0, 2)),
		Zone:     rapid.SampledFrom(testZones).Draw(t, "zone"),
		Priority: rapid.SampledFrom([]Priority{Filler, Normal, Normal, Normal, Campaign, Emergency}).Draw(t, "class"),
	}
	back := rapid.SampledFrom([]int{0, 0, 1, 2, 7, 30, 31, 365, 366, 730, 1461}).Draw(t, "back")
	minute := rapid.SampledFrom([]int{0, 0, 30, 60, 90, 105, 120, 150, 180, 450, 1020, 1439}).Draw(t, "minute")
	start := base.AddDate(0, 0, -back).Add(time.Duration(minute) * time.Minute)
	long := rapid.SampledFrom([]int{1, 15, 30, 60, 60, 570, 1439, 1440, 1500, 2880, 10_000, 31 * 1440}).Draw(t, "minutes")
	const layout = "2006-01-02T15:04"
	e.Start, e.End = LocalTime(start.Format(layout)), LocalTime(start.Add(time.Duration(long)*time.Minute).Format(layout))
	if num("interrupt", 0, 3) == 0 {
		s := num("seconds", 3, 40)
		e.Interrupt = &Interrupt{s, s + num("more", 1, 90)}
		if num("same", 0, 1) == 0 {
			e.Interrupt = &Interrupt{10, 60}
		}
	}
	if num("kinds", 0, 4) == 0 {
		e.Calendar = "c"
		e.Kinds = rapid.SampledFrom([][]DayKind{{Working}, {Holiday}, {Off, Swapped}, nil}).Draw(t, "of")
	}
	if num("except", 0, 4) == 0 {
		e.Except = []LocalDate{LocalDate(base.AddDate(0, 0, num("skip", -1, 1)).Format(time.DateOnly))}
	}
	if num("once", 0, 3) == 0 {
		if num("endless", 0, 3) == 0 {
			e.End = ""
		}
		return e, nil
	}
	r := &modelRule{freq: rapid.SampledFrom([]string{"DAILY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"}).Draw(t, "freq"), interval: num("interval", 0, 3)}
	some := func(label string) bool { return num(label, 0, 2) == 0 }
	if some("days") {
		r.days = rapid.SliceOfNDistinct(rapid.SampledFrom(dayNames), 1, 5, rapid.ID).Draw(t, "names")
		if r.freq == "MONTHLY" || r.freq == "YEARLY" {
			for i := range r.days {
				if n := num("nth", -5, 5); n != 0 {
					r.days[i] = fmt.Sprint(n) + r.days[i]
				}
			}
		}
	}
	if r.freq != "WEEKLY" && some("month days") {
		r.monthDays = []int{base.Day(), num("day", 1, 31), -num("from the end", 1, 5)}
	}
	if some("months") {
		r.months = []int{int(base.Month()), num("month", 1, 12)}
	}
	if some("week start") {
		r.wkst = rapid.SampledFrom(dayNames).Draw(t, "wkst")
	}
	switch num("ends", 0, 3) {
	case 0:
		r.count = num("count", 1, 400)
	case 1:
		r.until = base.AddDate(0, 0, num("until", -3, 10)).Format("20060102")
	}
	e.Rule = r.String()
	return e, r
}

// edges are the starts and ends of occurrences within two days of at.
func (w *world) edges(at time.Time) (out []time.Time) {
	for _, e := range w.model.entries {
		for _, o := range e.occs {
			for _, x := range []time.Time{o.start, o.end} {
				if x.Sub(at).Abs() < 48*time.Hour {
					out = append(out, x)
				}
			}
		}
	}
	return out
}

func compare(t *rapid.T, got Showing, want modelAnswer, at time.Time) {
	if got.Slide != want.slide || got.Entry != want.entry || got.Playlist != want.playlist || got.Why != want.why {
		t.Fatalf("at %s: got %q of %q in %q, %s; want %q of %q in %q, %s", at.Format(time.RFC3339Nano),
			got.Slide, got.Playlist, got.Entry, got.Why, want.slide, want.playlist, want.entry, want.why)
	}
}

// From any moment on, for a while: every answer is the model's, holds exactly
// as long as the model's does, and the next one begins where it ends.
func TestProgramIsTheModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		at := w.base.Add(time.Duration(rapid.Int64Range(-30*3600_000, 54*3600_000).Draw(t, "t")) * time.Millisecond)
		if edges := w.edges(at); rapid.Bool().Draw(t, "at an edge") && len(edges) > 0 {
			at = rapid.SampledFrom(edges).Draw(t, "edge").Add(-time.Duration(rapid.IntRange(0, 90_000).Draw(t, "before")) * time.Millisecond)
		}
		for i := 0; i < 25 && at.Before(w.base.AddDate(0, 0, 6)); i++ {
			s := w.program.At(at)
			if s.From.After(at) || !s.Until.After(at) || s.Until.After(at.Add(Horizon)) {
				t.Fatalf("at %s: shows from %s until %s", at, s.From, s.Until)
			}
			if i > 0 && !s.From.Equal(at) {
				t.Fatalf("asked at the end of an answer, %s: the next began %s", at, s.From)
			}
			want := w.model.at(at)
			compare(t, s, want, at)
			if next := w.model.at(s.Until); next.slide != s.Next {
				t.Fatalf("at %s: next is %q, should be %q", at, s.Next, next.slide)
			} else if next.showing == want.showing {
				t.Fatalf("at %s: nothing changes at %s: %s", at, s.Until, want.showing)
			}
			if w.model.at(s.From.Add(-time.Millisecond)).showing == want.showing {
				t.Fatalf("at %s: began before %s: %s", at, s.From, want.showing)
			}
			length := s.Until.Sub(s.From)
			for k := range 20 {
				in := s.From.Add(length / 20 * time.Duration(k)).Truncate(time.Millisecond)
				if k == 0 {
					in = s.Until.Add(-time.Millisecond)
				}
				if in.Before(s.From) {
					continue
				}
				if got := w.model.at(in); got.showing != want.showing {
					t.Fatalf("at %s until %s: but at %s shows %s, not %s", at, s.Until, in, got.showing, want.showing)
				}
			}
			at = s.Until
		}
	})
}

// An answer never depends on what was asked before: a Program asked in any
// order, from several goroutines, says what a fresh one says.
func TestProgramHasNoMemory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		moments := rapid.SliceOfN(rapid.Int64Range(-40*86400_000, 40*86400_000), 2, 12).Draw(t, "moments")
		answers := make(chan map[int64]Showing, 3)
		for turn := range 3 {
			go func() {
				out := map[int64]Showing{}
				for i := range moments {
					m := moments[(i*(turn+1)+turn)%len(moments)]
					out[m] = w.program.At(w.base.Add(time.Duration(m) * time.Millisecond))
				}
				answers <- out
			}()
		}
		for range 3 {
			for m, got := range <-answers {
				fresh, err := NewProgram(w.manifest, w.slides)
				if err != nil {
					t.Fatal(err)
				}
				at := w.base.Add(time.Duration(m) * time.Millisecond)
				if want := fresh.At(at); want != got {
					t.Fatalf("at %s: a fresh program says %+v, this one %+v", at, want, got)
				}
				inside := got.From.Add(got.Until.Sub(got.From) / 2).Truncate(time.Millisecond)
				fresh, err = NewProgram(w.manifest, w.slides)
				if err != nil {
					t.Fatal(err)
				}
				if want := fresh.At(inside); want != got {
					t.Fatalf("at %s: %+v; within, at %s: %+v", at, got, inside, want)
				}
			}
		}
	})
}
