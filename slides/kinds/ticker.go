package kinds

import (
	"strings"

	"motcua/slides"
	"motcua/slides/scene"
)

// Ticker is one news line at the screen's foot. As a slide of its own (in the
// studio's preview) it is drawn as a page with that line.
type Ticker struct {
	Line slides.Text `json:"line" label:"Dòng tin|News line" max:"300" required:"true" role:"text"`
}

var ticker = Kind{
	Name: "ticker", Label: slides.Text{"vi": "Dòng tin chạy", "en": "News line"}, New: func() Body { return &Ticker{} },
	Sample: func() slides.Slide {
		return sample("ticker", "T08", slides.Vi("Dịch vụ công trực tuyến"), &Ticker{
			Line: slides.Text{"vi": "Dịch vụ công trực tuyến: nộp hồ sơ mọi lúc, mọi nơi tại dichvucong.gov.vn", "en": "Online public services: apply at any time, anywhere, at dichvucong.gov.vn"},
		})
	},
}

// Check reports a line of several lines: it runs on one.
func (b *Ticker) Check(p *slides.Problems) {
	for _, l := range b.Line.Languages() {
		if strings.Contains(b.Line[l], "\n") {
			p.Add("body.line."+l, "Dòng tin chỉ có một dòng; hãy bỏ dấu xuống dòng.", "A news line is one line; take out the line breaks.")
		}
	}
}

// Layout shows the line as a page of its own.
func (b *Ticker) Layout(c *scene.Canvas, s *slides.Slide) {
	r := footnote(c, s)
	p := c.Colors()
	over := c.Fit(c.Say("Tin cải cách hành chính", "Reform news"), scene.Style{Weight: scene.Bold, Max: 36, Min: 28, Color: p.Over, MaxLines: 1, Line: 1.35}, r.W, 0)
	line := c.T(b.Line)
	blk := c.Fit(line, scene.Style{Weight: scene.Bold, Max: 80, Min: 40, Color: p.Title, Line: 1.3, Phrases: true, Fixed: true}, r.W, max(1, r.H-over.H-c.Px(24)))
	c.Report("body.line", line, blk)
	y := r.Y + max(0, r.H-over.H-c.Px(24)-blk.H)*0.45
	c.Put(over, scene.Rect{X: r.X, Y: y, W: r.W, H: over.H})
	c.Put(blk, scene.Rect{X: r.X, Y: y + over.H + c.Px(24), W: r.W, H: blk.H})
}
