package catalogue

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"motcua/slides"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// row is a valid procedure with every column filled.
func row() Procedure {
	return Procedure{
		Code: "1.014199", Name: slides.Text{"vi": "Cấp giấy phép lao động", "en": "Work permit"}, Abridged: true,
		Field: slides.Vi("Việc làm"), TimeLimit: 10, TimeFrom: 5, TimeUnit: Workday, TimeNote: slides.Vi("Từ chối: 03 ngày làm việc"),
		Reference: true, Fee: slides.Vi("Không"), Where: slides.Vi("Quầy 2"), How: slides.Vi("Trực tiếp"), Online: Part, Post: true,
		URL: "https://dichvucong.gov.vn/x", Source: "QĐ 1/QĐ-UBND", ReviewedOn: "2025-11-30", From: "2025-11-20", Until: "2026-01-01",
		Committed: 7, Unit: slides.Vi("Sở Nội vụ"),
		Papers:  []Paper{{Name: slides.Vi("Đơn đề nghị"), Originals: 1, Copies: 2}, {Name: slides.Vi("Phiếu lý lịch tư pháp"), Waived: true}},
		Basis:   []slides.Text{slides.Vi("Nghị định số 219/2025/NĐ-CP")},
		Forms:   []Link{{slides.Vi("Mẫu số 01"), "https://dichvucong.gov.vn/mau"}},
		Samples: []Link{{slides.Vi("Mẫu số 01 đã điền"), "https://dichvucong.gov.vn/mau-dien"}},
		Related: []string{"faq-lao-dong"},
		Who:     slides.Vi("Người sử dụng lao động"), Result: slides.Vi("Giấy phép lao động"), Conditions: slides.Vi("Đủ 18 tuổi"), Sets: 1, Level: Province,
		Steps: []slides.Text{slides.Vi("Nộp hồ sơ"), slides.Vi("Nhận kết quả")}, Videos: []Link{{slides.Vi("Hướng dẫn"), "https://dichvucong.gov.vn/video"}}, ReviewedBy: "Phòng Việc làm",
	}
}

