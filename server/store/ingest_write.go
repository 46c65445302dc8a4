package store

import (
	"bytes"
	"database/sql/driver"
	"fmt"
	"strings"

	"motcua/slides"
	"motcua/slides/chain"
	"motcua/slides/survey"
)

// chainState is what the writer remembers of a chain beyond its row.
type chainState struct {
	acked uint64
	// The moments of each kiosk's newest ratings, newest last, at most maxBurst,
	// by the kiosk's short number: the server's own chain has every kiosk's.
	moments map[int64][]slides.Millis
}

// maxForks bounds what one chain may put into quarantine: a broken kiosk must not fill the disk.
const maxForks = 1000

// position reads the chain's row: another server may have moved it.
func (t *gtx) position(c *chainKey) (acked uint64, hash chain.Hash, err error) {
	err = t.each("SELECT acked, hash FROM chains WHERE no = ?", 2, func(v []driver.Value) error {
		acked = uint64(v[0].(int64))
		copy(hash[:], v[1].([]byte))
		return nil
	}, c.no)
	return acked, hash, err
}

// takeRatings keeps a checked batch. refused is what the kiosk must hear;
// err breaks the transaction.
func (t *gtx) takeRatings(op string, c *chainKey, batch []judged, head chain.Signed) (res Ingested, refused, err error) {
	res.Chain = c.id
	if res.Acked, res.Hash, err = t.position(c); err != nil {
		return res, nil, err
	}
	if first := batch[0].header.Seq; first > res.Acked+1 {
		return res, slides.E(slides.Invalid, op, fmt.Sprintf("Thiếu phiếu: chờ phiếu số %d nhưng nhận số %d.", res.Acked+1, first),
			fmt.Sprintf("Records are missing: number %d is expected, %d came.", res.Acked+1, first), nil), nil
	}
	fresh := batch
	for len(fresh) > 0 && fresh[0].header.Seq <= res.Acked {
		same, why, err := t.sameAsKept(c, &fresh[0])
		if err != nil {
			return res, nil, err
		}
		if !same {
			refused, err = t.fork(op, c, fresh, &res, why)
			return res, refused, err
		}
		res.Again++
		fresh = fresh[1:]
	}
	if len(fresh) == 0 {
		return res, nil, nil
	}
	if fresh[0].header.Prev != res.Hash {
		refused, err = t.fork(op, c, fresh, &res, "does not follow what is kept")
		return res, refused, err
	}
	if c.kind == ofLetters {
		err = t.keepLetters(c, fresh, &res)
	} else {
		err = t.keep(c, fresh, &res)
	}
	if err != nil {
		return res, nil, err
	}
	last := &fresh[len(fresh)-1]
	res.Acked, res.Hash = last.header.Seq, last.hash
	h, err := chain.ParseHead(head.Bytes)
	if err != nil {
		return res, nil, err
	}
	return res, nil, t.run("UPDATE chains SET acked = ?, hash = ?, ratings = ratings + ?, head = ?, head_sig = ?, head_seq = ?, head_at = ? WHERE no = ?",
		int64(res.Acked), res.Hash[:], int64(len(fresh)), head.Bytes, head.Sig, int64(h.Seq), int64(h.At), c.no)
}

// sameAsKept says whether the record is the one that is kept at its place.
func (t *gtx) sameAsKept(c *chainKey, j *judged) (same bool, why string, err error) {
	why = "its place is a gap"
	err = t.each(c.kind.headers(), 1, func(v []driver.Value) error {
		same, why = bytes.Equal(v[0].([]byte), j.record.Header), "another record is kept at its place"
		return nil
	}, c.no, int64(j.header.Seq))
	return same, why, err
}

