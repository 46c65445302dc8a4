// Package fonts embeds Be Vietnam Pro, the product's type family, in the five
// weights that the look uses. The files come from npm at build time
// (`make assets`); a clone without them compiles and All says what to run.
package fonts

import (
	"embed"
	"fmt"

	"motcua/slides"
)

//go:embed ttf
var files embed.FS

// Weights lists the embedded weights in ascending order.
var Weights = []int{400, 500, 600, 700, 800}

// Type is the MIME type of the bytes that All returns.
const Type = "font/ttf"

// All returns each weight's TrueType bytes, to be read only. The error is of
// kind Broken and says that `make assets` fetches the missing files.
func All() (map[int][]byte, error) {
	out := make(map[int][]byte, len(Weights))
	for _, w := range Weights {
		b, err := files.ReadFile(fmt.Sprintf("ttf/BeVietnamPro-%d.ttf", w))
		if err != nil {
			return nil, slides.E(slides.Broken, "fonts.All",
				"Bản dựng này thiếu phông chữ Be Vietnam Pro; hãy chạy \"make assets\" rồi dựng lại.",
				"This build lacks the Be Vietnam Pro fonts; run \"make assets\" and build again.", err)
		}
		out[w] = b
	}
	return out, nil
}
