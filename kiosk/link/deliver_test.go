package link

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"motcua/slides"
	"motcua/slides/chain"
	"motcua/slides/wire"
)

// Only an acknowledgement for this connection, of what the kiosk has there, counts.
func TestAcknowledgementsThatDoNotCount(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*wire.Ack)
		counts bool
	}{
		"as it should be":    {func(*wire.Ack) {}, true},
		"another connection": {func(a *wire.Ack) { a.Nonce = random(32) }, false},
		"another kiosk":      {func(a *wire.Ack) { a.Kiosk = "k2" }, false},
		"another hash":       {func(a *wire.Ack) { a.Hash[0] ^= 1 }, false},
		"another chain":      {func(a *wire.Ack) { a.Chain[0] ^= 1 }, false},
		"beyond the end":     {func(a *wire.Ack) { a.Seq += 5 }, false},
	} {
		t.Run(name, func(t *testing.T) {
			with(t, func(t *testing.T, p *peer, s *screen) {
				p.serve = func(l *line) {
					var b wire.Ratings
					e := l.until(wire.TRatings)
					if e == nil || e.Read(&b) != nil {
						return
					}
					h, _ := chain.ParseHead(b.Head.Bytes)
					a := wire.Ack{Kiosk: kioskID, Nonce: l.nonce, Chain: b.Chain, Seq: h.Seq, Hash: h.Hash}
					c.change(&a)
					l.sign(wire.TAck, a)
				}
				s.rate(3)
				s.start()
				time.Sleep(time.Second)
				synctest.Wait()
				if counted := s.vault.Status().Pending == 0; counted != c.counts {
					t.Errorf("%d pending", s.vault.Status().Pending)
				}
			})
		})
	}
}

// An older acknowledgement that comes late does not turn the outbox back.
func TestLateAcknowledgementDoesNotTurnBack(t *testing.T) {
	with(t, func(t *testing.T, p *peer, s *screen) {
		p.serve = func(l *line) {
			var b wire.Ratings
			e := l.until(wire.TRatings)
			if e == nil || e.Read(&b) != nil {
				return
			}
			h, _ := chain.ParseHead(b.Head.Bytes)
			l.ack(b, h.Seq, h.Hash)
			l.ack(b, 1, chain.HashOf(b.Records[0].Header))
			l.ack(b, 0, chain.Hash{})
		}
		s.rate(5)
		s.start()
		time.Sleep(time.Second)
		synctest.Wait()
		if n := s.vault.Status().Pending; n != 0 {
			t.Errorf("%d pending again", n)
		}
	})
}

// A batch that is refused is tried again, ever less often, without a new rating;
// an error about something else is not a refusal; other chains go on.
func TestRefusedBatchIsTriedAgain(t *testing.T) {
	with(t, func(t *testing.T, p *peer, s *screen) {
		var tries []time.Time
		p.serve = func(l *line) {
			for {
				e := l.until(wire.TRatings)
				var b wire.Ratings
				if e == nil || e.Read(&b) != nil {
					return
				}
				tries = append(tries, time.Now())
				if len(tries) == 8 {
					h, _ := chain.ParseHead(b.Head.Bytes)
					l.ack(b, h.Seq, h.Hash)
					continue
				}
				l.plain(wire.TError, wire.Problem{Of: wire.TRatings, Kind: slides.Throttled, Vi: "Bận.", En: "Busy."})
			}
		}
		s.rate(3)
		s.start()
		time.Sleep(30 * time.Minute)
		synctest.Wait()
		if len(tries) != 8 || s.vault.Status().Pending != 0 {
			t.Fatalf("%d tries, %d pending", len(tries), s.vault.Status().Pending)
		}
		for i := 2; i < len(tries); i++ {
			if d, before := tries[i].Sub(tries[i-1]), tries[i-1].Sub(tries[i-2]); d < before*3/4 || d < holdBase {
				t.Errorf("try %d after %v, the one before after %v", i, d, before)
			}
		}
		if s.last() != Connected || p.dialled() != 1 {
			t.Errorf("%d connections", p.dialled())
		}
	})
}

