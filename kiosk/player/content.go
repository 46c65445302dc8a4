package player

import (
	"encoding/json"
	"fmt"
	"time"

	"motcua/slides"
	"motcua/slides/catalogue"
	"motcua/slides/kinds"
	"motcua/slides/scene"
	"motcua/slides/survey"
)

// Content is a manifest with all that it names, read and checked: what a kiosk
// needs to run alone. It never changes once made.
type Content struct {
	ID       string // SHA-256 of the manifest's bytes
	Manifest *slides.Manifest
	Slides   map[string]*slides.Slide
	Blob     map[string]string // slide id to its blob
	Program  *slides.Program
	Surveys  []*survey.Questionnaire // as the manifest lists them; none: ratings can't be taken
	News     []News                  // lines of the ticker
	Theme    scene.Theme
	Zone     *time.Location
	videos   map[string]*kinds.Video // by slide

	Procedures *catalogue.Catalogue // nil: none to look up
	Finder     *catalogue.Index     // of Procedures
}

// News is one line of the ticker with its validity.
type News struct {
	Slide *slides.Slide
	Line  slides.Text
}

// Fault is one thing that went wrong and was gone round.
type Fault struct {
	Where string // "slide:<id>", "blob:<sha>", "manifest:<id>", "rating", "screen"
	Text  string
}

// Load reads a manifest's bytes and the blobs that it names. A slide, news
// line or questionnaire that can't be read is left out and told as a fault; the
// error, for bytes that are no manifest or a schedule that can't be compiled,
// means that what shows now should stay.
func Load(raw []byte, read func(sha string) ([]byte, error)) (*Content, []Fault, error) {
	m, err := slides.ParseManifest(raw)
	if err != nil {
		return nil, nil, err
	}
	c := &Content{ID: slides.Sum(raw), Manifest: m, Slides: map[string]*slides.Slide{}, Blob: map[string]string{}, videos: map[string]*kinds.Video{}, Theme: scene.DefaultTheme()}
	var faults []Fault
	fault := func(where string, err error) { faults = append(faults, Fault{where, err.Error()}) }
	if len(m.Theme) > 0 {
		th := scene.DefaultTheme() // colours that the manifest leaves out keep their default
		if err := json.Unmarshal(m.Theme, &th); err != nil {
			fault("manifest:"+c.ID, err)
		} else {
			c.Theme = th
		}
	}
	if c.Zone, err = time.LoadLocation(m.Zone); err != nil || m.Zone == "" {
		c.Zone = fallbackZone
		fault("manifest:"+c.ID, fmt.Errorf("zone %q is not known", m.Zone))
	}
	for _, r := range m.Slides {
		s, err := loadSlide(r, read)
		if err != nil {
			fault("slide:"+r.ID, err)
			continue
		}
		c.Slides[r.ID], c.Blob[r.ID] = s, r.Blob
		if s.Kind == "video" { // the only kind that the player looks into
			if b, err := kinds.Parse(s); err == nil {
				c.videos[r.ID] = b.(*kinds.Video)
			}
		}
	}
	for _, r := range m.Ticker {
		s, err := loadSlide(r, read)
		if err != nil {
			fault("slide:"+r.ID, err)
			continue
		}
		var line kinds.Ticker
		if err := json.Unmarshal(s.Body, &line); err != nil {
			fault("slide:"+r.ID, err)
			continue
		}
		c.News = append(c.News, News{s, line.Line})
	}
	for _, r := range m.Surveys {
		b, err := read(r.Blob)
		var q *survey.Questionnaire
		if err == nil {
			q, err = survey.ParseQuestionnaire(b)
		}
		if err != nil {
			fault("blob:"+r.Blob, err)
			continue
		}
		c.Surveys = append(c.Surveys, q)
	}
	if m.Catalogue != "" {
		b, err := read(m.Catalogue)
		if err == nil {
			c.Procedures, err = catalogue.Parse(b)
		}
		if err != nil {
			fault("blob:"+m.Catalogue, err)
		} else {
			c.Finder = catalogue.NewIndex(c.Procedures)
		}
	}
	if c.Program, err = slides.NewProgram(m, c.Slides); err != nil {
		return nil, faults, err
	}
	return c, faults, nil
}

// SurveyAt is the questionnaire that a kiosk set up like t asks at a moment: the
// one that its rules name for the local time, else the first; nil where there is none.
func (c *Content) SurveyAt(t *slides.Terminal, at time.Time) *survey.Questionnaire {
	if len(c.Surveys) == 0 {
		return nil
	}
	id := t.FormAt(at.In(c.Zone))
	for _, q := range c.Surveys {
		if q.ID == id {
			return q
		}
	}
	return c.Surveys[0]
}

// fallbackZone is Vietnam's time, which has had no change since 1975.
var fallbackZone = time.FixedZone("+07", 7*3600)

func loadSlide(r slides.SlideRef, read func(string) ([]byte, error)) (*slides.Slide, error) {
	b, err := read(r.Blob)
	if err != nil {
		return nil, err
	}
	s, err := slides.ParseSlide(b)
	if err != nil {
		return nil, err
	}
	if s.ID != r.ID {
		return nil, fmt.Errorf("the blob holds slide %q", s.ID)
	}
	return s, nil
}

// frame is what surrounds a screen of this content.
func (c *Content) frame(lang string, size int) scene.Frame {
	m := c.Manifest
	return scene.Frame{
		Theme: c.Theme, Unit: m.Unit, UnitShort: m.UnitShort, Office: m.Office, Logo: m.Logo,
		Lang: lang, Scale: scales[size], Hint: len(c.Surveys) > 0 || c.Procedures != nil, Ticker: len(c.News) > 0,
	}
}

// languages are those that the citizen may choose, the default one first.
func (c *Content) languages(first string) []string {
	out := []string{first}
	for _, l := range c.Manifest.Languages {
		if l != first {
			out = append(out, l)
		}
	}
	return out
}
