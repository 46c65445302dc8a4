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
	about := map[string]deed{} // by object: many rows tell of the same
	lists := map[string]string{}
	var out []deed
	for _, r := range rows {
		d, there := about[r.Object]
		if !there {
			var err error
			if d.What, d.Link, err = q.known(r.Object, lists); err != nil && slides.KindOf(err) != slides.NotFound {
				return nil, err
			}
			about[r.Object] = d
		}
		d.AuditRow = r
		out = append(out, d)
	}
	return out, nil
}

// aboutPages are the pages of what the audit log calls "kind:id".
var aboutPages = map[string]string{
	"slide": "slides", "playlist": "playlists", "entry": "schedule", "procedure": "procedures", "submission": "submissions", "kiosk": "kiosks", "unit": "units", "user": "users",
	"publication": "publications", "emergency": "emergencies", "hook": "hooks", "feed": "feeds", "token": "tokens",
}

// known is the name and the page of what the audit log calls "kind:id"; NotFound,
// or nothing, for what has none any more. lists are the names of playlists, read
// once they are asked for. Letters have no name here: who reads the audit may not
// be who reads them.
func (q *request) known(object string, lists map[string]string) (name, link string, err error) {
	kind, id, _ := strings.Cut(object, ":")
	ctx := q.r.Context()
	switch p := aboutPages[kind]; p {
	case "":
	case "feeds", "tokens": // all on one page
		link = "/studio/" + p
	default:
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
		if len(lists) == 0 {
			all, err := q.Store.Playlists(ctx)
			if err != nil {
				return "", "", err
			}
			for _, l := range all {
				lists[l.ID] = l.Playlist.Name
			}
		}
		if lists[id] == "" {
			return "", "", nil
		}
		return lists[id], link, nil
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
	case "hook":
		h, err := q.Store.Hook(ctx, id)
		return h.Name, link, err
	case "feed":
		f, err := q.Store.Feed(ctx, id)
		return f.Name, link, err
	case "media":
		m, err := q.Store.Media(ctx, id)
		return m.Name, "", err
	case "emergency":
		_, err := q.Store.Emergency(ctx, id)
		return q.words.say(q.lang, "emergency.title"), link, err
	case "publication":
		return q.words.say(q.lang, "submission.publication", number(id)), link, nil
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
