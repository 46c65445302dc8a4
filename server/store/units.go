package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"sort"

	"motcua/slides"
)

// Limits of units, in runes.
const (
	maxUnitName = 200
	maxShort    = 60
	maxName     = 100 // of kiosks, users, playlists
)

// catalogue is the newest known to this process; it may be behind by a moment,
// the writer checks again.
func (s *Store) catalogue(ctx context.Context) (*directory, error) {
	if c := s.cat.Load(); c != nil {
		return c, nil
	}
	var c *directory
	err := s.read(ctx, "store.catalogue", func(t *txn) error {
		var err error
		c, err = t.catalogue()
		return err
	})
	if err == nil {
		s.cat.CompareAndSwap(nil, c)
	}
	return c, err
}

// catalogue reads it within the transaction.
func (t *txn) catalogue() (*directory, error) {
	return loadCatalogue(t.s.opt.Zone, t.values)
}

// fresh marks that what the rating writer keeps in memory has changed.
func (t *txn) fresh() error {
	t.after = append(t.after, func() { t.s.cat.Store(nil) })
	return t.exec("UPDATE generation SET n = n + 1")
}

// Units lists the units as they are at a moment (0: now), parents before children.
func (s *Store) Units(ctx context.Context, at slides.Millis) (out []Unit, err error) {
	err = s.read(ctx, "store.Units", func(t *txn) error {
		out, err = t.units(at)
		return err
	})
	return out, err
}

func (t *txn) units(at slides.Millis) ([]Unit, error) {
	if at == 0 {
		at = t.now
	}
	all := map[string]Unit{}
	err := t.each(`SELECT u.unit, ifnull(u.parent, ''), u.name, u.short, u.office, u.zone, u.since, u.closed FROM unit_terms u
		WHERE u.since = (SELECT max(since) FROM unit_terms WHERE unit = u.unit AND since <= ?) AND u.closed = 0`, []any{at}, func(rows *sql.Rows) error {
		u, err := scanUnit(rows)
		all[u.ID] = u
		return err
	})
	if err != nil {
		return nil, err
	}
	return parentsFirst(all), nil
}

// unitTerm is the unit as it is from a moment on, nil when it was not there yet.
func (t *txn) unitTerm(id string, at slides.Millis) (*Unit, error) {
	if at == 0 {
		at = t.now
	}
	list, err := t.units(at)
	if err != nil {
		return nil, err
	}
	for i := range list {
		if list[i].ID == id {
			return &list[i], nil
		}
	}
	return nil, nil
}

// parentsFirst orders a tree; children by name. A unit whose parent is closed comes as a root.
func parentsFirst(all map[string]Unit) []Unit {
	children := map[string][]Unit{}
	for _, u := range all {
		if _, ok := all[u.Parent]; !ok {
			u.Parent = ""
		}
		children[u.Parent] = append(children[u.Parent], u)
	}
	var out []Unit
	var walk func(string)
	walk = func(parent string) {
		list := children[parent]
		sort.Slice(list, func(i, j int) bool {
			if a, b := slides.Fold(list[i].Name["vi"]), slides.Fold(list[j].Name["vi"]); a != b {
				return a < b
			}
			return list[i].ID < list[j].ID
		})
		for _, u := range list {
			out = append(out, u)
			walk(u.ID)
		}
	}
	walk("")
	return out
}

// UnitPath is id and its ancestors up to the root at a moment (0: now).
func (s *Store) UnitPath(ctx context.Context, id string, at slides.Millis) (path []string, err error) {
	err = s.read(ctx, "store.UnitPath", func(t *txn) error {
		cat, err := t.catalogue()
		if err != nil {
			return err
		}
		if at == 0 {
			at = t.now
		}
		if path = cat.path(id, at); path == nil {
			return noUnit("store.UnitPath", id)
		}
		return nil
	})
	return path, err
}

func noUnit(op, id string) error {
	return notFound(op, fmt.Sprintf("Không có đơn vị %.64q.", id), fmt.Sprintf("There is no unit %.64q.", id))
}

