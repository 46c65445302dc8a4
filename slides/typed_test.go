package slides_test

import (
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"motcua/slides"
)

func TestTyped(t *testing.T) {
	for in, want := range map[string]string{
		"Một\vdòng":     "Một\ndòng",
		"Một\u2028dòng": "Một\ndòng",
		"\uf0b7\u2003Nộp hồ sơ\u00a0trực\u2009tuyến ": "• Nộp hồ sơ trực tuyến",
		norm.NFD.String("Tiếng Việt"):                 "Tiếng Việt",
		"a\u200bb\ufeffc\u00add":                      "abcd",
		"Quyết định số 766\u2011QĐ":                   "Quyết định số 766-QĐ",
		"“ngoặc kép” – và gạch…":                      "“ngoặc kép” – và gạch…",
		"":                                            "",
	} {
		if got := slides.Typed(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	if got := slides.TypedText(slides.Text{"vi": "a\v", "en": "\u2003"}); len(got) != 1 || got["vi"] != "a" {
		t.Errorf("%v", got)
	}
}

// Whatever is pasted, what is kept is in stored form, is the same when pasted
// again, has no letter that the text had not, and loses none that can be seen.
func FuzzTyped(f *testing.F) {
	for _, s := range []string{"Một\vcửa", "\uf0b7\tviệc\u00a0làm", norm.NFD.String("Nghị quyết Đại hội"), "a\u202eb\u2066c", "\xff\xfe", "x\r\n\u2029y"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := slides.Typed(s)
		if slides.Clean(got) != got || slides.Typed(got) != got || !norm.NFC.IsNormalString(got) {
			t.Fatalf("%q: %q is not in stored form", s, got)
		}
		for _, r := range got {
			if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Zs, r) && r != ' ') {
				t.Fatalf("%q: %q has %U", s, got, r)
			}
		}
		letters := func(s string) string {
			return strings.Map(func(r rune) rune {
				if unicode.IsLetter(r) || unicode.IsDigit(r) {
					return r
				}
				return -1
			}, norm.NFC.String(strings.ToValidUTF8(s, "")))
		}
		if slides.Fold(letters(got)) != slides.Fold(letters(slides.Clean(s))) {
			t.Fatalf("%q: letters %q became %q", s, letters(s), letters(got))
		}
	})
}
