package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"motcua/slides"
	"motcua/slides/catalogue"
)

// maxImportFile bounds an imported file: a province's catalogue is under 2 MiB.
const maxImportFile = 10 << 20

// keepImports is how long a file is kept that nobody has gone on with.
const keepImports = 30 * 24 * time.Hour

// ImportState is how an import stands.
type ImportState string

// The states: the file is there, nothing is written; written; taken back.
const (
	ImportNew    ImportState = "new"
	ImportDone   ImportState = "done"
	ImportUndone ImportState = "undone"
)

// Import is a file of procedures that staff bring.
type Import struct {
	ID      string
	Name    string          // of the file
	Mapping json.RawMessage // the studio's, "" before it was chosen
	State   ImportState
	Created slides.Millis
	By      string
	Done    slides.Millis // written or taken back
	Counts  ImportCounts
}

// ImportCounts say what an import did.
type ImportCounts struct {
	New, Changed, Same, Rejected int
	Restored, Kept               int // by undoing: put back; left, since somebody saved them after
}

const importColumns = "id, name, mapping, state, created, by, done, counts"

func scanImport(scan func(...any) error) (i Import, err error) {
	var mapping, counts string
	if err := scan(&i.ID, &i.Name, &mapping, &i.State, &i.Created, &i.By, &i.Done, &counts); err != nil {
		return i, err
	}
	i.Mapping = json.RawMessage(mapping)
	return i, json.Unmarshal([]byte(counts), &i.Counts)
}

// KeepImport keeps a file to be mapped and looked at; the catalogue stays as it is.
func (s *Store) KeepImport(ctx context.Context, a Actor, name string, file []byte) (i Import, err error) {
	const op = "store.KeepImport"
	if len(file) > maxImportFile {
		return i, slides.E(slides.TooLarge, op, fmt.Sprintf("Tệp lớn hơn %d MiB; hãy tách thành nhiều tệp.", maxImportFile>>20), fmt.Sprintf("The file is over %d MiB; split it.", maxImportFile>>20), nil)
	}
	err = s.write(ctx, op, func(t *txn) error {
		i = Import{ID: randomID("n"), Name: clip(slides.Clean(name), 200), State: ImportNew, Created: t.now, By: a.User}
		return t.exec("INSERT INTO imports (id, name, file, state, created, by) VALUES (?, ?, ?, ?, ?, ?)", i.ID, i.Name, append([]byte{}, file...), i.State, i.Created, i.By) // an empty file is no NULL
	})
	return i, err
}

// Imports lists imports, newest first.
func (s *Store) Imports(ctx context.Context, limit int) (out []Import, err error) {
	err = s.read(ctx, "store.Imports", func(t *txn) error {
		return t.each("SELECT "+importColumns+" FROM imports ORDER BY created DESC, id LIMIT ?", []any{limit}, func(rows *sql.Rows) error {
			i, err := scanImport(rows.Scan)
			out = append(out, i)
			return err
		})
	})
	return out, err
}

// Import is an import and its file.
func (s *Store) Import(ctx context.Context, id string) (i Import, file []byte, err error) {
	err = s.read(ctx, "store.Import", func(t *txn) error {
		if i, err = t.fileImport("store.Import", id); err != nil {
			return err
		}
		return t.row("SELECT file FROM imports WHERE id = ?", id).Scan(&file)
	})
	return i, file, err
}

func (t *txn) fileImport(op, id string) (Import, error) {
	i, err := scanImport(t.row("SELECT "+importColumns+" FROM imports WHERE id = ?", id).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		err = notFound(op, "Không có lần nhập này; tệp chưa dùng chỉ được giữ 30 ngày.", "There is no such import; a file that nobody goes on with is kept for 30 days.")
	}
	return i, err
}

// MapImport keeps how the file's columns are to be read.
func (s *Store) MapImport(ctx context.Context, id string, mapping json.RawMessage) error {
	const op = "store.MapImport"
	return s.write(ctx, op, func(t *txn) error {
		i, err := t.fileImport(op, id)
		if err != nil {
			return err
		}
		if i.State != ImportNew {
			return importDone(op)
		}
		return t.exec("UPDATE imports SET mapping = ? WHERE id = ?", string(mapping), id)
	})
}

func importDone(op string) error {
	return slides.E(slides.Conflict, op, "Lần nhập này đã được ghi rồi.", "This import was written already.", nil)
}

// ImportWrite is one procedure that an import writes over version Base of its
// draft (0: there is none).
type ImportWrite struct {
	Procedure *catalogue.Procedure
	Base      int
}