// SaveUnit adds a unit or a term of it from u.From on; refuses cycles, unknown
// parents and zones, and a move of ratings that are counted already.
func (s *Store) SaveUnit(ctx context.Context, a Actor, u Unit) error {
	return s.write(ctx, "store.SaveUnit", func(t *txn) error {
		if err := t.saveUnit(a, u); err != nil {
			return err
		}
		if u.From > t.now {
			return nil // Turn makes it felt when it begins
		}
		return t.turned(a, u.ID)
	})
}

// turned brings a unit's new name, place or end to the screens.
func (t *txn) turned(a Actor, unit string) error {
	if err := t.retell(unit); err != nil {
		return err
	}
	return t.reissue(a)
}

// metaTurned is the moment up to which terms of units have been felt.
const metaTurned = "units.turned"

// turn makes terms felt that began since it last looked.
func (t *txn) turn() error {
	var last int64
	err := t.row("SELECT CAST(value AS INTEGER) FROM meta WHERE key = ?", metaTurned).Scan(&last)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	first := err != nil
	var begun []string
	if err := t.each("SELECT DISTINCT unit FROM unit_terms WHERE since > ? AND since <= ?", []any{last, t.now}, func(rows *sql.Rows) error {
		var u string
		err := rows.Scan(&u)
		begun = append(begun, u)
		return err
	}); err != nil {
		return err
	}
	if err := t.setMeta(metaTurned, fmt.Append(nil, int64(t.now))); err != nil {
		return err
	}
	if first || len(begun) == 0 { // what began before anybody looked was felt when it was saved
		return nil
	}
	for _, u := range begun {
		if err := t.retell(u); err != nil {
			return err
		}
	}
	return t.reissue(Actor{})
}

// UnitTerms lists a unit's terms, the newest first.
func (s *Store) UnitTerms(ctx context.Context, id string) (out []Unit, err error) {
	err = s.read(ctx, "store.UnitTerms", func(t *txn) error {
		return t.each("SELECT unit, ifnull(parent, ''), name, short, office, zone, since, closed FROM unit_terms WHERE unit = ? ORDER BY since DESC", []any{id}, func(rows *sql.Rows) error {
			u, err := scanUnit(rows)
			out = append(out, u)
			return err
		})
	})
	if err == nil && len(out) == 0 {
		err = noUnit("store.UnitTerms", id)
	}
	return out, err
}

func scanUnit(rows *sql.Rows) (u Unit, err error) {
	var name, short, office string
	if err := rows.Scan(&u.ID, &u.Parent, &name, &short, &office, &u.Zone, &u.From, &u.Closed); err != nil {
		return u, err
	}
	return u, errors.Join(json.Unmarshal([]byte(name), &u.Name), json.Unmarshal([]byte(short), &u.Short), json.Unmarshal([]byte(office), &u.Office))
}

func (t *txn) saveUnit(a Actor, u Unit) error {
	const op = "store.SaveUnit"
	u.Name, u.Short, u.Office = slides.CleanText(u.Name), slides.CleanText(u.Short), slides.CleanText(u.Office)
	var p slides.Problems
	if !slides.ValidID(u.ID) {
		p.Add("id", "Mã đơn vị chỉ gồm 1–64 chữ thường không dấu, số, '-', '_', '.'.", "A unit's id is 1 to 64 of a-z, 0-9, '-', '_', '.'.")
	}
	u.Name.Check(&p, "name", true, maxUnitName)
	u.Short.Check(&p, "short", false, maxShort)
	u.Office.Check(&p, "office", false, maxUnitName)
	if u.Zone != "" {
		if _, err := zone(u.Zone); err != nil {
			p.Add("zone", slides.Sentence(err, "vi"), slides.Sentence(err, "en"))
		}
	}
	if err := p.Err(op); err != nil {
		return err
	}
	cat, err := t.catalogue()
	if err != nil {
		return err
	}
	if err := cat.fits(op, u); err != nil {
		return err
	}
	if err := t.counted(op, cat, u); err != nil {
		return err
	}
	if u.Closed {
		if err := t.empty(op, u); err != nil {
			return err
		}
	}
	before, err := t.unitTerm(u.ID, u.From)
	if err != nil {
		return err
	}
	if err := t.exec("INSERT INTO units VALUES (?, ?) ON CONFLICT DO NOTHING", u.ID, t.now); err != nil {
		return err
	}
	var parent any
	if u.Parent != "" {
		parent = u.Parent
	}
	if err := t.exec(`INSERT INTO unit_terms VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (unit, since) DO UPDATE SET
		parent = excluded.parent, name = excluded.name, short = excluded.short, office = excluded.office, zone = excluded.zone, closed = excluded.closed`,
		u.ID, u.From, parent, toJSON(u.Name), toJSON(u.Short), toJSON(u.Office), u.Zone, u.Closed); err != nil {
		return err
	}
	if err := t.fresh(); err != nil {
		return err
	}
	return t.audit(a, "unit.save", "unit:"+u.ID, change(before, u))
}

