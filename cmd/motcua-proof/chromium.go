package main

import (
	"context"
	"fmt"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/fonts"
	"motcua/slides/kinds"
	"motcua/slides/raster"
	"motcua/slides/scene"
	"motcua/slides/starter"
)

// chromiumRows set the kiosk beside Chromium in kiosk mode that shows the same
// picture on the same display.
var chromiumRows = []row{
	{"still-1080p", besideChromium("still slide", 1920, 1080, stillCase)},
	{"ticker-1080p", besideChromium("news line", 1920, 1080, tickerCase)},
	{"video-1080p", besideChromium("video", 1920, 1080, videoCase)},
	{"still-4k", besideChromium("still slide", 3840, 2160, stillCase)},
	{"ticker-4k", besideChromium("news line", 3840, 2160, tickerCase)},
	{"video-4k", besideChromium("video", 3840, 2160, videoCase)},
}

// sameCase is one thing that both show.
type sameCase struct {
	content func(*store.Starter) // of the kiosk
	scene   *scene.Scene         // as the kiosk composes it: where things are
	lines   []string             // of the ticker
	film    string               // file; "" for none
}

func stillCase(_ context.Context, _ *proof, w, h int) (sameCase, error) {
	sl, err := sloganOnScreens()
	if err != nil {
		return sameCase{}, err
	}
	sc, err := composed(sl, w, h, false)
	return sameCase{content: still(false), scene: sc}, err
}

func tickerCase(_ context.Context, _ *proof, w, h int) (sameCase, error) {
	sl, err := sloganOnScreens()
	if err != nil {
		return sameCase{}, err
	}
	c, err := starter.Load()
	if err != nil {
		return sameCase{}, err
	}
	out := sameCase{content: still(true)}
	now := slides.At(time.Now())
	for i := range c.Slides {
		if s := &c.Slides[i]; s.Kind == "ticker" && s.ValidAt(now) {
			body, err := kinds.Parse(s)
			if err != nil {
				return sameCase{}, err
			}
			out.lines = append(out.lines, body.(*kinds.Ticker).Line.In("vi"))
		}
	}
	out.scene, err = composed(sl, w, h, true)
	return out, err
}

