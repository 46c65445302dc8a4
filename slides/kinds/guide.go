package kinds

import (
	"fmt"
	"image/color"
	"strconv"

	"motcua/slides"
	"motcua/slides/scene"
)

// QR is a code that a slide shows: where it leads, its caption, and its
// address in letters (drawn from URL when empty).
type QR struct {
	URL     string           `json:"url" label:"Địa chỉ QR|QR address" max:"300" required:"true" role:"url"`
	Caption slides.Text      `json:"caption,omitempty" label:"Chú thích QR|QR caption" max:"60"`
	Address string           `json:"address,omitempty" label:"Địa chỉ in bằng chữ|Address in letters" max:"60"`
	Checked slides.LocalDate `json:"checked,omitempty" label:"Kiểm tra lần cuối|Last checked" role:"date"`
}

// Step is one numbered step of a guide.
type Step struct {
	Title slides.Text `json:"title" label:"Tên bước|Step" max:"60" required:"true"`
	Text  slides.Text `json:"text,omitempty" label:"Nội dung|Text" max:"160" role:"text"`
}

// Guide is numbered steps with a QR.
type Guide struct {
	Title slides.Text `json:"title" label:"Tiêu đề|Title" max:"120" required:"true"`
	Steps []Step      `json:"steps" label:"Các bước|Steps" max:"8" required:"true"`
	QR    *QR         `json:"qr,omitempty" label:"Mã QR|QR code"`
	Note  slides.Text `json:"note,omitempty" label:"Ghi chú|Note" max:"160" role:"text"`
}

var guide = Kind{
	Name: "guide", Label: slides.Text{"vi": "Hướng dẫn từng bước", "en": "Step-by-step guide"}, New: func() Body { return &Guide{} },
	Sample: func() slides.Slide {
		return sample("guide", "T08", slides.Text{"vi": "Nộp hồ sơ trực tuyến trong 6 bước", "en": "Apply online in 6 steps"}, &Guide{
			Title: slides.Text{"vi": "Nộp hồ sơ trực tuyến trong 6 bước", "en": "Apply online in 6 steps"},
			Steps: []Step{
				{slides.Text{"vi": "Tài khoản", "en": "Account"}, slides.Text{"vi": "Mở ứng dụng VNeID, tài khoản định danh mức độ 2", "en": "Open the VNeID app, identity account of level 2"}},
				{slides.Text{"vi": "Đăng nhập", "en": "Sign in"}, slides.Text{"vi": "Vào dichvucong.gov.vn, chọn Đăng nhập bằng VNeID", "en": "Go to dichvucong.gov.vn and sign in with VNeID"}},
				{slides.Text{"vi": "Tìm thủ tục", "en": "Find the procedure"}, slides.Text{"vi": "Gõ tên thủ tục, chọn tỉnh Lạng Sơn và cơ quan", "en": "Type its name, choose Lạng Sơn province and the office"}},
				{slides.Text{"vi": "Nộp hồ sơ", "en": "Apply"}, slides.Text{"vi": "Điền biểu mẫu, đính kèm ảnh giấy tờ rõ nét", "en": "Fill in the form, attach sharp pictures of your papers"}},
				{slides.Text{"vi": "Thanh toán", "en": "Pay"}, slides.Text{"vi": "Nộp phí, lệ phí trực tuyến, nếu có", "en": "Pay the fee online, if there is one"}},
				{slides.Text{"vi": "Theo dõi", "en": "Follow"}, slides.Text{"vi": "Nhận mã hồ sơ, kết quả về máy hoặc qua bưu điện", "en": "Keep the file number; the result comes online or by post"}},
			},
			QR: &QR{URL: portal, Caption: slides.Text{"vi": "Quét để bắt đầu", "en": "Scan to begin"}},
		})
	},
}

// Check asks for at least one step.
func (b *Guide) Check(*slides.Problems) {}

// Layout numbers the steps in one column or, in landscape from four on, in two
// read row by row; the code stands right of them, in portrait below.
func (b *Guide) Layout(c *scene.Canvas, s *slides.Slide) {
	r := footnote(c, s)
	grown(c, 1.37, func(c *scene.Canvas) { b.body(c, r) })
}

