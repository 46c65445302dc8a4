package print

import (
	"bytes"
	"image"
	"image/jpeg"
	"image/png"
)

// encode writes a picture in the form that PDF keeps: JPEG, or where something
// shines through it a PNG of eight bits a channel.
func encode(img *image.RGBA) (b []byte, kind string, err error) {
	var out bytes.Buffer
	if img.Opaque() {
		err = jpeg.Encode(&out, img, &jpeg.Options{Quality: 90})
		return out.Bytes(), "JPG", err
	}
	err = png.Encode(&out, img)
	return out.Bytes(), "PNG", err
}
