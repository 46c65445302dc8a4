package wiring

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"motcua/kiosk/link"
	"motcua/kiosk/vault"
	"motcua/server/store"
	"motcua/slides/chain"
	"motcua/slides/wire"
)

// Faults at random while ratings and letters are made: every one is on the server once, its
// chain verifies, and nothing else is there.
func TestRatingsOverALineThatFails(t *testing.T) {
	seeds := 4
	if os.Getenv("MOTCUA_FAULTS") == "long" {
		seeds = 200
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *server, m *Memory) { badDay(t, s, m, uint64(seed)) })
		})
	}
}

func badDay(t *testing.T, s *server, m *Memory, seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 2))
	l := NewLine(m.Dial, seed)
	defer l.Close()
	const kiosks = 3
	var all []*kiosk
	receipts := make([][]vault.Receipt, kiosks)
	var letters []string
	for range kiosks {
		k := newKiosk(t, l.Dial)
		k.pair(s, "", "mot-cua")
		k.start()
		all = append(all, k)
	}
	for range 60 {
		switch rng.IntN(8) {
		case 0:
			l.Cut()
		case 1:
			l.CutClients()
		case 2:
			l.Freeze()
		case 3:
			l.Thaw()
		case 4: // torn frames
			l.Set(Weather{Delay: 20 * time.Millisecond, Jitter: 200 * time.Millisecond, CutMin: 1, CutMax: 1 + rng.IntN(40_000)})
		case 5:
			l.Set(Weather{Delay: time.Duration(rng.IntN(3000)) * time.Millisecond, Rate: 2000 + rng.IntN(50_000)})
		case 6:
			l.Set(Weather{Refuse: rng.IntN(2) == 0})
		case 7: // the program is started anew
			i := rng.IntN(kiosks)
			all[i].stop()
			all[i].close()
			all[i].open(l.Dial)
			all[i].start()
		}
		for i, k := range all {
			for range rng.IntN(12) {
				receipts[i] = append(receipts[i], k.rate(rng.IntN(1000)))
			}
			if rng.IntN(4) == 0 {
				letters = append(letters, k.write(len(letters)))
			}
		}
		time.Sleep(time.Duration(rng.ExpFloat64() * float64(8*time.Second)))
	}
	l.Set(Weather{})
	l.Thaw()
	for i, k := range all {
		k.await("delivery", k.delivered)
		id, _ := k.vault.Identity()
		audit(t, s, id.Kiosk, receipts[i])
		if k.is(link.Stopped) || k.is(link.Unpaired) {
			t.Errorf("a bad line ended a kiosk's link: %v", k.states)
		}
	}
	kept(t, s, letters)
	if forks, err := s.store.Forks(context.Background(), 10); err != nil || len(forks) > 0 {
		t.Errorf("forks of honest kiosks: %v %v", forks, err)
	}
	opened, cut := l.Counts()
	t.Logf("%d connections, %d cut, %d ratings", opened, cut, len(receipts[0])+len(receipts[1])+len(receipts[2]))
}

// A restored backup is a new epoch: the kiosk sends again what it lacks, takes
// its settings and content, and its own older revisions are no obstacle.
func TestRestoredBackup(t *testing.T) {
	dir, dir2, file := t.TempDir(), t.TempDir(), filepath.Join(t.TempDir(), "backup")
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		m := NewMemory(0)
		way := &switchable{to: m.Dial}
		s := startServer(t, dir, m)
		s.furnish()
		k := newKiosk(t, way.dial)
		id := k.pair(s, "", "mot-cua")
		k.start()
		k.await("the manifest", func() bool { return k.shows(s) })
		var receipts []vault.Receipt
		for n := range 100 {
			receipts = append(receipts, k.rate(n))
		}
		k.await("delivery", k.delivered)
		if err := s.store.Backup(ctx, file); err != nil {
			t.Fatal(err)
		}
		// After the backup: more ratings, a newer publication, another name.
		for n := range 150 {
			receipts = append(receipts, k.rate(n))
		}
		k.await("delivery", k.delivered)
		for i := range 3 {
			s.publish(fmt.Sprintf("Sau sao lưu %d", i), false)
		}
		if _, err := s.store.UpdateKiosk(ctx, staff, id.Kiosk, store.KioskEdit{Name: "Tên mới", Unit: "mot-cua"}); err != nil {
			t.Fatal(err)
		}
		k.await("the newest", func() bool { return k.shows(s) })
		k.await("the name", func() bool { return got(k, func() bool { return k.settings[len(k.settings)-1].Name == "Tên mới" }) })
		old := s.store.Epoch()
		s.stop()
		for n := range 20 {
			receipts = append(receipts, k.rate(n))
		}

		if err := store.Restore(ctx, file, dir2, store.Options{}); err != nil {
			t.Fatal(err)
		}
		m2 := NewMemory(0)
		way.set(m2.Dial)
		s = startServer(t, dir2, m2)
		if s.store.Epoch() == old {
			t.Fatal("the same epoch")
		}
		k.await("delivery again", func() bool {
			return k.is(link.Connected) && k.delivered() && stored(t, s, id.Kiosk) == len(receipts)
		})
		audit(t, s, id.Kiosk, receipts)
		k.await("the restored content", func() bool { return k.shows(s) })
		k.await("the restored name", func() bool {
			return got(k, func() bool { return k.settings[len(k.settings)-1].Name == "Ki-ốt sảnh" })
		})
		s.publish("Sau phục hồi", false)
		k.await("what is published then", func() bool { return k.shows(s) })
		if f := got(k, func() []string { return k.faults }); len(f) > 0 {
			t.Errorf("faults: %q", f)
		}
	})
}

