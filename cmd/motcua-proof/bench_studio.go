package main

import (
	"context"
	"fmt"
	"html"
	"io"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/wire"
)

// studioSlides and studioKiosks are what no page may take a second over.
const (
	studioSlides = 2000
	studioKiosks = 500
)

// A page is crawled with this many others that differ only in what stands last
// in their paths, or only in their queries: enough to meet a slow one of a kind
// without reading two thousand slides one by one.
const (
	sameFolder = 12
	sameQuery  = 6
)

// benchStudio opens every page of the studio that a link leads to, over a
// province's content, and tells the slowest.
func benchStudio(ctx context.Context, p *proof) ([]line, error) {
	dir, err := p.folder("studio")
	if err != nil {
		return nil, err
	}
	dir += "/server"
	nSlides, nKiosks := p.times(200, studioSlides), p.times(50, studioKiosks)
	if _, err := fill(ctx, dir, 0, func(ctx context.Context, st *store.Store, s *seed) error {
		if err := manySlides(ctx, st, s, nSlides); err != nil {
			return err
		}
		if err := pairOverUnits(ctx, st, s, nKiosks); err != nil {
			return err
		}
		return reportAll(ctx, st, s)
	}); err != nil {
		return nil, err
	}
	srv, err := p.startServer(ctx, dir, "")
	if err != nil {
		return nil, err
	}
	defer func() { srv.kill() }()
	desk, err := p.signIn(ctx, srv)
	if err != nil {
		return nil, err
	}
	pages, err := desk.crawl(ctx, "/studio/")
	if err != nil {
		return nil, err
	}
	var all times
	slices.SortFunc(pages, func(a, b visited) int { return int(b.took - a.took) })
	for _, v := range pages {
		all = append(all, v.took)
	}
	out := []line{{
		promise:  fmt.Sprintf("every page of the studio, %d slides, %d kiosks", nSlides, nKiosks),
		measured: fmt.Sprintf("%d pages: p50 %s, p99 %s, worst %s", len(all), ms(all.at(0.5)), ms(all.at(0.99)), ms(all.at(1))),
		limit:    verdict(all.at(1) <= time.Second, "≤ 1 s"),
	}}
	for _, v := range pages[:min(3, len(pages))] {
		out = append(out, line{promise: "  among the slowest: " + v.path, measured: fmt.Sprintf("%s, %d KiB", ms(v.took), v.bytes>>10)})
	}
	return out, nil
}

// manySlides saves n slogans in playlists and makes them live.
func manySlides(ctx context.Context, st *store.Store, s *seed, n int) error {
	sl, err := sloganOnScreens()
	if err != nil {
		return err
	}
	var items []slides.Item
	for i := range n {
		copied := *sl
		copied.ID = fmt.Sprintf("slogan-%d", i)
		copied.Title = slides.Vi(fmt.Sprintf("Khẩu hiệu số %d", i))
		if _, err := st.SaveSlide(ctx, store.Actor{}, s.unit, &copied, 0); err != nil {
			return err
		}
		items = append(items, slides.Item{Slide: copied.ID})
	}
	for i, some := range slices.Collect(slices.Chunk(items, 100)) {
		if _, err := st.SavePlaylist(ctx, store.Actor{}, s.unit, slides.Playlist{ID: fmt.Sprintf("nhieu-%d", i), Name: fmt.Sprintf("Nhiều %d", i), Items: some}, 0); err != nil {
			return err
		}
	}
	_, err = st.Publish(ctx, store.Actor{}, store.PublishRequest{})
	return err
}

// reportAll has every kiosk connect and report, as on a working day.
func reportAll(ctx context.Context, st *store.Store, s *seed) error {
	m, err := st.Manifests(ctx)
	if err != nil {
		return err
	}
	ids := map[string]string{}
	for _, x := range m {
		ids[x.Class] = x.ID
	}
	rev, err := st.Revision(ctx)
	if err != nil {
		return err
	}
	for i, k := range s.kiosks {
		now := slides.At(time.Now())
		hello := store.Hello{Program: "motcua-proof", Screen: wire.Screen{W: 1920, H: 1080}, Manifest: ids[k.class], Revision: rev, Clock: now}
		if _, err := st.TakeLease(ctx, k.id, fmt.Sprint("c", i), hello, 24*time.Hour); err != nil {
			return err
		}
		if err := st.SaveHealth(ctx, k.id, &wire.Health{
			Program: "motcua-proof", Uptime: 3_600_000, Clock: now, DiskFree: 8 << 30, Memory: 120 << 20, Frames: 3600,
			Slide: "slogan-1", SlideSince: now, View: "loop", Manifest: ids[k.class], Revision: rev, Pending: i % 3,
		}); err != nil {
			return err
		}
	}
	return nil
}

type visited struct {
	path  string
	took  time.Duration
	bytes int64
}

var links = regexp.MustCompile(`href="(/studio/[^"#]*)`)

// crawl opens from and every page that links lead to, breadth first, files left
// out. A page that fails ends it: no link of the studio may be dead.
func (s *staff) crawl(ctx context.Context, from string) ([]visited, error) {
	seen, folders, queries := map[string]bool{from: true}, map[string]int{}, map[string]int{}
	var out []visited
	for todo := []string{from}; len(todo) > 0; todo = todo[1:] {
		begun := time.Now()
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+todo[0], nil)
		if err != nil {
			return nil, err
		}
		res, err := s.http.Do(req)
		if err != nil {
			return nil, err
		}
		if strings.HasPrefix(res.Header.Get("Location"), "/studio/") || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
			res.Body.Close()
			if res.StatusCode >= 400 {
				return nil, fmt.Errorf("GET %s: status %d", todo[0], res.StatusCode)
			}
			continue
		}
		b, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil {
			return nil, err
		}
		if res.StatusCode != http.StatusOK {
			return nil, fmt.Errorf("GET %s: status %d: %s", todo[0], res.StatusCode, last(said(string(b)), 300))
		}
		out = append(out, visited{path: todo[0], took: time.Since(begun), bytes: int64(len(b))})
		for _, m := range links.FindAllStringSubmatch(string(b), -1) {
			to := html.UnescapeString(m[1])
			if seen[to] || strings.HasPrefix(to, "/studio/assets/") {
				continue
			}
			seen[to] = true
			bare, query, _ := strings.Cut(to, "?")
			if query != "" {
				if queries[bare]++; queries[bare] > sameQuery {
					continue
				}
			} else if folders[path.Dir(bare)]++; path.Dir(bare) != "/studio" && folders[path.Dir(bare)] > sameFolder {
				continue
			}
			todo = append(todo, to)
		}
	}
	return out, nil
}
