package sheet

import (
	"regexp"
	"strings"

	"motcua/slides"
)

// Mapping says how a table is read.
type Mapping struct {
	Sheet   string   `json:"sheet"`
	Header  int      `json:"header"`  // row of the headers, from 0; rows after it are read
	Columns []string `json:"columns"` // a column's key by place; "" is passed over
	Field   string   `json:"field"`   // of rows that have none
	Source  string   `json:"source"`  // the same
	Clear   bool     `json:"clear"`   // an empty cell clears what is there
}

// headerRows is how far down headers are looked for: a decision's annex has
// its number, date and title above.
const headerRows = 30

// Guess proposes a mapping: the sheet and the row of which the most cells are
// known headers.
func Guess(b *Book) Mapping {
	best, most := Mapping{Sheet: b.Sheets[0].Name}, -1
	for i := range b.Sheets {
		m, n := guessTable(&b.Sheets[i])
		if n > most {
			best, most = m, n
		}
	}
	return best
}

// GuessSheet proposes a mapping of one sheet.
func GuessSheet(t *Table) Mapping {
	m, _ := guessTable(t)
	return m
}

// decision finds the decision that an annex belongs to in its title.
var decision = regexp.MustCompile(`(?i)quyết định\s+số\s*:?\s*[^\s,;()]+(?:\s+ngày\s+[\d/.-]+)?`)

func guessTable(t *Table) (m Mapping, most int) {
	defer func() {
		for r := 0; r < len(t.Rows) && r < m.Header; r++ {
			for _, c := range t.Rows[r] {
				if found := decision.FindString(oneLine(c.Text)); found != "" && m.Source == "" {
					m.Source = "Q" + found[1:]
				}
			}
		}
	}()
	m = Mapping{Sheet: t.Name}
	for r := 0; r < len(t.Rows) && r < headerRows; r++ {
		cols := guessRow(t.Rows[r])
		n := 0
		for _, c := range cols {
			if c != "" {
				n++
			}
			if c == keyCode || c == keyName { // what no row can do without
				n += 2
			}
		}
		if n > most {
			m.Header, m.Columns, most = r, cols, n
		}
	}
	return m, most
}

// guessRow names the columns of a header row, each once: the closest words win.
func guessRow(row []Cell) []string {
	type pick struct{ score, at, column int }
	out := make([]string, len(row))
	taken := map[int]bool{}
	for score := 3; score >= 1; score-- {
		for at, c := range row {
			h := slides.Fold(c.Text)
			if out[at] != "" || h == "" || len(h) > 120 {
				continue
			}
			var best pick
			for k := range Columns {
				if s, n := match(h, Columns[k].Words); !taken[k] && s == score && n > best.score {
					best = pick{n, at, k + 1}
				}
			}
			if best.column > 0 {
				out[at], taken[best.column-1] = Columns[best.column-1].Key, true
			}
		}
	}
	return out
}

// match says how close a header is to one of the words: 3 the same, 2 begins
// with it, 1 holds it; and how long the words are.
func match(h string, words []string) (score, length int) {
	for _, w := range words {
		s := 0
		switch {
		case w == "":
		case h == w:
			s = 3
		case strings.HasPrefix(h, w+" "):
			s = 2
		case len(w) > 3 && strings.Contains(" "+h+" ", " "+w+" "):
			s = 1
		}
		if s > score || s == score && len(w) > length && s > 0 {
			score, length = s, len(w)
		}
	}
	return score, length
}

var (
	ordinal = regexp.MustCompile(`^(?:[IVXLCivxlc]+|[A-Z]|\d{1,2}(?:\.\d{1,2})*)\s*[.)]?$`)
	heading = regexp.MustCompile(`^(?:(?:[IVXLC]+|[A-Z]|\d{1,2}(?:\.\d{1,2})*)\s*[.)]\s*)?(?i:lĩnh vực\s*:?\s*)?`)
	counted = regexp.MustCompile(`^\(?\d{1,2}\)?(?:\s*=.*)?$`)
)

// sectionOf is the field that a row names for those below it, "" for others:
// one text in the row, and no more beside it than a number like "II".
func sectionOf(row []Cell) string {
	text, n := "", 0
	for i, c := range row {
		if c.Text == "" || i == 0 && ordinal.MatchString(c.Text) && !isDigits(c.Text) {
			continue
		}
		text = c.Text
		n++
	}
	if n != 1 || isDigits(text) {
		return ""
	}
	return strings.TrimSpace(strings.Trim(heading.ReplaceAllString(oneLine(text), ""), ":. "))
}

func isDigits(s string) bool { return strings.Trim(s, "0123456789.() ") == "" }

// numbers says whether a row only counts the columns: (1) (2) (3).
func numbers(row []Cell) bool {
	n := 0
	for _, c := range row {
		if c.Text == "" {
			continue
		}
		if !counted.MatchString(c.Text) {
			return false
		}
		n++
	}
	return n > 1
}
