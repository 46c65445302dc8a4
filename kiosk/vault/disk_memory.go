package vault

import (
	"io/fs"
	"path"
	"sort"
	"sync"
	"syscall"
	"time"

	"motcua/slides"
)

// Memory is a Disk in memory: the vault of a kiosk in a browser, and the disk
// that tests make fail. It models what a disk promises and no more. Written
// bytes are live at once, but only Sync makes a file's data durable and only
// SyncDir a folder's names; what of the rest outlives a power cut is chance
// (see Reboot).
type Memory struct {
	mu     sync.Mutex
	root   *memNode
	budget int64
	used   int64
	locked bool
	clock  int // counts changes; orders the versions of sectors
	now    func() slides.Millis

	fault func(op Op, name string) error
	left  int // changes until the power fails; negative: it does not
	dead  bool
}

// NewMemory makes an empty disk with room for budget bytes.
func NewMemory(budget int64) *Memory {
	return &Memory{root: newMemDir(), budget: budget, left: -1, now: func() slides.Millis { return slides.At(time.Now()) }}
}

// memNode is a file or a folder. Guarded by its Memory's mu.
type memNode struct {
	memData             // of a file
	names    []nameSet  // of a folder: changes since the last SyncDir, oldest first
	kept     memEntries // of a folder: the durable names
	entries  memEntries // of a folder: the live names; nil for a file
	modified slides.Millis
}

type memEntries map[string]*memNode

// nameSet is one change of a folder: some names get a node, or lose it (nil).
type nameSet map[string]*memNode

func newMemDir() *memNode { return &memNode{entries: memEntries{}, kept: memEntries{}} }

func (n *memNode) change(set nameSet) {
	n.names = append(n.names, set)
	set.apply(n.entries)
}

func (s nameSet) apply(e memEntries) {
	for name, node := range s {
		if node == nil {
			delete(e, name)
		} else {
			e[name] = node
		}
	}
}

func (d *Memory) find(op, name string) (*memNode, error) {
	n := d.root
	if name == "." {
		return n, nil
	}
	if dir := path.Dir(name); dir != "." {
		var err error
		if n, err = d.find(op, dir); err != nil {
			return nil, err
		}
	}
	n = n.entries[path.Base(name)]
	if n == nil {
		return nil, &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
	}
	return n, nil
}

// Open implements Disk.
func (d *Memory) Open(name string) (File, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.step(OpOpen, name); err != nil {
		return nil, err
	}
	n, err := d.find("open", name)
	if err != nil {
		return nil, err
	}
	if n.entries != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: syscall.EISDIR}
	}
	return &memFile{d, n, name}, nil
}

// Create implements Disk.
func (d *Memory) Create(name string) (File, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.step(OpCreate, name); err != nil {
		return nil, err
	}
	dir, err := d.find("create", path.Dir(name))
	if err != nil {
		return nil, err
	}
	n := dir.entries[path.Base(name)]
	if n == nil {
		n = &memNode{modified: d.now()}
		dir.change(nameSet{path.Base(name): n})
	} else {
		d.resize(n, 0)
	}
	return &memFile{d, n, name}, nil
}

// Rename implements Disk. Within one folder it is one change; between two the
// folders may each keep or lose their half.
func (d *Memory) Rename(from, to string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.step(OpRename, to); err != nil {
		return err
	}
	n, err := d.find("rename", from)
	if err != nil {
		return err
	}
	source, _ := d.find("rename", path.Dir(from))
	target, err := d.find("rename", path.Dir(to))
	if err != nil {
		return err
	}
	if old := target.entries[path.Base(to)]; old != nil && old != n {
		d.used -= int64(len(old.live))
	}
	if source == target {
		source.change(nameSet{path.Base(from): nil, path.Base(to): n})
		return nil
	}
	target.change(nameSet{path.Base(to): n})
	source.change(nameSet{path.Base(from): nil})
	return nil
}

// Remove implements Disk.
func (d *Memory) Remove(name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.step(OpRemove, name); err != nil {
		return err
	}
	n, err := d.find("remove", name)
	if err != nil {
		return err
	}
	if len(n.entries) > 0 {
		return &fs.PathError{Op: "remove", Path: name, Err: syscall.ENOTEMPTY}
	}
	dir, _ := d.find("remove", path.Dir(name))
	dir.change(nameSet{path.Base(name): nil})
	d.used -= int64(len(n.live))
	return nil
}

// MakeDir implements Disk.
func (d *Memory) MakeDir(name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.step(OpMakeDir, name); err != nil {
		return err
	}
	dir, err := d.find("mkdir", path.Dir(name))
	if err != nil {
		return err
	}
	if dir.entries[path.Base(name)] == nil {
		dir.change(nameSet{path.Base(name): newMemDir()})
	}
	return nil
}

// SyncDir implements Disk.
func (d *Memory) SyncDir(name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.step(OpSyncDir, name); err != nil {
		return err
	}
	n, err := d.find("sync", name)
	if err != nil {
		return err
	}
	n.syncNames()
	return nil
}

func (n *memNode) syncNames() {
	for _, set := range n.names {
		set.apply(n.kept)
	}
	n.names = nil
}

// SyncAll implements Disk.
func (d *Memory) SyncAll() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.step(OpSync, "."); err != nil {
		return err
	}
	d.root.syncTree()
	return nil
}

func (n *memNode) syncTree() {
	if n.entries == nil {
		n.syncData()
		return
	}
	n.syncNames()
	for _, e := range n.entries {
		e.syncTree()
	}
}

// List implements Disk.
func (d *Memory) List(dir string) ([]Entry, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.step(OpList, dir); err != nil {
		return nil, err
	}
	n, err := d.find("list", dir)
	if err != nil {
		return nil, err
	}
	out := make([]Entry, 0, len(n.entries))
	for name, e := range n.entries {
		out = append(out, Entry{Name: name, Size: int64(len(e.live)), Modified: e.modified, Dir: e.entries != nil})
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out, nil
}

// Free implements Disk.
func (d *Memory) Free() (int64, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return max(0, d.budget-d.used), nil
}

// Lock implements Disk.
func (d *Memory) Lock() (func() error, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.locked {
		return nil, ErrLocked
	}
	d.locked = true
	return func() error {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.locked = false
		return nil
	}, nil
}
