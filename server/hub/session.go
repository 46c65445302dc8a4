package hub

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
	"golang.org/x/time/rate"

	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/wire"
)

// One kiosk in good order sends a few frames a minute and, draining a backlog,
// a batch per acknowledgement; a hundred a second is a fault or an attack.
const (
	framesPerSecond = 100
	framesBurst     = 300
)

// socket answers PathSocket: it checks the kiosk's proof, then upgrades.
func (h *Hub) socket(w http.ResponseWriter, r *http.Request) {
	const op = "hub.socket"
	denied := slides.E(slides.Denied, op, "Ki-ốt không chứng minh được danh tính; hãy ghép nối lại.", "The kiosk could not prove its identity; pair it again.", nil)
	kiosk, client, nonce, sig, ok := wire.ParseAuthorization(r.Header.Get("Authorization"))
	if !ok {
		unauthorized(w, denied)
		return
	}
	key, err := h.store.SignInKey(r.Context(), kiosk)
	if err != nil && slides.KindOf(err) == slides.Broken {
		h.fail(w, r, err)
		return
	}
	if err != nil || !wire.Verify(key, sig, wire.ContextKiosk, wire.KioskProof(kiosk, client, nonce)) || !h.challenges.redeem(kiosk, client, nonce) {
		unauthorized(w, denied)
		return
	}
	ws, err := h.upgrader.Upgrade(w, r, nil)
	if err != nil {
		h.log.Debug("upgrade", "kiosk", kiosk, "err", err) // gorilla has answered
		return
	}
	c := &conn{ws: ws, kiosk: kiosk, id: uuid.NewString(), key: key, client: client, offered: -1, gone: make(chan struct{})}
	// The session outlives this handler, whose goroutine has a deep stack.
	h.sessions.Go(func() { h.session(c, nonce) })
}

func unauthorized(w http.ResponseWriter, err error) {
	w.Header().Set("WWW-Authenticate", "Motcua")
	answer(w, http.StatusUnauthorized, wire.Problem{Kind: slides.Denied, Vi: slides.Sentence(err, "vi"), En: slides.Sentence(err, "en")})
}

// session lives as long as the connection; it is the only reader.
func (h *Hub) session(c *conn, nonce []byte) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	defer c.drop()
	c.ws.SetReadLimit(wire.MaxFromKiosk)
	_ = c.ws.SetReadDeadline(time.Now().Add(wire.HelloWithin)) // never fails in gorilla

	hello, ok := h.hello(c)
	if !ok {
		return
	}
	class, ok := h.welcome(ctx, c, hello, nonce)
	if !ok {
		return
	}
	defer func() {
		h.leave(c)
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := h.store.DropLease(ctx, c.kiosk, c.id); err != nil {
			h.log.Error("ending a session", "kiosk", c.kiosk, "err", err)
		}
	}()
	if !h.answerHello(ctx, c, hello, class) {
		return
	}
	c.ws.SetPongHandler(func(string) error { return c.ws.SetReadDeadline(time.Now().Add(wire.ReadDeadline)) })
	c.beat(time.Now().Add(maxAge + rand.N(maxAge/7)))

	allowed := rate.NewLimiter(framesPerSecond, framesBurst)
	for {
		_ = c.ws.SetReadDeadline(time.Now().Add(wire.ReadDeadline))
		kind, frame, err := c.ws.ReadMessage()
		if err != nil {
			h.ended(c, err)
			return
		}
		if !allowed.Allow() {
			h.end(c, wire.CloseTooMany)
			return
		}
		e, err := wire.Open(frame, nil)
		if kind != websocket.TextMessage || err != nil {
			h.end(c, wire.CloseBadFrame)
			return
		}
		h.handle(ctx, c, e)
	}
}

// end closes for a reason and counts it.
func (h *Hub) end(c *conn, code int) {
	if row, ok := wire.FindClose(code); ok {
		h.opt.Metrics.closed.WithLabelValues(row.Name).Inc()
	}
	c.close(code, 0)
}

// ended looks at why reading stopped.
func (h *Hub) ended(c *conn, err error) {
	if errors.Is(err, websocket.ErrReadLimit) {
		// gorilla has already sent 1009; our own code says what it means.
		h.opt.Metrics.closed.WithLabelValues("too-large").Inc()
	}
	h.log.Debug("kiosk gone", "kiosk", c.kiosk, "err", err)
}

