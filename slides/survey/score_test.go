package survey

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"motcua/slides"
)

func near(a, b float64) bool { return math.Abs(a-b) < 1e-9 }

// Worked by hand.
func TestIndexByHand(t *testing.T) {
	cases := []struct {
		counts      Counts
		known       bool
		n           int64
		index, mean float64
	}{
		{Counts{}, false, 0, 0, 0},
		{Counts{7, 0, 0, 0, 0, 0}, false, 0, 0, 0}, // only "không áp dụng": no data, not 0 %
		{Counts{0, 1, 0, 0, 0, 0}, true, 1, 0, 1},
		{Counts{9, 0, 0, 0, 0, 4}, true, 4, 100, 5},
		{Counts{0, 1, 1, 1, 1, 1}, true, 5, 40, 3},
		{Counts{2, 5, 10, 15, 40, 30}, true, 100, 70, 3.8}, // (5+20+45+160+150)/100
		{Counts{0, 0, 0, 1, 2, 0}, true, 3, 200.0 / 3, 11.0 / 3},
	}
	for _, c := range cases {
		x, m := c.counts.Index(), c.counts.Mean()
		if x.Known != c.known || m.Known != c.known || x.Answers != c.n || m.Answers != c.n || !near(x.Value, c.index) || !near(m.Value, c.mean) {
			t.Errorf("%v: %+v %+v", c.counts, x, m)
		}
	}
}

// Limits computed apart, with the formula of Wilson (1927) in decimal arithmetic.
func TestWilsonByHand(t *testing.T) {
	cases := []struct {
		k, n      int64
		low, high float64
	}{
		{0, 0, 0, 1},
		{0, 1, 0, 0.793450685623},
		{1, 1, 0.206549314377, 1},
		{8, 10, 0.490162471537, 0.943317848546},
		{50, 100, 0.403831530366, 0.596168469634},
		{826, 1000, 0.801267303733, 0.848237649735},
	}
	for _, c := range cases {
		low, high := Wilson(c.k, c.n)
		if !near(low, c.low) || !near(high, c.high) {
			t.Errorf("Wilson(%d, %d) = %.12f, %.12f", c.k, c.n, low, high)
		}
	}
}

func tally(counts map[string]Counts) *Tally { return &Tally{Ratings: 10, Questions: counts} }

func TestScoreByHand(t *testing.T) {
	in := tally(map[string]Counts{
		"q1":    {3, 0, 0, 1, 1, 0}, // 1 of 2
		"q2":    {0, 1, 0, 0, 2, 5}, // 7 of 8
		"q3":    {0, 0, 2, 1, 1, 1}, // 2 of 5
		"chung": {0, 9, 0, 0, 0, 0}, // its own line
	})
	s, err := ScoreTally(form(), in, "")
	if err != nil {
		t.Fatal(err)
	}
	if s.Method != MethodPooled || s.Ratings != 10 || s.Answers != 15 {
		t.Fatalf("%+v", s)
	}
	if len(s.Questions) != 4 || s.Questions[1].Question != "q2" || !near(s.Questions[1].Index.Value, 87.5) || s.Questions[0].Counts[0] != 3 {
		t.Fatalf("questions %+v", s.Questions)
	}
	if len(s.Factors) != 3 || s.Factors[0].Factor != "f1" || !near(s.Factors[0].Index.Value, 80) || s.Factors[0].Index.Answers != 10 ||
		s.Factors[1].Factor != "f3" || !near(s.Factors[1].Index.Value, 40) || s.Factors[2].Factor != Overall || s.Factors[2].Index.Value != 0 || !s.Factors[2].Index.Known {
		t.Fatalf("factors %+v", s.Factors)
	}
	if !near(s.Overall.Value, 100*10.0/15) || s.Overall.Answers != 15 {
		t.Fatalf("overall %+v", s.Overall)
	}
	if !near(s.MeanLevel.Value, (3+4+1+8+25+4+3+4+5)/15.0) {
		t.Fatalf("mean level %+v", s.MeanLevel)
	}
	mean, err := ScoreTally(form(), in, MethodMean)
	if err != nil || mean.Method != MethodMean || !near(mean.Overall.Value, 60) || mean.Overall.Answers != 15 {
		t.Fatalf("mean of factors %+v, %v", mean, err)
	}
	// A factor without answers has no data and no part in the mean.
	in.Questions["q3"] = Counts{4}
	mean, _ = ScoreTally(form(), in, MethodMean)
	if !near(mean.Overall.Value, 80) || mean.Factors[1].Index.Known {
		t.Fatalf("%+v", mean)
	}
	// A questionnaire on the whole service only.
	quick := form()
	quick.Questions = quick.Questions[3:]
	for _, method := range []string{MethodPooled, MethodMean} {
		s, err := ScoreTally(quick, tally(map[string]Counts{"chung": {0, 0, 1, 0, 0, 3}}), method)
		if err != nil || !near(s.Overall.Value, 75) || s.Answers != 4 {
			t.Fatalf("%s: %+v, %v", method, s, err)
		}
	}
}

