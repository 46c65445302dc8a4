package store

import (
	"context"
	"database/sql"
	"errors"
	"sort"
	"time"

	"motcua/slides"
	"motcua/slides/survey"
)

// span is one contiguous range of one grain's buckets.
type span struct {
	grain       Grain
	from, until int64
}

// spans cut [from, until) into the coarsest buckets that fit: hours at the
// edges, then days, months in the middle. So the cost grows with the number of
// months, not of ratings. Both ends are at full hours of the zone.
func spans(from, until slides.Millis, z *time.Location) []span {
	month := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, z) }
	day := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, z) }
	a, b := from.Time().In(z), until.Time().In(z)
	ceil := func(t time.Time, floor func(time.Time) time.Time, y, m, d int) time.Time {
		if f := floor(t); !f.Equal(t) {
			return floor(f.AddDate(y, m, d))
		}
		return t
	}
	var out []span
	put := func(g Grain, x, y time.Time) {
		if x.Before(y) {
			out = append(out, span{g, x.UnixMilli(), y.UnixMilli()})
		}
	}
	d0, d1 := ceil(a, day, 0, 0, 1), day(b)
	if !d0.Before(d1) {
		put(Hour, a, b)
		return out
	}
	m0, m1 := ceil(d0, month, 0, 1, 0), month(d1)
	put(Hour, a, d0)
	if m0.Before(m1) {
		put(Day, d0, m0)
		put(Month, m0, m1)
		put(Day, m1, d1)
	} else {
		put(Day, d0, d1)
	}
	put(Hour, d1, b)
	return out
}

// widen brings a period to full hours of the zone.
func widen(from, until slides.Millis, z *time.Location) (slides.Millis, slides.Millis) {
	end := survey.HourOf(until, z)
	if end < until {
		end = slides.At(end.Time().Add(time.Hour))
	}
	return survey.HourOf(from, z), end
}

// subject finds what a query is about: its number in the roll-ups, and the unit
// whose zone its buckets have.
func (t *txn) subject(op string, q *StatQuery, cat *directory) (subject int, key int64, z *time.Location, err error) {
	text, unit := "", q.Unit
	n := 0
	for i, s := range []string{q.Unit, q.Kiosk, q.Counter, q.Field, q.Officer} {
		if s != "" {
			subject, text, n = i+1, s, n+1
		}
	}
	if n != 1 {
		return 0, 0, nil, invalid(op, "subject", "Chọn đúng một đối tượng thống kê: đơn vị, ki-ốt, quầy, lĩnh vực hoặc cán bộ.", "Choose exactly one subject: a unit, kiosk, counter, field or officer.")
	}
	if subject == bySubjectUnit && cat.units[unit] == nil {
		return 0, 0, nil, noUnit(op, unit)
	}
	if subject == bySubjectKiosk {
		k, err := t.kiosk(op, text)
		if err != nil {
			return 0, 0, nil, err
		}
		unit = k.Unit
	}
	z = cat.zone
	if unit != "" {
		z = cat.zoneOf(unit, q.Until)
	}
	err = t.row("SELECT no FROM names WHERE text = ?", text).Scan(&key)
	if errors.Is(err, sql.ErrNoRows) {
		key, err = -1, nil // never rated
	}
	return subject, key, z, err
}

// Statistics reads the roll-ups.
func (s *Store) Statistics(ctx context.Context, q StatQuery) (*Stats, error) {
	const op = "store.Statistics"
	if q.Until <= q.From {
		return nil, invalid(op, "until", "Thời điểm kết thúc phải sau thời điểm bắt đầu.", "The end must come after the start.")
	}
	var st *Stats
	err := s.read(ctx, op, func(t *txn) error {
		cat, err := s.catalogue(ctx)
		if err != nil {
			return err
		}
		subject, key, z, err := t.subject(op, &q, cat)
		if err != nil {
			return err
		}
		r := &statReader{txn: t, q: &q, cat: cat, subject: subject, key: key, st: &Stats{Zone: z}}
		r.st.From, r.st.Until = widen(q.From, q.Until, z)
		st = r.st
		return r.all()
	})
	return st, err
}

type statReader struct {
	*txn
	q       *StatQuery
	cat     *directory
	subject int
	key     int64
	st      *Stats
}

