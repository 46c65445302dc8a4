package studio

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"motcua/server/auth"
	"motcua/server/media"
	"motcua/server/store"
	"motcua/slides"
)

// mediaBody is a form's body with files, for browsers without script.
const mediaBody = media.MaxForm + formBody

// mediaPage is how many files a page of the library shows.
const mediaPage = 60

var mediaKinds = []store.MediaKind{store.PictureMedia, store.FilmMedia, store.SoundMedia}

type mediaCard struct {
	store.Media
	Live  int // places on the screens
	Draft int // places that are not on the screens yet
}

type mediaListPage struct {
	Cards   []mediaCard
	Filter  store.MediaFilter
	Unit    string
	Total   int
	Any     bool
	Prev    string
	Next    string
	Kinds   []store.MediaKind
	Units   []store.Unit // where the person may bring files
	See     []store.Unit // whose files the person sees
	Uploads []store.Upload
	Working bool // an upload is being made ready
	Problem string
	MaxForm int64
	Largest int64
	Removed int // that can be put back
}

func (s *server) mediaList(q *request) error { return q.mediaLibrary(http.StatusOK, "") }

func (q *request) mediaLibrary(status int, problem string) error {
	ctx, u := q.r.Context(), q.r.URL.Query()
	seen, err := q.contentUnits()
	if err != nil {
		return err
	}
	f := store.MediaFilter{Units: seen, Kind: store.MediaKind(u.Get("kind")), Search: short(u.Get("q")), Removed: u.Get("removed") != "", Limit: mediaPage, Offset: number(u.Get("from"))}
	if unit := u.Get("unit"); unit != "" && (seen == nil || slices.Contains(seen, unit)) {
		f.Units = []string{unit}
	}
	p := mediaListPage{Filter: f, Unit: u.Get("unit"), Kinds: mediaKinds, Problem: problem, MaxForm: media.MaxForm >> 20, Largest: media.MaxUpload >> 20}
	var list []store.Media
	if list, p.Total, err = q.Store.MediaList(ctx, f); err != nil {
		return err
	}
	if p.Cards, err = q.mediaCards(list); err != nil {
		return err
	}
	if p.Any = p.Total > 0; !p.Any {
		if _, n, err := q.Store.MediaList(ctx, store.MediaFilter{Units: seen, Limit: 1}); err != nil {
			return err
		} else {
			p.Any = n > 0
		}
	}
	if _, p.Removed, err = q.Store.MediaList(ctx, store.MediaFilter{Units: seen, Removed: true, Limit: 1}); err != nil {
		return err
	}
	at := func(from int) string {
		v := url.Values{}
		for k, x := range u {
			v[k] = x
		}
		v.Set("from", strconv.Itoa(from))
		return "/studio/media?" + v.Encode()
	}
	if f.Offset > 0 {
		p.Prev = at(max(0, f.Offset-mediaPage))
	}
	if f.Offset+len(list) < p.Total {
		p.Next = at(f.Offset + mediaPage)
	}
	if p.Units, err = q.unitsFor(auth.EditContent); err != nil {
		return err
	}
	if p.See, err = q.unitsFor(auth.SeeContent); err != nil {
		return err
	}
	if p.Uploads, err = q.Store.Uploads(ctx, q.session.User.ID); err != nil {
		return err
	}
	p.Uploads = keep(p.Uploads, func(u store.Upload) bool { // what is in the list below needs no word here
		p.Working = p.Working || u.State == store.UploadWaiting || u.State == store.UploadRunning
		return u.State != store.UploadDone || u.Again
	})
	return q.render(status, "media", p)
}

func (q *request) mediaCards(list []store.Media) ([]mediaCard, error) {
	uses, err := q.Store.MediaUses(q.r.Context(), list)
	if err != nil {
		return nil, err
	}
	var out []mediaCard
	for _, m := range list {
		c := mediaCard{Media: m}
		for _, u := range uses[m.ID] {
			if u.Live {
				c.Live++
			} else {
				c.Draft++
			}
		}
		out = append(out, c)
	}
	return out, nil
}

// Minutes is a length as players show it: "2:05".
func (v *view) Minutes(d time.Duration) string {
	s := int((d + time.Second/2) / time.Second)
	return strconv.Itoa(s/60) + ":" + string('0'+rune(s%60/10)) + string('0'+rune(s%10))
}