// fork puts records into quarantine; the chain does not move.
func (t *gtx) fork(op string, c *chainKey, records []judged, res *Ingested, why string) (refused, err error) {
	for i := range records {
		j := &records[i]
		res.Forks++
		if err := t.quarantine(c, j.header.Seq, j.hash, why, j.record.Encode()); err != nil {
			return nil, err
		}
	}
	seq := records[0].header.Seq
	return slides.E(slides.Conflict, op, fmt.Sprintf("Chuỗi phiếu bị rẽ nhánh ở số %d; bản mới được cách ly để kiểm tra.", seq),
		fmt.Sprintf("The chain forks at number %d; the new bytes are in quarantine.", seq), nil), nil
}

func (t *gtx) quarantine(c *chainKey, seq uint64, hash chain.Hash, why string, b []byte) error {
	return t.run(`INSERT INTO forks (chain, seq, hash, seen, why, bytes) SELECT ?1, ?2, ?3, ?4, ?5, ?6
		WHERE (SELECT count(*) FROM forks WHERE chain = ?1) < ?7 ON CONFLICT DO NOTHING`,
		c.no, int64(seq), hash[:], int64(t.now), why, b, int64(maxForks))
}

// Rows of one statement, see upsertRows.
const (
	ratingColumns = 17
	ratingRows    = 16
	sectionRows   = 32
)

var (
	insertRatings  = inserts("INSERT INTO ratings VALUES ", ratingColumns, ratingRows, " ON CONFLICT DO NOTHING")
	insertSections = inserts("INSERT INTO rating_sections VALUES ", 5, sectionRows, " ON CONFLICT DO NOTHING")
)

func inserts(head string, columns, rows int, tail string) []string {
	out := make([]string, rows+1)
	row := "(" + placeholders(columns) + "),"
	for n := 1; n <= rows; n++ {
		out[n] = head + strings.TrimSuffix(strings.Repeat(row, n), ",") + tail
	}
	return out
}

// keep inserts new records and counts them.
func (t *gtx) keep(c *chainKey, records []judged, res *Ingested) error {
	st, err := t.chain(c, res.Acked)
	if err != nil {
		return err
	}
	rows := make([]driver.Value, 0, ratingRows*ratingColumns)
	sections := make([]driver.Value, 0, sectionRows*5)
	for i := range records {
		j := &records[i]
		at := c.kiosk
		if at == "" && j.core != nil {
			at = j.core.Kiosk
		}
		kiosk, err := t.name(at)
		if err != nil {
			return err
		}
		why := t.s.opt.Suspect.suspect(j, t.now, st.moments[kiosk])
		if why != "" {
			res.Suspect++
		}
		row, err := t.place(j, c, kiosk, why)
		if err != nil {
			return err
		}
		t.mem.rolls.add(row.leaf, j.answers, 1)
		if j.told {
			row.received -= row.received % slides.Millis(hourMillis)
		}
		rows = row.args(rows, c.no, j.header.Seq, j.record.Header)
		for k := range j.record.Sections {
			sec := &j.record.Sections[k]
			salt, body := driver.Value(sec.Salt), driver.Value(sec.Body)
			if sec.Kind == chain.Moment && j.told {
				salt, body = nil, nil // its hash stays in the header: the chain verifies
			}
			sections = append(sections, c.no, int64(j.header.Seq), int64(sec.Kind), salt, body)
			if len(sections) == cap(sections) {
				if sections, err = t.insert(insertSections, sections, 5); err != nil {
					return err
				}
			}
		}
		if len(rows) == cap(rows) {
			if rows, err = t.insert(insertRatings, rows, ratingColumns); err != nil {
				return err
			}
		}
		st.saw(j, kiosk)
		res.New++
	}
	if _, err := t.insert(insertRatings, rows, ratingColumns); err != nil {
		return err
	}
	_, err = t.insert(insertSections, sections, 5)
	return err
}

// insert runs a many-row insert and fails if a row was there already: the
// chain's row said that none is, so the database contradicts itself.
func (t *gtx) insert(statements []string, args []driver.Value, columns int) ([]driver.Value, error) {
	n := len(args) / columns
	if n == 0 {
		return args, nil
	}
	done, err := t.affect(statements[n], args...)
	if err == nil && done != int64(n) {
		err = slides.E(slides.Corrupt, "store.IngestRatings", "Cơ sở dữ liệu tự mâu thuẫn: phiếu mới đã có chỗ. Hãy kiểm tra bằng motcua verify.",
			"The database contradicts itself: a new rating's place is taken. Check it with motcua verify.", nil)
	}
	return args[:0], err
}

