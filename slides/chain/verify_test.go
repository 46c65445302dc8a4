package chain

import (
	"bytes"
	"errors"
	"math/bits"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestVerifierReport(t *testing.T) {
	key := testKey(1)
	m := sample(sampleID, key)
	m.record(Core)
	m.record(Core)
	r := verify(sampleID, public(key), m.items)
	mustOK(t, r)
	if r.Records != 6 || r.Lost != 3 || len(r.Gaps) != 2 || r.Unsigned != 2 {
		t.Fatalf("records %d, lost %d, gaps %d, unsigned %d", r.Records, r.Lost, len(r.Gaps), r.Unsigned)
	}
	if g := r.Gaps[0]; g.From != 3 || g.To != 4 || g.Reason != Rotten || g.Note != "sector" {
		t.Fatalf("gap %+v", g)
	}
	if r.Head == nil || r.Head.Seq != 7 || r.Head.At == 0 || r.Head.Hash == (Hash{}) {
		t.Fatalf("head %+v", r.Head)
	}
	if len(r.Withheld) != 0 {
		t.Fatalf("withheld %v of a whole chain", r.Withheld)
	}
}

// Every subset of every record's sections may be left out.
func TestSectionsMayBeWithheld(t *testing.T) {
	key := testKey(1)
	m := sample(sampleID, key)
	for i, it := range m.items {
		if it.record == nil {
			continue
		}
		all := it.record.Sections
		for mask := range 1 << len(all) {
			var shown []Section
			gone := map[Kind]uint64{}
			for k, s := range all {
				if mask>>k&1 == 1 {
					shown = append(shown, s)
				} else {
					gone[s.Kind]++
				}
			}
			items := slices.Clone(m.items)
			items[i].record = &Record{Header: it.record.Header, Sections: shown}
			r := verify(sampleID, public(key), items)
			mustOK(t, r)
			if len(r.Withheld) != len(gone) {
				t.Fatalf("withheld %v, want %v", r.Withheld, gone)
			}
			for k, n := range gone {
				if r.Withheld[k] != n {
					t.Fatalf("withheld %v, want %v", r.Withheld, gone)
				}
			}
		}
	}
	v := NewVerifier(sampleID, public(key))
	for _, it := range m.items {
		if it.record != nil {
			v.Header(it.record.Header)
		} else {
			feed(v, []item{it})
		}
	}
	mustOK(t, v.Report())
	if w := v.Report().Withheld; w[Core] != 4 || w[Moment] != 2 || w[PartA] != 1 || w[Free] != 2 {
		t.Fatalf("withheld %v", w)
	}
}

// Altering any single bit of anything up to the last head is found.
func TestEveryBitCounts(t *testing.T) {
	key := testKey(1)
	m := sample(sampleID, key)
	pub := public(key)
	mustOK(t, verify(sampleID, pub, m.items))
	flipped := 0
	try := func(what string, b []byte) {
		t.Helper()
		for i := range len(b) * 8 {
			b[i/8] ^= 1 << (i % 8)
			if r := verify(sampleID, pub, m.items); r.OK() {
				t.Fatalf("%s: bit %d altered, not found", what, i)
			}
			b[i/8] ^= 1 << (i % 8)
			flipped++
		}
	}
	for _, it := range m.items {
		switch {
		case it.record != nil:
			try("header", it.record.Header)
			for k := range it.record.Sections {
				s := &it.record.Sections[k]
				try("salt", s.Salt)
				try("body", s.Body)
				was := s.Kind
				for bit := range 8 {
					s.Kind = was ^ 1<<bit
					if verify(sampleID, pub, m.items).OK() {
						t.Fatalf("kind %d altered to %d, not found", was, s.Kind)
					}
				}
				s.Kind = was
			}
		case it.gap != nil:
			try("gap", it.gap.Bytes)
			try("gap's signature", it.gap.Sig)
		default:
			try("head", it.head.Bytes)
			try("head's signature", it.head.Sig)
		}
	}
	try("key", pub)
	mustOK(t, verify(sampleID, pub, m.items)) // every bit is back
	if flipped < 8000 {
		t.Fatalf("only %d bits tried", flipped)
	}
}

// Bytes added or taken away at the end of anything are found.
func TestLengthCounts(t *testing.T) {
	key := testKey(1)
	m := sample(sampleID, key)
	for _, it := range m.items {
		var parts []*[]byte
		switch {
		case it.record != nil:
			parts = append(parts, &it.record.Header)
			for k := range it.record.Sections {
				parts = append(parts, &it.record.Sections[k].Salt, &it.record.Sections[k].Body)
			}
		case it.gap != nil:
			parts = append(parts, &it.gap.Bytes, &it.gap.Sig)
		default:
			parts = append(parts, &it.head.Bytes, &it.head.Sig)
		}
		for _, p := range parts {
			was := *p
			for _, now := range [][]byte{append(bytes.Clone(was), 0), append(bytes.Clone(was), ' '), was[:len(was)-1], nil} {
				*p = now
				if verify(sampleID, public(key), m.items).OK() {
					t.Fatalf("%d bytes became %d, not found", len(was), len(now))
				}
			}
			*p = was
		}
	}
	// A byte moved from the salt to the body hashes the same.
	s := &m.items[0].record.Sections[0]
	s.Body = append([]byte{s.Salt[SaltSize-1]}, s.Body...)
	s.Salt = s.Salt[:SaltSize-1]
	if verify(sampleID, public(key), m.items).OK() {
		t.Fatal("a byte moved from salt to body, not found")
	}
}

func TestFaultsByName(t *testing.T) {
	key, other := testKey(1), testKey(2)
	fresh := func(build func(m *maker)) *maker {
		m := newMaker(sampleID, key)
		build(m)
		return m
	}
	four := func(m *maker) { m.record(Core); m.record(Core); m.record(Core); m.record(Core); m.head() }
	gapped := func(m *maker) { m.record(Core); m.gap(2, true); m.record(Core); m.head() }
	resigned := func(m *maker, at int, change func(g *Gap)) {
		g, _ := ParseGap(m.items[at].gap.Bytes)
		change(&g)
		s := g.Sign(key)
		m.items[at].gap = &s
	}
	cases := []struct {
		name  string
		build func(m *maker)
		spoil func(m *maker)
		want  []Fault
	}{
		{"swapped", four, func(m *maker) { m.items[1], m.items[2] = m.items[2], m.items[1] }, []Fault{Missing, Moved}},
		{"left out", four, func(m *maker) { m.items = slices.Delete(m.items, 1, 2) }, []Fault{Missing}},
		{"first left out", four, func(m *maker) { m.items = m.items[1:] }, []Fault{Missing}},
		{"last left out", four, func(m *maker) { m.items = slices.Delete(m.items, 3, 4) }, []Fault{Missing}},
		{"all left out", four, func(m *maker) { m.items = m.items[4:] }, []Fault{Missing}},
		{"doubled", four, func(m *maker) { m.items = slices.Insert(m.items, 2, m.items[1]) }, []Fault{Doubled}},
		{"doubled later", four, func(m *maker) { m.items = slices.Insert(m.items, 4, m.items[0]) }, []Fault{Doubled}},
		{"forked", four, func(m *maker) {
			h, _ := ParseHeader(m.items[1].record.Header)
			r, _ := Next(sampleID, 2, h.Prev, []Section{NewSection(Core, []byte("{}"))})
			m.items = slices.Insert(m.items, 2, item{record: &r})
		}, []Fault{Forked}},
		{"replaced inside", four, func(m *maker) {
			h, _ := ParseHeader(m.items[1].record.Header)
			r, _ := Next(sampleID, 2, h.Prev, []Section{NewSection(Core, []byte("{}"))})
			m.items[1].record = &r
		}, []Fault{Altered}},
		{"last replaced", four, func(m *maker) {
			h, _ := ParseHeader(m.items[3].record.Header)
			r, _ := Next(sampleID, 4, h.Prev, []Section{NewSection(Core, []byte("{}"))})
			m.items[3].record = &r
		}, []Fault{Altered}},
		{"section of another record", four, func(m *maker) {
			m.items[1].record = &Record{Header: m.items[1].record.Header, Sections: m.items[2].record.Sections}
		}, []Fault{Altered}},
		{"section twice", four, func(m *maker) {
			r := *m.items[1].record
			r.Sections = append(slices.Clone(r.Sections), r.Sections[0])
			m.items[1].record = &r
		}, []Fault{Altered}},
		{"record of another chain", four, func(m *maker) {
			o := newMaker(ID{9}, key)
			four(o)
			m.items = slices.Insert(m.items, 4, o.items[3])
		}, []Fault{Foreign}},
		{"head of another chain", four, func(m *maker) {
			o := newMaker(ID{9}, key)
			four(o)
			m.items[4] = o.items[4]
		}, []Fault{Foreign}},
		{"head by another key", four, func(m *maker) {
			h := Head{sampleID, m.seq, m.hash, 1}
			s := h.Sign(other)
			m.items[4].head = &s
		}, []Fault{Foreign}},
		{"head for a record to come", four, func(m *maker) {
			h := Head{sampleID, m.seq + 3, m.hash, 1}
			s := h.Sign(key)
			m.items = append(m.items, item{head: &s})
		}, []Fault{Missing}},
		{"two heads ahead that differ", four, func(m *maker) {
			h := Head{sampleID, m.seq, Hash{1}, 1}
			s := h.Sign(key)
			m.items = append([]item{m.items[4], {head: &s}}, m.items[:4]...)
		}, []Fault{Forked}},
		{"head over other bytes", four, func(m *maker) {
			h := Head{sampleID, 2, Hash{1}, 1}
			s := h.Sign(key)
			m.items = append(m.items, item{head: &s})
		}, []Fault{Altered}},
		{"gap's signature on a head", four, func(m *maker) {
			s := *m.items[4].head
			s.Sig = (&Gap{Chain: sampleID, From: 1, To: 1}).Sign(key).Sig
			m.items[4].head = &s
		}, []Fault{Foreign}},
		{"gap left out", gapped, func(m *maker) { m.items = slices.Delete(m.items, 1, 2) }, []Fault{Missing}},
		{"gap doubled", gapped, func(m *maker) { m.items = slices.Insert(m.items, 2, m.items[1]) }, []Fault{Doubled}},
		{"gap before its place", gapped, func(m *maker) { m.items[0], m.items[1] = m.items[1], m.items[0] }, []Fault{Missing, Moved}},
		{"gap from elsewhere", gapped, func(m *maker) { resigned(m, 1, func(g *Gap) { g.Prev = Hash{1} }) }, []Fault{Misfit}},
		{"gap to elsewhere", gapped, func(m *maker) { resigned(m, 1, func(g *Gap) { g.Next = Hash{1} }) }, []Fault{Misfit}},
		{"gap too short", gapped, func(m *maker) { resigned(m, 1, func(g *Gap) { g.To-- }) }, []Fault{Missing}},
		{"gap too long", gapped, func(m *maker) { resigned(m, 1, func(g *Gap) { g.To++ }) }, []Fault{Forked, Altered}},
		{"gap over a record", gapped, func(m *maker) { resigned(m, 1, func(g *Gap) { g.From-- }) }, []Fault{Misfit, Missing}},
		{"gap by another key", gapped, func(m *maker) {
			g, _ := ParseGap(m.items[1].gap.Bytes)
			s := g.Sign(other)
			m.items[1].gap = &s
		}, []Fault{Foreign, Missing}},
		{"gap of another chain", gapped, func(m *maker) { resigned(m, 1, func(g *Gap) { g.Chain = ID{9} }) }, []Fault{Foreign, Missing}},
		{
			"head over a gap's end differs", func(m *maker) { m.record(Core); m.gap(2, true); m.head() },
			func(m *maker) {
				h := Head{sampleID, 3, Hash{1}, 1}
				s := h.Sign(key)
				m.items[2].head = &s
			},
			[]Fault{Altered},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m := fresh(c.build)
			mustOK(t, verify(sampleID, public(key), m.items))
			c.spoil(m)
			r := verify(sampleID, public(key), m.items)
			if got := faults(r); !slices.Equal(got, c.want) {
				t.Fatalf("faults %v, want %v\n%+v", got, c.want, r.Problems)
			}
			for _, p := range r.Problems {
				if p.Vi == "" || p.En == "" || p.From == 0 || p.To < p.From {
					t.Fatalf("a problem without sentence or range: %+v", p)
				}
			}
		})
	}
}

