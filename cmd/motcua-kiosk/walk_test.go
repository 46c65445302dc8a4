//go:build !js

package main

import (
	"bytes"
	"flag"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"motcua/kiosk/kiosktest"
	"motcua/kiosk/player"
	"motcua/slides"
	"motcua/slides/fonts"
	"motcua/slides/raster"
	"motcua/slides/scene"
)

var update = flag.Bool("update", false, "write the walk's golden pictures anew; look at them")

// walker is a citizen who tries everything once: from each view each kind of
// control.
type walker struct {
	t        *testing.T
	faces    *scene.Faces
	w, h     int
	st       player.State
	now      player.Now
	path     []string   // touches since the slides
	first    [][]string // ways to go first: those that trying everything once would not find
	patience int        // how often it goes back to a view of which something is left
	did      func(touch string)
	shown    func(kind string, sc *scene.Scene, show player.Show)
}

// walkContent is the starter's, with one slide in the loop so that it stands still.
func walkContent(t *testing.T) *player.Content {
	t.Helper()
	manifest, blobs, err := demoContent("nhanh", onlySlide)
	if err != nil {
		t.Fatal(err)
	}
	c, faults, err := player.Load(manifest, func(sha string) ([]byte, error) { return blobs[sha], nil })
	if err != nil || len(faults) > 0 {
		t.Fatal(err, faults)
	}
	return c
}

func newWalker(t *testing.T, w, h int, lang string, term slides.Terminal) *walker {
	t.Helper()
	faces, err := fonts.Faces()
	if err != nil {
		t.Skip(err)
	}
	k := &walker{t: t, faces: faces, w: w, h: h, now: player.Now{Wall: 1_790_000_000_000}, patience: 40, did: func(string) {}}
	k.st = player.New(player.Place{Kiosk: "demo", Lang: lang, Terminal: term}, player.Clock{})
	k.do(player.ContentReady{Content: walkContent(t), Now: true})
	return k
}

// do is an event, and a disk that stores at once.
func (k *walker) do(e player.Event) {
	var todo []player.Effect
	k.now.Mono += time.Second
	k.now.Wall += 1000
	k.st, todo = player.Next(k.st, k.now, e)
	for _, f := range todo {
		switch f := f.(type) {
		case player.SaveRating:
			k.do(player.Saved{ID: f.ID})
		case player.SaveLetter:
			k.do(player.Saved{ID: f.ID, Receipt: "ACDEFGHJKC"})
		case player.MakePass:
			k.do(player.PassMade{To: f.To, Pass: strings.Repeat("a", 120)})
		}
	}
}

func (k *walker) look() (*scene.Scene, player.Show) {
	k.t.Helper()
	show := k.st.Show()
	sc, err := show.Still.Compose(k.w, k.h, k.faces)
	if err != nil {
		k.t.Fatalf("after %v: %v", k.path, err)
	}
	for _, o := range sc.Overflows {
		k.t.Errorf("after %v: %s does not fit: %q", k.path, o.Path, o.Text)
	}
	return sc, show
}

// sort is a control's kind: its name without what it names.
func sortOf(target string) string {
	name, arg, _ := strings.Cut(target, ":")
	switch name {
	case "tile", "rate", "lang":
		return target
	case "key":
		if len(arg) > 1 {
			return target
		}
	}
	return name
}

