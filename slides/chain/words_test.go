package chain

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"motcua/slides"
)

func TestWordList(t *testing.T) {
	list := WordList()
	if len(list) != 256 {
		t.Fatalf("%d words", len(list))
	}
	seen, heard := map[string]string{}, map[string]string{}
	for _, w := range list {
		if !norm.NFC.IsNormalString(w) || w != strings.ToLower(w) {
			t.Errorf("%q is not in stored form", w)
		}
		fold := slides.Fold(w)
		if len(fold) < 2 || len(fold) > 6 || strings.Contains(fold, " ") {
			t.Errorf("%q is not one short syllable", w)
		}
		if o, ok := seen[fold]; ok {
			t.Errorf("%s and %s are both %s without marks", o, w, fold)
		}
		seen[fold] = w
		k := sound(fold)
		if o, ok := heard[k]; ok {
			t.Errorf("%s and %s sound alike in some dialect", o, w)
		}
		heard[k] = w
	}
	// Never to change: two versions must show the same words.
	sum := sha256.Sum256([]byte(strings.Join(list, " ")))
	if got := hex.EncodeToString(sum[:8]); got != "0d8c02fb5a94e2bd" {
		t.Errorf("the list has changed: %s", got)
	}
}

var onset = regexp.MustCompile(`^(tr|gi[aeouy]|gi|[srnd])`)

// sound merges what some dialect merges.
func sound(fold string) string {
	m := onset.FindString(fold)
	rest := fold[len(m):]
	switch {
	case m == "tr":
		rest = "ch" + rest
	case m == "s":
		rest = "x" + rest
	case m == "r" || m == "d":
		rest = "d" + rest
	case m == "gi":
		rest = "di" + rest
	case strings.HasPrefix(m, "gi"):
		rest = "d" + m[2:] + rest
	case m == "n" && !strings.HasPrefix(rest, "g") && !strings.HasPrefix(rest, "h"):
		rest = "l" + rest
	case m == "n":
		rest = "n" + rest
	}
	if strings.HasPrefix(rest, "k") && !strings.HasPrefix(rest, "kh") {
		rest = "c" + rest[1:]
	}
	rest = strings.ReplaceAll(rest, "y", "i")
	for _, f := range [][2]string{{"ng", "n"}, {"nh", "n"}, {"c", "t"}} {
		if b, ok := strings.CutSuffix(rest, f[0]); ok && b != "" {
			return b + f[1]
		}
	}
	return rest
}

func TestWords(t *testing.T) {
	a, b := public(testKey(1)), public(testKey(2))
	got := Words(a, b, "K7MQXA")
	if s := strings.Join(got[:], " "); s != "vườn nhà trăn mật rèm mai" {
		t.Errorf("words are %s", s)
	}
	if Words(b, a, "K7MQXA") == got {
		t.Error("the keys' roles do not count")
	}
	if Words(a, b, "K7MQXC") == got {
		t.Error("the code does not count: keys could be searched before it is drawn")
	}
}
