package main

import (
	"context"
	"fmt"
	"image"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"motcua/kiosk/player"
	"motcua/kiosk/screen"
	"motcua/kiosk/vault"
	"motcua/kiosk/voice"
	"motcua/slides"
	"motcua/slides/scene"
	"motcua/slides/survey"
	"motcua/slides/wire"
)

// Kiosk owns the vault, the player and the screen of one terminal and carries
// out what the player asks for. All its methods may be called from any
// goroutine; none but Screenshot waits for anything slow.
type Kiosk struct {
	vault    *vault.Vault
	screen   *screen.Screen
	log      *slog.Logger
	program  string
	begun    time.Time
	faces    *faceBook
	album    *album
	desk     invitations
	dossiers *dossiers
	voice    *voice.Voice

	// Static after construction; may be nil.
	saved   func() // something is in an outbox: the link may send it
	missing func() // a blob is not there: the link may fetch it

	queue  queue
	saves  chan save    // to the one that waits for the disk
	chores chan func()  // other disk work, in order
	lit    chan bool    // the newest wish for the display
	beat   atomic.Int64 // begun plus how much, ns: the player's last turn

	safe bool // static: safe mode

	mu     sync.Mutex
	now    player.State // guarded by mu; the loop's newest
	faults []wire.Fault // guarded by mu; newest last, at most wire.MaxFaults
	again  bool         // guarded by mu; restart was asked for
	ladder ladder       // guarded by mu; what it has done to help itself
}

// NewKiosk makes a terminal on an open vault. Start what Run starts.
func NewKiosk(v *vault.Vault, o screen.Options, program string, log *slog.Logger) *Kiosk {
	k := &Kiosk{
		vault: v, log: log, program: program, begun: time.Now(), queue: queue{ready: make(chan struct{}, 1)},
		saves: make(chan save, 8), chores: make(chan func(), 256), lit: make(chan bool, 1),
		saved: func() {}, missing: func() {},
	}
	k.dossiers = openDossiers(v)
	k.voice = voice.New(func(blob string) { k.Post(player.Spoken{Blob: blob}) }, func(err error) { k.Fault("voice", err.Error()) })
	k.faces = &faceBook{blob: v.Blobs().Get}
	k.album = &album{blob: v.Blobs().Get, missing: func() { k.missing() }}
	o.Image = k.album.picture
	o.Film = k.film
	o.Fault = k.Fault
	o.Touched = func(t player.Touch) { k.Post(t) }
	o.Held = func(h player.Held) { k.Post(h) }
	o.Typed = func(t player.Key) { k.Post(t) }
	o.Failed = func(f player.SlideFailed) { k.Post(f) }
	o.Answered = func(v player.View, d time.Duration) {
		st := k.screen.Stats()
		log.Debug("answered", "view", v, "ms", d.Milliseconds(), "drawn", st.Frames, "presented", st.Presented)
	}
	k.screen = screen.New(o)
	return k
}

// Run keeps the kiosk going until ctx ends. The screen's own Run, on the main
// goroutine, is the caller's.
func (k *Kiosk) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return k.loop(ctx) })
	g.Go(func() error { return k.store(ctx) })
	g.Go(func() error { return k.work(ctx) })
	g.Go(func() error { return k.voice.Run(ctx) })
	return g.Wait()
}

// Post hands an event to the player. Events are never dropped and keep their order.
func (k *Kiosk) Post(e player.Event) { k.queue.add(e) }

// loop is the player: the only goroutine that changes its state.
func (k *Kiosk) loop(ctx context.Context) error {
	st := player.New(k.place(), k.clock())
	st.Dossiers, st.Voices = k.dossiers.known(), voice.Types()
	k.sayAgain()
	t := time.NewTimer(0)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-k.queue.ready:
		case <-t.C:
		}
		events := k.queue.take()
		if len(events) == 0 {
			events = []player.Event{player.Tick{}}
		}
		for _, e := range events {
			var todo []player.Effect
			st, todo = player.Next(st, k.moment(), e)
			for _, f := range todo {
				k.carryOut(f, &st)
			}
		}
		k.mu.Lock()
		k.now = st
		k.mu.Unlock()
		k.screen.Set(st.Show())
		k.beat.Store(int64(time.Since(k.begun)))
		t.Reset(st.Wake())
	}
}

func (k *Kiosk) moment() player.Now {
	now := time.Now()
	return player.Now{Mono: now.Sub(k.begun), Wall: slides.At(now)}
}

// carryOut starts what the player asks for; nothing here waits for the disk.
func (k *Kiosk) carryOut(e player.Effect, st *player.State) {
	switch e := e.(type) {
	case player.SaveRating:
		k.save(save{id: e.ID, what: "rating", do: func() (string, error) { return "", k.append(e) }, then: func() { k.rated(e) }})
	case player.SaveLetter:
		k.save(save{id: e.ID, what: "letter", do: func() (string, error) { return k.appendLetter(e) }, then: func() {}})
	case player.MakePass:
		if key, ok := k.vault.Key(); ok {
			k.Post(player.PassMade{To: e.To, Pass: wire.NewPass(key, e.To, st.Clock.Now())})
		}
	case player.Speak:
		k.voice.Play(voice.Recording{Blob: e.Blob, Type: e.Type, File: func() (string, error) { return k.vault.Blobs().File(e.Blob) }})
	case player.Hush:
		k.voice.Hush()
	case player.Activated:
		k.screen.SetFaces(k.faces.of(e.ID))
		k.do(func() { k.flip(e.ID) })
	case player.Played:
		k.do(func() {
			if err := k.vault.Plays().Add(wire.Play{Slide: e.Slide, Blob: e.Blob, From: e.From, Until: e.Until}); err != nil {
				k.Fault("plays", err.Error())
			}
		})
	case player.Voted:
		k.do(func() {
			p := wire.Play{Slide: e.Slide, Blob: e.Blob, Procedure: e.Procedure, From: e.At, Until: e.At}
			if e.Useful {
				p.Yes = 1
			} else {
				p.No = 1
			}
			if err := k.vault.Plays().Add(p); err != nil {
				k.Fault("plays", err.Error())
			}
		})
	case player.Display:
		select { // only the newest wish counts
		case <-k.lit:
		default:
		}
		k.lit <- e.On
	case player.Report:
		k.Fault(e.Fault.Where, e.Fault.Text)
	case player.InviteAnswered:
		k.desk.answered(e)
	case player.KeepTime:
		trusted := st.Clock.Quality() == survey.Synced
		k.do(func() { k.keepTime(e, trusted) })
	}
}

