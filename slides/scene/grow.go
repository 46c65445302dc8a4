package scene

// Trial is what a layout comes to, measured without being drawn.
type Trial struct {
	Texts     []TrialText
	Right     float32 // the far edges of all that it draws, pixels
	Bottom    float32
	Overflows int
}

// TrialText is one text that the layout reported.
type TrialText struct {
	Path  string
	Size  float32 // pixels an em
	Lines int
	Bad   bool // a line ends where it should not, or a word was split
}

// Try lays out what draw draws, k times as large, on a scene that is thrown
// away. draw gets a canvas of its own and must not keep it.
func (c *Canvas) Try(k float32, draw func(*Canvas)) Trial {
	var t Trial
	own := *c
	own.scene = &Scene{W: c.scene.W, H: c.scene.H, Faces: c.faces}
	own.trial = &t
	own.Enlarged(k, draw)
	t.Overflows = len(own.scene.Overflows)
	for _, op := range own.scene.Ops {
		var box Rect
		switch op := op.(type) {
		case Fill:
			box = op.Rect
		case Stroke:
			box = op.Rect
		case Glyphs:
			box = op.Ink
		case Picture:
			box = op.Rect
		case Modules:
			box = op.Rect
		case Path:
			for _, s := range op.Segments {
				for _, p := range s.P {
					t.Right, t.Bottom = max(t.Right, p[0]), max(t.Bottom, p[1])
				}
			}
		}
		t.Right, t.Bottom = max(t.Right, box.Right()), max(t.Bottom, box.Bottom())
	}
	return t
}

// Enlarged draws with every design pixel k times as large: letters, gaps,
// icons and floors. Rects that the canvas gave before stay as they are.
func (c *Canvas) Enlarged(k float32, draw func(*Canvas)) {
	u, grown := c.U, c.Grown
	c.U, c.Grown = u*k, grown*k
	draw(c)
	c.U, c.Grown = u, grown
}
