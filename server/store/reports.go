package store

import (
	"bytes"
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // the two formats of screenshots
	_ "image/png"
	"math"
	"slices"
	"time"

	"motcua/slides"
	procedures "motcua/slides/catalogue"
	"motcua/slides/chain"
	"motcua/slides/wire"
)

// maxFaultRows bounds the different faults that are kept of one kiosk.
const maxFaultRows = 500

// SaveHealth keeps the newest state, a minute of history, new faults, and the
// signed head if it verifies (kind Denied otherwise, the rest is kept).
func (s *Store) SaveHealth(ctx context.Context, kiosk string, h *wire.Health) error {
	const op = "store.SaveHealth"
	c, head, wrong := s.openHead(ctx, op, kiosk, h.Head)
	kept := plausible(h)
	kept.Head = nil // it stands in the chain's row
	text := toJSON(&kept)
	known := true
	err := s.submit(ctx, op, func(t *gtx) error {
		n, err := t.affect(`INSERT INTO kiosk_status (kiosk, seen, manifest, revision, health, health_at, pending, offset_ms)
			SELECT ?1, ?2, ?3, ?4, ?5, ?2, ?6, ?7 WHERE EXISTS (SELECT 1 FROM kiosks WHERE id = ?1) ON CONFLICT (kiosk) DO UPDATE SET
			seen = ?2, manifest = ?3, revision = ?4, health = ?5, health_at = ?2, pending = ?6, offset_ms = ?7`,
			kiosk, int64(t.now), kept.Manifest, kept.Revision, text, int64(kept.Pending), kept.Offset)
		if known = n > 0; err != nil || !known {
			return err
		}
		minute := int64(t.now) / time.Minute.Milliseconds() * time.Minute.Milliseconds()
		if err := t.run("INSERT OR REPLACE INTO health_minutes VALUES (?, ?, ?, ?, ?, ?, ?)", kiosk, minute, kept.Memory, kept.DiskFree, kept.Frames, int64(kept.Pending), kept.Offset); err != nil {
			return err
		}
		for _, f := range kept.Errors {
			if err := t.fault(kiosk, f); err != nil {
				return err
			}
		}
		if c == nil {
			return nil
		}
		return t.takeHead(c, head, h.Head)
	})
	if err == nil && !known {
		return noKiosk(op, kiosk)
	}
	return errors.Join(err, wrong)
}

// plausible is h with every figure in the range that it can have: a kiosk with
// a broken clock or program must not spoil a page or a sum over kiosks. Offsets
// over ten years are as wrong as ten.
func plausible(h *wire.Health) wire.Health {
	const years = int64(10 * 365 * 24 * time.Hour / time.Millisecond)
	k := *h
	k.Uptime, k.DiskFree, k.Memory, k.Frames = max(k.Uptime, 0), max(k.DiskFree, 0), max(k.Memory, 0), max(k.Frames, 0)
	k.Pending, k.Quarantine, k.Revision = min(max(k.Pending, 0), 1e9), min(max(k.Quarantine, 0), 1e6), max(k.Revision, 0)
	k.Offset = min(max(k.Offset, -years), years)
	k.Program, k.Slide, k.View, k.Manifest = clip(k.Program, 200), clip(k.Slide, 100), clip(k.View, 40), clip(k.Manifest, 64)
	k.Errors = slices.Clone(h.Errors[max(0, len(h.Errors)-wire.MaxFaults):])
	for i := range k.Errors {
		f := &k.Errors[i]
		f.At, f.Count = min(max(f.At, 0), lastMoment), min(max(f.Count, 1), 1e6)
		f.Where, f.Text = clip(f.Where, 100), clip(f.Text, 500)
	}
	return k
}

// lastMoment is the end of the year 9999: later years are not written in four
// digits.
const lastMoment slides.Millis = 253_402_300_799_999

// openHead checks a health report's signed head.
func (s *Store) openHead(ctx context.Context, op, kiosk string, signed *chain.Signed) (*chainKey, chain.Head, error) {
	if signed == nil {
		return nil, chain.Head{}, nil
	}
	h, err := chain.ParseHead(signed.Bytes)
	if err != nil {
		return nil, h, err
	}
	c, err := s.chainOf(ctx, op, kiosk, h.Chain, ofRatings)
	if err != nil {
		return nil, h, err
	}
	if h, err = chain.OpenHead(*signed, c.key); err != nil {
		return nil, h, err
	}
	return c, h, nil
}

