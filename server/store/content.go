package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"motcua/server/compile"
	"motcua/slides"
	"motcua/slides/kinds"
)

// Limits of content.
const (
	maxItems = 500 // of a playlist
	maxDays  = 4000
	maxWhere = 500
)

// stateConditions pick the items i in a state.
var stateConditions = map[ItemState]string{
	"": "(i.deleted = 0 OR i.live > 0)", Draft: "i.deleted = 0 AND i.live = 0 AND i.recalled = 0", Live: "i.deleted = 0 AND i.live = i.version",
	Edited: "i.deleted = 0 AND i.live > 0 AND i.live < i.version", Recalled: "i.deleted = 0 AND i.live = 0 AND i.recalled > 0",
	Removing: "i.deleted = 1 AND i.live > 0", Removed: "i.deleted = 1 AND i.live = 0",
}

// Slides lists slides, latest change first.
func (s *Store) Slides(ctx context.Context, f SlideFilter) (out []SlideRow, err error) {
	if f.Limit <= 0 {
		f.Limit = 1000
	}
	err = s.read(ctx, "store.Slides", func(t *txn) error {
		where, args := "i.type = 'slide'", []any{}
		add := func(cond string, v ...any) { where, args = where+" AND "+cond, append(args, v...) }
		if f.Unit != "" {
			cat, err := t.catalogue()
			if err != nil {
				return err
			}
			units := cat.below(f.Unit, t.now)
			if len(units) == 0 {
				return noUnit("store.Slides", f.Unit)
			}
			list := make([]any, 0, len(units))
			for u := range units {
				list = append(list, u)
			}
			add("i.unit IN ("+placeholders(len(list))+")", list...)
		}
		if f.Units != nil {
			add("i.unit IN (SELECT value FROM json_each(?))", toJSON(f.Units))
		}
		if f.Topic != "" {
			add("i.topic = ?", f.Topic)
		}
		if f.Kind != "" {
			add("i.kind = ?", f.Kind)
		}
		for _, w := range strings.Fields(slides.Fold(f.Search)) {
			add("instr(i.fold, ?) > 0", w)
		}
		if f.Template {
			add("i.template = 1")
		}
		state, known := stateConditions[f.State]
		if !known {
			return invalid("store.Slides", "state", fmt.Sprintf("Không có trạng thái %q; hãy chọn trong danh sách.", f.State), fmt.Sprintf("There is no state %q; choose one of the list.", f.State))
		}
		add(state)
		args = append(args, f.Limit, f.Offset)
		return t.each("SELECT "+prefixed("i", itemColumns)+", i.template, v.sha, v.bytes FROM items i JOIN item_versions v ON v.type = i.type AND v.id = i.id AND v.version = i.version WHERE "+
			where+" ORDER BY i.updated DESC, i.id LIMIT ? OFFSET ?", args, func(rows *sql.Rows) error {
			var r SlideRow
			var b []byte
			to, done := r.Item.into()
			if err := rows.Scan(append(to, &r.Template, &r.SHA, &b)...); err != nil {
				return err
			}
			done()
			r.Slide = &slides.Slide{}
			if err := json.Unmarshal(b, r.Slide); err != nil {
				return err
			}
			out = append(out, r)
			return nil
		})
	})
	return out, err
}

// Slide is a slide's draft.
func (s *Store) Slide(ctx context.Context, id string) (r SlideRow, err error) {
	err = s.read(ctx, "store.Slide", func(t *txn) error {
		r, err = t.slide("store.Slide", id)
		return err
	})
	return r, err
}

func (t *txn) slide(op, id string) (r SlideRow, err error) {
	ref := ItemRef{SlideItem, id}
	if r.Item, err = t.item(op, ref); err != nil {
		return r, err
	}
	b, err := t.version(op, ref, 0)
	if err != nil {
		return r, err
	}
	r.SHA, r.Slide = slides.Sum(b), &slides.Slide{}
	if err := t.row("SELECT template FROM items WHERE type = 'slide' AND id = ?", id).Scan(&r.Template); err != nil {
		return r, err
	}
	return r, json.Unmarshal(b, r.Slide)
}

