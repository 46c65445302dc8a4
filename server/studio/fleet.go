package studio

import (
	"bytes"
	"cmp"
	"errors"
	"image"
	"image/jpeg"
	_ "image/png" // screenshots are PNG or JPEG
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"motcua/server/auth"
	"motcua/server/fleet"
	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/raster"
)

// fleetRows is how many kiosks one page of the list has.
const fleetRows = 50

// fleetFilter is what the list is asked for; it is all in the address.
type fleetFilter struct {
	Unit, Group, Tag, Q, Sort string
	State                     fleet.State
	Skip                      int
}

// fleetSorts are the orders of the list.
var fleetSorts = []string{"name", "state", "unit", "seen", "pending"}

func readFleetFilter(v url.Values) fleetFilter {
	f := fleetFilter{Unit: short(v.Get("unit")), Group: short(v.Get("group")), Tag: short(v.Get("tag")), Q: slides.Clean(short(v.Get("q"))), Sort: v.Get("sort"), State: fleet.State(v.Get("state"))}
	if f.Skip, _ = strconv.Atoi(v.Get("skip")); f.Skip < 0 { // what is no number is the first page
		f.Skip = 0
	}
	if !slices.Contains(fleetSorts, f.Sort) {
		f.Sort = "name"
	}
	if !slices.Contains(fleet.States, f.State) {
		f.State = ""
	}
	return f
}

// values is the filter as an address has it, without the page.
func (f fleetFilter) values() url.Values {
	v := url.Values{}
	for k, x := range map[string]string{"unit": f.Unit, "group": f.Group, "tag": f.Tag, "q": f.Q, "state": string(f.State)} {
		if x != "" {
			v.Set(k, x)
		}
	}
	if f.Sort != "name" {
		v.Set("sort", f.Sort)
	}
	return v
}

// fleetRow is a kiosk of the list. Its slide's title is only read for the page
// that is shown.
type fleetRow struct {
	store.KioskStatus
	State fleet.State
}

// holds says whether the row is what the filter asks for, whatever its state.
func (f fleetFilter) holds(r *fleetRow, tree map[string]string, lang string) bool {
	if f.Unit != "" {
		u := r.Unit
		for u != "" && u != f.Unit {
			u = tree[u]
		}
		if u == "" {
			return false
		}
	}
	if f.Group != "" && !slices.Contains(r.Groups, f.Group) || f.Tag != "" && !slices.Contains(r.Tags, f.Tag) {
		return false
	}
	if f.Q == "" {
		return true
	}
	text := slides.Fold(strings.Join([]string{r.Name, r.Counter, r.UnitName.In(lang), strings.Join(r.Groups, " "), strings.Join(r.Tags, " "), r.Program}, " "))
	for _, word := range strings.Fields(slides.Fold(f.Q)) {
		if !strings.Contains(text, word) && !strings.HasPrefix(r.ID, word) {
			return false
		}
	}
	return true
}

func (f fleetFilter) sort(rows []fleetRow, lang string) {
	by := map[string]func(a, b *fleetRow) int{
		"name":    func(a, b *fleetRow) int { return 0 },
		"state":   func(a, b *fleetRow) int { return a.State.Rank() - b.State.Rank() },
		"unit":    func(a, b *fleetRow) int { return strings.Compare(a.UnitName.In(lang), b.UnitName.In(lang)) },
		"seen":    func(a, b *fleetRow) int { return cmp.Compare(a.LastSeen, b.LastSeen) },
		"pending": func(a, b *fleetRow) int { return b.Pending - a.Pending },
	}[f.Sort]
	slices.SortStableFunc(rows, func(a, b fleetRow) int {
		return cmp.Or(by(&a, &b), strings.Compare(slides.Fold(a.Name), slides.Fold(b.Name)))
	})
}

// stateCount is one part of the summary.
type stateCount struct {
	State fleet.State
	N     int
	To    string // the list with only these
	On    bool
}

type kioskListPage struct {
	Pairings   []pairingCard
	Filter     fleetFilter
	Query      string // the filter, for forms that act on all that it finds
	All        int    // kiosks that the session sees
	Found      int    // that the filter finds
	Counts     []stateCount
	Clear      string // the list with every state; "" where it is
	Rows       []kioskCard
	From, To   int // of Found, counted from 1
	Prev, Next string
	Alerts     bool // the session may say who is told of silences
	Units      []store.Unit
	Groups     []string
	Tags       []string
	States     []fleet.State
	Sorts      []string
}

// fleet reads the kiosks that the session has a right on and the filter finds,
// in the list's order; all are those before the filter, and counts those that
// it finds whatever its state.
func (q *request) fleet(right auth.Right, f fleetFilter) (found, all []fleetRow, counts map[fleet.State]int, err error) {
	kiosks, err := q.kiosksFor(right)
	if err != nil {
		return nil, nil, nil, err
	}
	now := q.Store.Now()
	counts = map[fleet.State]int{}
	for _, k := range kiosks {
		r := fleetRow{k, fleet.Of(&k, now)}
		all = append(all, r)
		if !f.holds(&r, q.tree, q.lang) {
			continue
		}
		counts[r.State]++
		if f.State == "" || f.State == r.State {
			found = append(found, r)
		}
	}
	f.sort(found, q.lang)
	return found, all, counts, nil
}

