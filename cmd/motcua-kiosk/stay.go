//go:build !js

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"

	"motcua/kiosk/vault"
	"motcua/slides"
	"motcua/slides/wire"
)

// ladderNote keeps the ladder in the vault.
const ladderNote = "ladder"

// keepWithin bounds the wait for a disk that does not answer: the watcher must
// not stand still with it.
const keepWithin = 2 * time.Second

func loadLadder(v *vault.Vault) ladder {
	var l ladder
	if b := v.Note(ladderNote); b != nil && json.Unmarshal(b, &l) != nil {
		l = ladder{}
	}
	return l.begin(bootID(), slides.At(time.Now()))
}

// bootID names this start of the system; "" where it is not known.
func bootID() string {
	b, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

func saveLadder(v *vault.Vault, l ladder) error {
	b, err := json.Marshal(l)
	if err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() { done <- v.SaveNote(ladderNote, b) }()
	select {
	case err := <-done:
		return err
	case <-time.After(keepWithin):
		return slides.E(slides.Broken, "motcua-kiosk.ladder", "Ổ đĩa không trả lời.", "The disk does not answer.", nil)
	}
}

// stay keeps the kiosk going until ctx ends. After a restart that it asks for it
// does not come back: the program begins anew in the same process.
func (k *Kiosk) stay(ctx context.Context, l ladder, patience time.Duration) error {
	var ready atomic.Bool
	w := &watcher{
		patience: patience, ladder: l, busy: k.busy, do: k.climb,
		look: func(patience time.Duration) string {
			if !ready.Load() && !k.screen.Stats().First.IsZero() {
				ready.Store(true)
				notify(daemon.SdNotifyReady)
			}
			return k.stuck(patience)
		},
		keep: func(l ladder) {
			k.mu.Lock()
			k.ladder = l
			k.mu.Unlock()
			if err := saveLadder(k.vault, l); err != nil {
				k.Fault("vault", err.Error())
			}
		},
		tell: func(state string) {
			if state == daemon.SdNotifyWatchdog {
				state += "\nSTATUS=" + k.status()
			}
			notify(state)
		},
	}
	return w.run(ctx)
}

// notify tells systemd; where there is none, nobody.
func notify(state string) { _, _ = daemon.SdNotify(false, state) }

// status is the line that "systemctl status" shows.
func (k *Kiosk) status() string {
	h := k.Health()
	return fmt.Sprintf("%s %s, %d ratings to send", h.View, h.Slide, h.Pending)
}

// climb carries out a rung of the ladder.
func (k *Kiosk) climb(_ context.Context, r wire.Rung) {
	k.log.Warn("the kiosk stands still", "step", r)
	switch r {
	case wire.RungReload:
		go k.Reload() // it may wait for what stands still
	case wire.RungRestart, wire.RungSafe:
		k.begin()
	}
}

// refit begins anew on a monitor of another size.
func (k *Kiosk) refit() {
	k.log.Warn("the monitor has another size: the program begins anew")
	k.begin()
}

// begin starts the program anew: the same process, so that whoever watches it
// sees no end, without anything of what stood still. Nothing is lost by it that
// a power cut would not lose.
func (k *Kiosk) begin() {
	k.ended(k.vault)
	k.screen.Release()
	again()
	os.Exit(restartStatus)
}

// again is self with the same arguments.
func again() {
	self, err := os.Executable()
	if err != nil || strings.HasSuffix(self, " (deleted)") { // replaced by a newer one
		self = strings.TrimSuffix(self, " (deleted)")
	}
	_ = execSelf(self, os.Args, os.Environ()) // what comes back has failed: the supervisor starts it
}

// ended notes that the program did not fall.
func (k *Kiosk) ended(v *vault.Vault) {
	k.mu.Lock()
	l := k.ladder
	k.mu.Unlock()
	l.Clean = true
	if err := saveLadder(v, l); err != nil {
		k.log.Warn("ladder", "err", err)
	}
	notify(daemon.SdNotifyStopping)
}
