package studio

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"motcua/server/compile"
	"motcua/server/store"
	"motcua/slides"
)

var (
	authorActor   = store.Actor{User: "u-viet", Name: "Hoàng Văn Thụ"}
	approverActor = store.Actor{User: "u-duyet", Name: "Lý Thị Hạnh"}
)

// sloganOf is a slogan slide.
func sloganOf(t *testing.T, id, title, text string) *slides.Slide {
	t.Helper()
	body, err := json.Marshal(map[string]any{"text": slides.Vi(text)})
	if err != nil {
		t.Fatal(err)
	}
	return &slides.Slide{ID: id, Kind: "slogan", Title: slides.Vi(title), Topic: "T04", Audience: slides.Public, Body: body}
}

// saved saves a slide over what is there.
func (o *office) saved(unit string, sl *slides.Slide) store.ItemAt {
	o.t.Helper()
	base := 0
	if row, err := o.store.Slide(context.Background(), sl.ID); err == nil {
		base = row.Version
	}
	row, err := o.store.SaveSlide(context.Background(), authorActor, unit, sl, base)
	if err != nil {
		o.t.Fatal(err)
	}
	return store.ItemAt{ItemRef: row.ItemRef, Version: row.Version}
}

// fillSubmissions makes submissions in several states; it lists the pages of
// one of each.
func (o *office) fillSubmissions(unit string) []struct{ path, has string } {
	o.t.Helper()
	ctx := context.Background()
	fail := func(err error) {
		o.t.Helper()
		if err != nil {
			o.t.Fatal(err)
		}
	}
	lists, err := o.store.Playlists(ctx)
	fail(err)
	list := lists[0].Playlist
	for _, l := range lists {
		if len(l.Playlist.Items) > len(list.Items) {
			list = l.Playlist
		}
	}
	rows, err := o.store.Slides(ctx, store.SlideFilter{Kind: "slogan", State: store.Live, Limit: 3})
	fail(err)
	changed := *rows[0].Slide
	changed.Title = slides.Text{"vi": changed.Title["vi"] + " – bản sửa theo góp ý của Phòng Lao động, Người có công và Xã hội"}
	changed.Dwell = 3000
	changed.Until = o.store.Now() + slides.Millis((10 * 24 * time.Hour).Milliseconds())
	at := o.saved(rows[0].Unit, &changed)
	fresh := o.saved(unit, sloganOf(o.t, "moi-trinh", "Ngày Chuyển đổi số quốc gia 10/10", "Chuyển đổi số\nvì nhân dân phục vụ"))
	list.Items = append(append([]slides.Item{{Slide: "moi-trinh", Dwell: 12000}}, list.Items[2:]...), list.Items[0])
	base, err := o.store.Item(ctx, store.ItemRef{Type: store.PlaylistItem, ID: list.ID})
	fail(err)
	pl, err := o.store.SavePlaylist(ctx, authorActor, base.Unit, list, base.Version)
	fail(err)
	e := compile.Entry{Where: compile.Where{Units: []string{unit}}}
	e.ID, e.Playlist, e.Zone, e.Start, e.End, e.Priority, e.Rule = "e-trinh", list.ID, "Asia/Ho_Chi_Minh", "2026-10-01T07:30", "2026-10-01T11:30", slides.Campaign, "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"
	entry, err := o.store.SaveEntry(ctx, authorActor, unit, e, 0)
	fail(err)
	procs, _, err := o.store.Procedures(ctx, store.ProcedureFilter{State: store.Live, Limit: 1})
	fail(err)
	proc := *procs[0].Procedure
	proc.Fee = slides.Vi("Không thu phí")
	pr, err := o.store.SaveProcedure(ctx, authorActor, procs[0].Unit, &proc, procs[0].Version)
	fail(err)
	at2 := func(i store.Item) store.ItemAt { return store.ItemAt{ItemRef: i.ItemRef, Version: i.Version} }
	open, err := o.store.Submit(ctx, authorActor, store.SubmitRequest{
		Items: []store.ItemAt{at, fresh, at2(pl.Item), at2(entry.Item), at2(pr.Item)}, Title: "Nội dung tuần lễ Chuyển đổi số và các thủ tục lao động, việc làm sửa đổi", Note: "Theo công văn của Sở; đề nghị phát từ sáng thứ Hai.",
	})
	fail(err)
	back, err := o.store.Submit(ctx, authorActor, store.SubmitRequest{Items: []store.ItemAt{o.saved(unit, sloganOf(o.t, "tra-lai", "Trang bị trả lại", "Nụ cười công sở"))}})
	fail(err)
	_, err = o.store.RejectSubmission(ctx, approverActor, back.ID, "Số điện thoại đường dây nóng đã đổi; hãy sửa rồi trình lại.")
	fail(err)
	due, err := o.store.Submit(ctx, authorActor, store.SubmitRequest{Items: []store.ItemAt{o.saved(unit, sloganOf(o.t, "hen-gio", "Trang hẹn giờ", "Chào ngày mới"))}})
	fail(err)
	_, err = o.store.ApproveSubmission(ctx, approverActor, due.ID, store.Decision{Due: o.store.Now() + 3_600_000})
	fail(err)
	fail(o.store.BeginWork(ctx, authorActor, store.Work{ID: "import:mau", Kind: "import", Title: "phu-luc-quyet-dinh-cong-bo-thu-tuc-hanh-chinh.xlsx", Unit: unit, Total: 1250}))
	fail(o.store.WorkDone(ctx, "import:mau", 500))
	fail(o.store.BeginWork(ctx, authorActor, store.Work{ID: "check:mau", Kind: "check", Title: "Kiểm tra 2.000 trang", Link: "/studio/checks/mau", Unit: unit, Total: 2000}))
	fail(o.store.WorkDone(ctx, "check:mau", 620))
	return []struct{ path, has string }{
		{"/studio/works", "Đang chạy:"},
		{"/studio/checks/mau", "620 trong 2.000 trang"},
		{"/studio/submissions/" + open.ID, "Quyết định"},
		{"/studio/submissions/" + back.ID, "đường dây nóng đã đổi"},
		{"/studio/submissions/" + due.ID, "Sẽ phát lúc"},
		{"/studio/publish?item=slide:moi-trinh", "Đang chờ duyệt"},
	}
}

