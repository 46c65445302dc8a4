package raster_test

import (
	"image"
	"image/color"
	"image/draw"
	"math"
	"testing"

	"pgregory.net/rapid"

	"motcua/slides"
	"motcua/slides/fonts"
	"motcua/slides/kinds"
	"motcua/slides/raster"
	"motcua/slides/scene"
)

func faces(t testing.TB) *scene.Faces {
	t.Helper()
	f, err := fonts.Faces()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func frame() scene.Frame {
	return scene.Frame{
		Theme: scene.DefaultTheme(), Unit: slides.Vi("Sở Lao động – Thương binh và Xã hội tỉnh Lạng Sơn"), UnitShort: slides.Vi("Sở LĐ – TB và XH tỉnh Lạng Sơn"),
		Office: slides.Vi("Bộ phận Tiếp nhận và Trả kết quả"), Lang: "vi", Scale: 1, Hint: true, Ticker: true,
	}
}

// picture is a picture with something to see in it.
func picture(string) (image.Image, bool) {
	img := image.NewRGBA(image.Rect(0, 0, 320, 200))
	for y := range 200 {
		for x := range 320 {
			img.SetRGBA(x, y, color.RGBA{uint8(60 + x/4), uint8(100 + y/2), uint8(180 - x/4), 255})
		}
	}
	return img, true
}

func sample(t testing.TB, kind string, w, h int) *scene.Scene {
	t.Helper()
	k, ok := kinds.Find(kind)
	if !ok {
		t.Fatal(kind)
	}
	s := k.Sample()
	sc, err := kinds.Scene(&s, frame(), faces(t), w, h)
	if err != nil {
		t.Fatal(err)
	}
	return sc
}

func ops(list ...scene.Op) *image.RGBA {
	return raster.Draw(&scene.Scene{W: 40, H: 30, Ops: list}, nil)
}

func TestFillIsExact(t *testing.T) {
	img := ops(
		scene.Fill{Rect: scene.Rect{W: 40, H: 30}, Color: color.NRGBA{255, 255, 255, 255}},
		scene.Fill{Rect: scene.Rect{X: 10, Y: 5, W: 10, H: 10}, Color: color.NRGBA{200, 100, 50, 128}},
		scene.Fill{Rect: scene.Rect{X: 25.5, Y: 5, W: 5, H: 10}, Color: color.NRGBA{0, 0, 0, 255}},
	)
	for _, x := range []struct {
		x, y int
		want color.RGBA
	}{
		{9, 7, color.RGBA{255, 255, 255, 255}},
		{10, 5, color.RGBA{227, 177, 152, 255}},
		{19, 14, color.RGBA{227, 177, 152, 255}},
		{20, 14, color.RGBA{255, 255, 255, 255}},
		{25, 7, color.RGBA{127, 127, 127, 255}},
		{26, 7, color.RGBA{0, 0, 0, 255}},
		{30, 7, color.RGBA{127, 127, 127, 255}},
		{31, 7, color.RGBA{255, 255, 255, 255}},
	} {
		got := img.RGBAAt(x.x, x.y)
		if far(got.R, x.want.R) > 1 || far(got.G, x.want.G) > 1 || far(got.B, x.want.B) > 1 || got.A != x.want.A {
			t.Errorf("(%d,%d) is %v, want %v", x.x, x.y, got, x.want)
		}
	}
}

func far(a, b uint8) int { return max(int(a)-int(b), int(b)-int(a)) }

func TestGradient(t *testing.T) {
	to := color.NRGBA{0, 0, 200, 255}
	img := ops(scene.Fill{Rect: scene.Rect{W: 40, H: 30}, Color: color.NRGBA{200, 0, 0, 255}, To: &to})
	top, mid, end := img.RGBAAt(0, 0), img.RGBAAt(20, 15), img.RGBAAt(39, 29)
	if top.R < 194 || top.B > 6 || far(mid.R, 97) > 4 || far(mid.B, 103) > 4 || end.R > 6 || end.B < 194 {
		t.Errorf("%v %v %v", top, mid, end)
	}
}

// area is how much of img is covered, in pixels.
func area(img *image.RGBA) float64 {
	sum := 0.0
	for i := 3; i < len(img.Pix); i += 4 {
		sum += float64(img.Pix[i]) / 255
	}
	return sum
}

// TestAreas: what is covered is what geometry says.
func TestAreas(t *testing.T) {
	black := color.NRGBA{0, 0, 0, 255}
	at := func(cmd byte, p ...float32) scene.Segment {
		s := scene.Segment{Cmd: cmd}
		for i := 0; i+1 < len(p); i += 2 {
			s.P[i/2] = [2]float32{p[i], p[i+1]}
		}
		return s
	}
	for _, x := range []struct {
		name string
		op   scene.Op
		want float64
	}{
		{"box", scene.Fill{Rect: scene.Rect{X: 3.25, Y: 4.5, W: 20.5, H: 10}, Color: black}, 205},
		{"round", scene.Fill{Rect: scene.Rect{X: 5, Y: 5, W: 20, H: 20}, Radius: 10, Color: black}, math.Pi * 100},
		{"rounded", scene.Fill{Rect: scene.Rect{X: 2.3, Y: 2.7, W: 30, H: 20}, Radius: 6, Color: black}, 600 - (4-math.Pi)*36},
		{"radius over half", scene.Fill{Rect: scene.Rect{X: 2, Y: 2, W: 30, H: 20}, Radius: 60, Color: black}, 600 - (4-math.Pi)*100},
		{"border", scene.Stroke{Rect: scene.Rect{X: 2, Y: 2, W: 30, H: 20}, Width: 2, Color: black}, 600 - 26*16},
		{"round border", scene.Stroke{Rect: scene.Rect{X: 5, Y: 5, W: 20, H: 20}, Radius: 10, Width: 3, Color: black}, math.Pi * (100 - 49)},
		{"thick border", scene.Stroke{Rect: scene.Rect{X: 5, Y: 5, W: 20, H: 10}, Width: 9, Color: black}, 200},
		{"line", scene.Path{Segments: []scene.Segment{at('M', 8, 15), at('L', 28, 15)}, Width: 6, Color: black}, 120 + math.Pi*9},
		{"slanted line", scene.Path{Segments: []scene.Segment{at('M', 8, 8), at('L', 20, 24)}, Width: 4, Color: black}, 80 + math.Pi*4},
		{"dot", scene.Path{Segments: []scene.Segment{at('M', 20, 15), at('L', 20, 15)}, Width: 10, Color: black}, math.Pi * 25},
		{"corner", scene.Path{Segments: []scene.Segment{at('M', 8, 24), at('L', 8, 8), at('L', 30, 8)}, Width: 4, Color: black}, 4*16 + 4*22 - 2*2 + math.Pi + 4*math.Pi}, // two arms less their common square, the outer quarter, two ends
		{"ring", scene.Path{Segments: []scene.Segment{at('M', 8, 8), at('L', 28, 8), at('L', 28, 24), at('L', 8, 24), at('Z')}, Width: 4, Color: black}, 24*20 - 16*12 - (4-math.Pi)*4},
		{"triangle", scene.Path{Segments: []scene.Segment{at('M', 5, 5), at('L', 35, 5), at('L', 5, 25), at('Z')}, Color: black}, 300},
		{"curve", scene.Path{Segments: []scene.Segment{at('M', 5, 20), at('Q', 20, 0, 35, 20), at('Z')}, Color: black}, 2.0 / 3 * 30 * 10},
	} {
		if got := area(ops(x.op)); math.Abs(got-x.want) > 0.015*x.want {
			t.Errorf("%s covers %.2f, want %.2f", x.name, got, x.want)
		}
	}
}

// TestClipIsPartOfTheWhole: drawing within a clip gives the same pixels there
// as drawing everything, and none elsewhere. Slots live on it.
func TestClipIsPartOfTheWhole(t *testing.T) {
	scenes := []*scene.Scene{sample(t, "guide", 480, 270), sample(t, "slogan", 270, 480), sample(t, "index", 480, 270), sample(t, "image", 480, 270)}
	var whole []*image.RGBA
	for _, sc := range scenes {
		whole = append(whole, raster.Draw(sc, picture))
	}
	rapid.Check(t, func(t *rapid.T) {
		i := rapid.IntRange(0, len(scenes)-1).Draw(t, "scene")
		sc := scenes[i]
		x, y := rapid.IntRange(-5, sc.W).Draw(t, "x"), rapid.IntRange(-5, sc.H).Draw(t, "y")
		clip := image.Rect(x, y, x+rapid.IntRange(0, 300).Draw(t, "w"), y+rapid.IntRange(0, 300).Draw(t, "h"))
		dst := image.NewRGBA(image.Rect(0, 0, sc.W, sc.H))
		raster.DrawOps(dst, sc.Ops, clip, sc.Faces, picture)
		clip = clip.Intersect(dst.Bounds())
		for y := range sc.H {
			for x := range sc.W {
				got := dst.RGBAAt(x, y)
				if (image.Point{x, y}).In(clip) {
					if want := whole[i].RGBAAt(x, y); far(got.R, want.R) > 2 || far(got.G, want.G) > 2 || far(got.B, want.B) > 2 || got.A != want.A {
						t.Fatalf("(%d,%d) is %v, want %v", x, y, got, want)
					}
				} else if got != (color.RGBA{}) {
					t.Fatalf("(%d,%d) outside of %v was drawn", x, y, clip)
				}
			}
		}
	})
}

// TestSubImage: a destination that does not start at (0, 0) is drawn in its
// own coordinates.
func TestSubImage(t *testing.T) {
	sc := sample(t, "faq", 480, 270)
	whole := raster.Draw(sc, nil)
	part := image.NewRGBA(image.Rect(100, 50, 300, 200))
	raster.DrawOps(part, sc.Ops, part.Bounds(), sc.Faces, nil)
	for y := 50; y < 200; y++ {
		for x := 100; x < 300; x++ {
			if a, b := part.RGBAAt(x, y), whole.RGBAAt(x, y); far(a.R, b.R) > 2 || far(a.B, b.B) > 2 {
				t.Fatalf("(%d,%d) is %v, want %v", x, y, a, b)
			}
		}
	}
}

// TestThumbnail: close to the full picture shrunk by averaging.
func TestThumbnail(t *testing.T) {
	for _, size := range [][2]int{{1920, 1080}, {1080, 1920}} {
		for _, kind := range []string{"slogan", "guide", "image"} {
			sc := sample(t, kind, size[0], size[1])
			img := raster.Thumbnail(sc, size[0]/6, picture)
			if img.Bounds().Dx() != size[0]/6 || img.Bounds().Dy() != size[1]/6 {
				t.Fatalf("%v", img.Bounds())
			}
			full := raster.Draw(sc, picture)
			sum, n := 0, 0
			for y := range img.Bounds().Dy() {
				for x := range img.Bounds().Dx() {
					var r, g, b int
					for dy := range 6 {
						for dx := range 6 {
							c := full.RGBAAt(6*x+dx, 6*y+dy)
							r, g, b = r+int(c.R), g+int(c.G), b+int(c.B)
						}
					}
					c := img.RGBAAt(x, y)
					sum += far(c.R, uint8(r/36)) + far(c.G, uint8(g/36)) + far(c.B, uint8(b/36))
					n += 3
				}
			}
			if mean := float64(sum) / float64(n); mean > 3 {
				t.Errorf("%s %v: mean difference %.2f", kind, size, mean)
			}
		}
	}
}

func TestPictureThatIsNotThere(t *testing.T) {
	sc := sample(t, "image", 480, 270)
	if len(sc.Blobs) != 1 {
		t.Fatalf("blobs %v", sc.Blobs)
	}
	a := raster.Draw(sc, nil)
	b := raster.Draw(sc, func(string) (image.Image, bool) { return nil, false })
	c := raster.Draw(sc, func(string) (image.Image, bool) { return image.NewRGBA(image.Rectangle{}), true })
	for i := range a.Pix {
		if a.Pix[i] != b.Pix[i] || a.Pix[i] != c.Pix[i] {
			t.Fatal("a missing picture changes the rest")
		}
	}
}

// TestAlphaAsTheStandardLibrary: glyphs of any colour over any ground are
// blended as image/draw blends a mask, within a rounding.
func TestAlphaAsTheStandardLibrary(t *testing.T) {
	f := faces(t)
	rapid.Check(t, func(t *rapid.T) {
		col := func(name string) color.NRGBA {
			v := rapid.Uint32().Draw(t, name)
			return color.NRGBA{uint8(v), uint8(v >> 8), uint8(v >> 16), uint8(v >> 24)}
		}
		ground, ink := col("ground"), col("ink")
		ground.A = 255
		text := func(c color.NRGBA) *scene.Scene {
			return scene.Compose(frame(), 200, 60, f, func(cv *scene.Canvas) {
				cv.Digits("Ệ82", scene.Style{Weight: 800, Max: 400, Color: c}, scene.Rect{X: 10, Y: 5, W: 180, H: 50}, scene.Middle)
			})
		}
		got := image.NewRGBA(image.Rect(0, 0, 200, 60))
		draw.Draw(got, got.Bounds(), image.NewUniform(ground), image.Point{}, draw.Src)
		want := image.NewRGBA(got.Bounds())
		copy(want.Pix, got.Pix)
		mask := raster.Draw(text(color.NRGBA{0, 0, 0, 255}), nil)
		raster.DrawOps(got, text(ink).Ops, got.Bounds(), f, nil)
		draw.DrawMask(want, want.Bounds(), image.NewUniform(ink), image.Point{}, mask, image.Point{}, draw.Over)
		for i := range got.Pix {
			if far(got.Pix[i], want.Pix[i]) > 2 {
				t.Fatalf("byte %d is %d, want %d", i, got.Pix[i], want.Pix[i])
			}
		}
	})
}

func BenchmarkDraw1080(b *testing.B) {
	for _, kind := range []string{"slogan", "guide", "procedure", "faq"} {
		sc := sample(b, kind, 1920, 1080)
		b.Run(kind, func(b *testing.B) {
			for b.Loop() {
				raster.Draw(sc, nil)
			}
		})
	}
}

func BenchmarkCompose1080(b *testing.B) {
	k, _ := kinds.Find("guide")
	s := k.Sample()
	body, err := kinds.Parse(&s)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		kinds.Compose(&s, body, frame(), faces(b), 1920, 1080)
	}
}

