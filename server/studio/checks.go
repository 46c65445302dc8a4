package studio

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"

	"motcua/server/auth"
	"motcua/server/store"
	"motcua/slides"
)

// atOnce is how many slides a call looks through while its person waits: each
// is drawn in both shapes, some 50 ms of a processor. More of them are work
// that has a page of its own and may be left.
const atOnce = 16

// checkKey begins the key of what a person sent off and is being looked through.
const checkKey = "check:"

// sending is a way on for what was ticked on the publish page.
type sending struct {
	right auth.Right
	do    func(*request) (to string, list []slides.Problem, err error)
}

// sendings are by what the form asked for.
var sendings = map[string]sending{
	"submit":  {auth.EditContent, (*request).submitTicked},
	"publish": {auth.Publish, (*request).publishTicked},
}

func (s *server) publish(q *request) error { return q.sendOff("publish") }

func (s *server) submit(q *request) error {
	if id, err := q.sentAlready(q.r.PostForm["item"]); err != nil || id != "" {
		if err == nil {
			err = q.to("/studio/submissions/"+id, "submitted")
		}
		return err
	}
	return q.sendOff("submit")
}

// sendOff submits or publishes what was ticked; where many slides must be
// looked through first, as work.
func (q *request) sendOff(what string) error {
	how := sendings[what]
	_, steps, err := q.ticked(q.r.PostForm["item"], how.right, &slides.Problems{}) // problems are told by what is done
	if err != nil {
		return err
	}
	looks, err := q.looks(steps)
	if err != nil {
		return err
	}
	if unseen := q.unseen(looks); len(unseen) > atOnce {
		return q.checkFirst(what, unseen)
	}
	to, list, err := how.do(q)
	if err != nil {
		return err
	}
	if len(list) > 0 {
		return q.publishForm(http.StatusUnprocessableEntity, list)
	}
	return q.to(to, "")
}

// checkFirst looks slides through and then does with the form what was asked.
// The form is kept as it was typed: where something is wrong it comes back.
func (q *request) checkFirst(what string, unseen []look) error {
	const op = "studio.checkFirst"
	ctx, user := context.WithoutCancel(q.r.Context()), q.session.User.ID
	name, err := json.Marshal([]any{user, what, q.r.PostForm["item"]})
	if err != nil {
		return err
	}
	id := checkKey + slides.Sum(name)[:16]
	path := "/studio/checks/" + id[len(checkKey):]
	w, err := q.begin(store.Work{ID: id, Kind: "check", Title: q.words.say(q.lang, "checks.title", (&view{Lang: q.lang}).Count(len(unseen))), Link: path, Unit: unseen[0].unit, Total: int64(len(unseen))})
	if slides.KindOf(err) == slides.Conflict { // pressed twice
		return q.to(path, "")
	}
	if err != nil {
		return err
	}
	d := store.UnsavedDraft{Key: id, Kind: "check", Values: maps.Clone(q.r.PostForm)}
	for _, ours := range []string{"to", "problem.vi", "problem.en"} {
		delete(d.Values, ours) // a form has no such fields
	}
	if err := q.Store.SaveDraft(ctx, user, d); err != nil {
		return q.run(w, func() error { return err })
	}
	later := *q
	later.r, later.tree = q.r.WithContext(ctx), nil
	q.goOn(path, w, func() error {
		if err := later.lookThrough(ctx, unseen, func() { w.done.Add(1) }); err != nil {
			return err
		}
		// A minute may have gone by: who has been signed out, or may no longer, does nothing more.
		later.session = nil
		if err := later.who(); err != nil {
			return err
		}
		if later.session == nil || !later.session.May(sendings[what].right) {
			return slides.E(slides.Denied, op, q.words.say("vi", "error.session"), q.words.say("en", "error.session"), nil)
		}
		to, list, err := sendings[what].do(&later)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			d.Values = map[string][]string{"to": {to}}
			return q.Store.SaveDraft(ctx, user, d)
		}
		for _, x := range list {
			d.Values["problem.vi"] = append(d.Values["problem.vi"], x.Vi)
			d.Values["problem.en"] = append(d.Values["problem.en"], firstOf(x.En, x.Vi))
		}
		if err := q.Store.SaveDraft(ctx, user, d); err != nil {
			return err
		}
		return slides.E(slides.Invalid, op, q.words.say("vi", "checks.bad", len(list)), q.words.say("en", "checks.bad", len(list)), nil)
	})
	return nil
}

