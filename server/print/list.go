package print

import (
	"fmt"
	"slices"
	"strings"

	"motcua/slides/catalogue"
	"motcua/slides/scene"
)

// column is one of the list's; share of the width.
type column struct {
	vi, en string
	share  float32
	weight scene.Weight
	say    func(c *scene.Canvas, n int, x *catalogue.Procedure) string
}

// The columns that provinces print in their decisions.
var listColumns = []column{
	{"STT", "No.", 0.045, scene.Medium, func(_ *scene.Canvas, n int, _ *catalogue.Procedure) string { return fmt.Sprint(n) }},
	{"Mã thủ tục", "Code", 0.11, scene.SemiBold, func(_ *scene.Canvas, _ int, x *catalogue.Procedure) string { return x.Code }},
	{"Tên thủ tục", "Procedure", 0.275, scene.SemiBold, func(c *scene.Canvas, _ int, x *catalogue.Procedure) string { return c.T(x.Name) }},
	{"Thời hạn", "Time limit", 0.135, scene.Medium, func(c *scene.Canvas, _ int, x *catalogue.Procedure) string {
		if x.Committed > 0 {
			return c.T(x.CommittedText())
		}
		s := c.T(x.TimeText())
		if s == "" {
			s = c.T(x.TimeNote)
		}
		if s != "" && x.Reference {
			s += c.Say(" (tham khảo)", " (reference)")
		}
		return s
	}},
	{"Nơi nộp, cách nộp", "Where and how", 0.215, scene.Medium, func(c *scene.Canvas, _ int, x *catalogue.Procedure) string {
		return strings.Join(slices.DeleteFunc([]string{c.T(x.Where), c.T(x.How), inShort(c, x)}, func(s string) bool { return s == "" }), "\n")
	}},
	{"Phí, lệ phí", "Fee", 0.13, scene.Medium, func(c *scene.Canvas, _ int, x *catalogue.Procedure) string { return c.T(x.Fee) }},
	{"Quét mã", "Scan", 0.09, scene.Medium, nil},
}

const listSize = 20

// inShort is online and post in few words, for a narrow column.
func inShort(c *scene.Canvas, x *catalogue.Procedure) string {
	s := map[catalogue.Online]string{catalogue.Full: c.Say("Trực tuyến toàn trình", "Fully online"), catalogue.Part: c.Say("Trực tuyến một phần", "Partly online")}[x.Online]
	if !x.Post {
		return s
	}
	if s != "" {
		s += "\n"
	}
	return s + c.Say("Bưu chính", "Post")
}

// table lays out a field's list; its head stands on every page.
func (p *Posting) table(c *scene.Canvas) (head, body []piece) {
	room := c.Body
	ink, grey := c.Theme.Ink.NRGBA(), c.Theme.Grey.NRGBA()
	over, _ := set(c, c.Say("NIÊM YẾT CÔNG KHAI THỦ TỤC HÀNH CHÍNH", "PUBLIC NOTICE OF ADMINISTRATIVE PROCEDURES"), scene.Style{Weight: scene.Bold, Max: 22, Color: c.Theme.Son.NRGBA(), Fixed: true}, room.X, room.W)
	title, _ := set(c, c.Say("Lĩnh vực ", "Field: ")+p.Field, scene.Style{Weight: scene.ExtraBold, Max: 38, Min: 26, Color: ink, Line: 1.25, Fixed: true}, room.X, room.W)
	head = append(head, over, title, gap(c.Px(14)))
	pad := c.Px(8)
	// cells sets one row of texts; the piece is as high as the highest.
	cells := func(texts []string, color func(i int) scene.Style, least float32) piece {
		var blocks []scene.Block
		h := least
		for i, col := range listColumns {
			st := color(i)
			st.Max, st.Min, st.Fixed = listSize, listSize-3, true
			b := c.Fit(texts[i], st, col.share*room.W-2*pad, 0)
			blocks = append(blocks, b)
			h = max(h, b.H)
		}
		return piece{h: h + 2*pad, draw: func(c *scene.Canvas, y float32) {
			x := room.X
			for i, b := range blocks {
				c.Report("sheet."+listColumns[i].en, texts[i], b)
				c.Put(b, scene.Rect{X: x + pad, Y: y + pad, W: listColumns[i].share*room.W - 2*pad, H: b.H})
				x += listColumns[i].share * room.W
			}
			c.Fill(scene.Rect{X: room.X, Y: y + h + 2*pad - max(1, c.Px(1.5)), W: room.W, H: max(1, c.Px(1.5))}, 0, c.Theme.Line.NRGBA())
		}}
	}
	var heads []string
	for _, col := range listColumns {
		heads = append(heads, c.Say(col.vi, col.en))
	}
	top := cells(heads, func(int) scene.Style { return scene.Style{Weight: scene.Bold, Color: grey} }, 0)
	ground := top.draw
	top.draw = func(c *scene.Canvas, y float32) {
		c.Fill(scene.Rect{X: room.X, Y: y, W: room.W, H: top.h}, c.Px(6), c.Theme.Sky.NRGBA())
		ground(c, y)
	}
	head = append(head, top)
	last := listColumns[len(listColumns)-1]
	for i := range p.List {
		x := &p.List[i]
		var texts []string
		for _, col := range listColumns {
			if col.say == nil {
				texts = append(texts, "")
				continue
			}
			texts = append(texts, col.say(c, i+1, x))
		}
		least := float32(0)
		side := last.share*room.W - 2*pad
		if x.URL != "" {
			least = side
		}
		row := cells(texts, func(i int) scene.Style { return scene.Style{Weight: listColumns[i].weight, Color: ink} }, least)
		if draw := row.draw; x.URL != "" {
			row.draw = func(c *scene.Canvas, y float32) {
				draw(c, y)
				code(c, x.URL, scene.Rect{X: room.Right() - side - pad, Y: y + pad, W: side, H: side})
			}
		}
		body = append(body, row)
	}
	return head, body
}
