package fonts_test

import (
	"bytes"
	"testing"

	"motcua/slides/fonts"
	"motcua/slides/scene"
)

func TestAllHasEveryWeight(t *testing.T) {
	all, err := fonts.All()
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range fonts.Weights {
		if !bytes.HasPrefix(all[w], []byte{0, 1, 0, 0}) {
			t.Errorf("weight %d is not TrueType", w)
		}
	}
	if bytes.Equal(all[400], all[800]) {
		t.Error("two weights are the same file")
	}
}

// TestVietnamese: every letter that Vietnamese writes, in every weight.
func TestVietnamese(t *testing.T) {
	faces, err := fonts.Faces()
	if err != nil {
		t.Fatal(err)
	}
	const letters = "aàảãáạăằẳẵắặâầẩẫấậeèẻẽéẹêềểễếệiìỉĩíịoòỏõóọôồổỗốộơờởỡớợuùủũúụưừửữứựyỳỷỹýỵđ" +
		"AÀẢÃÁẠĂẰẲẴẮẶÂẦẨẪẤẬEÈẺẼÉẸÊỀỂỄẾỆIÌỈĨÍỊOÒỎÕÓỌÔỒỔỖỐỘƠỜỞỠỚỢUÙỦŨÚỤƯỪỬỮỨỰYỲỶỸÝỴĐ" +
		"0123456789.,:;!?%/()–-“”…·+=&@"
	for _, w := range fonts.Weights {
		for _, r := range letters {
			if !faces.Has(scene.Weight(w), r) {
				t.Errorf("weight %d lacks %c", w, r)
			}
		}
	}
}
