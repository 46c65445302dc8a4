package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"motcua/slides"
)

// MediaKind is what a file of the library is.
type MediaKind string

// The kinds.
const (
	PictureMedia MediaKind = "picture"
	FilmMedia    MediaKind = "film"
	SoundMedia   MediaKind = "sound"
)

// MediaQuota is how many bytes of files a unit may keep: ten times what its
// kiosks can show at once.
const MediaQuota = 20 << 30

// keepRemoved is how long a removed file can be put back.
const keepRemoved = 24 * time.Hour

// Media is a file of the library.
type Media struct {
	ID     string
	Unit   string
	Kind   MediaKind
	Name   string // as staff call it
	Blob   string
	Type   string
	Size   int64
	HD     string // blob of a picture's version for 1080p; "" where Blob is that small
	Thumb  string // blob; "" of recordings
	Poster string // blob, of a film
	Source string // SHA-256 of what was uploaded
	W, H   int
	Length time.Duration // of films and recordings

	Created slides.Millis
	By      string
	Removed slides.Millis // 0: it is there
}

const mediaColumns = "id, unit, kind, name, blob, type, size, hd, thumb, poster, source, width, height, length, created, by, removed"

func scanMedia(scan func(...any) error) (m Media, err error) {
	var ms int64
	err = scan(&m.ID, &m.Unit, &m.Kind, &m.Name, &m.Blob, &m.Type, &m.Size, &m.HD, &m.Thumb, &m.Poster, &m.Source, &m.W, &m.H, &ms, &m.Created, &m.By, &m.Removed)
	m.Length = time.Duration(ms) * time.Millisecond
	return m, err
}

// MediaFilter picks files of the library.
type MediaFilter struct {
	Units   []string // just these; nil all
	Kind    MediaKind
	Search  string // words of the name, folded
	Removed bool   // those that can be put back, instead of those that are there
	Limit   int    // default 100
	Offset  int
}

// MediaList lists files of the library, the newest first, and counts them all.
func (s *Store) MediaList(ctx context.Context, f MediaFilter) (out []Media, n int, err error) {
	where, args := []string{"removed = 0"}, []any{}
	if f.Removed {
		where[0] = "removed > 0"
	}
	if f.Units != nil {
		where = append(where, "unit IN (SELECT value FROM json_each(?))")
		args = append(args, toJSON(f.Units))
	}
	if f.Kind != "" {
		where, args = append(where, "kind = ?"), append(args, f.Kind)
	}
	for _, w := range strings.Fields(slides.Fold(f.Search)) {
		where, args = append(where, "instr(fold, ?) > 0"), append(args, w)
	}
	if f.Limit <= 0 {
		f.Limit = 100
	}
	from := " FROM media WHERE " + strings.Join(where, " AND ")
	err = s.read(ctx, "store.MediaList", func(t *txn) error {
		if err := t.row("SELECT count(*)"+from, args...).Scan(&n); err != nil {
			return err
		}
		return t.each("SELECT "+mediaColumns+from+" ORDER BY created DESC, id LIMIT ? OFFSET ?", append(args, f.Limit, f.Offset), func(rows *sql.Rows) error {
			m, err := scanMedia(rows.Scan)
			out = append(out, m)
			return err
		})
	})
	return out, n, err
}

// Media is one file of the library; one that was removed still is, for a day.
func (s *Store) Media(ctx context.Context, id string) (m Media, err error) {
	err = s.read(ctx, "store.Media", func(t *txn) error {
		m, err = t.media("store.Media", id)
		return err
	})
	return m, err
}

func (t *txn) media(op, id string) (Media, error) {
	m, err := scanMedia(t.row("SELECT "+mediaColumns+" FROM media WHERE id = ?", id).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		err = notFound(op, "Tệp này không có trong kho; có thể đã bị xóa.", "There is no such file in the library; it may be deleted.")
	}
	return m, err
}

// FindMedia finds a file that some unit has, by the SHA-256 of what was uploaded
// or of what is kept.
func (s *Store) FindMedia(ctx context.Context, sha string) (m Media, ok bool, err error) {
	err = s.read(ctx, "store.FindMedia", func(t *txn) error {
		m, ok, err = t.findMedia("removed = 0 AND (source = ?1 OR blob = ?1)", sha)
		return err
	})
	return m, ok, err
}

func (t *txn) findMedia(where string, args ...any) (Media, bool, error) {
	m, err := scanMedia(t.row("SELECT "+mediaColumns+" FROM media WHERE "+where+" ORDER BY removed LIMIT 1", args...).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return m, false, nil
	}
	return m, err == nil, err
}

// MediaSize is how many bytes a unit's files take.
func (s *Store) MediaSize(ctx context.Context, unit string) (n int64, err error) {
	err = s.read(ctx, "store.MediaSize", func(t *txn) error {
		n, err = t.mediaSize(unit)
		return err
	})
	return n, err
}

func (t *txn) mediaSize(unit string) (n int64, err error) {
	err = t.row("SELECT ifnull(sum(size), 0) FROM media WHERE unit = ? AND removed = 0", unit).Scan(&n)
	return n, err
}

