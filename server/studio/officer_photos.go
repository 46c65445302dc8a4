package studio

import (
	"net/http"
	"time"

	"motcua/slides"
)

// officerPhotoSave keeps or removes an officer's photograph. That the officer
// has agreed must be said with each one.
func (s *server) officerPhotoSave(q *request) error {
	v, unit := q.r.PostForm, q.r.PathValue("id")
	officer := v.Get("officer")
	if v.Get("do") == "remove" {
		if err := s.Store.SetOfficerPhoto(q.r.Context(), q.session.Actor(), unit, officer, ""); err != nil {
			return err
		}
		return q.to("/studio/units/"+unit+"/desks", "photo-removed")
	}
	bad := func(sentence string) error {
		return q.desksForm(http.StatusUnprocessableEntity, problems{"photo" + officer: sentence}, "")
	}
	if v.Get("agreed") == "" {
		return bad(q.words.say(q.lang, "photo.agree.first"))
	}
	if q.r.MultipartForm == nil || len(q.r.MultipartForm.File["file"]) == 0 || q.r.MultipartForm.File["file"][0].Size == 0 {
		return bad(q.words.say(q.lang, "photo.nofile"))
	}
	v.Del("unit") // a person's photograph is not put into the library
	sha, err := q.keepPicture(q.r.MultipartForm.File["file"][0])
	if kind := slides.KindOf(err); kind == slides.Invalid || kind == slides.TooLarge {
		return bad(slides.Sentence(err, q.lang))
	}
	if err != nil {
		return err
	}
	if err := s.Store.SetOfficerPhoto(q.r.Context(), q.session.Actor(), unit, officer, sha); err != nil {
		return err
	}
	return q.to("/studio/units/"+unit+"/desks", "photo-saved")
}

// officerPhotosShow says whether the unit's screens show the photographs.
func (s *server) officerPhotosShow(q *request) error {
	unit := q.r.PathValue("id")
	if err := s.Store.ShowOfficerPhotos(q.r.Context(), q.session.Actor(), unit, q.r.PostForm.Get("shown") != ""); err != nil {
		return err
	}
	return q.to("/studio/units/"+unit+"/desks", "desk-saved")
}

func (s *server) officerPhoto(q *request) error {
	photos, _, err := s.Store.OfficerPhotos(q.r.Context(), q.r.PathValue("id"))
	if err != nil {
		return err
	}
	p, ok := photos[q.r.PathValue("officer")]
	if !ok {
		return slides.E(slides.NotFound, "studio.officerPhoto", q.words.say("vi", "error.notfound"), q.words.say("en", "error.notfound"), nil)
	}
	b, err := s.Store.Blob(q.r.Context(), p.Blob)
	if err != nil {
		return err
	}
	defer b.Close()
	q.w.Header().Set("Content-Type", b.Type)
	q.wrote = true
	http.ServeContent(q.w, q.r, "", time.Time{}, b)
	return nil
}
