// Package hub holds the live kiosks and fans out to them.
//
// It learns of work only from the store's sequence of changes, so that several
// servers over one database need not know each other: whoever holds a kiosk's
// connection acts. A manifest is encoded and signed once per class of kiosks
// and written to each socket as one prepared message. Each connection is a
// lease in the store; the newest wins.
package hub

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/sync/errgroup"

	"motcua/server/store"
	"motcua/slides/wire"
)

// Options of a hub; zero fields take their default.
type Options struct {
	Log     *slog.Logger
	Metrics *Metrics // default: a set that nobody reads
	// Public is the server's address as kiosks and phones see it, for the QR of
	// the approval page; "" takes the request's own host.
	Public string
	Pin    []byte // SHA-256 of a self-made TLS certificate's public key, or nil
	// MaxKiosks bounds the connections of this process; default 20,000, the
	// files that a process may usually open.
	MaxKiosks int
}

// leaseLife is how long a connection's lease outlives its server; it is renewed
// three times within that.
const leaseLife = 90 * time.Second

// maxAge ends a connection so that blob tokens and keys never grow stale; the
// kiosk comes back at once. A random part keeps a fleet from doing so in step.
const maxAge = 7 * 24 * time.Hour

// Hub is safe for concurrent use.
type Hub struct {
	store *store.Store
	opt   Options
	log   *slog.Logger

	challenges *challenges
	tokens     []byte // static: key of blob tokens
	upgrader   websocket.Upgrader
	pairs      *limits

	mu       sync.Mutex
	kiosks   map[string]*conn            // guarded by mu
	classes  map[string]map[*conn]string // guarded by mu: class to its connections
	class    map[*conn]string            // guarded by mu
	frames   map[string]*push            // guarded by mu: newest frame of a class
	draining bool                        // guarded by mu

	sessions sync.WaitGroup
}

// New makes a hub over st. Run must be called for pushes to go out.
func New(st *store.Store, o Options) *Hub {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Metrics == nil {
		o.Metrics = NewMetrics(nil)
	}
	if o.MaxKiosks == 0 {
		o.MaxKiosks = 20_000
	}
	m := hmac.New(sha256.New, st.ServerKey().Seed())
	m.Write([]byte("motcua/hub/blob-tokens/1"))
	h := &Hub{
		store: st, opt: o, log: o.Log, tokens: m.Sum(nil), pairs: newLimits(),
		challenges: newChallenges(wire.ChallengeLife, time.Now),
		kiosks:     map[string]*conn{}, classes: map[string]map[*conn]string{}, class: map[*conn]string{}, frames: map[string]*push{},
	}
	h.upgrader = websocket.Upgrader{
		// 512 bytes read and a shared pool for writing keep an idle connection
		// below 8 KB (measured; 15.6 KB with the defaults).
		ReadBufferSize: 512, WriteBufferSize: 4096, WriteBufferPool: &sync.Pool{},
		Subprotocols:     []string{wire.Subprotocol},
		HandshakeTimeout: 10 * time.Second,
		// Kiosks are no browsers: a request with an Origin is a page that tries
		// to reach us from somebody's browser.
		CheckOrigin: func(r *http.Request) bool { return r.Header.Get("Origin") == "" },
	}
	return h
}

// Register adds the kiosks' paths.
func (h *Hub) Register(mux *http.ServeMux) {
	mux.HandleFunc("POST "+wire.PathPair, h.pair)
	mux.HandleFunc("POST "+wire.PathPoll, h.poll)
	mux.HandleFunc("POST "+wire.PathChallenge, h.challenge)
	mux.HandleFunc("GET "+wire.PathSocket, h.socket)
	mux.HandleFunc("GET "+wire.PathBlob+"{sha}", h.blob)
}

// Run pushes what the store's changes ask for and renews the leases, until ctx
// ends; then it asks every kiosk to come back later and waits for the sessions.
func (h *Hub) Run(ctx context.Context) error {
	wake, stop := h.store.Watch()
	defer stop()
	after, err := h.store.LastChange(ctx)
	if err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return h.follow(ctx, after, wake) })
	g.Go(func() error { return h.renew(ctx) })
	err = g.Wait()
	h.Drain()
	h.sessions.Wait()
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// follow reads the changes and acts on them.
func (h *Hub) follow(ctx context.Context, after int64, wake <-chan struct{}) error {
	const page = 500
	for {
		changes, err := h.store.Changes(ctx, after, page)
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			// The database may be busy or away for a moment; what is due stays due.
			h.log.Error("reading changes", "err", err)
			changes = nil
		}
		for _, c := range changes {
			h.act(ctx, c)
			after = c.Seq
		}
		if len(changes) == page {
			continue
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-wake:
		case <-time.After(5 * time.Second): // a lost wake costs five seconds, not a publication
		}
	}
}

