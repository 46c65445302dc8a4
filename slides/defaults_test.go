package slides_test

import (
	"reflect"
	"testing"
	"time"

	"motcua/slides"
)

func TestTheNearestThatSaysSomethingHolds(t *testing.T) {
	office := []slides.Span{{Days: []int{1, 2, 3, 4, 5}, From: "07:30", Until: "11:30"}}
	province := slides.Defaults{Hours: office, Closed: slides.Closing{Text: slides.Vi("Hẹn gặp lại"), URL: "https://dichvucong.gov.vn"}, Languages: []string{"vi", "en"}}
	ward := slides.Defaults{Closed: slides.Closing{Text: slides.Vi("Phường nghỉ")}, Languages: []string{"vi", "tyz"}}
	got := ward.Over(province)
	want := slides.Defaults{Hours: office, Closed: slides.Closing{Text: slides.Vi("Phường nghỉ"), URL: "https://dichvucong.gov.vn"}, Languages: []string{"vi", "tyz"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the ward's: %+v", got)
	}
	if k := (slides.Terminal{}).Within(got); !reflect.DeepEqual(k.Hours, office) || k.Closed.Text["vi"] != "Phường nghỉ" || k.Closed.URL == "" {
		t.Errorf("a kiosk as it comes: %+v", k)
	}
	own := slides.Terminal{Hours: []slides.Span{slides.Always}, Closed: slides.Closing{Text: slides.Vi("Hết giờ")}}.Within(got)
	if open, _ := own.Open(monday(3)); !open || own.Closed.Text["vi"] != "Hết giờ" || own.Closed.URL == "" {
		t.Errorf("a kiosk of its own: %+v", own)
	}
	var p slides.Problems
	(&slides.Terminal{Hours: []slides.Span{slides.Always}}).Check(&p, "t")
	if len(p.List) != 0 {
		t.Errorf("always: %+v", p.List)
	}
}

func TestDefaultsCheckNamesEachFault(t *testing.T) {
	for path, d := range map[string]slides.Defaults{
		"d.hours.1":    {Hours: []slides.Span{slides.Always, {From: "x"}}},
		"d.closed.url": {Closed: slides.Closing{URL: "ftp://a"}},
		"d.languages":  {Languages: []string{"en", "vi"}},

		"d.on_holidays": {OnHolidays: true},
	} {
		var p slides.Problems
		if d.Check(&p, "d"); len(p.List) != 1 || p.List[0].Path != path {
			t.Errorf("%s: %+v", path, p.List)
		}
	}
	for _, langs := range [][]string{{"vi", "vi"}, {"vi", "tiếng Tày"}, {"vi", "aa", "ab", "ac", "ad", "ae", "af", "ag", "ah", "ai", "aj"}} {
		var p slides.Problems
		if (&slides.Defaults{Languages: langs}).Check(&p, "d"); len(p.List) == 0 {
			t.Errorf("%v is taken", langs)
		}
	}
}

// Being open on holidays goes with the hours that it is said of.
func TestHolidaysGoWithTheHours(t *testing.T) {
	office := []slides.Span{{Days: []int{1, 2, 3, 4, 5}, From: "07:30", Until: "17:00"}}
	always, plain := slides.Defaults{Hours: office, OnHolidays: true}, slides.Defaults{Hours: office}
	for name, c := range map[string]struct {
		unit, above slides.Defaults
		kiosk       slides.Terminal
		want        bool
	}{
		"from above":                 {slides.Defaults{}, always, slides.Terminal{}, true},
		"own hours, not on holidays": {plain, always, slides.Terminal{}, false},
		"own hours, on holidays":     {always, plain, slides.Terminal{}, true},
		"the kiosk's own hours":      {always, always, slides.Terminal{Hours: office}, false},
		"the kiosk alone":            {plain, plain, slides.Terminal{OnHolidays: true}, true},
		"nobody":                     {plain, plain, slides.Terminal{}, false},
	} {
		if got := c.kiosk.Within(c.unit.Over(c.above)).OnHolidays; got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// monday is an hour of a Monday.
func monday(hour int) time.Time { return time.Date(2026, 11, 23, hour, 0, 0, 0, time.UTC) }
