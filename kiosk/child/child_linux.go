package child

import (
	"math"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// Tame lets the process die with the kiosk, however that ends, and keeps open
// files from it: Go marks its own, the graphics driver's may not be marked.
func Tame(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	// Linux before 5.11 does not know it; the marks of Go's own files remain.
	_ = unix.CloseRange(3, math.MaxUint32, unix.CLOSE_RANGE_CLOEXEC)
}

// Yield makes the process give way to everything that a citizen waits for. Where
// that is refused it runs as it is.
func Yield(pid int) { _ = syscall.Setpriority(syscall.PRIO_PROCESS, pid, 10) }
