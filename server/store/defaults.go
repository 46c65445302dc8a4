package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"

	"motcua/slides"
)

// Defaults are what a unit sets for its kiosks, and what holds there together
// with what the units above set.
func (s *Store) Defaults(ctx context.Context, unit string) (own, holds slides.Defaults, err error) {
	const op = "store.Defaults"
	err = s.read(ctx, op, func(t *txn) error {
		if err := t.knownUnit(op, unit); err != nil {
			return err
		}
		if own, err = t.ownDefaults(unit); err != nil {
			return err
		}
		holds, err = t.defaultsAt(unit)
		return err
	})
	return own, holds, err
}

func (t *txn) knownUnit(op, unit string) error {
	var known bool
	if err := t.row("SELECT EXISTS (SELECT 1 FROM units WHERE id = ?)", unit).Scan(&known); err != nil {
		return err
	}
	if !known {
		return noUnit(op, unit)
	}
	return nil
}

func (t *txn) ownDefaults(unit string) (d slides.Defaults, err error) {
	var body string
	err = t.row("SELECT body FROM unit_defaults WHERE unit = ?", unit).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return d, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(body), &d)
	}
	return d, err
}

// allDefaults are the units' own, by unit.
func (t *txn) allDefaults() (map[string]slides.Defaults, error) {
	out := map[string]slides.Defaults{}
	err := t.each("SELECT unit, body FROM unit_defaults", nil, func(rows *sql.Rows) error {
		var unit, body string
		var d slides.Defaults
		if err := rows.Scan(&unit, &body); err != nil {
			return err
		}
		err := json.Unmarshal([]byte(body), &d)
		out[unit] = d
		return err
	})
	return out, err
}

// defaultsAt is what holds in a unit: its own over those of the units above.
// It asks for this one unit's way up alone: every connecting kiosk needs it.
func (t *txn) defaultsAt(unit string) (d slides.Defaults, err error) {
	err = t.each(`WITH RECURSIVE up (unit, n) AS (
		SELECT ?1, 0
		UNION ALL
		SELECT u.parent, n + 1 FROM up JOIN unit_terms u ON u.unit = up.unit
			WHERE n < ?3 AND u.parent IS NOT NULL AND u.since = (SELECT max(since) FROM unit_terms WHERE unit = up.unit AND since <= ?2))
		SELECT d.body FROM up JOIN unit_defaults d ON d.unit = up.unit ORDER BY n`, []any{unit, t.now, maxDepth}, func(rows *sql.Rows) error {
		var body string
		var up slides.Defaults
		if err := rows.Scan(&body); err != nil {
			return err
		}
		err := json.Unmarshal([]byte(body), &up)
		d = d.Over(up)
		return err
	})
	return d, err
}

// Mark names the state of a unit's defaults, for SaveDefaults.
func Mark(d slides.Defaults) string { return slides.Sum([]byte(toJSON(d)))[:16] }

// SaveDefaults sets what a unit's kiosks work by where they say nothing of
// their own, and tells them. base is Mark of what the change began from ("":
// whatever there is); kind Conflict when somebody was first.
func (s *Store) SaveDefaults(ctx context.Context, a Actor, unit string, d slides.Defaults, base string) error {
	const op = "store.SaveDefaults"
	d.Closed.Text = slides.CleanText(d.Closed.Text)
	var p slides.Problems
	d.Check(&p, "defaults")
	if err := p.Err(op); err != nil {
		return err
	}
	return s.write(ctx, op, func(t *txn) error {
		if err := t.knownUnit(op, unit); err != nil {
			return err
		}
		old, err := t.ownDefaults(unit)
		if err != nil {
			return err
		}
		if base != "" && base != Mark(old) {
			return overtaken(op)
		}
		if Mark(old) == Mark(d) {
			return nil
		}
		if err := t.exec("INSERT INTO unit_defaults VALUES (?, ?, ?) ON CONFLICT (unit) DO UPDATE SET body = excluded.body, updated = excluded.updated", unit, toJSON(d), t.now); err != nil {
			return err
		}
		if err := t.retell(unit); err != nil {
			return err
		}
		if !slices.Equal(old.Languages, d.Languages) {
			if err := t.reissue(a); err != nil {
				return err
			}
		}
		return t.audit(a, "unit.defaults", "unit:"+unit, change(old, d))
	})
}

