package studio

import (
	"encoding/base64"
	"html/template"
	"net/http"
	"strings"
	"time"

	"github.com/skip2/go-qrcode"

	"motcua/server/auth"
	"motcua/server/store"
	"motcua/slides"
)

type accountPage struct {
	Roles    []slides.Text
	Sessions []sessionRow
	Passkeys []store.Passkey
	MayKeys  bool // the browser may use passkeys on this address
	Second   bool // the second step is on
	Left     int  // recovery codes not spent
	SSO      string
	Problems problems
}

// sessionRow is a sign-in as its owner sees it.
type sessionRow struct {
	store.Session
	Device string
	Here   bool
}

// deviceOf says what a browser is, from what it calls itself.
func deviceOf(agent string) string {
	pick := func(names ...string) string {
		for _, n := range names {
			key, name, _ := strings.Cut(n, "=")
			if strings.Contains(agent, key) {
				return name
			}
		}
		return ""
	}
	browser := pick("Edg/=Edge", "CocCoc=Cốc Cốc", "coc_coc=Cốc Cốc", "OPR/=Opera", "Firefox/=Firefox", "Chrome/=Chrome", "Safari/=Safari")
	system := pick("Android=Android", "iPhone=iPhone", "iPad=iPad", "Windows=Windows", "Mac OS X=macOS", "Linux=Linux")
	return strings.Trim(browser+" · "+system, " ·")
}

func (s *server) sessionRows(q *request, user string) ([]sessionRow, error) {
	list, err := s.Store.Sessions(q.r.Context(), user)
	var out []sessionRow
	for _, n := range list {
		row := sessionRow{Session: n, Device: deviceOf(n.Agent), Here: n.Hash == q.session.Hash}
		if row.Device == "" {
			row.Device = q.words.say(q.lang, "account.device")
		}
		out = append(out, row)
	}
	return out, err
}

// roles names grants for people.
func (q *request) roles(grants []store.Grant) (out []slides.Text) {
	for _, g := range grants {
		name := auth.RoleNames[auth.Role(g.Role)]
		if g.Unit != "" {
			name = slides.Vi(name.In(q.lang) + " – " + q.unitName(g.Unit))
		}
		out = append(out, name)
	}
	return out
}

func (q *request) accountForm(status int, p problems) error {
	ctx, u := q.r.Context(), q.session.User
	a := accountPage{Problems: p, Roles: q.roles(u.Grants), MayKeys: auth.PasskeysAt(q.origin()), Second: len(u.TOTP) > 0}
	var err error
	if a.Sessions, err = q.sessionRows(q, u.ID); err != nil {
		return err
	}
	if a.Passkeys, err = q.Store.Passkeys(ctx, u.ID); err != nil {
		return err
	}
	if a.Second {
		if a.Left, err = q.Store.RecoveryLeft(ctx, u.ID); err != nil {
			return err
		}
	}
	if q.OIDC != nil {
		a.SSO = q.OIDC.Name
	}
	return q.render(status, "account", a)
}

func (s *server) account(q *request) error { return q.accountForm(http.StatusOK, nil) }

// changePassword ends every session, this one too: who changes a password
// because it leaked wants just that.
func (s *server) changePassword(q *request) error {
	f := q.r.PostForm
	err := s.Guard.ChangePassword(q.r.Context(), q.session, f.Get("current"), f.Get("password"), f.Get("again"))
	if p, ok := q.problems(err); ok {
		return q.accountForm(http.StatusUnprocessableEntity, p)
	}
	if err != nil {
		return err
	}
	q.setCookie(sessionCookie, "", -time.Second)
	return q.to("/studio/sign-in", "password")
}

func (s *server) signOutEverywhere(q *request) error {
	if err := s.Guard.SignOutEverywhere(q.r.Context(), q.session); err != nil {
		return err
	}
	q.setCookie(sessionCookie, "", -time.Second)
	return q.to("/studio/sign-in", "signed-out-everywhere")
}

// endSession signs out one other browser.
func (s *server) endSession(q *request) error {
	hash := q.r.PostForm.Get("session")
	if hash == "" {
		return slides.E(slides.Invalid, "studio.endSession", q.words.say("vi", "error.form"), q.words.say("en", "error.form"), nil)
	}
	if err := s.Store.RevokeSessions(q.r.Context(), q.session.Actor(), q.session.User.ID, hash); err != nil {
		return err
	}
	return q.to("/studio/account", "session-ended")
}

type totpPage struct {
	QR       template.URL
	Secret   string
	Sealed   string
	Problems problems
}

func (s *server) totpPage(q *request) error {
	address, secret, sealed, err := s.Guard.NewTOTP(q.session)
	if err != nil {
		return err
	}
	return q.totpForm(http.StatusOK, address, secret, sealed, nil)
}

func (q *request) totpForm(status int, address, secret, sealed string, p problems) error {
	png, err := qrcode.Encode(address, qrcode.Medium, -5)
	if err != nil {
		return slides.E(slides.Broken, "studio.totpForm", slides.Sentence(nil, "vi"), slides.Sentence(nil, "en"), err)
	}
	var groups []string
	for i := 0; i < len(secret); i += 4 {
		groups = append(groups, secret[i:min(i+4, len(secret))])
	}
	return q.render(status, "totp", totpPage{
		QR: template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(png)), Secret: strings.Join(groups, " "), Sealed: sealed, Problems: p,
	})
}

// totpOn turns the second step on and shows the recovery codes, once.
func (s *server) totpOn(q *request) error {
	f := q.r.PostForm
	codes, err := s.Guard.ConfirmTOTP(q.r.Context(), q.session, f.Get("sealed"), f.Get("code"))
	if slides.KindOf(err) == slides.Invalid {
		address, secret, err2 := s.Guard.TOTPAddress(q.session, f.Get("sealed"))
		if err2 != nil {
			return err2
		}
		p, _ := q.problems(err)
		return q.totpForm(http.StatusUnprocessableEntity, address, secret, f.Get("sealed"), p)
	}
	if err != nil {
		return err
	}
	return q.render(http.StatusOK, "recovery", codes)
}

func (s *server) totpOff(q *request) error {
	err := s.Guard.DropTOTP(q.r.Context(), q.session, q.r.PostForm.Get("current"))
	if p, ok := q.problems(err); ok {
		return q.accountForm(http.StatusUnprocessableEntity, problems{"totp": p["current"]})
	}
	if err != nil {
		return err
	}
	return q.to("/studio/account", "totp-off")
}
