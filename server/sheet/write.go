package sheet

import (
	"encoding/csv"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"

	"motcua/slides"
	"motcua/slides/catalogue"
)

// Write writes procedures in a kind of file that Excel opens as it is and that
// Open reads back: every column that any of them fills, under its label.
func Write(w io.Writer, kind, lang string, ps []catalogue.Procedure) error {
	used := usedColumns(ps)
	t := Texts{Name: map[string]string{"vi": "Thủ tục", "en": "Procedures"}[lang], Rows: make([][]string, len(ps))}
	if t.Name == "" {
		t.Name = "Thủ tục"
	}
	for _, c := range used {
		t.Columns = append(t.Columns, TextColumn{Label: c.Label.In(lang), Wide: c.Wide, Code: c.Key == keyCode})
	}
	for i := range ps {
		for _, c := range used {
			t.Rows[i] = append(t.Rows[i], c.Show(&ps[i]))
		}
	}
	return t.Write(w, kind)
}

// Texts is a table of texts, to be written.
type Texts struct {
	Name    string // of the sheet
	Columns []TextColumn
	Rows    [][]string // as long as Columns
}

// TextColumn is a column of Texts. A code stays a text in CSV too, where a
// spreadsheet would read a number.
type TextColumn struct {
	Label string
	Wide  float64
	Code  bool
}

// Write writes the table in a kind of file that Excel opens as it is.
func (t *Texts) Write(w io.Writer, kind string) error {
	if kind == CSV {
		return t.writeCSV(w)
	}
	return t.writeXLSX(w)
}

func usedColumns(ps []catalogue.Procedure) []Column {
	var used []Column
	for _, c := range Columns {
		any := c.Always
		for i := 0; i < len(ps) && !any; i++ {
			any = c.Show(&ps[i]) != ""
		}
		if any {
			used = append(used, c)
		}
	}
	return used
}

// writeCSV writes UTF-8 with a byte order mark and semicolons, which Excel with
// Vietnamese settings opens rightly. A tab before a code keeps it a text: as a
// number 1.014200 would lose its zeros.
func (t *Texts) writeCSV(w io.Writer) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.Comma, out.UseCRLF = ';', true
	row := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		row[i] = c.Label
	}
	if err := out.Write(row); err != nil {
		return err
	}
	for _, cells := range t.Rows {
		for j, c := range t.Columns {
			row[j] = guard(cells[j])
			if c.Code {
				row[j] = "\t" + row[j]
			}
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// guard keeps a spreadsheet from taking a text for a formula.
func guard(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r'", rune(s[0])) {
		return "'" + s
	}
	return s
}

// unguard takes back what guard added.
func unguard(s string) string {
	if len(s) > 1 && s[0] == '\'' && strings.ContainsRune("=+-@'", rune(s[1])) {
		return s[1:]
	}
	return s
}

func (t *Texts) writeXLSX(w io.Writer) (err error) {
	const op = "sheet.Write"
	f := excelize.NewFile()
	defer func() {
		if cerr := f.Close(); err == nil {
			err = cerr
		}
	}()
	broken := func(err error) error {
		if err == nil {
			return nil
		}
		return slides.E(slides.Broken, op, "Không tạo được tệp Excel.", "The Excel file can't be made.", err)
	}
	if err := f.SetSheetName("Sheet1", t.Name); err != nil {
		return broken(err)
	}
	head, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"F7EFE3"}}, Alignment: &excelize.Alignment{WrapText: true, Vertical: "center"}})
	if err != nil {
		return broken(err)
	}
	// 49 is "@": every cell is a text, codes and dates too.
	body, err := f.NewStyle(&excelize.Style{NumFmt: 49, Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}})
	if err != nil {
		return broken(err)
	}
	out, err := f.NewStreamWriter(t.Name)
	if err != nil {
		return broken(err)
	}
	row := make([]any, len(t.Columns))
	for i, c := range t.Columns {
		if err := out.SetColWidth(i+1, i+1, c.Wide); err != nil {
			return broken(err)
		}
		row[i] = excelize.Cell{StyleID: head, Value: c.Label}
	}
	if err := out.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return broken(err)
	}
	if err := out.SetRow("A1", row); err != nil {
		return broken(err)
	}
	for i, cells := range t.Rows {
		for j, text := range cells {
			row[j] = excelize.Cell{StyleID: body, Value: text}
		}
		at, err := excelize.CoordinatesToCellName(1, i+2)
		if err != nil {
			return broken(err)
		}
		if err := out.SetRow(at, row); err != nil {
			return broken(err)
		}
	}
	if err := out.Flush(); err != nil {
		return broken(err)
	}
	return broken(f.Write(w))
}
