package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"motcua/server/compile"
	"motcua/slides"
)

// maxSubmitted bounds one submission: a catalogue of procedures and everything
// beside it fits.
const maxSubmitted = 10_000

// Submit keeps exact versions for somebody to approve. Conflict: one of them is
// not the newest draft any more. Invalid: nothing in it would change a screen.
func (s *Store) Submit(ctx context.Context, a Actor, r SubmitRequest) (sub Submission, err error) {
	const op = "store.Submit"
	err = s.write(ctx, op, func(t *txn) error {
		if sub, err = t.submit(op, a, r); err != nil {
			return err
		}
		return t.answer(a, sub)
	})
	return sub, err
}

func (t *txn) submit(op string, a Actor, r SubmitRequest) (Submission, error) {
	sub := Submission{ID: randomID("tr"), State: Submitted, Now: r.Now, By: a.User, Created: t.now, Updated: t.now, Title: clip(slides.Clean(r.Title), 200), Note: clip(slides.Clean(r.Note), 500)}
	if len(r.Items) > maxSubmitted {
		return sub, invalid(op, "items", fmt.Sprintf("Một phiếu trình có tối đa %d nội dung.", maxSubmitted), fmt.Sprintf("A submission has at most %d pieces.", maxSubmitted))
	}
	seen := map[ItemRef]bool{}
	var units []string
	for _, at := range r.Items {
		if seen[at.ItemRef] {
			continue
		}
		seen[at.ItemRef] = true
		it, changes, err := t.submitItem(op, at)
		if err != nil {
			return sub, err
		}
		if changes {
			sub.Items = append(sub.Items, it)
			places, err := t.places(op, it.ItemRef, it.Version, it.Base)
			if err != nil {
				return sub, err
			}
			units = append(append(units, it.Unit), places...)
		}
	}
	if len(sub.Items) == 0 {
		return sub, slides.E(slides.Invalid, op, "Không có thay đổi nào để trình.", "There is nothing new to submit.", nil)
	}
	if err := t.complete(op, &sub); err != nil {
		return sub, err
	}
	if sub.Title == "" {
		sub.Title = sub.Items[0].Title
		for _, kind := range []ItemType{EntryItem, PlaylistItem, ProcedureItem, SlideItem} { // the last that it has names it
			if i := slices.IndexFunc(sub.Items, func(x SubmissionItem) bool { return x.Type == kind }); i >= 0 {
				sub.Title = sub.Items[i].Title
			}
		}
	}
	var err error
	if sub.Unit, err = t.commonUnit(units); err != nil {
		return sub, err
	}
	rule, err := t.ruleOf(append(units, sub.Unit))
	if err != nil {
		return sub, err
	}
	sub.Way, sub.Own = rule.Way, rule.MayOwn()
	if err := t.exec("INSERT INTO submissions (id, unit, title, note, state, way, own, at_once, by, created, updated) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		sub.ID, sub.Unit, sub.Title, sub.Note, sub.State, sub.Way, sub.Own, sub.Now, sub.By, sub.Created, sub.Updated); err != nil {
		return sub, err
	}
	for _, it := range sub.Items {
		if err := t.exec("INSERT INTO submission_items VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", sub.ID, it.Type, it.ID, it.Unit, it.Version, it.Base, it.Recalled, it.SHA, it.Title); err != nil {
			return sub, err
		}
	}
	if sub.Way != WayDirect { // there somebody need not be waited for
		if err := t.event(SubmissionEvent, sub.Unit, map[string]string{"submission": sub.ID, "title": sub.Title}); err != nil {
			return sub, err
		}
	}
	return sub, t.step(a, &sub, "submit", slides.Text{"vi": sub.Note, "en": sub.Note})
}

// submitItem is a piece as it is now; changes says whether publishing it would
// change anything.
func (t *txn) submitItem(op string, at ItemAt) (it SubmissionItem, changes bool, err error) {
	i, err := t.item(op, at.ItemRef)
	if err != nil {
		return it, false, err
	}
	it = SubmissionItem{ItemRef: at.ItemRef, Unit: i.Unit, Version: i.Version, Base: i.Live}
	if err := t.row("SELECT title, recalled FROM items WHERE type = ? AND id = ?", at.Type, at.ID).Scan(&it.Title, &it.Recalled); err != nil {
		return it, false, err
	}
	if i.Version != at.Version {
		return it, false, slides.E(slides.Conflict, op, fmt.Sprintf("“%s” vừa được người khác lưu; hãy xem lại trước khi trình.", it.Title), fmt.Sprintf("Somebody else has saved “%s” meanwhile; look at it before you submit it.", it.Title), nil)
	}
	if i.State == Removing || i.State == Removed {
		it.Version = 0
		return it, i.Live != 0, nil
	}
	b, err := t.version(op, at.ItemRef, i.Version)
	it.SHA = slides.Sum(b)
	return it, i.Version != i.Live, err
}

