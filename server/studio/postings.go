package studio

import (
	"net/http"
	"strings"
	"time"

	"motcua/server/store"
	"motcua/slides"
)

type postingListPage struct {
	Rows     []store.Posting
	Outdated int
	Removed  bool // those taken down are listed too
	Choices  []postingChoice
	Form     postingForm
	Problems problems
	Any      bool // there is something to post
}

// postingChoice is something that can hang: "field:Việc làm".
type postingChoice struct {
	Value, Label string
	On           bool
}

type postingForm struct{ Sheet, Place, Posted, Name string }

func (s *server) postingList(q *request) error {
	u := q.r.URL.Query()
	f := postingForm{Sheet: u.Get("sheet"), Posted: q.today().Format(time.DateOnly), Name: q.session.User.Name}
	return q.postings(http.StatusOK, f, nil)
}

func (q *request) postings(status int, f postingForm, pr problems) error {
	ctx := q.r.Context()
	p := postingListPage{Form: f, Problems: pr, Removed: q.r.URL.Query().Get("removed") != ""}
	var err error
	if p.Rows, err = q.Store.Postings(ctx, p.Removed); err != nil {
		return err
	}
	for _, r := range p.Rows {
		if r.Removed == 0 && r.Outdated() {
			p.Outdated++
		}
	}
	live, err := q.Store.LiveProcedures(ctx, "")
	if err != nil {
		return err
	}
	last := ""
	for _, x := range live { // by field: each field's list, then its procedures
		if field := x.Field["vi"]; field != last {
			last = field
			p.Choices = append(p.Choices, postingChoice{store.OfField + ":" + field, q.words.say(q.lang, "posting.field", field), false})
		}
		p.Choices = append(p.Choices, postingChoice{store.OfProcedure + ":" + store.ProcedureID(x.Code), x.Code + " " + clipRunes(x.Name.In(q.lang), 90), false})
	}
	for i := range p.Choices {
		p.Choices[i].On = p.Choices[i].Value == f.Sheet
	}
	p.Any = len(live) > 0 || len(p.Rows) > 0
	return q.render(status, "postings", p)
}

func (s *server) postingAdd(q *request) error {
	v := q.r.PostForm
	f := postingForm{Sheet: v.Get("sheet"), Place: v.Get("place"), Posted: v.Get("posted"), Name: v.Get("name")}
	what, ref, _ := strings.Cut(f.Sheet, ":")
	_, err := s.Store.AddPosting(q.r.Context(), q.session.Actor(), store.Posting{What: what, Ref: ref, Place: f.Place, Posted: slides.LocalDate(f.Posted), Name: f.Name})
	if err == nil {
		return q.to("/studio/postings", "posting-added")
	}
	pr, ok := q.problems(err)
	if !ok {
		return err
	}
	return q.postings(slides.KindOf(err).Status(), f, pr)
}

func (s *server) postingRemove(q *request) error {
	if err := s.Store.RemovePosting(q.r.Context(), q.session.Actor(), q.r.PathValue("id")); err != nil {
		return err
	}
	return q.to("/studio/postings", "posting-removed")
}
