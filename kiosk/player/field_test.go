package player

import (
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"motcua/slides"
	"motcua/slides/fonts"
	"motcua/slides/raster"
	"motcua/slides/scene"
)

func testFaces(t testing.TB) *scene.Faces {
	t.Helper()
	f, err := fonts.Faces()
	if err != nil {
		t.Skip(err)
	}
	return f
}

// sheet is a page with nothing but a line and its keyboard.
func sheet(f field, lang string, w, h int, faces *scene.Faces) *scene.Scene {
	s := State{Lang: lang}
	c := &Content{Manifest: &slides.Manifest{Unit: slides.Vi("Sở Lao động – Thương binh và Xã hội tỉnh Lạng Sơn"), UnitShort: slides.Vi("Sở LĐTBXH Lạng Sơn"), Office: slides.Vi("Bộ phận Tiếp nhận và Trả kết quả"), Languages: []string{"vi", "en"}}, Theme: scene.DefaultTheme()}
	sc, err := s.screen(c, f.board(), func(cv *scene.Canvas) {
		cv.Title("sheet", cv.Say("Tra cứu thủ tục", "Find a procedure"), "")
		b := cv.Body
		f.line(cv, scene.Rect{X: b.X, Y: b.Y, W: b.W, H: cv.Px(scene.ButtonH)}, cv.Say("Gõ tên thủ tục, có dấu hoặc không dấu", "Type the procedure's name, with or without marks"), "")
		f.draw(cv, b.Below(b.Y+cv.Px(scene.ButtonH+20)))
	}).Compose(w, h, faces)
	if err != nil {
		panic(err)
	}
	return sc
}

// Every layer of the keyboard fits every screen in both languages, its keys are
// wide and high enough for a finger and none lies over another.
func TestKeyboardFits(t *testing.T) {
	faces := testFaces(t)
	for _, way := range []slides.Typing{slides.Telex, slides.VNI, slides.Plain} {
		s := State{Place: Place{Terminal: slides.Terminal{Typing: way}}}
		f := s.newField(60, false)
		text := f.put("Đăng ký trợ cấp thất nghiệp ")
		layers := map[string]field{"letters": f, "pad": s.newField(12, true), "code": f.codes()}
		layers["shift"], _ = text.touched("key", "shift")
		layers["lock"], _ = layers["shift"].touched("key", "shift")
		layers["symbols"], _ = text.touched("key", "symbols")
		layers["again"], _ = text.touched("key", "clear")
		for _, r := range "aAeioOuydD" {
			layers["forms"+string(r)], _ = text.held("key", string(r))
		}
		for name, f := range layers {
			for _, lang := range []string{"vi", "en"} {
				for _, wh := range [][2]int{{1920, 1080}, {1080, 1920}, {1280, 720}, {720, 1280}, {3840, 2160}, {1024, 768}, {1366, 768}, {800, 1280}} {
					label := fmt.Sprintf("%s-%s-%s-%dx%d", name, way, lang, wh[0], wh[1])
					sc := sheet(f, lang, wh[0], wh[1], faces)
					for _, o := range sc.Overflows {
						t.Errorf("%s: does not fit: %s %q", label, o.Path, o.Text)
					}
					for _, m := range sc.Missing {
						t.Errorf("%s: no letters for %s %q", label, m.Path, m.Runes)
					}
					unit := min(float32(min(sc.W, sc.H))/1080, float32(max(sc.W, sc.H))/1500)
					for i, a := range sc.Targets {
						if a.Rect.W < 80*unit-0.5 || a.Rect.H < 72*unit-0.5 || a.Rect.Right() > float32(sc.W) || a.Rect.Bottom() > float32(sc.H) {
							t.Errorf("%s: key %s is %.0f×%.0f", label, a.Name, a.Rect.W/unit, a.Rect.H/unit)
						}
						for _, b := range sc.Targets[i+1:] {
							if a.Rect.X < b.Rect.Right() && b.Rect.X < a.Rect.Right() && a.Rect.Y < b.Rect.Bottom() && b.Rect.Y < a.Rect.Bottom() {
								t.Errorf("%s: keys %s and %s lie over each other", label, a.Name, b.Name)
							}
							if a.Name == b.Name {
								t.Errorf("%s: two keys %s", label, a.Name)
							}
						}
					}
					keepSheet(t, label, sc, f)
				}
			}
		}
	}
}

