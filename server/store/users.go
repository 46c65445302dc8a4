package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"motcua/slides"
)

// HasUsers says whether the first user exists.
func (s *Store) HasUsers(ctx context.Context) (yes bool, err error) {
	err = s.read(ctx, "store.HasUsers", func(t *txn) error {
		return t.row("SELECT EXISTS (SELECT 1 FROM users)").Scan(&yes)
	})
	return yes, err
}

// CreateSetupToken keeps the hash of the one-time set-up link, replacing older ones.
func (s *Store) CreateSetupToken(ctx context.Context, hash string, life time.Duration) error {
	return s.write(ctx, "store.CreateSetupToken", func(t *txn) error {
		if err := t.exec("DELETE FROM setup_tokens WHERE used = 0"); err != nil {
			return err
		}
		return t.exec("INSERT INTO setup_tokens (hash, created, expires) VALUES (?, ?, ?)", hash, t.now, t.now+slides.Millis(life.Milliseconds()))
	})
}

// CheckSetupToken says by kind Denied that the link is unknown, used or expired.
func (s *Store) CheckSetupToken(ctx context.Context, hash string) error {
	return s.read(ctx, "store.CheckSetupToken", func(t *txn) error { return t.setupToken("store.CheckSetupToken", hash) })
}

func (t *txn) setupToken(op, hash string) error {
	var used, expires slides.Millis
	err := t.row("SELECT used, expires FROM setup_tokens WHERE hash = ?", hash).Scan(&used, &expires)
	switch {
	case err != nil && !errors.Is(err, sql.ErrNoRows):
		return err
	case err != nil || used != 0 || expires <= t.now:
		return slides.E(slides.Denied, op, "Đường dẫn thiết lập không đúng, đã dùng hoặc đã hết hạn; khởi động lại máy chủ để có đường dẫn mới.",
			"The set-up link is wrong, used or expired; restart the server for a new one.", nil)
	}
	return nil
}

// UseSetupToken makes the first user, an admin, once.
func (s *Store) UseSetupToken(ctx context.Context, hash string, u User) (User, error) {
	const op = "store.UseSetupToken"
	err := s.write(ctx, op, func(t *txn) error {
		if err := t.setupToken(op, hash); err != nil {
			return err
		}
		if err := t.exec("UPDATE setup_tokens SET used = ? WHERE hash = ?", t.now, hash); err != nil {
			return err
		}
		u.Grants = []Grant{{Role: RoleAdmin}}
		return t.createUser(op, Actor{}, &u)
	})
	return u, err
}

// CreateUser adds a user with u.Grants; ID is made.
func (s *Store) CreateUser(ctx context.Context, a Actor, u User) (User, error) {
	const op = "store.CreateUser"
	err := s.write(ctx, op, func(t *txn) error { return t.createUser(op, a, &u) })
	return u, err
}

func (t *txn) createUser(op string, a Actor, u *User) error {
	u.Login, u.Name = strings.ToLower(slides.Clean(u.Login)), slides.Clean(u.Name)
	var p slides.Problems
	if n := utf8.RuneCountInString(u.Login); n < 2 || n > 64 || strings.ContainsAny(u.Login, " \n") {
		p.Add("login", "Tên đăng nhập dài 2–64 ký tự, không có dấu cách.", "The login name has 2 to 64 characters and no blanks.")
	}
	if n := utf8.RuneCountInString(u.Name); n == 0 || n > maxName {
		p.Add("name", "Họ tên dài 1–100 ký tự.", "The name has 1 to 100 characters.")
	}
	if u.Hash == "" && !u.Invited {
		p.Add("password", "Thiếu mật khẩu.", "The password is missing.")
	}
	if err := p.Err(op); err != nil {
		return err
	}
	u.ID, u.Created = randomID("u"), t.now
	n, err := t.affect("INSERT INTO users (id, login, name, hash, created) VALUES (?, ?, ?, ?, ?) ON CONFLICT (login) DO NOTHING", u.ID, u.Login, u.Name, u.Hash, t.now)
	if err != nil {
		return err
	}
	if n == 0 {
		return slides.E(slides.Conflict, op, fmt.Sprintf("Đã có người dùng %q; chọn tên đăng nhập khác.", u.Login), fmt.Sprintf("There is a user %q already; choose another login name.", u.Login), nil)
	}
	if err := t.setGrants(op, u.ID, u.Grants); err != nil {
		return err
	}
	return t.audit(a, "user.create", "user:"+u.ID, map[string]any{"login": u.Login, "name": u.Name, "grants": u.Grants})
}

