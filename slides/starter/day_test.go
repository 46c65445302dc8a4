package starter

import (
	"testing"
	"time"

	"motcua/slides"
)

// A kiosk that runs the starter content shows something at every moment of a
// day, in 2023 and now: the hall's loop, and in working hours the campaign for
// one minute in ten.
func TestADayOnTheKiosk(t *testing.T) {
	c := load(t)
	program, err := slides.NewProgram(&slides.Manifest{Playlists: c.Playlists, Schedule: c.Schedule}, byID(c))
	if err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation(c.Office.Zone)
	if err != nil {
		t.Fatal(err)
	}
	for _, day := range []time.Time{
		time.Date(2023, 3, 20, 0, 0, 0, 0, zone),  // a Monday
		time.Date(2023, 3, 19, 0, 0, 0, 0, zone),  // a Sunday
		time.Date(2026, 11, 23, 0, 0, 0, 0, zone), // a Monday
	} {
		onAir, shown := map[string]time.Duration{}, map[string]bool{}
		end := day.AddDate(0, 0, 1)
		for at := day; at.Before(end); {
			s := program.At(at)
			if s.Slide == "" || !s.Until.After(at) {
				t.Fatalf("%v: nothing shows (%+v)", at, s)
			}
			until := s.Until
			if until.After(end) {
				until = end
			}
			onAir[s.Entry] += until.Sub(at)
			shown[s.Slide] = true
			at = until
		}
		campaign := 24 * time.Minute // of 4 hours
		if day.Weekday() == time.Sunday {
			campaign = 0
		}
		if onAir["truc-tuyen-gio-lam-viec"] != campaign || onAir["sanh-hang-ngay"] != 24*time.Hour-campaign {
			t.Errorf("%s: %v", day.Format(time.DateOnly), onAir)
		}
		if len(shown) < 34 {
			t.Errorf("%s: only %d slides were shown", day.Format(time.DateOnly), len(shown))
		}
	}
}
