//go:build !js

package main

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"motcua/kiosk/kiosktest"
	"motcua/kiosk/player"
	"motcua/kiosk/vault"
	"motcua/slides"
	"motcua/slides/chain"
	"motcua/slides/raster"
	"motcua/slides/scene"
	"motcua/slides/survey"
	"motcua/slides/wire"
)

func TestMain(m *testing.M) {
	code := m.Run()
	kiosktest.Clean()
	os.Exit(code)
}

// panel is the real program in full screen on a display of its own, with the
// vault of a kiosk that was paired and published to once and is offline now.
type panel struct {
	*kiosktest.Display
	t       *testing.T
	data    string
	content *player.Content
	faces   faceBook
	kiosk   *kiosktest.Process
	twin    player.State // what the screen should show, by the same rules
	now     player.Now
}

const onlySlide = "slogan-chu-de-2023"

func newPanel(t *testing.T, w, h int) *panel { return newPanelWith(t, w, h, "vi", slides.Terminal{}) }

// newPanelWith is a panel that staff have set up.
func newPanelWith(t *testing.T, w, h int, lang string, term slides.Terminal) *panel {
	t.Helper()
	if testing.Short() {
		t.Skip("starts an X server and the built kiosk")
	}
	p := &panel{Display: kiosktest.NewDisplay(t, w, h), t: t, data: t.TempDir()}
	v, err := vault.OpenFolder(p.data, vault.Options{})
	if err != nil {
		t.Fatal(err)
	}
	pub, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := fill(v, pub, "nhanh", onlySlide); err != nil {
		t.Fatal(err)
	}
	settings, err := wire.Seal(key, wire.TSettings, wire.Settings{Kiosk: "demo", Epoch: "demo", Class: "demo", Name: "Chiếu thử", Lang: lang, Issued: 1, Terminal: term})
	if err == nil {
		err = v.SaveNote("settings", settings)
	}
	if err != nil {
		t.Fatal(err)
	}
	if p.content, _, err = player.Load(v.Manifests().Active().Bytes, v.Blobs().Get); err != nil {
		t.Fatal(err)
	}
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := p.faces.embedded(); err != nil {
		t.Skip(err)
	}
	p.now = player.Now{Wall: 1_790_000_000_000}
	p.twin = player.New(player.Place{Kiosk: "demo", Lang: lang, Terminal: term}, player.Clock{})
	p.do(player.ContentReady{Content: p.content, Now: true})
	p.start()
	return p
}

func (p *panel) start() {
	p.t.Helper()
	// Nothing listens there: the kiosk must not care.
	p.kiosk = p.Start(p.t, kiosktest.Build(p.t), "-server", "http://127.0.0.1:9", "-data", p.data, "-verbose")
}

func (p *panel) do(e player.Event) {
	p.now.Mono += time.Second
	p.now.Wall += 1000
	p.twin, _ = player.Next(p.twin, p.now, e)
}

// wants waits until the screen shows, pixel for pixel, what the twin does, but
// for the parts that move and for a rounding's difference.
func (p *panel) wants(what string) *image.RGBA {
	p.t.Helper()
	show := p.twin.Show()
	sc, err := show.Still.Compose(p.W, p.H, p.faces.own)
	if err != nil {
		p.t.Fatal(err)
	}
	return p.matches(sc, show, what)
}

