package studio

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"motcua/server/sheet"
	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/catalogue"
	"motcua/slides/kinds"
	"motcua/slides/scene"
)

// procedureSection is a part of the form.
type procedureSection struct {
	Title  string // key of its words
	Fields []kinds.Field
}

// procedureSections describes the form: every column, in the order in which
// people ask for them.
func procedureSections(w words) []procedureSection {
	text := func(key string) slides.Text {
		return slides.Text{"vi": w.say("vi", key), "en": w.say("en", key)}
	}
	field := func(name string, t kinds.FieldType, limit int) kinds.Field {
		f := kinds.Field{Name: name, Label: text("procedure.field." + name), Type: t, Max: limit}
		if c, ok := sheet.Find(name); ok {
			f.Label = c.Label
		}
		return f
	}
	must := func(f kinds.Field) kinds.Field {
		f.Required = true
		return f
	}
	long := func(f kinds.Field) kinds.Field {
		f.Long = true
		return f
	}
	pick := func(name, words string, values ...string) kinds.Field {
		f := field(name, kinds.FieldChoice, 0)
		for _, v := range values {
			f.Options = append(f.Options, kinds.Option{Value: v, Label: text(words + v)})
		}
		return f
	}
	lines := func(name string, limit, each int) kinds.Field {
		f := field(name, kinds.FieldList, limit)
		f.Fields = []kinds.Field{{Label: f.Label, Type: kinds.FieldText, Max: each, Long: each > 300}}
		return f
	}
	links := func(name string) kinds.Field {
		f := field(name, kinds.FieldList, catalogue.MaxLinks)
		f.Fields = []kinds.Field{
			{Name: "name", Label: text("procedure.field.link"), Type: kinds.FieldText, Max: catalogue.MaxPaper},
			{Name: "url", Label: text("procedure.field.address"), Type: kinds.FieldURL, Max: catalogue.MaxURL},
		}
		return f
	}
	papers := field("papers", kinds.FieldList, catalogue.MaxPapers)
	papers.Fields = []kinds.Field{
		{Name: "name", Label: text("procedure.field.paper"), Type: kinds.FieldText, Max: catalogue.MaxPaper},
		{Name: "originals", Label: text("procedure.field.originals"), Type: kinds.FieldInt},
		{Name: "copies", Label: text("procedure.field.copies"), Type: kinds.FieldInt},
		{Name: "waived", Label: text("procedure.field.waived"), Type: kinds.FieldBool},
	}
	const s = catalogue.MaxShortText
	times := []string{string(catalogue.Workday), string(catalogue.Day), string(catalogue.Hour)}
	return []procedureSection{
		{"procedure.section.asked", []kinds.Field{
			must(field("name", kinds.FieldText, catalogue.MaxName)), field("abridged", kinds.FieldBool, 0), must(field("field", kinds.FieldText, catalogue.MaxField)),
			field("time_limit", kinds.FieldInt, 0), pick("time_unit", "procedure.unit.", times...), field("time_from", kinds.FieldInt, 0), field("time_note", kinds.FieldText, s),
			field("committed", kinds.FieldInt, 0), pick("committed_unit", "procedure.unit.", times...), field("reference", kinds.FieldBool, 0),
			field("fee", kinds.FieldText, s), field("where", kinds.FieldText, s), field("how", kinds.FieldText, s),
			pick("online", "procedure.online.", "full", "part", "none"), field("post", kinds.FieldBool, 0), field("url", kinds.FieldURL, catalogue.MaxURL),
		}},
		{"procedure.section.papers", []kinds.Field{
			papers, field("sets", kinds.FieldInt, 0), lines("steps", catalogue.MaxSteps, catalogue.MaxLongText), links("forms"), links("samples"), links("videos"),
		}},
		{"procedure.section.rules", []kinds.Field{
			field("who", kinds.FieldText, catalogue.MaxSource), long(field("conditions", kinds.FieldText, catalogue.MaxLongText)), field("result", kinds.FieldText, catalogue.MaxSource),
			field("unit", kinds.FieldText, catalogue.MaxUnit), pick("level", "procedure.level.", "province", "district", "commune"), lines("basis", catalogue.MaxBasis, catalogue.MaxBasisText),
		}},
		{"procedure.section.source", []kinds.Field{
			must(field("source", kinds.FieldString, catalogue.MaxSource)), field("from", kinds.FieldDate, 0), field("until", kinds.FieldDate, 0),
			field("reviewed_on", kinds.FieldDate, 0), field("reviewed_by", kinds.FieldString, catalogue.MaxUnit),
		}},
	}
}

