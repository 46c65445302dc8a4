package player

import (
	"strings"
	"unicode/utf8"

	"motcua/slides/scene"
)

// field is a line of text that a citizen writes, with the keyboard that lies
// below it. It is a value: each key gives another one. A page draws it with
// draw, hands it the touches that touched knows, and what a real keyboard or a
// scanner types with typed.
type field struct {
	text string
	most int  // runes
	pad  bool // numbers only
}

// newField is an empty line of at most most runes; pad gives it a number pad.
func (s *State) newField(most int, pad bool) field { return field{most: most, pad: pad} }

// String is what has been written.
func (f field) String() string { return f.text }

// key tells pictures of the keyboard apart (Still.Key).
func (f field) key() string { return f.text }

// touched carries out a touch; false: it was none of the keyboard's.
func (f field) touched(name, arg string) (field, bool) {
	if name != "key" {
		return f, false
	}
	switch arg {
	case "erase":
		return f.typed(Key{Erase: true}), true
	case "clear":
		f.text = ""
		return f, true
	case "space":
		return f.typed(Key{Text: " "}), true
	}
	return f.typed(Key{Text: arg}), true
}

// typed takes one key.
func (f field) typed(k Key) field {
	if k.Erase {
		_, n := utf8.DecodeLastRuneInString(f.text)
		f.text = f.text[:len(f.text)-n]
		return f
	}
	if utf8.RuneCountInString(f.text+k.Text) <= f.most {
		f.text += k.Text
	}
	return f
}

var (
	letterRows = []string{"qwertyuiop", "asdfghjkl", "zxcvbnm"}
	numberRows = []string{"123", "456", "789", "0-."}
)

// draw sets the keyboard into box. Its targets are named "key:…".
func (f field) draw(c *scene.Canvas, box scene.Rect) {
	rows := letterRows
	if f.pad {
		rows = numberRows
	}
	gap := c.Px(12)
	h := min((box.H-gap*float32(len(rows)))/float32(len(rows)+1), c.Px(132))
	y := box.Y
	for _, r := range rows {
		w := (box.W - gap*float32(len(rows[0])-1)) / float32(len(rows[0]))
		x := box.X + (box.W-w*float32(len(r))-gap*float32(len(r)-1))/2
		for _, k := range strings.Split(r, "") {
			c.Button(scene.Button{Name: "key:" + k, Label: k}, scene.Rect{X: x, Y: y, W: w, H: h})
			x += w + gap
		}
		y += h + gap
	}
	c.ButtonRow(scene.Rect{X: box.X, Y: y, W: box.W, H: h},
		scene.Button{Name: "key:clear", Label: c.Say("Xóa hết", "Clear")}, scene.Button{Name: "key:space", Label: c.Say("Dấu cách", "Space")}, scene.Button{Name: "key:erase", Label: c.Say("Xóa", "Erase")})
}
