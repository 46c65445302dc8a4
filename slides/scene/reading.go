package scene

import (
	"cmp"
	"image/color"
	"slices"
)

// Reading lists the targets in reading order: row by row, from left to right.
func (s *Scene) Reading() []Target {
	out := slices.Clone(s.Targets)
	slices.SortStableFunc(out, func(a, b Target) int { return cmp.Compare(a.Rect.Y+a.Rect.H/2, b.Rect.Y+b.Rect.H/2) })
	for from := 0; from < len(out); {
		to := from + 1
		for to < len(out) && out[to].Rect.Y+out[to].Rect.H/2 < out[from].Rect.Bottom() && out[to].Rect.Y < out[from].Rect.Y+out[from].Rect.H/2 {
			to++
		}
		slices.SortStableFunc(out[from:to], func(a, b Target) int { return cmp.Compare(a.Rect.X, b.Rect.X) })
		from = to
	}
	return out
}

// Beside is the target next to list[at] in the direction (dx, dy), one of which
// is 0: to the left or right in the same row, else the nearest above or below;
// -1: there is none.
func Beside(list []Target, at, dx, dy int) int {
	from, least, found := list[at].Rect, float32(0), -1
	for i, t := range list {
		ahead := (t.Rect.X+t.Rect.W/2-from.X-from.W/2)*float32(dx) + (t.Rect.Y+t.Rect.H/2-from.Y-from.H/2)*float32(dy)
		gap := apart(from.X, from.Right(), t.Rect.X, t.Rect.Right())
		inRow := apart(from.Y, from.Bottom(), t.Rect.Y, t.Rect.Bottom()) == 0
		if i == at || ahead <= 0 || dx != 0 && !inRow || dy != 0 && inRow {
			continue
		}
		if dx != 0 {
			gap = 0
		}
		off := t.Rect.X + t.Rect.W/2 - from.X - from.W/2 // of two that lie as far, the one more in line
		if d := ahead + 2*gap + max(off, -off)/8; found < 0 || d < least {
			least, found = d, i
		}
	}
	return found
}

// apart is the distance between two spans; 0 where they share some of it.
func apart(a0, a1, b0, b1 float32) float32 { return max(b0-a1, a0-b1, 0) }

// FocusReach is how far the ring reaches over its target, in design pixels.
const FocusReach = 14

// Focus is the ring around a target that the keyboard or a switch is on: black
// between white, so that it stands out on any ground. unit is pixels a design pixel.
func Focus(t Target, unit float32) []Op {
	ring := func(reach, width float32, col color.NRGBA) Op {
		r := t.Rect
		reach, width = reach*unit, width*unit
		return Stroke{Rect: Rect{r.X - reach, r.Y - reach, r.W + 2*reach, r.H + 2*reach}, Radius: t.Radius + reach, Width: width, Color: col}
	}
	return []Op{
		ring(FocusReach, FocusReach+2, color.NRGBA{255, 255, 255, 255}),
		ring(FocusReach-4, 7, color.NRGBA{0, 0, 0, 255}),
	}
}
