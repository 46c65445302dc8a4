package screen

import (
	"image"
	"time"

	"github.com/hajimehoshi/ebiten/v2"
	"github.com/hajimehoshi/ebiten/v2/inpututil"

	"motcua/kiosk/player"
	"motcua/slides/raster"
	"motcua/slides/scene"
)

// slop is how far, in design pixels of 1080, a finger may slide off a control
// and still mean it: old hands tremble.
const slop = 40

// pointer is the one finger that counts: the left mouse button, which is how an
// X11 touch screen arrives, or the first touch of a browser. A second finger is
// ignored until the first is lifted.
type pointer struct {
	down   bool
	touch  ebiten.TouchID // -1: the mouse
	target string
	rect   scene.Rect
	serial uint64
	x, y   int
	since  time.Time // when it was put on target
	held   bool      // Held was told
}

// mark is a small picture over the screen's: a control's pressed look, or the
// ring of the focus.
type mark struct {
	rect    image.Rectangle
	texture *texture
}

// newMark draws ops within r.
func newMark(r scene.Rect, ops []scene.Op, faces *scene.Faces) *mark {
	b := raster.Bounds(r)
	img := image.NewRGBA(b)
	raster.DrawOps(img, ops, b, faces, nil)
	m := &mark{rect: b, texture: newTexture(b.Dx(), b.Dy())}
	m.texture.write(m.texture.bounds(), img.Pix)
	return m
}

func (p *mark) drop() *mark {
	if p != nil {
		p.texture.free()
	}
	return nil
}

func (p *mark) draw(dst canvas, on *plate, w, h int, geo ebiten.GeoM) {
	if p == nil {
		return
	}
	var o ebiten.DrawImageOptions
	o.GeoM.Translate(float64(p.rect.Min.X), float64(p.rect.Min.Y))
	if on.w != w || on.h != h {
		o.GeoM.Scale(float64(w)/float64(on.w), float64(h)/float64(on.h))
	}
	o.GeoM.Concat(geo)
	p.texture.draw(dst, p.texture.bounds(), o)
}

// touches follows the finger. A control means what it says when the finger is
// lifted from it.
func (g *game) touches() {
	p := &g.pen
	if !p.down {
		if inpututil.IsMouseButtonJustPressed(ebiten.MouseButtonLeft) {
			x, y := g.at(ebiten.CursorPosition())
			g.begin(-1, x, y)
		} else if ids := inpututil.AppendJustPressedTouchIDs(nil); len(ids) > 0 {
			x, y := g.at(ebiten.TouchPosition(ids[0]))
			g.begin(ids[0], x, y)
		}
	}
	if !p.down {
		return
	}
	if p.touch < 0 {
		p.x, p.y = g.at(ebiten.CursorPosition())
		if !ebiten.IsMouseButtonPressed(ebiten.MouseButtonLeft) {
			g.end()
			return
		}
		g.hold()
		return
	}
	if inpututil.IsTouchJustReleased(p.touch) {
		p.x, p.y = g.at(inpututil.TouchPositionInPreviousTick(p.touch))
		g.end()
		return
	}
	p.x, p.y = g.at(ebiten.TouchPosition(p.touch))
	g.hold()
}

// at turns a position on the panel into one on the picture.
func (g *game) at(x, y int) (int, int) {
	x, y = x*coarse+coarse/2, y*coarse+coarse/2
	if !g.turned {
		return x, y
	}
	g.s.mu.Lock()
	defer g.s.mu.Unlock()
	return y, g.s.h - 1 - x
}

func (g *game) begin(touch ebiten.TouchID, x, y int) {
	g.pen = pointer{down: true, touch: touch, x: x, y: y, serial: g.serial}
	g.focus.hide(g)
	if g.now == nil {
		return
	}
	t, ok := hit(g.now.scene, x, y)
	if !ok {
		return
	}
	g.pen.target, g.pen.rect = t.Name, t.Rect
	g.pen.since = time.Now()
	time.AfterFunc(player.HeldAfter, scheduleFrame)
	g.pressed(t)
}

// pressed gives a control its pressed look.
func (g *game) pressed(t scene.Target) {
	g.press = g.press.drop()
	g.press = newMark(t.Rect, scene.Press(t), g.now.scene.Faces)
	g.redraw = true
}

// hold tells of a finger that stays on its target.
func (g *game) hold() {
	p := &g.pen
	if p.target == "" || p.held || time.Since(p.since) < player.HeldAfter {
		return
	}
	p.held = true
	if g.s.o.Held != nil {
		g.s.o.Held(player.Held{Target: p.target, Serial: p.serial})
	}
}

// linger is how long a control looks pressed after the finger has gone, where
// no new picture comes first. Letting go at once would cost a frame (35 ms on
// software GL) just while the answer is being made, and delay that answer.
const linger = 250 * time.Millisecond

// release takes the pressed look away once nothing has come of the touch.
func (g *game) release() {
	if g.press == nil || g.pen.down || time.Since(g.gone) < linger {
		return
	}
	g.press = g.press.drop()
	g.redraw = true
}

func (g *game) end() {
	p := g.pen
	g.pen = pointer{}
	g.gone = time.Now()
	time.AfterFunc(linger, scheduleFrame)
	if g.now == nil || g.s.o.Touched == nil {
		return
	}
	if p.target != "" {
		d := slop * float32(min(g.now.w, g.now.h)) / 1080
		r := scene.Rect{X: p.rect.X - d, Y: p.rect.Y - d, W: p.rect.W + 2*d, H: p.rect.H + 2*d}
		if !inside(r, p.x, p.y) {
			g.press = g.press.drop() // slid off: meant nothing
			g.redraw = true
			return
		}
	}
	g.lifted = g.gone
	g.s.o.Touched(player.Touch{Target: p.target, Serial: p.serial})
}

// hit finds the target under a pixel, the topmost first.
func hit(sc *scene.Scene, x, y int) (scene.Target, bool) {
	for i := len(sc.Targets) - 1; i >= 0; i-- {
		if inside(sc.Targets[i].Rect, x, y) {
			return sc.Targets[i], true
		}
	}
	return scene.Target{}, false
}

func inside(r scene.Rect, x, y int) bool {
	fx, fy := float32(x)+0.5, float32(y)+0.5
	return fx >= r.X && fx < r.X+r.W && fy >= r.Y && fy < r.Y+r.H
}
