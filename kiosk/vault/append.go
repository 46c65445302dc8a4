package vault

import (
	"encoding/json"
	"errors"
	"io/fs"

	"motcua/slides"
	"motcua/slides/chain"
)

// Append adds a rating to the current chain and returns once it is on the
// medium: only then say "Cảm ơn". Sections are in order of kind. Kind Full:
// refused for want of space, NotFound: not paired, Invalid or TooLarge: the
// sections break chain's limits, Broken: the disk failed. After an error the
// rating is not kept.
func (o *Outbox) Append(sections []chain.Section) (Receipt, error) {
	const op = "vault.Append"
	o.mu.Lock()
	defer o.mu.Unlock()
	b := o.boxes[o.now]
	if b == nil {
		return Receipt{}, o.unpaired(op)
	}
	seq := b.head + 1
	rec, hash := chain.Next(b.id(), seq, b.hash, sections)
	if _, err := rec.Check(); err != nil {
		return Receipt{}, err
	}
	payload := rec.Encode()
	if len(payload) > chain.MaxRecord {
		return Receipt{}, slides.E(slides.TooLarge, op, "Phiếu quá dài; hãy viết ngắn hơn.", "It is too long; shorten its text.", nil)
	}
	err := o.bridge(b)
	if err == nil && b.head+1 != seq {
		rec, hash = chain.Next(b.id(), b.head+1, b.hash, sections)
		payload = rec.Encode()
	}
	if err == nil {
		err = o.write(b, encodeFrame(b.id(), b.head+1, o.moment(), payload), hash)
	}
	o.full = full(err)
	switch {
	case o.full:
		return Receipt{}, slides.E(slides.Full, op,
			"Ki-ốt đã hết chỗ lưu nên chưa nhận được "+o.kind.what["vi"]+" này. Xin báo cán bộ tại quầy.",
			"The kiosk has no space left, so this "+o.kind.what["en"]+" was not taken. Please tell the staff at the counter.", err)
	case err != nil:
		return Receipt{}, slides.E(slides.Broken, op,
			"Ki-ốt không ghi được "+o.kind.what["vi"]+" này vào ổ đĩa. Xin báo cán bộ tại quầy.",
			"The kiosk could not write this "+o.kind.what["en"]+" to its disk. Please tell the staff at the counter.", err)
	}
	return Receipt{b.id(), b.head, b.hash}, nil
}

func (o *Outbox) unpaired(op string) error {
	return slides.E(slides.NotFound, op, "Ki-ốt chưa được ghép nối nên chưa nhận "+o.kind.what["vi"]+".", "The kiosk is not paired and takes no "+o.kind.what["en"]+"s yet.", nil)
}

// Ready is nil while the next rating, of whatever size, will find space; else it
// is the refusal, to be shown before a citizen begins.
func (o *Outbox) Ready() error {
	const op = "vault.Ready"
	o.mu.Lock()
	defer o.mu.Unlock()
	b := o.boxes[o.now]
	if b == nil {
		return o.unpaired(op)
	}
	if len(b.spares) > 0 || b.tail != nil && !b.segError && b.tail.end+int64(frameSize(chain.MaxRecord)) <= b.SegmentSize {
		return nil
	}
	if err := o.addSpare(b); err != nil {
		o.full = full(err)
		return slides.E(slides.Full, op, "Ki-ốt đã hết chỗ lưu, tạm thời chưa nhận "+o.kind.what["vi"]+". Xin báo cán bộ tại quầy.",
			"The kiosk has no space left and takes no "+o.kind.what["en"]+"s for now. Please tell the staff at the counter.", err)
	}
	o.full = false
	return nil
}

