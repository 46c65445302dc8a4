package hub

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"motcua/server/compile"
	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/chain"
	"motcua/slides/survey"
	"motcua/slides/wire"
)

var staff = store.Actor{User: "u-test", Name: "Người thử"}

// office is a hub over a real store with a unit and a little live content.
func office(t testing.TB) *Hub {
	t.Helper()
	st, err := store.Open(t.TempDir(), store.Options{Suspect: store.SuspectRules{Rapid: -1, Burst: -1}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	q := &survey.Questionnaire{
		Format: 1, ID: "nhanh", Version: 1, Title: slides.Vi("Đánh giá nhanh"), Ask: slides.Vi("Bạn có hài lòng không?"),
		Questions: []survey.Question{{ID: "chung", Factor: survey.Overall, Text: slides.Vi("Sự phục vụ"), NA: true}}, OnIdle: survey.Drop, Method: survey.MethodPooled,
	}
	_, err = st.ImportStarter(context.Background(), staff, store.Starter{
		Units:     []store.Unit{{ID: "mot-cua", Name: slides.Vi("Bộ phận Một cửa")}},
		Slides:    []store.StarterSlide{{Slide: slogan("Vì nhân dân phục vụ")}},
		Playlists: []slides.Playlist{{ID: "chung", Name: "Chung", Items: []slides.Item{{Slide: "s1"}}}},
		Entries: []compile.Entry{{
			Entry: slides.Entry{ID: "e1", Playlist: "chung", Zone: "Asia/Ho_Chi_Minh", Start: "2023-01-01T00:00", Priority: slides.Normal}, Where: compile.Where{All: true},
		}},
		Surveys: []*survey.Questionnaire{q},
		Look:    &compile.Look{Languages: []string{"vi"}, Surveys: []string{"nhanh"}},
		Unit:    "mot-cua", Publish: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	return New(st, Options{})
}

func slogan(text string) *slides.Slide {
	b, err := json.Marshal(map[string]slides.Text{"text": slides.Vi(text)})
	if err != nil {
		panic(err) // strings always encode
	}
	return &slides.Slide{ID: "s1", Kind: "slogan", Topic: "T01", Audience: slides.Public, Title: slides.Vi(text), Body: b}
}

// device is a paired screen with its chain.
type device struct {
	store.Kiosk
	key  ed25519.PrivateKey
	seq  uint64
	hash chain.Hash
}

func pairDevice(t testing.TB, h *Hub) *device {
	t.Helper()
	pub, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	p, err := h.store.CreatePairing(ctx, store.PairingRequest{Key: pub, Nonce: make([]byte, 32)})
	if err != nil {
		t.Fatal(err)
	}
	k, err := h.store.ApprovePairing(ctx, staff, store.Approval{Code: p.Code, KioskEdit: store.KioskEdit{Name: "Ki-ốt", Unit: "mot-cua"}})
	if err != nil {
		t.Fatal(err)
	}
	return &device{Kiosk: k, key: key, hash: chain.Genesis(k.Chain, pub)}
}

// batch makes the next n records.
func (d *device) batch(n int) wire.Ratings {
	b := wire.Ratings{Chain: d.Chain}
	for range n {
		d.seq++
		var r chain.Record
		r, d.hash = chain.Next(d.Chain, d.seq, d.hash, []chain.Section{chain.NewSection(chain.Core, fmt.Appendf(nil, `{"n":%d}`, d.seq))})
		b.Records = append(b.Records, r)
	}
	head := chain.Head{Chain: d.Chain, Seq: d.seq, Hash: d.hash, At: slides.At(time.Now())}
	b.Head = head.Sign(d.key)
	return b
}

// gap states the next n as lost.
func (d *device) gap(n uint64) wire.Gaps {
	g := chain.Gap{Chain: d.Chain, From: d.seq + 1, To: d.seq + n, Prev: d.hash, At: slides.At(time.Now()), Reason: chain.Rotten}
	g.Next = g.Filler()
	d.seq, d.hash = g.To, g.Next
	return wire.Gaps{Chain: d.Chain, Gaps: []chain.Signed{g.Sign(d.key)}}
}

// mute is a connection whose flush never runs: what is sent stays in line.
func (d *device) mute(h *Hub) *conn {
	return &conn{ws: deadSocket(), metrics: h.opt.Metrics, kiosk: d.ID, id: "conn", key: d.key.Public().(ed25519.PublicKey), client: make([]byte, 32), offered: -1, gone: make(chan struct{}), writing: true}
}

// heard takes the frames in line, checked as the kiosk would.
func (c *conn) heard(t testing.TB, h *Hub) (out []*wire.Envelope) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, f := range c.line {
		e, err := wire.Open(f, h.store.ServerKey().Public().(ed25519.PublicKey))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, e)
	}
	c.line = nil
	return out
}

func frame(t testing.TB, typ wire.Type, v any) []byte {
	t.Helper()
	b, err := wire.Plain(typ, v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// hear handles a frame as serve does.
func (h *Hub) hear(c *conn, b []byte) {
	e, err := wire.Open(b, nil)
	if err != nil {
		return
	}
	if err := h.handle(context.Background(), c, e); err != nil {
		h.complain(c, e.Type, err)
	}
}

// deadSocket is a real socket whose other side is gone.
var deadSocket = sync.OnceValue(func() *websocket.Conn {
	got := make(chan *websocket.Conn, 1)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ws, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
		if err != nil {
			panic(err)
		}
		got <- ws
	}))
	defer srv.Close()
	far, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(srv.URL, "http"), nil)
	if err != nil {
		panic(err)
	}
	far.Close()
	return <-got
})
