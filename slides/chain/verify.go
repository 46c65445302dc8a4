package chain

import (
	"crypto/ed25519"
	"fmt"
	"sort"

	"motcua/slides"
)

// Fault names what a Verifier found wrong.
type Fault string

// The faults.
const (
	Altered  Fault = "altered"   // bytes that do not fit the hashes or signature over them
	Missing  Fault = "missing"   // seqs that are neither there nor covered by a gap
	Doubled  Fault = "doubled"   // a header that was there already
	Moved    Fault = "moved"     // a header, gap or head before or after its place
	Forked   Fault = "forked"    // another header, gap or head for a place already filled
	Foreign  Fault = "foreign"   // of another chain, or signed by another key
	Misfit   Fault = "misfit"    // a gap that does not join what is before and after it
	Overflow Fault = "too-large" // more heads in advance than a Verifier keeps
)

// Problem is one finding: what is wrong with the records From..To (0, 0: the
// chain as a whole) and a sentence for people.
type Problem struct {
	Fault Fault  `json:"fault"`
	From  uint64 `json:"from"`
	To    uint64 `json:"to"`
	Vi    string `json:"vi"`
	En    string `json:"en"`
}

// Error makes a Problem an error of its method.
func (p *Problem) Error() string { return "chain: " + string(p.Fault) + ": " + p.En }

// Bounds of a Verifier's memory and of its Report.
const (
	MaxProblems     = 100     // listed; all are counted
	MaxPendingHeads = 1 << 12 // heads that come before their record
	recentHeaders   = 16      // to tell a doubled header from a forked one
)

// Report is what a Verifier knows of a chain.
type Report struct {
	Chain ID
	Key   ed25519.PublicKey
	// Kiosk and Pairing are what the chain's file says; nothing signs them.
	Kiosk, Pairing string
	Records        uint64          // headers taken
	Gaps           []Gap           // in order
	Lost           uint64          // records that the gaps stand for
	Withheld       map[Kind]uint64 // sections of a header that were not shown
	Head           *Head           // the newest signed head that fits; nil: nothing is signed
	Unsigned       uint64          // records after the last signed head or gap: they fit the chain, but nobody vouches for them
	Faults         uint64          // problems in all
	Problems       []Problem       // the first MaxProblems of them
}

// OK says that every record up to Head is there, unaltered, or stated as lost
// in a signed gap. Records after Head (Unsigned) may be altered or cut off
// without a trace.
func (r Report) OK() bool { return r.Faults == 0 }

// Verifier checks one chain as it streams by, in memory that does not grow
// with its records (but with its gaps). Give it records (or bare headers) and
// gaps in order of seq, and each signed head right after the header it names or
// any time before; then ask Report. It goes on after a problem. Not safe for
// concurrent use.
type Verifier struct {
	id      ID
	key     ed25519.PublicKey
	seq     uint64 // the newest record's
	hash    Hash   // and its header's hash, or a gap's Next
	first   uint64 // seq this Verifier began after
	pending map[uint64]Head
	recent  [recentHeaders]struct {
		seq  uint64
		hash Hash
	}
	report Report
}

// NewVerifier starts at the chain's genesis.
func NewVerifier(id ID, key ed25519.PublicKey) *Verifier {
	return ResumeVerifier(id, key, 0, Genesis(id, key))
}

// ResumeVerifier goes on after record seq whose header's hash is known, such as
// the newest that a server has kept.
func ResumeVerifier(id ID, key ed25519.PublicKey, seq uint64, hash Hash) *Verifier {
	v := &Verifier{id: id, key: key, seq: seq, first: seq, hash: hash, pending: map[uint64]Head{}}
	v.report = Report{Chain: id, Key: key, Withheld: map[Kind]uint64{}}
	if len(key) != ed25519.PublicKeySize {
		v.problem(Foreign, 0, 0, "Khóa công khai của chuỗi sai kích thước.", "The chain's public key has a wrong size.")
	}
	v.remember()
	return v
}