// counter is a unit with an editor and two approvers, each in a browser of their own.
type counter struct {
	*office
	unit                        string
	editor, approver, approver2 *http.Client
}

func newCounter(t *testing.T, rule store.ApprovalRule) *counter {
	t.Helper()
	needFonts(t)
	d := &counter{office: newOffice(t).enter().stock()}
	d.unit = d.firstUnitID()
	if err := d.store.SetApprovalRule(context.Background(), store.Actor{}, d.unit, rule); err != nil {
		t.Fatal(err)
	}
	d.editor = d.as("bien-tap", store.Grant{Role: "editor", Unit: d.unit})
	d.approver = d.as("duyet", store.Grant{Role: "approver", Unit: d.unit})
	d.approver2 = d.as("duyet-2", store.Grant{Role: "approver", Unit: d.unit})
	return d
}

// by makes a person's browser the one that is used.
func (d *counter) by(c *http.Client) *counter {
	d.client = c
	return d
}

func tick(at store.ItemAt) string { return fmt.Sprintf("%s:%s:%d", at.Type, at.ID, at.Version) }

func (d *counter) state(id string) store.ItemState {
	d.t.Helper()
	row, err := d.store.Slide(context.Background(), id)
	if err != nil {
		d.t.Fatal(err)
	}
	return row.State
}

// A form that is sent twice submits once; the approver is told of a draft that
// was deleted after it was submitted.
func TestSubmittedTwiceAndDeleted(t *testing.T) {
	d := newCounter(t, store.ApprovalRule{Way: store.WayApprove})
	at := d.saved(d.unit, sloganOf(t, "trang-x", "Trang X", "Nụ cười công sở"))
	v := url.Values{"item": {tick(at)}, "title": {"Đợt"}}
	d.by(d.editor)
	id := idOf(d.post("/studio/submissions", v).is(http.StatusSeeOther))
	if again := idOf(d.post("/studio/submissions", v).is(http.StatusSeeOther)); again != id {
		t.Fatalf("%s and %s from one form", id, again)
	}
	d.by(d.approver).get("/studio/submissions/" + id).hasNot("đã bị xóa sau khi trình")
	d.by(d.editor).post("/studio/slides/trang-x/delete", url.Values{"base": {"1"}}).is(http.StatusSeeOther)
	d.by(d.approver).get("/studio/submissions/" + id).has("đã bị xóa sau khi trình")
}

