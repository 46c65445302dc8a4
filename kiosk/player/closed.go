package player

import (
	"fmt"
	"slices"
	"strings"
	"time"

	domain "motcua/slides"
	"motcua/slides/scene"
)

// ViewClosed is what stands in the slides' place outside opening hours.
const ViewClosed View = "closed"

// resting says that nobody uses the kiosk: the slides or the closed screen are up.
func (s *State) resting() bool { return s.View == ViewLoop || s.View == ViewClosed }

// local is the corrected moment in the unit's zone.
func (s *State) local() time.Time {
	if s.Content == nil {
		return s.Clock.Now().Time().In(fallbackZone)
	}
	return s.Clock.Now().Time().In(s.Content.Zone)
}

// days is the unit's working calendar, nil without one.
func (s *State) days() *domain.Calendar {
	if s.Content == nil {
		return nil
	}
	return s.Content.Manifest.Working()
}

// hours changes between the slides and the closed screen. An emergency is shown
// at any hour, and a touch opens what it always opens: procedures can be looked
// up in the evening too.
func (n *step) hours() {
	if !n.resting() {
		return
	}
	v := ViewLoop
	if open, _ := n.Place.Terminal.OpenOn(n.local(), n.days()); !open && n.Showing.Why != domain.ByEmergency {
		v = ViewClosed
	}
	if v != n.View {
		n.enter(v, 0)
	}
}

// closed says that the desk is closed, when it opens, and what can be done
// meanwhile.
func (s *State) closed() Still {
	t, now, lang := s.Place.Terminal, s.local(), s.firstLang()
	_, next := t.OpenOn(now, s.days())
	holiday := s.days() != nil && s.days().Kind(domain.LocalDate(now.Format(time.DateOnly))) == domain.Holiday
	f := s.Content.frame(lang, 0)
	f.Notice = s.banner(lang)
	// What it says depends on the day, and on whether it opens again today.
	key := strings.Join([]string{"closed", s.Content.ID, lang, f.Notice, now.Format(time.DateOnly), next.String(), t.Closed.Text.In(lang), t.Closed.URL, fmt.Sprint(t.Hours, holiday)}, "\x00")
	return Still{Key: key, Logo: f.Logo, compose: func(w, h int, faces *scene.Faces) (*scene.Scene, error) {
		return scene.Compose(f, w, h, faces, func(c *scene.Canvas) { drawClosed(c, &t, now, next, holiday) }), nil
	}}
}

func drawClosed(c *scene.Canvas, t *domain.Terminal, now, next time.Time, holiday bool) {
	c.Chrome(scene.Paper, "")
	p, box := c.Colors(), c.Body
	if u := t.Closed.URL; u != "" {
		qr := scene.QRSpec{Path: "closed.qr", URL: u, Caption: c.Say("Quét để nộp hồ sơ trực tuyến", "Scan to apply online")}
		if c.Portrait {
			w := min(c.Px(520), box.W)
			h := c.Px(660)
			c.QR(qr, scene.Rect{X: box.X + (box.W-w)/2, Y: box.Bottom() - h, W: w, H: h})
			box.H -= h + c.Px(40)
		} else {
			w := min(c.Px(500), box.W*0.32)
			y := box.Y + max(0, box.H-w*1.15)/2 // about the middle of the text beside it
			c.QR(qr, scene.Rect{X: box.Right() - w, Y: y, W: w, H: box.Bottom() - y})
			box.W -= w + c.Px(88)
		}
	}
	title := c.Say("Đã hết giờ làm việc", "The desk is closed")
	if !next.IsZero() && sameDay(now, next) {
		title = c.Say("Ngoài giờ làm việc", "The desk is closed now")
	}
	if holiday {
		title = c.Say("Hôm nay nghỉ lễ", "Closed for a public holiday")
	}
	text := c.T(t.Closed.Text)
	if text == "" {
		text = c.Say("Cảm ơn Ông/Bà đã đến. Mời Ông/Bà trở lại trong giờ làm việc.", "Thank you for coming. Please come back during opening hours.")
		if t.Closed.URL != "" {
			text = c.Say("Ông/Bà vẫn nộp được hồ sơ trực tuyến vào bất cứ lúc nào, kể cả ngày nghỉ.", "You can still apply online at any time, on days off too.")
		}
	}
	type part struct {
		path, text string
		style      scene.Style
		gap        float32 // above it, design pixels
	}
	parts := []part{{"closed.title", title, scene.Style{Weight: scene.ExtraBold, Max: 104, Min: 56, Color: p.Title, Line: 1.25, MaxLines: 2}, 0}}
	if !next.IsZero() {
		parts = append(parts, part{"closed.next", opens(now, next, c.Frame.Lang), scene.Style{Weight: scene.Bold, Max: 56, Min: 36, Color: p.Accent, Line: 1.3, MaxLines: 2}, 12})
	}
	parts = append(parts,
		part{"closed.text", text, scene.Style{Weight: scene.Regular, Max: 42, Min: 28, Color: p.Text, MaxLines: 6}, 36},
		part{"closed.hours", hourLines(t.Hours, c.Frame.Lang), scene.Style{Weight: scene.Medium, Max: 36, Min: 24, Color: p.Sub, MaxLines: 7, Line: 1.45}, 36})
	icon := c.Px(112)
	blocks := make([]scene.Block, len(parts))
	total := icon + c.Px(28)
	for i, x := range parts {
		// Each may take what the ones below it, at their least, leave.
		room := box.H - total - c.Px(x.gap) - c.Px(90)*float32(len(parts)-1-i)
		blocks[i] = c.Fit(x.text, x.style, box.W, max(room, c.Px(40)))
		c.Report(x.path, x.text, blocks[i])
		total += blocks[i].H + c.Px(x.gap)
	}
	y := box.Y + max(0, (box.H-total)/2)
	c.Circle(box.X+icon/2, y+icon/2, icon/2, c.Theme.Son.NRGBA())
	in := icon * 0.56
	c.Icon(scene.IconClock, box.X+(icon-in)/2, y+(icon-in)/2, in, scene.Colour{R: 255, G: 255, B: 255, A: 255}.NRGBA())
	y += icon + c.Px(28)
	for i, x := range parts {
		y += c.Px(x.gap)
		c.Put(blocks[i], scene.Rect{X: box.X, Y: y, W: box.W, H: blocks[i].H})
		y += blocks[i].H
	}
}

