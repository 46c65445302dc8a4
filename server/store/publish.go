package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"motcua/server/compile"
	"motcua/slides"
)

// Publish makes drafts live: checks everything, raises the revision, compiles
// the manifests and tells the changes, all in one transaction. Invalid lists
// every problem and nothing is changed; Denied: a unit wants it to be approved.
func (s *Store) Publish(ctx context.Context, a Actor, r PublishRequest) (p Publication, err error) {
	const op = "store.Publish"
	err = s.write(ctx, op, func(t *txn) error {
		if p, err = t.publish(op, a, r); err != nil {
			return err
		}
		return t.answer(a, p)
	})
	return p, err
}

func (t *txn) publish(op string, a Actor, r PublishRequest) (Publication, error) {
	items, err := t.changed()
	if err != nil {
		return Publication{}, err
	}
	if r.Items != nil {
		items = items[:0]
		seen := make(map[ItemRef]bool, len(r.Items))
		for _, ref := range r.Items {
			if seen[ref] {
				continue
			}
			seen[ref] = true
			i, err := t.item(op, ref)
			if err != nil {
				return Publication{}, err
			}
			items = append(items, i)
		}
	}
	for _, at := range r.Seen {
		i, err := t.item(op, at.ItemRef)
		if err != nil {
			return Publication{}, err
		}
		if i.Version != at.Version {
			return Publication{}, slides.E(slides.Conflict, op, "Có nội dung vừa được người khác lưu; hãy xem lại rồi phát hành.", "Somebody has saved one of these meanwhile; look at it again and publish it then.", nil)
		}
	}
	var steps []PublishedItem
	for _, i := range items {
		after := i.Version
		if i.State == Removing || i.State == Removed {
			after = 0
		}
		if after != i.Live {
			steps = append(steps, PublishedItem{ItemRef: i.ItemRef, Before: i.Live, After: after})
		}
	}
	if err := t.needsNobody(op, a, items); err != nil {
		return Publication{}, err
	}
	if err := t.needsTwo(op, steps); err != nil {
		return Publication{}, err
	}
	if len(steps) == 0 {
		return Publication{}, slides.E(slides.Invalid, op, "Không có thay đổi nào để phát hành.", "There is nothing new to publish.", nil)
	}
	return t.release(op, a, "publish", r.Note, r.Now, steps)
}

// needsTwo refuses to put an override of the screens on by a way on which one
// person is enough: that takes AskEmergency and ConfirmEmergency. It is Invalid,
// as what the checks find, so that what was set for a time fails with the reason.
func (t *txn) needsTwo(op string, steps []PublishedItem) error {
	for _, st := range steps {
		if st.Type != EntryItem || st.After == 0 {
			continue
		}
		b, err := t.version(op, st.ItemRef, st.After)
		if err != nil {
			return err
		}
		var e compile.Entry
		if err := json.Unmarshal(b, &e); err != nil {
			return err
		}
		if e.Priority >= slides.Emergency {
			return invalid(op, "priority", "Phát khẩn cấp cần hai người: hãy yêu cầu ở mục Thông báo khẩn để người thứ hai xác nhận.", "An emergency takes two people: ask for it under Emergency, and let somebody else confirm it.")
		}
	}
	return nil
}

// release makes steps live as one publication.
func (t *txn) release(op string, a Actor, kind, note string, now bool, steps []PublishedItem) (Publication, error) {
	return t.releaseChecked(op, a, kind, note, now, kind != "recall", steps) // a recall only takes away; it must never be held up
}

func (t *txn) releaseChecked(op string, a Actor, kind, note string, now, checked bool, steps []PublishedItem) (Publication, error) {
	p := Publication{Epoch: t.s.epoch, Kind: kind, By: a.User, At: t.now, Note: clip(note, 500), Items: steps}
	procedures := false
	for i := range steps {
		st := &steps[i]
		procedures = procedures || st.Type == ProcedureItem
		if err := t.row("SELECT title FROM items WHERE type = ? AND id = ?", st.Type, st.ID).Scan(&st.Title); err != nil {
			return p, err
		}
		emergency, err := t.goLive(st, kind == "recall")
		if err != nil {
			return p, err
		}
		now = now || emergency
	}
	if procedures {
		if err := t.compileCatalogue(op, checked); err != nil {
			return p, err
		}
	}
	if err := t.reserve(&p); err != nil {
		return p, err
	}
	for _, st := range steps {
		if err := t.exec("INSERT INTO publication_items VALUES (?, ?, ?, ?, ?, ?)", p.Revision, st.Type, st.ID, st.Before, st.After, st.Title); err != nil {
			return p, err
		}
	}
	if err := t.fresh(); err != nil {
		return p, err
	}
	flip := slides.AtBoundary
	if now {
		flip = slides.AtOnce
	}
	snap, err := t.snapshot(p.Revision, flip)
	if err != nil {
		return p, err
	}
	if checked {
		if err := compile.Check(snap); err != nil {
			return p, err
		}
	}
	if err := t.issueAll(&p, snap, false); err != nil {
		return p, err
	}
	if err := t.publicationEvent(&p); err != nil {
		return p, err
	}
	return p, t.audit(a, kind, fmt.Sprintf("publication:%d", p.Revision), p)
}

