package api

import (
	"context"
	"fmt"
	"slices"

	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/review"
)

// Review says what a citizen of a unit would stumble over in a slide.
type Review func(ctx context.Context, sl *slides.Slide, unit string) ([]review.Finding, error)

// piece is a draft at the version that the caller has seen: what somebody saved
// since is not slipped in.
type piece struct {
	Type    store.ItemType `json:"type"`
	ID      string         `json:"id"`
	Version int            `json:"version"`
}

// pieces are drafts that are to go on the screens.
type pieces struct {
	Items []piece `json:"items"`
	Title string  `json:"title,omitempty"` // "": after the first piece
	Note  string  `json:"note,omitempty"`
	Now   bool    `json:"now,omitempty"` // at once, not at the next slide boundary
	// Paths of the warnings that a publication goes out in spite of, as the answer
	// without them named them.
	Accept []string `json:"accept,omitempty"`
}

// submission is content on its way to the screens.
type submission struct {
	ID       string                `json:"id"`
	Unit     string                `json:"unit"`
	Title    string                `json:"title"`
	State    store.SubmissionState `json:"state"`
	Created  slides.Millis         `json:"created"`
	Updated  slides.Millis         `json:"updated"`
	Due      slides.Millis         `json:"due,omitempty"`      // when it is published, where that is set
	Revision int64                 `json:"revision,omitempty"` // of its publication
	Reason   string                `json:"reason,omitempty"`   // why it was sent back
}

func showSubmission(s *store.Submission) submission {
	out := submission{ID: s.ID, Unit: s.Unit, Title: s.Title, State: s.State, Created: s.Created, Updated: s.Updated, Due: s.Due, Revision: s.Revision}
	if s.State == store.Rejected {
		out.Reason = s.Step("reject").Why["vi"]
	}
	return out
}

// readPieces reads what is to be shown, all of it the token's.
func (c *call) readPieces() (r store.SubmitRequest, accept []string, err error) {
	var in pieces
	if err := decode(c.body, &in, ""); err != nil {
		return r, nil, err
	}
	var p slides.Problems
	for n, x := range in.Items {
		at := fmt.Sprintf("items.%d", n)
		if !slices.ContainsFunc(genres, func(g genre) bool { return g.typ == x.Type }) {
			p.Add(at+".type", "Loại nội dung phải là slide, playlist, entry hoặc procedure.", "The type is slide, playlist, entry or procedure.")
			continue
		}
		i, err := c.store.Item(c.r.Context(), store.ItemRef{Type: x.Type, ID: x.ID})
		if err != nil && slides.KindOf(err) != slides.NotFound {
			return r, nil, err
		}
		if err != nil || !c.reach.In(i.Unit) {
			p.Add(at+".id", "Không có nội dung này, hoặc nó ở đơn vị mà khóa không có quyền.", "There is no such content, or it belongs to a unit in which the token has no right.")
			continue
		}
		r.Items = append(r.Items, store.ItemAt{ItemRef: i.ItemRef, Version: x.Version})
	}
	if len(in.Items) == 0 {
		p.Add("items", "Chưa nêu nội dung nào.", "No content is named.")
	}
	r.Title, r.Note, r.Now = clip(in.Title), clip(in.Note), in.Now
	return r, in.Accept, p.Err("api.readPieces")
}

// publish makes drafts live where the units decide directly. What a person
// would be stopped by in the studio stops a program, too; and what a person is
// asked there, the program's maker is asked: each warning must be accepted by its
// path, and is kept with the submission in words.
func publish(c *call) (any, error) {
	r, accept, err := c.readPieces()
	if err != nil {
		return nil, err
	}
	var p, warned slides.Problems
	for n, x := range r.Items {
		if x.Type != store.SlideItem || c.review == nil {
			continue
		}
		row, err := c.store.Slide(c.r.Context(), x.ID)
		if err != nil {
			return nil, err
		}
		if row.State == store.Removing {
			continue
		}
		found, err := c.review(c.r.Context(), row.Slide, row.Unit)
		if err != nil {
			return nil, err
		}
		for _, f := range found {
			at := fmt.Sprintf("items.%d.%s", n, f.Path)
			switch {
			case f.Severity == review.Error:
				p.Add(at, f.Vi, f.En)
			case slices.Contains(accept, at):
				r.Accepted = append(r.Accepted, row.Slide.Title.In("vi")+": "+f.Vi)
			default:
				warned.Add(at, f.Vi, f.En)
			}
		}
	}
	if len(p.List) == 0 && len(warned.List) > 0 {
		p.Add("accept", "Có cảnh báo: hãy sửa, hoặc gửi lại với accept ghi các đường dẫn sau.", "There are warnings: mend them, or send this again with the paths below in accept.")
		p.List = append(p.List, warned.List...)
	}
	if err := p.Err("api.publish"); err != nil {
		return nil, err
	}
	made, err := c.store.PublishVersions(c.r.Context(), c.actor, r)
	return show(made), err
}

func submit(c *call) (any, error) {
	r, _, err := c.readPieces() // whoever approves is asked
	if err != nil {
		return nil, err
	}
	sub, err := c.store.Submit(c.r.Context(), c.actor, r)
	return show(sub), err
}

func ofSubmission(c *call) (string, error) {
	s, err := c.store.Submission(c.r.Context(), c.r.PathValue("id"))
	return s.Unit, err
}

func readSubmission(c *call) (any, error) {
	s, err := c.store.Submission(c.r.Context(), c.r.PathValue("id"))
	return showSubmission(&s), err
}

// withdraw takes back what this token submitted.
func withdraw(c *call) (any, error) {
	s, err := c.store.Submission(c.r.Context(), c.r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	if s.By != c.actor.User {
		return nil, slides.E(slides.Denied, "api.withdraw", "Phiếu trình này do người khác trình.", "Somebody else submitted this.", nil)
	}
	s, err = c.store.WithdrawSubmission(c.r.Context(), c.actor, s.ID)
	return showSubmission(&s), err
}
