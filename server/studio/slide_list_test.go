package studio

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"motcua/server/store"
	"motcua/slides"
)

// Several slides change in one go: looked at first, all or none, taken back in
// one press but for what somebody has saved since.
func TestBulkChangeAndUndo(t *testing.T) {
	needFonts(t)
	ctx := context.Background()
	o := newOffice(t).enter().stock()
	rows, err := o.store.Slides(ctx, store.SlideFilter{Kind: "slogan", Limit: 3})
	if err != nil || len(rows) < 3 {
		t.Fatal(len(rows), err)
	}
	ask := url.Values{}
	for _, r := range rows {
		ask.Add("item", r.ID)
	}
	a := o.get("/studio/slide-changes?"+ask.Encode()).is(http.StatusOK).has("Sửa 3 trang một lần", rows[0].Slide.Title["vi"])
	checkPage(t, a)
	form := func(a answer, do string) url.Values { return a.form("/studio/slide-changes", "do="+do) }
	v := form(a, "preview")
	v.Set("dwell", "1")
	o.post("/studio/slide-changes", v).is(http.StatusUnprocessableEntity).has("3 đến 600 giây")
	v.Set("dwell", "25")
	v.Set("topic", "T08")
	v.Set("until_do", "set")
	o.post("/studio/slide-changes", v).is(http.StatusUnprocessableEntity).has("Chưa chọn thời điểm")
	v.Set("until", "2090-01-01T00:00")
	before := o.counts()
	a = o.post("/studio/slide-changes", v).is(http.StatusOK).has("Sẽ đổi 3 trang", "T08", "2090-01-01T00:00", "Áp dụng cho 3 trang")
	checkPage(t, a)
	if after := o.counts(); after != before {
		t.Errorf("looking has changed something: %+v, before %+v", after, before)
	}
	// Somebody saves one in between: none is changed, and the page says so.
	other, err := clone(*rows[0].Slide)
	if err != nil {
		t.Fatal(err)
	}
	other.Source = "Nguồn khác"
	if _, err := o.store.SaveSlide(ctx, store.Actor{}, rows[0].Unit, &other, rows[0].Version); err != nil {
		t.Fatal(err)
	}
	a = o.post("/studio/slide-changes", form(a, "apply")).is(http.StatusConflict).has("vừa được người khác lưu")
	if got, err := o.store.Slide(ctx, rows[1].ID); err != nil || got.Version != rows[1].Version {
		t.Fatal("one was changed without the others", got.Version, err)
	}
	done := o.post("/studio/slide-changes", form(a, "apply")).is(http.StatusSeeOther).header.Get("Location")
	a = o.get(done).is(http.StatusOK).has("Đã đổi 3 trang", "Hoàn tác")
	checkPage(t, a)
	for _, r := range rows {
		got, err := o.store.Slide(ctx, r.ID)
		if err != nil || got.Slide.Topic != "T08" || got.Slide.Dwell != 25_000 || got.Slide.Until == 0 {
			t.Errorf("%s: %+v %v", r.ID, got.Slide, err)
		}
	}
	o.get("/studio/slides").hasNot("Đang soạn dở") // what an undo needs is no draft
	third, err := o.store.Slide(ctx, rows[2].ID)
	if err != nil {
		t.Fatal(err)
	}
	third.Slide.Source = "Sửa sau"
	if _, err := o.store.SaveSlide(ctx, store.Actor{}, third.Unit, third.Slide, third.Version); err != nil {
		t.Fatal(err)
	}
	o.get(o.post(done+"/undo", nil).is(http.StatusSeeOther).header.Get("Location")).has("trừ những trang đã được lưu lại")
	for i, r := range rows {
		got, err := o.store.Slide(ctx, r.ID)
		if err != nil || (got.Slide.Topic == r.Slide.Topic) != (i < 2) {
			t.Errorf("%s after the undo: topic %s, was %s, %v", r.ID, got.Slide.Topic, r.Slide.Topic, err)
		}
	}
	if got, err := o.store.Slide(ctx, rows[0].ID); err != nil || got.Slide.Source != "Nguồn khác" {
		t.Errorf("the undo went back too far: %q %v", got.Slide.Source, err)
	}
	o.get(done).is(http.StatusNotFound)
}