// reserve writes the publication's row with the next revision.
func (t *txn) reserve(p *Publication) error {
	p.Hash = slides.Sum([]byte(toJSON(p.Items)))
	if err := t.row("SELECT ifnull(max(revision), 0) + 1 FROM publications").Scan(&p.Revision); err != nil {
		return err
	}
	return t.exec("INSERT INTO publications (revision, epoch, kind, by, at, note, hash) VALUES (?, ?, ?, ?, ?, ?, ?)", p.Revision, p.Epoch, p.Kind, p.By, p.At, p.Note, p.Hash)
}

// goLive moves one item to its new live version, and says whether an emergency
// begins or ends by it. Slides and questionnaires become blobs now: drafts
// can't be fetched by kiosks.
func (t *txn) goLive(st *PublishedItem, recall bool) (emergency bool, err error) {
	recalled := slides.Millis(0)
	if recall && st.After == 0 {
		recalled = t.now
	}
	if err := t.exec("UPDATE items SET live = ?, recalled = ?, live_unit = unit WHERE type = ? AND id = ?", st.After, recalled, st.Type, st.ID); err != nil {
		return false, err
	}
	for _, v := range []int{st.Before, st.After} {
		if v == 0 {
			continue
		}
		b, err := t.version("store.Publish", st.ItemRef, v)
		if err != nil {
			return false, err
		}
		switch {
		case st.Type == EntryItem:
			var e compile.Entry
			if err := json.Unmarshal(b, &e); err != nil {
				return false, err
			}
			emergency = emergency || e.Priority >= slides.Emergency
		case v == st.After && (st.Type == SlideItem || st.Type == SurveyItem):
			if err := t.putBlob(slides.BlobRef{SHA: slides.Sum(b), Size: int64(len(b)), Type: "application/json"}, b); err != nil {
				return false, err
			}
			if st.Type == SurveyItem {
				if err := t.keepForm(b); err != nil {
					return false, err
				}
			}
		}
	}
	return emergency, nil
}

// keepForm gives a questionnaire version its short number, for ever.
func (t *txn) keepForm(b []byte) error {
	var q struct {
		ID      string
		Version int
	}
	if err := json.Unmarshal(b, &q); err != nil {
		return err
	}
	return t.exec("INSERT INTO forms (id, version, sha, bytes) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", q.ID, q.Version, slides.Sum(b), b)
}

// RecallSlide takes a slide off every screen at once, by a publication of its own.
func (s *Store) RecallSlide(ctx context.Context, a Actor, id, note string) (p Publication, err error) {
	const op = "store.RecallSlide"
	err = s.write(ctx, op, func(t *txn) error {
		i, err := t.item(op, ItemRef{SlideItem, id})
		if err != nil {
			return err
		}
		if i.Live == 0 {
			return slides.E(slides.Conflict, op, "Trang này đang không được chiếu.", "This slide is not on any screen.", nil)
		}
		if p, err = t.release(op, a, "recall", note, true, []PublishedItem{{ItemRef: i.ItemRef, Before: i.Live}}); err != nil {
			return err
		}
		return t.answer(a, p)
	})
	return p, err
}

// backwards are the steps that put back what a publication replaced, of those
// pieces that stand as it left them.
func (t *txn) backwards(op string, old *Publication) (steps []PublishedItem, err error) {
	for _, st := range old.Items {
		i, err := t.item(op, st.ItemRef)
		if err != nil {
			return nil, err
		}
		if i.Live == st.After && st.Before != st.After {
			steps = append(steps, PublishedItem{ItemRef: st.ItemRef, Before: st.After, After: st.Before})
		}
	}
	return steps, nil
}

