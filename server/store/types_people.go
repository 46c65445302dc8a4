package store

import (
	"encoding/json"

	"motcua/slides"
)

// Unit is an office as it is from a moment on. Terms with a later From take
// over at From; the tree at a moment is made of the newest term of each unit.
type Unit struct {
	ID     string
	Parent string // "" for a root
	Name   slides.Text
	Short  slides.Text
	Office slides.Text
	Zone   string        // IANA name; "" takes the parent's, then Options.Zone
	From   slides.Millis // effective; 0: since ever
	Closed bool          // the unit ends at From
}

// User is a member of staff. Hash is the encoded argon2id string that
// server/auth makes and compares.
type User struct {
	ID       string
	Login    string // folded to lower case, unique
	Name     string
	Hash     string
	Disabled bool
	Created  slides.Millis
	Grants   []Grant

	TOTP     []byte // sealed secret of the codes on a phone; empty without
	TOTPStep int64  // newest step of which a code was used
	Passkeys int    // how many there are
	Invited  bool   // has not chosen a password yet
}

// Grant gives a user a role in a unit and all below it ("" is everywhere).
type Grant struct {
	Role string
	Unit string
}

// RoleAdmin may do everything; the first user gets it. Further roles come as rows.
const RoleAdmin = "admin"

// Session is a sign-in. Hash is SHA-256 (hex) of the cookie's token: the token
// itself is nowhere.
type Session struct {
	Hash    string
	User    string
	Created slides.Millis
	Seen    slides.Millis
	Expires slides.Millis
	Addr    string
	Agent   string
}

// UserInvite is a link by which somebody sets their password: the first, or anew.
type UserInvite struct {
	User    User
	By      string // user id
	Expires slides.Millis
}

// Passkey is a key of a device or a browser that opens an account. Credential
// is what server/auth needs to check it.
type Passkey struct {
	ID         string // hexadecimal
	User       string
	Name       string
	Credential json.RawMessage
	Created    slides.Millis
	Used       slides.Millis // 0: never
}

// Step is a sign-in half way. Hash is SHA-256 (hex) of its cookie's token.
type Step struct {
	Hash    string
	Kind    string
	User    string // "" while nobody is known
	Body    json.RawMessage
	Expires slides.Millis
}

// Throttle counts failures under a key within a window.
type Throttle struct {
	Failures int
	First    slides.Millis
	Last     slides.Millis
}

// AuditRow is one link of the audit: Hash is SHA-256 over Prev and the row's
// canonical bytes, so that no row can be changed or taken out unseen.
type AuditRow struct {
	Seq    int64
	At     slides.Millis
	User   string
	Name   string
	Addr   string
	Verb   string // "publish", "recall", "kiosk.approve" …
	Object string // "slide:khau-hieu-1"
	Detail json.RawMessage
	Prev   string
	Hash   string
}

// AuditFilter picks audit rows, newest first.
type AuditFilter struct {
	Object string
	User   string
	Before int64 // rows with a lower Seq; 0: from the newest
	From   slides.Millis
	Until  slides.Millis       // 0: no end
	Match  func(AuditRow) bool // nil: every row
	Limit  int                 // default 100
}

// ChangeKind says what a change is about.
type ChangeKind string

// The kinds, and which references of Change they fill.
const (
	ManifestChanged ChangeKind = "manifest" // Class, Ref: manifest id
	KioskChanged    ChangeKind = "kiosk"    // Kiosk: its settings or class
	KioskUnpaired   ChangeKind = "unpaired" // Kiosk: its key no longer signs in (unpaired, or paired again)
	CommandAdded    ChangeKind = "command"  // Kiosk, Ref: command id
	SessionTaken    ChangeKind = "session"  // Kiosk, Ref: the connection that was replaced
	PairingChanged  ChangeKind = "pairing"  // Ref: pairing id
	ContentChanged  ChangeKind = "content"  // Ref: "slide:<id>" …: a draft was saved
)

// HookDue: a webhook has something to send. Ref: its id.
const HookDue ChangeKind = "hook"

// Change is one row of the sequence by which servers learn of work.
type Change struct {
	Seq   int64
	At    slides.Millis
	Kind  ChangeKind
	Unit  string
	Class string
	Kiosk string
	Ref   string
}

// Lease is a kiosk's session: which server holds its connection, until when.
type Lease struct {
	Kiosk    string
	Server   string
	Conn     string
	Since    slides.Millis
	Expires  slides.Millis
	Replaced int64 // how often a newer connection took a live one's place
}
