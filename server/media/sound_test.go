package media

import (
	"bytes"
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

func FuzzSound(f *testing.F) {
	f.Add(made(f, "-f", "lavfi", "-i", "sine=duration=0.2", "-c:a", "libopus", "-f", "ogg"))
	f.Add(made(f, "-f", "lavfi", "-i", "sine=duration=0.2", "-c:a", "libmp3lame", "-f", "mp3"))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, name := range []string{"ogg", "mp3"} {
			out, long, err := sound(b, name)
			if err == nil && (long <= 0 || long > longestSound || len(out.Data) == 0 || len(out.Data) > len(b)) {
				t.Fatal(name, long, len(out.Data))
			}
		}
	})
}
