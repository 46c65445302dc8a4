package player

import (
	"time"

	"motcua/slides"
	"motcua/slides/survey"
)

// Now is one moment by both of a kiosk's clocks.
type Now struct {
	Mono time.Duration // rises evenly from the program's start, whatever happens to Wall
	Wall slides.Millis // the kiosk's own clock, not corrected
}

// Limits of the clock's rules.
const (
	// jumpOver is how far the two clocks may part between two events before the
	// wall clock counts as having jumped: above what time servers slew.
	jumpOver = 5 * time.Second
	// syncedFor is how long a time learnt from the server counts as fresh.
	syncedFor = 24 * time.Hour
)

// Clock is the corrected wall clock. Its zero value believes the kiosk's own
// clock. It is a value: every method returns the changed one.
//
// A time that the server signed is the truth: from then on the monotonic clock
// counts, so that a jump of the kiosk's own clock changes nothing. Before that,
// the own clock plus the offset kept from an earlier run is taken, but never a
// moment before the last known one (the manifest's issue, or what was shown
// last): from there the monotonic clock counts on.
type Clock struct {
	offset  int64         // ms added to the own clock
	known   slides.Millis // the last corrected moment; never runs back except by Learn
	at      Now           // when known was known
	started bool
	learnt  bool          // Learn was called in this run
	last    slides.Millis // corrected moment of the last Learn, in this run or an earlier one; 0 never
	jumped  bool          // the wall clock has jumped since the last Learn
}

// Restore is the clock with what an earlier run kept: the offset, when it was
// learnt (0: never), and the last known moment.
func (c Clock) Restore(offset int64, learnt, known slides.Millis) Clock {
	c.offset, c.last = offset, learnt
	return c.Floor(known)
}

// Floor makes known a moment that the clock is not before.
func (c Clock) Floor(known slides.Millis) Clock {
	if known > c.known {
		c.known = known
	}
	return c
}

// Learn sets the clock to what the server said it is at now.
func (c Clock) Learn(now Now, server slides.Millis) Clock {
	return Clock{offset: int64(server - now.Wall), known: server, at: now, started: true, learnt: true, last: server}
}

// Tick moves the clock on to now.
func (c Clock) Tick(now Now) Clock {
	if !c.started {
		c.started = true
		if own := now.Wall + slides.Millis(c.offset); own >= c.known {
			c.known = own
		} else {
			c.jumped = true // a dead battery or a false setting: not believed
		}
		c.at = now
		return c
	}
	passed := max(now.Mono-c.at.Mono, 0)
	counted := c.known + slides.Millis(passed.Milliseconds())
	drift := time.Duration(now.Wall-c.at.Wall)*time.Millisecond - passed
	if drift > jumpOver || drift < -jumpOver {
		c.jumped = true
	}
	// Whole milliseconds only: the rest stays for the next tick.
	rest := passed % time.Millisecond
	c.at = Now{Mono: now.Mono - rest, Wall: now.Wall}
	own := now.Wall + slides.Millis(c.offset)
	if !c.learnt && own > counted {
		c.known = own // never corrected in this run: a forward step may be a time server's first word
	} else {
		c.known = counted
	}
	return c
}

// Now is the corrected moment of the last Tick or Learn.
func (c Clock) Now() slides.Millis { return c.known }

// Offset is what is added to the own clock at the moment of the last tick, ms.
func (c Clock) Offset() int64 { return int64(c.known - c.at.Wall) }

// Learnt is the corrected moment at which the server last told the time, 0 for never.
func (c Clock) Learnt() slides.Millis { return c.last }

// Quality says how far the clock can be trusted.
func (c Clock) Quality() survey.ClockQuality {
	switch {
	case c.last == 0 || c.jumped:
		return survey.Doubtful
	case c.learnt && time.Duration(c.known-c.last)*time.Millisecond <= syncedFor:
		return survey.Synced
	}
	return survey.Held
}
