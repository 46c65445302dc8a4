package sheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"motcua/slides"
)

// openCSV reads a text table. Its encoding is told by its byte order mark, or
// is UTF-8 where the bytes are that, else Windows-1258, what Excel of a
// Vietnamese Windows writes. Its separator is the one that the first lines use
// most, or what Excel's own first line "sep=;" says.
func openCSV(b []byte) (*Book, error) {
	const op = "sheet.openCSV"
	bad := func(err error) error {
		return slides.E(slides.Invalid, op, "Không đọc được tệp này như một bảng CSV; hãy mở trong Excel và lưu thành .xlsx.",
			"This file can't be read as a CSV table; open it in Excel and save it as .xlsx.", err)
	}
	text, name, err := decode(b)
	if err != nil {
		return nil, bad(err)
	}
	if strings.ContainsRune(text, 0) {
		return nil, bad(errors.New("a zero byte: no text"))
	}
	comma := ';'
	if first, rest, ok := strings.Cut(text, "\n"); ok && strings.HasPrefix(strings.ToLower(first), "sep=") && len(strings.TrimSpace(first)) == 5 {
		comma, text = rune(first[4]), rest
	} else {
		comma = separator(text)
	}
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes, r.ReuseRecord = comma, -1, true, true
	var to filler
	for {
		at := r.InputOffset()
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, bad(err)
		}
		// The reader drops empty lines; people count them.
		for _, c := range []byte(text[at:r.InputOffset()]) {
			if c == '\n' {
				err = to.add(nil)
			} else if c != '\r' {
				break
			}
			if err != nil {
				return nil, err
			}
		}
		row := make([]Cell, 0, len(rec))
		for _, s := range rec {
			row = append(row, Cell{Text: unguard(slides.Clean(s))})
		}
		if err := to.add(row); err != nil {
			return nil, err
		}
	}
	if !to.any {
		return &Book{Kind: CSV}, nil
	}
	sep := map[rune]string{';': ";", ',': ",", '\t': "Tab", '|': "|"}[comma]
	return &Book{Kind: CSV, Detail: name + " · “" + sep + "”", Sheets: []Table{{Name: "CSV", Rows: to.trimmed()}}}, nil
}

// decode turns bytes into text and names their encoding.
func decode(b []byte) (text, name string, err error) {
	var e encoding.Encoding
	switch {
	case bytes.HasPrefix(b, []byte{0xef, 0xbb, 0xbf}):
		b = b[3:]
		if !utf8.Valid(b) {
			return "", "", errors.New("marked as UTF-8 and is not")
		}
		return string(b), "UTF-8", nil
	case bytes.HasPrefix(b, []byte{0xff, 0xfe}):
		e, name = unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM), "UTF-16"
	case bytes.HasPrefix(b, []byte{0xfe, 0xff}):
		e, name = unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM), "UTF-16"
	case utf8.Valid(b):
		return string(b), "UTF-8", nil
	default:
		e, name = charmap.Windows1258, "Windows-1258"
	}
	out, err := e.NewDecoder().Bytes(b)
	if err != nil {
		return "", "", fmt.Errorf("%s: %w", name, err)
	}
	return string(out), name, nil
}

// separator is the sign that stands most often outside quotes in the first lines.
func separator(text string) rune {
	n := map[rune]int{}
	quoted, lines := false, 0
	for _, r := range text {
		switch r {
		case '"':
			quoted = !quoted
		case '\n':
			if !quoted {
				lines++
			}
		case ';', ',', '\t', '|':
			if !quoted {
				n[r]++
			}
		}
		if lines == 20 {
			break
		}
	}
	best := ';'
	for _, r := range []rune{';', '\t', ',', '|'} {
		// A comma also stands within sentences: it must be clearly ahead.
		if r == ',' && n[r] > 2*n[best] || r != ',' && n[r] > n[best] {
			best = r
		}
	}
	return best
}
