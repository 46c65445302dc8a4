package wiring

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"motcua/kiosk/link"
	"motcua/kiosk/vault"
	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/wire"
)

// A copied disk is a second screen of one identity: the newest is kept, the
// other stops and says why, and staff see it.
func TestCopiedDisk(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server, m *Memory) {
		a := newKiosk(t, m.Dial)
		id := a.pair(s, "", "mot-cua")
		a.start()
		a.await("the manifest", func() bool { return a.shows(s) })
		b := &kiosk{t: t, disk: a.disk.Clone(), changed: make(chan struct{}, 1)}
		b.open(m.Dial)
		t.Cleanup(func() { b.stop(); b.close() })
		b.start()
		a.await("the older to stop", func() bool { return a.is(link.Stopped) })
		if err := <-a.ended; err == nil || slides.Sentence(err, "vi") == "" || link.IsUnpaired(err) {
			t.Errorf("it ended with %v", err)
		}
		a.ended <- nil // for stop
		b.await("the newer", func() bool { return b.is(link.Connected) })
		time.Sleep(10 * time.Minute)
		if !b.is(link.Connected) {
			t.Errorf("the newer went through %v", b.states)
		}
		if n := s.count("motcua_connections_closed_total", "reason=replaced"); n != 1 {
			t.Errorf("counted %v times", n)
		}
		if st := s.kiosk(id.Kiosk); st.Replaced != 1 || !st.Online {
			t.Errorf("staff see %d times, online %v", st.Replaced, st.Online)
		}
		// The stopped one still takes ratings.
		a.rate(1)
		if a.vault.Status().Pending != 1 {
			t.Error("the rating of the stopped screen is not kept")
		}
	})
}

// Two servers over one database: the newest connection wins across them.
func TestSecondServerTakesTheKiosk(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		m1, m2 := NewMemory(0), NewMemory(0)
		s1 := startServer(t, dir, m1)
		s1.furnish()
		startServer(t, dir, m2)
		r := newRaw(t, s1, m1.Dial, "mot-cua")
		r.greet()
		far := *r
		far.ws, far.dial, far.http = nil, m2.Dial, clientOf(m2.Dial)
		far.greet()
		if code, _ := r.closed(); code != wire.CloseReplaced {
			t.Errorf("the first server closed with %d", code)
		}
		// What is done on one server reaches the kiosk on the other.
		r.hang()
		p := s1.publish("Từ máy chủ kia", false)
		for {
			var e *wire.Envelope
			e, err := far.next()
			if err != nil {
				t.Fatal(err)
			}
			if e.Type != wire.TManifest {
				continue
			}
			if got, err := slides.ParseManifest(e.Signed); err != nil {
				t.Fatal(err)
			} else if got.Revision == p.Revision {
				break
			}
		}
		if _, err := s1.store.AddCommand(context.Background(), staff, r.kiosk, wire.Reload, time.Minute); err != nil {
			t.Fatal(err)
		}
		far.read(wire.TCommand, nil)
		far.hang()
	})
}

func TestCommandsAreCarriedOutOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server, m *Memory) {
		ctx := context.Background()
		l := NewLine(m.Dial, 1)
		defer l.Close()
		k := newKiosk(t, l.Dial)
		id := k.pair(s, "", "mot-cua")
		picture := picture(t)
		hold := make(chan struct{})
		k.shot = func(ctx context.Context) ([]byte, error) {
			select {
			case <-hold:
				return picture, nil
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		command := func(v wire.Verb, life time.Duration) wire.Command {
			t.Helper()
			c, err := s.store.AddCommand(ctx, staff, id.Kiosk, v, life)
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		state := func(c wire.Command) string {
			rows, err := s.store.Commands(ctx, id.Kiosk, 100)
			if err != nil {
				t.Fatal(err)
			}
			i := slices.IndexFunc(rows, func(r store.CommandRow) bool { return r.ID == c.ID })
			return rows[i].State
		}
		// Thirty-two wait before it connects: as many as a server keeps.
		var waiting []wire.Command
		for range wire.MaxCommands {
			waiting = append(waiting, command(wire.Reload, time.Hour))
		}
		k.start()
		k.await("all of them", func() bool { return got(k, func() int { return k.reloads }) == len(waiting) })
		for _, c := range waiting {
			k.await("its outcome", func() bool { return state(c) == "done" })
		}
		if n := s.count("motcua_connections_closed_total"); n != 0 {
			t.Errorf("%v connections were closed", n)
		}

		// A screenshot that takes long holds up neither acknowledgements nor content.
		shot := command(wire.TakeScreenshot, time.Hour)
		k.await("its start", func() bool { return state(shot) == "sent" })
		begun := time.Now()
		receipts := []vault.Receipt{k.rate(1)}
		k.await("the rating", k.delivered)
		s.publish("Trong lúc chụp", true)
		k.await("the publication", func() bool { return k.shows(s) })
		if d := time.Since(begun); d > 2*time.Second {
			t.Errorf("they waited %v for a screenshot", d)
		}
		close(hold)
		k.await("the screenshot", func() bool { return state(shot) == "done" })
		if sc, err := s.store.Screenshot(ctx, id.Kiosk); err != nil || sc.Type != "image/png" {
			t.Errorf("%v %v", sc.Type, err)
		}

		// A restart is not done twice, also when its answer was lost.
		restart := command(wire.Restart, time.Hour)
		k.await("the restart", func() bool { return got(k, func() int { return k.restarts }) == 1 })
		k.stop()
		k.close()
		k.open(l.Dial)
		k.start()
		k.await("its outcome", func() bool { return state(restart) == "done" })
		time.Sleep(time.Minute)
		if n := got(k, func() int { return k.restarts }); n != 1 {
			t.Errorf("restarted %d times", n)
		}

		// One that comes too late is not carried out.
		l.Set(Weather{Delay: 20 * time.Second})
		before := got(k, func() int { return k.reloads })
		late := command(wire.Reload, 10*time.Second)
		time.Sleep(5 * time.Minute)
		if n := got(k, func() int { return k.reloads }); n != before || state(late) == "done" {
			t.Errorf("an expired command was carried out (%s)", state(late))
		}
		l.Set(Weather{})
		audit(t, s, id.Kiosk, receipts)
	})
}

func TestClockIsLearnt(t *testing.T) {
	for name, skew := range map[string]time.Duration{"a year behind": 365 * 24 * time.Hour, "a year ahead": -365 * 24 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(2 * 365 * 24 * time.Hour) // so that a year earlier is still this century
				m := NewMemory(0)
				s := startServerAt(t, dir, m, func() time.Time { return time.Now().Add(skew) })
				s.furnish()
				l := NewLine(m.Dial, 1)
				defer l.Close()
				k := newKiosk(t, l.Dial)
				k.pair(s, "", "mot-cua")
				k.start()
				near := func(blur time.Duration) bool {
					return got(k, func() bool { return (k.offset - skew).Abs() <= blur })
				}
				k.await("the time", func() bool { return near(time.Second) })
				if last := k.vault.LastTime(); (time.Until(last.Time()) - skew).Abs() > time.Minute {
					t.Errorf("the vault knows %v", last.Time())
				}
				// A line that becomes slow does not make the clock dance.
				sharp := got(k, func() time.Duration { return k.offset })
				l.Set(Weather{Delay: 300 * time.Millisecond, Jitter: 3 * time.Second})
				time.Sleep(time.Hour)
				if now := got(k, func() time.Duration { return k.offset }); (now - sharp).Abs() > 50*time.Millisecond {
					t.Errorf("the offset went from %v to %v", sharp, now)
				}
				// Nor does a first measure on it mislead by more than half its trip.
				k.stop()
				k.start()
				k.await("the time", func() bool { return near(4 * time.Second) })
			})
		})
	}
}

