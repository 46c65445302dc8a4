package store

import (
	"context"
	"crypto/ed25519"
	"io"
	"time"

	"motcua/server/compile"
	"motcua/slides"
	"motcua/slides/chain"
	"motcua/slides/survey"
	"motcua/slides/wire"
)

// Units lists the units as they are at a moment (0: now), parents before children.
func (s *Store) Units(ctx context.Context, at slides.Millis) (r0 []Unit, err error) {
	return r0, notYet()
}

// UnitPath is id and its ancestors up to the root at a moment (0: now).
func (s *Store) UnitPath(ctx context.Context, id string, at slides.Millis) (r0 []string, err error) {
	return r0, notYet()
}

// SaveUnit adds a unit or a term of it from u.From on; refuses cycles, unknown parents and zones, and a move of ratings that are counted already.
func (s *Store) SaveUnit(ctx context.Context, a Actor, u Unit) error { return notYet() }

// HasUsers says whether the first user exists.
func (s *Store) HasUsers(ctx context.Context) (r0 bool, err error) { return r0, notYet() }

// CreateSetupToken keeps the hash of the one-time set-up link, replacing older ones.
func (s *Store) CreateSetupToken(ctx context.Context, hash string, life time.Duration) error {
	return notYet()
}

// CheckSetupToken says by kind Denied that the link is unknown, used or expired.
func (s *Store) CheckSetupToken(ctx context.Context, hash string) error { return notYet() }

// UseSetupToken makes the first user, an admin, once.
func (s *Store) UseSetupToken(ctx context.Context, hash string, u User) (r0 User, err error) {
	return r0, notYet()
}

// CreateUser adds a user with u.Grants; ID is made.
func (s *Store) CreateUser(ctx context.Context, a Actor, u User) (r0 User, err error) {
	return r0, notYet()
}

// Users lists users with their grants.
func (s *Store) Users(ctx context.Context) (r0 []User, err error) { return r0, notYet() }

// User finds a user.
func (s *Store) User(ctx context.Context, id string) (r0 User, err error) { return r0, notYet() }

// UserByLogin finds a user by login name.
func (s *Store) UserByLogin(ctx context.Context, login string) (r0 User, err error) {
	return r0, notYet()
}

// SetPassword changes the password and ends all the user's sessions.
func (s *Store) SetPassword(ctx context.Context, a Actor, id, hash string) error { return notYet() }

// DisableUser bars or lets in a user; barring ends the sessions.
func (s *Store) DisableUser(ctx context.Context, a Actor, id string, disabled bool) error {
	return notYet()
}

// SetGrants replaces a user's roles.
func (s *Store) SetGrants(ctx context.Context, a Actor, id string, grants []Grant) error {
	return notYet()
}

// CreateSession keeps a sign-in.
func (s *Store) CreateSession(ctx context.Context, n Session) error { return notYet() }

// Session finds a live session and its user, and notes that it was seen (once a minute).
func (s *Store) Session(ctx context.Context, hash string) (r0 Session, r1 User, err error) {
	return r0, r1, notYet()
}

// EndSession signs out.
func (s *Store) EndSession(ctx context.Context, hash string) error { return notYet() }

// Failures counts failures under key within window.
func (s *Store) Failures(ctx context.Context, key string, window time.Duration) (r0 Throttle, err error) {
	return r0, notYet()
}

// Failed adds a failure under key and counts.
func (s *Store) Failed(ctx context.Context, key string, window time.Duration) (r0 Throttle, err error) {
	return r0, notYet()
}

// Forgive forgets the failures under key.
func (s *Store) Forgive(ctx context.Context, key string) error { return notYet() }

// AddAudit writes an audit row of its own (a full export, a sign-in); other methods write theirs.
func (s *Store) AddAudit(ctx context.Context, a Actor, verb, object string, detail any) error {
	return notYet()
}

// Audit reads the audit, newest first.
func (s *Store) Audit(ctx context.Context, f AuditFilter) (r0 []AuditRow, err error) {
	return r0, notYet()
}

