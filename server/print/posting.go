package print

import (
	"fmt"
	"image/color"
	"strings"
	"time"

	"motcua/slides"
	"motcua/slides/catalogue"
	"motcua/slides/scene"
)

// Posting is a sheet for the notice board: what NĐ 63/2010 art. 8 (as amended
// by NĐ 92/2017) has an office publish of its procedures.
type Posting struct {
	Frame scene.Frame // unit, office, theme, logo, language
	Mark  string      // names what the sheet says, to compare with the register
	At    time.Time   // of printing, in the office's zone
	Field string      // of a list; "" for one procedure
	List  []catalogue.Procedure
}

// sheet sizes, in design pixels: A4 is 1080 wide, so 24 of them are 13 points.
const (
	bodySize  = 25
	smallSize = 20
	rowGap    = 14
	pageFoot  = 86
)

// piece is a part of a page that is not broken: its height and how it is drawn
// with its top at y.
type piece struct {
	h    float32
	keep bool // stands with the piece after it
	draw func(c *scene.Canvas, y float32)
}

// One lays out the sheet of one procedure; more pages where its papers and
// steps need them.
func (p *Posting) One(paper Paper, faces *scene.Faces) []*scene.Scene {
	w, h := paper.Pixels(false)
	return p.pages(w, h, faces, func(c *scene.Canvas) (head, body []piece) {
		return nil, p.one(c, &p.List[0])
	})
}

// All lays out the list of a field's procedures, as a table across the sheet.
func (p *Posting) All(paper Paper, faces *scene.Faces) []*scene.Scene {
	w, h := paper.Pixels(true)
	return p.pages(w, h, faces, p.table)
}

// pages fills pages with pieces; head is repeated on each.
func (p *Posting) pages(w, h int, faces *scene.Faces, layout func(*scene.Canvas) (head, body []piece)) []*scene.Scene {
	frame := p.Frame
	frame.Scale, frame.Hint, frame.Ticker, frame.Notice = 1, false, false, ""
	var head, body []piece
	var room scene.Rect
	scene.Compose(frame, w, h, faces, func(c *scene.Canvas) {
		room = p.ground(c)
		head, body = layout(c)
	})
	var headH float32
	for _, x := range head {
		headH += x.h
	}
	var sheets [][]piece
	var sheet []piece
	left := room.H - headH
	for i := 0; i < len(body); {
		n, need := 1, body[i].h
		for body[i+n-1].keep && i+n < len(body) {
			need += body[i+n].h
			n++
		}
		if need > left && len(sheet) > 0 {
			sheets, sheet, left = append(sheets, sheet), nil, room.H-headH
		}
		sheet, left, i = append(sheet, body[i:i+n]...), left-need, i+n
	}
	sheets = append(sheets, sheet)
	var out []*scene.Scene
	for n, sheet := range sheets {
		out = append(out, scene.Compose(frame, w, h, faces, func(c *scene.Canvas) {
			room := p.ground(c)
			y := room.Y
			for _, x := range append(head[:len(head):len(head)], sheet...) {
				x.draw(c, y)
				y += x.h
			}
			p.foot(c, n+1, len(sheets))
		}))
	}
	return out
}

// ground draws a sheet's frame and returns the room for its content. White
// paper: the ground costs no ink.
func (p *Posting) ground(c *scene.Canvas) scene.Rect {
	c.Theme.Paper = scene.Colour{R: 255, G: 255, B: 255, A: 255}
	c.Plain(scene.Paper)
	return scene.Rect{X: c.Body.X, Y: c.Body.Y - c.Px(10), W: c.Body.W, H: c.H - c.Px(pageFoot) - c.Body.Y + c.Px(10)}
}

func (p *Posting) foot(c *scene.Canvas, page, of int) {
	m := c.Px(scene.Margin)
	y := c.H - c.Px(pageFoot) + c.Px(22)
	c.Fill(scene.Rect{X: m, Y: y - c.Px(10), W: c.W - 2*m, H: c.Px(2)}, 0, c.Theme.Line.NRGBA())
	left := c.Say("Bản niêm yết ", "Sheet ") + p.Mark
	if p.Field == "" { // a second page stands alone on the board
		left += c.Say(" · thủ tục ", " · procedure ") + p.List[0].Code
	}
	left += c.Say(" · in ngày ", " · printed on ") + scene.Date(p.At, c.Frame.Lang)
	st := scene.Style{Weight: scene.Medium, Max: smallSize, Min: smallSize, Color: c.Theme.Grey.NRGBA(), MaxLines: 1, Fixed: true}
	row := scene.Rect{X: m, Y: y, W: c.W - 2*m, H: c.Px(40)}
	c.Put(c.Fit(left, st, row.W*0.75, 0), row)
	if of > 1 {
		st.Align = scene.End
		c.Put(c.Fit(fmt.Sprintf("%s %d/%d", c.Say("Trang", "Page"), page, of), st, row.W*0.25, 0), row)
	}
}

