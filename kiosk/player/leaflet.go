package player

import (
	"fmt"

	"motcua/slides/scene"
)

// leaflet is a long page: a title, facts on as many leaves as they need, a code
// and where the data come from on each, what can be done about it, and the
// question whether it was useful.
type leaflet struct {
	over, title string
	facts       []fact
	code        *scene.QRSpec // nil: none
	source      string
	act         scene.Button // no name: none
	leaf        int
	useful      useful
}

func (l leaflet) draw(c *scene.Canvas) {
	gap := c.Px(22)
	foot := footOf(&c.Body, c.Px(scene.ButtonH), gap)
	if c.Portrait { // the question has a row of its own
		l.useful.draw(c, foot, askUsefulVi, askUsefulEn)
	}
	box := l.aside(c)
	foot.W = box.W
	box = l.heading(c, box)
	m := measure{c: c, w: box.W, high: box.H}
	leaves := m.split(l.facts)
	if c.Portrait && len(leaves) > 1 {
		foot = footOf(&box, foot.H, gap)
		m.high = box.H
		leaves = m.split(l.facts)
	}
	leaf := min(l.leaf, len(leaves)-1)
	m.draw(leaves[leaf], box)
	if len(leaves) > 1 {
		foot = turns(c, foot, leaf, len(leaves), func(i int) string { return fmt.Sprintf("leaf:%d", i) })
	}
	if !c.Portrait {
		l.useful.draw(c, foot, askUsefulVi, askUsefulEn)
	}
}

// aside draws the code and the source: at the right, in portrait at the foot.
// It returns what is left of Body.
func (l leaflet) aside(c *scene.Canvas) scene.Rect {
	b, col := c.Body, c.Colors()
	st := scene.Style{Weight: scene.Medium, Max: 26, Min: 24, Color: col.Sub, Fixed: true, Line: 1.3}
	put := func(box scene.Rect) {
		c.Put(c.Fit(l.source, st, box.W, max(box.H, 1)), box) // the whole of a long one is the last fact
	}
	if l.code == nil {
		h, w := float32(0), float32(0)
		if l.act.Name != "" {
			h, w = c.Px(scene.ButtonH), l.actW(c, b.W*0.5)+c.Px(32)
		}
		if l.source != "" {
			h = max(h, min(c.Fit(l.source, st, b.W-w, 0).H, b.H*0.2))
		}
		if h > 0 {
			row := footOf(&b, h, c.Px(20))
			l.button(c, scene.Rect{X: row.Right() - w + c.Px(32), Y: row.Bottom() - c.Px(scene.ButtonH), W: w - c.Px(32), H: c.Px(scene.ButtonH)})
			row.W -= w
			put(row)
		}
		return b
	}
	if c.Portrait {
		w := min(c.Px(330), b.W*0.4)
		row := footOf(&b, w+c.Px(96), c.Px(28))
		card := c.QR(*l.code, scene.Rect{X: row.X, Y: row.Y, W: w, H: row.H})
		x := card.Right() + c.Px(44)
		side := scene.Rect{X: x, Y: card.Y + c.Px(12), W: max(0, row.Right()-x), H: card.H}
		if l.act.Name != "" {
			act := footOf(&side, c.Px(scene.ButtonH), c.Px(24))
			act.Y -= c.Px(12) // ends with the card
			l.button(c, scene.Rect{X: act.X, Y: act.Y, W: l.actW(c, act.W), H: act.H})
		}
		got := c.Text("leaflet.scan", c.Say("Quét mã bằng Zalo hoặc máy ảnh điện thoại. Chạm vào mã để phóng to.", "Scan the code with Zalo or your phone's camera. Touch it to enlarge it."),
			scene.Style{Weight: scene.Medium, Max: 31, Min: 25, Color: col.Text, MaxLines: 5}, scene.Rect{X: side.X, Y: side.Y, W: side.W, H: side.H * 0.6})
		put(side.Below(got.Bottom() + c.Px(16)))
		return b
	}
	w := min(c.Px(430), b.W*0.3)
	full := scene.Rect{X: b.Right() - w, Y: b.Y, W: w, H: b.H + c.Px(scene.ButtonH+22)} // beside the foot, too
	if l.act.Name != "" {
		l.button(c, footOf(&full, c.Px(scene.ButtonH), c.Px(22)))
	}
	said := c.Fit(l.source, st, w, full.H*0.34).H
	card := c.QR(*l.code, scene.Rect{X: full.X, Y: full.Y, W: w, H: min(full.H*0.76, full.H-said-c.Px(24))})
	put(full.Below(card.Bottom() + c.Px(16)))
	b.W -= w + c.Px(60)
	return b
}

// actW is how wide the button of what can be done is, at most most.
func (l leaflet) actW(c *scene.Canvas, most float32) float32 {
	defer held(c)()
	return min(c.ButtonWidth(l.act), most)
}

func (l leaflet) button(c *scene.Canvas, box scene.Rect) {
	if l.act.Name == "" {
		return
	}
	defer held(c)()
	c.Button(l.act, box)
}

// heading draws what stands above the facts and returns what is left of box. Of
// a name of 300 letters the list has shown the beginning; here it may be cut.
func (l leaflet) heading(c *scene.Canvas, box scene.Rect) scene.Rect {
	col := c.Colors()
	y := box.Y - c.Px(10)
	if l.over != "" {
		st := scene.Style{Weight: scene.Medium, Max: 28, Min: 24, Color: col.Sub, MaxLines: 2, Line: 1.3, Fixed: true}
		y = c.Text("leaflet.over", l.over, st, scene.Rect{X: box.X, Y: y, W: box.W, H: box.H * 0.2}).Bottom() + c.Px(4)
	}
	share := float32(0.34)
	if c.Portrait {
		share = 0.28
	}
	b := c.Fit(l.title, scene.Style{Weight: scene.ExtraBold, Max: 52, Min: 32, Color: col.Title, MaxLines: 4, Line: 1.25, Fixed: true}, box.W, box.H*share)
	r := c.Put(b, scene.Rect{X: box.X, Y: y, W: box.W, H: b.H})
	return box.Below(r.Bottom() + c.Px(16))
}
