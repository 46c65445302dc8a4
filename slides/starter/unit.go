package starter

import "motcua/slides"

// Unit is one office of the tree. Names and parents have dates, because
// agencies are renamed and merged while their figures must stay comparable.
type Unit struct {
	ID        string   `json:"id"`
	Kind      string   `json:"kind"`    // province, department, division, desk, service, school
	Names     []Name   `json:"names"`   // in order of time
	Parents   []Parent `json:"parents"` // in order of time; none: a root
	Successor string   `json:"successor,omitempty"`
	Source    string   `json:"source"`
}

// Name is a unit's name on the local dates [From, Until); "" is unbounded.
type Name struct {
	Name  slides.Text      `json:"name"`
	Short slides.Text      `json:"short,omitempty"`
	From  slides.LocalDate `json:"from,omitempty"`
	Until slides.LocalDate `json:"until,omitempty"`
}

// Parent is the unit above on the local dates [From, Until).
type Parent struct {
	Unit  string           `json:"unit"`
	From  slides.LocalDate `json:"from,omitempty"`
	Until slides.LocalDate `json:"until,omitempty"`
}

// NameOn is the name on the date d; after the last one has ended it stays that
// one, so that a closed office is still called by its name in old figures.
func (u *Unit) NameOn(d slides.LocalDate) Name {
	for _, n := range u.Names {
		if n.Until == "" || d < n.Until {
			return n
		}
	}
	return u.Names[len(u.Names)-1]
}

// ParentOn is the id of the unit above on the date d, by the same rule; "" for
// a root.
func (u *Unit) ParentOn(d slides.LocalDate) string {
	for _, p := range u.Parents {
		if p.Until == "" || d < p.Until {
			return p.Unit
		}
	}
	if n := len(u.Parents); n > 0 {
		return u.Parents[n-1].Unit
	}
	return ""
}

// Open says whether the unit exists on the date d.
func (u *Unit) Open(d slides.LocalDate) bool {
	first, last := u.Names[0], u.Names[len(u.Names)-1]
	return (first.From == "" || first.From <= d) && (last.Until == "" || d < last.Until)
}
