package survey

import (
	"fmt"
	"math"
	"regexp"
	"sort"

	"motcua/slides"
)

// The scoring methods: name and version, printed on every report. Both take
// I = 100·(n4+n5)/(n1+…+n5), the share of "Hài lòng" and "Rất hài lòng" among
// the answers given; "Không áp dụng" and blanks are on neither side. Which of
// the two the Ministry of Home Affairs uses over factors is not published with
// QĐ 1001/QĐ-BNV, hence both.
const (
	// MethodPooled pools the answers of all questions.
	MethodPooled = "sipas-pooled/1"
	// MethodMean takes the mean of the factors' pooled indices, each of equal
	// weight, over the factors that have answers.
	MethodMean = "sipas-mean/1"
)

var methodForm = regexp.MustCompile(`^[a-z][a-z0-9-]{0,40}/[1-9][0-9]{0,3}$`)

// KnownMethod says whether this program can score by the method.
func KnownMethod(method string) bool { return method == MethodPooled || method == MethodMean }

// Counts counts the answers to one question (or several pooled) by Level:
// Counts[0] is "Không áp dụng", Counts[1] to Counts[5] the levels.
type Counts [6]int64

// Add counts one answer; a level outside 0..5 is a fault of the caller and
// panics.
func (c *Counts) Add(l Level) { c[l]++ }

// Plus is the counts of both.
func (c Counts) Plus(o Counts) Counts {
	for i, n := range o {
		c[i] += n
	}
	return c
}

// Answers is n1+…+n5: the n of an index.
func (c Counts) Answers() int64 { return c[1] + c[2] + c[3] + c[4] + c[5] }

// Satisfied is n4+n5.
func (c Counts) Satisfied() int64 { return c[4] + c[5] }

// Index is the share of satisfied answers with its interval.
func (c Counts) Index() Index {
	n, k := c.Answers(), c.Satisfied()
	if n == 0 {
		return Index{}
	}
	low, high := Wilson(k, n)
	return Index{Known: true, Value: 100 * float64(k) / float64(n), Low: 100 * low, High: 100 * high, Answers: n}
}

// Mean is the mean level 1 to 5: another measure than the index, never to be
// shown under its name. Not known without answers.
func (c Counts) Mean() MeanLevel {
	n := c.Answers()
	if n == 0 {
		return MeanLevel{}
	}
	sum := 0.0
	for l := 1; l <= 5; l++ {
		sum += float64(l) * float64(c[l])
	}
	return MeanLevel{Known: true, Value: sum / float64(n), Answers: n}
}

// Index is a satisfaction index in percent, 0 to 100, with a 95 % interval
// Low <= Value <= High. Known is false, and all else 0, where nobody answered:
// that is "no data", never 0 %.
//
// The interval takes answers as independent draws. Several answers of one
// person are not, so over many questions it is somewhat too narrow; and people
// who choose to press a kiosk are no random sample, which no interval mends.
type Index struct {
	Known     bool
	Value     float64
	Low, High float64
	Answers   int64 // n1+…+n5
}

// MeanLevel is a mean of levels, 1 to 5.
type MeanLevel struct {
	Known   bool
	Value   float64
	Answers int64
}

// z is the 97.5 % quantile of the normal distribution.
const z = 1.959963984540054

// Wilson is the 95 % score interval (Wilson 1927, without continuity
// correction) for k successes of n, as shares in [0, 1] that enclose k/n. For
// n <= 0 it is [0, 1]: nothing is known.
func Wilson(k, n int64) (low, high float64) {
	if n <= 0 {
		return 0, 1
	}
	f := float64(n)
	p := float64(k) / f
	mid := (p + z*z/(2*f)) / (1 + z*z/f)
	half := z / (1 + z*z/f) * math.Sqrt(p*(1-p)/f+z*z/(4*f*f))
	// Rounding must not push the limits past the share or out of [0, 1].
	return max(0, min(mid-half, p)), min(1, max(mid+half, p))
}

// Tally counts ratings of one questionnaire version. The zero value is ready.
// Not safe for concurrent use.
type Tally struct {
	Ratings   int64             // ratings counted: not the n of any index
	Questions map[string]Counts // by question id
}

// Add counts a rating that CheckRating accepted.
func (t *Tally) Add(r *Rating) {
	t.Ratings++
	for _, a := range r.Answers {
		t.AddAnswer(a)
	}
}

// AddAnswer counts one answer without a rating.
func (t *Tally) AddAnswer(a Answer) {
	if t.Questions == nil {
		t.Questions = map[string]Counts{}
	}
	c := t.Questions[a.Question]
	c.Add(a.Level)
	t.Questions[a.Question] = c
}

