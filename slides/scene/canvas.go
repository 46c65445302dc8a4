package scene

import (
	"image/color"

	"motcua/slides"
)

// Canvas is what a layout draws on. Rects and coordinates are pixels; sizes of
// styles are design pixels. A Canvas is for one goroutine.
type Canvas struct {
	Frame    Frame
	Theme    Theme
	W, H     float32
	U        float32 // pixels a design pixel
	Portrait bool
	Tone     Tone    // set by Chrome and Plain
	Body     Rect    // what Chrome left for the content, margins taken off
	Grown    float32 // how much larger than designed Enlarged draws; else 1
	Finger   float32 // the least size of what is touched, pixels: 20 mm on a 24-inch screen of 1920
	low      bool    // a lowered landscape screen
	faces    *Faces
	scene    *Scene
	trial    *Trial // notes the texts; nil when drawing
}

// finger is 20 mm in design pixels.
const finger = 72

// Margin is the outer margin in design pixels.
const Margin = 64

// Compose makes a scene of w×h pixels. Landscape is designed 1080 high,
// portrait (h > w) 1080 wide; where the other side is shorter than the design
// needs, everything is scaled down to fit. draw must not keep the canvas.
func Compose(frame Frame, w, h int, faces *Faces, draw func(*Canvas)) *Scene {
	w, h = max(w, 1), max(h, 1)
	if frame.Low {
		return lowered(frame, w, h, faces, draw)
	}
	c := newCanvas(frame, w, h, faces)
	draw(c)
	return c.scene
}

func newCanvas(frame Frame, w, h int, faces *Faces) *Canvas {
	h = max(h, 1)
	if frame.Scale < 0.5 || frame.Scale > 3 {
		frame.Scale = 1
	}
	if frame.Theme == (Theme{}) {
		frame.Theme = DefaultTheme()
	}
	c := &Canvas{Frame: frame, Theme: frame.Theme, W: float32(w), H: float32(h), Portrait: h > w, Grown: 1, faces: faces, scene: &Scene{W: w, H: h, Faces: faces}}
	c.U = min(min(c.W, c.H)/1080, max(c.W, c.H)/1500)
	c.scene.U = c.U
	c.Finger = c.Px(finger)
	c.Body = c.Screen().Inset(c.Px(Margin))
	return c
}

// Screen is the whole picture.
func (c *Canvas) Screen() Rect { return Rect{W: c.W, H: c.H} }

// Px turns design pixels into pixels.
func (c *Canvas) Px(v float32) float32 { return v * c.U }

// T is t in the frame's language.
func (c *Canvas) T(t slides.Text) string { return t.In(c.Frame.Lang) }

// Say picks the frame's language of two: English where it asks for that, else
// Vietnamese.
func (c *Canvas) Say(vi, en string) string { return slides.Text{"vi": vi, "en": en}.In(c.Frame.Lang) }

// Add appends ops.
func (c *Canvas) Add(ops ...Op) { c.scene.Ops = append(c.scene.Ops, ops...) }

// Fill fills a box; radius in pixels.
func (c *Canvas) Fill(r Rect, radius float32, col color.NRGBA) {
	if r.W > 0 && r.H > 0 {
		c.Add(Fill{Rect: r, Radius: radius, Color: col})
	}
}

// Border draws a box's border inside it; width in pixels.
func (c *Canvas) Border(r Rect, radius, width float32, col color.NRGBA) {
	if r.W > 0 && r.H > 0 {
		c.Add(Stroke{Rect: r, Radius: radius, Width: max(width, 1), Color: col})
	}
}

// Card is a lightly bordered box on the ground, a touch brighter than paper.
func (c *Canvas) Card(r Rect) {
	c.Fill(r, c.Px(32), c.Theme.Card())
	c.Border(r, c.Px(32), c.Px(2), c.Theme.Line.NRGBA())
}

// Picture places an image blob and notes that the scene needs it.
func (c *Canvas) Picture(blob string, r Rect, radius float32, cover bool) {
	if r.W <= 0 || r.H <= 0 {
		return
	}
	c.Add(Picture{Blob: blob, Rect: r, Radius: radius, Cover: cover})
	for _, b := range c.scene.Blobs {
		if b == blob {
			return
		}
	}
	c.scene.Blobs = append(c.scene.Blobs, blob)
}

// Touch makes r answer a touch under name; text is what it says.
func (c *Canvas) Touch(name, text string, r Rect, radius float32) {
	c.scene.Targets = append(c.scene.Targets, Target{Name: name, Rect: r, Text: text, Radius: radius})
}

// Slot declares a small part that changes.
func (c *Canvas) Slot(s Slot) {
	if s.Lang == "" {
		s.Lang = c.Frame.Lang
	}
	s.Unit = c.U
	c.scene.Slots = append(c.scene.Slots, s)
}

// Overflow reports that text at path can't be shown.
func (c *Canvas) Overflow(path, text string) {
	c.scene.Overflows = append(c.scene.Overflows, Overflow{Path: path, Text: text})
}

// Card is the ground of cards: paper, a touch brighter, never the QR's white.
func (t Theme) Card() color.NRGBA {
	p := t.Paper
	mix := func(v uint8) uint8 { return v + (255-v)*2/5 }
	return color.NRGBA{R: mix(p.R), G: mix(p.G), B: mix(p.B), A: 255}
}

// Inset is r made smaller by d on each side, never negative.
func (r Rect) Inset(d float32) Rect {
	return Rect{X: r.X + d, Y: r.Y + d, W: max(0, r.W-2*d), H: max(0, r.H-2*d)}
}

// Right and Bottom are the far edges.
func (r Rect) Right() float32  { return r.X + r.W }
func (r Rect) Bottom() float32 { return r.Y + r.H }

// Union is the smallest box around both.
func (r Rect) Union(o Rect) Rect {
	x, y := min(r.X, o.X), min(r.Y, o.Y)
	return Rect{X: x, Y: y, W: max(r.Right(), o.Right()) - x, H: max(r.Bottom(), o.Bottom()) - y}
}

// Below is what is left of r under y.
func (r Rect) Below(y float32) Rect {
	return Rect{X: r.X, Y: y, W: r.W, H: max(0, r.Bottom()-y)}
}

// Left cuts a column of width w off r; rest starts gap further right.
func (r Rect) Left(w, gap float32) (col, rest Rect) {
	w = min(w, r.W)
	return Rect{r.X, r.Y, w, r.H}, Rect{r.X + w + gap, r.Y, max(0, r.W-w-gap), r.H}
}

// Contains says whether o lies within r, to a hundredth of a pixel.
func (r Rect) Contains(o Rect) bool {
	const e = 0.02
	return o.X >= r.X-e && o.Y >= r.Y-e && o.Right() <= r.Right()+e && o.Bottom() <= r.Bottom()+e
}
