package vault

import (
	"errors"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// syncData leaves out the times of the inode: on preallocated bytes it then
// costs one flush and no journal commit.
func syncData(f *os.File) error {
	return os.NewSyscallError("fdatasync", syscall.Fdatasync(int(f.Fd())))
}

func syncDir(f *os.File) error { return f.Sync() }

// syncAll writes out the whole file system that f is on: one flush, where a
// Sync of each of some hundred folders would be as many.
func syncAll(f *os.File) error { return os.NewSyscallError("syncfs", unix.Syncfs(int(f.Fd()))) }

func lockFile(f *os.File) error {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return ErrLocked
	}
	return err
}

func freeBytes(path string) (int64, error) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(path, &st); err != nil {
		return 0, err
	}
	return int64(st.Bavail) * st.Bsize, nil
}
