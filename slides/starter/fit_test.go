package starter

import (
	"fmt"
	"testing"
	"unicode"

	"motcua/slides"
	"motcua/slides/fonts"
	"motcua/slides/kinds"
	"motcua/slides/scene"
)

func faces(t *testing.T) *scene.Faces {
	t.Helper()
	ttf, err := fonts.All()
	if err != nil {
		t.Skip(err) // a clone without assets
	}
	by := map[scene.Weight][]byte{}
	for w, b := range ttf {
		by[scene.Weight(w)] = b
	}
	f, err := scene.NewFaces(by)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func frame(c *Content, lang string) scene.Frame {
	return scene.Frame{
		Theme: scene.DefaultTheme(), Unit: c.Office.Unit, UnitShort: c.Office.UnitShort, Office: c.Office.Office,
		Lang: lang, Scale: 1, Hint: true, Ticker: true,
	}
}

func TestKindsAcceptEverySlide(t *testing.T) {
	c := load(t)
	for i := range c.Slides {
		s := &c.Slides[i]
		if err := kinds.Validate(s); err != nil {
			t.Errorf("%s: %v", s.ID, err)
			continue
		}
		body, err := kinds.Parse(s)
		if err != nil {
			t.Errorf("%s: %v", s.ID, err)
			continue
		}
		var p slides.Problems
		kinds.CheckHosts(body, c.Office.Hosts, &p)
		if err := p.Err(s.ID); err != nil {
			t.Error(err)
		}
	}
}

// Whatever language a citizen chose, a slide shows all of its text; in
// Vietnamese also at the largest text size (A++).
func TestEverySlideFitsItsScreen(t *testing.T) {
	c, f := load(t), faces(t)
	for _, v := range []struct {
		lang  string
		w, h  int
		scale float32
	}{
		{"vi", 1920, 1080, 1},
		{"vi", 1080, 1920, 1},
		{"en", 1920, 1080, 1},
		{"en", 1080, 1920, 1},
		{"vi", 1920, 1080, 1.3},
		{"vi", 1080, 1920, 1.3},
	} {
		fr := frame(c, v.lang)
		fr.Scale = v.scale
		for i := range c.Slides {
			s := &c.Slides[i]
			sc, err := kinds.Scene(s, fr, f, v.w, v.h)
			if err != nil {
				t.Errorf("%s: %v", s.ID, err)
				continue
			}
			for _, o := range sc.Overflows {
				t.Errorf("%s at %+v: %s does not fit: %s", s.ID, v, o.Path, o.Text)
			}
		}
	}
}

func TestFontsHaveEveryLetter(t *testing.T) {
	f := faces(t)
	eachText(t, func(file, s string) {
		for _, r := range s {
			if !unicode.IsSpace(r) && !f.Has(scene.Regular, r) {
				t.Errorf("%s: the font lacks %s in %q", file, fmt.Sprintf("%q %U", r, r), s)
			}
		}
	})
}
