package studio

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/kinds"
)

// part is one group of a kiosk's settings: what a person sets together, and
// what is copied to other kiosks together.
type part struct {
	Key    string // "home", "forms" …
	Fields []kinds.Field
}

// Ways in which a kiosk may come to its opening hours.
const (
	hoursOfUnit = "unit"
	hoursAlways = "always"
	hoursOwn    = "own"
)

// terminalPrefix is where a form has the fields of a slides.Terminal; those
// names are the paths that its Check reports.
const terminalPrefix = "terminal."

// terminalParts describe the settings of one kiosk. Every field of
// slides.Terminal is here but those that the server itself fills in.
func terminalParts(w words, surveys []store.SurveyRow, officers []kinds.Option) []part {
	text := func(key string) slides.Text { return slides.Text{"vi": w.say("vi", key), "en": w.say("en", key)} }
	field := func(name string, t kinds.FieldType) kinds.Field {
		return kinds.Field{Name: name, Label: text("terminal." + name), Type: t}
	}
	options := func(prefix string, values ...string) (out []kinds.Option) {
		for _, v := range values {
			out = append(out, kinds.Option{Value: v, Label: text(prefix + v)})
		}
		return out
	}
	chosen := func(name string, values ...string) kinds.Field {
		f := field(name, kinds.FieldChoice)
		f.Required, f.Options = true, options("terminal."+name+".", values...)
		return f
	}
	group := func(name string, fields ...kinds.Field) kinds.Field {
		f := field(name, kinds.FieldGroup)
		f.Fields = fields
		return f
	}
	span := spanFields(w)
	list := func(name string, most int, fields ...kinds.Field) kinds.Field {
		f := field(name, kinds.FieldList)
		f.Max, f.Fields = most, fields
		return f
	}
	tiles := field("tiles", fieldChecks)
	for _, t := range slides.Tiles {
		tiles.Options = append(tiles.Options, options("tile.", string(t))...)
	}
	form := field("form", kinds.FieldChoice)
	form.Required = true
	for _, s := range surveys {
		form.Options = append(form.Options, kinds.Option{Value: s.ID, Label: s.Questionnaire.Title})
	}
	id, name, photo := field("id", kinds.FieldChoice), field("name", kinds.FieldString), field("photo", kinds.FieldPicture)
	id.Options = officers
	return []part{
		{"home", []kinds.Field{tiles}},
		{"forms", []kinds.Field{list("forms", slides.MaxForms, form, list("spans", slides.MaxSpans, span...))}},
		{"desk", []kinds.Field{
			field("at_desk", kinds.FieldBool), field("desk", kinds.FieldText),
			group("officer", id, name, field("title", kinds.FieldText), photo), field("dossier", kinds.FieldBool),
		}},
		{"keyboard", []kinds.Field{
			chosen("typing", string(slides.Telex), string(slides.VNI), string(slides.Plain)), field("old_tone", kinds.FieldBool), field("switch", kinds.FieldBool),
		}},
		{"hours", append([]kinds.Field{chosen("hours_from", hoursOfUnit, hoursAlways, hoursOwn)}, hoursFields(w)...)},
		{"screen", []kinds.Field{
			chosen("motion", string(slides.Fade), string(slides.Push), string(slides.NoMove)),
			group("night", append(slices.Clone(span), field("level", kinds.FieldInt))...), list("power", slides.MaxSpans, span...),
		}},
		{"sound", []kinds.Field{field("sound", kinds.FieldBool)}},
	}
}

// spanFields describe a slides.Span.
func spanFields(w words) []kinds.Field {
	text := func(key string) slides.Text { return slides.Text{"vi": w.say("vi", key), "en": w.say("en", key)} }
	days := kinds.Field{Name: "days", Label: text("span.days.label"), Type: fieldDays}
	for i := range 7 { // the week begins on Monday
		days.Options = append(days.Options, kinds.Option{Value: fmt.Sprint((i + 1) % 7), Label: text(fmt.Sprintf("weekday.%d", i))})
	}
	return []kinds.Field{days, {Name: "from", Label: text("span.from"), Type: fieldTime}, {Name: "until", Label: text("span.until"), Type: fieldTime}}
}

// hoursFields describe opening hours and the closed screen, which kiosks and
// units have alike.
func hoursFields(w words) []kinds.Field {
	text := func(key string) slides.Text { return slides.Text{"vi": w.say("vi", key), "en": w.say("en", key)} }
	return []kinds.Field{
		{Name: "hours", Label: text("terminal.hours"), Type: kinds.FieldList, Max: slides.MaxSpans, Fields: spanFields(w)},
		{Name: "on_holidays", Label: text("terminal.on_holidays"), Type: kinds.FieldBool},
		{Name: "closed", Label: text("terminal.closed"), Type: kinds.FieldGroup, Fields: []kinds.Field{
			{Name: "text", Label: text("terminal.closed.text"), Type: kinds.FieldText, Long: true},
			{Name: "url", Label: text("terminal.closed.url"), Type: kinds.FieldURL},
		}},
	}
}

