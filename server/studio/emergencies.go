package studio

import (
	"fmt"
	"net/http"
	"slices"

	"motcua/server/auth"
	"motcua/server/compile"
	"motcua/server/store"
	"motcua/slides"
)

type emergenciesPage struct {
	Rows     []emergencyRow
	F        emergencyForm
	Slides   []choice
	Units    []choice
	Kiosks   []choice
	Lengths  []choice
	Problems problems
}

// emergencyForm is what was typed.
type emergencyForm struct {
	Text, TextEn, Slide, Where, Minutes string
	Units, Kiosks                       []string
}

// emergencyRow is one emergency for a list.
type emergencyRow struct {
	store.Emergency
	State  store.EmergencyState
	What   string
	Places string
	Asked  string // who
	By     string // who decided
	Ended  string // who ended it early
}

// emergencyLengths are the minutes that the form offers.
var emergencyLengths = []int{15, 30, 60, 120, 240, 480, 1440}

func ofEmergency(q *request) (string, error) {
	e, err := q.Store.Emergency(q.r.Context(), q.r.PathValue("id"))
	return e.Unit, err
}

func (s *server) emergencyList(q *request) error {
	f := emergencyForm{Where: "all", Minutes: "60"}
	reach, err := q.reach(auth.Emergency)
	if err != nil {
		return err
	}
	if !reach.Everywhere() {
		f.Where = "some"
	}
	return q.emergencies(http.StatusOK, f, nil)
}

func (q *request) emergencies(status int, f emergencyForm, pr problems) error {
	p := emergenciesPage{F: f, Problems: pr}
	ctx := q.r.Context()
	list, err := q.Store.Emergencies(ctx, 50)
	if err != nil {
		return err
	}
	reach, err := q.reach(auth.Emergency)
	if err != nil {
		return err
	}
	list = keep(list, func(e store.Emergency) bool { return reach.In(e.Unit) })
	if p.Rows, err = q.emergencyRows(list); err != nil {
		return err
	}
	seen, err := q.contentUnits()
	if err != nil {
		return err
	}
	rows, err := q.Store.Slides(ctx, store.SlideFilter{Units: seen, Limit: 500})
	if err != nil {
		return err
	}
	for _, r := range rows {
		if r.State != store.Recalled && r.State != store.Removing && (r.Live > 0 || reach.In(r.Unit)) {
			p.Slides = append(p.Slides, choice{r.ID, r.Slide.Title.In(q.lang), r.ID == f.Slide})
		}
	}
	units, err := q.unitsFor(auth.Emergency)
	if err != nil {
		return err
	}
	for _, u := range units {
		p.Units = append(p.Units, choice{u.ID, u.Name.In(q.lang), slices.Contains(f.Units, u.ID)})
	}
	kiosks, err := q.kiosksFor(auth.Emergency)
	if err != nil {
		return err
	}
	for _, k := range kiosks {
		p.Kiosks = append(p.Kiosks, choice{k.ID, k.Name, slices.Contains(f.Kiosks, k.ID)})
	}
	for _, m := range emergencyLengths {
		p.Lengths = append(p.Lengths, choice{fmt.Sprint(m), q.minutes(m), fmt.Sprint(m) == f.Minutes})
	}
	return q.render(status, "emergencies", p)
}

// minutes writes a length: "30 phút", "2 giờ".
func (q *request) minutes(m int) string {
	if m%60 == 0 {
		return q.words.say(q.lang, "emergency.hours", m/60)
	}
	return q.words.say(q.lang, "emergency.minutes", m)
}

func (q *request) emergencyRows(list []store.Emergency) ([]emergencyRow, error) {
	users, err := q.userNames()
	if err != nil {
		return nil, err
	}
	names, err := q.placeNames()
	if err != nil {
		return nil, err
	}
	out := make([]emergencyRow, 0, len(list))
	for _, e := range list {
		r := emergencyRow{Emergency: e, State: e.State(q.Store.Now()), What: e.Text.In(q.lang), Places: q.whereWords(&e.Where, names), Asked: users[e.Asker], By: users[e.Decider], Ended: users[e.Ender]}
		if e.Slide != "" {
			r.What = q.slideTitle(e.Slide)
		}
		out = append(out, r)
	}
	return out, nil
}

