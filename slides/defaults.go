package slides

import "fmt"

// Defaults are what a unit sets for its kiosks and for those of the units
// below it. A unit below, and then a kiosk's own Terminal, says otherwise where
// it wants to.
type Defaults struct {
	Hours []Span `json:"hours,omitempty"` // when the desks are open; none: as above
	// The desks keep Hours on public holidays, too. It goes with Hours: a unit
	// without hours has both from above.
	OnHolidays bool     `json:"on_holidays,omitempty"`
	Closed     Closing  `json:"closed,omitzero"`     // each part that is empty: as above
	Languages  []string `json:"languages,omitempty"` // of the screens, vi first; none: as above
	Viewing    Viewing  `json:"viewing,omitzero"`    // each part that is 0: as above
}

// Viewing is how the screens of a unit are read: what slides are checked
// against before they are published. 0 is "not said".
type Viewing struct {
	Inches float64 `json:"inches,omitempty"` // diagonal of the panels, 10 to 120
	Metres float64 `json:"metres,omitempty"` // from the readers' eyes to the panel, 0.3 to 10
	Words  int     `json:"words,omitempty"`  // syllables that a slow reader reads in a minute, 60 to 400
}

func (v Viewing) check(p *Problems, path string) {
	if v.Inches != 0 && !(v.Inches >= 10 && v.Inches <= 120) {
		p.Add(path+".inches", "Cỡ màn hình phải từ 10 đến 120 inch.", "A panel measures 10 to 120 inches.")
	}
	if v.Metres != 0 && !(v.Metres >= 0.3 && v.Metres <= 10) {
		p.Add(path+".metres", "Khoảng cách nhìn phải từ 0,3 đến 10 mét.", "The viewing distance is 0.3 to 10 metres.")
	}
	if v.Words != 0 && (v.Words < 60 || v.Words > 400) {
		p.Add(path+".words", "Tốc độ đọc phải từ 60 đến 400 tiếng mỗi phút.", "The reading speed is 60 to 400 syllables a minute.")
	}
}

func (v Viewing) over(up Viewing) Viewing {
	if v.Inches == 0 {
		v.Inches = up.Inches
	}
	if v.Metres == 0 {
		v.Metres = up.Metres
	}
	if v.Words == 0 {
		v.Words = up.Words
	}
	return v
}

// MaxLanguages bounds the languages of a screen.
const MaxLanguages = 10

// Check reports what is wrong with d at path.
func (d *Defaults) Check(p *Problems, path string) {
	checkSpans(d.Hours, p, path+".hours")
	if d.OnHolidays && len(d.Hours) == 0 {
		p.Add(path+".on_holidays", "Mở cửa ngày lễ đi cùng giờ mở cửa của đơn vị: hãy ghi giờ mở cửa.", "Being open on holidays goes with the unit's own hours: write those as well.")
	}
	d.Closed.check(p, path+".closed")
	d.Viewing.check(p, path+".viewing")
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
		d.Hours, d.OnHolidays = up.Hours, up.OnHolidays
	}
	d.Closed = d.Closed.over(up.Closed)
	d.Viewing = d.Viewing.over(up.Viewing)
	if len(d.Languages) == 0 {
		d.Languages = up.Languages
	}
	return d
}

// Within is how a kiosk set up as t works in a unit with these defaults.
func (t Terminal) Within(d Defaults) Terminal {
	if len(t.Hours) == 0 {
		t.Hours, t.OnHolidays = d.Hours, t.OnHolidays || d.OnHolidays
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
