package studio

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"motcua/server/auth"
	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/kinds"
)

func asError(err error) (*slides.Error, bool) { return errors.AsType[*slides.Error](err) }

// change is one piece of content that publishing would change.
type change struct {
	store.Item
	Title   string
	Link    string // to its page
	Picture string // of a slide
	Ref     string // "type:id:version", what the form posts
	Diff    []diff
	New     bool
	Rows    *catalogueChange // of the procedures, which go live together
}

// diff is one field's step.
type diff struct{ Label, Before, After string }

type publishPage struct {
	Changes  []change
	Note     string
	Problem  []slides.Problem
	Recent   []store.Publication
	Names    map[string]string // user id to name
	Revision int64
}

func (s *server) publishPage(q *request) error { return q.publishForm(http.StatusOK, nil, "") }

func (q *request) publishForm(status int, list []slides.Problem, note string) error {
	p := publishPage{Problem: list, Note: note}
	ctx := q.r.Context()
	items, err := q.changedFor(auth.Publish)
	if err != nil {
		return err
	}
	if p.Changes, err = q.changes(items); err != nil {
		return err
	}
	if p.Recent, err = q.Store.Publications(ctx, 8); err != nil {
		return err
	}
	if p.Revision, err = q.Store.Revision(ctx); err != nil {
		return err
	}
	if p.Names, err = q.userNames(); err != nil {
		return err
	}
	return q.render(status, "publish", p)
}

// changedFor are the changed items of the units in which the session has a right.
func (q *request) changedFor(r auth.Right) ([]store.Item, error) {
	reach, err := q.reach(r)
	if err != nil {
		return nil, err
	}
	items, err := q.Store.Changed(q.r.Context())
	return keep(items, func(i store.Item) bool { return reach.In(i.Unit) }), err
}

func (q *request) userNames() (map[string]string, error) {
	users, err := q.Store.Users(q.r.Context())
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, u := range users {
		names[u.ID] = u.Name
	}
	return names, nil
}

