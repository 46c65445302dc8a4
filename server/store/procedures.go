package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"motcua/server/compile"
	"motcua/slides"
	"motcua/slides/catalogue"
	"motcua/slides/scene"
)

// ProcedureRow is a procedure's draft.
type ProcedureRow struct {
	Item
	Procedure *catalogue.Procedure
	SHA       string // of the draft's bytes
}

// ProcedureFilter picks procedures that are not deleted.
type ProcedureFilter struct {
	Units     []string // that own them; nil all
	Search    string   // words of name, code, field; marks and case don't matter
	Field     string   // exactly; "" all
	Online    *catalogue.Online
	Reference bool             // only those with values taken from elsewhere
	Before    slides.LocalDate // only those last reviewed before it, or never
	State     ItemState        // "" all
	Limit     int              // default 200
	Offset    int
}

// ProcedureID is the item's id of a code in stored form.
func ProcedureID(code string) string { return strings.ToLower(code) }

// Procedures lists procedures by field and code; total counts all that fit.
func (s *Store) Procedures(ctx context.Context, f ProcedureFilter) (out []ProcedureRow, total int, err error) {
	if f.Limit <= 0 {
		f.Limit = 200
	}
	where, args := "i.type = 'procedure'", []any{}
	add := func(cond string, v ...any) { where, args = where+" AND "+cond, append(args, v...) }
	if f.Units != nil {
		add("i.unit IN (SELECT value FROM json_each(?))", toJSON(f.Units))
	}
	for _, w := range strings.Fields(slides.Fold(f.Search)) {
		add("instr(i.fold, ?) > 0", w)
	}
	if f.Field != "" {
		add("i.topic = ?", f.Field)
	}
	if f.Online != nil {
		add("i.kind = ?", string(*f.Online))
	}
	if f.Reference {
		add("json_extract(CAST(v.bytes AS TEXT), '$.reference') = 1")
	}
	if f.Before != "" {
		add("ifnull(json_extract(CAST(v.bytes AS TEXT), '$.reviewed_on'), '') < ?", string(f.Before))
	}
	state, known := stateConditions[f.State]
	if f.State == "" {
		state = "i.deleted = 0"
	}
	if !known {
		return nil, 0, invalid("store.Procedures", "state", fmt.Sprintf("Không có trạng thái %q; hãy chọn trong danh sách.", f.State), fmt.Sprintf("There is no state %q; choose one of the list.", f.State))
	}
	add(state)
	const from = " FROM items i JOIN item_versions v ON v.type = i.type AND v.id = i.id AND v.version = i.version WHERE "
	err = s.read(ctx, "store.Procedures", func(t *txn) error {
		if err := t.row("SELECT count(*)"+from+where, args...).Scan(&total); err != nil {
			return err
		}
		return t.each("SELECT "+prefixed("i", itemColumns)+", v.sha, v.bytes"+from+where+" ORDER BY i.topic, i.id LIMIT ? OFFSET ?", append(args, f.Limit, f.Offset), func(rows *sql.Rows) error {
			r, err := scanProcedure(rows.Scan)
			out = append(out, r)
			return err
		})
	})
	return out, total, err
}

// scanProcedure reads a row of itemColumns, sha and bytes.
func scanProcedure(scan func(...any) error) (r ProcedureRow, err error) {
	var b []byte
	to, done := r.Item.into()
	if err := scan(append(to, &r.SHA, &b)...); err != nil {
		return r, err
	}
	done()
	r.Procedure = &catalogue.Procedure{}
	return r, json.Unmarshal(b, r.Procedure)
}

// Procedure is a procedure's draft, by id.
func (s *Store) Procedure(ctx context.Context, id string) (r ProcedureRow, err error) {
	err = s.read(ctx, "store.Procedure", func(t *txn) error {
		r, err = t.procedure("store.Procedure", id)
		return err
	})
	return r, err
}

func (t *txn) procedure(op, id string) (r ProcedureRow, err error) {
	ref := ItemRef{ProcedureItem, id}
	if r.Item, err = t.item(op, ref); err != nil {
		return r, err
	}
	b, err := t.version(op, ref, 0)
	if err != nil {
		return r, err
	}
	r.SHA, r.Procedure = slides.Sum(b), &catalogue.Procedure{}
	return r, json.Unmarshal(b, r.Procedure)
}

