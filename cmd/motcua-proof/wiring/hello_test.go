package wiring

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"motcua/slides/wire"
)

func TestNoHelloIsClosedInTime(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server, m *Memory) {
		r := newRaw(t, s, m.Dial, "mot-cua")
		r.connect()
		begun := time.Now()
		if code, _ := r.closed(); code != wire.CloseNoHello {
			t.Errorf("closed with %d", code)
		}
		if d := time.Since(begun); d < wire.HelloWithin || d > wire.HelloWithin+time.Second {
			t.Errorf("after %v", d)
		}
		if s.hub.Connected() != 0 {
			t.Error("it counts as connected")
		}
	})
}

func TestHelloThatCannotBe(t *testing.T) {
	for name, c := range map[string]struct {
		frame string
		code  int
	}{
		"a newer protocol":   {`{"type":"hello","body":{"version":2,"kiosk":"KIOSK"}}`, wire.CloseVersion},
		"no version":         {`{"type":"hello","body":{"kiosk":"KIOSK"}}`, wire.CloseBadFrame},
		"another kiosk's":    {`{"type":"hello","body":{"version":1,"kiosk":"k-other"}}`, wire.CloseBadFrame},
		"not JSON":           {`hello`, wire.CloseBadFrame},
		"no type":            {`{}`, wire.CloseBadFrame},
		"wrong types":        {`{"type":"hello","body":{"version":"one"}}`, wire.CloseBadFrame},
		"ratings first":      {`{"type":"ratings","body":{}}`, wire.CloseNoHello},
		"over the limit":     {`{"type":"hello","body":{"version":1,"kiosk":"KIOSK","program":"` + strings.Repeat("x", wire.MaxFromKiosk) + `"}}`, wire.CloseTooLarge},
		"deep as a well":     {`{"type":"hello","body":` + strings.Repeat("[", 50_000) + strings.Repeat("]", 50_000) + `}`, wire.CloseBadFrame},
		"two in one frame":   {`{"type":"hello","body":{"version":1,"kiosk":"KIOSK"}}{}`, wire.CloseBadFrame},
		"nothing at all":     {``, wire.CloseBadFrame},
		"null":               {`null`, wire.CloseBadFrame},
		"a body that is not": {`{"type":"hello"}`, wire.CloseBadFrame},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *server, m *Memory) {
				r := newRaw(t, s, m.Dial, "mot-cua")
				r.connect()
				frame := strings.ReplaceAll(c.frame, "KIOSK", r.kiosk)
				go r.ws.WriteMessage(websocket.TextMessage, []byte(frame)) // the server may stop reading before its end
				if code, _ := r.closed(); code != c.code {
					t.Errorf("closed with %d, want %d", code, c.code)
				}
			})
		})
	}
}

func TestSocketNeedsItsProof(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server, m *Memory) {
		r := newRaw(t, s, m.Dial, "mot-cua")
		other := newRaw(t, s, m.Dial, "mot-cua")
		client, nonce := r.challenge()
		refused := func(name string, status int, client, nonce []byte, change func(http.Header)) {
			t.Helper()
			ws, got, err := r.open(client, nonce, change)
			if err == nil {
				ws.Close()
			}
			if got != status {
				t.Errorf("%s: status %d, want %d", name, got, status)
			}
		}
		auth := func(key *raw, kiosk string, client, nonce []byte) func(http.Header) {
			return func(h http.Header) {
				h.Set("Authorization", wire.Authorization(kiosk, client, nonce, wire.Sign(key.key, wire.ContextKiosk, wire.KioskProof(kiosk, client, nonce))))
			}
		}
		refused("no proof", 401, client, nonce, func(h http.Header) { h.Del("Authorization") })
		refused("half a proof", 401, client, nonce, func(h http.Header) { h.Set("Authorization", `Motcua kiosk="k"`) })
		refused("another's key", 401, client, nonce, auth(other, r.kiosk, client, nonce))
		refused("another's nonce", 409, client, nonce, auth(other, other.kiosk, client, nonce))
		refused("an invented nonce", 409, client, noise(32), nil2)
		refused("another client nonce", 409, noise(32), nonce, nil2)
		refused("no subprotocol", 422, client, nonce, func(h http.Header) { h.Del("Sec-WebSocket-Protocol") })
		refused("a browser's page", 403, client, nonce, func(h http.Header) { h.Set("Origin", "https://example.vn") })

		client, nonce = r.challenge() // the one before was used up by the page's try
		ws, _, err := r.open(client, nonce)
		if err != nil {
			t.Fatal(err)
		}
		defer ws.Close()
		refused("a proof replayed", 409, client, nonce, nil2)

		client, nonce = r.challenge()
		time.Sleep(wire.ChallengeLife)
		refused("a proof too late", 409, client, nonce, nil2)
	})
}

