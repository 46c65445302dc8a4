package vault

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"sync"
	"time"

	"motcua/slides"
)

// Options of a vault; a zero field takes its default.
type Options struct {
	Now func() slides.Millis // the clock; default the system's

	SegmentSize int           // bytes of an outbox segment, 64 KiB to 1 GiB in whole sectors, default 1 MiB
	Spares      int           // preallocated segments kept ready, default 4: at least 4,000 ratings fit on a full disk
	KeepAcked   time.Duration // how long acknowledged ratings stay for a restored server, default 90 days
	MaxBlobs    int64         // bytes of blobs, default 4 GiB
	Reserve     int64         // free bytes that blobs and plays leave, default 32 MiB
	MaxPlays    int           // plays kept before the oldest hours become sums, default 20,000
}

func (o *Options) defaults() {
	if o.Now == nil {
		o.Now = func() slides.Millis { return slides.At(time.Now()) }
	}
	if o.SegmentSize == 0 {
		o.SegmentSize = 1 << 20
	}
	o.SegmentSize = min(max(o.SegmentSize, minSegment), maxSegment) / sector * sector
	if o.Spares == 0 {
		o.Spares = 4
	}
	if o.KeepAcked == 0 {
		o.KeepAcked = 90 * 24 * time.Hour
	}
	if o.MaxBlobs == 0 {
		o.MaxBlobs = 4 << 30
	}
	if o.Reserve == 0 {
		o.Reserve = 32 << 20
	}
	if o.MaxPlays == 0 {
		o.MaxPlays = 20_000
	}
}

// Vault is an open data folder. Its methods and those of its parts are safe for
// concurrent use; the parts lock apart, so that a large blob being written does
// not hold up a rating.
type Vault struct {
	disk    Disk
	opt     Options
	release func() error
	diskID  string // static after Open

	mu       sync.Mutex
	identity *Identity      // guarded by mu
	last     slides.Millis  // guarded by mu: newest known moment
	kept     slides.Millis  // guarded by mu: the one on disk
	damage   map[string]int // guarded by mu: see Status.Damage

	blobs     *Blobs
	manifests *Manifests
	outbox    *Outbox
	letters   *Outbox
	plays     *Plays
}

// Status is what health reports tell of a vault.
type Status struct {
	Free        int64          // bytes left on the disk
	Pending     int            // ratings not yet acknowledged
	Letters     int            // letters likewise
	Full        bool           // the last rating was refused for want of space
	Quarantined int            // files set aside since Open
	Damage      map[string]int // what was found damaged since Open, by kind of file
	BlobBytes   int64
	PlaysLost   int // plays dropped for want of space, ever
}

// Open reads the vault on d, mends what a power cut or a rotten medium left,
// and returns it ready. An empty disk is a fresh vault. The error is of kind
// Conflict where another kiosk uses the folder.
func Open(d Disk, o Options) (*Vault, error) {
	const op = "vault.Open"
	o.defaults()
	release, err := d.Lock()
	if errors.Is(err, ErrLocked) {
		return nil, slides.E(slides.Conflict, op,
			"Một ki-ốt khác đang dùng thư mục dữ liệu này; hãy tắt chương trình kia hoặc chọn thư mục khác bằng -data.",
			"Another kiosk uses this data folder; stop it, or name another folder with -data.", err)
	}
	if err != nil {
		return nil, broken(op, err)
	}
	v := &Vault{disk: d, opt: o, release: release, damage: map[string]int{}}
	if err := v.load(); err != nil {
		release()
		return nil, broken(op, err)
	}
	return v, nil
}

