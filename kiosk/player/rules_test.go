package player_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"motcua/kiosk/player"
	"motcua/slides"
	"motcua/slides/survey"
)

func TestOneTouchRating(t *testing.T) {
	c := newShelf(t, "nhanh", 2).load(t)
	s := newStage(t, c)
	s.view(player.ViewLoop)
	shown := c.Blob[s.st.Showing.Slide]
	s.touch("")
	s.view(player.ViewRate)
	s.pass(4 * time.Second)
	s.do(player.TimeLearnt{Server: s.now.Wall + 90_000})
	s.touch("rate:5")
	s.view(player.ViewRate) // not thanked: nothing is on the disk yet
	if len(s.saves) != 1 {
		t.Fatalf("%d saves", len(s.saves))
	}
	r := s.saves[0].Rating
	at := s.now.Wall + 90_000
	want := survey.Rating{
		Questionnaire: "nhanh", Version: c.Surveys[0].Version, Unit: c.Manifest.UnitID, Kiosk: "k1", Counter: "quay-2", Channel: survey.AtKiosk, Lang: "vi",
		Hour: survey.HourOf(at, c.Zone), Clock: survey.Synced, Answers: []survey.Answer{{Question: c.Surveys[0].Questions[0].ID, Level: 5}}, Took: 4300, Shown: shown,
	}
	if fmt.Sprint(r) != fmt.Sprint(want) {
		t.Errorf("rating\n%+v, want\n%+v", r, want)
	}
	if m := s.saves[0].Moment; m.At != at || m.Offset != 90_000 {
		t.Errorf("moment %+v", m)
	}
	s.do(player.Saved{ID: s.saves[0].ID})
	s.view(player.ViewThanks)
	s.pass(player.ThanksFor)
	s.view(player.ViewLoop)
}

func TestReasonsAreOptionalAndFollowLowAnswersOnly(t *testing.T) {
	c := newShelf(t, "nhanh", 2).load(t)
	s := newStage(t, c)
	s.touch("", "rate:1")
	s.view(player.ViewReasons)
	tag := "tag:" + c.Surveys[0].Tags[0].ID
	s.touch(tag, "tag:"+c.Surveys[0].Tags[2].ID, tag, "tag:nothing", "send")
	if got := s.saves[0].Rating.Tags; len(got) != 1 || got[0] != c.Surveys[0].Tags[2].ID {
		t.Errorf("tags %v", got)
	}
	s = newStage(t, c)
	s.touch("", "rate:1", tag, "back", "rate:4")
	if len(s.saves) != 1 || s.saves[0].Rating.Tags != nil {
		t.Errorf("a reason stayed with a good answer: %+v", s.saves)
	}
}

func TestFormGoesThroughAllQuestions(t *testing.T) {
	c := newShelf(t, "rutgon", 2).load(t)
	s := newStage(t, c)
	s.touch("", "rate:4", "rate:0", "back", "back", "rate:3", "rate:0")
	for range c.Surveys[0].Questions[2:] {
		s.view(player.ViewForm)
		s.touch("rate:5")
	}
	if s.st.View == player.ViewReasons {
		s.touch("send")
	}
	if len(s.saves) != 1 {
		t.Fatalf("%d saves", len(s.saves))
	}
	a := s.saves[0].Rating.Answers
	if len(a) != len(c.Surveys[0].Questions) || a[0].Level != 3 || a[1].Level != survey.NotApplicable || a[4].Level != 5 {
		t.Errorf("answers %v", a)
	}
}

func TestWalkingAwayKeepsOrDrops(t *testing.T) {
	for _, what := range []survey.OnIdle{survey.Keep, survey.Drop} {
		c := newShelf(t, "rutgon", 2).load(t)
		q := *c.Surveys[0]
		q.OnIdle = what
		c.Surveys = []*survey.Questionnaire{&q}
		s := newStage(t, c)
		s.touch("", "rate:2")
		s.pass(player.IdleAfter - time.Second)
		s.view(player.ViewForm)
		s.pass(time.Second)
		s.view(player.ViewLoop)
		if want := map[survey.OnIdle]int{survey.Keep: 1, survey.Drop: 0}[what]; len(s.saves) != want {
			t.Fatalf("%s: %d saves", what, len(s.saves))
		}
		if what == survey.Keep {
			if !s.saves[0].Rating.Partial {
				t.Error("not marked partial")
			}
			s.do(player.Saved{ID: s.saves[0].ID})
			s.view(player.ViewLoop) // nobody is there to be thanked
		}
	}
}

func TestBounceAndOldTouchesAreIgnored(t *testing.T) {
	c := newShelf(t, "nhanh", 2).load(t)
	s := newStage(t, c)
	s.pass(time.Second)
	serial := s.st.Serial
	s.do(player.Touch{Serial: serial})
	s.view(player.ViewRate)
	s.pass(200 * time.Millisecond)
	s.do(player.Touch{Target: "rate:1", Serial: s.st.Serial}) // the second half of a double touch
	s.pass(time.Second)
	s.do(player.Touch{Target: "rate:1", Serial: serial}) // meant for the slide before
	s.view(player.ViewRate)
	if len(s.saves) != 0 {
		t.Error("a bounce became a rating")
	}
}

