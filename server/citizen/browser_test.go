package citizen

import (
	"context"
	"flag"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"motcua/server/store"
	"motcua/slides/letter"
	"motcua/slides/wire"
)

// shots makes TestPhone write a picture of every page for people to look at.
var shots = flag.String("shots", "", "folder for pictures of every page")

func chromium(t *testing.T, life time.Duration) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("chromium is not installed (apt-get install chromium)")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-default-apps", true), chromedp.Flag("no-first-run", true), chromedp.Flag("disable-domain-reliability", true))
	alloc, stop := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, end := chromedp.NewContext(alloc)
	ctx, late := context.WithTimeout(ctx, life)
	t.Cleanup(func() { late(); end(); stop() })
	return ctx
}

// A phone of 360×640, with scripts and without: rates by finger, writes a
// letter, and looks how far it is. The browser asks only this server, loads less
// than 60 KB in all, keeps no cookie and has nothing to complain of.
func TestPhone(t *testing.T) {
	for _, script := range []bool{true, false} {
		t.Run(fmt.Sprintf("script=%v", script), func(t *testing.T) { onPhone(t, script) })
	}
}

func onPhone(t *testing.T, script bool) {
	ctx := chromium(t, 2*time.Minute)
	d := newDesk(t, "daydu")
	own, err := url.Parse(d.web.URL)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var complaints []string
	var bytes float64
	if err := chromedp.Listen(ctx, func(ev any) {
		mu.Lock()
		defer mu.Unlock()
		switch ev := ev.(type) {
		case *cdplog.EventEntryAdded:
			complaints = append(complaints, string(ev.Entry.Level)+": "+ev.Entry.Text+" "+ev.Entry.URL)
		case *network.EventRequestWillBeSent:
			if u, err := url.Parse(ev.Request.URL); err != nil || u.Scheme != "data" && u.Host != own.Host {
				complaints = append(complaints, "asks "+ev.Request.URL)
			}
		case *network.EventLoadingFinished:
			bytes += ev.EncodedDataLength
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
	loaded := func() float64 {
		mu.Lock()
		defer mu.Unlock()
		n := bytes
		bytes = 0
		return n
	}
	click := func(css string) { t.Helper(); do(chromedp.Click(chromedp.CSS(css))) }
	shoot := func(name string) {
		t.Helper()
		if *shots == "" || !script {
			return
		}
		b, err := chromedp.Run(ctx, chromedp.FullScreenshot(90))
		if err == nil {
			err = os.WriteFile(filepath.Join(*shots, name+".jpg"), b, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !script}); err != nil {
		t.Fatal(err)
	}
	do(chromedp.EmulateViewport(360, 640))
	open := func(path string) { t.Helper(); do(chromedp.Navigate(d.web.URL + path)) }

	// The longest form, by touch.
	to := d.pass(wire.ToRate)
	open(to)
	do(chromedp.WaitVisible(chromedp.CSS("form button")))
	if n := loaded(); n == 0 || n >= 60_000 {
		t.Errorf("the longest form loads %.0f bytes", n)
	}
	shoot("daydu")
	q, err := d.store.Survey(context.Background(), "daydu", 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range q.Questions {
		click(fmt.Sprintf(`label[for="%s-2"]`, k.ID))
	}
	click("form button")
	do(chromedp.WaitVisible(chromedp.CSS(`input[name="step"] ~ fieldset`)))
	shoot("daydu-more")
	click(".opt label")
	click("form button")
	do(chromedp.WaitVisible(chromedp.CSS(".done .sign")))
	shoot("thanks")
	do(chromedp.NavigateBack(), chromedp.WaitVisible(chromedp.CSS(`input[name="step"] ~ fieldset`)))
	click("form button") // sent twice
	do(chromedp.WaitVisible(chromedp.CSS(".done .sign")))
	open(to)
	do(chromedp.WaitVisible(chromedp.CSS(".done .sign")))
	if got := d.ratings(); len(got) != 1 || got[0].Suspect != "" {
		t.Fatalf("%+v", got)
	}

	// A letter, first without its kind.
	open(d.pass(wire.ToWrite))
	do(chromedp.WaitVisible(chromedp.CSS("#text")))
	shoot("write")
	do(chromedp.SendKeys(chromedp.CSS("#text"), "Bảng chỉ dẫn ở sảnh bị mờ, người già khó đọc. Gọi lại cho tôi: 0912 345 678."))
	click("form button")
	do(chromedp.WaitVisible(chromedp.CSS(".wrong")))
	shoot("write-wrong")
	click(`label[for="c-phan-anh"]`)
	do(chromedp.SendKeys(chromedp.CSS("#phone"), "0900 000 000"))
	click("form button")
	do(chromedp.WaitVisible(chromedp.CSS(".code")))
	shoot("receipt")
	click(".button")
	do(chromedp.WaitVisible(chromedp.CSS(".states .reached")))
	shoot("status")
	list, _, err := d.store.Letters(context.Background(), store.LetterFilter{})
	if err != nil || len(list) != 1 || !list[0].Contact || strings.Contains(list[0].Text, "345") {
		t.Fatalf("%+v, %v", list, err)
	}
	if _, err := d.store.UpdateLetter(context.Background(), store.Actor{}, list[0].ID, 1, store.LetterEdit{State: store.LetterAnswered, Answer: "Cảm ơn Ông/Bà đã phản ánh.\nBảng chỉ dẫn mới đã được treo từ ngày 2/3.", Shown: true}); err != nil {
		t.Fatal(err)
	}
	open("/s/" + list[0].Code)
	do(chromedp.WaitVisible(chromedp.CSS(".answer")))
	shoot("status-answered")

	// The short ones and what does not serve, for the eye.
	for _, form := range []string{"nhanh", "rutgon"} {
		d.pair(form)
		for _, l := range []string{"", "?l=en"} {
			open(d.pass(wire.ToRate) + l)
			do(chromedp.WaitVisible(chromedp.CSS("form button")))
			shoot(form + strings.Trim(l, "?l="))
		}
	}
	open("/s/")
	shoot("status-ask")
	open("/s/" + letter.NewCode())
	shoot("status-none")
	stale := d.pass(wire.ToRate)
	d.later.Store(wire.PassOpen.Milliseconds() + 1000)
	open(stale)
	do(chromedp.WaitVisible(chromedp.CSS(".done .sign")))
	shoot("expired")

	cookies, err := chromedp.Call(ctx, network.GetCookies, network.GetCookiesParams{})
	if err != nil || len(cookies.Cookies) != 0 {
		t.Errorf("cookies: %+v, %v", cookies, err)
	}
	mu.Lock()
	defer mu.Unlock()
	for _, c := range complaints {
		// A page of status 404 or 422 is told by the browser as well; that is what it is.
		if !strings.Contains(c, "the server responded with a status of 4") {
			t.Error(c)
		}
	}
}
