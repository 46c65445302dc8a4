package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"motcua/slides"
)

// decide changes a submission in one transaction and notes the step.
func (s *Store) decide(ctx context.Context, op string, a Actor, id, verb string, why slides.Text, f func(*txn, *Submission) error) (sub Submission, err error) {
	err = s.write(ctx, op, func(t *txn) error {
		if sub, err = t.submission(op, id); err != nil {
			return err
		}
		if err := f(t, &sub); err != nil {
			return err
		}
		if err := t.keepStep(a, &sub, verb, why); err != nil {
			return err
		}
		return t.answer(a, sub)
	})
	return sub, err
}

func (t *txn) keepStep(a Actor, sub *Submission, verb string, why slides.Text) error {
	sub.Updated = t.now
	if err := t.exec("UPDATE submissions SET state = ?, updated = ?, reviewer = ?, approver = ?, due = ?, accepted = ?, revision = ? WHERE id = ?",
		sub.State, sub.Updated, sub.Reviewer, sub.Approver, sub.Due, toJSON(sub.Accepted), sub.Revision, sub.ID); err != nil {
		return err
	}
	return t.step(a, sub, verb, why)
}

// both is a person's own words, which have one language only.
func both(s string) slides.Text {
	s = clip(slides.Clean(s), 500)
	return slides.Text{"vi": s, "en": s}
}

// settled is the answer to who decides on what was decided already.
func settled(op string) error {
	return slides.E(slides.Conflict, op, "Phiếu trình này vừa được xử lý; hãy mở lại để xem.", "Somebody has dealt with this submission meanwhile; open it again.", nil)
}

// ReviewSubmission takes the first of two steps. Kind Denied for the author.
func (s *Store) ReviewSubmission(ctx context.Context, a Actor, id, note string) (Submission, error) {
	const op = "store.ReviewSubmission"
	return s.decide(ctx, op, a, id, "review", both(note), func(t *txn, sub *Submission) error {
		if sub.State != Submitted || sub.Way != WayReview {
			return settled(op)
		}
		if !sub.MayReview(a.User) {
			return slides.E(slides.Denied, op, "Người trình không tự thẩm định được; hãy nhờ người khác.", "Authors can't review their own; ask somebody else.", nil)
		}
		sub.State, sub.Reviewer = Reviewed, a.User
		return nil
	})
}

// RejectSubmission sends a submission back; the reason is what its author reads.
func (s *Store) RejectSubmission(ctx context.Context, a Actor, id, reason string) (Submission, error) {
	const op = "store.RejectSubmission"
	why := both(reason)
	if why["vi"] == "" {
		return Submission{}, invalid(op, "reason", "Hãy ghi lý do để người soạn biết phải sửa gì.", "Write the reason, so that the author knows what to change.")
	}
	return s.decide(ctx, op, a, id, "reject", why, func(t *txn, sub *Submission) error {
		if sub.State != Submitted && sub.State != Reviewed {
			return settled(op)
		}
		sub.State = Rejected
		return nil
	})
}

// WithdrawSubmission takes a submission back, or an approved one off its time.
func (s *Store) WithdrawSubmission(ctx context.Context, a Actor, id string) (Submission, error) {
	const op = "store.WithdrawSubmission"
	return s.decide(ctx, op, a, id, "withdraw", nil, func(t *txn, sub *Submission) error {
		if !sub.State.Open() {
			return settled(op)
		}
		sub.State = Withdrawn
		return nil
	})
}

// ApproveSubmission approves and, where no time is set, publishes exactly the
// versions that were submitted; with a time it makes sure that they could be
// published now. Kinds: Denied (not by this person), Conflict (decided already,
// or the screens moved on), Invalid (the checks before publishing).
func (s *Store) ApproveSubmission(ctx context.Context, a Actor, id string, d Decision) (Submission, error) {
	const op = "store.ApproveSubmission"
	approve := func(t *txn, sub *Submission) error {
		if sub.State != Submitted && sub.State != Reviewed {
			return settled(op)
		}
		if !sub.MayApprove(a.User) {
			return notYours(op, sub, a)
		}
		if d.Due != 0 && d.Due <= t.now {
			return invalid(op, "due", "Giờ phát đã qua; hãy chọn giờ sau bây giờ, hoặc để trống để phát ngay.", "That time is past; choose a later one, or leave it empty to publish now.")
		}
		sub.State, sub.Approver, sub.Due, sub.Accepted = Approved, a.User, d.Due, d.Accepted
		return nil
	}
	if d.Due == 0 {
		var sub Submission
		err := s.write(ctx, op, func(t *txn) (err error) {
			if sub, err = t.submission(op, id); err != nil {
				return err
			}
			if err := approve(t, &sub); err != nil {
				return err
			}
			if err := t.keepStep(a, &sub, "approve", both(d.Note)); err != nil {
				return err
			}
			return t.publishSubmission(op, a, a, &sub)
		})
		return sub, err
	}
	tried := errTried
	err := s.write(ctx, op, func(t *txn) error {
		sub, err := t.submission(op, id)
		if err == nil {
			err = approve(t, &sub)
		}
		if err == nil {
			err = t.publishSubmission(op, a, a, &sub)
		}
		tried = err
		return errTried
	})
	if tried == errTried { // it did not come to the trial
		return Submission{}, err
	}
	if tried != nil {
		return Submission{}, wrap(op, tried)
	}
	return s.decide(ctx, op, a, id, "approve", both(d.Note), approve)
}