func TestMoreTime(t *testing.T) {
	s := newStage(t, newShelf(t, "nhanh", 2).load(t))
	s.touch("", "more-time")
	s.pass(player.MoreTime - time.Second)
	s.view(player.ViewRate)
	s.pass(time.Second)
	s.view(player.ViewLoop)
}

func TestRefusalIsNeverThanked(t *testing.T) {
	s := newStage(t, newShelf(t, "nhanh", 2).load(t))
	s.touch("", "rate:5")
	s.do(player.Refused{ID: 1, Full: true})
	s.view(player.ViewRefused)
	if !s.says("Máy đã hết chỗ lưu") {
		t.Error("the reason is lost")
	}
	s.pass(player.RefusedFor)
	s.view(player.ViewLoop)
	// A disk that answers late: first "can't confirm", then the truth.
	s.touch("", "rate:5")
	s.pass(player.SaveWithin)
	s.view(player.ViewRefused)
	if !s.says("Chưa xác nhận được") {
		t.Error("a rating of unknown fate was called lost")
	}
	s.do(player.Saved{ID: 2})
	s.view(player.ViewThanks)
}

func TestFailedSlidesAreGoneRound(t *testing.T) {
	c := newShelf(t, "nhanh", 3).load(t)
	s := newStage(t, c)
	first := s.st.Showing
	s.do(player.SlideFailed{Content: c.ID, Slide: first.Slide, Text: "broken"})
	if s.st.Showing.Slide != first.Next || !s.st.Showing.Until.Equal(first.Until) {
		t.Fatalf("shows %q until %v", s.st.Showing.Slide, s.st.Showing.Until)
	}
	seen := map[string]bool{}
	for range 60 {
		s.pass(time.Second)
		seen[s.st.Showing.Slide] = true
		if next := s.st.Showing.Next; next == first.Slide {
			t.Fatal("a failed slide is made ready")
		}
	}
	if seen[first.Slide] || len(seen) != 2 {
		t.Errorf("seen %v", seen)
	}
	for id := range c.Slides {
		s.do(player.SlideFailed{Content: c.ID, Slide: id, Text: "broken"})
	}
	if s.st.Showing.Slide != "" || s.st.Show().Still.Key == "" {
		t.Error("nothing left, but not the unit's name")
	}
	reports := 0
	for _, e := range s.done {
		if _, ok := e.(player.Report); ok {
			reports++
		}
	}
	if reports != 4 { // each slide once, and that none is left
		t.Errorf("%d reports", reports)
	}
}

func TestContentTakesOverAtTheBoundaryOrAtOnce(t *testing.T) {
	old, next := newShelf(t, "nhanh", 2), newShelf(t, "rutgon", 3)
	next.manifest.Revision = 2
	a, b := old.load(t), next.load(t)
	s := newStage(t, a)
	s.pass(500 * time.Millisecond)
	s.do(player.ContentReady{Content: b})
	if s.st.Content != a {
		t.Fatal("took over in the middle of a slide")
	}
	s.pass(10 * time.Second)
	if s.st.Content != b {
		t.Fatal("did not take over at the boundary")
	}
	s.do(player.ContentReady{Content: a, Now: true})
	if s.st.Content != a {
		t.Fatal("did not take over at once")
	}
	// A citizen in the middle of a form answers the one that was begun.
	s.touch("", "rate:2")
	s.do(player.ContentReady{Content: b, Now: true})
	s.view(player.ViewReasons)
	s.touch("send")
	if s.saves[0].Rating.Questionnaire != "nhanh" {
		t.Errorf("saved as %s", s.saves[0].Rating.Questionnaire)
	}
}

func TestAnEmergencyTakesTheScreen(t *testing.T) {
	a := newShelf(t, "nhanh", 2)
	e := newShelf(t, "nhanh", 2)
	e.manifest.Revision, e.manifest.Flip = 2, slides.AtOnce
	e.manifest.Schedule[0].Priority = slides.Emergency
	s := newStage(t, a.load(t))
	s.touch("")
	s.do(player.ContentReady{Content: e.load(t)})
	s.view(player.ViewLoop)
	s.touch("") // it may last for days: people may still rate
	s.view(player.ViewRate)
	s.pass(5 * time.Second)
	s.view(player.ViewRate)
}

