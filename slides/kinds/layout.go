package kinds

import (
	"image/color"
	"strings"

	"motcua/slides"
	"motcua/slides/scene"
)

// day is a date as people write it: 20/3/2023; one that can't be read stays as it is.
func day(c *scene.Canvas, d slides.LocalDate) string {
	t, err := d.Time()
	if err != nil {
		return string(d)
	}
	return scene.Date(t, c.Frame.Lang)
}

// reference names a document: "60-NQ/TU ngày 20/12/2021 của Tỉnh ủy Lạng Sơn".
func reference(c *scene.Canvas, d *slides.DocumentRef) string {
	if d == nil || d.Number == "" && d.Issuer == "" {
		return ""
	}
	ref := strings.TrimSpace(d.Number)
	if d.Date != "" {
		ref += c.Say(" ngày ", ", ") + day(c, d.Date)
	}
	if d.Issuer != "" {
		if ref != "" {
			ref += c.Say(" của ", ", ")
		}
		ref += d.Issuer
	}
	return ref
}

// footnote draws, discreetly at the foot of Body, the document that the slide
// speaks of and where its facts come from, and returns the rest of Body.
func footnote(c *scene.Canvas, s *slides.Slide, extra ...string) scene.Rect {
	var parts []string
	if ref := reference(c, s.Document); ref != "" {
		parts = append(parts, c.Say("Văn bản: ", "Document: ")+ref)
	}
	if s.Source != "" {
		parts = append(parts, c.Say("Nguồn: ", "Source: ")+s.Source)
	}
	for _, e := range extra {
		if e != "" {
			parts = append(parts, e)
		}
	}
	body := c.Body
	if len(parts) == 0 {
		return body
	}
	st := scene.Style{Weight: scene.Medium, Max: 25, Color: c.Colors().Sub, VAlign: scene.End, MaxLines: 1, Fixed: true, Line: 1.3}
	text := strings.Join(parts, " · ")
	b := c.Fit(text, st, body.W, 0)
	if !b.Fits { // each on a line of its own
		st.MaxLines = 3
		text = strings.Join(parts, "\n")
		b = c.Fit(text, st, body.W, 0)
	}
	c.Report("source", text, b)
	room := scene.Rect{X: body.X, Y: body.Bottom() - b.H + c.Px(18), W: body.W, H: b.H}
	c.Put(b, room)
	body.H = max(0, room.Y-c.Px(18)-body.Y)
	return body
}

// heading draws a slide's title at the top of r and returns what is left below.
// Titles are large as they are: the reader's text size enlarges the rest.
func heading(c *scene.Canvas, path, text string, r scene.Rect, share float32) scene.Rect {
	st := scene.Style{Weight: scene.ExtraBold, Max: 70, Min: 40, Color: c.Colors().Title, Line: 1.25, Fixed: true}
	got := title(c, path, text, st, scene.Rect{X: r.X, Y: r.Y - c.Px(14), W: r.W, H: r.H * share})
	return r.Below(got.Bottom())
}

// title is c.Text for a title. Enlarged, it takes no more lines than before, or
// two, and as good ones: one that breaks at every second word is no easier to
// read. Where that can't be it stays as it was.
func title(c *scene.Canvas, path, text string, st scene.Style, r scene.Rect) scene.Rect {
	if c.Grown <= 1 {
		return c.Text(path, text, st, r)
	}
	own := st
	own.Max, own.Min = st.Max/c.Grown, st.Min/c.Grown
	before := c.Fit(text, own, r.W, max(r.H, 1))
	st.MaxLines, st.Min = max(2, len(before.Lines)), own.Min
	b := c.Fit(text, st, r.W, max(r.H, 1))
	if !b.Fits || b.Size < before.Size || b.Bad && !before.Bad {
		b = before
	}
	c.Report(path, text, b)
	return c.Put(b, r)
}

// sized finds one size for a group of texts: the largest from top (enlarged
// with the reader's text size) down to low at which they are at most room high.
func sized(c *scene.Canvas, top, low, room float32, height func(size float32) float32) float32 {
	top *= c.Frame.Scale
	for s := top; s > low; s -= 1 {
		if height(s) <= room {
			return s
		}
	}
	return low
}

// at is a style of one size.
func at(weight scene.Weight, size, line float32, col color.NRGBA) scene.Style {
	size = max(size, scene.Floor)
	return scene.Style{Weight: weight, Max: size, Min: size, Fixed: true, Line: line, Color: col}
}

