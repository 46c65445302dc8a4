package kinds

import (
	"fmt"
	"slices"

	"motcua/slides"
	"motcua/slides/scene"
)

// Links are the channels where a unit can be reached, each with its QR: the
// portal, Zalo, Facebook.
type Links struct {
	Title slides.Text `json:"title" label:"Tiêu đề|Title" max:"120" required:"true"`
	Links []QR        `json:"links" label:"Các kênh|Channels" max:"4" required:"true"`
	Note  slides.Text `json:"note,omitempty" label:"Ghi chú|Note" max:"160" role:"text"`
}

var links = Kind{
	Name: "links", Label: slides.Text{"vi": "Các kênh thông tin (nhiều mã QR)", "en": "Channels (several QR codes)"}, New: func() Body { return &Links{} },
	Sample: func() slides.Slide {
		return sample("links", "T08", slides.Text{"vi": "Kết nối với chúng tôi", "en": "Stay in touch"}, &Links{
			Title: slides.Text{"vi": "Kết nối với chúng tôi", "en": "Stay in touch"},
			Links: []QR{
				{URL: portal, Caption: slides.Text{"vi": "Dịch vụ công quốc gia", "en": "National services"}},
				{URL: "https://zalo.me/0000000000000000000", Caption: slides.Text{"vi": "Zalo của đơn vị (mẫu)", "en": "Unit's Zalo (sample)"}, Address: "zalo.me"},
				{URL: "https://www.facebook.com/trang-mau-cua-don-vi", Caption: slides.Text{"vi": "Facebook của đơn vị (mẫu)", "en": "Unit's Facebook (sample)"}, Address: "facebook.com"},
			},
		})
	},
}

// Check asks for two channels at least, each with its caption: one code alone
// is for a guide, and a code that does not say where it leads is for nobody.
func (b *Links) Check(p *slides.Problems) {
	if len(b.Links) == 1 {
		p.Add("body.links", "Cần ít nhất hai kênh; một mã QR thì dùng trang hướng dẫn.", "At least two channels are needed; for one QR code use a guide.")
	}
	seen := map[string]bool{}
	for i := range b.Links {
		path := fmt.Sprintf("body.links.%d", i)
		if b.Links[i].Caption.Empty() {
			p.Add(path+".caption", "Mỗi mã QR cần chú thích cho biết dẫn đến đâu.", "Each QR code needs a caption that says where it leads.")
		}
		if u := b.Links[i].URL; u != "" && seen[u] {
			p.Add(path+".url", "Địa chỉ này đã có ở một kênh khác.", "Another channel has this address already.")
		}
		seen[b.Links[i].URL] = true
	}
}

// Layout stands the codes side by side in landscape and two by two in portrait,
// in cards of one height. Where there are so few that a caption fits beside its
// code, it stands there, larger.
func (b *Links) Layout(c *scene.Canvas, s *slides.Slide) {
	r := footnote(c, s)
	p := c.Colors()
	r = heading(c, "body.title", c.T(b.Title), r, 0.26)
	say := c.Say("Quét mã bằng Zalo hoặc máy ảnh điện thoại.", "Scan a code with Zalo or your phone's camera.")
	if note := c.T(b.Note); note != "" {
		say = note
	}
	got := c.Text("body.note", say, scene.Style{Weight: scene.Medium, Max: 37, Min: 28, Color: p.Sub, Line: 1.36}, scene.Rect{X: r.X, Y: r.Y + c.Px(6), W: r.W, H: r.H * 0.25})
	r = r.Below(got.Bottom() + c.Px(34))
	n := len(b.Links)
	if n == 0 {
		return
	}
	columns, beside := n, n < 3
	if c.Portrait {
		columns, beside = 1, n < 4
		if !beside {
			columns = 2
		}
	}
	gap := c.Px(40)
	rows := (n + columns - 1) / columns
	cell := scene.Rect{W: (r.W - gap*float32(columns-1)) / float32(columns), H: max(0, (r.H-gap*float32(rows-1))/float32(rows))}
	for row := range rows {
		from, to := row*columns, min((row+1)*columns, n)
		var cells []scene.Rect
		for i := range to - from {
			cells = append(cells, scene.Rect{X: r.X + float32(i)*(cell.W+gap), Y: r.Y, W: cell.W, H: cell.H})
		}
		draw := b.cards
		if beside {
			draw = b.besides
		}
		r.Y = draw(c, from, cells) + gap
	}
}

// specs are what the canvas needs of the codes from index from on, n of them.
func (b *Links) specs(c *scene.Canvas, from, n int) []scene.QRSpec {
	var out []scene.QRSpec
	for i := from; i < from+n; i++ {
		q := b.Links[i].spec(c, 0)
		q.Path = fmt.Sprintf("body.links.%d", i)
		out = append(out, q)
	}
	return out
}

// cards draws codes with their captions below, each at the top of its cell, and
// returns where they end.
func (b *Links) cards(c *scene.Canvas, from int, cells []scene.Rect) float32 {
	below := float32(0) // for the dates of the last check
	for _, q := range b.Links {
		if q.Checked != "" {
			below = c.Px(48)
		}
	}
	specs := b.specs(c, from, len(cells))
	for i := range cells {
		cells[i].H = max(0, cells[i].H-below)
		cells[i].W = min(cells[i].W, c.Px(570))
	}
	bottom := cells[0].Y
	for i, card := range c.QRs(specs, cells) {
		b.Links[from+i].checked(c, specs[i].Path, scene.Rect{X: card.X, Y: card.Bottom() + c.Px(8), W: card.W, H: below}, scene.Middle)
		bottom = max(bottom, card.Bottom()+below)
	}
	return bottom
}

// besides draws codes with their captions to the right, each at the left of its
// cell, and returns where they end.
func (b *Links) besides(c *scene.Canvas, from int, cells []scene.Rect) float32 {
	p := c.Colors()
	specs := b.specs(c, from, len(cells))
	boxes := slices.Clone(cells)
	for i := range boxes {
		specs[i].Caption = ""
		boxes[i].W = min(c.Px(520), cells[i].W*0.56, max(1, cells[i].H-c.Px(44)))
	}
	bottom := cells[0].Y
	for i, card := range c.QRs(specs, boxes) {
		q := &b.Links[from+i]
		x := card.Right() + c.Px(44)
		side := scene.Rect{X: x, Y: card.Y, W: max(0, cells[i].Right()-x), H: card.H}
		caption := c.T(q.Caption)
		st := scene.Style{Weight: scene.Bold, Max: 50, Min: 32, Color: c.Theme.IndigoDark.NRGBA(), Line: 1.3}
		blk := c.Fit(caption, st, side.W, max(1, side.H-c.Px(48)))
		c.Report(specs[i].Path+".caption", caption, blk)
		side.Y += max(0, side.H-blk.H-c.Px(48)) / 2
		c.Put(blk, side)
		st = scene.Style{Weight: scene.Medium, Max: 28, Color: p.Sub, MaxLines: 2, Fixed: true, Line: 1.4}
		if q.Checked != "" {
			c.Text(specs[i].Path+".checked", c.Say("Kiểm tra lần cuối ", "Last checked ")+day(c, q.Checked), st, scene.Rect{X: side.X, Y: side.Y + blk.H + c.Px(8), W: side.W, H: c.Px(80)})
		}
		bottom = max(bottom, card.Bottom())
	}
	return bottom
}
