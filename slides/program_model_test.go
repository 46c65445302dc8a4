package slides

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// The model says the same as Program by brute force: it walks every day from
// an entry's start, asks of each whether the rule names it, finds wall-clock
// times by looking at every minute, and deals the whole loop. It shares no
// code with Program, and is as slow as it is plain.

type modelRule struct {
	freq              string
	interval, count   int
	days              []string // "MO", "1MO", "-1FR"
	monthDays, months []int
	until             string // "", or a date
	wkst              string
}

func (r modelRule) String() string {
	parts := []string{"FREQ=" + r.freq}
	add := func(key string, v any, on bool) {
		if on {
			parts = append(parts, key+"="+strings.Trim(strings.ReplaceAll(fmt.Sprint(v), " ", ","), "[]"))
		}
	}
	add("INTERVAL", r.interval, r.interval > 1)
	add("COUNT", r.count, r.count > 0)
	add("BYDAY", r.days, len(r.days) > 0)
	add("BYMONTHDAY", r.monthDays, len(r.monthDays) > 0)
	add("BYMONTH", r.months, len(r.months) > 0)
	add("UNTIL", r.until, r.until != "")
	add("WKST", r.wkst, r.wkst != "")
	return strings.Join(parts, ";")
}

func dayName(t time.Time) string { return strings.ToUpper(t.Weekday().String()[:2]) }

// names says whether the rule, begun on start, names day (both midnights in
// UTC); COUNT and UNTIL apart.
func (r modelRule) names(start, day time.Time) bool {
	step := max(r.interval, 1)
	switch r.freq {
	case "DAILY":
		if int(day.Sub(start).Hours()/24)%step != 0 {
			return false
		}
	case "WEEKLY":
		wkst := r.wkst
		if wkst == "" {
			wkst = "MO"
		}
		monday := func(t time.Time) time.Time {
			for dayName(t) != wkst {
				t = t.AddDate(0, 0, -1)
			}
			return t
		}
		if int(monday(day).Sub(monday(start)).Hours()/24/7)%step != 0 {
			return false
		}
	case "MONTHLY":
		if ((day.Year()-start.Year())*12+int(day.Month())-int(start.Month()))%step != 0 {
			return false
		}
	case "YEARLY":
		if (day.Year()-start.Year())%step != 0 {
			return false
		}
	}
	bare := len(r.days) == 0 && len(r.monthDays) == 0
	months, monthDays, days := r.months, r.monthDays, r.days
	if bare && r.freq == "YEARLY" && len(months) == 0 {
		months = []int{int(start.Month())}
	}
	if bare && (r.freq == "YEARLY" || r.freq == "MONTHLY") {
		monthDays = []int{start.Day()}
	}
	if bare && r.freq == "WEEKLY" {
		days = []string{dayName(start)}
	}
	if len(months) > 0 && !slices.Contains(months, int(day.Month())) {
		return false
	}
	if len(monthDays) > 0 {
		tomorrow, fromEnd := day, 0
		for tomorrow.Month() == day.Month() {
			tomorrow = tomorrow.AddDate(0, 0, 1)
			fromEnd--
		}
		if !slices.Contains(monthDays, day.Day()) && !slices.Contains(monthDays, fromEnd) {
			return false
		}
	}
	if len(days) > 0 {
		whole := func(t time.Time) bool { // in the stretch that "the first Monday" counts in
			return t.Year() == day.Year() && (r.freq == "YEARLY" && len(r.months) == 0 || t.Month() == day.Month())
		}
		ahead, behind := 0, 0
		for t := day; whole(t); t = t.AddDate(0, 0, -7) {
			ahead++
		}
		for t := day; whole(t); t = t.AddDate(0, 0, 7) {
			behind--
		}
		name := dayName(day)
		if !slices.Contains(days, name) && !slices.Contains(days, fmt.Sprint(ahead)+name) && !slices.Contains(days, fmt.Sprint(behind)+name) {
			return false
		}
	}
	return true
}

