package studio

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
	"github.com/pquerna/otp/totp"

	"motcua/server/auth"
	"motcua/server/store"
)

// phone is an authenticator app.
func (o *office) phone(secret string, ahead time.Duration) string {
	o.t.Helper()
	code, err := totp.GenerateCode(strings.ReplaceAll(secret, " ", ""), o.store.Now().Time().Add(ahead))
	if err != nil {
		o.t.Fatal(err)
	}
	return code
}

func TestTwoStepSignIn(t *testing.T) {
	o := newOffice(t).enter()
	page := o.get("/studio/account/totp").is(http.StatusOK)
	checkPage(t, page)
	secret := regexp.MustCompile(`<code>([A-Z2-7 ]+)</code>`).FindStringSubmatch(page.body)[1]
	v := page.form("/studio/account/totp", "")
	v.Set("code", "000000")
	again := o.post("/studio/account/totp", v).is(http.StatusUnprocessableEntity).has("Mã không khớp", secret)
	v = again.form("/studio/account/totp", "")
	v.Set("code", o.phone(secret, 0))
	codes := regexp.MustCompile(`<code>([A-Z2-7]{5}-[A-Z2-7]{5})</code>`).FindAllStringSubmatch(o.post("/studio/account/totp", v).is(http.StatusOK).body, -1)
	if len(codes) != 10 {
		t.Fatalf("%d recovery codes", len(codes))
	}
	// The secret is nowhere in plain letters.
	u, err := o.store.UserByLogin(context.Background(), testLogin)
	if err != nil || len(u.TOTP) == 0 || strings.Contains(string(u.TOTP), strings.ReplaceAll(secret, " ", "")) {
		t.Fatalf("%+v %v", u, err)
	}
	o.post("/studio/sign-out", nil)
	half := func() {
		t.Helper()
		o.client = o.browser()
		a := o.signIn(testLogin, testPassword).is(http.StatusSeeOther)
		if to := a.header.Get("Location"); !strings.HasPrefix(to, "/studio/sign-in/code") {
			t.Fatal("not asked for the second step:", to)
		}
		o.get("/studio/kiosks").is(http.StatusSeeOther) // not in yet
		checkPage(t, o.get("/studio/sign-in/code").is(http.StatusOK).has("mã 6 số"))
	}
	code := func(c string) answer {
		return o.post("/studio/sign-in/code", url.Values{"code": {c}, "next": {"/studio/kiosks"}})
	}
	half()
	code("123 456").is(http.StatusUnauthorized).has("Mã không đúng")
	now := o.phone(secret, 0)
	if to := code(now[:3] + " " + now[3:]).is(http.StatusSeeOther).header.Get("Location"); to != "/studio/kiosks" {
		t.Error(to)
	}
	o.get("/studio/kiosks").is(http.StatusOK)
	half()
	code(now).is(http.StatusUnauthorized) // a code serves once
	o.later.Add(60_000)
	code(o.phone(secret, -30*time.Second)).is(http.StatusSeeOther) // a phone that is behind a little
	half()
	code(o.phone(secret, 5*time.Minute)).is(http.StatusUnauthorized)
	code(strings.ToLower(codes[3][1])).is(http.StatusSeeOther)
	o.get("/studio/account").is(http.StatusOK).has("còn 9 mã khôi phục")
	half()
	code(codes[3][1]).is(http.StatusUnauthorized) // spent
	for range auth.FreeTries - 1 {
		code("111111")
	}
	code(o.phone(secret, 0)).is(http.StatusTooManyRequests)
	o.later.Add(auth.MaxWait.Milliseconds())
	code(o.phone(secret, 0)).is(http.StatusUnauthorized) // the step itself has expired
	half()
	code(o.phone(secret, 0)).is(http.StatusSeeOther)
	off := url.Values{"current": {"sai"}}
	o.post("/studio/account/totp/off", off).is(http.StatusUnprocessableEntity).has("Mật khẩu hiện tại không đúng")
	off.Set("current", testPassword)
	o.post("/studio/account/totp/off", off).is(http.StatusSeeOther)
	o.client = o.browser()
	if to := o.signIn(testLogin, testPassword).is(http.StatusSeeOther).header.Get("Location"); to != "/studio/kiosks" {
		t.Error("asked for a second step that is off:", to)
	}
}