// complete refuses a submission with an entry whose playlist is neither live, nor
// in it, nor on its way in another one: it could never be approved. (A slide that
// is not live is left out of its playlist by the kiosks.)
func (t *txn) complete(op string, sub *Submission) error {
	in := map[ItemRef]bool{}
	for _, it := range sub.Items {
		in[it.ItemRef] = it.Version > 0
	}
	var p slides.Problems
	for _, it := range sub.Items {
		if it.Version == 0 || it.Type != EntryItem {
			continue
		}
		b, err := t.version(op, it.ItemRef, it.Version)
		if err != nil {
			return err
		}
		var e compile.Entry
		if err := json.Unmarshal(b, &e); err != nil {
			return err
		}
		ref := ItemRef{PlaylistItem, e.Playlist}
		if known, there := in[ref]; known || !there && t.comes(ref) {
			continue
		}
		title := ref.ID
		if err := t.row("SELECT title FROM items WHERE type = ? AND id = ?", ref.Type, ref.ID).Scan(&title); err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		p.Add("items", fmt.Sprintf("Lịch phát chiếu danh sách “%s”, mà danh sách đó chưa phát hành và không có trong phiếu trình này; hãy chọn thêm nó.", title),
			fmt.Sprintf("An entry shows the playlist “%s”, which is neither published nor in this submission; choose that as well.", title))
		in[ref] = true // said once
	}
	return p.Err(op)
}

// comes says whether a piece is live, or in a submission that is still open.
func (t *txn) comes(ref ItemRef) (yes bool) {
	err := t.row(`SELECT EXISTS (SELECT 1 FROM items WHERE type = ?1 AND id = ?2 AND live > 0)
		OR EXISTS (SELECT 1 FROM submission_items i JOIN submissions s ON s.id = i.submission WHERE i.type = ?1 AND i.id = ?2 AND i.version > 0 AND s.state IN ('submitted', 'reviewed', 'approved'))`, ref.Type, ref.ID).Scan(&yes)
	return yes || err != nil // whoever approves is told what is wrong with the database
}

// commonUnit is the lowest unit that all units belong to, "" for none.
func (t *txn) commonUnit(units []string) (string, error) {
	cat, err := t.catalogue()
	if err != nil {
		return "", err
	}
	common := cat.path(units[0], t.now)
	for _, u := range units[1:] {
		path := cat.path(u, t.now)
		for len(common) > 0 && !slices.Contains(path, common[0]) {
			common = common[1:]
		}
	}
	if len(common) == 0 {
		return "", nil
	}
	return common[0], nil
}

// step notes what was done: in the submission's own history, the audit, and
// the changes.
func (t *txn) step(a Actor, sub *Submission, verb string, why slides.Text) error {
	if err := t.exec("INSERT INTO submission_steps SELECT ?1, count(*), ?2, ?3, ?4, ?5, ?6 FROM submission_steps WHERE submission = ?1", sub.ID, t.now, a.User, verb, why["vi"], why["en"]); err != nil {
		return err
	}
	if err := t.tell(Change{Kind: ContentChanged, Unit: sub.Unit, Ref: "submission:" + sub.ID}); err != nil {
		return err
	}
	detail := map[string]any{"title": sub.Title, "state": sub.State}
	if why["vi"] != "" {
		detail["why"] = why["vi"]
	}
	if sub.Due != 0 {
		detail["due"] = sub.Due
	}
	if sub.Revision != 0 {
		detail["revision"] = sub.Revision
	}
	if verb == "submit" {
		detail["items"] = sub.Items
	}
	if len(sub.Accepted) > 0 {
		detail["accepted"] = sub.Accepted
	}
	return t.audit(a, "submission."+verb, "submission:"+sub.ID, detail)
}

const submissionColumns = "id, unit, title, note, state, way, own, at_once, by, created, updated, reviewer, approver, due, accepted, revision, ifnull((SELECT k.by FROM api_tokens k WHERE 'token:' || k.id = submissions.by), '')"

