package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
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
		if c, err = t.addCommand(op, a, wire.Command{Kiosk: kiosk, Verb: verb}, "", life); err != nil {
			return err
		}
		if verb != wire.TakeScreenshot { // pages ask for pictures by themselves: they would drown the audit
			if err := t.audit(a, "kiosk.command", "kiosk:"+kiosk, verb); err != nil {
				return err
			}
		}
		return t.answer(a, c)
	})
	return c, err
}

// arguments are what a command carries, as they are kept until it is done.
type arguments struct {
	wire.Invitation
	wire.Announcement
}

// addCommand queues c, with its id and times filled in.
func (t *txn) addCommand(op string, a Actor, c wire.Command, batch string, life time.Duration) (wire.Command, error) {
	kiosk := c.Kiosk
	var waiting int
	if err := t.row("SELECT count(*) FROM commands WHERE kiosk = ? AND done = 0 AND expires > ?", kiosk, t.now).Scan(&waiting); err != nil {
		return c, err
	}
	if waiting >= wire.MaxCommands {
		return c, slides.E(slides.Throttled, op, "Ki-ốt này còn quá nhiều lệnh đang chờ; hãy thử lại sau.", "Too many commands wait for this kiosk; try again later.", nil)
	}
	args := ""
	if with := (arguments{c.Invitation, c.Announcement}); with != (arguments{}) {
		args = toJSON(with)
	}
	c.ID, c.Issued, c.Expires = randomID("c"), t.now, t.now+slides.Millis(life.Milliseconds())
	if err := t.exec("INSERT INTO commands (id, kiosk, verb, issued, expires, by, args, batch) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", c.ID, kiosk, c.Verb, c.Issued, c.Expires, a.User, args, batch); err != nil {
		return c, err
	}
	return c, t.tell(Change{Kind: CommandAdded, Kiosk: kiosk, Ref: c.ID})
}

// PendingCommands lists commands neither done nor expired, oldest first.
func (s *Store) PendingCommands(ctx context.Context, kiosk string) (out []wire.Command, err error) {
	err = s.read(ctx, "store.PendingCommands", func(t *txn) error {
		return t.each("SELECT id, verb, issued, expires, args FROM commands WHERE kiosk = ? AND done = 0 AND expires > ? ORDER BY issued, id", []any{kiosk, t.now}, func(rows *sql.Rows) error {
			c := wire.Command{Kiosk: kiosk}
			var args string
			err := rows.Scan(&c.ID, &c.Verb, &c.Issued, &c.Expires, &args)
			if err == nil {
				err = readArguments(args, &c)
			}
			out = append(out, c)
			return err
		})
	})
	return out, err
}

func readArguments(args string, c *wire.Command) error {
	if args == "" {
		return nil
	}
	var with arguments
	err := json.Unmarshal([]byte(args), &with)
	c.Invitation, c.Announcement = with.Invitation, with.Announcement
	return err
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
		out, err = t.commandRows("c.kiosk = ? ORDER BY c.issued DESC, c.id DESC LIMIT ?", kiosk, limit)
		return err
	})
	return out, err
}

// commandRows reads the commands c of a condition, with what has become of them.
func (t *txn) commandRows(where string, args ...any) (out []CommandRow, err error) {
	err = t.each("SELECT c.id, c.kiosk, c.verb, c.issued, c.expires, c.by, c.sent, c.done, c.ok, c.vi, c.en FROM commands c WHERE "+where, args, func(rows *sql.Rows) error {
		var c CommandRow
		err := rows.Scan(&c.ID, &c.Kiosk, &c.Verb, &c.Issued, &c.Expires, &c.By, &c.Sent, &c.Done, &c.OK, &c.Vi, &c.En)
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
	return out, err
}
