package store

import (
	"context"
	"database/sql"
	"errors"
	"time"
	"unicode/utf8"

	"motcua/slides"
	"motcua/slides/survey"
	"motcua/slides/wire"
)

// InviteLife is how long an invitation to rate waits for its kiosk: the citizen
// is at the desk now, or has gone.
const InviteLife = 30 * time.Second

// maxTicket bounds a queue's number, in characters.
const maxTicket = 12

// Invite asks the citizen at a counter's kiosk to rate. Kinds: Invalid, a value
// that can't be or that nobody knows; Conflict, the kiosk is not in counter mode or not online, so
// that whoever asks knows at once. An older invitation that was not answered
// gives way.
func (s *Store) Invite(ctx context.Context, a Actor, kiosk string, v wire.Invitation) (c wire.Command, err error) {
	const op = "store.Invite"
	v.Ticket = slides.Clean(v.Ticket)
	var p slides.Problems
	if utf8.RuneCountInString(v.Ticket) > maxTicket {
		p.Add("ticket", "Số thứ tự dài quá 12 ký tự.", "The ticket has more than 12 characters.")
	}
	if v.Procedure != "" && !survey.ValidCode(v.Procedure) {
		p.Add("procedure", "Mã thủ tục không hợp lệ.", "The procedure's code is not valid.")
	}
	if v.Officer != "" && !slides.ValidID(v.Officer) {
		p.Add("officer", "Mã cán bộ không hợp lệ.", "The officer's id is not valid.")
	}
	if err := p.Err(op); err != nil {
		return c, err
	}
	err = s.write(ctx, op, func(t *txn) error {
		k, err := t.kiosk(op, kiosk)
		if err != nil {
			return err
		}
		if !k.Terminal.AtDesk {
			return slides.E(slides.Conflict, op, "Ki-ốt này không ở chế độ quầy.", "This kiosk is not in counter mode.", nil)
		}
		var one int
		err = t.row("SELECT 1 FROM leases WHERE kiosk = ? AND expires > ?", kiosk, t.now).Scan(&one)
		if errors.Is(err, sql.ErrNoRows) {
			return slides.E(slides.Conflict, op, "Ki-ốt đang mất kết nối; công dân vẫn có thể chạm màn hình để đánh giá.", "The kiosk is offline; citizens can still touch the screen to rate.", nil)
		}
		if err != nil {
			return err
		}
		if v.Procedure != "" { // an office without a catalogue has nothing to hold it against
			unknown, err := t.fresher("SELECT 1 FROM items WHERE type = ?1 AND id = ?2 AND live > 0 UNION ALL SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM items WHERE type = ?1 AND live > 0) LIMIT 1", ProcedureItem, ProcedureID(v.Procedure))
			if err != nil {
				return err
			}
			if unknown {
				return invalid(op, "procedure", "Không có thủ tục này trong danh mục.", "The catalogue has no such procedure.")
			}
		}
		if v.Officer != "" {
			unknown, err := t.fresher("SELECT 1 FROM officers WHERE id = ? AND closed = 0", v.Officer)
			if err != nil {
				return err
			}
			if unknown {
				return invalid(op, "officer", "Không có cán bộ này.", "There is no such officer.")
			}
		}
		if err := t.exec("UPDATE commands SET expires = ?1, args = '' WHERE kiosk = ?2 AND verb = ?3 AND done = 0 AND expires > ?1", t.now, kiosk, wire.Invite); err != nil {
			return err
		}
		// Not in the audit: it comes for every citizen.
		if c, err = t.addCommand(op, a, wire.Command{Kiosk: kiosk, Verb: wire.Invite, Invitation: v}, "", InviteLife); err != nil {
			return err
		}
		return t.answer(a, c)
	})
	return c, err
}
