package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// MediaUse is one place that shows a file.
type MediaUse struct {
	ItemRef // Type "kiosk": a kiosk's own settings; "officer": an officer's card
	Title   string
	Unit    string
	Live    bool // on the screens
	Draft   bool
}

// MediaUses finds where files are used, by their ids: in the drafts and the
// live versions of content, in kiosks' settings, on officers' cards.
func (s *Store) MediaUses(ctx context.Context, list []Media) (out map[string][]MediaUse, err error) {
	err = s.read(ctx, "store.MediaUses", func(t *txn) error {
		out, err = t.mediaUses(list)
		return err
	})
	return out, err
}

func (t *txn) mediaUses(list []Media) (map[string][]MediaUse, error) {
	out := map[string][]MediaUse{}
	owner := map[string][]string{}
	for _, m := range list {
		for _, sha := range []string{m.Blob, m.HD, m.Poster} {
			if sha != "" && !slices.Contains(owner[sha], m.ID) {
				owner[sha] = append(owner[sha], m.ID)
			}
		}
	}
	if len(owner) == 0 {
		return out, nil
	}
	at := map[string]int{} // media and item to the index of its use
	add := func(body []byte, u MediaUse) {
		for sha := range hashes(body) {
			for _, id := range owner[sha] {
				key := id + " " + u.object()
				i, ok := at[key]
				if !ok {
					i = len(out[id])
					at[key], out[id] = i, append(out[id], u)
				}
				out[id][i].Live = out[id][i].Live || u.Live
				out[id][i].Draft = out[id][i].Draft || u.Draft
			}
		}
	}
	// Procedures and questionnaires name no files; without them the pass over
	// 2,000 slides stays below 30 ms.
	err := t.each(`SELECT i.type, i.id, i.title, i.unit, v.version = i.live, v.version = i.version AND i.deleted = 0, v.bytes FROM items i JOIN item_versions v
		ON v.type = i.type AND v.id = i.id AND (v.version = i.live OR v.version = i.version AND i.deleted = 0) WHERE i.type IN ('slide', 'look') ORDER BY i.type, i.id`, nil, func(rows *sql.Rows) error {
		var u MediaUse
		var b []byte
		if err := rows.Scan(&u.Type, &u.ID, &u.Title, &u.Unit, &u.Live, &u.Draft, &b); err != nil {
			return err
		}
		add(b, u)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, t.each("SELECT 'kiosk', id, name, unit, terminal FROM kiosks UNION ALL SELECT 'officer', o.id, o.name, o.unit, p.blob FROM officer_photos p JOIN officers o ON o.id = p.officer ORDER BY 3", nil, func(rows *sql.Rows) error {
		u := MediaUse{Live: true}
		var b []byte
		if err := rows.Scan(&u.Type, &u.ID, &u.Title, &u.Unit, &b); err != nil {
			return err
		}
		add(b, u)
		return nil
	})
}

// hashes finds what looks like a blob's name in bytes: 64 small hexadecimal
// digits on their own.
func hashes(b []byte) map[string]bool {
	var out map[string]bool
	for i := 0; i < len(b); {
		j := i
		for j < len(b) && (b[j] >= '0' && b[j] <= '9' || b[j] >= 'a' && b[j] <= 'f') {
			j++
		}
		if j-i == 64 {
			if out == nil {
				out = map[string]bool{}
			}
			out[string(b[i:j])] = true
		}
		i = j + 1
	}
	return out
}

// unnaming are tables whose rows never keep a blob alive: what is counted by
// millions and names none, the trail of what was, and the blobs themselves.
var unnaming = []string{
	"blobs", "media", "uploads", "audit", "ratings", "rating_sections", "plays", "names", "changes", "health_minutes", "screenshots", "failures", "imports",
	"answers_day", "answers_hour", "answers_month", "answers_week", "counts_day", "counts_hour", "counts_month", "counts_week",
	"chains", "forks", "gaps", "dossiers", "dossier_batches", "letter_sections", "letter_contacts",
}

// tidyMedia forgets files that were removed a day ago, and the rows of their
// bytes where nothing in the whole database names them. Every table is looked
// through that is not known to name none: one that is added later is safe
// without a word here. What is returned has no row any more.
func (t *txn) tidyMedia() (gone []string, err error) {
	loose := map[string]bool{}
	err = t.each("SELECT blob, hd, thumb, poster FROM media WHERE removed > 0 AND removed <= ?", []any{int64(t.now) - keepRemoved.Milliseconds()}, func(rows *sql.Rows) error {
		var of [4]string
		err := rows.Scan(&of[0], &of[1], &of[2], &of[3])
		for _, sha := range of {
			loose[sha] = true
		}
		return err
	})
	delete(loose, "")
	if err != nil || len(loose) == 0 {
		return nil, err
	}
	if err := t.exec("DELETE FROM media WHERE removed > 0 AND removed <= ?", int64(t.now)-keepRemoved.Milliseconds()); err != nil {
		return nil, err
	}
	if err := t.each("SELECT blob, hd, thumb, poster FROM media", nil, func(rows *sql.Rows) error {
		var of [4]string
		err := rows.Scan(&of[0], &of[1], &of[2], &of[3])
		for _, sha := range of {
			delete(loose, sha)
		}
		return err
	}); err != nil {
		return nil, err
	}
	columns, err := t.naming()
	if err != nil {
		return nil, err
	}
	for _, c := range columns {
		// A name is 64 long at least: shorter values are passed over unread.
		if err := t.each(fmt.Sprintf("SELECT CAST(%s AS BLOB) FROM %s WHERE length(%[1]s) >= 64", c[1], c[0]), nil, func(rows *sql.Rows) error {
			var b sql.RawBytes
			if err := rows.Scan(&b); err != nil {
				return err
			}
			for sha := range hashes(b) {
				delete(loose, sha)
			}
			return nil
		}); err != nil {
			return nil, err
		}
		if len(loose) == 0 {
			return nil, nil
		}
	}
	for sha := range loose {
		if err := t.exec("DELETE FROM blobs WHERE sha = ?", sha); err != nil {
			return nil, err
		}
		gone = append(gone, sha)
	}
	return gone, nil
}

// unlink removes the files of blobs whose rows are gone for good. It is a
// transaction of its own: who stores the same bytes again meanwhile has either
// a row by now, or finds the file missing and says so (see PutBlob).
func (s *Store) unlink(ctx context.Context, gone []string) error {
	if len(gone) == 0 {
		return nil
	}
	return s.write(ctx, "store.Tidy", func(t *txn) error {
		for _, sha := range gone {
			if _, err := t.blobRef("store.Tidy", sha); err == nil {
				continue
			}
			if err := os.Remove(s.blobPath(sha)); err != nil && !errors.Is(err, fs.ErrNotExist) { // it was in the database
				return err
			}
		}
		return nil
	})
}

// naming lists the columns that may name blobs, table and column, quoted.
func (t *txn) naming() (out [][2]string, err error) {
	err = t.each("SELECT m.name, c.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND upper(c.type) IN ('TEXT', 'BLOB', '') ORDER BY 1, 2", nil, func(rows *sql.Rows) error {
		var table, column string
		if err := rows.Scan(&table, &column); err != nil {
			return err
		}
		if !slices.Contains(unnaming, table) && !strings.HasPrefix(table, "roll") {
			out = append(out, [2]string{`"` + table + `"`, `"` + column + `"`})
		}
		return nil
	})
	return out, err
}
