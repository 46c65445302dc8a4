package auth

import (
	"context"
	"time"

	"motcua/server/store"
	"motcua/slides"
)

// InviteLife is how long an invitation works: a week with a weekend in it.
const InviteLife = 7 * 24 * time.Hour

// Invite makes an account for somebody and the token of the link by which they
// choose a password. Kind Invalid with problems at "login" and "name".
func (g *Guard) Invite(ctx context.Context, s *Session, login, name string, grants []store.Grant) (store.User, string, error) {
	login, name = CleanLogin(login), slides.Clean(name)
	var p slides.Problems
	CheckLogin(login, &p, "login")
	checkName(name, &p)
	if err := p.Err("auth.Invite"); err != nil {
		return store.User{}, "", err
	}
	token := NewToken()
	u, err := g.store.InviteUser(ctx, s.Actor(), store.User{Login: login, Name: name, Grants: grants}, Digest(token), InviteLife)
	return u, token, err
}

// InviteAgain makes a new link for somebody who has an account: a password
// forgotten, or a link that came too late. Older links of theirs end.
func (g *Guard) InviteAgain(ctx context.Context, s *Session, user string) (token string, err error) {
	token = NewToken()
	_, err = g.store.InviteUser(ctx, s.Actor(), store.User{ID: user}, Digest(token), InviteLife)
	return token, err
}

// CheckInvite finds whose link it is; kind Denied when it does not serve.
func (g *Guard) CheckInvite(ctx context.Context, token string) (store.UserInvite, error) {
	d := Digest(token)
	if d == "" {
		return store.UserInvite{}, slides.E(slides.Denied, "auth.CheckInvite", "Đường dẫn này không hợp lệ.", "This link is not valid.", nil)
	}
	return g.store.UserInvite(ctx, d)
}

// Join sets the password that an invitation is for and signs in. It does not
// lift a second step. Kinds: Invalid with problems at "password" and "again", Denied.
func (g *Guard) Join(ctx context.Context, token, again string, a Attempt) (*Granted, error) {
	i, err := g.CheckInvite(ctx, token)
	if err != nil {
		return nil, err
	}
	var p slides.Problems
	checkNew(i.User.Login, a.Password, again, &p)
	if err := p.Err("auth.Join"); err != nil {
		return nil, err
	}
	phc, err := g.hasher.Hash(ctx, a.Password)
	if err != nil {
		return nil, err
	}
	u, err := g.store.UseUserInvite(ctx, Digest(token), phc, a.Addr)
	if err != nil {
		return nil, err
	}
	a.Login = u.Login
	return g.pass(ctx, u, a)
}

func checkName(name string, p *slides.Problems) {
	if n := len([]rune(name)); n == 0 || n > 80 {
		p.Add("name", "Hãy ghi họ tên, tối đa 80 ký tự.", "Write the name, at most 80 characters.")
	}
}
