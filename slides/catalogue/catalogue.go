// Package catalogue holds the list of administrative procedures (TTHC) that a
// unit publishes. The kiosk keeps its bytes as a blob and reads them offline.
//
// The columns are those of NĐ 63/2010 art. 8 (as amended by NĐ 92/2017), as
// provinces publish them: code, name, field, papers, time limit, place, way,
// fee, deciding office, legal basis, forms. A column that no source gives is
// left empty and is not shown: an empty fee doesn't mean "free", and no papers
// don't mean that none are needed.
//
// Index answers searches over a catalogue without the network.
package catalogue

import (
	"encoding/json"
	"fmt"
	"net/url"
	"unicode/utf8"

	"motcua/slides"
)

// Format is the version of the bytes that this program writes and the newest
// that it reads. A newer format only comes with a change that a reader of this
// one would misunderstand; new columns don't raise it.
const Format = 1

// Limits of a catalogue. Vietnam has some 6,000 procedures in all, a province
// about 2,000, and a row is about 600 bytes.
const (
	MaxBytes      = 8 << 20
	MaxProcedures = 10_000
	MaxDays       = 3650
	MaxName       = 500 // runes
	MaxField      = 80
	MaxShortText  = 120 // fee, where, how, note
	MaxSource     = 500
	MaxURL        = 300
	MaxUnit       = 120 // runes of the deciding office
	MaxPapers     = 40  // the longest lists in force have about 20
	MaxPaper      = 300 // runes
	MaxCopies     = 20
	MaxBasis      = 20
	MaxBasisText  = 300 // runes
	MaxLinks      = 10
	MaxRelated    = 10
	MaxSteps      = 30
	MaxLongText   = 2000 // runes of a step, a condition
	MaxSets       = 20
)

// TimeUnit says what TimeLimit counts.
type TimeUnit string

// The units in which decisions state time limits.
const (
	Day     TimeUnit = "day"     // ngày
	Workday TimeUnit = "workday" // ngày làm việc
	Hour    TimeUnit = "hour"    // giờ làm việc
)

var unitWords = map[TimeUnit]slides.Text{
	Day:     {"vi": "ngày", "en": "days"},
	Workday: {"vi": "ngày làm việc", "en": "working days"},
	Hour:    {"vi": "giờ làm việc", "en": "working hours"},
}

// Online is how far the procedure can be done online, in the words of
// NĐ 42/2022 and NĐ 224/2026.
type Online string

// Unknown is no statement; it isn't shown.
const (
	Unknown Online = ""
	Full    Online = "full" // toàn trình
	Part    Online = "part" // một phần
	None    Online = "none" // chưa cung cấp
)

// Level is the level of government that handles the procedure; "" is no statement.
type Level string

// The levels. Districts have none since the two-tier government of 01/7/2025;
// older catalogues still name them.
const (
	Province Level = "province"
	District Level = "district"
	Commune  Level = "commune"
)

// Procedure is one row of the catalogue.
type Procedure struct {
	Code     string      `json:"code"` // stored form, see NormaliseCode
	Name     slides.Text `json:"name"`
	Abridged bool        `json:"abridged,omitempty"` // the decision's name is longer
	Field    slides.Text `json:"field"`

	// TimeLimit is the longest regulated time in TimeUnit; 0 means that no
	// source gives one. TimeFrom is the shortest where the source gives a range.
	TimeLimit int         `json:"time_limit,omitempty"`
	TimeFrom  int         `json:"time_from,omitempty"`
	TimeUnit  TimeUnit    `json:"time_unit,omitempty"`
	TimeNote  slides.Text `json:"time_note,omitempty"` // "Từ chối: 03 ngày làm việc"

	// Committed is the time that the unit promises instead, in CommittedUnit
	// ("" is TimeUnit): a decision of the province or the unit itself; 0 is none.
	Committed     int      `json:"committed,omitempty"`
	CommittedUnit TimeUnit `json:"committed_unit,omitempty"`

	// Reference marks values taken from elsewhere, shown as "tham khảo" until
	// the unit has put its own in their place.
	Reference bool `json:"reference,omitempty"`

	Fee    slides.Text `json:"fee,omitempty"`
	Where  slides.Text `json:"where,omitempty"`
	How    slides.Text `json:"how,omitempty"`
	Online Online      `json:"online,omitempty"`
	Post   bool        `json:"post,omitempty"` // by public post (bưu chính công ích)
	URL    string      `json:"url,omitempty"`  // https; its host is checked against the allow-list of QR hosts by the publisher

	Unit    slides.Text   `json:"unit,omitempty"`    // the office that decides (cơ quan giải quyết); look-up groups equal ones
	Papers  []Paper       `json:"papers,omitempty"`  // what to bring; none: no source lists them
	Basis   []slides.Text `json:"basis,omitempty"`   // legal basis, a document each
	Forms   []Link        `json:"forms,omitempty"`   // mẫu đơn, tờ khai
	Samples []Link        `json:"samples,omitempty"` // the same, filled in
	Related []string      `json:"related,omitempty"` // ids of faq slides

	Who        slides.Text   `json:"who,omitempty"`        // đối tượng thực hiện
	Steps      []slides.Text `json:"steps,omitempty"`      // trình tự thực hiện
	Result     slides.Text   `json:"result,omitempty"`     // kết quả
	Conditions slides.Text   `json:"conditions,omitempty"` // yêu cầu, điều kiện
	Sets       int           `json:"sets,omitempty"`       // số bộ hồ sơ; 0: no source says
	Level      Level         `json:"level,omitempty"`      // cấp thực hiện
	Videos     []Link        `json:"videos,omitempty"`     // guides to watch

	Source     string           `json:"source"`                // decision: number, date, issuer
	ReviewedOn slides.LocalDate `json:"reviewed_on,omitempty"` // when a person of the unit last compared it; "": never
	ReviewedBy string           `json:"reviewed_by,omitempty"` // who did, as the office writes it
	From       slides.LocalDate `json:"from,omitempty"`        // first day of validity; "": since ever
	Until      slides.LocalDate `json:"until,omitempty"`       // first day without it; "": for ever
}

