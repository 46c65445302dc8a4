package store

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"

	"motcua/slides"
	"motcua/slides/chain"
	"motcua/slides/letter"
	"motcua/slides/survey"
	"motcua/slides/wire"
)

// ownKey is the server's own chain, which holds what came from phones. Each
// life of the database has another: a restored backup may lack records whose
// signed head was already given out, and must not sign other ones in their place.
type ownKey struct {
	ratings chain.ID
	key     ed25519.PrivateKey
}

// ownKey reads the chain of this epoch, or makes it.
func (t *txn) ownKey() (o ownKey, err error) {
	var kept struct {
		Epoch string   `json:"epoch"`
		Chain chain.ID `json:"chain"`
		Seed  []byte   `json:"seed"`
	}
	var b []byte
	err = t.row("SELECT value FROM meta WHERE key = 'own.chain'").Scan(&b)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return o, err
	}
	if err == nil {
		if err := json.Unmarshal(b, &kept); err != nil || len(kept.Seed) != ed25519.SeedSize {
			return o, slides.E(slides.Corrupt, "store.Open", "Khóa chuỗi phiếu của máy chủ trong cơ sở dữ liệu bị hỏng; hãy phục hồi bản sao lưu.", "The key of the server's own chain in the database is damaged; restore a backup.", err)
		}
	}
	if kept.Epoch != t.s.epoch {
		kept.Epoch, kept.Seed = t.s.epoch, randomBytes(ed25519.SeedSize)
		copy(kept.Chain[:], randomBytes(len(kept.Chain)))
		if err := t.setMeta("own.chain", []byte(toJSON(kept))); err != nil {
			return o, err
		}
	}
	return ownKey{kept.Chain, ed25519.NewKeyFromSeed(kept.Seed)}, nil
}

// ownChain finds the server's own chain of a kind, begun with its first record.
func (t *gtx) ownChain(kind chainKind) (*chainKey, error) {
	o := t.s.own
	c := &chainKey{id: o.ratings, key: o.key.Public().(ed25519.PublicKey), kind: kind}
	if kind == ofLetters {
		c.id = letter.ChainOf(o.ratings)
	}
	genesis := chain.Genesis(c.id, c.key)
	if err := t.run("INSERT INTO chains (id, kind, kiosk, key, started, hash) VALUES (?, ?, '', ?, ?, ?) ON CONFLICT (id) DO NOTHING",
		c.id[:], int64(kind), []byte(c.key), int64(t.now), genesis[:]); err != nil {
		return nil, err
	}
	return c, t.each("SELECT no FROM chains WHERE id = ?", 1, func(v []driver.Value) error {
		c.no = v[0].(int64)
		return nil
	}, c.id[:])
}

// PassHolder is whose pass a phone brings, and whether it has served.
type PassHolder struct {
	Kiosk   Kiosk
	Used    bool
	Receipt string // of the letter that it served for
}

// Pass checks a pass's signature and finds the kiosk that made it; its age is
// the caller's. Kind NotFound: no kiosk's key in use made it.
func (s *Store) Pass(ctx context.Context, p wire.Pass) (h PassHolder, err error) {
	const op = "store.Pass"
	err = s.read(ctx, op, func(t *txn) error {
		// Keys begin alike by chance of one in 2⁶⁴; the signature tells anyway.
		end := append(bytes.Clone(p.Key[:]), bytes.Repeat([]byte{0xFF}, ed25519.PublicKeySize-len(p.Key))...)
		var id string
		if err := t.each("SELECT kiosk, key FROM kiosk_keys WHERE key >= ? AND key <= ? AND retired = 0", []any{p.Key[:], end}, func(rows *sql.Rows) error {
			var kiosk string
			var key ed25519.PublicKey
			err := rows.Scan(&kiosk, (*[]byte)(&key))
			if err == nil && p.SignedBy(key) {
				id = kiosk
			}
			return err
		}); err != nil {
			return err
		}
		if id == "" {
			return slides.E(slides.NotFound, op, "Mã này không phải do ki-ốt của hệ thống tạo ra; xin quét lại mã QR trên màn hình.", "This code was not made by one of our kiosks; please scan the QR on the screen again.", nil)
		}
		if h.Kiosk, err = t.kiosk(op, id); err == nil {
			err = t.works([]*Kiosk{&h.Kiosk})
		}
		if err != nil {
			return err
		}
		h.Used, h.Receipt, err = t.served(p)
		return err
	})
	return h, err
}

// add makes the server's own chain longer by one record.
func (t *gtx) add(op string, kind chainKind, sections []chain.Section, judge func(*judged) error) error {
	c, err := t.ownChain(kind)
	if err != nil {
		return err
	}
	acked, hash, err := t.position(c)
	if err != nil {
		return err
	}
	rec, next := chain.Next(c.id, acked+1, hash, sections)
	j := judged{record: &rec, hash: next}
	if j.header, err = rec.Check(); err != nil {
		return err
	}
	if err := judge(&j); err != nil {
		return err
	}
	head := chain.Head{Chain: c.id, Seq: acked + 1, Hash: next, At: t.now}
	if kind == ofLetters {
		head.At = survey.HourOf(t.now, nil) // see package letter
	}
	_, refused, err := t.takeRatings(op, c, []judged{j}, head.Sign(t.s.own.key))
	return errors.Join(err, refused)
}

// TakePhoneRating keeps a rating from a phone in the server's own chain, by the
// same writer and with the same checks and roll-ups as a kiosk's. again: the
// pass has served already and nothing was added, so that what is sent twice
// counts once. Kind Invalid: the rating does not fit its questionnaire.
func (s *Store) TakePhoneRating(ctx context.Context, p wire.Pass, sections []chain.Section) (again bool, err error) {
	const op = "store.TakePhoneRating"
	err = s.submit(ctx, op, func(t *gtx) error {
		first, _, err := t.use(p, "")
		if again = !first; err != nil || again {
			return err
		}
		return t.add(op, ofRatings, sections, func(j *judged) error {
			if j.read(); j.core == nil || j.core.Channel != survey.OnPhone {
				return slides.E(slides.Invalid, op, "Phiếu không đọc được.", "The rating can't be read.", nil)
			}
			if j.judge(t.mem.cat, ""); !j.valid {
				return slides.E(slides.Invalid, op, "Mẫu phiếu vừa thay đổi; xin quét lại mã QR trên màn hình.", "The questionnaire has just changed; please scan the QR on the screen again.", nil)
			}
			return nil
		})
	})
	return again, err
}

// TakePhoneLetter keeps a letter from a phone likewise; code is its receipt, or
// that of the letter for which the pass has served already.
func (s *Store) TakePhoneLetter(ctx context.Context, p wire.Pass, l letter.Letter, text string, contact letter.Contact) (code string, again bool, err error) {
	const op = "store.TakePhoneLetter"
	var sealed []byte
	if err := contact.Clean(); err != nil {
		return "", false, err
	}
	if !contact.Empty() {
		if sealed, err = letter.Seal(s.seal.public[:], contact); err != nil {
			return "", false, err
		}
	}
	sections, err := letter.Sections(l, text, sealed)
	if err != nil {
		return "", false, err
	}
	err = s.submit(ctx, op, func(t *gtx) error {
		first, was, err := t.use(p, l.Code)
		code, again = was, !first
		if err != nil || again {
			return err
		}
		return t.add(op, ofLetters, sections, func(*judged) error { return nil })
	})
	return code, again, err
}
