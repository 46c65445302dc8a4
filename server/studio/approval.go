package studio

import (
	"net/http"
	"strings"

	"motcua/server/store"
	"motcua/slides"
)

// approvalForm is how a unit decides, as its page shows it.
type approvalForm struct {
	Ways, Owns []choice
	Holds      string // what holds, in a sentence
}

// approval is a unit's form of how it decides.
func (q *request) approval(unit string) (approvalForm, error) {
	var f approvalForm
	own, holds, err := q.Store.ApprovalRule(q.r.Context(), unit)
	if err != nil {
		return f, err
	}
	for _, w := range []store.Way{store.AsAbove, store.WayDirect, store.WayApprove, store.WayReview} {
		f.Ways = append(f.Ways, choice{string(w), q.words.say(q.lang, "approval.way."+firstOf(string(w), "above")), own.Way == w})
	}
	for _, o := range []string{"", "no", "yes"} {
		f.Owns = append(f.Owns, choice{o, q.words.say(q.lang, "approval.own."+firstOf(o, "above")), own.Own == o})
	}
	f.Holds = q.words.say(q.lang, "approval.holds."+string(holds.Way))
	if holds.Way != store.WayDirect {
		key := "approval.holds.noown"
		if holds.MayOwn() {
			key = "approval.holds.own"
		}
		f.Holds = strings.TrimSpace(f.Holds + " " + q.words.say(q.lang, key))
	}
	return f, nil
}

func (s *server) unitApproval(q *request) error {
	id, v := q.r.PathValue("id"), q.r.PostForm
	err := s.Store.SetApprovalRule(q.r.Context(), q.session.Actor(), id, store.ApprovalRule{Way: store.Way(v.Get("way")), Own: v.Get("own")})
	if slides.KindOf(err) == slides.Invalid {
		q.problem(http.StatusUnprocessableEntity, slides.Sentence(err, q.lang))
		return nil
	}
	if err != nil {
		return err
	}
	return q.to("/studio/units/"+id, "unit-saved")
}
