package studio

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/wire"
)

// fleet pairs n kiosks, most of them connected and well, in the office's units.
func (o *office) fleet(n int) []string {
	o.t.Helper()
	ctx := context.Background()
	units, err := o.store.Units(ctx, 0)
	if err != nil {
		o.t.Fatal(err)
	}
	list, err := o.store.Slides(ctx, store.SlideFilter{Limit: 3})
	if err != nil || len(list) == 0 {
		o.t.Fatal("no slides", err)
	}
	places := []string{"Sảnh tầng 1", "Quầy 2 – Lao động, việc làm, an toàn lao động", "Bộ phận Tiếp nhận và Trả kết quả", "Phòng chờ"}
	shot := picture(o.t)
	var out []string
	for i := range n {
		pub, _, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			o.t.Fatal(err)
		}
		screen := wire.Screen{W: 1920, H: 1080}
		if i%4 == 1 {
			screen = wire.Screen{W: 1080, H: 1920}
		}
		p, err := o.store.CreatePairing(ctx, store.PairingRequest{Key: pub, Nonce: make([]byte, 32), Screen: screen, Program: "motcua-kiosk 0.1", Addr: fmt.Sprintf("10.0.%d.%d:9", i/250, i%250+1)})
		if err != nil {
			o.t.Fatal(err)
		}
		k, err := o.store.ApprovePairing(ctx, store.Actor{}, store.Approval{Pairing: p.ID, KioskEdit: store.KioskEdit{Name: fmt.Sprintf("%s – máy %03d", places[i%len(places)], i+1), Unit: units[i%len(units)].ID, Lang: "vi", Audience: slides.Public}})
		if err != nil {
			o.t.Fatal(err)
		}
		out = append(out, k.ID)
		if i%50 == 7 {
			continue // never connected
		}
		m, err := o.store.Manifest(ctx, k.Class)
		if err != nil {
			o.t.Fatal(err)
		}
		has := m.ID
		if i%31 == 3 {
			has = strings.Repeat("0", 64)
		}
		if _, err := o.store.TakeLease(ctx, k.ID, "c", store.Hello{Program: "motcua-kiosk 0.1", Screen: screen, Manifest: has, Revision: m.Revision}, time.Hour); err != nil {
			o.t.Fatal(err)
		}
		h := &wire.Health{Program: "motcua-kiosk 0.1", DiskFree: int64(i+1) << 28, Memory: 120 << 20, Slide: list[i%len(list)].ID, View: "loop", Manifest: has, Revision: m.Revision, Offset: int64(i%7) * 20_000, Pending: i % 3}
		if i%11 == 5 {
			h.View = "rate"
		}
		if i%17 == 2 {
			h.Errors = []wire.Fault{{Where: "vault", Text: "Tệp 3f9a… trên đĩa bị hỏng, đã tải lại từ máy chủ.", Count: 1}}
		}
		if err := o.store.SaveHealth(ctx, k.ID, h); err != nil {
			o.t.Fatal(err)
		}
		if i%2 == 0 && i < 100 {
			if err := o.store.SaveScreenshot(ctx, k.ID, wire.Screenshot{At: o.store.Now(), Image: shot}); err != nil {
				o.t.Fatal(err)
			}
		}
		if i%29 == 4 {
			if err := o.store.DropLease(ctx, k.ID, "c"); err != nil {
				o.t.Fatal(err)
			}
		}
	}
	return out
}

