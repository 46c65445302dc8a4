package store

import (
	"context"
	"database/sql"
	"iter"

	"motcua/slides/chain"
	"motcua/slides/survey"
)

// page is how many rows an iterator reads in one transaction: a reader that is
// slow to consume must not hold back the WAL's checkpoint for long.
const page = 2000

var (
	channelNames = map[int64]survey.Channel{1: survey.AtKiosk, 2: survey.OnPhone}
	clockNames   = map[int64]survey.ClockQuality{1: survey.Synced, 2: survey.Held, 3: survey.Doubtful}
)

// Ratings reads ratings in order of chain and seq, without holding them all.
func (s *Store) Ratings(ctx context.Context, f RatingFilter) iter.Seq2[RatingRow, error] {
	return func(yield func(RatingRow, error) bool) {
		var no, seq int64
		left := f.Limit
		for {
			n := page
			if f.Limit > 0 {
				n = min(n, left)
			}
			if n == 0 {
				return
			}
			rows, last, err := s.ratings(ctx, &f, no, seq, n)
			if err != nil {
				yield(RatingRow{}, err)
				return
			}
			for i := range rows {
				if !yield(rows[i], nil) {
					return
				}
			}
			if len(rows) < n {
				return
			}
			no, seq = last[0], last[1]
			left -= len(rows)
		}
	}
}

// ratings reads one page after (chain, seq).
func (s *Store) ratings(ctx context.Context, f *RatingFilter, no, seq int64, limit int) (out []RatingRow, last [2]int64, err error) {
	err = s.read(ctx, "store.Ratings", func(t *txn) error {
		where, args := "(r.chain, r.seq) > (?, ?)", []any{no, seq}
		add := func(cond string, v ...any) { where, args = where+" AND "+cond, append(args, v...) }
		if f.Unit != "" {
			cat, err := t.catalogue()
			if err != nil {
				return err
			}
			below := cat.below(f.Unit, t.now)
			if len(below) == 0 {
				return noUnit("store.Ratings", f.Unit)
			}
			var list []string
			for u := range below {
				list = append(list, u)
			}
			add("r.unit IN (SELECT no FROM names WHERE text IN (SELECT value FROM json_each(?)))", toJSON(list))
		}
		if f.Kiosk != "" {
			add("r.kiosk = (SELECT no FROM names WHERE text = ?)", f.Kiosk)
		}
		if f.From != 0 {
			add("r.hour >= ?", f.From)
		}
		if f.Until != 0 {
			add("r.hour < ?", f.Until)
		}
		if f.Suspect != nil {
			add(map[bool]string{true: "r.suspect IS NOT NULL", false: "r.suspect IS NULL"}[*f.Suspect])
		}
		args = append(args, limit)
		var nos [][2]int64
		err := t.each(`SELECT r.chain, r.seq, c.id, r.header, r.received, ifnull(fo.id, ''), ifnull(fo.version, 0), ifnull(u.text, ''), ifnull(k.text, ''),
			ifnull(co.text, ''), ifnull(p.text, ''), ifnull(o.text, ''), r.channel, r.lang, r.hour, r.clock, ifnull(r.suspect, ''), r.partial
			FROM ratings r JOIN chains c ON c.no = r.chain LEFT JOIN forms fo ON fo.no = r.form LEFT JOIN names u ON u.no = r.unit LEFT JOIN names k ON k.no = r.kiosk
			LEFT JOIN names co ON co.no = r.counter LEFT JOIN names p ON p.no = r.proc LEFT JOIN names o ON o.no = r.officer
			WHERE `+where+" ORDER BY r.chain, r.seq LIMIT ?", args, func(rows *sql.Rows) error {
			var r RatingRow
			var at [2]int64
			var c []byte
			var channel, clock int64
			if err := rows.Scan(&at[0], &at[1], &c, &r.Header, &r.Received, &r.Form, &r.Version, &r.Unit, &r.Kiosk, &r.Counter, &r.Proc, &r.Officer,
				&channel, &r.Lang, &r.Hour, &clock, &r.Suspect, &r.Partial); err != nil {
				return err
			}
			copy(r.Chain[:], c)
			r.Seq, r.Channel, r.Clock = uint64(at[1]), channelNames[channel], clockNames[clock]
			out, nos = append(out, r), append(nos, at)
			return nil
		})
		if err != nil {
			return err
		}
		for i := range out {
			if out[i].Sections, err = t.sections(nos[i][0], nos[i][1]); err != nil {
				return err
			}
			last = nos[i]
		}
		return nil
	})
	return out, last, err
}

