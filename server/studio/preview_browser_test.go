package studio

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"motcua/slides"
	"motcua/slides/fonts"
	"motcua/slides/kinds"
	"motcua/slides/raster"
	"motcua/slides/scene"
)

// paintingChromium is a browser that has WebGL without a graphics card.
func paintingChromium(t *testing.T, life time.Duration) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("chromium is not installed (apt-get install chromium)")
	}
	var opts []chromedp.ExecAllocatorOption
	opts = append(opts, chromedp.DefaultExecAllocatorOptions[:]...)
	opts = append(opts, chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("use-angle", "swiftshader"), chromedp.Flag("enable-unsafe-swiftshader", true),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("no-first-run", true))
	alloc, stop := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, end := chromedp.NewContext(alloc)
	ctx, late := context.WithTimeout(ctx, life)
	t.Cleanup(func() { late(); end(); stop() })
	return ctx
}

// enterBrowser gives the browser the office's session.
func (o *office) enterBrowser(ctx context.Context) {
	o.t.Helper()
	r, err := http.NewRequest("GET", o.web.URL, nil)
	if err != nil {
		o.t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, network.ClearBrowserCookies, cdp.Empty{}); err != nil {
		o.t.Fatal(err)
	}
	for _, c := range o.client.Jar.Cookies(r.URL) {
		if _, err := chromedp.Call(ctx, network.SetCookie, network.SetCookieParams{Name: c.Name, Value: c.Value, URL: o.web.URL}); err != nil {
			o.t.Fatal(err)
		}
	}
}

