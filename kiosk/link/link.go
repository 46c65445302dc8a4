// Package link is the kiosk's connection to its server: dial, back-off, resume,
// send and acknowledge, fetch.
//
// Nothing here is waited for by drawing or by a rating: the player reads the
// vault, and a rating is safe in the vault before it comes here. Everything
// that arrives is checked against the server's key before it is used.
package link

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"motcua/kiosk/vault"
	"motcua/slides"
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
// goroutines and must not block, but for Screenshot. All but the first three
// may be nil.
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
	Shot     func(context.Context) ([]byte, error) // a PNG or JPEG of the screen
	Fault    func(where, text string)
}

// Link connects one paired kiosk.
type Link struct {
	vault  *vault.Vault
	dialer *Dialer
	hooks  Hooks
	log    *slog.Logger

	wake    chan struct{} // a rating was appended
	refetch chan struct{} // a blob may be missing

	mu     sync.Mutex
	offset time.Duration // guarded by mu
}

// New makes a link for the vault's identity, reached by d.
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
	l := &Link{vault: v, dialer: d, hooks: h, log: log, wake: make(chan struct{}, 1), refetch: make(chan struct{}, 1)}
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

// refusals in a row before a kiosk believes that it is unpaired: one may be a
// nonce that expired on a slow line or met another server.
const refusals = 3

// Run keeps the kiosk connected until ctx ends (nil), until the server no
// longer knows it (IsUnpaired), or until the server says not to come back
// (State Stopped was told; the error says why).
func (l *Link) Run(ctx context.Context) error {
	denied := 0
	for n := 0; ; n++ {
		start := time.Now()
		err := l.once(ctx)
		if ctx.Err() != nil {
			return nil
		}
		wait := time.Duration(0)
		closed, isClose := errors.AsType[*websocket.CloseError](err)
		switch {
		case isClose:
			row, ours := wire.FindClose(closed.Code)
			if ours && closed.Code == wire.CloseUnpaired {
				l.hooks.State(Unpaired, nil)
				return errUnpaired
			}
			if ours && !row.Reconnect {
				stop := slides.E(slides.Conflict, "link.Run", row.Vi, row.En, nil)
				l.hooks.State(Stopped, stop)
				return stop
			}
			var hint struct {
				Retry int64 `json:"retry_ms"`
			}
			if json.Unmarshal([]byte(closed.Text), &hint) == nil {
				wait = min(time.Duration(hint.Retry)*time.Millisecond, 5*time.Minute)
			}
			denied = 0
		case slides.KindOf(err) == slides.Denied:
			if denied++; denied >= refusals {
				l.hooks.State(Unpaired, err)
				return errors.Join(errUnpaired, err)
			}
		default:
			denied = 0
		}
		if time.Since(start) > wire.HealthyAfter {
			n = 0
		}
		l.hooks.State(Offline, err)
		l.log.Info("not connected", "err", err, "try", n)
		if err := sleep(ctx, wait+backoff(n)); err != nil {
			return nil
		}
	}
}

// Now is the corrected time.
func (l *Link) now() slides.Millis {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slides.At(time.Now().Add(l.offset))
}

// learn takes the server's time: now, measured while its answer was on the way.
func (l *Link) learn(now slides.Millis, sent, received time.Time) {
	trip := received.Sub(sent)
	if trip < 0 || trip > 10*time.Second {
		return // too blurred to correct a clock by
	}
	at := now.Time().Add(trip / 2)
	l.mu.Lock()
	l.offset = at.Sub(received.Round(0))
	offset := l.offset
	l.mu.Unlock()
	if err := l.vault.KeepTime(slides.At(at), true); err != nil {
		l.hooks.Fault("vault", slides.Sentence(err, "vi"))
	}
	l.hooks.Offset(offset)
}

const settingsNote = "settings"

// keptSettings are the newest that a server ever signed for this kiosk.
func (l *Link) keptSettings() (wire.Settings, bool) {
	id, ok := l.vault.Identity()
	b := l.vault.Note(settingsNote)
	if !ok || b == nil {
		return wire.Settings{}, false
	}
	e, err := wire.Open(b, ed25519.PublicKey(id.Server))
	if err != nil || e.Type != wire.TSettings {
		return wire.Settings{}, false
	}
	var s wire.Settings
	if e.Read(&s) != nil || s.Kiosk != id.Kiosk {
		return wire.Settings{}, false
	}
	return s, true
}
