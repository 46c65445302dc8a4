package sheet

import (
	"bytes"
	"fmt"
	"path"
	"strings"

	"motcua/slides"
	"motcua/slides/catalogue"
)

// Limits of what is read. A province's annexes have 2,000 rows of 12 columns.
const (
	MaxFile    = 10 << 20
	maxUnzip   = 96 << 20 // all that an XLSX may unpack to
	maxRows    = catalogue.MaxProcedures + 1000
	MaxColumns = 80
	maxText    = 32 << 20 // bytes of all cells
	maxSheets  = 40
)

// Book is a file of tables.
type Book struct {
	Sheets []Table // those with any cell
	Kind   string  // XLSX, CSV
	Detail string  // of a CSV: its encoding and separator
}

// The kinds of file.
const (
	XLSX = "xlsx"
	CSV  = "csv"
)

// Table is one sheet. Rows may be of different lengths.
type Table struct {
	Name string
	Rows [][]Cell
}

// Cell is a cell as the file shows it, in stored form, and the number beneath
// where a date or a number is only shown as text.
type Cell struct {
	Text string
	Raw  string
}

// Sheet finds a table by name; the first for a name that is not there.
func (b *Book) Sheet(name string) *Table {
	for i := range b.Sheets {
		if b.Sheets[i].Name == name {
			return &b.Sheets[i]
		}
	}
	return &b.Sheets[0]
}

// Open reads a file by its bytes, not by its name; the name only makes the
// sentence on a kind that is not read more exact. Kinds: TooLarge, Invalid.
func Open(name string, b []byte) (*Book, error) {
	const op = "sheet.Open"
	if len(b) > MaxFile {
		return nil, slides.E(slides.TooLarge, op, fmt.Sprintf("Tệp lớn hơn %d MiB; hãy tách thành nhiều tệp.", MaxFile>>20), fmt.Sprintf("The file is over %d MiB; split it.", MaxFile>>20), nil)
	}
	var book *Book
	var err error
	switch ext := strings.ToLower(path.Ext(name)); {
	case bytes.HasPrefix(b, []byte("PK\x03\x04")):
		book, err = openXLSX(b)
	case bytes.HasPrefix(b, []byte("\xd0\xcf\x11\xe0")):
		return nil, slides.E(slides.Invalid, op, "Đây là tệp Excel đời cũ (.xls) hoặc tệp có mật khẩu; hãy mở trong Excel, bỏ mật khẩu và lưu thành .xlsx.",
			"This is an old Excel file (.xls) or one with a password; open it in Excel and save it as .xlsx without a password.", nil)
	case bytes.HasPrefix(b, []byte("%PDF")), ext == ".pdf", ext == ".doc", ext == ".docx":
		return nil, slides.E(slides.Invalid, op, "Chỉ đọc được tệp Excel (.xlsx) và CSV; hãy chép bảng sang Excel rồi lưu lại.",
			"Only Excel (.xlsx) and CSV files are read; copy the table to Excel and save it.", nil)
	default:
		book, err = openCSV(b)
	}
	if err != nil {
		return nil, err
	}
	if len(book.Sheets) == 0 {
		return nil, slides.E(slides.Invalid, op, "Tệp không có dòng nào.", "The file has no rows.", nil)
	}
	return book, nil
}

// filler collects rows within the limits.
type filler struct {
	rows  [][]Cell
	bytes int
	any   bool
}

// add takes one row; it fails with TooLarge over a limit.
func (f *filler) add(row []Cell) error {
	const op = "sheet.Open"
	for len(row) > 0 && row[len(row)-1].Text == "" {
		row = row[:len(row)-1]
	}
	if len(row) > MaxColumns {
		row = row[:MaxColumns]
	}
	f.any = f.any || len(row) > 0
	for _, c := range row {
		f.bytes += len(c.Text) + len(c.Raw)
	}
	if f.rows = append(f.rows, row); len(f.rows) > maxRows {
		return slides.E(slides.TooLarge, op, fmt.Sprintf("Bảng có hơn %d dòng; hãy tách thành nhiều tệp.", maxRows), fmt.Sprintf("The table has over %d rows; split it.", maxRows), nil)
	}
	if f.bytes > maxText {
		return slides.E(slides.TooLarge, op, "Bảng có quá nhiều chữ (tối đa 32 MiB); hãy tách thành nhiều tệp.", "The table holds too much text (32 MiB at most); split it.", nil)
	}
	return nil
}

// trimmed is the rows without the empty ones at the end.
func (f *filler) trimmed() [][]Cell {
	for len(f.rows) > 0 && len(f.rows[len(f.rows)-1]) == 0 {
		f.rows = f.rows[:len(f.rows)-1]
	}
	return f.rows
}
