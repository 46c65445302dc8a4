package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"motcua/slides"
)

// SlideVersionRow is one version of a slide.
type SlideVersionRow struct {
	Version int
	SHA     string
	At      slides.Millis
	By      string // user id, "" for the system
	Live    bool
	Slide   *slides.Slide
}

// maxVersions bounds a list of versions; older ones are there all the same.
const maxVersions = 100

// SlideVersions lists a slide's versions, newest first, at most a hundred.
func (s *Store) SlideVersions(ctx context.Context, id string) (out []SlideVersionRow, err error) {
	err = s.read(ctx, "store.SlideVersions", func(t *txn) error {
		return t.each(`SELECT v.version, v.sha, v.created, v.by, v.version = i.live, v.bytes FROM item_versions v JOIN items i ON i.type = v.type AND i.id = v.id
			WHERE v.type = 'slide' AND v.id = ? ORDER BY v.version DESC LIMIT ?`, []any{id, maxVersions}, func(rows *sql.Rows) error {
			v := SlideVersionRow{Slide: &slides.Slide{}}
			var b []byte
			if err := rows.Scan(&v.Version, &v.SHA, &v.At, &v.By, &v.Live, &b); err != nil {
				return err
			}
			out = append(out, v)
			return json.Unmarshal(b, v.Slide)
		})
	})
	return out, err
}

// UndeleteItem takes a deletion back; kind Conflict where there is none.
func (s *Store) UndeleteItem(ctx context.Context, a Actor, ref ItemRef) (i Item, err error) {
	const op = "store.UndeleteItem"
	err = s.write(ctx, op, func(t *txn) error {
		if i, err = t.item(op, ref); err != nil {
			return err
		}
		if i.State != Removed && i.State != Removing {
			return slides.E(slides.Conflict, op, "Nội dung này không bị xóa.", "This is not deleted.", nil)
		}
		if err := t.exec("UPDATE items SET deleted = 0, updated = ?, by = ? WHERE type = ? AND id = ?", t.now, a.User, ref.Type, ref.ID); err != nil {
			return err
		}
		if i, err = t.item(op, ref); err != nil {
			return err
		}
		if err := t.tell(Change{Kind: ContentChanged, Unit: i.Unit, Ref: ref.object()}); err != nil {
			return err
		}
		return t.audit(a, "content.undelete", ref.object(), map[string]any{"version": i.Version})
	})
	return i, err
}

// SlideEdit is one slide of several that are saved together.
type SlideEdit struct {
	Unit  string
	Slide *slides.Slide
	Base  int // version that was edited
}

// MaxSlideEdits bounds what one transaction saves.
const MaxSlideEdits = 500

// SaveSlides saves all of the edits or none, each like SaveSlide.
func (s *Store) SaveSlides(ctx context.Context, a Actor, edits []SlideEdit) (out []Item, err error) {
	const op = "store.SaveSlides"
	if len(edits) > MaxSlideEdits {
		return nil, slides.E(slides.TooLarge, op, fmt.Sprintf("Mỗi lần sửa tối đa %d trang.", MaxSlideEdits), fmt.Sprintf("At most %d slides at a time.", MaxSlideEdits), nil)
	}
	drafts := make([]draft, 0, len(edits))
	for _, e := range edits {
		d, err := slideDraft(op, e.Unit, e.Slide)
		if err != nil {
			return nil, err
		}
		drafts = append(drafts, d)
	}
	err = s.write(ctx, op, func(t *txn) error {
		out = out[:0]
		for i, d := range drafts {
			item, err := t.saveOwned(op, a, d, edits[i].Base)
			if err != nil {
				return err
			}
			out = append(out, item)
		}
		return nil
	})
	return out, err
}

// SetTemplate says whether new slides may begin from this one.
func (s *Store) SetTemplate(ctx context.Context, a Actor, id string, on bool) error {
	const op = "store.SetTemplate"
	return s.write(ctx, op, func(t *txn) error {
		ref := ItemRef{SlideItem, id}
		if _, err := t.item(op, ref); err != nil {
			return err
		}
		if err := t.exec("UPDATE items SET template = ? WHERE type = 'slide' AND id = ?", on, id); err != nil {
			return err
		}
		return t.audit(a, "content.template", ref.object(), map[string]any{"template": on})
	})
}
