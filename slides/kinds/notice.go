package kinds

import (
	"fmt"

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
	Points    []slides.Text    `json:"points,omitempty" label:"Ý chính|Main points" max:"5" each:"200" role:"text"` // each up to 200 runes
	QR        *QR              `json:"qr,omitempty" label:"Mã QR|QR code"`
}

var notice = Kind{
	Name: "notice", Label: slides.Text{"vi": "Thông báo văn bản", "en": "Notice of a document"}, New: func() Body { return &Notice{} },
	Sample: func() slides.Slide {
		s := sample("notice", "T04", slides.Vi("Cơ chế một cửa, một cửa liên thông trong giải quyết thủ tục hành chính"), &Notice{
			Title:  slides.Vi("Thực hiện cơ chế một cửa, một cửa liên thông trong giải quyết thủ tục hành chính"),
			Number: "61/2018/NĐ-CP", Issuer: slides.Text{"vi": "Chính phủ", "en": "The Government"}, Issued: "2018-04-23", Effective: "2018-06-21",
			Points: []slides.Text{
				slides.Vi("Người dân nộp hồ sơ và nhận kết quả tại một nơi: Bộ phận Tiếp nhận và Trả kết quả."),
				slides.Vi("Việc giải quyết thủ tục được đánh giá, trong đó có ý kiến của người dân qua thiết bị đánh giá điện tử."),
			},
			QR: &QR{URL: "https://vanban.chinhphu.vn", Caption: slides.Text{"vi": "Tra cứu văn bản", "en": "Look up documents"}},
		})
		return s
	},
}

// Check reports dates in the wrong order.
func (b *Notice) Check(p *slides.Problems) {
	if b.Issued != "" && b.Effective != "" && b.Effective < b.Issued {
		p.Add("body.effective", "Ngày hiệu lực không được trước ngày ban hành.", "The document can't be in force before it is issued.")
	}
}

// Layout sets what the document means first, then its number, issuer and dates.
func (b *Notice) Layout(c *scene.Canvas, s *slides.Slide) {
	own := *s // the document is the slide's subject: not repeated at its foot
	own.Document = nil
	r := footnote(c, &own)
	grown(c, 1.41, func(c *scene.Canvas) { b.body(c, r) })
}

func (b *Notice) body(c *scene.Canvas, r scene.Rect) {
	p := c.Colors()
	if !c.Portrait {
		r = b.QR.column(c, r, c.Px(8))
	}
	over := c.Text("body.over", c.Say("Thông báo văn bản", "New document"), scene.Style{Weight: scene.Bold, Max: 32, Min: 26, Color: p.Over, MaxLines: 1}, scene.Rect{X: r.X, Y: r.Y - c.Px(14), W: r.W, H: c.Px(80)})
	share := float32(0.4)
	if c.Portrait {
		share = 0.28
	}
	st := scene.Style{Weight: scene.ExtraBold, Max: 68, Min: 38, Color: p.Title, Line: 1.25, Fixed: true}
	r = r.Below(over.Bottom() + c.Px(4))
	got := title(c, "body.title", c.T(b.Title), st, scene.Rect{X: r.X, Y: r.Y, W: r.W, H: r.H * share})
	r = r.Below(got.Bottom() + c.Px(16))
	pairs := []pair{
		{path: "body.number", label: c.Say("Số, ký hiệu", "Number"), value: b.Number},
		{path: "body.issuer", label: c.Say("Nơi ban hành", "Issued by"), value: c.T(b.Issuer)},
	}
	if b.Issued != "" {
		pairs = append(pairs, pair{path: "body.issued", label: c.Say("Ngày ban hành", "Issued"), value: day(c, b.Issued)})
	}
	if b.Effective != "" {
		pairs = append(pairs, pair{path: "body.effective", label: c.Say("Ngày hiệu lực", "In force from"), value: day(c, b.Effective)})
	}
	if b.Issued != "" && b.Effective != "" && len(b.Points) > 0 { // one line for both
		pairs = append(pairs[:2], pair{path: "body.issued", label: c.Say("Ban hành", "Issued"), value: day(c, b.Issued) + c.Say(", hiệu lực từ ", ", in force from ") + day(c, b.Effective)})
	}
	area := r
	if c.Portrait && b.QR != nil {
		area.H = max(0, area.H-b.QR.rowH(c, r.W)-c.Px(20))
	}
	rows := area
	if len(b.Points) > 0 {
		rows.H = min(area.H, max(area.H*0.52, leastTable(c, area.W, pairs)+1))
	}
	rest := table(c, rows, pairs, 34)
	y := rest.Y
	if len(b.Points) > 0 {
		y = b.points(c, area.Below(rest.Y+c.Px(14)))
	}
	if c.Portrait && b.QR != nil {
		b.QR.row(c, r.Below(y+c.Px(36)))
	}
}

// points draws the main points at one size, each after a square, and returns
// where they end.
func (b *Notice) points(c *scene.Canvas, r scene.Rect) float32 {
	p := c.Colors()
	indent, gap := c.Px(40), c.Px(12)
	fit := func(i int, size, room float32) scene.Block {
		return c.Fit(c.T(b.Points[i]), at(scene.Regular, size, 1.4, p.Text), max(1, r.W-indent), room)
	}
	height := func(s float32) float32 {
		h := gap * float32(len(b.Points)-1)
		for i := range b.Points {
			h += fit(i, s, 0).H
		}
		return h
	}
	size := sized(c, 35, scene.Floor, r.H, height)
	if c.Grown > 1 && len(b.Points) > 1 { // room is left: let the points stand apart
		gap += max(0, min(c.Px(12), (r.H-height(size))/float32(len(b.Points)-1)))
	}
	y := r.Y
	for i, t := range b.Points {
		blk := fit(i, size, max(1, r.Bottom()-y))
		c.Report(fmt.Sprintf("body.points.%d", i), c.T(t), blk)
		if len(blk.Lines) > 0 {
			d := c.Px(12)
			c.Fill(scene.Rect{X: r.X + c.Px(4), Y: y + blk.Pitch/2 - d/2 + blk.Size*0.06, W: d, H: d}, c.Px(3), p.Accent)
		}
		c.Put(blk, scene.Rect{X: r.X + indent, Y: y, W: r.W - indent, H: blk.H})
		y += blk.H + gap
	}
	return min(y, r.Bottom())
}
