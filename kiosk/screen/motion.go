package screen

import (
	"image"
	"math"
	"time"

	"github.com/hajimehoshi/ebiten/v2"

	"motcua/kiosk/player"
	"motcua/slides"
)

// moves says whether one slide gives way to the next in motion.
func (g *game) moves() bool { return !g.s.o.Still && g.show.Motion != slides.NoMove }

// transition draws the old picture giving way to the new one, in a cross-fade
// or pushed out by it to the left.
func (g *game) transition(dst canvas, w, h int, geo ebiten.GeoM) {
	x := ease(float64(time.Since(g.began)) / float64(FadeFor))
	if g.show.Motion != slides.Push {
		g.layer(dst, g.from, w, h, geo, 1)
		g.layer(dst, g.now, w, h, geo, x)
		return
	}
	for _, p := range []struct {
		*plate
		x float64
	}{{g.from, -math.Round(float64(w) * float64(x))}, {g.now, float64(w) - math.Round(float64(w)*float64(x))}} {
		var at ebiten.GeoM
		at.Translate(p.x, 0)
		at.Concat(geo)
		g.layer(dst, p.plate, w, h, at, 1)
	}
}

// layer draws one picture with all that moves on it.
func (g *game) layer(dst canvas, p *plate, w, h int, geo ebiten.GeoM, alpha float32) {
	g.place(dst, p.texture, w, h, geo, alpha)
	g.film.draw(dst, p, w, h, geo, alpha, g.light())
	if p.w == w && p.h == h && g.rolls(p) {
		g.roll.draw(dst, p, geo, alpha, g.light())
	}
}

// light is the share of the picture's light that is shown. A screenshot is
// always at full light: staff look at it by day.
func (g *game) light() float32 {
	if g.reading {
		return 1
	}
	return 1 - float32(min(max(g.show.Dim, 0), player.Dark))/100
}

// settleFor is how long a picture stays exactly where it is after the start: who
// adjusts a panel should see it there.
const settleFor = 10 * time.Minute

// orbitRadius keeps the picture within 4 pixels: text edges move, nobody sees it.
const orbitRadius = 2

// orbit is how far the picture is shifted after it has been up for so long: a
// slow circle, a step a minute, so that the still parts of a screen that is on
// for years (header, strip) do not burn in.
func orbit(up time.Duration) (dx, dy int) {
	if up < settleFor {
		return 0, 0
	}
	const steps = 16
	a := 2 * math.Pi * float64(int64(up/time.Minute)%steps) / steps
	return int(math.Round(orbitRadius * math.Cos(a))), int(math.Round(orbitRadius * math.Sin(a)))
}

// shift moves what is drawn along the orbit. The edges it would leave bare are
// filled with the picture's own edge, which lies below. It asks for no frame:
// the clock's, each minute, shows the next step.
func (g *game) shift(dst canvas, w, h int, geo ebiten.GeoM) ebiten.GeoM {
	dx, dy := orbit(time.Since(g.s.begun))
	if g.now == nil || g.now.w != w || g.now.h != h || dx == 0 && dy == 0 {
		return geo
	}
	for _, r := range edges(w, h, dx, dy) {
		o := ebiten.DrawImageOptions{GeoM: geo}
		l := g.light()
		o.ColorScale.Scale(l, l, l, 1)
		g.now.texture.draw(dst, r, o)
	}
	var at ebiten.GeoM
	at.Translate(float64(dx), float64(dy))
	at.Concat(geo)
	return at
}

// edges are the parts of a screen that a picture shifted by (dx, dy) leaves bare.
func edges(w, h, dx, dy int) (out []image.Rectangle) {
	whole := image.Rect(0, 0, w, h)
	moved := whole.Add(image.Pt(dx, dy)).Intersect(whole)
	for _, r := range []image.Rectangle{
		image.Rect(0, 0, w, moved.Min.Y), image.Rect(0, moved.Max.Y, w, h),
		image.Rect(0, moved.Min.Y, moved.Min.X, moved.Max.Y), image.Rect(moved.Max.X, moved.Min.Y, w, moved.Max.Y),
	} {
		if !r.Empty() {
			out = append(out, r)
		}
	}
	return out
}