// SaveProcedure keeps a new version of a procedure's draft, like SaveSlide.
func (s *Store) SaveProcedure(ctx context.Context, a Actor, unit string, p *catalogue.Procedure, base int) (r ProcedureRow, err error) {
	const op = "store.SaveProcedure"
	d, err := procedureDraft(op, unit, p)
	if err != nil {
		return r, err
	}
	err = s.write(ctx, op, func(t *txn) error {
		if _, err := t.saveOwned(op, a, d, base); err != nil {
			return err
		}
		if err := t.fresh(); err != nil { // its field may be another
			return err
		}
		if r, err = t.procedure(op, d.ID); err != nil {
			return err
		}
		return t.answer(a, r)
	})
	return r, err
}

// procedureDraft checks a procedure. Problems have the paths of its JSON.
func procedureDraft(op, unit string, p *catalogue.Procedure) (draft, error) {
	var ps slides.Problems
	p.Check(&ps, "procedure")
	for i := range ps.List {
		ps.List[i].Path = strings.TrimPrefix(ps.List[i].Path, "procedure.")
	}
	d := procedureWords(p)
	d.unit, d.bytes = unit, []byte(toJSON(p))
	return d, ps.Err(op)
}

// procedureWords is a procedure's draft without its bytes: what lists and
// searches use.
func procedureWords(p *catalogue.Procedure) draft {
	words := []string{p.Code, strings.ReplaceAll(p.Code, ".", ""), p.Field["vi"], p.Unit["vi"]}
	for _, v := range p.Name {
		words = append(words, v)
	}
	slices.Sort(words[4:])
	return draft{ItemRef: ItemRef{ProcedureItem, ProcedureID(p.Code)}, title: p.Name["vi"], fold: strings.Join(words, " "), topic: p.Field["vi"], kind: string(p.Online)}
}

// ProcedureVersion is one version of a procedure.
type ProcedureVersion struct {
	Version   int
	At        slides.Millis
	By        string // user id, "" for the system
	Live      bool
	Procedure *catalogue.Procedure
}

// ProcedureVersions lists a procedure's versions, newest first.
func (s *Store) ProcedureVersions(ctx context.Context, id string) (out []ProcedureVersion, err error) {
	err = s.read(ctx, "store.ProcedureVersions", func(t *txn) error {
		return t.each("SELECT v.version, v.created, v.by, v.version = i.live, v.bytes FROM item_versions v JOIN items i ON i.type = v.type AND i.id = v.id WHERE v.type = 'procedure' AND v.id = ? ORDER BY v.version DESC", []any{id}, func(rows *sql.Rows) error {
			v := ProcedureVersion{Procedure: &catalogue.Procedure{}}
			var b []byte
			if err := rows.Scan(&v.Version, &v.At, &v.By, &v.Live, &b); err != nil {
				return err
			}
			out = append(out, v)
			return json.Unmarshal(b, v.Procedure)
		})
	})
	return out, err
}

// FieldCount is a field of procedures and how many it has.
type FieldCount struct {
	Field string
	Count int
}

// ProcedureFields lists the fields that procedures of units (nil: all) have, in Vietnamese order as far as
// letters without marks tell.
func (s *Store) ProcedureFields(ctx context.Context, units []string) (out []FieldCount, err error) {
	err = s.read(ctx, "store.ProcedureFields", func(t *txn) error {
		return t.each("SELECT topic, count(*) FROM items WHERE type = 'procedure' AND deleted = 0 AND (?1 = 'null' OR unit IN (SELECT value FROM json_each(?1))) GROUP BY topic", []any{toJSON(units)}, func(rows *sql.Rows) error {
			var f FieldCount
			err := rows.Scan(&f.Field, &f.Count)
			out = append(out, f)
			return err
		})
	})
	slices.SortFunc(out, func(a, b FieldCount) int { return strings.Compare(slides.Fold(a.Field), slides.Fold(b.Field)) })
	return out, err
}

// LiveProcedures lists what is published, by field and code; field "" is all.
func (s *Store) LiveProcedures(ctx context.Context, field string) (out []catalogue.Procedure, err error) {
	err = s.read(ctx, "store.LiveProcedures", func(t *txn) error {
		return t.liveProcedures(func(b []byte) error {
			var p catalogue.Procedure
			err := json.Unmarshal(b, &p)
			if field == "" || p.Field["vi"] == field {
				out = append(out, p)
			}
			return err
		})
	})
	return out, err
}

