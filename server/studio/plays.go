package studio

import (
	"cmp"
	"context"
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
	store.PlaySum
	Name     string
	Link     string
	Times    int64   // planned
	Plan     float64 // planned seconds
	Part     float64 // shown of planned, percent
	HasPart  bool
	Unheard  bool // planned and never shown
	NotByNow bool // shown and not planned
}

// playQuery is what the page's address asks for.
type playQuery struct {
	store.PlayFilter
	kiosks []store.KioskStatus // that it is about
	seen   []store.KioskStatus
	unit   string
	kiosk  string
	zone   *time.Location
}

func (q *request) playQuery() (*playQuery, error) {
	v := q.r.URL.Query()
	p := &playQuery{}
	var err error
	if p.seen, err = q.kiosksFor(auth.SeeStats); err != nil {
		return nil, err
	}
	p.kiosks = p.seen
	if u := v.Get("unit"); u != "" {
		if err := q.loadTree(); err != nil {
			return nil, err
		}
		p.unit = u
		p.kiosks = keep(p.kiosks, func(k store.KioskStatus) bool { return slices.Contains(q.above(k.Unit), u) })
	}
	if id := v.Get("kiosk"); id != "" {
		p.kiosk = id
		p.kiosks = keep(p.kiosks, func(k store.KioskStatus) bool { return k.ID == id })
	}
	unit := ""
	if len(p.kiosks) > 0 {
		unit = p.kiosks[0].Unit
	}
	if p.zone, err = q.zoneOf(unit); err != nil {
		return nil, err
	}
	today := q.Store.Now().Time().In(p.zone)
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
	p.Kiosks = []string{}
	for _, k := range p.kiosks {
		p.Kiosks = append(p.Kiosks, k.ID)
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
	sums, err := q.Store.PlaySums(q.r.Context(), f.PlayFilter)
	if err != nil {
		return nil, false, err
	}
	plan, planned, err := q.plan(f)
	if err != nil {
		return nil, false, err
	}
	rows := map[string]*playRow{}
	for _, x := range sums {
		rows[x.Key] = &playRow{PlaySum: x}
	}
	for key, x := range plan {
		r := rows[key]
		if r == nil {
			r = &playRow{PlaySum: store.PlaySum{Key: key}, Unheard: true}
			rows[key] = r
		}
		r.Times, r.Plan = x.times, x.seconds
		if x.seconds > 0 {
			r.Part, r.HasPart = 100*r.Seconds/x.seconds, true
		}
	}
	for key, r := range rows {
		r.Name, r.Link = q.playName(f, key)
		r.NotByNow = planned && r.Times == 0
		out = append(out, *r)
	}
	slices.SortFunc(out, func(a, b playRow) int {
		if f.By == store.PlaysByDay {
			return cmp.Compare(a.Key, b.Key)
		}
		return cmp.Or(-cmp.Compare(a.Seconds, b.Seconds), cmp.Compare(a.Key, b.Key))
	})
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
		for _, k := range f.kiosks {
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

// planned is how often and how long something should have shown.
type planned struct {
	times   int64
	seconds float64
}

// maxPlanDays bounds the days of programs that one page walks through: each
// costs some ten milliseconds.
const maxPlanDays = 40

// plan reckons what the filter's kiosks should have shown, by the filter's
// group, with the kiosks' own function over the manifests that were the newest
// at the time, within opening hours. Two things are taken as they are today:
// the class of a kiosk, and its hours. A kiosk that a citizen uses shows no
// slides meanwhile, so less than all of the plan is usual. ok is false where
// the plan would take too long: then it is asked of one kiosk, or of fewer days.
func (q *request) plan(f *playQuery) (out map[string]planned, ok bool, err error) {
	from, err := time.ParseInLocation(time.DateOnly, string(f.From), f.zone)
	if err != nil {
		return nil, false, err
	}
	until, err := time.ParseInLocation(time.DateOnly, string(f.Until), f.zone)
	if err != nil {
		return nil, false, err
	}
	until = until.AddDate(0, 0, 1)
	now := q.Store.Now().Time()
	until = earlier(until, now)
	type group struct {
		class, hours string
	}
	groups := map[group][]store.KioskStatus{}
	for _, k := range f.kiosks {
		if k.Paired {
			g := group{k.Class, fmt.Sprint(k.Works.Hours, k.Works.OnHolidays)}
			groups[g] = append(groups[g], k)
		}
	}
	days := int(until.Sub(from).Hours()/24) + 1
	if len(groups)*days > maxPlanDays || !from.Before(until) {
		return nil, false, nil
	}
	out = map[string]planned{}
	for g, kiosks := range groups {
		list, err := q.Store.ManifestsDuring(q.r.Context(), g.class, slides.At(from), slides.At(until))
		if err != nil {
			return nil, false, err
		}
		for i, m := range list {
			begin, end := later(from, m.At.Time()), until
			if i+1 < len(list) {
				end = earlier(until, list[i+1].At.Time())
			}
			if err := q.planOf(q.r.Context(), f, m, kiosks, begin, end, out); err != nil {
				return nil, false, err
			}
		}
	}
	return out, true, nil
}

// planOf adds what kiosks with one manifest and the same hours should show in
// [begin, end).
func (q *request) planOf(ctx context.Context, f *playQuery, m store.Manifest, kiosks []store.KioskStatus, begin, end time.Time, out map[string]planned) error {
	if !begin.Before(end) {
		return nil
	}
	r, err := q.reckonerOf(ctx, m)
	if err != nil {
		return err
	}
	midnight := time.Date(begin.In(f.zone).Year(), begin.In(f.zone).Month(), begin.In(f.zone).Day(), 0, 0, 0, 0, f.zone)
	for _, open := range openTimes(&kiosks[0].Works, r.manifest.Working(), midnight, end.AddDate(0, 0, 1)) {
		at, stop := later(open.from, begin), earlier(open.until, end)
		for at.Before(stop) {
			s := r.program.At(at)
			next := earlier(s.Until, stop)
			if s.Slide != "" {
				for _, key := range q.planKeys(f, r, s.Slide, at, kiosks) {
					x := out[key.key]
					x.times += key.n
					x.seconds += float64(key.n) * next.Sub(at).Seconds()
					out[key.key] = x
				}
			}
			at = next
		}
	}
	return nil
}

type planKey struct {
	key string
	n   int64 // kiosks
}

func (q *request) planKeys(f *playQuery, r *reckoner, slide string, at time.Time, kiosks []store.KioskStatus) []planKey {
	all := int64(len(kiosks))
	switch f.By {
	case store.PlaysByTopic:
		topic := ""
		if sl := r.slides[slide]; sl != nil {
			topic = string(sl.Topic)
		}
		return []planKey{{topic, all}}
	case store.PlaysByKiosk:
		out := make([]planKey, len(kiosks))
		for i, k := range kiosks {
			out[i] = planKey{k.ID, 1}
		}
		return out
	case store.PlaysByDay:
		return []planKey{{at.In(f.zone).Format(time.DateOnly), all}}
	}
	return []planKey{{slide, all}}
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