func BenchmarkThumbnail(b *testing.B) {
	sc := sample(b, "guide", 1920, 1080)
	for b.Loop() {
		raster.Thumbnail(sc, 320, nil)
	}
}

// TestStrokesAsDistance: a stroked line covers exactly what lies within half
// its width of it: round ends, round joins, nothing more, at any angle.
func TestStrokesAsDistance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 5).Draw(t, "points")
		width := float32(rapid.IntRange(2, 12).Draw(t, "width"))
		closed := n > 2 && rapid.Bool().Draw(t, "closed")
		var pts [][2]float64
		path := scene.Path{Width: width, Color: color.NRGBA{0, 0, 0, 255}}
		for i := range n {
			x, y := rapid.IntRange(8, 32).Draw(t, "x"), rapid.IntRange(8, 22).Draw(t, "y")
			cmd := byte('L')
			if i == 0 {
				cmd = 'M'
			}
			path.Segments = append(path.Segments, scene.Segment{Cmd: cmd, P: [3][2]float32{{float32(x), float32(y)}}})
			pts = append(pts, [2]float64{float64(x), float64(y)})
		}
		if closed {
			path.Segments = append(path.Segments, scene.Segment{Cmd: 'Z'})
			pts = append(pts, pts[0])
		}
		img := ops(path)
		const sub = 8
		sum, real := 0.0, 0.0
		for y := range 30 {
			for x := range 40 {
				in, near, far := 0, 0.0, 1e9
				for i := range sub * sub {
					px, py := float64(x)+(float64(i%sub)+0.5)/sub, float64(y)+(float64(i/sub)+0.5)/sub
					d := 1e9
					for j := 0; j+1 < len(pts); j++ {
						d = min(d, away(px, py, pts[j], pts[j+1]))
					}
					near, far = max(near, d), min(far, d)
					if d <= float64(width)/2 {
						in++
					}
				}
				got := float64(img.RGBAAt(x, y).A) / 255
				sum += got
				real += float64(in) / (sub * sub)
				if half := float64(width) / 2; near < half-0.8 && got < 1 || far > half+0.8 && got > 0 {
					t.Fatalf("(%d,%d), %.2f to %.2f from the line, is covered by %.2f", x, y, far, near, got)
				}
			}
		}
		if math.Abs(sum-real) > 0.04*real+1 {
			t.Fatalf("covers %.1f, want %.1f", sum, real)
		}
	})
}