// hello reads the first frame.
func (h *Hub) hello(c *conn) (*wire.Hello, bool) {
	_, frame, err := c.ws.ReadMessage()
	if err != nil {
		h.end(c, wire.CloseNoHello)
		return nil, false
	}
	e, err := wire.Open(frame, nil)
	if err != nil || e.Type != wire.THello {
		h.end(c, wire.CloseNoHello)
		return nil, false
	}
	var hello wire.Hello
	if err := e.Read(&hello); err != nil || hello.Kiosk != c.kiosk {
		h.end(c, wire.CloseBadFrame)
		return nil, false
	}
	if hello.Version > wire.Version {
		h.end(c, wire.CloseVersion)
		return nil, false
	}
	h.opt.Metrics.frames.WithLabelValues(string(wire.THello)).Inc()
	return &hello, true
}

// welcome takes the kiosk's lease and place, and says who it is.
func (h *Hub) welcome(ctx context.Context, c *conn, hello *wire.Hello, nonce []byte) (class string, ok bool) {
	failed := func(what string, err error) (string, bool) {
		h.log.Error(what, "kiosk", c.kiosk, "err", err)
		h.end(c, wire.CloseServer)
		return "", false
	}
	hello.Program = slides.Clean(hello.Program)
	replaced, err := h.store.TakeLease(ctx, c.kiosk, c.id, store.Hello{
		Program: hello.Program, Screen: hello.Screen, Languages: hello.Languages,
		Manifest: hello.Manifest, Revision: hello.Revision, Clock: hello.Clock,
	}, leaseLife)
	if err != nil {
		return failed("taking a lease", err)
	}
	if replaced != nil {
		h.log.Warn("same identity connected again; the newest is kept", "kiosk", c.kiosk, "other", replaced.Server)
	}
	k, err := h.store.Kiosk(ctx, c.kiosk)
	if err != nil {
		return failed("reading a kiosk", err)
	}
	chains, err := h.store.KioskChains(ctx, c.kiosk)
	if err != nil {
		return failed("reading chains", err)
	}
	frame, err := wire.Seal(h.store.ServerKey(), wire.TWelcome, wire.Welcome{
		Version: wire.Version, Kiosk: c.kiosk, Nonce: c.client, Server: nonce, Epoch: h.store.Epoch(), Class: k.Class,
		Chains: chains, Token: h.token(c.kiosk, c.key), Now: h.store.Now(),
	})
	if err != nil {
		return failed("sealing a welcome", err)
	}
	c.send(frame)
	older, ok := h.join(c, k.Class)
	if !ok {
		c.close(wire.CloseGoingAway, 5*time.Second+rand.N(10*time.Second))
		return "", false
	}
	if older != nil {
		h.end(older, wire.CloseReplaced)
	}
	return k.Class, true
}

// answerHello says "current" or offers the newest manifest. The connection has
// joined its class before the manifest is read, so that no publication falls
// between.
func (h *Hub) answerHello(ctx context.Context, c *conn, hello *wire.Hello, class string) bool {
	if _, err := h.settings(ctx, c); err != nil {
		h.log.Error("telling settings", "kiosk", c.kiosk, "err", err)
		h.end(c, wire.CloseServer)
		return false
	}
	p, err := h.frame(ctx, class)
	switch {
	case slides.KindOf(err) == slides.NotFound: // nothing published yet
	case err != nil:
		h.log.Error("making a manifest's frame", "class", class, "err", err)
		h.end(c, wire.CloseServer)
		return false
	case p.id == hello.Manifest && hello.Epoch == h.store.Epoch():
		frame, err := wire.Plain(wire.TCurrent, struct{}{})
		if err == nil {
			c.send(frame)
		}
	default:
		c.offer(p)
	}
	h.commands(ctx, c)
	return true
}

