package fonts

import (
	"sync"

	"motcua/slides/scene"
)

// Faces is the embedded family, parsed once and shared; the error is All's. A
// kiosk uses it until its manifest names faces of its own.
var Faces = sync.OnceValues(func() (*scene.Faces, error) {
	all, err := All()
	if err != nil {
		return nil, err
	}
	ttf := make(map[scene.Weight][]byte, len(all))
	for w, b := range all {
		ttf[scene.Weight(w)] = b
	}
	return scene.NewFaces(ttf)
})
