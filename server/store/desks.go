package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"unicode/utf8"

	"motcua/slides"
)

// Counter is a desk of a unit.
type Counter struct {
	ID      string
	Unit    string
	Name    string
	Closed  bool
	Officer string // on duty now, "" nobody
}

// Officer is somebody who serves at counters.
type Officer struct {
	ID     string
	Unit   string
	Name   string
	Closed bool
}

// Duty is who served at a counter from when to when; Until 0: still.
type Duty struct {
	Counter string
	Officer string
	Since   slides.Millis
	Until   slides.Millis
}

// Counters lists the counters of a unit ("" all), the open ones first.
func (s *Store) Counters(ctx context.Context, unit string) (out []Counter, err error) {
	err = s.read(ctx, "store.Counters", func(t *txn) error {
		return t.each(`SELECT c.id, c.unit, c.name, c.closed, ifnull((SELECT officer FROM duty WHERE counter = c.id AND since <= ?2 AND (until = 0 OR until > ?2) ORDER BY since DESC LIMIT 1), '')
			FROM counters c WHERE ?1 = '' OR c.unit = ?1 ORDER BY c.closed, c.name, c.id`, []any{unit, t.now}, func(rows *sql.Rows) error {
			var c Counter
			err := rows.Scan(&c.ID, &c.Unit, &c.Name, &c.Closed, &c.Officer)
			out = append(out, c)
			return err
		})
	})
	return out, err
}

// Officers lists the officers of a unit ("" all), those who serve first.
func (s *Store) Officers(ctx context.Context, unit string) (out []Officer, err error) {
	err = s.read(ctx, "store.Officers", func(t *txn) error {
		return t.each("SELECT id, unit, name, closed FROM officers WHERE ?1 = '' OR unit = ?1 ORDER BY closed, name, id", []any{unit}, func(rows *sql.Rows) error {
			var o Officer
			err := rows.Scan(&o.ID, &o.Unit, &o.Name, &o.Closed)
			out = append(out, o)
			return err
		})
	})
	return out, err
}

// DutyOf lists who served at a counter, the newest first.
func (s *Store) DutyOf(ctx context.Context, counter string, limit int) (out []Duty, err error) {
	err = s.read(ctx, "store.DutyOf", func(t *txn) error {
		return t.each("SELECT officer, since, until FROM duty WHERE counter = ? ORDER BY since DESC LIMIT ?", []any{counter, limit}, func(rows *sql.Rows) error {
			d := Duty{Counter: counter}
			err := rows.Scan(&d.Officer, &d.Since, &d.Until)
			out = append(out, d)
			return err
		})
	})
	return out, err
}

// SaveCounter adds a counter (ID "" makes one), or changes its name or whether
// it is open.
func (s *Store) SaveCounter(ctx context.Context, a Actor, c Counter) (Counter, error) {
	err := s.saveAtDesk(ctx, "store.SaveCounter", a, "counter", "q", &c.ID, c.Unit, &c.Name, c.Closed)
	return c, err
}

// SaveOfficer adds an officer (ID "" makes one), or changes the name or whether
// they serve.
func (s *Store) SaveOfficer(ctx context.Context, a Actor, o Officer) (Officer, error) {
	err := s.saveAtDesk(ctx, "store.SaveOfficer", a, "officer", "cb", &o.ID, o.Unit, &o.Name, o.Closed)
	return o, err
}

// saveAtDesk saves a row of counters or officers, which are alike. A row stays
// in its unit: its ratings are counted there.
func (s *Store) saveAtDesk(ctx context.Context, op string, a Actor, kind, prefix string, id *string, unit string, name *string, closed bool) error {
	*name = slides.Clean(*name)
	if n := utf8.RuneCountInString(*name); n == 0 || n > maxName {
		return invalid(op, "name", "Tên dài 1–100 ký tự.", "The name has 1 to 100 characters.")
	}
	table := kind + "s"
	type shown struct {
		Name   string `json:"name"`
		Closed bool   `json:"ended,omitempty"`
	}
	return s.write(ctx, op, func(t *txn) error {
		if err := t.knownUnit(op, unit); err != nil {
			return err
		}
		var before any
		if *id == "" {
			*id = randomID(prefix)
			if err := t.exec("INSERT INTO "+table+" (id, unit, name, created) VALUES (?, ?, ?, ?)", *id, unit, *name, t.now); err != nil {
				return err
			}
		} else {
			var old shown
			var home string
			err := t.row("SELECT name, closed <> 0, unit FROM "+table+" WHERE id = ?", *id).Scan(&old.Name, &old.Closed, &home)
			if errors.Is(err, sql.ErrNoRows) || err == nil && home != unit {
				return notFound(op, "Không có quầy hoặc cán bộ này ở đơn vị.", "The unit has no such counter or officer.")
			}
			if err != nil {
				return err
			}
			before = old
			at := slides.Millis(0)
			if closed {
				at = t.now
			}
			if err := t.exec("UPDATE "+table+" SET name = ?, closed = ? WHERE id = ?", *name, at, *id); err != nil {
				return err
			}
		}
		if closed {
			if err := t.exec("UPDATE duty SET until = ? WHERE until = 0 AND "+kind+" = ?", t.now, *id); err != nil {
				return err
			}
		}
		if err := t.fresh(); err != nil {
			return err
		}
		return t.audit(a, kind+".save", kind+":"+*id, change(before, shown{*name, closed}))
	})
}

// SetDuty says who serves at a counter from now on; "" nobody. Ratings given
// before stay with whom they were.
func (s *Store) SetDuty(ctx context.Context, a Actor, counter, officer string) error {
	const op = "store.SetDuty"
	return s.write(ctx, op, func(t *txn) error {
		var unit string
		err := t.row("SELECT unit FROM counters WHERE id = ? AND closed = 0", counter).Scan(&unit)
		if errors.Is(err, sql.ErrNoRows) {
			return notFound(op, fmt.Sprintf("Không có quầy %.64q đang mở.", counter), fmt.Sprintf("There is no open counter %.64q.", counter))
		}
		if err != nil {
			return err
		}
		if officer != "" {
			var serves bool
			if err := t.row("SELECT EXISTS (SELECT 1 FROM officers WHERE id = ? AND closed = 0)", officer).Scan(&serves); err != nil {
				return err
			}
			if !serves {
				return notFound(op, fmt.Sprintf("Không có cán bộ %.64q đang làm việc.", officer), fmt.Sprintf("There is no serving officer %.64q.", officer))
			}
		}
		var now string
		err = t.row("SELECT officer FROM duty WHERE counter = ? AND until = 0 ORDER BY since DESC LIMIT 1", counter).Scan(&now)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if now == officer {
			return nil
		}
		if err := t.exec("UPDATE duty SET until = ? WHERE counter = ? AND until = 0", t.now, counter); err != nil {
			return err
		}
		if officer != "" {
			if err := t.exec("INSERT INTO duty (counter, since, officer) VALUES (?, ?, ?) ON CONFLICT (counter, since) DO UPDATE SET officer = excluded.officer, until = 0", counter, t.now, officer); err != nil {
				return err
			}
		}
		if err := t.fresh(); err != nil {
			return err
		}
		return t.audit(a, "duty.set", "counter:"+counter, change(map[string]string{"officer": now}, map[string]string{"officer": officer}))
	})
}
