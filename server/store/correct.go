package store

import (
	"bytes"
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"time"

	"motcua/slides"
	"motcua/slides/chain"
	"motcua/slides/survey"
)

// counted is a kept rating with what its place in the roll-ups comes from.
type counted struct {
	leaf
	answers []placed
	erased  bool // its core section is gone: it can't be moved or recounted
}

// countedColumns are read by scanCounted.
const countedColumns = `r.form, r.unit, r.kiosk, r.counter, r.field, r.officer, r.channel, r.hour, r.suspect IS NOT NULL, s.body, s.kind IS NULL`

const countedTables = " FROM ratings r LEFT JOIN rating_sections s ON s.chain = r.chain AND s.seq = r.seq AND s.kind = 1 "

// scanCounted reads 11 columns. text gives a name's text, name its number.
func scanCounted(v []driver.Value, cat *directory, text func(int64) string) (c counted, err error) {
	n := func(i int) int64 { return v[i].(int64) }
	c.form, c.kiosk, c.counter, c.field, c.officer, c.channel, c.hour, c.suspect = n(0), n(2), n(3), n(4), n(5), uint8(n(6)), slides.Millis(n(7)), uint8(n(8))
	c.unit = text(n(1))
	f := cat.formByNo[c.form]
	if f == nil {
		return c, nil // invalid: a rating without answers
	}
	body, ok := v[9].([]byte)
	if !ok {
		c.erased = true
		return c, nil
	}
	var r survey.Rating
	if err := json.Unmarshal(body, &r); err != nil {
		return c, slides.E(slides.Corrupt, "store.scanCounted", "Một phiếu trong cơ sở dữ liệu không đọc được.", "A rating in the database can't be read.", err)
	}
	c.answers = f.placed(r.Answers)
	return c, nil
}

func (t *gtx) counted(op string, ref RatingRef) (c counted, chainNo int64, err error) {
	found := false
	texts := map[int64]string{}
	for text, no := range t.mem.names {
		texts[no] = text
	}
	err = t.each("SELECT "+countedColumns+", r.chain"+countedTables+"WHERE r.chain = (SELECT no FROM chains WHERE id = ?) AND r.seq = ?", 12, func(v []driver.Value) error {
		found, chainNo = true, v[11].(int64)
		if b, ok := v[9].([]byte); ok {
			v[9] = bytes.Clone(b)
		}
		var err error
		c, err = scanCounted(v, t.mem.cat, func(no int64) string { return texts[no] })
		return err
	}, ref.Chain[:], int64(ref.Seq))
	if err == nil && !found {
		err = notFound(op, fmt.Sprintf("Không có phiếu số %d của chuỗi %s.", ref.Seq, ref.Chain), fmt.Sprintf("There is no rating %d of the chain %s.", ref.Seq, ref.Chain))
	}
	if err == nil && c.erased {
		err = slides.E(slides.Conflict, op, "Nội dung phiếu đã được xóa theo quy định lưu trữ nên không thể tính lại.", "The rating's answers were erased, so it can't be counted anew.", nil)
	}
	return c, chainNo, err
}

// SetSuspect marks ratings by hand, or counts them again (reason ""); the
// roll-ups move in the same transaction.
func (s *Store) SetSuspect(ctx context.Context, a Actor, refs []RatingRef, reason string) error {
	const op = "store.SetSuspect"
	reason = clip(reason, 100)
	return s.alone(ctx, op, func(t *gtx) error {
		for _, ref := range refs {
			c, no, err := t.counted(op, ref)
			if err != nil {
				return err
			}
			t.mem.rolls.add(c.leaf, c.answers, -1)
			var why driver.Value
			if c.suspect = 0; reason != "" {
				c.suspect, why = 1, reason
			}
			t.mem.rolls.add(c.leaf, c.answers, 1)
			if err := t.run("UPDATE ratings SET suspect = ? WHERE chain = ? AND seq = ?", why, no, int64(ref.Seq)); err != nil {
				return err
			}
			if err := t.audit(a, "rating.suspect", ref.object(), reason); err != nil {
				return err
			}
		}
		return nil
	})
}

