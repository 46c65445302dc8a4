package player

import (
	"time"

	"motcua/slides/scene"
	"motcua/slides/wire"
)

// ViewPhone is a QR that opens a page on the citizen's own phone.
const ViewPhone View = "phone"

// pass is the one that is on the screen. The player can't make one: it knows no
// key and draws no lots.
type pass struct {
	to    wire.Purpose
	token string        // "" until it has come
	asked time.Duration // when it was last asked for
}

// phones says whether citizens' phones reach the server.
func (s *State) phones() bool { return s.Place.Terminal.Phone != "" && s.Place.Kiosk != "" }

// phoneButton is the way to the phone.
func phoneButton(c *scene.Canvas) scene.Button {
	return scene.Button{Name: "phone", Label: c.Say("Đánh giá trên điện thoại", "Rate on your phone"), Icon: scene.IconPhone}
}

// openPhone shows a QR with a fresh pass.
func (n *step) openPhone(to wire.Purpose) {
	if !n.phones() {
		return
	}
	n.pass = pass{to: to}
	n.open(phone{n.Content, to})
	n.askPass()
}

// askPass asks for a pass; the one on the screen stays until the new one comes.
func (n *step) askPass() {
	n.pass.asked = n.now
	n.do(MakePass{To: n.pass.to})
}

// freshPass asks for another pass before the one on the screen is of no use.
func (n *step) freshPass() {
	if p, ok := n.page().(phone); ok && p.to == n.pass.to && n.now-n.pass.asked >= wire.PassFresh {
		n.askPass()
	}
}

func (n *step) passMade(e PassMade) {
	if e.To == n.pass.to {
		n.pass.token = e.Pass
	}
}

// phone shows the pass as a QR.
type phone struct {
	content *Content
	to      wire.Purpose
}

func (phone) view() View                  { return ViewPhone }
func (phone) patience() time.Duration     { return time.Minute } // to find the phone and its camera
func (phone) touch(*step, string, string) {}
func (phone) likely(s State) []Still      { return []Still{s.slide(s.Content, s.Showing.Slide)} }

func (p phone) still(s State) Still {
	s.View = ViewPhone
	path, token, address := wire.PathRate, s.pass.token, s.Place.Terminal.Phone
	if p.to == wire.ToWrite {
		path = wire.PathWrite
	}
	return s.screen(p.content, "phone\x00"+path+token+"\x00"+address, func(c *scene.Canvas) {
		title, caption := c.Say("Đánh giá trên điện thoại", "Rate on your phone"), c.Say("Quét để đánh giá", "Scan to rate")
		if p.to == wire.ToWrite {
			title, caption = c.Say("Góp ý trên điện thoại", "Write on your phone"), c.Say("Quét để viết", "Scan to write")
		}
		how := c.Say("Mở máy ảnh hoặc Zalo trên điện thoại, đưa vào mã này.\nKhông cần cài ứng dụng.\nMã dùng một lần, trong 15 phút.",
			"Point your phone's camera at the code.\nNo app is needed.\nThe code serves once, within 15 minutes.")
		if token == "" {
			how = c.Say("Đang tạo mã…", "Making the code…")
		}
		b := c.Body
		if c.Portrait {
			c.Title("phone", title, how)
			b = c.Body
			if token != "" {
				w := min(b.W*0.86, b.H*0.82)
				c.QR(scene.QRSpec{URL: address + path + token, Caption: caption, Address: scene.Letters(address), Path: "phone"}, scene.Rect{X: b.X + (b.W-w)/2, Y: b.Y, W: w, H: b.H})
			}
			return
		}
		side := b
		w := min(b.H*0.88, b.W*0.46)
		if token != "" {
			card := c.QR(scene.QRSpec{URL: address + path + token, Caption: caption, Address: scene.Letters(address), Path: "phone"}, scene.Rect{X: b.X, Y: b.Y, W: w, H: b.H})
			w = card.W
		}
		side.X += w + c.Px(72)
		side.W = max(1, b.Right()-side.X)
		pal := c.Colors()
		t := c.Fit(title, scene.Style{Weight: scene.ExtraBold, Max: 68, Min: 40, Color: pal.Title, MaxLines: 3, Line: 1.25}, side.W, side.H*0.4)
		u := c.Fit(how, scene.Style{Weight: scene.Medium, Max: 40, Min: 28, Color: pal.Sub, MaxLines: 8, Line: 1.5}, side.W, side.H*0.55)
		c.Report("phone", title, t)
		c.Report("phone.sub", how, u)
		gap := c.Px(28)
		y := side.Y + max(0, (side.H-t.H-u.H-gap)/2)
		c.Put(t, scene.Rect{X: side.X, Y: y, W: side.W, H: t.H})
		c.Put(u, scene.Rect{X: side.X, Y: y + t.H + gap, W: side.W, H: u.H})
	})
}
