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
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"motcua/kiosk/vault"
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

// pipes is a network in memory: a listener and the way to it.
type pipes struct {
	conns chan net.Conn
	gone  chan struct{}
	once  sync.Once
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.gone:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.gone) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "memory"} }

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

// screen is a paired kiosk's vault and link, and what the link told.
type screen struct {
	t      testing.TB
	disk   *vault.Memory
	vault  *vault.Vault
	link   *Link
	dialer *Dialer
	cancel context.CancelFunc
	ended  chan error
	hooks  Hooks

	mu       sync.Mutex
	states   []State
	errs     []error
	faults   []string
	ready    []slides.Flip
	settings []wire.Settings
	offsets  []time.Duration
	reloads  int
	restarts int
	mended   int
}

// with runs f in a bubble with a kiosk that is paired with p and not yet started.
func with(t *testing.T, f func(t *testing.T, p *peer, s *screen)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		p := newPeer(t)
		lis := &pipes{conns: make(chan net.Conn), gone: make(chan struct{})}
		web := &http.Server{Handler: p}
		over := make(chan struct{})
		go func() {
			defer close(over)
			web.Serve(lis) // ends with Close below
		}()
		s := newScreen(t, p, lis.dial)
		defer func() {
			s.stop()
			web.Close()
			<-over
			if err := s.vault.Close(); err != nil {
				t.Error(err)
			}
			time.Sleep(time.Second) // the web server lingers on what was not read
		}()
		f(t, p, s)
	})
}

func newScreen(t testing.TB, p *peer, dial func(context.Context, string, string) (net.Conn, error)) *screen {
	t.Helper()
	disk := vault.NewMemory(64 << 20)
	v, err := vault.Open(disk, vault.Options{SegmentSize: 128 << 10, Spares: 2, Reserve: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Pair(vault.Identity{Kiosk: kioskID, Name: "Ki-ốt", Server: p.public(), Chain: chain.ID{1}, Class: p.class, Epoch: p.epoch}); err != nil {
		t.Fatal(err)
	}
	d, err := NewDialer("http://server", nil, dial)
	if err != nil {
		t.Fatal(err)
	}
	s := &screen{t: t, disk: disk, vault: v, dialer: d}
	note := func(f func()) {
		s.mu.Lock()
		defer s.mu.Unlock()
		f()
	}
	s.hooks = Hooks{
		Hello:  func() wire.Hello { return wire.Hello{Program: "test"} },
		Health: func() wire.Health { return wire.Health{} },
		Ready: func(f slides.Flip) {
			if _, err := v.Manifests().Flip(); err != nil {
				t.Errorf("flip: %v", err)
			}
			note(func() { s.ready = append(s.ready, f) })
		},
		State: func(st State, err error) {
			note(func() { s.states, s.errs = append(s.states, st), append(s.errs, err) })
		},
		Settings: func(v wire.Settings) { note(func() { s.settings = append(s.settings, v) }) },
		Offset:   func(d time.Duration) { note(func() { s.offsets = append(s.offsets, d) }) },
		Mended:   func() { note(func() { s.mended++ }) },
		Reload:   func() { note(func() { s.reloads++ }) },
		Restart:  func() { note(func() { s.restarts++ }) },
		Fault:    func(where, text string) { note(func() { s.faults = append(s.faults, where+": "+text) }) },
	}
	return s
}

func (s *screen) start() {
	s.link = New(s.vault, s.dialer, s.hooks, nil)
	ctx, cancel := context.WithCancel(context.Background())
	s.cancel, s.ended = cancel, make(chan error, 1)
	ended := s.ended
	go func() { ended <- s.link.Run(ctx) }()
}

func (s *screen) stop() {
	if s.cancel != nil {
		s.cancel()
		<-s.ended
		s.cancel = nil
	}
}

// over waits for Run's end.
func (s *screen) over() error {
	s.t.Helper()
	select {
	case err := <-s.ended:
		s.cancel()
		s.cancel = nil
		return err
	case <-time.After(time.Hour):
		s.t.Fatal("the link goes on")
		return nil
	}
}

func (s *screen) last() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.states) == 0 {
		return ""
	}
	return s.states[len(s.states)-1]
}

func (s *screen) connected() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Contains(s.states, Connected)
}

func (s *screen) hasFault(part string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.faults, func(f string) bool { return strings.Contains(f, part) })
}

func read[T any](s *screen, f func() T) T {
	s.mu.Lock()
	defer s.mu.Unlock()
	return f()
}

func (s *screen) rate(n int) {
	s.t.Helper()
	for range n {
		if _, err := s.vault.Outbox().Append([]chain.Section{chain.NewSection(chain.Core, []byte(`{}`))}); err != nil {
			s.t.Fatal(err)
		}
		if s.link != nil {
			s.link.Wake()
		}
	}
}

// manifest makes one with the blobs named.
func manifest(t testing.TB, class, epoch string, revision int64, flip slides.Flip, blobs ...slides.BlobRef) []byte {
	t.Helper()
	m := &slides.Manifest{
		Class: class, Epoch: epoch, Revision: revision, Flip: flip, Zone: "Asia/Ho_Chi_Minh", Languages: []string{"vi"},
		Unit: slides.Vi("Phường mẫu"), Office: slides.Vi("Bộ phận Một cửa"), UnitID: "u", Theme: json.RawMessage("{}"), Blobs: slices.Clone(blobs),
	}
	m.Format.Major = slides.FormatMajor
	slices.SortFunc(m.Blobs, func(a, b slides.BlobRef) int { return strings.Compare(a.SHA, b.SHA) })
	b, err := slides.EncodeManifest(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (s *screen) active() int64 {
	if m := s.vault.Manifests().Active(); m != nil {
		return m.Revision
	}
	return -1
}

// spoil rots a blob on the disk and has the vault find it.
func (s *screen) spoil(sha string) {
	s.t.Helper()
	if err := s.disk.Damage("blobs/"+sha[:2]+"/"+sha, func(b []byte) []byte { b[0] ^= 1; return b }); err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.vault.Blobs().Get(sha); slides.KindOf(err) != slides.Corrupt {
		s.t.Fatalf("the damage was not seen: %v", err)
	}
}
