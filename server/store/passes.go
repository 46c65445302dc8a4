package store

import (
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"database/sql/driver"
	"errors"

	"golang.org/x/crypto/nacl/secretbox"

	"motcua/slides"
	"motcua/slides/wire"
)

// A pass names the second when it was made, and what it served for is a letter's
// receipt: side by side they would tell a letter's moment, which package letter
// promises nobody knows. So what is kept of a pass that has served is a hash of
// its body, the hour when it may be forgotten, and the receipt sealed with a key
// that only the pass gives. Its 64 random bits are what keeps both from being
// tried out.

// passSecret derives 32 bytes from a pass's body.
func passSecret(body []byte, use string) (k [32]byte) {
	h := hmac.New(sha256.New, body)
	h.Write([]byte("motcua/pass/" + use + "/1\x00"))
	return [32]byte(h.Sum(nil))
}

func passMark(body []byte) []byte {
	m := passSecret(body, "mark")
	return m[:]
}

// sealReceipt seals a letter's receipt. A key seals once, so that the nonce may
// stay zero.
func sealReceipt(body []byte, receipt string) []byte {
	if receipt == "" {
		return []byte{}
	}
	key := passSecret(body, "receipt")
	return secretbox.Seal(nil, []byte(receipt), &[24]byte{}, &key)
}

func openReceipt(body, sealed []byte) (string, error) {
	if len(sealed) == 0 {
		return "", nil
	}
	key := passSecret(body, "receipt")
	b, ok := secretbox.Open(nil, sealed, &[24]byte{}, &key)
	if !ok {
		return "", slides.E(slides.Corrupt, "store.Pass", "Mã biên nhận trong cơ sở dữ liệu bị hỏng.", "The receipt in the database is damaged.", nil)
	}
	return string(b), nil
}

// passKept is how long a used pass is kept: past its last use, to a whole hour.
func passKept(until slides.Millis) int64 {
	const hour = 3_600_000
	return (int64(until) + hour - 1) / hour * hour
}

// served finds out whether a pass has, and for what.
func (t *txn) served(p wire.Pass) (used bool, receipt string, err error) {
	var sealed []byte
	err = t.row("SELECT receipt FROM passes WHERE mark = ?", passMark(p.Body())).Scan(&sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return false, "", nil
	}
	if err == nil {
		receipt, err = openReceipt(p.Body(), sealed)
	}
	return err == nil, receipt, err
}

// use notes that a pass has served; false: it had already, and was is what it
// served for.
func (t *gtx) use(p wire.Pass, receipt string) (first bool, was string, err error) {
	n, err := t.affect("INSERT INTO passes VALUES (?, ?, ?) ON CONFLICT DO NOTHING", passMark(p.Body()), passKept(p.Until()), sealReceipt(p.Body(), receipt))
	if err != nil || n == 1 {
		return true, receipt, err
	}
	err = t.each("SELECT receipt FROM passes WHERE mark = ?", 1, func(v []driver.Value) error {
		sealed, _ := v[0].([]byte)
		was, err = openReceipt(p.Body(), sealed)
		return err
	}, passMark(p.Body()))
	return false, was, err
}

// markPasses moves passes that an older program kept as they were.
func (t *txn) markPasses() error {
	type row struct {
		body    []byte
		until   slides.Millis
		receipt string
	}
	var list []row
	if err := t.each("SELECT body, until, receipt FROM used_passes", nil, func(rows *sql.Rows) error {
		var r row
		err := rows.Scan(&r.body, &r.until, &r.receipt)
		list = append(list, r)
		return err
	}); err != nil || len(list) == 0 {
		return err
	}
	for _, r := range list {
		if err := t.exec("INSERT INTO passes VALUES (?, ?, ?) ON CONFLICT DO NOTHING", passMark(r.body), passKept(r.until), sealReceipt(r.body, r.receipt)); err != nil {
			return err
		}
	}
	return t.exec("DELETE FROM used_passes")
}
