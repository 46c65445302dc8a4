package studio

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"motcua/slides"
)

var verbs = regexp.MustCompile(`%[sdvq%]`)

// Every text is there in every language, in stored form, with the same things
// to fill in.
func TestWordsAreWhole(t *testing.T) {
	w, err := loadWords()
	if err != nil {
		t.Fatal(err)
	}
	for key, texts := range w {
		for _, lang := range languages {
			s := texts[lang]
			switch {
			case strings.TrimSpace(s) == "":
				t.Errorf("%s: nothing in %s", key, lang)
			case !norm.NFC.IsNormalString(s) || slides.Clean(s) != s:
				t.Errorf("%s: %s is not in stored form", key, lang)
			case !slices.Equal(fills(s), fills(texts[languages[0]])):
				t.Errorf("%s: %s fills in %v, %s %v", key, lang, fills(s), languages[0], fills(texts[languages[0]]))
			}
		}
		if len(texts) != len(languages) {
			t.Errorf("%s: languages %v", key, texts)
		}
	}
}

func fills(s string) []string {
	var out []string
	for _, v := range verbs.FindAllString(s, -1) {
		if v != "%%" {
			out = append(out, v)
		}
	}
	return out
}

// used finds the keys that pages and code name in full.
var used = regexp.MustCompile(`(?:\bT |\bT\(|say\((?:q\.lang|lang|"vi"|"en"), |add\("[a-z.]*", )"([a-z][a-zA-Z0-9.-]*)"`)

func sources(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, pattern := range []string{"pages/*.html", "*.go"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range names {
			if strings.HasSuffix(n, "_test.go") {
				continue
			}
			b, err := os.ReadFile(n)
			if err != nil {
				t.Fatal(err)
			}
			out[n] = string(b)
		}
	}
	return out
}

func TestEveryKeyHasWords(t *testing.T) {
	w, err := loadWords()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for name, text := range sources(t) {
		for _, m := range used.FindAllStringSubmatch(text, -1) {
			if strings.HasSuffix(m[1], ".") {
				continue // a prefix, joined at run time
			}
			n++
			if !w.has(m[1]) {
				t.Errorf("%s: no words for %q", name, m[1])
			}
		}
	}
	if n < 300 {
		t.Errorf("only %d keys found: the pattern misses them", n)
	}
}

// No words that nobody says.
func TestNoIdleWords(t *testing.T) {
	w, err := loadWords()
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, text := range sources(t) {
		all.WriteString(text)
	}
	joined := regexp.MustCompile(`"([a-z]+(?:\.[a-z]+)*\.)(?:%d)?"`).FindAllStringSubmatch(all.String(), -1)
	for key := range w {
		ok := strings.Contains(all.String(), `"`+key+`"`)
		for _, m := range joined {
			ok = ok || strings.HasPrefix(key, m[1])
		}
		// {{print .Key ".empty"}} of the part "empty".
		ok = ok || strings.Contains(key, ".empty")
		if !ok {
			t.Errorf("%s is never said", key)
		}
	}
}

// Pages hold no words of their own: outside of tags and actions there are no
// letters.
func TestPagesHoldNoWords(t *testing.T) {
	action := regexp.MustCompile(`(?s)\{\{.*?\}\}`)
	tag := regexp.MustCompile(`(?s)<[^>]*>`)
	spoken := regexp.MustCompile(`(?:title|alt|placeholder|aria-label)="([^"]*)"`)
	for name, text := range sources(t) {
		if !strings.HasSuffix(name, ".html") {
			continue
		}
		text = action.ReplaceAllString(text, "")
		for _, m := range spoken.FindAllStringSubmatch(text, -1) {
			if letters(m[1]) && !strings.HasPrefix(m[1], "FREQ=") {
				t.Errorf("%s: an attribute says %q", name, m[1])
			}
		}
		for _, s := range strings.Split(tag.ReplaceAllString(text, "\n"), "\n") {
			if letters(s) {
				t.Errorf("%s says %q", name, strings.TrimSpace(s))
			}
		}
	}
}

func letters(s string) bool { return strings.ContainsFunc(s, unicode.IsLetter) }
