package auth

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"motcua/server/store"
	"motcua/slides"
)

// Guard signs people in and out against the store. Static after construction
// but for what it says, and safe for concurrent use.
type Guard struct {
	store   *store.Store
	hasher  *Hasher
	device  []byte // key of device cookies and recovery codes, derived from the server's
	sealing []byte // key of sealed secrets, likewise
	log     *slog.Logger

	mu    sync.Mutex
	tries map[string]int // guarded by mu; sign-ins under way, by address or known browser
}

// NewGuard makes a Guard; a nil hasher takes DefaultParams, a nil log discards.
func NewGuard(s *store.Store, h *Hasher, log *slog.Logger) (*Guard, error) {
	if h == nil {
		h = NewHasher(DefaultParams)
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	key, err := hkdf.Key(sha256.New, s.ServerKey().Seed(), nil, "motcua/auth/device/1", 32)
	if err != nil {
		return nil, slides.E(slides.Broken, "auth.NewGuard", "Không tạo được khóa đăng nhập.", "The sign-in key can't be derived.", err)
	}
	sealing, err := hkdf.Key(sha256.New, s.ServerKey().Seed(), nil, "motcua/auth/totp/1", 32)
	if err != nil {
		return nil, slides.E(slides.Broken, "auth.NewGuard", "Không tạo được khóa đăng nhập.", "The sign-in key can't be derived.", err)
	}
	return &Guard{store: s, hasher: h, device: key, sealing: sealing, log: log, tries: map[string]int{}}, nil
}

// Attempt is one try to sign in.
type Attempt struct {
	Login, Password string
	Addr            string // "ip:port" or "ip" of the client
	Agent           string
	Device          string // the device cookie, "" without
}

// Granted is a fresh sign-in: tokens for the cookies and what to say of them.
// With Step it is half way: nobody is signed in before the second step.
type Granted struct {
	User    store.User
	Step    string
	Token   string
	Device  string
	Expires time.Time
}

// Session is somebody signed in.
type Session struct {
	store.Session
	User store.User
}

// May says whether the session has the right in any unit; a nil session has
// Anyone only.
func (s *Session) May(r Right) bool { return s.Reach(r, nil).Anywhere() }

// Reach is where the session has the right in a tree of units, child to parent.
func (s *Session) Reach(r Right, parents map[string]string) Reach {
	if s == nil {
		if r == Anyone {
			return Reach{everywhere: true}
		}
		return Reach{}
	}
	return NewReach(r, s.User.Grants, parents)
}

// Actor is the session's person for the audit.
func (s *Session) Actor() store.Actor {
	return store.Actor{User: s.User.ID, Name: s.User.Name, Addr: s.Addr}
}

func wrong() error {
	return slides.E(slides.Denied, "auth.SignIn", "Tên đăng nhập hoặc mật khẩu không đúng.", "The account or password is wrong.", nil)
}

// SignIn checks a name and a password. Kinds: Denied (one sentence for every
// reason), Throttled (says how long to wait).
func (g *Guard) SignIn(ctx context.Context, a Attempt) (*Granted, error) {
	if len(a.Login) > 200 || len(a.Password) > 4*MaxPassword {
		return nil, wrong()
	}
	who, free := AccountKey(a.Login), FreeTries
	from := AddressKey(a.Addr)
	place := from
	if d, ok := g.readDevice(a.Device, a.Login); ok {
		// Its own brake is enough: a stranger on the office's network, or behind
		// the same proxy, must not keep the staff out by spending the address's tries.
		who = DeviceKey(d)
		place = who
	} else if err := g.brake(ctx, from, FreeTriesAddress); err != nil {
		return nil, err
	}
	done, ok := g.enter(place)
	if !ok {
		return nil, slides.E(slides.Throttled, "auth.SignIn", "Đang có quá nhiều lượt đăng nhập cùng lúc từ nơi này; hãy thử lại sau vài giây.",
			"Too many sign-ins at once come from here; try again in a few seconds.", nil)
	}
	defer done()
	// The try is counted before the slow hash and taken back after a success:
	// else a hundred tries at once would all count as the first.
	if err := g.spend(ctx, who, free); err != nil {
		return nil, err
	}
	u, err := g.store.UserByLogin(ctx, CleanLogin(a.Login))
	if err != nil && slides.KindOf(err) != slides.NotFound {
		return nil, err
	}
	known := err == nil
	ok, rehash, err := g.hasher.Verify(ctx, u.Hash, a.Password)
	if err != nil {
		return nil, err
	}
	actor := store.Actor{Addr: a.Addr}
	if !ok || u.Disabled {
		if _, err := g.store.Failed(ctx, from, ForgetAfter); err != nil {
			return nil, err
		}
		if known { // of unknown names nothing is kept: people type passwords there
			if err := g.store.AddAudit(ctx, actor, "sign-in.refused", "user:"+u.ID, nil); err != nil {
				return nil, err
			}
		}
		return nil, wrong()
	}
	if err := g.store.Forgive(ctx, who); err != nil {
		return nil, err
	}
	if rehash {
		g.rehash(ctx, u, a.Password)
	}
	return g.pass(ctx, u, a)
}

func (g *Guard) rehash(ctx context.Context, u store.User, password string) {
	phc, err := g.hasher.Hash(ctx, password)
	if err == nil {
		// It ends other sessions too; that happens once, after an upgrade.
		err = g.store.SetPassword(ctx, store.Actor{}, u.ID, phc)
	}
	if err != nil { // the old hash still opens: only the log need know
		g.log.Warn("rehash of a password", "user", u.ID, "err", err)
	}
}

func (g *Guard) open(ctx context.Context, u store.User, a Attempt) (*Granted, error) {
	token := NewToken()
	now := g.store.Now()
	s := store.Session{
		Hash: Digest(token), User: u.ID, Created: now, Seen: now,
		Expires: now + slides.Millis(AbsoluteLife.Milliseconds()), Addr: a.Addr, Agent: clip(a.Agent, 200),
	}
	if err := g.store.CreateSession(ctx, s); err != nil {
		return nil, err
	}
	actor := store.Actor{User: u.ID, Name: u.Name, Addr: a.Addr}
	if err := g.store.AddAudit(ctx, actor, "sign-in", "user:"+u.ID, nil); err != nil {
		return nil, err
	}
	return &Granted{User: u, Token: token, Device: g.newDevice(a.Login), Expires: s.Expires.Time()}, nil
}

// enter takes one of the places that an address, or a known browser, has for
// sign-ins under way. The
// brake counts an address's tries when their slow hash is done: without places,
// a thousand at once with invented names would keep everybody else waiting.
func (g *Guard) enter(key string) (done func(), ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.tries[key] >= TriesAtOnce {
		return nil, false
	}
	g.tries[key]++
	return func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		if g.tries[key]--; g.tries[key] == 0 {
			delete(g.tries, key)
		}
	}, true
}

