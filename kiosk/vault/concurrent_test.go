package vault

import (
	"fmt"
	"sync"
	"testing"

	"motcua/slides"
)

// The screen appends and plays, the link sends, acknowledges, fetches and
// publishes, all at once; for the race detector, and nothing is lost.
func TestTogether(t *testing.T) {
	d := NewMemory(64 << 20)
	v := mustOpen(t, d, Options{SegmentSize: minSegment, MaxBlobs: 4000})
	mustPair(t, v, 7)
	c := testIdentity(7).Chain
	const n = 400
	var all sync.WaitGroup
	done := make(chan struct{})
	all.Go(func() {
		defer close(done)
		for i := 1; i <= n; i++ {
			mustAppend(t, v, fmt.Sprint("r", i), 300)
			v.Plays().Add(play(i))
			v.KeepTime(play(i).From, false)
		}
	})
	all.Go(func() {
		for i := range 100 {
			b := fmt.Appendf(nil, "%0200d", i)
			if _, err := v.Manifests().SavePending(manifestBytes(t, "e1", int64(i), b), testSig, "e1"); err != nil {
				t.Error(err)
			}
			if err := v.Blobs().Put(slides.Sum(b), b); err != nil {
				t.Error(err)
			}
			if m, err := v.Manifests().Flip(); err != nil || m.Revision != int64(i) {
				t.Error(err)
			}
			if _, err := v.Blobs().Get(slides.Sum(b)); err != nil {
				t.Error(err)
			}
		}
	})
	names := map[string]bool{}
	all.Go(func() {
		for last := false; ; {
			b, err := v.Outbox().Unacked(c, 0, 64, 1<<20)
			if err != nil {
				t.Error(err)
				return
			}
			for _, r := range b.Records {
				if names[nameOf(r)] {
					t.Errorf("%s came twice", nameOf(r))
				}
				names[nameOf(r)] = true
			}
			if b.To > 0 {
				if err := v.Outbox().Ack(c, b.To); err != nil {
					t.Error(err)
				}
			} else if last {
				return
			}
			v.Status()
			v.Outbox().Head()
			if err := v.Tidy(); err != nil {
				t.Error(err)
			}
			select {
			case <-done:
				last = b.To == 0
			default:
			}
		}
	})
	all.Wait()
	if len(names) != n || v.Outbox().Pending() != 0 {
		t.Fatalf("%d of %d ratings came, %d pending", len(names), n, v.Outbox().Pending())
	}
}
