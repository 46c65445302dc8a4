package studio

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"motcua/server/sheet"
	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/catalogue"
)

// importBody is the most bytes of a form with a file of procedures.
const importBody = sheet.MaxFile + formBody

type importListPage struct {
	Imports []store.Import
	Names   map[string]string
	Problem string
}

func (s *server) importList(q *request) error { return q.imports(http.StatusOK, "") }

func (q *request) imports(status int, problem string) error {
	p := importListPage{Problem: problem}
	var err error
	if p.Imports, err = q.Store.Imports(q.r.Context(), 50); err != nil {
		return err
	}
	if p.Names, err = q.userNames(); err != nil {
		return err
	}
	return q.render(status, "imports", p)
}

// importUpload takes a file, which is kept until somebody decides.
func (s *server) importUpload(q *request) error {
	name, b, err := q.uploaded("file")
	if err == nil {
		var book *sheet.Book
		if book, err = sheet.Open(name, b); err == nil {
			return q.keepImport(name, b, sheet.Guess(book))
		}
	}
	switch kind := slides.KindOf(err); kind {
	case slides.Invalid, slides.TooLarge:
		return q.imports(kind.Status(), slides.Sentence(err, q.lang))
	}
	return err
}

func (q *request) keepImport(name string, b []byte, m sheet.Mapping) error {
	i, err := q.Store.KeepImport(q.r.Context(), q.session.Actor(), name, b)
	if err != nil {
		return err
	}
	raw, err := json.Marshal(m)
	if err != nil {
		return err
	}
	if err := q.Store.MapImport(q.r.Context(), i.ID, raw); err != nil {
		return err
	}
	return q.to("/studio/imports/"+i.ID, "")
}

// uploaded is a file of the form.
func (q *request) uploaded(field string) (name string, b []byte, err error) {
	if q.r.MultipartForm == nil || len(q.r.MultipartForm.File[field]) == 0 || q.r.MultipartForm.File[field][0].Size == 0 {
		return "", nil, slides.E(slides.Invalid, "studio.uploaded", q.words.say("vi", "import.nofile"), q.words.say("en", "import.nofile"), nil)
	}
	h := q.r.MultipartForm.File[field][0]
	f, err := h.Open()
	if err != nil {
		return "", nil, err
	}
	defer f.Close()
	b, err = io.ReadAll(f)
	return h.Filename, b, err
}

type importPage struct {
	Import  store.Import
	By      string
	Running bool
	Pct     int64
	Done    int64
	Total   int64
	Failed  string
	Sheets  []choice
	Header  int // as people count
	Columns []importColumn
	Mapping sheet.Mapping
	Known   bool // what new procedures need was found: the mapping need not be looked at
	Detail  string
	Report  *sheet.Report
	Tabs    []importTab
	Rows    []importRow
	Show    string
	Prev    string
	Next    string
	Changed bool // the catalogue changed since the dry run that was confirmed
}

type importColumn struct {
	N       int
	Header  string
	Samples []string
	Options []choice
}

type importTab struct {
	Value string
	Count int
}

type importRow struct {
	sheet.Row
	Diff []diff
	Whys []string
}

// importRows is how many rows of the dry run one page shows.
const importRows = 100

func (s *server) importView(q *request) error { return q.importPage(http.StatusOK, false) }

func (q *request) importPage(status int, changed bool) error {
	i, file, err := q.Store.Import(q.r.Context(), q.r.PathValue("id"))
	if err != nil {
		return err
	}
	names, err := q.userNames()
	if err != nil {
		return err
	}
	p := importPage{Import: i, By: names[i.By], Changed: changed}
	w, known, err := q.workOn("import:" + i.ID)
	if err != nil {
		return err
	}
	if known && i.State == store.ImportNew {
		row := q.workRow(w, nil)
		p.Running, p.Pct, p.Done, p.Total = row.Runs, row.Pct, w.Done, w.Total
		switch {
		case row.Cut:
			p.Failed = q.words.say(q.lang, "running.cut")
		case w.Fault != nil:
			p.Failed = w.Fault.In(q.lang)
		}
	}
	if i.State == store.ImportNew && !p.Running {
		book, err := sheet.Open(i.Name, file)
		if err != nil {
			return err
		}
		m, err := mappingOf(book, i.Mapping)
		if err != nil {
			return err
		}
		if p.Report, err = q.dryRun(book, &m); err != nil {
			return err
		}
		p.mapping(q, book, m)
		p.rows(q)
	}
	return q.render(status, "import", p)
}