// A real browser with a virtual authenticator adds a passkey, and signs in
// with it and no password, under the policy.
func TestPasskeys(t *testing.T) {
	ctx := chromium(t, time.Minute)
	o := newOffice(t).enter()
	base := strings.Replace(o.web.URL, "127.0.0.1", "localhost", 1)
	do := func(steps ...chromedp.Action[chromedp.Void]) {
		t.Helper()
		if err := chromedp.Do(ctx, steps...); err != nil {
			t.Fatal(err)
		}
	}
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1366, 768), chromedp.Navigate(base+"/studio/sign-in")); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, webauthn.Enable, webauthn.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	added, err := chromedp.Call(ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
		Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
		HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
	}})
	if err != nil {
		t.Fatal(err)
	}
	do(
		chromedp.SendKeys(chromedp.CSS("#login"), testLogin), chromedp.SendKeys(chromedp.CSS("#password"), testPassword),
		chromedp.Click(chromedp.CSS(".door button.primary")), chromedp.WaitVisible(chromedp.CSS(".side")),
		chromedp.Navigate(base+"/studio/account"), chromedp.WaitVisible(chromedp.CSS("#passkey-name")),
		chromedp.SendKeys(chromedp.CSS("#passkey-name"), "Máy ở quầy"), chromedp.Click(chromedp.CSS("form[data-passkey] button")),
		chromedp.WaitVisible(chromedp.CSS(".note.good")),
	)
	keys, err := o.store.Passkeys(context.Background(), o.user(testLogin).ID)
	if err != nil || len(keys) != 1 || keys[0].Name != "Máy ở quầy" {
		t.Fatalf("%+v %v", keys, err)
	}
	do(
		chromedp.Click(chromedp.CSS(".side .me form button[class=link]:not([name])")), chromedp.WaitVisible(chromedp.CSS(".door form[data-passkey] button")),
		chromedp.Click(chromedp.CSS(".door form[data-passkey] button")), chromedp.WaitVisible(chromedp.CSS(".side")),
	)
	if keys, err = o.store.Passkeys(context.Background(), o.user(testLogin).ID); err != nil || keys[0].Used == 0 {
		t.Errorf("%+v %v", keys, err)
	}
	// A key that was removed here opens nothing.
	if err := o.store.RemovePasskey(context.Background(), store.Actor{}, keys[0].User, keys[0].ID); err != nil {
		t.Fatal(err)
	}
	do(
		chromedp.Click(chromedp.CSS(".side .me form button[class=link]:not([name])")), chromedp.WaitVisible(chromedp.CSS(".door form[data-passkey] button")),
		chromedp.Click(chromedp.CSS(".door form[data-passkey] button")), chromedp.WaitVisible(chromedp.CSS(".note.bad")),
	)
	// Without user verification the browser's authenticator makes no answer.
	if _, err := chromedp.Call(ctx, webauthn.SetUserVerified, webauthn.SetUserVerifiedParams{AuthenticatorID: added.AuthenticatorID, IsUserVerified: false}); err != nil {
		t.Fatal(err)
	}
	do(chromedp.Click(chromedp.CSS("form[data-passkey] button")), chromedp.WaitVisible(chromedp.CSS("[data-failed]")))
}

func (o *office) user(login string) store.User {
	o.t.Helper()
	u, err := o.store.UserByLogin(context.Background(), login)
	if err != nil {
		o.t.Fatal(err)
	}
	return u
}

// issuer is an OpenID provider: real HTTP, real signatures, PKCE checked.
type issuer struct {
	*httptest.Server
	t   *testing.T
	key *rsa.PrivateKey

	mu     sync.Mutex
	codes  map[string]url.Values // guarded by mu; what the code was given for
	claims map[string]any        // guarded by mu; of whoever comes next
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	i := &issuer{t: t, key: key, codes: map[string]url.Values{}}
	mux := http.NewServeMux()
	i.Server = httptest.NewServer(mux)
	t.Cleanup(i.Close)
	reply := func(w http.ResponseWriter, x any) {
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(x); err != nil {
			t.Error(err)
		}
	}
	b64 := base64.RawURLEncoding.EncodeToString
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, map[string]any{"issuer": i.URL, "authorization_endpoint": i.URL + "/auth", "token_endpoint": i.URL + "/token", "jwks_uri": i.URL + "/keys", "id_token_signing_alg_values_supported": []string{"RS256"}})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, map[string]any{"keys": []any{map[string]any{"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "k1", "n": b64(key.N.Bytes()), "e": b64(big.NewInt(int64(key.E)).Bytes())}}})
	})
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		i.mu.Lock()
		asked, ok := i.codes[r.PostFormValue("code")]
		delete(i.codes, r.PostFormValue("code"))
		claims := map[string]any{"iss": i.URL, "aud": "motcua", "exp": time.Now().Add(time.Hour).Unix(), "iat": time.Now().Unix(), "nonce": asked.Get("nonce")}
		for k, v := range i.claims {
			claims[k] = v
		}
		i.mu.Unlock()
		sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
		if !ok || b64(sum[:]) != asked.Get("code_challenge") || r.PostFormValue("redirect_uri") != asked.Get("redirect_uri") {
			http.Error(w, `{"error":"invalid_grant"}`, http.StatusBadRequest)
			return
		}
		body, err := json.Marshal(claims)
		if err != nil {
			t.Error(err)
		}
		signing := b64([]byte(`{"alg":"RS256","kid":"k1"}`)) + "." + b64(body)
		h := sha256.Sum256([]byte(signing))
		sig, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, h[:])
		if err != nil {
			t.Error(err)
		}
		reply(w, map[string]any{"access_token": "x", "token_type": "Bearer", "id_token": signing + "." + b64(sig)})
	})
	return i
}

