package media

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"testing"

	"motcua/slides"
)

// marked is a picture, red in its top left quarter and blue elsewhere.
func marked(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{20, 40, 200, 255}
			if x < w/2 && y < h/2 {
				c = color.RGBA{200, 20, 20, 255}
			}
			img.SetRGBA(x, y, c)
		}
	}
	return img
}

func jpegOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pngOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// tiff is metadata with an orientation and a place.
func tiff(order binary.AppendByteOrder, o int) []byte {
	b := []byte("II*\x00")
	if order == binary.AppendByteOrder(binary.BigEndian) {
		b = []byte("MM\x00*")
	}
	b = order.AppendUint32(b, 8)
	b = order.AppendUint16(b, 2)
	b = order.AppendUint16(b, 0x010f) // the camera's maker
	b = order.AppendUint16(b, 2)
	b = order.AppendUint32(b, 4)
	b = append(b, "BIMT"...)
	b = order.AppendUint16(b, 0x0112)
	b = order.AppendUint16(b, 3)
	b = order.AppendUint32(b, 1)
	b = order.AppendUint16(b, uint16(o))
	return append(b, 0, 0, 0, 0, 0, 0)
}

// withExif puts metadata into a JPEG, after its first segment as cameras do.
func withExif(jpg, meta []byte) []byte {
	seg := append([]byte("Exif\x00\x00"), meta...)
	out := append([]byte{}, jpg[:2]...)
	out = append(out, 0xff, 0xe1)
	out = binary.BigEndian.AppendUint16(out, uint16(len(seg)+2))
	return append(append(out, seg...), jpg[2:]...)
}

// A picture comes out upright whichever way the camera was held, with nothing
// of what the camera wrote, the same each time.
func TestPicturesStandUpright(t *testing.T) {
	// Where the red quarter must be for each orientation, by right and bottom half.
	want := [9][2]bool{{}, {false, false}, {true, false}, {true, true}, {false, true}, {false, false}, {true, false}, {true, true}, {false, true}}
	for o := 1; o <= 8; o++ {
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			b := withExif(jpegOf(t, marked(80, 40)), tiff(order, o))
			if orientation(b) != o {
				t.Fatalf("orientation %d is read as %d", o, orientation(b))
			}
			p, err := Prepare(b)
			if err != nil {
				t.Fatal(err)
			}
			w, h := 80, 40
			if o >= 5 {
				w, h = 40, 80
			}
			img, err := jpeg.Decode(bytes.NewReader(p.Whole.Data))
			if err != nil {
				t.Fatal(err)
			}
			if p.W != w || p.H != h || img.Bounds().Dx() != w || img.Bounds().Dy() != h || p.HD.Data != nil {
				t.Errorf("%d: %dx%d", o, p.W, p.H)
			}
			for _, right := range []bool{false, true} {
				for _, bottom := range []bool{false, true} {
					x, y := w/4, h/4
					if right {
						x += w / 2
					}
					if bottom {
						y += h / 2
					}
					r, _, blue, _ := img.At(x, y).RGBA()
					if (r > blue) != (want[o] == [2]bool{right, bottom}) {
						t.Errorf("orientation %d: red is wrong at right %v, bottom %v", o, right, bottom)
					}
				}
			}
			for _, secret := range []string{"Exif", "BIMT"} {
				if bytes.Contains(p.Whole.Data, []byte(secret)) || bytes.Contains(p.Thumb.Data, []byte(secret)) {
					t.Errorf("%q is still in the picture", secret)
				}
			}
			again, err := Prepare(b)
			if err != nil || !bytes.Equal(again.Whole.Data, p.Whole.Data) {
				t.Error("the same picture gave other bytes", err)
			}
		}
	}
}

