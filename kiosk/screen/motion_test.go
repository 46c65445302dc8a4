package screen

import (
	"image"
	"image/color"
	"math"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hajimehoshi/ebiten/v2"
	"pgregory.net/rapid"

	"motcua/kiosk/player"
	"motcua/slides"
	"motcua/slides/raster"
	"motcua/slides/scene"
)

// flat is a plate of one colour.
func flat(w, h int, c color.Color) *plate {
	p := &plate{w: w, h: h, texture: newTexture(w, h), scene: &scene.Scene{W: w, H: h}}
	p.texture.tiles[0].img.Fill(c)
	return p
}

var (
	red  = color.RGBA{200, 0, 0, 255}
	blue = color.RGBA{0, 0, 200, 255}
)

// Pushed, the old picture leaves to the left and the new one follows it.
func TestPush(t *testing.T) {
	window(t)
	g := &New(Options{}).game
	g.from, g.now, g.show.Motion = flat(100, 4, red), flat(100, 4, blue), slides.Push
	for _, at := range []float64{0, 0.25, 0.5, 0.9, 1} {
		g.began = time.Now().Add(-time.Duration(at * float64(FadeFor)))
		img := g.read(100, 4)
		edge := 0
		for edge < 100 && img.RGBAAt(edge, 2) == red {
			edge++
		}
		for x := edge; x < 100; x++ {
			if c := img.RGBAAt(x, 2); c != blue {
				t.Fatalf("at %v pixel %d is %v after the edge at %d", at, x, c, edge)
			}
		}
		// Time goes on between the setting and the drawing, so that the edge may be further left.
		if want := 100 - math.Round(100*float64(ease(at))); float64(edge) > want+1 {
			t.Errorf("at %v the edge is at %d, want %v", at, edge, want)
		}
	}
}

func TestNoMotionNoTransition(t *testing.T) {
	window(t)
	for _, x := range []struct {
		still  bool
		motion slides.Motion
		moves  bool
	}{{false, "", true}, {false, slides.Fade, true}, {false, slides.Push, true}, {false, slides.NoMove, false}, {true, slides.Fade, false}, {true, slides.Push, false}} {
		g := &New(Options{Still: x.still}).game
		for i := range 2 {
			g.show = player.Show{Serial: uint64(i + 1), View: player.ViewLoop, Motion: x.motion}
			g.turn(&plate{w: 8, h: 8, scene: &scene.Scene{W: 8, H: 8}, pixels: pack(image.NewRGBA(image.Rect(0, 0, 8, 8)))})
		}
		if (g.from != nil) != x.moves {
			t.Errorf("%+v: in transition: %v", x, g.from != nil)
		}
	}
}

// panel is what would be on a panel, shifted and dimmed.
func panel(g *game, w, h int) *image.RGBA {
	dst := ebiten.NewImage(w, h)
	defer dst.Deallocate()
	g.compose(dst, w, h, g.shift(dst, w, h, ebiten.GeoM{}))
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	dst.ReadPixels(out.Pix)
	return out
}

func TestDimmedOnThePanelOnly(t *testing.T) {
	window(t)
	g := &New(Options{}).game
	g.now = flat(8, 8, color.RGBA{200, 100, 40, 255})
	g.show.Dim = 75
	if c := panel(g, 8, 8).RGBAAt(4, 4); c != (color.RGBA{50, 25, 10, 255}) {
		t.Errorf("a quarter of the light is %v", c)
	}
	if c := g.read(8, 8).RGBAAt(4, 4); c.R != 200 {
		t.Errorf("the screenshot is dark: %v", c)
	}
	g.show.Dim = player.Dark
	if c := panel(g, 8, 8).RGBAAt(4, 4); c != (color.RGBA{0, 0, 0, 255}) {
		t.Errorf("dark is %v", c)
	}
}

// The picture moves by at most two pixels each way and leaves no bare edge; at
// first it stands where it belongs.
func TestOrbit(t *testing.T) {
	window(t)
	seen := map[image.Point]bool{}
	for m := range 60 {
		up := time.Duration(m)*time.Minute + 30*time.Second
		dx, dy := orbit(up)
		if dx < -2 || dx > 2 || dy < -2 || dy > 2 || up < settleFor && (dx != 0 || dy != 0) {
			t.Fatalf("after %v it is shifted by %d,%d", up, dx, dy)
		}
		seen[image.Pt(dx, dy)] = true
		s := New(Options{})
		s.begun = time.Now().Add(-up)
		g := &s.game
		g.now = flat(32, 24, red)
		g.now.texture.tiles[0].img.SubImage(image.Rect(10, 10, 11, 11)).(*ebiten.Image).Fill(blue)
		img := panel(g, 32, 24)
		for y := range 24 {
			for x := range 32 {
				want := red
				if x == 10+dx && y == 10+dy {
					want = blue
				}
				if c := img.RGBAAt(x, y); c != want {
					t.Fatalf("shifted by %d,%d pixel %d,%d is %v", dx, dy, x, y, c)
				}
			}
		}
	}
	if len(seen) < 8 {
		t.Errorf("the picture stays at %v", seen)
	}
}

