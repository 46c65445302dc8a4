package feed

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"motcua/server/store"
	"motcua/slides"
)

// portal is a source of news.
type portal struct {
	*httptest.Server
	mu    sync.Mutex
	items []string
	asked atomic.Int64
	same  atomic.Int64 // answered with "nothing is new"
}

func newPortal(t *testing.T) *portal {
	p := &portal{}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.asked.Add(1)
		p.mu.Lock()
		defer p.mu.Unlock()
		tag := fmt.Sprintf(`"%d"`, len(p.items))
		if r.Header.Get("If-None-Match") == tag {
			p.same.Add(1)
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("ETag", tag)
		w.Header().Set("Content-Type", "application/rss+xml; charset=utf-8")
		fmt.Fprintf(w, `<?xml version="1.0"?><rss version="2.0"><channel><title>Cổng</title>%s</channel></rss>`, strings.Join(p.items, ""))
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *portal) add(guid, title, text string, at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.items = append(p.items, fmt.Sprintf("<item><guid>%s</guid><title>%s</title><description><![CDATA[%s]]></description><link>/tin/%s?a=1#x</link><pubDate>%s</pubDate></item>", guid, title, text, guid, at.Format(time.RFC1123Z)))
}

// here allows the tests' own servers.
func here(a netip.Addr) bool { return a.Unmap() == netip.MustParseAddr("127.0.0.1") }

type house struct {
	t     *testing.T
	dir   string
	st    *store.Store
	later atomic.Int64 // ms
}

func (h *house) now() time.Time {
	return time.Now().Add(time.Duration(h.later.Load()) * time.Millisecond)
}

func newHouse(t *testing.T) *house {
	h := &house{t: t, dir: t.TempDir()}
	h.st = h.open("srv-1")
	if err := h.st.SaveUnit(context.Background(), store.Actor{}, store.Unit{ID: "so", Name: slides.Vi("Sở")}); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *house) open(server string) *store.Store {
	st, err := store.Open(h.dir, store.Options{Now: h.now, Server: server})
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { st.Close() })
	return st
}

func (h *house) follow(url string, change ...func(*store.Feed)) store.Feed {
	h.t.Helper()
	f := store.Feed{Unit: "so", Name: "Cổng thông tin (mẫu)", URL: url, Topic: "T08", Shows: store.FeedBoth, Days: 10}
	for _, c := range change {
		c(&f)
	}
	f, err := h.st.SaveFeed(context.Background(), store.Actor{User: "u-1", Name: "Mai"}, f)
	if err != nil {
		h.t.Fatal(err)
	}
	return f
}

// ask asks the feeds whose time has come, once each.
func (h *house) ask(st *store.Store) {
	h.t.Helper()
	r := New(st, Options{Allow: here})
	for {
		again, err := r.next(context.Background())
		if err != nil {
			h.t.Fatal(err)
		}
		if !again {
			return
		}
	}
}

func (h *house) items(state store.FeedItemState) []store.FeedItem {
	h.t.Helper()
	list, err := h.st.FeedItems(context.Background(), nil, state, 100)
	if err != nil {
		h.t.Fatal(err)
	}
	return list
}

