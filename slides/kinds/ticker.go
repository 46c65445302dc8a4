package kinds

import (
	"motcua/slides"
	"motcua/slides/scene"
)

// Ticker is one news line at the screen's foot. As a slide of its own (in the
// studio's preview) it is drawn as a page with that line.
type Ticker struct {
	Line slides.Text `json:"line" label:"Dòng tin|News line" max:"300" required:"true"`
}

var ticker = Kind{Name: "ticker", Label: slides.Text{"vi": "Dòng tin chạy", "en": "News line"}, New: func() Body { return &Ticker{} },
	Sample: func() slides.Slide { return slides.Slide{} }}

func (b *Ticker) Check(p *slides.Problems)                {}
func (b *Ticker) Layout(c *scene.Canvas, s *slides.Slide) {}
