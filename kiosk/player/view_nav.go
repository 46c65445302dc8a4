package player

import (
	"motcua/slides/scene"
)

// autonyms name languages in themselves, for the button that switches to them.
var autonyms = map[string]string{"vi": "Tiếng Việt", "en": "English", "zh": "中文", "fr": "Français", "tyz": "Tày", "nut": "Nùng", "km": "ខ្មែរ", "ja": "日本語", "ko": "한국어"}

// nav draws the row that every citizen's screen ends with: back at the left,
// text size, the other languages, the countdown and more time. It takes its
// place off c.Body's foot. Portrait screens have two rows.
func (s State) nav(c *scene.Canvas, faces *scene.Faces, langs []string, back string) {
	defer held(c)()
	h := c.Px(scene.ButtonH)
	gap := c.Px(scene.ButtonGap)
	buttons := []scene.Button{
		{Name: "back", Label: back, Icon: scene.IconBack},
		{Name: "size", Label: "A  A+  A++"},
	}
	if next := s.otherLang(langs, faces); next != "" {
		buttons = append(buttons, scene.Button{Name: "lang:" + next, Label: autonym(next)})
	}
	more := scene.Button{Name: "more-time", Label: c.Say("Tôi cần thêm thời gian", "I need more time")}
	body := c.Body
	row := scene.Rect{X: body.X, Y: body.Bottom() - h, W: body.W, H: h}
	mw := c.ButtonWidth(more)
	need := mw + c.Px(250) + gap
	for _, b := range buttons {
		need += c.ButtonWidth(b) + gap
	}
	if c.Portrait || need > row.W {
		spread(c, row, buttons)
		up := row
		up.Y -= h + gap
		mw = min(mw, body.W*0.62)
		c.Button(more, scene.Rect{X: up.Right() - mw, Y: up.Y, W: mw, H: h})
		c.Countdown(scene.Rect{X: up.X, Y: up.Y, W: up.W - mw - gap, H: h}, scene.Start)
		c.Body.H -= 2*h + gap + c.Px(40)
		return
	}
	c.Button(more, scene.Rect{X: row.Right() - mw, Y: row.Y, W: mw, H: h})
	end := c.ButtonRow(scene.Rect{X: row.X, Y: row.Y, W: row.W - mw - gap, H: h}, buttons...)
	c.Countdown(scene.Rect{X: end + gap, Y: row.Y, W: row.Right() - mw - gap - end - gap, H: h}, scene.End)
	c.Body.H -= h + c.Px(44)
}

// spread sets buttons at the left, in the middle and at the right of a row.
func spread(c *scene.Canvas, row scene.Rect, buttons []scene.Button) {
	var sum float32
	widths := make([]float32, len(buttons))
	for i, b := range buttons {
		widths[i] = c.ButtonWidth(b)
		sum += widths[i]
	}
	gap := c.Px(scene.ButtonGap)
	if room := row.W - gap*float32(len(buttons)-1); sum > room {
		c.ButtonRow(row, buttons...)
		return
	}
	if len(buttons) > 1 {
		gap = (row.W - sum) / float32(len(buttons)-1)
	}
	x := row.X
	for i, b := range buttons {
		c.Button(b, scene.Rect{X: x, Y: row.Y, W: widths[i], H: row.H})
		x += widths[i] + gap
	}
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
