package studio

import (
	"strings"

	"motcua/server/auth"
	"motcua/server/store"
	"motcua/slides"
)

// owner finds the unit that a call is about. What belongs to no unit is "".
type owner func(q *request) (unit string, err error)

// anyUnit marks routes that keep to the caller's units themselves: lists, which
// show only those, and forms that name the unit.
var anyUnit owner

// owners say whose a route's object is, by the beginning of its path; the
// longest that fits counts. A route without one here needs its right everywhere.
var owners = map[string]owner{
	"/studio/tokens":              anyUnit,
	"/studio/tokens/{id}":         ofToken,
	"/studio/interface":           anyUnit, // the same for everybody
	"/studio/hooks":               anyUnit,
	"/studio/hooks/{id}":          ofHook,
	"/studio/slides":              anyUnit,
	"/studio/slide-changes":       anyUnit,
	"/studio/new-slide":           anyUnit,
	"/studio/blobs/{sha}":         anyUnit,
	"/studio/media":               anyUnit,
	"/studio/media-pick":          anyUnit,
	"/studio/media/{id}":          ofMedia,
	"/studio/uploads":             anyUnit, // one's own
	"/studio/feeds":               anyUnit,
	"/studio/feeds/{id}":          ofFeed,
	"/studio/feed-items":          anyUnit,
	"/studio/publish":             anyUnit,
	"/studio/submissions":         anyUnit,
	"/studio/submissions/{id}":    ofSubmission,
	"/studio/checks":              anyUnit, // one's own, or of the caller's units
	"/studio/works":               anyUnit,
	"/studio/publications":        anyUnit, // each shows the pieces and kiosks of the caller's units
	"/studio/playlists":           anyUnit,
	"/studio/procedures":          anyUnit,
	"/studio/procedures/settings": wholeOffice,
	"/studio/procedures/{id}":     ofItem(store.ProcedureItem),
	"/studio/postings":            anyUnit, // one register for the house; what hangs is published
	"/studio/schedule":            anyUnit,
	"/studio/calendar":            anyUnit,
	"/studio/emergencies":         anyUnit,
	"/studio/plays":               anyUnit,
	"/studio/emergencies/{id}":    ofEmergency,
	"/studio/workdays":            anyUnit,
	"/studio/workdays/{id}":       ofUnit,
	"/studio/kiosks":              anyUnit,
	"/studio/units":               anyUnit,
	"/studio/statistics":          anyUnit,
	"/studio/statistics/export":   wholeOffice,
	"/studio/slides/{id}":         ofItem(store.SlideItem),
	"/studio/playlists/{id}":      ofItem(store.PlaylistItem),
	"/studio/schedule/{id}":       ofItem(store.EntryItem),
	"/studio/kiosks/{id}":         ofKiosk,
	"/studio/kiosk-copies/{id}":   ofCopy,
	"/studio/alerts":              wholeOffice,
	"/studio/kiosks-chosen":       anyUnit,
	"/studio/kiosk-labels":        anyUnit,
	"/studio/kiosk-orders":        anyUnit,
	"/studio/kiosk-orders/{id}":   ofOrder,
	"/studio/units/{id}":          ofUnit,
	"/studio/letters":             anyUnit,
	"/studio/letters/{id}":        ofLetter,
	"/studio/users":               anyUnit,
	"/studio/users/{id}":          ofUser,

	"/studio/publications/{id}/recall": ofPublication,
	"/studio/publications/{id}/again":  ofPublication,
}

func wholeOffice(*request) (string, error) { return "", nil }

// ownerOf is the owner of a route's objects; ok is false where none is named.
func ownerOf(path string) (o owner, ok bool) {
	best := -1
	for prefix, x := range owners {
		if path == prefix || strings.HasPrefix(path, prefix+"/") {
			if len(prefix) > best {
				best, o, ok = len(prefix), x, true
			}
		}
	}
	return o, ok
}

func ofItem(t store.ItemType) owner {
	return func(q *request) (string, error) {
		i, err := q.Store.Item(q.r.Context(), store.ItemRef{Type: t, ID: q.r.PathValue("id")})
		return i.Unit, err
	}
}

func ofKiosk(q *request) (string, error) {
	k, err := q.Store.Kiosk(q.r.Context(), q.r.PathValue("id"))
	return k.Unit, err
}

func ofUnit(q *request) (string, error) {
	u, _, err := q.unit(q.r.PathValue("id"))
	return u.ID, err
}

func ofLetter(q *request) (string, error) {
	l, err := q.Store.Letter(q.r.Context(), q.r.PathValue("id"))
	return l.Unit, err
}