// A filter stands for all that it finds.
func TestBulkOfAFilter(t *testing.T) {
	o := newOffice(t).enter().stock()
	n := 0
	rows, err := o.store.Slides(context.Background(), store.SlideFilter{Kind: "guide"})
	if err != nil {
		t.Fatal(err)
	}
	n = len(rows)
	o.get("/studio/slide-changes?all=1&kind=guide").is(http.StatusOK).has(fmt.Sprintf("Sửa %d trang một lần", n))
	o.get("/studio/slide-changes?all=1&kind=nothing").is(http.StatusSeeOther)
	o.post("/studio/slide-changes", nil).is(http.StatusSeeOther)
}

// Versions stand side by side, an older one comes back, and the way back from
// that is one press; so is the way back from a deletion.
func TestVersionsAndUndo(t *testing.T) {
	needFonts(t)
	ctx := context.Background()
	o := newOffice(t).enter().stock()
	v := slideForm()
	v.Set("unit", o.firstUnitID())
	id := idOf(o.post("/studio/new-slide/slogan", v).is(http.StatusSeeOther))
	path := "/studio/slides/" + id
	form := o.get(path).hasNot("Các phiên bản").form(path, "do=save")
	form.Set("body.text.vi", "Câu thứ hai")
	o.post(path, form).is(http.StatusSeeOther)
	o.get(path).has("Các phiên bản")
	a := o.get(path+"/versions").is(http.StatusOK).has("phiên bản 1", "phiên bản 2", "Câu thứ hai", "niềm tin nhân dân", "Nông Thị Mai")
	checkPage(t, a)
	one := o.get(path + "/picture/small?of=1").is(http.StatusOK)
	two := o.get(path + "/picture/small?of=2").is(http.StatusOK)
	if one.body == two.body || one.header.Get("ETag") == two.header.Get("ETag") {
		t.Error("both versions have one picture")
	}
	o.get(path + "/picture/small?of=9").is(http.StatusNotFound)
	to := o.post(path+"/restore", a.form(path+"/restore", "")).is(http.StatusSeeOther).header.Get("Location")
	a = o.get(to).has("niềm tin nhân dân", "Đã khôi phục", "Hoàn tác")
	o.post(path+"/restore", url.Values{"version": {"1"}, "base": {"1"}}).is(http.StatusConflict)
	o.post(path+"/restore", a.form(path+"/restore", "")).is(http.StatusSeeOther)
	o.get(path).has("Câu thứ hai")
	to = o.post(path+"/delete", o.get(path).form(path+"/delete", "")).is(http.StatusSeeOther).header.Get("Location")
	o.get(to).has("Đã xóa", "Hoàn tác")
	o.get("/studio/slides?state=removed").has("Khẩu hiệu thử")
	o.get(path).has("Trang này đã bị xóa", "Lấy lại trang này")
	o.post(path+"/undelete", nil).is(http.StatusSeeOther)
	o.get(path).has("Câu thứ hai", "Bản nháp").hasNot("đã bị xóa")
	o.post(path+"/undelete", nil).is(http.StatusConflict)
	rows, err := o.store.Audit(ctx, store.AuditFilter{Object: "slide:" + id})
	if err == nil && len(rows) < 6 {
		t.Errorf("%d audit rows", len(rows))
	}
}