// errTried rolls a trial back.
var errTried = errors.New("store: only tried")

func notYours(op string, sub *Submission, a Actor) error {
	switch {
	case sub.State == Submitted && sub.Way == WayReview:
		return slides.E(slides.Denied, op, "Phiếu trình này phải được thẩm định trước khi duyệt.", "This submission must be reviewed before it is approved.", nil)
	case a.User == sub.Reviewer:
		return slides.E(slides.Denied, op, "Người thẩm định không đồng thời duyệt; hãy chờ người duyệt khác.", "Who reviewed it can't approve it as well; it waits for somebody else.", nil)
	}
	return slides.E(slides.Denied, op, "Đơn vị này không cho người trình tự duyệt; hãy chờ người khác duyệt.", "This unit does not let authors approve their own; it waits for somebody else.", nil)
}

// PublishSubmission publishes an approved submission before its time.
func (s *Store) PublishSubmission(ctx context.Context, a Actor, id string) (sub Submission, err error) {
	const op = "store.PublishSubmission"
	err = s.write(ctx, op, func(t *txn) error {
		if sub, err = t.submission(op, id); err != nil {
			return err
		}
		if sub.State != Approved {
			return settled(op)
		}
		return t.publishSubmission(op, a, a, &sub)
	})
	return sub, err
}

// publishSubmission makes the submitted versions live, as a publication of who
// approved; by is who sets it off. Conflict: what is live is not what it was.
func (t *txn) publishSubmission(op string, approver, by Actor, sub *Submission) error {
	var steps []PublishedItem
	for _, it := range sub.Items {
		var live int
		var recalled slides.Millis
		var deleted bool
		if err := t.row("SELECT live, recalled, deleted FROM items WHERE type = ? AND id = ?", it.Type, it.ID).Scan(&live, &recalled, &deleted); err != nil {
			return err
		}
		if deleted && it.Version > 0 {
			return slides.E(slides.Conflict, op, fmt.Sprintf("“%s” đã bị xóa sau khi trình; hãy khôi phục nó, hoặc trình lại mà không có nó.", it.Title),
				fmt.Sprintf("“%s” was deleted after it was submitted; restore it, or submit again without it.", it.Title), nil)
		}
		if live != it.Base || recalled != it.Recalled {
			return slides.E(slides.Conflict, op, fmt.Sprintf("“%s” trên màn hình đã khác so với lúc trình (vừa có bản khác được phát hoặc bị thu hồi); hãy trình lại từ bản mới nhất.", it.Title),
				fmt.Sprintf("“%s” is not on the screens as it was when this was submitted: another version was published, or it was recalled. Submit it again from the newest version.", it.Title), nil)
		}
		if it.Version > 0 {
			b, err := t.version(op, it.ItemRef, it.Version)
			if err != nil {
				return err
			}
			if slides.Sum(b) != it.SHA {
				return slides.E(slides.Corrupt, op, fmt.Sprintf("Nội dung của “%s” không còn đúng như lúc trình; hãy trình lại.", it.Title), fmt.Sprintf("The bytes of “%s” are not those that were submitted; submit it again.", it.Title), nil)
			}
		}
		steps = append(steps, PublishedItem{ItemRef: it.ItemRef, Before: live, After: it.Version})
	}
	if err := t.needsTwo(op, steps); err != nil {
		return err
	}
	p, err := t.release(op, approver, "publish", sub.Title, sub.Now, steps)
	if err != nil {
		return err
	}
	sub.State, sub.Revision = Published, p.Revision
	return t.keepStep(by, sub, "publish", nil)
}

