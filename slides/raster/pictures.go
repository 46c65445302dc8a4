package raster

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"

	"golang.org/x/image/draw"

	"motcua/slides"
	"motcua/slides/scene"
)

// Limits of a picture, checked before it is decoded.
const (
	MaxPictureBytes  = 20 << 20
	MaxPicturePixels = 40_000_000
	maxPictureSide   = 16384
)

// DecodePicture decodes a PNG or JPEG picture. Type and size are read from its
// head before any pixel is: what is over the limits, of another kind (SVG, GIF,
// WebP) or damaged is refused with a sentence for the person who chose it.
func DecodePicture(b []byte) (image.Image, error) {
	const op = "raster.DecodePicture"
	if len(b) > MaxPictureBytes {
		return nil, slides.E(slides.TooLarge, op, "Ảnh lớn hơn 20 MiB; hãy giảm kích thước rồi tải lại.", "The picture is over 20 MiB; make it smaller and upload it again.", nil)
	}
	config, decode := png.DecodeConfig, png.Decode
	switch {
	case bytes.HasPrefix(b, []byte("\x89PNG\r\n\x1a\n")):
	case bytes.HasPrefix(b, []byte{0xff, 0xd8, 0xff}):
		config, decode = jpeg.DecodeConfig, jpeg.Decode
	default:
		return nil, slides.E(slides.Invalid, op, "Chỉ nhận ảnh PNG hoặc JPEG; hãy chuyển ảnh (SVG, GIF, WebP…) sang PNG.",
			"Only PNG and JPEG pictures are taken; convert the picture (SVG, GIF, WebP…) to PNG.", nil)
	}
	c, err := config(bytes.NewReader(b))
	if err != nil || c.Width <= 0 || c.Height <= 0 {
		return nil, damaged(op, err)
	}
	if int64(c.Width)*int64(c.Height) > MaxPicturePixels || c.Width > maxPictureSide || c.Height > maxPictureSide {
		return nil, slides.E(slides.TooLarge, op,
			fmt.Sprintf("Ảnh có %d×%d điểm ảnh, tối đa 40 triệu; hãy giảm kích thước.", c.Width, c.Height),
			fmt.Sprintf("The picture has %d×%d pixels, 40 million at most; make it smaller.", c.Width, c.Height), nil)
	}
	img, err := decode(bytes.NewReader(b))
	if err != nil {
		return nil, damaged(op, err)
	}
	return img, nil
}

func damaged(op string, err error) error {
	return slides.E(slides.Invalid, op, "Tệp ảnh bị hỏng, không đọc được; hãy xuất lại ảnh.", "The picture's file is damaged and can't be read; export it again.", err)
}

// Scale makes a picture of w×h pixels out of img's middle (cover) or all of it
// (stretched to w×h), in good quality. The kiosk scales a blob once for its
// screen and keeps the result.
func Scale(img image.Image, w, h int, cover bool) *image.RGBA {
	dst := image.NewRGBA(image.Rect(0, 0, max(1, w), max(1, h)))
	src := img.Bounds()
	if cover {
		src = middle(src, float64(w)/float64(max(1, h)))
	}
	draw.BiLinear.Scale(dst, dst.Bounds(), img, src, draw.Src, nil)
	return dst
}

// middle is the largest part of r of that shape (width to height), centred.
func middle(r image.Rectangle, shape float64) image.Rectangle {
	w, h := float64(r.Dx()), float64(r.Dy())
	if w > h*shape {
		cut := int((w - h*shape) / 2)
		return image.Rect(r.Min.X+cut, r.Min.Y, max(r.Min.X+cut+1, r.Max.X-cut), r.Max.Y)
	}
	cut := int((h - w/shape) / 2)
	return image.Rect(r.Min.X, r.Min.Y+cut, r.Max.X, max(r.Min.Y+cut+1, r.Max.Y-cut))
}

func (d *drawer) picture(o scene.Picture) {
	if d.images == nil {
		return
	}
	img, ok := d.images(o.Blob)
	if !ok || img == nil || img.Bounds().Empty() {
		return
	}
	b := d.box(o.Rect, o.Radius)
	if !o.Cover { // fit whole, in the middle
		iw, ih := float32(img.Bounds().Dx()), float32(img.Bounds().Dy())
		k := min((b.x1-b.x0)/iw, (b.y1-b.y0)/ih)
		cx, cy := (b.x0+b.x1)/2, (b.y0+b.y1)/2
		b.x0, b.x1, b.y0, b.y1 = cx-iw*k/2, cx+iw*k/2, cy-ih*k/2, cy+ih*k/2
		b.r = max(0, min(b.r, (b.x1-b.x0)/2, (b.y1-b.y0)/2))
	}
	r := image.Rect(floor(b.x0+0.5), floor(b.y0+0.5), floor(b.x1+0.5), floor(b.y1+0.5))
	in := r.Intersect(d.clip)
	if in.Empty() {
		return
	}
	px := scaled.get(o.Blob, img, r.Dx(), r.Dy(), o.Cover)
	for y := in.Min.Y; y < in.Max.Y; y++ {
		i := d.dst.PixOffset(in.Min.X, y)
		j := px.PixOffset(in.Min.X-r.Min.X, y-r.Min.Y)
		for x := in.Min.X; x < in.Max.X; x++ {
			cov := uint32(255)
			if b.r > 0 {
				cov = b.cover(float32(x)+0.5, float32(y)+0.5)
			}
			if s := px.Pix[j : j+4 : j+4]; cov > 0 && s[3] > 0 {
				d.point(i, uint32(s[0]), uint32(s[1]), uint32(s[2]), uint32(s[3]), cov)
			}
			i, j = i+4, j+4
		}
	}
}
