package studio

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"motcua/server/auth"
	"motcua/server/reckon"
	"motcua/server/store"
	"motcua/slides"
)

type playsPage struct {
	From, Until slides.LocalDate
	By          store.PlayGroup
	Groups      []choice
	Units       []choice
	Kiosks      []choice
	Rows        []playRow
	Count       int64
	Seconds     float64
	Planned     bool // what was planned is known
	Query       string
	Problem     string
}

// playRow is one line: shown and, where it is known, planned.
type playRow struct {
	reckon.Played
	Name     string
	Link     string
	Part     float64 // shown of planned, percent
	HasPart  bool
	NotByNow bool // shown and not planned
}

// playQuery is what the page's address asks for.
type playQuery struct {
	reckon.PlayQuery
	seen  []store.KioskStatus
	unit  string
	kiosk string
}

func (q *request) playQuery() (*playQuery, error) {
	v := q.r.URL.Query()
	p := &playQuery{}
	var err error
	if p.seen, err = q.kiosksFor(auth.SeeStats); err != nil {
		return nil, err
	}
	p.Kiosks = p.seen
	if u := v.Get("unit"); u != "" {
		if err := q.loadTree(); err != nil {
			return nil, err
		}
		p.unit = u
		p.Kiosks = keep(p.Kiosks, func(k store.KioskStatus) bool { return slices.Contains(q.above(k.Unit), u) })
	}
	if id := v.Get("kiosk"); id != "" {
		p.kiosk = id
		p.Kiosks = keep(p.Kiosks, func(k store.KioskStatus) bool { return k.ID == id })
	}
	unit := ""
	if len(p.Kiosks) > 0 {
		unit = p.Kiosks[0].Unit
	}
	if p.Zone, err = q.zoneOf(unit); err != nil {
		return nil, err
	}
	today := q.Store.Now().Time().In(p.Zone)
	p.From, p.Until = slides.LocalDate(today.AddDate(0, 0, -6).Format(time.DateOnly)), slides.LocalDate(today.Format(time.DateOnly))
	if _, err := slides.LocalDate(v.Get("from")).Time(); err == nil {
		p.From = slides.LocalDate(v.Get("from"))
	}
	if _, err := slides.LocalDate(v.Get("until")).Time(); err == nil {
		p.Until = slides.LocalDate(v.Get("until"))
	}
	p.By = store.PlayGroup(v.Get("by"))
	if !slices.Contains(playGroups, p.By) {
		p.By = store.PlaysBySlide
	}
	return p, nil
}

var playGroups = []store.PlayGroup{store.PlaysBySlide, store.PlaysByTopic, store.PlaysByKiosk, store.PlaysByDay}

// plays says how often and how long things were shown, beside what was planned.
func (s *server) plays(q *request) error {
	f, err := q.playQuery()
	if err != nil {
		return err
	}
	p := playsPage{From: f.From, Until: f.Until, By: f.By}
	p.Query = url.Values{"from": {string(f.From)}, "until": {string(f.Until)}, "unit": {f.unit}, "kiosk": {f.kiosk}, "by": {string(f.By)}}.Encode()
	status := http.StatusOK
	if p.Rows, p.Planned, err = q.playRows(f); slides.KindOf(err) == slides.Invalid {
		pr, _ := q.problems(err)
		p.Problem, status = pr.At("from"), http.StatusUnprocessableEntity
	} else if err != nil {
		return err
	}
	for _, r := range p.Rows {
		p.Count += r.Count
		p.Seconds += r.Seconds
	}
	for _, g := range playGroups {
		p.Groups = append(p.Groups, choice{string(g), q.words.say(q.lang, "plays.by."+string(g)), g == f.By})
	}
	units, err := q.unitsFor(auth.SeeStats)
	if err != nil {
		return err
	}
	for _, u := range units {
		p.Units = append(p.Units, choice{u.ID, u.Name.In(q.lang), u.ID == f.unit})
	}
	for _, k := range f.seen {
		p.Kiosks = append(p.Kiosks, choice{k.ID, k.Name, k.ID == f.kiosk})
	}
	return q.render(status, "plays", p)
}

