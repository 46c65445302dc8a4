// Package e2e proves the way of a slide and of a rating through the real
// programs: server process, kiosk process under its own X server, and a browser.
package e2e

import (
	"bufio"
	"context"
	"fmt"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"motcua/kiosk/kiosktest"
	"motcua/slides/fonts"
)

func TestMain(m *testing.M) {
	code := m.Run()
	kiosktest.Clean()
	os.Exit(code)
}

// within bounds every wait for another process: generous, since a loaded
// machine only makes the test slower, never wrong.
const within = 40 * time.Second

// office is the running server as a clerk meets it, through a browser.
type office struct {
	t     *testing.T
	url   string
	setup string
	ctx   context.Context // the browser's
}

// open loads the starter content and starts the server on a free port.
func open(t *testing.T) *office {
	t.Helper()
	program := kiosktest.BuildProgram(t, "motcua/cmd/motcua")
	dir := filepath.Join(t.TempDir(), "server")
	if out, err := exec.Command(program, "starter", "-data", dir).CombinedOutput(); err != nil {
		t.Fatalf("motcua starter: %v\n%s", err, out)
	}
	cmd := exec.Command(program, "serve", "-addr", "127.0.0.1:0", "-data", dir)
	cmd.Stderr = &tail{t: t}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			t.Errorf("the server's end: %v", err)
		}
	})
	o := &office{t: t}
	lines := make(chan string, 16)
	go func() {
		for sc := bufio.NewScanner(out); sc.Scan(); {
			lines <- sc.Text()
		}
		close(lines)
	}()
	late := time.After(within)
	for o.setup == "" {
		select {
		case line, ok := <-lines:
			if !ok {
				t.Fatal("the server ended before it printed the set-up link")
			}
			if u, found := strings.CutPrefix(line, "Studio: "); found {
				o.url = strings.TrimSuffix(u, "/studio/")
			}
			if strings.Contains(line, "/studio/setup?token=") {
				o.setup = strings.TrimSpace(line)
			}
		case <-late:
			t.Fatal("the server did not print the set-up link")
		}
	}
	return o
}

// tail logs a process's words line by line.
type tail struct{ t *testing.T }

func (w *tail) Write(b []byte) (int, error) {
	w.t.Log(strings.TrimSpace(string(b)))
	return len(b), nil
}

// browse starts the browser, or skips with the reason.
func (o *office) browse() {
	o.t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		o.t.Skip("chromium is not installed (apt-get install chromium)")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(o.t.TempDir()),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-default-apps", true), chromedp.Flag("no-first-run", true), chromedp.Flag("disable-domain-reliability", true))
	alloc, stop := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, end := chromedp.NewContext(alloc)
	ctx, late := context.WithTimeout(ctx, 5*time.Minute)
	o.t.Cleanup(func() { late(); end(); stop() })
	o.ctx = ctx
	// The browser lives as long as the context of its first action.
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1366, 768)); err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	o.t.Helper()
	ctx, cancel := context.WithTimeout(o.ctx, within)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		where, _ := chromedp.Run(o.ctx, chromedp.Evaluate[string](`location.href + "\n" + document.body.innerText.slice(0, 2000)`))
		o.t.Fatalf("%s: %v\nthe browser is at %s", what, err, where)
	}
}

