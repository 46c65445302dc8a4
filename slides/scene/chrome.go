package scene

import "image/color"

// Tone is the ground that a screen stands on.
type Tone int

// Paper for most, Red for slogans, Sky for guides.
const (
	Paper Tone = iota
	Red
	Sky
)

// Palette is a tone's colours.
type Palette struct {
	Ground, GroundTo   color.NRGBA
	Head, HeadText     color.NRGBA
	HeadSub, Tile      color.NRGBA
	StripA, StripB     color.NRGBA
	Foot, FootText     color.NRGBA
	Bar                color.NRGBA
	Title, Text, Sub   color.NRGBA
	Rule, Accent, Over color.NRGBA
}

func rgb(v uint32) color.NRGBA { return hex(v).NRGBA() }

// Colors is the palette of tone t in theme th.
func (th Theme) Colors(t Tone) Palette {
	white := rgb(0xFFFFFF)
	switch t {
	case Red:
		return Palette{
			Ground: th.Son.NRGBA(), GroundTo: mix(th.Son, th.SonDark, 0.55), Head: th.SonDark.NRGBA(), HeadText: white,
			HeadSub: white, Tile: Colour{255, 255, 255, 255}.Alpha(0.14), StripA: th.Gold.NRGBA(), StripB: th.Son.NRGBA(),
			Foot: th.SonDeep.NRGBA(), FootText: rgb(0xFBE7C4), Bar: th.Gold.NRGBA(), Title: white, Text: white, Sub: rgb(0xFBE7C4),
			Rule: Colour{255, 255, 255, 255}.Alpha(0.25), Accent: th.GoldText.NRGBA(), Over: th.GoldText.NRGBA(),
		}
	case Sky:
		return Palette{
			Ground: th.Sky.NRGBA(), GroundTo: th.Sky.NRGBA(), Head: th.Sky.NRGBA(), HeadText: th.IndigoDark.NRGBA(),
			HeadSub: mix(th.Grey, th.IndigoDark, 0.5), Tile: th.Indigo.Alpha(0.1), StripA: th.Indigo.NRGBA(), StripB: th.Gold.NRGBA(),
			Foot: mix(th.Sky, th.Indigo, 0.11), FootText: th.IndigoDark.NRGBA(), Bar: th.Indigo.NRGBA(), Title: th.IndigoDark.NRGBA(),
			Text: th.Ink.NRGBA(), Sub: th.Grey.NRGBA(), Rule: mix(th.Sky, th.Indigo, 0.18), Accent: th.Indigo.NRGBA(), Over: th.Indigo.NRGBA(),
		}
	}
	return Palette{
		Ground: th.Paper.NRGBA(), GroundTo: th.Paper.NRGBA(), Head: th.Paper.NRGBA(), HeadText: th.Ink.NRGBA(),
		HeadSub: th.Grey.NRGBA(), Tile: th.Ink.Alpha(0.1), StripA: th.Son.NRGBA(), StripB: th.Gold.NRGBA(),
		Foot: mix(th.Paper, th.Gold, 0.17), FootText: th.SonDeep.NRGBA(), Bar: th.Son.NRGBA(), Title: th.Ink.NRGBA(),
		Text: th.Ink.NRGBA(), Sub: th.Grey.NRGBA(), Rule: th.Line.NRGBA(), Accent: th.Son.NRGBA(), Over: th.Son.NRGBA(),
	}
}

// mix is a moved by t in [0,1] towards b.
func mix(a, b Colour, t float32) color.NRGBA {
	f := func(x, y uint8) uint8 { return uint8(float32(x) + (float32(y)-float32(x))*t + 0.5) }
	return color.NRGBA{f(a.R, b.R), f(a.G, b.G), f(a.B, b.B), 255}
}

// Colors is the palette of the canvas's tone.
func (c *Canvas) Colors() Palette { return c.Theme.Colors(c.Tone) }

// Heights of the frame's parts, design pixels.
const (
	headH     = 96
	stripH    = 14
	footH     = 76
	tickerH   = 64 // portrait: the news line's own row above the foot
	progressH = 6
	noticeH   = 48
)