func (r RatingRef) object() string { return fmt.Sprintf("rating:%s/%d", r.Chain, r.Seq) }

// alone is submit for work that a domain error must undo: it shares its
// transaction with nobody.
func (s *Store) alone(ctx context.Context, op string, f func(*gtx) error) error {
	j := &job{run: f, done: make(chan error, 1)}
	return wrap(op, s.group.alone(ctx, j))
}

// CorrectHour moves a rating to another hour; the roll-ups move in the same
// transaction.
func (s *Store) CorrectHour(ctx context.Context, a Actor, ref RatingRef, hour slides.Millis) error {
	const op = "store.CorrectHour"
	return s.alone(ctx, op, func(t *gtx) error {
		c, no, err := t.counted(op, ref)
		if err != nil {
			return err
		}
		if !clockFits(hour, t.now) || survey.HourOf(hour, t.mem.cat.zoneOf(c.unit, hour)) != hour {
			return invalid(op, "hour", "Giờ phải là đầu giờ, từ năm 2020 đến nay.", "The hour must be the start of an hour, from 2020 to now.")
		}
		t.mem.rolls.add(c.leaf, c.answers, -1)
		before := c.hour
		c.hour = hour
		t.mem.rolls.add(c.leaf, c.answers, 1)
		if err := t.run("UPDATE ratings SET hour = ? WHERE chain = ? AND seq = ?", int64(hour), no, int64(ref.Seq)); err != nil {
			return err
		}
		return t.audit(a, "rating.hour", ref.object(), map[string]any{"from": before, "to": hour})
	})
}

// hourMillis coarsens a moment.
const hourMillis = int64(time.Hour / time.Millisecond)

// EraseSection forgets a section's body and salt (with the salt the few
// possible bodies could be tried against the hash); the header stays and the
// chain still verifies. Statistics stay. With the exact moment the moment of
// receipt is coarsened to the hour too.
func (s *Store) EraseSection(ctx context.Context, a Actor, ref RatingRef, kind chain.Kind) error {
	const op = "store.EraseSection"
	return s.alone(ctx, op, func(t *gtx) error {
		n, err := t.affect("UPDATE rating_sections SET salt = NULL, body = NULL WHERE chain = (SELECT no FROM chains WHERE id = ?) AND seq = ? AND kind = ?", ref.Chain[:], int64(ref.Seq), int64(kind))
		if err != nil {
			return err
		}
		if n == 0 {
			return notFound(op, "Phiếu không có phần này.", "The rating has no such section.")
		}
		if kind == chain.Moment {
			if err := t.run("UPDATE ratings SET received = received / ?1 * ?1 WHERE chain = (SELECT no FROM chains WHERE id = ?2) AND seq = ?3", hourMillis, ref.Chain[:], int64(ref.Seq)); err != nil {
				return err
			}
		}
		return t.audit(a, "rating.erase", ref.object(), int(kind))
	})
}

// EraseOlder forgets that section of every rating of an hour before the moment.
func (s *Store) EraseOlder(ctx context.Context, a Actor, kind chain.Kind, before slides.Millis) (n int64, err error) {
	err = s.alone(ctx, "store.EraseOlder", func(t *gtx) error {
		if n, err = t.affect(`UPDATE rating_sections SET salt = NULL, body = NULL WHERE kind = ? AND body IS NOT NULL
			AND (chain, seq) IN (SELECT chain, seq FROM ratings WHERE hour < ?)`, int64(kind), int64(before)); err != nil {
			return err
		}
		if kind == chain.Moment {
			if err := t.run("UPDATE ratings SET received = received / ?1 * ?1 WHERE hour < ?2", hourMillis, int64(before)); err != nil {
				return err
			}
		}
		return t.audit(a, "rating.erase", "ratings", map[string]any{"kind": int(kind), "before": before, "sections": n})
	})
	return n, err
}