// What an editor submits is looked at and approved by somebody else; a warning
// must be accepted; the author reads why something came back.
func TestSubmissionIsApprovedByAnother(t *testing.T) {
	d := newCounter(t, store.ApprovalRule{Way: store.WayApprove})
	short := sloganOf(t, "nhanh-qua", "Chiếu nhanh quá", "Nụ cười công sở, niềm tin nhân dân, trách nhiệm, tận tụy, chuyên nghiệp")
	short.Dwell = 3000
	at := d.saved(d.unit, short)
	d.by(d.editor).get("/studio/publish").is(http.StatusOK).has("Trình duyệt", "Chiếu nhanh quá", "không kịp đọc").hasNot("Xác nhận phát hành")
	d.post("/studio/publish", url.Values{"item": {tick(at)}}).is(http.StatusForbidden)
	d.by(d.approver).get("/studio/publish").is(http.StatusOK).hasNot("Xác nhận phát hành") // the unit wants approval of everybody
	d.post("/studio/publish", url.Values{"item": {tick(at)}, "accept": {"on"}}).is(http.StatusUnprocessableEntity).has("phát hành qua trình duyệt")
	a := d.by(d.editor).post("/studio/submissions", url.Values{"item": {tick(at)}, "title": {"Khẩu hiệu tháng 12"}, "note": {"Gấp"}}).is(http.StatusSeeOther)
	id := idOf(a)
	path := "/studio/submissions/" + id
	d.get(path+"?done=submitted").is(http.StatusOK).has("Khẩu hiệu tháng 12", "Chưa chiếu lần nào", "người khác duyệt").hasNot("Duyệt và phát ngay")
	d.get("/studio/publish").has("Đang chờ duyệt")
	d.post(path+"/approve", nil).is(http.StatusForbidden)
	d.post(path+"/reject", url.Values{"reason": {"x"}}).is(http.StatusConflict)
	d.by(d.approver).get("/studio/submissions").has("Khẩu hiệu tháng 12", "Xem và quyết định")
	for _, shape := range []string{"landscape", "portrait"} {
		if b := d.get(path + "/picture/nhanh-qua/" + shape + "?of=after").is(http.StatusOK); !strings.HasPrefix(b.body, "\x89PNG") {
			t.Fatal("no picture")
		}
	}
	d.get(path + "/picture/nhanh-qua/landscape?of=before").is(http.StatusNotFound)
	d.get(path + "/picture/khac/landscape?of=after").is(http.StatusNotFound)
	d.post(path+"/reject", nil).is(http.StatusUnprocessableEntity).has("ghi lý do")
	d.post(path+"/approve", url.Values{"do": {"now"}}).is(http.StatusUnprocessableEntity).has("cảnh báo chưa được chấp nhận")
	if d.state("nhanh-qua") != store.Draft {
		t.Fatal("published with a warning that nobody accepted")
	}
	d.post(path+"/approve", url.Values{"do": {"later"}, "due": {"sáng mai"}, "accept": {"nhanh-qua dwell dwell_ms"}}).is(http.StatusUnprocessableEntity).has("chọn ngày và giờ")
	a = d.post(path+"/approve", url.Values{"do": {"now"}, "accept": {"nhanh-qua dwell dwell_ms"}}).is(http.StatusSeeOther)
	if d.state("nhanh-qua") != store.Live {
		t.Fatal("not live")
	}
	d.get(a.header.Get("Location")).is(http.StatusOK).has("Đã duyệt và phát hành")
	d.get(path).has("Đã phát", "Cảnh báo đã chấp nhận", "không kịp đọc")
	d.post(path+"/approve", nil).is(http.StatusConflict)
	// An approver's own waits for another one.
	own := d.saved(d.unit, sloganOf(t, "cua-nguoi-duyet", "Của người duyệt", "Chào ngày mới"))
	path = "/studio/submissions/" + idOf(d.post("/studio/submissions", url.Values{"item": {tick(own)}}).is(http.StatusSeeOther))
	d.get(path).has("Đây là phiếu của chính bạn")
	d.post(path+"/approve", url.Values{"do": {"now"}}).is(http.StatusConflict).has("không cho người trình tự duyệt")
	d.by(d.approver2).post(path+"/reject", url.Values{"reason": {"Thiếu số điện thoại"}}).is(http.StatusSeeOther)
	d.by(d.approver).get(path).has("Trả lại", "Thiếu số điện thoại")
}

