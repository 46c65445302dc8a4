package studio

import (
	"net/http"
	"time"

	"motcua/slides"
	"motcua/slides/ical"
)

// calendarYears is how far ahead an exported file lists the dates that a
// working calendar drops.
const calendarYears = 2

// calendarExport writes the calendar of a unit, a group or a kiosk as a file
// for people's own calendars: the entries as they are drafted.
func (s *server) calendarExport(q *request) error {
	f, err := q.calendarFilter()
	if err != nil {
		return err
	}
	entries, err := q.entriesSeen()
	if err != nil {
		return err
	}
	lists, err := q.playlistsSeen()
	if err != nil {
		return err
	}
	titles := map[string]string{}
	for _, l := range lists {
		titles[l.ID] = l.Playlist.Name
	}
	calendars, err := q.Store.Calendars(q.r.Context())
	if err != nil {
		return err
	}
	days := map[string]*slides.Calendar{}
	for i := range calendars {
		days[calendars[i].ID] = &calendars[i].Calendar
	}
	names, err := q.placeNames()
	if err != nil {
		return err
	}
	now := s.Store.Now().Time()
	c := ical.Calendar{Name: q.words.say(q.lang, "nav.schedule"), Host: q.r.Host, Now: now, Until: now.AddDate(calendarYears, 0, 0)}
	for _, kind := range []string{"kiosk", "group", "unit"} {
		if id := f.query.Get(kind); id != "" {
			if n := names[id]; n != "" {
				id = n
			}
			c.Name += " – " + id
		}
	}
	for _, row := range entries {
		e := row.Entry
		if !f.shows(q, &e.Where) {
			continue
		}
		title := titles[e.Playlist]
		if title == "" {
			title = e.Playlist
		}
		class := map[string]string{"filler": "0", "normal": "10", "campaign": "20", "emergency": "90"}[className(e.Priority)]
		c.List = append(c.List, ical.Event{Entry: e.Entry, Days: days[e.Calendar], Title: title, Place: q.whereWords(&e.Where, names), Text: e.Sentence(q.lang), Category: q.words.say(q.lang, "priority.short."+class)})
	}
	h := q.w.Header()
	h.Set("Content-Type", "text/calendar; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="lich-phat-`+now.In(f.zone).Format(time.DateOnly)+`.ics"`)
	q.w.WriteHeader(http.StatusOK)
	q.wrote = true
	return ical.Write(q.w, &c)
}
