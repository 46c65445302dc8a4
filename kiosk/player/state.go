package player

import (
	"time"

	"motcua/slides"
	"motcua/slides/dossier"
)

// View is what kind of screen is up.
type View string

// The views.
const (
	ViewStarting View = "starting" // nothing to show yet
	ViewPairing  View = "pairing"
	ViewLoop     View = "loop" // slides
	ViewRate     View = "rate" // a questionnaire of one question: five faces
	ViewForm     View = "form" // of several, one after another
)

// Times of the views, all monotonic.
const (
	IdleAfter     = 30 * time.Second // then back to the slides
	MoreTime      = 60 * time.Second // what "Tôi cần thêm thời gian" gives
	ThanksFor     = 6 * time.Second
	RefusedFor    = 15 * time.Second
	SaveWithin    = 8 * time.Second // then the screen says that it can't confirm
	HeldAfter     = 500 * time.Millisecond
	Debounce      = 250 * time.Millisecond // a touch this soon after a change of view is a bounce
	keepTimeEvery = time.Minute
)

// scales are the text sizes A, A+ and A++.
var scales = [3]float32{1, 1.15, 1.3}

// State is all that a player knows. It is a value: Next returns another one and
// leaves what it was given as it was.
type State struct {
	View     View
	Serial   uint64 // rises with each change of what touches mean
	Content  *Content
	Pending  *Content // takes over at the next boundary
	Place    Place
	Clock    Clock
	Showing  slides.Showing // what the program says, failed slides gone round
	Failed   map[string]bool
	Lang     string
	Size     int      // 0 A, 1 A+, 2 A++
	Contrast bool     // black on white
	Low      bool     // the controls are lowered
	Voices   []string // types of recordings that can be heard here
	Pairing  *Pairing
	Notice   slides.Text
	Dossiers dossier.Known // those that have rated here
	// Saving is the save whose outcome the screen waits for; 0: none.
	Saving uint64

	announced   Announced // "" none
	speaking    string    // the recording that plays; "" none
	pages       []page    // over the slides, the one on top last; never changed in place
	pendingNow  bool
	lastSave    uint64
	saveBegun   time.Duration
	saved       *Content // whose questionnaire the last save answered, or for whom a letter was written
	savedLetter bool     // the last save that somebody waited for was a letter
	pass        pass
	inviting    bool          // the page on top is an invitation's, and nobody has touched it
	unsure      uint64        // a save that was not confirmed in time and may still be
	changed     time.Duration // when Serial last rose
	deadline    time.Duration // when the view gives way to the slides
	shownSince  slides.Millis // when the slide came up here; 0: none is up
	now         time.Duration
	keptTime    time.Duration
	haveKept    bool
	off         bool  // the display should be
	told        bool  // off was said to the platform
	planned     bool  // the display's hours say on
	asked       *bool // staff's word on the display, until its hours change
	reportedAll bool  // the fault "every slide failed" was told for this content
}

// New is a player that has nothing to show yet. clock is what an earlier run
// kept.
func New(place Place, clock Clock) State {
	s := State{View: ViewStarting, Place: place, Clock: clock, Serial: 1, changed: -Debounce, planned: true}
	s.Lang = s.firstLang()
	return s
}

func (s *State) firstLang() string {
	if s.Place.Lang == "" {
		return "vi"
	}
	return s.Place.Lang
}

// Left is how many whole seconds remain until the view gives way to the slides;
// ok is false where it does not.
func (s *State) Left() (seconds int, ok bool) {
	if !s.counts() {
		return 0, false
	}
	return int((max(s.deadline-s.now, 0) + time.Second - 1) / time.Second), true
}

func (s *State) counts() bool { return len(s.pages) > 0 }

// Wake is when the next Tick is due at the latest: the whole second that
// something on the screen counts by, or the moment a slide or view ends.
func (s *State) Wake() time.Duration {
	wait := time.Second - time.Duration(s.Clock.Now()%1000)*time.Millisecond
	if s.counts() {
		wait = min(wait, (s.deadline-s.now)%time.Second)
		if wait <= 0 {
			wait = time.Second
		}
	}
	if s.Content != nil && !s.Showing.Until.IsZero() {
		if until := time.Duration(slides.At(s.Showing.Until)-s.Clock.Now()) * time.Millisecond; until > 0 {
			wait = min(wait, until)
		}
	}
	return max(wait, time.Millisecond)
}
