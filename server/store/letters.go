package store

import (
	"database/sql/driver"
	"encoding/hex"
	"time"

	"motcua/slides"
	"motcua/slides/chain"
	"motcua/slides/letter"
	"motcua/slides/survey"
)

// keepLetters inserts new records of a chain of letters. One that can't be read
// is kept all the same and shown to staff: its place in the chain is taken, and
// a queue must not be stuck behind it.
func (t *gtx) keepLetters(c *chainKey, records []judged, res *Ingested) error {
	for i := range records {
		j := &records[i]
		l, zone, err := t.placeLetter(j.record, c)
		if err != nil {
			return err
		}
		id := chain.RatingID(j.hash)
		if err := t.run("INSERT INTO letters (chain, seq, id, header, code, category, unit, kiosk, counter, channel, lang, hour, due) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
			c.no, int64(j.header.Seq), hex.EncodeToString(id[:]), j.record.Header, l.Code, l.Category, l.Unit, l.Kiosk, l.Counter, int64(channels[l.Channel]), l.Lang, int64(l.Hour), int64(letter.Due(l.Category, l.Hour, zone))); err != nil {
			return err
		}
		for k := range j.record.Sections {
			s := &j.record.Sections[k]
			query, args := "INSERT INTO letter_sections VALUES (?, ?, ?, ?, ?)", []driver.Value{c.no, int64(j.header.Seq), int64(s.Kind), s.Salt, s.Body}
			if s.Kind == chain.Contact {
				query, args = "INSERT INTO letter_contacts VALUES (?, ?, ?, ?)", []driver.Value{c.no, int64(j.header.Seq), s.Salt, s.Body}
			}
			if err := t.run(query, args...); err != nil {
				return err
			}
		}
		if err := t.eventByHour(LetterEvent, l.Unit, l.Hour, map[string]any{"letter": hex.EncodeToString(id[:]), "category": l.Category, "channel": l.Channel}); err != nil {
			return err
		}
		res.New++
	}
	return nil
}

// placeLetter is where and when a letter counts as written.
func (t *gtx) placeLetter(r *chain.Record, c *chainKey) (letter.Letter, *time.Location, error) {
	l := letter.Letter{Channel: survey.AtKiosk, Lang: "vi", Kiosk: c.kiosk}
	for i := range r.Sections {
		if s := &r.Sections[i]; s.Kind == chain.Core {
			if read, err := letter.Parse(s.Body); err == nil && (read.Kiosk == c.kiosk || c.kiosk == "") {
				l = *read
			}
		}
	}
	if t.mem.cat.units[l.Unit] == nil {
		var err error
		if l.Unit, err = t.unitOfKiosk(l.Kiosk); err != nil {
			return l, nil, err
		}
	}
	zone := t.mem.cat.zoneOf(l.Unit, t.now)
	if !clockFits(l.Hour, t.now) {
		l.Hour = t.now
	}
	l.Hour = survey.HourOf(l.Hour, zone) // whatever a kiosk says, never finer
	return l, zone, nil
}

func noLetter(op string) error {
	return notFound(op, "Không có góp ý này.", "There is no such letter.")
}

func noReceipt(op string) error {
	return slides.E(slides.NotFound, op, "Chưa thấy mã này. Nếu Ông/Bà vừa gửi tại ki-ốt, xin thử lại sau: ki-ốt có thể đang chờ mạng.",
		"There is no such receipt yet. If you have just written at a kiosk, please try again later: it may be waiting for the network.", nil)
}
