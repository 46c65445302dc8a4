package vault

import (
	"fmt"
	"slices"
	"sort"

	"motcua/slides"
	"motcua/slides/chain"
)

// Unacked returns what the server lacks of chain c, beginning at seq from or,
// where that is later, after the newest acknowledged: at most limit records and
// maxBytes of them (as kept on disk), at least one; or at most limit gaps. A
// record found damaged becomes a signed gap here, durable before it is returned.
// Kind Conflict: the server's own head must be told first (Rewind).
func (o *Outbox) Unacked(c chain.ID, from uint64, limit, maxBytes int) (Batch, error) {
	const op = "vault.Unacked"
	o.mu.Lock()
	defer o.mu.Unlock()
	b, err := o.box(op, c)
	if err != nil {
		return Batch{}, err
	}
	out, err := o.collect(b, max(from, b.Acked+1), limit, maxBytes)
	return out, broken(op, err)
}

func (o *Outbox) collect(b *box, from uint64, limit, maxBytes int) (Batch, error) {
	out := Batch{Chain: b.id(), From: from}
	var hash chain.Hash
	bytes := 0
	for seq := from; seq <= b.head && len(out.Records) < limit && len(out.Gaps) < limit; {
		if g := b.gapAt(seq); g != nil {
			if len(out.Records) > 0 {
				break
			}
			if g.From <= b.Acked { // the server has a part of it
				if err := o.realign(b, b.Acked, b.AckedHash); err != nil {
					return Batch{}, err
				}
				g = b.gapAt(seq)
			}
			out.Gaps = append(out.Gaps, g.signed)
			out.To = g.To
			seq = g.To + 1
			continue
		}
		rec, size, ok, err := o.read(b, seq)
		if err != nil {
			return Batch{}, err
		}
		if !ok {
			if len(out.Records) > 0 {
				break
			}
			if err := o.stateHole(b, seq); err != nil {
				return Batch{}, err
			}
			continue
		}
		if len(out.Gaps) > 0 || len(out.Records) > 0 && bytes+size > maxBytes {
			break
		}
		bytes += size
		hash = chain.HashOf(rec.Header)
		out.Records = append(out.Records, rec)
		out.To = seq
		seq++
	}
	if len(out.Records) > 0 {
		out.Head = o.sign(b, out.To, hash)
	}
	return out, nil
}

// gapAt is the gap that covers seq, or nil.
func (b *box) gapAt(seq uint64) *gap {
	i := sort.Search(len(b.gaps), func(i int) bool { return b.gaps[i].To >= seq })
	if i < len(b.gaps) && b.gaps[i].From <= seq {
		return &b.gaps[i]
	}
	return nil
}

// segmentOf is the segment where record seq would stand, or nil.
func (b *box) segmentOf(seq uint64) *segment {
	i := sort.Search(len(b.segs), func(i int) bool { return b.segs[i].first > seq })
	if i == 0 {
		return nil
	}
	return b.segs[i-1]
}

// read returns record seq as on disk; ok is false where it is not there whole.
func (o *Outbox) read(b *box, seq uint64) (rec chain.Record, size int, ok bool, err error) {
	s := b.segmentOf(seq)
	if s == nil || seq < b.Base || seq > b.head {
		return chain.Record{}, 0, false, nil
	}
	if err := o.scan(b, s); err != nil {
		return chain.Record{}, 0, false, err
	}
	p, ok := s.find(seq)
	if !ok {
		return chain.Record{}, 0, false, nil
	}
	rec, ok, err = o.readPlace(b, s, p)
	if err == nil && !ok {
		s.drop(seq)
	}
	return rec, int(p.size), ok, err
}

func (o *Outbox) readFrame(b *box, s *segment, p place) (frame, bool, error) {
	f := b.file
	if s != b.tail || f == nil {
		var err error
		if f, err = o.v.disk.Open(b.dir + "/" + s.name); err != nil {
			if missing(err) {
				return frame{}, false, nil
			}
			return frame{}, false, err
		}
		defer f.Close()
	}
	raw, err := readSectors(f, int64(p.off), int64(p.size))
	if err != nil {
		return frame{}, false, err
	}
	fr, ok := parseFrame(b.id(), raw)
	return fr, ok && fr.seq == p.seq, nil
}

