package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"motcua/slides"
)

// Work is something long that a server does while its person goes on: an
// import, an export. It stands in the store so that every server can show it.
type Work struct {
	ID     string // what it is on: "import:<id>"
	Kind   string // import, export
	Title  string
	Link   string // of the page that shows it, "" without
	Unit   string // whose it is, "" the house's
	Done   int64  // so far, of Total
	Total  int64  // 0: not known before the end
	By     string // user id
	Server string
	Begun  slides.Millis
	Seen   slides.Millis // when its server last said how far it is
	Ended  slides.Millis // 0: it runs
	Fault  slides.Text   // why it failed; empty: it did not
}

// WorkLost is from when on a work that nobody speaks of counts as cut off with
// its server. A server says every second how far it is; one long transaction
// (an import) keeps it silent for as long as it takes.
const WorkLost = 2 * time.Minute

// keepWorks is how long works that are over are kept: until the next one begins
// after it.
const keepWorks = 24 * time.Hour

// Running says whether a work is being done at a moment.
func (w Work) Running(now slides.Millis) bool { return w.Ended == 0 && !w.Lost(now) }

// Lost says whether it was cut off.
func (w Work) Lost(now slides.Millis) bool {
	return w.Ended == 0 && now-w.Seen > slides.Millis(WorkLost.Milliseconds())
}

// BeginWork registers a work. Conflict: it is being done.
func (s *Store) BeginWork(ctx context.Context, a Actor, w Work) error {
	const op = "store.BeginWork"
	return s.write(ctx, op, func(t *txn) error {
		old, err := t.work(op, w.ID)
		if err != nil && slides.KindOf(err) != slides.NotFound {
			return err
		}
		if err == nil && old.Running(t.now) {
			return slides.E(slides.Conflict, op, "Việc này đang được làm; hãy chờ.", "This is being done; wait for it.", nil)
		}
		if err := t.exec("DELETE FROM works WHERE ended > 0 AND ended <= ?1 OR seen <= ?1", t.now-slides.Millis(keepWorks.Milliseconds())); err != nil {
			return err
		}
		return t.exec(`INSERT OR REPLACE INTO works (id, kind, title, link, unit, done, total, by, server, begun, seen) VALUES (?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?)`,
			w.ID, w.Kind, clip(w.Title, 200), w.Link, w.Unit, w.Total, a.User, s.opt.Server, t.now, t.now)
	})
}

// WorkDone notes how far this server's work is.
func (s *Store) WorkDone(ctx context.Context, id string, done int64) error {
	return s.write(ctx, "store.WorkDone", func(t *txn) error {
		return t.exec("UPDATE works SET done = ?, seen = ? WHERE id = ? AND server = ? AND ended = 0", done, t.now, id, s.opt.Server)
	})
}

// EndWork notes that this server's work is over, and why where it failed.
func (s *Store) EndWork(ctx context.Context, id string, done int64, failed error) error {
	vi, en := "", ""
	if failed != nil {
		vi, en = slides.Sentence(failed, "vi"), slides.Sentence(failed, "en")
	}
	return s.write(ctx, "store.EndWork", func(t *txn) error {
		return t.exec("UPDATE works SET done = ?, seen = ?, ended = ?, vi = ?, en = ? WHERE id = ? AND server = ? AND ended = 0", done, t.now, t.now, vi, en, id, s.opt.Server)
	})
}

const workColumns = "id, kind, title, link, unit, done, total, by, server, begun, seen, ended, vi, en"

func scanWork(scan func(...any) error) (w Work, err error) {
	var vi, en string
	if err := scan(&w.ID, &w.Kind, &w.Title, &w.Link, &w.Unit, &w.Done, &w.Total, &w.By, &w.Server, &w.Begun, &w.Seen, &w.Ended, &vi, &en); err != nil {
		return w, err
	}
	if vi != "" {
		w.Fault = slides.Text{"vi": vi, "en": en}
	}
	return w, nil
}

func (t *txn) work(op, id string) (Work, error) {
	w, err := scanWork(t.row("SELECT "+workColumns+" FROM works WHERE id = ?", id).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return w, notFound(op, "Không có việc này.", "There is no such work.")
	}
	return w, err
}

// Work is the newest work on something; kind NotFound where there was none of late.
func (s *Store) Work(ctx context.Context, id string) (w Work, err error) {
	err = s.read(ctx, "store.Work", func(t *txn) error {
		w, err = t.work("store.Work", id)
		return err
	})
	return w, err
}

// Works lists what runs and what ended after a moment, newest first.
func (s *Store) Works(ctx context.Context, after slides.Millis) (out []Work, err error) {
	err = s.read(ctx, "store.Works", func(t *txn) error {
		return t.each("SELECT "+workColumns+" FROM works WHERE ended = 0 OR ended > ? ORDER BY begun DESC, id LIMIT 100", []any{after}, func(rows *sql.Rows) error {
			w, err := scanWork(rows.Scan)
			out = append(out, w)
			return err
		})
	})
	return out, err
}

// Arriving is the newest publication after a moment that kiosks which are
// connected are still taking, and how many; revision 0: none is.
func (s *Store) Arriving(ctx context.Context, after slides.Millis) (revision int64, pending int, err error) {
	err = s.read(ctx, "store.Arriving", func(t *txn) error {
		err := t.row("SELECT revision FROM publications WHERE at > ? AND kind <> 'kiosks' ORDER BY revision DESC LIMIT 1", after).Scan(&revision)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		return t.row(`SELECT count(*) FROM manifests m JOIN kiosks k ON k.class = m.class JOIN leases l ON l.kiosk = k.id AND l.expires > ?2 LEFT JOIN kiosk_status st ON st.kiosk = k.id
			WHERE m.revision = ?1 AND ifnull(st.revision, 0) < m.revision`, revision, t.now).Scan(&pending)
	})
	if pending == 0 {
		revision = 0
	}
	return revision, pending, err
}
