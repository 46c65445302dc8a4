package player

import (
	"fmt"
	"strings"

	"motcua/slides"
	"motcua/slides/kinds"
	"motcua/slides/scene"
)

// slide is a slide of the loop in the kiosk's first language; id "" is the
// unit's name, for when nothing is scheduled.
func (s *State) slide(c *Content, id string) Still {
	return s.atDesk(s.announcing(s.plainSlide(c, id)))
}

func (s *State) plainSlide(c *Content, id string) Still { return s.slideAs(c, id, 0, false) }

// ShowAs is Show for a preview: the slide at a citizen's text size (0 A, 1 A+,
// 2 A++) and contrast, which on a kiosk only a page that was opened has.
func (s *State) ShowAs(size int, contrast bool) Show {
	out := s.Show()
	if s.View == ViewLoop && s.Content != nil {
		out.Still, out.Prepare = s.slideAs(s.Content, s.Showing.Slide, size, contrast), nil
	}
	return out
}

func (s *State) slideAs(c *Content, id string, size int, contrast bool) Still {
	lang := s.firstLang()
	notice := s.banner(lang)
	f := c.frame(lang, min(max(size, 0), len(scales)-1))
	if contrast {
		f.Theme = f.Theme.Contrast()
	}
	key := strings.Join([]string{"slide", c.ID, id, lang, notice, fmt.Sprint(f.Scale, contrast)}, "\x00")
	f.Notice = notice
	sl := c.Slides[id]
	if sl == nil {
		return Still{Key: key, Logo: f.Logo, compose: func(w, h int, faces *scene.Faces) (*scene.Scene, error) {
			return scene.Compose(f, w, h, faces, unitName), nil
		}}
	}
	return Still{Key: key, Content: c.ID, Slide: id, Logo: f.Logo, Film: c.film(id, lang), compose: func(w, h int, faces *scene.Faces) (*scene.Scene, error) {
		return kinds.Scene(sl, f, faces, w, h)
	}}
}

// banner is what staff must know while slides go on, in one line.
func (s *State) banner(lang string) string {
	var parts []string
	if t := s.Notice.In(lang); t != "" {
		parts = append(parts, t)
	}
	if p := s.Pairing; p != nil && p.Code != "" {
		parts = append(parts, slides.Text{"vi": "Mã ghép nối: ", "en": "Pairing code: "}.In(lang)+p.Code)
	}
	return strings.Join(parts, " ")
}

// unitName is what shows when nothing is scheduled.
func unitName(c *scene.Canvas) {
	c.Chrome(scene.Red, "")
	c.Mountains(c.H*0.5, c.H)
	p := c.Colors()
	box := c.Body
	office := c.Fit(c.T(c.Frame.Office), scene.Style{Weight: scene.SemiBold, Max: 44, Min: 28, Color: p.Over, MaxLines: 2, Line: 1.35}, box.W, 0)
	unit := c.Fit(c.T(c.Frame.Unit), scene.Style{Weight: scene.ExtraBold, Max: 104, Min: 48, Color: p.Title, MaxLines: 4, Line: 1.25}, box.W, box.H*0.7)
	y := box.Y + (box.H-office.H-unit.H-c.Px(24))/2
	c.Put(office, scene.Rect{X: box.X, Y: y, W: box.W, H: office.H})
	c.Put(unit, scene.Rect{X: box.X, Y: y + office.H + c.Px(24), W: box.W, H: unit.H})
}
