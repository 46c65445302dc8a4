package survey

import "motcua/slides"

// Answer is the level given to one question.
type Answer struct {
	Question string `json:"q"`
	Level    Level  `json:"a"`
}

// Channel says where a rating was given.
type Channel string

// Kiosk, or the citizen's own phone.
const (
	AtKiosk Channel = "kiosk"
	OnPhone Channel = "phone"
)

// ClockQuality says how far a kiosk's time can be trusted.
type ClockQuality string

// Synced: learnt from the server within a day; Held: learnt earlier, counted
// on since; Doubtful: never learnt, or the clock jumped.
const (
	Synced   ClockQuality = "synced"
	Held     ClockQuality = "held"
	Doubtful ClockQuality = "doubtful"
)

// Rating is the core section: answers and where they were given. It names no
// person. Hour is the start of the hour in the unit's zone, corrected by the
// learnt offset; the exact moment is a section of its own.
type Rating struct {
	Questionnaire string        `json:"questionnaire"`
	Version       int           `json:"version"`
	Unit          string        `json:"unit"`
	Kiosk         string        `json:"kiosk"`
	Counter       string        `json:"counter,omitempty"`
	Procedure     string        `json:"procedure,omitempty"`
	Officer       string        `json:"officer,omitempty"` // whose card was shown, or whom staff named; else duty says
	Channel       Channel       `json:"channel"`
	Lang          string        `json:"lang"`
	Hour          slides.Millis `json:"hour"`
	Clock         ClockQuality  `json:"clock"`
	Answers       []Answer      `json:"answers"`
	Tags          []string      `json:"tags,omitempty"`
	Partial       bool          `json:"partial,omitempty"`
	Took          int64         `json:"took_ms"`         // first touch to send
	Shown         string        `json:"shown,omitempty"` // blob of the slide that was on screen
}

// Moment is the section with the exact time.
type Moment struct {
	At     slides.Millis `json:"at"`     // corrected
	Offset int64         `json:"offset"` // ms added to the kiosk's own clock
}

// PartA is the section on who the citizen is: choice id to option id.
type PartA map[string]string

// FreeText is the section with what the citizen wrote.
type FreeText struct {
	Text string `json:"text"`
}
