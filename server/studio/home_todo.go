package studio

import (
	"slices"
	"time"

	"motcua/server/auth"
	"motcua/server/store"
	"motcua/slides"
)

// todo is one thing that waits for the person at the desk.
type todo struct {
	Kind  string // approve, back, due, expiring, silent
	Title string
	Text  string
	Link  string
}

// todoRows is how many of one kind the desk names; its list has the others.
const todoRows = 5

// backFor is how long what was sent back stays on its author's desk.
const backFor = 14 * 24 * time.Hour

// todoGroup is one kind of what waits.
type todoGroup struct {
	Kind  string
	Rows  []todo
	Total int
	All   string // address of the whole list
}

func (g *todoGroup) add(t todo) {
	if g.Total++; len(g.Rows) < todoRows {
		t.Kind = g.Kind
		g.Rows = append(g.Rows, t)
	}
}

// waiting fills in the person's desk: submissions to decide on, their own that
// came back, what is about to expire, kiosks that are silent.
func (q *request) waiting(p *homePage, rows []store.SlideRow, kiosks []store.KioskStatus) error {
	approve, back := todoGroup{Kind: "approve", All: "/studio/submissions"}, todoGroup{Kind: "back", All: "/studio/submissions?tab=mine"}
	expiring, silent := todoGroup{Kind: "expiring", All: "/studio/slides?state=live"}, todoGroup{Kind: "silent", All: "/studio/kiosks"}
	if q.session.May(auth.EditContent) {
		if err := q.submissionsWaiting(&approve, &back); err != nil {
			return err
		}
		edit, err := q.reach(auth.EditContent)
		if err != nil {
			return err
		}
		v := view{words: q.words, Lang: q.lang, zone: q.zone}
		now := q.Store.Now()
		soon := keep(rows, func(r store.SlideRow) bool {
			u := r.Slide.Until
			return r.Live > 0 && u > now && u < now+slides.Millis(expirySoon.Milliseconds()) && edit.In(r.Unit)
		})
		slices.SortStableFunc(soon, func(a, b store.SlideRow) int { return int(a.Slide.Until/1000 - b.Slide.Until/1000) })
		for _, r := range soon {
			expiring.add(todo{Title: r.Slide.Title.In(q.lang), Text: q.words.say(q.lang, "todo.until", v.Day(r.Slide.Until)), Link: "/studio/slides/" + r.ID})
		}
	}
	if q.session.May(auth.RunKiosks) || q.session.May(auth.Publish) {
		v := view{words: q.words, Lang: q.lang, zone: q.zone, now: q.Store.Now().Time()}
		for _, k := range kiosks {
			if k.Paired && !k.Online {
				silent.add(todo{Title: k.Name, Text: q.words.say(q.lang, "delivery.state.offline", v.Ago(k.LastSeen)), Link: "/studio/kiosks/" + k.ID})
			}
		}
	}
	for _, g := range []todoGroup{approve, back, expiring, silent} {
		if g.Total > 0 {
			p.Todo = append(p.Todo, g)
		}
	}
	return nil
}

// expirySoon is from when on before the end of its validity a slide is told of.
const expirySoon = 30 * 24 * time.Hour

func (q *request) submissionsWaiting(approve, back *todoGroup) error {
	names, err := q.userNames()
	if err != nil {
		return err
	}
	v := view{words: q.words, Lang: q.lang, zone: q.zone}
	open, _, err := q.Store.Submissions(q.r.Context(), store.SubmissionFilter{States: []store.SubmissionState{store.Submitted, store.Reviewed}, Limit: 200})
	if err != nil {
		return err
	}
	for _, s := range open {
		mine, err := q.waitsForMe(&s)
		if err != nil {
			return err
		}
		if mine {
			approve.add(todo{Title: s.Title, Text: q.words.say(q.lang, "submission.by", firstOf(names[s.By], q.words.say(q.lang, "audit.system")), v.When(s.Created)), Link: "/studio/submissions/" + s.ID})
		}
	}
	own, _, err := q.Store.Submissions(q.r.Context(), store.SubmissionFilter{By: q.session.User.ID, States: []store.SubmissionState{store.Rejected, store.Failed}, Limit: 20})
	if err != nil {
		return err
	}
	for _, s := range own {
		if q.Store.Now()-s.Updated > slides.Millis(backFor.Milliseconds()) {
			continue
		}
		if s, err = q.Store.Submission(q.r.Context(), s.ID); err != nil {
			return err
		}
		why := s.Step("reject")
		if s.State == store.Failed {
			why = s.Step("fail")
		}
		back.add(todo{Title: s.Title, Text: why.Why.In(q.lang), Link: "/studio/submissions/" + s.ID})
	}
	return nil
}

// newest is the newest publication of content, for the desk's "take it back".
func (q *request) newest(p *homePage) error {
	list, err := q.publications(12, 0)
	if err != nil {
		return err
	}
	for _, x := range list {
		if x.Kind == "publish" || x.Kind == "recall" {
			p.Newest = &x
			break
		}
	}
	if p.Newest == nil {
		return nil
	}
	all, err := q.Store.Deliveries(q.r.Context(), p.Newest.Revision)
	if err != nil {
		return err
	}
	reach, err := q.reach(auth.SeeKiosks)
	if err != nil {
		return err
	}
	has, total := 0, 0
	for _, d := range all {
		if reach.In(d.Unit) {
			total++
			if d.Has {
				has++
			}
		}
	}
	if total > 0 {
		v := view{Lang: q.lang}
		p.NewestHas = q.words.say(q.lang, "delivery.has", v.Count(has), v.Count(total))
	}
	p.NewestWhat = q.words.say(q.lang, "publish.items", len(p.Newest.Items))
	if len(p.Newest.Items) == 1 {
		p.NewestWhat = p.Newest.Items[0].Title
	}
	return nil
}
