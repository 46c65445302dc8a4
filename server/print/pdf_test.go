package print

import (
	"bytes"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"motcua/slides"
	"motcua/slides/fonts"
	"motcua/slides/kinds"
	"motcua/slides/raster"
	"motcua/slides/scene"
)

// shots keeps the pages that tests make, for people to look at.
var shots = flag.String("shots", "", "folder for pictures of every page")

// fine is how much finer than the scene a page is rendered to be compared:
// poppler sets letters on quarters of a pixel.
const fine = 2

// coarser averages squares of fine×fine pixels.
func coarser(src *image.RGBA) *image.RGBA {
	dst := image.NewRGBA(image.Rect(0, 0, src.Bounds().Dx()/fine, src.Bounds().Dy()/fine))
	for y := range dst.Bounds().Dy() {
		for x := range dst.Bounds().Dx() {
			for k := range 4 {
				sum := 0
				for i := range fine * fine {
					sum += int(src.Pix[src.PixOffset(x*fine+i%fine, y*fine+i/fine)+k])
				}
				dst.Pix[dst.PixOffset(x, y)+k] = uint8(sum / (fine * fine))
			}
		}
	}
	return dst
}

func family(t *testing.T) (*scene.Faces, map[int][]byte) {
	t.Helper()
	ttf, err := fonts.All()
	if err != nil {
		t.Skip("no fonts: run make assets")
	}
	f, err := fonts.Faces()
	if err != nil {
		t.Fatal(err)
	}
	return f, ttf
}

func frame() scene.Frame {
	return scene.Frame{
		Unit: slides.Text{"vi": "Sở Lao động – Thương binh và Xã hội tỉnh Lạng Sơn"}, UnitShort: slides.Vi("Sở LĐTBXH Lạng Sơn"),
		Office: slides.Vi("Bộ phận Tiếp nhận và Trả kết quả"), Lang: "vi", Scale: 1,
	}
}

// picture stands for every blob: a photograph with a soft and a hard edge.
func picture(string) (image.Image, bool) {
	img := image.NewRGBA(image.Rect(0, 0, 900, 600))
	for y := range 600 {
		for x := range 900 {
			img.SetRGBA(x, y, color.RGBA{uint8(x * 255 / 900), uint8(y * 255 / 600), 120, 255})
		}
	}
	draw.Draw(img, image.Rect(300, 200, 600, 400), image.NewUniform(color.RGBA{250, 240, 220, 255}), image.Point{}, draw.Src)
	return img, true
}

