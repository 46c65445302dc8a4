package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"motcua/slides"
	"motcua/slides/dossier"
	"motcua/slides/wire"
)

// keepDossiers is how many months a dossier is known to have rated.
const keepDossiers = 24

// DossierMonth is what dossiers came to in one month. Nothing tells where.
type DossierMonth struct {
	Year       int
	Month      time.Month
	Rated      int64 // for the first time
	Again      int64 // that had rated before
	Unreadable int64 // sealed to another server's key
}

// dossierKey is the key of the marks, made with the database. It never leaves it.
func (t *txn) dossierKey() (k dossier.Key, err error) {
	var b []byte
	err = t.row("SELECT value FROM meta WHERE key = 'dossier.key'").Scan(&b)
	if errors.Is(err, sql.ErrNoRows) {
		k = dossier.NewKey()
		return k, t.setMeta("dossier.key", k[:])
	}
	if err == nil && len(b) != len(k) {
		err = slides.E(slides.Corrupt, "store.Open", "Khóa mã hồ sơ trong cơ sở dữ liệu bị hỏng; hãy phục hồi bản sao lưu.", "The key of dossiers in the database is damaged; restore a backup.", nil)
	}
	copy(k[:], b)
	return k, err
}

// TakeDossiers opens a batch of sealed codes and counts which dossiers have
// rated before. It does not ask from which kiosk they came, and keeps neither
// codes nor the order. The same batch counts once.
func (s *Store) TakeDossiers(ctx context.Context, d wire.Dossiers) error {
	const op = "store.TakeDossiers"
	id, err := hex.DecodeString(d.Batch)
	if err != nil || len(id) != 16 || len(d.Sealed) == 0 || len(d.Sealed) > wire.MaxDossiers {
		return slides.E(slides.Invalid, op, fmt.Sprintf("Gói mã hồ sơ không hợp lệ (tối đa %d mã).", wire.MaxDossiers),
			fmt.Sprintf("The batch of dossiers is not valid (%d codes at most).", wire.MaxDossiers), err)
	}
	var marks []dossier.Mark
	unreadable := 0
	for _, b := range d.Sealed {
		if code, ok := dossier.Open(&s.seal.public, &s.seal.private, b); ok {
			marks = append(marks, s.dossierMarks.Mark(code))
		} else {
			unreadable++
		}
	}
	rand.Shuffle(len(marks), func(i, j int) { marks[i], marks[j] = marks[j], marks[i] })
	return s.submit(ctx, op, func(t *gtx) error {
		month := monthOf(t.now)
		n, err := t.affect("INSERT INTO dossier_batches VALUES (?, ?) ON CONFLICT DO NOTHING", id, month)
		if err != nil || n == 0 {
			return err
		}
		var first int64
		for _, m := range marks {
			n, err := t.affect("INSERT INTO dossiers VALUES (?, ?) ON CONFLICT DO NOTHING", m[:], month)
			if err != nil {
				return err
			}
			first += n
		}
		return t.run(`INSERT INTO dossier_months VALUES (?1, ?2, ?3, ?4) ON CONFLICT (month) DO UPDATE SET
			rated = rated + ?2, again = again + ?3, unreadable = unreadable + ?4`, month, first, int64(len(marks))-first, int64(unreadable))
	})
}

// monthOf counts months; a moment's day and hour are lost.
func monthOf(m slides.Millis) int64 {
	t := m.Time().UTC()
	return int64(t.Year())*12 + int64(t.Month()) - 1
}

// DossierMonths lists the months, newest first.
func (s *Store) DossierMonths(ctx context.Context) (out []DossierMonth, err error) {
	err = s.read(ctx, "store.DossierMonths", func(t *txn) error {
		return t.values("SELECT month, rated, again, unreadable FROM dossier_months ORDER BY month DESC", 4, func(v []driver.Value) error {
			m := v[0].(int64)
			out = append(out, DossierMonth{Year: int(m / 12), Month: time.Month(m%12 + 1), Rated: v[1].(int64), Again: v[2].(int64), Unreadable: v[3].(int64)})
			return nil
		})
	})
	return out, err
}
