package scene

import "strings"

// Row is one entry of a list: a wide control with a title of up to three lines
// and a smaller line below it.
type Row struct {
	Name, Title, Text string
	Icon              Icon // at the left, or ""
}

// RowH is the height at which two lines of title and one of text stand well,
// design pixels.
const RowH = 148

// Rows draws rows into boxes of one size and makes them their targets. All
// titles have the size at which the longest stands; one that is too long even
// for the smallest is cut with an ellipsis: the page that it opens has all of it.
func (c *Canvas) Rows(rows []Row, boxes []Rect) {
	size := Style{Weight: Bold, Max: 34, Min: 27, Color: c.Theme.Ink.NRGBA(), MaxLines: 3, Line: 1.25, Full: true}
	least := float32(1e9)
	for i, r := range rows {
		in, text := c.rowParts(r, boxes[i])
		least = min(least, c.Fit(r.Title, size, in.W, max(1, in.H-text.H)).Size/c.U)
	}
	size.Max, size.Min, size.Fixed = least, min(least, size.Min), true
	for i, r := range rows {
		c.row(r, boxes[i], size)
	}
}

// Row draws one.
func (c *Canvas) Row(r Row, box Rect) { c.Rows([]Row{r}, []Rect{box}) }

// rowParts is where the texts go, and the smaller one of them.
func (c *Canvas) rowParts(r Row, box Rect) (in Rect, text Block) {
	pad := c.Px(30)
	in = Rect{box.X + pad, box.Y + c.Px(10), max(1, box.W-2*pad-c.Px(50)), max(1, box.H-c.Px(20))}
	if r.Icon != "" {
		in.X += c.Px(68)
		in.W = max(1, in.W-c.Px(68))
	}
	return in, c.Fit(r.Text, Style{Weight: Medium, Max: 27, Color: c.Theme.Grey.NRGBA(), MaxLines: 1, Line: 1.35, Fixed: true}, in.W, 0)
}

func (c *Canvas) row(r Row, box Rect, title Style) {
	radius := c.Px(ButtonRadius)
	c.Fill(box, radius, c.Theme.Card())
	c.Border(box, radius, c.Px(2.5), mix(c.Theme.Line, c.Theme.Grey, 0.3))
	in, text := c.rowParts(r, box)
	if r.Icon != "" {
		side := c.Px(44)
		c.Icon(r.Icon, box.X+c.Px(30), box.Y+(box.H-side)/2, side, c.Theme.Indigo.NRGBA())
	}
	mark := c.Px(30)
	c.Icon(IconForward, box.Right()-c.Px(30)-mark, box.Y+(box.H-mark)/2, mark, c.Theme.Grey.NRGBA())
	t := c.Fit(r.Title, title, in.W, max(1, in.H-text.H))
	y := box.Y + (box.H-t.H-text.H)/2
	c.Put(t, Rect{in.X, y, in.W, t.H})
	c.Put(text, Rect{in.X, y + t.H, in.W, text.H})
	c.Touch(r.Name, strings.TrimSpace(r.Title+"\n"+r.Text), box, radius)
}
