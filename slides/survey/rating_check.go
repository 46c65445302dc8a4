package survey

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"motcua/slides"
)

// Limits of a rating's sections.
const (
	MaxRating   = 16 << 10 // bytes of any section's body
	MaxFreeText = 1000     // runes
	MaxTook     = 24 * time.Hour
)

// The moments between which a trusted clock's rating may lie: before the first
// is a clock that was never set, after the last one that jumped.
var (
	firstHour = slides.At(time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC))
	lastHour  = slides.At(time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC))
)

// UnmarshalJSON refuses an answer without a question or level: a missing level
// must not read as NotApplicable.
func (a *Answer) UnmarshalJSON(b []byte) error {
	var v struct {
		Question *string `json:"q"`
		Level    *Level  `json:"a"`
	}
	if err := json.Unmarshal(b, &v); err != nil {
		return err
	}
	if v.Question == nil || v.Level == nil {
		return fmt.Errorf(`survey: an answer needs "q" and "a"`)
	}
	a.Question, a.Level = *v.Question, *v.Level
	return nil
}

// HourOf is the start of the hour that holds m on the clocks of zone (nil: UTC).
func HourOf(m slides.Millis, zone *time.Location) slides.Millis {
	// Once is enough, except where an offset change of half an hour falls into the hour.
	for {
		past := intoHour(m, zone)
		if past == 0 {
			return m
		}
		m -= slides.Millis(past.Milliseconds())
	}
}

func intoHour(m slides.Millis, zone *time.Location) time.Duration {
	if zone == nil {
		zone = time.UTC
	}
	t := m.Time().In(zone)
	return time.Duration(t.Minute())*time.Minute + time.Duration(t.Second())*time.Second + time.Duration(t.Nanosecond())
}

// ParseRating reads a core section and checks all that needs no questionnaire:
// sizes, ids, channel, clock, levels, doubled answers and tags. Unknown fields
// are ignored. CheckRating does the rest.
func ParseRating(b []byte) (*Rating, error) {
	const op = "survey.ParseRating"
	var r Rating
	if err := parseSection(op, b, &r); err != nil {
		return nil, err
	}
	var p slides.Problems
	r.check(&p)
	if err := p.Err(op); err != nil {
		return nil, err
	}
	return &r, nil
}

// CheckRating checks a rating against the questionnaire it names and the zone
// of its unit (nil: UTC): everything ParseRating checks, and that id and version
// are q's, every question, tag and level is one that q offers, tags came after
// a low answer, and Hour is a whole hour in zone. Nil if all is well, else an
// *Error of kind Invalid that lists every problem.
func CheckRating(q *Questionnaire, r *Rating, zone *time.Location) error {
	var p slides.Problems
	r.check(&p)
	if r.Questionnaire != q.ID || r.Version != q.Version {
		p.Add("questionnaire", fmt.Sprintf("Phiếu trả lời theo mẫu %s phiên bản %d, không phải %s phiên bản %d.", r.Questionnaire, r.Version, q.ID, q.Version),
			fmt.Sprintf("The rating answers %s version %d, not %s version %d.", r.Questionnaire, r.Version, q.ID, q.Version))
	}
	questions := make(map[string]*Question, len(q.Questions))
	for i := range q.Questions {
		questions[q.Questions[i].ID] = &q.Questions[i]
	}
	for i, a := range r.Answers {
		at := fmt.Sprintf("answers.%d", i)
		k, ok := questions[a.Question]
		switch {
		case !ok:
			p.Add(at+".q", fmt.Sprintf("Mẫu phiếu không có câu hỏi %.64q.", a.Question), fmt.Sprintf("The questionnaire has no question %.64q.", a.Question))
		case a.Level == NotApplicable && !k.NA:
			p.Add(at+".a", fmt.Sprintf(`Câu %s không có lựa chọn "Không áp dụng".`, k.ID), fmt.Sprintf(`Question %s does not offer "not applicable".`, k.ID))
		}
	}
	tags := make(map[string]bool, len(q.Tags))
	for _, t := range q.Tags {
		tags[t.ID] = true
	}
	for i, t := range r.Tags {
		if !tags[t] {
			p.Add(fmt.Sprintf("tags.%d", i), fmt.Sprintf("Mẫu phiếu không có lý do %.64q.", t), fmt.Sprintf("The questionnaire has no reason %.64q.", t))
		}
	}
	if len(r.Tags) > 0 && !q.OffersTags(r.Answers) {
		p.Add("tags", "Có lý do nhưng không có câu trả lời nào ở mức được hỏi lý do.", "There are reasons, but no answer is low enough to be asked for them.")
	}
	if intoHour(r.Hour, zone) != 0 {
		p.Add("hour", "Giờ của phiếu phải là đầu giờ theo múi giờ của đơn vị.", "The hour must be the start of an hour in the unit's zone.")
	}
	return p.Err("survey.CheckRating")
}

