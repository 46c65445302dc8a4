package store

import (
	"database/sql/driver"
	"encoding/json"
	"errors"
	"sort"
	"strings"
	"time"

	"motcua/slides"
	"motcua/slides/survey"
)

// memory is what the group's writer knows without asking the database again.
// Owned by the holder of the writer's connection; thrown away after a rollback
// and when the generation says that somebody changed what it holds.
type memory struct {
	cat    *directory
	names  map[string]int64
	chains map[int64]*chainState
	rolls  rolls
}

// directory is what judging and counting a rating needs. Static once loaded.
type directory struct {
	generation int64
	zone       *time.Location // of units that name none
	units      map[string][]unitTerm
	forms      map[formKey]*form
	formByNo   map[int64]*form
	fields     map[string]string // procedure id or code to field
	duty       map[string][]dutyTerm
	officers   map[string]bool
}

type unitTerm struct {
	since  slides.Millis
	parent string
	zone   *time.Location // nil takes the parent's
	closed bool
}

type dutyTerm struct {
	since, until slides.Millis
	officer      string
}

type formKey struct {
	id      string
	version int
}

// form is one version of a questionnaire; an answer's question is stored as its
// place in Questions.
type form struct {
	no      int64
	q       *survey.Questionnaire
	place   map[string]int
	overall []bool // by place: stands for the overall index
}

func newForm(no int64, bytes []byte) (*form, error) {
	f := &form{no: no, q: &survey.Questionnaire{}, place: map[string]int{}}
	if err := json.Unmarshal(bytes, f.q); err != nil {
		return nil, err
	}
	factors := false
	for i, q := range f.q.Questions {
		f.place[q.ID] = i
		factors = factors || q.Factor != survey.Overall
	}
	for _, q := range f.q.Questions {
		f.overall = append(f.overall, !factors || q.Factor != survey.Overall)
	}
	return f, nil
}

// refresh returns m if it still holds, else a new memory.
func (t *gtx) refresh(m *memory) (*memory, error) {
	var generation int64
	if err := t.each("SELECT n FROM generation", 1, func(v []driver.Value) error {
		generation = v[0].(int64)
		return nil
	}); err != nil {
		return nil, err
	}
	if m != nil && m.cat.generation == generation {
		return m, nil
	}
	cat, err := loadCatalogue(t.s.opt.Zone, func(query string, n int, scan func([]driver.Value) error) error {
		return t.each(query, n, scan)
	})
	if err != nil {
		return nil, err
	}
	t.s.cat.Store(cat)
	m = &memory{cat: cat, names: map[string]int64{}, chains: map[int64]*chainState{}}
	return m, t.each("SELECT no, text FROM names", 2, func(v []driver.Value) error {
		m.names[v[1].(string)] = v[0].(int64)
		return nil
	})
}

// name is the short number of a text, made when it is new; 0 for "".
func (t *gtx) name(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	if no, ok := t.mem.names[text]; ok {
		return no, nil
	}
	if err := t.run("INSERT INTO names (text) VALUES (?) ON CONFLICT DO NOTHING", text); err != nil {
		return 0, err
	}
	var no int64
	err := t.each("SELECT no FROM names WHERE text = ?", 1, func(v []driver.Value) error {
		no = v[0].(int64)
		return nil
	}, text)
	t.mem.names[text] = no
	return no, err
}

// rowsOf runs a query without arguments and gives every row's n columns.
type rowsOf func(query string, n int, scan func([]driver.Value) error) error

func loadCatalogue(fallback string, each rowsOf) (*directory, error) {
	c := &directory{
		units: map[string][]unitTerm{}, forms: map[formKey]*form{}, formByNo: map[int64]*form{}, fields: map[string]string{},
		duty: map[string][]dutyTerm{}, officers: map[string]bool{},
	}
	var err error
	if c.zone, err = zone(fallback); err != nil {
		return nil, err
	}
	return c, errors.Join(
		each("SELECT n FROM generation", 1, func(v []driver.Value) error {
			c.generation = v[0].(int64)
			return nil
		}),
		each("SELECT unit, since, ifnull(parent, ''), zone, closed FROM unit_terms ORDER BY unit, since", 5, func(v []driver.Value) error {
			u := unitTerm{since: slides.Millis(v[1].(int64)), parent: v[2].(string), closed: v[4].(int64) != 0}
			if z := v[3].(string); z != "" {
				var err error
				if u.zone, err = zone(z); err != nil {
					return err
				}
			}
			c.units[v[0].(string)] = append(c.units[v[0].(string)], u)
			return nil
		}),
		each("SELECT no, bytes FROM forms", 2, func(v []driver.Value) error {
			f, err := newForm(v[0].(int64), v[1].([]byte))
			if err != nil {
				return err
			}
			c.forms[formKey{f.q.ID, f.q.Version}], c.formByNo[f.no] = f, f
			return nil
		}),
		// Deleted ones too: a rating that was given before may still come.
		each("SELECT id, topic FROM items WHERE type = 'procedure'", 2, func(v []driver.Value) error {
			id, field := v[0].(string), v[1].(string)
			c.fields[id], c.fields[strings.ToUpper(id)] = field, field
			return nil
		}),
		each("SELECT id FROM officers", 1, func(v []driver.Value) error {
			c.officers[v[0].(string)] = true
			return nil
		}),
		each("SELECT counter, since, until, officer FROM duty ORDER BY counter, since", 4, func(v []driver.Value) error {
			k := v[0].(string)
			c.duty[k] = append(c.duty[k], dutyTerm{slides.Millis(v[1].(int64)), slides.Millis(v[2].(int64)), v[3].(string)})
			return nil
		}),
	)
}

// term is the unit's term at a moment; a moment before the first takes the first.
func (c *directory) term(unit string, at slides.Millis) (*unitTerm, bool) {
	terms := c.units[unit]
	if len(terms) == 0 {
		return nil, false
	}
	i := sort.Search(len(terms), func(i int) bool { return terms[i].since > at })
	return &terms[max(i-1, 0)], true
}

// maxDepth ends walks up the tree; SaveUnit refuses cycles, so that it is never reached.
const maxDepth = 32

// path is the unit and its ancestors at a moment.
func (c *directory) path(unit string, at slides.Millis) []string {
	var out []string
	for unit != "" && len(out) < maxDepth {
		t, ok := c.term(unit, at)
		if !ok {
			break
		}
		out = append(out, unit)
		unit = t.parent
	}
	return out
}

// zoneOf is the unit's zone at a moment.
func (c *directory) zoneOf(unit string, at slides.Millis) *time.Location {
	for range maxDepth {
		t, ok := c.term(unit, at)
		if !ok {
			break
		}
		if t.zone != nil {
			return t.zone
		}
		unit = t.parent
	}
	return c.zone
}

// below lists the unit and all units below it at a moment.
func (c *directory) below(unit string, at slides.Millis) map[string]bool {
	out := map[string]bool{}
	for id := range c.units {
		for _, up := range c.path(id, at) {
			if up == unit {
				out[id] = true
				break
			}
		}
	}
	return out
}

// officer is who served the rating's citizen: whom the rating names, because
// staff or the screen did, else who was on duty at its counter; "" where nobody
// can tell.
func (c *directory) officer(r *survey.Rating, at slides.Millis) string {
	if c.officers[r.Officer] {
		return r.Officer
	}
	return c.onDuty(r.Counter, at)
}

func (c *directory) onDuty(counter string, at slides.Millis) string {
	for _, d := range c.duty[counter] {
		if at >= d.since && (d.until == 0 || at < d.until) {
			return d.officer
		}
	}
	return ""
}
