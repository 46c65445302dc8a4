package scene

import "image/color"

// Sizes of controls in design pixels.
const (
	ButtonH      = 104 // the least height of a control
	ButtonRadius = 24
	ButtonGap    = 28
)

// ButtonKind is how much a button weighs.
type ButtonKind int

// Primary is filled ink, Secondary outlined.
const (
	Secondary ButtonKind = iota
	Primary
)

// Button is a control labelled in words. Name is its target's.
type Button struct {
	Name     string
	Label    string
	Icon     Icon // before the label, or ""
	Kind     ButtonKind
	Pressed  bool
	Disabled bool // drawn faint, not a target
	Chosen   bool // of a group: filled, with a tick
}

func (c *Canvas) buttonStyle() Style {
	return Style{Weight: Bold, Max: 36, Min: 26, MaxLines: 2, Line: 1.25, VAlign: Middle, Full: true}
}

// ButtonWidth is how wide b wants to be, in pixels.
func (c *Canvas) ButtonWidth(b Button) float32 {
	bl := c.Fit(b.Label, c.buttonStyle(), c.W, 0)
	w := bl.W + 2*c.Px(46)
	if b.Icon != "" || b.Chosen {
		w += c.Px(36 + 18)
	}
	return max(w, c.Px(ButtonH*1.5))
}

// Button draws b into r and makes r its target.
func (c *Canvas) Button(b Button, r Rect) {
	radius := c.Px(ButtonRadius)
	ink, paper := c.Theme.Ink.NRGBA(), c.Theme.Card()
	ground, label, border := paper, ink, mix(c.Theme.Line, c.Theme.Grey, 0.3)
	if b.Kind == Primary || b.Chosen {
		ground, label, border = ink, color.NRGBA{255, 255, 255, 255}, ink
	}
	if b.Disabled {
		label = mix(c.Theme.Grey, c.Theme.Paper, 0.15) // 4.5:1 still
		if b.Kind == Primary {
			ground, border = mix(c.Theme.Paper, c.Theme.Line, 0.7), c.Theme.Line.NRGBA()
			label = c.Theme.Grey.NRGBA()
		}
	}
	c.Fill(r, radius, ground)
	c.Border(r, radius, c.Px(2.5), border)
	st := c.buttonStyle()
	st.Color = label
	icon := b.Icon
	if b.Chosen {
		icon = IconCheck
	}
	pad, side, gap := c.Px(24), float32(0), float32(0)
	if icon != "" {
		side, gap = c.Px(36), c.Px(18)
	}
	room := max(0, r.W-2*pad-side-gap)
	one := st
	one.MaxLines = 1
	bl := c.Fit(b.Label, one, room, r.H)
	if !bl.Fits {
		bl = c.Fit(b.Label, st, room, max(1, r.H-c.Px(20)))
	}
	if !bl.Fits && r.H >= c.Px(130) {
		st.MaxLines = 3
		bl = c.Fit(b.Label, st, room, r.H-c.Px(20))
	}
	c.Report("button."+b.Name, b.Label, bl)
	x := r.X + (r.W-bl.W-side-gap)/2
	if icon != "" {
		c.Icon(icon, x, r.Y+(r.H-side)/2, side, label)
	}
	bl.Style.Align = Start
	if len(bl.Lines) > 1 && icon == "" {
		bl.Style.Align = Middle
	}
	c.Put(bl, Rect{x + side + gap, r.Y, bl.W, r.H})
	if b.Disabled {
		return
	}
	c.Touch(b.Name, b.Label, r, radius)
	if b.Pressed {
		c.Add(Press(Target{Rect: r, Radius: radius})...)
	}
}

// Press is what is drawn over a target while it is touched, so that a control
// answers within one frame without composing the screen again.
func Press(t Target) []Op {
	return []Op{Fill{Rect: t.Rect, Radius: t.Radius, Color: color.NRGBA{29, 27, 26, 56}}}
}

