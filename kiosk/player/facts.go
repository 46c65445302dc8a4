package player

import (
	"image/color"

	"motcua/slides/scene"
)

// fact is one line of a long page: a label ("" where it goes on with the one
// above), a value with a remark after it, or a control.
type fact struct {
	label, value, aside string
	badge               string     // a word in colour after the value
	bullet              bool       // one of several
	row                 *scene.Row // a control in the value's place
}

// measure lays facts out in lines as wide as w on leaves high pixels high.
type measure struct {
	c       *scene.Canvas
	w, high float32
}

func (m measure) labelW() float32 { return min(m.c.Px(330), m.w*0.32) }

// pad is the room above and below f: less where it goes on with the one above.
func (m measure) pad(f fact) float32 {
	if f.bullet {
		return m.c.Px(7)
	}
	return m.c.Px(11)
}

// laid is a fact fitted.
type laid struct {
	fact
	name, text, remark scene.Block
	h                  float32
	under              bool // the remark stands below the value
}

func (m measure) lay(f fact) laid {
	c, p := m.c, m.c.Colors()
	out := laid{fact: f}
	lw := m.labelW()
	vw := m.w - lw
	out.name = c.Fit(f.label, scene.Style{Weight: scene.Medium, Max: 31, Min: 24, Color: p.Sub, Line: 1.35, MaxLines: 3}, lw-c.Px(20), 0)
	pad := m.pad(f)
	if f.row != nil {
		out.h = max(out.name.H, c.Px(scene.ButtonH)*c.Frame.Scale) + 2*pad
		return out
	}
	if f.bullet {
		vw -= c.Px(30)
	}
	limit := max(1, m.high-2*pad)
	out.text = c.Fit(f.value, scene.Style{Weight: scene.SemiBold, Max: 34, Min: 26, Color: p.Text, Line: 1.35}, vw, limit)
	c.Report("fact", f.value, out.text)
	h := out.text.H
	if f.aside != "" {
		out.remark = c.Fit(f.aside, scene.Style{Weight: scene.Medium, Max: 28, Min: 24, Color: p.Sub, Line: 1.35}, vw, 0)
		last := float32(0)
		if n := len(out.text.Lines); n > 0 {
			last = out.text.Lines[n-1].W
		}
		out.under = last+c.Px(16)+out.remark.W > vw || len(out.remark.Lines) > 1
		if out.under {
			h += out.remark.H
		}
	}
	out.h = max(out.name.H, h) + 2*pad
	return out
}

// split puts facts on leaves: as many on each as it holds, one at least. A
// label that would go on from the leaf before is said again.
func (m measure) split(facts []fact) [][]laid {
	var leaves [][]laid
	var leaf []laid
	var used float32
	label := ""
	for _, f := range facts {
		if f.label != "" {
			label = f.label
		}
		l := m.lay(f)
		if len(leaf) > 0 && used+l.h > m.high {
			leaves, leaf, used = append(leaves, leaf), nil, 0
			f.label = label
			l = m.lay(f)
		}
		leaf, used = append(leaf, l), used+l.h
	}
	return append(leaves, leaf)
}

// draw sets a leaf into box, a hairline above each new label.
func (m measure) draw(leaf []laid, box scene.Rect) {
	c, p := m.c, m.c.Colors()
	lw := m.labelW()
	y, air := box.Y, box.H
	for _, l := range leaf {
		air -= l.h
	}
	air = max(0, min(air/float32(len(leaf)+1), c.Px(18)))
	for i, l := range leaf {
		pad := m.pad(l.fact)
		if l.label != "" { // room to spare goes between different things
			pad, l.h = pad+air/2, l.h+air
		}
		if i > 0 && l.label != "" {
			c.Fill(scene.Rect{X: box.X, Y: y - max(1, c.Px(1)), W: box.W, H: max(1, c.Px(2))}, 0, p.Rule)
		}
		c.Put(l.name, scene.Rect{X: box.X, Y: y + pad + c.Px(2), W: lw, H: l.name.H})
		x := box.X + lw
		if l.row != nil {
			c.Row(*l.row, scene.Rect{X: x, Y: y + pad, W: box.Right() - x, H: l.h - 2*pad})
			y += l.h
			continue
		}
		if l.bullet {
			d := c.Px(10)
			c.Circle(x+d/2, y+pad+l.text.Pitch/2+c.Px(2), d/2, p.Accent)
			x += c.Px(30)
		}
		c.Put(l.text, scene.Rect{X: x, Y: y + pad, W: box.Right() - x, H: l.text.H})
		end, top := x, y+pad+l.text.H-l.text.Pitch
		if n := len(l.text.Lines); n > 0 {
			end += l.text.Lines[n-1].W + c.Px(16)
		}
		switch {
		case l.aside != "" && l.under:
			c.Put(l.remark, scene.Rect{X: x, Y: y + pad + l.text.H, W: box.Right() - x, H: l.remark.H})
		case l.aside != "":
			c.Put(l.remark, scene.Rect{X: end, Y: top + (l.text.Pitch-l.remark.Pitch)/2 + c.Px(2), W: box.Right() - end, H: l.remark.H})
		}
		if l.badge != "" {
			m.badge(l.badge, end, top, l.text.Pitch)
		}
		y += l.h
	}
}

// badge is a word on green, on the line at y of height h.
func (m measure) badge(text string, x, y, h float32) {
	c := m.c
	b := c.Fit(text, scene.Style{Weight: scene.Bold, Max: 27, Color: color.NRGBA{255, 255, 255, 255}, MaxLines: 1, Fixed: true, Line: 1.3}, c.W, 0)
	r := scene.Rect{X: x, Y: y + (h-c.Px(46))/2, W: b.W + 2*c.Px(22), H: c.Px(46)}
	c.Fill(r, r.H/2, c.Theme.Leaf.NRGBA())
	c.Put(b, scene.Rect{X: x + c.Px(22), Y: r.Y + (r.H-b.H)/2, W: b.W, H: b.H})
}
