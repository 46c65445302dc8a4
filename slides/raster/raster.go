// Package raster draws display lists into images without a GPU: thumbnails,
// print, screenshots' reference, and the kiosk's own textures. Everything in
// it is safe for concurrent use; a destination is for one goroutine at a time.
package raster

import (
	"image"
	"image/color"
	"math"
	"sync"

	"golang.org/x/image/draw"
	"golang.org/x/image/vector"

	"motcua/slides/scene"
)

// Images finds the decoded picture of a blob. A picture that is not there is
// left out.
type Images func(sha string) (image.Image, bool)

// Draw draws the whole scene. The result is opaque as far as the scene is.
func Draw(s *scene.Scene, images Images) *image.RGBA {
	dst := image.NewRGBA(image.Rect(0, 0, s.W, s.H))
	DrawOps(dst, s.Ops, dst.Bounds(), s.Faces, images)
	return dst
}

// DrawOps draws ops onto dst within clip, in dst's coordinates, over what is
// there. For a slot: draw the scene's ops and then the slot's, with the slot's
// Bounds as clip.
func DrawOps(dst *image.RGBA, ops []scene.Op, clip image.Rectangle, faces *scene.Faces, images Images) {
	drawScaled(dst, ops, clip, faces, images, 1)
}

// Bounds is the smallest box of whole pixels around r.
func Bounds(r scene.Rect) image.Rectangle {
	return image.Rect(floor(r.X), floor(r.Y), ceil(r.X+r.W), ceil(r.Y+r.H))
}

// Thumbnail draws the scene width pixels wide, at its own shape. Shapes and
// letters are drawn at that size, not shrunk, so that they stay sharp.
func Thumbnail(s *scene.Scene, width int, images Images) *image.RGBA {
	width = max(1, width)
	k := float32(width) / float32(s.W)
	h := max(1, int(float32(s.H)*k+0.5))
	dst := image.NewRGBA(image.Rect(0, 0, width, h))
	drawScaled(dst, s.Ops, dst.Bounds(), s.Faces, images, k)
	return dst
}

func floor(v float32) int { return int(math.Floor(float64(v))) }
func ceil(v float32) int  { return int(math.Ceil(float64(v))) }

// drawer is one pass over a display list; its buffers are pooled.
type drawer struct {
	dst    *image.RGBA
	clip   image.Rectangle
	k      float32 // scale from the scene to dst
	faces  *scene.Faces
	images Images

	z     vector.Rasterizer
	mask  image.Alpha
	cover []int32 // coverage of one row, for boxes
}

var drawers = sync.Pool{New: func() any { return new(drawer) }}

func drawScaled(dst *image.RGBA, ops []scene.Op, clip image.Rectangle, faces *scene.Faces, images Images, k float32) {
	d := drawers.Get().(*drawer)
	defer func() {
		d.dst, d.faces, d.images = nil, nil, nil
		drawers.Put(d)
	}()
	d.dst, d.clip, d.k, d.faces, d.images = dst, clip.Intersect(dst.Bounds()), k, faces, images
	if d.clip.Empty() {
		return
	}
	for _, op := range ops {
		switch o := op.(type) {
		case scene.Fill:
			d.fill(o)
		case scene.Stroke:
			d.border(o)
		case scene.Path:
			d.path(o)
		case scene.Glyphs:
			d.glyphs(o)
		case scene.Picture:
			d.picture(o)
		case scene.Modules:
			d.modules(o)
		}
	}
}

// premul is c with its colour multiplied by its alpha, each in 0 to 255.
func premul(c color.NRGBA) (r, g, b, a uint32) {
	a = uint32(c.A)
	return (uint32(c.R)*a + 127) / 255, (uint32(c.G)*a + 127) / 255, (uint32(c.B)*a + 127) / 255, a
}

// blend draws colour c over n pixels from (x, y), covered fully.
func (d *drawer) blend(x, y, n int, c color.NRGBA) {
	if n <= 0 || c.A == 0 {
		return
	}
	i := d.dst.PixOffset(x, y)
	row := d.dst.Pix[i : i+4*n : i+4*n]
	r, g, b, a := premul(c)
	if a == 255 {
		row[0], row[1], row[2], row[3] = uint8(r), uint8(g), uint8(b), 255
		for done := 4; done < len(row); done *= 2 {
			copy(row[done:], row[:done])
		}
		return
	}
	inv := 255 - a
	for ; len(row) >= 4; row = row[4:] {
		row[0] = uint8(r + div255(uint32(row[0])*inv))
		row[1] = uint8(g + div255(uint32(row[1])*inv))
		row[2] = uint8(b + div255(uint32(row[2])*inv))
		row[3] = uint8(a + div255(uint32(row[3])*inv))
	}
}

// point draws c over one pixel with coverage cov of 255.
func (d *drawer) point(i int, r, g, b, a, cov uint32) {
	p := d.dst.Pix[i : i+4 : i+4]
	if cov < 255 {
		r, g, b, a = div255(r*cov), div255(g*cov), div255(b*cov), div255(a*cov)
	}
	if a == 255 {
		p[0], p[1], p[2], p[3] = uint8(r), uint8(g), uint8(b), 255
		return
	}
	inv := 255 - a
	p[0] = uint8(r + div255(uint32(p[0])*inv))
	p[1] = uint8(g + div255(uint32(p[1])*inv))
	p[2] = uint8(b + div255(uint32(p[2])*inv))
	p[3] = uint8(a + div255(uint32(p[3])*inv))
}

