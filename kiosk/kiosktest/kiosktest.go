// Package kiosktest runs the real kiosk program for end-to-end tests: the built
// binary, in full screen, on its own X server (Xvfb), touched as a panel touches
// it (the X extension XTEST) and judged by the pixels that the X server holds.
// Ebiten's exp/vmhost would replace the window, the GL and the input with its
// own; here they are the ones that citizens meet.
package kiosktest

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// Within bounds every wait of this package.
const Within = 30 * time.Second

// Display is an X server of one test.
type Display struct {
	Number int
	W, H   int
	x      *display
	server *os.Process
}

// NewDisplay starts an Xvfb of w×h pixels and stops it when the test ends. It
// skips the test, with the reason, where there is no Xvfb.
func NewDisplay(t testing.TB, w, h int) *Display {
	t.Helper()
	path, err := exec.LookPath("Xvfb")
	if err != nil {
		t.Skip("no Xvfb here: install the package xvfb to run the kiosk's window in tests")
	}
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	// The server picks a free number and tells it through the pipe when it is ready.
	cmd := exec.Command(path, "-displayfd", "3", "-screen", "0", fmt.Sprintf("%dx%dx24", w, h), "-nolisten", "tcp", "-noreset")
	cmd.ExtraFiles = []*os.File{write}
	var log bytes.Buffer
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		write.Close()
		t.Fatal(err)
	}
	write.Close()
	t.Cleanup(func() { stop(cmd) })
	read.SetReadDeadline(time.Now().Add(Within))
	line := make([]byte, 16)
	n, err := read.Read(line)
	if err != nil {
		t.Fatalf("Xvfb did not start: %v\n%s", err, log.String())
	}
	d := &Display{W: w, H: h, server: cmd.Process}
	if d.Number, err = strconv.Atoi(strings.TrimSpace(string(line[:n]))); err != nil {
		t.Fatalf("Xvfb said %q", line[:n])
	}
	if d.x, err = openDisplay(d.Number); err != nil {
		t.Fatalf("display %d: %v", d.Number, err)
	}
	t.Cleanup(func() { d.x.conn.Close() })
	return d
}

// stop ends a process that this package started, politely, then surely.
func stop(cmd *exec.Cmd) {
	cmd.Process.Signal(os.Interrupt)
	done := make(chan struct{})
	go func() { cmd.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		cmd.Process.Kill()
		<-done
	}
}

// Screenshot is what the X server shows.
func (d *Display) Screenshot(t testing.TB) *image.RGBA {
	t.Helper()
	img, err := d.x.grab()
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// Down puts the finger on a pixel.
func (d *Display) Down(t testing.TB, x, y int) {
	t.Helper()
	d.try(t, d.x.fake(fakeMove, 0, x, y))
	d.try(t, d.x.fake(fakePress, 1, 0, 0))
	d.try(t, d.x.sync())
}

// Slide moves the finger that is down.
func (d *Display) Slide(t testing.TB, x, y int) {
	t.Helper()
	d.try(t, d.x.fake(fakeMove, 0, x, y))
	d.try(t, d.x.sync())
}

// Up lifts the finger.
func (d *Display) Up(t testing.TB) {
	t.Helper()
	d.try(t, d.x.fake(fakeRelease, 1, 0, 0))
	d.try(t, d.x.sync())
}

// rests is how long a finger that taps stays: people take 50 to 100 ms.
const rests = 60 * time.Millisecond

// Tap touches a pixel.
func (d *Display) Tap(t testing.TB, x, y int) {
	t.Helper()
	d.Down(t, x, y)
	<-time.After(rests)
	d.Up(t)
}

func (d *Display) try(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Until takes screenshots until ok is content with one, and returns it. It
// fails the test after Within and keeps the last picture beside the test's log.
func (d *Display) Until(t testing.TB, what string, ok func(*image.RGBA) bool) *image.RGBA {
	t.Helper()
	for end := time.Now().Add(Within); ; {
		img := d.Screenshot(t)
		if ok(img) {
			return img
		}
		if time.Now().After(end) {
			file := Keep(t, "failed", img)
			t.Fatalf("the screen never showed %s; it shows %s", what, file)
		}
		pause()
	}
}

// Still waits until the screen has not changed for a while outside of the
// header, whose clock moves, and returns it: a cross-fade is over then.
func (d *Display) Still(t testing.TB) *image.RGBA {
	t.Helper()
	last := d.Screenshot(t)
	same := 0
	return d.Until(t, "the same picture for a while", func(img *image.RGBA) bool {
		if bytes.Equal(img.Pix, last.Pix) {
			same++
		} else {
			same = 0
		}
		last = img
		return same >= 4
	})
}

// pause lets a frame pass between looks.
func pause() { <-time.After(40 * time.Millisecond) }

var building sync.Mutex

var built = map[string]string{}

// Build builds the kiosk once a process and returns the program's path.
func Build(t testing.TB) string {
	t.Helper()
	return BuildProgram(t, "motcua/cmd/motcua-kiosk")
}

// BuildProgram builds a command of this module once a process.
func BuildProgram(t testing.TB, pkg string) string {
	t.Helper()
	building.Lock()
	defer building.Unlock()
	if p := built[pkg]; p != "" {
		return p
	}
	dir, err := os.MkdirTemp("", "motcua-test-")
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, filepath.Base(pkg))
	cmd := exec.Command("go", "build", "-o", out, pkg)
	if b, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build %s: %v\n%s", pkg, err, b)
	}
	built[pkg] = out
	return out
}

// Clean removes what Build made; call it at the end of TestMain.
func Clean() {
	building.Lock()
	defer building.Unlock()
	for pkg, p := range built {
		os.RemoveAll(filepath.Dir(p))
		delete(built, pkg)
	}
}

// Process is a running kiosk.
type Process struct {
	cmd  *exec.Cmd
	done chan struct{}
	log  *log
}

// Start runs the kiosk's program on the display. It is stopped when the test ends.
func (d *Display) Start(t testing.TB, program string, args ...string) *Process {
	t.Helper()
	p := &Process{cmd: exec.Command(program, args...), done: make(chan struct{}), log: &log{}}
	p.cmd.Env = append(os.Environ(), fmt.Sprintf("DISPLAY=:%d", d.Number))
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.cmd.Wait(); close(p.done) }()
	t.Cleanup(func() {
		p.Stop()
		if t.Failed() {
			t.Logf("the kiosk said:\n%s", p.log)
		}
	})
	return p
}

// Stop asks the kiosk to end and waits for it.
func (p *Process) Stop() {
	p.cmd.Process.Signal(os.Interrupt)
	select {
	case <-p.done:
	case <-time.After(10 * time.Second):
		p.Kill()
	}
}

// Kill ends the kiosk at once (kill -9) and waits for it.
func (p *Process) Kill() {
	p.cmd.Process.Kill()
	<-p.done
}

// Done is closed when the kiosk has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// PID is the kiosk's process id.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Log is what the kiosk has said so far.
func (p *Process) Log() string { return p.log.String() }

type log struct {
	mu  sync.Mutex
	buf bytes.Buffer // guarded by mu
}

func (l *log) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(b)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// WaitLog waits until the kiosk has said text.
func (p *Process) WaitLog(ctx context.Context, text string) error {
	for {
		if strings.Contains(p.Log(), text) {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("kiosktest: the kiosk never said %q: %w", text, ctx.Err())
		case <-p.done:
			return fmt.Errorf("kiosktest: the kiosk ended; it said:\n%s", p.Log())
		case <-time.After(20 * time.Millisecond):
		}
	}
}