// A kiosk that moves to another office gets that office's content, and its name,
// while it is connected.
func TestKioskMovesToAnotherOffice(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server, m *Memory) {
		k := newKiosk(t, m.Dial)
		id := k.pair(s, "", "mot-cua")
		k.start()
		k.await("the manifest", func() bool { return k.shows(s) })
		for i, unit := range []string{"so-khac", "mot-cua", "so-khac"} {
			name := "Ki-ốt tầng " + string(rune('1'+i))
			if _, err := s.store.UpdateKiosk(context.Background(), staff, id.Kiosk, store.KioskEdit{Name: name, Unit: unit}); err != nil {
				t.Fatal(err)
			}
			k.await("the content of "+unit, func() bool {
				a := k.vault.Manifests().Active()
				return k.shows(s) && a.UnitID == unit
			})
			k.await("the name", func() bool {
				return got(k, func() bool { return k.settings[len(k.settings)-1].Name == name })
			})
		}
		if f := got(k, func() []string { return k.faults }); len(f) > 0 {
			t.Errorf("faults: %q", f)
		}
		// A start without a server knows its name at once.
		k.stop()
		k.mu.Lock()
		k.settings = nil
		k.mu.Unlock()
		l := NewLine(m.Dial, 1)
		l.Set(Weather{Refuse: true})
		defer l.Close()
		k.close()
		k.open(l.Dial)
		k.start()
		if list := got(k, func() []wire.Settings { return k.settings }); len(list) != 1 || list[0].Name != "Ki-ốt tầng 3" {
			t.Errorf("kept settings: %+v", list)
		}
	})
}

// Unpaired, a kiosk says so, keeps what it has, and after pairing again keeps its
// id, starts a new chain and delivers the old one.
func TestPairingAgain(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server, m *Memory) {
		l := NewLine(m.Dial, 1)
		defer l.Close()
		k := newKiosk(t, l.Dial)
		first := k.pair(s, "", "mot-cua")
		k.start()
		k.await("the manifest", func() bool { return k.shows(s) })
		var receipts []vault.Receipt
		receipts = append(receipts, k.rate(1))
		k.await("delivery", k.delivered)
		l.Set(Weather{Refuse: true})
		l.Cut()
		for n := range 70 {
			receipts = append(receipts, k.rate(n))
		}
		if err := s.store.Unpair(context.Background(), staff, first.Kiosk); err != nil {
			t.Fatal(err)
		}
		l.Set(Weather{})
		k.await("to be told", func() bool { return k.is(link.Unpaired) })
		if err := <-k.ended; !link.IsUnpaired(err) {
			t.Errorf("ended with %v", err)
		}
		k.cancel = nil
		receipts = append(receipts, k.rate(100))
		second := k.pair(s, first.Kiosk, "mot-cua")
		if second.Kiosk != first.Kiosk || second.Chain == first.Chain {
			t.Fatalf("paired again as %s with chain %s", second.Kiosk, second.Chain)
		}
		for n := range 10 {
			receipts = append(receipts, k.rate(n))
		}
		k.start()
		k.await("delivery of both chains", k.delivered)
		audit(t, s, first.Kiosk, receipts)
	})
}

// The power fails after staff have approved and before the kiosk has heard of it.
func TestPowerCutBetweenApprovalAndIdentity(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server, m *Memory) {
		k := newKiosk(t, m.Dial)
		key, err := k.vault.PairingKey()
		if err != nil {
			t.Fatal(err)
		}
		ctx, off := context.WithCancel(context.Background())
		var approved store.Kiosk
		_, err = link.Pair(ctx, k.dialer, key, "", "test", wire.Screen{}, func(o link.Offer) {
			approved = s.approve(o.Code, "", "mot-cua")
			off()
		}, func(error) {})
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		k.close()
		k.open(m.Dial)
		key2, err := k.vault.PairingKey()
		if err != nil || !key2.Equal(key) {
			t.Fatalf("the pairing's key did not outlive the power cut: %v", err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
		defer cancel()
		id, err := link.Pair(ctx, k.dialer, key, "", "test", wire.Screen{}, func(link.Offer) {}, func(err error) { t.Logf("told: %v", err) })
		if err != nil || id.Kiosk != approved.ID {
			t.Fatalf("the approved kiosk did not get its identity: %v", err)
		}
		k.adopt(id)
		k.start()
		k.await("the manifest", func() bool { return k.shows(s) })
	})
}

