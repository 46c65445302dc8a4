package studio

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/kinds"
	"motcua/slides/wire"

	"golang.org/x/text/unicode/norm"
)

// Bad input gets a sentence that says how to mend it, keeps what was typed,
// and leaves nothing behind.
func TestSlideFormRefuses(t *testing.T) {
	o := newOffice(t).enter().stock()
	before := o.counts()
	long := strings.Repeat("Ệ", 10_000)
	for name, c := range map[string]struct {
		kind, field, value string
		code               int
		says               string
	}{
		"title of 10,000":    {"slogan", "title.vi", long, 422, "dài 10000 ký tự, tối đa 300"},
		"no slogan":          {"slogan", "body.text.vi", " ", 422, "Thiếu nội dung tiếng Việt"},
		"no text":            {"slogan", "body.text.vi", "", 422, "Thiếu nội dung tiếng Việt"},
		"only controls":      {"slogan", "body.text.vi", "\x00\x07\u200b", 422, "Thiếu nội dung tiếng Việt"},
		"text over limit":    {"slogan", "body.text.vi", strings.Repeat("chữ ", 200), 422, "tối đa 240"},
		"unknown topic":      {"slogan", "topic", "T99", 422, "chủ đề"},
		"unknown audience":   {"slogan", "audience", "robots", 422, "ối tượng"},
		"past expiry":        {"slogan", "until", "2001-01-01T00:00", 422, "đã qua"},
		"unreadable expiry":  {"slogan", "until", "ngày mai", 422, "Không đọc được thời điểm"},
		"unreadable dwell":   {"slogan", "dwell", "lâu", 422, "không phải là số"},
		"dwell too long":     {"slogan", "dwell", "100000", 422, "600"},
		"infinite dwell":     {"slogan", "dwell", "1e400", 422, "không phải là số"},
		"unit not there":     {"slogan", "unit", "khong-co", 422, "đơn vị"},
		"document date":      {"slogan", "document.date", "31/02/2023", 422, "Ngày văn bản không hợp lệ"},
		"language tag":       {"slogan", "title.q!", "x", 422, "Mã ngôn ngữ"},
		"QR elsewhere":       {"faq", "body.qr.url", "https://evil.example/x", 422, "evil.example"},
		"QR of a script":     {"faq", "body.qr.url", "javascript:alert(1)", 422, ""},
		"procedure code":     {"procedure", "body.code", "abc", 422, "1.014200"},
		"picture name":       {"image", "body.picture", "../../etc/passwd", 422, "chọn lại ảnh"},
		"picture not there":  {"image", "body.picture", strings.Repeat("ab", 32), 422, "không còn trong hệ thống"},
		"year is no number":  {"index", "body.values.0.year", "năm nay", 422, "không phải là số"},
		"value is no number": {"index", "body.values.0.value", "84,4,5", 422, "không phải là số"},
		"no consent":         {"commendation", "body.picture", strings.Repeat("ab", 32), 422, "đã có sự đồng ý"},
		"one channel":        {"links", "body.links.#", "1", 422, "ít nhất hai kênh"},
		"channel elsewhere":  {"links", "body.links.1.url", "https://evil.example/x", 422, "evil.example"},
		"too many items":     {"guide", "body.steps.#", "99999999", 422, "tối đa 8"},
	} {
		t.Run(name, func(t *testing.T) {
			v := slideForm()
			switch c.kind {
			case "faq":
				v.Set("body.question.vi", "Hỏi gì?")
				v.Set("body.answer.vi", "Trả lời.")
			case "procedure":
				v.Set("body.code", "1.014200")
				v.Set("body.name.vi", "Thủ tục")
				v.Set("body.field.vi", "Lao động")
			case "image":
				v.Set("body.caption.vi", "Chú thích")
			case "index":
				v.Set("body.title.vi", "Chỉ số")
				v.Set("body.source.vi", "Nguồn")
				v.Set("body.values.#", "1")
				v.Set("body.values.0.year", "2022")
			case "guide":
				v.Set("body.title.vi", "Hướng dẫn")
			case "commendation":
				v.Set("body.name.vi", "Phòng")
				v.Set("body.unit.vi", "Sở")
				v.Set("body.deed.vi", "Trả kết quả sớm hơn hẹn.")
			case "links":
				v.Set("body.title.vi", "Kênh")
				v.Set("body.links.#", "2")
				for i, host := range []string{"dichvucong.gov.vn", "sonv.langson.gov.vn"} {
					v.Set(fmt.Sprintf("body.links.%d.url", i), "https://"+host)
					v.Set(fmt.Sprintf("body.links.%d.caption.vi", i), host)
				}
			}
			v.Set("unit", o.firstUnitID())
			v.Set(c.field, c.value)
			a := o.post("/studio/new-slide/"+c.kind, v).is(c.code).has(c.says)
			a.has("chỗ cần sửa", "Lưu nháp") // the form is back
			if c.field != "title.vi" {
				a.has("Khẩu hiệu thử")
			}
			checkPage(t, a)
		})
	}
	if after := o.counts(); after != before {
		t.Errorf("something was written: %+v, before %+v", after, before)
	}
}

