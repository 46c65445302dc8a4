package player

import "motcua/slides/scene"

// announcing sets what staff say below what is on the screen while nobody uses
// it: the picture is laid out for the rest, so that nothing lies under the
// words. Whoever uses the kiosk is not disturbed; the words wait.
func (s *State) announcing(p Still) Still {
	text := s.announced.Text
	if text == "" || p.Key == "" {
		return p
	}
	lang := s.firstLang()
	f := s.Content.frame(lang, 0)
	p.Key += "\x00say\x00" + text
	return p.above(func(h int) int { return h * 10 / 100 }, f, func(c *scene.Canvas, r scene.Rect) {
		c.Fill(r, 0, c.Theme.Gold.NRGBA())
		in := r.Inset(c.Px(14))
		in.X, in.W = c.Px(scene.Margin), r.W-2*c.Px(scene.Margin)
		ink := c.Theme.OnGold.NRGBA()
		icon := min(in.H, c.Px(56))
		c.Icon(scene.IconAlert, in.X, in.Y+(in.H-icon)/2, icon, ink)
		in.X += icon + c.Px(28)
		in.W -= icon + c.Px(28)
		c.Text("frame.say", text, scene.Style{Weight: scene.Bold, Max: 40, Min: 24, Color: ink, Line: 1.25, MaxLines: 3, VAlign: scene.Middle}, in)
	})
}

// announce takes staff's words, or takes them away. Only a resting screen moves.
func (n *step) announce(a Announced) {
	if a.Until <= n.Clock.Now() {
		a = Announced{}
	}
	n.announced = a
	if n.resting() {
		n.rise()
	}
}