func (b *Guide) body(c *scene.Canvas, r scene.Rect) {
	p := c.Colors()
	r = heading(c, "body.title", c.T(b.Title), r, 0.26)
	if c.Portrait {
		r = r.Below(r.Y + c.Px(44))
		steps := r
		if b.QR != nil {
			steps.H = max(0, r.H-b.QR.rowH(c, r.W)-c.Px(40))
		}
		rest := b.steps(c, steps, 1)
		note := c.T(b.Note)
		if b.QR != nil {
			b.QR.row(c, scene.Rect{X: r.X, Y: rest.Y + c.Px(40), W: r.W, H: max(0, r.Bottom()-rest.Y-c.Px(40))}, note)
		} else if note != "" {
			c.Text("body.note", note, scene.Style{Weight: scene.Medium, Max: 32, Color: p.Sub}, r.Below(rest.Y+c.Px(24)))
		}
		return
	}
	r = r.Below(r.Y + c.Px(36))
	r = b.QR.column(c, r, 0)
	if note := c.T(b.Note); note != "" {
		st := scene.Style{Weight: scene.Medium, Max: 30, Color: p.Sub, VAlign: scene.End, MaxLines: 3}
		blk := c.Fit(note, st, r.W, r.H*0.25)
		c.Report("body.note", note, blk)
		c.Put(blk, r)
		r.H = max(0, r.H-blk.H-c.Px(20))
	}
	columns := 1
	if len(b.Steps) > 3 && r.W > c.Px(980) {
		columns = 2
	}
	b.steps(c, r, columns)
}

// steps draws the steps into r at one size and returns what is left below.
func (b *Guide) steps(c *scene.Canvas, r scene.Rect, columns int) scene.Rect {
	p := c.Colors()
	disc, gutter := c.Px(76), c.Px(48)
	colW := (r.W - gutter*float32(columns-1)) / float32(columns)
	textW := max(1, colW-disc-c.Px(28))
	rows := (len(b.Steps) + columns - 1) / columns
	least := c.Px(22)
	title := func(i int, size float32) scene.Block {
		return c.Fit(c.T(b.Steps[i].Title), at(scene.Bold, size*1.17, 1.25, p.Title), textW, 0)
	}
	text := func(i int, size float32) scene.Block {
		return c.Fit(c.T(b.Steps[i].Text), at(scene.Regular, size, 1.4, p.Text), textW, 0)
	}
	rowH := func(row int, size float32) float32 {
		h := disc
		for i := row * columns; i < min((row+1)*columns, len(b.Steps)); i++ {
			t, d := title(i, size), text(i, size)
			if t.Split || d.Split {
				return 1e9
			}
			h = max(h, t.H+d.H)
		}
		return h
	}
	total := func(size float32) float32 {
		h := least * float32(rows-1)
		for row := range rows {
			h += rowH(row, size)
		}
		return h
	}
	top := float32(38)
	if columns > 1 {
		top = 34
	}
	size := sized(c, top, scene.Floor, r.H, total)
	spare := r.H - total(size)
	gap := least
	if rows > 1 {
		most := c.Px(34)
		if c.Portrait && c.Grown > 1 {
			most = c.Px(48)
		}
		gap += max(0, min(most, spare/float32(rows-1)))
	}
	y := r.Y
	for row := range rows {
		h := disc
		for i := row * columns; i < min((row+1)*columns, len(b.Steps)); i++ {
			x := r.X + float32(i%columns)*(colW+gutter)
			room := max(1, r.Bottom()-y)
			path := fmt.Sprintf("body.steps.%d", i)
			if room < disc {
				c.Overflow(path, c.T(b.Steps[i].Title))
				continue
			}
			c.Circle(x+disc/2, y+disc/2, disc/2, p.Accent)
			c.Digits(strconv.Itoa(i+1), scene.Style{Weight: scene.Bold, Max: 38, Color: color.NRGBA{255, 255, 255, 255}}, scene.Rect{X: x, Y: y, W: disc, H: disc}, scene.Middle)
			t := c.Fit(c.T(b.Steps[i].Title), at(scene.Bold, size*1.17, 1.25, p.Title), textW, room)
			c.Report(path+".title", c.T(b.Steps[i].Title), t)
			h = max(h, t.H)
			ty := y
			if b.Steps[i].Text.Empty() {
				ty += max(0, (disc-t.H)/2)
			}
			c.Put(t, scene.Rect{X: x + disc + c.Px(28), Y: ty, W: textW, H: t.H})
			if say := c.T(b.Steps[i].Text); say != "" {
				d := c.Fit(say, at(scene.Regular, size, 1.4, p.Text), textW, max(1, room-t.H))
				c.Report(path+".text", say, d)
				c.Put(d, scene.Rect{X: x + disc + c.Px(28), Y: y + t.H, W: textW, H: d.H})
				h = max(h, t.H+d.H)
			}
		}
		y = min(r.Bottom(), y+h+gap)
	}
	return r.Below(y)
}
