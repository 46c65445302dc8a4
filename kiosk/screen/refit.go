package screen

import "time"

// refit notices that a full-screen window no longer fits its monitor: one of
// another size came in its place. Ebiten leaves the window as it was, and to
// leave and enter full screen anew ends the program where the output is just
// being changed (an X error in RRSetCrtcConfig): so the program begins anew.
// Owned by the game's goroutine.
type refit struct {
	w, h   float64 // of the window, as ebiten lays out
	fitted bool    // it was the monitor's size once: no window manager keeps it smaller
	since  time.Time
}

// refitAfter lets a monitor that is being changed come to rest.
const refitAfter = 2 * time.Second

// due says whether window and monitor have differed for refitAfter.
func (r *refit) due(now time.Time, mw, mh int) bool {
	near := func(a float64, b int) bool { d := a - float64(b); return d > -1.5 && d < 1.5 }
	if mw == 0 || mh == 0 || r.w == 0 {
		return false
	}
	if near(r.w, mw) && near(r.h, mh) {
		r.fitted, r.since = true, time.Time{}
		return false
	}
	if r.since.IsZero() {
		r.since = now
		frameIn(refitAfter)
	}
	return r.fitted && now.Sub(r.since) >= refitAfter
}
