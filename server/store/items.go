package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"motcua/slides"
)

// draft is what saving a piece of content needs.
type draft struct {
	ItemRef
	unit  string
	bytes []byte
	title string
	fold  string // more words to search for
	topic string
	kind  string
}

const itemColumns = "type, id, unit, version, live, deleted, recalled, updated, by"

// into lists where a row of itemColumns goes; done finishes it.
func (i *Item) into() (to []any, done func()) {
	var deleted bool
	var recalled slides.Millis
	return []any{&i.Type, &i.ID, &i.Unit, &i.Version, &i.Live, &deleted, &recalled, &i.Updated, &i.By}, func() {
		switch {
		case deleted && i.Live > 0:
			i.State = Removing
		case deleted:
			i.State = Removed
		case i.Live == 0 && recalled != 0:
			i.State = Recalled
		case i.Live == 0:
			i.State = Draft
		case i.Live < i.Version:
			i.State = Edited
		default:
			i.State = Live
		}
	}
}

// Item is an item's row, whatever its type.
func (s *Store) Item(ctx context.Context, ref ItemRef) (i Item, err error) {
	err = s.read(ctx, "store.Item", func(t *txn) error {
		i, err = t.item("store.Item", ref)
		return err
	})
	return i, err
}

func (t *txn) item(op string, ref ItemRef) (i Item, err error) {
	to, done := i.into()
	err = t.row("SELECT "+itemColumns+" FROM items WHERE type = ? AND id = ?", ref.Type, ref.ID).Scan(to...)
	if errors.Is(err, sql.ErrNoRows) {
		return i, notFound(op, fmt.Sprintf("Không có nội dung %s %q.", ref.Type, ref.ID), fmt.Sprintf("There is no %s %q.", ref.Type, ref.ID))
	}
	done()
	return i, err
}

// saveItem keeps a new version of a draft, and tells it. Equal bytes make no
// new version.
func (t *txn) saveItem(op string, a Actor, d draft, base int) (Item, error) {
	i, fresh, err := t.keepItem(op, a, d, base)
	if err != nil || !fresh {
		return i, err
	}
	if err := t.audit(a, "content.save", d.object(), map[string]any{"version": i.Version, "sha256": slides.Sum(d.bytes)}); err != nil {
		return Item{}, err
	}
	return i, t.tell(Change{Kind: ContentChanged, Unit: i.Unit, Ref: d.object()})
}

// keepItem is saveItem without audit and change, for who writes one of each
// over many items; fresh says whether there is a new version.
func (t *txn) keepItem(op string, a Actor, d draft, base int) (i Item, fresh bool, err error) {
	if !slides.ValidID(d.ID) {
		return Item{}, false, invalid(op, "id", "Mã chỉ gồm 1–64 chữ thường không dấu, số, '-', '_', '.'.", "An id is 1 to 64 of a-z, 0-9, '-', '_', '.'.")
	}
	old, err := t.item(op, d.ItemRef)
	if err != nil && slides.KindOf(err) != slides.NotFound {
		return Item{}, false, err
	}
	current := old.Version
	if old.State == Removed || old.State == Removing {
		current = 0 // made anew under the old id
	}
	if base != current {
		return Item{}, false, slides.E(slides.Conflict, op, "Nội dung này vừa được người khác lưu; hãy mở lại bản mới nhất rồi sửa.", "Somebody else has saved this meanwhile; open the newest version and edit that.", nil)
	}
	if d.unit == "" {
		d.unit = old.Unit
	}
	// What was deleted is still its unit's: it may be on its screens, and its
	// lists may name it. Of procedures the code is everybody's, once it is off.
	if current == 0 && old.Version > 0 && d.unit != old.Unit && (old.State == Removing || d.Type != ProcedureItem) {
		return Item{}, false, slides.E(slides.Conflict, op, "Mã này đã được một đơn vị khác dùng; hãy chọn mã khác.", "Another unit has used this id; choose another one.", nil)
	}
	sha := slides.Sum(d.bytes)
	if current > 0 {
		var kept string
		if err := t.row("SELECT sha FROM item_versions WHERE type = ? AND id = ? AND version = ?", d.Type, d.ID, current).Scan(&kept); err != nil {
			return Item{}, false, err
		}
		if kept == sha && d.unit == old.Unit && old.State != Recalled {
			return old, false, nil
		}
	}
	version := old.Version + 1
	fold := clip(slides.Fold(d.title+" "+d.fold), 4000)
	if err := t.exec(`INSERT INTO items (type, id, unit, version, title, fold, topic, kind, updated, by) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
		ON CONFLICT (type, id) DO UPDATE SET unit = ?3, version = ?4, title = ?5, fold = ?6, topic = ?7, kind = ?8, updated = ?9, by = ?10, deleted = 0, recalled = 0`,
		d.Type, d.ID, d.unit, version, d.title, fold, d.topic, d.kind, t.now, a.User); err != nil {
		return Item{}, false, err
	}
	if err := t.exec("INSERT INTO item_versions VALUES (?, ?, ?, ?, ?, ?, ?)", d.Type, d.ID, version, sha, d.bytes, t.now, a.User); err != nil {
		return Item{}, false, err
	}
	i, err = t.item(op, d.ItemRef)
	return i, true, err
}

