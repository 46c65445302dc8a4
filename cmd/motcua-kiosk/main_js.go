//go:build js

// In the browser the kiosk is the studio's live preview: the same player and
// screen show one manifest after another, each of one unsaved slide. There is
// no vault and no link; the page that it stands in hands over the bytes.
package main

import (
	"fmt"
	"os"
	"syscall/js"
	"time"
	_ "time/tzdata" // browsers have no zone files

	"motcua/kiosk/player"
	"motcua/kiosk/screen"
	"motcua/slides"
)

func main() {
	if err := newPreview().run(); err != nil {
		fmt.Fprintln(os.Stderr, slides.Sentence(err, "vi"), err)
		os.Exit(1)
	}
}

// preview is the kiosk without a vault. All of it but the screen belongs to
// loop's goroutine.
type preview struct {
	screen *screen.Screen
	faces  faceBook
	album  album
	blobs  map[string][]byte
	drafts chan draft // the newest wins
	failed chan player.SlideFailed
	begun  time.Time
}

// draft is what the page asks to be shown: a manifest's bytes, the blobs that
// it brings, and how a citizen has set the screen.
type draft struct {
	manifest []byte
	blobs    map[string][]byte
	lang     string
	size     int // 0 A, 1 A+, 2 A++
	contrast bool
}

func newPreview() *preview {
	p := &preview{blobs: map[string][]byte{}, drafts: make(chan draft, 1), failed: make(chan player.SlideFailed, 4), begun: time.Now()}
	p.faces.blob, p.album.blob, p.album.missing = p.blob, p.blob, func() {}
	p.screen = screen.New(screen.Options{
		Title: "Một Cửa", Windowed: true, Still: true, Image: p.album.picture,
		Fault: func(where, text string) { say("fault", where+": "+text) },
		Failed: func(f player.SlideFailed) {
			select {
			case p.failed <- f:
			default: // the first one is told
			}
		},
	})
	return p
}

// blob is read by the painter's goroutine, too; a browser runs one at a time,
// and what is there never changes.
func (p *preview) blob(sha string) ([]byte, error) {
	if b, ok := p.blobs[sha]; ok {
		return b, nil
	}
	return nil, slides.E(slides.NotFound, "preview.blob", "Thiếu tệp của trang.", "A file of the slide is missing.", nil)
}

// say tells the page how it goes: "ready", "shown", "failed", "fault".
func say(what, text string) {
	if f := js.Global().Get("motcuaSays"); f.Type() == js.TypeFunction {
		f.Invoke(what, text)
	}
}

func (p *preview) run() error {
	faces, err := p.faces.embedded()
	if err != nil {
		return err
	}
	p.screen.SetFaces(faces)
	js.Global().Set("motcuaShow", js.FuncOf(func(_ js.Value, args []js.Value) any {
		if len(args) == 1 {
			p.take(args[0])
		}
		return nil
	}))
	go p.loop()
	say("ready", "")
	return p.screen.Run()
}

// take reads {manifest, blobs, lang, size, contrast} of the page.
func (p *preview) take(v js.Value) {
	d := draft{manifest: []byte(v.Get("manifest").String()), blobs: map[string][]byte{}, lang: v.Get("lang").String(), size: v.Get("size").Int(), contrast: v.Get("contrast").Truthy()}
	if blobs := v.Get("blobs"); blobs.Type() == js.TypeObject {
		names := js.Global().Get("Object").Call("keys", blobs)
		for i := range names.Length() {
			name := names.Index(i).String()
			x := blobs.Get(name)
			if x.Type() == js.TypeString {
				d.blobs[name] = []byte(x.String())
				continue
			}
			b := make([]byte, x.Get("byteLength").Int())
			js.CopyBytesToGo(b, x)
			d.blobs[name] = b
		}
	}
	select {
	case <-p.drafts:
	default:
	}
	p.drafts <- d
}

// presented is how often loop looks whether a draft has reached the canvas.
const presented = 30 * time.Millisecond

// loop is the player, as Kiosk.loop is.
func (p *preview) loop() {
	st := player.New(player.Place{Kiosk: "preview"}, player.Clock{})
	var now draft
	var waits time.Time // since when a draft is to be shown; zero: none
	t := time.NewTimer(0)
	next := func(e player.Event) {
		st, _ = player.Next(st, player.Now{Mono: time.Since(p.begun), Wall: slides.At(time.Now())}, e)
	}
	for {
		var e player.Event = player.Tick{}
		select {
		case d := <-p.drafts:
			for sha, b := range d.blobs {
				p.blobs[sha] = b
			}
			c, faults, err := player.Load(d.manifest, p.blob)
			for _, f := range faults {
				say("fault", f.Where+": "+f.Text)
			}
			if err != nil {
				say("failed", slides.Sentence(err, "vi"))
				continue
			}
			if st.Place.Lang != d.lang {
				next(player.PlaceChanged{Place: player.Place{Kiosk: "preview", Lang: d.lang}})
			}
			now, waits = d, time.Now()
			e = player.ContentReady{Content: c, Now: true}
		case f := <-p.failed:
			say("failed", f.Text)
			waits = time.Time{}
		case <-t.C:
		}
		next(e)
		p.screen.Set(st.ShowAs(now.size, now.contrast))
		wake := st.Wake()
		if !waits.IsZero() {
			if s := p.screen.Stats(); s.SlideSince.After(waits) || p.screen.Owed() == 0 && time.Since(waits) > time.Second {
				say("shown", "")
				waits = time.Time{}
			} else {
				wake = presented
			}
		}
		t.Reset(wake)
	}
}
