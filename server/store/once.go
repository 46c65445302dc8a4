package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"motcua/slides"
)

// Once makes a change happen at most once, however often it is asked for: what
// it answered is kept under Token and Key, in the change's own transaction.
type Once struct {
	Token string // id of the token that asks
	Key   string // the caller's name of the call
	Print string // of what is asked: another one under the same key is an error
	// Answer makes the answer that is kept of what the change returns.
	Answer func(result any) (status int, body []byte, err error)
}

// keepAnswers is how long a call may be sent again: a night and the day after it.
const keepAnswers = 48 * time.Hour

// answer keeps what a change returned. It is the last step of each change that
// other systems may ask for. Two of one key at a time: the later one fails and
// nothing of it stays.
func (t *txn) answer(a Actor, result any) error {
	if a.Once == nil {
		return nil
	}
	o := a.Once
	status, body, err := o.Answer(result)
	if err != nil {
		return err
	}
	n, err := t.affect("INSERT INTO api_answers VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", o.Token, o.Key, o.Print, status, body, t.now)
	if err == nil && n == 0 {
		return slides.E(slides.Conflict, "store.answer", "Lời gọi với Idempotency-Key này đã được thực hiện.", "The call with this Idempotency-Key was carried out already.", nil)
	}
	return err
}

// Answered is what the call of o answered when it was carried out before; ok is
// false where it was not. Kind Invalid: the key was used for something else.
func (s *Store) Answered(ctx context.Context, o *Once) (status int, body []byte, ok bool, err error) {
	const op = "store.Answered"
	err = s.read(ctx, op, func(t *txn) error {
		var print string
		err := t.row("SELECT print, status, body FROM api_answers WHERE token = ? AND key = ?", o.Token, o.Key).Scan(&print, &status, &body)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err == nil && print != o.Print {
			return slides.E(slides.Invalid, op, "Idempotency-Key này đã dùng cho một yêu cầu khác; mỗi yêu cầu cần một khóa riêng.", "This Idempotency-Key was used for another request; each request needs its own.", nil)
		}
		ok = err == nil
		return err
	})
	return status, body, ok, err
}
