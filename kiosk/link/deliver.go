package link

import (
	"context"
	"math/rand/v2"
	"slices"
	"time"

	"motcua/kiosk/vault"
	"motcua/slides"
	"motcua/slides/chain"
	"motcua/slides/wire"
)

// ackWithin is how long a batch may stay unanswered before the connection
// counts as broken. The server commits within a second; a busy disk may take more.
const ackWithin = time.Minute

// A chain that the server refuses is tried again after a while, and ever less
// often: the fault may pass, and the other chains must not wait for it.
const (
	holdBase = 2 * time.Second
	holdMax  = 10 * time.Minute
)

// hold keeps a refused chain back.
type hold struct {
	tries int
	until time.Time
}

// outbox is one of the vault's with the frames that carry it.
type outbox struct {
	*vault.Outbox
	records, gaps wire.Type
}

func (l *Link) outboxes() []outbox {
	return []outbox{{l.vault.Outbox(), wire.TRatings, wire.TGaps}, {l.vault.Letters(), wire.TLetters, wire.TLetterGaps}}
}

// chain finds a chain in whichever outbox has it.
func (l *Link) chain(id chain.ID) (box outbox, state vault.ChainState, ok bool) {
	for _, box = range l.outboxes() {
		all := box.Chains()
		if i := slices.IndexFunc(all, func(c vault.ChainState) bool { return c.Identity.Chain == id }); i >= 0 {
			return box, all[i], true
		}
	}
	return outbox{}, vault.ChainState{}, false
}

// deliver sends ratings, letters and gaps, one batch at a time, until ctx ends. What is
// not acknowledged stays in the vault for the next connection.
func (s *session) deliver(ctx context.Context) error {
	held := map[chain.ID]hold{}
	for {
		next, err := s.sweep(ctx, held)
		if err != nil {
			return err
		}
		wait := time.NewTimer(time.Until(next))
		if next.IsZero() {
			wait.Stop()
		}
		select {
		case <-ctx.Done():
			err = ctx.Err()
		case <-s.wake:
		case <-wait.C:
		}
		wait.Stop()
		if err != nil {
			return err
		}
	}
}

// sweep sends all that every chain has waiting, ratings first, oldest chain
// first; next is when the first chain that is held back is due, or zero.
func (s *session) sweep(ctx context.Context, held map[chain.ID]hold) (next time.Time, err error) {
	for _, box := range s.outboxes() {
		for _, c := range box.Chains() {
			if !s.known[c.Identity.Chain] {
				continue
			}
			due, err := s.drainChain(ctx, box, c.Identity.Chain, held)
			if !due.IsZero() {
				next = sooner(next, due)
			}
			if err != nil {
				return next, err
			}
		}
	}
	return next, nil
}

// drainChain sends all that one chain has waiting; due is when it is tried
// again where it is held back, or zero.
func (s *session) drainChain(ctx context.Context, box outbox, id chain.ID, held map[chain.ID]hold) (due time.Time, err error) {
	h := held[id]
	if time.Now().Before(h.until) {
		return h.until, nil
	}
	for {
		before := s.acked(id)
		sent, ok, err := s.batch(ctx, box, id)
		if err != nil {
			return due, err
		}
		if ok || s.acked(id) > before {
			delete(held, id) // it moves: also a refusal may say from where to go on
			h = hold{}
		}
		if ok || sent && s.acked(id) > before {
			continue
		}
		if sent {
			h.until = time.Now().Add(min(holdMax, holdBase<<min(h.tries, 16)) + rand.N(holdBase))
			h.tries++
			held[id] = h
			return h.until, nil
		}
		return due, nil
	}
}

func sooner(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}

func (s *session) acked(id chain.ID) uint64 {
	_, c, _ := s.chain(id)
	return c.Acked
}

// batch sends the chain's next batch and waits for the answer. sent is false
// when there is nothing to send, ok when all of it was acknowledged.
func (s *session) batch(ctx context.Context, box outbox, c chain.ID) (sent, ok bool, err error) {
	b, err := box.Unacked(c, 0, wire.MaxBatch, wire.MaxBatchBytes)
	if err != nil {
		s.hooks.Fault("vault", slides.Sentence(err, "vi"))
		return true, false, nil // the disk, too, may come back
	}
	if b.To == 0 {
		return false, false, nil
	}
	drain(s.acks)
	drain(s.refused)
	if len(b.Gaps) > 0 {
		err = s.send(ctx, box.gaps, wire.Gaps{Chain: b.Chain, Gaps: b.Gaps})
	} else {
		err = s.send(ctx, box.records, wire.Ratings{Chain: b.Chain, Records: b.Records, Head: b.Head})
	}
	if err != nil {
		return true, false, err
	}
	late := time.NewTimer(ackWithin)
	defer late.Stop()
	for {
		select {
		case <-ctx.Done():
			return true, false, ctx.Err()
		case a := <-s.acks:
			if a.Chain == c && a.Seq >= b.To {
				return true, true, nil
			}
		case p := <-s.refused:
			s.log.Warn("batch refused", "chain", c.String(), "kind", string(p.Kind), "from", b.From)
			return true, false, nil
		case <-late.C:
			return true, false, slides.E(slides.Broken, "link.batch", "Máy chủ không xác nhận đã nhận đánh giá; sẽ gửi lại.",
				"The server did not acknowledge ratings; they will be sent again.", nil)
		}
	}
}

// deliverPlays sends plays beside the ratings, which never wait for them.
func (s *session) deliverPlays(ctx context.Context) error {
	wait := 5*time.Second + rand.N(10*time.Second)
	for {
		if err := sleep(ctx, wait); err != nil {
			return err
		}
		more, err := s.sendPlays(ctx)
		if err != nil {
			return err
		}
		wait = wire.HealthEvery
		if more {
			wait = time.Second
		}
	}
}

// sendPlays sends one batch of plays; more says that others wait.
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
		return false, nil
	case d := <-s.plays:
		if !d.OK {
			return false, nil
		}
		if err := s.vault.Plays().Ack(d.Seq); err != nil {
			s.hooks.Fault("vault", slides.Sentence(err, "vi"))
			return false, nil
		}
		return len(list) == wire.MaxPlays, nil
	}
}

// deliverDossiers sends the sealed codes that are due. The same batch goes out
// again until the server has said that it has it.
func (s *session) deliverDossiers(ctx context.Context) error {
	for s.hooks.Dossiers != nil {
		if err := sleep(ctx, wire.HealthEvery+rand.N(wire.HealthEvery)); err != nil {
			return err
		}
		if b := s.hooks.Dossiers(s.now()); b != nil {
			if err := s.send(ctx, wire.TDossiers, wire.Dossiers{Batch: b.ID, Sealed: b.Sealed}); err != nil {
				return err
			}
		}
	}
	<-ctx.Done()
	return ctx.Err()
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
