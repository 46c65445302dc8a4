package store

import (
	"crypto/ed25519"
	"time"

	"motcua/slides"
	"motcua/slides/chain"
	"motcua/slides/wire"
)

// Kiosk is one screen. It keeps its id when it is paired again.
type Kiosk struct {
	ID       string
	Name     string
	Unit     string
	Counter  string
	Lang     string // default "vi"
	Audience slides.Audience
	Groups   []string
	Tags     []string // what staff call it among themselves; schedules know nothing of them
	Class    string
	Paired   bool
	Created  slides.Millis
	PairedAt slides.Millis
	Key      ed25519.PublicKey // nil when unpaired
	Chain    chain.ID          // the chain of the newest pairing
	Screen   wire.Screen
	Program  string
	Settings slides.Millis // Issued of wire.Settings: moment of the last change
	Terminal slides.Terminal
	Works    slides.Terminal // Terminal filled up by what its units set: what the kiosk is told
}

// Edit is the kiosk as it is, for changing a part of it.
func (k *Kiosk) Edit() KioskEdit {
	return KioskEdit{Name: k.Name, Unit: k.Unit, Counter: k.Counter, Lang: k.Lang, Audience: k.Audience, Groups: k.Groups, Terminal: k.Terminal}
}

// KioskEdit is what staff may change on a kiosk.
type KioskEdit struct {
	Name     string
	Unit     string
	Counter  string
	Lang     string
	Audience slides.Audience
	Groups   []string
	Terminal slides.Terminal

	// Base is Mark of what the change began from; "": whatever there is.
	Base string `json:"-"`
}

// Mark names the state of a kiosk's settings, for KioskEdit.Base.
func (e KioskEdit) Mark() string {
	if e.Groups == nil {
		e.Groups = []string{}
	}
	return slides.Sum([]byte(toJSON(e)))[:16]
}

// KioskKey is one pairing of a kiosk. A retired key no longer signs in; records
// of its chain are still taken.
type KioskKey struct {
	Kiosk   string
	Key     ed25519.PublicKey
	Chain   chain.ID
	Paired  slides.Millis
	Retired slides.Millis // 0: in use
}

// KioskStatus is a kiosk with what staff want to see.
type KioskStatus struct {
	Kiosk
	UnitName       slides.Text
	Zone           *time.Location
	Days           *slides.Calendar // the working calendar that opening hours keep to; nil: none
	Online         bool
	Server         string
	Since          slides.Millis // of the connection, when online
	LastSeen       slides.Millis
	Replaced       int64
	Health         *wire.Health // newest; nil before the first
	HealthAt       slides.Millis
	Has            string // manifest id by its last hello or health
	HasRevision    int64
	Should         string // manifest id of its class
	ShouldRevision int64
	Pending        int   // ratings waiting on the kiosk
	Missing        int64 // ratings lost to damage, by its gap records
	Behind         int64 // ratings that its newest signed head names and the server has not yet
	Forks          int64
	Ratings        int64 // all ever taken from it
	Offset         int64 // ms added to the kiosk's clock
	ScreenshotAt   slides.Millis
}

// Hello is what a kiosk said of itself when it connected.
type Hello struct {
	Program   string
	Screen    wire.Screen
	Languages []string
	Manifest  string
	Revision  int64
	Clock     slides.Millis
	Instance  string // of the program's start, see wire.Hello
}

// PairingRequest is a kiosk's wish to be paired, its signature checked by the caller.
type PairingRequest struct {
	Key      ed25519.PublicKey
	Nonce    []byte
	Previous string
	Screen   wire.Screen
	Program  string
	Addr     string
}

// Pairing is one request for pairing. Code and Ticket are only there on the
// answer of CreatePairing: the store keeps their hashes.
type Pairing struct {
	ID       string
	Code     string
	Ticket   string
	Key      ed25519.PublicKey
	Previous string // the kiosk id that the screen says it had; "" when unknown here
	Screen   wire.Screen
	Program  string
	Addr     string
	State    wire.PairState
	Kiosk    string // once approved
	Created  slides.Millis
	Expires  slides.Millis
}

// Approval names the kiosk that a pairing becomes.
type Approval struct {
	Pairing string // its id; or, with Code, ""
	Code    string // as typed: case and blanks don't matter
	Kiosk   string // an existing kiosk to pair again, "" for a new one
	KioskEdit
}

// CommandRow is a command and what became of it.
type CommandRow struct {
	wire.Command
	By    string // user id
	Sent  slides.Millis
	Done  slides.Millis
	OK    bool
	Vi    string
	En    string
	State string // pending, sent, done, failed, expired
}

// Screenshot is the newest picture of a kiosk's screen.
type Screenshot struct {
	Kiosk string
	At    slides.Millis
	Type  string // image/png or image/jpeg
	Image []byte
}

// HealthPoint is one minute of a kiosk's history.
type HealthPoint struct {
	At       slides.Millis
	Memory   int64
	DiskFree int64
	Frames   int64
	Pending  int
	Offset   int64
}

// FaultRow is a fault that a kiosk told of; equal ones are one row.
type FaultRow struct {
	Kiosk string
	Where string
	Text  string
	First slides.Millis
	Last  slides.Millis
	Count int64
}
