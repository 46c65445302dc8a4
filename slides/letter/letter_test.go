package letter

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"golang.org/x/crypto/nacl/box"
	"pgregory.net/rapid"

	"motcua/slides"
	"motcua/slides/chain"
	"motcua/slides/survey"
	"motcua/slides/wire"
)

func sample() Letter {
	return Letter{Code: NewCode(), Category: "gop-y", Unit: "so", Kiosk: "k-1", Channel: survey.AtKiosk, Lang: "vi", Hour: 1_700_000_000_000, Clock: survey.Synced}
}

func TestSectionsReadBack(t *testing.T) {
	l := sample()
	parts, err := Sections(l, " Gọi lại cho tôi 0912 345 678,\nCCCD 020123456789. ", []byte("sealed"))
	if err != nil {
		t.Fatal(err)
	}
	if len(parts) != 3 || parts[0].Kind != chain.Core || parts[1].Kind != chain.Free || parts[2].Kind != chain.Contact {
		t.Fatalf("%+v", parts)
	}
	got, err := Parse(parts[0].Body)
	l.Format = 1
	if err != nil || *got != l {
		t.Fatalf("%+v, %v", got, err)
	}
	free, err := survey.ParseFreeText(parts[1].Body)
	if err != nil || strings.ContainsAny(free.Text, "0123456789") || !strings.HasPrefix(free.Text, "Gọi lại cho tôi "+survey.Masked) {
		t.Fatalf("%+v, %v", free, err)
	}
	if string(SealedOf(parts[2].Body)) != "sealed" || SealedOf([]byte("x")) != nil {
		t.Fatal("the contact section")
	}
}

func TestWrongLettersAreRefused(t *testing.T) {
	for name, change := range map[string]func(*Letter){
		"code":     func(l *Letter) { l.Code = "AAAAAAAAAC" },
		"category": func(l *Letter) { l.Category = "khac" },
		"unit":     func(l *Letter) { l.Unit = "" },
		"kiosk":    func(l *Letter) { l.Kiosk = "K 1" },
		"counter":  func(l *Letter) { l.Counter = "Quầy" },
		"channel":  func(l *Letter) { l.Channel = "mail" },
		"lang":     func(l *Letter) { l.Lang = "" },
		"clock":    func(l *Letter) { l.Clock = "" },
	} {
		l := sample()
		change(&l)
		_, err := Sections(l, "Ghế chờ ít quá", nil)
		if slides.KindOf(err) != slides.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, text := range []string{"", " \n ", strings.Repeat("ố", MaxText+1)} {
		if _, err := Sections(sample(), text, nil); slides.KindOf(err) != slides.Invalid {
			t.Errorf("%.20q: %v", text, err)
		}
	}
}

func TestChainOf(t *testing.T) {
	a, b := chain.ID{1}, chain.ID{2}
	if ChainOf(a) == a || ChainOf(a) == ChainOf(b) || ChainOf(a) != ChainOf(chain.ID{1}) {
		t.Fatal("the chain of letters")
	}
}

// One letter mistaken or two changed about always shows; blanks, dashes and
// small letters do not matter.
func TestCode(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		code := NewCode()
		if got, ok := CleanCode(strings.ToLower(Spell(code)) + " "); !ok || got != code {
			t.Fatalf("%q: %q, %v", code, got, ok)
		}
		i := rapid.IntRange(0, CodeLength-1).Draw(t, "i")
		j := rapid.IntRange(0, CodeLength-1).Draw(t, "j")
		wrong := []byte(code)
		if i == j {
			wrong[i] = rapid.SampledFrom([]byte(wire.CodeAlphabet)).Draw(t, "letter")
		} else {
			wrong[i], wrong[j] = wrong[j], wrong[i]
		}
		if _, ok := CleanCode(string(wrong)); ok != (string(wrong) == code) {
			t.Fatalf("%s for %s: %v", wrong, code, ok)
		}
	})
	for _, bad := range []string{"", "A", strings.Repeat("A", CodeLength+1), strings.Repeat("-", 1000), "0123456789", "ABCDEFGHI\u0301"} {
		if _, ok := CleanCode(bad); ok {
			t.Errorf("%q is a code", bad)
		}
	}
}

