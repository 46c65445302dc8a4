package insight

import (
	"cmp"
	"slices"

	"motcua/server/store"
	"motcua/slides/survey"
)

const (
	// MinShown is the least number of ratings of a share that is shown: the
	// usual floor of statistical disclosure control for counts of people.
	MinShown = 5
	// FewRatings marks shares whose 95 % interval is wider than about ±18
	// points at worst: they are shown with a caution.
	FewRatings = 30
)

// Share is an index as it may be shown.
type Share struct {
	survey.Index
	Ratings  int64
	Counts   survey.Counts
	Withheld bool // there are answers, and they are too few to show
	Few      bool // shown, with a caution
}

// Shown says whether a value may be printed.
func (s Share) Shown() bool { return s.Known && !s.Withheld }

func share(ratings int64, c survey.Counts) Share {
	s := Share{Index: c.Index(), Ratings: ratings, Counts: c}
	// A long form gives many answers of one person: the floor is on people, and
	// on answers where a question was skipped by most.
	few := min(ratings, s.Answers)
	s.Withheld = s.Known && few < MinShown
	s.Few = s.Shown() && few < FewRatings
	return s.hide()
}

// hide empties the numbers of a withheld share, so that no page can print them
// by mistake.
func (s Share) hide() Share {
	if s.Withheld {
		s.Index, s.Counts, s.Few = survey.Index{Known: s.Known}, survey.Counts{}, false
	}
	return s
}

// Part is one factor, kiosk, unit or question of a whole.
type Part struct {
	ID      string
	Name    string // of a kiosk
	Suspect int64
	Share
}

// protect withholds a second part where only one is: else the whole minus the
// others would tell it.
func protect(parts []*Share) {
	hidden := 0
	var smallest *Share
	for _, p := range parts {
		switch {
		case p.Withheld:
			hidden++
		case p.Shown() && (smallest == nil || p.Ratings < smallest.Ratings):
			smallest = p
		}
	}
	if hidden == 1 && smallest != nil {
		smallest.Withheld = true
		*smallest = smallest.hide()
	}
}

func protectParts(parts []Part) {
	all := make([]*Share, len(parts))
	for i := range parts {
		all[i] = &parts[i].Share
	}
	protect(all)
}

// Form is one questionnaire's result over all its versions in the period.
type Form struct {
	ID       string
	Versions []int
	Title    *survey.Questionnaire // the newest version's, nil when unknown
	Method   string                // name and version of the rule; "" when mixed or unknown
	Overall  Share
	Mean     survey.MeanLevel // withheld with Overall
	Factors  []Part           // in official order
}

// Bucket is one day (or hour, or month) of the series.
type Bucket struct {
	store.Point
	Share
	Total int64 // ratings of all forms
}

// Report is what the statistics page shows.
type Report struct {
	*store.Stats
	Forms   []Form // most ratings first
	Picked  *Form  // whose index the series, kiosks and units show; nil without ratings
	Buckets []Bucket
	ByKiosk []Part
	ByUnit  []Part
	Week    *[7][24]int64 // counts of ratings, Monday first; nil when not asked
}

// Lookup finds one version of a questionnaire, nil when it is not there.
type Lookup func(id string, version int) *survey.Questionnaire

// NewReport computes the report. pick is the form whose index is broken down;
// "" or an unknown one takes the form with the most ratings. A form whose
// questionnaire is gone keeps its counts and has no factors.
func NewReport(st *store.Stats, find Lookup, pick string) *Report {
	r := &Report{Stats: st}
	byID := map[string]*Form{}
	raw := map[string]*merged{}
	for _, f := range st.Forms {
		if f.Ratings == 0 {
			continue
		}
		m := raw[f.ID]
		if m == nil {
			m = &merged{factors: map[survey.Factor]survey.Counts{}}
			raw[f.ID], byID[f.ID] = m, &Form{ID: f.ID}
		}
		m.add(byID[f.ID], f, find(f.ID, f.Version))
	}
	for id, f := range byID {
		raw[id].finish(f)
		r.Forms = append(r.Forms, *f)
	}
	slices.SortFunc(r.Forms, func(a, b Form) int {
		return cmp.Or(cmp.Compare(b.Overall.Ratings, a.Overall.Ratings), cmp.Compare(a.ID, b.ID))
	})
	for i := range r.Forms {
		if r.Picked == nil || r.Forms[i].ID == pick {
			r.Picked = &r.Forms[i]
		}
	}
	r.breakDown()
	return r
}

