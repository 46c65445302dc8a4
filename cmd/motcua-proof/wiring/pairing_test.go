package wiring

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"motcua/kiosk/link"
	"motcua/kiosk/vault"
	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/wire"
)

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
