package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"motcua/slides"
)

// InviteUser adds somebody who chooses a password by a link whose token's hash
// is given, or renews the link of u.ID; older links of theirs end.
func (s *Store) InviteUser(ctx context.Context, a Actor, u User, hash string, life time.Duration) (User, error) {
	const op = "store.InviteUser"
	err := s.write(ctx, op, func(t *txn) error {
		if u.ID == "" {
			u.Invited, u.Hash = true, ""
			if err := t.createUser(op, a, &u); err != nil {
				return err
			}
		} else {
			old, err := t.user(op, "id = ?", u.ID)
			if err != nil {
				return err
			}
			u = old
		}
		if err := t.exec("DELETE FROM invites WHERE user = ?", u.ID); err != nil {
			return err
		}
		if err := t.exec("INSERT INTO invites (hash, user, by, created, expires) VALUES (?, ?, ?, ?, ?)", hash, u.ID, a.User, t.now, t.now+slides.Millis(life.Milliseconds())); err != nil {
			return err
		}
		return t.audit(a, "user.invite", "user:"+u.ID, nil)
	})
	return u, err
}

// UserInvite finds whose link it is; kind Denied when it is unknown, used or expired.
func (s *Store) UserInvite(ctx context.Context, hash string) (i UserInvite, err error) {
	err = s.read(ctx, "store.UserInvite", func(t *txn) error {
		i, err = t.userInvite("store.UserInvite", hash)
		return err
	})
	return i, err
}

func (t *txn) userInvite(op, hash string) (i UserInvite, err error) {
	var user string
	err = t.row("SELECT user, by, expires FROM invites WHERE hash = ? AND used = 0 AND expires > ?", hash, t.now).Scan(&user, &i.By, &i.Expires)
	if err == nil {
		i.User, err = t.user(op, "disabled = 0 AND id = ?", user)
	}
	if errors.Is(err, sql.ErrNoRows) || slides.KindOf(err) == slides.NotFound {
		return i, slides.E(slides.Denied, op, "Đường dẫn này không đúng, đã dùng hoặc đã hết hạn; hãy xin quản trị viên một đường dẫn mới.",
			"This link is wrong, used or expired; ask the administrator for a new one.", nil)
	}
	return i, err
}

// UseUserInvite sets the password that the link is for, once, and ends the sessions.
func (s *Store) UseUserInvite(ctx context.Context, hash, password, addr string) (u User, err error) {
	const op = "store.UseUserInvite"
	err = s.write(ctx, op, func(t *txn) error {
		i, err := t.userInvite(op, hash)
		if err != nil {
			return err
		}
		u = i.User
		if err := t.exec("UPDATE invites SET used = ? WHERE hash = ?", t.now, hash); err != nil {
			return err
		}
		if err := t.setPassword(u.ID, password); err != nil {
			return err
		}
		return t.audit(Actor{User: u.ID, Name: u.Name, Addr: addr}, "user.password", "user:"+u.ID, nil)
	})
	return u, err
}

// Sessions lists a user's live sessions, the one seen last first.
func (s *Store) Sessions(ctx context.Context, user string) (out []Session, err error) {
	err = s.read(ctx, "store.Sessions", func(t *txn) error {
		return t.each("SELECT hash, user, created, seen, expires, addr, agent FROM sessions WHERE user = ? AND expires > ? ORDER BY seen DESC, hash", []any{user, t.now}, func(rows *sql.Rows) error {
			var n Session
			err := rows.Scan(&n.Hash, &n.User, &n.Created, &n.Seen, &n.Expires, &n.Addr, &n.Agent)
			out = append(out, n)
			return err
		})
	})
	return out, err
}

// RevokeSessions ends a user's sessions: the one of hash, or with "" all.
func (s *Store) RevokeSessions(ctx context.Context, a Actor, user, hash string) error {
	return s.onUser(ctx, "store.RevokeSessions", a, "user.sign-out", user, nil, func(t *txn) error {
		return t.exec("DELETE FROM sessions WHERE user = ?1 AND (?2 = '' OR hash = ?2)", user, hash)
	})
}