// ofCopy is the unit of the kiosk that settings were copied from.
func ofCopy(q *request) (string, error) {
	c, err := q.Store.KioskCopy(q.r.Context(), q.r.PathValue("id"))
	if err != nil {
		return "", err
	}
	k, err := q.Store.Kiosk(q.r.Context(), c.Source)
	return k.Unit, err
}

// ofOrder is a unit of the kiosks that a command went to: one in which the
// session may see kiosks, if there is one; the page shows only those.
func ofOrder(q *request) (string, error) {
	b, err := q.Store.Batch(q.r.Context(), q.r.PathValue("id"))
	if err != nil {
		return "", err
	}
	reach, err := q.reach(auth.SeeKiosks)
	unit := ""
	for _, c := range b.Rows {
		k, kerr := q.Store.Kiosk(q.r.Context(), c.Kiosk)
		if kerr != nil {
			return "", kerr
		}
		if unit = k.Unit; reach.In(unit) {
			break
		}
	}
	return unit, err
}

// permit says whether the session may take the route, and what it is about.
func (q *request) permit(rt route) (bool, error) {
	if !q.session.May(rt.right) {
		return false, nil
	}
	if rt.right == auth.Anyone || rt.right == auth.SignedIn {
		return true, nil
	}
	of, ok := ownerOf(strings.TrimSuffix(rt.path, "/{$}"))
	if ok && of == nil {
		return true, nil
	}
	reach, err := q.reach(rt.right)
	if err != nil || reach.Everywhere() {
		return err == nil, err
	}
	unit := ""
	if ok {
		if unit, err = of(q); err != nil {
			if slides.KindOf(err) == slides.NotFound {
				return false, nil // who has no right there learns nothing
			}
			return false, err
		}
	}
	q.about = &unit
	return reach.In(unit) || rt.right == auth.SeeContent && reach.Above(unit), nil
}

// reach is where the session has a right.
func (q *request) reach(r auth.Right) (auth.Reach, error) {
	if err := q.loadTree(); err != nil {
		return auth.Reach{}, err
	}
	return q.session.Reach(r, q.tree), nil
}

func (q *request) loadTree() error {
	if q.tree != nil {
		return nil
	}
	units, err := q.Store.Units(q.r.Context(), 0)
	if err != nil {
		return err
	}
	q.tree = make(map[string]string, len(units))
	for _, u := range units {
		q.tree[u.ID] = u.Parent
	}
	return nil
}

// unitsFor are the units in which the session has a right, parents first.
func (q *request) unitsFor(r auth.Right) ([]store.Unit, error) {
	reach, err := q.reach(r)
	if err != nil {
		return nil, err
	}
	units, err := q.Store.Units(q.r.Context(), 0)
	if err != nil {
		return nil, err
	}
	return keep(units, func(u store.Unit) bool { return reach.In(u.ID) }), nil
}

// kiosksFor are the kiosks of the units in which the session has a right.
func (q *request) kiosksFor(r auth.Right) ([]store.KioskStatus, error) {
	reach, err := q.reach(r)
	if err != nil {
		return nil, err
	}
	kiosks, err := q.Store.Kiosks(q.r.Context(), "")
	if err != nil {
		return nil, err
	}
	return keep(kiosks, func(k store.KioskStatus) bool { return reach.In(k.Unit) }), nil
}

// sees says which content the session may see: its units' own, what comes down
// to them from above, and what belongs to none.
func (q *request) sees() (func(unit string) bool, error) {
	reach, err := q.reach(auth.SeeContent)
	return func(unit string) bool { return reach.In(unit) || reach.Above(unit) || unit == "" && reach.Anywhere() }, err
}

// contentUnits are the units whose content the session may see, nil for all.
func (q *request) contentUnits() ([]string, error) {
	reach, err := q.reach(auth.SeeContent)
	if err != nil || reach.Everywhere() {
		return nil, err
	}
	sees, err := q.sees()
	if err != nil {
		return nil, err
	}
	out := []string{}
	if reach.Anywhere() {
		out = append(out, "")
	}
	for u := range q.tree {
		if sees(u) {
			out = append(out, u)
		}
	}
	return out, nil
}

// mustReach refuses a unit that a form names and in which the session has no right.
func (q *request) mustReach(r auth.Right, unit, path string, p *slides.Problems) error {
	reach, err := q.reach(r)
	if err == nil && !reach.In(unit) {
		p.Add(path, q.words.say("vi", "error.unit"), q.words.say("en", "error.unit"))
	}
	return err
}

func keep[T any](list []T, f func(T) bool) []T {
	out := list[:0:0]
	for _, x := range list {
		if f(x) {
			out = append(out, x)
		}
	}
	return out
}
