package scene_test

import (
	"image"
	"slices"
	"strings"
	"testing"

	"motcua/slides/raster"
	"motcua/slides/scene"
)

func named(list []scene.Target) string {
	var out []string
	for _, t := range list {
		out = append(out, t.Name)
	}
	return strings.Join(out, " ")
}

func TestReading(t *testing.T) {
	box := func(name string, x, y, w, h float32) scene.Target {
		return scene.Target{Name: name, Rect: scene.Rect{X: x, Y: y, W: w, H: h}}
	}
	s := scene.Scene{Targets: []scene.Target{
		box("back", 0, 900, 200, 100), box("size", 250, 900, 200, 100), box("more", 800, 898, 200, 100),
		box("c", 600, 100, 250, 500), box("a", 0, 110, 250, 480), box("b", 300, 100, 250, 500), box("na", 900, 100, 100, 500), box("send", 0, 700, 1000, 100),
	}}
	list := s.Reading()
	if got := named(list); got != "a b c na send back size more" {
		t.Error(got)
	}
	at := func(name string) int {
		return slices.IndexFunc(list, func(t scene.Target) bool { return t.Name == name })
	}
	for _, c := range []struct {
		from, to string
		dx, dy   int
	}{{"a", "b", 1, 0}, {"c", "b", -1, 0}, {"b", "send", 0, 1}, {"send", "size", 0, 1}, {"more", "send", 0, -1}, {"send", "b", 0, -1}, {"a", "", -1, 0}, {"size", "more", 1, 0}, {"back", "", 0, 1}} {
		want := -1
		if c.to != "" {
			want = at(c.to)
		}
		if got := scene.Beside(list, at(c.from), c.dx, c.dy); got != want {
			t.Errorf("from %s by %d,%d: %d, want %s", c.from, c.dx, c.dy, got, c.to)
		}
	}
}

// The ring is seen on white, on black and on every colour between, and leaves
// the control itself as it is.
func TestFocusStandsOut(t *testing.T) {
	r := scene.Rect{X: 40, Y: 40, W: 120, H: 60}
	for v := 0; v < 256; v += 15 {
		img := image.NewRGBA(image.Rect(0, 0, 200, 140))
		for i := range img.Pix {
			img.Pix[i] = uint8(v)
			if i%4 == 3 {
				img.Pix[i] = 255
			}
		}
		raster.DrawOps(img, scene.Focus(scene.Target{Rect: r, Radius: 24}, 1), img.Rect, nil, nil)
		dark, light := uint8(255), uint8(0)
		for x := 20; x < 40; x++ {
			p := img.RGBAAt(x, 70).R
			dark, light = min(dark, p), max(light, p)
		}
		if dark != 0 || light != 255 {
			t.Errorf("on %d the ring is %d to %d", v, dark, light)
		}
		if p := img.RGBAAt(100, 70).R; p != uint8(v) {
			t.Errorf("on %d the control became %d", v, p)
		}
	}
}