// pill draws a rounded label at (x, y) and returns its right end and height.
func pill(c *scene.Canvas, text string, x, y float32, ground, ink color.NRGBA) (right, height float32) {
	b := c.Fit(text, scene.Style{Weight: scene.Bold, Max: 28, Color: ink, MaxLines: 1, Fixed: true, Line: 1.3}, c.W, 0)
	h := c.Px(54)
	r := scene.Rect{X: x, Y: y, W: b.W + 2*c.Px(26), H: h}
	c.Fill(r, h/2, ground)
	c.Put(b, scene.Rect{X: x + c.Px(26), Y: y + (h-b.H)/2, W: b.W, H: b.H})
	return r.Right(), h
}

// spec is what the canvas needs of a QR.
func (q *QR) spec(c *scene.Canvas, widest float32) scene.QRSpec {
	return scene.QRSpec{URL: q.URL, Caption: c.T(q.Caption), Address: q.Address, Path: "body.qr", Max: widest}
}

// column draws the code at the right of r and returns what is left of it. In
// landscape a slide has its code there.
func (q *QR) column(c *scene.Canvas, r scene.Rect, top float32) scene.Rect {
	if q == nil {
		return r
	}
	w := min(c.Px(460)*(1+1/c.Grown)/2, r.W*0.36) // grows half as much as text, which needs the width
	box := scene.Rect{X: r.Right() - w, Y: r.Y + top, W: w, H: max(0, r.H-top)}
	card := c.QR(q.spec(c, 0), box)
	q.checked(c, "body.qr", scene.Rect{X: box.X, Y: card.Bottom() + c.Px(12), W: box.W, H: max(0, box.Bottom()-card.Bottom())}, scene.Middle)
	r.W = max(0, r.W-w-c.Px(64))
	return r
}

// checked says when the code's address was last tried, where there is room.
func (q *QR) checked(c *scene.Canvas, path string, r scene.Rect, align scene.Align) {
	if q.Checked == "" || r.H < c.Px(40) {
		return
	}
	st := scene.Style{Weight: scene.Regular, Max: 24, Color: c.Colors().Sub, Align: align, MaxLines: 1, Fixed: true, Line: 1.4}
	c.Text(path+".checked", c.Say("Kiểm tra lần cuối ", "Last checked ")+day(c, q.Checked), st, r)
}

// rowW is the width of a portrait slide's code, rowH the height kept for it.
func rowW(c *scene.Canvas, w float32) float32 { return min(c.Px(400), w*0.5) }

func (q *QR) rowH(c *scene.Canvas, w float32) float32 { return rowW(c, w) + c.Px(100) }

// row draws the code at the left of r with a text beside it. In portrait a
// slide has its code there, below its text.
func (q *QR) row(c *scene.Canvas, r scene.Rect, notes ...string) {
	if q == nil {
		return
	}
	w := rowW(c, r.W)
	card := c.QR(q.spec(c, 0), scene.Rect{X: r.X, Y: r.Y, W: w, H: r.H})
	side := scene.Rect{X: card.Right() + c.Px(44), Y: card.Y, W: max(0, r.Right()-card.Right()-c.Px(44)), H: card.H}
	p := c.Colors()
	lines := append([]string{c.Say("Quét mã bằng Zalo hoặc máy ảnh điện thoại.", "Scan the code with Zalo or your phone's camera.")}, notes...)
	if q.Checked != "" {
		lines = append(lines, c.Say("Kiểm tra lần cuối ", "Last checked ")+day(c, q.Checked))
	}
	var blocks []scene.Block
	gap := c.Px(14)
	total := -gap
	for i, l := range lines {
		if l == "" {
			continue
		}
		st := scene.Style{Weight: scene.Medium, Max: 30, Color: p.Sub}
		if i == 0 {
			st = scene.Style{Weight: scene.Medium, Max: 38, Min: 28, Color: p.Text}
		}
		b := c.Fit(l, st, side.W, max(1, side.H-total-gap))
		c.Report("body.qr.note", l, b)
		blocks = append(blocks, b)
		total += b.H + gap
	}
	y := side.Y + max(0, (side.H-total)/2)
	for _, b := range blocks {
		c.Put(b, scene.Rect{X: side.X, Y: y, W: side.W, H: b.H})
		y += b.H + gap
	}
}

// blend is a moved by t in [0,1] towards b.
func blend(a, b scene.Colour, t float32) color.NRGBA {
	f := func(x, y uint8) uint8 { return uint8(float32(x) + (float32(y)-float32(x))*t + 0.5) }
	return color.NRGBA{R: f(a.R, b.R), G: f(a.G, b.G), B: f(a.B, b.B), A: 255}
}
