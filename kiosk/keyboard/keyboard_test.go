package keyboard_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"motcua/kiosk/keyboard"
	"motcua/slides"
)

func typed(e keyboard.Editor, keys string) keyboard.Editor {
	for _, k := range keys {
		e = e.Type(k)
	}
	return e
}

// key is what a sign of a letter in NFD is typed with: Telex, VNI. Telex's
// circumflex is the letter again.
var key = map[rune][2]string{
	'\u0302': {"", "6"}, '\u0306': {"w", "8"}, '\u031b': {"w", "7"},
	'\u0301': {"s", "1"}, '\u0300': {"f", "2"}, '\u0309': {"r", "3"}, '\u0303': {"x", "4"}, '\u0323': {"j", "5"},
}

// orders are the ways of typing a syllable: each mark after its letter and the
// tone at once, the tone at the end, or all marks and the tone at the end.
func orders(syllable string, how int) []string {
	type part struct{ letter, mark, tone string }
	var parts []part
	for _, r := range norm.NFD.String(syllable) {
		p := part{letter: string(r)}
		switch {
		case r == 'đ' || r == 'Đ':
			p.letter = map[rune]string{'đ': "d", 'Đ': "D"}[r]
			p.mark = [2]string{"d", "9"}[how]
		case unicode.Is(unicode.Mn, r):
			last := &parts[len(parts)-1]
			k := key[r][how]
			switch {
			case r == '\u0302' && how == 0:
				last.mark = last.letter
			case r == '\u0302' || r == '\u0306' || r == '\u031b':
				last.mark = k
			default:
				last.tone = k
			}
			continue
		}
		parts = append(parts, p)
	}
	var once, late, end, marks, tone string
	for i, p := range parts {
		if how == 0 && i > 0 && p.letter == "o" && p.mark == "" && parts[i-1].letter == "o" {
			p.letter = "oo" // the third o takes the mark of ô back
		}
		once += p.letter + p.mark + p.tone
		late += p.letter + p.mark
		end += p.letter
		tone += p.tone
		if !strings.HasSuffix(marks, p.mark) || p.mark == "d" { // one w marks both of ươ
			marks += p.mark
		}
	}
	return []string{once, late + tone, end + marks + tone}
}

var ways = []slides.Typing{slides.Telex, slides.VNI}

func oldStyle(t *testing.T) map[string]string {
	list := strings.Fields(styles)
	old := map[string]string{}
	for i := 0; i < len(list); i += 2 {
		old[list[i]] = list[i+1]
	}
	if len(old) < 20 {
		t.Fatal("the table of styles has shrunk")
	}
	return old
}

// Every syllable comes out of every order of its keys, in both ways of typing,
// both styles and in capitals, and stays when it is ended.
func TestSyllables(t *testing.T) {
	list, olds := strings.Fields(syllables), oldStyle(t)
	if len(list) < 300 {
		t.Fatalf("%d syllables", len(list))
	}
	for _, want := range list {
		for how, way := range ways {
			for _, keys := range orders(want, how) {
				old := want
				if o, ok := olds[want]; ok {
					old = o
				}
				for _, c := range []struct {
					old        bool
					keys, want string
				}{
					{false, keys, want},
					{true, keys, old},
					{false, strings.ToUpper(keys), strings.ToUpper(want)},
					{false, keys + " ", want + " "},
					{true, "ở " + keys + ",", "ở " + old + ","},
				} {
					if got := typed(keyboard.New(way, c.old), c.keys).String(); got != norm.NFC.String(c.want) {
						t.Errorf("%s %q (old style: %v): %q, want %q", way, c.keys, c.old, got, c.want)
					}
				}
			}
		}
	}
}

// Erasing takes one letter after another from the end of every syllable, marks
// and all; what is left is what would be there without it.
func TestEraseEveryStep(t *testing.T) {
	bareTone := func(s string) string { // letters with marks, without tone
		return norm.NFC.String(strings.Map(func(r rune) rune {
			switch r {
			case '\u0301', '\u0300', '\u0309', '\u0303', '\u0323':
				return -1
			}
			return r
		}, norm.NFD.String(s)))
	}
	for _, want := range strings.Fields(syllables) {
		for how, way := range ways {
			for _, keys := range orders(want, how) {
				e := typed(keyboard.New(way, false), keys)
				for n := utf8.RuneCountInString(norm.NFC.String(want)); n > 0; n-- {
					before := []rune(e.String())
					e = e.Erase()
					got := []rune(e.String())
					if len(got) != n-1 {
						t.Fatalf("%s %q: erasing from %q leaves %q", way, keys, string(before), string(got))
					}
					// Horns of ươ may go (thương, thuơ); nothing else changes but the tone's place.
					a, b := bareTone(string(got)), bareTone(string(before[:n-1]))
					if a != b && strings.ReplaceAll(a, "u", "ư") != strings.ReplaceAll(b, "u", "ư") {
						t.Errorf("%s %q: erasing from %q leaves %q", way, keys, string(before), string(got))
					}
				}
				if e.Erase().String() != "" {
					t.Errorf("%q is left", e.String())
				}
			}
		}
	}
}

