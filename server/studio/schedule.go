package studio

import (
	"fmt"
	"net/http"
	"slices"
	"sort"
	"strings"
	"time"

	"motcua/server/auth"
	"motcua/server/compile"
	"motcua/server/store"
	"motcua/slides"
)

// repeats are the recurrences that the form offers in words; "custom" takes
// the RRULE field as it is.
var repeats = []string{"none", "daily", "workdays", "weekly", "monthly", "yearly", "custom"}

// ruleOf is the RRULE of a preset for a start's date.
func ruleOf(repeat string, start time.Time) string {
	switch repeat {
	case "daily":
		return "FREQ=DAILY"
	case "workdays":
		return "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"
	case "weekly":
		return "FREQ=WEEKLY;BYDAY=" + [7]string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}[start.Weekday()]
	case "monthly":
		return fmt.Sprintf("FREQ=MONTHLY;BYMONTHDAY=%d", start.Day())
	case "yearly":
		return "FREQ=YEARLY"
	}
	return ""
}

// repeatOf finds the preset that a rule is.
func repeatOf(rule string, start slides.LocalTime) string {
	if rule == "" {
		return "none"
	}
	t, err := time.Parse(momentLayout, string(start))
	if err != nil {
		return "custom"
	}
	for _, r := range repeats {
		if r != "none" && r != "custom" && strings.EqualFold(ruleOf(r, t), rule) {
			return r
		}
	}
	return "custom"
}

type entryListPage struct {
	Entries   []entryCard
	Playlists int
}

type entryCard struct {
	store.EntryRow
	Playlist string
	Repeat   string
	Where    []string // names; empty: everywhere
	Over     bool     // it ended and does not repeat
}

// Clock writes a wall-clock time as people do: "20/3/2026 07:30".
func (v *view) Clock(t slides.LocalTime) string {
	x, err := time.Parse(momentLayout, string(t))
	if err != nil {
		return string(t)
	}
	if v.Lang == "en" {
		return x.Format("2 Jan 2006 15:04")
	}
	return x.Format("2/1/2006 15:04")
}

// Hours is only the time of day.
func (v *view) Hours(t slides.LocalTime) string {
	_, h, _ := strings.Cut(string(t), "T")
	return h
}

func (s *server) entryList(q *request) error {
	entries, err := q.entriesSeen()
	if err != nil {
		return err
	}
	lists, err := q.playlistsSeen()
	if err != nil {
		return err
	}
	names, err := q.placeNames()
	if err != nil {
		return err
	}
	p := entryListPage{Playlists: len(lists)}
	for _, e := range entries {
		c := entryCard{EntryRow: e, Playlist: e.Entry.Playlist, Repeat: repeatOf(e.Entry.Rule, e.Entry.Start), Over: q.over(&e.Entry.Entry)}
		for _, l := range lists {
			if l.ID == e.Entry.Playlist {
				c.Playlist = l.Playlist.Name
			}
		}
		for _, id := range slices.Concat(e.Entry.Where.Units, e.Entry.Where.Groups, e.Entry.Where.Kiosks) {
			if n := names[id]; n != "" {
				id = n
			}
			c.Where = append(c.Where, id)
		}
		p.Entries = append(p.Entries, c)
	}
	sort.SliceStable(p.Entries, func(i, j int) bool { return p.Entries[i].Entry.Priority > p.Entries[j].Entry.Priority })
	return q.render(http.StatusOK, "schedule", p)
}

// over says whether an entry ended for good.
func (q *request) over(e *slides.Entry) bool {
	if e.Rule != "" || e.End == "" {
		return false
	}
	zone, err := time.LoadLocation(e.Zone)
	if err != nil {
		return false
	}
	t, err := time.ParseInLocation(momentLayout, string(e.End), zone)
	return err == nil && slides.At(t) <= q.Store.Now()
}

// placeNames names units and kiosks by id.
func (q *request) placeNames() (map[string]string, error) {
	names := map[string]string{}
	units, err := q.Store.Units(q.r.Context(), 0)
	if err != nil {
		return nil, err
	}
	for _, u := range units {
		names[u.ID] = u.Name.In(q.lang)
	}
	kiosks, err := q.Store.Kiosks(q.r.Context(), "")
	if err != nil {
		return nil, err
	}
	for _, k := range kiosks {
		names[k.ID] = k.Name
	}
	return names, nil
}

type entryPage struct {
	New      bool
	Row      *store.EntryRow
	F        entryForm
	Lists    []store.PlaylistRow
	Units    []choice
	Kiosks   []choice
	Repeats  []choice
	Classes  []choice
	Problems problems
	Kept     bool // the entry has parts that this form does not show and keeps
}