// approve is the provider's page after its owner has signed in there: the
// address that it sends the browser back to.
func (i *issuer) approve(address string, claims map[string]any) string {
	u, err := url.Parse(address)
	if err != nil || !strings.HasPrefix(address, i.URL+"/auth?") {
		i.t.Fatal("not the provider:", address)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	code := rand.Text()
	i.codes[code], i.claims = u.Query(), claims
	back, err := url.Parse(u.Query().Get("redirect_uri"))
	if err != nil {
		i.t.Fatal(err)
	}
	return back.Path + "?" + url.Values{"code": {code}, "state": {u.Query().Get("state")}}.Encode()
}

func TestSingleSignOn(t *testing.T) {
	o := newOffice(t).enter()
	admin := o.client
	is := newIssuer(t)
	h, err := New(Deps{Store: o.store, Guard: o.guard, OIDC: &auth.OIDC{Issuer: is.URL, Client: "motcua", Secret: "bí mật", Name: "Cổng cán bộ"}})
	if err != nil {
		t.Fatal(err)
	}
	o.web.Config.Handler = h
	// Somebody with an account here whose login is their address.
	if _, _, err := o.guard.Invite(context.Background(), &auth.Session{}, "binh@langson.gov.vn", "Bình", []store.Grant{{Role: "editor"}}); err != nil {
		t.Fatal(err)
	}
	begin := func() string {
		t.Helper()
		o.client = o.browser()
		o.get("/studio/sign-in").is(http.StatusOK).has("Đăng nhập bằng Cổng cán bộ")
		return o.get("/studio/sign-in/sso?next=/studio/slides").is(http.StatusSeeOther).header.Get("Location")
	}
	binh := map[string]any{"sub": "binh-1", "email": "Binh@langson.gov.vn", "email_verified": true}
	if to := o.get(is.approve(begin(), binh)).is(http.StatusSeeOther).header.Get("Location"); to != "/studio/slides" {
		t.Error(to)
	}
	o.get("/studio/slides").is(http.StatusOK)
	// Linked now: the address may change.
	o.get(is.approve(begin(), map[string]any{"sub": "binh-1", "email": "khac@langson.gov.vn"})).is(http.StatusSeeOther)
	for name, claims := range map[string]map[string]any{
		"nobody here":       {"sub": "la-1", "email": "la@langson.gov.vn", "email_verified": true},
		"address unproved":  {"sub": "la-2", "email": "binh@langson.gov.vn", "email_verified": false},
		"another audience":  {"sub": "binh-1", "aud": "khac"},
		"another issuer":    {"sub": "binh-1", "iss": "https://evil.example"},
		"expired":           {"sub": "binh-1", "exp": time.Now().Add(-time.Hour).Unix()},
		"an older sign-in":  {"sub": "binh-1", "nonce": "cũ"},
		"login is no email": {"sub": "la-3", "email": testLogin, "email_verified": true},
	} {
		a := o.get(is.approve(begin(), claims))
		checkPage(t, a)
		if a.code != http.StatusUnauthorized {
			t.Errorf("%s: %d", name, a.code)
		}
		o.get("/studio/slides").is(http.StatusSeeOther)
	}
	// Another browser's answer, a state that is not ours, and the same answer twice.
	back := is.approve(begin(), binh)
	mine := o.client
	o.client = o.browser()
	o.get(back).is(http.StatusUnauthorized)
	o.client = mine
	o.get(strings.Replace(back, "state=", "state=x", 1)).is(http.StatusUnauthorized)
	o.get(back).is(http.StatusUnauthorized)
	// The administrator links an account; a barred one stays out.
	o.client = admin
	to := o.get("/studio/account/link").is(http.StatusSeeOther).header.Get("Location")
	o.get(is.approve(to, map[string]any{"sub": "mai-1"})).is(http.StatusSeeOther)
	o.get(is.approve(begin(), map[string]any{"sub": "mai-1"})).is(http.StatusSeeOther)
	o.get("/studio/account").is(http.StatusOK).has("Nông Thị Mai")
	if err := o.store.DisableUser(context.Background(), store.Actor{}, o.user("binh@langson.gov.vn").ID, true); err != nil {
		t.Fatal(err)
	}
	o.get(is.approve(begin(), binh)).is(http.StatusUnauthorized).has("đã bị khóa")
}

// An issuer that is away keeps nobody from signing in with a password.
func TestSingleSignOnAway(t *testing.T) {
	o := newOffice(t).enter()
	h, err := New(Deps{Store: o.store, Guard: o.guard, OIDC: &auth.OIDC{Issuer: "http://127.0.0.1:1", Client: "motcua", Name: "Cổng cán bộ"}})
	if err != nil {
		t.Fatal(err)
	}
	o.web.Config.Handler = h
	o.client = o.browser()
	o.get("/studio/sign-in/sso").is(http.StatusInternalServerError).has("hãy thử lại hoặc đăng nhập bằng mật khẩu")
	o.signIn(testLogin, testPassword).is(http.StatusSeeOther)
}
