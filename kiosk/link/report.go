package link

import (
	"context"
	"math/rand/v2"
	"time"

	"motcua/slides"
	"motcua/slides/wire"
)

// reportSoon bounds the wait for the report that tells of a manifest just
// taken: staff look for it, and a whole fleet took it in the same second.
const reportSoon = 10 * time.Second

// report sends health each minute and asks the time every ten. The first report
// comes after a random part of two seconds: a whole building connects at once.
func (s *session) report(ctx context.Context) error {
	const clockEvery = 10
	wait := rand.N(2 * time.Second)
	for n := 0; ; n++ {
		if n%clockEvery == 0 {
			if err := s.askTime(ctx); err != nil {
				return err
			}
		}
		if err := s.rest(ctx, wait); err != nil {
			return err
		}
		if err := s.send(ctx, wire.THealth, s.state()); err != nil {
			return err
		}
		wait = wire.HealthEvery*9/10 + rand.N(wire.HealthEvery/5)
	}
}

// rest sleeps until the next report is due.
func (s *session) rest(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	case <-s.taken:
		return sleep(ctx, min(d, rand.N(reportSoon)))
	}
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

// state is the health report.
func (s *session) state() wire.Health {
	h := s.hooks.Health()
	st := s.vault.Status()
	h.Pending, h.Letters, h.Full, h.DiskFree, h.Quarantine = st.Pending, st.Letters, st.Full, st.Free, st.Quarantined
	h.Clock, h.Offset = slides.At(time.Now()), s.clock.read().Milliseconds()
	if m := s.vault.Manifests().Newest(); m != nil {
		h.Manifest, h.Revision = m.ID, m.Revision
	}
	h.Errors = h.Errors[max(0, len(h.Errors)-wire.MaxFaults):]
	if head, ok := s.vault.Outbox().Head(); ok {
		h.Head = &head
	}
	return h
}
