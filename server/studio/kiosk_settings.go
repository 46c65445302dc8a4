package studio

import (
	"net/http"
	"slices"
	"strings"

	"motcua/server/auth"
	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/kinds"
)

type settingsPage struct {
	Kiosk   store.KioskStatus
	Parts   []partView
	Works   []line // as the form stands
	Base    string
	Problem string // of the whole form
	Count   int
	Unsaved bool
}

// partView is a part of the form as the page shows it.
type partView struct {
	Key    string
	Fields []formField
}

// placeFields describe what a kiosk is and where it stands.
func (q *request) placeFields(units []store.Unit, langs []string, desks []kinds.Option) []kinds.Field {
	w := q.words
	text := func(key string) slides.Text { return slides.Text{"vi": w.say("vi", key), "en": w.say("en", key)} }
	unit := kinds.Field{Name: "unit", Label: text("kiosk.unit"), Type: kinds.FieldChoice, Required: true}
	for _, u := range units {
		unit.Options = append(unit.Options, kinds.Option{Value: u.ID, Label: u.Name})
	}
	lang := kinds.Field{Name: "lang", Label: text("kiosk.lang"), Type: kinds.FieldChoice, Required: true}
	for _, l := range langs {
		lang.Options = append(lang.Options, kinds.Option{Value: l, Label: q.tongue(l)})
	}
	counter := kinds.Field{Name: "counter", Label: text("kiosk.counter"), Type: kinds.FieldChoice, Options: desks}
	audience := kinds.Field{Name: "audience", Label: text("slide.field.audience"), Type: kinds.FieldChoice, Required: true}
	for _, a := range []slides.Audience{slides.Public, slides.Internal} {
		audience.Options = append(audience.Options, kinds.Option{Value: string(a), Label: text("audience." + string(a))})
	}
	return []kinds.Field{
		{Name: "name", Label: text("kiosk.name"), Type: kinds.FieldString, Required: true, Max: 80},
		unit,
		counter,
		lang, audience,
		{Name: "groups", Label: text("kiosk.groups"), Type: kinds.FieldString},
	}
}

// tongue is a language's name; one that has none here is called by its tag.
func (q *request) tongue(tag string) slides.Text {
	if key := "tongue." + tag; q.words.has(key) {
		return slides.Text{"vi": q.words.say("vi", key), "en": q.words.say("en", key)}
	}
	return slides.Vi(tag)
}

// screenLanguages are those of a unit's screens, Vietnamese first.
func (q *request) screenLanguages(unit string) ([]string, error) {
	_, d, err := q.Store.Defaults(q.r.Context(), unit)
	if err != nil && slides.KindOf(err) != slides.NotFound {
		return nil, err
	}
	if len(d.Languages) > 0 {
		return d.Languages, nil
	}
	look, _, err := q.Store.Look(q.r.Context())
	if err != nil {
		return nil, err
	}
	return look.Languages, nil
}

// settingsFields are all fields of the form of a kiosk.
func (q *request) settingsFields(k *store.Kiosk, unit string) (place []kinds.Field, parts []part, langs []string, err error) {
	units, err := q.unitsFor(auth.RunKiosks)
	if err != nil {
		return nil, nil, nil, err
	}
	if langs, err = q.screenLanguages(unit); err != nil {
		return nil, nil, nil, err
	}
	surveys, err := q.Store.Surveys(q.r.Context())
	if err != nil {
		return nil, nil, nil, err
	}
	spoken := slices.Clone(langs)
	if !slices.Contains(spoken, k.Lang) {
		spoken = append(spoken, k.Lang)
	}
	desks, officers, err := q.deskOptions(k, unit)
	if err != nil {
		return nil, nil, nil, err
	}
	return q.placeFields(units, spoken, desks), terminalParts(q.words, surveys, officers), langs, nil
}

