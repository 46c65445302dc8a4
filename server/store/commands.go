package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"slices"
	"time"

	"motcua/slides"
	"motcua/slides/wire"
)

// AddCommand queues a command; Throttled when wire.MaxCommands wait.
func (s *Store) AddCommand(ctx context.Context, a Actor, kiosk string, verb wire.Verb, life time.Duration) (c wire.Command, err error) {
	const op = "store.AddCommand"
	if !slices.Contains(wire.StaffVerbs, verb) {
		return c, slides.E(slides.Invalid, op, fmt.Sprintf("Không có lệnh %.40q.", verb), fmt.Sprintf("There is no command %.40q.", verb), nil)
	}
	err = s.write(ctx, op, func(t *txn) error {
		if _, err := t.kiosk(op, kiosk); err != nil {
			return err
		}
		if c, err = t.addCommand(op, a, kiosk, verb, life, wire.Invitation{}); err != nil {
			return err
		}
		return t.answer(a, c)
	})
	return c, err
}

func (t *txn) addCommand(op string, a Actor, kiosk string, verb wire.Verb, life time.Duration, v wire.Invitation) (c wire.Command, err error) {
	var waiting int
	if err := t.row("SELECT count(*) FROM commands WHERE kiosk = ? AND done = 0 AND expires > ?", kiosk, t.now).Scan(&waiting); err != nil {
		return c, err
	}
	if waiting >= wire.MaxCommands {
		return c, slides.E(slides.Throttled, op, "Ki-ốt này còn quá nhiều lệnh đang chờ; hãy thử lại sau.", "Too many commands wait for this kiosk; try again later.", nil)
	}
	args := ""
	if v != (wire.Invitation{}) {
		args = toJSON(v)
	}
	c = wire.Command{Kiosk: kiosk, ID: randomID("c"), Verb: verb, Issued: t.now, Expires: t.now + slides.Millis(life.Milliseconds()), Invitation: v}
	if err := t.exec("INSERT INTO commands (id, kiosk, verb, issued, expires, by, args) VALUES (?, ?, ?, ?, ?, ?, ?)", c.ID, kiosk, verb, c.Issued, c.Expires, a.User, args); err != nil {
		return c, err
	}
	if err := t.tell(Change{Kind: CommandAdded, Kiosk: kiosk, Ref: c.ID}); err != nil {
		return c, err
	}
	if verb == wire.TakeScreenshot || verb == wire.Invite {
		return c, nil // pages ask for the one by themselves, the other comes for every citizen: they would drown the audit
	}
	return c, t.audit(a, "kiosk.command", "kiosk:"+kiosk, verb)
}

// PendingCommands lists commands neither done nor expired, oldest first.
func (s *Store) PendingCommands(ctx context.Context, kiosk string) (out []wire.Command, err error) {
	err = s.read(ctx, "store.PendingCommands", func(t *txn) error {
		return t.each("SELECT id, verb, issued, expires, args FROM commands WHERE kiosk = ? AND done = 0 AND expires > ? ORDER BY issued, id", []any{kiosk, t.now}, func(rows *sql.Rows) error {
			c := wire.Command{Kiosk: kiosk}
			var args string
			err := rows.Scan(&c.ID, &c.Verb, &c.Issued, &c.Expires, &args)
			if err == nil {
				c.Invitation, err = invitation(args)
			}
			out = append(out, c)
			return err
		})
	})
	return out, err
}

// CommandSent notes that commands went out.
func (s *Store) CommandSent(ctx context.Context, ids ...string) error {
	return s.submit(ctx, "store.CommandSent", func(t *gtx) error {
		for _, id := range ids {
			if err := t.run("UPDATE commands SET sent = ? WHERE id = ? AND sent = 0", int64(t.now), id); err != nil {
				return err
			}
		}
		return nil
	})
}

// CommandDone notes a command's outcome, and forgets whom it was about.
func (s *Store) CommandDone(ctx context.Context, kiosk string, d wire.Done) error {
	return s.submit(ctx, "store.CommandDone", func(t *gtx) error {
		ok := driver.Value(int64(0))
		if d.OK {
			ok = int64(1)
		}
		return t.run("UPDATE commands SET done = ?, ok = ?, vi = ?, en = ?, args = '' WHERE id = ? AND kiosk = ? AND done = 0", int64(t.now), ok, clip(d.Vi, 500), clip(d.En, 500), d.ID, kiosk)
	})
}

// Commands lists commands, newest first.
func (s *Store) Commands(ctx context.Context, kiosk string, limit int) (out []CommandRow, err error) {
	if limit <= 0 {
		limit = 50
	}
	err = s.read(ctx, "store.Commands", func(t *txn) error {
		return t.each("SELECT id, verb, issued, expires, by, sent, done, ok, vi, en FROM commands WHERE kiosk = ? ORDER BY issued DESC, id DESC LIMIT ?", []any{kiosk, limit}, func(rows *sql.Rows) error {
			c := CommandRow{Command: wire.Command{Kiosk: kiosk}}
			err := rows.Scan(&c.ID, &c.Verb, &c.Issued, &c.Expires, &c.By, &c.Sent, &c.Done, &c.OK, &c.Vi, &c.En)
			switch {
			case c.Done != 0 && c.OK:
				c.State = "done"
			case c.Done != 0:
				c.State = "failed"
			case c.Expires <= t.now:
				c.State = "expired"
			case c.Sent != 0:
				c.State = "sent"
			default:
				c.State = "pending"
			}
			out = append(out, c)
			return err
		})
	})
	return out, err
}