func (r ItemRef) object() string { return string(r.Type) + ":" + r.ID }

// DeleteItem removes the draft; what is live stays until published.
func (s *Store) DeleteItem(ctx context.Context, a Actor, ref ItemRef, base int) error {
	const op = "store.DeleteItem"
	return s.write(ctx, op, func(t *txn) error {
		_, err := t.deleteItem(op, a, ref, base)
		return err
	})
}

func (t *txn) deleteItem(op string, a Actor, ref ItemRef, base int) (Item, error) {
	i, err := t.item(op, ref)
	if err != nil {
		return i, err
	}
	if base != i.Version {
		return i, slides.E(slides.Conflict, op, "Nội dung này vừa được người khác lưu; hãy xem lại trước khi xóa.", "Somebody else has saved this meanwhile; look at it before you delete it.", nil)
	}
	if err := t.exec("UPDATE items SET deleted = 1, updated = ?, by = ? WHERE type = ? AND id = ?", t.now, a.User, ref.Type, ref.ID); err != nil {
		return i, err
	}
	if err := t.tell(Change{Kind: ContentChanged, Unit: i.Unit, Ref: ref.object()}); err != nil {
		return i, err
	}
	if err := t.audit(a, "content.delete", ref.object(), map[string]any{"version": base}); err != nil {
		return i, err
	}
	return t.item(op, ref)
}

// Changed lists what publishing everything would change.
func (s *Store) Changed(ctx context.Context) (out []Item, err error) {
	err = s.read(ctx, "store.Changed", func(t *txn) error {
		out, err = t.changed()
		return err
	})
	return out, err
}

const isChanged = "(deleted = 1 AND live > 0 OR deleted = 0 AND live < version AND recalled = 0)"

// changed leaves out what was recalled and not saved since: publishing
// everything must not bring it back.
func (t *txn) changed() (out []Item, err error) {
	err = t.each("SELECT "+itemColumns+" FROM items WHERE "+isChanged+" ORDER BY type, id", nil, func(rows *sql.Rows) error {
		var i Item
		to, done := i.into()
		if err := rows.Scan(to...); err != nil {
			return err
		}
		done()
		out = append(out, i)
		return nil
	})
	return out, err
}

// ChangedTitles are the titles of what Changed lists.
func (s *Store) ChangedTitles(ctx context.Context) (out map[ItemRef]string, err error) {
	out = map[ItemRef]string{}
	err = s.read(ctx, "store.ChangedTitles", func(t *txn) error {
		return t.each("SELECT type, id, title FROM items WHERE "+isChanged, nil, func(rows *sql.Rows) error {
			var ref ItemRef
			var title string
			err := rows.Scan(&ref.Type, &ref.ID, &title)
			out[ref] = title
			return err
		})
	})
	return out, err
}

// drafts reads all drafts of a type that are not deleted.
func (t *txn) drafts(typ ItemType, order string, each func(Item, []byte) error) error {
	return t.each("SELECT "+prefixed("i", itemColumns)+", v.bytes FROM items i JOIN item_versions v ON v.type = i.type AND v.id = i.id AND v.version = i.version WHERE i.type = ? AND i.deleted = 0 ORDER BY "+order, []any{typ}, func(rows *sql.Rows) error {
		var i Item
		var b []byte
		to, done := i.into()
		if err := rows.Scan(append(to, &b)...); err != nil {
			return err
		}
		done()
		return each(i, b)
	})
}

func prefixed(table, columns string) string {
	return table + "." + strings.ReplaceAll(columns, ", ", ", "+table+".")
}

// version reads one version's bytes; 0 the draft's, -1 the live one's.
func (t *txn) version(op string, ref ItemRef, version int) (b []byte, err error) {
	err = t.row(`SELECT v.bytes FROM items i JOIN item_versions v ON v.type = i.type AND v.id = i.id
		AND v.version = CASE ?3 WHEN 0 THEN i.version WHEN -1 THEN i.live ELSE ?3 END WHERE i.type = ?1 AND i.id = ?2`, ref.Type, ref.ID, version).Scan(&b)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, notFound(op, fmt.Sprintf("Không có phiên bản này của %s %q.", ref.Type, ref.ID), fmt.Sprintf("There is no such version of the %s %q.", ref.Type, ref.ID))
	}
	return b, err
}

// checkName checks a name that only staff read.
func checkName(p *slides.Problems, path string, name *string) {
	*name = slides.Clean(*name)
	if n := utf8.RuneCountInString(*name); n == 0 || n > maxName || strings.Contains(*name, "\n") {
		p.Add(path, "Tên dài 1–100 ký tự, trên một dòng.", "A name has 1 to 100 characters, in one line.")
	}
}
