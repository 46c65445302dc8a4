package chain

import (
	"bytes"
	"crypto/ed25519"
	"encoding/binary"
	"fmt"
	"testing"

	"motcua/slides"
)

func testKey(n byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, ed25519.SeedSize))
}

func public(key ed25519.PrivateKey) ed25519.PublicKey { return key.Public().(ed25519.PublicKey) }

// item is one thing of a chain, in the order in which a verifier is given it.
type item struct {
	record *Record
	gap    *Signed
	head   *Signed
}

// maker builds a chain with fixed salts and moments, so that samples are the
// same in every run.
type maker struct {
	id    ID
	key   ed25519.PrivateKey
	seq   uint64
	hash  Hash
	items []item
}

func newMaker(id ID, key ed25519.PrivateKey) *maker {
	return &maker{id: id, key: key, hash: Genesis(id, public(key))}
}

func (m *maker) moment() slides.Millis { return 1_678_243_200_000 + slides.Millis(m.seq)*60_000 }

// sections makes one section of each kind; the salt comes from seq and kind.
func (m *maker) sections(kinds ...Kind) []Section {
	var out []Section
	for _, k := range kinds {
		salt := make([]byte, SaltSize)
		binary.BigEndian.PutUint64(salt, m.seq+1)
		salt[SaltSize-1] = byte(k)
		out = append(out, Section{Kind: k, Salt: salt, Body: fmt.Appendf(nil, `{"s":%d,"k":%d}`, m.seq+1, k)})
	}
	return out
}

func (m *maker) record(kinds ...Kind) {
	r, hash := Next(m.id, m.seq+1, m.hash, m.sections(kinds...))
	m.seq, m.hash = m.seq+1, hash
	m.items = append(m.items, item{record: &r})
}

// gap loses n records. The kiosk knows the last one's hash or not.
func (m *maker) gap(n uint64, knows bool) {
	g := Gap{Chain: m.id, From: m.seq + 1, To: m.seq + n, Prev: m.hash, At: m.moment(), Reason: Rotten, Note: "sector"}
	if knows {
		for range n {
			_, m.hash = Next(m.id, m.seq+1, m.hash, m.sections(Core))
			m.seq++
		}
		g.Next = m.hash
	} else {
		g.Next = g.Filler()
		m.seq, m.hash = g.To, g.Next
	}
	s := g.Sign(m.key)
	m.items = append(m.items, item{gap: &s})
}

func (m *maker) head() {
	h := Head{m.id, m.seq, m.hash, m.moment()}
	s := h.Sign(m.key)
	m.items = append(m.items, item{head: &s})
}

// sample has records with and without optional sections, both sorts of gap,
// heads in between and at the end.
func sample(id ID, key ed25519.PrivateKey) *maker {
	m := newMaker(id, key)
	m.record(Core, Moment)
	m.record(Core, Moment, PartA, Free)
	m.head()
	m.gap(2, true)
	m.record(Core)
	m.gap(1, false)
	m.record(Core, Free)
	m.head()
	return m
}

var sampleID = ID{0: 0xa1, 15: 0x01}

func verify(id ID, key ed25519.PublicKey, items []item) Report {
	v := NewVerifier(id, key)
	feed(v, items)
	return v.Report()
}

func feed(v *Verifier, items []item) {
	for _, it := range items {
		switch {
		case it.record != nil:
			v.Record(it.record)
		case it.gap != nil:
			v.Gap(*it.gap)
		default:
			v.Head(*it.head)
		}
	}
}

func faults(r Report) []Fault {
	var out []Fault
	for _, p := range r.Problems {
		out = append(out, p.Fault)
	}
	return out
}

func mustOK(t *testing.T, r Report) {
	t.Helper()
	if !r.OK() || len(r.Problems) != 0 {
		t.Fatalf("the chain does not verify: %+v", r.Problems)
	}
}
