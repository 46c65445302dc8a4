package vault

import (
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"motcua/slides"
	"motcua/slides/chain"
)

// testOptions has small segments, so that histories cross them.
func testOptions() Options {
	now := slides.Millis(1_790_000_000_000)
	return Options{SegmentSize: 2 * chain.MaxRecord, Spares: 1, Reserve: 1, Now: func() slides.Millis { now += 1000; return now }}
}

func mustOpen(t testing.TB, d Disk, o Options) *Vault {
	t.Helper()
	v, err := Open(d, o)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	return v
}

func testIdentity(n byte) Identity {
	return Identity{Kiosk: "k1", Name: "Ki-ốt 1", Server: make(ed25519.PublicKey, 32), Address: "https://x", Chain: chain.ID{n, 1, 2}, Class: "c1", Epoch: "e1", Paired: slides.Millis(n)}
}

func mustPair(t testing.TB, v *Vault, n byte) {
	t.Helper()
	if err := v.Pair(testIdentity(n)); err != nil {
		t.Fatalf("Pair: %v", err)
	}
}

// sections makes a rating that names itself, of about size bytes.
func sections(name string, size int) []chain.Section {
	b, _ := json.Marshal(map[string]string{"name": name, "fill": strings.Repeat("x", size)})
	return []chain.Section{chain.NewSection(chain.Core, b), chain.NewSection(chain.Moment, []byte(`{"at":1}`))}
}

func nameOf(r chain.Record) string {
	var m map[string]string
	json.Unmarshal(r.Sections[0].Body, &m)
	return m["name"]
}

// delivered is what a server has of a chain after everything was sent.
type delivered struct {
	names  map[uint64]string // by seq
	lost   map[uint64]bool   // covered by gaps
	report chain.Report
}

// deliver sends all of a chain from seq 1 on as the link would, checking every
// link, signature and head with an independent verifier.
func deliver(t testing.TB, v *Vault, c chain.ID, limit int) delivered {
	t.Helper()
	return deliverOf(t, v.Outbox(), c, limit)
}

func deliverOf(t testing.TB, o *Outbox, c chain.ID, limit int) delivered {
	t.Helper()
	out := delivered{names: map[uint64]string{}, lost: map[uint64]bool{}}
	st := stateIn(t, o, c)
	ver := chain.NewVerifier(c, st.Public)
	for from := uint64(1); ; {
		b, err := o.Unacked(c, from, limit, 8<<10)
		if err != nil {
			t.Fatalf("Unacked(%d): %v", from, err)
		}
		if b.To == 0 {
			break
		}
		if b.From != from {
			t.Fatalf("Unacked(%d) began at %d", from, b.From)
		}
		for i := range b.Records {
			if err := ver.Record(&b.Records[i]); err != nil {
				t.Fatalf("record %d: %v", from+uint64(i), err)
			}
			h, _ := chain.ParseHeader(b.Records[i].Header)
			out.names[h.Seq] = nameOf(b.Records[i])
		}
		if len(b.Records) > 0 {
			if err := ver.Head(b.Head); err != nil {
				t.Fatalf("head: %v", err)
			}
		}
		for _, s := range b.Gaps {
			if err := ver.Gap(s); err != nil {
				t.Fatalf("gap: %v", err)
			}
			g, _ := chain.ParseGap(s.Bytes)
			for q := g.From; q <= g.To; q++ {
				out.lost[q] = true
			}
		}
		from = b.To + 1
	}
	seq, hash := ver.Tip()
	st = stateIn(t, o, c)
	if seq != st.Seq || hash != st.Hash {
		t.Fatalf("delivered up to %d, the chain's head is %d (or its hash differs)", seq, st.Seq)
	}
	out.report = ver.Report()
	if !out.report.OK() {
		t.Fatalf("verifier: %v", out.report.Problems)
	}
	return out
}

func stateOf(t testing.TB, v *Vault, c chain.ID) ChainState {
	t.Helper()
	return stateIn(t, v.Outbox(), c)
}

func stateIn(t testing.TB, o *Outbox, c chain.ID) ChainState {
	t.Helper()
	for _, s := range o.Chains() {
		if s.Identity.Chain == c {
			return s
		}
	}
	t.Fatalf("no chain %s", c)
	return ChainState{}
}

func mustAppend(t testing.TB, v *Vault, name string, size int) Receipt {
	t.Helper()
	r, err := v.Outbox().Append(sections(name, size))
	if err != nil {
		t.Fatalf("Append %s: %v", name, err)
	}
	return r
}

func prng(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 1)) }

func outboxFiles(t testing.TB, d *Memory, dir string) []string {
	t.Helper()
	list, err := d.List(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range list {
		if !e.Dir {
			out = append(out, dir+"/"+e.Name)
		}
	}
	return out
}

func label(a ...any) string { return strings.TrimSpace(fmt.Sprintln(a...)) }