// News waits as drafts in plain text, comes once, is approved into the feed's
// own list or dismissed, and what waited too long is gone.
func TestNewsWaits(t *testing.T) {
	ctx := context.Background()
	h, p := newHouse(t), newPortal(t)
	day := h.now().Add(-24 * time.Hour)
	p.add("1", "Tin &lt;b&gt;một&lt;/b&gt; &amp;amp; hai", "<p>Đoạn <b>một</b>.</p><script>alert(1)</script><p>Đoạn hai.</p>", day)
	p.add("2", "Tin hai", "", day.Add(time.Hour))
	p.add("old", "Tin cũ", "", h.now().Add(-11*24*time.Hour))
	p.add("odd", "Tin trong tương lai", "x", h.now().Add(1000*time.Hour))
	f := h.follow(p.URL + "/rss")
	h.ask(h.st)
	h.ask(h.st) // not due
	if n := p.asked.Load(); n != 1 {
		t.Fatalf("asked %d times", n)
	}
	list := h.items(store.ItemWaiting)
	if len(list) != 3 || list[0].Title != "Tin trong tương lai" || list[2].Title != "Tin một & hai" || list[2].Summary != "Đoạn một . Đoạn hai." || list[2].Link != p.URL+"/tin/1?a=1" {
		t.Fatalf("%+v", list)
	}
	row, err := h.st.Slide(ctx, list[2].Slide)
	if err != nil || row.State != store.Draft || row.Slide.Kind != "news" || row.Slide.Until != list[2].Ends || row.Unit != "so" {
		t.Fatalf("%+v %v", row, err)
	}
	// Asked again it says that nothing is new; with one more only that one comes.
	h.later.Add((40 * time.Minute).Milliseconds())
	h.ask(h.st)
	p.add("3", "Tin ba", "", h.now())
	h.later.Add((40 * time.Minute).Milliseconds())
	h.ask(h.st)
	if p.same.Load() != 1 || len(h.items(store.ItemWaiting)) != 4 {
		t.Fatalf("%d %+v", p.same.Load(), h.items(store.ItemWaiting))
	}
	by := map[string]store.FeedRef{}
	for _, i := range h.items(store.ItemWaiting) {
		by[i.Title] = store.FeedRef{Feed: i.Feed, GUID: i.GUID}
	}
	boss := store.Actor{User: "u-2", Name: "Trưởng phòng"}
	pub, err := h.st.ApproveItems(ctx, boss, []store.FeedRef{by["Tin một & hai"], by["Tin hai"]})
	if err != nil || len(pub.Items) != 5 { // two slides, two lines, the list
		t.Fatalf("%+v %v", pub, err)
	}
	if again, err := h.st.ApproveItems(ctx, boss, []store.FeedRef{by["Tin hai"]}); err != nil || again.Revision != 0 {
		t.Fatal("approved twice:", again, err)
	}
	if err := h.st.DismissItems(ctx, boss, []store.FeedRef{by["Tin ba"], by["Tin hai"]}); err != nil {
		t.Fatal(err)
	}
	lists, err := h.st.Playlists(ctx)
	if err != nil || len(lists) != 1 || lists[0].ID != f.Playlist() || lists[0].State != store.Live || len(lists[0].Playlist.Items) != 2 {
		t.Fatalf("%+v %v", lists, err)
	}
	if len(h.items(store.ItemApproved)) != 2 || len(h.items(store.ItemDismissed)) != 1 {
		t.Fatal(h.items(store.ItemApproved), h.items(store.ItemDismissed))
	}
	h.later.Add((11 * 24 * time.Hour).Milliseconds())
	if err := h.st.Tidy(ctx); err != nil {
		t.Fatal(err)
	}
	if len(h.items(store.ItemExpired)) != 1 {
		t.Fatal(h.items(store.ItemExpired))
	}
	h.ask(h.st) // dismissed and expired ones do not come back
	if len(h.items(store.ItemWaiting)) != 0 {
		t.Fatal(h.items(store.ItemWaiting))
	}
	if _, err := h.st.VerifyAudit(ctx); err != nil {
		t.Fatal(err)
	}
}

