package link

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/sync/errgroup"

	"motcua/kiosk/vault"
	"motcua/slides"
	"motcua/slides/wire"
)

// session is one connection.
type session struct {
	*Link
	ws     *websocket.Conn
	id     vault.Identity
	server ed25519.PublicKey
	client []byte // the client nonce
	nonce  []byte // the server's

	out   chan []byte                 // frames to write, in order
	acks  chan wire.Ack               // for the delivery
	plays chan uint64                 // likewise: the last play that is kept
	wrong chan wire.Problem           // likewise: the server refused a frame
	fetch chan struct{}               // there may be blobs to fetch
	sent  map[slides.Millis]time.Time // owned by clock's caller under mu: open clock requests
	token string                      // static once welcomed
	mu    sync.Mutex
}

// once connects and serves one connection until it ends; the error says why.
func (l *Link) once(ctx context.Context) error {
	id, ok := l.vault.Identity()
	key, haveKey := l.vault.Key()
	if !ok || !haveKey {
		return errUnpaired
	}
	server := ed25519.PublicKey(id.Server)
	ws, client, nonce, err := l.dialer.connect(ctx, id.Kiosk, key, server)
	if err != nil {
		return err
	}
	s := &session{Link: l, ws: ws, id: id, server: server, client: client, nonce: nonce,
		out: make(chan []byte, 16), acks: make(chan wire.Ack, 16), plays: make(chan uint64, 4), wrong: make(chan wire.Problem, 4),
		fetch: make(chan struct{}, 1), sent: map[slides.Millis]time.Time{}}
	defer ws.Close()
	ws.SetReadLimit(wire.MaxFromServer)
	ws.SetPingHandler(func(data string) error {
		if err := ws.SetReadDeadline(time.Now().Add(wire.ReadDeadline)); err != nil {
			return err
		}
		return ws.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(wire.WriteWithin))
	})
	if err := s.hello(); err != nil {
		return err
	}
	if err := s.welcome(); err != nil {
		return err
	}
	l.hooks.State(Connected, nil)

	g, ctx := errgroup.WithContext(ctx)
	stop := context.AfterFunc(ctx, func() { ws.Close() }) // ends the reader
	defer stop()
	g.Go(func() error { return s.read(ctx) })
	g.Go(func() error { return s.write(ctx) })
	g.Go(func() error { return s.deliver(ctx) })
	g.Go(func() error { return s.report(ctx) })
	g.Go(func() error { return s.fetcher(ctx) })
	return g.Wait()
}

// hello is the first frame.
func (s *session) hello() error {
	h := s.hooks.Hello()
	h.Version, h.Kiosk, h.Clock = wire.Version, s.id.Kiosk, slides.At(time.Now())
	if m := s.vault.Manifests().Newest(); m != nil {
		h.Manifest, h.Epoch, h.Revision = m.ID, m.Epoch, m.Revision
	}
	if head, ok := s.vault.Outbox().Head(); ok {
		h.Head = &head
	}
	for _, c := range s.vault.Outbox().Chains() {
		h.Chains = append(h.Chains, wire.ChainState{Chain: c.Identity.Chain, Seq: c.Acked, Hash: c.AckedHash})
	}
	frame, err := wire.Plain(wire.THello, h)
	if err != nil {
		return err
	}
	if err := s.ws.SetWriteDeadline(time.Now().Add(wire.WriteWithin)); err != nil {
		return unreachable("link.hello", err)
	}
	return s.ws.WriteMessage(websocket.TextMessage, frame)
}

// welcome reads the server's first frame and takes up where both sides are.
func (s *session) welcome() error {
	const op = "link.welcome"
	sent := time.Now()
	if err := s.ws.SetReadDeadline(sent.Add(wire.HelloWithin)); err != nil {
		return unreachable(op, err)
	}
	_, frame, err := s.ws.ReadMessage()
	if err != nil {
		return err
	}
	e, err := wire.Open(frame, s.server)
	if err != nil {
		return err
	}
	var w wire.Welcome
	if e.Type != wire.TWelcome || e.Read(&w) != nil || w.Kiosk != s.id.Kiosk ||
		!bytes.Equal(w.Nonce, s.client) || !bytes.Equal(w.Server, s.nonce) || w.Epoch == "" || w.Class == "" {
		return slides.E(slides.Denied, op, "Lời chào của máy chủ không dành cho kết nối này.", "The server's welcome is not for this connection.", nil)
	}
	s.token = w.Token
	s.learn(w.Now, sent, time.Now())
	if err := s.vault.UpdateIdentity(func(id *vault.Identity) { id.Epoch, id.Class = w.Epoch, w.Class }); err != nil {
		return err
	}
	s.id, _ = s.vault.Identity()
	for _, c := range s.vault.Outbox().Chains() {
		i := slices.IndexFunc(w.Chains, func(x wire.ChainState) bool { return x.Chain == c.Identity.Chain })
		if i < 0 {
			continue // a chain that this server does not know: kept, not sent
		}
		if err := s.resume(c, w.Chains[i]); err != nil {
			s.log.Warn("resuming a chain", "chain", c.Identity.Chain.String(), "err", err)
			s.hooks.Fault("chain", slides.Sentence(err, "vi"))
		}
	}
	return nil
}

