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

	"motcua/server/limits"
	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/wire"
)

// Options of a hub; zero fields take their default.
type Options struct {
	Log     *slog.Logger
	Metrics *Metrics // default: a set that nobody reads
	// Public is the server's address as phones see it, for the QRs that kiosks
	// show; with "" the approval page's takes the request's own host, and there
	// are none for citizens.
	Public string
	Pin    []byte // SHA-256 of a self-made TLS certificate's public key, or nil
	// MaxKiosks bounds the connections of this process; default 20,000, the
	// files that a process may usually open.
	MaxKiosks int
}

// leaseLife is how long a connection's lease outlives its server; it is renewed
// three times within that.
const leaseLife = 90 * time.Second

// Pairing, challenges and sockets are open to strangers. One address may be a
// whole building behind one router: forty kiosks poll every 2 s and dial again
// after a power cut.
const (
	perSecond = 100
	burst     = 400
)

// Hub is safe for concurrent use.
type Hub struct {
	store *store.Store
	opt   Options
	log   *slog.Logger

	challenges *challenges
	tokens     []byte // static: key of blob tokens
	upgrader   websocket.Upgrader
	asked      *limits.ByAddress
	ready      chan struct{} // closed by Run once no change can be missed
	readied    sync.Once

	mu       sync.Mutex
	opening  map[string]*conn  // guarded by mu: a kiosk's newest socket without a hello
	kiosks   map[string]*conn  // guarded by mu: a kiosk's newest connection
	classes  map[string]*class // guarded by mu: those that have a live connection
	order    uint64            // guarded by mu: of the newest socket
	draining bool              // guarded by mu

	sessions sync.WaitGroup // added to under mu, and never once draining
}

// New makes a hub over st. Sockets open only while Run runs.
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
	return &Hub{
		store: st, opt: o, log: o.Log, tokens: m.Sum(nil), asked: limits.New(perSecond, burst), ready: make(chan struct{}),
		challenges: newChallenges(wire.ChallengeLife, time.Now),
		opening:    map[string]*conn{}, kiosks: map[string]*conn{}, classes: map[string]*class{},
		upgrader: websocket.Upgrader{
			// 512 bytes read and a shared pool for writing keep an idle connection
			// below 8 KB (measured; 15.6 KB with the defaults).
			ReadBufferSize: 512, WriteBufferSize: 4096, WriteBufferPool: &sync.Pool{},
			Subprotocols:     []string{wire.Subprotocol},
			HandshakeTimeout: 10 * time.Second,
			// Kiosks are no browsers: a request with an Origin is a page that tries
			// to reach us from somebody's browser.
			CheckOrigin: func(r *http.Request) bool { return r.Header.Get("Origin") == "" },
			Error: func(w http.ResponseWriter, _ *http.Request, status int, reason error) {
				answer(w, status, wire.Problem{Kind: slides.Denied, Vi: "Đường kết nối này chỉ dành cho ki-ốt.", En: "This connection is for kiosks only: " + reason.Error() + "."})
			},
		},
	}
}

// Register adds the kiosks' paths.
func (h *Hub) Register(mux *http.ServeMux) {
	mux.HandleFunc("POST "+wire.PathPair, h.pair)
	mux.HandleFunc("POST "+wire.PathPoll, h.poll)
	mux.HandleFunc("POST "+wire.PathChallenge, h.challenge)
	mux.HandleFunc("GET "+wire.PathSocket, h.socket)
	mux.HandleFunc("GET "+wire.PathBlob+"{sha}", h.blob)
	// Without these a wrong method or path would get the studio's page.
	for path, method := range map[string]string{
		wire.PathPair: http.MethodPost, wire.PathPoll: http.MethodPost, wire.PathChallenge: http.MethodPost,
		wire.PathSocket: http.MethodGet, wire.PathBlob + "{sha}": http.MethodGet,
	} {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Allow", method)
			answer(w, http.StatusMethodNotAllowed, wire.Problem{Kind: slides.Invalid, Vi: "Địa chỉ này chỉ nhận " + method + ".", En: "This address takes only " + method + "."})
		})
	}
	mux.HandleFunc("/kiosk/", func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, slides.E(slides.NotFound, "hub", "Không có địa chỉ này trong giao thức ki-ốt.", "The kiosk protocol has no such address.", nil))
	})
}

