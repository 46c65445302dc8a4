package player

import (
	"fmt"
	"strconv"

	"motcua/slides/scene"
)

// Long lists and texts are turned leaf by leaf with large controls: nobody has
// to drag. How much a leaf holds is known only where the screen's size is, so
// that a control's name says where it leads ("from:12"), and a page keeps the
// first thing that it shows.

// number reads a control's argument; ok is false for what is none.
func number(arg string) (n int, ok bool) {
	n, err := strconv.Atoi(arg)
	return n, err == nil && n >= 0
}

// leafed sets rows of a height in design pixels into box in cols columns: those of the leaf that row from is
// on, and below them the way to the others.
func leafed(c *scene.Canvas, box scene.Rect, n, from, cols int, high float32, row func(i int) scene.Row) {
	gap := c.Px(20)
	h := c.Px(high) * c.Frame.Scale
	lines := func() int { return max(1, int((box.H+gap)/(h+gap))) }
	per := cols * lines()
	if n > per {
		foot := footOf(&box, c.Px(scene.ButtonH), c.Px(24))
		per = cols * lines()
		from = min(from, n-1) / per * per
		turns(c, foot, from/per, (n+per-1)/per, func(leaf int) string { return fmt.Sprintf("from:%d", leaf*per) })
	} else {
		from = 0
	}
	w := (box.W - gap*float32(cols-1)) / float32(cols)
	h = min(h, box.H)
	var rows []scene.Row
	var boxes []scene.Rect
	for i := range min(per, n-from) {
		rows = append(rows, row(from+i))
		boxes = append(boxes, scene.Rect{X: box.X + float32(i%cols)*(w+gap), Y: box.Y + float32(i/cols)*(h+gap), W: w, H: h})
	}
	c.Rows(rows, boxes)
}

// footOf takes a strip of height h off box's foot, gap away from the rest.
func footOf(box *scene.Rect, h, gap float32) scene.Rect {
	foot := scene.Rect{X: box.X, Y: box.Bottom() - h, W: box.W, H: h}
	box.H = max(1, box.H-h-gap)
	return foot
}

// held keeps controls from growing as much as the text that is to be read, until
// what it returns is called: they leave the place to that.
func held(c *scene.Canvas) func() {
	full := c.Frame.Scale
	c.Frame.Scale = min(full, 1.1)
	return func() { c.Frame.Scale = full }
}

// turns draws the way to the leaf before and the one after, at the left of box,
// with the number of the leaf between them; it returns what is left of box.
func turns(c *scene.Canvas, box scene.Rect, leaf, of int, name func(leaf int) string) scene.Rect {
	defer held(c)()
	gap := c.Px(20)
	back := scene.Button{Name: name(leaf - 1), Label: c.Say("Trước", "Back"), Icon: scene.IconUp, Disabled: leaf == 0}
	on := scene.Button{Name: name(leaf + 1), Label: c.Say("Tiếp", "Next"), Icon: scene.IconDown, Kind: scene.Primary, Disabled: leaf+1 >= of}
	w := max(c.ButtonWidth(back), c.ButtonWidth(on))
	st := scene.Style{Weight: scene.SemiBold, Max: 32, Min: 24, Color: c.Colors().Sub, Align: scene.Middle, VAlign: scene.Middle, MaxLines: 1, Fixed: true}
	count := fmt.Sprintf("%d/%d", leaf+1, of)
	at := c.Fit(c.Say("Trang ", "Page ")+count, st, box.W, 0)
	if at.W+2*w+c.Px(40) > box.W {
		at = c.Fit(count, st, box.W, 0)
	}
	mid := at.W + c.Px(40)
	if room := (box.W - mid) / 2; room < w {
		w, back.Icon, on.Icon = room, "", ""
	}
	c.Button(back, scene.Rect{X: box.X, Y: box.Y, W: w, H: box.H})
	c.Put(at, scene.Rect{X: box.X + w, Y: box.Y, W: mid, H: box.H})
	c.Button(on, scene.Rect{X: box.X + w + mid, Y: box.Y, W: w, H: box.H})
	end := box.X + 2*w + mid + 2*gap
	return scene.Rect{X: end, Y: box.Y, W: max(0, box.Right()-end), H: box.H}
}