// resume brings the outbox to what the server has: more (an acknowledgement
// was lost on the way) or less (a restored backup).
func (s *session) resume(c vault.ChainState, has wire.ChainState) error {
	switch {
	case has.Seq > c.Acked:
		return s.vault.Outbox().Ack(has.Chain, has.Seq)
	case has.Seq < c.Acked:
		return s.vault.Outbox().Rewind(has.Chain, has.Seq, has.Hash)
	}
	return nil
}

// send puts a frame in line; it waits where the line is full.
func (s *session) send(ctx context.Context, t wire.Type, v any) error {
	frame, err := wire.Plain(t, v)
	if err != nil {
		return err
	}
	select {
	case s.out <- frame:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// write owns the data frames of the socket.
func (s *session) write(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case frame := <-s.out:
			if err := s.ws.SetWriteDeadline(time.Now().Add(wire.WriteWithin)); err != nil {
				return unreachable("link.write", err)
			}
			if err := s.ws.WriteMessage(websocket.TextMessage, frame); err != nil {
				return unreachable("link.write", err)
			}
		}
	}
}

// read handles what comes in.
func (s *session) read(ctx context.Context) error {
	for {
		if err := s.ws.SetReadDeadline(time.Now().Add(wire.ReadDeadline)); err != nil {
			return unreachable("link.read", err)
		}
		_, frame, err := s.ws.ReadMessage()
		if err != nil {
			return err
		}
		e, err := wire.Open(frame, s.server)
		if err != nil {
			return err // an unsigned or forged frame: not this server
		}
		if err := s.handle(ctx, e); err != nil {
			return err
		}
	}
}

// handle acts on one frame; an error ends the connection.
func (s *session) handle(ctx context.Context, e *wire.Envelope) error {
	switch e.Type {
	case wire.TManifest:
		s.manifest(e)
	case wire.TCurrent:
		poke(s.fetch) // current, but perhaps not complete
	case wire.TSettings:
		return s.settings(e)
	case wire.TCommand:
		return s.command(ctx, e)
	case wire.TAck:
		var a wire.Ack
		if err := e.Read(&a); err != nil {
			return err
		}
		if a.Kiosk != s.id.Kiosk || !bytes.Equal(a.Nonce, s.client) {
			return nil // of another connection
		}
		if err := s.vault.Outbox().Ack(a.Chain, a.Seq); err != nil {
			s.log.Warn("acknowledgement", "err", err)
			return nil
		}
		offer(s.acks, a)
	case wire.TTime:
		var t wire.Time
		if err := e.Read(&t); err != nil {
			return err
		}
		received := time.Now()
		s.mu.Lock()
		sent, ok := s.sent[t.Sent]
		delete(s.sent, t.Sent)
		s.mu.Unlock()
		if ok && t.Kiosk == s.id.Kiosk && bytes.Equal(t.Nonce, s.client) {
			s.learn(t.Now, sent, received)
		}
	case wire.TDone:
		var d wire.Done
		if err := e.Read(&d); err != nil {
			return err
		}
		if d.ID == "plays" && d.OK {
			offer(s.plays, d.Seq)
		}
	case wire.TError:
		var p wire.Problem
		if err := e.Read(&p); err != nil {
			return err
		}
		s.log.Warn("the server refused a frame", "kind", string(p.Kind), "en", p.En)
		s.hooks.Fault("link", p.Vi)
		offer(s.wrong, p)
	case wire.TUnknown:
		s.log.Info("the server does not know a frame of ours")
	default:
		return s.send(ctx, wire.TUnknown, wire.Unknown{Type: e.Type})
	}
	return nil
}

// offer puts v in a channel, over the oldest where it is full.
func offer[T any](c chan T, v T) {
	for {
		select {
		case c <- v:
			return
		default:
		}
		select {
		case <-c:
		default:
		}
	}
}

// manifest takes a pushed manifest; what is wrong with it is reported and what
// is there keeps showing.
func (s *session) manifest(e *wire.Envelope) {
	m, err := slides.ParseManifest(e.Signed)
	if err == nil && m.Class != s.id.Class {
		err = slides.E(slides.Conflict, "link.manifest", "Bản phát hành dành cho nhóm ki-ốt khác.", "The manifest is for another class of kiosks.", nil)
	}
	if err == nil {
		_, err = s.vault.Manifests().SavePending(e.Signed, e.Sig, s.id.Epoch)
	}
	for _, b := range e.Blobs {
		if err == nil {
			err = s.vault.Blobs().Put(b.SHA, b.Data)
		}
	}
	if err != nil {
		s.log.Warn("manifest refused", "err", err)
		s.hooks.Fault("manifest", slides.Sentence(err, "vi"))
	}
	poke(s.fetch)
}

