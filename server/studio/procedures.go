package studio

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"motcua/server/sheet"
	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/catalogue"
)

type procedureListPage struct {
	Rows       []procedureCard
	Total      int
	Any        bool // there are procedures at all
	Search     string
	Field      string
	Fields     []store.FieldCount
	Levels     []choice // of being online
	States     []choice
	Reference  bool
	Stale      bool
	ReviewDays int
	From, To   int // of Total, counted from 1
	Prev, Next string
	Problem    string
}

type procedureCard struct {
	store.ProcedureRow
	Stale bool
	Ended bool
}

// procedureRows is how many rows one page of the list has.
const procedureRows = 100

// today is the date in the studio's zone.
func (q *request) today() time.Time { return q.Store.Now().Time().In(q.zone) }

// staleBefore is the first day that is recent enough for a review.
func (q *request) staleBefore() (slides.LocalDate, int, error) {
	days, err := q.Store.ReviewDays(q.r.Context())
	return slides.LocalDate(q.today().AddDate(0, 0, -days).Format(time.DateOnly)), days, err
}

func (s *server) procedureList(q *request) error { return q.procedures(http.StatusOK, "") }

func (q *request) procedures(status int, problem string) error {
	ctx, u := q.r.Context(), q.r.URL.Query()
	p := procedureListPage{Search: short(u.Get("q")), Field: u.Get("field"), Reference: u.Get("reference") != "", Stale: u.Get("stale") != "", Problem: problem}
	cutoff, days, err := q.staleBefore()
	if err != nil {
		return err
	}
	p.ReviewDays = days
	seen, err := q.contentUnits()
	if err != nil {
		return err
	}
	f := store.ProcedureFilter{Units: seen, Search: p.Search, Field: p.Field, Reference: p.Reference, State: store.ItemState(u.Get("state")), Limit: procedureRows, Offset: number(u.Get("from"))}
	if p.Stale {
		f.Before = cutoff
	}
	online := u.Get("online")
	for _, l := range []catalogue.Online{catalogue.Full, catalogue.Part, catalogue.None, catalogue.Unknown} {
		name := string(l)
		if l == catalogue.Unknown {
			name = "unknown"
		}
		if online == name {
			f.Online = &l
		}
		p.Levels = append(p.Levels, choice{name, q.words.say(q.lang, "procedure.online."+name), online == name})
	}
	for _, st := range []store.ItemState{store.Draft, store.Live, store.Edited, store.Removing} {
		p.States = append(p.States, choice{string(st), q.words.say(q.lang, "state."+string(st)), f.State == st})
	}
	rows, total, err := q.Store.Procedures(ctx, f)
	if err != nil {
		return err
	}
	if p.Fields, err = q.Store.ProcedureFields(ctx, seen); err != nil {
		return err
	}
	p.Total, p.Any = total, len(p.Fields) > 0 || total > 0
	p.From, p.To = f.Offset+1, f.Offset+len(rows)
	turn := func(from int) string {
		v := url.Values{}
		for k, x := range u {
			if k != "from" && k != "done" && len(x) > 0 && x[0] != "" {
				v.Set(k, x[0])
			}
		}
		v.Set("from", fmt.Sprint(from))
		return "/studio/procedures?" + v.Encode()
	}
	if f.Offset > 0 {
		p.Prev = turn(max(0, f.Offset-procedureRows))
	}
	if p.To < total {
		p.Next = turn(p.To)
	}
	today := slides.LocalDate(q.today().Format(time.DateOnly))
	for _, r := range rows {
		p.Rows = append(p.Rows, procedureCard{r, r.Procedure.ReviewedOn < cutoff, r.Procedure.Until != "" && r.Procedure.Until <= today})
	}
	return q.render(status, "procedures", p)
}

func (s *server) procedureSettings(q *request) error {
	err := s.Store.SetReviewDays(q.r.Context(), q.session.Actor(), number(q.r.PostForm.Get("days")))
	if slides.KindOf(err) == slides.Invalid {
		return q.procedures(http.StatusUnprocessableEntity, slides.Sentence(err, q.lang))
	}
	if err != nil {
		return err
	}
	return q.to("/studio/procedures", "review-days")
}

