package catalogue

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"motcua/slides"
)

// Paper is one thing to bring. With neither Originals nor Copies the source
// names it without saying which.
type Paper struct {
	Name      slides.Text `json:"name"`
	Originals int         `json:"originals,omitempty"` // bản chính
	Copies    int         `json:"copies,omitempty"`    // bản sao

	// Waived papers are no longer asked for: the office looks the data up itself
	// (NQ 66.7/2025/NQ-CP names them). Saying so keeps people from fetching them.
	Waived bool `json:"waived,omitempty"`
}

// Count is how many of a paper to bring, in words: "01 bản chính, 02 bản sao";
// nil where the source does not say.
func (p *Paper) Count() slides.Text {
	var vi, en []string
	add := func(n int, word, one, many string) {
		if n == 1 {
			many = one
		}
		if n > 0 {
			vi, en = append(vi, fmt.Sprintf("%02d %s", n, word)), append(en, fmt.Sprintf("%d %s", n, many))
		}
	}
	add(p.Originals, "bản chính", "original", "originals")
	add(p.Copies, "bản sao", "copy", "copies")
	if vi == nil {
		return nil
	}
	return slides.Text{"vi": strings.Join(vi, ", "), "en": strings.Join(en, ", ")}
}

// Link is a document to fetch: its name, its https address.
type Link struct {
	Name slides.Text `json:"name"`
	URL  string      `json:"url"`
}

// promised is the unit of Committed.
func (p *Procedure) promised() TimeUnit {
	if p.CommittedUnit == "" {
		return p.TimeUnit
	}
	return p.CommittedUnit
}

// CommittedText is the promised time in words; nil when there is none.
func (p *Procedure) CommittedText() slides.Text { return timeText(0, p.Committed, p.promised()) }

// Shortened says that the unit promises less time than the law allows. Days
// and working days can't be compared (a week has five to seven of them): then
// it says no. Eight working hours are a working day.
func (p *Procedure) Shortened() bool {
	less, ok := compareTimes(p.Committed, p.promised(), p.TimeLimit, p.TimeUnit)
	return ok && less < 0
}

// compareTimes is below 0 where a is the shorter time; ok is false where the
// two can't be compared or one is missing.
func compareTimes(a int, aUnit TimeUnit, b int, bUnit TimeUnit) (c int, ok bool) {
	if a == 0 || b == 0 {
		return 0, false
	}
	hours := func(n int, u TimeUnit) int {
		if u == Workday {
			return 8 * n
		}
		return n
	}
	if (aUnit == Day) != (bUnit == Day) {
		return 0, false
	}
	return hours(a, aUnit) - hours(b, bUnit), true
}

// checkColumns checks what the law's columns hold beside time and place.
func (r *Procedure) checkColumns(p *slides.Problems, path string) {
	if _, ok := unitWords[r.promised()]; r.Committed < 0 || r.Committed > MaxDays || r.Committed > 0 && !ok || r.Committed == 0 && r.CommittedUnit != "" {
		p.Add(path+".committed", "Thời hạn cam kết không hợp lệ hoặc thiếu đơn vị.", "The promised time is not valid or lacks its unit.")
	} else if c, ok := compareTimes(r.Committed, r.promised(), r.TimeLimit, r.TimeUnit); ok && c > 0 {
		p.Add(path+".committed", "Thời hạn cam kết không được dài hơn thời hạn quy định.", "The promised time must not be longer than the regulated one.")
	}
	r.Unit.Check(p, path+".unit", false, MaxUnit)
	atMost(p, path+".papers", len(r.Papers), MaxPapers)
	for i := range r.Papers {
		d, at := &r.Papers[i], fmt.Sprintf("%s.papers.%d", path, i)
		d.Name.Check(p, at+".name", true, MaxPaper)
		if d.Originals < 0 || d.Originals > MaxCopies || d.Copies < 0 || d.Copies > MaxCopies || d.Waived && d.Originals+d.Copies > 0 {
			p.Add(at, fmt.Sprintf("Số bản chính, bản sao từ 0 đến %d; giấy tờ không phải nộp thì để trống.", MaxCopies),
				fmt.Sprintf("Originals and copies are 0 to %d; a paper that is waived has none.", MaxCopies))
		}
	}
	atMost(p, path+".basis", len(r.Basis), MaxBasis)
	for i, t := range r.Basis {
		t.Check(p, fmt.Sprintf("%s.basis.%d", path, i), true, MaxBasisText)
	}
	for _, l := range []struct {
		path string
		list []Link
	}{{path + ".forms", r.Forms}, {path + ".samples", r.Samples}, {path + ".videos", r.Videos}} {
		atMost(p, l.path, len(l.list), MaxLinks)
		for i, f := range l.list {
			at := fmt.Sprintf("%s.%d", l.path, i)
			f.Name.Check(p, at+".name", true, MaxPaper)
			if !validURL(f.URL) {
				p.Add(at+".url", "Địa chỉ phải bắt đầu bằng https:// và có tên miền.", "The address must begin with https:// and name a host.")
			}
		}
	}
	r.Who.Check(p, path+".who", false, MaxSource)
	r.Result.Check(p, path+".result", false, MaxSource)
	r.Conditions.Check(p, path+".conditions", false, MaxLongText)
	atMost(p, path+".steps", len(r.Steps), MaxSteps)
	for i, t := range r.Steps {
		t.Check(p, fmt.Sprintf("%s.steps.%d", path, i), true, MaxLongText)
	}
	if r.Sets < 0 || r.Sets > MaxSets {
		p.Add(path+".sets", fmt.Sprintf("Số bộ hồ sơ từ 0 đến %d.", MaxSets), fmt.Sprintf("The sets of papers are 0 to %d.", MaxSets))
	}
	switch r.Level {
	case "", Province, District, Commune:
	default:
		p.Add(path+".level", "Cấp thực hiện phải là province, district, commune hoặc để trống.", "The level must be province, district, commune or empty.")
	}
	if utf8.RuneCountInString(r.ReviewedBy) > MaxUnit || slides.Clean(r.ReviewedBy) != r.ReviewedBy {
		p.Add(path+".reviewed_by", "Tên người rà soát quá dài hoặc có ký tự lạ.", "The reviewer's name is too long or holds control characters.")
	}
	atMost(p, path+".related", len(r.Related), MaxRelated)
	for i, id := range r.Related {
		if !slides.ValidID(id) {
			p.Add(fmt.Sprintf("%s.related.%d", path, i), fmt.Sprintf("Mã trang %q không hợp lệ.", clip(id)), fmt.Sprintf("%q is not a slide's id.", clip(id)))
		}
	}
}

func atMost(p *slides.Problems, path string, n, most int) {
	if n > most {
		p.Add(path, fmt.Sprintf("Có %d mục, tối đa %d.", n, most), fmt.Sprintf("There are %d items, at most %d.", n, most))
	}
}
