package review

import (
	"fmt"
	"image"

	"motcua/slides/kinds"
	"motcua/slides/raster"
)

// Pictures: what a screen can use, and what only costs kiosks space and time.
const (
	leastPicture = 800       // pixels of the longer side; fewer look blurred on a 1080p panel
	mostPixels   = 8_300_000 // 4K
	mostBytes    = 4 << 20
)

// pictures looks at the files of a slide. A film's is only asked for: whether it
// runs, its decoder knows.
func (r *report) pictures(uses []kinds.BlobUse, find Pictures) {
	for _, u := range uses {
		b, ok := find(u.SHA)
		if !ok {
			r.add(Error, RulePicture, u.Path, "Thiếu tệp; hãy tải lên lại.", "The file is missing; upload it again.")
			continue
		}
		if u.Film {
			continue
		}
		img, err := raster.DecodePicture(b)
		if err != nil {
			for _, p := range problems(err) {
				r.add(Error, RulePicture, u.Path, p.Vi, p.En)
			}
			continue
		}
		w, h := img.Bounds().Dx(), img.Bounds().Dy()
		switch {
		case raster.Turned(b):
			r.add(Warning, RulePicture, u.Path, "Ảnh được chụp xoay nghiêng (theo thẻ EXIF) nên có thể hiện sai chiều; hãy xoay lại rồi tải lên.", "The photo is stored turned (its EXIF says so) and may show sideways; turn it and upload it again.")
		case max(w, h) < leastPicture:
			r.add(Warning, RulePicture, u.Path, fmt.Sprintf("Ảnh chỉ có %d×%d điểm ảnh nên sẽ mờ; hãy dùng ảnh có cạnh dài ít nhất %d.", w, h, leastPicture), fmt.Sprintf("The picture has only %d×%d pixels and will look blurred; use one of %d at least.", w, h, leastPicture))
		case w*h > mostPixels || len(b) > mostBytes:
			r.add(Warning, RulePicture, u.Path, fmt.Sprintf("Ảnh lớn (%d×%d, %.1f MB) làm ki-ốt tải chậm; hãy thu nhỏ.", w, h, float64(len(b))/1e6), fmt.Sprintf("The picture is large (%d×%d, %.1f MB) and slows kiosks down; make it smaller.", w, h, float64(len(b))/1e6))
		}
	}
}

// decoded gives the drawing its pictures.
func decoded(find Pictures) raster.Images {
	return func(sha string) (image.Image, bool) {
		b, ok := find(sha)
		if !ok {
			return nil, false
		}
		img, err := raster.DecodePicture(b)
		return img, err == nil
	}
}
