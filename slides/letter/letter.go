// Package letter is what a citizen writes to the office: a suggestion, a
// report, praise or a question.
//
// # Why a letter can't be joined to a rating
//
// Ratings name no person; a letter may. Whoever holds both must not be able to
// tell that the same hand gave them a minute apart. So letters have a chain of
// their own (ChainOf) in a folder of its own, are sent apart, and know no finer
// time than the hour, neither on the kiosk's disk nor at the server; ratings keep
// their moment in a section of its own, which exports leave out. The contact is
// a section apart as well, sealed on the kiosk to the server's key, and kept
// sealed in a table of its own.
package letter

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"motcua/slides"
	"motcua/slides/chain"
	"motcua/slides/survey"
)

// Category is what kind of letter it is.
type Category struct {
	ID         string
	Name, Help slides.Text
	Days       int // within which staff should have dealt with it; 0: no day is set
}

// Categories are those that a citizen chooses from, in their order.
var Categories = []Category{
	{"gop-y", slides.Text{"vi": "Góp ý", "en": "Suggestion"}, slides.Text{"vi": "Điều nên làm tốt hơn", "en": "What could be done better"}, 10},
	{"phan-anh", slides.Text{"vi": "Phản ánh", "en": "Report a problem"}, slides.Text{"vi": "Việc chưa đúng, chưa ổn", "en": "Something is wrong"}, 5},
	{"khen", slides.Text{"vi": "Khen", "en": "Praise"}, slides.Text{"vi": "Người tốt, việc tốt", "en": "Somebody or something good"}, 0},
	{"hoi", slides.Text{"vi": "Hỏi", "en": "Question"}, slides.Text{"vi": "Điều còn chưa rõ", "en": "Something is not clear"}, 3},
}

// CategoryOf finds a category.
func CategoryOf(id string) (Category, bool) {
	i := slices.IndexFunc(Categories, func(c Category) bool { return c.ID == id })
	if i < 0 {
		return Category{}, false
	}
	return Categories[i], true
}

// Due is when a letter of a category that came at an hour should have been dealt
// with: the end of the last of its days in the office's zone, and 0 without any.
// Staff change it letter by letter.
func Due(category string, hour slides.Millis, zone *time.Location) slides.Millis {
	c, ok := CategoryOf(category)
	if !ok || c.Days == 0 {
		return 0
	}
	y, m, d := hour.Time().In(zone).Date()
	return slides.At(time.Date(y, m, d+c.Days+1, 0, 0, 0, 0, zone))
}

// MaxText bounds a letter's text, in runes.
const MaxText = survey.MaxFreeText

// Letter is the core section: what kind, where from, and the receipt.
type Letter struct {
	Format   int                 `json:"format"` // 1
	Code     string              `json:"code"`   // the receipt, see NewCode
	Category string              `json:"category"`
	Unit     string              `json:"unit"`
	Kiosk    string              `json:"kiosk"`
	Counter  string              `json:"counter,omitempty"`
	Channel  survey.Channel      `json:"channel"`
	Lang     string              `json:"lang"`
	Hour     slides.Millis       `json:"hour"` // start of the hour in the unit's zone
	Clock    survey.ClockQuality `json:"clock"`
}

// ChainOf is the chain of letters that belongs to a chain of ratings: both
// sides derive it, so that one pairing serves for both.
func ChainOf(ratings chain.ID) chain.ID {
	h := sha256.Sum256(append([]byte("motcua/letter/chain/1\x00"), ratings[:]...))
	return chain.ID(h[:len(ratings)])
}

// Sections makes the parts of a letter's record. Numbers in the text that may
// name a person are masked first, so that they are stored nowhere. sealed is a
// sealed Contact, or nil.
func Sections(l Letter, text string, sealed []byte) ([]chain.Section, error) {
	const op = "letter.Sections"
	l.Format = 1
	free := survey.FreeText{Text: survey.Mask(slides.Clean(text))}
	var p slides.Problems
	l.check(&p)
	if err := p.Err(op); err != nil {
		return nil, err
	}
	if err := free.Check(); err != nil {
		return nil, err
	}
	bodies := []any{l, free}
	kinds := []chain.Kind{chain.Core, chain.Free}
	if sealed != nil {
		bodies, kinds = append(bodies, sealedContact{sealed}), append(kinds, chain.Contact)
	}
	out := make([]chain.Section, len(bodies))
	for i := range bodies {
		b, err := json.Marshal(bodies[i])
		if err != nil {
			return nil, slides.E(slides.Broken, op, "Không ghi được góp ý.", "The letter can't be written.", err)
		}
		out[i] = chain.NewSection(kinds[i], b)
	}
	return out, nil
}

// sealedContact is the contact section's body.
type sealedContact struct {
	Sealed []byte `json:"sealed"`
}

