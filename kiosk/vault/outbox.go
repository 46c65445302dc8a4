package vault

import (
	"crypto/ed25519"
	"sort"
	"sync"

	"motcua/slides"
	"motcua/slides/chain"
	"motcua/slides/letter"
)

// Outbox keeps ratings, or letters, until the server has them, and 90 days
// more. Its part of the package's text says why nothing thanked for is lost
// without a trace. What it says of ratings holds for letters.
type Outbox struct {
	v    *Vault
	kind *outboxKind // static

	mu    sync.Mutex
	boxes map[chain.ID]*box // guarded by mu
	now   chain.ID          // guarded by mu: new ratings go to this chain
	full  bool              // guarded by mu: the last rating was refused for want of space
}

// outboxKind is what tells the two outboxes apart.
type outboxKind struct {
	dir  string // folder
	what slides.Text
	id   func(ratings chain.ID) chain.ID // a pairing's chain
	// clock is what is written down of a moment, and spares and segment how much
	// space is kept ready.
	clock   func(slides.Millis) slides.Millis
	spares  func(*Options) int
	segment func(*Options) int
}

const hour = slides.Millis(3600_000)

var (
	ratingBox = &outboxKind{
		dir: "outbox", what: slides.Text{"vi": "đánh giá", "en": "rating"},
		id:     func(c chain.ID) chain.ID { return c },
		clock:  func(at slides.Millis) slides.Millis { return at },
		spares: func(o *Options) int { return o.Spares }, segment: func(o *Options) int { return o.SegmentSize },
	}
	// A letter's time is no finer than the hour anywhere, so that it can't be laid
	// beside a rating of the same minute (package letter). Few are written: a small
	// segment holds dozens.
	letterBox = &outboxKind{
		dir: "letters", what: slides.Text{"vi": "góp ý", "en": "letter"},
		id:     letter.ChainOf,
		clock:  func(at slides.Millis) slides.Millis { return at / hour * hour },
		spares: func(*Options) int { return 1 }, segment: func(o *Options) int { return min(o.SegmentSize, 256<<10) },
	}
)

// moment is the vault's clock as this outbox writes it down.
func (o *Outbox) moment() slides.Millis { return o.kind.clock(o.v.opt.Now()) }

// box is one chain's folder. Guarded by the Outbox's mu.
type box struct {
	dir      string
	identity Identity
	key      ed25519.PrivateKey
	chainState
	head   uint64     // newest record or gap
	hash   chain.Hash // what header head+1 points to
	mark   mark       // the newest on the medium
	segs   []*segment // in order of first
	gaps   []gap      // in order of From
	spares []string   // names of preallocated files of zeros

	tail     *segment // where the next record goes; nil: a new one
	file     File     // of tail, open
	marks    File     // of mark, open
	unsaved  int      // acknowledgements since chainState was written
	segError bool     // a write failed: the tail is not to be trusted
}

// chainState is kept in the file "state" of a chain.
type chainState struct {
	Base        uint64     `json:"base"`      // the first seq that is kept
	BasePrev    chain.Hash `json:"base_prev"` // what header Base points to
	Acked       uint64     `json:"acked"`
	AckedHash   chain.Hash `json:"acked_hash"` // of header Acked; zero where not known
	Rewinds     uint64     `json:"rewinds"`    // how often Acked was moved back
	SegmentSize int64      `json:"segment_size"`
	// Doubt is the seq that a lost mark may have named, while it is head+1.
	Doubt uint64 `json:"doubt,omitempty"`
}

// gap is a signed gap record with its fields.
type gap struct {
	chain.Gap
	signed chain.Signed
}

// Receipt says where a rating stands in its chain.
type Receipt struct {
	Chain chain.ID
	Seq   uint64
	Hash  chain.Hash // of its header
}

// ChainState is how far one chain is.
type ChainState struct {
	Identity  Identity // of the chain's pairing
	Public    ed25519.PublicKey
	Seq       uint64     // of the newest record or gap; 0 before the first
	Hash      chain.Hash // what the next header points to
	Acked     uint64
	AckedHash chain.Hash // of header Acked; zero for Acked 0, or where damage took it
	Current   bool       // new ratings go here
}

// Batch is what comes next to send of one chain: records or gaps, not both.
type Batch struct {
	Chain    chain.ID
	From, To uint64 // the seqs that it covers; To 0: nothing to send
	Records  []chain.Record
	Head     chain.Signed   // over the newest of Records
	Gaps     []chain.Signed // signed gap records
}

func (b *box) public() ed25519.PublicKey { return b.key.Public().(ed25519.PublicKey) }

func (b *box) id() chain.ID { return b.identity.Chain }

func (b *box) genesis() chain.Hash { return chain.Genesis(b.id(), b.public()) }

func (o *Outbox) has(c chain.ID) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.boxes[c] != nil
}

// use makes c the chain of new ratings.
func (o *Outbox) use(c chain.ID) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.now = c
}

func (o *Outbox) key(c chain.ID) (ed25519.PrivateKey, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	b := o.boxes[c]
	if b == nil {
		return nil, false
	}
	return b.key, true
}

// box returns chain c's, or an error of kind NotFound.
func (o *Outbox) box(op string, c chain.ID) (*box, error) {
	b := o.boxes[c]
	if b == nil {
		return nil, slides.E(slides.NotFound, op, "Ki-ốt không có chuỗi phiếu này.", "The kiosk has no such chain.", nil)
	}
	return b, nil
}

// Chains lists every chain that is kept, oldest pairing first.
func (o *Outbox) Chains() []ChainState {
	o.mu.Lock()
	defer o.mu.Unlock()
	var out []ChainState
	for c, b := range o.boxes {
		out = append(out, ChainState{b.identity, b.public(), b.head, b.hash, b.Acked, b.AckedHash, c == o.now})
	}
	sort.Slice(out, func(i, j int) bool {
		a, b := &out[i].Identity, &out[j].Identity
		return a.Paired < b.Paired || a.Paired == b.Paired && a.Chain.String() < b.Chain.String()
	})
	return out
}

// Head is the current chain's newest head, signed now; ok is false before the
// first rating.
func (o *Outbox) Head() (s chain.Signed, ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	b := o.boxes[o.now]
	if b == nil || b.head == 0 {
		return chain.Signed{}, false
	}
	return o.sign(b, b.head, b.hash), true
}

func (o *Outbox) sign(b *box, seq uint64, hash chain.Hash) chain.Signed {
	h := chain.Head{Chain: b.id(), Seq: seq, Hash: hash, At: o.moment()}
	return h.Sign(b.key)
}

// Pending is the number of ratings, over all chains, not yet acknowledged.
func (o *Outbox) Pending() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	n := 0
	for _, b := range o.boxes {
		n += int(b.head - b.Acked)
	}
	return n
}

func (o *Outbox) isFull() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.full
}
