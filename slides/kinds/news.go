package kinds

import (
	"motcua/slides"
	"motcua/slides/scene"
)

// News is an item of news: what happened, when, who says so, and where to read
// the rest.
type News struct {
	Title   slides.Text      `json:"title" label:"Tiêu đề|Title" max:"160" required:"true"`
	Text    slides.Text      `json:"text,omitempty" label:"Tóm tắt|Summary" max:"400" role:"text"`
	Date    slides.LocalDate `json:"date,omitempty" label:"Ngày đăng|Published" role:"date"`
	From    string           `json:"from,omitempty" label:"Nơi đăng|Published by" max:"80"`
	Picture string           `json:"picture,omitempty" label:"Ảnh|Picture" role:"sha"`
	QR      *QR              `json:"qr,omitempty" label:"Mã QR|QR code"`
}

var news = Kind{
	Name: "news", Label: slides.Text{"vi": "Tin tức", "en": "News"}, New: func() Body { return &News{} },
	Sample: func() slides.Slide {
		return sample("news", "T08", slides.Text{"vi": "Thêm nhiều thủ tục nộp được trực tuyến", "en": "More procedures online"}, &News{
			Title: slides.Text{"vi": "Thêm nhiều thủ tục của ngành lao động nộp được trực tuyến", "en": "More of the labour office's procedures can be done online"},
			Text: slides.Text{
				"vi": "Người dân nộp hồ sơ tại nhà, theo dõi tình trạng giải quyết và nhận kết quả qua bưu điện. Bộ phận Tiếp nhận và Trả kết quả hướng dẫn tại chỗ cho người chưa quen.",
				"en": "Apply at home, follow your file and get the result by post. The one-stop desk helps those who have not done it before.",
			},
			Date: "2023-03-20", From: "Cổng thông tin điện tử (mẫu)", Picture: samplePicture,
			QR: &QR{URL: portal, Caption: slides.Text{"vi": "Đọc toàn bộ tin", "en": "Read it all"}},
		})
	},
}

// Check has nothing to add to the tags.
func (b *News) Check(*slides.Problems) {}

// Layout sets the title first, then the summary; beside them the code or, where
// there is none, the picture. In portrait the picture stands above, the code below.
func (b *News) Layout(c *scene.Canvas, s *slides.Slide) {
	r := footnote(c, s)
	grown(c, 1.41, func(c *scene.Canvas) { b.body(c, r) })
}

func (b *News) body(c *scene.Canvas, r scene.Rect) {
	p := c.Colors()
	radius := c.Px(28)
	if c.Portrait && b.Picture != "" {
		box := scene.Rect{X: r.X, Y: r.Y, W: r.W, H: min(r.W*9/16, r.H*0.24)}
		c.Fill(box, radius, p.Rule) // shows while there is no picture
		c.Picture(b.Picture, box, radius, true)
		r = r.Below(box.Bottom() + c.Px(40))
	}
	if !c.Portrait {
		whole := r
		r = b.QR.column(c, r, c.Px(8))
		if b.Picture != "" && b.QR == nil {
			w := whole.W * 0.4
			box := scene.Rect{X: whole.Right() - w, Y: whole.Y + c.Px(8), W: w, H: max(0, min(w*3/4, whole.H-c.Px(8)))}
			c.Fill(box, radius, p.Rule)
			c.Picture(b.Picture, box, radius, true)
			r.W = max(0, whole.W-w-c.Px(64))
		}
	}
	over := b.From
	if b.Date != "" {
		if over != "" {
			over += ", "
		}
		over += day(c, b.Date)
	}
	if over == "" {
		over = c.Say("Tin tức", "News")
	}
	head := c.Text("body.from", over, scene.Style{Weight: scene.Bold, Max: 32, Min: 26, Color: p.Over, MaxLines: 2}, scene.Rect{X: r.X, Y: r.Y - c.Px(14), W: r.W, H: c.Px(96)})
	r = r.Below(head.Bottom() + c.Px(8))
	share := float32(0.5)
	if c.Portrait {
		share = 0.36
	}
	if b.Text.Empty() {
		share = 0.9
	}
	st := scene.Style{Weight: scene.ExtraBold, Max: 68, Min: 38, Color: p.Title, Line: 1.25, Fixed: true, Phrases: true}
	got := title(c, "body.title", c.T(b.Title), st, scene.Rect{X: r.X, Y: r.Y, W: r.W, H: r.H * share})
	r = r.Below(got.Bottom() + c.Px(24))
	area := r
	if c.Portrait && b.QR != nil {
		area.H = max(0, area.H-b.QR.rowH(c, r.W)-c.Px(20))
	}
	y := area.Y
	if text := c.T(b.Text); text != "" {
		read := c.Text("body.text", text, scene.Style{Weight: scene.Regular, Max: 38, Min: scene.Floor, Color: p.Text, Line: 1.42}, area)
		y = read.Bottom()
	}
	if c.Portrait && b.QR != nil {
		b.QR.row(c, r.Below(y+c.Px(36)))
	}
}
