package sheet

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/xuri/excelize/v2"

	"motcua/slides"
)

// openXLSX reads every sheet that has cells. The library keeps to the size that
// an archive may unpack to; a file that makes it stumble is a damaged file.
func openXLSX(b []byte) (book *Book, err error) {
	const op = "sheet.openXLSX"
	damaged := func(cause error) error {
		return slides.E(slides.Invalid, op, "Không đọc được tệp Excel này; tệp có thể bị hỏng, có mật khẩu hoặc quá lớn khi giải nén. Hãy mở trong Excel và lưu lại thành .xlsx.",
			"This Excel file can't be read: it is damaged, has a password, or unpacks to too much. Open it in Excel and save it as .xlsx.", cause)
	}
	defer func() {
		if x := recover(); x != nil {
			book, err = nil, damaged(fmt.Errorf("panic: %v", x))
		}
	}()
	f, err := excelize.OpenReader(bytes.NewReader(b), excelize.Options{UnzipSizeLimit: maxUnzip, UnzipXMLSizeLimit: maxUnzip})
	if err != nil {
		return nil, damaged(err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	names := f.GetSheetList()
	if len(names) > maxSheets {
		names = names[:maxSheets]
	}
	book = &Book{Kind: XLSX}
	size := 0
	for _, name := range names {
		rows, err := readSheet(f, name, &size)
		if slides.KindOf(err) == slides.TooLarge {
			return nil, err
		}
		if err != nil {
			return nil, damaged(err)
		}
		if len(rows) > 0 {
			book.Sheets = append(book.Sheets, Table{Name: name, Rows: rows})
		}
	}
	return book, nil
}

// readSheet reads a sheet as it is shown and the numbers beneath it. size is
// the text of all sheets so far.
func readSheet(f *excelize.File, name string, size *int) ([][]Cell, error) {
	shown, err := f.Rows(name)
	if err != nil {
		if _, ok := errors.AsType[excelize.ErrSheetNotExist](err); ok {
			return nil, nil
		}
		return nil, nil // a chart has no rows
	}
	defer shown.Close()
	beneath, err := f.Rows(name)
	if err != nil {
		return nil, err
	}
	defer beneath.Close()
	to := filler{bytes: *size}
	for shown.Next() && beneath.Next() {
		text, err := shown.Columns()
		if err != nil {
			return nil, err
		}
		raw, err := beneath.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			return nil, err
		}
		row := make([]Cell, 0, len(text))
		for i, t := range text {
			c := Cell{Text: slides.Clean(t)}
			if i < len(raw) && raw[i] != t {
				c.Raw = raw[i]
			}
			row = append(row, c)
		}
		if err := to.add(row); err != nil {
			return nil, err
		}
	}
	*size = to.bytes
	return to.trimmed(), errors.Join(shown.Error(), beneath.Error())
}
