package scene_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"motcua/slides"
	"motcua/slides/fonts"
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

// fit breaks text for a box of w×h design pixels on a 1080p screen.
func fit(t testing.TB, text string, st scene.Style, w, h float32) scene.Block {
	var b scene.Block
	scene.Compose(frame(), 1920, 1080, faces(t), func(c *scene.Canvas) { b = c.Fit(text, st, w, h) })
	return b
}

func lines(b scene.Block) []string {
	var out []string
	for _, l := range b.Lines {
		out = append(out, l.Text)
	}
	return out
}

func TestLinesBreakAtMeaning(t *testing.T) {
	title := scene.Style{Weight: scene.ExtraBold, Max: 66, Min: 40}
	body := scene.Style{Weight: scene.Regular, Max: 33, Min: 33}
	for _, x := range []struct {
		text string
		st   scene.Style
		w    float32
		want []string
	}{
		{
			"Siết chặt kỷ cương, tăng cường trách nhiệm, quyết liệt hành động, sáng tạo bứt phá",
			scene.Style{Weight: scene.ExtraBold, Max: 120, Min: 120, Phrases: true},
			1700,
			[]string{"Siết chặt kỷ cương,", "tăng cường trách nhiệm,", "quyết liệt hành động,", "sáng tạo bứt phá"},
		},
		{
			"Cấp lại giấy phép lao động cho người lao động nước ngoài làm việc tại Việt Nam", title, 952,
			[]string{"Cấp lại giấy phép lao động", "cho người lao động nước ngoài", "làm việc tại Việt Nam"},
		},
		{"Gõ tên thủ tục, chọn tỉnh Lạng Sơn và cơ quan", body, 500, []string{"Gõ tên thủ tục, chọn tỉnh", "Lạng Sơn và cơ quan"}},
		{"Quầy 2 – Lao động, việc làm. Không hỏi tên, số điện thoại.", body, 600, []string{"Quầy 2 – Lao động, việc làm.", "Không hỏi tên, số điện thoại."}},
		{"một\nhai ba bốn", body, 900, []string{"một", "hai ba bốn"}},
		{"Thời hạn 15 ngày làm việc theo Quyết định 60-NQ/TU", body, 470, []string{"Thời hạn 15 ngày làm việc", "theo Quyết định 60-NQ/TU"}},
	} {
		if got := lines(fit(t, x.text, x.st, x.w, 2000)); !slices.Equal(got, x.want) {
			t.Errorf("%q breaks as %q, want %q", x.text, got, x.want)
		}
	}
}

// TestNoCompoundSplitAndNoLoneWord goes over widths: where a text has room for
// two words on a line, no two-syllable word is split and none stands alone.
func TestNoCompoundSplitAndNoLoneWord(t *testing.T) {
	text := "Ông/Bà có hài lòng với việc phục vụ tại bộ phận tiếp nhận hồ sơ hành chính không?"
	pairs := []string{"hài lòng", "phục vụ", "bộ phận", "tiếp nhận", "hồ sơ", "hành chính"}
	for w := float32(420); w < 2200; w += 7 {
		b := fit(t, text, scene.Style{Weight: scene.Bold, Max: 52, Min: 30}, w, 900)
		got := strings.Join(lines(b), "|")
		for _, p := range pairs {
			if strings.Contains(got, strings.Replace(p, " ", "|", 1)) {
				t.Errorf("at %v: %q is split: %s", w, p, got)
			}
		}
		for _, l := range lines(b) {
			if !strings.Contains(l, " ") && len(b.Lines) > 1 {
				t.Errorf("at %v: one word alone: %s", w, got)
			}
		}
	}
}

var syllables = strings.Fields("Ệ Ổ Ữ Ẫ Ặ ỹ gỵ quyết liệt HÀNH ĐỘNG, trách nhiệm Lạng Sơn dichvucong.gov.vn 1.014200 60-NQ/TU (một cửa) – ngày 20/3/2023; “Ý kiến” j, ĵ ÅẨ wfi Ố Ỗ nghiêng https://dichvucong.gov.vn/p/home/x.html?a=1 Q g y p")

func drawText(t *rapid.T) string {
	return strings.Join(rapid.SliceOfN(rapid.Custom(func(t *rapid.T) string {
		w := rapid.SampledFrom(syllables).Draw(t, "word")
		if rapid.IntRange(0, 12).Draw(t, "newline") == 0 {
			w += "\n"
		}
		return w
	}), 1, 40).Draw(t, "words"), " ")
}

