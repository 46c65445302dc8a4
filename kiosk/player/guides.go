package player

import (
	"fmt"
	"slices"
	"strings"

	"motcua/slides/kinds"
	"motcua/slides/scene"
)

// Views of slides that a citizen opens.
const (
	ViewGuides View = "guides"
	ViewRead   View = "read" // one of them, for as long as it is read
)

// guides lists the guides that may show now, those to online services first.
func (s *State) guides() []string {
	if s.Content == nil {
		return nil
	}
	var out []string
	for _, r := range s.Content.Manifest.Slides {
		if sl := s.Content.Slides[r.ID]; sl != nil && sl.Kind == "guide" && sl.ValidAt(s.Clock.Now()) {
			out = append(out, r.ID)
		}
	}
	rank := func(id string) int {
		if s.Content.Slides[id].Topic == "T08" {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(out, func(a, b string) int { return rank(a) - rank(b) })
	return out
}

// guides is the list of them.
type guides struct {
	content *Content
	ids     []string
	from    int
}

func (guides) view() View { return ViewGuides }

func (p guides) touch(n *step, name, arg string) {
	switch i, ok := number(arg); {
	case name == "from" && ok:
		p.from = i
		n.turn(p)
	case name == "slide" && slices.Contains(p.ids, arg):
		n.openSlide(p.content, arg)
	}
}

func (p guides) likely(s State) []Still {
	if len(p.ids) == 0 {
		return nil
	}
	return []Still{reading{content: p.content, id: p.ids[0], useful: usefulSlide(p.content, p.ids[0])}.still(s)}
}

func (p guides) still(s State) Still {
	s.View = ViewGuides // drawn ahead, too
	key := strings.Join(append([]string{"guides", fmt.Sprint(p.from)}, p.ids...), "\x00")
	return s.screen(p.content, key, func(c *scene.Canvas) {
		c.Title("guides", c.Say("Ông/Bà cần hướng dẫn việc gì?", "What would you like to know?"), "")
		cols := 2
		if c.Portrait {
			cols = 1
		}
		leafed(c, c.Body, len(p.ids), p.from, cols, scene.RowH, func(i int) scene.Row { return p.content.guideRow(c, p.ids[i]) })
	})
}

// guideRow is how a guide stands in a list.
func (c *Content) guideRow(cv *scene.Canvas, id string) scene.Row {
	r := scene.Row{Name: "slide:" + id, Title: cv.T(c.Slides[id].Title)}
	b, err := kinds.Parse(c.Slides[id])
	if g, ok := b.(*kinds.Guide); ok && err == nil {
		r.Title = cv.T(g.Title)
		r.Text = cv.Say(fmt.Sprintf("%d bước", len(g.Steps)), counted(len(g.Steps), "step"))
		if g.QR != nil {
			r.Text += cv.Say(" · có mã QR", " · with a QR code")
		}
	}
	return r
}
