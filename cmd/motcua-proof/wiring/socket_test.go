package wiring

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"net"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"

	"motcua/kiosk/link"
	"motcua/kiosk/vault"
	"motcua/server/hub"
	"motcua/slides/wire"
)

// These run over the kernel's sockets, which reset, buffer and linger as the
// in-memory ones do not.

func loopback(t testing.TB) (net.Listener, Dial) {
	t.Helper()
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := lis.Addr().String()
	return lis, func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "tcp", at)
	}
}

// noLeaks fails the test if it leaves a goroutine behind.
func noLeaks(t *testing.T) {
	t.Helper()
	before := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, before) })
}

// The close code reaches a kiosk that is still sending: a socket closed over
// unread bytes would be reset, and the reset overtake the close frame.
func TestCloseCodeOutrunsTheReset(t *testing.T) {
	noLeaks(t)
	lis, dial := loopback(t)
	s := startServer(t, t.TempDir(), lis)
	s.furnish()
	frame := []byte(`{"type":"health","body":{"x":"` + string(bytes.Repeat([]byte("x"), 3*wire.MaxFromKiosk)) + `"}}`)
	for n := range 20 {
		r := newRaw(t, s, dial, "mot-cua")
		r.greet()
		sent := make(chan struct{})
		go func() {
			defer close(sent)
			r.ws.WriteMessage(websocket.TextMessage, frame) // fails when the server hangs up
		}()
		var code int
		for {
			_, _, err := r.ws.ReadMessage()
			if c, ok := errors.AsType[*websocket.CloseError](err); ok {
				code = c.Code
			}
			if err != nil {
				break
			}
		}
		if code != wire.CloseTooLarge {
			t.Fatalf("try %d: closed with %d", n, code)
		}
		r.ws.Close()
		<-sent
		r.ws = nil
	}
}

// A kiosk that is told to stop stops, although it was writing when the server hung up.
func TestReplacedWhileWriting(t *testing.T) {
	noLeaks(t)
	lis, dial := loopback(t)
	s := startServer(t, t.TempDir(), lis)
	s.furnish()
	for range 2 {
		a := newKiosk(t, dial)
		id := a.pair(s, "", "mot-cua")
		a.start()
		a.await("the connection", func() bool { return a.is(link.Connected) })
		over, busy := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(busy)
			for n := 0; ; n++ {
				select {
				case <-over:
					return
				default:
					a.rate(n)
				}
			}
		}()
		b := &kiosk{t: t, disk: a.disk.Clone(), changed: make(chan struct{}, 1)}
		b.open(dial)
		b.start()
		a.await("the stop", func() bool { return a.is(link.Stopped) })
		close(over)
		<-busy
		if err := <-a.ended; err == nil || link.IsUnpaired(err) {
			t.Errorf("ended with %v", err)
		}
		a.ended <- nil
		b.await("the newer", func() bool { return b.is(link.Connected) })
		b.stop()
		b.close()
		if st := s.kiosk(id.Kiosk); st.Replaced == 0 {
			t.Error("not counted")
		}
	}
}

// selfMade is a certificate that nobody vouches for, and its key's pin.
func selfMade(t *testing.T) (*tls.Config, []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "motcua"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"motcua"}}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pin := sha256.Sum256(parsed.RawSubjectPublicKeyInfo)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, pin[:]
}

// A self-made certificate is pinned by the pairing; afterwards nobody else's will do.
func TestCertificateIsPinnedAtPairing(t *testing.T) {
	noLeaks(t)
	lis, dial := loopback(t)
	cfg, pin := selfMade(t)
	s := startServer(t, t.TempDir(), tls.NewListener(lis, cfg), func(o *hub.Options) { o.Pin = pin })
	s.furnish()
	// The way is switched to somebody in the middle later: the same server behind
	// another certificate.
	way := &switchable{to: dial}
	k := newKiosk(t, way.dial)
	d, err := link.NewDialer("https://motcua", nil, way.dial)
	if err != nil {
		t.Fatal(err)
	}
	k.dialer = d
	k.pair(s, "", "mot-cua")
	k.start()
	k.await("the manifest", func() bool { return k.shows(s) })
	receipts := []vault.Receipt{k.rate(1)}
	k.await("delivery", k.delivered)

	evil, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	evilCfg, _ := selfMade(t)
	l := NewLine(func(ctx context.Context, network, addr string) (net.Conn, error) {
		return (&tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true}}).DialContext(ctx, "tcp", lis.Addr().String())
	}, 1)
	served := make(chan error, 1)
	go func() { served <- l.Serve(tls.NewListener(evil, evilCfg)) }()
	way.set(func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "tcp", evil.Addr().String())
	})
	k.stop()
	receipts = append(receipts, k.rate(2))
	k.mu.Lock()
	k.states = nil
	k.mu.Unlock()
	k.start()
	k.await("the refusal to be told", func() bool { return k.hasFault("link: Chứng thư") })
	if got(k, func() bool { return len(k.states) > 0 && k.states[0] == link.Connected }) || k.delivered() {
		t.Error("it spoke with somebody in the middle")
	}
	way.set(dial)
	k.await("delivery to the right one", k.delivered)
	id, _ := k.vault.Identity()
	audit(t, s, id.Kiosk, receipts)
	k.stop()
	evil.Close()
	l.Close()
	if err := <-served; err != nil {
		t.Error(err)
	}
}

// The line itself: over real sockets it delivers all that it does not cut, in order.
func TestLineOverRealSockets(t *testing.T) {
	noLeaks(t)
	lis, dial := loopback(t)
	s := startServer(t, t.TempDir(), lis)
	s.furnish()
	front, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := NewLine(dial, 7)
	served := make(chan error, 1)
	go func() { served <- l.Serve(front) }()
	k := newKiosk(t, func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "tcp", front.Addr().String())
	})
	k.pair(s, "", "mot-cua")
	k.start()
	k.await("the manifest", func() bool { return k.shows(s) })
	l.Set(Weather{CutMin: 4000, CutMax: 60_000})
	l.Cut()
	var receipts []vault.Receipt
	for n := range 300 {
		receipts = append(receipts, k.rate(n))
	}
	k.await("a few cuts", func() bool { _, cut := l.Counts(); return cut >= 4 })
	l.Set(Weather{})
	l.Cut()
	k.await("delivery", k.delivered)
	id, _ := k.vault.Identity()
	audit(t, s, id.Kiosk, receipts)
	k.stop()
	front.Close()
	l.Close()
	if err := <-served; err != nil {
		t.Error(err)
	}
}
