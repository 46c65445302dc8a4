package studio

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"motcua/server/auth"
	"motcua/server/compile"
	"motcua/server/media"
	"motcua/server/store"
	"motcua/slides"
)

// voiceScreens are the kiosk's screens that a voice can say, in the order in
// which a citizen meets them; "question:" and "slide:" are listed apart.
var voiceScreens = []string{"home", "lookup", "search", "list", "procedure", "guides", "rate", "reasons", "write", "review", "thanks", "letter", "letter-text", "letter-send", "letter-contact", "receipt", "phone", "code", "dossier", "access", "about", "closed"}

// voicePlace is one screen and what is recorded for it.
type voicePlace struct {
	Of    string
	Name  string
	Group string
	Takes []voiceTake // one for each language
}

type voiceTake struct {
	Lang string
	Blob string
}

type voicesPage struct {
	Places  []voicePlace
	Langs   []string
	Of      string
	Lang    string
	Base    int
	State   store.ItemState
	Edit    bool
	Done    int // recorded
	All     int
	Problem string
	MaxMiB  int
}

func (s *server) voices(q *request) error { return q.voicesForm(http.StatusOK, "") }

func (q *request) voicesForm(status int, problem string) error {
	ctx := q.r.Context()
	look, item, err := q.Store.Look(ctx)
	if err != nil {
		return err
	}
	p := voicesPage{Langs: look.Languages, Base: item.Version, State: item.State, Problem: problem, MaxMiB: media.MaxSound >> 20, Of: q.r.FormValue("of"), Lang: q.r.FormValue("lang")}
	reach, err := q.reach(auth.EditContent)
	if err != nil {
		return err
	}
	p.Edit = reach.Everywhere()
	if p.Places, err = q.voicePlaces(look); err != nil {
		return err
	}
	for _, x := range p.Places {
		for _, t := range x.Takes {
			p.All++
			if t.Blob != "" {
				p.Done++
			}
		}
	}
	return q.render(status, "voices", p)
}

// voicePlaces are the screens, the questions of the forms in use, the slides
// that are read as guides, and whatever else is recorded.
func (q *request) voicePlaces(look compile.Look) ([]voicePlace, error) {
	ctx := q.r.Context()
	var out []voicePlace
	add := func(of, name, group string) {
		x := voicePlace{Of: of, Name: name, Group: group}
		for _, l := range look.Languages {
			t := voiceTake{Lang: l}
			for _, a := range look.Audio {
				if a.Of == of && a.Lang == l {
					t.Blob = a.Blob
				}
			}
			x.Takes = append(x.Takes, t)
		}
		out = append(out, x)
	}
	for _, v := range voiceScreens {
		add(v, q.words.say(q.lang, "voice.of."+v), "screens")
	}
	surveys, err := q.Store.Surveys(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range surveys {
		for n, x := range s.Questionnaire.Questions {
			add("question:"+s.ID+":"+x.ID, fmt.Sprintf("%s %d: %s", s.Questionnaire.Title.In(q.lang), n+1, clipRunes(x.Text.In(q.lang), 90)), "questions")
		}
	}
	for _, kind := range []string{"guide", "faq"} {
		rows, err := q.Store.Slides(ctx, store.SlideFilter{Kind: kind})
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			add("slide:"+r.ID, r.Slide.Title.In(q.lang), "slides")
		}
	}
	for _, a := range look.Audio {
		if !slices.ContainsFunc(out, func(x voicePlace) bool { return x.Of == a.Of }) {
			add(a.Of, a.Of, "others")
		}
	}
	return out, nil
}

// voiceSave places a recording: a file that came, or one of the library.
func (s *server) voiceSave(q *request) error {
	v := q.r.PostForm
	of, lang := v.Get("of"), v.Get("lang")
	look, _, err := s.Store.Look(q.r.Context())
	if err != nil {
		return err
	}
	places, err := q.voicePlaces(look)
	if err != nil {
		return err
	}
	if !slices.Contains(look.Languages, lang) || !slices.ContainsFunc(places, func(x voicePlace) bool { return x.Of == of }) {
		return q.voicesForm(http.StatusUnprocessableEntity, q.words.say(q.lang, "voices.where"))
	}
	sha, err := q.voiceFile(of, lang)
	if kind := slides.KindOf(err); kind == slides.Invalid || kind == slides.TooLarge {
		return q.voicesForm(kind.Status(), slides.Sentence(err, q.lang))
	}
	if err != nil {
		return err
	}
	if sha == "" {
		return q.voicesForm(http.StatusUnprocessableEntity, q.words.say(q.lang, "voices.nofile"))
	}
	return q.voiceKeep(look, of, lang, sha, "voice-saved")
}