// chain is what the writer remembers of the chain; read anew if somebody else moved it.
func (t *gtx) chain(c *chainKey, acked uint64) (*chainState, error) {
	if st := t.mem.chains[c.no]; st != nil && st.acked == acked {
		return st, nil
	}
	st := &chainState{acked: acked, moments: map[int64][]slides.Millis{}}
	newest := int64(maxBurst)
	if c.kiosk == "" {
		newest *= 16 // of several kiosks
	}
	err := t.each(`SELECT s.body, r.kiosk FROM rating_sections s JOIN ratings r ON r.chain = s.chain AND r.seq = s.seq
		WHERE s.chain = ?1 AND s.kind = 2 AND s.body IS NOT NULL AND s.seq > ?2 ORDER BY s.seq`, 2, func(v []driver.Value) error {
		if m, err := survey.ParseMoment(v[0].([]byte)); err == nil {
			st.note(v[1].(int64), m.At)
		}
		return nil
	}, c.no, int64(acked)-newest)
	t.mem.chains[c.no] = st
	return st, err
}

func (st *chainState) saw(j *judged, kiosk int64) {
	st.acked = j.header.Seq
	if j.moment != 0 {
		st.note(kiosk, j.moment)
	}
}

func (st *chainState) note(kiosk int64, at slides.Millis) {
	list := st.moments[kiosk]
	if len(list) >= maxBurst {
		list = list[:copy(list, list[1:])]
	}
	st.moments[kiosk] = append(list, at)
}

// placedRow is a rating's row: where it counts, and what a list shows.
type placedRow struct {
	leaf
	unitNo, proc int64
	lang         string
	clock        int64
	partial      int64
	why          any // nil: counted
	received     slides.Millis
}

var (
	channels = map[survey.Channel]uint8{survey.AtKiosk: 1, survey.OnPhone: 2}
	clocks   = map[survey.ClockQuality]int64{survey.Synced: 1, survey.Held: 2, survey.Doubtful: 3}
)

// place decides where a rating counts. An invalid one counts for the kiosk's
// own unit in the hour it came, as a rating without answers.
func (t *gtx) place(j *judged, c *chainKey, kiosk int64, why string) (placedRow, error) {
	row := placedRow{received: t.now, clock: 3}
	row.kiosk, row.channel = kiosk, 1
	if why != "" {
		row.why, row.suspect = why, 1
	}
	var err error
	if j.valid {
		r := j.core
		row.unit, row.form, row.channel, row.hour = r.Unit, j.form.no, channels[r.Channel], r.Hour
		row.lang, row.clock = r.Lang, clocks[r.Clock]
		if r.Partial {
			row.partial = 1
		}
		if row.counter, err = t.name(r.Counter); err != nil {
			return row, err
		}
		if row.proc, err = t.name(r.Procedure); err != nil {
			return row, err
		}
		if row.field, err = t.name(t.mem.cat.fields[r.Procedure]); err != nil {
			return row, err
		}
	} else if row.unit, err = t.unitOfKiosk(c.kiosk); err != nil {
		return row, err
	}
	if !j.valid || why == SuspectClock {
		row.hour = survey.HourOf(t.now, t.mem.cat.zoneOf(row.unit, t.now))
	}
	if j.valid {
		if row.officer, err = t.name(t.mem.cat.officer(j.core, row.hour)); err != nil {
			return row, err
		}
	}
	row.unitNo, err = t.name(row.unit)
	return row, err
}

func (t *gtx) unitOfKiosk(kiosk string) (unit string, err error) {
	err = t.each("SELECT unit FROM kiosks WHERE id = ?", 1, func(v []driver.Value) error {
		unit = v[0].(string)
		return nil
	}, kiosk)
	return unit, err
}

