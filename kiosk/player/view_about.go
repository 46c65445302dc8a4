package player

import (
	"fmt"
	"slices"

	"motcua/slides/scene"
	"motcua/slides/survey"
)

// ViewAbout asks who the citizen is (Phần A), after all else and of own free will.
const ViewAbout View = "about"

// onLeaf is how many options one screen offers; a longer list (the ethnic groups
// are 54) has several leaves.
const onLeaf = 9

// about is one question of Phần A. The rating is sent already as far as the
// citizen is concerned: who walks away here has rated.
type about struct {
	draft
	at, leaf int
}

func (about) view() View { return ViewAbout }

func (p about) touch(n *step, target, arg string) {
	k := p.form.PartA[p.at]
	switch target {
	case "option":
		if slices.ContainsFunc(k.Options, func(o survey.Option) bool { return o.ID == arg }) {
			p.next(n, p.told(k.ID, arg))
		}
	case "leaf":
		n.turn(about{p.draft, p.at, (p.leaf + 1) % leaves(k)})
	case "skip":
		p.next(n, p.told(k.ID, ""))
	case "send":
		n.save(p.draft)
	}
}

func (p about) next(n *step, d draft) {
	if p.at+1 < len(d.form.PartA) {
		n.turn(about{draft: d, at: p.at + 1})
		return
	}
	n.replace(about{d, p.at, p.leaf})
	n.save(d)
}

func (p about) back(n *step) {
	if p.at > 0 {
		n.turn(about{draft: p.draft, at: p.at - 1})
		return
	}
	n.backward(p.draft, aboutYou)
}

func (p about) likely(s State) []Still {
	out := []Still{thanks{p.content}.still(s)}
	if p.at+1 < len(p.form.PartA) {
		out = []Still{about{draft: p.draft, at: p.at + 1}.still(s)}
	}
	return out
}

func leaves(k survey.Choice) int { return (len(k.Options) + onLeaf - 1) / onLeaf }

func (p about) still(s State) Still {
	s.View = ViewAbout
	k := p.form.PartA[p.at]
	key := fmt.Sprintf("about\x00%s\x00%d\x00%d\x00%d\x00%s", p.form.ID, p.form.Version, p.at, p.leaf, p.about[k.ID])
	return s.screen(p.content, key, func(cv *scene.Canvas) {
		n := len(p.form.PartA)
		sub := cv.Say(fmt.Sprintf("Không bắt buộc, câu %d/%d. Nếu trả lời, giờ phút đánh giá không được lưu.", p.at+1, n),
			fmt.Sprintf("Optional, %d/%d. If you answer, the exact time of your rating is not kept.", p.at+1, n))
		if narrow(cv) {
			cv.Frame.Scale = min(cv.Frame.Scale, 1.1)
		}
		cv.Title("about", cv.T(k.Text), sub)
		options := k.Options[p.leaf*onLeaf : min(len(k.Options), (p.leaf+1)*onLeaf)]
		var list []scene.Button
		for _, o := range options {
			list = append(list, scene.Button{Name: "option:" + o.ID, Label: cv.T(o.Text), Chosen: p.about[k.ID] == o.ID})
		}
		if leaves(k) > 1 {
			list = append(list, scene.Button{Name: "leaf", Label: cv.Say("Lựa chọn khác", "Other choices"), Icon: scene.IconNext})
		}
		choices(cv, list,
			scene.Button{Name: "skip", Label: cv.Say("Bỏ qua câu này", "Skip this one")},
			scene.Button{Name: "send", Label: cv.Say("Bỏ qua phần này, gửi", "Skip all and send"), Kind: scene.Primary})
	})
}

// choices sets options in as few columns as give every row the height of a
// control, and below them, apart, the ways past the question.
func choices(c *scene.Canvas, options []scene.Button, past ...scene.Button) {
	b, gap, least := c.Body, c.Px(20), c.Px(scene.ButtonH)
	if narrow(c) { // no place for a row of their own
		options, past = append(options, past...), nil
	}
	w := (b.W - gap*float32(len(past)-1)) / float32(len(past))
	for i, x := range past {
		c.Button(x, scene.Rect{X: b.X + float32(i)*(w+gap), Y: b.Bottom() - least, W: w, H: least})
	}
	if len(past) > 0 {
		b.H -= least + 1.5*gap
	}
	cols, most := 1, 2
	if !c.Portrait {
		cols, most = 2, 4
	}
	rows := func() int { return (len(options) + cols - 1) / cols }
	for cols < most && float32(rows())*(least+gap)-gap > b.H {
		cols++
	}
	h := min((b.H-gap*float32(rows()-1))/float32(rows()), c.Px(150))
	w = (b.W - gap*float32(cols-1)) / float32(cols)
	label := scene.Style{Weight: scene.Bold, Max: 36, Min: 36, Line: 1.25, MaxLines: 2}
	for i, x := range options {
		x.Label = broken(c, x.Label, label, w-c.Px(48+54)) // with a tick's place, so that choosing changes no lines
		c.Button(x, scene.Rect{X: b.X + float32(i%cols)*(w+gap), Y: b.Y + float32(i/cols)*(h+gap), W: w, H: h})
	}
}
