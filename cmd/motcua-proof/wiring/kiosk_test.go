package wiring

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"motcua/kiosk/link"
	"motcua/kiosk/vault"
	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/chain"
	"motcua/slides/dossier"
	"motcua/slides/letter"
	"motcua/slides/survey"
	"motcua/slides/wire"
)

// kiosk is a real vault and link; what the rest of a kiosk would do is noted.
type kiosk struct {
	t      testing.TB
	disk   *vault.Memory
	vault  *vault.Vault
	dialer *link.Dialer
	link   *link.Link
	shot   func(context.Context) ([]byte, error)
	invite func(wire.Command) error // nil: shown

	mu       sync.Mutex
	invited  []wire.Command
	book     *dossier.Book // of dossiers; nil: none is asked for
	unheard  int           // answers to batches of dossiers that get lost
	faults   []string
	states   []link.State
	last     time.Time // of the newest state
	settings []wire.Settings
	ready    []slides.Flip
	reloads  int
	said     wire.Announcement
	restarts int
	mended   int
	offset   time.Duration

	changed chan struct{} // poked with each note
	cancel  context.CancelFunc
	ended   chan error
}

// newKiosk is an unpaired kiosk that reaches the server by dial.
func newKiosk(t testing.TB, dial Dial) *kiosk {
	t.Helper()
	k := &kiosk{t: t, disk: vault.NewMemory(64 << 20), changed: make(chan struct{}, 1)}
	k.open(dial)
	t.Cleanup(func() {
		k.stop()
		k.close()
	})
	return k
}

// open opens the disk, as a start of the program does.
func (k *kiosk) open(dial Dial) {
	k.t.Helper()
	v, err := vault.Open(k.disk, vault.Options{SegmentSize: 128 << 10, Spares: 2, Reserve: 1})
	if err != nil {
		k.t.Fatal(err)
	}
	d, err := link.NewDialer("http://server", nil, dial)
	if err != nil {
		k.t.Fatal(err)
	}
	k.vault, k.dialer = v, d
}

func (k *kiosk) close() {
	if k.vault == nil {
		return
	}
	if err := k.vault.Close(); err != nil {
		k.t.Errorf("closing the vault: %v", err)
	}
	k.vault = nil
}

// pair pairs the kiosk with s; again is the id that it had, or "".
func (k *kiosk) pair(s *server, again, unit string) wire.Identity {
	k.t.Helper()
	key, err := k.vault.PairingKey()
	if err != nil {
		k.t.Fatal(err)
	}
	id, err := link.Pair(context.Background(), k.dialer, key, again, "test", wire.Screen{W: 1920, H: 1080},
		func(o link.Offer) { s.approve(o.Code, again, unit) },
		func(err error) { k.t.Errorf("pairing: %v", err) })
	if err != nil {
		k.t.Fatal(err)
	}
	k.adopt(id)
	return *id
}

func (k *kiosk) adopt(id *wire.Identity) {
	k.t.Helper()
	if err := k.vault.Pair(vault.Identity{Kiosk: id.Kiosk, Name: id.Name, Server: id.Server, Chain: id.Chain, Class: id.Class, Epoch: id.Epoch}); err != nil {
		k.t.Fatal(err)
	}
}

