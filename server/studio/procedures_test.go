package studio

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"motcua/server/sheet"
	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/catalogue"
)

// annexOf is an Excel file of n procedures as a decision prints them: a title
// above, a field's row here and there, codes as people write them, and bad rows.
func annexOf(t *testing.T, n int) []byte {
	t.Helper()
	f := excelize.NewFile()
	row := 0
	put := func(cells ...any) {
		row++
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", row), &cells); err != nil {
			t.Fatal(err)
		}
	}
	put("PHỤ LỤC")
	put("Danh mục thủ tục hành chính (kèm theo Quyết định số 1513/QĐ-UBND)")
	put()
	put("STT", "Mã TTHC", "Tên thủ tục hành chính", "Thời hạn giải quyết", "Địa điểm thực hiện", "Phí, lệ phí")
	for i := range n {
		if i%200 == 0 {
			put("", fmt.Sprintf("Lĩnh vực %s", []string{"Việc làm", "Người có công", "Bảo trợ xã hội", "Trẻ em", "An toàn lao động"}[i/200%5]))
		}
		code := fmt.Sprintf("9,%06d", i)
		if i%2 == 1 {
			code = fmt.Sprintf("9.%03d.%03d", i/1000, i%1000)
		}
		put(i+1, code, fmt.Sprintf("Thủ tục số %d về giải quyết chế độ cho người lao động", i), "10 ngày làm việc", "Trung tâm Phục vụ hành chính công tỉnh", "Không")
	}
	put(n+1, "9.1234", "Mã thiếu số", "05 ngày")
	put(n+2, "", "Không có mã", "05 ngày")
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var sumOfPage = regexp.MustCompile(`name="sum" value="([0-9a-f]+)"`)

// bring uploads a file and returns the import's path.
func (o *office) bring(file []byte) string {
	o.t.Helper()
	a := o.upload("/studio/imports", nil, "file", file).is(http.StatusSeeOther)
	return a.header.Get("Location")
}

func (o *office) sum(path string) string {
	o.t.Helper()
	m := sumOfPage.FindStringSubmatch(o.get(path).is(http.StatusOK).body)
	if m == nil {
		o.t.Fatal("no dry run on " + path)
	}
	return m[1]
}

// settled waits until the page of an import shows a state.
func (o *office) settled(path, state string) answer {
	o.t.Helper()
	for deadline := time.Now().Add(60 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if a := o.get(path).is(http.StatusOK); strings.Contains(a.body, `data-state="`+state+`"`) {
			return a
		} else if time.Now().After(deadline) {
			o.t.Fatalf("the import does not become %s: %s", state, a.text())
		}
	}
}

