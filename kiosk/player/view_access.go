package player

import (
	"fmt"

	"motcua/slides/scene"
)

// ViewAccess is where a citizen fits the screen to eyes and hands.
const ViewAccess View = "access"

// access lies over any of the citizen's pages; what is chosen holds at once, on
// all of them, until the citizen has gone.
type access struct{ content *Content }

func (access) view() View { return ViewAccess }

func (access) touch(n *step, name, arg string) {
	i, ok := number(arg)
	switch {
	case name == "scale" && ok && i < len(scales):
		n.Size = i
	case name == "contrast" && ok:
		n.Contrast = i == 1
	case name == "low" && ok:
		n.Low = i == 1
	default:
		return
	}
	n.rise()
}

func (access) likely(State) []Still { return nil }

func (p access) still(s State) Still {
	s.View = ViewAccess
	return s.screen(p.content, "access", func(c *scene.Canvas) {
		c.Title("access", c.Say("Trợ năng", "Accessibility"), c.Say("Giữ đến khi Ông/Bà dùng xong, rồi trở về như cũ.", "Kept until you have finished, then back to the usual."))
		flag := func(b bool) int {
			if b {
				return 1
			}
			return 0
		}
		rows := []struct {
			name, says string
			at         int
			labels     []string
		}{
			{"scale", c.Say("Cỡ chữ", "Text size"), s.Size, []string{"A", "A+", "A++"}},
			{"contrast", c.Say("Màu sắc", "Colours"), flag(s.Contrast), []string{c.Say("Thường", "Usual"), c.Say("Tương phản cao", "High contrast")}},
			{"low", c.Say("Vị trí nút", "Controls"), flag(s.Low), []string{c.Say("Thường", "Usual"), c.Say("Hạ thấp nút", "Lowered")}},
		}
		gap, above := c.Px(28), float32(0)
		b := c.Body
		h := min((b.H-gap*float32(len(rows)-1))/float32(len(rows)), c.Px(140))
		if c.Portrait { // what it is stands above
			above = c.Px(60)
		}
		b.Y += (b.H - float32(len(rows))*(h+above) - gap*float32(len(rows)-1)) / 2
		says := scene.Style{Weight: scene.Bold, Max: 38, Min: 28, Color: c.Colors().Text, VAlign: scene.Middle, MaxLines: 2, Line: 1.25}
		for i, r := range rows {
			row := scene.Rect{X: b.X, Y: b.Y + float32(i)*(h+above+gap), W: b.W, H: h}
			label := scene.Rect{X: row.X, Y: row.Y, W: row.W, H: above - c.Px(4)}
			row.Y += above
			if !c.Portrait {
				label, row = row.Left(b.W*0.24, gap)
			}
			c.Text("access."+r.name, r.says, says, label)
			w := (row.W - gap*float32(len(r.labels)-1)) / float32(len(r.labels))
			for j, l := range r.labels {
				c.Button(scene.Button{Name: fmt.Sprintf("%s:%d", r.name, j), Label: l, Chosen: j == r.at}, scene.Rect{X: row.X + float32(j)*(w+gap), Y: row.Y, W: w, H: row.H})
			}
		}
	})
}
