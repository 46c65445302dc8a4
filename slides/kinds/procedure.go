package kinds

import (
	"motcua/slides"
	"motcua/slides/scene"
)

// Procedure shows one administrative procedure (TTHC). Its columns are those
// that provinces publish (NĐ 63/2010 art. 8 as amended by NĐ 92/2017).
type Procedure struct {
	Code      string           `json:"code" label:"Mã thủ tục|Code" max:"20" required:"true" role:"code"` // 1.014200
	Name      slides.Text      `json:"name" label:"Tên thủ tục|Name" max:"300" required:"true"`
	Field     slides.Text      `json:"field" label:"Lĩnh vực|Field" max:"80" required:"true"`
	TimeLimit slides.Text      `json:"time_limit,omitempty" label:"Thời hạn|Time limit" max:"80"`
	Reference bool             `json:"reference,omitempty" label:"Thời hạn chỉ để tham khảo|Time limit for reference only"`
	Fee       slides.Text      `json:"fee,omitempty" label:"Phí, lệ phí|Fee" max:"80"`
	Where     slides.Text      `json:"where,omitempty" label:"Nơi nộp|Where" max:"120"`
	How       slides.Text      `json:"how,omitempty" label:"Cách nộp|How" max:"120"`
	Online    string           `json:"online,omitempty" label:"Mức độ trực tuyến|Online level" max:"10"` // full, part, none
	Post      bool             `json:"post,omitempty" label:"Qua bưu chính công ích|By public post"`
	Reviewed  slides.LocalDate `json:"reviewed,omitempty" label:"Rà soát lần cuối|Last reviewed" role:"date"`
	QR        *QR              `json:"qr,omitempty" label:"Mã QR|QR code"`
}

var procedure = Kind{Name: "procedure", Label: slides.Text{"vi": "Thủ tục hành chính", "en": "Procedure"}, New: func() Body { return &Procedure{} },
	Sample: func() slides.Slide { return slides.Slide{} }}

func (b *Procedure) Check(p *slides.Problems)                {}
func (b *Procedure) Layout(c *scene.Canvas, s *slides.Slide) {}
