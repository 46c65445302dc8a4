package screen

import (
	"image"

	"github.com/hajimehoshi/ebiten/v2"
)

// stripRows is how many rows are uploaded at once. Ebiten keeps up to 31 upload
// buffers for ever; whole screens would make that 250 MB, strips make it 2 MB.
const stripRows = 8

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
	holds := g.rows[p.texture]
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
		g.write(p.texture, image.Rect(0, from, p.w, y), pix)
	}
	copy(holds, p.pixels.sums)
}

// write changes a part of a texture, whose rows are then no picture's any more.
func (g *game) write(t *ebiten.Image, r image.Rectangle, pix []byte) {
	t.SubImage(r).(*ebiten.Image).WritePixels(pix)
	if holds := g.rows[t]; holds != nil {
		clear(holds[r.Min.Y:r.Max.Y])
	}
}

// take is a texture of the screen's size. There are two of them, used in turn:
// making and freeing 8 MB with each slide fragments the driver's memory, which
// grew to seven times that in a minute.
func (g *game) take(w, h int) *ebiten.Image {
	if g.next != nil {
		g.free(g.next)
		g.next = nil
	}
	t := g.spare
	g.spare = nil
	if t != nil && (t.Bounds().Dx() != w || t.Bounds().Dy() != h) {
		g.discard(t)
		t = nil
	}
	if t == nil {
		t = ebiten.NewImageWithOptions(image.Rect(0, 0, w, h), &ebiten.NewImageOptions{Unmanaged: true})
		if g.rows == nil {
			g.rows = map[*ebiten.Image][]uint64{}
		}
		g.rows[t] = make([]uint64, h)
	}
	return t
}

// give takes a texture back.
func (g *game) give(t *ebiten.Image) {
	if g.spare != nil {
		g.discard(g.spare)
	}
	g.spare = t
}

func (g *game) discard(t *ebiten.Image) {
	t.Deallocate()
	delete(g.rows, t)
}

// free gives p's texture back; the picture stays packed.
func (g *game) free(p *plate) {
	g.give(p.texture)
	p.texture = nil
}
