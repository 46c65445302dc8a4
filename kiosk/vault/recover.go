package vault

import (
	"crypto/ed25519"
	"encoding/json"
	"math"
	"sort"
	"strings"

	"motcua/slides/chain"
)

func openOutbox(v *Vault, kind *outboxKind) (*Outbox, error) {
	o := &Outbox{v: v, kind: kind, boxes: map[chain.ID]*box{}}
	list, err := v.disk.List(kind.dir)
	if err != nil {
		return nil, err
	}
	for _, e := range list {
		var c chain.ID
		if !e.Dir || c.UnmarshalText([]byte(e.Name)) != nil {
			continue
		}
		b, err := o.openBox(c)
		if err != nil {
			return nil, err
		}
		if b != nil {
			o.boxes[c] = b
		}
	}
	if v.identity == nil && kind == ratingBox { // both copies rotten: the newest chain has another two
		for _, b := range o.boxes {
			if id := b.identity; v.identity == nil || id.Paired > v.identity.Paired {
				v.identity = &id
			}
		}
		if v.identity != nil {
			if err := v.saveIdentity(*v.identity); err != nil {
				return nil, err
			}
		}
	}
	if v.identity != nil {
		o.now = kind.id(v.identity.Chain)
	}
	return o, nil
}

// fresh is the state of a chain with nothing in it.
func (o *Outbox) fresh(b *box) chainState {
	size := o.kind.segment(&o.v.opt)
	return chainState{Base: 1, BasePrev: b.genesis(), SegmentSize: int64(size / sector * sector)}
}

// start makes the folder of a pairing's new chain; the identity comes last and
// says that it is complete.
func (o *Outbox) start(id Identity, key ed25519.PrivateKey) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	id.Chain = o.kind.id(id.Chain)
	d := o.v.disk
	b := &box{dir: o.kind.dir + "/" + id.Chain.String(), identity: id, key: key}
	b.chainState = o.fresh(b)
	b.hash = b.genesis()
	if err := d.MakeDir(b.dir); err != nil {
		return err
	}
	if err := d.SyncDir(o.kind.dir); err != nil {
		return err
	}
	if err := writeTwice(d, b.dir+"/key", key.Seed()); err != nil {
		return err
	}
	if err := o.saveState(b); err != nil {
		return err
	}
	var err error
	if b.mark, err = newMarks(d, b.dir, b.id(), mark{hash: b.hash}); err != nil {
		return err
	}
	if err := o.makeSpare(b); err != nil {
		return err
	}
	raw, err := json.Marshal(id)
	if err != nil {
		return err
	}
	if err := writeTwice(d, b.dir+"/identity", raw); err != nil {
		return err
	}
	o.boxes[id.Chain] = b
	return nil
}

// openBox reads a chain's folder; nil for one that is not complete, or whose
// key is lost (counted as damage: nothing can be signed for it any more).
func (o *Outbox) openBox(c chain.ID) (*box, error) {
	d := o.v.disk
	b := &box{dir: o.kind.dir + "/" + c.String()}
	raw, err := readTwice(d, b.dir+"/identity")
	if err == nil {
		err = json.Unmarshal(raw, &b.identity)
	}
	if err != nil || b.identity.Chain != c {
		mine := o.v.identity != nil && o.kind.id(o.v.identity.Chain) == c
		begun := !mine
		if mine && o.kind == letterBox { // begun for a pairing that was there before
			used, err := o.hasSegments(b.dir)
			if err != nil {
				return nil, err
			}
			begun = !used
		}
		if begun && missing(err) { // a pairing, or a removal, that the power cut short
			return nil, o.removeBox(b.dir, false)
		}
		if !mine {
			o.v.damaged("identity")
			return nil, nil
		}
		o.v.damaged("identity")
		b.identity = *o.v.identity
		b.identity.Chain = c
	}
	seed, err := readTwice(d, b.dir+"/key")
	if err != nil || len(seed) != ed25519.SeedSize {
		o.v.damaged("key")
		return nil, nil
	}
	b.key = ed25519.NewKeyFromSeed(seed)
	return b, o.recover(b)
}