// modelInstant is the first minute at which the zone's clock shows w or later.
func modelInstant(loc *time.Location, w time.Time) time.Time {
	for t := w.Add(-16 * time.Hour); ; t = t.Add(time.Minute) { // no zone is further ahead
		l := t.In(loc)
		shows := time.Date(l.Year(), l.Month(), l.Day(), l.Hour(), l.Minute(), 0, 0, time.UTC)
		if !shows.Before(w) {
			return t
		}
	}
}

type modelOccurrence struct{ start, end time.Time }

type modelEntry struct {
	Entry
	rule *modelRule
	occs []modelOccurrence
}

type model struct {
	entries   []*modelEntry
	playlists map[string][]Item
	slides    map[string]*Slide
}

// newModel lists all occurrences that may matter in the weeks before horizon.
func newModel(m *Manifest, rules map[string]*modelRule, slides map[string]*Slide, horizon time.Time) *model {
	out := &model{playlists: map[string][]Item{}, slides: slides}
	for _, l := range m.Playlists {
		out.playlists[l.ID] = l.Items
	}
	calendars := map[string]Calendar{}
	for _, c := range m.Calendars {
		calendars[c.ID] = c
	}
	for _, e := range m.Schedule {
		me := &modelEntry{Entry: e, rule: rules[e.ID]}
		loc, err := time.LoadLocation(e.Zone)
		if err != nil {
			panic(err)
		}
		start, _ := time.Parse("2006-01-02T15:04", string(e.Start))
		end, _ := time.Parse("2006-01-02T15:04", string(e.End))
		first := start.Truncate(24 * time.Hour)
		counted := 0
		for day := first; day.Before(horizon); day = day.AddDate(0, 0, 1) {
			if me.rule == nil && day != first {
				break
			}
			if me.rule != nil {
				if !me.rule.names(first, day) {
					continue
				}
				if counted++; me.rule.count > 0 && counted > me.rule.count {
					break
				}
				if me.rule.until != "" && day.Format("20060102") > me.rule.until {
					break
				}
			}
			if me.rule != nil && day.Before(horizon.AddDate(0, 0, -60)) {
				continue // over by the time that is asked about
			}
			local := LocalDate(day.Format(time.DateOnly))
			if slices.Contains(e.Except, local) {
				continue
			}
			if len(e.Kinds) > 0 {
				c := calendars[e.Calendar]
				kind := Off
				if slices.Contains(c.Week, int(day.Weekday())) {
					kind = Working
				}
				if k, ok := c.Days[local]; ok {
					kind = k
				}
				if !slices.Contains(e.Kinds, kind) {
					continue
				}
			}
			shift := day.Sub(first)
			o := modelOccurrence{start: modelInstant(loc, start.Add(shift)), end: horizon.AddDate(100, 0, 0)}
			if e.End != "" {
				o.end = modelInstant(loc, end.Add(shift))
			}
			if o.end.After(o.start) {
				me.occs = append(me.occs, o)
			}
		}
		out.entries = append(out.entries, me)
	}
	return out
}

// valid lists the items of e's playlist that may show at t.
func (m *model) valid(e *modelEntry, t time.Time) (items []Item) {
	for _, it := range m.playlists[e.Playlist] {
		if s := m.slides[it.Slide]; s != nil && s.ValidAt(At(t)) {
			items = append(items, it)
		}
	}
	return items
}

func (m *model) dwell(it Item) time.Duration {
	ms := it.Dwell
	if ms == 0 {
		ms = m.slides[it.Slide].Dwell
	}
	if ms == 0 {
		ms = 12_000
	}
	return time.Duration(min(max(ms, 3_000), 600_000)) * time.Millisecond
}

type modelAnswer struct {
	slide, entry, playlist string
	why                    Why
	// showing names this one showing: it is equal at two moments of one
	// stretch exactly when nothing changed between them.
	showing string
}

type modelActive struct {
	e     *modelEntry
	start time.Time
}

