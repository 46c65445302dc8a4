package vault

import "errors"

// reuseTail goes on in the last segment if it is sound up to the newest record,
// after wiping what a torn write left; otherwise the next record begins another.
func (o *Outbox) reuseTail(b *box, newest uint64, whole bool) error {
	if len(b.segs) == 0 {
		return nil
	}
	s := b.segs[len(b.segs)-1]
	if s.size != b.SegmentSize || s.rotten || b.head != newest || s.first > b.head+1 {
		return nil
	}
	f, err := o.v.disk.Open(b.dir + "/" + s.name)
	if err != nil {
		return err
	}
	if err := o.settleTail(b, f, s, whole); err != nil {
		f.Close()
		if unreadable(err) || errors.Is(err, errUnwritable) {
			return nil // another segment is the answer
		}
		return err
	}
	b.file, b.tail = f, s
	return nil
}

var errUnwritable = errors.New("the tail can't be written")

// settleTail makes sure of two things: what is behind the newest record is
// zeros, and a newest record that no mark names is on the medium and not only in
// the system's cache (after kill -9, or a Sync that failed).
func (o *Outbox) settleTail(b *box, f File, s *segment, whole bool) error {
	sync := false
	if !whole {
		if _, err := f.WriteAt(make([]byte, s.size-s.end), s.end); err != nil {
			return errUnwritable
		}
		s.dirty, sync = false, true
	}
	if n := len(s.places); n > 0 && s.places[n-1].seq > b.mark.seq {
		p := s.places[n-1]
		raw, err := readSectors(f, int64(p.off), int64(p.size))
		if err != nil {
			return err
		}
		if _, err := f.WriteAt(raw, int64(p.off)); err != nil {
			return errUnwritable
		}
		sync = true
	}
	if sync {
		return f.Sync()
	}
	return nil
}
