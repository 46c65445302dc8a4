package screen

import (
	"image"
	"maps"
	"math"
	"strings"
	"time"

	"github.com/hajimehoshi/ebiten/v2"

	"motcua/kiosk/player"
	"motcua/slides/scene"
)

// game is the ebiten side. All of it belongs to the game's goroutine.
type game struct {
	s      *Screen
	plates map[string]*plate
	now    *plate // on screen; nil before the first
	from   *plate // fading out; nil otherwise
	next   *plate // uploaded ahead; nil otherwise
	began  time.Time
	strip  []byte   // for uploads
	spare  *texture // the second texture, while it is not used
	serial uint64   // of the Show that now belongs to
	show   player.Show
	epoch  int
	pen    pointer
	press  *mark
	focus  focus
	redraw bool
	odd    bool      // changes with each frame that is drawn, see LayoutF
	fresh  bool      // another picture is up than in the last frame
	gone   time.Time // when the finger was lifted
	lifted time.Time // likewise, of a touch that meant something; zero once the answer is on its way
	answer time.Time // lifted, from the frame that shows the answer until it was presented
	turned bool      // the picture is drawn a quarter to the right
	blank  *texture
	cost   costs
	film   showing
	roll   roll
	refit  refit
	// reading is set while the picture is drawn for a screenshot.
	reading bool
	typed   []rune // of keys, its memory used again
}

// coarse is how many pixels of the screen one of ebiten's own image covers each
// way. That image is never seen, it only carries touches: at full size it would
// take another 8 MB, and four pixels are fine enough for a finger.
const coarse = 4

// LayoutF learns the screen's size in pixels. It tells ebiten one of two sizes
// that differ by a thousandth of a pixel, which ebiten rounds up, in turn after
// each frame that was drawn: after a change ebiten presents three more frames
// in which nothing has changed, the whole screen each (35 ms of processor time
// on software GL, just while a citizen waits), but none of an image that is new
// and not drawn on yet.
func (g *game) LayoutF(w, h float64) (float64, float64) {
	k := 1.0
	if m := ebiten.Monitor(); m != nil {
		k = m.DeviceScaleFactor()
	}
	g.refit.w, g.refit.h = w, h
	pw, ph := max(1, math.Round(w*k)), max(1, math.Round(h*k))
	if g.turned = g.s.o.Upright && !g.s.o.Windowed && pw > ph; g.turned {
		g.resize(int(ph), int(pw))
	} else {
		g.resize(int(pw), int(ph))
	}
	lw, lh := max(1, math.Floor(pw/coarse)), max(1, math.Floor(ph/coarse))
	if g.odd {
		lw += 0.001
	}
	return lw, lh
}

// Layout is not called: ebiten prefers LayoutF.
func (g *game) Layout(w, h int) (int, int) { return w, h }

func (g *game) resize(w, h int) {
	s := g.s
	s.mu.Lock()
	same := s.w == w && s.h == h
	s.w, s.h = w, h
	s.stats.W, s.stats.H = w, h
	s.mu.Unlock()
	if same {
		return
	}
	g.redraw = true
	s.wake()
	if s.o.Resized != nil {
		s.o.Resized(w, h)
	}
}

// Update takes what has come in since the last frame. It is called once a
// frame, and a frame is made only when one was scheduled or something touched.
func (g *game) Update() error {
	s := g.s
	if s.stop.Load() || s.o.Windowed && ebiten.IsWindowBeingClosed() {
		return ebiten.Termination
	}
	if m := ebiten.Monitor(); m != nil && !s.o.Windowed && s.o.Refit != nil {
		if mw, mh := m.Size(); g.refit.due(time.Now(), mw, mh) {
			s.o.Refit()
		}
	}
	if !g.answer.IsZero() { // the frame before this one was presented
		if s.o.Answered != nil {
			s.o.Answered(g.show.View, time.Since(g.answer))
		}
		g.answer = time.Time{}
	}
	s.mu.Lock()
	g.redraw = g.redraw || g.show.Dim != s.show.Dim
	g.show, g.epoch = s.show, s.epoch
	w, h := s.w, s.h
	s.mu.Unlock()
	g.receive()
	if g.show.Serial != 0 {
		g.turn(g.plates[plateKey(g.show.Still.Key, w, h, g.epoch)])
		g.drop(w, h)
		g.ahead(w, h)
	}
	g.play()
	if g.now != nil {
		g.live(g.now)
		s.mu.Lock()
		s.up = changing{keys: maps.Clone(g.now.shown), pages: g.pages(g.now), steps: g.steps(g.now)}
		delete(s.up.keys, scene.SlotLine) // the film's own business
		s.mu.Unlock()
	}
	g.fade()
	g.scroll()
	g.touches()
	g.keys()
	g.release()
	g.shots(w, h)
	return nil
}

