package vault

import (
	"errors"
	"math/rand/v2"
)

// Op is one operation of a Disk, for the faults of a Memory.
type Op int

// The operations that a fault can meet. Those from OpCreate on change the disk.
const (
	OpOpen Op = iota
	OpRead
	OpList
	OpCreate
	OpWrite
	OpTruncate
	OpRename
	OpRemove
	OpMakeDir
	OpSync
	OpSyncDir
)

// ErrPower is what every operation answers once the power has failed.
var ErrPower = errors.New("vault: power cut")

// SetFault has every operation ask f first; its error is the operation's
// outcome. A Sync that fails so gives up the data it was to write: a later Sync
// succeeds without it. nil ends it.
func (d *Memory) SetFault(f func(op Op, name string) error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fault = f
}

// SetBudget sets how many bytes the files may have in all.
func (d *Memory) SetBudget(n int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.budget = n
}

// CutAfter makes the power fail at the change after the next n: that one and
// all later operations answer ErrPower.
func (d *Memory) CutAfter(n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.left = n
}

// Dead says whether the power has failed.
func (d *Memory) Dead() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.dead
}

// Restart is the disk after the process died and not the machine: what was
// written is still in the system's cache, synced or not.
func (d *Memory) Restart() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.dead, d.left, d.locked = false, -1, false
}

// step counts an operation and returns the fault that it meets.
func (d *Memory) step(op Op, name string) error {
	if d.dead {
		return ErrPower
	}
	if op >= OpCreate {
		d.clock++
		if d.left == 0 {
			d.dead = true
			return ErrPower
		}
		if d.left > 0 {
			d.left--
		}
	}
	if d.fault != nil {
		return d.fault(op, name)
	}
	return nil
}

// Damage changes a file's bytes on the medium: rot, or a cut.
func (d *Memory) Damage(name string, change func([]byte) []byte) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	n, err := d.find("damage", name)
	if err != nil {
		return err
	}
	d.used -= int64(len(n.live))
	n.live = change(n.live)
	n.durable = append([]byte(nil), n.live...)
	n.dirty, n.sizes = nil, nil
	d.used += int64(len(n.live))
	return nil
}

// Clone copies the disk as it lives now, everything durable, unlocked.
func (d *Memory) Clone() *Memory {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := NewMemory(d.budget)
	out.now = d.now
	out.root = out.copyNode(d.root, func(n *memNode) (memEntries, []byte) { return n.entries, n.live }, map[*memNode]*memNode{})
	return out
}

// Reboot is the disk after the power failed now: all that was synced, and of
// the rest what chance r leaves. Of a file any mix of old and new sectors may
// survive, or all writes up to a moment; of a folder all changes up to some one.
func (d *Memory) Reboot(r *rand.Rand) *Memory {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := NewMemory(d.budget)
	out.now = d.now
	mode := r.IntN(4) // nothing, everything, up to a moment, any mix
	moment := r.IntN(d.clock + 1)
	until := func() int {
		switch mode {
		case 0:
			return -1
		case 1:
			return d.clock
		case 2:
			return moment
		}
		return r.IntN(d.clock+2) - 1
	}
	out.root = out.copyNode(d.root, func(n *memNode) (memEntries, []byte) {
		if n.entries != nil {
			e := memEntries{}
			for k, v := range n.kept {
				e[k] = v
			}
			survive := 0
			if mode == 1 {
				survive = len(n.names)
			} else if mode > 1 {
				survive = r.IntN(len(n.names) + 1)
			}
			for _, set := range n.names[:survive] {
				set.apply(e)
			}
			return e, nil
		}
		return nil, n.surviving(until)
	}, map[*memNode]*memNode{})
	return out
}

// surviving is a file's bytes after a power cut; until says, for each thing
// unsynced, up to which change it reached the medium.
func (n *memNode) surviving(until func() int) []byte {
	b := append([]byte(nil), n.durable...)
	size, t := len(b), until()
	for _, s := range n.sizes {
		if s.at <= t {
			size = s.size
		}
	}
	b = fit(b, size)
	for s, versions := range n.dirty {
		t := until()
		for i := range versions {
			if versions[i].at <= t && s*memSector < len(b) {
				copy(b[s*memSector:], versions[i].bytes[:])
			}
		}
	}
	return b
}

// copyNode copies a tree into d with the entries and bytes that pick gives.
func (d *Memory) copyNode(n *memNode, pick func(*memNode) (memEntries, []byte), done map[*memNode]*memNode) *memNode {
	if c := done[n]; c != nil {
		return c
	}
	c := &memNode{modified: n.modified}
	done[n] = c
	entries, b := pick(n)
	if n.entries == nil {
		c.live = append([]byte(nil), b...)
		c.durable = append([]byte(nil), b...)
		d.used += int64(len(b))
		return c
	}
	c.entries, c.kept = memEntries{}, memEntries{}
	for name, e := range entries {
		k := d.copyNode(e, pick, done)
		c.entries[name], c.kept[name] = k, k
	}
	return c
}