// Several servers over one database ask each feed once and make each item of a
// trusted one live once.
func TestTrustedNewsGoesLiveOnce(t *testing.T) {
	h, p := newHouse(t), newPortal(t)
	for i := range 9 {
		p.add(fmt.Sprint(i), fmt.Sprintf("Tin số %d", i), "Nội dung", h.now().Add(-time.Duration(i)*time.Hour))
	}
	for i := range 4 {
		h.follow(fmt.Sprintf("%s/%d", p.URL, i), func(f *store.Feed) { f.Trusted, f.Shows = true, store.FeedNews })
	}
	for range 3 {
		var all sync.WaitGroup
		for s := range 4 {
			st := h.open(fmt.Sprintf("srv-%d", s))
			all.Go(func() { h.ask(st) })
		}
		all.Wait()
	}
	if n := p.asked.Load(); n != 4 {
		t.Errorf("4 feeds were asked %d times", n)
	}
	pubs, err := h.st.Publications(context.Background(), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	live := map[string]int{}
	for _, p := range pubs {
		if p.By != "feed" {
			t.Errorf("published by %q", p.By)
		}
		for _, i := range p.Items {
			if i.Type == store.SlideItem {
				live[i.ID]++
			}
		}
	}
	if len(pubs) != 4 || len(live) != 36 {
		t.Errorf("%d publications of %d slides", len(pubs), len(live))
	}
	for id, n := range live {
		if n != 1 {
			t.Errorf("%s went live %d times", id, n)
		}
	}
}

// What a source must not do ends in a sentence and is tried later and later.
func TestSourcesThatFail(t *testing.T) {
	ctx := context.Background()
	h := newHouse(t)
	secret := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a server inside was asked") }))
	lis, err := net.Listen("tcp", "127.0.0.2:0")
	if err != nil {
		t.Skip("this system has no 127.0.0.2: ", err)
	}
	secret.Listener.Close()
	secret.Listener = lis
	secret.Start()
	defer secret.Close()
	mux := http.NewServeMux()
	mux.HandleFunc("/in", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, secret.URL, http.StatusFound) })
	mux.HandleFunc("/file", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
	})
	mux.HandleFunc("/loop", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/loop", http.StatusFound) })
	mux.HandleFunc("/big", func(w http.ResponseWriter, r *http.Request) { w.Write(make([]byte, maxBody+10)) })
	mux.HandleFunc("/html", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "<!doctype html><p>xin chào") })
	mux.HandleFunc("/500", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(500) })
	web := httptest.NewServer(mux)
	defer web.Close()
	for path, want := range map[string]string{
		"/in": "mạng nội bộ", "/file": "không phải http", "/loop": "quá nhiều lần", "/big": "lớn hơn 2 MiB", "/html": "không phải là nguồn tin", "/500": "lỗi 500",
	} {
		f := h.follow(web.URL + path)
		h.ask(h.st)
		f, err := h.st.Feed(ctx, f.ID)
		if err != nil || !strings.Contains(f.Vi, want) || f.En == "" || f.Fails != 1 {
			t.Errorf("%s: %q (%d) %v", path, f.Vi, f.Fails, err)
		}
		if w := f.Next.Time().Sub(h.now()); w < every-time.Second || w > every*12/10 {
			t.Errorf("%s: asked again in %v", path, w)
		}
	}
	// By itself no feed leads anywhere but out.
	r := New(h.st, Options{})
	for _, u := range []string{web.URL, "http://localhost:" + strings.Split(web.URL, ":")[2], "http://[::1]:80/", "http://169.254.169.254/latest/meta-data"} {
		if _, err := r.fetch(ctx, store.Feed{URL: u}); slides.KindOf(err) != slides.Denied {
			t.Errorf("%s: %v", u, err)
		}
	}
	for i, last := 0, time.Duration(0); i < 12; i++ {
		w := wait(i, true)
		if w < last/11*10 || w > maxWait*11/10 {
			t.Errorf("after %d failures %v, before %v", i, w, last)
		}
		last = w
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`<rss version="2.0"><channel><item><title>a &lt;b&gt;</title><link>//x/y</link></item></channel></rss>`))
	f.Add([]byte(`<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id><title type="html">&amp;lt;script&amp;gt;</title><updated>2026-01-01T00:00:00Z</updated><summary>x</summary></entry></feed>`))
	f.Add([]byte(`{"version":"https://jsonfeed.org/version/1","items":[{"id":"1","content_text":"x"}]}`))
	f.Add([]byte("<!DOCTYPE x [<!ENTITY a '&a;&a;'>]><rss><channel><item><title>&a;</title></item></channel></rss>"))
	base, err := url.Parse("https://vd.vn/rss")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		items, err := read(b, base)
		if err != nil {
			if slides.KindOf(err) != slides.Invalid {
				t.Fatal(err)
			}
			return
		}
		for _, i := range items {
			for _, s := range []string{i.Title, i.Summary} {
				if !utf8.ValidString(s) || !norm.NFC.IsNormalString(s) || strings.ContainsAny(s, "\n\r\t\x00") || len([]rune(s)) > 2000 {
					t.Fatalf("%q", s)
				}
			}
			if i.Title == "" || i.GUID == "" || i.Link != "" && !strings.HasPrefix(i.Link, "http") {
				t.Fatalf("%+v", i)
			}
		}
	})
}

