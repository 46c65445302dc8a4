package studio

import (
	"context"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// axe reads the checker that npm fetched, or skips with the reason.
func axe(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("web/node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Skip("axe-core is not fetched: touch server/studio/web/package.json and run make assets")
	}
	return string(b)
}

// complaintsOf asks axe about the page that the browser shows.
func complaintsOf(ctx context.Context, checker string) (string, error) {
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[bool](checker+";true")); err != nil {
		return "", err
	}
	return chromedp.Run(ctx, chromedp.Evaluate[string](`axe.run(document, {resultTypes: ["violations"]}).then(r =>
		r.violations.map(v => v.id + " (" + v.help + "): " + v.nodes.slice(0, 4).map(n => n.html.slice(0, 160) + (n.any[0] ? " " + n.any[0].message : "")).join(" | ")).join("\n"))`, chromedp.EvalAwaitPromise))
}

// axe-core finds nothing on any page, in both languages and both palettes.
func TestEveryPageIsAccessible(t *testing.T) {
	needFonts(t)
	checker := axe(t)
	for _, lang := range []string{"vi", "en"} {
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			// What axe asks about is in the page: pictures and the live preview, which
			// have tests of their own, would take most of the time.
			ctx := chromium(t, 15*time.Minute, chromedp.Flag("blink-settings", "imagesEnabled=false"), chromedp.Flag("disable-3d-apis", true))
			o := newOffice(t).enter()
			check := func(path string) {
				t.Helper()
				if !strings.Contains(path, *shotsOnly) {
					return
				}
				o.show(ctx, "light", 1366, 768, path)
				for _, scheme := range []string{"light", "dark"} {
					o.palette(ctx, scheme)
					says, err := complaintsOf(ctx, checker)
					if err != nil {
						t.Fatal(path, err)
					}
					if says != "" {
						t.Errorf("%s %s:\n%s", path, scheme, says)
					}
				}
			}
			pages := append(pagesOf[:len(pagesOf):len(pagesOf)], o.fill()...)
			o.post("/studio/language", url.Values{"language": {lang}, "back": {"/studio/"}}).is(http.StatusSeeOther)
			for _, p := range pages {
				check(p.path)
			}
			o.client = o.browser()
			check("/studio/sign-in")
		})
	}
}
