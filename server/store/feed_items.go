package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"motcua/slides"
	"motcua/slides/kinds"
)

// FeedItemState is how an item of news stands.
type FeedItemState string

// The states: waits to be decided on; is live; was refused; has had its time.
const (
	ItemWaiting   FeedItemState = "waiting"
	ItemApproved  FeedItemState = "approved"
	ItemDismissed FeedItemState = "dismissed"
	ItemExpired   FeedItemState = "expired"
)

// FeedItem is one item of news, as plain text.
type FeedItem struct {
	Feed      string
	GUID      string // what its source calls it; stored as its SHA-256
	Title     string
	Summary   string
	Link      string // "" or an http(s) address
	Published slides.Millis
	Seen      slides.Millis
	Ends      slides.Millis
	State     FeedItemState
	Slide     string // its draft, "" without
	Ticker    string
}

const feedItemColumns = "feed, guid, title, summary, link, published, seen, ends, state, slide, ticker"

func scanFeedItem(scan func(...any) error) (i FeedItem, err error) {
	err = scan(&i.Feed, &i.GUID, &i.Title, &i.Summary, &i.Link, &i.Published, &i.Seen, &i.Ends, &i.State, &i.Slide, &i.Ticker)
	return i, err
}

// FeedItems lists the items of the feeds of units (nil: all) in a state, the
// newest first.
func (s *Store) FeedItems(ctx context.Context, units []string, state FeedItemState, limit int) (out []FeedItem, err error) {
	err = s.read(ctx, "store.FeedItems", func(t *txn) error {
		return t.each("SELECT "+prefixed("i", feedItemColumns)+" FROM feed_items i JOIN feeds f ON f.id = i.feed WHERE i.state = ?1 AND (?2 IS NULL OR f.unit IN (SELECT value FROM json_each(?2))) ORDER BY i.published DESC, i.guid LIMIT ?3", []any{state, unitsArg(units), limit}, func(rows *sql.Rows) error {
			i, err := scanFeedItem(rows.Scan)
			out = append(out, i)
			return err
		})
	})
	return out, err
}

// FeedAnswered writes down what a feed that this server has claimed answered:
// new items become drafts, in one transaction; which one was seen before is not
// taken again. added counts the new ones. Conflict: the claim is lost.
func (s *Store) FeedAnswered(ctx context.Context, id string, r FeedAnswer) (added int, err error) {
	const op = "store.FeedAnswered"
	err = s.write(ctx, op, func(t *txn) error {
		added = 0
		f, err := t.feed(op, id)
		if err != nil {
			return err
		}
		next := int64(t.now) + r.Wait.Milliseconds()
		if r.Failed != nil {
			return t.claimed(op, id, "next = ?, fails = fails + 1, vi = ?, en = ?, until = 0", next, slides.Sentence(r.Failed, "vi"), slides.Sentence(r.Failed, "en"))
		}
		if err := t.claimed(op, id, "next = ?, fails = 0, vi = '', en = '', until = 0, fetched = ?, etag = ?, modified = ?", next, t.now, clip(r.ETag, 300), clip(r.Modified, 100)); err != nil {
			return err
		}
		look, _, err := t.look()
		if err != nil {
			return err
		}
		slices.SortStableFunc(r.Items, func(a, b FeedItem) int { return int(min(max(b.Published-a.Published, -1), 1)) })
		for _, i := range r.Items[:min(len(r.Items), maxFeedItems)] {
			fresh, err := t.addFeedItem(op, &f, i, look.Hosts)
			if err != nil {
				return err
			}
			if fresh {
				added++
			}
		}
		return nil
	})
	return added, err
}

func (t *txn) claimed(op, id, set string, args ...any) error {
	n, err := t.affect("UPDATE feeds SET "+set+" WHERE id = ? AND server = ?", append(args, id, t.s.opt.Server)...)
	if err == nil && n == 0 {
		err = slides.E(slides.Conflict, op, "Máy chủ khác đã nhận nguồn tin này.", "Another server has taken this feed over.", nil)
	}
	return err
}

