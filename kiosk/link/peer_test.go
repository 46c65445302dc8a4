package link

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"motcua/slides"
	"motcua/slides/chain"
	"motcua/slides/wire"
)

// peer is the other side as a test wants it: it proves itself and welcomes
// unless told otherwise, and then does what serve says. The real server meets
// the real kiosk elsewhere (cmd/motcua-proof/wiring); this one does what a real
// one never would.
type peer struct {
	t     testing.TB
	key   ed25519.PrivateKey
	epoch string
	class string

	challenge func(*wire.ChallengeReply)                        // changes the proof before it is sent
	answer    func(w http.ResponseWriter, r *http.Request) bool // answers a request itself
	welcome   func(*wire.Welcome)
	first     func(*line) bool // instead of the welcome; false: the connection ends
	serve     func(*line)

	mu    sync.Mutex
	dials int               // guarded by mu; sockets asked for
	blobs map[string][]byte // guarded by mu
	gets  []string          // guarded by mu; "sha range" of each fetch
}

// line is one connection, seen from the server.
type line struct {
	p      *peer
	ws     *websocket.Conn
	hello  wire.Hello
	nonce  []byte // the client's
	server []byte // the server's
	n      int    // which connection this is, from 1
}

const kioskID = "k1"

func newPeer(t testing.TB) *peer {
	t.Helper()
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &peer{t: t, key: key, epoch: "e1", class: "c1", blobs: map[string][]byte{}}
}

func (p *peer) public() ed25519.PublicKey { return p.key.Public().(ed25519.PublicKey) }

// set changes what the peer does while it is asked.
func (p *peer) set(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f()
}

func (p *peer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	now := peer{t: p.t, key: p.key, epoch: p.epoch, class: p.class, challenge: p.challenge, answer: p.answer, welcome: p.welcome, first: p.first, serve: p.serve}
	p.mu.Unlock()
	p.reply(&now, w, r)
}

// reply answers as the peer was when it was asked.
func (all *peer) reply(p *peer, w http.ResponseWriter, r *http.Request) {
	if p.answer != nil && p.answer(w, r) {
		return
	}
	switch {
	case r.URL.Path == wire.PathChallenge:
		var q wire.ChallengeRequest
		if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
			p.t.Error(err)
		}
		c := wire.ChallengeReply{Nonce: random(32), Now: slides.At(time.Now())}
		c.Sig = wire.Sign(p.key, wire.ContextServer, wire.ServerProof(q.Kiosk, q.Nonce, c.Nonce, c.Now))
		if p.challenge != nil {
			p.challenge(&c)
		}
		json.NewEncoder(w).Encode(c)
	case r.URL.Path == wire.PathSocket:
		all.socket(p, w, r)
	case strings.HasPrefix(r.URL.Path, wire.PathBlob):
		all.blob(w, r)
	default:
		http.NotFound(w, r)
	}
}

func (all *peer) socket(p *peer, w http.ResponseWriter, r *http.Request) {
	_, client, nonce, _, ok := wire.ParseAuthorization(r.Header.Get("Authorization"))
	ws, err := (&websocket.Upgrader{Subprotocols: []string{wire.Subprotocol}}).Upgrade(w, r, nil)
	if err != nil || !ok {
		return
	}
	defer ws.Close()
	all.mu.Lock()
	all.dials++
	l := &line{p: p, ws: ws, nonce: client, server: nonce, n: all.dials}
	all.mu.Unlock()
	e, err := l.next()
	if err != nil {
		return // the kiosk does not like this server
	}
	if e.Type != wire.THello || e.Read(&l.hello) != nil {
		p.t.Errorf("no hello but %s", e.Type)
		return
	}
	if p.first != nil {
		if !p.first(l) {
			return
		}
	} else {
		v := wire.Welcome{Version: wire.Version, Kiosk: kioskID, Nonce: client, Server: nonce, Epoch: p.epoch, Class: p.class, Chains: l.hello.Chains, Token: "token", Now: slides.At(time.Now())}
		if p.welcome != nil {
			p.welcome(&v)
		}
		l.sign(wire.TWelcome, v)
	}
	over := make(chan struct{})
	defer close(over)
	go l.ping(over)
	if p.serve != nil {
		p.serve(l)
	}
	l.until("") // goes on reading
}

