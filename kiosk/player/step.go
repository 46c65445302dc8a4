package player

import (
	"fmt"
	"maps"
	"slices"
	"time"

	domain "motcua/slides"
)

// Next is what follows from e at now. Moments must not run backwards on the
// monotonic clock; the wall clock may do as it likes.
func Next(s State, now Now, e Event) (State, []Effect) {
	n := step{State: s, effects: nil}
	n.now = max(now.Mono, n.now)
	n.Clock = n.Clock.Tick(Now{Mono: n.now, Wall: now.Wall})
	if e, ok := e.(TimeLearnt); ok {
		n.Clock = n.Clock.Learn(Now{Mono: n.now, Wall: now.Wall}, e.Server)
		n.keepTime()
	}
	n.timers()
	switch e := e.(type) {
	case Touch:
		n.touch(e)
	case Held:
		n.held(e)
	case Key:
		n.key(e)
	case Spoken:
		if e.Blob == n.speaking {
			n.speaking = ""
		}
	case Saved:
		if n.savedLetter {
			n.outcome(e.ID, ReceiptFor, receipt{n.saved, e.Receipt})
		} else {
			n.outcome(e.ID, ThanksFor, thanks{n.saved})
		}
	case Refused:
		n.outcome(e.ID, RefusedFor, refusal{content: n.saved, full: e.Full, letter: n.savedLetter})
	case PassMade:
		n.passMade(e)
	case ContentReady:
		n.ready(e)
	case PlaceChanged:
		n.place(e.Place)
	case PairingChanged:
		n.Pairing = e.Pairing
		n.rise()
	case NoticeChanged:
		n.Notice = e.Notice
		n.rise()
	case Announced:
		n.announce(e)
	case DisplayAsked:
		n.asked = &e.On
	case DossiersKnown:
		n.Dossiers = e.Known
	case Invited:
		n.invited(e)
	case SlideFailed:
		n.failed(e)
	}
	n.settle()
	n.heard()
	n.display()
	return n.State, n.effects
}

// step is one run of Next.
type step struct {
	State
	effects []Effect
}

func (n *step) do(e Effect) { n.effects = append(n.effects, e) }

// rise marks that the screen's meaning has changed: older touches are void.
func (n *step) rise() {
	n.Serial++
	n.changed = n.now
}

func (n *step) enter(v View, stay time.Duration) {
	if v != n.View && n.View == ViewLoop {
		n.endPlay()
	}
	n.View = v
	n.deadline = n.now + stay
	n.rise()
}

// timers ends what has lasted long enough.
func (n *step) timers() {
	if n.Saving != 0 {
		if n.now-n.saveBegun >= SaveWithin {
			n.unsure, n.Saving = n.Saving, 0
			n.end(refusal{content: n.saved, unsure: true, letter: n.savedLetter}, RefusedFor)
		}
		return // the answer is out of the citizen's hands: no idle time runs
	}
	if n.counts() && n.now >= n.deadline {
		n.walkedAway()
	}
	n.freshPass()
	if n.announced.Text != "" && n.Clock.Now() >= n.announced.Until {
		n.announce(Announced{})
	}
	if n.now-n.keptTime >= keepTimeEvery || !n.haveKept {
		n.keepTime()
	}
}

func (n *step) keepTime() {
	n.keptTime, n.haveKept = n.now, true
	n.do(KeepTime{Known: n.Clock.Now(), Learnt: n.Clock.Learnt(), Offset: n.Clock.Offset()})
}

// walkedAway lets the pages keep what must not be lost and goes back to the slides.
func (n *step) walkedAway() {
	for _, p := range n.pages {
		if p, ok := p.(leaver); ok {
			p.left(n)
		}
	}
	n.home()
}

// home goes back to the slides; the next citizen finds the first language and size.
func (n *step) home() {
	n.pages, n.inviting = nil, false
	n.Lang, n.Size, n.Contrast, n.Low = n.firstLang(), 0, false, false
	n.enter(ViewLoop, 0)
	if n.Pending != nil { // coming back is a boundary too
		n.activate()
	}
}

