package studio

import (
	"context"
	"flag"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// shots makes TestPictures write a picture of every page for people to look at.
var (
	shots     = flag.String("shots", "", "folder for pictures of every page")
	shotsOnly = flag.String("shots-only", "", "pattern of the pages to take")
)

// chromium starts a browser, or skips with the reason.
func chromium(t *testing.T, life time.Duration, more ...chromedp.ExecAllocatorOption) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("chromium is not installed (apt-get install chromium)")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-default-apps", true), chromedp.Flag("no-first-run", true), chromedp.Flag("disable-domain-reliability", true))
	alloc, stop := chromedp.NewExecAllocator(context.Background(), append(opts, more...)...)
	ctx, end := chromedp.NewContext(alloc)
	ctx, late := context.WithTimeout(ctx, life)
	t.Cleanup(func() { late(); end(); stop() })
	return ctx
}

// poll waits until a script says something. Of a page that goes away under it
// (a form was sent, the calendar loads anew) it asks the next one.
func poll[T any](ctx context.Context, script string) (T, error) {
	for {
		v, err := chromedp.Run(ctx, chromedp.Poll[T](script))
		if err == nil || ctx.Err() != nil || !pageLeft(err) {
			return v, err
		}
	}
}

// pageLeft says whether Chromium answers that the page of a script is gone; it
// has a number for it, but the same one for much else.
func pageLeft(err error) bool {
	return slices.ContainsFunc([]string{"Cannot find context with specified id", "Execution context was destroyed", "Inspected target navigated or closed"},
		func(s string) bool { return strings.Contains(err.Error(), s) })
}

// A real browser signs in, sees a slide's picture, publishes a change, and
// reads a rating in the statistics, under the policy and without one complaint
// in its console.
func TestBrowser(t *testing.T) {
	needFonts(t)
	ctx := chromium(t, 2*time.Minute)
	o := newOffice(t).enter().stock()
	unit := o.firstUnitID()
	k := o.paired("Sảnh tầng 1", unit)
	var mu sync.Mutex
	var complaints []string
	if err := chromedp.Listen(ctx, func(ev any) {
		mu.Lock()
		defer mu.Unlock()
		switch ev := ev.(type) {
		case *runtime.EventExceptionThrown:
			complaints = append(complaints, ev.ExceptionDetails.Text)
		case *cdplog.EventEntryAdded:
			if !strings.Contains(ev.Entry.Text, "GPU stall") { // of the preview, drawn without a GPU
				complaints = append(complaints, string(ev.Entry.Level)+": "+ev.Entry.Text+" "+ev.Entry.URL)
			}
		}
	}); err != nil {
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
			t.Fatal(err)
		}
		return v
	}
	do(
		chromedp.EmulateViewport(1366, 768),
		chromedp.Navigate(o.web.URL+"/studio/slides"),
		chromedp.WaitVisible(chromedp.CSS("#login")),
		chromedp.SendKeys(chromedp.CSS("#login"), testLogin), chromedp.SendKeys(chromedp.CSS("#password"), testPassword),
		chromedp.Click(chromedp.CSS(".door button.primary")),
		chromedp.WaitVisible(chromedp.CSS(".cards .card")),
	)
	wide := read(`String(document.querySelector(".card img").naturalWidth || "")`)
	do(
		chromedp.Navigate(o.web.URL+"/studio/new-slide/slogan"),
		chromedp.SetValue(chromedp.CSS(`[name="body.text.vi"]`), "Nụ cười công sở, niềm tin nhân dân"),
		chromedp.SetValue(chromedp.CSS(`[name="title.vi"]`), "Khẩu hiệu từ trình duyệt"),
		chromedp.Click(chromedp.CSS(`.savebar button[value=preview]`)),
		chromedp.WaitVisible(chromedp.CSS(`.screen.tall img[src^="data:image/png"]`)),
		chromedp.Click(chromedp.CSS(`.savebar button[value=save]`)),
		chromedp.WaitVisible(chromedp.CSS(".state-draft")),
	)
	where := read("window.location.pathname")
	edge := read(`String(document.querySelector(".side").getBoundingClientRect().left)`)
	do(
		chromedp.Navigate(o.web.URL+"/studio/publish"),
		chromedp.WaitVisible(chromedp.CSS(".change")),
		chromedp.Click(chromedp.CSS("form .panel button.primary")),
		chromedp.WaitVisible(chromedp.CSS(".note.good")),
		chromedp.Navigate(o.web.URL+where),
		chromedp.WaitVisible(chromedp.CSS(".head .badge")),
	)
	state := read(`document.querySelector(".head .badge").textContent`)
	do(chromedp.Navigate(o.web.URL+"/studio/statistics?period=today"), chromedp.WaitVisible(chromedp.CSS(".empty")))
	o.rate(k, unit, "nhanh", 0, quick(5))
	do(chromedp.Navigate(o.web.URL + "/studio/statistics?period=today"))
	n := read(`document.querySelector("[data-ratings]").dataset.ratings`)
	mu.Lock()
	defer mu.Unlock()
	if edge != "0" {
		t.Errorf("the page of a slide begins %s px from the window's edge", edge)
	}
	if wide != "480" || state != "Đã phát hành" || n != "1" {
		t.Errorf("picture %s px wide, state %q, ratings %q", wide, state, n)
	}
	if len(complaints) > 0 {
		t.Errorf("the browser complains: %s", strings.Join(complaints, "\n"))
	}
}

