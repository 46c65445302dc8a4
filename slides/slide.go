package slides

import (
	"encoding/json"
	"fmt"
	"time"
	"unicode/utf8"
)

// Topic is one of T01 to T13, the contents of section II.1 of the 2023 plan.
type Topic string

// TopicNames gives each topic its Vietnamese and English name, in order of code.
var TopicNames = map[Topic]Text{
	"T01": {"vi": "Ý nghĩa, mục tiêu cải cách hành chính", "en": "Purpose of administrative reform"},
	"T02": {"vi": "Chương trình, kế hoạch, nghị quyết", "en": "Programmes, plans, resolutions"},
	"T03": {"vi": "Cải cách thể chế", "en": "Institutional reform"},
	"T04": {"vi": "Cải cách thủ tục hành chính", "en": "Reform of procedures"},
	"T05": {"vi": "Tổ chức bộ máy, kỷ luật, kỷ cương", "en": "Organisation and discipline"},
	"T06": {"vi": "Chế độ công vụ, cán bộ", "en": "Civil service"},
	"T07": {"vi": "Chính quyền số, mô hình, sáng kiến", "en": "Digital government, initiatives"},
	"T08": {"vi": "Dịch vụ công trực tuyến, bưu chính công ích", "en": "Online services, postal return"},
	"T09": {"vi": "Chỉ số PAPI, PCI, DDCI, PAR INDEX, SIPAS", "en": "Indices"},
	"T10": {"vi": "Kết quả, tồn tại, biểu dương, phê phán", "en": "Results, praise, criticism"},
	"T11": {"vi": "Phòng, chống tham nhũng; pháp luật", "en": "Anti-corruption, law"},
	"T12": {"vi": "Tình huống, hỏi đáp", "en": "Questions and answers"},
	"T13": {"vi": "Cuộc thi", "en": "Contests"},
}

// Millis is a moment: milliseconds since 1970-01-01 UTC; 0 is "not set".
type Millis int64

// At turns t into Millis.
func At(t time.Time) Millis { return Millis(t.UnixMilli()) }

// Time is m as a time in UTC.
func (m Millis) Time() time.Time { return time.UnixMilli(int64(m)).UTC() }

// DocumentRef names the official document that a slide speaks of.
type DocumentRef struct {
	Number string    `json:"number,omitempty"` // as printed: "60-NQ/TU"
	Issuer string    `json:"issuer,omitempty"`
	Date   LocalDate `json:"date,omitempty"`
	File   string    `json:"file,omitempty"` // SHA-256 of the document's bytes, or ""
}

// Audience says for whom a slide is.
type Audience string

// Public slides are for the waiting hall, Internal ones for staff areas.
const (
	Public   Audience = "public"
	Internal Audience = "internal"
)

// Limits of a slide. MaxDwell keeps one slide from stopping a loop; MaxBody
// keeps a slide small enough to be inlined in a push (16 KiB a text slide).
const (
	MinDwell     = 3 * time.Second
	MaxDwell     = 10 * time.Minute
	DefaultDwell = 12 * time.Second
	MaxBody      = 64 << 10
	MaxSlide     = 96 << 10
	MaxTitle     = 300 // runes
)

// Slide is one screenful: a typed body with its topic, document reference,
// audience, validity [From, Until) and dwell. Its JSON bytes are a blob; a
// kiosk reads them back with ParseSlide. Body is read by the kind (slides/kinds).
type Slide struct {
	ID       string          `json:"id"`
	Kind     string          `json:"kind"`
	Topic    Topic           `json:"topic"`
	Audience Audience        `json:"audience"`
	Title    Text            `json:"title"` // for lists and the footer; not always drawn
	Document *DocumentRef    `json:"document,omitempty"`
	Source   string          `json:"source,omitempty"` // where the facts come from
	From     Millis          `json:"from,omitempty"`   // 0: since ever
	Until    Millis          `json:"until,omitempty"`  // 0: for ever; the slide retires itself
	Dwell    int64           `json:"dwell_ms,omitempty"`
	Body     json.RawMessage `json:"body"`
}

// ValidAt says whether the slide may show at m: From <= m < Until.
func (s *Slide) ValidAt(m Millis) bool {
	return (s.From == 0 || m >= s.From) && (s.Until == 0 || m < s.Until)
}

// DwellTime is how long the slide stays, in [MinDwell, MaxDwell].
func (s *Slide) DwellTime() time.Duration {
	if s.Dwell == 0 {
		return DefaultDwell
	}
	return clampDwell(s.Dwell)
}

