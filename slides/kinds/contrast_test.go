package kinds_test

import (
	"testing"

	"motcua/slides/kinds"
	"motcua/slides/scene"
	"motcua/slides/scene/contrast"
)

// Every text of every kind of slide stands out by 4.5:1 from whatever lies
// below it, pictures included, and every icon by 3:1; in both themes.
func TestContrast(t *testing.T) {
	for name, theme := range map[string]scene.Theme{"default": scene.DefaultTheme(), "contrast": scene.DefaultTheme().Contrast()} {
		for _, k := range kinds.All() {
			s := k.Sample()
			body, err := kinds.Parse(&s)
			if err != nil {
				t.Fatal(err)
			}
			for _, wh := range [][2]int{{1920, 1080}, {1080, 1920}} {
				f := frame()
				f.Theme, f.Hint, f.Ticker, f.Notice = theme, true, true, "Ki-ốt đã bị gỡ ghép nối."
				for _, w := range contrast.Check(kinds.Compose(&s, body, f, faces(t), wh[0], wh[1]), contrast.Text, contrast.Icons) {
					t.Errorf("%s theme, %s at %v: %s", name, k.Name, wh, w)
				}
			}
		}
	}
}
