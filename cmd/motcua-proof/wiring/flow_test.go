package wiring

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"motcua/server/hub"
	"motcua/slides"
	"motcua/slides/wire"
)

// A kiosk that does not read: what waits for it is bounded, and it is closed
// with the code that says so.
func TestSlowKioskIsClosedAtTheThirtyThirdFrame(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		m := NewMemory(256) // a socket whose buffers are full soon
		s := startServer(t, dir, m)
		s.furnish()
		r := newRaw(t, s, m.Dial, "mot-cua")
		r.greet()
		synctest.Wait()
		// The manifest fills the pipe: nothing more gets through.
		ask := func(n int) {
			for i := range n {
				r.send(wire.TClock, wire.TimeRequest{Sent: slides.Millis(i)})
				synctest.Wait()
			}
		}
		ask(wire.MaxCommands)
		if n := s.count("motcua_connections_closed_total"); n != 0 {
			t.Fatalf("closed with %d frames waiting", wire.MaxCommands)
		}
		ask(1)
		if n := s.count("motcua_connections_closed_total", "reason=slow"); n != 1 {
			t.Fatalf("not closed with %d frames waiting", wire.MaxCommands+1)
		}
		begun := time.Now()
		if code, _ := r.closed(); code != wire.CloseSlow {
			t.Errorf("closed with %d", code)
		}
		if d := time.Since(begun); d > wire.CloseWithin {
			t.Errorf("the close frame took %v", d)
		}
	})
}

// Thirty-two commands wait for a kiosk that reads slowly: with the welcome they are
// more than the line holds, and no reason to close it.
func TestCommandsThatWaitDoNotOverflowTheLine(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		m := NewMemory(256)
		s := startServer(t, dir, m)
		s.furnish()
		r := newRaw(t, s, m.Dial, "mot-cua")
		for range wire.MaxCommands {
			if _, err := s.store.AddCommand(context.Background(), staff, r.kiosk, wire.Reload, time.Hour); err != nil {
				t.Fatal(err)
			}
		}
		r.connect()
		r.send(wire.THello, wire.Hello{Version: wire.Version, Kiosk: r.kiosk})
		synctest.Wait()
		for range wire.MaxCommands {
			r.read(wire.TCommand, nil)
		}
		r.send(wire.TClock, wire.TimeRequest{})
		r.read(wire.TTime, nil)
	})
}

// … and if it never reads, the socket is closed all the same.
func TestDeafKioskIsDropped(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		m := NewMemory(256)
		s := startServer(t, dir, m)
		s.furnish()
		r := newRaw(t, s, m.Dial, "mot-cua")
		r.greet()
		synctest.Wait()
		time.Sleep(wire.WriteWithin + time.Second)
		if n := s.hub.Connected(); n != 0 {
			t.Errorf("still connected after a write stuck for %v", wire.WriteWithin)
		}
		if n := s.count("motcua_connections_closed_total", "reason=unwritable"); n != 1 {
			t.Errorf("counted %v times", n)
		}
		if st := s.kiosk(r.kiosk); st.Online {
			t.Error("staff see it online")
		}
	})
}

// State collapses to the newest: who was slow gets one manifest, not six.
func TestManifestsCollapseToTheNewest(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		m := NewMemory(256)
		s := startServer(t, dir, m)
		s.furnish()
		r := newRaw(t, s, m.Dial, "mot-cua")
		r.greet()
		synctest.Wait() // the first one is stuck in the pipe
		var last int64
		for i := range 6 {
			last = s.publish(fmt.Sprintf("Khẩu hiệu %d", i), false).Revision
			synctest.Wait()
			time.Sleep(100 * time.Millisecond)
		}
		var seen []int64
		for {
			e, err := r.next()
			if err != nil {
				t.Fatal(err)
			}
			if e.Type == wire.TManifest {
				p, err := slides.ParseManifest(e.Signed)
				if err != nil {
					t.Fatal(err)
				}
				if seen = append(seen, p.Revision); p.Revision == last {
					break
				}
			}
		}
		if len(seen) != 2 {
			t.Errorf("came: %v; want the one that was being written and the newest (%d)", seen, last)
		}
	})
}

func TestTooManyFrames(t *testing.T) {
	for name, send := range map[string]func(*websocket.Conn) error{
		"clocks": func(ws *websocket.Conn) error {
			b, _ := wire.Plain(wire.TClock, wire.TimeRequest{})
			return ws.WriteMessage(websocket.TextMessage, b)
		},
		"unknown types": func(ws *websocket.Conn) error {
			return ws.WriteMessage(websocket.TextMessage, []byte(`{"type":"weather"}`))
		},
		"pings": func(ws *websocket.Conn) error {
			return ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(time.Second))
		},
		"pongs": func(ws *websocket.Conn) error {
			return ws.WriteControl(websocket.PongMessage, nil, time.Now().Add(time.Second))
		},
		"bad ratings": func(ws *websocket.Conn) error {
			return ws.WriteMessage(websocket.TextMessage, []byte(`{"type":"ratings","body":{}}`))
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *server, m *Memory) {
				r := newRaw(t, s, m.Dial, "mot-cua")
				r.greet()
				over, ws := make(chan struct{}), r.ws
				go func() {
					defer close(over)
					for range 2000 {
						if send(ws) != nil {
							return
						}
					}
				}()
				// Where each is answered, the answers may wait first.
				answered := name == "clocks" || name == "unknown types" || name == "bad ratings"
				if code, _ := r.closed(); code != wire.CloseTooMany && !(answered && code == wire.CloseSlow) {
					t.Errorf("closed with %d", code)
				}
				r.hang()
				<-over
			})
		})
	}
}

