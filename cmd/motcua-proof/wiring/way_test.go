package wiring

import (
	"testing"
	"testing/synctest"
	"time"

	"motcua/kiosk/link"
	"motcua/kiosk/vault"
)

// The whole way, in a bubble: pair, connect, show, publish, rate, acknowledge.
func TestTheWayOfASlideAndOfARating(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		net := NewMemory(0)
		s := startServer(t, dir, net)
		s.furnish()
		k := newKiosk(t, net.Dial)
		id := k.pair(s, "", "mot-cua")
		k.start()
		k.await("the first manifest", func() bool { return k.shows(s) })

		s.publish("Công khai, minh bạch", false)
		begun := time.Now()
		k.await("the publication", func() bool { return k.shows(s) })
		if d := time.Since(begun); d > time.Second {
			t.Errorf("an inlined slide took %v: it was fetched", d)
		}
		var receipts []vault.Receipt
		for n := range 200 {
			receipts = append(receipts, k.rate(n))
		}
		k.await("delivery", k.delivered)
		audit(t, s, id.Kiosk, receipts)
		if !k.is(link.Connected) {
			t.Error("not connected any more")
		}
		begun = time.Now()
		k.await("the report of what it has", func() bool {
			st := s.kiosk(id.Kiosk)
			return st.Online && st.Has == st.Should
		})
		if d := time.Since(begun); d > 15*time.Second {
			t.Errorf("staff saw it after %v", d)
		}
	})
}
