package studio

import (
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"time"

	"motcua/server/auth"
	"motcua/server/media"
	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/kinds"
	"motcua/slides/scene"
)

// formField is one field as the page shows it, in the page's language.
type formField struct {
	Name     string // of the input
	ID       string // of the element, for labels and descriptions
	Label    string
	Help     string // a sentence beneath, or ""
	Type     kinds.FieldType
	Required bool
	Long     bool
	Max      int
	Value    string
	Texts    []textInput // of a text: one for each language
	Options  []choice
	Problem  string
	Open     bool        // of an optional group: something is in it
	Fields   []formField // of a group
	Items    []formItem  // of a list
	Full     bool        // a list with as many items as it may have
	Rows     bool        // a list whose items are one line each
}

type textInput struct {
	Name, ID, Lang, Value, Problem string
	Main                           bool // Vietnamese: required where the field is
}

type choice struct {
	Value, Label string
	On           bool
}

type formItem struct {
	Number      int
	Path        string
	First, Last bool
	Fields      []formField
	Problem     string
}

// formBuilder turns descriptions, values and problems into fields.
type formBuilder struct {
	lang     string
	words    words
	values   values
	langs    []string
	problems map[string][]string
}

func (b *formBuilder) take(list []slides.Problem) {
	for _, p := range list {
		s := p.Vi
		if b.lang == "en" && p.En != "" {
			s = p.En
		}
		path := p.Path
		if path == "dwell_ms" {
			path = "dwell" // typed in seconds
		}
		if !slices.Contains(b.problems[path], s) {
			b.problems[path] = append(b.problems[path], s)
		}
	}
}

// pop is what is wrong at the paths; a problem is told in one place.
func (b *formBuilder) pop(paths ...string) string {
	var out []string
	for _, p := range paths {
		out = append(out, b.problems[p]...)
		delete(b.problems, p)
	}
	return strings.Join(out, " ")
}

