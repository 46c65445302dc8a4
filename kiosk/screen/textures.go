package screen

import (
	"image"

	"github.com/hajimehoshi/ebiten/v2"
)

// texture is a picture in ebiten's hands, in tiles: ebiten rounds both sides of
// an image up to powers of two, which would make 16 MB of the 8 MB of 1080p and
// 67 MB of the 33 MB of 4K.
type texture struct {
	w, h  int
	tiles []tile
	rows  []uint64 // what each row holds, see packed.sums; 0: something else
}

type tile struct {
	img *ebiten.Image
	at  image.Rectangle
}

func newTexture(w, h int) *texture {
	t := &texture{w: w, h: h, rows: make([]uint64, h)}
	for y := 0; y < h; {
		th := piece(h - y)
		for x := 0; x < w; {
			tw := piece(w - x)
			img := ebiten.NewImageWithOptions(image.Rect(0, 0, tw, th), &ebiten.NewImageOptions{Unmanaged: true})
			t.tiles = append(t.tiles, tile{img, image.Rect(x, y, x+tw, y+th)})
			x += tw
		}
		y += th
	}
	return t
}

// piece is the length of the first of the pieces that n pixels are cut into: all
// of them where rounding up wastes an eighth at most, else a power of two.
func piece(n int) int {
	p := 1
	for p < n {
		p *= 2
	}
	if n <= 128 || p-n <= n/8 {
		return n
	}
	return p / 2
}

// stripRows is how many rows are uploaded at once. Ebiten keeps up to 31 upload
// buffers for ever; whole screens would make that 250 MB, strips make it 2 MB.
const stripRows = 8

// write puts pixels into the part r, whose rows are then no picture's any more.
func (t *texture) write(r image.Rectangle, pix []byte) {
	clear(t.rows[r.Min.Y:r.Max.Y])
	n := max(1, stripRows*t.w/r.Dx())
	for y := r.Min.Y; y < r.Max.Y; y += n {
		strip := image.Rect(r.Min.X, y, r.Max.X, min(y+n, r.Max.Y))
		for _, p := range t.tiles {
			in := strip.Intersect(p.at)
			if in.Empty() {
				continue
			}
			part := pix[4*r.Dx()*(in.Min.Y-r.Min.Y) : 4*r.Dx()*(in.Max.Y-r.Min.Y)]
			if in.Dx() < r.Dx() {
				part = columns(part, 4*r.Dx(), 4*(in.Min.X-r.Min.X), 4*(in.Max.X-r.Min.X))
			}
			p.img.SubImage(in.Sub(p.at.Min)).(*ebiten.Image).WritePixels(part)
		}
	}
}

// columns copies bytes [from, to) of each row.
func columns(pix []byte, stride, from, to int) []byte {
	out := make([]byte, 0, len(pix)/stride*(to-from))
	for ; len(pix) > 0; pix = pix[stride:] {
		out = append(out, pix[from:to]...)
	}
	return out
}

// draw draws a part of the picture where it is, moved by o.GeoM.
func (t *texture) draw(dst canvas, part image.Rectangle, o ebiten.DrawImageOptions) {
	geo := o.GeoM
	for _, p := range t.tiles {
		in := part.Intersect(p.at)
		if in.Empty() {
			continue
		}
		o.GeoM.Reset()
		o.GeoM.Translate(float64(in.Min.X), float64(in.Min.Y))
		o.GeoM.Concat(geo)
		dst.DrawImage(p.img.SubImage(in.Sub(p.at.Min)).(*ebiten.Image), &o)
	}
}

func (t *texture) bounds() image.Rectangle { return image.Rect(0, 0, t.w, t.h) }

func (t *texture) free() {
	for _, p := range t.tiles {
		p.img.Deallocate()
	}
	t.tiles = nil
}

// upload gives p its texture. The rows that the texture holds already, from the
// picture before, are not written again: screens share their ground, header and
// much more, and a keyboard's next letter changes a line.
func (g *game) upload(p *plate) {
	if p.texture != nil {
		return
	}
	p.texture = g.take(p.w, p.h)
	p.shown = map[string]string{}
	if need := 4 * p.w * stripRows; cap(g.strip) < need {
		g.strip = make([]byte, need)
	}
	holds := p.texture.rows
	for y := 0; y < p.h; {
		if holds[y] == p.pixels.sums[y] {
			y++
			continue
		}
		from := y
		for y < p.h && y < from+stripRows && holds[y] != p.pixels.sums[y] {
			y++
		}
		pix := g.strip[:4*p.w*(y-from)]
		p.pixels.unpack(pix, from, y)
		p.texture.write(image.Rect(0, from, p.w, y), pix)
	}
	copy(holds, p.pixels.sums)
}

// take is a texture of the screen's size. There are two of them, used in turn:
// making and freeing 8 MB with each slide fragments the driver's memory, which
// grew to seven times that in a minute.
func (g *game) take(w, h int) *texture {
	if g.next != nil {
		g.free(g.next)
		g.next = nil
	}
	t := g.spare
	g.spare = nil
	if t != nil && (t.w != w || t.h != h) {
		t.free()
		t = nil
	}
	if t == nil {
		t = newTexture(w, h)
	}
	return t
}

// give takes a texture back.
func (g *game) give(t *texture) {
	if g.spare != nil {
		g.spare.free()
	}
	g.spare = t
}

// free gives p's texture back; the picture stays packed.
func (g *game) free(p *plate) {
	g.give(p.texture)
	p.texture = nil
}

// read draws the screen once more into the spare texture and reads it back.
func (g *game) read(w, h int) *image.RGBA {
	w, h = max(w, 1), max(h, 1)
	t := g.take(w, h)
	defer g.give(t)
	clear(t.rows)
	g.reading = true
	for _, p := range t.tiles {
		var geo ebiten.GeoM
		geo.Translate(-float64(p.at.Min.X), -float64(p.at.Min.Y))
		g.compose(p.img, w, h, geo)
	}
	g.reading = false
	return t.pixels()
}

// pixels reads a texture back.
func (t *texture) pixels() *image.RGBA {
	out := image.NewRGBA(t.bounds())
	for _, p := range t.tiles {
		pix := make([]byte, 4*p.at.Dx()*p.at.Dy())
		p.img.ReadPixels(pix)
		for y := range p.at.Dy() {
			copy(out.Pix[out.PixOffset(p.at.Min.X, p.at.Min.Y+y):], pix[4*p.at.Dx()*y:4*p.at.Dx()*(y+1)])
		}
	}
	return out
}