// SlideVersion is one version of a slide.
func (s *Store) SlideVersion(ctx context.Context, id string, version int) (sl *slides.Slide, err error) {
	return s.slideVersion(ctx, "store.SlideVersion", id, max(version, 1))
}

// LiveSlide is the version on the screens.
func (s *Store) LiveSlide(ctx context.Context, id string) (sl *slides.Slide, err error) {
	return s.slideVersion(ctx, "store.LiveSlide", id, -1)
}

func (s *Store) slideVersion(ctx context.Context, op, id string, version int) (sl *slides.Slide, err error) {
	err = s.read(ctx, op, func(t *txn) error {
		b, err := t.version(op, ItemRef{SlideItem, id}, version)
		if err != nil {
			return err
		}
		sl = &slides.Slide{}
		return json.Unmarshal(b, sl)
	})
	return sl, err
}

// SaveSlide keeps a new version of the draft, cleaned to the stored form. base
// is the version that was edited (0: a new slide); Conflict when somebody saved
// since.
func (s *Store) SaveSlide(ctx context.Context, a Actor, unit string, sl *slides.Slide, base int) (r SlideRow, err error) {
	const op = "store.SaveSlide"
	d, err := slideDraft(op, unit, sl)
	if err != nil {
		return r, err
	}
	err = s.write(ctx, op, func(t *txn) error {
		if _, err := t.saveOwned(op, a, d, base); err != nil {
			return err
		}
		if r, err = t.slide(op, sl.ID); err != nil {
			return err
		}
		return t.answer(a, r)
	})
	return r, err
}

// saveOwned saves after checking that the owning unit exists.
func (t *txn) saveOwned(op string, a Actor, d draft, base int) (Item, error) {
	if d.unit != "" {
		var known bool
		if err := t.row("SELECT EXISTS (SELECT 1 FROM units WHERE id = ?)", d.unit).Scan(&known); err != nil {
			return Item{}, err
		}
		if !known {
			return Item{}, noUnit(op, d.unit)
		}
	}
	return t.saveItem(op, a, d, base)
}

// slideDraft cleans and checks a slide; sl itself is not changed.
func slideDraft(op, unit string, sl *slides.Slide) (draft, error) {
	c := *sl
	c.Title, c.Source = slides.CleanText(c.Title), slides.Clean(c.Source)
	if c.Document != nil {
		doc := *c.Document
		doc.Number, doc.Issuer = slides.Clean(doc.Number), slides.Clean(doc.Issuer)
		c.Document = &doc
	}
	body, err := kinds.Parse(&c)
	if err != nil {
		return draft{}, err
	}
	if c.Body, err = json.Marshal(body); err != nil {
		return draft{}, err
	}
	if err := kinds.Validate(&c); err != nil {
		return draft{}, err
	}
	b, err := json.Marshal(&c)
	if err != nil {
		return draft{}, err
	}
	if len(b) > slides.MaxSlide {
		return draft{}, slides.E(slides.TooLarge, op, "Trang trình chiếu quá lớn (tối đa 96 KiB).", "The slide is too large (96 KiB at most).", nil)
	}
	words := []string{c.ID}
	if c.Document != nil {
		words = append(words, c.Document.Number, c.Document.Issuer)
	}
	for _, v := range c.Title {
		words = append(words, v)
	}
	for _, t := range kinds.Texts(body) {
		words = append(words, t.Text["vi"])
	}
	return draft{ItemRef: ItemRef{SlideItem, c.ID}, unit: unit, bytes: b, title: c.Title["vi"], fold: strings.Join(words, " "), topic: string(c.Topic), kind: c.Kind}, nil
}

// jsonItem makes the draft of content that is plain JSON.
func jsonItem(typ ItemType, id, unit, title string, v any) draft {
	return draft{ItemRef: ItemRef{typ, id}, unit: unit, bytes: []byte(toJSON(v)), title: title, fold: id}
}

// Playlists lists playlists by name.
func (s *Store) Playlists(ctx context.Context) (out []PlaylistRow, err error) {
	err = s.read(ctx, "store.Playlists", func(t *txn) error {
		return t.drafts(PlaylistItem, "i.fold, i.id", func(i Item, b []byte) error {
			r := PlaylistRow{Item: i}
			err := json.Unmarshal(b, &r.Playlist)
			out = append(out, r)
			return err
		})
	})
	return out, err
}

