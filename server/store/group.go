package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"sync/atomic"

	"github.com/mattn/go-sqlite3"

	"motcua/slides"
)

// Bounds of one group: enough to pay for an fsync, few enough that the first
// to come does not wait long for the last.
const (
	maxGroup = 512
	queued   = 1024
)

// group gathers many small writes (ratings, health, plays, leases) into one
// transaction: with synchronous=FULL an fsync costs more than all of them.
//
// While Run owns it, jobs go through the queue; without Run each commits alone
// on the caller's goroutine, so that command-line tools need no Run.
type group struct {
	s       *Store
	jobs    chan *job
	running atomic.Bool
	stopped atomic.Pointer[chan struct{}] // closed when the Run that owns the queue ends
	raw     *raw                          // owned by whoever holds the writer's connection
	memory  *memory                       // owned likewise
}

// job is one write. run may be called again from the start after a rollback;
// what it found for its caller stands in variables that it sets each time.
type job struct {
	claimed atomic.Bool
	run     func(*gtx) error
	done    chan error
}

// gtx is a group's transaction.
type gtx struct {
	*raw
	s      *Store
	now    slides.Millis
	mem    *memory
	change bool
}

func (g *group) init(s *Store) {
	g.s = s
	g.jobs = make(chan *job, queued)
}

// submit has f run within a group's transaction and returns after its commit.
func (s *Store) submit(ctx context.Context, op string, f func(*gtx) error) error {
	g := &s.group
	j := &job{run: f, done: make(chan error, 1)}
	stop := g.stopped.Load()
	if !g.running.Load() || stop == nil {
		return wrap(op, g.alone(ctx, j))
	}
	select {
	case g.jobs <- j:
	case <-ctx.Done():
		return ctx.Err()
	case <-*stop:
		return wrap(op, g.alone(ctx, j))
	}
	select {
	case err := <-j.done:
		return wrap(op, err)
	case <-ctx.Done():
		if j.claimed.CompareAndSwap(false, true) {
			return ctx.Err()
		}
		// The writer is at it and writes what f captured: that takes milliseconds.
		return wrap(op, <-j.done)
	case <-*stop:
		return wrap(op, g.alone(ctx, j))
	}
}

func (g *group) alone(ctx context.Context, j *job) error {
	if !j.claimed.CompareAndSwap(false, true) {
		return <-j.done
	}
	g.commit(ctx, []*job{j})
	return <-j.done
}

// run owns the queue until ctx ends; what was queued by then is committed.
func (g *group) run(ctx context.Context) {
	stop := make(chan struct{})
	g.stopped.Store(&stop)
	g.running.Store(true)
	defer close(stop)
	// A commit that began is not broken off by ctx: its callers wait for the truth.
	free := context.WithoutCancel(ctx)
	var batch []*job
	for {
		batch = batch[:0]
		select {
		case j := <-g.jobs:
			batch = g.claim(batch, j)
		case <-ctx.Done():
			g.running.Store(false)
			for {
				select {
				case j := <-g.jobs:
					batch = g.claim(batch, j)
					continue
				default:
				}
				break
			}
			g.commit(free, batch)
			return
		}
		for more := true; more && len(batch) < maxGroup; {
			select {
			case j := <-g.jobs:
				batch = g.claim(batch, j)
			default:
				more = false
			}
		}
		g.commit(free, batch)
	}
}

func (g *group) claim(batch []*job, j *job) []*job {
	if j.claimed.CompareAndSwap(false, true) {
		batch = append(batch, j)
	}
	return batch
}

// commit runs the jobs in one transaction. If one of them breaks it, each is
// tried alone, so that nobody fails for another.
func (g *group) commit(ctx context.Context, batch []*job) {
	if len(batch) == 0 {
		return
	}
	err := g.try(ctx, batch)
	if err == nil || len(batch) == 1 {
		for _, j := range batch {
			j.done <- err
		}
		return
	}
	for _, j := range batch {
		j.done <- g.try(ctx, []*job{j})
	}
}

func (g *group) try(ctx context.Context, batch []*job) (err error) {
	conn, err := g.s.w.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	change := false
	err = conn.Raw(func(dc any) error {
		c := dc.(*sqlite3.SQLiteConn)
		if g.raw == nil || g.raw.c != c {
			g.raw, g.memory = newRaw(c), nil
		}
		t := &gtx{raw: g.raw, s: g.s, now: g.s.Now()}
		if err := t.run("BEGIN IMMEDIATE"); err != nil {
			return err
		}
		err := g.fill(t, batch)
		if err == nil {
			err = t.run("COMMIT")
		}
		if err != nil {
			t.run("ROLLBACK") // SQLite may have rolled back by itself: then this fails, and all is well
			g.memory = nil    // it may hold what was rolled back
			return err
		}
		change = t.change
		return nil
	})
	if err == nil && change {
		g.s.wake()
	}
	return err
}

func (g *group) fill(t *gtx, batch []*job) error {
	var err error
	if g.memory, err = t.refresh(g.memory); err != nil {
		return err
	}
	t.mem = g.memory
	for _, j := range batch {
		if err := j.run(t); err != nil {
			return err
		}
	}
	return t.mem.rolls.flush(t)
}

// raw is the driver's connection with its statements kept prepared: the way
// through database/sql costs more than SQLite itself for rows as small as these.
type raw struct {
	c     *sqlite3.SQLiteConn
	stmts map[string]*sqlite3.SQLiteStmt
}

func newRaw(c *sqlite3.SQLiteConn) *raw { return &raw{c: c, stmts: map[string]*sqlite3.SQLiteStmt{}} }

func (r *raw) stmt(query string) (*sqlite3.SQLiteStmt, error) {
	if st, ok := r.stmts[query]; ok {
		return st, nil
	}
	st, err := r.c.Prepare(query)
	if err != nil {
		return nil, err
	}
	r.stmts[query] = st.(*sqlite3.SQLiteStmt)
	return r.stmts[query], nil
}

// run executes a statement. It goes through Query, whose way binds all
// arguments and steps in one crossing into C.
func (r *raw) run(query string, args ...driver.Value) error {
	st, err := r.stmt(query)
	if err != nil {
		return err
	}
	rows, err := st.Query(args)
	if err != nil {
		return err
	}
	return rows.Close()
}

// affect is run that tells how many rows changed.
func (r *raw) affect(query string, args ...driver.Value) (int64, error) {
	st, err := r.stmt(query)
	if err != nil {
		return 0, err
	}
	res, err := st.Exec(args)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// each calls scan with the n columns of every row; they are valid during the call.
func (r *raw) each(query string, n int, scan func([]driver.Value) error, args ...driver.Value) error {
	st, err := r.stmt(query)
	if err != nil {
		return err
	}
	rows, err := st.Query(args)
	if err != nil {
		return err
	}
	dest := make([]driver.Value, n)
	for {
		if err = rows.Next(dest); err != nil {
			break
		}
		if err = scan(dest); err != nil {
			break
		}
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return errors.Join(err, rows.Close())
}