// stored counts the kiosk's ratings on the server.
func stored(t testing.TB, s *server, kiosk string) (n int) {
	t.Helper()
	for _, err := range s.store.Ratings(context.Background(), store.RatingFilter{Kiosk: kiosk}) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	return n
}

// A rotten disk: what is whole arrives once, what is not is a gap that staff see.
func TestDamageArrivesAsGap(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server, m *Memory) {
		l := NewLine(m.Dial, 1)
		defer l.Close()
		k := newKiosk(t, l.Dial)
		id := k.pair(s, "", "mot-cua")
		k.start()
		k.await("the manifest", func() bool { return k.shows(s) })
		want := map[uint64]chain.Hash{}
		rate := func(n int) {
			for i := range n {
				r := k.rate(i)
				want[r.Seq] = r.Hash
			}
		}
		rate(20)
		k.await("delivery", k.delivered)
		l.Set(Weather{Refuse: true})
		l.Cut()
		rate(200)
		k.stop()
		k.close()
		rot(t, k.disk, 3)
		k.open(l.Dial)
		k.start()
		rate(20)
		l.Set(Weather{})
		k.await("delivery", k.delivered)
		keys, err := s.store.KioskKeys(context.Background(), id.Kiosk)
		if err != nil {
			t.Fatal(err)
		}
		records, missing := prove(t, s, keys[0].Chain, keys[0].Key, want)
		if records+missing != len(want) || missing == 0 || missing > 20 {
			t.Errorf("%d records and %d missing of %d", records, missing, len(want))
		}
		if st := s.kiosk(id.Kiosk); st.Missing != int64(missing) || st.Ratings != int64(records) {
			t.Errorf("staff see %d missing, %d ratings; there are %d and %d", st.Missing, st.Ratings, missing, records)
		}
	})
}

// rot flips bits at n places in the middle of the outbox's newest segment with data.
func rot(t *testing.T, d *vault.Memory, n int) {
	t.Helper()
	dirs, err := d.List("outbox")
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range dirs {
		files, err := d.List("outbox/" + dir.Name)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if f.Size < 64<<10 {
				continue
			}
			done := false
			if err := d.Damage("outbox/"+dir.Name+"/"+f.Name, func(b []byte) []byte {
				end := len(b)
				for end > 0 && b[end-1] == 0 {
					end--
				}
				if end < 40<<10 {
					return b
				}
				for i := range n {
					b[end/2+i*end/(4*n)] ^= 0x55
				}
				done = true
				return b
			}); err != nil {
				t.Fatal(err)
			}
			if done {
				return
			}
		}
	}
	t.Fatal("no segment to damage")
}

// A fork — two histories under one identity — is quarantined and shown, never
// counted, and the forked kiosk does not take its ratings for delivered.
func TestForkIsQuarantinedAndShown(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server, m *Memory) {
		l := NewLine(m.Dial, 1)
		defer l.Close()
		a := newKiosk(t, l.Dial)
		id := a.pair(s, "", "mot-cua")
		a.start()
		var receipts []vault.Receipt
		for n := range 5 {
			receipts = append(receipts, a.rate(n))
		}
		a.await("delivery", a.delivered)
		a.stop()
		copied := a.disk.Clone()
		a.start()
		for n := range 10 {
			receipts = append(receipts, a.rate(n))
		}
		a.await("delivery", a.delivered)
		a.stop()

		b := &kiosk{t: t, disk: copied, changed: make(chan struct{}, 1)}
		b.open(l.Dial)
		t.Cleanup(func() { b.stop(); b.close() })
		for n := range 20 { // longer than the server's
			b.rate(100 + n)
		}
		b.start()
		b.await("to hear of it", func() bool { return b.hasFault("chain") })
		b.await("staff to see it", func() bool { return s.kiosk(id.Kiosk).Forks > 0 })
		time.Sleep(30 * time.Minute)
		if n := b.vault.Status().Pending; n < 20 {
			t.Errorf("the forked kiosk counts %d of its 20 as delivered", 20-n)
		}
		audit(t, s, id.Kiosk, receipts)
		forks, err := s.store.Forks(context.Background(), 100)
		if err != nil || len(forks) != 20 {
			t.Errorf("%d in quarantine, %v", len(forks), err)
		}
		if !b.is(link.Connected) {
			t.Errorf("%v: a fork is no reason not to be connected", b.states)
		}
		b.stop()
		// The honest one goes on.
		a.start()
		receipts = append(receipts, a.rate(7))
		a.await("delivery", a.delivered)
		audit(t, s, id.Kiosk, receipts)
	})
}

