package wire

import (
	"encoding/json"

	"motcua/slides"
	"motcua/slides/chain"
)

// Version is the protocol's version, sent in Hello and Welcome. A server
// refuses a higher one with CloseVersion.
const Version = 1

// Paths below the server's address.
const (
	PathPair      = "/kiosk/v1/pair"
	PathPoll      = "/kiosk/v1/pair/poll"
	PathChallenge = "/kiosk/v1/challenge"
	PathSocket    = "/kiosk/v1/socket"
	PathBlob      = "/blobs/"
	Subprotocol   = "motcua.v1"
)

// CodeAlphabet has no look-alikes: no 0 O, 1 I L, 5 S, 2 Z, 8 B, U V.
const (
	CodeAlphabet = "34679ACDEFGHJKMNPQRTWXY"
	CodeLength   = 6
)

// Contexts of signatures; each ends in a zero byte so that none is a prefix of another.
const (
	ContextPair     = "motcua/wire/pair/1\x00"
	ContextPoll     = "motcua/wire/poll/1\x00"
	ContextIdentity = "motcua/wire/identity/1\x00"
	ContextServer   = "motcua/wire/server/1\x00"
	ContextKiosk    = "motcua/wire/kiosk/1\x00"
	ContextWelcome  = "motcua/wire/welcome/1\x00"
	ContextSettings = "motcua/wire/settings/1\x00"
	ContextManifest = "motcua/wire/manifest/1\x00"
	ContextCommand  = "motcua/wire/command/1\x00"
	ContextAck      = "motcua/wire/ack/1\x00"
	ContextTime     = "motcua/wire/time/1\x00"
	ContextPass     = "motcua/wire/pass/1\x00"
)

// PairRequest asks for a code.
type PairRequest struct {
	Version  int    `json:"version"`
	Key      []byte `json:"key"`                // Ed25519 public key
	Nonce    []byte `json:"nonce"`              // 32 random bytes
	Previous string `json:"previous,omitempty"` // the kiosk id it had, to offer staff
	Screen   Screen `json:"screen"`
	Program  string `json:"program"`
	Sig      []byte `json:"sig"`
}

// PairReply is a fresh code.
type PairReply struct {
	Code    string        `json:"code"`
	Expires slides.Millis `json:"expires"`
	Now     slides.Millis `json:"now"`
	Ticket  string        `json:"ticket"`
	Server  []byte        `json:"server"`  // the server's public key
	Approve string        `json:"approve"` // the studio's approval page, for the QR
}

// PollRequest asks whether staff have approved.
type PollRequest struct {
	Ticket string `json:"ticket"`
	Sig    []byte `json:"sig"`
}

// PairState is how far a pairing is.
type PairState string

// The states of a pairing.
const (
	PairWaiting  PairState = "waiting"
	PairApproved PairState = "approved"
	PairRefused  PairState = "refused"
	PairExpired  PairState = "expired"
)

// PollReply carries Identity's bytes once approved.
type PollReply struct {
	State  PairState `json:"state"`
	Signed []byte    `json:"signed,omitempty"` // Identity
	Sig    []byte    `json:"sig,omitempty"`
}

// Identity is what a pairing gives: both sides keep the other's key with it.
type Identity struct {
	Kiosk  string   `json:"kiosk"`
	Name   string   `json:"name"`
	Key    []byte   `json:"key"`    // the kiosk's, as approved
	Server []byte   `json:"server"` // the server's
	Chain  chain.ID `json:"chain"`  // the chain this pairing starts
	Class  string   `json:"class"`
	Epoch  string   `json:"epoch"`
	Pin    []byte   `json:"pin,omitempty"` // SHA-256 of the public key (SPKI) of a self-made TLS certificate
}

// ChallengeRequest opens a connection.
type ChallengeRequest struct {
	Kiosk string `json:"kiosk"`
	Nonce []byte `json:"nonce"` // 32 random bytes
}

// ChallengeReply proves the server.
type ChallengeReply struct {
	Nonce []byte        `json:"nonce"` // 32 bytes
	Now   slides.Millis `json:"now"`
	Sig   []byte        `json:"sig"`
}

