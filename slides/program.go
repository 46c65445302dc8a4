package slides

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Program answers what shows at any moment. It is compiled from a manifest's
// schedule and never changes; an answer depends on nothing but the moment, so
// the studio can answer for any kiosk, kiosks of a class stay in step, and a
// kiosk rejoins the loop after a touch. Safe for concurrent use.
//
// # Who is on the air
//
// An entry is active at t while t lies in its latest occurrence that has begun
// and its playlist has a slide valid at t. The highest class that has an active
// entry is on the air. An entry with an Interrupt is active only while
// (t - occurrence's start) mod Every < Seconds; then it hides the plain entries
// of its class. Interrupts of one class that want the same moment take turns:
// sorted by (occurrence's start, id), the n-th is chosen, where n is the cycle
// number of the one with the longest Every (the first of these), modulo their
// number.
//
// # What of them shows
//
// Plain entries, sorted by (occurrence's start, id), interleave: round k takes
// the valid slide k mod len of each playlist, for as many rounds as the longest
// has valid slides. The loop runs from its anchor, the latest of: the winners'
// occurrence starts, and the moments up to t at which slides of their playlists
// began or ceased to be valid. An end is no anchor: when an entry ends, the
// others go on as if it had never been there, and after an emergency the loop
// is where it would have been. So the anchor needs no memory of what is over.
//
// An interrupt goes through its playlist from cycle to cycle: in cycle n (from
// 0) of an occurrence it has been on the air for n × Seconds, or, where m
// interrupts share the moment, for (n / m, rounded down) × Seconds; a slide that
// the end of a cycle cuts goes on in the next.
//
// Slides stay for the item's dwell, else their own, both in [MinDwell, MaxDwell].
type Program struct {
	airings []*airing // by falling class, then id; static

	mu      sync.Mutex // guards all below, and the views of lists
	windows [3]*window
	loops   [8]*loop
	loopAt  int
	known   [4]Showing // last answers
	knownAt int
}

// NewProgram compiles the schedule of m with the slides that are there; slides
// that are missing are skipped. The error is of kind Invalid and lists all that
// must be mended. m and slides must not change afterwards.
func NewProgram(m *Manifest, slides map[string]*Slide) (*Program, error) {
	var problems Problems
	p := &Program{}
	if len(m.Schedule) > MaxEntries {
		problems.Add("schedule", fmt.Sprintf("Có %d lịch phát, tối đa %d; hãy gộp bớt.", len(m.Schedule), MaxEntries),
			fmt.Sprintf("There are %d entries, at most %d; merge some.", len(m.Schedule), MaxEntries))
		return nil, problems.Err("slides.NewProgram")
	}
	playlists := map[string]*Playlist{}
	for i := range m.Playlists {
		playlists[m.Playlists[i].ID] = &m.Playlists[i]
	}
	calendars := map[string]*Calendar{}
	for i := range m.Calendars {
		calendars[m.Calendars[i].ID] = &m.Calendars[i]
	}
	lists, ids := map[string]*list{}, map[string]bool{}
	for i := range m.Schedule {
		e, path := &m.Schedule[i], fmt.Sprintf("schedule.%d", i)
		a := readEntry(e, &problems, path)
		checkNames(e, &problems, path, ids, playlists, calendars)
		if len(problems.List) > 0 {
			continue
		}
		if lists[e.Playlist] == nil {
			lists[e.Playlist] = newList(playlists[e.Playlist], slides)
		}
		a.list, a.calendar = lists[e.Playlist], calendars[e.Calendar]
		p.airings = append(p.airings, a)
	}
	if err := problems.Err("slides.NewProgram"); err != nil {
		return nil, err
	}
	slices.SortFunc(p.airings, func(a, b *airing) int {
		return cmp.Or(cmp.Compare(b.class, a.class), cmp.Compare(a.id, b.id))
	})
	return p, nil
}

