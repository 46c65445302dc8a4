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

var image = Kind{
	Name: "image", Label: slides.Text{"vi": "Hình ảnh", "en": "Picture"}, New: func() Body { return &Image{} },
	Sample: func() slides.Slide {
		return sample("image", "T08", slides.Vi("Bộ phận Tiếp nhận và Trả kết quả"), &Image{
			Picture: samplePicture,
			Caption: slides.Text{"vi": "Bộ phận Tiếp nhận và Trả kết quả: nộp hồ sơ và nhận kết quả tại một nơi", "en": "The one-stop desk: hand in papers and collect results in one place"},
			Credit:  slides.Vi("hình minh họa"), Cover: true,
		})
	},
}

// Check has nothing to add to the tags.
func (b *Image) Check(*slides.Problems) {}

// Layout gives the picture all that its caption leaves.
func (b *Image) Layout(c *scene.Canvas, s *slides.Slide) {
	credit := ""
	if t := c.T(b.Credit); t != "" {
		credit = c.Say("Ảnh: ", "Picture: ") + t
	}
	r := footnote(c, s, credit)
	r.Y -= c.Px(14)
	r.H += c.Px(14)
	p := c.Colors()
	caption := c.T(b.Caption)
	st := scene.Style{Weight: scene.Bold, Max: 44, Min: 30, Color: p.Title, Line: 1.3, Fixed: true}
	blk := c.Fit(caption, st, r.W, max(1, r.H*0.3))
	c.Report("body.caption", caption, blk)
	frame := scene.Rect{X: r.X, Y: r.Y, W: r.W, H: max(0, r.H-blk.H-c.Px(24))}
	radius := c.Px(32)
	c.Fill(frame, radius, p.Rule) // shows beside a picture that is shown whole, or while there is none
	c.Picture(b.Picture, frame, radius, b.Cover)
	c.Put(blk, scene.Rect{X: r.X, Y: frame.Bottom() + c.Px(20), W: r.W, H: blk.H})
}