// videoCase makes a film of 20 s with ffmpeg's test picture.
func videoCase(ctx context.Context, p *proof, w, h int) (sameCase, error) {
	ffmpeg, err := exec.LookPath("ffmpeg")
	if err != nil {
		return sameCase{}, skipped("no ffmpeg here (apt-get install ffmpeg)")
	}
	dir, err := p.folder("film")
	if err != nil {
		return sameCase{}, err
	}
	out := sameCase{film: filepath.Join(dir, "film.mp4")}
	poster := filepath.Join(dir, "poster.png")
	for _, args := range [][]string{
		{"-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=30:duration=20", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-g", "60", out.film},
		{"-i", out.film, "-frames:v", "1", poster},
	} {
		if b, err := exec.CommandContext(ctx, ffmpeg, append([]string{"-y", "-loglevel", "error"}, args...)...).CombinedOutput(); err != nil {
			return sameCase{}, fmt.Errorf("ffmpeg: %w: %s", err, b)
		}
	}
	film, err := os.ReadFile(out.film)
	if err != nil {
		return sameCase{}, err
	}
	still, err := os.ReadFile(poster)
	if err != nil {
		return sameCase{}, err
	}
	sl := &slides.Slide{ID: "video-do", Kind: "video", Topic: "T08", Audience: slides.Public, Title: slides.Vi("Phim đo"), Body: kinds.MustJSON(&kinds.Video{
		Film: slides.Sum(film), Poster: slides.Sum(still), Caption: slides.Vi("Nộp hồ sơ trực tuyến"), Shape: "wide",
	})}
	out.content = func(in *store.Starter) {
		in.Blobs = append(in.Blobs, store.StarterBlob{Type: "video/mp4", Data: film}, store.StarterBlob{Type: "image/png", Data: still})
		in.Slides = []store.StarterSlide{{Slide: sl}}
		in.Playlists = []slides.Playlist{{ID: "mot-trang", Name: "Một trang", Items: []slides.Item{{Slide: sl.ID, Dwell: slides.MaxDwell.Milliseconds()}}}}
		in.Entries = in.Entries[:1]
		in.Entries[0].Playlist = "mot-trang"
	}
	out.scene, err = composed(sl, w, h, false)
	return out, err
}

// composed lays a slide out as the kiosk with the starter's look does.
func composed(sl *slides.Slide, w, h int, ticker bool) (*scene.Scene, error) {
	c, err := starter.Load()
	if err != nil {
		return nil, err
	}
	f, err := fonts.Faces()
	if err != nil {
		return nil, err
	}
	return kinds.Scene(sl, scene.Frame{Theme: scene.DefaultTheme(), Unit: c.Office.Unit, UnitShort: c.Office.UnitShort, Office: c.Office.Office, Lang: "vi", Scale: 1, Hint: true, Ticker: ticker}, f, w, h)
}

// besideChromium is a row that measures one case with both programs.
func besideChromium(what string, w, h int, make func(context.Context, *proof, int, int) (sameCase, error)) func(context.Context, *proof) ([]line, error) {
	return func(ctx context.Context, p *proof) ([]line, error) {
		chromium, err := exec.LookPath("chromium")
		if err != nil {
			return nil, skipped("no chromium here (apt-get install chromium)")
		}
		if p.kiosk == "" {
			return nil, skipped("needs the kiosk program (-kiosk)")
		}
		c, err := make(ctx, p, w, h)
		if err != nil {
			return nil, err
		}
		d, err := p.openDisplay(ctx, w, h)
		if err != nil {
			return nil, err
		}
		defer d.close()
		dir, _, _, err := p.cached(ctx, "beside", c.content)
		if err != nil {
			return nil, err
		}
		ours, err := p.observe(ctx, d, &c, nil, func() (*process, func(), error) {
			t, err := p.startKiosk(d, dir, nobody)
			if err != nil {
				return nil, nil, err
			}
			return t.process, t.end, nil
		})
		if err != nil {
			return nil, fmt.Errorf("the kiosk: %w", err)
		}
		page, err := c.page(filepath.Dir(dir), ours.picture)
		if err != nil {
			return nil, err
		}
		profile := filepath.Join(filepath.Dir(dir), "profile")
		theirs, err := p.observe(ctx, d, &c, ours.grid, func() (*process, func(), error) { return p.startChromium(d, chromium, profile, page) })
		if err != nil {
			return nil, fmt.Errorf("chromium: %w", err)
		}
		p.once("Both run on one Xvfb without a GPU, one after the other: Chromium with ANGLE on SwiftShader, a profile of its own and no network, full screen, with a page that holds the kiosk's own picture (its clock stands), the news line as text that turns page by page like ours, the film as <video>. Processor and memory (PSS) are those of all processes of each, children included; the X server's own processor time stands in brackets. A film is shown by the kiosk with as many pixels and frames as its software GL keeps up with.")
		size := map[int]string{1080: "1080p", 2160: "4K"}[h]
		name := what + ", " + size + ": "
		of := func(a, b float64) string {
			if b == 0 {
				return "too little to compare"
			}
			return fmt.Sprintf("%.2f of Chromium's", a/b)
		}
		return []line{
			{promise: name + "processor", measured: fmt.Sprintf("%.4f core (X %.4f); Chromium %.4f (X %.4f), over %d s", ours.cores, ours.x, theirs.cores, theirs.x, p.times(10, 60)), limit: of(ours.cores, theirs.cores) + aim(what == "still slide", ours.cores <= theirs.cores, "≤ 1")},
			{promise: name + "memory (PSS)", measured: fmt.Sprintf("%s; Chromium %s in %d processes", mib(ours.pss), mib(theirs.pss), theirs.processes), limit: of(ours.pss, theirs.pss) + aim(what == "still slide", ours.pss <= theirs.pss/3, "≤ 1/3")},
			{promise: name + "start → slide", measured: fmt.Sprintf("%s; Chromium %s, p50 of %d with a warm cache", ms(ours.start.at(0.5)), ms(theirs.start.at(0.5)), len(ours.start)), limit: of(ours.start.at(0.5).Seconds(), theirs.start.at(0.5).Seconds()) + aim(what == "still slide", ours.start.at(0.5) <= theirs.start.at(0.5)/2, "≤ 1/2")},
		}, nil
	}
}

// aim says whether an aim is met, where there is one.
func aim(there, met bool, limit string) string {
	if !there {
		return ""
	}
	return "; " + verdict(met, limit)
}

// observed is what one program needed.
type observed struct {
	start     times
	cores, x  float64 // of the program and of the X server
	pss       float64 // bytes
	processes int
	grid      *grid       // what it showed, films aside
	picture   *image.RGBA // likewise, whole
}

// observe starts a program a few times and measures the last one at rest.
// want is the picture to wait for; nil: what it shows after 4 s.
func (p *proof) observe(ctx context.Context, d *display, c *sameCase, want *grid, begin func() (*process, func(), error)) (o observed, err error) {
	n := p.times(2, 5) + 1 // the first fills caches and is not counted
	for i := range n {
		begun := time.Now()
		proc, end, err := begin()
		if err != nil {
			return o, err
		}
		type seen struct {
			at time.Time
			g  *grid
		}
		var all []seen
		look := func(g *grid) bool {
			g = c.steady(g)
			all = append(all, seen{time.Now(), g})
			if want != nil {
				return g.same(want) > 0.93
			}
			return time.Since(begun) > 4*time.Second
		}
		if _, _, err := d.until(ctx, time.Minute, look); err != nil {
			end()
			return o, err
		}
		final := all[len(all)-1].g
		if i > 0 {
			first := slices.IndexFunc(all, func(s seen) bool { return s.g.same(final) > 0.93 })
			o.start = append(o.start, all[first].at.Sub(begun))
		}
		if i == n-1 {
			err = p.rest(ctx, d, c, proc, &o)
			o.grid = final
		}
		end()
		if err == nil {
			err = d.wipe(ctx)
		}
		if err != nil {
			return o, err
		}
	}
	return o, nil
}

// rest measures a program that has been showing for a while.
func (p *proof) rest(ctx context.Context, d *display, c *sameCase, proc *process, o *observed) error {
	if err := sleep(ctx, 12*time.Second); err != nil {
		return err
	}
	before, err := treeTime(proc.pid())
	if err != nil {
		return err
	}
	x0, err := cpuTime(d.proc.pid())
	if err != nil {
		return err
	}
	window := time.Duration(p.times(10, 60)) * time.Second
	films := map[grid]bool{}
	for begun := time.Now(); time.Since(begun) < window; {
		if c.film != "" {
			films[*d.look()] = true
		}
		if err := sleep(ctx, 500*time.Millisecond); err != nil {
			return err
		}
	}
	after, err := treeTime(proc.pid())
	if err != nil {
		return err
	}
	x1, err := cpuTime(d.proc.pid())
	if err != nil {
		return err
	}
	if c.film != "" && len(films) < 5 {
		return fmt.Errorf("the film stands still")
	}
	o.cores, o.x = (after-before).Seconds()/window.Seconds(), (x1-x0).Seconds()/window.Seconds()
	o.picture = d.picture()
	o.pss, o.processes, err = treeMemory(proc.pid())
	return err
}

// steady blanks what moves in a picture: it can't be waited for.
func (c *sameCase) steady(g *grid) *grid {
	out := *g
	for _, name := range []string{scene.SlotFilm, scene.SlotTicker, scene.SlotProgress} {
		slot, ok := c.scene.Slot(name)
		if !ok {
			continue
		}
		b := raster.Bounds(slot.Rect)
		for i := range out {
			if (image.Point{(i%64)*c.scene.W/64 + c.scene.W/128, (i/64)*c.scene.H/36 + c.scene.H/72}).In(b) {
				out[i] = 0
			}
		}
	}
	return &out
}