// playRows are the sums with names and plans, the longest shown first, days in
// their order.
func (q *request) playRows(f *playQuery) (out []playRow, planned bool, err error) {
	list, planned, err := q.programs.Plays(q.r.Context(), f.PlayQuery)
	if err != nil {
		return nil, false, err
	}
	for _, x := range list {
		r := playRow{Played: x, NotByNow: planned && x.Times == 0}
		if x.Plan > 0 {
			r.Part, r.HasPart = 100*x.Seconds/x.Plan, true
		}
		r.Name, r.Link = q.playName(f, x.Key)
		out = append(out, r)
	}
	if f.By != store.PlaysByDay {
		slices.SortStableFunc(out, func(a, b playRow) int { return -cmp.Compare(a.Seconds, b.Seconds) })
	}
	return out, planned, nil
}

func (q *request) playName(f *playQuery, key string) (name, link string) {
	switch f.By {
	case store.PlaysByTopic:
		if t := slides.TopicNames[slides.Topic(key)]; t != nil {
			return key + " – " + t.In(q.lang), ""
		}
		return q.words.say(q.lang, "plays.notopic"), ""
	case store.PlaysByKiosk:
		for _, k := range f.Kiosks {
			if k.ID == key {
				return k.Name, "/studio/kiosks/" + key
			}
		}
		return key, ""
	case store.PlaysByDay:
		t, err := slides.LocalDate(key).Time()
		if err != nil {
			return key, ""
		}
		return q.words.say(q.lang, fmt.Sprintf("weekday.%d", (int(t.Weekday())+6)%7)) + t.Format(" 2/1/2006"), ""
	}
	if code, ok := strings.CutPrefix(key, "procedure:"); ok {
		return q.words.say(q.lang, "plays.procedure", code), "/studio/procedures/" + strings.ToLower(code)
	}
	return q.slideTitle(key), "/studio/slides/" + key
}

// playsExport writes the page's table as a file.
func (s *server) playsExport(q *request) error {
	f, err := q.playQuery()
	if err != nil {
		return err
	}
	rows, planned, err := q.playRows(f)
	if err != nil {
		return err
	}
	format := q.r.URL.Query().Get("format")
	head := []string{q.words.say(q.lang, "plays.by."+string(f.By)), q.words.say(q.lang, "plays.count"), q.words.say(q.lang, "plays.seconds"), q.words.say(q.lang, "plays.kiosks")}
	if planned {
		head = append(head, q.words.say(q.lang, "plays.planned.count"), q.words.say(q.lang, "plays.planned.seconds"))
	}
	name := fmt.Sprintf("bang-chung-phat-%s-%s", f.From, f.Until)
	h := q.w.Header()
	if format == "xlsx" {
		h.Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
		h.Set("Content-Disposition", `attachment; filename="`+name+`.xlsx"`)
		q.wrote = true
		return writePlaysBook(q.w, head, rows, planned)
	}
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="`+name+`.csv"`)
	q.wrote = true
	return writePlaysCSV(q.w, head, rows, planned)
}

// writePlaysCSV writes UTF-8 with a byte order mark and semicolons, which Excel
// with Vietnamese settings opens rightly.
func writePlaysCSV(w io.Writer, head []string, rows []playRow, planned bool) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.Comma, out.UseCRLF = ';', true
	if err := out.Write(head); err != nil {
		return err
	}
	for _, r := range rows {
		line := []string{plainCell(r.Name), strconv.FormatInt(r.Count, 10), strconv.FormatInt(int64(r.Seconds+0.5), 10), strconv.FormatInt(r.Kiosks, 10)}
		if planned {
			line = append(line, strconv.FormatInt(r.Times, 10), strconv.FormatInt(int64(r.Plan+0.5), 10))
		}
		if err := out.Write(line); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// plainCell keeps a spreadsheet from taking a title for a formula.
func plainCell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

func writePlaysBook(w io.Writer, head []string, rows []playRow, planned bool) error {
	book := excelize.NewFile()
	defer book.Close()
	const sheet = "Sheet1"
	line := make([]any, len(head))
	for i, x := range head {
		line[i] = x
	}
	if err := book.SetSheetRow(sheet, "A1", &line); err != nil {
		return err
	}
	for i, r := range rows {
		cells := []any{r.Name, r.Count, int64(r.Seconds + 0.5), r.Kiosks}
		if planned {
			cells = append(cells, r.Times, int64(r.Plan+0.5))
		}
		if err := book.SetSheetRow(sheet, fmt.Sprintf("A%d", i+2), &cells); err != nil {
			return err
		}
	}
	if err := book.SetColWidth(sheet, "A", "A", 60); err != nil {
		return err
	}
	return book.Write(w)
}