func keepSheet(t *testing.T, label string, sc *scene.Scene, f field) {
	dir := os.Getenv("MOTCUA_SHOTS")
	if dir == "" || sc.W > 1920 || !strings.Contains(label, os.Getenv("MOTCUA_VIEWS")) {
		return
	}
	img := raster.Draw(sc, nil)
	live := Live{Left: 27, Typed: f.typing()}
	for _, slot := range sc.Slots {
		raster.DrawOps(img, live.Ops(sc, slot.Name, nil), raster.Bounds(slot.Rect), sc.Faces, nil)
	}
	out, err := os.Create(filepath.Join(dir, "keyboard-"+label+".png"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if err := png.Encode(out, img); err != nil {
		t.Fatal(err)
	}
}

// press touches keys one after another.
func (f field) press(t *testing.T, keys ...string) field {
	t.Helper()
	for _, k := range keys {
		var ok bool
		if f, ok = f.touched("key", k); !ok {
			t.Fatalf("%q is no key", k)
		}
	}
	return f
}

func TestFieldKeys(t *testing.T) {
	s := State{}
	f := s.newField(20, false)
	for _, c := range []struct {
		keys []string
		want string
	}{
		{[]string{"shift", "L", "a", "j", "n", "g", "space", "shift", "S", "o", "w", "n"}, "Lạng Sơn"},
		{[]string{"shift", "shift", "Q", "D", "D"}, "QĐ"},
		{[]string{"d", "d", "i", "erase", "a", "s"}, "đá"},
		{[]string{"a", "clear", "b"}, "b"},
		{[]string{"m", "a", "s", "clear", "clear"}, "má"}, // what was cleared by mistake
		{[]string{"typing", "a", "1", "typing", "a", "1"}, "áa1"},
		{[]string{"symbols", "@", ":", "symbols", "a"}, "@:a"},
	} {
		if got := f.press(t, c.keys...).String(); got != c.want {
			t.Errorf("%q: %q, want %q", c.keys, got, c.want)
		}
	}
	if _, ok := f.touched("send", ""); ok {
		t.Error("send is no key")
	}
	if got := f.put("123456789 123456789 123").String(); got != "123456789 123456789 " {
		t.Errorf("put: %q", got)
	}
	if got := f.put("1234567890123456789").press(t, "a", "b"); got.String() != "1234567890123456789a" || got.typing().Left != 0 {
		t.Errorf("at the end: %q %+v", got.String(), got.typing())
	}
	if got := f.codes().typed(Key{Text: "000.00.17.H37-ASSS"}).String(); got != "000.00.17.H37-ASSS" {
		t.Errorf("a code: %q", got)
	}
	if got := s.newField(20, true).typed(Key{Text: "09a1 2-"}).String(); got != "0912-" {
		t.Errorf("numbers: %q", got)
	}
	s.Place.Terminal = slides.Terminal{Typing: slides.VNI, OldTone: true}
	if got := s.newField(20, false).typed(Key{Text: "hoa2"}).String(); got != "hòa" {
		t.Errorf("as the kiosk is set up: %q", got)
	}
}

// board is a page for tests.
type boardPage struct{ field }

func (boardPage) view() View             { return "board" }
func (p boardPage) writing() field       { return p.field }
func (boardPage) likely(State) []Still   { return nil }
func (p boardPage) still(s State) Still  { return Still{Key: p.board()} }
func (p boardPage) typed(n *step, k Key) { n.replace(boardPage{p.field.typed(k)}) }
func (p boardPage) touch(n *step, name, arg string) {
	if f, ok := p.touched(name, arg); ok {
		n.replace(boardPage{f})
	}
}

func (p boardPage) held(n *step, name, arg string) bool {
	f, ok := p.field.held(name, arg)
	n.replace(boardPage{f})
	return ok
}

// Keys pressed as fast as fingers go are all taken; a key held down lays out
// its letter's forms, and lifting the finger then writes nothing.
func TestTypingThroughThePlayer(t *testing.T) {
	m := &slides.Manifest{Zone: "Asia/Ho_Chi_Minh"}
	program, err := slides.NewProgram(m, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := State{Content: &Content{Manifest: m, Program: program, Zone: time.UTC}, Lang: "vi", planned: true}
	n := step{State: s}
	n.open(boardPage{n.newField(50, false)})
	st, now := n.State, Now{}
	do := func(wait time.Duration, e Event) {
		now.Mono += wait
		st, _ = Next(st, now, e)
	}
	text := func() string { return st.page().(writer).writing().String() }
	live := func() string { return st.Show().Live.Key(scene.SlotTyped, nil, 0) }
	tap := func(k string) { do(10*time.Millisecond, Touch{Target: "key:" + k, Serial: st.Serial}) }
	do(time.Second, Tick{})
	before := live()
	for _, k := range []string{"t", "i", "e", "e", "n", "g", "s"} {
		tap(k)
	}
	if text() != "tiếng" || live() == before {
		t.Fatalf("%q", text())
	}
	picture := st.Show().Still.Key
	do(0, Key{Text: " VIEETJ "})
	if text() != "tiếng VIỆT " || st.Show().Still.Key != picture {
		t.Fatalf("%q; the keyboard was drawn anew: %v", text(), st.Show().Still.Key != picture)
	}
	serial := st.Serial
	do(0, Held{Target: "key:o", Serial: serial})
	do(50*time.Millisecond, Touch{Target: "key:o", Serial: serial}) // the finger is lifted
	if text() != "tiếng VIỆT " || st.Show().Still.Key == picture {
		t.Fatalf("held: %q", text())
	}
	do(time.Second, Touch{Target: "key:ố", Serial: st.Serial})
	if text() != "tiếng VIỆT ố" || st.Show().Still.Key != picture {
		t.Fatalf("a form: %q", text())
	}
	serial = st.Serial
	do(0, Held{Target: "key:t", Serial: serial})
	do(0, Touch{Target: "key:t", Serial: serial})
	if text() != "tiếng VIỆT ốt" {
		t.Fatalf("a letter without forms, held: %q", text())
	}
}