// Chrome draws a slide's frame: ground, header with clock and date, strip, and
// a footer with the topic, the news line, the hint and the progress bar. Body
// is set to what is left, margins taken off.
func (c *Canvas) Chrome(tone Tone, topic string) {
	c.ground(tone)
	p := c.Colors()
	foot := c.Px(footH)
	ticker := c.Frame.Ticker
	if ticker && c.Portrait {
		foot += c.Px(tickerH)
	}
	bar := Rect{0, c.H - foot, c.W, foot}
	c.Fill(bar, 0, p.Foot)
	m := c.Px(Margin)
	row := Rect{m, c.H - c.Px(footH), max(0, c.W-2*m), c.Px(footH) - c.Px(progressH)}
	right := row.Right()
	if c.Frame.Hint {
		hint := c.Say("Chạm để đánh giá, tra cứu", "Touch to rate or look up")
		b := c.Fit(hint, Style{Weight: SemiBold, Max: 28, Color: p.FootText, Align: End, VAlign: Middle, MaxLines: 1, Fixed: true, Line: 1.3}, row.W*0.6, row.H)
		c.Report("frame.hint", hint, b)
		c.Put(b, row)
		icon := c.Px(34)
		right -= b.W + icon + c.Px(14)
		c.Icon(IconTouch, right, row.Y+(row.H-icon)/2, icon, p.FootText)
		right -= c.Px(40)
	}
	left := row.X
	space := max(0, right-left)
	if ticker && !c.Portrait {
		space = min(space, row.W*0.3)
	}
	if topic != "" {
		b := c.Fit(topic, Style{Weight: Bold, Max: 28, Color: p.FootText, VAlign: Middle, MaxLines: 1, Fixed: true, Line: 1.3}, space, row.H)
		left = c.Put(b, Rect{left, row.Y, space, row.H}).Right() + c.Px(28)
	}
	if ticker {
		slot := Rect{left, row.Y, max(0, right-left), row.H}
		if c.Portrait {
			slot = Rect{m, bar.Y + c.Px(6), row.W, c.Px(tickerH) - c.Px(6)}
			c.Fill(Rect{m, bar.Y + c.Px(tickerH), row.W, max(1, c.Px(1.5))}, 0, Colour(p.FootText).Alpha(0.18))
		}
		c.Slot(Slot{Name: SlotTicker, Rect: slot, Style: Style{Weight: Medium, Max: 28, Min: Floor, Color: p.FootText, VAlign: Middle, MaxLines: 1, Fixed: true, Line: 1.3}})
	}
	c.Slot(Slot{Name: SlotProgress, Rect: Rect{0, c.H - c.Px(progressH), c.W, c.Px(progressH)}, Color: Colour(p.Bar)})
	top := c.Px(headH + stripH + 46)
	if c.Frame.Notice != "" {
		c.notice()
		top += c.Px(noticeH)
	}
	c.Body = Rect{m, top, max(0, c.W-2*m), max(0, c.H-foot-c.Px(40)-top)}
	c.scene.Body = c.Body
}

// notice tells staff something (pair again, another screen has this identity)
// in a band of its own, so that it hides nothing of the slide.
func (c *Canvas) notice() {
	band := Rect{0, c.Px(headH + stripH), c.W, c.Px(noticeH)}
	c.Fill(band, 0, c.Theme.Gold.NRGBA())
	m := c.Px(Margin)
	b := c.Fit(c.Frame.Notice, Style{Weight: SemiBold, Max: 28, Min: 20, Color: c.Theme.OnGold.NRGBA(), Align: Middle, VAlign: Middle, MaxLines: 1, Fixed: true, Line: 1.2}, c.W-2*m, band.H)
	c.Put(b, Rect{m, band.Y, c.W - 2*m, band.H})
}

// Plain draws the frame of a citizen's screen: ground, header and strip, no
// footer. Body is set to what is left, margins taken off.
func (c *Canvas) Plain(tone Tone) {
	c.ground(tone)
	m := c.Px(Margin)
	top := c.Px(headH + stripH + 46)
	if c.low {
		top += c.Px(58) // what can be touched begins at half of the screen
	}
	c.Body = Rect{m, top, max(0, c.W-2*m), max(0, c.H-c.Px(48)-top)}
	c.scene.Body = c.Body
}

func (c *Canvas) ground(tone Tone) {
	c.Tone = tone
	p := c.Colors()
	if p.Ground == p.GroundTo {
		c.Fill(c.Screen(), 0, p.Ground)
	} else {
		to := p.GroundTo
		c.Add(Fill{Rect: c.Screen(), Color: p.Ground, To: &to})
	}
	c.header(p)
	c.strip(p)
}