func (r *statReader) all() error {
	if err := r.totals(); err != nil {
		return err
	}
	if err := r.missing(); err != nil {
		return err
	}
	if r.q.Series {
		if err := r.series(); err != nil {
			return err
		}
	}
	if r.subject != bySubjectUnit {
		return nil
	}
	if r.q.PerKiosk {
		if err := r.perKiosk(); err != nil {
			return err
		}
	}
	if r.q.PerUnit {
		if err := r.perUnit(); err != nil {
			return err
		}
	}
	if r.q.PerHour {
		return r.perHour()
	}
	return nil
}

// only is the condition that all queries share: channel and form, where they
// matter: tested on every row it would take a third of a page's time. Its
// arguments are numbered from 20, clear of the queries' own.
func (r *statReader) only() (where string) {
	if r.q.Channel != "" {
		where += " AND channel = ?20"
	}
	if r.q.Form != "" {
		where += " AND form IN (SELECT no FROM forms WHERE id = ?21)"
	}
	return where
}

// args puts own arguments at ?1.. and those of only at ?20, ?21.
func (r *statReader) args(own ...any) []any {
	a := make([]any, 21)
	copy(a, own)
	a[19], a[20] = int64(channels[r.q.Channel]), r.q.Form
	return a
}

const sumLevels = "sum(n0), sum(n1), sum(n2), sum(n3), sum(n4), sum(n5)"

func levelsInto(l *Levels) []any { return []any{&l[0], &l[1], &l[2], &l[3], &l[4], &l[5]} }

func (r *statReader) totals() error {
	forms := map[int64]*FormStats{}
	of := func(no int64) *FormStats {
		f := forms[no]
		if f == nil {
			f = &FormStats{Questions: map[string]Levels{}}
			if k := r.cat.formByNo[no]; k != nil {
				f.ID, f.Version = k.q.ID, k.q.Version
			}
			forms[no] = f
		}
		return f
	}
	for _, sp := range spans(r.st.From, r.st.Until, r.st.Zone) {
		err := r.each("SELECT form, suspect, sum(n), "+sumLevels+" FROM counts_"+string(sp.grain)+" WHERE subject = ?1 AND key = ?2 AND bucket >= ?3 AND bucket < ?4"+r.only()+" GROUP BY form, suspect",
			r.args(r.subject, r.key, sp.from, sp.until), func(rows *sql.Rows) error {
				var form, suspect, n int64
				var l Levels
				if err := rows.Scan(append([]any{&form, &suspect, &n}, levelsInto(&l)...)...); err != nil {
					return err
				}
				if suspect != 0 {
					r.st.Suspect += n
					return nil
				}
				f := of(form)
				f.Ratings += n
				f.All = f.All.Plus(l)
				r.st.Ratings += n
				return nil
			})
		if err != nil {
			return err
		}
		err = r.each("SELECT form, question, "+sumLevels+" FROM answers_"+string(sp.grain)+" WHERE subject = ?1 AND key = ?2 AND bucket >= ?3 AND bucket < ?4 AND suspect = 0"+r.only()+" GROUP BY form, question",
			r.args(r.subject, r.key, sp.from, sp.until), func(rows *sql.Rows) error {
				var form int64
				var question int
				var l Levels
				if err := rows.Scan(append([]any{&form, &question}, levelsInto(&l)...)...); err != nil {
					return err
				}
				k := r.cat.formByNo[form]
				if k == nil || question >= len(k.q.Questions) {
					return nil
				}
				f, id := of(form), k.q.Questions[question].ID
				f.Questions[id] = f.Questions[id].Plus(l)
				return nil
			})
		if err != nil {
			return err
		}
	}
	for _, f := range forms {
		if f.Ratings != 0 {
			r.st.Forms = append(r.st.Forms, *f)
		}
	}
	sort.Slice(r.st.Forms, func(i, j int) bool {
		a, b := &r.st.Forms[i], &r.st.Forms[j]
		return a.ID < b.ID || a.ID == b.ID && a.Version < b.Version
	})
	return nil
}

