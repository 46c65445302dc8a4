package link

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"motcua/slides"
	"motcua/slides/wire"
)

// A server that is not the one that was paired gets nothing, and can't make the
// kiosk believe that it is unpaired.
func TestServerThatIsNotOurs(t *testing.T) {
	_, other, _ := ed25519.GenerateKey(nil)
	for name, change := range map[string]func(*peer){
		"another key": func(p *peer) {
			p.challenge = func(c *wire.ChallengeReply) { c.Sig = wire.Sign(other, wire.ContextServer, c.Sig) }
		},
		"a short nonce":     func(p *peer) { p.challenge = func(c *wire.ChallengeReply) { c.Nonce = c.Nonce[:8] } },
		"an altered time":   func(p *peer) { p.challenge = func(c *wire.ChallengeReply) { c.Now++ } },
		"401 to everything": func(p *peer) { p.answer = status(http.StatusUnauthorized, `{"kind":"denied","vi":"x","en":"x"}`) },
		"a portal's page":   func(p *peer) { p.answer = status(http.StatusOK, "<html>Mời đăng nhập Wi-Fi</html>") },
		"a redirect": func(p *peer) {
			p.answer = func(w http.ResponseWriter, r *http.Request) bool {
				http.Redirect(w, r, "http://elsewhere/", http.StatusFound)
				return true
			}
		},
		"another subprotocol": func(p *peer) {
			p.answer = func(w http.ResponseWriter, r *http.Request) bool {
				r.Header.Del("Sec-Websocket-Protocol")
				return false
			}
		},
		"a busy server": func(p *peer) {
			p.answer = func(w http.ResponseWriter, r *http.Request) bool {
				return r.URL.Path == wire.PathSocket && status(503, `{"kind":"throttled","vi":"x","en":"x"}`)(w, r)
			}
		},
		"a nonce too old": func(p *peer) {
			p.answer = func(w http.ResponseWriter, r *http.Request) bool {
				return r.URL.Path == wire.PathSocket && status(409, `{"kind":"conflict","vi":"x","en":"x"}`)(w, r)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			with(t, func(t *testing.T, p *peer, s *screen) {
				change(p)
				s.rate(1)
				s.start()
				time.Sleep(10 * time.Minute)
				if st := s.last(); st != Offline || s.connected() {
					t.Errorf("state %s", st)
				}
				if err := read(s, func() error { return s.errs[0] }); slides.Sentence(err, "vi") == "" || slides.Sentence(err, "en") == "" {
					t.Errorf("no sentence: %v", err)
				}
				// Once the right one answers, all is well.
				p.set(func() { p.challenge, p.answer, p.serve = nil, nil, (*line).keep })
				time.Sleep(wire.BackoffMax)
				if s.last() != Connected || s.vault.Status().Pending != 0 {
					t.Errorf("state %s, %d pending", s.last(), s.vault.Status().Pending)
				}
			})
		})
	}
}

func status(code int, body string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(code)
		w.Write([]byte(body))
		return true
	}
}

// Only our server's own refusal, several times, unpairs.
func TestOurServersRefusalUnpairs(t *testing.T) {
	with(t, func(t *testing.T, p *peer, s *screen) {
		asked := 0
		p.answer = func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path != wire.PathSocket {
				return false
			}
			asked++
			return status(401, `{"kind":"denied","vi":"Hãy ghép nối lại.","en":"Pair again."}`)(w, r)
		}
		s.start()
		if err := s.over(); !IsUnpaired(err) || slides.Sentence(err, "vi") != "Hãy ghép nối lại." {
			t.Errorf("ended with %v", err)
		}
		if asked != refusals || s.last() != Unpaired {
			t.Errorf("after %d refusals, state %s", asked, s.last())
		}
	})
}