// What the server says it has of a chain is as it is after the commit, and what
// can't be kept is never acknowledged.
func TestOnlyWhatIsStoredIsAcknowledged(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server, m *Memory) {
		r := newRaw(t, s, m.Dial, "mot-cua")
		other := newRaw(t, s, m.Dial, "mot-cua")
		r.greet()
		// send sends a frame and tells what came of it: what is acknowledged, and the problem.
		send := func(typ wire.Type, v any) (acked uint64, kind string) {
			t.Helper()
			r.send(typ, v)
			r.send(wire.TClock, wire.TimeRequest{}) // its answer comes after
			kind = "ok"
			for {
				e, err := r.next()
				if err != nil {
					t.Fatal(err)
				}
				switch e.Type {
				case wire.TAck:
					var a wire.Ack
					if err := e.Read(&a); err != nil {
						t.Fatal(err)
					}
					acked = a.Seq
				case wire.TError:
					var p wire.Problem
					if err := e.Read(&p); err != nil || p.Vi == "" || p.En == "" {
						t.Fatalf("%+v %v", p, err)
					}
					kind = string(p.Of) + " " + string(p.Kind)
				case wire.TTime:
					return acked, kind
				}
			}
		}
		first := r.batch(3)
		if seq, kind := send(wire.TRatings, first); seq != 3 || kind != "ok" {
			t.Fatalf("%d %s", seq, kind)
		}
		keep := *r // what r has that the server has too
		for name, c := range map[string]struct {
			make func() any
			typ  wire.Type
			want string
		}{
			"a hole":                  {func() any { r.batch(1); return r.batch(1) }, wire.TRatings, "ratings invalid"},
			"a forged head":           {func() any { b := r.batch(1); b.Head.Sig[0] ^= 1; return b }, wire.TRatings, "ratings denied"},
			"another's head":          {func() any { b := r.batch(1); b.Head = other.head(); return b }, wire.TRatings, "ratings denied"},
			"an altered section":      {func() any { b := r.batch(1); b.Records[0].Sections[0].Body = []byte(`{"x":1}`); return b }, wire.TRatings, "ratings invalid"},
			"another's chain":         {func() any { b := r.batch(1); b.Chain = other.chain; return b }, wire.TRatings, "ratings denied"},
			"nobody's chain":          {func() any { b := r.batch(1); b.Chain[0] ^= 1; return b }, wire.TRatings, "ratings denied"},
			"no records":              {func() any { return wire.Ratings{Chain: r.chain, Head: r.head()} }, wire.TRatings, "ratings invalid"},
			"65 records":              {func() any { return r.batch(wire.MaxBatch + 1) }, wire.TRatings, "ratings invalid"},
			"a fork":                  {func() any { r.seq, r.hash = 1, chain.HashOf(first.Records[0].Header); return r.batch(1) }, wire.TRatings, "ratings conflict"},
			"a gap over what is":      {func() any { return gap(r, 2, 5, chain.HashOf(first.Records[0].Header)) }, wire.TGaps, "gaps conflict"},
			"a gap after a hole":      {func() any { return gap(r, 9, 10, chain.Hash{}) }, wire.TGaps, "gaps invalid"},
			"a gap of another's":      {func() any { g := gap(other, 4, 4, r.hash); g.Chain = r.chain; return g }, wire.TGaps, "gaps denied"},
			"bytes":                   {func() any { return "x" }, wire.TRatings, "ratings invalid"},
			"a health of wrong types": {func() any { return map[string]any{"uptime_ms": "long"} }, wire.THealth, "health invalid"},
			"a picture of nothing":    {func() any { return wire.Screenshot{Command: "c", Image: []byte("<svg/>")} }, wire.TScreenshot, "screenshot invalid"},
		} {
			*r = keep
			seq, kind := send(c.typ, c.make())
			if kind != c.want || seq != 0 && seq != 3 {
				t.Errorf("%s: %q with ack %d, want %q", name, kind, seq, c.want)
			}
		}
		*r = keep
		if seq, kind := send(wire.TRatings, first); seq != 3 || kind != "ok" {
			t.Errorf("sent again: %d %s", seq, kind)
		}
		if seq, kind := send(wire.TRatings, r.batch(2)); seq != 5 || kind != "ok" {
			t.Errorf("the connection did not go on: %d %s", seq, kind)
		}
		if n := stored(t, s, r.kiosk); n != 5 {
			t.Errorf("%d ratings stored, want 5", n)
		}
		r.send("weather", 1)
		r.read(wire.TUnknown, nil)
	})
}

// gap states from..to as lost.
func gap(r *raw, from, to uint64, prev chain.Hash) wire.Gaps {
	g := chain.Gap{Chain: r.chain, From: from, To: to, Prev: prev, Reason: chain.Rotten}
	g.Next = g.Filler()
	return wire.Gaps{Chain: r.chain, Gaps: []chain.Signed{g.Sign(r.key)}}
}
