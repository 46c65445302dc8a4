package hub

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
	"golang.org/x/time/rate"

	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/wire"
)

// A kiosk in good order sends a few frames a minute beside its ratings; a
// hundred a second is a fault or an attack. Ratings, gaps and plays that are
// kept do not count: each waits for a commit, and a kiosk that drains a backlog
// of months alone may well send two hundred batches a second.
const (
	framesPerSecond = 100
	framesBurst     = 300
)

// socket answers PathSocket: it checks the kiosk's proof, then upgrades.
func (h *Hub) socket(w http.ResponseWriter, r *http.Request) {
	const op = "hub.socket"
	if !h.allow(w, r) {
		return
	}
	denied := slides.E(slides.Denied, op, "Ki-ốt không chứng minh được danh tính; hãy ghép nối lại.", "The kiosk could not prove its identity; pair it again.", nil)
	kiosk, client, nonce, sig, ok := wire.ParseAuthorization(r.Header.Get("Authorization"))
	if !ok {
		unauthorized(w, denied)
		return
	}
	// The nonce's own proof first: it costs no disk and no signature. That it is
	// late says nothing about the kiosk.
	late := slides.E(slides.Conflict, op, "Lượt kết nối đã quá hạn hoặc đã dùng; hãy kết nối lại.", "The challenge has expired or was used; connect again.", nil)
	if !h.challenges.ours(kiosk, client, nonce) {
		refuse(w, late)
		return
	}
	if !slices.Contains(websocket.Subprotocols(r), wire.Subprotocol) {
		refuse(w, slides.E(slides.Invalid, op, "Kết nối phải đề nghị giao thức "+wire.Subprotocol+".", "The connection must offer the subprotocol "+wire.Subprotocol+".", nil))
		return
	}
	key, err := h.store.SignInKey(r.Context(), kiosk)
	if kind := slides.KindOf(err); err != nil && kind != slides.Denied && kind != slides.NotFound {
		h.fail(w, r, err) // a fault of ours must not tell a kiosk that it is unpaired
		return
	}
	if err != nil || !wire.Verify(key, sig, wire.ContextKiosk, wire.KioskProof(kiosk, client, nonce)) {
		unauthorized(w, denied)
		return
	}
	if !h.challenges.redeem(kiosk, client, nonce) {
		refuse(w, late)
		return
	}
	ready := false
	select {
	case <-h.ready:
		ready = true
	case <-time.After(5 * time.Second): // a server that is just starting
	case <-r.Context().Done():
		return
	}
	if !ready || !h.hasRoom(kiosk) {
		w.Header().Set("Retry-After", "5")
		answer(w, http.StatusServiceUnavailable, problem(slides.E(slides.Throttled, op, "Máy chủ đang dừng hoặc đã đủ ki-ốt; hãy thử lại sau.", "The server is stopping or full; try again later.", nil)))
		return
	}
	ws, err := h.upgrader.Upgrade(w, r, nil)
	if err != nil {
		h.log.Debug("upgrade", "kiosk", kiosk, "err", err) // gorilla has answered
		return
	}
	c := &conn{
		ws: ws, metrics: h.opt.Metrics, kiosk: strings.Clone(kiosk), id: uuid.NewString(), key: key, client: client, nonce: nonce,
		offered: -1, gone: make(chan struct{}),
	}
	if !h.begin(c) {
		c.close(wire.CloseGoingAway, time.Second+rand.N(4*time.Second))
		return
	}
	// The session outlives this handler, whose goroutine has a deep stack.
	go h.session(c)
}

func unauthorized(w http.ResponseWriter, err error) {
	w.Header().Set("WWW-Authenticate", "Motcua")
	p := problem(err)
	p.Kind = slides.Denied
	answer(w, http.StatusUnauthorized, p)
}

// session lives as long as the connection; it is the only reader. What needs
// more than a shallow stack is done apart: thousands of idle kiosks keep this
// goroutine's stack each, and 4 KB of it in place of 8 is a quarter of all that
// an idle kiosk costs.
func (h *Hub) session(c *conn) {
	ctx, cancel := context.WithCancel(context.Background())
	defer h.sessions.Done()
	defer cancel()
	if h.apart(c, func() bool { return h.greet(ctx, c) }) {
		c.allowed = rate.NewLimiter(framesPerSecond, framesBurst)
		c.ws.SetPingHandler(c.control(c.ws.PingHandler()))
		c.ws.SetPongHandler(c.control(c.ws.PongHandler()))
		for {
			frame, err := c.read(wire.ReadDeadline)
			if err != nil {
				h.apart(c, func() bool { h.unread(c, err); return false })
				break
			}
			if !h.apart(c, func() bool { return h.take(ctx, c, frame) }) {
				break
			}
		}
	}
	h.apart(c, func() bool { h.release(c); return false })
	c.rest()
	c.drop()
}

// apart runs f on a stack of its own and waits for it. A panic ends this
// connection, as net/http has it for a request: one kiosk's frame must not end
// the connections of all.
func (h *Hub) apart(c *conn, f func() bool) (ok bool) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if p := recover(); p != nil {
				h.log.Error("panic", "kiosk", c.kiosk, "panic", p, "stack", string(debug.Stack()))
				c.close(wire.CloseServer, 0)
				ok = false
			}
		}()
		ok = f()
	}()
	<-done
	return ok
}

// greet goes through hello and welcome and sends what the kiosk needs; false
// when the connection is ending.
func (h *Hub) greet(ctx context.Context, c *conn) bool {
	hello, ok := h.hello(c)
	if !ok || !h.welcome(ctx, c, hello) {
		return false
	}
	if err := errors.Join(h.refresh(ctx, c, hello.Manifest), h.commands(ctx, c, c.await)); err != nil {
		h.log.Error("answering a hello", "kiosk", c.kiosk, "err", err)
		c.close(wire.CloseServer, 0)
		return false
	}
	c.beat(time.Now().Add(wire.ConnectionLife - rand.N(wire.ConnectionLife/7)))
	return true
}

