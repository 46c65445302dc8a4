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
		if slices.ContainsFunc(p.offersTags(), func(t survey.Tag) bool { return t.ID == arg }) {
			n.replace(why{p.ticked(arg)})
		}
	case "write":
		if p.offersText() {
			n.turn(n.writing(p.draft, reasons))
		}
	case "send":
		n.onward(p.draft, reasons)
	}
}

func (p why) back(n *step) { n.backward(p.draft, reasons) }

func (p why) likely(s State) []Still {
	return []Still{thanks{p.content}.still(s), s.slide(s.Content, s.Showing.Slide)}
}

func (p why) still(s State) Still {
	s.View = ViewReasons
	q := p.form
	tags, last := p.offersTags(), !q.Review && len(q.PartA) == 0
	key := fmt.Sprintf("why\x00%s\x00%d\x00%v\x00", q.ID, q.Version, p.text != "")
	for _, t := range tags {
		key += fmt.Sprintf("%s %v,", t.ID, p.tags[t.ID])
	}
	return s.screen(p.content, key, func(cv *scene.Canvas) {
		sub := cv.Say("Có thể chọn nhiều lý do. Không chọn cũng gửi được.", "Pick as many as you like. You may also send without any.")
		if narrow(cv) {
			sub = "" // the reasons need the place
		}
		cv.Title("why", cv.Say("Ông/Bà vui lòng cho biết lý do", "Please tell us why"), sub)
		send := scene.Button{Name: "send", Label: cv.Say("Tiếp tục", "Continue"), Icon: scene.IconNext, Kind: scene.Primary}
		if last {
			send.Label = cv.Say("Gửi đánh giá", "Send")
		}
		buttons := []scene.Button{send}
		if p.offersText() {
			buttons = []scene.Button{p.writeButton(cv), send}
		}
		grid(cv, tags, p.tags, buttons)
	})
}

// grid sets the tags in as few columns as give every row the height of a
// control, and the ways on into the last cells, at the bottom right; in portrait
// they have a row of their own.
func grid(c *scene.Canvas, tags []survey.Tag, chosen map[string]bool, ways []scene.Button) {
	b, gap := c.Body, c.Px(24)
	least, high := c.Px(scene.ButtonH), c.Px(132)
	if c.Portrait {
		w := (b.W - gap*float32(len(ways)-1)) / float32(len(ways))
		for i, x := range ways {
			c.Button(x, scene.Rect{X: b.X + float32(i)*(w+gap), Y: b.Bottom() - least, W: w, H: least})
		}
		b.H -= least + gap
	}
	cells := len(tags)
	if !c.Portrait {
		cells += len(ways)
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
		for i, x := range ways {
			c.Button(x, cell(rows()*cols-len(ways)+i))
		}
	}
}
