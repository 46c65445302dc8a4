package store

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"database/sql"
	"database/sql/driver"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mattn/go-sqlite3"

	"motcua/slides"
	"motcua/slides/dossier"
)

// DatabaseFile is the database's name within the data folder.
const DatabaseFile = "motcua.sqlite"

// Store is the database and its files. Static after Open but for what it says.
type Store struct {
	dir   string
	opt   Options
	epoch string
	key   ed25519.PrivateKey
	seal  sealKey
	own   ownKey

	dossierMarks dossier.Key // keys the marks of dossiers

	w *sql.DB // one connection: the writer
	r *sql.DB // readers, mode=ro

	group     group    // batches small writes into one transaction
	chainKeys sync.Map // chain.ID to *chainKey; what is in it never changes
	cat       atomic.Pointer[directory]
	wakeMu    sync.Mutex
	wakers    map[chan struct{}]struct{} // guarded by wakeMu
	seen      atomic.Int64               // newest change that the wakers were told of
}

// Open opens the data folder, making or upgrading the database in it. Kinds:
// Newer (a newer program wrote it), Corrupt, Full, Broken (not writable).
func Open(dir string, o Options) (*Store, error) {
	const op = "store.Open"
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Join(dir, "blobs"), 0o700); err != nil {
		return nil, unwritable(op, dir, err)
	}
	path := filepath.Join(dir, DatabaseFile)
	if emptied(dir) {
		return nil, slides.E(slides.Corrupt, op, fmt.Sprintf("Tệp %s trong %s trống rỗng dù thư mục có nội dung; hãy phục hồi bản sao lưu bằng lệnh motcua restore.", DatabaseFile, dir),
			fmt.Sprintf("%s in %s is empty although the folder has content; restore a backup with motcua restore.", DatabaseFile, dir), nil)
	}
	// The file holds the server's key: only its owner may read it. SQLite gives
	// the WAL the same rights.
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, unwritable(op, dir, err)
	}
	if err := f.Close(); err != nil {
		return nil, unwritable(op, dir, err)
	}
	s := &Store{dir: dir, opt: o, wakers: map[chan struct{}]struct{}{}}
	// A cache of 64 MiB holds the hot pages of the roll-ups; a checkpoint every
	// 4,000 pages costs fewer fsyncs under load than the default 1,000.
	s.w = open(path, "mode=rwc&_txlock=immediate&_journal_mode=WAL&_synchronous=FULL&_foreign_keys=1&_busy_timeout=10000&_cache_size=-65536",
		"PRAGMA wal_autocheckpoint=4000")
	s.w.SetMaxOpenConns(1)
	s.w.SetMaxIdleConns(1)
	s.r = open(path, "mode=ro&_txlock=deferred&_query_only=1&_busy_timeout=10000&_cache_size=-32768",
		// Pages of the roll-ups come straight from the system's cache.
		"PRAGMA mmap_size=1073741824")
	s.r.SetMaxOpenConns(o.Readers)
	s.r.SetMaxIdleConns(o.Readers)
	if err := s.start(context.Background()); err != nil {
		s.Close()
		return nil, opening(op, dir, err)
	}
	s.group.init(s)
	return s, nil
}

// emptied says that the database was cut to nothing: SQLite would take it for a
// new one, and a house with years of content would begin again. A start that
// was broken off leaves an empty file too, but no blob yet.
func emptied(dir string) bool {
	db, err := os.Stat(filepath.Join(dir, DatabaseFile))
	if err != nil || db.Size() > 0 {
		return false
	}
	if wal, err := os.Stat(filepath.Join(dir, DatabaseFile+"-wal")); err == nil && wal.Size() > 0 {
		return false
	}
	blobs, err := os.ReadDir(filepath.Join(dir, "blobs"))
	return err == nil && len(blobs) > 0
}

