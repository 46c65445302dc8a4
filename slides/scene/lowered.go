package scene

// lowShare is how much of a landscape screen's height holds a lowered screen:
// its controls are then 20 mm high on a 24-inch screen, and begin at half of it.
const lowShare = 0.7

// lowered composes a screen for who can't reach high: all of it lies at the
// foot, smaller; above it is nothing to touch. An upright screen's lower half
// is a landscape screen of its own.
func lowered(frame Frame, w, h int, faces *Faces, draw func(*Canvas)) *Scene {
	part := h / 2
	if h <= w {
		part = int(float32(h) * lowShare)
		frame.Scale = min(frame.Scale, 1.1) // there is no more room
	}
	c := newCanvas(frame, w, part, faces)
	c.low = h <= w
	c.Finger = newCanvas(frame, w, h, faces).Finger
	draw(c)
	s := c.scene
	dy := float32(h - part)
	s.H = h
	above := &Canvas{Frame: frame, Theme: c.Theme, W: c.W, H: dy, U: c.U, Grown: 1, Tone: c.Tone, faces: faces, scene: &Scene{W: w, H: h, Faces: faces}}
	p := above.Colors()
	above.Fill(Rect{W: c.W, H: float32(h)}, 0, p.Ground)
	above.Text("lowered", above.Say("Các nút đã hạ xuống thấp. Chạm “Trợ năng” để đổi lại.", "The controls have been lowered. Touch “Accessibility” to change that."),
		Style{Weight: Medium, Max: 34, Min: Floor, Color: p.Sub, Align: Middle, VAlign: Middle, MaxLines: 3}, above.Screen().Inset(above.Px(Margin)))
	for i, op := range s.Ops {
		s.Ops[i] = moved(op, dy)
	}
	for i := range s.Slots {
		s.Slots[i].Rect.Y += dy
	}
	for i := range s.Targets {
		s.Targets[i].Rect.Y += dy
	}
	s.Ops = append(above.scene.Ops, s.Ops...)
	s.Overflows = append(s.Overflows, above.scene.Overflows...)
	return s
}

// moved is op dy pixels further down.
func moved(op Op, dy float32) Op {
	down := func(r Rect) Rect {
		r.Y += dy
		return r
	}
	switch o := op.(type) {
	case Fill:
		o.Rect = down(o.Rect)
		return o
	case Stroke:
		o.Rect = down(o.Rect)
		return o
	case Path:
		segs := make([]Segment, len(o.Segments))
		for i, s := range o.Segments {
			for j := range s.P {
				s.P[j][1] += dy
			}
			segs[i] = s
		}
		o.Segments = segs
		return o
	case Glyphs:
		list := make([]Glyph, len(o.Glyphs))
		for i, g := range o.Glyphs {
			g.Y += dy
			list[i] = g
		}
		o.Glyphs, o.Box, o.Ink = list, down(o.Box), down(o.Ink)
		return o
	case Picture:
		o.Rect = down(o.Rect)
		return o
	case Modules:
		o.Rect = down(o.Rect)
		return o
	}
	return op
}
