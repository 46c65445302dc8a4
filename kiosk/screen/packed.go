package screen

import "image"

// packed is a picture at rest: runs of equal pixels, row by row. Slides are
// mostly flat ground, so that one of 1080p takes about 300 KB instead of 8 MB;
// the kiosk can keep several ready without a texture each. A photograph does
// not shrink and costs what it is.
type packed struct {
	w, h int
	rows []uint32 // where each row starts in data
	data []uint32
	sums []uint64 // of each row: equal ones hold the same pixels; never 0
}

// literal marks a token whose n pixels follow one by one; without it one pixel
// follows that stands n times.
const literal = 1 << 31

// newPacked is a picture without rows yet: add them from the top.
func newPacked(w, h int) *packed {
	return &packed{w: w, h: h, rows: make([]uint32, 1, h+1), sums: make([]uint64, 0, h)}
}

// add packs the next rows of the picture; the band's own rows touch.
func (p *packed) add(band *image.RGBA) {
	row := make([]uint32, p.w)
	for pix := band.Pix; len(pix) > 0; pix = pix[4*p.w:] {
		for x := range row {
			row[x] = uint32(pix[4*x]) | uint32(pix[4*x+1])<<8 | uint32(pix[4*x+2])<<16 | uint32(pix[4*x+3])<<24
		}
		from := len(p.data)
		p.data = packRow(p.data, row)
		p.sums = append(p.sums, sum(p.data[from:]))
		p.rows = append(p.rows, uint32(len(p.data)))
	}
	if len(p.sums) == p.h {
		p.data = append(make([]uint32, 0, len(p.data)), p.data...) // give back what growing took
	}
}

// sum tells packed rows apart, by FNV-1a over whole words and a last mix. Rows
// are packed in one way only, so that equal pixels have equal sums; that other
// ones have too is as good as never: one in 2^64.
func sum(data []uint32) uint64 {
	h := uint64(14695981039346656037)
	for _, v := range data {
		h = (h ^ uint64(v)) * 1099511628211
		h ^= h >> 29
	}
	return max(h, 1)
}

func packRow(out, row []uint32) []uint32 {
	for len(row) > 0 {
		n := 1
		for n < len(row) && row[n] == row[0] {
			n++
		}
		if n > 2 {
			out = append(out, uint32(n), row[0])
			row = row[n:]
			continue
		}
		lit := n
		for lit < len(row) && (lit+2 >= len(row) || row[lit] != row[lit+1] || row[lit] != row[lit+2]) {
			lit++
		}
		out = append(append(out, literal|uint32(lit)), row[:lit]...)
		row = row[lit:]
	}
	return out
}

// unpack writes rows [from, to) into pix, 4 bytes a pixel.
func (p *packed) unpack(pix []byte, from, to int) {
	i := 0
	put := func(v uint32) {
		pix[i], pix[i+1], pix[i+2], pix[i+3] = byte(v), byte(v>>8), byte(v>>16), byte(v>>24)
		i += 4
	}
	for d := p.data[p.rows[from]:p.rows[to]]; len(d) > 0; {
		n := int(d[0] &^ literal)
		if d[0]&literal != 0 {
			for _, v := range d[1 : 1+n] {
				put(v)
			}
			d = d[1+n:]
			continue
		}
		put(d[1])
		run := pix[i-4 : i-4+4*n]
		for done := 4; done < len(run); done *= 2 {
			copy(run[done:], run[:done])
		}
		i += 4 * (n - 1)
		d = d[2:]
	}
}

// part is the picture within r, as an image with r's bounds.
func (p *packed) part(r image.Rectangle) *image.RGBA {
	dst := image.NewRGBA(r)
	row := make([]byte, 4*p.w)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		p.unpack(row, y, y+1)
		copy(dst.Pix[dst.PixOffset(r.Min.X, y):], row[4*r.Min.X:4*r.Max.X])
	}
	return dst
}