// RecallPublication puts back what a publication replaced, at once, by a new
// publication; pieces published again since stay.
func (s *Store) RecallPublication(ctx context.Context, a Actor, revision int64, note string) (p Publication, err error) {
	const op = "store.RecallPublication"
	err = s.write(ctx, op, func(t *txn) error {
		old, err := t.publication(op, revision)
		if err != nil {
			return err
		}
		steps, err := t.backwards(op, &old)
		if err != nil {
			return err
		}
		if old.Kind != "publish" { // what a recall took off comes back by UndoRecall, with its checks
			return slides.E(slides.Conflict, op, "Chỉ thu hồi được một lần phát hành; muốn phát lại nội dung đã thu hồi, hãy mở lần thu hồi đó.", "Only what was published can be recalled; to put back what a recall took off, open that recall.", nil)
		}
		if old.Recalled != 0 || len(steps) == 0 {
			return slides.E(slides.Conflict, op, "Bản phát hành này đã được thu hồi hoặc đã được thay thế hết.", "This publication was recalled already, or all of it was replaced since.", nil)
		}
		if err := t.needsTwo(op, steps); err != nil {
			return err
		}
		if err := t.exec("UPDATE publications SET recalled = ? WHERE revision = ?", t.now, revision); err != nil {
			return err
		}
		if p, err = t.release(op, a, "recall", note, true, steps); err != nil {
			return err
		}
		return t.answer(a, p)
	})
	return p, err
}

const publicationColumns = "revision, epoch, kind, by, at, note, hash, recalled"

func scanPublication(scan func(...any) error) (p Publication, err error) {
	err = scan(&p.Revision, &p.Epoch, &p.Kind, &p.By, &p.At, &p.Note, &p.Hash, &p.Recalled)
	return p, err
}

func (t *txn) publication(op string, revision int64) (Publication, error) {
	p, err := scanPublication(t.row("SELECT "+publicationColumns+" FROM publications WHERE revision = ?", revision).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return p, notFound(op, fmt.Sprintf("Không có bản phát hành %d.", revision), fmt.Sprintf("There is no publication %d.", revision))
	}
	if err != nil {
		return p, err
	}
	return p, t.contents(&p)
}

// contents fills in items and classes.
func (t *txn) contents(p *Publication) error {
	err := t.each("SELECT p.type, p.id, p.before, p.after, p.title, ifnull(i.unit, '') FROM publication_items p LEFT JOIN items i ON i.type = p.type AND i.id = p.id WHERE p.revision = ? ORDER BY p.type, p.id", []any{p.Revision}, func(rows *sql.Rows) error {
		var i PublishedItem
		err := rows.Scan(&i.Type, &i.ID, &i.Before, &i.After, &i.Title, &i.Unit)
		p.Items = append(p.Items, i)
		return err
	})
	if err != nil {
		return err
	}
	return t.each("SELECT class FROM manifests WHERE revision = ? ORDER BY class", []any{p.Revision}, func(rows *sql.Rows) error {
		var c string
		err := rows.Scan(&c)
		p.Classes = append(p.Classes, c)
		return err
	})
}

// Publications lists publications, newest first; before is a revision to go on
// from, 0 the newest.
func (s *Store) Publications(ctx context.Context, before int64, limit int) (out []Publication, err error) {
	if limit <= 0 {
		limit = 50
	}
	err = s.read(ctx, "store.Publications", func(t *txn) error {
		if err := t.each("SELECT "+publicationColumns+" FROM publications WHERE ?1 = 0 OR revision < ?1 ORDER BY revision DESC LIMIT ?2", []any{before, limit}, func(rows *sql.Rows) error {
			p, err := scanPublication(rows.Scan)
			out = append(out, p)
			return err
		}); err != nil {
			return err
		}
		for i := range out {
			if err := t.contents(&out[i]); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// Publication is one publication.
func (s *Store) Publication(ctx context.Context, revision int64) (p Publication, err error) {
	err = s.read(ctx, "store.Publication", func(t *txn) error {
		p, err = t.publication("store.Publication", revision)
		return err
	})
	return p, err
}

// Revision is the newest revision.
func (s *Store) Revision(ctx context.Context) (n int64, err error) {
	err = s.read(ctx, "store.Revision", func(t *txn) error {
		return t.row("SELECT ifnull(max(revision), 0) FROM publications").Scan(&n)
	})
	return n, err
}
