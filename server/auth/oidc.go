package auth

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"motcua/server/store"
	"motcua/slides"
)

// OIDC signs people in by an identity provider (OpenID Connect, authorization
// code with PKCE). It gives no roles: an account must be there, by invitation;
// the first sign-in links it by a verified e-mail address that is its login
// name, or its owner links it from the account page.
type OIDC struct {
	Issuer, Client, Secret string
	Name                   string // what the button says
	HTTP                   *http.Client

	mu       sync.Mutex
	provider *oidc.Provider // guarded by mu; nil until the issuer answered once
}

const stepOIDC = "oidc"

// oidcStep is what must be the same when the browser comes back.
type oidcStep struct {
	State, Nonce, Verifier, Next string
}

func (o *OIDC) context(ctx context.Context) context.Context {
	c := o.HTTP
	if c == nil {
		c = &http.Client{Timeout: 10 * time.Second}
	}
	return oidc.ClientContext(ctx, c)
}

// discover asks the issuer for its addresses, once. The server starts without
// it: an issuer that is away must not keep kiosks off.
func (o *OIDC) discover(ctx context.Context) (*oidc.Provider, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.provider != nil {
		return o.provider, nil
	}
	// The provider keeps its context for fetching keys later.
	p, err := oidc.NewProvider(o.context(context.WithoutCancel(ctx)), o.Issuer)
	if err != nil {
		return nil, slides.E(slides.Broken, "auth.OIDC", "Không liên lạc được với hệ thống đăng nhập một lần; hãy thử lại hoặc đăng nhập bằng mật khẩu.",
			"The identity provider can't be reached; try again or sign in with the password.", err)
	}
	o.provider = p
	return p, nil
}

func (o *OIDC) config(p *oidc.Provider, redirect string) oauth2.Config {
	return oauth2.Config{ClientID: o.Client, ClientSecret: o.Secret, Endpoint: p.Endpoint(), RedirectURL: redirect, Scopes: []string{oidc.ScopeOpenID, "email", "profile"}}
}

// BeginOIDC is the provider's address to go to, and the token of the step.
// user is who links their account, "" for a sign-in; next is where to go after it.
func (g *Guard) BeginOIDC(ctx context.Context, o *OIDC, redirect, user, next string) (address, step string, err error) {
	p, err := o.discover(ctx)
	if err != nil {
		return "", "", err
	}
	n := oidcStep{State: NewToken(), Nonce: NewToken(), Verifier: oauth2.GenerateVerifier(), Next: next}
	if step, err = g.keepStep(ctx, stepOIDC, user, n); err != nil {
		return "", "", err
	}
	c := o.config(p, redirect)
	return c.AuthCodeURL(n.State, oidc.Nonce(n.Nonce), oauth2.S256ChallengeOption(n.Verifier)), step, nil
}

// FinishOIDC takes the browser back from the provider. Granted is nil where an
// account was linked and nobody signed in. Kind Denied with a sentence for the person.
func (g *Guard) FinishOIDC(ctx context.Context, o *OIDC, redirect, step, state, code string, s *Session, a Attempt) (got *Granted, next string, err error) {
	const op = "auth.FinishOIDC"
	denied := func(vi, en string, cause error) (*Granted, string, error) {
		return nil, "", slides.E(slides.Denied, op, vi, en, cause)
	}
	var n oidcStep
	kept, err := g.takeStep(ctx, step, stepOIDC, &n)
	if err != nil {
		return nil, "", err
	}
	again := []string{"Đăng nhập một lần không thành công; hãy thử lại.", "The single sign-on failed; try again."}
	if state == "" || state != n.State || code == "" {
		return denied(again[0], again[1], nil)
	}
	p, err := o.discover(ctx)
	if err != nil {
		return nil, "", err
	}
	c := o.config(p, redirect)
	token, err := c.Exchange(o.context(ctx), code, oauth2.VerifierOption(n.Verifier))
	if err != nil {
		return denied(again[0], again[1], err)
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := p.VerifierContext(o.context(ctx), &oidc.Config{ClientID: o.Client, Now: func() time.Time { return g.store.Now().Time() }}).Verify(o.context(ctx), raw)
	if err != nil || id.Nonce != n.Nonce {
		return denied(again[0], again[1], err)
	}
	if kept.User != "" {
		if s == nil || s.User.ID != kept.User {
			return denied("Phiên đăng nhập đã đổi; hãy liên kết lại.", "The session has changed; link again.", nil)
		}
		return nil, n.Next, g.store.LinkIdentity(ctx, s.Actor(), id.Issuer, id.Subject, s.User.ID)
	}
	u, err := g.store.UserByIdentity(ctx, id.Issuer, id.Subject)
	if slides.KindOf(err) == slides.NotFound {
		u, err = g.byEmail(ctx, id, a)
	}
	switch slides.KindOf(err) {
	case "":
	case slides.NotFound:
		return denied("Tài khoản này chưa được cấp quyền ở Một Cửa; hãy xin quản trị viên một lời mời.", "This account has no place in Một Cửa; ask the administrator for an invitation.", err)
	default:
		return nil, "", err
	}
	if u.Disabled {
		return denied("Tài khoản của bạn đã bị khóa; hãy hỏi quản trị viên.", "Your account is barred; ask the administrator.", nil)
	}
	a.Login = u.Login
	got, err = g.open(ctx, u, a)
	return got, n.Next, err
}

// byEmail links an account at its first sign-in: the login name is an e-mail
// address that the provider has verified.
func (g *Guard) byEmail(ctx context.Context, id *oidc.IDToken, a Attempt) (store.User, error) {
	none := slides.E(slides.NotFound, "auth.byEmail", "Không có tài khoản.", "There is no account.", nil)
	var claims struct {
		Email    string `json:"email"`
		Verified bool   `json:"email_verified"`
	}
	if err := id.Claims(&claims); err != nil || !claims.Verified || !strings.Contains(claims.Email, "@") {
		return store.User{}, none
	}
	u, err := g.store.UserByLogin(ctx, CleanLogin(claims.Email))
	if err != nil {
		return u, err
	}
	return u, g.store.LinkIdentity(ctx, store.Actor{User: u.ID, Name: u.Name, Addr: a.Addr}, id.Issuer, id.Subject, u.ID)
}
