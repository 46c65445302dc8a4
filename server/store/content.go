package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"motcua/server/compile"
	"motcua/slides"
	"motcua/slides/kinds"
	"motcua/slides/survey"
)

// Limits of content.
const (
	maxItems = 500 // of a playlist
	maxDays  = 4000
	maxWhere = 500
)

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
		if f.Topic != "" {
			add("i.topic = ?", f.Topic)
		}
		if f.Kind != "" {
			add("i.kind = ?", f.Kind)
		}
		for _, w := range strings.Fields(slides.Fold(f.Search)) {
			add("instr(i.fold, ?) > 0", w)
		}
		add(map[ItemState]string{
			"": "(i.deleted = 0 OR i.live > 0)", Draft: "i.deleted = 0 AND i.live = 0 AND i.recalled = 0", Live: "i.deleted = 0 AND i.live = i.version",
			Edited: "i.deleted = 0 AND i.live > 0 AND i.live < i.version", Recalled: "i.deleted = 0 AND i.live = 0 AND i.recalled > 0",
			Removing: "i.deleted = 1 AND i.live > 0", Removed: "i.deleted = 1 AND i.live = 0",
		}[f.State])
		args = append(args, f.Limit, f.Offset)
		return t.each("SELECT "+prefixed("i", itemColumns)+", v.sha, v.bytes FROM items i JOIN item_versions v ON v.type = i.type AND v.id = i.id AND v.version = i.version WHERE "+
			where+" ORDER BY i.updated DESC, i.id LIMIT ? OFFSET ?", args, func(rows *sql.Rows) error {
			var r SlideRow
			var b []byte
			to, done := r.Item.into()
			if err := rows.Scan(append(to, &r.SHA, &b)...); err != nil {
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
		r, err = t.slide(op, sl.ID)
		return err
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
		r.Item, err = t.savePlaylist(op, a, unit, p, base)
		return err
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
		r.Item, err = t.saveEntry(op, a, unit, e, base)
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
	d := jsonItem(EntryItem, e.ID, unit, e.Playlist, e)
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
		r.Item, err = t.saveOwned(op, a, jsonItem(CalendarItem, c.ID, unit, c.ID, c), base)
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

// Surveys lists questionnaires.
func (s *Store) Surveys(ctx context.Context) (out []SurveyRow, err error) {
	err = s.read(ctx, "store.Surveys", func(t *txn) error {
		return t.drafts(SurveyItem, "i.id", func(i Item, b []byte) error {
			r := SurveyRow{Item: i, Questionnaire: &survey.Questionnaire{}, SHA: slides.Sum(b)}
			err := json.Unmarshal(b, r.Questionnaire)
			out = append(out, r)
			return err
		})
	})
	return out, err
}

// SaveSurvey keeps a questionnaire; a version that was published can't be
// saved with other content.
func (s *Store) SaveSurvey(ctx context.Context, a Actor, unit string, q *survey.Questionnaire, base int) (r SurveyRow, err error) {
	const op = "store.SaveSurvey"
	err = s.write(ctx, op, func(t *txn) error {
		r.Questionnaire = q
		r.Item, err = t.saveSurvey(op, a, unit, q, base)
		return err
	})
	r.SHA = slides.Sum([]byte(toJSON(q)))
	return r, err
}

func (t *txn) saveSurvey(op string, a Actor, unit string, q *survey.Questionnaire, base int) (Item, error) {
	var p slides.Problems
	q.Check(&p)
	if err := p.Err(op); err != nil {
		return Item{}, err
	}
	d := jsonItem(SurveyItem, q.ID, unit, q.Title["vi"], q)
	var sha string
	err := t.row("SELECT sha FROM forms WHERE id = ? AND version = ?", q.ID, q.Version).Scan(&sha)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return Item{}, err
	}
	if err == nil && sha != slides.Sum(d.bytes) {
		return Item{}, slides.E(slides.Conflict, op, fmt.Sprintf("Phiếu %q phiên bản %d đã phát hành và có thể đã có câu trả lời; hãy tăng số phiên bản.", q.ID, q.Version),
			fmt.Sprintf("Version %d of %q is published and may have answers; raise the version.", q.Version, q.ID), nil)
	}
	return t.saveOwned(op, a, d, base)
}

// Survey is one version that may have ratings (0: the newest).
func (s *Store) Survey(ctx context.Context, id string, version int) (q *survey.Questionnaire, err error) {
	const op = "store.Survey"
	err = s.read(ctx, op, func(t *txn) error {
		var b []byte
		err := t.row("SELECT bytes FROM forms WHERE id = ?1 AND (?2 = 0 OR version = ?2) ORDER BY version DESC LIMIT 1", id, version).Scan(&b)
		if errors.Is(err, sql.ErrNoRows) {
			return notFound(op, fmt.Sprintf("Không có phiếu khảo sát %q phiên bản %d.", id, version), fmt.Sprintf("There is no version %d of the questionnaire %q.", version, id))
		}
		if err != nil {
			return err
		}
		q = &survey.Questionnaire{}
		return json.Unmarshal(b, q)
	})
	return q, err
}

// Look is the draft of the look; before the first save a bare one of version 0.
func (s *Store) Look(ctx context.Context) (l compile.Look, i Item, err error) {
	err = s.read(ctx, "store.Look", func(t *txn) error {
		l, i, err = t.look()
		return err
	})
	return l, i, err
}

func (t *txn) look() (l compile.Look, i Item, err error) {
	ref := ItemRef{LookItem, LookID}
	i, err = t.item("store.Look", ref)
	if slides.KindOf(err) == slides.NotFound {
		return compile.Look{Languages: []string{"vi"}}, Item{ItemRef: ref, State: Draft}, nil
	}
	if err != nil {
		return l, i, err
	}
	b, err := t.version("store.Look", ref, 0)
	if err != nil {
		return l, i, err
	}
	return l, i, json.Unmarshal(b, &l)
}

// SaveLook keeps the look's draft.
func (s *Store) SaveLook(ctx context.Context, a Actor, l compile.Look, base int) (i Item, err error) {
	const op = "store.SaveLook"
	err = s.write(ctx, op, func(t *txn) error {
		i, err = t.saveLook(op, a, l, base)
		return err
	})
	return i, err
}

func (t *txn) saveLook(op string, a Actor, l compile.Look, base int) (Item, error) {
	var p slides.Problems
	if len(l.Languages) == 0 || l.Languages[0] != "vi" || len(l.Languages) > 20 {
		p.Add("languages", "Tiếng Việt (vi) phải đứng đầu danh sách ngôn ngữ, tối đa 20.", "Vietnamese (vi) must come first in the list of languages, at most 20.")
	}
	for _, tag := range l.Languages {
		slides.Text{tag: "x"}.Check(&p, "languages", false, 1)
	}
	if len(l.Hosts) > 200 {
		p.Add("qr_hosts", "Tối đa 200 tên miền.", "At most 200 hosts.")
	}
	for _, sha := range append([]string{l.Logo, l.Catalogue}, blobsOf(l.Fonts)...) {
		if sha == "" {
			continue
		}
		if _, err := t.blobRef(op, sha); err != nil {
			if slides.KindOf(err) != slides.NotFound {
				return Item{}, err
			}
			p.Add("blobs", fmt.Sprintf("Tệp %.12s… chưa được tải lên.", sha), fmt.Sprintf("The file %.12s… was not uploaded.", sha))
		}
	}
	if err := p.Err(op); err != nil {
		return Item{}, err
	}
	return t.saveItem(op, a, jsonItem(LookItem, LookID, "", "look", l), base)
}

func blobsOf(fonts []slides.FontRef) []string {
	var out []string
	for _, f := range fonts {
		out = append(out, f.Blob)
	}
	return out
}

// SaveProcedures keeps procedures, replacing those of the same id.
func (s *Store) SaveProcedures(ctx context.Context, a Actor, ps []Procedure) error {
	return s.write(ctx, "store.SaveProcedures", func(t *txn) error {
		for _, p := range ps {
			if err := t.saveProcedure(p); err != nil {
				return err
			}
		}
		if err := t.fresh(); err != nil {
			return err
		}
		return t.audit(a, "procedures.save", "procedures", len(ps))
	})
}

func (t *txn) saveProcedure(p Procedure) error {
	p.Field, p.Name = slides.Clean(p.Field), slides.CleanText(p.Name)
	if p.ID == "" || len(p.ID) > 64 || len(p.Field) > 400 || p.Name.Empty() {
		return invalid("store.SaveProcedures", "procedure", fmt.Sprintf("Thủ tục %.64q thiếu mã hoặc tên.", p.ID), fmt.Sprintf("The procedure %.64q has no id or name.", p.ID))
	}
	if len(p.Body) == 0 {
		p.Body = []byte("{}")
	}
	return t.exec("INSERT OR REPLACE INTO procedures VALUES (?, ?, ?, ?, ?, ?)", p.ID, p.Code, p.Field, toJSON(p.Name), p.Body, t.now)
}

// Procedures lists procedures by id.
func (s *Store) Procedures(ctx context.Context) (out []Procedure, err error) {
	err = s.read(ctx, "store.Procedures", func(t *txn) error {
		return t.each("SELECT id, code, field, name, body FROM procedures ORDER BY id", nil, func(rows *sql.Rows) error {
			var p Procedure
			var name string
			if err := rows.Scan(&p.ID, &p.Code, &p.Field, &name, &p.Body); err != nil {
				return err
			}
			err := json.Unmarshal([]byte(name), &p.Name)
			out = append(out, p)
			return err
		})
	})
	return out, err
}