// matches waits until the screen shows a scene.
func (p *panel) matches(sc *scene.Scene, show player.Show, what string) *image.RGBA {
	p.t.Helper()
	want := raster.Draw(sc, nil)
	moves := slices.DeleteFunc(slices.Clone(sc.Slots), func(s scene.Slot) bool { return s.Name == scene.SlotTyped })
	if s, ok := sc.Slot(scene.SlotTyped); ok { // what was written stands still
		raster.DrawOps(want, show.Live.Ops(sc, s.Name, nil), raster.Bounds(s.Rect), sc.Faces, nil)
	}
	defer func() {
		if p.t.Failed() {
			p.t.Logf("it should show %s", kiosktest.Keep(p.t, "wanted", want))
		}
	}()
	img := p.Until(p.t, what, func(got *image.RGBA) bool {
		for _, s := range moves {
			r := raster.Bounds(s.Rect).Intersect(want.Rect)
			for y := r.Min.Y; y < r.Max.Y; y++ {
				copy(got.Pix[got.PixOffset(r.Min.X, y):][:4*r.Dx()], want.Pix[want.PixOffset(r.Min.X, y):])
			}
		}
		return kiosktest.Differs(got, want, want.Rect, 2) == 0
	})
	return img
}

// touch touches a target of the screen that is up.
func (p *panel) touch(name string) {
	p.t.Helper()
	x, y := p.W/2, p.H/2
	if name != "" {
		x, y = p.where(name)
	}
	<-time.After(player.Debounce + 50*time.Millisecond) // a person does not touch sooner either
	p.Tap(p.t, x, y)
	p.do(player.Touch{Target: name, Serial: p.twin.Serial})
}

func (p *panel) where(name string) (x, y int) {
	p.t.Helper()
	sc, err := p.twin.Show().Still.Compose(p.W, p.H, p.faces.own)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, g := range sc.Targets {
		if g.Name == name {
			return int(g.Rect.X + g.Rect.W/2), int(g.Rect.Y + g.Rect.H/2)
		}
	}
	p.t.Fatalf("no target %s here", name)
	return 0, 0
}

