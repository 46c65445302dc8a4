package keyboard

import (
	"slices"
	"unicode"

	"motcua/slides"
)

// word is the word at the end while it is composed.
type word struct {
	letters []letter
	tone    tone
	undone  bool // a mark was taken back: what follows is meant as it stands
	lost    bool // it can't become a Vietnamese syllable any more
}

// compose is the word that begins with the letters of fixed, as they stand,
// and goes on with keys.
func compose(fixed, keys []rune, how slides.Typing) word {
	var w word
	for _, r := range fixed {
		w.add(r)
	}
	for _, k := range keys {
		w.press(k, how)
	}
	return w
}

// composes says whether the word is shown as composed and not as typed.
func (w *word) composes() bool { return w.undone || !w.lost }

// text is the word as composed.
func (w *word) text(old bool) string {
	out := make([]rune, len(w.letters))
	at := w.bearer(old)
	for i, l := range w.letters {
		t := level
		if i == at {
			t = w.tone
		}
		if out[i] = l.rune(t); out[i] == 0 {
			out[i] = l.base // a digit
		}
	}
	return string(out)
}

// add writes r as it stands.
func (w *word) add(r rune) {
	l, ok := parts[r]
	if !ok {
		l.letter = letter{base: r}
	}
	if l.tone != level {
		w.lost = w.lost || w.tone != level
		w.tone = l.tone
	}
	w.letters = append(w.letters, l.letter)
	w.settle()
	w.lost = w.lost || !ok || !w.possible()
}

// press is one key.
func (w *word) press(k rune, how slides.Typing) {
	if !w.lost && w.command(k, unicode.ToLower(k), how) {
		return
	}
	w.add(k)
}

// command carries out a key that marks a letter or sets the tone; false: it
// writes itself.
func (w *word) command(k, low rune, how slides.Typing) bool {
	if how == slides.VNI {
		switch low {
		case '0', '1', '2', '3', '4', '5':
			return w.setTone(k, tone(low-'0'))
		case '6':
			return w.setMark(k, circumflex, "aeo")
		case '7':
			return w.setHook(k, "uo")
		case '8':
			return w.setHook(k, "a")
		case '9':
			return w.setStroke(k, false)
		}
		return false
	}
	switch low {
	case 's', 'f', 'r', 'x', 'j':
		return w.setTone(k, map[rune]tone{'s': acute, 'f': grave, 'r': hook, 'x': tilde, 'j': dot}[low])
	case 'z':
		return w.setTone(k, level)
	case 'a', 'e', 'o':
		return w.setMark(k, circumflex, string(low))
	case 'd':
		return w.setStroke(k, true)
	case 'w':
		return w.setHook(k, "uoa") || w.addHorned(k)
	}
	return false
}

func (w *word) setTone(k rune, t tone) bool {
	if !w.voiced() || !w.possible() {
		return false
	}
	switch {
	case t == w.tone && t == level:
		return false
	case t == w.tone:
		w.takeBack(func() { w.tone = level }, k)
		return true
	}
	was := w.tone
	w.tone = t
	if !w.possible() {
		w.tone = was
		return false
	}
	return true
}

// takeBack undoes with undo and writes the key that asked for it.
func (w *word) takeBack(undo func(), k rune) {
	undo()
	w.undone = true
	w.add(k)
}

// try sets marks on the letters at the places given, if what comes out may
// become a syllable.
func (w *word) try(m func(base rune) mark, at ...int) bool {
	was := slices.Clone(w.letters)
	for _, i := range at {
		w.letters[i].mark, w.letters[i].byW = m(w.letters[i].base), false
	}
	w.settle()
	if w.possible() {
		return true
	}
	w.letters = was
	return false
}

// setMark puts m on the last of the vowels that can bear it.
func (w *word) setMark(k rune, m mark, bases string) bool {
	if w.undone {
		return false
	}
	from, to := w.nucleus()
	marked := -1
	for i := to - 1; i >= from; i-- {
		l := w.letters[i]
		if !contains(bases, l.base) {
			continue
		}
		if l.mark == m {
			marked = i
		} else if w.try(func(rune) mark { return m }, i) {
			return true
		}
	}
	if marked < 0 {
		return false
	}
	w.takeBack(func() { w.letters[marked].mark = bare }, k)
	return true
}

// hooked is the mark that Telex's w puts on a vowel.
func hooked(base rune) mark {
	if base == 'a' {
		return breve
	}
	return horn
}

// setHook puts horn or breve on the vowels of bases: on both of uo, else on the
// first that can bear it.
func (w *word) setHook(k rune, bases string) bool {
	if w.undone {
		return false
	}
	from, to := w.nucleus()
	var marked []int
	for i := from; i < to; i++ {
		l := w.letters[i]
		if !contains(bases, l.base) {
			continue
		}
		pair := l.base == 'u' && i+1 < to && w.letters[i+1].base == 'o' && contains(bases, 'o')
		if pair && w.letters[i+1].mark != horn && w.try(hooked, i, i+1) {
			return true
		}
		if l.mark == hooked(l.base) {
			marked = append(marked, i)
		} else if (!pair || w.letters[i+1].mark != horn) && w.try(hooked, i) {
			return true
		}
	}
	if len(marked) == 0 {
		return false
	}
	if i := marked[0]; len(marked) == 1 && w.letters[i].byW { // ww is w
		w.letters[i], w.undone, w.lost = letter{base: 'w', upper: w.letters[i].upper}, true, true
		return true
	}
	w.takeBack(func() {
		for _, i := range marked {
			w.letters[i].mark = bare
		}
	}, k)
	return true
}