// A thousand procedures: dry run, nothing written, written, published as one
// tick, on the kiosks, undone.
func TestImportOfAThousand(t *testing.T) {
	ctx := context.Background()
	o := newOffice(t).enter().stock()
	o.paired("Sảnh", "van-phong-so")
	units, err := o.store.Units(ctx, 0)
	if err != nil {
		t.Fatal(err)
	}
	k := o.paired("Sảnh tầng 1", units[0].ID)
	had := o.total()
	path := o.bring(annexOf(t, 1000))
	o.get(path).has("Mã TTHC", `value="Quyết định số 1513/QĐ-UBND"`, `data-count="new">1.000`, "Thiếu mã thủ tục")
	o.get(path+"?show=new&from=900").has("sửa từ “9.000.999”", "Thủ tục số 999").hasNot("Thủ tục số 899 ")
	o.post(path, url.Values{"do": {"map"}, "sheet": {"Sheet1"}, "header": {"4"}, "columns": {"6"}, "column.1": {"code"}, "column.2": {"name"}, "column.3": {"time"}, "column.4": {"where"}, "column.5": {"fee"}, "source": {"QĐ 1513/QĐ-UBND ngày 22/11/2025"}}).is(http.StatusSeeOther)
	page := o.get(path)
	page.has(`data-count="new">1.000`, `data-count="rejected">2`)
	if o.total() != had {
		t.Fatal("the dry run wrote something")
	}
	sum := o.sum(path)
	o.post(path, url.Values{"do": {"write"}, "sum": {"khac"}}).is(http.StatusConflict).has("Danh mục đã thay đổi")
	o.post(path, url.Values{"do": {"write"}, "sum": {sum}}).is(http.StatusSeeOther)
	o.settled(path, "done").has("1.000")
	if o.total() != had+1000 {
		t.Fatal(o.total())
	}
	o.get("/studio/procedures?q=che+do+nguoi+lao+dong&field=Tr%E1%BA%BB+em").has("trong 200 thủ tục")
	o.get("/studio/publish").has("1000 mới, 0 thay đổi, 0 gỡ bỏ", "và 988 thủ tục khác")
	tick := regexp.MustCompile(`value="(procedures::[0-9a-f]+)"`).FindStringSubmatch(o.get("/studio/publish").body)
	if tick == nil {
		t.Fatal("the procedures are no one tick")
	}
	o.post("/studio/publish", url.Values{"item": {"procedures::0000"}}).is(http.StatusUnprocessableEntity).has("Thủ tục")
	o.post("/studio/publish", url.Values{"item": {tick[1]}}).is(http.StatusSeeOther)
	if n := len(o.kioskCatalogue(k.id).Procedures); n != had+1000 {
		t.Fatalf("the kiosk has %d procedures", n)
	}
	o.post(path+"/undo", nil).is(http.StatusSeeOther)
	o.settled(path, "undone").has("1000 thủ tục trở lại")
	if o.total() != had {
		t.Fatal(o.total())
	}
	// The same file again: once in, all of it is unchanged.
	again := o.bring(annexOf(t, 40))
	o.post(again, url.Values{"do": {"write"}, "sum": {o.sum(again)}})
	o.settled(again, "done")
	third := o.bring(annexOf(t, 40))
	o.get(third).has(`data-count="same">40`)
}

// total is how many procedures the catalogue has.
func (o *office) total() int {
	o.t.Helper()
	_, n, err := o.store.Procedures(context.Background(), store.ProcedureFilter{Limit: 1})
	if err != nil {
		o.t.Fatal(err)
	}
	return n
}

// kioskCatalogue is what a kiosk of its class would keep.
func (o *office) kioskCatalogue(kiosk string) *catalogue.Catalogue {
	o.t.Helper()
	ctx := context.Background()
	k, err := o.store.Kiosk(ctx, kiosk)
	if err != nil {
		o.t.Fatal(err)
	}
	m, err := o.store.Manifest(ctx, k.Class)
	if err != nil {
		o.t.Fatal(err)
	}
	p, err := slides.ParseManifest(m.Bytes)
	if err != nil {
		o.t.Fatal(err)
	}
	b, err := o.store.Blob(ctx, p.Catalogue)
	if err != nil {
		o.t.Fatal(err)
	}
	defer b.Close()
	raw, err := io.ReadAll(b)
	if err != nil {
		o.t.Fatal(err)
	}
	c, err := catalogue.Parse(raw)
	if err != nil {
		o.t.Fatal(err)
	}
	return c
}

// procedureForm is a valid form of a new procedure.
func procedureForm() url.Values {
	return url.Values{
		"base": {"0"}, "do": {"save"}, "code": {"1,014.200"}, "name.vi": {"Cấp lại giấy phép lao động"}, "field.vi": {"Việc làm"}, "time_limit": {"3"}, "time_unit": {"workday"},
		"source": {"QĐ 1513/QĐ-UBND"}, "online": {"full"}, "post": {"on"}, "url": {"https://dichvucong.gov.vn"},
		"papers.#": {"3"}, "papers.0.name.vi": {"Đơn đề nghị"}, "papers.0.originals": {"1"}, "papers.2.name.vi": {"Phiếu lý lịch tư pháp"}, "papers.2.waived": {"on"},
		"basis.#": {"1"}, "basis.0.vi": {"Nghị định số 219/2025/NĐ-CP"},
	}
}

