//go:build linux

package main

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"image"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"motcua/kiosk/kiosktest"
	"motcua/kiosk/player"
	"motcua/kiosk/screen"
	"motcua/kiosk/vault"
	"motcua/slides"
	"motcua/slides/wire"
)

// systemd is a notify socket: what the kiosk tells it.
func systemd(t *testing.T) (told func(text string)) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "notify")
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	t.Setenv("NOTIFY_SOCKET", path)
	return func(text string) {
		t.Helper()
		c.SetReadDeadline(time.Now().Add(kiosktest.Within))
		b := make([]byte, 4096)
		for {
			n, err := c.Read(b)
			if err != nil {
				t.Fatalf("systemd was never told %s: %v", text, err)
			}
			if strings.Contains(string(b[:n]), text) {
				return
			}
		}
	}
}

// The renderer hangs (its X server stands still): the kiosk reloads, begins anew,
// goes to safe mode, and is back when the server is, all in one process. What it
// did is kept.
func TestAHangingRenderer(t *testing.T) {
	if testing.Short() {
		t.Skip("starts an X server and the built kiosk")
	}
	told := systemd(t)
	d := kiosktest.NewDisplay(t, 640, 360)
	data := t.TempDir()
	v, err := vault.OpenFolder(data, vault.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := fill(v, make(ed25519.PublicKey, ed25519.PublicKeySize), "nhanh", ""); err != nil { // slides of 12 s: something should change soon
		t.Fatal(err)
	}
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	k := d.Start(t, kiosktest.Build(t), "-server", "http://127.0.0.1:9", "-data", data, "-patience", "3s")
	told("READY=1")
	told("STATUS=loop ")
	header := image.Rect(0, 0, 640, 36)
	lit := func(img *image.RGBA) bool {
		return kiosktest.Differs(img, image.NewRGBA(img.Rect), header, 8) > 0.9
	}
	d.Until(t, "a slide", lit)
	thaw := d.Freeze(t)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	for _, step := range []string{"step=reload", "step=restart", "step=safe"} {
		if err := k.WaitLog(ctx, step); err != nil {
			t.Fatal(err)
		}
	}
	thaw()
	told("READY=1")
	d.Until(t, "a slide again", lit)
	k.Stop()
	if v, err = vault.OpenFolder(data, vault.Options{}); err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	var l ladder
	if err := json.Unmarshal(v.Note(ladderNote), &l); err != nil {
		t.Fatal(err)
	}
	if r := l.report(slides.At(time.Now())); r == nil || r.Reloads != 1 || r.Restarts != 1 || r.Safe < 1 || r.Crashes != 0 || r.Rung != wire.RungSafe || !l.Clean {
		t.Errorf("kept: %+v of %+v", r, l)
	}
}

// second publishes the vault's content once more, as another manifest.
func second(t *testing.T, v *vault.Vault) (first, newer string) {
	t.Helper()
	was := v.Manifests().Active()
	m := *was.Manifest
	m.Revision++
	b, err := slides.EncodeManifest(&m)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Manifests().SavePending(b, make([]byte, ed25519.SignatureSize), m.Epoch); err != nil {
		t.Fatal(err)
	}
	now, err := v.Manifests().Flip()
	if err != nil {
		t.Fatal(err)
	}
	return was.ID, now.ID
}

// In safe mode the manifest before the last one shows, and the vault keeps both.
func TestSafeModeShowsTheManifestBefore(t *testing.T) {
	for _, safe := range []bool{false, true} {
		v, err := demoVault("nhanh", "")
		if err != nil {
			t.Skip(err)
		}
		first, newer := second(t, v)
		k := NewKiosk(v, screen.Options{}, "test", slog.New(slog.NewTextHandler(io.Discard, nil)))
		k.safe = safe
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- k.Run(ctx) }()
		k.Start()
		want := newer
		if safe {
			want = first
		}
		for end := time.Now().Add(kiosktest.Within); k.Health().Manifest != want; time.Sleep(10 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("safe %v: it shows %s", safe, k.Health().Manifest)
			}
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if v.Manifests().Active().ID != newer || v.Manifests().Previous().ID != first {
			t.Error("the vault flipped")
		}
	}
}