// Record takes the next record: its header must follow, its sections must be
// the header's. Sections left out count as withheld. The error, if any, is a
// *Problem already in the report.
func (v *Verifier) Record(r *Record) error {
	h, err := r.Check()
	if err == nil {
		if err := v.take(&h, HashOf(r.Header)); err != nil {
			return err
		}
		v.withheld(&h, r.Sections)
		return nil
	}
	whole, perr := ParseHeader(r.Header)
	if perr != nil {
		return v.problem(Altered, v.seq+1, v.seq+1, slides.Sentence(perr, "vi"), slides.Sentence(perr, "en"))
	}
	// The header stands although a section does not: go on from it.
	p := v.problem(Altered, whole.Seq, whole.Seq, fmt.Sprintf("Phiếu số %d: %s", whole.Seq, slides.Sentence(err, "vi")),
		fmt.Sprintf("Record %d: %s", whole.Seq, slides.Sentence(err, "en")))
	v.take(&whole, HashOf(r.Header)) // p is told; what take finds is in the report as well
	return p
}

// Header takes the next header alone: all its sections are withheld.
func (v *Verifier) Header(header []byte) error { return v.Record(&Record{Header: header}) }

func (v *Verifier) take(h *Header, hash Hash) error {
	if h.Chain != v.id {
		return v.problem(Foreign, h.Seq, h.Seq, fmt.Sprintf("Phiếu số %d thuộc chuỗi khác (%s).", h.Seq, h.Chain),
			fmt.Sprintf("Record %d is of another chain (%s).", h.Seq, h.Chain))
	}
	if h.Seq <= v.seq {
		return v.again(h.Seq, hash)
	}
	var found error
	switch {
	case h.Seq > v.seq+1:
		found = v.missing(v.seq+1, h.Seq-1)
	case h.Prev != v.hash && v.gapEnd() == v.seq && v.seq > 0:
		found = v.problem(Misfit, h.Seq, h.Seq, fmt.Sprintf("Phiếu số %d không nối tiếp khoảng trống trước nó.", h.Seq),
			fmt.Sprintf("Record %d does not follow from the gap before it.", h.Seq))
	case h.Prev != v.hash:
		found = v.problem(Altered, v.seq, h.Seq, fmt.Sprintf("Phiếu số %d không nối tiếp phiếu trước nó: một trong hai đã bị sửa.", h.Seq),
			fmt.Sprintf("Record %d does not follow from the one before it: one of the two was altered.", h.Seq))
	}
	v.seq, v.hash = h.Seq, hash
	v.report.Records++
	v.remember()
	if err := v.reached(); found == nil {
		found = err
	}
	return found
}

// again says what a header at or before the newest seq is.
func (v *Verifier) again(seq uint64, hash Hash) error {
	known := v.recent[seq%recentHeaders]
	switch {
	case v.gapOver(seq) != nil:
		return v.problem(Forked, seq, seq, fmt.Sprintf("Phiếu số %d có mặt dù khoảng trống đã ký nói là mất.", seq),
			fmt.Sprintf("Record %d is there although a signed gap states it as lost.", seq))
	case known.seq == seq && known.hash == hash:
		return v.problem(Doubled, seq, seq, fmt.Sprintf("Phiếu số %d xuất hiện hai lần.", seq), fmt.Sprintf("Record %d is there twice.", seq))
	case known.seq == seq:
		return v.problem(Forked, seq, seq, fmt.Sprintf("Có hai phiếu khác nhau cùng số %d: chuỗi bị rẽ nhánh.", seq),
			fmt.Sprintf("Two different records have the number %d: the chain forks.", seq))
	}
	return v.problem(Moved, seq, seq, fmt.Sprintf("Phiếu số %d nằm sau phiếu số %d: sai thứ tự hoặc lặp lại.", seq, v.seq),
		fmt.Sprintf("Record %d comes after record %d: out of order, or there twice.", seq, v.seq))
}

func (v *Verifier) missing(from, to uint64) error {
	return v.problem(Missing, from, to, fmt.Sprintf("Thiếu phiếu số %s mà không có khoảng trống nào được khai báo.", span(from, to)),
		fmt.Sprintf("Records %s are missing and no gap states them as lost.", span(from, to)))
}

func (v *Verifier) withheld(h *Header, shown []Section) {
	i := 0
	for _, s := range h.Sections {
		if i < len(shown) && shown[i].Kind == s.Kind {
			i++
			continue
		}
		v.report.Withheld[s.Kind]++
	}
}