func TestProcedureForm(t *testing.T) {
	ctx := context.Background()
	o := newOffice(t).enter().stock()
	v := procedureForm()
	v.Set("code", "1.900000")
	o.post("/studio/procedures/new", v).is(http.StatusSeeOther)
	row, err := o.store.Procedure(ctx, "1.900000")
	if err != nil {
		t.Fatal(err)
	}
	p := row.Procedure
	if len(p.Papers) != 2 || p.Papers[0].Originals != 1 || !p.Papers[1].Waived || p.Online != catalogue.Full || !p.Post || p.TimeLimit != 3 || len(p.Basis) != 1 {
		t.Errorf("%+v", p)
	}
	o.post("/studio/procedures/new", v).is(http.StatusUnprocessableEntity).has("đã có trong danh mục", "Đơn đề nghị")
	// What the page shows, sent back, changes nothing but the field that was edited.
	page := o.get("/studio/procedures/1.900000").is(http.StatusOK)
	back := page.form("/studio/procedures/1.900000", "do=save")
	back.Set("fee.vi", "Không")
	o.post("/studio/procedures/1.900000", back).is(http.StatusSeeOther)
	vs, err := o.store.ProcedureVersions(ctx, "1.900000")
	if err != nil || len(vs) != 2 {
		t.Fatal(vs, err)
	}
	if d := sheet.Differences(vs[1].Procedure, vs[0].Procedure); len(d) != 1 || d[0].Column.Key != "fee" {
		t.Errorf("%+v", d)
	}
	o.get("/studio/procedures/1.900000").has("1 mục thay đổi", "Lấy lại bản này")
	o.post("/studio/procedures/1.900000/restore", url.Values{"version": {"1"}, "base": {"2"}}).is(http.StatusSeeOther)
	o.post("/studio/procedures/1.900000", back).is(http.StatusConflict).has("người khác lưu") // its base is version 1
	o.post("/studio/procedures/1.900000/review", url.Values{"base": {"3"}}).is(http.StatusSeeOther)
	row, err = o.store.Procedure(ctx, "1.900000")
	if err != nil || row.Procedure.Fee != nil || row.Procedure.ReviewedBy != "Nông Thị Mai" || row.Version != 4 {
		t.Errorf("%+v %v", row, err)
	}
	add := procedureForm()
	add.Set("do", "add:papers")
	o.post("/studio/procedures/new", add).is(http.StatusOK).has(`name="papers.3.name.vi"`, "chưa được lưu")
	o.post("/studio/procedures/1.900000/delete", url.Values{"base": {"4"}}).is(http.StatusSeeOther)
	o.get("/studio/procedures?q=1.900000").has("Không có thủ tục nào phù hợp")
}

func TestProcedureFormRefuses(t *testing.T) {
	o := newOffice(t).enter().stock()
	for name, c := range map[string]struct{ field, value, says string }{
		"no code":            {"code", "", "Mã thủ tục"},
		"a lost digit":       {"code", "1.01420", "1.014200"},
		"no name":            {"name.vi", " ", "Thiếu nội dung tiếng Việt"},
		"no source":          {"source", "", "Ghi nguồn"},
		"time without unit":  {"time_unit", "", "đơn vị"},
		"letters for a time": {"time_limit", "mười", "không phải là số"},
		"half a day":         {"time_limit", "1,5", "số nguyên"},
		"a foreign host":     {"url", "https://evil.example", "evil.example"},
		"no such day":        {"from", "2026-02-30", "Ngày không hợp lệ"},
		"too many copies":    {"papers.0.copies", "99", "bản chính"},
		"a strange level":    {"online", "4", "trực tuyến"},
		"a long fee":         {"fee.vi", strings.Repeat("đồng ", 60), "tối đa 120"},
	} {
		v := procedureForm()
		v.Set("code", "1.900001")
		v.Set(c.field, c.value)
		a := o.post("/studio/procedures/new", v).is(http.StatusUnprocessableEntity).has(c.says, "chỗ cần sửa", "Đơn đề nghị")
		checkPage(t, a)
		if _, err := o.store.Procedure(context.Background(), "1.900001"); slides.KindOf(err) != slides.NotFound {
			t.Fatalf("%s: something was written", name)
		}
	}
}

