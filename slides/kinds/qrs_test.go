package kinds_test

import (
	"strings"
	"testing"

	"motcua/slides/kinds"
	"motcua/slides/scene"
)

// Every code that a slide draws answers a touch, and the touch's name leads
// back to the code's own data.
func TestEveryCodeCanBeTouched(t *testing.T) {
	f := faces(t)
	codes := 0
	for _, k := range kinds.All() {
		s := k.Sample()
		body, err := kinds.Parse(&s)
		if err != nil {
			t.Fatal(err)
		}
		for _, wh := range [][2]int{{1920, 1080}, {1080, 1920}} {
			sc := kinds.Compose(&s, body, scene.Frame{Theme: scene.DefaultTheme(), Lang: "vi", Scale: 1}, f, wh[0], wh[1])
			named := map[string]scene.Target{}
			for _, a := range sc.Targets {
				path, ok := strings.CutPrefix(a.Name, "qr:")
				if !ok {
					t.Errorf("%s: target %s", k.Name, a.Name)
				}
				q := kinds.QRAt(body, path)
				if q == nil {
					t.Errorf("%s: nothing is at %s", k.Name, path)
					continue
				}
				named[q.URL] = a
			}
			for _, op := range sc.Ops {
				if m, ok := op.(scene.Modules); ok {
					codes++
					if a := named[m.URL]; !a.Rect.Contains(m.Rect) {
						t.Errorf("%s: the code of %s is at %v, its target at %v", k.Name, m.URL, m.Rect, a.Rect)
					}
				}
			}
		}
	}
	if codes < 8 {
		t.Errorf("only %d codes were drawn", codes)
	}
	if kinds.QRAt(&kinds.Guide{}, "body.qr") != nil || kinds.QRAt(nil, "body.qr") != nil {
		t.Error("a code where there is none")
	}
}
