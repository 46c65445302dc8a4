package player

import (
	"slices"
	"strings"
	"unicode"

	domain "motcua/slides"
	"motcua/slides/scene"
)

// The letters and signs on the keys, row by row.
var (
	digitRow   = "1234567890"
	letterRows = []string{"qwertyuiop", "asdfghjkl", "zxcvbnm"}
	symbolRows = []string{"@#%&*()-+=", "/:;!?'\"", "_°<>[]~"}
	padRows    = []string{"123", "456", "789", "-0."}
	lowPadRows = []string{"12345", "67890"}
)

// forms are what a letter's key offers when it is held down.
var forms = map[rune][]string{
	'a': {"aáàảãạ", "ăắằẳẵặ", "âấầẩẫậ"}, 'e': {"eéèẻẽẹ", "êếềểễệ"}, 'i': {"iíìỉĩị"}, 'o': {"oóòỏõọ", "ôốồổỗộ", "ơớờởỡợ"},
	'u': {"uúùủũụ", "ưứừửữự"}, 'y': {"yýỳỷỹỵ"}, 'd': {"dđ"},
}

// formsOf is r's forms, in capitals for a capital.
func formsOf(r rune) []string {
	list := forms[unicode.ToLower(r)]
	if !unicode.IsUpper(r) {
		return list
	}
	out := make([]string, len(list))
	for i, l := range list {
		out[i] = strings.ToUpper(l)
	}
	return out
}

// Captions of keys: what they do to the letters before.
var (
	telexCaptions = map[rune]string{'s': "sắc", 'f': "huyền", 'r': "hỏi", 'x': "ngã", 'j': "nặng", 'w': "ư ơ ă"}
	vniCaptions   = map[rune]string{'1': "sắc", '2': "huyền", '3': "hỏi", '4': "ngã", '5': "nặng", '6': "â ê ô", '7': "ư ơ", '8': "ă", '9': "đ"}
	formCaptions  = map[rune]string{'a': "ă â", 'e': "ê", 'o': "ô ơ", 'u': "ư", 'd': "đ"}
)

func (f field) caption(r rune) string {
	low := unicode.ToLower(r)
	out := ""
	switch {
	case f.code:
		return ""
	case f.ed.Typing() == domain.VNI:
		out = vniCaptions[low]
	case f.ed.Typing() == domain.Telex:
		out = telexCaptions[low]
	}
	if out == "" {
		out = formCaptions[low]
	}
	return out
}

// line draws the box of the text, for a page that is a writer; hint stands in it
// while it is empty, icon before it.
func (f field) line(c *scene.Canvas, box scene.Rect, hint string, icon scene.Icon) {
	c.TypedLine(box, hint, icon)
}

// draw sets the keyboard into box. Its targets are named "key:…".
func (f field) draw(c *scene.Canvas, box scene.Rect) {
	k := keys{f, c, box, c.Px(10), 0}
	switch {
	case f.pad:
		k.drawPad()
	case f.forms != 0:
		k.drawForms()
	default:
		k.drawLetters()
	}
}

// keys is a keyboard being drawn.
type keys struct {
	field
	c   *scene.Canvas
	box scene.Rect
	gap float32
	h   float32 // of a row
}

// rows sets the height of n rows and lets the keyboard lie at the box's foot,
// where hands reach it.
func (k *keys) rows(n int) {
	room := (k.box.H - k.gap*float32(n-1)) / float32(n)
	k.h = min(room, k.c.Px(124))
	used := k.h*float32(n) + k.gap*float32(n-1)
	k.box.Y += max(0, k.box.H-used)
}

// key is one cell of a row: a letter, or a word with its own name.
type key struct {
	scene.Key
	span float32 // in keys
}

// row draws keys from x on in cells of width w, and moves to the next row.
func (k *keys) row(x, w float32, list []key) {
	for _, y := range list {
		wide := y.span*w + (y.span-1)*k.gap
		y.Name = "key:" + y.Name
		k.c.Key(y.Key, scene.Rect{X: x, Y: k.box.Y, W: wide, H: k.h})
		x += wide + k.gap
	}
	k.box.Y += k.h + k.gap
}

func (k *keys) letters(s string) (out []key) {
	for _, r := range s {
		if k.shift != small && !k.symbols {
			r = unicode.ToUpper(r)
		}
		out = append(out, key{scene.Key{Name: string(r), Label: string(r), Caption: k.caption(r)}, 1})
	}
	low := slices.ContainsFunc(out, func(y key) bool { return y.Caption != "" })
	for i := range out {
		out[i].Low = low
	}
	return out
}

