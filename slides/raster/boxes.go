package raster

import (
	"image/color"
	"math"

	"motcua/slides/scene"
)

// subrows is how many lines a pixel row is cut into at rounded and uneven
// edges: 16 steps of coverage down, 256 across.
const subrows = 8

// box is a rounded box in pixels of dst.
type box struct{ x0, y0, x1, y1, r float32 }

func (d *drawer) box(r scene.Rect, radius float32) box {
	b := box{r.X * d.k, r.Y * d.k, (r.X + r.W) * d.k, (r.Y + r.H) * d.k, radius * d.k}
	b.r = max(0, min(b.r, (b.x1-b.x0)/2, (b.y1-b.y0)/2))
	return b
}

// at is where the box begins and ends on the line y; ok is false outside it.
func (b box) at(y float32) (x0, x1 float32, ok bool) {
	if y < b.y0 || y >= b.y1 {
		return 0, 0, false
	}
	dy := float32(0)
	if y < b.y0+b.r {
		dy = b.y0 + b.r - y
	} else if y > b.y1-b.r {
		dy = y - (b.y1 - b.r)
	}
	in := float32(0)
	if dy > 0 {
		in = b.r - float32(math.Sqrt(float64(max(0, b.r*b.r-dy*dy))))
	}
	return b.x0 + in, b.x1 - in, true
}

func (d *drawer) fill(o scene.Fill) {
	b := d.box(o.Rect, o.Radius)
	d.rows(b, box{}, func(y int) color.NRGBA {
		if o.To == nil {
			return o.Color
		}
		t := (float32(y) + 0.5 - b.y0) / max(1, b.y1-b.y0)
		return lerp(o.Color, *o.To, min(max(t, 0), 1))
	})
}

func lerp(a, b color.NRGBA, t float32) color.NRGBA {
	f := func(x, y uint8) uint8 { return uint8(float32(x) + (float32(y)-float32(x))*t + 0.5) }
	return color.NRGBA{f(a.R, b.R), f(a.G, b.G), f(a.B, b.B), f(a.A, b.A)}
}

func (d *drawer) border(o scene.Stroke) {
	b := d.box(o.Rect, o.Radius)
	w := o.Width * d.k
	hole := box{b.x0 + w, b.y0 + w, b.x1 - w, b.y1 - w, max(0, b.r-w)}
	if hole.x1 <= hole.x0 || hole.y1 <= hole.y0 {
		hole = box{}
	}
	d.rows(b, hole, func(int) color.NRGBA { return o.Color })
}

// rows fills b without hole, each row in the colour that at gives it.
func (d *drawer) rows(b, hole box, at func(y int) color.NRGBA) {
	y0, y1 := max(floor(b.y0), d.clip.Min.Y), min(ceil(b.y1), d.clip.Max.Y)
	for y := y0; y < y1; y++ {
		c := at(y)
		if !d.smooth(b, y) || hole.y1 > hole.y0 && !d.smooth(hole, y) {
			d.row(b, hole, y, c)
			continue
		}
		// Straight sides: one line says all of the row.
		mid := float32(y) + 0.5
		x0, x1, ok := b.at(mid)
		if !ok {
			continue
		}
		if h0, h1, inside := hole.at(mid); inside && hole.x1 > hole.x0 {
			d.span(x0, h0, y, c)
			d.span(h1, x1, y, c)
		} else {
			d.span(x0, x1, y, c)
		}
	}
}

// smooth says whether b's sides are straight all through row y.
func (d *drawer) smooth(b box, y int) bool {
	t, u := float32(y), float32(y+1)
	if u <= b.y0 || t >= b.y1 {
		return true
	}
	return t >= b.y0+b.r && u <= b.y1-b.r
}

// span fills [x0, x1) of row y, with part of a pixel at either end.
func (d *drawer) span(x0, x1 float32, y int, c color.NRGBA) {
	x0, x1 = max(x0, float32(d.clip.Min.X)), min(x1, float32(d.clip.Max.X))
	if x1 <= x0 {
		return
	}
	a, z := floor(x0), floor(x1)
	if a == z {
		d.part(a, y, x1-x0, c)
		return
	}
	if float32(a) < x0 {
		d.part(a, y, float32(a+1)-x0, c)
		a++
	}
	d.blend(a, y, z-a, c)
	if x1 > float32(z) {
		d.part(z, y, x1-float32(z), c)
	}
}

func (d *drawer) part(x, y int, cov float32, c color.NRGBA) {
	r, g, b, a := premul(c)
	if v := uint32(cov*255 + 0.5); v > 0 && x >= d.clip.Min.X && x < d.clip.Max.X {
		d.point(d.dst.PixOffset(x, y), r, g, b, a, v)
	}
}

// row fills row y of b without hole by adding up the coverage of its sub-rows.
func (d *drawer) row(b, hole box, y int, c color.NRGBA) {
	w := d.clip.Dx()
	if cap(d.cover) < w+2 {
		d.cover = make([]int32, w+2)
	}
	cover := d.cover[:w+2]
	clear(cover)
	// cover holds differences: a span's coverage is added where it starts and
	// taken off where it ends, in 256ths of a sub-row.
	add := func(x0, x1 float32, sign int32) {
		x0 = min(max(x0-float32(d.clip.Min.X), 0), float32(w))
		x1 = min(max(x1-float32(d.clip.Min.X), 0), float32(w))
		if x1 <= x0 {
			return
		}
		edge := func(x float32, s int32) {
			i := int(x)
			f := int32((x - float32(i)) * 256)
			cover[i] += s * (256 - f)
			cover[i+1] += s * f
		}
		edge(x0, sign)
		edge(x1, -sign)
	}
	for s := range subrows {
		at := float32(y) + (float32(s)+0.5)/subrows
		if x0, x1, ok := b.at(at); ok {
			add(x0, x1, 1)
			if h0, h1, in := hole.at(at); in && h1 > h0 {
				add(h0, h1, -1)
			}
		}
	}
	r, g, bl, a := premul(c)
	i := d.dst.PixOffset(d.clip.Min.X, y)
	var sum int32
	for x := 0; x < w; x++ {
		sum += cover[x]
		if sum <= 0 {
			i += 4
			continue
		}
		if sum >= 256*subrows-1 {
			// A run of full pixels lasts until the next difference.
			n := 1
			for x+n < w && cover[x+n] == 0 {
				n++
			}
			d.blend(d.clip.Min.X+x, y, n, c)
			x += n - 1
			i += 4 * n
			continue
		}
		d.point(i, r, g, bl, a, uint32(sum)*255/(256*subrows))
		i += 4
	}
}
