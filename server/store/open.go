package store

import (
	"context"
	"crypto/ed25519"
)

// Store is the database and its files. Static after Open but for what it says.
type Store struct {
	dir   string
	opt   Options
	epoch string
	key   ed25519.PrivateKey
}

// Open opens the data folder, making or upgrading the database in it. Kinds:
// Newer (a newer program wrote it), Corrupt, Full, Broken (not writable).
func Open(dir string, o Options) (*Store, error) { return nil, notYet() }

// Close closes the database; Run must have ended.
func (s *Store) Close() error { return nil }

// Run owns the writer of ratings and the look-out for other servers' changes;
// it returns nil when ctx ends and everything accepted is committed.
func (s *Store) Run(ctx context.Context) error { return notYet() }

// Watch returns a channel that gets a value (of which one waits at most) when
// there may be new changes, and the function that ends it.
func (s *Store) Watch() (<-chan struct{}, func()) { return nil, func() {} }

// Restore unpacks a backup into dir, which must not hold a database yet, under
// a new epoch: kiosks then send again what the backup lacks.
func Restore(ctx context.Context, file, dir string, o Options) error { return notYet() }

type txn struct{}

func (s *Store) write(ctx context.Context, op string, f func(*txn) error) error { return notYet() }
func (s *Store) meta(ctx context.Context, k string) ([]byte, error)             { return nil, notYet() }
func (t *txn) setMeta(k string, v []byte) error                                 { return nil }
