package contrast_test

import (
	"image/color"
	"math"
	"testing"

	"motcua/slides/scene"
	"motcua/slides/scene/contrast"
)

var (
	white = color.NRGBA{255, 255, 255, 255}
	black = color.NRGBA{0, 0, 0, 255}
)

func TestRatio(t *testing.T) {
	for _, c := range []struct {
		a, b color.NRGBA
		want float64
	}{{white, black, 21}, {white, white, 1}, {color.NRGBA{0x77, 0x77, 0x77, 255}, white, 4.48}, {color.NRGBA{255, 0, 0, 255}, white, 4.0}} {
		if got := contrast.Ratio(c.a, c.b); math.Abs(got-c.want) > 0.01 {
			t.Errorf("%v on %v: %.3f, want %.2f", c.a, c.b, got, c.want)
		}
	}
}

func TestCheckSeesTheGround(t *testing.T) {
	all := scene.Rect{W: 100, H: 100}
	text := func(c color.NRGBA) scene.Glyphs {
		return scene.Glyphs{Text: "a", Color: c, Ink: scene.Rect{X: 40, Y: 40, W: 20, H: 20}}
	}
	icon := scene.Path{Segments: []scene.Segment{{Cmd: 'M', P: [3][2]float32{{40, 40}}}, {Cmd: 'L', P: [3][2]float32{{60, 60}}}}, Width: 2}
	grey := color.NRGBA{0x8C, 0x8C, 0x8C, 255} // 3.4 on white
	icon.Color = grey
	for _, c := range []struct {
		name string
		ops  []scene.Op
		weak int
	}{
		{"black on white", []scene.Op{scene.Fill{Rect: all, Color: white}, text(black)}, 0},
		{"white on white", []scene.Op{scene.Fill{Rect: all, Color: white}, text(white)}, 1},
		{"a later box does not count", []scene.Op{scene.Fill{Rect: all, Color: white}, text(black), scene.Fill{Rect: all, Color: black}}, 0},
		{"the box between", []scene.Op{scene.Fill{Rect: all, Color: white}, scene.Fill{Rect: all, Color: black}, text(black)}, 1},
		{"a box elsewhere", []scene.Op{scene.Fill{Rect: all, Color: white}, scene.Fill{Rect: scene.Rect{W: 20, H: 20}, Color: black}, text(black)}, 0},
		{"on a picture", []scene.Op{scene.Fill{Rect: all, Color: white}, scene.Picture{Rect: all}, text(black)}, 1},
		{"on a picture darkened too little", []scene.Op{scene.Picture{Rect: all}, scene.Fill{Rect: all, Color: color.NRGBA{0, 0, 0, 60}}, text(white)}, 1},
		{"on a picture darkened enough", []scene.Op{scene.Picture{Rect: all}, scene.Fill{Rect: all, Color: color.NRGBA{0, 0, 0, 200}}, text(white)}, 0},
		{"faint text", []scene.Op{scene.Fill{Rect: all, Color: white}, text(color.NRGBA{0, 0, 0, 90})}, 1},
		{"a gradient's dark end", []scene.Op{scene.Fill{Rect: scene.Rect{Y: -50, W: 100, H: 110}, Color: white, To: &black}, text(black)}, 1},
		{"an icon needs less", []scene.Op{scene.Fill{Rect: all, Color: white}, icon}, 0},
		{"text of its colour more", []scene.Op{scene.Fill{Rect: all, Color: white}, text(grey)}, 1},
	} {
		if got := contrast.Check(&scene.Scene{Ops: c.ops}, contrast.Text, contrast.Icons); len(got) != c.weak {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	slot := scene.Scene{Ops: []scene.Op{scene.Fill{Rect: all, Color: white}}, Slots: []scene.Slot{{Rect: all, Style: scene.Style{Color: grey}, Hint: "h", Color: scene.Colour(grey)}}}
	if got := contrast.Check(&slot, contrast.Text, contrast.Icons); len(got) != 2 {
		t.Errorf("slots: %v", got)
	}
}
