package player_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"motcua/kiosk/player"
	"motcua/slides"
	"motcua/slides/scene"
)

// close sets the stage's desk opening hours: pairs of from and until, Monday to Friday.
func (s *stage) close(c slides.Closing, hours ...slides.DayTime) {
	p := s.st.Place
	p.Terminal.Closed = c
	for span := range slices.Chunk(hours, 2) {
		p.Terminal.Hours = append(p.Terminal.Hours, slides.Span{Days: []int{1, 2, 3, 4, 5}, From: span[0], Until: span[1]})
	}
	s.do(player.PlaceChanged{Place: p})
}

// until jumps to a local time: both clocks at once, so that it counts as time passed.
func (s *stage) until(local string) {
	s.t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", local, time.FixedZone("+07", 7*3600))
	if err != nil {
		s.t.Fatal(err)
	}
	d := at.Sub(s.st.Clock.Now().Time())
	s.now.Mono += d
	s.now.Wall += slides.Millis(d.Milliseconds())
	s.do(player.Tick{})
}

// said is what a scene says at some line.
func said(t *testing.T, s *stage) []string {
	t.Helper()
	show := s.st.Show()
	sc, err := show.Still.Compose(1920, 1080, faces(t))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, op := range sc.Ops {
		if g, ok := op.(scene.Glyphs); ok {
			out = append(out, g.Text)
		}
	}
	return out
}

func TestClosedSaysWhenItOpens(t *testing.T) {
	c := newShelf(t, "nhanh", 2).load(t)
	for _, x := range []struct{ at, lang, title, next string }{
		{"2026-03-20 17:00", "vi", "Đã hết giờ làm việc", "Mở lại lúc 7:30 sáng thứ Hai, 23/3"},
		{"2026-03-20 12:15", "vi", "Ngoài giờ làm việc", "Mở lại lúc 1:30 chiều nay"},
		{"2026-03-23 06:00", "vi", "Ngoài giờ làm việc", "Mở lại lúc 7:30 sáng nay"},
		{"2026-03-23 20:00", "vi", "Đã hết giờ làm việc", "Mở lại lúc 7:30 sáng mai, thứ Ba, 24/3"},
		{"2026-03-20 17:00", "en", "The desk is closed", "Opens again at 7:30 am on Monday, 23 March"},
		{"2026-03-20 12:15", "en", "The desk is closed now", "Opens again at 1:30 pm today"},
	} {
		s := newStage(t, c)
		s.close(slides.Closing{}, "07:30", "11:30", "13:30", "17:00")
		p := s.st.Place
		p.Lang = x.lang
		s.do(player.PlaceChanged{Place: p})
		s.until(x.at)
		s.view(player.ViewClosed)
		if lines := said(t, s); !slices.Contains(lines, x.title) || !slices.Contains(lines, x.next) {
			t.Errorf("at %s it says %q", x.at, lines)
		}
	}
}

// Whatever the hours, the closed screen is up exactly while the desk is closed,
// and no slide counts as shown then.
func TestClosedExactlyOutsideHours(t *testing.T) {
	c := newShelf(t, "nhanh", 2).load(t)
	at := rapid.IntRange(0, 24*60-1)
	rapid.Check(t, func(rt *rapid.T) {
		s := newStage(t, c)
		p := s.st.Place
		clock := func(m int) slides.DayTime {
			return slides.DayTime(time.Date(2000, 1, 1, 0, m, 0, 0, time.UTC).Format("15:04"))
		}
		for range rapid.IntRange(1, 3).Draw(rt, "spans") {
			from, until := at.Draw(rt, "from"), at.Draw(rt, "until")
			if from != until {
				p.Terminal.Hours = append(p.Terminal.Hours, slides.Span{Days: rapid.SliceOfDistinct(rapid.IntRange(0, 6), rapid.ID).Draw(rt, "days"), From: clock(from), Until: clock(until)})
			}
		}
		s.do(player.PlaceChanged{Place: p})
		for range 40 {
			closed := s.st.View == player.ViewClosed
			shown := len(s.done)
			s.pass(time.Duration(rapid.IntRange(1, 9).Draw(rt, "seconds")) * time.Second)
			d := time.Duration(rapid.IntRange(0, 300).Draw(rt, "minutes")) * time.Minute
			s.now.Mono += d
			s.now.Wall += slides.Millis(d.Milliseconds())
			s.do(player.Tick{})
			open, _ := p.Terminal.Open(s.st.Clock.Now().Time().In(c.Zone))
			if open != (s.st.View == player.ViewLoop) || open == (s.st.View == player.ViewClosed) {
				rt.Fatalf("open %v, view %s", open, s.st.View)
			}
			if closed && !open {
				for _, e := range s.done[shown:] {
					if e, ok := e.(player.Played); ok && e.From > s.st.Clock.Now()-slides.Millis(d.Milliseconds()) {
						rt.Fatalf("a slide played while closed: %+v", e)
					}
				}
			}
		}
	})
}

