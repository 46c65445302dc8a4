package scene_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"motcua/slides"
	"motcua/slides/scene"
)

func TestAllowedURL(t *testing.T) {
	hosts := []string{"gov.vn", "zalo.me", "facebook.com"}
	for url, ok := range map[string]bool{
		"https://dichvucong.gov.vn":                   true,
		"http://dichvucong.langson.gov.vn/x?a=1":      true,
		"https://GOV.VN./":                            true,
		"https://zalo.me/123":                         true,
		"https://www.facebook.com/langson":            true,
		"https://evilgov.vn":                          false,
		"https://gov.vn.evil.com":                     false,
		"https://dichvucong.gov.vn@evil.com":          false,
		"https://user:pass@dichvucong.gov.vn":         false,
		"ftp://dichvucong.gov.vn":                     false,
		"javascript:alert(1)":                         false,
		"//dichvucong.gov.vn":                         false,
		"dichvucong.gov.vn":                           false,
		"https://dichvucong.gov.vn\\@evil.com":        false,
		"https://dichvucong.gov.vn/a b":               false,
		"https://127.0.0.1/":                          false,
		"https://[::1]/":                              false,
		"https://localhost/":                          false,
		"https://xn--dchvucong-4fd.evil.com":          false,
		"https://dịchvụcông.gov.vn":                   false,
		"":                                            false,
		"https://":                                    false,
		"https://-a.gov.vn":                           false,
		"https://a..gov.vn":                           false,
		"https://example.com/?next=dichvucong.gov.vn": false,
	} {
		err := scene.AllowedURL(url, hosts)
		if (err == nil) != ok {
			t.Errorf("%q: %v", url, err)
		}
		if err != nil && (slides.KindOf(err) != slides.Invalid || slides.Sentence(err, "vi") == "") {
			t.Errorf("%q: %v has no sentence", url, err)
		}
	}
	if err := scene.AllowedURL("https://example.com", nil); err != nil {
		t.Errorf("without a list: %v", err)
	}
}

// TestQRGrid: whole pixels a module, four modules of pure white around, and
// the card on the screen, at sizes from a small window to 4K.
func TestQRGrid(t *testing.T) {
	for _, size := range [][2]int{{1280, 720}, {1366, 768}, {1920, 1080}, {1080, 1920}, {3840, 2160}, {800, 1280}} {
		var card scene.Rect
		sc := scene.Compose(frame(), size[0], size[1], faces(t), func(c *scene.Canvas) {
			card = c.QR(scene.QRSpec{URL: "https://dichvucong.gov.vn", Caption: "Quét để bắt đầu", Path: "qr"}, scene.Rect{X: 33.3, Y: 21.7, W: c.Px(460), H: c.Px(600)})
		})
		var m scene.Modules
		var white scene.Rect
		var said []string
		for _, op := range sc.Ops {
			switch o := op.(type) {
			case scene.Modules:
				m = o
			case scene.Fill:
				white = o.Rect
			case scene.Glyphs:
				said = append(said, o.Text)
			}
		}
		n := float32(len(m.Dark))
		if m.Module < 3 || m.Module != float32(int(m.Module)) || m.Rect.X != float32(int(m.Rect.X)) || m.Rect.Y != float32(int(m.Rect.Y)) || m.Rect.W != n*m.Module {
			t.Errorf("%v: module %v at %v", size, m.Module, m.Rect)
		}
		if want := (scene.Rect{X: m.Rect.X - 4*m.Module, Y: m.Rect.Y - 4*m.Module, W: (n + 8) * m.Module, H: (n + 8) * m.Module}); white != want {
			t.Errorf("%v: quiet zone %v, want %v", size, white, want)
		}
		if !card.Contains(white) {
			t.Errorf("%v: card %v does not hold %v", size, card, white)
		}
		if strings.Join(said, "|") != "Quét để bắt đầu|dichvucong.gov.vn" {
			t.Errorf("%v: says %q", size, said)
		}
	}
}

