package vault

import (
	"io"
	"io/fs"
	"path"
	"sort"
	"sync"
	"syscall"

	"motcua/slides"
)

// Memory is a Disk in memory.
type Memory struct {
	mu     sync.Mutex
	files  map[string]*memFile
	dirs   map[string]bool
	budget int64
	locked bool
}

// NewMemory makes an empty disk of budget bytes.
func NewMemory(budget int64) *Memory {
	return &Memory{files: map[string]*memFile{}, dirs: map[string]bool{".": true}, budget: budget}
}

type memFile struct {
	d *Memory
	b []byte
}

func (f *memFile) ReadAt(p []byte, off int64) (int, error) {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	if off >= int64(len(f.b)) {
		return 0, io.EOF
	}
	n := copy(p, f.b[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (f *memFile) WriteAt(p []byte, off int64) (int, error) {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	if err := f.grow(off + int64(len(p))); err != nil {
		return 0, err
	}
	return copy(f.b[off:], p), nil
}

func (f *memFile) grow(n int64) error {
	add := n - int64(len(f.b))
	if add <= 0 {
		return nil
	}
	if add > f.d.free() {
		return syscall.ENOSPC
	}
	f.b = append(f.b, make([]byte, add)...)
	return nil
}

func (f *memFile) Truncate(n int64) error {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	if n < int64(len(f.b)) {
		f.b = f.b[:n]
		return nil
	}
	return f.grow(n)
}

func (f *memFile) Sync() error { return nil }

func (f *memFile) Size() (int64, error) {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	return int64(len(f.b)), nil
}

func (f *memFile) Close() error { return nil }

func (d *Memory) free() int64 {
	n := d.budget
	for _, f := range d.files {
		n -= int64(len(f.b))
	}
	return n
}

// Open implements Disk.
func (d *Memory) Open(name string) (File, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f := d.files[name]
	if f == nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return f, nil
}

// Create implements Disk.
func (d *Memory) Create(name string) (File, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f := &memFile{d: d}
	d.files[name] = f
	return f, nil
}

// Rename implements Disk.
func (d *Memory) Rename(from, to string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	f := d.files[from]
	if f == nil {
		return &fs.PathError{Op: "rename", Path: from, Err: fs.ErrNotExist}
	}
	delete(d.files, from)
	d.files[to] = f
	return nil
}

// Remove implements Disk.
func (d *Memory) Remove(name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.files[name] == nil {
		return &fs.PathError{Op: "remove", Path: name, Err: fs.ErrNotExist}
	}
	delete(d.files, name)
	return nil
}

// MakeDir implements Disk.
func (d *Memory) MakeDir(name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.dirs[name] = true
	return nil
}

// SyncDir implements Disk.
func (d *Memory) SyncDir(string) error { return nil }

// List implements Disk.
func (d *Memory) List(dir string) ([]Entry, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []Entry
	for name, f := range d.files {
		if path.Dir(name) == dir {
			out = append(out, Entry{Name: path.Base(name), Size: int64(len(f.b)), Modified: slides.Millis(0)})
		}
	}
	for name := range d.dirs {
		if name != "." && path.Dir(name) == dir {
			out = append(out, Entry{Name: path.Base(name), Dir: true})
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out, nil
}

// Free implements Disk.
func (d *Memory) Free() (int64, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.free(), nil
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