// mappingOf is the mapping that was kept, else a guess.
func mappingOf(b *sheet.Book, raw json.RawMessage) (m sheet.Mapping, err error) {
	if len(raw) == 0 {
		return sheet.Guess(b), nil
	}
	return m, json.Unmarshal(raw, &m)
}

// dryRun lays the file over the catalogue as it is now.
func (q *request) dryRun(b *sheet.Book, m *sheet.Mapping) (*sheet.Report, error) {
	rows, _, err := q.Store.Procedures(q.r.Context(), store.ProcedureFilter{Limit: catalogue.MaxProcedures * 2})
	if err != nil {
		return nil, err
	}
	standing := make(map[string]sheet.Standing, len(rows))
	for _, r := range rows {
		standing[r.Procedure.Code] = sheet.Standing{Procedure: r.Procedure, Version: r.Version}
	}
	look, _, err := q.Store.Look(q.r.Context())
	if err != nil && slides.KindOf(err) != slides.NotFound {
		return nil, err
	}
	return sheet.Compare(b.Sheet(m.Sheet), m, standing, func(p *catalogue.Procedure) *sheet.Reason { return hostReason(p, look.Hosts) }), nil
}

func (p *importPage) mapping(q *request, b *sheet.Book, m sheet.Mapping) {
	t := b.Sheet(m.Sheet)
	p.Mapping, p.Header, p.Detail = m, m.Header+1, b.Detail
	for _, s := range b.Sheets {
		p.Sheets = append(p.Sheets, choice{s.Name, s.Name, s.Name == t.Name})
	}
	wide := len(m.Columns)
	for r := m.Header; r < len(t.Rows) && r < m.Header+20; r++ {
		wide = max(wide, len(t.Rows[r]))
	}
	found := map[string]bool{}
	for n := range wide {
		c := importColumn{N: n}
		is := ""
		if n < len(m.Columns) {
			is = m.Columns[n]
		}
		found[is] = true
		if m.Header < len(t.Rows) && n < len(t.Rows[m.Header]) {
			c.Header = clipRunes(t.Rows[m.Header][n].Text, 80)
		}
		for r := m.Header + 1; r < len(t.Rows) && r < m.Header+60 && len(c.Samples) < 2; r++ {
			if n < len(t.Rows[r]) && t.Rows[r][n].Text != "" {
				c.Samples = append(c.Samples, clipRunes(t.Rows[r][n].Text, 60))
			}
		}
		c.Options = append(c.Options, choice{"", q.words.say(q.lang, "import.skip"), is == ""})
		for _, col := range sheet.Columns {
			c.Options = append(c.Options, choice{col.Key, col.Label.In(q.lang), col.Key == is})
		}
		p.Columns = append(p.Columns, c)
	}
	p.Known = found["code"] && found["name"] && (found["source"] || m.Source != "")
}

// rows fills in the part of the dry run that is asked for: what can't be taken
// first, since that is what a person must look at.
func (p *importPage) rows(q *request) {
	u := q.r.URL.Query()
	by := map[sheet.Outcome]int{sheet.Rejected: p.Report.Rejected, sheet.Changed: p.Report.Changed, sheet.New: p.Report.New, sheet.Same: p.Report.Same}
	p.Show = u.Get("show")
	for _, o := range []sheet.Outcome{sheet.Rejected, sheet.Changed, sheet.New, sheet.Same} {
		p.Tabs = append(p.Tabs, importTab{string(o), by[o]})
		if by[sheet.Outcome(p.Show)] == 0 && by[o] > 0 {
			p.Show = string(o)
		}
	}
	from, n := number(u.Get("from")), 0
	for _, r := range p.Report.Rows {
		if string(r.Outcome) != p.Show {
			continue
		}
		if n++; n <= from || n > from+importRows {
			continue
		}
		x := importRow{Row: r, Diff: q.steps(r.Steps)}
		x.Name = clipRunes(x.Name, 160)
		for _, why := range r.Reasons {
			if q.lang == "en" {
				x.Whys = append(x.Whys, why.En)
			} else {
				x.Whys = append(x.Whys, why.Vi)
			}
		}
		p.Rows = append(p.Rows, x)
	}
	turn := func(at int) string {
		return fmt.Sprintf("/studio/imports/%s?show=%s&from=%d#rows", p.Import.ID, p.Show, at)
	}
	if from > 0 {
		p.Prev = turn(max(0, from-importRows))
	}
	if n > from+importRows {
		p.Next = turn(from + importRows)
	}
}