// Gap takes a signed gap: it must begin right after the newest record and its
// Prev must be that record's hash; the header after it must have its Next as Prev.
func (v *Verifier) Gap(s Signed) error {
	g, err := OpenGap(s, v.key)
	if err != nil {
		return v.unopened(err, g.From, g.To)
	}
	if g.Chain != v.id {
		return v.problem(Foreign, g.From, g.To, fmt.Sprintf("Khoảng trống %s thuộc chuỗi khác (%s).", span(g.From, g.To), g.Chain),
			fmt.Sprintf("The gap %s is of another chain (%s).", span(g.From, g.To), g.Chain))
	}
	if old := v.gapOver(g.From); old != nil && *old == g {
		return v.problem(Doubled, g.From, g.To, fmt.Sprintf("Khoảng trống %s xuất hiện hai lần.", span(g.From, g.To)),
			fmt.Sprintf("The gap %s is there twice.", span(g.From, g.To)))
	}
	if g.From <= v.seq {
		return v.problem(Misfit, g.From, g.To, fmt.Sprintf("Khoảng trống %s trùng với phần đã có (đến số %d).", span(g.From, g.To), v.seq),
			fmt.Sprintf("The gap %s covers what is already there (up to %d).", span(g.From, g.To), v.seq))
	}
	var found error
	if g.From > v.seq+1 {
		found = v.missing(v.seq+1, g.From-1)
	} else if g.Prev != v.hash {
		found = v.problem(Misfit, g.From, g.To, fmt.Sprintf("Khoảng trống %s không nối tiếp phiếu số %d.", span(g.From, g.To), v.seq),
			fmt.Sprintf("The gap %s does not follow from record %d.", span(g.From, g.To), v.seq))
	}
	v.report.Gaps = append(v.report.Gaps, g)
	v.report.Lost += g.To - g.From + 1
	for seq, h := range v.pending {
		if swallowed(&g, &h) {
			delete(v.pending, seq)
		}
	}
	v.seq, v.hash = g.To, g.Next
	v.remember()
	if err := v.reached(); found == nil {
		found = err
	}
	return found
}

// swallowed says whether a gap took the record that a head was signed over, so
// that nothing is left to compare. The head over a gap's end can be compared
// with Next, unless the kiosk had lost that hash too.
func swallowed(g *Gap, h *Head) bool {
	return h.Seq >= g.From && (h.Seq < g.To || h.Seq == g.To && h.Hash != g.Next && g.Next == g.Filler())
}

// gapOver is the gap that covers seq, or nil.
func (v *Verifier) gapOver(seq uint64) *Gap {
	gaps := v.report.Gaps
	i := sort.Search(len(gaps), func(i int) bool { return gaps[i].To >= seq })
	if i < len(gaps) && gaps[i].From <= seq {
		return &gaps[i]
	}
	return nil
}

// gapEnd is the end of the newest gap, 0 if there is none.
func (v *Verifier) gapEnd() uint64 {
	if n := len(v.report.Gaps); n > 0 {
		return v.report.Gaps[n-1].To
	}
	return 0
}

// Head takes a signed head: at the newest record, or of one still to come. Head
// 0 is an empty chain's and names its Genesis.
func (v *Verifier) Head(s Signed) error {
	h, err := OpenHead(s, v.key)
	if err != nil {
		return v.unopened(err, h.Seq, h.Seq)
	}
	if h.Chain != v.id {
		return v.problem(Foreign, h.Seq, h.Seq, fmt.Sprintf("Đầu chuỗi đã ký số %d thuộc chuỗi khác (%s).", h.Seq, h.Chain),
			fmt.Sprintf("The signed head %d is of another chain (%s).", h.Seq, h.Chain))
	}
	if g := v.gapOver(h.Seq); g != nil && swallowed(g, &h) {
		return nil
	}
	switch {
	case h.Seq == v.seq:
		return v.settle(h)
	case h.Seq < v.seq:
		return v.late(h)
	}
	p, ok := v.pending[h.Seq]
	if ok && p.Hash != h.Hash {
		return v.problem(Forked, h.Seq, h.Seq, fmt.Sprintf("Hai đầu chuỗi đã ký cùng số %d nhưng khác nhau: chuỗi bị rẽ nhánh.", h.Seq),
			fmt.Sprintf("Two signed heads of number %d differ: the chain forks.", h.Seq))
	}
	if !ok && len(v.pending) >= MaxPendingHeads {
		return v.problem(Overflow, h.Seq, h.Seq, "Quá nhiều đầu chuỗi đứng trước phiếu của chúng.", "Too many heads come before their records.")
	}
	if !ok || h.At > p.At {
		v.pending[h.Seq] = h
	}
	return nil
}