// AddMedia puts a file into the library whose blobs are stored. again says that
// the unit had it already; then that one is returned, put back if it was removed.
func (s *Store) AddMedia(ctx context.Context, a Actor, m Media) (kept Media, again bool, err error) {
	const op = "store.AddMedia"
	err = s.write(ctx, op, func(t *txn) error {
		kept, again, err = t.addMedia(op, a, m)
		return err
	})
	return kept, again, err
}

func (t *txn) addMedia(op string, a Actor, m Media) (Media, bool, error) {
	for _, sha := range []string{m.Source, m.Blob} {
		old, ok, err := t.findMedia("unit = ?1 AND (source = ?2 OR blob = ?2)", m.Unit, sha)
		if err != nil {
			return m, false, err
		}
		if !ok {
			continue
		}
		if old.Removed != 0 {
			old.Removed = 0
			if err := t.exec("UPDATE media SET removed = 0 WHERE id = ?", old.ID); err != nil {
				return m, false, err
			}
			if err := t.audit(a, "media.restore", "media:"+old.ID, map[string]any{"name": old.Name}); err != nil {
				return m, false, err
			}
		}
		return old, true, nil
	}
	if err := t.knownUnit(op, m.Unit); err != nil {
		return m, false, err
	}
	for _, sha := range []string{m.Blob, m.HD, m.Thumb, m.Poster} {
		if sha == "" {
			continue
		}
		if _, err := t.blobRef(op, sha); err != nil {
			return m, false, err
		}
	}
	m.ID, m.Created, m.By, m.Removed = randomID("m"), t.now, a.User, 0
	m.Name = mediaName(m.Name)
	if err := t.exec("INSERT INTO media (id, unit, kind, name, fold, blob, type, size, hd, thumb, poster, source, width, height, length, created, by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		m.ID, m.Unit, m.Kind, m.Name, slides.Fold(m.Name), m.Blob, m.Type, m.Size, m.HD, m.Thumb, m.Poster, m.Source, m.W, m.H, m.Length.Milliseconds(), m.Created, m.By); err != nil {
		return m, false, err
	}
	return m, false, t.audit(a, "media.add", "media:"+m.ID, map[string]any{"name": m.Name, "kind": m.Kind, "unit": m.Unit, "size": m.Size})
}

// mediaName is a name for lists: one line, no path, not empty.
func mediaName(name string) string {
	name = slides.Clean(strings.ReplaceAll(name, "\n", " "))
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	if r := []rune(name); len(r) > maxName {
		name = string(r[:maxName])
	}
	if name = strings.TrimSpace(name); name == "" {
		return "?"
	}
	return name
}

// RenameMedia changes what staff call a file.
func (s *Store) RenameMedia(ctx context.Context, a Actor, id, name string) error {
	const op = "store.RenameMedia"
	return s.write(ctx, op, func(t *txn) error {
		m, err := t.media(op, id)
		if err != nil {
			return err
		}
		var p slides.Problems
		if checkName(&p, "name", &name); len(p.List) > 0 {
			return p.Err(op)
		}
		if name == m.Name {
			return nil
		}
		if err := t.exec("UPDATE media SET name = ?, fold = ? WHERE id = ?", name, slides.Fold(name), id); err != nil {
			return err
		}
		return t.audit(a, "media.rename", "media:"+id, change(map[string]string{"name": m.Name}, map[string]string{"name": name}))
	})
}

// RemoveMedia takes a file out of the library. Conflict: something shows it, on
// a screen or in a draft. For a day RestoreMedia puts it back; then Tidy takes
// the bytes, unless an older version still names them.
func (s *Store) RemoveMedia(ctx context.Context, a Actor, id string) error {
	const op = "store.RemoveMedia"
	return s.write(ctx, op, func(t *txn) error {
		m, err := t.media(op, id)
		if err != nil || m.Removed != 0 {
			return err
		}
		uses, err := t.mediaUses([]Media{m})
		if err != nil {
			return err
		}
		if n := len(uses[id]); n > 0 {
			return slides.E(slides.Conflict, op, fmt.Sprintf("Tệp đang được dùng ở %d nơi nên không xóa được; hãy thay nó ở đó trước.", n), fmt.Sprintf("The file is used in %d places and can't be deleted; replace it there first.", n), nil)
		}
		if err := t.exec("UPDATE media SET removed = ? WHERE id = ?", t.now, id); err != nil {
			return err
		}
		return t.audit(a, "media.remove", "media:"+id, map[string]any{"name": m.Name})
	})
}

// RestoreMedia puts a removed file back.
func (s *Store) RestoreMedia(ctx context.Context, a Actor, id string) error {
	const op = "store.RestoreMedia"
	return s.write(ctx, op, func(t *txn) error {
		m, err := t.media(op, id)
		if err != nil || m.Removed == 0 {
			return err
		}
		if err := t.exec("UPDATE media SET removed = 0 WHERE id = ?", id); err != nil {
			return err
		}
		return t.audit(a, "media.restore", "media:"+id, map[string]any{"name": m.Name})
	})
}

// UploadFolder is where uploads arrive, below the data folder: what is not
// finished there is swept by server/media.
func (s *Store) UploadFolder() string { return filepath.Join(s.dir, "uploads") }
