package wiring

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Dial reaches a server: net.Dialer's DialContext, or Memory's Dial.
type Dial func(ctx context.Context, network, addr string) (net.Conn, error)

// Weather is how bad a Line is. The zero value is a good line.
type Weather struct {
	Delay  time.Duration // each piece of data waits so long in each direction
	Jitter time.Duration // and up to so much more; order within a connection stays
	Rate   int           // bytes a second in each direction; 0 is without limit
	CutMin int           // with CutMax: each new connection is cut after so many bytes,
	CutMax int           // both directions together, at random; 0 is never
	Refuse bool          // new connections are refused
}

// Line is a network between kiosks and one server that does to bytes what TCP
// lets happen: they come late, slowly, or no more; never twice or out of order
// within a connection. Twice means that a kiosk sends again after a cut, and out
// of order that an old connection's bytes arrive after the next one's (see
// CutClients). It is safe for concurrent use.
type Line struct {
	up Dial

	mu      sync.Mutex
	weather Weather             // guarded by mu
	rand    *rand.Rand          // guarded by mu
	cables  map[*cable]struct{} // guarded by mu
	frozen  chan struct{}       // guarded by mu; not nil while nothing passes, closed by Thaw
	closed  bool                // guarded by mu

	opened, cut atomic.Int64
	done        sync.WaitGroup
}

// NewLine is a good line to what up reaches; seed makes its chances.
func NewLine(up Dial, seed uint64) *Line {
	return &Line{up: up, rand: rand.New(rand.NewPCG(seed, 1)), cables: map[*cable]struct{}{}}
}

// Set changes the weather for what is sent from now on; CutMin, CutMax and
// Refuse for new connections.
func (l *Line) Set(w Weather) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.weather = w
}

// Counts tells how many connections were opened, and cut by this line.
func (l *Line) Counts() (opened, cut int64) { return l.opened.Load(), l.cut.Load() }

// Freeze makes every connection half-open: both sides think it is up, and
// nothing passes until Thaw. What is sent meanwhile waits.
func (l *Line) Freeze() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.frozen == nil {
		l.frozen = make(chan struct{})
	}
}

// Thaw ends Freeze.
func (l *Line) Thaw() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.frozen != nil {
		close(l.frozen)
		l.frozen = nil
	}
}

// Cut breaks all connections; what is on the way is lost.
func (l *Line) Cut() {
	for _, c := range l.all() {
		c.cut()
	}
}

// CutClients breaks all connections on the client's side only: what the
// clients had sent still arrives, as late as the weather has it, beside what
// their next connections send.
func (l *Line) CutClients() {
	for _, c := range l.all() {
		l.cut.Add(1)
		c.client.Close()
	}
}

func (l *Line) all() []*cable {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]*cable, 0, len(l.cables))
	for c := range l.cables {
		out = append(out, c)
	}
	return out
}

// Close cuts everything, refuses the rest and waits until all is still.
func (l *Line) Close() {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	l.Thaw()
	l.Cut()
	l.done.Wait()
}

// Dial is the way through the line within a process: a link's seam.
func (l *Line) Dial(ctx context.Context, network, addr string) (net.Conn, error) {
	client, far := Pipe(pipeBuffer)
	if err := l.join(ctx, far, network, addr); err != nil {
		client.Close()
		far.Close()
		return nil, err
	}
	return client, nil
}

// Serve takes connections from a listener, for clients in other processes,
// until the listener is closed.
func (l *Line) Serve(lis net.Listener) error {
	for {
		c, err := lis.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return err
		}
		l.done.Add(1)
		go func() {
			defer l.done.Done()
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			if l.join(ctx, c, "tcp", "") != nil {
				c.Close()
			}
		}()
	}
}

// join connects a client's socket to the server.
func (l *Line) join(ctx context.Context, client net.Conn, network, addr string) error {
	l.mu.Lock()
	refuse := l.closed || l.weather.Refuse
	l.mu.Unlock()
	if refuse {
		return errRefused
	}
	server, err := l.up(ctx, network, addr)
	if err != nil {
		return err
	}
	c := &cable{line: l, client: client, server: server, gone: make(chan struct{})}
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		server.Close()
		return errRefused
	}
	if w := l.weather; w.CutMax > 0 {
		c.limited = true
		c.left.Store(int64(w.CutMin + l.rand.IntN(w.CutMax-w.CutMin+1)))
	}
	l.cables[c] = struct{}{}
	l.done.Add(1)
	l.mu.Unlock()
	l.opened.Add(1)
	go func() {
		defer l.done.Done()
		var both sync.WaitGroup
		both.Go(func() { c.carry(c.server, c.client) })
		both.Go(func() { c.carry(c.client, c.server) })
		both.Wait()
		l.mu.Lock()
		delete(l.cables, c)
		l.mu.Unlock()
	}()
	return nil
}

// cable is one connection through the line.
type cable struct {
	line           *Line
	client, server net.Conn
	limited        bool         // static
	left           atomic.Int64 // bytes until the cut, if limited
	gone           chan struct{}
	once           sync.Once
}

func (c *cable) cut() {
	c.once.Do(func() {
		c.line.cut.Add(1)
		close(c.gone)
		c.client.Close()
		c.server.Close()
	})
}

// parcel is data on its way.
type parcel struct {
	data []byte
	due  time.Time
}

// carry moves what is read from one side to the other until one of them ends.
func (c *cable) carry(to, from net.Conn) {
	way := make(chan parcel, 256)
	var both sync.WaitGroup
	both.Go(func() {
		defer close(way)
		for {
			buf := make([]byte, 16<<10)
			n, err := from.Read(buf)
			if n > 0 {
				select {
				case way <- parcel{buf[:n], time.Now().Add(c.line.wait())}:
				case <-c.gone:
					return
				}
			}
			if err != nil {
				return
			}
		}
	})
	both.Go(func() {
		whole := true
		for p := range way {
			whole = whole && c.deliver(to, p) // else drained: the other direction ends the reading
		}
		to.Close() // all that was sent has come: the end comes after it
	})
	both.Wait()
}

// deliver writes a parcel when it is due; false when the connection is over.
func (c *cable) deliver(to net.Conn, p parcel) bool {
	if !c.until(p.due) || !c.thawed() {
		return false
	}
	data, cut := p.data, false
	if c.limited {
		if left := c.left.Add(-int64(len(data))); left <= 0 {
			data, cut = data[:max(0, int64(len(data))+left)], true
		}
	}
	_, err := to.Write(data)
	if cut {
		c.cut()
	}
	if err != nil || cut {
		return false
	}
	if rate := c.line.rate(); rate > 0 {
		return c.until(time.Now().Add(time.Duration(len(data)) * time.Second / time.Duration(rate)))
	}
	return true
}

// until waits for t; false when the cable was cut before.
func (c *cable) until(t time.Time) bool {
	d := time.Until(t)
	if d <= 0 {
		select {
		case <-c.gone:
			return false
		default:
			return true
		}
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-c.gone:
		return false
	}
}

func (c *cable) thawed() bool {
	for {
		c.line.mu.Lock()
		frozen := c.line.frozen
		c.line.mu.Unlock()
		if frozen == nil {
			return true
		}
		select {
		case <-frozen:
		case <-c.gone:
			return false
		}
	}
}

func (l *Line) wait() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	d := l.weather.Delay
	if l.weather.Jitter > 0 {
		d += time.Duration(l.rand.Int64N(int64(l.weather.Jitter)))
	}
	return d
}

func (l *Line) rate() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.weather.Rate
}