// importDo keeps the mapping, or writes what the dry run showed.
func (s *server) importDo(q *request) error {
	i, file, err := s.Store.Import(q.r.Context(), q.r.PathValue("id"))
	if err != nil {
		return err
	}
	if i.State != store.ImportNew {
		return q.to("/studio/imports/"+i.ID, "")
	}
	book, err := sheet.Open(i.Name, file)
	if err != nil {
		return err
	}
	m, err := mappingOf(book, i.Mapping)
	if err != nil {
		return err
	}
	if q.r.PostForm.Get("do") != "write" {
		raw, err := json.Marshal(readMapping(q.r.PostForm, book, m))
		if err != nil {
			return err
		}
		if err := s.Store.MapImport(q.r.Context(), i.ID, raw); err != nil {
			return err
		}
		return q.to("/studio/imports/"+i.ID+"#rows", "")
	}
	report, err := q.dryRun(book, &m)
	if err != nil {
		return err
	}
	if report.Sum != q.r.PostForm.Get("sum") {
		return q.importPage(http.StatusConflict, true)
	}
	return q.runImport(i.ID, i.Name, report)
}

func (q *request) runImport(id, name string, report *sheet.Report) error {
	var writes []store.ImportWrite
	for _, r := range report.Rows {
		if r.Outcome == sheet.New || r.Outcome == sheet.Changed {
			writes = append(writes, store.ImportWrite{Procedure: r.Procedure, Base: r.Base})
		}
	}
	unit, err := q.firstUnit()
	if err != nil {
		return err
	}
	path := "/studio/imports/" + id
	w, err := q.begin(store.Work{ID: "import:" + id, Kind: "import", Title: name, Link: path, Unit: unit, Total: int64(len(writes))})
	if slides.KindOf(err) == slides.Conflict {
		return q.to(path, "")
	}
	if err != nil {
		return err
	}
	ctx, actor := context.WithoutCancel(q.r.Context()), q.session.Actor()
	q.goOn(path, w, func() error {
		_, err := q.Store.RunImport(ctx, actor, id, unit, writes, store.ImportCounts{Same: report.Same, Rejected: report.Rejected}, func(n int) { w.done.Store(int64(n)) })
		return err
	})
	return nil
}

// readMapping reads the mapping of the form. Another sheet has other headers:
// they are guessed anew.
func readMapping(v values, b *sheet.Book, old sheet.Mapping) sheet.Mapping {
	m := sheet.Mapping{Sheet: v.Get("sheet"), Header: max(0, number(v.Get("header"))-1), Field: oneLine(v.Get("field")), Source: oneLine(v.Get("source")), Clear: v.Get("clear") != ""}
	m.Field, m.Source = clipRunes(m.Field, catalogue.MaxField), clipRunes(m.Source, catalogue.MaxSource-1)
	t := b.Sheet(m.Sheet)
	m.Sheet = t.Name
	if t.Name != old.Sheet {
		g := sheet.GuessSheet(t)
		m.Header, m.Columns = g.Header, g.Columns
		return m
	}
	taken := map[string]bool{}
	for n := range min(number(v.Get("columns")), sheet.MaxColumns) {
		key := v.Get(fmt.Sprintf("column.%d", n))
		if _, ok := sheet.Find(key); !ok || taken[key] {
			key = ""
		}
		taken[key] = key != ""
		m.Columns = append(m.Columns, key)
	}
	return m
}

func oneLine(s string) string { return strings.Join(strings.Fields(slides.Clean(s)), " ") }

func (s *server) importUndo(q *request) error {
	i, err := s.Store.UndoImport(q.r.Context(), q.session.Actor(), q.r.PathValue("id"))
	if err != nil {
		return err
	}
	return q.to("/studio/imports/"+i.ID, "import-undone")
}
