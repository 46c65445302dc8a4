package store

import (
	"motcua/slides"
	"motcua/slides/survey"
)

// LetterState is how far staff are with a letter.
type LetterState string

// The states, in their usual order.
const (
	LetterNew      LetterState = "new"
	LetterWorking  LetterState = "working"
	LetterAnswered LetterState = "answered"
)

// LetterStates are all of them.
var LetterStates = []LetterState{LetterNew, LetterWorking, LetterAnswered}

// Letter is what a citizen wrote, with what staff did about it. It has no
// contact: see LetterContact.
type Letter struct {
	ID       string
	Code     string // the receipt; "" where the letter is not readable
	Category string
	Unit     string
	UnitName slides.Text
	Kiosk    string
	Counter  string
	Channel  survey.Channel
	Lang     string
	Hour     slides.Millis // no finer time is known, on purpose (package letter)
	Text     string        // masked; "" where it was erased or is not readable
	Contact  bool          // its writer may be reached

	LetterEdit
	Version int
	Updated slides.Millis // 0: staff have not touched it
	By      string
}

// LetterEdit is what staff decide of a letter.
type LetterEdit struct {
	State  LetterState
	Due    slides.Millis // 0: none
	Answer string
	Shown  bool   // the answer stands on the public status page
	Note   string // for staff only
}

// LetterFilter picks letters, newest first.
type LetterFilter struct {
	Units    []string // nil: all
	State    LetterState
	Category string
	Late     bool   // due before now and not answered
	Search   string // in the text, without regard to marks, or a receipt
	Skip     int
	Limit    int // default 50
}

// LetterCounts are for the page's head and the overview.
type LetterCounts struct{ New, Working, Late int64 }

// LetterStatus is what the public may know of a letter.
type LetterStatus struct {
	State  LetterState
	Hour   slides.Millis
	Answer string // "" unless staff made it public
}