// start runs the link until stop.
func (k *kiosk) start() {
	note := func(f func()) {
		k.mu.Lock()
		f()
		k.mu.Unlock()
		select {
		case k.changed <- struct{}{}:
		default:
		}
	}
	var shot func(context.Context) ([]byte, error)
	if k.shot != nil {
		shot = func(ctx context.Context) ([]byte, error) { return k.shot(ctx) }
	}
	v := k.vault
	k.link = link.New(v, k.dialer, link.Hooks{
		Hello:  func() wire.Hello { return wire.Hello{Program: "test", Screen: wire.Screen{W: 1920, H: 1080}} },
		Health: func() wire.Health { return wire.Health{Program: "test", View: "loop"} },
		Ready: func(f slides.Flip) {
			if _, err := v.Manifests().Flip(); err != nil {
				k.t.Errorf("flip: %v", err)
			}
			note(func() { k.ready = append(k.ready, f) })
		},
		State:    func(s link.State, _ error) { note(func() { k.states, k.last = append(k.states, s), time.Now() }) },
		Settings: func(s wire.Settings) { note(func() { k.settings = append(k.settings, s) }) },
		Offset:   func(d time.Duration) { note(func() { k.offset = d }) },
		Mended:   func() { note(func() { k.mended++ }) },
		Say: func(a wire.Announcement) error {
			note(func() { k.said = a })
			return nil
		},
		Reload:  func() { note(func() { k.reloads++ }) },
		Restart: func() { note(func() { k.restarts++ }) },
		Shot:    shot,
		Invite: func(_ context.Context, c wire.Command) error {
			note(func() { k.invited = append(k.invited, c) })
			if k.invite != nil {
				return k.invite(c)
			}
			return nil
		},
		Dossiers: func(now slides.Millis) *dossier.Batch {
			return got(k, func() *dossier.Batch {
				if k.book == nil {
					return nil
				}
				return k.book.Next(now)
			})
		},
		DossiersKept: func(batch string) {
			note(func() {
				if k.unheard--; k.unheard < 0 {
					k.book.Kept(batch)
				}
			})
		},
		Fault: func(where, text string) { note(func() { k.faults = append(k.faults, where+": "+text) }) },
	}, nil)
	ctx, cancel := context.WithCancel(context.Background())
	k.cancel, k.ended = cancel, make(chan error, 1)
	go func() { k.ended <- k.link.Run(ctx) }()
}

// stop ends the link.
func (k *kiosk) stop() error {
	if k.cancel == nil {
		return nil
	}
	k.cancel()
	err := <-k.ended
	k.cancel = nil
	return err
}

// rate appends a rating and wakes the link, as a touch does.
func (k *kiosk) rate(n int) vault.Receipt {
	k.t.Helper()
	id, _ := k.vault.Identity()
	now := time.Now()
	core, err := json.Marshal(survey.Rating{
		Questionnaire: "nhanh", Version: 1, Unit: "mot-cua", Kiosk: id.Kiosk, Channel: survey.AtKiosk, Lang: "vi",
		Hour: slides.At(now.Truncate(time.Hour)), Clock: survey.Synced, Answers: []survey.Answer{{Question: "chung", Level: survey.Level(1 + n%5)}}, Took: int64(n),
	})
	if err != nil {
		k.t.Fatal(err)
	}
	moment, err := json.Marshal(survey.Moment{At: slides.At(now)})
	if err != nil {
		k.t.Fatal(err)
	}
	r, err := k.vault.Outbox().Append([]chain.Section{chain.NewSection(chain.Core, core), chain.NewSection(chain.Moment, moment)})
	if err != nil {
		k.t.Fatal(err)
	}
	if k.link != nil {
		k.link.Wake()
	}
	return r
}

// await waits until is says so; what it looks at changes with the kiosk's notes,
// with acknowledgements, or on the server: it looks again each few moments.
func (k *kiosk) await(what string, is func() bool) {
	k.t.Helper()
	await(k.t, what, k.changed, is, func() string {
		k.mu.Lock()
		defer k.mu.Unlock()
		return fmt.Sprintf("states %v, faults %q, ready %v, vault %+v", k.states, k.faults, k.ready, k.vault.Status())
	})
}

func await(t testing.TB, what string, changed <-chan struct{}, is func() bool, state func() string) {
	t.Helper()
	begun, limit := time.Now(), 30*time.Second
	if fake() {
		limit = 20 * time.Minute
	}
	for pause := time.Millisecond; !is(); pause = min(pause*3/2, 100*time.Millisecond) {
		if time.Since(begun) > limit {
			t.Fatalf("waited in vain for %s; %s", what, state())
		}
		tick := time.NewTimer(pause)
		select {
		case <-changed:
		case <-tick.C:
		}
		tick.Stop()
	}
}

// fake says whether this is the clock of a testing/synctest bubble, which
// begins with the year 2000.
func fake() bool { return time.Now().Year() < 2020 }

// got reads a note.
func got[T any](k *kiosk, read func() T) T {
	k.mu.Lock()
	defer k.mu.Unlock()
	return read()
}

func (k *kiosk) is(s link.State) bool {
	return got(k, func() bool { return len(k.states) > 0 && k.states[len(k.states)-1] == s })
}

func (k *kiosk) delivered() bool { st := k.vault.Status(); return st.Pending == 0 && st.Letters == 0 }

