package player

import (
	"motcua/slides/scene"
)

// autonyms name languages in themselves, for the button that switches to them.
var autonyms = map[string]string{"vi": "Tiếng Việt", "en": "English", "zh": "中文", "fr": "Français", "tyz": "Tày", "nut": "Nùng", "km": "ខ្មែរ", "ja": "日本語", "ko": "한국어"}

// nav draws the row that every citizen's screen ends with: back at the left,
// text size, the other languages, accessibility, the countdown and more time. It
// takes its place off c.Body's foot. Upright screens have two rows.
func (s State) nav(c *scene.Canvas, faces *scene.Faces, langs []string, back string) {
	// The row grows less than the text that is to be read: in one row it leaves
	// the place to that.
	full := c.Frame.Scale
	c.Frame.Scale = min(full, 1.1)
	defer func() { c.Frame.Scale = full }()
	h, gap := c.Px(scene.ButtonH), c.Px(scene.ButtonGap)
	buttons := []scene.Button{
		{Name: "back", Label: back, Icon: scene.IconBack},
		{Name: "size", Label: []string{"A+", "A++", "A"}[s.Size]}, // what it brings
	}
	if next := s.otherLang(langs, faces); next != "" {
		buttons = append(buttons, scene.Button{Name: "lang:" + next, Label: autonym(next)})
	}
	if s.View != ViewAccess {
		buttons = append(buttons, scene.Button{Name: "access", Label: c.Say("Trợ năng", "Accessibility")})
	}
	more := scene.Button{Name: "more-time", Label: c.Say("Tôi cần thêm thời gian", "I need more time")}
	listen := scene.Button{Name: "listen", Label: c.Say("Nghe", "Listen")}
	if s.speaking != "" {
		listen.Label = c.Say("Dừng", "Stop")
	}
	voiced := s.recording().SHA != ""
	body := c.Body
	row := scene.Rect{X: body.X, Y: body.Bottom() - h, W: body.W, H: h}
	mw := snug(c, more)
	need, count := mw+gap, c.Px(240)
	for _, b := range buttons {
		need += snug(c, b) + gap
	}
	if voiced { // the others move together a little
		need = (need + snug(c, listen) + gap) * 0.92
		count = c.Px(190)
	}
	if c.Portrait || need+count > row.W {
		snugRow(c, row, buttons, true)
		up := row
		up.Y -= h + gap
		mw = min(mw, body.W*0.62)
		c.Button(more, scene.Rect{X: up.Right() - mw, Y: up.Y, W: mw, H: h})
		left := up.X
		if voiced {
			c.Button(listen, scene.Rect{X: left, Y: up.Y, W: snug(c, listen), H: h})
			left += snug(c, listen) + gap
		}
		c.Countdown(scene.Rect{X: left, Y: up.Y, W: up.Right() - mw - gap - left, H: h}, scene.Start)
		c.Body.H -= 2*h + gap + c.Px(40)
		return
	}
	c.Button(more, scene.Rect{X: row.Right() - mw, Y: row.Y, W: mw, H: h})
	if voiced {
		buttons = append(buttons, listen)
	}
	end := snugRow(c, scene.Rect{X: row.X, Y: row.Y, W: row.W - mw - count - 2*gap, H: h}, buttons, false)
	c.Countdown(scene.Rect{X: end + gap, Y: row.Y, W: row.Right() - mw - gap - end - gap, H: h}, scene.End)
	c.Body.H -= h + c.Px(44)
}

// snug is how wide a button of the row is: with less air at its sides than
// others, so that all of them find room.
func snug(c *scene.Canvas, b scene.Button) float32 {
	return max(c.ButtonWidth(b)-c.Px(24), c.Px(scene.ButtonH*1.2))
}

// snugRow sets buttons from the left, or spread over the row, and returns the
// right end of the last.
func snugRow(c *scene.Canvas, row scene.Rect, buttons []scene.Button, spread bool) float32 {
	gap := c.Px(scene.ButtonGap)
	room, sum := row.W-gap*float32(len(buttons)-1), float32(0)
	for _, b := range buttons {
		sum += snug(c, b)
	}
	shrink := min(1, room/sum)
	if spread && shrink == 1 && len(buttons) > 1 {
		gap += (room - sum) / float32(len(buttons)-1)
	}
	x := row.X
	for _, b := range buttons {
		w := snug(c, b) * shrink
		c.Button(b, scene.Rect{X: x, Y: row.Y, W: w, H: row.H})
		x += w + gap
	}
	return x - gap
}

// otherLang is the language that the button switches to: the next one of langs
// whose name the font can write.
func (s State) otherLang(langs []string, faces *scene.Faces) string {
	at := 0
	for i, l := range langs {
		if l == s.Lang {
			at = i
		}
	}
	for i := 1; i < len(langs); i++ {
		l := langs[(at+i)%len(langs)]
		if writable(autonym(l), faces) {
			return l
		}
	}
	return ""
}

func writable(name string, faces *scene.Faces) bool {
	for _, r := range name {
		if r != ' ' && !faces.Has(scene.Bold, r) {
			return false
		}
	}
	return true
}

func autonym(lang string) string {
	if n, ok := autonyms[lang]; ok {
		return n
	}
	return lang
}
