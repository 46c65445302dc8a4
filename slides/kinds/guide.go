package kinds

import (
	"motcua/slides"
	"motcua/slides/scene"
)

// QR is a code that a slide shows: where it leads, its caption, and its
// address in letters (drawn from URL when empty).
type QR struct {
	URL     string           `json:"url" label:"Địa chỉ QR|QR address" max:"300" role:"url"`
	Caption slides.Text      `json:"caption,omitempty" label:"Chú thích QR|QR caption" max:"60"`
	Address string           `json:"address,omitempty" label:"Địa chỉ in bằng chữ|Address in letters" max:"60"`
	Checked slides.LocalDate `json:"checked,omitempty" label:"Kiểm tra lần cuối|Last checked" role:"date"`
}

// Step is one numbered step of a guide.
type Step struct {
	Title slides.Text `json:"title" label:"Tên bước|Step" max:"60" required:"true"`
	Text  slides.Text `json:"text,omitempty" label:"Nội dung|Text" max:"160"`
}

// Guide is numbered steps with a QR.
type Guide struct {
	Title slides.Text `json:"title" label:"Tiêu đề|Title" max:"120" required:"true"`
	Steps []Step      `json:"steps" label:"Các bước|Steps" max:"8" required:"true"`
	QR    *QR         `json:"qr,omitempty" label:"Mã QR|QR code"`
	Note  slides.Text `json:"note,omitempty" label:"Ghi chú|Note" max:"160"`
}

var guide = Kind{Name: "guide", Label: slides.Text{"vi": "Hướng dẫn từng bước", "en": "Step-by-step guide"}, New: func() Body { return &Guide{} },
	Sample: func() slides.Slide { return slides.Slide{} }}

func (b *Guide) Check(p *slides.Problems)                {}
func (b *Guide) Layout(c *scene.Canvas, s *slides.Slide) {}