// write appends a letter, as the player does, and gives its receipt.
func (k *kiosk) write(n int) string {
	k.t.Helper()
	id, _ := k.vault.Identity()
	l := letter.Letter{Code: letter.NewCode(), Category: "gop-y", Unit: "mot-cua", Kiosk: id.Kiosk, Channel: survey.AtKiosk, Lang: "vi", Hour: survey.HourOf(slides.At(time.Now()), nil), Clock: survey.Synced}
	parts, err := letter.Sections(l, fmt.Sprint("Góp ý thứ ", n), nil)
	if err == nil {
		_, err = k.vault.Letters().Append(parts)
	}
	if err != nil {
		k.t.Fatal(err)
	}
	if k.link != nil {
		k.link.Wake()
	}
	return l.Code
}

// kept checks that exactly these letters are on the server.
func kept(t testing.TB, s *server, codes []string) {
	t.Helper()
	list, more, err := s.store.Letters(context.Background(), store.LetterFilter{Limit: 100_000})
	if err != nil || more || len(list) != len(codes) {
		t.Fatalf("%d letters were thanked for, %d are kept: %v", len(codes), len(list), err)
	}
	for _, l := range list {
		if !slices.Contains(codes, l.Code) {
			t.Errorf("nobody wrote %s", l.Code)
		}
	}
}

// shows says whether the active manifest is the newest of the kiosk's class on s.
func (k *kiosk) shows(s *server) bool {
	id, _ := k.vault.Identity()
	m, err := s.store.Manifest(context.Background(), id.Class)
	if err != nil {
		k.t.Fatal(err)
	}
	a := k.vault.Manifests().Active()
	return a != nil && a.ID == m.ID && len(k.vault.Blobs().Missing(a.Manifest)) == 0
}

func (k *kiosk) hasFault(part string) bool {
	return got(k, func() bool {
		return slices.ContainsFunc(k.faults, func(f string) bool { return strings.Contains(f, part) })
	})
}

// audit proves the kiosk's chains on s: every receipt is there once, each chain
// verifies under its key up to its signed head, and nothing else is there.
func audit(t testing.TB, s *server, kioskID string, receipts []vault.Receipt) {
	t.Helper()
	want := map[chain.ID]map[uint64]chain.Hash{}
	for _, r := range receipts {
		if want[r.Chain] == nil {
			want[r.Chain] = map[uint64]chain.Hash{}
		}
		want[r.Chain][r.Seq] = r.Hash
	}
	keys, err := s.store.KioskKeys(context.Background(), kioskID)
	if err != nil {
		t.Fatal(err)
	}
	all := 0
	for _, key := range keys {
		n, missing := prove(t, s, key.Chain, key.Key, want[key.Chain])
		if missing > 0 {
			t.Errorf("chain %s: %d records are stated lost", key.Chain, missing)
		}
		all += n
	}
	if all != len(receipts) {
		t.Errorf("%d ratings on the server, %d were given", all, len(receipts))
	}
}

// prove walks a chain as stored, with the domain's own verifier, and compares it
// with what the kiosk was given receipts for.
func prove(t testing.TB, s *server, c chain.ID, key ed25519.PublicKey, want map[uint64]chain.Hash) (records, missing int) {
	t.Helper()
	v := chain.NewVerifier(c, key)
	for item, err := range s.store.ChainItems(context.Background(), c, 1) {
		if err != nil {
			t.Fatal(err)
		}
		if item.Gap != nil {
			if err := v.Gap(*item.Gap); err != nil {
				t.Errorf("chain %s: %v", c, err)
			}
			g, err := chain.ParseGap(item.Gap.Bytes)
			if err != nil {
				t.Fatal(err)
			}
			missing += int(g.To - g.From + 1)
			continue
		}
		if err := v.Record(item.Record); err != nil {
			t.Errorf("chain %s: %v", c, err)
		}
		if h, ok := want[item.Seq]; ok && h != chain.HashOf(item.Record.Header) {
			t.Errorf("chain %s: record %d is not the one that was thanked for", c, item.Seq)
		} else if !ok && want != nil {
			t.Errorf("chain %s: record %d was never given", c, item.Seq)
		}
		records++
	}
	return records, missing
}
