package studio

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// A clerk's way in a real browser: a decision's annex of 1,000 rows from the
// file dialogue to the kiosks, and back.
func TestImportInTheBrowser(t *testing.T) {
	needFonts(t)
	ctx := chromium(t, 4*time.Minute)
	o := newOffice(t).enter().stock()
	k := o.paired("Sảnh tầng 1", o.firstUnitID())
	had := o.total()
	file := filepath.Join(t.TempDir(), "phu-luc.xlsx")
	if err := os.WriteFile(file, annexOf(t, 1000), 0o600); err != nil {
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
	do(
		chromedp.EmulateViewport(1366, 768),
		chromedp.Navigate(o.web.URL+"/studio/procedures"),
		chromedp.WaitVisible(chromedp.CSS("#login")),
		chromedp.SendKeys(chromedp.CSS("#login"), testLogin), chromedp.SendKeys(chromedp.CSS("#password"), testPassword),
		chromedp.Click(chromedp.CSS(".door button.primary")),
		chromedp.WaitVisible(chromedp.CSS(".procedures tbody tr")),
		chromedp.Click(chromedp.CSS(`.head a[href="/studio/imports"]`)),
		chromedp.WaitVisible(chromedp.CSS("#file")),
		chromedp.SetUploadFiles(chromedp.CSS("#file"), []string{file}),
		chromedp.Click(chromedp.CSS("form.panel button.primary")),
		chromedp.WaitVisible(chromedp.CSS(`[data-count="new"]`)),
	)
	if got := read(`document.querySelector('[data-count="new"]').textContent + " " + document.querySelector('[data-count="rejected"]').textContent`); got != "1.000 2" {
		t.Fatalf("the dry run counts %q", got)
	}
	if o.total() != had {
		t.Fatal("the dry run wrote something")
	}
	do(chromedp.Click(chromedp.CSS(`.savebar button[value=write]`)), chromedp.WaitVisible(chromedp.CSS(`[data-state=done]`)))
	if o.total() != had+1000 {
		t.Fatal(o.total())
	}
	do(
		chromedp.Click(chromedp.CSS(`[data-state=done] a[href="/studio/publish"]`)),
		chromedp.WaitVisible(chromedp.CSS(".change")),
		chromedp.Click(chromedp.CSS("form .panel button.primary")),
		chromedp.WaitVisible(chromedp.CSS(".note.good")),
	)
	if n := len(o.kioskCatalogue(k.id).Procedures); n != had+1000 {
		t.Fatalf("the kiosk has %d procedures", n)
	}
	do(
		chromedp.Navigate(o.web.URL+"/studio/procedures?q=thu+tuc+so+999"),
		chromedp.WaitVisible(chromedp.CSS(".procedures tbody tr")),
	)
	if got := read(`document.querySelector(".procedures tbody").textContent`); !strings.Contains(got, "9.000999") {
		t.Errorf("not found without marks: %s", got)
	}
}
