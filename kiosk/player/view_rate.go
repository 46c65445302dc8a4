package player

import (
	"fmt"
	"strconv"
	"strings"

	"motcua/slides"
	"motcua/slides/scene"
	"motcua/slides/survey"
	"motcua/slides/wire"
)

// screen makes a Still of one of the citizen's screens: header, what draw sets
// into Body, and the row of controls. s is a copy, so that a screen composed
// later on another goroutine is the one that was asked for.
func (s State) screen(c *Content, key string, draw func(cv *scene.Canvas)) Still {
	return s.toned(scene.Paper, c, key, draw)
}

// toned is screen on another ground than paper.
func (s State) toned(tone scene.Tone, c *Content, key string, draw func(cv *scene.Canvas)) Still {
	back := slides.Text{"vi": "Quay lại", "en": "Back"}
	if s.View == ViewHome {
		back = slides.Text{"vi": "Xem thông tin", "en": "See the slides"}
	}
	key = strings.Join([]string{key, c.ID, s.Lang, fmt.Sprint(s.Size, s.Contrast, s.Low, s.recording().SHA, s.speaking), s.Place.Lang, back.In(s.Lang)}, "\x00")
	f := c.frame(s.Lang, s.Size)
	if f.Low = s.Low; s.Contrast {
		f.Theme = f.Theme.Contrast()
	}
	langs := c.languages(s.firstLang())
	return Still{Key: key, Logo: f.Logo, compose: func(w, h int, faces *scene.Faces) (*scene.Scene, error) {
		return scene.Compose(f, w, h, faces, func(cv *scene.Canvas) {
			cv.Plain(tone)
			s.nav(cv, faces, langs, cv.T(back))
			draw(cv)
		}), nil
	}}
}

// ask is one question: five faces from worst to best, none bigger or brighter
// than another, nothing preselected. The mark on a face is the citizen's own
// answer, when coming back to change it.
type ask struct {
	draft
	at    int  // index of the question
	again bool // come from the review to change it
}

func (p ask) view() View {
	if len(p.form.Questions) > 1 {
		return ViewForm
	}
	return ViewRate
}

func (p ask) touch(n *step, name, arg string) {
	switch {
	case name == "phone" && p.onPhone(&n.State):
		n.openPhone(wire.ToRate)
	case name == "rate":
		if level, err := strconv.Atoi(arg); err == nil {
			p.rate(n, survey.Level(level))
		}
	}
}

// onPhone says whether the first question offers to be answered on the citizen's
// phone, as the home screen would. A pass carries no procedure and no officer: a
// rating that is about them is given here.
func (p ask) onPhone(s *State) bool {
	return p.at == 0 && !p.again && p.alone && s.phones() && p.regards.procedure == "" && p.regards.officer == ""
}

func (p ask) rate(n *step, level survey.Level) {
	q := p.form.Questions[p.at]
	if !level.Valid() || level == survey.NotApplicable && !q.NA {
		return
	}
	d := p.answered(q.ID, level)
	switch {
	case p.again:
		n.recheck(d, p.at)
	case p.at+1 < len(p.form.Questions):
		n.turn(ask{draft: d, at: p.at + 1})
	default:
		n.replace(ask{draft: d, at: p.at})
		n.onward(d, questions)
	}
}

func (p ask) back(n *step) {
	switch {
	case p.again:
		n.recheck(p.draft, p.at)
	case p.at == 0:
		n.leave()
	default:
		n.turn(ask{draft: p.draft, at: p.at - 1})
	}
}

func (p ask) likely(s State) []Still {
	out := []Still{thanks{p.content}.still(s)}
	if p.at+1 < len(p.form.Questions) {
		out = []Still{ask{draft: p.draft, at: p.at + 1}.still(s)}
	}
	return append(out, s.slide(s.Content, s.Showing.Slide))
}