// The whole way of a citizen on the real program, offline, in both
// orientations, judged by the X server's pixels and the vault's records.
func TestACitizenRates(t *testing.T) {
	for _, wh := range [][2]int{{1280, 720}, {720, 1280}} {
		t.Run(fmt.Sprintf("%dx%d", wh[0], wh[1]), func(t *testing.T) {
			p := newPanel(t, wh[0], wh[1])
			p.wants("the slide")
			p.touch("")
			p.wants("the home screen")
			p.touch("tile:rate")
			p.wants("the five faces")

			// A finger that is put down is answered, and one that slides off means nothing.
			x, y := p.where("rate:2")
			before := p.Screenshot(t)
			p.Down(t, x, y)
			spot := image.Rect(x-40, y-20, x+40, y+20)
			p.Until(t, "the pressed face", func(img *image.RGBA) bool { return kiosktest.Differs(before, img, spot, 8) > 0.5 })
			p.Slide(t, 5, 5)
			p.Up(t)
			p.wants("the five faces, untouched")

			p.touch("lang:en")
			p.wants("the faces in English")
			p.touch("rate:5")
			p.do(player.Saved{ID: 1})
			p.wants("thanks")
			p.touch("back")
			p.wants("the slide again")
			p.kiosk.Stop()
			noWaste(t, p.kiosk.Log())

			v, err := vault.OpenFolder(p.data, vault.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer v.Close()
			b, err := v.Outbox().Unacked(chain.ID{1}, 0, 10, 1<<20)
			if err != nil || len(b.Records) != 1 {
				t.Fatalf("%d records: %v", len(b.Records), err)
			}
			r, err := survey.ParseRating(b.Records[0].Sections[0].Body)
			if err != nil {
				t.Fatal(err)
			}
			if err := survey.CheckRating(p.content.Surveys[0], r, p.content.Zone); err != nil {
				t.Error(err)
			}
			if len(r.Answers) != 1 || r.Answers[0].Level != 5 || r.Lang != "en" || r.Shown != p.content.Blob[onlySlide] || r.Kiosk != "demo" {
				t.Errorf("stored: %+v", r)
			}
		})
	}
}

// noWaste: what was put on the window had something new in it, the first few
// frames aside, which ebiten forces. On software GL a frame more delays an answer.
func noWaste(t *testing.T, log string) {
	t.Helper()
	all := regexp.MustCompile(`drawn=(\d+) presented=(\d+)`).FindAllStringSubmatch(log, -1)
	if len(all) == 0 {
		t.Fatal("no answer was told")
	}
	last := all[len(all)-1]
	drawn, err := strconv.Atoi(last[1])
	if err != nil {
		t.Fatal(err)
	}
	presented, err := strconv.Atoi(last[2])
	if err != nil {
		t.Fatal(err)
	}
	if drawn < 4 || presented > drawn+3 {
		t.Errorf("%d frames were drawn, %d presented", drawn, presented)
	}
	t.Log(last[0])
}

// A procedure is found by typing and read, and a guide opened, on the real
// program without a server.
func TestACitizenLooksUp(t *testing.T) {
	p := newPanel(t, 1280, 720)
	p.wants("the slide")
	for _, target := range []string{"", "tile:lookup", "type", "key:t", "key:n", "key:x", "key:p"} {
		p.touch(target)
		p.wants("what follows " + target)
	}
	sc, err := p.twin.Show().Still.Compose(p.W, p.H, p.faces.own)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range sc.Targets {
		if strings.HasPrefix(a.Name, "procedure:") {
			p.touch(a.Name)
			break
		}
	}
	if p.twin.View != player.ViewProcedure {
		t.Fatalf("the view is %s", p.twin.View)
	}
	for _, target := range []string{"qr:body.qr", "back", "back", "back", "back", "tile:guides"} {
		p.wants("the page before a touch on " + target)
		p.touch(target)
	}
	p.wants("the guides")
}

// A kiosk killed while it says thanks has the rating, and starts straight into
// its slides.
func TestKilledAfterThanks(t *testing.T) {
	p := newPanel(t, 640, 360)
	p.wants("the slide")
	p.touch("")
	p.wants("the home screen")
	p.touch("tile:rate")
	p.wants("the five faces")
	p.touch("rate:4")
	p.do(player.Saved{ID: 1})
	p.wants("thanks")
	p.kiosk.Kill()
	v, err := vault.OpenFolder(p.data, vault.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if n := v.Outbox().Pending(); n != 1 {
		t.Errorf("%d ratings after the kill", n)
	}
	v.Close()
	p.start()
	p.do(player.Touch{Target: "back", Serial: p.twin.Serial})
	p.wants("the slide after the kill")
}

// The -shot file is the screen, and a bad flag is said in a sentence.
func TestShotFile(t *testing.T) {
	d := kiosktest.NewDisplay(t, 640, 360)
	file := filepath.Join(t.TempDir(), "now.png")
	k := d.Start(t, kiosktest.Build(t), "-demo", "-demo-slide", onlySlide, "-shot", file)
	ctx, cancel := context.WithTimeout(t.Context(), kiosktest.Within)
	defer cancel()
	for {
		if f, err := os.Open(file); err == nil {
			img, err := png.Decode(f)
			f.Close()
			if err != nil {
				t.Fatalf("half a picture: %v", err)
			}
			body := image.Rect(0, 60, 640, 300) // a slogan's ground darkens downwards: an empty screen's does not
			if rgba, ok := img.(*image.RGBA); ok && kiosktest.Differs(rgba, d.Screenshot(t), body, 2) == 0 && rgba.RGBAAt(20, 100) != rgba.RGBAAt(20, 280) {
				break
			}
		}
		select {
		case <-ctx.Done():
			t.Fatal("the file never showed the screen")
		case <-k.Done():
			t.Fatalf("the kiosk ended: %s", k.Log())
		case <-time.After(50 * time.Millisecond):
		}
	}
	bad := d.Start(t, kiosktest.Build(t), "-demo", "-size", "big")
	<-bad.Done()
	if err := bad.WaitLog(t.Context(), `Cỡ cửa sổ -size "big" không đúng; viết như 1280x720.`); err != nil {
		t.Error(err)
	}
}