// PublishDue publishes the approved submissions whose time has come, each in a
// transaction of its own that finds it approved and leaves it published: with
// several servers over the database each is published once. One that can't be
// published any more fails, with the reason; one whose approver may not approve
// any more (Options.MayPublish) waits for another approval. What the disk or the
// database refuses is tried again the next time, and none holds up the others:
// their errors are joined. Run calls it; it returns how many it dealt with.
func (s *Store) PublishDue(ctx context.Context) (n int, err error) {
	const op = "store.PublishDue"
	var due []string
	if err := s.read(ctx, op, func(t *txn) error {
		return t.each("SELECT id FROM submissions WHERE state = 'approved' AND due <= ? ORDER BY due, id", []any{t.now}, func(rows *sql.Rows) error {
			var id string
			err := rows.Scan(&id)
			due = append(due, id)
			return err
		})
	}); err != nil {
		return 0, err
	}
	var errs []error
	for _, id := range due {
		done, err := s.publishDue(ctx, op, id)
		if done {
			n++
		}
		errs = append(errs, err)
	}
	return n, errors.Join(errs...)
}

// publishDue deals with one; done is false where somebody was first or it is to be
// tried again.
func (s *Store) publishDue(ctx context.Context, op, id string) (done bool, err error) {
	err = s.write(ctx, op, func(t *txn) error {
		done = false
		sub, err := t.submission(op, id)
		if err != nil {
			return err
		}
		if sub.State != Approved || sub.Due > t.now {
			return nil // another server was first, or it was given another time
		}
		done = true
		approver, why, err := t.standingApprover(op, &sub)
		if err != nil {
			return err
		}
		if why != nil {
			sub.State, sub.Approver, sub.Due, sub.Accepted = Submitted, "", 0, nil
			if sub.Reviewer != "" {
				sub.State = Reviewed
			}
			return t.keepStep(Actor{}, &sub, "lapse", why)
		}
		return t.publishSubmission(op, approver, Actor{}, &sub)
	})
	switch slides.KindOf(err) {
	case "":
		return done, nil
	case slides.Invalid, slides.Conflict, slides.Corrupt, slides.NotFound, slides.TooLarge:
		return true, s.failSubmission(ctx, op, id, err)
	}
	return false, err
}

// standingApprover is who approved, or why that approval does not hold any more:
// what a person may not do today is not done in their name.
func (t *txn) standingApprover(op string, sub *Submission) (a Actor, why slides.Text, err error) {
	a = Actor{User: sub.Approver}
	may := t.s.opt.MayPublish
	list, err := t.users(op, "id = ?", sub.Approver)
	if err != nil || len(list) == 0 && may == nil {
		return a, nil, err
	}
	name := ""
	if len(list) == 1 {
		u := list[0]
		a.Name, name = u.Name, u.Name
		if may == nil {
			return a, nil, nil
		}
		units, err := t.units(0)
		if err != nil {
			return a, nil, err
		}
		parents := make(map[string]string, len(units))
		for _, x := range units {
			parents[x.ID] = x.Parent
		}
		if !u.Disabled && may(u, sub.Unit, parents) {
			return a, nil, nil
		}
	}
	return a, slides.Text{
		"vi": fmt.Sprintf("Đến giờ phát, %s không còn quyền duyệt ở đơn vị này; cần người khác duyệt lại.", cmp.Or(name, "người duyệt")),
		"en": fmt.Sprintf("When its time came, %s could not approve for this unit any more; somebody else must approve it.", cmp.Or(name, "its approver")),
	}, nil
}

func (s *Store) failSubmission(ctx context.Context, op, id string, why error) error {
	_, err := s.decide(ctx, op, Actor{}, id, "fail", slides.Text{"vi": slides.Sentence(why, "vi"), "en": slides.Sentence(why, "en")}, func(t *txn, sub *Submission) error {
		if sub.State != Approved {
			return settled(op)
		}
		sub.State = Failed
		return nil
	})
	if slides.KindOf(err) == slides.Conflict {
		return nil // another server said so, or it was cancelled meanwhile
	}
	return err
}

// keepTime publishes what is due and takes off what is over, while Run runs.
func (s *Store) keepTime(ctx context.Context) {
	tick := time.NewTicker(s.opt.Poll)
	defer tick.Stop()
	failing := false
	for {
		_, over := s.SweepEmergencies(ctx)
		_, due := s.PublishDue(ctx)
		err := errors.Join(over, due)
		switch {
		case err != nil && ctx.Err() == nil && !failing:
			s.opt.Log.Error("what is due can't be done", "error", err)
			failing = true
		case err == nil:
			failing = false
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func fromJSON[T any](s string) (v T, err error) {
	err = json.Unmarshal([]byte(s), &v)
	return v, err
}
