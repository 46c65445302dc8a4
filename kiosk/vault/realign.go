package vault

import (
	"encoding/json"
	"fmt"
	"slices"
	"sort"

	"motcua/slides"
	"motcua/slides/chain"
)

// The server may have records that this disk lost, for an acknowledgement is
// lost with them. Then what was stated here as lost has to fit what is there.

// bridgeNote marks a gap that stands for a number nobody used. The chain goes
// on behind a gap whose last hash was lost, so the next record points to the
// gap's filler; but the server may have the lost record, under its own hash.
// One number more, stated as lost and so restated at will, joins either.
const bridgeNote = "số bỏ trống để nối chuỗi / a number left unused to join the chain"

// guessedTail is the gap that the chain ends in, where the hash of its last
// header is not known here and the server has not taken the gap; else nil.
func (b *box) guessedTail() *gap {
	n := len(b.gaps)
	if n == 0 {
		return nil
	}
	g := &b.gaps[n-1]
	if g.To != b.head || g.Next != g.Filler() || b.Acked >= g.To && b.AckedHash == g.Next {
		return nil
	}
	return g
}

// bridge leaves one number out where the chain is about to go on behind a gap
// that the server may contradict; see bridgeNote.
func (o *Outbox) bridge(b *box) error {
	g := b.guessedTail()
	if g == nil || g.Note == bridgeNote {
		return nil
	}
	n := chain.Gap{Chain: b.id(), From: b.head + 1, To: b.head + 1, Prev: b.hash, At: o.moment(), Reason: g.Reason, Note: bridgeNote}
	n.Next = n.Filler()
	if err := o.saveGaps(b, append(slices.Clone(b.gaps), gap{n, n.Sign(b.key)})); err != nil {
		return err
	}
	b.head, b.hash = n.To, n.Next
	return nil
}

// bridged is the index of the bridge that begins right after seq, or -1. What
// the gap before it says of header seq is a filler, not a hash.
func (b *box) bridged(seq uint64) int {
	i := sort.Search(len(b.gaps), func(i int) bool { return b.gaps[i].To > seq })
	if i > 0 && i < len(b.gaps) && b.gaps[i].From == seq+1 && b.gaps[i].Note == bridgeNote && b.gaps[i-1].To == seq {
		return i
	}
	return -1
}

// realign restates the gap that the server's position seq, with its header's
// hash, lies in or that a bridge joins to it: as one from seq+1 on. Its Next
// stays, for the records behind it point there. It is durable on return.
func (o *Outbox) realign(b *box, seq uint64, hash chain.Hash) error {
	gaps := slices.Clone(b.gaps)
	i := b.bridged(seq)
	if i >= 0 && gaps[i].Prev == hash {
		return nil
	}
	drop := i - 1 // the gap before a bridge: the server has all of it
	if i < 0 {
		i = sort.Search(len(gaps), func(i int) bool { return gaps[i].To > seq })
		if i == len(gaps) || gaps[i].From > seq {
			return nil
		}
	}
	if hash == (chain.Hash{}) {
		return slides.E(slides.Conflict, "vault.realign",
			fmt.Sprintf("Cần máy chủ cho biết mắt xích số %d để khai báo lại khoảng trống.", seq),
			fmt.Sprintf("The server's header %d is needed to state the gap behind it.", seq), nil)
	}
	g := gaps[i].Gap
	tail := b.guessedTail() != nil && i == len(gaps)-1
	g.From, g.Prev, g.At = seq+1, hash, o.moment()
	if tail { // nothing points to it yet: the filler is its own again
		g.Next = g.Filler()
	}
	gaps[i] = gap{g, g.Sign(b.key)}
	if drop >= 0 {
		gaps = slices.Delete(gaps, drop, drop+1)
	}
	if err := o.saveGaps(b, gaps); err != nil {
		return err
	}
	if !tail {
		return nil
	}
	b.hash = g.Next
	return o.writeMark(b, b.head, b.hash) // Open takes the gap's word before the mark's
}

// adopt goes on from the server's position where that is newer than all that
// this disk has kept, and the disk is known to have lost its end: it ends in a
// gap of unknown hash, or its mark rotted and nothing was written since. It
// says whether it did.
//
// A disk that is whole does not take the server's word: it is then an old copy
// whose twin may live. And the kiosk's next signed head vouches for all before
// it, so that records put under a sound disk would come to bear its signature.
func (o *Outbox) adopt(b *box, seq uint64, hash chain.Hash) (bool, error) {
	lost := b.guessedTail() != nil
	ahead := seq > b.head && (lost || b.Doubt == b.head+1) || lost && seq == b.head && hash != b.hash
	if !ahead || seq >= maxSeq || hash == (chain.Hash{}) {
		return false, nil
	}
	// The mark first: with it alone Open still ends in the gap, or behind it.
	if err := o.writeMark(b, seq, hash); err != nil {
		return false, err
	}
	if n := len(b.gaps); n > 0 && b.gaps[n-1].To == seq {
		if err := o.saveGaps(b, slices.Clone(b.gaps[:n-1])); err != nil {
			return false, err
		}
	}
	b.head, b.hash = seq, hash
	b.Acked, b.AckedHash, b.Doubt = seq, hash, 0
	return true, o.saveState(b)
}

// saveGaps keeps the gaps durably and then uses them.
func (o *Outbox) saveGaps(b *box, gaps []gap) error {
	sort.Slice(gaps, func(i, j int) bool { return gaps[i].From < gaps[j].From })
	signed := make([]chain.Signed, len(gaps))
	for i := range gaps {
		signed[i] = gaps[i].signed
	}
	raw, err := json.Marshal(signed)
	if err != nil {
		return err
	}
	if err := writeTwice(o.v.disk, b.dir+"/gaps", raw); err != nil {
		return err
	}
	b.gaps = gaps
	return nil
}