// addFeedItem keeps an item that was not seen before, with its drafts. One that
// has had its time already is left out.
func (t *txn) addFeedItem(op string, f *Feed, i FeedItem, hosts []string) (bool, error) {
	i.Feed, i.Seen, i.State = f.ID, t.now, ItemWaiting
	i.GUID = slides.Sum([]byte(i.GUID))
	if i.Published <= 0 || i.Published > t.now { // unknown, or a clock that runs ahead
		i.Published = t.now
	}
	if i.Ends = i.Published + slides.Millis(time.Duration(f.Days)*24*time.Hour/time.Millisecond); i.Ends <= t.now {
		return false, nil
	}
	for _, kind := range []string{"news", "ticker"} {
		if f.Shows != FeedBoth && string(f.Shows) != kind {
			continue
		}
		sl := f.slide(kind, i, hosts, t.zoneOf(f.Unit))
		if kind == "news" {
			i.Slide = sl.ID
		} else {
			i.Ticker = sl.ID
		}
		var seen bool
		if err := t.row("SELECT EXISTS (SELECT 1 FROM feed_items WHERE feed = ? AND guid = ?)", i.Feed, i.GUID).Scan(&seen); err != nil || seen {
			return false, err
		}
		d, err := slideDraft(op, f.Unit, sl)
		if slides.KindOf(err) == slides.Invalid {
			return false, nil // nothing that a screen can show: the next item
		}
		if err != nil {
			return false, err
		}
		if _, err := t.saveOwned(op, f.actor(), d, 0); err != nil {
			return false, err
		}
	}
	n, err := t.affect("INSERT INTO feed_items ("+feedItemColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
		i.Feed, i.GUID, i.Title, i.Summary, i.Link, i.Published, i.Seen, i.Ends, i.State, i.Slide, i.Ticker)
	return n > 0, err
}

// zoneOf is a unit's time zone.
func (t *txn) zoneOf(unit string) *time.Location {
	if units, err := t.units(0); err == nil {
		for _, u := range units {
			if l, err := zone(u.Zone); u.ID == unit && err == nil {
				return l
			}
		}
	}
	l, err := zone(t.s.opt.Zone)
	if err != nil {
		return time.UTC // Open has checked it
	}
	return l
}

// slide is an item as a slide of a kind. Its id comes from the item's own, so
// that the same item is the same slide whoever fetched it.
func (f *Feed) slide(kind string, i FeedItem, hosts []string, l *time.Location) *slides.Slide {
	s := &slides.Slide{
		ID: kind[:1] + "-" + f.ID + "-" + i.GUID[:12], Kind: kind, Topic: f.Topic, Audience: slides.Public,
		Title: slides.Vi(runes(i.Title, slides.MaxTitle)), Source: runes(f.Name, 200), Until: i.Ends,
	}
	if kind == "ticker" {
		s.Body = kinds.MustJSON(&kinds.Ticker{Line: slides.Vi(runes(i.Title, 300))})
		return s
	}
	b := &kinds.News{Title: slides.Vi(runes(i.Title, 160)), From: runes(f.Name, 80), Date: slides.LocalDate(i.Published.Time().In(l).Format(time.DateOnly))}
	if text := runes(i.Summary, 300); text != "" {
		b.Text = slides.Vi(text)
	}
	if i.Link != "" {
		b.QR = &kinds.QR{URL: i.Link, Caption: slides.Text{"vi": "Đọc toàn bộ tin", "en": "Read it all"}}
		// An address that no screen may show, or that fits no code, is left out.
		var p slides.Problems
		if kinds.CheckHosts(b, hosts, &p); len(hosts) > 0 && len(p.List) > 0 || kinds.Validate(&slides.Slide{ID: s.ID, Kind: kind, Topic: s.Topic, Audience: s.Audience, Title: s.Title, Body: kinds.MustJSON(b)}) != nil {
			b.QR = nil
		}
	}
	s.Body = kinds.MustJSON(b)
	return s
}

// runes cuts a text to n runes, at a word where it can.
func runes(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	s = string(r[:n-1])
	if i := strings.LastIndexByte(s, ' '); i > len(s)/2 {
		s = s[:i]
	}
	return strings.TrimRight(s, " ,.;:–-") + "…"
}

