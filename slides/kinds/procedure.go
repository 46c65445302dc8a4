package kinds

import (
	"image/color"

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
	Online    string           `json:"online,omitempty" label:"Mức độ trực tuyến|Online level" max:"10" enum:"full=Toàn trình|Fully online;part=Một phần|Partly online;none=Chưa có trực tuyến|Not online"`
	Post      bool             `json:"post,omitempty" label:"Qua bưu chính công ích|By public post"`
	Reviewed  slides.LocalDate `json:"reviewed,omitempty" label:"Rà soát lần cuối|Last reviewed" role:"date"`
	QR        *QR              `json:"qr,omitempty" label:"Mã QR|QR code"`
}

var procedure = Kind{
	Name: "procedure", Label: slides.Text{"vi": "Thủ tục hành chính", "en": "Procedure"}, New: func() Body { return &Procedure{} },
	Sample: func() slides.Slide {
		return sample("procedure", "T04", slides.Vi("Cấp lại giấy phép lao động cho người lao động nước ngoài làm việc tại Việt Nam"), &Procedure{
			Code: "1.014200", Name: slides.Vi("Cấp lại giấy phép lao động cho người lao động nước ngoài làm việc tại Việt Nam"),
			Field: slides.Text{"vi": "Việc làm", "en": "Employment"}, TimeLimit: slides.Text{"vi": "03 ngày làm việc", "en": "3 working days"}, Reference: true,
			Where: slides.Text{"vi": "Quầy 2 – Lao động, việc làm", "en": "Counter 2 – Labour, employment"},
			How:   slides.Text{"vi": "Trực tiếp, trực tuyến hoặc qua bưu điện", "en": "In person, online or by post"},
			Fee:   slides.Text{"vi": "Xem tại quầy", "en": "Ask at the counter"}, Online: "full", Post: true, Reviewed: "2023-03-14",
			QR: &QR{URL: portal, Caption: slides.Text{"vi": "Nộp trực tuyến", "en": "Apply online"}},
		})
	},
}

// Check has nothing to add to the tags.
func (b *Procedure) Check(*slides.Problems) {}

// Layout sets chips, field and code, name, and a table of what people ask for
// most; the code stands right of it, in portrait below.
func (b *Procedure) Layout(c *scene.Canvas, s *slides.Slide) {
	r := footnote(c, s)
	grown(c, 1.45, func(c *scene.Canvas) { b.body(c, r) })
}

func (b *Procedure) body(c *scene.Canvas, r scene.Rect) {
	p := c.Colors()
	reviewed := ""
	if b.Reviewed != "" {
		reviewed = c.Say("Rà soát lần cuối ", "Last reviewed ") + day(c, b.Reviewed)
	}
	if !c.Portrait {
		full := r
		r = b.QR.column(c, r, c.Px(8))
		if b.QR == nil {
			r = full
		}
	}
	r.Y -= c.Px(14)
	r.H += c.Px(14)
	r = b.chips(c, r)
	over := c.Say("Lĩnh vực ", "Field: ") + c.T(b.Field) + c.Say(" · mã ", " · code ") + b.Code
	got := c.Text("body.field", over, scene.Style{Weight: scene.Medium, Max: 31, Min: 26, Color: p.Sub, MaxLines: 2, Line: 1.35}, scene.Rect{X: r.X, Y: r.Y, W: r.W, H: r.H * 0.3})
	r = r.Below(got.Bottom() + c.Px(6))
	share := float32(0.42)
	if c.Portrait {
		share = 0.3
	}
	st := scene.Style{Weight: scene.ExtraBold, Max: 66, Min: 34, Color: p.Title, Line: 1.25, Fixed: true}
	got = title(c, "body.name", c.T(b.Name), st, scene.Rect{X: r.X, Y: r.Y, W: r.W, H: r.H * share})
	r = r.Below(got.Bottom() + c.Px(18))
	pairs := b.pairs(c)
	if !c.Portrait {
		if reviewed != "" {
			st := scene.Style{Weight: scene.Medium, Max: 26, Color: p.Sub, VAlign: scene.End, MaxLines: 1, Fixed: true, Line: 1.3}
			got := c.Text("body.reviewed", reviewed, st, r)
			r.H = max(0, got.Y-r.Y-c.Px(6))
		}
		table(c, r, pairs, 37)
		return
	}
	rows := r
	if b.QR != nil {
		rows.H = max(0, r.H-b.QR.rowH(c, r.W))
	}
	rest := table(c, rows, pairs, 37)
	below := r.Below(rest.Y + c.Px(36))
	if b.QR != nil {
		b.QR.row(c, below, reviewed)
	} else if reviewed != "" {
		c.Text("body.reviewed", reviewed, scene.Style{Weight: scene.Medium, Max: 28, Color: p.Sub, MaxLines: 1}, below)
	}
}

// chips says in colour how far the procedure is online and that the post takes it.
func (b *Procedure) chips(c *scene.Canvas, r scene.Rect) scene.Rect {
	x, h := r.X, float32(0)
	tint := func(of scene.Colour) color.NRGBA { return blend(c.Theme.Paper, of, 0.16) }
	switch b.Online {
	case "full":
		x, h = pill(c, c.Say("Toàn trình", "Fully online"), x, r.Y, tint(c.Theme.Leaf), c.Theme.Leaf.NRGBA())
	case "part":
		x, h = pill(c, c.Say("Một phần", "Partly online"), x, r.Y, tint(c.Theme.Gold), c.Theme.OnGold.NRGBA())
	}
	if b.Post {
		if h > 0 {
			x += c.Px(16)
		}
		_, h = pill(c, c.Say("Bưu chính công ích", "By public post"), x, r.Y, tint(c.Theme.Indigo), c.Theme.IndigoDark.NRGBA())
	}
	if h == 0 {
		return r
	}
	return r.Below(r.Y + h + c.Px(22))
}

func (b *Procedure) pairs(c *scene.Canvas) []pair {
	var out []pair
	add := func(path, vi, en string, t slides.Text, aside string) {
		if v := c.T(t); v != "" {
			out = append(out, pair{path: path, label: c.Say(vi, en), value: v, aside: aside})
		}
	}
	ref := ""
	if b.Reference {
		ref = c.Say("(tham khảo)", "(for reference)")
	}
	add("body.time_limit", "Thời hạn", "Time limit", b.TimeLimit, ref)
	add("body.where", "Nơi nộp", "Where", b.Where, "")
	add("body.how", "Cách nộp", "How", b.How, "")
	add("body.fee", "Phí, lệ phí", "Fee", b.Fee, "")
	return out
}
