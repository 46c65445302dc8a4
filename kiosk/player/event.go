package player

import (
	"crypto/ed25519"
	"time"

	"motcua/slides"
	"motcua/slides/dossier"
	"motcua/slides/letter"
	"motcua/slides/survey"
	"motcua/slides/wire"
)

// Event is one thing that happened. The set is closed.
type Event interface{ event() }

// Tick says that time has passed; one a second is enough.
type Tick struct{}

// Touch is a finger lifted from where it was put down: Target is the name of
// the scene's target, "" for anywhere else. Serial is the Show's that was on
// screen: a touch on a screen that is gone does nothing.
type Touch struct {
	Target string
	Serial uint64
}

// Held is a finger that has stayed on a target for HeldAfter; the Touch when it
// is lifted follows, and means nothing if Held did.
type Held Touch

// Key is one press on a keyboard, of the screen's own or a real one: Text is
// what it writes. A scanner types like a keyboard and ends with Enter.
type Key struct {
	Text  string
	Erase bool // the character before the cursor
	Enter bool
}

// Saved says that save ID is on the disk for good. Receipt is a letter's.
type Saved struct {
	ID      uint64
	Receipt string
}

// PassMade hands over the pass that MakePass asked for.
type PassMade struct {
	To   wire.Purpose
	Pass string
}

// Refused says that save ID was not stored. Full: for want of space.
type Refused struct {
	ID   uint64
	Full bool
}

// ContentReady hands over content whose every blob is there. It takes over at
// the next slide's boundary, or at once if the manifest says so or Now is set.
type ContentReady struct {
	Content *Content
	Now     bool
}

// PlaceChanged tells what is this kiosk's own.
type PlaceChanged struct{ Place Place }

// PairingChanged tells how pairing stands; nil: there is none to show.
type PairingChanged struct{ Pairing *Pairing }

// NoticeChanged tells staff something on the screen (unpaired, version); nil: nothing.
type NoticeChanged struct{ Notice slides.Text }

// Announced is what staff say on the screen until a moment of the corrected
// clock; an empty text ends it.
type Announced struct {
	Text  string
	Until slides.Millis
}

// TimeLearnt is the server's signed time.
type TimeLearnt struct{ Server slides.Millis }

// DisplayAsked is staff's wish that the display be on or off, whatever its
// hours say, until they change next.
type DisplayAsked struct{ On bool }

// SlideFailed says that a slide of content ID could not be drawn.
type SlideFailed struct {
	Content, Slide string
	Text           string
}

// DossiersKnown tells which dossiers have rated on this kiosk.
type DossiersKnown struct{ Known dossier.Known }

// Invited says that staff ask the citizen at the desk to rate; answered by
// InviteAnswered with its ID. Ticket is shown, Procedure and Officer go into the
// rating; all may be "".
type Invited struct{ ID, Ticket, Procedure, Officer string }

func (Tick) event()           {}
func (PassMade) event()       {}
func (DossiersKnown) event()  {}
func (Invited) event()        {}
func (Touch) event()          {}
func (Held) event()           {}
func (Key) event()            {}
func (Saved) event()          {}
func (Refused) event()        {}
func (ContentReady) event()   {}
func (PlaceChanged) event()   {}
func (PairingChanged) event() {}
func (NoticeChanged) event()  {}
func (Announced) event()      {}
func (TimeLearnt) event()     {}
func (DisplayAsked) event()   {}
func (SlideFailed) event()    {}

// Effect is one thing to do. The set is closed.
type Effect interface{ effect() }

// SaveRating asks for a rating to be stored for good; answer with Saved or
// Refused and its ID. Dossier, if not "", is the cleaned code of the dossier that
// has rated with it: to be noted apart, once the rating is stored.
type SaveRating struct {
	ID uint64
	survey.Given
	Dossier string
}

// SaveLetter asks for a letter to be stored for good; answer with Saved and the
// receipt that was drawn for it, or Refused. Contact is to be sealed to Seal.
type SaveLetter struct {
	ID      uint64
	Letter  letter.Letter // without its receipt
	Text    string
	Contact letter.Contact
	Seal    []byte
}

// MakePass asks for a phone's pass, signed with this kiosk's key; answer with
// PassMade.
type MakePass struct{ To wire.Purpose }

// InviteAnswered says what came of an invitation: the question is on the screen,
// or why not.
type InviteAnswered struct {
	ID  string
	Why slides.Text // nil: it is
}

// Activated says that content ID has taken over: the vault may flip to it.
type Activated struct{ ID string }

// Played says that a slide was on screen, half open, by the corrected clock.
type Played struct {
	Slide, Blob string
	From, Until slides.Millis
}

// Report tells a fault to whoever keeps the health report.
type Report struct{ Fault Fault }

// KeepTime asks for the clock's state to be kept for the next start
// (Clock.Restore). It need not be durable: losing one costs a minute.
type KeepTime struct {
	Known, Learnt slides.Millis
	Offset        int64
}

// Display asks for the display to be switched on or off, where the platform can.
type Display struct{ On bool }

func (SaveRating) effect()     {}
func (SaveLetter) effect()     {}
func (MakePass) effect()       {}
func (InviteAnswered) effect() {}
func (Activated) effect()      {}
func (Played) effect()         {}
func (Report) effect()         {}
func (KeepTime) effect()       {}
func (Display) effect()        {}

// Place is what is this kiosk's own, apart from its class.
type Place struct {
	Kiosk   string // id
	Name    string // as staff call it
	Counter string // id, or ""
	Desk    slides.Text
	Lang    string // the first language on the screen; "" is Vietnamese

	Terminal slides.Terminal // as staff have set it up
}

// Pairing is what the screen shows while staff approve it.
type Pairing struct {
	Code    string // "" while the server is being asked
	Approve string // address of the approval page
	Words   []string
	Expires time.Duration // monotonic
	Server  ed25519.PublicKey
	Problem slides.Text // why there is no code yet, in words
}
