package raster_test

import (
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"testing"
	"time"

	"motcua/slides/kinds"
	"motcua/slides/raster"
	"motcua/slides/scene"
)

var update = flag.Bool("update", false, "write the goldens")

// TestGoldens compares every kind in both orientations, with its slots at a
// fixed time, with a picture kept in testdata. Arm fuses multiply-adds and
// goldens are stored with 17 steps a channel, hence the tolerance.
func TestGoldens(t *testing.T) {
	for _, k := range kinds.All() {
		for _, size := range []struct {
			name string
			w, h int
		}{{"landscape", 960, 540}, {"portrait", 540, 960}} {
			name := fmt.Sprintf("%s-%s.png", k.Name, size.name)
			t.Run(name, func(t *testing.T) {
				sc := sample(t, k.Name, size.w, size.h)
				img := raster.Draw(sc, picture)
				now := time.Date(2023, 3, 20, 9, 41, 0, 0, time.UTC)
				pages := sc.TickerPages([]string{"Dịch vụ công trực tuyến: nộp hồ sơ mọi lúc, mọi nơi tại dichvucong.gov.vn"})
				for slot, ops := range map[string][]scene.Op{
					scene.SlotClock: sc.ClockOps(now), scene.SlotDate: sc.DateOps(now), scene.SlotProgress: sc.ProgressOps(0.4), scene.SlotTicker: sc.TickerOps(pages[0], 0),
				} {
					s, ok := sc.Slot(slot)
					if !ok || len(ops) == 0 {
						t.Errorf("no %s", slot)
					}
					raster.DrawOps(img, ops, raster.Bounds(s.Rect), sc.Faces, nil)
				}
				if len(sc.Overflows)+len(sc.Missing) > 0 {
					t.Errorf("overflows %v, missing %v", sc.Overflows, sc.Missing)
				}
				golden(t, filepath.Join("testdata", name), img)
			})
		}
	}
}

func golden(t *testing.T, file string, img *image.RGBA) {
	t.Helper()
	if *update {
		coarse := coarsened(img)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		out, err := os.Create(file)
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := out.Close(); err != nil {
				t.Fatal(err)
			}
		}()
		if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(out, coarse); err != nil {
			t.Fatal(err)
		}
		return
	}
	in, err := os.Open(file)
	if err != nil {
		t.Fatalf("%v; write the goldens with: go test ./slides/raster -update", err)
	}
	defer func() { _ = in.Close() }()
	want, err := png.Decode(in)
	if err != nil {
		t.Fatal(err)
	}
	if want.Bounds() != img.Bounds() {
		t.Fatalf("is %v, want %v", img.Bounds(), want.Bounds())
	}
	sum, off, worst, at := 0, 0, 0, image.Point{}
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			r, g, b, _ := want.At(x, y).RGBA()
			c := img.RGBAAt(x, y)
			d := max(far(c.R, uint8(r>>8)), far(c.G, uint8(g>>8)), far(c.B, uint8(b>>8)))
			sum += d
			if d > 20 {
				off++
			}
			if d > worst {
				worst, at = d, image.Point{X: x, Y: y}
			}
		}
	}
	if off > 20 || worst > 64 {
		t.Errorf("%d pixels are off by more than 20, the worst by %d at %v (mean %.2f); look at it, and if it is right: go test ./slides/raster -update",
			off, worst, at, float64(sum)/float64(len(img.Pix)/4))
	}
}

// coarsened is img in few colours, to be small as a file.
func coarsened(img *image.RGBA) image.Image {
	out := image.NewRGBA(img.Bounds())
	seen := map[color.RGBA]bool{}
	var palette color.Palette
	for i := 0; i < len(img.Pix); i += 4 {
		for j := range 3 {
			out.Pix[i+j] = uint8(min(255, (int(img.Pix[i+j])+8)/16*16))
		}
		out.Pix[i+3] = 255
		c := color.RGBA{out.Pix[i], out.Pix[i+1], out.Pix[i+2], 255}
		if !seen[c] {
			seen[c] = true
			palette = append(palette, c)
		}
	}
	if len(palette) > 256 {
		return out
	}
	p := image.NewPaletted(img.Bounds(), palette)
	draw.Draw(p, p.Bounds(), out, image.Point{}, draw.Src)
	return p
}
