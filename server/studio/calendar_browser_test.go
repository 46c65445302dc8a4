package studio

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"motcua/server/compile"
	"motcua/server/store"
	"motcua/slides"
)

// desk is a browser on the office's pages that collects its complaints.
type desk struct {
	t   *testing.T
	o   *office
	ctx context.Context

	mu   sync.Mutex
	says []string // guarded by mu
}

// sit starts a browser that is signed in.
func (o *office) sit(t *testing.T) *desk {
	t.Helper()
	d := &desk{t: t, o: o, ctx: chromium(t, 3*time.Minute)}
	if err := chromedp.Listen(d.ctx, func(ev any) {
		d.mu.Lock()
		defer d.mu.Unlock()
		switch ev := ev.(type) {
		case *runtime.EventExceptionThrown:
			text := ev.ExceptionDetails.Text
			if x := ev.ExceptionDetails.Exception; x != nil {
				text += " " + x.Description
			}
			d.says = append(d.says, text)
		case *cdplog.EventEntryAdded:
			d.says = append(d.says, string(ev.Entry.Level)+": "+ev.Entry.Text+" "+ev.Entry.URL)
		}
	}); err != nil {
		t.Fatal(err)
	}
	o.shoot(d.ctx, "light", 1366, 768, "/studio/")
	return d
}

func (d *desk) do(steps ...chromedp.Action[chromedp.Void]) {
	d.t.Helper()
	ctx, stop := context.WithTimeout(d.ctx, 20*time.Second)
	defer stop()
	if err := chromedp.Do(ctx, steps...); err != nil {
		d.t.Fatalf("%v\n%s", err, d.complaints())
	}
}

// read waits until a script says something.
func (d *desk) read(script string) string {
	d.t.Helper()
	ctx, stop := context.WithTimeout(d.ctx, 20*time.Second)
	defer stop()
	v, err := poll[string](ctx, script)
	if err != nil {
		d.t.Fatalf("%s: %v\n%s", script, err, d.complaints())
	}
	return v
}

func (d *desk) complaints() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return strings.Join(d.says, "\n")
}

// at is the middle of an element, in pixels of the page's window.
func (d *desk) at(script string) (x, y float64) {
	d.t.Helper()
	v := d.read(`(() => { const e = ` + script + `; if (!e) return ""; const r = e.getBoundingClientRect(); return (r.left + r.width / 2) + " " + (r.top + Math.min(r.height / 2, 30)); })()`)
	if _, err := fmt.Sscan(v, &x, &y); err != nil {
		d.t.Fatal(v, err)
	}
	return x, y
}

// drag moves the mouse with its button down, in steps as a hand does.
func (d *desk) drag(x1, y1, x2, y2 float64) {
	d.t.Helper()
	mouse := func(kind input.DispatchMouseEventType, x, y float64) {
		d.t.Helper()
		p := input.DispatchMouseEventParams{Type: kind, X: x, Y: y, Button: input.MouseButtonLeft, ClickCount: 1}
		if _, err := chromedp.Call(d.ctx, input.DispatchMouseEvent, p); err != nil {
			d.t.Fatal(err)
		}
	}
	mouse(input.DispatchMouseEventTypeMousePressed, x1, y1)
	for i := range 10 {
		f := float64(i+1) / 10
		mouse(input.DispatchMouseEventTypeMouseMoved, x1+(x2-x1)*f, y1+(y2-y1)*f)
	}
	mouse(input.DispatchMouseEventTypeMouseMoved, x2, y2)
	mouse(input.DispatchMouseEventTypeMouseReleased, x2, y2)
}

// hover moves the mouse with no button down.
func (d *desk) hover(x, y float64) {
	d.t.Helper()
	if _, err := chromedp.Call(d.ctx, input.DispatchMouseEvent, input.DispatchMouseEventParams{Type: input.DispatchMouseEventTypeMouseMoved, X: x, Y: y}); err != nil {
		d.t.Fatal(err)
	}
}

