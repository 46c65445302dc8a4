package wiring

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"motcua/kiosk/link"
	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/dossier"
	"motcua/slides/wire"
)

// desk puts a kiosk at a counter.
func (s *server) desk(kiosk string) {
	s.t.Helper()
	e := store.KioskEdit{Name: "Quầy 1", Unit: "mot-cua", Counter: "quay-1", Lang: "vi", Audience: slides.Public}
	e.Terminal.AtDesk = true
	if _, err := s.store.UpdateKiosk(context.Background(), staff, kiosk, e); err != nil {
		s.t.Fatal(err)
	}
}

// What staff press is on the kiosk's screen within 300 ms, once, with all that
// they said; its answer says that it is shown, or why not; one who is away hears
// nothing later of a citizen who has gone.
func TestInvitationIsOnTheScreenWithin300Milliseconds(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		net := NewMemory(0)
		s := startServer(t, dir, net)
		s.furnish()
		k := newKiosk(t, net.Dial)
		id := k.pair(s, "", "mot-cua").Kiosk
		s.desk(id)
		k.start()
		k.await("the line", func() bool { return k.is(link.Connected) && s.kiosk(id).Online })
		ctx := context.Background()
		state := func(c wire.Command) string {
			list, err := s.store.Commands(ctx, id, 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range list {
				if x.ID == c.ID {
					return x.State
				}
			}
			return ""
		}
		invite := func(from *store.Store, within time.Duration, v wire.Invitation) wire.Command {
			t.Helper()
			before, begun := got(k, func() int { return len(k.invited) }), time.Now()
			c, err := from.Invite(ctx, staff, id, v)
			if err != nil {
				t.Fatal(err)
			}
			k.await("the invitation", func() bool { return got(k, func() int { return len(k.invited) }) == before+1 })
			if d := time.Since(begun); d > within {
				t.Errorf("on the screen after %v", d)
			}
			if last := got(k, func() wire.Command { return k.invited[before] }); last != c {
				t.Errorf("the kiosk heard %+v, staff said %+v", last, c)
			}
			return c
		}
		shown := invite(s.store, 300*time.Millisecond, wire.Invitation{Ticket: "A012", Procedure: "1.000105"})
		k.await("the answer", func() bool { return state(shown) == "done" })

		k.invite = func(wire.Command) error {
			return slides.E(slides.Conflict, "test", "Màn hình đang có người dùng.", "Somebody is using the screen.", nil)
		}
		busy := invite(s.store, 300*time.Millisecond, wire.Invitation{Ticket: "A013"})
		k.await("the refusal", func() bool { return state(busy) == "failed" })

		// Pressed at another server over the same database: by the changes' sequence.
		other, err := store.Open(dir, store.Options{Server: "other"})
		if err != nil {
			t.Fatal(err)
		}
		defer other.Close()
		invite(other, time.Second, wire.Invitation{Ticket: "A014"})

		k.stop()
		k.await("the end of the session", func() bool { return !s.kiosk(id).Online })
		if _, err := s.store.Invite(ctx, staff, id, wire.Invitation{}); slides.KindOf(err) != slides.Conflict {
			t.Errorf("invited on a kiosk that is away: %v", err)
		}
		time.Sleep(time.Minute)
		k.start()
		k.await("the line", func() bool { return k.is(link.Connected) && s.kiosk(id).Online })
		time.Sleep(time.Minute)
		if n := got(k, func() int { return len(k.invited) }); n != 3 {
			t.Errorf("%d invitations reached the kiosk", n)
		}
	})
}

// The codes of dossiers reach the server late, once, whatever the line does; it
// counts which rate again, and neither side's disk has a code in the clear.
func TestDossiersAreCountedOnceAndNowhereInTheClear(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		net := NewMemory(0)
		s := startServer(t, dir, net)
		s.furnish()
		var kiosks []*kiosk
		begun := time.Now()
		for range 2 {
			k := newKiosk(t, net.Dial)
			k.pair(s, "", "mot-cua")
			k.book = dossier.NewBook()
			k.start()
			k.await("the settings", func() bool { return got(k, func() bool { return len(k.settings) > 0 }) })
			kiosks = append(kiosks, k)
		}
		for i, codes := range [][]string{{"H37.12-260320-0001", "H37.12-260320-0002"}, {"H37.12-260320-0002", "H37.12-260320-0003"}} {
			k := kiosks[i]
			for n, code := range codes {
				k.rate(n)
				seal := got(k, func() []byte { return k.settings[len(k.settings)-1].Terminal.Seal })
				if err := got(k, func() error { return k.book.Add(code, seal, slides.At(time.Now())) }); err != nil {
					t.Fatal(err)
				}
				if raw, err := k.book.Bytes(); err != nil || bytes.Contains(raw, []byte(code)) {
					t.Fatalf("the kiosk's book shows a code: %v", err)
				}
			}
		}
		kiosks[0].await("the ratings, long before their dossiers", kiosks[0].delivered)
		count := func() (sum store.DossierMonth) {
			list, err := s.store.DossierMonths(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range list {
				sum.Rated, sum.Again, sum.Unreadable = sum.Rated+m.Rated, sum.Again+m.Again, sum.Unreadable+m.Unreadable
			}
			return sum
		}
		for _, k := range kiosks {
			// A day and a half of heartbeats proves no more than package dossier's own
			// tests of the time do.
			got(k, func() bool {
				if k.book.Due < slides.At(begun.Add(dossier.MinWait)) {
					t.Errorf("due at %v", k.book.Due.Time())
				}
				k.book.Due, k.unheard = slides.At(time.Now()), 2
				return true
			})
			k.await("the answer to the third sending", func() bool {
				return got(k, func() bool { return k.unheard < 0 && k.book.Sent == nil && len(k.book.Waiting) == 0 })
			})
		}
		if sum := count(); sum.Rated != 3 || sum.Again != 1 || sum.Unreadable != 0 {
			t.Errorf("%+v", sum)
		}
		s.stop()
		if err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			b, err := os.ReadFile(path)
			if bytes.Contains(b, []byte("260320")) {
				t.Errorf("%s holds a code", path)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	})
}
