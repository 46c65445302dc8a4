package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"net/url"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/starter"
	"motcua/slides/wire"
)

// statKiosks and statYears are design's: the cost of a page must not grow with
// the number of ratings, so fewer of them measure the same page.
const (
	statKiosks = 200
	statYears  = 3
)

// benchStatistics reads the statistics page over years of ratings.
func benchStatistics(ctx context.Context, p *proof) ([]line, error) {
	n := p.ratings
	if n == 0 {
		n = p.times(50_000, 1_000_000)
	}
	dir, err := p.folder("statistics")
	if err != nil {
		return nil, err
	}
	dir += "/server"
	var took time.Duration
	var suspects int64
	s, err := fill(ctx, dir, 0, func(ctx context.Context, st *store.Store, s *seed) error {
		if err := pairOverUnits(ctx, st, s, statKiosks); err != nil {
			return err
		}
		begun := time.Now()
		var err error
		suspects, err = ingestYears(ctx, p, st, s, n)
		took = time.Since(begun)
		return err
	})
	if err != nil {
		return nil, err
	}
	n = n / statKiosks * statKiosks
	out := []line{{promise: fmt.Sprintf("making and ingesting %d ratings in process", n), measured: fmt.Sprintf("%.0f/s, making included; %d marked", float64(n)/took.Seconds(), suspects)}}
	srv, err := p.startServer(ctx, dir, "")
	if err != nil {
		return out, err
	}
	defer func() { srv.kill() }()
	desk, err := p.signIn(ctx, srv)
	if err != nil {
		return out, err
	}
	var all times
	cpu0, err := cpuTime(srv.pid())
	if err != nil {
		return out, err
	}
	for _, k := range statPeriods(s, time.Now()) {
		var each times
		if _, err := desk.get(ctx, k.path(s, 0)); err != nil { // the first reads the file's pages
			return out, err
		}
		for i := range p.times(20, 150) {
			begun := time.Now()
			if _, err := desk.get(ctx, k.path(s, i)); err != nil {
				return out, err
			}
			each = append(each, time.Since(begun))
		}
		all = append(all, each...)
		out = append(out, line{promise: fmt.Sprintf("statistics page, %s", k.name), measured: fmt.Sprintf("p50 %s, p99 %s, worst %s", ms(each.at(0.5)), ms(each.at(0.99)), ms(each.at(1)))})
	}
	cpu1, err := cpuTime(srv.pid())
	if err != nil {
		return out, err
	}
	out = append(out, line{
		promise:  fmt.Sprintf("statistics page, %d kiosks × %d years, %d ratings", statKiosks, statYears, n),
		measured: fmt.Sprintf("p50 %s, p99 %s, worst %s over all; %s of processor a page", ms(all.at(0.5)), ms(all.at(0.99)), ms(all.at(1)), ms((cpu1-cpu0)/time.Duration(len(all)))),
		limit:    verdict(all.at(0.99) <= 50*time.Millisecond, fmt.Sprintf("p99 ≤ 50 ms (promised at 10,000,000, -ratings; here %d)", n)),
	})
	return out, nil
}

// pairOverUnits spreads kiosks over the starter's units.
func pairOverUnits(ctx context.Context, st *store.Store, s *seed, n int) error {
	c, err := starter.Load()
	if err != nil {
		return err
	}
	for i := range n {
		_, key, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			return err
		}
		k, err := pair(ctx, st, c.Units[i%len(c.Units)].ID, fmt.Sprintf("Ki-ốt %d", i+1), key)
		if err != nil {
			return err
		}
		s.kiosks = append(s.kiosks, k)
	}
	return nil
}

// ingestYears makes n ratings over the years before now and has the store take
// them, as many at once as its group commit likes.
func ingestYears(ctx context.Context, p *proof, st *store.Store, s *seed, n int) (suspects int64, err error) {
	until := time.Now().AddDate(0, 0, -1)
	from := until.AddDate(-statYears, 0, 0)
	each := n / len(s.kiosks)
	var done, marked atomic.Int64
	begun := time.Now()
	g, ctx := errgroup.WithContext(ctx)
	for i := range s.kiosks {
		g.Go(func() error {
			r := mathrand.New(mathrand.NewPCG(uint64(i), 33))
			at := slides.At(from)
			k := 0
			m := newChainMaker(s, s.kiosks[i], at, r, func() slides.Millis {
				next := officeTime(from, until, s.zone, k, each)
				k++
				step := next - at
				at = next
				return step
			})
			for left := each; left > 0; left -= wire.MaxBatch {
				b, err := m.batch(min(left, wire.MaxBatch))
				if err != nil {
					return err
				}
				got, err := st.IngestRatings(ctx, s.kiosks[i].id, b)
				if err != nil {
					return err
				}
				marked.Add(int64(got.Suspect))
				if d := done.Add(int64(got.New)); d/500_000 != (d-int64(got.New))/500_000 {
					p.say("statistics: %d ratings in %v", d, time.Since(begun).Round(time.Second))
				}
			}
			return nil
		})
	}
	return marked.Load(), errors.Join(g.Wait())
}

