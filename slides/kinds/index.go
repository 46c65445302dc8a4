package kinds

import (
	"fmt"
	"image/color"
	"math"
	"strconv"
	"strings"

	"motcua/slides"
	"motcua/slides/scene"
)

// YearValue is an index's value in one year; Value nil is a gap ("chưa có số liệu").
type YearValue struct {
	Year  int      `json:"year" label:"Năm|Year" required:"true"`
	Value *float64 `json:"value,omitempty" label:"Giá trị|Value"`
}

// Index shows values by year as bars; a missing year stays a gap.
type Index struct {
	Title    slides.Text `json:"title" label:"Tiêu đề|Title" max:"120" required:"true"`
	Subtitle slides.Text `json:"subtitle,omitempty" label:"Chỉ số, đơn vị tính|Index, unit of measure" max:"160"`
	Decimals int         `json:"decimals,omitempty" label:"Số chữ số thập phân|Decimals"`
	Max      float64     `json:"max,omitempty" label:"Giá trị lớn nhất của thang|Top of the scale"` // 0: from the values
	Values   []YearValue `json:"values" label:"Giá trị theo năm|Values by year" max:"10" required:"true"`
	Source   slides.Text `json:"source" label:"Nguồn số liệu|Source" max:"160" required:"true"`
}

var index = Kind{
	Name: "index", Label: slides.Text{"vi": "Chỉ số theo năm", "en": "Index by year"}, New: func() Body { return &Index{} },
	Sample: func() slides.Slide {
		v := func(x float64) *float64 { return &x }
		return sample("index", "T09", slides.Text{"vi": "Người dân hài lòng đến đâu?", "en": "How satisfied are citizens?"}, &Index{
			Title:    slides.Text{"vi": "Người dân hài lòng đến đâu?", "en": "How satisfied are citizens?"},
			Subtitle: slides.Text{"vi": "Chỉ số hài lòng về sự phục vụ hành chính (SIPAS) cả nước, %", "en": "National satisfaction index of public administrative services (SIPAS), %"},
			Decimals: 2, Max: 100, Values: []YearValue{{2019, v(84.45)}, {2020, v(85.48)}, {2021, nil}, {2022, v(80.08)}},
			Source: slides.Text{"vi": "Bộ Nội vụ", "en": "Ministry of Home Affairs"},
		})
	},
}

// Check reports years out of order or twice, values off the scale, and an
// index without any value.
func (b *Index) Check(p *slides.Problems) {
	if b.Decimals < 0 || b.Decimals > 4 {
		p.Add("body.decimals", "Số chữ số thập phân phải từ 0 đến 4.", "The decimals must be 0 to 4.")
	}
	if b.Max < 0 || math.IsNaN(b.Max) || math.IsInf(b.Max, 0) {
		p.Add("body.max", "Giá trị lớn nhất của thang phải là số không âm.", "The top of the scale must not be negative.")
	}
	known := false
	for i, v := range b.Values {
		path := fmt.Sprintf("body.values.%d", i)
		if v.Year < 1945 || v.Year > 2200 {
			p.Add(path+".year", "Năm phải từ 1945 đến 2200.", "The year must be 1945 to 2200.")
		}
		if i > 0 && v.Year <= b.Values[i-1].Year {
			p.Add(path+".year", "Các năm phải tăng dần, không lặp lại.", "The years must rise and not repeat.")
		}
		if v.Value == nil {
			continue
		}
		known = true
		if *v.Value < 0 || math.IsNaN(*v.Value) || *v.Value > 1e9 {
			p.Add(path+".value", "Giá trị phải từ 0 đến 1 tỷ.", "The value must be 0 to a thousand million.")
		} else if b.Max > 0 && *v.Value > b.Max {
			p.Add(path+".value", "Giá trị vượt quá giá trị lớn nhất của thang.", "The value is over the top of the scale.")
		}
	}
	if len(b.Values) > 0 && !known {
		p.Add("body.values", "Chưa có năm nào có số liệu.", "No year has a value.")
	}
}

