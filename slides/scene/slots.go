package scene

import (
	"fmt"
	"image/color"
	"strings"
	"time"
)

// Slot finds a slot by name.
func (s *Scene) Slot(name string) (Slot, bool) {
	for _, x := range s.Slots {
		if x.Name == name {
			return x, true
		}
	}
	return Slot{}, false
}

// pen is a canvas whose ops are for a slot of s.
func (s *Scene) pen(x Slot) *Canvas {
	return &Canvas{
		Frame: Frame{Lang: x.Lang, Scale: 1}, W: float32(s.W), H: float32(s.H), U: x.Unit, Grown: 1, faces: s.Faces,
		scene: &Scene{W: s.W, H: s.H, Faces: s.Faces},
	}
}

// ClockOps draws hours and minutes of t, which is in the kiosk's zone. Digits
// stand in fixed cells: the family has no tabular figures.
func (s *Scene) ClockOps(t time.Time) []Op {
	x, ok := s.Slot(SlotClock)
	if !ok {
		return nil
	}
	c := s.pen(x)
	c.Digits(t.Format("15:04"), x.Style, x.Rect, End)
	return c.scene.Ops
}

// Digits draws digits and signs in cells of one width, so that a changing
// number does not dance, at the style's Max size and in the middle of box's
// height, and returns the width used.
func (c *Canvas) Digits(text string, st Style, box Rect, align Align) float32 {
	size := c.Px(st.Max)
	var cell float32
	for _, d := range "0123456789" { // as wide as the widest digit's ink and a little air
		g := c.faces.shape(st.Weight, string(d)).glyphs[0]
		cell = max(cell, (g.x1-g.x0+0.065)*size)
	}
	var width float32
	for _, r := range text {
		width += c.cellOf(r, st, cell, size)
	}
	x := box.X
	switch align {
	case Middle:
		x += (box.W - width) / 2
	case End:
		x += box.W - width
	}
	const capHeight = 0.74
	base := box.Y + box.H/2 + capHeight*size/2
	g := Glyphs{Text: text, Weight: c.faces.nearest(st.Weight), Size: size, Color: st.Color, Box: Rect{x, box.Y, width, box.H}}
	first := true
	for _, r := range text {
		w := c.cellOf(r, st, cell, size)
		run := c.faces.shape(st.Weight, string(r))
		l := run.cut(span{0, 1}, size)
		off := x + (w-run.x[1]*size)/2
		if l.ink.W > 0 {
			off = x + (w-l.ink.W)/2 - l.ink.X
		}
		for _, p := range l.glyphs {
			g.Glyphs = append(g.Glyphs, Glyph{ID: p.ID, X: off + p.X, Y: base + p.Y})
		}
		ink := Rect{off + l.ink.X, base + l.ink.Y, l.ink.W, l.ink.H}
		if first {
			g.Ink, first = ink, false
		} else {
			g.Ink = g.Ink.Union(ink)
		}
		x += w
	}
	c.Add(g)
	return width
}

func (c *Canvas) cellOf(r rune, st Style, cell, size float32) float32 {
	if r >= '0' && r <= '9' {
		return cell
	}
	return c.faces.shape(st.Weight, string(r)).x[1] * size
}

var weekdaysVi = [7]string{"Chủ Nhật", "Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy"}

// Weekday is the day's name in lang, as Vietnamese writes it: "Thứ Hai".
func Weekday(d time.Weekday, lang string) string {
	if strings.HasPrefix(lang, "en") {
		return d.String()
	}
	return weekdaysVi[d]
}

// Date is t's date as people write it: "20/3/2023", in English "20 Mar 2023".
func Date(t time.Time, lang string) string {
	if strings.HasPrefix(lang, "en") {
		return t.Format("2 Jan 2006")
	}
	return t.Format("2/1/2006")
}

// DateOps draws the weekday over the date of t, which is in the kiosk's zone.
func (s *Scene) DateOps(t time.Time) []Op {
	x, ok := s.Slot(SlotDate)
	if !ok {
		return nil
	}
	c := s.pen(x)
	st := x.Style
	st.Align, st.VAlign, st.MaxLines, st.Line = End, Middle, 2, 1.3
	c.Text("date", Weekday(t.Weekday(), x.Lang)+"\n"+Date(t, x.Lang), st, x.Rect)
	return c.scene.Ops
}

