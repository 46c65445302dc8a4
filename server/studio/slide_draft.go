package studio

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/kinds"
)

// draftKey names what a person has typed and not saved: of a slide, or of a new
// one by the random name that its form was given. "" is no name.
func draftKey(id, fresh string) string {
	switch {
	case id != "":
		return "slide:" + id
	case fresh != "" && slides.ValidID(fresh):
		return "new:" + fresh
	}
	return ""
}

// notTyped are the fields of a form that are no part of what was typed.
var notTyped = []string{"do", "base", "draft", "checks", "keep"}

// typed is what of a form a person has typed.
func typed(v values) values {
	out := values{}
	for k, x := range v {
		if !slices.Contains(notTyped, k) && !strings.HasPrefix(k, "file:") && len(k) <= 200 {
			out[k] = x
		}
	}
	return out
}

// draftAnswer tells the editor's script how a draft stands.
type draftAnswer struct {
	Kept     string            `json:"kept"`               // a sentence: when it was kept
	Newer    string            `json:"newer,omitempty"`    // a sentence: somebody has saved meanwhile
	Problem  string            `json:"problem,omitempty"`  // a sentence: why it can't be shown
	Shown    *shown            `json:"shown,omitempty"`    // for the preview
	Checks   *string           `json:"checks,omitempty"`   // HTML, where asked for
	Pictures map[string]string `json:"pictures,omitempty"` // field to the name of the file that came with it
}

