package fleet

import (
	"testing"
	"time"

	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/wire"
)

var vietnam = time.FixedZone("+07", 7*3600)

// at is a moment of Friday, 20 March 2026.
func at(hour, minute int) slides.Millis {
	return slides.At(time.Date(2026, 3, 20, hour, minute, 0, 0, vietnam))
}

func kiosk(change ...func(*store.KioskStatus)) *store.KioskStatus {
	k := &store.KioskStatus{Online: true, Has: "m1", Should: "m1", LastSeen: at(9, 0), Zone: vietnam, Health: &wire.Health{View: "loop"}}
	k.Paired = true
	k.Works.Hours = []slides.Span{{Days: []int{1, 2, 3, 4, 5}, From: "07:30", Until: "11:30"}, {Days: []int{1, 2, 3, 4, 5}, From: "13:30", Until: "17:00"}}
	for _, f := range change {
		f(k)
	}
	return k
}

func away(k *store.KioskStatus)   { k.Online = false }
func behind(k *store.KioskStatus) { k.Has = "m0" }
func bare(k *store.KioskStatus)   { k.Has, k.Should = "", "" }
func loose(k *store.KioskStatus)  { k.Paired = false }
func used(k *store.KioskStatus)   { k.Health.View = "rate" }
func shut(k *store.KioskStatus)   { k.Health.View = "closed" }
func unsaid(k *store.KioskStatus) { k.Health = nil }
func tet(k *store.KioskStatus) {
	k.Days = &slides.Calendar{ID: "x", Days: map[slides.LocalDate]slides.DayKind{"2026-03-20": slides.Holiday}}
}
func always(k *store.KioskStatus) { k.Works.Hours = nil }
func safe(k *store.KioskStatus)   { k.Health.Recovery = &wire.Recovery{Rung: wire.RungSafe} }
func healed(k *store.KioskStatus) { k.Health.Recovery = &wire.Recovery{Reloads: 1} }

func TestState(t *testing.T) {
	day, noon := at(9, 0), at(12, 0)
	for _, c := range []struct {
		name string
		k    *store.KioskStatus
		now  slides.Millis
		want State
	}{
		{"slides", kiosk(), day, Showing},
		{"no report yet", kiosk(unsaid), day, Showing},
		{"a citizen", kiosk(used), day, Serving},
		{"a citizen at noon", kiosk(used), noon, Serving},
		{"noon", kiosk(shut), noon, Closed},
		{"noon, open day and night", kiosk(always), noon, Showing},
		{"switched off at noon", kiosk(away), noon, Closed},
		{"switched off by day", kiosk(away), day, Silent},
		{"away, open day and night", kiosk(away, always), noon, Silent},
		{"away and behind", kiosk(away, behind), day, Silent},
		{"behind", kiosk(behind), day, Loading},
		{"behind at noon", kiosk(behind), noon, Loading},
		{"behind while a citizen rates", kiosk(behind, used), day, Loading},
		{"nothing published", kiosk(bare), day, Waiting},
		{"switched off on a holiday", kiosk(away, tet), day, Closed},
		{"slides on a holiday", kiosk(tet), day, Closed},
		{"safe mode", kiosk(safe), day, Safe},
		{"safe mode and behind", kiosk(safe, behind), day, Safe},
		{"has helped itself", kiosk(healed), day, Showing},
		{"unpaired", kiosk(loose), day, Unpaired},
		{"unpaired and away", kiosk(loose, away), day, Unpaired},
	} {
		if got := Of(c.k, c.now); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestOverdue(t *testing.T) {
	last := func(m slides.Millis) func(*store.KioskStatus) { return func(k *store.KioskStatus) { k.LastSeen = m } }
	paired := func(m slides.Millis) func(*store.KioskStatus) { return func(k *store.KioskStatus) { k.PairedAt = m } }
	for _, c := range []struct {
		name string
		k    *store.KioskStatus
		now  slides.Millis
		want bool
	}{
		{"there", kiosk(), at(9, 0), false},
		{"ten minutes", kiosk(away, last(at(9, 0))), at(9, 10), true},
		{"nearly", kiosk(away, last(at(9, 0))), at(9, 10) - 1, false},
		{"since yesterday, just opened", kiosk(away, last(0)), at(7, 39), false},
		{"since yesterday, open for ten minutes", kiosk(away, last(0)), at(7, 40), true},
		{"at noon", kiosk(away, last(at(9, 0))), at(12, 0), false},
		{"after lunch, just opened", kiosk(away, last(at(11, 0))), at(13, 35), false},
		{"after lunch", kiosk(away, last(at(11, 0))), at(13, 40), true},
		{"unpaired", kiosk(away, loose, last(0)), at(9, 0), false},
		{"paired just now, not here yet", kiosk(away, last(0), paired(at(8, 55))), at(9, 0), false},
		{"at night, open day and night", kiosk(away, always, last(0)), at(3, 0), true},
	} {
		if got := Overdue(c.k, c.now, 10*time.Minute); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestRank(t *testing.T) {
	for i, s := range States {
		if s.Rank() != i {
			t.Errorf("%s has rank %d", s, s.Rank())
		}
	}
	if State("x").Rank() != len(States) {
		t.Error("a state that is none comes first")
	}
}

func TestMarks(t *testing.T) {
	if k := kiosk(func(k *store.KioskStatus) { k.Offset = -61_000 }); !ClockWrong(k) || Trouble(k) {
		t.Error("a clock a minute wrong")
	}
	if ClockWrong(kiosk(func(k *store.KioskStatus) { k.Offset = 60_000 })) {
		t.Error("a minute is not more than a minute")
	}
	if !Trouble(kiosk(safe)) || !Trouble(kiosk(func(k *store.KioskStatus) { k.Missing = 1 })) || Trouble(kiosk(unsaid)) {
		t.Error("trouble")
	}
	k := kiosk(func(k *store.KioskStatus) { k.Health.Errors = []wire.Fault{{Where: "a"}, {Where: "b"}} })
	if f, ok := LastFault(k); !ok || f.Where != "b" {
		t.Error("the newest fault")
	}
	if _, ok := LastFault(kiosk(unsaid)); ok {
		t.Error("a fault of no report")
	}
}
