package screen

import (
	"image"
	"maps"
	"slices"
	"time"

	"github.com/hajimehoshi/ebiten/v2"

	"motcua/kiosk/film"
	"motcua/kiosk/player"
	"motcua/slides/scene"
)

const (
	// filmShare is what part of a core a film may take for being drawn before it
	// is shown with fewer pixels and frames.
	filmShare = 0.6
	filmCheck = 3 * time.Second
	// filmRest is how long a film that could not be played stays a poster.
	filmRest = 10 * time.Minute
)

// showing is the film of the picture that is up. Owned by the game's goroutine.
type showing struct {
	on      *plate // whose film it is; nil: none
	reel    *film.Reel
	texture *ebiten.Image
	seen    bool          // texture holds a frame of it
	at      time.Duration // of that frame
	grade   film.Grade    // that this machine has settled at
	graded  bool

	check time.Time     // begin of the measure
	used  time.Duration // processor time then
}

// play lets the film of the picture that is up run, takes its newest frame, and
// ends that of a picture which is leaving.
func (g *game) play() {
	f := &g.film
	if f.on != nil && f.on != g.now {
		f.stop()
		if f.on != g.from { // until then its last frame fades out
			f.free()
		}
	}
	if g.now == nil || g.now.still.Film == nil || g.show.Dim >= player.Dark {
		if f.on == g.now {
			f.stop()
		}
		return
	}
	if f.on == nil && g.playable(g.now.still.Film.Blob) {
		f.start(g)
	}
	if f.on != g.now {
		return
	}
	// A finger comes first: no frame is uploaded or drawn that could delay its answer.
	if f.reel != nil && !g.pen.down && g.lifted.IsZero() {
		if fr := f.reel.Take(); fr != nil {
			f.put(g.now, fr)
			f.reel.Give(fr)
			g.redraw = true
			f.measure()
		}
	}
	if f.seen {
		g.show.Live.Line = g.now.still.Film.Line(f.at)
	}
}

// playable says whether a film may run here and now.
func (g *game) playable(sha string) bool {
	if g.s.o.Film == nil || !g.moves() {
		return false
	}
	g.s.mu.Lock()
	defer g.s.mu.Unlock()
	return time.Since(g.s.unplayable[sha]) > filmRest
}

func (f *showing) start(g *game) {
	slot, ok := g.now.scene.Slot(scene.SlotFilm)
	if !ok {
		return
	}
	if !f.graded {
		f.graded = true
		if f.grade = 0; g.cost.software() {
			f.grade = film.Software
		}
	}
	s, sha := g.s, g.now.still.Film.Blob
	f.on, f.seen, f.at, f.check = g.now, false, 0, time.Time{}
	f.reel = film.Play(film.Options{
		Program: s.o.Decoder, W: int(slot.Rect.W), H: int(slot.Rect.H), Grade: f.grade, Ready: scheduleFrame,
		File: func() (string, error) { return s.o.Film(sha) },
		Failed: func(err error) {
			s.mu.Lock()
			s.unplayable[sha] = time.Now()
			s.mu.Unlock()
			if s.o.Fault != nil {
				s.o.Fault("blob:"+sha, err.Error())
			}
			scheduleFrame()
		},
	})
	if f.reel == nil {
		return
	}
	reel := f.reel
	s.mu.Lock()
	s.reels[reel] = true
	s.mu.Unlock()
	go func() { // ends with the decoder
		<-reel.Done()
		s.mu.Lock()
		delete(s.reels, reel)
		s.mu.Unlock()
	}()
}

// put uploads a frame, its corners rounded like the poster's.
func (f *showing) put(p *plate, fr *film.Frame) {
	if b := image.Rect(0, 0, fr.W, fr.H); f.texture == nil || f.texture.Bounds() != b {
		if f.texture != nil {
			f.texture.Deallocate()
		}
		f.texture = ebiten.NewImageWithOptions(b, &ebiten.NewImageOptions{Unmanaged: true})
	}
	if slot, ok := p.scene.Slot(scene.SlotFilm); ok {
		round(fr, float64(slot.Radius*float32(fr.W)/slot.Rect.W))
	}
	for y := 0; y < fr.H; y += stripRows { // see stripRows
		to := min(y+stripRows, fr.H)
		f.texture.SubImage(image.Rect(0, y, fr.W, to)).(*ebiten.Image).WritePixels(fr.Pix[4*fr.W*y : 4*fr.W*to])
	}
	f.seen, f.at = true, fr.At
}

// round fades the pixels outside of rounded corners.
func round(fr *film.Frame, r float64) {
	n := min(int(r+0.999), fr.W/2, fr.H/2)
	for y := range n {
		for x := range n {
			dx, dy := r-float64(x)-0.5, r-float64(y)-0.5
			d := r*r - dx*dx - dy*dy // over 0 inside
			cover := min(max(d/(2*max(r, 1))+0.5, 0), 1)
			if cover >= 1 {
				continue
			}
			for _, i := range [4]int{y*fr.W + x, y*fr.W + fr.W - 1 - x, (fr.H-1-y)*fr.W + x, (fr.H-1-y)*fr.W + fr.W - 1 - x} {
				for c := range 4 {
					fr.Pix[4*i+c] = uint8(float64(fr.Pix[4*i+c]) * cover)
				}
			}
		}
	}
}

// measure asks for less where drawing the film takes too much of the processor.
func (f *showing) measure() {
	now, used := time.Now(), processorTime()
	if f.check.IsZero() {
		f.check, f.used = now, used
		return
	}
	wall := now.Sub(f.check)
	if wall < filmCheck {
		return
	}
	if float64(used-f.used) > filmShare*float64(wall) {
		f.reel.Slower()
	}
	f.check, f.used = now, used
}

func (f *showing) stop() {
	if f.reel != nil {
		f.reel.Stop()
		f.grade = f.reel.Grade()
		f.reel = nil
	}
}

func (f *showing) free() {
	f.on, f.seen = nil, false
	if f.texture != nil {
		f.texture.Deallocate()
		f.texture = nil
	}
}

// draw draws the newest frame into its place on p.
func (f *showing) draw(dst canvas, p *plate, w, h int, geo ebiten.GeoM, alpha, light float32) {
	if f.on != p || !f.seen {
		return
	}
	slot, _ := p.scene.Slot(scene.SlotFilm)
	b := f.texture.Bounds()
	o := &ebiten.DrawImageOptions{Filter: ebiten.FilterLinear}
	o.GeoM.Scale(float64(slot.Rect.W)/float64(b.Dx()), float64(slot.Rect.H)/float64(b.Dy()))
	o.GeoM.Translate(float64(slot.Rect.X), float64(slot.Rect.Y))
	if p.w != w || p.h != h {
		o.GeoM.Scale(float64(w)/float64(p.w), float64(h)/float64(p.h))
	}
	o.GeoM.Concat(geo)
	o.ColorScale.Scale(light, light, light, 1)
	o.ColorScale.ScaleAlpha(alpha)
	dst.DrawImage(f.texture, o)
}

// Release ends every film and waits a moment until its decoder is gone: what a
// kiosk starts goes with it. It may be called while the screen stands still.
func (s *Screen) Release() {
	s.mu.Lock()
	reels := slices.Collect(maps.Keys(s.reels))
	s.mu.Unlock()
	for _, r := range reels {
		r.Stop()
	}
	late := time.After(time.Second) // the system's business then
	for _, r := range reels {
		select {
		case <-r.Done():
		case <-late:
			return
		}
	}
}