func (s *server) emergencyAsk(q *request) error {
	v := q.r.PostForm
	f := emergencyForm{Text: slides.Clean(v.Get("text")), TextEn: slides.Clean(v.Get("text.en")), Slide: short(v.Get("slide")), Where: v.Get("where"), Minutes: short(v.Get("minutes")), Units: v["unit"], Kiosks: v["kiosk"]}
	units, err := q.unitsFor(auth.Emergency)
	if err != nil {
		return err
	}
	e := store.Emergency{Slide: f.Slide, Minutes: number(f.Minutes), Zone: q.zone.String()}
	if f.Text != "" || f.TextEn != "" {
		e.Slide, e.Text = "", slides.Text{"vi": f.Text}
		if f.TextEn != "" {
			e.Text["en"] = f.TextEn
		}
	}
	e.Where = compile.Where{Units: f.Units, Kiosks: f.Kiosks}
	if f.Where == "all" {
		e.Where = compile.Where{All: true}
	}
	if len(units) > 0 {
		if e.Unit, err = q.lowestOver(&e.Where, units[0].ID); err != nil {
			return err
		}
		zone, err := q.zoneOf(e.Unit)
		if err != nil {
			return err
		}
		e.Zone = zone.String()
	}
	var p slides.Problems
	if err := q.emergencyReached(&e.Where, &p); err != nil {
		return err
	}
	if e.Slide != "" {
		if err := q.emergencySlide(e.Slide, &p); err != nil {
			return err
		}
	}
	if err = p.Err("studio.emergencyAsk"); err == nil {
		if e, err = s.Store.AskEmergency(q.r.Context(), q.session.Actor(), e); err == nil {
			return q.to("/studio/emergencies/"+e.ID, "emergency-asked")
		}
	}
	pr, ok := q.problems(err)
	if !ok {
		return err
	}
	return q.emergencies(slides.KindOf(err).Status(), f, pr)
}

// lowestOver is the lowest unit that all the places belong to, so that whoever has
// the right there may confirm; top where they are all, have none in common, or it
// is not the asker's.
func (q *request) lowestOver(w *compile.Where, top string) (string, error) {
	if err := q.loadTree(); err != nil || w.All {
		return top, err
	}
	places := slices.Clone(w.Units)
	for _, id := range w.Kiosks {
		k, err := q.Store.Kiosk(q.r.Context(), id)
		if slides.KindOf(err) == slides.NotFound {
			return top, nil // emergencyReached refuses it
		}
		if err != nil {
			return "", err
		}
		places = append(places, k.Unit)
	}
	var over []string // units over all places, from the lowest
	for i, u := range places {
		path := q.above(u)
		if i == 0 {
			over = path
		} else {
			over = keep(over, func(x string) bool { return slices.Contains(path, x) })
		}
	}
	reach, err := q.reach(auth.Emergency)
	if err != nil || len(over) == 0 || !reach.In(over[0]) {
		return top, err
	}
	return over[0], nil
}

// emergencyReached refuses places outside the units in which the session may
// override the screens.
func (q *request) emergencyReached(w *compile.Where, p *slides.Problems) error {
	reach, err := q.reach(auth.Emergency)
	if err != nil || reach.Everywhere() {
		return err
	}
	kiosks, err := q.kiosksFor(auth.Emergency)
	if err != nil {
		return err
	}
	outside := w.All || slices.ContainsFunc(w.Units, func(u string) bool { return !reach.In(u) })
	for _, id := range w.Kiosks {
		outside = outside || !slices.ContainsFunc(kiosks, func(k store.KioskStatus) bool { return k.ID == id })
	}
	if outside {
		p.Add("where", q.words.say("vi", "entry.outside"), q.words.say("en", "entry.outside"))
	}
	return nil
}

// emergencySlide refuses another unit's slide, and one of above that is not live:
// to show it would publish it.
func (q *request) emergencySlide(id string, p *slides.Problems) error {
	i, err := q.Store.Item(q.r.Context(), store.ItemRef{Type: store.SlideItem, ID: id})
	if slides.KindOf(err) == slides.NotFound {
		return nil // the store says so
	}
	if err != nil {
		return err
	}
	sees, err := q.sees()
	if err != nil {
		return err
	}
	reach, err := q.reach(auth.Emergency)
	if err == nil && !reach.In(i.Unit) && (i.Live == 0 || !sees(i.Unit)) {
		p.Add("slide", q.words.say("vi", "error.unit"), q.words.say("en", "error.unit"))
	}
	return err
}

