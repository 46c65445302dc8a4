package studio

import (
	"strings"

	"motcua/server/store"
	"motcua/slides"
)

// deed is one of the last things that somebody did, with what it was done to as
// people know it.
type deed struct {
	store.AuditRow
	What, Link string // "": the verb says it all
}

// deeds names what the rows of the audit log are about.
func (q *request) deeds(rows []store.AuditRow) ([]deed, error) {
	var out []deed
	for _, r := range rows {
		d := deed{AuditRow: r}
		var err error
		if d.What, d.Link, err = q.known(r.Object); err != nil && slides.KindOf(err) != slides.NotFound {
			return nil, err
		}
		out = append(out, d)
	}
	return out, nil
}

// known is the name and the page of what the audit log calls "kind:id"; NotFound,
// or nothing, for what has none any more.
func (q *request) known(object string) (name, link string, err error) {
	kind, id, _ := strings.Cut(object, ":")
	ctx := q.r.Context()
	pages := map[string]string{"slide": "slides", "playlist": "playlists", "entry": "schedule", "procedure": "procedures", "submission": "submissions", "kiosk": "kiosks", "unit": "units", "user": "users"}
	if p := pages[kind]; p != "" {
		link = "/studio/" + p + "/" + id
	}
	switch kind {
	case "slide":
		r, err := q.Store.Slide(ctx, id)
		if err != nil {
			return "", "", err
		}
		return r.Slide.Title.In(q.lang), link, nil
	case "playlist", "entry":
		if kind == "entry" {
			e, err := q.Store.Entry(ctx, id)
			if err != nil {
				return "", "", err
			}
			id = e.Entry.Playlist // people know an entry by what it shows
		}
		lists, err := q.Store.Playlists(ctx)
		for _, l := range lists {
			if l.ID == id {
				return l.Playlist.Name, link, err
			}
		}
		return "", "", err
	case "procedure":
		r, err := q.Store.Procedure(ctx, id)
		if err != nil {
			return "", "", err
		}
		return r.Procedure.Name.In(q.lang), link, nil
	case "submission":
		s, err := q.Store.Submission(ctx, id)
		return s.Title, link, err
	case "kiosk":
		k, err := q.Store.Kiosk(ctx, id)
		return k.Name, link, err
	case "user":
		u, err := q.Store.User(ctx, id)
		return u.Name, link, err
	case "unit":
		units, err := q.Store.Units(ctx, 0)
		for _, u := range units {
			if u.ID == id {
				return u.Name.In(q.lang), link, err
			}
		}
		return "", "", err
	}
	return "", "", nil
}