func TestEncodeThenParse(t *testing.T) {
	want := &Catalogue{Format: Format, Procedures: []Procedure{row()}}
	b, err := Encode(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if got.Find("1.014199") == nil || got.Find("1.014200") != nil {
		t.Error("Find finds by the whole code")
	}
}

// Each change of a valid row must be refused, at its own path.
func TestParseRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		path   string
		change func(p *Procedure)
	}{
		"code with commas":     {"code", func(p *Procedure) { p.Code = "1,014199" }},
		"short code":           {"code", func(p *Procedure) { p.Code = "1.01499" }},
		"no name":              {"name", func(p *Procedure) { p.Name = nil }},
		"name only in English": {"name", func(p *Procedure) { p.Name = slides.Text{"en": "x"} }},
		"NFD name":             {"name.vi", func(p *Procedure) { p.Name = slides.Vi("Ca\u0302\u0301p") }},
		"long name":            {"name.vi", func(p *Procedure) { p.Name = slides.Vi(strings.Repeat("ệ", MaxName+1)) }},
		"no field":             {"field", func(p *Procedure) { p.Field = nil }},
		"control in the fee":   {"fee.vi", func(p *Procedure) { p.Fee = slides.Vi("0\x00") }},
		"negative time":        {"time_limit", func(p *Procedure) { p.TimeLimit = -1 }},
		"endless time":         {"time_limit", func(p *Procedure) { p.TimeLimit = MaxDays + 1 }},
		"range upside down":    {"time_limit", func(p *Procedure) { p.TimeFrom = 10 }},
		"time without unit":    {"time_unit", func(p *Procedure) { p.TimeUnit = "" }},
		"unit without time":    {"time_unit", func(p *Procedure) { p.TimeLimit, p.TimeFrom = 0, 0 }},
		"strange unit":         {"time_unit", func(p *Procedure) { p.TimeUnit = "week" }},
		"strange online level": {"online", func(p *Procedure) { p.Online = "4" }},
		"no source":            {"source", func(p *Procedure) { p.Source = "" }},
		"http":                 {"url", func(p *Procedure) { p.URL = "http://dichvucong.gov.vn" }},
		"script":               {"url", func(p *Procedure) { p.URL = "javascript:alert(1)" }},
		"user in the address":  {"url", func(p *Procedure) { p.URL = "https://dichvucong.gov.vn@evil.example" }},
		"no such day":          {"reviewed_on", func(p *Procedure) { p.ReviewedOn = "2025-02-30" }},
		"ends before it began": {"until", func(p *Procedure) { p.Until = p.From }},
		"promise too long":     {"committed", func(p *Procedure) { p.Committed = 11 }},
		"promise in hours":     {"committed", func(p *Procedure) { p.Committed, p.CommittedUnit = 81, Hour }},
		"promise of nothing":   {"committed", func(p *Procedure) { p.Committed, p.CommittedUnit = 0, Day }},
		"promise in weeks":     {"committed", func(p *Procedure) { p.CommittedUnit = "week" }},
		"a step without words": {"steps.0", func(p *Procedure) { p.Steps[0] = nil }},
		"sets below zero":      {"sets", func(p *Procedure) { p.Sets = -1 }},
		"level of no kind":     {"level", func(p *Procedure) { p.Level = "ward" }},
		"reviewer with a bell": {"reviewed_by", func(p *Procedure) { p.ReviewedBy = "A\a" }},
		"video in the clear":   {"videos.0.url", func(p *Procedure) { p.Videos[0].URL = "http://dichvucong.gov.vn" }},
		"long unit":            {"unit.vi", func(p *Procedure) { p.Unit = slides.Vi(strings.Repeat("ệ", MaxUnit+1)) }},
		"nameless paper":       {"papers.0.name", func(p *Procedure) { p.Papers[0].Name = nil }},
		"too many copies":      {"papers.0", func(p *Procedure) { p.Papers[0].Copies = MaxCopies + 1 }},
		"waived but counted":   {"papers.1", func(p *Procedure) { p.Papers[1].Copies = 1 }},
		"too many papers":      {"papers", func(p *Procedure) { p.Papers = make([]Paper, MaxPapers+1) }},
		"empty basis":          {"basis.0", func(p *Procedure) { p.Basis[0] = nil }},
		"form over http":       {"forms.0.url", func(p *Procedure) { p.Forms[0].URL = "http://dichvucong.gov.vn" }},
		"nameless sample":      {"samples.0.name", func(p *Procedure) { p.Samples[0].Name = nil }},
		"related to nothing":   {"related.0", func(p *Procedure) { p.Related[0] = "Không có" }},
	} {
		p := row()
		c.change(&p)
		b, err := json.Marshal(Catalogue{Format: Format, Procedures: []Procedure{p}})
		if err != nil {
			t.Fatal(err)
		}
		_, err = Parse(b)
		if slides.KindOf(err) != slides.Invalid || !strings.Contains(err.Error(), "procedures.0."+c.path+":") {
			t.Errorf("%s: %v, want a problem at %s", name, err, c.path)
		}
		if _, err := Encode(&Catalogue{Format: Format, Procedures: []Procedure{p}}); err == nil {
			t.Errorf("%s: Encode writes what Parse refuses", name)
		}
	}
}

func TestParseRefusesTheWhole(t *testing.T) {
	one, _ := json.Marshal(row())
	for name, c := range map[string]struct {
		in   string
		kind slides.ErrKind
	}{
		"empty":         {"", slides.Invalid},
		"not JSON":      {"mã,tên", slides.Invalid},
		"a list":        {"[]", slides.Invalid},
		"no format":     {`{"procedures":[]}`, slides.Invalid},
		"newer":         {`{"format":2,"procedures":"another shape"}`, slides.Newer},
		"wrong type":    {`{"format":1,"procedures":[{"code":1.0142}]}`, slides.Invalid},
		"twice":         {fmt.Sprintf(`{"format":1,"procedures":[%s,%s]}`, one, one), slides.Invalid},
		"two documents": {`{"format":1} {"format":1}`, slides.Invalid},
		"too many":      {`{"format":1,"procedures":[{}` + strings.Repeat(",{}", MaxProcedures) + `]}`, slides.Invalid},
		"too large":     {strings.Repeat(" ", MaxBytes+1), slides.TooLarge},
	} {
		if _, err := Parse([]byte(c.in)); slides.KindOf(err) != c.kind {
			t.Errorf("%s: %v, want kind %s", name, err, c.kind)
		}
	}
	if _, err := Parse([]byte(`{"format":1,"procedures":[],"new":true}`)); err != nil {
		t.Errorf("an unknown field must be ignored: %v", err)
	}
}

