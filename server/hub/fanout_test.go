package hub

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"motcua/slides"
	"motcua/slides/wire"
)

// sink is a socket that takes all at once and says nothing.
type sink struct {
	net.Conn
	got  *atomic.Int64 // writes of all sinks
	want *atomic.Int64
	all  chan struct{}
	gone chan struct{}
}

func (s *sink) Write(b []byte) (int, error) {
	if s.got.Add(1) == s.want.Load() {
		s.all <- struct{}{}
	}
	return len(b), nil
}

func (s *sink) Read([]byte) (int, error) {
	<-s.gone
	return 0, io.EOF
}
func (s *sink) Close() error                     { return nil }
func (s *sink) SetDeadline(time.Time) error      { return nil }
func (s *sink) SetReadDeadline(time.Time) error  { return nil }
func (s *sink) SetWriteDeadline(time.Time) error { return nil }
func (s *sink) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (s *sink) RemoteAddr() net.Addr             { return &net.TCPAddr{} }

// hijacked lets gorilla upgrade over a sink.
type hijacked struct {
	http.ResponseWriter
	s *sink
}

func (h hijacked) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return h.s, bufio.NewReadWriter(bufio.NewReader(strings.NewReader("")), bufio.NewWriter(io.Discard)), nil
}

// BenchmarkFanOut is one publication to N connections of a class, from the
// manifest's bytes to the last write: what the hub adds to the kernel's work.
func BenchmarkFanOut(b *testing.B) {
	for _, n := range []int{1, 100, 1000, 9000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			h := office(b)
			var got, want atomic.Int64
			want.Store(-1)
			all, gone := make(chan struct{}, 1), make(chan struct{})
			defer close(gone)
			for i := range n {
				r, err := http.NewRequest(http.MethodGet, "/", nil)
				if err != nil {
					b.Fatal(err)
				}
				for k, v := range map[string]string{"Connection": "upgrade", "Upgrade": "websocket", "Sec-Websocket-Version": "13", "Sec-Websocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="} {
					r.Header.Set(k, v)
				}
				ws, err := h.upgrader.Upgrade(hijacked{s: &sink{got: &got, want: &want, all: all, gone: gone}}, r, nil)
				if err != nil {
					b.Fatal(err)
				}
				c := &conn{ws: ws, metrics: h.opt.Metrics, kiosk: fmt.Sprint("k", i), offered: -1, gone: make(chan struct{})}
				if !h.begin(c) {
					b.Fatal("full")
				}
				if _, ok := h.seat(c); !ok || !h.enter(c, "c1") {
					b.Fatal("not entered")
				}
				h.sessions.Done()
			}
			m, err := h.store.Manifests(b.Context())
			if err != nil || len(m) > 0 {
				b.Fatal(m, err)
			}
			bytes := manifestOf(b)
			cl := h.classes["c1"]
			got.Store(0)
			var frame int
			revision := int64(0)
			for b.Loop() {
				revision++
				p, err := h.prepare(b.Context(), fmt.Sprint(revision), revision, bytes, nil)
				if err != nil {
					b.Fatal(err)
				}
				want.Store(revision * int64(n))
				h.mu.Lock()
				cl.frame, cl.made = p, cl.changes+1
				h.mu.Unlock()
				if err := h.push(b.Context(), "c1"); err != nil {
					b.Fatal(err)
				}
				<-all
			}
			sealed, err := wire.Seal(h.store.ServerKey(), wire.TManifest, bytes)
			if err != nil {
				b.Fatal(err)
			}
			frame = len(sealed)
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/kiosk")
			b.ReportMetric(float64(frame), "B/frame")
		})
	}
}

// manifestOf is the manifest of an office with fifty slides.
func manifestOf(t testing.TB) []byte {
	t.Helper()
	m := &slides.Manifest{
		Class: "c1", Epoch: "e1", Revision: 1, Flip: slides.AtBoundary, Zone: "Asia/Ho_Chi_Minh", Languages: []string{"vi"},
		Unit: slides.Vi("Phường mẫu"), Office: slides.Vi("Bộ phận Một cửa"), UnitID: "u", Theme: []byte("{}"),
	}
	m.Format.Major = slides.FormatMajor
	var list slides.Playlist
	list.ID, list.Name = "p", "Chung"
	for i := range 50 {
		sha := slides.Sum([]byte{byte(i)})
		m.Blobs = append(m.Blobs, slides.BlobRef{SHA: sha, Size: 900, Type: "application/json"})
		m.Slides = append(m.Slides, slides.SlideRef{ID: fmt.Sprint("s", i), Blob: sha})
		list.Items = append(list.Items, slides.Item{Slide: fmt.Sprint("s", i)})
	}
	m.Playlists = []slides.Playlist{list}
	b, err := slides.EncodeManifest(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