// deskOptions are the counters and officers that a kiosk of a unit may be bound
// to; what it is bound to already stays on the list.
func (q *request) deskOptions(k *store.Kiosk, unit string) (counters, officers []kinds.Option, err error) {
	cs, err := q.Store.Counters(q.r.Context(), unit)
	if err != nil {
		return nil, nil, err
	}
	os, err := q.Store.Officers(q.r.Context(), unit)
	if err != nil {
		return nil, nil, err
	}
	for _, c := range cs {
		if !c.Closed || c.ID == k.Counter {
			counters = append(counters, kinds.Option{Value: c.ID, Label: slides.Vi(c.Name)})
		}
	}
	for _, o := range os {
		if !o.Closed {
			officers = append(officers, kinds.Option{Value: o.ID, Label: slides.Vi(o.Name)})
		}
	}
	known := func(list []kinds.Option, id string) bool {
		return id == "" || slices.ContainsFunc(list, func(o kinds.Option) bool { return o.Value == id })
	}
	if !known(counters, k.Counter) {
		counters = append(counters, kinds.Option{Value: k.Counter, Label: slides.Vi(k.Counter)})
	}
	if o := k.Terminal.Officer; o != nil && !known(officers, o.ID) {
		officers = append(officers, kinds.Option{Value: o.ID, Label: slides.Vi(o.Name)})
	}
	return counters, officers, nil
}

func (q *request) teller() (teller, error) {
	w := teller{words: q.words, lang: q.lang, titles: map[string]slides.Text{}}
	surveys, err := q.Store.Surveys(q.r.Context())
	for _, s := range surveys {
		w.titles[s.ID] = s.Questionnaire.Title
	}
	return w, err
}

func (s *server) kioskSettings(q *request) error {
	k, err := s.Store.KioskStatus(q.r.Context(), q.r.PathValue("id"))
	if err != nil {
		return err
	}
	e := k.Edit()
	v := values{
		"name": {e.Name}, "unit": {e.Unit}, "counter": {e.Counter}, "lang": {e.Lang}, "audience": {string(e.Audience)},
		"groups": {strings.Join(e.Groups, ", ")}, "base": {e.Mark()},
	}
	terminalValues(v, e.Terminal)
	return q.settingsForm(http.StatusOK, k, v, nil, false)
}

// settingsForm renders the form with what v holds.
func (q *request) settingsForm(status int, k store.KioskStatus, v values, list []slides.Problem, unsaved bool) error {
	place, parts, langs, err := q.settingsFields(&k.Kiosk, v.Get("unit"))
	if err != nil {
		return err
	}
	b := formBuilder{lang: q.lang, words: q.words, values: v, langs: textLanguages(langs), problems: map[string][]string{}}
	b.take(list)
	p := settingsPage{Kiosk: k, Base: v.Get("base"), Count: len(list), Unsaved: unsaved}
	p.Parts = append(p.Parts, partView{"place", b.fields(place, "")})
	for _, x := range parts {
		p.Parts = append(p.Parts, partView{x.Key, b.fields(x.Fields, terminalPrefix)})
	}
	p.Problem = b.rest()
	w, err := q.teller()
	if err != nil {
		return err
	}
	own := readTerminal(q.words, fieldsOf(parts), v, k.Terminal, &slides.Problems{})
	_, holds, err := q.Store.Defaults(q.r.Context(), v.Get("unit"))
	if err != nil && slides.KindOf(err) != slides.NotFound {
		return err
	}
	p.Works = w.terminal(own, own.Within(holds), q.unitName(v.Get("unit")))
	return q.render(status, "kiosk-settings", p)
}

func (q *request) unitName(id string) string {
	units, err := q.Store.Units(q.r.Context(), 0)
	if err != nil {
		return id // only a name: the page itself has told worse by now
	}
	for _, u := range units {
		if u.ID == id {
			return u.Name.In(q.lang)
		}
	}
	return id
}

