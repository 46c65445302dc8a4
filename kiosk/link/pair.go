package link

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"time"

	"motcua/slides"
	"motcua/slides/wire"
)

// Offer is what the screen shows while staff approve.
type Offer struct {
	Code    string
	Approve string            // address for the QR
	Server  ed25519.PublicKey // for the fingerprint words
	Expires time.Time         // by the kiosk's own clock
}

// Pair asks for a code and waits until staff approve it. show is called with
// each fresh offer, problem with each error that is tried again; neither may
// block. It returns the signed identity, or ctx's error. previous is the
// kiosk id this screen had before, or "".
func Pair(ctx context.Context, d *Dialer, key ed25519.PrivateKey, previous, program string, screen wire.Screen, show func(Offer), problem func(error)) (*wire.Identity, error) {
	for n := 0; ; n++ {
		id, err := pairOnce(ctx, d, key, previous, program, screen, show)
		if id != nil || ctx.Err() != nil {
			return id, ctx.Err()
		}
		if err != nil {
			problem(err)
		} else {
			n = -1 // expired: a new code at once
		}
		wait := backoff(n)
		if errors.Is(err, errTurnedDown) {
			wait = wire.BackoffMax // staff who said no must not be asked again at once
		}
		if err := sleep(ctx, wait); err != nil {
			return nil, err
		}
	}
}

var errTurnedDown = errors.New("link: staff refused the pairing")

// pollGrace is how long after its time a code is still asked about: staff may
// have approved in the last second.
const pollGrace = 30 * time.Second

// pairOnce goes through one code; nil, nil means that it expired.
func pairOnce(ctx context.Context, d *Dialer, key ed25519.PrivateKey, previous, program string, screen wire.Screen, show func(Offer)) (*wire.Identity, error) {
	const op = "link.Pair"
	pub := key.Public().(ed25519.PublicKey)
	nonce := random(32)
	req := wire.PairRequest{
		Version: wire.Version, Key: pub, Nonce: nonce, Previous: previous, Program: program, Screen: screen,
		Sig: wire.Sign(key, wire.ContextPair, pub, nonce, []byte(previous)),
	}
	var r wire.PairReply
	if err := d.post(ctx, wire.PathPair, req, &r); err != nil {
		return nil, err
	}
	if len(r.Server) != ed25519.PublicKeySize || len(r.Code) != wire.CodeLength {
		return nil, slides.E(slides.Invalid, op, "Máy chủ trả lời ghép nối không đúng giao thức.", "The server's pairing answer is not of the protocol.", nil)
	}
	life := (r.Expires - r.Now).Time().Sub(slides.Millis(0).Time())
	life = min(max(life, 0), 2*wire.CodeLife)
	deadline := time.Now().Add(life)
	show(Offer{Code: r.Code, Approve: r.Approve, Server: r.Server, Expires: deadline})
	poll := wire.PollRequest{Ticket: r.Ticket, Sig: wire.Sign(key, wire.ContextPoll, []byte(r.Ticket))}
	for time.Now().Before(deadline.Add(pollGrace)) {
		if err := sleep(ctx, wire.PollEvery+rand.N(wire.PollEvery/4)); err != nil {
			return nil, err
		}
		var p wire.PollReply
		if err := d.post(ctx, wire.PathPoll, poll, &p); err != nil {
			if slides.KindOf(err) == slides.NotFound {
				return nil, err // the server has forgotten this ticket
			}
			continue // it may pass, and a new code would take this one from who types it
		}
		switch p.State {
		case wire.PairApproved:
			return d.adopt(p, r.Server, pub)
		case wire.PairRefused:
			return nil, slides.E(slides.Denied, op, "Cán bộ đã từ chối ghép nối này; lát nữa sẽ xin mã mới.", "Staff refused this pairing; a new code will be asked for in a while.", errTurnedDown)
		case wire.PairExpired:
			return nil, nil
		}
	}
	return nil, nil
}

// adopt checks an identity before anything trusts it.
func (d *Dialer) adopt(p wire.PollReply, server, key ed25519.PublicKey) (*wire.Identity, error) {
	bad := slides.E(slides.Denied, "link.Pair", "Giấy ghép nối của máy chủ không đúng chữ ký hoặc không dành cho ki-ốt này.",
		"The identity is not signed by the server or not for this kiosk.", nil)
	if !wire.Verify(server, p.Sig, wire.ContextIdentity, p.Signed) {
		return nil, bad
	}
	var id wire.Identity
	if err := json.Unmarshal(p.Signed, &id); err != nil || id.Kiosk == "" ||
		!bytes.Equal(id.Key, key) || !bytes.Equal(id.Server, server) {
		return nil, bad
	}
	if seen := d.Seen(); seen != nil && !bytes.Equal(seen, id.Pin) {
		return nil, slides.E(slides.Denied, "link.Pair", "Chứng thư TLS không phải của máy chủ này; có thể đường truyền bị can thiệp.",
			"The TLS certificate is not this server's; the connection may be tampered with.", nil)
	}
	if len(id.Pin) > 0 {
		d.Pin(id.Pin)
	}
	return &id, nil
}
