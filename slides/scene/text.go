package scene

import (
	"image/color"
	"strings"
	"unicode/utf8"
)

// Align places text in its box, left to right or top to bottom.
type Align int

// The places.
const (
	Start Align = iota
	Middle
	End
)

// Style is how a text is set. Sizes are design pixels an em (a screen 1080
// high, or 1080 wide in portrait), before the reader's own text size.
type Style struct {
	Weight   Weight
	Max      float32 // the size wished for
	Min      float32 // the smallest one; 0 is Floor
	Line     float32 // line height in ems; 0 is 1.4, at sizes from 56 on 1.25
	Color    color.NRGBA
	Align    Align
	VAlign   Align
	MaxLines int  // 0: as many as fit
	Phrases  bool // break at phrases even where a line stays short (slogans)
	Fixed    bool // not enlarged with the reader's text size
	Full     bool // keep the largest size, though one a little smaller would save a line: for labels that stand beside others
}

// Floor is the smallest size in use, in design pixels: below it nothing is
// readable at three metres from a 24-inch screen.
const Floor = 24

// Line is one line of a block, in pixels from its own left end and base line.
type Line struct {
	Text   string
	W      float32 // ink or advance, whichever is wider
	glyphs []Glyph
	ink    Rect // zero W when nothing is inked
	shift  float32
}

// Block is a text that has been broken and fitted, ready to draw.
type Block struct {
	Style   Style
	Size    float32 // pixels an em
	Pitch   float32 // pixels from one base line to the next
	W, H    float32 // of what is drawn, pixels
	Lines   []Line
	Fits    bool // false: it was cut to what the box holds, with an ellipsis
	Split   bool // a word or an address longer than a line was split
	Bad     bool // a line ends where it should not
	Missing string
	first   float32 // the first base line, from the top
}

func (st Style) line(size float32) float32 {
	if st.Line != 0 {
		return st.Line
	}
	if size >= 56 {
		return 1.25
	}
	return 1.4
}

// Fit breaks and sizes text for a box of w×h pixels: the largest size from
// Max down to Min that fits, or one up to a fifth smaller that ends lines
// better. A line feed in text is the author's own break. h <= 0 means as high
// as needed.
func (c *Canvas) Fit(text string, st Style, w, h float32) Block {
	if len(text) > maxText { // no screen holds so much; don't spend seconds on it
		cut := maxText
		for cut > 0 && !utf8.RuneStart(text[cut]) {
			cut--
		}
		b := c.fit(text[:cut], st, w, h)
		b.Fits = false
		return b
	}
	return c.fit(text, st, w, h)
}

// maxText is more bytes than fit a 4K screen at the floor size.
const maxText = 12 << 10

func (c *Canvas) fit(text string, st Style, w, h float32) Block {
	lo, hi := st.Min, st.Max
	if lo == 0 {
		lo = Floor
	}
	hi = max(hi, lo)
	if !st.Fixed {
		hi *= c.Frame.Scale
	}
	var runs []*run
	for line := range strings.SplitSeq(text, "\n") {
		runs = append(runs, c.faces.shape(st.Weight, strings.TrimSpace(line)))
	}
	b := Block{Style: st}
	for _, r := range runs {
		for _, m := range r.missing {
			if !strings.ContainsRune(b.Missing, m) {
				b.Missing += string(m)
			}
		}
	}
	if strings.TrimSpace(text) == "" {
		b.Fits = true
		return b
	}
	if h > 0 && len(runs) > 1000 || w < 1 {
		return b
	}
	step := max((hi-lo)/32, 1)
	var first Block // the largest that fits, though it ends lines badly
	for size := hi; ; size -= step {
		size = max(size, lo)
		if first.Fits && size < first.Size/c.U*0.8 {
			return first
		}
		got, bad := c.set(b, runs, size*c.U, w, h, size == lo)
		if got.Fits && !bad {
			return c.fewer(got, b, runs, size, lo, w, h)
		}
		if got.Fits && !first.Fits {
			first = got
		}
		if size == lo {
			if first.Fits {
				return first
			}
			return c.cut(b, runs, lo*c.U, w, h)
		}
	}
}

// fewer is got, or the same text an eighth smaller at most where that saves a
// line: a title of three full lines reads better than one of four.
func (c *Canvas) fewer(got, b Block, runs []*run, size, lo, w, h float32) Block {
	if b.Style.Full || b.Style.Phrases || len(got.Lines) <= len(runs) || len(got.Lines) > 5 {
		return got
	}
	least := max(lo, size*0.875)
	for s := size - 1; s >= least; s-- {
		if less, bad := c.set(b, runs, s*c.U, w, h, false); less.Fits && !bad && len(less.Lines) < len(got.Lines) {
			return less
		}
	}
	return got
}

