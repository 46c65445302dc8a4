package screen

import (
	"context"
	"encoding/json"
	"errors"
	"image"
	"image/color"
	"testing"
	"time"

	"pgregory.net/rapid"

	"motcua/kiosk/player"
	"motcua/slides"
	"motcua/slides/fonts"
	"motcua/slides/kinds"
	"motcua/slides/raster"
	"motcua/slides/scene"
)

func testFaces(t testing.TB) *scene.Faces {
	t.Helper()
	all, err := fonts.All()
	if err != nil {
		t.Skip(err)
	}
	ttf := map[scene.Weight][]byte{}
	for w, b := range all {
		ttf[scene.Weight(w)] = b
	}
	f, err := scene.NewFaces(ttf)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// content is one slide of each kind in a loop.
func content(t testing.TB) *player.Content {
	t.Helper()
	blobs := map[string][]byte{}
	m := slides.Manifest{
		Class: "c", Epoch: "e", Revision: 1, Issued: 1, Flip: slides.AtOnce, Zone: "Asia/Ho_Chi_Minh", Languages: []string{"vi"},
		Unit: slides.Vi("Sở Lao động – Thương binh và Xã hội tỉnh Lạng Sơn"), UnitShort: slides.Vi("Sở LĐ – TB và XH"), Office: slides.Vi("Bộ phận Tiếp nhận và Trả kết quả"), UnitID: "u",
	}
	m.Format.Major = 1
	list := slides.Playlist{ID: "l", Name: "l"}
	for _, k := range kinds.All() {
		s := k.Sample()
		s.From, s.Until, s.Dwell = 0, 0, 10_000
		b, err := json.Marshal(&s)
		if err != nil {
			t.Fatal(err)
		}
		ref := slides.SlideRef{ID: s.ID, Blob: slides.Sum(b)}
		blobs[ref.Blob] = b
		m.Blobs = append(m.Blobs, slides.BlobRef{SHA: ref.Blob, Size: int64(len(b)), Type: "application/json"})
		if k.Name == "ticker" {
			m.Ticker = append(m.Ticker, ref)
			continue
		}
		m.Slides = append(m.Slides, ref)
		list.Items = append(list.Items, slides.Item{Slide: s.ID})
	}
	m.Playlists = []slides.Playlist{list}
	m.Schedule = []slides.Entry{{ID: "a", Playlist: "l", Zone: "Asia/Ho_Chi_Minh", Start: "2020-01-01T00:00"}}
	raw, err := slides.EncodeManifest(&m)
	if err != nil {
		t.Fatal(err)
	}
	c, faults, err := player.Load(raw, func(sha string) ([]byte, error) {
		if b := blobs[sha]; b != nil {
			return b, nil
		}
		return nil, errors.New("no such blob")
	})
	if err != nil || len(faults) > 0 {
		t.Fatal(err, faults)
	}
	return c
}

// photo stands in for every picture: smooth, so that scaling shows.
func photo(string, int, int) (image.Image, error) {
	img := image.NewRGBA(image.Rect(0, 0, 160, 90))
	for y := range 90 {
		for x := range 160 {
			img.SetRGBA(x, y, color.RGBA{uint8(x), uint8(2 * y), uint8(x + y), 255})
		}
	}
	return img, nil
}

// tolerance is how far a channel may differ between the raster and the texture
// read back: nothing is scaled or blended on the way, so rounding only.
const tolerance = 1

// What ebiten holds is the raster's picture with its slots, for every kind, in
// both orientations.
func TestPixelsAreTheRasters(t *testing.T) {
	window(t)
	f, c := testFaces(t), content(t)
	for _, wh := range [][2]int{{480, 270}, {270, 480}} {
		w, h := wh[0], wh[1]
		s := New(Options{Faces: f, Image: photo, Failed: func(e player.SlideFailed) { t.Errorf("%s: %s", e.Slide, e.Text) }})
		s.game.resize(w, h)
		st := player.New(player.Place{Kiosk: "k"}, player.Clock{})
		now := player.Now{Wall: slides.At(time.Date(2026, 3, 20, 2, 41, 7, 0, time.UTC))}
		st, _ = player.Next(st, now, player.ContentReady{Content: c, Now: true})
		seen := map[string]bool{}
		for range len(c.Slides) {
			show := st.Show()
			seen[show.Still.Slide] = true
			s.Set(show)
			for j, ok := s.next(); ok; j, ok = s.next() {
				p := s.drawPlate(j)
				s.done <- p
				s.game.receive()
			}
			g := &s.game
			g.show, g.epoch = show, 0
			g.turn(g.plates[plateKey(show.Still.Key, w, h, 0)])
			g.drop(w, h)
			if g.now == nil || g.now.still.Key != show.Still.Key {
				t.Fatalf("%s is not up", show.Still.Slide)
			}
			if g.from != nil { // let the cross-fade be over
				g.began = time.Now().Add(-FadeFor)
				g.fade()
			}
			got := g.read(w, h)
			want := reference(t, show, w, h, f)
			if x, y, ok := differ(got, want, tolerance); !ok {
				t.Errorf("%s at %dx%d: pixel %d,%d is %v, the raster says %v", show.Still.Slide, w, h, x, y, got.RGBAAt(x, y), want.RGBAAt(x, y))
			}
			now.Mono += 10 * time.Second
			now.Wall += 10_000
			st, _ = player.Next(st, now, player.Tick{})
		}
		if len(seen) != len(c.Slides) {
			t.Errorf("only %d of %d slides were looked at", len(seen), len(c.Slides))
		}
	}
}

func reference(t *testing.T, show player.Show, w, h int, f *scene.Faces) *image.RGBA {
	t.Helper()
	sc, err := show.Still.Compose(w, h, f)
	if err != nil {
		t.Fatal(err)
	}
	img := raster.Draw(sc, func(sha string) (image.Image, bool) { p, _ := photo(sha, w, h); return p, true })
	pages := sc.TickerPages(show.Live.News)
	for _, slot := range sc.Slots {
		raster.DrawOps(img, show.Live.Ops(sc, slot.Name, pages), raster.Bounds(slot.Rect), f, nil)
	}
	return img
}

func differ(a, b *image.RGBA, tol int) (x, y int, same bool) {
	for y := range a.Rect.Dy() {
		for x := range a.Rect.Dx() {
			i := a.PixOffset(x, y)
			for c := range 4 {
				if d := int(a.Pix[i+c]) - int(b.Pix[i+c]); d > tol || d < -tol {
					return x, y, false
				}
			}
		}
	}
	return 0, 0, true
}

// In the middle of a cross-fade every pixel lies between the two pictures.
func TestFadeHasNoBlackFrame(t *testing.T) {
	window(t)
	s := New(Options{})
	g := &s.game
	flat := func(c color.Color) *plate {
		p := &plate{w: 8, h: 8, texture: newTexture(8, 8), scene: &scene.Scene{}}
		p.texture.tiles[0].img.Fill(c)
		return p
	}
	g.from, g.now = flat(color.White), flat(color.RGBA{200, 100, 50, 255})
	for _, at := range []time.Duration{0, 100 * time.Millisecond, 200 * time.Millisecond, 399 * time.Millisecond} {
		g.began = time.Now().Add(-at)
		c := g.read(8, 8).RGBAAt(4, 4)
		if c.R < 199 || c.G < 99 || c.B < 49 || c.A != 255 {
			t.Errorf("%v into the fade: %v", at, c)
		}
	}
	if ease(0) != 0 || ease(1) != 1 || ease(0.5) != 0.5 || ease(0.25) > 0.2 {
		t.Error("the easing is not one")
	}
}

// Textures stay two, however many slides pass.
func TestTexturesAreBounded(t *testing.T) {
	window(t)
	s := New(Options{})
	g := &s.game
	used := map[*texture]bool{}
	for i := range 40 {
		p := &plate{w: 32, h: 18, scene: &scene.Scene{W: 32, H: 18}, pixels: pack(image.NewRGBA(image.Rect(0, 0, 32, 18)))}
		g.show = player.Show{Serial: uint64(i + 1), View: player.ViewLoop}
		g.turn(p)
		used[p.texture] = true
		if g.from != nil && i%3 > 0 {
			g.began = time.Now().Add(-FadeFor)
			g.fade()
		}
	}
	if len(used) > 2 {
		t.Errorf("%d textures for 40 slides", len(used))
	}
}

func TestABrokenSlideIsToldOnce(t *testing.T) {
	var told []player.SlideFailed
	s := New(Options{Faces: testFaces(t), Failed: func(f player.SlideFailed) { told = append(told, f) }})
	s.game.resize(480, 270)
	c := content(t)
	st, _ := player.Next(player.New(player.Place{}, player.Clock{}), player.Now{Wall: 1_700_000_000_000}, player.ContentReady{Content: c, Now: true})
	for range 3 * len(c.Slides) { // pictures can't be decoded here: Image is nil
		s.Set(st.Show())
		for j, ok := s.next(); ok; j, ok = s.next() {
			s.drawPlate(j)
		}
		now := player.Now{Wall: st.Clock.Now() + 10_000}
		st, _ = player.Next(st, now, player.Tick{})
		for _, f := range told {
			st, _ = player.Next(st, now, f)
		}
	}
	seen := map[string]bool{}
	for _, f := range told {
		if f.Content != c.ID || len(kinds.SlideBlobs(c.Slides[f.Slide])) == 0 || seen[f.Slide] {
			t.Errorf("told: %v", f)
		}
		seen[f.Slide] = true
	}
	if len(seen) == 0 {
		t.Error("nothing was told")
	}
}

func TestScreenshotGivesUp(t *testing.T) {
	s := New(Options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Screenshot(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestPackKeepsEveryPixel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w, h := rapid.IntRange(1, 40).Draw(rt, "w"), rapid.IntRange(1, 12).Draw(rt, "h")
		img := image.NewRGBA(image.Rect(0, 0, w, h))
		colours := rapid.IntRange(1, 4).Draw(rt, "colours")
		for i := 0; i < len(img.Pix); i += 4 {
			c := rapid.IntRange(0, colours).Draw(rt, "c")
			img.Pix[i], img.Pix[i+1], img.Pix[i+2], img.Pix[i+3] = byte(c), byte(c*7), byte(c*31), 255
		}
		p := pack(img)
		out := make([]byte, len(img.Pix))
		for y := 0; y < h; {
			to := min(h, y+rapid.IntRange(1, 5).Draw(rt, "rows"))
			p.unpack(out[4*w*y:4*w*to], y, to)
			y = to
		}
		if string(out) != string(img.Pix) {
			rt.Fatal("pixels changed")
		}
	})
}

// On a panel that is turned, a finger means the pixel of the picture under it.
func TestTurnedTouchesMeanWhatTheySee(t *testing.T) {
	s := New(Options{Upright: true})
	s.game.resize(1080, 1920) // the picture, on a panel of 1920×1080
	s.game.turned = true
	geo := quarter(1920)
	for _, p := range [][2]float64{{10, 20}, {540, 960}, {1070, 1900}, {100, 1800}} {
		px, py := geo.Apply(p[0], p[1])
		x, y := s.game.at(int(px)/coarse, int(py)/coarse)
		if dx, dy := float64(x)-p[0], float64(y)-p[1]; dx > coarse || dx < -coarse || dy > coarse || dy < -coarse {
			t.Errorf("%v is seen at %.0f,%.0f, and a touch there means %d,%d", p, px, py, x, y)
		}
	}
}
