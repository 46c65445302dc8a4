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
	"motcua/slides/review"
)

func asError(err error) (*slides.Error, bool) { return errors.AsType[*slides.Error](err) }

// change is one piece of content that publishing would change.
type change struct {
	piece
	Ref     string           // "type:id:version", what the form posts
	On      bool             // ticked
	Waits   string           // the open submission that has this version, "" for none
	Rows    *catalogueChange // of the procedures, which go live together
	Unseen  bool             // too many: it is checked when it is submitted
	Picture string
}

type publishPage struct {
	Changes  []change
	On       int // ticked
	Title    string
	Note     string
	Now      bool
	Problem  []slides.Problem
	Warns    bool // some of what is shown has warnings
	Direct   bool // something may be published at once by this person
	Always   bool // all of it
	Recent   []publication
	Names    map[string]string // user id to name
	Revision int64
}

// shownChanges bounds the changes that the page describes; of more, as after an
// edit of many, it gives the titles.
const shownChanges = 120

// shownProblems bounds what stands above the form: it must stay in sight.
const shownProblems = 20

func (s *server) publishPage(q *request) error { return q.publishForm(http.StatusOK, nil) }

// publishForm shows what may be submitted or published. After a POST the form is
// as it was typed; ?item=slide:id ticks only that.
func (q *request) publishForm(status int, list []slides.Problem) error {
	v := q.r.PostForm
	if n := len(list) - shownProblems; n > 0 {
		list = append(list[:shownProblems:shownProblems], slides.Problem{Vi: q.words.say("vi", "publish.moreproblems", n), En: q.words.say("en", "publish.moreproblems", n)})
	}
	p := publishPage{Problem: list, Title: short(v.Get("title")), Note: short(v.Get("note")), Now: v.Get("now") != ""}
	ctx := q.r.Context()
	items, err := q.changedFor(auth.EditContent)
	if err != nil {
		return err
	}
	only := q.r.URL.Query()["item"]
	back, err := q.recalledAmong(auth.EditContent, append(slices.Clone(only), v["item"]...))
	if err != nil {
		return err
	}
	if p.Changes, err = q.changes(append(items, back...)); err != nil {
		return err
	}
	waits, err := q.Store.OnTheirWay(ctx)
	if err != nil {
		return err
	}
	may, err := q.reach(auth.Publish)
	if err != nil {
		return err
	}
	if len(only) > 0 {
		if only, err = q.withSchedule(only); err != nil {
			return err
		}
	}
	p.Always = len(p.Changes) > 0
	ways := map[string]store.Way{} // by unit
	for i := range p.Changes {
		c := &p.Changes[i]
		c.Waits = waits[store.ItemAt{ItemRef: c.ItemRef, Version: c.Version}]
		switch {
		case v != nil && len(v["item"]) > 0:
			c.On = slices.Contains(v["item"], c.Ref)
		case len(only) > 0:
			c.On = slices.Contains(only, string(c.Type)+":"+c.ID)
		default:
			c.On = c.Waits == ""
		}
		if c.On {
			p.On++
		}
		p.Warns = p.Warns || len(c.Warns) > 0
		way, known := ways[c.Unit]
		if !known {
			rule, err := q.Store.ApprovalOf(ctx, []string{c.Unit})
			if err != nil {
				return err
			}
			way, ways[c.Unit] = rule.Way, rule.Way
		}
		direct := way == store.WayDirect && may.In(c.Unit)
		p.Direct, p.Always = p.Direct || direct, p.Always && direct
	}
	if p.Recent, err = q.publications(8, 0); err != nil {
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

// withSchedule adds to ticks of slides the playlists that have them and the
// entries that show those: a slide that is ticked alone would show nowhere.
func (q *request) withSchedule(only []string) ([]string, error) {
	lists, err := q.playlistsSeen()
	if err != nil {
		return nil, err
	}
	entries, err := q.entriesSeen()
	if err != nil {
		return nil, err
	}
	out := slices.Clone(only)
	for _, l := range lists {
		if slices.ContainsFunc(l.Playlist.Items, func(i slides.Item) bool { return slices.Contains(only, "slide:"+i.Slide) }) {
			out = append(out, "playlist:"+l.ID)
			for _, e := range entries {
				if e.Entry.Playlist == l.ID {
					out = append(out, "entry:"+e.ID)
				}
			}
		}
	}
	return out, nil
}

// recalledAmong are the recalled slides that ticks name: publishing one again is
// the way back, though it is no change.
func (q *request) recalledAmong(r auth.Right, ticks []string) ([]store.Item, error) {
	reach, err := q.reach(r)
	if err != nil {
		return nil, err
	}
	var out []store.Item
	for _, t := range ticks {
		kind, rest, _ := strings.Cut(t, ":")
		id, _, _ := strings.Cut(rest, ":")
		if store.ItemType(kind) != store.SlideItem || !slides.ValidID(id) || slices.ContainsFunc(out, func(i store.Item) bool { return i.ID == id }) {
			continue
		}
		i, err := q.Store.Item(q.r.Context(), store.ItemRef{Type: store.SlideItem, ID: id})
		if slides.KindOf(err) == slides.NotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		if i.State == store.Recalled && reach.In(i.Unit) {
			out = append(out, i)
		}
	}
	return out, nil
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

// step is what publishing an item's draft would do.
func stepOf(i store.Item) store.SubmissionItem {
	it := store.SubmissionItem{ItemRef: i.ItemRef, Unit: i.Unit, Version: i.Version, Base: i.Live, Title: i.ID}
	if i.State == store.Removing || i.State == store.Removed {
		it.Version = 0
	}
	return it
}

// changes describes items for people.
func (q *request) changes(items []store.Item) ([]change, error) {
	var out []change
	items, rows := takeProcedures(items)
	if len(rows) > 0 {
		c, err := q.proceduresChange(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	steps := make([]store.SubmissionItem, len(items))
	for n, i := range items {
		steps[n] = stepOf(i)
	}
	shown := map[string]string{}
	// As many as a person would wait for are looked through before the page is
	// shown; what comes after is checked when it is submitted.
	looks, err := q.looks(steps[:min(len(steps), shownChanges)])
	if err != nil {
		return nil, err
	}
	unseen := q.unseen(looks)
	if err := q.lookThrough(q.r.Context(), unseen[:min(len(unseen), atOnce)], func() {}); err != nil {
		return nil, err
	}
	d := describer{q: q, known: true, picture: func(id, side, v string) string {
		if side == "after" {
			shown[id] = "/studio/slides/" + id + "/picture/small?v=" + v
		}
		return ""
	}}
	pieces, err := d.describe(steps[:min(len(steps), shownChanges)])
	if err != nil {
		return nil, err
	}
	if len(steps) > shownChanges {
		titles, err := q.Store.ChangedTitles(q.r.Context())
		if err != nil {
			return nil, err
		}
		for _, st := range steps[shownChanges:] {
			st.Title = firstOf(titles[st.ItemRef], st.ID)
			pieces = append(pieces, piece{SubmissionItem: st, How: howOf(st), Unseen: st.Type == store.SlideItem})
		}
	}
	for n, p := range pieces {
		i := items[n]
		c := change{piece: p, Ref: fmt.Sprintf("%s:%s:%d", i.Type, i.ID, i.Version), Unseen: p.Unseen}
		c.Version = i.Version
		if p.Type == store.SlideItem {
			c.Picture = shown[p.ID]
		}
		out = append(out, c)
	}
	return out, nil
}

// publishTicked makes what was ticked live. Each tick names the version that the
// page showed: what somebody saved since is not slipped in unseen. Where a unit
// wants approval, the store refuses.
func (q *request) publishTicked() (to string, list []slides.Problem, err error) {
	v := q.r.PostForm
	note := short(v.Get("note"))
	items, warns, p, err := q.checked(auth.Publish)
	if err != nil {
		return "", nil, err
	}
	if warns > 0 && v.Get("accept") == "" {
		p.Add("accept", q.words.say("vi", "publish.mustaccept", warns), q.words.say("en", "publish.mustaccept", warns))
	}
	if len(p.List) > 0 {
		return "", p.List, nil
	}
	if warns > 0 {
		note = strings.TrimPrefix(note+" · "+q.words.say("vi", "publish.accepted", warns), " · ")
	}
	refs := make([]store.ItemRef, len(items))
	for n, i := range items {
		refs[n] = i.ItemRef
	}
	done, err := q.Store.Publish(q.r.Context(), q.session.Actor(), store.PublishRequest{Items: refs, Seen: items, Note: note, Now: v.Get("now") != ""})
	switch kind := slides.KindOf(err); kind {
	case "":
	case slides.Invalid, slides.Conflict, slides.Denied:
		return "", listed(err), nil
	default:
		return "", nil, err
	}
	if back := v.Get("back"); back != "" {
		return saying(local(back), "published"), nil, nil
	}
	return saying(fmt.Sprintf("/studio/publications/%d", done.Revision), "published"), nil, nil
}

// checked are the ticked pieces, with how many warnings the checks before
// publishing have of them. What stops them is in the problems.
func (q *request) checked(r auth.Right) (items []store.ItemAt, warns int, p slides.Problems, err error) {
	items, steps, err := q.ticked(q.r.PostForm["item"], r, &p)
	if err != nil {
		return nil, 0, p, err
	}
	if len(items) == 0 && len(p.List) == 0 {
		p.Add("", q.words.say("vi", "publish.none"), q.words.say("en", "publish.none"))
	}
	ctx := q.r.Context()
	looks, err := q.looks(steps)
	if err == nil {
		err = q.lookThrough(ctx, q.unseen(looks), func() {})
	}
	if err != nil {
		return nil, 0, p, err
	}
	for _, x := range looks {
		found, err := q.found(ctx, x)
		if err != nil {
			return nil, 0, p, err
		}
		for _, f := range found {
			if f.Severity == review.Error {
				p.Add("", x.slide.Title.In("vi")+": "+f.Vi, x.slide.Title.In("en")+": "+firstOf(f.En, f.Vi))
			} else {
				warns++
			}
		}
	}
	return items, warns, p, nil
}

// ticked reads "type:id:version" and compares it with what is there now.
func (q *request) ticked(ticks []string, r auth.Right, p *slides.Problems) (items []store.ItemAt, steps []store.SubmissionItem, err error) {
	changed, err := q.changedFor(r)
	if err != nil {
		return nil, nil, err
	}
	back, err := q.recalledAmong(r, ticks)
	if err != nil {
		return nil, nil, err
	}
	changed = append(changed, back...)
	add := func(i store.Item) {
		items, steps = append(items, store.ItemAt{ItemRef: i.ItemRef, Version: i.Version}), append(steps, stepOf(i))
	}
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
				add(r)
			}
			continue
		}
		ref := store.ItemRef{Type: store.ItemType(kind), ID: id}
		at := slices.IndexFunc(changed, func(c store.Item) bool { return c.ItemRef == ref && fmt.Sprint(c.Version) == ver })
		if at >= 0 {
			add(changed[at])
			continue
		}
		p.Add("", q.words.say("vi", "publish.stale", short(id)), q.words.say("en", "publish.stale", short(id)))
	}
	return items, steps, nil
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
