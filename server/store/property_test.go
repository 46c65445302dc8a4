package store

import (
	"context"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"motcua/slides"
	"motcua/slides/chain"
	"motcua/slides/survey"
	"motcua/slides/wire"
)

// given is the model's rating.
type given struct {
	ref     RatingRef
	unit    string
	kiosk   string
	form    string
	hour    time.Time
	levels  []survey.Level
	suspect bool
}

var up = map[string][]string{"tinh": {"tinh"}, "so": {"so", "tinh"}, "mot-cua": {"mot-cua", "so", "tinh"}, "so-khac": {"so-khac", "tinh"}}

// TestRollupsAreTheRatings drives random histories (new ratings, whole and
// partial resends, marks and their reversal, corrected hours) and compares
// every answer with a model that adds up ratings one by one.
func TestRollupsAreTheRatings(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := newClock()
		c.t = time.Date(2024, 3, 4, 5, 6, 7, 0, time.UTC)
		dir := t.TempDir()
		s := openTest(t, dir, c)
		defer s.Close()
		office(t, s)
		ctx := context.Background()
		devices := []*device{pair(t, s, "mot-cua", ""), pair(t, s, "so-khac", ""), pair(t, s, "so", "")}
		sent := map[int][]chain.Record{}
		var model []given
		hour := func(label string) time.Time {
			return time.Date(2024, time.Month(rapid.IntRange(1, 2).Draw(rt, label+" month")), rapid.IntRange(27, 31).Draw(rt, label+" day"), rapid.SampledFrom([]int{0, 8, 16, 17, 23}).Draw(rt, label+" hour"), 0, 0, 0, time.UTC)
		}
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			i := rapid.IntRange(0, 2).Draw(rt, "kiosk")
			d := devices[i]
			switch rapid.SampledFrom([]string{"rate", "rate", "again", "mark", "move"}).Draw(rt, "step") {
			case "rate":
				var records []chain.Record
				for range rapid.IntRange(1, 5).Draw(rt, "n") {
					g := given{unit: d.Unit, kiosk: d.ID, form: rapid.SampledFrom([]string{"nhanh", "rutgon"}).Draw(rt, "form"), hour: hour("rate")}
					n := map[string]int{"nhanh": 1, "rutgon": 6}[g.form]
					for range n {
						g.levels = append(g.levels, survey.Level(rapid.IntRange(0, 5).Draw(rt, "level")))
					}
					records = append(records, d.record(d.rating(g.hour, g.form, g.levels...), g.hour))
					g.ref = RatingRef{d.Chain, d.seq}
					model = append(model, g)
				}
				sent[i] = append(sent[i], records...)
				if got := must[Ingested](t)(s.IngestRatings(ctx, d.ID, d.batch(records...))); got.New != len(records) {
					rt.Fatalf("%+v", got)
				}
			case "again":
				if len(sent[i]) == 0 {
					continue
				}
				from := rapid.IntRange(0, len(sent[i])-1).Draw(rt, "from")
				list := sent[i][from:]
				list = list[max(0, len(list)-wire.MaxBatch):]
				if got := must[Ingested](t)(s.IngestRatings(ctx, d.ID, d.batch(list...))); got.New != 0 || got.Again != len(list) {
					rt.Fatalf("%+v", got)
				}
			case "mark":
				if len(model) == 0 {
					continue
				}
				g := &model[rapid.IntRange(0, len(model)-1).Draw(rt, "which")]
				g.suspect = !g.suspect
				ok(t, s.SetSuspect(ctx, editor, []RatingRef{g.ref}, map[bool]string{true: "thử"}[g.suspect]))
			case "move":
				if len(model) == 0 {
					continue
				}
				g := &model[rapid.IntRange(0, len(model)-1).Draw(rt, "which")]
				g.hour = hour("move")
				ok(t, s.CorrectHour(ctx, editor, g.ref, slides.At(g.hour)))
			}
		}
		if err := s.CheckRollups(ctx); err != nil {
			rt.Fatal(err)
		}
		from, until := hour("from"), hour("until")
		if !from.Before(until) {
			from, until = until, from.Add(time.Hour)
		}
		for unit := range up {
			compare(rt, s, model, StatQuery{Unit: unit, From: slides.At(from), Until: slides.At(until)}, func(g *given) bool {
				for _, u := range up[g.unit] {
					if u == unit {
						return true
					}
				}
				return false
			})
		}
		for _, d := range devices {
			compare(rt, s, model, StatQuery{Kiosk: d.ID, From: slides.At(from), Until: slides.At(until)}, func(g *given) bool { return g.kiosk == d.ID })
		}
	})
}

func compare(rt *rapid.T, s *Store, model []given, q StatQuery, mine func(*given) bool) {
	q.Series, q.SeriesBy = true, rapid.SampledFrom([]Grain{"", Hour, Day, Month}).Draw(rt, "by")
	st, err := s.Statistics(context.Background(), q)
	if err != nil {
		rt.Fatal(err)
	}
	var n, suspect int64
	want := map[string]Levels{}
	for i := range model {
		g := &model[i]
		if at := slides.At(g.hour); !mine(g) || at < q.From || at >= q.Until {
			continue
		}
		if g.suspect {
			suspect++
			continue
		}
		n++
		for k, l := range g.levels {
			key := fmt.Sprint(g.form, k)
			v := want[key]
			v[l]++
			want[key] = v
		}
	}
	var series int64
	for i, p := range st.Series {
		series += p.Ratings
		if i > 0 && p.From <= st.Series[i-1].From {
			rt.Fatalf("series out of order: %v", st.Series)
		}
	}
	if st.Ratings != n || st.Suspect != suspect || series != n {
		rt.Fatalf("%+v: ratings %d suspect %d series %d, want %d and %d", q, st.Ratings, st.Suspect, series, n, suspect)
	}
	for _, f := range st.Forms {
		for k, question := range map[string]*survey.Questionnaire{"nhanh": quickForm, "rutgon": shortForm}[f.ID].Questions {
			if f.Questions[question.ID] != want[fmt.Sprint(f.ID, k)] {
				rt.Fatalf("%+v: %s %s is %v, want %v", q, f.ID, question.ID, f.Questions[question.ID], want[fmt.Sprint(f.ID, k)])
			}
		}
	}
}

func TestSpansCoverThePeriodOnce(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		z := must[*time.Location](t)(time.LoadLocation(rapid.SampledFrom([]string{"Asia/Ho_Chi_Minh", "Europe/Berlin", "America/New_York"}).Draw(rt, "zone")))
		from := slides.Millis(rapid.Int64Range(1600000000, 1800000000).Draw(rt, "from") / 3600 * 3600 * 1000)
		until := from + slides.Millis(rapid.Int64Range(1, 24*800).Draw(rt, "hours")*3600*1000)
		at := int64(from)
		for _, sp := range spans(from, until, z) {
			if sp.from != at || sp.until <= sp.from {
				rt.Fatalf("%v after %d", sp, at)
			}
			for _, edge := range []int64{sp.from, sp.until} {
				if e := time.UnixMilli(edge).In(z); !sp.grain.floor(e).Equal(e) {
					rt.Fatalf("%v is not at the start of a %s", e, sp.grain)
				}
			}
			at = sp.until
		}
		if at != int64(until) {
			rt.Fatalf("ends at %d, want %d", at, until)
		}
	})
}