// Parse reads and checks a core section.
func Parse(b []byte) (*Letter, error) {
	const op = "letter.Parse"
	var l Letter
	if len(b) > chain.MaxBody || json.Unmarshal(b, &l) != nil {
		return nil, slides.E(slides.Invalid, op, "Không đọc được góp ý.", "The letter can't be read.", nil)
	}
	var p slides.Problems
	l.check(&p)
	if err := p.Err(op); err != nil {
		return nil, err
	}
	return &l, nil
}

// SealedOf reads a contact section's sealed bytes; nil where there are none.
func SealedOf(b []byte) []byte {
	var s sealedContact
	if json.Unmarshal(b, &s) != nil {
		return nil
	}
	return s.Sealed
}

func (l *Letter) check(p *slides.Problems) {
	if l.Format != 1 {
		p.Add("format", "Định dạng phải là 1.", "The format must be 1.")
	}
	if clean, ok := CleanCode(l.Code); !ok || clean != l.Code {
		p.Add("code", "Mã biên nhận không hợp lệ.", "The receipt is not valid.")
	}
	if _, ok := CategoryOf(l.Category); !ok {
		p.Add("category", "Xin chọn loại ý kiến.", "Please choose what kind it is.")
	}
	for at, id := range map[string]string{"unit": l.Unit, "kiosk": l.Kiosk} {
		if !slides.ValidID(id) {
			p.Add(at, "Mã nơi gửi không hợp lệ.", "The place that it comes from is not valid.")
		}
	}
	if l.Counter != "" && !slides.ValidID(l.Counter) {
		p.Add("counter", "Mã quầy không hợp lệ.", "The counter's id is not valid.")
	}
	if l.Channel != survey.AtKiosk && l.Channel != survey.OnPhone {
		p.Add("channel", "Kênh phải là kiosk hoặc phone.", "The channel must be kiosk or phone.")
	}
	slides.Text{l.Lang: "x"}.Check(p, "lang", false, 1)
	if l.Clock != survey.Synced && l.Clock != survey.Held && l.Clock != survey.Doubtful || l.Hour < 0 || l.Hour > 1<<52 {
		p.Add("hour", "Giờ gửi không hợp lệ.", "The hour is not valid.")
	}
}

// Contact is how the writer may be reached; every part may be left out.
type Contact struct {
	Name  string `json:"name,omitempty"`
	Phone string `json:"phone,omitempty"`
	Mail  string `json:"mail,omitempty"`
}

// MaxContact bounds each part of a Contact, in runes.
const MaxContact = 80

// Empty says whether there is nothing in it.
func (c Contact) Empty() bool { return c == Contact{} }

// Clean brings the parts to the stored form and reports what is too long, or no
// phone number or e-mail address.
func (c *Contact) Clean() error {
	p := c.tidy()
	c.Phone = strings.Join(strings.Fields(phoneSigns.Replace(c.Phone)), " ")
	if c.Phone != "" && !isPhone(c.Phone) {
		p.Add("phone", "Số điện thoại gồm 8–15 chữ số. Xin xem lại, hoặc xóa đi.", "A phone number has 8 to 15 digits. Please check it, or clear it.")
	}
	if a, err := mail.ParseAddress(c.Mail); c.Mail != "" && (err != nil || a.Name != "" || a.Address != c.Mail) {
		p.Add("mail", "Thư điện tử có dạng ten@noi.vn, chỉ một địa chỉ. Xin xem lại, hoặc xóa đi.", "An e-mail address looks like name@place.vn, one only. Please check it, or clear it.")
	}
	return p.Err("letter.Contact.Clean")
}

// tidy is Clean for what is sealed already: whatever was written there, those
// who answer can read it.
func (c *Contact) tidy() (p slides.Problems) {
	for _, x := range []struct {
		at, vi, en string
		s          *string
	}{{"name", "Họ tên", "The name", &c.Name}, {"phone", "Số điện thoại", "The phone number", &c.Phone}, {"mail", "Thư điện tử", "The e-mail address", &c.Mail}} {
		*x.s = slides.Clean(*x.s)
		if n := utf8.RuneCountInString(*x.s); n > MaxContact {
			p.Add(x.at, fmt.Sprintf("%s dài %d ký tự, tối đa %d.", x.vi, n, MaxContact), fmt.Sprintf("%s has %d characters, at most %d fit.", x.en, n, MaxContact))
		}
	}
	return p
}

// phoneSigns are what people set between digits.
var phoneSigns = strings.NewReplacer(".", " ", "-", " ", "(", " ", ")", " ")

func isPhone(s string) bool {
	n := 0
	for i, r := range s {
		switch {
		case '0' <= r && r <= '9':
			n++
		case r == ' ', r == '+' && i == 0:
		default:
			return false
		}
	}
	return 8 <= n && n <= 15
}
