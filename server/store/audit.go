package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"database/sql/driver"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"motcua/slides"
)

// hashOf is the hash of a row: SHA-256 over the JSON array of all its fields,
// the hash of the row before among them.
func (r *AuditRow) hashOf() []byte {
	h := sha256.Sum256([]byte(toJSON([]any{"motcua/audit/1", r.Seq, r.At, r.User, r.Name, r.Addr, r.Verb, r.Object, string(r.Detail), r.Prev})))
	return h[:]
}

const (
	newestAudit = "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1"
	insertAudit = "INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)

// nextAudit is the row after one of that seq and hash.
func nextAudit(seq int64, prev []byte, now slides.Millis, a Actor, verb, object string, detail any) []driver.Value {
	r := AuditRow{Seq: seq + 1, At: now, User: a.User, Name: a.Name, Addr: a.Addr, Verb: verb, Object: object, Detail: json.RawMessage(toJSON(detail)), Prev: hex.EncodeToString(prev)}
	return []driver.Value{r.Seq, int64(now), r.User, r.Name, r.Addr, r.Verb, r.Object, string(r.Detail), prev, r.hashOf()}
}

func (t *txn) audit(a Actor, verb, object string, detail any) error {
	var seq int64
	prev := []byte{}
	if err := t.row(newestAudit).Scan(&seq, &prev); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	var args []any
	for _, v := range nextAudit(seq, prev, t.now, a, verb, object, detail) {
		args = append(args, v)
	}
	return t.exec(insertAudit, args...)
}

func (t *gtx) audit(a Actor, verb, object string, detail any) error {
	var seq int64
	prev := []byte{}
	if err := t.each(newestAudit, 2, func(v []driver.Value) error {
		seq, prev = v[0].(int64), v[1].([]byte)
		return nil
	}); err != nil {
		return err
	}
	return t.run(insertAudit, nextAudit(seq, prev, t.now, a, verb, object, detail)...)
}

// AddAudit writes an audit row of its own (a full export, a sign-in); other
// methods write theirs.
func (s *Store) AddAudit(ctx context.Context, a Actor, verb, object string, detail any) error {
	return s.write(ctx, "store.AddAudit", func(t *txn) error { return t.audit(a, verb, object, detail) })
}

const auditColumns = "seq, at, user, name, addr, verb, object, detail, prev, hash"

func scanAudit(rows *sql.Rows) (r AuditRow, err error) {
	var prev, hash []byte
	var detail string
	err = rows.Scan(&r.Seq, &r.At, &r.User, &r.Name, &r.Addr, &r.Verb, &r.Object, &detail, &prev, &hash)
	r.Detail, r.Prev, r.Hash = json.RawMessage(detail), hex.EncodeToString(prev), hex.EncodeToString(hash)
	return r, err
}

// Audit reads the audit, newest first.
func (s *Store) Audit(ctx context.Context, f AuditFilter) (out []AuditRow, err error) {
	if f.Limit <= 0 {
		f.Limit = 100
	}
	err = s.read(ctx, "store.Audit", func(t *txn) error {
		return t.each("SELECT "+auditColumns+` FROM audit
			WHERE (?1 = '' OR object = ?1) AND (?2 = '' OR user = ?2) AND (?3 = 0 OR seq < ?3) ORDER BY seq DESC LIMIT ?4`,
			[]any{f.Object, f.User, f.Before, f.Limit}, func(rows *sql.Rows) error {
				r, err := scanAudit(rows)
				out = append(out, r)
				return err
			})
	})
	return out, err
}

// VerifyAudit recomputes the audit's chain; kind Corrupt names the first row
// that does not fit. Rows cut off at the end leave no trace here: compare the
// number and newest hash with a copy kept elsewhere.
func (s *Store) VerifyAudit(ctx context.Context) (n int64, err error) {
	const op = "store.VerifyAudit"
	err = s.read(ctx, op, func(t *txn) error {
		prev := ""
		return t.each("SELECT "+auditColumns+" FROM audit ORDER BY seq", nil, func(rows *sql.Rows) error {
			r, err := scanAudit(rows)
			if err != nil {
				return err
			}
			if r.Seq != n+1 || r.Prev != prev || r.Hash != hex.EncodeToString(r.hashOf()) {
				return slides.E(slides.Corrupt, op, fmt.Sprintf("Nhật ký bị sửa hoặc thiếu ở dòng %d.", n+1), fmt.Sprintf("The audit was altered or cut at row %d.", n+1), nil)
			}
			n, prev = r.Seq, r.Hash
			return nil
		})
	})
	return n, err
}
