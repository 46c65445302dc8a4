package media

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"time"

	"motcua/server/store"
	"motcua/slides"
)

// Limits of recordings.
const (
	MaxSound = 20 << 20 // bytes: five minutes as phones record them
	// longestSound is how long kiosks play: after it they cut off.
	longestSound = 5 * time.Minute
)

// PrepareSound checks a recording and gives the bytes to keep and its length.
// Kinds: Invalid (no recording, damaged, too long), TooLarge.
func PrepareSound(b []byte) (Bytes, time.Duration, error) {
	f, err := sniff(b)
	if err != nil {
		return Bytes{}, 0, err
	}
	if f.kind != store.SoundMedia {
		return Bytes{}, 0, noWave.err()
	}
	if len(b) > MaxSound {
		return Bytes{}, 0, slides.E(slides.TooLarge, "media.sound", "Bản ghi âm lớn hơn 20 MiB; hãy cắt ngắn hoặc nén lại.", "The recording is over 20 MiB; shorten or compress it.", nil)
	}
	return sound(b, f.name)
}

func damagedSound(err error) error {
	return slides.E(slides.Invalid, "media.sound", "Tệp ghi âm bị hỏng hoặc đứt giữa chừng; hãy xuất lại sang OGG hoặc MP3.", "The recording's file is damaged or broken off; export it again as OGG or MP3.", err)
}

// sound checks a recording whole and gives the bytes to keep: an MP3 without
// its tags, which hold names, places and pictures.
func sound(b []byte, name string) (Bytes, time.Duration, error) {
	var out Bytes
	var long time.Duration
	var err error
	if name == "ogg" {
		out = Bytes{b, "audio/ogg"}
		long, err = ogg(b)
	} else {
		out.Type = "audio/mpeg"
		out.Data, long, err = mp3(b)
	}
	if err != nil {
		return Bytes{}, 0, damagedSound(err)
	}
	if long > longestSound {
		return Bytes{}, 0, slides.E(slides.Invalid, "media.sound", fmt.Sprintf("Bản ghi âm dài %.0f phút; ki-ốt phát tối đa 5 phút. Hãy cắt ngắn.", long.Minutes()), fmt.Sprintf("The recording is %.0f minutes long; kiosks play 5 at most. Shorten it.", long.Minutes()), nil)
	}
	return out, long, nil
}

// oggTable is of the CRC that Ogg pages carry: polynomial 04C11DB7, not reflected (RFC 3533).
var oggTable = func() (t [256]uint32) {
	for i := range t {
		r := uint32(i) << 24
		for range 8 {
			if r&0x80000000 != 0 {
				r = r<<1 ^ 0x04C11DB7
			} else {
				r <<= 1
			}
		}
		t[i] = r
	}
	return t
}()

func oggCRC(page []byte) uint32 {
	var c uint32
	for i, x := range page {
		if i >= 22 && i < 26 { // the sum itself counts as 0
			x = 0
		}
		c = c<<8 ^ oggTable[byte(c>>24)^x]
	}
	return c
}

// ogg wants whole pages from the first byte to the last, each with its sum,
// of Vorbis or Opus, and gives the length.
func ogg(b []byte) (time.Duration, error) {
	var rate, skip, last int64
	for at, n := 0, 0; at < len(b); n++ {
		p := b[at:]
		if len(p) < 27 || string(p[:4]) != "OggS" || p[4] != 0 || len(p) < 27+int(p[26]) {
			return 0, fmt.Errorf("ogg: no page at %d", at)
		}
		size := 27 + int(p[26])
		body := size
		for _, s := range p[27:body] {
			size += int(s)
		}
		if size > len(p) {
			return 0, fmt.Errorf("ogg: the page at %d is cut", at)
		}
		if page := p[:size]; oggCRC(page) != binary.LittleEndian.Uint32(page[22:]) {
			return 0, fmt.Errorf("ogg: the page at %d is damaged", at)
		}
		if n == 0 {
			first := p[body:size]
			switch {
			case bytes.HasPrefix(first, []byte("\x01vorbis")) && len(first) >= 16:
				rate = int64(binary.LittleEndian.Uint32(first[12:]))
			case bytes.HasPrefix(first, []byte("OpusHead")) && len(first) >= 12:
				rate, skip = 48000, int64(binary.LittleEndian.Uint16(first[10:]))
			}
			if rate < 8000 || rate > 192000 {
				return 0, fmt.Errorf("ogg: neither Vorbis nor Opus")
			}
		}
		if g := int64(binary.LittleEndian.Uint64(p[6:])); g > last && g < 1<<40 {
			last = g
		}
		at += size
	}
	if last <= skip {
		return 0, fmt.Errorf("ogg: nothing is recorded")
	}
	return time.Duration(float64(last-skip) / float64(rate) * float64(time.Second)), nil
}

// frame is the head of one MP3 frame.
type frame struct{ size, samples, rate int }

// Rates of MPEG 1 in kbit/s (layer III) and Hz; of MPEG 2 and 2.5.
var (
	kbits1 = [16]int{0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320}
	kbits2 = [16]int{0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160}
	hertz  = [4]int{44100, 48000, 32000}
)

// mp3Frame reads the head of a layer III frame; nil for anything else.
func mp3Frame(b []byte) *frame {
	if len(b) < 4 || b[0] != 0xff || b[1]&0xe0 != 0xe0 || b[1]>>1&3 != 1 {
		return nil
	}
	version := b[1] >> 3 & 3 // 3: MPEG 1, 2: MPEG 2, 0: MPEG 2.5
	f := frame{rate: hertz[b[2]>>2&3], samples: 1152}
	kbits := kbits1[b[2]>>4]
	switch version {
	case 3:
	case 2, 0:
		kbits, f.samples = kbits2[b[2]>>4], 576
		if f.rate /= 2; version == 0 {
			f.rate /= 2
		}
	default:
		return nil
	}
	if kbits == 0 || f.rate == 0 {
		return nil
	}
	f.size = f.samples/8*kbits*1000/f.rate + int(b[2]>>1&1)
	return &f
}

// mp3 walks the frames and gives them alone: no tags before or after. The last
// may be cut, as many recorders leave it.
func mp3(b []byte) ([]byte, time.Duration, error) {
	for len(b) >= 10 && string(b[:3]) == "ID3" {
		n := 10
		for i, x := range b[6:10] {
			n += int(x&0x7f) << (21 - 7*i)
		}
		if b[5]&0x10 != 0 {
			n += 10 // a foot
		}
		if n > len(b) {
			return nil, 0, fmt.Errorf("mp3: the tag is cut")
		}
		b = bytes.TrimLeft(b[n:], "\x00")
	}
	var long time.Duration
	at, n := 0, 0
	for f := mp3Frame(b); f != nil; f = mp3Frame(b[at:]) {
		long += time.Duration(f.samples) * time.Second / time.Duration(f.rate)
		n++
		if at += f.size; at >= len(b) {
			at = len(b)
			break
		}
	}
	// After the frames come tags at most: "TAG" of 128 bytes, APE, or zeros.
	if rest := bytes.TrimLeft(b[at:], "\x00"); n < 3 || len(rest) > 0 && !bytes.HasPrefix(rest, []byte("TAG")) && !bytes.HasPrefix(rest, []byte("APETAGEX")) {
		return nil, 0, fmt.Errorf("mp3: no frame at %d of %d", at, len(b))
	}
	return b[:at], long, nil
}
