package vault

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"motcua/slides"
	"motcua/slides/chain"
)

// upstream is a server's end of a chain: what it has, under its own rules.
type upstream struct {
	id    chain.ID
	names map[uint64]string
	lost  map[uint64]bool
	ver   *chain.Verifier
}

// upstreamAt has the first n of the ratings r1, r2, …, with the given hashes.
func upstreamAt(t testing.TB, v *Vault, c chain.ID, n int, hashes []chain.Hash) *upstream {
	t.Helper()
	u := &upstream{id: c, names: map[uint64]string{}, lost: map[uint64]bool{}}
	key := stateOf(t, v, c).Public
	u.ver = chain.NewVerifier(c, key)
	if n > 0 {
		u.ver = chain.ResumeVerifier(c, key, uint64(n), hashes[n-1])
	}
	for i := 1; i <= n; i++ {
		u.names[uint64(i)] = fmt.Sprint("r", i)
	}
	return u
}

// welcome tells the kiosk where the server is.
func (u *upstream) welcome(v *Vault) error {
	seq, hash := u.ver.Tip()
	return v.Outbox().Rewind(u.id, seq, hash)
}

// take sends what the kiosk says is next until nothing is left, with a welcome
// or an acknowledgement after each batch. What the server would refuse fails.
func (u *upstream) take(t testing.TB, v *Vault) {
	t.Helper()
	for {
		b, err := v.Outbox().Unacked(u.id, 0, 5, 8<<10)
		if err != nil {
			t.Fatalf("Unacked: %v", err)
		}
		if b.To == 0 {
			break
		}
		for i := range b.Records {
			if err := u.ver.Record(&b.Records[i]); err != nil {
				t.Fatalf("record %d: %v", b.From+uint64(i), err)
			}
			u.names[b.From+uint64(i)] = nameOf(b.Records[i])
		}
		if len(b.Records) > 0 {
			if err := u.ver.Head(b.Head); err != nil {
				t.Fatalf("head: %v", err)
			}
		}
		for _, s := range b.Gaps {
			if err := u.ver.Gap(s); err != nil {
				t.Fatalf("gap: %v", err)
			}
			g, _ := chain.ParseGap(s.Bytes)
			for q := g.From; q <= g.To; q++ {
				u.lost[q] = true
			}
		}
		if err := u.welcome(v); err != nil {
			t.Fatalf("acknowledgement: %v", err)
		}
	}
	if p := v.Outbox().Pending(); p != 0 {
		t.Fatalf("a stuck queue: %d ratings wait", p)
	}
	if seq, hash := u.ver.Tip(); seq != stateOf(t, v, u.id).Seq || hash != stateOf(t, v, u.id).Hash {
		t.Fatalf("the server is at %d, the kiosk at %d", seq, stateOf(t, v, u.id).Seq)
	}
	if r := u.ver.Report(); !r.OK() {
		t.Fatalf("verifier: %v", r.Problems)
	}
}

// spoil flips a bit of record seq's frame, or clears its sectors.
func spoil(t testing.TB, d *Memory, c chain.ID, seq uint64, wipe bool) {
	t.Helper()
	done := false
	for _, name := range outboxFiles(t, d, "outbox/"+c.String()) {
		d.Damage(name, func(b []byte) []byte {
			for off := 0; off+sector <= len(b); off += sector {
				if f, ok := parseFrame(c, b[off:]); ok && f.seq == seq {
					if wipe {
						clear(b[off : off+f.size])
					} else {
						b[off+30] ^= 1
					}
					done = true
				}
			}
			return b
		})
	}
	if !done {
		t.Fatalf("no frame of record %d", seq)
	}
}

func spoilMarks(d *Memory, c chain.ID, slots ...int) {
	d.Damage("outbox/"+c.String()+"/mark", func(b []byte) []byte {
		for _, s := range slots {
			b[s*markStep+10] ^= 1
		}
		return b
	})
}

