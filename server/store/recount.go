package store

import (
	"context"
	"database/sql/driver"
	"fmt"

	"motcua/slides"
)

// recount adds up every rating from its sections. The catalogue and the names
// are of the same transaction.
func recount(cat *directory, each rowsOf, name func(string) (int64, error)) (map[cell]*sums, error) {
	texts := map[int64]string{}
	if err := each("SELECT no, text FROM names", 2, func(v []driver.Value) error {
		texts[v[0].(int64)] = v[1].(string)
		return nil
	}); err != nil {
		return nil, err
	}
	var all rolls
	erased := 0
	err := each("SELECT "+countedColumns+countedTables, 11, func(v []driver.Value) error {
		c, err := scanCounted(v, cat, func(no int64) string { return texts[no] })
		if c.erased {
			erased++
		}
		all.add(c.leaf, c.answers, 1)
		return err
	})
	if err == nil && erased > 0 {
		err = slides.E(slides.Conflict, "store.recount", fmt.Sprintf("Có %d phiếu đã xóa nội dung theo quy định lưu trữ; không thể tính lại toàn bộ.", erased),
			fmt.Sprintf("The answers of %d ratings were erased; not everything can be counted anew.", erased), nil)
	}
	if err != nil {
		return nil, err
	}
	return all.expand(cat, name)
}

// stored reads every cell of the roll-ups that is not all zero.
func stored(each rowsOf) (map[cell]*sums, error) {
	out := map[cell]*sums{}
	for g, grain := range grainNames {
		for table, name := range []string{"counts_", "answers_"} {
			err := each("SELECT * FROM "+name+grain, 13, func(v []driver.Value) error {
				n := func(i int) int64 { return v[i].(int64) }
				c := cell{grain: uint8(g), form: n(3), channel: uint8(n(4)), suspect: uint8(n(5)), question: -1}
				if grain == "week" {
					c.subject, c.key, c.bucket, c.hour = bySubjectUnit, n(0), n(1), int16(n(2))
				} else {
					c.subject, c.key, c.bucket = uint8(n(0)), n(1), n(2)
				}
				s := &sums{n: n(6)}
				if table == 1 {
					c.question, s.n = int16(n(6)), 0
				}
				for i := range s.l {
					s.l[i] = n(7 + i)
				}
				if *s != (sums{}) {
					out[c] = s
				}
				return nil
			})
			if err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// CheckRollups computes every roll-up anew from the ratings and compares; kind
// Corrupt says the first difference, Conflict that erased answers forbid it.
// Slow: for tests, repair and proof.
func (s *Store) CheckRollups(ctx context.Context) error {
	const op = "store.CheckRollups"
	return s.read(ctx, op, func(t *txn) error {
		cat, err := t.catalogue()
		if err != nil {
			return err
		}
		names := map[string]int64{}
		if err := t.values("SELECT no, text FROM names", 2, func(v []driver.Value) error {
			names[v[1].(string)] = v[0].(int64)
			return nil
		}); err != nil {
			return err
		}
		want, err := recount(cat, t.values, func(text string) (int64, error) { return names[text], nil })
		if err != nil {
			return err
		}
		have, err := stored(t.values)
		if err != nil {
			return err
		}
		return differ(op, want, have)
	})
}

func differ(op string, want, have map[cell]*sums) error {
	bad := func(c cell, w, h sums) error {
		return slides.E(slides.Corrupt, op, fmt.Sprintf("Bảng cộng dồn lệch với phiếu gốc tại %+v: tính được %v, đang lưu %v.", c, w, h),
			fmt.Sprintf("The roll-ups differ from the ratings at %+v: counted %v, stored %v.", c, w, h), nil)
	}
	for c, w := range want {
		h := have[c]
		if h == nil {
			h = &sums{}
		}
		if *w != *h {
			return bad(c, *w, *h)
		}
	}
	for c, h := range have {
		if want[c] == nil {
			return bad(c, sums{}, *h)
		}
	}
	return nil
}

// RebuildRollups writes every roll-up anew from the ratings, in one transaction.
func (s *Store) RebuildRollups(ctx context.Context, a Actor) error {
	const op = "store.RebuildRollups"
	return s.alone(ctx, op, func(t *gtx) error {
		want, err := recount(t.mem.cat, func(query string, n int, scan func([]driver.Value) error) error { return t.each(query, n, scan) }, t.name)
		if err != nil {
			return err
		}
		for _, grain := range grainNames {
			if err := t.run("DELETE FROM counts_" + grain); err != nil {
				return err
			}
			if err := t.run("DELETE FROM answers_" + grain); err != nil {
				return err
			}
		}
		if err := t.upsert(want); err != nil {
			return err
		}
		return t.audit(a, "rollups.rebuild", "ratings", len(want))
	})
}