type counts struct {
	slides, playlists, entries, kiosks int
	change                             int64
}

func (o *office) counts() counts {
	o.t.Helper()
	ctx := context.Background()
	rows, err := o.store.Slides(ctx, store.SlideFilter{Limit: 10000})
	if err != nil {
		o.t.Fatal(err)
	}
	lists, err := o.store.Playlists(ctx)
	if err != nil {
		o.t.Fatal(err)
	}
	entries, err := o.store.Entries(ctx)
	if err != nil {
		o.t.Fatal(err)
	}
	kiosks, err := o.store.Kiosks(ctx, "")
	if err != nil {
		o.t.Fatal(err)
	}
	last, err := o.store.LastChange(ctx)
	if err != nil {
		o.t.Fatal(err)
	}
	return counts{len(rows), len(lists), len(entries), len(kiosks), last}
}

func TestHugeBodies(t *testing.T) {
	o := newOffice(t).enter()
	big := strings.Repeat("a", formBody+1)
	o.post("/studio/sign-in", url.Values{"login": {big}}).is(http.StatusRequestEntityTooLarge).has("quá lớn")
	o.post("/studio/new-slide/slogan", url.Values{"title.vi": {strings.Repeat("a", pictureBody+1)}}).is(http.StatusRequestEntityTooLarge).has("tối đa 11 MiB")
	r, err := http.NewRequest("POST", o.web.URL+"/studio/new-slide/image", strings.NewReader("--x\r\nbroken"))
	if err == nil {
		r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	}
	o.do(r, err).is(http.StatusUnprocessableEntity).has("Không đọc được dữ liệu")
}

func TestSlideIsStoredClean(t *testing.T) {
	o := newOffice(t).enter().stock()
	v := slideForm()
	v.Set("title.vi", norm.NFD.String("Tiếng Việt")+"\x07\u200b\ufeff")
	v.Set("body.text.vi", "Một dòng\r\nhai dòng  ")
	v.Set("until", "2090-03-20T09:41")
	v.Set("unit", o.firstUnitID())
	a := o.post("/studio/new-slide/slogan", v).is(http.StatusSeeOther)
	row, err := o.store.Slide(context.Background(), idOf(a))
	if err != nil {
		t.Fatal(err)
	}
	if got := row.Slide.Title["vi"]; got != "Tiếng Việt" {
		t.Errorf("title %q", got)
	}
	if got := string(row.Slide.Body); !strings.Contains(got, `Một dòng\nhai dòng"`) {
		t.Errorf("body %s", got)
	}
	// 09:41 in Vietnam is 02:41 UTC.
	if got := row.Slide.Until.Time().Format("2006-01-02T15:04"); got != "2090-03-20T02:41" {
		t.Errorf("until %s", got)
	}
	o.get("/studio/slides/"+row.ID).is(http.StatusOK).has(`value="2090-03-20T09:41"`, "Tiếng Việt")
}

// Two people edit the same slide: the second learns of it and keeps their text.
func TestSlideConflict(t *testing.T) {
	o := newOffice(t).enter().stock()
	v := slideForm()
	v.Set("unit", o.firstUnitID())
	id := idOf(o.post("/studio/new-slide/slogan", v).is(http.StatusSeeOther))
	v.Set("base", "1")
	v.Set("title.vi", "Người thứ nhất")
	o.post("/studio/slides/"+id, v).is(http.StatusSeeOther)
	v.Set("title.vi", "Người thứ hai")
	o.post("/studio/slides/"+id, v).is(http.StatusConflict).has("Người thứ hai")
	row, err := o.store.Slide(context.Background(), id)
	if err != nil || row.Slide.Title["vi"] != "Người thứ nhất" {
		t.Errorf("%v %v", row.Slide.Title, err)
	}
}

