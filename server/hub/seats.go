package hub

import (
	"math/rand/v2"
	"sync"
	"time"

	"motcua/slides/wire"
)

// class is the live connections of the kiosks that see the same things.
type class struct {
	name    string
	conns   map[*conn]struct{} // guarded by Hub.mu
	changes uint64             // guarded by Hub.mu; counts the publications seen
	made    uint64             // guarded by Hub.mu; what changes was before frame was read
	frame   *push              // guarded by Hub.mu; the newest that was made, or nil

	making sync.Mutex // held while a frame is read and made: once for all who ask
}

// begin takes note of a fresh socket, which has not said hello yet; false while
// the server stops or is full. An older one of the same kiosk that has not said
// hello either is closed, so that no kiosk holds more than two.
func (h *Hub) begin(c *conn) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.roomLocked(c.kiosk) {
		return false
	}
	if older := h.opening[c.kiosk]; older != nil {
		older.close(wire.CloseReplaced, 0)
	}
	h.order++
	c.order = h.order
	h.opening[c.kiosk] = c
	h.sessions.Add(1)
	return true
}

// hasRoom is a look ahead at what begin will say.
func (h *Hub) hasRoom(kiosk string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.roomLocked(kiosk)
}

func (h *Hub) roomLocked(kiosk string) bool {
	if h.draining {
		return false
	}
	return h.opening[kiosk] != nil || h.kiosks[kiosk] != nil || len(h.opening)+len(h.kiosks) < h.opt.MaxKiosks
}

// seat gives a connection its kiosk's place and returns the one that had it,
// which is now closing. The newer socket wins, whichever's hello came first: a
// hello that was long on its way must not push out the kiosk's next try. False:
// c is the older one, or the server stops; it is closing.
func (h *Hub) seat(c *conn) (older *conn, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.opening[c.kiosk] == c {
		delete(h.opening, c.kiosk)
	}
	older = h.kiosks[c.kiosk]
	switch {
	case h.draining:
		c.close(wire.CloseGoingAway, time.Second+rand.N(4*time.Second))
		return nil, false
	case older != nil && older.order > c.order:
		c.close(wire.CloseReplaced, 0)
		return nil, false
	case older != nil:
		h.leaveLocked(older)
		older.close(wire.CloseReplaced, 0)
	}
	h.kiosks[c.kiosk] = c
	h.opt.Metrics.connected.Set(float64(len(h.kiosks)))
	return older, true
}

// enter makes a seated connection live: pushes and changes reach it from now
// on. False: a newer one has its place.
func (h *Hub) enter(c *conn, class string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.kiosks[c.kiosk] != c {
		return false
	}
	c.live = true
	h.moveLocked(c, class)
	return true
}

// move puts a live connection in a class; nil where it is no longer live.
func (h *Hub) move(c *conn, name string) *class {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !c.live {
		return nil
	}
	return h.moveLocked(c, name)
}

func (h *Hub) moveLocked(c *conn, name string) *class {
	if c.class != nil && c.class.name == name {
		return c.class
	}
	h.outLocked(c)
	cl := h.classes[name]
	if cl == nil {
		cl = &class{name: name, conns: map[*conn]struct{}{}}
		h.classes[name] = cl
	}
	cl.conns[c] = struct{}{}
	c.class = cl
	return cl
}

// outLocked takes a connection out of its class. An empty class is forgotten
// with its frame: who still makes one for it does so for nobody.
func (h *Hub) outLocked(c *conn) {
	if c.class == nil {
		return
	}
	delete(c.class.conns, c)
	if len(c.class.conns) == 0 && h.classes[c.class.name] == c.class {
		delete(h.classes, c.class.name)
	}
	c.class = nil
}

func (h *Hub) leaveLocked(c *conn) {
	h.outLocked(c)
	c.live = false
	if h.kiosks[c.kiosk] == c {
		delete(h.kiosks, c.kiosk)
	}
	if h.opening[c.kiosk] == c {
		delete(h.opening, c.kiosk)
	}
}

// leave ends a connection's place, if it has one.
func (h *Hub) leave(c *conn) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.leaveLocked(c)
	h.opt.Metrics.connected.Set(float64(len(h.kiosks)))
}

// find returns a kiosk's live connection, or nil.
func (h *Hub) find(kiosk string) *conn {
	h.mu.Lock()
	defer h.mu.Unlock()
	if c := h.kiosks[kiosk]; c != nil && c.live {
		return c
	}
	return nil
}

// live lists the live connections.
func (h *Hub) live() []*conn {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := make([]*conn, 0, len(h.kiosks))
	for _, c := range h.kiosks {
		if c.live {
			out = append(out, c)
		}
	}
	return out
}

// Connected is the number of live connections of this process.
func (h *Hub) Connected() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.kiosks)
}

// Drain refuses new connections and closes all with "come back later", spread
// so that a restarted server meets them a few hundred a second. It does not wait.
func (h *Hub) Drain() {
	h.mu.Lock()
	h.draining = true
	all := make([]*conn, 0, len(h.kiosks)+len(h.opening))
	for _, c := range h.kiosks {
		all = append(all, c)
	}
	for _, c := range h.opening {
		all = append(all, c)
	}
	h.mu.Unlock()
	spread := time.Second + time.Duration(len(all))*2*time.Millisecond
	for _, c := range all {
		c.close(wire.CloseGoingAway, 500*time.Millisecond+rand.N(spread))
	}
}
