//go:build !js

package main

import (
	"context"
	"runtime/debug"
	"time"
)

// tidy keeps the vault in order and tells how long the start took.
func (k *Kiosk) tidy(ctx context.Context) error {
	t := time.NewTimer(5 * time.Second)
	defer t.Stop()
	told := false
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
		if first := k.screen.Stats().FirstSlide; !told && !first.IsZero() {
			told = true
			k.log.Debug("started", "first_slide_ms", first.Sub(k.begun).Milliseconds(), "memory", resident())
		}
		debug.FreeOSMemory() // what starting and loading took and is not needed any more
		if err := k.vault.Tidy(); err != nil {
			k.Fault("vault", err.Error())
		}
		t.Reset(time.Hour)
	}
}
