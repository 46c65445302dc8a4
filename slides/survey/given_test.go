package survey

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"motcua/slides/chain"
)

func kindsOf(s []chain.Section) string {
	var out []byte
	for _, x := range s {
		out = append(out, '0'+byte(x.Kind))
	}
	return string(out)
}

func TestSectionsKeepWhoAndWhenApart(t *testing.T) {
	for want, g := range map[string]Given{
		"12":  {Rating: *given(), Moment: Moment{At: 5}, Free: "  \n"},
		"124": {Rating: *given(), Moment: Moment{At: 5}, Free: "gọi 0912 345 678 nhé"},
		"13":  {Rating: *given(), Moment: Moment{At: 5}, PartA: PartA{"tuoi": "18-24"}},
		"134": {Rating: *given(), Moment: Moment{At: 5}, PartA: PartA{"tuoi": "18-24"}, Free: "tốt"},
	} {
		s, err := g.Sections()
		if err != nil || kindsOf(s) != want {
			t.Fatalf("%s, %v: want %s", kindsOf(s), err, want)
		}
		for _, x := range s {
			switch x.Kind {
			case chain.Core:
				if r, err := ParseRating(x.Body); err != nil || r.Version != 3 {
					t.Errorf("core %s: %v", x.Body, err)
				}
			case chain.PartA:
				if a, err := ParsePartA(x.Body); err != nil || a["tuoi"] != "18-24" {
					t.Errorf("part A %s: %v", x.Body, err)
				}
			case chain.Free:
				if f, err := ParseFreeText(x.Body); err != nil || strings.Contains(f.Text, "345") {
					t.Errorf("free text %s: %v", x.Body, err)
				}
			}
		}
	}
}

// Whatever is typed, what is kept passes the check of its section and holds no
// number that Mask would take out.
func TestWhatIsWrittenPassesItsOwnCheck(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		typed := rapid.OneOf(rapid.String(), rapid.StringOfN(rapid.SampledFrom([]rune("0912 .aà\u0300\n")), 0, 1200, -1)).Draw(t, "typed")
		kept := Written(typed)
		if Mask(kept) != kept || utf8.RuneCountInString(kept) > MaxFreeText {
			t.Fatalf("%q kept as %q", typed, kept)
		}
		if kept != "" {
			if err := (&FreeText{kept}).Check(); err != nil {
				t.Fatalf("%q kept as %q: %v", typed, kept, err)
			}
		}
	})
}

func TestBranches(t *testing.T) {
	q := form() // q1, q2 of f1, q3 of f3, chung of all
	q.Tags = []Tag{{ID: "a", Factor: "f1"}, {ID: "b", Factor: "f3"}, {ID: "c", Factor: "f3"}}
	q.TagsUpTo, q.FreeTextUpTo = 2, 3
	for name, c := range map[string]struct {
		answers []Answer
		tags    string
		text    bool
	}{
		"none":           {nil, "", false},
		"not applicable": {[]Answer{{"q1", NotApplicable}}, "", false},
		"good":           {[]Answer{{"q1", 4}}, "", false},
		"middling":       {[]Answer{{"q1", 3}}, "", true},
		"its factor's":   {[]Answer{{"q1", 5}, {"q3", 2}}, "bc", true},
		"both":           {[]Answer{{"q2", 1}, {"q3", 2}}, "abc", true},
		"as a whole":     {[]Answer{{"chung", 1}}, "abc", true},
	} {
		var got string
		for _, t := range q.OfferedTags(c.answers) {
			got += t.ID
		}
		if got != c.tags || q.OffersTags(c.answers) != (c.tags != "") || q.OffersFreeText(c.answers) != c.text {
			t.Errorf("%s: tags %q, text %v", name, got, q.OffersFreeText(c.answers))
		}
	}
	q.FreeTextUpTo = 0
	if q.OffersFreeText([]Answer{{"q1", 1}}) {
		t.Error("nothing is to be offered")
	}
}
