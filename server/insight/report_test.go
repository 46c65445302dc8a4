package insight

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/survey"
)

// form is a questionnaire of one question for each factor, or of one overall.
func form(method string, factors ...survey.Factor) *survey.Questionnaire {
	q := &survey.Questionnaire{ID: "f", Version: 1, Method: method}
	for i, f := range factors {
		q.Questions = append(q.Questions, survey.Question{ID: fmt.Sprintf("q%d", i), Factor: f})
	}
	return q
}

func find(q *survey.Questionnaire) Lookup {
	return func(id string, version int) *survey.Questionnaire {
		if id == "f" {
			return q
		}
		return nil
	}
}

func TestReportAgreesWithTheSurvey(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		method := rapid.SampledFrom([]string{survey.MethodPooled, survey.MethodMean}).Draw(t, "method")
		q := form(method, survey.Factors...)
		n := rapid.IntRange(MinShown, 400).Draw(t, "ratings")
		tally := &survey.Tally{}
		for range n {
			r := &survey.Rating{}
			for _, k := range q.Questions {
				r.Answers = append(r.Answers, survey.Answer{Question: k.ID, Level: survey.Level(rapid.IntRange(1, 5).Draw(t, "level"))})
			}
			tally.Add(r)
		}
		want, err := survey.ScoreTally(q, tally, "")
		if err != nil {
			t.Fatal(err)
		}
		fs := store.FormStats{ID: "f", Version: 1, Ratings: tally.Ratings, Questions: map[string]store.Levels{}}
		for id, c := range tally.Questions {
			fs.Questions[id] = store.Levels(c)
		}
		r := NewReport(&store.Stats{Ratings: tally.Ratings, Forms: []store.FormStats{fs}}, find(q), "")
		if r.Picked == nil || r.Picked.Overall.Index != want.Overall || r.Picked.Method != method {
			t.Fatalf("%+v, want %+v", r.Picked, want.Overall)
		}
		for i, p := range r.Picked.Factors {
			if p.Index != want.Factors[i].Index || p.ID != string(want.Factors[i].Factor) {
				t.Fatalf("factor %s: %+v, want %+v", p.ID, p.Index, want.Factors[i])
			}
		}
	})
}

// Versions of one form are pooled; a form that is gone still counts.
func TestVersionsAndLostForms(t *testing.T) {
	q := form(survey.MethodPooled, survey.Overall)
	levels := func(n int64) map[string]store.Levels { return map[string]store.Levels{"q0": {0, n, 0, 0, 0, 3 * n}} }
	r := NewReport(&store.Stats{Ratings: 60, Forms: []store.FormStats{
		{ID: "f", Version: 1, Ratings: 20, Questions: levels(5)},
		{ID: "f", Version: 2, Ratings: 20, Questions: levels(5)},
		{ID: "gone", Version: 1, Ratings: 20, All: store.Levels{0, 10, 0, 0, 0, 10}},
		{ID: "unused", Version: 1},
	}}, find(q), "")
	if len(r.Forms) != 2 || r.Picked.ID != "f" || r.Picked.Overall.Value != 75 || r.Picked.Overall.Ratings != 40 || len(r.Picked.Versions) != 2 {
		t.Errorf("%+v", r.Forms)
	}
	r = NewReport(r.Stats, find(q), "gone")
	if r.Picked.ID != "gone" || r.Picked.Overall.Value != 50 || r.Picked.Method != "" || len(r.Picked.Factors) != 0 {
		t.Errorf("%+v", r.Picked)
	}
	if r = NewReport(&store.Stats{}, find(q), ""); r.Picked != nil {
		t.Errorf("without ratings: %+v", r.Picked)
	}
}

// Nothing of a withheld share is left to print, and what is withheld can't be
// had by subtracting the rest from the whole.
func TestSmallNumbersAreWithheld(t *testing.T) {
	q := form(survey.MethodPooled, survey.Overall)
	rapid.Check(t, func(t *rapid.T) {
		st := &store.Stats{}
		var all store.Levels
		for i := range rapid.IntRange(1, 6).Draw(t, "kiosks") {
			var l store.Levels
			n := int64(rapid.IntRange(0, 12).Draw(t, "n"))
			for range n {
				l[rapid.IntRange(1, 5).Draw(t, "level")]++
			}
			st.Kiosks = append(st.Kiosks, store.SubjectStats{ID: fmt.Sprint(i), Ratings: n, Forms: []store.FormPoint{{ID: "f", Version: 1, Ratings: n, Levels: l}}})
			st.Series = append(st.Series, store.Point{From: slides.Millis(i), Ratings: n, Levels: l, Forms: st.Kiosks[i].Forms})
			st.Ratings += n
			for k := range l {
				all[k] += l[k]
			}
		}
		st.Forms = []store.FormStats{{ID: "f", Version: 1, Ratings: st.Ratings, Questions: map[string]store.Levels{"q0": all}, All: all}}
		r := NewReport(st, find(q), "")
		shares := [][]Share{nil, nil}
		for _, p := range r.ByKiosk {
			shares[0] = append(shares[0], p.Share)
		}
		for _, b := range r.Buckets {
			shares[1] = append(shares[1], b.Share)
		}
		for _, list := range shares {
			hidden, shown := 0, 0
			for _, s := range list {
				if s.Shown() {
					shown++
				}
				if s.Shown() && s.Ratings < MinShown {
					t.Fatalf("shown with %d ratings", s.Ratings)
				}
				if s.Withheld {
					hidden++
					if s.Value != 0 || s.Low != 0 || s.High != 0 || s.Answers != 0 || s.Counts != (survey.Counts{}) {
						t.Fatalf("withheld, but there: %+v", s)
					}
				}
			}
			if hidden == 1 && shown > 0 {
				t.Fatalf("one alone is withheld: %+v", list)
			}
		}
	})
}