// brake refuses while the wait of key's failures lasts.
func (g *Guard) brake(ctx context.Context, key string, free int) error {
	_, err := g.waiting(ctx, key, free)
	return err
}

func (g *Guard) waiting(ctx context.Context, key string, free int) (store.Throttle, error) {
	t, err := g.store.Failures(ctx, key, ForgetAfter)
	if err != nil {
		return t, err
	}
	left := t.Last.Time().Add(Wait(t.Failures, free)).Sub(g.store.Now().Time())
	if w := Wait(t.Failures, free); w > 0 && left > 0 {
		return t, waitError(min(left, w)) // a clock set back must not stretch the wait
	}
	return t, nil
}

// spend counts one try under key, or refuses it.
func (g *Guard) spend(ctx context.Context, key string, free int) error {
	before, err := g.waiting(ctx, key, free)
	if err != nil {
		return err
	}
	after, err := g.store.Failed(ctx, key, ForgetAfter)
	if err != nil {
		return err
	}
	// Somebody else spent the same try at the same time.
	if w := Wait(after.Failures-1, free); w > 0 && after.Failures > before.Failures+1 {
		return waitError(w)
	}
	return nil
}

// Session finds who holds the token. Kind Denied: nobody, or not any more.
func (g *Guard) Session(ctx context.Context, token string) (*Session, error) {
	gone := slides.E(slides.Denied, "auth.Session", "Phiên đăng nhập đã hết; hãy đăng nhập lại.", "The session has ended; sign in again.", nil)
	d := Digest(token)
	if d == "" {
		return nil, gone
	}
	s, u, err := g.store.Session(ctx, d)
	switch slides.KindOf(err) {
	case "":
	case slides.NotFound, slides.Denied:
		return nil, gone
	default:
		return nil, err
	}
	now := g.store.Now()
	if u.Disabled || now >= s.Expires || now-s.Seen >= slides.Millis(IdleLife.Milliseconds()) {
		if err := g.store.EndSession(ctx, d); err != nil {
			return nil, err
		}
		return nil, gone
	}
	return &Session{Session: s, User: u}, nil
}

