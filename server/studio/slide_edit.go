package studio

import (
	"crypto/rand"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"

	"motcua/server/auth"
	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/kinds"
)

// slidePage is the form of a slide.
type slidePage struct {
	New       bool
	ID        string
	Kind      kinds.Kind
	Row       *store.SlideRow // nil for a new one
	V         string
	Common    []formField
	Body      []formField
	Units     []store.Unit
	Unit      string
	UnitBad   string
	Base      int
	Zone      string
	Problem   string // of the whole form
	Count     int    // problems
	Preview   []preview
	Dirty     bool          // shows what is not saved
	Draft     string        // names what is typed into a new one
	Recovered slides.Millis // when it was typed, of what was left unsaved
	Module    string        // version of the built-in kiosk; "" without
	Langs     []string      // that a slide is written in, vi first
	Expired   bool
	Useful    store.Useful // as citizens answered on the kiosks
	Checked   bool         // by the checks before publishing
	Undo      int          // version to go back to after a restore, 0: none
	Found     []finding    // by them
	Stops     int          // of Found: how many stop it
}

// Shapes are the screens that the live preview can be.
func (slidePage) Shapes() []previewShape {
	return []previewShape{{1920, 1080, "preview.landscape"}, {1080, 1920, "preview.portrait"}, {3840, 2160, "preview.4k"}}
}

type previewShape struct {
	W, H int
	Key  string
}

type preview struct {
	Tall bool
	Data template.URL // a data: picture that we drew
	Says []string
}

func (s *server) slideNew(q *request) error {
	k, ok := kinds.Find(q.r.PathValue("kind"))
	if !ok {
		return q.noKind(q.r.PathValue("kind"))
	}
	from, err := q.beginning(k.Name)
	if err != nil {
		return err
	}
	if from == nil {
		from = &slides.Slide{Kind: k.Name, Audience: slides.Public, Topic: "T04"}
	}
	v := slideValues(from, q.zone)
	for _, f := range kinds.Fields(k.Name) {
		if f.Type == kinds.FieldList && f.Required && v.Get("body."+f.Name+".#") == "" {
			v.Set("body."+f.Name+".#", "1") // one place to write in, not an empty list
		}
	}
	x := slideState{kind: k, v: v}
	fresh := q.r.URL.Query().Get("draft")
	d, err := q.recovered(draftKey("", fresh))
	if err != nil {
		return err
	}
	if d != nil && d.Kind == k.Name {
		x.v, x.dirty, x.recovered = d.Values, true, d.Updated
	} else if draftKey("", fresh) == "" {
		fresh = strings.ToLower(rand.Text()[:16])
	}
	x.v.Set("base", "0")
	x.v.Set("draft", fresh)
	return q.slideForm(http.StatusOK, x)
}

func (q *request) noKind(name string) error {
	return slides.E(slides.NotFound, "studio.noKind", q.words.say("vi", "slide.nokind", short(name)), q.words.say("en", "slide.nokind", short(name)), nil)
}

func (s *server) slideEdit(q *request) error {
	row, err := s.Store.Slide(q.r.Context(), q.r.PathValue("id"))
	if err != nil {
		return err
	}
	k, ok := kinds.Find(row.Slide.Kind)
	if !ok {
		return q.noKind(row.Slide.Kind)
	}
	zone, err := q.zoneOf(row.Unit)
	if err != nil {
		return err
	}
	d, err := q.recovered(draftKey(row.ID, ""))
	if err != nil {
		return err
	}
	if d != nil {
		d.Values["base"] = []string{fmt.Sprint(d.Base)}
		if d.Base != row.Version {
			return q.conflict(k, &row, d.Values)
		}
		sl := readSlide(k.Name, d.Values, zone, &slides.Problems{})
		sl.ID = row.ID
		return q.slideForm(http.StatusOK, slideState{kind: k, row: &row, v: d.Values, checked: sl, dirty: true, recovered: d.Updated})
	}
	v := slideValues(row.Slide, zone)
	v.Set("base", fmt.Sprint(row.Version))
	return q.slideForm(http.StatusOK, slideState{kind: k, row: &row, v: v, checked: row.Slide})
}

