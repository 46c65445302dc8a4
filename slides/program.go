package slides

import "time"

// CheckEntry reports what is wrong with e at path.
func CheckEntry(e *Entry, p *Problems, path string) {}

// Program answers "what shows at t".
type Program struct{}

// NewProgram compiles the schedule of m with the slides that are there.
func NewProgram(m *Manifest, slides map[string]*Slide) (*Program, error) { return &Program{}, nil }

// At answers what shows at t.
func (p *Program) At(t time.Time) Showing { return Showing{} }
