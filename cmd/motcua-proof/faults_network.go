package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"motcua/slides"
	"motcua/slides/wire"
)

// networkFaults has raters behind a line that cuts, delays, loses
// acknowledgements and delivers late. Their back-off is cut short (-eager), or
// there would be a fault every 15 seconds.
func networkFaults(ctx context.Context, p *proof) ([]line, error) {
	w, err := p.newWorld(ctx, "network", 3)
	if err != nil {
		return nil, err
	}
	defer w.close()
	proxy, err := newFaultProxy(w.addr, 11)
	if err != nil {
		return nil, err
	}
	defer proxy.close()
	var raters []*process
	defer func() {
		for _, r := range raters {
			r.kill()
		}
	}()
	for i := range w.vaults {
		r, err := w.rater(i, proxy.url(), "-every", "6ms", "-eager")
		if err != nil {
			return nil, err
		}
		raters = append(raters, r)
	}
	least := time.Now().Add(time.Duration(p.times(4, 90)) * time.Second)
	for most := least.Add(time.Minute); time.Now().Before(least) || !proxy.every() && time.Now().Before(most); {
		if err := sleep(ctx, 100*time.Millisecond); err != nil {
			return nil, err
		}
	}
	for _, r := range raters {
		if err := r.stop(); err != nil {
			return nil, err
		}
	}
	raters = nil
	w.runs = int(proxy.opened.Load())
	if err := w.deliver(ctx); err != nil {
		return nil, err
	}
	if err := w.judge(ctx, nil, len(w.vaults)); err != nil {
		return nil, err
	}
	l := w.line("the line cut, delayed, deaf, delivering late")
	l.measured += "; " + proxy.String()
	if !proxy.every() {
		l.wrong, l.limit = true, l.limit+"; a kind of fault never happened"
	}
	return []line{l}, nil
}

// replay is an outsider's kiosk that sends frames twice, early, late, and over
// two connections of one identity.
func replay(ctx context.Context, p *proof) ([]line, error) {
	w, err := p.newWorld(ctx, "replay", 0)
	if err != nil {
		return nil, err
	}
	defer w.close()
	k, err := w.lateKiosk(ctx)
	if err != nil {
		return nil, err
	}
	r := rand.New(rand.NewPCG(5, 5))
	from := slides.At(time.Now().AddDate(0, -1, 0))
	maker := newChainMaker(w.seed, k, from, r, workday(w.seed.zone, from, r))
	maker.names = true
	var batches []wire.Ratings
	var all []thanks
	for range p.times(12, 200) {
		b, err := maker.batch(1 + r.IntN(wire.MaxBatch))
		if err != nil {
			return nil, err
		}
		batches = append(batches, b)
		all = append(all, thanksOf(b)...)
	}
	if err := w.sendOddly(ctx, &k, batches, r); err != nil {
		return nil, err
	}
	if err := w.srv.stop(); err != nil {
		return nil, err
	}
	w.runs = len(batches)
	if w.counts, err = judge(ctx, w.dir, all, w.counts, nil, 0); err != nil {
		return nil, err
	}
	return []line{w.line("frames sent twice, early, overlapping, on two connections")}, nil
}

// sendOddly delivers batches, each after and among frames that must change nothing.
func (w *world) sendOddly(ctx context.Context, k *paired, batches []wire.Ratings, r *rand.Rand) error {
	c := newCaller("http://" + w.addr)
	s, _, err := c.open(ctx, k)
	if err != nil {
		return err
	}
	defer func() { s.Close() }()
	for i, b := range batches {
		if r.IntN(4) == 0 { // a new connection; the old one still says something
			old := s
			if s, _, err = c.open(ctx, k); err != nil {
				return err
			}
			_ = old.say(wire.TRatings, b) // it may be closed already, or be heard: either is right
			old.Close()
		}
		if i+1 < len(batches) && r.IntN(3) == 0 {
			if err := s.say(wire.TRatings, batches[i+1]); err != nil {
				return err
			}
			// Too early: refused with what is kept, unless the old connection's copy
			// of this batch had come before it.
			if _, _, err := s.answer(); err != nil {
				return err
			}
		}
		last, err := lastSeq(b)
		if err != nil {
			return err
		}
		for n := 1 + r.IntN(3); n > 0; n-- {
			if err := s.say(wire.TRatings, b); err != nil {
				return err
			}
		}
		if err := s.until(last); err != nil {
			return err
		}
		if i > 0 && r.IntN(3) == 0 {
			if err := s.say(wire.TRatings, batches[r.IntN(i)]); err != nil {
				return err
			}
		}
	}
	last, err := lastSeq(batches[len(batches)-1])
	if err != nil {
		return err
	}
	if err := s.say(wire.TRatings, batches[len(batches)-1]); err != nil {
		return err
	}
	return s.until(last)
}

// until reads answers until everything up to seq is acknowledged.
func (s *socket) until(seq uint64) error {
	for {
		acked, refused, err := s.answer()
		if err != nil {
			return err
		}
		if refused != nil && refused.Kind == slides.Conflict {
			return fmt.Errorf("a frame sent again was taken for a fork: %s", refused.En)
		}
		if acked >= seq {
			return nil
		}
	}
}
