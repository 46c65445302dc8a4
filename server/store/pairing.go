package store

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net"
	"net/netip"
	"time"

	"motcua/slides"
	"motcua/slides/chain"
	"motcua/slides/wire"
)

// Bounds of pairing. With 23⁶ codes, ten guesses in ten minutes against at most
// 200 waiting codes find one with a chance of 1 in 74,000.
const (
	maxWaiting     = 200 // of the whole server
	maxWaitingAddr = 20  // from one address: a rack of screens set up at once
	maxWrongCodes  = 10
	wrongWindow    = 10 * time.Minute
	ticketLife     = 24 * time.Hour // an approved screen may have been switched off meanwhile
)

func hashed(s string) string {
	h := sha256.Sum256([]byte("motcua/pairing\x00" + s))
	return hex.EncodeToString(h[:])
}

// CreatePairing makes a code and ticket. The same key asking again replaces its
// older request. A key that was approved and is in use gets a ticket that is
// approved already: its screen lost power before it heard, and would else ask
// for ever. Kinds: Throttled, too many are waiting; Conflict, the key is retired.
func (s *Store) CreatePairing(ctx context.Context, r PairingRequest) (p Pairing, err error) {
	const op = "store.CreatePairing"
	if len(r.Key) != ed25519.PublicKeySize || len(r.Nonce) != 32 {
		return p, slides.E(slides.Invalid, op, "Khóa hoặc số ngẫu nhiên của ki-ốt sai kích thước.", "The kiosk's key or nonce has a wrong size.", nil)
	}
	addr, limited := askerOf(r.Addr)
	err = s.write(ctx, op, func(t *txn) error {
		if err := t.expirePairings(); err != nil {
			return err
		}
		var used int
		if err := t.row("SELECT count(*) FROM kiosk_keys WHERE key = ?", []byte(r.Key)).Scan(&used); err != nil {
			return err
		}
		if used > 0 {
			if p, err = t.approvedAgain(r); err == nil || !errors.Is(err, sql.ErrNoRows) {
				return err
			}
			return slides.E(slides.Conflict, op, "Khóa này đã thuộc một ki-ốt; màn hình phải tạo khóa mới để ghép nối.", "This key is a kiosk's already; a screen must make a new key to be paired.", nil)
		}
		if err := t.exec("UPDATE pairings SET state = ? WHERE key = ? AND state = ?", wire.PairExpired, []byte(r.Key), wire.PairWaiting); err != nil {
			return err
		}
		var all, here int
		if err := t.row("SELECT count(*), ifnull(sum(addr = ?), 0) FROM pairings WHERE state = ?", addr, wire.PairWaiting).Scan(&all, &here); err != nil {
			return err
		}
		if all >= maxWaiting || limited && here >= maxWaitingAddr {
			return slides.E(slides.Throttled, op, "Đang có quá nhiều màn hình chờ ghép nối; hãy thử lại sau ít phút.", "Too many screens are waiting to be paired; try again in a few minutes.", nil)
		}
		p = Pairing{
			ID: randomID("p"), Ticket: hex.EncodeToString(randomBytes(32)), Key: r.Key, Screen: r.Screen, Program: clip(r.Program, 100),
			Addr: addr, State: wire.PairWaiting, Created: t.now, Expires: t.now + slides.Millis(wire.CodeLife.Milliseconds()),
		}
		if _, err := t.kiosk(op, r.Previous); err == nil {
			p.Previous = r.Previous
		} else if slides.KindOf(err) != slides.NotFound {
			return err
		}
		for {
			p.Code = wire.NewCode()
			n, err := t.affect(`INSERT INTO pairings (id, code, ticket, key, nonce, previous, screen, program, addr, state, created, expires)
				VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (code) WHERE state = 'waiting' DO NOTHING`,
				p.ID, hashed(p.Code), hashed(p.Ticket), []byte(p.Key), r.Nonce, p.Previous, toJSON(p.Screen), p.Program, p.Addr, p.State, p.Created, p.Expires)
			if err != nil {
				return err
			}
			if n == 1 {
				break
			}
		}
		return t.tell(Change{Kind: PairingChanged, Ref: p.ID})
	})
	if err != nil {
		return Pairing{}, err
	}
	return p, nil
}

// approvedAgain gives the approved pairing of a key in use a new ticket.
func (t *txn) approvedAgain(r PairingRequest) (Pairing, error) {
	p, err := scanPairing(t.row("SELECT "+pairingColumns+` FROM pairings WHERE key = ?1 AND state = ?2
		AND EXISTS (SELECT 1 FROM kiosk_keys k WHERE k.key = ?1 AND k.retired = 0) ORDER BY created DESC LIMIT 1`, []byte(r.Key), wire.PairApproved).Scan, t.now)
	if err != nil {
		return p, err
	}
	p.Ticket, p.Code = hex.EncodeToString(randomBytes(32)), wire.NewCode()
	p.Created, p.Expires = t.now, t.now+slides.Millis(wire.CodeLife.Milliseconds())
	return p, t.exec("UPDATE pairings SET ticket = ?, created = ?, expires = ? WHERE id = ?", hashed(p.Ticket), p.Created, p.Expires, p.ID)
}

