package studio

import (
	"crypto/rand"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"motcua/server/auth"
	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/kinds"
)

// bulkPage is the form that changes several slides in one go: what is chosen,
// then what would become of each, then one transaction and a way back.
type bulkPage struct {
	Cards  []slideCard
	Items  []string // "id:version", as the form posts them
	Topics []topicChoice
	Units  []store.Unit
	V      values
	Bad    map[string]string // problem by field
	Steps  []bulkStep        // what would change, where the form was looked at
	Same   int               // how many would stay as they are
	Seen   bool              // Steps is an answer
}

// bulkStep is one slide's change.
type bulkStep struct {
	ID      string
	Title   slides.Text
	Diff    []diff
	Problem string
}

// keepAsIs is a choice's value that changes nothing.
const keepAsIs = ""

// bulkForm asks what is to change in the slides that were ticked, or in all
// that a filter finds.
func (s *server) bulkForm(q *request) error {
	u := q.r.URL.Query()
	var rows []store.SlideRow
	if u.Get("all") != "" {
		f, err := q.slideFilter(u)
		if err != nil {
			return err
		}
		f.Limit, f.Offset = store.MaxSlideEdits, 0
		if rows, err = s.Store.Slides(q.r.Context(), f); err != nil {
			return err
		}
	}
	for _, id := range u["item"][:min(len(u["item"]), store.MaxSlideEdits)] {
		row, err := s.Store.Slide(q.r.Context(), id)
		if slides.KindOf(err) == slides.NotFound {
			continue
		}
		if err != nil {
			return err
		}
		rows = append(rows, row)
	}
	reach, err := q.reach(auth.EditContent)
	if err != nil {
		return err
	}
	rows = keep(rows, func(r store.SlideRow) bool {
		return reach.In(r.Unit) && r.State != store.Removing && r.State != store.Removed
	})
	if len(rows) == 0 {
		return q.to("/studio/slides", "bulk-none")
	}
	return q.bulkPage(http.StatusOK, rows, values{}, nil, nil, false)
}

func (q *request) bulkPage(status int, rows []store.SlideRow, v values, bad map[string]string, steps []bulkStep, seen bool) error {
	units, err := q.unitsFor(auth.EditContent)
	if err != nil {
		return err
	}
	cards, err := q.cards(rows)
	if err != nil {
		return err
	}
	p := bulkPage{Cards: cards, Topics: topics(), Units: units, V: v, Bad: bad, Steps: steps, Same: len(rows) - len(steps), Seen: seen}
	for _, r := range rows {
		p.Items = append(p.Items, fmt.Sprintf("%s:%d", r.ID, r.Version))
	}
	return q.render(status, "bulk", p)
}

// Get is a field of the form.
func (p bulkPage) Get(name string) string { return p.V.Get(name) }

// bulkRows reads "id:version" ticks; stale says that one was saved since.
func (q *request) bulkRows(items []string) (rows []store.SlideRow, stale bool, err error) {
	reach, err := q.reach(auth.EditContent)
	if err != nil {
		return nil, false, err
	}
	for _, item := range items[:min(len(items), store.MaxSlideEdits)] {
		id, version, _ := strings.Cut(item, ":")
		row, err := q.Store.Slide(q.r.Context(), id)
		if slides.KindOf(err) == slides.NotFound {
			stale = true
			continue
		}
		if err != nil {
			return nil, false, err
		}
		if !reach.In(row.Unit) {
			continue
		}
		stale = stale || fmt.Sprint(row.Version) != version
		rows = append(rows, row)
	}
	return rows, stale, nil
}

// bulkDo looks at what the form would change, or does it.
func (s *server) bulkDo(q *request) error {
	v := q.r.PostForm
	rows, stale, err := q.bulkRows(v["item"])
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		return q.to("/studio/slides", "bulk-none")
	}
	bad := map[string]string{}
	change, err := q.bulkChange(v, bad)
	if err != nil {
		return err
	}
	if len(bad) > 0 {
		return q.bulkPage(http.StatusUnprocessableEntity, rows, v, bad, nil, false)
	}
	var steps []bulkStep
	var edits []store.SlideEdit
	broken := false
	for _, r := range rows {
		after, err := clone(*r.Slide)
		if err != nil {
			return err
		}
		unit := change(r.Unit, &after)
		zone, err := q.zoneOf(r.Unit)
		if err != nil {
			return err
		}
		st := bulkStep{ID: r.ID, Title: r.Slide.Title, Diff: q.compare(r.Slide, &after, zone)}
		if unit != r.Unit {
			st.Diff = append(st.Diff, diff{q.words.say(q.lang, "slide.unit"), q.unitName(r.Unit), q.unitName(unit)})
		}
		if len(st.Diff) == 0 {
			continue
		}
		if err := kinds.Validate(&after); err != nil {
			st.Problem, broken = slides.Sentence(err, q.lang), true
		}
		steps = append(steps, st)
		edits = append(edits, store.SlideEdit{Unit: unit, Slide: &after, Base: r.Version})
	}
	if v.Get("do") != "apply" || stale || broken || len(edits) == 0 {
		status := http.StatusOK
		if v.Get("do") == "apply" && (stale || broken) {
			status = http.StatusConflict
			bad["form"] = q.words.say(q.lang, "bulk.stale")
		}
		return q.bulkPage(status, rows, v, bad, steps, true)
	}
	saved, err := s.Store.SaveSlides(q.r.Context(), q.session.Actor(), edits)
	if err != nil {
		return err
	}
	// What is needed to take it back is kept like anything else that is in a
	// person's hands.
	done := store.UnsavedDraft{Key: bulkKey + strings.ToLower(rand.Text()[:16]), Kind: "bulk", Base: len(saved), Values: map[string][]string{}}
	for i, it := range saved {
		was := rows[slices.IndexFunc(rows, func(r store.SlideRow) bool { return r.ID == it.ID })]
		done.Values["item"] = append(done.Values["item"], fmt.Sprintf("%s:%d:%d:%s", it.ID, edits[i].Base, it.Version, was.Unit))
	}
	if err := s.Store.SaveDraft(q.r.Context(), q.session.User.ID, done); err != nil {
		return err
	}
	return q.to("/studio/slide-changes/"+strings.TrimPrefix(done.Key, bulkKey), "")
}

