package player

import (
	"strings"

	"motcua/slides"
	"motcua/slides/kinds"
	"motcua/slides/scene"
)

// ViewCode is a code enlarged, alone on the screen.
const ViewCode View = "code"

// code is a QR as large as the screen allows, with its caption and its address
// in letters for whoever has no scanner. It stays until it is left: the slides
// go on behind it by the clock, so that it can be scanned in peace.
type code struct {
	content *Content
	url     string
	caption slides.Text
	address string // in letters, as its author wants it; "" is taken from url
	useful  useful
}

// openCode enlarges the code at path of a slide of c; false: there is none.
func (n *step) openCode(c *Content, slide, path string, u useful) bool {
	if c == nil || c.Slides[slide] == nil {
		return false
	}
	body, err := kinds.Parse(c.Slides[slide])
	if err != nil {
		return false
	}
	q := kinds.QRAt(body, path)
	if q == nil {
		return false
	}
	n.open(code{content: c, url: q.URL, caption: q.Caption, address: q.Address, useful: u})
	return true
}

func (code) view() View             { return ViewCode }
func (code) likely(s State) []Still { return []Still{s.slide(s.Content, s.Showing.Slide)} }

func (p code) touch(n *step, name, arg string) {
	if u, ok := p.useful.touched(n, name, arg); ok {
		p.useful = u
		n.replace(p)
	}
}

func (p code) still(s State) Still {
	s.View = ViewCode
	key := strings.Join([]string{"code", p.url, p.caption.In(s.Lang), p.address, p.useful.key()}, "\x00")
	return s.screen(p.content, key, func(c *scene.Canvas) {
		b := c.Body
		letters := p.address
		if letters == "" {
			letters = scene.Letters(p.url)
		}
		caption := c.T(p.caption)
		if caption == "" {
			caption = c.Say("Quét mã để mở", "Scan to open")
		}
		spec := scene.QRSpec{URL: p.url, Address: letters, Path: "code"}
		if c.Portrait {
			foot := scene.Rect{}
			if p.useful.asks() {
				foot = footOf(&b, c.Px(scene.ButtonH), c.Px(32))
			}
			w := min(b.W, b.H*0.62)
			card := c.QR(spec, scene.Rect{X: b.X + (b.W-w)/2, Y: b.Y, W: w, H: b.H * 0.7})
			words(c, b.Below(card.Bottom()+c.Px(40)), caption, letters, scene.Middle)
			p.useful.draw(c, foot, askUsefulVi, askUsefulEn)
			return
		}
		w := min(b.H*0.92, b.W*0.46)
		card := c.QR(spec, scene.Rect{X: b.X, Y: b.Y, W: w, H: b.H})
		side := scene.Rect{X: card.Right() + c.Px(72), Y: b.Y, W: max(0, b.Right()-card.Right()-c.Px(72)), H: b.H}
		if p.useful.asks() {
			p.useful.draw(c, footOf(&side, c.Px(scene.ButtonH), c.Px(32)), askUsefulVi, askUsefulEn)
		}
		words(c, side, caption, letters, scene.Start)
	})
}

// words are the caption, the address to type, and how to scan, in the middle of box's height.
func words(c *scene.Canvas, box scene.Rect, caption, letters string, align scene.Align) {
	p := c.Colors()
	gap := c.Px(24)
	parts := []struct {
		text string
		st   scene.Style
	}{
		{caption, scene.Style{Weight: scene.ExtraBold, Max: 64, Min: 36, Color: p.Title, Align: align, MaxLines: 3, Line: 1.25}},
		{letters, scene.Style{Weight: scene.SemiBold, Max: 44, Min: 26, Color: c.Theme.Indigo.NRGBA(), Align: align, MaxLines: 3, Line: 1.35}},
		{
			c.Say("Quét mã bằng Zalo hoặc máy ảnh điện thoại, hoặc gõ địa chỉ trên.", "Scan the code with Zalo or your phone's camera, or type the address above."),
			scene.Style{Weight: scene.Medium, Max: 36, Min: 28, Color: p.Sub, Align: align, MaxLines: 4, Line: 1.4},
		},
	}
	blocks := make([]scene.Block, len(parts))
	total := -gap
	for i, x := range parts {
		blocks[i] = c.Fit(x.text, x.st, box.W, box.H*0.36)
		c.Report("code", x.text, blocks[i])
		total += blocks[i].H + gap
	}
	y := box.Y
	if align == scene.Start {
		y += max(0, (box.H-total)/2)
	}
	for _, b := range blocks {
		c.Put(b, scene.Rect{X: box.X, Y: y, W: box.W, H: b.H})
		y += b.H + gap
	}
}