func overtaken(op string) error {
	return slides.E(slides.Conflict, op, "Trong lúc bạn sửa, người khác đã lưu thay đổi ở đây. Những gì bạn nhập vẫn còn nguyên; hãy mở lại trang ở cửa sổ khác để so rồi lưu lần nữa.",
		"Somebody else saved a change here while you were editing. What you typed is still there; open the page again in another window to compare, then save once more.", nil)
}

// retell renews the settings of every kiosk of a unit and below.
func (t *txn) retell(unit string) error {
	cat, err := t.catalogue()
	if err != nil {
		return err
	}
	kiosks, err := t.kiosks()
	if err != nil {
		return err
	}
	below := cat.below(unit, t.now)
	for _, k := range kiosks {
		if !below[k.Unit] {
			continue
		}
		if err := t.exec("UPDATE kiosks SET settings = max(settings + 1, ?) WHERE id = ?", t.now, k.ID); err != nil {
			return err
		}
		if err := t.tell(Change{Kind: KioskChanged, Kiosk: k.ID, Unit: k.Unit}); err != nil {
			return err
		}
	}
	return nil
}

// reissue compiles every class anew; those that say something new get a
// manifest of a new revision.
func (t *txn) reissue(a Actor) error {
	snap, err := t.snapshot(0, slides.AtBoundary)
	if err != nil {
		return err
	}
	p := Publication{Epoch: t.s.epoch, Kind: "kiosks", By: a.User, At: t.now}
	return t.issueAll(&p, snap, false)
}

// change is an audit's detail: what was before and what is after, of those
// fields alone that differ.
func change(before, after any) map[string]any {
	var b, a map[string]json.RawMessage
	if json.Unmarshal([]byte(toJSON(before)), &b) != nil || json.Unmarshal([]byte(toJSON(after)), &a) != nil {
		return map[string]any{"before": before, "after": after}
	}
	for k, v := range b {
		if w, ok := a[k]; ok && string(v) == string(w) {
			delete(a, k)
			delete(b, k)
		}
	}
	return map[string]any{"before": b, "after": a}
}

// works fills in how each kiosk works: its own settings within its unit's.
func (t *txn) works(kiosks []*Kiosk) error {
	all, err := t.allDefaults()
	if err != nil {
		return err
	}
	known := map[string]slides.Defaults{}
	for _, k := range kiosks {
		d, ok := known[k.Unit]
		if !ok && len(all) > 0 {
			if d, err = t.defaultsAt(k.Unit); err != nil {
				return err
			}
			known[k.Unit] = d
		}
		k.Works = k.Terminal.Within(d)
	}
	return nil
}

// KioskCopy is one copying of settings to several kiosks.
type KioskCopy struct {
	ID     string
	At     slides.Millis
	By     string // user id
	Source string // kiosk id
	Undone slides.Millis
	Kiosks []string
}