func (p ask) still(s State) Still {
	s.View = p.view() // drawn ahead, too
	q, i := p.form, p.at
	k := q.Questions[i]
	own, answered := p.answers[k.ID]
	desk := s.Place.Desk
	phone := p.onPhone(&s)
	key := fmt.Sprintf("ask\x00%s\x00%d\x00%d\x00%v%d\x00%s\x00%s\x00%v", q.ID, q.Version, i, answered, own, desk.In(s.Lang), p.regards.ticket, phone)
	return s.screen(p.content, key, func(cv *scene.Canvas) {
		whom := cv.T(desk)
		if t := p.regards.ticket; t != "" {
			whom = joined(cv.Say("Mời Ông/Bà có số "+t, "Number "+t+", please"), whom)
		}
		title, sub := cv.T(q.Ask), joined(whom, cv.T(q.Note))
		if len(q.Questions) > 1 {
			title = cv.T(k.Text)
			sub = joined(cv.Say(fmt.Sprintf("Câu %d/%d", i+1, len(q.Questions)), fmt.Sprintf("Question %d/%d", i+1, len(q.Questions))), whom)
			if i == 0 && !narrow(cv) {
				sub = joined(sub, cv.T(q.Note)) // said once
			}
			steps(cv, i, len(q.Questions))
		}
		full := cv.Frame.Scale
		if narrow(cv) {
			cv.Frame.Scale = min(full, 1.1)
		}
		if !phone || !askBesidePhone(cv, title, sub) {
			cv.Title("ask", title, sub)
		}
		cv.Frame.Scale = full
		if phone && cv.Portrait {
			phoneBelow(cv, k.NA)
		}
		five(cv, k.NA, func(l survey.Level) bool { return answered && own == l })
	})
}

// askBesidePhone draws what is asked with the way to the phone at the right of
// the line below it; false, and nothing drawn: that leaves the faces no room.
func askBesidePhone(c *scene.Canvas, title, sub string) bool {
	if c.Portrait || c.Frame.Low {
		return false
	}
	whole := c.Body
	b := phoneButton(c)
	fit := func(c *scene.Canvas) {
		c.Title("ask", title, "")
		row := scene.Rect{X: c.Body.X, Y: c.Body.Y - c.Px(18), W: c.Body.W, H: c.Px(scene.ButtonH)}
		w := min(c.ButtonWidth(b), row.W*0.4)
		if sub != "" {
			st := scene.Style{Weight: scene.Medium, Max: 36, Min: 28, Color: c.Colors().Sub, MaxLines: 3, Line: 1.35}
			c.Text("ask.sub", sub, st, scene.Rect{X: row.X, Y: row.Y, W: row.W - w - c.Px(40), H: row.H + c.Px(8)})
		}
		c.Button(b, scene.Rect{X: row.Right() - w, Y: row.Y, W: w, H: row.H})
		c.Body = c.Body.Below(row.Bottom() + c.Px(28))
	}
	enough := true
	out := c.Try(1, func(c *scene.Canvas) {
		fit(c)
		enough = c.Body.H >= c.Px(370)*c.Frame.Scale
	})
	if out.Overflows > 0 || !enough {
		return false
	}
	c.Body = whole
	fit(c)
	return true
}

// phoneBelow sets the way to the phone below the faces of an upright screen,
// where it leaves them room.
func phoneBelow(c *scene.Canvas, na bool) {
	rows := len(survey.LevelNames)
	if na {
		rows++
	}
	h, gap := c.Px(scene.ButtonH), c.Px(28)
	if c.Body.H-h-gap < float32(rows)*c.Px(130)*c.Frame.Scale {
		return
	}
	defer held(c)()
	b := phoneButton(c)
	at := footOf(&c.Body, h, gap)
	at.W = min(c.ButtonWidth(b), at.W)
	c.Button(b, at)
}

// five draws the faces over the whole body, and with na, apart from them and
// without a face, "Không áp dụng": it is no level.
func five(c *scene.Canvas, na bool, chosen func(survey.Level) bool) {
	n := float32(len(survey.LevelNames))
	gap := c.Px(28)
	b := c.Body
	none := scene.Button{Name: "rate:0", Label: c.Say("Không áp dụng", "Not applicable"), Chosen: chosen(survey.NotApplicable)}
	if c.Portrait {
		rows := n
		if na {
			rows++
		}
		gap = min(gap, max(c.Px(12), (b.H-rows*c.Px(110))/rows))
		h := min((b.H-(rows-1)*gap)/rows, c.Px(230))
		if na {
			c.Button(none, scene.Rect{X: b.X, Y: b.Y + n*(h+gap), W: b.W, H: min(h, c.Px(140))})
		}
		for i := range survey.LevelNames {
			face(c, i, chosen, scene.Rect{X: b.X, Y: b.Y + float32(i)*(h+gap), W: b.W, H: h})
		}
		return
	}
	h := min(b.H, c.Px(620))
	if narrow(c) {
		gap = c.Px(14)
	}
	if na {
		w := max(c.Px(200), b.W*0.13)
		c.Button(none, scene.Rect{X: b.Right() - w, Y: b.Y, W: w, H: h})
		b.W -= w + 1.5*gap
	}
	w := (b.W - (n-1)*gap) / n
	// One size for all five words: none may look weightier than another.
	full := c.Frame.Scale
	defer func() { c.Frame.Scale = full }()
	for _, c.Frame.Scale = range []float32{full, 1.15, 1, 0.9, 0.8, 0.7} {
		if c.Frame.Scale <= full && fitAll(c, w-2*c.FacePad(w), min(h-c.Px(290), h*0.5)) {
			break
		}
	}
	for i := range survey.LevelNames {
		face(c, i, chosen, scene.Rect{X: b.X + float32(i)*(w+gap), Y: b.Y, W: w, H: h})
	}
}

