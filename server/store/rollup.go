package store

import (
	"cmp"
	"database/sql/driver"
	"slices"
	"strings"
	"time"

	"motcua/slides"
)

// Subjects of the roll-ups, as stored.
const (
	bySubjectUnit    = 1
	bySubjectKiosk   = 2
	bySubjectCounter = 3
	bySubjectField   = 4
	bySubjectOfficer = 5
)

// leaf is what ratings that count in the same places have in common.
type leaf struct {
	unit                           string
	kiosk, counter, field, officer int64
	form                           int64
	channel, suspect               uint8
	hour                           slides.Millis
}

// tally is a leaf's sum; n and the levels may be negative, for a move.
type tally struct {
	n         int64
	all       Levels
	questions []Levels // by place in the form
}

// rolls gathers a transaction's ratings, to write each touched cell once.
type rolls struct{ leaves map[leaf]*tally }

// add counts a rating's answers, sign 1 or -1.
func (r *rolls) add(l leaf, answers []placed, sign int64) {
	if r.leaves == nil {
		r.leaves = map[leaf]*tally{}
	}
	t := r.leaves[l]
	if t == nil {
		t = &tally{}
		r.leaves[l] = t
	}
	t.n += sign
	for _, a := range answers {
		for len(t.questions) <= int(a.question) {
			t.questions = append(t.questions, Levels{})
		}
		t.questions[a.question][a.level] += sign
		if a.overall {
			t.all[a.level] += sign
		}
	}
}

// placed is an answer by its question's place.
type placed struct {
	question int16
	level    uint8
	overall  bool // the question stands for the overall index
}

// cell names one row of the roll-ups. question is -1 in the counts tables.
type cell struct {
	grain            uint8 // 0 hour, 1 day, 2 month, 3 week
	subject          uint8
	channel, suspect uint8
	hour             int16 // of the week
	question         int16
	key, bucket      int64
	form             int64
}

type sums struct {
	n int64
	l Levels
}

func (a cell) compare(b cell) int {
	return cmp.Or(cmp.Compare(a.grain, b.grain), cmp.Compare(min(a.question, 0), min(b.question, 0)), cmp.Compare(a.subject, b.subject), cmp.Compare(a.key, b.key),
		cmp.Compare(a.bucket, b.bucket), cmp.Compare(a.hour, b.hour), cmp.Compare(a.form, b.form), cmp.Compare(a.channel, b.channel),
		cmp.Compare(a.suspect, b.suspect), cmp.Compare(a.question, b.question))
}

// buckets of one hour in one zone.
type buckets struct {
	at   [3]int64
	week int16
}

type zoned struct {
	zone *time.Location
	hour slides.Millis
}

func bucketsOf(z zoned) buckets {
	t := z.hour.Time().In(z.zone)
	y, m, d := t.Date()
	hour := z.hour - slides.Millis(t.Minute()*60_000+t.Second()*1000+t.Nanosecond()/1e6)
	return buckets{
		at:   [3]int64{int64(hour), time.Date(y, m, d, 0, 0, 0, 0, z.zone).UnixMilli(), time.Date(y, m, 1, 0, 0, 0, 0, z.zone).UnixMilli()},
		week: int16((int(t.Weekday())+6)%7*24 + t.Hour()),
	}
}

// part is a leaf's share in one subject: leaves of many kiosks fall together
// here in their units, before they are spread over grains and questions.
type part struct {
	subject          uint8
	channel, suspect uint8
	key, form        int64
	zoned
}

// expand turns leaves into cells: each unit above, and each grain.
func (r *rolls) expand(cat *directory, name func(string) (int64, error)) (map[cell]*sums, error) {
	parts, err := r.parts(cat, name)
	if err != nil {
		return nil, err
	}
	cells := make(map[cell]*sums, 16*len(parts))
	known := map[zoned]buckets{}
	for p, t := range parts {
		b, ok := known[p.zoned]
		if !ok {
			b = bucketsOf(p.zoned)
			known[p.zoned] = b
		}
		c := cell{subject: p.subject, key: p.key, form: p.form, channel: p.channel, suspect: p.suspect}
		for g := range b.at {
			c.grain, c.bucket = uint8(g), b.at[g]
			t.into(cells, c)
		}
		if p.subject == bySubjectUnit {
			c.grain, c.bucket, c.hour = 3, b.at[2], b.week
			t.into(cells, c)
		}
	}
	return cells, nil
}