func TestEdgesAreTheBareOnes(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w, h := rapid.IntRange(6, 30).Draw(rt, "w"), rapid.IntRange(6, 30).Draw(rt, "h")
		dx, dy := rapid.IntRange(-3, 3).Draw(rt, "dx"), rapid.IntRange(-3, 3).Draw(rt, "dy")
		moved := image.Rect(0, 0, w, h).Add(image.Pt(dx, dy))
		for y := range h {
			for x := range w {
				n := 0
				for _, r := range edges(w, h, dx, dy) {
					if (image.Point{x, y}).In(r) {
						n++
					}
				}
				if p := (image.Point{x, y}); p.In(moved) == (n == 1) || n > 1 {
					rt.Fatalf("pixel %v is in %d edges", p, n)
				}
			}
		}
	})
}

// news is a paper plate with a ticker.
func news(t *testing.T, w, h int) *plate {
	t.Helper()
	f := testFaces(t)
	p := &plate{w: w, h: h, shown: map[string]string{}}
	p.scene = scene.Compose(scene.Frame{Lang: "vi", Ticker: true, Hint: true, Unit: slides.Vi("Sở")}, w, h, f, func(c *scene.Canvas) { c.Chrome(scene.Paper, "Chủ đề") })
	p.pixels = pack(raster.Draw(p.scene, nil))
	return p
}

// The news line turns pages until frames are known to be cheap, then scrolls by
// parts of a pixel, within its slot, and turns pages again where it got dear.
func TestTickerScrollsWhereFramesAreCheap(t *testing.T) {
	window(t)
	const w, h = 640, 360
	s := New(Options{})
	g := &s.game
	p := news(t, w, h)
	lines := []string{"Từ ngày 01/7 nhận hồ sơ cả sáng thứ Bảy", "Dịch vụ công trực tuyến: nộp hồ sơ mọi lúc, mọi nơi"}
	g.show = player.Show{Serial: 1, View: player.ViewLoop, Live: player.Live{Time: time.Unix(1_790_000_000, 0), News: lines}}
	g.turn(p)
	slot, _ := p.scene.Slot(scene.SlotTicker)
	at := func(after time.Duration) *image.RGBA {
		g.roll.began = time.Now().Add(-after)
		g.live(p)
		g.scroll()
		return g.read(w, h)
	}
	if g.pages(p) == nil || len(g.roll.parts) > 0 {
		t.Fatal("it scrolls before a frame was measured")
	}
	page := at(0)
	g.cost.frame = time.Millisecond
	first := at(0)
	if len(g.roll.parts) != 2 || g.roll.total < 100 {
		t.Fatalf("%d lines, %v wide", len(g.roll.parts), g.roll.total)
	}
	b := raster.Bounds(slot.Rect)
	under := p.pixels.part(b)
	ink := func(img *image.RGBA) (n int) {
		for y := b.Min.Y; y < b.Max.Y; y++ {
			for x := b.Min.X; x < b.Max.X; x++ {
				if d := int(under.RGBAAt(x, y).G) - int(img.RGBAAt(x, y).G); d > 40 {
					n++
				}
			}
		}
		return n
	}
	if n := ink(first); n < 100 {
		t.Fatalf("only %d pixels of ink", n)
	}
	later := at(700 * time.Millisecond)
	if x, y, same := differ(first, later, 2); same {
		t.Error("it stands still")
	} else if !(image.Point{x, y}).In(b) {
		t.Errorf("it moves outside of its slot at %d,%d", x, y)
	}
	// Beside the slot nothing has changed but what is there without news.
	for y := range h {
		for x := range w {
			if a, c := page.RGBAAt(x, y), later.RGBAAt(x, y); a != c && !(image.Point{x, y}).In(b) {
				t.Fatalf("pixel %d,%d outside of the slot went from %v to %v", x, y, a, c)
			}
		}
	}
	// It comes round without a gap wider than the slot, whatever the moment.
	for after := time.Duration(0); after < time.Duration(g.roll.total/(rollSpeed*float64(slot.Unit))*1e9); after += 300 * time.Millisecond {
		if ink(at(after)) == 0 {
			t.Fatalf("after %v the line is empty", after)
		}
	}
	g.cost.roll.dear = 3
	g.live(p)
	if g.pages(p) == nil {
		t.Error("it scrolls though it is dear")
	}
	if x, y, same := differ(g.read(w, h), page, 0); !same {
		t.Errorf("the page is not back at %d,%d", x, y)
	}
}

func TestDearScrollingEnds(t *testing.T) {
	c := costs{frame: time.Millisecond}
	for range 4 * rollFrames {
		spin := processorTime()
		for processorTime()-spin < softwareFrame+time.Millisecond {
		}
		c.rolled()
		if !c.rolls() {
			return
		}
	}
	t.Error("frames of 5 ms of processor go on for ever")
}

