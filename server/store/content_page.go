package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"motcua/slides"
	"motcua/slides/kinds"
)

// ContentRow is a draft with its bytes, whatever its type.
type ContentRow struct {
	Item
	Bytes json.RawMessage
}

// ContentFilter picks drafts of one type that are not deleted, by id.
type ContentFilter struct {
	Type   ItemType
	Units  []string  // that own them; nil all
	State  ItemState // "" all
	Search string    // words, folded
	After  string    // only ids behind it: where the page before ended
	Limit  int       // default 100
}

// Content lists drafts in the order of their ids, so that a list that is read
// page by page misses nothing and tells nothing twice while others write.
func (s *Store) Content(ctx context.Context, f ContentFilter) (out []ContentRow, err error) {
	const op = "store.Content"
	if f.Limit <= 0 {
		f.Limit = 100
	}
	where, args := "i.type = ? AND i.id > ?", []any{f.Type, f.After}
	if f.Units != nil {
		where, args = where+" AND i.unit IN (SELECT value FROM json_each(?))", append(args, toJSON(f.Units))
	}
	for w := range strings.FieldsSeq(slides.Fold(f.Search)) {
		where, args = where+" AND instr(i.fold, ?) > 0", append(args, w)
	}
	state, known := stateConditions[f.State]
	if !known {
		return nil, invalid(op, "state", fmt.Sprintf("Không có trạng thái %.40q.", f.State), fmt.Sprintf("There is no state %.40q.", f.State))
	}
	if f.State == "" {
		state = "i.deleted = 0"
	}
	err = s.read(ctx, op, func(t *txn) error {
		return t.each("SELECT "+prefixed("i", itemColumns)+", v.bytes FROM items i JOIN item_versions v ON v.type = i.type AND v.id = i.id AND v.version = i.version WHERE "+
			where+" AND "+state+" ORDER BY i.id LIMIT ?", append(args, f.Limit), func(rows *sql.Rows) error {
			var r ContentRow
			to, done := r.Item.into()
			err := rows.Scan(append(to, (*[]byte)(&r.Bytes))...)
			done()
			out = append(out, r)
			return err
		})
	})
	return out, err
}

// ContentItem is one draft with its bytes; kind NotFound for one that is deleted.
func (s *Store) ContentItem(ctx context.Context, ref ItemRef) (r ContentRow, err error) {
	const op = "store.ContentItem"
	err = s.read(ctx, op, func(t *txn) error {
		if r.Item, err = t.item(op, ref); err != nil {
			return err
		}
		if r.State == Removing || r.State == Removed {
			return notFound(op, fmt.Sprintf("%s %q đã bị xóa.", ref.Type, ref.ID), fmt.Sprintf("The %s %q was deleted.", ref.Type, ref.ID))
		}
		r.Bytes, err = t.version(op, ref, 0)
		return err
	})
	return r, err
}

// PublicationPage lists publications with a lower revision, newest first, with
// those of their items that belong to units (nil: all); before 0 begins with the
// newest. One that has none of them is left out.
func (s *Store) PublicationPage(ctx context.Context, units []string, before int64, limit int) (out []Publication, err error) {
	const mine = "(?1 = 'null' OR ifnull((SELECT unit FROM items i WHERE i.type = pi.type AND i.id = pi.id), '') IN (SELECT value FROM json_each(?1)))"
	err = s.read(ctx, "store.PublicationPage", func(t *txn) error {
		of := toJSON(units)
		if err := t.each("SELECT "+publicationColumns+" FROM publications p WHERE (?2 = 0 OR revision < ?2) AND (?1 = 'null' OR EXISTS (SELECT 1 FROM publication_items pi WHERE pi.revision = p.revision AND "+mine+")) ORDER BY revision DESC LIMIT ?3",
			[]any{of, before, limit}, func(rows *sql.Rows) error {
				p, err := scanPublication(rows.Scan)
				out = append(out, p)
				return err
			}); err != nil {
			return err
		}
		for i := range out {
			if err := t.each("SELECT type, id, before, after, title FROM publication_items pi WHERE revision = ?2 AND "+mine+" ORDER BY type, id", []any{of, out[i].Revision}, func(rows *sql.Rows) error {
				var x PublishedItem
				err := rows.Scan(&x.Type, &x.ID, &x.Before, &x.After, &x.Title)
				out[i].Items = append(out[i].Items, x)
				return err
			}); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// ZoneOf is the zone of a unit, else of its nearest ancestor's, else the default.
func (s *Store) ZoneOf(ctx context.Context, unit string) (zone *time.Location, err error) {
	err = s.read(ctx, "store.ZoneOf", func(t *txn) error {
		cat, err := t.catalogue()
		if err == nil {
			zone = cat.zoneOf(unit, t.now)
		}
		return err
	})
	return zone, err
}

// CheckFiles reports pictures and films of a body that are not
// stored (any more), and files that are not what their field is for.
func (s *Store) CheckFiles(ctx context.Context, body kinds.Body, p *slides.Problems) error {
	for _, u := range kinds.BlobUses(body) {
		if !slides.ValidSHA(u.SHA) {
			continue // kinds.Validate tells
		}
		ref, err := s.BlobRef(ctx, u.SHA)
		switch {
		case slides.KindOf(err) == slides.NotFound:
			p.Add(u.Path, "Tệp này không còn trong hệ thống; hãy tải lên lại.", "This file is no longer stored; upload it again.")
		case err != nil:
			return err
		case !u.Fits(ref.Type):
			p.Add(u.Path, "Tệp này không phải loại mà chỗ này cần.", "This file is not of the kind that is needed here.")
		}
	}
	return nil
}