// FeedRef names an item.
type FeedRef struct{ Feed, GUID string }

// ApproveItems makes items live, in one publication: somebody other than who
// wrote them (the source) has looked. Denied: the unit wants them to be looked
// through by two, so they go the way of other drafts.
func (s *Store) ApproveItems(ctx context.Context, a Actor, refs []FeedRef) (p Publication, err error) {
	const op = "store.ApproveItems"
	err = s.write(ctx, op, func(t *txn) error {
		p, err = t.approveItems(op, a, refs, false)
		return err
	})
	return p, err
}

// PublishTrusted makes live what waits of a feed that its unit trusts; there may
// be nothing.
func (s *Store) PublishTrusted(ctx context.Context, id string) error {
	const op = "store.PublishTrusted"
	return s.write(ctx, op, func(t *txn) error {
		f, err := t.feed(op, id)
		if err != nil || !f.Trusted || f.Closed {
			return err
		}
		var refs []FeedRef
		if err := t.each("SELECT feed, guid FROM feed_items WHERE feed = ? AND state = 'waiting' AND ends > ?", []any{id, t.now}, func(rows *sql.Rows) error {
			var r FeedRef
			err := rows.Scan(&r.Feed, &r.GUID)
			refs = append(refs, r)
			return err
		}); err != nil || len(refs) == 0 {
			return err
		}
		_, err = t.approveItems(op, f.actor(), refs, true)
		return err
	})
}

func (t *txn) approveItems(op string, a Actor, refs []FeedRef, trusted bool) (Publication, error) {
	touched := map[string]bool{}
	var steps []PublishedItem
	var title string
	for _, r := range refs {
		i, err := t.feedItem(op, r)
		if err != nil {
			return Publication{}, err
		}
		f, err := t.feed(op, r.Feed)
		if err != nil {
			return Publication{}, err
		}
		rule, err := t.ruleAt(f.Unit)
		if err != nil {
			return Publication{}, err
		}
		if rule.Way == WayReview && !trusted {
			return Publication{}, slides.E(slides.Denied, op, "Đơn vị này cần thẩm định trước khi duyệt; hãy trình bản nháp của tin này ở mục Trang trình chiếu.", "This unit wants a review before the approval; submit the draft of this item from Slides.", nil)
		}
		if i.State != ItemWaiting {
			continue // somebody else has decided
		}
		edited, err := t.editedNews(op, i)
		if err != nil {
			return Publication{}, err
		}
		if edited && trusted {
			continue // the source is trusted, not who wrote over it
		}
		if edited && rule.Way != WayDirect {
			return Publication{}, slides.E(slides.Denied, op, fmt.Sprintf("“%s” đã được sửa sau khi lấy về; hãy trình bản nháp đó ở mục Trang trình chiếu.", i.Title), fmt.Sprintf("“%s” was edited since it came; submit that draft from Slides.", i.Title), nil)
		}
		if err := t.exec("UPDATE feed_items SET state = 'approved', by = ?, at = ? WHERE feed = ? AND guid = ?", a.User, t.now, r.Feed, r.GUID); err != nil {
			return Publication{}, err
		}
		for _, id := range []string{i.Slide, i.Ticker} {
			if id == "" {
				continue
			}
			s, ok, err := t.liveStep(op, ItemRef{SlideItem, id})
			if err != nil {
				return Publication{}, err
			}
			if ok {
				steps = append(steps, s)
			}
		}
		touched[f.ID], title = touched[f.ID] || i.Slide != "", f.Name
	}
	for id, slide := range touched {
		if !slide {
			continue
		}
		s, ok, err := t.feedList(op, a, id)
		if err != nil {
			return Publication{}, err
		}
		if ok {
			steps = append(steps, s)
		}
	}
	if len(steps) == 0 {
		return Publication{}, nil
	}
	return t.release(op, a, "publish", fmt.Sprintf("Tin từ %s", title), false, steps)
}

// editedNews says whether somebody wrote over an item's drafts: then who approves
// it may be who wrote it.
func (t *txn) editedNews(op string, i FeedItem) (bool, error) {
	for _, id := range []string{i.Slide, i.Ticker} {
		if id == "" {
			continue
		}
		x, err := t.item(op, ItemRef{SlideItem, id})
		if err != nil || x.State != Removed && x.By != "feed" {
			return err == nil, err
		}
	}
	return false, nil
}

