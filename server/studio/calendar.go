package studio

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"motcua/server/auth"
	"motcua/server/compile"
	"motcua/server/reckon"
	"motcua/server/store"
	"motcua/slides"
)

type calendarPage struct {
	Lists  []store.PlaylistRow // to drag in
	Units  []choice
	Groups []choice
	Kiosks []choice
	Of     url.Values // the filter: unit, group or kiosk
	Today  string     // in the page's zone
	Now    string     // wall clock of that zone, for the line across the day
	Zone   string
	Days   []agendaDay // of this week, for who has no script
	Edits  bool
}

type agendaDay struct {
	Date  slides.LocalDate
	Marks []agendaMark
}

type agendaMark struct {
	Entry, Title, Hours string
	Class               slides.Priority
}

// calendarPage shows the schedule as a calendar. The script asks for its
// blocks; without it the week stands there as a list.
func (s *server) calendarPage(q *request) error {
	of, err := q.calendarFilter()
	if err != nil {
		return err
	}
	p := calendarPage{Of: of.query, Zone: of.zone.String()}
	if p.Lists, err = q.playlistsSeen(); err != nil {
		return err
	}
	units, err := q.unitsFor(auth.SeeContent)
	if err != nil {
		return err
	}
	for _, u := range units {
		p.Units = append(p.Units, choice{u.ID, u.Name.In(q.lang), u.ID == of.query.Get("unit")})
	}
	for _, k := range of.seen {
		p.Kiosks = append(p.Kiosks, choice{k.ID, k.Name, k.ID == of.query.Get("kiosk")})
	}
	for _, g := range groupsIn(of.seen, nil) {
		p.Groups = append(p.Groups, choice{g, g, g == of.query.Get("group")})
	}
	edit, err := q.reach(auth.EditContent)
	if err != nil {
		return err
	}
	p.Edits = edit.Anywhere()
	now := s.Store.Now().Time().In(of.zone)
	p.Today, p.Now = now.Format(time.DateOnly), now.Format("2006-01-02T15:04:05")
	monday := time.Date(now.Year(), now.Month(), now.Day()-(int(now.Weekday())+6)%7, 0, 0, 0, 0, of.zone)
	blocks, err := q.blocks(of, monday, monday.AddDate(0, 0, 7))
	if err != nil {
		return err
	}
	for d := range 7 {
		day := monday.AddDate(0, 0, d)
		a := agendaDay{Date: slides.LocalDate(day.Format(time.DateOnly))}
		for _, b := range blocks {
			if b.start.Before(day.AddDate(0, 0, 1)) && b.end.After(day) {
				a.Marks = append(a.Marks, agendaMark{b.Props.Entry, b.Title, b.start.Format("15:04") + "–" + b.end.Format("15:04"), b.Props.Class})
			}
		}
		p.Days = append(p.Days, a)
	}
	return q.render(http.StatusOK, "calendar", p)
}

// calendarFilter is whose screens a calendar is about.
type calendarFilter struct {
	query  url.Values          // the parts that were asked for and exist
	kiosks []store.KioskStatus // those that it is about
	seen   []store.KioskStatus // all that the session sees
	units  []string            // the unit asked for, all above and all below
	zone   *time.Location
}

func (q *request) calendarFilter() (*calendarFilter, error) {
	f := &calendarFilter{query: url.Values{}}
	var err error
	if f.seen, err = q.kiosksFor(auth.SeeContent); err != nil {
		return nil, err
	}
	reach, err := q.reach(auth.SeeContent)
	if err != nil {
		return nil, err
	}
	v := q.r.URL.Query()
	unit := v.Get("unit")
	if _, known := q.tree[unit]; !known || !reach.In(unit) {
		unit = ""
	}
	match := func(k store.KioskStatus) bool { return true }
	switch {
	case slices.ContainsFunc(f.seen, func(k store.KioskStatus) bool { return k.ID == v.Get("kiosk") }):
		f.query.Set("kiosk", v.Get("kiosk"))
		match = func(k store.KioskStatus) bool { return k.ID == v.Get("kiosk") }
	case v.Get("group") != "":
		f.query.Set("group", v.Get("group"))
		match = func(k store.KioskStatus) bool { return slices.Contains(k.Groups, v.Get("group")) }
	case unit != "":
		f.query.Set("unit", unit)
		f.units = q.above(unit)
		for u := range q.tree {
			if slices.Contains(q.above(u), unit) {
				f.units = append(f.units, u)
			}
		}
		match = func(k store.KioskStatus) bool { return slices.Contains(q.above(k.Unit), unit) }
	}
	f.kiosks = keep(f.seen, match)
	if unit == "" {
		if len(f.query) > 0 && len(f.kiosks) > 0 {
			unit = f.kiosks[0].Unit
		} else if units, err := q.unitsFor(auth.SeeContent); err != nil {
			return nil, err
		} else if len(units) > 0 {
			unit = units[0].ID
		}
	}
	f.zone, err = q.zoneOf(unit)
	return f, err
}

