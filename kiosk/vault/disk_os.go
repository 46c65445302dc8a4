//go:build !js

package vault

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"motcua/slides"
)

// Folder is a Disk in a folder of the operating system.
type Folder struct {
	path string
	root *os.Root
}

// NewFolder opens the folder at path, which it makes if it is not there.
func NewFolder(path string) (*Folder, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, err
	}
	return &Folder{path, root}, nil
}

type osFile struct{ *os.File }

func (f osFile) Sync() error { return syncData(f.File) }

func (f osFile) Size() (int64, error) {
	st, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return st.Size(), nil
}

// Open implements Disk.
func (d *Folder) Open(name string) (File, error) {
	f, err := d.root.OpenFile(filepath.FromSlash(name), os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	return osFile{f}, nil
}

// Create implements Disk.
func (d *Folder) Create(name string) (File, error) {
	f, err := d.root.OpenFile(filepath.FromSlash(name), os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	return osFile{f}, nil
}

// Rename implements Disk.
func (d *Folder) Rename(from, to string) error {
	return d.root.Rename(filepath.FromSlash(from), filepath.FromSlash(to))
}

// Remove implements Disk.
func (d *Folder) Remove(name string) error { return d.root.Remove(filepath.FromSlash(name)) }

// MakeDir implements Disk.
func (d *Folder) MakeDir(name string) error {
	if err := d.root.Mkdir(filepath.FromSlash(name), 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

// SyncDir implements Disk.
func (d *Folder) SyncDir(name string) error {
	f, err := d.root.Open(filepath.FromSlash(name))
	if err != nil {
		return err
	}
	defer f.Close()
	return syncDir(f)
}

// SyncAll implements Disk.
func (d *Folder) SyncAll() error {
	f, err := d.root.Open(".")
	if err != nil {
		return err
	}
	defer f.Close()
	return syncAll(f)
}

// List implements Disk.
func (d *Folder) List(dir string) ([]Entry, error) {
	list, err := fs.ReadDir(d.root.FS(), dir)
	if err != nil {
		return nil, err
	}
	out := make([]Entry, 0, len(list))
	for _, e := range list {
		st, err := e.Info()
		if err != nil {
			continue // removed since
		}
		out = append(out, Entry{e.Name(), st.Size(), slides.At(st.ModTime()), e.IsDir()})
	}
	return out, nil
}

// Path is where a name lies for other programs of this machine.
func (d *Folder) Path(name string) string { return filepath.Join(d.path, filepath.FromSlash(name)) }

// Free implements Disk.
func (d *Folder) Free() (int64, error) { return freeBytes(d.path) }

// Lock implements Disk with an advisory lock on the file "lock"; the system
// lets go of it when the process ends, however it ends.
func (d *Folder) Lock() (func() error, error) {
	f, err := d.root.OpenFile("lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := lockFile(f); err != nil {
		f.Close()
		return nil, err
	}
	return f.Close, nil
}
