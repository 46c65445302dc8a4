package compile

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"motcua/slides"
)

// Kiosk is what decides a kiosk's class.
type Kiosk struct {
	ID       string
	Unit     string
	Audience slides.Audience
	Groups   []string
}

// ClassOf is the class of a kiosk while entries are live. The class of a
// public kiosk without groups that no entry names alone has its unit's id.
func ClassOf(k Kiosk, entries []Entry) Class {
	c := Class{ID: k.Unit, Unit: k.Unit, Audience: k.Audience, Groups: slices.Sorted(slices.Values(k.Groups))}
	for i := range entries {
		if slices.Contains(entries[i].Where.Kiosks, k.ID) {
			c.Kiosk = k.ID
		}
	}
	if c.Audience != slides.Internal && len(c.Groups) == 0 && c.Kiosk == "" {
		return c
	}
	h := sha256.Sum256([]byte(strings.Join(append([]string{string(c.Audience), c.Kiosk}, c.Groups...), "\x00")))
	c.ID += "." + hex.EncodeToString(h[:4])
	return c
}

// path is the unit and all above it; a cycle or unknown parent ends it.
func (s *Snapshot) path(unit string) []string {
	var out []string
	for unit != "" && !slices.Contains(out, unit) {
		u, ok := s.Units[unit]
		if !ok {
			break
		}
		out, unit = append(out, unit), u.Parent
	}
	return out
}

// shows says whether an entry shows on the class's kiosks.
func (s *Snapshot) shows(w *Where, c *Class) bool {
	return w.Names(Kiosk{ID: c.Kiosk, Groups: c.Groups}, s.path(c.Unit))
}
