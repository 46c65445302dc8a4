package sheet

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"motcua/slides"
	"motcua/slides/catalogue"
	"motcua/slides/starter"
)

// sentence draws a text in stored form without line breaks; some of it looks
// like a formula, a number or a list.
func sentence(t *rapid.T, label string, limit int) string {
	return rapid.OneOf(
		rapid.SampledFrom([]string{"Cấp lại giấy phép lao động", "=1+1", "+84 25", "-", "@a", "'x", "Không", "(nếu có)", "Đơn (bản gốc)", "a;b,c\"d\"", "1.014200", "Sở Nội vụ – tỉnh Lạng Sơn"}),
		rapid.StringOfN(rapid.RuneFrom([]rune("aăâbcđeêfghiklmnoôơpqrstuưvxyáàảãạấầẩẫậ ,.;:()/–\"'0123456789")), 1, min(limit, 60), -1),
	).Filter(func(s string) bool { return slides.Clean(s) == s && oneLine(s) == s && s != "" }).Draw(t, label)
}

func texts(t *rapid.T, label string, limit int) slides.Text {
	if !rapid.Bool().Draw(t, label+"?") {
		return nil
	}
	x := slides.Vi(sentence(t, label, limit))
	if rapid.IntRange(0, 3).Draw(t, label+" en?") == 0 {
		x["en"] = sentence(t, label+" en", limit)
	}
	return x
}

// plainLine is a line of a list: what reads as a bullet or a count would be cut off.
func plainLine(t *rapid.T, label string) slides.Text {
	return slides.Vi(rapid.SampledFrom([]string{"Tờ khai", "Bản sao giấy chứng nhận", "Phiếu lý lịch tư pháp số 1", "Đơn đề nghị (theo mẫu)", "Nộp hồ sơ tại quầy", "Nghị định số 219/2025/NĐ-CP"}).Draw(t, label))
}

// anyProcedure draws a valid procedure with any columns.
func anyProcedure(t *rapid.T, code string) catalogue.Procedure {
	flip := func(label string) bool { return rapid.Bool().Draw(t, label) }
	date := func(label string) slides.LocalDate {
		if !flip(label) {
			return ""
		}
		return slides.LocalDate(fmt.Sprintf("20%02d-%02d-%02d", rapid.IntRange(10, 40).Draw(t, label+" year"), rapid.IntRange(1, 12).Draw(t, label+" month"), rapid.IntRange(1, 28).Draw(t, label+" day")))
	}
	p := catalogue.Procedure{
		Code: code, Name: slides.Vi(sentence(t, "name", catalogue.MaxName)), Field: slides.Vi(sentence(t, "field", catalogue.MaxField)),
		TimeNote: texts(t, "note", catalogue.MaxShortText), Fee: texts(t, "fee", 120), Where: texts(t, "where", 120), How: texts(t, "how", 120),
		Unit: texts(t, "unit", 120), Who: texts(t, "who", 120), Result: texts(t, "result", 120), Conditions: texts(t, "conditions", 120),
		Online: rapid.SampledFrom([]catalogue.Online{"", catalogue.Full, catalogue.Part, catalogue.None}).Draw(t, "online"),
		Level:  rapid.SampledFrom([]catalogue.Level{"", catalogue.Province, catalogue.District, catalogue.Commune}).Draw(t, "level"),
		Post:   flip("post"), Reference: flip("reference"), Abridged: flip("abridged"), Sets: rapid.IntRange(0, catalogue.MaxSets).Draw(t, "sets"),
		Source: sentence(t, "source", 120), From: date("from"), ReviewedOn: date("reviewed"),
	}
	if flip("time?") {
		p.TimeUnit = rapid.SampledFrom([]catalogue.TimeUnit{catalogue.Day, catalogue.Workday, catalogue.Hour}).Draw(t, "unit")
		p.TimeLimit = rapid.IntRange(2, 400).Draw(t, "time")
		if flip("range?") {
			p.TimeFrom = rapid.IntRange(1, p.TimeLimit-1).Draw(t, "from time")
		}
		if flip("promise?") {
			p.Committed = rapid.IntRange(1, p.TimeLimit).Draw(t, "promise")
		}
	}
	if p.From != "" && flip("until?") {
		p.Until = "2099-12-31"
	}
	if flip("url?") {
		p.URL = "https://dichvucong.gov.vn/x?a=1;b=2"
	}
	if flip("by?") {
		p.ReviewedBy = sentence(t, "by", 60)
	}
	for range rapid.IntRange(0, 3).Draw(t, "papers") {
		x := catalogue.Paper{Name: plainLine(t, "paper"), Originals: rapid.IntRange(0, 3).Draw(t, "originals"), Copies: rapid.IntRange(0, 3).Draw(t, "copies")}
		if x.Originals+x.Copies == 0 {
			x.Waived = flip("waived")
		}
		p.Papers = append(p.Papers, x)
	}
	for range rapid.IntRange(0, 3).Draw(t, "steps") {
		p.Steps = append(p.Steps, plainLine(t, "step"))
	}
	for range rapid.IntRange(0, 2).Draw(t, "basis") {
		p.Basis = append(p.Basis, plainLine(t, "basis"))
	}
	for range rapid.IntRange(0, 2).Draw(t, "forms") {
		p.Forms = append(p.Forms, catalogue.Link{Name: plainLine(t, "form"), URL: "https://dichvucong.gov.vn/mau"})
	}
	if flip("related?") {
		p.Related = []string{"faq-mot", "faq-hai"}
	}
	return p
}

