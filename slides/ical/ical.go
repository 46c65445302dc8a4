// Package ical writes schedule entries as an iCalendar file (RFC 5545) that
// calendars of people read: one event each, with its zone, rule and the dates
// that are left out.
//
// Two things are said in another way there. A rule's DTSTART is always an
// occurrence, so it is the first date that the rule names. And a reader knows no
// working calendar: the dates that one drops are listed as EXDATE up to
// Calendar.Until, after which a reader shows days on which kiosks do not.
package ical

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"motcua/slides"
)

// Event is one entry with what people read of it.
type Event struct {
	Entry    slides.Entry
	Days     *slides.Calendar // the working calendar that it names, nil without
	Title    string
	Place    string
	Text     string // what it says in words
	Category string // the priority's name
}

// Calendar is one file.
type Calendar struct {
	Name  string
	Host  string // makes the events' ids unique; "" for none
	Now   time.Time
	Until time.Time // dates that a working calendar drops are listed up to here
	List  []Event
}

// Write writes the file. Entries that CheckEntry refuses, or whose rule names no
// date, are left out.
func Write(w io.Writer, c *Calendar) error {
	var b bytes.Buffer
	o := &out{b: &b}
	o.line("BEGIN", "VCALENDAR")
	o.line("VERSION", "2.0")
	o.line("PRODID", "-//Mot Cua//motcua//VI")
	o.line("CALSCALE", "GREGORIAN")
	o.line("METHOD", "PUBLISH")
	o.line("X-WR-CALNAME", Escape(c.Name))
	var zones []string
	for i := range c.List {
		if z := c.List[i].Entry.Zone; !slices.Contains(zones, z) {
			zones = append(zones, z)
		}
	}
	slices.Sort(zones)
	for _, z := range zones {
		o.zone(z, c)
	}
	for i := range c.List {
		o.event(&c.List[i], c)
	}
	o.line("END", "VCALENDAR")
	_, err := w.Write(b.Bytes())
	return err
}

const (
	localLayout = "20060102T150405"
	utcLayout   = "20060102T150405Z"
	entryLayout = "2006-01-02T15:04"
)

type out struct{ b *bytes.Buffer }

// line writes one content line, folded at 75 octets between characters.
func (o *out) line(name, value string) {
	const most = 75
	s, room := name+":"+value, most
	for len(s) > room {
		n := room
		for n > 0 && s[n]&0xC0 == 0x80 { // within a character
			n--
		}
		o.b.WriteString(s[:n] + "\r\n ")
		s, room = s[n:], most-1
	}
	o.b.WriteString(s + "\r\n")
}

// Escape writes a text as a value of type TEXT.
func Escape(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' || r == 0x7F {
			return -1
		}
		return r
	}, strings.ToValidUTF8(strings.ReplaceAll(s, "\r\n", "\n"), "\uFFFD"))
	return strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\n", `\n`).Replace(s)
}

// event writes an entry.
func (o *out) event(e *Event, c *Calendar) {
	loc, err := time.LoadLocation(e.Entry.Zone)
	if err != nil {
		return
	}
	first, dropped, ok := dates(e, c)
	if !ok {
		return
	}
	start, end, ok := ends(&e.Entry, first)
	if !ok {
		return
	}
	o.line("BEGIN", "VEVENT")
	host := c.Host
	if host == "" {
		host = "motcua"
	}
	o.line("UID", Escape(e.Entry.ID+"@"+host))
	o.line("DTSTAMP", c.Now.UTC().Format(utcLayout))
	o.line("DTSTART;TZID="+e.Entry.Zone, start.Format(localLayout))
	o.line("DTEND;TZID="+e.Entry.Zone, end.Format(localLayout))
	if e.Entry.Rule != "" {
		o.line("RRULE", rule(e.Entry.Rule, loc))
	}
	for _, d := range dropped { // a line each: some readers take only one date from each
		o.line("EXDATE;TZID="+e.Entry.Zone, strings.ReplaceAll(string(d), "-", "")+start.Format("T150405"))
	}
	o.line("SUMMARY", Escape(e.Title))
	if e.Place != "" {
		o.line("LOCATION", Escape(e.Place))
	}
	if e.Text != "" {
		o.line("DESCRIPTION", Escape(e.Text))
	}
	if e.Category != "" {
		o.line("CATEGORIES", Escape(e.Category))
	}
	o.line("TRANSP", "TRANSPARENT")
	o.line("END", "VEVENT")
}