func TestForeignKey(t *testing.T) {
	m := sample(sampleID, testKey(1))
	if r := verify(sampleID, public(testKey(2)), m.items); r.OK() || r.Head != nil {
		t.Fatal("a chain verifies under another key")
	}
	if r := verify(sampleID, nil, m.items); r.OK() {
		t.Fatal("a chain verifies without a key")
	}
	if r := verify(ID{9}, public(testKey(1)), m.items); r.OK() {
		t.Fatal("a chain verifies under another id")
	}
}

// A kiosk may have signed a head over a record that it lost later.
func TestHeadsOverLostRecords(t *testing.T) {
	key := testKey(1)
	for _, knows := range []bool{true, false} {
		m := newMaker(sampleID, key)
		m.record(Core)
		lost := newMaker(sampleID, key)
		*lost = *m
		lost.items = nil
		lost.record(Core, Moment)
		lost.head() // over 2, inside the gap
		m.gap(3, knows)
		m.record(Core)
		m.head()
		for at := range len(m.items) + 1 {
			r := verify(sampleID, public(key), slices.Insert(slices.Clone(m.items), at, lost.items[1]))
			mustOK(t, r)
			if r.Unsigned != 0 || r.Head.Seq != 5 {
				t.Fatalf("unsigned %d, head %d", r.Unsigned, r.Head.Seq)
			}
		}
	}
	// At the gap's end: only a kiosk that lost the hash too may differ from the head.
	m := newMaker(sampleID, key)
	m.record(Core)
	before := *m
	before.items = nil
	before.record(Core, Free)
	before.head()
	m.gap(1, false)
	m.record(Core)
	for at := range len(m.items) + 1 {
		mustOK(t, verify(sampleID, public(key), slices.Insert(slices.Clone(m.items), at, before.items[1])))
	}
}

