package review_test

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"slices"
	"strings"
	"testing"
	"time"

	"motcua/slides"
	"motcua/slides/fonts"
	"motcua/slides/kinds"
	"motcua/slides/raster"
	"motcua/slides/review"
	"motcua/slides/scene"
	"motcua/slides/starter"
)

var now = slides.At(time.Date(2026, 3, 20, 2, 0, 0, 0, time.UTC))

func look(t testing.TB) (scene.Frame, *scene.Faces) {
	t.Helper()
	faces, err := fonts.Faces()
	if err != nil {
		t.Skip(err)
	}
	return scene.Frame{Theme: scene.DefaultTheme(), Unit: slides.Vi("Sở Lao động – Thương binh và Xã hội tỉnh Lạng Sơn"), Office: slides.Vi("Bộ phận Tiếp nhận và Trả kết quả"), Hint: true, Ticker: true}, faces
}

func none(string) ([]byte, bool) { return nil, false }

func run(t testing.TB, s *slides.Slide, pictures review.Pictures, change ...func(*review.Viewing, *scene.Frame)) []review.Finding {
	t.Helper()
	f, faces := look(t)
	v := review.AtDesk(now, []string{"gov.vn"})
	for _, c := range change {
		c(&v, &f)
	}
	return review.Slide(s, f, faces, pictures, v)
}

func rules(list []review.Finding) (out []string) {
	for _, f := range list {
		out = append(out, string(f.Severity)+" "+f.Rule)
	}
	return out
}

// What ships must pass its own checks, without a warning.
func TestTheStarterContentPasses(t *testing.T) {
	c, err := starter.Load()
	if err != nil {
		t.Fatal(err)
	}
	for i := range c.Slides {
		s := c.Slides[i]
		s.Until = 0 // some slides tell of a past year on purpose
		for _, f := range run(t, &s, none, func(v *review.Viewing, _ *scene.Frame) { v.Hosts = c.Office.Hosts }) {
			t.Errorf("%s: %s %s at %s: %s", s.ID, f.Severity, f.Rule, f.Path, f.Vi)
		}
	}
}

func slogan(text string) *slides.Slide {
	k, _ := kinds.Find("slogan")
	s := k.Sample()
	b, err := kinds.Parse(&s)
	if err != nil {
		panic(err)
	}
	b.(*kinds.Slogan).Text = slides.Vi(text)
	s.Body, s.Dwell = kinds.MustJSON(b), 30_000
	return &s
}

func qr(url string) *slides.Slide {
	k, _ := kinds.Find("guide")
	s := k.Sample()
	b, err := kinds.Parse(&s)
	if err != nil {
		panic(err)
	}
	b.(*kinds.Guide).QR.URL = url
	s.Body, s.Dwell = kinds.MustJSON(b), 120_000
	return &s
}

// crowded is a guide with all the text that its fields take.
func crowded() *slides.Slide {
	s := qr("https://dichvucong.gov.vn")
	b, err := kinds.Parse(s)
	if err != nil {
		panic(err)
	}
	g := b.(*kinds.Guide)
	g.Steps = nil
	for range 8 {
		g.Steps = append(g.Steps, kinds.Step{Title: slides.Vi(strings.Repeat("Nghiêng ", 7) + "lệ"), Text: slides.Vi(strings.Repeat("thành phần ", 14) + "hồ")})
	}
	s.Body, s.Dwell = kinds.MustJSON(b), slides.MaxDwell.Milliseconds()
	return s
}

func picture(w, h int, turned bool) []byte {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range img.Pix {
		img.Pix[i] = 0xff
	}
	var buf bytes.Buffer
	if !turned {
		if err := png.Encode(&buf, img); err != nil {
			panic(err)
		}
		return buf.Bytes()
	}
	if err := jpeg.Encode(&buf, img, nil); err != nil {
		panic(err)
	}
	tiff := append([]byte("Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00"), 0, 0, 0, 0)
	seg := append([]byte{0xff, 0xe1}, binary.BigEndian.AppendUint16(nil, uint16(len(tiff)+2))...)
	return slices.Concat(buf.Bytes()[:2], seg, tiff, buf.Bytes()[2:])
}

