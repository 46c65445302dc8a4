package main

import (
	"context"
	"sync"

	"motcua/kiosk/player"
	"motcua/slides"
	"motcua/slides/wire"
)

// invitations wait for the player to say whether the question is on the screen.
type invitations struct {
	mu      sync.Mutex
	waiting map[string]chan slides.Text // guarded by mu; by command
}

func (v *invitations) answered(a player.InviteAnswered) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if c := v.waiting[a.ID]; c != nil {
		c <- a.Why // has room for the only answer
		delete(v.waiting, a.ID)
	}
}

// Invite asks the citizen at the desk to rate, and returns when the question is
// on the screen, or why it is not.
func (k *Kiosk) Invite(ctx context.Context, c wire.Command) error {
	const op = "kiosk.Invite"
	answer := make(chan slides.Text, 1)
	k.desk.mu.Lock()
	if k.desk.waiting == nil {
		k.desk.waiting = map[string]chan slides.Text{}
	}
	k.desk.waiting[c.ID] = answer
	k.desk.mu.Unlock()
	k.Post(player.Invited{ID: c.ID, Ticket: c.Ticket, Procedure: c.Procedure, Officer: c.Officer})
	select {
	case why := <-answer:
		if why != nil {
			return slides.E(slides.Conflict, op, why.In("vi"), why.In("en"), nil)
		}
		return nil
	case <-ctx.Done():
		k.desk.mu.Lock()
		delete(k.desk.waiting, c.ID)
		k.desk.mu.Unlock()
		return slides.E(slides.Broken, op, "Ki-ốt không trả lời kịp.", "The kiosk did not answer in time.", ctx.Err())
	}
}