func (r *Rating) check(p *slides.Problems) {
	checkID(p, "questionnaire", r.Questionnaire)
	if r.Version < 1 {
		p.Add("version", "Số phiên bản phải từ 1 trở lên.", "The version must be 1 or more.")
	}
	checkID(p, "unit", r.Unit)
	// The citizen's phone may have no kiosk behind it.
	if r.Kiosk != "" || r.Channel != OnPhone {
		checkID(p, "kiosk", r.Kiosk)
	}
	if r.Counter != "" {
		checkID(p, "counter", r.Counter)
	}
	if r.Officer != "" {
		checkID(p, "officer", r.Officer)
	}
	if r.Procedure != "" && !ValidCode(r.Procedure) {
		p.Add("procedure", "Mã thủ tục không hợp lệ; dùng 1–64 chữ không dấu, số, chấm, gạch.", "The procedure's code is not valid; use 1 to 64 letters, digits, dots, hyphens.")
	}
	if r.Channel != AtKiosk && r.Channel != OnPhone {
		p.Add("channel", "Kênh phải là kiosk hoặc phone.", "The channel must be kiosk or phone.")
	}
	slides.Text{r.Lang: "x"}.Check(p, "lang", false, 1)
	switch r.Clock {
	case Doubtful: // any hour: it is marked as such, and no rating is lost for a dead battery
	case Synced, Held:
		if r.Hour < firstHour || r.Hour >= lastHour {
			p.Add("hour", "Giờ của phiếu nằm ngoài khoảng 2020–2099.", "The hour is outside 2020 to 2099.")
		}
	default:
		p.Add("clock", "Chất lượng đồng hồ phải là synced, held hoặc doubtful.", "The clock must be synced, held or doubtful.")
	}
	if r.Took < 0 || r.Took > MaxTook.Milliseconds() {
		p.Add("took_ms", "Thời gian trả lời phải từ 0 đến 24 giờ.", "The time taken must be 0 to 24 hours.")
	}
	if r.Shown != "" && !slides.ValidSHA(r.Shown) {
		p.Add("shown", "Mã trang đang hiện không hợp lệ.", "The slide shown is not a SHA-256.")
	}
	r.checkAnswers(p)
}

func (r *Rating) checkAnswers(p *slides.Problems) {
	if len(r.Answers) == 0 && !r.Partial {
		p.Add("answers", "Phiếu không có câu trả lời nào.", "The rating has no answer.")
	}
	if len(r.Answers) > MaxQuestions {
		p.Add("answers", fmt.Sprintf("Nhiều nhất %d câu trả lời.", MaxQuestions), fmt.Sprintf("At most %d answers.", MaxQuestions))
		return
	}
	if len(r.Tags) > MaxTags {
		p.Add("tags", fmt.Sprintf("Nhiều nhất %d lý do.", MaxTags), fmt.Sprintf("At most %d reasons.", MaxTags))
		return
	}
	seen := map[string]bool{}
	for i, a := range r.Answers {
		at := fmt.Sprintf("answers.%d", i)
		checkUnique(p, at+".q", a.Question, seen)
		if !a.Level.Valid() {
			p.Add(at+".a", "Mức trả lời phải từ 0 (không áp dụng) đến 5.", "The level must be 0 (not applicable) to 5.")
		}
	}
	tags := map[string]bool{}
	for i, t := range r.Tags {
		checkUnique(p, fmt.Sprintf("tags.%d", i), t, tags)
	}
}