// set lays runs out at size; Fits says whether they fit.
func (c *Canvas) set(b Block, runs []*run, size, w, h float32, force bool) (Block, bool) {
	b.Size = size
	limit := 1 << 20
	if h > 0 {
		limit = max(1, int(h/(size*b.Style.line(size/c.U))+0.01))
	}
	if b.Style.MaxLines > 0 {
		limit = min(limit, b.Style.MaxLines)
	}
	if len(runs) > limit {
		return b, false
	}
	// The fewest lines first, as long as they end well; a slogan's phrases
	// first, as long as there is room for them.
	var second Block
	for _, few := range []bool{!b.Style.Phrases, b.Style.Phrases} {
		got, bad := c.setLines(b, runs, size, w, h, limit, few, force)
		if got.Fits && !bad {
			return got, false
		}
		if got.Fits && !second.Fits {
			second = got
		}
	}
	return second, true
}

// setLines is set with one way of breaking. Where ink leans over its advance,
// the lines are broken once more in a measure that is narrower by as much.
func (c *Canvas) setLines(b Block, runs []*run, size, w, h float32, limit int, few, force bool) (Block, bool) {
	bad := false
	measure := w
	for range 2 {
		b.Lines, b.Split, bad = nil, false, false
		for _, r := range runs {
			b.Split = b.Split || r.wider(measure/size)
			spans, isBad, ok := r.breakLines(measure/size, b.Style.Phrases, few, force)
			if !ok || len(b.Lines)+len(spans) > limit {
				return Block{}, true
			}
			bad = bad || isBad
			for _, s := range spans {
				b.Lines = append(b.Lines, r.cut(s, size))
			}
		}
		b.measure(c.U)
		if b.W <= w+0.01 {
			b.Fits, b.Bad = h <= 0 || b.H <= h+0.01, bad
			return b, bad
		}
		measure = w - (b.W - w) - 0.01
	}
	return Block{}, true
}

// cut is what is drawn of a text that does not fit at its smallest size: the
// lines that do, the last one ended with an ellipsis.
func (c *Canvas) cut(b Block, runs []*run, size, w, h float32) Block {
	b.Size = size
	var all []Line
	dots := c.faces.shape(b.Style.Weight, "…")
	limit := 64
	if b.Style.MaxLines > 0 {
		limit = b.Style.MaxLines
	}
	type at struct {
		r *run
		s span
	}
	var spans []at
	for _, r := range runs {
		got, _, ok := r.breakLines(w/size, false, true, true)
		if !ok {
			break
		}
		for _, s := range got {
			spans = append(spans, at{r, s})
		}
	}
	for n := min(limit, len(spans)); n > 0; n-- {
		all = all[:0]
		for _, a := range spans[:n] {
			all = append(all, a.r.cut(a.s, size))
		}
		a := spans[n-1]
		if n < len(spans) {
			for to := a.s.to; to >= a.s.from; to-- {
				l := a.r.cut(span{a.s.from, to}, size)
				end := (a.r.x[to] - a.r.x[a.s.from]) * size
				tail := dots.cut(span{0, 1}, size)
				if end+tail.W > w && to > a.s.from {
					continue
				}
				all[n-1] = l.join(tail, end)
				break
			}
		}
		b.Lines = all
		b.measure(c.U)
		if b.W <= w+0.01 && (h <= 0 || b.H <= h+0.01) {
			b.Fits = n == len(spans)
			return b
		}
	}
	b.Lines, b.W, b.H = nil, 0, 0
	return b
}

// cut is runes s of r at size, as a line.
func (r *run) cut(s span, size float32) Line {
	l := Line{Text: string(r.runes[s.from:s.to])}
	x0 := r.x[s.from]
	first := true
	for _, g := range r.glyphs {
		if g.cluster < s.from || g.cluster >= s.to {
			continue
		}
		l.glyphs = append(l.glyphs, Glyph{ID: g.id, X: (g.x - x0) * size, Y: g.y * size})
		if g.x1 < g.x0 {
			continue
		}
		box := Rect{X: (g.x0 - x0) * size, Y: g.y0 * size, W: (g.x1 - g.x0) * size, H: (g.y1 - g.y0) * size}
		if first {
			l.ink, first = box, false
		} else {
			l.ink = l.ink.Union(box)
		}
	}
	l.shift = max(0, -l.ink.X)
	l.W = max((r.x[s.to]-x0)*size, l.ink.X+l.ink.W) + l.shift
	return l
}

