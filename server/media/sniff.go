package media

import (
	"bytes"
	"encoding/binary"
	"slices"

	"motcua/server/store"
	"motcua/slides"
)

// sniffed is how many first bytes tell what a file is.
const sniffed = 512

// format is what a file is by its content; its name is never believed.
type format struct {
	kind store.MediaKind
	name string // "jpeg", "png", "webp", "ogg", "mp3"; of a film its demuxer
}

// refusal is a file that is known and not taken, with what to do instead.
type refusal struct{ vi, en string }

var (
	noSVG  = refusal{"Không nhận ảnh SVG vì tệp có thể chứa mã lệnh; hãy xuất ảnh sang PNG.", "SVG pictures are not taken, since they can hold programs; export the picture as PNG."}
	noGIF  = refusal{"Không nhận ảnh GIF; hãy xuất sang PNG, hoặc sang video MP4 nếu là ảnh động.", "GIF pictures are not taken; export to PNG, or to an MP4 video if it moves."}
	noHEIC = refusal{"Ảnh HEIC/AVIF của điện thoại chưa dùng được; hãy chia sẻ ảnh dưới dạng JPEG (\"Tương thích nhất\").", "HEIC and AVIF pictures can't be used; share the photo as JPEG (\"Most compatible\")."}
	noDoc  = refusal{"Đây là tài liệu, không phải ảnh, video hay bản ghi âm; hãy xuất trang cần dùng sang PNG hoặc JPEG.", "This is a document, not a picture, a video or a recording; export the page as PNG or JPEG."}
	noWave = refusal{"Bản ghi âm phải là OGG hoặc MP3; hãy chuyển tệp rồi tải lại.", "A recording must be OGG or MP3; convert the file and upload it again."}
	noType = refusal{"Không nhận ra loại tệp. Dùng được: ảnh JPEG, PNG, WebP; video MP4, MOV, WebM, MKV, AVI; ghi âm OGG, MP3.", "The type of the file is not known. Usable: JPEG, PNG and WebP pictures; MP4, MOV, WebM, MKV and AVI videos; OGG and MP3 recordings."}
)

func (r refusal) err() error { return slides.E(slides.Invalid, "media.sniff", r.vi, r.en, nil) }

// still are the brands of ISO files that hold pictures.
var still = []string{"heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1", "avif", "avis"}

// sniff tells a file by its first bytes. Kind Invalid: one that is not taken.
func sniff(head []byte) (format, error) {
	head = head[:min(len(head), sniffed)]
	is := func(magic string) bool { return bytes.HasPrefix(head, []byte(magic)) }
	riff := ""
	if is("RIFF") && len(head) >= 12 {
		riff = string(head[8:12])
	}
	switch {
	case is("\xff\xd8\xff"):
		return format{store.PictureMedia, "jpeg"}, nil
	case is("\x89PNG\r\n\x1a\n"):
		return format{store.PictureMedia, "png"}, nil
	case riff == "WEBP":
		return format{store.PictureMedia, "webp"}, nil
	case is("OggS"):
		return format{store.SoundMedia, "ogg"}, nil
	case is("ID3"), mp3Frame(head) != nil:
		return format{store.SoundMedia, "mp3"}, nil
	case len(head) >= 12 && string(head[4:8]) == "ftyp":
		switch brand := string(head[8:12]); {
		case slices.Contains(still, brand):
			return format{}, noHEIC.err()
		case brand == "M4A " || brand == "M4B ":
			return format{}, noWave.err()
		}
		return format{store.FilmMedia, "mov"}, nil
	case len(head) >= 8 && slices.Contains([]string{"moov", "mdat", "wide"}, string(head[4:8])): // QuickTime of before brands
		return format{store.FilmMedia, "mov"}, nil
	case is("\x1a\x45\xdf\xa3"):
		return format{store.FilmMedia, "matroska"}, nil
	case riff == "AVI ":
		return format{store.FilmMedia, "avi"}, nil
	case riff == "WAVE", is("fLaC"), is("#!AMR"):
		return format{}, noWave.err()
	case is("GIF8"):
		return format{}, noGIF.err()
	case is("%PDF"), is("PK\x03\x04"), is("\xd0\xcf\x11\xe0"):
		return format{}, noDoc.err()
	case bytes.Contains(bytes.ToLower(head), []byte("<svg")), is("<?xml"), is("\xef\xbb\xbf<?xml"):
		return format{}, noSVG.err()
	}
	return format{}, noType.err()
}

// orientation is how a camera was held, 1 to 8 as EXIF counts; 1 where the file
// says nothing that can be understood. It reads JPEG, PNG and WebP, and never
// more than the metadata.
func orientation(b []byte) int {
	switch {
	case bytes.HasPrefix(b, []byte("\xff\xd8")):
		return tiffOrientation(jpegExif(b))
	case bytes.HasPrefix(b, []byte("\x89PNG")):
		return tiffOrientation(chunk(b, 8, binary.BigEndian, "eXIf", true))
	case bytes.HasPrefix(b, []byte("RIFF")):
		exif := chunk(b, 12, binary.LittleEndian, "EXIF", false)
		return tiffOrientation(bytes.TrimPrefix(exif, []byte("Exif\x00\x00")))
	}
	return 1
}

// jpegExif is the TIFF part of the first Exif segment before the picture.
func jpegExif(b []byte) []byte {
	for at := 2; at+4 <= len(b) && b[at] == 0xff; {
		marker, n := b[at+1], int(binary.BigEndian.Uint16(b[at+2:]))
		switch {
		case marker == 0xff: // padding
			at++
			continue
		case marker == 0xda || n < 2 || at+2+n > len(b):
			return nil
		}
		if body := b[at+4 : at+2+n]; marker == 0xe1 && bytes.HasPrefix(body, []byte("Exif\x00\x00")) {
			return body[6:]
		}
		at += 2 + n
	}
	return nil
}

// chunk finds a chunk of PNG (length, name, body, CRC) or RIFF (name, length,
// body, even).
func chunk(b []byte, at int, order binary.ByteOrder, name string, png bool) []byte {
	for at >= 0 && at+8 <= len(b) {
		head, n := string(b[at:at+4]), order.Uint32(b[at+4:])
		if png {
			head, n = string(b[at+4:at+8]), order.Uint32(b[at:])
		}
		body := at + 8
		if int64(n) > int64(len(b)-body) {
			return nil
		}
		if head == name {
			return b[body : body+int(n)]
		}
		if at = body + int(n) + int(n&1); png {
			at = body + int(n) + 4
		}
	}
	return nil
}

// tiffOrientation reads tag 0x0112 of the first directory.
func tiffOrientation(b []byte) int {
	if len(b) < 8 {
		return 1
	}
	var order binary.ByteOrder
	switch string(b[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return 1
	}
	at := int64(order.Uint32(b[4:]))
	if at+2 > int64(len(b)) {
		return 1
	}
	n := int64(order.Uint16(b[at:]))
	for i := range n {
		e := at + 2 + 12*i
		if e+12 > int64(len(b)) {
			return 1
		}
		if order.Uint16(b[e:]) == 0x0112 {
			if v := int(order.Uint16(b[e+8:])); v >= 1 && v <= 8 {
				return v
			}
			return 1
		}
	}
	return 1
}