func TestScoreWithoutData(t *testing.T) {
	for _, method := range []string{MethodPooled, MethodMean} {
		s, err := ScoreTally(form(), &Tally{}, method)
		if err != nil || s.Overall.Known || s.MeanLevel.Known || s.Overall.String() != NoData || s.MeanLevel.String() != NoData {
			t.Fatalf("%s: %+v, %v", method, s, err)
		}
	}
}

func TestScoreRefuses(t *testing.T) {
	if _, err := ScoreTally(form(), &Tally{}, "sipas-pooled/2"); slides.KindOf(err) != slides.Newer {
		t.Error(err)
	}
	for _, bad := range []map[string]Counts{{"q9": {1}}, {"q1": {0, -1}}} {
		if _, err := ScoreTally(form(), tally(bad), ""); slides.KindOf(err) != slides.Invalid {
			t.Errorf("%v: %v", bad, err)
		}
	}
}

func TestTally(t *testing.T) {
	var a, b Tally
	a.Add(given())
	a.Add(given())
	b.Add(given())
	a.Merge(&b)
	var empty Tally
	empty.Merge(&a)
	if empty.Ratings != 3 || empty.Questions["q1"] != (Counts{3}) || empty.Questions["q3"] != (Counts{0, 0, 3}) || len(empty.Questions) != 3 {
		t.Fatalf("%+v", empty)
	}
}

func drawTally(t *rapid.T, name string) *Tally {
	out := &Tally{Ratings: rapid.Int64Range(0, 1e6).Draw(t, name+" ratings"), Questions: map[string]Counts{}}
	for _, k := range form().Questions {
		var c Counts
		for l := range c {
			c[l] = rapid.OneOf(rapid.Just(int64(0)), rapid.Int64Range(0, 5), rapid.Int64Range(0, 1e9)).Draw(t, name)
		}
		out.Questions[k.ID] = c
	}
	return out
}

func mustScore(t *rapid.T, in *Tally, method string) *Score {
	s, err := ScoreTally(form(), in, method)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var bothMethods = rapid.SampledFrom([]string{MethodPooled, MethodMean})

// indices lists every index of a score.
func indices(s *Score) []Index {
	out := []Index{s.Overall}
	for _, k := range s.Questions {
		out = append(out, k.Index)
	}
	for _, f := range s.Factors {
		out = append(out, f.Index)
	}
	return out
}

func TestScoreBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := mustScore(t, drawTally(t, "n"), bothMethods.Draw(t, "method"))
		for _, x := range indices(s) {
			if !x.Known {
				if x != (Index{}) {
					t.Fatalf("no data with a value: %+v", x)
				}
				continue
			}
			if !(0 <= x.Low && x.Low <= x.Value && x.Value <= x.High && x.High <= 100) || x.Answers <= 0 || x.High == x.Low {
				t.Fatalf("%+v", x)
			}
		}
		if m := s.MeanLevel; m.Known && (m.Value < 1 || m.Value > 5) || m.Known != s.Overall.Known {
			t.Fatalf("%+v", m)
		}
	})
}

// Raising one answer lowers no index; it raises some if it passes from 3 to 4.
func TestRaisingAnAnswerNeverLowers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		method := bothMethods.Draw(t, "method")
		in := drawTally(t, "n")
		id := rapid.SampledFrom([]string{"q1", "q2", "q3", "chung"}).Draw(t, "question")
		from := rapid.IntRange(1, 4).Draw(t, "from")
		to := rapid.IntRange(from+1, 5).Draw(t, "to")
		c := in.Questions[id]
		c[from]++
		in.Questions[id] = c
		before := mustScore(t, in, method)
		c[from]--
		c[to]++
		in.Questions[id] = c
		after := mustScore(t, in, method)
		was, now := indices(before), indices(after)
		for i := range was {
			if now[i].Value < was[i].Value-1e-9 || now[i].Low < was[i].Low-1e-9 || now[i].High < was[i].High-1e-9 || now[i].Answers != was[i].Answers {
				t.Fatalf("%d to %d: %+v became %+v", from, to, was[i], now[i])
			}
		}
		if q := slices.IndexFunc(after.Questions, func(q QuestionScore) bool { return q.Question == id }); from <= 3 && to >= 4 && after.Questions[q].Index.Value <= before.Questions[q].Index.Value {
			t.Fatal("a satisfied answer more raises nothing")
		}
		if after.MeanLevel.Value < before.MeanLevel.Value-1e-9 {
			t.Fatal("the mean level falls")
		}
	})
}

