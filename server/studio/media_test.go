package studio

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"motcua/server/media"
	"motcua/server/store"
)

// photograph is a JPEG of noise: as large as one that a camera takes.
func photograph(t testing.TB, w, h int, seed uint64) []byte {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 1))
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			v := uint8(r.IntN(40))
			img.SetRGBA(x, y, color.RGBA{uint8(x*255/w) - v/2, uint8(y * 200 / h), 90 + v, 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// making runs the office's media room until the test ends.
func (o *office) making() *office {
	o.t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- o.media.Run(ctx) }()
	o.t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			o.t.Error("media:", err)
		}
	})
	return o
}

// shelved waits until nothing is being made ready, and gives all uploads.
func (o *office) shelved() []store.Upload {
	o.t.Helper()
	for end := time.Now().Add(time.Minute); ; {
		list, err := o.store.Uploads(context.Background(), "")
		if err != nil {
			o.t.Fatal(err)
		}
		open := 0
		for _, u := range list {
			if u.State == store.UploadWaiting || u.State == store.UploadRunning {
				open++
			}
		}
		if open == 0 {
			return list
		}
		if time.Now().After(end) {
			o.t.Fatalf("not made ready: %+v", list)
		}
		time.Sleep(5 * time.Millisecond) // polled: the worker is another goroutine
	}
}

// library puts a picture, and one with a long name, into the library and lists
// the pages that come with them.
func (o *office) library() []struct{ path, has string } {
	o.t.Helper()
	ctx := context.Background()
	unit := o.firstUnitID()
	var out []struct{ path, has string }
	for i, name := range []string{"Sảnh tầng 1.jpg", "Bộ phận Tiếp nhận và Trả kết quả giải quyết thủ tục hành chính, buổi sáng đầu tuần sau Tết Nguyên đán.jpg"} {
		p, err := media.Prepare(photograph(o.t, 2200, 1200+700*i, uint64(i)))
		if err != nil {
			o.t.Fatal(err)
		}
		m := store.Media{Unit: unit, Name: name, Source: strings.Repeat(fmt.Sprint(i), 64)}
		if err := media.Keep(ctx, o.store, p, &m); err != nil {
			o.t.Fatal(err)
		}
		if m, _, err = o.store.AddMedia(ctx, store.Actor{}, m); err != nil {
			o.t.Fatal(err)
		}
		out = append(out, struct{ path, has string }{"/studio/media/" + m.ID, "Xóa khỏi kho"})
	}
	guides, err := o.store.Slides(ctx, store.SlideFilter{Kind: "guide", Limit: 1})
	if err != nil || len(guides) == 0 {
		o.t.Fatal("no guides", err)
	}
	out = append(out, struct{ path, has string }{"/studio/slides/" + guides[0].ID + "/post", "Chép lời"})
	if err := o.store.QueueUpload(ctx, store.Upload{ID: "cho", Unit: unit, Name: "Video hướng dẫn nộp hồ sơ trực tuyến.mov", Size: 300 << 20, Actor: o.me()}); err != nil {
		o.t.Fatal(err)
	}
	return out
}

// me is who is signed in as the first user.
func (o *office) me() store.Actor {
	o.t.Helper()
	users, err := o.store.Users(context.Background())
	if err != nil || len(users) == 0 {
		o.t.Fatal("no users", err)
	}
	return store.Actor{User: users[0].ID, Name: users[0].Name}
}

// A file that comes with a form becomes a picture of the library, is told when
// it comes again, is used, and is deleted only when nothing shows it.
func TestLibraryByForm(t *testing.T) {
	o := newOffice(t).enter().stock().making()
	unit := o.firstUnitID()
	photo := photograph(t, 640, 400, 7)
	o.get("/studio/media").is(http.StatusOK).has("Kho chưa có tệp nào")
	o.post("/studio/media", url.Values{"unit": {unit}}).is(http.StatusUnprocessableEntity).has("Hãy chọn ít nhất một tệp")
	o.upload("/studio/media", url.Values{"unit": {unit}}, "file", photo).is(http.StatusSeeOther)
	if u := o.shelved(); len(u) != 1 || u[0].State != store.UploadDone || u[0].Again {
		t.Fatalf("%+v", u)
	}
	list, n, err := o.store.MediaList(context.Background(), store.MediaFilter{})
	if err != nil || n != 1 || list[0].W != 640 || list[0].Name != "anh.png" || list[0].Type != "image/jpeg" {
		t.Fatalf("%+v %v", list, err)
	}
	m := list[0]
	o.get("/studio/media?q=ANH").is(http.StatusOK).has("1 tệp", "chưa dùng")
	o.get("/studio/media/" + m.ID + "/thumb").is(http.StatusOK)
	o.get("/studio/media/" + m.ID + "/hd").is(http.StatusNotFound)
	if a := o.get("/studio/media/" + m.ID + "/whole?save=on").is(http.StatusOK); !strings.Contains(a.header.Get("Content-Disposition"), "anh.jpg") || a.header.Get("Content-Type") != "image/jpeg" {
		t.Error(a.header)
	}
	// Again, and what was kept brought again: it is the same file.
	o.upload("/studio/media", url.Values{"unit": {unit}}, "file", photo).is(http.StatusSeeOther)
	o.upload("/studio/media", url.Values{"unit": {unit}}, "file", []byte(o.get("/studio/media/"+m.ID+"/whole").body)).is(http.StatusSeeOther)
	for _, u := range o.shelved() {
		if u.Again != (u.ID != u.Media) && u.Media != m.ID {
			t.Errorf("%+v", u)
		}
	}
	o.get("/studio/media").has("Kho đã có tệp này", "1 tệp")
	// What is no picture is refused in words.
	o.upload("/studio/media", url.Values{"unit": {unit}}, "file", []byte("<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>")).is(http.StatusSeeOther)
	o.shelved()
	o.get("/studio/media").has("Không nhận ảnh SVG")

	v := o.get("/studio/new-slide/image").form("/studio/new-slide/image", "do=save")
	v.Set("body.picture", m.Blob)
	v.Set("body.caption.vi", "Sảnh")
	v.Set("title.vi", "Sảnh chờ")
	v.Set("unit", unit)
	to := o.post("/studio/new-slide/image", v).is(http.StatusSeeOther).header.Get("Location")
	o.get("/studio/media").has("1 bản nháp")
	o.get("/studio/media/" + m.ID).has("Sảnh chờ").hasNot("Xóa khỏi kho")
	o.post("/studio/media/"+m.ID+"/delete", nil).is(http.StatusConflict).has("đang được dùng ở 1 nơi")
	slide := strings.TrimPrefix(strings.Split(to, "?")[0], "/studio/slides/")
	o.post("/studio/slides/"+slide+"/delete", url.Values{"base": {"1"}}).is(http.StatusSeeOther)
	o.post("/studio/media/"+m.ID+"/delete", nil).is(http.StatusSeeOther)
	o.get("/studio/media").has("1 tệp vừa xóa")
	o.get("/studio/media?removed=on").has("anh.png")
	o.get("/studio/media/" + m.ID).has("còn lấy lại được")
	o.post("/studio/media/"+m.ID+"/restore", nil).is(http.StatusSeeOther)
	o.post("/studio/media/"+m.ID, url.Values{"name": {"Sảnh chờ tầng 1"}}).is(http.StatusSeeOther)
	o.get("/studio/media?q=sanh+cho").has("1 tệp")
	o.post("/studio/media/"+m.ID, url.Values{"name": {"  "}}).is(http.StatusUnprocessableEntity).has("Tên dài 1–100 ký tự")
}