// dwell is how long s stays at this place: the item's dwell, else the slide's.
func (it Item) dwell(s *Slide) time.Duration {
	if it.Dwell == 0 {
		return s.DwellTime()
	}
	return clampDwell(it.Dwell)
}

// clampDwell brings milliseconds into [MinDwell, MaxDwell] before they can
// overflow a Duration.
func clampDwell(ms int64) time.Duration {
	return time.Duration(min(max(ms, MinDwell.Milliseconds()), MaxDwell.Milliseconds())) * time.Millisecond
}

// Check reports what is wrong with the slide apart from its body, which the
// kind checks.
func (s *Slide) Check(p *Problems) {
	if !ValidID(s.ID) {
		p.Add("id", "Mã trang không hợp lệ.", "The slide id is not valid.")
	}
	if _, ok := TopicNames[s.Topic]; !ok {
		p.Add("topic", "Chưa chọn chủ đề (T01–T13).", "Choose a topic (T01–T13).")
	}
	if s.Audience != Public && s.Audience != Internal {
		p.Add("audience", "Đối tượng phải là công khai hoặc nội bộ.", "The audience must be public or internal.")
	}
	s.Title.Check(p, "title", true, MaxTitle)
	if s.From != 0 && s.Until != 0 && s.From >= s.Until {
		p.Add("until", "Thời điểm hết hạn phải sau thời điểm bắt đầu.", "The end of validity must come after its start.")
	}
	if s.From < 0 || s.Until < 0 {
		p.Add("from", "Thời điểm không hợp lệ.", "The moment is not valid.")
	}
	if s.Dwell != 0 && clampDwell(s.Dwell).Milliseconds() != s.Dwell {
		p.Add("dwell_ms", fmt.Sprintf("Thời gian hiện phải từ %d đến %d giây.", int(MinDwell.Seconds()), int(MaxDwell.Seconds())),
			fmt.Sprintf("The dwell time must be %d to %d seconds.", int(MinDwell.Seconds()), int(MaxDwell.Seconds())))
	}
	if utf8.RuneCountInString(s.Source) > 500 {
		p.Add("source", "Nguồn dài quá 500 ký tự.", "The source is over 500 characters.")
	}
	if d := s.Document; d != nil {
		if d.Date != "" {
			if _, err := d.Date.Time(); err != nil {
				p.Add("document.date", "Ngày văn bản không hợp lệ; viết năm-tháng-ngày, ví dụ 2023-03-08.", "The document's date is not valid; write year-month-day, as in 2023-03-08.")
			}
		}
		if utf8.RuneCountInString(d.Number) > 60 || utf8.RuneCountInString(d.Issuer) > 200 {
			p.Add("document", "Số hiệu hoặc nơi ban hành quá dài.", "The document's number or issuer is too long.")
		}
		if d.File != "" && !ValidSHA(d.File) {
			p.Add("document.file", "Mã tệp văn bản không hợp lệ.", "The document's file is not a SHA-256.")
		}
	}
	if len(s.Body) > MaxBody {
		p.Add("body", "Nội dung trang quá lớn (tối đa 64 KiB).", "The slide's body is too large (64 KiB at most).")
	}
}

// ParseSlide reads a slide blob. Unknown fields are ignored; the body is not
// checked.
func ParseSlide(b []byte) (*Slide, error) {
	const op = "slides.ParseSlide"
	if len(b) > MaxSlide {
		return nil, E(TooLarge, op, "Trang trình chiếu quá lớn.", "The slide is too large.", nil)
	}
	var s Slide
	if err := json.Unmarshal(b, &s); err != nil {
		return nil, E(Invalid, op, "Không đọc được trang trình chiếu.", "The slide can't be read.", err)
	}
	var p Problems
	s.Check(&p)
	if err := p.Err(op); err != nil {
		return nil, err
	}
	return &s, nil
}

// ValidID says whether id is 1 to 64 of a-z, 0-9, '-', '_' and '.', not led by
// '.': ids stand in file names, URLs and logs.
func ValidID(id string) bool {
	if id == "" || len(id) > 64 || id[0] == '.' {
		return false
	}
	for i := 0; i < len(id); i++ {
		c := id[i]
		if !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.') {
			return false
		}
	}
	return true
}

// ValidSHA says whether s is a lower-case hexadecimal SHA-256.
func ValidSHA(s string) bool {
	if len(s) != 64 {
		return false
	}
	for i := 0; i < len(s); i++ {
		if c := s[i]; !(c >= '0' && c <= '9' || c >= 'a' && c <= 'f') {
			return false
		}
	}
	return true
}
