package studio

import (
	"net/http"
	"slices"
	"strings"

	"motcua/server/auth"
	"motcua/server/store"
	"motcua/slides"
)

type feedRow struct {
	store.Feed
	UnitName slides.Text
	Edit     bool   // the person may change it
	Trust    bool   // and whether it is trusted
	List     string // its playlist's page, "" before anything is live
	Problems problems
}

type newsItem struct {
	store.FeedItem
	From   string // the feed
	Decide bool   // the person may approve and dismiss it
	V      string // of its picture
}

type feedsPage struct {
	Feeds    []feedRow
	New      feedRow
	Units    []store.Unit
	Topics   []topicChoice
	Shows    []store.FeedShows
	Items    []newsItem
	More     bool
	Decide   bool // anything here
	Problem  string
	Waiting  bool // a feed is about to be asked
	MaxDays  int
	MaxFeeds int
}

// newsItems is how many waiting items a page shows.
const newsItems = 60

func (s *server) feeds(q *request) error {
	return q.feedsForm(http.StatusOK, store.Feed{Topic: "T08", Shows: store.FeedNews, Days: 14}, nil, "")
}

// feedsForm shows the feeds; typed is what was sent for the feed of its id ("" a new one).
func (q *request) feedsForm(status int, typed store.Feed, pr problems, problem string) error {
	ctx := q.r.Context()
	seen, err := q.contentUnits()
	if err != nil {
		return err
	}
	edit, err := q.reach(auth.EditContent)
	if err != nil {
		return err
	}
	publish, err := q.reach(auth.Publish)
	if err != nil {
		return err
	}
	list, err := q.Store.Feeds(ctx, seen)
	if err != nil {
		return err
	}
	units, err := q.Store.Units(ctx, 0)
	if err != nil {
		return err
	}
	names := map[string]slides.Text{}
	for _, u := range units {
		names[u.ID] = u.Name
	}
	lists, err := q.Store.Playlists(ctx)
	if err != nil {
		return err
	}
	p := feedsPage{
		Units: keep(units, func(u store.Unit) bool { return edit.In(u.ID) }), Topics: topics(), Problem: problem,
		Shows: []store.FeedShows{store.FeedNews, store.FeedTicker, store.FeedBoth}, MaxDays: store.MaxFeedDays, MaxFeeds: store.MaxFeeds,
		New: feedRow{Feed: store.Feed{Topic: "T08", Shows: store.FeedNews, Days: 14}, Edit: true, Trust: publish.Anywhere()},
	}
	if typed.ID == "" {
		p.New.Feed, p.New.Problems = typed, pr
	}
	byID := map[string]*feedRow{}
	p.Feeds = make([]feedRow, len(list))
	for n, f := range list {
		r := feedRow{Feed: f, UnitName: names[f.Unit], Edit: edit.In(f.Unit), Trust: publish.In(f.Unit)}
		if f.ID == typed.ID {
			r.Name, r.URL, r.Topic, r.Shows, r.Days, r.Problems = typed.Name, typed.URL, typed.Topic, typed.Shows, typed.Days, pr
		}
		if slices.ContainsFunc(lists, func(l store.PlaylistRow) bool { return l.ID == f.Playlist() }) {
			r.List = "/studio/playlists/" + f.Playlist()
		}
		p.Waiting = p.Waiting || !f.Closed && f.Next == 0
		p.Feeds[n] = r
		byID[f.ID] = &p.Feeds[n]
	}
	items, err := q.Store.FeedItems(ctx, seen, store.ItemWaiting, newsItems+1)
	if err != nil {
		return err
	}
	if p.More = len(items) > newsItems; p.More {
		items = items[:newsItems]
	}
	for _, i := range items {
		f := byID[i.Feed]
		if f == nil {
			continue
		}
		x := newsItem{FeedItem: i, From: f.Name, Decide: f.Trust}
		if i.Slide != "" {
			row, err := q.Store.Slide(ctx, i.Slide)
			if err != nil {
				return err
			}
			fr, err := q.frame(row.Unit)
			if err != nil {
				return err
			}
			x.V = version(row.SHA, fr)
		}
		p.Decide = p.Decide || x.Decide
		p.Items = append(p.Items, x)
	}
	return q.render(status, "feeds", p)
}

