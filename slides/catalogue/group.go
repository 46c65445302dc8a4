package catalogue

import "motcua/slides"

// Group is the procedures under one heading, as rows of Catalogue.Procedures.
type Group struct {
	Name slides.Text
	Rows []int
}

// Fields groups the procedures valid on d by field. Groups stand as their
// first procedures do in the catalogue: that order is the unit's.
func (c *Catalogue) Fields(d slides.LocalDate) []Group {
	return c.group(d, func(p *Procedure) slides.Text { return p.Field })
}

// Units groups them by the office that decides, leaving out those that name none.
func (c *Catalogue) Units(d slides.LocalDate) []Group {
	return c.group(d, func(p *Procedure) slides.Text { return p.Unit })
}

func (c *Catalogue) group(d slides.LocalDate, by func(*Procedure) slides.Text) []Group {
	var out []Group
	at := map[string]int{}
	for i := range c.Procedures {
		p := &c.Procedures[i]
		name := by(p)
		if !p.ValidOn(d) || name.Empty() {
			continue
		}
		g, ok := at[name["vi"]]
		if !ok {
			g = len(out)
			at[name["vi"]] = g
			out = append(out, Group{Name: name})
		}
		out[g].Rows = append(out[g].Rows, i)
	}
	return out
}
