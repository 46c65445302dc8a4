package screen

import (
	"slices"
	"time"
	"unicode"

	"github.com/hajimehoshi/ebiten/v2"
	"github.com/hajimehoshi/ebiten/v2/inpututil"

	"motcua/kiosk/player"
)

// command is a key of a real keyboard that works the screen rather than write.
type command int

const (
	none command = iota
	next
	previous
	left
	right
	up
	down
	enter
	space
	escape
	erase
)

// commands are the keys that mean something. Three of them work every screen:
// next, previous and enter, which is what a 3-button switch sends.
var commands = map[ebiten.Key]command{
	ebiten.KeyTab: next, ebiten.KeyArrowLeft: left, ebiten.KeyArrowRight: right, ebiten.KeyArrowUp: up, ebiten.KeyArrowDown: down,
	ebiten.KeyEnter: enter, ebiten.KeyNumpadEnter: enter, ebiten.KeySpace: space, ebiten.KeyEscape: escape, ebiten.KeyBackspace: erase,
}

// keys takes what keyboards, switches and scanners have sent since the last
// frame. Characters come whole and in their order however fast they are typed;
// a frame's commands follow its characters, as a scanner ends with Enter.
func (g *game) keys() {
	g.typed = ebiten.AppendInputChars(g.typed[:0])
	text := g.typed[:0]
	for _, r := range g.typed {
		if !unicode.IsControl(r) {
			text = append(text, r)
		}
	}
	var list []command
	for _, k := range inpututil.AppendJustPressedKeys(nil) {
		c := commands[k]
		if c == next && ebiten.IsKeyPressed(ebiten.KeyShift) {
			c = previous
		}
		if c != none {
			list = append(list, c)
		}
	}
	g.hear(string(text), list)
}

// hear carries out what was typed and the commands after it.
func (g *game) hear(text string, list []command) {
	if text == " " && g.focus.ready() {
		text = "" // it presses what the focus is on
	} else {
		list = slices.DeleteFunc(list, func(c command) bool { return c == space }) // it is written
	}
	if text != "" {
		g.focus.quiet = true // Enter ends what was typed
		g.tell(player.Key{Text: text})
	}
	for _, c := range list {
		g.command(c)
	}
}

func (g *game) tell(k player.Key) {
	if g.s.o.Typed != nil {
		g.s.o.Typed(k)
	}
}

func (g *game) command(c command) {
	switch c {
	case erase:
		g.tell(player.Key{Erase: true})
	case escape:
		g.push("back")
	case enter, space:
		if g.focus.ready() {
			g.push(g.focus.name)
		} else if c == enter {
			g.tell(player.Key{Enter: true})
		}
	default:
		g.focus.quiet = false
		g.focus.move(g, c)
		g.tell(player.Key{})
	}
}

// push is a touch on a target without a finger.
func (g *game) push(name string) {
	if g.now == nil || g.pen.down {
		return
	}
	for _, t := range g.now.scene.Targets {
		if t.Name == name {
			g.pressed(t)
			g.gone = time.Now()
			g.lifted = g.gone
			time.AfterFunc(linger, scheduleFrame)
			if g.s.o.Touched != nil {
				g.s.o.Touched(player.Touch{Target: name, Serial: g.serial})
			}
			return
		}
	}
}
