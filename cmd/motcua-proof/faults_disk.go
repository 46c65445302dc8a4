package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"motcua/kiosk/link"
	"motcua/kiosk/vault"
	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/chain"
	"motcua/slides/survey"
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

// The rotten outbox: so many ratings, of which the server has some before the
// damage, and the kiosk may or may not know that.
const rotten = 12

// rotKiosk makes a closed disk with a full outbox; all its files have the same
// layout each time. server is how many the server has; told, whether the kiosk
// has the acknowledgement.
func (w *world) rotKiosk(ctx context.Context, st *store.Store, n, server int, told bool) (*memoryKiosk, error) {
	m, err := w.newMemoryKiosk(ctx, st, n)
	if err != nil {
		return nil, err
	}
	v, err := vault.Open(m.disk, small())
	if err != nil {
		return nil, err
	}
	q := w.seed.forms["nhanh"]
	for range rotten {
		at := slides.At(time.Now())
		rating := survey.Rating{
			Questionnaire: q.ID, Version: q.Version, Unit: m.k.unit, Kiosk: m.k.id, Channel: survey.AtKiosk, Lang: "vi", Hour: survey.HourOf(at, w.seed.zone),
			Clock: survey.Synced, Answers: []survey.Answer{{Question: q.Questions[0].ID, Level: 5}}, Took: 5000, Shown: name(m.r),
		}
		secs, err := sections(rating, nil, at)
		if err != nil {
			return nil, err
		}
		got, err := v.Outbox().Append(secs)
		if err != nil {
			return nil, err
		}
		m.all = append(m.all, thanks{got.Chain, got.Seq, got.Hash, rating.Shown})
	}
	if server > 0 {
		b, err := v.Outbox().Unacked(m.k.chain, 1, server, wire.MaxBatchBytes)
		if err != nil {
			return nil, err
		}
		if _, err := st.IngestRatings(ctx, m.k.id, wire.Ratings{Chain: m.k.chain, Records: b.Records, Head: b.Head}); err != nil {
			return nil, err
		}
		if told {
			if err := v.Outbox().Ack(m.k.chain, uint64(server)); err != nil {
				return nil, err
			}
		}
	}
	return m, v.Close()
}

// outboxFiles are the chain's files with their bytes up to the last that is not zero.
func (m *memoryKiosk) outboxFiles() (map[string][]byte, []string, error) {
	dir := "outbox/" + m.k.chain.String()
	list, err := m.disk.List(dir)
	if err != nil {
		return nil, nil, err
	}
	out := map[string][]byte{}
	var names []string
	for _, e := range list {
		f, err := m.disk.Open(dir + "/" + e.Name)
		if err != nil {
			return nil, nil, err
		}
		b := make([]byte, e.Size)
		if _, err := f.ReadAt(b, 0); err != nil && !errors.Is(err, io.EOF) {
			return nil, nil, err
		}
		if b = bytes.TrimRight(b, "\x00"); len(b) > 0 { // a spare is zeros
			out[e.Name] = b
			names = append(names, e.Name)
		}
	}
	slices.Sort(names)
	return out, names, nil
}

// rot flips a bit of, and cuts at, every byte of the outbox's files.
func rot(ctx context.Context, p *proof) ([]line, error) {
	w, err := p.newWorld(ctx, "rot", 0)
	if err != nil {
		return nil, err
	}
	defer w.close()
	st, err := store.Open(w.dir, store.Options{})
	if err != nil {
		return nil, err
	}
	model, err := w.rotKiosk(ctx, st, 1_000_000, 0, false)
	if err := errors.Join(err, st.Close()); err != nil {
		return nil, err
	}
	all := slices.Clone(model.all)
	if err := model.deliver(ctx); err != nil {
		return nil, err
	}
	files, names, err := model.outboxFiles()
	if err != nil {
		return nil, err
	}
	type wound struct {
		file string
		at   int
		flip bool
	}
	var wounds []wound
	stride := p.times(211, 1)
	for _, f := range names {
		for _, flip := range []bool{true, false} {
			for at := 0; at < len(files[f]); at += stride {
				wounds = append(wounds, wound{f, at, flip})
			}
		}
	}
	var mu sync.Mutex
	d := damage{}
	stuck := 0
	begun := time.Now()
	err = w.each(ctx, len(wounds), func(ctx context.Context, st *store.Store, n int) error {
		x := wounds[n]
		servers := []int{0, 5, 8}[n%3]
		m, err := w.rotKiosk(ctx, st, n, servers, n%3 == 1)
		if err != nil {
			return err
		}
		may, err := m.wound(x.file, x.at, x.flip)
		if err != nil {
			return err
		}
		what := fmt.Sprintf("%s byte %d flip %v, server had %d", x.file, x.at, x.flip, servers)
		if err := m.rateOnce(); err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		err = m.deliver(ctx)
		mu.Lock()
		defer mu.Unlock()
		if err != nil {
			if stuck++; stuck > 40 {
				return fmt.Errorf("%s: %w", what, err)
			}
			w.wrong("%s: %v", what, err)
		}
		d[m.k.chain] = may
		if err == nil { // of a stuck queue nothing more can be said
			all = append(all, m.all...)
		}
		if n%2000 == 1999 {
			p.say("rot: %d of %d wounds, %v", n+1, len(wounds), time.Since(begun).Round(time.Second))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if err := w.srv.stop(); err != nil {
		return nil, err
	}
	w.runs = len(wounds)
	if w.counts, err = judge(ctx, w.dir, all, w.counts, d, 0); err != nil {
		return nil, err
	}
	l := w.line("outbox bit-flipped and cut at " + map[bool]string{true: "every 211th", false: "every"}[p.short] + " byte")
	if stuck > 0 {
		l.wrong = true
		l.limit += fmt.Sprintf("; stuck queues %d", stuck)
	}
	return []line{l}, nil
}

// wound damages the disk and says how many records may be lost by it: those
// that the damage reaches, and no other.
func (m *memoryKiosk) wound(file string, at int, flip bool) (may int, err error) {
	path := "outbox/" + m.k.chain.String() + "/" + file
	var whole []byte
	err = m.disk.Damage(path, func(b []byte) []byte {
		whole = bytes.Clone(b)
		if flip {
			b[min(at, len(b)-1)] ^= 1 << (at % 8)
			return b
		}
		return b[:min(at, len(b))]
	})
	if err != nil || !strings.HasSuffix(file, ".seg") {
		return 0, err
	}
	if flip {
		return 1, nil
	}
	// A record is whole if the name of the next one stands before the cut.
	intact := 0
	for _, t := range m.all[1:] {
		if i := bytes.Index(whole, []byte(t.Name)); i >= 0 && i <= at {
			intact++
		}
	}
	return rotten - intact, nil
}