func TestImportFilesThatAreRefused(t *testing.T) {
	o := newOffice(t).enter()
	o.post("/studio/imports", nil).is(http.StatusUnprocessableEntity).has("Hãy chọn một tệp")
	o.upload("/studio/imports", nil, "file", []byte("%PDF-1.7")).is(http.StatusUnprocessableEntity).has("Excel (.xlsx)")
	o.upload("/studio/imports", nil, "file", make([]byte, sheet.MaxFile+1)).is(http.StatusRequestEntityTooLarge)
	if list, err := o.store.Imports(context.Background(), 5); err != nil || len(list) > 0 {
		t.Fatal(list, err)
	}
	// A table that is none of ours can be mapped and shows that nothing is found.
	path := o.bring([]byte("Họ tên;Điểm\nA;1\n"))
	o.get(path).is(http.StatusOK).has("Thiếu mã thủ tục", "disabled")
	o.post(path, url.Values{"do": {"map"}, "sheet": {"x"}, "header": {"99999999"}, "columns": {"99999999"}, "column.0": {"rỗng"}}).is(http.StatusSeeOther)
	o.get(path).is(http.StatusOK).has("Không đọc được dòng thủ tục nào")
}

func TestExportComesBack(t *testing.T) {
	o := newOffice(t).enter().stock()
	n := o.total()
	for _, format := range []string{"xlsx", "csv"} {
		a := o.get("/studio/procedures/export?format=" + format).is(http.StatusOK)
		if !strings.Contains(a.header.Get("Content-Disposition"), "attachment") {
			t.Error(a.header)
		}
		o.get(o.bring([]byte(a.body))).has(fmt.Sprintf(`data-count="same">%d`, n), `data-count="changed">0`)
	}
	o.get("/studio/procedures/export?format=exe").is(http.StatusUnprocessableEntity)
}