// above is a unit and all units above it. The tree must be loaded.
func (q *request) above(unit string) []string {
	var out []string
	for unit != "" && !slices.Contains(out, unit) {
		out = append(out, unit)
		unit = q.tree[unit]
	}
	return out
}

// shows says whether an entry shows on a screen that the filter is about.
func (f *calendarFilter) shows(q *request, w *compile.Where) bool {
	if len(f.query) == 0 || w.All {
		return true
	}
	return slices.ContainsFunc(f.kiosks, func(k store.KioskStatus) bool {
		return w.Names(compile.Kiosk{ID: k.ID, Groups: k.Groups}, q.above(k.Unit))
	}) || slices.ContainsFunc(w.Units, func(u string) bool { return slices.Contains(f.units, u) })
}

// block is one occurrence as FullCalendar takes it. Start and End are wall
// clock times of the page's zone.
type block struct {
	ID       string     `json:"id"`
	Title    string     `json:"title"`
	Start    string     `json:"start"`
	End      string     `json:"end"`
	AllDay   bool       `json:"allDay,omitempty"`
	Classes  []string   `json:"classNames"`
	Editable bool       `json:"editable"`
	Display  string     `json:"display,omitempty"`
	Props    blockProps `json:"extendedProps"`

	start, end time.Time
}

type blockProps struct {
	Entry    string           `json:"entry"`
	Base     int              `json:"base"`
	Day      slides.LocalDate `json:"day"` // of the occurrence, in the entry's zone
	Series   bool             `json:"series"`
	Class    slides.Priority  `json:"class"`
	Sentence string           `json:"sentence"`
	Where    string           `json:"where"`
	State    string           `json:"state"`
}

const wallLayout = "2006-01-02T15:04:05"

// blocks are the occurrences of all entries that the filter shows in [from, to).
func (q *request) blocks(f *calendarFilter, from, to time.Time) ([]block, error) {
	entries, err := q.entriesSeen()
	if err != nil {
		return nil, err
	}
	lists, err := q.playlistsSeen()
	if err != nil {
		return nil, err
	}
	titles := map[string]string{}
	for _, l := range lists {
		titles[l.ID] = l.Playlist.Name
	}
	calendars, err := q.Store.Calendars(q.r.Context())
	if err != nil {
		return nil, err
	}
	days := map[string]*slides.Calendar{}
	for i := range calendars {
		days[calendars[i].ID] = &calendars[i].Calendar
	}
	names, err := q.placeNames()
	if err != nil {
		return nil, err
	}
	edit, err := q.reach(auth.EditContent)
	if err != nil {
		return nil, err
	}
	var out []block
	for _, row := range entries {
		e := &row.Entry
		if !f.shows(q, &e.Where) {
			continue
		}
		list, err := slides.Occurrences(&e.Entry, days[e.Calendar], from, to)
		if err != nil {
			continue // an old draft that no longer holds; its own page says so
		}
		title := titles[e.Playlist]
		if title == "" {
			title = e.Playlist
		}
		for _, o := range list {
			b := block{
				ID: e.ID + "@" + string(o.Day), Title: title, start: o.From.In(f.zone), end: o.Until.In(f.zone),
				Classes: []string{"class-" + className(e.Priority)}, Editable: edit.In(row.Unit),
				Props: blockProps{
					Entry: e.ID, Base: row.Version, Day: o.Day, Series: e.Rule != "", Class: e.Priority, Sentence: e.Sentence(q.lang), Where: q.whereWords(&e.Where, names),
					State: q.words.say(q.lang, "state."+string(row.State)),
				},
			}
			if o.Until.IsZero() {
				b.end = to
			}
			if e.Interrupt != nil {
				b.Classes = append(b.Classes, "interrupt")
			}
			if row.State != store.Live {
				b.Classes = append(b.Classes, "draft")
			}
			if b.AllDay = b.end.Sub(b.start) >= 24*time.Hour; b.AllDay {
				// A bar over days can't be dragged by the hour.
				b.Editable = false
				b.Start, b.End = b.start.Format(time.DateOnly), b.end.Add(24*time.Hour-time.Second).Format(time.DateOnly)
			} else {
				b.Start, b.End = b.start.Format(wallLayout), b.end.Format(wallLayout)
			}
			out = append(out, b)
		}
		if len(out) > maxBlocks {
			break
		}
	}
	return out, nil
}