// entryForm is what was typed.
type entryForm struct {
	Playlist, Where, Zone, Start, End, Repeat, Rule, Priority, Seconds, Every string
	Base                                                                      int
	Units, Kiosks                                                             []string
}

func (q *request) entry(id string) (*store.EntryRow, error) {
	entries, err := q.Store.Entries(q.r.Context())
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if e.ID == id {
			return &e, nil
		}
	}
	return nil, slides.E(slides.NotFound, "studio.entry", q.words.say("vi", "entry.gone"), q.words.say("en", "entry.gone"), nil)
}

func (s *server) entryEdit(q *request) error {
	if id := q.r.PathValue("id"); id != "" {
		row, err := q.entry(id)
		if err != nil {
			return err
		}
		e := row.Entry
		f := entryForm{
			Playlist: e.Playlist, Zone: e.Zone, Start: string(e.Start), End: string(e.End), Rule: e.Rule, Repeat: repeatOf(e.Rule, e.Start),
			Priority: fmt.Sprint(int(e.Priority)), Base: row.Version, Units: e.Where.Units, Kiosks: e.Where.Kiosks, Where: "some",
		}
		if e.Where.All {
			f.Where = "all"
		}
		if i := e.Interrupt; i != nil {
			f.Seconds, f.Every = fmt.Sprint(i.Seconds), fmt.Sprint(i.Every)
		}
		return q.entryForm(http.StatusOK, row, f, nil)
	}
	unit, err := q.firstUnit()
	if err != nil {
		return err
	}
	zone, err := q.zoneOf(unit)
	if err != nil {
		return err
	}
	day := s.Store.Now().Time().In(zone).Format(time.DateOnly)
	f := entryForm{Playlist: q.r.URL.Query().Get("playlist"), Where: "all", Zone: zone.String(), Start: day + "T07:00", End: day + "T17:00", Repeat: "workdays", Priority: fmt.Sprint(int(slides.Normal))}
	return q.entryForm(http.StatusOK, nil, f, nil)
}

func (q *request) entryForm(status int, row *store.EntryRow, f entryForm, pr problems) error {
	p := entryPage{New: row == nil, Row: row, F: f, Problems: pr}
	var err error
	if p.Lists, err = q.playlistsSeen(); err != nil {
		return err
	}
	units, err := q.unitsFor(auth.EditContent)
	if err != nil {
		return err
	}
	for _, u := range units {
		p.Units = append(p.Units, choice{u.ID, u.Name.In(q.lang), slices.Contains(f.Units, u.ID)})
	}
	kiosks, err := q.kiosksFor(auth.EditContent)
	if err != nil {
		return err
	}
	for _, k := range kiosks {
		p.Kiosks = append(p.Kiosks, choice{k.ID, k.Name, slices.Contains(f.Kiosks, k.ID)})
	}
	for _, r := range repeats {
		p.Repeats = append(p.Repeats, choice{r, q.words.say(q.lang, "repeat."+r), r == f.Repeat})
	}
	known := false
	for _, c := range []slides.Priority{slides.Filler, slides.Normal, slides.Campaign, slides.Emergency} {
		v := fmt.Sprint(int(c))
		known = known || v == f.Priority
		p.Classes = append(p.Classes, choice{v, q.words.say(q.lang, "priority."+v), v == f.Priority})
	}
	if !known && f.Priority != "" {
		p.Classes = append(p.Classes, choice{f.Priority, f.Priority, true})
	}
	if row != nil {
		e := row.Entry
		p.Kept = len(e.Except) > 0 || e.Calendar != "" || len(e.Kinds) > 0 || e.Share != 0 || len(e.Where.Groups) > 0
	}
	return q.render(status, "entry", p)
}

func (s *server) entrySave(q *request) error {
	v := q.r.PostForm
	f := entryForm{
		Playlist: short(v.Get("playlist")), Where: v.Get("where"), Zone: short(v.Get("zone")), Start: short(v.Get("start")), End: short(v.Get("end")),
		Repeat: v.Get("repeat"), Rule: short(v.Get("rrule")), Priority: short(v.Get("priority")), Seconds: short(v.Get("seconds")), Every: short(v.Get("every")),
		Base: number(v.Get("base")), Units: v["unit"], Kiosks: v["kiosk"],
	}
	var row *store.EntryRow
	var e compile.Entry
	if id := q.r.PathValue("id"); id != "" {
		var err error
		if row, err = q.entry(id); err != nil {
			return err
		}
		if e, err = clone(row.Entry); err != nil {
			return err
		}
	}
	var p slides.Problems
	q.fillEntry(&e, f, &p)
	if row == nil {
		e.ID = newID(e.Playlist)
	}
	if len(p.List) == 0 {
		slides.CheckEntry(&e.Entry, &p, "")
		for i := range p.List {
			p.List[i].Path = strings.TrimPrefix(p.List[i].Path, ".")
		}
	}
	if err := q.placesReached(&e.Where, &p); err != nil {
		return err
	}
	if len(p.List) == 0 && q.over(&e.Entry) && (row == nil || row.Entry.End != e.End) {
		p.Add("end", q.words.say("vi", "entry.past"), q.words.say("en", "entry.past"))
	}
	err := p.Err("studio.entrySave")
	if err == nil {
		unit := ""
		if row != nil {
			unit = row.Unit
		} else if unit, err = q.firstUnit(); err != nil {
			return err
		}
		var saved store.EntryRow
		if saved, err = s.Store.SaveEntry(q.r.Context(), q.session.Actor(), unit, e, f.Base); err == nil {
			return q.to("/studio/schedule/"+saved.ID, "entry-saved")
		}
	}
	pr, ok := q.problems(err)
	if !ok {
		return err
	}
	return q.entryForm(slides.KindOf(err).Status(), row, f, pr)
}

