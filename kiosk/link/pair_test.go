package link

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"motcua/slides"
	"motcua/slides/chain"
	"motcua/slides/wire"
)

// registrar is a server that pairs as a test wants.
type registrar struct {
	key   ed25519.PrivateKey
	poll  func(n int) (status int, reply any) // n from 1, over all codes
	codes int
	polls int
	asked wire.PairRequest
}

func (r *registrar) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	switch q.URL.Path {
	case wire.PathPair:
		r.codes++
		_ = json.NewDecoder(q.Body).Decode(&r.asked) // the kiosk's own words
		now := slides.At(time.Now().Add(-365 * 24 * time.Hour))
		reply(w, 201, wire.PairReply{Code: "ACDEFG", Now: now, Expires: now + slides.Millis(wire.CodeLife.Milliseconds()), Ticket: "t", Server: r.key.Public().(ed25519.PublicKey), Approve: "http://x"})
	case wire.PathPoll:
		r.polls++
		status, v := r.poll(r.polls)
		reply(w, status, v)
	}
}

func reply(w http.ResponseWriter, status int, v any) {
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the kiosk may have hung up
}

// approved is the server's word that a key is a kiosk's.
func approved(signer ed25519.PrivateKey, id wire.Identity) wire.PollReply {
	b, err := json.Marshal(id)
	if err != nil {
		panic(err) // strings and bytes always encode
	}
	return wire.PollReply{State: wire.PairApproved, Signed: b, Sig: wire.Sign(signer, wire.ContextIdentity, b)}
}

func pairing(t *testing.T, f func(t *testing.T, r *registrar, key ed25519.PrivateKey, pair func(ctx context.Context) (*wire.Identity, []error))) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		_, server, _ := ed25519.GenerateKey(nil)
		_, key, _ := ed25519.GenerateKey(nil)
		r := &registrar{key: server}
		lis := &pipes{conns: make(chan net.Conn), gone: make(chan struct{})}
		web := &http.Server{Handler: r}
		over := make(chan struct{})
		go func() {
			defer close(over)
			web.Serve(lis) // ends with Close below
		}()
		d, err := NewDialer("http://server", nil, lis.dial)
		if err != nil {
			t.Fatal(err)
		}
		f(t, r, key, func(ctx context.Context) (*wire.Identity, []error) {
			var told []error
			id, err := Pair(ctx, d, key, "", "test", wire.Screen{W: 1, H: 2}, func(o Offer) {
				if d := time.Until(o.Expires); d <= 0 || d > wire.CodeLife {
					t.Errorf("the code lives %v by the kiosk's clock", d)
				}
			}, func(err error) { told = append(told, err) })
			if (err == nil) == (id == nil) {
				t.Errorf("%v, %v", id, err)
			}
			return id, told
		})
		d.idle()
		web.Close()
		<-over
	})
}

// An identity that is not signed by the server whose words were compared, or not
// for this key, is not taken.
func TestIdentityThatIsNotOurs(t *testing.T) {
	_, other, _ := ed25519.GenerateKey(nil)
	for name, forge := range map[string]func(server ed25519.PrivateKey, id wire.Identity) wire.PollReply{
		"signed by another": func(_ ed25519.PrivateKey, id wire.Identity) wire.PollReply { return approved(other, id) },
		"unsigned": func(s ed25519.PrivateKey, id wire.Identity) wire.PollReply {
			p := approved(s, id)
			p.Sig = nil
			return p
		},
		"for another key": func(s ed25519.PrivateKey, id wire.Identity) wire.PollReply {
			id.Key = other.Public().(ed25519.PublicKey)
			return approved(s, id)
		},
		"of another server": func(s ed25519.PrivateKey, id wire.Identity) wire.PollReply {
			id.Server = other.Public().(ed25519.PublicKey)
			return approved(s, id)
		},
		"of no kiosk": func(s ed25519.PrivateKey, id wire.Identity) wire.PollReply { id.Kiosk = ""; return approved(s, id) },
		"empty": func(ed25519.PrivateKey, wire.Identity) wire.PollReply {
			return wire.PollReply{State: wire.PairApproved}
		},
		"signed for something": func(s ed25519.PrivateKey, id wire.Identity) wire.PollReply {
			p := approved(s, id)
			p.Sig = wire.Sign(s, wire.ContextWelcome, p.Signed)
			return p
		},
	} {
		t.Run(name, func(t *testing.T) {
			pairing(t, func(t *testing.T, r *registrar, key ed25519.PrivateKey, pair func(context.Context) (*wire.Identity, []error)) {
				good := wire.Identity{Kiosk: "k1", Key: key.Public().(ed25519.PublicKey), Server: r.key.Public().(ed25519.PublicKey), Chain: chain.ID{1}}
				r.poll = func(n int) (int, any) {
					if n <= 3 {
						return 200, forge(r.key, good)
					}
					return 200, approved(r.key, good)
				}
				id, told := pair(t.Context())
				if id.Kiosk != "k1" || r.polls != 4 || len(told) != 3 {
					t.Fatalf("%+v after %d polls, told %v", id, r.polls, told)
				}
				for _, err := range told {
					if slides.KindOf(err) != slides.Denied || slides.Sentence(err, "vi") == "" {
						t.Errorf("told %v", err)
					}
				}
			})
		})
	}
}

// Faults while staff walk to their desk do not change the code on the screen.
func TestPollingOutlivesFaults(t *testing.T) {
	pairing(t, func(t *testing.T, r *registrar, key ed25519.PrivateKey, pair func(context.Context) (*wire.Identity, []error)) {
		r.poll = func(n int) (int, any) {
			switch n % 5 {
			case 0:
				return 200, wire.PollReply{State: wire.PairWaiting}
			case 1:
				return 500, wire.Problem{Kind: slides.Broken, Vi: "x", En: "x"}
			case 2:
				return 429, wire.Problem{Kind: slides.Throttled, Vi: "x", En: "x"}
			case 3:
				return 200, "a portal's page"
			}
			if n > 200 {
				return 200, approved(r.key, wire.Identity{Kiosk: "k1", Key: key.Public().(ed25519.PublicKey), Server: r.key.Public().(ed25519.PublicKey)})
			}
			return 503, "busy"
		}
		if id, told := pair(t.Context()); id == nil || r.codes != 1 || len(told) > 0 {
			t.Errorf("%v with %d codes, told %v", id, r.codes, told)
		}
		if !wire.Verify(r.asked.Key, r.asked.Sig, wire.ContextPair, r.asked.Key, r.asked.Nonce, []byte(r.asked.Previous)) {
			t.Error("the request's signature is wrong")
		}
	})
}

// A server that has forgotten the ticket gets a new request.
func TestForgottenTicket(t *testing.T) {
	pairing(t, func(t *testing.T, r *registrar, _ ed25519.PrivateKey, pair func(context.Context) (*wire.Identity, []error)) {
		r.poll = func(int) (int, any) { return 404, wire.Problem{Kind: slides.NotFound, Vi: "x", En: "x"} }
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Minute)
		defer cancel()
		if id, _ := pair(ctx); id != nil || r.codes < 30 || r.codes > 600 {
			t.Errorf("%v, %d codes in half an hour", id, r.codes)
		}
	})
}
