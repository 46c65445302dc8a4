//go:build !js

package main

import (
	"encoding/json"
	"image"
	"strings"
	"testing"
	"time"

	"motcua/kiosk/kiosktest"
	"motcua/kiosk/player"
	"motcua/kiosk/vault"
	"motcua/slides/chain"
	"motcua/slides/raster"
)

// What a keyboard or a scanner types as fast as the X server takes it reaches
// the record without a letter lost or doubled; marks are composed.
func TestTypedTextIsKeptWhole(t *testing.T) {
	p := newPanel(t, 960, 540)
	p.wants("the slide")
	p.touch("")
	if p.twin.View == player.ViewHome {
		p.wants("the tiles")
		p.touch("tile:rate")
	}
	p.wants("the five faces")
	p.touch("rate:1")
	p.wants("the reasons")
	p.touch("write")
	p.wants("the keyboard")
	text := "Phong cho nong, " + strings.Repeat("thieu ghe (quay 2); [Lan?] + \"mong ban phuc vu\" -> ", 4)
	p.Type(t, text)
	p.do(player.Key{Text: text})
	p.Still(t) // keys of one frame have no order among signs and letters
	p.Key(t, kiosktest.Backspace, false)
	p.Still(t)
	p.Type(t, " xin camr own\n")
	for _, k := range []player.Key{{Erase: true}, {Text: " xin camr own"}, {Enter: true}} {
		p.do(k)
	}
	p.wants("the reasons, with something written")
	p.touch("send")
	p.do(player.Saved{ID: 1})
	p.wants("thanks")
	p.kiosk.Stop()

	v, err := vault.OpenFolder(p.data, vault.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	b, err := v.Outbox().Unacked(chain.ID{1}, 0, 10, 1<<20)
	if err != nil || len(b.Records) != 1 {
		t.Fatalf("%d records: %v", len(b.Records), err)
	}
	quoted, err := json.Marshal(strings.TrimSuffix(text, " ") + " xin cảm ơn")
	if err != nil {
		t.Fatal(err)
	}
	want, found := string(quoted), false
	for _, s := range b.Records[0].Sections {
		found = found || s.Kind == chain.Free && strings.Contains(string(s.Body), want)
	}
	if !found {
		for _, s := range b.Records[0].Sections {
			t.Logf("%v: %s", s.Kind, s.Body)
		}
		t.Errorf("%s is not kept", want)
	}
}

// shows waits until the screen is like the twin's but for a ring somewhere.
func (p *panel) shows(what string) *image.RGBA {
	p.t.Helper()
	sc, err := p.twin.Show().Still.Compose(p.W, p.H, p.faces.own)
	if err != nil {
		p.t.Fatal(err)
	}
	want := raster.Draw(sc, nil)
	body := image.Rect(0, p.H/8, p.W, p.H*3/4)
	return p.Until(p.t, what, func(img *image.RGBA) bool { return kiosktest.Differs(img, want, body, 8) < 0.02 })
}

// Every step of a rating by three keys: next, previous and press.
func TestThreeKeysRate(t *testing.T) {
	p := newPanel(t, 960, 540)
	p.shows("the slide")
	press := func(sym uint32, shift bool, e player.Event) {
		t.Helper()
		<-time.After(player.Debounce + 50*time.Millisecond)
		p.Key(t, sym, shift)
		p.do(e)
	}
	touch := func(name string) player.Event { return player.Touch{Target: name, Serial: p.twin.Serial} }
	press(kiosktest.Enter, false, player.Key{Enter: true})
	if p.twin.View == player.ViewHome {
		p.shows("the tiles")
		p.to("tile:rate", 1)
		press(kiosktest.Enter, false, touch("tile:rate"))
	}
	p.shows("the five faces")
	p.to("rate:4", 5)
	press(kiosktest.Enter, false, touch("rate:4"))
	p.do(player.Saved{ID: 1})
	p.shows("thanks")
	press(kiosktest.Escape, false, touch("back"))
	if p.twin.View != player.ViewLoop {
		t.Fatalf("the twin is at %s", p.twin.View)
	}
	p.shows("the slide again")
}

// to presses Tab until the ring is around a control, one time further and back
// again; it fails after most presses.
func (p *panel) to(name string, most int) {
	p.t.Helper()
	sc, err := p.twin.Show().Still.Compose(p.W, p.H, p.faces.own)
	if err != nil {
		p.t.Fatal(err)
	}
	want := raster.Draw(sc, nil)
	ringed := func(img *image.RGBA) (name string) {
		for _, g := range sc.Targets {
			r := raster.Bounds(g.Rect)
			if left := image.Rect(r.Min.X-4, r.Min.Y+r.Dy()/3, r.Min.X, r.Max.Y-r.Dy()/3); kiosktest.Differs(img, want, left, 60) > 0.2 {
				return g.Name
			}
		}
		return ""
	}
	tab := func(back bool) string {
		was := ringed(p.Screenshot(p.t))
		p.Key(p.t, kiosktest.Tab, back)
		img := p.Until(p.t, "another place of the ring", func(img *image.RGBA) bool { return ringed(img) != was && ringed(img) != "" })
		p.do(player.Key{})
		return ringed(img)
	}
	for at := ringed(p.Screenshot(p.t)); at != name; most-- {
		if most == 0 {
			p.t.Fatalf("the ring is at %q, never at %s", at, name)
		}
		at = tab(false)
	}
	tab(false)
	if at := tab(true); at != name {
		p.t.Fatalf("one on and one back is %q", at)
	}
}
