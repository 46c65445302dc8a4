package kinds

import "motcua/slides/scene"

// pair is one line of a table: its label, its value, and a smaller remark
// after it.
type pair struct {
	path, label, value, aside string
}

// table draws pairs with hairlines between them, values at one size and labels
// at another, into r and returns what is left below.
func table(c *scene.Canvas, r scene.Rect, pairs []pair, top float32) scene.Rect {
	if len(pairs) == 0 {
		return r
	}
	t := newTabled(c, r.W, pairs)
	rows := float32(len(pairs))
	// Size goes before air: rows are measured close, then spread.
	size := sized(c, top, scene.Floor, r.H, func(s float32) float32 { return t.height(pairs, s) + 2*c.Px(13)*rows })
	widest := c.Px(22)
	if c.Portrait && c.Grown > 1 { // short texts on a tall screen: more air between them
		widest = c.Px(26)
	}
	pad := min(max((r.H-t.height(pairs, size))/(2*rows), c.Px(tightPad)), widest)
	y := r.Y
	for i, q := range pairs {
		room := r.Bottom() - y - 2*pad
		label, value, aside := t.fit(q, size, max(1, room))
		c.Report(q.path, q.value, value)
		c.Report(q.path, q.label, label)
		y += pad
		h := t.rowH(label, value, aside)
		// The first lines of label and value stand on one base line, though the
		// value is set larger.
		drop := max(0, (value.Pitch-label.Pitch)/2+(value.Size-label.Size)*0.18)
		c.Put(label, scene.Rect{X: r.X, Y: y + drop, W: t.labelW, H: label.H})
		c.Put(value, scene.Rect{X: r.X + t.labelW, Y: y, W: t.valueW, H: value.H})
		if len(aside.Lines) > 0 && len(value.Lines) > 0 {
			x, ay := r.X+t.labelW, y+value.H
			if last := value.Lines[len(value.Lines)-1]; t.beside(value, aside) {
				x += last.W + c.Px(14)
				ay = y + value.H - (value.Pitch+aside.Pitch)/2 - (value.Size-aside.Size)*0.18 + (value.Size-aside.Size)*0.36
			}
			c.Put(aside, scene.Rect{X: x, Y: ay, W: t.valueW, H: aside.H})
		}
		y += h + pad
		if i < len(pairs)-1 && y < r.Bottom() {
			c.Fill(scene.Rect{X: r.X, Y: y - max(1, c.Px(1)), W: r.W, H: max(1, c.Px(2))}, 0, t.p.Rule)
		}
	}
	return r.Below(min(y, r.Bottom()))
}

// tightPad is the least room above and below a row.
const tightPad = 8

// leastTable is the height that a table needs at its smallest.
func leastTable(c *scene.Canvas, w float32, pairs []pair) float32 {
	return newTabled(c, w, pairs).height(pairs, scene.Floor) + 2*c.Px(tightPad)*float32(len(pairs))
}

func newTabled(c *scene.Canvas, w float32, pairs []pair) tabled {
	t := tabled{c: c, pairs: pairs, p: c.Colors(), labelW: min(c.Px(318), w*0.32)}
	t.valueW = max(1, w-t.labelW)
	return t
}

// tabled is a table being measured.
type tabled struct {
	c              *scene.Canvas
	p              scene.Palette
	pairs          []pair
	labelW, valueW float32
}

func (t tabled) fit(q pair, size, room float32) (label, value, aside scene.Block) {
	label = t.c.Fit(q.label, at(scene.Medium, t.labelSize(size), 1.4, t.p.Sub), t.labelW-t.c.Px(20), room)
	value = t.c.Fit(q.value, at(scene.SemiBold, size, 1.36, t.p.Text), t.valueW, room)
	if q.aside != "" {
		aside = t.c.Fit(q.aside, at(scene.Medium, size*0.76, 1.36, t.p.Sub), t.valueW, room)
	}
	return label, value, aside
}

// labelSize is the size of all labels beside values of the given size. In a
// table that is enlarged their column grows less: they rather stay smaller
// than take two lines, but never get smaller than in one that is not.
func (t tabled) labelSize(size float32) float32 {
	most := min(size*0.9, 34*t.c.Frame.Scale)
	if t.c.Grown <= 1 {
		return most
	}
	least := max(most/(t.c.Grown*t.c.Frame.Scale), scene.Floor/t.c.Grown)
	st := scene.Style{Weight: scene.Medium, Max: most, Min: least, MaxLines: 1, Fixed: true, Line: 1.4, Full: true}
	for _, q := range t.pairs {
		if b := t.c.Fit(q.label, st, t.labelW-t.c.Px(20), 0); b.Fits {
			st.Max = max(min(st.Max, b.Size/t.c.U), least)
		}
	}
	return st.Max
}

// beside says whether the remark fits after the value's last line.
func (t tabled) beside(value, aside scene.Block) bool {
	return len(value.Lines) > 0 && len(aside.Lines) == 1 && value.Lines[len(value.Lines)-1].W+t.c.Px(14)+aside.W <= t.valueW
}

func (t tabled) rowH(label, value, aside scene.Block) float32 {
	h := value.H
	if len(aside.Lines) > 0 && !t.beside(value, aside) {
		h += aside.H
	}
	return max(h, label.H)
}

func (t tabled) height(pairs []pair, size float32) float32 {
	var h float32
	for _, q := range pairs {
		label, value, aside := t.fit(q, size, 0)
		if !label.Fits || !value.Fits || value.Split && size > scene.Floor {
			return 1e9
		}
		h += t.rowH(label, value, aside)
	}
	return h
}