func TestSeal(t *testing.T) {
	public, private, err := box.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := Contact{Name: "Người gửi mẫu", Phone: "0900 000 000"}
	sealed, err := Seal(public[:], c)
	if err != nil || bytes.Contains(sealed, []byte("mẫu")) {
		t.Fatal(err)
	}
	if got, err := Unseal(public, private, sealed); err != nil || got != c {
		t.Fatalf("%+v, %v", got, err)
	}
	other, otherKey, _ := box.GenerateKey(rand.Reader)
	if _, err := Unseal(other, otherKey, sealed); slides.KindOf(err) != slides.Corrupt {
		t.Fatal(err)
	}
	if _, err := Seal(nil, c); slides.KindOf(err) != slides.Invalid {
		t.Fatal(err)
	}
}

func TestContact(t *testing.T) {
	for _, c := range []struct {
		in, want Contact
		wrong    string // paths
	}{
		{},
		{in: Contact{Name: " Người gửi mẫu "}, want: Contact{Name: "Người gửi mẫu"}},
		{in: Contact{Phone: "0900.123-456"}, want: Contact{Phone: "0900 123 456"}},
		{in: Contact{Phone: "+84 (900)  000 000", Mail: "mau@example.vn"}, want: Contact{Phone: "+84 900 000 000", Mail: "mau@example.vn"}},
		{in: Contact{Phone: "12345678"}, want: Contact{Phone: "12345678"}},
		{in: Contact{Phone: "1234567"}, wrong: "phone"},
		{in: Contact{Phone: "1234567890123456"}, wrong: "phone"},
		{in: Contact{Phone: "090+0000000"}, wrong: "phone"},
		{in: Contact{Phone: "0900000000 gọi tối"}, wrong: "phone"},
		{in: Contact{Phone: "..."}, wrong: ""},
		{in: Contact{Mail: "mau"}, wrong: "mail"},
		{in: Contact{Mail: "mau@"}, wrong: "mail"},
		{in: Contact{Mail: "<mau@example.vn>"}, wrong: "mail"},
		{in: Contact{Mail: "Mẫu <mau@example.vn>"}, wrong: "mail"},
		{in: Contact{Mail: "a@example.vn, b@example.vn"}, wrong: "mail"},
		{in: Contact{Name: strings.Repeat("x", MaxContact+1), Phone: "x", Mail: "x"}, wrong: "name phone mail"},
	} {
		got := c.in
		err := got.Clean()
		var at []string
		if e, ok := errors.AsType[*slides.Error](err); ok {
			for _, p := range e.Problems {
				at = append(at, p.Path)
			}
		}
		if strings.Join(at, " ") != c.wrong || err == nil && got != c.want {
			t.Errorf("%+v: %+v, %v; want %q", c.in, got, err, c.wrong)
		}
	}
	// What an older kiosk has sealed can still be read.
	public, private, err := box.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	old := Contact{Phone: "hỏi anh Ba", Mail: "mau"}
	sealed, err := Seal(public[:], old)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := Unseal(public, private, sealed); err != nil || got != old {
		t.Errorf("%+v, %v", got, err)
	}
}

func FuzzParse(f *testing.F) {
	l := sample()
	l.Format = 1
	b, _ := json.Marshal(l)
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := Parse(b)
		if err != nil {
			if slides.Sentence(err, "vi") == "" {
				t.Fatal("no sentence")
			}
			return
		}
		if _, err := Sections(*l, "x", nil); err != nil {
			t.Fatalf("%+v passes once, then: %v", l, err)
		}
		SealedOf(b)
	})
}

func FuzzCleanCode(f *testing.F) {
	f.Add("ACDEF-GHJK7")
	f.Fuzz(func(t *testing.T, s string) {
		if c, ok := CleanCode(s); ok {
			if again, ok := CleanCode(Spell(c)); !ok || again != c {
				t.Fatalf("%q: %q, then %q", s, c, again)
			}
		}
	})
}
