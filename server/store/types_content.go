package store

import (
	"io"

	"motcua/server/compile"
	"motcua/slides"
	"motcua/slides/catalogue"
	"motcua/slides/survey"
)

// ItemType is a type of content that is drafted and published.
type ItemType string

// The types of content.
const (
	SlideItem    ItemType = "slide"
	PlaylistItem ItemType = "playlist"
	EntryItem    ItemType = "entry"
	CalendarItem ItemType = "calendar"
	SurveyItem   ItemType = "survey"
	LookItem     ItemType = "look"
	// ProcedureItem is a row of the catalogue; its id is the code in small
	// letters. Kiosks get all live ones as one blob.
	ProcedureItem ItemType = "procedure"
)

// LookID is the id of the one look.
const LookID = "look"

// ItemRef names a piece of content.
type ItemRef struct {
	Type ItemType
	ID   string
}

// ItemState is how a piece of content stands.
type ItemState string

// The states: never live; live as drafted; live with newer edits; taken off the
// screens by a recall; deleted as a draft but still live until published; gone.
const (
	Draft    ItemState = "draft"
	Live     ItemState = "live"
	Edited   ItemState = "edited"
	Recalled ItemState = "recalled"
	Removing ItemState = "removing"
	Removed  ItemState = "removed"
)

// Item is what every piece of content has.
type Item struct {
	ItemRef
	Unit    string // the unit that owns it
	State   ItemState
	Version int // of the draft, from 1; rises with each save
	Live    int // version on the screens, 0: none
	Updated slides.Millis
	By      string // user id
}

// SlideRow is a slide's draft.
type SlideRow struct {
	Item
	Slide *slides.Slide
	SHA   string // of the draft's bytes
	// Template says that new slides may begin from it.
	Template bool
}

// SlideFilter picks slides.
type SlideFilter struct {
	Unit   string       // with all units below; "" all
	Units  []string     // just these; nil all
	Topic  slides.Topic // "" all
	Kind   string
	State  ItemState // "" all but Removed
	Search string    // words of texts and of the document, folded: marks and case don't matter
	// Template picks those that new slides may begin from.
	Template bool
	Limit    int // default 1000
	Offset   int
}

// PlaylistRow is a playlist's draft.
type PlaylistRow struct {
	Item
	Playlist slides.Playlist
}

// EntryRow is a schedule entry's draft.
type EntryRow struct {
	Item
	Entry compile.Entry
}

// CalendarRow is a calendar's draft.
type CalendarRow struct {
	Item
	Calendar slides.Calendar
}

// SurveyRow is a questionnaire's draft.
type SurveyRow struct {
	Item
	Questionnaire *survey.Questionnaire
	SHA           string
}

// PublishRequest says what goes live.
type PublishRequest struct {
	Items []ItemRef // nil: everything that is drafted, edited or being removed
	Seen  []ItemAt  // the versions that were looked at: Conflict where one is not the newest any more
	Note  string
	Now   bool // flip at once, not at the next slide boundary; an emergency entry does so anyway
}

// Publication is one approved set made live.
type Publication struct {
	Revision int64
	Epoch    string
	Kind     string // publish, recall, kiosks (a kiosk joined or moved), restore
	By       string
	At       slides.Millis
	Note     string
	Hash     string        // over what went live
	Recalled slides.Millis // taken back, or, of a recall, undone; 0: it was not
	Items    []PublishedItem
	Classes  []string // whose manifest changed
}

// PublishedItem is one piece's step from version to version (0: none).
type PublishedItem struct {
	ItemRef
	Before, After int
	Title         string
	Unit          string `json:"-"` // that owns it now
}

// Manifest is one class's newest manifest, bytes verbatim.
type Manifest struct {
	Class    string
	Revision int64
	ID       string // SHA-256 of Bytes
	Flip     slides.Flip
	At       slides.Millis
	Bytes    []byte
}

// Blob is an open blob. Close it.
type Blob struct {
	slides.BlobRef
	io.ReadSeekCloser
}

// Starter is content to load idempotently.
type Starter struct {
	Units      []Unit
	Blobs      []StarterBlob
	Slides     []StarterSlide
	Playlists  []slides.Playlist
	Entries    []compile.Entry
	Calendars  []slides.Calendar
	Surveys    []*survey.Questionnaire
	Procedures []catalogue.Procedure
	Look       *compile.Look
	Unit       string // the unit that owns the content
	Publish    bool   // publish what was added
}

// StarterBlob is a file of the starter content.
type StarterBlob struct {
	Type string
	Data []byte
}

// StarterSlide is a slide and the unit that owns it ("": Starter.Unit).
type StarterSlide struct {
	Unit  string
	Slide *slides.Slide
}

// StarterResult counts what an import did.
type StarterResult struct {
	Added    int
	Kept     int // already there, left as staff have them
	Revision int64
}
