package print

import (
	"bytes"
	"fmt"
	"image/color"
	"io"
	"slices"
	"time"

	"codeberg.org/go-pdf/fpdf"

	"motcua/slides"
	"motcua/slides/raster"
	"motcua/slides/scene"
)

// Paper is a sheet, upright, in millimetres.
type Paper struct {
	Name string
	W, H float64
}

// The papers that offices print on.
var (
	A4 = Paper{"A4", 210, 297}
	A3 = Paper{"A3", 297, 420}
)

// PaperNamed finds a paper; ok is false for one that is not known.
func PaperNamed(name string) (p Paper, ok bool) {
	for _, p := range []Paper{A4, A3} {
		if p.Name == name {
			return p, true
		}
	}
	return A4, false
}

// Pixels is the size of a scene that fills the paper: its short side is 1080,
// the design's own measure.
func (p Paper) Pixels(landscape bool) (w, h int) {
	w, h = 1080, int(1080*p.H/p.W+0.5)
	if landscape {
		w, h = h, w
	}
	return w, h
}

// Document is what a file is made of.
type Document struct {
	Title  string
	Lang   string
	At     time.Time // of making, so that equal content is equal bytes
	Paper  Paper
	Fonts  map[int][]byte // TrueType by weight, as slides/fonts gives them
	Images raster.Images  // nil: pictures are left out
	Pages  []*scene.Scene // each as large as a sheet lets it; landscape where wider than high
}

// maxPages bounds a file: an office's whole catalogue as a list has about 200.
const maxPages = 600

// Write writes the document as PDF. Kinds of error: TooLarge (pages), Broken.
func Write(w io.Writer, d *Document) error {
	const op = "print.Write"
	if len(d.Pages) > maxPages {
		return slides.E(slides.TooLarge, op, fmt.Sprintf("Bản in có %d trang, tối đa %d; hãy chọn ít nội dung hơn.", len(d.Pages), maxPages),
			fmt.Sprintf("The print has %d pages, %d at most; choose less.", len(d.Pages), maxPages), nil)
	}
	f := fpdf.NewCustom(&fpdf.InitType{UnitStr: "pt", Size: fpdf.SizeType{Wd: d.Paper.W * pt, Ht: d.Paper.H * pt}})
	f.SetAutoPageBreak(false, 0)
	f.SetMargins(0, 0, 0)
	f.SetTitle(d.Title, true)
	f.SetCreator("Một Cửa", true)
	f.SetLang(d.Lang)
	f.SetCreationDate(d.At)
	f.SetModificationDate(d.At)
	f.SetCatalogSort(true)
	p := &pen{f: f, doc: d, fonts: map[scene.Weight]bool{}}
	for _, s := range d.Pages {
		p.page(s)
	}
	if err := f.Output(w); err != nil {
		return slides.E(slides.Broken, op, "Không tạo được tệp PDF.", "The PDF can't be made.", err)
	}
	return nil
}

// pt is a millimetre in points.
const pt = 72 / 25.4

// pen draws scenes on pages.
type pen struct {
	f     *fpdf.Fpdf
	doc   *Document
	faces *scene.Faces
	k     float64 // points a pixel
	x, y  float64 // of the scene on the page, points
	fonts map[scene.Weight]bool
	alpha float64 // set on this page; -1: none yet
	font  string
	size  float64
	count int // pictures
}

func (p *pen) page(s *scene.Scene) {
	size, turn := fpdf.SizeType{Wd: p.doc.Paper.W * pt, Ht: p.doc.Paper.H * pt}, "P"
	if s.W > s.H {
		turn = "L"
	}
	p.f.AddPageFormat(turn, size)
	w, h := p.f.GetPageSize()
	p.faces, p.k, p.alpha, p.font = s.Faces, w/float64(s.W), -1, ""
	if float64(s.H)*p.k > h*1.005 { // pixels are whole, papers are not
		p.k = h / float64(s.H)
	}
	// A scene of another shape stands in the middle.
	p.x, p.y = (w-float64(s.W)*p.k)/2, (h-float64(s.H)*p.k)/2
	if p.x > 1 || p.y > 1 {
		p.f.ClipRect(p.x, p.y, float64(s.W)*p.k, float64(s.H)*p.k, false)
		defer p.f.ClipEnd()
		p.f.TransformBegin()
		p.f.TransformTranslate(p.x, p.y)
		defer p.f.TransformEnd()
	} else {
		p.x, p.y = 0, 0
	}
	p.f.SetLineCapStyle("round")
	p.f.SetLineJoinStyle("round")
	for _, op := range s.Ops {
		switch o := op.(type) {
		case scene.Fill:
			p.fill(o)
		case scene.Stroke:
			p.border(o)
		case scene.Path:
			p.path(o)
		case scene.Glyphs:
			p.text(o)
		case scene.Picture:
			p.picture(o)
		case scene.Modules:
			p.modules(o)
		}
	}
}