// SignOut ends the session of the token.
func (g *Guard) SignOut(ctx context.Context, token string) error {
	if d := Digest(token); d != "" {
		return g.store.EndSession(ctx, d)
	}
	return nil
}

// SignOutEverywhere ends every session of the person.
func (g *Guard) SignOutEverywhere(ctx context.Context, s *Session) error {
	return g.store.RevokeSessions(ctx, s.Actor(), s.User.ID, "")
}

// ChangePassword sets a person's own password, which ends all their sessions.
// Kinds: Invalid with problems at "current" and "password", Throttled.
func (g *Guard) ChangePassword(ctx context.Context, s *Session, current, password, again string) error {
	const op = "auth.ChangePassword"
	if err := g.confirm(ctx, s, current, op); err != nil {
		return err
	}
	var p slides.Problems
	checkNew(s.User.Login, password, again, &p)
	if password == current {
		p.Add("password", "Mật khẩu mới phải khác mật khẩu hiện tại.", "The new password must differ from the current one.")
	}
	if err := p.Err(op); err != nil {
		return err
	}
	phc, err := g.hasher.Hash(ctx, password)
	if err != nil {
		return err
	}
	return g.store.SetPassword(ctx, s.Actor(), s.User.ID, phc)
}

// confirm asks once more for the password of who is signed in. Kinds: Invalid
// with a problem at "current", Throttled.
func (g *Guard) confirm(ctx context.Context, s *Session, current, op string) error {
	// A stolen open session must not be a way round the brake.
	key := AccountKey(s.User.Login)
	if err := g.spend(ctx, key, FreeTries); err != nil {
		return err
	}
	ok, _, err := g.hasher.Verify(ctx, s.User.Hash, clip(current, 4*MaxPassword))
	if err != nil {
		return err
	}
	if !ok {
		var p slides.Problems
		p.Add("current", "Mật khẩu hiện tại không đúng.", "The current password is wrong.")
		return p.Err(op)
	}
	return g.store.Forgive(ctx, key)
}

func checkNew(login, password, again string, p *slides.Problems) {
	CheckPassword(login, password, p, "password")
	if again != password {
		p.Add("again", "Hai lần nhập mật khẩu không giống nhau.", "The two passwords differ.")
	}
}

func clip(s string, n int) string {
	if len(s) > n {
		return strings.ToValidUTF8(s[:n], "")
	}
	return s
}

// span writes a wait in words.
func span(d time.Duration) (vi, en string) {
	if s := int(d.Seconds()); s < 60 {
		return fmt.Sprintf("%d giây", s), fmt.Sprintf("%d seconds", s)
	}
	m := int((d + time.Minute - 1) / time.Minute)
	en = "minutes"
	if m == 1 {
		en = "minute"
	}
	return fmt.Sprintf("%d phút", m), fmt.Sprintf("%d %s", m, en)
}