// read evaluates a script until it gives a text; a navigation may pull the page
// from under a single try.
func (o *office) read(script string) string {
	o.t.Helper()
	ctx, cancel := context.WithTimeout(o.ctx, within)
	defer cancel()
	for {
		v, err := chromedp.Run(ctx, chromedp.Evaluate[string](script))
		if err == nil && v != "" {
			return v
		}
		select {
		case <-ctx.Done():
			o.t.Fatalf("%s: %q, %v", script, v, err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// left waits until the browser has left a page and returns where it is.
func (o *office) left(path string) string {
	o.t.Helper()
	return o.read(fmt.Sprintf(`document.readyState === "complete" && location.pathname !== %q ? location.pathname : ""`, path))
}

func set(name, value string) chromedp.Action[chromedp.Void] {
	return chromedp.SetValue(chromedp.CSS(fmt.Sprintf(`[name=%q]`, name)), value)
}

func click(css string) chromedp.Action[chromedp.Void] { return chromedp.Click(chromedp.CSS(css)) }

func visible(css string) chromedp.Action[chromedp.Void] {
	return chromedp.WaitVisible(chromedp.CSS(css))
}

// codes finds every QR address that the picture shows.
func code(img image.Image) string {
	bmp, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		return ""
	}
	r, err := qrcode.NewQRCodeReader().Decode(bmp, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true})
	if err != nil {
		return ""
	}
	return r.GetText()
}

// A kiosk is paired, a slide is published and read back from the kiosk's
// pixels, a touch becomes a rating, and the rating stands in the statistics.
func TestFirstLight(t *testing.T) {
	if _, err := fonts.All(); err != nil {
		t.Skip("the fonts are not fetched (make assets)")
	}
	o := open(t)
	o.browse()
	screen := kiosktest.NewDisplay(t, 1280, 720)

	o.do("the first sign-in",
		chromedp.Navigate(o.setup), visible("#password"),
		set("name", "Nông Thị Lan"), set("login", "lan"), set("password", "mot-cua-rat-vui"), set("again", "mot-cua-rat-vui"),
		click("form button.primary"))
	o.left("/studio/setup")

	kiosk := screen.Start(t, kiosktest.Build(t), "-server", o.url, "-data", filepath.Join(t.TempDir(), "kiosk"))
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	if err := kiosk.WaitLog(ctx, "pair-code: "); err != nil {
		t.Fatal(err)
	}
	said := regexp.MustCompile(`pair-code: ([A-Z0-9]{6})`).FindStringSubmatch(kiosk.Log())
	var approve string
	screen.Until(t, "the QR of the approval page", func(img *image.RGBA) bool {
		approve = code(img)
		return approve != ""
	})
	if want := o.url + "/studio/kiosks/approve?code=" + said[1]; approve != want {
		t.Fatalf("the kiosk's QR leads to %q, want %q", approve, want)
	}
	o.do("approving the kiosk", chromedp.Navigate(approve), visible("#match"), click("#match"),
		set("name", "Ki-ốt sảnh"), set("unit", "bo-phan-mot-cua"), click(`form[action="/studio/kiosks/approve"] button.primary`))
	if err := kiosk.WaitLog(ctx, "paired"); err != nil {
		t.Fatal(err)
	}

	target := fmt.Sprintf("https://dichvucong.gov.vn/?lan=%d", time.Now().UnixNano())
	title := "Câu hỏi của buổi sáng"
	o.do("a slide", chromedp.Navigate(o.url+"/studio/new-slide/faq"), visible(".savebar"),
		set("title.vi", title), set("body.question.vi", "Nộp hồ sơ trực tuyến ở đâu?"),
		set("body.answer.vi", "Trên Cổng Dịch vụ công quốc gia."), set("body.qr.url", target),
		click(".savebar button[value=save]"), visible(".state-draft"))
	id := filepath.Base(o.left("/studio/new-slide/faq"))
	o.do("a playlist", chromedp.Navigate(o.url+"/studio/playlists/new"), visible("#add"),
		set("name", "Khẩn"), set("add", id), click("button[value='add:0']"), visible(".place"),
		click(".savebar button[value=save]"))
	list := filepath.Base(o.left("/studio/playlists/new"))
	now := time.Now().UTC().Add(7 * time.Hour) // Asia/Ho_Chi_Minh has had no daylight saving since 1975
	o.do("an entry", chromedp.Navigate(o.url+"/studio/schedule/new"), visible("#playlist"),
		set("playlist", list), set("start", now.Add(-time.Hour).Format("2006-01-02T15:04")), set("end", now.Add(2*time.Hour).Format("2006-01-02T15:04")),
		set("repeat", "none"), set("priority", "90"), click(".savebar button.primary"))
	o.left("/studio/schedule/new")
	o.do("publishing", chromedp.Navigate(o.url+"/studio/publish"), visible(".change"), click("form .panel button.primary"), visible(".note.good"))

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
		o.do("statistics", chromedp.Navigate(o.url+"/studio/statistics?period=today"), visible("main"))
		n = o.read(`String((document.querySelector("[data-ratings]") || {dataset: {ratings: "0"}}).dataset.ratings)`)
	}
}
