package vault

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"testing"

	"motcua/slides"
	"motcua/slides/chain"
)

// However many sectors of however many segments rot, or go, each record that is
// whole is delivered once and in order, and each other one is stated as lost.
func TestManyDamages(t *testing.T) {
	intact, lost := 0, 0
	for seed := range uint64(80) {
		r := prng(seed)
		o := testOptions()
		d := NewMemory(64 << 20)
		v := mustOpen(t, d, o)
		mustPair(t, v, 7)
		c := testIdentity(7).Chain
		n := 40 + r.IntN(160)
		var hashes []chain.Hash
		for i := 1; i <= n; i++ {
			hashes = append(hashes, mustAppend(t, v, fmt.Sprint("r", i), r.IntN(2500)).Hash)
		}
		acked := uint64(r.IntN(n / 2))
		v.Outbox().Ack(c, acked)
		type where struct {
			name string
			place
			bytes []byte
		}
		var frames []where
		for _, s := range v.outbox.boxes[c].segs {
			name := "outbox/" + c.String() + "/" + s.name
			for _, p := range s.places {
				d.Damage(name, func(b []byte) []byte {
					fr, _ := parseFrame(c, b[p.off:])
					frames = append(frames, where{name, p, bytes.Clone(b[p.off : int(p.off)+frameHead+len(fr.payload)+frameTail])})
					return b
				})
			}
		}
		v.Close()
		for range 1 + r.IntN(12) {
			f := frames[r.IntN(len(frames))]
			d.Damage(f.name, func(b []byte) []byte {
				at := int(f.off) + r.IntN(int(f.size))
				if at >= len(b) {
					return b
				}
				switch r.IntN(12) {
				case 0:
					return b[:at]
				case 1, 2:
					clear(b[at/sector*sector:][:min(sector, len(b)-at/sector*sector)])
				default:
					b[at] ^= 1 << r.IntN(8)
				}
				return b
			})
		}
		if r.IntN(8) == 0 {
			d.Remove(frames[r.IntN(len(frames))].name)
		}
		want := map[uint64]bool{}
		for _, f := range frames {
			d.Damage(f.name, func(b []byte) []byte {
				end := int(f.off) + len(f.bytes)
				want[f.seq] = end <= len(b) && bytes.Equal(b[f.off:end], f.bytes)
				return b
			})
		}
		v = mustOpen(t, d, o)
		hash := chain.Hash{}
		if acked > 0 {
			hash = hashes[acked-1]
		}
		if err := v.Outbox().Rewind(c, acked, hash); err != nil { // as the welcome says
			t.Fatalf("seed %d: %v", seed, err)
		}
		mustAppend(t, v, "after", 10)
		from := acked
		for _, again := range []bool{false, true} {
			if again { // and then the server is restored to nothing
				from, hash = 0, chain.Hash{}
				if err := v.Outbox().Rewind(c, 0, hash); err != nil {
					t.Fatal(err)
				}
			} else if from > 0 {
				continueFrom(t, v, c, from, hash, want, uint64(n))
				continue
			}
			got := deliver(t, v, c, 7)
			for seq := uint64(1); seq <= uint64(n); seq++ {
				if want[seq] != (got.names[seq] == fmt.Sprint("r", seq)) || want[seq] == got.lost[seq] {
					t.Fatalf("seed %d: record %d whole: %v, delivered %q, lost %v", seed, seq, want[seq], got.names[seq], got.lost[seq])
				}
				if again && want[seq] {
					intact++
				} else if again {
					lost++
				}
			}
			if got.names[uint64(n)+1] != "after" {
				t.Fatalf("seed %d: the chain did not go on", seed)
			}
		}
	}
	t.Logf("%d whole, %d lost", intact, lost)
	if intact < 1000 || lost < 200 {
		t.Fatal("too few for a proof")
	}
}

// continueFrom delivers what follows after seq from to a server that has it up
// to there.
func continueFrom(t *testing.T, v *Vault, c chain.ID, from uint64, hash chain.Hash, want map[uint64]bool, n uint64) {
	t.Helper()
	ver := chain.ResumeVerifier(c, stateOf(t, v, c).Public, from, hash)
	for next := uint64(0); ; {
		b, err := v.Outbox().Unacked(c, next, 64, 64<<10)
		if err != nil {
			t.Fatal(err)
		}
		if b.To == 0 {
			break
		}
		for i := range b.Records {
			if seq := b.From + uint64(i); seq <= n && !want[seq] {
				t.Fatalf("record %d was damaged and is delivered", seq)
			}
			if err := ver.Record(&b.Records[i]); err != nil {
				t.Fatal(err)
			}
		}
		for _, s := range b.Gaps {
			if err := ver.Gap(s); err != nil {
				t.Fatal(err)
			}
		}
		next = b.To + 1
	}
	if rep := ver.Report(); !rep.OK() || rep.Records+rep.Lost != n+1-from {
		t.Fatalf("%+v", rep)
	}
}

// A rotten mark and a rotten newest record together still don't hide it.
func TestMarkAndTailRot(t *testing.T) {
	o := testOptions()
	base, c, _ := twelve(t, o)
	dir := "outbox/" + c.String()
	for _, slots := range [][]int{{0}, {markStep}, {0, markStep}} {
		d := base.Clone()
		d.Damage(dir+"/mark", func(b []byte) []byte {
			for _, s := range slots {
				b[s+10] ^= 1
			}
			return b
		})
		d.Damage(dir+"/"+segmentName(1), func(b []byte) []byte {
			for off := len(b) - sector; ; off -= sector {
				if !zeros(b[off : off+sector]) {
					b[off+30] ^= 1 // record 12
					return b
				}
			}
		})
		v := mustOpen(t, d, o)
		got := deliver(t, v, c, 64)
		if len(got.names) != 11 || !got.lost[12] {
			t.Fatalf("marks %v: %v, lost %v", slots, got.names, got.lost)
		}
		mustAppend(t, v, "after", 1)
		v.Close()
		again := deliver(t, mustOpen(t, d, o), c, 64)
		if len(again.lost) != len(got.lost)+1 { // the bridge: the server might have had 12
			t.Fatalf("marks %v: the second Open states other gaps: %v, %v", slots, got.lost, again.lost)
		}
	}
}

// TestFormats pins what is on disks in the field.
func TestFormats(t *testing.T) {
	c := chain.ID{1, 2, 3}
	sum := func(b []byte) string { h := sha256.Sum256(b); return hex.EncodeToString(h[:8]) }
	m := mark{gen: 3, seq: 9, hash: chain.Hash{4}, acked: 5, ackedHash: chain.Hash{6}, rewinds: 7}
	for name, x := range map[string]struct{ got, want string }{
		"frame": {sum(encodeFrame(c, 9, slides.Millis(1_790_000_000_000), []byte("phiếu"))), "2401c6dce2ec8342"},
		"mark":  {sum(m.encode(c)), "6909209692f05684"},
		"seal":  {string(seal(3, []byte("x"))), "motcua 1 3 1 a3502965\nx"},
		"name":  {segmentName(4097), "0000000000001001.seg"},
	} {
		if x.got != x.want {
			t.Errorf("%s: %q, want %q: disks in the field have the latter", name, x.got, x.want)
		}
	}
	if got, ok := parseMark(c, m.encode(c)); !ok || got != m {
		t.Errorf("mark: %+v", got)
	}
}
