package player

import (
	"fmt"
	"slices"

	"motcua/slides/scene"
	"motcua/slides/survey"
)

// ViewReasons follows a low answer; nothing on it must be answered.
const ViewReasons View = "reasons"

// why asks for the reasons: any number of tags, or none.
type why struct{ draft }

func (why) view() View { return ViewReasons }

func (p why) touch(n *step, name, arg string) {
	switch name {
	case "tag":
		if slices.ContainsFunc(p.form.Tags, func(t survey.Tag) bool { return t.ID == arg }) {
			n.replace(why{p.ticked(arg)})
		}
	case "send":
		n.save(p.draft, false)
	}
}

func (p why) back(n *step) { n.turn(ask{p.draft, len(p.form.Questions) - 1}) }

func (p why) likely(s State) []Still {
	return []Still{thanks{p.content}.still(s), s.slide(s.Content, s.Showing.Slide)}
}

func (p why) still(s State) Still {
	s.View = ViewReasons
	q := p.form
	key := fmt.Sprintf("why\x00%s\x00%d\x00", q.ID, q.Version)
	for _, t := range q.Tags {
		if p.tags[t.ID] {
			key += t.ID + ","
		}
	}
	return s.screen(p.content, key, func(cv *scene.Canvas) {
		sub := cv.Say("Có thể chọn nhiều lý do. Không chọn cũng gửi được.", "Pick as many as you like. You may also send without any.")
		if !cv.Portrait && cv.W < 1.5*cv.H {
			sub = "" // on a 4:3 screen the controls take two rows: the reasons need the place
		}
		cv.Title("why", cv.Say("Ông/Bà vui lòng cho biết lý do", "Please tell us why"), sub)
		grid(cv, q.Tags, p.tags, scene.Button{Name: "send", Label: cv.Say("Gửi đánh giá", "Send"), Icon: scene.IconNext, Kind: scene.Primary})
	})
}

// grid sets the tags in as few columns as give every row the height of a
// control, and send into the last cell, at the bottom right; in portrait send
// has a row of its own.
func grid(c *scene.Canvas, tags []survey.Tag, chosen map[string]bool, send scene.Button) {
	b, gap := c.Body, c.Px(24)
	least, high := c.Px(scene.ButtonH), c.Px(132)
	if c.Portrait {
		c.Button(send, scene.Rect{X: b.X, Y: b.Bottom() - least, W: b.W, H: least})
		b.H -= least + gap
	}
	cells := len(tags)
	if !c.Portrait {
		cells++
	}
	cols, most := 1, 2
	if !c.Portrait {
		cols, most = 2, 4
	}
	rows := func() int { return (cells + cols - 1) / cols }
	for cols < most && float32(rows())*(least+gap)-gap > b.H {
		cols++
	}
	w := (b.W - gap*float32(cols-1)) / float32(cols)
	h := min((b.H-gap*float32(rows()-1))/float32(rows()), high)
	cell := func(i int) scene.Rect {
		return scene.Rect{X: b.X + float32(i%cols)*(w+gap), Y: b.Y + float32(i/cols)*(h+gap), W: w, H: h}
	}
	// Ticking one must not change its size or lines: all are measured with the tick's place.
	label := scene.Style{Weight: scene.Bold, Max: 36, Min: 36, Line: 1.25, MaxLines: 2}
	for i, t := range tags {
		c.Button(scene.Button{Name: "tag:" + t.ID, Label: broken(c, c.T(t.Text), label, w-c.Px(48+54)), Chosen: chosen[t.ID]}, cell(i))
	}
	if !c.Portrait {
		c.Button(send, cell(rows()*cols-1))
	}
}