func reopen(t testing.TB, v *Vault, d *Memory, o Options) *Vault {
	t.Helper()
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	return mustOpen(t, d, o)
}

// A gap was stated, and then the server turns out to have its first part.
func TestGapOverWhatTheServerHas(t *testing.T) {
	o := testOptions()
	base, c, hashes := twelve(t, o)
	for _, acked := range []bool{false, true} { // by Ack alone: the kiosk lacks the hash
		for k := 4; k <= 12; k++ {
			d := base.Clone()
			for seq := uint64(5); seq <= 9; seq++ {
				spoil(t, d, c, seq, false)
			}
			v := mustOpen(t, d, o)
			b, err := v.Outbox().Unacked(c, 5, 9, 1<<20)
			if err != nil || len(b.Gaps) != 1 || b.To != 9 {
				t.Fatalf("%+v %v", b, err)
			}
			u := upstreamAt(t, v, c, k, hashes)
			if acked {
				if err := v.Outbox().Ack(c, uint64(k)); err != nil {
					t.Fatal(err)
				}
				_, err := v.Outbox().Unacked(c, 0, 9, 1<<20)
				if inside := k > 4 && k < 9; inside != (slides.KindOf(err) == slides.Conflict) {
					t.Fatalf("server at %d: %v", k, err)
				}
			}
			if err := u.welcome(v); err != nil {
				t.Fatalf("server at %d: %v", k, err)
			}
			if k < 9 {
				one, err := v.Outbox().Unacked(c, 0, 9, 1<<20)
				if err != nil || len(one.Gaps) != 1 || one.From != uint64(k+1) {
					t.Fatalf("server at %d: %+v %v", k, one, err)
				}
				old, _ := chain.ParseGap(b.Gaps[0].Bytes)
				g, _ := chain.ParseGap(one.Gaps[0].Bytes)
				if g.From != uint64(k+1) || g.To != 9 || g.Prev != hashes[k-1] || g.Next != old.Next {
					t.Fatalf("server at %d: restated as %+v", k, g)
				}
				v = reopen(t, v, d, o)
				two, err := v.Outbox().Unacked(c, uint64(k+1), 9, 1<<20)
				if err != nil || string(two.Gaps[0].Bytes) != string(one.Gaps[0].Bytes) {
					t.Fatalf("server at %d: not durable: %+v %v", k, two, err)
				}
			}
			u.take(t, v)
			mustAppend(t, v, "after", 1)
			u.take(t, v)
			if len(u.lost) != max(0, 9-k) || u.names[10] != "r10" || u.names[13] != "after" {
				t.Fatalf("server at %d: %v, lost %v", k, u.names, u.lost)
			}
			for _, to := range []int{6, 2, 8} { // and then the server is restored from a backup
				u = upstreamAt(t, v, c, to, hashes)
				if err := u.welcome(v); err != nil {
					t.Fatalf("restored to %d: %v", to, err)
				}
				u.take(t, v)
			}
		}
	}
}

