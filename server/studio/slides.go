package studio

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"sort"
	"strings"

	"motcua/server/auth"
	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/kinds"
)

// slideCard is one slide of a list.
type slideCard struct {
	store.SlideRow
	Kind    slides.Text
	Topic   slides.Text
	V       string
	Expired bool
	Recall  bool // it is on the screens, and this person may take it off
}

// Title is what lists call the slide.
func (c slideCard) Title() slides.Text { return c.Slide.Title }

type slideListPage struct {
	Cards  []slideCard
	Filter store.SlideFilter
	Any    bool // there are slides at all
	First  int  // of the cards' numbers, from 1
	Last   int
	Prev   string // address of the page before; "" none
	Next   string
	All    string // address of changing all that the filter finds
	Undo   string // id of the slide that was just deleted
	Kinds  []kinds.Kind
	Topics []topicChoice
	States []store.ItemState
	Drafts []unsaved
}

// unsaved is what the person has typed and not saved.
type unsaved struct {
	Title, Link string
	Kind        slides.Text
	Updated     slides.Millis
}

// unsavedDrafts are the person's, the latest first.
func (q *request) unsavedDrafts() ([]unsaved, error) {
	list, err := q.Store.Drafts(q.r.Context(), q.session.User.ID)
	if err != nil {
		return nil, err
	}
	var out []unsaved
	for _, d := range list {
		k, ok := kinds.Find(d.Kind)
		if !ok {
			continue // a change of many, kept for its undo
		}
		u := unsaved{Title: clipRunes(d.Title, maxAutoTitle), Kind: k.Label, Updated: d.Updated}
		if id, ok := strings.CutPrefix(d.Key, "slide:"); ok {
			u.Link = "/studio/slides/" + id
		} else {
			u.Link = "/studio/new-slide/" + d.Kind + "?draft=" + strings.TrimPrefix(d.Key, "new:")
		}
		out = append(out, u)
	}
	return out, nil
}

type topicChoice struct {
	Code slides.Topic
	Name slides.Text
}

func topics() []topicChoice {
	var out []topicChoice
	for code, name := range slides.TopicNames {
		out = append(out, topicChoice{code, name})
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Code < out[j].Code })
	return out
}

// One page of the list, and how many there can be.
const (
	maxCards = 60
	maxPages = 1000
)

// slideFilter reads a list's address.
func (q *request) slideFilter(u url.Values) (store.SlideFilter, error) {
	seen, err := q.contentUnits()
	return store.SlideFilter{
		Units: seen, Topic: slides.Topic(u.Get("topic")), Kind: u.Get("kind"), State: store.ItemState(u.Get("state")), Search: short(u.Get("q")),
		Limit: maxCards + 1, Offset: min(number(u.Get("p")), maxPages) * maxCards,
	}, err
}

func (s *server) slideList(q *request) error {
	u := q.r.URL.Query()
	f, err := q.slideFilter(u)
	if err != nil {
		return err
	}
	p := slideListPage{Filter: f, Kinds: kinds.All(), Topics: topics(), States: []store.ItemState{store.Draft, store.Live, store.Edited, store.Recalled, store.Removing, store.Removed}}
	if id := u.Get("undo"); slides.ValidID(id) && u.Get("done") == "slide-deleted" {
		p.Undo = id
	}
	rows, err := s.Store.Slides(q.r.Context(), f)
	if err != nil {
		return err
	}
	if p.Drafts, err = q.unsavedDrafts(); err != nil {
		return err
	}
	if p.Any = len(rows) > 0; !p.Any {
		all, err := s.Store.Slides(q.r.Context(), store.SlideFilter{Units: f.Units, Limit: 1})
		if err != nil {
			return err
		}
		p.Any = len(all) > 0
	}
	at := func(page int) string {
		v := url.Values{}
		for _, k := range []string{"q", "topic", "kind", "state"} {
			if x := u.Get(k); x != "" {
				v.Set(k, x)
			}
		}
		p.All = "/studio/slide-changes?all=1&" + v.Encode()
		if page > 0 {
			v.Set("p", fmt.Sprint(page))
		}
		return "/studio/slides?" + v.Encode()
	}
	page := f.Offset / maxCards
	p.First = f.Offset + 1
	if len(rows) > maxCards {
		rows, p.Next = rows[:maxCards], at(page+1)
	}
	if at(0); page > 0 {
		p.Prev = at(page - 1)
	}
	p.Last = f.Offset + len(rows)
	if p.Cards, err = q.cards(rows); err != nil {
		return err
	}
	return q.render(http.StatusOK, "slides", p)
}

