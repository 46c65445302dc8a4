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
	d.z.Reset(box.Dx(), box.Dy())
	ox, oy := -float32(box.Min.X), -float32(box.Min.Y)
	r, g, b, a := premul(o.Color)
	if o.Width <= 0 {
		trace(&d.z, o.Segments, d.k, ox, oy)
		d.paint(box, r, g, b, a)
		return
	}
	d.flat = d.flat[:0]
	closed := false
	flush := func() {
		d.strokeLine(d.flat, half, closed)
		d.flat, closed = d.flat[:0], false
	}
	for _, s := range o.Segments {
		pt := func(i int) [2]float32 { return [2]float32{s.P[i][0]*d.k + ox, s.P[i][1]*d.k + oy} }
		switch s.Cmd {
		case 'M':
			flush()
			d.flat = append(d.flat, pt(0))
		case 'L':
			d.flat = append(d.flat, pt(0))
		case 'Q':
			p := d.flat[len(d.flat)-1]
			c, e := pt(0), pt(1)
			d.curve(p, [2]float32{p[0] + (c[0]-p[0])*2/3, p[1] + (c[1]-p[1])*2/3}, [2]float32{e[0] + (c[0]-e[0])*2/3, e[1] + (c[1]-e[1])*2/3}, e, half)
		case 'C':
			d.curve(d.flat[len(d.flat)-1], pt(0), pt(1), pt(2), half)
		case 'Z':
			closed = true
			flush()
		}
	}
	flush()
	d.paint(box, r, g, b, a)
}

// curve appends a cubic as short lines.
func (d *drawer) curve(p, c1, c2, e [2]float32, half float32) {
	length := dist(p, c1) + dist(c1, c2) + dist(c2, e)
	n := min(max(4, int(math.Sqrt(float64(length*(half+4)))/1.5)), 96)
	for i := 1; i <= n; i++ {
		t := float32(i) / float32(n)
		u := 1 - t
		a, b, c, f := u*u*u, 3*u*u*t, 3*u*t*t, t*t*t
		d.flat = append(d.flat, [2]float32{a*p[0] + b*c1[0] + c*c2[0] + f*e[0], a*p[1] + b*c1[1] + c*c2[1] + f*e[1]})
	}
}

func dist(a, b [2]float32) float32 {
	return float32(math.Hypot(float64(a[0]-b[0]), float64(a[1]-b[1])))
}

// strokeLine adds the outline of a line with round caps and joins: once round
// it, along one side and back along the other, so that edges meet exactly.
func (d *drawer) strokeLine(pts [][2]float32, half float32, closed bool) {
	w := 0
	for i, p := range pts { // points on top of each other have no direction
		if i == 0 || dist(p, pts[w-1]) > 0.01 {
			pts[w] = p
			w++
		}
	}
	pts = pts[:w]
	if closed && len(pts) > 2 && dist(pts[0], pts[len(pts)-1]) < 0.01 {
		pts = pts[:len(pts)-1]
	}
	switch {
	case len(pts) == 0:
		return
	case len(pts) == 1:
		d.startAt(pts[0], half, 0)
		d.arc(pts[0], half, 0, 2*math.Pi)
		d.z.ClosePath()
		return
	case closed && len(pts) > 2:
		d.ring(pts, half)
		return
	}
	first := angle(pts[0], pts[1])
	d.startAt(pts[0], half, first-math.Pi/2)
	d.side(pts, half)
	last := angle(pts[len(pts)-2], pts[len(pts)-1])
	d.arc(pts[len(pts)-1], half, last-math.Pi/2, last+math.Pi/2)
	reverse(pts)
	d.side(pts, half)
	d.arc(pts[len(pts)-1], half, first+math.Pi/2, first+3*math.Pi/2)
	d.z.ClosePath()
}

func reverse(p [][2]float32) {
	for i, j := 0, len(p)-1; i < j; i, j = i+1, j-1 {
		p[i], p[j] = p[j], p[i]
	}
}

// ring strokes a closed line as two outlines in opposite directions.
func (d *drawer) ring(pts [][2]float32, half float32) {
	for range 2 {
		loop := append(append([][2]float32{}, pts...), pts[0], pts[1])
		a := angle(loop[0], loop[1])
		d.startAt(loop[0], half, a-math.Pi/2)
		d.side(loop, half)
		d.z.ClosePath()
		reverse(pts)
	}
}

func angle(a, b [2]float32) float64 { return math.Atan2(float64(b[1]-a[1]), float64(b[0]-a[0])) }

func (d *drawer) startAt(p [2]float32, half float32, at float64) {
	d.z.MoveTo(p[0]+half*float32(math.Cos(at)), p[1]+half*float32(math.Sin(at)))
}

func (d *drawer) to(p [2]float32, half float32, at float64) {
	d.z.LineTo(p[0]+half*float32(math.Cos(at)), p[1]+half*float32(math.Sin(at)))
}

// side follows the left side of a line, with an arc on the outside of each turn.
func (d *drawer) side(pts [][2]float32, half float32) {
	for i := 0; i+1 < len(pts); i++ {
		a := angle(pts[i], pts[i+1])
		d.to(pts[i], half, a-math.Pi/2)
		d.to(pts[i+1], half, a-math.Pi/2)
		if i+2 >= len(pts) {
			continue
		}
		b := angle(pts[i+1], pts[i+2])
		turn := math.Remainder(b-a, 2*math.Pi)
		switch {
		case turn > 0.001: // the left side is the outer one
			d.arc(pts[i+1], half, a-math.Pi/2, a-math.Pi/2+turn)
		case turn < -0.35: // through the corner: the inner side never pokes out
			d.z.LineTo(pts[i+1][0], pts[i+1][1])
		}
	}
}

func (d *drawer) arc(p [2]float32, half float32, from, to float64) {
	n := max(1, int(math.Ceil((to-from)/(math.Pi/2)*math.Sqrt(float64(half)+1)*1.6)))
	for i := 1; i <= n; i++ {
		d.to(p, half, from+(to-from)*float64(i)/float64(n))
	}
}
