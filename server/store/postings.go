package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"motcua/slides"
	"motcua/slides/catalogue"
)

// What a printed sheet shows.
const (
	OfProcedure = "procedure" // Ref is its id
	OfField     = "field"     // Ref is the field's name
)

// Posting is a printed sheet on a notice board.
type Posting struct {
	ID      string
	What    string // OfProcedure, OfField
	Ref     string
	Title   string // name of procedure or field when it was posted
	SHA     string // of what the sheet says, see SheetSum
	Place   string
	Posted  slides.LocalDate
	Name    string // who put it up, as typed
	Created slides.Millis
	By      string
	Removed slides.Millis // 0: it hangs
	Now     string        // SHA of what is published now; "": nothing of it is
}

// Outdated says that the sheet says something else than what is published.
func (p *Posting) Outdated() bool { return p.Now != p.SHA }

// SheetSum names what a sheet of these procedures says: the same procedures
// give the same sum, wherever and whenever they are printed. Who reviewed them
// and when is printed but makes no sheet outdated.
func SheetSum(ps []catalogue.Procedure) string {
	if len(ps) == 0 {
		return ""
	}
	said := make([]catalogue.Procedure, len(ps))
	for i, p := range ps {
		p.ReviewedOn, p.ReviewedBy = "", ""
		said[i] = p
	}
	return slides.Sum([]byte(toJSON(said)))
}

// AddPosting notes where a sheet hangs. Its sum is of what is published now:
// that is what print makes.
func (s *Store) AddPosting(ctx context.Context, a Actor, p Posting) (Posting, error) {
	const op = "store.AddPosting"
	var ps slides.Problems
	p.Place, p.Name = slides.Clean(p.Place), slides.Clean(p.Name)
	for _, f := range []struct{ path, value string }{{"place", p.Place}, {"name", p.Name}} {
		if n := utf8.RuneCountInString(f.value); n == 0 || n > maxUnitName {
			ps.Add(f.path, fmt.Sprintf("Hãy điền mục này (tối đa %d ký tự).", maxUnitName), fmt.Sprintf("Fill this in (%d characters at most).", maxUnitName))
		}
	}
	if _, err := p.Posted.Time(); err != nil {
		ps.Add("posted", "Ngày niêm yết không hợp lệ.", "The date is not valid.")
	}
	if err := ps.Err(op); err != nil {
		return p, err
	}
	err := s.write(ctx, op, func(t *txn) error {
		sums, titles, err := t.sheets()
		if err != nil {
			return err
		}
		key := p.What + ":" + p.Ref
		if p.SHA, p.Title = sums[key], titles[key]; p.SHA == "" {
			return slides.E(slides.Conflict, op, "Nội dung này chưa được phát hành nên chưa có bản niêm yết; hãy phát hành trước.", "This is not published, so there is no sheet of it; publish it first.", nil)
		}
		p.ID, p.Created, p.By, p.Removed, p.Now = randomID("ny"), t.now, a.User, 0, p.SHA
		if err := t.exec("INSERT INTO postings VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)", p.ID, p.What, p.Ref, p.Title, p.SHA, p.Place, string(p.Posted), p.Name, t.now, a.User); err != nil {
			return err
		}
		return t.audit(a, "posting.add", "posting:"+p.ID, map[string]any{"what": key, "place": p.Place})
	})
	return p, err
}

// RemovePosting notes that a sheet was taken down.
func (s *Store) RemovePosting(ctx context.Context, a Actor, id string) error {
	const op = "store.RemovePosting"
	return s.write(ctx, op, func(t *txn) error {
		n, err := t.affect("UPDATE postings SET removed = ? WHERE id = ? AND removed = 0", t.now, id)
		if err != nil {
			return err
		}
		if n == 0 {
			return notFound(op, "Không có bản niêm yết này, hoặc đã được gỡ.", "There is no such sheet, or it was taken down.")
		}
		return t.audit(a, "posting.remove", "posting:"+id, nil)
	})
}

// Postings lists the sheets, those that hang first and the newest of them
// before; removed ones only if asked for.
func (s *Store) Postings(ctx context.Context, removed bool) (out []Posting, err error) {
	err = s.read(ctx, "store.Postings", func(t *txn) error {
		sums, _, err := t.sheets()
		if err != nil {
			return err
		}
		return t.each(`SELECT id, what, ref, title, sha, place, posted, name, created, by, removed FROM postings
			WHERE removed = 0 OR ? ORDER BY removed > 0, posted DESC, created DESC, id LIMIT 2000`, []any{removed}, func(rows *sql.Rows) error {
			var p Posting
			err := rows.Scan(&p.ID, &p.What, &p.Ref, &p.Title, &p.SHA, &p.Place, &p.Posted, &p.Name, &p.Created, &p.By, &p.Removed)
			p.Now = sums[p.What+":"+p.Ref]
			out = append(out, p)
			return err
		})
	})
	return out, err
}

// sheets are the sums and titles of every sheet that could be printed now, by
// "what:ref".
func (t *txn) sheets() (sums, titles map[string]string, err error) {
	sums, titles = map[string]string{}, map[string]string{}
	fields := map[string][]catalogue.Procedure{}
	err = t.liveProcedures(func(b []byte) error {
		var p catalogue.Procedure
		if err := json.Unmarshal(b, &p); err != nil {
			return err
		}
		key := OfProcedure + ":" + ProcedureID(p.Code)
		sums[key], titles[key] = SheetSum([]catalogue.Procedure{p}), p.Name["vi"]
		fields[p.Field["vi"]] = append(fields[p.Field["vi"]], p)
		return nil
	})
	for f, ps := range fields {
		key := OfField + ":" + f
		sums[key], titles[key] = SheetSum(ps), f
	}
	return sums, titles, err
}
