package vault

import (
	"io"
	"syscall"
)

// memSector is the unit that a medium writes whole or not at all.
const memSector = 512

// memData is a file's bytes. A sector written since the last Sync has its
// versions in dirty, oldest first; a length set since has its in sizes.
type memData struct {
	live, durable []byte
	dirty         map[int][]memVersion
	sizes         []memSize
}

type memVersion struct {
	at    int
	bytes [memSector]byte
	lost  bool // a failed Sync gave it up: later ones don't write it (as Linux does)
}

type memSize struct{ at, size int }

type memFile struct {
	d    *Memory
	n    *memNode
	name string
}

func (f *memFile) ReadAt(p []byte, off int64) (int, error) {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	if err := f.d.step(OpRead, f.name); err != nil {
		return 0, err
	}
	if off >= int64(len(f.n.live)) {
		return 0, io.EOF
	}
	n := copy(p, f.n.live[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (f *memFile) WriteAt(p []byte, off int64) (int, error) {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	wasDead := f.d.dead
	if err := f.d.step(OpWrite, f.name); err != nil {
		if f.d.dead && !wasDead {
			f.d.write(f.n, p, off) // it was under way when the power failed
		}
		return 0, err
	}
	if err := f.d.write(f.n, p, off); err != nil {
		return 0, err
	}
	return len(p), nil
}

func (f *memFile) Truncate(size int64) error {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	if err := f.d.step(OpTruncate, f.name); err != nil {
		return err
	}
	return f.d.resize(f.n, int(size))
}

func (f *memFile) Sync() error {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	err := f.d.step(OpSync, f.name)
	n := f.n
	if err != nil {
		if !f.d.dead {
			for _, versions := range n.dirty {
				for i := range versions {
					versions[i].lost = true
				}
			}
		}
		return err
	}
	n.syncData()
	return nil
}

func (n *memNode) syncData() {
	if len(n.sizes) > 0 {
		n.durable = fit(n.durable, len(n.live))
		n.sizes = nil
	}
	for s, versions := range n.dirty {
		v := versions[len(versions)-1]
		if v.lost {
			continue
		}
		if s*memSector < len(n.durable) {
			copy(n.durable[s*memSector:], v.bytes[:])
		}
		delete(n.dirty, s)
	}
}

func (f *memFile) Size() (int64, error) {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	return int64(len(f.n.live)), nil
}

func (f *memFile) Close() error { return nil }

func (d *Memory) write(n *memNode, p []byte, off int64) error {
	end := int(off) + len(p)
	if end > len(n.live) {
		if err := d.resize(n, end); err != nil {
			return err
		}
	}
	copy(n.live[off:], p)
	n.modified = d.now()
	for s := int(off) / memSector; s*memSector < end; s++ {
		n.version(d.clock, s)
	}
	return nil
}

func (d *Memory) resize(n *memNode, size int) error {
	add := int64(size - len(n.live))
	if add > 0 && add > d.budget-d.used {
		return syscall.ENOSPC
	}
	d.used += add
	old := len(n.live)
	n.live = fit(n.live, size)
	n.sizes = append(n.sizes, memSize{d.clock, size})
	if size < old { // a later growth reads zeros there
		for s := size / memSector; s*memSector < old; s++ {
			n.version(d.clock, s)
		}
	}
	return nil
}

func (n *memNode) version(at, s int) {
	v := memVersion{at: at}
	if s*memSector < len(n.live) {
		copy(v.bytes[:], n.live[s*memSector:])
	}
	if n.dirty == nil {
		n.dirty = map[int][]memVersion{}
	}
	n.dirty[s] = append(n.dirty[s], v)
}

// fit sets the length of b; what it grows by is zeros.
func fit(b []byte, size int) []byte {
	if size <= len(b) {
		return b[:size:size]
	}
	if size <= cap(b) {
		old := len(b)
		b = b[:size]
		clear(b[old:])
		return b
	}
	return append(b, make([]byte, size-len(b))...)
}
