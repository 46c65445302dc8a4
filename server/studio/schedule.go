package studio

import (
	"net/http"
	"slices"
	"sort"
	"time"

	"motcua/server/auth"
	"motcua/server/compile"
	"motcua/server/store"
	"motcua/slides"
)

type entryListPage struct {
	Entries   []entryCard
	Playlists int
}

type entryCard struct {
	store.EntryRow
	Playlist string
	Sentence string
	Where    string
	Over     bool // it ended and does not repeat
}

func (s *server) entryList(q *request) error {
	entries, err := q.entriesSeen()
	if err != nil {
		return err
	}
	lists, err := q.playlistsSeen()
	if err != nil {
		return err
	}
	names, err := q.placeNames()
	if err != nil {
		return err
	}
	p := entryListPage{Playlists: len(lists)}
	for _, e := range entries {
		c := entryCard{EntryRow: e, Playlist: e.Entry.Playlist, Sentence: e.Entry.Sentence(q.lang), Where: q.whereWords(&e.Entry.Where, names), Over: q.over(&e.Entry.Entry)}
		for _, l := range lists {
			if l.ID == e.Entry.Playlist {
				c.Playlist = l.Playlist.Name
			}
		}
		p.Entries = append(p.Entries, c)
	}
	sort.SliceStable(p.Entries, func(i, j int) bool { return p.Entries[i].Entry.Priority > p.Entries[j].Entry.Priority })
	return q.render(http.StatusOK, "schedule", p)
}

// over says whether an entry ended for good.
func (q *request) over(e *slides.Entry) bool {
	if e.Rule != "" || e.End == "" {
		return false
	}
	zone, err := time.LoadLocation(e.Zone)
	if err != nil {
		return false
	}
	t, err := time.ParseInLocation(momentLayout, string(e.End), zone)
	return err == nil && slides.At(t) <= q.Store.Now()
}

// placeNames names units and kiosks by id.
func (q *request) placeNames() (map[string]string, error) {
	names := map[string]string{}
	units, err := q.Store.Units(q.r.Context(), 0)
	if err != nil {
		return nil, err
	}
	for _, u := range units {
		names[u.ID] = u.Name.In(q.lang)
	}
	kiosks, err := q.Store.Kiosks(q.r.Context(), "")
	if err != nil {
		return nil, err
	}
	for _, k := range kiosks {
		names[k.ID] = k.Name
	}
	return names, nil
}

// placesReached refuses places outside the units in which the session may edit:
// what shows there is theirs to decide.
func (q *request) placesReached(w *compile.Where, p *slides.Problems) error {
	reach, err := q.reach(auth.EditContent)
	if err != nil || reach.Everywhere() {
		return err
	}
	kiosks, err := q.Store.Kiosks(q.r.Context(), "")
	if err != nil {
		return err
	}
	outside := w.All
	for _, u := range w.Units {
		outside = outside || !reach.In(u)
	}
	for _, k := range kiosks {
		named := slices.Contains(w.Kiosks, k.ID) || slices.ContainsFunc(k.Groups, func(g string) bool { return slices.Contains(w.Groups, g) })
		outside = outside || named && !reach.In(k.Unit)
	}
	if outside {
		p.Add("where", q.words.say("vi", "entry.outside"), q.words.say("en", "entry.outside"))
	}
	return nil
}

// seen refuses a slide or playlist of a unit whose content the session does not
// see; one that is not there the store tells.
func (q *request) seen(ref store.ItemRef, path string, p *slides.Problems) error {
	i, err := q.Store.Item(q.r.Context(), ref)
	if slides.KindOf(err) == slides.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	sees, err := q.sees()
	if err == nil && !sees(i.Unit) {
		p.Add(path, q.words.say("vi", "error.unit"), q.words.say("en", "error.unit"))
	}
	return err
}

// trimSeconds drops the seconds that some browsers send.
func trimSeconds(s string) string {
	if len(s) == len("2006-01-02T15:04:05") {
		return s[:len(momentLayout)]
	}
	return s
}

func (s *server) entryDelete(q *request) error {
	ref := store.ItemRef{Type: store.EntryItem, ID: q.r.PathValue("id")}
	if err := s.Store.DeleteItem(q.r.Context(), q.session.Actor(), ref, number(q.r.PostForm.Get("base"))); err != nil {
		return err
	}
	return q.to("/studio/schedule", "entry-deleted")
}
