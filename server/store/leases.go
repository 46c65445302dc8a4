package store

import (
	"context"
	"database/sql/driver"
	"time"

	"motcua/slides"
)

// TakeLease gives the kiosk's session to this server's connection conn; the
// newest wins. replaced is the live session whose place it took, nil when that
// was the same start of the same program.
func (s *Store) TakeLease(ctx context.Context, kiosk, conn string, h Hello, life time.Duration) (replaced *Lease, err error) {
	const op = "store.TakeLease"
	known := false
	err = s.submit(ctx, op, func(t *gtx) error {
		known, replaced = false, nil
		var taken *Lease
		var instance string
		if err := t.each("SELECT 1 FROM kiosks WHERE id = ?", 1, func([]driver.Value) error {
			known = true
			return nil
		}, kiosk); err != nil || !known {
			return err
		}
		if err := t.each("SELECT server, conn, since, expires, instance FROM leases WHERE kiosk = ? AND expires > ? AND conn <> ?", 5, func(v []driver.Value) error {
			taken = &Lease{Kiosk: kiosk, Server: v[0].(string), Conn: v[1].(string), Since: slides.Millis(v[2].(int64)), Expires: slides.Millis(v[3].(int64))}
			instance = v[4].(string)
			return nil
		}, kiosk, int64(t.now), conn); err != nil {
			return err
		}
		again := int64(0)
		if taken != nil {
			if err := t.tell(Change{Kind: SessionTaken, Kiosk: kiosk, Ref: taken.Conn}); err != nil {
				return err
			}
		}
		// The same start of the program has only dialled again, after a line that
		// broke or a server that was killed.
		if taken != nil && (instance == "" || instance != h.Instance) {
			replaced, again = taken, 1
		}
		if err := t.run(`INSERT INTO leases VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (kiosk) DO UPDATE SET
			server = ?2, conn = ?3, since = ?4, expires = ?5, instance = ?6`, kiosk, s.opt.Server, conn, int64(t.now), int64(t.now)+life.Milliseconds(), clip(h.Instance, 64)); err != nil {
			return err
		}
		if err := t.run(`INSERT INTO kiosk_status (kiosk, seen, replaced, manifest, revision) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (kiosk) DO UPDATE SET
			seen = ?2, replaced = replaced + ?3, manifest = ?4, revision = ?5`, kiosk, int64(t.now), again, clip(h.Manifest, 64), h.Revision); err != nil {
			return err
		}
		return t.run("UPDATE kiosks SET screen = ?1, program = ?2 WHERE id = ?3 AND (screen <> ?1 OR program <> ?2)", toJSON(h.Screen), clip(h.Program, 100), kiosk)
	})
	if err == nil && !known {
		err = noKiosk(op, kiosk)
	}
	if replaced != nil && err == nil {
		replaced.Replaced, err = s.replaced(ctx, kiosk)
	}
	return replaced, err
}

func (s *Store) replaced(ctx context.Context, kiosk string) (n int64, err error) {
	err = s.read(ctx, "store.TakeLease", func(t *txn) error {
		return t.row("SELECT replaced FROM kiosk_status WHERE kiosk = ?", kiosk).Scan(&n)
	})
	return n, err
}

// RenewLeases renews all of this server's leases and lists them, kiosk to conn:
// a connection not in it has lost its place.
func (s *Store) RenewLeases(ctx context.Context, life time.Duration) (mine map[string]string, err error) {
	err = s.submit(ctx, "store.RenewLeases", func(t *gtx) error {
		mine = map[string]string{}
		if err := t.run("UPDATE kiosk_status SET seen = ? WHERE kiosk IN (SELECT kiosk FROM leases WHERE server = ?)", int64(t.now), s.opt.Server); err != nil {
			return err
		}
		if err := t.run("UPDATE leases SET expires = ? WHERE server = ?", int64(t.now)+life.Milliseconds(), s.opt.Server); err != nil {
			return err
		}
		return t.each("SELECT kiosk, conn FROM leases WHERE server = ?", 2, func(v []driver.Value) error {
			mine[v[0].(string)] = v[1].(string)
			return nil
		}, s.opt.Server)
	})
	return mine, err
}

// DropLease ends the session if conn still holds it.
func (s *Store) DropLease(ctx context.Context, kiosk, conn string) error {
	return s.submit(ctx, "store.DropLease", func(t *gtx) error {
		n, err := t.affect("DELETE FROM leases WHERE kiosk = ? AND conn = ?", kiosk, conn)
		if err != nil || n == 0 {
			return err
		}
		return t.run("UPDATE kiosk_status SET seen = ? WHERE kiosk = ?", int64(t.now), kiosk)
	})
}
