package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"motcua/kiosk/vault"
	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/survey"
	"motcua/slides/wire"
)

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
