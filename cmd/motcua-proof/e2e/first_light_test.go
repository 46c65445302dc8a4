package e2e

import (
	"fmt"
	"image"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"motcua/kiosk/kiosktest"
	"motcua/slides/fonts"
)

// A kiosk is paired, a slide is published and read back from the kiosk's
// pixels, a touch becomes a rating, and the rating stands in the statistics.
func TestFirstLight(t *testing.T) {
	if _, err := fonts.All(); err != nil {
		t.Skip("the fonts are not fetched (make assets)")
	}
	o := open(t)
	p := o.person()
	screen := kiosktest.NewDisplay(t, 1280, 720)

	p.setUp(o.setup)
	kiosk := screen.Start(t, kiosktest.Build(t), "-server", o.url, "-data", filepath.Join(t.TempDir(), "kiosk"))
	p.pair(screen, kiosk, "Ki-ốt sảnh", "bo-phan-mot-cua")

	target := fmt.Sprintf("https://dichvucong.gov.vn/?lan=%d", time.Now().UnixNano())
	title := "Câu hỏi của buổi sáng"
	p.do("a slide", chromedp.Navigate(o.url+"/studio/new-slide/faq"), visible(".savebar"),
		set("title.vi", title), set("body.question.vi", "Nộp hồ sơ trực tuyến ở đâu?"),
		set("body.answer.vi", "Trên Cổng Dịch vụ công quốc gia."), set("body.qr.url", target),
		click(".savebar button[value=save]"), visible(".state-draft"))
	id := filepath.Base(p.left("/studio/new-slide/faq"))
	p.do("a playlist", chromedp.Navigate(o.url+"/studio/playlists/new"), visible("#add"),
		set("name", "Buổi sáng"), set("add", id), click("button[value='add:0']"), visible(".place"),
		click(".savebar button[value=save]"))
	list := filepath.Base(p.left("/studio/playlists/new"))
	now := time.Now().UTC().Add(7 * time.Hour) // Asia/Ho_Chi_Minh has had no daylight saving since 1975
	p.do("an entry", chromedp.Navigate(o.url+"/studio/schedule/new"), visible("#playlist"),
		set("playlist", list), set("start", now.Add(-time.Hour).Format("2006-01-02T15:04")), set("end", now.Add(2*time.Hour).Format("2006-01-02T15:04")),
		set("repeat", "none"), set("priority", "20"), click(".savebar button.primary"))
	p.left("/studio/schedule/new")
	p.do("publishing", chromedp.Navigate(o.url+"/studio/publish"), visible(".change"), click("input[name=now]"), click("form .panel button.primary"), visible(".note.good"))

	shown := screen.Until(t, "the published slide's QR", func(img *image.RGBA) bool { return code(img) == target })
	kiosktest.Keep(t, "published", shown)

	before := screen.Still(t)
	screen.Tap(t, 400, 400)
	screen.Until(t, "the home screen", func(img *image.RGBA) bool {
		return kiosktest.Differs(before, img, image.Rect(0, 100, 1280, 720), 12) > 0.3 && code(img) == ""
	})
	home := screen.Still(t)
	kiosktest.Keep(t, "home", home)
	screen.Tap(t, 150, 250) // the first of its tiles: "Đánh giá"
	asked := screen.Until(t, "the question", func(img *image.RGBA) bool {
		return kiosktest.Differs(home, img, image.Rect(0, 220, 1280, 500), 12) > 0.5
	})
	kiosktest.Keep(t, "asked", asked)
	screen.Still(t)
	screen.Tap(t, 1150, 330) // the last of five faces: "Rất hài lòng"
	thanks := screen.Until(t, "the thanks", func(img *image.RGBA) bool {
		return kiosktest.Differs(asked, img, image.Rect(0, 200, 1280, 520), 12) > 0.3
	})
	kiosktest.Keep(t, "thanks", thanks)

	late := time.Now().Add(within)
	for n := ""; n != "1"; {
		if time.Now().After(late) {
			t.Fatalf("the statistics say %q ratings", n)
		}
		p.do("statistics", chromedp.Navigate(o.url+"/studio/statistics?period=today"), visible("main"))
		n = p.read(`String((document.querySelector("[data-ratings]") || {dataset: {ratings: "0"}}).dataset.ratings)`)
	}
}
