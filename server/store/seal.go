package store

import (
	"crypto/rand"
	"database/sql"
	"errors"

	"golang.org/x/crypto/nacl/box"

	"motcua/slides"
)

// sealKey is the X25519 key that kiosks seal to what only this server may read.
// It never leaves the database; backups keep it.
type sealKey struct{ public, private [32]byte }

// sealKey reads the key, or makes it in a database that has none yet.
func (t *txn) sealKey() (k sealKey, err error) {
	var b []byte
	err = t.row("SELECT value FROM meta WHERE key = 'seal.key'").Scan(&b)
	if errors.Is(err, sql.ErrNoRows) {
		public, private, err := box.GenerateKey(rand.Reader)
		if err != nil {
			return k, err
		}
		return sealKey{*public, *private}, t.setMeta("seal.key", append(public[:], private[:]...))
	}
	if err == nil && len(b) != len(k.public)+len(k.private) {
		err = slides.E(slides.Corrupt, "store.Open", "Khóa niêm phong của máy chủ trong cơ sở dữ liệu bị hỏng; hãy phục hồi bản sao lưu.", "The server's sealing key in the database is damaged; restore a backup.", nil)
	}
	copy(k.public[:], b)
	copy(k.private[:], b[min(len(k.public), len(b)):])
	return k, err
}

// SealKey is the public key to seal to (slides.Terminal.Seal).
func (s *Store) SealKey() []byte { return s.seal.public[:] }
