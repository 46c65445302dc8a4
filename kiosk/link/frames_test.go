package link

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"motcua/slides"
	"motcua/slides/chain"
	"motcua/slides/wire"
)

func TestSettings(t *testing.T) {
	at := func(epoch string, issued slides.Millis, name, class string) wire.Settings {
		return wire.Settings{Kiosk: kioskID, Epoch: epoch, Class: class, Name: name, Issued: issued, Lang: "vi"}
	}
	with(t, func(t *testing.T, p *peer, s *screen) {
		other := at("e1", 99, "của ki-ốt khác", "c1")
		other.Kiosk = "k2"
		p.serve = func(l *line) {
			switch l.n {
			case 1:
				for _, v := range []wire.Settings{
					at("e1", 10, "mười", "c1"), at("e1", 9, "chín, phát lại", "c9"), other, at("e0", 50, "kỷ nguyên khác", "c9"),
					at("e1", 60, "không có lớp", ""), at("e1", 11, "mười một", "c2"),
				} {
					l.sign(wire.TSettings, v)
				}
				l.sign(wire.TManifest, manifest(t, "c2", "e1", 1, slides.AtBoundary)) // of the class just named
				time.Sleep(time.Second)
				l.close(wire.CloseGoingAway, "")
			case 2: // a restored server: another epoch, whose settings are older
				l.sign(wire.TSettings, at("e2", 3, "ba", "c1"))
				l.sign(wire.TSettings, at("e1", 100, "phát lại của kỷ nguyên cũ", "c9"))
			}
		}
		p.welcome = func(w *wire.Welcome) {
			if p.dialled() > 1 {
				w.Epoch = "e2"
			}
		}
		s.start()
		time.Sleep(30 * time.Second)
		synctest.Wait()
		var names []string
		for _, v := range s.settings {
			names = append(names, v.Name)
		}
		if !slices.Equal(names, []string{"mười", "mười một", "ba"}) {
			t.Errorf("taken: %q", names)
		}
		if s.active() != 1 {
			t.Errorf("the manifest of the new class was not taken: %q", s.faults)
		}
		if id, _ := s.vault.Identity(); id.Name != "ba" || id.Epoch != "e2" || id.Class != "c1" {
			t.Errorf("%+v", id)
		}
	})
}

func (p *peer) dialled() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.dials
}

func TestCommands(t *testing.T) {
	for name, c := range map[string]struct {
		commands []wire.Command
		reloads  int
		outcomes []bool
	}{
		"once":              {[]wire.Command{{Kiosk: kioskID, ID: "a", Verb: wire.Reload, Expires: 1 << 50}}, 1, []bool{true}},
		"twice the same":    {[]wire.Command{{Kiosk: kioskID, ID: "a", Verb: wire.Reload, Expires: 1 << 50}, {Kiosk: kioskID, ID: "a", Verb: wire.Reload, Expires: 1 << 50}}, 1, []bool{true, true}},
		"two":               {[]wire.Command{{Kiosk: kioskID, ID: "a", Verb: wire.Reload, Expires: 1 << 50}, {Kiosk: kioskID, ID: "b", Verb: wire.Reload, Expires: 1 << 50}}, 2, []bool{true, true}},
		"expired":           {[]wire.Command{{Kiosk: kioskID, ID: "a", Verb: wire.Reload, Expires: 1}}, 0, []bool{false}},
		"never expiring":    {[]wire.Command{{Kiosk: kioskID, ID: "a", Verb: wire.Reload}}, 0, []bool{false}},
		"another kiosk's":   {[]wire.Command{{Kiosk: "k2", ID: "a", Verb: wire.Reload, Expires: 1 << 50}}, 0, nil},
		"without a name":    {[]wire.Command{{Kiosk: kioskID, Verb: wire.Reload, Expires: 1 << 50}}, 0, nil},
		"one of the future": {[]wire.Command{{Kiosk: kioskID, ID: "a", Verb: "dance", Expires: 1 << 50}}, 0, []bool{false}},
		"no display":        {[]wire.Command{{Kiosk: kioskID, ID: "a", Verb: wire.DisplayOff, Expires: 1 << 50}}, 0, []bool{false}},
		"no camera":         {[]wire.Command{{Kiosk: kioskID, ID: "a", Verb: wire.TakeScreenshot, Expires: 1 << 50}}, 0, []bool{false}},
	} {
		t.Run(name, func(t *testing.T) {
			with(t, func(t *testing.T, p *peer, s *screen) {
				var outcomes []bool
				p.serve = func(l *line) {
					for _, cmd := range c.commands {
						l.sign(wire.TCommand, cmd)
					}
					for range c.outcomes {
						d := l.done()
						if d.ID != "a" && d.ID != "b" || !d.OK && (d.Vi == "" || d.En == "") {
							t.Errorf("%+v", d)
						}
						outcomes = append(outcomes, d.OK)
					}
				}
				s.start()
				time.Sleep(10 * time.Second)
				synctest.Wait()
				if s.reloads != c.reloads || !slices.Equal(outcomes, c.outcomes) {
					t.Errorf("%d reloads, outcomes %v", s.reloads, outcomes)
				}
			})
		})
	}
}

