package survey

import (
	"encoding/json"
	"fmt"
	"slices"
	"unicode/utf8"

	"motcua/slides"
)

// Format is the questionnaire format that this program writes. A reader
// refuses a higher one; fields added within a format are ignored by older readers.
const Format = 1

// Limits of a questionnaire. The 19 service statements of QĐ 1001/QĐ-BNV with
// Phần A, in two languages, are about 12 KiB.
const (
	MaxQuestionnaire = 256 << 10 // bytes
	MaxQuestions     = 40
	MaxTags          = 40
	MaxChoices       = 20
	MaxOptions       = 80 // the ethnic groups are 54
	MaxQuestionText  = 400
	MaxTagText       = 80
	MaxOptionText    = 120
	MaxHeading       = 200 // runes of Title and Ask
	MaxNote          = 500
	MaxSource        = 500
)

// ParseQuestionnaire reads and checks a questionnaire blob. Errors: TooLarge;
// Newer for a format above Format, whatever else the bytes hold; Invalid with
// every problem listed.
func ParseQuestionnaire(b []byte) (*Questionnaire, error) {
	const op = "survey.ParseQuestionnaire"
	if len(b) > MaxQuestionnaire {
		return nil, slides.E(slides.TooLarge, op, "Phiếu khảo sát quá lớn (tối đa 256 KiB).",
			"The questionnaire is too large (256 KiB at most).", nil)
	}
	// The format is read alone first: a newer one may use other types elsewhere.
	var v struct {
		Format int `json:"format"`
	}
	err := json.Unmarshal(b, &v)
	if err == nil && v.Format > Format {
		return nil, slides.E(slides.Newer, op,
			fmt.Sprintf("Phiếu khảo sát dùng định dạng %d, mới hơn phần mềm này (%d); hãy cập nhật phần mềm.", v.Format, Format),
			fmt.Sprintf("The questionnaire has format %d, newer than this program's %d; update the program.", v.Format, Format), nil)
	}
	var q Questionnaire
	if err == nil {
		err = json.Unmarshal(b, &q)
	}
	if err != nil {
		return nil, slides.E(slides.Invalid, op, "Không đọc được phiếu khảo sát: không phải JSON đúng kiểu.",
			"The questionnaire can't be read: it is not JSON of the right shape.", err)
	}
	var p slides.Problems
	q.Check(&p)
	if err := p.Err(op); err != nil {
		return nil, err
	}
	return &q, nil
}

// Check reports every problem of the questionnaire. A method that this program
// does not know passes if it is well formed, so that a kiosk in the field still
// asks what a newer server will score; before publishing, ask KnownMethod too.
func (q *Questionnaire) Check(p *slides.Problems) {
	if q.Format != Format {
		p.Add("format", fmt.Sprintf("Định dạng phải là %d.", Format), fmt.Sprintf("The format must be %d.", Format))
	}
	checkID(p, "id", q.ID)
	if q.Version < 1 {
		p.Add("version", "Số phiên bản phải từ 1 trở lên.", "The version must be 1 or more.")
	}
	q.Title.Check(p, "title", true, MaxHeading)
	q.Ask.Check(p, "ask", true, MaxHeading)
	q.Note.Check(p, "note", false, MaxNote)
	q.checkQuestions(p)
	q.checkTags(p)
	q.checkPartA(p)
	if q.FreeTextUpTo < 0 || q.FreeTextUpTo > 5 {
		p.Add("free_text_up_to", "Mức mời viết ý kiến phải từ 0 (không mời) đến 5 (luôn mời).", "The level that offers to write must be 0 (never) to 5 (always).")
	}
	if q.OnIdle != Keep && q.OnIdle != Drop {
		p.Add("on_idle", `Chọn "keep" (giữ phiếu dở) hoặc "drop" (bỏ).`, `Choose "keep" (keep a partial answer) or "drop".`)
	}
	if !methodForm.MatchString(q.Method) {
		p.Add("method", fmt.Sprintf("Cách tính phải có dạng tên/phiên bản, ví dụ %s.", MethodPooled),
			fmt.Sprintf("The method must be a name and a version, as in %s.", MethodPooled))
	}
	if n := utf8.RuneCountInString(q.Source); n > MaxSource {
		p.Add("source", fmt.Sprintf("Nguồn dài %d ký tự, tối đa %d.", n, MaxSource), fmt.Sprintf("The source has %d characters, at most %d fit.", n, MaxSource))
	} else if slides.Clean(q.Source) != q.Source {
		p.Add("source", "Nguồn chưa ở dạng chuẩn (NFC, không ký tự điều khiển).", "The source is not in stored form (NFC, no control characters).")
	}
}

func (q *Questionnaire) checkQuestions(p *slides.Problems) {
	if n := len(q.Questions); n < 1 || n > MaxQuestions {
		p.Add("questions", fmt.Sprintf("Phiếu có %d câu hỏi; cần từ 1 đến %d.", n, MaxQuestions),
			fmt.Sprintf("There are %d questions; 1 to %d are needed.", n, MaxQuestions))
	}
	seen := map[string]bool{}
	for i, k := range q.Questions {
		at := fmt.Sprintf("questions.%d", i)
		checkUnique(p, at+".id", k.ID, seen)
		checkFactor(p, at+".factor", k.Factor)
		k.Text.Check(p, at+".text", true, MaxQuestionText)
	}
}