// late takes a head over a record that has gone by.
func (v *Verifier) late(h Head) error {
	known := v.recent[h.Seq%recentHeaders]
	if known.seq != h.Seq || known.hash == (Hash{}) {
		return v.problem(Moved, h.Seq, h.Seq, fmt.Sprintf("Đầu chuỗi đã ký số %d đến quá muộn để kiểm tra; phải đứng ngay sau phiếu đó.", h.Seq),
			fmt.Sprintf("The signed head %d comes too late to be checked; it belongs right after its record.", h.Seq))
	}
	if known.hash != h.Hash {
		return v.contradicts(h)
	}
	v.keep(h)
	return nil
}

// reached settles the head that waited for the newest record.
func (v *Verifier) reached() error {
	p, ok := v.pending[v.seq]
	if !ok {
		return nil
	}
	delete(v.pending, v.seq)
	return v.settle(p)
}

func (v *Verifier) settle(h Head) error {
	if h.Hash != v.hash {
		return v.contradicts(h)
	}
	v.keep(h)
	return nil
}

func (v *Verifier) contradicts(h Head) error {
	return v.problem(Altered, h.Seq, h.Seq, fmt.Sprintf("Phiếu số %d không khớp với đầu chuỗi đã ký: nội dung đã bị sửa.", h.Seq),
		fmt.Sprintf("Record %d does not match the signed head: it was altered.", h.Seq))
}

func (v *Verifier) keep(h Head) {
	if n := v.report.Head; n == nil || h.Seq > n.Seq || h.Seq == n.Seq && h.At > n.At {
		v.report.Head = &h
	}
}

func (v *Verifier) remember() {
	v.recent[v.seq%recentHeaders].seq = v.seq
	v.recent[v.seq%recentHeaders].hash = v.hash
}

func (v *Verifier) unopened(err error, from, to uint64) error {
	fault := Altered
	if slides.KindOf(err) == slides.Denied {
		fault = Foreign // or altered: a wrong signature can't tell
	}
	return v.problem(fault, from, to, slides.Sentence(err, "vi"), slides.Sentence(err, "en"))
}

func (v *Verifier) problem(f Fault, from, to uint64, vi, en string) error {
	p := Problem{f, from, to, vi, en}
	v.report.Faults++
	if len(v.report.Problems) < MaxProblems {
		v.report.Problems = append(v.report.Problems, p)
	}
	return &p
}

// Tip is the newest seq and the hash that the next header must point to.
func (v *Verifier) Tip() (seq uint64, hash Hash) { return v.seq, v.hash }

// Report is the state so far, and that heads wait for records which have not
// come: at the end of the chain these are missing. It can be asked more than
// once; the slices and map are the caller's.
func (v *Verifier) Report() Report {
	out := v.report
	out.Gaps = append([]Gap(nil), v.report.Gaps...)
	out.Problems = append([]Problem(nil), v.report.Problems...)
	out.Withheld = make(map[Kind]uint64, len(v.report.Withheld))
	for k, n := range v.report.Withheld {
		out.Withheld[k] = n
	}
	// A gap's signature covers the hash before it, so it vouches as a head does.
	signed := max(v.first, v.gapEnd())
	if h := v.report.Head; h != nil {
		copied := *h
		out.Head, signed = &copied, max(signed, h.Seq)
	}
	out.Unsigned = v.seq - signed
	last := uint64(0)
	for seq := range v.pending {
		last = max(last, seq)
	}
	if last > v.seq {
		out.Faults++
		p := Problem{
			Missing, v.seq + 1, last, fmt.Sprintf("Thiếu phiếu số %s: ki-ốt đã ký đến số %d.", span(v.seq+1, last), last),
			fmt.Sprintf("Records %s are missing: the kiosk has signed up to %d.", span(v.seq+1, last), last),
		}
		if len(out.Problems) < MaxProblems {
			out.Problems = append(out.Problems, p)
		}
	}
	return out
}

func span(from, to uint64) string {
	if from == to {
		return fmt.Sprint(from)
	}
	return fmt.Sprintf("%d–%d", from, to)
}
