package vault

import (
	"errors"
	"io/fs"
	"syscall"

	"motcua/slides"
)

// File is an open file of a Disk. ReadAt and WriteAt follow io.ReaderAt and
// io.WriterAt; a write past the end grows the file with zeros between.
type File interface {
	ReadAt(p []byte, off int64) (int, error)
	WriteAt(p []byte, off int64) (int, error)
	// Truncate sets the length; a longer one adds zeros.
	Truncate(size int64) error
	// Sync returns once the data, and the length needed to read it back, are on
	// the medium. The file's name is durable only after SyncDir of its folder.
	Sync() error
	Size() (int64, error)
	Close() error
}

// Entry is one name in a folder.
type Entry struct {
	Name     string
	Size     int64
	Modified slides.Millis
	Dir      bool
}

// Disk is what a vault keeps its files on, and the place where tests put disk
// faults. Names are slash-separated and relative to the vault's folder; "." is
// the folder itself. A missing name is an error that matches fs.ErrNotExist, a
// full disk one that matches syscall.ENOSPC. Safe for concurrent use.
type Disk interface {
	// Open opens an existing file for reading and writing.
	Open(name string) (File, error)
	// Create makes an empty file, readable by its owner only, or empties it.
	Create(name string) (File, error)
	// Rename replaces what is at to; both names are durable after SyncDir.
	Rename(from, to string) error
	Remove(name string) error
	// MakeDir makes one folder; one that is there is no error.
	MakeDir(name string) error
	SyncDir(name string) error
	// SyncAll makes everything durable that was written so far, names and data.
	SyncAll() error
	// List gives a folder's entries in order of name.
	List(dir string) ([]Entry, error)
	// Free is the number of bytes that may still be written.
	Free() (int64, error)
	// Lock takes the folder for this process alone, or fails with ErrLocked.
	Lock() (release func() error, err error)
}

// ErrLocked says that another process holds the folder.
var ErrLocked = errors.New("vault: the folder is in use")

func missing(err error) bool { return errors.Is(err, fs.ErrNotExist) }

func full(err error) bool { return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) }

// unreadable says that the medium could not give the bytes.
func unreadable(err error) bool { return errors.Is(err, syscall.EIO) }