// A gap's signature covers the hash before it: it signs what it follows.
func TestUnsignedAfterGap(t *testing.T) {
	key := testKey(1)
	m := newMaker(sampleID, key)
	if r := verify(sampleID, public(key), nil); !r.OK() || r.Head != nil || r.Unsigned != 0 {
		t.Fatalf("empty chain: %+v", r)
	}
	m.head()
	m.record(Core)
	m.record(Core)
	if r := verify(sampleID, public(key), m.items); !r.OK() || r.Unsigned != 2 || r.Head.Seq != 0 {
		t.Fatalf("unsigned %d", r.Unsigned)
	}
	m.gap(1, false)
	m.record(Core)
	if r := verify(sampleID, public(key), m.items); !r.OK() || r.Unsigned != 1 {
		t.Fatalf("unsigned %d after a gap", r.Unsigned)
	}
}

func TestLateHeads(t *testing.T) {
	key := testKey(1)
	m := newMaker(sampleID, key)
	m.record(Core)
	m.head()
	first := m.items[1]
	m.items = m.items[:1]
	for range recentHeaders - 1 {
		m.record(Core)
	}
	r := verify(sampleID, public(key), append(slices.Clone(m.items), first))
	mustOK(t, r)
	if r.Head.Seq != 1 || r.Unsigned != recentHeaders-1 {
		t.Fatalf("head %d, unsigned %d", r.Head.Seq, r.Unsigned)
	}
	m.record(Core)
	if got := faults(verify(sampleID, public(key), append(slices.Clone(m.items), first))); !slices.Equal(got, []Fault{Moved}) {
		t.Fatalf("faults %v", got)
	}
}