func TestWelcomeMustBeForThisConnection(t *testing.T) {
	_, other, _ := ed25519.GenerateKey(nil)
	var recorded []byte
	for name, first := range map[string]func(l *line, w wire.Welcome) bool{
		"signed by another":      func(l *line, w wire.Welcome) bool { l.p.key = other; l.sign(wire.TWelcome, w); return true },
		"another kiosk's":        func(l *line, w wire.Welcome) bool { w.Kiosk = "k2"; l.sign(wire.TWelcome, w); return true },
		"another client nonce":   func(l *line, w wire.Welcome) bool { w.Nonce = random(32); l.sign(wire.TWelcome, w); return true },
		"another server nonce":   func(l *line, w wire.Welcome) bool { w.Server = random(32); l.sign(wire.TWelcome, w); return true },
		"no epoch":               func(l *line, w wire.Welcome) bool { w.Epoch = ""; l.sign(wire.TWelcome, w); return true },
		"no class":               func(l *line, w wire.Welcome) bool { w.Class = ""; l.sign(wire.TWelcome, w); return true },
		"unsigned":               func(l *line, w wire.Welcome) bool { l.plain(wire.TWelcome, w); return true },
		"something else first":   func(l *line, w wire.Welcome) bool { l.plain(wire.TCurrent, 1); l.sign(wire.TWelcome, w); return true },
		"settings for a welcome": func(l *line, w wire.Welcome) bool { l.sign(wire.TSettings, w); return true },
		"replayed": func(l *line, w wire.Welcome) bool {
			if recorded == nil {
				recorded, _ = wire.Seal(l.p.key, wire.TWelcome, w)
				return false // the first connection breaks
			}
			l.write(recorded)
			return true
		},
		"never":    func(l *line, _ wire.Welcome) bool { l.until(""); return false },
		"hung up":  func(*line, wire.Welcome) bool { return false },
		"rubbish":  func(l *line, _ wire.Welcome) bool { l.write([]byte("xin chào")); return true },
		"an image": func(l *line, _ wire.Welcome) bool { l.ws.WriteMessage(2, []byte{1, 2, 3}); return true },
	} {
		t.Run(name, func(t *testing.T) {
			with(t, func(t *testing.T, p *peer, s *screen) {
				p.first = func(l *line) bool {
					return first(l, wire.Welcome{Version: 1, Kiosk: kioskID, Nonce: l.nonce, Server: l.server, Epoch: "e1", Class: "c1", Token: "t", Now: slides.At(time.Now().Add(time.Hour))})
				}
				s.start()
				time.Sleep(5 * time.Minute)
				if s.connected() {
					t.Error("it was taken for a connection")
				}
				if n := read(s, func() int { return len(s.offsets) }); n > 0 {
					t.Error("its time was believed")
				}
				if s.last() != Offline {
					t.Errorf("state %s", s.last())
				}
			})
		})
	}
}

