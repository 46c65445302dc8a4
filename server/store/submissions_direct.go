package store

import (
	"context"

	"motcua/slides"
)

// PublishVersions publishes exact versions at once, on the account of whoever
// asks: as a submission that its author approves in the same transaction. Kinds:
// Denied, a unit wants somebody else's approval; Conflict, somebody saved or
// published meanwhile; Invalid, the checks before publishing.
func (s *Store) PublishVersions(ctx context.Context, a Actor, r SubmitRequest) (p Publication, err error) {
	const op = "store.PublishVersions"
	err = s.write(ctx, op, func(t *txn) error {
		sub, err := t.submit(op, a, r)
		if err != nil {
			return err
		}
		if sub.Way != WayDirect {
			return slides.E(slides.Denied, op, "Đơn vị này phát hành qua trình duyệt; hãy trình để người khác duyệt.", "This unit publishes by approval; submit it for somebody else to approve.", nil)
		}
		sub.State, sub.Approver, sub.Accepted = Approved, a.User, r.Accepted
		if err := t.keepStep(a, &sub, "approve", nil); err != nil {
			return err
		}
		if err := t.publishSubmission(op, a, a, &sub); err != nil {
			return err
		}
		if p, err = t.publication(op, sub.Revision); err != nil {
			return err
		}
		return t.answer(a, p)
	})
	return p, err
}
