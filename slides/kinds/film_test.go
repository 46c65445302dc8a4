package kinds_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"motcua/slides"
	"motcua/slides/kinds"
)

// clip makes a small film of a moving test picture.
func clip(t testing.TB, name string, args ...string) []byte {
	t.Helper()
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		t.Skip("no ffmpeg here: apt-get install ffmpeg")
	}
	out := filepath.Join(t.TempDir(), name)
	args = append([]string{"-nostdin", "-v", "error", "-f", "lavfi", "-i", "testsrc=size=64x64:rate=25:duration=2", "-pix_fmt", "yuv420p"}, append(args, out)...)
	if b, err := exec.Command("ffmpeg", args...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, b)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func checkFilm(b []byte) (string, error) { return kinds.CheckFilm(bytes.NewReader(b), int64(len(b))) }

// TestCheckFilm: films as tools write them are taken, and none that broke off.
func TestCheckFilm(t *testing.T) {
	for name, c := range map[string]struct {
		file, mime string
		args       []string
	}{
		"plain":      {"a.mp4", "video/mp4", nil},
		"faststart":  {"a.mp4", "video/mp4", []string{"-movflags", "+faststart"}},
		"fragmented": {"a.mp4", "video/mp4", []string{"-g", "10", "-movflags", "+frag_keyframe+empty_moov"}},
		"quicktime":  {"a.mov", "video/mp4", nil},
		"webm":       {"a.webm", "video/webm", nil},
		"live":       {"a.webm", "video/webm", []string{"-live", "1", "-g", "10"}},
	} {
		t.Run(name, func(t *testing.T) {
			b := clip(t, c.file, c.args...)
			if mime, err := checkFilm(b); mime != c.mime || err != nil {
				t.Fatalf("%q %v", mime, err)
			}
			n := len(b)
			for _, cut := range []int{0, 3, 20, 40, 64, n / 8, n / 4, n / 2, n * 3 / 4, n - 100, n - 9, n - 1} {
				if mime, err := checkFilm(b[:cut]); mime != "" || slides.KindOf(err) != slides.Invalid || slides.Sentence(err, "vi") == slides.Sentence(err, "en") {
					t.Errorf("cut at %d of %d: %q %v", cut, n, mime, err)
				}
			}
		})
	}
}

func box(name string, body ...[]byte) []byte {
	b := bytes.Join(body, nil)
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(b)+8)), append([]byte(name), b...)...)
}

func openBox(name string, size uint32, body ...[]byte) []byte {
	return append(binary.BigEndian.AppendUint32(nil, size), append([]byte(name), bytes.Join(body, nil)...)...)
}

func long(size uint64) []byte { return binary.BigEndian.AppendUint64(nil, size) }