// askerOf is the part of an address that one asker can't change at will: no
// port, and of IPv6 only the network, for one line has 2⁶⁴ addresses. This
// machine is not limited: a proxy in front may stand for everybody.
func askerOf(remote string) (addr string, limited bool) {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		host = remote
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return clip(host, 100), host != ""
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is6() && !ip.IsLoopback() {
		return netip.PrefixFrom(ip, 64).Masked().String(), true
	}
	return ip.String(), !ip.IsLoopback()
}

func (t *txn) expirePairings() error {
	return t.exec("UPDATE pairings SET state = ? WHERE state = ? AND expires <= ?", wire.PairExpired, wire.PairWaiting, t.now)
}

const pairingColumns = "id, key, previous, screen, program, addr, state, kiosk, created, expires"

func scanPairing(scan func(...any) error, now slides.Millis) (p Pairing, err error) {
	var screen string
	if err = scan(&p.ID, (*[]byte)(&p.Key), &p.Previous, &screen, &p.Program, &p.Addr, &p.State, &p.Kiosk, &p.Created, &p.Expires); err != nil {
		return p, err
	}
	if p.State == wire.PairWaiting && p.Expires <= now {
		p.State = wire.PairExpired
	}
	return p, json.Unmarshal([]byte(screen), &p.Screen)
}

func (t *txn) pairing(op, where, arg string) (Pairing, error) {
	p, err := scanPairing(t.row("SELECT "+pairingColumns+" FROM pairings WHERE "+where, arg).Scan, t.now)
	if errors.Is(err, sql.ErrNoRows) {
		return p, notFound(op, "Không có yêu cầu ghép nối này, hoặc đã hết hạn.", "There is no such request for pairing, or it has expired.")
	}
	return p, err
}

// PollPairing tells how far a pairing is; the caller checks the poll's
// signature with Pairing.Key and signs Identity, which is there once approved.
func (s *Store) PollPairing(ctx context.Context, ticket string) (p Pairing, id *wire.Identity, err error) {
	const op = "store.PollPairing"
	err = s.read(ctx, op, func(t *txn) error {
		if p, err = t.pairing(op, "ticket = ?", hashed(ticket)); err != nil || p.State != wire.PairApproved {
			return err
		}
		if t.now > p.Created+slides.Millis(ticketLife.Milliseconds()) {
			p.State = wire.PairExpired
			return nil
		}
		k, err := t.kiosk(op, p.Kiosk)
		if err != nil {
			return err
		}
		if !k.Key.Equal(p.Key) { // unpaired or paired with another screen since
			p.State = wire.PairExpired
			return nil
		}
		id = &wire.Identity{Kiosk: k.ID, Name: k.Name, Key: p.Key, Server: s.key.Public().(ed25519.PublicKey), Chain: k.Chain, Class: k.Class, Epoch: s.epoch}
		return nil
	})
	return p, id, err
}

// Pairings lists the waiting ones, oldest first.
func (s *Store) Pairings(ctx context.Context) (out []Pairing, err error) {
	err = s.read(ctx, "store.Pairings", func(t *txn) error {
		return t.each("SELECT "+pairingColumns+" FROM pairings WHERE state = ? AND expires > ? ORDER BY created, id", []any{wire.PairWaiting, t.now}, func(rows *sql.Rows) error {
			p, err := scanPairing(rows.Scan, t.now)
			out = append(out, p)
			return err
		})
	})
	return out, err
}

// PairingByCode finds a waiting pairing by what staff typed; wrong codes are
// counted for the actor and after ten in ten minutes refused (Throttled).
func (s *Store) PairingByCode(ctx context.Context, a Actor, code string) (p Pairing, err error) {
	const op = "store.PairingByCode"
	var wrong error // told after the commit, for the count must stay
	err = s.write(ctx, op, func(t *txn) error {
		p, wrong, err = t.byCode(op, a, code)
		return err
	})
	return p, errors.Join(err, wrong)
}