func (p *peer) blob(w http.ResponseWriter, r *http.Request) {
	sha := strings.TrimPrefix(r.URL.Path, wire.PathBlob)
	p.mu.Lock()
	b, ok := p.blobs[sha]
	p.gets = append(p.gets, sha+" "+r.Header.Get("Range"))
	p.mu.Unlock()
	switch {
	case r.Header.Get("Authorization") != "Bearer token":
		w.WriteHeader(http.StatusUnauthorized)
	case !ok:
		w.WriteHeader(http.StatusNotFound)
	default:
		http.ServeContent(w, r, "", time.Time{}, strings.NewReader(string(b)))
	}
}

func (p *peer) put(b []byte) slides.BlobRef {
	p.mu.Lock()
	defer p.mu.Unlock()
	sha := slides.Sum(b)
	p.blobs[sha] = b
	return slides.BlobRef{SHA: sha, Size: int64(len(b)), Type: "application/json"}
}

func (p *peer) fetched() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.gets)
}

// ping keeps the connection alive, as a server does.
func (l *line) ping(over chan struct{}) {
	for {
		select {
		case <-over:
			return
		case <-time.After(wire.PingMin):
			_ = l.ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(time.Second)) // else the kiosk leaves
		}
	}
}

// sign sends a signed frame.
func (l *line) sign(t wire.Type, v any, blobs ...wire.Inline) {
	frame, err := wire.Seal(l.p.key, t, v, blobs...)
	if err != nil {
		l.p.t.Error(err)
	}
	l.write(frame)
}

func (l *line) plain(t wire.Type, v any) {
	frame, err := wire.Plain(t, v)
	if err != nil {
		l.p.t.Error(err)
	}
	l.write(frame)
}

func (l *line) write(frame []byte) {
	_ = l.ws.WriteMessage(websocket.TextMessage, frame) // the kiosk may have hung up: the test sees it by what is missing
}

func (l *line) close(code int, reason string) {
	_ = l.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, reason), time.Now().Add(time.Second)) // as above
}

func (l *line) next() (*wire.Envelope, error) {
	_, frame, err := l.ws.ReadMessage()
	if err != nil {
		return nil, err
	}
	return wire.Open(frame, nil)
}

// until reads up to a frame of a type; nil when the connection ended before.
func (l *line) until(t wire.Type) *wire.Envelope {
	for {
		e, err := l.next()
		if err != nil {
			return nil
		}
		if e.Type == t {
			return e
		}
	}
}

// done reads the outcome of a command.
func (l *line) done() (d wire.Done) {
	if e := l.until(wire.TDone); e != nil {
		if err := e.Read(&d); err != nil {
			l.p.t.Error(err)
		}
	}
	return d
}

func (l *line) ack(b wire.Ratings, seq uint64, hash chain.Hash) {
	l.sign(wire.TAck, wire.Ack{Kiosk: kioskID, Nonce: l.nonce, Chain: b.Chain, Seq: seq, Hash: hash})
}

// keep acknowledges every batch until the connection ends.
func (l *line) keep() {
	for {
		var b wire.Ratings
		e := l.until(wire.TRatings)
		if e == nil || e.Read(&b) != nil {
			return
		}
		h, err := chain.ParseHead(b.Head.Bytes)
		if err != nil {
			l.p.t.Error(err)
			return
		}
		l.ack(b, h.Seq, h.Hash)
	}
}

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	a, b := net.Pipe()
	select {
	case p.conns <- b:
		return a, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-p.gone:
		return nil, errors.New("refused")
	}
}