// div255 is v/255 rounded, for v up to 255*255.
func div255(v uint32) uint32 { return (v + 128 + (v+128)>>8) >> 8 }

func (d *drawer) glyphs(o scene.Glyphs) {
	if d.faces == nil {
		return
	}
	r, g, b, a := premul(o.Color)
	size := o.Size * d.k
	for _, gl := range o.Glyphs {
		out := d.faces.Outline(o.Weight, gl.ID)
		if len(out.Segments) == 0 {
			continue
		}
		x, y := gl.X*d.k, gl.Y*d.k
		box := image.Rect(floor(x+out.X0*size), floor(y+out.Y0*size), ceil(x+out.X1*size)+1, ceil(y+out.Y1*size)+1)
		if box.Intersect(d.clip).Empty() {
			continue
		}
		ox, oy := x-float32(box.Min.X), y-float32(box.Min.Y)
		d.z.Reset(box.Dx(), box.Dy())
		trace(&d.z, out.Segments, size, ox, oy)
		d.paint(box, r, g, b, a)
	}
}

func trace(z *vector.Rasterizer, segs []scene.Segment, k, ox, oy float32) {
	for _, s := range segs {
		p := s.P
		switch s.Cmd {
		case 'M':
			z.ClosePath()
			z.MoveTo(p[0][0]*k+ox, p[0][1]*k+oy)
		case 'L':
			z.LineTo(p[0][0]*k+ox, p[0][1]*k+oy)
		case 'Q':
			z.QuadTo(p[0][0]*k+ox, p[0][1]*k+oy, p[1][0]*k+ox, p[1][1]*k+oy)
		case 'C':
			z.CubeTo(p[0][0]*k+ox, p[0][1]*k+oy, p[1][0]*k+ox, p[1][1]*k+oy, p[2][0]*k+ox, p[2][1]*k+oy)
		case 'Z':
			z.ClosePath()
		}
	}
}

// resize makes the mask cover box; its bytes are not cleared.
func (d *drawer) resize(box image.Rectangle) {
	w, h := box.Dx(), box.Dy()
	if cap(d.mask.Pix) < w*h {
		d.mask.Pix = make([]uint8, w*h)
	}
	d.mask.Pix, d.mask.Stride, d.mask.Rect = d.mask.Pix[:w*h], w, image.Rect(0, 0, w, h)
}

// paint draws what the rasterizer holds, its origin at box's, in one colour.
func (d *drawer) paint(box image.Rectangle, r, g, b, a uint32) {
	d.resize(box)
	d.z.DrawOp = draw.Src
	d.z.Draw(&d.mask, d.mask.Rect, image.Opaque, image.Point{})
	d.blendMask(box, r, g, b, a)
}

// blendMask draws one colour through the mask, which lies at box.
func (d *drawer) blendMask(box image.Rectangle, r, g, b, a uint32) {
	in := box.Intersect(d.clip)
	w := box.Dx()
	for y := in.Min.Y; y < in.Max.Y; y++ {
		from := (y - box.Min.Y) * w
		row := d.mask.Pix[from+in.Min.X-box.Min.X : from+in.Max.X-box.Min.X]
		i := d.dst.PixOffset(in.Min.X, y)
		for _, cov := range row {
			if cov != 0 {
				d.point(i, r, g, b, a, uint32(cov))
			}
			i += 4
		}
	}
}

// modules draws the dark squares. At scale 1 they stand on whole pixels; in a
// thumbnail the code is averaged, to be recognised rather than read.
func (d *drawer) modules(o scene.Modules) {
	n := len(o.Dark)
	if n == 0 {
		return
	}
	black := color.NRGBA{0, 0, 0, 255}
	if d.k == 1 && o.Module == float32(int(o.Module)) && o.Rect.X == float32(int(o.Rect.X)) && o.Rect.Y == float32(int(o.Rect.Y)) {
		m := int(o.Module)
		for row, line := range o.Dark {
			for col := 0; col < len(line); col++ {
				if !line[col] {
					continue
				}
				run := 1
				for col+run < len(line) && line[col+run] {
					run++
				}
				d.solid(image.Rect(int(o.Rect.X)+col*m, int(o.Rect.Y)+row*m, int(o.Rect.X)+(col+run)*m, int(o.Rect.Y)+(row+1)*m), black)
				col += run
			}
		}
		return
	}
	src := image.NewGray(image.Rect(0, 0, n, n))
	for y, line := range o.Dark {
		for x, dark := range line {
			if !dark {
				src.Pix[y*src.Stride+x] = 255
			}
		}
	}
	r := image.Rect(floor(o.Rect.X*d.k+0.5), floor(o.Rect.Y*d.k+0.5), floor((o.Rect.X+o.Rect.W)*d.k+0.5), floor((o.Rect.Y+o.Rect.H)*d.k+0.5))
	draw.BiLinear.Scale(d.sub(), r, src, src.Bounds(), draw.Over, nil)
}

// sub is dst within clip: other packages' drawing clips to it.
func (d *drawer) sub() *image.RGBA { return d.dst.SubImage(d.clip).(*image.RGBA) }

func (d *drawer) solid(r image.Rectangle, c color.NRGBA) {
	r = r.Intersect(d.clip)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		d.blend(r.Min.X, y, r.Dx(), c)
	}
}