func nil2(http.Header) {}

// A hello that was long on its way must not push out the kiosk's next try, nor
// tell the kiosk to stop.
func TestTheNewerSocketWinsWhicheverHelloComesFirst(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server, m *Memory) {
		r := newRaw(t, s, m.Dial, "mot-cua")
		r.greet()
		first := r.ws
		// A slow one opens its socket …
		slow := *r
		slow.connect()
		// … and the next is quicker.
		r.ws = nil
		r.greet()
		quick := r.ws
		r.ws = first
		if code, _ := r.closed(); code != wire.CloseReplaced {
			t.Errorf("the first was closed with %d", code)
		}
		slow.ws.WriteMessage(websocket.TextMessage, []byte(`{"type":"hello","body":{"version":1,"kiosk":"`+r.kiosk+`"}}`)) // it may be closing already
		if code, _ := slow.closed(); code != wire.CloseReplaced {
			t.Errorf("the late one was closed with %d", code)
		}
		r.ws = quick
		for range 6 { // over several renewals of the lease
			r.send(wire.TClock, wire.TimeRequest{Sent: 1})
			r.read(wire.TTime, nil)
			time.Sleep(30 * time.Second)
		}
		if n := s.hub.Connected(); n != 1 {
			t.Errorf("%d connected", n)
		}
	})
}

func TestSmallRequestsThatCannotBe(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server, m *Memory) {
		r := newRaw(t, s, m.Dial, "mot-cua")
		for _, path := range []string{wire.PathPair, wire.PathPoll, wire.PathChallenge} {
			for name, c := range map[string]struct {
				body   []byte
				status int
			}{
				"not JSON":      {[]byte("xin chào"), 422},
				"empty":         {nil, 422},
				"wrong types":   {[]byte(`{"nonce":7,"kiosk":[],"ticket":{}}`), 422},
				"17 KiB":        {bytes.Repeat([]byte(" "), wire.MaxRequest+1), 413},
				"nothing right": {[]byte(`{}`), map[string]int{wire.PathPoll: 404}[path]},
			} {
				if c.status == 0 {
					c.status = 422
				}
				status, b := r.post(path, c.body)
				if status != c.status || !bytes.Contains(b, []byte(`"vi":"`)) || !bytes.Contains(b, []byte(`"en":"`)) {
					t.Errorf("%s %s: %d %s", path, name, status, b)
				}
			}
		}
	})
}

// Bodies that trickle must not hold a connection.
func TestTricklingBodyIsEnded(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server, m *Memory) {
		c, err := m.Dial(t.Context(), "", "")
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _, err := c.Write([]byte("POST " + wire.PathPair + " HTTP/1.1\r\nHost: server\r\nContent-Length: 1000\r\n\r\n{")); err != nil {
			t.Fatal(err)
		}
		begun := time.Now()
		buf := make([]byte, 4096)
		for {
			if _, err := c.Read(buf); err != nil {
				break
			}
		}
		if d := time.Since(begun); d > 11*time.Second {
			t.Errorf("held for %v", d)
		}
	})
}