func TestPictureSizes(t *testing.T) {
	see := marked(64, 64)
	see.SetRGBA(0, 0, color.RGBA{})
	for _, c := range []struct {
		name        string
		b           []byte
		w, h        int
		mime        string
		hd          int // longer side, 0: none
		thumb       int
		thumbOpaque bool
	}{
		{"4K and more", jpegOf(t, marked(4600, 230)), 3840, 192, "image/jpeg", 1920, 480, true},
		{"upright", jpegOf(t, marked(240, 2400)), 240, 2400, "image/jpeg", 1920, 480, true},
		{"small", jpegOf(t, marked(300, 200)), 300, 200, "image/jpeg", 0, 300, true},
		{"a drawing", pngOf(t, marked(1000, 500)), 1000, 500, "image/png", 0, 480, true},
		{"see-through", pngOf(t, see), 64, 64, "image/png", 0, 64, false},
	} {
		p, err := Prepare(c.b)
		if err != nil {
			t.Fatal(c.name, err)
		}
		if p.W != c.w || p.H != c.h || p.Whole.Type != c.mime {
			t.Errorf("%s: %dx%d %s", c.name, p.W, p.H, p.Whole.Type)
		}
		for what, want := range map[*Bytes]int{&p.HD: c.hd, &p.Thumb: c.thumb} {
			side := 0
			if what.Data != nil {
				cfg, _, err := image.DecodeConfig(bytes.NewReader(what.Data))
				if err != nil {
					t.Fatal(c.name, err)
				}
				side = max(cfg.Width, cfg.Height)
			}
			if side != want {
				t.Errorf("%s: a side of %d, want %d", c.name, side, want)
			}
		}
		if img, _, err := image.Decode(bytes.NewReader(p.Thumb.Data)); err != nil || opaque(img) != c.thumbOpaque {
			t.Errorf("%s: the small one hides what is behind it: %v", c.name, err)
		}
	}
}

func TestFilesThatAreNotTaken(t *testing.T) {
	bomb := pngOf(t, marked(8, 8))
	binary.BigEndian.PutUint32(bomb[16:], 60000)
	binary.BigEndian.PutUint32(bomb[20:], 60000)
	for name, c := range map[string]struct {
		b    []byte
		kind slides.ErrKind
	}{
		"svg":         {[]byte("\n <SVG xmlns='http://www.w3.org/2000/svg'/>"), slides.Invalid},
		"html":        {[]byte("<!doctype html><script>1</script>"), slides.Invalid},
		"gif":         {[]byte("GIF89a......"), slides.Invalid},
		"pdf":         {[]byte("%PDF-1.7"), slides.Invalid},
		"heic":        {[]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00"), slides.Invalid},
		"empty":       {nil, slides.Invalid},
		"cut":         {jpegOf(t, marked(90, 90))[:400], slides.Invalid},
		"bomb":        {bomb, ""}, // its size is a lie: the sum of its head is wrong
		"claims webp": {[]byte("RIFF\x10\x00\x00\x00WEBPVP8 \x04\x00\x00\x00aaaa"), slides.Invalid},
		"film":        {[]byte("\x00\x00\x00\x18ftypisom\x00\x00\x00\x00"), slides.Invalid},
	} {
		_, err := Prepare(c.b)
		if got := slides.KindOf(err); err == nil || c.kind != "" && got != c.kind || slides.Sentence(err, "vi") == slides.Sentence(nil, "vi") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzOrientation(f *testing.F) {
	f.Add(withExif(jpegOf(f, marked(8, 8)), tiff(binary.LittleEndian, 6)))
	f.Add(append(pngOf(f, marked(2, 2))[:33], "\x00\x00\x00\x08eXIfMM\x00*\x00\x00\x00\x08"...))
	f.Add([]byte("RIFF\x20\x00\x00\x00WEBPEXIF\x1a\x00\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x03\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if o := orientation(b); o < 1 || o > 8 {
			t.Fatal(o)
		}
		is, err := sniff(b)
		if (err == nil) != (is.kind != "") {
			t.Fatal(is, err)
		}
	})
}