func (o *Outbox) readPlace(b *box, s *segment, p place) (chain.Record, bool, error) {
	fr, ok, err := o.readFrame(b, s, p)
	if !ok || err != nil {
		return chain.Record{}, false, err
	}
	rec, _, ok := parseRecord(b.id(), p.seq, fr.payload)
	return rec, ok, nil
}

// written is when the record at p was written.
func (o *Outbox) written(b *box, s *segment, p place) (slides.Millis, error) {
	fr, _, err := o.readFrame(b, s, p)
	return fr.at, err
}

// hashAt is the hash of header seq, from the record itself or from what points
// to it; ok is false where damage took all of that.
func (o *Outbox) hashAt(b *box, seq uint64) (h chain.Hash, ok bool, err error) {
	switch {
	case seq == 0:
		return b.genesis(), true, nil
	case seq == b.head && b.hash != chain.Hash{}:
		return b.hash, true, nil
	case seq == b.Base-1 && b.BasePrev != chain.Hash{}:
		return b.BasePrev, true, nil
	}
	if g := b.gapAt(seq); g != nil && g.To == seq {
		return g.Next, true, nil
	}
	rec, _, ok, err := o.read(b, seq)
	if err != nil {
		return chain.Hash{}, false, err
	}
	if ok {
		return chain.HashOf(rec.Header), true, nil
	}
	if rec, _, ok, err = o.read(b, seq+1); err != nil {
		return chain.Hash{}, false, err
	}
	if ok {
		next, err := chain.ParseHeader(rec.Header)
		return next.Prev, err == nil, nil
	}
	if g := b.gapAt(seq + 1); g != nil && g.From == seq+1 {
		return g.Prev, true, nil
	}
	if seq == b.mark.seq {
		return b.mark.hash, true, nil
	}
	return b.AckedHash, seq == b.Acked && b.AckedHash != chain.Hash{}, nil
}

// stateHole states the run of lost records that begins at from.
func (o *Outbox) stateHole(b *box, from uint64) error {
	stop := b.head
	if i := sort.Search(len(b.gaps), func(i int) bool { return b.gaps[i].From > from }); i < len(b.gaps) {
		stop = b.gaps[i].From - 1
	}
	to := from
	for to < stop {
		next := to + 1
		if next < b.Base {
			to = min(b.Base-1, stop)
			continue
		}
		_, _, ok, err := o.read(b, next)
		if err != nil {
			return err
		}
		if ok {
			break
		}
		to = next
	}
	_, err := o.addGap(b, from, to)
	return err
}

// addGap signs a gap over from..to and keeps it durably.
func (o *Outbox) addGap(b *box, from, to uint64) (gap, error) {
	prev, ok, err := o.hashAt(b, from-1)
	if err != nil {
		return gap{}, err
	}
	if !ok {
		return gap{}, slides.E(slides.Conflict, "vault.addGap",
			fmt.Sprintf("Phiếu số %d và mắt xích trước nó đều hỏng; cần máy chủ cho biết đầu chuỗi.", from),
			fmt.Sprintf("Record %d and the link before it are damaged; the server's head is needed.", from), nil)
	}
	g := chain.Gap{Chain: b.id(), From: from, To: to, Prev: prev, At: o.moment()}
	g.Reason, g.Note = o.reason(b, from, to)
	g.Next, ok, err = o.hashAt(b, to)
	if err != nil {
		return gap{}, err
	}
	if !ok {
		g.Next = g.Filler()
	}
	out := gap{g, g.Sign(b.key)}
	if err := o.saveGaps(b, append(slices.Clone(b.gaps), out)); err != nil {
		return gap{}, err
	}
	o.v.damaged("ratings")
	return out, nil
}

