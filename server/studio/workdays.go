package studio

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"motcua/server/auth"
	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/workdays"
)

type workdaysPage struct {
	Unit     store.Unit
	Units    []choice
	Row      *store.CalendarRow // the unit's own, nil
	From     slides.Text        // whose calendar holds here, where it is not the unit's own
	Calendar slides.Calendar    // that holds here
	Year     int
	Settled  bool
	Days     []workday
	Week     []choice
	Kinds    []choice
	Months   []workMonth
	Below    []choice
	Problems problems
}

// Prev is the year before it.
func (p workdaysPage) Prev() int { return p.Year - 1 }

// Next is the year after it.
func (p workdaysPage) Next() int { return p.Year + 1 }

// workday is a day of the year that is not as its weekday says.
type workday struct {
	Date  slides.LocalDate
	Day   int
	Kind  slides.DayKind
	Name  string
	Sure  bool
	Lunar string
}

type workMonth struct {
	Number int
	Blank  []struct{} // places before the first day; weeks begin on Monday
	Days   []workCell
}

type workCell struct {
	Day         int
	Kind, Title string
}

var dayKinds = []slides.DayKind{slides.Holiday, slides.Off, slides.Swapped, slides.Working}

// workdaysHome goes to the calendar of the first unit that the session sees.
func (s *server) workdaysHome(q *request) error {
	units, err := q.unitsFor(auth.SeeContent)
	if err != nil {
		return err
	}
	if len(units) == 0 {
		return q.to("/studio/calendar", "")
	}
	return q.to("/studio/workdays/"+units[0].ID, "")
}

func (s *server) workdaysPage(q *request) error {
	year := number(q.r.URL.Query().Get("year"))
	return q.workdays(http.StatusOK, year, nil, nil)
}

// workCalendar is the calendar that holds in a unit, and its owner.
func (q *request) workCalendar(unit string) (row *store.CalendarRow, err error) {
	list, err := q.Store.Calendars(q.r.Context())
	if err != nil {
		return nil, err
	}
	if err := q.loadTree(); err != nil {
		return nil, err
	}
	for _, u := range q.above(unit) {
		for i := range list {
			if list[i].Unit == u { // by id: the first, as the compiler takes it
				return &list[i], nil
			}
		}
	}
	return nil, nil
}

// workdays shows a year; typed replaces what is stored where a form comes back.
func (q *request) workdays(status, year int, typed *slides.Calendar, pr problems) error {
	id := q.r.PathValue("id")
	u, _, err := q.unit(id)
	if err != nil {
		return err
	}
	now := q.Store.Now().Time().In(q.zone)
	if year < workdays.FirstYear || year > workdays.LastYear {
		year = now.Year()
	}
	p := workdaysPage{Unit: u, Year: year, Problems: pr, Calendar: slides.Calendar{Week: []int{1, 2, 3, 4, 5}}}
	row, err := q.workCalendar(id)
	if err != nil {
		return err
	}
	if row != nil {
		p.Calendar = row.Calendar
		if row.Unit == id {
			p.Row = row
		} else if from, _, err := q.unit(row.Unit); err == nil {
			p.From = from.Name
		}
	}
	if typed != nil {
		p.Calendar = *typed
	}
	units, err := q.unitsFor(auth.SeeContent)
	if err != nil {
		return err
	}
	edits, err := q.reach(auth.EditContent)
	if err != nil {
		return err
	}
	for _, x := range units {
		p.Units = append(p.Units, choice{x.ID, x.Name.In(q.lang), x.ID == id})
		if x.ID != id && slices.Contains(q.above(x.ID), id) && edits.In(x.ID) {
			p.Below = append(p.Below, choice{Value: x.ID, Label: x.Name.In(q.lang)})
		}
	}
	p.Settled = slices.Contains(p.Calendar.Settled, year)
	for i := 1; i <= 7; i++ {
		p.Week = append(p.Week, choice{fmt.Sprint(i % 7), q.words.say(q.lang, fmt.Sprintf("weekday.%d", i-1)), slices.Contains(p.Calendar.Week, i%7)})
	}
	for _, k := range dayKinds {
		p.Kinds = append(p.Kinds, choice{Value: string(k), Label: q.words.say(q.lang, "daykind."+string(k))})
	}
	q.fillYear(&p)
	return q.render(status, "workdays", p)
}

// fillYear lists the year's days and draws its months.
func (q *request) fillYear(p *workdaysPage) {
	law := map[slides.LocalDate]workdays.Day{}
	for _, d := range workdays.Year(p.Year, p.Calendar.Week) {
		law[d.Date] = d
	}
	names := map[slides.LocalDate]string{}
	for d, k := range p.Calendar.Days {
		t, err := d.Time()
		if err != nil || t.Year() != p.Year {
			continue
		}
		x := workday{Date: d, Day: (int(t.Weekday()) + 6) % 7, Kind: k, Sure: p.Settled}
		if l, ok := law[d]; ok && l.Kind == k {
			x.Name, x.Sure = l.Name.In(q.lang), x.Sure || l.Sure
		}
		if l, ok := workdays.Of(d); ok {
			x.Lunar = fmt.Sprintf("%d/%d", l.Day, l.Month)
		}
		names[d] = x.Name
		p.Days = append(p.Days, x)
	}
	slices.SortFunc(p.Days, func(a, b workday) int { return strings.Compare(string(a.Date), string(b.Date)) })
	for m := time.January; m <= time.December; m++ {
		first := time.Date(p.Year, m, 1, 0, 0, 0, 0, time.UTC)
		month := workMonth{Number: int(m), Blank: make([]struct{}, (int(first.Weekday())+6)%7)}
		for t := first; t.Month() == m; t = t.AddDate(0, 0, 1) {
			d := slides.LocalDate(t.Format(time.DateOnly))
			kind := p.Calendar.Kind(d)
			title := q.words.say(q.lang, "daykind."+string(kind))
			if n := names[d]; n != "" {
				title = n
			}
			month.Days = append(month.Days, workCell{t.Day(), string(kind), title})
		}
		p.Months = append(p.Months, month)
	}
}

