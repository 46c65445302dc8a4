package studio

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"motcua/server/auth"
	"motcua/server/store"
	"motcua/slides"
)

// decided answers a POST that decides on a submission: what is refused is told
// on the submission's own page, where what was typed still stands.
func (q *request) decided(err error, done string) error {
	switch kind := slides.KindOf(err); kind {
	case "":
		return q.to("/studio/submissions/"+q.r.PathValue("id"), done)
	case slides.Invalid, slides.Conflict, slides.Corrupt:
		return q.submission(kind.Status(), listed(err))
	case slides.Denied: // by the rule of two persons, not for want of a right
		return q.submission(http.StatusConflict, listed(err))
	}
	return err
}

func (s *server) submissionReview(q *request) error {
	_, err := s.Store.ReviewSubmission(q.r.Context(), q.session.Actor(), q.r.PathValue("id"), short(q.r.PostForm.Get("note")))
	return q.decided(err, "submission-reviewed")
}

// submissionApprove approves what the page showed: errors of the checks stop it,
// and every warning must have been ticked.
func (s *server) submissionApprove(q *request) error {
	v := q.r.PostForm
	sub, err := s.Store.Submission(q.r.Context(), q.r.PathValue("id"))
	if err != nil {
		return err
	}
	d := store.Decision{Note: short(v.Get("note"))}
	if sub.State == store.Submitted || sub.State == store.Reviewed {
		looks, err := q.looks(sub.Items)
		if err == nil {
			err = q.lookThrough(q.r.Context(), q.unseen(looks), func() {})
		}
		if err != nil {
			return err
		}
		var p slides.Problems
		for _, l := range looks {
			stops, warns, err := q.warnings(l)
			if err != nil {
				return err
			}
			title := l.slide.Title.In(q.lang)
			for _, w := range stops {
				p.Add("", title+": "+w.Says, title+": "+w.Says)
			}
			for _, w := range warns {
				if !slices.Contains(v["accept"], w.Key) {
					p.Add("accept", q.words.say("vi", "submission.mustaccept", title), q.words.say("en", "submission.mustaccept", title))
					break
				}
				d.Accepted = append(d.Accepted, title+": "+w.Says)
			}
		}
		if len(p.List) > 0 {
			return q.submission(http.StatusUnprocessableEntity, p.List)
		}
	}
	if v.Get("do") == "later" {
		zone, err := q.zoneOf(sub.Unit)
		if err != nil {
			return err
		}
		t, err := time.ParseInLocation(momentLayout, trimSeconds(short(v.Get("due"))), zone)
		if err != nil {
			return q.submission(http.StatusUnprocessableEntity, []slides.Problem{{Path: "due", Vi: q.words.say("vi", "submission.baddue"), En: q.words.say("en", "submission.baddue")}})
		}
		d.Due = slides.At(t)
	}
	sub, err = s.Store.ApproveSubmission(q.r.Context(), q.session.Actor(), sub.ID, d)
	if err == nil && sub.Revision != 0 {
		return q.to(fmt.Sprintf("/studio/publications/%d", sub.Revision), "submission-published")
	}
	return q.decided(err, "submission-due")
}

func (s *server) submissionReject(q *request) error {
	sub, err := s.Store.Submission(q.r.Context(), q.r.PathValue("id"))
	if err != nil {
		return err
	}
	publish, err := q.reach(auth.Publish)
	if err != nil {
		return err
	}
	if !publish.In(sub.Unit) && !sub.MayReview(q.session.User.ID) {
		return q.decided(slides.E(slides.Conflict, "studio.submissionReject", q.words.say("vi", "submission.notyours"), q.words.say("en", "submission.notyours"), nil), "")
	}
	_, err = s.Store.RejectSubmission(q.r.Context(), q.session.Actor(), sub.ID, q.r.PostForm.Get("reason"))
	return q.decided(err, "submission-rejected")
}

// submissionWithdraw takes one back: its author may, and whoever may approve.
func (s *server) submissionWithdraw(q *request) error {
	sub, err := s.Store.Submission(q.r.Context(), q.r.PathValue("id"))
	if err != nil {
		return err
	}
	publish, err := q.reach(auth.Publish)
	if err != nil {
		return err
	}
	if sub.By != q.session.User.ID && !publish.In(sub.Unit) {
		return q.decided(slides.E(slides.Conflict, "studio.submissionWithdraw", q.words.say("vi", "submission.notyours"), q.words.say("en", "submission.notyours"), nil), "")
	}
	_, err = s.Store.WithdrawSubmission(q.r.Context(), q.session.Actor(), sub.ID)
	return q.decided(err, "submission-withdrawn")
}

// submissionPublish publishes an approved one before its time.
func (s *server) submissionPublish(q *request) error {
	sub, err := s.Store.PublishSubmission(q.r.Context(), q.session.Actor(), q.r.PathValue("id"))
	if err == nil {
		return q.to(fmt.Sprintf("/studio/publications/%d", sub.Revision), "published")
	}
	return q.decided(err, "")
}

func ofSubmission(q *request) (string, error) {
	s, err := q.Store.Submission(q.r.Context(), q.r.PathValue("id"))
	return s.Unit, err
}
