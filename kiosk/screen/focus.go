package screen

import (
	"slices"

	"motcua/kiosk/player"
	"motcua/slides/scene"
)

// focus is the control that the keyboard or a switch is on. It belongs to the
// screen, not to the player: what it does is a touch.
type focus struct {
	on    bool
	quiet bool // something was typed since it moved: Enter belongs to that
	name  string
	at    int // in reading order
	view  player.View
	ring  *mark
}

// ready says whether Enter presses what the focus is on.
func (f *focus) ready() bool { return f.on && !f.quiet }

// hide takes the ring away when a finger comes; where a switch works the screen
// it stays.
func (f *focus) hide(g *game) {
	if f.on && !g.show.Focus {
		*f = focus{ring: f.ring.drop()}
		g.redraw = true
	}
}

// follow keeps the focus through a change of picture: on the control of the same
// name, or, as a language's button changes its name, in the same place; on
// another view it begins at the first control. A slide takes it away.
func (f *focus) follow(g *game) {
	list := g.now.scene.Reading()
	same := f.view == g.show.View
	f.view = g.show.View
	f.on = (f.on || g.show.Focus) && g.show.View != player.ViewLoop && len(list) > 0
	if f.on {
		at := 0
		if same {
			if at = slices.IndexFunc(list, func(t scene.Target) bool { return t.Name == f.name }); at < 0 {
				at = min(f.at, len(list)-1)
			}
		} else {
			f.quiet = false
		}
		f.at, f.name = at, list[at].Name
	}
	f.draw(g, list)
}

// draw makes the ring anew.
func (f *focus) draw(g *game, list []scene.Target) {
	g.redraw = g.redraw || f.on || f.ring != nil
	f.ring = f.ring.drop()
	if !f.on {
		return
	}
	u := g.now.scene.U
	t := list[f.at]
	r := t.Rect
	d := scene.FocusReach * u
	f.ring = newMark(scene.Rect{X: r.X - d, Y: r.Y - d, W: r.W + 2*d, H: r.H + 2*d}, scene.Focus(t, u), g.now.scene.Faces)
}

// move brings the focus to the next control in a direction.
func (f *focus) move(g *game, c command) {
	if g.now == nil {
		return
	}
	list := g.now.scene.Reading()
	if len(list) == 0 {
		return
	}
	step, dx, dy := 1, 0, 0
	switch c {
	case previous:
		step = -1
	case left:
		step, dx = -1, -1
	case right:
		dx = 1
	case up:
		step, dy = -1, -1
	case down:
		dy = 1
	}
	switch {
	case !f.on && step < 0:
		f.at = len(list) - 1
	case !f.on:
		f.at = 0
	default:
		f.at = min(f.at, len(list)-1)
		to := -1
		if dx != 0 || dy != 0 {
			to = scene.Beside(list, f.at, dx, dy)
		}
		if to < 0 {
			to = (f.at + step + len(list)) % len(list)
		}
		f.at = to
	}
	f.on, f.name, f.view = true, list[f.at].Name, g.show.View
	f.draw(g, list)
}
