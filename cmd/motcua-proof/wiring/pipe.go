package wiring

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// pipeBuffer is what an in-memory connection holds in each direction before a
// writer waits, as a socket's buffers would.
const pipeBuffer = 64 << 10

// Memory is a network in memory: a net.Listener and the way to it. Unlike the
// kernel's it works within a testing/synctest bubble, deadlines included.
type Memory struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
	buffer int
}

// NewMemory makes a network whose connections hold buffer bytes in each
// direction; 0 takes what a socket would.
func NewMemory(buffer int) *Memory {
	if buffer <= 0 {
		buffer = pipeBuffer
	}
	return &Memory{conns: make(chan net.Conn), closed: make(chan struct{}), buffer: buffer}
}

// Accept implements net.Listener.
func (m *Memory) Accept() (net.Conn, error) {
	select {
	case c := <-m.conns:
		return c, nil
	case <-m.closed:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener; open connections stay.
func (m *Memory) Close() error {
	m.once.Do(func() { close(m.closed) })
	return nil
}

// Addr implements net.Listener.
func (m *Memory) Addr() net.Addr { return memoryAddr{} }

type memoryAddr struct{}

func (memoryAddr) Network() string { return "memory" }
func (memoryAddr) String() string  { return "memory:1" }

// Dial connects to the listener; network and address don't matter.
func (m *Memory) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := Pipe(m.buffer)
	select {
	case m.conns <- server:
		return client, nil
	case <-m.closed:
	case <-ctx.Done():
	}
	client.Close()
	server.Close()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return nil, errRefused
}

var errRefused = errors.New("wiring: connection refused")

// Pipe is a connected pair with room for buffer bytes in each direction.
func Pipe(buffer int) (a, b net.Conn) {
	ab, ba := newStream(buffer), newStream(buffer)
	return &pipeEnd{in: ba, out: ab}, &pipeEnd{in: ab, out: ba}
}

// pipeEnd is one end. What was written before a Close is still read by the
// other end, as with TCP's FIN; writing to a closed end fails.
type pipeEnd struct {
	in, out *stream
}

func (p *pipeEnd) Read(b []byte) (int, error)  { return p.in.read(b) }
func (p *pipeEnd) Write(b []byte) (int, error) { return p.out.write(b) }

// Close implements net.Conn.
func (p *pipeEnd) Close() error {
	p.out.end(io.EOF, nil)
	p.in.end(net.ErrClosed, io.ErrClosedPipe)
	return nil
}

func (p *pipeEnd) LocalAddr() net.Addr  { return memoryAddr{} }
func (p *pipeEnd) RemoteAddr() net.Addr { return memoryAddr{} }

// SetDeadline implements net.Conn.
func (p *pipeEnd) SetDeadline(t time.Time) error {
	return errors.Join(p.SetReadDeadline(t), p.SetWriteDeadline(t))
}

// SetReadDeadline implements net.Conn.
func (p *pipeEnd) SetReadDeadline(t time.Time) error { p.in.readBy.set(p.in, t); return nil }

// SetWriteDeadline implements net.Conn.
func (p *pipeEnd) SetWriteDeadline(t time.Time) error { p.out.writeBy.set(p.out, t); return nil }

// stream is one direction.
type stream struct {
	mu      sync.Mutex
	changed sync.Cond
	buf     []byte   // guarded by mu
	max     int      // static
	readEnd error    // guarded by mu; what a reader gets after buf, net.ErrClosed at once
	wrote   error    // guarded by mu; what a writer gets
	readBy  deadline // guarded by mu
	writeBy deadline // guarded by mu
}

func newStream(max int) *stream {
	s := &stream{max: max}
	s.changed.L = &s.mu
	return s
}

func (s *stream) read(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch {
		case errors.Is(s.readEnd, net.ErrClosed):
			return 0, net.ErrClosed
		case s.readBy.passed:
			return 0, os.ErrDeadlineExceeded
		case len(s.buf) > 0 || len(b) == 0:
			n := copy(b, s.buf)
			if s.buf = s.buf[n:]; len(s.buf) == 0 {
				s.buf = nil
			}
			s.changed.Broadcast()
			return n, nil
		case s.readEnd != nil:
			return 0, s.readEnd
		}
		s.changed.Wait()
	}
}

func (s *stream) write(b []byte) (n int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch {
		case s.wrote != nil:
			return n, s.wrote
		case s.readEnd != nil:
			return n, net.ErrClosed // this end was closed
		case s.writeBy.passed:
			return n, os.ErrDeadlineExceeded
		}
		k := min(len(b), s.max-len(s.buf))
		s.buf, b, n = append(s.buf, b[:k]...), b[k:], n+k
		s.changed.Broadcast()
		if len(b) == 0 {
			return n, nil
		}
		s.changed.Wait()
	}
}

// end stops a direction: read and write are what each side gets from now on;
// nil leaves it.
func (s *stream) end(read, write error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.readEnd == nil || errors.Is(read, net.ErrClosed) {
		s.readEnd = read
	}
	if write != nil {
		s.wrote = write
		s.buf = nil
	}
	s.readBy.stop()
	s.writeBy.stop()
	s.changed.Broadcast()
}

// deadline is guarded by its stream's mu.
type deadline struct {
	timer  *time.Timer
	round  int
	passed bool
}

func (d *deadline) stop() {
	d.round++
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
}

func (d *deadline) set(s *stream, t time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d.stop()
	d.passed = false
	if t.IsZero() || s.readEnd != nil && s.wrote != nil {
		return
	}
	in := time.Until(t)
	if in <= 0 {
		d.passed = true
		s.changed.Broadcast()
		return
	}
	round := d.round
	d.timer = time.AfterFunc(in, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if d.round == round {
			d.passed = true
			s.changed.Broadcast()
		}
	})
}
