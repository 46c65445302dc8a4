package store

import (
	"crypto/ed25519"
	"time"

	"motcua/slides"
	"motcua/slides/chain"
	"motcua/slides/survey"
)

// Ingested is what a batch came to, after the commit.
type Ingested struct {
	Chain   chain.ID
	Acked   uint64     // everything up to and with it is kept for good: acknowledge it
	Hash    chain.Hash // of header Acked
	New     int        // records kept for the first time
	Again   int        // records that were there already
	Forks   int        // records put into quarantine
	Suspect int        // of New, marked
}

// Reasons why a rating is counted apart.
const (
	SuspectInvalid = "invalid" // not readable, unknown questionnaire, impossible answers
	SuspectClock   = "clock"   // an hour that can't be; counted in the hour it came
	SuspectRapid   = "rapid"   // too soon after the one before
	SuspectBurst   = "burst"   // too many in a short time
)

// RatingRef names a rating.
type RatingRef struct {
	Chain chain.ID
	Seq   uint64
}

// RatingRow is one rating with the sections that are still there.
type RatingRow struct {
	RatingRef
	Header   []byte
	Sections []chain.Section // Body nil and Salt kept where erased
	Received slides.Millis
	Form     string // questionnaire id, "" when unreadable
	Version  int
	Unit     string
	Kiosk    string
	Counter  string
	Proc     string
	Officer  string
	Channel  survey.Channel
	Lang     string
	Hour     slides.Millis // the bucket it is counted in
	Clock    survey.ClockQuality
	Suspect  string // "" counted
	Partial  bool
}

// RatingFilter picks ratings in order of chain and seq.
type RatingFilter struct {
	Unit    string // with all below
	Kiosk   string
	From    slides.Millis // by Hour, [From, Until); 0: open
	Until   slides.Millis
	Suspect *bool // nil: both
	Limit   int   // 0: all
}

// ChainInfo is a chain as the server has it.
type ChainInfo struct {
	Chain   chain.ID
	Kiosk   string
	Key     ed25519.PublicKey
	Started slides.Millis
	Acked   uint64
	Hash    chain.Hash
	Head    *chain.Signed // newest signed head that was verified; nil before the first
	HeadSeq uint64
	HeadAt  slides.Millis
	Missing int64
	Forks   int64
}

// ChainItem is one step of a chain's export: a record, or a gap.
type ChainItem struct {
	Seq     uint64
	Record  *chain.Record // sections erased or withheld are left out
	Gap     *chain.Signed
	Suspect string
}

// ForkRow is bytes that claim a place that is taken.
type ForkRow struct {
	Chain  chain.ID
	Seq    uint64
	Kiosk  string
	Seen   slides.Millis
	Why    string
	Bytes  []byte // chain.Record.Encode, or a gap's bytes
	Stored chain.Hash
}

// Levels counts answers by survey.Level: [0] "Không áp dụng", [1] to [5].
type Levels = survey.Counts

// StatQuery asks for statistics of one subject in [From, Until), which are
// widened to full hours. Exactly one of the subjects is set; Unit stands for
// itself and all below it.
type StatQuery struct {
	Unit     string
	Kiosk    string
	Counter  string
	Field    string
	Officer  string
	From     slides.Millis
	Until    slides.Millis
	Channel  survey.Channel // "" all
	Form     string         // questionnaire id, "" all
	Series   bool           // fill Series
	PerKiosk bool           // fill Kiosks (Unit only)
	PerHour  bool           // fill Week (Unit only; by whole months that the period touches)
	PerUnit  bool           // fill Units: the units right below (Unit only)
	SeriesBy Grain          // "" chosen by length: hour to 2 days, day to 100 days, else month
}

// Grain is the size of a bucket.
type Grain string

// The grains.
const (
	Hour  Grain = "hour"
	Day   Grain = "day"
	Month Grain = "month"
)

// Stats is the answer. Counted ratings only, but for Suspect.
type Stats struct {
	From, Until slides.Millis
	Zone        *time.Location
	Ratings     int64
	Suspect     int64 // counted apart, by reason not split
	Missing     int64 // reported lost by gap records of the period
	Forms       []FormStats
	SeriesBy    Grain
	Series      []Point
	Kiosks      []SubjectStats
	Units       []SubjectStats
	Week        *[168]Point // Monday 00:00 first, in the unit's zone
}

// FormStats is one questionnaire version's part.
type FormStats struct {
	ID        string
	Version   int
	Ratings   int64
	All       Levels // over the questions that stand for the overall index (survey.ScoreTally)
	Questions map[string]Levels
}

// Point is one bucket.
type Point struct {
	From    slides.Millis
	Ratings int64
	Levels  Levels // over the questions that stand for the overall index
	Forms   []FormPoint
}

// FormPoint is one questionnaire version's part of a Point or subject.
type FormPoint struct {
	ID      string
	Version int
	Ratings int64
	Levels  Levels
}

// SubjectStats is one kiosk's or unit's part.
type SubjectStats struct {
	ID      string
	Name    string // of a kiosk, now
	Ratings int64
	Suspect int64
	Forms   []FormPoint
}