// ButtonRow draws buttons from left to right from box's left end, each as wide
// as it wants, at box's height; those that do not fit are made narrower alike.
// It returns the right end of the last.
func (c *Canvas) ButtonRow(box Rect, buttons ...Button) float32 {
	gap := c.Px(ButtonGap)
	total := gap * float32(max(0, len(buttons)-1))
	widths := make([]float32, len(buttons))
	var sum float32
	for i, b := range buttons {
		widths[i] = c.ButtonWidth(b)
		sum += widths[i]
	}
	k := float32(1)
	if sum > 0 && sum+total > box.W {
		k = max(0, box.W-total) / sum
	}
	x := box.X
	for i, b := range buttons {
		c.Button(b, Rect{x, box.Y, widths[i] * k, box.H})
		x += widths[i]*k + gap
	}
	return x - gap
}

// Choice is one answer of five with its face: a card that is a target.
// Portrait screens set the words beside the face, landscape ones below it.
type Choice struct {
	Name    string
	Label   string
	Level   int // 1 worst to 5 best; 0 has no face
	Pressed bool
	Chosen  bool
}

// FaceCard draws a choice into r.
func (c *Canvas) FaceCard(ch Choice, r Rect) {
	radius := c.Px(32)
	c.Fill(r, radius, c.Theme.Card())
	if ch.Chosen {
		c.Border(r, radius, c.Px(6), c.Theme.Ink.NRGBA())
	} else {
		c.Border(r, radius, c.Px(2.5), c.Theme.Line.NRGBA())
	}
	st := Style{Weight: Bold, Max: 40, Min: 28, Color: c.Theme.Ink.NRGBA(), Line: 1.28, VAlign: Middle, MaxLines: 3, Full: true}
	if r.W > r.H*1.6 { // words beside
		face := min(r.H*0.68, c.Px(132))
		pad := max(c.Px(28), min((r.H-face)/2, c.Px(56)))
		x := r.X + pad
		if ch.Level > 0 {
			c.Face(ch.Level, x, r.Y+(r.H-face)/2, face)
			x += face + c.Px(40)
		}
		st.Max = 46
		c.Text("choice."+ch.Name, ch.Label, st, Rect{x, r.Y, max(0, r.Right()-x-c.Px(24)), r.H})
	} else {
		st.Align = Middle
		pad := c.FacePad(r.W)
		room := max(0, r.W-2*pad)
		b := c.Fit(ch.Label, st, room, r.H*0.45)
		c.Report("choice."+ch.Name, ch.Label, b)
		// Room for two lines whatever the label, so that all faces stand in one
		// row and have one size.
		textH := max(b.H, c.Px(st.Max*c.Frame.Scale)*2.8)
		face := float32(0)
		if ch.Level > 0 {
			face = max(0, min(r.W*0.58, r.H-textH-c.Px(90), c.Px(220)))
		}
		gap := c.Px(34)
		y := r.Y + (r.H-face-gap-textH)/2
		c.Face(ch.Level, r.X+(r.W-face)/2, y, face)
		b.Style.VAlign = Start
		c.Put(b, Rect{r.X + pad, y + face + gap, room, b.H})
	}
	c.Touch(ch.Name, ch.Label, r, radius)
	if ch.Pressed {
		c.Add(Press(Target{Rect: r, Radius: radius})...)
	}
}

// FacePad is the room at the sides of the words in a face's card of width w: less
// in a narrow one, where the longest word just fits.
func (c *Canvas) FacePad(w float32) float32 {
	if w < c.Px(240) {
		return c.Px(10)
	}
	return c.Px(20)
}

// Tile is a big coloured button with an icon, a title and a line of what it leads to.
type Tile struct {
	Name, Title, Text string
	Icon              Icon
	Ground, Ink       color.NRGBA
	Pressed           bool
}

