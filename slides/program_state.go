package slides

import "slices"

// window holds the occurrences that meet [from, until), for each airing. It is
// static after construction: which window answers a question never changes the
// answer.
type window struct {
	number      int64
	from, until int64
	occs        [][]occurrence
}

// Windows are a week, and reach over both ends by more than Horizon, so that
// one answers everything about a moment in its week.
const (
	windowLen    = 7 * daySeconds * 1000
	windowMargin = 2 * daySeconds * 1000
)

// winner is an airing that is on the air, with the occurrence and the epoch of
// its playlist that put it there.
type winner struct {
	airing int
	start  int64
	view   *view
	epoch  int
}

// state is who is on the air at a moment. Two moments with equal states lie in
// the same loop, at the same anchor.
type state struct {
	winners   []winner // none: nothing is scheduled
	class     Priority
	interrupt bool
	cycle     int64 // of the interrupt
	turns     int64 // how many interrupts share this cycle
}

func (s *state) same(o *state) bool {
	return s.interrupt == o.interrupt && s.cycle == o.cycle && s.turns == o.turns && s.class == o.class &&
		slices.EqualFunc(s.winners, o.winners, func(a, b winner) bool {
			return a.airing == b.airing && a.start == b.start && a.epoch == b.epoch
		})
}

// active is the latest occurrence of airing i that has begun, if t lies in it.
func (p *Program) active(w *window, i int, t int64) (occurrence, bool) {
	occs := w.occs[i]
	k := latest(occs, t)
	if k < 0 || t >= occs[k].end {
		return occurrence{}, false
	}
	return occs[k], true
}

// state finds who is on the air at t. Airings are sorted by falling class, so
// the first class that has anybody ends the search.
func (p *Program) state(w *window, t int64) state {
	var normal, cutting []winner
	for i, a := range p.airings {
		if len(normal)+len(cutting) > 0 && a.class < p.airings[i-1].class {
			break
		}
		o, ok := p.active(w, i, t)
		if !ok || a.every > 0 && (t-o.start)%a.every >= a.secs {
			continue
		}
		v := a.list.at(t)
		if len(v.places) == 0 {
			continue
		}
		if a.every > 0 {
			cutting = append(cutting, winner{i, o.start, v, v.epoch})
		} else {
			normal = append(normal, winner{i, o.start, v, v.epoch})
		}
	}
	switch {
	case len(cutting) > 0:
		return p.turn(cutting, t)
	case len(normal) > 0:
		p.order(normal)
		return state{winners: normal, class: p.airings[normal[0].airing].class}
	}
	return state{class: -1}
}

// order sorts winners by (occurrence start, id).
func (p *Program) order(ws []winner) {
	slices.SortStableFunc(ws, func(a, b winner) int {
		switch {
		case a.start < b.start:
			return -1
		case a.start > b.start:
			return 1
		}
		return a.airing - b.airing // within a class, airings are sorted by id
	})
}

// turn chooses among interrupts that want the same moment. They take turns by
// the cycle number of the one that comes round least often, so that one whose
// every cycle meets another's is not starved.
func (p *Program) turn(ws []winner, t int64) state {
	p.order(ws)
	slowest := ws[0]
	for _, x := range ws[1:] {
		if p.airings[x.airing].every > p.airings[slowest.airing].every {
			slowest = x
		}
	}
	n := (t - slowest.start) / p.airings[slowest.airing].every
	won := ws[n%int64(len(ws))]
	a := p.airings[won.airing]
	return state{
		winners: []winner{won}, class: a.class, interrupt: true,
		cycle: (t - won.start) / a.every, turns: int64(len(ws)),
	}
}

// slot is one showing before other entries cut it short.
type slot struct {
	airing      int
	slide       string
	from, until int64
}

// slot finds the place that s shows at t.
func (p *Program) slot(s *state, t int64) slot {
	views := make([]*view, len(s.winners))
	for i, x := range s.winners {
		views[i] = x.view
	}
	lp := p.loop(views)
	if s.interrupt {
		x := s.winners[0]
		a := p.airings[x.airing]
		begin := x.start + s.cycle*a.every
		// Air time of the cycles before, as if each had been shared like this one.
		before := s.cycle / s.turns * a.secs
		pos := (before + t - begin) % lp.total()
		_, pl, from, until := lp.find(pos)
		return slot{x.airing, pl.slide, t - pos + from, t - pos + until}
	}
	anchor := s.winners[0].start
	for _, x := range s.winners {
		anchor = max(anchor, x.start)
		if e, ok := p.airings[x.airing].list.began(x.epoch); ok {
			anchor = max(anchor, e)
		}
	}
	pos := (t - anchor) % lp.total()
	which, pl, from, until := lp.find(pos)
	return slot{s.winners[which].airing, pl.slide, t - pos + from, t - pos + until}
}

// loop builds a loop, or takes it from the few last ones.
func (p *Program) loop(views []*view) *loop {
	for _, lp := range p.loops {
		if lp != nil && slices.Equal(lp.views, views) {
			return lp
		}
	}
	lp := newLoop(views)
	p.loops[p.loopAt%len(p.loops)] = lp
	p.loopAt++
	return lp
}

// after is the first moment in (t, limit) at which an airing of class or above
// may come, go, interrupt or change its valid slides; limit when there is none.
func (p *Program) after(w *window, class Priority, t, limit int64) int64 {
	best := limit
	see := func(e int64) {
		if e > t && e < best {
			best = e
		}
	}
	for i, a := range p.airings {
		if a.class < class {
			break
		}
		occs := w.occs[i]
		k := latest(occs, t)
		if k+1 < len(occs) {
			see(occs[k+1].start)
		}
		if k < 0 || t >= occs[k].end {
			continue
		}
		see(occs[k].end)
		if a.every > 0 {
			cycle := t - (t-occs[k].start)%a.every
			see(cycle + a.secs)
			see(cycle + a.every)
		}
		if n := a.list.epoch(t); n < len(a.list.edges) {
			see(a.list.edges[n])
		}
	}
	return best
}

// before is the last moment in (limit, t] of those that after describes; limit
// when there is none.
func (p *Program) before(w *window, class Priority, t, limit int64) int64 {
	best := limit
	see := func(e int64) {
		if e <= t && e > best {
			best = e
		}
	}
	for i, a := range p.airings {
		if a.class < class {
			break
		}
		occs := w.occs[i]
		k := latest(occs, t)
		if k < 0 {
			continue
		}
		see(occs[k].start)
		if t >= occs[k].end {
			see(occs[k].end)
			continue
		}
		if a.every > 0 {
			cycle := t - (t-occs[k].start)%a.every
			see(cycle)
			see(cycle + a.secs)
		}
		if e, ok := a.list.began(a.list.epoch(t)); ok {
			see(e)
		}
	}
	return best
}