// sections reads those that are still there.
func (t *txn) sections(no, seq int64) (out []chain.Section, err error) {
	err = t.each("SELECT kind, salt, body FROM rating_sections WHERE chain = ? AND seq = ? AND body IS NOT NULL ORDER BY kind", []any{no, seq}, func(rows *sql.Rows) error {
		var s chain.Section
		err := rows.Scan(&s.Kind, &s.Salt, &s.Body)
		out = append(out, s)
		return err
	})
	return out, err
}

// ChainItems reads a chain from a seq on (1: all): records and gaps in order.
func (s *Store) ChainItems(ctx context.Context, c chain.ID, from uint64) iter.Seq2[ChainItem, error] {
	return func(yield func(ChainItem, error) bool) {
		for {
			items, err := s.chainItems(ctx, c, from)
			if err != nil {
				yield(ChainItem{}, err)
				return
			}
			for _, it := range items {
				if !yield(it, nil) {
					return
				}
				from = it.Seq + 1
				if it.Gap != nil {
					if g, err := chain.ParseGap(it.Gap.Bytes); err == nil {
						from = g.To + 1
					}
				}
			}
			if len(items) < page {
				return
			}
		}
	}
}

func (s *Store) chainItems(ctx context.Context, c chain.ID, from uint64) (out []ChainItem, err error) {
	err = s.read(ctx, "store.ChainItems", func(t *txn) error {
		var no int64
		if err := t.row("SELECT no FROM chains WHERE id = ?", c[:]).Scan(&no); err != nil {
			return notFound("store.ChainItems", "Không có chuỗi phiếu này.", "There is no such chain.")
		}
		err := t.each(`SELECT seq, header, NULL, ifnull(suspect, '') FROM ratings WHERE chain = ?1 AND seq >= ?2
			UNION ALL SELECT first, bytes, sig, '' FROM gaps WHERE chain = ?1 AND first >= ?2 ORDER BY 1 LIMIT ?3`, []any{no, int64(from), page}, func(rows *sql.Rows) error {
			var it ChainItem
			var b, sig []byte
			if err := rows.Scan(&it.Seq, &b, &sig, &it.Suspect); err != nil {
				return err
			}
			if sig != nil {
				it.Gap = &chain.Signed{Bytes: b, Sig: sig}
			} else {
				it.Record = &chain.Record{Header: b}
			}
			out = append(out, it)
			return nil
		})
		for i := range out {
			if err == nil && out[i].Record != nil {
				out[i].Record.Sections, err = t.sections(no, int64(out[i].Seq))
			}
		}
		return err
	})
	return out, err
}

// Forks lists quarantined bytes, newest first.
func (s *Store) Forks(ctx context.Context, limit int) (out []ForkRow, err error) {
	if limit <= 0 {
		limit = 100
	}
	err = s.read(ctx, "store.Forks", func(t *txn) error {
		return t.each(`SELECT c.id, f.seq, c.kiosk, f.seen, f.why, f.bytes, ifnull((SELECT header FROM ratings WHERE chain = f.chain AND seq = f.seq), x'')
			FROM forks f JOIN chains c ON c.no = f.chain ORDER BY f.id DESC LIMIT ?`, []any{limit}, func(rows *sql.Rows) error {
			var f ForkRow
			var c, header []byte
			if err := rows.Scan(&c, &f.Seq, &f.Kiosk, &f.Seen, &f.Why, &f.Bytes, &header); err != nil {
				return err
			}
			copy(f.Chain[:], c)
			if len(header) > 0 {
				f.Stored = chain.HashOf(header)
			}
			out = append(out, f)
			return nil
		})
	})
	return out, err
}

// Chains lists the chains of ratings; kiosk "" is all.
func (s *Store) Chains(ctx context.Context, kiosk string) (out []ChainInfo, err error) {
	err = s.read(ctx, "store.Chains", func(t *txn) error {
		return t.each(`SELECT id, kiosk, key, started, acked, hash, head, head_sig, head_seq, head_at, missing, (SELECT count(*) FROM forks WHERE chain = no)
			FROM chains WHERE kind = 1 AND (?1 = '' OR kiosk = ?1) ORDER BY no`, []any{kiosk}, func(rows *sql.Rows) error {
			var c ChainInfo
			var id, hash, head, sig []byte
			if err := rows.Scan(&id, &c.Kiosk, (*[]byte)(&c.Key), &c.Started, &c.Acked, &hash, &head, &sig, &c.HeadSeq, &c.HeadAt, &c.Missing, &c.Forks); err != nil {
				return err
			}
			copy(c.Chain[:], id)
			copy(c.Hash[:], hash)
			if head != nil {
				c.Head = &chain.Signed{Bytes: head, Sig: sig}
			}
			out = append(out, c)
			return nil
		})
	})
	return out, err
}
