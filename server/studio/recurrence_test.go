package studio

import (
	"context"
	"net/url"
	"testing"
	"time"

	"motcua/server/store"
	"motcua/slides"

	"pgregory.net/rapid"
)

// What the form's fields say comes back as the same fields, and the entry's
// sentence is the same.
func TestRecurrenceComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start := time.Date(2026, 1, 1, 7, 30, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 800).Draw(t, "day"))
		r := recurrence{
			Repeat:   rapid.SampledFrom(repeats[:len(repeats)-1]).Draw(t, "repeat"),
			Weekdays: rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"0", "1", "2", "3", "4", "5", "6"}), 0, 7, rapid.ID).Draw(t, "days"),
			Lasts:    rapid.SampledFrom(lasting).Draw(t, "lasts"),
			Until:    start.AddDate(0, 0, rapid.IntRange(400, 800).Draw(t, "until")).Format(time.DateOnly),
		}
		rule, path, key := r.rule(start)
		if key != "" {
			t.Fatal(path, key)
		}
		e := slides.Entry{ID: "e", Playlist: "p", Zone: "Asia/Ho_Chi_Minh", Start: slides.LocalTime(start.Format(momentLayout)), End: slides.LocalTime(start.Add(time.Hour).Format(momentLayout)), Rule: rule}
		if r.Repeat == "working" {
			e.Calendar, e.Kinds = "c", workingKinds
		}
		back := recurrenceOf(&e)
		again, _, key := back.rule(start)
		if back.Repeat == "custom" || key != "" || again != rule {
			t.Fatalf("%+v is %q, comes back as %+v, %q", r, rule, back, again)
		}
		if e.Sentence("vi") == "" || e.Sentence("en") == "" {
			t.Fatalf("%q has no sentence", rule)
		}
	})
}

// A script that names an entry of another unit changes nothing there.
func TestCalendarKeepsToItsUnits(t *testing.T) {
	o := newOffice(t).enter()
	tree := o.branches()
	o.client = o.as("trong", store.Grant{Role: "editor", Unit: "trong"})
	move := func(id string) answer {
		return o.post("/studio/calendar/move", url.Values{"id": {id}, "base": {"1"}, "start": {"2026-01-01T08:00:00"}, "end": {"2026-01-01T09:00:00"}, "zone": {"Asia/Ho_Chi_Minh"}})
	}
	for _, other := range []string{"ngoai", "tren"} {
		if a := move(tree[other].entry); a.code < 400 || a.code >= 500 {
			t.Errorf("%s: %d", a.what, a.code)
		}
		if a := o.post("/studio/calendar/undo", url.Values{"undo": {tree[other].entry + ":1:0"}}); a.code < 400 || a.code >= 500 {
			t.Errorf("%s: %d", a.what, a.code)
		}
		e, err := o.store.Entry(context.Background(), tree[other].entry)
		if err != nil || e.Version != 1 {
			t.Errorf("%+v, %v", e, err)
		}
		if a := o.post("/studio/calendar/place", url.Values{"playlist": {tree["trong-1"].list}, "unit": {other}, "start": {"2026-01-01T08:00:00"}, "end": {"2026-01-01T09:00:00"}}); a.code < 400 || a.code >= 500 {
			t.Errorf("%s: %d", a.what, a.code)
		}
	}
	move(tree["trong-1"].entry).is(200)
	o.get("/studio/calendar/events?from=2026-01-01&to=2026-01-02&unit=trong-1").is(200).has(`"start":"2026-01-01T08:00:00"`)
	o.get("/studio/calendar/events?from=2026-01-01&to=2027-01-02").is(422)
	o.get("/studio/calendar/export?unit=trong-1").is(200).has("BEGIN:VCALENDAR", "UID:"+tree["trong-1"].entry, "DTSTART;TZID=Asia/Ho_Chi_Minh:20260101T080000").hasNot(tree["ngoai"].entry)
	o.get("/studio/calendar/events?from=2026-01-01&to=2026-01-02&unit=ngoai").is(200).hasNot(tree["ngoai"].entry)
}