// kioskSave saves the form, or moves a row of it, as "do" says.
func (s *server) kioskSave(q *request) error {
	v := q.r.PostForm
	k, err := s.Store.KioskStatus(q.r.Context(), q.r.PathValue("id"))
	if err != nil {
		return err
	}
	_, parts, langs, err := q.settingsFields(&k.Kiosk, v.Get("unit"))
	if err != nil {
		return err
	}
	fields := fieldsOf(parts)
	var p slides.Problems
	q.takePictures(fields, terminalPrefix, v, &p)
	if verb, at, ok := strings.Cut(v.Get("do"), ":"); ok {
		moveItem(v, fields, terminalPrefix, verb, at)
		return q.settingsForm(http.StatusOK, k, v, p.List, true)
	}
	e := k.Edit()
	e.Name, e.Unit, e.Counter, e.Lang, e.Audience = short(v.Get("name")), v.Get("unit"), short(v.Get("counter")), v.Get("lang"), slides.Audience(v.Get("audience"))
	e.Groups = groupsOf(v.Get("groups"))
	e.Terminal = readTerminal(q.words, fields, v, k.Terminal, &p)
	if o := e.Terminal.Officer; o != nil && o.Name == "" { // the card says the name that we know
		for _, x := range fields {
			if x.Name == "officer" {
				o.Name = labelOf(x.Fields[0].Options, o.ID)
			}
		}
	}
	if o, was := e.Terminal.Officer, k.Terminal.Officer; o != nil {
		if was != nil && was.ID != o.ID && was.Photo == o.Photo { // the one before is not this one
			o.Photo = ""
		}
		if o.Photo == "" {
			if o.Photo, err = s.Store.CardPhoto(q.r.Context(), e.Unit, o.ID); err != nil {
				return err
			}
		}
	}
	e.Base = v.Get("base")
	q.checkKiosk(e, &p)
	if err := q.mustReach(auth.RunKiosks, e.Unit, "unit", &p); err != nil {
		return err
	}
	if e.Audience != slides.Public && e.Audience != slides.Internal {
		p.Add("audience", q.words.say("vi", "kiosk.noaudience"), q.words.say("en", "kiosk.noaudience"))
	}
	if e.Lang != k.Lang && !slices.Contains(langs, e.Lang) {
		p.Add("lang", q.words.say("vi", "error.language"), q.words.say("en", "error.language"))
	}
	e.Terminal.Check(&p, strings.TrimSuffix(terminalPrefix, "."))
	if len(p.List) > 0 {
		return q.settingsForm(http.StatusUnprocessableEntity, k, v, p.List, true)
	}
	if e.Base == "" { // else a save over somebody else's would not be seen
		v.Set("base", k.Edit().Mark())
		return q.settingsForm(http.StatusConflict, k, v, []slides.Problem{q.noBase()}, true)
	}
	_, err = s.Store.UpdateKiosk(q.r.Context(), q.session.Actor(), k.ID, e)
	switch kind := slides.KindOf(err); kind {
	case "":
		return q.to("/studio/kiosks/"+k.ID, "kiosk-saved")
	case slides.Conflict: // what was typed stays; saving once more is meant
		v.Set("base", k.Edit().Mark())
		return q.settingsForm(kind.Status(), k, v, listed(err), true)
	case slides.Invalid:
		return q.settingsForm(kind.Status(), k, v, listed(err), true)
	}
	return err
}

// noBase tells of a form that does not say what it began from.
func (q *request) noBase() slides.Problem {
	return slides.Problem{Vi: q.words.say("vi", "error.base"), En: q.words.say("en", "error.base")}
}

func labelOf(options []kinds.Option, value string) string {
	for _, o := range options {
		if o.Value == value {
			return o.Label.In("vi")
		}
	}
	return ""
}

// groupsOf reads names of groups as they are typed: "sanh, tang-1".
func groupsOf(s string) []string {
	return strings.FieldsFunc(strings.ToLower(slides.Clean(short(s))), func(r rune) bool { return r == ' ' || r == ',' || r == ';' || r == '\n' })
}