// touch carries out what the target under a finger means.
func (n *step) touch(e Touch) {
	if e.Serial != n.Serial || n.now-n.changed < Debounce || n.Saving != 0 {
		return
	}
	n.linger()
	switch name, arg := cut(e.Target); name {
	case "lang":
		if n.counts() && slices.Contains(n.Content.languages(n.firstLang()), arg) {
			n.Lang = arg
			n.rise()
		}
	case "size":
		if n.counts() {
			n.Size = (n.Size + 1) % len(scales)
			n.rise()
		}
	case "access":
		if _, ok := n.page().(access); n.counts() && !ok {
			n.open(access{n.Content})
		}
	case "listen":
		n.listen()
	case "more-time":
		if n.counts() {
			n.deadline = n.now + MoreTime
		}
	case "back":
		n.back()
	default:
		switch p := n.page(); {
		case n.View == ViewLoop && name == "qr" && n.openCode(n.Content, n.Showing.Slide, arg, usefulSlide(n.Content, n.Showing.Slide)):
		case n.resting():
			n.wake()
		case p != nil && p.view() == n.View:
			p.touch(n, name, arg)
		}
	}
}

// held is a touch that lasts: where it means something, lifting the finger does not.
func (n *step) held(e Held) {
	p, ok := n.page().(holder)
	if !ok || n.page().view() != n.View || e.Serial != n.Serial || n.now-n.changed < Debounce || n.Saving != 0 {
		return
	}
	n.linger()
	name, arg := cut(e.Target)
	if p.held(n, name, arg) {
		n.rise()
	}
}

// key is what is typed: it wakes the screen, then belongs to the page on top.
func (n *step) key(k Key) {
	if n.Saving != 0 {
		return
	}
	if n.resting() {
		n.wake()
		switch p := n.page().(type) { // a scan at the resting screen: its first letter counts
		case whichDossier:
			p.typed(n, k)
		case home:
			p.typed(n, k)
		}
		return
	}
	n.linger()
	if k == (Key{}) {
		return
	}
	if p, ok := n.page().(typer); ok && n.page().view() == n.View {
		p.typed(n, k)
	}
}

// back undoes the last step.
func (n *step) back() {
	if p, ok := n.page().(stepper); ok {
		p.back(n)
	} else if len(n.pages) > 0 {
		n.leave()
	}
}

// linger lets the screen wait on: somebody is there. A last page ends in its time.
func (n *step) linger() {
	n.inviting = false
	if _, ok := n.page().(ending); !ok && n.counts() {
		n.deadline = max(n.deadline, n.now+n.patience())
	}
}

// idleLeft is how long a view that follows a touch may stay: the idle time, or
// what is left of the time asked for.
func (n *step) idleLeft() time.Duration { return max(n.patience(), n.deadline-n.now) }

// patience is how long the page on top waits for a touch.
func (n *step) patience() time.Duration {
	if p, ok := n.page().(patient); ok {
		return p.patience()
	}
	return IdleAfter
}

func (n *step) ready(e ContentReady) {
	if e.Content == nil {
		return
	}
	n.Pending = e.Content
	n.pendingNow = e.Now || e.Content.Manifest.Flip == domain.AtOnce
	n.Clock = n.Clock.Floor(e.Content.Manifest.Issued)
}

func (n *step) place(p Place) {
	first := n.firstLang()
	n.Place = p
	if n.Lang == first {
		n.Lang = n.firstLang()
	}
	n.rise()
}

func (n *step) failed(e SlideFailed) {
	if n.Content == nil || e.Content != n.Content.ID || n.Failed[e.Slide] {
		return
	}
	n.Failed = maps.Clone(n.Failed)
	if n.Failed == nil {
		n.Failed = map[string]bool{}
	}
	n.Failed[e.Slide] = true
	n.do(Report{Fault{"slide:" + e.Slide, e.Text}})
	n.Showing.Until = time.Time{} // ask again
}

