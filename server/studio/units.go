package studio

import (
	"net/http"
	"slices"
	"strings"

	"motcua/server/auth"
	"motcua/server/store"
	"motcua/slides"
)

// unitRow is a unit in the tree.
type unitRow struct {
	store.Unit
	Depth  int
	Kiosks int
	Own    bool // it sets something of its own
}

type unitListPage struct {
	Units []unitRow
	Whole bool // a unit without one above may be added
}

func (s *server) unitList(q *request) error {
	ctx := q.r.Context()
	units, err := q.unitsFor(auth.SeeKiosks)
	if err != nil {
		return err
	}
	kiosks, err := q.kiosksFor(auth.SeeKiosks)
	if err != nil {
		return err
	}
	var p unitListPage
	depth := map[string]int{}
	for _, u := range units { // parents come first
		if d, ok := depth[u.Parent]; ok {
			depth[u.ID] = d + 1
		} else {
			depth[u.ID] = 0
		}
		row := unitRow{Unit: u, Depth: min(depth[u.ID], 6)}
		for _, k := range kiosks {
			if k.Unit == u.ID {
				row.Kiosks++
			}
		}
		own, _, err := s.Store.Defaults(ctx, u.ID)
		if err != nil {
			return err
		}
		row.Own = store.Mark(own) != store.Mark(slides.Defaults{})
		p.Units = append(p.Units, row)
	}
	tree, err := q.reach(auth.SetUnits)
	if err != nil {
		return err
	}
	p.Whole = tree.Everywhere()
	return q.render(http.StatusOK, "units", p)
}

type unitPage struct {
	Unit      store.Unit
	Parent    slides.Text
	Fields    []formField
	Viewing   []formField
	From      string // whence the languages: "unit" above, or "own"
	Languages []choice
	More      string
	Holds     []line
	Base      string
	Problem   string
	Langs     string // problem of the languages
	Count     int
	Unsaved   bool
	Approval  approvalForm
	Alerts    unitAlertsForm
	Channels  channelsForm
}

// offered are the languages that the form lists besides Vietnamese; others are
// typed by their tag.
var offered = []string{"en", "tyz", "nut", "zh"}

func (q *request) unit(id string) (u store.Unit, parent slides.Text, err error) {
	units, err := q.Store.Units(q.r.Context(), 0)
	if err != nil {
		return u, nil, err
	}
	i := slices.IndexFunc(units, func(u store.Unit) bool { return u.ID == id })
	if i < 0 {
		return u, nil, slides.E(slides.NotFound, "studio.unit", q.words.say("vi", "unit.gone"), q.words.say("en", "unit.gone"), nil)
	}
	for _, x := range units {
		if x.ID == units[i].Parent {
			parent = x.Name
		}
	}
	return units[i], parent, nil
}

func (s *server) unitPage(q *request) error {
	v, err := q.unitValues(q.r.PathValue("id"))
	if err != nil {
		return err
	}
	return q.unitForm(http.StatusOK, v, nil, false)
}

// unitValues are the form's fields as the unit has them.
func (q *request) unitValues(id string) (values, error) {
	own, _, err := q.Store.Defaults(q.r.Context(), id)
	if err != nil {
		return nil, err
	}
	v := values{"base": {store.Mark(own)}}
	tree, err := treeOf(own)
	if err != nil {
		return nil, err
	}
	for k, x := range tree {
		flatten(v, defaultsPrefix+k, x)
	}
	v.Set(defaultsPrefix+"languages_from", hoursOfUnit)
	if len(own.Languages) > 0 {
		v.Set(defaultsPrefix+"languages_from", hoursOwn)
		var more []string
		for _, l := range own.Languages {
			if l != "vi" && !slices.Contains(offered, l) {
				more = append(more, l)
			}
		}
		v.Set(defaultsPrefix+"more", strings.Join(more, ", "))
	}
	return v, nil
}