// recover finds the chain's head and mends its tail; see the package's text.
func (o *Outbox) recover(b *box) error {
	good, err := o.readPositions(b)
	if err != nil {
		return err
	}
	if err := o.listSegments(b); err != nil {
		return err
	}
	newest, hash, err := o.newestIntact(b)
	if err != nil {
		return err
	}
	b.head, b.hash = newest, hash
	known := max(b.Base-1, b.Acked, b.mark.seq)
	if n := len(b.gaps); n > 0 {
		known = max(known, b.gaps[n-1].To)
	}
	whole, err := o.tailWhole(b)
	if err != nil {
		return err
	}
	if known > newest {
		b.head, b.hash = known, o.tailHash(b, known)
	}
	if good < 2 && !whole {
		// A mark is gone, and after the newest record there is, or was, something
		// that may have been thanked for: it is stated as lost rather than passed over.
		b.head, b.hash = b.head+1, chain.Hash{}
	}
	if b.hash == (chain.Hash{}) && b.head > newest {
		if err := o.closeTailHole(b, newest); err != nil {
			return err
		}
	}
	if err := o.reuseTail(b, newest, whole); err != nil {
		return err
	}
	if good < 2 {
		o.v.damaged("mark")
		b.Doubt = b.head + 1
		if err := o.saveState(b); err != nil { // before the new marks look sound
			return err
		}
		b.mark.seq, b.mark.hash = b.head, b.hash
		b.mark, err = newMarks(o.v.disk, b.dir, b.id(), b.mark)
		return err
	}
	if b.mark.seq != b.head || b.mark.hash != b.hash {
		return o.writeMark(b, b.head, b.hash)
	}
	return nil
}

// readPositions reads state, gaps and mark; it returns how many marks are good.
func (o *Outbox) readPositions(b *box) (good int, err error) {
	d := o.v.disk
	if b.mark, good, err = readMark(d, b.dir, b.id()); err != nil {
		return 0, err
	}
	if good == 0 {
		b.mark.hash = b.genesis()
	}
	raw, err := readTwice(d, b.dir+"/state")
	if err == nil {
		err = json.Unmarshal(raw, &b.chainState)
	}
	if err != nil || !b.chainState.sane() {
		o.v.damaged("state")
		b.chainState = o.fresh(b)
		b.Rewinds = b.mark.rewinds
	}
	if good > 0 && b.mark.rewinds == b.Rewinds && b.mark.acked > b.Acked {
		b.Acked, b.AckedHash = b.mark.acked, b.mark.ackedHash
	}
	raw, err = readTwice(d, b.dir+"/gaps")
	if missing(err) {
		return good, nil
	}
	var signed []chain.Signed
	if err == nil {
		err = json.Unmarshal(raw, &signed)
	}
	if err != nil {
		o.v.damaged("gaps") // the holes are still there and are stated anew
		return good, nil
	}
	for _, s := range signed {
		if g, err := chain.OpenGap(s, b.public()); err == nil && g.Chain == b.id() {
			b.gaps = append(b.gaps, gap{g, s})
		}
	}
	sort.Slice(b.gaps, func(i, j int) bool { return b.gaps[i].From < b.gaps[j].From })
	return good, nil
}

// maxSeq is chain.Header's bound of seqs.
const maxSeq = 1 << 62

// sane says whether a state can be a chain's.
func (s *chainState) sane() bool {
	return s.Base > 0 && s.Base <= maxSeq && s.Acked >= s.Base-1 && s.Acked <= maxSeq &&
		s.SegmentSize >= minSegment && s.SegmentSize <= maxSegment && s.SegmentSize%sector == 0
}

// listSegments fills segs and spares and sweeps what a power cut left half made.
func (o *Outbox) listSegments(b *box) error {
	list, err := o.v.disk.List(b.dir)
	if err != nil {
		return err
	}
	for _, e := range list {
		if first, ok := parseSegmentName(e.Name); ok {
			if b.Base <= first || !o.before(b, first, list) {
				b.segs = append(b.segs, &segment{name: e.Name, first: first, size: e.Size})
				continue
			}
		} else if strings.HasPrefix(e.Name, "spare-") && !strings.HasSuffix(e.Name, ".tmp") && e.Size == b.SegmentSize {
			b.spares = append(b.spares, e.Name)
			continue
		} else if !strings.HasSuffix(e.Name, ".tmp") && !strings.HasPrefix(e.Name, "spare-") {
			continue
		}
		if err := o.v.disk.Remove(b.dir + "/" + e.Name); err != nil && !missing(err) {
			return err
		}
	}
	return nil
}

