package store

import (
	"context"
	"database/sql"
	"errors"

	"motcua/slides"
)

// OfficerPhoto is an officer's photograph.
type OfficerPhoto struct {
	Officer string
	Blob    string
	Agreed  slides.Millis // when the officer agreed to it
}

// OfficerPhotos are the photographs of a unit's officers by officer; shown says
// whether the unit lets screens show them.
func (s *Store) OfficerPhotos(ctx context.Context, unit string) (out map[string]OfficerPhoto, shown bool, err error) {
	out = map[string]OfficerPhoto{}
	err = s.read(ctx, "store.OfficerPhotos", func(t *txn) error {
		if shown, err = t.photosShown(unit); err != nil {
			return err
		}
		return t.each("SELECT p.officer, p.blob, p.agreed FROM officer_photos p JOIN officers o ON o.id = p.officer WHERE o.unit = ?", []any{unit}, func(rows *sql.Rows) error {
			var p OfficerPhoto
			err := rows.Scan(&p.Officer, &p.Blob, &p.Agreed)
			out[p.Officer] = p
			return err
		})
	})
	return out, shown, err
}

func (t *txn) photosShown(unit string) (shown bool, err error) {
	err = t.row("SELECT EXISTS (SELECT 1 FROM unit_photos WHERE unit = ?)", unit).Scan(&shown)
	return shown, err
}

// CardPhoto is the photograph that a card of an officer may show on a unit's
// screen, "" where there is none or the unit shows none.
func (s *Store) CardPhoto(ctx context.Context, unit, officer string) (blob string, err error) {
	err = s.read(ctx, "store.CardPhoto", func(t *txn) error {
		blob, err = t.cardPhoto(unit, officer)
		return err
	})
	return blob, err
}

func (t *txn) cardPhoto(unit, officer string) (blob string, err error) {
	err = t.row("SELECT p.blob FROM officer_photos p JOIN officers o ON o.id = p.officer JOIN unit_photos u ON u.unit = o.unit WHERE o.id = ? AND o.unit = ?", officer, unit).Scan(&blob)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return blob, err
}

// SetOfficerPhoto keeps an officer's photograph, to which the officer has agreed
// ("" takes it away), and puts it on the cards of that officer or takes it off
// them, at once.
func (s *Store) SetOfficerPhoto(ctx context.Context, a Actor, unit, officer, blob string) error {
	const op = "store.SetOfficerPhoto"
	return s.write(ctx, op, func(t *txn) error {
		var home string
		err := t.row("SELECT unit FROM officers WHERE id = ?", officer).Scan(&home)
		if errors.Is(err, sql.ErrNoRows) || err == nil && home != unit {
			return notFound(op, "Không có cán bộ này ở đơn vị.", "The unit has no such officer.")
		}
		if err != nil {
			return err
		}
		var was string
		if err := t.row("SELECT blob FROM officer_photos WHERE officer = ?", officer).Scan(&was); err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if blob == "" {
			err = t.exec("DELETE FROM officer_photos WHERE officer = ?", officer)
		} else if _, err = t.blobRef(op, blob); err == nil {
			err = t.exec("INSERT INTO officer_photos VALUES (?1, ?2, ?3, ?4) ON CONFLICT (officer) DO UPDATE SET blob = ?2, agreed = ?3, by = ?4", officer, blob, t.now, a.User)
		}
		if err != nil {
			return err
		}
		if err := t.redraw(op, a, unit, map[string]string{officer: was}); err != nil {
			return err
		}
		// The trail says that there is one, and not which.
		return t.audit(a, "officer.photo", "officer:"+officer, map[string]any{"agreed": blob != ""})
	})
}

// ShowOfficerPhotos says whether a unit's screens show its officers' photographs.
func (s *Store) ShowOfficerPhotos(ctx context.Context, a Actor, unit string, shown bool) error {
	const op = "store.ShowOfficerPhotos"
	return s.write(ctx, op, func(t *txn) error {
		if err := t.knownUnit(op, unit); err != nil {
			return err
		}
		was, err := t.photosShown(unit)
		if err != nil || was == shown {
			return err
		}
		q := "DELETE FROM unit_photos WHERE unit = ?"
		if shown {
			q = "INSERT INTO unit_photos VALUES (?)"
		}
		if err := t.exec(q, unit); err != nil {
			return err
		}
		photos := map[string]string{}
		if err := t.each("SELECT p.officer, p.blob FROM officer_photos p JOIN officers o ON o.id = p.officer WHERE o.unit = ?", []any{unit}, func(rows *sql.Rows) error {
			var officer, blob string
			err := rows.Scan(&officer, &blob)
			photos[officer] = blob
			return err
		}); err != nil {
			return err
		}
		if err := t.redraw(op, a, unit, photos); err != nil {
			return err
		}
		return t.audit(a, "unit.photos", "unit:"+unit, change(map[string]bool{"shown": was}, map[string]bool{"shown": shown}))
	})
}

// redraw brings the cards of a unit's kiosks to what may be shown; of are the
// officers, each with the photograph that was. A card with a picture of its own
// keeps it.
func (t *txn) redraw(op string, a Actor, unit string, of map[string]string) error {
	var ids []string
	if err := t.each("SELECT id FROM kiosks WHERE unit = ? ORDER BY id", []any{unit}, func(rows *sql.Rows) error {
		var id string
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	}); err != nil {
		return err
	}
	for _, id := range ids {
		k, err := t.kiosk(op, id)
		if err != nil {
			return err
		}
		card := k.Terminal.Officer
		if card == nil {
			continue
		}
		was, ours := of[card.ID]
		if !ours || card.Photo != "" && card.Photo != was {
			continue
		}
		photo, err := t.cardPhoto(unit, card.ID)
		if err != nil {
			return err
		}
		if photo == card.Photo {
			continue
		}
		e, before := k.Edit(), k.Edit()
		drawn := *card
		drawn.Photo = photo
		e.Terminal.Officer = &drawn
		if err := t.place(a, id, e); err != nil {
			return err
		}
		if err := t.audit(a, "kiosk.update", "kiosk:"+id, change(before, e)); err != nil {
			return err
		}
	}
	return nil
}