// Screen is a kiosk's screen.
type Screen struct {
	W    int    `json:"w"`
	H    int    `json:"h"`
	Lang string `json:"lang,omitempty"`
}

// Type names a message.
type Type string

// The types, see the package's text.
const (
	THello      Type = "hello"
	TWelcome    Type = "welcome"
	TSettings   Type = "settings"
	TCurrent    Type = "current"
	TManifest   Type = "manifest"
	TCommand    Type = "command"
	TAck        Type = "ack"
	TTime       Type = "time"
	TUnknown    Type = "unknown"
	TError      Type = "error"
	TRatings    Type = "ratings"
	TGaps       Type = "gaps"
	TLetters    Type = "letters"
	TLetterGaps Type = "letter-gaps"
	TPlays      Type = "plays"
	THealth     Type = "health"
	TScreenshot Type = "screenshot"
	TDone       Type = "done"
	TClock      Type = "clock"
	TDossiers   Type = "dossiers"
)

// Envelope is one frame. Body is the payload of an unsigned type; Signed and
// Sig carry that of a signed one.
type Envelope struct {
	Type   Type            `json:"type"`
	Body   json.RawMessage `json:"body,omitempty"`
	Signed []byte          `json:"signed,omitempty"`
	Sig    []byte          `json:"sig,omitempty"`
	Blobs  []Inline        `json:"blobs,omitempty"` // with "manifest"
}

// Inline is a small blob carried in a frame.
type Inline struct {
	SHA  string `json:"sha256"`
	Data []byte `json:"data"`
}

// ChainState is what a side has of a chain: every record up to and with Seq.
type ChainState struct {
	Chain chain.ID   `json:"chain"`
	Seq   uint64     `json:"seq"`
	Hash  chain.Hash `json:"hash"` // of header Seq; zero hash for Seq 0
}

// Hello is the kiosk's first frame.
type Hello struct {
	Version   int           `json:"version"`
	Kiosk     string        `json:"kiosk"`
	Manifest  string        `json:"manifest,omitempty"` // id of the newest complete or pending one
	Epoch     string        `json:"epoch,omitempty"`
	Revision  int64         `json:"revision"`
	Head      *chain.Signed `json:"head,omitempty"`   // newest chain's signed head; none before the first rating
	Chains    []ChainState  `json:"chains,omitempty"` // acknowledged so far, as the kiosk knows it
	Program   string        `json:"program"`
	Instance  string        `json:"instance,omitempty"` // random for each start of the program: tells a reconnect from a second screen
	Screen    Screen        `json:"screen"`
	Languages []string      `json:"languages,omitempty"`
	Clock     slides.Millis `json:"clock"` // the kiosk's own clock, uncorrected
}

// Welcome is the server's first frame, signed. Where Chains name less than the
// kiosk had acknowledged (a restored backup, a new epoch) the kiosk sends again
// from there.
type Welcome struct {
	Version int           `json:"version"`
	Kiosk   string        `json:"kiosk"`
	Nonce   []byte        `json:"nonce"` // the client nonce of this connection
	Server  []byte        `json:"server_nonce"`
	Epoch   string        `json:"epoch"`
	Class   string        `json:"class"`
	Chains  []ChainState  `json:"chains"`
	Token   string        `json:"token"` // for blobs, valid for TokenLife and no longer than the pairing
	Now     slides.Millis `json:"now"`
}

// Settings is what is one kiosk's own, apart from its class. A kiosk ignores
// those of another epoch than the welcome's and, within one epoch, those issued
// before the ones it has.
type Settings struct {
	Kiosk   string        `json:"kiosk"`
	Epoch   string        `json:"epoch"`
	Class   string        `json:"class"`
	Name    string        `json:"name"`
	Counter string        `json:"counter,omitempty"`
	Lang    string        `json:"lang"`
	Issued  slides.Millis `json:"issued"`

	Terminal slides.Terminal `json:"terminal,omitzero"`
}

// Verb is what a command asks for.
type Verb string

