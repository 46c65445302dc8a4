package screen

import (
	"context"
	"fmt"
	"image"

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

	pixels *packed
	err    error

	// Owned by the game's goroutine.
	texture *texture          // while it is up or fading out
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
			p := s.drawPlate(job)
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
func (s *Screen) drawPlate(j job) *plate {
	p := &plate{key: j.key, still: j.still, w: j.w, h: j.h}
	p.scene, p.err = j.still.Compose(j.w, j.h, j.faces)
	if p.err == nil {
		p.err = s.render(p)
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

// bandRows is how many rows are drawn and packed at once: 1 MB at 1080p, where
// the whole picture would be 8 MB for the collector to find.
const bandRows = 128

func (s *Screen) render(p *plate) (err error) {
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
	p.pixels = newPacked(p.w, p.h)
	band := image.NewRGBA(image.Rect(0, 0, p.w, min(bandRows, p.h)))
	for y := 0; y < p.h; y += bandRows {
		band.Rect = image.Rect(0, y, p.w, min(y+bandRows, p.h))
		band.Pix = band.Pix[:band.Stride*band.Rect.Dy()]
		clear(band.Pix)
		raster.DrawOps(band, p.scene.Ops, band.Rect, p.scene.Faces, images)
		p.pixels.add(band)
	}
	return nil
}

// patch draws a slot's value over what lies below it.
func (p *plate) patch(slot string, pages []string, live player.Live) *image.RGBA {
	x, ok := p.scene.Slot(slot)
	r := raster.Bounds(x.Rect).Intersect(image.Rect(0, 0, p.w, p.h))
	if !ok || r.Empty() || slot == scene.SlotFilm { // a film is no patch
		return nil
	}
	dst := p.pixels.part(r)
	raster.DrawOps(dst, live.Ops(p.scene, slot, pages), r, p.scene.Faces, nil)
	return dst
}
