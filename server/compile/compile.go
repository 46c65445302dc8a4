package compile

import "motcua/slides"

// Compile makes a class's manifest. Problems are of kind Invalid and list
// everything that staff must mend.
func Compile(s *Snapshot, c Class) (*slides.Manifest, error) {
	return nil, slides.E(slides.Broken, "compile.Compile", "Chưa có.", "Not built yet.", nil)
}
