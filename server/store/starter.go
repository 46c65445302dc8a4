package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"

	"motcua/slides"
)

// ImportStarter adds what is not there yet and leaves the rest as staff have
// it: what they changed, and what they deleted.
func (s *Store) ImportStarter(ctx context.Context, a Actor, st Starter) (r StarterResult, err error) {
	const op = "store.ImportStarter"
	for _, b := range st.Blobs { // files before rows that name them
		if _, err := s.BlobRef(ctx, slides.Sum(b.Data)); err == nil {
			r.Kept++
			continue
		} else if slides.KindOf(err) != slides.NotFound {
			return r, err
		}
		if _, err := s.PutBlob(ctx, b.Type, bytes.NewReader(b.Data), int64(len(b.Data))); err != nil {
			return r, err
		}
		r.Added++
	}
	blobs := r
	err = s.write(ctx, op, func(t *txn) error {
		r = blobs
		added, err := t.importContent(op, a, &st, &r)
		if err != nil {
			return err
		}
		if st.Publish && len(added) > 0 {
			p, err := t.publish(op, a, PublishRequest{Items: added, Note: "Nội dung khởi đầu"})
			if err != nil {
				return err
			}
			r.Revision = p.Revision
			return nil
		}
		return t.row("SELECT ifnull(max(revision), 0) FROM publications").Scan(&r.Revision)
	})
	return r, err
}

// importContent adds units, procedures and content; it returns the content added.
func (t *txn) importContent(op string, a Actor, st *Starter, r *StarterResult) (added []ItemRef, err error) {
	if err := t.importUnits(a, st.Units, r); err != nil {
		return nil, err
	}
	save := func(ref ItemRef, f func() error) error {
		n, err := t.fresher("SELECT 1 FROM items WHERE type = ? AND id = ?", ref.Type, ref.ID)
		if err != nil {
			return err
		}
		if r.count(n); !n {
			return nil
		}
		added = append(added, ref)
		return f()
	}
	for _, sl := range st.Slides {
		unit := sl.Unit
		if unit == "" {
			unit = st.Unit
		}
		if err := save(ItemRef{SlideItem, sl.Slide.ID}, func() error {
			d, err := slideDraft(op, unit, sl.Slide)
			if err != nil {
				return err
			}
			_, err = t.saveOwned(op, a, d, 0)
			return err
		}); err != nil {
			return nil, err
		}
	}
	for i := range st.Procedures {
		d, err := procedureDraft(op, st.Unit, &st.Procedures[i])
		if err != nil {
			return nil, err
		}
		if err := save(d.ItemRef, func() error {
			_, err := t.saveOwned(op, a, d, 0)
			return err
		}); err != nil {
			return nil, err
		}
	}
	for _, p := range st.Playlists {
		if err := save(ItemRef{PlaylistItem, p.ID}, func() error {
			err := checkPlaylist(op, &p)
			if err == nil {
				_, err = t.savePlaylist(op, a, st.Unit, p, 0)
			}
			return err
		}); err != nil {
			return nil, err
		}
	}
	for _, c := range st.Calendars {
		if err := save(ItemRef{CalendarItem, c.ID}, func() error {
			err := checkCalendar(op, &c)
			if err == nil {
				_, err = t.saveOwned(op, a, jsonItem(CalendarItem, c.ID, st.Unit, c.ID, c), 0)
			}
			return err
		}); err != nil {
			return nil, err
		}
	}
	for _, e := range st.Entries {
		if err := save(ItemRef{EntryItem, e.ID}, func() error {
			_, err := t.saveEntry(op, a, st.Unit, e, 0)
			return err
		}); err != nil {
			return nil, err
		}
	}
	for _, q := range st.Surveys {
		if err := save(ItemRef{SurveyItem, q.ID}, func() error {
			_, err := t.saveSurvey(op, a, st.Unit, q, 0)
			return err
		}); err != nil {
			return nil, err
		}
	}
	if st.Look != nil {
		if err := save(ItemRef{LookItem, LookID}, func() error {
			_, err := t.saveLook(op, a, *st.Look, 0)
			return err
		}); err != nil {
			return nil, err
		}
	}
	return added, t.fresh()
}

// importUnits adds the terms of units that are not there at all.
func (t *txn) importUnits(a Actor, units []Unit, r *StarterResult) error {
	fresh := map[string]bool{}
	for _, u := range units {
		if _, seen := fresh[u.ID]; !seen {
			n, err := t.fresher("SELECT 1 FROM units WHERE id = ?", u.ID)
			if err != nil {
				return err
			}
			fresh[u.ID] = n
		}
		if r.count(fresh[u.ID]); fresh[u.ID] {
			if err := t.saveUnit(a, u); err != nil {
				return err
			}
		}
	}
	return nil
}

// fresher says whether the query finds nothing.
func (t *txn) fresher(query string, args ...any) (bool, error) {
	var one int
	err := t.row(query, args...).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return true, nil
	}
	return false, err
}

func (r *StarterResult) count(added bool) {
	if added {
		r.Added++
	} else {
		r.Kept++
	}
}