// A new slide begins from a template, from a slogan of the bank, or from
// another slide of its kind, without its validity.
func TestNewSlidesBeginFromOthers(t *testing.T) {
	needFonts(t)
	o := newOffice(t).enter().stock()
	v := slideForm()
	v.Set("unit", o.firstUnitID())
	v.Set("until", "2090-01-01T00:00")
	id := idOf(o.post("/studio/new-slide/slogan", v).is(http.StatusSeeOther))
	o.get("/studio/new-slide").hasNot("Bắt đầu từ trang mẫu").has("Ngân hàng khẩu hiệu", "Nụ cười công sở")
	o.post("/studio/slides/"+id+"/template", url.Values{"on": {"1"}}).is(http.StatusSeeOther)
	a := o.get("/studio/new-slide").has("Bắt đầu từ trang mẫu", "/studio/new-slide/slogan?from="+id)
	checkPage(t, a)
	a = o.get("/studio/new-slide/slogan?from="+id).has("niềm tin nhân dân", "Kế hoạch 2023")
	if got := a.form("/studio/new-slide/slogan", "").Get("until"); got != "" {
		t.Errorf("the validity came along: %s", got)
	}
	o.post("/studio/slides/"+id+"/template", nil).is(http.StatusSeeOther)
	o.get("/studio/new-slide").hasNot("Bắt đầu từ trang mẫu")
	bank, err := bankSlogans()
	if err != nil || len(bank) == 0 {
		t.Fatal(len(bank), err)
	}
	a = o.get("/studio/new-slide/slogan?slogan=" + bank[0].ID).is(http.StatusOK)
	if got := a.form("/studio/new-slide/slogan", ""); got.Get("source") != bank[0].Source || got.Get("body.text.vi") == "" {
		t.Errorf("the bank's slogan came as %v", got)
	}
	o.get("/studio/new-slide/guide?from=" + id).is(http.StatusNotFound)
	o.get("/studio/new-slide/slogan?from=khong-co").is(http.StatusNotFound)
}

// From the list: a new slide, its kind, and save. Who types a sentence types
// nothing else.
func TestASloganTakesThreePresses(t *testing.T) {
	o := newOffice(t).enter().stock()
	o.get("/studio/slides").has(`id="new-slide"`, `href="/studio/new-slide"`)
	o.get("/studio/new-slide").has(`href="/studio/new-slide/slogan" data-kind="slogan"`)
	v := o.get("/studio/new-slide/slogan").has(`id="save"`).form("/studio/new-slide/slogan", "do=save")
	v.Set("body.text.vi", "\uf0b7\u2003Dán từ Word:\vnụ cười công sở")
	row, err := o.store.Slide(context.Background(), idOf(o.post("/studio/new-slide/slogan", v).is(http.StatusSeeOther)))
	if err != nil {
		t.Fatal(err)
	}
	if got := row.Slide.Title["vi"]; got != "• Dán từ Word: nụ cười công sở" {
		t.Errorf("title %q", got)
	}
	if !strings.Contains(string(row.Slide.Body), `• Dán từ Word:\nnụ cười công sở`) {
		t.Errorf("body %s", row.Slide.Body)
	}
}

// The list goes on page by page, and a document's number finds its slides.
func TestListOfManySlides(t *testing.T) {
	o := newOffice(t).enter()
	ctx := context.Background()
	unit := "so"
	if err := o.store.SaveUnit(ctx, store.Actor{}, store.Unit{ID: unit, Name: slides.Vi("Sở")}); err != nil {
		t.Fatal(err)
	}
	var edits []store.SlideEdit
	for i := range maxCards + 5 {
		s := &slides.Slide{ID: fmt.Sprintf("t-%03d", i), Kind: "slogan", Topic: "T04", Audience: slides.Public, Title: slides.Vi(fmt.Sprintf("Trang số %d", i)), Body: json.RawMessage(`{"text":{"vi":"Khẩu hiệu"}}`)}
		if i == 7 {
			s.Document = &slides.DocumentRef{Number: "60-NQ/ĐU", Issuer: "Đảng ủy Sở"}
		}
		edits = append(edits, store.SlideEdit{Unit: unit, Slide: s})
	}
	if _, err := o.store.SaveSlides(ctx, store.Actor{}, edits); err != nil {
		t.Fatal(err)
	}
	a := o.get("/studio/slides").has(fmt.Sprintf("Trang 1–%d", maxCards), `id="next"`)
	if n := strings.Count(a.body, `class="card"`); n != maxCards {
		t.Errorf("%d cards", n)
	}
	a = o.get("/studio/slides?p=1").has(fmt.Sprintf("Trang %d–%d", maxCards+1, maxCards+5)).hasNot(`id="next"`)
	if n := strings.Count(a.body, `class="card"`); n != 5 {
		t.Errorf("%d cards on the second page", n)
	}
	a = o.get("/studio/slides?q=60-nq/du").has("Trang số 7")
	if n := strings.Count(a.body, `class="card"`); n != 1 {
		t.Errorf("%d cards for the document", n)
	}
}
