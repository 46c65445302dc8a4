package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"motcua/slides"
	"motcua/slides/wire"
)

// caller opens kiosk connections as package wire's text says; it shares
// nothing with kiosk/link, so that a misreading there does not hide here.
type caller struct {
	url  string
	http *http.Client
	ws   websocket.Dialer
}

// newCaller has buffers for thousands: 512 bytes to read, a pool to write.
func newCaller(url string) *caller {
	d := &net.Dialer{Timeout: 20 * time.Second, KeepAlive: -1}
	return &caller{
		url: url,
		http: &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{
			DialContext: d.DialContext, MaxIdleConnsPerHost: 128, MaxConnsPerHost: 128, DisableCompression: true,
		}},
		ws: websocket.Dialer{
			NetDialContext: d.DialContext, HandshakeTimeout: 30 * time.Second, Subprotocols: []string{wire.Subprotocol},
			ReadBufferSize: 512, WriteBufferSize: 1024, WriteBufferPool: &sync.Pool{},
		},
	}
}

// socket is an open connection.
type socket struct {
	*websocket.Conn
	k             *paired
	client, nonce []byte
}

// dial goes through challenge and upgrade.
func (c *caller) dial(ctx context.Context, k *paired) (*socket, error) {
	s := &socket{k: k, client: make([]byte, 32)}
	rand.Read(s.client) // never fails (crypto/rand)
	body, err := json.Marshal(wire.ChallengeRequest{Kiosk: k.id, Nonce: s.client})
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url+wire.PathChallenge, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(res.Body, wire.MaxRequest))
	res.Body.Close()
	if err != nil {
		return nil, err
	}
	var r wire.ChallengeReply
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("challenge: status %d: %.200s", res.StatusCode, b)
	}
	if err := json.Unmarshal(b, &r); err != nil {
		return nil, err
	}
	if !wire.Verify(k.server, r.Sig, wire.ContextServer, wire.ServerProof(k.id, s.client, r.Nonce, r.Now)) {
		return nil, errors.New("the server did not prove itself")
	}
	s.nonce = r.Nonce
	sig := wire.Sign(k.key, wire.ContextKiosk, wire.KioskProof(k.id, s.client, r.Nonce))
	ws, up, err := c.ws.DialContext(ctx, strings.Replace(c.url, "http", "ws", 1)+wire.PathSocket, http.Header{"Authorization": {wire.Authorization(k.id, s.client, r.Nonce, sig)}})
	if err != nil {
		if up != nil {
			err = fmt.Errorf("%w: status %d", err, up.StatusCode)
		}
		return nil, err
	}
	s.Conn = ws
	ws.SetReadLimit(wire.MaxFromServer)
	return s, nil
}

// say sends an unsigned frame.
func (s *socket) say(t wire.Type, v any) error {
	b, err := wire.Plain(t, v)
	if err != nil {
		return err
	}
	return s.frame(b)
}

func (s *socket) frame(b []byte) error {
	if err := s.SetWriteDeadline(time.Now().Add(wire.WriteWithin)); err != nil {
		return err
	}
	return s.WriteMessage(websocket.TextMessage, b)
}

// hello says who is there, with what manifest.
func (s *socket) hello(manifest, epoch string, revision int64) error {
	return s.say(wire.THello, wire.Hello{
		Version: wire.Version, Kiosk: s.k.id, Manifest: manifest, Epoch: epoch, Revision: revision,
		Program: "motcua-proof", Screen: wire.Screen{W: 1920, H: 1080}, Languages: []string{"vi"}, Clock: slides.At(time.Now()),
	})
}

// welcomed checks a welcome frame.
func (s *socket) welcomed(e *wire.Envelope) (*wire.Welcome, error) {
	var w wire.Welcome
	if err := e.Read(&w); err != nil {
		return nil, err
	}
	if w.Kiosk != s.k.id || !bytes.Equal(w.Nonce, s.client) || !bytes.Equal(w.Server, s.nonce) || w.Class == "" || w.Epoch == "" {
		return nil, errors.New("the welcome is not for this connection")
	}
	return &w, nil
}

// next reads one frame; verify checks a signed type's signature.
func (s *socket) next(verify bool) (*wire.Envelope, error) {
	if err := s.SetReadDeadline(time.Now().Add(wire.ReadDeadline)); err != nil {
		return nil, err
	}
	_, b, err := s.ReadMessage()
	if err != nil {
		return nil, err
	}
	var key ed25519.PublicKey
	if verify {
		key = s.k.server
	}
	return wire.Open(b, key)
}

// open dials, says hello and reads up to "current" or "manifest".
func (c *caller) open(ctx context.Context, k *paired) (*socket, *wire.Welcome, error) {
	s, err := c.dial(ctx, k)
	if err != nil {
		return nil, nil, err
	}
	if err := s.hello("", "", 0); err != nil {
		s.Close()
		return nil, nil, err
	}
	var w *wire.Welcome
	for {
		e, err := s.next(true)
		if err == nil && w == nil && e.Type != wire.TWelcome {
			err = fmt.Errorf("the first frame is %q, not a welcome", e.Type)
		}
		if err == nil && e.Type == wire.TWelcome {
			w, err = s.welcomed(e)
		}
		if err != nil {
			s.Close()
			return nil, nil, err
		}
		if e.Type == wire.TCurrent || e.Type == wire.TManifest {
			return s, w, nil
		}
	}
}

// answer reads on until an ack or an error.
func (s *socket) answer() (acked uint64, refused *wire.Problem, err error) {
	for {
		e, err := s.next(true)
		if err != nil {
			return 0, nil, err
		}
		switch e.Type {
		case wire.TAck:
			var a wire.Ack
			if err := e.Read(&a); err != nil {
				return 0, nil, err
			}
			return a.Seq, nil, nil
		case wire.TError:
			var p wire.Problem
			if err := e.Read(&p); err != nil {
				return 0, nil, err
			}
			return 0, &p, nil
		}
	}
}