// After erasing, a word goes on being composed.
func TestComposesAfterErasing(t *testing.T) {
	for _, c := range [][2]string{ // "<" erases
		{"tieengs<<t", "tiết"},
		{"hoanf<", "hoà"},
		{"hoaf<", "ho"},
		{"toans<<", "to"},
		{"tieesng<<t", "tiết"},
		{"hoa <s", "hoá"},
		{"vieejtb<", "việt"},
		{"vieejtb<b<", "việt"},
		{"website<<<<<<<", ""},
		{"tesst<", "tes"},
		{"tesst<<s", "té"},
		{"giuwx<", "gi"},
		{"quys<", "qu"},
		{"thuowngr<<", "thuở"},
		{"thuowngr<", "thưởn"},
		{"ass<s", "á"},
		{"wifi<<<<", ""},
		{"LaJng<<<", "L"},
		{"quaanj 10<<<<", "quậ"},
		{"aaa<a", "â"},
		{"vieetj<<e", "vie"},
		{"vie<eet", "viêt"},
	} {
		e := keyboard.New(slides.Telex, false)
		for _, k := range c[0] {
			if k == '<' {
				e = e.Erase()
			} else {
				e = e.Type(k)
			}
		}
		if got := e.String(); got != c[1] {
			t.Errorf("%q: %q, want %q", c[0], got, c[1])
		}
	}
}

func TestOldStyleErasing(t *testing.T) {
	e := typed(keyboard.New("", true), "hoanf")
	for _, want := range []string{"hòa", "hò", "h", ""} {
		if e = e.Erase(); e.String() != want {
			t.Errorf("%q, want %q", e.String(), want)
		}
	}
}

func TestMixed(t *testing.T) {
	for _, c := range mixed {
		if got := typed(keyboard.New(slides.Telex, false), c[0]).String(); got != c[1] {
			t.Errorf("%q: %q, want %q", c[0], got, c[1])
		}
	}
	for _, c := range [][2]string{
		{"a1", "á"},
		{"a11", "a1"},
		{"a66", "a6"},
		{"u77", "u7"},
		{"a88", "a8"},
		{"d99", "d9"},
		{"a10", "a"},
		{"a0", "a0"},
		{"Q1", "Q1"},
		{"T12", "T12"},
		{"quan65 1", "quận 1"},
		{"d9uo75c", "được"},
		{"d9uoc75", "được"},
		{"nguoi72", "người"},
		{"thuo73", "thuở"},
		{"thuong7", "thương"},
		{"QD9", "QĐ"},
		{"HD9ND", "HĐND"},
		{"12 a", "12 a"},
		{"0203", "0203"},
		{"test", "test"},
		{"office", "office"},
		{"windows", "windows"},
		{"email", "email"},
		{"data", "data"},
		{"a@b1.vn", "a@b1.vn"},
		{"Le62 Thi5 Hoa2", "Lề Thị Hoà"},
	} {
		if got := typed(keyboard.New(slides.VNI, false), c[0]).String(); got != c[1] {
			t.Errorf("VNI %q: %q, want %q", c[0], got, c[1])
		}
	}
	for _, s := range []string{"Dieu 5 ass aa dd", "hòa", "Đường", "a1 w"} {
		if got := typed(keyboard.New(slides.Plain, false), s).String(); got != s {
			t.Errorf("plain %q: %q", s, got)
		}
	}
	if got := typed(typed(keyboard.New("", false), "tieengs ").With(slides.VNI), "Vie65t").With(slides.Plain).Put(" 123").String(); got != "tiếng Việt 123" {
		t.Errorf("switched: %q", got)
	}
}

// Whatever is typed and erased: the text is NFC, letters are never invented,
// and erasing it all ends with nothing.
func TestAnyKeys(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		way := rapid.SampledFrom([]slides.Typing{"", slides.Telex, slides.VNI, slides.Plain}).Draw(t, "way")
		e := keyboard.New(way, rapid.Bool().Draw(t, "old"))
		keys := rapid.SliceOfN(rapid.SampledFrom([]rune("aaaeeoouuiydwwsfrxjzhnnggctmpkqbvl0123456789 @.ASDFWOĐđếệ\u0301<<<")), 0, 40).Draw(t, "keys")
		n := 0
		for _, k := range keys {
			if k == '<' {
				e = e.Erase()
				continue
			}
			n++
			e = e.Type(k)
			if s := e.String(); !norm.NFC.IsNormalString(s) || utf8.RuneCountInString(s) > n {
				t.Fatalf("%q after %q", s, string(keys))
			}
		}
		if e.Clear().String() != "" {
			t.Fatal("not cleared")
		}
		for i := 0; e.String() != ""; i++ {
			if i > n {
				t.Fatalf("%q is left of %q", e.String(), string(keys))
			}
			e = e.Erase()
		}
	})
}

// Letters that mean nothing but themselves come out as they went in.
func TestPlainLetters(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOfN(rapid.SampledFrom([]rune("bcghiklmnpqtuvy BCGHIKLMNPQTUVY 0123456789.,-/()")), 0, 40, -1).Draw(t, "text")
		if got := typed(keyboard.New(slides.Telex, false), s).String(); got != s {
			t.Fatalf("%q became %q", s, got)
		}
	})
}

func FuzzType(f *testing.F) {
	f.Add("Truwowngf hoa<c @ 12", true)
	f.Add("e\u0301\u0323 ᄀ\u1161 K\u212a \ufffd\x00", false)
	f.Fuzz(func(t *testing.T, keys string, old bool) {
		for _, way := range []slides.Typing{slides.Telex, slides.VNI, slides.Plain} {
			e := keyboard.New(way, old)
			for _, k := range keys {
				if k == '<' {
					e = e.Erase()
				} else {
					e = e.Type(k)
				}
				if s := e.String(); !norm.NFC.IsNormalString(s) || !utf8.ValidString(s) {
					t.Fatalf("%s %q gives %q", way, keys, s)
				}
			}
			for range 2 * len(keys) {
				e = e.Erase()
			}
			if e.String() != "" {
				t.Fatalf("%s %q: %q is left", way, keys, e.String())
			}
		}
	})
}
