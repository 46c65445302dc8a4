package vault

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"

	"motcua/slides"
)

// addSpare preallocates one more segment for chain b. Where the disk is full,
// unreachable blobs go first, then the oldest acknowledged ratings.
func (o *Outbox) addSpare(b *box) error {
	for {
		err := o.makeSpare(b)
		if err == nil || !full(err) {
			return err
		}
		if o.v.blobs.shrink(b.SegmentSize) {
			continue
		}
		dropped, derr := o.dropOldest()
		if derr != nil {
			return errors.Join(err, derr)
		}
		if !dropped {
			return err
		}
	}
}

// makeSpare writes a file of zeros: written ones, not a hole, so that the blocks
// are there and a later Sync of a record has no allocation left to make.
func (o *Outbox) makeSpare(b *box) error {
	d := o.v.disk
	if free, err := d.Free(); err == nil && free < b.SegmentSize {
		return syscall.ENOSPC
	}
	name := ""
	for i := 1; ; i++ {
		name = fmt.Sprintf("spare-%d", i)
		if !contains(b.spares, name) {
			break
		}
	}
	if err := writeFile(d, b.dir+"/"+name, make([]byte, b.SegmentSize)); err != nil {
		return err
	}
	b.spares = append(b.spares, name)
	return nil
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// ackedSegment says whether b's oldest segment holds only acknowledged records
// and is not the tail.
func (b *box) ackedSegment() bool {
	return len(b.segs) > 1 && b.segs[1].first <= b.Acked+1
}

// dropOldest gives up the acknowledged segment with the oldest records, over
// all chains; false where there is none.
func (o *Outbox) dropOldest() (bool, error) {
	var oldest *box
	for _, b := range o.boxes {
		if b.ackedSegment() && (oldest == nil || b.identity.Paired < oldest.identity.Paired) {
			oldest = b
		}
	}
	if oldest == nil {
		return false, nil
	}
	if err := o.dropSegment(oldest); slides.KindOf(err) != slides.Corrupt {
		return err == nil, err
	}
	return false, nil
}

// dropSegment removes b's oldest segment, after the state says so durably.
func (o *Outbox) dropSegment(b *box) error {
	next := b.segs[1].first
	prev, ok, err := o.hashAt(b, next-1)
	if err != nil {
		return err
	}
	if !ok {
		// Without it the chain could not be joined to what stays.
		return slides.E(slides.Corrupt, "vault.dropSegment", "Tệp phiếu cũ bị hỏng nên được giữ lại.", "An old file of ratings is damaged and is kept.", nil)
	}
	old := b.chainState
	b.Base, b.BasePrev = next, prev
	if err := o.saveState(b); err != nil {
		b.chainState = old
		return err
	}
	s := b.segs[0]
	b.segs = b.segs[1:]
	if err := o.v.disk.Remove(b.dir + "/" + s.name); err != nil && !missing(err) {
		return err
	}
	return o.v.disk.SyncDir(b.dir)
}

// tidy keeps spares of the current chain ready, removes what was acknowledged
// longer ago than is kept, and chains that have nothing left to say.
func (o *Outbox) tidy() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	before := o.moment() - slides.Millis(o.v.opt.KeepAcked.Milliseconds())
	var errs []error
	for c, b := range o.boxes {
		if b.unsaved > 0 {
			errs = append(errs, o.saveState(b))
		}
		for b.ackedSegment() {
			at, err := o.begun(b, b.segs[1])
			if err != nil || at == 0 || at >= before {
				errs = append(errs, err)
				break
			}
			if err := o.dropSegment(b); err != nil {
				errs = append(errs, err)
				break
			}
		}
		if c != o.now {
			errs = append(errs, o.tidyOld(b, before))
			continue
		}
		for len(b.spares) < o.kind.spares(&o.v.opt) {
			if err := o.addSpare(b); err != nil {
				if !full(err) {
					errs = append(errs, err)
				}
				break
			}
		}
	}
	return errors.Join(errs...)
}

// begun is when a segment's first intact record was written; 0: not known.
func (o *Outbox) begun(b *box, s *segment) (slides.Millis, error) {
	if err := o.scan(b, s); err != nil || len(s.places) == 0 {
		return 0, err
	}
	return o.written(b, s, s.places[0])
}

// tidyOld lets go of an older chain's spares, and of all of it when everything
// was acknowledged and the time to keep it is over.
func (o *Outbox) tidyOld(b *box, before slides.Millis) error {
	d := o.v.disk
	for len(b.spares) > 0 {
		if err := d.Remove(b.dir + "/" + b.spares[0]); err != nil && !missing(err) {
			return err
		}
		b.spares = b.spares[1:]
	}
	if b.Acked < b.head {
		return nil
	}
	newest := b.identity.Paired
	if n := len(b.segs); n > 0 {
		s := b.segs[n-1]
		if err := o.scan(b, s); err != nil {
			return err
		}
		if k := len(s.places); k > 0 {
			at, err := o.written(b, s, s.places[k-1])
			if err != nil {
				return err
			}
			newest = max(newest, at)
		}
	}
	if newest >= before {
		return nil
	}
	b.closeTail()
	if err := o.removeBox(b.dir, true); err != nil {
		return err
	}
	delete(o.boxes, b.id())
	return nil
}

// hasSegments says whether anything was ever appended in a chain's folder.
func (o *Outbox) hasSegments(dir string) (bool, error) {
	list, err := o.v.disk.List(dir)
	return slices.ContainsFunc(list, func(e Entry) bool { _, ok := parseSegmentName(e.Name); return ok }), err
}

// removeBox removes a chain's folder: the ratings, then the identity, without
// which the rest is rubbish for the next Open to sweep, then the rest. Where it
// must not have ratings any more but has, it is left alone.
func (o *Outbox) removeBox(dir string, ratings bool) error {
	d := o.v.disk
	list, err := d.List(dir)
	if err != nil {
		return err
	}
	rank := func(name string) int {
		if _, ok := parseSegmentName(name); ok {
			return 0
		}
		if strings.HasPrefix(name, "identity.") {
			return 1
		}
		return 2
	}
	for now := range 3 {
		for _, e := range list {
			if rank(e.Name) != now {
				continue
			}
			if now == 0 && !ratings {
				return nil
			}
			if err := d.Remove(dir + "/" + e.Name); err != nil && !missing(err) {
				return err
			}
		}
		if err := d.SyncDir(dir); err != nil {
			return err
		}
	}
	if err := d.Remove(dir); err != nil {
		return err
	}
	return d.SyncDir(o.kind.dir)
}