// fillEntry puts what was typed into e; parts that the form does not show stay.
func (q *request) fillEntry(e *compile.Entry, f entryForm, p *slides.Problems) {
	add := func(path, key string, args ...any) {
		p.Add(path, q.words.say("vi", key, args...), q.words.say("en", key, args...))
	}
	e.Playlist, e.Zone = f.Playlist, f.Zone
	e.Start, e.End = slides.LocalTime(trimSeconds(f.Start)), slides.LocalTime(trimSeconds(f.End))
	switch f.Where {
	case "all":
		e.Where = compile.Where{All: true}
	default:
		e.Where = compile.Where{Units: f.Units, Kiosks: f.Kiosks, Groups: e.Where.Groups}
		if len(f.Units)+len(f.Kiosks)+len(e.Where.Groups) == 0 {
			add("where", "entry.nowhere")
		}
		if len(f.Units)+len(f.Kiosks) > 2000 {
			add("where", "entry.everywhere")
		}
	}
	e.Rule = f.Rule
	if f.Repeat != "custom" {
		e.Rule = ""
		if t, err := time.Parse(momentLayout, string(e.Start)); err == nil {
			e.Rule = ruleOf(f.Repeat, t)
		}
		if !slices.Contains(repeats, f.Repeat) {
			add("rrule", "entry.repeat")
		}
	} else if f.Rule == "" {
		add("rrule", "entry.norule")
	}
	var n slides.Problems
	vals := values{"priority": {f.Priority}, "interrupt.seconds": {f.Seconds}, "interrupt.every": {f.Every}}
	x, _ := readNumber(vals, "priority", &n)
	e.Priority = slides.Priority(min(max(x, -1), 1000))
	sec, one := readNumber(vals, "interrupt.seconds", &n)
	every, two := readNumber(vals, "interrupt.every", &n)
	e.Interrupt = nil
	switch {
	case one && two:
		e.Interrupt = &slides.Interrupt{Seconds: int(min(max(sec, -1), 1e6)), Every: int(min(max(every, -1), 1e6))}
	case f.Seconds != "" || f.Every != "":
		if len(n.List) == 0 {
			add("interrupt.seconds", "entry.interrupt")
		}
	}
	p.List = append(p.List, n.List...)
}

// placesReached refuses places outside the units in which the session may edit:
// what shows there is theirs to decide.
func (q *request) placesReached(w *compile.Where, p *slides.Problems) error {
	reach, err := q.reach(auth.EditContent)
	if err != nil || reach.Everywhere() {
		return err
	}
	kiosks, err := q.Store.Kiosks(q.r.Context(), "")
	if err != nil {
		return err
	}
	outside := w.All
	for _, u := range w.Units {
		outside = outside || !reach.In(u)
	}
	for _, k := range kiosks {
		named := slices.Contains(w.Kiosks, k.ID) || slices.ContainsFunc(k.Groups, func(g string) bool { return slices.Contains(w.Groups, g) })
		outside = outside || named && !reach.In(k.Unit)
	}
	if outside {
		p.Add("where", q.words.say("vi", "entry.outside"), q.words.say("en", "entry.outside"))
	}
	return nil
}

// trimSeconds drops the seconds that some browsers send.
func trimSeconds(s string) string {
	if len(s) == len("2006-01-02T15:04:05") {
		return s[:len(momentLayout)]
	}
	return s
}

func (s *server) entryDelete(q *request) error {
	ref := store.ItemRef{Type: store.EntryItem, ID: q.r.PathValue("id")}
	if err := s.Store.DeleteItem(q.r.Context(), q.session.Actor(), ref, number(q.r.PostForm.Get("base"))); err != nil {
		return err
	}
	return q.to("/studio/schedule", "entry-deleted")
}
