package studio

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"motcua/server/compile"
	"motcua/server/sheet"
	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/catalogue"
	"motcua/slides/review"
)

// piece is one piece of content on its way from what is live to what would be,
// as people read it.
type piece struct {
	store.SubmissionItem
	How    string // added, changed, removed
	Link   string // to its own page
	Before string // address of the live slide's pictures, but for the shape; "" where there are none
	After  string
	Diff   []diff // what changes
	Facts  []diff // of what is new: field and value (After)
	Stops  []warning
	Warns  []warning
	Moved  bool // what is live is not what it was when this was submitted
	Gone   bool // its author deleted it after it was submitted
	Newer  int  // version of the draft, where that is newer than this one; 0
	Unseen bool // it was not looked through: there are too many
}

// BeforeIn and AfterIn are the addresses of the pictures in a shape, "" where
// there are none.
func (p piece) BeforeIn(shape string) string { return strings.Replace(p.Before, "%s", shape, 1) }

func (p piece) AfterIn(shape string) string { return strings.Replace(p.After, "%s", shape, 1) }

// warning is one finding of the checks before publishing.
type warning struct {
	Key  string // names it among the submission's, for the tick
	Says string
	On   bool // ticked
}

// Shapes in which an approver looks at a slide.
var approverShapes = []string{"landscape", "portrait"}

