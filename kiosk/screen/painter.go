package screen

import (
	"context"
	"fmt"
	"image"

	"github.com/hajimehoshi/ebiten/v2"

	"motcua/kiosk/player"
	"motcua/slides/raster"
	"motcua/slides/scene"
)

// plate is one still picture: drawn by the painter, then handed to the game,
// which uploads and owns it.
type plate struct {
	key   string // Still.Key with size and epoch
	still player.Still
	w, h  int
	scene *scene.Scene
	pages []string // of the ticker
	news  string   // what pages were cut from

	under  map[string]*image.RGBA // what lies below each slot
	pixels *packed
	err    error

	// Owned by the game's goroutine.
	texture *ebiten.Image     // while it is up or fading out
	shown   map[string]string // the key of each slot's value in the texture
}

// holding is how far a wanted picture is.
type holding int

// Drawn pictures are on their way to the game, held ones are there; failed ones
// are not tried again while they are wanted.
const (
	drawn holding = iota + 1
	held
	failed
)

// paint draws wanted pictures, what shows now first, until ctx ends.
func (s *Screen) paint(ctx context.Context) {
	for {
		var sheet *image.RGBA // shared by the pictures of one wake, then given back: it is 8 MB
		select {
		case <-ctx.Done():
			return
		case <-s.wanted:
		}
		for {
			job, ok := s.next()
			if !ok {
				break
			}
			if sheet == nil || sheet.Rect.Dx() != job.w || sheet.Rect.Dy() != job.h {
				sheet = image.NewRGBA(image.Rect(0, 0, job.w, job.h))
			}
			p := s.drawPlate(job, sheet)
			select {
			case s.done <- p:
				scheduleFrame()
			case <-ctx.Done():
				return
			}
		}
	}
}

// job is one picture to draw.
type job struct {
	still player.Still
	w, h  int
	faces *scene.Faces
	key   string
}

// maxPrepared bounds the pictures drawn ahead; they are kept packed.
const maxPrepared = 3

// next is the most urgent picture that is neither there nor failed; it counts
// as drawn from now on.
func (s *Screen) next() (job, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.show.Serial == 0 || s.faces == nil || s.w == 0 {
		return job{}, false
	}
	list := stills(s.show)
	wanted := map[string]bool{}
	for _, st := range list {
		wanted[plateKey(st.Key, s.w, s.h, s.epoch)] = true
	}
	for k, how := range s.have {
		if how == failed && !wanted[k] {
			delete(s.have, k)
		}
	}
	for _, st := range list {
		if k := plateKey(st.Key, s.w, s.h, s.epoch); s.have[k] == 0 {
			s.have[k] = drawn
			return job{st, s.w, s.h, s.faces, k}, true
		}
	}
	return job{}, false
}

func plateKey(still string, w, h, epoch int) string {
	return fmt.Sprintf("%s\x00%d×%d\x00%d", still, w, h, epoch)
}

// drawPlate lays out and draws one picture. A failure is noted, so that it is
// not tried again, and told once.
func (s *Screen) drawPlate(j job, sheet *image.RGBA) *plate {
	p := &plate{key: j.key, still: j.still, w: j.w, h: j.h}
	p.scene, p.err = j.still.Compose(j.w, j.h, j.faces)
	if p.err == nil {
		p.err = s.render(p, sheet)
	}
	if p.err != nil {
		s.mu.Lock()
		s.have[j.key] = failed
		s.mu.Unlock()
		if j.still.Slide != "" && s.o.Failed != nil {
			s.o.Failed(player.SlideFailed{Content: j.still.Content, Slide: j.still.Slide, Text: p.err.Error()})
		}
	}
	return p
}

func (s *Screen) render(p *plate, sheet *image.RGBA) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("screen: drawing failed: %v", r)
		}
	}()
	pictures := map[string]image.Image{}
	for _, sha := range p.scene.Blobs {
		var img image.Image
		err := fmt.Errorf("screen: no pictures here")
		if s.o.Image != nil {
			img, err = s.o.Image(sha, p.w, p.h)
		}
		if err == nil {
			pictures[sha] = img
		} else if sha != p.still.Logo {
			return err
		}
	}
	images := func(sha string) (image.Image, bool) { img, ok := pictures[sha]; return img, ok }
	clear(sheet.Pix)
	raster.DrawOps(sheet, p.scene.Ops, sheet.Rect, p.scene.Faces, images)
	p.pixels = pack(sheet)
	p.under = map[string]*image.RGBA{}
	for _, slot := range p.scene.Slots {
		r := raster.Bounds(slot.Rect).Intersect(sheet.Rect)
		if !r.Empty() && slot.Name != scene.SlotFilm { // a film is no patch
			p.under[slot.Name] = cut(sheet, r)
		}
	}
	return nil
}

// cut copies a part of an image, keeping its coordinates.
func cut(src *image.RGBA, r image.Rectangle) *image.RGBA {
	dst := image.NewRGBA(r)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		copy(dst.Pix[dst.PixOffset(r.Min.X, y):][:4*r.Dx()], src.Pix[src.PixOffset(r.Min.X, y):][:4*r.Dx()])
	}
	return dst
}

// patch draws a slot's value over what lies below it.
func (p *plate) patch(slot string, pages []string, live player.Live) *image.RGBA {
	under := p.under[slot]
	if under == nil {
		return nil
	}
	dst := &image.RGBA{Pix: append([]uint8(nil), under.Pix...), Stride: under.Stride, Rect: under.Rect}
	raster.DrawOps(dst, live.Ops(p.scene, slot, pages), dst.Rect, p.scene.Faces, nil)
	return dst
}
