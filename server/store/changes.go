package store

import (
	"context"
	"database/sql"
	"time"

	"golang.org/x/sync/errgroup"
)

const insertChange = "INSERT INTO changes (at, kind, unit, class, kiosk, ref) VALUES (?, ?, ?, ?, ?, ?)"

// tell adds a row to the changes; watchers wake after the commit.
func (t *txn) tell(c Change) error {
	t.change = true
	return t.exec(insertChange, t.now, c.Kind, c.Unit, c.Class, c.Kiosk, c.Ref)
}

func (t *gtx) tell(c Change) error {
	t.change = true
	return t.run(insertChange, int64(t.now), string(c.Kind), c.Unit, c.Class, c.Kiosk, c.Ref)
}

// Changes reads the changes with a higher Seq, oldest first.
func (s *Store) Changes(ctx context.Context, after int64, limit int) (out []Change, err error) {
	if limit <= 0 {
		limit = 1000
	}
	err = s.read(ctx, "store.Changes", func(t *txn) error {
		return t.each("SELECT seq, at, kind, unit, class, kiosk, ref FROM changes WHERE seq > ? ORDER BY seq LIMIT ?", []any{after, limit}, func(rows *sql.Rows) error {
			var c Change
			err := rows.Scan(&c.Seq, &c.At, &c.Kind, &c.Unit, &c.Class, &c.Kiosk, &c.Ref)
			out = append(out, c)
			return err
		})
	})
	return out, err
}

// LastChange is the newest change's Seq, 0 for none.
func (s *Store) LastChange(ctx context.Context) (seq int64, err error) {
	err = s.read(ctx, "store.LastChange", func(t *txn) error {
		return t.row("SELECT ifnull(max(seq), 0) FROM changes").Scan(&seq)
	})
	return seq, err
}

// Watch returns a channel that gets a value (of which one waits at most) when
// there may be new changes, and the function that ends it. Other servers'
// changes wake it only while Run runs.
func (s *Store) Watch() (<-chan struct{}, func()) {
	c := make(chan struct{}, 1)
	s.wakeMu.Lock()
	s.wakers[c] = struct{}{}
	s.wakeMu.Unlock()
	return c, func() {
		s.wakeMu.Lock()
		delete(s.wakers, c)
		s.wakeMu.Unlock()
	}
}

func (s *Store) wake() {
	s.wakeMu.Lock()
	defer s.wakeMu.Unlock()
	for c := range s.wakers {
		select {
		case c <- struct{}{}:
		default: // one is waiting already
		}
	}
}

// Run owns the writer of ratings, the look-out for other servers' changes and
// the publishing of what is due; it returns nil when ctx ends and everything accepted is committed.
func (s *Store) Run(ctx context.Context) error {
	var g errgroup.Group
	g.Go(func() error {
		s.group.run(ctx)
		return nil
	})
	g.Go(func() error {
		s.lookOut(ctx)
		return nil
	})
	g.Go(func() error {
		s.keepTime(ctx)
		return nil
	})
	return g.Wait()
}

// lookOut wakes the watchers for changes that another server made.
func (s *Store) lookOut(ctx context.Context) {
	tick := time.NewTicker(s.opt.Poll)
	defer tick.Stop()
	failing := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		seq, err := s.LastChange(ctx)
		switch {
		case err != nil && ctx.Err() == nil && !failing:
			s.opt.Log.Error("changes can't be read", "error", err)
			failing = true
		case err == nil:
			failing = false
			if seq > s.seen.Swap(seq) {
				s.wake()
			}
		}
	}
}
