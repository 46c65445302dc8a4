package scene

import (
	"fmt"
)

// Typed is what stands on a line that is being written.
type Typed struct {
	Text string
	Left int // characters that may still come; < 0: not worth telling
}

// TypedLine draws the box of a line that is being written, as many lines high
// as r holds, and declares the place of its text, so that a letter costs a
// small picture and not the whole screen. hint stands there while it is empty,
// icon, if not "", before it.
func (c *Canvas) TypedLine(r Rect, hint string, icon Icon) {
	radius := c.Px(ButtonRadius)
	c.Fill(r, radius, c.Theme.Card())
	c.Border(r, radius, c.Px(4), c.Theme.Ink.NRGBA())
	in := Rect{X: r.X + c.Px(28), Y: r.Y + c.Px(8), W: max(0, r.W-2*c.Px(28)), H: max(0, r.H-2*c.Px(8))}
	if icon != "" {
		side := c.Px(44)
		c.Icon(icon, in.X, r.Y+(r.H-side)/2, side, c.Theme.Indigo.NRGBA())
		_, in = in.Left(side, c.Px(20))
	}
	size := 40 * min(c.Frame.Scale, 1.15)
	if b := c.Fit(hint, Style{Weight: Medium, Max: 34, Min: Floor, MaxLines: 1, Fixed: true}, in.W, 0); !b.Fits || b.Missing != "" {
		c.Report("typed.hint", hint, b)
	}
	c.Slot(Slot{Name: SlotTyped, Rect: in, Style: Style{Weight: SemiBold, Max: size, Min: size, Color: c.Theme.Ink.NRGBA(), Line: 1.4, Fixed: true}, Color: c.Theme.Grey, Hint: hint})
}

// TypedOps draws the end of the text with the cursor behind it: what is being
// written is seen, what came before scrolls out.
func (s *Scene) TypedOps(t Typed) []Op {
	x, ok := s.Slot(SlotTyped)
	if !ok || x.Rect.W < 1 {
		return nil
	}
	c := s.pen(x)
	size := x.Style.Max * x.Unit
	pitch := size * x.Style.Line
	grey := Style{Weight: Medium, Color: x.Color.NRGBA(), MaxLines: 1, Fixed: true, VAlign: Middle}
	width := x.Rect.W - size*0.4
	if t.Left >= 0 {
		note := grey
		note.Max, note.Align = 26, End
		b := c.Fit(c.Say(fmt.Sprintf("Còn %d ký tự", t.Left), fmt.Sprintf("%d characters left", t.Left)), note, x.Rect.W/2, 0)
		c.Put(b, Rect{x.Rect.X, x.Rect.Bottom() - pitch, x.Rect.W, pitch})
		width -= b.W + size*0.4
	}
	r := s.Faces.shapeOnce(x.Style.Weight, t.Text)
	lines := r.wrap(width / size)
	rows := max(1, int(x.Rect.H/pitch))
	lines = lines[max(0, len(lines)-rows):]
	top := x.Rect.Y + max(0, x.Rect.H-float32(rows)*pitch)/2
	for i, sp := range lines {
		b := Block{Style: x.Style, Lines: []Line{r.cut(sp, size)}, Size: size}
		b.measure(x.Unit)
		c.Put(b, Rect{x.Rect.X, top + float32(i)*pitch, x.Rect.W, pitch})
	}
	last := lines[len(lines)-1]
	at := Rect{x.Rect.X + (r.x[last.to]-r.x[last.from])*size + size*0.06, top + float32(len(lines)-1)*pitch + pitch*0.14, max(2, size*0.08), pitch * 0.72}
	c.Fill(at, 0, x.Style.Color)
	if t.Text == "" {
		grey.Max = 34
		b := c.Fit(x.Hint, grey, x.Rect.W-size*0.5, 0)
		c.Put(b, Rect{at.Right() + size*0.2, top, x.Rect.W, pitch})
	}
	return c.scene.Ops
}

// wrap cuts a run into lines of w ems at blanks, which stay at their line's end
// as they were typed; there is always one.
func (r *run) wrap(w float32) []span {
	var out []span
	from, blank := 0, -1
	for i := range r.runes {
		if r.x[i+1]-r.x[from] > w && r.runes[i] != ' ' && i > from {
			to := i
			if blank >= from {
				to = blank + 1
			}
			out = append(out, span{from, to})
			from = to
		}
		if r.runes[i] == ' ' {
			blank = i
		}
	}
	return append(out, span{from, len(r.runes)})
}