func (t *txn) setGrants(op, id string, grants []Grant) error {
	if err := t.exec("DELETE FROM grants WHERE user = ?", id); err != nil {
		return err
	}
	for _, g := range grants {
		var known bool
		if err := t.row("SELECT EXISTS (SELECT 1 FROM roles WHERE id = ?1) AND (?2 = '' OR EXISTS (SELECT 1 FROM units WHERE id = ?2))", g.Role, g.Unit).Scan(&known); err != nil {
			return err
		}
		if !known {
			return invalid(op, "grants", fmt.Sprintf("Không có vai trò %q hoặc đơn vị %q.", g.Role, g.Unit), fmt.Sprintf("There is no role %q or no unit %q.", g.Role, g.Unit))
		}
		if err := t.exec("INSERT INTO grants VALUES (?, ?, ?) ON CONFLICT DO NOTHING", id, g.Role, g.Unit); err != nil {
			return err
		}
	}
	return nil
}

const userColumns = "id, login, name, hash, disabled, created, totp, totp_step, (SELECT count(*) FROM passkeys WHERE user = users.id)"

func (t *txn) users(op, where string, args ...any) (out []User, err error) {
	err = t.each("SELECT "+userColumns+" FROM users WHERE "+where+" ORDER BY login", args, func(rows *sql.Rows) error {
		var u User
		err := rows.Scan(&u.ID, &u.Login, &u.Name, &u.Hash, &u.Disabled, &u.Created, &u.TOTP, &u.TOTPStep, &u.Passkeys)
		u.Invited = u.Hash == ""
		out = append(out, u)
		return err
	})
	for i := range out {
		if err == nil {
			err = t.each("SELECT role, unit FROM grants WHERE user = ?", []any{out[i].ID}, func(rows *sql.Rows) error {
				var g Grant
				err := rows.Scan(&g.Role, &g.Unit)
				out[i].Grants = append(out[i].Grants, g)
				return err
			})
		}
	}
	return out, err
}

func (t *txn) user(op, where, arg string) (User, error) {
	list, err := t.users(op, where, arg)
	if err != nil {
		return User{}, err
	}
	if len(list) == 0 {
		return User{}, notFound(op, "Không có người dùng này.", "There is no such user.")
	}
	return list[0], nil
}

// Users lists users with their grants.
func (s *Store) Users(ctx context.Context) (out []User, err error) {
	err = s.read(ctx, "store.Users", func(t *txn) error {
		out, err = t.users("store.Users", "1")
		return err
	})
	return out, err
}

// User finds a user.
func (s *Store) User(ctx context.Context, id string) (u User, err error) {
	err = s.read(ctx, "store.User", func(t *txn) error {
		u, err = t.user("store.User", "id = ?", id)
		return err
	})
	return u, err
}

// UserByLogin finds a user by login name.
func (s *Store) UserByLogin(ctx context.Context, login string) (u User, err error) {
	err = s.read(ctx, "store.UserByLogin", func(t *txn) error {
		u, err = t.user("store.UserByLogin", "login = ?", strings.ToLower(slides.Clean(login)))
		return err
	})
	return u, err
}

// onUser changes one user and writes the audit.
func (s *Store) onUser(ctx context.Context, op string, a Actor, verb, id string, detail any, f func(*txn) error) error {
	return s.write(ctx, op, func(t *txn) error {
		if _, err := t.user(op, "id = ?", id); err != nil {
			return err
		}
		if err := f(t); err != nil {
			return err
		}
		return t.audit(a, verb, "user:"+id, detail)
	})
}

// SetPassword changes the password and ends all the user's sessions.
func (s *Store) SetPassword(ctx context.Context, a Actor, id, hash string) error {
	return s.onUser(ctx, "store.SetPassword", a, "user.password", id, nil, func(t *txn) error { return t.setPassword(id, hash) })
}

func (t *txn) setPassword(id, hash string) error {
	if err := t.exec("UPDATE users SET hash = ? WHERE id = ?", hash, id); err != nil {
		return err
	}
	return t.exec("DELETE FROM sessions WHERE user = ?", id)
}

// DisableUser bars or lets in a user; barring ends the sessions.
func (s *Store) DisableUser(ctx context.Context, a Actor, id string, disabled bool) error {
	const op = "store.DisableUser"
	return s.onUser(ctx, op, a, "user.disable", id, disabled, func(t *txn) error {
		if err := t.exec("UPDATE users SET disabled = ? WHERE id = ?", disabled, id); err != nil {
			return err
		}
		if !disabled {
			return nil
		}
		if err := t.exec("DELETE FROM sessions WHERE user = ?", id); err != nil {
			return err
		}
		return t.someoneRules(op)
	})
}