// walk goes on until no screen has a control that was not tried. From a screen
// where all was tried it goes back to the slides and by the known way to one
// where something is left.
func (k *walker) walk(most int) {
	k.t.Helper()
	ways := map[string][]string{} // to each kind of screen
	left := map[string][]string{} // its controls that were not tried
	var order []string
	again := map[string]int{} // how often its way was gone
	var way []string          // still to be gone
	for range most {
		sc, show := k.look()
		if len(k.first) > 0 && len(way) == 0 && show.View == player.ViewLoop {
			way, k.first = k.first[0], k.first[1:]
		}
		kind := string(show.View)
		if _, known := left[kind]; !known {
			order = append(order, kind)
			ways[kind], left[kind] = slices.Clone(k.path), controls(sc, show.View)
			if k.shown != nil {
				k.shown(kind, sc, show)
			}
		}
		switch {
		case len(way) > 0:
			k.touch(way[0])
			way = way[1:]
		case len(k.first) > 0 && show.View != player.ViewLoop:
			k.touch("back")
		case len(left[kind]) > 0:
			i := slices.IndexFunc(sc.Targets, func(t scene.Target) bool { return sortOf(t.Name) == left[kind][0] })
			left[kind] = left[kind][1:]
			switch {
			case i >= 0:
				k.touch(sc.Targets[i].Name)
			case show.View == player.ViewLoop:
				k.touch("")
			} // else it is not on this one of the kind
		case show.View != player.ViewLoop:
			k.touch("back")
		default:
			i := slices.IndexFunc(order, func(kind string) bool { return len(left[kind]) > 0 })
			if i < 0 {
				return
			}
			way = ways[order[i]]
			if again[order[i]]++; len(way) == 0 || again[order[i]] > k.patience {
				left[order[i]] = nil // what is only there after something else
			}
		}
	}
	k.t.Errorf("%d touches did not try everything: %v; last: %v", most, left, k.path)
}

func (k *walker) touch(target string) {
	k.path = append(k.path, target)
	k.did(target)
	k.do(player.Touch{Target: target, Serial: k.st.Serial})
	if k.st.View == player.ViewLoop {
		k.path = nil
	}
}

