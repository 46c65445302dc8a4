package hub

import (
	"crypto/ed25519"
	"encoding/json"
	"io"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/time/rate"

	"motcua/slides"
	"motcua/slides/wire"
)

// conn is one kiosk's socket. Nothing that is sent blocks its sender: state
// collapses to the newest in one slot, other frames wait in a bounded line, and
// an overflow closes with wire.CloseSlow. The line is written by one goroutine,
// which lives only while there is something to write, so that thousands of idle
// kiosks cost no stacks.
type conn struct {
	// Static after construction.
	ws      *websocket.Conn
	metrics *Metrics
	kiosk   string
	id      string            // this connection's lease
	key     ed25519.PublicKey // the key that it signed in with
	client  []byte            // the client nonce, which acks carry
	nonce   []byte            // the server's

	// turn is held while something of the kiosk is read from the store and told,
	// so that the session and the followed changes do not tell it in another
	// order than they read it; a newer connection of the kiosk waits for it
	// before it takes the lease.
	turn sync.Mutex

	allowed *rate.Limiter // owned by the session
	leased  bool          // owned by the session

	order uint64 // guarded by Hub.mu; rises with each socket opened
	live  bool   // guarded by Hub.mu; welcomed, and the kiosk's newest
	class *class // guarded by Hub.mu; nil unless live

	mu      sync.Mutex
	state   *push           // guarded by mu; the newest manifest not yet written
	offered int64           // guarded by mu; the highest revision ever put in state
	line    [][]byte        // guarded by mu; frames in order
	room    chan struct{}   // guarded by mu; closed when the line gets shorter, if somebody waits
	pingDue bool            // guarded by mu
	writing bool            // guarded by mu; a flush is running
	bye     []byte          // guarded by mu; the close frame, until it is written
	ending  bool            // guarded by mu; nothing is written but bye
	said    chan struct{}   // guarded by mu; made with ending, closed once bye is written
	closed  bool            // guarded by mu
	pinger  *time.Timer     // guarded by mu
	told    map[string]bool // guarded by mu; commands sent on this connection

	gone chan struct{} // closed once, with closed
}

// offer puts a manifest in the state slot, over an older one not yet written;
// one that is not newer than an earlier offer is dropped, so that the answer to
// a hello and a publication that races it can come in either order. That holds
// over a change of class as well: it comes with a manifest of a new revision.
func (c *conn) offer(p *push) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.deaf() || p.revision <= c.offered {
		return
	}
	c.state, c.offered = p, p.revision
	c.kick()
}

// has notes that the kiosk has a revision, as if it had been offered; false
// where a newer one is on its way already.
func (c *conn) has(revision int64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if revision < c.offered {
		return false
	}
	c.offered = revision
	return true
}

// send puts a frame in line; it reports false when the line was full (the
// connection is then closing) or the connection is gone.
func (c *conn) send(frame []byte) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.deaf() {
		return false
	}
	if len(c.line) >= wire.MaxCommands {
		c.end(wire.CloseSlow, 0)
		return false
	}
	c.line = append(c.line, frame)
	c.kick()
	return true
}

// await is send for who may wait until there is room.
func (c *conn) await(frame []byte) bool {
	for {
		c.mu.Lock()
		if c.deaf() || len(c.line) < wire.MaxCommands {
			c.mu.Unlock()
			return c.send(frame)
		}
		if c.room == nil {
			c.room = make(chan struct{})
		}
		room := c.room
		c.mu.Unlock()
		select {
		case <-room:
		case <-c.gone:
		}
	}
}

// deaf says that nothing more will be written. mu is held.
func (c *conn) deaf() bool { return c.closed || c.ending }

func (c *conn) isDeaf() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.deaf()
}

// beat starts the pings: the first after a random part, so that a mass
// reconnect does not ping in step. A connection past until ends instead.
func (c *conn) beat(until time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.deaf() {
		return
	}
	c.pinger = time.AfterFunc(rand.N(wire.PingMin), func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		switch {
		case c.deaf():
		case time.Now().After(until):
			c.end(wire.CloseGoingAway, 0)
		default:
			c.pingDue = true
			c.kick()
			c.pinger.Reset(wire.PingMin + rand.N(wire.PingMax-wire.PingMin))
		}
	})
}

// sent says whether command id went out on this connection, and notes that it now does.
func (c *conn) sent(id string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.told[id] {
		return true
	}
	if c.told == nil {
		c.told = map[string]bool{}
	}
	c.told[id] = true
	return false
}

// kick starts the flush if it is not running. mu is held.
func (c *conn) kick() {
	if !c.writing {
		c.writing = true
		go c.flush()
	}
}

