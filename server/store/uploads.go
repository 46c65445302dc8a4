package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"motcua/slides"
)

// UploadState is how an upload stands.
type UploadState string

// The states: it has arrived; is being made ready; is in the library; can't be
// used, for the reason it says.
const (
	UploadWaiting UploadState = "waiting"
	UploadRunning UploadState = "running"
	UploadDone    UploadState = "done"
	UploadFailed  UploadState = "failed"
)

// maxTries is how often an upload is begun. One whose server went down twice
// while it worked on it is left alone: it may be why.
const maxTries = 2

// Upload is a file that arrived and is being made ready for the library.
type Upload struct {
	ID      string
	Unit    string
	Actor   Actor
	Name    string
	Size    int64
	State   UploadState
	Pct     int
	Tries   int
	Media   string // what it became
	Again   bool   // the library had it already
	Vi, En  string // why it failed
	Created slides.Millis
}

const uploadColumns = "id, unit, user, who, addr, name, size, state, pct, tries, media, again, vi, en, created"

func scanUpload(scan func(...any) error) (u Upload, err error) {
	err = scan(&u.ID, &u.Unit, &u.Actor.User, &u.Actor.Name, &u.Actor.Addr, &u.Name, &u.Size, &u.State, &u.Pct, &u.Tries, &u.Media, &u.Again, &u.Vi, &u.En, &u.Created)
	return u, err
}

// QueueUpload notes a file that has arrived whole; the same id twice is once.
func (s *Store) QueueUpload(ctx context.Context, u Upload) error {
	const op = "store.QueueUpload"
	return s.write(ctx, op, func(t *txn) error {
		if err := t.knownUnit(op, u.Unit); err != nil {
			return err
		}
		n, err := t.affect("INSERT INTO uploads (id, unit, user, who, addr, name, size, created, updated) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
			u.ID, u.Unit, u.Actor.User, u.Actor.Name, u.Actor.Addr, mediaName(u.Name), u.Size, t.now, t.now)
		if err != nil || n == 0 {
			return err
		}
		return t.audit(u.Actor, "media.upload", "upload:"+u.ID, map[string]any{"name": mediaName(u.Name), "unit": u.Unit, "size": u.Size})
	})
}

// Uploads lists what somebody's uploads ("" everybody's) have become, the newest
// first: all that wait or run, and those of the last day.
func (s *Store) Uploads(ctx context.Context, user string) (out []Upload, err error) {
	err = s.read(ctx, "store.Uploads", func(t *txn) error {
		return t.each("SELECT "+uploadColumns+" FROM uploads WHERE (?1 = '' OR user = ?1) AND (state IN ('waiting', 'running') OR updated > ?2) ORDER BY created DESC, id LIMIT 100", []any{user, int64(t.now) - (24 * time.Hour).Milliseconds()}, func(rows *sql.Rows) error {
			u, err := scanUpload(rows.Scan)
			out = append(out, u)
			return err
		})
	})
	return out, err
}

// Upload is one upload.
func (s *Store) Upload(ctx context.Context, id string) (u Upload, err error) {
	const op = "store.Upload"
	err = s.read(ctx, op, func(t *txn) error {
		u, err = scanUpload(t.row("SELECT "+uploadColumns+" FROM uploads WHERE id = ?", id).Scan)
		if errors.Is(err, sql.ErrNoRows) {
			err = notFound(op, "Không có lần tải lên này.", "There is no such upload.")
		}
		return err
	})
	return u, err
}

// ClaimUpload gives this server the oldest upload that nobody works on, for
// life; ok is false where there is none. Uploads whose servers went down too
// often are failed, in words.
func (s *Store) ClaimUpload(ctx context.Context, life time.Duration) (u Upload, ok bool, err error) {
	const free = "(state = 'waiting' OR state = 'running' AND until <= ?)"
	var any bool
	if err = s.read(ctx, "store.ClaimUpload", func(t *txn) error {
		return t.row("SELECT EXISTS (SELECT 1 FROM uploads WHERE "+free+")", t.now).Scan(&any)
	}); err != nil || !any {
		return u, false, err
	}
	err = s.write(ctx, "store.ClaimUpload", func(t *txn) error {
		if err := t.exec("UPDATE uploads SET state = 'failed', updated = ?1, vi = ?2, en = ?3 WHERE state = 'running' AND until <= ?1 AND tries >= ?4", t.now,
			"Máy chủ đã dừng giữa chừng hai lần khi xử lý tệp này; hãy thử một bản nhỏ hơn hoặc báo kỹ thuật.", "The server went down twice while it worked on this file; try a smaller one or tell the technicians.", maxTries); err != nil {
			return err
		}
		u, err = scanUpload(t.row("SELECT "+uploadColumns+" FROM uploads WHERE "+free+" ORDER BY created, id LIMIT 1", t.now).Scan)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		ok = true
		return t.exec("UPDATE uploads SET state = 'running', pct = 0, tries = tries + 1, server = ?, until = ?, updated = ? WHERE id = ?", s.opt.Server, int64(t.now)+life.Milliseconds(), t.now, u.ID)
	})
	return u, ok && err == nil, err
}

// errLostUpload says that another server has taken the upload over.
func errLostUpload(op string) error {
	return slides.E(slides.Conflict, op, "Máy chủ khác đã nhận xử lý tệp này.", "Another server has taken this file over.", nil)
}

// Progress renews the claim and says how far it is. Conflict: it is lost.
func (s *Store) Progress(ctx context.Context, id string, pct int, life time.Duration) error {
	const op = "store.Progress"
	return s.write(ctx, op, func(t *txn) error {
		n, err := t.affect("UPDATE uploads SET pct = ?, until = ?, updated = ? WHERE id = ? AND state = 'running' AND server = ?", pct, int64(t.now)+life.Milliseconds(), t.now, id, s.opt.Server)
		if err == nil && n == 0 {
			err = errLostUpload(op)
		}
		return err
	})
}

// FinishUpload puts what an upload became into the library, in one transaction
// with its end. Conflict: the claim is lost.
func (s *Store) FinishUpload(ctx context.Context, u Upload, m Media) (kept Media, again bool, err error) {
	const op = "store.FinishUpload"
	err = s.write(ctx, op, func(t *txn) error {
		if kept, again, err = t.addMedia(op, u.Actor, m); err != nil {
			return err
		}
		n, err := t.affect("UPDATE uploads SET state = 'done', pct = 100, media = ?, again = ?, updated = ? WHERE id = ? AND state = 'running' AND server = ?", kept.ID, again, t.now, u.ID, s.opt.Server)
		if err == nil && n == 0 {
			err = errLostUpload(op)
		}
		return err
	})
	return kept, again, err
}

// FailUpload says why an upload can't be used.
func (s *Store) FailUpload(ctx context.Context, id string, why error) error {
	return s.write(ctx, "store.FailUpload", func(t *txn) error {
		return t.exec("UPDATE uploads SET state = 'failed', vi = ?, en = ?, updated = ? WHERE id = ? AND state = 'running' AND server = ?", slides.Sentence(why, "vi"), slides.Sentence(why, "en"), t.now, id, s.opt.Server)
	})
}

// ReturnUpload gives a claim back unfinished, as a server does that stops.
func (s *Store) ReturnUpload(ctx context.Context, id string) error {
	return s.write(ctx, "store.ReturnUpload", func(t *txn) error {
		return t.exec("UPDATE uploads SET state = 'waiting', pct = 0, tries = tries - 1, server = '', until = 0, updated = ? WHERE id = ? AND state = 'running' AND server = ?", t.now, id, s.opt.Server)
	})
}
