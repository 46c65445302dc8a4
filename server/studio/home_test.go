package studio

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"motcua/server/store"
	"motcua/slides"
)

// The desk names what waits for its person: what to approve, what came back and
// why, what is about to expire, which kiosks are silent; and not what waits for
// others.
func TestDeskNamesWhatWaits(t *testing.T) {
	d := newCounter(t, store.ApprovalRule{Way: store.WayApprove})
	d.by(d.editor).get("/studio/").is(http.StatusOK).hasNot("Chờ bạn duyệt", "Trả lại cho bạn")
	submit := func(id, title string) string {
		t.Helper()
		at := d.saved(d.unit, sloganOf(t, id, title, "Chào ngày mới"))
		return "/studio/submissions/" + idOf(d.by(d.editor).post("/studio/submissions", url.Values{"item": {tick(at)}}).is(http.StatusSeeOther))
	}
	back, open := submit("mot", "Trang bị trả lại"), submit("hai", "Trang chờ duyệt")
	d.by(d.approver).post(back+"/reject", url.Values{"reason": {"Sai số điện thoại"}}).is(http.StatusSeeOther)
	d.get("/studio/").has("Chờ bạn duyệt", "Trang chờ duyệt", open).hasNot("Trang bị trả lại", "Trả lại cho bạn")
	d.by(d.editor).get("/studio/").has("Trả lại cho bạn", "Trang bị trả lại", "Sai số điện thoại", back).hasNot("Chờ bạn duyệt")
	d.later.Store((backFor + time.Hour).Milliseconds())
	d.get("/studio/").hasNot("Trang bị trả lại")
	d.later.Store(0)

	soon := sloganOf(t, "sap-het", "Trang sắp hết hạn", "Chào ngày mới")
	soon.Until = d.store.Now() + slides.Millis((5 * 24 * time.Hour).Milliseconds())
	at := d.saved(d.unit, soon)
	if _, err := d.store.Publish(t.Context(), store.Actor{}, store.PublishRequest{Items: []store.ItemRef{at.ItemRef}}); err != nil {
		t.Fatal(err)
	}
	d.get("/studio/").has("Sắp hết hiệu lực", "Trang sắp hết hạn")
	d.paired("Sảnh im lặng", d.unit)
	d.get("/studio/").hasNot("Sảnh im lặng") // no editor's business
	d.by(d.approver).get("/studio/").has("Ki-ốt mất kết nối", "Sảnh im lặng", "Thu hồi")
}
