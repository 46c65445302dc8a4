package player

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"motcua/slides/scene"
	"motcua/slides/survey"
)

// Views of what was answered, before it is sent.
const (
	ViewReview  View = "review"
	ViewAnswers View = "answers" // of one factor
)

// review shows all answers by factor; a touch on one leads to changing it.
type review struct{ draft }

func (review) view() View { return ViewReview }

func (p review) touch(n *step, target, arg string) {
	switch target {
	case "group":
		if i, err := strconv.Atoi(arg); err == nil && i >= 0 && i < len(groups(p.form)) {
			n.change(p.draft, i)
		}
	case "write":
		if p.offersText() {
			n.turn(n.writing(p.draft, overview))
		}
	case "send":
		d := p.draft
		d.reviewed = true
		n.onward(d, questions) // an answer made worse here is asked for its reasons
	}
}

func (p review) back(n *step) { n.backward(p.draft, overview) }

func (p review) likely(s State) []Still {
	if len(p.form.PartA) > 0 {
		return []Still{about{draft: p.draft}.still(s)}
	}
	return []Still{thanks{p.content}.still(s)}
}

// change leads to the answers of a group, or straight to its only question.
func (n *step) change(d draft, i int) {
	if g := groups(d.form)[i]; g.to-g.from == 1 {
		n.turn(ask{draft: d, at: g.from, again: true})
		return
	}
	n.turn(answers{d, i})
}

// recheck leads back from a question to where it was chosen to be changed.
func (n *step) recheck(d draft, question int) {
	i := groupOf(d.form, question)
	if g := groups(d.form)[i]; g.to-g.from == 1 {
		n.turn(review{d})
		return
	}
	n.turn(answers{d, i})
}

func (p review) still(s State) Still {
	s.View = ViewReview
	key := fmt.Sprintf("review\x00%s\x00%d\x00%v\x00%v", p.form.ID, p.form.Version, p.list(), p.text != "")
	return s.screen(p.content, key, func(cv *scene.Canvas) {
		sub := cv.Say("Chạm vào một phần để xem và sửa câu trả lời.", "Touch a part to see and change its answers.")
		if narrow(cv) {
			sub, cv.Frame.Scale = "", min(cv.Frame.Scale, 1.1)
		}
		cv.Title("review", cv.Say("Xin xem lại trước khi gửi", "Please look over your answers"), sub)
		var list []entry
		for i, g := range groups(p.form) {
			list = append(list, entry{fmt.Sprintf("group:%d", i), cv.T(survey.FactorNames[g.factor]), p.summary(cv, g)})
		}
		buttons := []scene.Button{{Name: "send", Label: cv.Say("Gửi đánh giá", "Send"), Icon: scene.IconNext, Kind: scene.Primary}}
		if p.offersText() {
			buttons = append([]scene.Button{p.writeButton(cv)}, buttons...)
		}
		cards(cv, list, 3, buttons)
	})
}

// summary counts a group's answers in words, best first: "Hài lòng (3), Bình thường (1)".
func (d draft) summary(c *scene.Canvas, g group) string {
	var n [len(survey.LevelNames) + 1]int
	for _, k := range d.form.Questions[g.from:g.to] {
		if l, ok := d.answers[k.ID]; ok {
			n[l]++
		}
	}
	var out []string
	for l := len(n) - 1; l >= 0; l-- {
		switch {
		case n[l] == 0:
		case g.to-g.from == 1:
			out = append(out, levelName(c, survey.Level(l)))
		default:
			out = append(out, strings.ReplaceAll(fmt.Sprintf("%s (%d)", levelName(c, survey.Level(l)), n[l]), " ", "\u00a0"))
		}
	}
	return strings.Join(out, ", ")
}

func levelName(c *scene.Canvas, l survey.Level) string {
	if l == survey.NotApplicable {
		return c.Say("Không áp dụng", "Not applicable")
	}
	return c.T(survey.LevelNames[l-1])
}

// answers lists the answers of one group; a touch on one changes it.
type answers struct {
	draft
	group int
}

func (answers) view() View { return ViewAnswers }

func (p answers) touch(n *step, target, arg string) {
	g := groups(p.form)[p.group]
	switch i, err := strconv.Atoi(arg); {
	case target == "edit" && err == nil && g.from <= i && i < g.to:
		n.turn(ask{draft: p.draft, at: i, again: true})
	case target == "done":
		n.turn(review{p.draft})
	}
}

func (p answers) back(n *step) { n.turn(review{p.draft}) }

func (p answers) likely(s State) []Still { return []Still{review{p.draft}.still(s)} }

func (p answers) still(s State) Still {
	s.View = ViewAnswers
	g := groups(p.form)[p.group]
	key := fmt.Sprintf("answers\x00%s\x00%d\x00%d\x00%v", p.form.ID, p.form.Version, p.group, p.list())
	return s.screen(p.content, key, func(cv *scene.Canvas) {
		sub := cv.Say("Chạm vào một câu để sửa.", "Touch a statement to change its answer.")
		if narrow(cv) {
			sub, cv.Frame.Scale = "", min(cv.Frame.Scale, 1.1)
		}
		cv.Title("answers", cv.T(survey.FactorNames[g.factor]), sub)
		var list []entry
		for i, k := range p.form.Questions[g.from:g.to] {
			list = append(list, entry{fmt.Sprintf("edit:%d", g.from+i), cv.T(k.Text), levelName(cv, p.answers[k.ID])})
		}
		cards(cv, list, 2, []scene.Button{{Name: "done", Label: cv.Say("Xong", "Done"), Icon: scene.IconCheck, Kind: scene.Primary}})
	})
}