// away is the distance of (x, y) from the line a to b.
func away(x, y float64, a, b [2]float64) float64 {
	dx, dy := b[0]-a[0], b[1]-a[1]
	k := 0.0
	if l := dx*dx + dy*dy; l > 0 {
		k = min(max(((x-a[0])*dx+(y-a[1])*dy)/l, 0), 1)
	}
	return math.Hypot(x-a[0]-k*dx, y-a[1]-k*dy)
}

// TestPictureIsItself: a picture of the size of its place is copied as it is.
func TestPictureIsItself(t *testing.T) {
	src, _ := picture("")
	sc := &scene.Scene{W: 320, H: 200, Ops: []scene.Op{scene.Picture{Blob: "x", Rect: scene.Rect{W: 320, H: 200}, Radius: 20, Cover: true}}}
	img := raster.Draw(sc, picture)
	for _, p := range []image.Point{{160, 100}, {0, 100}, {160, 0}, {319, 100}, {12, 12}} {
		r, g, b, _ := src.At(p.X, p.Y).RGBA()
		if got, want := img.RGBAAt(p.X, p.Y), (color.RGBA{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8), 255}); got != want {
			t.Errorf("%v is %v, want %v", p, got, want)
		}
	}
	if got := img.RGBAAt(0, 0); got.A != 0 {
		t.Errorf("the corner is not round: %v", got)
	}
}
