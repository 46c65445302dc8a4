package store

import (
	"context"
	"fmt"
	"sort"
	"testing"
	"time"

	"motcua/slides"
)

// BenchmarkStatistics is the promise "statistics page": 200 kiosks of ten
// offices, three years, ten million ratings. Their roll-ups are written as
// ingest writes them; the ratings themselves are not read by any page.
func BenchmarkStatistics(b *testing.B) {
	const kiosks, years = 200, 3
	c := newClock()
	dir := b.TempDir()
	s := openTest(b, dir, c)
	office(b, s)
	forms := official(b, s)
	ctx := context.Background()
	ids := make([]string, 0, kiosks)
	for i := range 10 {
		ok(b, s.SaveUnit(ctx, editor, Unit{ID: fmt.Sprint("huyen-", i), Parent: "tinh", Name: slides.Vi(fmt.Sprint("Huyện ", i))}))
	}
	for i := range kiosks {
		ids = append(ids, pair(b, s, fmt.Sprint("huyen-", i%10), "").ID)
	}
	start := time.Date(2020, 3, 1, 0, 0, 0, 0, vietnam)
	total := int64(0)
	for month := range 12 * years {
		ok(b, s.alone(ctx, "fill", func(t *gtx) error {
			for day := start.AddDate(0, month, 0); day.Before(start.AddDate(0, month+1, 0)); day = day.AddDate(0, 0, 1) {
				for i, id := range ids {
					no, err := t.name(id)
					if err != nil {
						return err
					}
					for k, form := range []string{"nhanh", "rutgon", "daydu"} {
						l := leaf{unit: fmt.Sprint("huyen-", i%10), kiosk: no, form: t.mem.cat.forms[formKey{form, 7}].no, channel: 1, hour: slides.At(day.Add(time.Duration(8+(i+k)%8) * time.Hour))}
						var answers []placed
						for q := range forms[form].Questions {
							answers = append(answers, placed{int16(q), uint8(1 + (i+q)%5), true})
						}
						n := []int64{36, 7, 3}[k]
						t.mem.rolls.add(l, answers, n)
						total += n
					}
				}
			}
			return nil
		}))
	}
	until := slides.At(start.AddDate(years, 0, 0))
	for _, q := range []struct {
		name string
		q    StatQuery
	}{
		{"province,3-years,all-parts", StatQuery{Unit: "tinh", From: slides.At(start), Until: until, Series: true, PerKiosk: true, PerUnit: true, PerHour: true}},
		{"province,30-days,all-parts", StatQuery{Unit: "tinh", From: until - 30*86400_000, Until: until, Series: true, PerKiosk: true, PerUnit: true, PerHour: true}},
		{"province,3-years,totals", StatQuery{Unit: "tinh", From: slides.At(start), Until: until}},
		{"province,3-years,series", StatQuery{Unit: "tinh", From: slides.At(start), Until: until, Series: true}},
		{"province,3-years,kiosks", StatQuery{Unit: "tinh", From: slides.At(start), Until: until, PerKiosk: true}},
		{"province,3-years,hours", StatQuery{Unit: "tinh", From: slides.At(start), Until: until, PerHour: true}},
		{"kiosk,3-years", StatQuery{Kiosk: ids[7], From: slides.At(start), Until: until, Series: true}},
	} {
		b.Run(q.name, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				at := time.Now()
				st := must[*Stats](b)(s.Statistics(ctx, q.q))
				took = append(took, time.Since(at))
				if st.Ratings == 0 {
					b.Fatal("nothing counted")
				}
			}
			sort.Slice(took, func(i, j int) bool { return took[i] < took[j] })
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
			b.ReportMetric(float64(total), "ratings")
		})
	}
}
