package slides

import (
	"sync"
	"time"
)

// zones keeps the zones read so far: there are some 600 of them, and reading
// one costs a file. Only names that exist are kept, so it can't grow further.
var zones sync.Map // string to *time.Location

// zone reads a time zone by its IANA name. "" and "Local" are refused: they
// mean other things on other machines.
func zone(name string) (*time.Location, bool) {
	if name == "" || name == "Local" || len(name) > 64 {
		return nil, false
	}
	if z, ok := zones.Load(name); ok {
		return z.(*time.Location), true
	}
	z, err := time.LoadLocation(name)
	if err != nil {
		return nil, false
	}
	zones.Store(name, z)
	return z, true
}

// instant resolves a wall-clock time (seconds of the wall clock read as UTC)
// in loc to Unix seconds: the first moment that shows it, or, when a change
// skips it, the first moment after the gap. time.Date does not promise either.
func instant(loc *time.Location, wall int64) int64 {
	// No zone is more than 15 hours from UTC: here the wall clock still shows less.
	at := time.Unix(wall-15*60*60, 0).In(loc)
	for {
		_, offset := at.Zone()
		since, until := at.ZoneBounds()
		u := wall - int64(offset)
		if !since.IsZero() && u < since.Unix() {
			return since.Unix()
		}
		if until.IsZero() || u < until.Unix() {
			return u
		}
		at = until
	}
}
