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
	"golang.org/x/image/draw"

	"motcua/kiosk/kiosktest"
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
	ctx   context.Context // the browser's, once somebody browses
}

// person is somebody at a browser with cookies of their own, whose presses are
// counted: a field that is filled is one, since it must be touched to be typed in.
type person struct {
	t       *testing.T
	url     string
	ctx     context.Context
	presses int
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

// person opens a browser for somebody new, or skips with the reason.
func (o *office) person() *person {
	o.t.Helper()
	p := &person{t: o.t, url: o.url}
	if o.ctx == nil {
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
		o.ctx, p.ctx = ctx, ctx
	} else {
		ctx, end := chromedp.NewContext(o.ctx, chromedp.WithNewBrowserContext())
		o.t.Cleanup(end)
		p.ctx = ctx
	}
	// The browser lives as long as the context of its first action.
	if err := chromedp.Do(p.ctx, chromedp.EmulateViewport(1366, 768)); err != nil {
		o.t.Fatal(err)
	}
	return p
}

func (p *person) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, within)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		where, _ := chromedp.Run(p.ctx, chromedp.Evaluate[string](`location.href + "\n" + document.body.innerText.slice(0, 2000)`))
		p.t.Fatalf("%s: %v\nthe browser is at %s", what, err, where)
	}
}

// read evaluates a script until it gives a text; a navigation may pull the page
// from under a single try.
func (p *person) read(script string) string {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, within)
	defer cancel()
	for {
		v, err := chromedp.Run(ctx, chromedp.Evaluate[string](script))
		if err == nil && v != "" {
			return v
		}
		select {
		case <-ctx.Done():
			p.t.Fatalf("%s: %q, %v", script, v, err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// left waits until the browser has left a page and returns where it is.
func (p *person) left(path string) string {
	p.t.Helper()
	return p.read(fmt.Sprintf(`document.readyState === "complete" && location.pathname !== %q ? location.pathname : ""`, path))
}

func set(name, value string) chromedp.Action[chromedp.Void] {
	return chromedp.SetValue(chromedp.CSS(fmt.Sprintf(`[name=%q]`, name)), value)
}

func click(css string) chromedp.Action[chromedp.Void] { return chromedp.Click(chromedp.CSS(css)) }

func visible(css string) chromedp.Action[chromedp.Void] {
	return chromedp.WaitVisible(chromedp.CSS(css))
}

// code reads the QR that a picture shows, "" where it shows none. The reader
// misses some 2 % of codes, of which it takes almost all when they are smaller.
func code(img image.Image) string {
	b := img.Bounds()
	for _, per := range []int{100, 75, 60, 50} {
		small := image.NewRGBA(image.Rect(0, 0, b.Dx()*per/100, b.Dy()*per/100))
		draw.NearestNeighbor.Scale(small, small.Bounds(), img, b, draw.Src, nil)
		bmp, err := gozxing.NewBinaryBitmapFromImage(small)
		if err != nil {
			return ""
		}
		r, err := qrcode.NewQRCodeReader().Decode(bmp, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true})
		if err == nil {
			return r.GetText()
		}
	}
	return ""
}

// setUp makes the person the first user, who may do everything.
func (p *person) setUp(link string) {
	p.t.Helper()
	p.do("the first sign-in",
		chromedp.Navigate(link), visible("#password"),
		set("name", "Nông Thị Lan"), set("login", "lan"), set("password", password), set("again", password),
		click("form button.primary"))
	p.left("/studio/setup")
}

const password = "mot-cua-rat-vui"

// pair takes the kiosk on the screen in by the address that its QR shows.
func (p *person) pair(screen *kiosktest.Display, kiosk *kiosktest.Process, name, unit string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	if err := kiosk.WaitLog(ctx, "pair-code: "); err != nil {
		p.t.Fatal(err)
	}
	said := regexp.MustCompile(`pair-code: ([A-Z0-9]{6})`).FindStringSubmatch(kiosk.Log())
	var approve string
	screen.Until(p.t, "the QR of the approval page", func(img *image.RGBA) bool {
		approve = code(img)
		return approve != ""
	})
	if want := p.url + "/studio/kiosks/approve?code=" + said[1]; approve != want {
		p.t.Fatalf("the kiosk's QR leads to %q, want %q", approve, want)
	}
	p.do("approving the kiosk", chromedp.Navigate(approve), visible("#match"), click("#match"),
		set("name", name), set("unit", unit), click(`form[action="/studio/kiosks/approve"] button.primary`))
	if err := kiosk.WaitLog(ctx, "paired"); err != nil {
		p.t.Fatal(err)
	}
}