// Merge adds the counts of a disjoint set of ratings.
func (t *Tally) Merge(o *Tally) {
	t.Ratings += o.Ratings
	for id, c := range o.Questions {
		if t.Questions == nil {
			t.Questions = map[string]Counts{}
		}
		t.Questions[id] = t.Questions[id].Plus(c)
	}
}

// Score is what a tally comes to.
type Score struct {
	Method    string
	Ratings   int64 // people who answered, as far as a kiosk can tell
	Answers   int64 // n of Overall: n1+…+n5 over its questions
	Questions []QuestionScore
	Factors   []FactorScore
	Overall   Index
	MeanLevel MeanLevel // over the same answers as Overall
}

// QuestionScore is one question's counts and index, in the questionnaire's order.
type QuestionScore struct {
	Question string
	Factor   Factor
	Counts   Counts
	Index    Index
}

// FactorScore is one factor's, pooled over its questions; in official order, f1
// to f5 and then Overall, those that the questionnaire asks about.
type FactorScore struct {
	Factor Factor
	Counts Counts
	Index  Index
}

// ScoreTally scores a tally by method ("": the questionnaire's). The overall
// index is over the questions of the five factors; a question on the whole
// service ("all") has its own line and stands for the overall index only where
// the questionnaire asks nothing else, as "nhanh" does. Errors: Newer for an
// unknown method, Invalid for counts of a question that q does not have or that
// are negative.
func ScoreTally(q *Questionnaire, t *Tally, method string) (*Score, error) {
	const op = "survey.ScoreTally"
	if method == "" {
		method = q.Method
	}
	if !KnownMethod(method) {
		return nil, slides.E(slides.Newer, op, fmt.Sprintf("Phần mềm này chưa biết cách tính %q; hãy cập nhật.", method),
			fmt.Sprintf("This program does not know the method %q; update it.", method), nil)
	}
	if err := checkTally(op, q, t); err != nil {
		return nil, err
	}
	s := &Score{Method: method, Ratings: t.Ratings}
	pools := map[Factor]Counts{}
	for _, k := range q.Questions {
		c := t.Questions[k.ID]
		s.Questions = append(s.Questions, QuestionScore{k.ID, k.Factor, c, c.Index()})
		pools[k.Factor] = pools[k.Factor].Plus(c)
	}
	var main Counts
	var indices []Index
	for _, f := range Factors {
		if c, ok := pools[f]; ok {
			s.Factors = append(s.Factors, FactorScore{f, c, c.Index()})
			main = main.Plus(c)
			indices = append(indices, c.Index())
		}
	}
	if c, ok := pools[Overall]; ok {
		s.Factors = append(s.Factors, FactorScore{Overall, c, c.Index()})
		if len(s.Factors) == 1 {
			main, indices = c, []Index{c.Index()}
		}
	}
	s.Answers = main.Answers()
	s.MeanLevel = main.Mean()
	s.Overall = main.Index()
	if method == MethodMean {
		s.Overall = meanIndex(indices)
	}
	return s, nil
}

func checkTally(op string, q *Questionnaire, t *Tally) error {
	known := make(map[string]bool, len(q.Questions))
	for _, k := range q.Questions {
		known[k.ID] = true
	}
	var p slides.Problems
	for id, c := range t.Questions {
		if !known[id] {
			p.Add(id, "Có số đếm cho câu hỏi không thuộc mẫu phiếu.", "There are counts for a question that the questionnaire does not have.")
		}
		for _, n := range c {
			if n < 0 {
				p.Add(id, "Số đếm âm.", "A count is negative.")
				break
			}
		}
	}
	sort.Slice(p.List, func(i, j int) bool { return p.List[i].Path < p.List[j].Path })
	return p.Err(op)
}

// meanIndex is the mean of the known indices. Its interval joins theirs by
// variance estimates recovered from the limits (MOVER, Zou and Donner 2008),
// which keeps it within [0, 100] and around the mean.
func meanIndex(of []Index) Index {
	out := Index{}
	known := 0.0
	for _, x := range of {
		if x.Known {
			known++
			out.Answers += x.Answers
		}
	}
	if known == 0 {
		return Index{}
	}
	var below, above float64
	for _, x := range of {
		if x.Known {
			out.Value += x.Value / known
			below += (x.Value - x.Low) * (x.Value - x.Low)
			above += (x.High - x.Value) * (x.High - x.Value)
		}
	}
	out.Known = true
	out.Value = min(out.Value, 100)
	out.Low = max(0, out.Value-math.Sqrt(below)/known)
	out.High = min(100, out.Value+math.Sqrt(above)/known)
	return out
}
