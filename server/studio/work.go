package studio

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"motcua/server/auth"
	"motcua/server/store"
	"motcua/slides"
)

// work is something long that a handler does after its answer went out: the
// page that the person was sent to shows how far it is, and may be left. The
// store has it for every server; this is what the server that does it knows to
// the last step.
type work struct {
	id    string
	done  atomic.Int64
	total int64
}

// works are the works of this server by what they are on, while they run.
type works struct {
	mu sync.Mutex
	by map[string]*work // guarded by mu
}

func (w *works) get(id string) *work {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.by[id]
}

func (w *works) put(x *work) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.by == nil {
		w.by = map[string]*work{}
	}
	w.by[x.id] = x
}

func (w *works) forget(id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.by, id)
}

// workEvery is how often a server says how far its work is.
const workEvery = time.Second

// begin registers a work; kind Conflict where it is being done, by any server.
func (q *request) begin(w store.Work) (*work, error) {
	if err := q.Store.BeginWork(q.r.Context(), q.session.Actor(), w); err != nil {
		return nil, err
	}
	x := &work{id: w.ID, total: w.Total}
	q.works.put(x)
	return x, nil
}

// run does a work that was begun, and tells the store of it. A panic is told
// like an error, and goes on.
func (q *request) run(w *work, f func() error) error {
	ctx := context.WithoutCancel(q.r.Context()) // its end is told though the person has left
	stop, told := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(told)
		t := time.NewTicker(workEvery)
		defer t.Stop()
		for {
			select {
			case <-stop:
				return
			case <-t.C:
				if err := q.Store.WorkDone(ctx, w.id, w.done.Load()); err != nil {
					q.Log.Debug("work not told", "on", w.id, "err", err)
				}
			}
		}
	}()
	var err error = slides.E(slides.Broken, "studio.work", slides.Sentence(nil, "vi"), slides.Sentence(nil, "en"), nil)
	defer func() {
		close(stop)
		<-told
		if err := q.Store.EndWork(ctx, w.id, w.done.Load(), err); err != nil {
			q.Log.Error("work not ended", "on", w.id, "err", err)
		}
		q.works.forget(w.id)
	}()
	err = f()
	return err
}

// goOn sends the person on to the page of a work and does it in the handler,
// which the server waits for when it stops. The answer closes its connection:
// a browser would wait on it for the next page.
func (q *request) goOn(path string, w *work, f func() error) {
	h := q.w.Header()
	h.Set("Location", path)
	h.Set("Content-Length", "0")
	h.Set("Connection", "close")
	q.w.WriteHeader(http.StatusSeeOther)
	q.wrote = true
	if err := http.NewResponseController(q.w).Flush(); err != nil {
		q.Log.Debug("answer not flushed", "err", err)
	}
	if err := q.run(w, f); err != nil && slides.KindOf(err).Status() >= 500 {
		q.Log.Error("work", "on", w.id, "err", err)
	}
}

// workOn is the newest work on something, as exactly as this server knows it;
// ok is false where there was none of late.
func (q *request) workOn(id string) (w store.Work, ok bool, err error) {
	w, err = q.Store.Work(q.r.Context(), id)
	if slides.KindOf(err) == slides.NotFound {
		return w, false, nil
	}
	if x := q.works.get(id); x != nil {
		w.Done = x.done.Load()
	}
	return w, err == nil, err
}

// workRow is a work as the list shows it.
type workRow struct {
	store.Work
	Runs bool
	Cut  bool // off with its server
	Who  string
	Pct  int64 // -1: not known
}

func (q *request) workRow(w store.Work, names map[string]string) workRow {
	if x := q.works.get(w.ID); x != nil {
		w.Done = x.done.Load()
	}
	now := q.Store.Now()
	r := workRow{Work: w, Runs: w.Running(now), Cut: w.Lost(now), Who: names[w.By], Pct: -1}
	// What another server does within one transaction it can't tell before its end.
	if w.Total > 0 && (w.Done > 0 || w.Ended != 0) {
		r.Pct = min(100, 100*w.Done/w.Total)
	}
	return r
}

type workListPage struct {
	Rows     []workRow
	Arriving int64 // revision that kiosks are taking; 0: none
	Pending  int
}

// worksFor is how long a work that is over stays in the list, and a publication
// that kiosks are taking in the header: those that take longer are told of as
// kiosks, not as work.
const worksFor = 15 * time.Minute

func (s *server) workList(q *request) error {
	var p workListPage
	ctx := q.r.Context()
	after := s.Store.Now() - slides.Millis(worksFor.Milliseconds())
	list, err := s.Store.Works(ctx, after)
	if err != nil {
		return err
	}
	reach, err := q.reach(auth.EditContent)
	if err != nil {
		return err
	}
	names, err := q.userNames()
	if err != nil {
		return err
	}
	for _, w := range list {
		if reach.In(w.Unit) || w.By == q.session.User.ID {
			p.Rows = append(p.Rows, q.workRow(w, names))
		}
	}
	if p.Arriving, p.Pending, err = s.Store.Arriving(ctx, after); err != nil {
		return err
	}
	return q.render(http.StatusOK, "works", p)
}

// Live is how often the list is looked at again, in seconds.
func (p workListPage) Live() int {
	for _, r := range p.Rows {
		if r.Runs {
			return 1
		}
	}
	if p.Pending > 0 {
		return 1
	}
	return 15
}

// running counts what runs, for the header of every page. A page must not fail
// for it.
func (q *request) running() int {
	if q.session == nil || !q.session.May(auth.EditContent) {
		return 0
	}
	ctx, now := q.r.Context(), q.Store.Now()
	n := 0
	list, err := q.Store.Works(ctx, now)
	if err == nil {
		for _, w := range list {
			if w.Running(now) {
				n++
			}
		}
		var pending int
		if _, pending, err = q.Store.Arriving(ctx, now-slides.Millis(worksFor.Milliseconds())); pending > 0 {
			n++
		}
	}
	if err != nil && ctx.Err() == nil {
		q.Log.Error("running work", "err", err)
	}
	return n
}
