package studio

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

func TestWebhookIsSetUpAndTested(t *testing.T) {
	o := newOffice(t).enter()
	o.get("/studio/hooks").has("Chưa có webhook nào")
	o.post("/studio/hooks", url.Values{"name": {"Bảng điều hành"}, "url": {"khong"}}).is(http.StatusUnprocessableEntity).has("Địa chỉ phải bắt đầu bằng https://", "Chọn ít nhất một sự kiện")
	a := o.post("/studio/hooks", url.Values{"name": {"Bảng điều hành"}, "url": {"https://vi-du.vn/nghe"}, "event": {"publication.live"}}).is(http.StatusOK).has("Khóa ký", "Chưa gửi lần nào")
	secret := regexp.MustCompile(`whsec_[A-Za-z0-9+/=&#;]+`).FindString(a.body)
	list, err := o.store.Hooks(t.Context())
	if err != nil || len(list) != 1 || secret == "" {
		t.Fatalf("%+v %v", list, err)
	}
	at := "/studio/hooks/" + list[0].ID
	if strings.Contains(o.get(at).is(http.StatusOK).body, "whsec_") {
		t.Error("the secret is shown again")
	}
	o.post(at+"/do", url.Values{"do": {"test"}}).is(http.StatusSeeOther)
	o.get(at).has("Gửi thử", "Chờ gửi lúc", "lần thử: 0")
	o.post(at, url.Values{"name": {"Bảng mới"}, "url": {"https://vi-du.vn/nghe"}, "event": {"import.done", "publication.live"}}).is(http.StatusSeeOther)
	o.get(at).has("Bảng mới")
	if b := o.post(at+"/do", url.Values{"do": {"rotate"}}).is(http.StatusOK).has("Khóa cũ còn dùng được đến").body; !strings.Contains(b, "whsec_") || strings.Contains(b, secret) {
		t.Error("no new secret")
	}
	o.post(at+"/do", url.Values{"do": {"off"}}).is(http.StatusSeeOther)
	o.post(at+"/do", url.Values{"do": {"test"}}).is(http.StatusConflict)
	o.post(at+"/do", url.Values{"do": {"on"}}).is(http.StatusSeeOther)
	o.post(at+"/do", url.Values{"do": {"xyz"}}).is(http.StatusUnprocessableEntity)
	o.post(at+"/do", url.Values{"do": {"remove"}}).is(http.StatusSeeOther)
	o.get(at).is(http.StatusNotFound)
}
