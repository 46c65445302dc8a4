package e2e

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"motcua/kiosk/kiosktest"
	"motcua/slides/fonts"
)

// morning is how many presses a clerk's morning may take: a slogan written,
// placed on workdays for two weeks on all kiosks of a unit, approved by somebody
// else, seen on its kiosk, and printed.
const morning = 25

// press is one touch of the person's hand, and waits for what it brings.
func (p *person) press(what, css, then string) {
	p.t.Helper()
	p.presses++
	p.do(what, visible(css), click(css), visible(then))
}

// fill touches a field and types.
func (p *person) fill(css, text string) {
	p.t.Helper()
	p.presses++
	p.do("typing into "+css, visible(css), click(css), chromedp.SendKeys(chromedp.CSS(css), text))
}

// choose opens a list and takes a row of it, which is two.
func (p *person) choose(css, value string) {
	p.t.Helper()
	p.presses += 2
	p.do("choosing in "+css, visible(css), chromedp.SetValue(chromedp.CSS(css), value))
	p.read(fmt.Sprintf(`(() => { const e = document.querySelector(%q); e.dispatchEvent(new Event("change", {bubbles: true})); return e.value === %q ? "yes" : "" })()`, css, value))
}

// join makes a user with a role in a unit, who then sets a password at a browser
// of their own.
func (p *person) join(o *office, name, login, role, unit string) *person {
	p.t.Helper()
	p.do("inviting "+name, chromedp.Navigate(p.url+"/studio/users/new"), visible("#login"))
	if p.read(`String(document.querySelectorAll("[name=role]").length)`) == "0" {
		p.do("adding a role", set("name", name), set("login", login), click(`button[value="add:0"]`), visible("#role0"))
	}
	p.do("a role", set("name", name), set("login", login), set("role", role), set("unit", unit), click(".savebar button.primary"), visible("code.mono"))
	link := p.read(`document.querySelector("code.mono").textContent.trim()`)
	other := o.person()
	other.do(name+" joins", chromedp.Navigate(link), visible("#password"), set("password", password), set("again", password), click("form button.primary"), visible("aside.side"))
	return other
}

// A clerk's morning, pressed and counted.
func TestMorning(t *testing.T) {
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
		set("way", "approve"), set("own", "no"), click(`form[action="/studio/units/`+unit+`/approval"] button`), visible(".note.good"))
	mai := lan.join(o, "Lộc Thị Mai", "mai", "editor", unit)
	head := lan.join(o, "Vi Văn Hùng", "hung", "approver", unit)

	const title, words = "Nụ cười công sở", "Nụ cười công sở, niềm tin nhân dân"
	mai.press("the slides", `aside nav a[href="/studio/slides"]`, `a[href="/studio/new-slide"]`)
	mai.press("a new one", `a[href="/studio/new-slide"]`, `a[href="/studio/new-slide/slogan"]`)
	mai.press("a slogan", `a[href="/studio/new-slide/slogan"]`, `[name="body.text.vi"]`)
	mai.fill(`[name="body.text.vi"]`, words)
	mai.fill(`[name="title.vi"]`, title)
	mai.choose(`[name="topic"]`, "T06")
	mai.press("saving", `.savebar button[value=save]`, "#place")
	mai.press("its place", "#place", "#save-entry")
	mai.choose("#priority", "20")
	mai.choose("#lasts", "2w")
	mai.press("saving the entry", "#save-entry", "#to-publish")
	mai.press("on to submitting", "#to-publish", "#submit")
	mai.press("submitting", "#submit", ".decision")

	head.press("the desk", `aside nav a[href="/studio/"]`, ".todo")
	head.press("what waits", `.todo a[href^="/studio/submissions/"]`, ".decision")
	head.press("approving", `button[data-do=approve]`, ".note.good")

	// The kiosk has it: the publication's page turns green by itself.
	mai.press("the submission's publication", `a[href^="/studio/publications/"]`, ".delivery")
	mai.read(`(() => { const d = document.querySelector(".delivery"); return d && d.dataset.total === "1" && d.dataset.has === "1" ? "all" : "" })()`)

	// It is on the screen next Monday at 9:40, and on no Sunday: what the kiosk
	// itself would answer, for the day of the test may be any.
	zone := time.FixedZone("ICT", 7*3600)
	monday := time.Now().In(zone).AddDate(0, 0, 1)
	for monday.Weekday() != time.Monday {
		monday = monday.AddDate(0, 0, 1)
	}
	lan.do("the kiosks", chromedp.Navigate(o.url+"/studio/kiosks"), visible(`a[href^="/studio/kiosks/"]`))
	id := lan.read(`(() => { const a = [...document.querySelectorAll("main a")].map(a => a.getAttribute("href")).find(h => /^\/studio\/kiosks\/[^/?]+$/.test(h) && !h.endsWith("/approve")); return a ? a.split("/").pop() : "" })()`)
	on := []string{"shows", "shares", "interrupted"}
	for at, want := range map[time.Time]bool{monday: true, monday.AddDate(0, 0, -1): false} {
		lan.do("what shows", chromedp.Navigate(o.url+"/studio/kiosks/"+id+"/shows?at="+at.Format(time.DateOnly)+"T09:40"), visible(".reasons"))
		lot := lan.read(fmt.Sprintf(`(() => { const r = [...document.querySelectorAll(".reasons tr[data-lot]")].find(r => r.textContent.includes(%q)); return r ? r.dataset.lot : "not there" })()`, title))
		if lot == "not there" || slices.Contains(on, lot) != want {
			t.Errorf("on %s the entry's lot is %q", at.Format(time.DateOnly), lot)
		}
	}

	mai.press("back to the slide", `aside nav a[href="/studio/slides"]`, ".card a")
	mai.press("opening it", ".card a", ".menu-button summary")
	mai.press("printing", ".menu-button summary", `.menu-button a[href*="paper=A4"]`)
	mai.presses++ // on the sheet's size, which opens a tab; here the page itself looks at what comes
	poster := mai.read(`(window.poster ??= (fetch(document.querySelector('.menu-button a[href*="paper=A4"]').href).then(r => r.text()).then(t => window.sheet = t.slice(0, 5)), true)) && window.sheet || ""`)
	if poster != "%PDF-" {
		t.Errorf("the poster begins with %q", poster)
	}

	n := mai.presses + head.presses
	t.Logf("the clerk pressed %d times, the approver %d", mai.presses, head.presses)
	if n > morning {
		t.Errorf("the morning took %d presses, at most %d", n, morning)
	}
}
