package auth

import (
	"context"
	"strings"

	"motcua/server/store"
	"motcua/slides"
)

// NewSetup makes the one-time token of the first start, replacing older ones;
// "" when there is a user already.
func (g *Guard) NewSetup(ctx context.Context) (string, error) {
	if has, err := g.store.HasUsers(ctx); err != nil || has {
		return "", err
	}
	token := NewToken()
	return token, g.store.CreateSetupToken(ctx, Digest(token), SetupLife)
}

// CheckSetup says by kind Denied that the token does not serve (any more).
func (g *Guard) CheckSetup(ctx context.Context, token string) error {
	d := Digest(token)
	if d == "" {
		return slides.E(slides.Denied, "auth.CheckSetup", "Liên kết thiết lập không hợp lệ.", "The set-up link is not valid.", nil)
	}
	return g.store.CheckSetupToken(ctx, d)
}

// Setup makes the first user, an administrator, and signs them in. Kinds:
// Invalid with problems at "login", "name", "password", "again"; Denied.
func (g *Guard) Setup(ctx context.Context, token, name, again string, a Attempt) (*Granted, error) {
	if err := g.CheckSetup(ctx, token); err != nil {
		return nil, err
	}
	login, name := CleanLogin(a.Login), slides.Clean(name)
	var p slides.Problems
	CheckLogin(login, &p, "login")
	checkName(name, &p)
	checkNew(login, a.Password, again, &p)
	if err := p.Err("auth.Setup"); err != nil {
		return nil, err
	}
	phc, err := g.hasher.Hash(ctx, a.Password)
	if err != nil {
		return nil, err
	}
	u, err := g.store.UseSetupToken(ctx, Digest(token), store.User{Login: login, Name: name, Hash: phc})
	if err != nil {
		return nil, err
	}
	a.Login = login
	return g.open(ctx, u, a)
}

// CleanLogin is a login name as it is kept: stored form, lower case.
func CleanLogin(s string) string { return strings.ToLower(slides.Clean(clip(s, 200))) }

// CheckLogin reports what is wrong with a login name.
func CheckLogin(login string, p *slides.Problems, path string) {
	ok := len(login) >= 3 && len(login) <= 40
	for _, r := range login {
		ok = ok && (r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || strings.ContainsRune("._-@", r))
	}
	if !ok {
		p.Add(path, "Tên đăng nhập dài 3 đến 40 ký tự, chỉ gồm chữ không dấu, số và . _ - @.",
			"An account's name has 3 to 40 characters: plain letters, digits and . _ - @.")
	}
}
