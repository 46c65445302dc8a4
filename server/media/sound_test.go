package media

import (
	"bytes"
	"encoding/binary"
	"os/exec"
	"testing"
	"time"

	"motcua/slides"
)

// made runs ffmpeg for a test file, or skips.
func made(t testing.TB, args ...string) []byte {
	t.Helper()
	path, err := exec.LookPath("ffmpeg")
	if err != nil {
		t.Skip("ffmpeg is not installed (apt-get install ffmpeg)")
	}
	b, err := exec.Command(path, append(append([]string{"-nostdin", "-hide_banner", "-loglevel", "error"}, args...), "pipe:1")...).Output()
	if err != nil {
		t.Skip("this ffmpeg lacks what the test file needs: ", err)
	}
	return b
}

func TestSounds(t *testing.T) {
	tone := []string{"-f", "lavfi", "-i", "sine=frequency=440:duration=3"}
	for name, args := range map[string][]string{
		"vorbis":    {"-c:a", "libvorbis", "-f", "ogg"},
		"opus":      {"-c:a", "libopus", "-f", "ogg"},
		"mp3":       {"-c:a", "libmp3lame", "-f", "mp3"},
		"mp3 mono":  {"-c:a", "libmp3lame", "-ar", "22050", "-b:a", "32k", "-f", "mp3"},
		"mp3 whose": {"-c:a", "libmp3lame", "-metadata", "title=Nhà của ai", "-write_id3v1", "1", "-f", "mp3"},
	} {
		t.Run(name, func(t *testing.T) {
			b := made(t, append(append([]string{}, tone...), args...)...)
			f, err := sniff(b)
			if err != nil || f.kind != "sound" {
				t.Fatal(f, err)
			}
			out, long, err := sound(b, f.name)
			if err != nil || (long-3*time.Second).Abs() > 150*time.Millisecond {
				t.Fatal(long, err)
			}
			if bytes.Contains(out.Data, []byte("Nhà của ai")) || bytes.HasPrefix(out.Data, []byte("ID3")) {
				t.Error("the tags are still there")
			}
			if f.name == "mp3" {
				if again, l, err := sound(out.Data, "mp3"); err != nil || l != long || !bytes.Equal(again.Data, out.Data) {
					t.Error("what was kept is not itself taken", l, err)
				}
				return
			}
			for cut := 1; cut < len(b); cut += 1 + len(b)/97 { // Ogg: cut anywhere, damaged anywhere
				if _, _, err := sound(b[:cut], "ogg"); slides.KindOf(err) != slides.Invalid {
					// At the border of two pages what is left is whole, only shorter.
					if !bytes.HasPrefix(b[cut:], []byte("OggS")) {
						t.Fatalf("cut at %d: %v", cut, err)
					}
				}
				bad := bytes.Clone(b)
				bad[cut] ^= 1
				if _, _, err := sound(bad, "ogg"); err == nil {
					t.Fatalf("damaged at %d and taken", cut)
				}
			}
		})
	}
	long := made(t, "-f", "lavfi", "-i", "anullsrc=r=8000", "-t", "301", "-c:a", "libmp3lame", "-b:a", "8k", "-f", "mp3")
	if _, _, err := sound(long, "mp3"); slides.KindOf(err) != slides.Invalid {
		t.Error("five minutes and more:", err)
	}
	if _, _, err := sound(bytes.Repeat([]byte{0xff, 0xfb, 0x90, 0}, 3), "mp3"); err == nil {
		t.Error("a head alone is no recording")
	}
}

// oggPage is one page of Ogg with its sum.
func oggPage(granule uint64, body []byte) []byte {
	p := append([]byte("OggS\x00\x02"), make([]byte, 20)...)
	binary.LittleEndian.PutUint64(p[6:], granule)
	p = append(append(p, 1, byte(len(body))), body...)
	binary.LittleEndian.PutUint32(p[22:], oggCRC(p))
	return p
}

func FuzzSound(f *testing.F) { // made by hand: each worker of the fuzzer would run ffmpeg anew
	head := append([]byte("OpusHead\x01\x01\x38\x01"), make([]byte, 7)...)
	f.Add(append(oggPage(0, head), oggPage(48000, []byte("one second"))...))
	f.Add(append([]byte("ID3\x04\x00\x00\x00\x00\x00\x04tags"), bytes.Repeat(append([]byte{0xff, 0xfb, 0x90, 0x00}, make([]byte, 413)...), 4)...))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, name := range []string{"ogg", "mp3"} {
			out, long, err := sound(b, name)
			if err == nil && (long <= 0 || long > longestSound || len(out.Data) == 0 || len(out.Data) > len(b)) {
				t.Fatal(name, long, len(out.Data))
			}
		}
	})
}