type procedurePage struct {
	New      bool
	ID       string
	Row      *store.ProcedureRow
	Code     string
	CodeBad  string
	Sections []formSection
	Faqs     []choice
	Base     int
	Problem  string // of the whole form
	Count    int
	Dirty    bool
	Stale    bool
	Versions []versionView
	Useful   store.Useful    // as citizens answered on the kiosks
	Sheets   []store.Posting // of this procedure, that hang
}

type formSection struct {
	Title  string
	Fields []formField
}

func (s *server) procedureEdit(q *request) error {
	id := q.r.PathValue("id")
	if id == "" {
		v := values{}
		v.Set("base", "0")
		return q.procedureForm(http.StatusOK, nil, v, nil, false)
	}
	row, err := s.Store.Procedure(q.r.Context(), id)
	if err != nil {
		return err
	}
	v, err := procedureValues(row.Procedure)
	if err != nil {
		return err
	}
	v.Set("base", fmt.Sprint(row.Version))
	return q.procedureForm(http.StatusOK, &row, v, nil, false)
}

// procedureValues fills a form with a procedure.
func procedureValues(p *catalogue.Procedure) (values, error) {
	v := values{"related": p.Related}
	b, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	var tree map[string]any
	if err := json.Unmarshal(b, &tree); err != nil {
		return nil, err
	}
	delete(tree, "related")
	for k, x := range tree {
		flatten(v, k, x)
	}
	return v, nil
}

// readProcedure reads a form; items of lists that nobody filled in are left out.
func readProcedure(w words, v values, p *slides.Problems) *catalogue.Procedure {
	var fields []kinds.Field
	for _, s := range procedureSections(w) {
		fields = append(fields, s.Fields...)
	}
	tree := readFields(fields, v, "", p)
	for k, x := range tree {
		list, ok := x.([]any)
		if !ok {
			continue
		}
		kept := list[:0]
		for _, it := range list {
			m, isMap := it.(map[string]any)
			if t, isText := it.(slides.Text); isText && len(t) > 0 || isMap && filled(m) {
				kept = append(kept, it)
			}
		}
		tree[k] = kept
	}
	for _, id := range v["related"] {
		if id != "" {
			tree["related"] = append(asList(tree["related"]), id)
		}
	}
	out := &catalogue.Procedure{}
	b, err := json.Marshal(tree)
	if err == nil {
		err = json.Unmarshal(b, out)
	}
	if err != nil {
		p.Add("", slides.Sentence(err, "vi"), slides.Sentence(err, "en"))
	}
	return out
}

func asList(x any) []any {
	l, _ := x.([]any)
	return l
}