// VerifyAudit recomputes the audit's chain; kind Corrupt names the first row that does not fit.
func (s *Store) VerifyAudit(ctx context.Context) (rows int64, err error) { return rows, notYet() }

// Changes reads the changes with a higher Seq, oldest first.
func (s *Store) Changes(ctx context.Context, after int64, limit int) (r0 []Change, err error) {
	return r0, notYet()
}

// LastChange is the newest change's Seq, 0 for none.
func (s *Store) LastChange(ctx context.Context) (r0 int64, err error) { return r0, notYet() }

// TakeLease gives the kiosk's session to this server's connection conn; the newest wins. replaced is the live session whose place it took.
func (s *Store) TakeLease(ctx context.Context, kiosk, conn string, h Hello, life time.Duration) (replaced *Lease, err error) {
	return replaced, notYet()
}

// RenewLeases renews all of this server's leases and lists them, kiosk to conn: a connection not in it has lost its place.
func (s *Store) RenewLeases(ctx context.Context, life time.Duration) (mine map[string]string, err error) {
	return mine, notYet()
}

// DropLease ends the session if conn still holds it.
func (s *Store) DropLease(ctx context.Context, kiosk, conn string) error { return notYet() }

// CreatePairing makes a code and ticket. The same key asking again replaces its older request. Kind Throttled: too many are waiting.
func (s *Store) CreatePairing(ctx context.Context, r PairingRequest) (r0 Pairing, err error) {
	return r0, notYet()
}

// PollPairing tells how far a pairing is; the caller checks the poll's signature with Pairing.Key and signs Identity, which is there once approved.
func (s *Store) PollPairing(ctx context.Context, ticket string) (r0 Pairing, r1 *wire.Identity, err error) {
	return r0, r1, notYet()
}

// Pairings lists the waiting ones, oldest first.
func (s *Store) Pairings(ctx context.Context) (r0 []Pairing, err error) { return r0, notYet() }

// PairingByCode finds a waiting pairing by what staff typed; wrong codes are counted for the actor and after ten in ten minutes refused (Throttled).
func (s *Store) PairingByCode(ctx context.Context, a Actor, code string) (r0 Pairing, err error) {
	return r0, notYet()
}

// ApprovePairing makes the screen a kiosk, new or again; a new chain starts and older keys retire.
func (s *Store) ApprovePairing(ctx context.Context, a Actor, ap Approval) (r0 Kiosk, err error) {
	return r0, notYet()
}

// RefusePairing refuses a waiting pairing.
func (s *Store) RefusePairing(ctx context.Context, a Actor, id string) error { return notYet() }

// Unpair retires the kiosk's key. Its older records may still be delivered after it is paired again.
func (s *Store) Unpair(ctx context.Context, a Actor, kiosk string) error { return notYet() }

// Kiosk finds a kiosk.
func (s *Store) Kiosk(ctx context.Context, id string) (r0 Kiosk, err error) { return r0, notYet() }

// Kiosks lists the kiosks of a unit and all below ("" all) with their state.
func (s *Store) Kiosks(ctx context.Context, unit string) (r0 []KioskStatus, err error) {
	return r0, notYet()
}

// KioskStatus is one kiosk with its state.
func (s *Store) KioskStatus(ctx context.Context, id string) (r0 KioskStatus, err error) {
	return r0, notYet()
}

// KioskKeys lists a kiosk's pairings, newest first.
func (s *Store) KioskKeys(ctx context.Context, id string) (r0 []KioskKey, err error) {
	return r0, notYet()
}

// SignInKey is the key that may open a connection; kind Denied when unpaired, NotFound when unknown.
func (s *Store) SignInKey(ctx context.Context, id string) (r0 ed25519.PublicKey, err error) {
	return r0, notYet()
}

// UpdateKiosk changes a kiosk; when its class changes it gets that class's manifest with a new revision.
func (s *Store) UpdateKiosk(ctx context.Context, a Actor, id string, e KioskEdit) (r0 Kiosk, err error) {
	return r0, notYet()
}

