package main

import (
	"context"
	"time"

	"motcua/kiosk/player"
	"motcua/slides"
	"motcua/slides/wire"
)

// lookEvery is how often progress is looked at.
const lookEvery = 2 * time.Second

// watcher sees to it that the kiosk goes on, judged by progress and not by a
// process that is alive: the player's turns, and pictures that are up when they
// should be. Where nothing moves for patience it climbs the ladder. Static after
// construction; run's goroutine owns the rest.
type watcher struct {
	patience time.Duration
	// look says in words what has not moved for patience; "": all does.
	look func(patience time.Duration) string
	busy func() bool                            // somebody uses the kiosk
	do   func(ctx context.Context, r wire.Rung) // carries a rung out; a restart does not come back
	keep func(l ladder)                         // stores the ladder and shows it to health; bounded in time
	tell func(state string)                     // systemd's notify

	ladder ladder
}

// run watches until ctx ends.
func (w *watcher) run(ctx context.Context) error {
	w.keep(w.ladder)
	t := time.NewTicker(lookEvery)
	defer t.Stop()
	last, well := time.Now(), time.Now()
	var acted time.Time
	spent := false // nothing is left to try: systemd gets no sign
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
		now := time.Now()
		late := now.Sub(last) > 3*lookEvery
		last = now
		if late { // the whole process stood still (a debugger, a suspended machine): nobody could move
			acted = now
			continue
		}
		why := w.look(w.patience)
		if why == "" {
			w.tell("WATCHDOG=1")
			if w.ladder.healed(slides.At(well), slides.At(now)) {
				safe := w.ladder.Rung == wire.RungSafe
				if safe && w.busy() {
					continue // out of safe mode leads a restart: not under a citizen's hand
				}
				w.ladder = w.ladder.foot()
				w.keep(w.ladder)
				if safe {
					w.do(ctx, wire.RungRestart)
				}
			}
			continue
		}
		well = now
		if now.Sub(acted) < w.patience { // the last rung may still help
			if !spent {
				w.tell("WATCHDOG=1")
			}
			continue
		}
		acted = now
		l, r := w.ladder.next(why, slides.At(now))
		w.ladder = l
		w.keep(l)
		if spent = r == ""; !spent {
			w.tell("WATCHDOG=1\nSTATUS=" + string(r) + ": " + why)
			w.do(ctx, r)
		}
	}
}

// stuck says in words what has not moved for longer than patience: the player,
// or a picture that should be up and is not.
func (k *Kiosk) stuck(patience time.Duration) string {
	if d := time.Since(k.begun) - time.Duration(k.beat.Load()); d > patience {
		return "the player has stood still for " + d.Round(time.Second).String()
	}
	if d := k.screen.Owed(); d > patience {
		return "the screen has not shown what it should for " + d.Round(time.Second).String()
	}
	return ""
}

// busy says whether somebody uses the kiosk.
func (k *Kiosk) busy() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.now.View != player.ViewLoop && k.now.View != player.ViewClosed
}
