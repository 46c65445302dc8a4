package player_test

import (
	"fmt"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"motcua/kiosk/player"
	"motcua/slides"
	"motcua/slides/raster"
	"motcua/slides/scene"
	"motcua/slides/scene/contrast"
)

// stage drives a player by hand.
type stage struct {
	t     testing.TB
	st    player.State
	now   player.Now
	saves []player.SaveRating
	done  []player.Effect
}

var start = slides.At(time.Date(2026, 3, 20, 2, 41, 0, 0, time.UTC)) // 09:41 in Vietnam

func newStage(t testing.TB, content ...*player.Content) *stage {
	place := player.Place{Kiosk: "k1", Terminal: slides.Terminal{Tiles: []slides.Tile{slides.TileRate, slides.TileLookup, slides.TileGuides}}, Counter: "quay-2", Desk: slides.Text{"vi": "Quầy 2 – Lao động, việc làm", "en": "Counter 2 – Labour, jobs"}}
	s := &stage{t: t, st: player.New(place, player.Clock{}), now: player.Now{Wall: start}}
	s.do(player.Tick{})
	for _, c := range content {
		s.do(player.ContentReady{Content: c})
	}
	return s
}

func (s *stage) do(e player.Event) {
	var fx []player.Effect
	s.st, fx = player.Next(s.st, s.now, e)
	s.done = append(s.done, fx...)
	for _, f := range fx {
		if r, ok := f.(player.SaveRating); ok {
			s.saves = append(s.saves, r)
		}
	}
}

func (s *stage) pass(d time.Duration) {
	for d > 0 {
		step := min(d, s.st.Wake())
		d -= step
		s.now.Mono += step
		s.now.Wall += slides.Millis(step.Milliseconds())
		s.do(player.Tick{})
	}
}

// touch waits out the bounce and touches.
func (s *stage) touch(targets ...string) {
	for _, t := range targets {
		s.pass(300 * time.Millisecond)
		s.do(player.Touch{Target: t, Serial: s.st.Serial})
	}
}

// read is what the screen says, lines joined.
func (s *stage) read() string {
	sc, err := s.st.Show().Still.Compose(1920, 1080, faces(s.t))
	if err != nil {
		s.t.Fatal(err)
	}
	var lines []string
	for _, op := range sc.Ops {
		if g, ok := op.(scene.Glyphs); ok {
			lines = append(lines, g.Text)
		}
	}
	return strings.Join(lines, " ")
}

func (s *stage) says(text string) bool {
	return strings.Contains(strings.Join(strings.Fields(s.read()), " "), text)
}

func (s *stage) view(want player.View) {
	s.t.Helper()
	if s.st.View != want {
		s.t.Fatalf("view %s, want %s", s.st.View, want)
	}
}

// screens are the shapes that every view must fit.
var screens = [][2]int{{1920, 1080}, {1080, 1920}, {1280, 720}, {720, 1280}, {3840, 2160}, {1024, 768}, {1366, 768}, {800, 1280}}