// addHorned writes the ư that w stands for where there is no vowel to mark.
func (w *word) addHorned(k rune) bool {
	if w.undone {
		return false
	}
	was := w.letters
	w.letters = append(slices.Clip(w.letters), letter{base: 'u', mark: horn, upper: unicode.IsUpper(k), byW: true})
	w.settle()
	if w.possible() {
		return true
	}
	w.letters = was
	return false
}

// setStroke makes a đ: of the d that a syllable begins with, or, in a word of
// consonants like QĐ, of the last d; adjacent asks that it be the letter before.
func (w *word) setStroke(k rune, adjacent bool) bool {
	if w.undone || len(w.letters) == 0 {
		return false
	}
	at := 0
	if !w.voiced() {
		at = len(w.letters) - 1
		for !adjacent && at > 0 && w.letters[at].base != 'd' {
			at--
		}
	}
	l := w.letters[at]
	switch {
	case l.base != 'd':
		return false
	case l.mark == stroke:
		w.takeBack(func() { w.letters[at].mark = bare }, k)
		return true
	}
	return w.try(func(rune) mark { return stroke }, at)
}

func contains(bases string, r rune) bool {
	for _, b := range bases {
		if b == r {
			return true
		}
	}
	return false
}

// head is how many letters come before the rhyme. In gi before a vowel the i
// may belong to either: "gia" is gi + a, "giêng" is g + iêng; other is the
// second way to part the word, or the same.
func (w *word) head() (n, other int) {
	l := w.letters
	for n < len(l) && !l[n].vowel() {
		n++
	}
	other = n
	if n == 1 && len(l) > 1 && l[1].mark == bare {
		if l[0].base == 'q' && l[1].base == 'u' {
			return 2, 2
		}
		if l[0].base == 'g' && l[1].base == 'i' && len(l) > 2 && l[2].vowel() {
			return 2, 1
		}
	}
	return n, other
}

// nucleus is where the rhyme's vowels are.
func (w *word) nucleus() (from, to int) {
	from, _ = w.head()
	to = from
	for to < len(w.letters) && w.letters[to].vowel() {
		to++
	}
	return from, to
}

// possible says whether the word may become a Vietnamese syllable; without a
// vowel it may be the beginning of one, or an abbreviation.
func (w *word) possible() bool { return w.fits(false) }

// whole says whether the word is a Vietnamese syllable or has no vowel.
func (w *word) whole() bool { return w.fits(true) }

func (w *word) fits(whole bool) bool {
	n, other := w.head()
	return !w.voiced() || w.parted(n, whole) || other != n && w.parted(other, whole)
}

func (w *word) voiced() bool { return slices.ContainsFunc(w.letters, letter.vowel) }

func (w *word) parted(n int, whole bool) bool {
	spell := make([]rune, len(w.letters))
	for i, l := range w.letters {
		if spell[i] = l.plain(); spell[i] == 0 {
			return false
		}
	}
	head, rhyme := string(spell[:n]), spell[n:]
	if head != "" && !heads[head] || whole && (head == "q" || len(rhyme) == 0) {
		return false
	}
	if len(rhyme) == 0 {
		return true // qu
	}
	if stopped(rhyme) && w.tone != acute && w.tone != dot && (w.tone != level || whole && string(rhyme) != "ăk") {
		return false
	}
	return rhymed(head, rhyme, whole)
}

// settle makes ươ of uo where one of them has its horn, as typing goes on: both
// have it before another letter; without one only the o has it after h, th and
// kh (thuở).
func (w *word) settle() {
	from, to := w.nucleus()
	for i := from; i+1 < to; i++ {
		u, o := &w.letters[i], &w.letters[i+1]
		if u.base != 'u' || o.base != 'o' {
			continue
		}
		more := i+2 < len(w.letters)
		switch {
		case o.mark == circumflex:
			u.mark = bare
		case u.mark == horn && more:
			o.mark = horn
		case o.mark == horn && more:
			u.mark = horn
		case o.mark == horn && opensBare(w.letters[:i]):
			u.mark = bare
		}
	}
}

func opensBare(head []letter) bool {
	switch {
	case len(head) == 1:
		return head[0].base == 'h'
	case len(head) == 2:
		return head[1].base == 'h' && (head[0].base == 't' || head[0].base == 'k')
	}
	return false
}

// bearer is the letter that the tone stands on; -1: there is no vowel.
func (w *word) bearer(old bool) int {
	from, to := w.nucleus()
	if from == to {
		return -1
	}
	for i := to - 1; i >= from; i-- {
		if w.letters[i].mark != bare {
			return i
		}
	}
	switch n := to - from; {
	case n == 1:
		return from
	case n > 2 || to < len(w.letters):
		return from + 1
	}
	switch string([]rune{w.letters[from].base, w.letters[from+1].base}) {
	case "oa", "oe", "uy":
		if old {
			return from
		}
		return from + 1
	case "ie", "ye", "ue", "uo": // the mark is still to come
		return from + 1
	}
	return from
}

// erase takes the last letter, with the tone if it bears that.
func (w *word) erase(old bool) {
	n := len(w.letters) - 1
	if w.bearer(old) == n {
		w.tone = level
	}
	w.letters = slices.Clone(w.letters[:n])
	w.settle()
	if from, to := w.nucleus(); from == to {
		w.tone = level
	}
}