// dates are the first date that the rule names, and those that it names and
// that are left out up to the calendar's end.
func dates(e *Event, c *Calendar) (first slides.LocalDate, dropped []slides.LocalDate, ok bool) {
	begin, err := time.Parse(entryLayout, string(e.Entry.Start))
	if err != nil {
		return "", nil, false
	}
	bare := e.Entry
	bare.Except, bare.Kinds, bare.Calendar = nil, nil, ""
	const years = 8 // the longest that any date of a rule lies from the next, leap days around 2100
	from := begin.AddDate(0, 0, -2)
	for from.Year() < 2200 && first == "" {
		to := from.AddDate(years, 0, 0)
		list, err := slides.Occurrences(&bare, nil, from, to)
		if err != nil {
			return "", nil, false
		}
		if len(list) > 0 {
			first = list[0].Day
		}
		from = to
	}
	if first == "" {
		return "", nil, false
	}
	if len(e.Entry.Except) == 0 && len(e.Entry.Kinds) == 0 {
		return first, nil, true
	}
	end := c.Until
	if last := begin.AddDate(0, 0, slides.MaxOccurrences); end.After(last) {
		end = last
	}
	all, err1 := slides.Occurrences(&bare, nil, begin.AddDate(0, 0, -2), end)
	kept, err2 := slides.Occurrences(&e.Entry, e.Days, begin.AddDate(0, 0, -2), end)
	if err1 != nil || err2 != nil {
		return "", nil, false
	}
	has := map[slides.LocalDate]bool{}
	for _, o := range kept {
		has[o.Day] = true
	}
	for _, o := range all {
		if !has[o.Day] {
			dropped = append(dropped, o.Day)
		}
	}
	return first, dropped, true
}

// ends are the wall-clock times of the occurrence on a date. What never ends is
// said to end with the years that can be planned.
func ends(e *slides.Entry, first slides.LocalDate) (start, end time.Time, ok bool) {
	s, err1 := time.Parse(entryLayout, string(e.Start))
	d, err2 := first.Time()
	if err1 != nil || err2 != nil {
		return s, s, false
	}
	start = d.Add(time.Duration(s.Hour())*time.Hour + time.Duration(s.Minute())*time.Minute)
	if e.End == "" {
		return start, time.Date(2199, 12, 31, 23, 59, 0, 0, time.UTC), true
	}
	x, err := time.Parse(entryLayout, string(e.End))
	if err != nil {
		return s, s, false
	}
	return start, start.Add(x.Sub(s)), true
}

// rule is a rule whose UNTIL is an instant, as RFC 5545 wants it beside a
// DTSTART with a zone.
func rule(s string, loc *time.Location) string {
	parts := strings.Split(strings.ToUpper(s), ";")
	for i, p := range parts {
		v, ok := strings.CutPrefix(p, "UNTIL=")
		if !ok || strings.HasSuffix(v, "Z") {
			continue
		}
		if len(v) == len("20060102") {
			v += "T235959"
		}
		if t, err := time.ParseInLocation(localLayout, v, loc); err == nil {
			parts[i] = "UNTIL=" + t.UTC().Format(utcLayout)
		}
	}
	return strings.Join(parts, ";")
}

// zone writes a time zone: what it is before the first entry, and each change
// up to ten years ahead. A zone without changes, as Vietnam's, is one part.
func (o *out) zone(name string, c *Calendar) {
	loc, err := time.LoadLocation(name)
	if err != nil {
		return
	}
	from := c.Now
	for i := range c.List {
		if t, err := time.ParseInLocation(entryLayout, string(c.List[i].Entry.Start), loc); err == nil && c.List[i].Entry.Zone == name && t.Before(from) {
			from = t
		}
	}
	o.line("BEGIN", "VTIMEZONE")
	o.line("TZID", name)
	at := from.In(loc)
	o.observance(at, at, time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)) // as if it had always been so
	for {
		_, next := at.ZoneBounds()
		if next.IsZero() || next.After(c.Now.AddDate(10, 0, 0)) {
			break
		}
		// The wall clock that stands when the change comes.
		_, old := at.Zone()
		o.observance(at, next.In(loc), next.UTC().Add(time.Duration(old)*time.Second))
		at = next.In(loc)
	}
	o.line("END", "VTIMEZONE")
}

func (o *out) observance(before, after, start time.Time) {
	kind := "STANDARD"
	if after.IsDST() {
		kind = "DAYLIGHT"
	}
	_, from := before.Zone()
	name, to := after.Zone()
	o.line("BEGIN", kind)
	o.line("DTSTART", start.Format(localLayout))
	o.line("TZOFFSETFROM", offset(from))
	o.line("TZOFFSETTO", offset(to))
	o.line("TZNAME", name)
	o.line("END", kind)
}

func offset(seconds int) string {
	sign := '+'
	if seconds < 0 {
		sign, seconds = '-', -seconds
	}
	s := fmt.Sprintf("%c%02d%02d", sign, seconds/3600, seconds/60%60)
	if seconds%60 != 0 {
		s += fmt.Sprintf("%02d", seconds%60)
	}
	return s
}
