package studio

import (
	"net/http"
	"time"

	"motcua/server/auth"
	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/kinds"
)

type treePage struct {
	New    bool
	Unit   store.Unit // as it is now; the unit above for a new one
	Action string
	Terms  []termRow
	Fields []formField
	Day    string // from when, a date
	Today  string
	Zone   string
	Count  int

	Problem, DayProblem string // of the form, and at the day
}

// termRow is a span of a unit's life.
type termRow struct {
	store.Unit
	Above  string
	Coming bool
}

// treeFields describe what of a unit has effective dates.
func (q *request) treeFields(above []store.Unit, whole bool) []kinds.Field {
	w := q.words
	text := func(key string) slides.Text { return slides.Text{"vi": w.say("vi", key), "en": w.say("en", key)} }
	parent := kinds.Field{Name: "parent", Label: text("tree.parent"), Type: kinds.FieldChoice, Required: true}
	if whole {
		parent.Options = append(parent.Options, kinds.Option{Value: "", Label: text("tree.root")})
	}
	for _, u := range above {
		parent.Options = append(parent.Options, kinds.Option{Value: u.ID, Label: u.Name})
	}
	return []kinds.Field{
		{Name: "name", Label: text("tree.name"), Type: kinds.FieldText, Required: true},
		{Name: "short", Label: text("tree.short"), Type: kinds.FieldText},
		{Name: "office", Label: text("tree.office"), Type: kinds.FieldText},
		parent,
		{Name: "zone", Label: text("tree.zone"), Type: kinds.FieldString},
	}
}

const treePrefix = "tree."

func treeValues(u store.Unit) values {
	v := values{treePrefix + "parent": {u.Parent}, treePrefix + "zone": {u.Zone}}
	setText(v, treePrefix+"name", u.Name)
	setText(v, treePrefix+"short", u.Short)
	setText(v, treePrefix+"office", u.Office)
	return v
}

// treeForm renders the form of a unit's term, or of a new unit below one.
func (q *request) treeForm(status int, p treePage, v values, list []slides.Problem) error {
	reach, err := q.reach(auth.SetUnits)
	if err != nil {
		return err
	}
	above, err := q.unitsFor(auth.SetUnits)
	if err != nil {
		return err
	}
	if p.Unit.Parent != "" && !p.New && !reach.In(p.Unit.Parent) { // where it is, though not theirs to choose
		for _, u := range q.unitsBy() {
			if u.ID == p.Unit.Parent {
				above = append(above, u)
			}
		}
	}
	above = keep(above, func(u store.Unit) bool { return p.New || u.ID != p.Unit.ID })
	zone, err := q.zoneOf(p.Unit.ID)
	if err != nil {
		return err
	}
	p.Zone, p.Today = zone.String(), q.Store.Now().Time().In(zone).Format(time.DateOnly)
	if p.Day = v.Get("day"); p.Day == "" {
		p.Day = p.Today
	}
	b := formBuilder{lang: q.lang, words: q.words, values: v, langs: languages, problems: map[string][]string{}}
	b.take(list)
	p.Fields = b.fields(q.treeFields(above, reach.Everywhere()), treePrefix)
	p.DayProblem = b.pop("day")
	p.Problem, p.Count = b.rest(), len(list)
	if !p.New {
		terms, err := q.Store.UnitTerms(q.r.Context(), p.Unit.ID)
		if err != nil {
			return err
		}
		for _, t := range terms {
			p.Terms = append(p.Terms, termRow{t, q.unitName(t.Parent), t.From > q.Store.Now()})
		}
	}
	return q.render(status, "unit-tree", p)
}

// unitsBy are all units now; an error leaves the list short.
func (q *request) unitsBy() []store.Unit {
	units, err := q.Store.Units(q.r.Context(), 0)
	if err != nil {
		q.Log.Error("units", "err", err)
	}
	return units
}

func (s *server) unitTree(q *request) error {
	u, _, err := q.unit(q.r.PathValue("id"))
	if err != nil {
		return err
	}
	return q.treeForm(http.StatusOK, treePage{Unit: u, Action: "/studio/units/" + u.ID + "/tree"}, treeValues(u), nil)
}

