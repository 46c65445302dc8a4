package studio

import (
	"sync"

	"motcua/slides"
	"motcua/slides/starter"
)

// bankSlogans are the starter's slogans, each with its source; read only.
var bankSlogans = sync.OnceValues(func() ([]slides.Slide, error) {
	c, err := starter.Load()
	if err != nil {
		return nil, err
	}
	var out []slides.Slide
	for _, s := range c.Slides {
		if s.Kind == "slogan" {
			out = append(out, s)
		}
	}
	return out, nil
})
