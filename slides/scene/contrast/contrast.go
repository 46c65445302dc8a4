// Package contrast measures how texts and icons stand out from what lies below
// them, by WCAG 2.2's formula, over a display list as it is drawn: colours that
// a theme brings and colours that a layout mixes alike.
package contrast

import (
	"fmt"
	"image/color"
	"math"

	"motcua/slides/scene"
)

// Least ratios: WCAG 2.2 AA asks 4.5 of text (1.4.3) and 3 of icons (1.4.11);
// AAA asks 7 of text, which the theme for weak eyes gives.
const (
	Text    = 4.5
	Icons   = 3
	Utmost  = 7
	highest = 21
)

// Weak is a text or an icon that stands out too little.
type Weak struct {
	What       string // the text; "icon"
	Ink, Under color.NRGBA
	Ratio      float64
}

func (w Weak) String() string {
	return fmt.Sprintf("%q: %02X%02X%02X on %02X%02X%02X is %.2f:1", w.What, w.Ink.R, w.Ink.G, w.Ink.B, w.Under.R, w.Under.G, w.Under.B, w.Ratio)
}

// Ratio is the contrast of two opaque colours, in [1,21].
func Ratio(a, b color.NRGBA) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(c color.NRGBA) float64 {
	lin := func(v uint8) float64 {
		f := float64(v) / 255
		if f <= 0.04045 {
			return f / 12.92
		}
		return math.Pow((f+0.055)/1.055, 2.4)
	}
	return 0.2126*lin(c.R) + 0.7152*lin(c.G) + 0.0722*lin(c.B)
}

// Check lists what stands out by less than text or, for icons, icons to one.
// A picture may be of any colour: what lies on it is held against black and white.
func Check(sc *scene.Scene, text, icons float64) (weak []Weak) {
	hold := func(what string, ink color.NRGBA, below []scene.Op, least float64, points ...[2]float32) {
		worst := Weak{What: what, Ratio: highest}
		for _, p := range points {
			for _, u := range under(below, p[0], p[1]) {
				if r := Ratio(over(ink, u), u); r < worst.Ratio {
					worst.Ink, worst.Under, worst.Ratio = over(ink, u), u, r
				}
			}
		}
		if worst.Ratio < least {
			weak = append(weak, worst)
		}
	}
	for i, op := range sc.Ops {
		switch op := op.(type) {
		case scene.Glyphs:
			if r := op.Ink; r.W > 0 {
				hold(op.Text, op.Color, sc.Ops[:i], text, middle(r), [2]float32{r.X + 1, r.Y + r.H/2}, [2]float32{r.Right() - 1, r.Y + r.H/2})
			}
		case scene.Path:
			if op.Width > 0 && len(op.Segments) > 0 {
				hold("icon", op.Color, sc.Ops[:i], icons, middle(bounds(op)))
			}
		}
	}
	for _, s := range sc.Slots {
		if s.Style.Color.A > 0 {
			hold("slot "+s.Name, s.Style.Color, sc.Ops, text, middle(s.Rect))
		}
		if s.Hint != "" {
			hold(s.Hint, s.Color.NRGBA(), sc.Ops, text, middle(s.Rect))
		}
	}
	return weak
}

func middle(r scene.Rect) [2]float32 { return [2]float32{r.X + r.W/2, r.Y + r.H/2} }

// under is what colours may be at a point once ops are drawn: one, or more
// where a picture or a shape that is not a box lies.
func under(ops []scene.Op, x, y float32) []color.NRGBA {
	out := []color.NRGBA{{0, 0, 0, 255}, {255, 255, 255, 255}}
	paint := func(c color.NRGBA) {
		if c.A == 255 {
			out = append(out[:0], c)
			return
		}
		for i := range out {
			out[i] = over(c, out[i])
		}
	}
	for _, op := range ops {
		switch op := op.(type) {
		case scene.Fill:
			if !holds(op.Rect, x, y) {
				continue
			}
			c := op.Color
			if op.To != nil {
				t := float64((y - op.Rect.Y) / op.Rect.H)
				f := func(a, b uint8) uint8 { return uint8(float64(a) + (float64(b)-float64(a))*t) }
				c = color.NRGBA{f(c.R, op.To.R), f(c.G, op.To.G), f(c.B, op.To.B), f(c.A, op.To.A)}
			}
			paint(c)
		case scene.Picture:
			if holds(op.Rect, x, y) {
				out = append(out[:0], color.NRGBA{0, 0, 0, 255}, color.NRGBA{255, 255, 255, 255})
			}
		case scene.Path:
			if op.Width == 0 && holds(bounds(op), x, y) { // it may be here or not
				for _, c := range out {
					out = append(out, over(op.Color, c))
				}
			}
		}
	}
	return out
}

func holds(r scene.Rect, x, y float32) bool {
	return x >= r.X && x < r.Right() && y >= r.Y && y < r.Bottom()
}

func bounds(p scene.Path) scene.Rect {
	var r scene.Rect
	first := true
	for _, s := range p.Segments {
		n := map[byte]int{'M': 1, 'L': 1, 'Q': 2, 'C': 3}[s.Cmd]
		for _, q := range s.P[:n] {
			at := scene.Rect{X: q[0], Y: q[1]}
			if first {
				r, first = at, false
			} else {
				r = r.Union(at)
			}
		}
	}
	return r
}

// over is c laid on an opaque colour.
func over(c, on color.NRGBA) color.NRGBA {
	f := func(a, b uint8) uint8 { return uint8((int(a)*int(c.A) + int(b)*(255-int(c.A)) + 127) / 255) }
	return color.NRGBA{f(c.R, on.R), f(c.G, on.G), f(c.B, on.B), 255}
}
