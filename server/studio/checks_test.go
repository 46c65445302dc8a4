package studio

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/review"
	"motcua/slides/scene"
)

var goesTo = regexp.MustCompile(`href="([^"]*)" data-go`)

// many saves more slides than a call looks through at once, and ticks them.
func (o *office) many(unit, name string, n int) url.Values {
	o.t.Helper()
	v := url.Values{"title": {"Đợt " + name}, "note": {"theo kế hoạch"}}
	for i := range n {
		at := o.saved(unit, sloganOf(o.t, fmt.Sprintf("%s-%d", name, i), fmt.Sprintf("Trang %s số %d", name, i), "Nụ cười công sở"))
		v.Add("item", fmt.Sprintf("slide:%s:%d", at.ID, at.Version))
	}
	return v
}

// follow waits on the page of a check until it leads on.
func (o *office) follow(path string) (next string) {
	o.t.Helper()
	for end := time.Now().Add(time.Minute); ; {
		a := o.get(path).is(http.StatusOK)
		checkPage(o.t, a)
		if m := goesTo.FindStringSubmatch(a.body); m != nil {
			return strings.ReplaceAll(m[1], "&amp;", "&")
		}
		if time.Now().After(end) {
			o.t.Fatal("it does not end", a.text())
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// hold lets nothing be drawn until it is released.
func (o *office) hold() (release func()) {
	slots := o.studio.s.thumbs.slots
	for range cap(slots) {
		slots <- struct{}{}
	}
	release = sync.OnceFunc(func() {
		for range cap(slots) {
			<-slots
		}
	})
	o.t.Cleanup(release) // before the server closes, which waits for its handlers
	return release
}

func (o *office) submissions() []store.Submission {
	o.t.Helper()
	list, _, err := o.store.Submissions(context.Background(), store.SubmissionFilter{Limit: 100})
	if err != nil {
		o.t.Fatal(err)
	}
	return list
}

// Many slides are looked through as work that may be left: then what was asked
// for is done, once, or the form comes back as it was typed.
func TestManySlidesAreCheckedAsWork(t *testing.T) {
	needFonts(t)
	o := newOffice(t).enter().stock()
	unit := o.firstUnitID()
	v := o.many(unit, "loat", atOnce+2)
	release := o.hold()
	path := o.post("/studio/submissions", v).is(http.StatusSeeOther).header.Get("Location")
	if !strings.HasPrefix(path, "/studio/checks/") {
		t.Fatal(path)
	}
	o.get(path).is(http.StatusOK).has("Kiểm tra 18 trang", "Có thể rời trang này").hasNot("data-go")
	o.get("/studio/works").has("Kiểm tra 18 trang", "đang làm")
	if again := o.post("/studio/submissions", v).is(http.StatusSeeOther).header.Get("Location"); again != path {
		t.Error("a second press leads to", again)
	}
	release()
	next := o.follow(path)
	list := o.submissions()
	if len(list) != 1 || len(list[0].Items) != atOnce+2 || list[0].Title != "Đợt loat" || list[0].Note != "theo kế hoạch" {
		t.Fatalf("%+v", list)
	}
	if next != "/studio/submissions/"+list[0].ID+"?done=submitted" {
		t.Error("it leads to", next)
	}
	o.get(next).is(http.StatusOK).has("Trang loat số 17")
	// Who else has no right in the unit does not see it.
	me := o.client
	o.branches()
	o.client = o.as("ngoai", store.Grant{Role: "editor", Unit: "ngoai"})
	o.get(path).is(http.StatusNotFound)
	o.client = me

	// A server that has not looked yet does so before it shows a submission.
	o.studio.s.reviews.byKey = nil
	path = o.get("/studio/submissions/" + list[0].ID).is(http.StatusSeeOther).header.Get("Location")
	if next := o.follow(path); next != "/studio/submissions/"+list[0].ID {
		t.Error("it leads to", next)
	}
	o.get("/studio/submissions/" + list[0].ID).is(http.StatusOK)

	had := len(o.submissions())
	// Something is wrong with one: nothing is submitted, and the form is back.
	v = o.many(unit, "hong", atOnce+2)
	v["problem.vi"], v["to"] = []string{"một", "hai"}, []string{"/studio/units"} // what no form has
	late := sloganOf(t, "hong-0", "Trang quá hạn", "Nụ cười công sở")
	late.Until = o.store.Now() - 1000
	at := o.saved(unit, late)
	v["item"][0] = fmt.Sprintf("slide:%s:%d", at.ID, at.Version)
	next = o.follow(o.post("/studio/publish", v).is(http.StatusSeeOther).header.Get("Location"))
	a := o.get(next).is(http.StatusOK).has("Trang quá hạn: Trang đã hết hiệu lực", `value="Đợt hong"`, `value="theo kế hoạch"`, `value="`+v["item"][3]+`" checked`)
	checkPage(t, a)
	if list := o.submissions(); len(list) != had {
		t.Errorf("%d submissions, there were %d", len(list), had)
	}
	if i, err := o.store.Item(context.Background(), store.ItemRef{Type: store.SlideItem, ID: "hong-3"}); err != nil || i.Live != 0 {
		t.Error("published", i, err)
	}
}

// A person who waits on the page of a check is led on by it.
func TestCheckLeadsOnInBrowser(t *testing.T) {
	needFonts(t)
	o := newOffice(t).enter().stock()
	d := o.sit(t)
	o.many(o.firstUnitID(), "loat", 2*atOnce+1)           // the publish page looks through the first
	o.shoot(d.ctx, "light", 1366, 768, "/studio/publish") // with its pictures: one that is waited for holds a connection
	release := o.hold()
	d.do(chromedp.Click(chromedp.CSS("#submit")))
	d.read(`location.pathname.startsWith("/studio/checks/") && document.querySelector("progress") ? "yes" : ""`)
	release()
	d.read(`location.pathname.startsWith("/studio/submissions/") && document.querySelector(".piece") ? "yes" : ""`)
	if list := o.submissions(); len(list) != 1 || len(list[0].Items) != 2*atOnce+1 {
		t.Errorf("%d submissions", len(list))
	}
	if c := d.complaints(); c != "" {
		t.Error(c)
	}
}

// A submission that can't be looked through says why, and does not begin again
// by itself.
func TestCheckThatFails(t *testing.T) {
	needFonts(t)
	o := newOffice(t).enter().stock()
	unit := o.firstUnitID()
	var items []store.ItemAt
	for _, tick := range o.many(unit, "loat", atOnce+1)["item"] {
		items = append(items, store.ItemAt{ItemRef: store.ItemRef{Type: store.SlideItem, ID: strings.Split(tick, ":")[1]}, Version: 1})
	}
	sub, err := o.store.Submit(context.Background(), authorActor, store.SubmitRequest{Items: items})
	if err != nil {
		t.Fatal(err)
	}
	o.studio.s.faces = func() (*scene.Faces, error) {
		return nil, slides.E(slides.Broken, "test", "Thiếu phông chữ.", "Fonts are missing.", nil)
	}
	path := o.get("/studio/submissions/" + sub.ID).is(http.StatusSeeOther).header.Get("Location")
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		a := o.get(path).is(http.StatusOK).hasNot("data-go", "Có thể rời trang này")
		if strings.Contains(a.body, "Thiếu phông chữ.") {
			break
		}
		if time.Now().After(end) {
			t.Fatal(a.text())
		}
	}
}

// Who has been signed out while slides were looked through does nothing more.
func TestCheckOfOneSignedOut(t *testing.T) {
	needFonts(t)
	o := newOffice(t).enter().stock()
	v := o.many(o.firstUnitID(), "loat", atOnce+1)
	release := o.hold()
	path := o.post("/studio/submissions", v).is(http.StatusSeeOther).header.Get("Location")
	o.post("/studio/sign-out", nil).is(http.StatusSeeOther)
	o.signIn(testLogin, testPassword).is(http.StatusSeeOther)
	release()
	o.get(o.follow(path)).is(http.StatusOK).has("đăng nhập", `value="`+v["item"][0]+`" checked`)
	if list := o.submissions(); len(list) != 0 {
		t.Errorf("%+v", list)
	}
}

// A warning of a slide that is only named still asks, and can be answered.
func TestWarningsBeyondWhatIsShown(t *testing.T) {
	needFonts(t)
	o := newOffice(t).enter().stock()
	unit := o.firstUnitID()
	v := o.many(unit, "nhieu", shownPieces+3)
	s := o.studio.s
	r, err := http.NewRequest("GET", "/", nil)
	if err != nil {
		t.Fatal(err)
	}
	q := &request{server: s, r: r, lang: "vi"}
	ticks := url.Values{}
	var items []store.ItemAt
	for n, tick := range v["item"] {
		part := strings.Split(tick, ":")
		items = append(items, store.ItemAt{ItemRef: store.ItemRef{Type: store.SlideItem, ID: part[1]}, Version: 1})
		x, err := q.looks([]store.SubmissionItem{{ItemRef: items[n].ItemRef, Version: 1, Unit: unit}})
		if err != nil {
			t.Fatal(err)
		}
		// Drawing so many takes a minute under the race detector: their findings are given.
		if _, err := s.reviews.of(x[0].key, func() ([]review.Finding, error) {
			return []review.Finding{{Rule: review.RuleDwell, Problem: slides.Problem{Path: "dwell_ms", Vi: "Thời gian chiếu ngắn."}}}, nil
		}); err != nil {
			t.Fatal(err)
		}
		ticks.Add("accept", part[1]+" "+review.RuleDwell+" dwell_ms")
	}
	sub, err := o.store.Submit(context.Background(), authorActor, store.SubmitRequest{Items: items})
	if err != nil {
		t.Fatal(err)
	}
	path := "/studio/submissions/" + sub.ID
	a := o.get(path).is(http.StatusOK).has("Và 3 nội dung khác", fmt.Sprintf("Đánh dấu cả %d cảnh báo", shownPieces+3))
	for _, key := range ticks["accept"] {
		if strings.Count(a.body, `value="`+key+`"`) != 1 {
			t.Fatal("no box for", key)
		}
	}
	one := url.Values{"do": {"now"}, "accept": ticks["accept"][1:]}
	o.post(path+"/approve", one).is(http.StatusUnprocessableEntity)
	ticks.Set("do", "now")
	o.post(path+"/approve", ticks).is(http.StatusSeeOther)
	if i, err := o.store.Item(context.Background(), items[0].ItemRef); err != nil || i.Live != 1 {
		t.Error(i, err)
	}
}