// reason says why from..to are gone.
func (o *Outbox) reason(b *box, from, to uint64) (chain.Reason, string) {
	if to < b.Base {
		return chain.Truncated, "đã xóa sau khi máy chủ xác nhận / removed after acknowledgement"
	}
	s := b.segmentOf(from)
	switch {
	case s == nil:
		return chain.Truncated, "mất tệp phiếu / a file of ratings is gone"
	case s.size < b.SegmentSize:
		return chain.Truncated, "tệp phiếu bị cắt ngắn / a file of ratings was cut short"
	}
	return chain.Rotten, "ổ đĩa trả dữ liệu sai / the disk gave wrong bytes"
}

// Ack says that the server has every record of chain c up to and with seq for
// good. Kind Conflict: the chain is not that long. What is acknowledged last may
// be forgotten in a power cut; it is then only sent again.
func (o *Outbox) Ack(c chain.ID, seq uint64) error {
	const op = "vault.Ack"
	o.mu.Lock()
	defer o.mu.Unlock()
	b, err := o.box(op, c)
	if err != nil {
		return err
	}
	if err := tooLong(op, b, seq); err != nil || seq <= b.Acked {
		return err
	}
	hash, ok, err := o.hashAt(b, seq)
	if err != nil {
		return broken(op, err)
	}
	if !ok {
		hash = chain.Hash{}
	}
	b.Acked, b.AckedHash = seq, hash
	return broken(op, o.ackKept(b))
}

// ackSave is how many acknowledgements may be forgotten in a power cut.
const ackSave = 64

func (o *Outbox) ackKept(b *box) error {
	b.unsaved++
	if b.unsaved < ackSave {
		return nil
	}
	return o.saveState(b)
}

func tooLong(op string, b *box, seq uint64) error {
	if seq <= b.head {
		return nil
	}
	return slides.E(slides.Conflict, op,
		fmt.Sprintf("Máy chủ có chuỗi phiếu đến số %d, ki-ốt chỉ có đến %d: ổ đĩa ki-ốt có thể là bản sao cũ; hãy ghép nối lại.", seq, b.head),
		fmt.Sprintf("The server has the chain up to %d, the kiosk only to %d: the kiosk's disk may be an old copy; pair again.", seq, b.head), nil)
}

// Rewind takes what a welcome says of chain c: the server has it up to seq,
// whose header's hash is hash (anything for seq 0). Where that is less than was
// acknowledged (a restored backup), sending starts again from there; where it is
// more, it counts as an acknowledgement. A gap that reaches over seq is stated
// again from seq+1 on. Where this disk lost its newest records and the server has
// them, the chain goes on from the server's position. Kind Conflict: the kiosk
// has another header there (a fork), or the chain is not that long.
func (o *Outbox) Rewind(c chain.ID, seq uint64, hash chain.Hash) error {
	const op = "vault.Rewind"
	o.mu.Lock()
	defer o.mu.Unlock()
	b, err := o.box(op, c)
	if err != nil {
		return err
	}
	if done, err := o.adopt(b, seq, hash); done || err != nil {
		return broken(op, err)
	}
	if err := tooLong(op, b, seq); err != nil {
		return err
	}
	if seq == 0 {
		hash = chain.Hash{}
	} else {
		ours, ok, err := o.hashAt(b, seq)
		if err != nil {
			return broken(op, err)
		}
		if ok && ours != hash && b.bridged(seq) < 0 {
			return slides.E(slides.Conflict, op,
				fmt.Sprintf("Phiếu số %d trên máy chủ khác với trên ki-ốt: chuỗi bị rẽ nhánh.", seq),
				fmt.Sprintf("Record %d on the server is not the kiosk's: the chain forks.", seq), nil)
		}
	}
	if seq > 0 {
		if err := o.realign(b, seq, hash); err != nil {
			return broken(op, err)
		}
	}
	b.Doubt = 0 // an honest server has no more of this chain
	back := seq < b.Acked
	if !back && seq == b.Acked && hash == b.AckedHash {
		return nil
	}
	old := b.chainState
	b.Acked, b.AckedHash = seq, hash
	if !back {
		return broken(op, o.ackKept(b))
	}
	b.Rewinds++
	if err := o.saveState(b); err != nil {
		b.chainState = old
		return broken(op, err)
	}
	return nil
}
