package review

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"slices"
	"strings"

	domain "motcua/slides"
	"motcua/slides/kinds"
	"motcua/slides/raster"
	"motcua/slides/scene"
)

// drawn is a slide as one screen shows it in one language.
type drawn struct {
	*report
	scene    *scene.Scene
	shape    shape
	body     kinds.Body
	pictures raster.Images
	ground   *image.RGBA // all but the letters
}

// Letters and contrast.
const (
	capHeight   = 0.74 // of an em: Be Vietnam Pro's capital letters
	leastLetter = 4.0  // mm a metre; half of what reads comfortably
	normalRatio = 4.5  // WCAG 2.2, 1.4.3
	largeRatio  = 3.0
	largeSize   = 40 // design pixels; 8 mm on the desk's panel, "large" by any reading
	groundScale = 3  // the ground is judged at a third of the size: letters cover many pixels
)

func (d *drawn) check() {
	for _, o := range d.scene.Overflows {
		if strings.HasPrefix(o.Path, "frame.") {
			continue // the unit's own name: not the slide's fault
		}
		d.add(Error, RuleFit, field(o.Path), fmt.Sprintf("Nội dung “%s” không vừa %s; hãy rút gọn.", clip(o.Text), d.shape.vi),
			fmt.Sprintf("“%s” does not fit %s; shorten it.", clip(o.Text), d.shape.en))
	}
	for _, m := range d.scene.Missing {
		d.add(Error, RuleGlyph, field(m.Path), fmt.Sprintf("Phông chữ không có ký tự %s; hãy thay bằng chữ khác.", m.Runes), fmt.Sprintf("The font lacks %s; use other characters.", m.Runes))
	}
	for _, op := range d.scene.Ops {
		switch o := op.(type) {
		case scene.Glyphs:
			if d.scene.Body.Contains(o.Ink) && o.Text != "" {
				d.letters(o)
				d.contrast(o)
			}
		case scene.Modules:
			d.qr(o)
		}
	}
}

// mm is the length of a pixel on the panel.
func (d *drawn) mm() float64 {
	return d.view.Inches * 25.4 / math.Hypot(float64(d.scene.W), float64(d.scene.H))
}

func (d *drawn) letters(g scene.Glyphs) {
	has, need := float64(g.Size)*capHeight*d.mm(), leastLetter*d.view.Metres
	if has < need-0.05 {
		d.add(Warning, RuleLetter, d.where(g.Text), fmt.Sprintf("Chữ “%s” cao %.1f mm trên %s; đứng cách %.1f m cần ít nhất %.1f mm. Hãy rút gọn để chữ to hơn.", clip(g.Text), has, d.shape.vi, d.view.Metres, need),
			fmt.Sprintf("The letters of “%s” are %.1f mm high on %s; from %.1f m away %.1f mm are needed. Shorten it, and they grow.", clip(g.Text), has, d.shape.en, d.view.Metres, need))
	}
}

// contrast compares a line's colour with the ground under its letters; the
// tenth that is nearest to it counts, so that a bright spot of a picture shows.
func (d *drawn) contrast(g scene.Glyphs) {
	if d.ground == nil {
		under := *d.scene
		under.Ops = slices.DeleteFunc(slices.Clone(under.Ops), func(op scene.Op) bool { _, is := op.(scene.Glyphs); return is })
		d.ground = raster.Thumbnail(&under, d.scene.W/groundScale, d.pictures)
	}
	box := raster.Bounds(scene.Rect{X: g.Ink.X / groundScale, Y: g.Ink.Y / groundScale, W: g.Ink.W / groundScale, H: g.Ink.H / groundScale}).Intersect(d.ground.Rect)
	var ratios []float64
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			ratios = append(ratios, Ratio(g.Color, d.ground.RGBAAt(x, y)))
		}
	}
	if len(ratios) == 0 {
		return
	}
	slices.Sort(ratios)
	has, need := ratios[len(ratios)/10], normalRatio
	if g.Size >= largeSize*float32(min(d.scene.W, d.scene.H))/1080 {
		need = largeRatio
	}
	if has < need-0.01 {
		d.add(Error, RuleContrast, d.where(g.Text), fmt.Sprintf("Chữ “%s” khó đọc trên nền (tương phản %.1f:1, cần %.1f:1); hãy đổi màu chủ đề hoặc ảnh nền.", clip(g.Text), has, need),
			fmt.Sprintf("“%s” is hard to read on its ground (contrast %.1f:1, %.1f:1 is needed); change the theme's colours or the picture.", clip(g.Text), has, need))
	}
}