// shots answers those who want to see the screen; a cross-fade, which uses both
// textures, is let finish first.
func (g *game) shots(w, h int) {
	if g.from != nil {
		return
	}
	g.s.mu.Lock()
	asked := g.s.asked
	g.s.asked = nil
	g.s.mu.Unlock()
	if len(asked) == 0 {
		return
	}
	img := g.read(w, h)
	for _, ch := range asked {
		ch <- img
	}
}

// receive takes over what the painter has finished.
func (g *game) receive() {
	for {
		select {
		case p := <-g.s.done:
			if p.err != nil {
				continue // told; the player will ask for another one
			}
			g.plates[p.key] = p
			g.s.mu.Lock()
			g.s.have[p.key] = held
			g.s.mu.Unlock()
		default:
			return
		}
	}
}

// turn shows plate p, if it is there and not up already.
func (g *game) turn(p *plate) {
	if p == nil {
		return
	}
	if p == g.now {
		g.serial = g.show.Serial
		if g.show.Focus && !g.focus.on {
			g.focus.follow(g)
		}
		return
	}
	if g.from != nil && g.from != p {
		g.free(g.from)
		g.from = nil
	}
	g.fresh = true
	if p == g.next {
		g.next = nil
	}
	g.upload(p)
	g.live(p) // before it is seen
	old := g.now
	g.now, g.serial, g.press = p, g.show.Serial, g.press.drop()
	g.redraw = true
	g.focus.follow(g)
	g.from = nil
	if old != nil && g.show.View == player.ViewLoop && g.moves() && old.w == p.w && old.h == p.h {
		g.from, g.began = old, time.Now()
		g.cost.begin()
	} else if old != nil {
		g.free(old)
	}
	st := &g.s.stats
	g.s.mu.Lock()
	st.Slide, st.SlideSince = p.still.Slide, time.Now()
	g.s.mu.Unlock()
}

// ahead uploads the likeliest next picture into the second texture while that
// is not used: the slide after this one, or thanks while a citizen chooses.
func (g *game) ahead(w, h int) {
	if g.fresh || g.from != nil || g.now == nil || len(g.show.Prepare) == 0 {
		return // never in the frame that a citizen waits for
	}
	first := g.show.Prepare[0]
	if g.show.View == player.ViewLoop && first.Slide == "" {
		return // a citizen may come or not: 8 MB are better left alone
	}
	p := g.plates[plateKey(first.Key, w, h, g.epoch)]
	if p == nil || p == g.now || p == g.next {
		return
	}
	g.upload(p)
	g.next = p
}

// drop forgets the plates that are not wanted; one that is up keeps its texture
// until it has left the screen.
func (g *game) drop(w, h int) {
	keep := map[string]bool{}
	for _, st := range stills(g.show) {
		keep[plateKey(st.Key, w, h, g.epoch)] = true
	}
	g.s.mu.Lock()
	defer g.s.mu.Unlock()
	for k := range g.plates {
		if !keep[k] {
			delete(g.plates, k)
			delete(g.s.have, k)
			g.s.wake() // it may be wanted again by now
		}
	}
	g.s.stats.Plates = len(g.plates)
}

// live brings the changing parts of p up to date.
func (g *game) live(p *plate) {
	if news := strings.Join(g.show.Live.News, "\x00"); news != p.news || p.pages == nil {
		p.news = news
		p.pages = append([]string{}, p.scene.TickerPages(g.show.Live.News)...)
	}
	steps, pages := g.steps(p), g.pages(p)
	for _, slot := range p.scene.Slots {
		key := g.show.Live.Key(slot.Name, pages, steps)
		if old, ok := p.shown[slot.Name]; ok && old == key {
			continue
		}
		p.shown[slot.Name] = key
		if img := p.patch(slot.Name, pages, g.show.Live); img != nil {
			p.texture.write(img.Rect, img.Pix)
			g.redraw = true
		}
	}
}