// parts adds the leaves up by subject.
func (r *rolls) parts(cat *directory, name func(string) (int64, error)) (map[part]*tally, error) {
	out := make(map[part]*tally, 2*len(r.leaves))
	for l, t := range r.leaves {
		put := func(subject uint8, key int64, z *time.Location) {
			if key == 0 {
				return
			}
			p := part{subject: subject, key: key, form: l.form, channel: l.channel, suspect: l.suspect, zoned: zoned{z, l.hour}}
			if out[p] == nil {
				out[p] = &tally{}
			}
			out[p].merge(t)
		}
		for _, unit := range cat.path(l.unit, l.hour) {
			no, err := name(unit)
			if err != nil {
				return nil, err
			}
			put(bySubjectUnit, no, cat.zoneOf(unit, l.hour))
		}
		own := cat.zoneOf(l.unit, l.hour)
		put(bySubjectKiosk, l.kiosk, own)
		put(bySubjectCounter, l.counter, own)
		put(bySubjectField, l.field, own)
		put(bySubjectOfficer, l.officer, own)
	}
	return out, nil
}

func (t *tally) merge(o *tally) {
	t.n += o.n
	t.all = t.all.Plus(o.all)
	for len(t.questions) < len(o.questions) {
		t.questions = append(t.questions, Levels{})
	}
	for i := range o.questions {
		t.questions[i] = t.questions[i].Plus(o.questions[i])
	}
}

func (t *tally) into(cells map[cell]*sums, c cell) {
	c.question = -1
	add(cells, c, t.n, &t.all)
	for i := range t.questions {
		if t.questions[i] != (Levels{}) {
			c.question = int16(i)
			add(cells, c, 0, &t.questions[i])
		}
	}
}

func add(cells map[cell]*sums, c cell, n int64, l *Levels) {
	s := cells[c]
	if s == nil {
		s = &sums{}
		cells[c] = s
	}
	s.n += n
	for i := range l {
		s.l[i] += l[i]
	}
}

// upsertRows is how many rows one statement takes: beyond it the gain of fewer
// crossings into C is gone.
const upsertRows = 24

// flush writes what was gathered, in order of key: neighbours share pages.
func (r *rolls) flush(t *gtx) error {
	if len(r.leaves) == 0 {
		return nil
	}
	cells, err := r.expand(t.mem.cat, t.name)
	if err != nil {
		return err
	}
	clear(r.leaves)
	return t.upsert(cells)
}

// upsert adds cells to what is stored.
func (t *gtx) upsert(cells map[cell]*sums) error {
	keys := make([]cell, 0, len(cells))
	for c := range cells {
		keys = append(keys, c)
	}
	slices.SortFunc(keys, cell.compare)
	args := make([]driver.Value, 0, upsertRows*13)
	for len(keys) > 0 {
		first, n := keys[0], 0
		args = args[:0]
		for n < len(keys) && n < upsertRows && keys[n].grain == first.grain && (keys[n].question < 0) == (first.question < 0) {
			args = keys[n].args(args, cells[keys[n]])
			n++
		}
		if err := t.run(upsertSQL(first, n), args...); err != nil {
			return err
		}
		keys = keys[n:]
	}
	return nil
}

func (c cell) args(a []driver.Value, s *sums) []driver.Value {
	if c.grain < 3 {
		a = append(a, int64(c.subject), c.key, c.bucket)
	} else {
		a = append(a, c.key, c.bucket, int64(c.hour))
	}
	a = append(a, c.form, int64(c.channel), int64(c.suspect))
	if c.question < 0 {
		a = append(a, s.n)
	} else {
		a = append(a, int64(c.question))
	}
	for _, n := range s.l {
		a = append(a, n)
	}
	return a
}

var grainNames = [4]string{"hour", "day", "month", "week"}

const addLevels = "n0 = n0 + excluded.n0, n1 = n1 + excluded.n1, n2 = n2 + excluded.n2, n3 = n3 + excluded.n3, n4 = n4 + excluded.n4, n5 = n5 + excluded.n5"

// upserts are the statements by grain, table and number of rows.
var upserts = func() (out [4][2][upsertRows + 1]string) {
	for g, grain := range grainNames {
		place := "subject, key, bucket"
		if grain == "week" {
			place = "key, bucket, hour"
		}
		for n := 1; n <= upsertRows; n++ {
			rows := strings.TrimSuffix(strings.Repeat("(?,?,?,?,?,?,?,?,?,?,?,?,?),", n), ",")
			out[g][0][n] = "INSERT INTO counts_" + grain + " VALUES " + rows + " ON CONFLICT (" + place + ", form, channel, suspect) DO UPDATE SET n = n + excluded.n, " + addLevels
			out[g][1][n] = "INSERT INTO answers_" + grain + " VALUES " + rows + " ON CONFLICT (" + place + ", form, channel, suspect, question) DO UPDATE SET " + addLevels
		}
	}
	return out
}()

func upsertSQL(c cell, n int) string {
	table := 0
	if c.question >= 0 {
		table = 1
	}
	return upserts[c.grain][table][n]
}

func placeholders(n int) string { return "?" + strings.Repeat(",?", n-1) }