func (p *pen) opacity(c color.NRGBA) {
	if a := float64(c.A) / 255; a != p.alpha {
		p.f.SetAlpha(a, "Normal")
		p.alpha = a
	}
}

func (p *pen) ink(c color.NRGBA) {
	p.opacity(c)
	p.f.SetFillColor(int(c.R), int(c.G), int(c.B))
}

// box is r in points, with a radius that its sides can take.
func (p *pen) box(r scene.Rect, radius float32) (x, y, w, h, rad float64) {
	x, y, w, h = float64(r.X)*p.k, float64(r.Y)*p.k, float64(r.W)*p.k, float64(r.H)*p.k
	return x, y, w, h, max(0, min(float64(radius)*p.k, w/2, h/2))
}

func (p *pen) fill(o scene.Fill) {
	if o.Color.A == 0 && o.To == nil {
		return
	}
	x, y, w, h, rad := p.box(o.Rect, o.Radius)
	if o.To == nil {
		p.ink(o.Color)
		if rad > 0 {
			p.f.RoundedRect(x, y, w, h, rad, "1234", "F")
		} else {
			p.f.Rect(x, y, w, h, "F")
		}
		return
	}
	p.opacity(o.Color)
	p.f.ClipRoundedRect(x, y, w, h, rad, false)
	p.f.LinearGradient(x, y, w, h, int(o.Color.R), int(o.Color.G), int(o.Color.B), int(o.To.R), int(o.To.G), int(o.To.B), 0, 1, 0, 0)
	p.f.ClipEnd()
}

// border draws a line that lies inside the box.
func (p *pen) border(o scene.Stroke) {
	x, y, w, h, rad := p.box(o.Rect, o.Radius)
	width := float64(o.Width) * p.k
	p.opacity(o.Color)
	p.f.SetDrawColor(int(o.Color.R), int(o.Color.G), int(o.Color.B))
	p.f.SetLineWidth(width)
	if w -= width; w < 0 {
		return
	}
	if h -= width; h < 0 {
		return
	}
	p.f.RoundedRect(x+width/2, y+width/2, w, h, max(0, rad-width/2), "1234", "D")
}

func (p *pen) path(o scene.Path) {
	if len(o.Segments) == 0 || o.Color.A == 0 {
		return
	}
	style := "F"
	if o.Width > 0 {
		style = "D"
		p.opacity(o.Color)
		p.f.SetDrawColor(int(o.Color.R), int(o.Color.G), int(o.Color.B))
		p.f.SetLineWidth(float64(o.Width) * p.k)
	} else {
		p.ink(o.Color)
	}
	p.trace(o.Segments, p.k, 0, 0)
	p.f.DrawPath(style)
}

// trace adds segments, scaled by k from (x, y), to the path.
func (p *pen) trace(segs []scene.Segment, k, x, y float64) {
	var at [2]float64
	open := false
	for _, s := range segs {
		pt := func(i int) [2]float64 { return [2]float64{float64(s.P[i][0])*k + x, float64(s.P[i][1])*k + y} }
		switch s.Cmd {
		case 'M':
			at = pt(0)
			p.f.MoveTo(at[0], at[1])
			open = true
		case 'L':
			at = pt(0)
			p.f.LineTo(at[0], at[1])
		case 'Q': // as a cubic: PDF has no other
			c, e := pt(0), pt(1)
			p.f.CurveBezierCubicTo(at[0]+(c[0]-at[0])*2/3, at[1]+(c[1]-at[1])*2/3, e[0]+(c[0]-e[0])*2/3, e[1]+(c[1]-e[1])*2/3, e[0], e[1])
			at = e
		case 'C':
			a, b, e := pt(0), pt(1), pt(2)
			p.f.CurveBezierCubicTo(a[0], a[1], b[0], b[1], e[0], e[1])
			at = e
		case 'Z':
			if open {
				p.f.ClosePath()
			}
			open = false
		}
	}
}

// slack is how far a glyph may stand from its place before the line is begun
// anew there, in ems: a hundredth of a letter's width, which no eye sees.
const slack = 0.006

// text writes a line. The font's own advances carry from glyph to glyph; where
// shaping moved one (kerning) the line goes on from its place. A line whose
// glyphs are not its runes one by one (a ligature, stacked marks) is drawn as
// outlines with the text invisible over it, to be searched all the same.
func (p *pen) text(o scene.Glyphs) {
	if len(o.Glyphs) == 0 {
		return
	}
	runes := []rune(o.Text)
	p.face(o.Weight, float64(o.Size)*p.k)
	p.ink(o.Color)
	p.f.SetTextColor(int(o.Color.R), int(o.Color.G), int(o.Color.B))
	if !p.plain(o, runes) {
		for _, g := range o.Glyphs {
			if out := p.faces.Outline(o.Weight, g.ID); len(out.Segments) > 0 {
				p.trace(out.Segments, float64(o.Size)*p.k, float64(g.X)*p.k, float64(g.Y)*p.k)
				p.f.DrawPath("F")
			}
		}
		p.f.SetTextRenderingMode(3)
		p.f.Text(float64(o.Glyphs[0].X)*p.k, float64(o.Glyphs[0].Y)*p.k, o.Text)
		p.f.SetTextRenderingMode(0)
		return
	}
	from, pen := 0, o.Glyphs[0].X
	for i, g := range o.Glyphs {
		if d := g.X - pen; i > 0 && (d > slack*o.Size || d < -slack*o.Size || g.Y != o.Glyphs[from].Y) {
			p.piece(o, runes, from, i)
			from, pen = i, g.X
		}
		pen += float32(p.f.GetStringWidth(string(runes[i])) / p.k)
	}
	p.piece(o, runes, from, len(runes))
}

