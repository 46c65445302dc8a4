package vault

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"sort"
	"strconv"
	"strings"

	"motcua/slides"
	"motcua/slides/chain"
)

// sector is what a medium writes whole or not at all. A frame begins on a
// sector and shares none with another, so that neither a torn write nor a
// rotten sector reaches a neighbour, and reading finds the next frame again
// after any damage.
const sector = 512

// Bounds of a segment's size. Places hold offsets in 32 bits.
const (
	minSegment = 2 * chain.MaxRecord
	maxSegment = 1 << 30
)

// A frame is "MCO1", the payload's length (4), seq (8), the moment of writing
// (8), the payload (chain.Record.Encode), and the CRC-32C of the chain's id and
// all before it (4), integers big-endian. The id, which nobody outside knows,
// keeps bytes that a citizen typed from passing for a frame.
const (
	frameMagic = "MCO1"
	frameHead  = 24
	frameTail  = 4
)

func frameSize(payload int) int {
	return (frameHead + payload + frameTail + sector - 1) / sector * sector
}

func frameSum(c chain.ID, b []byte) uint32 {
	return crc32.Update(crc32.Checksum(c[:], castagnoli), castagnoli, b)
}

// encodeFrame writes a frame, filled up with zeros to whole sectors.
func encodeFrame(c chain.ID, seq uint64, at slides.Millis, payload []byte) []byte {
	b := make([]byte, 0, frameSize(len(payload)))
	b = append(b, frameMagic...)
	b = binary.BigEndian.AppendUint32(b, uint32(len(payload)))
	b = binary.BigEndian.AppendUint64(b, seq)
	b = binary.BigEndian.AppendUint64(b, uint64(at))
	b = append(b, payload...)
	b = binary.BigEndian.AppendUint32(b, frameSum(c, b))
	return b[:cap(b)]
}

// frame is a frame's content as read.
type frame struct {
	seq     uint64
	at      slides.Millis
	payload []byte
	size    int // with filling
}

// parseFrame reads the frame at the start of b; ok is false for anything else.
func parseFrame(c chain.ID, b []byte) (f frame, ok bool) {
	if len(b) < frameHead+frameTail || string(b[:4]) != frameMagic {
		return frame{}, false
	}
	n := int64(binary.BigEndian.Uint32(b[4:8]))
	if n > chain.MaxRecord || frameHead+n+frameTail > int64(len(b)) {
		return frame{}, false
	}
	end := frameHead + int(n)
	if binary.BigEndian.Uint32(b[end:]) != frameSum(c, b[:end]) {
		return frame{}, false
	}
	f.seq = binary.BigEndian.Uint64(b[8:16])
	f.at = slides.Millis(binary.BigEndian.Uint64(b[16:24]))
	f.payload = b[frameHead:end]
	f.size = frameSize(int(n))
	return f, true
}

// parseRecord reads a frame's record and checks that it is the record seq of
// chain c, whole and unaltered.
func parseRecord(c chain.ID, seq uint64, payload []byte) (chain.Record, chain.Header, bool) {
	r, err := chain.ParseRecord(payload)
	if err != nil {
		return r, chain.Header{}, false
	}
	h, err := r.Check()
	return r, h, err == nil && h.Chain == c && h.Seq == seq && len(h.Sections) == len(r.Sections)
}

// place is where a record's frame stands in its segment.
type place struct {
	seq       uint64
	off, size uint32
}

// segment is one preallocated file of frames; its name is the seq of the first
// one. Guarded by the Outbox's mu.
type segment struct {
	name    string
	first   uint64
	size    int64 // of the file
	scanned bool
	places  []place // in order of seq; what is not here is damaged or was never written
	end     int64   // after the last intact frame
	dirty   bool    // bytes after end are not zero
	rotten  bool    // bytes before end are neither zero nor an intact frame
}

func segmentName(first uint64) string { return fmt.Sprintf("%016x.seg", first) }

func parseSegmentName(name string) (first uint64, ok bool) {
	s, ok := strings.CutSuffix(name, ".seg")
	if !ok || len(s) != 16 {
		return 0, false
	}
	first, err := strconv.ParseUint(s, 16, 64)
	return first, err == nil && first > 0
}

// find returns where record seq stands.
func (s *segment) find(seq uint64) (place, bool) {
	i := sort.Search(len(s.places), func(i int) bool { return s.places[i].seq >= seq })
	if i == len(s.places) || s.places[i].seq != seq {
		return place{}, false
	}
	return s.places[i], true
}

// drop forgets a record that turned out damaged.
func (s *segment) drop(seq uint64) {
	i := sort.Search(len(s.places), func(i int) bool { return s.places[i].seq >= seq })
	if i < len(s.places) && s.places[i].seq == seq {
		s.places = append(s.places[:i], s.places[i+1:]...)
	}
}

// scan fills places, end and the flags from the segment's bytes. Frames count
// only in rising order of seq from first on and below until, where the next
// segment begins: what stands at or after it was given up (see abandon).
func (s *segment) scan(c chain.ID, b []byte, until uint64) {
	s.places, s.end, s.dirty, s.rotten, s.scanned = nil, 0, false, false, true
	next := s.first
	for off := 0; off < len(b); {
		rest := b[off:]
		f, ok := parseFrame(c, rest)
		if ok && f.seq >= next {
			if _, _, ok = parseRecord(c, f.seq, f.payload); ok {
				if f.seq < until {
					s.places = append(s.places, place{f.seq, uint32(off), uint32(f.size)})
				}
				next = f.seq + 1
				off += f.size
				s.end = int64(off)
				s.rotten = s.rotten || s.dirty
				s.dirty = false
				continue
			}
		}
		if !zeros(rest[:min(sector, len(rest))]) {
			s.dirty = true
		}
		off += sector
	}
}

func zeros(b []byte) bool {
	for _, x := range b {
		if x != 0 {
			return false
		}
	}
	return true
}

// readTries is how often a read that fails is tried: some controllers give a
// weak sector's bytes at the second attempt.
const readTries = 3

// readSectors reads size bytes at off. What the medium can't give (EIO) comes as
// 0xFF bytes, which are no frame and not zeros; only other errors are returned.
func readSectors(f File, off, size int64) ([]byte, error) {
	b := make([]byte, size)
	n, err := f.ReadAt(b, off)
	if err == nil || errors.Is(err, io.EOF) {
		return b[:n], nil
	}
	for p := int64(0); p < size; p += sector {
		part := b[p:min(p+sector, size)]
		for try := 1; ; try++ {
			n, err := f.ReadAt(part, off+p)
			if err == nil {
				break
			}
			if errors.Is(err, io.EOF) {
				return b[:p+int64(n)], nil
			}
			if !unreadable(err) {
				return nil, err
			}
			if try == readTries {
				for i := range part {
					part[i] = 0xFF
				}
				break
			}
		}
	}
	return b, nil
}