// describe says what each of the items changes.
func (d *describer) describe(items []store.SubmissionItem) ([]piece, error) {
	q := d.q
	out := make([]piece, 0, len(items))
	for _, it := range items {
		p := piece{SubmissionItem: it, How: howOf(it)}
		var before, after []byte
		var err error
		if it.Base > 0 {
			if before, err = q.Store.VersionBytes(q.r.Context(), it.ItemRef, it.Base); err != nil {
				return nil, err
			}
		}
		if it.Version > 0 {
			if after, err = q.Store.VersionBytes(q.r.Context(), it.ItemRef, it.Version); err != nil {
				return nil, err
			}
		}
		if err := d.fill(&p, before, after); err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// howOf says what becomes of a piece.
func howOf(it store.SubmissionItem) string {
	switch {
	case it.Version == 0:
		return "removed"
	case it.Base == 0:
		return "added"
	}
	return "changed"
}

// describer keeps the names that descriptions of several pieces need.
type describer struct {
	q       *request
	picture func(id, side, v string) string // address of a slide's pictures, but for the shape
	known   bool                            // only slides that were looked through already have findings
	units   map[string]*around
	zones   map[string]*time.Location
	places  map[string]string // units and kiosks; nil until asked for
	lists   map[string]string // playlists
}

func (d *describer) fill(p *piece, before, after []byte) error {
	q := d.q
	switch p.Type {
	case store.SlideItem:
		p.Link = "/studio/slides/" + p.ID
		return d.slide(p, before, after)
	case store.PlaylistItem:
		p.Link = "/studio/playlists/" + p.ID
		var a, b slides.Playlist
		if err := readBoth(before, after, &a, &b); err != nil {
			return err
		}
		p.Title = firstOf(b.Name, a.Name, p.ID)
		p.Diff = d.playlist(&a, &b)
	case store.EntryItem:
		p.Link = "/studio/schedule/" + p.ID
		var a, b compile.Entry
		if err := readBoth(before, after, &a, &b); err != nil {
			return err
		}
		if err := d.names(); err != nil {
			return err
		}
		list := firstOf(b.Playlist, a.Playlist)
		p.Title = firstOf(d.lists[list], list, p.ID)
		p.Diff = differ(d.entry(&a, before), d.entry(&b, after))
	case store.ProcedureItem:
		p.Link = "/studio/procedures/" + p.ID
		var a, b catalogue.Procedure
		if err := readBoth(before, after, &a, &b); err != nil {
			return err
		}
		if p.How == "changed" {
			p.Diff = q.steps(sheet.Differences(&a, &b))
		}
		p.Title = firstOf(b.Code, a.Code) + " " + firstOf(b.Name.In(q.lang), a.Name.In(q.lang))
	case store.CalendarItem:
		p.Link = "/studio/workdays/" + p.Unit
		var a, b slides.Calendar
		if err := readBoth(before, after, &a, &b); err != nil {
			return err
		}
		if err := d.names(); err != nil {
			return err
		}
		p.Title = firstOf(d.places[p.Unit], p.ID)
		p.Diff = differ(q.calendarFacts(&a, before), q.calendarFacts(&b, after))
	default:
		if p.Type == store.LookItem {
			p.Title = q.words.say(q.lang, "item.look")
		}
		p.Diff = differ(leaves(before), leaves(after))
	}
	if p.How == "removed" {
		p.Link, p.Diff = "", nil
	}
	if p.How == "added" {
		p.Facts, p.Diff = p.Diff, nil
	}
	return nil
}

func firstOf(of ...string) string {
	for _, s := range of {
		if s != "" {
			return s
		}
	}
	return ""
}

// readBoth decodes what is there of two versions.
func readBoth(before, after []byte, a, b any) error {
	if before != nil {
		if err := json.Unmarshal(before, a); err != nil {
			return err
		}
	}
	if after == nil {
		return nil
	}
	return json.Unmarshal(after, b)
}

// unit is what surrounds a unit's slides, and its zone.
func (d *describer) unit(id string) (*around, *time.Location, error) {
	if d.units == nil {
		d.units, d.zones = map[string]*around{}, map[string]*time.Location{}
	}
	if a := d.units[id]; a != nil {
		return a, d.zones[id], nil
	}
	a, err := d.q.around(d.q.r.Context(), id)
	if err != nil {
		return nil, nil, err
	}
	zone, err := d.q.zoneOf(id)
	d.units[id], d.zones[id] = a, zone
	return a, zone, err
}

func (d *describer) slide(p *piece, before, after []byte) error {
	q := d.q
	around, zone, err := d.unit(p.Unit)
	if err != nil {
		return err
	}
	var a, b *slides.Slide
	for _, x := range []struct {
		bytes []byte
		to    **slides.Slide
		side  string
		addr  *string
	}{{before, &a, "before", &p.Before}, {after, &b, "after", &p.After}} {
		if x.bytes == nil {
			continue
		}
		*x.to = &slides.Slide{}
		if err := json.Unmarshal(x.bytes, *x.to); err != nil {
			return err
		}
		p.Title = (*x.to).Title.In(q.lang)
		*x.addr = d.picture(p.ID, x.side, version(slides.Sum(x.bytes), around.frame))
	}
	if b == nil {
		p.Link = ""
		return nil
	}
	if a != nil {
		p.Diff = q.compare(a, b, zone)
	}
	x, err := around.look(b)
	if err != nil {
		return err
	}
	if p.Unseen = d.known && !q.reviews.has(x.key); p.Unseen {
		return nil
	}
	p.Stops, p.Warns, err = q.warnings(x)
	return err
}

// warnings are the findings in a slide in the person's language.
func (q *request) warnings(x look) (stops, warns []warning, err error) {
	found, err := q.found(q.r.Context(), x)
	for _, f := range found {
		w := warning{Key: x.slide.ID + " " + f.Rule + " " + f.Path, Says: f.Vi}
		if q.lang == "en" && f.En != "" {
			w.Says = f.En
		}
		if f.Severity == review.Error {
			stops = append(stops, w)
		} else {
			warns = append(warns, w)
		}
	}
	return stops, warns, err
}

// names fills in the names of places and playlists.
func (d *describer) names() (err error) {
	if d.places != nil {
		return nil
	}
	if d.places, err = d.q.placeNames(); err != nil {
		return err
	}
	lists, err := d.q.Store.Playlists(d.q.r.Context())
	d.lists = map[string]string{}
	for _, l := range lists {
		d.lists[l.ID] = l.Playlist.Name
	}
	return err
}

// playlist tells places that came, went, moved among those that stay, or show
// for another time.
func (d *describer) playlist(a, b *slides.Playlist) []diff {
	q := d.q
	say := func(key string, args ...any) string { return q.words.say(q.lang, key, args...) }
	at := func(n int, it slides.Item) string {
		if it.Dwell == 0 {
			return say("piece.place", n+1)
		}
		return say("piece.place.dwell", n+1, decimal(float64(it.Dwell)/1000))
	}
	var out []diff
	if a.Name != b.Name && a.Name != "" && b.Name != "" {
		out = append(out, diff{say("playlist.name"), a.Name, b.Name})
	}
	stays := common(a.Items, b.Items)
	from := map[int]int{} // place in b to the one in a
	gone := map[int]bool{}
	for i := range a.Items {
		gone[i] = true
	}
	for _, s := range stays {
		from[s[1]] = s[0]
		delete(gone, s[0])
	}
	for j, it := range b.Items { // moved: it is elsewhere in a
		if _, ok := from[j]; ok {
			continue
		}
		for _, i := range slices.Sorted(maps.Keys(gone)) {
			if a.Items[i].Slide == it.Slide {
				from[j] = i
				delete(gone, i)
				out = append(out, diff{q.slideTitle(it.Slide), at(i, a.Items[i]), at(j, it)})
				break
			}
		}
	}
	for _, s := range stays {
		if x, y := a.Items[s[0]], b.Items[s[1]]; x.Dwell != y.Dwell {
			out = append(out, diff{q.slideTitle(x.Slide), at(s[0], x), at(s[1], y)})
		}
	}
	for j, it := range b.Items {
		if _, ok := from[j]; !ok {
			out = append(out, diff{q.slideTitle(it.Slide), "", at(j, it)})
		}
	}
	for _, i := range slices.Sorted(maps.Keys(gone)) {
		out = append(out, diff{q.slideTitle(a.Items[i].Slide), at(i, a.Items[i]), ""})
	}
	return out
}

// common is a longest sequence of slides that two lists have in the same order,
// as pairs of places.
func common(a, b []slides.Item) [][2]int {
	n := make([][]int, len(a)+1)
	for i := range n {
		n[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i].Slide == b[j].Slide {
				n[i][j] = n[i+1][j+1] + 1
			} else {
				n[i][j] = max(n[i+1][j], n[i][j+1])
			}
		}
	}
	var out [][2]int
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i].Slide == b[j].Slide:
			out = append(out, [2]int{i, j})
			i, j = i+1, j+1
		case n[i+1][j] >= n[i][j+1]:
			i++
		default:
			j++
		}
	}
	return out
}

