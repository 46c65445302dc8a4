package studio

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"motcua/server/auth"
	"motcua/server/store"
	"motcua/slides"
)

// submissionRow is one line of the list.
type submissionRow struct {
	store.Submission
	Author  string
	Unit    slides.Text
	Pieces  string // what it is made of, in words
	Picture string // of its first slide; "" without
	Mine    bool   // it waits for the person who looks
}

type submissionListPage struct {
	Tab        string
	Tabs       []string
	Counts     map[string]int
	Rows       []submissionRow
	Prev, Next string
}

// submissionRows is how many lines one page of the list has.
const submissionRows = 40

// submissionTabs are the parts of the list: open ones, those that were sent
// back, those with a time, and all.
var submissionTabs = []string{"open", "mine", "due", "all"}

func (s *server) submissionList(q *request) error {
	p := submissionListPage{Tab: q.r.URL.Query().Get("tab"), Tabs: submissionTabs, Counts: map[string]int{}}
	if !slices.Contains(submissionTabs, p.Tab) {
		p.Tab = "open"
	}
	reach, err := q.reach(auth.EditContent)
	if err != nil {
		return err
	}
	var units []string
	if !reach.Everywhere() {
		units = []string{}
		for u := range q.tree {
			if reach.In(u) {
				units = append(units, u)
			}
		}
	}
	filters := map[string]store.SubmissionFilter{
		"open": {States: []store.SubmissionState{store.Submitted, store.Reviewed}},
		"mine": {By: q.session.User.ID},
		"due":  {States: []store.SubmissionState{store.Approved}},
		"all":  {},
	}
	from := max(0, number(q.r.URL.Query().Get("from")))
	var rows []store.Submission
	for _, tab := range submissionTabs {
		f := filters[tab]
		f.Units, f.Limit = units, 1
		if tab == p.Tab {
			f.Limit, f.Offset = submissionRows, from
		}
		list, n, err := q.Store.Submissions(q.r.Context(), f)
		if err != nil {
			return err
		}
		if p.Counts[tab] = n; tab == p.Tab {
			rows = list
		}
	}
	turn := func(at int) string {
		return "/studio/submissions?" + url.Values{"tab": {p.Tab}, "from": {fmt.Sprint(at)}}.Encode()
	}
	if from > 0 {
		p.Prev = turn(max(0, from-submissionRows))
	}
	if from+len(rows) < p.Counts[p.Tab] {
		p.Next = turn(from + submissionRows)
	}
	if p.Rows, err = q.submissionRows(rows); err != nil {
		return err
	}
	return q.render(http.StatusOK, "submissions", p)
}

