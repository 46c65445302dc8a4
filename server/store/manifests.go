package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sort"

	"motcua/server/compile"
	"motcua/slides"
	"motcua/slides/survey"
)

// live reads all live versions of a type in order of id.
func (t *txn) live(typ ItemType, each func([]byte) error) error {
	return t.each("SELECT v.bytes FROM items i JOIN item_versions v ON v.type = i.type AND v.id = i.id AND v.version = i.live WHERE i.type = ? AND i.live > 0 ORDER BY i.id", []any{typ}, func(rows *sql.Rows) error {
		var b []byte
		if err := rows.Scan(&b); err != nil {
			return err
		}
		return each(b)
	})
}

func (t *txn) liveEntries() ([]compile.Entry, error) { return t.entriesOf(t.live) }

// reader reads the content of a type, in order of id.
type reader func(ItemType, func([]byte) error) error

func (t *txn) entriesOf(read reader) (out []compile.Entry, err error) {
	err = read(EntryItem, func(b []byte) error {
		var e compile.Entry
		err := json.Unmarshal(b, &e)
		out = append(out, e)
		return err
	})
	return out, err
}

// snapshot is all live content within the transaction.
func (t *txn) snapshot(revision int64, flip slides.Flip) (*compile.Snapshot, error) {
	return t.snapshotOf(revision, flip, t.live)
}

// snapshotOf is all content that read gives.
func (t *txn) snapshotOf(revision int64, flip slides.Flip, read reader) (*compile.Snapshot, error) {
	s := &compile.Snapshot{Epoch: t.s.epoch, Revision: revision, Issued: t.now, Flip: flip, Units: map[string]compile.Unit{}, Lines: map[string]string{}, Surveys: map[string]compile.Survey{}, Working: map[string]string{}}
	s.Blob = func(sha string) (slides.BlobRef, bool) {
		ref, err := t.blobRef("store.snapshot", sha)
		return ref, err == nil
	}
	units, err := t.units(0)
	if err != nil {
		return nil, err
	}
	cat, err := t.catalogue()
	if err != nil {
		return nil, err
	}
	set, err := t.allDefaults()
	if err != nil {
		return nil, err
	}
	for _, u := range units {
		s.Units[u.ID] = compile.Unit{ID: u.ID, Parent: u.Parent, Name: u.Name, Short: u.Short, Office: u.Office, Zone: cat.zoneOf(u.ID, t.now).String(), Languages: set[u.ID].Languages}
	}
	if s.Catalogue, err = t.liveCatalogue(); err != nil {
		return nil, err
	}
	if s.Entries, err = t.entriesOf(read); err != nil {
		return nil, err
	}
	return s, errors.Join(
		read(SlideItem, func(b []byte) error {
			sl, err := compile.NewSlide(b)
			s.Slides = append(s.Slides, sl)
			return err
		}),
		t.each("SELECT id, unit FROM items WHERE type = 'slide' AND kind = 'ticker'", nil, func(rows *sql.Rows) error {
			var id, unit string
			err := rows.Scan(&id, &unit)
			s.Lines[id] = unit
			return err
		}),
		read(PlaylistItem, func(b []byte) error {
			var p slides.Playlist
			err := json.Unmarshal(b, &p)
			s.Playlists = append(s.Playlists, p)
			return err
		}),
		read(CalendarItem, func(b []byte) error {
			var c slides.Calendar
			err := json.Unmarshal(b, &c)
			s.Calendars = append(s.Calendars, c)
			return err
		}),
		t.each("SELECT unit, id FROM items WHERE type = ? AND unit <> '' ORDER BY id DESC", []any{CalendarItem}, func(rows *sql.Rows) error {
			var unit, id string
			err := rows.Scan(&unit, &id)
			if slices.ContainsFunc(s.Calendars, func(c slides.Calendar) bool { return c.ID == id }) {
				s.Working[unit] = id // of several the first by id
			}
			return err
		}),
		read(SurveyItem, func(b []byte) error {
			q := compile.Survey{Questionnaire: &survey.Questionnaire{}, SHA: slides.Sum(b), Size: int64(len(b))}
			err := json.Unmarshal(b, q.Questionnaire)
			s.Surveys[q.Questionnaire.ID] = q
			return err
		}),
		read(LookItem, func(b []byte) error { return json.Unmarshal(b, &s.Look) }),
	)
}

// issueAll compiles the manifest of every class that has kiosks, moves kiosks
// whose class changed, and keeps and tells what is new. force issues a manifest
// even where the content is the same.
func (t *txn) issueAll(p *Publication, snap *compile.Snapshot, force bool) error {
	kiosks, err := t.kiosks()
	if err != nil {
		return err
	}
	classes, moved := map[string]compile.Class{}, map[string]bool{}
	for _, k := range kiosks {
		c := compile.ClassOf(compile.Kiosk{ID: k.ID, Unit: k.Unit, Audience: k.Audience, Groups: k.Groups}, snap.Entries)
		classes[c.ID] = c
		if c.ID != k.Class {
			// A kiosk takes no manifest of a revision below the one it has.
			moved[c.ID] = true
			if err := t.reclass(k, c.ID); err != nil {
				return err
			}
		}
	}
	ids := make([]string, 0, len(classes))
	for id := range classes {
		ids = append(ids, id)
	}
	sort.Strings(ids)
	for _, id := range ids {
		if err := t.issue(p, snap, classes[id], force || moved[id]); err != nil {
			return err
		}
	}
	return nil
}

