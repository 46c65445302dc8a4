package wiring

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
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

// A line that died without a word is noticed by both sides.
func TestHalfOpenLineIsNoticed(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server, m *Memory) {
		l := NewLine(m.Dial, 1)
		defer l.Close()
		k := newKiosk(t, l.Dial)
		k.pair(s, "", "mot-cua")
		k.start()
		k.await("the manifest", func() bool { return k.shows(s) })
		time.Sleep(10 * time.Minute)
		if opened, _ := l.Counts(); opened > 6 || !k.is("connected") {
			t.Fatalf("an idle line did not last: %d connections, %v", opened, k.states)
		}
		l.Freeze()
		begun := time.Now()
		await(t, "the server to notice", nil, func() bool { return s.hub.Connected() == 0 }, func() string { return "" })
		if d := time.Since(begun); d > wire.ReadDeadline+wire.CloseWithin {
			t.Errorf("the server noticed after %v", d)
		}
		k.await("the kiosk to notice", func() bool { return k.is("offline") })
		if d := time.Since(begun); d > wire.ReadDeadline+wire.CloseWithin+wire.PingMax {
			t.Errorf("the kiosk noticed after %v", d)
		}
		l.Thaw()
		k.await("the next connection", func() bool { return k.is("connected") })
	})
}

// A kiosk that has nothing to say but answers pings stays connected.
func TestPongsKeepALineOpen(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server, m *Memory) {
		r := newRaw(t, s, m.Dial, "mot-cua")
		r.greet()
		begun := time.Now()
		pings := 0
		pong := r.ws.PingHandler()
		r.ws.SetPingHandler(func(data string) error {
			pings++
			if time.Since(begun) > time.Hour {
				return r.ws.Close()
			}
			return errors.Join(r.ws.SetReadDeadline(time.Now().Add(5*time.Minute)), pong(data))
		})
		for {
			if _, err := r.next(); err != nil {
				break
			}
		}
		if d := time.Since(begun); d < time.Hour || pings < 60 || pings > 150 {
			t.Errorf("it lasted %v with %d pings", d, pings)
		}
	})
}

// A stopped server asks its kiosks to come back, spread; the next one meets them
// all, once each.
func TestRestartedServerMeetsItsKiosksSpread(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		m := NewMemory(0)
		way := &switchable{to: m.Dial}
		s := startServer(t, dir, m)
		s.furnish()
		const n = 25
		var all []*kiosk
		for range n {
			k := newKiosk(t, way.dial)
			k.pair(s, "", "mot-cua")
			k.start()
			all = append(all, k)
		}
		for _, k := range all {
			k.await("the manifest", func() bool { return k.shows(s) })
		}
		opening := newRaw(t, s, m.Dial, "mot-cua")
		opening.connect() // has not said hello
		begun := time.Now()
		s.stop()
		if d := time.Since(begun); d > 5*time.Second {
			t.Errorf("the server took %v to stop", d)
		}
		if code, reason := opening.closed(); code != wire.CloseGoingAway || !strings.Contains(reason, "retry_ms") {
			t.Errorf("one without a hello was closed with %d %q", code, reason)
		}
		m2 := NewMemory(0)
		way.set(m2.Dial)
		startServer(t, dir, m2)
		took := map[time.Duration]int{}
		for _, k := range all {
			k.await("the way back", func() bool { return k.is("connected") })
			back := got(k, func() time.Duration { return k.last.Sub(begun) })
			took[back.Truncate(100*time.Millisecond)]++
			if back > 30*time.Second {
				t.Errorf("one came back after %v", back)
			}
			if f := got(k, func() []string { return k.faults }); len(f) > 0 {
				t.Errorf("faults: %q", f)
			}
		}
		if len(took) < n/3 {
			t.Errorf("they came back together: %v", took)
		}
	})
}

// switchable is a way whose far end can be replaced.
type switchable struct {
	mu sync.Mutex
	to Dial // guarded by mu
}

func (w *switchable) set(to Dial) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.to = to
}

func (w *switchable) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	w.mu.Lock()
	to := w.to
	w.mu.Unlock()
	return to(ctx, network, addr)
}

// While nobody answers the kiosk tries ever less often, never in step, and at
// once again after a good connection broke.
func TestBackoffGrowsAndResets(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server, m *Memory) {
		l := NewLine(m.Dial, 1)
		defer l.Close()
		var mu sync.Mutex
		var dials []time.Time
		k := newKiosk(t, func(ctx context.Context, network, addr string) (net.Conn, error) {
			mu.Lock()
			dials = append(dials, time.Now())
			mu.Unlock()
			return l.Dial(ctx, network, addr)
		})
		k.pair(s, "", "mot-cua")
		l.Set(Weather{Refuse: true})
		k.start()
		time.Sleep(5 * time.Minute) // the tries are far apart by now
		l.Set(Weather{})
		k.await("the manifest", func() bool { return k.shows(s) })
		time.Sleep(2 * wire.HealthyAfter)
		l.Set(Weather{Refuse: true})
		l.Cut()
		cut := time.Now()
		mu.Lock()
		dials = nil
		mu.Unlock()
		time.Sleep(30 * time.Minute)
		mu.Lock()
		defer mu.Unlock()
		first := dials[0].Sub(cut)
		if first > wire.BackoffBase+time.Millisecond {
			t.Errorf("after a healthy connection the first try came after %v", first)
		}
		// Full jitter up to 30 s: one in 15 s on average, 120 in half an hour.
		if len(dials) < 80 || len(dials) > 200 {
			t.Errorf("%d tries in half an hour", len(dials))
		}
		for i := 1; i < len(dials); i++ {
			if d := dials[i].Sub(dials[i-1]); d > wire.BackoffMax+time.Second {
				t.Errorf("waited %v", d)
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
