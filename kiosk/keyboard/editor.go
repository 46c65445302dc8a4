package keyboard

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"motcua/slides"
)

// Editor is a text being typed, with the cursor at its end. It is a value;
// the zero Editor writes Telex in the new style.
type Editor struct {
	how  slides.Typing
	old  bool
	text string // NFC; what was typed before keys
	keys string // typed since, letters and VNI's digits: they go on with text's last word
}

// New is an empty text. how "" is Telex; old sets the tone as in hòa, thúy
// and not as in hoà, thuý.
func New(how slides.Typing, old bool) Editor { return Editor{how: how, old: old} }

// Typing is the way of typing.
func (e Editor) Typing() slides.Typing {
	if e.how == "" {
		return slides.Telex
	}
	return e.how
}

// With is e, typed on in another way.
func (e Editor) With(how slides.Typing) Editor {
	e = e.Put("")
	e.how = how
	return e
}

// String is the text, in NFC.
func (e Editor) String() string {
	if e.keys == "" {
		return e.text
	}
	before, fixed := e.last()
	keys := []rune(e.keys)
	if w := compose(fixed, keys, e.Typing()); w.composes() {
		return before + w.text(e.old)
	}
	return e.text + e.keys
}

// last cuts text before its last word.
func (e Editor) last() (before string, word []rune) {
	at := len(e.text)
	for at > 0 {
		r, n := utf8.DecodeLastRuneInString(e.text[:at])
		if _, ok := parts[r]; !ok {
			break
		}
		at -= n
	}
	return e.text[:at], []rune(e.text[at:])
}

// Type is e with one more key. Control characters are ignored.
func (e Editor) Type(k rune) Editor {
	if unicode.IsControl(k) || k == utf8.RuneError {
		return e
	}
	_, letter := parts[k]
	digit := e.Typing() == slides.VNI && k >= '0' && k <= '9' && e.inWord()
	if e.Typing() != slides.Plain && (letter || digit) && !e.inAddress() {
		e.keys += string(k)
		return e
	}
	return e.end().Put(string(k))
}

// inWord says whether the cursor is behind a letter.
func (e Editor) inWord() bool {
	if e.keys != "" {
		return true
	}
	_, word := e.last()
	return len(word) > 0
}

// inAddress says whether there is an @ since the last blank.
func (e Editor) inAddress() bool {
	for at := len(e.text); at > 0; {
		r, n := utf8.DecodeLastRuneInString(e.text[:at])
		if r == '@' || unicode.IsSpace(r) {
			return r == '@'
		}
		at -= n
	}
	return false
}

// Put is e with s written behind it as it stands: from a scanner, or pasted.
func (e Editor) Put(s string) Editor {
	e.text, e.keys = norm.NFC.String(e.String()+s), ""
	return e
}

// end ends the word: one that has marks but is no syllable goes back to its keys.
func (e Editor) end() Editor {
	if e.keys == "" {
		return e
	}
	_, fixed := e.last()
	w := compose(fixed, []rune(e.keys), e.Typing())
	if w.lost || w.undone || w.whole() {
		return e.Put("")
	}
	e.text, e.keys = norm.NFC.String(e.text+e.keys), ""
	return e
}

// Erase is e without its last letter.
func (e Editor) Erase() Editor {
	before, fixed := e.last()
	keys := []rune(e.keys)
	w := compose(fixed, keys, e.Typing())
	switch {
	case len(keys) > 0 && !w.composes():
		e.keys = string(keys[:len(keys)-1])
		return e
	case len(keys) == 0 && (len(fixed) == 0 || e.Typing() == slides.Plain || !w.composes() || w.text(e.old) != string(fixed)):
		e.text = cutLast(e.text)
		return e
	}
	w.erase(e.old)
	e.text, e.keys = before+w.text(e.old), ""
	return e
}

// cutLast takes the last character away, with the signs that combine with it.
func cutLast(s string) string {
	for s != "" {
		r, n := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-n]
		if !unicode.Is(unicode.M, r) {
			break
		}
	}
	return s
}

// Clear is an empty text, typed on in the same way.
func (e Editor) Clear() Editor {
	e.text, e.keys = "", ""
	return e
}