// faceLabel is how the words under a face are set at their full size.
var faceLabel = scene.Style{Weight: scene.Bold, Max: 40, Min: 40, Line: 1.28, MaxLines: 2}

func fitAll(c *scene.Canvas, w, h float32) bool {
	for _, name := range survey.LevelNames {
		if _, ok := lines(c.Fit(c.T(name), faceLabel, w, h), c.T(name)); !ok {
			return false
		}
	}
	return true
}

func face(c *scene.Canvas, i int, chosen func(survey.Level) bool, r scene.Rect) {
	level := survey.Level(i + 1)
	label := c.T(survey.LevelNames[i])
	if r.W < r.H*1.6 {
		label = broken(c, label, faceLabel, r.W-2*c.FacePad(r.W))
	}
	c.FaceCard(scene.Choice{Name: fmt.Sprintf("rate:%d", level), Label: label, Level: i + 1, Chosen: chosen(level)}, r)
}

// broken sets line ends into a label where it breaks at its full size, so that
// it is not made smaller to save a line: labels side by side have one size.
func broken(c *scene.Canvas, label string, st scene.Style, w float32) string {
	if out, ok := lines(c.Fit(label, st, w, 0), label); ok {
		return out
	}
	return label
}

// lines is a fitted label with its line ends; false if it was cut, or broken
// inside a word.
func lines(b scene.Block, label string) (string, bool) {
	out := make([]string, len(b.Lines))
	for i, l := range b.Lines {
		out[i] = l.Text
	}
	return strings.Join(out, "\n"), b.Fits && strings.Join(out, " ") == label
}

// steps draws how far the form is: one bar a question.
func steps(c *scene.Canvas, at, n int) {
	gap, h := c.Px(12), c.Px(10)
	w := min((c.Body.W-gap*float32(n-1))/float32(n), c.Px(96))
	for i := range n {
		col := c.Theme.Line.NRGBA()
		if i <= at {
			col = c.Theme.Ink.NRGBA()
		}
		c.Fill(scene.Rect{X: c.Body.X + float32(i)*(w+gap), Y: c.Body.Y - c.Px(14), W: w, H: h}, h/2, col)
	}
	c.Body = c.Body.Below(c.Body.Y + c.Px(24))
}

// joined sets sentences beside each other, each ended by a full stop.
func joined(parts ...string) string {
	var out []string
	for _, p := range parts {
		if p = strings.TrimSpace(p); p == "" {
			continue
		}
		if !strings.ContainsAny(p[len(p)-1:], ".!?") {
			p += "."
		}
		out = append(out, p)
	}
	return strings.Join(out, " ")
}

// said is a sign over a sentence and what it means, in the middle of the body.
func said(c *scene.Canvas, icon scene.Icon, ground scene.Colour, title, text string) {
	b, p := c.Body, c.Colors()
	d := min(c.Px(220), b.H*0.3)
	t := c.Fit(title, scene.Style{Weight: scene.ExtraBold, Max: 92, Min: 48, Color: p.Title, Align: scene.Middle, MaxLines: 3, Line: 1.25}, b.W, b.H*0.35)
	x := c.Fit(text, scene.Style{Weight: scene.Medium, Max: 42, Min: 28, Color: p.Sub, Align: scene.Middle, MaxLines: 5, Line: 1.4}, min(b.W, c.Px(1300)), b.H*0.35)
	gap := c.Px(36)
	y := b.Y + (b.H-d-t.H-x.H-gap*1.5)/2
	c.Circle(b.X+b.W/2, y+d/2, d/2, ground.NRGBA())
	side := d * 0.52
	c.Icon(icon, b.X+(b.W-side)/2, y+(d-side)/2, side, scene.Colour{R: 255, G: 255, B: 255, A: 255}.NRGBA())
	y += d + gap
	c.Report("said", title, t)
	c.Put(t, scene.Rect{X: b.X, Y: y, W: b.W, H: t.H})
	y += t.H + gap/2
	c.Report("said.text", text, x)
	w := min(b.W, c.Px(1300))
	c.Put(x, scene.Rect{X: b.X + (b.W-w)/2, Y: y, W: w, H: x.H})
}

// product is what stands in the header before a unit is known.
var product = slides.Text{"vi": "Một Cửa", "en": "Một Cửa"}
