package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"motcua/slides"
)

// Delivery is one kiosk that a publication is for, and whether it has it: a
// kiosk says so within seconds of having stored everything.
type Delivery struct {
	Kiosk    string
	Name     string
	Unit     string
	Has      bool
	Online   bool
	LastSeen slides.Millis // 0: never
}

// Deliveries lists the paired kiosks whose manifest a publication changed, by
// name. Those whose class changed since are another publication's.
func (s *Store) Deliveries(ctx context.Context, revision int64) (out []Delivery, err error) {
	err = s.read(ctx, "store.Deliveries", func(t *txn) error {
		return t.each(`SELECT k.id, k.name, k.unit, ifnull(st.revision, 0) >= m.revision, ifnull(l.expires, 0) > ?2, ifnull(st.seen, 0)
			FROM manifests m JOIN kiosks k ON k.class = m.class JOIN kiosk_keys p ON p.kiosk = k.id AND p.retired = 0
			LEFT JOIN leases l ON l.kiosk = k.id LEFT JOIN kiosk_status st ON st.kiosk = k.id
			WHERE m.revision = ?1 ORDER BY k.name, k.id`, []any{revision, t.now}, func(rows *sql.Rows) error {
			var d Delivery
			err := rows.Scan(&d.Kiosk, &d.Name, &d.Unit, &d.Has, &d.Online, &d.LastSeen)
			out = append(out, d)
			return err
		})
	})
	return out, err
}

// UndoRecall puts back on the screens, by a new publication, what a recall took
// off; pieces that were published or recalled again since stay as they are. What
// comes back was approved before.
func (s *Store) UndoRecall(ctx context.Context, a Actor, revision int64, note string) (p Publication, err error) {
	const op = "store.UndoRecall"
	err = s.write(ctx, op, func(t *txn) error {
		old, err := t.publication(op, revision)
		if err != nil {
			return err
		}
		steps, err := t.backwards(op, &old)
		if err != nil {
			return err
		}
		steps = slices.DeleteFunc(steps, func(st PublishedItem) bool { return st.After == 0 })
		if old.Kind != "recall" || old.Recalled != 0 || len(steps) == 0 {
			return slides.E(slides.Conflict, op, fmt.Sprintf("Lần thu hồi %d không còn gì để phát lại.", revision), fmt.Sprintf("Nothing of recall %d is left to put back.", revision), nil)
		}
		if err := t.needsTwo(op, steps); err != nil {
			return err
		}
		if err := t.exec("UPDATE publications SET recalled = ? WHERE revision = ?", t.now, revision); err != nil {
			return err
		}
		if p, err = t.release(op, a, "publish", note, true, steps); err != nil {
			return err
		}
		return t.answer(a, p)
	})
	return p, err
}
