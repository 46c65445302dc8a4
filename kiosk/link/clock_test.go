package link

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"motcua/slides"
	"motcua/slides/wire"
)

// However the answers dawdle, the offset is never wronger than half the trip of
// the sharpest measure since the clocks last jumped, and that bound only shrinks.
func TestClockIsAsSharpAsItsBestMeasure(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var c clock
		truth := time.Duration(rapid.Int64Range(-1e6, 1e6).Draw(t, "offset")) * time.Second
		local := time.Date(2026, 3, 8, 3, 0, 0, 0, time.UTC)
		best := time.Duration(0)
		for range rapid.IntRange(1, 30).Draw(t, "measures") {
			local = local.Add(time.Duration(rapid.IntRange(0, 600).Draw(t, "pause")) * time.Second)
			there := time.Duration(rapid.IntRange(0, 8000).Draw(t, "there")) * time.Millisecond
			back := time.Duration(rapid.IntRange(0, 8000).Draw(t, "back")) * time.Millisecond
			sent, answered := local, local.Add(there).Add(truth)
			local = local.Add(there + back)
			offset, ok := c.measure(slides.At(answered), sent, local)
			if trip := there + back; ok != (trip <= longestTrip) {
				t.Fatalf("a trip of %v: %v", trip, ok)
			}
			if !ok {
				continue
			}
			if trip := there + back; best == 0 || trip < best {
				best = trip
			}
			if wrong := (offset - truth).Abs(); wrong > best/2+5*time.Millisecond {
				t.Fatalf("wrong by %v; the sharpest trip was %v", wrong, best)
			}
		}
	})
}

// A clock that is set anew while the kiosk runs is followed.
func TestClockJumpIsFollowed(t *testing.T) {
	var c clock
	at := time.Date(2026, 3, 8, 3, 0, 0, 0, time.UTC)
	c.measure(slides.At(at), at, at)
	at = at.Add(-365 * 24 * time.Hour) // somebody set the kiosk's clock back
	offset, _ := c.measure(slides.At(at.Add(365*24*time.Hour)), at, at.Add(3*time.Second))
	if (offset - 365*24*time.Hour).Abs() > 2*time.Second {
		t.Errorf("offset %v", offset)
	}
}

func TestBackoffIsFullJitter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(-3, 1000).Draw(t, "n")
		top := wire.BackoffMax
		if n < 6 {
			top = wire.BackoffBase << max(n, 0)
		}
		if d := backoff(n); d < 0 || d > top {
			t.Fatalf("try %d waits %v, at most %v", n, d, top)
		}
	})
	var low, high int
	for range 1000 {
		if backoff(10) < wire.BackoffMax/2 {
			low++
		} else {
			high++
		}
	}
	if low < 350 || high < 350 {
		t.Errorf("%d in the lower half, %d in the upper", low, high)
	}
}