// reclass moves a kiosk to its class and tells its connection.
func (t *txn) reclass(k Kiosk, class string) error {
	if err := t.exec("UPDATE kiosks SET class = ?, settings = max(settings + 1, ?) WHERE id = ?", class, t.now, k.ID); err != nil {
		return err
	}
	return t.tell(Change{Kind: KioskChanged, Kiosk: k.ID, Unit: k.Unit, Class: class})
}

// issue compiles one class and keeps the manifest if it says something new.
func (t *txn) issue(p *Publication, snap *compile.Snapshot, c compile.Class, force bool) error {
	if err := t.each("SELECT DISTINCT json_extract(terminal, '$.officer.photo') FROM kiosks WHERE class = ? AND json_extract(terminal, '$.officer.photo') IS NOT NULL", []any{c.ID}, func(rows *sql.Rows) error {
		var sha string
		err := rows.Scan(&sha)
		c.Pictures = append(c.Pictures, sha)
		return err
	}); err != nil {
		return err
	}
	m, err := compile.Compile(snap, c)
	if err != nil {
		return err
	}
	content, err := compile.ContentHash(m)
	if err != nil {
		return err
	}
	var old string
	err = t.row("SELECT content FROM manifests WHERE class = ? ORDER BY revision DESC LIMIT 1", c.ID).Scan(&old)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if old == content && !force {
		return nil
	}
	if p.Revision == 0 { // the first thing to issue makes the publication
		if err := t.reserve(p); err != nil {
			return err
		}
		m.Revision, snap.Revision = p.Revision, p.Revision
	}
	b, err := slides.EncodeManifest(m)
	if err != nil {
		return err
	}
	if _, err := slides.ParseManifest(b); err != nil { // what a kiosk would refuse must not leave
		return err
	}
	id := slides.Sum(b)
	if err := t.exec("INSERT INTO manifests VALUES (?, ?, ?, ?, ?, ?, ?)", c.ID, m.Revision, id, m.Flip, t.now, content, b); err != nil {
		return err
	}
	p.Classes = append(p.Classes, c.ID)
	return t.tell(Change{Kind: ManifestChanged, Class: c.ID, Unit: c.Unit, Ref: id})
}

// classify brings one kiosk to its class after it was paired or changed. Where
// that class is served already and the kiosk comes new with no picture of its
// own, nothing is compiled.
func (t *txn) classify(a Actor, id, photo string) error {
	k, err := t.kiosk("store.classify", id)
	if err != nil {
		return err
	}
	entries, err := t.liveEntries()
	if err != nil {
		return err
	}
	c := compile.ClassOf(compile.Kiosk{ID: k.ID, Unit: k.Unit, Audience: k.Audience, Groups: k.Groups}, entries)
	pictured := photo != k.Terminal.Photo()
	if c.ID == k.Class && !pictured {
		return nil
	}
	var others bool // then the class's manifest is up to date
	if err := t.row("SELECT EXISTS (SELECT 1 FROM kiosks WHERE class = ?)", c.ID).Scan(&others); err != nil {
		return err
	}
	if err := t.exec("UPDATE kiosks SET class = ? WHERE id = ?", c.ID, id); err != nil {
		return err
	}
	if others && k.Class == "" && !pictured {
		return nil
	}
	snap, err := t.snapshot(0, slides.AtBoundary)
	if err != nil {
		return err
	}
	p := Publication{Epoch: t.s.epoch, Kind: "kiosks", By: a.User, At: t.now}
	return t.issue(&p, snap, c, k.Class != "" && k.Class != c.ID)
}

const manifestColumns = "class, revision, id, flip, at, bytes"

func scanManifest(scan func(...any) error) (m Manifest, err error) {
	err = scan(&m.Class, &m.Revision, &m.ID, &m.Flip, &m.At, &m.Bytes)
	return m, err
}

func (s *Store) manifest(ctx context.Context, op, where, arg string) (m Manifest, err error) {
	err = s.read(ctx, op, func(t *txn) error {
		m, err = scanManifest(t.row("SELECT "+manifestColumns+" FROM manifests WHERE "+where+" ORDER BY revision DESC LIMIT 1", arg).Scan)
		if errors.Is(err, sql.ErrNoRows) {
			return notFound(op, fmt.Sprintf("Không có bản phát hành cho %.80q.", arg), fmt.Sprintf("There is no manifest of %.80q.", arg))
		}
		return err
	})
	return m, err
}

// Manifest is the class's newest manifest.
func (s *Store) Manifest(ctx context.Context, class string) (Manifest, error) {
	return s.manifest(ctx, "store.Manifest", "class = ?", class)
}

// ManifestByID is any manifest that was ever compiled and is still kept.
func (s *Store) ManifestByID(ctx context.Context, id string) (Manifest, error) {
	return s.manifest(ctx, "store.ManifestByID", "id = ?", id)
}

// Manifests lists the newest manifest of every class.
func (s *Store) Manifests(ctx context.Context) (out []Manifest, err error) {
	err = s.read(ctx, "store.Manifests", func(t *txn) error {
		return t.each("SELECT "+manifestColumns+" FROM manifests m WHERE revision = (SELECT max(revision) FROM manifests WHERE class = m.class) ORDER BY class", nil, func(rows *sql.Rows) error {
			m, err := scanManifest(rows.Scan)
			out = append(out, m)
			return err
		})
	})
	return out, err
}