// steps is how many positions the progress bar has: whole pixels, but few on
// software GL, where every frame is dear.
func (g *game) steps(p *plate) int {
	if g.cost.software() {
		return softwareSteps
	}
	return p.w
}

// fade ends a cross-fade that has lasted long enough.
func (g *game) fade() {
	if g.from == nil {
		return
	}
	g.redraw = true
	if time.Since(g.began) >= FadeFor {
		g.free(g.from)
		g.from = nil
		g.cost.end()
		return
	}
	g.cost.pace()
}

// ease is the share of the new picture at x of the fade, both in [0,1].
func ease(x float64) float32 {
	x = min(max(x, 0), 1)
	return float32(x * x * (3 - 2*x))
}

// Draw only marks the frame: what is seen is drawn straight to the final
// screen, which saves a pass over every pixel.
func (g *game) Draw(offscreen *ebiten.Image) {
	g.settle()
	if !g.redraw {
		return
	}
	g.redraw, g.odd = false, !g.odd
	if !g.lifted.IsZero() && g.fresh {
		g.answer, g.lifted = g.lifted, time.Time{}
		scheduleFrame()
	}
	g.fresh = false
	// Ebiten presents a frame only if the offscreen image was touched.
	offscreen.SubImage(image.Rect(0, 0, 1, 1)).(*ebiten.Image).Fill(ground)
	g.s.mu.Lock()
	g.s.stats.Frames++
	if g.s.stats.First.IsZero() && g.now != nil {
		g.s.stats.First = time.Now()
	}
	if g.s.stats.FirstSlide.IsZero() && g.now != nil && g.now.still.Slide != "" {
		g.s.stats.FirstSlide = time.Now()
	}
	g.s.stats.FrameCost = g.cost.frame
	g.s.mu.Unlock()
}

// DrawFinalScreen implements ebiten.FinalScreenDrawer.
func (g *game) DrawFinalScreen(screen ebiten.FinalScreen, _ *ebiten.Image, _ ebiten.GeoM) {
	g.s.mu.Lock()
	g.s.stats.Presented++
	g.s.mu.Unlock()
	w, h := screen.Bounds().Dx(), screen.Bounds().Dy()
	var geo ebiten.GeoM
	if g.turned {
		geo, w, h = quarter(w), h, w
	}
	g.compose(screen, w, h, g.shift(screen, w, h, geo))
}

// quarter turns a picture a quarter to the right onto a panel w pixels wide.
func quarter(w int) (geo ebiten.GeoM) {
	geo.SetElement(0, 0, 0)
	geo.SetElement(0, 1, -1)
	geo.SetElement(1, 0, 1)
	geo.SetElement(1, 1, 0)
	geo.Translate(float64(w), 0)
	return geo
}

// canvas is what both the final screen and an image can do.
type canvas interface {
	DrawImage(img *ebiten.Image, o *ebiten.DrawImageOptions)
}

// compose draws all that is seen, on a screen of w×h pixels.
func (g *game) compose(dst canvas, w, h int, geo ebiten.GeoM) {
	if g.now == nil {
		if g.blank == nil {
			g.blank = newTexture(1, 1)
			g.blank.write(g.blank.bounds(), []byte{ground.R, ground.G, ground.B, ground.A})
		}
		g.place(dst, g.blank, w, h, geo, 1)
		return
	}
	if g.from != nil {
		g.transition(dst, w, h, geo)
	} else {
		g.layer(dst, g.now, w, h, geo, 1)
	}
	g.press.draw(dst, g.now, w, h, geo)
	g.focus.ring.draw(dst, g.now, w, h, geo)
}

// place draws a texture over the whole screen. After a change of size the old
// picture is stretched until the new one is ready: never a black frame.
func (g *game) place(dst canvas, t *texture, w, h int, geo ebiten.GeoM, alpha float32) {
	var o ebiten.DrawImageOptions
	if t.w != w || t.h != h {
		o.GeoM.Scale(float64(w)/float64(t.w), float64(h)/float64(t.h))
	}
	o.GeoM.Concat(geo)
	l := g.light()
	o.ColorScale.Scale(l, l, l, 1)
	if alpha < 1 {
		o.ColorScale.ScaleAlpha(alpha)
	} else {
		o.Blend = ebiten.BlendCopy
	}
	t.draw(dst, t.bounds(), o)
}
