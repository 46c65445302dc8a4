package player

import (
	"strings"

	"motcua/slides"
	"motcua/slides/scene"
)

// bare is the frame of a screen that belongs to no unit yet.
func (s State) bare(office slides.Text) scene.Frame {
	return scene.Frame{Theme: scene.DefaultTheme(), Unit: product, Office: office, Lang: s.Lang, Scale: 1}
}

func (s State) starting() Still {
	notice := s.Notice.In(s.Lang)
	f := s.bare(slides.Text{"vi": "Màn hình tại Bộ phận Một cửa", "en": "Screen of a one-stop desk"})
	return Still{Key: strings.Join([]string{"starting", s.Lang, notice}, "\x00"), compose: func(w, h int, faces *scene.Faces) (*scene.Scene, error) {
		return scene.Compose(f, w, h, faces, func(c *scene.Canvas) {
			c.Plain(scene.Paper)
			text := notice
			if text == "" {
				text = c.Say("Đang chờ nội dung từ máy chủ. Nội dung đã nhận một lần sẽ hiện ngay cả khi mất mạng.",
					"Waiting for content from the server. Once received, it shows even without a network.")
			}
			said(c, scene.IconClock, c.Theme.Indigo, c.Say("Đang chuẩn bị…", "Getting ready…"), text)
		}), nil
	}}
}

// pairing shows the code in big cells, the same as a QR of the approval page,
// the words that both sides show, and what to do.
func (s State) pairing() Still {
	p := *s.Pairing
	key := strings.Join([]string{"pairing", s.Lang, p.Code, p.Approve, strings.Join(p.Words, " "), p.Problem.In(s.Lang)}, "\x00")
	f := s.bare(slides.Text{"vi": "Màn hình chưa ghép nối", "en": "Screen not paired yet"})
	return Still{Key: key, compose: func(w, h int, faces *scene.Faces) (*scene.Scene, error) {
		return scene.Compose(f, w, h, faces, func(c *scene.Canvas) {
			c.Plain(scene.Paper)
			c.Title("pairing", c.Say("Ghép nối màn hình này", "Pair this screen"),
				c.Say("Nhân viên quản trị duyệt một lần; sau đó màn hình tự chạy.", "Staff approve it once; after that the screen runs by itself."))
			if p.Code == "" {
				text := p.Problem.In(s.Lang)
				if text == "" {
					text = c.Say("Đang xin mã từ máy chủ…", "Asking the server for a code…")
				}
				said(c, scene.IconClock, c.Theme.Indigo, c.Say("Chưa có mã ghép nối", "No pairing code yet"), text)
				return
			}
			p.draw(c)
		}), nil
	}}
}

func (p Pairing) draw(c *scene.Canvas) {
	b, gap := c.Body, c.Px(56)
	left := b
	qr := scene.QRSpec{Path: "pairing", URL: p.Approve, Caption: c.Say("Quét để duyệt", "Scan to approve"), Max: 520}
	if p.Approve != "" {
		if c.Portrait {
			w := min(c.Px(460), b.W)
			box := scene.Rect{X: b.X + (b.W-w)/2, Y: b.Bottom() - c.Px(600), W: w, H: c.Px(600)}
			c.QR(qr, box)
			left.H -= c.Px(600) + gap
		} else {
			w := min(c.Px(520), b.W*0.34)
			c.QR(qr, scene.Rect{X: b.Right() - w, Y: b.Y, W: w, H: b.H})
			left.W -= w + gap
		}
	}
	y := left.Y
	y = p.cells(c, left, y) + c.Px(40)
	head := scene.Style{Weight: scene.SemiBold, Max: 32, Color: c.Theme.Grey.NRGBA(), MaxLines: 2, Line: 1.35}
	if len(p.Words) > 0 {
		r := c.Text("pairing.words.label", c.Say("Sáu từ này phải giống trên trang duyệt:", "These words must be the same on the approval page:"), head, scene.Rect{X: left.X, Y: y, W: left.W, H: c.Px(90)})
		r = c.Text("pairing.words", strings.Join(p.Words, " · "), scene.Style{Weight: scene.Bold, Max: 48, Min: 32, Color: c.Theme.IndigoDark.NRGBA(), MaxLines: 2, Line: 1.3},
			scene.Rect{X: left.X, Y: r.Bottom() + c.Px(4), W: left.W, H: c.Px(130)})
		y = r.Bottom() + c.Px(36)
	}
	steps := []string{
		c.Say("Mở trang quản trị, mục Ki-ốt, hoặc quét mã QR.", "Open the studio, page Kiosks, or scan the QR code."),
		c.Say("Nhập mã trên, so sáu từ, đặt tên cho màn hình.", "Enter the code above, compare the words, name the screen."),
		c.Say("Bấm Duyệt. Màn hình này sẽ tự chuyển.", "Press Approve. This screen goes on by itself."),
	}
	for i, t := range steps {
		d := c.Px(56)
		c.Circle(left.X+d/2, y+d/2, d/2, c.Theme.Indigo.NRGBA())
		c.Text("pairing.step.number", string(rune('1'+i)), scene.Style{Weight: scene.Bold, Max: 30, Color: scene.Colour{R: 255, G: 255, B: 255, A: 255}.NRGBA(), Align: scene.Middle, VAlign: scene.Middle, Fixed: true, MaxLines: 1},
			scene.Rect{X: left.X, Y: y, W: d, H: d})
		x := left.X + d + c.Px(24)
		r := c.Text("pairing.step", t, scene.Style{Weight: scene.Regular, Max: 36, Min: 26, Color: c.Theme.Ink.NRGBA(), MaxLines: 3, Line: 1.35, VAlign: scene.Start},
			scene.Rect{X: x, Y: y + c.Px(2), W: left.Right() - x, H: max(c.Px(56), left.Bottom()-y)})
		y = max(r.Bottom(), y+d) + c.Px(18)
	}
}

// cells draws the code's characters in boxes of one size and returns their foot.
func (p Pairing) cells(c *scene.Canvas, box scene.Rect, y float32) float32 {
	n := float32(len(p.Code))
	gap := c.Px(16)
	w := min((box.W-gap*(n-1))/n, c.Px(150))
	h := w * 1.25
	x := box.X
	for _, r := range p.Code {
		cell := scene.Rect{X: x, Y: y, W: w, H: h}
		c.Card(cell)
		c.Text("pairing.code", string(r), scene.Style{Weight: scene.ExtraBold, Max: 104, Min: 40, Color: c.Theme.Ink.NRGBA(), Align: scene.Middle, VAlign: scene.Middle, MaxLines: 1, Fixed: true}, cell)
		x += w + gap
	}
	return y + h
}
