package player

import (
	"fmt"

	"motcua/slides/scene"
)

// ViewWrite is where a citizen writes a few words.
const ViewWrite View = "write"

// maxWritten is how many characters fit one's patience at a kiosk; the format
// takes more (survey.MaxFreeText).
const maxWritten = 300

// write takes what the citizen wants to say. What stands there stays with the
// draft whatever way the page is left.
type write struct {
	draft
	line field
	from chapter // where it goes back to; questions: it stands in the reasons' place
}

// writing opens the keyboard on what the draft has.
func (n *step) writing(d draft, from chapter) write {
	return write{d, n.newField(maxWritten, false).put(d.text), from}
}

func (write) view() View { return ViewWrite }

func (p write) writing() field { return p.line }

func (p write) held(n *step, name, arg string) bool {
	line, ok := p.line.held(name, arg)
	p.line = line
	n.replace(p)
	return ok
}

// kept is the draft with what stands on the line.
func (p write) kept() draft {
	p.text = p.line.String()
	return p.draft
}

func (p write) left(n *step) { p.kept().left(n) }

func (p write) touch(n *step, target, arg string) {
	if line, ok := p.line.touched(target, arg); ok {
		p.line = line
		n.replace(p)
		return
	}
	if target == "done" {
		p.done(n)
	}
}

func (p write) typed(n *step, k Key) {
	if k.Enter {
		p.done(n)
		return
	}
	p.line = p.line.typed(k)
	n.replace(p)
}

func (p write) done(n *step) {
	switch d := p.kept(); p.from {
	case questions:
		n.replace(write{d, p.line, p.from})
		n.onward(d, reasons)
	case overview:
		n.turn(review{d})
	default:
		n.turn(why{d})
	}
}

func (p write) back(n *step) {
	if p.from == questions {
		n.backward(p.kept(), reasons)
		return
	}
	p.done(n)
}

func (p write) likely(State) []Still { return nil }

// writeButton opens the page; ticked once something is written.
func (d draft) writeButton(c *scene.Canvas) scene.Button {
	return scene.Button{Name: "write", Label: c.Say("Viết thêm ý kiến", "Write a comment"), Chosen: d.text != ""}
}

func (p write) still(s State) Still {
	s.View = ViewWrite
	key := fmt.Sprintf("write\x00%v\x00%s", p.from, p.line.board())
	return s.screen(p.content, key, func(cv *scene.Canvas) {
		done := scene.Button{Name: "done", Label: cv.Say("Xong", "Done"), Icon: scene.IconCheck, Kind: scene.Primary}
		if p.from == questions {
			done = scene.Button{Name: "done", Label: cv.Say("Gửi đánh giá", "Send"), Icon: scene.IconNext, Kind: scene.Primary}
		}
		typing(cv, p.line, cv.Say("Ông/Bà muốn nói thêm điều gì?", "What else would you like to say?"),
			cv.Say("Xin không ghi tên. Số định danh, số điện thoại được che trước khi lưu.", "Please give no names. Identity and telephone numbers are masked before anything is stored."), cv.Say("Viết ở đây", "Write here"), done)
	})
}

// typing lays out a screen with a keyboard: title, a line on what happens to
// it, the text with done beside it, and the keys.
func typing(c *scene.Canvas, line field, title, sub, hint string, done scene.Button) {
	b, p, gap := c.Body, c.Colors(), c.Px(20)
	if full := c.Frame.Scale; c.Frame.Low { // the keys need the place
		c.Frame.Scale = 1
		defer func() { c.Frame.Scale = full }()
	}
	b.Y -= c.Px(22)
	b.H += c.Px(22)
	t := c.Text("typing", title, scene.Style{Weight: scene.ExtraBold, Max: 48, Min: 34, Color: p.Title, Line: 1.25, MaxLines: 2}, scene.Rect{X: b.X, Y: b.Y, W: b.W, H: b.H * 0.2})
	u := c.Text("typing.sub", sub, scene.Style{Weight: scene.Medium, Max: 30, Min: 24, Color: p.Sub, Line: 1.3, MaxLines: 3}, scene.Rect{X: b.X, Y: t.Bottom(), W: b.W, H: b.H * 0.18})
	y := u.Bottom() + c.Px(16)
	h := c.Px(scene.ButtonH)
	switch {
	case c.Portrait && line.code:
		h = c.Px(200) // the longest code takes two lines
	case c.Portrait:
		h = max(h, min(c.Px(460), b.Bottom()-y-c.Px(700))) // what the keys leave
	}
	w := c.ButtonWidth(done)
	box := scene.Rect{X: b.X, Y: y, W: b.W - w - gap, H: h}
	line.line(c, box, hint, "")
	c.Button(done, scene.Rect{X: b.Right() - w, Y: y, W: w, H: c.Px(scene.ButtonH)})
	line.draw(c, scene.Rect{X: b.X, Y: box.Bottom() + gap, W: b.W, H: b.Bottom() - box.Bottom() - gap})
}