// A problem with something else is not the batch's.
func TestProblemOfAnotherFrameIsNoRefusal(t *testing.T) {
	with(t, func(t *testing.T, p *peer, s *screen) {
		sent := 0
		p.serve = func(l *line) {
			for {
				e := l.until(wire.TRatings)
				var b wire.Ratings
				if e == nil || e.Read(&b) != nil {
					return
				}
				sent++
				h, _ := chain.ParseHead(b.Head.Bytes)
				for _, of := range []wire.Type{wire.THealth, wire.TScreenshot, "", wire.TPlays} {
					l.plain(wire.TError, wire.Problem{Of: of, Kind: slides.Denied, Vi: "x", En: "x"})
				}
				go func() {
					time.Sleep(ackWithin / 2)
					l.ack(b, h.Seq, h.Hash)
				}()
			}
		}
		s.rate(3)
		s.start()
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if sent != 1 || s.vault.Status().Pending != 0 {
			t.Errorf("sent %d times, %d pending", sent, s.vault.Status().Pending)
		}
	})
}

// A server that never answers a batch is left, and the batch sent again.
func TestUnansweredBatch(t *testing.T) {
	with(t, func(t *testing.T, p *peer, s *screen) {
		p.serve = func(l *line) {
			if l.n > 1 {
				l.keep()
			}
		}
		s.rate(3)
		s.start()
		time.Sleep(ackWithin - time.Second)
		if p.dialled() != 1 {
			t.Error("left too soon")
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if p.dialled() != 2 || s.vault.Status().Pending != 0 {
			t.Errorf("%d connections, %d pending", p.dialled(), s.vault.Status().Pending)
		}
	})
}

// Plays are delivered once, beside ratings that do not wait for them.
func TestPlays(t *testing.T) {
	with(t, func(t *testing.T, p *peer, s *screen) {
		for i := range wire.MaxPlays + 10 {
			if err := s.vault.Plays().Add(wire.Play{Slide: "s", From: slides.Millis(i), Until: slides.Millis(i + 1)}); err != nil {
				t.Fatal(err)
			}
		}
		var sizes []int
		var ratingsAt time.Duration
		begun := time.Now()
		p.serve = func(l *line) {
			for {
				e, err := l.next()
				if err != nil {
					return
				}
				switch e.Type {
				case wire.TPlays:
					var v wire.Plays
					if err := e.Read(&v); err != nil {
						t.Error(err)
					}
					sizes = append(sizes, len(v.Plays))
					switch len(sizes) {
					case 1: // unanswered
					case 2:
						l.plain(wire.TError, wire.Problem{Of: wire.TPlays, Kind: slides.Broken, Vi: "x", En: "x"})
					default:
						l.plain(wire.TDone, wire.Done{ID: "plays", OK: true, Seq: v.Plays[len(v.Plays)-1].ID})
					}
				case wire.TRatings:
					var b wire.Ratings
					if err := e.Read(&b); err != nil {
						t.Error(err)
					}
					h, _ := chain.ParseHead(b.Head.Bytes)
					l.ack(b, h.Seq, h.Hash)
					ratingsAt = time.Since(begun)
				}
			}
		}
		s.start()
		time.Sleep(30 * time.Second) // the first plays are waiting for an answer
		s.rate(1)
		time.Sleep(time.Second)
		synctest.Wait()
		if ratingsAt > 31*time.Second || s.vault.Status().Pending != 0 {
			t.Errorf("the rating waited until %v", ratingsAt)
		}
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if want := []int{wire.MaxPlays, wire.MaxPlays, wire.MaxPlays, 10}; !slices.Equal(sizes, want) {
			t.Errorf("sent %v, want %v", sizes, want)
		}
	})
}

// A chain that this server does not know is kept and said, not sent.
func TestUnknownChainIsKept(t *testing.T) {
	with(t, func(t *testing.T, p *peer, s *screen) {
		sent := 0
		p.welcome = func(w *wire.Welcome) { w.Chains = nil }
		p.serve = func(l *line) {
			for l.until(wire.TRatings) != nil {
				sent++
			}
		}
		s.rate(3)
		s.start()
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if sent > 0 || s.vault.Status().Pending != 3 || !s.hasFault("chain: ") {
			t.Errorf("sent %d, %d pending, faults %q", sent, s.vault.Status().Pending, s.faults)
		}
	})
}