// Frames that are not our server's end the connection, and never act.
func TestForgedFrames(t *testing.T) {
	_, other, _ := ed25519.GenerateKey(nil)
	seal := func(key ed25519.PrivateKey, typ wire.Type, v any) []byte {
		b, err := wire.Seal(key, typ, v)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	reload := wire.Command{Kiosk: kioskID, ID: "c1", Verb: wire.Reload, Expires: 1 << 50}
	for name, make := range map[string]func(p *peer) []byte{
		"a command of another's": func(p *peer) []byte { return seal(other, wire.TCommand, reload) },
		"an unsigned command":    func(p *peer) []byte { b, _ := wire.Plain(wire.TCommand, reload); return b },
		"an altered command": func(p *peer) []byte {
			var e wire.Envelope
			json.Unmarshal(seal(p.key, wire.TCommand, reload), &e)
			e.Signed = []byte(strings.Replace(string(e.Signed), "reload", "restar", 1))
			b, _ := json.Marshal(e)
			return b
		},
		"an ack signed as time": func(p *peer) []byte {
			var e wire.Envelope
			json.Unmarshal(seal(p.key, wire.TTime, wire.Ack{Kiosk: kioskID, Seq: 1}), &e)
			e.Type = wire.TAck
			b, _ := json.Marshal(e)
			return b
		},
		"not JSON":          func(*peer) []byte { return []byte("{") },
		"a signed nonsense": func(p *peer) []byte { return seal(p.key, wire.TCommand, "x") },
		"too large":         func(p *peer) []byte { return seal(p.key, "weather", strings.Repeat("x", wire.MaxFromServer)) },
	} {
		t.Run(name, func(t *testing.T) {
			with(t, func(t *testing.T, p *peer, s *screen) {
				p.serve = func(l *line) {
					if l.n == 1 {
						l.write(make(p))
					}
				}
				s.start()
				time.Sleep(3 * time.Minute)
				s.mu.Lock()
				defer s.mu.Unlock()
				if len(s.states) < 3 || s.states[1] != Offline || s.states[2] != Connected {
					t.Errorf("states %v", s.states)
				}
				if s.reloads+s.restarts > 0 {
					t.Error("it acted")
				}
			})
		})
	}
}

// What a close code says is done, whichever part of the link ends first.
func TestCloseCodes(t *testing.T) {
	codes := append([]wire.CloseCode{{Code: 1000, Name: "normal", Reconnect: true}, {Code: 1009, Name: "1009", Reconnect: true}, {Code: 4999, Name: "unknown", Reconnect: true}}, wire.CloseCodes...)
	for _, c := range codes {
		t.Run(c.Name, func(t *testing.T) {
			with(t, func(t *testing.T, p *peer, s *screen) {
				p.serve = func(l *line) {
					if l.n == 1 {
						time.Sleep(3 * time.Second)
						l.close(c.Code, c.Name)
						l.ws.Close() // at once, over what the kiosk is sending
					} else {
						l.keep()
					}
				}
				s.start()
				s.rate(1)
				time.Sleep(3*time.Second - time.Millisecond)
				for range 20 { // the kiosk writes while the server hangs up
					s.rate(1)
					time.Sleep(100 * time.Microsecond)
				}
				if c.Reconnect {
					time.Sleep(time.Minute)
					if s.last() != Connected || s.vault.Status().Pending != 0 {
						t.Errorf("%v, %d pending", s.states, s.vault.Status().Pending)
					}
					return
				}
				err := s.over()
				want := Stopped
				if c.Code == wire.CloseUnpaired {
					want = Unpaired
				} else if slides.Sentence(err, "vi") != c.Vi || slides.Sentence(err, "en") != c.En {
					t.Errorf("ended with %v", err)
				}
				if s.last() != want || IsUnpaired(err) != (want == Unpaired) {
					t.Errorf("state %s, ended with %v", s.last(), err)
				}
			})
		})
	}
}

func TestRetryIsHonoured(t *testing.T) {
	for reason, within := range map[string][2]time.Duration{
		`{"retry_ms":60000}`:                  {time.Minute, 67 * time.Second},
		`{"retry_ms":1}`:                      {0, time.Second},
		`{"retry_ms":-5}`:                     {0, time.Second},
		`{"retry_ms":9223372036854775807}`:    {wire.RetryMax, wire.RetryMax * 12 / 10},
		`{"retry_ms":"soon"}`:                 {0, time.Second},
		`going-away`:                          {0, time.Second},
		``:                                    {0, time.Second},
		`{"retry_ms":1e300}`:                  {0, time.Second},
		`{"retry_ms":1500,"because":"today"}`: {1500 * time.Millisecond, 2 * time.Second},
	} {
		t.Run(reason, func(t *testing.T) {
			with(t, func(t *testing.T, p *peer, s *screen) {
				var closed, back time.Time
				p.serve = func(l *line) {
					switch l.n {
					case 1:
						closed = time.Now()
						l.close(wire.CloseGoingAway, reason)
					case 2:
						back = time.Now()
					}
				}
				s.start()
				time.Sleep(10 * time.Minute)
				synctest.Wait()
				if d := back.Sub(closed); d < within[0] || d > within[1] {
					t.Errorf("came back after %v, want %v to %v", d, within[0], within[1])
				}
			})
		})
	}
}

// Over real sockets: the server's last word is in the kiosk's buffers when the
// socket breaks under what the kiosk is writing. The word counts, not the break.
func TestCloseCodeOutlivesABrokenWrite(t *testing.T) {
	p := newPeer(t)
	web := httptest.NewServer(p)
	defer web.Close()
	s := newScreen(t, p, func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "tcp", web.Listener.Addr().String())
	})
	defer s.vault.Close()
	defer s.stop()
	hungUp := make(chan struct{})
	s.hooks.Settings = func(wire.Settings) { // the reader is busy while the server goes
		<-hungUp
		s.rate(1)
		for range 200 { // and the writer runs into the closed socket
			s.link.Wake()
			time.Sleep(time.Millisecond)
		}
	}
	p.serve = func(l *line) {
		if l.n > 1 {
			l.keep() // it has come back although it was told not to
			return
		}
		l.sign(wire.TSettings, wire.Settings{Kiosk: kioskID, Epoch: "e1", Class: "c1", Issued: 1})
		l.until(wire.TClock)
		l.close(wire.CloseReplaced, "replaced")
		l.ws.NetConn().(*net.TCPConn).SetLinger(0) // a reset, as over unread bytes
		l.ws.Close()
		close(hungUp)
	}
	s.start()
	select {
	case err := <-s.ended:
		s.ended <- nil
		if s.last() != Stopped {
			t.Errorf("state %s, ended with %v", s.last(), err)
		}
	case <-time.After(10 * time.Second):
		t.Errorf("it goes on: %v", s.states)
	}
}
