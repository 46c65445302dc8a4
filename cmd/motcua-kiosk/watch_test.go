//go:build !js

package main

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"motcua/slides"
	"motcua/slides/wire"
)

// standing is a kiosk that stands still from one moment on, and what the watcher
// does about it. All times are those of a synctest bubble.
type standing struct {
	w      *watcher
	begun  time.Time
	still  string // why it stands still; "": it moves
	using  bool
	rungs  []string
	told   []time.Time // signs to systemd
	stored ladder
}

func newStanding(l ladder) *standing {
	s := &standing{begun: time.Now()}
	s.w = &watcher{
		patience: 20 * time.Second, ladder: l,
		look: func(time.Duration) string { return s.still },
		busy: func() bool { return s.using },
		do: func(_ context.Context, r wire.Rung) {
			s.rungs = append(s.rungs, string(r)+"@"+time.Since(s.begun).Round(10*time.Second).String())
		},
		keep: func(l ladder) { s.stored = l },
		tell: func(state string) {
			if strings.HasPrefix(state, "WATCHDOG=1") {
				s.told = append(s.told, time.Now())
			}
		},
	}
	return s
}

// run lets the watcher run in the bubble while during goes on.
func (s *standing) run(t *testing.T, during func()) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- s.w.run(ctx) }()
	during()
	synctest.Wait()
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestTheLadderIsClimbed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStanding(ladder{})
		s.run(t, func() {
			time.Sleep(time.Hour) // all moves
			if len(s.rungs) > 0 || len(s.told) < 1700 {
				t.Fatalf("well, it did %v and gave %d signs", s.rungs, len(s.told))
			}
			s.begun, s.still = time.Now(), "the screen"
			time.Sleep(70 * time.Second)
		})
		if want := []string{"reload@0s", "restart@20s", "safe@40s", "safe@1m0s"}; !slices.Equal(s.rungs, want) {
			t.Errorf("it did %v, want %v", s.rungs, want)
		}
		if s.stored.Rung != wire.RungSafe || s.stored.Why != "the screen" {
			t.Errorf("stored: %+v", s.stored)
		}
	})
}

// A rung that helps is the last one; after ten minutes the ladder begins anew.
func TestWhatHelpsIsEnough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStanding(ladder{})
		s.run(t, func() {
			s.still = "the screen"
			time.Sleep(5 * time.Second)
			s.still = ""
			time.Sleep(9 * time.Minute)
			if s.stored.Rung != wire.RungReload {
				t.Errorf("after nine minutes: %+v", s.stored)
			}
			time.Sleep(2 * time.Minute)
			if s.stored.Rung != "" || s.stored.report(slides.At(time.Now())).Reloads != 1 {
				t.Errorf("after eleven minutes: %+v", s.stored)
			}
			s.still = "the player"
			time.Sleep(5 * time.Second)
		})
		if len(s.rungs) != 2 || !strings.HasPrefix(s.rungs[1], "reload") {
			t.Errorf("it did %v", s.rungs)
		}
	})
}

// Out of safe mode the kiosk goes by a restart, when nobody uses it, and not a
// fourth time within the hour.
func TestSafeModeIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := slides.At(time.Now())
		s := newStanding(ladder{}.take(wire.RungSafe, "x", now))
		s.using = true
		s.run(t, func() {
			time.Sleep(30 * time.Minute)
			if len(s.rungs) > 0 {
				t.Fatalf("under a citizen's hand: %v", s.rungs)
			}
			s.using = false
			time.Sleep(3 * time.Second)
		})
		if len(s.rungs) != 1 || !strings.HasPrefix(s.rungs[0], "restart") || s.stored.Rung != "" {
			t.Errorf("it did %v, stored %+v", s.rungs, s.stored)
		}

		now = slides.At(time.Now())
		s = newStanding(ladder{}.take(wire.RungSafe, "x", now-2).take(wire.RungSafe, "x", now-1).take(wire.RungSafe, "x", now))
		s.run(t, func() {
			time.Sleep(50 * time.Minute)
			if len(s.rungs) > 0 {
				t.Errorf("three times safe, and after 50 minutes: %v", s.rungs)
			}
			time.Sleep(15 * time.Minute)
		})
		if len(s.rungs) != 1 {
			t.Errorf("after the hour: %v", s.rungs)
		}
	})
}

// Where nothing helps the restarts end, and systemd gets no sign any more.
func TestNothingHelps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStanding(ladder{})
		s.run(t, func() {
			s.still = "the screen"
			time.Sleep(30 * time.Minute)
		})
		if n := len(s.rungs); n != 1+maxRestarts {
			t.Errorf("%d steps: %v", n, s.rungs)
		}
		if last := s.told[len(s.told)-1]; time.Since(last) < 20*time.Minute {
			t.Errorf("the last sign is %v old", time.Since(last))
		}
	})
}

func TestCrashesLeadToSafeMode(t *testing.T) {
	now := slides.Millis(1_800_000_000_000)
	l := ladder{}.begin("boot-1", now)
	for i := range 3 {
		if l.Rung == wire.RungSafe {
			t.Fatalf("safe after %d crashes", i)
		}
		now += 60_000
		l = l.begin("boot-1", now)
	}
	if l.Rung != wire.RungSafe || l.report(now).Crashes != 3 {
		t.Errorf("after three crashes: %+v", l)
	}
	// Neither a power cut nor a proper end is a crash.
	l = ladder{}.begin("boot-1", now)
	for i := range 10 {
		now += 1000
		if i%2 == 0 {
			l = l.begin("boot-"+string(rune('a'+i)), now)
		} else {
			l.Clean = true
			l = l.begin(l.Boot, now)
		}
	}
	if r := l.report(now); r != nil {
		t.Errorf("power cuts: %+v", r)
	}
}

// Whatever happens and however the clock jumps: never more restarts in an hour
// than allowed, and the counts are those of the steps.
func TestLadderKeepsItsLimits(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		now := slides.Millis(1_800_000_000_000)
		var l ladder
		var restarts []slides.Millis
		for range rapid.IntRange(1, 120).Draw(rt, "steps") {
			now += slides.Millis(rapid.IntRange(0, 1200_000).Draw(rt, "ms"))
			switch rapid.IntRange(0, 4).Draw(rt, "what") {
			case 0:
				l = l.begin("b", now)
			case 1:
				l.Clean = true
				l = l.begin("b", now)
			case 2:
				if l.healed(now-slides.Millis(rapid.IntRange(0, 3600_000).Draw(rt, "well")), now) {
					l = l.foot()
				}
			default:
				var r wire.Rung
				if l, r = l.next("why", now); r == wire.RungRestart || r == wire.RungSafe {
					restarts = append(restarts, now)
				}
			}
			n := 0
			for _, at := range restarts {
				if now-at < 3600_000 {
					n++
				}
			}
			if n > maxRestarts || len(l.Taken) > maxTaken {
				rt.Fatalf("%d restarts within the hour, %d steps kept", n, len(l.Taken))
			}
		}
	})
}
