package slides

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Tile is one thing that the home screen offers.
type Tile string

// The tiles, in the order of the home screen.
const (
	TileRate    Tile = "rate"
	TileLookup  Tile = "lookup"
	TileGuides  Tile = "guides"
	TileSuggest Tile = "suggest"
)

// Tiles are all of them. A kiosk shows those of its list that its content can serve.
var Tiles = []Tile{TileRate, TileLookup, TileGuides, TileSuggest}

// Motion is how one slide gives way to the next.
type Motion string

// Fade is the default.
const (
	Fade   Motion = "fade"
	Push   Motion = "slide"
	NoMove Motion = "none"
)

// Typing is a way of writing Vietnamese on the screen's keyboard.
type Typing string

// Telex is the default; Plain writes letters as they stand on their keys.
const (
	Telex Typing = "telex"
	VNI   Typing = "vni"
	Plain Typing = "plain"
)

// DayTime is a wall-clock time "15:04" in the unit's zone; "24:00" ends a day.
type DayTime string

// Minutes since midnight, 0 to 1440; ok is false where it can't be read.
func (d DayTime) Minutes() (m int, ok bool) {
	if d == "24:00" {
		return 24 * 60, true
	}
	t, err := time.Parse("15:04", string(d))
	if err != nil || len(d) != len("15:04") {
		return 0, false
	}
	return t.Hour()*60 + t.Minute(), true
}

// Span is a part of some days of the week, half open. Until at or before From
// goes on past midnight.
type Span struct {
	Days  []int   `json:"days,omitempty"` // 0 Sunday to 6; none: every day
	From  DayTime `json:"from"`
	Until DayTime `json:"until"`
}

// Holds says whether t, in the zone that the span is meant in, lies in it.
func (s Span) Holds(t time.Time) bool {
	from, ok1 := s.From.Minutes()
	until, ok2 := s.Until.Minutes()
	if !ok1 || !ok2 {
		return false
	}
	on := func(d time.Weekday) bool { return len(s.Days) == 0 || slices.Contains(s.Days, int(d)) }
	m, day := t.Hour()*60+t.Minute(), t.Weekday()
	if from < until {
		return on(day) && from <= m && m < until
	}
	return on(day) && m >= from || on((day+6)%7) && m < until
}

// FormRule puts a questionnaire on a kiosk at certain times. No Spans: always.
type FormRule struct {
	Form  string `json:"form"`
	Spans []Span `json:"spans,omitempty"`
}

// OfficerCard is what a counter's screen tells of who serves there, as far as
// the unit allows. Photo is a blob of the manifest, or "".
type OfficerCard struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Title Text   `json:"title,omitempty"`
	Photo string `json:"photo,omitempty"`
}

// Closing is what the screen says outside opening hours.
type Closing struct {
	Text Text   `json:"text,omitempty"` // nil: the product's own words
	URL  string `json:"url,omitempty"`  // of the online service, as a QR
}

// Night darkens the picture to Level percent (5 to 100) of its light.
type Night struct {
	Span
	Level int `json:"level"`
}

// Terminal is how staff have set up one kiosk, beyond what its class shows. It
// travels in wire.Settings; fields only come to be added. The zero value is a
// kiosk as it comes: all tiles that its content serves, open at all hours, the
// manifest's first questionnaire.
type Terminal struct {
	Tiles   []Tile       `json:"tiles,omitempty"`
	Forms   []FormRule   `json:"forms,omitempty"`   // the first that holds; none: the manifest's first
	AtDesk  bool         `json:"at_desk,omitempty"` // counter mode: bound to Settings.Counter, rates when staff invite
	Desk    Text         `json:"desk,omitempty"`    // the counter's name on its sign
	Officer *OfficerCard `json:"officer,omitempty"`
	Typing  Typing       `json:"typing,omitempty"`
	OldTone bool         `json:"old_tone,omitempty"` // "hòa, thúy" and not "hoà, thuý"
	Dossier bool         `json:"dossier,omitempty"`  // offers to name the dossier, so that one rates once
	Seal    []byte       `json:"seal,omitempty"`     // X25519 key of the server that dossier codes are sealed to
	Hours   []Span       `json:"hours,omitempty"`    // when the desk is open; none: always
	Closed  Closing      `json:"closed,omitzero"`

	OnHolidays bool `json:"on_holidays,omitempty"` // open on public holidays as on other days, see OpenOn

	Motion Motion `json:"motion,omitempty"`
	Night  *Night `json:"night,omitempty"`
	Power  []Span `json:"power,omitempty"`  // when the display is on; none: always
	Switch bool   `json:"switch,omitempty"` // worked by a 3-button switch: focus is always seen
	Sound  bool   `json:"sound,omitempty"`
	Phone  string `json:"phone,omitempty"` // address that citizens' phones reach the server at; "" hides what needs it
}

// Limits of a Terminal.
const (
	MaxForms = 20
	MaxSpans = 50
)