func TestListsOfAForm(t *testing.T) {
	o := newOffice(t).enter().stock()
	v := slideForm()
	v.Del("body.text.vi")
	v.Set("body.title.vi", "Hướng dẫn")
	v.Set("body.steps.#", "2")
	v.Set("body.steps.0.title.vi", "Bước A")
	v.Set("body.steps.1.title.vi", "Bước B")
	v.Set("body.steps.1.text.en", "Text B")
	step := func(do string) answer {
		v.Set("do", do)
		return o.post("/studio/new-slide/guide", v).is(http.StatusOK)
	}
	step("up:body.steps.1").has(`name="body.steps.0.title.vi" value="Bước B"`, `name="body.steps.1.title.vi" value="Bước A"`, "Text B")
	step("down:body.steps.0").has(`name="body.steps.0.title.vi" value="Bước B"`)
	step("remove:body.steps.0").has(`name="body.steps.0.title.vi" value="Bước B"`).hasNot("Bước A")
	step("add:body.steps").has(`name="body.steps.2.title.vi"`, `name="body.steps.#" value="3"`)
	for _, bad := range []string{"remove:body.steps.7", "up:body.steps.0", "add:body.nothing", "remove:title", "up:", "x:y"} {
		step(bad).has(`name="body.steps.0.title.vi" value="Bước A"`, `name="body.steps.1.title.vi" value="Bước B"`)
	}
}

func pngOf(t *testing.T, w, h int) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range img.Pix {
		img.Pix[i] = 0xcc
	}
	img.Set(1, 1, color.RGBA{200, 0, 0, 255})
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// bomb is a PNG that says it is 60,000 pixels square.
func bomb(t *testing.T) []byte {
	b := pngOf(t, 4, 4)
	binary.BigEndian.PutUint32(b[16:], 60000)
	binary.BigEndian.PutUint32(b[20:], 60000)
	binary.BigEndian.PutUint32(b[29:], crc32.ChecksumIEEE(b[12:29]))
	return b
}

func TestPictureUpload(t *testing.T) {
	o := newOffice(t).enter().stock()
	v := slideForm()
	v.Del("body.text.vi")
	v.Set("body.caption.vi", "Trụ sở")
	v.Set("unit", o.firstUnitID())
	before := o.counts()
	for name, c := range map[string]struct {
		file []byte
		says string
	}{
		"svg":     {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), "Không nhận ảnh SVG"},
		"gif":     {[]byte("GIF89a\x01\x00\x01\x00"), "Không nhận ảnh GIF"},
		"bomb":    {bomb(t), "40 triệu"},
		"damaged": {pngOf(t, 40, 40)[:60], "bị hỏng"},
		"large":   {append(pngOf(t, 4, 4), make([]byte, maxPicture)...), "lớn hơn 10 MiB"},
		"none":    {nil, "Chưa điền mục này"},
	} {
		t.Run(name, func(t *testing.T) {
			o.upload("/studio/new-slide/image", v, "file:body.picture", c.file).is(http.StatusUnprocessableEntity).has(c.says, "Trụ sở")
		})
	}
	if after := o.counts(); after != before {
		t.Errorf("something was written: %+v, before %+v", after, before)
	}
	good := pngOf(t, 64, 36)
	id := idOf(o.upload("/studio/new-slide/image", v, "file:body.picture", good).is(http.StatusSeeOther))
	o.get("/studio/slides/" + id).is(http.StatusOK).has("/studio/blobs/" + slides.Sum(good))
	a := o.get("/studio/blobs/" + slides.Sum(good)).is(http.StatusOK)
	if a.header.Get("Content-Type") != "image/png" || a.body != string(good) {
		t.Error("the picture came back changed")
	}
	var j bytes.Buffer
	if err := jpeg.Encode(&j, image.NewGray(image.Rect(0, 0, 30, 20)), nil); err != nil {
		t.Fatal(err)
	}
	o.upload("/studio/new-slide/image", v, "file:body.picture", j.Bytes()).is(http.StatusSeeOther)
}

