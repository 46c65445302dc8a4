package studio

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"motcua/server/store"
)

// A unit's channels are said once on its page; a slide of channels takes them with
// one press, is found when one has moved, and mended with another; a post names
// where it goes.
func TestChannelsOfAUnit(t *testing.T) {
	needFonts(t)
	o := newOffice(t).enter().stock()
	unit := o.firstUnitID()
	hosts := o.get("/studio/hosts").is(http.StatusOK).has("dichvucong.gov.vn").form("/studio/hosts", "")
	was := hosts.Get("hosts")
	for _, bad := range []string{"", "https://zalo.me", "zalo", "10.0.0.1", "zalo.me/x"} {
		hosts.Set("hosts", bad)
		o.post("/studio/hosts", hosts).is(http.StatusUnprocessableEntity)
	}
	hosts.Set("hosts", was+"\nZalo.me\nzalo.me")
	o.post("/studio/hosts", hosts).is(http.StatusSeeOther)
	o.post("/studio/hosts", hosts).is(http.StatusConflict)
	checkPage(t, o.get("/studio/hosts").has("zalo.me", "chưa phát hành"))
	page := "/studio/units/" + unit
	form := func(list ...string) url.Values {
		v := o.get(page).is(http.StatusOK).form(page+"/channels", "")
		for i, u := range list {
			at := "channels." + string(rune('0'+i))
			v.Set(at+".vi", "Kênh số "+string(rune('1'+i)))
			v.Set(at+".url", u)
		}
		return v
	}
	const zalo, moved, portal = "https://zalo.me/111", "https://zalo.me/222", "https://dichvucong.gov.vn/"
	o.post(page+"/channels", form("https://evil.example/", zalo)).is(http.StatusUnprocessableEntity).has("evil.example", zalo, "Kênh số 2")
	late := form(portal)
	o.post(page+"/channels", form(zalo, portal)).is(http.StatusSeeOther)
	o.post(page+"/channels", late).is(http.StatusConflict).has("Người khác vừa sửa")
	checkPage(t, o.get(page).is(http.StatusOK).has(zalo, portal, "Kênh của đơn vị"))
	o.get("/studio/audit").has("Đổi kênh của đơn vị")

	const fresh = "/studio/new-slide/links"
	v := o.get(fresh).is(http.StatusOK).has("Lấy kênh của đơn vị").form(fresh, "do=channels")
	v.Set("unit", unit)
	v = o.post(fresh, v).is(http.StatusOK).has(zalo, portal, "Kênh số 1").form(fresh, "do=save")
	v.Set("unit", unit)
	v.Set("title.vi", "Kết nối")
	v.Set("body.title.vi", "Kết nối với chúng tôi")
	v.Set("topic", "T08")
	slide := "/studio/slides/" + idOf(o.post(fresh, v).is(http.StatusSeeOther))
	o.get(slide).hasNot("nay ở địa chỉ khác")
	o.get(slide+"/post").is(http.StatusOK).has("Đăng ở đâu", `href="`+zalo+`"`)

	o.post(page+"/channels", form(moved, portal)).is(http.StatusSeeOther)
	a := o.get(slide).has("nay ở địa chỉ khác: "+moved, "fix:channels")
	o.post(slide, a.form(slide, "do=fix:channels")).is(http.StatusSeeOther)
	if a := o.get(slide).hasNot("nay ở địa chỉ khác"); !strings.Contains(a.body, moved) || strings.Contains(a.body, zalo) {
		t.Error("it was not mended")
	}
	o.get(page).has(`href="/studio/hosts"`)
	o.client = o.as("bientap", store.Grant{Role: "editor", Unit: unit})
	o.get(page).is(http.StatusOK).has("channels.0.url").hasNot(`href="/studio/hosts"`)
}
