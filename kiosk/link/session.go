package link

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/sync/errgroup"

	"motcua/kiosk/vault"
	"motcua/slides"
	"motcua/slides/chain"
	"motcua/slides/wire"
)

// session is one connection.
type session struct {
	*Link
	ws     *websocket.Conn
	server ed25519.PublicKey
	client []byte // the client nonce
	nonce  []byte // the server's

	// Static once welcomed.
	kiosk string
	epoch string
	token string
	known map[chain.ID]bool // the chains that the server has heard of

	class string // owned by read, after the welcome

	out      chan []byte       // frames to write, in order
	acks     chan wire.Ack     // for deliver
	refused  chan wire.Problem // likewise: the server refused a batch
	plays    chan wire.Done    // for deliverPlays: the answer to the last plays
	commands chan wire.Command // for obey
	fetch    chan struct{}     // there may be blobs to fetch
	taken    chan struct{}     // a manifest is complete: staff may hear of it

	mu     sync.Mutex
	asked  map[slides.Millis]time.Time // guarded by mu; open clock requests
	told   string                      // guarded by mu; the pending manifest that was said to be ready
	ending bool                        // guarded by mu; the read deadline stays as it is
}

// once connects and serves one connection until it ends; live is how long it
// lasted from its welcome on, and the error says why it ended.
func (l *Link) once(ctx context.Context) (live time.Duration, err error) {
	id, ok := l.vault.Identity()
	key, haveKey := l.vault.Key()
	if !ok || !haveKey {
		return 0, errUnpaired
	}
	server := ed25519.PublicKey(id.Server)
	ws, client, nonce, err := l.dialer.connect(ctx, id.Kiosk, key, server)
	if err != nil {
		return 0, err
	}
	defer ws.Close()
	s := &session{
		Link: l, ws: ws, server: server, client: client, nonce: nonce, kiosk: id.Kiosk, known: map[chain.ID]bool{},
		out: make(chan []byte, 16), acks: make(chan wire.Ack, 16), refused: make(chan wire.Problem, 4), plays: make(chan wire.Done, 4),
		commands: make(chan wire.Command, wire.MaxCommands), fetch: make(chan struct{}, 1), taken: make(chan struct{}, 1), asked: map[slides.Millis]time.Time{},
	}
	// The reader ends the others, and they it: who stops first leaves it a moment
	// to find the server's close frame, which says whether to come back.
	g, inner := errgroup.WithContext(ctx)
	stop := context.AfterFunc(inner, func() { s.wind(ctx.Err() != nil) })
	defer stop()
	if err := s.greet(); err != nil {
		return 0, err
	}
	begun := time.Now()
	l.hooks.State(Connected, nil)
	var end error // why reading ended; read after g.Wait
	g.Go(func() error {
		end = s.read(inner)
		return end
	})
	for _, part := range []func(context.Context) error{s.write, s.deliver, s.deliverPlays, s.deliverDossiers, s.report, s.fetcher, s.obey} {
		g.Go(func() error { return part(inner) })
	}
	err = g.Wait()
	if _, closed := errors.AsType[*websocket.CloseError](end); closed {
		err = end
	}
	return time.Since(begun), err
}

// wind ends the reading: at once where the kiosk stops, else after a moment.
func (s *session) wind(now bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ending = true
	if now {
		bye := websocket.FormatCloseMessage(websocket.CloseGoingAway, "")
		_ = s.ws.WriteControl(websocket.CloseMessage, bye, time.Now().Add(100*time.Millisecond)) // a courtesy
		_ = s.ws.Close()                                                                         // done with either way
		return
	}
	_ = s.ws.NetConn().SetReadDeadline(time.Now().Add(wire.CloseWithin)) // fails only on a closed socket
}

// wait sets the read deadline, unless the end has come.
func (s *session) wait(d time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ending {
		return nil
	}
	return s.ws.SetReadDeadline(time.Now().Add(d))
}

// greet says hello and takes the welcome.
func (s *session) greet() error {
	s.ws.SetPingHandler(func(data string) error {
		if err := s.wait(wire.ReadDeadline); err != nil {
			return err
		}
		err := s.ws.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(wire.WriteWithin))
		if errors.Is(err, websocket.ErrCloseSent) {
			return nil
		}
		return err
	})
	sent := time.Now()
	if err := s.hello(); err != nil {
		return err
	}
	frame, err := s.next(wire.HelloWithin)
	if err != nil {
		return err
	}
	return s.welcome(frame, sent)
}

// hello is the first frame.
func (s *session) hello() error {
	h := s.hooks.Hello()
	h.Version, h.Kiosk, h.Instance, h.Clock = wire.Version, s.kiosk, s.instance, slides.At(time.Now())
	if m := s.vault.Manifests().Newest(); m != nil {
		h.Manifest, h.Epoch, h.Revision = m.ID, m.Epoch, m.Revision
	}
	if head, ok := s.vault.Outbox().Head(); ok {
		h.Head = &head
	}
	for _, box := range s.outboxes() {
		for _, c := range box.Chains() {
			h.Chains = append(h.Chains, wire.ChainState{Chain: c.Identity.Chain, Seq: c.Acked, Hash: c.AckedHash})
		}
	}
	frame, err := wire.Plain(wire.THello, h)
	if err != nil {
		return err
	}
	return s.put(frame)
}

