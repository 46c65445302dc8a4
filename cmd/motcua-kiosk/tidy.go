//go:build !js

package main

import (
	"context"
	"fmt"
	"image"
	"runtime/debug"
	"time"

	"motcua/kiosk/vault"
)

// sizeNote keeps the screen's size for the next start.
const sizeNote = "screen"

// lastSize is the picture's size in the last run, as far as it can be believed.
func lastSize(v *vault.Vault) (p image.Point) {
	if _, err := fmt.Sscanf(string(v.Note(sizeNote)), "%dx%d", &p.X, &p.Y); err != nil || p.X < 160 || p.Y < 160 || p.X > 16384 || p.Y > 16384 {
		return image.Point{}
	}
	return p
}

// keepSize notes a new size.
func (k *Kiosk) keepSize(w, h int) {
	if (image.Point{X: w, Y: h}) == lastSize(k.vault) {
		return
	}
	if err := k.vault.SaveNote(sizeNote, fmt.Appendf(nil, "%dx%d", w, h)); err != nil {
		k.Fault("vault", err.Error())
	}
}

// breathe is how often memory that is not needed goes back to the system: a
// forced collection of a heap this small takes 20 ms.
const breathe = time.Minute

// tidy keeps the vault in order once an hour and memory small, and tells how
// long the start took.
func (k *Kiosk) tidy(ctx context.Context) error {
	// The first breath is soon: by then the shaders are compiled, and their
	// compiler is a third of all memory. The vault can wait until the start is over.
	t := time.NewTimer(2 * time.Second)
	defer t.Stop()
	told := false
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
		if first := k.screen.Stats().FirstSlide; !told && !first.IsZero() {
			told = true
			k.log.Debug("started", "first_slide_ms", first.Sub(k.begun).Milliseconds(), "memory", resident())
		}
		debug.FreeOSMemory()
		if err := forgetCode(); err != nil {
			k.log.Debug("memory", "err", err)
		}
		if n%60 == 1 {
			if err := k.vault.Tidy(); err != nil {
				k.Fault("vault", err.Error())
			}
		}
		if n == 0 {
			t.Reset(3 * time.Second)
		} else {
			t.Reset(breathe)
		}
	}
}
