package slides

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

func TestClean(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"plain", "Một cửa", "Một cửa"},
		{"NFD", "Thu\u031b\u0309 tu\u0323c", "Thử tục"},
		{"marks in another order", "E\u0302\u0323", "Ệ"},
		{"line ends", "a\r\nb\rc\nd", "a\nb\nc\nd"},
		{"blanks of lines", "a \t\n  b\u00a0\n", "a\n  b"},
		{"no-break spaces", "a\u00a0b\u202fc\u2007d", "a b c d"},
		{"controls", "a\x00b\x1bc\x7fd\u0085e", "abcde"},
		{"formats", "a\u200bb\u200dc\ufeffd\u202ee\u00adf", "abcdef"},
		{"separators", "a\u2028b\u2029c", "abc"},
		{"private use", "a\ue000b", "ab"},
		{"broken bytes", "a\xffb\xc3", "ab"},
		{"replacement character", "a\ufffdb", "ab"},
		{"only blanks", " \t\u00a0\n\r\n", ""},
		{"wide blanks outside", "\u3000\u2003a\u3000", "a"},
		{"wide blanks at a line's end", "a\u3000\nb", "a\nb"},
		{"a mark after what is dropped", "e\u200b\u0302", "ê"},
		{"đ", "Đơn vị", "Đơn vị"},
	} {
		if got := Clean(c.in); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{"Một cửa\r\n", "E\u0302\u0323", "a\u200b\u0302 \n", "\xff\xfe", "\u0344\u0f73", "\u1100\u1161\u11a8", "a\u3000\n\u2003b", "\u0301a", "\n\u0301", strings.Repeat("\u0302\u0323", 40)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c := Clean(s)
		if again := Clean(c); again != c {
			t.Fatalf("cleaned %q, cleaned again %q", c, again)
		}
		if !norm.NFC.IsNormalString(c) || !utf8.ValidString(c) {
			t.Fatalf("%q is not NFC", c)
		}
		for _, r := range c {
			if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
				t.Fatalf("%q keeps %U", c, r)
			}
		}
		if strings.TrimSpace(c) != c || strings.Contains(c, " \n") {
			t.Fatalf("%q is not trimmed", c)
		}
		// Composing can't lengthen Vietnamese; a limit checked before holds after.
		fold := Fold(s)
		if Fold(fold) != fold {
			t.Fatalf("folded %q, folded again %q", fold, Fold(fold))
		}
		if Fold(c) != fold && !strings.ContainsFunc(s, dropped) && utf8.ValidString(s) {
			t.Fatalf("Fold(%q) = %q, of the clean text %q", s, fold, Fold(c))
		}
		var p Problems
		Text{"vi": c}.Check(&p, "title", false, utf8.RuneCountInString(c))
		if len(p.List) > 0 {
			t.Fatalf("the cleaned %q is refused: %v", c, p.List)
		}
	})
}

// dropped says whether Clean may take r out: then it joins what Fold parts.
func dropped(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Co, r) || r == '\u2028' || r == '\u2029' || r == utf8.RuneError
}

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"Đăng ký khai sinh":         "dang ky khai sinh",
		"ĐĂNG KÝ":                   "dang ky",
		"  Hồ sơ: số 60-NQ/TU ":     "ho so so 60 nq tu",
		"Thu\u031b\u0309 tu\u0323c": "thu tuc",
		"Ệ Ổ Ữ":                     "e o u",
		"...":                       "",
		"":                          "",
	} {
		if got := Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestTextCheck(t *testing.T) {
	for _, c := range []struct {
		name     string
		text     Text
		required bool
		paths    string
	}{
		{"good", Text{"vi": "Xin chào", "en": "Hello", "zh-Hant": "你好", "mww": "Nyob zoo"}, true, ""},
		{"empty and free", Text{}, false, ""},
		{"nil and required", nil, true, "t"},
		{"blank", Text{"vi": " "}, true, "t t.vi"},
		{"no Vietnamese", Text{"en": "Hello"}, true, "t"},
		{"too long", Text{"vi": "Xin chào cả nhà"}, true, "t.vi"},
		{"as long as it may be", Text{"vi": "Xin chàoôô"}, true, ""},
		{"NFD", Text{"vi": "Thu\u031b\u0309"}, true, "t.vi"},
		{"control", Text{"vi": "a\x00"}, true, "t.vi"},
		{"tags", Text{"vi": "a", "": "b", "e": "b", "english": "b", "en_US": "b", "en-": "b", "1n": "b", strings.Repeat("en-", 12) + "en": "b"}, true, "t t t t t t t"},
	} {
		var p Problems
		c.text.Check(&p, "t", c.required, 10)
		var paths []string
		for _, q := range p.List {
			paths = append(paths, q.Path)
		}
		if got := strings.Join(paths, " "); got != c.paths {
			t.Errorf("%s: problems at %q, want %q: %v", c.name, got, c.paths, p.List)
		}
	}
}

func TestTextIn(t *testing.T) {
	x := Text{"vi": "Chào", "en": "Hello", "fr": ""}
	for lang, want := range map[string]string{"vi": "Chào", "en": "Hello", "en-US": "Hello", "en-Latn-US": "Hello", "fr": "Chào", "de": "Chào", "": "Chào"} {
		if got := x.In(lang); got != want {
			t.Errorf("In(%q) = %q, want %q", lang, got, want)
		}
	}
	if got := Text(nil).In("en"); got != "" {
		t.Errorf("nil has %q", got)
	}
	if got := CleanText(Text{"vi": " a ", "en": "\u200b"}); len(got) != 1 || got["vi"] != "a" {
		t.Errorf("%v", got)
	}
}