// toast waits for what the page says of the last change.
func (d *desk) toast(has string) {
	d.t.Helper()
	says := d.read(`(() => { const t = document.getElementById("toast"); const s = t.hidden ? "" : t.textContent; return s.includes(` + fmt.Sprintf("%q", has) + `) ? s : ""; })()`)
	d.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("#toast span").textContent = ""`))
	if !strings.Contains(says, has) {
		d.t.Fatal(says)
	}
}

// A person drags a playlist into the week, a block to another hour and back,
// and one occurrence of a series; what somebody else saved meanwhile is kept.
func TestCalendarInBrowser(t *testing.T) {
	needFonts(t)
	o := newOffice(t).enter().stock()
	d := o.sit(t)
	entries := func() map[string]store.EntryRow {
		list, err := o.store.Entries(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]store.EntryRow{}
		for _, e := range list {
			out[e.ID] = e
		}
		return out
	}
	before := entries()
	d.do(chromedp.EmulateViewport(1366, 1300), chromedp.Navigate(o.web.URL+"/studio/calendar"), chromedp.WaitVisible(chromedp.CSS(".fc-timegrid-event")))
	const column = `document.querySelectorAll(".fc-timegrid-col[data-date]")[2]` // Wednesday
	day := d.read(column + ".dataset.date")
	slot := func(at string) (x, y float64) {
		x, _ = d.at(column)
		_, y = d.at(`document.querySelector('.fc-timegrid-slot-lane[data-time="` + at + `"]')`)
		return x, y - 6 // within the first quarter of the half hour
	}
	fx, fy := d.at(`document.querySelector("#drag-lists li")`)
	x, y := slot("14:00:00")
	d.drag(fx, fy, x, y)
	d.toast("Đã thêm")
	var id string
	for e := range entries() {
		if _, old := before[e]; !old {
			id = e
		}
	}
	is := func(start, end string) {
		t.Helper()
		e := entries()[id].Entry
		if string(e.Start) != day+start || string(e.End) != day+end {
			t.Fatalf("it is from %s to %s", e.Start, e.End)
		}
	}
	is("T14:00", "T16:00")
	block := `document.querySelector('.fc-timegrid-event[data-entry="` + id + `"]:not([data-old])')`
	mark := func() { // the block is drawn anew after each change
		d.read(`(() => { const b = ` + block + `; return b ? b.dataset.old = "1" : ""; })()`)
	}
	undo := func() { // of the block, whose old place is not touched again
		t.Helper()
		mark()
		d.do(chromedp.Click(chromedp.CSS("#toast-undo"), chromedp.NodeReady))
		d.toast("Đã hoàn tác")
		d.at(block) // drawn with what the store has now: what others save after is news to it
	}
	move := func(from, to string) {
		t.Helper()
		x, y := d.at(block)
		_, y1 := slot(from)
		_, y2 := slot(to)
		mark()
		d.drag(x, y, x, y+y2-y1)
	}
	move("14:00:00", "15:00:00")
	d.toast("Đã đổi")
	is("T15:00", "T17:00")
	undo()
	is("T14:00", "T16:00")

	// Stretched by its lower edge, which shows under the mouse.
	var bx, by float64
	edge := d.read(`(() => { const e = ` + block + `; if (!e) return ""; const r = e.getBoundingClientRect(); return (r.left + r.width / 2) + " " + (r.bottom - 2); })()`)
	if _, err := fmt.Sscan(edge, &bx, &by); err != nil {
		t.Fatal(edge, err)
	}
	_, y16 := slot("16:00:00")
	_, y17 := slot("17:30:00")
	mark()
	d.hover(bx, by-10)
	d.hover(bx, by)
	d.drag(bx, by, bx, by+y17-y16)
	d.toast("Đã đổi")
	is("T14:00", "T17:30")
	undo()
	is("T14:00", "T16:00")

	other := entries()[id]
	other.Entry.Priority = slides.Campaign
	if _, err := o.store.SaveEntry(context.Background(), store.Actor{}, other.Unit, other.Entry, other.Version); err != nil {
		t.Fatal(err)
	}
	move("14:00:00", "15:00:00")
	d.toast("vừa được người khác lưu")
	is("T14:00", "T16:00")
	if entries()[id].Entry.Priority != slides.Campaign {
		t.Error("what the other saved is lost")
	}

	series := d.read(`document.querySelector(".fc-timegrid-event.class-campaign:not([data-entry=\"` + id + `\"])").dataset.entry`)
	n := len(entries())
	sx, sy := d.at(`document.querySelector('.fc-timegrid-event[data-entry="` + series + `"]')`)
	_, y1 := slot("09:00:00")
	_, y2 := slot("10:00:00")
	d.drag(sx, sy, sx, sy+y2-y1)
	d.do(chromedp.Click(chromedp.CSS(`#ask button[value=only]`)))
	d.toast("Đã tách riêng lần này")
	if e := entries()[series].Entry; len(e.Except) != 1 || len(entries()) != n+1 {
		t.Errorf("the series is %+v, %d entries", e, len(entries()))
	}
	d.do(chromedp.Click(chromedp.CSS("#toast-undo"), chromedp.NodeReady))
	d.toast("Đã hoàn tác")
	if e := entries()[series].Entry; len(e.Except) != 0 || len(entries()) != n {
		t.Errorf("the series is %+v, %d entries", e, len(entries()))
	}
	if c := d.complaints(); strings.Contains(strings.ReplaceAll(c, "409", ""), "error") && strings.Count(c, "\n") > 0 || strings.Contains(c, "Policy") {
		t.Error(c)
	}
}