// takeHead keeps what a signed head tells: how far the kiosk is ahead, and,
// where its place is kept already, that it fits. A head that contradicts what
// is kept is a fork.
func (t *gtx) takeHead(c *chainKey, h chain.Head, signed *chain.Signed) error {
	if err := t.run("UPDATE kiosk_status SET head_chain = ?, head_seq = ? WHERE kiosk = ?", c.id[:], int64(h.Seq), c.kiosk); err != nil {
		return err
	}
	acked, hash, err := t.position(c)
	if err != nil || h.Seq > acked || h.Seq == 0 {
		return err
	}
	fits := h.Seq == acked && hash == h.Hash
	if h.Seq < acked {
		if err := t.each("SELECT header FROM ratings WHERE chain = ? AND seq = ?", 1, func(v []driver.Value) error {
			fits = chain.HashOf(v[0].([]byte)) == h.Hash
			return nil
		}, c.no, int64(h.Seq)); err != nil {
			return err
		}
		if fits {
			return nil // an older head adds nothing
		}
	}
	if !fits {
		var gap bool
		if err := t.each("SELECT 1 FROM gaps WHERE chain = ?1 AND first <= ?2 AND last >= ?2", 1, func([]driver.Value) error {
			gap = true // the head of a record that was lost since
			return nil
		}, c.no, int64(h.Seq)); err != nil || gap {
			return err
		}
		return t.quarantine(c, h.Seq, chain.HashOf(signed.Bytes), "a signed head that contradicts what is kept", signed.Bytes)
	}
	return t.run("UPDATE chains SET head = ?, head_sig = ?, head_seq = ?, head_at = ? WHERE no = ? AND head_at <= ?4", signed.Bytes, signed.Sig, int64(h.Seq), int64(h.At), c.no)
}

// fault keeps one row for equal faults. A kiosk repeats its list each minute:
// the count is the highest it named, not a sum.
func (t *gtx) fault(kiosk string, f wire.Fault) error {
	return t.run(`INSERT INTO faults SELECT ?1, ?2, ?3, ?4, ?4, ?5 WHERE (SELECT count(*) FROM faults WHERE kiosk = ?1) < ?6
		ON CONFLICT (kiosk, place, text) DO UPDATE SET first = min(first, ?4), last = max(last, ?4), count = max(count, ?5)`,
		kiosk, f.Where, f.Text, int64(f.At), int64(f.Count), int64(maxFaultRows))
}

// HealthHistory reads the minutes from a moment on.
func (s *Store) HealthHistory(ctx context.Context, kiosk string, from slides.Millis) (out []HealthPoint, err error) {
	err = s.read(ctx, "store.HealthHistory", func(t *txn) error {
		return t.each("SELECT minute, memory, disk_free, frames, pending, offset_ms FROM health_minutes WHERE kiosk = ? AND minute >= ? ORDER BY minute", []any{kiosk, from}, func(rows *sql.Rows) error {
			var p HealthPoint
			err := rows.Scan(&p.At, &p.Memory, &p.DiskFree, &p.Frames, &p.Pending, &p.Offset)
			out = append(out, p)
			return err
		})
	})
	return out, err
}

// Faults lists faults, newest first; kiosk "" is all.
func (s *Store) Faults(ctx context.Context, kiosk string, limit int) (out []FaultRow, err error) {
	if limit <= 0 {
		limit = 100
	}
	err = s.read(ctx, "store.Faults", func(t *txn) error {
		return t.each("SELECT kiosk, place, text, first, last, count FROM faults WHERE ?1 = '' OR kiosk = ?1 ORDER BY last DESC, place LIMIT ?2", []any{kiosk, limit}, func(rows *sql.Rows) error {
			var f FaultRow
			err := rows.Scan(&f.Kiosk, &f.Where, &f.Text, &f.First, &f.Last, &f.Count)
			out = append(out, f)
			return err
		})
	})
	return out, err
}

