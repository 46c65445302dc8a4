package raster_test

import (
	"fmt"
	"image"
	"maps"
	"slices"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"motcua/slides/kinds"
	"motcua/slides/raster"
	"motcua/slides/scene"
)

// TestCodesReadBack: every sample's codes are read from the pixels of every
// usual screen, each by a camera that sees its quiet zone and no more.
func TestCodesReadBack(t *testing.T) {
	read := 0
	for _, k := range kinds.All() {
		s := k.Sample()
		body, err := kinds.Parse(&s)
		if err != nil {
			t.Fatal(err)
		}
		want := slices.Sorted(maps.Values(kinds.URLs(body)))
		for _, size := range [][2]int{{1920, 1080}, {1280, 720}, {1080, 1920}, {1024, 600}, {720, 1280}} {
			sc := sample(t, k.Name, size[0], size[1])
			img := raster.Draw(sc, nil)
			var got []string
			for _, op := range sc.Ops {
				m, ok := op.(scene.Modules)
				if !ok {
					continue
				}
				q := 4 * m.Module
				url, err := decode(img.SubImage(raster.Bounds(scene.Rect{X: m.Rect.X - q, Y: m.Rect.Y - q, W: m.Rect.W + 2*q, H: m.Rect.H + 2*q})))
				if err != nil {
					t.Errorf("%s at %v: %v", k.Name, size, err)
				}
				got = append(got, url)
				read++
			}
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("%s at %v reads %q, want %q", k.Name, size, got, want)
			}
			if len(want) == 1 { // alone on the screen it is found from further away, too
				if url, err := decode(img); err != nil || url != want[0] {
					t.Errorf("%s at %v: the whole screen reads %q: %v", k.Name, size, url, err)
				}
			}
		}
	}
	if read < 35 {
		t.Errorf("only %d codes were read", read)
	}
}

// TestLongCodesReadBack: addresses up to the longest that a slide takes.
func TestLongCodesReadBack(t *testing.T) {
	for _, n := range []int{30, 90, 170, 260, 300} {
		url := "https://dichvucong.gov.vn/"
		for i := 0; len(url) < n; i++ {
			url += fmt.Sprintf("%d/", i*7919)
		}
		url = url[:n]
		sc := scene.Compose(frame(), 1920, 1080, faces(t), func(c *scene.Canvas) {
			c.Chrome(scene.Sky, "")
			c.QR(scene.QRSpec{URL: url, Path: "qr"}, scene.Rect{X: c.Body.X, Y: c.Body.Y, W: 460, H: c.Body.H})
		})
		if len(sc.Overflows) > 0 {
			t.Errorf("%d characters: %v", n, sc.Overflows)
		}
		if got, err := decode(raster.Draw(sc, nil)); err != nil || got != url {
			t.Errorf("%d characters read %q: %v", n, got, err)
		}
	}
}

func decode(img image.Image) (string, error) {
	bmp, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		return "", err
	}
	r, err := qrcode.NewQRCodeReader().Decode(bmp, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true})
	if err != nil {
		return "", err
	}
	return r.GetText(), nil
}
