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

var faq = Kind{
	Name: "faq", Label: slides.Text{"vi": "Tình huống – trả lời", "en": "Situation and answer"}, New: func() Body { return &FAQ{} },
	Sample: func() slides.Slide {
		return sample("faq", "T12", slides.Vi("Không đến được trụ sở thì nhận kết quả thế nào?"), &FAQ{
			Question: slides.Text{"vi": "Tôi ở xa, không đến được trụ sở. Tôi có thể nộp hồ sơ và nhận kết quả ở nhà không?", "en": "I live far away and can't come to the office. Can I hand in papers and get the result at home?"},
			Answer:   slides.Text{"vi": "Có. Ông/Bà có thể nộp hồ sơ trực tuyến tại dichvucong.gov.vn, hoặc nộp hồ sơ và nhận kết quả qua dịch vụ bưu chính công ích với những thủ tục có nhận qua bưu điện. Hãy hỏi cán bộ tại quầy hoặc tra cứu thủ tục trên ki-ốt này.", "en": "Yes. You can apply online at dichvucong.gov.vn, or hand in papers and receive the result by public post for procedures that allow it. Ask at the counter or look the procedure up on this kiosk."},
			Basis:    slides.Vi("Quyết định số 45/2016/QĐ-TTg ngày 19/10/2016 của Thủ tướng Chính phủ"),
			QR:       &QR{URL: portal, Caption: slides.Text{"vi": "Nộp trực tuyến", "en": "Apply online"}},
		})
	},
}

// Check has nothing to add to the tags.
func (b *FAQ) Check(*slides.Problems) {}

// Layout asks first, large, and answers below; the code stands right of the
// answer, in portrait below.
func (b *FAQ) Layout(c *scene.Canvas, s *slides.Slide) {
	r := footnote(c, s)
	set := func(air float32) func(*scene.Canvas) {
		return func(c *scene.Canvas) { b.body(c, r, air) }
	}
	k := factor(c, 1.3, set(0))
	air := max(0, r.Bottom()-c.Try(k, set(0)).Bottom)
	if !c.Portrait && b.QR != nil {
		air = 0 // the text starts with the code beside it
	}
	c.Enlarged(k, set(air))
}

// body sets question and answer; air is height to spare: a third of it goes
// above, where a short answer hangs better than at the top edge, and a little
// around the rule.
func (b *FAQ) body(c *scene.Canvas, r scene.Rect, air float32) {
	r = r.Below(r.Y + air*0.3)
	wide := min(air*0.05, c.Px(22))
	p := c.Colors()
	full := r
	if !c.Portrait {
		r = b.QR.column(c, r, c.Px(8))
	} else if b.QR != nil {
		r.H = max(0, r.H-b.QR.rowH(c, r.W))
	}
	over := func(vi, en string, y float32) float32 {
		st := scene.Style{Weight: scene.Bold, Max: 32, Min: 26, Color: p.Over, MaxLines: 1}
		return c.Text("body.over", c.Say(vi, en), st, scene.Rect{X: r.X, Y: y, W: r.W, H: c.Px(80)}).Bottom()
	}
	y := over("Tình huống", "Situation", r.Y-c.Px(14))
	q := title(c, "body.question", c.T(b.Question), scene.Style{Weight: scene.ExtraBold, Max: 58, Min: 36, Color: p.Title, Line: 1.27, Fixed: true}, scene.Rect{X: r.X, Y: y + c.Px(4), W: r.W, H: max(0, r.Bottom()-y) * 0.42})
	y = q.Bottom() + c.Px(26) + wide
	c.Fill(scene.Rect{X: r.X, Y: y, W: r.W, H: max(1, c.Px(2))}, 0, p.Rule)
	y = over("Trả lời", "Answer", y+c.Px(22)+wide)
	basis := c.T(b.Basis)
	var foot scene.Block
	if basis != "" {
		basis = c.Say("Căn cứ: ", "Basis: ") + basis
		foot = c.Fit(basis, scene.Style{Weight: scene.Medium, Max: 28, Color: p.Sub, MaxLines: 3, Line: 1.4}, r.W, r.H*0.25)
		c.Report("body.basis", basis, foot)
	}
	room := max(1, r.Bottom()-y-c.Px(4)-foot.H-c.Px(14))
	a := c.Text("body.answer", c.T(b.Answer), scene.Style{Weight: scene.Regular, Max: 44, Color: p.Text, Line: 1.42}, scene.Rect{X: r.X, Y: y + c.Px(4), W: r.W, H: room})
	c.Put(foot, scene.Rect{X: r.X, Y: a.Bottom() + c.Px(14) + wide, W: r.W, H: foot.H})
	if c.Portrait && b.QR != nil {
		b.QR.row(c, full.Below(a.Bottom()+c.Px(14)+foot.H+c.Px(36)+2*wide))
	}
}
