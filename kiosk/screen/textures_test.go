package screen

import (
	"fmt"
	"image"
	"testing"

	"github.com/hajimehoshi/ebiten/v2"
	"pgregory.net/rapid"

	"motcua/kiosk/player"
	"motcua/slides/scene"
)

// Whatever pictures follow each other, with parts written over and screenshots
// between them, a texture holds its picture to the pixel.
func TestTexturesHoldTheirPictures(t *testing.T) {
	window(t)
	const w, h = 12, 30
	rapid.Check(t, func(rt *rapid.T) {
		g := &New(Options{Still: true}).game
		var kept []*packed
		for i := range rapid.IntRange(2, 12).Draw(rt, "pictures") {
			img := image.NewRGBA(image.Rect(0, 0, w, h))
			for y := range h { // few kinds of row: pictures share many
				kind := byte(rapid.IntRange(0, 3).Draw(rt, "row"))
				for x := range w {
					copy(img.Pix[img.PixOffset(x, y):], []byte{kind * 60, kind * byte(x), kind, 255})
				}
			}
			p := &plate{key: fmt.Sprint(i), w: w, h: h, scene: &scene.Scene{W: w, H: h}, pixels: pack(img)}
			if len(kept) > 0 && rapid.Bool().Draw(rt, "again") {
				p.pixels = rapid.SampledFrom(kept).Draw(rt, "which")
			}
			kept = append(kept, p.pixels)
			g.show = player.Show{Serial: uint64(i + 1), View: player.ViewRate}
			g.turn(p)
			want, got := make([]byte, 4*w*h), make([]byte, 4*w*h)
			p.pixels.unpack(want, 0, h)
			if p.texture.ReadPixels(got); string(got) != string(want) {
				rt.Fatalf("picture %d is not what its texture holds", i)
			}
			if rapid.Bool().Draw(rt, "patch") {
				y := rapid.IntRange(0, h-3).Draw(rt, "y")
				g.write(p.texture, image.Rect(2, y, 5, y+3), make([]byte, 4*3*3))
			}
			if rapid.Bool().Draw(rt, "shot") {
				g.read(w, h)
			}
		}
	})
}

// Rows that stay are not uploaded: the mark put on one by stealth is still there.
func TestRowsThatStayAreNotUploaded(t *testing.T) {
	window(t)
	const w, h = 8, 40
	g := &New(Options{Still: true}).game
	var pictures []*plate
	for i := range 3 { // the third goes into the first one's texture
		img := image.NewRGBA(image.Rect(0, 0, w, h))
		for j := range img.Pix {
			img.Pix[j] = 255
		}
		img.Pix[img.PixOffset(3, 20)] = byte(i) // one row differs
		p := &plate{w: w, h: h, scene: &scene.Scene{W: w, H: h}, pixels: pack(img)}
		if i == 2 {
			g.spare.SubImage(image.Rect(0, 30, 1, 31)).(*ebiten.Image).WritePixels([]byte{1, 2, 3, 255})
		}
		g.show = player.Show{Serial: uint64(i + 1), View: player.ViewRate}
		g.turn(p)
		pictures = append(pictures, p)
	}
	got := make([]byte, 4*w*h)
	pictures[2].texture.ReadPixels(got)
	if got[4*(20*w+3)] != 2 {
		t.Error("the row that changed was not uploaded")
	}
	if got[4*30*w] != 1 {
		t.Error("a row that had not changed was uploaded")
	}
}