// checkNames reports an entry's doubled id and dangling names.
func checkNames(e *Entry, p *Problems, path string, ids map[string]bool, playlists map[string]*Playlist, calendars map[string]*Calendar) {
	if ids[e.ID] {
		p.Add(path+".id", "Mã lịch phát bị trùng: "+e.ID, "The entry's id is doubled: "+e.ID)
	}
	ids[e.ID] = true
	switch l := playlists[e.Playlist]; {
	case e.Playlist == "": // readEntry has said so
	case l == nil:
		p.Add(path+".playlist", "Lịch phát có danh sách không tồn tại: "+e.Playlist, "The entry names a playlist that is not here: "+e.Playlist)
	case len(l.Items) > MaxItems:
		p.Add(path+".playlist", fmt.Sprintf("Danh sách %s có %d trang, tối đa %d; hãy chia nhỏ.", l.ID, len(l.Items), MaxItems),
			fmt.Sprintf("The playlist %s has %d slides, at most %d; split it.", l.ID, len(l.Items), MaxItems))
	}
	if e.Calendar != "" && calendars[e.Calendar] == nil {
		p.Add(path+".calendar", "Lịch làm việc không tồn tại: "+e.Calendar, "The entry names a calendar that is not here: "+e.Calendar)
	}
}

// At answers what shows at t, to the millisecond. The same answer holds for
// every moment in [From, Until), and From <= t < Until <= t+Horizon.
//
// Where a slide shows, From and Until are the bounds of this showing: its own
// turn, cut where another entry takes the screen or the loop is dealt anew.
// Where nothing is scheduled they are the nearest moments at which that may
// change, cut at each UTC midnight.
//
// An answer costs a few microseconds; the first one of a week reads that week's
// occurrences, well under a millisecond for 200 entries.
func (p *Program) At(t time.Time) Showing {
	p.mu.Lock()
	defer p.mu.Unlock()
	ms := min(max(t.UnixMilli(), earliest), latestMoment)
	for _, s := range p.known {
		if !s.Until.IsZero() && ms >= s.From.UnixMilli() && ms < s.Until.UnixMilli() {
			return s
		}
	}
	s := p.answer(ms)
	p.known[p.knownAt%len(p.known)] = s
	p.knownAt++
	return s
}

// Moments outside the years 1 to 9999 are answered as their nearest one.
const (
	earliest     = -62_135_596_800_000
	latestMoment = 253_402_300_799_999
)

func (p *Program) answer(ms int64) Showing {
	const day = daySeconds * 1000
	w := p.window(ms)
	st := p.state(w, ms)
	none := len(st.winners) == 0
	var sl slot
	if none {
		sl.from = floorDiv(ms, day) * day
		sl.until = sl.from + day
	} else {
		sl = p.slot(&st, ms)
	}
	for at := ms; ; {
		if at = p.after(w, st.class, at, sl.until); at == sl.until {
			break
		}
		if other := p.state(w, at); !other.same(&st) {
			sl.until = at
			break
		}
	}
	for at := ms; ; at-- {
		if at = p.before(w, st.class, at, sl.from); at == sl.from {
			break
		}
		if other := p.state(w, at-1); !other.same(&st) {
			sl.from = at
			break
		}
	}
	s := Showing{Why: ByNone, From: time.UnixMilli(sl.from).UTC(), Until: time.UnixMilli(sl.until).UTC()}
	if next := p.state(w, sl.until); len(next.winners) > 0 {
		s.Next = p.slot(&next, sl.until).slide
	}
	if none {
		return s
	}
	a := p.airings[sl.airing]
	s.Slide, s.Entry, s.Playlist, s.Why = sl.slide, a.id, a.playlist, BySchedule
	switch {
	case a.class >= Emergency:
		s.Why = ByEmergency
	case st.interrupt:
		s.Why = ByInterrupt
	}
	return s
}

// window is the one whose week holds ms.
func (p *Program) window(ms int64) *window {
	n := floorDiv(ms, windowLen)
	for _, w := range p.windows {
		if w != nil && w.number == n {
			return w
		}
	}
	w := &window{number: n, from: n*windowLen - windowMargin, until: (n+1)*windowLen + windowMargin, occs: make([][]occurrence, len(p.airings))}
	for i, a := range p.airings {
		w.occs[i] = a.between(w.from, w.until)
	}
	p.windows[floorMod(n, int64(len(p.windows)))] = w
	return w
}

func floorMod(a, b int64) int64 { return a - floorDiv(a, b)*b }
