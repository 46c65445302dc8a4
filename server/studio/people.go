package studio

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"motcua/server/auth"
	"motcua/slides"
)

func (s *server) toStudio(q *request) error { return q.to("/studio/", "") }

// setLanguage keeps the language of the pages for a year and goes back.
func (s *server) setLanguage(q *request) error {
	lang := q.r.PostForm.Get("language")
	if !slices.Contains(languages, lang) {
		return slides.E(slides.Invalid, "studio.setLanguage", q.words.say("vi", "error.language"), q.words.say("en", "error.language"), nil)
	}
	q.setCookie(languageCookie, lang, 365*24*time.Hour)
	return q.to(local(q.r.PostForm.Get("back")), "")
}

// local is a path of the studio, or its home: never an address elsewhere.
func local(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(u.Path, "/studio/") || strings.ContainsAny(to, "\\\r\n") {
		return "/studio/"
	}
	u.Path = "/" + strings.TrimLeft(u.Path, "/")
	return u.String()
}

type signInForm struct {
	Login, Next, Problem string
	Keys                 bool   // passkeys work on this address
	SSO                  string // what the identity provider is called, "" without
}

func (s *server) signInPage(q *request) error {
	next := local(q.r.URL.Query().Get("next"))
	if q.session != nil {
		return q.to(next, "")
	}
	return q.signInForm(http.StatusOK, signInForm{Next: next})
}

func (q *request) signInForm(status int, f signInForm) error {
	f.Keys = auth.PasskeysAt(q.origin())
	if q.OIDC != nil {
		f.SSO = q.OIDC.Name
	}
	return q.render(status, "sign-in", f)
}

func (s *server) signIn(q *request) error {
	f := q.r.PostForm
	g, err := s.Guard.SignIn(q.r.Context(), auth.Attempt{
		Login: f.Get("login"), Password: f.Get("password"), Addr: q.addr(), Agent: q.r.UserAgent(), Device: q.device(),
	})
	switch kind := slides.KindOf(err); kind {
	case "":
		return q.enter(g, local(f.Get("next")))
	case slides.Denied, slides.Throttled:
		status := http.StatusUnauthorized
		if kind == slides.Throttled {
			status = http.StatusTooManyRequests
		}
		login := slides.Clean(f.Get("login"))
		if len(login) > 200 {
			login = ""
		}
		return q.signInForm(status, signInForm{Login: login, Next: local(f.Get("next")), Problem: slides.Sentence(err, q.lang)})
	default:
		return err
	}
}

// admit sets the cookies of a fresh sign-in.
func (q *request) admit(g *auth.Granted) {
	q.setCookie(sessionCookie, g.Token, auth.AbsoluteLife)
	q.setCookie(deviceCookie, g.Device, 365*24*time.Hour)
}

func (q *request) device() string {
	if c, err := q.r.Cookie(q.cookie(deviceCookie)); err == nil {
		return c.Value
	}
	return ""
}

func (s *server) signOut(q *request) error {
	if c, err := q.r.Cookie(q.cookie(sessionCookie)); err == nil {
		if err := s.Guard.SignOut(q.r.Context(), c.Value); err != nil {
			return err
		}
	}
	q.setCookie(sessionCookie, "", -time.Second)
	return q.to("/studio/sign-in", "signed-out")
}

type setupForm struct {
	Token, Login, Name string
	Problems           problems
}

func (s *server) setupPage(q *request) error {
	token := q.r.URL.Query().Get("token")
	if err := s.Guard.CheckSetup(q.r.Context(), token); err != nil {
		return err
	}
	return q.render(http.StatusOK, "setup", setupForm{Token: token})
}

func (s *server) setup(q *request) error {
	f := q.r.PostForm
	g, err := s.Guard.Setup(q.r.Context(), f.Get("token"), f.Get("name"), f.Get("again"), auth.Attempt{
		Login: f.Get("login"), Password: f.Get("password"), Addr: q.addr(), Agent: q.r.UserAgent(),
	})
	if p, ok := q.problems(err); ok {
		return q.render(http.StatusUnprocessableEntity, "setup", setupForm{
			Token: f.Get("token"), Login: short(f.Get("login")), Name: short(f.Get("name")), Problems: p,
		})
	}
	if err != nil {
		return err
	}
	q.admit(g)
	return q.to("/studio/", "welcome")
}

// problems are the sentences of a form by the path of their field.
type problems map[string]string

// At is the sentence at a field, "" without.
func (p problems) At(path string) string { return p[path] }

// problems reads the fields' sentences out of an Invalid error. The sentence at
// "" is the one of the whole form.
func (q *request) problems(err error) (problems, bool) {
	switch slides.KindOf(err) {
	case slides.Invalid, slides.Conflict, slides.TooLarge, slides.NotFound: // a form may name what is gone
	default:
		return nil, false
	}
	p := problems{}
	for _, x := range listed(err) {
		text := x.Vi
		if q.lang == "en" && x.En != "" {
			text = x.En
		}
		if p[x.Path] != "" {
			text = p[x.Path] + " " + text
		}
		p[x.Path] = text
	}
	if len(p) == 0 {
		p[""] = slides.Sentence(err, q.lang)
	}
	return p, true
}

// short bounds what a form shows again of a field.
func short(s string) string {
	s = slides.Clean(s)
	if r := []rune(s); len(r) > 200 {
		return string(r[:200])
	}
	return s
}
