package studio

import (
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"motcua/server/auth"
	"motcua/server/store"
	"motcua/slides"
)

type playlistListPage struct {
	Lists []playlistCard
}

type playlistCard struct {
	store.PlaylistRow
	Slides  int
	Length  int64 // ms of one round
	Cover   []slideCard
	UsedIn  int // schedule entries
	Missing int // slides that are gone
}

func (s *server) playlistList(q *request) error {
	lists, err := q.playlistsSeen()
	if err != nil {
		return err
	}
	entries, err := q.entriesSeen()
	if err != nil {
		return err
	}
	by, err := q.slidesByID()
	if err != nil {
		return err
	}
	var p playlistListPage
	for _, l := range lists {
		c := playlistCard{PlaylistRow: l}
		for _, it := range l.Playlist.Items {
			card, ok := by[it.Slide]
			if !ok {
				c.Missing++
				continue
			}
			c.Slides++
			c.Length += dwell(it, card.Slide)
			if len(c.Cover) < 4 {
				c.Cover = append(c.Cover, card)
			}
		}
		for _, e := range entries {
			if e.Entry.Playlist == l.ID {
				c.UsedIn++
			}
		}
		p.Lists = append(p.Lists, c)
	}
	return q.render(http.StatusOK, "playlists", p)
}

func dwell(it slides.Item, s *slides.Slide) int64 {
	if it.Dwell != 0 {
		return it.Dwell
	}
	return s.DwellTime().Milliseconds()
}

func (q *request) slidesByID() (map[string]slideCard, error) {
	seen, err := q.contentUnits()
	if err != nil {
		return nil, err
	}
	rows, err := q.Store.Slides(q.r.Context(), store.SlideFilter{Units: seen, Limit: slides.MaxItems * 10})
	if err != nil {
		return nil, err
	}
	cards, err := q.cards(rows)
	if err != nil {
		return nil, err
	}
	by := make(map[string]slideCard, len(cards))
	for _, c := range cards {
		by[c.ID] = c
	}
	return by, nil
}

type playlistPage struct {
	New      bool
	Row      *store.PlaylistRow
	Name     string
	Base     int
	Places   []place
	Length   int64
	Choices  []slideCard // what can be added
	Problems problems
	Dirty    bool
}

// place is one line of a playlist's form.
type place struct {
	N           int
	Slide       string
	Card        *slideCard // nil: the slide is gone
	Dwell       string     // as typed, in seconds; "": the slide's own
	Own         int64      // the slide's own, ms
	First, Last bool
	Problem     string
}

func (q *request) playlist(id string) (*store.PlaylistRow, error) {
	lists, err := q.Store.Playlists(q.r.Context())
	if err != nil {
		return nil, err
	}
	for _, l := range lists {
		if l.ID == id {
			return &l, nil
		}
	}
	return nil, slides.E(slides.NotFound, "studio.playlist", q.words.say("vi", "playlist.gone"), q.words.say("en", "playlist.gone"), nil)
}

func (s *server) playlistEdit(q *request) error {
	p := playlistPage{New: true}
	if id := q.r.PathValue("id"); id != "" {
		row, err := q.playlist(id)
		if err != nil {
			return err
		}
		p.New, p.Row, p.Name, p.Base = false, row, row.Playlist.Name, row.Version
		for _, it := range row.Playlist.Items {
			d := ""
			if it.Dwell != 0 {
				d = decimal(float64(it.Dwell) / 1000)
			}
			p.Places = append(p.Places, place{Slide: it.Slide, Dwell: d})
		}
	}
	return q.playlistForm(http.StatusOK, p)
}

func (q *request) playlistForm(status int, p playlistPage) error {
	by, err := q.slidesByID()
	if err != nil {
		return err
	}
	for i := range p.Places {
		x := &p.Places[i]
		x.N, x.First, x.Last = i, i == 0, i == len(p.Places)-1
		if c, ok := by[x.Slide]; ok {
			x.Card, x.Own = &c, c.Slide.DwellTime().Milliseconds()
			if n := seconds(x.Dwell); n > 0 {
				p.Length += n
			} else {
				p.Length += x.Own
			}
		}
		x.Problem = p.Problems[fmt.Sprintf("items.%d", i)]
	}
	keys := make(map[string]string, len(by)) // folded once: thousands of slides are compared tens of thousands of times
	for _, c := range by {
		p.Choices = append(p.Choices, c)
		keys[c.ID] = string(c.Slide.Topic) + slides.Fold(c.Slide.Title.In("vi"))
	}
	slices.SortFunc(p.Choices, func(a, b slideCard) int { return strings.Compare(keys[a.ID], keys[b.ID]) })
	return q.render(status, "playlist", p)
}

// seconds reads a dwell as typed into ms, 0 for none, -1 for nonsense.
func seconds(s string) int64 {
	s = strings.TrimSpace(s)
	if s == "" {
		return 0
	}
	n, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64)
	if err != nil || math.IsNaN(n) || math.Abs(n) > 1e6 {
		return -1
	}
	return int64(math.Round(n * 1000))
}

