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

// An editor mends what the checks find and submits; another person looks and
// approves; the kiosk shows it; a recall takes it off the screen, and undoing
// the recall brings it back.
func TestApprovedRecalledAndPutBack(t *testing.T) {
	if _, err := fonts.All(); err != nil {
		t.Skip("the fonts are not fetched (make assets)")
	}
	const unit = "bo-phan-mot-cua"
	o := open(t)
	lan := o.person()
	screen := kiosktest.NewDisplay(t, 1280, 720)
	lan.setUp(o.setup)
	kiosk := screen.Start(t, kiosktest.Build(t), "-server", o.url, "-data", filepath.Join(t.TempDir(), "kiosk"))
	lan.pair(screen, kiosk, "Ki-ốt sảnh", unit)
	lan.do("the unit wants a second person", chromedp.Navigate(o.url+"/studio/units/"+unit), visible("#way"),
		set("way", "approve"), click(`form[action="/studio/units/`+unit+`/approval"] button`), visible(".note.good"))
	thu := lan.join(o, "Hoàng Văn Thụ", "thu", "editor", unit)
	hanh := lan.join(o, "Lý Thị Hạnh", "hanh", "approver", unit)

	target := fmt.Sprintf("https://dichvucong.gov.vn/?lan=%d", time.Now().UnixNano()%1e6)
	thu.do("a slide", chromedp.Navigate(o.url+"/studio/new-slide/faq"), visible(".savebar"),
		set("title.vi", "Câu hỏi của buổi sáng"), set("body.question.vi", "Nộp hồ sơ trực tuyến ở đâu?"), set("body.answer.vi", "Trên Cổng Dịch vụ công quốc gia."),
		set("body.qr.url", target), set("dwell", "3"), click(".savebar button[value=save]"), visible(".state-draft"))
	thu.left("/studio/new-slide/faq")
	thu.do("the checks", visible(".checks li"), click(".checks button[value^='fix:dwell']"), visible(".allright"))
	now := time.Now().In(time.FixedZone("ICT", 7*3600)) // once, around now: the test may run at night or on a Sunday
	thu.do("its place", click("#place"), visible("#save-entry"), set("priority", "20"), set("repeat", "none"),
		set("start", now.Add(-time.Hour).Format("2006-01-02T15:04")), set("end", now.Add(2*time.Hour).Format("2006-01-02T15:04")), click("#save-entry"), visible("#to-publish"))
	thu.do("submitting", click("#to-publish"), visible("#submit"), click("#submit"), visible(".decision"))
	if n := thu.read(`String(document.querySelectorAll("[data-do=approve]").length)`); n != "0" {
		t.Fatal("the author may approve it")
	}

	hanh.do("the desk names it", chromedp.Navigate(o.url+"/studio/"), visible(".todo-approve li a"), click(".todo-approve li a"), visible("[data-do=approve]"))
	hanh.read(`document.querySelector(".piece .shot-landscape img").naturalWidth === 1920 ? "drawn" : ""`)
	hanh.do("approving", click("[data-do=approve]"), visible(".delivery"))
	screen.Until(t, "the approved slide's QR", func(img *image.RGBA) bool { return code(img) == target })
	hanh.do("recalling", click("[data-do=recall]"), visible("[data-do=again]"))
	screen.Until(t, "the screen without the slide", func(img *image.RGBA) bool { return code(img) != target })
	hanh.do("putting it back", click("[data-do=again]"), visible("[data-do=recall]"))
	screen.Until(t, "the slide again", func(img *image.RGBA) bool { return code(img) == target })
}