// SavePlaylist keeps a playlist's draft, like SaveSlide.
func (s *Store) SavePlaylist(ctx context.Context, a Actor, unit string, p slides.Playlist, base int) (r PlaylistRow, err error) {
	const op = "store.SavePlaylist"
	if err := checkPlaylist(op, &p); err != nil {
		return r, err
	}
	err = s.write(ctx, op, func(t *txn) error {
		r.Playlist = p
		if r.Item, err = t.savePlaylist(op, a, unit, p, base); err != nil {
			return err
		}
		return t.answer(a, r)
	})
	return r, err
}

func checkPlaylist(op string, p *slides.Playlist) error {
	var ps slides.Problems
	checkName(&ps, "name", &p.Name)
	if len(p.Items) > maxItems {
		ps.Add("items", fmt.Sprintf("Danh sách có tối đa %d trang.", maxItems), fmt.Sprintf("A playlist has at most %d slides.", maxItems))
	}
	for i, it := range p.Items {
		if d := it.Dwell; d != 0 && (d < slides.MinDwell.Milliseconds() || d > slides.MaxDwell.Milliseconds()) {
			ps.Add(fmt.Sprintf("items.%d.dwell_ms", i), "Thời gian hiện phải từ 3 đến 600 giây.", "The dwell time must be 3 to 600 seconds.")
		}
	}
	return ps.Err(op)
}

func (t *txn) savePlaylist(op string, a Actor, unit string, p slides.Playlist, base int) (Item, error) {
	for i, it := range p.Items {
		if _, err := t.item(op, ItemRef{SlideItem, it.Slide}); err != nil {
			if slides.KindOf(err) == slides.NotFound {
				return Item{}, invalid(op, fmt.Sprintf("items.%d.slide", i), fmt.Sprintf("Không có trang %q.", it.Slide), fmt.Sprintf("There is no slide %q.", it.Slide))
			}
			return Item{}, err
		}
	}
	return t.saveOwned(op, a, jsonItem(PlaylistItem, p.ID, unit, p.Name, p), base)
}

// Entries lists schedule entries by start.
func (s *Store) Entries(ctx context.Context) (out []EntryRow, err error) {
	err = s.read(ctx, "store.Entries", func(t *txn) error {
		return t.drafts(EntryItem, "i.id", func(i Item, b []byte) error {
			r := EntryRow{Item: i}
			err := json.Unmarshal(b, &r.Entry)
			out = append(out, r)
			return err
		})
	})
	slices.SortStableFunc(out, func(a, b EntryRow) int { return strings.Compare(string(a.Entry.Start), string(b.Entry.Start)) })
	return out, err
}

// SaveEntry keeps an entry's draft, like SaveSlide.
func (s *Store) SaveEntry(ctx context.Context, a Actor, unit string, e compile.Entry, base int) (r EntryRow, err error) {
	const op = "store.SaveEntry"
	err = s.write(ctx, op, func(t *txn) error {
		r.Entry = e
		if r.Item, err = t.saveEntry(op, a, unit, e, base); err != nil {
			return err
		}
		return t.answer(a, r)
	})
	return r, err
}

// SaveEntryOf keeps a new entry that shows one slide: list becomes a playlist of
// its own and e its entry, both or neither.
func (s *Store) SaveEntryOf(ctx context.Context, a Actor, unit string, list slides.Playlist, e compile.Entry) (r EntryRow, err error) {
	const op = "store.SaveEntryOf"
	if err := checkPlaylist(op, &list); err != nil {
		return r, err
	}
	err = s.write(ctx, op, func(t *txn) error {
		if _, err := t.savePlaylist(op, a, unit, list, 0); err != nil {
			return err
		}
		r.Entry = e
		r.Item, err = t.saveEntry(op, a, unit, e, 0)
		return err
	})
	return r, err
}