func (q *request) unitForm(status int, v values, list []slides.Problem, unsaved bool) error {
	id := q.r.PathValue("id")
	u, parent, err := q.unit(id)
	if err != nil {
		return err
	}
	langs, err := q.screenLanguages(id)
	if err != nil {
		return err
	}
	b := formBuilder{lang: q.lang, words: q.words, values: v, langs: textLanguages(langs), problems: map[string][]string{}}
	b.take(list)
	p := unitPage{Unit: u, Parent: parent, Base: v.Get("base"), Count: len(list), Unsaved: unsaved, From: v.Get(defaultsPrefix + "languages_from"), More: v.Get(defaultsPrefix + "more")}
	p.Fields = b.fields(hoursFields(q.words), defaultsPrefix)
	p.Viewing = b.fields(viewingFields(q.words), defaultsPrefix)[0].Fields
	for _, l := range offered {
		p.Languages = append(p.Languages, choice{l, q.tongue(l).In(q.lang), slices.Contains(v[defaultsPrefix+"languages"], l)})
	}
	p.Langs = b.pop(defaultsPrefix + "languages")
	if p.Alerts, err = q.unitAlertsForm(id, v, b.pop(alertsTo)); err != nil {
		return err
	}
	if p.Channels, err = q.channelsForm(id, v, &b); err != nil {
		return err
	}
	p.Problem = b.rest()
	_, holds, err := q.Store.Defaults(q.r.Context(), id)
	if err != nil {
		return err
	}
	w, err := q.teller()
	if err != nil {
		return err
	}
	for _, l := range w.terminal(slides.Terminal{}, slides.Terminal{}.Within(holds), "") {
		if l.Key == "hours" {
			l.From = ""
			p.Holds = append(p.Holds, l)
		}
	}
	var spoken []string
	for _, l := range langs {
		spoken = append(spoken, q.tongue(l).In(q.lang))
	}
	p.Holds = append(p.Holds, line{Label: q.words.say(q.lang, "unit.languages"), Text: strings.Join(spoken, ", ") + "."})
	view := viewingOf(holds, q.Store.Now(), nil)
	p.Holds = append(p.Holds, line{Label: q.words.say(q.lang, "viewing.head"), Text: q.words.say(q.lang, "viewing.holds", decimal(view.Inches), decimal(view.Metres), view.WordsPerMinute)})
	if p.Approval, err = q.approval(id); err != nil {
		return err
	}
	return q.render(status, "unit", p)
}

func (s *server) unitSave(q *request) error {
	v, id := q.r.PostForm, q.r.PathValue("id")
	if verb, at, ok := strings.Cut(v.Get("do"), ":"); ok {
		moveItem(v, hoursFields(q.words), defaultsPrefix, verb, at)
		return q.unitForm(http.StatusOK, v, nil, true)
	}
	var p slides.Problems
	d := readDefaults(q.words, v, &p)
	d.Check(&p, strings.TrimSuffix(defaultsPrefix, "."))
	if len(p.List) > 0 {
		return q.unitForm(http.StatusUnprocessableEntity, v, p.List, true)
	}
	base := v.Get("base")
	if base == "" { // else a save over somebody else's would not be seen
		own, _, err := s.Store.Defaults(q.r.Context(), id)
		if err != nil {
			return err
		}
		v.Set("base", store.Mark(own))
		return q.unitForm(http.StatusConflict, v, []slides.Problem{q.noBase()}, true)
	}
	err := s.Store.SaveDefaults(q.r.Context(), q.session.Actor(), id, d, base)
	switch kind := slides.KindOf(err); kind {
	case "":
		return q.to("/studio/units/"+id, "unit-saved")
	case slides.Conflict:
		own, _, err2 := s.Store.Defaults(q.r.Context(), id)
		if err2 != nil {
			return err2
		}
		v.Set("base", store.Mark(own))
		return q.unitForm(kind.Status(), v, listed(err), true)
	case slides.Invalid:
		return q.unitForm(kind.Status(), v, listed(err), true)
	}
	return err
}
