package studio

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"testing"

	"motcua/server/auth"
	"motcua/server/store"
)

var joinPath = regexp.MustCompile(`/studio/join\?token=[A-Za-z0-9_-]{43}`)

func TestInviteAndRoles(t *testing.T) {
	o := newOffice(t).enter()
	tree := o.branches()
	admin := o.client
	const path = "/studio/users/new"
	v := o.get(path).is(http.StatusOK).form(path, "do=add:0")
	v = o.post(path, v).is(http.StatusOK).form(path, "do=save")
	if len(v["role"]) != 2 {
		t.Fatal(v)
	}
	v.Set("name", "Trần Văn Bình")
	v.Set("login", "Bình")
	checkPage(t, o.post(path, v).is(http.StatusUnprocessableEntity).has("chữ không dấu", "ít nhất một vai trò", "Trần Văn Bình"))
	v.Set("login", "Binh.TV")
	v["role"], v["unit"] = []string{"editor", ""}, []string{"trong", ""}
	made := o.post(path, v).is(http.StatusOK).has("Đường dẫn cho Trần Văn Bình")
	checkPage(t, made)
	link := joinPath.FindString(made.body)
	u := o.user("binh.tv")
	if !u.Invited || !slices.Equal(u.Grants, []store.Grant{{Role: "editor", Unit: "trong"}}) {
		t.Fatalf("%+v", u)
	}
	o.client = o.browser()
	o.signIn("binh.tv", "").is(http.StatusUnauthorized) // no password yet is no empty password
	o.get(link[:len(link)-1] + "x").is(http.StatusForbidden)
	checkPage(t, o.get(link).is(http.StatusOK).has("Chào Trần Văn Bình"))
	join := o.get(link).form("/studio/join", "")
	join.Set("password", "ngắn")
	o.post("/studio/join", join).is(http.StatusUnprocessableEntity).has("ít nhất 12 ký tự", "không giống nhau")
	join.Set("password", testPassword)
	join.Set("again", testPassword)
	o.post("/studio/join", join).is(http.StatusSeeOther)
	o.get("/studio/slides").is(http.StatusOK).has("Trang của Nhánh trong").hasNot("Trang của Nhánh ngoài")
	o.get("/studio/users").is(http.StatusForbidden)
	binh := o.client
	o.client = o.browser()
	o.post("/studio/join", join).is(http.StatusForbidden) // once
	// More roles, then barred: out at once.
	o.client = admin
	page := "/studio/users/" + u.ID
	v = o.get(page).is(http.StatusOK).form(page, "do=save")
	v["role"] = []string{"technician"}
	o.post(page, v).is(http.StatusSeeOther)
	o.client = binh
	o.get("/studio/slides").is(http.StatusOK)
	o.get("/studio/new-slide").is(http.StatusForbidden)
	o.get("/studio/kiosks/" + tree["trong-1"].kiosk + "/settings").is(http.StatusOK)
	o.client = admin
	o.post(page+"/do", url.Values{"do": {"disable"}}).is(http.StatusSeeOther)
	o.client = binh
	o.get("/studio/slides").is(http.StatusSeeOther)
	o.signIn("binh.tv", testPassword).is(http.StatusUnauthorized)
	// Let in again with a new password by a new link; the second step stays off.
	o.client = admin
	o.post(page+"/do", url.Values{"do": {"enable"}}).is(http.StatusSeeOther)
	link = joinPath.FindString(o.post(page+"/do", url.Values{"do": {"link"}}).is(http.StatusOK).body)
	o.later.Add(auth.InviteLife.Milliseconds())
	o.client = o.browser()
	o.get(link).is(http.StatusForbidden) // a week is over
}

// Nobody locks the office out, and nobody gives what is not theirs.
func TestAdministratorsLimits(t *testing.T) {
	o := newOffice(t).enter()
	tree := o.branches()
	me := "/studio/users/" + o.user(testLogin).ID
	v := o.get(me).form(me, "do=save")
	v["role"] = []string{"editor"}
	o.post(me, v).is(http.StatusConflict).has("ít nhất một quản trị viên toàn hệ thống")
	o.post(me+"/do", url.Values{"do": {"disable"}}).is(http.StatusConflict).has("không thể khóa chính mình")
	o.client = o.as("quan-tri-trong", store.Grant{Role: "admin", Unit: "trong"})
	o.get("/studio/users").is(http.StatusOK).has("Người của Nhánh trong").hasNot("Người của Nhánh ngoài", "Nông Thị Mai")
	for _, g := range []store.Grant{{Role: "admin"}, {Role: "editor", Unit: "ngoai"}, {Role: "editor", Unit: "tren"}, {Role: "vua", Unit: "trong"}} {
		a := o.post("/studio/users/new", url.Values{"name": {"Ai đó"}, "login": {"ai.do"}, "role": {g.Role}, "unit": {g.Unit}, "do": {"save"}})
		a.is(http.StatusUnprocessableEntity).has("ngoài quyền của bạn")
	}
	in := "/studio/users/" + tree["trong-1"].user
	o.post(in, url.Values{"role": {"admin"}, "unit": {""}, "do": {"save"}}).is(http.StatusUnprocessableEntity)
	o.post(in, url.Values{"role": {"approver"}, "unit": {"trong-1"}, "do": {"save"}}).is(http.StatusSeeOther)
	o.post("/studio/users/"+tree["ngoai"].user+"/do", url.Values{"do": {"link"}}).is(http.StatusForbidden)
	// Somebody with a role elsewhere as well is not theirs to decide over.
	both, err := o.store.CreateUser(context.Background(), store.Actor{}, store.User{Login: "hai.noi", Name: "Hai nơi", Hash: "x", Grants: []store.Grant{{Role: "editor", Unit: "trong"}, {Role: "admin", Unit: "ngoai"}}})
	if err != nil {
		t.Fatal(err)
	}
	o.post("/studio/users/"+both.ID+"/do", url.Values{"do": {"disable"}}).is(http.StatusForbidden)
	o.get("/studio/users").hasNot("Hai nơi")
}

func TestOwnSessions(t *testing.T) {
	o := newOffice(t).enter()
	here, there := o.client, o.browser()
	o.client = there
	o.signIn(testLogin, testPassword).is(http.StatusSeeOther)
	o.client = here
	a := o.get("/studio/account").is(http.StatusOK).has("phiên này")
	o.post("/studio/account/sessions/end", a.form("/studio/account/sessions/end", "")).is(http.StatusSeeOther)
	o.client = there
	o.get("/studio/").is(http.StatusSeeOther)
	o.client = here
	o.get("/studio/").is(http.StatusOK)
	o.post("/studio/account/sessions/end", nil).is(http.StatusUnprocessableEntity)
}
