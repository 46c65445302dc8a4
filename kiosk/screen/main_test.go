package screen

import (
	"fmt"
	"os"
	"runtime"
	"testing"

	"github.com/hajimehoshi/ebiten/v2"
)

// Textures exist only while a game runs: TestMain runs the tests from the first
// Update of a hidden one. Without a display they are skipped, see window.
func TestMain(m *testing.M) {
	if os.Getenv("DISPLAY") == "" && runtime.GOOS == "linux" {
		os.Exit(m.Run())
	}
	ebiten.SetWindowVisible(false)
	h := &host{m: m}
	if err := ebiten.RunGame(h); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(h.code)
}

type host struct {
	m    *testing.M
	code int
}

func (h *host) Update() error {
	h.code = h.m.Run()
	return ebiten.Termination
}

func (h *host) Draw(*ebiten.Image) {}

func (h *host) Layout(int, int) (int, int) { return 16, 16 }

// window skips a test that needs textures.
func window(t testing.TB) {
	t.Helper()
	if os.Getenv("DISPLAY") == "" && runtime.GOOS == "linux" {
		t.Skip("no DISPLAY: run under Xvfb (xvfb-run go test ./kiosk/screen)")
	}
}