// missing counts what gap records of the period call lost, for units and kiosks.
func (r *statReader) missing() error {
	if r.subject > bySubjectKiosk {
		return nil
	}
	below := map[string]bool{}
	if r.subject == bySubjectUnit {
		below = r.cat.below(r.q.Unit, r.st.Until)
	}
	return r.each("SELECT c.kiosk, k.unit, g.last - g.first + 1 FROM gaps g JOIN chains c ON c.no = g.chain JOIN kiosks k ON k.id = c.kiosk WHERE c.kind = 1 AND g.at >= ? AND g.at < ?",
		[]any{r.st.From, r.st.Until}, func(rows *sql.Rows) error {
			var kiosk, unit string
			var n int64
			if err := rows.Scan(&kiosk, &unit, &n); err != nil {
				return err
			}
			if below[unit] || kiosk == r.q.Kiosk {
				r.st.Missing += n
			}
			return nil
		})
}

// points gathers rows of (form, n, levels) by a key.
type points struct {
	cat   *directory
	byKey map[int64]*Point
}

func (p *points) add(key, form, n int64, l Levels) {
	if p.byKey == nil {
		p.byKey = map[int64]*Point{}
	}
	pt := p.byKey[key]
	if pt == nil {
		pt = &Point{From: slides.Millis(key)}
		p.byKey[key] = pt
	}
	pt.Ratings += n
	pt.Levels = pt.Levels.Plus(l)
	pt.Forms = addForm(pt.Forms, p.cat, form, n, l)
}

func addForm(list []FormPoint, cat *directory, form, n int64, l Levels) []FormPoint {
	f := FormPoint{Ratings: n, Levels: l}
	if k := cat.formByNo[form]; k != nil {
		f.ID, f.Version = k.q.ID, k.q.Version
	}
	for i := range list {
		if list[i].ID == f.ID && list[i].Version == f.Version {
			list[i].Ratings += n
			list[i].Levels = list[i].Levels.Plus(l)
			return list
		}
	}
	return append(list, f)
}

// floor is the start of the bucket that holds t.
func (g Grain) floor(t time.Time) time.Time {
	switch g {
	case Month:
		return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, t.Location())
	case Day:
		return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
	}
	return survey.HourOf(slides.At(t), t.Location()).Time().In(t.Location())
}

// next is the start of the bucket after the one that begins at t.
func (g Grain) next(t time.Time) time.Time {
	switch g {
	case Month:
		return g.floor(t.AddDate(0, 1, 0))
	case Day:
		return g.floor(t.AddDate(0, 0, 1))
	}
	return t.Add(time.Hour)
}

// series fills in every bucket of the period, empty ones too: a chart must not
// close a gap. The first and last are cut to the period.
func (r *statReader) series() error {
	by := r.q.SeriesBy
	if by == "" {
		switch length := r.st.Until.Time().Sub(r.st.From.Time()); {
		case length <= 49*time.Hour:
			by = Hour
		case length <= 100*24*time.Hour:
			by = Day
		default:
			by = Month
		}
	}
	r.st.SeriesBy = by
	p := points{cat: r.cat}
	for _, sp := range spans(r.st.From, r.st.Until, r.st.Zone) {
		if finer(by, sp.grain) {
			sp.grain = by
		}
		err := r.each("SELECT bucket, form, sum(n), "+sumLevels+" FROM counts_"+string(sp.grain)+" WHERE subject = ?1 AND key = ?2 AND bucket >= ?3 AND bucket < ?4 AND suspect = 0"+r.only()+" GROUP BY bucket, form",
			r.args(r.subject, r.key, sp.from, sp.until), func(rows *sql.Rows) error {
				var bucket, form, n int64
				var l Levels
				if err := rows.Scan(append([]any{&bucket, &form, &n}, levelsInto(&l)...)...); err != nil {
					return err
				}
				p.add(by.floor(time.UnixMilli(bucket).In(r.st.Zone)).UnixMilli(), form, n, l)
				return nil
			})
		if err != nil {
			return err
		}
	}
	until := r.st.Until.Time()
	for t := by.floor(r.st.From.Time().In(r.st.Zone)); t.Before(until); t = by.next(t) {
		pt := p.byKey[t.UnixMilli()]
		if pt == nil {
			pt = &Point{From: slides.At(t)}
		}
		pt.From = max(pt.From, r.st.From)
		r.st.Series = append(r.st.Series, *pt)
	}
	return nil
}

func finer(a, b Grain) bool {
	rank := map[Grain]int{Hour: 0, Day: 1, Month: 2}
	return rank[a] < rank[b]
}