func (h *Hub) act(ctx context.Context, c store.Change) {
	switch c.Kind {
	case store.ManifestChanged:
		h.push(ctx, c.Class)
	case store.KioskChanged:
		h.settingsChanged(ctx, c.Kiosk)
	case store.KioskUnpaired:
		if k := h.find(c.Kiosk); k != nil {
			h.recheck(ctx, k)
		}
	case store.CommandAdded:
		if k := h.find(c.Kiosk); k != nil {
			h.commands(ctx, k)
		}
	case store.SessionTaken:
		if k := h.find(c.Kiosk); k != nil && k.id == c.Ref {
			k.close(wire.CloseReplaced, 0)
		}
	}
}

// recheck closes a connection whose key no longer signs in.
func (h *Hub) recheck(ctx context.Context, c *conn) {
	key, err := h.store.SignInKey(ctx, c.kiosk)
	if err != nil || !key.Equal(c.key) {
		c.close(wire.CloseUnpaired, 0)
	}
}

// renew keeps this server's leases and closes connections that lost theirs.
func (h *Hub) renew(ctx context.Context) error {
	t := time.NewTicker(leaseLife / 3)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-t.C:
		}
		before := h.all()
		mine, err := h.store.RenewLeases(ctx, leaseLife)
		if err != nil {
			h.log.Error("renewing leases", "err", err)
			continue
		}
		for _, c := range before {
			if mine[c.kiosk] != c.id {
				c.close(wire.CloseReplaced, 0)
			}
		}
	}
}

// Connected is the number of live connections of this process.
func (h *Hub) Connected() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.kiosks)
}

// Drain refuses new connections and closes the live ones with "come back
// later", spread so that a restarted server meets them a few hundred a second.
func (h *Hub) Drain() {
	h.mu.Lock()
	h.draining = true
	h.mu.Unlock()
	all := h.all()
	spread := time.Second + time.Duration(len(all))*2*time.Millisecond
	for _, c := range all {
		c.close(wire.CloseGoingAway, 500*time.Millisecond+rand.N(spread))
	}
}

func (h *Hub) all() []*conn {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := make([]*conn, 0, len(h.kiosks))
	for _, c := range h.kiosks {
		out = append(out, c)
	}
	return out
}

func (h *Hub) find(kiosk string) *conn {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.kiosks[kiosk]
}

// join puts a connection in its class and in its kiosk's place; an older
// connection of the same kiosk is returned for closing. ok is false when the
// server is full or stopping.
func (h *Hub) join(c *conn, class string) (older *conn, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	older = h.kiosks[c.kiosk]
	if h.draining || older == nil && len(h.kiosks) >= h.opt.MaxKiosks {
		return nil, false
	}
	if older != nil {
		h.leaveLocked(older)
	}
	h.kiosks[c.kiosk] = c
	h.moveLocked(c, class)
	h.opt.Metrics.connected.Set(float64(len(h.kiosks)))
	return older, true
}

func (h *Hub) moveLocked(c *conn, class string) {
	if old, ok := h.class[c]; ok {
		delete(h.classes[old], c)
		if len(h.classes[old]) == 0 {
			delete(h.classes, old)
			delete(h.frames, old)
		}
	}
	if h.classes[class] == nil {
		h.classes[class] = map[*conn]string{}
	}
	h.classes[class][c] = c.kiosk
	h.class[c] = class
}

func (h *Hub) leaveLocked(c *conn) {
	if class, ok := h.class[c]; ok {
		delete(h.classes[class], c)
		if len(h.classes[class]) == 0 {
			delete(h.classes, class)
			delete(h.frames, class)
		}
		delete(h.class, c)
	}
	if h.kiosks[c.kiosk] == c {
		delete(h.kiosks, c.kiosk)
	}
}

func (h *Hub) leave(c *conn) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.leaveLocked(c)
	h.opt.Metrics.connected.Set(float64(len(h.kiosks)))
}
