//go:build !js

package main

import (
	"encoding/json"
	"image"
	"strings"
	"testing"

	"motcua/kiosk/kiosktest"
	"motcua/kiosk/player"
	"motcua/kiosk/vault"
	"motcua/slides/chain"
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

// Every step of a rating by three keys: next, previous and press.
func TestThreeKeysRate(t *testing.T) {
	p := newPanel(t, 960, 540)
	slide := p.wants("the slide")
	p.Key(t, kiosktest.Enter, false)
	p.do(player.Key{Enter: true})
	if p.twin.View == player.ViewHome {
		p.wants("the tiles")
		p.Key(t, kiosktest.Tab, false)
		p.Key(t, kiosktest.Enter, false)
		p.do(player.Touch{Target: "tile:rate", Serial: p.twin.Serial})
	}
	faces := p.wants("the five faces")
	for _, back := range []bool{false, false, false, false, false, true} { // one too far, and back
		before := p.Screenshot(t)
		p.Key(t, kiosktest.Tab, back)
		p.Until(t, "another place of the ring", func(img *image.RGBA) bool {
			return kiosktest.Differs(before, img, image.Rect(0, 100, 960, 450), 40) > 0
		})
		p.do(player.Key{})
	}
	x, y := p.where("rate:4")
	p.Until(t, "the ring around the fourth face", func(img *image.RGBA) bool {
		r := image.Rect(x-60, y-110, x+60, y+110)
		return kiosktest.Differs(faces, img, image.Rect(r.Min.X-40, r.Min.Y, r.Max.X+40, r.Max.Y), 40) > 0.02
	})
	p.Key(t, kiosktest.Enter, false)
	p.do(player.Touch{Target: "rate:4", Serial: p.twin.Serial})
	p.do(player.Saved{ID: 1})
	p.Until(t, "thanks", func(img *image.RGBA) bool {
		return kiosktest.Differs(faces, img, image.Rect(200, 120, 760, 400), 40) > 0.2
	})
	p.Key(t, kiosktest.Escape, false)
	p.Until(t, "the slide again", func(img *image.RGBA) bool {
		return kiosktest.Differs(slide, img, image.Rect(100, 120, 860, 400), 8) == 0
	})
}