// viewingFields describe how a unit's screens are read.
func viewingFields(w words) []kinds.Field {
	text := func(key string) slides.Text { return slides.Text{"vi": w.say("vi", key), "en": w.say("en", key)} }
	return []kinds.Field{{Name: "viewing", Label: text("viewing.head"), Type: kinds.FieldGroup, Required: true, Fields: []kinds.Field{
		{Name: "inches", Label: text("viewing.inches"), Type: kinds.FieldNumber},
		{Name: "metres", Label: text("viewing.metres"), Type: kinds.FieldNumber},
		{Name: "words", Label: text("viewing.words"), Type: kinds.FieldInt},
	}}}
}

// fieldsOf are the fields of parts in one list.
func fieldsOf(parts []part) (out []kinds.Field) {
	for _, p := range parts {
		out = append(out, p.Fields...)
	}
	return out
}

// terminalValues fills a form with how a kiosk is set up.
func terminalValues(v values, t slides.Terminal) {
	tree, err := treeOf(t)
	if err != nil {
		return // a Terminal is always JSON
	}
	for k, x := range tree {
		flatten(v, terminalPrefix+k, x)
	}
	if len(t.Tiles) == 0 {
		for _, tile := range slides.Tiles {
			v.Add(terminalPrefix+"tiles", string(tile))
		}
	}
	for name, usual := range map[string]string{"typing": string(slides.Telex), "motion": string(slides.Fade)} {
		if v.Get(terminalPrefix+name) == "" {
			v.Set(terminalPrefix+name, usual)
		}
	}
	switch {
	case len(t.Hours) == 0:
		v.Set(terminalPrefix+"hours_from", hoursOfUnit)
	case len(t.Hours) == 1 && t.Hours[0].From == slides.Always.From && t.Hours[0].Until == slides.Always.Until && len(t.Hours[0].Days) == 0:
		v.Set(terminalPrefix+"hours_from", hoursAlways)
		for k := range v {
			if under(k, terminalPrefix+"hours") {
				delete(v, k)
			}
		}
	default:
		v.Set(terminalPrefix+"hours_from", hoursOwn)
	}
}

func treeOf(x any) (tree map[string]any, err error) {
	b, err := json.Marshal(x)
	if err == nil {
		err = json.Unmarshal(b, &tree)
	}
	return tree, err
}

// readTerminal reads a form over how the kiosk was set up: what the form does
// not have stays. What can't be read becomes a problem.
func readTerminal(w words, fields []kinds.Field, v values, old slides.Terminal, p *slides.Problems) (t slides.Terminal) {
	say := func(path, key string) { p.Add(terminalPrefix+path, w.say("vi", key), w.say("en", key)) }
	tree := readFields(fields, v, terminalPrefix, p)
	switch delete(tree, "hours_from"); v.Get(terminalPrefix + "hours_from") {
	case hoursAlways:
		tree["hours"] = []slides.Span{slides.Always}
	case hoursOwn:
		if tree["hours"] == nil {
			say("hours", "terminal.nohours")
		}
	default:
		delete(tree, "hours")
	}
	switch list, _ := tree["tiles"].([]string); len(list) {
	case 0:
		say("tiles", "terminal.notiles")
	case len(slides.Tiles): // and those still to come
		delete(tree, "tiles")
	}
	for name, usual := range map[string]string{"typing": string(slides.Telex), "motion": string(slides.Fade)} {
		if tree[name] == usual {
			delete(tree, name)
		}
	}
	kept, err := treeOf(old)
	if err == nil {
		for _, f := range fields {
			delete(kept, f.Name)
		}
		for name, x := range tree {
			kept[name] = x
		}
		var b []byte
		if b, err = json.Marshal(kept); err == nil {
			err = json.Unmarshal(b, &t)
		}
	}
	if err != nil {
		p.Add("", w.say("vi", "error.form"), w.say("en", "error.form"))
	}
	return t
}

// takeOver is to with the fields of the named parts as from has them.
func takeOver(parts []part, keys []string, from, to slides.Terminal) (slides.Terminal, error) {
	have, err := treeOf(from)
	if err != nil {
		return to, err
	}
	tree, err := treeOf(to)
	if err != nil {
		return to, err
	}
	for _, p := range parts {
		if !slices.Contains(keys, p.Key) {
			continue
		}
		for _, f := range p.Fields {
			if delete(tree, f.Name); have[f.Name] != nil {
				tree[f.Name] = have[f.Name]
			}
		}
	}
	b, err := json.Marshal(tree)
	if err != nil {
		return to, err
	}
	var out slides.Terminal
	return out, json.Unmarshal(b, &out)
}

// readDefaults reads a unit's form.
func readDefaults(w words, v values, p *slides.Problems) (d slides.Defaults) {
	tree := readFields(append(hoursFields(w), viewingFields(w)...), v, defaultsPrefix, p)
	if b, err := json.Marshal(tree); err != nil || json.Unmarshal(b, &d) != nil {
		p.Add("", w.say("vi", "error.form"), w.say("en", "error.form"))
	}
	if v.Get(defaultsPrefix+"languages_from") == hoursOwn {
		d.Languages = []string{"vi"}
		for _, l := range append(v[defaultsPrefix+"languages"], strings.FieldsFunc(v.Get(defaultsPrefix+"more"), func(r rune) bool { return r == ' ' || r == ',' || r == ';' })...) {
			if l = slides.Clean(l); l != "" && !slices.Contains(d.Languages, l) {
				d.Languages = append(d.Languages, l)
			}
		}
	}
	return d
}

const defaultsPrefix = "defaults."
