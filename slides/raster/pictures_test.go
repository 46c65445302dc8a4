package raster_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"testing"

	"motcua/slides"
	"motcua/slides/raster"
)

func encoded(t testing.TB, f func(*bytes.Buffer, image.Image) error) []byte {
	t.Helper()
	img, _ := picture("")
	var b bytes.Buffer
	if err := f(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asPNG(b *bytes.Buffer, m image.Image) error  { return png.Encode(b, m) }
func asJPEG(b *bytes.Buffer, m image.Image) error { return jpeg.Encode(b, m, nil) }
func asGIF(b *bytes.Buffer, m image.Image) error  { return gif.Encode(b, m, nil) }

// bomb is a PNG whose head claims w×h pixels.
func bomb(w, h uint32) []byte {
	head := []byte("IHDR")
	head = binary.BigEndian.AppendUint32(head, w)
	head = binary.BigEndian.AppendUint32(head, h)
	head = append(head, 8, 6, 0, 0, 0)
	out := []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d")
	out = append(out, head...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(head))
}

func TestDecodePicture(t *testing.T) {
	good := encoded(t, asPNG)
	for _, x := range []struct {
		name string
		in   []byte
		want slides.ErrKind
	}{
		{"png", good, ""},
		{"jpeg", encoded(t, asJPEG), ""},
		{"gif", encoded(t, asGIF), slides.Invalid},
		{"svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), slides.Invalid},
		{"empty", nil, slides.Invalid},
		{"webp", []byte("RIFF\x00\x00\x00\x00WEBPVP8 "), slides.Invalid},
		{"cut", good[:len(good)/2], slides.Invalid},
		{"only a head", good[:20], slides.Invalid},
		{"bomb", bomb(100_000, 100_000), slides.TooLarge},
		{"wide bomb", bomb(2_000_000_000, 1), slides.TooLarge},
		{"just over", bomb(8000, 5001), slides.TooLarge},
		{"no pixels", bomb(0, 10), slides.Invalid},
		{"too many bytes", append(bytes.Clone(good), make([]byte, raster.MaxPictureBytes)...), slides.TooLarge},
	} {
		img, err := raster.DecodePicture(x.in)
		if slides.KindOf(err) != x.want {
			t.Errorf("%s: %v", x.name, err)
		}
		if err == nil && img.Bounds().Dx() != 320 {
			t.Errorf("%s: %v", x.name, img.Bounds())
		}
		if err != nil && (slides.Sentence(err, "vi") == "" || slides.Sentence(err, "en") == "") {
			t.Errorf("%s has no sentence: %v", x.name, err)
		}
	}
}

func TestScaleCover(t *testing.T) {
	src := image.NewRGBA(image.Rect(0, 0, 300, 100))
	for y := range 100 {
		for x := range 300 {
			src.SetRGBA(x, y, color.RGBA{uint8(x / 100 * 100), 0, 0, 255})
		}
	}
	got := raster.Scale(src, 50, 50, true) // the middle third
	for _, x := range []int{2, 25, 47} {
		if c := got.RGBAAt(x, 25); c.R < 98 || c.R > 102 {
			t.Errorf("at %d: %v", x, c)
		}
	}
	if got := raster.Scale(src, 50, 50, false).RGBAAt(48, 25); got.R < 195 {
		t.Errorf("stretched: %v", got)
	}
}

func FuzzDecodePicture(f *testing.F) {
	f.Add(encoded(f, asPNG))
	f.Add(encoded(f, asJPEG))
	f.Add(bomb(100_000, 100_000))
	f.Add([]byte("<svg/>"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 1<<16 {
			return
		}
		img, err := raster.DecodePicture(b)
		if (img == nil) == (err == nil) {
			t.Fatalf("%v, %v", img, err)
		}
		if err == nil && img.Bounds().Dx()*img.Bounds().Dy() > raster.MaxPicturePixels {
			t.Fatalf("decoded %v", img.Bounds())
		}
	})
}