func (m *model) at(t time.Time) modelAnswer {
	byClass := map[Priority][]modelActive{}
	highest := Priority(-1)
	for _, e := range m.entries {
		var a *modelActive
		for _, o := range e.occs {
			if !o.start.After(t) {
				a = nil
				if t.Before(o.end) {
					a = &modelActive{e, o.start}
				}
			}
		}
		if a == nil || len(m.valid(e, t)) == 0 {
			continue
		}
		if i := e.Interrupt; i != nil && int64(t.Sub(a.start)/time.Millisecond)%int64(i.Every*1000) >= int64(i.Seconds*1000) {
			continue
		}
		byClass[e.Priority] = append(byClass[e.Priority], *a)
		highest = max(highest, e.Priority)
	}
	if highest < 0 {
		return modelAnswer{why: ByNone, showing: t.UTC().Format(time.DateOnly)}
	}
	active := byClass[highest]
	slices.SortFunc(active, func(a, b modelActive) int {
		if c := a.start.Compare(b.start); c != 0 {
			return c
		}
		return strings.Compare(a.e.ID, b.e.ID)
	})
	var cutting []modelActive
	for _, a := range active {
		if a.e.Interrupt != nil {
			cutting = append(cutting, a)
		}
	}
	var ans modelAnswer
	if len(cutting) > 0 {
		ans = m.cut(cutting, t)
	} else {
		ans = m.loop(active, t)
	}
	if highest >= Emergency {
		ans.why = ByEmergency
	}
	return ans
}

// cut answers among the interrupts that want t.
func (m *model) cut(cutting []modelActive, t time.Time) modelAnswer {
	longest := cutting[0]
	for _, a := range cutting {
		if a.e.Interrupt.Every > longest.e.Interrupt.Every {
			longest = a
		}
	}
	cycle := func(a modelActive) int {
		return int(t.Sub(a.start) / (time.Duration(a.e.Interrupt.Every) * time.Second))
	}
	won := cutting[cycle(longest)%len(cutting)]
	n := cycle(won)
	every := time.Duration(won.e.Interrupt.Every) * time.Second
	aired := time.Duration(n/len(cutting))*time.Duration(won.e.Interrupt.Seconds)*time.Second + t.Sub(won.start) - time.Duration(n)*every
	items := m.valid(won.e, t)
	for round := 0; ; round++ {
		for i, it := range items {
			if aired < m.dwell(it) {
				return modelAnswer{
					it.Slide, won.e.ID, won.e.Playlist, ByInterrupt,
					fmt.Sprint("cut ", won.e.ID, won.start, n, len(cutting), items, round, i),
				}
			}
			aired -= m.dwell(it)
		}
	}
}

// loop answers among plain entries.
func (m *model) loop(active []modelActive, t time.Time) modelAnswer {
	anchor := active[0].start
	later := func(x time.Time) {
		if x.After(anchor) && !x.After(t) {
			anchor = x
		}
	}
	rounds := 0
	who := "loop "
	for _, a := range active {
		later(a.start)
		for _, it := range m.playlists[a.e.Playlist] {
			s := m.slides[it.Slide]
			if s == nil || s.From != 0 && s.Until != 0 && s.From >= s.Until {
				continue
			}
			if s.From != 0 {
				later(s.From.Time())
			}
			if s.Until != 0 {
				later(s.Until.Time())
			}
		}
		rounds = max(rounds, len(m.valid(a.e, t)))
		who += fmt.Sprint(a.e.ID, a.start, m.valid(a.e, t))
	}
	type turn struct {
		a  modelActive
		it Item
	}
	var deal []turn
	var whole time.Duration
	for k := range rounds {
		for _, a := range active {
			items := m.valid(a.e, t)
			deal = append(deal, turn{a, items[k%len(items)]})
			whole += m.dwell(items[k%len(items)])
		}
	}
	since := t.Sub(anchor)
	turns := since / whole
	since -= turns * whole
	for i, d := range deal {
		if since < m.dwell(d.it) {
			return modelAnswer{d.it.Slide, d.a.e.ID, d.a.e.Playlist, BySchedule, fmt.Sprint(who, anchor, int64(turns), i)}
		}
		since -= m.dwell(d.it)
	}
	panic("the loop is too short")
}
