package studio

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"motcua/server/auth"
	"motcua/server/store"
	"motcua/slides"
)

// publication is one with those of its pieces that the person may see.
type publication struct {
	store.Publication
	Hidden int  // pieces of other units
	Recall bool // this person may take it back
	Again  bool // it is a recall that this person may undo
}

// publications are the newest ones below a revision (0: the newest of all).
func (q *request) publications(limit int, before int64) ([]publication, error) {
	list, err := q.Store.Publications(q.r.Context(), before, limit)
	if err != nil {
		return nil, err
	}
	out := make([]publication, 0, len(list))
	for _, p := range list {
		x, err := q.seenOf(p)
		if err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, nil
}

func (q *request) seenOf(p store.Publication) (publication, error) {
	x := publication{Publication: p}
	sees, err := q.sees()
	if err != nil {
		return x, err
	}
	may, err := q.reach(auth.Publish)
	if err != nil {
		return x, err
	}
	mine := len(p.Items) > 0
	for _, i := range p.Items {
		mine = mine && may.In(i.Unit)
	}
	x.Items = keep(p.Items, func(i store.PublishedItem) bool { return sees(i.Unit) })
	x.Hidden = len(p.Items) - len(x.Items)
	x.Recall = mine && p.Kind == "publish" && p.Recalled == 0
	x.Again = mine && p.Kind == "recall" && p.Recalled == 0
	return x, nil
}

type publicationListPage struct {
	Rows  []publication
	Names map[string]string
	Next  int64 // revision to go on below, 0 at the end
}

// publicationRows is how many lines one page of the list has.
const publicationRows = 50

func (s *server) publicationList(q *request) error {
	before, err := strconv.ParseInt(q.r.URL.Query().Get("before"), 10, 64)
	if err != nil || before < 0 {
		before = 0
	}
	var p publicationListPage
	if p.Rows, err = q.publications(publicationRows+1, before); err != nil {
		return err
	}
	if len(p.Rows) > publicationRows {
		p.Rows = p.Rows[:publicationRows]
		p.Next = p.Rows[publicationRows-1].Revision
	}
	if p.Names, err = q.userNames(); err != nil {
		return err
	}
	return q.render(http.StatusOK, "publications", p)
}

type publicationPage struct {
	publication
	Names   map[string]string
	Has     int // kiosks that have it
	Total   int
	Offline int // of those that have it not yet
	Pending int
	Units   []deliveredUnit
	Waiting []store.Delivery // the first of those that have it not yet
	More    int              // of them that are not named; below 1: none
	Problem string
	Old     bool // newer ones have taken its place on every kiosk
}

// deliveredUnit counts a unit's kiosks.
type deliveredUnit struct {
	Name       slides.Text
	Has, Total int
}

// namedWaiting is how many kiosks without the publication the page names.
const namedWaiting = 60

func (s *server) publicationPage(q *request) error {
	p, err := q.publication()
	if err != nil {
		return err
	}
	return q.publicationView(http.StatusOK, p, "")
}

func (q *request) publication() (store.Publication, error) {
	n, err := strconv.ParseInt(q.r.PathValue("id"), 10, 64)
	if err != nil {
		return store.Publication{}, slides.E(slides.NotFound, "studio.publication", q.words.say("vi", "error.notfound"), q.words.say("en", "error.notfound"), nil)
	}
	return q.Store.Publication(q.r.Context(), n)
}

func (q *request) publicationView(status int, pub store.Publication, problem string) error {
	p := publicationPage{Problem: problem}
	var err error
	if p.publication, err = q.seenOf(pub); err != nil {
		return err
	}
	if p.Names, err = q.userNames(); err != nil {
		return err
	}
	list, err := q.Store.Deliveries(q.r.Context(), pub.Revision)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		newest, err := q.Store.Revision(q.r.Context())
		if err != nil {
			return err
		}
		p.Old = newest > pub.Revision
	}
	reach, err := q.reach(auth.SeeKiosks)
	if err != nil {
		return err
	}
	units, err := q.Store.Units(q.r.Context(), 0)
	if err != nil {
		return err
	}
	by := map[string]*deliveredUnit{}
	for _, d := range list {
		if !reach.In(d.Unit) {
			continue
		}
		u := by[d.Unit]
		if u == nil {
			u = &deliveredUnit{}
			by[d.Unit] = u
		}
		p.Total++
		u.Total++
		switch {
		case d.Has:
			p.Has++
			u.Has++
			continue
		case d.Online:
			p.Pending++
		default:
			p.Offline++
		}
		p.Waiting = append(p.Waiting, d)
	}
	// Those that are away first: the others take care of themselves.
	slices.SortStableFunc(p.Waiting, func(a, b store.Delivery) int {
		switch {
		case a.Online == b.Online:
			return 0
		case b.Online:
			return -1
		}
		return 1
	})
	if p.More = len(p.Waiting) - namedWaiting; p.More > 0 {
		p.Waiting = p.Waiting[:namedWaiting]
	}
	for _, u := range units {
		if x := by[u.ID]; x != nil {
			x.Name = u.Name
			p.Units = append(p.Units, *x)
		}
	}
	return q.render(status, "publication", p)
}

// Live is how often the part of the page that counts is looked at again, in
// seconds: while kiosks are on their way each second, then at leisure.
func (p publicationPage) Live() int {
	if p.Pending > 0 {
		return 1
	}
	return 15
}

func (s *server) publicationRecall(q *request) error {
	return q.takeBack(s.Store.RecallPublication, "recalled")
}

func (s *server) publicationAgain(q *request) error { return q.takeBack(s.Store.UndoRecall, "again") }

type undoing func(ctx context.Context, a store.Actor, revision int64, note string) (store.Publication, error)

// takeBack makes the publication that undoes another one, and shows it.
func (q *request) takeBack(undo undoing, done string) error {
	old, err := q.publication()
	if err != nil {
		return err
	}
	p, err := undo(q.r.Context(), q.session.Actor(), old.Revision, short(q.r.PostForm.Get("note")))
	switch kind := slides.KindOf(err); kind {
	case "":
		return q.to(fmt.Sprintf("/studio/publications/%d", p.Revision), done)
	case slides.Conflict, slides.Invalid:
		return q.publicationView(kind.Status(), old, slides.Sentence(err, q.lang))
	}
	return err
}

// ofPublication is the lowest unit that all its pieces belong to.
func ofPublication(q *request) (string, error) {
	p, err := q.publication()
	if err != nil || len(p.Items) == 0 {
		return "", err
	}
	if err := q.loadTree(); err != nil {
		return "", err
	}
	path := func(u string) (out []string) {
		for ; u != "" && len(out) <= len(q.tree); u = q.tree[u] {
			out = append(out, u)
		}
		return out
	}
	common := path(p.Items[0].Unit)
	for _, i := range p.Items[1:] {
		other := path(i.Unit)
		common = keep(common, func(u string) bool { return slices.Contains(other, u) })
	}
	if len(common) == 0 {
		return "", nil
	}
	return common[0], nil
}