// officeTime is when the i-th of n ratings of a kiosk is given: evenly over the
// days, each between 7:30 and 17:00.
func officeTime(from, until time.Time, zone *time.Location, i, n int) slides.Millis {
	t := from.Add(until.Sub(from) / time.Duration(n) * time.Duration(i)).In(zone)
	day := time.Date(t.Year(), t.Month(), t.Day(), 7, 30, 0, 0, zone)
	into := t.Sub(time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, zone))
	return slides.At(day.Add(into * 95 / 240))
}

// statPeriod is a way to ask for the page.
type statPeriod struct {
	name string
	path func(s *seed, i int) string
}

func statPeriods(s *seed, now time.Time) []statPeriod {
	units := []string{""}
	for _, k := range s.kiosks {
		if !slices.Contains(units, k.unit) {
			units = append(units, k.unit)
		}
	}
	of := func(i int, v url.Values) string {
		v.Set("unit", units[i%len(units)])
		return "/studio/statistics?" + v.Encode()
	}
	custom := func(days int) func(*seed, int) string {
		return func(s *seed, i int) string {
			to := now.In(s.zone).AddDate(0, 0, -1-i%90)
			return of(i, url.Values{"period": {"custom"}, "from": {to.AddDate(0, 0, -days).Format(time.DateOnly)}, "to": {to.Format(time.DateOnly)}})
		}
	}
	return []statPeriod{
		{"7 days", func(s *seed, i int) string { return of(i, url.Values{"period": {"7"}}) }},
		{"30 days", func(s *seed, i int) string { return of(i, url.Values{"period": {"30"}}) }},
		{"any 90 days", custom(90)},
		{"any year", custom(365)},
		{"3 years", custom(statYears*365 - 91)},
	}
}

// benchPages draws the thumbnails of the starter's slides, and lists them.
func benchPages(ctx context.Context, p *proof) ([]line, error) {
	dir, err := p.folder("pages")
	if err != nil {
		return nil, err
	}
	dir += "/server"
	if _, err := fill(ctx, dir, 1, nil); err != nil {
		return nil, err
	}
	c, err := starter.Load()
	if err != nil {
		return nil, err
	}
	srv, err := p.startServer(ctx, dir, "")
	if err != nil {
		return nil, err
	}
	defer func() { srv.kill() }()
	desk, err := p.signIn(ctx, srv)
	if err != nil {
		return nil, err
	}
	timed := func(path string) (time.Duration, error) {
		begun := time.Now()
		_, err := desk.get(ctx, path)
		return time.Since(begun), err
	}
	var cold, warm, large, list times
	for _, sl := range c.Slides {
		for _, x := range []struct {
			into *times
			path string
		}{{&cold, "small"}, {&warm, "small"}, {&large, "landscape"}} {
			t, err := timed("/studio/slides/" + sl.ID + "/picture/" + x.path)
			if err != nil {
				return nil, err
			}
			*x.into = append(*x.into, t)
		}
	}
	for range p.times(5, 40) {
		t, err := timed("/studio/slides")
		if err != nil {
			return nil, err
		}
		list = append(list, t)
	}
	say := func(t times) string {
		return fmt.Sprintf("p50 %s, p99 %s, worst %s of %d", ms(t.at(0.5)), ms(t.at(0.99)), ms(t.at(1)), len(t))
	}
	return []line{
		{promise: "thumbnail 480 px wide, cold", measured: say(cold)},
		{promise: "thumbnail 480 px wide, warm", measured: say(warm)},
		{promise: "the slide as citizens see it, 1920×1080", measured: say(large)},
		{promise: fmt.Sprintf("the list of %d slides", len(c.Slides)), measured: say(list)},
	}, nil
}

// benchStart starts the server over 1,000 published slides.
func benchStart(ctx context.Context, p *proof) ([]line, error) {
	const n = 1000
	dir, err := p.folder("start")
	if err != nil {
		return nil, err
	}
	dir += "/server"
	var publish time.Duration
	_, err = fill(ctx, dir, 1, func(ctx context.Context, st *store.Store, s *seed) error {
		begun := time.Now()
		err := manySlides(ctx, st, s, n)
		publish = time.Since(begun)
		return err
	})
	if err != nil {
		return nil, err
	}
	var ready times
	for i := range p.times(3, 15) {
		srv, err := p.startServer(ctx, dir, "")
		if err != nil {
			return nil, err
		}
		ready = append(ready, srv.ready)
		if i%2 == 0 {
			srv.kill()
			continue
		}
		if err := srv.stop(); err != nil {
			return nil, err
		}
	}
	return []line{
		{
			promise: "server start with 1,000 slides, exec → /readyz 200", measured: fmt.Sprintf("p50 %s, worst %s of %d (half after kill -9)", ms(ready.at(0.5)), ms(ready.at(1)), len(ready)),
			limit: verdict(ready.at(1) <= 500*time.Millisecond, "≤ 0.5 s"),
		},
		{promise: "saving and publishing 1,000 slides", measured: ms(publish)},
	}, nil
}
