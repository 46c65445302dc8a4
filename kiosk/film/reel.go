//go:build !js

package film

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// atOnce bounds the decoders alive at a time, the ones being killed included:
// one that can't be killed (a dead disk) must not be joined by many.
var atOnce = make(chan struct{}, 2)

// errSlow says that frames come later than the film runs.
var errSlow = errors.New("film: frames come too late")

// errEnd says that the film has run to its end.
var errEnd = errors.New("film: the end")

// Reel is one showing of a film. Its methods may be called from any goroutine;
// none waits for the decoder.
type Reel struct {
	o      Options
	cancel context.CancelFunc
	done   chan struct{}

	mu     sync.Mutex
	newest *Frame   // guarded by mu; nil: taken
	spare  []*Frame // guarded by mu
	grade  Grade    // guarded by mu
	lower  bool     // guarded by mu: the screen can't keep up
}

// Play starts a film. Stop it.
func Play(o Options) *Reel {
	if o.limits == (limits{}) {
		o.limits = usual
	}
	ctx, cancel := context.WithCancel(context.Background())
	r := &Reel{o: o, cancel: cancel, done: make(chan struct{}), grade: o.Grade}
	go func() {
		defer close(r.done)
		if err := r.run(ctx); err != nil && ctx.Err() == nil && o.Failed != nil {
			o.Failed(err)
		}
	}()
	return r
}

// Stop ends the showing: the decoder is killed, and no frame comes any more. It
// returns at once; see Done.
func (r *Reel) Stop() {
	r.cancel()
	r.mu.Lock()
	r.newest = nil
	r.mu.Unlock()
}

// Done is closed when the decoder is gone.
func (r *Reel) Done() <-chan struct{} { return r.done }

// Take is the newest frame that was not taken yet; nil: none. Give it back.
func (r *Reel) Take() *Frame {
	r.mu.Lock()
	defer r.mu.Unlock()
	f := r.newest
	r.newest = nil
	return f
}

// Give returns a frame for another use.
func (r *Reel) Give(f *Frame) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.spare) < 2 {
		r.spare = append(r.spare, f)
	}
}

// Slower asks for a lower grade: drawing takes too much.
func (r *Reel) Slower() {
	r.mu.Lock()
	r.lower = true
	r.mu.Unlock()
}

// Grade is the one in use.
func (r *Reel) Grade() Grade {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.grade
}

// run shows the film over and over until ctx ends or it can't be shown.
func (r *Reel) run(ctx context.Context) error {
	file, kind, err := r.o.open()
	if err != nil {
		return err
	}
	var at time.Duration
	for failures := 0; ; {
		begun := time.Now()
		err := r.show(ctx, file, kind, &at)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, errEnd) && at > 0:
			at = 0
			if err := sleep(ctx, r.o.limits.shortest-time.Since(begun)); err != nil {
				return nil
			}
			continue
		case errors.Is(err, errSlow):
			r.mu.Lock()
			r.lower = false
			r.grade++ // it was not the last, see show
			r.mu.Unlock()
			continue
		}
		if failures++; failures >= r.o.limits.failures {
			return err
		}
		at = 0
		if sleep(ctx, time.Duration(failures)*r.o.limits.pause) != nil {
			return nil
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// show runs one decoder from a place of the film on and moves the place along.
func (r *Reel) show(ctx context.Context, file, kind string, at *time.Duration) error {
	select {
	case atOnce <- struct{}{}:
		defer func() { <-atOnce }()
	case <-ctx.Done():
		return ctx.Err()
	}
	g := r.Grade()
	w, h := g.size(r.o.W, r.o.H)
	d, err := start(r.o.Program, file, kind, w, h, g.Rate(), *at)
	if err != nil {
		return err
	}
	defer d.end()
	stop := context.AfterFunc(ctx, d.kill)
	defer stop()
	from, first := *at, time.Time{}
	every := time.Second / time.Duration(g.Rate())
	for n := 0; ; n++ {
		f := r.blank(w, h)
		within := r.o.limits.frame
		if n == 0 {
			within = r.o.limits.first
		}
		if err := d.read(f.Pix, within); err != nil {
			if errors.Is(err, io.EOF) && n > 0 {
				return errEnd
			}
			if errors.Is(err, os.ErrDeadlineExceeded) {
				err = fmt.Errorf("film: no frame within %v", within)
			}
			return d.why(err)
		}
		if n == 0 {
			first = time.Now()
		}
		f.At = from + time.Duration(n)*every
		*at = f.At
		due := first.Add(time.Duration(n) * every)
		if time.Since(due) > r.o.limits.behind {
			if !g.last() {
				return errSlow
			}
			first = time.Now().Add(-time.Duration(n) * every) // slower than life, but it moves
			due = time.Now()
		}
		if err := sleep(ctx, time.Until(due)); err != nil {
			return err
		}
		r.mu.Lock()
		if r.newest != nil && len(r.spare) < 2 {
			r.spare = append(r.spare, r.newest)
		}
		r.newest = f
		lower := r.lower && !g.last()
		r.mu.Unlock()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		r.o.Ready()
		if lower {
			return errSlow
		}
	}
}

// blank is a frame to be filled.
func (r *Reel) blank(w, h int) *Frame {
	r.mu.Lock()
	defer r.mu.Unlock()
	for n := len(r.spare); n > 0; n = len(r.spare) {
		f := r.spare[n-1]
		r.spare = r.spare[:n-1]
		if f.W == w && f.H == h {
			return f
		}
	}
	return &Frame{W: w, H: h, Pix: make([]byte, 4*w*h)}
}
