package kiosktest

import (
	"testing"
)

// Names of keys that write nothing, as X11 numbers them (keysyms).
const (
	Tab       = 0xff09
	Enter     = 0xff0d
	Escape    = 0xff1b
	Backspace = 0xff08
	shiftLeft = 0xffe1
)

// keyCode is a key of the X server's keyboard that writes a keysym, with or
// without shift.
type keyCode struct {
	code  byte
	shift bool
}

// learnKeys asks which keys there are, numbered from first to last.
func (d *display) learnKeys(first, last byte) error {
	n := last - first + 1
	reply, err := d.ask([]byte{101, 0, 2, 0, first, n, 0, 0}) // GetKeyboardMapping
	if err != nil {
		return err
	}
	per := int(reply[1])
	d.keys = map[uint32]keyCode{}
	for i := range int(n) {
		for level := range min(per, 2) {
			sym := le.Uint32(reply[32+4*(i*per+level):])
			if _, ok := d.keys[sym]; !ok && sym != 0 {
				d.keys[sym] = keyCode{first + byte(i), level == 1}
			}
		}
	}
	return nil
}

// Type presses the keys of an ASCII text one after another without a pause, as
// a scanner does; a line feed is Enter.
func (d *Display) Type(t testing.TB, text string) {
	t.Helper()
	for _, r := range text {
		sym := uint32(r) // keysyms of ASCII are its codes
		if r == '\n' {
			sym = Enter
		}
		d.key(t, sym, false)
	}
	d.try(t, d.x.sync())
}

// Key presses one key that writes nothing.
func (d *Display) Key(t testing.TB, sym uint32, shift bool) {
	t.Helper()
	d.key(t, sym, shift)
	d.try(t, d.x.sync())
}

func (d *Display) key(t testing.TB, sym uint32, shift bool) {
	t.Helper()
	k, ok := d.x.keys[sym]
	if !ok {
		t.Fatalf("the X server's keyboard can't write %q", rune(sym))
	}
	up := d.x.keys[shiftLeft].code
	if shift = shift || k.shift; shift {
		d.try(t, d.x.fake(keyPress, up, 0, 0))
	}
	d.try(t, d.x.fake(keyPress, k.code, 0, 0))
	d.try(t, d.x.fake(keyRelease, k.code, 0, 0))
	if shift {
		d.try(t, d.x.fake(keyRelease, up, 0, 0))
	}
}