func (s *server) unitBelow(q *request) error {
	u, _, err := q.unit(q.r.PathValue("id"))
	if err != nil {
		return err
	}
	return q.treeForm(http.StatusOK, treePage{New: true, Unit: u, Action: "/studio/units/" + u.ID + "/below"}, values{treePrefix + "parent": {u.ID}, treePrefix + "office.vi": {u.Office["vi"]}, treePrefix + "office.en": {u.Office["en"]}}, nil)
}

func (s *server) unitRoot(q *request) error {
	return q.treeForm(http.StatusOK, treePage{New: true, Action: "/studio/new-unit"}, values{}, nil)
}

// readTerm reads the form into a unit of this id.
func (q *request) readTerm(id string, p *slides.Problems) (store.Unit, error) {
	v := q.r.PostForm
	u := store.Unit{
		ID: id, Parent: v.Get(treePrefix + "parent"), Zone: short(v.Get(treePrefix + "zone")),
		Name: readText(v, treePrefix+"name"), Short: readText(v, treePrefix+"short"), Office: readText(v, treePrefix+"office"),
	}
	zone, err := q.zoneOf(id)
	if err != nil {
		return u, err
	}
	now := q.Store.Now()
	day := v.Get("day")
	t, err := time.ParseInLocation(time.DateOnly, day, zone)
	switch {
	case err != nil || t.Year() < 1990 || t.Year() > 2200:
		p.Add("day", q.words.say("vi", "tree.badday"), q.words.say("en", "tree.badday"))
	case day == now.Time().In(zone).Format(time.DateOnly):
		u.From = now // from this moment: the morning's ratings stay where they were
	default:
		u.From = slides.At(t)
	}
	return u, nil
}

func (s *server) unitTreeSave(q *request) error {
	old, _, err := q.unit(q.r.PathValue("id"))
	if err != nil {
		return err
	}
	var p slides.Problems
	u, err := q.readTerm(old.ID, &p)
	if err != nil {
		return err
	}
	if u.Parent != old.Parent {
		if err := q.mustReach(auth.SetUnits, u.Parent, treePrefix+"parent", &p); err != nil {
			return err
		}
	}
	if q.r.PostForm.Get("do") == "close" {
		from := u.From
		u, p.List = old, keep(p.List, func(x slides.Problem) bool { return x.Path == "day" })
		u.From, u.Closed = from, true
	}
	return q.saveTerm(treePage{Unit: old, Action: "/studio/units/" + old.ID + "/tree"}, u, p.List)
}

// unitNew makes a unit below another, or a root.
func (s *server) unitNew(q *request) error {
	page := treePage{New: true, Action: "/studio/new-unit"}
	if id := q.r.PathValue("id"); id != "" {
		above, _, err := q.unit(id)
		if err != nil {
			return err
		}
		page.Unit, page.Action = above, "/studio/units/"+above.ID+"/below"
	}
	var p slides.Problems
	u, err := q.readTerm(page.Unit.ID, &p)
	if err != nil {
		return err
	}
	u.ID = newID(u.Name.In("vi"))
	if err := q.mustReach(auth.SetUnits, u.Parent, treePrefix+"parent", &p); err != nil {
		return err
	}
	return q.saveTerm(page, u, p.List)
}

func (q *request) saveTerm(page treePage, u store.Unit, list []slides.Problem) error {
	if len(list) > 0 {
		return q.treeForm(http.StatusUnprocessableEntity, page, q.r.PostForm, list)
	}
	err := q.Store.SaveUnit(q.r.Context(), q.session.Actor(), u)
	switch kind := slides.KindOf(err); kind {
	case "":
	case slides.Invalid, slides.Conflict:
		list = listed(err)
		for i := range list {
			if list[i].Path != "" {
				list[i].Path = treePrefix + list[i].Path
			}
		}
		return q.treeForm(kind.Status(), page, q.r.PostForm, list)
	default:
		return err
	}
	switch {
	case u.Closed && u.From <= q.Store.Now():
		return q.to("/studio/units", "unit-closed")
	case u.From > q.Store.Now() && page.New:
		return q.to("/studio/units", "unit-coming")
	case u.From > q.Store.Now():
		return q.to("/studio/units/"+u.ID+"/tree", "unit-coming")
	}
	return q.to("/studio/units/"+u.ID, "unit-saved")
}