func TestShortened(t *testing.T) {
	for _, c := range []struct {
		limit     int
		unit      TimeUnit
		committed int
		in        TimeUnit
		want      bool
		text      string
	}{
		{10, Workday, 7, "", true, "07 ngày làm việc"},
		{10, Workday, 10, "", false, "10 ngày làm việc"},
		{10, Workday, 0, "", false, ""},
		{1, Workday, 4, Hour, true, "04 giờ làm việc"},
		{1, Workday, 8, Hour, false, "08 giờ làm việc"},
		{7, Day, 5, Workday, false, "05 ngày làm việc"}, // no week has a fixed number of working days
		{0, "", 5, Day, false, "05 ngày"},
	} {
		p := Procedure{TimeLimit: c.limit, TimeUnit: c.unit, Committed: c.committed, CommittedUnit: c.in}
		if got := p.Shortened(); got != c.want || p.CommittedText()["vi"] != c.text {
			t.Errorf("%+v: %v, %q", c, got, p.CommittedText()["vi"])
		}
	}
}

func TestPaperCount(t *testing.T) {
	for _, c := range []struct {
		p      Paper
		vi, en string
	}{
		{Paper{Originals: 1, Copies: 2}, "01 bản chính, 02 bản sao", "1 original, 2 copies"},
		{Paper{Copies: 1}, "01 bản sao", "1 copy"},
		{Paper{Originals: 2}, "02 bản chính", "2 originals"},
		{Paper{}, "", ""},
	} {
		if got := c.p.Count(); got["vi"] != c.vi || got["en"] != c.en {
			t.Errorf("%+v: %q, %q", c.p, got["vi"], got["en"])
		}
	}
}

func TestTimeText(t *testing.T) {
	for _, c := range []struct {
		p      Procedure
		vi, en string
	}{
		{Procedure{TimeLimit: 5, TimeUnit: Workday}, "05 ngày làm việc", "5 working days"},
		{Procedure{TimeLimit: 12, TimeFrom: 9, TimeUnit: Workday}, "09–12 ngày làm việc", "9–12 working days"},
		{Procedure{TimeLimit: 1, TimeUnit: Day}, "01 ngày", "1 day"},
		{Procedure{TimeLimit: 4, TimeUnit: Hour}, "04 giờ làm việc", "4 working hours"},
		{Procedure{}, "", ""},
	} {
		if got := c.p.TimeText(); got["vi"] != c.vi || got["en"] != c.en {
			t.Errorf("%+v: %v", c.p, got)
		}
	}
}

func TestValidOn(t *testing.T) {
	p := Procedure{From: "2025-11-20", Until: "2026-01-01"}
	for day, want := range map[slides.LocalDate]bool{"2025-11-19": false, "2025-11-20": true, "2025-12-31": true, "2026-01-01": false} {
		if p.ValidOn(day) != want {
			t.Errorf("%s: want %v", day, want)
		}
	}
	if !(&Procedure{}).ValidOn("2025-11-19") {
		t.Error("no dates: always")
	}
}

func TestNormaliseCode(t *testing.T) {
	for in, want := range map[string]string{
		"2.002308":                  "2.002308",
		"2,002308":                  "2.002308",
		"1.014.111":                 "1.014111",
		"1,014,111":                 "1.014111",
		"1.014199.H05":              "1.014199.H05",
		"1,014199,h37":              "1.014199.H37",
		" 1.014199\u00a0":           "1.014199",
		"\ufeff1.014199":            "1.014199",
		"1.01499":                   "", // a digit was lost
		"1.0141990":                 "",
		"1014199":                   "", // could be a number cut by a spreadsheet
		"10.14199":                  "",
		"1.0141.99":                 "",
		"1.014199.H5":               "",
		"1.014199H05":               "",
		"1 014199":                  "",
		"1.014199;":                 "",
		"１.014199":                  "",
		"":                          "",
		strings.Repeat("1", 10_000): "",
	} {
		got, err := NormaliseCode(in)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%.30q: %q, %v; want %q", in, got, err, want)
		}
		if err != nil && len(slides.Sentence(err, "vi")) > 300 {
			t.Errorf("%.30q: the sentence repeats all of it", in)
		}
	}
}

