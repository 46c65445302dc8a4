package link

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"motcua/kiosk/vault"
	"motcua/slides"
	"motcua/slides/chain"
	"motcua/slides/wire"
)

// pipes is a network in memory: a listener and the way to it.
type pipes struct {
	conns chan net.Conn
	gone  chan struct{}
	once  sync.Once
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.gone:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.gone) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "memory"} }

// screen is a paired kiosk's vault and link, and what the link told.
type screen struct {
	t      testing.TB
	disk   *vault.Memory
	vault  *vault.Vault
	link   *Link
	dialer *Dialer
	cancel context.CancelFunc
	ended  chan error
	hooks  Hooks

	mu       sync.Mutex
	states   []State
	errs     []error
	faults   []string
	ready    []slides.Flip
	settings []wire.Settings
	offsets  []time.Duration
	reloads  int
	restarts int
	mended   int
}

// with runs f in a bubble with a kiosk that is paired with p and not yet started.
func with(t *testing.T, f func(t *testing.T, p *peer, s *screen)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		p := newPeer(t)
		lis := &pipes{conns: make(chan net.Conn), gone: make(chan struct{})}
		web := &http.Server{Handler: p}
		over := make(chan struct{})
		go func() {
			defer close(over)
			web.Serve(lis) // ends with Close below
		}()
		s := newScreen(t, p, lis.dial)
		defer func() {
			s.stop()
			web.Close()
			<-over
			if err := s.vault.Close(); err != nil {
				t.Error(err)
			}
			time.Sleep(time.Second) // the web server lingers on what was not read
		}()
		f(t, p, s)
	})
}

func newScreen(t testing.TB, p *peer, dial func(context.Context, string, string) (net.Conn, error)) *screen {
	t.Helper()
	disk := vault.NewMemory(64 << 20)
	v, err := vault.Open(disk, vault.Options{SegmentSize: 128 << 10, Spares: 2, Reserve: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Pair(vault.Identity{Kiosk: kioskID, Name: "Ki-ốt", Server: p.public(), Chain: chain.ID{1}, Class: p.class, Epoch: p.epoch}); err != nil {
		t.Fatal(err)
	}
	d, err := NewDialer("http://server", nil, dial)
	if err != nil {
		t.Fatal(err)
	}
	s := &screen{t: t, disk: disk, vault: v, dialer: d}
	note := func(f func()) {
		s.mu.Lock()
		defer s.mu.Unlock()
		f()
	}
	s.hooks = Hooks{
		Hello:  func() wire.Hello { return wire.Hello{Program: "test"} },
		Health: func() wire.Health { return wire.Health{} },
		Ready: func(f slides.Flip) {
			if _, err := v.Manifests().Flip(); err != nil {
				t.Errorf("flip: %v", err)
			}
			note(func() { s.ready = append(s.ready, f) })
		},
		State: func(st State, err error) {
			note(func() { s.states, s.errs = append(s.states, st), append(s.errs, err) })
		},
		Settings: func(v wire.Settings) { note(func() { s.settings = append(s.settings, v) }) },
		Offset:   func(d time.Duration) { note(func() { s.offsets = append(s.offsets, d) }) },
		Mended:   func() { note(func() { s.mended++ }) },
		Reload:   func() { note(func() { s.reloads++ }) },
		Restart:  func() { note(func() { s.restarts++ }) },
		Fault:    func(where, text string) { note(func() { s.faults = append(s.faults, where+": "+text) }) },
	}
	return s
}

func (s *screen) start() {
	s.link = New(s.vault, s.dialer, s.hooks, nil)
	ctx, cancel := context.WithCancel(context.Background())
	s.cancel, s.ended = cancel, make(chan error, 1)
	ended := s.ended
	go func() { ended <- s.link.Run(ctx) }()
}

func (s *screen) stop() {
	if s.cancel != nil {
		s.cancel()
		<-s.ended
		s.cancel = nil
	}
}

// over waits for Run's end.
func (s *screen) over() error {
	s.t.Helper()
	select {
	case err := <-s.ended:
		s.cancel()
		s.cancel = nil
		return err
	case <-time.After(time.Hour):
		s.t.Fatal("the link goes on")
		return nil
	}
}

func (s *screen) last() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.states) == 0 {
		return ""
	}
	return s.states[len(s.states)-1]
}

func (s *screen) connected() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Contains(s.states, Connected)
}

func (s *screen) hasFault(part string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.faults, func(f string) bool { return strings.Contains(f, part) })
}

func read[T any](s *screen, f func() T) T {
	s.mu.Lock()
	defer s.mu.Unlock()
	return f()
}

func (s *screen) rate(n int) {
	s.t.Helper()
	for range n {
		if _, err := s.vault.Outbox().Append([]chain.Section{chain.NewSection(chain.Core, []byte(`{}`))}); err != nil {
			s.t.Fatal(err)
		}
		if s.link != nil {
			s.link.Wake()
		}
	}
}

// manifest makes one with the blobs named.
func manifest(t testing.TB, class, epoch string, revision int64, flip slides.Flip, blobs ...slides.BlobRef) []byte {
	t.Helper()
	m := &slides.Manifest{
		Class: class, Epoch: epoch, Revision: revision, Flip: flip, Zone: "Asia/Ho_Chi_Minh", Languages: []string{"vi"},
		Unit: slides.Vi("Phường mẫu"), Office: slides.Vi("Bộ phận Một cửa"), UnitID: "u", Theme: json.RawMessage("{}"), Blobs: slices.Clone(blobs),
	}
	m.Format.Major = slides.FormatMajor
	slices.SortFunc(m.Blobs, func(a, b slides.BlobRef) int { return strings.Compare(a.SHA, b.SHA) })
	b, err := slides.EncodeManifest(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (s *screen) active() int64 {
	if m := s.vault.Manifests().Active(); m != nil {
		return m.Revision
	}
	return -1
}

// spoil rots a blob on the disk and has the vault find it.
func (s *screen) spoil(sha string) {
	s.t.Helper()
	if err := s.disk.Damage("blobs/"+sha[:2]+"/"+sha, func(b []byte) []byte { b[0] ^= 1; return b }); err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.vault.Blobs().Get(sha); slides.KindOf(err) != slides.Corrupt {
		s.t.Fatalf("the damage was not seen: %v", err)
	}
}