// bySize are films made by hand; those of true are whole.
func bySize() map[string]struct {
	file []byte
	want bool
} {
	join := func(b ...[]byte) []byte { return bytes.Join(b, nil) }
	ftyp, moov, mdat := box("ftyp", []byte("isom\x00\x00\x02\x00")), box("moov", box("mvhd"), box("trak")), box("mdat", []byte("12345678"))
	ebml := []byte("\x1A\x45\xDF\xA3\x87\x42\x82\x84webm")
	segment := func(size string, body string) []byte { return join(ebml, []byte("\x18\x53\x80\x67"+size+body)) }
	const tracks, cluster = "\x16\x54\xAE\x6B\x81\x00", "\x1F\x43\xB6\x75\x83\xE7\x81\x00"
	return map[string]struct {
		file []byte
		want bool
	}{
		"whole":              {join(ftyp, moov, mdat), true},
		"media first":        {join(ftyp, box("free"), mdat, moov), true},
		"64-bit size":        {join(ftyp, moov, openBox("mdat", 1, long(20), []byte("1234"))), true},
		"to the end":         {join(ftyp, moov, openBox("mdat", 0, []byte("1234"))), true},
		"fragments":          {join(ftyp, moov, box("moof"), mdat, box("moof"), mdat), true},
		"no moov":            {join(ftyp, mdat), false},
		"no track":           {join(ftyp, box("moov", box("mvhd")), mdat), false},
		"no media":           {join(ftyp, moov), false},
		"empty media":        {join(ftyp, moov, box("mdat")), false},
		"moov to the end":    {join(ftyp, openBox("moov", 0, box("trak")), mdat), false},
		"fragment cut":       {join(ftyp, moov, box("moof"), mdat, box("moof")), false},
		"ftyp twice as long": {join(openBox("ftyp", 900, []byte("isom")), moov, mdat), false},
		"size below a head":  {join(ftyp, openBox("free", 4), moov, mdat), false},
		"64-bit too large":   {join(ftyp, moov, openBox("mdat", 1, long(1<<63+20), []byte("1234"))), false},
		"64-bit too small":   {join(ftyp, moov, openBox("mdat", 1, long(15), []byte("1234"))), false},
		"64-bit no room":     {join(ftyp, moov, mdat, openBox("free", 1)), false},
		"track too large":    {join(ftyp, box("moov", openBox("trak", 900)), mdat), false},
		"zeros after":        {join(ftyp, moov, mdat, make([]byte, 64)), false},
		"bytes after":        {join(ftyp, moov, mdat, []byte("123")), false},
		"webm":               {segment("\x8E", tracks[:4]+"\x80"+cluster), false}, // tracks without one
		"webm whole":         {segment("\x8E", "\x16\x54\xAE\x6B\x81\x00"+cluster), true},
		"webm open":          {segment("\xFF", tracks+cluster), true},
		"webm open 8":        {segment("\x01\xFF\xFF\xFF\xFF\xFF\xFF\xFF", tracks+cluster), true},
		"webm open cluster":  {segment("\xFF", tracks+"\x1F\x43\xB6\x75\xFF\xE7\x81\x00\xA3\x81\x00"+"\x1F\x43\xB6\x75\xFF\xE7\x81\x00"), true},
		"webm open block":    {segment("\xFF", tracks+"\x1F\x43\xB6\x75\xFF\xE7\x81\x00\xA3\x85\x00"), false},
		"webm open tracks":   {segment("\xFF", "\x16\x54\xAE\x6B\xFF"+cluster), false},
		"webm no cluster":    {segment("\x86", tracks), false},
		"webm no tracks":     {segment("\x88", cluster), false},
		"webm too large":     {segment("\x8F", tracks+cluster), false},
		"webm no segment":    {join(ebml, []byte("\xEC\x81\x00")), false},
		"webm no vint":       {segment("\xFF", tracks+cluster+"\x00\x00\x00\x00"), false},
		"webm head too long": {[]byte("\x1A\x45\xDF\xA3\x9F\x42\x82\x84webm"), false},
	}
}

func TestCheckFilmByHand(t *testing.T) {
	for name, c := range bySize() {
		if mime, err := checkFilm(c.file); (err == nil) != c.want || (mime != "") != c.want || err != nil && slides.KindOf(err) != slides.Invalid {
			t.Errorf("%s: %q %v", name, mime, err)
		}
	}
}

// tooMany is a file of nothing but heads.
type tooMany struct{ reads int }

func (r *tooMany) ReadAt(b []byte, at int64) (int, error) {
	r.reads++
	one := []byte("\x00\x00\x00\x08free")
	if at == 0 {
		copy(one[4:], "ftyp")
	}
	for i := range b {
		b[i] = one[i%8]
	}
	return len(b), nil
}

func TestCheckFilmIsBounded(t *testing.T) {
	r := &tooMany{}
	if _, err := kinds.CheckFilm(r, 1<<40); slides.KindOf(err) != slides.Invalid || r.reads > 2<<20 {
		t.Errorf("%d reads: %v", r.reads, err)
	}
}

type failing struct{}

func (failing) ReadAt([]byte, int64) (int, error) { return 0, fmt.Errorf("disk") }

// A disk that fails is not the film's fault.
func TestCheckFilmCannotRead(t *testing.T) {
	if _, err := kinds.CheckFilm(failing{}, 100); err == nil || slides.KindOf(err) == slides.Invalid {
		t.Error(err)
	}
}

func FuzzCheckFilm(f *testing.F) {
	for _, c := range bySize() {
		f.Add(c.file)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		mime, err := checkFilm(b)
		if (mime == "") == (err == nil) {
			t.Errorf("%q %v", mime, err)
		}
		if err != nil && slides.KindOf(err) != slides.Invalid {
			t.Error(err) // memory can always be read
		}
	})
}