func TestFilmUpload(t *testing.T) {
	o := newOffice(t).enter().stock()
	v := slideForm()
	v.Del("body.text.vi")
	v.Set("body.caption.vi", "Nộp hồ sơ trực tuyến")
	v.Set("unit", o.firstUnitID())
	poster := pngOf(t, 64, 36)
	o.upload("/studio/new-slide/image", v, "file:body.picture", poster).is(http.StatusSeeOther)
	v.Set("body.poster", slides.Sum(poster))
	v.Set("body.shape", "wide")
	v.Set("body.lines.#", "1")
	v.Set("body.lines.0.at", "1,5")
	v.Set("body.lines.0.text.vi", "Mở Cổng Dịch vụ công quốc gia")
	heads := "\x00\x00\x00\x0Cftypisom\x00\x00\x00\x10moov\x00\x00\x00\x08trak\x00\x00\x00\x00mdat"
	film := append([]byte(heads), make([]byte, pictureBody)...) // larger than any picture
	for name, c := range map[string]struct {
		file []byte
		says string
	}{
		"avi":   {[]byte("RIFF\x00\x00\x00\x00AVI LIST and more bytes than a head needs to be looked at ....."), "Chỉ nhận video MP4 hoặc WebM"},
		"page":  {[]byte("<html><video></video></html>"), "Chỉ nhận video MP4 hoặc WebM"},
		"cut":   {[]byte(heads[:30]), "bị đứt giữa chừng"},
		"large": {append([]byte(heads), make([]byte, kinds.MaxFilm)...), "lớn hơn 100 MiB"},
		"none":  {nil, "Chưa điền mục này"},
	} {
		t.Run(name, func(t *testing.T) {
			o.upload("/studio/new-slide/video", v, "file:body.film", c.file).is(http.StatusUnprocessableEntity).has(c.says, "Nộp hồ sơ trực tuyến", "Mở Cổng Dịch vụ công quốc gia")
		})
	}
	// One that came with the form goes the library's way; what was typed is kept.
	o.upload("/studio/new-slide/video", v, "file:body.film", film).is(http.StatusUnprocessableEntity).has("đang được chuyển", "Nộp hồ sơ trực tuyến", "Mở Cổng Dịch vụ công quốc gia")
	if list, err := o.store.Uploads(context.Background(), ""); err != nil || len(list) != 1 || list[0].State != store.UploadWaiting || list[0].Unit != o.firstUnitID() {
		t.Fatalf("%+v %v", list, err)
	}
	// Chosen from the library it is the slide's.
	if _, err := o.store.PutBlob(context.Background(), "video/mp4", bytes.NewReader(film), kinds.MaxFilm); err != nil {
		t.Fatal(err)
	}
	v.Set("body.film", slides.Sum(film))
	id := idOf(o.post("/studio/new-slide/video", v).is(http.StatusSeeOther))
	o.get("/studio/slides/"+id).is(http.StatusOK).has("/studio/blobs/"+slides.Sum(film), "1,5")
	if a := o.get("/studio/blobs/" + slides.Sum(film)).is(http.StatusOK); a.header.Get("Content-Type") != "video/mp4" || a.body != string(film) {
		t.Error("the film came back changed")
	}
	// What is stored must be what the field is for.
	for field, c := range map[string]struct{ sha, says string }{
		"body.film":   {slides.Sum(poster), "không phải là video MP4"},
		"body.poster": {slides.Sum(film), "không phải là ảnh PNG"},
	} {
		w := url.Values{}
		for k, x := range v {
			w[k] = x
		}
		w.Set("body.film", slides.Sum(film))
		w.Set(field, c.sha)
		o.post("/studio/new-slide/video", w).is(http.StatusUnprocessableEntity).has(c.says, field)
	}
	// Nothing but a file may be that large.
	o.post("/studio/new-slide/video", url.Values{"title.vi": {strings.Repeat("a", pictureBody+1)}}).is(http.StatusRequestEntityTooLarge)
}