// do queues disk work that nobody waits for. When the disk is so slow that the
// queue is full, the work is dropped: only plays and times stand in it often.
func (k *Kiosk) do(f func()) {
	select {
	case k.chores <- f:
	default:
		k.Fault("vault", "the disk is too slow: work was dropped")
	}
}

func (k *Kiosk) work(ctx context.Context) error {
	for {
		select {
		case f := <-k.chores:
			f()
		case <-ctx.Done():
			for {
				select {
				case f := <-k.chores:
					f()
				default:
					return nil
				}
			}
		}
	}
}

func (k *Kiosk) flip(id string) {
	p := k.vault.Manifests().Pending()
	if p == nil || p.ID != id {
		return // it was active before, or a newer one has come: that one flips later
	}
	if _, err := k.vault.Manifests().Flip(); err != nil {
		k.Fault("manifest:"+id, err.Error())
	}
}

// Start shows what the vault has: the active manifest, else the one before; in
// safe mode the other way round.
func (k *Kiosk) Start() {
	active, previous := k.vault.Manifests().Active(), k.vault.Manifests().Previous()
	if k.safe { // what is on the air now may be what does not run
		active, previous = previous, active
	}
	for _, m := range []*vault.Manifest{active, previous} {
		if m != nil && k.load(m, true) {
			return
		}
	}
	if m := k.vault.Manifests().Pending(); m != nil && len(k.vault.Blobs().Missing(m.Manifest)) == 0 && k.load(m, true) {
		return
	}
	// Nothing to show yet: the pairing's own screens need fonts all the same.
	faces, err := k.faces.embedded()
	if err != nil {
		k.Fault("fonts", err.Error())
		return
	}
	k.screen.SetFaces(faces)
}

// ApplyManifest takes the vault's pending manifest, whose blobs are all there,
// to the player: at the next slide's boundary, or at once.
func (k *Kiosk) ApplyManifest(flip slides.Flip) {
	if m := k.vault.Manifests().Pending(); m != nil {
		k.load(m, flip == slides.AtOnce)
	}
}

// Reload reads the active manifest and its blobs anew: after a missing blob has
// come back, or when staff ask for it.
func (k *Kiosk) Reload() {
	if m := k.vault.Manifests().Active(); m != nil {
		k.album.empty()
		k.load(m, true)
	}
}

// load reads a manifest's content and hands it to the player; false means that
// it can't be shown at all.
func (k *Kiosk) load(m *vault.Manifest, now bool) bool {
	return k.present(m.Bytes, now)
}

func (k *Kiosk) present(manifest []byte, now bool) bool {
	c, faults, err := player.Load(manifest, k.vault.Blobs().Get)
	for _, f := range faults {
		k.Fault(f.Where, f.Text)
	}
	if len(faults) > 0 {
		k.missing()
	}
	if err != nil {
		k.Fault("manifest", err.Error())
		return false
	}
	if err := k.faces.learn(c); err != nil {
		k.Fault("fonts", err.Error())
	}
	k.Post(player.ContentReady{Content: c, Now: now})
	return true
}

// ApplySettings takes what is this kiosk's own.
func (k *Kiosk) ApplySettings(s wire.Settings) { k.Post(player.PlaceChanged{Place: placeOf(s)}) }

// Learn takes the server's time: offset is what to add to the system's clock.
func (k *Kiosk) Learn(offset time.Duration) {
	k.Post(player.TimeLearnt{Server: slides.At(time.Now().Add(offset))})
}

// Notice puts a sentence on the screen for staff (unpaired, version); nil takes it away.
func (k *Kiosk) Notice(t slides.Text) { k.Post(player.NoticeChanged{Notice: t}) }

// Pairing shows how a pairing stands; nil: it is over.
func (k *Kiosk) Pairing(p *player.Pairing) { k.Post(player.PairingChanged{Pairing: p}) }

// Restart ends the program with ErrRestart, for its supervisor to start again.
func (k *Kiosk) Restart() {
	k.mu.Lock()
	k.again = true
	k.mu.Unlock()
	k.screen.Stop()
}

// Screenshot is what is on the screen, read back from it.
func (k *Kiosk) Screenshot(ctx context.Context) (*image.RGBA, error) { return k.screen.Screenshot(ctx) }

// program names this build in hello and health.
func program() string {
	return fmt.Sprintf("motcua-kiosk %s %s/%s", version, runtime.GOOS, runtime.GOARCH)
}

// version is set by the Makefile (-ldflags -X).
var version = "dev"

// faceBook parses fonts: those of a manifest, or the embedded ones.
type faceBook struct {
	blob func(sha string) ([]byte, error)

	mu       sync.Mutex
	own      *scene.Faces            // guarded by mu
	ownSums  map[scene.Weight]string // guarded by mu
	contents map[string]*scene.Faces // guarded by mu; by content id, at most two
	order    []string
}