// number writes v with the language's decimal sign and grouping.
func (b *Index) number(c *scene.Canvas, v float64) string {
	s := strconv.FormatFloat(v, 'f', min(max(b.Decimals, 0), 4), 64)
	whole, part, _ := strings.Cut(s, ".")
	point, group := c.Say(",", "."), c.Say(".", ",")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + group + whole[i:]
	}
	if part != "" {
		whole += point + part
	}
	return whole
}

// Layout draws a bar for each year from a common zero, the newest one in the
// accent colour; a year without a value stays a gap that says so.
func (b *Index) Layout(c *scene.Canvas, s *slides.Slide) {
	own := *s
	own.Source = "" // the body names the source of its figures
	src := ""
	if t := c.T(b.Source); t != "" {
		src = c.Say("Nguồn: ", "Source: ") + t
	}
	r := footnote(c, &own, src)
	p := c.Colors()
	r = heading(c, "body.title", c.T(b.Title), r, 0.3)
	if sub := c.T(b.Subtitle); sub != "" {
		got := c.Text("body.subtitle", sub, scene.Style{Weight: scene.Medium, Max: 37, Min: 28, Color: p.Sub, Line: 1.36}, scene.Rect{X: r.X, Y: r.Y + c.Px(6), W: r.W, H: r.H * 0.25})
		r = r.Below(got.Bottom())
	}
	r = r.Below(r.Y + c.Px(30))
	n := len(b.Values)
	if n == 0 || r.H < c.Px(60) {
		return
	}
	full := r
	if c.Portrait { // a chart as high as wide is read easily; more is only long
		r.H = min(r.H, r.W*1.15)
	} else if n < 8 {
		in := c.Px(80)
		r.X, r.W = r.X+in, max(0, r.W-2*in)
	}
	top := b.Max
	for _, v := range b.Values {
		if v.Value != nil && b.Max == 0 {
			top = max(top, *v.Value)
		}
	}
	if b.Max == 0 {
		top *= 1.08
	}
	last := -1
	for i, v := range b.Values {
		if v.Value != nil {
			last = i
		}
	}
	if !b.columns(c, r, top, last) {
		b.rows(c, full, top, last)
	}
}

// columns draws upright bars, unless their values would have to be smaller
// than 30: then it draws nothing and returns false.
func (b *Index) columns(c *scene.Canvas, r scene.Rect, top float64, last int) bool {
	p := c.Colors()
	n := len(b.Values)
	slot := r.W / float32(n)
	year := sized(c, 40, scene.Floor, slot*0.9, func(s float32) float32 { return c.Px(s) * 2.8 })
	label := sized(c, 54, scene.Floor, slot*0.94, func(s float32) float32 {
		var w float32
		for _, v := range b.Values {
			if v.Value != nil {
				w = max(w, c.Fit(b.number(c, *v.Value), at(scene.ExtraBold, s, 1.25, p.Text), c.W, 0).W)
			}
		}
		return w
	})
	if label < 30 {
		return false
	}
	yearH, labelH := c.Px(year)*1.4, c.Px(label)*1.25+c.Px(14)
	base := r.Bottom() - yearH - c.Px(10)
	room := max(0, base-r.Y-labelH)
	barW := min(slot*0.56, c.Px(190))
	for i, v := range b.Values {
		x := r.X + slot*float32(i)
		cell := scene.Rect{X: x, Y: base + c.Px(12), W: slot, H: yearH}
		ys := at(scene.SemiBold, year, 1.3, p.Text)
		ys.Align = scene.Middle
		c.Text(fmt.Sprintf("body.values.%d.year", i), strconv.Itoa(v.Year), ys, cell)
		if v.Value == nil {
			st := scene.Style{Weight: scene.Medium, Max: 30, Color: p.Sub, Align: scene.Middle, VAlign: scene.End, Fixed: true, Line: 1.3}
			c.Text(fmt.Sprintf("body.values.%d.value", i), c.Say("chưa có\nsố liệu", "no\ndata"), st, scene.Rect{X: x + c.Px(4), Y: base - c.Px(150), W: slot - c.Px(8), H: c.Px(138)})
			continue
		}
		h := float32(0)
		if top > 0 {
			h = room * float32(min(max(*v.Value/top, 0), 1))
		}
		col, ink := barColors(c, i == last)
		bar := scene.Rect{X: x + (slot-barW)/2, Y: base - h, W: barW, H: h}
		radius := min(c.Px(16), h)
		c.Fill(bar, radius, col)
		if h > 0 { // square at the foot
			c.Fill(scene.Rect{X: bar.X, Y: base - min(radius, h), W: barW, H: min(radius, h)}, 0, col)
		}
		ls := at(scene.ExtraBold, label, 1.25, ink)
		ls.Align, ls.VAlign = scene.Middle, scene.End
		c.Text(fmt.Sprintf("body.values.%d.value", i), b.number(c, *v.Value), ls, scene.Rect{X: x, Y: bar.Y - labelH, W: slot, H: labelH - c.Px(6)})
	}
	c.Fill(scene.Rect{X: r.X, Y: base, W: r.W, H: max(1, c.Px(3))}, 0, p.Text)
	return true
}

