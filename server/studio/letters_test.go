package studio

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"motcua/server/sheet"
	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/letter"
)

// A leader reads a letter, looks at the contact (which the audit tells), answers
// it, and only what was made public is on the citizen's page.
func TestAnswerALetter(t *testing.T) {
	o := newOffice(t).enter()
	if err := o.store.SaveUnit(context.Background(), store.Actor{}, store.Unit{ID: "so", Name: slides.Vi("Sở thử")}); err != nil {
		t.Fatal(err)
	}
	o.get("/studio/letters").is(http.StatusOK).has("Chưa có góp ý nào", "Góp ý, phản ánh")
	k := o.paired("Sảnh tầng 1", "so")
	id := o.letter(k, "so", "phan-anh", "Bảng chỉ dẫn bị mờ", letter.Contact{Name: "Người gửi mẫu", Phone: "0900000000"})
	plain := o.letter(k, "so", "khen", "Rất tốt", letter.Contact{})
	path := "/studio/letters/" + id
	o.get("/studio/letters").is(http.StatusOK).has("Bảng chỉ dẫn bị mờ", "Rất tốt", "2 mới").hasNot("Người gửi mẫu", "0900000000")
	o.get("/studio/letters?q=bang+chi+dan").has("Bảng chỉ dẫn bị mờ").hasNot("Rất tốt")
	o.get("/studio/letters?category=hoi").has("Không có góp ý nào như vậy")
	o.get("/studio/letters?late=on").has("Không có góp ý nào như vậy")

	// By unit, with those below; as a file without the contact, which the audit tells.
	o.get("/studio/letters?unit=so").has("Bảng chỉ dẫn bị mờ")
	o.get("/studio/letters?unit=khong-co").has("Không có góp ý nào như vậy")
	file := o.get("/studio/letters/export?format=csv&category=phan-anh").is(http.StatusOK).has("Bảng chỉ dẫn bị mờ", "Sở thử", "Phản ánh").hasNot("Rất tốt", "Người gửi mẫu", "0900000000")
	if d := file.header.Get("Content-Disposition"); !strings.Contains(d, "gop-y-") {
		t.Error(d)
	}
	if b, err := sheet.Open("x.xlsx", []byte(o.get("/studio/letters/export?format=xlsx&unit=so").is(http.StatusOK).body)); err != nil || len(b.Sheets) != 1 {
		t.Error(b, err)
	}
	o.get("/studio/letters/export?format=exe").is(http.StatusUnprocessableEntity)
	o.get("/studio/audit").has("Tải danh sách góp ý")

	// The contact is asked for, shown once, and the audit says by whom.
	o.get(path).is(http.StatusOK).has("Xem thông tin liên hệ", "Sảnh tầng 1").hasNot("Người gửi mẫu", "0900000000")
	o.post(path+"/contact", nil).is(http.StatusOK).has("Người gửi mẫu", "0900000000")
	o.get(path).hasNot("Người gửi mẫu")
	o.get("/studio/audit").has("Xem thông tin liên hệ của người góp ý").hasNot("Người gửi mẫu")
	o.get("/studio/letters/" + plain).has("không để lại thông tin liên hệ")
	o.post("/studio/letters/"+plain+"/contact", nil).is(http.StatusNotFound).has("Rất tốt", "không để lại")

	form := func(change func(url.Values)) url.Values {
		v := o.get(path).form(path, "")
		change(v)
		return v
	}
	// What is wrong is told beside the field, and nothing is lost.
	o.post(path, form(func(v url.Values) { v.Set("shown", "on"); v.Set("note", "ghi chú dài") })).is(http.StatusUnprocessableEntity).has("Chưa có nội dung trả lời", "ghi chú dài")
	o.post(path, form(func(v url.Values) { v.Set("due", "hôm nay"); v.Set("answer", "Đang xem") })).is(http.StatusUnprocessableEntity).has("Ngày không hợp lệ", "Đang xem")
	old := form(func(v url.Values) {
		v.Set("state", "working")
		v.Set("due", "2020-01-31")
		v.Set("note", "hỏi văn phòng")
	})
	o.post(path, old).is(http.StatusSeeOther)
	o.get(path).has("Quá hạn", `value="2020-01-31"`, "hỏi văn phòng")
	o.get("/studio/letters?late=on").has("Bảng chỉ dẫn bị mờ", "31/1/2020")
	o.get("/studio/").has("1 góp ý quá hạn")
	o.post(path, old).is(http.StatusConflict).has("Người khác vừa sửa")
	o.post(path, form(func(v url.Values) { v.Set("state", "answered"); v.Set("answer", "Đã thay bảng.") })).is(http.StatusSeeOther)
	l, err := o.store.Letter(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	if st, err := o.store.LetterStatus(context.Background(), l.Code); err != nil || st.State != store.LetterAnswered || st.Answer != "" {
		t.Fatalf("public though nobody said so: %+v, %v", st, err)
	}
	o.post(path, form(func(v url.Values) { v.Set("shown", "on") })).is(http.StatusSeeOther)
	if st, err := o.store.LetterStatus(context.Background(), l.Code); err != nil || st.Answer != "Đã thay bảng." {
		t.Fatalf("%+v, %v", st, err)
	}

	// An approver reads, and can neither answer nor see the contact.
	o.client = o.as("duyet", store.Grant{Role: "approver", Unit: "so"})
	o.get(path).is(http.StatusOK).has("chỉ người được giao trả lời xem được", "Đã thay bảng.").hasNot("name=\"answer\"", "hỏi văn phòng")
	o.post(path+"/contact", nil).is(http.StatusForbidden)
	o.post(path, url.Values{"state": {"new"}, "base": {"4"}}).is(http.StatusForbidden)
	// An editor has no business there.
	o.client = o.as("soan", store.Grant{Role: "editor"})
	o.get("/studio/letters").is(http.StatusForbidden)
	if strings.Contains(o.get("/studio/").body, "/studio/letters") {
		t.Error("the overview leads there")
	}
}
