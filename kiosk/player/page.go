package player

import (
	"slices"
	"time"
)

// page is one of the citizen's screens that lie over the slides: what it shows
// and what its targets mean. Pages are values: a touch that changes one puts
// another in its place (step.replace). They lie on a stack, so that "back"
// always undoes the last step and never loses what lies below.
type page interface {
	// view names the page in health reports and in Show.
	view() View
	// still is the page's picture, made with State.screen.
	still(s State) Still
	// touch carries out target "name:arg". The row of controls at the foot
	// (back, size, lang, more-time) is not the page's business.
	touch(n *step, name, arg string)
	// likely lists the pictures that a touch may bring, the likeliest first.
	likely(s State) []Still
}

// typer is a page that takes what is typed.
type typer interface {
	typed(n *step, k Key)
}

// holder is a page on which a long touch means something else than a short one;
// false: this one does not.
type holder interface {
	held(n *step, name, arg string) bool
}

// stepper is a page whose "back" is not simply to leave it.
type stepper interface{ back(n *step) }

// leaver is a page that holds what may have to be kept when the citizen walks away.
type leaver interface{ left(n *step) }

// patient is a page that waits for its next touch for another time than IdleAfter.
type patient interface{ patience() time.Duration }

// ending is a last page: touches do not make it stay longer.
type ending interface{ closing() }

// page is the one on top; nil where none lies over the slides.
func (s *State) page() page {
	if len(s.pages) == 0 {
		return nil
	}
	return s.pages[len(s.pages)-1]
}

// open lays p over what is there.
func (n *step) open(p page) {
	n.pages = append(slices.Clip(n.pages), p)
	n.enter(p.view(), n.idleLeft())
}

// replace puts p in the place of the page on top. Where its targets mean the
// same as before (a letter was typed, a mark set) the screen goes on without
// waiting for a bounce; another view waits.
func (n *step) replace(p page) {
	was := n.page().view()
	n.pages = append(slices.Clip(n.pages[:len(n.pages)-1]), p)
	if p.view() != was {
		n.enter(p.view(), n.idleLeft())
	}
}

// turn is replace for a page whose targets mean something else now though the
// view is the same: the next question, the next leaf of a list.
func (n *step) turn(p page) {
	n.replace(p)
	n.enter(p.view(), n.idleLeft())
}

// leave takes the page on top away; below the last one are the slides.
func (n *step) leave() {
	if len(n.pages) <= 1 {
		n.home()
		return
	}
	n.pages = slices.Clip(n.pages[:len(n.pages)-1])
	n.enter(n.page().view(), n.idleLeft())
}