func TestPlaysAddUp(t *testing.T) {
	s := newStage(t, newShelf(t, "nhanh", 2).load(t))
	s.pass(15 * time.Second)
	s.touch("")
	s.pass(40 * time.Second)
	s.touch("")
	var total, last slides.Millis
	for _, e := range s.done {
		if p, ok := e.(player.Played); ok {
			if p.From < last || p.Until <= p.From || p.Blob == "" {
				t.Errorf("play %+v after %d", p, last)
			}
			last = p.Until
			total += p.Until - p.From
		}
	}
	if total != 15_300+10_300 {
		t.Errorf("plays of %d ms", total)
	}
	// A program that was held up does not make a play longer than the slide stood.
	s = newStage(t, newShelf(t, "nhanh", 2).load(t))
	s.now.Mono += 13 * time.Second
	s.now.Wall += 13_000
	s.do(player.Tick{})
	for _, e := range s.done {
		if p, ok := e.(player.Played); ok && p.Until-p.From != 10_000 {
			t.Errorf("a late tick made a play of %d ms", p.Until-p.From)
		}
	}
}

// Whatever happens, the screen comes back to the slides by itself, nobody is
// thanked without a rating on the disk, and no rating is thanked twice.
func TestNeverStuckNeverFalselyThanked(t *testing.T) {
	contents := []*player.Content{newShelf(t, "nhanh", 3).load(t), newShelf(t, "rutgon", 2).load(t), newShelf(t, "nhanh", 0).load(t), newLibrary(t).load(t)}
	targets := []string{"", "rate:0", "rate:1", "rate:3", "rate:5", "rate:9", "back", "size", "lang:en", "lang:xx", "more-time", "send", "done", "tile:rate", "tile:lookup", "tile:guides", "type", "key:a", "key:clear", "by:unit", "by:field", "group:0", "group:2", "group:9", "from:3", "from:99999", "procedure:8", "procedure:67", "procedure:999", "leaf:1", "leaf:-1", "form:0", "form:9", "qr:body.qr", "slide:faq-lao-dong-nuoc-ngoai", "slide:guide-mot-cua-2025", "slide:x", "useful:yes", "useful:no", "tag:" + contents[0].Surveys[0].Tags[0].ID, "junk"}
	rapid.Check(t, func(rt *rapid.T) {
		s := newStage(t)
		open := map[uint64]bool{} // asked, no answer yet
		var asking time.Duration  // until when the last full rating waits for its answer
		thanked := map[uint64]bool{}
		for range rapid.IntRange(1, 120).Draw(rt, "events") {
			before := s.st.View
			asked := len(s.saves)
			var saved uint64
			switch rapid.IntRange(0, 9).Draw(rt, "what") {
			case 0, 1, 2, 3:
				serial := s.st.Serial
				if rapid.IntRange(0, 5).Draw(rt, "old") == 0 {
					serial--
				}
				s.do(player.Touch{Target: rapid.SampledFrom(targets).Draw(rt, "target"), Serial: serial})
			case 4, 5:
				s.pass(time.Duration(rapid.IntRange(1, 12_000).Draw(rt, "ms")) * time.Millisecond)
			case 6:
				for _, r := range s.saves {
					if open[r.ID] {
						delete(open, r.ID)
						if rapid.Bool().Draw(rt, "saved") {
							saved = r.ID
							s.do(player.Saved{ID: r.ID})
						} else {
							s.do(player.Refused{ID: r.ID, Full: rapid.Bool().Draw(rt, "full")})
						}
						break
					}
				}
			case 7:
				s.do(player.ContentReady{Content: rapid.SampledFrom(contents).Draw(rt, "content"), Now: rapid.Bool().Draw(rt, "now")})
			case 8:
				s.now.Wall += slides.Millis(rapid.Int64Range(-400*86400_000, 400*86400_000).Draw(rt, "jump"))
				if s.now.Wall < 0 {
					s.now.Wall = 1
				}
			case 9:
				if c := s.st.Content; c != nil {
					s.do(player.SlideFailed{Content: c.ID, Slide: rapid.SampledFrom([]string{"a", "b", "c", "x"}).Draw(rt, "slide"), Text: "x"})
				}
			}
			for _, r := range s.saves[asked:] {
				open[r.ID] = true
				if r.Rating.Partial {
					continue
				}
				if s.now.Mono < asking {
					rt.Fatal("a second rating while the first one waits for the disk")
				}
				asking = s.now.Mono + player.SaveWithin
			}
			if s.st.Saving == 0 {
				asking = 0
			}
			if len(s.saves)-asked > 1 {
				rt.Fatalf("%d saves at once", len(s.saves)-asked)
			}
			if s.st.View == player.ViewThanks && before != player.ViewThanks {
				if saved == 0 || thanked[saved] {
					rt.Fatalf("thanked for save %d", saved)
				}
				thanked[saved] = true
			}
			if s.st.Wake() <= 0 || s.st.Wake() > time.Second {
				rt.Fatalf("wakes in %v", s.st.Wake())
			}
			if s.st.Show().Still.Key == "" {
				rt.Fatal("nothing to show")
			}
		}
		if s.st.Content == nil {
			return
		}
		s.pass(player.SaveWithin + player.MoreTime)
		if s.st.View != player.ViewLoop {
			rt.Fatalf("stuck in %s", s.st.View)
		}
	})
}
