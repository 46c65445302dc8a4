// Package link is the kiosk's connection to its server: dial, back-off, resume,
// send and acknowledge, fetch.
//
// Nothing here is waited for by drawing or by a rating: the player reads the
// vault, and a rating is safe in the vault before it comes here. Everything
// that arrives is checked against the server's key before it is used.
package link

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"log/slog"
	mrand "math/rand/v2"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"motcua/kiosk/vault"
	"motcua/slides"
	"motcua/slides/dossier"
	"motcua/slides/wire"
)

// State is how the link is, for the screen and for health.
type State string

// The states. A stopped link does not dial again by itself.
const (
	Offline   State = "offline"
	Connected State = "connected"
	Unpaired  State = "unpaired" // the server does not know this kiosk (any more)
	Stopped   State = "stopped"  // the server said not to come back: see the error
)

// Hooks are what the link asks of the kiosk. They are called from the link's
// goroutines and must not block, but for Shot and Invite, which end with their context.
// All but the first three may be nil.
type Hooks struct {
	Hello    func() wire.Hello  // Program, Screen, Languages; the rest is filled in here
	Health   func() wire.Health // likewise without head, pending and clock
	Ready    func(slides.Flip)  // a complete manifest is pending: flip at the boundary, or at once
	State    func(State, error)
	Settings func(wire.Settings)
	Offset   func(time.Duration) // to add to the system's clock, learnt from the server
	Mended   func()              // a missing blob of the active manifest is back
	Reload   func()
	Restart  func()
	Display  func(ctx context.Context, on bool) error  // switches the display; nil: not here
	Shot     func(context.Context) ([]byte, error)     // a PNG or JPEG of the screen
	Invite   func(context.Context, wire.Command) error // shows the question; the error says why not
	Say      func(wire.Announcement) error             // shows staff's words, or takes them away; nil: not here
	Fault    func(where, text string)

	// Dossiers is the batch of sealed codes that is due, nil for none;
	// DossiersKept says that the server has it.
	Dossiers     func(now slides.Millis) *dossier.Batch
	DossiersKept func(batch string)
}

// Link connects one paired kiosk.
type Link struct {
	vault    *vault.Vault
	dialer   *Dialer
	hooks    Hooks
	log      *slog.Logger
	instance string // static: names this start of the program

	wake    chan struct{} // a rating was appended
	refetch chan struct{} // a blob may be missing
	clock   clock
	spoilt  spoilt
}