// Reload shows the active manifest anew, Restart ends the program for its
// supervisor to start again, TakeScreenshot answers with a "screenshot", Invite
// asks the citizen at a counter to rate. DisplayOn and DisplayOff switch the
// display until its hours change next; where the machine can't, the answer says
// so, and the picture is black for off. Say shows staff's words until a moment.
const (
	DisplayOn      Verb = "display-on"
	DisplayOff     Verb = "display-off"
	Reload         Verb = "reload"
	Restart        Verb = "restart"
	TakeScreenshot Verb = "screenshot"
	Invite         Verb = "invite"
	Say            Verb = "say"
)

// StaffVerbs are what staff may ask a kiosk for as it stands; Invite and Say
// carry more.
var StaffVerbs = []Verb{Reload, Restart, TakeScreenshot, DisplayOn, DisplayOff}

// Command is signed for one kiosk and one use: the kiosk refuses one that is
// not its own, expired, or whose ID it has carried out.
type Command struct {
	Kiosk   string        `json:"kiosk"`
	ID      string        `json:"id"`
	Verb    Verb          `json:"verb"`
	Issued  slides.Millis `json:"issued"`
	Expires slides.Millis `json:"expires"`

	Invitation
	Announcement
}

// MaxAnnounced bounds an announcement, in runes: two lines below a slide.
const MaxAnnounced = 160

// Announcement is what Say shows below the slides. An empty text takes away the
// one that stands.
type Announcement struct {
	Text  string        `json:"text,omitempty"`
	Until slides.Millis `json:"until,omitempty"`
}

// Invitation is what is known of the citizen whom Invite asks; each may be "".
// The ticket is shown and kept nowhere; the others go into the rating.
type Invitation struct {
	Ticket    string `json:"ticket,omitempty"`
	Procedure string `json:"procedure,omitempty"`
	Officer   string `json:"officer,omitempty"`
}

// Ack acknowledges a chain up to and with Seq, for this connection only (Nonce
// is its client nonce). Hash is that of header Seq (of a gap: its Next): a kiosk
// that has another one there has been forked and must not count it as delivered.
type Ack struct {
	Kiosk string     `json:"kiosk"`
	Nonce []byte     `json:"nonce"`
	Chain chain.ID   `json:"chain"`
	Seq   uint64     `json:"seq"`
	Hash  chain.Hash `json:"hash"`
}

// TimeRequest asks for the time; Sent is the kiosk's own clock.
type TimeRequest struct {
	Sent slides.Millis `json:"sent"`
}

// Time answers a TimeRequest. The kiosk's offset is Now - (Sent + receipt) / 2.
type Time struct {
	Kiosk string        `json:"kiosk"`
	Nonce []byte        `json:"nonce"`
	Sent  slides.Millis `json:"sent"`
	Now   slides.Millis `json:"now"`
}

// Ratings is a batch of one chain; "letters" has the same form.
type Ratings struct {
	Chain   chain.ID       `json:"chain"`
	Records []chain.Record `json:"records"`
	Head    chain.Signed   `json:"head"`
}

// Gaps reports damage.
type Gaps struct {
	Chain chain.ID       `json:"chain"`
	Gaps  []chain.Signed `json:"gaps"`
}

// Play is one slide shown on one kiosk from From to Until; Count > 1 is an
// hourly sum kept when space was short, Seconds its whole length.
//
// Yes and No count answers to "Thông tin này có hữu ích không?". They say
// nothing of how anyone was served, are no ratings and stand in no chain; their
// moment is the hour's beginning. A record with an answer and without a Count
// is the answer alone: it plays nothing. One of a procedure names its code in
// the place of a slide.
type Play struct {
	ID      uint64        `json:"id"` // rising per kiosk and epoch of its disk
	Slide   string        `json:"slide"`
	Blob    string        `json:"blob"`
	From    slides.Millis `json:"from"`
	Until   slides.Millis `json:"until"`
	Count   int           `json:"count,omitempty"`
	Seconds float64       `json:"seconds,omitempty"`

	Procedure string `json:"procedure,omitempty"`
	Yes       int    `json:"yes,omitempty"`
	No        int    `json:"no,omitempty"`
}

// Times is how often the record says that the slide was shown.
func (p *Play) Times() int {
	if p.Count == 0 && p.Yes == 0 && p.No == 0 {
		return 1
	}
	return p.Count
}

