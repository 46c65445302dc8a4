package player

import (
	"fmt"
	"strings"

	"motcua/slides"
	"motcua/slides/kinds"
	"motcua/slides/scene"
)

// reading is a guide or a situation that a citizen opened, its code large.
type reading struct {
	content *Content
	id      string
	leaf    int
	useful  useful
}

// openSlide lays a slide of c over the slides, to be read in peace.
func (n *step) openSlide(c *Content, id string) {
	if c.Slides[id] != nil {
		n.open(reading{content: c, id: id, useful: usefulSlide(c, id)})
	}
}

func (reading) view() View           { return ViewRead }
func (reading) likely(State) []Still { return nil }

func (p reading) touch(n *step, name, arg string) {
	if u, ok := p.useful.touched(n, name, arg); ok {
		p.useful = u
		n.replace(p)
		return
	}
	switch i, ok := number(arg); {
	case name == "leaf" && ok:
		p.leaf = i
		n.turn(p)
	case name == "qr":
		n.openCode(p.content, p.id, arg, useful{})
	}
}

func (p reading) still(s State) Still {
	s.View = ViewRead // drawn ahead, too
	sl := p.content.Slides[p.id]
	tone := scene.Paper
	if k, ok := kinds.Find(sl.Kind); ok {
		tone = k.Tone()
	}
	key := strings.Join([]string{"read", p.id, fmt.Sprint(p.leaf), p.useful.key()}, "\x00")
	return s.toned(tone, p.content, key, func(c *scene.Canvas) {
		body, err := kinds.Parse(sl) // its own: the code is taken out of it
		if err != nil {
			c.Title("read", c.T(sl.Title), c.Say("Trang này chưa đọc được. Xin hỏi cán bộ tại quầy.", "This page can't be read. Please ask at the desk."))
			return
		}
		p.draw(c, sl, body)
	})
}

// draw lays the slide out as the loop does, with its code larger; where the
// text does not fit so at the reader's size, leaf by leaf.
func (p reading) draw(c *scene.Canvas, sl *slides.Slide, body kinds.Body) {
	var code *kinds.QR
	switch b := body.(type) {
	case *kinds.Guide:
		code, b.QR = b.QR, nil
	case *kinds.FAQ:
		code, b.QR = b.QR, nil
	}
	var spec *scene.QRSpec
	if code != nil {
		spec = &scene.QRSpec{URL: code.URL, Caption: c.T(code.Caption), Address: code.Address, Path: "body.qr"}
	}
	whole := c.Body
	foot := footOf(&c.Body, c.Px(scene.ButtonH), c.Px(40))
	box := c.Body // for the code
	if spec != nil && c.Portrait {
		box = footOf(&c.Body, c.Px(560), c.Px(32))
		box = scene.Rect{X: box.X + (box.W-c.Px(470))/2, Y: box.Y, W: c.Px(470), H: box.H}
	} else if spec != nil {
		w := min(c.Px(590), box.W*0.36)
		box = scene.Rect{X: box.Right() - w, Y: box.Y, W: w, H: whole.H}
		c.Body.W -= w + c.Px(64)
		foot.W = c.Body.W
	}
	if c.Try(1, func(c *scene.Canvas) { body.Layout(c, sl) }).Overflows == 0 {
		body.Layout(c, sl)
		if spec != nil {
			c.QR(*spec, box)
		}
		p.useful.draw(c, foot, askUsefulVi, askUsefulEn)
		return
	}
	c.Body = whole
	l := leaflet{title: c.T(sl.Title), code: spec, leaf: p.leaf, useful: p.useful}
	if sl.Source != "" {
		l.source = c.Say("Nguồn: ", "Source: ") + sl.Source
	}
	switch b := body.(type) {
	case *kinds.Guide:
		l.title = c.T(b.Title)
		for i, st := range b.Steps {
			l.facts = append(l.facts, fact{label: fmt.Sprintf("%d. %s", i+1, c.T(st.Title)), value: c.T(st.Text)})
		}
		l.facts = append(l.facts, paragraphs(c.Say("Ghi chú", "Note"), c.T(b.Note))...)
	case *kinds.FAQ:
		l.title = c.T(b.Question)
		l.facts = append(paragraphs(c.Say("Trả lời", "Answer"), c.T(b.Answer)), paragraphs(c.Say("Căn cứ", "Legal basis"), c.T(b.Basis))...)
	}
	l.draw(c)
}

// paragraphs are the lines of a text as facts under one label; long lines end
// at the end of a sentence.
func paragraphs(label, text string) (out []fact) {
	const most = 200 // runes: four lines of a leaf
	for line := range strings.SplitSeq(text, "\n") {
		part := ""
		flush := func() {
			if part != "" {
				out = append(out, fact{label: label, value: part})
				label, part = "", ""
			}
		}
		for sentence := range strings.SplitAfterSeq(line, ". ") {
			if len([]rune(part+sentence)) > most {
				flush()
			}
			part += sentence
		}
		flush()
	}
	return out
}