func (p *pen) piece(o scene.Glyphs, runes []rune, from, to int) {
	g := o.Glyphs[from]
	p.f.Text(float64(g.X)*p.k, float64(g.Y)*p.k, string(runes[from:to]))
}

// plain says whether each rune is one glyph, the font's own for it.
func (p *pen) plain(o scene.Glyphs, runes []rune) bool {
	if len(runes) != len(o.Glyphs) {
		return false
	}
	for i, g := range o.Glyphs {
		if id, ok := p.faces.Glyph(o.Weight, runes[i]); !ok || id != g.ID {
			return false
		}
	}
	return true
}

// face chooses the font of a weight, which is embedded at its first use.
func (p *pen) face(w scene.Weight, size float64) {
	best := w
	for have := range p.doc.Fonts {
		if x := scene.Weight(have); p.doc.Fonts[int(best)] == nil || abs(x-w) < abs(best-w) {
			best = x
		}
	}
	name := fmt.Sprintf("bvp%d", best)
	if !p.fonts[best] {
		p.f.AddUTF8FontFromBytes(name, "", slices.Clone(p.doc.Fonts[int(best)]))
		p.fonts[best] = true
	}
	if name != p.font || size != p.size {
		p.f.SetFont(name, "", size)
		p.font, p.size = name, size
	}
}

func abs(w scene.Weight) scene.Weight { return max(w, -w) }

// modules draws the dark squares as one shape: squares drawn one by one would
// show hairs between them where a printer smooths edges.
func (p *pen) modules(o scene.Modules) {
	p.ink(color.NRGBA{A: 255})
	m := float64(o.Module) * p.k
	for row, line := range o.Dark {
		for col := 0; col < len(line); col++ {
			if !line[col] {
				continue
			}
			end := col
			for end < len(line) && line[end] {
				end++
			}
			x, y := float64(o.Rect.X)*p.k+float64(col)*m, float64(o.Rect.Y)*p.k+float64(row)*m
			w := float64(end-col) * m
			p.f.MoveTo(x, y)
			p.f.LineTo(x+w, y)
			p.f.LineTo(x+w, y+m)
			p.f.LineTo(x, y+m)
			p.f.ClosePath()
			col = end
		}
	}
	p.f.DrawPath("F")
	if o.URL != "" {
		p.f.LinkString(p.x+float64(o.Rect.X)*p.k, p.y+float64(o.Rect.Y)*p.k, float64(o.Rect.W)*p.k, float64(o.Rect.H)*p.k, o.URL)
	}
}

// picture places an image, at most 300 dots an inch of it.
func (p *pen) picture(o scene.Picture) {
	if p.doc.Images == nil {
		return
	}
	img, ok := p.doc.Images(o.Blob)
	if !ok || img == nil || img.Bounds().Empty() {
		return
	}
	x, y, w, h, rad := p.box(o.Rect, o.Radius)
	iw, ih := float64(img.Bounds().Dx()), float64(img.Bounds().Dy())
	if !o.Cover { // fit whole, in the middle
		k := min(w/iw, h/ih)
		x, y, w, h = x+(w-iw*k)/2, y+(h-ih*k)/2, iw*k, ih*k
		rad = min(rad, w/2, h/2)
	}
	if w <= 0 || h <= 0 {
		return
	}
	// Dots of the paper, or of the picture where it has fewer.
	dots := min(300/72.0, max(iw/w, ih/h))
	b, kind, err := encode(raster.Scale(img, int(w*dots+0.5), int(h*dots+0.5), o.Cover))
	if err != nil {
		p.f.SetError(err)
		return
	}
	p.count++
	name := fmt.Sprintf("picture%d", p.count)
	p.f.RegisterImageOptionsReader(name, fpdf.ImageOptions{ImageType: kind}, bytes.NewReader(b))
	p.opacity(color.NRGBA{A: 255})
	if rad > 0 {
		p.f.ClipRoundedRect(x, y, w, h, rad, false)
	}
	p.f.ImageOptions(name, x, y, w, h, false, fpdf.ImageOptions{ImageType: kind}, 0, "")
	if rad > 0 {
		p.f.ClipEnd()
	}
}