// TestTextStaysInItsBox: whatever the text, style, box and screen: ink lies in
// the box and on the screen, no line's ink touches the next one's, and what is
// drawn is the whole text unless an overflow says otherwise.
func TestTextStaysInItsBox(t *testing.T) {
	f := faces(t)
	rapid.Check(t, func(t *rapid.T) {
		text := drawText(t)
		st := scene.Style{
			Weight: rapid.SampledFrom([]scene.Weight{400, 500, 600, 700, 800}).Draw(t, "weight"), Max: float32(rapid.IntRange(24, 140).Draw(t, "max")),
			Align: scene.Align(rapid.IntRange(0, 2).Draw(t, "align")), VAlign: scene.Align(rapid.IntRange(0, 2).Draw(t, "valign")), Phrases: rapid.Bool().Draw(t, "phrases"),
		}
		st.Min = float32(rapid.IntRange(24, int(st.Max)).Draw(t, "min"))
		w, h := rapid.IntRange(200, 4000).Draw(t, "w"), rapid.IntRange(200, 4000).Draw(t, "h")
		box := scene.Rect{X: float32(rapid.IntRange(0, w-1).Draw(t, "x")), Y: float32(rapid.IntRange(0, h-1).Draw(t, "y"))}
		box.W, box.H = float32(rapid.IntRange(1, w-int(box.X)).Draw(t, "bw")), float32(rapid.IntRange(1, h-int(box.Y)).Draw(t, "bh"))
		var used scene.Rect
		sc := scene.Compose(frame(), w, h, f, func(c *scene.Canvas) { used = c.Text("x", text, st, box) })
		if !box.Contains(used) {
			t.Fatalf("used %v is outside of %v", used, box)
		}
		var said []string
		var above scene.Rect
		for i, op := range sc.Ops {
			g := op.(scene.Glyphs)
			said = append(said, g.Text)
			if g.Ink.W == 0 {
				continue
			}
			if !box.Contains(g.Ink) {
				t.Fatalf("%q: ink %v is outside of %v", g.Text, g.Ink, box)
			}
			if i > 0 && above.Bottom() > g.Ink.Y+0.01 {
				t.Fatalf("%q touches the line above: %v, %v", g.Text, above, g.Ink)
			}
			above = g.Ink
			if g.Size < scene.Floor*min(float32(w)/1500, float32(h)/1500)*0.5 {
				t.Fatalf("%v pixels is below the floor", g.Size)
			}
		}
		if len(sc.Overflows) == 0 {
			flat := func(s string) string { return strings.Join(strings.Fields(s), "") }
			if got := flat(strings.Join(said, " ")); got != flat(text) {
				t.Fatalf("drawn %q of %q", got, flat(text))
			}
		}
	})
}

// TestStackedMarks: capital letters with two marks, line upon line, at the
// tightest line height of all.
func TestStackedMarks(t *testing.T) {
	b := fit(t, "ẶỆỘỰỴ\nẨỄỖỮỶ\nẶỆỘỰỴ\nẨỂỖỮỶ", scene.Style{Weight: scene.ExtraBold, Max: 100, Min: 100, Line: 1}, 1800, 0)
	sc := scene.Compose(frame(), 1920, 1080, faces(t), func(c *scene.Canvas) { c.Put(b, scene.Rect{W: 1800}) })
	for i := 1; i < len(sc.Ops); i++ {
		a, z := sc.Ops[i-1].(scene.Glyphs).Ink, sc.Ops[i].(scene.Glyphs).Ink
		if a.Bottom() >= z.Y {
			t.Errorf("line %d ends at %v, the next begins at %v", i, a.Bottom(), z.Y)
		}
	}
	if top := sc.Ops[1].(scene.Glyphs).Ink.Y; top < 0 {
		t.Errorf("ink begins above the block: %v", top)
	}
}