// mediaUpload takes files with a form, for browsers without script.
func (s *server) mediaUpload(q *request) error {
	if q.r.MultipartForm == nil || len(q.r.MultipartForm.File["file"]) == 0 {
		return q.mediaLibrary(http.StatusUnprocessableEntity, q.words.say(q.lang, "media.nofile"))
	}
	unit := q.r.PostForm.Get("unit")
	for _, h := range q.r.MultipartForm.File["file"] {
		err := q.sendable(unit, h.Filename, h.Size)
		if err == nil {
			f, openErr := h.Open()
			if openErr != nil {
				return openErr
			}
			_, err = s.Media.Take(q.r.Context(), media.Sender{Actor: q.session.Actor(), Unit: unit, Name: h.Filename}, f)
			f.Close() // it is only read
		}
		if kind := slides.KindOf(err); kind == slides.Broken {
			return err
		} else if err != nil {
			return q.mediaLibrary(kind.Status(), h.Filename+": "+sentenceOf(err, q.lang))
		}
	}
	return q.to("/studio/media", "media-sent")
}

// sentenceOf is an error's own sentence, or that of its first problem.
func sentenceOf(err error, lang string) string {
	if e, ok := asError(err); ok && len(e.Problems) > 0 {
		if lang == "en" {
			return e.Problems[0].En
		}
		return e.Problems[0].Vi
	}
	return slides.Sentence(err, lang)
}

// sendable says whether the person may bring a file of that size for a unit.
func (q *request) sendable(unit, name string, size int64) error {
	var p slides.Problems
	if err := q.checkUnit(unit, &p); err != nil {
		return err
	}
	if len(p.List) == 0 {
		if err := q.mustReach(auth.EditContent, unit, "unit", &p); err != nil {
			return err
		}
	}
	if err := p.Err("studio.sendable"); err != nil {
		return err
	}
	return q.Media.Admit(q.r.Context(), media.Sender{Actor: q.session.Actor(), Unit: unit, Name: name}, size)
}

// uploadNew begins an upload in pieces. Its errors are a sentence alone: the
// page's script shows them.
func (s *server) uploadNew(q *request) error {
	unit, name := media.Asked(q.r)
	size, err := strconv.ParseInt(q.r.Header.Get("Upload-Length"), 10, 64)
	if err != nil || size < 0 {
		size = 0
	}
	if err := q.sendable(unit, name, size); err != nil {
		return q.say(err)
	}
	q.wrote = true
	s.Media.Create(q.w, q.r, media.Sender{Actor: q.session.Actor(), Unit: unit, Name: name})
	return nil
}

func (s *server) uploadGoOn(q *request) error {
	if err := s.Media.Continue(q.w, q.r, q.r.PathValue("id"), q.session.User.ID); err != nil {
		return q.say(err)
	}
	q.wrote = true
	return nil
}

// say answers with an error's sentence alone.
func (q *request) say(err error) error {
	kind := slides.KindOf(err)
	if kind.Status() >= 500 && kind != slides.Full {
		return err
	}
	q.w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	q.w.WriteHeader(kind.Status())
	q.wrote = true
	_, werr := q.w.Write([]byte(sentenceOf(err, q.lang)))
	return werr
}

type mediaUse struct {
	store.MediaUse
	Link string
}

type mediaFilePage struct {
	store.Media
	UnitName slides.Text
	Who      string
	Uses     []mediaUse
	Others   int // places in units that the person does not see
	Problem  string
	Gone     string // until when it can be put back
}

func (s *server) mediaFile(q *request) error { return q.mediaForm(http.StatusOK, "") }

func (q *request) mediaForm(status int, problem string) error {
	ctx := q.r.Context()
	m, err := q.Store.Media(ctx, q.r.PathValue("id"))
	if err != nil {
		return err
	}
	p := mediaFilePage{Media: m, Problem: problem}
	if u, _, err := q.unit(m.Unit); err == nil {
		p.UnitName = u.Name
	}
	names, err := q.userNames()
	if err != nil {
		return err
	}
	p.Who = names[m.By]
	uses, err := q.Store.MediaUses(ctx, []store.Media{m})
	if err != nil {
		return err
	}
	sees, err := q.sees()
	if err != nil {
		return err
	}
	for _, u := range uses[m.ID] {
		if !sees(u.Unit) {
			p.Others++
			continue
		}
		x := mediaUse{MediaUse: u}
		switch u.Type {
		case store.SlideItem:
			x.Link = "/studio/slides/" + u.ID
		case "kiosk":
			x.Link = "/studio/kiosks/" + u.ID
		case store.LookItem:
			x.Title = q.words.say(q.lang, "media.look")
		}
		p.Uses = append(p.Uses, x)
	}
	return q.render(status, "media-file", p)
}

