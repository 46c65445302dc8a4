package scene_test

import (
	"strings"
	"testing"

	"motcua/slides/scene"
)

// The end of what is written is seen, with the cursor behind it, inside the
// box, however long the text is; blanks at its end move the cursor.
func TestTypedOps(t *testing.T) {
	f := faces(t)
	for _, rows := range []float32{1, 4} {
		sc := scene.Compose(scene.Frame{Lang: "vi", Scale: 1}, 1920, 1080, f, func(c *scene.Canvas) {
			c.TypedLine(scene.Rect{X: 100, Y: 100, W: 900, H: 20 + 60*rows}, "Gõ ở đây", scene.IconSearch)
		})
		slot, _ := sc.Slot(scene.SlotTyped)
		draw := func(text string, left int) (words string, cursor scene.Rect) {
			t.Helper()
			for _, op := range sc.TypedOps(scene.Typed{Text: text, Left: left}) {
				switch op := op.(type) {
				case scene.Glyphs:
					words += op.Text
					if op.Ink.W > 0 && !slot.Rect.Contains(op.Ink) {
						t.Errorf("%q is out of the box: %v in %v", op.Text, op.Ink, slot.Rect)
					}
				case scene.Fill:
					cursor = op.Rect
				}
			}
			if !slot.Rect.Contains(cursor) || cursor.W <= 0 {
				t.Errorf("%q: the cursor is at %v, the box %v", text, cursor, slot.Rect)
			}
			return words, cursor
		}
		if words, _ := draw("", -1); words != "Gõ ở đây" {
			t.Errorf("empty: %q", words)
		}
		_, a := draw("Ông", -1)
		_, b := draw("Ông ", -1)
		if b.X <= a.X {
			t.Error("a blank does not move the cursor")
		}
		if words, _ := draw("Ông", 7); !strings.Contains(words, "Còn 7 ký tự") {
			t.Errorf("%q", words)
		}
		long := strings.Repeat("Ệ Ổ nghiêng ", 60)
		for i, letters := 1, []rune(long); i <= len(letters); i += 3 {
			words, _ := draw(string(letters[:i]), i%3-1)
			if end := strings.TrimSpace(string(letters[max(0, i-2):i])); !strings.Contains(words, end) {
				t.Errorf("%q is not seen of %q", end, words)
			}
		}
		if words, _ := draw(long+"cuối", -1); !strings.HasSuffix(words, "cuối") || rows > 1 && len(words) < 100 {
			t.Errorf("long: %q", words)
		}
		if words, _ := draw(strings.Repeat("w", 300), -1); !strings.HasSuffix(words, "w") {
			t.Errorf("one long word: %q", words)
		}
	}
}
