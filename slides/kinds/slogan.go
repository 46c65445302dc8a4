package kinds

import (
	"motcua/slides"
	"motcua/slides/scene"
)

// Slogan is a reform slogan. Text keeps its author's line breaks.
type Slogan struct {
	Overline slides.Text `json:"overline,omitempty" label:"Dòng dẫn|Overline" max:"80"`
	Text     slides.Text `json:"text" label:"Khẩu hiệu|Slogan" max:"240" required:"true" role:"text"`
}

var slogan = Kind{Name: "slogan", Label: slides.Text{"vi": "Khẩu hiệu", "en": "Slogan"}, New: func() Body { return &Slogan{} },
	Sample: func() slides.Slide { return slides.Slide{} }}

func (b *Slogan) Check(p *slides.Problems)                {}
func (b *Slogan) Layout(c *scene.Canvas, s *slides.Slide) {}