// entry is one card: what was asked, and what was answered.
type entry struct{ target, title, answer string }

// cards lays out cards in about cols columns where the screen is wide, and the
// buttons below one another in the last cell; upright screens have one column
// and set the buttons side by side at the foot. Where a text does not fit, all
// are set smaller.
func cards(c *scene.Canvas, list []entry, cols int, buttons []scene.Button) {
	b, gap, least := c.Body, c.Px(20), c.Px(scene.ButtonH)
	cells, tries := len(list)+1, []int{cols, cols + 1}
	if narrow(c) {
		gap = c.Px(14)
	}
	if c.Portrait {
		cells, tries = len(list), []int{1}
		w := (b.W - gap*float32(len(buttons)-1)) / float32(len(buttons))
		for i, x := range buttons {
			c.Button(x, scene.Rect{X: b.X + float32(i)*(w+gap), Y: b.Bottom() - least, W: w, H: least})
		}
		b.H -= least + gap
	}
	var rows int
	var w, h float32
	divide := func(n int) {
		cols = max(n, 1)
		rows = (cells + cols - 1) / cols
		w = (b.W - gap*float32(cols-1)) / float32(cols)
		h = min((b.H-gap*float32(rows-1))/float32(rows), c.Px(260))
	}
	full := c.Frame.Scale
	defer func() { c.Frame.Scale = full }()
	roomy := func() bool { return c.Portrait || h >= float32(len(buttons))*(least+gap)-gap }
	// One size for all, so that none looks weightier than another; on a small
	// screen each as large as it can be.
	size := scene.Style{Max: 32, Min: 32}
	fits := func() bool {
		return roomy() && !slices.ContainsFunc(list, func(e entry) bool { return !card(c, e, scene.Rect{W: w, H: h}, size, false) })
	}
search:
	for _, size.Min = range []float32{size.Max, 24} {
		for _, c.Frame.Scale = range []float32{full, 1.15, 1, 0.9, 0.8, 0.75} {
			for _, n := range tries {
				if divide(n); c.Frame.Scale <= full && fits() {
					break search
				}
			}
		}
	}
	cell := func(i int) scene.Rect {
		return scene.Rect{X: b.X + float32(i%cols)*(w+gap), Y: b.Y + float32(i/cols)*(h+gap), W: w, H: h}
	}
	for i, e := range list {
		card(c, e, cell(i), size, true)
	}
	if c.Portrait {
		return
	}
	c.Frame.Scale = min(full, 1.15)
	last := cell(rows*cols - 1)
	each := min((last.H-gap*float32(len(buttons)-1))/float32(len(buttons)), c.Px(132))
	for i := range buttons {
		x := buttons[len(buttons)-1-i]
		c.Button(x, scene.Rect{X: last.X, Y: last.Bottom() - each - float32(i)*(each+gap), W: last.W, H: each})
	}
}

// card sets a question or factor over what was answered, as one target; false if
// it does not fit. size bounds the letters. It is only measured unless draw is set.
func card(c *scene.Canvas, e entry, r scene.Rect, size scene.Style, draw bool) bool {
	pad := c.Px(28)
	if narrow(c) {
		pad = c.Px(18)
	}
	in := scene.Rect{X: r.X + pad, Y: r.Y + c.Px(10), W: r.W - 2*pad, H: r.H - c.Px(20)}
	a := c.Fit(e.answer, scene.Style{Weight: scene.Bold, Max: size.Max, Min: size.Min, Color: c.Theme.Indigo.NRGBA(), Line: 1.25, MaxLines: 4}, in.W, in.H*0.75)
	t := c.Fit(e.title, scene.Style{Weight: scene.SemiBold, Max: size.Max, Min: size.Min, Color: c.Theme.Ink.NRGBA(), Line: 1.25, MaxLines: 5}, in.W, in.H-a.H-c.Px(6))
	if !draw {
		return a.Fits && t.Fits
	}
	c.Card(r)
	c.Report("card."+e.target, e.title, t)
	c.Report("card."+e.target+".answer", e.answer, a)
	y := in.Y + (in.H-t.H-a.H-c.Px(6))/2
	c.Put(t, scene.Rect{X: in.X, Y: y, W: in.W, H: t.H})
	c.Put(a, scene.Rect{X: in.X, Y: y + t.H + c.Px(6), W: in.W, H: a.H})
	c.Touch(e.target, e.title+": "+e.answer, r, c.Px(32))
	return true
}

// narrow says that the screen is 4:3: the controls take two rows there, and what
// need not be said is left out.
func narrow(c *scene.Canvas) bool { return !c.Portrait && c.W < 1.5*c.H }
