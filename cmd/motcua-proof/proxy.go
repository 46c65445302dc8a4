package main

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// faultProxy stands between kiosks and a server and breaks what passes.
type faultProxy struct {
	lis    net.Listener
	server string

	mu    sync.Mutex
	r     *rand.Rand        // guarded by mu
	conns map[net.Conn]bool // guarded by mu

	cuts, delays, deaf, late atomic.Int64
	opened                   atomic.Int64
}

func newFaultProxy(server string, seed uint64) (*faultProxy, error) {
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &faultProxy{lis: lis, server: server, r: rand.New(rand.NewPCG(seed, 3)), conns: map[net.Conn]bool{}}
	go p.accept()
	return p, nil
}

func (p *faultProxy) url() string { return "http://" + p.lis.Addr().String() }

func (p *faultProxy) close() {
	p.lis.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		c.Close()
	}
}

func (p *faultProxy) accept() {
	for {
		c, err := p.lis.Accept()
		if err != nil {
			return
		}
		go p.pass(c)
	}
}

func (p *faultProxy) chance(n int) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.r.IntN(n)
}

func (p *faultProxy) keep(c net.Conn, on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if on {
		p.conns[c] = true
	} else {
		delete(p.conns, c)
	}
}

// pass joins one connection, with one of the faults.
func (p *faultProxy) pass(kiosk net.Conn) {
	p.opened.Add(1)
	server, err := net.Dial("tcp", p.server)
	if err != nil {
		kiosk.Close()
		return
	}
	p.keep(kiosk, true)
	p.keep(server, true)
	defer p.keep(kiosk, false)
	defer p.keep(server, false)
	defer kiosk.Close()
	defer server.Close()
	// Each kind in turn, so that a short run meets them all; no line lives long.
	kind := int(p.opened.Load()) % 5
	life := time.AfterFunc(time.Duration(500+p.chance(2500))*time.Millisecond, func() { kiosk.Close(); server.Close() })
	defer life.Stop()
	var up, down func(b []byte) ([]byte, error)
	switch kind {
	case 0: // cut after some bytes, in the middle of whatever
		left := int64(p.chance(40_000))
		count := &left
		cut := func(b []byte) ([]byte, error) {
			if n := atomic.AddInt64(count, -int64(len(b))); n < 0 {
				p.cuts.Add(1)
				return b[:max(0, len(b)+int(n))], errCut
			}
			return b, nil
		}
		up, down = cut, cut
	case 1: // slow, by pieces
		p.delays.Add(1)
		slow := func(b []byte) ([]byte, error) {
			time.Sleep(time.Duration(p.chance(120)) * time.Millisecond)
			return b, nil
		}
		up, down = slow, slow
	case 2: // acknowledgements vanish, then the line: the kiosk sends all again
		from := int64(1500 + p.chance(10_000))
		var fell atomic.Int64
		down = func(b []byte) ([]byte, error) {
			if from -= int64(len(b)); from < 0 {
				if fell.CompareAndSwap(0, 1) {
					p.deaf.Add(1)
					time.AfterFunc(time.Duration(200+p.chance(800))*time.Millisecond, func() { kiosk.Close(); server.Close() })
				}
				return nil, nil
			}
			return b, nil
		}
	case 3: // what was on its way arrives after the kiosk has come back
		life.Stop() // it must outlive the kiosk's next connection
		p.passLate(kiosk, server, int64(2500+p.chance(20_000)))
		return
	}
	join(kiosk, server, up, down)
}

var errCut = errors.New("cut")

// join copies both ways until one side ends or is cut.
func join(kiosk, server net.Conn, up, down func([]byte) ([]byte, error)) {
	done := make(chan struct{}, 2)
	one := func(to, from net.Conn, change func([]byte) ([]byte, error)) {
		defer func() { done <- struct{}{} }()
		buf := make([]byte, 8<<10)
		for {
			n, err := from.Read(buf)
			b := buf[:n]
			if n > 0 {
				var cerr error
				if change != nil {
					b, cerr = change(b)
				}
				if _, werr := to.Write(b); werr != nil || cerr != nil {
					return
				}
			}
			if err != nil {
				return
			}
		}
	}
	go one(server, kiosk, up)
	go one(kiosk, server, down)
	<-done
	kiosk.Close()
	server.Close()
	<-done
}

// passLate passes so many bytes up, then goes silent to the kiosk but takes all
// that it still sends, cuts it off, and gives the server the rest once the
// kiosk has had time to connect anew.
func (p *faultProxy) passLate(kiosk, server net.Conn, after int64) {
	go io.Copy(kiosk, server) // ends with either
	if n, err := io.CopyN(server, kiosk, after); err != nil || n < after {
		return
	}
	p.late.Add(1)
	if err := kiosk.SetReadDeadline(time.Now().Add(300 * time.Millisecond)); err != nil {
		return
	}
	held, err := io.ReadAll(io.LimitReader(kiosk, 4<<20))
	if err != nil && !errors.Is(err, net.ErrClosed) {
		err = nil // the deadline: what came is what counts
	}
	kiosk.Close()
	time.Sleep(time.Duration(400+p.chance(1200)) * time.Millisecond)
	for len(held) > 0 && err == nil {
		n := min(len(held), 1+p.chance(4096))
		_, err = server.Write(held[:n])
		held = held[n:]
	}
	time.Sleep(50 * time.Millisecond)
}

// every says whether each kind of fault has happened.
func (p *faultProxy) every() bool {
	return p.cuts.Load() > 0 && p.delays.Load() > 0 && p.deaf.Load() > 0 && p.late.Load() > 0
}

func (p *faultProxy) String() string {
	return fmt.Sprintf("%d connections: %d cut, %d slow, %d with lost acknowledgements, %d delivered late", p.opened.Load(), p.cuts.Load(), p.delays.Load(), p.deaf.Load(), p.late.Load())
}