func (s *server) playlistSave(q *request) error {
	v := q.r.PostForm
	p := playlistPage{New: true, Name: slides.Clean(v.Get("name")), Base: number(v.Get("base"))}
	id := q.r.PathValue("id")
	if id != "" {
		row, err := q.playlist(id)
		if err != nil {
			return err
		}
		p.New, p.Row = false, row
	}
	times := v["dwell"]
	for i, sl := range v["slide"] {
		if i >= slides.MaxItems+1 {
			break
		}
		x := place{Slide: short(sl)}
		if i < len(times) {
			x.Dwell = short(times[i])
		}
		p.Places = append(p.Places, x)
	}
	if verb, at, ok := strings.Cut(v.Get("do"), ":"); ok {
		p.Places = movePlace(p.Places, verb, number(at), short(v.Get("add")))
		p.Dirty = true
		return q.playlistForm(http.StatusOK, p)
	}
	list, list2 := slides.Playlist{ID: id, Name: p.Name}, slides.Problems{}
	if n := len([]rune(p.Name)); n == 0 || n > 120 {
		list2.Add("name", q.words.say("vi", "playlist.noname"), q.words.say("en", "playlist.noname"))
	}
	if len(p.Places) > slides.MaxItems {
		list2.Add("", q.words.say("vi", "playlist.long", slides.MaxItems), q.words.say("en", "playlist.long", slides.MaxItems))
	}
	for i, x := range p.Places {
		n := seconds(x.Dwell)
		if n != 0 && (n < slides.MinDwell.Milliseconds() || n > slides.MaxDwell.Milliseconds()) {
			list2.Add(fmt.Sprintf("items.%d", i), q.words.say("vi", "playlist.dwell"), q.words.say("en", "playlist.dwell"))
		}
		if err := q.seen(store.ItemRef{Type: store.SlideItem, ID: x.Slide}, fmt.Sprintf("items.%d", i), &list2); err != nil {
			return err
		}
		list.Items = append(list.Items, slides.Item{Slide: x.Slide, Dwell: n})
	}
	err := list2.Err("studio.playlistSave")
	if err == nil {
		if list.ID == "" {
			list.ID = newID(list.Name)
		}
		var unit string
		if unit, err = q.ownerUnit(p.Row); err != nil {
			return err
		}
		var row store.PlaylistRow
		if row, err = s.Store.SavePlaylist(q.r.Context(), q.session.Actor(), unit, list, p.Base); err == nil {
			return q.to("/studio/playlists/"+row.ID, "playlist-saved")
		}
	}
	pr, ok := q.problems(err)
	if !ok {
		return err
	}
	p.Problems, p.Dirty = pr, true
	return q.playlistForm(slides.KindOf(err).Status(), p)
}

// ownerUnit is the unit that owns a piece: its own, or for a new one the first
// in which its writer may edit.
func (q *request) ownerUnit(row *store.PlaylistRow) (string, error) {
	if row != nil {
		return row.Unit, nil
	}
	return q.firstUnit()
}

func (q *request) firstUnit() (string, error) {
	units, err := q.unitsFor(auth.EditContent)
	if err != nil || len(units) == 0 {
		return "", err
	}
	return units[0].ID, nil
}

// playlistsSeen are the playlists that the session may see.
func (q *request) playlistsSeen() ([]store.PlaylistRow, error) {
	sees, err := q.sees()
	if err != nil {
		return nil, err
	}
	lists, err := q.Store.Playlists(q.r.Context())
	return keep(lists, func(r store.PlaylistRow) bool { return sees(r.Unit) }), err
}

// entriesSeen are the schedule entries that the session may see.
func (q *request) entriesSeen() ([]store.EntryRow, error) {
	sees, err := q.sees()
	if err != nil {
		return nil, err
	}
	entries, err := q.Store.Entries(q.r.Context())
	return keep(entries, func(r store.EntryRow) bool { return sees(r.Unit) }), err
}

func movePlace(in []place, verb string, at int, add string) []place {
	switch {
	case verb == "add" && add != "":
		return append(in, place{Slide: add})
	case at >= len(in):
	case verb == "remove":
		return slices.Delete(in, at, at+1)
	case verb == "up" && at > 0:
		in[at-1], in[at] = in[at], in[at-1]
	case verb == "down" && at < len(in)-1:
		in[at+1], in[at] = in[at], in[at+1]
	}
	return in
}

func (s *server) playlistDelete(q *request) error {
	ref := store.ItemRef{Type: store.PlaylistItem, ID: q.r.PathValue("id")}
	if err := s.Store.DeleteItem(q.r.Context(), q.session.Actor(), ref, number(q.r.PostForm.Get("base"))); err != nil {
		return err
	}
	return q.to("/studio/playlists", "playlist-deleted")
}