func scanSubmission(scan func(...any) error) (s Submission, err error) {
	var accepted string
	if err := scan(&s.ID, &s.Unit, &s.Title, &s.Note, &s.State, &s.Way, &s.Own, &s.Now, &s.By, &s.Created, &s.Updated, &s.Reviewer, &s.Approver, &s.Due, &accepted, &s.Revision, &s.Maker); err != nil {
		return s, err
	}
	s.Accepted, err = fromJSON[[]string](accepted)
	return s, err
}

func (t *txn) submission(op, id string) (s Submission, err error) {
	s, err = scanSubmission(t.row("SELECT "+submissionColumns+" FROM submissions WHERE id = ?", id).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return s, notFound(op, "Không có phiếu trình này.", "There is no such submission.")
	}
	if err != nil {
		return s, err
	}
	return s, t.submissionItems(&s)
}

func (t *txn) submissionItems(s *Submission) error {
	return t.each("SELECT type, id, unit, version, base, recalled, sha, title FROM submission_items WHERE submission = ? ORDER BY type, id", []any{s.ID}, func(rows *sql.Rows) error {
		var i SubmissionItem
		err := rows.Scan(&i.Type, &i.ID, &i.Unit, &i.Version, &i.Base, &i.Recalled, &i.SHA, &i.Title)
		s.Items = append(s.Items, i)
		return err
	})
}

// Submission is one submission with its history.
func (s *Store) Submission(ctx context.Context, id string) (sub Submission, err error) {
	const op = "store.Submission"
	err = s.read(ctx, op, func(t *txn) error {
		if sub, err = t.submission(op, id); err != nil {
			return err
		}
		return t.each("SELECT at, by, verb, vi, en FROM submission_steps WHERE submission = ? ORDER BY n", []any{id}, func(rows *sql.Rows) error {
			var st SubmissionStep
			var vi, en string
			err := rows.Scan(&st.At, &st.By, &st.Verb, &vi, &en)
			st.Why = slides.Text{"vi": vi, "en": en}
			sub.Steps = append(sub.Steps, st)
			return err
		})
	})
	return sub, err
}

// Submissions lists submissions; total counts all that fit. Items are filled in.
func (s *Store) Submissions(ctx context.Context, f SubmissionFilter) (out []Submission, total int, err error) {
	if f.Limit <= 0 {
		f.Limit = 50
	}
	where, args := "1 = 1", []any{}
	add := func(cond string, v any) { where, args = where+" AND "+cond, append(args, v) }
	if f.Units != nil {
		add("unit IN (SELECT value FROM json_each(?))", toJSON(f.Units))
	}
	if f.States != nil {
		add("state IN (SELECT value FROM json_each(?))", toJSON(f.States))
	}
	if f.By != "" {
		add("by = ?", f.By)
	}
	err = s.read(ctx, "store.Submissions", func(t *txn) error {
		if err := t.row("SELECT count(*) FROM submissions WHERE "+where, args...).Scan(&total); err != nil {
			return err
		}
		if err := t.each("SELECT "+submissionColumns+" FROM submissions WHERE "+where+" ORDER BY updated DESC, id LIMIT ? OFFSET ?", append(args, f.Limit, f.Offset), func(rows *sql.Rows) error {
			x, err := scanSubmission(rows.Scan)
			out = append(out, x)
			return err
		}); err != nil {
			return err
		}
		for i := range out {
			if err := t.submissionItems(&out[i]); err != nil {
				return err
			}
		}
		return nil
	})
	return out, total, err
}

// OnTheirWay are the pieces of open submissions, with the submission's id and
// the version that it has.
func (s *Store) OnTheirWay(ctx context.Context) (out map[ItemAt]string, err error) {
	out = map[ItemAt]string{}
	err = s.read(ctx, "store.OnTheirWay", func(t *txn) error {
		return t.each("SELECT i.type, i.id, i.version, s.id FROM submission_items i JOIN submissions s ON s.id = i.submission WHERE s.state IN ('submitted', 'reviewed', 'approved') ORDER BY s.created", nil, func(rows *sql.Rows) error {
			var at ItemAt
			var id string
			err := rows.Scan(&at.Type, &at.ID, &at.Version, &id)
			out[at] = id
			return err
		})
	})
	return out, err
}

// VersionBytes are the stored bytes of one version of a piece, from 1.
func (s *Store) VersionBytes(ctx context.Context, ref ItemRef, version int) (b []byte, err error) {
	const op = "store.VersionBytes"
	err = s.read(ctx, op, func(t *txn) error {
		b, err = t.version(op, ref, max(version, 1))
		return err
	})
	return b, err
}
