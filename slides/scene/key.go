package scene

// Key is a key of the keyboard on the screen: a small button whose label
// stands in the middle, with a caption over it.
type Key struct {
	Name    string
	Label   string
	Caption string // what else it does: "sắc", "ă â"; or ""
	Low     bool   // keeps the caption's place, so that the labels of a row stand in line
	Words   bool   // the label is a word, not a letter
	Chosen  bool
}

// Key draws k into r and makes r its target.
func (c *Canvas) Key(k Key, r Rect) {
	radius := c.Px(16)
	ink := c.Theme.Ink.NRGBA()
	ground, label, caption, border := c.Theme.Card(), ink, c.Theme.Grey.NRGBA(), mix(c.Theme.Line, c.Theme.Grey, 0.3)
	if k.Words {
		ground = mix(c.Theme.Paper, c.Theme.Line, 0.7)
	}
	if k.Chosen {
		ground, label, caption, border = ink, c.Theme.Card(), c.Theme.Card(), ink
	}
	c.Fill(r, radius, ground)
	c.Border(r, radius, c.Px(2.5), border)
	st := Style{Weight: Bold, Max: 44, Min: 34, Color: label, Align: Middle, VAlign: Middle, MaxLines: 1, Line: 1.2, Fixed: true}
	if k.Words {
		st.Max, st.Min, st.MaxLines, st.Full = 30, Floor, 2, true
	}
	in := r
	if k.Caption != "" || k.Low {
		st.Max = 40
		over := Rect{r.X, r.Y + c.Px(2), r.W, c.Px(32)}
		in.Y += c.Px(22)
		in.H -= c.Px(24)
		if r.H < c.Px(84) && r.W >= c.Px(128) { // low keys have it beside the label
			in, over = r.Left(c.Px(44), 0)
			in.X += c.Px(6)
		}
		up := Style{Weight: Medium, Max: 26, Min: Floor, Color: caption, Align: Middle, VAlign: Middle, MaxLines: 1, Line: 1.25, Fixed: true}
		b := c.Fit(k.Caption, up, over.W-c.Px(6), 0)
		c.Report("key."+k.Name+".caption", k.Caption, b)
		c.Put(b, over)
	}
	b := c.Fit(k.Label, st, max(0, in.W-c.Px(4)), in.H)
	c.Report("key."+k.Name, k.Label, b)
	c.Put(b, in)
	c.Touch(k.Name, k.Label, r, radius)
}