func TestTooManyFramesOfOneThatReads(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server, m *Memory) {
		r := newRaw(t, s, m.Dial, "mot-cua")
		r.greet()
		r.read(wire.TManifest, nil)
		for n := range 1000 {
			r.send(wire.TClock, wire.TimeRequest{Sent: 7})
			e, err := r.next()
			if err == nil && e.Type == wire.TTime {
				continue
			}
			if c, ok := errors.AsType[*websocket.CloseError](err); !ok || c.Code != wire.CloseTooMany || n < 300 {
				t.Errorf("after %d frames: %v", n, err)
			}
			return
		}
		t.Error("a thousand frames in no time were taken")
	})
}

// A backlog of months, sent as fast as the server takes it, is no flood.
func TestBacklogIsNoFlood(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server, m *Memory) {
		r := newRaw(t, s, m.Dial, "mot-cua")
		r.greet()
		for i := range 600 {
			r.send(wire.TRatings, r.batch(1))
			var a wire.Ack
			r.read(wire.TAck, &a)
			if a.Seq != uint64(i+1) || a.Hash != r.hash || a.Chain != r.chain {
				t.Fatalf("ack %+v of record %d", a, i+1)
			}
		}
	})
}

// Bodies and blobs go by the token of the pairing; after unpairing nothing does.
func TestUnpairedKioskIsOutAtOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server, m *Memory) {
		r := newRaw(t, s, m.Dial, "mot-cua")
		r.greet()
		e, err := r.next()
		if err != nil || e.Type != wire.TManifest {
			t.Fatalf("%v %v", e, err)
		}
		p, err := slides.ParseManifest(e.Signed)
		if err != nil {
			t.Fatal(err)
		}
		blob := p.Blobs[0]
		status, h, b := r.get(blob.SHA, r.welcome.Token, "")
		if status != 200 || slides.Sum(b) != blob.SHA || h.Get("ETag") != `"`+blob.SHA+`"` || !strings.Contains(h.Get("Cache-Control"), "immutable") {
			t.Fatalf("blob: %d %v", status, h)
		}
		if status, h, b := r.get(blob.SHA, r.welcome.Token, "bytes=5-9"); status != 206 || len(b) != 5 || h.Get("Content-Range") != fmt.Sprintf("bytes 5-9/%d", blob.Size) {
			t.Errorf("range: %d %v %q", status, h, b)
		}
		other := newRaw(t, s, m.Dial, "mot-cua")
		for name, token := range map[string]string{
			"none": "", "noise": "xxxx", "altered": flip(r.welcome.Token), "of nobody": strings.Repeat("A", 80),
		} {
			if status, _, _ := r.get(blob.SHA, token, ""); status != 401 {
				t.Errorf("token %s: %d", name, status)
			}
		}
		if status, _, _ := r.get(strings.Repeat("0", 64), r.welcome.Token, ""); status != 404 {
			t.Errorf("a blob that is not there: %d", status)
		}
		if status, _, _ := r.get("..%2f..%2fmotcua.sqlite", r.welcome.Token, ""); status != 404 {
			t.Errorf("a blob that is no blob: %d", status)
		}
		if err := s.store.Unpair(context.Background(), staff, r.kiosk); err != nil {
			t.Fatal(err)
		}
		if code, _ := r.closed(); code != wire.CloseUnpaired {
			t.Errorf("closed with %d", code)
		}
		if status, _, _ := r.get(blob.SHA, r.welcome.Token, ""); status != 401 {
			t.Errorf("the token still works: %d", status)
		}
		client, nonce := r.challenge()
		if _, status, _ := r.open(client, nonce); status != 401 {
			t.Errorf("the key still opens a socket: %d", status)
		}
		other.greet() // the others are not concerned
	})
}

func flip(s string) string {
	b := []byte(s)
	b[len(b)/2] ^= 1
	return string(b)
}

// A full server says so, and forgets who has left.
func TestFullServerTurnsAwayUntilThereIsRoom(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		m := NewMemory(0)
		s := startServer(t, dir, m, func(o *hub.Options) { o.MaxKiosks = 2 })
		s.furnish()
		a, b, c := newRaw(t, s, m.Dial, "mot-cua"), newRaw(t, s, m.Dial, "mot-cua"), newRaw(t, s, m.Dial, "mot-cua")
		a.greet()
		b.connect()
		client, nonce := c.challenge()
		if _, status, _ := c.open(client, nonce); status != http.StatusServiceUnavailable {
			t.Errorf("a third one: %d", status)
		}
		b.hang()
		synctest.Wait()
		c.greet()
	})
}
