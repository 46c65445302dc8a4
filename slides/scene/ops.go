package scene

import (
	"image/color"

	"motcua/slides"
)

// Rect is a box in pixels of the target; y grows downwards.
type Rect struct{ X, Y, W, H float32 }

// Weight picks a face of the type family.
type Weight int

// The weights in use (look: 800 titles, 700 labels, 600 values, 500 secondary, 400 text).
const (
	Regular   Weight = 400
	Medium    Weight = 500
	SemiBold  Weight = 600
	Bold      Weight = 700
	ExtraBold Weight = 800
)

// Op is one drawing instruction. The set is closed: a drawer switches over
// Fill, Stroke, Path, Glyphs, Picture and Modules.
type Op interface{ op() }

// Fill fills a box with rounded corners, in one colour or, where To is not
// nil, from Color at the top to To at the bottom.
type Fill struct {
	Rect   Rect
	Radius float32
	Color  color.NRGBA
	To     *color.NRGBA
}

// Stroke draws the border of a box; the line lies inside it.
type Stroke struct {
	Rect   Rect
	Radius float32
	Width  float32
	Color  color.NRGBA
}

// Segment is one path command: M, L (one point), Q (two), C (three), Z (none).
type Segment struct {
	Cmd byte
	P   [3][2]float32
}

// Path is a shape; Width > 0 strokes it with round caps and joins, else it is
// filled (non-zero rule).
type Path struct {
	Segments []Segment
	Color    color.NRGBA
	Width    float32
}

// Glyph is one shaped glyph at its origin on the base line.
type Glyph struct {
	ID   uint32
	X, Y float32
}

// Glyphs is one shaped line of text. Text is what it says, for tests, screen
// readers and searches; a drawer uses Glyphs, Weight, Size (pixels an em) and Color.
type Glyphs struct {
	Text   string
	Weight Weight
	Size   float32
	Color  color.NRGBA
	Glyphs []Glyph
	Box    Rect // the line's box: advance wide, line height high
	Ink    Rect // what is really covered; must lie inside the screen
}

// Picture draws the image blob Blob into Rect, cropping to fill (Cover) or
// fitting whole. A drawer that can't decode it draws nothing and says so.
type Picture struct {
	Blob   string // SHA-256
	Rect   Rect
	Radius float32
	Cover  bool
}

// Modules draws a QR: Dark[row][col], without the quiet zone, on white. Rect is
// the dark area's square with a whole number of pixels a module; the quiet
// zone of four modules around it is Fill'ed white by the scene.
type Modules struct {
	Rect   Rect
	Module float32 // pixels a module, a whole number
	Dark   [][]bool
	URL    string
}

func (Fill) op()    {}
func (Stroke) op()  {}
func (Path) op()    {}
func (Glyphs) op()  {}
func (Picture) op() {}
func (Modules) op() {}

// Target is a place that answers a touch.
type Target struct {
	Name string // "rate:4", "back", "more-time": meaning belongs to the player
	Rect Rect
	Text string // what it says, for the keyboard and switch users
	// Radius is its corners', for the drawing of its pressed state.
	Radius float32
}

// Overflow reports a text that did not fit its box at its smallest legible size.
type Overflow struct {
	Path string // field: "body.steps.2"
	Text string
}

// Missing reports characters that the type family can't write.
type Missing struct {
	Path  string
	Runes string
}

// Slot is a small part of the picture that changes while the rest stays: the
// clock, the progress bar, the ticker's page, a countdown. The drawer redraws
// Rect from Under (the ops below it) and what the slot's owner draws.
type Slot struct {
	Name  string
	Rect  Rect
	Style Style   // of its text
	Color Colour  // of its bar (progress), of its ground (line)
	Lang  string  // of its text
	Unit  float32 // pixels a design pixel
	// Radius is its corners' (film).
	Radius float32
	Hint   string // shown in place of an empty text (typed)
}

// Names of the slots that scenes declare.
const (
	SlotClock     = "clock"
	SlotDate      = "date"
	SlotTicker    = "ticker"
	SlotProgress  = "progress"
	SlotCountdown = "countdown"
	SlotFilm      = "film" // a film runs here, over its poster
	SlotLine      = "line" // a film's subtitles
	SlotTyped     = "typed"
)

// Scene is a display list for one screen size. It is immutable once made and
// may be shared between goroutines.
type Scene struct {
	W, H      int
	Body      Rect // what the frame leaves for the content
	Ops       []Op
	Slots     []Slot
	Targets   []Target
	Overflows []Overflow
	Missing   []Missing
	U         float32  // pixels a design pixel
	Faces     *Faces   // what its glyphs are drawn with
	Blobs     []string // pictures that the scene needs
}

// Frame is what surrounds a slide and comes from the kiosk's class and place.
type Frame struct {
	Theme     Theme
	Unit      slides.Text // "Sở Lao động – Thương binh và Xã hội tỉnh Lạng Sơn"
	UnitShort slides.Text // for portrait; falls back to Unit
	Office    slides.Text // "Bộ phận Tiếp nhận và Trả kết quả"
	Logo      string      // blob, or "": the neutral mark
	Lang      string
	Scale     float32 // text size: 1, 1.15 (A+), 1.3 (A++)
	Low       bool    // all of it at the screen's foot, for who can't reach high
	Hint      bool    // show "Chạm để đánh giá, tra cứu"
	Ticker    bool    // keep a place for the news line
	Notice    string  // for staff, in a band of its own under the header; "" none
}
