//go:build linux

package film

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

const within = 30 * time.Second

// clip makes a film of a moving test picture.
func clip(t testing.TB, name, size string, seconds int) string {
	t.Helper()
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		t.Skip("no ffmpeg here: apt-get install ffmpeg")
	}
	out := filepath.Join(t.TempDir(), name)
	cmd := exec.Command("ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", fmt.Sprintf("testsrc=size=%s:rate=25:duration=%d", size, seconds), "-pix_fmt", "yuv420p", out)
	if b, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, b)
	}
	return out
}

// program is a decoder of the test's own: the lines of a shell script, to which
// $dir is a folder of its own. Its arguments are the decoder's.
func program(t *testing.T, lines string) (path, dir string) {
	t.Helper()
	dir = t.TempDir()
	path = filepath.Join(dir, "decoder")
	if err := os.WriteFile(path, []byte("#!/bin/sh\ndir="+dir+"\n"+lines+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return path, dir
}

type showing struct {
	*Reel
	t      *testing.T
	ready  chan struct{}
	failed chan error
}

func play(t *testing.T, o Options, file string) *showing {
	t.Helper()
	s := &showing{t: t, ready: make(chan struct{}, 1), failed: make(chan error, 1)}
	o.File = func() (string, error) { return file, nil }
	o.Ready = func() {
		select {
		case s.ready <- struct{}{}:
		default:
		}
	}
	o.Failed = func(err error) { s.failed <- err }
	if o.W == 0 {
		o.W, o.H = 320, 180
	}
	s.Reel = Play(o)
	t.Cleanup(func() {
		s.Stop()
		<-s.Done()
	})
	return s
}

func (s *showing) frame() *Frame {
	s.t.Helper()
	for {
		select {
		case <-s.ready:
			if f := s.Take(); f != nil {
				return f
			}
		case err := <-s.failed:
			s.t.Fatalf("no frame: %v", err)
		case <-time.After(within):
			s.t.Fatal("no frame")
		}
	}
}

func (s *showing) fails() error {
	s.t.Helper()
	select {
	case err := <-s.failed:
		return err
	case <-time.After(within):
		s.t.Fatal("it never gave up")
	}
	return nil
}

func TestFramesFollowEachOther(t *testing.T) {
	for _, name := range []string{"a.mp4", "a.webm"} {
		t.Run(name, func(t *testing.T) {
			s := play(t, Options{Grade: Software}, clip(t, name, "320x180", 2))
			var last time.Duration
			var first []byte
			moved := false
			for looped := false; !looped; {
				f := s.frame()
				if f.W != 160 || f.H != 90 || len(f.Pix) != 4*160*90 {
					t.Fatalf("%d×%d, %d bytes", f.W, f.H, len(f.Pix))
				}
				for i := 3; i < len(f.Pix); i += 4 {
					if f.Pix[i] != 255 {
						t.Fatal("a frame is not opaque")
					}
				}
				if first == nil {
					first = bytes.Clone(f.Pix)
				}
				moved = moved || !bytes.Equal(first, f.Pix)
				looped = f.At < last
				last = f.At
				if f.At > 2*time.Second {
					t.Fatalf("a frame at %v of a film of 2 s", f.At)
				}
				s.Give(f)
			}
			if !moved {
				t.Error("the picture stood still")
			}
		})
	}
}

// A film of the frame's own shape fills it, however the size was rounded.
func TestTheShapeIsFilled(t *testing.T) {
	s := play(t, Options{W: 317, H: 178}, clip(t, "a.mp4", "320x180", 1))
	f := s.frame()
	for _, x := range []int{0, f.W - 1} {
		if p := f.Pix[4*(f.H/2*f.W+x):][:3]; bytes.Equal(p, []byte{0x1D, 0x1B, 0x1A}) {
			t.Errorf("column %d is bare", x)
		}
	}
}

// A film of another shape stands whole in the middle, between dark bars.
func TestOtherShapes(t *testing.T) {
	s := play(t, Options{W: 320, H: 180}, clip(t, "a.mp4", "90x180", 1))
	f := s.frame()
	at := func(x, y int) []byte { return f.Pix[4*(y*f.W+x):][:3] }
	if !bytes.Equal(at(10, 90), []byte{0x1D, 0x1B, 0x1A}) || bytes.Equal(at(160, 40), []byte{0x1D, 0x1B, 0x1A}) {
		t.Errorf("beside the film %x, in it %x", at(10, 90), at(160, 40))
	}
}

func TestWhatIsNoFilmIsToldOnce(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "x")
	if err := os.WriteFile(file, []byte("#!/bin/sh\necho no film, but long enough to be looked at by its first bytes\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := play(t, Options{}, file).fails(); !strings.Contains(err.Error(), "neither MP4 nor WebM") {
		t.Error(err)
	}
	whole, err := os.ReadFile(clip(t, "a.mp4", "64x64", 1))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, whole[:len(whole)/3], 0o600); err != nil {
		t.Fatal(err)
	}
	l := usual
	l.pause = time.Millisecond
	if err := play(t, Options{limits: l}, file).fails(); !strings.Contains(err.Error(), "moov") {
		t.Errorf("it does not say why: %v", err)
	}
}

func TestWithoutADecoder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.mp4")
	if err := os.WriteFile(file, append([]byte("\x00\x00\x00\x20ftypisom"), make([]byte, 100)...), 0o600); err != nil {
		t.Fatal(err)
	}
	l := usual
	l.pause = time.Millisecond
	if err := play(t, Options{Program: "there-is-no-such-decoder", limits: l}, file).fails(); !errors.Is(err, ErrNoDecoder) {
		t.Error(err)
	}
}