// Check reports what is wrong with t at path.
func (t *Terminal) Check(p *Problems, path string) {
	for i, x := range t.Tiles {
		if !slices.Contains(Tiles, x) || slices.Contains(t.Tiles[:i], x) {
			p.Add(path+".tiles", fmt.Sprintf("Ô chức năng %q không có hoặc bị lặp.", x), fmt.Sprintf("There is no tile %q, or it is doubled.", x))
		}
	}
	if len(t.Forms) > MaxForms {
		p.Add(path+".forms", fmt.Sprintf("Tối đa %d quy tắc chọn phiếu.", MaxForms), fmt.Sprintf("At most %d rules for questionnaires.", MaxForms))
	}
	for i, f := range t.Forms {
		if !ValidID(f.Form) {
			p.Add(fmt.Sprintf("%s.forms.%d", path, i), fmt.Sprintf("Không có phiếu %q.", f.Form), fmt.Sprintf("There is no questionnaire %q.", f.Form))
		}
		checkSpans(f.Spans, p, fmt.Sprintf("%s.forms.%d.spans", path, i))
	}
	t.Desk.Check(p, path+".desk", false, 60)
	if o := t.Officer; o != nil {
		if !ValidID(o.ID) || Clean(o.Name) == "" || len([]rune(o.Name)) > 80 || o.Photo != "" && !ValidSHA(o.Photo) {
			p.Add(path+".officer", "Thẻ cán bộ thiếu mã hoặc họ tên (tối đa 80 ký tự).", "The officer's card lacks an id or a name (at most 80 characters).")
		}
		o.Title.Check(p, path+".officer.title", false, 80)
	}
	if t.Typing != "" && t.Typing != Telex && t.Typing != VNI && t.Typing != Plain {
		p.Add(path+".typing", "Kiểu gõ phải là telex, vni hoặc plain.", "Typing must be telex, vni or plain.")
	}
	if len(t.Seal) != 0 && len(t.Seal) != 32 {
		p.Add(path+".seal", "Khóa niêm phong phải dài 32 byte.", "The sealing key must be 32 bytes long.")
	}
	checkSpans(t.Hours, p, path+".hours")
	t.Closed.check(p, path+".closed")
	if t.Motion != "" && t.Motion != Fade && t.Motion != Push && t.Motion != NoMove {
		p.Add(path+".motion", "Chuyển cảnh phải là fade, slide hoặc none.", "Motion must be fade, slide or none.")
	}
	if n := t.Night; n != nil {
		n.Span.check(p, path+".night")
		if n.Level < 5 || n.Level > 100 {
			p.Add(path+".night", "Độ sáng ban đêm từ 5 đến 100 phần trăm.", "The light at night is 5 to 100 percent.")
		}
	}
	checkSpans(t.Power, p, path+".power")
}

func (c *Closing) check(p *Problems, path string) {
	c.Text.Check(p, path+".text", false, 300)
	if c.URL != "" && (!strings.HasPrefix(c.URL, "https://") || len(c.URL) > 300) {
		p.Add(path+".url", "Địa chỉ phải bắt đầu bằng https:// và không quá 300 ký tự.", "The address must begin with https:// and have at most 300 characters.")
	}
}

// checkSpans reports each span that is wrong at its own place, path.0 the first.
func checkSpans(list []Span, p *Problems, path string) {
	if len(list) > MaxSpans {
		p.Add(path, fmt.Sprintf("Tối đa %d khoảng giờ.", MaxSpans), fmt.Sprintf("At most %d spans of time.", MaxSpans))
		return
	}
	for i, s := range list {
		s.check(p, fmt.Sprintf("%s.%d", path, i))
	}
}

func (s Span) check(p *Problems, path string) {
	from, ok1 := s.From.Minutes()
	until, ok2 := s.Until.Minutes()
	if !ok1 || !ok2 || from == until || from == 24*60 {
		p.Add(path, fmt.Sprintf("Khoảng giờ %s–%s không đúng; viết như 07:30–11:30.", s.From, s.Until),
			fmt.Sprintf("The span %s to %s is not valid; write it like 07:30 to 11:30.", s.From, s.Until))
	}
	for _, d := range s.Days {
		if d < int(time.Sunday) || d > int(time.Saturday) {
			p.Add(path, fmt.Sprintf("Thứ %d không có; dùng 0 (Chủ nhật) đến 6 (Thứ bảy).", d), fmt.Sprintf("There is no weekday %d; use 0 (Sunday) to 6 (Saturday).", d))
		}
	}
}

// Photo is the blob of the officer's picture, "" without.
func (t *Terminal) Photo() string {
	if t.Officer == nil {
		return ""
	}
	return t.Officer.Photo
}

// FormAt is the id of the questionnaire that t's rules name at local time now;
// "" leaves the choice to the manifest.
func (t *Terminal) FormAt(now time.Time) string {
	for _, r := range t.Forms {
		if len(r.Spans) == 0 || slices.ContainsFunc(r.Spans, func(s Span) bool { return s.Holds(now) }) {
			return r.Form
		}
	}
	return ""
}
