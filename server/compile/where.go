package compile

import "slices"

// Names says whether the place names a kiosk; above are its unit and all units
// above that one.
func (w *Where) Names(k Kiosk, above []string) bool {
	any := func(a, b []string) bool {
		return slices.ContainsFunc(a, func(x string) bool { return slices.Contains(b, x) })
	}
	return w.All || slices.Contains(w.Kiosks, k.ID) || any(w.Groups, k.Groups) || any(w.Units, above)
}