func (t *txn) saveEntry(op string, a Actor, unit string, e compile.Entry, base int) (Item, error) {
	var p slides.Problems
	slides.CheckEntry(&e.Entry, &p, "")
	w := e.Where
	if !w.All && len(w.Units)+len(w.Groups)+len(w.Kiosks) == 0 {
		p.Add("where", "Chưa chọn nơi phát: mọi ki-ốt, hoặc đơn vị, nhóm, ki-ốt.", "Choose where it shows: every kiosk, or units, groups, kiosks.")
	}
	if len(w.Units)+len(w.Groups)+len(w.Kiosks) > maxWhere {
		p.Add("where", "Nơi phát có tối đa 500 mục.", "At most 500 places can be named.")
	}
	for _, look := range []struct {
		ids    []string
		query  string
		vi, en string
	}{
		{w.Units, "SELECT EXISTS (SELECT 1 FROM units WHERE id = ?)", "Không có đơn vị %q.", "There is no unit %q."},
		{w.Kiosks, "SELECT EXISTS (SELECT 1 FROM kiosks WHERE id = ?)", "Không có ki-ốt %q.", "There is no kiosk %q."},
		{[]string{e.Playlist}, "SELECT EXISTS (SELECT 1 FROM items WHERE type = 'playlist' AND id = ? AND deleted = 0)", "Không có danh sách phát %q.", "There is no playlist %q."},
	} {
		for _, id := range look.ids {
			var known bool
			if err := t.row(look.query, id).Scan(&known); err != nil {
				return Item{}, err
			}
			if !known {
				p.Add("where", fmt.Sprintf(look.vi, id), fmt.Sprintf(look.en, id))
			}
		}
	}
	if err := p.Err(op); err != nil {
		return Item{}, err
	}
	var name string // people know an entry by what it shows
	if err := t.row("SELECT title FROM items WHERE type = 'playlist' AND id = ?", e.Playlist).Scan(&name); err != nil {
		return Item{}, err
	}
	d := jsonItem(EntryItem, e.ID, unit, name, e)
	d.kind = fmt.Sprint(int(e.Priority))
	return t.saveOwned(op, a, d, base)
}

// Calendars lists calendars.
func (s *Store) Calendars(ctx context.Context) (out []CalendarRow, err error) {
	err = s.read(ctx, "store.Calendars", func(t *txn) error {
		return t.drafts(CalendarItem, "i.id", func(i Item, b []byte) error {
			r := CalendarRow{Item: i}
			err := json.Unmarshal(b, &r.Calendar)
			out = append(out, r)
			return err
		})
	})
	return out, err
}

// SaveCalendar keeps a calendar's draft, like SaveSlide.
func (s *Store) SaveCalendar(ctx context.Context, a Actor, unit string, c slides.Calendar, base int) (r CalendarRow, err error) {
	const op = "store.SaveCalendar"
	if err := checkCalendar(op, &c); err != nil {
		return r, err
	}
	err = s.write(ctx, op, func(t *txn) error {
		r.Calendar = c
		r.Item, err = t.saveCalendar(op, a, unit, c, base)
		return err
	})
	return r, err
}

func checkCalendar(op string, c *slides.Calendar) error {
	var p slides.Problems
	if slices.ContainsFunc(c.Week, func(d int) bool { return d < 0 || d > 6 }) {
		p.Add("week", "Ngày trong tuần phải từ 0 (chủ nhật) đến 6.", "A weekday is 0 (Sunday) to 6.")
	}
	if len(c.Days) > maxDays {
		p.Add("days", "Lịch có tối đa 4000 ngày riêng.", "A calendar has at most 4000 days of its own.")
	}
	for d, k := range c.Days {
		if _, err := d.Time(); err != nil {
			p.Add("days", fmt.Sprintf("Ngày %.20q không hợp lệ; viết năm-tháng-ngày.", string(d)), fmt.Sprintf("The date %.20q is not valid; write year-month-day.", string(d)))
		}
		if !slices.Contains([]slides.DayKind{slides.Working, slides.Off, slides.Holiday, slides.Swapped}, k) {
			p.Add("days."+string(d), "Loại ngày không hợp lệ.", "The kind of day is not valid.")
		}
	}
	return p.Err(op)
}