func TestPostersAndSheets(t *testing.T) {
	needFonts(t)
	ctx := context.Background()
	o := newOffice(t).enter().stock()
	pdf := func(path string) {
		t.Helper()
		a := o.get(path).is(http.StatusOK)
		if a.header.Get("Content-Type") != "application/pdf" || !strings.HasPrefix(a.body, "%PDF-") || !strings.Contains(a.header.Get("Content-Disposition"), ".pdf") {
			t.Errorf("%s: %v", path, a.header)
		}
	}
	for _, kind := range []string{"slogan", "guide", "procedure", "notice", "index", "faq"} {
		list, err := o.store.Slides(ctx, store.SlideFilter{Kind: kind, Limit: 1})
		if err != nil || len(list) == 0 {
			t.Fatal(kind, err)
		}
		pdf("/studio/slides/" + list[0].ID + "/poster?paper=A3&shape=landscape")
	}
	lists, err := o.store.Playlists(ctx)
	if err != nil || len(lists) == 0 {
		t.Fatal(err)
	}
	pdf("/studio/playlists/" + lists[0].ID + "/poster?paper=A4")
	rows, _, err := o.store.Procedures(ctx, store.ProcedureFilter{Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	pdf("/studio/procedures/" + rows[0].ID + "/sheet?paper=A4&lang=en")
	pdf("/studio/procedures/sheet?" + url.Values{"field": {rows[0].Procedure.Field["vi"]}}.Encode())
	o.get("/studio/procedures/sheet?field=x").is(http.StatusNotFound).has("chưa được phát hành")
	v := procedureForm()
	v.Set("code", "1.900002")
	o.post("/studio/procedures/new", v).is(http.StatusSeeOther)
	o.get("/studio/procedures/1.900002/sheet").is(http.StatusNotFound).has("hãy phát hành trước")
}

func TestPostingRegister(t *testing.T) {
	ctx := context.Background()
	o := newOffice(t).enter().stock()
	rows, _, err := o.store.Procedures(ctx, store.ProcedureFilter{Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	sheetRef := "procedure:" + rows[0].ID
	o.get("/studio/postings?sheet=" + sheetRef).is(http.StatusOK).has(`value="` + sheetRef + `" selected`)
	v := url.Values{"sheet": {sheetRef}, "place": {"Cổng phụ phía đông"}, "posted": {"2026-03-20"}, "name": {"Phòng Một cửa"}}
	for field, says := range map[string]string{"place": "Hãy điền", "posted": "không hợp lệ", "name": "Hãy điền"} {
		bad := url.Values{}
		for k, x := range v {
			bad[k] = slices.Clone(x)
		}
		bad.Set(field, "")
		o.post("/studio/postings", bad).is(http.StatusUnprocessableEntity).has(says)
	}
	o.post("/studio/postings", url.Values{"sheet": {"field:x"}, "place": {"a"}, "posted": {"2026-03-20"}, "name": {"b"}}).is(http.StatusConflict).has("chưa được phát hành")
	o.post("/studio/postings", v).is(http.StatusSeeOther)
	o.get("/studio/postings").has("Cổng phụ phía đông", "Đang đúng").hasNot("bản niêm yết đã cũ")
	p := rows[0].Procedure
	p.Fee = slides.Vi("600.000 đồng")
	if _, err := o.store.SaveProcedure(ctx, store.Actor{}, "", p, rows[0].Version); err != nil {
		t.Fatal(err)
	}
	if _, err := o.store.Publish(ctx, store.Actor{}, store.PublishRequest{}); err != nil {
		t.Fatal(err)
	}
	o.get("/studio/postings").has("1 bản niêm yết đã cũ", "In bản mới")
	o.get("/studio/procedures/"+rows[0].ID).has("Cổng phụ phía đông", "Đã cũ")
	list, err := o.store.Postings(ctx, false)
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	o.post("/studio/postings/"+list[0].ID+"/remove", nil).is(http.StatusSeeOther)
	o.get("/studio/postings").hasNot("Cổng phụ phía đông")
	o.get("/studio/postings?removed=on").has("Cổng phụ phía đông", "Đã gỡ")
}

func TestReviewAlarm(t *testing.T) {
	o := newOffice(t).enter().stock()
	n := o.total()
	o.get("/studio/").has(fmt.Sprintf("%d thủ tục đến hạn rà soát", n))
	rows, _, err := o.store.Procedures(context.Background(), store.ProcedureFilter{Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	o.post("/studio/procedures/"+rows[0].ID+"/review", url.Values{"base": {fmt.Sprint(rows[0].Version)}}).is(http.StatusSeeOther)
	o.get("/studio/").has(fmt.Sprintf("%d thủ tục đến hạn rà soát", n-1))
	o.get("/studio/procedures?stale=on").has(fmt.Sprintf("trong %d thủ tục", n-1))
	o.post("/studio/procedures/settings", url.Values{"days": {"3"}}).is(http.StatusUnprocessableEntity).has("từ 7 đến 3650")
	o.post("/studio/procedures/settings", url.Values{"days": {"30"}}).is(http.StatusSeeOther)
	o.later.Store((31 * 24 * time.Hour).Milliseconds())
	o.enterAgain()
	o.get("/studio/").has(fmt.Sprintf("%d thủ tục đến hạn rà soát", n))
}

// enterAgain signs in anew: a month ends a session.
func (o *office) enterAgain() {
	o.t.Helper()
	o.client = o.browser()
	o.post("/studio/sign-in", url.Values{"login": {testLogin}, "password": {testPassword}}).is(http.StatusSeeOther)
}
