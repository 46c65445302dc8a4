package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"motcua/slides"
	"motcua/slides/letter"
	"motcua/slides/survey"
)

// Limits of what staff write to a letter, in runes.
const (
	MaxAnswer     = 2000
	MaxLetterNote = 2000
)

const letterColumns = `l.id, l.code, l.category, l.unit, l.kiosk, l.counter, l.channel, l.lang, l.hour, l.state, l.due, l.answer, l.shown, l.note, l.version, l.updated, l.by,
	ifnull((SELECT body FROM letter_sections s WHERE s.chain = l.chain AND s.seq = l.seq AND s.kind = 4), x''),
	EXISTS (SELECT 1 FROM letter_contacts c WHERE c.chain = l.chain AND c.seq = l.seq AND c.body IS NOT NULL)`

func scanLetter(scan func(...any) error) (l Letter, err error) {
	var channel int64
	var text []byte
	err = scan(&l.ID, &l.Code, &l.Category, &l.Unit, &l.Kiosk, &l.Counter, &channel, &l.Lang, &l.Hour, &l.State, &l.Due, &l.Answer, &l.Shown, &l.Note, &l.Version, &l.Updated, &l.By, &text, &l.Contact)
	l.Channel = channelNames[channel]
	var free survey.FreeText
	if json.Unmarshal(text, &free) == nil {
		l.Text = survey.Mask(slides.Clean(free.Text)) // the kiosk has masked it; one that has not harms nobody
	}
	return l, err
}

func (t *txn) letter(op, id string) (Letter, error) {
	l, err := scanLetter(t.row("SELECT "+letterColumns+" FROM letters l WHERE l.id = ?", id).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return l, noLetter(op)
	}
	if err == nil {
		err = t.nameUnits([]*Letter{&l})
	}
	return l, err
}

func (t *txn) nameUnits(list []*Letter) error {
	units, err := t.units(0)
	if err != nil {
		return err
	}
	names := map[string]slides.Text{}
	for _, u := range units {
		names[u.ID] = u.Name
	}
	for _, l := range list {
		l.UnitName = names[l.Unit]
	}
	return nil
}

// late is the condition for a letter past its day; ?1 is now.
const late = "l.due > 0 AND l.due <= ? AND l.state <> 'answered'"

// Letters lists letters, newest first; more says that others follow.
func (s *Store) Letters(ctx context.Context, f LetterFilter) (out []Letter, more bool, err error) {
	const op = "store.Letters"
	if f.Limit <= 0 {
		f.Limit = 50
	}
	err = s.read(ctx, op, func(t *txn) error {
		where, args := "1", []any{}
		add := func(cond string, v ...any) { where, args = where+" AND "+cond, append(args, v...) }
		if f.Units != nil {
			add("l.unit IN (SELECT value FROM json_each(?))", toJSON(f.Units))
		}
		if f.State != "" {
			add("l.state = ?", f.State)
		}
		if f.Category != "" {
			add("l.category = ?", f.Category)
		}
		if f.Late {
			add(late, t.now)
		}
		// Text is compared without marks, which SQLite can't: few letters are
		// written a day, so that reading them costs little.
		wanted, code := slides.Fold(f.Search), ""
		if wanted != "" {
			code, _ = letter.CleanCode(f.Search)
		}
		skip := f.Skip
		rows, err := t.query("SELECT "+letterColumns+" FROM letters l WHERE "+where+" ORDER BY l.hour DESC, l.id DESC", args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			l, err := scanLetter(rows.Scan)
			if err != nil {
				return err
			}
			if wanted != "" && !(code != "" && l.Code == code) && !strings.Contains(slides.Fold(l.Text), wanted) {
				continue
			}
			if skip--; skip >= 0 {
				continue
			}
			if len(out) == f.Limit {
				more = true
				break
			}
			out = append(out, l)
		}
		if err := rows.Err(); err != nil {
			return err
		}
		list := make([]*Letter, len(out))
		for i := range out {
			list[i] = &out[i]
		}
		return t.nameUnits(list)
	})
	return out, more, err
}

// LetterCounts counts the letters of units, nil for all.
func (s *Store) LetterCounts(ctx context.Context, units []string) (c LetterCounts, err error) {
	err = s.read(ctx, "store.LetterCounts", func(t *txn) error {
		where, args := "1", []any{t.now}
		if units != nil {
			where, args = "l.unit IN (SELECT value FROM json_each(?))", append(args, toJSON(units))
		}
		return t.row("SELECT ifnull(sum(l.state = 'new'), 0), ifnull(sum(l.state = 'working'), 0), ifnull(sum("+late+"), 0) FROM letters l WHERE "+where, args...).Scan(&c.New, &c.Working, &c.Late)
	})
	return c, err
}

// Letter finds a letter by its id.
func (s *Store) Letter(ctx context.Context, id string) (l Letter, err error) {
	err = s.read(ctx, "store.Letter", func(t *txn) error {
		l, err = t.letter("store.Letter", id)
		return err
	})
	return l, err
}