// Every view, in both languages and all text sizes, must fit every screen:
// nothing cut, nothing off the screen, no target smaller than a finger, no two
// targets over each other, back at the bottom left.
func TestViewsFit(t *testing.T) {
	f := faces(t)
	quick, short := newShelf(t, "nhanh", 2).load(t), newShelf(t, "rutgon", 2).load(t)
	paths := map[string]func() *stage{
		"starting": func() *stage { return newStage(t) },
		"pairing": func() *stage {
			s := newStage(t)
			s.do(player.PairingChanged{Pairing: &player.Pairing{Code: "A7K3MP", Approve: "http://192.168.1.10:8080/kiosks/approve?code=A7K3MP", Words: []string{"nghiêng", "thuyền", "xuống", "khuyên", "trường", "phượng"}}})
			return s
		},
		"pairing-wait": func() *stage {
			s := newStage(t)
			s.do(player.PairingChanged{Pairing: &player.Pairing{Problem: slides.Vi("Không kết nối được máy chủ http://192.168.1.10:8080; sẽ thử lại. Xin kiểm tra dây mạng và địa chỉ máy chủ.")}})
			return s
		},
		"loop": func() *stage { return newStage(t, quick) },
		"banner": func() *stage {
			s := newStage(t, quick)
			s.do(player.NoticeChanged{Notice: slides.Text{"vi": "Ki-ốt đã bị gỡ ghép nối."}})
			return s
		},
		"empty": func() *stage { return newStage(t, newShelf(t, "nhanh", 0).load(t)) },
		"closed": func() *stage {
			s := newStage(t, quick)
			s.close(slides.Closing{URL: "https://dichvucong.gov.vn"}, "07:30", "11:30", "13:30", "17:00")
			s.until("2026-03-20 17:05") // a Friday
			return s
		},
		"closedlong": func() *stage {
			s := newStage(t, quick)
			s.close(slides.Closing{URL: "https://dichvucong.langson.gov.vn", Text: slides.Text{
				"vi": "Bộ phận Tiếp nhận và Trả kết quả nghỉ từ ngày 20/3 đến hết ngày 22/3 để chuyển trụ sở. Ông/Bà vui lòng nộp hồ sơ trực tuyến, qua bưu chính công ích, hoặc đến Trung tâm Phục vụ hành chính công tỉnh.",
				"en": "The desk is closed from 20 to 22 March while the office moves. Please apply online, by post, or go to the provincial service centre.",
			}}, "07:30", "11:30", "13:30", "17:00")
			s.until("2026-03-20 17:05")
			return s
		},
		"closednoon": func() *stage {
			s := newStage(t, quick)
			s.close(slides.Closing{}, "07:30", "11:30", "13:30", "17:00")
			s.until("2026-03-20 12:00")
			return s
		},
		"rate": func() *stage { s := newStage(t, quick); s.touch(""); return s },
		"reasons": func() *stage {
			s := newStage(t, quick)
			s.touch("", "rate:2", "tag:"+quick.Surveys[0].Tags[1].ID)
			return s
		},
		"thanks": func() *stage { s := newStage(t, quick); s.touch("", "rate:5"); s.do(player.Saved{ID: 1}); return s },
		"refused": func() *stage {
			s := newStage(t, quick)
			s.touch("", "rate:5")
			s.do(player.Refused{ID: 1, Full: true})
			return s
		},
		"unsure": func() *stage { s := newStage(t, quick); s.touch("", "rate:5"); s.pass(9 * time.Second); return s },
	}
	paths["listen"] = func() *stage { s := voiced(t, "audio/ogg"); s.touch("", "listen"); return s }
	paths["access"] = func() *stage { s := newStage(t, quick); s.touch("", "access"); return s }
	for name, path := range ratingPaths(t) {
		paths[name] = path
	}
	for i := range short.Surveys[0].Questions {
		paths[fmt.Sprintf("form%d", i+1)] = func() *stage {
			s := newStage(t, short)
			s.touch("")
			for range i {
				s.touch("rate:4")
			}
			return s
		}
	}
	maps.Copy(paths, lookupPaths(t))
	maps.Copy(paths, letterPaths(t))
	for name, path := range paths {
		for _, lang := range []string{"vi", "en"} {
			for size := range 3 {
				s := path()
				if lang == "en" {
					s.touch("lang:en")
				}
				if lang == "en" && strings.HasPrefix(name, "closed") { // in the kiosk's own language, as the slides are
					s = path()
					s.do(player.PlaceChanged{Place: player.Place{Kiosk: "k1", Lang: "en", Terminal: s.st.Place.Terminal}})
				}
				for range size {
					s.touch("size")
				}
				if (lang == "en" || size > 0) && (s.st.Lang != lang || s.st.Size != size || size > 0 && s.st.View == player.ViewClosed) {
					continue // screens without these buttons
				}
				fits(t, fmt.Sprintf("%s-%s-%d", name, lang, size), s, f)
				view := s.st.View
				if size == 1 {
					continue // what lies between fits if both ends do
				}
				s.touch("access", "low:1")
				if s.st.View != player.ViewAccess {
					continue // a screen without the row of controls
				}
				if view != player.ViewAccess {
					s.touch("back")
				}
				fits(t, fmt.Sprintf("%s-%s-%d-low", name, lang, size), s, f)
				if size > 0 {
					continue // the colours are the same
				}
				if s.touch("access", "low:0", "contrast:1"); view != player.ViewAccess {
					s.touch("back")
				}
				fits(t, fmt.Sprintf("%s-%s-%d-contrast", name, lang, size), s, f)
			}
		}
	}
}

// fits checks what s shows on screens of every shape.
func fits(t *testing.T, label string, s *stage, f *scene.Faces) {
	t.Helper()
	show := s.st.Show()
	for _, wh := range screens {
		full := max(wh[0], wh[1]) == 1920
		if s.st.Contrast && !full {
			continue
		}
		label := fmt.Sprintf("%s-%dx%d", label, wh[0], wh[1])
		sc, err := show.Still.Compose(wh[0], wh[1], f)
		if err != nil {
			t.Errorf("%s: %v", label, err)
			continue
		}
		checkScene(t, label, sc, s.st.View, s.st.Low)
		if !full || s.st.Size > 0 {
			continue // colours do not change with the size
		}
		text, icons := contrast.Text, float64(contrast.Icons)
		if s.st.Contrast {
			text, icons = contrast.Utmost, contrast.Text
		}
		for _, w := range contrast.Check(sc, text, icons) {
			t.Errorf("%s: %s", label, w)
		}
		keepPicture(t, label, sc, show)
	}
}

