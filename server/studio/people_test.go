package studio

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"motcua/server/auth"
	"motcua/server/store"
)

func TestSetupOnce(t *testing.T) {
	o := newOffice(t)
	token, err := o.guard.NewSetup(context.Background())
	if err != nil || token == "" {
		t.Fatal(err)
	}
	o.get("/studio/setup?token=" + token).is(http.StatusOK).has("Tạo tài khoản đầu tiên")
	o.get("/studio/setup?token=x").is(http.StatusForbidden)
	o.get("/studio/setup?token=" + auth.NewToken()).is(http.StatusForbidden)
	good := url.Values{"token": {token}, "login": {testLogin}, "name": {"Mai"}, "password": {testPassword}, "again": {testPassword}}
	for name, c := range map[string]struct{ field, value, says string }{
		"short password": {"password", "ngắn", "ít nhất 12 ký tự"},
		"its own name":   {"password", "Quantri1Quantri1", "không được là tên đăng nhập"},
		"a keyboard row": {"password", "qwertyuiop123456", "quá dễ đoán"},
		"not the same":   {"again", "khác", "không giống nhau"},
		"login":          {"login", "tên có dấu", "chữ không dấu"},
		"no name":        {"name", "\u200b", "họ tên"},
		"long name":      {"name", strings.Repeat("x", 10_000), "tối đa 80"},
	} {
		t.Run(name, func(t *testing.T) {
			v := url.Values{}
			for k, x := range good {
				v[k] = x
			}
			v.Set(c.field, c.value)
			a := o.post("/studio/setup", v).is(http.StatusUnprocessableEntity).has(c.says)
			checkPage(t, a)
			a.hasNot(testPassword)
		})
	}
	if has, err := o.store.HasUsers(context.Background()); has || err != nil {
		t.Fatal("a refused form made a user", err)
	}
	o.post("/studio/setup", good).is(http.StatusSeeOther)
	o.get("/studio/?done=welcome").is(http.StatusOK).has("Chào mừng", "Mai")
	o.client = o.browser()
	good.Set("login", "second")
	o.post("/studio/setup", good).is(http.StatusForbidden)
	o.get("/studio/setup?token=" + token).is(http.StatusForbidden)
	if again, err := o.guard.NewSetup(context.Background()); again != "" || err != nil {
		t.Error("a second set-up link", err)
	}
}