// flush writes until nothing is left; it alone writes data frames.
func (c *conn) flush() {
	for {
		write := c.next()
		if write == nil {
			return
		}
		_ = c.ws.SetWriteDeadline(time.Now().Add(wire.WriteWithin)) // never fails in gorilla
		if err := write(); err != nil {
			c.metrics.closed.WithLabelValues("unwritable").Inc()
			c.drop()
			return
		}
	}
}

// next takes what is to be written now; nil ends the flush.
func (c *conn) next() (write func() error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.closed:
	case c.bye != nil:
		bye, said := c.bye, c.said
		c.bye = nil
		return func() error {
			defer close(said)
			return c.ws.WriteControl(websocket.CloseMessage, bye, time.Now().Add(wire.CloseWithin))
		}
	case c.ending:
	case len(c.line) > 0:
		frame := c.line[0]
		c.line[0] = nil
		if c.line = c.line[1:]; len(c.line) == 0 {
			c.line = nil
		}
		if c.room != nil {
			close(c.room)
			c.room = nil
		}
		return func() error { return c.ws.WriteMessage(websocket.TextMessage, frame) }
	case c.state != nil:
		state := c.state
		c.state = nil
		return func() error { return c.ws.WritePreparedMessage(state.message) }
	case c.pingDue:
		c.pingDue = false
		return func() error {
			return c.ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(wire.WriteWithin))
		}
	}
	c.writing = false
	return nil
}

// close tells the kiosk why and ends the connection. retry, if not 0, asks it
// to come back no sooner. It does not wait: the frame being written is finished
// first, and after wire.CloseWithin the socket is closed in any case.
func (c *conn) close(code int, retry time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.end(code, retry)
}

// end is close with mu held.
func (c *conn) end(code int, retry time.Duration) {
	if c.deaf() {
		return
	}
	row, _ := wire.FindClose(code)
	c.metrics.closed.WithLabelValues(row.Name).Inc()
	reason := row.Name
	if retry > 0 {
		b, _ := json.Marshal(map[string]int64{"retry_ms": retry.Milliseconds()}) // a map of numbers always encodes
		reason = string(b)
	}
	c.ending, c.bye, c.said = true, websocket.FormatCloseMessage(code, reason), make(chan struct{})
	c.line, c.state, c.pingDue = nil, nil, false
	time.AfterFunc(wire.CloseWithin, c.drop)
	c.kick()
}

// drop ends the connection without a word.
func (c *conn) drop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	c.closed = true
	c.line, c.state, c.bye = nil, nil, nil
	if c.pinger != nil {
		c.pinger.Stop()
	}
	close(c.gone)
	_ = c.ws.Close() // the socket is done with either way
}

// rest reads on after a close of ours until the kiosk has closed as well or
// drop comes: a socket closed over unread bytes is reset, and the reset may
// overtake the close frame.
func (c *conn) rest() {
	c.mu.Lock()
	ending, said := c.ending, c.said
	c.mu.Unlock()
	if !ending {
		return
	}
	for {
		if _, _, err := c.ws.NextReader(); err != nil {
			break
		}
	}
	select {
	case <-said:
	case <-c.gone:
	}
}

// control makes a handler of pings or pongs: they renew the deadline, as every
// frame does, and count as frames.
func (c *conn) control(reply func(string) error) func(string) error {
	return func(data string) error {
		if !c.allowed.Allow() {
			c.close(wire.CloseTooMany, 0)
			return nil // the session reads on until the other side has closed
		}
		if err := c.ws.SetReadDeadline(time.Now().Add(wire.ReadDeadline)); err != nil {
			return err
		}
		return reply(data)
	}
}

// tooLarge is what read returns for a frame over its limit.
type tooLarge struct{}

func (tooLarge) Error() string { return "the frame is over its limit" }

// read returns the next frame. It has its own limit instead of gorilla's, which
// would close with RFC 6455's 1009 before wire.CloseTooLarge could be sent.
func (c *conn) read(within time.Duration) (frame []byte, err error) {
	_ = c.ws.SetReadDeadline(time.Now().Add(within)) // never fails in gorilla
	kind, r, err := c.ws.NextReader()
	if err != nil {
		return nil, err
	}
	if frame, err = io.ReadAll(io.LimitReader(r, wire.MaxFromKiosk+1)); err != nil {
		return nil, err
	}
	if len(frame) > wire.MaxFromKiosk {
		return nil, tooLarge{}
	}
	if kind != websocket.TextMessage {
		return nil, slides.E(slides.Invalid, "hub.read", "Bản tin phải là văn bản JSON.", "A frame must be JSON text.", nil)
	}
	return frame, nil
}
