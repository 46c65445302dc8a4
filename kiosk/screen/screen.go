package screen

import (
	"context"
	"errors"
	"image"
	"image/color"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hajimehoshi/ebiten/v2"

	"motcua/kiosk/film"
	"motcua/kiosk/player"
	"motcua/slides/scene"
)

// FadeFor is the length of a cross-fade between slides.
const FadeFor = 400 * time.Millisecond

// Options of a screen. Static after New.
type Options struct {
	Title    string
	Windowed bool // a window that can be closed; else full screen, without cursor, closing swallowed
	W, H     int  // size of the window; 0: 1280×720
	// Expect is the size in pixels that the picture had when the program last ran:
	// the first one is drawn for it while the window is still being opened. 0: none.
	Expect image.Point
	// Upright turns the picture a quarter to the right on a full screen that is
	// wider than high: a panel mounted on its side whose system does not know it.
	Upright bool
	// Still turns off all motion: fades, films, the scrolling line (reduced motion).
	Still bool
	// Faces is what scenes are written with; nil is allowed until SetFaces.
	Faces *scene.Faces
	// Image decodes a picture for a screen of w×h pixels; called on the painter's goroutine.
	Image func(sha string, w, h int) (image.Image, error)
	// Film finds the file of a video; called on a goroutine of its own. Nil: posters only.
	Film    func(sha string) (path string, err error)
	Decoder string // of videos; "": ffmpeg
	// Refit is called when the monitor has another size than the window, which
	// only a new start can mend; nil: the window stays.
	Refit func()
	// Fault is called when something went wrong and was gone round; it must not block.
	Fault func(where, text string)
	// Touched is called on the game's goroutine and must not block.
	Touched func(player.Touch)
	// Held is called when a finger has stayed on a target, Typed with what a
	// keyboard or a scanner types; both on the game's goroutine, and must not block.
	Held  func(player.Held)
	Typed func(player.Key)
	// Failed is called when a slide can't be drawn; it must not block.
	Failed func(player.SlideFailed)
	// Answered is called when the picture that a touch led to has been presented:
	// after is the time since the finger was lifted. It must not block.
	Answered func(view player.View, after time.Duration)
	// Resized is called with each new size in pixels; it must not block.
	Resized func(w, h int)
}

// Stats is what a screen has done so far.
type Stats struct {
	Frames     int64 // drawn since start
	Presented  int64 // likewise, put on the window; more than drawn is waste, see LayoutF
	W, H       int   // pixels
	Slide      string
	SlideSince time.Time
	First      time.Time // when the first picture was presented; zero: not yet
	FirstSlide time.Time // when the first slide of content was presented; zero: not yet
	FrameCost  time.Duration
	Plates     int // pictures kept ready
}

// Screen is the window.
type Screen struct {
	o     Options
	begun time.Time
	stop  atomic.Bool

	mu         sync.Mutex
	show       player.Show // guarded by mu
	faces      *scene.Faces
	epoch      int // guarded by mu; rises when faces change: older plates are void
	w, h       int // guarded by mu; size in pixels, 0 before the first layout
	stats      Stats
	up         changing             // guarded by mu; what the last frame showed
	asked      []chan *image.RGBA   // guarded by mu; waiting screenshots
	owed       time.Time            // guarded by mu; since when something should look different; zero: nothing
	reels      map[*film.Reel]bool  // guarded by mu; films whose decoders are not gone yet
	unplayable map[string]time.Time // guarded by mu; films that could not be played, and when
	have       map[string]holding   // guarded by mu; by plate key
	wanted     chan struct{}        // tells the painter that show, faces or size changed
	done       chan *plate          // from the painter, to be uploaded

	game game // owned by the game's goroutine
}

// New prepares a screen; Run opens it.
func New(o Options) *Screen {
	if o.W <= 0 || o.H <= 0 {
		o.W, o.H = 1280, 720
	}
	s := &Screen{o: o, begun: time.Now(), unplayable: map[string]time.Time{}, reels: map[*film.Reel]bool{}, faces: o.Faces, have: map[string]holding{}, wanted: make(chan struct{}, 1), done: make(chan *plate, 4)}
	s.w, s.h = o.Expect.X, o.Expect.Y
	s.game = game{s: s, plates: map[string]*plate{}}
	return s
}

