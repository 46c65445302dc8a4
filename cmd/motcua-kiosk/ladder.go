package main

import (
	"time"

	"motcua/slides"
	"motcua/slides/wire"
)

// ladder is what the kiosk has done to help itself. It is kept over restarts,
// so that a restart that does not help is not tried for ever. It is a value.
type ladder struct {
	Boot  string        `json:"boot"`           // of the system: a power cut is no fault of the program
	Clean bool          `json:"clean"`          // the last run ended as it was meant to
	Rung  wire.Rung     `json:"rung,omitempty"` // the last one taken, until all is well for calmFor
	Since slides.Millis `json:"since,omitempty"`
	Why   string        `json:"why,omitempty"`
	Taken []taken       `json:"taken,omitempty"` // of the last day, oldest first
}

// taken is a rung with its moment and reason.
type taken struct {
	At   slides.Millis `json:"at"`
	Rung wire.Rung     `json:"rung"`
	Why  string        `json:"why"`
}

// Limits of the ladder.
const (
	calmFor     = 10 * time.Minute // without trouble: the ladder begins at its foot again
	crashWindow = 10 * time.Minute
	maxCrashes  = 3  // in crashWindow, then safe mode
	maxSafe     = 3  // times in an hour that safe mode is left and entered again
	maxRestarts = 10 // in an hour: then it stays as it is, and systemd's watchdog has the word
	maxTaken    = 100
)

func (l ladder) count(now slides.Millis, within time.Duration, rungs ...wire.Rung) (n int) {
	for _, t := range l.Taken {
		if t.At > now || now-t.At >= slides.Millis(within.Milliseconds()) {
			continue
		}
		for _, r := range rungs {
			if t.Rung == r {
				n++
			}
		}
	}
	return n
}

// take notes a rung. Moments after now (the clock was set back) are forgotten.
func (l ladder) take(r wire.Rung, why string, now slides.Millis) ladder {
	var keep []taken
	for _, t := range l.Taken {
		if t.At <= now && now-t.At < 24*3600_000 {
			keep = append(keep, t)
		}
	}
	keep = append(keep, taken{now, r, why})
	l.Taken = keep[max(0, len(keep)-maxTaken):]
	if r != wire.RungCrash {
		l.Rung, l.Since, l.Why = r, now, why
	}
	return l
}

// begin is the ladder at the program's start. Where the last run fell, and not
// with the whole system, that counts as a crash; too many of them mean safe mode.
func (l ladder) begin(boot string, now slides.Millis) ladder {
	if !l.Clean && l.Boot != "" && l.Boot == boot {
		l = l.take(wire.RungCrash, "the program fell", now)
		if l.Rung != wire.RungSafe && l.count(now, crashWindow, wire.RungCrash) >= maxCrashes {
			l = l.take(wire.RungSafe, "the program fell again and again", now)
		}
	}
	l.Boot, l.Clean = boot, false
	return l
}

// next climbs a rung because of why. The rung "" means that all that may be done
// was done.
func (l ladder) next(why string, now slides.Millis) (ladder, wire.Rung) {
	var r wire.Rung
	switch l.Rung {
	case "":
		r = wire.RungReload
	case wire.RungReload:
		r = wire.RungRestart
	default: // a restart did not help, or safe mode itself stands still
		r = wire.RungSafe
	}
	if r != wire.RungReload && l.count(now, time.Hour, wire.RungRestart, wire.RungSafe) >= maxRestarts {
		l.Why = why
		return l, ""
	}
	return l.take(r, why, now), r
}

// healed says whether the ladder's foot is reached again after all has been well
// since then. Safe mode that had to be entered again and again stays.
func (l ladder) healed(well, now slides.Millis) bool {
	if l.Rung == "" || now-well < slides.Millis(calmFor.Milliseconds()) {
		return false
	}
	return l.Rung != wire.RungSafe || l.count(now, time.Hour, wire.RungSafe) < maxSafe
}

// foot is the ladder after healed.
func (l ladder) foot() ladder {
	l.Rung, l.Since, l.Why = "", 0, ""
	return l
}

// report is what health says of it.
func (l ladder) report(now slides.Millis) *wire.Recovery {
	day := 24 * time.Hour
	out := wire.Recovery{
		Rung: l.Rung, Since: l.Since, Why: l.Why,
		Reloads: l.count(now, day, wire.RungReload), Restarts: l.count(now, day, wire.RungRestart),
		Safe: l.count(now, day, wire.RungSafe), Crashes: l.count(now, day, wire.RungCrash),
	}
	if out == (wire.Recovery{}) {
		return nil
	}
	return &out
}
