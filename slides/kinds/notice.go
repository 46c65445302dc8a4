package kinds

import (
	"motcua/slides"
	"motcua/slides/scene"
)

// Notice announces a document: number, issuer, dates, what it means.
type Notice struct {
	Title     slides.Text      `json:"title" label:"Tiêu đề|Title" max:"160" required:"true"`
	Number    string           `json:"number" label:"Số, ký hiệu|Number" max:"60" required:"true"`
	Issuer    slides.Text      `json:"issuer" label:"Nơi ban hành|Issuer" max:"160" required:"true"`
	Issued    slides.LocalDate `json:"issued,omitempty" label:"Ngày ban hành|Issued" role:"date"`
	Effective slides.LocalDate `json:"effective,omitempty" label:"Ngày hiệu lực|In force from" role:"date"`
	Points    []slides.Text    `json:"points,omitempty" label:"Ý chính|Main points" max:"5"` // each up to 200 runes
	QR        *QR              `json:"qr,omitempty" label:"Mã QR|QR code"`
}

var notice = Kind{Name: "notice", Label: slides.Text{"vi": "Thông báo văn bản", "en": "Notice of a document"}, New: func() Body { return &Notice{} },
	Sample: func() slides.Slide { return slides.Slide{} }}

func (b *Notice) Check(p *slides.Problems)                {}
func (b *Notice) Layout(c *scene.Canvas, s *slides.Slide) {}