// readFeed is a feed as its form was sent. Whether it is trusted only those say
// who may publish there.
func (q *request) readFeed(old store.Feed) (store.Feed, error) {
	v, f := q.r.PostForm, old
	f.Name, f.URL, f.Topic, f.Shows, f.Days = slides.Clean(v.Get("name")), slides.Clean(v.Get("url")), slides.Topic(v.Get("topic")), store.FeedShows(v.Get("shows")), number(v.Get("days"))
	if f.ID == "" {
		f.Unit = v.Get("unit")
	}
	publish, err := q.reach(auth.Publish)
	if err == nil && publish.In(f.Unit) {
		f.Trusted = v.Get("trusted") != ""
	} else if f.URL != old.URL { // the trust was in the source that it had
		f.Trusted = false
	}
	return f, err
}

func (s *server) feedAdd(q *request) error {
	f, err := q.readFeed(store.Feed{})
	if err != nil {
		return err
	}
	var p slides.Problems
	if err := q.checkUnit(f.Unit, &p); err != nil {
		return err
	}
	if len(p.List) == 0 {
		if err := q.mustReach(auth.EditContent, f.Unit, "unit", &p); err != nil {
			return err
		}
	}
	if len(p.List) > 0 {
		return q.feedsForm(http.StatusUnprocessableEntity, f, q.problemsOf("", p.List), "")
	}
	return q.feedKeep(f)
}

func (q *request) feedKeep(f store.Feed) error {
	_, err := q.Store.SaveFeed(q.r.Context(), q.session.Actor(), f)
	switch kind := slides.KindOf(err); kind {
	case "":
		return q.to("/studio/feeds", "feed-saved")
	case slides.Invalid:
		return q.feedsForm(kind.Status(), f, q.problemsOf(f.ID, listed(err)), "")
	case slides.Full:
		return q.feedsForm(http.StatusConflict, f, nil, slides.Sentence(err, q.lang))
	}
	return err
}

// problemsOf are problems by field, those of a feed that exists under its id.
func (q *request) problemsOf(id string, list []slides.Problem) problems {
	out := problems{}
	for _, p := range list {
		s := p.Vi
		if q.lang == "en" {
			s = p.En
		}
		out[id+p.Path] = s
	}
	return out
}

// feedSave changes a feed, ends it, begins it again, or has it asked now.
func (s *server) feedSave(q *request) error {
	old, err := s.Store.Feed(q.r.Context(), q.r.PathValue("id"))
	if err != nil {
		return err
	}
	switch q.r.PostForm.Get("do") {
	case "ask":
		if err := s.Store.AskFeed(q.r.Context(), old.ID); err != nil {
			return err
		}
		return q.to("/studio/feeds", "feed-asked")
	case "end", "begin":
		old.Closed = q.r.PostForm.Get("do") == "end"
		return q.feedKeep(old)
	}
	f, err := q.readFeed(old)
	if err != nil {
		return err
	}
	return q.feedKeep(f)
}

// feedDecide approves or dismisses the items that were ticked.
func (s *server) feedDecide(q *request) error {
	ctx := q.r.Context()
	publish, err := q.reach(auth.Publish)
	if err != nil {
		return err
	}
	do, picked := q.r.PostForm.Get("do"), q.r.PostForm["item"]
	if verb, one, ok := strings.Cut(do, ":"); ok { // an item's own button
		do, picked = verb, []string{one}
	}
	var refs []store.FeedRef
	for _, x := range picked {
		id, guid, _ := strings.Cut(x, "/")
		f, err := s.Store.Feed(ctx, id)
		if err != nil {
			return err
		}
		if !publish.In(f.Unit) {
			return slides.E(slides.Denied, "studio.feedDecide", q.words.say("vi", "error.unit"), q.words.say("en", "error.unit"), nil)
		}
		refs = append(refs, store.FeedRef{Feed: id, GUID: guid})
	}
	if len(refs) == 0 {
		return q.feedsForm(http.StatusUnprocessableEntity, store.Feed{Topic: "T08", Shows: store.FeedNews, Days: 14}, nil, q.words.say(q.lang, "feeds.nothing"))
	}
	done := "news-approved"
	if do == "dismiss" {
		done, err = "news-dismissed", s.Store.DismissItems(ctx, q.session.Actor(), refs)
	} else {
		_, err = s.Store.ApproveItems(ctx, q.session.Actor(), refs)
	}
	switch kind := slides.KindOf(err); kind {
	case "":
		return q.to("/studio/feeds", done)
	case slides.Invalid, slides.Denied:
		return q.feedsForm(http.StatusUnprocessableEntity, store.Feed{Topic: "T08", Shows: store.FeedNews, Days: 14}, nil, sentenceOf(err, q.lang))
	}
	return err
}

func ofFeed(q *request) (string, error) {
	f, err := q.Store.Feed(q.r.Context(), q.r.PathValue("id"))
	return f.Unit, err
}