// liveStep is what makes an item's draft live; ok is false where it is, or where
// there is none any more.
func (t *txn) liveStep(op string, ref ItemRef) (s PublishedItem, ok bool, err error) {
	i, err := t.item(op, ref)
	if err != nil {
		return s, false, err
	}
	if i.State == Removed || i.State == Removing || i.Live == i.Version {
		return s, false, nil
	}
	return PublishedItem{ItemRef: ref, Before: i.Live, After: i.Version}, true, nil
}

// feedList writes a feed's playlist anew: its approved slides, the newest first.
func (t *txn) feedList(op string, a Actor, feed string) (PublishedItem, bool, error) {
	f, err := t.feed(op, feed)
	if err != nil {
		return PublishedItem{}, false, err
	}
	p := slides.Playlist{ID: f.Playlist(), Name: runes("Tin: "+f.Name, maxName)}
	if err := t.each("SELECT slide FROM feed_items WHERE feed = ? AND state = 'approved' AND slide <> '' AND ends > ? ORDER BY published DESC, guid LIMIT ?", []any{feed, t.now, maxItems}, func(rows *sql.Rows) error {
		var it slides.Item
		err := rows.Scan(&it.Slide)
		p.Items = append(p.Items, it)
		return err
	}); err != nil {
		return PublishedItem{}, false, err
	}
	ref := ItemRef{PlaylistItem, p.ID}
	base := 0
	old, err := t.item(op, ref)
	switch {
	case slides.KindOf(err) == slides.NotFound:
	case err != nil:
		return PublishedItem{}, false, err
	case old.State != Removed && old.State != Removing:
		base = old.Version
	}
	if _, err := t.savePlaylist(op, a, f.Unit, p, base); err != nil {
		return PublishedItem{}, false, err
	}
	return t.liveStep(op, ref)
}

func (t *txn) feedItem(op string, r FeedRef) (FeedItem, error) {
	i, err := scanFeedItem(t.row("SELECT "+feedItemColumns+" FROM feed_items WHERE feed = ? AND guid = ?", r.Feed, r.GUID).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		err = notFound(op, "Không có tin này.", "There is no such item.")
	}
	return i, err
}

// DismissItems refuses items that wait; their drafts are deleted.
func (s *Store) DismissItems(ctx context.Context, a Actor, refs []FeedRef) error {
	const op = "store.DismissItems"
	return s.write(ctx, op, func(t *txn) error {
		for _, r := range refs {
			i, err := t.feedItem(op, r)
			if err != nil {
				return err
			}
			if i.State != ItemWaiting {
				continue
			}
			if err := t.endItem(i, ItemDismissed, a); err != nil {
				return err
			}
			if err := t.audit(a, "feed.dismiss", "feed:"+r.Feed, map[string]any{"title": i.Title}); err != nil {
				return err
			}
		}
		return nil
	})
}

// endItem ends an item that never went live, with its drafts.
func (t *txn) endItem(i FeedItem, state FeedItemState, a Actor) error {
	if err := t.exec("UPDATE feed_items SET state = ?, by = ?, at = ? WHERE feed = ? AND guid = ?", state, a.User, t.now, i.Feed, i.GUID); err != nil {
		return err
	}
	for _, id := range []string{i.Slide, i.Ticker} {
		if id == "" {
			continue
		}
		if err := t.exec("UPDATE items SET deleted = 1, updated = ?, by = ? WHERE type = 'slide' AND id = ? AND live = 0", t.now, a.User, id); err != nil {
			return err
		}
		if err := t.tell(Change{Kind: ContentChanged, Ref: ItemRef{SlideItem, id}.object()}); err != nil {
			return err
		}
	}
	return nil
}

// How long items of news are kept that are no longer shown. What is live stays a
// day past its end, which costs nothing (its slide says until when) and gathers a
// day's items into one publication. Rows of what was refused or is over stay for
// over a year, so that a source that names no dates is not taken again.
const (
	keepOverNews  = 24 * time.Hour
	keepFeedItems = 400 * 24 * time.Hour
)