// SetTOTP gives a user a sealed secret and the hashes of recovery codes, or
// with nothing takes them away.
func (s *Store) SetTOTP(ctx context.Context, a Actor, user string, sealed []byte, codes []string) error {
	verb := "user.totp-on"
	if len(sealed) == 0 {
		verb, sealed = "user.totp-off", []byte{}
	}
	return s.onUser(ctx, "store.SetTOTP", a, verb, user, nil, func(t *txn) error {
		if err := t.exec("UPDATE users SET totp = ?, totp_step = 0 WHERE id = ?", sealed, user); err != nil {
			return err
		}
		if err := t.exec("DELETE FROM recovery_codes WHERE user = ?", user); err != nil {
			return err
		}
		for _, c := range codes {
			if err := t.exec("INSERT INTO recovery_codes (user, hash) VALUES (?, ?)", user, c); err != nil {
				return err
			}
		}
		return nil
	})
}

// UseTOTP notes that the code of a step was used; false when that step, or a
// later one, was used before.
func (s *Store) UseTOTP(ctx context.Context, user string, step int64) (fresh bool, err error) {
	err = s.write(ctx, "store.UseTOTP", func(t *txn) error {
		n, err := t.affect("UPDATE users SET totp_step = ? WHERE id = ? AND totp_step < ?", step, user, step)
		fresh = n > 0
		return err
	})
	return fresh, err
}

// UseRecovery spends a recovery code; false when it is unknown or spent.
func (s *Store) UseRecovery(ctx context.Context, a Actor, user, hash string) (ok bool, err error) {
	err = s.write(ctx, "store.UseRecovery", func(t *txn) error {
		n, err := t.affect("UPDATE recovery_codes SET used = ? WHERE user = ? AND hash = ? AND used = 0", t.now, user, hash)
		if ok = n > 0; err != nil || !ok {
			return err
		}
		return t.audit(a, "user.recovery", "user:"+user, nil)
	})
	return ok, err
}

// RecoveryLeft counts a user's recovery codes that are not spent.
func (s *Store) RecoveryLeft(ctx context.Context, user string) (n int, err error) {
	err = s.read(ctx, "store.RecoveryLeft", func(t *txn) error {
		return t.row("SELECT count(*) FROM recovery_codes WHERE user = ? AND used = 0", user).Scan(&n)
	})
	return n, err
}

// maxPasskeys bounds the passkeys of one user: phone, laptop, desk and a few more.
const maxPasskeys = 20

// AddPasskey keeps a new passkey.
func (s *Store) AddPasskey(ctx context.Context, a Actor, k Passkey) error {
	const op = "store.AddPasskey"
	k.Name = clip(k.Name, 60)
	return s.onUser(ctx, op, a, "user.passkey-on", k.User, k.Name, func(t *txn) error {
		var n int
		if err := t.row("SELECT count(*) FROM passkeys WHERE user = ?", k.User).Scan(&n); err != nil {
			return err
		}
		if n >= maxPasskeys {
			return slides.E(slides.Invalid, op, fmt.Sprintf("Tối đa %d khóa; hãy xóa khóa không dùng nữa.", maxPasskeys), fmt.Sprintf("At most %d passkeys; remove one that is not in use.", maxPasskeys), nil)
		}
		n64, err := t.affect("INSERT INTO passkeys (id, user, name, credential, created) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", k.ID, k.User, k.Name, string(k.Credential), t.now)
		if err == nil && n64 == 0 {
			err = slides.E(slides.Conflict, op, "Khóa này đã được đăng ký.", "This passkey is registered already.", nil)
		}
		return err
	})
}

// Passkeys lists a user's passkeys, oldest first.
func (s *Store) Passkeys(ctx context.Context, user string) ([]Passkey, error) {
	return s.passkeys(ctx, "store.Passkeys", "user = ?", user)
}

// Passkey finds one by its id.
func (s *Store) Passkey(ctx context.Context, id string) (Passkey, error) {
	list, err := s.passkeys(ctx, "store.Passkey", "id = ?", id)
	if err == nil && len(list) == 0 {
		err = notFound("store.Passkey", "Không có khóa này.", "There is no such passkey.")
	}
	if err != nil {
		return Passkey{}, err
	}
	return list[0], nil
}

