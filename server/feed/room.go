// Package feed follows the portals' news (RSS, Atom). It asks each feed when its
// time has come, within limits of size, time and redirects, and only at public
// addresses, checked where the connection is made. What comes is made plain text
// and handed to the store: each item once, as drafts that wait to be approved,
// or live by itself where the unit trusts the feed. Several servers over one
// database share the feeds by leases in the store.
package feed

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"time"

	"motcua/server/limits"
	"motcua/server/store"
	"motcua/slides"
)

const (
	every   = 30 * time.Minute
	maxWait = 24 * time.Hour
	// claimLife outlasts an answer that takes its whole time, and its writing.
	claimLife = 2 * time.Minute
	look      = 5 * time.Second // how often feeds whose time has come are looked for
)

// Options change how feeds are asked.
type Options struct {
	Log *slog.Logger // default: discards
	// Allow says which addresses may be asked; default: public ones. Tests allow
	// their own server.
	Allow func(netip.Addr) bool
}

// Room asks feeds. Static after New.
type Room struct {
	st     *store.Store
	log    *slog.Logger
	client *http.Client
}

// New makes the room.
func New(st *store.Store, o Options) *Room {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Allow == nil {
		o.Allow = limits.Public
	}
	return &Room{st: st, log: o.Log, client: client(o.Allow)}
}

// Run asks feeds until ctx ends.
func (r *Room) Run(ctx context.Context) error {
	t := time.NewTicker(look)
	defer t.Stop()
	for {
		for ctx.Err() == nil {
			if asked, err := r.next(ctx); err != nil && ctx.Err() == nil {
				r.log.Error("feeds", "err", err)
				break
			} else if !asked {
				break
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
	}
}

// next asks one feed whose time has come; false where there is none.
func (r *Room) next(ctx context.Context) (bool, error) {
	f, ok, err := r.st.ClaimFeed(ctx, claimLife)
	if err != nil || !ok {
		return false, err
	}
	a, failed := r.fetch(ctx, f)
	if ctx.Err() != nil {
		return false, nil // the lease runs out by itself
	}
	answer := store.FeedAnswer{ETag: a.etag, Modified: a.modified, Items: a.items, Failed: failed, Wait: max(wait(f.Fails, failed != nil), a.wait)}
	if failed != nil {
		r.log.Info("a feed failed", "feed", f.ID, "err", failed)
	}
	if _, err := r.st.FeedAnswered(ctx, f.ID, answer); slides.KindOf(err) == slides.Conflict {
		return true, nil // its new owner goes on
	} else if err != nil {
		return true, err
	}
	if failed != nil || !f.Trusted {
		return true, nil
	}
	if err := r.st.PublishTrusted(ctx, f.ID); err != nil {
		r.log.Warn("trusted news is not live", "feed", f.ID, "err", err)
		return true, r.st.FeedStuck(ctx, f.ID, err)
	}
	return true, nil
}

// wait is how long until a feed is asked again: doubled with each failure in a
// row, and never in step with others.
func wait(fails int, failed bool) time.Duration {
	d := every
	if failed {
		d = min(maxWait, every<<min(fails, 6))
	}
	return d + time.Duration(rand.Int64N(int64(d/10)))
}
