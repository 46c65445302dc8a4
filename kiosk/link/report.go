package link

import (
	"context"
	"math/rand/v2"
	"time"

	"motcua/slides"
	"motcua/slides/wire"
)

// How soon a manifest just taken is reported: staff look for it, and a whole
// fleet took it in the same second, so each kiosk waits a random part of the
// spread. One that takes over at once is an emergency or a recall, whose
// acknowledgement somebody waits for; the pause lets the screen show it first.
const (
	reportSoon   = 10 * time.Second
	urgentPause  = 500 * time.Millisecond // a flip takes some 160 ms on a slow board
	urgentSpread = 2 * time.Second
	// A screen that still shows the manifest before says so again as soon: until
	// the end of the slide that it is at, or of a citizen's rating.
	reportAgain = 6
)

// report sends health each minute and asks the time every ten. The first report
// comes after a random part of two seconds: a whole building connects at once.
func (s *session) report(ctx context.Context) error {
	const clockEvery = 10
	wait, again := rand.N(2*time.Second), 0
	for n := 0; ; n++ {
		if n%clockEvery == 0 {
			if err := s.askTime(ctx); err != nil {
				return err
			}
		}
		took, err := s.rest(ctx, wait)
		if err != nil {
			return err
		}
		if took {
			again = reportAgain
		}
		h, behind := s.state()
		if err := s.send(ctx, wire.THealth, h); err != nil {
			return err
		}
		wait = wire.HealthEvery*9/10 + rand.N(wire.HealthEvery/5)
		if behind && again > 0 {
			again--
			wait = reportSoon/2 + rand.N(reportSoon/2)
		}
	}
}

// rest sleeps until the next report is due; took is true where a manifest that
// was taken made that sooner.
func (s *session) rest(ctx context.Context, d time.Duration) (took bool, err error) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false, ctx.Err()
	case <-t.C:
		return false, nil
	case <-s.taken:
	}
	soon := rand.N(reportSoon)
	if m := s.vault.Manifests().Newest(); m != nil && m.Flip == slides.AtOnce {
		soon = urgentPause + rand.N(urgentSpread)
	}
	return true, sleep(ctx, min(d, soon))
}

func (s *session) askTime(ctx context.Context) error {
	now := time.Now()
	q := wire.TimeRequest{Sent: slides.At(now)}
	s.mu.Lock()
	clear(s.asked) // an answer that never came is not waited for
	s.asked[q.Sent] = now
	s.mu.Unlock()
	return s.send(ctx, wire.TClock, q)
}

// state is the health report; behind says that the screen still shows what was
// before the newest manifest.
func (s *session) state() (h wire.Health, behind bool) {
	h = s.hooks.Health()
	shown := h.Revision
	st := s.vault.Status()
	h.Pending, h.Letters, h.Full, h.DiskFree, h.Quarantine = st.Pending, st.Letters, st.Full, st.Free, st.Quarantined
	h.Clock, h.Offset = slides.At(time.Now()), s.clock.read().Milliseconds()
	if m := s.vault.Manifests().Newest(); m != nil {
		behind = shown != 0 && shown < m.Revision
		h.Manifest, h.Revision = m.ID, m.Revision
	}
	h.Errors = h.Errors[max(0, len(h.Errors)-wire.MaxFaults):]
	if head, ok := s.vault.Outbox().Head(); ok {
		h.Head = &head
	}
	return h, behind
}