func (e *LetterEdit) clean(op string) error {
	e.Answer, e.Note = slides.Clean(e.Answer), slides.Clean(e.Note)
	var p slides.Problems
	if !slices.Contains(LetterStates, e.State) {
		p.Add("state", "Trạng thái không hợp lệ.", "There is no such state.")
	}
	if n := utf8.RuneCountInString(e.Answer); n > MaxAnswer {
		p.Add("answer", fmt.Sprintf("Trả lời dài %d ký tự, tối đa %d.", n, MaxAnswer), fmt.Sprintf("The answer has %d characters, at most %d fit.", n, MaxAnswer))
	}
	if n := utf8.RuneCountInString(e.Note); n > MaxLetterNote {
		p.Add("note", fmt.Sprintf("Ghi chú dài %d ký tự, tối đa %d.", n, MaxLetterNote), fmt.Sprintf("The note has %d characters, at most %d fit.", n, MaxLetterNote))
	}
	if e.Shown && e.Answer == "" {
		p.Add("answer", "Chưa có nội dung trả lời để công khai.", "There is no answer yet that could be made public.")
	}
	if e.Shown && e.State != LetterAnswered {
		p.Add("state", `Trả lời được công khai khi trạng thái là "Đã trả lời".`, `An answer is made public with the state "answered".`)
	}
	if e.Due < 0 || e.Due > lastMoment {
		p.Add("due", "Hạn xử lý không hợp lệ.", "The day that it is due is not valid.")
	}
	return p.Err(op)
}

// UpdateLetter keeps what staff decide; base is the version that they saw.
func (s *Store) UpdateLetter(ctx context.Context, a Actor, id string, base int, e LetterEdit) (l Letter, err error) {
	const op = "store.UpdateLetter"
	if err := e.clean(op); err != nil {
		return l, err
	}
	err = s.write(ctx, op, func(t *txn) error {
		old, err := t.letter(op, id)
		if err != nil {
			return err
		}
		if old.Version != base {
			return slides.E(slides.Conflict, op, "Người khác vừa sửa góp ý này; hãy mở lại để xem bản mới nhất.", "Somebody else has changed this letter meanwhile; open it again to see the newest.", nil)
		}
		if l = old; old.LetterEdit == e {
			return nil
		}
		if err := t.exec("UPDATE letters SET state = ?, due = ?, answer = ?, shown = ?, note = ?, version = version + 1, updated = ?, by = ? WHERE id = ?",
			e.State, e.Due, e.Answer, e.Shown, e.Note, t.now, a.User, id); err != nil {
			return err
		}
		// The note may name people and the audit is for ever: it only says that one was written.
		tell := func(e LetterEdit) map[string]any {
			return map[string]any{"state": e.State, "due": e.Due, "answer": e.Answer, "public": e.Shown}
		}
		if err := t.audit(a, "letter.update", "letter:"+id, map[string]any{"code": old.Code, "before": tell(old.LetterEdit), "after": tell(e), "note": old.Note != e.Note}); err != nil {
			return err
		}
		l, err = t.letter(op, id)
		return err
	})
	return l, err
}

// LetterContact opens how a letter's writer may be reached. That it was looked
// at is in the audit before it is returned. Kind NotFound: the writer left none,
// or it was erased.
func (s *Store) LetterContact(ctx context.Context, a Actor, id string) (c letter.Contact, err error) {
	const op = "store.LetterContact"
	err = s.write(ctx, op, func(t *txn) error {
		l, err := t.letter(op, id)
		if err != nil {
			return err
		}
		var body []byte
		err = t.row("SELECT c.body FROM letter_contacts c JOIN letters l ON l.chain = c.chain AND l.seq = c.seq WHERE l.id = ? AND c.body IS NOT NULL", id).Scan(&body)
		if errors.Is(err, sql.ErrNoRows) {
			return notFound(op, "Người gửi không để lại thông tin liên hệ.", "The writer left no contact.")
		}
		if err != nil {
			return err
		}
		if c, err = letter.Unseal(&s.seal.public, &s.seal.private, letter.SealedOf(body)); err != nil {
			return err
		}
		return t.audit(a, "letter.contact", "letter:"+id, map[string]any{"code": l.Code})
	})
	if err != nil {
		return letter.Contact{}, err
	}
	return c, nil
}

// LetterStatus is what the holder of a receipt may see. Two letters that drew
// the same receipt show no answer: it would be the other one's. Kind NotFound
// says in words that a kiosk may still be waiting for the network.
func (s *Store) LetterStatus(ctx context.Context, code string) (st LetterStatus, err error) {
	const op = "store.LetterStatus"
	clean, ok := letter.CleanCode(code)
	if !ok {
		return st, slides.E(slides.Invalid, op, "Mã biên nhận có 10 chữ và số, ví dụ như in trên màn hình; xin xem lại.", "A receipt has 10 letters and digits, as the screen showed it; please check.", nil)
	}
	n := 0
	err = s.read(ctx, op, func(t *txn) error {
		return t.each("SELECT state, hour, CASE WHEN shown THEN answer ELSE '' END FROM letters WHERE code = ? ORDER BY hour", []any{clean}, func(rows *sql.Rows) error {
			n++
			return rows.Scan(&st.State, &st.Hour, &st.Answer)
		})
	})
	switch {
	case err != nil:
		return LetterStatus{}, err
	case n == 0:
		return LetterStatus{}, noReceipt(op)
	case n > 1:
		return LetterStatus{State: LetterWorking}, nil
	}
	return st, nil
}
