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
	"io"

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
		err := t.each("SELECT "+auditColumns+` FROM audit
			WHERE (?1 = '' OR object = ?1) AND (?2 = '' OR user = ?2) AND (?3 = 0 OR seq < ?3) AND at >= ?4 AND (?5 = 0 OR at < ?5) ORDER BY seq DESC`,
			[]any{f.Object, f.User, f.Before, f.From, f.Until}, func(rows *sql.Rows) error {
				r, err := scanAudit(rows)
				if err != nil || f.Match != nil && !f.Match(r) {
					return err
				}
				if out = append(out, r); len(out) >= f.Limit {
					return errEnough
				}
				return nil
			})
		if errors.Is(err, errEnough) {
			return nil
		}
		return err
	})
	return out, err
}

// errEnough ends a walk over rows.
var errEnough = errors.New("enough rows")

// VerifyAudit recomputes the audit's chain; kind Corrupt names the first row
// that does not fit. Rows cut off at the end leave no trace here: compare the
// number and newest hash with a copy kept elsewhere.
func (s *Store) VerifyAudit(ctx context.Context) (n int64, err error) {
	const op = "store.VerifyAudit"
	err = s.read(ctx, op, func(t *txn) error {
		var c auditChain
		err := t.each("SELECT "+auditColumns+" FROM audit ORDER BY seq", nil, func(rows *sql.Rows) error {
			r, err := scanAudit(rows)
			if err != nil {
				return err
			}
			return c.add(op, &r)
		})
		n = c.n
		return err
	})
	return n, err
}

// auditChain checks rows one after another.
type auditChain struct {
	n    int64
	head string
}

func (c *auditChain) add(op string, r *AuditRow) error {
	if r.Seq != c.n+1 || r.Prev != c.head || r.Hash != hex.EncodeToString(r.hashOf()) {
		return slides.E(slides.Corrupt, op, fmt.Sprintf("Nhật ký bị sửa hoặc thiếu ở dòng %d.", c.n+1), fmt.Sprintf("The audit was altered or cut at row %d.", c.n+1), nil)
	}
	c.n, c.head = r.Seq, r.Hash
	return nil
}

// AuditFormat is the first line's word of an exported audit.
const AuditFormat = "motcua/audit/1"

// auditLine is a row of the exported file. Detail is its bytes as they were
// hashed.
type auditLine struct {
	Seq    int64         `json:"seq"`
	At     slides.Millis `json:"at"`
	User   string        `json:"user"`
	Name   string        `json:"name"`
	Addr   string        `json:"addr"`
	Verb   string        `json:"verb"`
	Object string        `json:"object"`
	Detail string        `json:"detail"`
	Prev   string        `json:"prev"`
	Hash   string        `json:"hash"`
}

type auditHead struct {
	Format string `json:"format"`
	Rows   int64  `json:"rows"`
	Head   string `json:"head"` // hash of the last row
}

// ExportAudit writes the whole audit as JSON lines that VerifyAuditFile checks:
// one that says how many rows and the last hash, then the rows from the first.
func (s *Store) ExportAudit(ctx context.Context, w io.Writer) error {
	return s.read(ctx, "store.ExportAudit", func(t *txn) error {
		out := json.NewEncoder(w)
		h := auditHead{Format: AuditFormat}
		var hash []byte
		if err := t.row(newestAudit).Scan(&h.Rows, &hash); err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		h.Head = hex.EncodeToString(hash)
		if err := out.Encode(h); err != nil {
			return err
		}
		return t.each("SELECT "+auditColumns+" FROM audit ORDER BY seq", nil, func(rows *sql.Rows) error {
			r, err := scanAudit(rows)
			if err != nil {
				return err
			}
			return out.Encode(auditLine{r.Seq, r.At, r.User, r.Name, r.Addr, r.Verb, r.Object, string(r.Detail), r.Prev, r.Hash})
		})
	})
}

// VerifyAuditFile recomputes the chain of an exported audit: how many rows it
// has and the last one's hash, to compare with the studio's. Kinds: Invalid (no
// such file), Corrupt (altered or cut).
func VerifyAuditFile(r io.Reader) (n int64, head string, err error) {
	const op = "store.VerifyAuditFile"
	in := json.NewDecoder(r)
	var h auditHead
	if err := in.Decode(&h); err != nil || h.Format != AuditFormat {
		return 0, "", slides.E(slides.Invalid, op, "Tệp này không phải nhật ký đã xuất.", "This file is no exported audit.", err)
	}
	var c auditChain
	for {
		var l auditLine
		err := in.Decode(&l)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return c.n, c.head, slides.E(slides.Corrupt, op, fmt.Sprintf("Không đọc được dòng %d của nhật ký.", c.n+1), fmt.Sprintf("Row %d of the audit can't be read.", c.n+1), err)
		}
		if err := c.add(op, &AuditRow{l.Seq, l.At, l.User, l.Name, l.Addr, l.Verb, l.Object, json.RawMessage(l.Detail), l.Prev, l.Hash}); err != nil {
			return c.n, c.head, err
		}
	}
	if c.n != h.Rows || c.head != h.Head {
		return c.n, c.head, slides.E(slides.Corrupt, op, fmt.Sprintf("Nhật ký thiếu dòng: tệp ghi có %d, đọc được %d.", h.Rows, c.n), fmt.Sprintf("The audit lacks rows: %d are named, %d are there.", h.Rows, c.n), nil)
	}
	return c.n, c.head, nil
}