// ProgressOps draws the bar at fraction f of the slide's time, in [0,1].
func (s *Scene) ProgressOps(f float64) []Op {
	x, ok := s.Slot(SlotProgress)
	f = min(max(f, 0), 1)
	if !ok || f == 0 {
		return nil
	}
	r := x.Rect
	r.W *= float32(f)
	return []Op{Fill{Rect: r, Color: color.NRGBA(x.Color)}}
}

// TickerPages cuts news lines into pages that fit the ticker's slot, each line
// starting a page; a line breaks where it reads best. None without a slot.
func (s *Scene) TickerPages(lines []string) []string {
	x, ok := s.Slot(SlotTicker)
	if !ok || x.Rect.W < 1 {
		return nil
	}
	var out []string
	for _, text := range lines {
		text = strings.Join(strings.Fields(text), " ")
		if text == "" {
			continue
		}
		size := x.Style.Max * x.Unit
		r := s.Faces.shape(x.Style.Weight, text)
		spans, _, _ := r.breakLines((x.Rect.W-size*0.1)/size, false, true, true)
		for _, sp := range spans {
			out = append(out, string(r.runes[sp.from:sp.to]))
		}
	}
	return out
}

// TickerWidth is how wide text is in the ticker's slot, for scrolling.
func (s *Scene) TickerWidth(text string) float32 {
	x, ok := s.Slot(SlotTicker)
	if !ok {
		return 0
	}
	r := s.Faces.shape(x.Style.Weight, text)
	return r.x[len(r.runes)] * x.Style.Max * x.Unit
}

// TickerOps draws one page, or for scrolling the whole text, dx pixels from
// the slot's left end. The drawer clips to the slot.
func (s *Scene) TickerOps(page string, dx float32) []Op {
	x, ok := s.Slot(SlotTicker)
	if !ok || page == "" {
		return nil
	}
	c := s.pen(x)
	r := s.Faces.shape(x.Style.Weight, page)
	size := x.Style.Max * x.Unit
	b := Block{Style: x.Style, Lines: []Line{r.cut(span{0, len(r.runes)}, size)}, Size: size}
	b.measure(x.Unit)
	box := x.Rect
	box.X += dx
	c.Put(b, box)
	return c.scene.Ops
}

// Countdown declares the place of "Tự trở về sau 24 giây".
func (c *Canvas) Countdown(r Rect, align Align) {
	c.Slot(Slot{Name: SlotCountdown, Rect: r, Style: Style{Weight: Medium, Max: 30, Color: c.Colors().Sub, Align: align, VAlign: Middle, MaxLines: 2, Line: 1.3, Fixed: true}})
}

// CountdownOps says how many seconds are left until the screen goes back.
func (s *Scene) CountdownOps(seconds int) []Op {
	x, ok := s.Slot(SlotCountdown)
	if !ok {
		return nil
	}
	c := s.pen(x)
	seconds = max(seconds, 0)
	vi, en := fmt.Sprintf("Tự trở về sau %d giây", seconds), fmt.Sprintf("Going back in %d seconds", seconds)
	if seconds == 1 {
		en = "Going back in 1 second"
	}
	c.Text("countdown", c.Say(vi, en), x.Style, x.Rect)
	return c.scene.Ops
}

// Film places a film: its poster as the picture below, on dark ground, and a
// slot that whoever can play it fills.
func (c *Canvas) Film(poster string, r Rect, radius float32) {
	c.Fill(r, radius, c.Theme.Ink.NRGBA())
	c.Picture(poster, r, radius, false)
	c.Slot(Slot{Name: SlotFilm, Rect: r, Radius: radius})
}

// LineOps draws a film's subtitle over the caption that stands there without one.
func (s *Scene) LineOps(text string) []Op {
	x, ok := s.Slot(SlotLine)
	if !ok || text == "" {
		return nil
	}
	c := s.pen(x)
	c.Fill(x.Rect, 0, color.NRGBA(x.Color))
	c.Text("line", text, x.Style, x.Rect)
	return c.scene.Ops
}
