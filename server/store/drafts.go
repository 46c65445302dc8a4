package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"motcua/slides"
)

// Limits of what a person has typed and not saved yet.
const (
	maxDraft      = 512 << 10 // bytes of one, as a form's body
	maxDrafts     = 60        // of a person; the oldest go first
	maxDraftKey   = 80
	keepDraftDays = 90
)

// UnsavedDraft is what a person has typed into a slide's form and not saved.
// Nobody else sees it, it is on no screen and in no version: it is kept so that a
// closed lid loses nothing, and neither audited nor told.
type UnsavedDraft struct {
	Key     string // "slide:<id>", or "new:<random>" for a slide that was never saved
	Kind    string // of the slide
	Base    int    // version that the typing began from, 0: none
	Title   string // for lists; may be ""
	Values  map[string][]string
	Updated slides.Millis // set by SaveDraft
}

// SaveDraft keeps a person's draft in place of the one of the same key.
func (s *Store) SaveDraft(ctx context.Context, user string, d UnsavedDraft) error {
	const op = "store.SaveDraft"
	form := toJSON(d.Values)
	if len(form) > maxDraft {
		return slides.E(slides.TooLarge, op, "Nội dung đang soạn quá lớn.", "What was typed is too large.", nil)
	}
	if d.Key == "" || len(d.Key) > maxDraftKey || user == "" {
		return invalid(op, "draft", "Mã bản đang soạn không hợp lệ.", "The draft's name is not valid.")
	}
	return s.write(ctx, op, func(t *txn) error {
		if err := t.exec(`INSERT INTO drafts VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
			ON CONFLICT (user, key) DO UPDATE SET kind = ?3, base = ?4, title = ?5, form = ?6, updated = ?7`,
			user, d.Key, d.Kind, d.Base, clip(slides.Clean(d.Title), 300), form, t.now); err != nil {
			return err
		}
		return t.exec(`DELETE FROM drafts WHERE user = ?1 AND key NOT IN (SELECT key FROM drafts WHERE user = ?1 ORDER BY updated DESC LIMIT ?2)`, user, maxDrafts)
	})
}

// Draft is a person's draft; kind NotFound without one.
func (s *Store) Draft(ctx context.Context, user, key string) (d UnsavedDraft, err error) {
	const op = "store.Draft"
	err = s.read(ctx, op, func(t *txn) error {
		var form string
		err := t.row("SELECT key, kind, base, title, form, updated FROM drafts WHERE user = ? AND key = ?", user, key).Scan(&d.Key, &d.Kind, &d.Base, &d.Title, &form, &d.Updated)
		if errors.Is(err, sql.ErrNoRows) {
			return notFound(op, fmt.Sprintf("Không có bản đang soạn %q.", clip(key, 40)), fmt.Sprintf("There is no draft %q.", clip(key, 40)))
		}
		if err != nil {
			return err
		}
		return json.Unmarshal([]byte(form), &d.Values)
	})
	return d, err
}

// Drafts lists a person's drafts without their values, the latest first.
func (s *Store) Drafts(ctx context.Context, user string) (out []UnsavedDraft, err error) {
	err = s.read(ctx, "store.Drafts", func(t *txn) error {
		return t.each("SELECT key, kind, base, title, updated FROM drafts WHERE user = ? ORDER BY updated DESC", []any{user}, func(rows *sql.Rows) error {
			var d UnsavedDraft
			err := rows.Scan(&d.Key, &d.Kind, &d.Base, &d.Title, &d.Updated)
			out = append(out, d)
			return err
		})
	})
	return out, err
}

// DropDraft forgets a person's draft, if there is one.
func (s *Store) DropDraft(ctx context.Context, user, key string) error {
	return s.write(ctx, "store.DropDraft", func(t *txn) error {
		return t.exec("DELETE FROM drafts WHERE user = ? AND key = ?", user, key)
	})
}