// maxBlocks bounds what one calendar draws; 200 entries every day of six weeks
// stay below it.
const maxBlocks = 10_000

// className is the colour of a priority.
func className(p slides.Priority) string {
	switch {
	case p >= slides.Emergency:
		return "emergency"
	case p >= slides.Campaign:
		return "campaign"
	case p >= slides.Normal:
		return "normal"
	}
	return "filler"
}

// whereWords names the places of an entry: "Mọi ki-ốt", "Sở A; Ki-ốt 1".
func (q *request) whereWords(w *compile.Where, names map[string]string) string {
	if w.All {
		return q.words.say(q.lang, "entry.all")
	}
	var out []string
	for _, id := range slices.Concat(w.Units, w.Groups, w.Kiosks) {
		if n := names[id]; n != "" {
			id = n
		}
		out = append(out, id)
	}
	const most = 4
	if n := len(out) - most; n > 0 {
		out = append(out[:most], q.words.say(q.lang, "calendar.more", n))
	}
	return strings.Join(out, "; ")
}

// calendarEvents answers the blocks of a time: from and to are dates.
func (s *server) calendarEvents(q *request) error {
	f, err := q.calendarFilter()
	if err != nil {
		return err
	}
	v := q.r.URL.Query()
	var span [2]time.Time
	for i, name := range []string{"from", "to"} {
		if span[i], err = time.ParseInLocation(time.DateOnly, fmt.Sprintf("%.10s", v.Get(name)), f.zone); err != nil {
			return slides.E(slides.Invalid, "studio.calendarEvents", q.words.say("vi", "calendar.span"), q.words.say("en", "calendar.span"), err)
		}
	}
	const most = 70 * 24 * time.Hour // a month's page shows six weeks
	if d := span[1].Sub(span[0]); d <= 0 || d > most {
		return slides.E(slides.Invalid, "studio.calendarEvents", q.words.say("vi", "calendar.span"), q.words.say("en", "calendar.span"), nil)
	}
	blocks, err := q.blocks(f, span[0], span[1])
	if err != nil {
		return err
	}
	if id := f.query.Get("kiosk"); id != "" {
		marks, err := q.markBlocks(id, span[0], span[1])
		if err != nil {
			return err
		}
		blocks = append(blocks, marks...)
	}
	if blocks == nil {
		blocks = []block{}
	}
	return q.answer(http.StatusOK, blocks)
}

// markBlocks are the gaps within a kiosk's opening hours and the times that
// several entries share, by the drafts: what the calendar's blocks are.
func (q *request) markBlocks(kiosk string, from, to time.Time) ([]block, error) {
	k, err := q.Store.KioskStatus(q.r.Context(), kiosk)
	if err != nil {
		return nil, err
	}
	r, err := q.programs.Drafted(q.r.Context(), kiosk)
	if err != nil {
		return nil, err
	}
	var out []block
	for _, m := range dayMarks(r.Stretches(from, to), reckon.OpenTimes(&k.Works, r.Manifest.Working(), from, to)) {
		b := block{
			Display: "background", Start: m.From.In(from.Location()).Format(wallLayout), End: m.Until.In(from.Location()).Format(wallLayout),
			Classes: []string{"gap"}, Title: q.words.say(q.lang, "calendar.gap"),
		}
		if m.Clash {
			b.Classes, b.Title = []string{"clash"}, q.words.say(q.lang, "calendar.clash", len(m.Entries))
		}
		out = append(out, b)
	}
	return out, nil
}

func (q *request) answer(status int, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	q.w.Header().Set("Content-Type", "application/json")
	q.w.WriteHeader(status)
	q.wrote = true
	_, err = q.w.Write(b)
	return err
}