// What a slide needs to be seen is ticked with it, and nothing else.
func TestSlideIsSubmittedWithItsSchedule(t *testing.T) {
	d := newCounter(t, store.ApprovalRule{Way: store.WayApprove})
	ctx := context.Background()
	at, other := d.saved(d.unit, sloganOf(t, "mot", "Trang một", "Chào ngày mới")), d.saved(d.unit, sloganOf(t, "hai", "Trang hai", "Chào buổi chiều"))
	list, err := d.store.SavePlaylist(ctx, authorActor, d.unit, slides.Playlist{ID: "sang-nay", Name: "Sáng nay", Items: []slides.Item{{Slide: "mot"}}}, 0)
	if err != nil {
		t.Fatal(err)
	}
	e := compile.Entry{Where: compile.Where{Units: []string{d.unit}}}
	e.ID, e.Playlist, e.Zone, e.Start, e.End, e.Priority = "e-sang", list.ID, "Asia/Ho_Chi_Minh", "2027-01-01T07:00", "2027-01-01T17:00", slides.Normal
	entry, err := d.store.SaveEntry(ctx, authorActor, d.unit, e, 0)
	if err != nil {
		t.Fatal(err)
	}
	page := d.by(d.editor).get("/studio/publish?item=slide:mot").is(http.StatusOK)
	for _, at := range []store.ItemAt{at, {ItemRef: list.ItemRef, Version: 1}, {ItemRef: entry.ItemRef, Version: 1}} {
		page.has(`value="` + tick(at) + `" checked`)
	}
	page.has(`value="` + tick(other) + `">`)
}

// Two steps need two persons besides the author.
func TestReviewThenApproval(t *testing.T) {
	d := newCounter(t, store.ApprovalRule{Way: store.WayReview})
	at := d.saved(d.unit, sloganOf(t, "hai-buoc", "Hai bước", "Chào ngày mới"))
	path := "/studio/submissions/" + idOf(d.by(d.editor).post("/studio/submissions", url.Values{"item": {tick(at)}}).is(http.StatusSeeOther))
	d.post(path+"/review", nil).is(http.StatusConflict).has("không tự thẩm định")
	d.by(d.approver).post(path+"/approve", url.Values{"do": {"now"}}).is(http.StatusConflict).has("phải được thẩm định")
	d.post(path+"/review", url.Values{"note": {"Đúng văn bản"}}).is(http.StatusSeeOther)
	d.post(path+"/approve", url.Values{"do": {"now"}}).is(http.StatusConflict).has("không đồng thời duyệt")
	d.by(d.approver2).get(path).has("Đã thẩm định, chờ duyệt", "Đúng văn bản")
	d.post(path+"/approve", url.Values{"do": {"now"}}).is(http.StatusSeeOther)
	if d.state("hai-buoc") != store.Live {
		t.Fatal("not live")
	}
}