// In a browser files are sent in pieces and become ready; the form of a slide
// chooses one of the library; axe finds nothing in the chooser.
func TestBrowserSendsAndChooses(t *testing.T) {
	needFonts(t)
	ctx := chromium(t, 3*time.Minute)
	o := newOffice(t).enter().stock().making()
	dir := t.TempDir()
	var files []string
	for i := range 3 {
		path := filepath.Join(dir, fmt.Sprintf("Ảnh %d.jpg", i+1))
		if err := os.WriteFile(path, photograph(t, 400, 300+i, uint64(i)), 0o600); err != nil {
			t.Fatal(err)
		}
		files = append(files, path)
	}
	bad := filepath.Join(dir, "hỏng.png")
	if err := os.WriteFile(bad, []byte("không phải ảnh"), 0o600); err != nil {
		t.Fatal(err)
	}
	do := func(steps ...chromedp.Action[chromedp.Void]) {
		t.Helper()
		if err := chromedp.Do(ctx, steps...); err != nil {
			t.Fatal(err)
		}
	}
	read := func(script string) string {
		t.Helper()
		v, err := poll[string](ctx, script)
		if err != nil {
			t.Fatal(script, err)
		}
		return v
	}
	o.shoot(ctx, "light", 1366, 768, "/studio/media")
	do(chromedp.SetUploadFiles(chromedp.CSS("#file"), append(files, bad)))
	for end := time.Now().Add(time.Minute); len(o.shelved()) < 4; {
		if time.Now().After(end) {
			t.Fatalf("not sent: %+v", o.shelved())
		}
	}
	again := chromedp.Navigate(o.web.URL + "/studio/media")
	if err := chromedp.Do(ctx, again); err != nil { // the page goes there by itself when all is sent, and may cut in
		do(again)
	}
	read(`document.querySelectorAll(".card .thumb img").length === 3 && document.querySelector("#uploads .problem") ? "yes" : ""`)
	if says := read(`document.querySelector("#uploads .problem").textContent`); !strings.Contains(says, "Không nhận ra loại tệp") {
		t.Error(says)
	}
	if left, err := os.ReadDir(o.store.UploadFolder()); err != nil || len(left) != 0 {
		t.Error("left behind:", left, err)
	}
	list, _, err := o.store.MediaList(context.Background(), store.MediaFilter{Search: "ảnh 2"})
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	do(
		chromedp.Navigate(o.web.URL+"/studio/new-slide/image"),
		chromedp.SetValue(chromedp.CSS(`[name="title.vi"]`), "Sảnh chờ"),
		chromedp.SetValue(chromedp.CSS(`[name="body.caption.vi"]`), "Sảnh chờ tầng 1"),
		chromedp.Click(chromedp.CSS(`[data-media-pick]`)),
		chromedp.WaitVisible(chromedp.CSS(`.pick-dialog .pick`)),
	)
	read(`Array.from(document.querySelectorAll(".pick img")).every(i => i.complete) ? "yes" : ""`)
	if checker, err := os.ReadFile("web/node_modules/axe-core/axe.min.js"); err == nil {
		if says, err := complaintsOf(ctx, string(checker)); err != nil || says != "" {
			t.Error(says, err)
		}
	}
	if *shots != "" {
		b, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(*shots, "picker.png"), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	do(
		chromedp.Click(chromedp.CSS(fmt.Sprintf(`[data-pick=%q]`, list[0].Blob))),
		chromedp.WaitNotVisible(chromedp.CSS(".pick-dialog")),
		chromedp.Click(chromedp.CSS(`.savebar button[value=save]`)),
		chromedp.WaitVisible(chromedp.CSS(".state-draft")),
	)
	uses, err := o.store.MediaUses(context.Background(), list)
	if err != nil || len(uses[list[0].ID]) != 1 {
		t.Errorf("the slide does not show it: %v %v", uses, err)
	}
}