// write puts record head+1 on the medium and then its mark. On success head
// and hash move; on an error the record is undone.
func (o *Outbox) write(b *box, fr []byte, hash chain.Hash) error {
	if b.tail == nil || b.segError || b.tail.end+int64(len(fr)) > b.SegmentSize {
		if err := o.nextSegment(b); err != nil {
			return err
		}
	}
	off := b.tail.end
	_, err := b.file.WriteAt(fr, off)
	if err == nil {
		err = b.file.Sync()
	}
	if err == nil {
		err = o.writeMark(b, b.head+1, hash)
	}
	if err != nil {
		o.abandon(b, off, len(fr))
		return err
	}
	b.head, b.hash = b.head+1, hash
	b.tail.places = append(b.tail.places, place{b.head, uint32(off), uint32(len(fr))})
	b.tail.end += int64(len(fr))
	return nil
}

// writeMark records that everything up to and with seq is on the medium.
func (o *Outbox) writeMark(b *box, seq uint64, hash chain.Hash) error {
	if b.marks == nil {
		f, err := o.v.disk.Open(b.dir + "/mark")
		if err != nil {
			return err
		}
		b.marks = f
	}
	m := mark{b.mark.gen + 1, seq, hash, b.Acked, b.AckedHash, b.Rewinds}
	if _, err := b.marks.WriteAt(m.encode(b.id()), m.place()); err != nil {
		return err
	}
	if err := b.marks.Sync(); err != nil {
		return err
	}
	b.mark = m
	return nil
}

// abandon undoes a record whose writing failed. After a failed Sync nobody
// knows what the medium holds, and a second Sync of the same pages may succeed
// without having written them: so the place is wiped, new ratings go to another
// segment, and the marks to a new file. Where even that fails, the next
// segment's name still tells that what stands here at head+1 does not count.
func (o *Outbox) abandon(b *box, off int64, size int) {
	if _, err := b.file.WriteAt(make([]byte, size), off); err == nil {
		b.file.Sync() // best effort, see above
	}
	b.segError = true
	if b.marks != nil {
		b.marks.Close()
		b.marks = nil
	}
	if m, err := newMarks(o.v.disk, b.dir, b.id(), b.mark); err == nil {
		b.mark = m
	}
}

// nextSegment makes a preallocated segment the one for record head+1.
func (o *Outbox) nextSegment(b *box) error {
	if len(b.spares) == 0 {
		if err := o.addSpare(b); err != nil {
			return err
		}
	}
	s := &segment{first: b.head + 1, name: segmentName(b.head + 1), size: b.SegmentSize, scanned: true}
	spare := b.spares[0]
	d := o.v.disk
	if err := d.Rename(b.dir+"/"+spare, b.dir+"/"+s.name); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			b.spares = b.spares[1:]
		}
		return err
	}
	b.spares = b.spares[1:]
	if n := len(b.segs); n > 0 && b.segs[n-1].first == s.first {
		b.segs = b.segs[:n-1] // it held nothing that counts; the rename replaced it
	}
	b.segs = append(b.segs, s)
	b.closeTail()
	if err := d.SyncDir(b.dir); err != nil {
		return err
	}
	f, err := d.Open(b.dir + "/" + s.name)
	if err != nil {
		return err
	}
	b.file, b.tail, b.segError = f, s, false
	return nil
}

func (b *box) closeTail() {
	if b.file != nil {
		b.file.Close()
	}
	b.file, b.tail = nil, nil
}

func (o *Outbox) saveState(b *box) error {
	raw, err := json.Marshal(b.chainState)
	if err != nil {
		return err
	}
	if err := writeTwice(o.v.disk, b.dir+"/state", raw); err != nil {
		return err
	}
	b.unsaved = 0
	return nil
}

func (o *Outbox) close() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	var errs []error
	for _, b := range o.boxes {
		if b.unsaved > 0 {
			errs = append(errs, o.saveState(b))
		}
		b.closeTail()
		if b.marks != nil {
			b.marks.Close()
			b.marks = nil
		}
	}
	o.boxes = map[chain.ID]*box{}
	return errors.Join(errs...)
}
