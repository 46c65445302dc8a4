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

// One person asks for a draft to override the screens, another confirms; the
// real kiosk shows it and its own report acknowledges it on the page; ended, the
// screen goes back and the draft is a draft again.
func TestEmergency(t *testing.T) {
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
	hanh := lan.join(o, "Lý Thị Hạnh", "hanh", "approver", unit)

	target := fmt.Sprintf("https://dichvucong.gov.vn/?khan=%d", time.Now().UnixNano()%1e6)
	lan.do("a draft", chromedp.Navigate(o.url+"/studio/new-slide/faq"), visible(".savebar"),
		set("title.vi", "Mất điện"), set("body.question.vi", "Sảnh tầng 1 mất điện?"), set("body.answer.vi", "Mời sang quầy số 5, hoặc nộp trực tuyến."),
		set("body.qr.url", target), click(".savebar button[value=save]"), visible(".state-draft"))
	slide := filepath.Base(lan.left("/studio/new-slide/faq"))
	lan.do("asking", chromedp.Navigate(o.url+"/studio/emergencies"), visible("#ask-emergency"), set("slide", slide), click("#where-some"), click(`[name=unit][value="`+unit+`"]`),
		click("#ask-emergency button.danger"), visible("#live"))
	page := o.url + lan.left("/studio/emergencies")
	if lan.read(`document.querySelector("#live").dataset.state`) != "asked" || lan.read(`String(document.querySelectorAll("#confirm-emergency").length)`) != "0" {
		t.Fatal("who asked may confirm")
	}
	hanh.do("the second person looks", chromedp.Navigate(page), visible("#confirm-emergency"))
	begun := time.Now()
	hanh.do("confirming", click("#confirm-emergency"))
	screen.Until(t, "the emergency on the screen", func(img *image.RGBA) bool { return code(img) == target })
	shown := time.Since(begun)
	hanh.read(`(() => { const d = document.querySelector("#live"); return d && d.dataset.state === "on" && d.dataset.total === "1" && d.dataset.showing === "1" ? "all" : "" })()`)
	t.Logf("press to screen %v, to the kiosk's acknowledgement on the page %v (seen through a browser and a QR reader)", shown.Round(time.Millisecond), time.Since(begun).Round(time.Millisecond))

	hanh.do("ending it", click("#end-emergency"))
	screen.Until(t, "the screen without it", func(img *image.RGBA) bool { return code(img) != target })
	hanh.read(`(() => { const d = document.querySelector("#live"); return d && d.dataset.state === "over" ? "over" : "" })()`)
	lan.do("the slide afterwards", chromedp.Navigate(o.url+"/studio/slides/"+slide), visible(".savebar"))
	lan.read(`document.querySelector(".state-live, .state-edited") ? "" : "a draft"`)
}