// controls are the sorts of a screen's controls, ways back last.
func controls(sc *scene.Scene, view player.View) []string {
	late := func(n string) int {
		switch n {
		case "back", "done", "home", "send", "skip":
			return 2
		case "size", "lang:vi", "lang:en", "more-time":
			return 1
		}
		return 0
	}
	var out []string
	if view == player.ViewLoop {
		out = []string{""} // anywhere
	}
	for _, t := range sc.Targets {
		if s := sortOf(t.Name); !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	slices.SortStableFunc(out, func(a, b string) int { return late(a) - late(b) })
	return out
}

// everything is a terminal on which all that a citizen may meet can be met.
var everything = slides.Terminal{
	Dossier: true, Sound: true, Seal: bytes.Repeat([]byte{9}, 32),
	Forms: []slides.FormRule{{Form: "nhanh"}},
}

// Every screen that touches lead to looks as it did, in both orientations and
// languages, with short and long questionnaires.
func TestWalkGoldens(t *testing.T) {
	var views []string
	for _, lang := range []string{"vi", "en"} {
		for _, wh := range [][2]int{{1920, 1080}, {1080, 1920}} {
			for _, form := range []string{"nhanh", "rutgon", "daydu"} {
				name := fmt.Sprintf("%s-%dx%d-%s", lang, wh[0], wh[1], form)
				t.Run(name, func(t *testing.T) {
					term := everything
					term.Phone = "https://motcua.langson.gov.vn"
					term.Forms = []slides.FormRule{{Form: form}}
					k := newWalker(t, wh[0], wh[1], lang, term)
					k.shown = func(kind string, sc *scene.Scene, show player.Show) {
						views = append(views, string(show.View))
						if form == "nhanh" || strings.HasPrefix(kind, "form") || strings.HasPrefix(kind, "review") || strings.HasPrefix(kind, "answers") || strings.HasPrefix(kind, "about") {
							name := fmt.Sprintf("%s-%s-%s", lang, map[bool]string{true: "l", false: "p"}[wh[0] > wh[1]], kind)
							if form != "nhanh" {
								name += "-" + form
							}
							golden(t, name, sc, show)
						}
					}
					k.first = [][]string{{"", "tile:suggest", "kind:gop-y", "key:a", "done", "send"}}
					if form != "nhanh" {
						k.first = [][]string{{"", "tile:rate", "skip"}}
						most := 0
						for _, q := range k.st.Content.Surveys {
							most = max(most, len(q.Questions))
						}
						k.first[0] = append(k.first[0], slices.Repeat([]string{"rate:4"}, most)...)
					}
					k.walk(5000)
				})
			}
		}
	}
	for _, v := range []player.View{
		player.ViewLoop, player.ViewHome, player.ViewLookup, player.ViewList, player.ViewSearch, player.ViewProcedure, player.ViewGuides, player.ViewRead, player.ViewCode,
		player.ViewDossier, player.ViewRate, player.ViewForm, player.ViewReasons, player.ViewWrite, player.ViewReview, player.ViewAnswers, player.ViewAbout, player.ViewThanks,
		player.ViewAccess, player.ViewLetter, player.ViewLetterText, player.ViewLetterSend, player.ViewContact, player.ViewReceipt, player.ViewPhone,
	} {
		if !slices.Contains(views, string(v)) {
			t.Errorf("no touch led to %s", v)
		}
	}
}

// golden compares a screen with its picture in testdata, at a twelfth of its size
// with a little tolerance: processors that fuse multiply-adds round otherwise.
func golden(t *testing.T, name string, sc *scene.Scene, show player.Show) {
	t.Helper()
	img := raster.Draw(sc, nil)
	pages := sc.TickerPages(show.Live.News)
	for _, slot := range sc.Slots {
		raster.DrawOps(img, show.Live.Ops(sc, slot.Name, pages), raster.Bounds(slot.Rect), sc.Faces, nil)
	}
	if dir := os.Getenv("MOTCUA_SHOTS"); dir != "" {
		keep(t, filepath.Join(dir, "walk-"+name+".png"), img)
	}
	got := raster.Scale(img, sc.W/12, sc.H/12, true)
	file := filepath.Join("testdata", "walk", name+".png")
	if *update {
		keep(t, file, got)
		return
	}
	f, err := os.Open(file)
	if err != nil {
		t.Errorf("%v; look at the screen and run with -update", err)
		return
	}
	defer f.Close()
	want, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	rgba := image.NewRGBA(want.Bounds())
	draw.Draw(rgba, rgba.Rect, want, image.Point{}, draw.Src)
	if rgba.Rect != got.Rect {
		t.Errorf("%s: the picture is %v, the golden one %v", name, got.Rect, rgba.Rect)
		return
	}
	if d := kiosktest.Differs(got, rgba, got.Rect, 24); d > 0.004 {
		t.Errorf("%s: %.1f %% of the pixels differ; it shows %s", name, 100*d, kiosktest.Keep(t, name, got))
	}
}

func keep(t *testing.T, file string, img image.Image) {
	t.Helper()
	err := os.MkdirAll(filepath.Dir(file), 0o755)
	if err == nil {
		err = writePNG(file, img)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// The real program on a real display shows each of those screens, pixel for
// pixel, when a finger touches its way to it.
func TestWalkTheRealProgram(t *testing.T) {
	for _, row := range []struct {
		w, h int
		lang string
	}{{960, 540, "vi"}, {540, 960, "en"}} {
		t.Run(fmt.Sprintf("%dx%d-%s", row.w, row.h, row.lang), func(t *testing.T) {
			t.Parallel() // most of a walk is waiting for a finger
			p := newPanelWith(t, row.w, row.h, row.lang, everything)
			k := newWalker(t, row.w, row.h, row.lang, everything)
			k.patience = 1 // 0.5 s a touch
			touches := 0
			k.did = func(target string) {
				sc, show := k.look()
				if k.st.View != player.ViewReceipt { // its code is drawn by chance
					p.matches(sc, show, "what follows from "+strings.Join(k.path[:len(k.path)-1], " "))
				}
				x, y := row.w/2, row.h/2
				for _, g := range sc.Targets {
					if g.Name == target {
						x, y = int(g.Rect.X+g.Rect.W/2), int(g.Rect.Y+g.Rect.H/2)
					}
				}
				<-time.After(player.Debounce + 50*time.Millisecond) // a person does not touch sooner either
				p.Tap(t, x, y)
				touches++
			}
			k.walk(1500)
			t.Logf("%d touches", touches)
		})
	}
}
