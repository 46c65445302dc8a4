package raster

import (
	"bytes"
	"encoding/binary"
)

// Turned says whether a JPEG's EXIF asks for its pixels to be turned or
// mirrored before they are shown (tag 0x0112, CIPA DC-008 §4.6.5). What is no
// JPEG, or has no or damaged EXIF, is not turned.
func Turned(b []byte) bool { return Orientation(b) > 1 }

// Orientation is the value of that tag, 1 (upright) to 8.
func Orientation(b []byte) int {
	for i := 2; i+4 <= len(b) && b[0] == 0xff && b[1] == 0xd8 && b[i] == 0xff; {
		marker, n := b[i+1], int(binary.BigEndian.Uint16(b[i+2:]))
		if marker == 0xda || n < 2 || i+2+n > len(b) { // the picture itself begins
			return 1
		}
		if seg := b[i+4 : i+2+n]; marker == 0xe1 && bytes.HasPrefix(seg, []byte("Exif\x00\x00")) {
			return tiffOrientation(seg[6:])
		}
		i += 2 + n
	}
	return 1
}

// tiffOrientation reads the first directory of a TIFF.
func tiffOrientation(t []byte) int {
	var order binary.ByteOrder = binary.LittleEndian
	switch {
	case bytes.HasPrefix(t, []byte("MM\x00*")):
		order = binary.BigEndian
	case !bytes.HasPrefix(t, []byte("II*\x00")):
		return 1
	}
	if len(t) < 8 {
		return 1
	}
	at := int64(order.Uint32(t[4:]))
	if at+2 > int64(len(t)) {
		return 1
	}
	dir := t[at:]
	for k := range int(order.Uint16(dir)) {
		e := 2 + 12*k
		if e+12 > len(dir) {
			return 1
		}
		if order.Uint16(dir[e:]) == 0x0112 {
			if v := int(order.Uint16(dir[e+8:])); v >= 1 && v <= 8 {
				return v
			}
			return 1
		}
	}
	return 1
}
