package studio

import (
	"net/http"
	"sync"
	"sync/atomic"

	"motcua/slides"
)

// work is something long that a handler does after its answer went out: the
// page that the person was sent to shows how far it is, and may be left.
type work struct {
	done  atomic.Int64
	total int64
	mu    sync.Mutex
	ended bool  // guarded by mu
	err   error // guarded by mu
}

// Pct is how far the work is, 0 to 100.
func (w *work) Pct() int64 {
	if w.total == 0 {
		return 100
	}
	return 100 * w.done.Load() / w.total
}

func (w *work) end(err error) {
	w.mu.Lock()
	w.ended, w.err = true, err
	w.mu.Unlock()
}

// works are the works of this server by what they are on. One that has failed
// stays until it is begun again, for the page to say why; one that has done its
// work is forgotten: what it did is in the store. Another server's pages see
// only that.
type works struct {
	mu sync.Mutex
	by map[string]*work
}

// begin registers a work; ok is false where it is being done.
func (w *works) begin(key string, total int) (x *work, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if old := w.by[key]; old != nil {
		if running, _ := old.state(); running {
			return nil, false
		}
	}
	if w.by == nil {
		w.by = map[string]*work{}
	}
	x = &work{total: int64(total)}
	w.by[key] = x
	return x, true
}

func (w *work) state() (running bool, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return !w.ended, w.err
}

func (w *works) get(key string) *work {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.by[key]
}

func (w *works) forget(key string) {
	w.mu.Lock()
	delete(w.by, key)
	w.mu.Unlock()
}

// goOn sends the person on to the page of a work and does it in the handler,
// which the server waits for when it stops. The answer closes its connection:
// a browser would wait on it for the next page.
func (q *request) goOn(key, path string, w *work, f func() error) {
	h := q.w.Header()
	h.Set("Location", path)
	h.Set("Content-Length", "0")
	h.Set("Connection", "close")
	q.w.WriteHeader(http.StatusSeeOther)
	q.wrote = true
	if err := http.NewResponseController(q.w).Flush(); err != nil {
		q.Log.Debug("answer not flushed", "err", err)
	}
	ended := false
	defer func() { // a panic is told like an error
		if !ended {
			w.end(slides.E(slides.Broken, "studio.work", slides.Sentence(nil, "vi"), slides.Sentence(nil, "en"), nil))
		}
	}()
	err := f()
	ended = true
	w.end(err)
	if err == nil {
		q.works.forget(key)
	} else if slides.KindOf(err).Status() >= 500 {
		q.Log.Error("work", "on", key, "err", err)
	}
}
