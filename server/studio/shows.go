package studio

import (
	"net/http"
	"slices"
	"time"

	"motcua/server/reckon"
	"motcua/server/store"
	"motcua/slides"
)

type showsPage struct {
	Kiosk   store.KioskStatus
	At      string // wall clock of the kiosk's zone
	Drafts  bool
	None    bool // nothing was ever published for it
	Open    bool
	Next    string // when it opens
	Showing slides.Showing
	Slide   string
	List    string
	From    string
	Until   string
	After   string // the slide after it
	Reasons []showsReason
	Strip   []stripBar
	Hours   []stripHour
	Marks   []dayMark
	Day     slides.LocalDate
}

type showsReason struct {
	slides.Reason
	List, Sentence, Next, Kind string
	Link                       bool
}

// stripBar is a part of the day strip: 1440 wide, a minute each. Interrupts are
// thin bars below what they cut into.
type stripBar struct {
	X, W  int
	Y, H  int
	Class string // class-normal …, "gap", "shut"
	Title string
}

type stripHour struct {
	At, Hour int
	Class    string
}

// dayMark is a gap or a clash of a day.
type dayMark struct {
	Clash       bool
	From, Until time.Time
	Entries     []string
}

// kioskShows answers what a kiosk shows at a moment, and why.
func (s *server) kioskShows(q *request) error {
	ctx := q.r.Context()
	k, err := s.Store.KioskStatus(ctx, q.r.PathValue("id"))
	if err != nil {
		return err
	}
	zone, err := q.zoneOf(k.Unit)
	if err != nil {
		return err
	}
	v := q.r.URL.Query()
	at := s.Store.Now().Time().In(zone)
	if t, err := time.ParseInLocation(momentLayout, trimSeconds(v.Get("at")), zone); err == nil {
		at = t
	}
	p := showsPage{Kiosk: k, At: at.Format(momentLayout), Drafts: v.Get("of") == "drafts", Day: slides.LocalDate(at.Format(time.DateOnly))}
	var r *reckon.Program
	if p.Drafts {
		r, err = s.programs.Drafted(ctx, k.ID)
	} else {
		r, err = s.programs.Live(ctx, k.Class)
	}
	if slides.KindOf(err) == slides.NotFound {
		p.None = true
		return q.render(http.StatusOK, "shows", p)
	}
	if err != nil {
		return err
	}
	q.fillShows(&p, r, at, zone)
	return q.render(http.StatusOK, "shows", p)
}

