package main

import (
	"time"

	"motcua/slides"
	"motcua/slides/wire"
)

// Fault notes a fault for the health report and the log; the same one again
// only counts.
func (k *Kiosk) Fault(where, text string) {
	if len(text) > 500 {
		text = text[:500]
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	at := slides.At(time.Now())
	for i, f := range k.faults {
		if f.Where == where && f.Text == text {
			f.At, f.Count = at, f.Count+1
			k.faults = append(append(k.faults[:i:i], k.faults[i+1:]...), f)
			return
		}
	}
	k.log.Warn("fault", "where", where, "text", text)
	k.faults = append(k.faults, wire.Fault{At: at, Where: where, Text: text, Count: 1})
	if n := len(k.faults) - wire.MaxFaults; n > 0 {
		k.faults = k.faults[n:]
	}
}

// Health is the kiosk's state; the link adds the signed head and its clock.
func (k *Kiosk) Health() wire.Health {
	v, s := k.vault.Status(), k.screen.Stats()
	k.mu.Lock()
	defer k.mu.Unlock()
	h := wire.Health{
		Program: k.program, Uptime: time.Since(k.begun).Milliseconds(), Clock: slides.At(time.Now()),
		Offset: k.now.Clock.Offset(), DiskFree: v.Free, Memory: resident(), Frames: s.Frames, Slide: s.Slide,
		View: string(k.now.View), Pending: v.Pending, Letters: v.Letters, Full: v.Full, Quarantine: v.Quarantined,
		Errors: append([]wire.Fault(nil), k.faults...),
	}
	h.Recovery = k.ladder.report(slides.At(time.Now()))
	if !s.SlideSince.IsZero() {
		h.SlideSince = slides.At(s.SlideSince)
	}
	if c := k.now.Content; c != nil {
		h.Manifest, h.Revision = c.ID, c.Manifest.Revision
	}
	return h
}

// Hello is what this kiosk says of itself; the link fills in the rest.
func (k *Kiosk) Hello() wire.Hello {
	s := k.screen.Stats()
	k.mu.Lock()
	defer k.mu.Unlock()
	h := wire.Hello{Version: wire.Version, Program: k.program, Screen: wire.Screen{W: s.W, H: s.H, Lang: k.now.Lang}, Languages: []string{"vi", "en"}}
	return h
}