func TestOverflowAndMissing(t *testing.T) {
	sc := scene.Compose(frame(), 1920, 1080, faces(t), func(c *scene.Canvas) {
		c.Text("long", strings.Repeat("nâng cao chất lượng ", 200), scene.Style{Weight: 400, Max: 40}, scene.Rect{X: 10, Y: 10, W: 600, H: 200})
		c.Text("arrow", "Bấm → để № tiếp", scene.Style{Weight: 400, Max: 40}, scene.Rect{X: 10, Y: 400, W: 600, H: 200})
		c.Text("fine", "Vừa vặn", scene.Style{Weight: 400, Max: 40}, scene.Rect{X: 10, Y: 700, W: 600, H: 200})
	})
	if len(sc.Overflows) != 1 || sc.Overflows[0].Path != "long" {
		t.Errorf("overflows: %v", sc.Overflows)
	}
	if len(sc.Missing) != 1 || sc.Missing[0] != (scene.Missing{Path: "arrow", Runes: "→№"}) {
		t.Errorf("missing: %v", sc.Missing)
	}
	last := ""
	for _, op := range sc.Ops {
		if g := op.(scene.Glyphs); g.Box.Y < 300 {
			last = g.Text
			if g.Size < scene.Floor {
				t.Errorf("drawn at %v", g.Size)
			}
		}
	}
	if !strings.HasSuffix(last, "…") {
		t.Errorf("what is cut ends in %q", last)
	}
}

// TestNFDIsNFC: a decomposed text is drawn like the composed one.
func TestNFDIsNFC(t *testing.T) {
	a := fit(t, "Tiếng Việt", scene.Style{Weight: 700, Max: 60}, 900, 200)
	b := fit(t, "Tiê\u0301ng Viê\u0323t", scene.Style{Weight: 700, Max: 60}, 900, 200)
	if a.W != b.W || a.H != b.H {
		t.Errorf("NFC is %v×%v, NFD %v×%v", a.W, a.H, b.W, b.H)
	}
}

func TestFacesTogether(t *testing.T) {
	f := faces(t)
	want := fmt.Sprint(scene.Compose(frame(), 1280, 720, f, page).Ops)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				if got := fmt.Sprint(scene.Compose(frame(), 1280, 720, f, page).Ops); got != want {
					t.Error("a scene differs when others are composed beside it")
					return
				}
			}
		})
	}
	wg.Wait()
}

func page(c *scene.Canvas) {
	c.Chrome(scene.Paper, "Cải cách thủ tục")
	c.Title("t", "Ông/Bà có hài lòng với việc phục vụ hôm nay không?", "Không hỏi tên, số điện thoại.")
	c.FaceCard(scene.Choice{Name: "rate:1", Label: "Rất không hài lòng", Level: 1}, c.Body)
}

func TestBadFonts(t *testing.T) {
	for _, b := range [][]byte{nil, []byte("not a font"), make([]byte, 4096)} {
		if _, err := scene.NewFaces(map[scene.Weight][]byte{400: b}); slides.KindOf(err) != slides.Invalid {
			t.Errorf("%d bytes: %v", len(b), err)
		}
	}
	if _, err := scene.NewFaces(nil); slides.KindOf(err) != slides.Invalid {
		t.Errorf("no faces: %v", err)
	}
}

func BenchmarkFit(b *testing.B) {
	f := faces(b)
	text := strings.Repeat("Ông/Bà có thể nộp hồ sơ trực tuyến tại dichvucong.gov.vn, hoặc qua bưu chính công ích. ", 6)
	for b.Loop() {
		scene.Compose(frame(), 1920, 1080, f, func(c *scene.Canvas) { c.Fit(text, scene.Style{Weight: 400, Max: 44}, 1200, 500) })
	}
}

// TestHugeText: a text that no screen holds is an overflow, and what is drawn
// of it stays in its box.
func TestHugeText(t *testing.T) {
	box := scene.Rect{X: 10, Y: 10, W: 900, H: 400}
	for name, text := range map[string]string{"words": strings.Repeat("nâng cao ", 8000), "one word": strings.Repeat("ệ", 40_000), "lines": strings.Repeat("a\n", 30_000)} {
		sc := scene.Compose(frame(), 1920, 1080, faces(t), func(c *scene.Canvas) { c.Text("x", text, scene.Style{Weight: 400, Max: 40}, box) })
		if len(sc.Overflows) != 1 {
			t.Errorf("%s: %d overflows", name, len(sc.Overflows))
		}
		for _, op := range sc.Ops {
			if g := op.(scene.Glyphs); !box.Contains(g.Ink) {
				t.Errorf("%s: ink at %v", name, g.Ink)
			}
		}
	}
}