// Workdays for two weeks on all kiosks of one unit take few clicks.
func TestTwoWeeksInFewClicks(t *testing.T) {
	needFonts(t)
	o := newOffice(t).enter().stock()
	d := o.sit(t)
	unit := o.firstUnitID()
	clicks := 0
	click := func(sel string) {
		t.Helper()
		clicks++
		d.do(chromedp.WaitVisible(chromedp.CSS(sel)), chromedp.Click(chromedp.CSS(sel)))
	}
	choose := func(sel, value string) { // opening the list and taking one
		t.Helper()
		clicks += 2
		d.do(chromedp.Evaluate[chromedp.Void](`(() => { const s = document.querySelector("` + sel + `"); s.value = "` + value + `"; s.dispatchEvent(new Event("change", {bubbles: true})); })()`))
	}
	d.do(chromedp.Navigate(o.web.URL + "/studio/calendar"))
	click("#new-entry")
	d.do(chromedp.WaitVisible(chromedp.CSS("#playlist")))
	lists, err := o.store.Playlists(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	choose("#playlist", lists[0].ID)
	click(`[data-unit="` + unit + `"]`)
	choose("#lasts", "2w")
	says := d.read(`(() => { const s = document.querySelector("#says span").textContent; return s.includes("đến hết") ? s : ""; })()`)
	if !strings.HasPrefix(says, "Thứ Hai đến thứ Sáu, 7:00–17:00, từ ") {
		t.Error(says)
	}
	click("#save-entry")
	d.do(chromedp.WaitVisible(chromedp.CSS(".note.good")))
	entries, err := o.store.Entries(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var e compile.Entry
	for _, x := range entries {
		if x.Version == 1 && x.Live == 0 {
			e = x.Entry
		}
	}
	if !strings.HasPrefix(e.Rule, "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;UNTIL=") || len(e.Where.Units) != 1 || e.Where.All {
		t.Errorf("it is %+v", e)
	}
	if clicks > 8 {
		t.Errorf("it takes %d clicks", clicks)
	}
	if c := d.complaints(); c != "" {
		t.Error(c)
	}
}