// The frame beside the form is the kiosk: what is on its canvas is, pixel for
// pixel, what slides/raster draws, for the draft as it stands in the form, in
// both shapes, at a citizen's text size and contrast; and the editor shows it
// while somebody types, keeps what is typed, and says what is wrong with it.
func TestLivePreviewIsTheKiosk(t *testing.T) {
	needFonts(t)
	if moduleVersion() == "" {
		t.Skip("the kiosk is not built for the browser: run make assets")
	}
	ctx := paintingChromium(t, 100*time.Second)
	o := newOffice(t).enter().stock()
	o.enterBrowser(ctx)
	unit := o.firstUnitID()
	var mu sync.Mutex
	var complaints []string
	if err := chromedp.Listen(ctx, func(ev any) {
		mu.Lock()
		defer mu.Unlock()
		switch ev := ev.(type) {
		case *runtime.EventExceptionThrown:
			complaints = append(complaints, ev.ExceptionDetails.Text)
		case *cdplog.EventEntryAdded:
			if !strings.Contains(ev.Entry.Text, "GPU stall") && !strings.Contains(ev.Entry.Text, "GL Driver") {
				complaints = append(complaints, string(ev.Entry.Level)+": "+ev.Entry.Text+" "+ev.Entry.URL)
			}
		}
	}); err != nil {
		t.Fatal(err)
	}
	read := func(script string) string {
		t.Helper()
		v, err := poll[string](ctx, script)
		if err != nil {
			t.Fatal(script, err)
		}
		return v
	}
	v := slideForm()
	v.Set("unit", unit)
	v.Set("draft", "thu-1")
	v.Set("body.overline.vi", "Chủ đề năm 2023")
	var d draftAnswer
	if err := json.Unmarshal([]byte(o.post("/studio/new-slide/slogan/draft", v).is(http.StatusOK).body), &d); err != nil || d.Shown == nil {
		t.Fatal(err, d)
	}
	sl := readSlide("slogan", v, time.UTC, &slides.Problems{})
	faces, err := fonts.Faces()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		w, h     int
		size     int
		scale    float32
		contrast bool
	}{{960, 540, 0, 1, false}, {540, 960, 0, 1, false}, {960, 540, 2, 1.3, true}} {
		if err := chromedp.Do(ctx, chromedp.EmulateViewport(int64(c.w), int64(c.h)), chromedp.Navigate(o.web.URL+"/studio/preview")); err != nil {
			t.Fatal(err)
		}
		read(`document.documentElement.dataset.kiosk === "ready" && "yes" || ""`)
		msg, err := json.Marshal(struct {
			shown
			Lang     string `json:"lang"`
			Size     int    `json:"size"`
			Contrast bool   `json:"contrast"`
		}{*d.Shown, "vi", c.size, c.contrast})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := chromedp.Run(ctx, chromedp.Evaluate[bool](fmt.Sprintf(`window.postMessage(%s, location.origin), true`, msg))); err != nil {
			t.Fatal(err)
		}
		read(`document.documentElement.dataset.kiosk === "shown" && "yes" || ""`)
		units, err := o.store.Units(context.Background(), 0)
		if err != nil {
			t.Fatal(err)
		}
		frame := scene.Frame{Theme: scene.DefaultTheme(), Lang: "vi", Scale: c.scale, Hint: true, Ticker: true, Unit: units[0].Name, UnitShort: units[0].Short, Office: units[0].Office}
		if c.contrast {
			frame.Theme = frame.Theme.Contrast()
		}
		sc, err := kinds.Scene(sl, frame, faces, c.w, c.h)
		if err != nil {
			t.Fatal(err)
		}
		want := raster.Draw(sc, nil)
		deadline := time.Now().Add(20 * time.Second)
		for { // the browser may present a frame later than it was drawn
			shot, err := chromedp.Run(ctx, chromedp.Screenshot(chromedp.CSS("canvas")))
			if err != nil {
				t.Fatal(err)
			}
			got, err := png.Decode(bytes.NewReader(shot))
			if err != nil {
				t.Fatal(err)
			}
			off, at := offBy(got, want, sc)
			if off == 0 {
				break
			}
			if time.Now().After(deadline) {
				t.Errorf("%d×%d size %d: %d pixels differ, the first at %v", c.w, c.h, c.size, off, at)
				break
			}
		}
	}
	// In the editor, while somebody types.
	if err := chromedp.Do(ctx,
		chromedp.EmulateViewport(1366, 768), chromedp.Navigate(o.web.URL+"/studio/new-slide/slogan"),
		chromedp.WaitVisible(chromedp.CSS("#f-body-text-vi")), chromedp.SendKeys(chromedp.CSS("#f-body-text-vi"), "Nụ cười công sở,"),
	); err != nil {
		t.Fatal(err)
	}
	t.Logf("kiosk ready after %s ms, first picture after %s ms, in a browser that has loaded it before", read(`(document.getElementById("live").dataset.first && document.getElementById("live").dataset.ready) || ""`), read(`document.getElementById("live").dataset.first || ""`))
	read(`document.getElementById("stills").hidden && !document.getElementById("live").hidden && "yes" || ""`)
	read(`document.getElementById("kept").textContent.indexOf("Đã giữ") === 0 && "yes" || ""`)
	look := func(name string) {
		t.Helper()
		if *shots == "" {
			return
		}
		b, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
		if err == nil {
			err = os.WriteFile(filepath.Join(*shots, name), b, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	press := func(selector string) {
		t.Helper()
		if err := chromedp.Do(ctx, chromedp.Click(chromedp.CSS(selector))); err != nil {
			t.Fatal(err)
		}
		read(`document.getElementById("live").dataset.kiosk === "shown" ? "yes" : ""`)
	}
	read(`document.querySelector(".checks") ? "yes" : ""`)
	look("live-landscape.png")
	press(`[data-h="1920"]`)
	look("live-portrait.png")
	press(`[data-w="3840"]`)
	look("live-4k.png")
	press(`[data-contrast]`)
	press(`[data-size="2"]`)
	press(`[data-w="1920"]`)
	look("live-contrast.png")
	// Nothing was saved, and nothing is lost: the list leads back to it.
	if err := chromedp.Do(ctx, chromedp.Navigate(o.web.URL+"/studio/slides"), chromedp.WaitVisible(chromedp.CSS(".unsaved"))); err != nil {
		t.Fatal(err)
	}
	look("list-unsaved.png")
	if err := chromedp.Do(ctx, chromedp.Click(chromedp.CSS(".unsaved a")), chromedp.WaitVisible(chromedp.CSS(".recovered"))); err != nil {
		t.Fatal(err)
	}
	if got := read(`document.getElementById("f-body-text-vi").value`); got != "Nụ cười công sở," {
		t.Errorf("what was typed came back as %q", got)
	}
	// The server is away while somebody writes: the copy on this computer comes back.
	if err := chromedp.Do(ctx, chromedp.Navigate(o.web.URL+"/studio/new-slide/notice"), chromedp.WaitVisible(chromedp.CSS("#f-title-vi"))); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`window.fetch = () => Promise.reject(new Error("away")), navigator.sendBeacon = () => false, true`)); err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Do(ctx, chromedp.SendKeys(chromedp.CSS("#f-title-vi"), "Thông báo viết khi mất mạng")); err != nil {
		t.Fatal(err)
	}
	read(`document.getElementById("kept").textContent.indexOf("Máy chủ chưa trả lời") === 0 ? "yes" : ""`)
	if err := chromedp.Do(ctx, chromedp.Navigate(o.web.URL+"/studio/new-slide/notice"), chromedp.WaitVisible(chromedp.CSS(".recovered"))); err != nil {
		t.Fatal(err)
	}
	if got := read(`document.getElementById("f-title-vi").value`); got != "Thông báo viết khi mất mạng" {
		t.Errorf("what was typed while the server was away came back as %q", got)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(complaints) > 0 {
		t.Errorf("the browser complains: %s", strings.Join(complaints, "\n"))
	}
}

// offBy counts the pixels in which a picture of the canvas is not the drawing,
// but for the slots, which the clock and the news fill; and where the first is.
// A step of 2 of 255 is the GPU's rounding.
func offBy(got image.Image, want *image.RGBA, sc *scene.Scene) (n int, first image.Point) {
	if got.Bounds().Size() != want.Rect.Size() {
		return want.Rect.Dx() * want.Rect.Dy(), got.Bounds().Size()
	}
	near := func(a, b uint32) bool { return max(a, b)-min(a, b) <= 2*257 }
	for y := range want.Rect.Dy() {
	next:
		for x := range want.Rect.Dx() {
			for _, s := range sc.Slots {
				if image.Pt(x, y).In(raster.Bounds(s.Rect)) {
					continue next
				}
			}
			r, g, b, _ := got.At(x, y).RGBA()
			wr, wg, wb, _ := want.At(x, y).RGBA()
			if !near(r, wr) || !near(g, wg) || !near(b, wb) {
				if n++; n == 1 {
					first = image.Pt(x, y)
				}
			}
		}
	}
	return n, first
}
