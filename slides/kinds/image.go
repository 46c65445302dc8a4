package kinds

import (
	"motcua/slides"
	"motcua/slides/scene"
)

// Image is a picture with its caption.
type Image struct {
	Picture string      `json:"picture" label:"Ảnh|Picture" required:"true" role:"sha"`
	Caption slides.Text `json:"caption" label:"Chú thích|Caption" max:"160" required:"true"`
	Credit  slides.Text `json:"credit,omitempty" label:"Nguồn ảnh|Credit" max:"80"`
	Cover   bool        `json:"cover,omitempty" label:"Lấp đầy khung (cắt mép)|Fill the frame (crops)"`
}

var image = Kind{Name: "image", Label: slides.Text{"vi": "Hình ảnh", "en": "Picture"}, New: func() Body { return &Image{} },
	Sample: func() slides.Slide { return slides.Slide{} }}

func (b *Image) Check(p *slides.Problems)                {}
func (b *Image) Layout(c *scene.Canvas, s *slides.Slide) {}
