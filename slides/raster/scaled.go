package raster

import (
	"image"
	"math"
	"sync"
)

// cover is how much of the pixel around (x, y) lies in b's rounded corners'
// inside, 0 to 255.
func (b box) cover(x, y float32) uint32 {
	dx := max(b.x0+b.r-x, x-(b.x1-b.r), 0)
	dy := max(b.y0+b.r-y, y-(b.y1-b.r), 0)
	if dx == 0 || dy == 0 {
		return 255
	}
	d := b.r - float32(math.Hypot(float64(dx), float64(dy))) + 0.5
	return uint32(min(max(d, 0), 1)*255 + 0.5)
}

// scaledPictures keeps the last few scaled pictures: slots redraw parts of the
// same picture every second.
type scaledPictures struct {
	mu   sync.Mutex
	list []scaledPicture
}

type scaledPicture struct {
	blob  string
	src   image.Rectangle // tells a placeholder from the picture it stood for
	w, h  int
	cover bool
	px    *image.RGBA
}

const maxScaled = 2

var scaled scaledPictures

func (s *scaledPictures) get(blob string, src image.Image, w, h int, cover bool) *image.RGBA {
	s.mu.Lock()
	for _, p := range s.list {
		if p.blob == blob && p.src == src.Bounds() && p.w == w && p.h == h && p.cover == cover {
			s.mu.Unlock()
			return p.px
		}
	}
	s.mu.Unlock()
	px := Scale(src, w, h, cover)
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.list) >= maxScaled {
		s.list = append(s.list[:0], s.list[1:]...)
	}
	s.list = append(s.list, scaledPicture{blob, src.Bounds(), w, h, cover, px})
	return px
}