func (v *Vault) load() error {
	// A kiosk that was killed left names and bytes that the system shows but the
	// medium does not have yet; nothing may build on them before it does.
	if err := v.disk.SyncAll(); err != nil {
		return err
	}
	for _, dir := range []string{"blobs", "manifests", "outbox", "letters", "partial", "quarantine", "plays", "notes"} {
		if err := v.disk.MakeDir(dir); err != nil {
			return err
		}
	}
	if err := v.disk.SyncDir("."); err != nil {
		return err
	}
	if err := v.loadDiskID(); err != nil {
		return err
	}
	v.loadClock()
	v.loadIdentity()
	var err error
	if v.blobs, err = openBlobs(v); err != nil {
		return err
	}
	if v.manifests, err = openManifests(v); err != nil {
		return err
	}
	if v.outbox, err = openOutbox(v, ratingBox); err != nil {
		return err
	}
	if v.letters, err = openOutbox(v, letterBox); err != nil {
		return err
	}
	v.startLetters()
	v.plays, err = openPlays(v)
	return err
}

func (v *Vault) loadDiskID() error {
	b, err := readTwice(v.disk, "disk")
	if err == nil && len(b) == 32 {
		v.diskID = string(b)
		return nil
	}
	raw := make([]byte, 16)
	rand.Read(raw)
	v.diskID = hex.EncodeToString(raw)
	return writeTwice(v.disk, "disk", []byte(v.diskID))
}

// Close writes what is still in memory and lets go of the folder.
func (v *Vault) Close() error {
	return errors.Join(v.plays.flush(), v.outbox.close(), v.letters.close(), v.release())
}

// DiskID names this disk: it is made with the vault, and ids that restart with
// a new disk (plays) are told apart by it.
func (v *Vault) DiskID() string { return v.diskID }

// Blobs is the store of bytes by their SHA-256.
func (v *Vault) Blobs() *Blobs { return v.blobs }

// Manifests holds the previous, the active and the pending manifest.
func (v *Vault) Manifests() *Manifests { return v.manifests }

// Outbox holds the ratings.
func (v *Vault) Outbox() *Outbox { return v.outbox }

// Letters is the outbox of what citizens wrote: in a folder and a chain of its
// own, so that nothing lies beside a rating (package letter).
func (v *Vault) Letters() *Outbox { return v.letters }

// startLetters gives the newest pairing its chain of letters where it has none:
// the pairing is older than letters, or a power cut came between. Where there is
// no room for it letters are refused, and ratings go on; Tidy tries again.
func (v *Vault) startLetters() {
	id, ok := v.Identity()
	if !ok || v.letters.has(letterBox.id(id.Chain)) {
		return
	}
	key, ok := v.outbox.key(id.Chain)
	if !ok {
		return
	}
	if v.letters.start(id, key) == nil {
		v.letters.use(letterBox.id(id.Chain))
	}
}

// Plays holds what was shown.
func (v *Vault) Plays() *Plays { return v.plays }

func (v *Vault) damaged(what string) {
	v.mu.Lock()
	v.damage[what]++
	v.mu.Unlock()
}

// broken gives a fault of the disk its sentence; an error that has one is left as it is.
func broken(op string, err error) error {
	var e *slides.Error
	if err == nil || errors.As(err, &e) {
		return err
	}
	if full(err) {
		return slides.E(slides.Full, op, "Ổ đĩa của ki-ốt đã đầy; hãy giải phóng dung lượng.", "The kiosk's disk is full; free some space.", err)
	}
	return slides.E(slides.Broken, op, "Ki-ốt không đọc hoặc ghi được ổ đĩa; hãy kiểm tra ổ đĩa.", "The kiosk can't read or write its disk; check the disk.", err)
}

// Status tells how the vault is.
func (v *Vault) Status() Status {
	s := Status{Pending: v.outbox.Pending(), Letters: v.letters.Pending(), Full: v.outbox.isFull() || v.letters.isFull(), PlaysLost: v.plays.lostSoFar(), Damage: map[string]int{}}
	if n, err := v.disk.Free(); err == nil {
		s.Free = n
	}
	s.BlobBytes, s.Quarantined = v.blobs.totals()
	v.mu.Lock()
	defer v.mu.Unlock()
	for k, n := range v.damage {
		s.Damage[k] = n
	}
	return s
}

// Tidy keeps spare space ready and removes what is past its time. Call it soon
// after Open and then once an hour; it may take a second on a slow card.
func (v *Vault) Tidy() error {
	v.startLetters()
	return broken("vault.Tidy", errors.Join(v.outbox.tidy(), v.letters.tidy()))
}
