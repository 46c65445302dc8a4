package main

import (
	"image"
	"sync"

	"motcua/slides"
	"motcua/slides/raster"
)

// album decodes pictures and keeps the last few, no larger than the screen
// needs them: a photograph of 40 million pixels would take 160 MB.
type album struct {
	blob    func(sha string) ([]byte, error)
	missing func()

	mu    sync.Mutex
	pages []page // guarded by mu; the last used last
}

type page struct {
	sha  string
	w, h int
	img  image.Image
}

// albumPages is how many pictures stay decoded: the logo and those of the slide
// shown, the next one and one more.
const albumPages = 4

// picture is a blob decoded for a screen of w×h pixels.
func (a *album) picture(sha string, w, h int) (image.Image, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i, p := range a.pages {
		if p.sha == sha && p.w == w && p.h == h {
			a.pages = append(append(a.pages[:i:i], a.pages[i+1:]...), p)
			return p.img, nil
		}
	}
	b, err := a.blob(sha)
	if err != nil {
		a.lost(err)
		return nil, err
	}
	img, err := raster.DecodePicture(b)
	if err != nil {
		return nil, err
	}
	img = shrink(img, w, h)
	if a.pages = append(a.pages, page{sha, w, h, img}); len(a.pages) > albumPages {
		a.pages = append([]page(nil), a.pages[1:]...)
	}
	return img, nil
}

// lost has a blob fetched that is gone or damaged.
func (a *album) lost(err error) {
	if k := slides.KindOf(err); k == slides.NotFound || k == slides.Corrupt {
		a.missing()
	}
}

// shrink makes a picture that is larger than the screen just large enough to cover it.
func shrink(img image.Image, w, h int) image.Image {
	b := img.Bounds()
	k := max(float64(w)/float64(b.Dx()), float64(h)/float64(b.Dy()))
	if k >= 1 {
		return img
	}
	return raster.Scale(img, max(1, int(float64(b.Dx())*k+0.5)), max(1, int(float64(b.Dy())*k+0.5)), false)
}

// empty forgets every picture.
func (a *album) empty() {
	a.mu.Lock()
	a.pages = nil
	a.mu.Unlock()
}