// procedureSave saves, or moves a part of the form, as "do" says. What was
// typed comes back with every answer but a success.
func (s *server) procedureSave(q *request) error {
	id := q.r.PathValue("id")
	var row *store.ProcedureRow
	if id != "" {
		r, err := s.Store.Procedure(q.r.Context(), id)
		if err != nil {
			return err
		}
		row = &r
	}
	v := q.r.PostForm
	if verb, at, ok := strings.Cut(v.Get("do"), ":"); ok {
		for _, sec := range procedureSections(q.words) {
			moveItem(v, sec.Fields, "", verb, at)
		}
		return q.procedureForm(http.StatusOK, row, v, nil, true)
	}
	var p slides.Problems
	pr := readProcedure(q.words, v, &p)
	if row != nil {
		pr.Code = row.Procedure.Code
	} else if err := q.newCode(v.Get("code"), pr, &p); err != nil {
		return err
	}
	look, _, err := s.Store.Look(q.r.Context())
	if err != nil && slides.KindOf(err) != slides.NotFound {
		return err
	}
	if why := hostReason(pr, look.Hosts); why != nil {
		p.Add("url", why.Vi, why.En)
	}
	unit := ""
	if row == nil {
		if unit, err = q.firstUnit(); err != nil {
			return err
		}
	}
	if len(p.List) > 0 {
		// The store's own problems too, so that all are mended in one go.
		var rest slides.Problems
		pr.Check(&rest, "p")
		for _, x := range rest.List {
			x.Path = x.Path[2:]
			if x.Path != "code" {
				p.List = append(p.List, x)
			}
		}
		return q.procedureForm(http.StatusUnprocessableEntity, row, v, p.List, true)
	}
	saved, err := s.Store.SaveProcedure(q.r.Context(), q.session.Actor(), unit, pr, number(v.Get("base")))
	switch kind := slides.KindOf(err); kind {
	case "":
		return q.to("/studio/procedures/"+saved.ID, "procedure-saved")
	case slides.Invalid, slides.Conflict:
		return q.procedureForm(kind.Status(), row, v, listed(err), true)
	}
	return err
}

// newCode reads the code of a new procedure; one that is there already is told.
func (q *request) newCode(written string, p *catalogue.Procedure, ps *slides.Problems) error {
	code, err := catalogue.NormaliseCode(written)
	if err != nil {
		ps.Add("code", slides.Sentence(err, "vi"), slides.Sentence(err, "en"))
		return nil
	}
	p.Code = code
	row, err := q.Store.Procedure(q.r.Context(), store.ProcedureID(code))
	switch {
	case slides.KindOf(err) == slides.NotFound:
		return nil
	case err != nil:
		return err
	case row.State != store.Removed && row.State != store.Removing:
		ps.Add("code", q.words.say("vi", "procedure.twice", code), q.words.say("en", "procedure.twice", code))
	}
	return nil
}

// hostReason says why an address may not be a QR; nil where it may.
func hostReason(p *catalogue.Procedure, hosts []string) *sheet.Reason {
	if p.URL == "" || len(hosts) == 0 {
		return nil
	}
	if err := scene.AllowedURL(p.URL, hosts); err != nil {
		return &sheet.Reason{Vi: slides.Sentence(err, "vi"), En: slides.Sentence(err, "en")}
	}
	return nil
}

func (q *request) procedureForm(status int, row *store.ProcedureRow, v values, list []slides.Problem, dirty bool) error {
	look, _, err := q.Store.Look(q.r.Context())
	if err != nil && slides.KindOf(err) != slides.NotFound {
		return err
	}
	p := procedurePage{New: row == nil, Row: row, Code: v.Get("code"), Base: number(v.Get("base")), Dirty: dirty, Count: len(list)}
	b := formBuilder{lang: q.lang, words: q.words, values: v, langs: textLanguages(look.Languages), problems: map[string][]string{}}
	b.take(list)
	p.CodeBad = b.pop("code")
	for _, s := range procedureSections(q.words) {
		p.Sections = append(p.Sections, formSection{s.Title, b.fields(s.Fields, "")})
	}
	p.Problem = b.rest()
	if p.Faqs, err = q.faqs(v["related"]); err != nil {
		return err
	}
	if row != nil {
		p.ID = row.ID
		cutoff, _, err := q.staleBefore()
		if err != nil {
			return err
		}
		p.Stale = row.Procedure.ReviewedOn < cutoff
		if p.Useful, err = q.Store.UsefulProcedure(q.r.Context(), row.Procedure.Code); err != nil {
			return err
		}
		if p.Versions, err = q.versions(row.ID); err != nil {
			return err
		}
		all, err := q.Store.Postings(q.r.Context(), false)
		if err != nil {
			return err
		}
		for _, x := range all {
			if x.What == store.OfProcedure && x.Ref == row.ID {
				p.Sheets = append(p.Sheets, x)
			}
		}
	}
	return q.render(status, "procedure", p)
}
