package hub

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"motcua/server/store"
	domain "motcua/slides"
	"motcua/slides/wire"
)

func TestNonceServesOnceAndInTime(t *testing.T) {
	now := time.Date(2026, 3, 8, 3, 0, 0, 0, time.UTC)
	c := newChallenges(30*time.Second, func() time.Time { return now })
	client := bytes.Repeat([]byte{1}, 32)
	n := c.make("k1", client)
	for name, ok := range map[string]bool{
		"another kiosk":  c.redeem("k2", client, n),
		"another client": c.redeem("k1", bytes.Repeat([]byte{2}, 32), n),
		"short":          c.redeem("k1", client, n[:31]),
		"empty":          c.redeem("k1", client, nil),
		"moved bytes":    c.redeem("k1\x00", client[1:], n),
	} {
		if ok {
			t.Errorf("%s passed", name)
		}
	}
	for i := range n {
		bad := bytes.Clone(n)
		bad[i] ^= 1
		if c.redeem("k1", client, bad) {
			t.Errorf("byte %d altered and it passed", i)
		}
	}
	if !c.redeem("k1", client, n) || c.redeem("k1", client, n) {
		t.Error("it did not serve exactly once")
	}
	other := newChallenges(30*time.Second, func() time.Time { return now })
	if other.ours("k1", client, c.make("k1", client)) {
		t.Error("another process took it")
	}
	late := c.make("k1", client)
	now = now.Add(30 * time.Second)
	if c.redeem("k1", client, late) {
		t.Error("it passed at the end of its life")
	}
	// Those that have served are forgotten once they can't serve again.
	for range 100 {
		if !c.redeem("k1", client, c.make("k1", client)) {
			t.Fatal("a good one was refused")
		}
	}
	now = now.Add(2 * time.Minute)
	c.redeem("k1", client, c.make("k1", client))
	if len(c.used) != 1 {
		t.Errorf("%d remembered", len(c.used))
	}
}

func TestNonceUnderManyHands(t *testing.T) {
	c := newChallenges(time.Minute, time.Now)
	client := make([]byte, 32)
	n := c.make("k1", client)
	var wg sync.WaitGroup
	var mu sync.Mutex
	served := 0
	for range 50 {
		wg.Go(func() {
			if c.redeem("k1", client, n) {
				mu.Lock()
				served++
				mu.Unlock()
			}
		})
	}
	if wg.Wait(); served != 1 {
		t.Errorf("served %d times", served)
	}
}

func TestTokenOpensOnlyAsItWasMade(t *testing.T) {
	h := office(t)
	d := pairDevice(t, h)
	pub := d.key.Public().(ed25519.PublicKey)
	ask := func(token string) error {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Authorization", "Bearer "+token)
		return h.bearer(r)
	}
	good := h.token(d.ID, pub)
	if err := ask(good); err != nil {
		t.Fatal(err)
	}
	raw, err := base64.RawURLEncoding.DecodeString(good)
	if err != nil {
		t.Fatal(err)
	}
	for i := range raw {
		bad := bytes.Clone(raw)
		bad[i] ^= 1
		if err := ask(base64.RawURLEncoding.EncodeToString(bad)); domain.KindOf(err) != domain.Denied {
			t.Fatalf("byte %d altered: %v", i, err)
		}
	}
	other := pairDevice(t, h)
	if err := ask(h.token(d.ID, other.key.Public().(ed25519.PublicKey))); domain.KindOf(err) != domain.Denied {
		t.Errorf("with another's key: %v", err)
	}
	if err := ask(h.token("k-nobody", pub)); domain.KindOf(err) != domain.Denied {
		t.Errorf("of nobody: %v", err)
	}
	for _, bad := range []string{"", "=", good + "A", good[:len(good)-1]} {
		if err := ask(bad); domain.KindOf(err) != domain.Denied {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if err := h.store.Unpair(context.Background(), staff, d.ID); err != nil {
		t.Fatal(err)
	}
	if err := ask(good); domain.KindOf(err) != domain.Denied {
		t.Errorf("after unpairing: %v", err)
	}
}

func FuzzBearer(f *testing.F) {
	h := office(f)
	d := pairDevice(f, h)
	good := h.token(d.ID, d.key.Public().(ed25519.PublicKey))
	f.Add("Bearer " + good)
	f.Add("Bearer ")
	f.Fuzz(func(t *testing.T, header string) {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Authorization", header)
		if err := h.bearer(r); err == nil && header != "Bearer "+good {
			t.Fatalf("%q passed", header)
		}
	})
}

// The line's bound, the state's slot and the order, without a socket.
func TestLineAndSlot(t *testing.T) {
	c := &conn{ws: deadSocket(), metrics: NewMetrics(nil), offered: -1, gone: make(chan struct{}), writing: true}
	for i := range wire.MaxCommands {
		if !c.send([]byte{byte(i)}) {
			t.Fatalf("frame %d was refused", i)
		}
	}
	for r := range int64(5) {
		c.offer(&push{revision: r})
	}
	c.offer(&push{revision: 2}) // the answer to a hello that lost its race
	if c.state.revision != 4 {
		t.Errorf("revision %d is in the slot", c.state.revision)
	}
	if c.has(3) || !c.has(4) {
		t.Error("an older revision passes for current")
	}
	if c.send([]byte{99}) || !c.ending || len(c.line) != 0 || c.state != nil {
		t.Error("the frame too many did not end it")
	}
	if c.bye == nil || int(c.bye[0])<<8|int(c.bye[1]) != wire.CloseSlow {
		t.Errorf("closed with %x", c.bye)
	}
	if c.send(nil) || c.await(nil) {
		t.Error("a frame was taken after the end")
	}
	c.close(wire.CloseUnpaired, 0)
	if int(c.bye[0])<<8|int(c.bye[1]) != wire.CloseSlow {
		t.Error("the first reason did not stay")
	}
}

// A change is acted on until that works, once for all that ask for the same, and
// those behind it do not wait for it.
func TestChangesAreTriedUntilDone(t *testing.T) {
	var l tasks
	for _, c := range []store.Change{
		{Seq: 1, Kind: store.ManifestChanged, Class: "a", Ref: "m1"},
		{Seq: 2, Kind: store.ManifestChanged, Class: "a", Ref: "m2"},
		{Seq: 3, Kind: store.KioskChanged, Kiosk: "k"},
		{Seq: 4, Kind: store.SessionTaken, Kiosk: "k", Ref: "c1"},
		{Seq: 5, Kind: store.SessionTaken, Kiosk: "k", Ref: "c2"},
		{Seq: 6, Kind: store.ManifestChanged, Class: "b"},
	} {
		l.add(c)
	}
	var done []string
	busy := true
	act := func(t task) error {
		if busy && t.kind != store.KioskChanged {
			return errors.New("the database is busy")
		}
		done = append(done, string(t.kind)+" "+t.class+t.kiosk+t.ref)
		return nil
	}
	l.work(act)
	if len(done) != 1 || len(l.list) != 4 {
		t.Fatalf("done %v, left %v", done, l.list)
	}
	l.add(store.Change{Seq: 7, Kind: store.ManifestChanged, Class: "a"})
	busy = false
	l.work(act)
	l.work(act)
	if want := []string{"kiosk k", "manifest a", "session kc1", "session kc2", "manifest b"}; !slices.Equal(done, want) {
		t.Errorf("done %q, want %q", done, want)
	}
}