// Set says what the screen should look like from now on. A frame is made only
// if it would look different.
func (s *Screen) Set(show player.Show) {
	s.mu.Lock()
	old := s.show
	s.show = show
	paint := old.Serial == 0 || !slices.EqualFunc(stills(old), stills(show), func(a, b player.Still) bool { return a.Key == b.Key })
	frame := paint || old.Serial != show.Serial || old.Dim != show.Dim || s.up.differs(show.Live)
	if frame && s.owed.IsZero() && s.faces != nil {
		s.owed = time.Now()
	}
	s.mu.Unlock()
	if paint {
		s.wake()
	}
	if frame {
		scheduleFrame()
	}
}

// stills lists the pictures to have, the one for now first.
func stills(s player.Show) []player.Still {
	return append([]player.Still{s.Still}, s.Prepare[:min(len(s.Prepare), maxPrepared)]...)
}

// changing is what the picture on screen shows in its slots.
type changing struct {
	keys  map[string]string // by slot; read only
	pages []string
	steps int
}

func (c changing) differs(l player.Live) bool {
	for slot, key := range c.keys {
		if l.Key(slot, c.pages, c.steps) != key {
			return true
		}
	}
	return false
}

// SetFaces changes the fonts; every picture is drawn anew.
func (s *Screen) SetFaces(f *scene.Faces) {
	s.mu.Lock()
	s.faces = f
	s.epoch++
	s.mu.Unlock()
	s.wake()
	scheduleFrame()
}

// wake tells the painter to look again; it never blocks.
func (s *Screen) wake() {
	select {
	case s.wanted <- struct{}{}:
	default:
	}
}

// Owed is for how long something should have looked different and has not.
func (s *Screen) Owed() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.owed.IsZero() {
		return 0
	}
	return time.Since(s.owed)
}

// Stop makes Run return.
func (s *Screen) Stop() {
	s.stop.Store(true)
	scheduleFrame()
}

// Stats is what the screen has done so far.
func (s *Screen) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stats
}

// Screenshot reads back what is on the screen; a cross-fade is let finish. It
// waits for a frame; ctx bounds the wait. The image is shared: read only.
func (s *Screen) Screenshot(ctx context.Context) (*image.RGBA, error) {
	ch := make(chan *image.RGBA, 1)
	s.mu.Lock()
	s.asked = append(s.asked, ch)
	s.mu.Unlock()
	scheduleFrame()
	select {
	case img := <-ch:
		return img, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Run opens the window and shows until Stop, or, windowed, until it is closed.
// It must be called on the main goroutine, once.
func (s *Screen) Run() error {
	ebiten.SetWindowTitle(s.o.Title)
	ebiten.SetWindowSize(s.o.W, s.o.H)
	ebiten.SetRunnableOnUnfocused(true)
	ebiten.SetScreenClearedEveryFrame(false)
	// One Update a frame: at a fixed rate, a frame that is scheduled within 16 ms
	// of the last one would have none, and a touch would wait for the next frame.
	ebiten.SetTPS(ebiten.SyncWithFPS)
	// Deprecated by ebiten but measured best for a mostly still picture; see frames.go.
	//lint:ignore SA1019 there is no other way to make frames only when asked
	ebiten.SetFPSMode(ebiten.FPSModeVsyncOffMinimum)
	if s.o.Windowed {
		ebiten.SetWindowResizingMode(ebiten.WindowResizingModeEnabled)
	} else {
		ebiten.SetFullscreen(true)
		ebiten.SetWindowDecorated(false)
		ebiten.SetCursorMode(ebiten.CursorModeHidden)
		ebiten.SetWindowClosingHandled(true) // nobody closes a kiosk by accident
	}
	ctx, cancel := context.WithCancel(context.Background())
	var painting sync.WaitGroup
	painting.Go(func() { s.paint(ctx) })
	err := ebiten.RunGameWithOptions(&s.game, &ebiten.RunGameOptions{X11ClassName: "motcua-kiosk", X11InstanceName: "motcua-kiosk"})
	cancel()
	painting.Wait()
	s.Release()
	if errors.Is(err, ebiten.Termination) {
		return nil
	}
	return err
}

// ground is what shows before the first picture is there.
var ground = color.RGBA{0xFF, 0xFA, 0xF2, 0xFF}