func (q *Questionnaire) checkTags(p *slides.Problems) {
	if len(q.Tags) > MaxTags {
		p.Add("tags", fmt.Sprintf("Nhiều nhất %d lý do.", MaxTags), fmt.Sprintf("At most %d reasons.", MaxTags))
	}
	seen := map[string]bool{}
	for i, t := range q.Tags {
		at := fmt.Sprintf("tags.%d", i)
		checkUnique(p, at+".id", t.ID, seen)
		checkFactor(p, at+".factor", t.Factor)
		t.Text.Check(p, at+".text", true, MaxTagText)
	}
	switch {
	case q.TagsUpTo < 0 || q.TagsUpTo > 5:
		p.Add("tags_up_to", "Mức hỏi lý do phải từ 1 đến 5.", "The level that asks for reasons must be 1 to 5.")
	case len(q.Tags) > 0 && q.TagsUpTo == 0:
		p.Add("tags_up_to", "Có lý do nhưng chưa chọn mức nào thì hỏi; đặt từ 1 đến 5.", "There are reasons but no level asks for them; set 1 to 5.")
	case len(q.Tags) == 0 && q.TagsUpTo != 0:
		p.Add("tags", "Có mức hỏi lý do nhưng chưa có lý do nào.", "A level asks for reasons but there are none.")
	}
}

func (q *Questionnaire) checkPartA(p *slides.Problems) {
	if len(q.PartA) > MaxChoices {
		p.Add("part_a", fmt.Sprintf("Phần A có nhiều nhất %d câu.", MaxChoices), fmt.Sprintf("Part A has at most %d questions.", MaxChoices))
	}
	seen := map[string]bool{}
	for i, c := range q.PartA {
		at := fmt.Sprintf("part_a.%d", i)
		checkUnique(p, at+".id", c.ID, seen)
		c.Text.Check(p, at+".text", true, MaxQuestionText)
		if n := len(c.Options); n < 2 || n > MaxOptions {
			p.Add(at+".options", fmt.Sprintf("Câu này có %d lựa chọn; cần từ 2 đến %d.", n, MaxOptions),
				fmt.Sprintf("There are %d options; 2 to %d are needed.", n, MaxOptions))
		}
		options := map[string]bool{}
		for j, o := range c.Options {
			at := fmt.Sprintf("%s.options.%d", at, j)
			checkUnique(p, at+".id", o.ID, options)
			o.Text.Check(p, at+".text", true, MaxOptionText)
		}
	}
}

// OfferedTags are the reasons that these answers bring up: those of the factors
// that got a level from 1 to TagsUpTo, all of them where the service as a whole did.
func (q *Questionnaire) OfferedTags(answers []Answer) []Tag {
	low := map[Factor]bool{}
	for _, k := range q.Questions {
		for _, a := range answers {
			if a.Question == k.ID && a.upTo(q.TagsUpTo) {
				low[k.Factor] = true
			}
		}
	}
	var out []Tag
	for _, t := range q.Tags {
		if low[t.Factor] || low[Overall] {
			out = append(out, t)
		}
	}
	return out
}

// OffersTags says whether these answers bring up reasons.
func (q *Questionnaire) OffersTags(answers []Answer) bool { return len(q.OfferedTags(answers)) > 0 }

// OffersFreeText says whether these answers bring up the offer to write.
func (q *Questionnaire) OffersFreeText(answers []Answer) bool {
	return slices.ContainsFunc(answers, func(a Answer) bool { return a.upTo(q.FreeTextUpTo) })
}

// upTo says whether the answer is a level, and at most l.
func (a Answer) upTo(l Level) bool { return a.Level != NotApplicable && a.Level <= l }

func checkID(p *slides.Problems, at, id string) bool {
	if !slides.ValidID(id) {
		p.Add(at, "Mã không hợp lệ; dùng 1–64 ký tự a–z, 0–9, gạch nối, gạch dưới, chấm.",
			"The id is not valid; use 1 to 64 of a-z, 0-9, hyphen, underscore, dot.")
		return false
	}
	return true
}

func checkUnique(p *slides.Problems, at, id string, seen map[string]bool) {
	if !checkID(p, at, id) {
		return
	}
	if seen[id] {
		p.Add(at, fmt.Sprintf("Mã %q bị trùng.", id), fmt.Sprintf("The id %q stands twice.", id))
	}
	seen[id] = true
}

func checkFactor(p *slides.Problems, at string, f Factor) {
	if _, ok := FactorNames[f]; !ok {
		p.Add(at, fmt.Sprintf("Yếu tố %q không có; dùng f1 đến f5 hoặc all.", string(f)), fmt.Sprintf("There is no factor %q; use f1 to f5 or all.", string(f)))
	}
}