func (o Options) withDefaults() (Options, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Server == "" {
		o.Server = randomID("srv")
	}
	if o.Readers <= 0 {
		o.Readers = 4
	}
	if o.Poll <= 0 {
		o.Poll = 500 * time.Millisecond
	}
	if o.Zone == "" {
		o.Zone = "Asia/Ho_Chi_Minh"
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Suspect.Rapid == 0 {
		o.Suspect.Rapid = 5 * time.Second
	}
	if o.Suspect.Burst == 0 {
		o.Suspect.Burst = 15
	}
	if o.Suspect.BurstWithin <= 0 {
		o.Suspect.BurstWithin = 3 * time.Minute
	}
	o.Suspect.Burst = min(o.Suspect.Burst, maxBurst)
	_, err := zone(o.Zone)
	return o, err
}

// connector opens connections with the driver itself, so that nothing is
// registered for the whole program.
type connector struct {
	dsn    string
	driver *sqlite3.SQLiteDriver
}

func (c *connector) Connect(context.Context) (driver.Conn, error) { return c.driver.Open(c.dsn) }
func (c *connector) Driver() driver.Driver                        { return c.driver }

func open(path, query string, pragmas ...string) *sql.DB {
	escaped := strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(path)
	return sql.OpenDB(&connector{dsn: "file:" + escaped + "?" + query, driver: &sqlite3.SQLiteDriver{
		ConnectHook: func(c *sqlite3.SQLiteConn) error {
			for _, p := range pragmas {
				if _, err := c.Exec(p, nil); err != nil {
					return err
				}
			}
			return nil
		},
	}})
}

// start upgrades the schema and reads or makes what every database has.
func (s *Store) start(ctx context.Context) error {
	if err := s.migrate(ctx); err != nil {
		return err
	}
	return s.write(ctx, "store.Open", func(t *txn) error {
		if err := t.foldTitles(); err != nil {
			return err
		}
		var seed, epoch []byte
		err := t.row("SELECT value FROM meta WHERE key = 'epoch'").Scan(&epoch)
		if errors.Is(err, sql.ErrNoRows) {
			epoch = []byte(randomID("e"))
			_, key, err := ed25519.GenerateKey(rand.Reader)
			if err != nil {
				return err
			}
			for k, v := range map[string][]byte{"epoch": epoch, "server.seed": key.Seed(), "created": fmt.Append(nil, t.now)} {
				if err := t.setMeta(k, v); err != nil {
					return err
				}
			}
		} else if err != nil {
			return err
		}
		if err := t.row("SELECT value FROM meta WHERE key = 'server.seed'").Scan(&seed); err != nil {
			return err
		}
		if len(seed) != ed25519.SeedSize {
			return slides.E(slides.Corrupt, "store.Open", "Khóa của máy chủ trong cơ sở dữ liệu bị hỏng; hãy phục hồi bản sao lưu.", "The server's key in the database is damaged; restore a backup.", nil)
		}
		s.epoch, s.key = string(epoch), ed25519.NewKeyFromSeed(seed)
		if s.seal, err = t.sealKey(); err != nil {
			return err
		}
		if s.dossierMarks, err = t.dossierKey(); err != nil {
			return err
		}
		if s.own, err = t.ownKey(); err != nil {
			return err
		}
		if err := t.addLetterChains(); err != nil {
			return err
		}
		if err := t.markPasses(); err != nil {
			return err
		}
		var newest int64
		err = t.row("SELECT ifnull(max(seq), 0) FROM changes").Scan(&newest)
		s.seen.Store(newest)
		return err
	})
}

// Close closes the database; Run must have ended.
func (s *Store) Close() error { return errors.Join(s.r.Close(), s.w.Close()) }

func randomID(prefix string) string { return prefix + "-" + hex.EncodeToString(randomBytes(8)) }

func randomBytes(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails (crypto/rand)
	return b
}

func zone(name string) (*time.Location, error) {
	// LoadLocation takes "" and "Local" for what the machine has set.
	if name != "" && name != "Local" {
		if l, err := time.LoadLocation(name); err == nil {
			return l, nil
		}
	}
	return nil, slides.E(slides.Invalid, "store.zone",
		fmt.Sprintf("Không có múi giờ %.60q; viết như Asia/Ho_Chi_Minh.", name),
		fmt.Sprintf("There is no time zone %.60q; write it like Asia/Ho_Chi_Minh.", name), nil)
}

func unwritable(op, dir string, err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return slides.E(slides.Broken, op, fmt.Sprintf("Không ghi được vào thư mục dữ liệu %s; hãy cấp quyền ghi cho tài khoản chạy máy chủ.", dir),
			fmt.Sprintf("The data folder %s can't be written; give the account that runs the server the right to.", dir), err)
	}
	return slides.E(slides.Broken, op, fmt.Sprintf("Không mở được thư mục dữ liệu %s.", dir), fmt.Sprintf("The data folder %s can't be opened.", dir), err)
}

// opening says in words why a database did not open.
func opening(op, dir string, err error) error {
	if se, ok := errors.AsType[sqlite3.Error](err); ok {
		switch se.Code {
		case sqlite3.ErrNotADB, sqlite3.ErrCorrupt:
			return slides.E(slides.Corrupt, op, fmt.Sprintf("Tệp %s trong %s bị hỏng hoặc không phải cơ sở dữ liệu của Một Cửa; hãy phục hồi bản sao lưu bằng lệnh motcua restore.", DatabaseFile, dir),
				fmt.Sprintf("%s in %s is damaged or not a Một Cửa database; restore a backup with motcua restore.", DatabaseFile, dir), err)
		case sqlite3.ErrCantOpen, sqlite3.ErrReadonly, sqlite3.ErrPerm:
			return unwritable(op, dir, fmt.Errorf("%w: %w", fs.ErrPermission, err))
		}
	}
	return wrap(op, err)
}
