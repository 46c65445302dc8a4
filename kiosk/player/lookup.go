package player

import (
	"fmt"
	"time"

	domain "motcua/slides"
	"motcua/slides/catalogue"
	"motcua/slides/scene"
)

// Views of the look-up of procedures.
const (
	ViewLookup View = "lookup" // by field or by unit, or on to typing
	ViewList   View = "list"   // the procedures of one of them
)

// today is the local date: procedures come and go with it.
func (s *State) today() domain.LocalDate { return domain.LocalDate(s.local().Format(time.DateOnly)) }

// serves says whether any procedure is in force.
func (c *Content) serves(d domain.LocalDate) bool {
	if c.Procedures == nil {
		return false
	}
	for i := range c.Procedures.Procedures {
		if c.Procedures.Procedures[i].ValidOn(d) {
			return true
		}
	}
	return false
}

// lookup is the way in: type, or choose a field or a unit.
type lookup struct {
	content       *Content
	fields, units []catalogue.Group
	byUnit        bool
	from          int
}

func (s *State) lookup() lookup {
	c, d := s.Content, s.today()
	return lookup{content: c, fields: c.Procedures.Fields(d), units: c.Procedures.Units(d)}
}

func (lookup) view() View { return ViewLookup }

func (p lookup) groups() []catalogue.Group {
	if p.byUnit {
		return p.units
	}
	return p.fields
}

func (p lookup) touch(n *step, name, arg string) {
	switch i, ok := number(arg); {
	case name == "type":
		n.open(search{content: p.content, line: n.newField(searchMost, false)})
	case name == "by" && (arg == "unit") != p.byUnit && len(p.units) > 1:
		p.byUnit, p.from = !p.byUnit, 0
		n.turn(p)
	case name == "from" && ok:
		p.from = i
		n.turn(p)
	case name == "group" && ok && i < len(p.groups()):
		g := p.groups()[i]
		n.open(list{content: p.content, heading: g.Name, rows: g.Rows})
	}
}

func (p lookup) likely(s State) []Still {
	return []Still{search{content: p.content, line: s.newField(searchMost, false)}.still(s)}
}

func (p lookup) still(s State) Still {
	s.View = ViewLookup // drawn ahead, too
	key := fmt.Sprintf("lookup\x00%v\x00%d\x00%s", p.byUnit, p.from, s.today())
	return s.screen(p.content, key, func(c *scene.Canvas) {
		c.Title("lookup", c.Say("Ông/Bà tìm thủ tục nào?", "Which procedure do you need?"), "")
		gap := c.Px(24)
		tile := scene.Tile{
			Name: "type", Title: c.Say("Gõ tên, mã", "Type it"), Text: c.Say("Không cần dấu", "Name or code"),
			Icon: scene.IconSearch, Ground: c.Theme.Indigo.NRGBA(), Ink: white(c.Theme),
		}
		field := scene.Button{Name: "by:field", Label: c.Say("Theo lĩnh vực", "By field"), Chosen: !p.byUnit}
		unit := scene.Button{Name: "by:unit", Label: c.Say("Theo đơn vị", "By office"), Chosen: p.byUnit}
		box, h := c.Body, c.Px(scene.ButtonH)
		if c.Portrait {
			c.Tile(tile, scene.Rect{X: box.X, Y: box.Y, W: box.W, H: c.Px(330)})
			box = box.Below(box.Y + c.Px(330+36))
		} else {
			var left scene.Rect
			left, box = box.Left(min(c.Px(430), box.W*0.3), c.Px(48))
			left.H = min(left.H, c.Px(440))
			c.Tile(tile, left)
		}
		if len(p.units) > 1 {
			w := (box.W - gap) / 2
			c.Button(field, scene.Rect{X: box.X, Y: box.Y, W: w, H: h})
			c.Button(unit, scene.Rect{X: box.X + w + gap, Y: box.Y, W: w, H: h})
			box = box.Below(box.Y + h + gap)
		}
		groups := p.groups()
		cols := 1
		if !c.Portrait && len(groups) > 3 {
			cols = 2
		}
		leafed(c, box, len(groups), p.from, cols, scene.RowH, func(i int) scene.Row {
			n := len(groups[i].Rows)
			return scene.Row{Name: fmt.Sprintf("group:%d", i), Title: c.T(groups[i].Name), Text: c.Say(fmt.Sprintf("%d thủ tục", n), counted(n, "procedure"))}
		})
	})
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// list is the procedures under one heading, as rows of the catalogue.
type list struct {
	content *Content
	heading domain.Text
	rows    []int
	from    int
}

func (list) view() View { return ViewList }

func (p list) touch(n *step, name, arg string) {
	switch i, ok := number(arg); {
	case name == "from" && ok:
		p.from = i
		n.turn(p)
	case name == "procedure" && ok:
		n.openProcedure(p.content, i)
	}
}

func (p list) likely(s State) []Still {
	if len(p.rows) == 0 {
		return nil
	}
	return []Still{procedure{content: p.content, row: p.rows[min(p.from, len(p.rows)-1)]}.still(s)}
}

func (p list) still(s State) Still {
	s.View = ViewList
	key := fmt.Sprintf("list\x00%s\x00%d\x00%s", p.heading["vi"], p.from, s.today())
	return s.screen(p.content, key, func(c *scene.Canvas) {
		c.Title("list", c.T(p.heading), "")
		cols := 2
		if c.Portrait {
			cols = 1
		}
		leafed(c, c.Body, len(p.rows), p.from, cols, scene.RowH, func(i int) scene.Row { return p.content.entry(c, p.rows[i]) })
	})
}

// entry is how a procedure stands in a list.
func (c *Content) entry(cv *scene.Canvas, row int) scene.Row {
	p := &c.Procedures.Procedures[row]
	text := cv.Say("Mã ", "Code ") + p.Code
	t := p.CommittedText()
	if t == nil {
		t = p.TimeText()
	}
	if t != nil {
		text += " · " + cv.T(t)
	}
	return scene.Row{Name: fmt.Sprintf("procedure:%d", row), Title: cv.T(p.Name), Text: text}
}