func (k *keys) word(name, vi, en string, span float32) key {
	return key{scene.Key{Name: name, Label: k.c.Say(vi, en), Words: true}, span}
}

func (k *keys) clearKey(span float32) key {
	if k.again() {
		return k.word("clear", "Lấy lại", "Undo", span)
	}
	return k.word("clear", "Xóa hết", "Clear all", span)
}

// middle is where a row of n cells begins that stands in the middle of the box.
func (k *keys) middle(n, w float32) float32 {
	return k.box.X + (k.box.W-n*w-(n-1)*k.gap)/2
}

func (k *keys) drawLetters() {
	list := letterRows
	if k.symbols {
		list = symbolRows
	}
	// A low box leaves the digits to the page of signs, as the keys must not be
	// smaller than a finger.
	five := k.box.H >= 5*k.c.Finger+4*k.gap
	n := 4
	if five {
		n = 5
	}
	k.rows(n)
	w := (k.box.W - 9*k.gap) / 10
	if !five && k.symbols {
		list = append([]string{digitRow}, list[1:]...)
	} else if five {
		k.row(k.box.X, w, k.letters(digitRow))
	}
	for _, l := range list[:2] {
		k.row(k.middle(float32(len(l)), w), w, k.letters(l))
	}
	up := k.word("shift", "Hoa", "Shift", 1.5)
	up.Chosen = k.shift != small
	if k.shift == locked {
		up = k.word("shift", "HOA", "CAPS", 1.5)
		up.Chosen = true
	}
	third, x := append([]key{up}, k.letters(list[2])...), k.box.X
	if k.symbols { // no capitals: their place stays empty
		third, x = third[1:], x+1.5*(w+k.gap)
	}
	k.row(x, w, append(third, k.word("erase", "Xóa", "Erase", 1.5)))
	other := k.word("symbols", "?!&", "?!&", 1.2)
	if k.symbols {
		other = k.word("symbols", "ABC", "ABC", 1.2)
	}
	how := k.word("typing", map[domain.Typing]string{domain.Telex: "Gõ Telex", domain.VNI: "Gõ VNI", domain.Plain: "Không dấu"}[k.ed.Typing()],
		map[domain.Typing]string{domain.Telex: "Telex", domain.VNI: "VNI", domain.Plain: "No marks"}[k.ed.Typing()], 2)
	last, signs := []key{other, how}, ",."
	if k.code {
		last = last[:1]
		if !k.symbols {
			signs = "-/."
		}
	}
	space := float32(10 - 1.8)
	for _, y := range last {
		space -= y.span
	}
	space -= float32(len(signs))
	last = append(last, k.letters(signs[:len(signs)-1])...)
	last = append(last, k.word("space", "Dấu cách", "Space", space))
	last = append(last, k.letters(signs[len(signs)-1:])...)
	k.row(k.box.X, w, append(last, k.clearKey(1.8)))
}

// drawForms lays the forms of a held letter out over the whole keyboard: big
// letters that say what they are.
func (k *keys) drawForms() {
	list := formsOf(k.forms)
	k.rows(len(list) + 1)
	w := min((k.box.W-5*k.gap)/6, k.c.Px(220))
	k.shift = small // the letters are as they stand here
	for _, l := range list {
		row := k.letters(l)
		for i := range row {
			row[i].Caption, row[i].Low = "", false
		}
		k.row(k.middle(float32(len(row)), w), w, row)
	}
	k.row(k.middle(3, w), w, []key{k.word("close", "Đóng", "Close", 3)})
}

func (k *keys) drawPad() {
	rows, cols := padRows, float32(3)
	if k.box.H < 5*k.c.Finger+4*k.gap {
		rows, cols = lowPadRows, 5
	}
	k.rows(len(rows) + 1)
	w := min((k.box.W-(cols-1)*k.gap)/cols, k.c.Px(300))
	last := []key{k.clearKey(cols / 2), k.word("erase", "Xóa", "Erase", cols/2)}
	if cols == 5 {
		last = append(k.letters("-."), k.clearKey(1.5), k.word("erase", "Xóa", "Erase", 1.5))
	}
	for _, l := range rows {
		k.row(k.middle(cols, w), w, k.letters(l))
	}
	k.row(k.middle(cols, w), w, last)
}