func checkScene(t *testing.T, label string, sc *scene.Scene, view player.View, low bool) {
	t.Helper()
	whole := scene.Rect{W: float32(sc.W), H: float32(sc.H)}
	for _, o := range sc.Overflows {
		t.Errorf("%s: does not fit: %s %q", label, o.Path, o.Text)
	}
	for _, m := range sc.Missing {
		t.Errorf("%s: no letters for %s %q", label, m.Path, m.Runes)
	}
	for _, op := range sc.Ops {
		if g, ok := op.(scene.Glyphs); ok && g.Ink.W > 0 && !whole.Contains(g.Ink) {
			t.Errorf("%s: off the screen: %q", label, g.Text)
		}
	}
	unit := min(float32(min(sc.W, sc.H))/1080, float32(max(sc.W, sc.H))/1500)
	for i, a := range sc.Targets {
		least := 100 * unit
		if strings.HasPrefix(a.Name, "key:") || low {
			least = 72 * unit // 20 mm on a 24-inch screen of 1920 pixels: ten keys in a row of an upright one
		}
		if low && a.Rect.Bottom()-max(a.Rect.Y, float32(sc.H)/2) < least-1 {
			t.Errorf("%s: target %s can't be touched in the lower half: %v", label, a.Name, a.Rect)
		}
		if !whole.Contains(a.Rect) || a.Rect.H < least || a.Rect.W < least {
			t.Errorf("%s: target %s is %v", label, a.Name, a.Rect)
		}
		for _, b := range sc.Targets[i+1:] {
			if a.Rect.X < b.Rect.Right() && b.Rect.X < a.Rect.Right() && a.Rect.Y < b.Rect.Bottom() && b.Rect.Y < a.Rect.Bottom() {
				t.Errorf("%s: targets %s and %s lie over each other", label, a.Name, b.Name)
			}
		}
	}
	// No word of an answer is broken in two.
	words := map[string]bool{}
	for _, op := range sc.Ops {
		if g, ok := op.(scene.Glyphs); ok {
			for _, w := range strings.Fields(g.Text) {
				words[w] = true
			}
		}
	}
	for _, a := range sc.Targets {
		for _, w := range strings.Fields(a.Text) {
			if !words[w] && (strings.HasPrefix(a.Name, "rate:") || strings.HasPrefix(a.Name, "option:") || strings.HasPrefix(a.Name, "tag:")) {
				t.Errorf("%s: %q of %s is not whole on the screen", label, w, a.Name)
			}
		}
	}
	switch view {
	case player.ViewRate, player.ViewForm, player.ViewReasons, player.ViewThanks, player.ViewRefused,
		player.ViewReview, player.ViewAnswers, player.ViewAbout, player.ViewWrite, player.ViewDossier, player.ViewRated,
		player.ViewLetter, player.ViewLetterText, player.ViewLetterSend, player.ViewContact, player.ViewReceipt, player.ViewPhone:
		byName := map[string]scene.Target{}
		for _, a := range sc.Targets {
			byName[a.Name] = a
		}
		back, ok := byName["back"]
		if !ok || byName["more-time"].Name == "" || back.Rect.X > float32(sc.W)/10 || back.Rect.Bottom() < float32(sc.H)*0.9 {
			t.Errorf("%s: back is at %v", label, back.Rect)
		}
		if _, ok := sc.Slot(scene.SlotCountdown); !ok {
			t.Errorf("%s: no countdown", label)
		}
		if view == player.ViewRate || view == player.ViewForm {
			// 20 mm on a 24-inch screen of 1920 pixels are 72 of them.
			least := 72 * unit
			if low {
				least *= 0.35 // the card around it is what is touched
			}
			if n, d := circles(sc); n != 5 || d < least {
				t.Errorf("%s: %d faces, the smallest %.0f across", label, n, d/unit)
			}
			for l := 2; l <= 5; l++ {
				a, b := byName[fmt.Sprintf("rate:%d", l-1)].Rect, byName[fmt.Sprintf("rate:%d", l)].Rect
				if a.W-b.W > 1 || b.W-a.W > 1 || a.H-b.H > 1 || b.H-a.H > 1 {
					t.Errorf("%s: faces %d and %d differ in size: %v %v", label, l-1, l, a, b)
				}
				if b.X <= a.X && b.Y <= a.Y {
					t.Errorf("%s: face %d does not come after %d", label, l, l-1)
				}
			}
		}
	}
}

// circles counts the faces of a scene and gives the smallest one's diameter.
func circles(sc *scene.Scene) (n int, smallest float32) {
	smallest = 1e9
	for _, op := range sc.Ops {
		f, ok := op.(scene.Fill)
		if !ok {
			continue
		}
		usual, strong := scene.DefaultTheme().Faces, scene.DefaultTheme().Contrast().Faces
		if slices.Contains(append(usual[:], strong[:]...), scene.Colour(f.Color)) {
			n++
			smallest = min(smallest, f.Rect.W)
		}
	}
	return n, smallest
}

// keepPicture writes what a person should look at, when asked to.
func keepPicture(t *testing.T, label string, sc *scene.Scene, show player.Show) {
	dir := os.Getenv("MOTCUA_SHOTS")
	if dir == "" || sc.W > 1920 || !strings.Contains(os.Getenv("MOTCUA_VIEWS"), strings.Split(label, "-")[0]) {
		return
	}
	img := raster.Draw(sc, nil)
	pages := sc.TickerPages(show.Live.News)
	for _, slot := range sc.Slots {
		raster.DrawOps(img, show.Live.Ops(sc, slot.Name, pages), raster.Bounds(slot.Rect), sc.Faces, nil)
	}
	f, err := os.Create(filepath.Join(dir, label+".png"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, img); err != nil {
		t.Fatal(err)
	}
}
