package scene

import (
	"bytes"
	"fmt"
	"sort"
	"sync"

	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/font"
	ot "github.com/go-text/typesetting/font/opentype"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/math/fixed"

	"motcua/slides"
)

// Faces is the parsed type family. It is safe for concurrent use: go-text's
// faces and shapers are not, so they live in a pool; what they yield is cached.
type Faces struct {
	fonts   map[Weight]*font.Font
	weights []Weight
	pool    sync.Pool // *shaper

	mu       sync.RWMutex
	outlines map[glyphKey]*Outline
	runs     map[runKey]*run
	runBytes int
}

type glyphKey struct {
	w  Weight
	id uint32
}

type runKey struct {
	w    Weight
	text string
}

// Outline is a glyph's shape in ems, y downwards from the base line, and its
// ink box in the same measure; Segments is empty for a blank.
type Outline struct {
	Segments       []Segment
	X0, Y0, X1, Y1 float32
}

type shaper struct {
	hb    shaping.HarfbuzzShaper
	faces map[Weight]*font.Face
}

// NewFaces parses the TrueType bytes of each weight. The error is of kind
// Invalid and says which weight can't be read; one weight is enough, the
// others are then drawn with the nearest.
func NewFaces(ttf map[Weight][]byte) (*Faces, error) {
	const op = "scene.NewFaces"
	f := &Faces{fonts: map[Weight]*font.Font{}, outlines: map[glyphKey]*Outline{}, runs: map[runKey]*run{}}
	for w, b := range ttf {
		face, err := font.ParseTTF(bytes.NewReader(b))
		if err != nil {
			return nil, slides.E(slides.Invalid, op, fmt.Sprintf("Không đọc được phông chữ cỡ đậm %d.", w),
				fmt.Sprintf("The font of weight %d can't be read.", w), err)
		}
		if face.Upem() == 0 {
			return nil, slides.E(slides.Invalid, op, fmt.Sprintf("Phông chữ cỡ đậm %d bị hỏng.", w),
				fmt.Sprintf("The font of weight %d is damaged.", w), nil)
		}
		f.fonts[w] = face.Font
		f.weights = append(f.weights, w)
	}
	if len(f.weights) == 0 {
		return nil, slides.E(slides.Invalid, op, "Chưa có phông chữ nào.", "There is no font.", nil)
	}
	sort.Slice(f.weights, func(i, j int) bool { return f.weights[i] < f.weights[j] })
	f.pool.New = func() any {
		s := &shaper{faces: map[Weight]*font.Face{}}
		for w, ft := range f.fonts {
			s.faces[w] = font.NewFace(ft)
		}
		return s
	}
	return f, nil
}

// nearest is the weight at hand that is closest to w, the bolder of two.
func (f *Faces) nearest(w Weight) Weight {
	best := f.weights[0]
	for _, x := range f.weights {
		if abs(x-w) <= abs(best-w) {
			best = x
		}
	}
	return best
}

func abs(w Weight) Weight {
	if w < 0 {
		return -w
	}
	return w
}

// Has says whether the family can write r in weight w.
func (f *Faces) Has(w Weight, r rune) bool {
	_, ok := f.fonts[f.nearest(w)].NominalGlyph(r)
	return ok
}

// Glyph is the family's own glyph of r in weight w, as it stands where nothing
// around it changes its form.
func (f *Faces) Glyph(w Weight, r rune) (id uint32, ok bool) {
	g, ok := f.fonts[f.nearest(w)].NominalGlyph(r)
	return uint32(g), ok
}

// Outline is the shape of a glyph, cached; read only.
func (f *Faces) Outline(w Weight, id uint32) *Outline {
	w = f.nearest(w)
	k := glyphKey{w, id}
	f.mu.RLock()
	o := f.outlines[k]
	f.mu.RUnlock()
	if o != nil {
		return o
	}
	s := f.pool.Get().(*shaper)
	o = outline(s.faces[w], id)
	f.pool.Put(s)
	f.mu.Lock()
	f.outlines[k] = o
	f.mu.Unlock()
	return o
}

