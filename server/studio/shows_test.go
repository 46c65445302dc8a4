package studio

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"motcua/server/reckon"
	"motcua/server/store"
	"motcua/slides"
)

// The page says what the program of the kiosk's own manifest says, for what is
// published and for the drafts, and marks the day's gaps.
func TestWhatShowsAndWhy(t *testing.T) {
	o := newOffice(t).enter().stock()
	unit := o.firstUnitID()
	k := o.paired("Sảnh tầng 1", unit)
	ctx := context.Background()
	st, err := o.store.KioskStatus(ctx, k.id)
	if err != nil {
		t.Fatal(err)
	}
	m, err := o.store.Manifest(ctx, st.Class)
	if err != nil {
		t.Fatal(err)
	}
	r, err := reckon.New(o.store).Of(ctx, m)
	if err != nil {
		t.Fatal(err)
	}
	zone, _ := time.LoadLocation("Asia/Ho_Chi_Minh")
	for _, at := range []time.Time{time.Date(2026, 11, 26, 9, 40, 0, 0, zone), time.Date(2026, 11, 29, 15, 0, 0, 0, zone)} {
		want := r.At(at)
		a := o.get("/studio/kiosks/" + k.id + "/shows?at=" + at.Format(momentLayout)).is(200)
		a.has(`data-lot="shows"`)
		if want.Slide == "" || !strings.Contains(a.body, fmt.Sprintf(`data-slide="%s" data-entry="%s"`, want.Slide, want.Entry)) {
			t.Errorf("at %v it is %+v", at, want)
		}
	}
	// A draft that is not published shows only among the drafts.
	entries, err := o.store.Entries(ctx)
	if err != nil {
		t.Fatal(err)
	}
	e := entries[0].Entry
	e.ID, e.Rule, e.Start, e.End, e.Priority, e.Where.All = "nhap", "", "2026-11-26T09:00", "2026-11-26T10:00", 30, true
	if _, err := o.store.SaveEntry(ctx, store.Actor{}, unit, e, 0); err != nil {
		t.Fatal(err)
	}
	path := "/studio/kiosks/" + k.id + "/shows?at=2026-11-26T09:40"
	o.get(path).hasNot("nhap")
	o.get(path+"&of=drafts").has(`data-entry="nhap"`, "bị lịch có mức ưu tiên cao hơn che")
}

func TestOpenTimesAndMarks(t *testing.T) {
	zone, _ := time.LoadLocation("Asia/Ho_Chi_Minh")
	at := func(d, h, m int) time.Time { return time.Date(2026, 11, d, h, m, 0, 0, zone) }
	term := slides.Terminal{Hours: []slides.Span{{Days: []int{4, 5}, From: "07:30", Until: "11:30"}, {Days: []int{4}, From: "13:30", Until: "17:00"}, {Days: []int{5}, From: "22:00", Until: "02:00"}}}
	got := reckon.OpenTimes(&term, nil, at(26, 0, 0), at(29, 0, 0)) // Thursday to Saturday
	span := func(from, until time.Time) reckon.Times { return reckon.Times{From: from, Until: until} }
	want := []reckon.Times{span(at(26, 7, 30), at(26, 11, 30)), span(at(26, 13, 30), at(26, 17, 0)), span(at(27, 7, 30), at(27, 11, 30)), span(at(27, 22, 0), at(28, 2, 0))}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Fatalf("open %v, want %v", got, want)
	}
	marks := dayMarks([]slides.Stretch{
		{From: at(26, 0, 0), Until: at(26, 8, 0), Class: -1},
		{From: at(26, 8, 0), Until: at(26, 10, 0), Entries: []string{"a"}},
		{From: at(26, 10, 0), Until: at(26, 14, 0), Entries: []string{"a", "b"}},
		{From: at(26, 14, 0), Until: at(27, 0, 0), Entries: []string{"a"}},
	}, got)
	if len(marks) != 3 || marks[0].Clash || !marks[0].From.Equal(at(26, 7, 30)) || !marks[0].Until.Equal(at(26, 8, 0)) ||
		!marks[1].Clash || !marks[1].Until.Equal(at(26, 11, 30)) || !marks[2].From.Equal(at(26, 13, 30)) {
		t.Errorf("marks %+v", marks)
	}
}