func (s *session) put(frame []byte) error {
	err := s.ws.SetWriteDeadline(time.Now().Add(wire.WriteWithin))
	if err == nil {
		err = s.ws.WriteMessage(websocket.TextMessage, frame)
	}
	if err != nil {
		return unreachable("link.write", err)
	}
	return nil
}

// welcome takes the server's first frame and goes on from where both sides are.
// The server's time is no older than the hello.
func (s *session) welcome(frame []byte, sent time.Time) error {
	received := time.Now()
	e, err := wire.Open(frame, s.server)
	if err != nil {
		return err
	}
	var w wire.Welcome
	if e.Type != wire.TWelcome || e.Read(&w) != nil || w.Kiosk != s.kiosk ||
		!bytes.Equal(w.Nonce, s.client) || !bytes.Equal(w.Server, s.nonce) || w.Epoch == "" || w.Class == "" {
		return slides.E(slides.Denied, "link.welcome", "Lời chào của máy chủ không dành cho kết nối này.", "The server's welcome is not for this connection.", nil)
	}
	s.epoch, s.class, s.token = w.Epoch, w.Class, w.Token
	s.learn(w.Now, sent, received)
	if err := s.vault.UpdateIdentity(func(id *vault.Identity) { id.Epoch, id.Class = w.Epoch, w.Class }); err != nil {
		return err
	}
	for _, box := range s.outboxes() {
		s.resume(box, w.Chains)
	}
	return nil
}

// resume goes on where the server stands with each chain of an outbox.
func (s *session) resume(box outbox, theirs []wire.ChainState) {
	for _, c := range box.Chains() {
		i := slices.IndexFunc(theirs, func(x wire.ChainState) bool { return x.Chain == c.Identity.Chain })
		if i < 0 {
			if c.Seq > 0 {
				s.hooks.Fault("chain", "Máy chủ không biết chuỗi phiếu "+c.Identity.Chain.String()+"; ki-ốt giữ lại các phiếu này.")
			}
			continue
		}
		s.known[c.Identity.Chain] = true
		// Forward where an acknowledgement was lost on the way, back where the
		// server was restored from a backup.
		if err := box.Rewind(c.Identity.Chain, theirs[i].Seq, theirs[i].Hash); err != nil {
			s.log.Warn("resuming a chain", "chain", c.Identity.Chain.String(), "err", err)
			s.hooks.Fault("chain", slides.Sentence(err, "vi"))
		}
	}
}

// send puts a frame in line; it waits where the line is full. The reader never
// calls it: it would wait for a server that waits for the reader.
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
			if err := s.put(frame); err != nil {
				return err
			}
		}
	}
}

// next reads a frame. It has its own limit instead of gorilla's, whose close
// code is not the protocol's.
func (s *session) next(within time.Duration) ([]byte, error) {
	if err := s.wait(within); err != nil {
		return nil, unreachable("link.read", err)
	}
	kind, r, err := s.ws.NextReader()
	if err != nil {
		return nil, lost(err)
	}
	frame, err := io.ReadAll(io.LimitReader(r, wire.MaxFromServer+1))
	switch {
	case err != nil:
		return nil, lost(err)
	case len(frame) > wire.MaxFromServer:
		s.bye(wire.CloseTooLarge)
		return nil, slides.E(slides.TooLarge, "link.read", "Bản tin của máy chủ vượt giới hạn.", "The server's frame is over its limit.", nil)
	case kind != websocket.TextMessage:
		s.bye(wire.CloseBadFrame)
		return nil, slides.E(slides.Invalid, "link.read", "Bản tin của máy chủ không phải văn bản.", "The server's frame is not text.", nil)
	}
	return frame, nil
}

// lost gives a failed read its sentence; a close frame's own is found by Run.
func lost(err error) error {
	if _, closed := errors.AsType[*websocket.CloseError](err); closed {
		return err
	}
	return unreachable("link.read", err)
}

// bye tells the server why this side ends the connection.
func (s *session) bye(code int) {
	row, _ := wire.FindClose(code)
	_ = s.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, row.Name), time.Now().Add(wire.CloseWithin)) // a courtesy
}

// read handles what comes in, and after the end still looks for a close frame.
func (s *session) read(ctx context.Context) error {
	for {
		frame, err := s.next(wire.ReadDeadline)
		if err != nil {
			return err
		}
		if ctx.Err() != nil {
			continue
		}
		e, err := wire.Open(frame, s.server)
		if err == nil {
			err = s.handle(e)
		}
		if err != nil {
			s.bye(wire.CloseBadFrame)
			return err // an unsigned, forged or unreadable frame: not this server
		}
	}
}
