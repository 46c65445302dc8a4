package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// display is an X server without a screen whose framebuffer is a mapped file:
// reading pixels costs it nothing, so that a millisecond can be told from the
// next. Touches come through the extension XTEST, as kiosk/kiosktest's do.
type display struct {
	proc   *process
	number string
	x      net.Conn
	root   uint32
	test   byte // XTEST's major opcode
	frame  []byte
	w, h   int
	start  int // of the pixels in frame
	stride int
}

var le = binary.LittleEndian

// openDisplay starts Xvfb.
func (p *proof) openDisplay(ctx context.Context, w, h int) (*display, error) {
	path, err := exec.LookPath("Xvfb")
	if err != nil {
		return nil, skipped("no Xvfb here (apt-get install xvfb)")
	}
	dir, err := p.folder("display")
	if err != nil {
		return nil, err
	}
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer read.Close()
	cmd := exec.Command(path, "-displayfd", "3", "-screen", "0", fmt.Sprintf("%dx%dx24", w, h), "-nolisten", "tcp", "-noreset", "-fbdir", dir)
	cmd.ExtraFiles = []*os.File{write}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	d := &display{w: w, h: h}
	d.proc, err = startCommand(cmd)
	write.Close()
	if err != nil {
		return nil, err
	}
	if err := read.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		return nil, err
	}
	l, err := bufio.NewReader(read).ReadString('\n')
	if err == nil {
		d.number = strings.TrimSpace(l)
		err = d.open(filepath.Join(dir, "Xvfb_screen0"))
	}
	if err != nil {
		d.proc.kill()
		return nil, fmt.Errorf("the X server: %w", err)
	}
	return d, nil
}

func (d *display) close() {
	if d.x != nil {
		d.x.Close()
	}
	d.proc.kill()
}

func (d *display) env() []string { return []string{"DISPLAY=:" + d.number} }

// open maps the framebuffer (an XWD file) and connects.
func (d *display) open(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return err
	}
	if d.frame, err = syscall.Mmap(int(f.Fd()), 0, int(st.Size()), syscall.PROT_READ, syscall.MAP_SHARED); err != nil {
		return err
	}
	word := func(i int) int { return int(binary.BigEndian.Uint32(d.frame[4*i:])) }
	d.start, d.stride = word(0)+12*word(19), word(12)
	if word(11) != 32 || len(d.frame) < d.start+d.h*d.stride {
		return fmt.Errorf("the framebuffer has %d bits a pixel", word(11))
	}
	if d.x, err = net.DialTimeout("unix", "/tmp/.X11-unix/X"+d.number, 5*time.Second); err != nil {
		return err
	}
	// Little-endian, protocol 11.0, no authorization.
	if _, err := d.x.Write([]byte{'l', 0, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0}); err != nil {
		return err
	}
	head := make([]byte, 8)
	if _, err := io.ReadFull(d.x, head); err != nil {
		return err
	}
	body := make([]byte, 4*int(le.Uint16(head[6:])))
	if _, err := io.ReadFull(d.x, body); err != nil || head[0] != 1 {
		return errors.Join(err, errors.New("the X server refuses"))
	}
	d.root = le.Uint32(body[32+(int(le.Uint16(body[16:]))+3)/4*4+8*int(body[21]):])
	reply := make([]byte, 32)
	if _, err := d.x.Write(append([]byte{98, 0, 4, 0, 5, 0, 0, 0}, "XTEST\x00\x00\x00"...)); err != nil { // QueryExtension
		return err
	}
	if _, err := io.ReadFull(d.x, reply); err != nil || reply[8] == 0 {
		return errors.Join(err, errors.New("the X server has no XTEST"))
	}
	d.test = reply[9]
	return nil
}

// rests is how long an injected finger rests before it is lifted.
const rests = 30 * time.Millisecond

// tap touches and lets go. It returns the moment of the touch; the finger is
// lifted, which is when a button acts, after rests.
func (d *display) tap(x, y int) (time.Time, error) {
	const move, press, release = 6, 4, 5
	var out []byte
	for _, kind := range []byte{move, press, release} {
		r := make([]byte, 36)
		r[0], r[1] = d.test, 2 // FakeInput
		le.PutUint16(r[2:], 9)
		r[4], r[5] = kind, 1
		if kind == move {
			r[5] = 0
			le.PutUint32(r[12:], d.root)
			le.PutUint16(r[24:], uint16(x))
			le.PutUint16(r[26:], uint16(y))
		}
		if kind == release {
			le.PutUint32(r[8:], uint32(rests.Milliseconds()))
		}
		out = append(out, r...)
	}
	now := time.Now()
	_, err := d.x.Write(out)
	return now, err
}

// tile is where "Đánh giá" is among the home screen's tiles: the first, at the
// top left, in one row or in two.
func (d *display) tile() (x, y int) { return d.w / 10, d.h * 36 / 100 }

// grid is a coarse picture: one pixel in every cell.
type grid [64 * 36]uint32

// look reads the screen coarsely.
func (d *display) look() *grid {
	var g grid
	for i := range g {
		x, y := (i%64)*d.w/64+d.w/128, (i/64)*d.h/36+d.h/72
		g[i] = le.Uint32(d.frame[d.start+y*d.stride+4*x:]) & 0xffffff
	}
	return &g
}

// picture reads the whole screen.
func (d *display) picture() *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, d.w, d.h))
	for y := range d.h {
		for x := range d.w {
			v := le.Uint32(d.frame[d.start+y*d.stride+4*x:])
			i := img.PixOffset(x, y)
			img.Pix[i], img.Pix[i+1], img.Pix[i+2], img.Pix[i+3] = byte(v>>16), byte(v>>8), byte(v), 255
		}
	}
	return img
}

// same is the share of cells at which two pictures agree, small steps of a fade
// or of antialiasing aside.
func (g *grid) same(o *grid) float64 {
	n := 0
	for i := range g {
		if near(g[i], o[i]) {
			n++
		}
	}
	return float64(n) / float64(len(g))
}

func near(a, b uint32) bool {
	for range 3 {
		if d := int(a&255) - int(b&255); d > 6 || d < -6 {
			return false
		}
		a, b = a>>8, b>>8
	}
	return true
}

// lit is the share of cells that are not black.
func (g *grid) lit() float64 {
	n := 0
	for _, c := range g {
		if c != 0 {
			n++
		}
	}
	return float64(n) / float64(len(g))
}

// until looks every millisecond until ok is content.
func (d *display) until(ctx context.Context, within time.Duration, ok func(*grid) bool) (*grid, time.Time, error) {
	t := time.NewTicker(time.Millisecond)
	defer t.Stop()
	for begun := time.Now(); ; {
		g := d.look()
		if ok(g) {
			return g, time.Now(), nil
		}
		if time.Since(begun) > within {
			return g, time.Now(), fmt.Errorf("the screen did not change as it should within %v", within)
		}
		select {
		case <-t.C:
		case <-ctx.Done():
			return nil, time.Time{}, ctx.Err()
		}
	}
}

// settled waits until the picture has stayed for a while, the clock's few cells aside.
func (d *display) settled(ctx context.Context, quiet time.Duration) (*grid, error) {
	last, since := d.look(), time.Now()
	_, _, err := d.until(ctx, 30*time.Second, func(g *grid) bool {
		if g.lit() < 0.2 || g.same(last) < 0.995 {
			last, since = g, time.Now()
		}
		return time.Since(since) > quiet
	})
	return last, err
}
