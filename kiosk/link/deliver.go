package link

import (
	"context"
	"time"

	"motcua/kiosk/vault"
	"motcua/slides"
	"motcua/slides/chain"
	"motcua/slides/wire"
)

// ackWithin is how long a batch may stay unanswered before the connection
// counts as broken. The server commits within a second; a busy disk may take more.
const ackWithin = time.Minute

// deliver sends ratings, gaps and plays, one batch at a time, until ctx ends.
// What is not acknowledged stays in the vault for the next connection.
func (s *session) deliver(ctx context.Context) error {
	plays := time.NewTimer(10 * time.Second)
	defer plays.Stop()
	for {
		if err := s.ratings(ctx); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.wake:
		case <-plays.C:
			more, err := s.sendPlays(ctx)
			if err != nil {
				return err
			}
			if more {
				plays.Reset(time.Second)
			} else {
				plays.Reset(wire.HealthEvery)
			}
		}
	}
}

// ratings sends all that every chain has waiting, oldest chain first. A chain
// that the server refuses rests until the next connection: the others go on.
func (s *session) ratings(ctx context.Context) error {
	for _, c := range s.vault.Outbox().Chains() {
		for {
			ok, err := s.batch(ctx, c.Identity.Chain)
			if err != nil {
				return err
			}
			if !ok {
				break
			}
		}
	}
	return nil
}

// batch sends the chain's next batch and waits for its acknowledgement; false
// when there is nothing (more) to send.
func (s *session) batch(ctx context.Context, c chain.ID) (bool, error) {
	b, err := s.vault.Outbox().Unacked(c, 0, wire.MaxBatch, wire.MaxBatchBytes)
	if err != nil {
		s.hooks.Fault("vault", slides.Sentence(err, "vi"))
		return false, nil
	}
	if b.To == 0 {
		return false, nil
	}
	drain(s.acks)
	drain(s.wrong)
	if err := s.sendBatch(ctx, b); err != nil {
		return false, err
	}
	late := time.NewTimer(ackWithin)
	defer late.Stop()
	for {
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case a := <-s.acks:
			if a.Chain == c && a.Seq >= b.To {
				return true, nil
			}
		case p := <-s.wrong:
			// A fault of the server passes: try again on the next connection. What
			// can never pass (a fork, a foreign chain) must not block the others.
			s.log.Warn("batch refused", "chain", c.String(), "kind", string(p.Kind), "from", b.From)
			return false, nil
		case <-late.C:
			return false, slides.E(slides.Broken, "link.batch", "Máy chủ không xác nhận đã nhận đánh giá; sẽ gửi lại.",
				"The server did not acknowledge ratings; they will be sent again.", nil)
		}
	}
}

func (s *session) sendBatch(ctx context.Context, b vault.Batch) error {
	if len(b.Gaps) > 0 {
		return s.send(ctx, wire.TGaps, wire.Gaps{Chain: b.Chain, Gaps: b.Gaps})
	}
	return s.send(ctx, wire.TRatings, wire.Ratings{Chain: b.Chain, Records: b.Records, Head: b.Head})
}

// sendPlays sends one batch of plays; more says that others may wait.
func (s *session) sendPlays(ctx context.Context) (more bool, err error) {
	list, err := s.vault.Plays().Batch(wire.MaxPlays)
	if err != nil {
		s.hooks.Fault("vault", slides.Sentence(err, "vi"))
		return false, nil
	}
	if len(list) == 0 {
		return false, nil
	}
	drain(s.plays)
	if err := s.send(ctx, wire.TPlays, wire.Plays{Disk: s.vault.DiskID(), Plays: list}); err != nil {
		return false, err
	}
	late := time.NewTimer(ackWithin)
	defer late.Stop()
	select {
	case <-ctx.Done():
		return false, ctx.Err()
	case <-late.C:
		return false, nil // plays may wait; ratings must not wait for them
	case last := <-s.plays:
		if err := s.vault.Plays().Ack(last); err != nil {
			s.hooks.Fault("vault", slides.Sentence(err, "vi"))
			return false, nil
		}
		return len(list) == wire.MaxPlays, nil
	}
}

func drain[T any](c chan T) {
	for {
		select {
		case <-c:
		default:
			return
		}
	}
}
