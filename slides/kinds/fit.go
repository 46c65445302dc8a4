package kinds

import (
	"fmt"
	"maps"
	"slices"

	"motcua/slides"
	"motcua/slides/scene"
)

// CheckFit composes the slide for both orientations in every language it has
// and reports, once for each field, what does not fit at the smallest legible
// size or holds characters that the type family can't write.
func CheckFit(s *slides.Slide, body Body, frame scene.Frame, faces *scene.Faces, p *slides.Problems) {
	langs := map[string]bool{"vi": true}
	for _, t := range Texts(body) {
		for l := range t.Text {
			langs[l] = true
		}
	}
	seen := map[string]bool{}
	add := func(path, vi, en string) {
		if !seen[path] {
			seen[path] = true
			p.Add(path, vi, en)
		}
	}
	for _, lang := range sortedKeys(langs) {
		frame.Lang = lang
		for _, size := range []struct {
			w, h   int
			vi, en string
		}{{1920, 1080, "màn hình ngang", "landscape screen"}, {1080, 1920, "màn hình dọc", "portrait screen"}} {
			sc := Compose(s, body, frame, faces, size.w, size.h)
			for _, o := range sc.Overflows {
				add(o.Path, fmt.Sprintf("Nội dung không vừa %s; hãy rút gọn.", size.vi), fmt.Sprintf("This does not fit a %s; shorten it.", size.en))
			}
			for _, m := range sc.Missing {
				add(m.Path, fmt.Sprintf("Phông chữ không có ký tự: %s; hãy thay bằng chữ khác.", m.Runes), fmt.Sprintf("The font lacks these characters: %s; use others.", m.Runes))
			}
		}
	}
}

func sortedKeys(m map[string]bool) []string {
	return slices.Sorted(maps.Keys(m))
}