func TestPreviewAndThumbnails(t *testing.T) {
	needFonts(t)
	o := newOffice(t).enter().stock()
	v := slideForm()
	v.Set("do", "preview")
	a := o.post("/studio/new-slide/slogan", v).is(http.StatusOK).has("chưa lưu", "Nụ cười công sở,")
	if strings.Count(a.body, `src="data:image/png;base64,`) != 2 {
		t.Error("not two pictures")
	}
	v.Set("body.text.vi", strings.Repeat("Siết chặt kỷ cương hành chính ", 8))
	o.post("/studio/new-slide/slogan", v).is(http.StatusOK)
	rows, err := o.store.Slides(context.Background(), store.SlideFilter{Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	path := "/studio/slides/" + rows[0].ID + "/picture/small"
	a = o.get(path).is(http.StatusOK)
	img, err := png.Decode(strings.NewReader(a.body))
	if err != nil || img.Bounds().Dx() != 480 || img.Bounds().Dy() != 270 {
		t.Fatalf("%v %v", img.Bounds(), err)
	}
	tag := a.header.Get("ETag")
	r, err := http.NewRequest("GET", o.web.URL+path, nil)
	if err == nil {
		r.Header.Set("If-None-Match", tag)
	}
	if b := o.do(r, err).is(http.StatusNotModified); b.body != "" || tag == "" {
		t.Error("not modified, but with a body")
	}
	o.get("/studio/slides/" + rows[0].ID + "/picture/huge").is(http.StatusNotFound)
}

// A slide goes its way: draft, published, edited, recalled, published again.
func TestSlideLife(t *testing.T) {
	needFonts(t)
	o := newOffice(t).enter().stock()
	ctx := context.Background()
	v := slideForm()
	v.Set("unit", o.firstUnitID())
	id := idOf(o.post("/studio/new-slide/slogan", v).is(http.StatusSeeOther))
	state := func(want store.ItemState) {
		t.Helper()
		row, err := o.store.Slide(ctx, id)
		if err != nil || row.State != want {
			t.Fatalf("%v %v, want %v", row.State, err, want)
		}
	}
	state(store.Draft)
	o.get("/studio/publish").is(http.StatusOK).has("Khẩu hiệu thử", "slide:"+id+":1")
	o.post("/studio/publish", nil).is(http.StatusUnprocessableEntity).has("Chưa chọn")
	o.post("/studio/publish", url.Values{"item": {"slide:" + id + ":7"}}).is(http.StatusUnprocessableEntity).has("vừa được thay đổi")
	o.post("/studio/publish", url.Values{"item": {"nonsense"}}).is(http.StatusUnprocessableEntity)
	state(store.Draft)
	o.post("/studio/publish", url.Values{"item": {"slide:" + id + ":1"}, "note": {"lần đầu"}}).is(http.StatusSeeOther)
	state(store.Live)
	v.Set("base", "1")
	v.Set("body.text.vi", "Câu mới")
	o.post("/studio/slides/"+id, v).is(http.StatusSeeOther)
	state(store.Edited)
	o.get("/studio/publish").is(http.StatusOK).has("Câu mới", "Nụ cười công sở", "Khẩu hiệu")
	o.post("/studio/slides/"+id+"/recall", nil).is(http.StatusSeeOther)
	state(store.Recalled)
	o.get("/studio/slides/" + id).is(http.StatusOK).has("Phát hành lại")
	o.post("/studio/publish", url.Values{"item": {"slide:" + id + ":2"}, "back": {"/studio/slides/" + id}}).is(http.StatusSeeOther)
	state(store.Live)
	copied := idOf(o.post("/studio/slides/"+id+"/duplicate", nil).is(http.StatusSeeOther))
	if row, err := o.store.Slide(ctx, copied); err != nil || row.Slide.Title["vi"] != "Khẩu hiệu thử (bản sao)" {
		t.Errorf("%v %v", row.Slide, err)
	}
	o.post("/studio/slides/"+copied+"/delete", url.Values{"base": {"1"}}).is(http.StatusSeeOther)
}

func TestPlaylistForm(t *testing.T) {
	o := newOffice(t).enter().stock()
	rows, err := o.store.Slides(context.Background(), store.SlideFilter{Limit: 3})
	if err != nil || len(rows) < 3 {
		t.Fatal(err)
	}
	a, b, c := rows[0].ID, rows[1].ID, rows[2].ID
	v := url.Values{"base": {"0"}, "name": {"Sáng thứ Hai"}, "slide": {a, b}, "dwell": {"", "20,5"}, "do": {"add:0"}, "add": {c}}
	o.post("/studio/playlists/new", v).is(http.StatusOK).has("chưa được lưu", `value="20,5"`)
	v.Set("do", "up:1")
	page := o.post("/studio/playlists/new", v).is(http.StatusOK).body
	if strings.Index(page, `name="slide" value="`+b) > strings.Index(page, `name="slide" value="`+a) {
		t.Error("not moved up")
	}
	v.Set("do", "save")
	id := idOf(o.post("/studio/playlists/new", v).is(http.StatusSeeOther))
	row, err := o.playlist(id)
	if err != nil || len(row.Playlist.Items) != 2 || row.Playlist.Items[1].Dwell != 20500 {
		t.Fatalf("%+v %v", row, err)
	}
	before := o.counts()
	for name, bad := range map[string]url.Values{
		"no name":     {"name": {""}, "slide": {a}, "dwell": {""}},
		"long name":   {"name": {strings.Repeat("x", 10_000)}, "slide": {a}, "dwell": {""}},
		"short dwell": {"name": {"x"}, "slide": {a}, "dwell": {"1"}},
		"odd dwell":   {"name": {"x"}, "slide": {a}, "dwell": {"NaN"}},
		"too long":    {"name": {"x"}, "slide": strings.Split(strings.Repeat(a+",", slides.MaxItems)+a, ",")},
	} {
		t.Run(name, func(t *testing.T) {
			bad.Set("do", "save")
			o.post("/studio/playlists/new", bad).is(http.StatusUnprocessableEntity)
		})
	}
	if after := o.counts(); after != before {
		t.Errorf("something was written: %+v, before %+v", after, before)
	}
}

func (o *office) playlist(id string) (store.PlaylistRow, error) {
	lists, err := o.store.Playlists(context.Background())
	for _, l := range lists {
		if l.ID == id {
			return l, err
		}
	}
	return store.PlaylistRow{}, err
}

func TestScheduleForm(t *testing.T) {
	o := newOffice(t).enter().stock()
	lists, err := o.store.Playlists(context.Background())
	if err != nil || len(lists) == 0 {
		t.Fatal(err)
	}
	base := func() url.Values {
		return url.Values{"playlist": {lists[0].ID}, "where": {"all"}, "zone": {"Asia/Ho_Chi_Minh"}, "start": {"2090-03-20T07:30"}, "end": {"2090-03-20T17:00"}, "repeat": {"workdays"}, "priority": {"10"}, "base": {"0"}}
	}
	before := o.counts()
	for name, c := range map[string]struct{ field, value, says string }{
		"no playlist":       {"playlist", "", "Chưa chọn danh sách phát"},
		"unknown playlist":  {"playlist", "khong-co", ""},
		"nowhere":           {"where", "some", "ít nhất một đơn vị"},
		"wrong zone":        {"zone", "Asia/Hanoi2", "Múi giờ"},
		"wrong start":       {"start", "hôm nay", "không đọc được"},
		"end before start":  {"end", "2090-03-19T17:00", "sau thời điểm bắt đầu"},
		"bad rule":          {"rrule", "FREQ=HOURLY", ""},
		"rule never":        {"rrule", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "không rơi vào ngày nào"},
		"no rule":           {"rrule", " ", "hãy ghi RRULE"},
		"wrong repeat":      {"repeat", "đôi khi", "Chưa chọn cách lặp lại"},
		"wrong priority":    {"priority", "1000", "ưu tiên"},
		"half an interrupt": {"seconds", "10", "cả thời lượng và chu kỳ"},
		"past":              {"end", "2001-01-02T00:00", ""},
	} {
		t.Run(name, func(t *testing.T) {
			v := base()
			if c.field == "rrule" {
				v.Set("repeat", "custom")
			}
			if name == "past" {
				v.Set("start", "2001-01-01T00:00")
				v.Set("repeat", "none")
			}
			v.Set(c.field, c.value)
			o.post("/studio/schedule/new", v).is(http.StatusUnprocessableEntity).has(c.says, "Lưu nháp")
		})
	}
	if after := o.counts(); after != before {
		t.Errorf("something was written: %+v, before %+v", after, before)
	}
	v := base()
	v.Set("seconds", "20")
	v.Set("every", "300")
	id := idOf(o.post("/studio/schedule/new", v).is(http.StatusSeeOther))
	o.get("/studio/schedule/"+id).is(http.StatusOK).has(`value="300"`, `value="workdays" selected`)
	o.get("/studio/schedule").has("Thứ Hai đến thứ Sáu, 7:30–17:00, từ 20/3/2090, chen 20 giây mỗi 300 giây.")
	v.Set("base", "1")
	v.Set("repeat", "custom")
	v.Set("rrule", "FREQ=WEEKLY;BYDAY=MO,WE")
	o.post("/studio/schedule/"+id, v).is(http.StatusSeeOther)
	o.post("/studio/schedule/"+id+"/delete", url.Values{"base": {"2"}}).is(http.StatusSeeOther)
}

// From a slide's page one form places it: its playlist and its entry come
// together or not at all, and the second time the playlist is there already.
func TestScheduleOneSlide(t *testing.T) {
	o := newOffice(t).enter().stock()
	form := slideForm()
	form.Set("unit", o.firstUnitID())
	id := idOf(o.post("/studio/new-slide/slogan", form).is(http.StatusSeeOther))
	o.get("/studio/slides/" + id).has("/studio/schedule/new?slide=" + id)
	o.get("/studio/").has(`<a href="/studio/slides/` + id + `">`).hasNot("slide:" + id) // the desk knows it by its name
	path := "/studio/schedule/new"
	v := o.get(path+"?slide="+id).is(http.StatusOK).has("Chỉ trang này: ").form(path, "")
	if v.Get("playlist") != "slide:"+id {
		t.Fatalf("the form offers %q", v.Get("playlist"))
	}
	before := o.counts()
	v.Set("where", "some")
	o.post(path, v).is(http.StatusUnprocessableEntity).has("Chỉ trang này: ")
	if after := o.counts(); after != before {
		t.Errorf("a refused form wrote something: %+v, before %+v", after, before)
	}
	v.Set("where", "all")
	e, err := o.store.Entry(context.Background(), idOf(o.post(path, v).is(http.StatusSeeOther)))
	if err != nil {
		t.Fatal(err)
	}
	list, err := o.playlist(e.Entry.Playlist)
	if err != nil || len(list.Playlist.Items) != 1 || list.Playlist.Items[0].Slide != id {
		t.Fatalf("the entry shows %+v, %v", list.Playlist, err)
	}
	o.get("/studio/schedule/"+e.ID).has("/studio/publish?", "item=entry%3A"+e.ID, "item=playlist%3A"+list.ID, "item=slide%3A"+id)
	if v := o.get(path+"?slide="+id).form(path, ""); v.Get("playlist") != list.ID {
		t.Errorf("the second time the form offers %q, want %q", v.Get("playlist"), list.ID)
	}
	v.Set("playlist", "slide:khong-co")
	o.post(path, v).is(http.StatusNotFound)
}

func TestKioskForms(t *testing.T) {
	o := newOffice(t).enter().stock()
	unit := o.firstUnitID()
	if a := o.get("/studio/kiosks/approve?code=ZZZZZZ").has("Mã hiện trên màn hình ki-ốt", "problem"); a.code < 400 || a.code >= 500 {
		t.Errorf("a wrong code: %d", a.code)
	}
	p, _ := o.pairing()
	o.get("/studio/kiosks/approve?code=" + strings.ToLower(p.Code)).is(http.StatusOK).has("So sáu từ này")
	good := url.Values{"code": {p.Code}, "name": {"Sảnh"}, "unit": {unit}, "match": {"on"}}
	for name, c := range map[string]struct{ field, value, says string }{
		"words not compared": {"match", "", "Hãy so sáu từ"},
		"no name":            {"name", "\u200b", "Hãy đặt tên ki-ốt"},
		"no unit":            {"unit", "", "Hãy chọn đơn vị"},
		"unknown unit":       {"unit", "khong-co", ""},
		"unknown kiosk":      {"kiosk", "khong-co", ""},
	} {
		t.Run(name, func(t *testing.T) {
			v := url.Values{}
			for k, x := range good {
				v[k] = x
			}
			v.Set(c.field, c.value)
			a := o.post("/studio/kiosks/approve", v).has(c.says)
			if a.code < 400 || a.code >= 500 {
				t.Errorf("%d", a.code)
			}
		})
	}
	if n := o.counts().kiosks; n != 0 {
		t.Fatalf("%d kiosks", n)
	}
	id := idOf(o.post("/studio/kiosks/approve", good).is(http.StatusSeeOther))
	o.post("/studio/kiosks/"+id+"/command", url.Values{"verb": {"screenshot"}}).is(http.StatusSeeOther)
	o.get("/studio/kiosks/"+id).is(http.StatusOK).has("đang chờ ảnh mới", "Chụp màn hình")
	// Counter mode: asked only where the kiosk is set up so and online.
	o.get("/studio/kiosks/" + id).hasNot("Mời đánh giá")
	o.post("/studio/kiosks/"+id+"/invite", nil).is(http.StatusConflict).has("không ở chế độ quầy")
	desk := store.KioskEdit{Name: "Sảnh", Unit: unit, Lang: "vi", Audience: slides.Public}
	desk.Terminal.AtDesk = true
	if _, err := o.store.UpdateKiosk(context.Background(), store.Actor{}, id, desk); err != nil {
		t.Fatal(err)
	}
	o.get("/studio/kiosks/"+id).has("Mời đánh giá", "disabled", "chạm màn hình để đánh giá")
	o.post("/studio/kiosks/"+id+"/invite", nil).is(http.StatusConflict).has("mất kết nối")
	if _, err := o.store.TakeLease(context.Background(), id, "c", store.Hello{}, time.Minute); err != nil {
		t.Fatal(err)
	}
	o.get("/studio/kiosks/"+id).has("Mời đánh giá", `name="ticket"`).hasNot("chạm màn hình để đánh giá")
	o.get("/studio/kiosks").has("Mời đánh giá", `name="back" value="list"`)
	o.post("/studio/kiosks/"+id+"/invite", url.Values{"ticket": {"1234567890123"}}).is(http.StatusUnprocessableEntity).has("12 ký tự")
	if a := o.post("/studio/kiosks/"+id+"/invite", url.Values{"ticket": {"A012"}, "back": {"list"}}).is(http.StatusSeeOther); a.header.Get("Location") != "/studio/kiosks?done=invited" {
		t.Errorf("back to %q", a.header.Get("Location"))
	}
	if list, err := o.store.PendingCommands(context.Background(), id); err != nil || !slices.ContainsFunc(list, func(c wire.Command) bool { return c.Verb == wire.Invite && c.Ticket == "A012" }) {
		t.Errorf("%+v %v", list, err)
	}
	o.get("/studio/kiosks/"+id+"?done=invited").has("Đã mời", "Mời đánh giá").hasNot("A012")
	o.post("/studio/kiosks/"+id+"/command", url.Values{"verb": {"format-disk"}}).is(http.StatusUnprocessableEntity).has("Không có lệnh này")
	o.post("/studio/kiosks/"+id+"/settings", url.Values{"name": {"Sảnh mới"}, "unit": {unit}, "lang": {"vi"}, "audience": {"public"}, "terminal.tiles": {"rate"}, "base": {o.get("/studio/kiosks/"+id+"/settings").form("/studio/kiosks/"+id+"/settings", "").Get("base")}}).is(http.StatusSeeOther)
	o.post("/studio/kiosks/"+id+"/settings", url.Values{"name": {"Sảnh mới"}, "unit": {unit}, "lang": {"xx"}, "audience": {"all"}}).is(http.StatusUnprocessableEntity)
	o.post("/studio/kiosks/"+id+"/unpair", nil).is(http.StatusUnprocessableEntity).has("đánh dấu xác nhận")
	o.post("/studio/kiosks/"+id+"/unpair", url.Values{"sure": {"on"}}).is(http.StatusSeeOther)
	k, err := o.store.Kiosk(context.Background(), id)
	if err != nil || k.Paired || k.Name != "Sảnh mới" {
		t.Errorf("%+v %v", k, err)
	}
	// Pairing again with an empty name keeps what the kiosk was.
	p, _ = o.pairing()
	again := idOf(o.post("/studio/kiosks/approve", url.Values{"code": {p.Code}, "kiosk": {id}, "match": {"on"}}).is(http.StatusSeeOther))
	if k, err = o.store.Kiosk(context.Background(), id); again != id || err != nil || !k.Paired || k.Name != "Sảnh mới" || k.Unit != unit {
		t.Errorf("%s %+v %v", again, k, err)
	}
	p, _ = o.pairing()
	o.post("/studio/kiosks/refuse", url.Values{"pairing": {p.ID}}).is(http.StatusSeeOther)
	o.post("/studio/kiosks/refuse", url.Values{"pairing": {"khong-co"}}).is(http.StatusNotFound)
}