// CopyTerminal gives other kiosks settings taken from source: to holds what each is to have. All or
// none.
func (s *Store) CopyTerminal(ctx context.Context, a Actor, source string, to map[string]slides.Terminal) (c KioskCopy, err error) {
	const op = "store.CopyTerminal"
	err = s.write(ctx, op, func(t *txn) error {
		if _, err := t.kiosk(op, source); err != nil {
			return err
		}
		c = KioskCopy{ID: randomID("kc"), At: t.now, By: a.User, Source: source}
		if err := t.exec("INSERT INTO kiosk_copies (id, at, by, source) VALUES (?, ?, ?, ?)", c.ID, c.At, c.By, c.Source); err != nil {
			return err
		}
		for id := range to {
			c.Kiosks = append(c.Kiosks, id)
		}
		slices.Sort(c.Kiosks)
		for _, id := range c.Kiosks {
			k, err := t.kiosk(op, id)
			if err != nil {
				return err
			}
			after := to[id]
			if err := t.exec("INSERT INTO kiosk_copy_targets VALUES (?, ?, ?, ?)", c.ID, id, toJSON(k.Terminal), toJSON(after)); err != nil {
				return err
			}
			if err := t.setTerminal(op, a, k, after, "kiosk.copy"); err != nil {
				return err
			}
		}
		return nil
	})
	return c, err
}

func (t *txn) setTerminal(op string, a Actor, k Kiosk, after slides.Terminal, verb string) error {
	e := k.Edit()
	e.Terminal = after
	if err := e.clean(op, t); err != nil {
		return err
	}
	if err := t.place(a, k.ID, e); err != nil {
		return err
	}
	return t.audit(a, verb, "kiosk:"+k.ID, change(k.Terminal, after))
}

// KioskCopy is a copying that was carried out.
func (s *Store) KioskCopy(ctx context.Context, id string) (c KioskCopy, err error) {
	const op = "store.KioskCopy"
	err = s.read(ctx, op, func(t *txn) error {
		c, err = t.kioskCopy(op, id)
		return err
	})
	return c, err
}

func (t *txn) kioskCopy(op, id string) (KioskCopy, error) {
	c := KioskCopy{ID: id}
	err := t.row("SELECT at, by, source, undone FROM kiosk_copies WHERE id = ?", id).Scan(&c.At, &c.By, &c.Source, &c.Undone)
	if errors.Is(err, sql.ErrNoRows) {
		return c, notFound(op, "Không có lần chép này.", "There is no such copying.")
	}
	if err != nil {
		return c, err
	}
	return c, t.each("SELECT kiosk FROM kiosk_copy_targets WHERE copy = ? ORDER BY kiosk", []any{id}, func(rows *sql.Rows) error {
		var k string
		err := rows.Scan(&k)
		c.Kiosks = append(c.Kiosks, k)
		return err
	})
}

// UndoCopy gives the kiosks of a copying what they had before. Those changed
// since keep what they have: kept counts them.
func (s *Store) UndoCopy(ctx context.Context, a Actor, id string) (undone, kept int, err error) {
	const op = "store.UndoCopy"
	err = s.write(ctx, op, func(t *txn) error {
		c, err := t.kioskCopy(op, id)
		if err != nil {
			return err
		}
		if c.Undone != 0 {
			return slides.E(slides.Conflict, op, "Lần chép này đã được hoàn tác.", "This copying is undone already.", nil)
		}
		type target struct{ before, after string }
		had := map[string]target{}
		if err := t.each("SELECT kiosk, before, after FROM kiosk_copy_targets WHERE copy = ?", []any{id}, func(rows *sql.Rows) error {
			var k string
			var x target
			err := rows.Scan(&k, &x.before, &x.after)
			had[k] = x
			return err
		}); err != nil {
			return err
		}
		for _, kiosk := range c.Kiosks {
			k, err := t.kiosk(op, kiosk)
			if err != nil {
				return err
			}
			if toJSON(k.Terminal) != had[kiosk].after {
				kept++
				continue
			}
			var before slides.Terminal
			if err := json.Unmarshal([]byte(had[kiosk].before), &before); err != nil {
				return err
			}
			if err := t.setTerminal(op, a, k, before, "kiosk.copy-undo"); err != nil {
				return err
			}
			undone++
		}
		return t.exec("UPDATE kiosk_copies SET undone = ? WHERE id = ?", t.now, id)
	})
	return undone, kept, err
}