type emergencyPage struct {
	emergencyRow
	Mine    bool // the session asked for it: another must confirm
	Kiosks  []emergencyKiosk
	Total   int
	Showing int
	Has     int // have it, whether or not they show it yet
	Offline int
	Live    int    // seconds to the next look; 0: nothing changes any more
	Left    string // how long it goes on
	Problem string
}

type emergencyKiosk struct {
	ID, Name string
	State    string // showing, has, pending, offline
	Seen     slides.Millis
}

func (s *server) emergencyPage(q *request) error { return q.emergency(http.StatusOK, "") }

func (q *request) emergency(status int, problem string) error {
	ctx := q.r.Context()
	e, err := q.Store.Emergency(ctx, q.r.PathValue("id"))
	if err != nil {
		return err
	}
	rows, err := q.emergencyRows([]store.Emergency{e})
	if err != nil {
		return err
	}
	p := emergencyPage{emergencyRow: rows[0], Mine: e.Asker == q.session.User.ID, Problem: problem}
	kiosks, err := q.kiosksFor(auth.Emergency)
	if err != nil {
		return err
	}
	now := q.Store.Now()
	for _, k := range kiosks {
		if !k.Paired || !e.Where.Names(compile.Kiosk{ID: k.ID, Groups: k.Groups}, q.above(k.Unit)) {
			continue
		}
		p.Total++
		x := emergencyKiosk{ID: k.ID, Name: k.Name, State: emergencyStateOf(&k, &e), Seen: k.LastSeen}
		switch x.State {
		case "showing":
			p.Showing++
			p.Has++
		case "has":
			p.Has++
		case "offline":
			p.Offline++
		}
		p.Kiosks = append(p.Kiosks, x)
	}
	order := []string{"offline", "pending", "has", "showing"}
	slices.SortStableFunc(p.Kiosks, func(a, b emergencyKiosk) int { return slices.Index(order, a.State) - slices.Index(order, b.State) })
	switch p.State {
	case store.EmergencyAsked:
		p.Live = 3
	case store.EmergencyOn:
		p.Live = 1
		p.Left = q.minutes(max(1, int((e.Ends-now+59_999)/60_000)))
	}
	return q.render(status, "emergency", p)
}

// emergencyStateOf says how far a kiosk is: it shows the slide by its own
// report, has the manifest, is connected and waits, or is not there. A kiosk
// that is off goes to it as soon as it is back, while it lasts.
func emergencyStateOf(k *store.KioskStatus, e *store.Emergency) string {
	switch {
	case k.Online && k.HasRevision >= e.Revision && e.Revision > 0 && k.Health != nil && k.Health.Slide == e.SlideID():
		return "showing"
	case !k.Online:
		return "offline"
	case k.HasRevision >= e.Revision && e.Revision > 0:
		return "has"
	}
	return "pending"
}

func (s *server) emergencyDo(q *request) error {
	id, ctx, a := q.r.PathValue("id"), q.r.Context(), q.session.Actor()
	var err error
	done := ""
	switch q.r.PostForm.Get("do") {
	case "confirm":
		// The second person must reach what the first one named.
		var e store.Emergency
		if e, err = s.Store.Emergency(ctx, id); err == nil {
			var p slides.Problems
			if err = q.emergencyReached(&e.Where, &p); err != nil {
				return err
			}
			err = p.Err("studio.emergencyDo")
		}
		if err == nil {
			_, err = s.Store.ConfirmEmergency(ctx, a, id)
		}
		done = "emergency-on"
	case "refuse":
		_, err = s.Store.RefuseEmergency(ctx, a, id)
		done = "emergency-refused"
	case "end":
		_, err = s.Store.EndEmergency(ctx, a, id)
		done = "emergency-ended"
	default:
		err = slides.E(slides.Invalid, "studio.emergencyDo", q.words.say("vi", "error.form"), q.words.say("en", "error.form"), nil)
	}
	if err == nil {
		return q.to("/studio/emergencies/"+id, done)
	}
	if status := slides.KindOf(err).Status(); status < 500 && slides.KindOf(err) != slides.NotFound {
		problem := slides.Sentence(err, q.lang)
		if pr, ok := q.problems(err); ok {
			for _, x := range pr {
				problem = x
			}
		}
		return q.emergency(status, problem)
	}
	return err
}