func (r *placedRow) args(a []driver.Value, chainNo int64, seq uint64, header []byte) []driver.Value {
	return append(a, chainNo, int64(seq), header, int64(r.received), r.form, r.unitNo, r.kiosk, r.counter, r.proc, r.field, r.officer,
		int64(r.channel), r.lang, int64(r.hour), r.clock, r.partial, r.why)
}

// takeGaps keeps opened gaps in order.
func (t *gtx) takeGaps(op string, c *chainKey, gaps []chain.Gap, signed []chain.Signed) (res Ingested, refused, err error) {
	res.Chain = c.id
	if res.Acked, res.Hash, err = t.position(c); err != nil {
		return res, nil, err
	}
	for i := range gaps {
		g := &gaps[i]
		if g.To <= res.Acked {
			known, err := t.knownGap(c, g, signed[i].Bytes)
			if err != nil {
				return res, nil, err
			}
			if known {
				res.Again++
				continue
			}
		}
		if refused = misplaced(op, g, &res); refused != nil {
			if g.From <= res.Acked {
				res.Forks++
				err = t.quarantine(c, g.From, chain.HashOf(signed[i].Bytes), "a gap over what is kept", signed[i].Bytes)
			}
			return res, refused, err
		}
		if err := t.run("INSERT INTO gaps VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", c.no, int64(g.From), int64(g.To), signed[i].Bytes, signed[i].Sig,
			int64(g.At), int64(t.now), int64(g.Reason), g.Note); err != nil {
			return res, nil, err
		}
		if err := t.run("UPDATE chains SET acked = ?, hash = ?, missing = missing + ? WHERE no = ?", int64(g.To), g.Next[:], int64(g.To-g.From+1), c.no); err != nil {
			return res, nil, err
		}
		res.Acked, res.Hash = g.To, g.Next
		res.New++
	}
	return res, nil, nil
}

// knownGap says whether the very gap is kept, or everything that it calls lost is.
func (t *gtx) knownGap(c *chainKey, g *chain.Gap, b []byte) (known bool, err error) {
	err = t.each("SELECT bytes FROM gaps WHERE chain = ? AND first = ?", 1, func(v []driver.Value) error {
		known = bytes.Equal(v[0].([]byte), b)
		return nil
	}, c.no, int64(g.From))
	if known || err != nil {
		return known, err
	}
	// The kiosk lost what had arrived here: nothing is missing, and what follows
	// must still join it.
	err = t.each(c.kind.headers(), 1, func(v []driver.Value) error {
		known = chain.HashOf(v[0].([]byte)) == g.Next
		return nil
	}, c.no, int64(g.To))
	return known, err
}

func misplaced(op string, g *chain.Gap, res *Ingested) error {
	switch {
	case g.From > res.Acked+1:
		return slides.E(slides.Invalid, op, fmt.Sprintf("Thiếu phiếu: chờ số %d nhưng khoảng trống bắt đầu ở %d.", res.Acked+1, g.From),
			fmt.Sprintf("Records are missing: number %d is expected, the gap begins at %d.", res.Acked+1, g.From), nil)
	case g.From <= res.Acked:
		return slides.E(slides.Conflict, op, fmt.Sprintf("Khoảng trống %d–%d trùng với phần đã nhận (đến số %d); hãy khai báo lại từ số %d.", g.From, g.To, res.Acked, res.Acked+1),
			fmt.Sprintf("The gap %d–%d overlaps what is kept (up to %d); state it again from %d.", g.From, g.To, res.Acked, res.Acked+1), nil)
	case g.Prev != res.Hash:
		return slides.E(slides.Conflict, op, fmt.Sprintf("Khoảng trống %d–%d không nối tiếp phần đã nhận.", g.From, g.To),
			fmt.Sprintf("The gap %d–%d does not follow what is kept.", g.From, g.To), nil)
	}
	return nil
}
