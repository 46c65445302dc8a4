package studio

import (
	"net/http"

	"motcua/server/auth"
	"motcua/slides"
)

// json answers a script. The body is JSON already.
func (q *request) json(b []byte) error {
	q.w.Header().Set("Content-Type", "application/json")
	q.wrote = true
	_, err := q.w.Write(b)
	return err
}

// passkeyBegin gives the browser what it needs to sign in with a passkey.
func (s *server) passkeyBegin(q *request) error {
	options, step, err := s.Guard.BeginPasskeySignIn(q.r.Context(), q.origin(), q.addr())
	if err != nil {
		return err
	}
	q.setCookie(stepCookie, step, auth.StepLife)
	return q.json(options)
}

func (s *server) passkeySignIn(q *request) error {
	f := q.r.PostForm
	g, err := s.Guard.FinishPasskeySignIn(q.r.Context(), q.origin(), q.step(), []byte(f.Get("response")), q.attempt())
	if err != nil {
		return q.refuseSignIn(err, func(status int, sentence string) error {
			return q.signInForm(status, signInForm{Next: local(f.Get("next")), Problem: sentence})
		})
	}
	return q.enter(g, local(f.Get("next")))
}

// passkeyNew gives the browser what it needs to make a passkey for who is signed in.
func (s *server) passkeyNew(q *request) error {
	options, step, err := s.Guard.BeginPasskey(q.r.Context(), q.origin(), q.session)
	if err != nil {
		return err
	}
	q.setCookie(stepCookie, step, auth.StepLife)
	return q.json(options)
}

func (s *server) passkeyAdd(q *request) error {
	f := q.r.PostForm
	err := s.Guard.FinishPasskey(q.r.Context(), q.origin(), q.session, q.step(), short(f.Get("name")), []byte(f.Get("response")))
	switch slides.KindOf(err) {
	case "":
		return q.to("/studio/account", "passkey-added")
	case slides.Invalid, slides.Denied, slides.Conflict:
		return q.accountForm(http.StatusUnprocessableEntity, problems{"passkey": slides.Sentence(err, q.lang)})
	}
	return err
}

func (s *server) passkeyRemove(q *request) error {
	if err := s.Store.RemovePasskey(q.r.Context(), q.session.Actor(), q.session.User.ID, q.r.PostForm.Get("passkey")); err != nil {
		return err
	}
	return q.to("/studio/account", "passkey-removed")
}

// oidcRedirect is where the identity provider sends browsers back to.
func (q *request) oidcRedirect() string { return q.origin() + "/studio/sign-in/sso/return" }

func (s *server) oidcBegin(q *request) error { return q.oidcGo("", local(q.r.URL.Query().Get("next"))) }

// oidcLink links the account of who is signed in with one elsewhere.
func (s *server) oidcLink(q *request) error {
	return q.oidcGo(q.session.User.ID, "/studio/account?done=linked")
}

func (q *request) oidcGo(user, next string) error {
	if q.OIDC == nil {
		return slides.E(slides.NotFound, "studio.oidc", q.words.say("vi", "error.notfound"), q.words.say("en", "error.notfound"), nil)
	}
	to, step, err := q.Guard.BeginOIDC(q.r.Context(), q.OIDC, q.oidcRedirect(), user, next)
	if err != nil {
		return err
	}
	q.setCookie(stepCookie, step, auth.StepLife)
	http.Redirect(q.w, q.r, to, http.StatusSeeOther)
	return nil
}

func (s *server) oidcReturn(q *request) error {
	if q.OIDC == nil {
		return q.oidcGo("", "")
	}
	u := q.r.URL.Query()
	g, next, err := s.Guard.FinishOIDC(q.r.Context(), q.OIDC, q.oidcRedirect(), q.step(), u.Get("state"), u.Get("code"), q.session, q.attempt())
	if err != nil {
		return q.refuseSignIn(err, func(status int, sentence string) error {
			return q.signInForm(status, signInForm{Next: "/studio/", Problem: sentence})
		})
	}
	if g == nil {
		return q.to(next, "")
	}
	return q.enter(g, local(next))
}