// Whatever way a valid code is written, its stored form comes back.
func TestNormaliseCodeProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.StringMatching(`[0-9]\.[0-9]{6}(\.H[0-9]{2})?`).Draw(t, "code")
		if !ValidCode(want) {
			t.Fatalf("%q is a code", want)
		}
		written := want
		if rapid.Bool().Draw(t, "thousands") {
			written = written[:5] + "." + written[5:]
		}
		if rapid.Bool().Draw(t, "commas") {
			written = strings.ReplaceAll(written, ".", ",")
		}
		if rapid.Bool().Draw(t, "lower") {
			written = strings.ToLower(written)
		}
		got, err := NormaliseCode(" " + written + "\n")
		if err != nil || got != want {
			t.Fatalf("%q: %q, %v; want %q", written, got, err, want)
		}
	})
}

func FuzzNormaliseCode(f *testing.F) {
	for _, s := range []string{"2,002308", "1.014.111", "1.014199.H05", "1.01499", "", "１.014199"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		code, err := NormaliseCode(s)
		if err != nil {
			return
		}
		if !ValidCode(code) {
			t.Errorf("%q became %q, which is no code", s, code)
		}
		if again, err := NormaliseCode(code); err != nil || again != code {
			t.Errorf("%q is not its own stored form: %q, %v", code, again, err)
		}
	})
}

func FuzzParse(f *testing.F) {
	b, _ := Encode(&Catalogue{Format: Format, Procedures: []Procedure{row()}})
	f.Add(b)
	f.Add([]byte(`{"format":1,"procedures":[{"code":"1.014199","name":{"vi":"a"},"field":{"vi":"b"},"source":"c"}]}`))
	f.Add([]byte(`{"format":9}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := Parse(b)
		if err != nil {
			if c != nil || slides.Sentence(err, "vi") == "" {
				t.Error("a refusal has no catalogue and a sentence")
			}
			return
		}
		out, err := Encode(c)
		if err != nil {
			t.Fatalf("what was read can't be written: %v", err)
		}
		again, err := Parse(out)
		if err != nil {
			t.Fatal(err)
		}
		// A nil and an empty map or list mean the same.
		x, _ := json.Marshal(c)
		y, _ := json.Marshal(again)
		if string(x) != string(y) {
			t.Errorf("read %s, written and read again %s", x, y)
		}
		for i := range c.Procedures {
			if !ValidCode(c.Procedures[i].Code) {
				t.Errorf("code %q", c.Procedures[i].Code)
			}
			c.Procedures[i].TimeText()
		}
	})
}

func TestGroupsKeepTheOrderAndTheDay(t *testing.T) {
	c := &Catalogue{Format: Format}
	for i, f := range []string{"Việc làm", "Người có công", "Việc làm", "Trẻ em", "Việc làm"} {
		p := row()
		p.Code, p.Field, p.Unit = fmt.Sprintf("1.00000%d", i), slides.Vi(f), nil
		if i == 3 {
			p.Until = "2025-11-25"
		}
		if i > 1 {
			p.Unit = slides.Vi("Sở Nội vụ")
		}
		c.Procedures = append(c.Procedures, p)
	}
	fields, units := c.Fields("2025-11-25"), c.Units("2025-11-25")
	if d := cmp.Diff([]Group{{slides.Vi("Việc làm"), []int{0, 2, 4}}, {slides.Vi("Người có công"), []int{1}}}, fields); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]Group{{slides.Vi("Sở Nội vụ"), []int{2, 4}}}, units); d != "" {
		t.Error(d)
	}
}
