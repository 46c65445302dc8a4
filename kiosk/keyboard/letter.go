package keyboard

import (
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// mark is what a letter has beside its tone.
type mark uint8

const (
	bare mark = iota
	circumflex
	breve
	horn
	stroke
)

// tone is a syllable's.
type tone uint8

const (
	level tone = iota
	acute
	grave
	hook
	tilde
	dot
)

// letter is one letter of a word, apart from the tone.
type letter struct {
	base  rune // small
	mark  mark
	upper bool
	byW   bool // an ư that Telex's w wrote alone
}

var (
	markSigns = map[mark]string{circumflex: "\u0302", breve: "\u0306", horn: "\u031b"}
	toneSigns = map[tone]string{acute: "\u0301", grave: "\u0300", hook: "\u0309", tilde: "\u0303", dot: "\u0323"}
)

// written is a letter with its tone, which only vowels bear.
type written struct {
	letter
	tone tone
}

// forms and parts turn letters into runes and back.
var forms, parts = alphabet()

func alphabet() (map[written]rune, map[rune]written) {
	forms, parts := map[written]rune{}, map[rune]written{}
	add := func(base rune, m mark, t tone) {
		for _, upper := range []bool{false, true} {
			r := base
			switch {
			case m == stroke:
				r = 'đ'
			case m != bare || t != level:
				r = []rune(norm.NFC.String(string(base) + markSigns[m] + toneSigns[t]))[0]
			}
			if upper {
				r = unicode.ToUpper(r)
			}
			w := written{letter{base: base, mark: m, upper: upper}, t}
			forms[w], parts[r] = r, w
		}
	}
	for base := 'a'; base <= 'z'; base++ {
		last := level
		if vowel(base) {
			last = dot
		}
		for t := level; t <= last; t++ {
			add(base, bare, t)
			for _, m := range marksOf[base] {
				add(base, m, t)
			}
		}
	}
	return forms, parts
}

// marksOf lists the marks that a letter may have.
var marksOf = map[rune][]mark{'a': {circumflex, breve}, 'e': {circumflex}, 'o': {circumflex, horn}, 'u': {horn}, 'd': {stroke}}

func vowel(base rune) bool {
	switch base {
	case 'a', 'e', 'i', 'o', 'u', 'y':
		return true
	}
	return false
}

func (l letter) vowel() bool { return vowel(l.base) }

// plain is the letter small and without tone: what rhymes are spelt with.
func (l letter) plain() rune {
	return forms[written{letter{base: l.base, mark: l.mark}, level}]
}

// rune is the letter with tone t.
func (l letter) rune(t tone) rune {
	l.byW = false
	return forms[written{l, t}]
}