func TestWeekStartsOnMonday(t *testing.T) {
	var week [168]store.Point
	week[0].Ratings, week[6*24+17].Ratings = 3, 9
	r := NewReport(&store.Stats{Ratings: 12, Week: &week}, find(nil), "")
	if r.Week[0][0] != 3 || r.Week[6][17] != 9 {
		t.Errorf("%v", r.Week)
	}
	h := HourOfWeek(*r.Week, [7]string{"T2", "T3", "T4", "T5", "T6", "T7", "CN"}, func(d, hour int, n int64) string { return fmt.Sprint(d, hour, n) })
	if h.First != 0 || h.Last != 17 || len(h.Cells) != 7*18 || h.Cells[0].Level != 2 || h.Cells[len(h.Cells)-1].Level != 5 {
		t.Errorf("%d–%d, %d cells, %+v", h.First, h.Last, len(h.Cells), h.Cells[0])
	}
}

// Whatever the numbers, a chart keeps to its box and has a label for its axis.
func TestPlotsKeepToTheirBox(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var points []Point
		for i := range rapid.IntRange(0, 400).Draw(t, "points") {
			v := rapid.Float64Range(0, 1e9).Draw(t, "value")
			points = append(points, Point{Label: fmt.Sprint(i), Value: v, Low: v * 0.9, High: v * 1.1, OK: rapid.Bool().Draw(t, "ok")})
		}
		for _, p := range []Plot{Columns(points, 640, 220), Curve(points, 640, 220)} {
			for _, b := range p.Bars {
				if b.X < p.Area.X-0.1 || b.Right() > p.Area.Right()+0.1 || b.Y < p.Area.Y-0.2 || b.Bottom() > p.Area.Bottom()+0.2 || math.IsNaN(b.Y) {
					t.Fatalf("bar %+v outside %+v", b, p.Area)
				}
			}
			for _, d := range p.Dots {
				if d.X < p.Area.X || d.X > p.Area.Right() || d.Y < p.Area.Y-0.1 || d.Y > p.Area.Bottom()+0.1 {
					t.Fatalf("dot %+v outside %+v", d, p.Area)
				}
			}
			if len(p.YTicks) < 2 || len(p.YTicks) > 7 || len(points) > 0 && len(p.XTicks) == 0 || len(p.XTicks) > 80 {
				t.Fatalf("%d and %d ticks", len(p.YTicks), len(p.XTicks))
			}
			for _, path := range append(p.Lines, p.Bands...) {
				if !strings.HasPrefix(path, "M") || strings.Contains(path, "NaN") {
					t.Fatalf("path %q", path)
				}
			}
		}
	})
}

// A missing day breaks the line; it is never drawn as zero.
func TestGapsBreakTheLine(t *testing.T) {
	p := func(v float64, ok bool) Point { return Point{Label: "x", Value: v, Low: v, High: v, OK: ok} }
	c := Curve([]Point{p(50, true), p(60, true), p(0, false), p(70, true), p(80, true), p(90, true), p(0, false), p(10, true)}, 640, 220)
	if len(c.Lines) != 2 || len(c.Dots) != 6 || len(c.Bands) != 3 {
		t.Errorf("%d lines, %d dots, %d bands", len(c.Lines), len(c.Dots), len(c.Bands))
	}
	if b := Columns([]Point{p(0, true), p(1, true), p(100_000, true)}, 640, 220).Bars; !b[0].Empty || b[1].Empty || b[1].H < 1 {
		t.Errorf("%+v", b)
	}
}

func TestScaleIsRound(t *testing.T) {
	for v, want := range map[float64][2]float64{0: {1, 1}, 1: {1, 1}, 5: {1, 5}, 6: {2, 6}, 24: {5, 25}, 99: {20, 100}, 1234: {500, 1500}} {
		if step, top := scale(v); step != want[0] || top != want[1] {
			t.Errorf("scale(%v) = %v, %v", v, step, top)
		}
	}
	if step, top := scale(math.NaN()); step != 1 || top != 1 {
		t.Error("NaN")
	}
}

func TestCellsAreInert(t *testing.T) {
	for in, want := range map[string]string{"=1+1": "'=1+1", "@x": "'@x", "+1": "'+1", "-1": "'-1", "Quầy 2": "Quầy 2", "": ""} {
		if got := inert(in); got != want {
			t.Errorf("inert(%q) = %q", in, got)
		}
	}
}
