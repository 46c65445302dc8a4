package player_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"motcua/kiosk/player"
	"motcua/slides"
	"motcua/slides/survey"
)

const year = slides.Millis(365 * 86400_000)

func TestClockDoesNotBelieveAnEarlierTime(t *testing.T) {
	c := player.Clock{}.Restore(0, 0, start)
	c = c.Tick(player.Now{Wall: start - year})
	if c.Now() != start || c.Quality() != survey.Doubtful {
		t.Fatalf("%v %s", c.Now(), c.Quality())
	}
	c = c.Tick(player.Now{Mono: time.Minute, Wall: start - year + 60_000})
	if c.Now() != start+60_000 {
		t.Errorf("does not count on: %d", c.Now()-start)
	}
	c = c.Tick(player.Now{Mono: 2 * time.Minute, Wall: start + 3600_000}) // a time server has spoken
	if c.Now() != start+3600_000 {
		t.Errorf("does not follow a forward step: %d", c.Now()-start)
	}
}

func TestLearntTimeOutlivesJumps(t *testing.T) {
	c := player.Clock{}.Tick(player.Now{Wall: start})
	c = c.Learn(player.Now{Mono: time.Second, Wall: start + 1000}, start+50_000)
	if c.Quality() != survey.Synced || c.Offset() != 49_000 {
		t.Fatalf("%s %d", c.Quality(), c.Offset())
	}
	for _, jump := range []slides.Millis{year, -year} {
		j := c.Tick(player.Now{Mono: 11 * time.Second, Wall: start + jump})
		if j.Now() != start+60_000 || j.Quality() != survey.Doubtful {
			t.Errorf("after %d: %d %s", jump, j.Now()-start, j.Quality())
		}
		j = j.Learn(player.Now{Mono: 12 * time.Second, Wall: start + jump}, start+61_000)
		if j.Now() != start+61_000 || j.Quality() != survey.Synced {
			t.Errorf("learning anew: %d %s", j.Now()-start, j.Quality())
		}
	}
	later := c.Tick(player.Now{Mono: 26 * time.Hour, Wall: start + 26*3600_000 - 1000 + 1000})
	if later.Quality() != survey.Held {
		t.Errorf("a day later: %s", later.Quality())
	}
	kept := player.Clock{}.Restore(c.Offset(), c.Learnt(), c.Now()).Tick(player.Now{Wall: start + 20_000})
	if kept.Now() != start+69_000 || kept.Quality() != survey.Held {
		t.Errorf("after a restart: %d %s", kept.Now()-start, kept.Quality())
	}
}

// The corrected clock never runs backwards, and after a learnt time it runs as
// the monotonic one does, whatever the wall clock does.
func TestClockRunsForward(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := player.Clock{}.Restore(rapid.Int64Range(-1e9, 1e9).Draw(rt, "offset"), 0, start)
		now := player.Now{Wall: start}
		var learntAt time.Duration = -1
		var truth slides.Millis
		last := c.Now()
		for range rapid.IntRange(1, 60).Draw(rt, "n") {
			d := time.Duration(rapid.Int64Range(0, 7_000_000).Draw(rt, "µs")) * time.Microsecond
			now.Mono += d
			now.Wall += slides.Millis(d.Milliseconds())
			if rapid.IntRange(0, 4).Draw(rt, "jump?") == 0 {
				now.Wall = max(1, now.Wall+slides.Millis(rapid.Int64Range(-int64(year), int64(year)).Draw(rt, "jump")))
			}
			if learntAt < 0 && rapid.IntRange(0, 9).Draw(rt, "learn?") == 0 {
				learntAt, truth = now.Mono, c.Now()+1000
				c = c.Learn(now, truth)
			} else {
				c = c.Tick(now)
			}
			if c.Now() < last {
				rt.Fatalf("went back by %d ms", last-c.Now())
			}
			last = c.Now()
			if learntAt >= 0 {
				if off := c.Now() - truth - slides.Millis((now.Mono - learntAt).Milliseconds()); off > 1 || off < -1 {
					rt.Fatalf("%d ms off the monotonic clock", off)
				}
			}
		}
	})
}
