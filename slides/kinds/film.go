package kinds

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"strings"

	"motcua/slides"
)

// maxParts bounds the boxes or elements that are looked at: a film of MaxFilm
// bytes has some thousand, one that a browser recorded a hundred thousand.
const maxParts = 1 << 20

// FilmType is the type of a film by its first bytes; "" for anything else.
func FilmType(head []byte) string {
	switch {
	case len(head) >= 12 && bytes.Equal(head[4:8], []byte("ftyp")):
		return "video/mp4"
	case bytes.HasPrefix(head, []byte{0x1A, 0x45, 0xDF, 0xA3}) && bytes.Contains(head[:min(len(head), 64)], []byte("webm")):
		return "video/webm"
	}
	return ""
}

// errBroken is a part that does not fit, or one that is not there.
var errBroken = errors.New("film: broken off")

// CheckFilm is the type of a film whose file is whole as far as its container
// tells: what is inside the pictures only a decoder knows. It reads the heads of
// the container's parts and nothing else. Kind Invalid: no film, or one that
// broke off on its way.
func CheckFilm(r io.ReaderAt, size int64) (mime string, err error) {
	const op = "kinds.CheckFilm"
	head := make([]byte, min(64, max(size, 0)))
	if _, err := r.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("film: %w", err)
	}
	f := film{r: r}
	switch mime = FilmType(head); mime {
	case "video/mp4":
		err = f.mp4(size)
	case "video/webm":
		err = f.webm(size)
	default:
		return "", slides.E(slides.Invalid, op, "Chỉ nhận video MP4 hoặc WebM; hãy xuất lại video.", "Only MP4 and WebM videos are taken; export it again.", nil)
	}
	if errors.Is(err, errBroken) {
		return "", slides.E(slides.Invalid, op, "Tệp video bị đứt giữa chừng hoặc không phải là video; hãy tải lên lại.", "The video's file is broken off or is no video; upload it again.", err)
	}
	if err != nil {
		return "", err
	}
	return mime, nil
}

type film struct {
	r     io.ReaderAt
	parts int
}

// head reads up to n bytes at a place before end, and counts a part.
func (f *film) head(at, end int64, n int) ([]byte, error) {
	if f.parts++; f.parts > maxParts {
		return nil, errBroken
	}
	b := make([]byte, min(int64(n), end-at))
	if got, err := f.r.ReadAt(b, at); got < len(b) {
		return nil, fmt.Errorf("film: %w", err)
	}
	return b, nil
}

// boxes walks the boxes between two places; each must fit.
func (f *film) boxes(at, end int64, each func(name string, at, end int64) error) error {
	for at < end {
		b, err := f.head(at, end, 16)
		if err != nil {
			return err
		}
		if len(b) < 8 {
			return errBroken
		}
		size, body := int64(binary.BigEndian.Uint32(b)), int64(8)
		switch size {
		case 0:
			size = end - at
		case 1:
			if len(b) < 16 {
				return errBroken
			}
			size, body = int64(binary.BigEndian.Uint64(b[8:])), 16
		}
		if size < body || size > end-at {
			return errBroken
		}
		if err := each(string(b[4:8]), at+body, at+size); err != nil {
			return err
		}
		at += size
	}
	return nil
}

// mp4 wants ftyp first, moov with a track, and media. A fragment is a moof and
// the mdat after it.
func (f *film) mp4(size int64) error {
	var n int
	var track, media, fragment bool
	err := f.boxes(0, size, func(name string, at, end int64) error {
		if n++; n == 1 && name != "ftyp" || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' }) {
			return errBroken
		}
		switch name {
		case "moov":
			return f.boxes(at, end, func(name string, _, _ int64) error {
				track = track || name == "trak"
				return nil
			})
		case "moof":
			fragment = true
		case "mdat":
			media, fragment = media || end > at, false
		}
		return nil
	})
	if err == nil && (!track || !media || fragment) {
		err = errBroken
	}
	return err
}

// Elements of WebM, by their ids as they stand in the file.
const (
	ebmlHead    = 0x1A45DFA3
	ebmlSegment = 0x18538067
	ebmlTracks  = 0x1654AE6B
	ebmlCluster = 0x1F43B675
)

// element reads an element's head. One of unknown size, as live recorders
// write them, is open and goes on to end.
func (f *film) element(at, end int64) (id uint32, body, after int64, open bool, err error) {
	b, err := f.head(at, end, 12)
	if err != nil {
		return 0, 0, 0, false, err
	}
	n := vintLen(b)
	if n > 4 || n >= len(b) {
		return 0, 0, 0, false, errBroken
	}
	for _, x := range b[:n] {
		id = id<<8 | uint32(x)
	}
	b = b[n:]
	m := vintLen(b)
	if m > 8 || m > len(b) {
		return 0, 0, 0, false, errBroken
	}
	size := int64(b[0]) & (0xFF >> m)
	for _, x := range b[1:m] {
		size = size<<8 | int64(x)
	}
	body = at + int64(n+m)
	if size == 1<<(7*m)-1 {
		return id, body, end, true, nil
	}
	if size > end-body {
		return 0, 0, 0, false, errBroken
	}
	return id, body, body + size, false, nil
}

// vintLen is the length that a number's first byte tells, 9 for none.
func vintLen(b []byte) int {
	if len(b) == 0 {
		return 9
	}
	return bits.LeadingZeros8(b[0]) + 1
}

// webm wants the head, then a segment with tracks and a cluster of pictures.
func (f *film) webm(size int64) error {
	id, _, at, open, err := f.element(0, size)
	if err != nil {
		return err
	}
	if id != ebmlHead || open {
		return errBroken
	}
	for at < size {
		id, body, end, _, err := f.element(at, size)
		if err != nil {
			return err
		}
		if id == ebmlSegment {
			return f.segment(body, end)
		}
		at = end
	}
	return errBroken
}

// segment walks a segment's elements, each of which must fit. An open cluster
// ends where the next begins, so its own elements are walked as the segment's.
func (f *film) segment(at, end int64) error {
	var tracks, cluster bool
	for at < end {
		id, body, after, open, err := f.element(at, end)
		if err != nil {
			return err
		}
		if at = after; open {
			if id != ebmlCluster {
				return errBroken
			}
			at = body
		}
		tracks = tracks || id == ebmlTracks && after > body
		cluster = cluster || id == ebmlCluster && after > body
	}
	if !tracks || !cluster {
		return errBroken
	}
	return nil
}