// A time is typed in the unit's zone, is kept, can be cancelled or hurried, and
// comes.
func TestApprovalForATime(t *testing.T) {
	d := newCounter(t, store.ApprovalRule{Way: store.WayApprove})
	zone, err := time.LoadLocation("Asia/Ho_Chi_Minh")
	if err != nil {
		t.Fatal(err)
	}
	due := d.store.Now().Time().In(zone).Add(26 * time.Hour).Truncate(time.Minute)
	var paths []string
	for _, id := range []string{"hen-1", "hen-2", "hen-3"} {
		at := d.saved(d.unit, sloganOf(t, id, "Hẹn giờ "+id, "Chào ngày mới"))
		path := "/studio/submissions/" + idOf(d.by(d.editor).post("/studio/submissions", url.Values{"item": {tick(at)}}).is(http.StatusSeeOther))
		d.by(d.approver).post(path+"/approve", url.Values{"do": {"later"}, "due": {due.Format(momentLayout)}}).is(http.StatusSeeOther)
		d.get(path).has("Sẽ phát lúc " + due.Format("2/1/2006 15:04"))
		paths = append(paths, path)
	}
	d.post(paths[0]+"/withdraw", nil).is(http.StatusSeeOther)
	d.post(paths[1]+"/publish", nil).is(http.StatusSeeOther)
	if d.state("hen-1") != store.Draft || d.state("hen-2") != store.Live || d.state("hen-3") != store.Draft {
		t.Fatal(d.state("hen-1"), d.state("hen-2"), d.state("hen-3"))
	}
	d.later.Store((26 * time.Hour).Milliseconds())
	for late := time.Now().Add(20 * time.Second); d.state("hen-3") != store.Live; {
		if time.Now().After(late) {
			t.Fatal("its time came and nothing happened")
		}
		time.Sleep(20 * time.Millisecond)
	}
	if d.state("hen-1") != store.Draft {
		t.Fatal("what was cancelled is live")
	}
}

// In a small office one person publishes at once; errors stop, warnings ask.
func TestDirectPublishingAsks(t *testing.T) {
	d := newCounter(t, store.ApprovalRule{})
	short := sloganOf(t, "nhanh-qua", "Chiếu nhanh quá", "Nụ cười công sở, niềm tin nhân dân, trách nhiệm, tận tụy, chuyên nghiệp")
	short.Dwell = 3000
	v := url.Values{"item": {tick(d.saved(d.unit, short))}, "note": {"Thử"}}
	d.by(d.approver).post("/studio/publish", v).is(http.StatusUnprocessableEntity).has("Có 1 cảnh báo", "Xác nhận phát hành")
	v.Set("accept", "on")
	a := d.post("/studio/publish", v).is(http.StatusSeeOther)
	path, _, _ := strings.Cut(a.header.Get("Location"), "?")
	d.get(path).is(http.StatusOK).has("Thử · đã xem và chấp nhận 1 cảnh báo", "Không ki-ốt nào chiếu nội dung này")
	// Taken back in one press from its page, the list or the slide, and put back.
	a = d.post(path+"/recall", nil).is(http.StatusSeeOther)
	if d.state("nhanh-qua") != store.Recalled {
		t.Fatal("not recalled")
	}
	d.post(path+"/recall", nil).is(http.StatusConflict).has("đã được thu hồi")
	again, _, _ := strings.Cut(a.header.Get("Location"), "?")
	d.get(again).has("Phát lại")
	d.by(d.editor).get(again).is(http.StatusOK).hasNot("Phát lại")
	d.post(again+"/again", nil).is(http.StatusForbidden)
	d.by(d.approver).post(again+"/again", nil).is(http.StatusSeeOther)
	if d.state("nhanh-qua") != store.Live {
		t.Fatal("not put back")
	}
	d.post(again+"/again", nil).is(http.StatusConflict)
	d.get("/studio/publications/999").is(http.StatusNotFound)
	d.get("/studio/publications/x").is(http.StatusNotFound)
	expired := sloganOf(t, "het-han", "Hết hạn", "Chào ngày mới")
	expired.Until = d.store.Now() - 1000
	v = url.Values{"item": {tick(d.saved(d.unit, expired))}}
	d.post("/studio/publish", v).is(http.StatusUnprocessableEntity).has("hết hiệu lực")
	d.post("/studio/submissions", v).is(http.StatusUnprocessableEntity).has("hết hiệu lực")
}

// How a unit decides is set on its page, by who sets units.
func TestApprovalIsSetOnTheUnitsPage(t *testing.T) {
	o := newOffice(t).enter().stock()
	path := "/studio/units/" + o.firstUnitID()
	v := o.get(path).has("Người có quyền duyệt phát hành trực tiếp").form(path+"/approval", "")
	v.Set("way", "review")
	o.post(path+"/approval", v).is(http.StatusSeeOther)
	o.get(path).has("phải trình, được thẩm định rồi mới duyệt. Người trình không tự duyệt.")
	o.get("/studio/audit").has("Đổi cách duyệt của đơn vị")
	v.Set("way", "tùy")
	o.post(path+"/approval", v).is(http.StatusUnprocessableEntity)
}