// What Write writes, in either kind, Compare reads back to the same procedures,
// and over the same catalogue it finds nothing to change.
func TestWhatIsWrittenIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var ps []catalogue.Procedure
		for i := range rapid.IntRange(1, 4).Draw(t, "rows") {
			p := anyProcedure(t, fmt.Sprintf("1.%06d", i))
			var bad slides.Problems
			if p.Check(&bad, ""); len(bad.List) > 0 {
				t.Skip(bad.List)
			}
			ps = append(ps, p)
		}
		kind := rapid.SampledFrom([]string{XLSX, CSV}).Draw(t, "kind")
		lang := rapid.SampledFrom([]string{"vi", "en"}).Draw(t, "lang")
		var b bytes.Buffer
		if err := Write(&b, kind, lang, ps); err != nil {
			t.Fatal(err)
		}
		book, err := Open("x."+kind, b.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		m := Guess(book)
		if i := slices.Index(m.Columns, ""); i >= 0 {
			t.Fatalf("column %q is not known again", book.Sheets[0].Rows[0][i].Text)
		}
		r := Compare(&book.Sheets[0], &m, nil)
		if r.New != len(ps) {
			t.Fatalf("%d of %d: %+v", r.New, len(ps), r.Rows)
		}
		standing := map[string]Standing{}
		for i, row := range r.Rows {
			if d := cmp.Diff(canonical(ps[i]), canonical(*row.Procedure)); d != "" {
				t.Fatal(d)
			}
			standing[ps[i].Code] = Standing{&ps[i], 3}
		}
		for _, clear := range []bool{false, true} {
			m.Clear = clear
			if again := Compare(&book.Sheets[0], &m, standing); again.Same != len(ps) {
				t.Fatalf("read over itself: %+v", again.Rows)
			}
		}
	})
}