func TestQRTooLong(t *testing.T) {
	sc := scene.Compose(frame(), 1920, 1080, faces(t), func(c *scene.Canvas) {
		c.QR(scene.QRSpec{URL: "https://dichvucong.gov.vn/" + strings.Repeat("x", 2500), Path: "qr"}, scene.Rect{W: 400, H: 600})
		c.QR(scene.QRSpec{URL: "https://dichvucong.gov.vn/" + strings.Repeat("x", 700), Path: "dense"}, scene.Rect{W: 300, H: 400})
	})
	if got := fmt.Sprintf("%d %s %s", len(sc.Overflows), sc.Overflows[0].Path, sc.Overflows[1].Path); got != "2 qr.url dense.url" {
		t.Error(got)
	}
}

func composed(t testing.TB, w, h int, draw func(*scene.Canvas)) *scene.Scene {
	return scene.Compose(frame(), w, h, faces(t), draw)
}

// TestClockStandsStill: a digit's cell does not depend on the other digits.
func TestClockStandsStill(t *testing.T) {
	sc := composed(t, 1920, 1080, page)
	at := func(h, m int) (scene.Glyphs, []float32) {
		g := sc.ClockOps(time.Date(2023, 3, 20, h, m, 0, 0, time.UTC))[0].(scene.Glyphs)
		var x []float32
		for _, p := range g.Glyphs {
			x = append(x, p.X)
		}
		return g, x
	}
	a, ax := at(9, 41)
	b, bx := at(19, 41)
	if a.Text != "09:41" || a.Box != b.Box {
		t.Errorf("%q in %v, %q in %v", a.Text, a.Box, b.Text, b.Box)
	}
	for _, i := range []int{1, 2, 3, 4} { // "9:41" is common
		if ax[i] != bx[i] {
			t.Errorf("glyph %d moves from %v to %v", i, ax[i], bx[i])
		}
	}
	slot, _ := sc.Slot(scene.SlotClock)
	if c, _ := at(0, 0); !slot.Rect.Contains(c.Ink) {
		t.Errorf("00:00 at %v leaves %v", c.Ink, slot.Rect)
	}
}

func TestDates(t *testing.T) {
	monday := time.Date(2023, 3, 20, 9, 0, 0, 0, time.UTC)
	if got := scene.Weekday(monday.Weekday(), "vi") + " " + scene.Date(monday, "vi"); got != "Thứ Hai 20/3/2023" {
		t.Error(got)
	}
	if got := scene.Weekday(monday.AddDate(0, 0, 6).Weekday(), "vi"); got != "Chủ Nhật" {
		t.Error(got)
	}
	if got := scene.Weekday(monday.Weekday(), "en-GB") + " " + scene.Date(monday, "en"); got != "Monday 20 Mar 2023" {
		t.Error(got)
	}
	for _, size := range [][2]int{{1920, 1080}, {1080, 1920}, {1024, 600}, {2560, 1080}} {
		for _, lang := range []string{"vi", "en"} {
			f := frame()
			f.Lang = lang
			sc := scene.Compose(f, size[0], size[1], faces(t), page)
			slot, _ := sc.Slot(scene.SlotDate)
			for d := range 366 {
				day := time.Date(2028, 1, 1+d, 0, 0, 0, 0, time.UTC)
				said := ""
				for _, op := range sc.DateOps(day) {
					g := op.(scene.Glyphs)
					said += g.Text + " "
					if !slot.Rect.Contains(g.Ink) {
						t.Errorf("%v: %q at %v leaves %v", size, g.Text, g.Ink, slot.Rect)
					}
				}
				if want := scene.Weekday(day.Weekday(), lang) + " " + scene.Date(day, lang) + " "; said != want {
					t.Errorf("%v: says %q, want %q", size, said, want)
				}
			}
		}
	}
}

