//go:build !js

package main

import (
	"context"
	"runtime/debug"
	"time"
)

// breathe is how often memory that is not needed goes back to the system: a
// forced collection of a heap this small takes 20 ms.
const breathe = time.Minute

// tidy keeps the vault in order once an hour and memory small, and tells how
// long the start took.
func (k *Kiosk) tidy(ctx context.Context) error {
	t := time.NewTimer(5 * time.Second)
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
		if n%60 == 0 {
			if err := k.vault.Tidy(); err != nil {
				k.Fault("vault", err.Error())
			}
		}
		t.Reset(breathe)
	}
}