// Tile draws t into r and makes it a target.
func (c *Canvas) Tile(t Tile, r Rect) {
	radius := c.Px(40)
	c.Fill(r, radius, t.Ground)
	if r.W > 1.9*r.H {
		c.wideTile(t, r)
		return
	}
	in := Rect{r.X + c.Px(48), r.Y + c.Px(48), max(0, r.W-2*c.Px(48)), max(0, r.H-2*c.Px(44))}
	icon := min(c.Px(92), in.H*0.27)
	c.Icon(t.Icon, in.X, in.Y, icon, t.Ink)
	room := max(0, in.H-icon-c.Px(12))
	title := c.Fit(t.Title, Style{Weight: ExtraBold, Max: 54, Min: 34, Color: t.Ink, Line: 1.25, MaxLines: 3, Full: true, Fixed: true}, in.W, room*0.62)
	text := c.Fit(t.Text, Style{Weight: Medium, Max: 32, Color: t.Ink, Line: 1.34, MaxLines: 3, Full: true}, in.W, max(1, room-title.H-c.Px(4)))
	c.Report("tile."+t.Name, t.Title, title)
	c.Report("tile."+t.Name+".text", t.Text, text)
	y := in.Bottom() - text.H
	c.Put(text, Rect{in.X, y, in.W, text.H})
	c.Put(title, Rect{in.X, y - title.H - c.Px(4), in.W, title.H})
	c.Touch(t.Name, t.Title, r, radius)
	if t.Pressed {
		c.Add(Press(Target{Rect: r, Radius: radius})...)
	}
}

// wideTile sets the words beside the icon, for a tile that is low.
func (c *Canvas) wideTile(t Tile, r Rect) {
	pad := c.Px(48)
	icon := min(c.Px(92), r.H*0.44)
	c.Icon(t.Icon, r.X+pad, r.Y+(r.H-icon)/2, icon, t.Ink)
	in := Rect{X: r.X + pad + icon + c.Px(40), Y: r.Y + c.Px(20), H: max(0, r.H-2*c.Px(20))}
	in.W = max(0, r.Right()-pad-in.X)
	title := c.Fit(t.Title, Style{Weight: ExtraBold, Max: 54, Min: 34, Color: t.Ink, Line: 1.25, MaxLines: 2, Full: true, Fixed: true}, in.W, in.H*0.66)
	text := c.Fit(t.Text, Style{Weight: Medium, Max: 32, Color: t.Ink, Line: 1.34, MaxLines: 2, Full: true}, in.W, max(1, in.H-title.H-c.Px(4)))
	c.Report("tile."+t.Name, t.Title, title)
	c.Report("tile."+t.Name+".text", t.Text, text)
	y := in.Y + (in.H-title.H-text.H-c.Px(4))/2
	c.Put(title, Rect{in.X, y, in.W, title.H})
	c.Put(text, Rect{in.X, y + title.H + c.Px(4), in.W, text.H})
	c.Touch(t.Name, t.Title, r, c.Px(40))
	if t.Pressed {
		c.Add(Press(Target{Rect: r, Radius: c.Px(40)})...)
	}
}

// Title draws a screen's title and its second line at the top of Body, and
// moves Body below them.
func (c *Canvas) Title(path, title, sub string) {
	p := c.Colors()
	h, lines := c.Body.H*0.34, 3
	if c.Portrait {
		lines = 4
	}
	r := c.Text(path, title, Style{Weight: ExtraBold, Max: 68, Min: 44, Color: p.Title, Line: 1.25, MaxLines: lines}, Rect{c.Body.X, c.Body.Y - c.Px(12), c.Body.W, h})
	y := r.Bottom()
	if sub != "" {
		r = c.Text(path+".sub", sub, Style{Weight: Medium, Max: 36, Min: 28, Color: p.Sub, MaxLines: 3, Line: 1.35}, Rect{c.Body.X, y + c.Px(4), c.Body.W, c.Body.H * 0.2})
		y = r.Bottom()
	}
	c.Body = c.Body.Below(y + c.Px(32))
}