func (s *server) mediaRename(q *request) error {
	id := q.r.PathValue("id")
	err := s.Store.RenameMedia(q.r.Context(), q.session.Actor(), id, q.r.PostForm.Get("name"))
	if slides.KindOf(err) == slides.Invalid {
		return q.mediaForm(http.StatusUnprocessableEntity, sentenceOf(err, q.lang))
	}
	if err != nil {
		return err
	}
	return q.to("/studio/media/"+id, "media-renamed")
}

func (s *server) mediaRemove(q *request) error {
	id := q.r.PathValue("id")
	err := s.Store.RemoveMedia(q.r.Context(), q.session.Actor(), id)
	if slides.KindOf(err) == slides.Conflict {
		return q.mediaForm(http.StatusConflict, slides.Sentence(err, q.lang))
	}
	if err != nil {
		return err
	}
	return q.to("/studio/media/"+id, "media-removed")
}

func (s *server) mediaRestore(q *request) error {
	id := q.r.PathValue("id")
	if err := s.Store.RestoreMedia(q.r.Context(), q.session.Actor(), id); err != nil {
		return err
	}
	return q.to("/studio/media/"+id, "media-restored")
}

// mediaBytes serves a file in one of its sizes.
func (s *server) mediaBytes(q *request) error {
	m, err := s.Store.Media(q.r.Context(), q.r.PathValue("id"))
	if err != nil {
		return err
	}
	sha := map[string]string{"whole": m.Blob, "hd": m.HD, "thumb": m.Thumb, "poster": m.Poster}[q.r.PathValue("size")]
	if sha == "" {
		return slides.E(slides.NotFound, "studio.mediaBytes", q.words.say("vi", "error.notfound"), q.words.say("en", "error.notfound"), nil)
	}
	b, err := s.Store.Blob(q.r.Context(), sha)
	if err != nil {
		return err
	}
	defer b.Close()
	h := q.w.Header()
	h.Set("Content-Type", b.Type)
	h.Set("Cache-Control", "private, max-age=604800")
	h.Set("ETag", `"`+sha+`"`)
	if q.r.URL.Query().Get("save") != "" {
		h.Set("Content-Disposition", "attachment; filename*=UTF-8''"+url.PathEscape(fileName(m.Name, b.Type)))
	}
	q.wrote = true
	http.ServeContent(q.w, q.r, "", time.Time{}, b) // browsers ask for parts of a film
	return nil
}

// extensions are what a kept file's name ends with.
var extensions = map[string]string{"image/jpeg": ".jpg", "image/png": ".png", "video/mp4": ".mp4", "audio/ogg": ".ogg", "audio/mpeg": ".mp3"}

func fileName(name, mime string) string {
	ext := extensions[mime]
	if i := strings.LastIndexByte(name, '.'); i > 0 && len(name)-i <= 5 {
		name = name[:i]
	}
	return name + ext
}

// mediaPick is a part of a page: files to choose from in a form.
func (s *server) mediaPick(q *request) error {
	seen, err := q.contentUnits()
	if err != nil {
		return err
	}
	u := q.r.URL.Query()
	f := store.MediaFilter{Units: seen, Kind: store.PictureMedia, Search: short(u.Get("q")), Limit: mediaPage}
	if u.Get("kind") != "" {
		f.Kind = store.MediaKind(u.Get("kind"))
	}
	list, total, err := s.Store.MediaList(q.r.Context(), f)
	if err != nil {
		return err
	}
	return q.render(http.StatusOK, "media-pick", mediaListPage{Cards: cardsOf(list), Filter: f, Total: total})
}

func cardsOf(list []store.Media) (out []mediaCard) {
	for _, m := range list {
		out = append(out, mediaCard{Media: m})
	}
	return out
}

func ofMedia(q *request) (string, error) {
	m, err := q.Store.Media(q.r.Context(), q.r.PathValue("id"))
	return m.Unit, err
}
