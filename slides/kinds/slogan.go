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

var slogan = Kind{
	Name: "slogan", Label: slides.Text{"vi": "Khẩu hiệu", "en": "Slogan"}, New: func() Body { return &Slogan{} },
	Sample: func() slides.Slide {
		s := sample("slogan", "T01", slides.Text{"vi": "Chủ đề cải cách hành chính năm 2023", "en": "Theme of administrative reform in 2023"}, &Slogan{
			Overline: slides.Text{"vi": "Chủ đề cải cách hành chính năm 2023", "en": "Theme of administrative reform in 2023"},
			Text:     slides.Text{"vi": "Siết chặt kỷ cương, tăng cường trách nhiệm, quyết liệt hành động, sáng tạo bứt phá", "en": "Tighter discipline, greater responsibility, resolute action, creative breakthrough"},
		})
		return s
	},
}

// Check has nothing to add to the tags.
func (b *Slogan) Check(*slides.Problems) {}

// Layout sets the slogan as large as it goes, left, in the middle of the
// height, over a faint line of mountains.
func (b *Slogan) Layout(c *scene.Canvas, s *slides.Slide) {
	top := c.H * 0.5
	if c.Portrait {
		top = c.H * 0.66
	}
	c.Mountains(top, c.Body.Bottom()+c.Px(40))
	body := footnote(c, s)
	p := c.Colors()
	if !c.Portrait { // aligned with the unit's name in the header
		_, body = body.Left(c.Px(78), 0)
		body.W -= c.Px(40)
	}
	over := c.Fit(c.T(b.Overline), scene.Style{Weight: scene.Bold, Max: 38, Min: 28, Color: p.Over, Line: 1.35}, body.W, body.H*0.2)
	gap := float32(0)
	if over.H > 0 {
		gap = c.Px(26)
	}
	st := scene.Style{Weight: scene.ExtraBold, Max: 128, Min: 48, Color: p.Title, Line: 1.25, Phrases: true, Fixed: true}
	if c.Portrait {
		st.Max = 116
	}
	text := c.T(b.Text)
	block := c.Fit(text, st, body.W, max(1, body.H-over.H-gap))
	c.Report("body.overline", c.T(b.Overline), over)
	c.Report("body.text", text, block)
	y := body.Y + max(0, (body.H-over.H-gap-block.H)/2)*0.9
	c.Put(over, scene.Rect{X: body.X, Y: y, W: body.W, H: over.H})
	c.Put(block, scene.Rect{X: body.X, Y: y + over.H + gap, W: body.W, H: block.H})
}
