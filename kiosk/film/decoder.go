//go:build !js

package film

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"motcua/kiosk/child"
	"motcua/slides/kinds"
)

// ErrNoDecoder says that there is no ffmpeg here.
var ErrNoDecoder = errors.New("film: there is no ffmpeg here: apt-get install ffmpeg")

// containers are the demuxers for the types that a film may have.
var containers = map[string]string{"video/mp4": "mov", "video/webm": "matroska"}

// open finds the film's file and looks at what it is.
func (o Options) open() (file, container string, err error) {
	if file, err = o.File(); err != nil {
		return "", "", err
	}
	f, err := os.Open(file)
	if err != nil {
		return "", "", err
	}
	defer f.Close()
	head := make([]byte, 64)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return "", "", fmt.Errorf("film: %w", err)
	}
	if container = containers[kinds.FilmType(head[:n])]; container == "" {
		return "", "", errors.New("film: neither MP4 nor WebM")
	}
	return file, container, nil
}

// decoder is one process.
type decoder struct {
	cmd    *exec.Cmd
	frames *os.File
	said   tail
}

// start runs a decoder. The thread stays this goroutine's until end: on Linux
// the process dies with the thread that made it.
func start(program, file, container string, w, h, rate int, at time.Duration) (*decoder, error) {
	if program == "" {
		program = "ffmpeg"
	}
	path, err := exec.LookPath(program)
	if err != nil {
		return nil, ErrNoDecoder
	}
	r, pipe, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	d := &decoder{frames: r}
	d.cmd = exec.Command(path, "-nostdin", "-hide_banner", "-loglevel", "error", "-threads", strconv.Itoa(max(1, runtime.NumCPU()/2)),
		"-protocol_whitelist", "file", "-f", container, "-ss", fmt.Sprintf("%.3f", at.Seconds()), "-i", "file:"+file,
		"-map", "0:v:0", "-an", "-sn", "-dn", "-vf", filter(w, h, rate), "-f", "rawvideo", "pipe:1")
	d.cmd.Dir, d.cmd.Env = "/", []string{}
	d.cmd.Stdout, d.cmd.Stderr = pipe, &d.said
	d.cmd.WaitDelay = time.Second
	runtime.LockOSThread()
	child.Tame(d.cmd)
	err = d.cmd.Start()
	pipe.Close()
	if err != nil {
		runtime.UnlockOSThread()
		r.Close()
		return nil, err
	}
	child.Yield(d.cmd.Process.Pid)
	return d, nil
}

// filter scales a film into w×h pixels. One of nearly that shape fills them (a
// rounded size would leave a dark line); another one stands whole between bars
// of the frame's own ground.
func filter(w, h, rate int) string {
	near, wider := fmt.Sprintf("lt(abs(dar*%d/%d-1),0.02)", h, w), fmt.Sprintf("gt(dar*%d,%d)", h, w)
	return fmt.Sprintf("fps=%d,scale=w='if(%s,%d,if(%s,%d,max(1,trunc(%d*dar))))':h='if(%s,%d,if(%s,max(1,trunc(%d/dar)),%d))':flags=fast_bilinear,setsar=1,pad=%d:%d:(ow-iw)/2:(oh-ih)/2:color=0x1D1B1A,format=rgba",
		rate, near, w, wider, w, h, near, h, wider, w, h, w, h)
}

// read fills one frame.
func (d *decoder) read(pix []byte, within time.Duration) error {
	if err := d.frames.SetReadDeadline(time.Now().Add(within)); err != nil {
		return err
	}
	_, err := io.ReadFull(d.frames, pix)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF
	}
	return err
}

func (d *decoder) kill() { d.cmd.Process.Kill() }

// end kills the process and waits until it is gone.
func (d *decoder) end() {
	d.kill()
	d.cmd.Wait()
	d.frames.Close()
	runtime.UnlockOSThread()
}

// why adds what the decoder said of itself.
func (d *decoder) why(err error) error {
	d.kill()
	d.cmd.Wait() // its last words come before the pipe's end is seen here
	if s := d.said.String(); s != "" {
		return fmt.Errorf("%w: %s", err, s)
	}
	return err
}

// tail keeps the last part of what is written.
type tail struct {
	mu  sync.Mutex
	buf []byte // guarded by mu
}

const tailSize = 512

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf = append(t.buf, b...)
	if n := len(t.buf) - tailSize; n > 0 {
		t.buf = append(t.buf[:0], t.buf[n:]...)
	}
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.ToValidUTF8(string(bytes.TrimSpace(t.buf)), "")
}
