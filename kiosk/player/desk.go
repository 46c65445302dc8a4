package player

import (
	"slices"
	"strings"
	"time"

	domain "motcua/slides"
	"motcua/slides/scene"
)

// InviteFor is how long an invitation stands.
const InviteFor = 30 * time.Second

// invited asks the citizen at the desk to rate, unless somebody uses the screen.
// The question of an earlier invitation that nobody has touched gives way: the
// next citizen is there. After hours it opens as a touch would: officers who
// work late serve citizens, and the display lights for them.
// Staff learn that the question is up, and no more: whether it was answered, at
// a moment that they know and perhaps under a ticket, would lead from a person to
// a rating.
func (n *step) invited(e Invited) {
	var refused domain.Text
	switch _, last := n.page().(ending); {
	case !n.Place.Terminal.AtDesk:
		refused = domain.Text{"vi": "Ki-ốt này không ở chế độ quầy.", "en": "This kiosk is not in counter mode."}
	case n.form() == nil:
		refused = domain.Text{"vi": "Ki-ốt chưa có phiếu khảo sát.", "en": "The kiosk has no questionnaire yet."}
	case n.Saving != 0, !n.resting() && !last && n.View != ViewHome && !n.inviting:
		refused = domain.Text{"vi": "Màn hình đang có người dùng; hãy mời lại sau.", "en": "Somebody is using the screen; invite again in a moment."}
	default:
		if !n.resting() {
			n.home()
		}
		n.ask(concern{ticket: e.Ticket, procedure: e.Procedure, officer: e.Officer})
		n.deadline, n.inviting = n.now+InviteFor, true
	}
	n.do(InviteAnswered{e.ID, refused})
}

// atDesk sets the counter's sign below a slide: its name and, as the unit
// allows, who serves there. The slide is laid out for what is left of the screen.
func (s *State) atDesk(slide Still) Still {
	t := &s.Place.Terminal
	if !t.AtDesk || s.Place.Desk.Empty() && t.Officer == nil {
		return slide
	}
	lang := s.firstLang()
	name, officer := s.Place.Desk.In(lang), t.Officer
	if officer != nil && officer.Photo != "" && !slices.ContainsFunc(s.Content.Manifest.Blobs, func(b domain.BlobRef) bool { return b.SHA == officer.Photo }) {
		bare := *officer
		bare.Photo = "" // not here: a figure stands for it, not a hole
		officer = &bare
	}
	f := s.Content.frame(lang, 0)
	key := []string{slide.Key, "desk", name}
	if officer != nil {
		key = append(key, officer.Name, officer.Title.In(lang), officer.Photo)
	}
	slide.Key = strings.Join(key, "\x00")
	return slide.above(func(h int) int { return h * 13 / 100 }, f, func(c *scene.Canvas, r scene.Rect) { deskSign(c, r, name, officer) })
}

// above is the picture laid out for what a band at the foot of the screen leaves
// of it; nothing of it is covered. high is the band's height on a screen h high.
func (p Still) above(high func(h int) int, f scene.Frame, draw func(*scene.Canvas, scene.Rect)) Still {
	under := p.compose
	p.compose = func(w, h int, faces *scene.Faces) (*scene.Scene, error) {
		band := high(h)
		out, err := under(w, h-band, faces)
		if err != nil {
			return out, err
		}
		sign := scene.Compose(f, w, h, faces, func(c *scene.Canvas) {
			draw(c, scene.Rect{Y: float32(h - band), W: float32(w), H: float32(band)})
		})
		both := *out // scenes are shared: not changed in place
		both.H = h
		both.Ops = append(slices.Clip(both.Ops), sign.Ops...)
		both.Blobs = append(slices.Clip(both.Blobs), sign.Blobs...)
		both.Overflows = append(slices.Clip(both.Overflows), sign.Overflows...)
		both.Missing = append(slices.Clip(both.Missing), sign.Missing...)
		return &both, nil
	}
	return p
}

func deskSign(c *scene.Canvas, r scene.Rect, name string, officer *domain.OfficerCard) {
	white := scene.Colour{R: 255, G: 255, B: 255, A: 255}.NRGBA()
	c.Fill(r, 0, c.Theme.IndigoDark.NRGBA())
	in := r.Inset(c.Px(18))
	in.X, in.W = c.Px(scene.Margin), r.W-2*c.Px(scene.Margin)
	st := scene.Style{Weight: scene.ExtraBold, Max: 52, Min: 28, Color: white, Line: 1.25, MaxLines: 2, VAlign: scene.Middle}
	switch {
	case officer == nil:
		c.Text("frame.desk", name, st, in)
		return
	case name == "":
	case c.Portrait: // the desk above the officer
		st.MaxLines = 1
		top := in
		top.H = in.H * 0.36
		c.Text("frame.desk", name, st, top)
		in = in.Below(top.Bottom() + c.Px(8))
	default:
		st.Align = scene.End
		right := in
		right.X, right.W = in.X+in.W*0.56, in.W*0.44
		c.Text("frame.desk", name, st, right)
		in.W *= 0.53
	}
	side := min(in.H, c.Px(110))
	face := scene.Rect{X: in.X, Y: in.Y + (in.H-side)/2, W: side, H: side}
	c.Fill(face, side/2, c.Theme.Indigo.NRGBA())
	if officer.Photo != "" {
		c.Picture(officer.Photo, face, side/2, true)
	} else {
		c.Icon(scene.IconPerson, face.X+side*0.24, face.Y+side*0.24, side*0.52, white)
	}
	x := face.Right() + c.Px(28)
	room := in.Right() - x
	who := c.Fit(officer.Name, scene.Style{Weight: scene.Bold, Max: 40, Min: 26, Color: white, Line: 1.25, MaxLines: 2}, room, in.H*0.62)
	what := c.Fit(c.T(officer.Title), scene.Style{Weight: scene.Medium, Max: 28, Min: 24, Color: white, Line: 1.3, MaxLines: 2}, room, max(1, in.H-who.H))
	c.Report("frame.officer", officer.Name, who)
	c.Report("frame.officer.title", c.T(officer.Title), what)
	y := in.Y + (in.H-who.H-what.H)/2
	c.Put(who, scene.Rect{X: x, Y: y, W: room, H: who.H})
	c.Put(what, scene.Rect{X: x, Y: y + who.H, W: room, H: what.H})
}