// Ratio is the contrast of ink on ground by WCAG 2.2, 1 to 21.
func Ratio(ink color.NRGBA, ground color.RGBA) float64 {
	a := float64(ink.A) / 255
	over := func(i, g uint8) float64 { return (float64(i)*a + float64(g)*(1-a)) / 255 }
	x := luminance(over(ink.R, ground.R), over(ink.G, ground.G), over(ink.B, ground.B))
	y := luminance(float64(ground.R)/255, float64(ground.G)/255, float64(ground.B)/255)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(r, g, b float64) float64 {
	lin := func(v float64) float64 {
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*lin(r) + 0.7152*lin(g) + 0.0722*lin(b)
}

// QR codes and their addresses.
const (
	leastModule = 0.5 // mm: what a phone's camera still tells apart at an arm's length
	scanFactor  = 10  // a code is scanned from up to ten times its width
	mostModules = 53  // version 9; denser ones take long to scan on old phones
	mostLetters = 60  // of an address that somebody may have to type
)

func (d *drawn) qr(m scene.Modules) {
	path := d.urlPath(m.URL)
	side, need := float64(m.Rect.W)*d.mm(), d.view.ScanMetres*1000/scanFactor
	if module := float64(m.Module) * d.mm(); side < need || module < leastModule {
		d.add(Error, RuleQRSize, path, fmt.Sprintf("Mã QR rộng %.0f mm trên %s, mỗi ô %.1f mm; quét từ %.1f m cần mã rộng %.0f mm và ô %.1f mm. Hãy rút ngắn địa chỉ hoặc bớt nội dung.", side, d.shape.vi, module, d.view.ScanMetres, need, leastModule),
			fmt.Sprintf("The QR is %.0f mm wide on %s, each module %.1f mm; to be scanned from %.1f m it needs %.0f mm and modules of %.1f mm. Shorten the address or the texts.", side, d.shape.en, module, d.view.ScanMetres, need, leastModule))
	}
	if n := len(m.Dark); n > mostModules {
		d.add(Warning, RuleQRDense, path, fmt.Sprintf("Mã QR dày (%d ô mỗi cạnh), điện thoại cũ khó quét; hãy rút ngắn địa chỉ.", n), fmt.Sprintf("The QR is dense (%d modules a side) and hard for old phones; shorten the address.", n))
	}
	if n := len([]rune(scene.Letters(m.URL))); n > mostLetters {
		d.add(Warning, RuleAddress, path, fmt.Sprintf("Địa chỉ dài %d ký tự, người không quét được mã khó gõ lại; hãy dùng địa chỉ ngắn hơn.", n),
			fmt.Sprintf("The address has %d characters: hard to type for those who can't scan. Use a shorter one.", n))
	}
}

// words counts the syllables that are to be read.
func (d *drawn) words() (n int) {
	for _, op := range d.scene.Ops {
		if g, ok := op.(scene.Glyphs); ok && d.scene.Body.Contains(g.Ink) {
			n += len(strings.Fields(g.Text))
		}
	}
	return n
}

// where is the field that a drawn line comes from.
func (d *drawn) where(line string) string {
	for _, t := range kinds.Texts(d.body) {
		for _, s := range t.Text {
			if strings.Contains(strings.Join(strings.Fields(s), " "), line) {
				return t.Path
			}
		}
	}
	return "body"
}

func (d *drawn) urlPath(url string) string {
	for path, u := range kinds.URLs(d.body) {
		if u == url {
			return path
		}
	}
	return "body"
}

// field is the path of a slide's field; what the frame draws has none.
func field(path string) string {
	if strings.HasPrefix(path, "body.") || domain.ValidID(path) && !strings.HasPrefix(path, "frame.") {
		return path
	}
	return ""
}

func clip(s string) string {
	r := []rune(strings.Join(strings.Fields(s), " "))
	if len(r) > 40 {
		return strings.TrimSpace(string(r[:40])) + "…"
	}
	return string(r)
}
