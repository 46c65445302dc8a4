package store

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"motcua/slides"
	"motcua/slides/chain"
	"motcua/slides/starter"
	"motcua/slides/survey"
	"motcua/slides/wire"
)

// official loads the real questionnaires beside the test's content.
func official(tb testing.TB, s *Store) map[string]*survey.Questionnaire {
	tb.Helper()
	content := must[*starter.Content](tb)(starter.Load())
	forms := map[string]*survey.Questionnaire{}
	var refs []ItemRef
	for _, f := range content.Forms {
		q := must[*survey.Questionnaire](tb)(survey.ParseQuestionnaire(f.Bytes))
		q.Version = 7 // beside the test's own
		for _, r := range must[[]SurveyRow](tb)(s.Surveys(context.Background())) {
			if r.ID == q.ID {
				must[SurveyRow](tb)(s.SaveSurvey(context.Background(), editor, "so", q, r.Version))
			}
		}
		if q.ID == "daydu" {
			must[SurveyRow](tb)(s.SaveSurvey(context.Background(), editor, "so", q, 0))
		}
		forms[q.ID] = q
		refs = append(refs, ItemRef{SurveyItem, q.ID})
	}
	must[Publication](tb)(s.Publish(context.Background(), editor, PublishRequest{Items: refs}))
	return forms
}

// mixed makes the i-th rating of the promised mix: 80 % nhanh, 15 % rút gọn, 5 % đầy đủ.
func (d *device) mixed(forms map[string]*survey.Questionnaire, i int, at time.Time) chain.Record {
	form := "nhanh"
	switch n := i * 37 % 100; {
	case n >= 95:
		form = "daydu"
	case n >= 80:
		form = "rutgon"
	}
	r := d.rating(at, form)
	r.Version, r.Answers = 7, nil
	for k, q := range forms[form].Questions {
		r.Answers = append(r.Answers, survey.Answer{Question: q.ID, Level: survey.Level(1 + (i+k*3)%5)})
	}
	b, _ := json.Marshal(r)
	m, _ := json.Marshal(survey.Moment{At: slides.At(at)})
	d.seq++
	rec, h := chain.Next(d.Chain, d.seq, d.hash, []chain.Section{chain.NewSection(chain.Core, b), chain.NewSection(chain.Moment, m)})
	d.hash = h
	return rec
}

// BenchmarkIngest is the promise "durable ratings": 256 kiosks drain a backlog,
// a rating every ten minutes of it, and wait for each acknowledgement.
func BenchmarkIngest(b *testing.B) {
	for _, size := range []int{64, 1} {
		b.Run(fmt.Sprintf("batch=%d", size), func(b *testing.B) {
			const kiosks = 256
			c := newClock()
			s := openTest(b, b.TempDir(), c)
			office(b, s)
			forms := official(b, s)
			running(b, s)
			devices := make([]*device, kiosks)
			for i := range devices {
				devices[i] = pair(b, s, []string{"mot-cua", "so", "so-khac"}[i%3], "")
			}
			ctx := context.Background()
			each := max(1, b.N/kiosks/size)
			queues := make([][]wire.Ratings, kiosks)
			for i, d := range devices {
				at := c.now().Add(-time.Duration(each*size) * 10 * time.Minute)
				for range each {
					var rec []chain.Record
					for range size {
						at = at.Add(10 * time.Minute)
						rec = append(rec, d.mixed(forms, int(d.seq), at))
					}
					queues[i] = append(queues[i], d.batch(rec...))
				}
			}
			b.ResetTimer()
			start := time.Now()
			var wg sync.WaitGroup
			for i, d := range devices {
				wg.Go(func() {
					for _, q := range queues[i] {
						if _, err := s.IngestRatings(ctx, d.ID, q); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64(kiosks*each*size)/time.Since(start).Seconds(), "ratings/s")
			b.StopTimer()
			if err := s.CheckRollups(ctx); err != nil {
				b.Fatal(err)
			}
		})
	}
}