// A decoder that hangs is killed each time, and given up.
func TestAStuckDecoder(t *testing.T) {
	file := clip(t, "a.mp4", "64x64", 1)
	prog, dir := program(t, `echo $$ >>$dir/pids; while :; do /bin/sleep 1; done`)
	l := usual
	l.first, l.pause = 300*time.Millisecond, time.Millisecond
	s := play(t, Options{Program: prog, limits: l}, file)
	if err := s.fails(); !strings.Contains(err.Error(), "no frame within") {
		t.Error(err)
	}
	<-s.Done()
	b, err := os.ReadFile(filepath.Join(dir, "pids"))
	if err != nil {
		t.Fatal(err)
	}
	pids := strings.Fields(string(b))
	if len(pids) != l.failures {
		t.Errorf("%d decoders", len(pids))
	}
	for _, p := range pids {
		if n, _ := strconv.Atoi(p); syscall.Kill(n, 0) == nil {
			t.Errorf("process %s is still there", p)
		}
	}
}

// A killed decoder is started again; the reel that is stopped leaves no process.
func TestAKilledDecoder(t *testing.T) {
	file := clip(t, "a.mp4", "64x64", 5)
	ffmpeg, _ := exec.LookPath("ffmpeg")
	prog, dir := program(t, `echo $$ >$dir/new; /bin/mv $dir/new $dir/pid; exec `+ffmpeg+` "$@"`)
	l := usual
	l.pause = time.Millisecond
	s := play(t, Options{Program: prog, limits: l}, file)
	pid := func() int {
		b, err := os.ReadFile(filepath.Join(dir, "pid"))
		if err != nil {
			t.Fatal(err)
		}
		n, err := strconv.Atoi(strings.TrimSpace(string(b)))
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	s.frame()
	first := pid()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", first))
	if err != nil {
		t.Fatal(err)
	}
	if f := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')'):])); f[17] != "10" {
		t.Errorf("the decoder's niceness is %s", f[17])
	}
	if err := syscall.Kill(first, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(within); pid() == first; {
		if time.Now().After(end) {
			t.Fatal("no new decoder")
		}
		s.Give(s.frame())
	}
	s.Stop()
	<-s.Done()
	if syscall.Kill(pid(), 0) == nil {
		t.Error("the decoder outlives its reel")
	}
	if s.Take() != nil {
		t.Error("a frame after Stop")
	}
}

// The decoder gets none of the kiosk's open files and nothing of its environment.
func TestTheDecoderGetsNothing(t *testing.T) {
	t.Setenv("MOTCUA_SECRET", "x")
	open, err := syscall.Dup(1) // not closed on exec, as a driver's may be
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(open)
	prog, dir := program(t, `echo /proc/self/fd/* >$dir/files; set >$dir/set; read x && echo $x >$dir/input; exit 1`)
	l := usual
	l.failures = 1
	play(t, Options{Program: prog, limits: l}, clip(t, "a.mp4", "64x64", 1)).fails()
	files, err := os.ReadFile(filepath.Join(dir, "files"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range strings.Fields(string(files)) {
		// 3 may be the folder that lists them, 10 is the shell's own script.
		if n := filepath.Base(f); n != "0" && n != "1" && n != "2" && n != "3" && n != "10" {
			t.Errorf("it has %s", f)
		}
	}
	if n := strconv.Itoa(open); strings.Contains(string(files), "fd/"+n+" ") && open > 3 && open != 10 {
		t.Errorf("it has %s: %s", n, files)
	}
	set, err := os.ReadFile(filepath.Join(dir, "set"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(set), "MOTCUA") {
		t.Errorf("it knows %s", set)
	}
}

// A machine that decodes too slowly gets less to do, down to the last grade,
// which it keeps: the film goes on, slower than life.
func TestTooSlow(t *testing.T) {
	file := clip(t, "a.mp4", "64x64", 1)
	// It writes what it is asked for, a frame every 100 ms.
	prog, _ := program(t, `for a; do case $a in fps=*) w=${a#*pad=}; h=${w#*:}; w=${w%%:*}; h=${h%%:*};; esac; done
while /usr/bin/head -c $((4*w*h)) /dev/zero; do /bin/sleep 0.1; done`)
	l := usual
	l.behind = 150 * time.Millisecond
	s := play(t, Options{Program: prog, W: 32, H: 18, limits: l}, file)
	for s.Grade().Rate() > 8 {
		s.Give(s.frame())
	}
	s.Slower()
	for s.Grade().Rate() > 5 {
		s.Give(s.frame())
	}
	s.Slower()
	for s.Grade().Rate() > 3 {
		s.Give(s.frame())
	}
	s.Slower()
	for last := s.frame(); ; {
		f := s.frame()
		if f.At > last.At { // the same showing, and not one begun anew
			break
		}
		last = f
	}
	if !s.Grade().last() {
		t.Errorf("grade %d", s.Grade())
	}
}

func TestGrades(t *testing.T) {
	for g := range grades {
		w, h := Grade(g).size(3840, 2160)
		if w > widest || h > widest || w*9/16-h > 1 || h-w*9/16 > 1 {
			t.Errorf("grade %d decodes %d×%d", g, w, h)
		}
		if g > 0 {
			if a, b := grades[g-1], grades[g]; b.part*b.part*float64(b.rate) >= a.part*a.part*float64(a.rate) {
				t.Errorf("grade %d is no cheaper than the one before", g)
			}
		}
	}
}