func TestMethodsTellTheirProblem(t *testing.T) {
	v := NewVerifier(sampleID, public(testKey(1)))
	var p *Problem
	if err := v.Header([]byte("junk")); !errors.As(err, &p) || p.Fault != Altered {
		t.Fatalf("junk header: %v", err)
	}
	if err := v.Gap(Signed{}); !errors.As(err, &p) || p.Fault != Altered {
		t.Fatalf("junk gap: %v", err)
	}
	if err := v.Head(Signed{}); !errors.As(err, &p) || p.Fault != Altered {
		t.Fatalf("junk head: %v", err)
	}
	if r := v.Report(); r.Faults != 3 || len(r.Problems) != 3 {
		t.Fatalf("%d faults", r.Faults)
	}
	for range 3 * MaxProblems {
		v.Header(nil)
	}
	if r := v.Report(); r.Faults != 3+3*MaxProblems || len(r.Problems) != MaxProblems {
		t.Fatalf("%d faults, %d listed", r.Faults, len(r.Problems))
	}
}

func TestPendingHeadsAreBounded(t *testing.T) {
	key := testKey(1)
	v := NewVerifier(sampleID, public(key))
	for i := range uint64(MaxPendingHeads) {
		h := Head{sampleID, i + 1, Hash{1}, 1}
		if err := v.Head(h.Sign(key)); err != nil {
			t.Fatal(err)
		}
	}
	h := Head{sampleID, MaxPendingHeads + 1, Hash{1}, 1}
	if v.Head(h.Sign(key)) == nil || faults(v.Report())[0] != Overflow {
		t.Fatal("heads in advance are not bounded")
	}
}