// join is l followed by tail, which starts at x.
func (l Line) join(tail Line, x float32) Line {
	for _, g := range tail.glyphs {
		g.X += x
		l.glyphs = append(l.glyphs, g)
	}
	box := tail.ink
	box.X += x
	if l.ink.W == 0 {
		l.ink = box
	} else {
		l.ink = l.ink.Union(box)
	}
	l.Text += tail.Text
	l.shift = max(0, -l.ink.X)
	l.W = max(x+tail.W, l.ink.X+l.ink.W) + l.shift
	return l
}

// measure sets pitch, first base line, width and height from the lines: the
// style's line height, and more where marks that are stacked would touch.
func (b *Block) measure(u float32) {
	b.Pitch = b.Size * b.Style.line(b.Size/u)
	b.W = 0
	gap := 0.04 * b.Size
	for i, l := range b.Lines {
		b.W = max(b.W, l.W)
		if i > 0 {
			above := b.Lines[i-1].ink
			b.Pitch = max(b.Pitch, above.Y+above.H-l.ink.Y+gap)
		}
	}
	// The font's ascent and descent are 1.0 and 0.265 em; half of what the line
	// height leaves goes above, as browsers do.
	const ascent, descent = 1.0, 0.265
	b.first = (b.Pitch-(ascent+descent)*b.Size)/2 + ascent*b.Size
	n := len(b.Lines)
	if n == 0 {
		b.H = 0
		return
	}
	b.first = max(b.first, -b.Lines[0].ink.Y)
	b.H = b.first - ascent*b.Size - (b.Pitch-(ascent+descent)*b.Size)/2 + float32(n)*b.Pitch
	last := b.Lines[n-1].ink
	b.H = max(b.H, b.first+float32(n-1)*b.Pitch+last.Y+last.H)
}

// Put draws the block with its top left corner at box's, aligned in box, and
// returns the box of what it drew.
func (c *Canvas) Put(b Block, box Rect) Rect {
	y := box.Y
	switch b.Style.VAlign {
	case Middle:
		y += max(0, (box.H-b.H)/2)
	case End:
		y += max(0, box.H-b.H)
	}
	left := box.X
	switch b.Style.Align {
	case Middle:
		left += (box.W - b.W) / 2
	case End:
		left += box.W - b.W
	}
	for i, l := range b.Lines {
		x := box.X
		switch b.Style.Align {
		case Middle:
			x += (box.W - l.W) / 2
		case End:
			x += box.W - l.W
		}
		top := y + float32(i)*b.Pitch
		c.line(l, b, x+l.shift, y+b.first+float32(i)*b.Pitch, Rect{X: x, Y: top, W: l.W, H: b.Pitch})
	}
	return Rect{X: left, Y: y, W: b.W, H: b.H}
}

func (c *Canvas) line(l Line, b Block, x, base float32, box Rect) {
	if len(l.glyphs) == 0 {
		return
	}
	g := Glyphs{Text: l.Text, Weight: c.faces.nearest(b.Style.Weight), Size: b.Size, Color: b.Style.Color, Box: box}
	g.Glyphs = make([]Glyph, len(l.glyphs))
	for i, p := range l.glyphs {
		g.Glyphs[i] = Glyph{ID: p.ID, X: x + p.X, Y: base + p.Y}
	}
	g.Ink = Rect{X: x + l.ink.X, Y: base + l.ink.Y, W: l.ink.W, H: l.ink.H}
	c.scene.Ops = append(c.scene.Ops, g)
}

// Text fits text into box, draws it, reports under path what does not fit or
// can't be written, and returns the box of what it drew.
func (c *Canvas) Text(path, text string, st Style, box Rect) Rect {
	b := c.Fit(text, st, box.W, max(box.H, 1))
	c.Report(path, text, b)
	return c.Put(b, box)
}

// Report notes what is wrong with a fitted text.
func (c *Canvas) Report(path, text string, b Block) {
	if c.trial != nil && len(b.Lines) > 0 {
		c.trial.Texts = append(c.trial.Texts, TrialText{Path: path, Size: b.Size, Lines: len(b.Lines), Bad: b.Bad || b.Split})
	}
	if !b.Fits {
		c.scene.Overflows = append(c.scene.Overflows, Overflow{Path: path, Text: text})
	}
	if b.Missing != "" {
		c.scene.Missing = append(c.scene.Missing, Missing{Path: path, Runes: b.Missing})
	}
}
