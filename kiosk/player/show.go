package player

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"motcua/slides"
	"motcua/slides/scene"
)

// Still is a picture that does not change while it is up. Two with one Key look
// the same at the same size.
type Still struct {
	Key     string
	Content string // whose slide it is, for SlideFailed; "" for the player's own screens
	Slide   string
	Logo    string // a picture that may be missing without the screen being skipped
	Film    *Film  // nil: nothing runs on it
	compose func(w, h int, faces *scene.Faces) (*scene.Scene, error)
}

// Compose lays the picture out for a screen of w×h pixels. The error says why a
// slide can't be shown; the player's own screens have none. It may be called
// from any goroutine.
func (s Still) Compose(w, h int, faces *scene.Faces) (out *scene.Scene, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = slides.E(slides.Broken, "player.Compose", "Không dựng được trang này.", "The screen can't be composed.", fmt.Errorf("%v", r))
		}
	}()
	if out, err = s.compose(w, h, faces); err != nil || s.Slide == "" {
		return out, err
	}
	for _, o := range out.Overflows {
		if !strings.HasPrefix(o.Path, "frame.") {
			return nil, slides.E(slides.Invalid, "player.Compose", "Nội dung ở "+o.Path+" dài quá màn hình.", "The text at "+o.Path+" does not fit the screen.", nil)
		}
	}
	return out, nil
}

// Show says what the screen should look like now.
type Show struct {
	Serial  uint64 // sent back with touches
	Still   Still
	Live    Live
	Prepare []Still // likely next, the likeliest first
	View    View
	Focus   bool          // a switch works this screen: what it is on is always seen
	Motion  slides.Motion // from one slide to the next
	Dim     int           // percent of the light taken away (night); Dark: the display should be off
}

// Live is what moves on a still picture.
type Live struct {
	Time     time.Time // corrected, in the unit's zone; zero: no clock is drawn
	Progress float64   // of the slide's time, in [0,1]
	Left     int       // seconds until the screen goes back
	News     []string  // lines of the ticker
	Line     string    // the film's subtitle: whoever plays the film sets it
	Typed    scene.Typed
}

// PageEvery is how long a page of the ticker stays: time to read 8 words aloud twice.
const PageEvery = 6 * time.Second

// Page is the page of the ticker that is up, "" for none. pages are the
// scene's (scene.TickerPages of News). It follows the clock, so that kiosks
// side by side turn together.
func (l Live) Page(pages []string) string {
	if len(pages) == 0 || l.Time.IsZero() {
		return ""
	}
	return pages[int(l.Time.Unix()/int64(PageEvery/time.Second))%len(pages)]
}

// Key tells values of a slot apart: equal ones need no drawing. steps bounds
// the number of positions of the progress bar.
func (l Live) Key(slot string, pages []string, steps int) string {
	switch slot {
	case scene.SlotClock:
		return l.Time.Format("15:04")
	case scene.SlotDate:
		return l.Time.Format(time.DateOnly)
	case scene.SlotTicker:
		return l.Page(pages)
	case scene.SlotProgress:
		return strconv.Itoa(int(l.Progress * float64(steps)))
	case scene.SlotLine:
		return l.Line
	case scene.SlotCountdown:
		return strconv.Itoa(l.Left)
	case scene.SlotTyped:
		return strconv.Itoa(l.Typed.Left) + " " + l.Typed.Text
	}
	return ""
}

// Ops draws a slot's value onto sc.
func (l Live) Ops(sc *scene.Scene, slot string, pages []string) []scene.Op {
	switch slot {
	case scene.SlotClock:
		if !l.Time.IsZero() {
			return sc.ClockOps(l.Time)
		}
	case scene.SlotDate:
		if !l.Time.IsZero() {
			return sc.DateOps(l.Time)
		}
	case scene.SlotTicker:
		return sc.TickerOps(l.Page(pages), 0)
	case scene.SlotProgress:
		return sc.ProgressOps(l.Progress)
	case scene.SlotLine:
		return sc.LineOps(l.Line)
	case scene.SlotCountdown:
		return sc.CountdownOps(l.Left)
	case scene.SlotTyped:
		return sc.TypedOps(l.Typed)
	}
	return nil
}

// Show is the screen of state s.
func (s *State) Show() Show {
	out := Show{Serial: s.Serial, View: s.View, Still: s.still(), Motion: s.Place.Terminal.Motion, Dim: s.dim()}
	out.Focus = s.Place.Terminal.Switch && s.counts()
	if s.Content != nil {
		now := s.Clock.Now()
		out.Live.Time = now.Time().In(s.Content.Zone)
		for _, n := range s.Content.News {
			if n.Slide.ValidAt(now) {
				out.Live.News = append(out.Live.News, n.Line.In(s.Lang))
			}
		}
		if from, until := s.Showing.From, s.Showing.Until; until.After(from) && s.Showing.Slide != "" && s.View != ViewClosed {
			out.Live.Progress = min(max(float64(now.Time().Sub(from))/float64(until.Sub(from)), 0), 1)
		}
	}
	out.Live.Left, _ = s.Left()
	if p, ok := s.page().(writer); ok {
		out.Live.Typed = p.writing().typing()
	}
	out.Prepare = s.prepare()
	return out
}

// still is what stands still on the screen now.
func (s *State) still() Still {
	switch s.View {
	case ViewStarting:
		return s.starting()
	case ViewPairing:
		return s.pairing()
	case ViewClosed:
		return s.announcing(s.closed())
	}
	if p := s.page(); p != nil && p.view() == s.View {
		return p.still(*s)
	}
	return s.slide(s.Content, s.Showing.Slide)
}

// prepare lists what a touch or the schedule brings next.
func (s *State) prepare() []Still {
	if s.Content == nil {
		return nil
	}
	var out []Still
	switch s.View {
	case ViewClosed:
		if len(s.tiles()) > 1 {
			out = append(out, s.greeting().still(*s))
		}
	case ViewLoop:
		switch tiles := s.tiles(); {
		case len(tiles) > 1:
			out = append(out, s.greeting().still(*s))
		case len(tiles) == 1 && tiles[0] == slides.TileRate:
			out = s.likelyRating()
		}
		if next := s.next(); next.Key != "" && next.Key != s.still().Key {
			out = append([]Still{next}, out...)
		}
	default:
		if p := s.page(); p != nil {
			out = p.likely(*s)
		}
	}
	return out
}

// next is the slide after this one.
func (s *State) next() Still {
	if s.Showing.Until.IsZero() {
		return Still{}
	}
	if p := s.Pending; p != nil {
		return s.slide(p, p.Program.At(s.Showing.Until).Slide)
	}
	if s.Showing.Next == "" {
		return Still{}
	}
	return s.slide(s.Content, s.Showing.Next)
}
