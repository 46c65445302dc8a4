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
func (h *Hub) push(ctx context.Context, class string) {
	h.mu.Lock()
	here := len(h.classes[class])
	h.mu.Unlock()
	if here == 0 {
		return
	}
	p, err := h.frame(ctx, class)
	if err != nil {
		h.log.Error("making a manifest's frame", "class", class, "err", err)
		return
	}
	h.mu.Lock()
	to := make([]*conn, 0, len(h.classes[class]))
	for c := range h.classes[class] {
		to = append(to, c)
	}
	h.mu.Unlock()
	for _, c := range to {
		c.offer(p)
	}
	h.opt.Metrics.pushes.Add(float64(len(to)))
}

// frame returns the newest manifest of a class as one prepared message, made
// once: small blobs that the class's last push did not reach ride along, so
// that a text slide is on its kiosks with the push itself.
func (h *Hub) frame(ctx context.Context, class string) (*push, error) {
	m, err := h.store.Manifest(ctx, class)
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	last := h.frames[class]
	h.mu.Unlock()
	if last != nil && last.id == m.ID {
		return last, nil
	}
	parsed, err := slides.ParseManifest(m.Bytes)
	if err != nil {
		return nil, err
	}
	p := &push{revision: m.Revision, id: m.ID, blobs: make(map[string]bool, len(parsed.Blobs))}
	var small []string
	room := int64(wire.MaxInlined)
	for _, b := range parsed.Blobs {
		p.blobs[b.SHA] = true
		if last != nil && !last.blobs[b.SHA] && b.Size <= wire.MaxInline && b.Size <= room {
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
	b, err := wire.Seal(h.store.ServerKey(), wire.TManifest, m.Bytes, inline...)
	if err != nil {
		return nil, err
	}
	if p.message, err = websocket.NewPreparedMessage(websocket.TextMessage, b); err != nil {
		return nil, slides.E(slides.Broken, "hub.frame", "Không chuẩn bị được bản tin.", "The frame can't be prepared.", err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if now := h.frames[class]; now != nil && now.revision >= p.revision {
		return now, nil // somebody was faster
	}
	if len(h.classes[class]) > 0 {
		h.frames[class] = p
	}
	return p, nil
}

// settingsChanged tells a kiosk its new settings, and its manifest where it
// now belongs to another class.
func (h *Hub) settingsChanged(ctx context.Context, kiosk string) {
	c := h.find(kiosk)
	if c == nil {
		return
	}
	class, err := h.settings(ctx, c)
	if err != nil {
		h.log.Error("telling settings", "kiosk", kiosk, "err", err)
		return
	}
	h.mu.Lock()
	moved := h.class[c] != class && h.kiosks[kiosk] == c
	if moved {
		h.moveLocked(c, class)
	}
	h.mu.Unlock()
	if !moved {
		return
	}
	c.rebase()
	p, err := h.frame(ctx, class)
	if err != nil {
		h.log.Error("making a manifest's frame", "class", class, "err", err)
		return
	}
	c.offer(p)
}

// settings sends a kiosk what is its own and returns its class.
func (h *Hub) settings(ctx context.Context, c *conn) (class string, err error) {
	k, err := h.store.Kiosk(ctx, c.kiosk)
	if err != nil {
		return "", err
	}
	frame, err := wire.Seal(h.store.ServerKey(), wire.TSettings, wire.Settings{
		Kiosk: k.ID, Class: k.Class, Name: k.Name, Counter: k.Counter, Lang: k.Lang, Issued: k.Settings,
	})
	if err != nil {
		return "", err
	}
	c.send(frame)
	return k.Class, nil
}

// commands sends what waits for a kiosk.
func (h *Hub) commands(ctx context.Context, c *conn) {
	list, err := h.store.PendingCommands(ctx, c.kiosk)
	if err != nil {
		h.log.Error("reading commands", "kiosk", c.kiosk, "err", err)
		return
	}
	var sent []string
	for _, cmd := range list {
		if c.sent(cmd.ID) {
			continue
		}
		frame, err := wire.Seal(h.store.ServerKey(), wire.TCommand, cmd)
		if err != nil || !c.send(frame) {
			break
		}
		sent = append(sent, cmd.ID)
	}
	if len(sent) == 0 {
		return
	}
	if err := h.store.CommandSent(ctx, sent...); err != nil {
		h.log.Error("noting commands", "kiosk", c.kiosk, "err", err)
	}
}
