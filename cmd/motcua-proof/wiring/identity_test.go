package wiring

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"motcua/kiosk/link"
	"motcua/kiosk/vault"
	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/wire"
)

// A copied disk is a second screen of one identity: the newest is kept, the
// other stops and says why, and staff see it.
func TestCopiedDisk(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server, m *Memory) {
		a := newKiosk(t, m.Dial)
		id := a.pair(s, "", "mot-cua")
		a.start()
		a.await("the manifest", func() bool { return a.shows(s) })
		b := &kiosk{t: t, disk: a.disk.Clone(), changed: make(chan struct{}, 1)}
		b.open(m.Dial)
		t.Cleanup(func() { b.stop(); b.close() })
		b.start()
		a.await("the older to stop", func() bool { return a.is(link.Stopped) })
		if err := <-a.ended; err == nil || slides.Sentence(err, "vi") == "" || link.IsUnpaired(err) {
			t.Errorf("it ended with %v", err)
		}
		a.ended <- nil // for stop
		b.await("the newer", func() bool { return b.is(link.Connected) })
		time.Sleep(10 * time.Minute)
		if !b.is(link.Connected) {
			t.Errorf("the newer went through %v", b.states)
		}
		if n := s.count("motcua_connections_closed_total", "reason=replaced"); n != 1 {
			t.Errorf("counted %v times", n)
		}
		if st := s.kiosk(id.Kiosk); st.Replaced != 1 || !st.Online {
			t.Errorf("staff see %d times, online %v", st.Replaced, st.Online)
		}
		// The stopped one still takes ratings.
		a.rate(1)
		if a.vault.Status().Pending != 1 {
			t.Error("the rating of the stopped screen is not kept")
		}
	})
}

// A reconnect over a line whose death the server has not noticed is no second
// screen; another start of the program, or another disk, is.
func TestReconnectIsNoSecondScreen(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server, m *Memory) {
		r := newRaw(t, s, m.Dial, "mot-cua")
		for i, step := range []struct {
			start    string
			replaced int64
		}{{"a", 0}, {"a", 0}, {"a", 0}, {"b", 1}, {"b", 1}, {"a", 2}} {
			old := r.ws
			r.start = step.start
			r.greet()
			if n := s.kiosk(r.kiosk).Replaced; n != step.replaced {
				t.Errorf("step %d: counted %d times, want %d", i, n, step.replaced)
			}
			if old != nil {
				old.Close()
			}
		}
	})
}

// Two servers over one database: the newest connection wins across them.
func TestSecondServerTakesTheKiosk(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		m1, m2 := NewMemory(0), NewMemory(0)
		s1 := startServer(t, dir, m1)
		s1.furnish()
		startServer(t, dir, m2)
		r := newRaw(t, s1, m1.Dial, "mot-cua")
		r.greet()
		far := *r
		far.ws, far.dial, far.http = nil, m2.Dial, clientOf(m2.Dial)
		far.greet()
		if code, _ := r.closed(); code != wire.CloseReplaced {
			t.Errorf("the first server closed with %d", code)
		}
		// What is done on one server reaches the kiosk on the other.
		r.hang()
		p := s1.publish("Từ máy chủ kia", false)
		for {
			var e *wire.Envelope
			e, err := far.next()
			if err != nil {
				t.Fatal(err)
			}
			if e.Type != wire.TManifest {
				continue
			}
			if got, err := slides.ParseManifest(e.Signed); err != nil {
				t.Fatal(err)
			} else if got.Revision == p.Revision {
				break
			}
		}
		if _, err := s1.store.AddCommand(context.Background(), staff, r.kiosk, wire.Reload, time.Minute); err != nil {
			t.Fatal(err)
		}
		far.read(wire.TCommand, nil)
		far.hang()
	})
}

func TestCommandsAreCarriedOutOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server, m *Memory) {
		ctx := context.Background()
		l := NewLine(m.Dial, 1)
		defer l.Close()
		k := newKiosk(t, l.Dial)
		id := k.pair(s, "", "mot-cua")
		picture := picture(t)
		hold := make(chan struct{})
		k.shot = func(ctx context.Context) ([]byte, error) {
			select {
			case <-hold:
				return picture, nil
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		command := func(v wire.Verb, life time.Duration) wire.Command {
			t.Helper()
			c, err := s.store.AddCommand(ctx, staff, id.Kiosk, v, life)
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		state := func(c wire.Command) string {
			rows, err := s.store.Commands(ctx, id.Kiosk, 100)
			if err != nil {
				t.Fatal(err)
			}
			i := slices.IndexFunc(rows, func(r store.CommandRow) bool { return r.ID == c.ID })
			return rows[i].State
		}
		// Thirty-two wait before it connects: as many as a server keeps.
		var waiting []wire.Command
		for range wire.MaxCommands {
			waiting = append(waiting, command(wire.Reload, time.Hour))
		}
		k.start()
		k.await("all of them", func() bool { return got(k, func() int { return k.reloads }) == len(waiting) })
		for _, c := range waiting {
			k.await("its outcome", func() bool { return state(c) == "done" })
		}
		if n := s.count("motcua_connections_closed_total"); n != 0 {
			t.Errorf("%v connections were closed", n)
		}

		// What staff say to many comes to each, and what became of it is seen.
		batch, err := s.store.AddCommands(ctx, staff, []string{id.Kiosk}, store.Order{Verb: wire.Say, Text: "Quầy 3 tạm nghỉ", For: time.Hour}, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		k.await("the words", func() bool { return got(k, func() string { return k.said.Text }) == "Quầy 3 tạm nghỉ" })
		k.await("what became of them", func() bool {
			b, err := s.store.Batch(ctx, batch)
			return err == nil && len(b.Rows) == 1 && b.Rows[0].State == "done"
		})

		// A screenshot that takes long holds up neither acknowledgements nor content.
		shot := command(wire.TakeScreenshot, time.Hour)
		k.await("its start", func() bool { return state(shot) == "sent" })
		begun := time.Now()
		receipts := []vault.Receipt{k.rate(1)}
		k.await("the rating", k.delivered)
		s.publish("Trong lúc chụp", true)
		k.await("the publication", func() bool { return k.shows(s) })
		if d := time.Since(begun); d > 2*time.Second {
			t.Errorf("they waited %v for a screenshot", d)
		}
		close(hold)
		k.await("the screenshot", func() bool { return state(shot) == "done" })
		if sc, err := s.store.Screenshot(ctx, id.Kiosk); err != nil || sc.Type != "image/png" {
			t.Errorf("%v %v", sc.Type, err)
		}

		// A restart is not done twice, also when its answer was lost.
		restart := command(wire.Restart, time.Hour)
		k.await("the restart", func() bool { return got(k, func() int { return k.restarts }) == 1 })
		k.stop()
		k.close()
		k.open(l.Dial)
		k.start()
		k.await("its outcome", func() bool { return state(restart) == "done" })
		time.Sleep(time.Minute)
		if n := got(k, func() int { return k.restarts }); n != 1 {
			t.Errorf("restarted %d times", n)
		}

		// One that comes too late is not carried out.
		l.Set(Weather{Delay: 20 * time.Second})
		before := got(k, func() int { return k.reloads })
		late := command(wire.Reload, 10*time.Second)
		time.Sleep(5 * time.Minute)
		if n := got(k, func() int { return k.reloads }); n != before || state(late) == "done" {
			t.Errorf("an expired command was carried out (%s)", state(late))
		}
		l.Set(Weather{})
		audit(t, s, id.Kiosk, receipts)
	})
}

func TestClockIsLearnt(t *testing.T) {
	for name, skew := range map[string]time.Duration{"a year behind": 365 * 24 * time.Hour, "a year ahead": -365 * 24 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(2 * 365 * 24 * time.Hour) // so that a year earlier is still this century
				m := NewMemory(0)
				s := startServerAt(t, dir, m, func() time.Time { return time.Now().Add(skew) })
				s.furnish()
				l := NewLine(m.Dial, 1)
				defer l.Close()
				k := newKiosk(t, l.Dial)
				k.pair(s, "", "mot-cua")
				k.start()
				near := func(blur time.Duration) bool {
					return got(k, func() bool { return (k.offset - skew).Abs() <= blur })
				}
				k.await("the time", func() bool { return near(time.Second) })
				if last := k.vault.LastTime(); (time.Until(last.Time()) - skew).Abs() > time.Minute {
					t.Errorf("the vault knows %v", last.Time())
				}
				// A line that becomes slow does not make the clock dance.
				sharp := got(k, func() time.Duration { return k.offset })
				l.Set(Weather{Delay: 300 * time.Millisecond, Jitter: 3 * time.Second})
				time.Sleep(time.Hour)
				if now := got(k, func() time.Duration { return k.offset }); (now - sharp).Abs() > 50*time.Millisecond {
					t.Errorf("the offset went from %v to %v", sharp, now)
				}
				// Nor does a first measure on it mislead by more than half its trip.
				k.stop()
				k.start()
				k.await("the time", func() bool { return near(4 * time.Second) })
			})
		})
	}
}

// A kiosk that moves to another office gets that office's content, and its name,
// while it is connected.
func TestKioskMovesToAnotherOffice(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server, m *Memory) {
		k := newKiosk(t, m.Dial)
		id := k.pair(s, "", "mot-cua")
		k.start()
		k.await("the manifest", func() bool { return k.shows(s) })
		for i, unit := range []string{"so-khac", "mot-cua", "so-khac"} {
			name := "Ki-ốt tầng " + string(rune('1'+i))
			if _, err := s.store.UpdateKiosk(context.Background(), staff, id.Kiosk, store.KioskEdit{Name: name, Unit: unit}); err != nil {
				t.Fatal(err)
			}
			k.await("the content of "+unit, func() bool {
				a := k.vault.Manifests().Active()
				return k.shows(s) && a.UnitID == unit
			})
			k.await("the name", func() bool {
				return got(k, func() bool { return k.settings[len(k.settings)-1].Name == name })
			})
		}
		if f := got(k, func() []string { return k.faults }); len(f) > 0 {
			t.Errorf("faults: %q", f)
		}
		// A start without a server knows its name at once.
		k.stop()
		k.mu.Lock()
		k.settings = nil
		k.mu.Unlock()
		l := NewLine(m.Dial, 1)
		l.Set(Weather{Refuse: true})
		defer l.Close()
		k.close()
		k.open(l.Dial)
		k.start()
		if list := got(k, func() []wire.Settings { return k.settings }); len(list) != 1 || list[0].Name != "Ki-ốt tầng 3" {
			t.Errorf("kept settings: %+v", list)
		}
	})
}