// SetGrants replaces a user's roles.
func (s *Store) SetGrants(ctx context.Context, a Actor, id string, grants []Grant) error {
	const op = "store.SetGrants"
	return s.write(ctx, op, func(t *txn) error {
		u, err := t.user(op, "id = ?", id)
		if err != nil {
			return err
		}
		if err := t.setGrants(op, id, grants); err != nil {
			return err
		}
		if err := t.someoneRules(op); err != nil {
			return err
		}
		return t.audit(a, "user.grants", "user:"+id, change(map[string]any{"grants": u.Grants}, map[string]any{"grants": grants}))
	})
}

// someoneRules refuses to leave the office without an administrator who can sign in.
func (t *txn) someoneRules(op string) error {
	var any bool
	if err := t.row("SELECT EXISTS (SELECT 1 FROM grants g JOIN users u ON u.id = g.user WHERE g.role = ? AND g.unit = '' AND u.disabled = 0 AND u.hash <> '')", RoleAdmin).Scan(&any); err != nil {
		return err
	}
	if !any {
		return slides.E(slides.Conflict, op, "Phải còn ít nhất một quản trị viên toàn hệ thống đăng nhập được; hãy giao vai trò này cho người khác trước.",
			"At least one administrator of everything must remain; give somebody else that role first.", nil)
	}
	return nil
}

// CreateSession keeps a sign-in.
func (s *Store) CreateSession(ctx context.Context, n Session) error {
	return s.write(ctx, "store.CreateSession", func(t *txn) error {
		return t.exec("INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?)", n.Hash, n.User, t.now, t.now, n.Expires, clip(n.Addr, 100), clip(n.Agent, 300))
	})
}

// seenEvery keeps a page view from being a write.
const seenEvery = slides.Millis(time.Minute / time.Millisecond)

// Session finds a live session and its user, and notes that it was seen (once a minute).
func (s *Store) Session(ctx context.Context, hash string) (n Session, u User, err error) {
	const op = "store.Session"
	var now slides.Millis
	err = s.read(ctx, op, func(t *txn) error {
		now = t.now
		n.Hash = hash
		err := t.row("SELECT user, created, seen, expires, addr, agent FROM sessions WHERE hash = ? AND expires > ?", hash, t.now).
			Scan(&n.User, &n.Created, &n.Seen, &n.Expires, &n.Addr, &n.Agent)
		if errors.Is(err, sql.ErrNoRows) {
			return slides.E(slides.Denied, op, "Phiên đăng nhập đã hết; hãy đăng nhập lại.", "The session has ended; sign in again.", nil)
		}
		if err != nil {
			return err
		}
		u, err = t.user(op, "disabled = 0 AND id = ?", n.User)
		return err
	})
	if err == nil && now-n.Seen >= seenEvery {
		err = s.submit(ctx, op, func(t *gtx) error {
			return t.run("UPDATE sessions SET seen = ? WHERE hash = ?", int64(t.now), hash)
		})
	}
	return n, u, err
}

// EndSession signs out.
func (s *Store) EndSession(ctx context.Context, hash string) error {
	return s.write(ctx, "store.EndSession", func(t *txn) error { return t.exec("DELETE FROM sessions WHERE hash = ?", hash) })
}

// Failures counts failures under key within window.
func (s *Store) Failures(ctx context.Context, key string, window time.Duration) (th Throttle, err error) {
	err = s.read(ctx, "store.Failures", func(t *txn) error {
		th, err = t.failures(key, window)
		return err
	})
	return th, err
}

func (t *txn) failures(key string, window time.Duration) (th Throttle, err error) {
	err = t.row("SELECT count(*), ifnull(min(at), 0), ifnull(max(at), 0) FROM failures WHERE key = ? AND at > ?", key, t.now-slides.Millis(window.Milliseconds())).
		Scan(&th.Failures, &th.First, &th.Last)
	return th, err
}

// Failed adds a failure under key and counts.
func (s *Store) Failed(ctx context.Context, key string, window time.Duration) (th Throttle, err error) {
	err = s.write(ctx, "store.Failed", func(t *txn) error {
		th, err = t.failed(key, window)
		return err
	})
	return th, err
}

func (t *txn) failed(key string, window time.Duration) (Throttle, error) {
	key = clip(key, 200)
	if err := t.exec("DELETE FROM failures WHERE key = ? AND at <= ?", key, t.now-slides.Millis(window.Milliseconds())); err != nil {
		return Throttle{}, err
	}
	if err := t.exec("INSERT INTO failures (key, at) VALUES (?, ?)", key, t.now); err != nil {
		return Throttle{}, err
	}
	return t.failures(key, window)
}

// Forgive forgets the failures under key.
func (s *Store) Forgive(ctx context.Context, key string) error {
	return s.write(ctx, "store.Forgive", func(t *txn) error { return t.exec("DELETE FROM failures WHERE key = ?", clip(key, 200)) })
}

// clip cuts what others send to n bytes of whole runes.
func clip(s string, n int) string {
	s = slides.Clean(s)
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