// KioskChains is what the server has of each of the kiosk's chains, newest pairing first: for the welcome.
func (s *Store) KioskChains(ctx context.Context, id string) (r0 []wire.ChainState, err error) {
	return r0, notYet()
}

// SaveHealth keeps the newest state, a minute of history, new faults, and the signed head if it verifies (kind Denied otherwise, the rest is kept).
func (s *Store) SaveHealth(ctx context.Context, kiosk string, h *wire.Health) error { return notYet() }

// HealthHistory reads the minutes from a moment on.
func (s *Store) HealthHistory(ctx context.Context, kiosk string, from slides.Millis) (r0 []HealthPoint, err error) {
	return r0, notYet()
}

// Faults lists faults, newest first; kiosk "" is all.
func (s *Store) Faults(ctx context.Context, kiosk string, limit int) (r0 []FaultRow, err error) {
	return r0, notYet()
}

// SavePlays keeps plays once and returns the highest id that is kept for good.
func (s *Store) SavePlays(ctx context.Context, kiosk string, p wire.Plays) (last uint64, err error) {
	return last, notYet()
}

// SaveScreenshot keeps the newest picture; only PNG and JPEG within wire.MaxScreenshot.
func (s *Store) SaveScreenshot(ctx context.Context, kiosk string, sc wire.Screenshot) error {
	return notYet()
}

// Screenshot is the newest picture.
func (s *Store) Screenshot(ctx context.Context, kiosk string) (r0 Screenshot, err error) {
	return r0, notYet()
}

// AddCommand queues a command; Throttled when wire.MaxCommands wait.
func (s *Store) AddCommand(ctx context.Context, a Actor, kiosk string, verb wire.Verb, life time.Duration) (r0 wire.Command, err error) {
	return r0, notYet()
}

// PendingCommands lists commands neither done nor expired, oldest first.
func (s *Store) PendingCommands(ctx context.Context, kiosk string) (r0 []wire.Command, err error) {
	return r0, notYet()
}

// CommandSent notes that commands went out.
func (s *Store) CommandSent(ctx context.Context, ids ...string) error { return notYet() }

// CommandDone notes a command's outcome.
func (s *Store) CommandDone(ctx context.Context, kiosk string, d wire.Done) error { return notYet() }

// Commands lists commands, newest first.
func (s *Store) Commands(ctx context.Context, kiosk string, limit int) (r0 []CommandRow, err error) {
	return r0, notYet()
}

// PutBlob keeps bytes under their hash, durable on return; TooLarge over limit.
func (s *Store) PutBlob(ctx context.Context, mime string, r io.Reader, limit int64) (r0 slides.BlobRef, err error) {
	return r0, notYet()
}

// Blob opens a blob.
func (s *Store) Blob(ctx context.Context, sha string) (r0 *Blob, err error) { return r0, notYet() }

// BlobRef tells size and type of a blob.
func (s *Store) BlobRef(ctx context.Context, sha string) (r0 slides.BlobRef, err error) {
	return r0, notYet()
}

// SmallBlobs reads those of the blobs that are at most each bytes long (at most 64 KiB): for inlining.
func (s *Store) SmallBlobs(ctx context.Context, shas []string, each int64) (r0 map[string][]byte, err error) {
	return r0, notYet()
}

// Slides lists slides, latest change first.
func (s *Store) Slides(ctx context.Context, f SlideFilter) (r0 []SlideRow, err error) {
	return r0, notYet()
}

// Slide is a slide's draft.
func (s *Store) Slide(ctx context.Context, id string) (r0 SlideRow, err error) { return r0, notYet() }

// SlideVersion is one version of a slide.
func (s *Store) SlideVersion(ctx context.Context, id string, version int) (r0 *slides.Slide, err error) {
	return r0, notYet()
}

// LiveSlide is the version on the screens.
func (s *Store) LiveSlide(ctx context.Context, id string) (r0 *slides.Slide, err error) {
	return r0, notYet()
}

