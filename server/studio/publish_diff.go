package studio

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"motcua/slides"
	"motcua/slides/kinds"
)

// diff is one field's step.
type diff struct{ Label, Before, After string }

// compare lists the fields that differ between two versions of a slide.
func (q *request) compare(before, after *slides.Slide, zone *time.Location) []diff {
	a, b := slideValues(before, zone), slideValues(after, zone)
	var keys []string
	for k := range a {
		keys = append(keys, k)
	}
	for k := range b {
		if _, both := a[k]; !both {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	label := labels(append(commonFields(q.words), kinds.Fields(after.Kind)...), q.lang)
	var out []diff
	for _, k := range keys {
		x, y := a.Get(k), b.Get(k)
		if x == y || strings.HasSuffix(k, ".#") {
			continue
		}
		if k == "from" || k == "until" {
			x, y = q.wallClock(x), q.wallClock(y)
		}
		out = append(out, diff{label(k), clipRunes(x, 160), clipRunes(y, 160)})
	}
	return out
}

// wallClock writes a form's moment as people do.
func (q *request) wallClock(s string) string {
	t, err := time.Parse(momentLayout, s)
	switch {
	case err != nil:
		return s
	case q.lang == "en":
		return t.Format("2 Jan 2006 15:04")
	}
	return t.Format("2/1/2006 15:04")
}

// labels names the fields of paths like "body.steps.2.title.en".
func labels(fields []kinds.Field, lang string) func(path string) string {
	return func(path string) string {
		var words []string
		in := fields
		for _, part := range strings.Split(strings.TrimPrefix(path, "body."), ".") {
			if n := number(part); part != "" && part[0] >= '0' && part[0] <= '9' {
				words = append(words, fmt.Sprint(n+1))
				continue
			}
			i := slices.IndexFunc(in, func(f kinds.Field) bool { return f.Name == part })
			if i < 0 {
				if part != "vi" {
					words = append(words, part)
				}
				continue
			}
			words = append(words, in[i].Label.In(lang))
			in = in[i].Fields
		}
		return strings.Join(words, " · ")
	}
}
