package survey

import (
	"encoding/json"
	"strings"

	"motcua/slides"
	"motcua/slides/chain"
)

// Given is all that one citizen gave, section by section.
type Given struct {
	Rating Rating
	Moment Moment
	PartA  PartA  // empty: none was told
	Free   string // as typed; "" for none
}

// Written is the free text as it may be kept: cleaned, and with the numbers that
// may name a person masked. "" where nothing is left. It is applied before the
// text is first stored anywhere.
func Written(typed string) string {
	text := slides.Clean(typed)
	if runes := []rune(text); len(runes) > MaxFreeText {
		text = string(runes[:MaxFreeText]) // cut first: a cut amount of money may look like a number to mask
	}
	return strings.TrimSpace(Mask(strings.TrimSpace(text)))
}

// Sections are the chain's sections of g, in order of kind. Free text goes
// through Written. Who told of themselves in Phần A has no exact moment kept:
// ethnic group, age and trade beside a second at a desk would name a person in
// a small commune (Decree 13/2023 calls the ethnic group sensitive), and a
// rating needs no more than its hour. What remains are the moments of the ratings
// before and after it, until retention takes them too.
func (g *Given) Sections() ([]chain.Section, error) {
	var out []chain.Section
	var failed error
	add := func(kind chain.Kind, v any) {
		b, err := json.Marshal(v)
		if err != nil {
			failed = slides.E(slides.Broken, "survey.Sections", "Không ghi được phiếu đánh giá.", "The rating can't be written.", err)
		}
		out = append(out, chain.NewSection(kind, b))
	}
	add(chain.Core, g.Rating)
	if len(g.PartA) == 0 {
		add(chain.Moment, g.Moment)
	} else {
		add(chain.PartA, g.PartA)
	}
	if text := Written(g.Free); text != "" {
		add(chain.Free, FreeText{text})
	}
	return out, failed
}