// rest are the problems that belong to no field that is shown.
func (b *formBuilder) rest() string {
	var paths []string
	for p := range b.problems {
		paths = append(paths, p)
	}
	slices.Sort(paths)
	var out []string
	for _, p := range paths {
		s := b.pop(p)
		if p != "" {
			s = p + ": " + s
		}
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

func elementID(name string) string { return "f-" + strings.ReplaceAll(name, ".", "-") }

func (b *formBuilder) fields(fields []kinds.Field, prefix string) []formField {
	var out []formField
	for _, f := range fields {
		out = append(out, b.field(f, strings.TrimSuffix(prefix+f.Name, ".")))
	}
	return out
}

func (b *formBuilder) field(f kinds.Field, path string) formField {
	x := formField{Name: path, ID: elementID(path), Label: f.Label.In(b.lang), Type: f.Type, Required: f.Required, Long: f.Long || f.Max > 140, Max: f.Max, Value: b.values.Get(path)}
	if key := "help." + unnumbered(path); b.words.has(key) {
		x.Help = b.words.say(b.lang, key)
	}
	switch f.Type {
	case fieldDays, fieldChecks:
		for _, o := range f.Options {
			x.Options = append(x.Options, choice{o.Value, o.Label.In(b.lang), slices.Contains(b.values[path], o.Value)})
		}
	case kinds.FieldText:
		for _, l := range b.textLangs(path) {
			name := path + "." + l
			x.Texts = append(x.Texts, textInput{Name: name, ID: elementID(name), Lang: l, Value: b.values.Get(name), Problem: b.pop(name), Main: l == "vi"})
		}
	case kinds.FieldFilm:
		x.Max = kinds.MaxFilm >> 20
	case kinds.FieldChoice:
		if !f.Required {
			x.Options = append(x.Options, choice{"", b.words.say(b.lang, "form.none"), x.Value == ""})
		}
		for _, o := range f.Options {
			x.Options = append(x.Options, choice{o.Value, o.Label.In(b.lang), o.Value == x.Value})
		}
	case kinds.FieldGroup:
		x.Fields = b.fields(f.Fields, path+".")
		x.Open = f.Required || filled(readFields(f.Fields, b.values, path+".", &slides.Problems{})) || b.below(path)
	case kinds.FieldList:
		n := items(b.values, path, f.Max)
		x.Value, x.Full = fmt.Sprint(n), f.Max > 0 && n >= f.Max
		x.Rows = slices.ContainsFunc(f.Fields, func(f kinds.Field) bool { return f.Type == fieldTime })
		for i := range n {
			at := fmt.Sprintf("%s.%d", path, i)
			it := formItem{Number: i + 1, Path: at, First: i == 0, Last: i == n-1}
			it.Fields = b.fields(f.Fields, at+".")
			it.Problem = b.pop(at)
			x.Items = append(x.Items, it)
		}
	}
	x.Problem = b.pop(path)
	return x
}

// unnumbered is a path without the numbers of items.
func unnumbered(path string) string {
	return strings.Join(slices.DeleteFunc(strings.Split(path, "."), func(s string) bool { return strings.Trim(s, "0123456789") == "" }), ".")
}

// below says whether a problem lies in a group, so that it is shown open.
func (b *formBuilder) below(path string) bool {
	for p := range b.problems {
		if under(p, path) {
			return true
		}
	}
	return false
}

// textLangs are the form's languages and those that the text has already.
func (b *formBuilder) textLangs(path string) []string {
	out := slices.Clone(b.langs)
	for k := range b.values {
		if l, ok := strings.CutPrefix(k, path+"."); ok && !strings.ContainsAny(l, ".#") && !slices.Contains(out, l) {
			out = append(out, l)
		}
	}
	slices.Sort(out[len(b.langs):])
	return out
}

// maxPicture is the most bytes of an uploaded picture: a photograph of a
// 24-megapixel camera at good quality.
const maxPicture = 10 << 20

// takePictures stores the pictures and films that came with the form and puts
// their names where the form wants them.
func (q *request) takePictures(fields []kinds.Field, prefix string, v values, p *slides.Problems) {
	if q.r.MultipartForm == nil {
		return
	}
	for _, f := range fields {
		path := prefix + f.Name
		keep := q.keepPicture
		switch f.Type {
		case kinds.FieldPicture:
		case kinds.FieldFilm:
			keep = q.keepFilm
		case kinds.FieldGroup:
			q.takePictures(f.Fields, path+".", v, p)
			continue
		default:
			continue
		}
		files := q.r.MultipartForm.File["file:"+path]
		if len(files) == 0 || files[0].Size == 0 {
			continue
		}
		sha, err := keep(files[0])
		if err != nil {
			if slides.KindOf(err) == slides.Broken {
				q.Log.Error("picture", "err", err)
			}
			p.Add(path, slides.Sentence(err, "vi"), slides.Sentence(err, "en"))
			continue
		}
		v.Set(path, sha)
	}
}

// keepPicture makes a picture ready as the library does and stores it.
func (q *request) keepPicture(h *multipart.FileHeader) (string, error) {
	const op = "studio.keepPicture"
	if h.Size > maxPicture {
		return "", slides.E(slides.TooLarge, op, q.words.say("vi", "picture.large"), q.words.say("en", "picture.large"), nil)
	}
	f, err := h.Open()
	if err != nil {
		return "", err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxPicture+1))
	if err != nil {
		return "", err
	}
	select { // decoding 40 million pixels takes 160 MB: no more than two at once
	case q.thumbs.slots <- struct{}{}:
	case <-q.r.Context().Done():
		return "", q.r.Context().Err()
	}
	p, err := media.Prepare(b)
	<-q.thumbs.slots
	if err != nil {
		return "", err
	}
	m := store.Media{Name: h.Filename, Source: slides.Sum(b)}
	if err := media.Keep(q.r.Context(), q.Store, p, &m); err != nil {
		return "", err
	}
	return m.Blob, q.shelve(m)
}

// shelve puts what came with a form into the library of the form's unit, so that
// it can be chosen again; where the form names none it is the form's alone.
func (q *request) shelve(m store.Media) error {
	unit, err := q.shelf()
	if err != nil || unit == "" {
		return err // a technician sets up a kiosk
	}
	m.Unit = unit
	_, _, err = q.Store.AddMedia(q.r.Context(), q.session.Actor(), m)
	return err
}

// shelf is the unit in whose library the form's files stand, "" where the person
// keeps none there.
func (q *request) shelf() (string, error) {
	var p slides.Problems
	unit := q.r.PostForm.Get("unit")
	if i, err := q.Store.Item(q.r.Context(), store.ItemRef{Type: store.SlideItem, ID: q.r.PathValue("id")}); err == nil {
		unit = i.Unit
	}
	if err := q.mustReach(auth.EditContent, unit, "unit", &p); err != nil || len(p.List) > 0 {
		return "", err
	}
	if err := q.checkUnit(unit, &p); err != nil || len(p.List) > 0 {
		return "", err
	}
	return unit, nil
}

// keepFilm gives a film that came with a form to the library, which converts it:
// that takes longer than a form waits, so what comes back is always an error,
// which says where the film will be; what else was typed stays in the form.
func (q *request) keepFilm(h *multipart.FileHeader) (string, error) {
	const op = "studio.keepFilm"
	if h.Size > kinds.MaxFilm {
		return "", slides.E(slides.TooLarge, op, q.words.say("vi", "film.large", kinds.MaxFilm>>20), q.words.say("en", "film.large", kinds.MaxFilm>>20), nil)
	}
	f, err := h.Open()
	if err != nil {
		return "", err
	}
	defer f.Close()
	if _, err := kinds.CheckFilm(f, h.Size); err != nil {
		return "", err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	unit, err := q.shelf()
	if err != nil {
		return "", err
	}
	if unit == "" {
		return "", slides.E(slides.Denied, op, q.words.say("vi", "film.nounit"), q.words.say("en", "film.nounit"), nil)
	}
	by := media.Sender{Actor: q.session.Actor(), Unit: unit, Name: h.Filename}
	if err := q.Media.Admit(q.r.Context(), by, h.Size); err != nil {
		return "", err
	}
	if _, err := q.Media.Take(q.r.Context(), by, f); err != nil {
		return "", err
	}
	return "", slides.E(slides.Invalid, op, q.words.say("vi", "film.converting"), q.words.say("en", "film.converting"), nil)
}

// blobPicture serves a picture or film of a form. Only these: other blobs are
// not for browsers.
func (s *server) blobPicture(q *request) error {
	b, err := s.Store.Blob(q.r.Context(), q.r.PathValue("sha"))
	if err != nil {
		return err
	}
	defer b.Close()
	if !slices.Contains([]string{"image/png", "image/jpeg", "video/mp4", "video/webm"}, b.Type) {
		return slides.E(slides.NotFound, "studio.blobPicture", q.words.say("vi", "error.notfound"), q.words.say("en", "error.notfound"), nil)
	}
	q.w.Header().Set("Content-Type", b.Type)
	q.w.Header().Set("Cache-Control", "private, max-age=604800, immutable")
	q.wrote = true
	http.ServeContent(q.w, q.r, "", time.Time{}, b) // browsers ask for parts of a film
	return nil
}

// previews draws a draft for both kinds of screen and says what does not fit.
func (q *request) previews(sl *slides.Slide, f *frame) []preview {
	var out []preview
	for _, name := range []string{"landscape", "portrait"} {
		pv := preview{Tall: name == "portrait"}
		b, sc, err := q.picture(q.r.Context(), sl, f, shapes[name])
		if err != nil {
			pv.Says = []string{slides.Sentence(err, q.lang)}
		} else {
			pv.Data = template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(b))
			pv.Says = q.misfits(sc)
		}
		out = append(out, pv)
	}
	return out
}

// misfits says in words what of a scene does not fit or can't be written.
func (q *request) misfits(sc *scene.Scene) []string {
	var out []string
	for _, o := range sc.Overflows {
		out = append(out, q.words.say(q.lang, "slide.overflow", clipRunes(o.Text, 60)))
	}
	for _, m := range sc.Missing {
		out = append(out, q.words.say(q.lang, "slide.missing", m.Runes))
	}
	return out
}

func clipRunes(s string, n int) string {
	r := []rune(strings.ReplaceAll(s, "\n", " "))
	if len(r) <= n {
		return string(r)
	}
	return string(r[:n]) + "…"
}
