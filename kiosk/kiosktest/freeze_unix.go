//go:build unix

package kiosktest

import (
	"sync"
	"syscall"
	"testing"
)

// Freeze stops the X server where it stands, as a graphics driver hangs: what is
// drawn is not shown, and whoever waits for it stands still. Nothing else of
// Display may be called before the function it returns lets the server go on.
func (d *Display) Freeze(t testing.TB) (thaw func()) {
	t.Helper()
	d.try(t, d.server.Signal(syscall.SIGSTOP))
	thaw = sync.OnceFunc(func() { d.server.Signal(syscall.SIGCONT) })
	t.Cleanup(thaw)
	return thaw
}