// SavePlays keeps plays once and returns the highest id that is kept for good.
func (s *Store) SavePlays(ctx context.Context, kiosk string, p wire.Plays) (last uint64, err error) {
	const op = "store.SavePlays"
	if len(p.Plays) > wire.MaxPlays || p.Disk == "" || len(p.Disk) > 64 {
		return 0, slides.E(slides.Invalid, op, fmt.Sprintf("Một lần gửi có tối đa %d lượt phát và tên ổ lưu.", wire.MaxPlays), fmt.Sprintf("A frame has at most %d plays and the disk's name.", wire.MaxPlays), nil)
	}
	var loc *time.Location
	if err = s.read(ctx, op, func(t *txn) error {
		k, err := t.kiosk(op, kiosk)
		if err == nil {
			loc = t.zoneOf(k.Unit)
		}
		return err
	}); err != nil {
		return 0, err
	}
	err = s.submit(ctx, op, func(t *gtx) error {
		last = 0
		no, err := t.name(kiosk)
		if err != nil {
			return err
		}
		disk, err := t.name(clip(p.Disk, 64))
		if err != nil {
			return err
		}
		for _, y := range p.Plays {
			if y.ID > math.MaxInt64 {
				continue // no kiosk counts that far
			}
			last = max(last, y.ID)
			of := y.Slide
			if y.Procedure != "" {
				of = procedureName(y.Procedure)
			}
			if !slides.ValidID(y.Slide) && !procedures.ValidCode(y.Procedure) || y.Until < y.From || y.Yes < 0 || y.No < 0 {
				continue // it can't be counted and is not worth stopping the others for
			}
			slide, err := t.name(of)
			if err != nil {
				return err
			}
			blob := []byte{}
			if slides.ValidSHA(y.Blob) {
				blob, _ = hex.DecodeString(y.Blob) // ValidSHA says that it decodes
			}
			if err := t.run("INSERT INTO plays (kiosk, disk, id, slide, blob, begun, ended, count, seconds, yes, no, day) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", no, disk, int64(y.ID), slide, blob,
				int64(y.From), int64(y.Until), int64(max(y.Times(), 0)), y.Seconds, int64(y.Yes), int64(y.No), localDay(y.From, loc)); err != nil {
				return err
			}
		}
		return nil
	})
	return last, err
}

// SaveScreenshot keeps the newest picture; only PNG and JPEG within wire.MaxScreenshot.
func (s *Store) SaveScreenshot(ctx context.Context, kiosk string, sc wire.Screenshot) error {
	const op = "store.SaveScreenshot"
	kind := ""
	switch {
	case bytes.HasPrefix(sc.Image, []byte("\x89PNG\r\n\x1a\n")):
		kind = "image/png"
	case bytes.HasPrefix(sc.Image, []byte("\xff\xd8\xff")):
		kind = "image/jpeg"
	}
	if kind != "" {
		if _, format, err := image.DecodeConfig(bytes.NewReader(sc.Image)); err != nil || "image/"+format != kind {
			kind = "" // it only begins like one
		}
	}
	if kind == "" || len(sc.Image) > wire.MaxScreenshot {
		return slides.E(slides.Invalid, op, "Ảnh màn hình phải là PNG hoặc JPEG, tối đa 700 KiB.", "A screenshot must be PNG or JPEG, at most 700 KiB.", nil)
	}
	return s.write(ctx, op, func(t *txn) error {
		if _, err := t.kiosk(op, kiosk); err != nil {
			return err
		}
		if err := t.exec("INSERT OR REPLACE INTO screenshots VALUES (?, ?, ?, ?)", kiosk, sc.At, kind, sc.Image); err != nil {
			return err
		}
		return t.exec("INSERT INTO kiosk_status (kiosk, screenshot_at) VALUES (?1, ?2) ON CONFLICT (kiosk) DO UPDATE SET screenshot_at = ?2", kiosk, sc.At)
	})
}

// Screenshot is the newest picture.
func (s *Store) Screenshot(ctx context.Context, kiosk string) (sc Screenshot, err error) {
	const op = "store.Screenshot"
	err = s.read(ctx, op, func(t *txn) error {
		sc.Kiosk = kiosk
		err := t.row("SELECT at, type, image FROM screenshots WHERE kiosk = ?", kiosk).Scan(&sc.At, &sc.Type, &sc.Image)
		if errors.Is(err, sql.ErrNoRows) {
			return notFound(op, "Chưa có ảnh màn hình của ki-ốt này.", "There is no screenshot of this kiosk yet.")
		}
		return err
	})
	return sc, err
}
