package hub

import (
	"context"

	"github.com/gorilla/websocket"

	"motcua/slides"
	"motcua/slides/wire"
)

// push is a class's newest manifest, ready to be written to any number of sockets.
type push struct {
	revision int64
	id       string // of the manifest
	message  *websocket.PreparedMessage
	blobs    map[string]bool // all that the manifest reaches: the next push inlines only what is new
}

// push sends a class's newest manifest to all its connections.
func (h *Hub) push(ctx context.Context, name string) error {
	h.mu.Lock()
	cl := h.classes[name]
	if cl != nil {
		cl.changes++
	}
	h.mu.Unlock()
	if cl == nil {
		return nil
	}
	p, err := h.frame(ctx, cl)
	if slides.KindOf(err) == slides.NotFound {
		return nil // taken back meanwhile
	}
	if err != nil {
		return err
	}
	h.mu.Lock()
	to := make([]*conn, 0, len(cl.conns))
	for c := range cl.conns {
		to = append(to, c)
	}
	h.mu.Unlock()
	for _, c := range to {
		c.offer(p)
	}
	h.opt.Metrics.pushes.Add(float64(len(to)))
	return nil
}

// frame returns the newest manifest of a class as one prepared message, made
// once for all its connections; kind NotFound while nothing is published. What
// was made before a publication was seen is read anew, so that a connection
// that enters the class gets the newest either here or by the push.
func (h *Hub) frame(ctx context.Context, cl *class) (*push, error) {
	if p := h.made(cl); p != nil {
		return p, nil
	}
	cl.making.Lock()
	defer cl.making.Unlock()
	if p := h.made(cl); p != nil {
		return p, nil // somebody was faster
	}
	h.mu.Lock()
	last, changes := cl.frame, cl.changes
	h.mu.Unlock()
	m, err := h.store.Manifest(ctx, cl.name)
	if err != nil {
		return nil, err
	}
	p := last
	if last == nil || last.id != m.ID {
		if p, err = h.prepare(ctx, m.ID, m.Revision, m.Bytes, last); err != nil {
			return nil, err
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	cl.frame, cl.made = p, changes
	return p, nil
}

// made returns the class's frame if no publication was seen since it was read.
func (h *Hub) made(cl *class) *push {
	h.mu.Lock()
	defer h.mu.Unlock()
	if cl.made != cl.changes {
		return nil
	}
	return cl.frame
}

// prepare seals a manifest: small blobs that the class's last push did not
// reach ride along, so that a text slide is on its kiosks with the push itself.
func (h *Hub) prepare(ctx context.Context, id string, revision int64, b []byte, last *push) (*push, error) {
	parsed, err := slides.ParseManifest(b)
	if err != nil {
		return nil, err
	}
	p := &push{revision: revision, id: id, blobs: make(map[string]bool, len(parsed.Blobs))}
	var small []string
	room := int64(wire.MaxInlined)
	for _, b := range parsed.Blobs {
		p.blobs[b.SHA] = true
		if last != nil && !last.blobs[b.SHA] && b.Size <= min(wire.MaxInline, room) {
			small = append(small, b.SHA)
			room -= b.Size
		}
	}
	var inline []wire.Inline
	if len(small) > 0 {
		data, err := h.store.SmallBlobs(ctx, small, wire.MaxInline)
		if err != nil {
			return nil, err
		}
		for _, sha := range small {
			if b, ok := data[sha]; ok {
				inline = append(inline, wire.Inline{SHA: sha, Data: b})
			}
		}
	}
	frame, err := wire.Seal(h.store.ServerKey(), wire.TManifest, b, inline...)
	if err != nil {
		return nil, err
	}
	if p.message, err = websocket.NewPreparedMessage(websocket.TextMessage, frame); err != nil {
		return nil, slides.E(slides.Broken, "hub.prepare", "Không chuẩn bị được bản tin.", "The frame can't be prepared.", err)
	}
	return p, nil
}

// refresh tells a kiosk what is its own and brings it to its class and that
// class's newest manifest; has is the manifest that it said to have, or "". A
// kiosk whose key no longer signs in is closed.
func (h *Hub) refresh(ctx context.Context, c *conn, has string) error {
	c.turn.Lock()
	defer c.turn.Unlock()
	k, err := h.store.Kiosk(ctx, c.kiosk)
	if err != nil && slides.KindOf(err) != slides.NotFound {
		return err // only the store's word unpairs a kiosk, not a fault of it
	}
	if err != nil || !k.Key.Equal(c.key) {
		c.close(wire.CloseUnpaired, 0)
		return nil
	}
	terminal := k.Works
	terminal.Seal = h.store.SealKey()
	if terminal.Phone == "" {
		terminal.Phone = h.opt.Public // "" where phones can't reach us: kiosks then offer no QR
	}
	if err := h.sealed(c, wire.TSettings, wire.Settings{
		Kiosk: k.ID, Epoch: h.store.Epoch(), Class: k.Class, Name: k.Name, Counter: k.Counter, Lang: k.Lang, Issued: k.Settings, Terminal: terminal,
	}); err != nil {
		return err
	}
	cl := h.move(c, k.Class)
	if cl == nil {
		return nil // a newer connection has its place
	}
	p, err := h.frame(ctx, cl)
	switch {
	case slides.KindOf(err) == slides.NotFound:
		return nil // nothing published yet
	case err != nil:
		return err
	case p.id == has:
		if c.has(p.revision) {
			return plain(c, wire.TCurrent, struct{}{})
		}
		return nil
	}
	c.offer(p)
	return nil
}

// commands sends what waits for a kiosk, by send (which must not wait) or, for
// the session itself, by await: thirty-two may wait at once, and together with
// the welcome they would overflow the line.
func (h *Hub) commands(ctx context.Context, c *conn, send func([]byte) bool) error {
	list, err := h.store.PendingCommands(ctx, c.kiosk)
	if err != nil {
		return err
	}
	var ids []string
	for _, cmd := range list {
		if c.sent(cmd.ID) {
			continue
		}
		frame, err := wire.Seal(h.store.ServerKey(), wire.TCommand, cmd)
		if err != nil {
			return err
		}
		if !send(frame) {
			break
		}
		ids = append(ids, cmd.ID)
	}
	if len(ids) == 0 {
		return nil
	}
	return h.store.CommandSent(ctx, ids...)
}