// TestTickerPages: pages fit the slot and say every word once, in order.
func TestTickerPages(t *testing.T) {
	sc := composed(t, 1080, 1920, page)
	slot, ok := sc.Slot(scene.SlotTicker)
	if !ok {
		t.Fatal("no ticker")
	}
	rapid.Check(t, func(t *rapid.T) {
		line := drawText(t)
		pages := sc.TickerPages([]string{line})
		if got, want := strings.Join(strings.Fields(strings.Join(pages, "")), ""), strings.Join(strings.Fields(line), ""); got != want {
			t.Fatalf("%q, want %q", got, want)
		}
		for _, p := range pages {
			for _, op := range sc.TickerOps(p, 0) {
				if g := op.(scene.Glyphs); !slot.Rect.Contains(g.Ink) {
					t.Fatalf("%q at %v leaves %v", p, g.Ink, slot.Rect)
				}
			}
		}
	})
	if got := sc.TickerPages([]string{"Tin một", "", "Tin hai"}); len(got) != 2 {
		t.Errorf("two short lines are %q", got)
	}
	wide := sc.TickerOps("Tin một", -40)[0].(scene.Glyphs)
	if still := sc.TickerOps("Tin một", 0)[0].(scene.Glyphs); wide.Ink.X-still.Ink.X < -40.01 || wide.Ink.X-still.Ink.X > -39.99 {
		t.Errorf("scrolled to %v from %v", wide.Ink.X, still.Ink.X)
	}
}

func TestProgressAndCountdown(t *testing.T) {
	sc := composed(t, 1920, 1080, func(c *scene.Canvas) {
		page(c)
		c.Countdown(scene.Rect{X: 900, Y: 900, W: 300, H: 104}, scene.End)
	})
	if got := sc.ProgressOps(0.25)[0].(scene.Fill).Rect; got.W != 480 || got.Bottom() != 1080 {
		t.Errorf("a quarter is %v", got)
	}
	if len(sc.ProgressOps(0)) != 0 || sc.ProgressOps(7)[0].(scene.Fill).Rect.W != 1920 {
		t.Error("progress is not held in [0,1]")
	}
	said := ""
	for _, op := range sc.CountdownOps(24) {
		said += op.(scene.Glyphs).Text + " "
	}
	if strings.TrimSpace(said) != "Tự trở về sau 24 giây" {
		t.Error(said)
	}
}

// TestAnyScreen: no shape of screen panics, everything is on it, and every
// target is big enough on a screen that is.
func TestAnyScreen(t *testing.T) {
	f := faces(t)
	rapid.Check(t, func(t *rapid.T) {
		w, h := rapid.IntRange(1, 5000).Draw(t, "w"), rapid.IntRange(1, 5000).Draw(t, "h")
		fr := frame()
		fr.Lang = rapid.SampledFrom([]string{"vi", "en", "", "tày"}).Draw(t, "lang")
		fr.Scale = rapid.SampledFrom([]float32{1, 1.15, 1.3, 0, -4}).Draw(t, "scale")
		fr.Ticker, fr.Hint = rapid.Bool().Draw(t, "ticker"), rapid.Bool().Draw(t, "hint")
		tone := scene.Tone(rapid.IntRange(0, 2).Draw(t, "tone"))
		sc := scene.Compose(fr, w, h, f, func(c *scene.Canvas) {
			if rapid.Bool().Draw(t, "plain") {
				c.Plain(tone)
			} else {
				c.Chrome(tone, drawText(t))
			}
			c.Mountains(c.H/2, c.H)
			c.Title("t", drawText(t), drawText(t))
			c.ButtonRow(scene.Rect{X: c.Body.X, Y: c.Body.Y, W: c.Body.W, H: c.Px(scene.ButtonH)}, scene.Button{Name: "a", Label: drawText(t), Icon: scene.IconBack}, scene.Button{Name: "b", Label: "Xong", Chosen: true})
			c.FaceCard(scene.Choice{Name: "rate:2", Label: drawText(t), Level: 2, Pressed: true}, c.Body)
			c.Tile(scene.Tile{Name: "x", Title: drawText(t), Text: drawText(t), Icon: scene.IconQR}, c.Body)
			c.QR(scene.QRSpec{URL: "https://dichvucong.gov.vn", Caption: drawText(t)}, c.Body)
		})
		screen := scene.Rect{W: float32(w), H: float32(h)}
		for _, op := range sc.Ops {
			if g, ok := op.(scene.Glyphs); ok && g.Ink.W > 0 && w >= 320 && h >= 320 && !screen.Contains(g.Ink) {
				t.Fatalf("%q at %v leaves %v", g.Text, g.Ink, screen)
			}
		}
		now := time.Date(2023, 3, 20, 9, 41, 0, 0, time.UTC)
		_, _, _, _ = sc.ClockOps(now), sc.DateOps(now), sc.ProgressOps(0.5), sc.TickerOps("x", 0)
	})
}