func (s *Store) passkeys(ctx context.Context, op, where, arg string) (out []Passkey, err error) {
	err = s.read(ctx, op, func(t *txn) error {
		return t.each("SELECT id, user, name, credential, created, used FROM passkeys WHERE "+where+" ORDER BY created, id", []any{arg}, func(rows *sql.Rows) error {
			var k Passkey
			var credential string
			err := rows.Scan(&k.ID, &k.User, &k.Name, &credential, &k.Created, &k.Used)
			k.Credential = []byte(credential)
			out = append(out, k)
			return err
		})
	})
	return out, err
}

// PasskeyUsed keeps a passkey's state after it opened the account: its counter
// tells a copied key from the true one.
func (s *Store) PasskeyUsed(ctx context.Context, k Passkey) error {
	return s.write(ctx, "store.PasskeyUsed", func(t *txn) error {
		return t.exec("UPDATE passkeys SET credential = ?, used = ? WHERE id = ?", string(k.Credential), t.now, k.ID)
	})
}

// RemovePasskey takes a user's passkey away.
func (s *Store) RemovePasskey(ctx context.Context, a Actor, user, id string) error {
	return s.onUser(ctx, "store.RemovePasskey", a, "user.passkey-off", user, nil, func(t *txn) error {
		return t.exec("DELETE FROM passkeys WHERE user = ? AND id = ?", user, id)
	})
}

// KeepStep remembers a sign-in half way.
func (s *Store) KeepStep(ctx context.Context, n Step) error {
	return s.write(ctx, "store.KeepStep", func(t *txn) error {
		return t.exec("INSERT INTO sign_in_steps VALUES (?, ?, ?, ?, ?)", n.Hash, n.Kind, n.User, string(n.Body), n.Expires)
	})
}

// Step finds a step of a kind; take also ends it, so that it serves once. Kind
// Denied when there is none (any more).
func (s *Store) Step(ctx context.Context, hash, kind string, take bool) (n Step, err error) {
	const op = "store.Step"
	f := func(t *txn) error {
		var body string
		err := t.row("SELECT hash, kind, user, body, expires FROM sign_in_steps WHERE hash = ? AND kind = ? AND expires > ?", hash, kind, t.now).Scan(&n.Hash, &n.Kind, &n.User, &body, &n.Expires)
		n.Body = []byte(body)
		if errors.Is(err, sql.ErrNoRows) {
			return slides.E(slides.Denied, op, "Bước đăng nhập này đã hết hạn; hãy bắt đầu lại.", "This step of signing in has expired; begin again.", nil)
		}
		if err != nil || !take {
			return err
		}
		return t.exec("DELETE FROM sign_in_steps WHERE hash = ?", hash)
	}
	if take {
		return n, s.write(ctx, op, f)
	}
	return n, s.read(ctx, op, f)
}

// UserByIdentity finds who an account elsewhere opens; NotFound when nobody.
func (s *Store) UserByIdentity(ctx context.Context, issuer, subject string) (u User, err error) {
	const op = "store.UserByIdentity"
	err = s.read(ctx, op, func(t *txn) error {
		var id string
		err := t.row("SELECT user FROM identities WHERE issuer = ? AND subject = ?", issuer, subject).Scan(&id)
		if errors.Is(err, sql.ErrNoRows) {
			return notFound(op, "Tài khoản này chưa được liên kết.", "This account is not linked.")
		}
		if err != nil {
			return err
		}
		u, err = t.user(op, "id = ?", id)
		return err
	})
	return u, err
}

// LinkIdentity lets an account elsewhere open a user's account.
func (s *Store) LinkIdentity(ctx context.Context, a Actor, issuer, subject, user string) error {
	return s.onUser(ctx, "store.LinkIdentity", a, "user.link", user, issuer, func(t *txn) error {
		return t.exec("INSERT INTO identities VALUES (?, ?, ?, ?) ON CONFLICT (issuer, subject) DO UPDATE SET user = excluded.user", issuer, subject, user, t.now)
	})
}
