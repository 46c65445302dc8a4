package studio

import (
	"net/http"
	"time"

	"motcua/server/auth"
	"motcua/slides"
)

// stepCookie holds the token of a sign-in half way, for auth.StepLife.
const stepCookie = "motcua_step"

func (q *request) step() string {
	if c, err := q.r.Cookie(q.cookie(stepCookie)); err == nil {
		return c.Value
	}
	return ""
}

func (q *request) attempt() auth.Attempt {
	return auth.Attempt{Addr: q.addr(), Agent: q.r.UserAgent(), Device: q.device()}
}

// origin is how browsers name this site: scheme, host and port.
func (q *request) origin() string {
	if q.Public != "" {
		return q.Public
	}
	scheme := "http"
	if q.secure() {
		scheme = "https"
	}
	return scheme + "://" + q.r.Host
}

// enter answers a sign-in that went well, or sends on to its second step.
func (q *request) enter(g *auth.Granted, next string) error {
	if g.Step != "" {
		q.setCookie(stepCookie, g.Step, auth.StepLife)
		return q.to("/studio/sign-in/code?next="+escape(next), "")
	}
	q.setCookie(stepCookie, "", -time.Second)
	q.admit(g)
	return q.to(next, "")
}

type codePage struct {
	Next, Problem string
}

func (s *server) codePage(q *request) error {
	if q.step() == "" {
		return q.to("/studio/sign-in", "")
	}
	return q.render(http.StatusOK, "code", codePage{Next: local(q.r.URL.Query().Get("next"))})
}

func (s *server) code(q *request) error {
	f := q.r.PostForm
	next := local(f.Get("next"))
	g, err := s.Guard.SecondStep(q.r.Context(), q.step(), f.Get("code"), q.attempt())
	if err != nil {
		return q.refuseSignIn(err, func(status int, sentence string) error {
			return q.render(status, "code", codePage{Next: next, Problem: sentence})
		})
	}
	return q.enter(g, next)
}

// refuseSignIn shows again what asked, with the reason; other errors pass.
func (q *request) refuseSignIn(err error, show func(status int, sentence string) error) error {
	switch slides.KindOf(err) {
	case slides.Denied, slides.Invalid:
		return show(http.StatusUnauthorized, slides.Sentence(err, q.lang))
	case slides.Throttled:
		return show(http.StatusTooManyRequests, slides.Sentence(err, q.lang))
	}
	return err
}

type joinPage struct {
	Token, Login, Name string
	Problems           problems
}

// joinPage is where an invitation's link leads.
func (s *server) joinPage(q *request) error {
	return q.join(http.StatusOK, q.r.URL.Query().Get("token"), nil)
}

func (q *request) join(status int, token string, p problems) error {
	i, err := q.Guard.CheckInvite(q.r.Context(), token)
	if err != nil {
		return err
	}
	return q.render(status, "join", joinPage{Token: token, Login: i.User.Login, Name: i.User.Name, Problems: p})
}

func (s *server) join(q *request) error {
	f := q.r.PostForm
	a := q.attempt()
	a.Password = f.Get("password")
	g, err := s.Guard.Join(q.r.Context(), f.Get("token"), f.Get("again"), a)
	if slides.KindOf(err) == slides.Invalid {
		p, _ := q.problems(err)
		return q.join(http.StatusUnprocessableEntity, f.Get("token"), p)
	}
	if err != nil {
		return err
	}
	return q.enter(g, "/studio/?done=welcome")
}