// submissionRows describes submissions in one line each.
func (q *request) submissionRows(list []store.Submission) ([]submissionRow, error) {
	names, err := q.userNames()
	if err != nil {
		return nil, err
	}
	units, err := q.Store.Units(q.r.Context(), 0)
	if err != nil {
		return nil, err
	}
	unitNames := map[string]slides.Text{}
	for _, u := range units {
		unitNames[u.ID] = u.Name
	}
	out := make([]submissionRow, 0, len(list))
	for _, s := range list {
		r := submissionRow{Submission: s, Author: names[s.By], Unit: unitNames[s.Unit], Pieces: q.pieceCount(s.Items)}
		for _, it := range s.Items {
			if it.Type == store.SlideItem && it.Version > 0 {
				r.Picture = fmt.Sprintf("/studio/submissions/%s/picture/%s/small?of=after", s.ID, it.ID)
				break
			}
		}
		if r.Mine, err = q.waitsForMe(&s); err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

// waitsForMe says whether the person may take the next step with a submission.
func (q *request) waitsForMe(s *store.Submission) (bool, error) {
	review, err := q.reach(auth.Review)
	if err != nil {
		return false, err
	}
	publish, err := q.reach(auth.Publish)
	if err != nil {
		return false, err
	}
	me := q.session.User.ID
	return review.In(s.Unit) && s.MayReview(me) || publish.In(s.Unit) && s.MayApprove(me), nil
}

// pieceCount says what a submission is made of: "2 trang trình chiếu, 1 lịch phát".
func (q *request) pieceCount(items []store.SubmissionItem) string {
	n := map[store.ItemType]int{}
	for _, it := range items {
		n[it.Type]++
	}
	text := ""
	for _, t := range []store.ItemType{store.SlideItem, store.PlaylistItem, store.EntryItem, store.ProcedureItem, store.CalendarItem, store.SurveyItem, store.LookItem} {
		if n[t] > 0 {
			if text != "" {
				text += ", "
			}
			text += q.words.say(q.lang, "pieces."+string(t), n[t])
		}
	}
	return text
}

func pictureOf(submission, slide, side, v string) string {
	return "/studio/submissions/" + submission + "/picture/" + slide + "/%s?" + url.Values{"of": {side}, "v": {v}}.Encode()
}

// submitTicked keeps what was ticked for somebody to approve.
func (q *request) submitTicked() (to string, list []slides.Problem, err error) {
	v := q.r.PostForm
	items, _, p, err := q.checked(auth.EditContent)
	if err != nil || len(p.List) > 0 {
		return "", p.List, err
	}
	sub, err := q.Store.Submit(q.r.Context(), q.session.Actor(), store.SubmitRequest{Items: items, Title: short(v.Get("title")), Note: short(v.Get("note")), Now: v.Get("now") != ""})
	switch kind := slides.KindOf(err); kind {
	case "":
		return saying("/studio/submissions/"+sub.ID, "submitted"), nil, nil
	case slides.Invalid, slides.Conflict:
		return "", listed(err), nil
	}
	return "", nil, err
}

// sentAlready is the submission of this person's on which all the ticks are on
// their way: the form was sent twice. "" none.
func (q *request) sentAlready(ticks []string) (string, error) {
	waits, err := q.Store.OnTheirWay(q.r.Context())
	if err != nil || len(waits) == 0 || len(ticks) == 0 {
		return "", err
	}
	by := map[string]string{}
	for at, id := range waits {
		by[fmt.Sprintf("%s:%s:%d", at.Type, at.ID, at.Version)] = id
	}
	id := by[ticks[0]]
	for _, t := range ticks {
		if by[t] != id {
			return "", nil
		}
	}
	if id == "" {
		return "", nil
	}
	sub, err := q.Store.Submission(q.r.Context(), id)
	if err != nil || sub.By != q.session.User.ID {
		return "", err
	}
	return id, nil
}

// shownPieces bounds the pieces of one submission that the page shows in full;
// of a whole catalogue of procedures the rest is named.
const shownPieces = 120

type submissionPage struct {
	Submission store.Submission
	Unit       slides.Text
	Names      map[string]string
	Pieces     []piece
	More       []piece // beyond those that are shown: their titles and findings
	Stops      int
	Warns      int
	Moved      bool // of some what is live is not what it was
	Problem    []slides.Problem
	Review     bool // this person may take the first step
	Approve    bool
	Reject     bool
	Withdraw   bool
	Own        bool // it is this person's own, which is why they can't approve it
	Due        string
	Zone       string
	Reason     string
	Shapes     []string
}

// MoreFound says whether any that is only named has a finding.
func (p submissionPage) MoreFound() bool {
	return slices.ContainsFunc(p.More, func(x piece) bool { return len(x.Stops)+len(x.Warns) > 0 })
}

// Sides are the two sides of a comparison, in the order of reading.
func (v *view) Sides() []string { return []string{"before", "after"} }

func (s *server) submissionPage(q *request) error { return q.submission(http.StatusOK, nil) }

func (q *request) submission(status int, list []slides.Problem) error {
	sub, err := q.Store.Submission(q.r.Context(), q.r.PathValue("id"))
	if err != nil {
		return err
	}
	p := submissionPage{Submission: sub, Problem: list, Shapes: approverShapes, Due: short(q.r.PostForm.Get("due")), Reason: short(q.r.PostForm.Get("reason"))}
	items := sub.Items
	slices.SortStableFunc(items, func(a, b store.SubmissionItem) int { // slides first: they are what citizens see
		rank := map[store.ItemType]int{store.SlideItem: 0, store.PlaylistItem: 1, store.EntryItem: 2}
		of := func(t store.ItemType) int {
			if n, ok := rank[t]; ok {
				return n
			}
			return len(rank)
		}
		return of(a.Type) - of(b.Type)
	})
	looks, err := q.looks(items)
	if err != nil {
		return err
	}
	if unseen := q.unseen(looks); q.r.Method == http.MethodGet && len(unseen) > atOnce {
		return q.checkAgain(&sub, unseen)
	} else if err := q.lookThrough(q.r.Context(), unseen, func() {}); err != nil {
		return err
	}
	shown := items[:min(len(items), shownPieces)]
	if p.Pieces, err = q.submissionPieces(&sub, shown); err != nil {
		return err
	}
	for _, it := range items[len(shown):] {
		x := piece{SubmissionItem: it}
		if at := slices.IndexFunc(looks, func(l look) bool { return l.step.ItemRef == it.ItemRef }); at >= 0 {
			if x.Stops, x.Warns, err = q.warnings(looks[at]); err != nil {
				return err
			}
		}
		p.More = append(p.More, x)
	}
	ticked := map[string]bool{}
	for _, k := range slices.Concat(q.r.PostForm["accept"], sub.Accepted) {
		ticked[k] = true
	}
	for _, list := range [][]piece{p.Pieces, p.More} {
		for i := range list {
			x := &list[i]
			p.Stops, p.Warns, p.Moved = p.Stops+len(x.Stops), p.Warns+len(x.Warns), p.Moved || x.Moved
			for n := range x.Warns {
				x.Warns[n].On = ticked[x.Warns[n].Key]
			}
		}
	}
	if p.Names, err = q.userNames(); err != nil {
		return err
	}
	if sub.Unit != "" {
		u, _, err := q.unit(sub.Unit)
		if err == nil {
			p.Unit = u.Name
		}
	}
	zone, err := q.zoneOf(sub.Unit)
	if err != nil {
		return err
	}
	p.Zone = zone.String()
	review, err := q.reach(auth.Review)
	if err != nil {
		return err
	}
	publish, err := q.reach(auth.Publish)
	if err != nil {
		return err
	}
	me := q.session.User.ID
	p.Review = review.In(sub.Unit) && sub.MayReview(me)
	p.Approve = publish.In(sub.Unit) && sub.MayApprove(me)
	p.Reject = p.Review || publish.In(sub.Unit) && (sub.State == store.Submitted || sub.State == store.Reviewed)
	p.Withdraw = sub.State.Open() && (sub.By == me || publish.In(sub.Unit))
	p.Own = sub.By == me && !sub.Own && (sub.State == store.Submitted || sub.State == store.Reviewed)
	return q.render(status, "submission", p)
}

// submissionPieces describes pieces of a submission and how they stand against
// what is live and drafted now.
func (q *request) submissionPieces(sub *store.Submission, items []store.SubmissionItem) ([]piece, error) {
	d := describer{q: q, picture: func(id, side, v string) string { return pictureOf(sub.ID, id, side, v) }}
	pieces, err := d.describe(items)
	if err != nil {
		return nil, err
	}
	for n := range pieces {
		x := &pieces[n]
		i, err := q.Store.Item(q.r.Context(), x.ItemRef)
		if err != nil {
			return nil, err
		}
		if sub.State.Open() {
			x.Moved = i.Live != x.Base
			x.Gone = x.Version > 0 && (i.State == store.Removing || i.State == store.Removed)
		}
		if i.Version > x.Version && x.Version > 0 && sub.State.Open() {
			x.Newer = i.Version
		}
	}
	return pieces, nil
}

// submissionPicture serves a slide as one of the kiosks' shapes would show it:
// the submitted version, or the one that was live then.
func (s *server) submissionPicture(q *request) error {
	sub, err := s.Store.Submission(q.r.Context(), q.r.PathValue("id"))
	if err != nil {
		return err
	}
	i := slices.IndexFunc(sub.Items, func(i store.SubmissionItem) bool {
		return i.Type == store.SlideItem && i.ID == q.r.PathValue("slide")
	})
	v := 0
	if i >= 0 {
		if v = sub.Items[i].Version; q.r.URL.Query().Get("of") == "before" {
			v = sub.Items[i].Base
		}
	}
	if v == 0 {
		return slides.E(slides.NotFound, "studio.submissionPicture", q.words.say("vi", "error.notfound"), q.words.say("en", "error.notfound"), nil)
	}
	sl, err := s.Store.SlideVersion(q.r.Context(), sub.Items[i].ID, v)
	if err != nil {
		return err
	}
	b, err := s.Store.VersionBytes(q.r.Context(), sub.Items[i].ItemRef, v)
	if err != nil {
		return err
	}
	return q.sendPicture(sl, slides.Sum(b), sub.Items[i].Unit)
}