func (q *request) cards(rows []store.SlideRow) ([]slideCard, error) {
	frames := map[string]*frame{}
	may, err := q.reach(auth.Publish)
	if err != nil {
		return nil, err
	}
	now := q.Store.Now()
	out := make([]slideCard, 0, len(rows))
	for _, r := range rows {
		f := frames[r.Unit]
		if f == nil {
			var err error
			if f, err = q.frame(r.Unit); err != nil {
				return nil, err
			}
			frames[r.Unit] = f
		}
		k, _ := kinds.Find(r.Slide.Kind)
		out = append(out, slideCard{
			SlideRow: r, Kind: k.Label, Topic: slides.TopicNames[r.Slide.Topic], V: version(r.SHA, f),
			Expired: r.Slide.Until != 0 && now >= r.Slide.Until, Recall: r.Live > 0 && may.In(r.Unit),
		})
	}
	return out, nil
}

// kindsPage is where a new slide begins: a kind, a template, a slogan, or what
// was left unsaved.
type kindsPage struct {
	Kinds     []kinds.Kind
	Templates []slideCard
	Bank      []slogan
	Drafts    []unsaved
}

func (s *server) slideKinds(q *request) (err error) {
	p := kindsPage{Kinds: kinds.All()}
	seen, err := q.contentUnits()
	if err != nil {
		return err
	}
	rows, err := s.Store.Slides(q.r.Context(), store.SlideFilter{Units: seen, Template: true, Limit: maxCards})
	if err != nil {
		return err
	}
	if p.Templates, err = q.cards(rows); err != nil {
		return err
	}
	if p.Bank, err = q.bank(); err != nil {
		return err
	}
	drafts, err := q.unsavedDrafts()
	p.Drafts = keep(drafts, func(u unsaved) bool { return strings.HasPrefix(u.Link, "/studio/new-slide/") })
	if err != nil {
		return err
	}
	return q.render(http.StatusOK, "kinds", p)
}

func (s *server) slideDuplicate(q *request) error {
	row, err := s.Store.Slide(q.r.Context(), q.r.PathValue("id"))
	if err != nil {
		return err
	}
	b, err := json.Marshal(row.Slide)
	if err != nil {
		return err
	}
	var c slides.Slide
	if err := json.Unmarshal(b, &c); err != nil {
		return err
	}
	q.copyTitle(&c)
	c.ID = newID(c.Title.In("vi"))
	saved, err := s.Store.SaveSlide(q.r.Context(), q.session.Actor(), row.Unit, &c, 0)
	if err != nil {
		return err
	}
	return q.to("/studio/slides/"+saved.ID, "slide-copied")
}

// copyTitle says in a slide's title that it is a copy.
func (q *request) copyTitle(c *slides.Slide) {
	for l, t := range c.Title {
		lang := "vi"
		if l == "en" {
			lang = "en"
		}
		if t = q.words.say(lang, "slide.copy", t); len([]rune(t)) <= slides.MaxTitle {
			c.Title[l] = t
		}
	}
}

func (s *server) slideDelete(q *request) error {
	err := s.Store.DeleteItem(q.r.Context(), q.session.Actor(), store.ItemRef{Type: store.SlideItem, ID: q.r.PathValue("id")}, number(q.r.PostForm.Get("base")))
	if err != nil {
		return err
	}
	return q.to("/studio/slides?undo="+q.r.PathValue("id"), "slide-deleted")
}

// slideRecall takes a slide off every screen at once. One click: who finds a
// wrong number on the wall must not read a dialogue first; the page
// that it leads to shows the kiosks taking it off, and undoes it.
func (s *server) slideRecall(q *request) error {
	p, err := s.Store.RecallSlide(q.r.Context(), q.session.Actor(), q.r.PathValue("id"), short(q.r.PostForm.Get("note")))
	if err != nil {
		return err
	}
	return q.to(fmt.Sprintf("/studio/publications/%d", p.Revision), "recalled")
}
