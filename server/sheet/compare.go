package sheet

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"motcua/slides"
	"motcua/slides/catalogue"
)

// Outcome is what writing a row would do.
type Outcome string

// The outcomes.
const (
	New      Outcome = "new"
	Changed  Outcome = "changed"
	Same     Outcome = "same"
	Rejected Outcome = "rejected"
)

// Step is one column's change.
type Step struct {
	Column        Column
	Before, After string
}

// Row is what becomes of one row of the table.
type Row struct {
	Line      int // as people count, from 1
	Code      string
	Name      string
	Outcome   Outcome
	Steps     []Step   // of a changed one
	Reasons   []Reason // of a rejected one
	Repaired  string   // the code as the table has it, where it was mended
	Procedure *catalogue.Procedure
	Base      int // version of the draft that it goes over, 0 for none
}

// Report is the dry run: every row, in the table's order, and how many of each.
type Report struct {
	Rows                         []Row
	New, Changed, Same, Rejected int
	Sum                          string // names all that would be written
}

// Standing is a procedure as the catalogue has it.
type Standing struct {
	Procedure *catalogue.Procedure
	Version   int
}

// Compare lays a table over the catalogue, in which standing finds a procedure
// by its code in stored form. Nothing in standing is changed. checks say what
// else keeps a procedure out; nil is nothing.
func Compare(t *Table, m *Mapping, standing map[string]Standing, checks ...func(*catalogue.Procedure) *Reason) *Report {
	r := &Report{}
	seen := map[string]int{} // code to place in r.Rows
	field, unit := m.Field, unitOf(t, m)
	mapped := func(key string) bool { return slices.Contains(m.Columns, key) }
	for i := m.Header + 1; i < len(t.Rows); i++ {
		cells := t.Rows[i]
		if len(cells) == 0 || numbers(cells) {
			continue
		}
		if !mapped(keyField) {
			if s := sectionOf(cells); s != "" {
				field = s
				continue
			}
		}
		row := m.row(cells, unit, field, standing, checks)
		row.Line = i + 1
		if row.Outcome != Rejected || row.Code != "" {
			if first, twice := seen[row.Code]; twice {
				row.twice(&r.Rows[first])
			} else if row.Outcome != Rejected {
				seen[row.Code] = len(r.Rows)
			}
		}
		r.Rows = append(r.Rows, row)
	}
	var sum []byte
	for i := range r.Rows {
		row := &r.Rows[i]
		switch row.Outcome {
		case New:
			r.New++
		case Changed:
			r.Changed++
		case Same:
			r.Same++
		default:
			r.Rejected++
		}
		if row.Outcome == New || row.Outcome == Changed {
			b, _ := json.Marshal(row.Procedure) // plain data
			sum = fmt.Appendf(sum, "%s %d %s\n", row.Code, row.Base, b)
		}
	}
	r.Sum = slides.Sum(sum)[:24]
	return r
}

// twice says what a row is whose code stands further up.
func (r *Row) twice(first *Row) {
	a, _ := json.Marshal(first.Procedure)
	b, _ := json.Marshal(r.Procedure)
	if r.Outcome != Rejected && string(a) == string(b) {
		r.Outcome, r.Steps = Same, nil
		return
	}
	r.Outcome, r.Steps = Rejected, nil
	r.Reasons = append(r.Reasons, Reason{
		fmt.Sprintf("Mã %s đã có ở dòng %d với nội dung khác; dòng đó được lấy.", r.Code, first.Line),
		fmt.Sprintf("Code %s is in row %d already, with other content; that row is taken.", r.Code, first.Line),
	})
}