func sameDay(a, b time.Time) bool { return a.YearDay() == b.YearDay() && a.Year() == b.Year() }

// opens says when the desk opens again, as people say it: "Mở lại lúc 1:30
// chiều nay", "… lúc 7:30 sáng thứ Hai, 30/11".
func opens(now, next time.Time, lang string) string {
	if strings.HasPrefix(lang, "en") {
		at := next.Format("3:04 pm")
		switch {
		case sameDay(now, next):
			return "Opens again at " + at + " today"
		case sameDay(now.AddDate(0, 0, 1), next):
			return "Opens again at " + at + " tomorrow, " + next.Format("Monday 2 January")
		}
		return "Opens again at " + at + " on " + next.Format("Monday, 2 January")
	}
	part, h := "sáng", next.Hour()
	switch {
	case h >= 22 || h < 4:
		part = "đêm"
	case h >= 18:
		part = "tối"
	case h >= 13:
		part = "chiều"
	case h >= 11:
		part = "trưa"
	}
	if h > 12 {
		h -= 12
	}
	at := fmt.Sprintf("Mở lại lúc %d:%02d %s ", h, next.Minute(), part)
	if sameDay(now, next) {
		return at + "nay"
	}
	day := strings.Replace(scene.Weekday(next.Weekday(), lang), "Thứ", "thứ", 1) + ", " + next.Format("2/1")
	if sameDay(now.AddDate(0, 0, 1), next) {
		return at + "mai, " + day
	}
	return at + day
}

// hourLines lists opening hours, one line for days with the same ones:
// "Thứ Hai – Thứ Sáu: 7:30 – 11:30, 13:30 – 17:00".
func hourLines(hours []domain.Span, lang string) string {
	of := func(d time.Weekday) string {
		var list []domain.Span
		for _, s := range hours {
			if len(s.Days) == 0 || slices.Contains(s.Days, int(d)) {
				list = append(list, s)
			}
		}
		slices.SortFunc(list, func(a, b domain.Span) int { return strings.Compare(string(a.From), string(b.From)) })
		var out []string
		for _, s := range list {
			out = append(out, strings.TrimPrefix(string(s.From), "0")+" – "+strings.TrimPrefix(string(s.Until), "0"))
		}
		return strings.Join(slices.Compact(out), ", ")
	}
	var lines []string
	for i := 1; i <= 7; { // Monday first
		first, text := time.Weekday(i%7), of(time.Weekday(i%7))
		last := first
		for i++; i <= 7 && of(time.Weekday(i%7)) == text; i++ {
			last = time.Weekday(i % 7)
		}
		if text == "" {
			continue
		}
		days := scene.Weekday(first, lang)
		if last != first {
			days += " – " + scene.Weekday(last, lang)
		}
		lines = append(lines, days+": "+text)
	}
	return strings.Join(lines, "\n")
}