// The display is switched by the first way that works; where none does, that is told.
func TestDisplaySwitch(t *testing.T) {
	dir := t.TempDir()
	prog, log := filepath.Join(dir, "panel"), filepath.Join(dir, "log")
	if err := os.WriteFile(prog, []byte("#!/bin/sh\necho \"$@\" >>"+log+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	for _, on := range []bool{false, true} {
		if err := switchDisplay(ctx, switches(prog+" hdmi"), on); err != nil {
			t.Fatal(err)
		}
	}
	if b, err := os.ReadFile(log); err != nil || string(b) != "hdmi off\nhdmi on\n" {
		t.Errorf("it was called with %q %v", b, err)
	}
	err := switchDisplay(ctx, switches(filepath.Join(dir, "none")), false)
	if slides.KindOf(err) != slides.Invalid || !strings.Contains(slides.Sentence(err, "vi"), "-display-command") {
		t.Errorf("without a way: %v", err)
	}
	// Xvfb has no power saving: xset ends well and only says so.
	if _, err := exec.LookPath("xset"); err == nil && os.Getenv("DISPLAY") != "" {
		if err := switchDisplay(ctx, knownSwitches[:1], false); err == nil {
			t.Error("xset is believed on a server without power saving")
		}
	}
}

// What the player asks for reaches the panel, and a fault of it the health report.
func TestThePlayersWishReachesThePanel(t *testing.T) {
	v, err := demoVault("nhanh", "")
	if err != nil {
		t.Skip(err)
	}
	k := NewKiosk(v, screen.Options{}, "test", slog.New(slog.NewTextHandler(io.Discard, nil)))
	log := filepath.Join(t.TempDir(), "log")
	prog := filepath.Join(t.TempDir(), "panel")
	if err := os.WriteFile(prog, []byte("#!/bin/sh\necho $1 >>"+log+"\n[ $1 = on ]\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 2)
	go func() { done <- k.Run(ctx) }()
	go func() { done <- k.panel(ctx, prog) }()
	k.Start()
	k.Post(player.DisplayAsked{On: false})
	for end := time.Now().Add(kiosktest.Within); ; time.Sleep(10 * time.Millisecond) {
		h := k.Health()
		if len(h.Errors) > 0 && h.Errors[0].Where == "display" {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("the panel's fault is not told: %+v", h.Errors)
		}
	}
	k.Post(player.DisplayAsked{On: true})
	for end := time.Now().Add(kiosktest.Within); ; time.Sleep(10 * time.Millisecond) {
		if b, _ := os.ReadFile(log); string(b) == "off\non\n" {
			break
		} else if time.Now().After(end) {
			t.Fatalf("the panel heard %q", b)
		}
	}
	cancel()
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func TestTheScreensSizeIsKept(t *testing.T) {
	v, err := demoVault("nhanh", "")
	if err != nil {
		t.Skip(err)
	}
	for note, want := range map[string]image.Point{"1080x1920": {X: 1080, Y: 1920}, "": {}, "0x0": {}, "99999x99999": {}, "big": {}, "1920": {}} {
		if err := v.SaveNote(sizeNote, []byte(note)); err != nil {
			t.Fatal(err)
		}
		if got := lastSize(v); got != want {
			t.Errorf("%q is read as %v", note, got)
		}
	}
	k := NewKiosk(v, screen.Options{}, "test", slog.New(slog.NewTextHandler(io.Discard, nil)))
	k.keepSize(1366, 768)
	if got := lastSize(v); got != image.Pt(1366, 768) {
		t.Errorf("kept %v", got)
	}
}