// entry is a schedule entry in words, field by field.
func (d *describer) entry(e *compile.Entry, bytes []byte) []diff {
	if bytes == nil {
		return nil
	}
	q := d.q
	say := func(key string, args ...any) string { return q.words.say(q.lang, key, args...) }
	var where []string
	for _, id := range slices.Concat(e.Where.Units, e.Where.Groups, e.Where.Kiosks) {
		where = append(where, firstOf(d.places[id], id))
	}
	if e.Where.All {
		where = []string{say("entry.all")}
	}
	priority := fmt.Sprint(int(e.Priority))
	if key := "priority.short." + priority; q.words.has(key) {
		priority = say(key)
	}
	out := []diff{
		{Label: say("entry.playlist"), After: firstOf(d.lists[e.Playlist], e.Playlist)},
		{Label: say("entry.time"), After: e.Sentence(q.lang)},
		{Label: say("entry.where"), After: strings.Join(where, "; ")},
		{Label: say("entry.priority"), After: priority},
	}
	if e.Zone != q.zone.String() {
		out = append(out, diff{Label: say("entry.zone"), After: e.Zone})
	}
	if i := e.Interrupt; i != nil {
		out = append(out, diff{Label: say("piece.interrupt"), After: say("piece.every", i.Seconds, i.Every)})
	}
	shown := *e // what neither the lines above nor the sentence tell
	shown.ID, shown.Playlist, shown.Zone, shown.Start, shown.End, shown.Rule, shown.Priority, shown.Interrupt, shown.Where = "", "", "", "", "", "", 0, nil, compile.Where{}
	shown.Except, shown.Kinds = nil, nil
	if b, err := json.Marshal(shown); err == nil {
		out = append(out, slices.DeleteFunc(leaves(b), func(x diff) bool { return x.After == "" || x.After == "0" })...)
	}
	return out
}

// calendarFacts are a working calendar in words: its weekdays, each special
// day, and the years that are as decided.
func (q *request) calendarFacts(c *slides.Calendar, bytes []byte) []diff {
	if bytes == nil {
		return nil
	}
	say := func(key string, args ...any) string { return q.words.say(q.lang, key, args...) }
	var week []string
	for i := 1; i <= 7; i++ { // from Monday
		if slices.Contains(c.Week, i%7) {
			week = append(week, say(fmt.Sprintf("weekday.%d", i-1)))
		}
	}
	out := []diff{{Label: say("workdays.week"), After: strings.Join(week, ", ")}}
	for _, y := range slices.Sorted(slices.Values(c.Settled)) {
		out = append(out, diff{Label: say("workdays.settled", y), After: "✓"})
	}
	for _, d := range slices.Sorted(maps.Keys(c.Days)) {
		label := string(d)
		if t, err := d.Time(); err == nil {
			layout := "2/1/2006"
			if q.lang == "en" {
				layout = "2 Jan 2006"
			}
			label = say(fmt.Sprintf("weekday.%d", (int(t.Weekday())+6)%7)) + " " + t.Format(layout)
		}
		out = append(out, diff{Label: label, After: say("daykind." + string(c.Days[d]))})
	}
	return out
}

// leaves are the values of a JSON document by their paths.
func leaves(b []byte) []diff {
	var tree any
	if b == nil || json.Unmarshal(b, &tree) != nil {
		return nil
	}
	v := values{}
	flatten(v, "", tree)
	var out []diff
	for _, k := range slices.Sorted(maps.Keys(v)) {
		if !strings.HasSuffix(k, ".#") {
			out = append(out, diff{Label: strings.ReplaceAll(strings.TrimPrefix(k, "."), ".", " · "), After: clipRunes(strings.Join(v[k], ", "), 160)})
		}
	}
	return out
}

// differ lists the fields that differ, in the order of the later one.
func differ(before, after []diff) []diff {
	was := map[string]string{}
	for _, x := range before {
		was[x.Label] = x.After
	}
	var out []diff
	is := map[string]bool{}
	for _, x := range after {
		is[x.Label] = true
		if was[x.Label] != x.After {
			out = append(out, diff{x.Label, was[x.Label], x.After})
		}
	}
	for _, x := range before {
		if !is[x.Label] && x.After != "" {
			out = append(out, diff{Label: x.Label, Before: x.After})
		}
	}
	return out
}