// SaveSlide keeps a new version of the draft, cleaned to the stored form. base is the version that was edited (0: a new slide); Conflict when somebody saved since.
func (s *Store) SaveSlide(ctx context.Context, a Actor, unit string, sl *slides.Slide, base int) (r0 SlideRow, err error) {
	return r0, notYet()
}

// Playlists lists playlists by name.
func (s *Store) Playlists(ctx context.Context) (r0 []PlaylistRow, err error) { return r0, notYet() }

// SavePlaylist keeps a playlist's draft, like SaveSlide.
func (s *Store) SavePlaylist(ctx context.Context, a Actor, unit string, p slides.Playlist, base int) (r0 PlaylistRow, err error) {
	return r0, notYet()
}

// Entries lists schedule entries by start.
func (s *Store) Entries(ctx context.Context) (r0 []EntryRow, err error) { return r0, notYet() }

// SaveEntry keeps an entry's draft, like SaveSlide.
func (s *Store) SaveEntry(ctx context.Context, a Actor, unit string, e compile.Entry, base int) (r0 EntryRow, err error) {
	return r0, notYet()
}

// Calendars lists calendars.
func (s *Store) Calendars(ctx context.Context) (r0 []CalendarRow, err error) { return r0, notYet() }

// SaveCalendar keeps a calendar's draft, like SaveSlide.
func (s *Store) SaveCalendar(ctx context.Context, a Actor, unit string, c slides.Calendar, base int) (r0 CalendarRow, err error) {
	return r0, notYet()
}

// Surveys lists questionnaires.
func (s *Store) Surveys(ctx context.Context) (r0 []SurveyRow, err error) { return r0, notYet() }

// SaveSurvey keeps a questionnaire; the same version with other content is refused.
func (s *Store) SaveSurvey(ctx context.Context, a Actor, unit string, q *survey.Questionnaire, base int) (r0 SurveyRow, err error) {
	return r0, notYet()
}

// Survey is one version that may have ratings (0: the newest).
func (s *Store) Survey(ctx context.Context, id string, version int) (r0 *survey.Questionnaire, err error) {
	return r0, notYet()
}

// Look is the draft of the look.
func (s *Store) Look(ctx context.Context) (r0 compile.Look, r1 Item, err error) {
	return r0, r1, notYet()
}

// SaveLook keeps the look's draft.
func (s *Store) SaveLook(ctx context.Context, a Actor, l compile.Look, base int) (r0 Item, err error) {
	return r0, notYet()
}

// DeleteItem removes the draft; what is live stays until published.
func (s *Store) DeleteItem(ctx context.Context, a Actor, ref ItemRef, base int) error {
	return notYet()
}

// Changed lists what publishing everything would change.
func (s *Store) Changed(ctx context.Context) (r0 []Item, err error) { return r0, notYet() }

// SaveProcedures keeps procedures, replacing those of the same id.
func (s *Store) SaveProcedures(ctx context.Context, a Actor, ps []Procedure) error { return notYet() }

// Procedures lists procedures by id.
func (s *Store) Procedures(ctx context.Context) (r0 []Procedure, err error) { return r0, notYet() }

// Publish makes drafts live: checks everything, raises the revision, compiles the manifests and tells the changes, all in one transaction. Invalid lists every problem and nothing is changed.
func (s *Store) Publish(ctx context.Context, a Actor, r PublishRequest) (r0 Publication, err error) {
	return r0, notYet()
}

// RecallSlide takes a slide off every screen at once, by a publication of its own.
func (s *Store) RecallSlide(ctx context.Context, a Actor, id, note string) (r0 Publication, err error) {
	return r0, notYet()
}

// RecallPublication puts back what a publication replaced, at once, by a new publication; pieces published again since stay.
func (s *Store) RecallPublication(ctx context.Context, a Actor, revision int64, note string) (r0 Publication, err error) {
	return r0, notYet()
}

// Publications lists publications, newest first.
func (s *Store) Publications(ctx context.Context, limit int) (r0 []Publication, err error) {
	return r0, notYet()
}

// Publication is one publication of this epoch.
func (s *Store) Publication(ctx context.Context, revision int64) (r0 Publication, err error) {
	return r0, notYet()
}