func (t *txn) liveProcedures(each func([]byte) error) error {
	return t.each("SELECT v.bytes FROM items i JOIN item_versions v ON v.type = i.type AND v.id = i.id AND v.version = i.live WHERE i.type = 'procedure' AND i.live > 0 ORDER BY i.topic, i.id", nil, func(rows *sql.Rows) error {
		var b []byte
		if err := rows.Scan(&b); err != nil {
			return err
		}
		return each(b)
	})
}

// compileCatalogue makes the blob of all live procedures and notes its hash.
// check holds their addresses against the live look's hosts: kiosks draw them
// as QR codes.
func (t *txn) compileCatalogue(op string, check bool) error {
	var look compile.Look
	if err := t.live(LookItem, func(b []byte) error { return json.Unmarshal(b, &look) }); err != nil {
		return err
	}
	var ps slides.Problems
	c := catalogue.Catalogue{Format: catalogue.Format, Procedures: []catalogue.Procedure{}}
	if err := t.liveProcedures(func(b []byte) error {
		var p catalogue.Procedure
		err := json.Unmarshal(b, &p)
		c.Procedures = append(c.Procedures, p)
		if check && p.URL != "" && len(look.Hosts) > 0 {
			if bad := scene.AllowedURL(p.URL, look.Hosts); bad != nil {
				ps.Add("procedure."+p.Code+".url", slides.Sentence(bad, "vi"), slides.Sentence(bad, "en"))
			}
		}
		return err
	}); err != nil {
		return err
	}
	if err := ps.Err(op); err != nil {
		return err
	}
	if len(c.Procedures) == 0 {
		return t.setMeta(liveCatalogueKey, []byte{})
	}
	b, err := catalogue.Encode(&c)
	if err != nil {
		return err
	}
	ref := slides.BlobRef{SHA: slides.Sum(b), Size: int64(len(b)), Type: "application/json"}
	if err := t.keepBlob(op, ref, b); err != nil {
		return err
	}
	return t.setMeta(liveCatalogueKey, []byte(ref.SHA))
}

const liveCatalogueKey = "catalogue" // in meta

// liveCatalogue is the hash of the published catalogue, "" for none.
func (t *txn) liveCatalogue() (sha string, err error) {
	err = t.row("SELECT value FROM meta WHERE key = ?", liveCatalogueKey).Scan(&sha)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return sha, err
}

// foldTitles fills in what a search compares where a migration could not.
func (t *txn) foldTitles() error {
	type row struct{ typ, id, title, topic string }
	var rows []row
	if err := t.each("SELECT type, id, title, topic FROM items WHERE fold = '' AND type = 'procedure'", nil, func(r *sql.Rows) error {
		var x row
		err := r.Scan(&x.typ, &x.id, &x.title, &x.topic)
		rows = append(rows, x)
		return err
	}); err != nil {
		return err
	}
	for _, x := range rows {
		fold := slides.Fold(x.id + " " + strings.ReplaceAll(x.id, ".", "") + " " + x.title + " " + x.topic)
		if err := t.exec("UPDATE items SET fold = ? WHERE type = ? AND id = ?", fold, x.typ, x.id); err != nil {
			return err
		}
	}
	return nil
}

// ReviewDays is after how many days without a review a procedure is stale.
const (
	DefaultReviewDays = 365
	minReviewDays     = 7
	maxReviewDays     = 3650
	reviewDaysKey     = "catalogue.review-days"
)

// ReviewDays is after how many days without review a procedure is stale.
func (s *Store) ReviewDays(ctx context.Context) (int, error) {
	b, err := s.meta(ctx, reviewDaysKey)
	if n, bad := strconv.Atoi(string(b)); bad == nil {
		return n, err
	}
	return DefaultReviewDays, err
}

// SetReviewDays changes that; Invalid outside 7 to 3650.
func (s *Store) SetReviewDays(ctx context.Context, a Actor, days int) error {
	const op = "store.SetReviewDays"
	if days < minReviewDays || days > maxReviewDays {
		return invalid(op, "days", fmt.Sprintf("Số ngày phải từ %d đến %d.", minReviewDays, maxReviewDays), fmt.Sprintf("The days are %d to %d.", minReviewDays, maxReviewDays))
	}
	return s.write(ctx, op, func(t *txn) error {
		if err := t.setMeta(reviewDaysKey, []byte(strconv.Itoa(days))); err != nil {
			return err
		}
		return t.audit(a, "procedures.review-days", "procedures", days)
	})
}