// expireItems ends what waited too long, and takes off the screens' content what
// has been over for a day.
func (t *txn) expireItems() error {
	old, err := t.feedItemsWhere("state = 'waiting' AND ends <= ?", t.now)
	if err != nil {
		return err
	}
	for _, i := range old {
		if err := t.endItem(i, ItemExpired, feedActor); err != nil {
			return err
		}
	}
	if err := t.exec("DELETE FROM feed_items WHERE state IN ('dismissed', 'expired') AND ends <= ?", t.now-slides.Millis(keepFeedItems.Milliseconds())); err != nil {
		return err
	}
	over, err := t.feedItemsWhere("state = 'approved' AND ends <= ?", t.now-slides.Millis(keepOverNews.Milliseconds()))
	if err != nil {
		return err
	}
	feeds := map[string][]FeedItem{}
	for _, i := range over {
		feeds[i.Feed] = append(feeds[i.Feed], i)
	}
	var steps []PublishedItem
	for _, feed := range slices.Sorted(maps.Keys(feeds)) {
		off, err := t.overNews(feed, feeds[feed])
		if err != nil {
			return err
		}
		steps = append(steps, off...)
	}
	if len(steps) == 0 {
		return nil
	}
	// Not checked: what else is live and broken is no reason to keep it.
	_, err = t.releaseChecked("store.Tidy", feedActor, "publish", "Tin đã hết hạn", false, false, steps)
	return err
}

// feedActor is who writes and ends items of news: nobody but their source.
var feedActor = Actor{User: "feed"}

func (t *txn) feedItemsWhere(where string, args ...any) (out []FeedItem, err error) {
	err = t.each("SELECT "+feedItemColumns+" FROM feed_items WHERE "+where+" ORDER BY feed, guid", args, func(rows *sql.Rows) error {
		i, err := scanFeedItem(rows.Scan)
		out = append(out, i)
		return err
	})
	return out, err
}

// overNews are the steps that take a feed's items off that are over. One stays
// that somebody wrote over, or put on a playlist of their own; and all stay while
// the feed's own playlist would be empty without them: an empty one is no playlist.
func (t *txn) overNews(feed string, over []FeedItem) (steps []PublishedItem, err error) {
	f, err := t.feed("store.Tidy", feed)
	if err != nil {
		return nil, err
	}
	list := f.Playlist()
	var left int
	if err := t.row("SELECT count(*) FROM feed_items WHERE feed = ? AND state = 'approved' AND slide <> '' AND ends > ?", feed, t.now).Scan(&left); err != nil {
		return nil, err
	}
	listed := false
	for _, i := range over {
		var own []PublishedItem
		keep := false
		for _, id := range []string{i.Slide, i.Ticker} {
			if id == "" {
				continue
			}
			x, err := t.item("store.Tidy", ItemRef{SlideItem, id})
			if err != nil {
				return nil, err
			}
			on, err := t.listedIn(id)
			if err != nil {
				return nil, err
			}
			mine := slices.Contains(on, list)
			listed = listed || mine
			keep = keep || x.By != feedActor.User || len(on) > 1 || len(on) == 1 && !mine || mine && left == 0
			if x.Live > 0 {
				own = append(own, PublishedItem{ItemRef: x.ItemRef, Before: x.Live})
			}
		}
		if keep {
			continue
		}
		if err := t.exec("UPDATE feed_items SET state = ? WHERE feed = ? AND guid = ?", ItemExpired, i.Feed, i.GUID); err != nil {
			return nil, err
		}
		for _, st := range own {
			if err := t.exec("UPDATE items SET deleted = 1, updated = ?, by = ? WHERE type = ? AND id = ?", t.now, feedActor.User, st.Type, st.ID); err != nil {
				return nil, err
			}
		}
		steps = append(steps, own...)
	}
	if listed && len(steps) > 0 {
		s, ok, err := t.feedList("store.Tidy", feedActor, feed)
		if err != nil {
			return nil, err
		}
		if ok {
			steps = append(steps, s)
		}
	}
	return steps, nil
}