// Who writes over an item has written it: a trusted source does not carry that
// onto the screens, and where a unit wants an approval nobody does alone.
func TestEditedNewsIsNotTheSources(t *testing.T) {
	ctx := context.Background()
	h, p := newHouse(t), newPortal(t)
	p.add("1", "Tin một", "", h.now().Add(-time.Hour))
	p.add("2", "Tin hai", "", h.now().Add(-2*time.Hour))
	f := h.follow(p.URL+"/rss", func(f *store.Feed) { f.Shows = store.FeedNews })
	h.ask(h.st)
	list := h.items(store.ItemWaiting)
	boss := store.Actor{User: "u-2", Name: "Trưởng phòng"}
	row, err := h.st.Slide(ctx, list[0].Slide)
	if err != nil {
		t.Fatal(err)
	}
	row.Slide.Title = slides.Vi("Lời của tôi")
	if _, err := h.st.SaveSlide(ctx, boss, "so", row.Slide, row.Version); err != nil {
		t.Fatal(err)
	}
	if err := h.st.SetApprovalRule(ctx, boss, "so", store.ApprovalRule{Way: store.WayApprove}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.st.ApproveItems(ctx, boss, []store.FeedRef{{Feed: f.ID, GUID: list[0].GUID}}); slides.KindOf(err) != slides.Denied {
		t.Fatal(err)
	}
	f.Trusted = true
	if f, err = h.st.SaveFeed(ctx, boss, f); err != nil {
		t.Fatal(err)
	}
	if err := h.st.PublishTrusted(ctx, f.ID); err != nil {
		t.Fatal(err)
	}
	if left := h.items(store.ItemWaiting); len(left) != 1 || left[0].GUID != list[0].GUID {
		t.Fatalf("%+v", left)
	}
}

// News that has had its time leaves what is live a day later, in one publication
// of the source's; what somebody wrote over, chose for a playlist of their own,
// or is the last of its list stays, and all that is still to be shown.
func TestOverNewsLeaves(t *testing.T) {
	ctx := context.Background()
	h, p := newHouse(t), newPortal(t)
	begun := h.now()
	for i, age := range []int{9, 8, 7, 1} { // days; all end ten days after
		p.add(fmt.Sprint(i), fmt.Sprintf("Tin %d", i), "Nội dung", begun.Add(-time.Duration(age)*24*time.Hour))
	}
	f := h.follow(p.URL + "/rss")
	h.ask(h.st)
	boss := store.Actor{User: "u-2", Name: "Trưởng phòng"}
	slide, refs := map[string]string{}, []store.FeedRef{}
	for _, i := range h.items(store.ItemWaiting) {
		slide[i.Title] = i.Slide
		refs = append(refs, store.FeedRef{Feed: i.Feed, GUID: i.GUID})
	}
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := h.st.ApproveItems(ctx, boss, refs)
	check(err)
	row, err := h.st.Slide(ctx, slide["Tin 1"])
	check(err)
	row.Slide.Until = 0 // somebody keeps it on
	_, err = h.st.SaveSlide(ctx, boss, "so", row.Slide, row.Version)
	check(err)
	_, err = h.st.SavePlaylist(ctx, boss, "so", slides.Playlist{ID: "rieng", Name: "Riêng", Items: []slides.Item{{Slide: slide["Tin 2"]}}}, 0)
	check(err)
	_, err = h.st.Publish(ctx, boss, store.PublishRequest{})
	check(err)
	look := func(after time.Duration, live ...string) int64 {
		t.Helper()
		h.later.Store(int64(after / time.Millisecond))
		check(h.st.Tidy(ctx))
		rev, err := h.st.Revision(ctx)
		check(err)
		check(h.st.Tidy(ctx))
		if again, _ := h.st.Revision(ctx); again != rev {
			t.Errorf("tidied again it was published again")
		}
		for title, id := range slide {
			i, err := h.st.Item(ctx, store.ItemRef{Type: store.SlideItem, ID: id})
			check(err)
			if (i.Live > 0) != slices.Contains(live, title) {
				t.Errorf("after %v %s is %+v", after, title, i)
			}
		}
		return rev
	}
	const day = 24 * time.Hour
	rev := look(36*time.Hour, "Tin 0", "Tin 1", "Tin 2", "Tin 3") // over for half a day
	if now := look(5*day, "Tin 1", "Tin 2", "Tin 3"); now != rev+1 {
		t.Errorf("%d publications", now-rev)
	}
	list, err := h.st.Playlists(ctx)
	check(err)
	for _, l := range list {
		if l.ID == f.Playlist() && len(l.Playlist.Items) != 1 {
			t.Errorf("the feed's list is %+v", l.Playlist)
		}
	}
	look(30*day, "Tin 1", "Tin 2", "Tin 3") // the last of its list
	look(500*day, "Tin 1", "Tin 2", "Tin 3")
	if n := len(h.items(store.ItemExpired)); n != 0 {
		t.Errorf("%d rows of what is over for more than a year", n)
	}
	if _, err := h.st.VerifyAudit(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := h.st.Publish(ctx, boss, store.PublishRequest{}); slides.KindOf(err) != slides.Invalid || !strings.Contains(slides.Sentence(err, "en"), "nothing new") {
		t.Errorf("others can't publish: %v", err)
	}
}
