package screen

import (
	"bytes"
	"fmt"
	"image"
	"testing"

	"github.com/hajimehoshi/ebiten/v2"
	"pgregory.net/rapid"

	"motcua/kiosk/player"
	"motcua/slides/scene"
)

func pack(img *image.RGBA) *packed {
	p := newPacked(img.Rect.Dx(), img.Rect.Dy())
	p.add(img)
	return p
}

// Whatever pictures follow each other, with parts written over and screenshots
// between them, a texture holds its picture to the pixel.
func TestTexturesHoldTheirPictures(t *testing.T) {
	window(t)
	const w, h = 140, 150 // four tiles
	rapid.Check(t, func(rt *rapid.T) {
		g := &New(Options{Still: true}).game
		var kept []*packed
		for i := range rapid.IntRange(2, 12).Draw(rt, "pictures") {
			img := image.NewRGBA(image.Rect(0, 0, w, h))
			for y := range h { // few kinds of row: pictures share many
				kind := byte(0)
				if y%10 == 0 {
					kind = byte(rapid.IntRange(0, 3).Draw(rt, "row"))
				}
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
			want := make([]byte, 4*w*h)
			p.pixels.unpack(want, 0, h)
			if got := p.texture.pixels(); string(got.Pix) != string(want) {
				rt.Fatalf("picture %d is not what its texture holds", i)
			}
			if rapid.Bool().Draw(rt, "patch") {
				y := rapid.IntRange(0, h-3).Draw(rt, "y")
				x := rapid.IntRange(0, w-30).Draw(rt, "x")
				black := bytes.Repeat([]byte{0, 0, 0, 255}, 30)
				p.texture.write(image.Rect(x, y, x+30, y+3), bytes.Repeat(black, 3))
				for row := y; row < y+3; row++ {
					copy(want[4*(row*w+x):], black)
				}
			}
			if rapid.Bool().Draw(rt, "shot") {
				if got := g.read(w, h); string(got.Pix) != string(want) {
					rt.Fatalf("picture %d is not what the screen shows", i)
				}
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
			g.spare.tiles[0].img.SubImage(image.Rect(0, 30, 1, 31)).(*ebiten.Image).WritePixels([]byte{1, 2, 3, 255})
		}
		g.show = player.Show{Serial: uint64(i + 1), View: player.ViewRate}
		g.turn(p)
		pictures = append(pictures, p)
	}
	got := pictures[2].texture.pixels().Pix
	if got[4*(20*w+3)] != 2 {
		t.Error("the row that changed was not uploaded")
	}
	if got[4*30*w] != 1 {
		t.Error("a row that had not changed was uploaded")
	}
}

// Tiles cover a texture of any size once, and waste an eighth of it at most.
func TestTilesCoverTheTexture(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(1, 8000).Draw(rt, "pixels")
		sum, whole, count := 0, 0, 0
		for sum < n {
			p := piece(n - sum)
			if p < 1 {
				rt.Fatalf("a piece of %d", p)
			}
			up := 1
			for up < p {
				up *= 2
			}
			sum, whole, count = sum+p, whole+up, count+1
		}
		if sum != n || count > 5 || n > 300 && whole > n+n/8+64 {
			rt.Fatalf("%d pixels: %d in %d pieces that take %d", n, sum, count, whole)
		}
	})
}
