package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"motcua/slides"
)

// FeedShows is what the items of a feed become.
type FeedShows string

// A slide each, a line of the ticker each, or both.
const (
	FeedNews   FeedShows = "news"
	FeedTicker FeedShows = "ticker"
	FeedBoth   FeedShows = "both"
)

// Limits of feeds.
const (
	MaxFeeds     = 50 // of the house: each is asked every half hour
	MinFeedDays  = 1
	MaxFeedDays  = 60
	maxFeedItems = 20 // newest ones that are taken of one answer: a portal's page of a week
)

// Feed is a source of news (RSS, Atom) that a unit follows.
type Feed struct {
	ID      string
	Unit    string
	Name    string
	URL     string
	Topic   slides.Topic
	Shows   FeedShows
	Trusted bool // its items go live by themselves
	Days    int  // an item shows so long after it was published
	Closed  bool

	ETag, Modified string // what the source wants to be asked with
	Next           slides.Millis
	Tried          slides.Millis
	Fetched        slides.Millis // the last time that it answered
	Fails          int           // in a row
	Vi, En         string        // why it last failed
}

// Playlist is the id of the list in which a feed's live slides stand; staff
// schedule it like any other.
func (f *Feed) Playlist() string { return "tin-" + f.ID }

// actor is in whose name a feed writes.
func (f *Feed) actor() Actor { return Actor{User: "feed", Name: "Nguồn tin: " + f.Name} }

const feedColumns = "id, unit, name, url, topic, shows, trusted, days, closed <> 0, etag, modified, next, tried, fetched, fails, vi, en"

func scanFeed(scan func(...any) error) (f Feed, err error) {
	err = scan(&f.ID, &f.Unit, &f.Name, &f.URL, &f.Topic, &f.Shows, &f.Trusted, &f.Days, &f.Closed, &f.ETag, &f.Modified, &f.Next, &f.Tried, &f.Fetched, &f.Fails, &f.Vi, &f.En)
	return f, err
}

// Feeds lists the feeds of units (nil: all), the closed ones last.
func (s *Store) Feeds(ctx context.Context, units []string) (out []Feed, err error) {
	err = s.read(ctx, "store.Feeds", func(t *txn) error {
		return t.each("SELECT "+feedColumns+" FROM feeds WHERE ?1 IS NULL OR unit IN (SELECT value FROM json_each(?1)) ORDER BY closed, name, id", []any{unitsArg(units)}, func(rows *sql.Rows) error {
			f, err := scanFeed(rows.Scan)
			out = append(out, f)
			return err
		})
	})
	return out, err
}

// unitsArg is a list of units for json_each, NULL for all.
func unitsArg(units []string) any {
	if units == nil {
		return nil
	}
	return toJSON(units)
}

// Feed is one feed.
func (s *Store) Feed(ctx context.Context, id string) (f Feed, err error) {
	err = s.read(ctx, "store.Feed", func(t *txn) error {
		f, err = t.feed("store.Feed", id)
		return err
	})
	return f, err
}

func (t *txn) feed(op, id string) (Feed, error) {
	f, err := scanFeed(t.row("SELECT "+feedColumns+" FROM feeds WHERE id = ?", id).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		err = notFound(op, "Không có nguồn tin này.", "There is no such feed.")
	}
	return f, err
}

// Address is the URL as it is shown to those who may not change it.
func (f Feed) Address() string { return Shown(f.URL) }

// check reports what of a feed staff must mend.
func (f *Feed) check(p *slides.Problems) {
	checkName(p, "name", &f.Name)
	u, err := url.Parse(slides.Clean(f.URL))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || len(f.URL) > 500 {
		p.Add("url", "Địa chỉ phải bắt đầu bằng https:// hoặc http://, ví dụ https://langson.gov.vn/rss.", "The address must begin with https:// or http://, like https://langson.gov.vn/rss.")
	} else {
		u.Fragment = ""
		f.URL = u.String()
	}
	if _, ok := slides.TopicNames[f.Topic]; !ok {
		p.Add("topic", "Hãy chọn chuyên đề.", "Choose a topic.")
	}
	if !slices.Contains([]FeedShows{FeedNews, FeedTicker, FeedBoth}, f.Shows) {
		p.Add("shows", "Hãy chọn tin hiện ở đâu.", "Choose where the news shows.")
	}
	if f.Days < MinFeedDays || f.Days > MaxFeedDays {
		p.Add("days", fmt.Sprintf("Số ngày phải từ %d đến %d.", MinFeedDays, MaxFeedDays), fmt.Sprintf("The days must be %d to %d.", MinFeedDays, MaxFeedDays))
	}
}