// ValidOn says whether the procedure applies on the local date d: From <= d < Until.
func (p *Procedure) ValidOn(d slides.LocalDate) bool {
	return (p.From == "" || p.From <= d) && (p.Until == "" || d < p.Until)
}

// TimeText is the time limit in words, with the leading zero of official
// Vietnamese ("05 ngày làm việc", "09–12 ngày làm việc"); nil when there is none.
func (p *Procedure) TimeText() slides.Text { return timeText(p.TimeFrom, p.TimeLimit, p.TimeUnit) }

func timeText(from, to int, unit TimeUnit) slides.Text {
	words := unitWords[unit]
	if to == 0 || words == nil {
		return nil
	}
	vi, en := fmt.Sprintf("%02d", to), fmt.Sprint(to)
	if from > 0 {
		vi, en = fmt.Sprintf("%02d–%s", from, vi), fmt.Sprintf("%d–%s", from, en)
	}
	enWords := words["en"]
	if to == 1 && from == 0 {
		enWords = enWords[:len(enWords)-1]
	}
	return slides.Text{"vi": vi + " " + words["vi"], "en": en + " " + enWords}
}

// Catalogue is the blob.
type Catalogue struct {
	Format     int         `json:"format"`
	Procedures []Procedure `json:"procedures"`
}

// Find returns the procedure with that code in stored form, or nil.
func (c *Catalogue) Find(code string) *Procedure {
	for i := range c.Procedures {
		if c.Procedures[i].Code == code {
			return &c.Procedures[i]
		}
	}
	return nil
}

// Parse reads a catalogue and checks all of it: a kiosk shows a catalogue whole
// or keeps the one it has. Unknown fields are ignored. Kinds of error: TooLarge,
// Newer, Invalid (with one problem for each row to mend).
func Parse(b []byte) (*Catalogue, error) {
	const op = "catalogue.Parse"
	if len(b) > MaxBytes {
		return nil, slides.E(slides.TooLarge, op, "Danh mục thủ tục quá lớn (tối đa 8 MiB).", "The catalogue is too large (8 MiB at most).", nil)
	}
	var c Catalogue
	err := json.Unmarshal(b, &c)
	if err != nil { // perhaps a newer one, of another shape
		var head struct{ Format int }
		if json.Unmarshal(b, &head) == nil {
			c.Format = head.Format
		}
	}
	if c.Format > Format {
		return nil, slides.E(slides.Newer, op,
			fmt.Sprintf("Danh mục thủ tục dùng định dạng %d, chương trình này chỉ đọc được đến %d; hãy nâng cấp.", c.Format, Format),
			fmt.Sprintf("The catalogue is of format %d, this program reads up to %d; upgrade it.", c.Format, Format), nil)
	}
	if err != nil {
		return nil, slides.E(slides.Invalid, op, "Không đọc được danh mục thủ tục.", "The catalogue can't be read.", err)
	}
	var p slides.Problems
	c.Check(&p)
	if err := p.Err(op); err != nil {
		return nil, err
	}
	return &c, nil
}

