package raster

import (
	"image"
	"math"

	"motcua/slides/scene"
)

// path fills a shape or strokes it.
func (d *drawer) path(o scene.Path) {
	if len(o.Segments) == 0 || o.Color.A == 0 {
		return
	}
	x0, y0, x1, y1 := float32(math.MaxFloat32), float32(math.MaxFloat32), float32(-math.MaxFloat32), float32(-math.MaxFloat32)
	for _, s := range o.Segments {
		n := map[byte]int{'M': 1, 'L': 1, 'Q': 2, 'C': 3}[s.Cmd]
		for _, p := range s.P[:n] {
			x0, x1 = min(x0, p[0]*d.k), max(x1, p[0]*d.k)
			y0, y1 = min(y0, p[1]*d.k), max(y1, p[1]*d.k)
		}
	}
	half := o.Width * d.k / 2
	// What lies left of the clip matters to the rasterizer's sums, what lies
	// above, below and right does not; it clips there by itself.
	box := image.Rect(floor(x0-half)-1, floor(y0-half)-1, ceil(x1+half)+1, ceil(y1+half)+1)
	box.Max.X, box.Max.Y = min(box.Max.X, d.clip.Max.X), min(box.Max.Y, d.clip.Max.Y)
	box.Min.Y, box.Min.X = max(box.Min.Y, d.clip.Min.Y), max(box.Min.X, d.clip.Min.X)
	if box.Empty() {
		return
	}
	r, g, b, a := premul(o.Color)
	if o.Width <= 0 {
		d.z.Reset(box.Dx(), box.Dy())
		trace(&d.z, o.Segments, d.k, -float32(box.Min.X), -float32(box.Min.Y))
		d.paint(box, r, g, b, a)
		return
	}
	d.resize(box)
	clear(d.mask.Pix)
	var start, at [2]float32
	for _, s := range o.Segments {
		pt := func(i int) [2]float32 {
			return [2]float32{s.P[i][0]*d.k - float32(box.Min.X), s.P[i][1]*d.k - float32(box.Min.Y)}
		}
		switch s.Cmd {
		case 'M':
			start, at = pt(0), pt(0)
		case 'L':
			d.stroke(at, pt(0), half)
			at = pt(0)
		case 'Q':
			c, e := pt(0), pt(1)
			d.curve(at, [2]float32{at[0] + (c[0]-at[0])*2/3, at[1] + (c[1]-at[1])*2/3}, [2]float32{e[0] + (c[0]-e[0])*2/3, e[1] + (c[1]-e[1])*2/3}, e, half)
			at = e
		case 'C':
			d.curve(at, pt(0), pt(1), pt(2), half)
			at = pt(2)
		case 'Z':
			d.stroke(at, start, half)
			at = start
		}
	}
	d.blendMask(box, r, g, b, a)
}

// curve strokes a cubic as short lines.
func (d *drawer) curve(p, c1, c2, e [2]float32, half float32) {
	length := dist(p, c1) + dist(c1, c2) + dist(c2, e)
	n := min(max(6, int(math.Sqrt(float64(length))*1.6)), 96)
	at := p
	for i := 1; i <= n; i++ {
		t := float32(i) / float32(n)
		u := 1 - t
		a, b, c, f := u*u*u, 3*u*u*t, 3*u*t*t, t*t*t
		to := [2]float32{a*p[0] + b*c1[0] + c*c2[0] + f*e[0], a*p[1] + b*c1[1] + c*c2[1] + f*e[1]}
		d.stroke(at, to, half)
		at = to
	}
}

func dist(a, b [2]float32) float32 {
	return float32(math.Hypot(float64(a[0]-b[0]), float64(a[1]-b[1])))
}

// stroke covers in the mask what lies within half of the line a to b: ends and
// joins come out round. The greater cover wins where lines meet, so that no
// edge is drawn twice.
func (d *drawer) stroke(a, b [2]float32, half float32) {
	w, h := d.mask.Rect.Dx(), d.mask.Rect.Dy()
	reach := half + 1
	x0, x1 := max(0, floor(min(a[0], b[0])-reach)), min(w, ceil(max(a[0], b[0])+reach))
	y0, y1 := max(0, floor(min(a[1], b[1])-reach)), min(h, ceil(max(a[1], b[1])+reach))
	dx, dy := b[0]-a[0], b[1]-a[1]
	length := dx*dx + dy*dy
	most := min(1, 2*half) // a line thinner than a pixel never covers one
	for y := y0; y < y1; y++ {
		row := d.mask.Pix[y*w : (y+1)*w]
		py := float32(y) + 0.5 - a[1]
		for x := x0; x < x1; x++ {
			px := float32(x) + 0.5 - a[0]
			k := float32(0)
			if length > 0 {
				k = min(max((px*dx+py*dy)/length, 0), 1)
			}
			ex, ey := px-k*dx, py-k*dy
			sq := ex*ex + ey*ey
			if sq >= (half+0.5)*(half+0.5) {
				continue
			}
			cov := min(most, half+0.5-float32(math.Sqrt(float64(sq))))
			if v := uint8(cov*255 + 0.5); v > row[x] {
				row[x] = v
			}
		}
	}
}
