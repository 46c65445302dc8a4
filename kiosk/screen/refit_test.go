package screen

import (
	"testing"
	"time"
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
