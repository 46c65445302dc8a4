// Package compile turns published content into the manifests that kiosks keep:
// one per class of kiosks that see the same things. It is pure: content in,
// bytes out; server/store calls it inside the publishing transaction and keeps
// the bytes verbatim.
package compile

import (
	"encoding/json"

	"motcua/slides"
	"motcua/slides/kinds"
	"motcua/slides/survey"
)

// Unit is an office of the unit tree as it is at the moment of compiling.
type Unit struct {
	ID     string
	Parent string // "" for the root
	Name   slides.Text
	Short  slides.Text
	Office slides.Text // "Bộ phận Tiếp nhận và Trả kết quả"
	Zone   string      // IANA name, never ""

	Languages []string // of its screens, vi first; none: the parent's, then the look's
}

// Where says on which kiosks an entry shows: everywhere, or on any kiosk that
// one of the lists names. A unit stands for itself and all units below it.
type Where struct {
	All    bool     `json:"all,omitempty"`
	Units  []string `json:"units,omitempty"`
	Groups []string `json:"groups,omitempty"`
	Kiosks []string `json:"kiosks,omitempty"`
}

// Entry is a schedule entry with the place where it shows.
type Entry struct {
	slides.Entry
	Where Where `json:"where"`
}

// Look is what a unit tree shares apart from slides: colours, languages, the
// hosts that a QR may name, fonts and files. Blobs named here must be stored.
type Look struct {
	Theme     json.RawMessage  `json:"theme,omitempty"` // scene.Theme; nil: the default
	Languages []string         `json:"languages"`       // vi first
	Hosts     []string         `json:"qr_hosts"`        // "dichvucong.gov.vn" allows itself and what is below it
	Logo      string           `json:"logo,omitempty"`
	Fonts     []slides.FontRef `json:"fonts,omitempty"`
	Surveys   []string         `json:"surveys"` // ids of questionnaires, the kiosk's first

	Audio []slides.AudioRef `json:"audio,omitempty"` // recorded voices of screens and slides
}

// Slide is a live slide, made by NewSlide: its bytes are a blob and are carried
// verbatim.
type Slide struct {
	Slide    *slides.Slide
	SHA      string
	Size     int64
	body     kinds.Body
	pictures []string
}

// Survey is the live version of a questionnaire.
type Survey struct {
	Questionnaire *survey.Questionnaire
	SHA           string
	Size          int64
}

// Snapshot is all live content at one moment. It is read only and may be
// compiled for several classes at once.
type Snapshot struct {
	Epoch     string
	Revision  int64
	Issued    slides.Millis
	Flip      slides.Flip
	Units     map[string]Unit
	Slides    []Slide           // in order of id, like the three below
	Lines     map[string]string // ticker slides to the units that own them; "" or not there: the whole office's
	Playlists []slides.Playlist
	Entries   []Entry
	Calendars []slides.Calendar
	Working   map[string]string // unit to its own working calendar, an id of Calendars
	Surveys   map[string]Survey
	Look      Look
	Catalogue string // blob of the live procedures, "" for none
	// Blob tells size and type of a stored blob; ok is false where it is missing.
	Blob func(sha string) (ref slides.BlobRef, ok bool)
}

// Class is a target: kiosks that see the same things. Two kiosks are of one
// class when unit, audience and groups are the same and no live entry names
// either of them alone; a kiosk that an entry names is a class of its own
// within its unit. So a class keeps its id while entries come and go.
type Class struct {
	ID       string
	Unit     string
	Audience slides.Audience
	Groups   []string // sorted
	Kiosk    string   // "" unless an entry names this kiosk alone

	Pictures []string // blobs that its kiosks' own settings name
}