// workdaysSave keeps a unit's year: as typed, as the law proposes, or to the
// units below too.
func (s *server) workdaysSave(q *request) error {
	v := q.r.PostForm
	id, year := q.r.PathValue("id"), number(v.Get("year"))
	row, err := q.workCalendar(id)
	if err != nil {
		return err
	}
	c := slides.Calendar{Week: []int{1, 2, 3, 4, 5}}
	base := 0
	if row != nil {
		if c, err = clone(row.Calendar); err != nil {
			return err
		}
		if row.Unit == id {
			base = number(v.Get("base"))
		}
	}
	if row == nil || row.Unit != id {
		c.ID = workdaysID(id)
	}
	var p slides.Problems
	if year < workdays.FirstYear || year > workdays.LastYear {
		p.Add("year", q.words.say("vi", "workdays.year.bad"), q.words.say("en", "workdays.year.bad"))
	}
	changes := []store.CalendarChange{{Unit: id, Base: base}}
	switch v.Get("do") {
	case "law":
		workdays.Fill(&c, year)
		c.Settled = slices.DeleteFunc(c.Settled, func(y int) bool { return y == year })
	case "own": // the unit's own, as what holds here
		if row == nil {
			workdays.Fill(&c, year)
			workdays.Fill(&c, year+1)
		}
	default:
		q.readYear(&c, year, &p)
	}
	c.Check(&p, "")
	for i := range p.List {
		p.List[i].Path = strings.TrimPrefix(p.List[i].Path, ".")
	}
	changes[0].Calendar = c
	if err := p.Err("studio.workdaysSave"); err == nil {
		if v.Get("do") == "below" {
			more, err := q.below(id, v["unit"], c)
			if err != nil {
				return err
			}
			changes = append(changes, more...)
		}
		err := s.Store.SaveCalendars(q.r.Context(), q.session.Actor(), changes)
		if err == nil {
			return q.to(fmt.Sprintf("/studio/workdays/%s?year=%d", id, year), "workdays-saved")
		}
		pr, ok := q.problems(err)
		if !ok {
			return err
		}
		return q.workdays(slides.KindOf(err).Status(), year, &c, pr)
	} else {
		pr, _ := q.problems(err)
		return q.workdays(slides.KindOf(err).Status(), year, &c, pr)
	}
}

// workdaysID is the id of a unit's own calendar.
func workdaysID(unit string) string {
	if len(unit) > 50 {
		unit = slides.Sum([]byte(unit))[:40]
	}
	return "lich-" + unit
}

// readYear puts the form's days of a year into a calendar.
func (q *request) readYear(c *slides.Calendar, year int, p *slides.Problems) {
	v := q.r.PostForm
	c.Week = nil
	for _, d := range v["week"] {
		if n := number(d); n <= 6 && !slices.Contains(c.Week, n) && (d == "0" || n > 0) {
			c.Week = append(c.Week, n)
		}
	}
	slices.Sort(c.Week)
	if len(c.Week) == 0 {
		p.Add("week", q.words.say("vi", "workdays.week.none"), q.words.say("en", "workdays.week.none"))
	}
	if c.Days == nil {
		c.Days = map[slides.LocalDate]slides.DayKind{}
	}
	for d := range c.Days {
		if t, err := d.Time(); err == nil && t.Year() == year {
			delete(c.Days, d)
		}
	}
	dates, kinds := append(v["date"], v.Get("new-date")), append(v["kind"], v.Get("new-kind"))
	for i, d := range dates {
		if d == "" || i >= len(kinds) || kinds[i] == "" {
			continue
		}
		t, err := time.Parse(time.DateOnly, d)
		if err != nil || t.Year() != year {
			p.Add("days", q.words.say("vi", "workdays.date.bad", short(d), year), q.words.say("en", "workdays.date.bad", short(d), year))
			continue
		}
		c.Days[slides.LocalDate(d)] = slides.DayKind(kinds[i])
	}
	c.Settled = slices.DeleteFunc(c.Settled, func(y int) bool { return y == year })
	if v.Get("settled") != "" {
		c.Settled = append(c.Settled, year)
		slices.Sort(c.Settled)
	}
}

// below are the same calendar for units below id.
func (q *request) below(id string, units []string, c slides.Calendar) ([]store.CalendarChange, error) {
	list, err := q.Store.Calendars(q.r.Context())
	if err != nil {
		return nil, err
	}
	reach, err := q.reach(auth.EditContent)
	if err != nil {
		return nil, err
	}
	var out []store.CalendarChange
	for _, u := range units {
		if u == id || !slices.Contains(q.above(u), id) || !reach.In(u) {
			continue
		}
		own := c
		own.ID = workdaysID(u)
		change := store.CalendarChange{Unit: u}
		for _, r := range list {
			if r.Unit == u {
				own.ID, change.Base = r.ID, r.Version
				break
			}
		}
		change.Calendar = own
		out = append(out, change)
	}
	return out, nil
}