func TestPairingRefusedAndExpired(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server, m *Memory) {
		ctx := context.Background()
		k := newKiosk(t, m.Dial)
		key, err := k.vault.PairingKey()
		if err != nil {
			t.Fatal(err)
		}
		var codes []string
		var at []time.Time
		var problems []error
		begun := time.Now()
		id, err := link.Pair(ctx, k.dialer, key, "", "test", wire.Screen{W: 1080, H: 1920}, func(o link.Offer) {
			codes, at = append(codes, o.Code), append(at, time.Now())
			switch len(codes) {
			case 1: // nobody comes: it expires
			case 2:
				list, err := s.store.Pairings(ctx)
				if err != nil || len(list) != 1 {
					t.Fatalf("%d wait, %v", len(list), err)
				}
				if err := s.store.RefusePairing(ctx, staff, list[0].ID); err != nil {
					t.Fatal(err)
				}
			default:
				s.approve(o.Code, "", "mot-cua")
			}
		}, func(err error) { problems = append(problems, err) })
		if err != nil {
			t.Fatal(err)
		}
		if len(codes) != 3 || codes[0] == codes[1] || codes[1] == codes[2] {
			t.Fatalf("codes: %v", codes)
		}
		if d := at[1].Sub(begun); d < wire.CodeLife || d > wire.CodeLife+10*time.Second {
			t.Errorf("the first code lived %v", d)
		}
		if d := at[2].Sub(at[1]); d < wire.BackoffMax {
			t.Errorf("asked again %v after staff refused", d)
		}
		if len(problems) != 1 || slides.KindOf(problems[0]) != slides.Denied {
			t.Errorf("told: %v", problems)
		}
		if !ed25519.PublicKey(id.Key).Equal(key.Public().(ed25519.PublicKey)) {
			t.Error("the identity is for another key")
		}
	})
}

// Nobody gets an identity with another's ticket or signature, and no request
// passes whose signature is not the key's.
func TestPairingForgeries(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server, m *Memory) {
		r := newRaw(t, s, m.Dial, "mot-cua")
		_, mine, _ := ed25519.GenerateKey(nil)
		_, theirs, _ := ed25519.GenerateKey(nil)
		request := func(key, signer ed25519.PrivateKey, previous, signed string) wire.PairRequest {
			pub, nonce := key.Public().(ed25519.PublicKey), noise(32)
			return wire.PairRequest{Version: 1, Key: pub, Nonce: nonce, Previous: previous, Sig: wire.Sign(signer, wire.ContextPair, pub, nonce, []byte(signed))}
		}
		for name, q := range map[string]wire.PairRequest{
			"signed by another":       request(mine, theirs, "", ""),
			"a previous added":        request(mine, mine, r.kiosk, ""),
			"signed for another time": func() wire.PairRequest { q := request(mine, mine, "", ""); q.Nonce = noise(32); return q }(),
			"no key":                  {Version: 1, Nonce: noise(32)},
			"a newer protocol":        func() wire.PairRequest { q := request(mine, mine, "", ""); q.Version = 9; return q }(),
			"an id that can't be":     request(mine, mine, "../..", "../.."),
		} {
			if status, b := r.post(wire.PathPair, q); status/100 != 4 {
				t.Errorf("%s: %d %s", name, status, b)
			}
		}
		status, b := r.post(wire.PathPair, request(mine, mine, r.kiosk, r.kiosk))
		var offer wire.PairReply
		if err := json.Unmarshal(b, &offer); status != 201 || err != nil {
			t.Fatalf("%d %s", status, b)
		}
		s.approve(offer.Code, "", "mot-cua")
		for name, q := range map[string]wire.PollRequest{
			"another's signature": {Ticket: offer.Ticket, Sig: wire.Sign(theirs, wire.ContextPoll, []byte(offer.Ticket))},
			"no signature":        {Ticket: offer.Ticket},
			"an invented ticket":  {Ticket: "x" + offer.Ticket, Sig: wire.Sign(mine, wire.ContextPoll, []byte("x"+offer.Ticket))},
		} {
			if status, b := r.post(wire.PathPoll, q); status != 404 {
				t.Errorf("%s: %d %s", name, status, b)
			}
		}
		var p wire.PollReply
		status, b = r.post(wire.PathPoll, wire.PollRequest{Ticket: offer.Ticket, Sig: wire.Sign(mine, wire.ContextPoll, []byte(offer.Ticket))})
		if err := json.Unmarshal(b, &p); status != 200 || err != nil || p.State != wire.PairApproved {
			t.Fatalf("%d %s", status, b)
		}
		var id wire.Identity
		if !wire.Verify(r.server, p.Sig, wire.ContextIdentity, p.Signed) || json.Unmarshal(p.Signed, &id) != nil || id.Kiosk == r.kiosk {
			t.Errorf("identity %s", p.Signed)
		}
	})
}