func gap(h float32) piece { return piece{h: h, draw: func(*scene.Canvas, float32) {}} }

// set fits a text once; the piece draws it at x.
func set(c *scene.Canvas, text string, st scene.Style, x, w float32) (piece, scene.Block) {
	if st.Min == 0 {
		st.Min = st.Max
	}
	b := c.Fit(text, st, w, 0)
	return piece{h: b.H, draw: func(c *scene.Canvas, y float32) {
		c.Report("sheet", text, b)
		c.Put(b, scene.Rect{X: x, Y: y, W: w, H: b.H})
	}}, b
}

func (p *Posting) one(c *scene.Canvas, x *catalogue.Procedure) []piece {
	room := c.Body
	style := func(w scene.Weight, size float32, col color.NRGBA) scene.Style {
		return scene.Style{Weight: w, Max: size, Color: col, Fixed: true}
	}
	ink, grey, son := c.Theme.Ink.NRGBA(), c.Theme.Grey.NRGBA(), c.Theme.Son.NRGBA()
	var out []piece
	add := func(pieces ...piece) { out = append(out, pieces...) }
	over, _ := set(c, c.Say("NIÊM YẾT CÔNG KHAI THỦ TỤC HÀNH CHÍNH", "PUBLIC NOTICE OF AN ADMINISTRATIVE PROCEDURE"), style(scene.Bold, 24, son), room.X, room.W)
	name, _ := set(c, c.T(x.Name), scene.Style{Weight: scene.ExtraBold, Max: 46, Min: 30, Color: ink, Line: 1.25, Fixed: true}, room.X, room.W)
	under, _ := set(c, c.Say("Mã thủ tục ", "Code ")+x.Code+c.Say(" · Lĩnh vực ", " · Field: ")+c.T(x.Field), style(scene.Medium, bodySize, grey), room.X, room.W)
	over.keep, name.keep, under.keep = true, true, true
	add(over, gap(c.Px(6)), name, gap(c.Px(8)), under, gap(c.Px(18)))
	for i := range out[:len(out)-1] {
		out[i].keep = true
	}
	label := min(c.Px(270), room.W*0.3)
	rule := piece{h: c.Px(2), keep: true, draw: func(c *scene.Canvas, y float32) {
		c.Fill(scene.Rect{X: room.X, Y: y, W: room.W, H: max(1, c.Px(1.5))}, 0, c.Theme.Line.NRGBA())
	}}
	// row is a label and, right of it, lines that may go over to the next page.
	row := func(vi, en string, lines ...string) {
		var texts []string
		for _, l := range lines {
			if l = strings.TrimSpace(l); l != "" {
				texts = append(texts, l)
			}
		}
		if len(texts) == 0 {
			return
		}
		l, lb := set(c, c.Say(vi, en), style(scene.SemiBold, bodySize, grey), room.X, label-c.Px(16))
		add(rule, gap(c.Px(rowGap-4)))
		out[len(out)-1].keep = true
		for i, t := range texts {
			v, vb := set(c, t, style(scene.Medium, bodySize, ink), room.X+label, room.W-label)
			first := i == 0
			h := vb.H
			if first {
				h = max(h, lb.H)
			}
			add(piece{h: h + c.Px(4), draw: func(c *scene.Canvas, y float32) {
				if first {
					l.draw(c, y)
				}
				v.draw(c, y)
			}})
		}
		add(gap(c.Px(rowGap - 4)))
	}
	limit := c.T(x.TimeText())
	if n := c.T(x.TimeNote); n != "" {
		if limit != "" && !strings.HasPrefix(n, limit) {
			limit += "\n" + n
		} else {
			limit = n
		}
	}
	if limit != "" && x.Reference {
		limit += "\n" + c.Say("(tham khảo)", "(for reference)")
	}
	row("Thời hạn giải quyết", "Time limit", limit)
	row("Cam kết của đơn vị", "The office promises", c.T(x.CommittedText()))
	row("Phí, lệ phí", "Fee", c.T(x.Fee))
	row("Nơi nộp hồ sơ", "Where to apply", c.T(x.Where))
	row("Cách thức thực hiện", "How to apply", c.T(x.How), online(c, x))
	row("Đối tượng", "Who may apply", c.T(x.Who))
	row("Thành phần hồ sơ", "What to bring", papers(c, x)...)
	row("Số bộ hồ sơ", "Sets of papers", map[bool]string{true: fmt.Sprintf("%02d", x.Sets)}[x.Sets > 0])
	row("Trình tự thực hiện", "Steps", numbered(c, x.Steps)...)
	row("Yêu cầu, điều kiện", "Conditions", c.T(x.Conditions))
	row("Kết quả", "Result", c.T(x.Result))
	row("Cơ quan giải quyết", "Deciding office", c.T(x.Unit))
	row("Mẫu đơn, tờ khai", "Forms", linkLines(c, x.Forms)...)
	row("Căn cứ pháp lý", "Legal basis", said(c, x.Basis)...)
	validity := ""
	if x.From != "" {
		validity = c.Say("Từ ", "From ") + day(x.From, c.Frame.Lang)
	}
	if x.Until != "" {
		validity = strings.TrimSpace(validity + c.Say(" đến trước ", " until before ") + day(x.Until, c.Frame.Lang))
	}
	row("Hiệu lực", "Valid", validity)
	source := x.Source
	if x.ReviewedOn != "" {
		source += c.Say("\nRà soát ngày ", "\nReviewed on ") + day(x.ReviewedOn, c.Frame.Lang)
	}
	row("Nguồn công bố", "Source", source)
	add(rule)
	if x.URL != "" {
		add(gap(c.Px(24)), codeRow(c, x.URL, room))
		out[len(out)-2].keep = true
	}
	return out
}