func (q *request) fillShows(p *showsPage, r *reckon.Program, at time.Time, zone *time.Location) {
	title := func(id string) string {
		if sl := r.Slides[id]; sl != nil {
			return sl.Title.In(q.lang)
		}
		return id
	}
	clock := func(t time.Time) string { return t.In(zone).Format("15:04:05") }
	var next time.Time
	p.Open, next = p.Kiosk.Works.OpenOn(at, r.Manifest.Working())
	p.Next = q.moment(next.In(zone))
	if next.IsZero() {
		p.Next = ""
	}
	var reasons []slides.Reason
	p.Showing, reasons = r.Explain(at)
	p.From, p.Until = clock(p.Showing.From), clock(p.Showing.Until)
	if p.Showing.Slide != "" {
		p.Slide, p.List = title(p.Showing.Slide), r.Playlist(p.Showing.Playlist)
	}
	if p.Showing.Next != "" {
		p.After = title(p.Showing.Next)
	}
	for _, x := range reasons {
		row := showsReason{Reason: x, List: r.Playlist(x.Playlist), Link: true}
		if e := r.Entry(x.Entry); e != nil {
			row.Sentence = e.Sentence(q.lang)
		}
		if !x.Next.IsZero() {
			row.Next = q.moment(x.Next.In(zone))
		}
		if x.Kind != "" {
			row.Kind = q.words.say(q.lang, "daykind."+string(x.Kind))
		}
		p.Reasons = append(p.Reasons, row)
	}
	start := time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, zone)
	end := start.AddDate(0, 0, 1)
	minute := func(t time.Time) int { return min(max(int(t.Sub(start).Minutes()), 0), 1440) }
	list := r.Stretches(start, end)
	for _, x := range list {
		bar := stripBar{X: minute(x.From), W: minute(x.Until) - minute(x.From), Y: 10, H: 56, Class: "none"}
		names := make([]string, 0, len(x.Entries))
		for _, id := range x.Entries {
			if e := r.Entry(id); e != nil {
				names = append(names, r.Playlist(e.Playlist))
			}
		}
		if len(names) > 0 {
			bar.Class = "class-" + className(x.Class)
		}
		bar.Title = clock(x.From)[:5] + "–" + clock(x.Until)[:5] + joinAfter(": ", names)
		p.Strip = append(p.Strip, bar)
		for _, id := range x.Interrupts {
			if e := r.Entry(id); e != nil {
				p.Strip = append(p.Strip, stripBar{X: bar.X, W: bar.W, Y: 68, H: 12, Class: "class-" + className(e.Priority), Title: r.Playlist(e.Playlist) + ": " + e.Sentence(q.lang)})
			}
		}
	}
	for h := 0; h <= 24; h += 3 {
		x := stripHour{At: h * 60, Hour: h, Class: "middle"}
		if h == 24 {
			x.Class = "end"
		} else if h == 0 {
			x.Class = ""
		}
		p.Hours = append(p.Hours, x)
	}
	p.Marks = dayMarks(list, reckon.OpenTimes(&p.Kiosk.Works, r.Manifest.Working(), start, end))
	for i := range p.Marks {
		p.Marks[i].From, p.Marks[i].Until = p.Marks[i].From.In(zone), p.Marks[i].Until.In(zone)
	}
	for i := range p.Marks {
		for j, id := range p.Marks[i].Entries {
			if e := r.Entry(id); e != nil {
				p.Marks[i].Entries[j] = r.Playlist(e.Playlist)
			}
		}
		if m := p.Marks[i]; !m.Clash {
			p.Strip = append(p.Strip, stripBar{X: minute(m.From), W: minute(m.Until) - minute(m.From), Y: 10, H: 56, Class: "gap", Title: clock(m.From)[:5] + "–" + clock(m.Until)[:5]})
		}
	}
}

func joinAfter(sep string, list []string) string {
	if len(list) == 0 {
		return ""
	}
	out := sep
	for i, x := range list {
		if i > 0 {
			out += ", "
		}
		out += x
	}
	return out
}

// moment writes a moment in its own zone: "9:40 thứ Năm 26/11".
func (q *request) moment(t time.Time) string {
	day := q.words.say(q.lang, [7]string{"weekday.6", "weekday.0", "weekday.1", "weekday.2", "weekday.3", "weekday.4", "weekday.5"}[t.Weekday()])
	if q.lang == "en" {
		return t.Format("15:04 ") + day + t.Format(" 2 Jan")
	}
	return t.Format("15:04 ") + day + t.Format(" 2/1")
}

// dayMarks finds, within the open times, those without any plain entry and
// those that several of the highest class share. Shared ones take turns, which
// may be meant: the mark says so and is no error.
func dayMarks(list []slides.Stretch, open []reckon.Times) []dayMark {
	var out []dayMark
	for _, x := range list {
		if len(x.Entries) == 1 {
			continue
		}
		for _, o := range open {
			both, some := o.And(reckon.Times{From: x.From, Until: x.Until})
			if !some {
				continue
			}
			m := dayMark{Clash: len(x.Entries) > 1, From: both.From, Until: both.Until, Entries: slices.Clone(x.Entries)}
			if k := len(out) - 1; k >= 0 && out[k].Until.Equal(m.From) && slices.Equal(out[k].Entries, m.Entries) {
				out[k].Until = m.Until
				continue
			}
			out = append(out, m)
		}
	}
	return out
}
