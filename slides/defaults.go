package slides

import "fmt"

// Defaults are what a unit sets for its kiosks and for those of the units
// below it. A unit below, and then a kiosk's own Terminal, says otherwise where
// it wants to.
type Defaults struct {
	Hours     []Span   `json:"hours,omitempty"`     // when the desks are open; none: as above
	Closed    Closing  `json:"closed,omitzero"`     // each part that is empty: as above
	Languages []string `json:"languages,omitempty"` // of the screens, vi first; none: as above
}

// MaxLanguages bounds the languages of a screen.
const MaxLanguages = 10

// Check reports what is wrong with d at path.
func (d *Defaults) Check(p *Problems, path string) {
	checkSpans(d.Hours, p, path+".hours")
	d.Closed.check(p, path+".closed")
	if len(d.Languages) == 0 {
		return
	}
	if d.Languages[0] != "vi" || len(d.Languages) > MaxLanguages {
		p.Add(path+".languages", fmt.Sprintf("Tiếng Việt (vi) phải đứng đầu danh sách ngôn ngữ, tối đa %d.", MaxLanguages),
			fmt.Sprintf("Vietnamese (vi) must come first in the list of languages, at most %d.", MaxLanguages))
	}
	seen := map[string]bool{}
	for _, tag := range d.Languages {
		if !validTag(tag) || seen[tag] {
			p.Add(path+".languages", fmt.Sprintf("Mã ngôn ngữ %q không hợp lệ hoặc bị lặp; dùng mã như vi, en, tyz.", tag),
				fmt.Sprintf("%q is not a language tag, or it is doubled; use one like vi, en, tyz.", tag))
		}
		seen[tag] = true
	}
}

// Over is d where it says something and up where it does not.
func (d Defaults) Over(up Defaults) Defaults {
	if len(d.Hours) == 0 {
		d.Hours = up.Hours
	}
	d.Closed = d.Closed.over(up.Closed)
	if len(d.Languages) == 0 {
		d.Languages = up.Languages
	}
	return d
}

// Within is how a kiosk set up as t works in a unit with these defaults.
func (t Terminal) Within(d Defaults) Terminal {
	if len(t.Hours) == 0 {
		t.Hours = d.Hours
	}
	t.Closed = t.Closed.over(d.Closed)
	return t
}

// Always is the span of a kiosk that is open at all hours in a unit that is not.
var Always = Span{From: "00:00", Until: "24:00"}

func (c Closing) over(up Closing) Closing {
	if c.Text.Empty() {
		c.Text = up.Text
	}
	if c.URL == "" {
		c.URL = up.URL
	}
	return c
}