// The display is switched once a command; where it can't be, staff read why.
func TestDisplayCommands(t *testing.T) {
	with(t, func(t *testing.T, p *peer, s *screen) {
		var asked []bool
		s.hooks.Display = func(_ context.Context, on bool) error {
			asked = append(asked, on)
			if on {
				return nil
			}
			return slides.E(slides.Invalid, "test", "Không tắt được.", "It can't be switched off.", nil)
		}
		var got []wire.Done
		p.serve = func(l *line) {
			for i, v := range []wire.Verb{wire.DisplayOn, wire.DisplayOff, wire.DisplayOn} {
				l.sign(wire.TCommand, wire.Command{Kiosk: kioskID, ID: []string{"a", "b", "a"}[i], Verb: v, Expires: 1 << 50})
				got = append(got, l.done())
			}
		}
		s.start()
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if !slices.Equal(asked, []bool{true, false}) {
			t.Errorf("asked for %v", asked)
		}
		if len(got) != 3 || !got[0].OK || got[1].OK || got[1].Vi != "Không tắt được." || got[1].En != "It can't be switched off." || !got[2].OK {
			t.Errorf("answered %+v", got)
		}
	})
}

// Staff's words are shown once a command, and only where the kiosk can.
func TestSayCommand(t *testing.T) {
	with(t, func(t *testing.T, p *peer, s *screen) {
		var said []wire.Announcement
		s.hooks.Say = func(a wire.Announcement) error {
			said = append(said, a)
			return nil
		}
		words := wire.Announcement{Text: "Quầy 3 tạm nghỉ", Until: 1 << 50}
		var got []wire.Done
		p.serve = func(l *line) {
			for _, id := range []string{"a", "a", "b"} {
				l.sign(wire.TCommand, wire.Command{Kiosk: kioskID, ID: id, Verb: wire.Say, Expires: 1 << 50, Announcement: words})
				got = append(got, l.done())
			}
		}
		s.start()
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if !slices.Equal(said, []wire.Announcement{words, words}) || len(got) != 3 || !got[0].OK || !got[1].OK {
			t.Errorf("said %+v, answered %+v", said, got)
		}
	})
}

// A recorded command does not work on a later connection either, nor after a restart.
func TestRecordedCommandDoesNotWorkAgain(t *testing.T) {
	with(t, func(t *testing.T, p *peer, s *screen) {
		frame, err := wire.Seal(p.key, wire.TCommand, wire.Command{Kiosk: kioskID, ID: "a", Verb: wire.Restart, Expires: slides.At(time.Now().Add(time.Hour))})
		if err != nil {
			t.Fatal(err)
		}
		p.serve = func(l *line) { l.write(frame) }
		for range 3 {
			s.start()
			time.Sleep(10 * time.Second)
			s.stop()
		}
		if s.restarts != 1 {
			t.Errorf("restarted %d times", s.restarts)
		}
	})
}

func TestTimeIsBelievedOnlyWhenAskedFor(t *testing.T) {
	with(t, func(t *testing.T, p *peer, s *screen) {
		p.serve = func(l *line) {
			var q wire.TimeRequest
			e := l.until(wire.TClock)
			if e == nil || e.Read(&q) != nil {
				return
			}
			year := slides.At(time.Now().Add(365 * 24 * time.Hour))
			for _, v := range []wire.Time{
				{Kiosk: kioskID, Nonce: random(32), Sent: q.Sent, Now: year},
				{Kiosk: "k2", Nonce: l.nonce, Sent: q.Sent, Now: year},
				{Kiosk: kioskID, Nonce: l.nonce, Sent: q.Sent + 1, Now: year},
			} {
				l.sign(wire.TTime, v)
			}
		}
		s.start()
		time.Sleep(time.Minute)
		synctest.Wait()
		for _, d := range s.offsets {
			if d.Abs() > time.Second {
				t.Errorf("offset %v", d)
			}
		}
		if len(s.offsets) != 1 { // the welcome's
			t.Errorf("offsets %v", s.offsets)
		}
	})
}