// activate makes the pending content the active one.
func (n *step) activate() {
	n.endPlay()
	n.Content, n.Pending, n.pendingNow = n.Pending, nil, false
	n.Failed, n.reportedAll = nil, false
	n.Showing = domain.Showing{}
	n.do(Activated{n.Content.ID})
	if n.resting() {
		n.rise()
	}
}

// settle brings view and slide in line with the moment.
func (n *step) settle() {
	t := n.Clock.Now().Time()
	before := n.Showing.Why
	if n.Pending != nil && (n.Content == nil || n.pendingNow || n.Showing.Until.IsZero() || !t.Before(n.Showing.Until)) {
		n.activate()
	}
	if n.Content == nil {
		v := ViewStarting
		if n.Pairing != nil {
			v = ViewPairing
		}
		if v != n.View {
			n.enter(v, 0)
		}
		return
	}
	if n.View == ViewStarting || n.View == ViewPairing {
		n.enter(ViewLoop, 0)
	}
	if n.Showing.Until.IsZero() || !t.Before(n.Showing.Until) || t.Before(n.Showing.From) {
		n.look(t)
	}
	// An emergency takes the screen from whoever holds it, once: afterwards people may rate again.
	if n.Showing.Why == domain.ByEmergency && before != domain.ByEmergency && n.View != ViewLoop && n.Saving == 0 {
		n.walkedAway()
		n.look(t)
	}
	n.hours()
	if n.View == ViewLoop && n.shownSince == 0 && n.Showing.Slide != "" {
		n.shownSince = n.Clock.Now()
	}
}

// look asks the program what shows at t and goes round slides that failed.
func (n *step) look(t time.Time) {
	next := n.Content.at(t, n.Failed)
	if next.Slide != n.Showing.Slide || next.Entry != n.Showing.Entry || !next.From.Equal(n.Showing.From) {
		n.endPlay()
	}
	n.Showing = next
	if next.Slide == "" && len(n.Failed) > 0 && !n.reportedAll {
		n.reportedAll = true
		n.do(Report{Fault{"screen", fmt.Sprintf("none of the slides on the air can be drawn (%d failed)", len(n.Failed))}})
	}
}

// endPlay notes the play of the slide that leaves the screen.
func (n *step) endPlay() {
	if n.shownSince == 0 || n.Content == nil {
		return
	}
	until := n.Clock.Now()
	if end := domain.At(n.Showing.Until); !n.Showing.Until.IsZero() && end > n.shownSince {
		until = min(until, end) // a late tick does not lengthen a play
	}
	if until > n.shownSince && n.Showing.Slide != "" {
		n.do(Played{Slide: n.Showing.Slide, Blob: n.Content.Blob[n.Showing.Slide], From: n.shownSince, Until: until})
	}
	n.shownSince = 0
}

// maxSkips bounds the search for a slide that can be drawn.
const maxSkips = 64

// at is the program's answer with failed slides gone round: the next slide of
// the loop that can be drawn shows in the failed one's place and time.
func (c *Content) at(t time.Time, failed map[string]bool) domain.Showing {
	out := c.Program.At(t)
	if out.Next != "" && failed[out.Next] {
		out.Next = c.after(out.Until, failed).Slide
	}
	if out.Slide != "" && failed[out.Slide] {
		out.Slide = c.after(out.Until, failed).Slide
		if out.Slide == "" {
			out.Why = domain.ByNone
		}
	}
	return out
}

// after is the first showing from t on whose slide can be drawn.
func (c *Content) after(t time.Time, failed map[string]bool) domain.Showing {
	for range maxSkips {
		s := c.Program.At(t)
		if s.Slide == "" || !failed[s.Slide] {
			return s
		}
		t = s.Until
	}
	return domain.Showing{}
}