// Encode writes the bytes of c. It fails as Parse would on reading them.
func Encode(c *Catalogue) ([]byte, error) {
	const op = "catalogue.Encode"
	var p slides.Problems
	c.Check(&p)
	if err := p.Err(op); err != nil {
		return nil, err
	}
	b, err := json.Marshal(c)
	if err != nil {
		return nil, slides.E(slides.Broken, op, "Không ghi được danh mục thủ tục.", "The catalogue can't be written.", err)
	}
	if len(b) > MaxBytes {
		return nil, slides.E(slides.TooLarge, op, "Danh mục thủ tục quá lớn (tối đa 8 MiB).", "The catalogue is too large (8 MiB at most).", nil)
	}
	return b, nil
}

// Check reports every row that must be mended.
func (c *Catalogue) Check(p *slides.Problems) {
	if c.Format != Format {
		p.Add("format", "Thiếu hoặc sai số hiệu định dạng.", "The format number is missing or wrong.")
	}
	if len(c.Procedures) > MaxProcedures {
		p.Add("procedures", fmt.Sprintf("Danh mục có %d thủ tục, tối đa %d.", len(c.Procedures), MaxProcedures),
			fmt.Sprintf("The catalogue has %d procedures, at most %d fit.", len(c.Procedures), MaxProcedures))
		return
	}
	seen := make(map[string]int, len(c.Procedures))
	for i := range c.Procedures {
		row, path := &c.Procedures[i], fmt.Sprintf("procedures.%d", i)
		row.Check(p, path)
		if j, ok := seen[row.Code]; ok {
			p.Add(path+".code", fmt.Sprintf("Mã %s đã có ở dòng %d.", row.Code, j+1), fmt.Sprintf("Code %s is already in row %d.", row.Code, j+1))
		} else {
			seen[row.Code] = i
		}
	}
}

// Check reports what is wrong with one procedure, under path.
func (r *Procedure) Check(p *slides.Problems, path string) {
	if !ValidCode(r.Code) {
		p.Add(path+".code", fmt.Sprintf("Mã thủ tục %q không hợp lệ; viết như 1.014200.", clip(r.Code)),
			fmt.Sprintf("%q is not a procedure's code; write one like 1.014200.", clip(r.Code)))
	}
	r.Name.Check(p, path+".name", true, MaxName)
	r.Field.Check(p, path+".field", true, MaxField)
	r.TimeNote.Check(p, path+".time_note", false, MaxShortText)
	r.Fee.Check(p, path+".fee", false, MaxShortText)
	r.Where.Check(p, path+".where", false, MaxShortText)
	r.How.Check(p, path+".how", false, MaxShortText)
	if r.TimeLimit < 0 || r.TimeLimit > MaxDays || r.TimeFrom < 0 || r.TimeFrom > 0 && r.TimeFrom >= r.TimeLimit {
		p.Add(path+".time_limit", "Thời hạn không hợp lệ.", "The time limit is not valid.")
	}
	if _, ok := unitWords[r.TimeUnit]; ok != (r.TimeLimit != 0) {
		p.Add(path+".time_unit", "Thời hạn phải có đơn vị: ngày (day), ngày làm việc (workday) hoặc giờ làm việc (hour).",
			"A time limit needs its unit: day, workday or hour.")
	}
	switch r.Online {
	case Unknown, Full, Part, None:
	default:
		p.Add(path+".online", "Mức độ trực tuyến phải là full, part, none hoặc để trống.", "The online level must be full, part, none or empty.")
	}
	if r.Source == "" || utf8.RuneCountInString(r.Source) > MaxSource || slides.Clean(r.Source) != r.Source {
		p.Add(path+".source", "Ghi nguồn: số quyết định, ngày, nơi ban hành (tối đa 500 ký tự).", "Name the source: decision, date, issuer (500 characters at most).")
	}
	r.checkColumns(p, path)
	if r.URL != "" && !validURL(r.URL) {
		p.Add(path+".url", "Địa chỉ phải bắt đầu bằng https:// và có tên miền.", "The address must begin with https:// and name a host.")
	}
	checkDate(p, path+".reviewed_on", r.ReviewedOn)
	checkDate(p, path+".from", r.From)
	checkDate(p, path+".until", r.Until)
	if r.From != "" && r.Until != "" && r.From >= r.Until {
		p.Add(path+".until", "Ngày hết hiệu lực phải sau ngày bắt đầu.", "The end of validity must come after its start.")
	}
}

func checkDate(p *slides.Problems, path string, d slides.LocalDate) {
	if d == "" {
		return
	}
	if _, err := d.Time(); err != nil {
		p.Add(path, "Ngày không hợp lệ; viết năm-tháng-ngày, ví dụ 2025-11-20.", "The date is not valid; write year-month-day, as in 2025-11-20.")
	}
}

func validURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && len(s) <= MaxURL && u.Scheme == "https" && u.Hostname() != "" && u.User == nil && slides.Clean(s) == s
}

// clip keeps a hostile value from filling the sentence that names it.
func clip(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}