// Plays delivers plays; acknowledged by "done" with ID "plays" and the last Play's ID in Seq.
type Plays struct {
	Disk  string `json:"disk"` // names the kiosk's disk: ids restart with a new one
	Plays []Play `json:"plays"`
}

// Dossiers delivers sealed codes of dossiers that have rated (package dossier),
// apart from the ratings and long after them. It is answered by "done" with ID
// "dossiers:" and Batch; until then the same batch is sent again, and counts once.
type Dossiers struct {
	Batch  string   `json:"batch"` // 32 hexadecimal digits, random
	Sealed [][]byte `json:"sealed"`
}

// Health is a kiosk's state, each minute and soon after it took a manifest.
type Health struct {
	Program    string        `json:"program"`
	Uptime     int64         `json:"uptime_ms"`
	Clock      slides.Millis `json:"clock"`
	Offset     int64         `json:"offset_ms"`
	DiskFree   int64         `json:"disk_free"` // bytes
	Memory     int64         `json:"memory"`    // RSS, bytes
	Frames     int64         `json:"frames"`    // drawn since start
	Slide      string        `json:"slide"`
	SlideSince slides.Millis `json:"slide_since"`
	View       string        `json:"view"` // loop, rate, pairing …
	Manifest   string        `json:"manifest"`
	Revision   int64         `json:"revision"`
	Pending    int           `json:"pending"`           // ratings not yet acknowledged
	Letters    int           `json:"letters,omitempty"` // letters likewise
	Full       bool          `json:"full"`              // ratings are refused for want of space
	Quarantine int           `json:"quarantine"`
	Errors     []Fault       `json:"errors,omitempty"` // newest last, at most MaxFaults
	Head       *chain.Signed `json:"head,omitempty"`
	Recovery   *Recovery     `json:"recovery,omitempty"` // none: the kiosk had no need to help itself for a day
}

// Rung is one step of what a kiosk does to help itself when it stands still.
type Rung string

// The content is read and drawn anew; the program begins anew; it begins in safe
// mode: with the manifest before and without motion. RungCrash is none that it
// takes: the program fell.
const (
	RungReload  Rung = "reload"
	RungRestart Rung = "restart"
	RungSafe    Rung = "safe"
	RungCrash   Rung = "crash"
)

// Recovery is how a kiosk has helped itself. Rung is the last one taken, "" once
// all was well for ten minutes; the counts are those of the last 24 hours.
type Recovery struct {
	Rung     Rung          `json:"rung,omitempty"`
	Since    slides.Millis `json:"since,omitempty"`
	Why      string        `json:"why,omitempty"`
	Reloads  int           `json:"reloads,omitempty"`
	Restarts int           `json:"restarts,omitempty"`
	Safe     int           `json:"safe,omitempty"`
	Crashes  int           `json:"crashes,omitempty"`
}

// Fault is one thing that went wrong on a kiosk.
type Fault struct {
	At    slides.Millis `json:"at"`
	Where string        `json:"where"` // "slide:<id>", "blob:<sha>", "vault", "link"
	Text  string        `json:"text"`
	Count int           `json:"count"`
}

// Screenshot is a PNG or JPEG of the kiosk's screen.
type Screenshot struct {
	Command string        `json:"command"`
	At      slides.Millis `json:"at"`
	Image   []byte        `json:"image"`
}

// Done is a command's outcome (kiosk to server), or the receipt of plays
// or dossiers (server to kiosk, ID "plays" or "dossiers:" and the batch).
type Done struct {
	ID  string `json:"id"`
	OK  bool   `json:"ok"`
	Seq uint64 `json:"seq,omitempty"`
	Vi  string `json:"vi,omitempty"`
	En  string `json:"en,omitempty"`
}

// Problem tells what was wrong with a frame or request. Of is the type of the
// frame that it answers.
type Problem struct {
	Of   Type           `json:"of,omitempty"`
	Kind slides.ErrKind `json:"kind"`
	Vi   string         `json:"vi"`
	En   string         `json:"en"`
}

// Unknown names the type that was not understood.
type Unknown struct {
	Type Type `json:"type"`
}