func (s *session) settings(e *wire.Envelope) error {
	var v wire.Settings
	if err := e.Read(&v); err != nil {
		return err
	}
	if v.Kiosk != s.id.Kiosk {
		return nil
	}
	if old, ok := s.keptSettings(); ok && v.Issued < old.Issued {
		return nil
	}
	frame, err := json.Marshal(e)
	if err != nil {
		return err
	}
	if err := s.vault.SaveNote(settingsNote, frame); err != nil {
		s.hooks.Fault("vault", slides.Sentence(err, "vi"))
	}
	if err := s.vault.UpdateIdentity(func(id *vault.Identity) { id.Name, id.Class = v.Name, v.Class }); err != nil {
		s.hooks.Fault("vault", slides.Sentence(err, "vi"))
	}
	s.id, _ = s.vault.Identity()
	s.hooks.Settings(v)
	return nil
}

const commandsNote = "commands"

// command carries out a command once.
func (s *session) command(ctx context.Context, e *wire.Envelope) error {
	var c wire.Command
	if err := e.Read(&c); err != nil {
		return err
	}
	if c.Kiosk != s.id.Kiosk || s.carriedOut(c.ID) {
		return nil
	}
	done := wire.Done{ID: c.ID, OK: true}
	if c.Expires <= s.now() {
		done.OK, done.Vi, done.En = false, "Lệnh đã hết hạn.", "The command has expired."
		return s.send(ctx, wire.TDone, done)
	}
	switch c.Verb {
	case wire.Reload:
		s.hooks.Reload()
	case wire.Restart:
		if err := s.send(ctx, wire.TDone, done); err != nil {
			return err
		}
		s.hooks.Restart()
		return nil
	case wire.TakeScreenshot:
		return s.screenshot(ctx, c)
	default:
		done.OK, done.Vi, done.En = false, "Ki-ốt chưa biết lệnh này; hãy nâng cấp.", "The kiosk does not know this command; upgrade it."
	}
	return s.send(ctx, wire.TDone, done)
}

// carriedOut says whether a command was, on this or an earlier connection, and
// notes it: a recorded command must not work twice.
func (s *session) carriedOut(id string) bool {
	var ids []string
	if b := s.vault.Note(commandsNote); b != nil {
		_ = json.Unmarshal(b, &ids) // a damaged note only forgets ids, which also expire
	}
	if slices.Contains(ids, id) {
		return true
	}
	ids = append(ids, id)
	// Commands live minutes and at most 32 wait: 200 reach far beyond both.
	if len(ids) > 200 {
		ids = ids[len(ids)-200:]
	}
	b, err := json.Marshal(ids)
	if err == nil {
		err = s.vault.SaveNote(commandsNote, b)
	}
	if err != nil {
		s.hooks.Fault("vault", slides.Sentence(err, "vi"))
	}
	return false
}

func (s *session) screenshot(ctx context.Context, c wire.Command) error {
	done := wire.Done{ID: c.ID}
	if s.hooks.Shot == nil {
		done.Vi, done.En = "Ki-ốt này không chụp được màn hình.", "This kiosk can't take a screenshot."
		return s.send(ctx, wire.TDone, done)
	}
	ctx2, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	img, err := s.hooks.Shot(ctx2)
	if err == nil && len(img) > wire.MaxScreenshot {
		err = slides.E(slides.TooLarge, "link.screenshot", "Ảnh chụp quá lớn.", "The screenshot is too large.", nil)
	}
	if err != nil {
		done.Vi, done.En = slides.Sentence(err, "vi"), slides.Sentence(err, "en")
		return s.send(ctx, wire.TDone, done)
	}
	if err := s.send(ctx, wire.TScreenshot, wire.Screenshot{Command: c.ID, At: s.now(), Image: img}); err != nil {
		return err
	}
	done.OK = true
	return s.send(ctx, wire.TDone, done)
}

// report sends health each minute and asks the time every ten.
func (s *session) report(ctx context.Context) error {
	const clockEvery = 10
	for n := 0; ; n++ {
		if n%clockEvery == 0 {
			now := time.Now()
			q := wire.TimeRequest{Sent: slides.At(now)}
			s.mu.Lock()
			clear(s.sent) // an answer that never came is not waited for
			s.sent[q.Sent] = now
			s.mu.Unlock()
			if err := s.send(ctx, wire.TClock, q); err != nil {
				return err
			}
		}
		h := s.hooks.Health()
		h.Clock = slides.At(time.Now())
		st := s.vault.Status()
		h.Pending, h.Full, h.DiskFree, h.Quarantine = st.Pending, st.Full, st.Free, st.Quarantined
		if m := s.vault.Manifests().Newest(); m != nil {
			h.Manifest, h.Revision = m.ID, m.Revision
		}
		s.Link.mu.Lock()
		h.Offset = s.Link.offset.Milliseconds()
		s.Link.mu.Unlock()
		if len(h.Errors) > wire.MaxFaults {
			h.Errors = h.Errors[len(h.Errors)-wire.MaxFaults:]
		}
		if head, ok := s.vault.Outbox().Head(); ok {
			h.Head = &head
		}
		if err := s.send(ctx, wire.THealth, h); err != nil {
			return err
		}
		if err := sleep(ctx, wire.HealthEvery*9/10+rand.N(wire.HealthEvery/5)); err != nil {
			return err
		}
	}
}