// slideDraft keeps what is in a form, unsaved, and answers with what shows it.
func (s *server) slideDraft(q *request) error {
	ctx := q.r.Context()
	id, kind := q.r.PathValue("id"), q.r.PathValue("kind")
	var row *store.SlideRow
	if id != "" {
		r, err := s.Store.Slide(ctx, id)
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
	unit := v.Get("unit")
	if row != nil {
		unit = row.Unit
	}
	zone, err := q.zoneOf(unit)
	if err != nil {
		return err
	}
	var a draftAnswer
	var p slides.Problems
	before := maps.Clone(v)
	q.takePictures(kinds.Fields(kind), "body.", v, &p)
	for path := range v {
		if v.Get(path) != before.Get(path) {
			if a.Pictures == nil {
				a.Pictures = map[string]string{}
			}
			a.Pictures[path] = v.Get(path)
		}
	}
	sl := readSlide(k.Name, v, zone, &p)
	if sl.ID = id; row == nil {
		sl.ID = "draft"
	}
	key := draftKey(id, v.Get("draft"))
	if key == "" {
		return slides.E(slides.Invalid, "studio.slideDraft", q.words.say("vi", "error.form"), q.words.say("en", "error.form"), nil)
	}
	base := number(v.Get("base"))
	switch {
	case row != nil && len(p.List) == 0 && sameSlide(sl, row.Slide):
		err = s.Store.DropDraft(ctx, q.session.User.ID, key)
	case v.Get("keep") != "":
		title := sl.Title.In("vi")
		if title == "" {
			title = titleOf(sl)
		}
		err = s.Store.SaveDraft(ctx, q.session.User.ID, store.UnsavedDraft{Key: key, Kind: k.Name, Base: base, Title: title, Values: typed(v)})
		a.Kept = q.words.say(q.lang, "draft.kept", q.Store.Now().Time().In(q.zone).Format("15:04:05"))
	}
	if err != nil {
		return err
	}
	if row != nil && base != row.Version {
		a.Newer = q.words.say(q.lang, "draft.newer", row.Version)
	}
	f, err := q.frame(unit)
	if err != nil {
		return err
	}
	if body, err := kinds.Parse(sl); err != nil {
		a.Problem = slides.Sentence(err, q.lang)
	} else if err := q.checkPictures(body, &p); err != nil {
		return err
	} else {
		sh, err := q.manifestOf(sl, f)
		if err != nil {
			return err
		}
		a.Shown = &sh
	}
	if len(p.List) > 0 {
		a.Problem = p.List[0].Vi
		if q.lang == "en" {
			a.Problem = p.List[0].En
		}
	}
	if v.Get("checks") != "" {
		page, err := q.slidePage(slideState{kind: k, row: row, v: v, list: p.List, checked: withTitle(sl)})
		if err != nil {
			return err
		}
		var b bytes.Buffer
		if err := q.pages["slide"].ExecuteTemplate(&b, "checks", q.view("slide", page)); err != nil {
			return err
		}
		html := b.String()
		a.Checks = &html
	}
	out, err := json.Marshal(a)
	if err != nil {
		return err
	}
	return q.json(out)
}

// slideDraftDrop forgets what was typed and not saved.
func (s *server) slideDraftDrop(q *request) error {
	id := q.r.PathValue("id")
	key := draftKey(id, q.r.PostForm.Get("draft"))
	if key != "" {
		if err := s.Store.DropDraft(q.r.Context(), q.session.User.ID, key); err != nil {
			return err
		}
	}
	if id != "" {
		return q.to("/studio/slides/"+id, "draft-dropped")
	}
	return q.to("/studio/slides", "draft-dropped")
}

// recovered is what the person had typed and not saved, nil without.
func (q *request) recovered(key string) (*store.UnsavedDraft, error) {
	if key == "" {
		return nil, nil
	}
	d, err := q.Store.Draft(q.r.Context(), q.session.User.ID, key)
	if slides.KindOf(err) == slides.NotFound {
		return nil, nil
	}
	return &d, err
}

// sameSlide says whether two slides are the same content.
func sameSlide(a, b *slides.Slide) bool {
	return slices.Equal(flat(a), flat(b))
}

func flat(s *slides.Slide) []string {
	v := slideValues(s, time.UTC)
	var out []string
	for _, k := range slices.Sorted(maps.Keys(v)) {
		if v.Get(k) != "" && v.Get(k) != "0" {
			out = append(out, k+"="+strings.Join(v[k], "\x00"))
		}
	}
	return out
}

// maxAutoTitle is the most runes of a title that nobody wrote.
const maxAutoTitle = 80

// withTitle gives a slide without a title the one that saving would.
func withTitle(sl *slides.Slide) *slides.Slide {
	if sl.Title.Empty() {
		if t := titleOf(sl); t != "" {
			c := *sl
			c.Title = maps.Clone(sl.Title)
			if c.Title == nil {
				c.Title = slides.Text{}
			}
			c.Title["vi"] = t
			return &c
		}
	}
	return sl
}

// titleOf is a title for who wrote none: the beginning of the first text that
// the kind can't do without.
func titleOf(sl *slides.Slide) string {
	body, err := kinds.Parse(sl)
	if err != nil {
		return ""
	}
	must := map[string]bool{}
	for _, f := range kinds.Fields(sl.Kind) {
		must[f.Path] = f.Required && f.Type == kinds.FieldText
	}
	for _, t := range kinds.Texts(body) {
		if s := strings.Join(strings.Fields(t.Text["vi"]), " "); must[t.Path] && s != "" {
			r := []rune(s)
			if len(r) <= maxAutoTitle {
				return s
			}
			cut := string(r[:maxAutoTitle])
			if i := strings.LastIndexByte(cut, ' '); i > 0 {
				cut = cut[:i]
			}
			return strings.TrimRight(cut, " ,;:–-") + "…"
		}
	}
	return ""
}

// slideFiles are the files that a slide names, without those that can't be read.
func slideFiles(sl *slides.Slide) []string {
	var out []string
	for _, sha := range kinds.SlideBlobs(sl) {
		if slides.ValidSHA(sha) {
			out = append(out, sha)
		}
	}
	return out
}

// conflictPage shows two versions of a slide that were made from the same one.
type conflictPage struct {
	Action string // of the form
	Title  slides.Text
	Base   int // the version that is there now
	By     string
	At     slides.Millis
	Theirs []preview
	Mine   []preview
	Diff   []diff // Before: theirs, After: mine
	Hidden []hidden
}

type hidden struct{ Name, Value string }

// conflict asks what is to become of v, which was typed over an older version
// than the one that is there: nothing of either is lost before somebody says so.
func (q *request) conflict(k kinds.Kind, row *store.SlideRow, v values) error {
	zone, err := q.zoneOf(row.Unit)
	if err != nil {
		return err
	}
	f, err := q.frame(row.Unit)
	if err != nil {
		return err
	}
	names, err := q.userNames()
	if err != nil {
		return err
	}
	mine := readSlide(k.Name, v, zone, &slides.Problems{})
	mine.ID = row.ID
	p := conflictPage{
		Action: "/studio/slides/" + row.ID, Title: row.Slide.Title, Base: row.Version, By: names[row.By], At: row.Updated,
		Theirs: q.previews(row.Slide, f), Mine: q.previews(mine, f), Diff: q.compare(row.Slide, mine, zone),
	}
	kept := typed(v)
	for _, name := range slices.Sorted(maps.Keys(kept)) {
		for _, x := range kept[name] {
			p.Hidden = append(p.Hidden, hidden{name, x})
		}
	}
	if err := q.Store.SaveDraft(q.r.Context(), q.session.User.ID, store.UnsavedDraft{Key: draftKey(row.ID, ""), Kind: k.Name, Base: number(v.Get("base")), Title: mine.Title.In("vi"), Values: kept}); err != nil {
		return err
	}
	status := http.StatusConflict
	if q.r.Method == http.MethodGet {
		status = http.StatusOK
	}
	return q.render(status, "conflict", p)
}
