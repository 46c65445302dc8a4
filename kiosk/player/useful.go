package player

import (
	"strings"

	"motcua/slides"
	"motcua/slides/scene"
)

// Voted says whether a citizen found what was shown useful: a slide or a
// procedure. It is no rating: it says nothing of how anyone was served, and is
// counted with the plays.
type Voted struct {
	Slide, Blob string
	Procedure   string        // code; Slide is "" then
	At          slides.Millis // the beginning of the hour: no closer to whoever answered
	Useful      bool
}

func (Voted) effect() {}

const hour = slides.Millis(3_600_000)

// useful is the question "Thông tin này có hữu ích không?" on one page: what it
// is of, and whether it was answered. The zero value asks nothing.
type useful struct {
	slide, blob, procedure string
	done                   bool
}

// usefulSlide asks of a slide of c.
func usefulSlide(c *Content, id string) useful { return useful{slide: id, blob: c.Blob[id]} }

func (u useful) asks() bool { return u.slide != "" || u.procedure != "" }

func (u useful) key() string {
	if u.done {
		return "thanked"
	}
	return u.slide + u.procedure
}

// touched takes an answer; false: the touch was none, or a second one.
func (u useful) touched(n *step, name, arg string) (useful, bool) {
	if name != "useful" || u.done || !u.asks() || arg != "yes" && arg != "no" {
		return u, false
	}
	n.do(Voted{Slide: u.slide, Blob: u.blob, Procedure: u.procedure, At: n.Clock.Now() / hour * hour, Useful: arg == "yes"})
	u.done = true
	return u, true
}

// draw sets the question and its two answers, or the thanks, into box, at its
// right end where wide is false. Neither answer weighs more than the other.
func (u useful) draw(c *scene.Canvas, box scene.Rect, vi, en string) {
	if !u.asks() || box.W < c.Px(360) {
		return
	}
	defer held(c)()
	p := c.Colors()
	st := scene.Style{Weight: scene.Medium, Max: 30, Min: 24, Color: p.Sub, VAlign: scene.Middle, MaxLines: 3, Line: 1.25}
	if u.done {
		st.Weight, st.Color = scene.SemiBold, c.Theme.Leaf.NRGBA()
		side := c.Px(40)
		b := c.Fit(c.Say("Cảm ơn Ông/Bà!", "Thank you!"), st, box.W-side-c.Px(16), box.H)
		c.Icon(scene.IconCheck, box.Right()-b.W-c.Px(16)-side, box.Y+(box.H-side)/2, side, st.Color)
		b.Style.Align = scene.End
		c.Put(b, box)
		return
	}
	yes := scene.Button{Name: "useful:yes", Label: c.Say("Có", "Yes")}
	no := scene.Button{Name: "useful:no", Label: c.Say("Không", "No")}
	gap := c.Px(16)
	w := max(c.ButtonWidth(yes), c.ButtonWidth(no))
	w = min(w, (box.W-2*gap)/3.6)
	x := box.Right() - 2*w - gap
	c.Button(yes, scene.Rect{X: x, Y: box.Y, W: w, H: box.H})
	c.Button(no, scene.Rect{X: x + w + gap, Y: box.Y, W: w, H: box.H})
	room := scene.Rect{X: box.X, Y: box.Y, W: max(0, x-c.Px(24)-box.X), H: box.H}
	q := c.Say(vi, en)
	one := st
	one.MaxLines = 1
	b := c.Fit(strings.ReplaceAll(q, "\n", " "), one, room.W, room.H)
	if !b.Fits {
		b = c.Fit(q, st, room.W, room.H)
	}
	c.Report("useful", q, b)
	b.Style.Align = scene.End
	c.Put(b, room)
}

const (
	askUsefulVi = "Thông tin này\ncó hữu ích không?"
	askUsefulEn = "Is this information\nuseful?"
)
