package slides

import (
	"testing"
	"time"
	_ "time/tzdata"
)

func TestSmoke(t *testing.T) {
	m := &Manifest{
		Playlists: []Playlist{{ID: "l", Items: []Item{{Slide: "a"}, {Slide: "b", Dwell: 5000}}}, {ID: "k", Items: []Item{{Slide: "c"}}}},
		Schedule: []Entry{
			{ID: "e", Playlist: "l", Zone: "Asia/Ho_Chi_Minh", Start: "2026-01-05T07:30", End: "2026-01-05T17:00", Rule: "FREQ=WEEKLY;BYDAY=MO,TU", Priority: Normal},
			{ID: "i", Playlist: "k", Zone: "Asia/Ho_Chi_Minh", Start: "2026-01-05T07:30", Interrupt: &Interrupt{10, 60}, Priority: Normal},
		},
	}
	p, err := NewProgram(m, map[string]*Slide{"a": {ID: "a"}, "b": {ID: "b"}, "c": {ID: "c"}})
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 1, 6, 0, 29, 0, 0, time.UTC)
	for range 20 {
		s := p.At(at)
		t.Logf("%+v", s)
		at = s.Until
	}
}