// release gives up the place and the lease, where c has them.
func (h *Hub) release(c *conn) {
	h.leave(c)
	if !c.leased {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := h.store.DropLease(ctx, c.kiosk, c.id); err != nil {
		h.log.Error("ending a session", "kiosk", c.kiosk, "err", err)
	}
}

// bulk are the frames that wait for a commit each.
var bulk = []wire.Type{wire.TRatings, wire.TGaps, wire.TLetters, wire.TLetterGaps, wire.TPlays}

// take handles one frame; false ends the connection.
func (h *Hub) take(ctx context.Context, c *conn, frame []byte) bool {
	if c.isDeaf() {
		return false // its last word is said, see rest
	}
	e, err := wire.Open(frame, nil)
	if err != nil {
		c.close(wire.CloseBadFrame, 0)
		return false
	}
	isBulk := slices.Contains(bulk, e.Type)
	if !isBulk && !c.allowed.Allow() {
		c.close(wire.CloseTooMany, 0)
		return false
	}
	if err := h.handle(ctx, c, e); err != nil {
		h.complain(c, e.Type, err)
		if isBulk && !c.allowed.Allow() {
			c.close(wire.CloseTooMany, 0)
			return false
		}
	}
	return true
}

// unread closes for what read returned.
func (h *Hub) unread(c *conn, err error) {
	timeout, isNet := errors.AsType[net.Error](err)
	switch {
	case errors.Is(err, tooLarge{}):
		c.close(wire.CloseTooLarge, 0)
	case slides.KindOf(err) == slides.Invalid:
		c.close(wire.CloseBadFrame, 0)
	case isNet && timeout.Timeout():
		h.opt.Metrics.closed.WithLabelValues("silent").Inc()
	}
	h.log.Debug("kiosk gone", "kiosk", c.kiosk, "err", err)
}

// hello reads the first frame.
func (h *Hub) hello(c *conn) (*wire.Hello, bool) {
	frame, err := c.read(wire.HelloWithin)
	if err != nil {
		if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
			c.close(wire.CloseNoHello, 0)
			return nil, false
		}
		h.unread(c, err)
		return nil, false
	}
	e, err := wire.Open(frame, nil)
	if err != nil {
		c.close(wire.CloseBadFrame, 0)
		return nil, false
	}
	if e.Type != wire.THello {
		c.close(wire.CloseNoHello, 0)
		return nil, false
	}
	var hello wire.Hello
	if err := e.Read(&hello); err != nil || hello.Kiosk != c.kiosk || hello.Version < 1 {
		c.close(wire.CloseBadFrame, 0)
		return nil, false
	}
	if hello.Version > wire.Version {
		c.close(wire.CloseVersion, 0)
		return nil, false
	}
	h.opt.Metrics.frames.WithLabelValues(string(wire.THello)).Inc()
	return &hello, true
}

// welcome takes the kiosk's place and lease, in this order among all its
// connections, and says who it is; from then on pushes reach it. False: the
// connection is closing.
func (h *Hub) welcome(ctx context.Context, c *conn, hello *wire.Hello) bool {
	c.turn.Lock()
	defer c.turn.Unlock()
	older, ok := h.seat(c)
	if !ok {
		return false
	}
	if older != nil {
		older.turn.Lock() // it may be taking its lease just now
		//lint:ignore SA2001 to have waited is all that is wanted
		older.turn.Unlock()
	}
	class, err := h.introduce(ctx, c, hello)
	if err != nil {
		if kind := slides.KindOf(err); kind == slides.Denied || kind == slides.NotFound {
			c.close(wire.CloseUnpaired, 0) // between its sign-in and now
			return false
		}
		h.log.Error("welcoming", "kiosk", c.kiosk, "err", err)
		c.close(wire.CloseServer, 0)
		return false
	}
	return h.enter(c, class)
}

// introduce takes the lease and sends the welcome.
func (h *Hub) introduce(ctx context.Context, c *conn, hello *wire.Hello) (class string, err error) {
	c.leased = true // or it may be: an error does not say that nothing was written
	if hello.Epoch != h.store.Epoch() {
		hello.Manifest, hello.Revision = "", 0 // of another life of the database: nothing that counts here
	}
	replaced, err := h.store.TakeLease(ctx, c.kiosk, c.id, store.Hello{
		Program: slides.Clean(hello.Program), Screen: hello.Screen, Languages: hello.Languages[:min(len(hello.Languages), 16)],
		Manifest: hello.Manifest, Revision: hello.Revision, Clock: hello.Clock, Instance: hello.Instance,
	}, leaseLife)
	if err != nil {
		return "", err
	}
	if replaced != nil {
		h.log.Warn("same identity connected again; the newest is kept", "kiosk", c.kiosk, "other", replaced.Server)
	}
	k, err := h.store.Kiosk(ctx, c.kiosk)
	if err != nil {
		return "", err
	}
	chains, err := h.store.KioskChains(ctx, c.kiosk)
	if err != nil {
		return "", err
	}
	frame, err := wire.Seal(h.store.ServerKey(), wire.TWelcome, wire.Welcome{
		Version: wire.Version, Kiosk: c.kiosk, Nonce: c.client, Server: c.nonce, Epoch: h.store.Epoch(), Class: k.Class,
		Chains: chains, Token: h.token(c.kiosk, c.key), Now: h.store.Now(),
	})
	if err != nil {
		return "", err
	}
	c.send(frame)
	return k.Class, nil
}