// randomChain draws a chain that a kiosk could have made; it ends in a head.
func randomChain(t *rapid.T) *maker {
	m := newMaker(sampleID, testKey(1))
	subsets := [][]Kind{{Core}, {Core, Moment}, {Core, Moment, Free}, {Core, Moment, PartA, Free}}
	for range rapid.IntRange(1, 25).Draw(t, "steps") {
		switch rapid.IntRange(0, 9).Draw(t, "step") {
		case 0:
			m.gap(rapid.Uint64Range(1, 5).Draw(t, "lost"), rapid.Bool().Draw(t, "knows"))
		case 1:
			m.head()
		default:
			m.record(rapid.SampledFrom(subsets).Draw(t, "sections")...)
		}
	}
	m.record(Core)
	m.head()
	return m
}

func TestAnyChainVerifiesInPartsAndWithheld(t *testing.T) {
	key := public(testKey(1))
	rapid.Check(t, func(t *rapid.T) {
		m := randomChain(t)
		for i, it := range m.items {
			if it.record == nil {
				continue
			}
			keep := rapid.Uint8().Draw(t, "keep")
			var shown []Section
			for k, s := range it.record.Sections {
				if keep>>k&1 == 1 {
					shown = append(shown, s)
				}
			}
			m.items[i].record = &Record{it.record.Header, shown}
		}
		whole := verify(sampleID, key, m.items)
		if !whole.OK() || whole.Head.Seq != m.seq || whole.Unsigned != 0 || whole.Records+whole.Lost != m.seq {
			t.Fatalf("%+v", whole)
		}
		cut := rapid.IntRange(0, len(m.items)).Draw(t, "cut")
		a := NewVerifier(sampleID, key)
		feed(a, m.items[:cut])
		seq, hash := a.Tip()
		b := ResumeVerifier(sampleID, key, seq, hash)
		feed(b, m.items[cut:])
		ra, rb := a.Report(), b.Report()
		if !ra.OK() || !rb.OK() || ra.Records+rb.Records != whole.Records || ra.Lost+rb.Lost != whole.Lost || rb.Unsigned != 0 {
			t.Fatalf("in parts: %+v %+v", ra, rb)
		}
	})
}