// checkAgain looks through the slides of a submission that this server has not
// looked through: it has started anew, or what surrounds them has changed.
func (q *request) checkAgain(sub *store.Submission, unseen []look) error {
	path := "/studio/checks/" + sub.ID
	w, err := q.begin(store.Work{ID: checkKey + sub.ID, Kind: "check", Title: sub.Title, Link: "/studio/submissions/" + sub.ID, Unit: sub.Unit, Total: int64(len(unseen))})
	if slides.KindOf(err) == slides.Conflict {
		return q.to(path, "")
	}
	if err != nil {
		return err
	}
	ctx := context.WithoutCancel(q.r.Context())
	q.goOn(path, w, func() error { return q.lookThrough(ctx, unseen, func() { w.done.Add(1) }) })
	return nil
}

type checkProgress struct {
	workRow
	Sent bool   // something is done when it is over
	Next string // where it goes on; "" while it runs
}

// Goes says whether the page leads on by itself. Not back to a submission that
// could not be looked through: it would only begin again.
func (p checkProgress) Goes() bool { return p.Sent || p.Fault == nil && !p.Cut }

// Percent is how far it is; 0 before the first slide.
func (p checkProgress) Percent() int64 { return max(p.Pct, 0) }

// checkPage shows how far slides are looked through, and leads on.
func (s *server) checkPage(q *request) error {
	id := checkKey + q.r.PathValue("id")
	w, ok, err := q.workOn(id)
	if err != nil {
		return err
	}
	reach, err := q.reach(auth.EditContent)
	if err != nil {
		return err
	}
	mine := w.By == q.session.User.ID
	if !ok || !mine && !reach.In(w.Unit) {
		return slides.E(slides.NotFound, "studio.checkPage", q.words.say("vi", "error.notfound"), q.words.say("en", "error.notfound"), nil)
	}
	here := "/studio/checks/" + q.r.PathValue("id")
	p := checkProgress{workRow: q.workRow(w, nil), Sent: w.Link == here}
	switch {
	case p.Runs:
	case !p.Sent:
		p.Next = w.Link
	case !mine:
		p.Next = "/studio/submissions"
	default:
		d, err := s.Store.Draft(q.r.Context(), q.session.User.ID, id)
		if err != nil {
			return err
		}
		if to := d.Values["to"]; len(to) > 0 {
			p.Next = local(to[0])
			break
		}
		if p.Next = here + "?form=1"; q.r.URL.Query().Get("form") != "" {
			return q.formBack(&d, p.workRow)
		}
	}
	return q.render(http.StatusOK, "check", p)
}

// formBack is the publish page as it was typed, with what stopped it.
func (q *request) formBack(d *store.UnsavedDraft, w workRow) error {
	q.r.PostForm = d.Values
	var list []slides.Problem
	for i, vi := range d.Values["problem.vi"] {
		list = append(list, slides.Problem{Vi: vi, En: d.Values["problem.en"][i]})
	}
	if len(list) == 0 {
		why := slides.Problem{Vi: q.words.say("vi", "running.cut"), En: q.words.say("en", "running.cut")}
		if w.Fault != nil {
			why = slides.Problem{Vi: w.Fault.In("vi"), En: w.Fault.In("en")}
		}
		list = append(list, why)
	}
	return q.publishForm(http.StatusOK, list)
}