// row reads one row.
func (m *Mapping) row(cells []Cell, unit, field string, standing map[string]Standing, checks []func(*catalogue.Procedure) *Reason) Row {
	row := Row{Outcome: Rejected}
	at := func(key string) string {
		if i := slices.Index(m.Columns, key); i >= 0 && i < len(cells) {
			return cells[i].Text
		}
		return ""
	}
	row.Name = oneLine(at(keyName))
	written := at(keyCode)
	var p catalogue.Procedure
	switch bad := readCode(&p, written); {
	case written == "":
		row.Reasons = []Reason{{"Thiếu mã thủ tục.", "The code is missing."}}
		return row
	case bad != nil:
		row.Reasons = []Reason{*bad}
		return row
	}
	row.Code = p.Code
	if strings.TrimSpace(written) != row.Code {
		row.Repaired = written
	}
	old, known := standing[row.Code]
	if known {
		p = copied(old.Procedure)
		row.Base = old.Version
	}
	for _, c := range Columns { // in the table's own order: a time before its note
		i := slices.Index(m.Columns, c.Key)
		if i < 0 || c.Key == keyCode {
			continue
		}
		cell := Cell{}
		if i < len(cells) {
			cell = cells[i]
		}
		if cell.Text == "" && !m.Clear {
			continue
		}
		if why := c.take(&p, cell, unit); why != nil {
			row.Reasons = append(row.Reasons, Reason{c.Label.In("vi") + ": " + why.Vi, c.Label.In("en") + ": " + why.En})
		}
	}
	if p.Field.Empty() && field != "" {
		setText(&p.Field, "vi", field)
	}
	if p.Source == "" {
		p.Source = m.Source
	}
	if row.Name == "" {
		row.Name = p.Name["vi"]
	}
	var ps slides.Problems
	p.Check(&ps, "p")
	for _, x := range ps.List {
		vi, en := labelOf(strings.TrimPrefix(x.Path, "p."))
		row.Reasons = append(row.Reasons, Reason{vi + x.Vi, en + x.En})
	}
	for _, check := range checks {
		if why := check(&p); why != nil {
			row.Reasons = append(row.Reasons, *why)
		}
	}
	if len(row.Reasons) > 0 {
		return row
	}
	row.Procedure = &p
	if !known {
		row.Outcome = New
		return row
	}
	if row.Steps = Differences(old.Procedure, &p); len(row.Steps) == 0 {
		row.Outcome = Same
	} else {
		row.Outcome = Changed
	}
	return row
}

// take reads a cell into p. A time of bare digits takes the unit that its
// header names; a date is the number beneath where there is one.
func (c Column) take(p *catalogue.Procedure, cell Cell, unit string) *Reason {
	text := cell.Text
	switch {
	case c.Key == keyTime && unit != "" && isDigits(text):
		text += " " + unit
	case (c.Key == "from" || c.Key == "until" || c.Key == "reviewed_on") && cell.Raw != "":
		if _, bad := readDate(cell.Raw); bad == nil {
			text = cell.Raw
		}
	}
	return c.read(p, text)
}

var units = regexp.MustCompile(`(?i)(ngày làm việc|giờ làm việc|ngày|giờ)`)

// unitOf is the unit that the header of the time column names: "Thời hạn
// (ngày làm việc)".
func unitOf(t *Table, m *Mapping) string {
	i := slices.Index(m.Columns, keyTime)
	if i < 0 || m.Header >= len(t.Rows) || i >= len(t.Rows[m.Header]) {
		return ""
	}
	return strings.ToLower(units.FindString(t.Rows[m.Header][i].Text))
}

// Differences lists the columns in which two procedures differ, as they show it.
func Differences(a, b *catalogue.Procedure) []Step {
	var out []Step
	for _, c := range Columns {
		if x, y := c.Show(a), c.Show(b); x != y {
			out = append(out, Step{c, x, y})
		}
	}
	return out
}

// columnOf is the column that shows a part of the JSON.
var columnOf = map[string]string{"time_limit": keyTime, "time_unit": keyTime, "time_from": keyTime, "committed_unit": "committed"}

// labelOf names the field of a path for people: "Phí, lệ phí: ".
func labelOf(path string) (vi, en string) {
	key, rest, _ := strings.Cut(path, ".")
	if c := columnOf[key]; c != "" {
		key = c
	}
	if rest == "en" {
		key += ".en"
	}
	c, ok := Find(key)
	if !ok {
		return "", ""
	}
	return c.Label.In("vi") + ": ", c.Label.In("en") + ": "
}

// copied is a deep copy.
func copied(p *catalogue.Procedure) (c catalogue.Procedure) {
	b, err := json.Marshal(p)
	if err == nil {
		err = json.Unmarshal(b, &c)
	}
	if err != nil {
		panic("sheet: " + err.Error()) // plain data always encodes
	}
	return c
}
