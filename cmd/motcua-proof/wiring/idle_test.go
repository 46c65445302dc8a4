package wiring

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"testing"

	"motcua/slides/wire"
)

// BenchmarkIdleConnection opens a thousand real sockets to a real hub and reports
// what one costs the server while nothing happens. The kiosks' side is in the
// same process but keeps nothing but a socket: no buffers, no goroutine.
func BenchmarkIdleConnection(b *testing.B) {
	const n = 1000
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	s := startServer(b, b.TempDir(), lis)
	s.furnish()
	dial := (&net.Dialer{}).DialContext
	at := lis.Addr().String()
	way := Dial(func(ctx context.Context, network, _ string) (net.Conn, error) { return dial(ctx, "tcp", at) })
	shared := clientOf(way)
	kiosks := make([]*raw, n)
	for i := range kiosks {
		kiosks[i] = newRaw(b, s, way, "mot-cua")
		kiosks[i].http = shared
	}
	settle := func() (heap, stack uint64) {
		var m runtime.MemStats
		for range 3 {
			runtime.GC()
		}
		runtime.ReadMemStats(&m)
		return m.HeapInuse, m.StackInuse
	}
	for b.Loop() {
		heap, stack := settle()
		socks := make([]net.Conn, n)
		for i, k := range kiosks {
			socks[i] = k.idle(at)
		}
		await(b, "all to be connected", nil, func() bool { return s.hub.Connected() == n }, func() string { return fmt.Sprint(s.hub.Connected()) })
		// The first pings come after up to 25 s; before them nothing is written.
		heap2, stack2 := settle()
		b.ReportMetric(float64(int64(heap2)-int64(heap))/n, "heap-B/conn")
		b.ReportMetric(float64(int64(stack2)-int64(stack))/n, "stack-B/conn")
		for _, c := range socks {
			c.Close()
		}
		await(b, "all to be gone", nil, func() bool { return s.hub.Connected() == 0 }, func() string { return fmt.Sprint(s.hub.Connected()) })
	}
}

// idle connects with nothing but a socket, says hello and reads up to the
// current state, then keeps still.
func (r *raw) idle(addr string) net.Conn {
	r.t.Helper()
	client, nonce := r.challenge()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		r.t.Fatal(err)
	}
	sig := wire.Sign(r.key, wire.ContextKiosk, wire.KioskProof(r.kiosk, client, nonce))
	fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: server\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: %s\r\nAuthorization: %s\r\n\r\n",
		wire.PathSocket, wire.Subprotocol, wire.Authorization(r.kiosk, client, nonce, sig))
	in := bufio.NewReader(c)
	res, err := http.ReadResponse(in, nil)
	if err != nil || res.StatusCode != http.StatusSwitchingProtocols {
		r.t.Fatalf("%v %v", res, err)
	}
	hello, err := wire.Plain(wire.THello, wire.Hello{Version: wire.Version, Kiosk: r.kiosk})
	if err != nil {
		r.t.Fatal(err)
	}
	// One masked text frame; a mask of zeros leaves the bytes as they are.
	head := []byte{0x81, 0x80 | 126, 0, 0, 0, 0, 0, 0}
	binary.BigEndian.PutUint16(head[2:], uint16(len(hello)))
	if _, err := c.Write(append(head, hello...)); err != nil {
		r.t.Fatal(err)
	}
	for seen := 0; seen < 3; seen++ { // welcome, settings, manifest
		if err := skipFrame(in); err != nil {
			r.t.Fatal(err)
		}
	}
	return c
}

// skipFrame reads one unmasked frame away.
func skipFrame(in *bufio.Reader) error {
	var h [2]byte
	if _, err := io.ReadFull(in, h[:]); err != nil {
		return err
	}
	n := int64(h[1])
	switch n {
	case 126, 127:
		b := make([]byte, 2+6*(n-126))
		if _, err := io.ReadFull(in, b); err != nil {
			return err
		}
		n = 0
		for _, x := range b {
			n = n<<8 | int64(x)
		}
	}
	_, err := io.CopyN(io.Discard, in, n)
	return err
}
