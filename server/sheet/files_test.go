package sheet

import (
	"archive/zip"
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/unicode/norm"

	"motcua/slides"
	"motcua/slides/catalogue"
)

func TestEncodingsAndSeparators(t *testing.T) {
	text := "Mã thủ tục;Tên thủ tục;Lĩnh vực;Nguồn\r\n1.014200;Cấp lại giấy phép lao động – người nước ngoài;Việc làm;QĐ 1\r\n"
	utf16 := func(e unicode.Endianness) []byte {
		b, err := unicode.UTF16(e, unicode.UseBOM).NewEncoder().Bytes([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	// Windows-1258 writes marks after their letters, where it has no letter of its own.
	windows, err := charmap.Windows1258.NewEncoder().Bytes([]byte(marksApart(text)))
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{
		"utf-8": []byte(text), "bom": []byte("\ufeff" + text), "utf-16le": utf16(unicode.LittleEndian), "utf-16be": utf16(unicode.BigEndian), "windows-1258": windows,
		"comma": []byte(strings.ReplaceAll(text, ";", ",")), "tab": []byte(strings.ReplaceAll(text, ";", "\t")), "sep=": []byte("sep=|\r\n" + strings.ReplaceAll(text, ";", "|")),
		"nfd": []byte(norm.NFD.String(text)), "old mac": []byte(strings.ReplaceAll(text, "\r\n", "\n\n")),
	} {
		book, err := Open("x.csv", b)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		m := Guess(book)
		r := Compare(&book.Sheets[0], &m, nil)
		if r.New != 1 || r.Rows[0].Procedure.Name["vi"] != "Cấp lại giấy phép lao động – người nước ngoài" {
			t.Errorf("%s (%s): %+v", name, book.Detail, r.Rows)
		}
	}
}

// marksApart writes Vietnamese as Windows-1258 has it: tone marks that it has
// no letter for stand after the letter.
func marksApart(s string) string {
	var b strings.Builder
	for _, r := range s {
		if _, ok := charmap.Windows1258.EncodeRune(r); ok {
			b.WriteRune(r)
			continue
		}
		d := []rune(norm.NFD.String(string(r)))
		var tone rune
		rest := d[:0:0]
		for _, x := range d {
			if strings.ContainsRune("\u0300\u0301\u0303\u0309\u0323", x) {
				tone = x
			} else {
				rest = append(rest, x)
			}
		}
		b.WriteString(norm.NFC.String(string(rest)))
		if tone != 0 {
			b.WriteRune(tone)
		}
	}
	return b.String()
}

// Cells that Excel keeps as numbers: a date is the day that it shows, a code
// keeps its zeros where its format shows them.
func TestNumbersOfExcel(t *testing.T) {
	f := excelize.NewFile()
	set := func(at string, v any) {
		if err := f.SetCellValue("Sheet1", at, v); err != nil {
			t.Fatal(err)
		}
	}
	for i, h := range []string{"Mã thủ tục", "Tên thủ tục", "Lĩnh vực", "Nguồn", "Ngày hiệu lực"} {
		set(fmt.Sprintf("%c1", 'A'+i), h)
	}
	for i, code := range []any{1.0142, 1.0142, "1.014201"} {
		set(fmt.Sprintf("A%d", i+2), code)
		set(fmt.Sprintf("B%d", i+2), "Tên")
		set(fmt.Sprintf("C%d", i+2), "Việc làm")
		set(fmt.Sprintf("D%d", i+2), "QĐ 1")
		set(fmt.Sprintf("E%d", i+2), 45981)
	}
	six := "0.000000"
	style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &six})
	if err != nil {
		t.Fatal(err)
	}
	day, err := f.NewStyle(&excelize.Style{NumFmt: 14})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.SetCellStyle("Sheet1", "A2", "A2", style); err != nil {
		t.Fatal(err)
	}
	if err := f.SetCellStyle("Sheet1", "E2", "E4", day); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	book, err := Open("x.xlsx", b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	m := Guess(book)
	r := Compare(&book.Sheets[0], &m, nil)
	if r.New != 2 || r.Rejected != 1 || r.Rows[0].Code != "1.014200" || r.Rows[1].Outcome != Rejected || r.Rows[2].Procedure.From != "2025-11-20" {
		t.Errorf("%+v", r.Rows)
	}
}

func TestExportIsNoFormula(t *testing.T) {
	p := catalogue.Procedure{Code: "1.014200", Name: slides.Vi(`=HYPERLINK("http://x","y")`), Field: slides.Vi("+1"), Source: "@SUM(A1)", Fee: slides.Vi("-2+3")}
	var b bytes.Buffer
	if err := Write(&b, CSV, "vi", []catalogue.Procedure{p}); err != nil {
		t.Fatal(err)
	}
	line := strings.Split(strings.TrimPrefix(b.String(), "\ufeff"), "\r\n")[1]
	if !strings.HasPrefix(line, "\"\t1.014200\";") && !strings.HasPrefix(line, "\t1.014200;") {
		t.Errorf("the code would become a number: %q", line)
	}
	for _, cell := range strings.Split(line, ";") {
		if c := strings.Trim(cell, `"`); c != "" && strings.ContainsAny(c[:1], "=+-@") {
			t.Errorf("a spreadsheet would run %q", c)
		}
	}
	b.Reset()
	if err := Write(&b, XLSX, "vi", []catalogue.Procedure{p}); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []string{"A2", "B2", "C2"} {
		formula, err := f.GetCellFormula("Thủ tục", at)
		kind, err2 := f.GetCellType("Thủ tục", at)
		if err != nil || err2 != nil || formula != "" || kind != excelize.CellTypeInlineString && kind != excelize.CellTypeSharedString {
			t.Errorf("%s: formula %q, type %v %v %v", at, formula, kind, err, err2)
		}
	}
}

func zipped(t *testing.T, files map[string][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, data := range files {
		f, err := w.Create(name)
		if err == nil {
			_, err = f.Write(data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestFilesThatAreRefused(t *testing.T) {
	bomb := zipped(t, map[string][]byte{"xl/worksheets/sheet1.xml": make([]byte, maxUnzip+1), "xl/workbook.xml": []byte("<workbook/>")})
	if len(bomb) > MaxFile {
		t.Fatal("the bomb is too large to be one")
	}
	long := strings.Repeat("a;b\n", maxRows+1)
	for name, c := range map[string]struct {
		file string
		b    []byte
		kind slides.ErrKind
		says string
	}{
		"bomb":       {"x.xlsx", bomb, slides.Invalid, "giải nén"},
		"old Excel":  {"x.xls", []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), slides.Invalid, ".xls"},
		"a PDF":      {"x.pdf", []byte("%PDF-1.7"), slides.Invalid, "CSV"},
		"any zip":    {"x.xlsx", zipped(t, map[string][]byte{"a.txt": []byte("a")}), slides.Invalid, "không đọc được tệp Excel"},
		"cut zip":    {"x.xlsx", bomb[:200], slides.Invalid, "không đọc được tệp Excel"},
		"nothing":    {"x.csv", nil, slides.Invalid, "không có dòng nào"},
		"blanks":     {"x.csv", []byte(";;;\n;;;\n\n"), slides.Invalid, "không có dòng nào"},
		"binary":     {"x.csv", []byte("\x00\x01\x02;a"), slides.Invalid, "CSV"},
		"bad UTF-8":  {"x.csv", []byte("\xef\xbb\xbfa;\xff"), slides.Invalid, "CSV"},
		"large":      {"x.csv", make([]byte, MaxFile+1), slides.TooLarge, "10 MiB"},
		"many rows":  {"x.csv", []byte(long), slides.TooLarge, "dòng"},
		"Word, kept": {"x.docx", []byte("{\\rtf"), slides.Invalid, "Excel"},
	} {
		_, err := Open(c.file, c.b)
		if slides.KindOf(err) != c.kind || !strings.Contains(strings.ToLower(slides.Sentence(err, "vi")), strings.ToLower(c.says)) || slides.Sentence(err, "en") == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzOpen(f *testing.F) {
	var b bytes.Buffer
	if err := Write(&b, XLSX, "vi", []catalogue.Procedure{{Code: "1.014200", Name: slides.Vi("Tên"), Field: slides.Vi("LV"), Source: "QĐ"}}); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte(annex))
	f.Add([]byte("\xff\xfea\x00;\x00b\x00"))
	f.Add([]byte("sep=,\na,b\n\"c"))
	f.Add([]byte("Mã;Tên\n\n\n1.014200;\"x\ny\"\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		book, err := Open("x", b)
		if err != nil {
			if k := slides.KindOf(err); k != slides.Invalid && k != slides.TooLarge {
				t.Fatalf("%v", err)
			}
			return
		}
		m := Guess(book)
		m.Field, m.Source = "LV", "QĐ"
		r := Compare(book.Sheet(m.Sheet), &m, nil)
		for _, row := range r.Rows {
			if row.Outcome == Rejected {
				if len(row.Reasons) == 0 {
					t.Errorf("line %d is rejected for no reason", row.Line)
				}
				continue
			}
			var ps slides.Problems
			if row.Procedure.Check(&ps, ""); len(ps.List) > 0 {
				t.Errorf("line %d would be written and is not valid: %v", row.Line, ps.List)
			}
		}
		if r.New+r.Changed+r.Same+r.Rejected != len(r.Rows) {
			t.Error("the counts don't add up")
		}
	})
}

// Each column is read once, and the closest words win.
func TestGuessTakesTheClosestHeader(t *testing.T) {
	for head, want := range map[string][]string{
		"Tên;Mã;Tên;Mã số TTHC":                     {"", "", "", ""},
		"Thời hạn;Thời hạn đã rút ngắn;Mã;Tên TTHC": {"time", "committed", "code", "name"},
		"Name;Code;Field (English);Time limit":      {"name", "code", "field.en", "time"},
		"Số lượng hồ sơ;Hồ sơ mẫu;Hồ sơ;Mã;Tên":     {"sets", "samples", "papers", "code", "name"},
	} {
		book, err := Open("x.csv", []byte(head+"\n"+strings.Repeat(";", strings.Count(head, ";"))))
		if err != nil {
			t.Fatal(err)
		}
		got := Guess(book).Columns
		if want[0] == "" {
			seen := map[string]bool{}
			for _, k := range got {
				if k != "" && seen[k] {
					t.Errorf("%s: %s twice", head, k)
				}
				seen[k] = true
			}
			if !seen["code"] || !seen["name"] {
				t.Errorf("%s: %v", head, got)
			}
			continue
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", head, got, want)
		}
	}
}