// slideSave saves, previews, or moves a part of the form, as "do" says. What
// was typed comes back with every answer but a success.
func (s *server) slideSave(q *request) error {
	id, kind := q.r.PathValue("id"), q.r.PathValue("kind")
	var row *store.SlideRow
	if id != "" {
		r, err := s.Store.Slide(q.r.Context(), id)
		if err != nil {
			return err
		}
		row, kind = &r, r.Slide.Kind
	}
	k, ok := kinds.Find(kind)
	if !ok {
		return q.noKind(kind)
	}
	v := q.r.PostForm
	again := func(status int, list []slides.Problem) error {
		return q.slideForm(status, slideState{kind: k, row: row, v: v, list: list, dirty: true})
	}
	var p slides.Problems
	q.takePictures(kinds.Fields(kind), "body.", v, &p)
	do, unit := v.Get("do"), v.Get("unit")
	if row != nil {
		unit = row.Unit
	}
	if do == "channels" {
		some, err := q.takeChannels(v, unit)
		if err != nil {
			return err
		}
		if !some {
			p.Add("body.links", q.words.say("vi", "channels.none"), q.words.say("en", "channels.none"))
		}
		return again(http.StatusOK, p.List)
	}
	if fix, ok := strings.CutPrefix(do, "fix:"); ok { // mended, it is saved like any other edit
		if err := q.mend(v, unit, fix); err != nil {
			return err
		}
	} else if verb, at, ok := strings.Cut(do, ":"); ok {
		moveItem(v, kinds.Fields(kind), "body.", verb, at)
		return again(http.StatusOK, p.List)
	}
	zone, err := q.zoneOf(unit)
	if err != nil {
		return err
	}
	sl := withTitle(readSlide(k.Name, v, zone, &p))
	if sl.ID = id; row == nil {
		sl.ID = formID(sl.Title.In("vi"), v.Get("draft"))
	}
	if row != nil && do == "theirs" {
		return s.slideDraftDrop(q)
	}
	if row != nil && do == "both" {
		return q.saveBoth(row, sl)
	}
	f, err := q.frame(unit)
	if err != nil {
		return err
	}
	if do == "preview" {
		return q.slideForm(http.StatusOK, slideState{kind: k, row: row, v: v, list: p.List, pictures: q.previews(sl, f), checked: sl, dirty: true})
	}
	if err := kinds.Validate(sl); err != nil {
		p.List = append(p.List, listed(err)...)
	}
	if body, err := kinds.Parse(sl); err == nil {
		if len(f.look.Hosts) > 0 {
			kinds.CheckHosts(body, f.look.Hosts, &p)
		}
		if err := q.checkPictures(body, &p); err != nil {
			return err
		}
	}
	if sl.Until != 0 && sl.Until <= s.Store.Now() && (row == nil || row.Slide.Until != sl.Until) {
		p.Add("until", q.words.say("vi", "slide.past"), q.words.say("en", "slide.past"))
	}
	if row == nil {
		if err := q.checkUnit(unit, &p); err != nil {
			return err
		}
		if err := q.mustReach(auth.EditContent, unit, "unit", &p); err != nil {
			return err
		}
	}
	if len(p.List) > 0 {
		return again(http.StatusUnprocessableEntity, p.List)
	}
	saved, err := s.Store.SaveSlide(q.r.Context(), q.session.Actor(), unit, sl, number(v.Get("base")))
	if slides.KindOf(err) == slides.Conflict {
		was, known := s.Store.Slide(q.r.Context(), sl.ID)
		switch {
		case known == nil && was.By == q.session.User.ID && was.State != store.Removing && was.State != store.Removed && sameSlide(sl, was.Slide):
			saved, err = was, nil // the form was sent twice
		case row == nil && known == nil: // the form was gone back to after it was saved
			sl.ID = newID(sl.Title.In("vi"))
			saved, err = s.Store.SaveSlide(q.r.Context(), q.session.Actor(), unit, sl, 0)
		}
	}
	switch slides.KindOf(err) {
	case "":
		if key := draftKey(id, v.Get("draft")); key != "" {
			if err := s.Store.DropDraft(q.r.Context(), q.session.User.ID, key); err != nil {
				return err
			}
		}
		return q.to("/studio/slides/"+saved.ID, "slide-saved")
	case slides.Invalid, slides.TooLarge:
		return again(http.StatusUnprocessableEntity, listed(err))
	case slides.Conflict:
		if row != nil && row.State != store.Removing {
			return q.conflict(k, row, v)
		}
		return again(http.StatusConflict, listed(err))
	}
	return err
}

// saveBoth keeps what somebody else has saved, and sl as a slide of its own.
func (q *request) saveBoth(row *store.SlideRow, sl *slides.Slide) error {
	q.copyTitle(sl)
	sl.ID = newID(sl.Title.In("vi"))
	saved, err := q.Store.SaveSlide(q.r.Context(), q.session.Actor(), row.Unit, sl, 0)
	if err != nil {
		return err
	}
	if err := q.Store.DropDraft(q.r.Context(), q.session.User.ID, draftKey(row.ID, "")); err != nil {
		return err
	}
	return q.to("/studio/slides/"+saved.ID, "slide-copied")
}

// checkUnit reports a unit that is not there.
func (q *request) checkUnit(id string, p *slides.Problems) error {
	units, err := q.Store.Units(q.r.Context(), 0)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(units, func(u store.Unit) bool { return u.ID == id }) {
		p.Add("unit", q.words.say("vi", "kiosk.nounit"), q.words.say("en", "kiosk.nounit"))
	}
	return nil
}