// Valid says whether l is NotApplicable or one of the five levels.
func (l Level) Valid() bool { return l >= NotApplicable && l <= 5 }

// CheckPartA checks that every choice and option is one of q's. Any of them may
// be left out.
func CheckPartA(q *Questionnaire, a PartA) error {
	var p slides.Problems
	if len(a) > MaxChoices {
		p.Add("", fmt.Sprintf("Phần A có nhiều nhất %d câu.", MaxChoices), fmt.Sprintf("Part A has at most %d questions.", MaxChoices))
		return p.Err("survey.CheckPartA")
	}
	left := len(a)
	for _, c := range q.PartA {
		chosen, ok := a[c.ID]
		if !ok {
			continue
		}
		left--
		found := false
		for _, o := range c.Options {
			found = found || o.ID == chosen
		}
		if !found {
			p.Add(c.ID, fmt.Sprintf("Không có lựa chọn %.64q.", chosen), fmt.Sprintf("There is no option %.64q.", chosen))
		}
	}
	if left > 0 {
		p.Add("", fmt.Sprintf("Có %d câu trả lời không thuộc Phần A của mẫu phiếu.", left), fmt.Sprintf("%d answers are not of the questionnaire's part A.", left))
	}
	return p.Err("survey.CheckPartA")
}

// ParsePartA reads a Phần A section; CheckPartA checks it.
func ParsePartA(b []byte) (PartA, error) {
	var a PartA
	if err := parseSection("survey.ParsePartA", b, &a); err != nil {
		return nil, err
	}
	return a, nil
}

// ParseMoment reads an exact time section. The offset is at most a century.
func ParseMoment(b []byte) (*Moment, error) {
	const op = "survey.ParseMoment"
	var m Moment
	if err := parseSection(op, b, &m); err != nil {
		return nil, err
	}
	const century = 100 * 366 * 24 * int64(time.Hour/time.Millisecond)
	if m.Offset < -century || m.Offset > century || m.At <= 0 || m.At > 2*slides.Millis(century) {
		return nil, slides.E(slides.Invalid, op, "Thời điểm của phiếu không hợp lệ.", "The rating's moment is not valid.", nil)
	}
	return &m, nil
}

// ParseFreeText reads a free text section and checks it.
func ParseFreeText(b []byte) (*FreeText, error) {
	var f FreeText
	if err := parseSection("survey.ParseFreeText", b, &f); err != nil {
		return nil, err
	}
	if err := f.Check(); err != nil {
		return nil, err
	}
	return &f, nil
}

// Check refuses a text that is empty, over MaxFreeText runes, or not in stored
// form (slides.Clean).
func (f *FreeText) Check() error {
	var p slides.Problems
	n := utf8.RuneCountInString(f.Text)
	switch {
	case strings.TrimSpace(f.Text) == "":
		p.Add("text", "Ý kiến còn trống.", "The text is empty.")
	case n > MaxFreeText:
		p.Add("text", fmt.Sprintf("Ý kiến dài %d ký tự, tối đa %d.", n, MaxFreeText), fmt.Sprintf("The text has %d characters, at most %d fit.", n, MaxFreeText))
	case slides.Clean(f.Text) != f.Text:
		p.Add("text", "Ý kiến chưa ở dạng chuẩn (NFC, không ký tự điều khiển).", "The text is not in stored form (NFC, no control characters).")
	}
	return p.Err("survey.FreeText.Check")
}

func parseSection(op string, b []byte, into any) error {
	if len(b) > MaxRating {
		return slides.E(slides.TooLarge, op, "Phần này của phiếu quá lớn (tối đa 16 KiB).", "This section of the rating is too large (16 KiB at most).", nil)
	}
	if err := json.Unmarshal(b, into); err != nil {
		return slides.E(slides.Invalid, op, "Không đọc được phiếu đánh giá.", "The rating can't be read.", err)
	}
	return nil
}

// ValidCode admits official procedure codes such as "1.000105.000.00.00.H37",
// which have capitals that ids have not.
func ValidCode(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf { // the Kelvin sign's lower case is "k"
			return false
		}
	}
	return slides.ValidID(strings.ToLower(s))
}