// The index of two disjoint sets together is their mean weighted by n.
func TestPoolingIsTheWeightedMean(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawTally(t, "a"), drawTally(t, "b")
		x, y := mustScore(t, a, MethodPooled), mustScore(t, b, MethodPooled)
		var both Tally
		both.Merge(a)
		both.Merge(b)
		s := mustScore(t, &both, MethodPooled)
		if s.Ratings != x.Ratings+y.Ratings || s.Answers != x.Answers+y.Answers {
			t.Fatal("n of ratings or answers do not add up")
		}
		xs, ys, all := indices(x), indices(y), indices(s)
		for i := range all {
			n, m := float64(xs[i].Answers), float64(ys[i].Answers)
			if all[i].Known != (n+m > 0) {
				t.Fatal("data lost")
			}
			if all[i].Known && !near(all[i].Value, (n*xs[i].Value+m*ys[i].Value)/(n+m)) {
				t.Fatalf("%v is not the mean of %v and %v", all[i], xs[i], ys[i])
			}
		}
	})
}

// "Không áp dụng" and the number of ratings change no index.
func TestNotApplicableChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		method := bothMethods.Draw(t, "method")
		in := drawTally(t, "n")
		before := mustScore(t, in, method)
		for id, c := range in.Questions {
			c[NotApplicable] += rapid.Int64Range(0, 1e6).Draw(t, "na")
			in.Questions[id] = c
		}
		in.Ratings += 5
		after := mustScore(t, in, method)
		if !slices.Equal(indices(before), indices(after)) || before.MeanLevel != after.MeanLevel || before.Answers != after.Answers {
			t.Fatal("an index changed")
		}
	})
}

func TestWilsonShrinks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(1, 1e9).Draw(t, "n")
		k := rapid.Int64Range(0, n).Draw(t, "k")
		low, high := Wilson(k, n)
		p := float64(k) / float64(n)
		if !(0 <= low && low <= p && p <= high && high <= 1) {
			t.Fatalf("[%v, %v] does not hold %v", low, high, p)
		}
		times := rapid.Int64Range(2, 1000).Draw(t, "times")
		l, h := Wilson(k*times, n*times)
		if h-l >= high-low || l < low-1e-12 || h > high+1e-12 {
			t.Fatalf("%d times the answers: [%v, %v] after [%v, %v]", times, l, h, low, high)
		}
		// Counting the dissatisfied mirrors it.
		if a, b := Wilson(n-k, n); !near(a, 1-high) || !near(b, 1-low) {
			t.Fatalf("[%v, %v] is not the mirror of [%v, %v]", a, b, low, high)
		}
	})
}

func TestFormat(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0,00", 82.66: "82,66", 100: "100,00", 99.995: "100,00", 0.125: "0,13", 0.005: "0,01", 0.00499: "0,00",
		1.005: "1,01", 9.999: "10,00", 999.999: "1.000,00", 1234.5: "1.234,50", 1234567.891: "1.234.567,89",
		-0.001: "0,00", -82.665: "-82,67", -1234.5: "-1.234,50", 200.0 / 3: "66,67", math.Inf(1): NoData, math.Inf(-1): NoData,
	} {
		if got := FormatPercent(v); got != want {
			t.Errorf("FormatPercent(%v) = %q, want %q", v, got, want)
		}
	}
	if FormatPercent(math.NaN()) != NoData {
		t.Error("NaN")
	}
	if a, b := FormatDecimal(4.25, 1), FormatDecimal(1999.5, 0); a != "4,3" || b != "2.000" {
		t.Error(a, b)
	}
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1.000", 36525: "36.525", 10000000: "10.000.000", -1000: "-1.000", math.MinInt64: "-9.223.372.036.854.775.808"} {
		if got := FormatCount(n); got != want {
			t.Errorf("FormatCount(%d) = %q, want %q", n, got, want)
		}
	}
	// 100·k/n in floating point falls on either side of a half: 0.285 % of 200,000.
	for n, want := range map[int64]string{570: "0,29", 201 * 10: "1,01", 115 * 20: "1,15"} {
		c := Counts{0, 0, 0, 200_000 - n, n, 0}
		if got := FormatPercent(c.Index().Value); got != want {
			t.Errorf("%d of 200000: %q, want %q", n, got, want)
		}
	}
	c := Counts{0, 0, 0, 173, 800, 27}
	if s := c.Index().String(); s != "82,70%" {
		t.Error(s)
	}
}
