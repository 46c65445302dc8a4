package studio

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"motcua/server/auth"
)

func TestTokenIsShownOnceAndRevoked(t *testing.T) {
	o := newOffice(t).enter()
	o.get("/studio/tokens").has("Chưa có khóa nào")
	o.post("/studio/tokens", url.Values{"name": {""}, "expires": {"2020-13-01"}}).is(http.StatusUnprocessableEntity).has("Ngày không hợp lệ")
	o.post("/studio/tokens", url.Values{"name": {"Cổng"}, "expires": {"2020-01-01"}, "scope": {"read-content"}}).is(http.StatusUnprocessableEntity).has("Ngày hết hạn phải ở phía trước")
	a := o.post("/studio/tokens", url.Values{"name": {"Máy lấy số"}, "scope": {"invite", "read-kiosks"}}).is(http.StatusOK).has("Khóa của “Máy lấy số”")
	token := regexp.MustCompile(`<code class="mono">([\w-]{43})</code>`).FindStringSubmatch(a.body)
	if token == nil {
		t.Fatal(a.text())
	}
	k, err := o.store.UseAPIToken(t.Context(), auth.Digest(token[1]))
	if err != nil || len(k.Scopes) != 2 || k.Unit != "" {
		t.Fatalf("%+v %v", k, err)
	}
	a = o.get("/studio/tokens").has("Máy lấy số", "Mời công dân đánh giá")
	if strings.Contains(a.body, token[1]) {
		t.Error("the token is shown again")
	}
	o.post("/studio/tokens/"+k.ID+"/revoke", nil).is(http.StatusSeeOther)
	o.get("/studio/tokens").has("Đã thu hồi")
	if _, err := o.store.UseAPIToken(t.Context(), auth.Digest(token[1])); err == nil {
		t.Error("it opens still")
	}
	o.get("/studio/interface").has("/api/v1/slides/{id}", "ItemSlide", "Gỡ một trang khỏi mọi màn hình ngay lập tức.")
}