// sheetTypes are the kinds of files that tables are written as.
var sheetTypes = map[string]string{sheet.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", sheet.CSV: "text/csv; charset=utf-8"}

// procedureExport writes every draft that is not deleted.
func (s *server) procedureExport(q *request) error {
	kind := q.r.URL.Query().Get("format")
	mime, ok := sheetTypes[kind]
	if !ok {
		return slides.E(slides.Invalid, "studio.procedureExport", q.words.say("vi", "procedures.noformat"), q.words.say("en", "procedures.noformat"), nil)
	}
	seen, err := q.contentUnits()
	if err != nil {
		return err
	}
	rows, _, err := s.Store.Procedures(q.r.Context(), store.ProcedureFilter{Units: seen, Limit: catalogue.MaxProcedures * 2})
	if err != nil {
		return err
	}
	ps := make([]catalogue.Procedure, len(rows))
	for i, r := range rows {
		ps[i] = *r.Procedure
	}
	h := q.w.Header()
	h.Set("Content-Type", mime)
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="thu-tuc-%s.%s"`, q.today().Format("20060102"), kind))
	q.wrote = true
	if err := sheet.Write(q.w, kind, q.lang, ps); err != nil {
		s.Log.Error("procedures export", "err", err)
		panic(http.ErrAbortHandler) // the reader must see that the file is not whole
	}
	return nil
}

func (s *server) procedureDelete(q *request) error {
	ref := store.ItemRef{Type: store.ProcedureItem, ID: q.r.PathValue("id")}
	if err := s.Store.DeleteItem(q.r.Context(), q.session.Actor(), ref, number(q.r.PostForm.Get("base"))); err != nil {
		return err
	}
	return q.to("/studio/procedures", "procedure-deleted")
}

// procedureRestore makes an old version the newest draft.
func (s *server) procedureRestore(q *request) error {
	id, v := q.r.PathValue("id"), q.r.PostForm
	if err := s.Store.RestoreProcedure(q.r.Context(), q.session.Actor(), id, number(v.Get("version")), number(v.Get("base"))); err != nil {
		return err
	}
	return q.to("/studio/procedures/"+id, "procedure-restored")
}

// procedureReview notes that a person has compared the procedure today.
func (s *server) procedureReview(q *request) error {
	id := q.r.PathValue("id")
	row, err := s.Store.Procedure(q.r.Context(), id)
	if err != nil {
		return err
	}
	row.Procedure.ReviewedOn = slides.LocalDate(q.today().Format(time.DateOnly))
	row.Procedure.ReviewedBy = clipRunes(slides.Clean(q.session.User.Name), catalogue.MaxUnit-1)
	if _, err := s.Store.SaveProcedure(q.r.Context(), q.session.Actor(), "", row.Procedure, number(q.r.PostForm.Get("base"))); err != nil {
		return err
	}
	return q.to("/studio/procedures/"+id, "procedure-reviewed")
}

// versionView is one version of a procedure and what it changed.
type versionView struct {
	store.ProcedureVersion
	Who    string
	Steps  []diff
	Newest bool
}

func (q *request) versions(id string) ([]versionView, error) {
	list, err := q.Store.ProcedureVersions(q.r.Context(), id)
	if err != nil {
		return nil, err
	}
	names, err := q.userNames()
	if err != nil {
		return nil, err
	}
	var out []versionView
	for i, v := range list {
		x := versionView{ProcedureVersion: v, Who: names[v.By], Newest: i == 0}
		if i+1 < len(list) {
			x.Steps = q.steps(sheet.Differences(list[i+1].Procedure, v.Procedure))
		}
		out = append(out, x)
	}
	return out, nil
}

// steps are columns' changes in the page's language.
func (q *request) steps(list []sheet.Step) (out []diff) {
	for _, s := range list {
		out = append(out, diff{s.Column.Label.In(q.lang), clipRunes(s.Before, 200), clipRunes(s.After, 200)})
	}
	return out
}

// faqs are the situations that a procedure can name, ticked where it does.
func (q *request) faqs(of []string) ([]choice, error) {
	rows, err := q.Store.Slides(q.r.Context(), store.SlideFilter{Kind: "faq"})
	if err != nil {
		return nil, err
	}
	var out []choice
	for _, r := range rows {
		out = append(out, choice{r.ID, r.Slide.Title.In(q.lang), slices.Contains(of, r.ID)})
	}
	for _, id := range of { // one that is gone is told, and can be taken out
		if !slices.ContainsFunc(out, func(c choice) bool { return c.Value == id }) {
			out = append(out, choice{id, q.words.say(q.lang, "procedure.faqgone", id), true})
		}
	}
	return out, nil
}