// handle acts on one frame.
func (h *Hub) handle(ctx context.Context, c *conn, e *wire.Envelope) {
	m := h.opt.Metrics.frames
	var err error
	switch e.Type {
	case wire.TRatings:
		m.WithLabelValues(string(e.Type)).Inc()
		err = h.ratings(ctx, c, e)
	case wire.TGaps:
		m.WithLabelValues(string(e.Type)).Inc()
		err = h.gaps(ctx, c, e)
	case wire.TPlays:
		m.WithLabelValues(string(e.Type)).Inc()
		err = h.plays(ctx, c, e)
	case wire.THealth:
		m.WithLabelValues(string(e.Type)).Inc()
		err = h.health(ctx, c, e)
	case wire.TScreenshot:
		m.WithLabelValues(string(e.Type)).Inc()
		err = h.screenshot(ctx, c, e)
	case wire.TDone:
		m.WithLabelValues(string(e.Type)).Inc()
		var d wire.Done
		if err = e.Read(&d); err == nil {
			err = h.store.CommandDone(ctx, c.kiosk, d)
		}
	case wire.TClock:
		m.WithLabelValues(string(e.Type)).Inc()
		err = h.clock(c, e)
	default:
		m.WithLabelValues("unknown").Inc()
		var frame []byte
		if frame, err = wire.Plain(wire.TUnknown, wire.Unknown{Type: e.Type}); err == nil {
			c.send(frame)
		}
	}
	if err != nil {
		h.complain(c, e.Type, err)
	}
}

// complain tells the kiosk what was wrong with its frame; the connection goes on.
func (h *Hub) complain(c *conn, t wire.Type, err error) {
	level := h.log.Warn
	if slides.KindOf(err) == slides.Broken {
		level = h.log.Error
	}
	level("frame refused", "kiosk", c.kiosk, "type", string(t), "err", err)
	frame, ferr := wire.Plain(wire.TError, wire.Problem{Kind: slides.KindOf(err), Vi: slides.Sentence(err, "vi"), En: slides.Sentence(err, "en")})
	if ferr == nil {
		c.send(frame)
	}
}

func (h *Hub) ratings(ctx context.Context, c *conn, e *wire.Envelope) error {
	var b wire.Ratings
	if err := e.Read(&b); err != nil {
		return err
	}
	got, err := h.store.IngestRatings(ctx, c.kiosk, b)
	return errors.Join(h.acknowledge(c, got), err)
}

func (h *Hub) gaps(ctx context.Context, c *conn, e *wire.Envelope) error {
	var g wire.Gaps
	if err := e.Read(&g); err != nil {
		return err
	}
	got, err := h.store.IngestGaps(ctx, c.kiosk, g)
	return errors.Join(h.acknowledge(c, got), err)
}

// acknowledge tells what is kept for good; the store has committed it.
func (h *Hub) acknowledge(c *conn, got store.Ingested) error {
	r := h.opt.Metrics.ratings
	for outcome, n := range map[string]int{"new": got.New, "again": got.Again, "suspect": got.Suspect, "fork": got.Forks} {
		if n > 0 {
			r.WithLabelValues(outcome).Add(float64(n))
		}
	}
	if got.Acked == 0 {
		return nil
	}
	frame, err := wire.Seal(h.store.ServerKey(), wire.TAck, wire.Ack{Kiosk: c.kiosk, Nonce: c.client, Chain: got.Chain, Seq: got.Acked})
	if err != nil {
		return err
	}
	c.send(frame)
	return nil
}

func (h *Hub) plays(ctx context.Context, c *conn, e *wire.Envelope) error {
	var p wire.Plays
	if err := e.Read(&p); err != nil {
		return err
	}
	last, err := h.store.SavePlays(ctx, c.kiosk, p)
	if err != nil {
		return err
	}
	frame, err := wire.Plain(wire.TDone, wire.Done{ID: "plays", OK: true, Seq: last})
	if err != nil {
		return err
	}
	c.send(frame)
	return nil
}

func (h *Hub) health(ctx context.Context, c *conn, e *wire.Envelope) error {
	var v wire.Health
	if err := e.Read(&v); err != nil {
		return err
	}
	return h.store.SaveHealth(ctx, c.kiosk, &v)
}

func (h *Hub) screenshot(ctx context.Context, c *conn, e *wire.Envelope) error {
	var s wire.Screenshot
	if err := e.Read(&s); err != nil {
		return err
	}
	return h.store.SaveScreenshot(ctx, c.kiosk, s)
}

func (h *Hub) clock(c *conn, e *wire.Envelope) error {
	var q wire.TimeRequest
	if err := e.Read(&q); err != nil {
		return err
	}
	frame, err := wire.Seal(h.store.ServerKey(), wire.TTime, wire.Time{Kiosk: c.kiosk, Nonce: c.client, Sent: q.Sent, Now: h.store.Now()})
	if err != nil {
		return err
	}
	c.send(frame)
	return nil
}
