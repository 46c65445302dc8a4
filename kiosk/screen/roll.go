package screen

import (
	"fmt"
	"image"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/hajimehoshi/ebiten/v2"

	"motcua/kiosk/player"
	"motcua/slides/raster"
	"motcua/slides/scene"
)

const (
	rollSpeed = 90 // design pixels a second: reading speed
	rollGap   = 120
	// rollWidest is the widest line, in pixels, that has a texture of its own:
	// every GPU takes 4,096. A longer one turns pages.
	rollWidest = 4096
)

// roll is the news line that scrolls, drawn once a line and moved by parts of a
// pixel. It exists only where a frame costs little (see costs); elsewhere the
// line turns page by page.
type roll struct {
	key   string
	parts []rolled
	total float64 // pixels from one run to the next
	began time.Time
}

type rolled struct {
	img *ebiten.Image
	at  float64 // from the beginning of the run
}

// rolls says whether p's news line scrolls now.
func (g *game) rolls(p *plate) bool {
	return g.moves() && g.cost.rolls() && len(g.show.Live.News) > 0 && p != nil && g.roll.fits(p, g.show.Live.News)
}

func (r *roll) fits(p *plate, news []string) bool {
	slot, ok := p.scene.Slot(scene.SlotTicker)
	return ok && slot.Rect.W >= 1 && !slices.ContainsFunc(news, func(l string) bool { return p.scene.TickerWidth(line(l)) > rollWidest })
}

// line is a news line without breaks.
func line(s string) string { return strings.Join(strings.Fields(s), " ") }

// pages are what p's ticker turns through; none while it scrolls.
func (g *game) pages(p *plate) []string {
	if g.rolls(p) {
		return nil
	}
	return p.pages
}

// scroll prepares the next frame of the news line and asks for the one after it.
func (g *game) scroll() {
	if g.now == nil || !g.rolls(g.now) || g.show.Dim >= player.Dark {
		return
	}
	g.roll.set(g.now, g.show.Live.News)
	g.redraw = true
	if g.from == nil { // else the fade asks for frames
		g.cost.rolled()
		frameIn(time.Second / 60)
	}
}

// set draws the lines in the style of p's slot, if they are not there yet.
func (r *roll) set(p *plate, news []string) {
	slot, _ := p.scene.Slot(scene.SlotTicker)
	key := fmt.Sprint(slot.Style, slot.Unit, slot.Rect.H, news)
	if key == r.key {
		return
	}
	if r.began.IsZero() {
		r.began = time.Now()
	}
	r.free()
	r.key, r.total = key, 0
	b := raster.Bounds(slot.Rect)
	for _, text := range news {
		text = line(text)
		w := int(math.Ceil(float64(p.scene.TickerWidth(text)))) + 2 // a letter's edge may lean out
		img := image.NewRGBA(image.Rect(b.Min.X, b.Min.Y, b.Min.X+w, b.Max.Y))
		raster.DrawOps(img, p.scene.TickerOps(text, 0), img.Rect, p.scene.Faces, nil)
		t := ebiten.NewImageWithOptions(image.Rect(0, 0, w, b.Dy()), &ebiten.NewImageOptions{Unmanaged: true})
		t.WritePixels(img.Pix)
		r.parts = append(r.parts, rolled{t, r.total})
		r.total += float64(w) + float64(rollGap*slot.Unit)
	}
}

func (r *roll) free() {
	for _, p := range r.parts {
		p.img.Deallocate()
	}
	r.parts = nil
}

// draw draws what of the lines lies in p's slot.
func (r *roll) draw(dst canvas, p *plate, geo ebiten.GeoM, alpha, light float32) {
	slot, ok := p.scene.Slot(scene.SlotTicker)
	if !ok || r.total <= 0 {
		return
	}
	b := raster.Bounds(slot.Rect)
	from := math.Mod(time.Since(r.began).Seconds()*rollSpeed*float64(slot.Unit), r.total)
	for run := -from; run < float64(b.Dx()); run += r.total {
		for _, part := range r.parts {
			x := run + part.at // of the line's left end, from the slot's
			src := part.img.Bounds()
			src.Min.X = max(0, int(math.Ceil(-x)))
			src.Max.X = min(src.Max.X, int(math.Floor(float64(b.Dx())-x)))
			if src.Empty() {
				continue
			}
			o := &ebiten.DrawImageOptions{Filter: ebiten.FilterLinear}
			o.GeoM.Translate(float64(b.Min.X)+x+float64(src.Min.X), float64(b.Min.Y))
			o.GeoM.Concat(geo)
			o.ColorScale.Scale(light, light, light, 1)
			o.ColorScale.ScaleAlpha(alpha)
			dst.DrawImage(part.img.SubImage(src).(*ebiten.Image), o)
		}
	}
}
