package studio

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"motcua/server/auth"
	"motcua/server/compile"
	"motcua/server/store"
	"motcua/slides"
)

type entryPage struct {
	New       bool
	Row       *store.EntryRow
	F         entryForm
	Lists     []store.PlaylistRow
	Only      *choice // the one slide that a playlist will be made of
	Units     []choice
	Groups    []choice
	Kiosks    []choice
	Repeats   []choice
	Weekdays  []choice
	Lasting   []choice
	Calendars []choice
	Classes   []choice
	Hours     []slides.Span // quick ones: when the desks are open
	Sentence  string
	Problems  problems
	Submit    string // where the entry is submitted with what it shows; "" when nothing of it is new
	Kept      bool   // the entry has parts that this form does not show and keeps
}

// entryForm is what was typed.
type entryForm struct {
	recurrence
	Playlist, Where, Zone, Start, End, Priority, Seconds, Every string
	Calendar, Except                                            string
	Base                                                        int
	Units, Groups, Kiosks                                       []string
}

func (q *request) entry(id string) (*store.EntryRow, error) {
	row, err := q.Store.Entry(q.r.Context(), id)
	if slides.KindOf(err) == slides.NotFound {
		return nil, slides.E(slides.NotFound, "studio.entry", q.words.say("vi", "entry.gone"), q.words.say("en", "entry.gone"), nil)
	}
	return &row, err
}

func (s *server) entryEdit(q *request) error {
	if id := q.r.PathValue("id"); id != "" {
		row, err := q.entry(id)
		if err != nil {
			return err
		}
		e := row.Entry
		f := entryForm{
			recurrence: recurrenceOf(&e.Entry), Playlist: e.Playlist, Zone: e.Zone, Start: string(e.Start), End: string(e.End), Calendar: e.Calendar,
			Priority: fmt.Sprint(int(e.Priority)), Base: row.Version, Units: e.Where.Units, Groups: e.Where.Groups, Kiosks: e.Where.Kiosks, Where: "some",
		}
		var except []string
		for _, d := range e.Except {
			t, err := d.Time()
			if err == nil {
				except = append(except, t.Format("2/1/2006"))
			}
		}
		f.Except = strings.Join(except, ", ")
		if e.Where.All {
			f.Where = "all"
		}
		if i := e.Interrupt; i != nil {
			f.Seconds, f.Every = fmt.Sprint(i.Seconds), fmt.Sprint(i.Every)
		}
		return q.entryForm(http.StatusOK, row, f, nil)
	}
	f, err := q.newEntry()
	if err != nil {
		return err
	}
	return q.entryForm(http.StatusOK, nil, f, nil)
}

// newEntry is the form of an entry to be: today's working hours, on workdays,
// but for what the address says: the calendar's page names a time and a place.
func (q *request) newEntry() (entryForm, error) {
	unit, err := q.firstUnit()
	if err != nil {
		return entryForm{}, err
	}
	zone, err := q.zoneOf(unit)
	if err != nil {
		return entryForm{}, err
	}
	reach, err := q.reach(auth.EditContent)
	if err != nil {
		return entryForm{}, err
	}
	v := q.r.URL.Query()
	day := q.Store.Now().Time().In(zone).Format(time.DateOnly)
	f := entryForm{Playlist: v.Get("playlist"), Where: "all", Zone: zone.String(), Start: day + "T07:00", End: day + "T17:00", Priority: fmt.Sprint(int(slides.Normal))}
	f.Repeat = "workdays"
	if list, err := q.calendarsSeen(); err != nil {
		return f, err
	} else if len(list) > 0 {
		f.Repeat, f.Calendar = "working", list[0].ID
	}
	if _, err := time.Parse(momentLayout, v.Get("start")); err == nil {
		f.Start, f.Repeat = v.Get("start"), "none"
	}
	if _, err := time.Parse(momentLayout, v.Get("end")); err == nil {
		f.End = v.Get("end")
	}
	f.Units, f.Groups, f.Kiosks = named(v.Get("unit")), named(v.Get("group")), named(v.Get("kiosk"))
	if id := v.Get("slide"); id != "" {
		if f.Playlist, err = q.playlistOf(id); err != nil {
			return f, err
		}
	}
	if len(f.Units)+len(f.Groups)+len(f.Kiosks) > 0 {
		f.Where = "some"
	} else if !reach.Everywhere() {
		f.Where, f.Units = "some", named(unit)
	}
	return f, nil
}

// onlySlide begins the value that stands for a playlist to be made of one slide.
const onlySlide = "slide:"

// playlistOf is the playlist that shows this one slide and nothing else, or the
// value that has one made when the entry is saved.
func (q *request) playlistOf(slide string) (string, error) {
	lists, err := q.playlistsSeen()
	if err != nil {
		return "", err
	}
	for _, l := range lists {
		if it := l.Playlist.Items; len(it) == 1 && it[0] == (slides.Item{Slide: slide}) {
			return l.ID, nil
		}
	}
	return onlySlide + slide, nil
}

