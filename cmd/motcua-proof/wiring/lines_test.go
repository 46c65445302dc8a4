package wiring

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"motcua/slides/wire"
)

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