func (c *Canvas) header(p Palette) {
	h := c.Px(headH)
	m := c.Px(Margin)
	if p.Head != p.Ground {
		c.Fill(Rect{0, 0, c.W, h}, 0, p.Head)
	}
	mark := c.Px(54)
	tile := Rect{m, (h - mark) / 2, mark, mark}
	if c.Frame.Logo != "" {
		c.Picture(c.Frame.Logo, tile, 0, false)
	} else {
		c.Fill(tile, c.Px(12), p.Tile)
		icon := mark * 0.62
		c.Icon(IconMark, tile.X+(mark-icon)/2, tile.Y+(mark-icon)/2, icon, p.HeadText)
	}
	dateW, clockW := c.Px(168), c.Px(140)
	date := Rect{c.W - m - dateW, c.Px(12), dateW, h - c.Px(24)}
	clock := Rect{date.X - c.Px(12) - clockW, c.Px(12), clockW, h - c.Px(24)}
	c.Slot(Slot{Name: SlotClock, Rect: clock, Style: Style{Weight: Bold, Max: 42, Min: 42, Color: p.HeadText, Fixed: true}})
	c.Slot(Slot{Name: SlotDate, Rect: date, Style: Style{Weight: Medium, Max: 25, Min: Floor, Color: p.HeadSub, Fixed: true}})
	left := tile.Right() + c.Px(24)
	room := max(0, clock.X-c.Px(24)-left)
	unit := Style{Weight: SemiBold, Max: 30, Color: p.HeadText, MaxLines: 1, Fixed: true, Line: 1.25}
	name := c.T(c.Frame.Unit)
	b := c.Fit(name, unit, room, 0)
	if short := c.T(c.Frame.UnitShort); short != "" && (c.Portrait && b.Size < c.Px(30) || !b.Fits) {
		name = short
		b = c.Fit(name, unit, room, 0)
	}
	c.Report("frame.unit", name, b)
	office := c.T(c.Frame.Office)
	o := c.Fit(office, Style{Weight: Medium, Max: 25, Color: p.HeadSub, MaxLines: 1, Fixed: true, Line: 1.3}, room, 0)
	c.Report("frame.office", office, o)
	y := (h - b.H - o.H) / 2
	c.Put(b, Rect{left, y, room, b.H})
	c.Put(o, Rect{left, y + b.H, room, o.H})
}

// strip is the woven band: a row of brocade points, each with a lozenge.
func (c *Canvas) strip(p Palette) {
	y, h := c.Px(headH), c.Px(stripH)
	n := max(1, int(c.W/c.Px(24)+0.5))
	w := c.W / float32(n)
	var points, lozenges []Segment
	at := func(cmd byte, x, y float32) Segment { return Segment{Cmd: cmd, P: [3][2]float32{{x, y}}} }
	base, tip := y+h*0.82, y+h*0.02
	for i := range n {
		x := float32(i) * w
		points = append(points, at('M', x, base), at('L', x+w/2, tip), at('L', x+w, base), Segment{Cmd: 'Z'})
		cx, cy, r := x+w/2, base-h*0.26, h*0.2
		lozenges = append(lozenges, at('M', cx, cy-r), at('L', cx+r, cy), at('L', cx, cy+r), at('L', cx-r, cy), Segment{Cmd: 'Z'})
	}
	c.Add(Path{Segments: points, Color: p.StripA}, Path{Segments: lozenges, Color: p.StripB})
	c.Fill(Rect{0, base, c.W, h * 0.18}, 0, p.StripA)
}

// Mountains draws three faint ridges across the foot of the ground, from
// (top) down to the screen's foot, in white of little opacity.
func (c *Canvas) Mountains(top, bottom float32) {
	ridges := []struct {
		alpha float32
		y     []float32 // from left to right, 0 the top, 1 the bottom
	}{
		{0.045, []float32{0.62, 0.34, 0.55, 0.16, 0.4, 0.52, 0.22, 0.5, 0.58, 0.02, 0.38, 0.2, 0.3}},
		{0.05, []float32{0.8, 0.66, 0.78, 0.52, 0.7, 0.84, 0.6, 0.76, 0.5, 0.68, 0.82, 0.55, 0.7}},
		{0.05, []float32{0.92, 0.84, 0.95, 0.86, 0.78, 0.93, 0.82, 0.9, 0.96, 0.8, 0.88, 0.94, 0.83}},
	}
	white := Colour{255, 255, 255, 255}
	for _, r := range ridges {
		n := len(r.y) - 1
		if c.Portrait { // half the range: peaks keep their shape
			n /= 2
		}
		pt := func(i int) (x, y float32) {
			return c.W * float32(i) / float32(n), top + (bottom-top)*r.y[i]
		}
		x, y := pt(0)
		segs := []Segment{{Cmd: 'M', P: [3][2]float32{{0, bottom}}}, {Cmd: 'L', P: [3][2]float32{{x, y}}}}
		for i := 1; i <= n; i++ {
			x0, y0 := pt(i - 1)
			x1, y1 := pt(i)
			d := (x1 - x0) * 0.42
			segs = append(segs, Segment{Cmd: 'C', P: [3][2]float32{{x0 + d, y0}, {x1 - d, y1}, {x1, y1}}})
		}
		segs = append(segs, Segment{Cmd: 'L', P: [3][2]float32{{c.W, bottom}}}, Segment{Cmd: 'Z'})
		c.Add(Path{Segments: segs, Color: white.Alpha(r.alpha)})
	}
}
