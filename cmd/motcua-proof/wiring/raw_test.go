package wiring

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"errors"
	"image"
	"image/png"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/chain"
	"motcua/slides/wire"
)

// raw is a kiosk written from the specification alone, which does as it likes.
type raw struct {
	t      testing.TB
	dial   Dial
	http   *http.Client
	server ed25519.PublicKey
	key    ed25519.PrivateKey
	kiosk  string
	chain  chain.ID
	start  string // this start of its program, for the hello

	ws      *websocket.Conn
	client  []byte
	welcome wire.Welcome

	seq  uint64
	hash chain.Hash
}

// newRaw is a paired kiosk of s.
func newRaw(t testing.TB, s *server, dial Dial, unit string) *raw {
	t.Helper()
	pub, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p, err := s.store.CreatePairing(context.Background(), store.PairingRequest{Key: pub, Nonce: noise(32)})
	if err != nil {
		t.Fatal(err)
	}
	k := s.approve(p.Code, "", unit)
	r := &raw{t: t, dial: dial, server: s.store.ServerKey().Public().(ed25519.PublicKey), key: key, kiosk: k.ID, chain: k.Chain, hash: chain.Genesis(k.Chain, pub)}
	r.http = clientOf(dial)
	t.Cleanup(r.hang)
	return r
}

func clientOf(dial Dial) *http.Client {
	return &http.Client{Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}}
}

// picture is a small PNG.
func picture(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func noise(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails
	return b
}

// post sends a JSON body and returns the status and the answer's bytes.
func (r *raw) post(path string, body any) (int, []byte) {
	r.t.Helper()
	b, isBytes := body.([]byte)
	if !isBytes {
		var err error
		if b, err = json.Marshal(body); err != nil {
			r.t.Fatal(err)
		}
	}
	res, err := r.http.Post("http://server"+path, "application/json", bytes.NewReader(b))
	if err != nil {
		r.t.Fatal(err)
	}
	defer res.Body.Close()
	out, err := io.ReadAll(res.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return res.StatusCode, out
}

// challenge asks the server to prove itself.
func (r *raw) challenge() (client, nonce []byte) {
	r.t.Helper()
	client = noise(32)
	status, b := r.post(wire.PathChallenge, wire.ChallengeRequest{Kiosk: r.kiosk, Nonce: client})
	var c wire.ChallengeReply
	if err := json.Unmarshal(b, &c); status != http.StatusOK || err != nil {
		r.t.Fatalf("challenge: %d %s", status, b)
	}
	if !wire.Verify(r.server, c.Sig, wire.ContextServer, wire.ServerProof(r.kiosk, client, c.Nonce, c.Now)) {
		r.t.Fatal("the server did not prove itself")
	}
	return client, c.Nonce
}

// open opens a socket with a proof; a status other than 101 is an error.
func (r *raw) open(client, nonce []byte, change ...func(http.Header)) (*websocket.Conn, int, error) {
	sig := wire.Sign(r.key, wire.ContextKiosk, wire.KioskProof(r.kiosk, client, nonce))
	h := http.Header{}
	h.Set("Authorization", wire.Authorization(r.kiosk, client, nonce, sig))
	h.Set("Sec-WebSocket-Protocol", wire.Subprotocol)
	for _, f := range change {
		f(h)
	}
	ws, res, err := (&websocket.Dialer{NetDialContext: r.dial}).DialContext(context.Background(), "ws://server"+wire.PathSocket, h)
	if res == nil {
		return nil, 0, err
	}
	return ws, res.StatusCode, err
}

// connect opens the socket without a hello.
func (r *raw) connect() {
	r.t.Helper()
	client, nonce := r.challenge()
	ws, status, err := r.open(client, nonce)
	if err != nil {
		r.t.Fatalf("socket: %d %v", status, err)
	}
	r.ws, r.client = ws, client
}

// greet connects, says hello and reads the welcome and the settings.
func (r *raw) greet() {
	r.t.Helper()
	r.connect()
	r.send(wire.THello, wire.Hello{Version: wire.Version, Kiosk: r.kiosk, Program: "raw", Instance: r.start})
	r.read(wire.TWelcome, &r.welcome)
	if !bytes.Equal(r.welcome.Nonce, r.client) {
		r.t.Fatal("the welcome is for another connection")
	}
	r.read(wire.TSettings, nil)
}

func (r *raw) send(typ wire.Type, v any) {
	r.t.Helper()
	frame, err := wire.Plain(typ, v)
	if err != nil {
		r.t.Fatal(err)
	}
	if err := r.ws.WriteMessage(websocket.TextMessage, frame); err != nil {
		r.t.Fatalf("sending %s: %v", typ, err)
	}
}

// next reads a frame of any type.
func (r *raw) next() (*wire.Envelope, error) {
	r.t.Helper()
	if err := r.ws.SetReadDeadline(time.Now().Add(5 * time.Minute)); err != nil {
		r.t.Fatal(err)
	}
	_, frame, err := r.ws.ReadMessage()
	if err != nil {
		return nil, err
	}
	e, err := wire.Open(frame, r.server)
	if err != nil {
		r.t.Fatalf("the server's frame: %v", err)
	}
	return e, nil
}

// read reads frames up to the first of a type.
func (r *raw) read(typ wire.Type, into any) {
	r.t.Helper()
	for {
		e, err := r.next()
		if err != nil {
			r.t.Fatalf("waiting for %s: %v", typ, err)
		}
		if e.Type != typ {
			continue
		}
		if into != nil {
			if err := e.Read(into); err != nil {
				r.t.Fatal(err)
			}
		}
		return
	}
}

// closed reads until the server closes and returns the code and reason.
func (r *raw) closed() (code int, reason string) {
	r.t.Helper()
	for {
		_, err := r.next()
		if c, ok := errors.AsType[*websocket.CloseError](err); ok {
			return c.Code, c.Text
		}
		if err != nil {
			r.t.Fatalf("no close frame: %v", err)
		}
	}
}

func (r *raw) hang() {
	if r.ws != nil {
		_ = r.ws.Close() // done with either way
		r.ws = nil
	}
}

// batch makes the next n records of the kiosk's chain.
func (r *raw) batch(n int) wire.Ratings {
	b := wire.Ratings{Chain: r.chain}
	for range n {
		r.seq++
		var rec chain.Record
		rec, r.hash = chain.Next(r.chain, r.seq, r.hash, []chain.Section{chain.NewSection(chain.Core, []byte(`{}`))})
		b.Records = append(b.Records, rec)
	}
	b.Head = r.head()
	return b
}

func (r *raw) head() chain.Signed {
	h := chain.Head{Chain: r.chain, Seq: r.seq, Hash: r.hash, At: slides.At(time.Now())}
	return h.Sign(r.key)
}

// get fetches a blob with a token.
func (r *raw) get(sha, token, ranges string) (int, http.Header, []byte) {
	r.t.Helper()
	req, err := http.NewRequest(http.MethodGet, "http://server"+wire.PathBlob+sha, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if ranges != "" {
		req.Header.Set("Range", ranges)
	}
	res, err := r.http.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return res.StatusCode, res.Header, b
}

// inBubble runs f with a fake clock, an in-memory network and a furnished server.
func inBubble(t *testing.T, f func(t *testing.T, s *server, m *Memory)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		m := NewMemory(0)
		s := startServer(t, dir, m)
		s.furnish()
		f(t, s, m)
	})
}
