package kinds

import (
	"motcua/slides"
	"motcua/slides/scene"
)

// YearValue is an index's value in one year; Value nil is a gap ("chưa có số liệu").
type YearValue struct {
	Year  int      `json:"year" label:"Năm|Year" required:"true"`
	Value *float64 `json:"value,omitempty" label:"Giá trị|Value"`
}

// Index shows values by year as bars; a missing year stays a gap.
type Index struct {
	Title    slides.Text `json:"title" label:"Tiêu đề|Title" max:"120" required:"true"`
	Subtitle slides.Text `json:"subtitle,omitempty" label:"Chỉ số, đơn vị tính|Index, unit of measure" max:"160"`
	Decimals int         `json:"decimals,omitempty" label:"Số chữ số thập phân|Decimals"`
	Max      float64     `json:"max,omitempty" label:"Giá trị lớn nhất của thang|Top of the scale"` // 0: from the values
	Values   []YearValue `json:"values" label:"Giá trị theo năm|Values by year" max:"10" required:"true"`
	Source   slides.Text `json:"source" label:"Nguồn số liệu|Source" max:"160" required:"true"`
}

var index = Kind{Name: "index", Label: slides.Text{"vi": "Chỉ số theo năm", "en": "Index by year"}, New: func() Body { return &Index{} },
	Sample: func() slides.Slide { return slides.Slide{} }}

func (b *Index) Check(p *slides.Problems)                {}
func (b *Index) Layout(c *scene.Canvas, s *slides.Slide) {}