// RunImport writes an import's procedures as drafts, all or none, in one
// transaction; counts adds what the caller found (Same, Rejected). Conflict:
// somebody has saved one of them since it was looked at, or the import is
// written already. progress is called with how many are done.
func (s *Store) RunImport(ctx context.Context, a Actor, id, unit string, writes []ImportWrite, counts ImportCounts, progress func(done int)) (i Import, err error) {
	const op = "store.RunImport"
	drafts := make([]draft, len(writes))
	for n, w := range writes {
		if drafts[n], err = procedureDraft(op, unit, w.Procedure); err != nil {
			return i, err
		}
	}
	err = s.write(ctx, op, func(t *txn) error {
		if i, err = t.fileImport(op, id); err != nil {
			return err
		}
		if i.State != ImportNew {
			return importDone(op)
		}
		for n, d := range drafts {
			before := writes[n].Base
			if before > 0 {
				d.unit = "" // keeps its owner
			}
			item, _, err := t.keepItem(op, a, d, before)
			if err != nil {
				return err
			}
			if before == 0 {
				counts.New++
			} else {
				counts.Changed++
			}
			if err := t.exec("INSERT INTO import_items VALUES (?, ?, ?, ?)", id, d.ID, before, item.Version); err != nil {
				return err
			}
			progress(n + 1)
		}
		if err := t.event(ImportEvent, unit, map[string]any{"import": i.ID, "new": counts.New, "changed": counts.Changed, "rejected": counts.Rejected}); err != nil {
			return err
		}
		return t.importEnd(a, &i, ImportDone, counts, "procedures.import")
	})
	return i, err
}

// importEnd notes what became of an import, once for all of its procedures.
func (t *txn) importEnd(a Actor, i *Import, state ImportState, counts ImportCounts, verb string) error {
	i.State, i.Counts, i.Done = state, counts, t.now
	// The file has served: every row that was taken is a version now.
	if err := t.exec("UPDATE imports SET file = x'', state = ?, counts = ?, done = ? WHERE id = ?", state, toJSON(counts), t.now, i.ID); err != nil {
		return err
	}
	if err := t.fresh(); err != nil {
		return err
	}
	if err := t.tell(Change{Kind: ContentChanged, Ref: "import:" + i.ID}); err != nil {
		return err
	}
	return t.audit(a, verb, "import:"+i.ID, map[string]any{"file": i.Name, "new": counts.New, "changed": counts.Changed, "restored": counts.Restored, "kept": counts.Kept})
}

// UndoImport puts every procedure of an import back to the draft it had
// before, in one transaction; what somebody saved since is left and counted.
// What was published meanwhile goes off the screens with the next publication.
func (s *Store) UndoImport(ctx context.Context, a Actor, id string) (i Import, err error) {
	const op = "store.UndoImport"
	err = s.write(ctx, op, func(t *txn) error {
		if i, err = t.fileImport(op, id); err != nil {
			return err
		}
		if i.State != ImportDone {
			return slides.E(slides.Conflict, op, "Lần nhập này chưa được ghi hoặc đã hoàn tác rồi.", "This import is not written, or undone already.", nil)
		}
		type step struct {
			id            string
			before, after int
		}
		var steps []step
		if err := t.each("SELECT id, before, after FROM import_items WHERE import = ? ORDER BY id", []any{id}, func(rows *sql.Rows) error {
			var x step
			err := rows.Scan(&x.id, &x.before, &x.after)
			steps = append(steps, x)
			return err
		}); err != nil {
			return err
		}
		counts := i.Counts
		for _, x := range steps {
			ref := ItemRef{ProcedureItem, x.id}
			item, err := t.item(op, ref)
			if err != nil {
				return err
			}
			if item.Version != x.after || item.State == Removed || item.State == Removing {
				counts.Kept++
				continue
			}
			counts.Restored++
			if x.before == 0 {
				if err := t.exec("UPDATE items SET deleted = 1, updated = ?, by = ? WHERE type = ? AND id = ?", t.now, a.User, ref.Type, ref.ID); err != nil {
					return err
				}
				continue
			}
			if err := t.putBack(op, a, ref, x.before, item.Version); err != nil {
				return err
			}
		}
		return t.importEnd(a, &i, ImportUndone, counts, "procedures.undo")
	})
	return i, err
}

// putBack makes an old version of a procedure the newest draft. It was valid
// once and may be no more: then it is the editor's to mend before publishing.
func (t *txn) putBack(op string, a Actor, ref ItemRef, version, base int) error {
	b, err := t.version(op, ref, version)
	if err != nil {
		return err
	}
	var p catalogue.Procedure
	if err := json.Unmarshal(b, &p); err != nil {
		return err
	}
	d := procedureWords(&p)
	d.bytes = b
	_, _, err = t.keepItem(op, a, d, base)
	return err
}

// RestoreProcedure makes an old version the newest draft.
func (s *Store) RestoreProcedure(ctx context.Context, a Actor, id string, version, base int) (err error) {
	const op = "store.RestoreProcedure"
	ref := ItemRef{ProcedureItem, id}
	return s.write(ctx, op, func(t *txn) error {
		if err := t.putBack(op, a, ref, version, base); err != nil {
			return err
		}
		if err := t.fresh(); err != nil {
			return err
		}
		if err := t.tell(Change{Kind: ContentChanged, Ref: ref.object()}); err != nil {
			return err
		}
		return t.audit(a, "content.save", ref.object(), map[string]any{"restored": version})
	})
}
