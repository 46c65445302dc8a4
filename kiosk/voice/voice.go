// Package voice plays recorded voices through a program of the system's, one at
// a time: a decoder that hangs or crashes harms nothing here, and without any
// the kiosk is silent.
package voice

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"sync"
	"time"

	"motcua/kiosk/child"
)

// Longest is how long a recording may play; then it is cut off.
const Longest = 5 * time.Minute

// players are the programs that play a type, the first that is there is taken.
var players = map[string][][]string{
	"audio/ogg":  {{"ogg123", "-q"}, ffplay},
	"audio/mpeg": {{"mpg123", "-q"}, ffplay},
}

var ffplay = []string{"ffplay", "-nodisp", "-autoexit", "-loglevel", "error", "-i"}

// player is the command that plays a type on this machine.
func player(kind string) ([]string, bool) {
	for _, p := range players[kind] {
		if path, err := exec.LookPath(p[0]); err == nil {
			return append([]string{path}, p[1:]...), true
		}
	}
	return nil, false
}

// Types are those that this machine can play.
func Types() (out []string) {
	for _, kind := range []string{"audio/ogg", "audio/mpeg"} {
		if _, ok := player(kind); ok {
			out = append(out, kind)
		}
	}
	return out
}

// Recording is what to play; Blob "" is silence.
type Recording struct {
	Blob, Type string
	File       func() (string, error) // called by Run
}

// Voice plays. Its methods may be called from any goroutine.
type Voice struct {
	ended func(blob string)
	fault func(error)

	mu   sync.Mutex
	next Recording // guarded by mu: the newest wish; older ones are void
	wish chan struct{}
}

// New makes a voice; start Run. ended is told when a recording has come to its
// end or could not be played, fault why not; neither may block.
func New(ended func(blob string), fault func(error)) *Voice {
	return &Voice{ended: ended, fault: fault, wish: make(chan struct{}, 1)}
}

// Play plays r instead of what plays now.
func (v *Voice) Play(r Recording) {
	v.mu.Lock()
	v.next = r
	v.mu.Unlock()
	select {
	case v.wish <- struct{}{}:
	default:
	}
}

// Hush ends what plays.
func (v *Voice) Hush() { v.Play(Recording{}) }

// Run plays what is asked for until ctx ends; nothing plays after it.
func (v *Voice) Run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-v.wish:
		}
		v.mu.Lock()
		r := v.next
		v.mu.Unlock()
		if r.Blob == "" {
			continue
		}
		cut, err := v.play(ctx, r)
		if err != nil {
			v.fault(fmt.Errorf("voice %.12s: %w", r.Blob, err))
		}
		if !cut {
			v.ended(r.Blob)
		}
	}
}

// errTooLong says that a recording was cut off after Longest.
var errTooLong = errors.New("it played longer than any recording may")

// play returns when r has ended; cut: something else was asked for.
func (v *Voice) play(ctx context.Context, r Recording) (cut bool, err error) {
	args, ok := player(r.Type)
	if !ok {
		return false, fmt.Errorf("no program plays %s", r.Type)
	}
	file, err := r.File()
	if err != nil {
		return false, err
	}
	cmd := exec.Command(args[0], append(args[1:], file)...)
	child.Tame(cmd)
	started, done := make(chan error, 1), make(chan error, 1)
	go func() {
		// The process dies with the thread that started it: keep that.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		if started <- err; err == nil {
			done <- cmd.Wait()
		}
	}()
	if err := <-started; err != nil {
		return false, err
	}
	child.Yield(cmd.Process.Pid)
	limit := time.NewTimer(Longest)
	defer limit.Stop()
	end := func() {
		_ = cmd.Process.Kill() // it may have ended meanwhile
		<-done
	}
	select {
	case err := <-done:
		return false, err
	case <-ctx.Done():
		end()
		return true, nil
	case <-v.wish:
		end()
		v.Play(v.newest()) // for Run
		return true, nil
	case <-limit.C:
		end()
		return false, errTooLong
	}
}

func (v *Voice) newest() Recording {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.next
}