// A film runs in its place over the poster, its corners round, its subtitle
// below; it stops under a finger and with its slide.
func TestFilm(t *testing.T) {
	window(t)
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		t.Skip("no ffmpeg here: apt-get install ffmpeg")
	}
	file := filepath.Join(t.TempDir(), "a.mp4")
	if b, err := exec.Command("ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", "color=c=0x20C040:size=320x180:rate=25:duration=3", "-pix_fmt", "yuv420p", file).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, b)
	}
	c := content(t)
	const w, h = 640, 360
	s := New(Options{Faces: testFaces(t), Image: photo, Film: func(string) (string, error) { return file, nil }, Fault: func(where, text string) { t.Errorf("%s: %s", where, text) }})
	s.game.resize(w, h)
	st := player.New(player.Place{Kiosk: "k"}, player.Clock{})
	now := player.Now{Wall: slides.At(time.Date(2026, 3, 20, 2, 41, 0, 0, time.UTC))}
	st, _ = player.Next(st, now, player.ContentReady{Content: c, Now: true})
	for range 2 * len(c.Slides) {
		if st.Show().Still.Film != nil {
			break
		}
		now.Mono += 10 * time.Second
		now.Wall += 10_000
		st, _ = player.Next(st, now, player.Tick{})
	}
	show := st.Show()
	if show.Still.Film == nil {
		t.Fatal("no slide with a film")
	}
	g := &s.game
	step := func() {
		s.Set(show)
		for j, ok := s.next(); ok; j, ok = s.next() {
			s.done <- s.drawPlate(j)
			g.receive()
		}
		g.show = show
		g.turn(g.plates[plateKey(show.Still.Key, w, h, 0)])
		g.play()
		g.live(g.now)
	}
	step()
	slot, ok := g.now.scene.Slot(scene.SlotFilm)
	if !ok {
		t.Fatal("no place for the film")
	}
	b := raster.Bounds(slot.Rect)
	poster := g.read(w, h)
	for end := time.Now().Add(20 * time.Second); !g.film.seen; step() {
		if time.Now().After(end) {
			t.Fatal("no frame")
		}
		time.Sleep(5 * time.Millisecond)
	}
	img := g.read(w, h)
	if c := img.RGBAAt((b.Min.X+b.Max.X)/2, (b.Min.Y+b.Max.Y)/2); c.G < 150 || c.R > 80 {
		t.Errorf("in the film's middle is %v", c)
	}
	if img.RGBAAt(b.Min.X, b.Min.Y) != poster.RGBAAt(b.Min.X, b.Min.Y) {
		t.Errorf("its corner is %v", img.RGBAAt(b.Min.X, b.Min.Y))
	}
	if l := g.now.shown[scene.SlotLine]; !strings.Contains(l, "VNeID") {
		t.Errorf("the subtitle is %q", l)
	}
	// Under a finger nothing moves.
	g.pen.down = true
	at := g.film.at
	for end := time.Now().Add(300 * time.Millisecond); time.Now().Before(end); step() {
		time.Sleep(10 * time.Millisecond)
	}
	if g.film.at != at {
		t.Error("a frame was drawn while a finger was down")
	}
	g.pen.down = false
	// Another picture ends it.
	reel := g.film.reel
	for show.Still.Film != nil {
		now.Mono += time.Second
		now.Wall += 1000
		st, _ = player.Next(st, now, player.Tick{})
		show = st.Show()
	}
	step()
	select {
	case <-reel.Done():
	case <-time.After(20 * time.Second):
		t.Fatal("the decoder goes on")
	}
	if g.from == nil || !g.film.seen {
		t.Error("the film's last frame does not fade out")
	}
	g.began = time.Now().Add(-FadeFor)
	g.fade()
	step()
	if g.film.on != nil || g.film.texture != nil {
		t.Error("the film's texture stays")
	}
}

// Where a film can't be played its poster stands, and that is told.
func TestNoDecoder(t *testing.T) {
	window(t)
	told := make(chan string, 1)
	s := New(Options{Decoder: "there-is-no-such-decoder", Film: func(string) (string, error) { return "", exec.ErrNotFound }, Fault: func(where, text string) { told <- where }})
	g := &s.game
	g.now = flat(64, 36, red)
	g.now.still.Film = &player.Film{Blob: "abc"}
	g.now.scene.Slots = []scene.Slot{{Name: scene.SlotFilm, Rect: scene.Rect{X: 8, Y: 8, W: 32, H: 18}}}
	g.play()
	if w := <-told; w != "blob:abc" {
		t.Errorf("told of %s", w)
	}
	<-g.film.reel.Done()
	if g.film.stop(); g.playable("abc") {
		t.Error("it is tried again at once")
	}
	if c := g.read(64, 36).RGBAAt(20, 20); c != red {
		t.Errorf("the poster is %v", c)
	}
}