// slideSeen is a slide, for who may see it.
func (q *request) slideSeen(id string) (store.SlideRow, error) {
	row, err := q.Store.Slide(q.r.Context(), id)
	if err != nil {
		return row, err
	}
	sees, err := q.sees()
	if err == nil && !sees(row.Unit) {
		err = slides.E(slides.NotFound, "studio.slideSeen", q.words.say("vi", "error.notfound"), q.words.say("en", "error.notfound"), nil)
	}
	return row, err
}

func named(id string) []string {
	if id == "" {
		return nil
	}
	return []string{id}
}

// calendarsSeen are the working calendars that the session may see.
func (q *request) calendarsSeen() ([]store.CalendarRow, error) {
	sees, err := q.sees()
	if err != nil {
		return nil, err
	}
	list, err := q.Store.Calendars(q.r.Context())
	return keep(list, func(r store.CalendarRow) bool { return sees(r.Unit) }), err
}

// calendarName is a calendar's name for people: whose it is.
func (q *request) calendarName(c store.CalendarRow) string {
	units, err := q.Store.Units(q.r.Context(), 0)
	if err == nil {
		for _, u := range units {
			if u.ID == c.Unit {
				return u.Name.In(q.lang)
			}
		}
	}
	return c.ID
}

func (q *request) entryForm(status int, row *store.EntryRow, f entryForm, pr problems) error {
	p := entryPage{New: row == nil, Row: row, F: f, Problems: pr}
	var err error
	if p.Lists, err = q.playlistsSeen(); err != nil {
		return err
	}
	if id, ok := strings.CutPrefix(f.Playlist, onlySlide); ok {
		sl, err := q.slideSeen(id)
		if err != nil {
			return err
		}
		p.Only = &choice{f.Playlist, q.words.say(q.lang, "entry.only", sl.Slide.Title.In(q.lang)), true}
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
	for _, g := range groupsIn(kiosks, f.Groups) {
		p.Groups = append(p.Groups, choice{g, g, slices.Contains(f.Groups, g)})
	}
	calendars, err := q.calendarsSeen()
	if err != nil {
		return err
	}
	for _, c := range calendars {
		p.Calendars = append(p.Calendars, choice{c.ID, q.calendarName(c), c.ID == f.Calendar})
	}
	for _, r := range repeats {
		if r != "working" || len(calendars) > 0 || f.Repeat == r {
			p.Repeats = append(p.Repeats, choice{r, q.words.say(q.lang, "repeat."+r), r == f.Repeat})
		}
	}
	for i := 1; i <= 7; i++ {
		d := fmt.Sprint(i % 7)
		p.Weekdays = append(p.Weekdays, choice{d, q.words.say(q.lang, fmt.Sprintf("weekday.%d", i-1)), slices.Contains(f.Weekdays, d)})
	}
	for _, l := range lasting {
		p.Lasting = append(p.Lasting, choice{l, q.words.say(q.lang, "lasts."+l), l == f.Lasts})
	}
	known := false
	for _, c := range []slides.Priority{slides.Filler, slides.Normal, slides.Campaign} {
		v := fmt.Sprint(int(c))
		known = known || v == f.Priority
		p.Classes = append(p.Classes, choice{v, q.words.say(q.lang, "priority."+v), v == f.Priority})
	}
	if !known && f.Priority != "" {
		p.Classes = append(p.Classes, choice{f.Priority, f.Priority, true})
	}
	if row != nil {
		e := row.Entry
		p.Kept = e.Share != 0 || len(e.Kinds) > 0 && f.Repeat == "custom"
	}
	if len(units) > 0 {
		if _, holds, err := q.Store.Defaults(q.r.Context(), units[0].ID); err != nil {
			return err
		} else if len(holds.Hours) <= 4 {
			p.Hours = holds.Hours
		}
	}
	var quiet slides.Problems
	e := compile.Entry{}
	if row != nil {
		e = row.Entry
		if p.Submit, err = q.submitEntry(row, p.Lists); err != nil {
			return err
		}
	}
	q.fillEntry(&e, f, &quiet)
	p.Sentence = e.Sentence(q.lang)
	return q.render(status, "entry", p)
}

// submitEntry is the address where an entry is submitted together with those of
// its playlist and slides that are new: alone it would not go live.
func (q *request) submitEntry(row *store.EntryRow, lists []store.PlaylistRow) (string, error) {
	refs := []store.ItemRef{row.ItemRef, {Type: store.PlaylistItem, ID: row.Entry.Playlist}}
	for _, l := range lists {
		for _, it := range l.Playlist.Items {
			if l.ID == row.Entry.Playlist {
				refs = append(refs, store.ItemRef{Type: store.SlideItem, ID: it.Slide})
			}
		}
	}
	changed, err := q.changedFor(auth.EditContent)
	if err != nil {
		return "", err
	}
	v := url.Values{}
	for _, i := range changed {
		if slices.Contains(refs, i.ItemRef) {
			v.Add("item", string(i.Type)+":"+i.ID)
		}
	}
	if len(v) == 0 {
		return "", nil
	}
	return "/studio/publish?" + v.Encode(), nil
}

// groupsIn are the groups that kiosks are in, and those that an entry names.
func groupsIn(kiosks []store.KioskStatus, more []string) []string {
	list := slices.Clone(more)
	for _, k := range kiosks {
		list = append(list, k.Groups...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func (q *request) typedEntry() entryForm {
	v := q.r.PostForm
	return entryForm{
		recurrence: recurrence{Repeat: v.Get("repeat"), Weekdays: v["weekday"], Lasts: v.Get("lasts"), Until: short(v.Get("until")), Rule: short(v.Get("rrule"))},
		Playlist:   short(v.Get("playlist")), Where: v.Get("where"), Zone: short(v.Get("zone")), Start: short(v.Get("start")), End: short(v.Get("end")),
		Priority: short(v.Get("priority")), Seconds: short(v.Get("seconds")), Every: short(v.Get("every")), Calendar: short(v.Get("calendar")), Except: slides.Clean(v.Get("except")),
		Base: number(v.Get("base")), Units: v["unit"], Groups: v["group"], Kiosks: v["kiosk"],
	}
}

func (s *server) entrySave(q *request) error {
	f := q.typedEntry()
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
	var only *slides.Playlist
	if id, ok := strings.CutPrefix(f.Playlist, onlySlide); ok && row == nil {
		sl, err := q.slideSeen(id)
		if err != nil {
			return err
		}
		name := sl.Slide.Title.In("vi")
		only = &slides.Playlist{ID: newID(name), Name: name, Items: []slides.Item{{Slide: id}}}
		e.Playlist = only.ID
	}
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
	if err := q.seen(store.ItemRef{Type: store.PlaylistItem, ID: e.Playlist}, "playlist", &p); err != nil {
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
		if only != nil {
			saved, err = s.Store.SaveEntryOf(q.r.Context(), q.session.Actor(), unit, *only, e)
		} else {
			saved, err = s.Store.SaveEntry(q.r.Context(), q.session.Actor(), unit, e, f.Base)
		}
		if err == nil {
			return q.to("/studio/schedule/"+saved.ID, "entry-saved")
		}
	}
	pr, ok := q.problems(err)
	if !ok {
		return err
	}
	return q.entryForm(slides.KindOf(err).Status(), row, f, pr)
}

// entrySay answers what the form's fields mean, in words, while they are typed.
func (s *server) entrySay(q *request) error {
	var e compile.Entry
	var p slides.Problems
	q.fillEntry(&e, q.typedEntry(), &p)
	says := e.Sentence(q.lang)
	if says == "" {
		says = q.words.say(q.lang, "entry.unsaid")
	}
	q.w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	q.wrote = true
	_, err := q.w.Write([]byte(says))
	return err
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
		e.Where = compile.Where{Units: f.Units, Kiosks: f.Kiosks, Groups: f.Groups}
		if len(f.Units)+len(f.Kiosks)+len(f.Groups) == 0 {
			add("where", "entry.nowhere")
		}
		if len(f.Units)+len(f.Kiosks)+len(f.Groups) > 2000 {
			add("where", "entry.everywhere")
		}
	}
	if start, err := time.Parse(momentLayout, string(e.Start)); err == nil || f.Repeat == "custom" || f.Repeat == "none" || !slices.Contains(repeats, f.Repeat) {
		var path, key string
		if e.Rule, path, key = f.rule(start); key != "" {
			add(path, key)
		}
	} else {
		e.Rule = ""
	}
	switch {
	case f.Repeat == "working":
		if e.Calendar, e.Kinds = f.Calendar, workingKinds; f.Calendar == "" {
			add("calendar", "entry.nocalendar")
		}
	case f.Repeat != "custom":
		e.Calendar, e.Kinds = "", nil
	}
	e.Except = nil
	for _, word := range strings.FieldsFunc(f.Except, func(r rune) bool { return r == ',' || r == ';' || r == ' ' || r == '\n' }) {
		d, err := time.Parse("2/1/2006", word)
		if err != nil {
			d, err = time.Parse(time.DateOnly, word)
		}
		if err != nil {
			add("except", "entry.except.bad", short(word))
			break
		}
		if day := slides.LocalDate(d.Format(time.DateOnly)); !slices.Contains(e.Except, day) {
			e.Except = append(e.Except, day)
		}
	}
	slices.Sort(e.Except)
	q.fillClass(e, f, p)
}

// fillClass puts in priority and interrupt.
func (q *request) fillClass(e *compile.Entry, f entryForm, p *slides.Problems) {
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
			p.Add("interrupt.seconds", q.words.say("vi", "entry.interrupt"), q.words.say("en", "entry.interrupt"))
		}
	}
	p.List = append(p.List, n.List...)
}
