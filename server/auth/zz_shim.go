package auth

import (
	"context"

	"motcua/server/store"
)

func (g *Guard) storeRehash(ctx context.Context, user, old, phc string) error {
	if s, ok := any(g.store).(interface {
		Rehash(context.Context, string, string, string) error
	}); ok {
		return s.Rehash(ctx, user, old, phc)
	}
	return nil
}

func (g *Guard) storeEndSessions(ctx context.Context, a store.Actor, user string) error {
	if s, ok := any(g.store).(interface {
		EndSessions(context.Context, store.Actor, string) error
	}); ok {
		return s.EndSessions(ctx, a, user)
	}
	return nil
}