// empty refuses to close a unit that has kiosks, or units below it then.
func (t *txn) empty(op string, u Unit) error {
	var kiosks int
	if err := t.row("SELECT count(*) FROM kiosks WHERE unit = ?", u.ID).Scan(&kiosks); err != nil {
		return err
	}
	below, err := t.units(max(u.From, t.now))
	if err != nil {
		return err
	}
	children := 0
	for _, x := range below {
		if x.Parent == u.ID {
			children++
		}
	}
	if kiosks+children > 0 {
		return slides.E(slides.Conflict, op, fmt.Sprintf("Đơn vị còn %d ki-ốt và %d đơn vị cấp dưới; hãy chuyển đi trước khi cho ngừng hoạt động.", kiosks, children),
			fmt.Sprintf("The unit has %d kiosks and %d units below it; move them before it closes.", kiosks, children), nil)
	}
	return nil
}

// fits refuses an unknown parent and a cycle at any moment at which the tree changes.
func (c *directory) fits(op string, u Unit) error {
	if u.Parent == "" {
		return nil
	}
	if c.units[u.Parent] == nil {
		return invalid(op, "parent", fmt.Sprintf("Không có đơn vị cấp trên %.64q.", u.Parent), fmt.Sprintf("There is no parent unit %.64q.", u.Parent))
	}
	moments := []slides.Millis{u.From}
	for _, terms := range c.units {
		for _, t := range terms {
			if t.since > u.From {
				moments = append(moments, t.since)
			}
		}
	}
	// The new term holds until the unit's next one.
	until := slides.Millis(1<<63 - 1)
	for _, t := range c.units[u.ID] {
		if t.since > u.From && t.since < until {
			until = t.since
		}
	}
	for _, at := range moments {
		if at >= until {
			continue
		}
		up := u.Parent
		for n := 0; up != ""; n++ {
			if up == u.ID || n >= maxDepth-2 {
				return invalid(op, "parent", "Đơn vị không thể là cấp dưới của chính nó (vòng lặp), và cây không sâu quá 30 cấp; hãy chọn cấp trên khác.",
					"A unit can't be below itself (a cycle), and the tree has at most 30 levels; choose another parent.")
			}
			t, ok := c.term(up, at)
			if !ok {
				break
			}
			up = t.parent
		}
	}
	return nil
}

// counted refuses to change place or zone of hours that have ratings: their
// roll-ups stand in the units that were above them at the time.
func (t *txn) counted(op string, cat *directory, u Unit) error {
	old, ok := cat.term(u.ID, u.From)
	if !ok {
		return nil
	}
	z := ""
	if old.zone != nil {
		z = old.zone.String()
	}
	if old.parent == u.Parent && z == u.Zone {
		return nil
	}
	var newest sql.NullInt64
	err := t.row(`SELECT max(bucket) FROM counts_hour WHERE subject = 1 AND key = (SELECT no FROM names WHERE text = ?)`, u.ID).Scan(&newest)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if newest.Valid && u.From <= slides.Millis(newest.Int64) {
		return slides.E(slides.Conflict, op, "Đơn vị đã có phiếu đánh giá sau thời điểm này; chỉ được đổi cấp trên hoặc múi giờ từ một thời điểm sau phiếu mới nhất.",
			"The unit has ratings after this moment; its parent or zone can only change from a moment after the newest one.", nil)
	}
	return nil
}
