package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"motcua/slides"
	"motcua/slides/chain"
	"motcua/slides/wire"
)

// drainers is how many kiosks drain their backlog at once.
const drainers = 256

// benchRatings measures what the server takes for good, all the way from
// frames on sockets to acknowledgements.
func benchRatings(ctx context.Context, p *proof) ([]line, error) {
	dir, err := p.folder("ratings")
	if err != nil {
		return nil, err
	}
	dir += "/server"
	s, err := fill(ctx, dir, drainers, nil)
	if err != nil {
		return nil, err
	}
	full, single := p.times(2, 14), p.times(4, 60)
	work, bytes, err := backlogs(s, full, single)
	if err != nil {
		return nil, err
	}
	srv, err := p.startServer(ctx, dir, "")
	if err != nil {
		return nil, err
	}
	defer func() { srv.kill() }()
	c := newCaller(srv.url)
	for i := range work {
		if work[i].s, _, err = c.open(ctx, &s.kiosks[i]); err != nil {
			return nil, err
		}
		defer work[i].s.Close()
	}
	cpu0, err := cpuTime(srv.pid())
	if err != nil {
		return nil, err
	}
	took, acks, err := drain(work, func(b *backlog) []batchFrame { return b.full })
	if err != nil {
		return nil, err
	}
	cpu1, err := cpuTime(srv.pid())
	if err != nil {
		return nil, err
	}
	n := drainers * full * wire.MaxBatch
	rate := float64(n) / took.Seconds()
	// On a machine that others use as well the rate says how much of it was
	// left; what the server needs for a rating does not change with that.
	cores := (cpu1 - cpu0).Seconds() / took.Seconds()
	out := []line{{
		promise:  fmt.Sprintf("durable ratings, %d kiosks, batches of %d, mix 80/15/5", drainers, wire.MaxBatch),
		measured: fmt.Sprintf("%.0f acknowledged/s (%d in %s; ack %s); the server used %.2f cores: %.0f a core-second", rate, n, ms(took), acks, cores, rate/cores),
		limit:    verdict(rate >= 20_000, "≥ 20,000/s"),
	}}
	took, acks, err = drain(work, func(b *backlog) []batchFrame { return b.single })
	if err != nil {
		return out, err
	}
	n = drainers * single
	out = append(out, line{
		promise:  fmt.Sprintf("the same, batches of one, %d kiosks", drainers),
		measured: fmt.Sprintf("%.0f acknowledged/s (%d in %s; ack %s)", float64(n)/took.Seconds(), n, ms(took), acks),
	})
	p.note("Ratings are made and signed before the clock starts, %.0f bytes each on the wire; each kiosk sends its next batch when the last one is acknowledged, as the link does.", float64(bytes)/float64(drainers*full*wire.MaxBatch))
	if err := srv.stop(); err != nil {
		return out, err
	}
	out = append(out, p.rawLimit(ctx, dir, rate))
	return out, nil
}

// batchFrame is a frame that is ready to be sent.
type batchFrame struct {
	bytes []byte
	last  uint64
}

// backlog is what one kiosk has to send.
type backlog struct {
	s            *socket
	full, single []batchFrame
}

func backlogs(s *seed, full, single int) ([]backlog, int, error) {
	out := make([]backlog, len(s.kiosks))
	from := slides.At(time.Now().AddDate(0, -2, 0))
	var mu sync.Mutex
	bytes := 0
	var g errgroup.Group
	g.SetLimit(4)
	for i := range out {
		g.Go(func() error {
			r := rand.New(rand.NewPCG(uint64(i), 21))
			m := newChainMaker(s, s.kiosks[i], from, r, workday(s.zone, from, r))
			add := func(into *[]batchFrame, n int) error {
				b, err := m.batch(n)
				if err != nil {
					return err
				}
				f, err := wire.Plain(wire.TRatings, b)
				if err != nil {
					return err
				}
				*into = append(*into, batchFrame{f, m.seq})
				return nil
			}
			size := 0
			for range full {
				if err := add(&out[i].full, wire.MaxBatch); err != nil {
					return err
				}
				size += len(out[i].full[len(out[i].full)-1].bytes)
			}
			for range single {
				if err := add(&out[i].single, 1); err != nil {
					return err
				}
			}
			mu.Lock()
			bytes += size
			mu.Unlock()
			return nil
		})
	}
	return out, bytes, g.Wait()
}

// drain sends everything and waits for the last acknowledgement.
func drain(work []backlog, which func(*backlog) []batchFrame) (time.Duration, times, error) {
	var g errgroup.Group
	var mu sync.Mutex
	var acks times
	begun := time.Now()
	for i := range work {
		b := &work[i]
		g.Go(func() error {
			var mine times
			for _, f := range which(b) {
				sent := time.Now()
				if err := b.s.frame(f.bytes); err != nil {
					return err
				}
				if err := b.s.untilAck(f.last); err != nil {
					return err
				}
				mine = append(mine, time.Since(sent))
			}
			mu.Lock()
			defer mu.Unlock()
			acks = append(acks, mine...)
			return nil
		})
	}
	err := g.Wait()
	return time.Since(begun), acks, err
}

// untilAck reads frames until seq is acknowledged, without verifying each: see ackOf.
func (s *socket) untilAck(seq uint64) error {
	for {
		if err := s.SetReadDeadline(time.Now().Add(wire.ReadDeadline)); err != nil {
			return err
		}
		_, b, err := s.ReadMessage()
		if err != nil {
			return err
		}
		c, acked, err := ackOf(b)
		if err != nil {
			return err
		}
		if c == (chain.ID{}) {
			e, err := wire.Open(b, s.k.server)
			if err != nil {
				return err
			}
			if e.Type == wire.TError {
				return fmt.Errorf("the server refused a batch: %s", e.Body)
			}
			continue
		}
		if acked >= seq {
			return nil
		}
	}
}

// rawLimit is what SQLite does with the same rows and nothing else: only
// server/store may hold SQL, so its benchmark says it.
func (p *proof) rawLimit(ctx context.Context, _ string, rate float64) line {
	l := line{promise: "raw SQLite, the same rows and roll-ups in batches of 64", limit: "limit"}
	b, err := exec.CommandContext(ctx, "go", "test", "-tags", "sqlite_fts5", "-run", "^$", "-bench", "Raw", "-benchtime", "3s", "motcua/server/store").CombinedOutput()
	if err != nil || !strings.Contains(string(b), "ratings/s") {
		l.measured = "not available here (go test -bench Raw motcua/server/store)"
		return l
	}
	f := strings.Fields(string(b))
	for i, w := range f {
		if w == "ratings/s" && i > 0 {
			var raw float64
			if _, err := fmt.Sscan(f[i-1], &raw); err == nil && raw > 0 {
				l.measured = fmt.Sprintf("%.0f/s", raw)
				l.limit = fmt.Sprintf("limit; we reach %.0f%% of it", 100*rate/raw)
			}
		}
	}
	return l
}
