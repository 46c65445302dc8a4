package slides

import (
	"cmp"
	"slices"
	"time"
)

// Lot is what becomes of one entry at a moment.
type Lot string

// The lots. Shows has the slide on the screen; Shares is of the same class and
// has its turns in the same loop; Covered is on, but under a higher class;
// Interrupted is on, but an interrupt of its class takes this moment; Pauses is
// an interrupt between two of its cycles; Yields is an interrupt whose moment
// another one has; Empty is on, but none of its slides is valid now.
//
// The others are not on: Ended and NotYet have no occurrence any more, or none
// yet; OtherDay and OtherHours have none today, or none at this hour; Excepted
// and WrongKind would have one, but for the date being left out or of another
// kind of day.
const (
	Shows       Lot = "shows"
	Shares      Lot = "shares"
	Covered     Lot = "covered"
	Interrupted Lot = "interrupted"
	Pauses      Lot = "pauses"
	Yields      Lot = "yields"
	Empty       Lot = "empty"
	NotYet      Lot = "not-yet"
	Ended       Lot = "ended"
	OtherDay    Lot = "other-day"
	OtherHours  Lot = "other-hours"
	Excepted    Lot = "excepted"
	WrongKind   Lot = "wrong-kind"
)

// Reason is one entry's lot and what it comes from.
type Reason struct {
	Entry, Playlist string
	Class           Priority
	Lot             Lot
	Occurrence      Occurrence // the one that is on, or of today; zero without
	Next            time.Time  // the next one's start within a week; zero without
	Kind            DayKind    // of WrongKind: what the day is
}

// Explain answers what shows at t with what became of every entry, the winner
// first, then by falling class and by lot. The showing is At's.
func (p *Program) Explain(t time.Time) (Showing, []Reason) {
	s := p.At(t)
	p.mu.Lock()
	defer p.mu.Unlock()
	ms := min(max(t.UnixMilli(), earliest), latestMoment)
	w := p.window(ms)
	st := p.state(w, ms)
	out := make([]Reason, 0, len(p.airings))
	for i, a := range p.airings {
		r := Reason{Entry: a.id, Playlist: a.playlist, Class: a.class}
		if o, ok := p.active(w, i, ms); ok {
			r.Occurrence = a.occurrence(o)
			r.Lot = p.lot(&st, i, o, ms, s.Entry)
		} else {
			r.Lot = a.absent(ms, &r)
		}
		for _, o := range w.occs[i] {
			if o.start > ms && (r.Next.IsZero() || o.start < r.Next.UnixMilli()) {
				r.Next = time.UnixMilli(o.start).UTC()
			}
		}
		out = append(out, r)
	}
	rank := []Lot{Shows, Shares, Interrupted, Yields, Pauses, Covered, Empty, OtherHours, WrongKind, Excepted, OtherDay, NotYet, Ended}
	slices.SortStableFunc(out, func(a, b Reason) int {
		return cmp.Or(cmp.Compare(slices.Index(rank, a.Lot), slices.Index(rank, b.Lot)), cmp.Compare(b.Class, a.Class))
	})
	return s, out
}

// lot is what becomes of airing i, which is on in occurrence o.
func (p *Program) lot(st *state, i int, o occurrence, ms int64, shows string) Lot {
	a := p.airings[i]
	won := slices.ContainsFunc(st.winners, func(x winner) bool { return x.airing == i })
	switch {
	case len(a.list.at(ms).places) == 0:
		return Empty
	case won && a.id == shows:
		return Shows
	case won:
		return Shares
	case a.class < st.class:
		return Covered
	case a.every > 0 && (ms-o.start)%a.every >= a.secs:
		return Pauses
	case a.every > 0:
		return Yields
	}
	return Interrupted
}

// absent says why an airing has no occurrence at ms.
func (a *airing) absent(ms int64, r *Reason) Lot {
	local := time.UnixMilli(ms).In(a.loc)
	today := int(time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, time.UTC).Unix() / daySeconds)
	named := today == a.start.number
	if a.rule != nil {
		named = false
		if today >= a.first && today <= a.last {
			a.rule.expand(a.start, today, today, func(int) bool { named = true; return false })
		}
	}
	switch {
	case today < a.start.number || a.rule != nil && today < a.first:
		return NotYet
	case a.rule == nil && !named, a.rule != nil && (today > a.last || !a.inUntil(today)):
		return Ended
	case !named:
		return OtherDay
	case a.except[today]:
		return Excepted
	}
	if o, ok := a.on(today); ok {
		r.Occurrence = a.occurrence(o)
		if a.rule == nil {
			if ms < o.start {
				return NotYet
			}
			return Ended
		}
		return OtherHours
	}
	if a.calendar != nil {
		r.Kind = a.calendar.Kind(LocalDate(local.Format(time.DateOnly)))
		return WrongKind
	}
	return OtherDay
}

// Stretch is a time in which the same entries are on the air.
type Stretch struct {
	From, Until time.Time
	Class       Priority
	Entries     []string // plain ones of the class, which take turns; none: nothing plain is on
	Interrupts  []string // those that cut in now and then
}

// Stretches deals [from, to) into the times in which the same entries are on
// the air, without gaps between them: one without entries is a time in which
// nothing is scheduled. It costs as much as there are occurrences; ask for weeks,
// not for years.
func (p *Program) Stretches(from, to time.Time) []Stretch {
	p.mu.Lock()
	defer p.mu.Unlock()
	begin, end := from.UnixMilli(), to.UnixMilli()
	occs := make([][]occurrence, len(p.airings))
	bounds := []int64{begin, end}
	for i, a := range p.airings {
		occs[i] = a.between(begin-windowMargin, end+windowMargin)
		for _, o := range occs[i] {
			bounds = append(bounds, o.start, o.end)
		}
		bounds = append(bounds, a.list.edges...)
	}
	slices.Sort(bounds)
	bounds = slices.Compact(bounds)
	var out []Stretch
	for n, at := range bounds[:len(bounds)-1] {
		if at < begin || at >= end {
			continue
		}
		s := p.stretch(occs, at)
		s.From, s.Until = time.UnixMilli(at).UTC(), time.UnixMilli(min(bounds[n+1], end)).UTC()
		if k := len(out) - 1; k >= 0 && out[k].Class == s.Class && slices.Equal(out[k].Entries, s.Entries) && slices.Equal(out[k].Interrupts, s.Interrupts) {
			out[k].Until = s.Until
			continue
		}
		out = append(out, s)
	}
	return out
}

// stretch is who is on at the moment at, without bounds.
func (p *Program) stretch(occs [][]occurrence, at int64) Stretch {
	s := Stretch{Class: -1}
	for i, a := range p.airings {
		if a.class < s.Class {
			break
		}
		k := latest(occs[i], at)
		if k < 0 || at >= occs[i][k].end || len(a.list.at(at).places) == 0 {
			continue
		}
		if a.every > 0 {
			s.Interrupts = append(s.Interrupts, a.id)
			continue
		}
		s.Class = a.class
		s.Entries = append(s.Entries, a.id)
	}
	return s
}
