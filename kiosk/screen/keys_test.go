package screen

import (
	"fmt"
	"image"
	"strings"
	"testing"
	"time"

	"motcua/kiosk/player"

	"motcua/slides/scene"
)

// told is a screen with a picture of four controls that notes what it tells.
type told struct {
	*Screen
	log []string
}

func (s *told) says() string {
	out := strings.Join(s.log, " ")
	s.log = nil
	return out
}

func controls(t *testing.T, names ...string) *told {
	t.Helper()
	window(t)
	s := &told{}
	s.Screen = New(Options{
		Faces:   testFaces(t),
		Touched: func(e player.Touch) { s.log = append(s.log, fmt.Sprintf("touch(%s,%d)", e.Target, e.Serial)) },
		Held:    func(e player.Held) { s.log = append(s.log, fmt.Sprintf("held(%s,%d)", e.Target, e.Serial)) },
		Typed: func(k player.Key) {
			switch {
			case k.Enter:
				s.log = append(s.log, "enter")
			case k.Erase:
				s.log = append(s.log, "erase")
			case k.Text != "":
				s.log = append(s.log, "text("+k.Text+")")
			}
		},
	})
	s.game.resize(1080, 1080)
	s.show1("home", names...)
	return s
}

// show1 puts a picture with a row of controls on the screen.
func (s *told) show1(view player.View, names ...string) {
	g := &s.game
	g.show.Serial++
	g.show.View = view
	key := fmt.Sprint(view, names)
	sc := scene.Compose(scene.Frame{}, 1080, 1080, s.faces, func(c *scene.Canvas) {
		for i, n := range names {
			c.Button(scene.Button{Name: n, Label: n}, scene.Rect{X: 40 + 250*float32(i%4), Y: 100 + 300*float32(i/4), W: 200, H: 120})
		}
	})
	p := &plate{key: key, w: 1080, h: 1080, scene: sc, pixels: pack(image.NewRGBA(image.Rect(0, 0, 1080, 1080)))}
	g.turn(p)
}

func TestKeysWorkTheControls(t *testing.T) {
	s := controls(t, "a", "b", "c", "d", "back")
	g := &s.game
	for _, c := range []struct {
		name string
		text string
		do   []command
		want string
	}{
		{"nothing is focused: Enter is the page's", "", []command{enter}, "enter"},
		{"a blank is written", " ", []command{space}, "text( )"},
		{"next begins at the first", "", []command{next, enter}, "touch(a,1)"},
		{"and goes on", "", []command{next, next, enter}, "touch(c,1)"},
		{"back by one", "", []command{previous, enter}, "touch(b,1)"},
		{"the blank presses", " ", []command{space}, "touch(b,1)"},
		{"an arrow", "", []command{right, right, enter}, "touch(d,1)"},
		{"an arrow down", "", []command{left, left, left, down, enter}, "touch(back,1)"},
		{"round", "", []command{next, enter}, "touch(a,1)"},
		{"a scan while something is focused", "000.00.17.H37", []command{enter}, "text(000.00.17.H37) enter"},
		{"then the focus counts again", "", []command{previous, enter}, "touch(back,1)"},
		{"escape", "", []command{escape}, "touch(back,1)"},
		{"erase", "", []command{erase}, "erase"},
	} {
		g.hear(c.text, c.do)
		if got := s.says(); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestFocusFollowsThePicture(t *testing.T) {
	s := controls(t, "a", "b", "lang:en", "back")
	g := &s.game
	if g.focus.ring != nil {
		t.Fatal("a ring before any key")
	}
	g.hear("", []command{next, next, next})
	if g.focus.ring == nil || g.focus.name != "lang:en" {
		t.Fatalf("on %q", g.focus.name)
	}
	s.show1("home", "a", "b", "lang:vi", "back") // the language was changed
	if g.focus.name != "lang:vi" || g.focus.ring == nil {
		t.Errorf("on %q", g.focus.name)
	}
	s.show1("home", "x", "back", "a", "b", "lang:vi")
	if g.focus.name != "lang:vi" {
		t.Errorf("on %q", g.focus.name)
	}
	s.show1("rate", "1", "2", "lang:vi", "back")
	if g.focus.name != "1" {
		t.Errorf("another view begins at %q", g.focus.name)
	}
	s.show1(player.ViewLoop, "qr")
	if g.focus.on || g.focus.ring != nil {
		t.Error("a ring on a slide")
	}
	g.hear("", []command{enter})
	if s.says() != "enter" { // wakes
		t.Error("Enter did not wake the screen")
	}
	s.show1("home", "a", "b")
	if g.focus.on {
		t.Error("a ring for whoever comes next")
	}
	g.show.Focus = true // a switch works it
	s.show1("home", "a", "b", "c")
	if g.focus.name != "a" || g.focus.ring == nil {
		t.Error("no ring though a switch works the screen")
	}
	g.begin(-1, 300, 150)
	if g.focus.ring == nil {
		t.Error("a finger took the switch's ring")
	}
	g.show.Focus = false
	g.pen = pointer{}
	g.begin(-1, 300, 150)
	if g.focus.ring != nil {
		t.Error("the ring stays though a finger came")
	}
}

// A finger that stays tells so once; the lifting follows.
func TestHeld(t *testing.T) {
	s := controls(t, "a", "b")
	g := &s.game
	g.begin(-1, 300, 150)
	g.hold()
	if got := s.says(); got != "" {
		t.Errorf("at once: %q", got)
	}
	g.pen.since = time.Now().Add(-player.HeldAfter)
	g.hold()
	g.hold()
	g.pen.x, g.pen.y = 310, 160
	g.end()
	if got := s.says(); got != "held(b,1) touch(b,1)" {
		t.Errorf("%q", got)
	}
	g.begin(-1, 300, 900) // no target there
	g.pen.since = time.Now().Add(-player.HeldAfter)
	g.hold()
	g.end()
	if got := s.says(); got != "touch(,1)" {
		t.Errorf("beside: %q", got)
	}
}

// The ring is really on the screen, around its control and nowhere else.
func TestTheRingIsSeen(t *testing.T) {
	s := controls(t, "a", "b")
	g := &s.game
	plain := g.read(1080, 1080)
	g.hear("", []command{next, next})
	ringed := g.read(1080, 1080)
	x0, y0, x1, y1 := 1080, 1080, 0, 0
	for y := range 1080 {
		for x := range 1080 {
			if plain.RGBAAt(x, y) != ringed.RGBAAt(x, y) {
				x0, y0, x1, y1 = min(x0, x), min(y0, y), max(x1, x), max(y1, y)
			}
		}
	}
	u := g.now.scene.U
	reach := int(scene.FocusReach*u) + 1
	if x0 > 290 || y0 > 100 || x1 < 489 || y1 < 219 || x0 < 290-reach || y0 < 100-reach || x1 > 489+reach+1 || y1 > 219+reach+1 {
		t.Errorf("what changed is %d,%d to %d,%d", x0, y0, x1, y1)
	}
}