func TestUnknownFrames(t *testing.T) {
	with(t, func(t *testing.T, p *peer, s *screen) {
		var said []wire.Type
		p.serve = func(l *line) {
			l.plain("weather", map[string]any{"x": 1})
			l.plain(wire.TUnknown, wire.Unknown{Type: "health"})
			l.write([]byte(`{"type":"current","body":{},"later":{"a":[1,2]}}`))
			for {
				e, err := l.next()
				if err != nil {
					return
				}
				if e.Type == wire.TUnknown {
					var u wire.Unknown
					if err := e.Read(&u); err != nil {
						t.Error(err)
					}
					said = append(said, u.Type)
				}
			}
		}
		s.start()
		time.Sleep(time.Minute)
		synctest.Wait()
		if !slices.Equal(said, []wire.Type{"weather"}) || s.last() != Connected {
			t.Errorf("said %v, state %s", said, s.last())
		}
	})
}

// Health comes each minute with the signed head, and soon after a new manifest.
func TestHealth(t *testing.T) {
	with(t, func(t *testing.T, p *peer, s *screen) {
		var at []time.Time
		var last wire.Health
		p.serve = func(l *line) {
			for {
				e, err := l.next()
				if err != nil {
					return
				}
				if e.Type == wire.TRatings {
					var b wire.Ratings
					if err := e.Read(&b); err != nil {
						t.Error(err)
					}
					h, _ := chain.ParseHead(b.Head.Bytes)
					l.ack(b, h.Seq, h.Hash)
				}
				if e.Type == wire.THealth {
					at = append(at, time.Now())
					last = wire.Health{}
					if err := json.Unmarshal(e.Body, &last); err != nil {
						t.Error(err)
					}
					if len(at) == 5 {
						l.sign(wire.TManifest, manifest(t, "c1", "e1", 7, slides.AtBoundary))
					}
				}
			}
		}
		s.rate(2)
		s.start()
		time.Sleep(6 * time.Minute)
		synctest.Wait()
		if len(at) < 6 || len(at) > 9 {
			t.Fatalf("%d reports in six minutes", len(at))
		}
		if d := at[5].Sub(at[4]); d > reportSoon {
			t.Errorf("a new manifest was reported after %v", d)
		}
		for i := 1; i < 5; i++ {
			if d := at[i].Sub(at[i-1]); d < wire.HealthEvery*9/10 || d > wire.HealthEvery*11/10+time.Second {
				t.Errorf("report %d after %v", i, d)
			}
		}
		key, _ := s.vault.Key()
		if last.Head == nil || last.Pending != 0 || last.Revision != 7 {
			t.Fatalf("%+v", last)
		}
		if h, err := chain.OpenHead(*last.Head, key.Public().(ed25519.PublicKey)); err != nil || h.Seq != 2 {
			t.Errorf("%+v %v", h, err)
		}
	})
}

// What is urgent is reported within seconds, and not before the screen can show
// it; a screen that is not there yet says so again soon, and not for ever.
func TestHealthOfAnUrgentManifest(t *testing.T) {
	for name, late := range map[string]int{"at once": 0, "after three reports": 3, "never": 1000} {
		t.Run(name, func(t *testing.T) {
			with(t, func(t *testing.T, p *peer, s *screen) {
				var at []time.Time
				var pushed time.Time
				var heard atomic.Int64
				p.serve = func(l *line) {
					for {
						e, err := l.next()
						if err != nil {
							return
						}
						if e.Type != wire.THealth {
							continue
						}
						heard.Add(1)
						if at = append(at, time.Now()); len(at) == 3 {
							pushed = time.Now()
							l.sign(wire.TManifest, manifest(t, "c1", "e1", 7, slides.AtOnce))
						}
					}
				}
				s.hooks.Health = func() wire.Health {
					if heard.Load() < int64(3+late) {
						return wire.Health{Revision: 5}
					}
					return wire.Health{Revision: 7}
				}
				s.start()
				time.Sleep(20 * time.Minute)
				synctest.Wait()
				if d := at[3].Sub(pushed); d < urgentPause || d > urgentPause+urgentSpread+time.Second {
					t.Errorf("it was reported after %v", d)
				}
				soon := 0
				for i := 4; i < len(at); i++ {
					if at[i].Sub(at[i-1]) <= reportSoon {
						soon++
					}
				}
				if want := min(late, reportAgain); soon != want {
					t.Errorf("%d more soon after it, want %d", soon, want)
				}
			})
		})
	}
}
