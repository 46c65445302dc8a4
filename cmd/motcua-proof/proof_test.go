package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"motcua/slides"
	"motcua/slides/chain"
	"motcua/slides/fonts"
	"motcua/slides/wire"
)

// TestMain lets the test binary be the processes that faults kill.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		if role, ok := roles[os.Args[1]]; ok {
			// Like main: asked to stop, a role ends in order.
			ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
			defer stop()
			if err := role(ctx, os.Args[2:], os.Stdout, os.Stderr); err != nil {
				os.Stderr.WriteString(err.Error() + "\n")
				os.Exit(1)
			}
			os.Exit(0)
		}
	}
	os.Exit(m.Run())
}

// The short version of every fault that needs no screen.
func TestFaults(t *testing.T) {
	if _, err := fonts.All(); err != nil {
		t.Skip(err)
	}
	for _, r := range faultRows {
		if r.name == "screen-kill" {
			continue // needs the kiosk program and a display: make faults
		}
		t.Run(r.name, func(t *testing.T) {
			p := &proof{short: true, dir: t.TempDir(), out: &bytes.Buffer{}, log: &bytes.Buffer{}}
			lines, err := r.does(t.Context(), p)
			var s skipped
			if errors.As(err, &s) {
				t.Skip(err)
			}
			if err != nil {
				t.Fatal(err)
			}
			for _, l := range lines {
				t.Log(l.promise+":", l.measured, l.limit)
				if l.wrong {
					t.Errorf("%s: %s; %s", l.promise, l.measured, l.limit)
				}
			}
		})
	}
}

// exported makes a ratings file of one chain of n and its journal.
func exported(t *testing.T, n int, leave func(i int) bool) (file string, all []thanks) {
	t.Helper()
	s, err := forms()
	if err != nil {
		t.Fatal(err)
	}
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	k := paired{id: "k-1", key: key, chain: chain.ID{1}, unit: s.unit}
	r := rand.New(rand.NewPCG(1, 1))
	from := slides.At(time.Date(2026, 3, 2, 8, 0, 0, 0, s.zone))
	m := newChainMaker(s, k, from, r, workday(s.zone, from, r))
	m.names = true
	b, err := m.batch(n)
	if err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(t.TempDir(), "export.jsonl")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	w := chain.NewWriter(f)
	err = w.Chain(chain.Origin{ID: k.chain, Key: k.publicKey(), Kiosk: k.id})
	for i := range b.Records {
		if !leave(i) {
			err = errors.Join(err, w.Record(k.chain, &b.Records[i]))
		}
	}
	if !leave(n - 1) {
		err = errors.Join(err, w.Head(k.chain, b.Head))
	}
	if err := errors.Join(err, w.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	return file, thanksOf(b)
}

// What is proved must be able to fail: each loss shows as what it is.
func TestJudgeSeesWhatIsWrong(t *testing.T) {
	whole, all := exported(t, 8, func(int) bool { return false })
	judge := func(file string, said []thanks, flights int) counts {
		t.Helper()
		c, err := judgeFile(file, said, counts{rollupsOK: true}, nil, flights)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	if c := judge(whole, all, 0); c.bad() || c.thanked != 8 || c.stored != 8 {
		t.Errorf("a whole file is judged %+v", c)
	}
	if c := judge(whole, all[:7], 1); c.bad() || c.flight != 1 {
		t.Errorf("one in flight is judged %+v", c)
	}
	if c := judge(whole, all[:6], 1); !c.bad() || c.foreign != 1 {
		t.Errorf("two that nobody asked for, one in flight: %+v", c)
	}
	tail, all := exported(t, 8, func(i int) bool { return i == 7 })
	if c := judge(tail, all, 0); !c.bad() || c.lost != 1 {
		t.Errorf("the newest is gone: %+v", c)
	}
	middle, all := exported(t, 8, func(i int) bool { return i == 3 })
	if c := judge(middle, all, 0); !c.bad() || c.lost != 1 || c.chainsOK {
		t.Errorf("one in the middle is gone: %+v", c)
	}
	if c := judge(whole, nil, 8); !c.bad() {
		t.Error("a row that made nobody say thanks proves nothing")
	}
	if l := (&counts{}).line("x"); !l.wrong {
		t.Error("an empty count is not marked wrong")
	}
}

// A rating in the database twice, under two places, shows by its name.
func TestJudgeSeesDoubles(t *testing.T) {
	s, err := forms()
	if err != nil {
		t.Fatal(err)
	}
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	k := paired{id: "k-1", key: key, chain: chain.ID{2}, unit: s.unit}
	r := rand.New(rand.NewPCG(1, 1))
	rating, _ := answers(s, k, "nhanh", slides.At(time.Now()), r)
	rating.Shown = name(r)
	file := filepath.Join(t.TempDir(), "export.jsonl")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	w := chain.NewWriter(f)
	if err := w.Chain(chain.Origin{ID: k.chain, Key: k.publicKey(), Kiosk: k.id}); err != nil {
		t.Fatal(err)
	}
	hash := chain.Genesis(k.chain, k.publicKey())
	var b wire.Ratings
	for seq := range uint64(2) {
		secs, err := sections(rating, nil, 1)
		if err != nil {
			t.Fatal(err)
		}
		var rec chain.Record
		rec, hash = chain.Next(k.chain, seq+1, hash, secs)
		b.Records = append(b.Records, rec)
		if err := w.Record(k.chain, &rec); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	c, err := judgeFile(file, thanksOf(b), counts{rollupsOK: true}, nil, 0)
	if err != nil || c.doubled != 1 || !c.bad() {
		t.Errorf("%v %+v", err, c)
	}
}

func TestTableFailsOnAWrongCount(t *testing.T) {
	var out bytes.Buffer
	p := &proof{out: &out, log: &bytes.Buffer{}}
	rows := []row{
		{"good", func(context.Context, *proof) ([]line, error) { return []line{{promise: "a", measured: "1"}}, nil }},
		{"wrong", func(context.Context, *proof) ([]line, error) {
			return []line{{promise: "b", measured: "2", wrong: true}}, nil
		}},
		{"none", func(context.Context, *proof) ([]line, error) { return nil, skipped("no screen here") }},
	}
	if err := p.table(t.Context(), "test", rows, nil); err == nil || !strings.Contains(out.String(), "WRONG") || !strings.Contains(out.String(), "no screen here") {
		t.Errorf("%v\n%s", err, out.String())
	}
	if err := p.table(t.Context(), "test", rows, []string{"good"}); err != nil {
		t.Error(err)
	}
	if err := p.table(t.Context(), "test", rows, []string{"nosuch"}); err == nil {
		t.Error("an unknown row is not refused")
	}
}

func TestTimes(t *testing.T) {
	var ts times
	if ts.at(0.5) != 0 {
		t.Error("no times have a middle")
	}
	for i := range 100 {
		ts = append(ts, time.Duration(100-i))
	}
	if ts.at(0) != 1 || ts.at(0.5) != 51 || ts.at(0.99) != 100 || ts.at(1) != 100 {
		t.Errorf("%v %v %v %v", ts.at(0), ts.at(0.5), ts.at(0.99), ts.at(1))
	}
}