// Records and gaps before a signed head: none can be dropped, doubled or moved.
func TestAnyDisorderIsFound(t *testing.T) {
	key := public(testKey(1))
	rapid.Check(t, func(t *rapid.T) {
		m := randomChain(t)
		var links []int
		for i, it := range m.items {
			if it.head == nil {
				links = append(links, i)
			}
		}
		i := rapid.SampledFrom(links).Draw(t, "i")
		items := slices.Clone(m.items)
		switch rapid.IntRange(0, 2).Draw(t, "what") {
		case 0:
			items = slices.Delete(items, i, i+1)
		case 1:
			items = slices.Insert(items, rapid.IntRange(0, len(items)).Draw(t, "at"), items[i])
		case 2:
			j := rapid.SampledFrom(links).Draw(t, "j")
			if i == j {
				t.Skip("nothing moved")
			}
			items[i], items[j] = items[j], items[i]
		}
		if verify(sampleID, key, items).OK() {
			t.Fatal("not found")
		}
	})
}

func TestParsersRefuseWhatEncodersDoNotWrite(t *testing.T) {
	h := Header{Chain: sampleID, Seq: 1, Sections: []SectionHash{{Core, Hash{1}}, {Free, Hash{2}}}}
	good := h.Encode()
	if got, err := ParseHeader(good); err != nil || !bytes.Equal(got.Encode(), good) {
		t.Fatalf("%v", err)
	}
	for name, change := range map[string]func(h *Header){
		"seq 0":       func(h *Header) { h.Seq = 0 },
		"seq huge":    func(h *Header) { h.Seq = 1<<62 + 1 },
		"no section":  func(h *Header) { h.Sections = nil },
		"kind twice":  func(h *Header) { h.Sections[1].Kind = Core },
		"kinds moved": func(h *Header) { h.Sections[0].Kind = 7 },
		"many sections": func(h *Header) {
			h.Sections = nil
			for k := range MaxSections + 1 {
				h.Sections = append(h.Sections, SectionHash{Kind: Kind(k)})
			}
		},
	} {
		x := Header{Chain: h.Chain, Seq: h.Seq, Sections: slices.Clone(h.Sections)}
		change(&x)
		if _, err := ParseHeader(x.Encode()); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	g := Gap{Chain: sampleID, From: 2, To: 3, Reason: Truncated, Note: "hỏng"}
	if got, err := ParseGap(g.Encode()); err != nil || got != g {
		t.Fatalf("%v %+v", err, got)
	}
	for name, change := range map[string]func(g *Gap){
		"from 0":    func(g *Gap) { g.From = 0 },
		"backwards": func(g *Gap) { g.From = 4 },
		"huge":      func(g *Gap) { g.To = 1<<62 + 1 },
		"long note": func(g *Gap) { g.Note = string(bytes.Repeat([]byte("x"), MaxNote+1)) },
		"not UTF-8": func(g *Gap) { g.Note = "\xff" },
	} {
		x := g
		change(&x)
		if _, err := ParseGap(x.Encode()); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// What passes Check can be read back from the disk, up to the limits.
func TestRecordLimits(t *testing.T) {
	body := func(n int) []byte { return bytes.Repeat([]byte("x"), n) }
	make2 := func(a, b int) Record {
		r, _ := Next(sampleID, 1, Hash{}, []Section{NewSection(Core, body(a)), NewSection(Free, body(b))})
		return r
	}
	accepted := 0
	for n := range 400 {
		r := make2(MaxBody, MaxBody-n)
		if _, err := r.Check(); err != nil {
			continue
		}
		accepted++
		got, err := ParseRecord(r.Encode())
		if err != nil {
			t.Fatalf("a record of %d bytes passes Check but can't be read", len(r.Encode()))
		}
		if _, err := got.Check(); err != nil {
			t.Fatal(err)
		}
	}
	if accepted == 0 || accepted == 400 {
		t.Fatalf("%d accepted: the limit was not met", accepted)
	}
	r := make2(MaxBody+1, 0)
	if _, err := r.Check(); err == nil {
		t.Fatal("a body over MaxBody passes")
	}
	if bits.Len(MaxRecord) > 16 {
		t.Fatal("recordFraming counts three bytes for a length")
	}
}
