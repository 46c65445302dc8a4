package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"motcua/kiosk/link"
	"motcua/kiosk/vault"
	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/chain"
	"motcua/slides/wire"
)

// memoryKiosk is a kiosk on a disk that this program can fail: the real vault
// and the real link, a server over TCP.
type memoryKiosk struct {
	w    *world
	k    paired
	disk *vault.Memory
	r    *rand.Rand
	all  []thanks
	lost int // lives that ended within an append
	cuts int
}

// small are options under which a short life crosses segments.
func small() vault.Options {
	return vault.Options{SegmentSize: 2 * chain.MaxRecord, Spares: 1, Reserve: 1}
}

// newMemoryKiosk pairs a fresh disk with the world's server.
func (w *world) newMemoryKiosk(ctx context.Context, st *store.Store, n int) (*memoryKiosk, error) {
	m := &memoryKiosk{w: w, disk: vault.NewMemory(8 << 20), r: rand.New(rand.NewPCG(uint64(n), 9))}
	v, err := vault.Open(m.disk, small())
	if err != nil {
		return nil, err
	}
	if m.k, err = pairVault(ctx, st, v, w.seed, fmt.Sprintf("Ki-ốt %d", n)); err != nil {
		return nil, err
	}
	return m, v.Close()
}

// connect runs the real link over v until stop.
func (m *memoryKiosk) connect(ctx context.Context, v *vault.Vault) (wake, stop func(), err error) {
	d, err := link.NewDialer("http://"+m.w.addr, nil, nil)
	if err != nil {
		return nil, nil, err
	}
	l := link.New(v, d, link.Hooks{
		Hello: func() wire.Hello { return wire.Hello{Program: "motcua-proof"} }, Health: func() wire.Health { return wire.Health{} },
		Ready: func(slides.Flip) {},
	}, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = l.Run(ctx) // on a dead disk it fails; what counts is what arrived
	}()
	return l.Wake, func() { cancel(); <-done }, nil
}

// rate appends one rating; what it returns without an error was thanked for.
func (m *memoryKiosk) rate(v *vault.Vault) error {
	at := slides.At(time.Now())
	rating, partA := answers(m.w.seed, m.k, mix(m.r), at, m.r)
	rating.Shown = name(m.r)
	secs, err := sections(rating, partA, at)
	if err != nil {
		return err
	}
	got, err := v.Outbox().Append(secs)
	if err == nil {
		m.all = append(m.all, thanks{got.Chain, got.Seq, got.Hash, rating.Shown})
	}
	return err
}

// deliver opens the disk as it is and waits until everything is acknowledged.
func (m *memoryKiosk) deliver(ctx context.Context) error {
	v, err := vault.Open(m.disk, small())
	if err != nil {
		return err
	}
	wake, stop, err := m.connect(ctx, v)
	if err != nil {
		return err
	}
	defer stop()
	until := time.Now().Add(8 * time.Second)
	for n := 0; v.Outbox().Pending() > 0; n++ {
		if time.Now().After(until) {
			return fmt.Errorf("%d ratings of kiosk %s are not acknowledged after 8 s: a stuck queue", v.Outbox().Pending(), m.k.id)
		}
		if n%100 == 99 {
			wake()
		}
		if err := sleep(ctx, 2*time.Millisecond); err != nil {
			return err
		}
	}
	stop()
	return v.Close()
}

// life is one time between two power cuts.
func (m *memoryKiosk) life(ctx context.Context) error {
	m.disk.CutAfter(m.r.IntN([]int{4, 20, 80, 300}[m.r.IntN(4)]))
	v, err := vault.Open(m.disk, small())
	if err != nil {
		if m.disk.Dead() && errors.Is(err, vault.ErrPower) {
			return nil
		}
		return fmt.Errorf("a power cut showed as another fault: %w", err)
	}
	wake, stop, err := m.connect(ctx, v)
	if err != nil {
		return err
	}
	defer stop()
	for range 5 + m.r.IntN(40) {
		if err := m.rate(v); err != nil {
			if !m.disk.Dead() {
				return err
			}
			m.lost++
			return nil
		}
		wake()
		if m.r.IntN(3) == 0 {
			if err := sleep(ctx, time.Duration(m.r.IntN(6))*time.Millisecond); err != nil {
				return err
			}
		}
	}
	return nil
}

// powerCuts lives many short lives, each ended by a power cut that keeps what
// was synced and any mix of the rest.
func powerCuts(ctx context.Context, p *proof) ([]line, error) {
	w, err := p.newWorld(ctx, "power-cut", 0)
	if err != nil {
		return nil, err
	}
	defer w.close()
	var mu sync.Mutex
	var all []thanks
	flights := 0
	w.runs = p.times(25, 600)
	err = w.each(ctx, w.runs, func(ctx context.Context, st *store.Store, n int) error {
		m, err := w.newMemoryKiosk(ctx, st, n)
		if err != nil {
			return err
		}
		for range 2 + m.r.IntN(6) {
			if err := m.life(ctx); err != nil {
				return fmt.Errorf("history %d: %w", n, err)
			}
			m.disk = m.disk.Reboot(m.r)
			m.cuts++
		}
		if err := m.rateOnce(); err != nil {
			return fmt.Errorf("history %d: %w", n, err)
		}
		if err := m.deliver(ctx); err != nil {
			return fmt.Errorf("history %d: %w", n, err)
		}
		mu.Lock()
		defer mu.Unlock()
		all = append(all, m.all...)
		flights += m.lost
		w.kills += m.cuts
		return nil
	})
	if err != nil {
		return nil, err
	}
	if err := w.srv.stop(); err != nil {
		return nil, err
	}
	if w.counts, err = judge(ctx, w.dir, all, w.counts, nil, flights); err != nil {
		return nil, err
	}
	return []line{w.line("power cut on a disk that keeps only what was synced")}, nil
}

// rateOnce rates on the disk as the last cut left it: the chain must go on.
func (m *memoryKiosk) rateOnce() error {
	v, err := vault.Open(m.disk, small())
	if err != nil {
		return err
	}
	if err := m.rate(v); err != nil {
		return err
	}
	return v.Close()
}

// each runs do n times, a few at once, with a store of its own over the
// server's database for pairing.
func (w *world) each(ctx context.Context, n int, do func(ctx context.Context, st *store.Store, n int) error) error {
	st, err := store.Open(w.dir, store.Options{})
	if err != nil {
		return err
	}
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(4)
	for i := range n {
		if gctx.Err() != nil {
			break
		}
		g.Go(func() error { return do(gctx, st, i) })
	}
	return errors.Join(g.Wait(), st.Close())
}
