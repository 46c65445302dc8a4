package player

import (
	"slices"

	domain "motcua/slides"
)

// Dark is a Show's Dim where the display should be off.
const Dark = 100

// display says whether the display should be on: as its hours say, or as staff
// have last asked, until the next change of the hours. Whoever touches a dark
// screen finds it on, and an emergency lights it.
func (n *step) display() {
	if n.Content == nil {
		return
	}
	hours := n.Place.Terminal.Power
	planned := len(hours) == 0 || slices.ContainsFunc(hours, func(s domain.Span) bool { return s.Holds(n.local()) })
	if planned != n.planned {
		n.planned, n.asked = planned, nil
	}
	on := planned
	if n.asked != nil {
		on = *n.asked
	}
	on = on || !n.resting() || n.Showing.Why == domain.ByEmergency
	same := on == !n.off
	if same && (n.told || len(hours) == 0 && n.asked == nil) {
		return // a kiosk without hours leaves its display alone
	}
	n.off, n.told = !on, true
	n.do(Display{On: on})
}

// dim is how much of the picture's light is taken away, percent.
func (s *State) dim() int {
	if s.off {
		return Dark
	}
	if n := s.Place.Terminal.Night; n != nil && s.resting() && n.Holds(s.local()) {
		return 100 - n.Level
	}
	return 0
}