// New makes a link for the vault's identity, reached by d. Settings that an
// earlier connection kept are told at once.
func New(v *vault.Vault, d *Dialer, h Hooks, log *slog.Logger) *Link {
	if h.State == nil {
		h.State = func(State, error) {}
	}
	if h.Settings == nil {
		h.Settings = func(wire.Settings) {}
	}
	if h.Offset == nil {
		h.Offset = func(time.Duration) {}
	}
	if h.Mended == nil {
		h.Mended = func() {}
	}
	if h.Reload == nil {
		h.Reload = func() {}
	}
	if h.Restart == nil {
		h.Restart = func() {}
	}
	if h.Fault == nil {
		h.Fault = func(string, string) {}
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	l := &Link{
		vault: v, dialer: d, hooks: h, log: log, instance: hex.EncodeToString(random(8)),
		wake: make(chan struct{}, 1), refetch: make(chan struct{}, 1),
	}
	if s, ok := l.keptSettings(); ok {
		h.Settings(s)
	}
	return l
}

// Wake says that a rating was appended to the outbox.
func (l *Link) Wake() { poke(l.wake) }

// Refetch says that a blob may be missing: the vault set one aside.
func (l *Link) Refetch() { poke(l.refetch) }

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// errUnpaired ends Run: the kiosk must be paired again.
var errUnpaired = errors.New("link: not paired")

// IsUnpaired says whether Run ended because the server no longer knows this kiosk.
func IsUnpaired(err error) bool { return errors.Is(err, errUnpaired) }

// refusals in a row, each after the server proved itself, before a kiosk
// believes that it is unpaired: it costs staff a walk to the screen.
const refusals = 3

// Run keeps the kiosk connected until ctx ends (nil), until the server no
// longer knows it (IsUnpaired), or until the server says not to come back
// (State Stopped was told; the error says why).
func (l *Link) Run(ctx context.Context) error {
	defer l.dialer.idle()
	denied := 0
	for n := 0; ; n++ {
		live, err := l.once(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if errors.Is(err, errRefused) {
			denied++
		} else {
			denied = 0
		}
		if live > wire.HealthyAfter {
			n = 0
		}
		wait := backoff(n)
		closed, isClose := errors.AsType[*websocket.CloseError](err)
		row, ours := wire.CloseCode{}, false
		if isClose {
			row, ours = wire.FindClose(closed.Code)
		}
		switch {
		case errors.Is(err, errUnpaired), denied >= refusals, ours && row.Code == wire.CloseUnpaired:
			l.hooks.State(Unpaired, err)
			return errors.Join(errUnpaired, err)
		case ours && !row.Reconnect:
			stop := slides.E(slides.Conflict, "link.Run", row.Vi, row.En, err)
			l.hooks.State(Stopped, stop)
			return stop
		case ours:
			wait = retryAfter(closed.Text, wait)
			err = slides.E(slides.Broken, "link.Run", row.Vi, row.En, err)
		case slides.KindOf(err) == slides.Denied:
			// Not the server that was paired, or a forged frame: staff must hear of it.
			l.hooks.Fault("link", slides.Sentence(err, "vi"))
		}
		l.hooks.State(Offline, err)
		l.log.Info("not connected", "err", err, "try", n, "wait", wait)
		if err := sleep(ctx, wait); err != nil {
			return nil
		}
	}
}

// retryAfter is the wait that a close reason names, with a tenth of jitter; or
// else what it would be without.
func retryAfter(reason string, otherwise time.Duration) time.Duration {
	var hint struct {
		Retry int64 `json:"retry_ms"`
	}
	if json.Unmarshal([]byte(reason), &hint) != nil || hint.Retry <= 0 {
		return otherwise
	}
	wait := time.Duration(min(hint.Retry, wire.RetryMax.Milliseconds())) * time.Millisecond
	return wait + mrand.N(wait/10+time.Millisecond)
}

// backoff is full jitter: rand(0, min(BackoffMax, BackoffBase·2ⁿ)).
func backoff(n int) time.Duration {
	return mrand.N(min(wire.BackoffMax, wire.BackoffBase<<min(max(n, 0), 16)) + 1)
}

// sleep waits for d or ctx.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// random returns n random bytes.
func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails (crypto/rand)
	return b
}

// clock is the kiosk's idea of the server's time.
type clock struct {
	mu     sync.Mutex
	known  bool          // guarded by mu
	offset time.Duration // guarded by mu; to add to the system's clock
	blur   time.Duration // guarded by mu; how wrong offset may be
}

// longestTrip is how long an answer may take and still say what time it is.
const longestTrip = 10 * time.Second

// measure takes the server's time, told between sent and received. The new
// measure replaces the old one where it is sharper or the two can't both be
// true; else it says nothing new, and a slow line does not make the clock dance.
func (c *clock) measure(now slides.Millis, sent, received time.Time) (offset time.Duration, ok bool) {
	trip := received.Sub(sent)
	if trip < 0 || trip > longestTrip {
		return 0, false
	}
	at := now.Time().Add(trip / 2).Sub(received.Round(0))
	blur := trip/2 + time.Millisecond
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.known || blur <= c.blur || (at-c.offset).Abs() > blur+c.blur {
		c.known, c.offset, c.blur = true, at, blur
	}
	return c.offset, true
}

func (c *clock) read() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.offset
}

// now is the corrected time.
func (l *Link) now() slides.Millis { return slides.At(time.Now().Add(l.clock.read())) }

// learn takes the server's time and tells what follows from it.
func (l *Link) learn(now slides.Millis, sent, received time.Time) {
	offset, ok := l.clock.measure(now, sent, received)
	if !ok {
		return
	}
	if err := l.vault.KeepTime(slides.At(time.Now().Add(offset)), true); err != nil {
		l.hooks.Fault("vault", slides.Sentence(err, "vi"))
	}
	l.hooks.Offset(offset)
}