// checkPictures reports pictures and films that are not stored (any more), and
// files that are not what their field is for.
func (q *request) checkPictures(body kinds.Body, p *slides.Problems) error {
	for _, u := range kinds.BlobUses(body) {
		if !slides.ValidSHA(u.SHA) {
			continue // told already
		}
		gone, other := "picture.gone", "picture.other"
		if u.Film {
			gone, other = "film.gone", "film.other"
		}
		ref, err := q.Store.BlobRef(q.r.Context(), u.SHA)
		switch {
		case slides.KindOf(err) == slides.NotFound:
			p.Add(u.Path, q.words.say("vi", gone), q.words.say("en", gone))
		case err != nil:
			return err
		case !u.Fits(ref.Type):
			p.Add(u.Path, q.words.say("vi", other), q.words.say("en", other))
		}
	}
	return nil
}

// listed are the problems of an error: its own list, or its sentence as one.
func listed(err error) []slides.Problem {
	if err == nil {
		return nil
	}
	if e, ok := asError(err); ok && len(e.Problems) > 0 {
		return e.Problems
	}
	return []slides.Problem{{Vi: slides.Sentence(err, "vi"), En: slides.Sentence(err, "en")}}
}

// newID names a new slide after its title: readable in addresses and logs,
// with 40 random bits that keep it apart.
func newID(title string) string { return slugOf(title) + "-" + strings.ToLower(rand.Text()[:8]) }

// formID names the new slide of a form after its title and the form's own
// random name: sent twice, it makes one slide.
func formID(title, draft string) string {
	if len(draft) < 8 || draftKey("", draft) == "" {
		return newID(title)
	}
	if id := slugOf(title) + "-" + draft[:8]; slides.ValidID(id) {
		return id
	}
	return newID(title)
}

// slugOf is a title as a part of an address.
func slugOf(title string) string {
	slug := strings.Trim(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, slides.Fold(title)), "-")
	for strings.Contains(slug, "--") {
		slug = strings.ReplaceAll(slug, "--", "-")
	}
	if len(slug) > 40 {
		slug = strings.Trim(slug[:40], "-")
	}
	if slug == "" {
		slug = "x"
	}
	return slug
}

// slideState is how a slide's form stands.
type slideState struct {
	kind     kinds.Kind
	row      *store.SlideRow // as saved; nil for a new one
	v        values
	list     []slides.Problem
	pictures []preview
	checked  *slides.Slide // what the checks before publishing look at; nil: nothing
	dirty    bool          // v holds what is not saved
	// recovered is when v was typed, where it comes from a draft that was left; 0: it does not.
	recovered slides.Millis
}

// slideForm renders the form.
func (q *request) slideForm(status int, x slideState) error {
	p, err := q.slidePage(x)
	if err != nil {
		return err
	}
	return q.render(status, "slide", p)
}

func (q *request) slidePage(x slideState) (p slidePage, err error) {
	k, row, v := x.kind, x.row, x.v
	units, err := q.unitsFor(auth.EditContent)
	if err != nil {
		return p, err
	}
	look, _, err := q.Store.Look(q.r.Context())
	if err != nil && slides.KindOf(err) != slides.NotFound {
		return p, err
	}
	p = slidePage{New: row == nil, Kind: k, Row: row, Units: units, Unit: v.Get("unit"), Base: number(v.Get("base")), Draft: v.Get("draft"), Preview: x.pictures, Dirty: x.dirty, Recovered: x.recovered, Count: len(x.list), Module: moduleVersion(), Langs: textLanguages(look.Languages)}
	if row != nil {
		p.ID, p.Unit = row.ID, row.Unit
		f, err := q.frame(row.Unit)
		if err != nil {
			return p, err
		}
		p.V = version(row.SHA, f)
		if u := q.r.URL.Query(); u.Get("done") == "slide-restored" && q.r.Method == http.MethodGet {
			p.Undo = number(u.Get("undo"))
		}
		if p.Useful, err = q.Store.UsefulSlide(q.r.Context(), row.ID); err != nil {
			return p, err
		}
		p.Expired = row.Slide.Until != 0 && q.Store.Now() >= row.Slide.Until
	} else if p.Unit == "" && len(units) > 0 {
		p.Unit = units[0].ID
	}
	zone, err := q.zoneOf(p.Unit)
	if err != nil {
		return p, err
	}
	p.Zone = zone.String()
	b := formBuilder{lang: q.lang, words: q.words, values: v, langs: p.Langs, problems: map[string][]string{}}
	b.take(x.list)
	p.UnitBad = b.pop("unit")
	p.Common = b.fields(commonFields(q.words), "")
	p.Body = b.fields(kinds.Fields(k.Name), "body.")
	p.Problem = b.rest()
	if x.checked == nil {
		return p, nil
	}
	list, err := q.reviewSlide(q.r.Context(), x.checked, p.Unit)
	if err != nil {
		return p, err
	}
	p.Checked, p.Found = true, q.findings(k.Name, list, p.Common, p.Body)
	for _, f := range p.Found {
		if f.Stops {
			p.Stops++
		}
	}
	return p, nil
}

// textLanguages are the languages that a form asks for, Vietnamese first.
func textLanguages(of []string) []string {
	out := []string{"vi"}
	for _, l := range append(of, "en") {
		known := false
		for _, o := range out {
			known = known || o == l
		}
		if !known {
			out = append(out, l)
		}
	}
	return out
}