// changes describes items for people.
func (q *request) changes(items []store.Item) ([]change, error) {
	ctx := q.r.Context()
	lists, err := q.Store.Playlists(ctx)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, l := range lists {
		names[l.ID] = l.Playlist.Name
	}
	entries, err := q.Store.Entries(ctx)
	if err != nil {
		return nil, err
	}
	var out []change
	items, rows := takeProcedures(items)
	if len(rows) > 0 {
		c, err := q.proceduresChange(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	for _, it := range items {
		c := change{Item: it, New: it.Live == 0, Ref: fmt.Sprintf("%s:%s:%d", it.Type, it.ID, it.Version), Title: it.ID}
		switch it.Type {
		case store.SlideItem:
			if err := q.slideChange(&c); err != nil {
				return nil, err
			}
		case store.PlaylistItem:
			c.Link = "/studio/playlists/" + it.ID
			if n := names[it.ID]; n != "" {
				c.Title = n
			}
		case store.EntryItem:
			c.Link = "/studio/schedule/" + it.ID
			for _, e := range entries {
				if e.ID == it.ID {
					c.Title = names[e.Entry.Playlist]
					if c.Title == "" {
						c.Title = e.Entry.Playlist
					}
				}
			}
		case store.LookItem:
			c.Title = q.words.say(q.lang, "item.look")
		}
		if it.State == store.Removing {
			c.Link = ""
		}
		out = append(out, c)
	}
	return out, nil
}

func (q *request) slideChange(c *change) error {
	ctx := q.r.Context()
	var before, after *slides.Slide
	if c.State != store.Removing {
		row, err := q.Store.Slide(ctx, c.ID)
		if err != nil {
			return err
		}
		f, err := q.frame(row.Unit)
		if err != nil {
			return err
		}
		after = row.Slide
		c.Link = "/studio/slides/" + c.ID
		c.Picture = c.Link + "/picture/small?v=" + version(row.SHA, f)
	}
	if c.Live != 0 {
		live, err := q.Store.LiveSlide(ctx, c.ID)
		if err != nil && slides.KindOf(err) != slides.NotFound {
			return err
		}
		if err == nil {
			before = live
		}
	}
	switch {
	case after != nil:
		c.Title = after.Title.In(q.lang)
	case before != nil:
		c.Title = before.Title.In(q.lang)
	}
	if before != nil && after != nil {
		zone, err := q.zoneOf(c.Unit)
		if err != nil {
			return err
		}
		c.Diff = q.compare(before, after, zone)
	}
	return nil
}

// compare lists the fields that differ between two versions of a slide.
func (q *request) compare(before, after *slides.Slide, zone *time.Location) []diff {
	a, b := slideValues(before, zone), slideValues(after, zone)
	var keys []string
	for k := range a {
		keys = append(keys, k)
	}
	for k := range b {
		if _, both := a[k]; !both {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	label := labels(append(commonFields(q.words), kinds.Fields(after.Kind)...), q.lang)
	var out []diff
	for _, k := range keys {
		x, y := a.Get(k), b.Get(k)
		if x == y || strings.HasSuffix(k, ".#") {
			continue
		}
		out = append(out, diff{label(k), clipRunes(x, 160), clipRunes(y, 160)})
	}
	return out
}

// labels names the fields of paths like "body.steps.2.title.en".
func labels(fields []kinds.Field, lang string) func(path string) string {
	return func(path string) string {
		var words []string
		in := fields
		for _, part := range strings.Split(strings.TrimPrefix(path, "body."), ".") {
			if n := number(part); part != "" && part[0] >= '0' && part[0] <= '9' {
				words = append(words, fmt.Sprint(n+1))
				continue
			}
			i := slices.IndexFunc(in, func(f kinds.Field) bool { return f.Name == part })
			if i < 0 {
				if part != "vi" {
					words = append(words, part)
				}
				continue
			}
			words = append(words, in[i].Label.In(lang))
			in = in[i].Fields
		}
		return strings.Join(words, " · ")
	}
}

// publish makes what was ticked live. Each tick names the version that the
// page showed: what somebody saved since is not slipped in unseen.
func (s *server) publish(q *request) error {
	ctx := q.r.Context()
	note := short(q.r.PostForm.Get("note"))
	var p slides.Problems
	refs, err := q.ticked(q.r.PostForm["item"], &p)
	if err != nil {
		return err
	}
	if len(refs) == 0 && len(p.List) == 0 {
		p.Add("", q.words.say("vi", "publish.none"), q.words.say("en", "publish.none"))
	}
	for _, r := range refs {
		if r.Type == store.SlideItem {
			if err := q.mustFit(r.ID, &p); err != nil {
				return err
			}
		}
	}
	if len(p.List) > 0 {
		return q.publishForm(http.StatusUnprocessableEntity, p.List, note)
	}
	_, err = s.Store.Publish(ctx, q.session.Actor(), store.PublishRequest{Items: refs, Note: note, Now: q.r.PostForm.Get("now") != ""})
	switch kind := slides.KindOf(err); kind {
	case "":
	case slides.Invalid, slides.Conflict:
		return q.publishForm(kind.Status(), listed(err), note)
	default:
		return err
	}
	if back := q.r.PostForm.Get("back"); back != "" {
		return q.to(local(back), "published")
	}
	return q.to("/studio/publish", "published")
}

// ticked reads "type:id:version" and compares it with what is there now.
func (q *request) ticked(ticks []string, p *slides.Problems) ([]store.ItemRef, error) {
	changed, err := q.changedFor(auth.Publish)
	if err != nil {
		return nil, err
	}
	reach, err := q.reach(auth.Publish)
	if err != nil {
		return nil, err
	}
	var refs []store.ItemRef
	for _, t := range ticks {
		kind, rest, _ := strings.Cut(t, ":")
		id, ver, _ := strings.Cut(rest, ":")
		if kind == proceduresTick {
			_, rows := takeProcedures(changed)
			if len(rows) == 0 || sumOf(rows) != ver {
				p.Add("", q.words.say("vi", "publish.stale", q.words.say("vi", "nav.procedures")), q.words.say("en", "publish.stale", q.words.say("en", "nav.procedures")))
				continue
			}
			for _, r := range rows {
				refs = append(refs, r.ItemRef)
			}
			continue
		}
		ref := store.ItemRef{Type: store.ItemType(kind), ID: id}
		version := -1
		for _, c := range changed {
			if c.ItemRef == ref {
				version = c.Version
			}
		}
		// A recalled slide is live nowhere and not changed: publishing it again is
		// the way back.
		if version < 0 && ref.Type == store.SlideItem && slides.ValidID(id) {
			row, err := q.Store.Slide(q.r.Context(), id)
			if err != nil && slides.KindOf(err) != slides.NotFound {
				return nil, err
			}
			if err == nil && row.State == store.Recalled && reach.In(row.Unit) {
				version = row.Version
			}
		}
		if version < 0 || fmt.Sprint(version) != ver {
			p.Add("", q.words.say("vi", "publish.stale", short(id)), q.words.say("en", "publish.stale", short(id)))
			continue
		}
		refs = append(refs, ref)
	}
	return refs, nil
}

// mustFit refuses a slide whose text does not fit one of the screens.
func (q *request) mustFit(id string, p *slides.Problems) error {
	row, err := q.Store.Slide(q.r.Context(), id)
	if slides.KindOf(err) == slides.NotFound {
		return nil // deleted: it is being removed
	}
	if err != nil {
		return err
	}
	f, err := q.frame(row.Unit)
	if err != nil {
		return err
	}
	faces, err := q.faces()
	if err != nil {
		return err
	}
	for _, name := range []string{"landscape", "portrait"} {
		sh := shapes[name]
		sc, err := kinds.Scene(row.Slide, f.Frame, faces, sh.W, sh.H)
		if err != nil {
			p.Add(id, slides.Sentence(err, "vi"), slides.Sentence(err, "en"))
			return nil
		}
		if len(sc.Overflows) > 0 {
			text := clipRunes(sc.Overflows[0].Text, 60)
			p.Add("", q.words.say("vi", "publish.overflow", row.Slide.Title.In("vi"), q.words.say("vi", "shape."+name), text),
				q.words.say("en", "publish.overflow", row.Slide.Title.In("en"), q.words.say("en", "shape."+name), text))
			return nil
		}
	}
	return nil
}

// zoneOf is the zone of a unit, else of its nearest ancestor, else the default.
func (q *request) zoneOf(unit string) (*time.Location, error) {
	units, err := q.Store.Units(q.r.Context(), 0)
	if err != nil {
		return nil, err
	}
	by := map[string]store.Unit{}
	for _, u := range units {
		by[u.ID] = u
	}
	for range units { // no cycle can be longer
		u, ok := by[unit]
		if !ok {
			break
		}
		if u.Zone != "" {
			if z, err := time.LoadLocation(u.Zone); err == nil {
				return z, nil
			}
		}
		unit = u.Parent
	}
	return q.zone, nil
}

// clone copies a value by its JSON.
func clone[T any](x T) (T, error) {
	var out T
	b, err := json.Marshal(x)
	if err == nil {
		err = json.Unmarshal(b, &out)
	}
	return out, err
}