// SaveFeed adds a feed (ID "" makes one) or changes it; it is asked at once.
func (s *Store) SaveFeed(ctx context.Context, a Actor, f Feed) (Feed, error) {
	const op = "store.SaveFeed"
	var p slides.Problems
	f.check(&p)
	if err := p.Err(op); err != nil {
		return f, err
	}
	type shown struct {
		Name    string       `json:"name"`
		URL     string       `json:"url"`
		Topic   slides.Topic `json:"topic"`
		Shows   FeedShows    `json:"shows"`
		Trusted bool         `json:"trusted,omitempty"`
		Days    int          `json:"days"`
		Closed  bool         `json:"ended,omitempty"`
	}
	show := func(f Feed) shown { return shown{f.Name, f.Address(), f.Topic, f.Shows, f.Trusted, f.Days, f.Closed} }
	err := s.write(ctx, op, func(t *txn) error {
		if err := t.knownUnit(op, f.Unit); err != nil {
			return err
		}
		var before any
		closed := slides.Millis(0)
		if f.Closed {
			closed = t.now
		}
		if f.ID == "" {
			var n int
			if err := t.row("SELECT count(*) FROM feeds WHERE closed = 0").Scan(&n); err != nil {
				return err
			}
			if n >= MaxFeeds {
				return slides.E(slides.Full, op, fmt.Sprintf("Đã có %d nguồn tin; hãy ngừng bớt một nguồn.", n), fmt.Sprintf("There are %d feeds; end one first.", n), nil)
			}
			f.ID = randomID("f")
			if err := t.exec("INSERT INTO feeds (id, unit, name, url, topic, shows, trusted, days, created) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", f.ID, f.Unit, f.Name, f.URL, f.Topic, f.Shows, f.Trusted, f.Days, t.now); err != nil {
				return err
			}
		} else {
			old, err := t.feed(op, f.ID)
			if err != nil {
				return err
			}
			before, f.Unit = show(old), old.Unit
			if err := t.exec("UPDATE feeds SET name = ?, url = ?, topic = ?, shows = ?, trusted = ?, days = ?, closed = ?, next = 0, fails = 0 WHERE id = ?", f.Name, f.URL, f.Topic, f.Shows, f.Trusted, f.Days, closed, f.ID); err != nil {
				return err
			}
			if old.URL != f.URL { // another source knows nothing of what this one said
				if err := t.exec("UPDATE feeds SET etag = '', modified = '' WHERE id = ?", f.ID); err != nil {
					return err
				}
			}
		}
		var err error
		if f, err = t.feed(op, f.ID); err != nil {
			return err
		}
		return t.audit(a, "feed.save", "feed:"+f.ID, change(before, show(f)))
	})
	return f, err
}

// AskFeed has a feed asked as soon as a server is free.
func (s *Store) AskFeed(ctx context.Context, id string) error {
	return s.write(ctx, "store.AskFeed", func(t *txn) error {
		return t.exec("UPDATE feeds SET next = 0 WHERE id = ? AND closed = 0", id)
	})
}

// ClaimFeed gives this server a feed whose time has come, for life; ok is false
// where there is none.
func (s *Store) ClaimFeed(ctx context.Context, life time.Duration) (f Feed, ok bool, err error) {
	const due = "closed = 0 AND next <= ?1 AND until <= ?1"
	if err := s.read(ctx, "store.ClaimFeed", func(t *txn) error {
		return t.row("SELECT EXISTS (SELECT 1 FROM feeds WHERE "+due+")", t.now).Scan(&ok)
	}); err != nil || !ok {
		return f, false, err
	}
	err = s.write(ctx, "store.ClaimFeed", func(t *txn) error {
		f, err = scanFeed(t.row("SELECT "+feedColumns+" FROM feeds WHERE "+due+" ORDER BY next, id LIMIT 1", t.now).Scan)
		if ok = !errors.Is(err, sql.ErrNoRows); err != nil && ok {
			return err
		}
		return t.exec("UPDATE feeds SET server = ?, until = ?, tried = ? WHERE id = ?", s.opt.Server, int64(t.now)+life.Milliseconds(), t.now, f.ID)
	})
	return f, ok && err == nil, err
}

// FeedAnswer is what asking a feed gave.
type FeedAnswer struct {
	ETag, Modified string
	Items          []FeedItem    // none where nothing is new
	Wait           time.Duration // until it is asked again
	Failed         error         // nil: it answered
}

// FeedStuck says why what a feed brought could not go live by itself.
func (s *Store) FeedStuck(ctx context.Context, id string, why error) error {
	return s.write(ctx, "store.FeedStuck", func(t *txn) error {
		return t.exec("UPDATE feeds SET vi = ?, en = ? WHERE id = ?", "Chưa tự phát hành được tin: "+stuck(why, "vi"), "The news can't go live by itself: "+stuck(why, "en"), id)
	})
}

// stuck is the first thing to mend, else the error's sentence.
func stuck(err error, lang string) string {
	if e, ok := errors.AsType[*slides.Error](err); ok && len(e.Problems) > 0 {
		if lang == "en" {
			return e.Problems[0].En
		}
		return e.Problems[0].Vi
	}
	return slides.Sentence(err, lang)
}