// voiceFile is the blob of the recording that the form brings or names; "" for none.
func (q *request) voiceFile(of, lang string) (string, error) {
	ctx := q.r.Context()
	if q.r.MultipartForm == nil || len(q.r.MultipartForm.File["file"]) == 0 || q.r.MultipartForm.File["file"][0].Size == 0 {
		sha := q.r.PostForm.Get("blob")
		if !slides.ValidSHA(sha) {
			return "", nil
		}
		ref, err := q.Store.BlobRef(ctx, sha)
		if err == nil && !slices.Contains(slides.AudioTypes, ref.Type) {
			err = slides.E(slides.Invalid, "studio.voiceFile", q.words.say("vi", "voices.other"), q.words.say("en", "voices.other"), nil)
		}
		return ref.SHA, err
	}
	h := q.r.MultipartForm.File["file"][0]
	f, err := h.Open()
	if err != nil {
		return "", err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, media.MaxSound+1))
	if err != nil {
		return "", err
	}
	out, long, err := media.PrepareSound(b)
	if err != nil {
		return "", err
	}
	ref, err := q.Store.PutBlob(ctx, out.Type, bytes.NewReader(out.Data), media.MaxSound)
	if err != nil {
		return "", err
	}
	// It stands in the library of the office at the top, whose look it is.
	units, err := q.unitsFor(auth.EditContent)
	if err != nil || len(units) == 0 {
		return ref.SHA, err
	}
	_, _, err = q.Store.AddMedia(ctx, q.session.Actor(), store.Media{Unit: units[0].ID, Kind: store.SoundMedia, Name: h.Filename, Blob: ref.SHA, Type: ref.Type, Size: ref.Size, Source: slides.Sum(b), Length: long.Round(time.Millisecond)})
	return ref.SHA, err
}

func (s *server) voiceRemove(q *request) error {
	look, _, err := s.Store.Look(q.r.Context())
	if err != nil {
		return err
	}
	return q.voiceKeep(look, q.r.PostForm.Get("of"), q.r.PostForm.Get("lang"), "", "voice-removed")
}

// voiceKeep writes the look with another recording at a place; sha "" takes it out.
func (q *request) voiceKeep(look compile.Look, of, lang, sha, done string) error {
	look.Audio = slices.DeleteFunc(slices.Clone(look.Audio), func(a slides.AudioRef) bool { return a.Of == of && a.Lang == lang })
	if sha != "" {
		look.Audio = append(look.Audio, slides.AudioRef{Of: of, Lang: lang, Blob: sha})
	}
	slices.SortFunc(look.Audio, func(a, b slides.AudioRef) int { return strings.Compare(a.Of+" "+a.Lang, b.Of+" "+b.Lang) })
	_, err := q.Store.SaveLook(q.r.Context(), q.session.Actor(), look, number(q.r.PostForm.Get("base")))
	if kind := slides.KindOf(err); kind == slides.Conflict || kind == slides.Invalid {
		return q.voicesForm(kind.Status(), sentenceOf(err, q.lang))
	}
	if err != nil {
		return err
	}
	return q.to("/studio/voices", done)
}

// voicePlay serves a recording of the look, for checking.
func (s *server) voicePlay(q *request) error {
	look, _, err := s.Store.Look(q.r.Context())
	if err != nil {
		return err
	}
	sha := q.r.PathValue("sha")
	if !slices.ContainsFunc(look.Audio, func(a slides.AudioRef) bool { return a.Blob == sha }) {
		return slides.E(slides.NotFound, "studio.voicePlay", q.words.say("vi", "error.notfound"), q.words.say("en", "error.notfound"), nil)
	}
	b, err := s.Store.Blob(q.r.Context(), sha)
	if err != nil {
		return err
	}
	defer b.Close()
	q.w.Header().Set("Content-Type", b.Type)
	q.w.Header().Set("Cache-Control", "private, max-age=604800, immutable")
	q.wrote = true
	http.ServeContent(q.w, q.r, "", time.Time{}, b)
	return nil
}

// Tongue is what a language is called; one without a name here goes by its tag.
func (v *view) Tongue(tag string) string {
	if key := "tongue." + tag; v.words.has(key) {
		return v.T(key)
	}
	return tag
}
