package kiosktest

import (
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Keep writes a picture where a person can look at it and returns the file:
// below MOTCUA_SHOTS if that is set, else in the system's temporary folder.
func Keep(t testing.TB, name string, img image.Image) string {
	t.Helper()
	dir := os.Getenv("MOTCUA_SHOTS")
	if dir == "" {
		dir = os.TempDir()
	}
	name = strings.NewReplacer("/", "-", " ", "-").Replace(t.Name() + "-" + name)
	file := filepath.Join(dir, name+".png")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	e := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := e.Encode(f, img); err != nil {
		t.Fatal(err)
	}
	return file
}

// Differs is the share, in [0,1], of pixels in r at which a and b differ by
// more than tolerance in some channel. Both must hold r.
func Differs(a, b *image.RGBA, r image.Rectangle, tolerance int) float64 {
	n, off := 0, 0
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			n++
			i, j := a.PixOffset(x, y), b.PixOffset(x, y)
			for c := range 3 {
				if d := int(a.Pix[i+c]) - int(b.Pix[j+c]); d > tolerance || d < -tolerance {
					off++
					break
				}
			}
		}
	}
	if n == 0 {
		return 0
	}
	return float64(off) / float64(n)
}
