package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"syscall"

	"github.com/mattn/go-sqlite3"

	"motcua/slides"
)

// txn is one writing transaction with its one moment.
type txn struct {
	ctx    context.Context
	s      *Store
	tx     *sql.Tx
	now    slides.Millis
	change bool     // wake the watchers after the commit
	after  []func() // run after the commit
}

// write runs f in a transaction of the writer and maps its error.
func (s *Store) write(ctx context.Context, op string, f func(*txn) error) error {
	tx, err := s.w.BeginTx(ctx, nil)
	if err != nil {
		return wrap(op, err)
	}
	t := &txn{ctx: ctx, s: s, tx: tx, now: s.Now()}
	if err := f(t); err != nil {
		tx.Rollback() // its own error adds nothing to err
		return wrap(op, err)
	}
	if err := tx.Commit(); err != nil {
		return wrap(op, err)
	}
	for _, f := range t.after {
		f()
	}
	if t.change {
		s.wake()
	}
	return nil
}

// read runs f on one snapshot of the database.
func (s *Store) read(ctx context.Context, op string, f func(*txn) error) error {
	tx, err := s.r.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return wrap(op, err)
	}
	defer tx.Rollback() // nothing was written
	return wrap(op, f(&txn{ctx: ctx, s: s, tx: tx, now: s.Now()}))
}

func (t *txn) exec(query string, args ...any) error {
	_, err := t.tx.ExecContext(t.ctx, query, args...)
	return err
}

// affect is exec that tells how many rows changed.
func (t *txn) affect(query string, args ...any) (int64, error) {
	r, err := t.tx.ExecContext(t.ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

func (t *txn) row(query string, args ...any) *sql.Row {
	return t.tx.QueryRowContext(t.ctx, query, args...)
}

func (t *txn) query(query string, args ...any) (*sql.Rows, error) {
	return t.tx.QueryContext(t.ctx, query, args...)
}

// each calls scan for every row.
func (t *txn) each(query string, args []any, scan func(*sql.Rows) error) error {
	rows, err := t.query(query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (s *Store) meta(ctx context.Context, key string) (value []byte, err error) {
	err = s.read(ctx, "store.meta", func(t *txn) error {
		err := t.row("SELECT value FROM meta WHERE key = ?", key).Scan(&value)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	return value, err
}

func (t *txn) setMeta(key string, value []byte) error {
	return t.exec("INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", key, value)
}

// wrap gives err a kind and a sentence; one that has them passes as it is.
func wrap(op string, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*slides.Error](err); ok {
		return err
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	se, isSQLite := errors.AsType[sqlite3.Error](err)
	// SQLite tells a full disk as an I/O error where it was not writing pages.
	if errors.Is(err, syscall.ENOSPC) || isSQLite && (se.Code == sqlite3.ErrFull || se.SystemErrno == syscall.ENOSPC) {
		return slides.E(slides.Full, op, "Ổ đĩa của máy chủ đã đầy; chưa có gì được lưu. Hãy dọn bớt ổ đĩa.", "The server's disk is full; nothing was kept. Make room on it.", err)
	}
	if isSQLite {
		switch se.Code {
		case sqlite3.ErrCorrupt, sqlite3.ErrNotADB:
			return slides.E(slides.Corrupt, op, "Cơ sở dữ liệu bị hỏng; hãy phục hồi bản sao lưu.", "The database is damaged; restore a backup.", err)
		case sqlite3.ErrBusy, sqlite3.ErrLocked:
			return slides.E(slides.Throttled, op, "Cơ sở dữ liệu đang bận; hãy thử lại.", "The database is busy; try again.", err)
		case sqlite3.ErrReadonly, sqlite3.ErrCantOpen, sqlite3.ErrPerm:
			return slides.E(slides.Broken, op, "Không ghi được cơ sở dữ liệu; hãy kiểm tra quyền ghi của thư mục dữ liệu.", "The database can't be written; check the rights on the data folder.", err)
		}
	}
	return slides.E(slides.Broken, op, "Hệ thống gặp lỗi khi truy cập dữ liệu; chưa có gì bị thay đổi.", "The data can't be reached; nothing was changed.", err)
}

func notFound(op, vi, en string) error { return slides.E(slides.NotFound, op, vi, en, nil) }

func invalid(op, path, vi, en string) error {
	var p slides.Problems
	p.Add(path, vi, en)
	return p.Err(op)
}

// toJSON encodes a value of ours; it can't fail for the types that are stored.
func toJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic("store: " + err.Error()) // a programming error: a type that JSON does not know
	}
	return string(b)
}

// values gives rows as the driver has them, for code that both ways to the
// database share.
func (t *txn) values(query string, n int, scan func([]driver.Value) error) error {
	v, got, to := make([]driver.Value, n), make([]any, n), make([]any, n)
	for i := range got {
		to[i] = &got[i]
	}
	return t.each(query, nil, func(rows *sql.Rows) error {
		if err := rows.Scan(to...); err != nil {
			return err
		}
		for i := range got {
			v[i] = got[i]
		}
		return scan(v)
	})
}
