package main

import (
	"encoding/base64"
	"fmt"
	"html/template"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"

	"motcua/kiosk/player"
	"motcua/slides/fonts"
	"motcua/slides/raster"
	"motcua/slides/scene"
)

// startChromium shows a page in a real window.
func (p *proof) startChromium(d *display, chromium, profile, page string) (*process, func(), error) {
	logs, err := os.OpenFile(profile+".log", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, nil, err
	}
	proc, err := start(logs, d.env(), chromium, "--kiosk", "--no-sandbox", "--no-first-run", "--no-default-browser-check", "--user-data-dir="+profile,
		"--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-breakpad",
		"--disable-features=Translate", "--autoplay-policy=no-user-gesture-required", "--hide-scrollbars", fmt.Sprintf("--window-size=%d,%d", d.w, d.h), "--window-position=0,0", "file://"+page)
	if err != nil {
		logs.Close()
		return nil, nil, err
	}
	return proc, func() { proc.killTree(); logs.Close() }, nil
}

// pageHTML is the kiosk's picture with what moves on it.
var pageHTML = template.Must(template.New("").Parse(`<!doctype html><meta charset="utf-8"><style>
@font-face { font-family: f; src: url(data:font/ttf;base64,{{.Font}}) }
body { margin: 0; overflow: hidden; cursor: none; background: #FFFAF2 }
img, video, div { position: absolute; display: block }
img { left: 0; top: 0; width: {{.W}}px; height: {{.H}}px }
div, video { left: {{.At.X}}px; top: {{.At.Y}}px; width: {{.At.W}}px; height: {{.At.H}}px; overflow: hidden }
video { border-radius: {{.Radius}}px }
div { font: {{.Size}}px/{{.At.H}}px f; color: {{.Color}}; white-space: nowrap }
span { position: absolute; left: 0; opacity: 0; animation: page {{.Cycle}}s step-end infinite }
@keyframes page { 0% { opacity: 1 } {{.Share}}% { opacity: 0 } }
</style><img src="slide.png">{{if .Film}}<video src="{{.Film}}" autoplay muted loop></video>{{end}}
{{if .Lines}}<div>{{range $i, $l := .Lines}}<span style="animation-delay: -{{index $.Delays $i}}s">{{$l}}</span>{{end}}</div>{{end}}`))

// page writes the page for Chromium and returns its path.
func (c *sameCase) page(dir string, picture *image.RGBA) (string, error) {
	type box struct{ X, Y, W, H int }
	x := struct {
		W, H, Radius, Cycle int
		Film, Font, Color   string
		At                  box
		Size                float32
		Share               float64
		Lines               []string
		Delays              []int
	}{W: c.scene.W, H: c.scene.H, Film: c.film}
	place := func(r image.Rectangle) { x.At = box{r.Min.X, r.Min.Y, r.Dx(), r.Dy()} }
	if slot, ok := c.scene.Slot(scene.SlotFilm); ok {
		place(raster.Bounds(slot.Rect))
		x.Radius = int(slot.Radius)
	}
	if slot, ok := c.scene.Slot(scene.SlotTicker); ok && len(c.lines) > 0 {
		r := raster.Bounds(slot.Rect)
		place(r)
		ground := picture.RGBAAt(r.Min.X, r.Min.Y) // of the bar, left of the first letter
		for y := r.Min.Y; y < r.Max.Y; y++ {
			for px := r.Min.X; px < r.Max.X; px++ {
				picture.SetRGBA(px, y, ground)
			}
		}
		all, err := fonts.All()
		if err != nil {
			return "", err
		}
		x.Font = base64.StdEncoding.EncodeToString(all[int(slot.Style.Weight)])
		col := slot.Style.Color
		x.Color = fmt.Sprintf("#%02x%02x%02x", col.R, col.G, col.B)
		x.Size = slot.Style.Max * slot.Unit
		x.Lines = c.scene.TickerPages(c.lines)
		every := int(player.PageEvery.Seconds())
		x.Cycle = every * len(x.Lines)
		x.Share = 100 / float64(len(x.Lines))
		for i := range x.Lines {
			x.Delays = append(x.Delays, (len(x.Lines)-i)%len(x.Lines)*every)
		}
	}
	f, err := os.Create(filepath.Join(dir, "slide.png"))
	if err != nil {
		return "", err
	}
	err = (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(f, picture)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return "", err
	}
	var b strings.Builder
	if err := pageHTML.Execute(&b, x); err != nil {
		return "", err
	}
	path := filepath.Join(dir, "page.html")
	return path, os.WriteFile(path, []byte(b.String()), 0o600)
}