func (t *txn) byCode(op string, a Actor, code string) (p Pairing, wrong, err error) {
	key := "pair:" + a.User
	th, err := t.failures(key, wrongWindow)
	if err != nil {
		return p, nil, err
	}
	if th.Failures >= maxWrongCodes {
		return p, slides.E(slides.Throttled, op, "Nhập sai mã quá nhiều lần; hãy thử lại sau 10 phút.", "Too many wrong codes; try again in ten minutes.", nil), nil
	}
	clean, ok := wire.CleanCode(code)
	if ok {
		p, err = t.pairing(op, "state = 'waiting' AND code = ?", hashed(clean))
		if err == nil && p.State == wire.PairWaiting {
			return p, nil, nil
		}
		if err != nil && slides.KindOf(err) != slides.NotFound {
			return p, nil, err
		}
	}
	_, err = t.failed(key, wrongWindow)
	return Pairing{}, notFound(op, "Mã không đúng hoặc đã hết hạn; hãy xem lại mã trên màn hình ki-ốt.", "The code is wrong or has expired; look at the kiosk's screen again."), err
}

// ApprovePairing makes the screen a kiosk, new or again; a new chain starts and
// older keys retire.
func (s *Store) ApprovePairing(ctx context.Context, a Actor, ap Approval) (k Kiosk, err error) {
	const op = "store.ApprovePairing"
	var wrong error
	err = s.write(ctx, op, func(t *txn) error {
		var p Pairing
		var err error
		if ap.Code != "" {
			p, wrong, err = t.byCode(op, a, ap.Code)
		} else {
			p, err = t.pairing(op, "id = ?", ap.Pairing)
		}
		if err != nil || wrong != nil {
			return err
		}
		if p.State != wire.PairWaiting {
			return slides.E(slides.Conflict, op, "Yêu cầu ghép nối này đã được xử lý hoặc đã hết hạn.", "This request for pairing was decided already or has expired.", nil)
		}
		if err := ap.clean(op, t); err != nil {
			return err
		}
		k, err = t.approve(op, a, p, ap)
		return err
	})
	if err = errors.Join(err, wrong); err != nil {
		return Kiosk{}, err
	}
	return k, nil
}

func (t *txn) approve(op string, a Actor, p Pairing, ap Approval) (Kiosk, error) {
	id, again := ap.Kiosk, ap.Kiosk != ""
	if again {
		if _, err := t.kiosk(op, id); err != nil {
			return Kiosk{}, err
		}
		if err := t.retire(id); err != nil {
			return Kiosk{}, err
		}
	} else {
		id = randomID("k")
		if err := t.exec("INSERT INTO kiosks (id, name, unit, counter, lang, audience, class, created, settings, screen, program) VALUES (?, ?, ?, '', 'vi', ?, '', ?, ?, '{}', '')", id, ap.Name, ap.Unit, ap.Audience, t.now, t.now); err != nil {
			return Kiosk{}, err
		}
	}
	c, err := t.newChain(id, p.Key)
	if err != nil {
		return Kiosk{}, err
	}
	for _, q := range []struct {
		query string
		args  []any
	}{
		{"INSERT INTO kiosk_keys (key, kiosk, chain, paired) VALUES (?, ?, ?, ?)", []any{[]byte(p.Key), id, c[:], t.now}},
		{"UPDATE kiosks SET screen = ?, program = ? WHERE id = ?", []any{toJSON(p.Screen), p.Program, id}},
		{"UPDATE pairings SET state = ?, kiosk = ? WHERE id = ?", []any{wire.PairApproved, id, p.ID}},
	} {
		if err := t.exec(q.query, q.args...); err != nil {
			return Kiosk{}, err
		}
	}
	if err := t.place(a, id, ap.KioskEdit); err != nil {
		return Kiosk{}, err
	}
	if err := t.tell(Change{Kind: PairingChanged, Ref: p.ID, Kiosk: id}); err != nil {
		return Kiosk{}, err
	}
	verb := "kiosk.pair"
	if again {
		verb = "kiosk.pair-again"
	}
	if err := t.audit(a, verb, "kiosk:"+id, map[string]any{"pairing": p.ID, "key": chain.KeyPrint(p.Key), "chain": c, "name": ap.Name, "unit": ap.Unit}); err != nil {
		return Kiosk{}, err
	}
	return t.kiosk(op, id)
}

// RefusePairing refuses a waiting pairing.
func (s *Store) RefusePairing(ctx context.Context, a Actor, id string) error {
	const op = "store.RefusePairing"
	return s.write(ctx, op, func(t *txn) error {
		n, err := t.affect("UPDATE pairings SET state = ? WHERE id = ? AND state = ? AND expires > ?", wire.PairRefused, id, wire.PairWaiting, t.now)
		if err != nil {
			return err
		}
		if n == 0 {
			return notFound(op, "Không có yêu cầu ghép nối này, hoặc đã được xử lý.", "There is no such request for pairing, or it was decided already.")
		}
		if err := t.tell(Change{Kind: PairingChanged, Ref: id}); err != nil {
			return err
		}
		return t.audit(a, "pairing.refuse", "pairing:"+id, nil)
	})
}