// codeRow is the QR with its address in letters and how to use it.
func codeRow(c *scene.Canvas, url string, room scene.Rect) piece {
	side := c.Px(250)
	x := room.X + side + c.Px(36)
	lead, lb := set(c, c.Say("Quét mã để xem chi tiết và nộp hồ sơ trực tuyến", "Scan to read more and apply online"), scene.Style{Weight: scene.Bold, Max: 32, Color: c.Theme.IndigoDark.NRGBA(), Line: 1.3, Fixed: true}, x, room.Right()-x)
	addr, ab := set(c, scene.Letters(url), scene.Style{Weight: scene.Medium, Max: 24, Min: 18, Color: c.Theme.Grey.NRGBA(), Fixed: true}, x, room.Right()-x)
	return piece{h: side, draw: func(c *scene.Canvas, y float32) {
		code(c, url, scene.Rect{X: room.X, Y: y, W: side, H: side})
		top := y + (side-lb.H-ab.H-c.Px(10))/2
		lead.draw(c, top)
		addr.draw(c, top+lb.H+c.Px(10))
	}}
}

// code draws a QR in a square; the quiet zone is the paper's own white.
func code(c *scene.Canvas, url string, box scene.Rect) {
	dark, err := scene.QRMatrix(url)
	if err != nil {
		c.Overflow("sheet.url", url)
		return
	}
	n := float32(len(dark))
	module := box.W / (n + 8)
	c.Add(scene.Modules{Rect: scene.Rect{X: box.X + 4*module, Y: box.Y + 4*module, W: n * module, H: n * module}, Module: module, Dark: dark, URL: url})
}

func online(c *scene.Canvas, x *catalogue.Procedure) string {
	var out []string
	switch x.Online {
	case catalogue.Full:
		out = append(out, c.Say("Nộp trực tuyến toàn trình", "Fully online"))
	case catalogue.Part:
		out = append(out, c.Say("Nộp trực tuyến một phần", "Partly online"))
	}
	if x.Post {
		out = append(out, c.Say("Nhận qua dịch vụ bưu chính công ích", "By public post"))
	}
	return strings.Join(out, "; ")
}

func papers(c *scene.Canvas, x *catalogue.Procedure) (out []string) {
	for i := range x.Papers {
		d := &x.Papers[i]
		s := fmt.Sprintf("%d. %s", i+1, c.T(d.Name))
		switch n := c.T(d.Count()); {
		case d.Waived:
			s += c.Say(" (không phải nộp)", " (not needed)")
		case n != "":
			s += " (" + n + ")"
		}
		out = append(out, s)
	}
	return out
}

func numbered(c *scene.Canvas, ts []slides.Text) (out []string) {
	for i, t := range ts {
		out = append(out, fmt.Sprintf("%d. %s", i+1, c.T(t)))
	}
	return out
}

func said(c *scene.Canvas, ts []slides.Text) (out []string) {
	for _, t := range ts {
		out = append(out, c.T(t))
	}
	return out
}

func linkLines(c *scene.Canvas, ls []catalogue.Link) (out []string) {
	for _, l := range ls {
		out = append(out, c.T(l.Name)+": "+scene.Letters(l.URL))
	}
	return out
}

func day(d slides.LocalDate, lang string) string {
	t, err := d.Time()
	if err != nil {
		return string(d)
	}
	return scene.Date(t, lang)
}
