// Package fleet says what a kiosk is doing, in one word: for the list that staff
// look at, and for the mail that they get when one falls silent. It is pure:
// what is known of a kiosk comes from the store, and the moment from the caller.
package fleet

import (
	"time"

	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/wire"
)

// State is what a kiosk is doing.
type State string

// The states. Of tells which one holds where several could.
const (
	Silent   State = "silent"   // no connection, and its office is open
	Safe     State = "safe"     // it helps itself: the publication before, without motion
	Loading  State = "loading"  // it fetches what it should show
	Waiting  State = "waiting"  // nothing is published for it
	Unpaired State = "unpaired" // it has no key in use
	Closed   State = "closed"   // its office is closed, whether it is connected or switched off
	Serving  State = "serving"  // somebody is using it
	Showing  State = "showing"  // slides
)

// States are all of them, the most pressing first.
var States = []State{Silent, Safe, Loading, Waiting, Unpaired, Closed, Serving, Showing}

// Rank is the state's place in States.
func (s State) Rank() int {
	for i, x := range States {
		if x == s {
			return i
		}
	}
	return len(States)
}

// Of is the state of a kiosk at a moment.
func Of(k *store.KioskStatus, now slides.Millis) State {
	open := openAt(k, now)
	h := k.Health
	switch {
	case !k.Paired:
		return Unpaired
	case !k.Online && open:
		return Silent
	case !k.Online:
		return Closed
	case h != nil && h.Recovery != nil && h.Recovery.Rung == wire.RungSafe:
		return Safe
	case k.Should == "":
		return Waiting
	case k.Has != k.Should:
		return Loading
	case h != nil && inUse(h.View):
		return Serving
	case !open:
		return Closed
	}
	return Showing
}

// inUse says whether a view (see wire.Health) is one that a citizen has opened.
func inUse(view string) bool {
	switch view {
	case "", "starting", "pairing", "loop", "closed":
		return false
	}
	return true
}

// Overdue says that a kiosk has been silent for a while of its opening hours: an
// office that opened a minute ago has that long to switch it on.
func Overdue(k *store.KioskStatus, now slides.Millis, after time.Duration) bool {
	since := now - slides.Millis(after.Milliseconds())
	return k.Paired && !k.Online && k.LastSeen <= since && k.PairedAt <= since && openAt(k, now) && openAt(k, since)
}

// openAt says whether a kiosk's office is open, by its hours and its working
// calendar; one without hours always is.
func openAt(k *store.KioskStatus, at slides.Millis) bool {
	t := at.Time()
	if k.Zone != nil {
		t = t.In(k.Zone)
	}
	open, _ := k.Works.OpenOn(t, k.Days)
	return open
}

// ClockOff is from how much on a kiosk's own clock is called wrong: ratings are
// counted by corrected time, but its system's logs and certificates are not.
const ClockOff = time.Minute

// ClockWrong says whether the kiosk's own clock is wrong by more than ClockOff.
func ClockWrong(k *store.KioskStatus) bool {
	off := time.Duration(k.Offset) * time.Millisecond
	return off > ClockOff || off < -ClockOff
}

// Trouble says whether staff should look at a kiosk, whatever it is doing.
func Trouble(k *store.KioskStatus) bool {
	return k.Missing > 0 || k.Forks > 0 || k.Health != nil && (k.Health.Full || k.Health.Quarantine > 0 || k.Health.Recovery != nil && k.Health.Recovery.Rung == wire.RungSafe)
}

// LastFault is the newest fault that the kiosk's last report tells of; ok is
// false where it tells of none.
func LastFault(k *store.KioskStatus) (f wire.Fault, ok bool) {
	if k.Health == nil || len(k.Health.Errors) == 0 {
		return f, false
	}
	return k.Health.Errors[len(k.Health.Errors)-1], true
}