// palette sets the browser's colour scheme; without motion, so that no colour
// is seen half changed.
func (o *office) palette(ctx context.Context, scheme string) {
	o.t.Helper()
	if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}}); err != nil {
		o.t.Fatal(err)
	}
}

// show opens a page with the office's cookies.
func (o *office) show(ctx context.Context, scheme string, w, h int64, path string) {
	t := o.t
	t.Helper()
	u, err := url.Parse(o.web.URL)
	if err != nil {
		t.Fatal(err)
	}
	o.palette(ctx, scheme)
	if _, err := chromedp.Call(ctx, network.ClearBrowserCookies, cdp.Empty{}); err != nil {
		t.Fatal(err)
	}
	for _, c := range o.client.Jar.Cookies(u) {
		if _, err := chromedp.Call(ctx, network.SetCookie, network.SetCookieParams{Name: c.Name, Value: c.Value, URL: o.web.URL}); err != nil {
			t.Fatal(err)
		}
	}
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(w, h), chromedp.Navigate(o.web.URL+path)); err != nil {
		t.Fatal(path, err)
	}
}

// shoot takes a picture of a whole page with the office's cookies.
func (o *office) shoot(ctx context.Context, scheme string, w, h int64, path string) []byte {
	t := o.t
	t.Helper()
	o.show(ctx, scheme, w, h, path)
	// Off-screen pictures load lazily; a full picture wants them all.
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`document.querySelectorAll("img[loading]").forEach(i => i.loading = "eager"), true`)); err != nil {
		t.Fatal(err)
	}
	if _, err := poll[bool](ctx, `document.fonts.status === "loaded" && Array.from(document.images).every(i => i.complete)`); err != nil {
		t.Fatal(path, err)
	}
	b, err := chromedp.Run(ctx, chromedp.FullScreenshot(90))
	if err != nil {
		t.Fatal(path, err)
	}
	return b
}

func (o *office) firstUnitID() string {
	o.t.Helper()
	units, err := o.store.Units(context.Background(), 0)
	if err != nil || len(units) == 0 {
		o.t.Fatal("no units", err)
	}
	return units[0].ID
}

// TestPictures writes every page in both sizes and palettes, for people.
func TestPictures(t *testing.T) {
	if *shots == "" {
		t.Skip("only with -shots DIR")
	}
	needFonts(t)
	ctx := chromium(t, 10*time.Minute)
	empty := newOffice(t).enter()
	full := newOffice(t).enter()
	pages := append(pagesOf[:len(pagesOf):len(pagesOf)], full.fill()...)
	if err := os.WriteFile(filepath.Join(*shots, "broken-form.jpg"), full.brokenForm(ctx), 0o644); err != nil {
		t.Fatal(err)
	}
	only := regexp.MustCompile(*shotsOnly)
	take := func(o *office, name, path string) {
		if !only.MatchString(path) {
			return
		}
		for _, size := range []struct {
			name string
			w, h int64
		}{{"wide", 1366, 768}, {"phone", 390, 844}} {
			for _, scheme := range []string{"light", "dark"} {
				if scheme == "dark" && size.name == "phone" {
					continue
				}
				b := o.shoot(ctx, scheme, size.w, size.h, path)
				file := fmt.Sprintf("%s-%s-%s.jpg", name, size.name, scheme)
				if err := os.WriteFile(filepath.Join(*shots, file), b, 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	slug := func(p string) string {
		return strings.Trim(strings.NewReplacer("/studio/", "", "/", "_", "?", "_", "&", "_", "=", "").Replace(p), "_") + ""
	}
	for _, p := range pages {
		take(full, "full-"+slug(p.path), p.path)
	}
	for _, p := range []string{"", "slides", "playlists", "schedule", "publish", "kiosks", "statistics"} {
		take(empty, "empty-"+p, "/studio/"+p)
	}
	empty.client = empty.browser()
	take(empty, "door", "/studio/sign-in")
	take(empty, "none", "/studio/nowhere")
}

// brokenForm fills a form in wrongly and takes a picture of the answer.
func (o *office) brokenForm(ctx context.Context) []byte {
	t := o.t
	t.Helper()
	o.shoot(ctx, "light", 1366, 768, "/studio/new-slide/guide")
	if err := chromedp.Do(ctx,
		chromedp.SetValue(chromedp.CSS(`[name="title.vi"]`), strings.Repeat("dài ", 200)),
		chromedp.SetValue(chromedp.CSS(`[name="until"]`), "2001-01-01T00:00"),
		chromedp.SetValue(chromedp.CSS(`[name="dwell"]`), "lâu lâu"),
		chromedp.Click(chromedp.CSS(`.savebar button[value=save]`)),
		chromedp.WaitVisible(chromedp.CSS(".note.bad")),
	); err != nil {
		t.Fatal(err)
	}
	b, err := chromedp.Run(ctx, chromedp.FullScreenshot(90))
	if err != nil {
		t.Fatal(err)
	}
	return b
}