// The newest record and its mark rot, and the server has the record: no fork.
func TestServerHasTheLostEnd(t *testing.T) {
	o := testOptions()
	base, c, hashes := twelve(t, o)
	for _, wipe := range []bool{false, true} {
		for _, slots := range [][]int{{0}, {1}, {0, 1}} {
			for _, k := range []int{11, 12} {
				for _, appended := range []int{0, 1, 3} {
					what := fmt.Sprintf("wiped %v, marks %v, server at %d, %d appended", wipe, slots, k, appended)
					d := base.Clone()
					spoilMarks(d, c, slots...)
					spoil(t, d, c, 12, wipe)
					v := mustOpen(t, d, o)
					noted := stateOf(t, v, c).Seq >= 12 // stated as lost
					for i := range appended {
						mustAppend(t, v, fmt.Sprint("n", i), 9)
					}
					v = reopen(t, v, d, o)
					u := upstreamAt(t, v, c, k, hashes)
					err := u.welcome(v)
					if !noted && appended > 0 && k == 12 {
						// Nothing told that 12 was there: it was given away again.
						if slides.KindOf(err) != slides.Conflict {
							t.Fatalf("%s: a fork is not seen: %v", what, err)
						}
						continue
					}
					if err != nil {
						t.Fatalf("%s: %v", what, err)
					}
					v = reopen(t, v, d, o)
					u.take(t, v)
					mustAppend(t, v, "after", 9)
					v = reopen(t, v, d, o)
					u.take(t, v)
					have := map[string]bool{}
					for _, n := range u.names {
						have[n] = true
					}
					most := min(appended, 1) // the bridge
					if len(slots) == 1 && slots[0] == 1 {
						most++ // the other mark names 12, so that one more may have been there
					}
					if len(u.names) != k+appended+1 || !have["after"] || k == 12 && (u.lost[12] || len(u.lost) > most) || k == 11 && noted && !u.lost[12] {
						t.Fatalf("%s: %v, lost %v", what, u.names, u.lost)
					}
				}
			}
		}
	}
}

// A disk that is whole does not take the server's word for what it never wrote.
func TestWholeDiskIsNotOverruled(t *testing.T) {
	o := testOptions()
	d, c, hashes := twelve(t, o)
	v := mustOpen(t, d, o)
	if err := v.Outbox().Rewind(c, 13, chain.Hash{1}); slides.KindOf(err) != slides.Conflict {
		t.Fatalf("an old copy: %v", err)
	}
	spoilMarks(d, c, 0)
	v = reopen(t, v, d, o)
	if err := v.Outbox().Rewind(c, 12, hashes[11]); err != nil { // now the server has told
		t.Fatal(err)
	}
	if err := v.Outbox().Rewind(c, 13, chain.Hash{1}); slides.KindOf(err) != slides.Conflict {
		t.Fatalf("after the server had told: %v", err)
	}
	// Likewise a stated end that the server has taken.
	d, c, hashes = twelve(t, o)
	spoilMarks(d, c, 0, 1)
	spoil(t, d, c, 12, false)
	v = mustOpen(t, d, o)
	u := upstreamAt(t, v, c, 11, hashes)
	if err := u.welcome(v); err != nil {
		t.Fatal(err)
	}
	u.take(t, v)
	if err := v.Outbox().Rewind(c, 14, chain.Hash{1}); slides.KindOf(err) != slides.Conflict {
		t.Fatalf("after the gap was taken: %v", err)
	}
}

// A power cut at any point of restating, adopting and bridging.
func TestPowerCutWhileRealigning(t *testing.T) {
	o := testOptions()
	for kind, k := range []int{7, 11, 12, 12} {
		for cut := 0; ; cut++ {
			d, c, hashes := twelve(t, o)
			if kind == 0 {
				for seq := uint64(5); seq <= 9; seq++ {
					spoil(t, d, c, seq, false)
				}
			} else {
				spoilMarks(d, c, 0, 1)
				spoil(t, d, c, 12, false)
			}
			v := mustOpen(t, d, o)
			u := upstreamAt(t, v, c, k, hashes)
			if kind == 0 {
				if _, err := v.Outbox().Unacked(c, 5, 9, 1<<20); err != nil {
					t.Fatal(err)
				}
			}
			thanked := ""
			d.CutAfter(cut)
			run := func() error {
				if kind == 3 { // before the welcome
					if _, err := v.Outbox().Append(sections("early", 9)); err != nil {
						return err
					}
					thanked = "early"
				}
				if err := u.welcome(v); err != nil {
					return err
				}
				_, err := v.Outbox().Unacked(c, 0, 9, 1<<20)
				return err
			}
			err := run()
			if err != nil && !errors.Is(err, ErrPower) {
				t.Fatalf("kind %d cut %d: %v", kind, cut, err)
			}
			d.CutAfter(-1)
			d = d.Reboot(rand.New(rand.NewPCG(uint64(cut), uint64(kind))))
			v = mustOpen(t, d, o)
			if cut%2 == 1 { // it goes on before it hears of the server
				mustAppend(t, v, "offline", 9)
			}
			if err := u.welcome(v); err != nil {
				t.Fatalf("kind %d cut %d: %v", kind, cut, err)
			}
			mustAppend(t, v, "after", 9)
			u.take(t, v)
			have := map[string]bool{"": true}
			for _, n := range u.names {
				have[n] = true
			}
			if !have["after"] || !have[thanked] || cut%2 == 1 && !have["offline"] {
				t.Fatalf("kind %d cut %d: %v, lost %v", kind, cut, u.names, u.lost)
			}
			if err == nil {
				break
			}
		}
	}
}

