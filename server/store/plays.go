package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"motcua/slides"
)

// PlayGroup is by what plays are summed.
type PlayGroup string

// The groups. Plays of a procedure's page count as slide "procedure:<code>" and
// topic "".
const (
	PlaysBySlide PlayGroup = "slide"
	PlaysByTopic PlayGroup = "topic"
	PlaysByKiosk PlayGroup = "kiosk"
	PlaysByDay   PlayGroup = "day"
)

// PlayFilter picks plays by the local days on which they began.
type PlayFilter struct {
	From, Until slides.LocalDate // both count
	Kiosks      []string         // ids; nil: all
	By          PlayGroup
}

// PlaySum is how often and how long something was shown.
type PlaySum struct {
	Key     string // slide id, topic, kiosk id or date
	Count   int64
	Seconds float64
	Kiosks  int64 // on how many kiosks
}

// MaxPlayDays bounds the days that one sum covers.
const MaxPlayDays = 400

var playKeys = map[PlayGroup]string{
	PlaysBySlide: "s.text",
	PlaysByTopic: "coalesce((SELECT topic FROM items WHERE type = 'slide' AND id = s.text), '')",
	PlaysByKiosk: "k.text",
	PlaysByDay:   "date(p.day * 86400, 'unixepoch')",
}

// PlaySums sums what kiosks have reported, by key. Its cost grows with kiosks ×
// slides × days, not with plays. Kind Invalid: days that can't be read or are
// too many.
func (s *Store) PlaySums(ctx context.Context, f PlayFilter) (out []PlaySum, err error) {
	const op = "store.PlaySums"
	from, err1 := f.From.Time()
	until, err2 := f.Until.Time()
	key, known := playKeys[f.By]
	if err1 != nil || err2 != nil || until.Before(from) || until.Sub(from) > MaxPlayDays*24*time.Hour || !known {
		return nil, invalid(op, "from", fmt.Sprintf("Khoảng ngày không đúng (tối đa %d ngày).", MaxPlayDays), fmt.Sprintf("The days are not valid (%d at most).", MaxPlayDays))
	}
	err = s.read(ctx, op, func(t *txn) error {
		where, args := "p.day BETWEEN ? AND ?", []any{from.Unix() / 86400, until.Unix() / 86400}
		if f.Kiosks != nil {
			where += " AND k.text IN (SELECT value FROM json_each(?))"
			args = append(args, toJSON(f.Kiosks))
		}
		return t.each("SELECT "+key+" AS key, sum(p.count), sum(p.seconds), count(DISTINCT p.kiosk) FROM play_days p JOIN names s ON s.no = p.slide JOIN names k ON k.no = p.kiosk WHERE "+
			where+" GROUP BY key ORDER BY key", args, func(rows *sql.Rows) error {
			var x PlaySum
			err := rows.Scan(&x.Key, &x.Count, &x.Seconds, &x.Kiosks)
			out = append(out, x)
			return err
		})
	})
	return out, err
}

// ManifestsDuring lists the manifests of a class that were the newest at some
// moment of [from, until), oldest first; the first may be from before.
func (s *Store) ManifestsDuring(ctx context.Context, class string, from, until slides.Millis) (out []Manifest, err error) {
	err = s.read(ctx, "store.ManifestsDuring", func(t *txn) error {
		return t.each("SELECT "+manifestColumns+` FROM manifests WHERE class = ?1 AND at < ?3
			AND revision >= coalesce((SELECT max(revision) FROM manifests WHERE class = ?1 AND at <= ?2), 0) ORDER BY revision`, []any{class, from, until}, func(rows *sql.Rows) error {
			m, err := scanManifest(rows.Scan)
			out = append(out, m)
			return err
		})
	})
	return out, err
}

// localDay is the number of the day since 1970-01-01 on which at falls in loc.
func localDay(at slides.Millis, loc *time.Location) int64 {
	y, m, d := at.Time().In(loc).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400
}
