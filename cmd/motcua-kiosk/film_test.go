//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"motcua/kiosk/kiosktest"
	"motcua/kiosk/player"
	"motcua/kiosk/vault"
	"motcua/slides"
	"motcua/slides/kinds"
	"motcua/slides/raster"
	"motcua/slides/scene"
)

// filmPanel is a panel whose only slide is a video: green frames over a red poster.
func filmPanel(t *testing.T, w, h int, source string) (*panel, image.Rectangle) {
	t.Helper()
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		t.Skip("no ffmpeg here: apt-get install ffmpeg")
	}
	p := newPanel(t, w, h)
	p.kiosk.Stop()
	clip := filepath.Join(t.TempDir(), "a.mp4")
	if b, err := exec.Command("ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", source, "-pix_fmt", "yuv420p", clip).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, b)
	}
	film, err := os.ReadFile(clip)
	if err != nil {
		t.Fatal(err)
	}
	img := image.NewRGBA(image.Rect(0, 0, 160, 90))
	for i := range img.Pix {
		img.Pix[i] = []byte{160, 20, 20, 255}[i%4]
	}
	var poster bytes.Buffer
	if err := png.Encode(&poster, img); err != nil {
		t.Fatal(err)
	}
	k, _ := kinds.Find("video")
	s := k.Sample()
	body, err := kinds.Parse(&s)
	if err != nil {
		t.Fatal(err)
	}
	b := body.(*kinds.Video)
	b.Film, b.Poster = slides.Sum(film), slides.Sum(poster.Bytes())
	s.Body = kinds.MustJSON(b)
	slide, err := json.Marshal(&s)
	if err != nil {
		t.Fatal(err)
	}
	v, err := vault.OpenFolder(p.data, vault.Options{})
	if err != nil {
		t.Fatal(err)
	}
	m := *v.Manifests().Active().Manifest
	m.Revision++
	m.Slides = []slides.SlideRef{{ID: s.ID, Blob: slides.Sum(slide)}}
	m.Playlists = []slides.Playlist{{ID: "demo", Name: "demo", Items: []slides.Item{{Slide: s.ID, Dwell: slides.MaxDwell.Milliseconds()}}}}
	for _, x := range []struct {
		b    []byte
		kind string
	}{{slide, "application/json"}, {film, "video/mp4"}, {poster.Bytes(), "image/png"}} {
		m.Blobs = append(m.Blobs, slides.BlobRef{SHA: slides.Sum(x.b), Size: int64(len(x.b)), Type: x.kind})
		if err := v.Blobs().Put(slides.Sum(x.b), x.b); err != nil {
			t.Fatal(err)
		}
	}
	raw, err := slides.EncodeManifest(&m)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Manifests().SavePending(raw, make([]byte, 64), m.Epoch); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Manifests().Flip(); err != nil {
		t.Fatal(err)
	}
	if p.content, _, err = player.Load(raw, v.Blobs().Get); err != nil {
		t.Fatal(err)
	}
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	p.do(player.ContentReady{Content: p.content, Now: true})
	sc, err := p.twin.Show().Still.Compose(w, h, p.faces.own)
	if err != nil {
		t.Fatal(err)
	}
	slot, ok := sc.Slot(scene.SlotFilm)
	if !ok {
		t.Fatal("no place for a film")
	}
	p.start()
	return p, raster.Bounds(slot.Rect)
}

// decoders are the kiosk's children.
func decoders(t *testing.T, pid int) (out []int) {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range stats {
		b, err := os.ReadFile(s)
		if err != nil {
			continue // gone since
		}
		if f := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:])); f[1] == strconv.Itoa(pid) {
			n, _ := strconv.Atoi(filepath.Base(filepath.Dir(s)))
			out = append(out, n)
		}
	}
	return out
}

// A video slide on the real program: it plays in its place, lives on when its
// decoder is killed, gives way to a finger, and leaves no process behind.
func TestAVideoPlays(t *testing.T) {
	for _, wh := range [][2]int{{960, 540}, {540, 960}} {
		t.Run(fmt.Sprintf("%dx%d", wh[0], wh[1]), func(t *testing.T) {
			p, at := filmPanel(t, wh[0], wh[1], "color=c=0x20C040:size=320x180:rate=25:duration=4")
			mid := image.Pt((at.Min.X+at.Max.X)/2, (at.Min.Y+at.Max.Y)/2)
			green := func(img *image.RGBA) bool {
				c := img.RGBAAt(mid.X, mid.Y)
				return c.G > 150 && c.R < 90
			}
			img := p.Until(t, "the film", green)
			if c := img.RGBAAt(at.Min.X, at.Min.Y); c.G > c.R {
				t.Errorf("the film's corner is not round: %v", c)
			}
			kids := decoders(t, p.kiosk.PID())
			if len(kids) != 1 {
				t.Fatalf("%d children", len(kids))
			}
			if err := syscall.Kill(kids[0], syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
			for end := time.Now().Add(kiosktest.Within); ; time.Sleep(20 * time.Millisecond) {
				if now := decoders(t, p.kiosk.PID()); len(now) == 1 && now[0] != kids[0] {
					break
				} else if time.Now().After(end) {
					t.Fatalf("no new decoder: %v", now)
				}
			}
			p.Until(t, "the film goes on", green)
			p.Tap(t, p.W/2, p.H/8) // beside the film
			p.Until(t, "a citizen's screen without the film", func(img *image.RGBA) bool {
				return !green(img) && img.RGBAAt(mid.X, mid.Y) != color.RGBA{160, 20, 20, 255}
			})
			for end := time.Now().Add(kiosktest.Within); len(decoders(t, p.kiosk.PID())) > 0; time.Sleep(20 * time.Millisecond) {
				if time.Now().After(end) {
					t.Fatal("the decoder goes on under a citizen's screen")
				}
			}
		})
	}
}

// A kiosk that is killed takes its decoder with it.
func TestADecoderDiesWithItsKiosk(t *testing.T) {
	p, at := filmPanel(t, 640, 360, "color=c=0x20C040:size=320x180:rate=25:duration=4")
	p.Until(t, "the film", func(img *image.RGBA) bool {
		c := img.RGBAAt((at.Min.X+at.Max.X)/2, (at.Min.Y+at.Max.Y)/2)
		return c.G > 150 && c.R < 90
	})
	kids := decoders(t, p.kiosk.PID())
	if len(kids) != 1 {
		t.Fatalf("%d children", len(kids))
	}
	p.kiosk.Kill()
	for end := time.Now().Add(kiosktest.Within); syscall.Kill(kids[0], 0) == nil; time.Sleep(20 * time.Millisecond) {
		if b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", kids[0])); err != nil || strings.Contains(string(b), ") Z ") {
			break // dead, and not ours to bury
		}
		if time.Now().After(end) {
			t.Fatal("the decoder outlives its kiosk")
		}
	}
}