func (s *server) kioskList(q *request) error {
	ctx := q.r.Context()
	f := readFleetFilter(q.r.URL.Query())
	p := kioskListPage{Filter: f, Query: f.values().Encode(), States: fleet.States, Sorts: fleetSorts}
	if q.session.May(auth.RunKiosks) {
		waiting, err := s.Store.Pairings(ctx)
		if err != nil {
			return err
		}
		for _, w := range waiting {
			p.Pairings = append(p.Pairings, q.pairingCard(w))
		}
	}
	found, all, counts, err := q.fleet(auth.SeeKiosks, f)
	if err != nil {
		return err
	}
	p.All, p.Found = len(all), len(found)
	for _, r := range all {
		p.Groups, p.Tags = append(p.Groups, r.Groups...), append(p.Tags, r.Tags...)
	}
	p.Groups, p.Tags = distinct(p.Groups), distinct(p.Tags)
	if p.Units, err = q.unitsFor(auth.SeeKiosks); err != nil {
		return err
	}
	runs, err := q.reach(auth.RunKiosks)
	if err != nil {
		return err
	}
	p.Alerts = runs.Everywhere()
	at := func(f fleetFilter) string {
		v := f.values()
		if f.Skip > 0 {
			v.Set("skip", strconv.Itoa(f.Skip))
		}
		return "/studio/kiosks?" + v.Encode()
	}
	for _, st := range slices.Backward(fleet.States) { // what goes well first, as people say it
		if n := counts[st]; n > 0 || st == f.State {
			only := f
			only.State, only.Skip = st, 0
			p.Counts = append(p.Counts, stateCount{st, n, at(only), st == f.State})
		}
	}
	if f.State != "" {
		every := f
		every.State, every.Skip = "", 0
		p.Clear = at(every)
	}
	skip := min(f.Skip, max(0, (len(found)-1)/fleetRows*fleetRows))
	says, err := s.Store.Announced(ctx)
	if err != nil {
		return err
	}
	for _, r := range found[skip:min(skip+fleetRows, len(found))] {
		card := q.kioskCard(r.KioskStatus)
		if a, stands := says[r.ID]; stands {
			card.Says = &a
		}
		p.Rows = append(p.Rows, card)
	}
	p.From, p.To = skip+1, skip+len(p.Rows)
	if skip > 0 {
		before := f
		before.Skip = max(0, skip-fleetRows)
		p.Prev = at(before)
	}
	if p.To < p.Found {
		after := f
		after.Skip = p.To
		p.Next = at(after)
	}
	return q.render(http.StatusOK, "kiosks", p)
}

// distinct are the different strings of list, sorted.
func distinct(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}

// smallShot is how high a list's picture of a screen is, twice what it shows at,
// for sharp displays.
const smallShot = 144

// screenshot serves the newest picture of a kiosk's screen, small for lists.
func (s *server) screenshot(q *request) error {
	id := q.r.PathValue("id")
	sc, err := s.Store.Screenshot(q.r.Context(), id)
	if err != nil {
		return err
	}
	img, kind := sc.Image, sc.Type
	if q.r.URL.Query().Get("small") != "" {
		key := "shot\x00" + id + "\x00" + strconv.FormatInt(int64(sc.At), 10)
		b, ok := s.thumbs.get(key)
		if !ok {
			if b, err = shrunk(img); err != nil {
				return slides.E(slides.Corrupt, "studio.screenshot", "Ảnh chụp này không đọc được.", "This picture can't be read.", err)
			}
			s.thumbs.put(key, b)
		}
		img, kind = b, "image/jpeg"
	}
	h := q.w.Header()
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", "private, no-cache")
	if q.r.URL.Query().Get("at") != "" {
		h.Set("Cache-Control", "private, max-age=86400, immutable") // its address names its moment
	}
	h.Set("Last-Modified", sc.At.Time().Format(http.TimeFormat))
	q.wrote = true
	_, err = q.w.Write(img)
	return err
}

// shrunk is a small JPEG of a screenshot. The kiosk sent it: its size is looked
// at before it is decoded.
func shrunk(b []byte) ([]byte, error) {
	c, _, err := image.DecodeConfig(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	if c.Width < 1 || c.Height < 1 || c.Width*c.Height > 8192*4320 {
		return nil, errors.New("no screen has this size")
	}
	img, _, err := image.Decode(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = jpeg.Encode(&out, raster.Scale(img, max(1, c.Width*smallShot/c.Height), smallShot, true), &jpeg.Options{Quality: 78})
	return out.Bytes(), err
}
