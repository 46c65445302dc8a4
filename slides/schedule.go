package slides

import "time"

// LocalDate is "2006-01-02" in a zone that the context names.
type LocalDate string

// Time is the date's midnight in UTC, or an error.
func (d LocalDate) Time() (time.Time, error) { return time.Parse(time.DateOnly, string(d)) }

// LocalTime is a wall-clock moment "2006-01-02T15:04" in the entry's zone.
type LocalTime string

// Priority is the class of a schedule entry; a higher one hides the lower ones.
type Priority int

// The classes; others from 0 to 99 take their place by number, those from
// Emergency up count as emergencies. Emergency also flips a manifest at once.
const (
	Filler    Priority = 0 // shows where nothing else does
	Normal    Priority = 10
	Campaign  Priority = 20
	Emergency Priority = 90
)

// Interrupt takes the first Seconds of every Every seconds, counted from the
// occurrence's start. Seconds is 3 to 3600, Every longer, up to 86400.
type Interrupt struct {
	Seconds int `json:"seconds"`
	Every   int `json:"every"`
}

// DayKind is a kind of day of a working calendar.
type DayKind string

// Working days, days off, public holidays, and days worked in exchange for one off.
const (
	Working DayKind = "working"
	Off     DayKind = "off"
	Holiday DayKind = "holiday"
	Swapped DayKind = "swapped"
)

// Calendar says which kind a date is: Days first, else Working on the weekdays
// in Week (0 Sunday to 6), else Off. Settled are the years whose days staff have
// held against the State's decision; the others hold proposals.
type Calendar struct {
	ID      string                `json:"id"`
	Week    []int                 `json:"week"`
	Days    map[LocalDate]DayKind `json:"days,omitempty"`
	Settled []int                 `json:"settled,omitempty"`
}

// Item is one place in a playlist. Dwell 0 takes the slide's own.
type Item struct {
	Slide string `json:"slide"`
	Dwell int64  `json:"dwell_ms,omitempty"`
}

// Playlist is ordered slides.
type Playlist struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Items []Item `json:"items"`
}

// Entry puts a playlist on the air. Where it shows is decided when the
// manifest of a class is compiled, so it does not stand here.
//
// Start and End are wall-clock times in Zone (an IANA name), half open:
// [Start, End). End may be "" (for ever) only without a Rule. A wall-clock time
// that a zone change skips is the first moment after the gap; one that it
// repeats is the first of the two. An occurrence that ends no later than it
// starts does not exist; where two of one entry overlap, the later one counts.
//
// Rule is an RFC 5545 RRULE value without DTSTART: FREQ (DAILY, WEEKLY, MONTHLY
// or YEARLY), INTERVAL, COUNT or UNTIL, WKST, BYMONTH, BYMONTHDAY, BYYEARDAY,
// BYDAY, BYSETPOS. It names local dates from Start's on; each occurrence keeps
// Start's wall-clock time and ends as many calendar days later, at End's
// wall-clock time, at most 31 days after. Start is DTSTART: it decides what the
// rule leaves open (the weekday of FREQ=WEEKLY, the day of FREQ=MONTHLY, the
// date of FREQ=YEARLY) and from where INTERVAL counts, but it is an occurrence,
// and counted, only where the rule names its date. UNTIL is the last start, and
// may be one itself: an instant (20261231T100000Z), a wall-clock time
// (20261231T170000), or a date, all of which counts. COUNT counts what the rule
// names, with the dates that Except and Kinds drop. Nothing recurs after 2199.
//
// Except drops the occurrences that start on these local dates. Calendar and
// Kinds (any of them) drop those whose local start date is of another kind.
// Share is the guaranteed part of the loop's time of a mandatory entry; readers
// of format 1 keep it and do not act on it.
type Entry struct {
	ID        string      `json:"id"`
	Playlist  string      `json:"playlist"`
	Zone      string      `json:"zone"`
	Start     LocalTime   `json:"start"`
	End       LocalTime   `json:"end,omitempty"`
	Rule      string      `json:"rrule,omitempty"`
	Except    []LocalDate `json:"except,omitempty"`
	Priority  Priority    `json:"priority"`
	Interrupt *Interrupt  `json:"interrupt,omitempty"`
	Calendar  string      `json:"calendar,omitempty"`
	Kinds     []DayKind   `json:"day_kind,omitempty"`
	Share     float64     `json:"share,omitempty"`
}

// Why says by which rule a slide shows.
type Why string

// The reasons, in words of the studio: by schedule, as an interrupt, in an
// emergency, or nothing is scheduled (the screen shows the unit's name).
const (
	ByNone      Why = "none"
	BySchedule  Why = "schedule"
	ByInterrupt Why = "interrupt"
	ByEmergency Why = "emergency"
)

// Showing is the answer to "what shows at t, why, and until when".
type Showing struct {
	Slide    string // "" when nothing is scheduled
	Entry    string
	Playlist string
	Why      Why
	From     time.Time // when this showing began; see Program.At
	Until    time.Time // when to ask again; at most Horizon ahead
	Next     string    // the slide after Until, to make ready; may be ""
}

// Horizon bounds Until: a Program is asked again at least this often.
const Horizon = 24 * time.Hour