// Revision is the newest revision of this epoch.
func (s *Store) Revision(ctx context.Context) (r0 int64, err error) { return r0, notYet() }

// Manifest is the class's newest manifest.
func (s *Store) Manifest(ctx context.Context, class string) (r0 Manifest, err error) {
	return r0, notYet()
}

// ManifestByID is any manifest that was ever compiled and is still kept.
func (s *Store) ManifestByID(ctx context.Context, id string) (r0 Manifest, err error) {
	return r0, notYet()
}

// Manifests lists the newest manifest of every class.
func (s *Store) Manifests(ctx context.Context) (r0 []Manifest, err error) { return r0, notYet() }

// ImportStarter adds what is not there yet and leaves the rest as staff have it.
func (s *Store) ImportStarter(ctx context.Context, a Actor, st Starter) (r0 StarterResult, err error) {
	return r0, notYet()
}

// IngestRatings checks a batch on the caller's goroutine and keeps it by group commit; it returns after the commit. With an error the result still tells what is kept: Invalid, a hole in the sequence or bytes that can't be; Conflict, a fork, quarantined; Denied, not the kiosk's chain or a wrong signature. Needs Run.
func (s *Store) IngestRatings(ctx context.Context, kiosk string, b wire.Ratings) (r0 Ingested, err error) {
	return r0, notYet()
}

// IngestGaps keeps signed gap records, each advancing the chain over its range, like IngestRatings.
func (s *Store) IngestGaps(ctx context.Context, kiosk string, g wire.Gaps) (r0 Ingested, err error) {
	return r0, notYet()
}

// SetSuspect marks ratings by hand, or counts them again (reason ""); the roll-ups move in the same transaction.
func (s *Store) SetSuspect(ctx context.Context, a Actor, refs []RatingRef, reason string) error {
	return notYet()
}

// CorrectHour moves a rating to another hour; the roll-ups move in the same transaction.
func (s *Store) CorrectHour(ctx context.Context, a Actor, ref RatingRef, hour slides.Millis) error {
	return notYet()
}

// EraseSection forgets a section's body and salt; the header stays and the chain still verifies. Statistics stay.
func (s *Store) EraseSection(ctx context.Context, a Actor, ref RatingRef, kind chain.Kind) error {
	return notYet()
}

// EraseOlder forgets that section of every rating of an hour before the moment.
func (s *Store) EraseOlder(ctx context.Context, a Actor, kind chain.Kind, before slides.Millis) (r0 int64, err error) {
	return r0, notYet()
}

// Forks lists quarantined bytes, newest first.
func (s *Store) Forks(ctx context.Context, limit int) (r0 []ForkRow, err error) { return r0, notYet() }

// Chains lists chains; kiosk "" is all.
func (s *Store) Chains(ctx context.Context, kiosk string) (r0 []ChainInfo, err error) {
	return r0, notYet()
}

// Statistics reads the roll-ups.
func (s *Store) Statistics(ctx context.Context, q StatQuery) (r0 *Stats, err error) {
	return r0, notYet()
}

// CheckRollups computes every roll-up anew from the ratings and compares; kind Corrupt says the first difference. Slow: for tests, repair and proof.
func (s *Store) CheckRollups(ctx context.Context) error { return notYet() }

// RebuildRollups writes every roll-up anew from the ratings.
func (s *Store) RebuildRollups(ctx context.Context, a Actor) error { return notYet() }

// Backup writes one file with everything, while the server runs; durable on return, never over an existing file.
func (s *Store) Backup(ctx context.Context, path string) error { return notYet() }

// Tidy forgets what has had its time: sessions, pairings, health minutes over 7 days, plays over 400 days, commands over 90 days.
func (s *Store) Tidy(ctx context.Context) error { return notYet() }

// Ping says whether the database answers and can be written: for readiness.
func (s *Store) Ping(ctx context.Context) error { return notYet() }

func notYet() error { return slides.E(slides.Broken, "store", "Chưa có.", "Not built yet.", nil) }
