package store

import (
	"context"
	"database/sql"
	"errors"
	"time"
	"unicode/utf8"

	"motcua/slides"
)

// Scope is what a token of another system may do.
type Scope string

// InviteScope may invite citizens to rate, and hear whether the question is up.
const InviteScope Scope = "invite"

// APIToken is a key of another system to the HTTP interface.
type APIToken struct {
	ID      string
	Name    string
	Scope   Scope
	Created slides.Millis
	Seen    slides.Millis // the day on which it served last, 0 never
	Revoked slides.Millis // 0: in use
}

// AddAPIToken keeps a token by its digest (auth.Digest).
func (s *Store) AddAPIToken(ctx context.Context, a Actor, digest, name string, scope Scope) (k APIToken, err error) {
	const op = "store.AddAPIToken"
	if name = slides.Clean(name); name == "" || utf8.RuneCountInString(name) > 80 || digest == "" || scope != InviteScope {
		return k, slides.E(slides.Invalid, op, "Khóa cần một tên (tối đa 80 ký tự).", "A token needs a name (at most 80 characters).", nil)
	}
	err = s.write(ctx, op, func(t *txn) error {
		k = APIToken{ID: randomID("k"), Name: name, Scope: scope, Created: t.now}
		if err := t.exec("INSERT INTO api_tokens (hash, id, name, scope, created) VALUES (?, ?, ?, ?, ?)", digest, k.ID, name, scope, t.now); err != nil {
			return err
		}
		return t.audit(a, "token.add", "token:"+k.ID, name)
	})
	return k, err
}

// APITokens lists them, newest first.
func (s *Store) APITokens(ctx context.Context) (out []APIToken, err error) {
	err = s.read(ctx, "store.APITokens", func(t *txn) error {
		return t.each("SELECT id, name, scope, created, seen, revoked FROM api_tokens ORDER BY created DESC, id", nil, func(rows *sql.Rows) error {
			var k APIToken
			err := rows.Scan(&k.ID, &k.Name, &k.Scope, &k.Created, &k.Seen, &k.Revoked)
			out = append(out, k)
			return err
		})
	})
	return out, err
}

// RevokeAPIToken ends a token by its id.
func (s *Store) RevokeAPIToken(ctx context.Context, a Actor, id string) error {
	const op = "store.RevokeAPIToken"
	return s.write(ctx, op, func(t *txn) error {
		n, err := t.affect("UPDATE api_tokens SET revoked = ? WHERE id = ? AND revoked = 0", t.now, id)
		if err != nil {
			return err
		}
		if n == 0 {
			return notFound(op, "Không có khóa này, hoặc đã bị thu hồi.", "There is no such token, or it is revoked.")
		}
		return t.audit(a, "token.revoke", "token:"+id, "")
	})
}

// UseAPIToken finds the token with a digest; Denied for one that is not known or
// is revoked, or has another scope. It notes the day.
func (s *Store) UseAPIToken(ctx context.Context, digest string, scope Scope) (k APIToken, err error) {
	const op = "store.UseAPIToken"
	denied := slides.E(slides.Denied, op, "Khóa truy cập không đúng hoặc đã bị thu hồi.", "The token is not valid, or is revoked.", nil)
	err = s.read(ctx, op, func(t *txn) error {
		err := t.row("SELECT id, name, scope, created, seen, revoked FROM api_tokens WHERE hash = ?", digest).Scan(&k.ID, &k.Name, &k.Scope, &k.Created, &k.Seen, &k.Revoked)
		if errors.Is(err, sql.ErrNoRows) || err == nil && (k.Revoked != 0 || k.Scope != scope) {
			return denied
		}
		return err
	})
	if err != nil {
		return APIToken{}, err
	}
	const day = slides.Millis(24 * time.Hour / time.Millisecond)
	if today := s.Now() / day * day; k.Seen < today {
		err = s.write(ctx, op, func(t *txn) error {
			return t.exec("UPDATE api_tokens SET seen = ? WHERE id = ?", today, k.ID)
		})
	}
	return k, err
}