// picture is a screen of 1920×1080 pixels.
func picture(t *testing.T) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 1920, 1080))
	draw.Draw(img, img.Rect, image.NewUniform(color.RGBA{0x9F, 0x1B, 0x1E, 255}), image.Point{}, draw.Src)
	draw.Draw(img, image.Rect(120, 300, 1500, 420), image.White, image.Point{}, draw.Src)
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Five hundred kiosks are found, filtered, told something and labelled; what
// becomes of each shows by itself.
func TestFleet(t *testing.T) {
	needFonts(t)
	ctx := context.Background()
	o := newOffice(t).enter().stock()
	n := 500
	if testing.Short() {
		n = 120
	}
	kiosks := o.fleet(n)
	begun := time.Now()
	page := o.get("/studio/kiosks").is(http.StatusOK).has(fmt.Sprintf("1–50 trong %d ki-ốt", n), "đang chiếu", "mất kết nối", "đang tải", "có người dùng")
	t.Logf("the list of %d kiosks: %v, %d KiB", n, time.Since(begun).Round(time.Millisecond), len(page.body)>>10)
	checkPage(t, page)
	o.get("/studio/kiosks?skip=50").has("51–100 trong")
	o.get("/studio/kiosks?skip=99999&sort=state").is(http.StatusOK).has(fmt.Sprintf("%d–%d trong", (n-1)/50*50+1, n))
	silent := o.get("/studio/kiosks?state=silent&sort=seen").has("Mất kết nối", "máy 008", "Xem tất cả", "chưa từng kết nối").hasNot("máy 001")
	if !strings.Contains(silent.body, `aria-current="true"`) {
		t.Error("the chosen state is not marked")
	}
	o.get("/studio/kiosks?q=quay+may+002").has("máy 002", "1–1 trong 1").hasNot("máy 003")
	o.get("/studio/kiosks?q=khong+co").has("Không có ki-ốt nào như vậy")
	o.get("/studio/kiosks?unit=" + o.firstUnitID()).is(http.StatusOK).has("máy 003")
	small := o.get("/studio/kiosks/" + kiosks[0] + "/screenshot?small=1").is(http.StatusOK)
	if cfg, _, err := image.DecodeConfig(strings.NewReader(small.body)); err != nil || cfg.Height != smallShot || cfg.Width != 256 {
		t.Errorf("small picture: %+v, %v", cfg, err)
	}

	// Labels: two that are named, then all that a filter finds.
	two := url.Values{"kiosk": kiosks[:2]}
	with := func(v url.Values, pairs ...string) url.Values {
		out := url.Values{}
		for k, x := range v {
			out[k] = x
		}
		for i := 0; i < len(pairs); i += 2 {
			out.Set(pairs[i], pairs[i+1])
		}
		return out
	}
	o.post("/studio/kiosks-chosen", two).is(http.StatusOK).has("Đã chọn 2 ki-ốt", "máy 001", "máy 002").hasNot("máy 003")
	o.post("/studio/kiosks-chosen", nil).is(http.StatusUnprocessableEntity).has("Chưa chọn ki-ốt nào")
	o.post("/studio/kiosk-labels", with(two, "addtags", "tầng 1, chờ bảo trì", "addgroups", "tang-1")).is(http.StatusSeeOther)
	o.post("/studio/kiosk-labels", with(two, "addgroups", "Tầng 1")).is(http.StatusUnprocessableEntity).has("chữ thường không dấu", "Tầng 1")
	o.post("/studio/kiosk-labels", two).is(http.StatusUnprocessableEntity).has("Chưa có gì để gắn hay gỡ")
	o.get("/studio/kiosks?tag="+url.QueryEscape("chờ bảo trì")).has("máy 001", "máy 002", "1–2 trong 2")
	o.get("/studio/kiosks?group=tang-1").has("1–2 trong 2")
	o.post("/studio/kiosk-labels", url.Values{"all": {"on"}, "filter": {"tag=" + url.QueryEscape("chờ bảo trì")}, "droptags": {"chờ bảo trì"}}).is(http.StatusSeeOther)
	o.get("/studio/kiosks").hasNot("chờ bảo trì").has("tầng 1")

	// A message to three, of which one is not connected.
	three := url.Values{"kiosk": {kiosks[0], kiosks[2], kiosks[7]}}
	o.post("/studio/kiosk-orders", with(three, "verb", "say", "text", " ", "minutes", "5")).is(http.StatusUnprocessableEntity).has("Hãy viết nội dung")
	o.post("/studio/kiosk-orders", with(three, "verb", "say", "text", "Nghỉ", "minutes", "9999")).is(http.StatusUnprocessableEntity).has("1 phút đến 12 giờ", "Nghỉ")
	o.post("/studio/kiosk-orders", with(three, "verb", "dance")).is(http.StatusUnprocessableEntity).has("Không có lệnh")
	to := o.post("/studio/kiosk-orders", with(three, "verb", "say", "text", "Quầy 3 tạm nghỉ đến 10 giờ", "minutes", "5")).is(http.StatusSeeOther).header.Get("Location")
	o.get(to).is(http.StatusOK).has("Quầy 3 tạm nghỉ", "<strong>3</strong> chờ gửi", "máy 008", `data-live`)
	answer := func(kiosk string, ok bool, vi string) {
		t.Helper()
		list, err := o.store.PendingCommands(ctx, kiosk)
		if err != nil || len(list) != 1 || list[0].Text != "Quầy 3 tạm nghỉ đến 10 giờ" || list[0].Until != list[0].Issued+300_000 {
			t.Fatalf("%+v, %v", list, err)
		}
		if err := o.store.CommandSent(ctx, list[0].ID); err != nil {
			t.Fatal(err)
		}
		o.get(to).has("đã gửi")
		if err := o.store.CommandDone(ctx, kiosk, wire.Done{ID: list[0].ID, OK: ok, Vi: vi, En: "No."}); err != nil {
			t.Fatal(err)
		}
	}
	answer(kiosks[0], true, "")
	answer(kiosks[2], false, "Đĩa đã đầy.")
	o.get(to).has("<strong>1</strong> xong", "<strong>1</strong> không được", "Đĩa đã đầy.", "<strong>1</strong> chờ gửi")
	o.get("/studio/audit").has("Gửi lệnh tới nhiều ki-ốt", "Đổi nhãn của ki-ốt")

	o.post("/studio/kiosks/"+kiosks[0]+"/name", url.Values{"name": {"Sảnh chính"}}).is(http.StatusSeeOther)
	o.post("/studio/kiosks/"+kiosks[0]+"/name", url.Values{"name": {" "}}).is(http.StatusUnprocessableEntity)
	o.get("/studio/kiosks/"+kiosks[0]).has("Sảnh chính", "tầng 1")
}