// canonical is the JSON: nil and empty mean the same.
func canonical(p catalogue.Procedure) string {
	if p.CommittedUnit == p.TimeUnit {
		p.CommittedUnit = ""
	}
	b, err := json.Marshal(p)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// The starter's catalogue goes through a file unharmed.
func TestStarterCatalogueRoundTrip(t *testing.T) {
	content, err := starter.Load()
	if err != nil {
		t.Fatal(err)
	}
	c, err := catalogue.Parse(content.Catalogue)
	if err != nil {
		t.Fatal(err)
	}
	standing := map[string]Standing{}
	for i := range c.Procedures {
		standing[c.Procedures[i].Code] = Standing{&c.Procedures[i], 1}
	}
	for _, kind := range []string{XLSX, CSV} {
		var b bytes.Buffer
		if err := Write(&b, kind, "vi", c.Procedures); err != nil {
			t.Fatal(err)
		}
		book, err := Open("danh-muc."+kind, b.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		m := Guess(book)
		if r := Compare(&book.Sheets[0], &m, standing); r.Same != len(c.Procedures) || len(r.Rows) != r.Same {
			for _, row := range r.Rows {
				if row.Outcome != Same {
					t.Errorf("%s %s %s: %v %v", kind, row.Code, row.Outcome, row.Steps, row.Reasons)
				}
			}
		}
	}
}

// annex is a table as a province prints it.
const annex = `PHỤ LỤC;;;;;;;
Danh mục thủ tục hành chính (Ban hành kèm theo Quyết định số 1/QĐ-UBND);;;;;;;

STT;Mã TTHC;Tên thủ tục hành chính;Thời hạn giải quyết (ngày làm việc);Địa điểm thực hiện;Cách thức thực hiện;Phí, lệ phí (nếu có);Căn cứ pháp lý
(1);(2);(3);(4);(5);(6);(7);(8)
I;LĨNH VỰC VIỆC LÀM;;;;;;
1;2,002308;Mai táng phí đối với TNXP;10;Quầy 2;Trực tiếp;Không;"- Nghị định số 1/2025/NĐ-CP;
- Thông tư số 2/2025/TT-BNV"
2;1.014.111;Thủ tục có mã thừa dấu chấm;05 ngày làm việc kể từ ngày nhận đủ hồ sơ hợp lệ;;;;
3;1.01499;Mã mất một số;3;;;;
4;;Thủ tục không có mã;3;;;;
;II. Lĩnh vực: Người có công;;;;;;
5;1.010801;Trợ cấp ưu đãi thân nhân liệt sĩ;"15 ngày làm việc; trường hợp khác 9–10 ngày";;;;
6;1.010801;Trợ cấp ưu đãi thân nhân liệt sĩ (bản khác);15;;;;
7;2.002308;Mai táng phí đối với TNXP;10;Quầy 2;Trực tiếp;Không;"Nghị định số 1/2025/NĐ-CP
Thông tư số 2/2025/TT-BNV"
`

func TestAnnexOfADecision(t *testing.T) {
	book, err := Open("phu-luc.csv", []byte(annex))
	if err != nil {
		t.Fatal(err)
	}
	m := Guess(book)
	if want := []string{"", "code", "name", "time", "where", "how", "fee", "basis"}; m.Header != 3 || !slices.Equal(m.Columns, want) {
		t.Fatalf("header %d, columns %v", m.Header, m.Columns)
	}
	m.Source = "QĐ 1/QĐ-UBND ngày 20/11/2025"
	old := catalogue.Procedure{Code: "1.014111", Name: slides.Text{"vi": "Tên cũ", "en": "Old name"}, Field: slides.Vi("Việc làm"), Fee: slides.Vi("50.000 đồng"), TimeLimit: 5, TimeUnit: catalogue.Workday, Source: "QĐ cũ"}
	r := Compare(&book.Sheets[0], &m, map[string]Standing{"1.014111": {&old, 4}})
	type line struct {
		line    int
		code    string
		outcome Outcome
	}
	var got []line
	by := map[int]Row{}
	for _, row := range r.Rows {
		got = append(got, line{row.Line, row.Code, row.Outcome})
		by[row.Line] = row
	}
	want := []line{{7, "2.002308", New}, {8, "1.014111", Changed}, {9, "", Rejected}, {10, "", Rejected}, {12, "1.010801", New}, {13, "1.010801", Rejected}, {14, "2.002308", Rejected}}
	if d := cmp.Diff(want, got, cmp.AllowUnexported(line{})); d != "" {
		t.Fatal(d)
	}
	p := by[7].Procedure
	if p.Field["vi"] != "VIỆC LÀM" || p.TimeLimit != 10 || p.TimeUnit != catalogue.Workday || len(p.Basis) != 2 || p.Basis[0]["vi"] != "Nghị định số 1/2025/NĐ-CP" || by[7].Repaired != "2,002308" {
		t.Errorf("%+v", p)
	}
	p = by[8].Procedure
	if p.Name["vi"] != "Thủ tục có mã thừa dấu chấm" || p.Name["en"] != "Old name" || p.Fee["vi"] != "50.000 đồng" || p.TimeNote != nil || p.Source != "QĐ cũ" || by[8].Base != 4 || len(by[8].Steps) != 1 || old.Name["vi"] != "Tên cũ" {
		t.Errorf("%+v %+v", p, by[8].Steps)
	}
	if p = by[12].Procedure; p.Field["vi"] != "Người có công" || p.TimeLimit != 15 || p.TimeNote["vi"] != "15 ngày làm việc; trường hợp khác 9–10 ngày" {
		t.Errorf("%+v", p)
	}
	for n, says := range map[int]string{9: "1.014200", 10: "Thiếu mã", 13: "dòng 12", 14: "dòng 7"} {
		if len(by[n].Reasons) == 0 || !strings.Contains(by[n].Reasons[0].Vi, says) || by[n].Reasons[0].En == "" {
			t.Errorf("line %d: %+v", n, by[n].Reasons)
		}
	}
	if r.New != 2 || r.Changed != 1 || r.Rejected != 4 {
		t.Errorf("%+v", r)
	}
	m.Clear = true
	cleared := Compare(&book.Sheets[0], &m, map[string]Standing{"1.014111": {&old, 4}})
	for _, row := range cleared.Rows {
		if row.Line == 8 && row.Procedure.Fee != nil {
			t.Errorf("an empty cell was to clear the fee: %+v", row.Procedure.Fee)
		}
	}
	if cleared.Sum == r.Sum {
		t.Error("another result has the same sum")
	}
}

func TestReasonsNameTheirColumn(t *testing.T) {
	const head = "Mã;Tên;Lĩnh vực;Quyết định công bố;Mức độ trực tuyến;Ngày hiệu lực;Địa chỉ trực tuyến;Thời hạn;BCCI;Số bộ hồ sơ;Mẫu đơn\n"
	for cell, says := range map[string]string{
		"1.000001;Tên;LV;QĐ;Mức độ 4;;;;;;":                    "Mức độ trực tuyến: Mức độ trực tuyến \"Mức độ 4\" không rõ",
		"1.000001;Tên;LV;QĐ;;31/02/2025;;;;;":                  "Ngày hiệu lực: Ngày \"31/02/2025\" không hợp lệ",
		"1.000001;Tên;LV;QĐ;;;http://x.vn;;;;":                 "Địa chỉ trực tuyến: Địa chỉ phải bắt đầu bằng https://",
		"1.000001;Tên;LV;QĐ;;;;10;;;":                          "không rõ là ngày hay ngày làm việc",
		"1.000001;Tên;LV;QĐ;;;;99999 ngày;;;":                  "Thời hạn",
		"1.000001;Tên;LV;QĐ;;;;;có thể;;":                      "Bưu chính công ích: Không hiểu",
		"1.000001;Tên;LV;QĐ;;;;;;nhiều;":                       "Số bộ hồ sơ",
		"1.000001;Tên;LV;QĐ;;;;;;;Mẫu 1":                       "Thiếu địa chỉ https://",
		"1.000001;;LV;QĐ;;;;;;;":                               "Tên thủ tục: Thiếu nội dung tiếng Việt",
		"1.000001;Tên;;QĐ;;;;;;;":                              "Lĩnh vực: Thiếu nội dung tiếng Việt",
		"1.000001;Tên;LV;;;;;;;;":                              "Quyết định công bố: Ghi nguồn",
		"1.000001;" + strings.Repeat("dài ", 200) + ";LV;QĐ;;": "Tên thủ tục: Nội dung dài",
		"1.0142;Tên;LV;QĐ;;;;;;;":                              "bảng tính đã bỏ số 0",
	} {
		book, err := Open("x.csv", []byte(head+cell+"\n"))
		if err != nil {
			t.Fatal(err)
		}
		m := Guess(book)
		r := Compare(&book.Sheets[0], &m, nil)
		if len(r.Rows) != 1 || r.Rejected != 1 || !strings.Contains(fmt.Sprint(r.Rows[0].Reasons), says) {
			t.Errorf("%s: %+v", short(cell), r.Rows)
		}
	}
}