// Whatever rots and whatever the server has by then: no queue is stuck, and all
// that is whole arrives once.
func TestServerAheadOfADamagedKiosk(t *testing.T) {
	restated, adopted, forks := 0, 0, 0
	for seed := range uint64(400) {
		r := prng(seed)
		o := testOptions()
		d, c, hashes := twelve(t, o)
		v := mustOpen(t, d, o)
		n := len(hashes)
		k := r.IntN(n + 1)
		if err := v.Outbox().Ack(c, uint64(r.IntN(k+1))); err != nil {
			t.Fatal(err)
		}
		v.Close()
		broken := map[uint64]bool{}
		for range 1 + r.IntN(6) {
			seq := uint64(1 + r.IntN(n))
			if r.IntN(3) == 0 {
				seq = uint64(n)
			}
			if !broken[seq] {
				spoil(t, d, c, seq, false)
			}
			broken[seq] = true
		}
		if r.IntN(3) == 0 {
			spoilMarks(d, c, [][]int{{0}, {1}, {0, 1}}[r.IntN(3)]...)
		}
		v = mustOpen(t, d, o)
		if r.IntN(2) == 0 { // a welcome that came before: from an older backup, say
			for from := uint64(1 + r.IntN(n)); ; {
				b, err := v.Outbox().Unacked(c, from, 4, 8<<10)
				if slides.KindOf(err) == slides.Conflict {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				if b.To == 0 {
					break
				}
				from = b.To + 1
			}
		}
		names := map[string]bool{}
		for range r.IntN(3) {
			name := fmt.Sprint("n", len(names))
			mustAppend(t, v, name, 9)
			names[name] = true
			if r.IntN(2) == 0 {
				v = reopen(t, v, d, o)
			}
		}
		gaps := len(v.outbox.boxes[c].gaps)
		before := stateOf(t, v, c).Seq
		u := upstreamAt(t, v, c, k, hashes)
		if err := u.welcome(v); err != nil {
			if before < uint64(k) || len(names) > 0 && broken[uint64(n)] && k == n {
				forks++
				continue // more than the newest was lost, and its numbers given away
			}
			t.Fatalf("seed %d: server at %d: %v", seed, k, err)
		}
		if len(v.outbox.boxes[c].gaps) < gaps {
			adopted++
		}
		u.take(t, v)
		have := map[string]int{}
		for _, x := range u.names {
			have[x]++
		}
		for i := k + 1; i <= n; i++ {
			seq := uint64(i)
			if !broken[seq] && have[fmt.Sprint("r", i)] != 1 && !u.lost[seq] || broken[seq] && !u.lost[seq] {
				if broken[seq] && seq == uint64(n) {
					continue
				}
				t.Fatalf("seed %d: record %d of %d vanished: %v lost %v", seed, i, n, u.names, u.lost)
			}
		}
		for x := range names {
			if have[x] != 1 {
				t.Fatalf("seed %d: %s came %d times", seed, x, have[x])
			}
		}
		restated += len(u.lost)
	}
	t.Logf("%d stated as lost, %d times the server's position was taken, %d forks", restated, adopted, forks)
	if restated < 100 || adopted < 3 || forks > 20 {
		t.Fatal("too few for a proof")
	}
}
