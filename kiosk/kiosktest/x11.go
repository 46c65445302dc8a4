package kiosktest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"io"
	"net"
	"time"
)

// display is a connection to an X server with just what a test needs: move and
// press the pointer as a touch screen does (extension XTEST), and read the
// pixels that are really there.
type display struct {
	conn net.Conn
	root uint32
	w, h int
	test byte // XTEST's major opcode
	keys map[uint32]keyCode
}

// openDisplay connects to display number n on this machine.
func openDisplay(n int) (*display, error) {
	c, err := net.DialTimeout("unix", fmt.Sprintf("/tmp/.X11-unix/X%d", n), time.Second)
	if err != nil {
		return nil, err
	}
	d := &display{conn: c}
	if err := d.hello(); err != nil {
		c.Close()
		return nil, err
	}
	return d, nil
}

var le = binary.LittleEndian

func (d *display) hello() error {
	d.deadline()
	// Little-endian, protocol 11.0, no authorization.
	if _, err := d.conn.Write([]byte{'l', 0, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0}); err != nil {
		return err
	}
	head := make([]byte, 8)
	if _, err := io.ReadFull(d.conn, head); err != nil {
		return err
	}
	body := make([]byte, 4*int(le.Uint16(head[6:])))
	if _, err := io.ReadFull(d.conn, body); err != nil {
		return err
	}
	if head[0] != 1 {
		return fmt.Errorf("kiosktest: the X server refuses: %q", body)
	}
	vendor, formats := int(le.Uint16(body[16:])), int(body[21])
	screen := body[32+(vendor+3)/4*4+8*formats:]
	d.root = le.Uint32(screen)
	d.w, d.h = int(le.Uint16(screen[20:])), int(le.Uint16(screen[22:]))
	reply, err := d.ask(append([]byte{98, 0, 4, 0, 5, 0, 0, 0}, "XTEST\x00\x00\x00"...)) // QueryExtension
	if err != nil {
		return err
	}
	if reply[8] == 0 {
		return errors.New("kiosktest: the X server has no XTEST")
	}
	d.test = reply[9]
	return d.learnKeys(body[26], body[27])
}

func (d *display) deadline() { d.conn.SetDeadline(time.Now().Add(20 * time.Second)) }

// ask sends a request and reads its reply, skipping events.
func (d *display) ask(request []byte) ([]byte, error) {
	d.deadline()
	if _, err := d.conn.Write(request); err != nil {
		return nil, err
	}
	for {
		head := make([]byte, 32)
		if _, err := io.ReadFull(d.conn, head); err != nil {
			return nil, err
		}
		switch head[0] {
		case 0:
			return nil, fmt.Errorf("kiosktest: X error %d", head[1])
		case 1:
			rest := make([]byte, 4*int(le.Uint32(head[4:])))
			_, err := io.ReadFull(d.conn, rest)
			return append(head, rest...), err
		}
	}
}

// Kinds of XTEST's fake events.
const (
	keyPress    = 2
	keyRelease  = 3
	fakePress   = 4
	fakeRelease = 5
	fakeMove    = 6
)

// fake makes the server believe in an input event.
func (d *display) fake(kind, detail byte, x, y int) error {
	r := make([]byte, 36)
	r[0], r[1] = d.test, 2 // FakeInput
	le.PutUint16(r[2:], 9)
	r[4], r[5] = kind, detail
	if kind == fakeMove {
		le.PutUint32(r[12:], d.root)
		le.PutUint16(r[24:], uint16(x))
		le.PutUint16(r[26:], uint16(y))
	}
	d.deadline()
	_, err := d.conn.Write(r)
	return err
}

// sync waits until the server has carried out everything before.
func (d *display) sync() error {
	_, err := d.ask([]byte{43, 0, 1, 0}) // GetInputFocus
	return err
}

// grab reads the root window's pixels.
func (d *display) grab() (*image.RGBA, error) {
	r := make([]byte, 20)
	r[0], r[1] = 73, 2 // GetImage, ZPixmap
	le.PutUint16(r[2:], 5)
	le.PutUint32(r[4:], d.root)
	le.PutUint16(r[12:], uint16(d.w))
	le.PutUint16(r[14:], uint16(d.h))
	le.PutUint32(r[16:], 0xFFFFFFFF)
	reply, err := d.ask(r)
	if err != nil {
		return nil, err
	}
	pix := reply[32:]
	if len(pix) < 4*d.w*d.h {
		return nil, fmt.Errorf("kiosktest: %d bytes of pixels for %d×%d; the display must be 24 bits deep", len(pix), d.w, d.h)
	}
	img := image.NewRGBA(image.Rect(0, 0, d.w, d.h))
	for i := 0; i < 4*d.w*d.h; i += 4 { // blue, green, red, unused
		img.Pix[i], img.Pix[i+1], img.Pix[i+2], img.Pix[i+3] = pix[i+2], pix[i+1], pix[i], 255
	}
	return img, nil
}
