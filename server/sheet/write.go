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
	if kind == CSV {
		return writeCSV(w, lang, used, ps)
	}
	return writeXLSX(w, lang, used, ps)
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
func writeCSV(w io.Writer, lang string, used []Column, ps []catalogue.Procedure) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.Comma, out.UseCRLF = ';', true
	row := make([]string, len(used))
	for i, c := range used {
		row[i] = c.Label.In(lang)
	}
	if err := out.Write(row); err != nil {
		return err
	}
	for i := range ps {
		for j, c := range used {
			row[j] = guard(c.Show(&ps[i]))
			if c.Key == keyCode {
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

func writeXLSX(w io.Writer, lang string, used []Column, ps []catalogue.Procedure) (err error) {
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
	name := map[string]string{"vi": "Thủ tục", "en": "Procedures"}[lang]
	if name == "" {
		name = "Thủ tục"
	}
	if err := f.SetSheetName("Sheet1", name); err != nil {
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
	out, err := f.NewStreamWriter(name)
	if err != nil {
		return broken(err)
	}
	row := make([]any, len(used))
	for i, c := range used {
		if err := out.SetColWidth(i+1, i+1, c.Wide); err != nil {
			return broken(err)
		}
		row[i] = excelize.Cell{StyleID: head, Value: c.Label.In(lang)}
	}
	if err := out.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return broken(err)
	}
	if err := out.SetRow("A1", row); err != nil {
		return broken(err)
	}
	for i := range ps {
		for j, c := range used {
			row[j] = excelize.Cell{StyleID: body, Value: c.Show(&ps[i])}
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