// Run pushes what the store's changes ask for and renews the leases, until ctx
// ends; then it asks every kiosk to come back later and waits for the sessions,
// a few seconds at most.
func (h *Hub) Run(ctx context.Context) error {
	wake, stop := h.store.Watch()
	defer stop()
	after, err := h.store.LastChange(ctx)
	if err == nil {
		h.readied.Do(func() { close(h.ready) })
		var g *errgroup.Group
		g, ctx = errgroup.WithContext(ctx)
		g.Go(func() error { return h.follow(ctx, after, wake) })
		g.Go(func() error { return h.renew(ctx) })
		err = g.Wait()
	}
	h.Drain()
	h.sessions.Wait()
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// task is what a change asks for: two changes that ask for the same are one.
type task struct {
	kind              store.ChangeKind
	class, kiosk, ref string
}

// tasks is what is still to be done, oldest first, each once.
type tasks struct {
	list  []task
	known map[task]bool
}

func (l *tasks) add(c store.Change) {
	t := task{kind: c.Kind, class: c.Class, kiosk: c.Kiosk}
	if c.Kind == store.SessionTaken {
		t.ref = c.Ref
	}
	if l.known[t] {
		return
	}
	if l.known == nil {
		l.known = map[task]bool{}
	}
	l.known[t] = true
	l.list = append(l.list, t)
}

// work does all of them; those that fail stay.
func (l *tasks) work(act func(task) error) {
	list := l.list
	l.list, l.known = nil, nil
	for _, t := range list {
		if act(t) != nil {
			l.add(store.Change{Kind: t.kind, Class: t.class, Kiosk: t.kiosk, Ref: t.ref})
		}
	}
}

// follow reads the changes and acts on them. What fails is tried again until it
// works or another change makes it moot: a busy database delays a publication,
// it does not lose one.
func (h *Hub) follow(ctx context.Context, after int64, wake <-chan struct{}) error {
	const page = 500
	var todo tasks
	for failed := 0; ; {
		changes, err := h.store.Changes(ctx, after, page)
		if err != nil && ctx.Err() == nil {
			h.log.Error("reading changes", "err", err)
		}
		for _, c := range changes {
			after = c.Seq
			todo.add(c)
		}
		todo.work(func(t task) error {
			err := h.act(ctx, t)
			if err != nil && ctx.Err() == nil {
				h.log.Error("acting on a change; it will be tried again", "kind", string(t.kind), "class", t.class, "kiosk", t.kiosk, "err", err)
			}
			return err
		})
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if len(changes) == page {
			continue
		}
		wait := 5 * time.Second // a lost wake costs five seconds, not a publication
		if len(todo.list) > 0 {
			wait = time.Second << min(failed, 5)
			failed++
		} else {
			failed = 0
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-wake:
		case <-time.After(wait):
		}
	}
}

// act does what a change asks for; an error means that it must be tried again.
func (h *Hub) act(ctx context.Context, t task) error {
	if t.kind == store.ManifestChanged {
		return h.push(ctx, t.class)
	}
	c := h.find(t.kiosk)
	if c == nil {
		return nil
	}
	switch t.kind {
	case store.KioskChanged, store.KioskUnpaired:
		return h.refresh(ctx, c, "")
	case store.CommandAdded:
		return h.commands(ctx, c, c.send)
	case store.SessionTaken:
		if c.id == t.ref {
			c.close(wire.CloseReplaced, 0)
		}
	}
	return nil
}

// renew keeps this server's leases. A connection that lost its own is asked to
// come again: had another screen taken it, a change would have said so.
func (h *Hub) renew(ctx context.Context) error {
	t := time.NewTicker(leaseLife / 3)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-t.C:
		}
		before := h.live()
		mine, err := h.store.RenewLeases(ctx, leaseLife)
		if err != nil {
			if ctx.Err() == nil {
				h.log.Error("renewing leases", "err", err)
			}
			continue
		}
		for _, c := range before {
			if mine[c.kiosk] != c.id {
				c.close(wire.CloseGoingAway, rand.N(5*time.Second))
			}
		}
	}
}
