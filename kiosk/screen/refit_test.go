package screen

import (
	"image"
	"testing"
	"time"

	"motcua/kiosk/player"
)

func TestAnotherMonitorIsNoticed(t *testing.T) {
	at := time.Unix(1_800_000_000, 0)
	r := refit{w: 1920, h: 1080}
	look := func(after time.Duration, mw, mh int) bool {
		at = at.Add(after)
		return r.due(at, mw, mh)
	}
	for range 3 {
		if look(time.Minute, 1280, 720) {
			t.Fatal("a window that never fitted is a window manager's business")
		}
	}
	for i, x := range []struct {
		after  time.Duration
		mw, mh int
		want   bool
	}{
		{time.Second, 1920, 1080, false},
		{time.Second, 1919, 1081, false}, // rounded
		{time.Second, 0, 0, false},       // none there
		{time.Hour, 0, 0, false},
		{time.Second, 1280, 720, false}, // just plugged in
		{time.Second, 1280, 720, false},
		{time.Second, 1280, 720, true},
		{time.Second, 1920, 1080, false},
		{time.Hour, 1280, 720, false}, // differs for no time yet
	} {
		if got := look(x.after, x.mw, x.mh); got != x.want {
			t.Errorf("step %d: %v", i, got)
		}
	}
}

// The first picture is drawn for the last run's size before there is a window.
func TestTheFirstPictureDoesNotWaitForTheWindow(t *testing.T) {
	show := player.Show{Serial: 1, Still: player.Still{Key: "k"}}
	if s := New(Options{Faces: testFaces(t)}); true {
		s.Set(show)
		if _, ok := s.next(); ok {
			t.Error("a picture of no size")
		}
	}
	s := New(Options{Faces: testFaces(t), Expect: image.Pt(480, 270)})
	s.Set(show)
	j, ok := s.next()
	if !ok || j.w != 480 || j.h != 270 {
		t.Errorf("%v %+v", ok, j)
	}
	s.game.resize(640, 360) // it has become another one
	if j, ok = s.next(); !ok || j.w != 640 {
		t.Errorf("%v %+v", ok, j)
	}
}
