package store

import (
	"database/sql"
	"sort"
)

// perKiosk reads the kiosks that are in the unit now or have ratings there.
func (r *statReader) perKiosk() error {
	below := r.cat.below(r.q.Unit, r.now)
	ids := map[string]string{}
	if err := r.each("SELECT id, unit, name FROM kiosks", nil, func(rows *sql.Rows) error {
		var id, unit, name string
		err := rows.Scan(&id, &unit, &name)
		if below[unit] {
			ids[id] = name
		}
		return err
	}); err != nil {
		return err
	}
	var err error
	r.st.Kiosks, err = r.parts(bySubjectKiosk, ids)
	return err
}

// perUnit reads the units right below.
func (r *statReader) perUnit() error {
	ids := map[string]string{}
	for id := range r.cat.units {
		if term, ok := r.cat.term(id, r.st.Until-1); ok && term.parent == r.q.Unit {
			ids[id] = ""
		}
	}
	var err error
	r.st.Units, err = r.parts(bySubjectUnit, ids)
	return err
}

// parts reads subjects by id (with the name to give them), each pooled over its
// questions; those without ratings are in the list too.
func (r *statReader) parts(subject int, ids map[string]string) ([]SubjectStats, error) {
	byID := map[string]*SubjectStats{}
	for id, name := range ids {
		byID[id] = &SubjectStats{ID: id, Name: name}
	}
	byNo, nos := map[int64]*SubjectStats{}, []int64{}
	if err := r.each("SELECT no, text FROM names WHERE text IN (SELECT value FROM json_each(?))", []any{toJSON(keys(ids))}, func(rows *sql.Rows) error {
		var no int64
		var id string
		err := rows.Scan(&no, &id)
		byNo[no], nos = byID[id], append(nos, no)
		return err
	}); err != nil {
		return nil, err
	}
	list := toJSON(nos)
	for _, sp := range spans(r.st.From, r.st.Until, r.st.Zone) {
		err := r.each("SELECT key, form, suspect, sum(n), "+sumLevels+" FROM counts_"+string(sp.grain)+" WHERE subject = ?1 AND key IN (SELECT value FROM json_each(?2)) AND bucket >= ?3 AND bucket < ?4"+r.only()+" GROUP BY key, form, suspect",
			r.args(subject, list, sp.from, sp.until), func(rows *sql.Rows) error {
				var no, form, suspect, n int64
				var l Levels
				if err := rows.Scan(append([]any{&no, &form, &suspect, &n}, levelsInto(&l)...)...); err != nil {
					return err
				}
				s := byNo[no]
				if suspect != 0 {
					s.Suspect += n
					return nil
				}
				s.Ratings += n
				s.Forms = addForm(s.Forms, r.cat, form, n, l)
				return nil
			})
		if err != nil {
			return nil, err
		}
	}
	out := make([]SubjectStats, 0, len(byID))
	for _, id := range keys(ids) {
		out = append(out, *byID[id])
	}
	return out, nil
}

func keys(m map[string]string) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

// perHour reads the hours of the week, by whole months.
func (r *statReader) perHour() error {
	p := points{cat: r.cat}
	from := Month.floor(r.st.From.Time().In(r.st.Zone)).UnixMilli()
	err := r.each("SELECT hour, form, sum(n), "+sumLevels+" FROM counts_week WHERE key = ?1 AND bucket >= ?2 AND bucket < ?3 AND suspect = 0"+r.only()+" GROUP BY hour, form",
		r.args(r.key, from, r.st.Until), func(rows *sql.Rows) error {
			var hour, form, n int64
			var l Levels
			if err := rows.Scan(append([]any{&hour, &form, &n}, levelsInto(&l)...)...); err != nil {
				return err
			}
			p.add(hour, form, n, l)
			return nil
		})
	if err != nil {
		return err
	}
	r.st.Week = &[168]Point{}
	for h := range r.st.Week {
		if pt := p.byKey[int64(h)]; pt != nil {
			r.st.Week[h] = *pt
			r.st.Week[h].From = 0
		}
	}
	return nil
}