func TestClosedCanBeTouched(t *testing.T) {
	s := newStage(t, newShelf(t, "nhanh", 2).load(t))
	s.close(slides.Closing{}, "07:30", "17:00")
	s.until("2026-03-20 16:59")
	s.done = nil
	old := s.st.Serial
	s.pass(2 * time.Hour)
	s.do(player.Touch{Serial: old}) // meant for the slide
	s.view(player.ViewClosed)
	end := slides.At(time.Date(2026, 3, 20, 10, 0, 1, 0, time.UTC)) // 17:00:01 there
	var last slides.Millis
	for _, e := range s.done {
		if e, ok := e.(player.Played); ok {
			last = max(last, e.Until)
		}
	}
	if last > end || last < end-2000 {
		t.Errorf("the last slide played until %v", last.Time())
	}
	s.view(player.ViewClosed)
	s.touch("")
	s.view(player.ViewRate)
	s.touch("rate:5")
	s.do(player.Saved{ID: s.saves[0].ID})
	s.view(player.ViewThanks)
	s.pass(player.ThanksFor)
	s.view(player.ViewClosed)
	s.until("2026-03-23 07:30")
	s.view(player.ViewLoop)
}

func TestDisplayFollowsItsHours(t *testing.T) {
	s := newStage(t, newShelf(t, "nhanh", 2).load(t))
	shown := func(want string) {
		t.Helper()
		got := ""
		for _, e := range s.done {
			if e, ok := e.(player.Display); ok {
				got += map[bool]string{true: "on ", false: "off "}[e.On]
			}
		}
		s.done = nil
		if got != want {
			t.Errorf("at %s: %q, want %q", s.st.Clock.Now().Time().In(time.FixedZone("", 7*3600)), got, want)
		}
	}
	shown("") // without hours it is left alone
	p := s.st.Place
	p.Terminal.Power = []slides.Span{{From: "06:00", Until: "20:00"}}
	p.Terminal.Night = &slides.Night{Span: slides.Span{From: "18:00", Until: "06:00"}, Level: 30}
	s.do(player.PlaceChanged{Place: p})
	shown("on ") // said once: it may have been left off by an earlier run
	if d := s.st.Show(); d.Dim != 0 {
		t.Errorf("dim %d by day", d.Dim)
	}
	s.until("2026-03-20 19:00")
	if d := s.st.Show(); d.Dim != 70 {
		t.Errorf("dim %d at night", d.Dim)
	}
	s.until("2026-03-20 20:00")
	shown("off ")
	if d := s.st.Show(); d.Dim != player.Dark {
		t.Errorf("dim %d with the display off", d.Dim)
	}
	s.touch("") // whoever comes finds it on, and bright
	shown("on ")
	if d := s.st.Show(); d.Dim != 0 {
		t.Errorf("dim %d under a finger", d.Dim)
	}
	s.touch("back")
	shown("off ")
	s.do(player.DisplayAsked{On: true})
	shown("on ")
	s.until("2026-03-21 05:00")
	shown("")
	s.until("2026-03-21 06:00") // the hours' turn again
	s.until("2026-03-21 20:00")
	shown("off ")
	s.do(player.DisplayAsked{On: false})
	s.until("2026-03-22 06:00")
	shown("on ")
}