// pages renders a PDF with poppler, each page wide pixels wide.
func pages(t *testing.T, pdf []byte, wide int) []*image.RGBA {
	t.Helper()
	tool, err := exec.LookPath("pdftoppm")
	if err != nil {
		t.Skip("pdftoppm is not installed (apt-get install poppler-utils)")
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "x.pdf")
	if err := os.WriteFile(file, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(tool, "-png", "-scale-to-x", fmt.Sprint(wide), "-scale-to-y", "-1", file, filepath.Join(dir, "p")).CombinedOutput(); err != nil || len(out) > 0 {
		t.Fatalf("%v %s", err, out)
	}
	names, err := filepath.Glob(filepath.Join(dir, "p*.png"))
	if err != nil {
		t.Fatal(err)
	}
	var out []*image.RGBA
	for i, n := range names {
		b, err := os.ReadFile(n)
		if err != nil {
			t.Fatal(err)
		}
		if *shots != "" {
			name := fmt.Sprintf("%s-%d.png", strings.NewReplacer("/", "-", " ", "_").Replace(t.Name()), i+1)
			if err := os.WriteFile(filepath.Join(*shots, name), b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		img, err := png.Decode(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		rgba := image.NewRGBA(img.Bounds())
		draw.Draw(rgba, rgba.Bounds(), img, image.Point{}, draw.Src)
		out = append(out, rgba)
	}
	return out
}

// tell runs one of poppler's tools over a PDF.
func tell(t *testing.T, tool string, pdf []byte) string {
	t.Helper()
	if _, err := exec.LookPath(tool); err != nil {
		t.Skip(tool + " is not installed (apt-get install poppler-utils)")
	}
	file := filepath.Join(t.TempDir(), "x.pdf")
	if err := os.WriteFile(file, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{file}
	if tool == "pdftotext" {
		args = append(args, "-")
	}
	out, err := exec.Command(tool, args...).Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// apart compares two pictures in blocks of 4×4 pixels, so that what renderers
// differ in at edges is averaged: the mean difference of a channel, and the
// share of blocks that differ by more than an eighth of the range.
func apart(a, b *image.RGBA) (mean, far float64) {
	const block = 4
	r := a.Bounds().Intersect(b.Bounds())
	var sum, n, bad float64
	for y := r.Min.Y; y+block <= r.Max.Y; y += block {
		for x := r.Min.X; x+block <= r.Max.X; x += block {
			worst := 0.0
			for k := range 3 {
				d := 0
				for i := range block * block {
					at := image.Pt(x+i%block, y+i/block)
					d += int(a.Pix[a.PixOffset(at.X, at.Y)+k]) - int(b.Pix[b.PixOffset(at.X, at.Y)+k])
				}
				v := math.Abs(float64(d)) / (block * block)
				sum += v
				worst = max(worst, v)
			}
			if n++; worst > 32 {
				bad++
			}
		}
	}
	return sum / (3 * n), bad / n
}

// A scene of a screen's shape stands whole in the middle of the sheet.
func TestPosterOfAnotherShape(t *testing.T) {
	faces, ttf := family(t)
	k, _ := kinds.Find("guide")
	s := k.Sample()
	sc, err := kinds.Scene(&s, frame(), faces, 1080, 1920)
	if err != nil {
		t.Fatal(err)
	}
	got := coarser(pages(t, write(t, A4, ttf, sc), 2*1358)[0]) // 1920 high
	middle := image.NewRGBA(image.Rect(0, 0, 1080, 1920))
	draw.Draw(middle, middle.Bounds(), got, image.Pt((got.Bounds().Dx()-1080)/2, 0), draw.Src)
	if mean, far := apart(raster.Draw(sc, picture), middle); mean > 4 || far > 0.05 {
		t.Errorf("mean %.2f, far %.4f", mean, far)
	}
	for _, x := range []int{2, got.Bounds().Dx() - 3} {
		if c := got.RGBAAt(x, 960); c.R != 255 || c.G != 255 || c.B != 255 {
			t.Errorf("the margin at %d is %v", x, c)
		}
	}
}

func write(t *testing.T, p Paper, ttf map[int][]byte, list ...*scene.Scene) []byte {
	t.Helper()
	var b bytes.Buffer
	d := Document{Title: "Áp phích", Lang: "vi", At: time.Date(2026, 3, 20, 9, 0, 0, 0, time.UTC), Paper: p, Fonts: ttf, Images: picture, Pages: list}
	if err := Write(&b, &d); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// The PDF of every kind of slide is the picture that the screen shows, within
// what two renderers differ at edges; its text can be read and searched; its
// code can be scanned.
func TestPosterIsTheScene(t *testing.T) {
	faces, ttf := family(t)
	for _, k := range kinds.All() {
		for _, landscape := range []bool{false, true} {
			for _, paper := range []Paper{A4, A3} {
				if k.Name != "guide" && (paper == A3 || landscape && k.Name != "slogan") {
					continue // the shape is A4's, and the drawing the same
				}
				t.Run(fmt.Sprintf("%s %s %v", k.Name, paper.Name, landscape), func(t *testing.T) {
					s := k.Sample()
					w, h := paper.Pixels(landscape)
					sc, err := kinds.Scene(&s, frame(), faces, w, h)
					if err != nil {
						t.Fatal(err)
					}
					pdf := write(t, paper, ttf, sc)
					got := pages(t, pdf, fine*w)
					if len(got) != 1 {
						t.Fatalf("%d pages", len(got))
					}
					small := coarser(got[0])
					mean, far := apart(raster.Draw(sc, picture), small)
					if d := small.Bounds().Dy() - h; d < -1 || d > 1 || mean > 2 || far > 0.01 {
						t.Errorf("%v, want %d×%d; mean %.2f, far %.4f", small.Bounds(), w, h, mean, far)
					}
					said := strings.Join(strings.Fields(tell(t, "pdftotext", pdf)), " ")
					urls := map[string]bool{}
					for _, op := range sc.Ops {
						switch o := op.(type) {
						case scene.Glyphs:
							if !strings.Contains(said, strings.Join(strings.Fields(o.Text), " ")) {
								t.Errorf("%q can't be found in the text:\n%s", o.Text, said)
							}
						case scene.Modules:
							urls[o.URL] = true
						}
					}
					for _, line := range strings.Split(tell(t, "pdffonts", pdf), "\n") {
						if strings.Contains(line, "bvp") && !strings.Contains(line, "yes") {
							t.Errorf("not embedded: %s", line)
						}
					}
					if len(urls) == 0 {
						return
					}
					bitmap, err := gozxing.NewBinaryBitmapFromImage(small)
					if err != nil {
						t.Fatal(err)
					}
					read, err := qrcode.NewQRCodeReader().Decode(bitmap, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true})
					if err != nil || !urls[read.GetText()] {
						t.Errorf("the code reads %v: %v", read, err)
					}
				})
			}
		}
	}
}