func TestFacesAreAlike(t *testing.T) {
	var sizes []float32
	sc := composed(t, 1920, 1080, func(c *scene.Canvas) {
		for i := range 5 {
			c.FaceCard(scene.Choice{Name: "r", Label: []string{"Rất không hài lòng", "Không hài lòng", "Bình thường", "Hài lòng", "Rất hài lòng"}[i], Level: i + 1}, scene.Rect{X: float32(i) * 340, Y: 300, W: 320, H: 500})
		}
	})
	var tops []float32
	theme := scene.DefaultTheme()
	for _, op := range sc.Ops {
		if f, ok := op.(scene.Fill); ok {
			for _, c := range theme.Faces {
				if f.Color == c.NRGBA() {
					sizes, tops = append(sizes, f.Rect.W), append(tops, f.Rect.Y)
				}
			}
		}
	}
	if len(sizes) != 5 {
		t.Fatalf("%d faces", len(sizes))
	}
	for i := range sizes {
		if sizes[i] != sizes[0] || tops[i] != tops[0] {
			t.Errorf("face %d is %v at %v, the first %v at %v", i+1, sizes[i], tops[i], sizes[0], tops[0])
		}
	}
}

func BenchmarkChrome1080(b *testing.B) {
	f := faces(b)
	for b.Loop() {
		scene.Compose(frame(), 1920, 1080, f, page)
	}
}

// A notice for staff has a band of its own: the slide's area begins below it.
func TestNoticeHidesNothing(t *testing.T) {
	ttf := faces(t)
	for _, size := range [][2]int{{1920, 1080}, {1080, 1920}, {1280, 720}} {
		f := scene.Frame{Theme: scene.DefaultTheme(), Lang: "vi", Scale: 1}
		var plain, noticed scene.Rect
		scene.Compose(f, size[0], size[1], ttf, func(c *scene.Canvas) { c.Chrome(scene.Paper, ""); plain = c.Body })
		f.Notice = "Một màn hình khác đang dùng cùng danh tính; màn hình mới nhất được giữ."
		out := scene.Compose(f, size[0], size[1], ttf, func(c *scene.Canvas) { c.Chrome(scene.Paper, ""); noticed = c.Body })
		if noticed.Y <= plain.Y || noticed.Bottom() != plain.Bottom() {
			t.Fatalf("%v: body %v with a notice, %v without", size, noticed, plain)
		}
		found := false
		for _, op := range out.Ops {
			if g, ok := op.(scene.Glyphs); ok && g.Text == f.Notice {
				found = true
				if g.Ink.Bottom() > noticed.Y || g.Ink.X < 0 || g.Ink.Right() > float32(size[0]) {
					t.Errorf("%v: the notice's ink %v runs into the slide at %v or off the screen", size, g.Ink, noticed)
				}
			}
		}
		if !found {
			t.Errorf("%v: the notice is not drawn whole", size)
		}
	}
}
