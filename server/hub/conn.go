package hub

import (
	"crypto/ed25519"
	"encoding/json"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"motcua/slides/wire"
)

// conn is one kiosk's socket. Nothing that is sent blocks its sender: state
// collapses to the newest in one slot, other frames wait in a bounded line, and
// an overflow closes with wire.CloseSlow. The line is written by one goroutine,
// which lives only while there is something to write, so that thousands of idle
// kiosks cost no stacks.
type conn struct {
	ws     *websocket.Conn
	kiosk  string            // static after construction
	id     string            // static: this connection's lease
	key    ed25519.PublicKey // static: the key that it signed in with
	client []byte            // static: the client nonce, which acks carry

	mu      sync.Mutex
	state   *push           // guarded by mu; the newest manifest not yet written
	offered int64           // guarded by mu; the highest revision ever put in state
	line    [][]byte        // guarded by mu; frames in order
	pingDue bool            // guarded by mu
	writing bool            // guarded by mu; a flush is running
	closed  bool            // guarded by mu
	pinger  *time.Timer     // guarded by mu
	told    map[string]bool // guarded by mu; commands sent on this connection

	gone chan struct{} // closed once, with closed
}

// offer puts a manifest in the state slot, over an older one not yet written;
// one that is not newer than an earlier offer is dropped, so that the answer to
// a hello and a publication that races it can come in either order.
func (c *conn) offer(p *push) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || p.revision <= c.offered {
		return
	}
	c.state, c.offered = p, p.revision
	c.kick()
}

// rebase forgets earlier offers: the kiosk now belongs to another class.
func (c *conn) rebase() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state, c.offered = nil, -1
}

// send puts a frame in line; it reports false when the line was full (the
// connection is then closing) or the connection is gone.
func (c *conn) send(frame []byte) bool {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return false
	}
	if len(c.line) >= wire.MaxCommands {
		c.mu.Unlock()
		c.close(wire.CloseSlow, 0)
		return false
	}
	c.line = append(c.line, frame)
	c.kick()
	c.mu.Unlock()
	return true
}

// beat starts the pings: the first after a random part, so that a mass
// reconnect does not ping in step. A connection past until ends instead.
func (c *conn) beat(until time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	c.pinger = time.AfterFunc(rand.N(wire.PingMin), func() {
		if time.Now().After(until) {
			c.close(wire.CloseGoingAway, 0)
			return
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.closed {
			return
		}
		c.pingDue = true
		c.kick()
		c.pinger.Reset(wire.PingMin + rand.N(wire.PingMax-wire.PingMin))
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
		c.mu.Lock()
		if c.closed {
			c.writing = false
			c.mu.Unlock()
			return
		}
		var frame []byte
		var state *push
		var ping bool
		switch {
		case len(c.line) > 0:
			frame = c.line[0]
			c.line[0] = nil
			if c.line = c.line[1:]; len(c.line) == 0 {
				c.line = nil
			}
		case c.state != nil:
			state, c.state = c.state, nil
		case c.pingDue:
			ping, c.pingDue = true, false
		default:
			c.writing = false
			c.mu.Unlock()
			return
		}
		c.mu.Unlock()

		deadline := time.Now().Add(wire.WriteWithin)
		_ = c.ws.SetWriteDeadline(deadline) // never fails in gorilla
		var err error
		switch {
		case frame != nil:
			err = c.ws.WriteMessage(websocket.TextMessage, frame)
		case state != nil:
			err = c.ws.WritePreparedMessage(state.message)
		case ping:
			err = c.ws.WriteControl(websocket.PingMessage, nil, deadline)
		}
		if err != nil {
			c.drop()
			return
		}
	}
}

// close tells the kiosk why and ends the connection. retry, if not 0, asks it
// to come back no sooner.
func (c *conn) close(code int, retry time.Duration) {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return
	}
	c.mu.Unlock()
	reason := ""
	if retry > 0 {
		b, _ := json.Marshal(map[string]int64{"retry_ms": retry.Milliseconds()}) // a map of numbers always encodes
		reason = string(b)
	} else if row, ok := wire.FindClose(code); ok {
		reason = row.Name
	}
	// WriteControl may run beside the flush; a kiosk that does not read must not
	// hold the closer, hence the short deadline.
	_ = c.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, reason), time.Now().Add(time.Second))
	c.drop()
}

// drop ends the connection without a word.
func (c *conn) drop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	c.closed = true
	c.line, c.state = nil, nil
	if c.pinger != nil {
		c.pinger.Stop()
	}
	close(c.gone)
	_ = c.ws.Close() // the socket is done with either way
}
