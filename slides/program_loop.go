package slides

import (
	"slices"
	"sort"
)

// place is one playable item of a playlist.
type place struct {
	slide string
	dwell int64 // ms, MinDwell to MaxDwell
}

// view is the part of a playlist that is valid throughout one epoch.
type view struct {
	epoch  int
	places []place
	total  int64 // ms
}

// list is a playlist with its slides' validity. The moments at which one of
// them begins or ceases to be valid cut time into epochs: epoch n lies between
// edges n-1 and n.
type list struct {
	id     string
	slides []*Slide // as in the playlist, without the missing ones
	dwells []int64
	edges  []int64 // sorted, distinct
	views  [4]*view
}

func newList(l *Playlist, slides map[string]*Slide) *list {
	out := &list{id: l.ID}
	for _, it := range l.Items {
		s := slides[it.Slide]
		if s == nil {
			continue
		}
		if s.From != 0 && s.Until != 0 && s.From >= s.Until {
			continue // never valid
		}
		out.slides = append(out.slides, s)
		out.dwells = append(out.dwells, it.dwell(s).Milliseconds())
		for _, m := range []Millis{s.From, s.Until} {
			if m != 0 {
				out.edges = append(out.edges, int64(m))
			}
		}
	}
	slices.Sort(out.edges)
	out.edges = slices.Compact(out.edges)
	return out
}

// epoch is the number of l's edges at or before t.
func (l *list) epoch(t int64) int {
	return sort.Search(len(l.edges), func(i int) bool { return l.edges[i] > t })
}

// began is the first moment of the epoch; false for the first epoch.
func (l *list) began(epoch int) (int64, bool) {
	if epoch == 0 {
		return 0, false
	}
	return l.edges[epoch-1], true
}

// at is what of l is valid at t. It keeps the last few; the Program's lock guards them.
func (l *list) at(t int64) *view {
	n := l.epoch(t)
	slot := n % len(l.views)
	if v := l.views[slot]; v != nil && v.epoch == n {
		return v
	}
	v := &view{epoch: n}
	for i, s := range l.slides {
		if s.ValidAt(Millis(t)) {
			v.places = append(v.places, place{s.ID, l.dwells[i]})
			v.total += l.dwells[i]
		}
	}
	l.views[slot] = v
	return v
}

// loop interleaves views: round k takes place k mod len of each, for as many
// rounds as the longest has places. Its length grows with rounds × views, so
// only the rounds' ends are kept.
type loop struct {
	views  []*view
	rounds []int64 // rounds[k] is when round k ends, ms from the loop's start
}

func newLoop(views []*view) *loop {
	n := 0
	for _, v := range views {
		n = max(n, len(v.places))
	}
	lp := &loop{views: slices.Clone(views), rounds: make([]int64, n)}
	var at int64
	for k := range n {
		for _, v := range views {
			at += v.places[k%len(v.places)].dwell
		}
		lp.rounds[k] = at
	}
	return lp
}

// total is how long the loop is, ms; never 0.
func (lp *loop) total() int64 { return lp.rounds[len(lp.rounds)-1] }

// find returns which view's place shows at pos in [0, total), and the place's
// bounds in the loop.
func (lp *loop) find(pos int64) (which int, p place, from, until int64) {
	k := sort.Search(len(lp.rounds), func(i int) bool { return lp.rounds[i] > pos })
	if k > 0 {
		from = lp.rounds[k-1]
	}
	for i, v := range lp.views {
		p = v.places[k%len(v.places)]
		if until = from + p.dwell; pos < until {
			return i, p, from, until
		}
		from = until
	}
	panic("slides: position outside the loop")
}
