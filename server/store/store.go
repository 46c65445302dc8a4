// Package store is the only room with SQL. It keeps everything that the server
// must not lose in one SQLite database (WAL, synchronous=FULL) and, for files
// over 64 KiB, in a folder of blobs beside it.
//
// Exported methods open their own transaction, take one moment for all of it
// from the injected clock, and are safe for concurrent use. Errors are
// *slides.Error with a sentence for people. Nobody tells anybody else what
// happened: who must act on a change reads Changes, so that several servers
// over one database need nothing more.
package store

import (
	"context"
	"crypto/ed25519"
	"log/slog"
	"time"

	"motcua/slides"
)

// Options configure Open. The zero value serves.
type Options struct {
	Now     func() time.Time // default time.Now
	Server  string           // names this process in leases; default random
	Readers int              // reading connections, default 4
	Poll    time.Duration    // how often Run looks for other servers' changes, default 500 ms
	Zone    string           // the zone of units that name none, default Asia/Ho_Chi_Minh
	Suspect SuspectRules
	// MayPublish says whether a user may still publish for a unit ("": for all) of a
	// tree, child to parent, when the time comes for which they approved something;
	// it must not call the store. Default nil: an approval holds whoever gave it.
	MayPublish func(u User, unit string, parents map[string]string) bool
	Log        *slog.Logger // default: discards
}

// SuspectRules say which presses are marked, never dropped. Zero fields take the defaults.
type SuspectRules struct {
	// Rapid: a rating this soon after the one before it on the same chain
	// (default 5 s: the thanks alone stay longer than that). Negative: never.
	Rapid time.Duration
	// Burst ratings within BurstWithin before this one (default 15 in 3 min:
	// a desk serves nobody that fast). Negative: never.
	Burst       int
	BurstWithin time.Duration
}

// Actor is who does something, for the audit. The zero Actor is the system.
type Actor struct {
	User string // user id; "" for the system
	Name string
	Addr string // where from

	Once *Once // of a call of another system; nil: as often as it is asked
}

// Epoch names this life of the database: a restored backup gets a new one.
func (s *Store) Epoch() string { return s.epoch }

// ServerKey is the server's Ed25519 key, made with the database and kept by
// backups, so that paired kiosks go on trusting a restored server.
func (s *Store) ServerKey() ed25519.PrivateKey { return s.key }

// Server is this process's name in leases.
func (s *Store) Server() string { return s.opt.Server }

// Dir is the data folder.
func (s *Store) Dir() string { return s.dir }

// Now is the store's clock, in milliseconds.
func (s *Store) Now() slides.Millis { return slides.At(s.opt.Now()) }

// TLS returns the self-made certificate and key (PEM), nil before KeepTLS.
func (s *Store) TLS(ctx context.Context) (cert, key []byte, err error) {
	if cert, err = s.meta(ctx, "tls.cert"); err != nil {
		return nil, nil, err
	}
	key, err = s.meta(ctx, "tls.key")
	return cert, key, err
}

// KeepTLS keeps the self-made certificate and key (PEM) that kiosks pin.
func (s *Store) KeepTLS(ctx context.Context, cert, key []byte) error {
	return s.write(ctx, "store.KeepTLS", func(t *txn) error {
		if err := t.setMeta("tls.cert", cert); err != nil {
			return err
		}
		return t.setMeta("tls.key", key)
	})
}
