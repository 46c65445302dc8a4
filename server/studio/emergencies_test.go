package studio

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/wire"
)

// Two people put a text on the screens; each kiosk's own report is counted, and
// one press takes it off.
func TestEmergencyByTwo(t *testing.T) {
	o := newOffice(t).enter().stock()
	ctx := context.Background()
	unit := "bo-phan-mot-cua"
	k := o.paired("Sảnh tầng 1", unit)
	o.paired("Sảnh tầng 2", unit)
	first := o.as("duyet1", store.Grant{Role: "approver"})
	second := o.as("lanhdao", store.Grant{Role: "leader", Unit: unit})
	o.client = first
	ask := url.Values{"text": {"Có cháy ở tầng 2, mời ra cửa số 2."}, "where": {"some"}, "unit": {unit}, "minutes": {"30"}}
	bad := url.Values{"text": {""}, "where": {"all"}, "minutes": {"30"}}
	o.post("/studio/emergencies", bad).is(http.StatusUnprocessableEntity)
	o.client = second
	o.post("/studio/emergencies", url.Values{"text": {"Khẩn"}, "where": {"all"}, "minutes": {"30"}}).is(http.StatusUnprocessableEntity).has("ngoài đơn vị của bạn")
	// To show a slide is to publish it: another unit's is not theirs.
	if err := o.store.SaveUnit(ctx, store.Actor{}, store.Unit{ID: "xa-la", Name: slides.Vi("Xã lạ")}); err != nil {
		t.Fatal(err)
	}
	other := o.as("lanhdao2", store.Grant{Role: "leader", Unit: "xa-la"})
	strange := slides.Slide{ID: "cua-xa-la", Kind: "slogan", Topic: "T04", Audience: slides.Public, Title: slides.Vi("Nháp"), Body: json.RawMessage(`{"text":{"vi":"Nháp"}}`)}
	if _, err := o.store.SaveSlide(ctx, store.Actor{}, "xa-la", &strange, 0); err != nil {
		t.Fatal(err)
	}
	o.post("/studio/emergencies", url.Values{"slide": {"cua-xa-la"}, "where": {"some"}, "unit": {unit}, "minutes": {"30"}}).is(http.StatusUnprocessableEntity)
	o.client = first
	a := o.post("/studio/emergencies", ask).is(http.StatusSeeOther)
	path, _, _ := strings.Cut(a.header.Get("Location"), "?")
	id := strings.TrimPrefix(path, "/studio/emergencies/")
	o.get(path).has("Đang chờ người thứ hai").hasNot("confirm-emergency")
	o.post(path, url.Values{"do": {"confirm"}}).is(http.StatusForbidden).has("không tự xác nhận")
	o.client = other
	o.post(path, url.Values{"do": {"confirm"}}).is(http.StatusForbidden)
	// Whoever may in the places may confirm, though the asker may everywhere.
	e, err := o.store.Emergency(ctx, id)
	if err != nil || e.Unit != unit {
		t.Fatalf("it is of %q, %v", e.Unit, err)
	}
	o.client = o.as("duyet2", store.Grant{Role: "approver", Unit: e.Unit})
	o.post(path, url.Values{"do": {"confirm"}}).is(http.StatusSeeOther)
	if e, err = o.store.Emergency(ctx, id); err != nil {
		t.Fatal(err)
	}
	st, err := o.store.KioskStatus(ctx, k.id)
	if err != nil || st.ShouldRevision != e.Revision {
		t.Fatalf("the kiosk should have %d, %v", st.ShouldRevision, err)
	}
	m, err := o.store.Manifest(ctx, st.Class)
	if err != nil || m.Flip != "now" {
		t.Errorf("it flips %q, %v", m.Flip, err)
	}
	o.get(path).has(`data-showing="0" data-total="2"`, "mất kết nối")
	if _, err := o.store.TakeLease(ctx, k.id, "c1", store.Hello{Program: "motcua-kiosk", Manifest: m.ID, Revision: m.Revision}, time.Hour); err != nil {
		t.Fatal(err)
	}
	o.get(path).has("đã nhận")
	if err := o.store.SaveHealth(ctx, k.id, &wire.Health{Program: "motcua-kiosk", Slide: id, Manifest: m.ID, Revision: m.Revision, View: "loop"}); err != nil {
		t.Fatal(err)
	}
	o.get(path).has(`data-showing="1" data-total="2"`, "1/2 ki-ốt đang chiếu")
	o.get("/studio/kiosks/" + k.id + "/shows").has("Thông báo khẩn")
	o.post(path, url.Values{"do": {"end"}}).is(http.StatusSeeOther)
	o.get(path).has("đã kết thúc")
	o.post(path, url.Values{"do": {"end"}}).is(http.StatusConflict)
	o.get("/studio/kiosks/" + k.id + "/shows").hasNot("Thông báo khẩn")
}