// In a browser: ticks stay while the list keeps itself fresh, the button counts
// them, and every page of the way is accessible.
func TestFleetInTheBrowser(t *testing.T) {
	needFonts(t)
	checker := axe(t)
	ctx := chromium(t, 4*time.Minute)
	o := newOffice(t).enter().stock()
	kiosks := o.fleet(12)
	if _, err := o.store.Label(ctx, store.Actor{}, kiosks[:3], store.Labels{AddTags: []string{"tầng 1", "chờ bảo trì"}, AddGroups: []string{"cap-xa"}}); err != nil {
		t.Fatal(err)
	}
	do := func(steps ...chromedp.Action[chromedp.Void]) {
		t.Helper()
		if err := chromedp.Do(ctx, steps...); err != nil {
			t.Fatal(err)
		}
	}
	look := func(name string) {
		t.Helper()
		for _, scheme := range []string{"light", "dark"} {
			o.palette(ctx, scheme)
			says, err := complaintsOf(ctx, checker)
			if err != nil {
				t.Fatal(name, err)
			}
			if says != "" {
				t.Errorf("%s %s:\n%s", name, scheme, says)
			}
			if *shots == "" {
				continue
			}
			for _, w := range []int64{1366, 390} {
				do(chromedp.EmulateViewport(w, 800))
				b, err := chromedp.Run(ctx, chromedp.FullScreenshot(90))
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(*shots, fmt.Sprintf("%s-%d-%s.jpg", name, w, scheme)), b, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			do(chromedp.EmulateViewport(1366, 768))
		}
	}
	for _, lang := range []string{"en", "vi"} {
		o.post("/studio/language", url.Values{"language": {lang}, "back": {"/studio/"}}).is(http.StatusSeeOther)
		o.shoot(ctx, "light", 1366, 768, "/studio/kiosks")
		look("fleet-list-" + lang)
		for _, id := range kiosks[:3] {
			do(chromedp.Click(chromedp.CSS(`input[value="` + id + `"]`)))
		}
		said, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.querySelector("[data-choose]").textContent`))
		if err != nil || !strings.Contains(said, "3") {
			t.Errorf("the button says %q, %v", said, err)
		}
		do(chromedp.Click(chromedp.CSS("[data-choose]")), chromedp.WaitVisible(chromedp.CSS("#text")))
		look("fleet-chosen-" + lang)
		do(chromedp.SendKeys(chromedp.CSS("#text"), "Quầy 3 tạm nghỉ đến 10 giờ 30."), chromedp.Click(chromedp.CSS(`button[value="say"]`)), chromedp.WaitVisible(chromedp.CSS("ul.fleet-sum")))
		look("fleet-order-" + lang)
	}
	// What a kiosk answers shows without a reload.
	list, err := o.store.PendingCommands(ctx, kiosks[0])
	if err != nil || len(list) == 0 {
		t.Fatal(len(list), err)
	}
	if err := o.store.CommandDone(ctx, kiosks[0], wire.Done{ID: list[len(list)-1].ID, OK: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := poll[bool](ctx, `document.querySelector(".order-done") !== null`); err != nil {
		t.Error("the outcome does not show", err)
	}
	o.get("/studio/kiosks").has("Đang hiện thông báo: “Quầy 3 tạm nghỉ đến 10 giờ 30.”")
}

// Who is told of silent kiosks is set, tried and seen.
func TestAlerts(t *testing.T) {
	ctx := context.Background()
	o := newOffice(t).enter()
	if err := o.store.SaveUnit(ctx, store.Actor{}, store.Unit{ID: "so", Name: slides.Vi("Sở thử")}); err != nil {
		t.Fatal(err)
	}
	k := o.paired("Sảnh tầng 1", "so")
	o.get("/studio/kiosks").has("/studio/alerts")
	o.get("/studio/alerts").is(http.StatusOK).has("Chưa ghi nhận lần mất kết nối nào", "Gửi thư thử").hasNot("chưa được cấu hình gửi thư")
	o.post("/studio/alerts/test", nil).is(http.StatusUnprocessableEntity).has("ít nhất một địa chỉ")
	form := url.Values{"on": {"on"}, "after": {"15"}, "to": {"cntt@example.vn\nmai@"}, "lang": {"vi"}}
	o.post("/studio/alerts", form).is(http.StatusUnprocessableEntity).has("không phải địa chỉ thư", "mai@", `value="15"`)
	form.Set("to", " it@example.vn, cntt@example.vn ; it@example.vn")
	form.Set("after", "1")
	o.post("/studio/alerts", form).is(http.StatusUnprocessableEntity).has("từ 2 đến 240")
	form.Set("after", "15")
	o.post("/studio/alerts", form).is(http.StatusSeeOther)
	set, err := o.store.AlertSettings(ctx)
	if err != nil || !set.On || set.After != 15 || strings.Join(set.To, " ") != "cntt@example.vn it@example.vn" {
		t.Fatalf("%+v, %v", set, err)
	}
	o.post("/studio/alerts/test", nil).is(http.StatusSeeOther)
	o.get("/studio/alerts").has("Thư thử", "đang gửi", "cntt@example.vn", "data-live")
	m, ok, err := o.store.ClaimMail(ctx, time.Minute)
	if err != nil || !ok || m.Kind != "test" || !strings.Contains(m.Body, "Nông Thị Mai") {
		t.Fatalf("%+v %v %v", m, ok, err)
	}
	if err := o.store.MailFailed(ctx, m.ID, "Máy chủ thư từ chối.", "Refused.", time.Minute); err != nil {
		t.Fatal(err)
	}
	o.get("/studio/alerts").has("lỗi 1 lần", "Máy chủ thư từ chối.")
	if err := o.store.MailSent(ctx, m.ID); err != nil {
		t.Fatal(err)
	}
	if err := o.store.NoteIncidents(ctx, map[string]slides.Millis{k.id: 1}, nil, func(store.AlertSettings, []store.Incident, []store.Incident) (string, string) { return "Mất", "x" }); err != nil {
		t.Fatal(err)
	}
	page := o.get("/studio/alerts").has("đã gửi", "chưa kết nối lại", "Sảnh tầng 1")
	checkPage(t, page)
	o.get("/studio/audit").has("Đổi cài đặt cảnh báo", "Gửi thư thử")
	// A unit names its own; what was typed wrong is kept, and so are the unit's hours.
	o.post("/studio/units/so/alerts", url.Values{"alerts.to": {"cntt-so@example.vn\nmai@"}}).is(http.StatusUnprocessableEntity).has("không phải địa chỉ thư", "mai@", "cntt-so@example.vn")
	o.post("/studio/units/so/alerts", url.Values{"alerts.to": {"cntt-so@example.vn"}}).is(http.StatusSeeOther)
	checkPage(t, o.get("/studio/units/so").is(http.StatusOK).has("cntt-so@example.vn", "của đơn vị cấp dưới").hasNot("Hiện chưa gửi"))
	o.get("/studio/audit").has("Đổi người nhận cảnh báo của đơn vị")
	// Who has kiosks of one unit only does not decide for the house.
	o.client = o.as("trong-so", store.Grant{Role: "technician", Unit: "so"})
	o.get("/studio/alerts").is(http.StatusForbidden)
	o.post("/studio/units/so/alerts", url.Values{"alerts.to": {""}}).is(http.StatusSeeOther)
	o.get("/studio/units/so").hasNot("cntt-so@example.vn")
	o.get("/studio/kiosks").is(http.StatusOK).hasNot("/studio/alerts")
}