const bulkKey = "bulk:"

// bulkChange reads the form into what it does to a slide; it gives the unit
// that owns the slide then. Problems go to bad by field.
func (q *request) bulkChange(v values, bad map[string]string) (func(unit string, s *slides.Slide) string, error) {
	var p slides.Problems
	topic := slides.Topic(v.Get("topic"))
	if _, ok := slides.TopicNames[topic]; topic != keepAsIs && !ok {
		bad["topic"] = q.words.say(q.lang, "error.form")
	}
	dwell := int64(-1)
	if n, ok := readNumber(v, "dwell", &p); ok {
		dwell = int64(math.Round(min(max(n, -1e6), 1e6) * 1000))
		s := slides.Slide{Dwell: dwell}
		var all slides.Problems
		s.Check(&all)
		for _, x := range all.List {
			if x.Path == "dwell_ms" {
				p.Add("dwell", x.Vi, x.En)
			}
		}
	}
	moment := map[string]func(zone *time.Location, was slides.Millis) slides.Millis{}
	for _, name := range []string{"from", "until"} {
		var at string
		switch v.Get(name + "_do") {
		case "none":
			moment[name] = func(*time.Location, slides.Millis) slides.Millis { return 0 }
			continue
		case "set":
			at = v.Get(name)
			if readMoment(v, name, q.zone, &p) == 0 && at == "" {
				p.Add(name, q.words.say("vi", "bulk.when"), q.words.say("en", "bulk.when"))
			}
			moment[name] = func(zone *time.Location, _ slides.Millis) slides.Millis {
				return readMoment(values{name: {at}}, name, zone, &slides.Problems{})
			}
		default:
			moment[name] = func(_ *time.Location, was slides.Millis) slides.Millis { return was }
		}
	}
	unit := v.Get("unit")
	if unit != keepAsIs {
		if err := q.checkUnit(unit, &p); err != nil {
			return nil, err
		}
		if err := q.mustReach(auth.EditContent, unit, "unit", &p); err != nil {
			return nil, err
		}
	}
	for _, x := range p.List {
		if bad[x.Path] = x.Vi; q.lang == "en" {
			bad[x.Path] = x.En
		}
	}
	return func(owner string, s *slides.Slide) string {
		if topic != keepAsIs {
			s.Topic = topic
		}
		if dwell >= 0 {
			s.Dwell = dwell
		}
		zone, err := q.zoneOf(owner)
		if err != nil {
			zone = q.zone
		}
		s.From, s.Until = moment["from"](zone, s.From), moment["until"](zone, s.Until)
		if unit != keepAsIs {
			return unit
		}
		return owner
	}, nil
}

type bulkDonePage struct {
	Key   string
	Cards []slideCard
}

// bulkDone shows what was changed in one go, and takes it back.
func (s *server) bulkDone(q *request) error {
	d, err := s.Store.Draft(q.r.Context(), q.session.User.ID, bulkKey+q.r.PathValue("key"))
	if err != nil {
		return err
	}
	var rows []store.SlideRow
	for _, item := range d.Values["item"] {
		id, _, _ := strings.Cut(item, ":")
		row, err := s.Store.Slide(q.r.Context(), id)
		if slides.KindOf(err) == slides.NotFound {
			continue
		}
		if err != nil {
			return err
		}
		rows = append(rows, row)
	}
	p := bulkDonePage{Key: q.r.PathValue("key")}
	if p.Cards, err = q.cards(rows); err != nil {
		return err
	}
	return q.render(http.StatusOK, "bulk-done", p)
}

// bulkUndo brings back what the slides were before, but for those that
// somebody has saved since.
func (s *server) bulkUndo(q *request) error {
	ctx, key := q.r.Context(), bulkKey+q.r.PathValue("key")
	d, err := s.Store.Draft(ctx, q.session.User.ID, key)
	if err != nil {
		return err
	}
	reach, err := q.reach(auth.EditContent)
	if err != nil {
		return err
	}
	var edits []store.SlideEdit
	left := 0
	for _, item := range d.Values["item"] {
		part := strings.SplitN(item, ":", 4)
		if len(part) != 4 {
			continue
		}
		row, err := s.Store.Slide(ctx, part[0])
		if err != nil && slides.KindOf(err) != slides.NotFound {
			return err
		}
		if err != nil || row.Version != number(part[2]) || !reach.In(row.Unit) || !reach.In(part[3]) {
			left++
			continue
		}
		was, err := s.Store.SlideVersion(ctx, part[0], number(part[1]))
		if err != nil {
			return err
		}
		edits = append(edits, store.SlideEdit{Unit: part[3], Slide: was, Base: row.Version})
	}
	if _, err := s.Store.SaveSlides(ctx, q.session.Actor(), edits); err != nil {
		return err
	}
	if err := s.Store.DropDraft(ctx, q.session.User.ID, key); err != nil {
		return err
	}
	if left > 0 {
		return q.to("/studio/slides", "bulk-undone-part")
	}
	return q.to("/studio/slides", "bulk-undone")
}