func TestSetupLinkExpires(t *testing.T) {
	o := newOffice(t)
	token, err := o.guard.NewSetup(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	o.later.Add(auth.SetupLife.Milliseconds() + 1000)
	o.get("/studio/setup?token=" + token).is(http.StatusForbidden)
}

func (o *office) signIn(login, password string) answer {
	o.t.Helper()
	return o.post("/studio/sign-in", url.Values{"login": {login}, "password": {password}, "next": {"/studio/kiosks"}})
}

func TestSignInAndOut(t *testing.T) {
	o := newOffice(t).enter()
	o.post("/studio/sign-out", nil).is(http.StatusSeeOther)
	o.get("/studio/slides?q=a").is(http.StatusSeeOther).header.Get("Location")
	a := o.signIn("  QuanTri1 ", testPassword).is(http.StatusSeeOther)
	if to := a.header.Get("Location"); to != "/studio/kiosks" {
		t.Errorf("to %q", to)
	}
	var session *http.Cookie
	for _, c := range (&http.Response{Header: a.header}).Cookies() {
		if c.Name == sessionCookie {
			session = c
		}
		if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Secure {
			t.Errorf("cookie %+v", c)
		}
	}
	if session == nil {
		t.Fatal("no session cookie")
	}
	row, u, err := o.store.Session(context.Background(), auth.Digest(session.Value))
	if err != nil || u.Login != testLogin || row.Hash == session.Value {
		t.Errorf("%+v %v %v", row, u, err)
	}
	o.get("/studio/kiosks").is(http.StatusOK)
	o.post("/studio/sign-out", nil).is(http.StatusSeeOther)
	o.get("/studio/kiosks").is(http.StatusSeeOther)
	// The cookie itself no longer opens anything.
	r, err := http.NewRequest("GET", o.web.URL+"/studio/kiosks", nil)
	if err == nil {
		r.AddCookie(session)
	}
	o.do(r, err).is(http.StatusSeeOther)
	wrong := o.signIn(testLogin, "sai mật khẩu rồi").is(http.StatusUnauthorized).text()
	nobody := o.signIn("nobody", "sai mật khẩu rồi").is(http.StatusUnauthorized).text()
	if strings.ReplaceAll(wrong, testLogin, "") != strings.ReplaceAll(nobody, "nobody", "") {
		t.Error("an unknown account is told from a wrong password")
	}
}

// Under TLS the cookies are Secure and bound to the host.
func TestSecureCookies(t *testing.T) {
	o := newOffice(t).enter()
	h, err := New(Deps{Store: o.store, Guard: o.guard, Secure: true})
	if err != nil {
		t.Fatal(err)
	}
	o.web.Config.Handler = h
	a := o.signIn(testLogin, testPassword).is(http.StatusSeeOther)
	for _, c := range (&http.Response{Header: a.header}).Cookies() {
		if !c.Secure || !strings.HasPrefix(c.Name, "__Host-") {
			t.Errorf("cookie %+v", c)
		}
	}
}

func TestNextStaysHere(t *testing.T) {
	for in, want := range map[string]string{
		"/studio/kiosks?x=1":     "/studio/kiosks?x=1",
		"https://evil.example/":  "/studio/",
		"//evil.example/studio/": "/studio/",
		"/studio/\\evil.example": "/studio/",
		"/evil":                  "/studio/",
		"javascript:alert(1)":    "/studio/",
		"/studio/\r\nSet-Cookie": "/studio/",
		"":                       "/studio/",
	} {
		if got := local(in); got != want {
			t.Errorf("local(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestSessionEnds(t *testing.T) {
	o := newOffice(t).enter()
	o.later.Add((auth.IdleLife - time.Minute).Milliseconds())
	o.get("/studio/").is(http.StatusOK)
	o.later.Add((auth.IdleLife - time.Minute).Milliseconds())
	o.get("/studio/").is(http.StatusOK) // it was used in between
	o.later.Add(auth.IdleLife.Milliseconds() + 1000)
	o.get("/studio/").is(http.StatusSeeOther)
	o.signIn(testLogin, testPassword).is(http.StatusSeeOther)
	for range 30 {
		o.later.Add((30 * time.Minute).Milliseconds())
		o.get("/studio/")
	}
	o.get("/studio/").is(http.StatusSeeOther) // however busy, a day is a day
}

func TestThrottle(t *testing.T) {
	o := newOffice(t).enter()
	owner := o.client // has the device cookie
	o.post("/studio/sign-out", nil)
	stranger := o.browser()
	o.client = stranger
	for range auth.FreeTries {
		o.signIn(testLogin, "không phải thế này").is(http.StatusUnauthorized)
	}
	a := o.signIn(testLogin, testPassword).is(http.StatusTooManyRequests).has("Hãy đợi")
	checkPage(t, a)
	// The owner's browser is counted apart: a stranger can't keep them out.
	o.client = owner
	o.signIn(testLogin, testPassword).is(http.StatusSeeOther)
	o.client = stranger
	// After the wait anyone may try again, and one failure doubles it.
	o.later.Add(auth.FirstWait.Milliseconds() + 1)
	o.signIn(testLogin, "không phải thế này").is(http.StatusUnauthorized)
	o.later.Add(auth.FirstWait.Milliseconds() + 1)
	o.signIn(testLogin, testPassword).is(http.StatusTooManyRequests)
	o.later.Add(auth.MaxWait.Milliseconds())
	o.signIn(testLogin, testPassword).is(http.StatusSeeOther)
}

// Many names from one address are braked too, and the audit keeps no typed name.
func TestThrottleOfAddress(t *testing.T) {
	o := newOffice(t).enter()
	o.client = o.browser()
	for i := range auth.FreeTriesAddress {
		o.signIn("ten-la-"+sprint(i), testPassword).is(http.StatusUnauthorized)
	}
	o.signIn(testLogin, testPassword).is(http.StatusTooManyRequests)
	rows, err := o.store.Audit(context.Background(), store.AuditFilter{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if strings.Contains(r.Object+string(r.Detail), "ten-la") {
			t.Errorf("the audit keeps what was typed: %+v", r)
		}
	}
}

func TestOwnAccount(t *testing.T) {
	o := newOffice(t).enter()
	here, there := o.client, o.browser()
	o.client = there
	o.signIn(testLogin, testPassword).is(http.StatusSeeOther)
	o.client = here
	o.post("/studio/account/sign-out-everywhere", nil).is(http.StatusSeeOther)
	o.client = there
	o.get("/studio/").is(http.StatusSeeOther)
	o.signIn(testLogin, testPassword).is(http.StatusSeeOther)
	const fresh = "Chè Shan tuyết thơm nhẹ và hậu ngọt"
	v := url.Values{"current": {"sai"}, "password": {fresh}, "again": {fresh}}
	o.post("/studio/account/password", v).is(http.StatusUnprocessableEntity).has("Mật khẩu hiện tại không đúng")
	v.Set("current", testPassword)
	v.Set("again", "khác")
	o.post("/studio/account/password", v).is(http.StatusUnprocessableEntity).has("không giống nhau")
	v.Set("again", fresh)
	o.post("/studio/account/password", v).is(http.StatusSeeOther)
	o.get("/studio/").is(http.StatusSeeOther)
	o.signIn(testLogin, testPassword).is(http.StatusUnauthorized)
	o.signIn(testLogin, fresh).is(http.StatusSeeOther)
}

func TestLanguageSwitch(t *testing.T) {
	o := newOffice(t)
	o.get("/studio/sign-in").is(http.StatusOK).has(`lang="vi"`, "Tên đăng nhập")
	o.post("/studio/language", url.Values{"language": {"en"}, "back": {"/studio/sign-in"}}).is(http.StatusSeeOther)
	o.get("/studio/sign-in").is(http.StatusOK).has(`lang="en"`, "Account")
	o.post("/studio/language", url.Values{"language": {"xx"}}).is(http.StatusUnprocessableEntity).has("no such language")
	o.signIn("nobody", "wrong password").is(http.StatusUnauthorized).has("The account or password is wrong.")
}