// merged collects the versions of one form.
type merged struct {
	ratings int64
	main    survey.Counts
	factors map[survey.Factor]survey.Counts
	newest  int
	methods map[string]bool
}

func (m *merged) add(f *Form, s store.FormStats, q *survey.Questionnaire) {
	f.Versions = append(f.Versions, s.Version)
	m.ratings += s.Ratings
	if m.methods == nil {
		m.methods = map[string]bool{}
	}
	if q == nil {
		m.methods[""] = true
		m.main = m.main.Plus(survey.Counts(s.All))
		return
	}
	m.methods[q.Method] = true
	if f.Title == nil || s.Version > m.newest {
		f.Title, m.newest = q, s.Version
	}
	tally := &survey.Tally{Ratings: s.Ratings, Questions: map[string]survey.Counts{}}
	for _, k := range q.Questions {
		if c, ok := s.Questions[k.ID]; ok {
			tally.Questions[k.ID] = survey.Counts(c)
		}
	}
	score, err := survey.ScoreTally(q, tally, survey.MethodPooled)
	if err != nil {
		m.methods[""] = true
		m.main = m.main.Plus(survey.Counts(s.All))
		return
	}
	five := false
	for _, x := range score.Factors {
		m.factors[x.Factor] = m.factors[x.Factor].Plus(x.Counts)
		five = five || x.Factor != survey.Overall
	}
	for _, x := range score.Factors {
		if x.Factor != survey.Overall || !five {
			m.main = m.main.Plus(x.Counts)
		}
	}
}

func (m *merged) finish(f *Form) {
	slices.Sort(f.Versions)
	f.Overall = share(m.ratings, m.main)
	if f.Overall.Shown() {
		f.Mean = m.main.Mean()
	}
	if len(m.methods) == 1 {
		for f.Method = range m.methods {
		}
	}
	for _, x := range append(slices.Clone(survey.Factors), survey.Overall) {
		if c, ok := m.factors[x]; ok && (x != survey.Overall || len(m.factors) > 1) {
			f.Factors = append(f.Factors, Part{ID: string(x), Share: share(m.ratings, c)})
		}
	}
	protectParts(f.Factors)
	if f.Method != survey.MethodMean {
		return
	}
	f.Overall.Index = meanOf(f)
}

// meanOf applies MethodMean over versions: the factors' pooled counts, each
// factor of equal weight.
func meanOf(f *Form) survey.Index {
	if !f.Overall.Shown() {
		return f.Overall.Index
	}
	q := &survey.Questionnaire{Method: survey.MethodMean}
	t := &survey.Tally{Ratings: f.Overall.Ratings, Questions: map[string]survey.Counts{}}
	for _, p := range f.Factors {
		if p.ID == string(survey.Overall) {
			continue
		}
		if p.Withheld {
			return survey.Index{} // its factors can't all be told: neither can their mean
		}
		q.Questions = append(q.Questions, survey.Question{ID: p.ID, Factor: survey.Factor(p.ID)})
		t.Questions[p.ID] = p.Counts
	}
	s, err := survey.ScoreTally(q, t, survey.MethodMean)
	if err != nil {
		return survey.Index{}
	}
	return s.Overall
}

// breakDown fills series, kiosks, units and week for the picked form.
func (r *Report) breakDown() {
	of := func(forms []store.FormPoint) Share {
		var n int64
		var c survey.Counts
		for _, f := range forms {
			if r.Picked != nil && f.ID == r.Picked.ID {
				n += f.Ratings
				c = c.Plus(survey.Counts(f.Levels))
			}
		}
		return share(n, c)
	}
	for _, p := range r.Series {
		r.Buckets = append(r.Buckets, Bucket{Point: p, Share: of(p.Forms), Total: p.Ratings})
	}
	days := make([]*Share, len(r.Buckets))
	for i := range r.Buckets {
		days[i] = &r.Buckets[i].Share
	}
	protect(days)
	parts := func(in []store.SubjectStats) []Part {
		var out []Part
		for _, k := range in {
			p := Part{ID: k.ID, Name: k.Name, Suspect: k.Suspect, Share: of(k.Forms)}
			out = append(out, p)
		}
		slices.SortStableFunc(out, func(a, b Part) int { return cmp.Compare(b.Ratings, a.Ratings) })
		protectParts(out)
		return out
	}
	r.ByKiosk, r.ByUnit = parts(r.Kiosks), parts(r.Units)
	if r.Stats.Week != nil {
		r.Week = new([7][24]int64)
		for i, p := range r.Stats.Week {
			r.Week[i/24][i%24] = p.Ratings
		}
	}
}
