package studio

import (
	"fmt"
	"net/http"
	"slices"

	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/kinds"
)

type versionsPage struct {
	ID    string
	Title slides.Text
	Row   store.SlideRow
	List  []versionRow
	A, B  *store.SlideVersionRow // compared, the older first; nil: there is only one
	Diff  []diff
}

type versionRow struct {
	store.SlideVersionRow
	Who    string
	Newest bool
	Picked bool
}

// slideVersions lists a slide's versions and shows two of them side by side.
func (s *server) slideVersions(q *request) error {
	ctx, u := q.r.Context(), q.r.URL.Query()
	row, err := s.Store.Slide(ctx, q.r.PathValue("id"))
	if err != nil {
		return err
	}
	list, err := s.Store.SlideVersions(ctx, row.ID)
	if err != nil {
		return err
	}
	names, err := q.userNames()
	if err != nil {
		return err
	}
	p := versionsPage{ID: row.ID, Title: row.Slide.Title, Row: row}
	find := func(n int) *store.SlideVersionRow {
		if i := slices.IndexFunc(list, func(v store.SlideVersionRow) bool { return v.Version == n }); i >= 0 {
			return &list[i]
		}
		return nil
	}
	if p.B = find(number(u.Get("b"))); p.B == nil && len(list) > 0 {
		p.B = &list[0]
	}
	if p.A = find(number(u.Get("a"))); p.A == nil && p.B != nil {
		p.A = find(p.B.Version - 1)
	}
	if p.A != nil && p.B != nil {
		zone, err := q.zoneOf(row.Unit)
		if err != nil {
			return err
		}
		p.Diff = q.compare(p.A.Slide, p.B.Slide, zone)
	}
	for i, v := range list {
		p.List = append(p.List, versionRow{SlideVersionRow: v, Who: names[v.By], Newest: i == 0, Picked: p.A != nil && v.Version == p.A.Version || p.B != nil && v.Version == p.B.Version})
	}
	return q.render(http.StatusOK, "versions", p)
}

// slideRestore makes an older version the newest; the page offers the way back.
func (s *server) slideRestore(q *request) error {
	id, f := q.r.PathValue("id"), q.r.PostForm
	row, err := s.Store.Slide(q.r.Context(), id)
	if err != nil {
		return err
	}
	old, err := s.Store.SlideVersion(q.r.Context(), id, number(f.Get("version")))
	if err != nil {
		return err
	}
	if _, err := s.Store.SaveSlide(q.r.Context(), q.session.Actor(), row.Unit, old, number(f.Get("base"))); err != nil {
		return err
	}
	return q.to(fmt.Sprintf("/studio/slides/%s?undo=%d", id, row.Version), "slide-restored")
}

// slideUndelete takes a deletion back.
func (s *server) slideUndelete(q *request) error {
	i, err := s.Store.UndeleteItem(q.r.Context(), q.session.Actor(), store.ItemRef{Type: store.SlideItem, ID: q.r.PathValue("id")})
	if err != nil {
		return err
	}
	return q.to("/studio/slides/"+i.ID, "slide-undeleted")
}

// slideTemplate says whether new slides may begin from this one.
func (s *server) slideTemplate(q *request) error {
	id := q.r.PathValue("id")
	on := q.r.PostForm.Get("on") != ""
	if err := s.Store.SetTemplate(q.r.Context(), q.session.Actor(), id, on); err != nil {
		return err
	}
	if on {
		return q.to("/studio/slides/"+id, "template-on")
	}
	return q.to("/studio/slides/"+id, "template-off")
}

// beginning is what a new slide of a kind begins from: a template or any other
// slide that the person sees, or a slogan of the starter's. Its validity stays
// behind. nil: from nothing.
func (q *request) beginning(kind string) (*slides.Slide, error) {
	u := q.r.URL.Query()
	if id := u.Get("slogan"); id != "" {
		bank, err := bankSlogans()
		if err != nil {
			return nil, err
		}
		if i := slices.IndexFunc(bank, func(s slides.Slide) bool { return s.ID == id && s.Kind == kind }); i >= 0 {
			return afresh(&bank[i])
		}
		return nil, nil
	}
	id := u.Get("from")
	if id == "" {
		return nil, nil
	}
	row, err := q.Store.Slide(q.r.Context(), id)
	if err != nil {
		return nil, err
	}
	sees, err := q.sees()
	if err != nil {
		return nil, err
	}
	if !sees(row.Unit) || row.Slide.Kind != kind {
		return nil, slides.E(slides.NotFound, "studio.beginning", q.words.say("vi", "error.notfound"), q.words.say("en", "error.notfound"), nil)
	}
	return afresh(row.Slide)
}

func afresh(s *slides.Slide) (*slides.Slide, error) {
	c, err := clone(*s)
	c.ID, c.From, c.Until = "", 0, 0
	return &c, err
}

// slogan is one line of the bank.
type slogan struct {
	Link, Source string
	Text         slides.Text
}

// maxBank bounds how many of the office's own slogans the bank lists.
const maxBank = 40

// bank lists slogans to begin from: the office's own, the latest first, then
// those of the plan with where they come from.
func (q *request) bank() ([]slogan, error) {
	seen, err := q.contentUnits()
	if err != nil {
		return nil, err
	}
	rows, err := q.Store.Slides(q.r.Context(), store.SlideFilter{Units: seen, Kind: "slogan", Limit: maxBank})
	if err != nil {
		return nil, err
	}
	var out []slogan
	has := map[string]bool{}
	add := func(s *slides.Slide, link string) {
		body, err := kinds.Parse(s)
		if err != nil {
			return
		}
		if x, ok := body.(*kinds.Slogan); ok && !has[slides.Fold(x.Text["vi"])] {
			has[slides.Fold(x.Text["vi"])] = true
			out = append(out, slogan{Link: link, Source: s.Source, Text: x.Text})
		}
	}
	for _, r := range rows {
		if !store.MadeByEmergency(r.ID) {
			add(r.Slide, "/studio/new-slide/slogan?from="+r.ID)
		}
	}
	bank, err := bankSlogans()
	if err != nil {
		return nil, err
	}
	for i := range bank {
		add(&bank[i], "/studio/new-slide/slogan?slogan="+bank[i].ID)
	}
	return out, nil
}
