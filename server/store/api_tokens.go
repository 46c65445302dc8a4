package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"motcua/slides"
)

// Scope is one thing that a token of another system may do.
type Scope string

// The scopes. None reads letters or single ratings: what citizens write stays
// with people.
const (
	InviteScope    Scope = "invite"          // invite citizens to rate, and hear whether the question is up
	ReadContent    Scope = "read-content"    // slides, playlists, schedule, procedures, publications
	WriteContent   Scope = "write-content"   // drafts of them
	PublishContent Scope = "publish"         // make live, recall
	ReadKiosks     Scope = "read-kiosks"     // list and state
	RunKiosks      Scope = "run-kiosks"      // commands
	ReadStatistics Scope = "read-statistics" // what the statistics page shows
)

// Scopes lists them in the order in which staff choose.
var Scopes = []Scope{ReadContent, WriteContent, PublishContent, ReadKiosks, RunKiosks, ReadStatistics, InviteScope}

// APIToken is a key of another system to the HTTP interface.
type APIToken struct {
	ID      string
	Name    string
	Scopes  []Scope
	Unit    string // where it holds, with all units below; "" everywhere
	Created slides.Millis
	By      string        // user id; "" for the command line
	Expires slides.Millis // 0: never
	Seen    slides.Millis // the day on which it served last, 0 never
	Revoked slides.Millis // 0: in use
}

// Works says whether the token opens anything at a moment.
func (k *APIToken) Works(now slides.Millis) bool {
	return k.Revoked == 0 && (k.Expires == 0 || now < k.Expires)
}

// AddAPIToken keeps a token by its digest (auth.Digest), as k says: name,
// scopes, unit, expiry. Kind Invalid with problems at "name", "scopes", "unit",
// "expires".
func (s *Store) AddAPIToken(ctx context.Context, a Actor, digest string, k APIToken) (APIToken, error) {
	const op = "store.AddAPIToken"
	k.Name = slides.Clean(k.Name)
	var p slides.Problems
	if n := utf8.RuneCountInString(k.Name); n == 0 || n > 80 || strings.Contains(k.Name, "\n") {
		p.Add("name", "Khóa cần một tên (tối đa 80 ký tự).", "A token needs a name (at most 80 characters).")
	}
	if len(k.Scopes) == 0 {
		p.Add("scopes", "Chọn ít nhất một việc mà khóa được làm.", "Choose at least one thing that the token may do.")
	}
	for _, x := range k.Scopes {
		if !slices.Contains(Scopes, x) {
			p.Add("scopes", fmt.Sprintf("Không có quyền %.40q.", x), fmt.Sprintf("There is no scope %.40q.", x))
		}
	}
	if k.Expires != 0 && k.Expires <= s.Now() {
		p.Add("expires", "Ngày hết hạn phải ở phía trước.", "The last day must lie ahead.")
	}
	if digest == "" {
		p.Add("", "Khóa không hợp lệ.", "The token is not valid.")
	}
	if err := p.Err(op); err != nil {
		return APIToken{}, err
	}
	err := s.write(ctx, op, func(t *txn) error {
		if k.Unit != "" {
			if err := t.knownUnit(op, k.Unit); err != nil {
				return err
			}
		}
		k.ID, k.Created, k.By, k.Seen, k.Revoked = randomID("k"), t.now, a.User, 0, 0
		if err := t.exec("INSERT INTO api_tokens (hash, id, name, scope, unit, created, by, expires) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
			digest, k.ID, k.Name, joinScopes(k.Scopes), k.Unit, t.now, k.By, k.Expires); err != nil {
			return err
		}
		return t.audit(a, "token.add", "token:"+k.ID, map[string]any{"name": k.Name, "scopes": k.Scopes, "unit": k.Unit, "expires": k.Expires})
	})
	return k, err
}

func joinScopes(list []Scope) string {
	var words []string
	for _, s := range Scopes {
		if slices.Contains(list, s) {
			words = append(words, string(s))
		}
	}
	return strings.Join(words, " ")
}

const tokenColumns = "id, name, scope, unit, created, by, expires, seen, revoked"

func scanToken(scan func(...any) error) (k APIToken, err error) {
	var scopes string
	err = scan(&k.ID, &k.Name, &scopes, &k.Unit, &k.Created, &k.By, &k.Expires, &k.Seen, &k.Revoked)
	for w := range strings.FieldsSeq(scopes) {
		k.Scopes = append(k.Scopes, Scope(w))
	}
	return k, err
}

// APITokens lists them, newest first.
func (s *Store) APITokens(ctx context.Context) (out []APIToken, err error) {
	err = s.read(ctx, "store.APITokens", func(t *txn) error {
		return t.each("SELECT "+tokenColumns+" FROM api_tokens ORDER BY created DESC, id", nil, func(rows *sql.Rows) error {
			k, err := scanToken(rows.Scan)
			out = append(out, k)
			return err
		})
	})
	return out, err
}

// APIToken is one token by its id.
func (s *Store) APIToken(ctx context.Context, id string) (k APIToken, err error) {
	const op = "store.APIToken"
	err = s.read(ctx, op, func(t *txn) error {
		k, err = scanToken(t.row("SELECT "+tokenColumns+" FROM api_tokens WHERE id = ?", id).Scan)
		if errors.Is(err, sql.ErrNoRows) {
			return notFound(op, "Không có khóa này.", "There is no such token.")
		}
		return err
	})
	return k, err
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

// UseAPIToken finds the token with a digest; Denied for one that is not known,
// is revoked or has expired. It notes the day.
func (s *Store) UseAPIToken(ctx context.Context, digest string) (k APIToken, err error) {
	const op = "store.UseAPIToken"
	denied := slides.E(slides.Denied, op, "Khóa truy cập không đúng, đã hết hạn hoặc đã bị thu hồi.", "The token is not valid, has expired or is revoked.", nil)
	err = s.read(ctx, op, func(t *txn) error {
		k, err = scanToken(t.row("SELECT "+tokenColumns+" FROM api_tokens WHERE hash = ?", digest).Scan)
		if errors.Is(err, sql.ErrNoRows) || err == nil && !k.Works(t.now) {
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
