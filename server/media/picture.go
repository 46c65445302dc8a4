package media

import (
	"bytes"
	"fmt"
	"image"
	"image/draw"
	"image/jpeg"
	"image/png"

	"golang.org/x/image/webp"

	"motcua/slides"
	"motcua/slides/raster"
)

// Limits of pictures.
const (
	MaxPicture = raster.MaxPictureBytes // bytes of an upload

	wholeSide = 3840 // the largest screen: 4K
	hdSide    = 1920 // screens of 1080p
	thumbSide = 480  // lists of the studio

	// quality keeps text in photographs readable at a third of the bytes of 100.
	quality = 90
	// maxPNG is from when on a picture without transparency becomes JPEG: drawings
	// stay far below it, photographs saved as PNG are ten times a JPEG.
	maxPNG = 3 << 20
)

// Picture is an uploaded picture made ready: turned upright, without what the
// camera wrote about itself and the place, no larger than a screen can show.
type Picture struct {
	W, H  int
	Whole Bytes // at most 3840 a side
	HD    Bytes // at most 1920 a side; empty where Whole is
	Thumb Bytes // at most 480 a side
}

// Bytes are a file's bytes and type.
type Bytes struct {
	Data []byte
	Type string
}

// Prepare decodes a JPEG, PNG or WebP picture and writes it anew, so that
// nothing of the upload but its pixels is kept. Equal uploads give equal bytes.
// It needs up to 400 MB for the largest picture: callers do one at a time.
// Kinds: Invalid (no picture, damaged), TooLarge.
func Prepare(b []byte) (Picture, error) {
	f, err := sniff(b)
	if err != nil {
		return Picture{}, err
	}
	img, err := decode(b, f.name)
	if err != nil {
		return Picture{}, err
	}
	img = upright(fit(img, wholeSide), orientation(b))
	p := Picture{W: img.Bounds().Dx(), H: img.Bounds().Dy()}
	asPNG := f.name == "png" || f.name == "webp" && !opaque(img)
	if p.Whole, err = encode(img, asPNG); err != nil {
		return Picture{}, err
	}
	asPNG = p.Whole.Type == "image/png"
	if max(p.W, p.H) > hdSide {
		if p.HD, err = encode(fit(img, hdSide), asPNG); err != nil {
			return Picture{}, err
		}
	}
	p.Thumb, err = encode(fit(img, thumbSide), asPNG)
	return p, err
}

func decode(b []byte, name string) (image.Image, error) {
	const op = "media.Prepare"
	switch name {
	case "jpeg", "png":
		return raster.DecodePicture(b)
	case "webp":
	default:
		return nil, noType.err()
	}
	if len(b) > MaxPicture {
		return nil, slides.E(slides.TooLarge, op, fmt.Sprintf("Ảnh lớn hơn %d MiB; hãy giảm kích thước rồi tải lại.", MaxPicture>>20), fmt.Sprintf("The picture is over %d MiB; make it smaller and upload it again.", MaxPicture>>20), nil)
	}
	c, err := webp.DecodeConfig(bytes.NewReader(b))
	if err == nil && int64(c.Width)*int64(c.Height) > raster.MaxPicturePixels {
		return nil, slides.E(slides.TooLarge, op, fmt.Sprintf("Ảnh có %d×%d điểm ảnh, tối đa 40 triệu; hãy giảm kích thước.", c.Width, c.Height),
			fmt.Sprintf("The picture has %d×%d pixels, 40 million at most; make it smaller.", c.Width, c.Height), nil)
	}
	var img image.Image
	if err == nil {
		img, err = webp.Decode(bytes.NewReader(b))
	}
	if err != nil {
		return nil, slides.E(slides.Invalid, op, "Tệp ảnh bị hỏng hoặc là ảnh động, không đọc được; hãy xuất lại sang PNG.", "The picture's file is damaged or moves, and can't be read; export it again as PNG.", err)
	}
	return img, nil
}

// fit makes a picture no larger than side; it never grows one.
func fit(img image.Image, side int) image.Image {
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	if max(w, h) <= side {
		return img
	}
	by := float64(side) / float64(max(w, h))
	return raster.Scale(img, max(1, int(float64(w)*by+0.5)), max(1, int(float64(h)*by+0.5)), false)
}

// upright turns and mirrors a picture as EXIF's orientation asks.
func upright(img image.Image, o int) image.Image {
	if o <= 1 || o > 8 {
		return img
	}
	r := img.Bounds()
	w, h := r.Dx(), r.Dy()
	src, size := image.NewRGBA(image.Rect(0, 0, w, h)), image.Rect(0, 0, w, h)
	draw.Draw(src, src.Rect, img, r.Min, draw.Src)
	if o >= 5 {
		size = image.Rect(0, 0, h, w)
	}
	out := image.NewRGBA(size)
	for y := range h {
		for x := range w {
			tx, ty := x, y
			switch o {
			case 2:
				tx = w - 1 - x
			case 3:
				tx, ty = w-1-x, h-1-y
			case 4:
				ty = h - 1 - y
			case 5:
				tx, ty = y, x
			case 6:
				tx, ty = h-1-y, x
			case 7:
				tx, ty = h-1-y, w-1-x
			case 8:
				tx, ty = y, w-1-x
			}
			copy(out.Pix[out.PixOffset(tx, ty):][:4], src.Pix[src.PixOffset(x, y):][:4])
		}
	}
	return out
}

func opaque(img image.Image) bool {
	o, ok := img.(interface{ Opaque() bool })
	return ok && o.Opaque()
}

func encode(img image.Image, asPNG bool) (Bytes, error) {
	var b bytes.Buffer
	if asPNG {
		if err := png.Encode(&b, img); err != nil {
			return Bytes{}, err
		}
		if b.Len() <= maxPNG || !opaque(img) {
			return Bytes{b.Bytes(), "image/png"}, nil
		}
		b.Reset()
	}
	err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality})
	return Bytes{b.Bytes(), "image/jpeg"}, err
}
