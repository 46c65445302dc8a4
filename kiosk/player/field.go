package player

import (
	"fmt"
	"slices"
	"unicode"
	"unicode/utf8"

	"motcua/kiosk/keyboard"
	"motcua/slides"
	"motcua/slides/scene"
)

// field is a text that a citizen writes, with the keyboard that lies below it.
// It is a value: each key gives another one. A page draws its text with line
// and its keys with draw, hands it the touches that touched knows and the long
// ones that held knows, and what a real keyboard or a scanner types with typed;
// writing makes the text seen (writer).
type field struct {
	ed      keyboard.Editor
	was     keyboard.Editor // before it was cleared: the same key brings it back
	most    int             // runes
	pad     bool            // numbers only
	code    bool            // letters as they stand: a code, an address
	symbols bool
	shift   shift
	forms   rune // the letter whose forms are laid out; 0: none
}

// shift is how long capitals last.
type shift uint8

const (
	small shift = iota
	once
	locked
)

// writer is a page with a line that is being written.
type writer interface{ writing() field }

// newField is an empty line of at most most runes; pad gives it a number pad.
func (s *State) newField(most int, pad bool) field {
	t := s.Place.Terminal
	return field{ed: keyboard.New(t.Typing, t.OldTone), most: most, pad: pad}
}

// codes is f for codes and addresses: letters are not composed.
func (f field) codes() field {
	f.code, f.ed = true, f.ed.With(slides.Plain)
	return f
}

// put is f with text written behind it as it stands, as far as there is room.
func (f field) put(text string) field {
	room := max(0, f.most-utf8.RuneCountInString(f.String()))
	if r := []rune(text); len(r) > room {
		text = string(r[:room])
	}
	f.ed = f.ed.Put(text)
	return f
}

// String is what has been written.
func (f field) String() string { return f.ed.String() }

// board tells pictures of the keyboard apart (Still.Key); what is written is a
// slot of its own.
func (f field) board() string {
	return fmt.Sprint(f.shift, f.symbols, f.forms, f.ed.Typing(), f.again(), "\x00")
}

// again says whether what was cleared can be brought back.
func (f field) again() bool { return f.String() == "" && f.was.String() != "" }

// typing is what the screen shows of the line.
func (f field) typing() scene.Typed {
	t := scene.Typed{Text: f.String(), Left: f.most - utf8.RuneCountInString(f.String())}
	if t.Left > min(20, f.most/5) {
		t.Left = -1
	}
	return t
}

// touched carries out a touch; false: it was none of the keyboard's.
func (f field) touched(name, arg string) (field, bool) {
	if name != "key" {
		return f, false
	}
	switch arg {
	case "erase":
		return f.typed(Key{Erase: true}), true
	case "clear":
		if f.again() {
			f.ed, f.was = f.was, keyboard.Editor{}
			return f, true
		}
		f.ed, f.was = f.ed.Clear(), f.ed
	case "space":
		return f.typed(Key{Text: " "}), true
	case "shift":
		f.shift = (f.shift + 1) % 3
	case "symbols":
		f.symbols = !f.symbols
	case "typing":
		at := slices.Index(typings, f.ed.Typing())
		f.ed = f.ed.With(typings[(at+1)%len(typings)])
	case "close":
		f.forms = 0
	default:
		f = f.typed(Key{Text: arg})
		f.forms = 0
		if f.shift == once {
			f.shift = small
		}
	}
	return f, true
}

// typings are the ways of typing in the order of the key that switches them.
var typings = []slides.Typing{slides.Telex, slides.VNI, slides.Plain}

// held lays out the forms of a letter whose key is held down; false: it has none.
func (f field) held(name, arg string) (field, bool) {
	r, n := utf8.DecodeRuneInString(arg)
	if name != "key" || n != len(arg) || f.code || formsOf(r) == nil {
		return f, false
	}
	f.forms = r
	return f, true
}

// typed takes one key; letters that find no room are not taken.
func (f field) typed(k Key) field {
	if k.Erase {
		f.ed = f.ed.Erase()
		return f
	}
	for _, r := range k.Text {
		if f.pad && !unicode.IsDigit(r) && r != '-' && r != '.' {
			continue
		}
		if ed := f.ed.Type(r); utf8.RuneCountInString(ed.String()) <= f.most {
			f.ed = ed
		}
	}
	return f
}