// before says whether the segment beginning with first lies wholly before Base:
// the state gave it up, and a power cut came before it was removed.
func (o *Outbox) before(b *box, first uint64, list []Entry) bool {
	for _, e := range list {
		if next, ok := parseSegmentName(e.Name); ok && next > first && next <= b.Base {
			return true
		}
	}
	return false
}

// scan reads a segment once.
func (o *Outbox) scan(b *box, s *segment) error {
	if s.scanned {
		return nil
	}
	f, err := o.v.disk.Open(b.dir + "/" + s.name)
	if err != nil {
		return err
	}
	defer f.Close()
	raw, err := readSectors(f, 0, min(s.size, b.SegmentSize))
	if err != nil {
		return err
	}
	until := uint64(math.MaxUint64)
	for i, t := range b.segs {
		if t == s && i+1 < len(b.segs) {
			until = b.segs[i+1].first
		}
	}
	s.scan(b.id(), raw, until)
	return nil
}

// newestIntact scans every segment that may hold records not acknowledged, and
// returns the newest intact record with its hash; Base-1 where there is none.
func (o *Outbox) newestIntact(b *box) (uint64, chain.Hash, error) {
	for i := len(b.segs) - 1; i >= 0; i-- {
		if err := o.scan(b, b.segs[i]); err != nil {
			return 0, chain.Hash{}, err
		}
		if b.segs[i].first <= b.Acked+1 {
			break
		}
	}
	for i := len(b.segs) - 1; i >= 0; i-- {
		s := b.segs[i]
		if err := o.scan(b, s); err != nil {
			return 0, chain.Hash{}, err
		}
		for n := len(s.places); n > 0; n = len(s.places) {
			p := s.places[n-1]
			rec, ok, err := o.readPlace(b, s, p)
			if err != nil {
				return 0, chain.Hash{}, err
			}
			if ok {
				return p.seq, chain.HashOf(rec.Header), nil
			}
			s.drop(p.seq)
			s.dirty, s.end = true, int64(p.off)
		}
	}
	return b.Base - 1, b.BasePrev, nil
}

// tailWhole says whether the last segment shows no more than a torn, never
// acknowledged write after its newest record: it has its full length, and no
// bytes but zeros behind that record.
func (o *Outbox) tailWhole(b *box) (bool, error) {
	if len(b.segs) == 0 {
		return b.mark.seq == 0 || b.Base > 1, nil
	}
	s := b.segs[len(b.segs)-1]
	if err := o.scan(b, s); err != nil {
		return false, err
	}
	return s.size == b.SegmentSize && !s.dirty, nil
}

// tailHash is what is known of the hash of lost header seq, the newest; zero
// where nothing is.
func (o *Outbox) tailHash(b *box, seq uint64) chain.Hash {
	if n := len(b.gaps); n > 0 && b.gaps[n-1].To == seq {
		return b.gaps[n-1].Next
	}
	switch seq {
	case b.mark.seq:
		return b.mark.hash
	case b.Acked:
		return b.AckedHash
	}
	return chain.Hash{}
}

// closeTailHole states the records after newest up to the head as lost, where
// nobody knows the last one's hash: the gap's own filler is what follows.
func (o *Outbox) closeTailHole(b *box, newest uint64) error {
	from := newest + 1
	if n := len(b.gaps); n > 0 {
		from = max(from, b.gaps[n-1].To+1)
	}
	if b.Acked >= from && b.Acked < b.head && b.AckedHash != (chain.Hash{}) {
		from = b.Acked + 1
	}
	g, err := o.addGap(b, from, b.head)
	if err != nil {
		return err
	}
	b.hash = g.Next
	return nil
}