func outline(face *font.Face, id uint32) *Outline {
	o := &Outline{}
	data, ok := face.GlyphDataOutline(font.GID(id))
	if !ok || len(data.Segments) == 0 {
		return o
	}
	k := 1 / float32(face.Upem())
	o.X0, o.Y0, o.X1, o.Y1 = 1e9, 1e9, -1e9, -1e9
	for _, seg := range data.Segments {
		var out Segment
		n := 1
		switch seg.Op {
		case ot.SegmentOpMoveTo:
			if len(o.Segments) > 0 {
				o.Segments = append(o.Segments, Segment{Cmd: 'Z'})
			}
			out.Cmd = 'M'
		case ot.SegmentOpLineTo:
			out.Cmd = 'L'
		case ot.SegmentOpQuadTo:
			out.Cmd, n = 'Q', 2
		case ot.SegmentOpCubeTo:
			out.Cmd, n = 'C', 3
		}
		for i := range n {
			x, y := seg.Args[i].X*k, -seg.Args[i].Y*k
			out.P[i] = [2]float32{x, y}
			o.X0, o.X1 = min(o.X0, x), max(o.X1, x)
			o.Y0, o.Y1 = min(o.Y0, y), max(o.Y1, y)
		}
		o.Segments = append(o.Segments, out)
	}
	o.Segments = append(o.Segments, Segment{Cmd: 'Z'})
	return o
}

// runGlyph is one shaped glyph in ems: its origin from the run's start and its
// first rune.
type runGlyph struct {
	id             uint32
	x, y           float32
	cluster        int
	x0, y0, x1, y1 float32 // ink, from the run's start and base line; x1 < x0 for a blank
}

// run is one shaped line of text in ems, with the places where it may break: shaping is linear in the size, so a
// text is shaped once however often it is fitted.
type run struct {
	runes   []rune
	glyphs  []runGlyph
	x       []float32 // x[i] is where rune i starts; x[len] is the advance
	missing []rune
	breaks  []breakAt
}

// maxRunBytes bounds the cache of shaped text; when it is full it is emptied.
const maxRunBytes = 1 << 20

// shape shapes one line of text (no newline) from left to right.
func (f *Faces) shape(w Weight, text string) *run {
	w = f.nearest(w)
	k := runKey{w, text}
	f.mu.RLock()
	r := f.runs[k]
	f.mu.RUnlock()
	if r != nil {
		return r
	}
	r = f.shapeOnce(w, text)
	f.mu.Lock()
	if f.runBytes += len(text) + 64; f.runBytes > maxRunBytes {
		f.runs, f.runBytes = map[runKey]*run{}, len(text)+64
	}
	f.runs[k] = r
	f.mu.Unlock()
	return r
}

// shapeOnce is shape for a text that will not come again, or that must not be
// kept: what a citizen writes.
func (f *Faces) shapeOnce(w Weight, text string) *run {
	w = f.nearest(w)
	s := f.pool.Get().(*shaper)
	r := s.shape(w, text)
	f.pool.Put(s)
	for i := range r.glyphs {
		g := &r.glyphs[i]
		o := f.Outline(w, g.id)
		if len(o.Segments) == 0 {
			g.x0, g.x1 = 1, 0
			continue
		}
		g.x0, g.x1, g.y0, g.y1 = g.x+o.X0, g.x+o.X1, g.y+o.Y0, g.y+o.Y1
	}
	r.breaks = findBreaks(r.runes)
	return r
}

func (s *shaper) shape(w Weight, text string) *run {
	face := s.faces[w]
	runes := []rune(text)
	r := &run{runes: runes, x: make([]float32, len(runes)+1)}
	if len(runes) == 0 {
		return r
	}
	upem := int(face.Upem())
	out := s.hb.ShapeNoExtents(shaping.Input{
		Text: runes, RunEnd: len(runes), Direction: di.DirectionLTR, Face: face,
		Size: fixed.I(upem), Script: language.Latin, Language: "vi",
	})
	k := 1 / (float32(upem) * 64)
	var pen float32
	for i := range r.x {
		r.x[i] = -1
	}
	for _, g := range out.Glyphs {
		c := g.TextIndex()
		r.glyphs = append(r.glyphs, runGlyph{
			id: uint32(g.GlyphID), x: pen + float32(g.XOffset)*k, y: -float32(g.YOffset) * k, cluster: c,
		})
		if r.x[c] < 0 {
			r.x[c] = pen
		}
		pen += float32(g.Advance) * k
		if g.GlyphID == 0 && c < len(runes) {
			r.missing = append(r.missing, runes[c])
		}
	}
	r.x[len(runes)] = pen
	for i := len(runes) - 1; i >= 0; i-- { // runes inside a cluster start where the next one does
		if r.x[i] < 0 {
			r.x[i] = r.x[i+1]
		}
	}
	return r
}
