package slides_test

import (
	"testing"
	_ "time/tzdata"

	"github.com/google/go-cmp/cmp"

	"motcua/slides"
	"motcua/slides/fixture"
)

func TestScheduleFixture(t *testing.T) {
	cases := fixture.Schedule()
	if len(cases) < 40 {
		t.Fatalf("only %d cases", len(cases))
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			b, err := slides.EncodeManifest(c.Manifest())
			if err != nil {
				t.Fatal(err)
			}
			m, err := slides.ParseManifest(b)
			if err != nil {
				t.Fatal(err)
			}
			have := map[string]*slides.Slide{}
			blobs := c.Blobs()
			for _, ref := range m.Slides {
				if b, ok := blobs[ref.Blob]; ok {
					if have[ref.ID], err = slides.ParseSlide(b); err != nil {
						t.Fatal(err)
					}
				}
			}
			p, err := slides.NewProgram(m, have)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.Showing(), p.At(c.At)); d != "" {
				t.Errorf("at %s: want (-), got (+):\n%s", c.At, d)
			}
		})
	}
}
