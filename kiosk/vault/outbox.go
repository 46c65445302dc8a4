package vault

import (
	"crypto/ed25519"
	"sync"

	"motcua/slides"
	"motcua/slides/chain"
)

// Outbox keeps ratings until the server has them, and 90 days more.
type Outbox struct {
	v      *Vault
	mu     sync.Mutex
	chains map[chain.ID]*link
	now    chain.ID
}

type link struct {
	id      Identity
	key     ed25519.PrivateKey
	records []chain.Record
	hash    chain.Hash
	acked   uint64
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
	AckedHash chain.Hash // of header Acked; zero for Acked 0
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

func openOutbox(v *Vault) (*Outbox, error) {
	return &Outbox{v: v, chains: map[chain.ID]*link{}}, nil
}

func (o *Outbox) close() error { return nil }

func (o *Outbox) has(c chain.ID) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.chains[c] != nil
}

func (o *Outbox) start(id Identity, key ed25519.PrivateKey) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.chains[id.Chain] = &link{id: id, key: key, hash: chain.Genesis(id.Chain, key.Public().(ed25519.PublicKey))}
	return nil
}

func (o *Outbox) use(c chain.ID) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.now = c
}

func (o *Outbox) key(c chain.ID) (ed25519.PrivateKey, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	l := o.chains[c]
	if l == nil {
		return nil, false
	}
	return l.key, true
}

// Append adds a rating to the current chain and returns once it is on the
// medium: only then say "Cảm ơn". Sections are in order of kind. Kind Full:
// refused for want of space, NotFound: not paired, Invalid or TooLarge: the
// sections break chain's limits. After any error nothing is kept.
func (o *Outbox) Append(sections []chain.Section) (Receipt, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	l := o.chains[o.now]
	if l == nil {
		return Receipt{}, slides.E(slides.NotFound, "vault.Append", "Ki-ốt chưa được ghép nối nên chưa nhận đánh giá.", "The kiosk is not paired and takes no ratings yet.", nil)
	}
	seq := uint64(len(l.records) + 1)
	r, h := chain.Next(o.now, seq, l.hash, sections)
	l.records, l.hash = append(l.records, r), h
	return Receipt{o.now, seq, h}, nil
}

// Chains lists every chain that is kept, oldest pairing first.
func (o *Outbox) Chains() []ChainState {
	o.mu.Lock()
	defer o.mu.Unlock()
	var out []ChainState
	for c, l := range o.chains {
		s := ChainState{Identity: l.id, Public: l.key.Public().(ed25519.PublicKey), Seq: uint64(len(l.records)), Hash: l.hash, Acked: l.acked, Current: c == o.now}
		if l.acked > 0 {
			s.AckedHash = chain.HashOf(l.records[l.acked-1].Header)
		}
		out = append(out, s)
	}
	return out
}

// Head is the current chain's newest head, signed now; ok is false before the
// first rating.
func (o *Outbox) Head() (s chain.Signed, ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	l := o.chains[o.now]
	if l == nil || len(l.records) == 0 {
		return chain.Signed{}, false
	}
	h := chain.Head{Chain: o.now, Seq: uint64(len(l.records)), Hash: l.hash, At: o.v.opt.Now()}
	return h.Sign(l.key), true
}

// Unacked returns what the server lacks of chain c beginning at seq from (0:
// after the newest acknowledged), at most max records and about maxBytes of
// them, at least one.
func (o *Outbox) Unacked(c chain.ID, from uint64, max, maxBytes int) (Batch, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	l := o.chains[c]
	if l == nil {
		return Batch{}, slides.E(slides.NotFound, "vault.Unacked", "Không có chuỗi này.", "No such chain.", nil)
	}
	from = maxSeq(from, l.acked+1)
	b := Batch{Chain: c, From: from}
	for seq := from; seq <= uint64(len(l.records)) && len(b.Records) < max; seq++ {
		b.Records = append(b.Records, l.records[seq-1])
		b.To = seq
	}
	if b.To > 0 {
		h := chain.Head{Chain: c, Seq: b.To, Hash: chain.HashOf(l.records[b.To-1].Header), At: o.v.opt.Now()}
		b.Head = h.Sign(l.key)
	}
	return b, nil
}

func maxSeq(a, b uint64) uint64 {
	if a > b {
		return a
	}
	return b
}

// Ack says that the server has every record of chain c up to and with seq for
// good. Kind Conflict: the chain is not that long.
func (o *Outbox) Ack(c chain.ID, seq uint64) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if l := o.chains[c]; l != nil {
		l.acked = maxSeq(l.acked, seq)
	}
	return nil
}

// Rewind says that the server now has chain c only up to seq, whose header's
// hash is hash (zero for seq 0): a restored backup. Sending starts again after
// it. Kind Conflict: the kiosk has another header there (a fork).
func (o *Outbox) Rewind(c chain.ID, seq uint64, hash chain.Hash) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if l := o.chains[c]; l != nil && seq < l.acked {
		l.acked = seq
	}
	return nil
}

// Pending is the number of ratings, over all chains, not yet acknowledged.
func (o *Outbox) Pending() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	n := 0
	for _, l := range o.chains {
		n += len(l.records) - int(l.acked)
	}
	return n
}