// Each rule fires on what it is for, and only that rule.
func TestEachRule(t *testing.T) {
	pic := strings.Repeat("a", 64)
	imageSlide := func() *slides.Slide {
		k, _ := kinds.Find("image")
		s := k.Sample()
		b, err := kinds.Parse(&s)
		if err != nil {
			t.Fatal(err)
		}
		b.(*kinds.Image).Picture = pic
		s.Body, s.Dwell = kinds.MustJSON(b), 60_000
		return &s
	}
	give := func(b []byte) review.Pictures { return func(string) ([]byte, bool) { return b, true } }
	for _, row := range []struct {
		name     string
		slide    *slides.Slide
		pictures review.Pictures
		change   func(*review.Viewing, *scene.Frame)
		want     string // "": nothing
	}{
		{name: "good", slide: slogan("Bốn tại chỗ")},
		{name: "topic", slide: func() *slides.Slide { s := slogan("Tốt"); s.Topic = ""; return s }(), want: "error field"},
		{name: "glyph", slide: slogan("Đúng hẹn 漢"), want: "error glyph"},
		{name: "too long", slide: crowded(), want: "error fit"},
		{name: "expired", slide: func() *slides.Slide { s := slogan("Tốt"); s.Until = now; return s }(), want: "error expiry"},
		{name: "expiring", slide: func() *slides.Slide { s := slogan("Tốt"); s.Until = now + 29*86400_000; return s }(), want: "warning expiry"},
		{name: "valid for long", slide: func() *slides.Slide { s := slogan("Tốt"); s.Until = now + 31*86400_000; return s }()},
		{name: "too short to read", slide: func() *slides.Slide {
			s := slogan("Một hai ba bốn năm sáu bảy tám chín mười")
			s.Dwell = 3000
			return s
		}(), want: "warning dwell"},
		{name: "far away", slide: slogan("Tốt"), change: func(v *review.Viewing, _ *scene.Frame) { v.Metres = 25 }, want: "warning letter"},
		{name: "no contrast", slide: slogan("Tốt"), change: func(_ *review.Viewing, f *scene.Frame) {
			f.Theme.Son, f.Theme.SonDark = scene.Colour{R: 250, G: 240, B: 240, A: 255}, scene.Colour{R: 250, G: 240, B: 240, A: 255}
		}, want: "error contrast"},
		{name: "foreign host", slide: qr("https://example.com/x"), want: "error host"},
		{name: "good host", slide: qr("https://dichvucong.gov.vn")},
		{name: "scanned from afar", slide: qr("https://dichvucong.gov.vn"), change: func(v *review.Viewing, _ *scene.Frame) { v.ScanMetres = 5 }, want: "error qr-size"},
		{name: "long address", slide: qr("https://dichvucong.gov.vn/" + strings.Repeat("a", 45)), want: "warning address"},
		{name: "no picture", slide: imageSlide(), pictures: none, want: "error picture"},
		{name: "no image", slide: imageSlide(), pictures: give([]byte("<svg/>")), want: "error picture"},
		{name: "small picture", slide: imageSlide(), pictures: give(picture(640, 480, false)), want: "warning picture"},
		{name: "turned picture", slide: imageSlide(), pictures: give(picture(1200, 900, true)), want: "warning picture"},
		{name: "huge picture", slide: imageSlide(), pictures: give(picture(4000, 3000, false)), want: "warning picture"},
		{name: "good picture", slide: imageSlide(), pictures: give(picture(1600, 900, false))},
	} {
		t.Run(row.name, func(t *testing.T) {
			if row.pictures == nil {
				row.pictures = none
			}
			if row.change == nil {
				row.change = func(*review.Viewing, *scene.Frame) {}
			}
			list := run(t, row.slide, row.pictures, row.change)
			got := slices.Compact(slices.Sorted(slices.Values(rules(list))))
			if strings.Join(got, ",") != row.want {
				t.Errorf("found %v, want %q: %+v", got, row.want, list)
			}
			if review.Stops(list) != strings.HasPrefix(row.want, "error") {
				t.Error("stops publishing wrongly")
			}
			for _, f := range list {
				if f.Vi == "" || f.En == "" {
					t.Errorf("no sentence: %+v", f)
				}
			}
		})
	}
}

// A bright corner of a picture under text is seen though most of it is dark.
func TestContrastOverAPicture(t *testing.T) {
	if r := review.Ratio(color.NRGBA{255, 255, 255, 255}, color.RGBA{0, 0, 0, 255}); r < 20.9 || r > 21.1 {
		t.Errorf("white on black %.2f", r)
	}
	if r := review.Ratio(color.NRGBA{0x77, 0x77, 0x77, 255}, color.RGBA{255, 255, 255, 255}); r < 4.4 || r > 4.6 {
		t.Errorf("#777 on white %.2f, WCAG's example is 4.48", r)
	}
}

func FuzzOrientation(f *testing.F) {
	f.Add(picture(8, 8, true))
	f.Add([]byte{0xff, 0xd8, 0xff, 0xe1, 0, 2})
	f.Fuzz(func(t *testing.T, b []byte) {
		if o := raster.Orientation(b); o < 1 || o > 8 {
			t.Errorf("orientation %d", o)
		}
	})
}

func TestOrientation(t *testing.T) {
	if o := raster.Orientation(picture(8, 8, true)); o != 6 {
		t.Errorf("orientation %d, want 6", o)
	}
	if o := raster.Orientation(picture(8, 8, false)); o != 1 {
		t.Errorf("a PNG: %d", o)
	}
}