// barColors are a bar's and its value's: the newest one stands out.
func barColors(c *scene.Canvas, newest bool) (bar, ink color.NRGBA) {
	p := c.Colors()
	if newest {
		return p.Accent, p.Accent
	}
	return blend(c.Theme.Line, c.Theme.Son, 0.2), p.Text
}

// rows draws bars lying on their side, which leaves room for long values:
// a figure is never cut.
func (b *Index) rows(c *scene.Canvas, r scene.Rect, top float64, last int) {
	p := c.Colors()
	n := len(b.Values)
	pitch := min(r.H/float32(n), c.Px(108))
	size := sized(c, 42, scene.Floor, pitch*0.9, func(s float32) float32 { return c.Px(s) * 1.4 })
	widest := func(weight scene.Weight, text func(i int) string) float32 {
		var w float32
		for i := range b.Values {
			w = max(w, c.Fit(text(i), at(weight, size, 1.3, p.Text), c.W, 0).W)
		}
		return w
	}
	value := func(i int) string {
		if b.Values[i].Value == nil {
			return ""
		}
		return b.number(c, *b.Values[i].Value)
	}
	yearW := widest(scene.SemiBold, func(i int) string { return strconv.Itoa(b.Values[i].Year) }) + c.Px(28)
	room := max(0, r.W-yearW-widest(scene.ExtraBold, value)-c.Px(24))
	x := r.X + yearW
	for i, v := range b.Values {
		y := r.Y + pitch*float32(i)
		st := at(scene.SemiBold, size, 1.3, p.Text)
		st.VAlign = scene.Middle
		c.Text(fmt.Sprintf("body.values.%d.year", i), strconv.Itoa(v.Year), st, scene.Rect{X: r.X, Y: y, W: yearW, H: pitch})
		path := fmt.Sprintf("body.values.%d.value", i)
		if v.Value == nil {
			st := scene.Style{Weight: scene.Medium, Max: 30, Color: p.Sub, VAlign: scene.Middle, Fixed: true, Line: 1.3}
			c.Text(path, c.Say("chưa có số liệu", "no data"), st, scene.Rect{X: x + c.Px(16), Y: y, W: max(0, r.Right()-x), H: pitch})
			continue
		}
		w := float32(0)
		if top > 0 {
			w = room * float32(min(max(*v.Value/top, 0), 1))
		}
		col, ink := barColors(c, i == last)
		bar := scene.Rect{X: x, Y: y + pitch*0.16, W: w, H: pitch * 0.68}
		radius := min(c.Px(12), w)
		c.Fill(bar, radius, col)
		c.Fill(scene.Rect{X: x, Y: bar.Y, W: min(radius, w), H: bar.H}, 0, col)
		st = at(scene.ExtraBold, size, 1.3, ink)
		st.VAlign = scene.Middle
		c.Text(path, b.number(c, *v.Value), st, scene.Rect{X: x + w + c.Px(18), Y: y, W: max(0, r.Right()-x-w-c.Px(18)), H: pitch})
	}
	c.Fill(scene.Rect{X: x - max(1, c.Px(3)), Y: r.Y, W: max(1, c.Px(3)), H: pitch * float32(n)}, 0, p.Text)
}
