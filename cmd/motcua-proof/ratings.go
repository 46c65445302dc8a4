package main

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"time"

	"motcua/slides"
	"motcua/slides/chain"
	"motcua/slides/survey"
	"motcua/slides/wire"
)

// mix is design's: of a hundred ratings 80 are nhanh, 15 rút gọn, 5 đầy đủ.
func mix(r *rand.Rand) string {
	switch n := r.IntN(100); {
	case n < 80:
		return "nhanh"
	case n < 95:
		return "rutgon"
	}
	return "daydu"
}

// answers fills a form as citizens do: mostly content, a low answer with a
// reason now and then, đầy đủ with Phần A.
func answers(s *seed, k paired, form string, at slides.Millis, r *rand.Rand) (survey.Rating, survey.PartA) {
	q := s.forms[form]
	levels := []survey.Level{5, 5, 5, 5, 4, 4, 4, 4, 3, 2, 1}
	rating := survey.Rating{
		Questionnaire: q.ID, Version: q.Version, Unit: k.unit, Kiosk: k.id, Channel: survey.AtKiosk, Lang: "vi",
		Hour: survey.HourOf(at, s.zone), Clock: survey.Synced, Took: 4000 + r.Int64N(20_000),
	}
	rating.Counter = "quay-" + k.id[len(k.id)-1:]
	for _, x := range q.Questions {
		rating.Answers = append(rating.Answers, survey.Answer{Question: x.ID, Level: levels[r.IntN(len(levels))]})
	}
	if q.OffersTags(rating.Answers) && len(q.Tags) > 0 {
		rating.Tags = []string{q.Tags[r.IntN(len(q.Tags))].ID}
	}
	if len(q.PartA) == 0 {
		return rating, nil
	}
	a := survey.PartA{}
	for _, c := range q.PartA {
		if len(c.Options) > 0 {
			a[c.ID] = c.Options[r.IntN(len(c.Options))].ID
		}
	}
	return rating, a
}

// sections are a rating's as the kiosk writes them.
func sections(rating survey.Rating, partA survey.PartA, at slides.Millis) ([]chain.Section, error) {
	core, err := json.Marshal(rating)
	if err != nil {
		return nil, err
	}
	moment, err := json.Marshal(survey.Moment{At: at})
	if err != nil {
		return nil, err
	}
	out := []chain.Section{chain.NewSection(chain.Core, core), chain.NewSection(chain.Moment, moment)}
	if len(partA) > 0 {
		b, err := json.Marshal(partA)
		if err != nil {
			return nil, err
		}
		out = append(out, chain.NewSection(chain.PartA, b))
	}
	return out, nil
}

// chainMaker makes a kiosk's chain in batches.
type chainMaker struct {
	seed *seed
	k    paired
	r    *rand.Rand
	seq  uint64
	hash chain.Hash
	at   slides.Millis
	step func() slides.Millis // to the next rating
	// names gives each rating its own name, see thanks.
	names bool
}

func newChainMaker(s *seed, k paired, from slides.Millis, r *rand.Rand, step func() slides.Millis) *chainMaker {
	return &chainMaker{seed: s, k: k, r: r, hash: chain.Genesis(k.chain, k.publicKey()), at: from, step: step}
}

// batch makes the next n ratings with their signed head.
func (m *chainMaker) batch(n int) (wire.Ratings, error) {
	out := wire.Ratings{Chain: m.k.chain}
	for range n {
		m.at += m.step()
		rating, partA := answers(m.seed, m.k, mix(m.r), m.at, m.r)
		if m.names {
			rating.Shown = name(m.r)
		}
		secs, err := sections(rating, partA, m.at)
		if err != nil {
			return out, err
		}
		m.seq++
		var rec chain.Record
		rec, m.hash = chain.Next(m.k.chain, m.seq, m.hash, secs)
		out.Records = append(out.Records, rec)
	}
	h := chain.Head{Chain: m.k.chain, Seq: m.seq, Hash: m.hash, At: m.at}
	out.Head = h.Sign(m.k.key)
	return out, nil
}

// workday steps through office hours: about 80 ratings a day, 30 s to 10 min
// apart, nights and weekends left out.
func workday(zone *time.Location, from slides.Millis, r *rand.Rand) func() slides.Millis {
	at := from
	return func() slides.Millis {
		was := at
		at += slides.Millis(30_000 + r.Int64N(570_000))
		t := at.Time().In(zone)
		if t.Hour() >= 17 || t.Hour() < 7 || slices.Contains([]time.Weekday{time.Saturday, time.Sunday}, t.Weekday()) {
			next := time.Date(t.Year(), t.Month(), t.Day(), 7, 30, r.IntN(60), 0, zone)
			for !next.After(t) || next.Weekday() == time.Saturday || next.Weekday() == time.Sunday {
				next = next.AddDate(0, 0, 1)
			}
			at = slides.At(next)
		}
		return at - was
	}
}

// thanksOf is the journal of a batch that a maker of chains made.
func thanksOf(b wire.Ratings) []thanks {
	var out []thanks
	for i := range b.Records {
		if h, err := chain.ParseHeader(b.Records[i].Header); err == nil {
			out = append(out, thanks{Chain: h.Chain, Seq: h.Seq, Hash: chain.HashOf(b.Records[i].Header)})
		}
	}
	return out
}

// lastSeq is the seq of a batch's newest record.
func lastSeq(b wire.Ratings) (uint64, error) {
	h, err := chain.ParseHeader(b.Records[len(b.Records)-1].Header)
	return h.Seq, err
}
