package studio

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"motcua/server/store"
	"motcua/slides"
)

// A calendar made for the house reaches its kiosks with the manifest: the desk
// is closed on Tết, and what shows on working days keeps to it. A unit below may
// have its own.
func TestWorkdaysReachKiosks(t *testing.T) {
	o := newOffice(t).enter().stock()
	ctx := context.Background()
	units, err := o.store.Units(ctx, 0)
	if err != nil {
		t.Fatal(err)
	}
	top, unit := units[0].ID, "bo-phan-mot-cua"
	k := o.paired("Sảnh tầng 1", unit)
	path := "/studio/workdays/" + top
	o.get(path + "?year=2027").has("Chưa có lịch làm việc")
	o.post(path, url.Values{"do": {"own"}, "year": {"2026"}}).is(http.StatusSeeOther)
	a := o.get(path+"?year=2027").has("Mồng 1 Tết", "dự kiến", "1/1 âm lịch")
	o.get("/studio/publish").has("T7 6/2/2027", "ngày lễ", "T2, T3, T4, T5, T6", path).hasNot("2027-02-06", "holiday", ">week<")
	o.get("/studio/workdays/" + unit).has("Theo lịch của")

	v := a.form(path, "do=save")
	v.Set("new-date", "2027-02-13") // a Saturday
	v.Set("new-kind", "swapped")
	v.Set("settled", "on")
	v.Set("do", "save")
	o.post(path, v).is(http.StatusSeeOther)
	o.get(path + "?year=2027").has("ngày làm bù").hasNot("dự kiến</span>")
	o.post(path, v).is(http.StatusConflict).has("vừa được người khác lưu") // an old base
	v.Set("new-date", "2028-01-01")
	o.post(path, v).is(http.StatusUnprocessableEntity).has("không thuộc năm 2027")

	// An entry of working days keeps to the calendar.
	lists, err := o.store.Playlists(ctx)
	if err != nil {
		t.Fatal(err)
	}
	calendars, err := o.store.Calendars(ctx)
	if err != nil || len(calendars) != 1 {
		t.Fatal(calendars, err)
	}
	entry := url.Values{"playlist": {lists[0].ID}, "where": {"some"}, "unit": {unit}, "zone": {"Asia/Ho_Chi_Minh"}, "start": {"2027-01-04T07:30"}, "end": {"2027-01-04T17:00"}, "repeat": {"working"}, "calendar": {calendars[0].ID}, "priority": {"30"}, "base": {"0"}}
	o.post("/studio/schedule/new", entry).is(http.StatusSeeOther)
	o.publishAll()
	st, err := o.store.KioskStatus(ctx, k.id)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := o.store.Manifest(ctx, st.Class)
	if err != nil {
		t.Fatal(err)
	}
	m, err := slides.ParseManifest(raw.Bytes)
	if err != nil || m.Working() == nil {
		t.Fatalf("working days %q, %v", m.WorkDays, err)
	}
	zone, _ := time.LoadLocation(m.Zone)
	at := func(d int, h int) time.Time { return time.Date(2027, 2, d, h, 0, 0, 0, zone) }
	term := slides.Terminal{Hours: busyTerminal.Hours}
	if open, next := term.OpenOn(at(8, 9), m.Working()); open || !next.Equal(time.Date(2027, 2, 11, 7, 30, 0, 0, zone)) && !next.Equal(time.Date(2027, 2, 12, 7, 30, 0, 0, zone)) {
		t.Errorf("on the third day of Tết it is open: %v, next %v", open, next)
	}
	if open, _ := term.OpenOn(at(13, 9), m.Working()); !open {
		t.Error("on the swapped Saturday it is closed")
	}
	shows := "/studio/kiosks/" + k.id + "/shows?at="
	o.get(shows+"2027-02-08T09:00").has("Không chiếu vào loại ngày này: ngày lễ", `data-lot="wrong-kind"`)
	o.get(shows + "2027-02-13T09:00").hasNot("wrong-kind")

	// Its own for a unit below, by copying.
	v = o.get(path+"?year=2027").form(path, "do=save")
	v.Set("do", "below")
	v.Set("unit", unit)
	o.post(path, v).is(http.StatusSeeOther)
	calendars, err = o.store.Calendars(ctx)
	if err != nil || len(calendars) != 2 || len(calendars[0].Calendar.Days) != len(calendars[1].Calendar.Days) {
		t.Fatal(calendars, err)
	}
	o.publishAll()
	raw, err = o.store.Manifest(ctx, st.Class)
	if err != nil {
		t.Fatal(err)
	}
	if m, err = slides.ParseManifest(raw.Bytes); err != nil || m.WorkDays != workdaysID(unit) || !slices.ContainsFunc(m.Calendars, func(c slides.Calendar) bool { return strings.HasPrefix(c.ID, "lich-") }) {
		t.Errorf("the unit keeps to %q, %v", m.WorkDays, err)
	}
}

// publishAll makes every draft live.
func (o *office) publishAll() {
	o.t.Helper()
	if _, err := o.store.Publish(context.Background(), store.Actor{}, store.PublishRequest{}); err != nil {
		o.t.Fatal(err)
	}
}
