package kinds

import (
	"motcua/slides"
	"motcua/slides/scene"
)

// FAQ is a situation and its answer.
type FAQ struct {
	Question slides.Text `json:"question" label:"Tình huống|Situation" max:"240" required:"true" role:"text"`
	Answer   slides.Text `json:"answer" label:"Trả lời|Answer" max:"600" required:"true" role:"text"`
	Basis    slides.Text `json:"basis,omitempty" label:"Căn cứ|Legal basis" max:"200"`
	QR       *QR         `json:"qr,omitempty" label:"Mã QR|QR code"`
}

var faq = Kind{Name: "faq", Label: slides.Text{"vi": "Tình huống – trả lời", "en": "Situation and answer"}, New: func() Body { return &FAQ{} },
	Sample: func() slides.Slide { return slides.Slide{} }}

func (b *FAQ) Check(p *slides.Problems)                {}
func (b *FAQ) Layout(c *scene.Canvas, s *slides.Slide) {}
