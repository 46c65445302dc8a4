package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

// benchRows are the rows of motcua-proof bench.
var benchRows = []row{
	{"fleet", benchFleet},
	{"ratings", benchRatings},
	{"statistics", benchStatistics},
	{"pages", benchPages},
	{"studio", benchStudio},
	{"start", benchStart},
	{"lookup", benchLookup},
	{"kiosk-start", onScreen((*proof).kioskStart)},
	{"kiosk-touch", onScreen((*proof).kioskTouch)},
	{"kiosk-urgent", onScreen((*proof).kioskUrgent)},
	{"kiosk-still", onScreen((*proof).kioskStill)},
	{"kiosk-ticker", onScreen((*proof).kioskTicker)},
	{"kiosk-memory", onScreen((*proof).kioskMemory)},
}

// benchFleet connects 9,000 kiosks and publishes to them.
func benchFleet(ctx context.Context, p *proof) (out []line, err error) {
	n := p.times(500, 9000)
	dir, err := p.folder("fleet")
	if err != nil {
		return nil, err
	}
	dir += "/server"
	s, err := fill(ctx, dir, n, nil)
	if err != nil {
		return nil, err
	}
	out = append(out, line{promise: fmt.Sprintf("pairing %d kiosks, one by one through the store", n), measured: fmt.Sprintf("%s, %.0f/s", ms(s.took), float64(n)/s.took.Seconds())})
	srv, err := p.startServer(ctx, dir, "")
	if err != nil {
		return out, err
	}
	defer func() { srv.kill() }()
	desk, err := p.signIn(ctx, srv)
	if err != nil {
		return out, err
	}
	if err := sleep(ctx, 3*time.Second); err != nil {
		return out, err
	}
	before, err := resident(srv.pid())
	if err != nil {
		return out, err
	}

	f := newFleet(srv.url, s.kiosks)
	fctx, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		f.run(fctx)
	}()
	defer func() { stop(); <-done }()
	begun := time.Now()
	if err := f.await(ctx, n, 5*time.Minute); err != nil {
		return out, err
	}
	out = append(out, line{promise: fmt.Sprintf("first connection of %d kiosks, 64 at a time", n), measured: ms(time.Since(begun))})

	more, err := p.fleetMemory(ctx, srv, n, before)
	out = append(out, more...)
	if err != nil {
		return out, err
	}
	frame, last, more, err := p.fleetPublish(ctx, f, desk, n)
	out = append(out, more...)
	if err != nil {
		return out, err
	}
	restarted, more, err := p.fleetReconnect(ctx, f, srv, n)
	srv = restarted
	out = append(out, more...)
	if err != nil {
		return out, err
	}
	stop()
	<-done
	srv.kill()
	more, err = p.bareBroadcast(ctx, n, frame, last)
	out = append(out, more...)
	p.note("The fleet is %d light kiosks in one process with the server in another: real challenge, signatures, hello, health each minute. The first copy of a pushed frame is verified and parsed, the other copies are compared byte by byte; of what is signed for one kiosk alone 1 in 64 is verified. A real kiosk has a processor of its own for that, and writes to its disk, which the fleet does not.", n)
	p.note("The bare limit is a gorilla server that writes the same bytes as a PreparedMessage to as many sockets, without any store, signature, session or ordering.")
	return out, err
}

// fleetMemory waits until the server's memory is quiet.
func (p *proof) fleetMemory(ctx context.Context, srv *serverUp, n int, before int64) ([]line, error) {
	peak, low, still := int64(0), int64(1<<62), 0
	begun := time.Now()
	longest := time.Duration(p.times(15, 150)) * time.Second
	for still < 20 && time.Since(begun) < longest {
		if err := sleep(ctx, time.Second); err != nil {
			return nil, err
		}
		now, err := resident(srv.pid())
		if err != nil {
			return nil, err
		}
		peak = max(peak, now)
		if still++; now < low-low/100 {
			low, still = now, 0
		}
	}
	each := float64(low-before) / float64(n)
	l := line{
		promise:  "server memory a connection (RSS)",
		measured: fmt.Sprintf("%s (%s → %s over %d, after %s idle; peak %s)", kib(each), mib(float64(before)), mib(float64(low)), n, ms(time.Since(begun)), mib(float64(peak))),
		limit:    verdict(each <= 16<<10, "≤ 16 KiB"),
	}
	if m := metrics(ctx, srv.url, "go_memstats_heap_inuse_bytes", "go_memstats_stack_inuse_bytes", "go_memstats_heap_idle_bytes", "go_goroutines"); m != "" {
		p.note("Server at %d idle connections: %s", n, m)
	}
	return []line{l}, nil
}

// metrics reads some of the server's own figures.
func metrics(ctx context.Context, url string, names ...string) string {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/metrics", nil)
	if err != nil {
		return ""
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return ""
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return ""
	}
	var out []string
	for l := range strings.SplitSeq(string(b), "\n") {
		for _, n := range names {
			if strings.HasPrefix(l, n+" ") {
				out = append(out, l)
			}
		}
	}
	return strings.Join(out, ", ")
}

// fleetPublish edits a slogan and publishes it, several times, then recalls it.
func (p *proof) fleetPublish(ctx context.Context, f *fleet, desk *staff, n int) ([]byte, time.Duration, []line, error) {
	sl, err := sloganOnScreens()
	if err != nil {
		return nil, 0, nil, err
	}
	var lasts, firsts, halves, pages times
	var frame *manifestFrame
	lacking := 0
	runs := p.times(2, 7)
	once := func(act func() error) (*receipts, time.Time, time.Duration, error) {
		next := f.revision() + 1
		r := f.expect(next)
		begun := time.Now()
		if err := act(); err != nil {
			return nil, begun, 0, err
		}
		answered := time.Since(begun)
		select {
		case <-r.done:
		case <-time.After(time.Minute):
			f.mu.Lock()
			got := len(r.at)
			f.mu.Unlock()
			return nil, begun, 0, fmt.Errorf("%d of %d kiosks have revision %d after a minute", got, n, next)
		case <-ctx.Done():
			return nil, begun, 0, ctx.Err()
		}
		frame = f.frameOf(next)
		return r, begun, answered, f.failed()
	}
	for i := range runs {
		item, err := desk.edit(ctx, sl, i+1, fmt.Sprintf("Công khai, minh bạch, đúng hẹn – lần phát hành thứ %d", i+1))
		if err != nil {
			return nil, 0, nil, err
		}
		if err := sleep(ctx, 2*time.Second); err != nil {
			return nil, 0, nil, err
		}
		r, begun, answered, err := once(func() error { return desk.publish(ctx, item, false) })
		if err != nil {
			return nil, 0, nil, err
		}
		t := r.after(begun)
		lasts, firsts, halves, pages = append(lasts, t.at(1)), append(firsts, t.at(0)), append(halves, t.at(0.5)), append(pages, answered)
		lacking += frame.lacking
	}
	out := []line{{
		promise:  fmt.Sprintf("publish one text slide → pending on %d kiosks", n),
		measured: fmt.Sprintf("last one %s median, %s worst of %d (first %s, half %s; frame %s)", ms(lasts.at(0.5)), ms(lasts.at(1)), runs, ms(firsts.at(0.5)), ms(halves.at(0.5)), kib(float64(len(frame.bytes)))),
		limit:    verdict(lasts.at(1) < time.Second && lacking == 0, "last < 1 s"),
	}}
	if lacking > 0 {
		out[0].limit += fmt.Sprintf(" (%d new blobs did not ride along and must be fetched)", lacking)
	}
	bytes := frame.bytes
	if err := sleep(ctx, 2*time.Second); err != nil {
		return nil, 0, out, err
	}
	r, begun, _, err := once(func() error {
		_, err := desk.post(ctx, "/studio/slides/"+sl.ID+"/recall", nil)
		return err
	})
	if err != nil {
		return bytes, lasts.at(0.5), out, fmt.Errorf("recall: %w", err)
	}
	t := r.after(begun)
	out = append(out, line{
		promise: fmt.Sprintf("recall → received by %d kiosks, to flip at once", n), measured: t.String(),
		limit: verdict(t.at(1) < time.Second, "on screen < 1 s") + " (received; the kiosk's own part is a frame)",
	})
	told, err := p.fleetReports(ctx, f, desk, begun, n)
	if err != nil {
		return bytes, lasts.at(0.5), out, fmt.Errorf("reports of the recall: %w", err)
	}
	out = append(out, told)
	p.note("Publishing goes through the studio's forms; the clock starts when the POST is sent. The studio's answer came after %s (median).", ms(pages.at(0.5)))
	return bytes, lasts.at(0.5), out, nil
}

// fleetReports lets every kiosk say that its screen has the recall, and watches
// the publication's page as the person who pressed does.
func (p *proof) fleetReports(ctx context.Context, f *fleet, desk *staff, begun time.Time, n int) (line, error) {
	revision := f.revision()
	sent := make(chan error, 1)
	go func() { sent <- f.reports(ctx, f.frameOf(revision)) }()
	want := []byte(fmt.Sprintf(`data-has="%d"`, n))
	var pages times
	for {
		asked := time.Now()
		page, err := desk.get(ctx, fmt.Sprintf("/studio/publications/%d", revision))
		if err != nil {
			return line{}, err
		}
		pages = append(pages, time.Since(asked))
		if bytes.Contains(page, want) {
			break
		}
		if time.Since(begun) > time.Minute {
			_, at, _ := bytes.Cut(page, []byte("data-has="))
			return line{}, fmt.Errorf("the page does not show all %d after a minute, but %s", n, at[:min(len(at), 40)])
		}
		if err := sleep(ctx, 200*time.Millisecond); err != nil {
			return line{}, err
		}
	}
	all := time.Since(begun)
	return line{
		promise:  fmt.Sprintf("recall → the studio's page shows that all %d screens have it", n),
		measured: fmt.Sprintf("%s after the press (the last report is sent 2.5 s after it came); the page, asked five times a second, p50 %s, worst %s of %d", ms(all), ms(pages.at(0.5)), ms(pages.at(1)), len(pages)),
		limit:    verdict(all < 4*time.Second, "≤ 4 s"),
	}, <-sent
}

// fleetReconnect kills the server and starts it again.
func (p *proof) fleetReconnect(ctx context.Context, f *fleet, srv *serverUp, n int) (*serverUp, []line, error) {
	dials := f.dials.Load()
	killed := time.Now()
	srv.kill()
	again, err := p.startServer(ctx, srv.dir, srv.addr)
	if err != nil {
		return srv, nil, err
	}
	ready := time.Now()
	half := time.Duration(0)
	// A member counts as back once it has dialled anew: some notice the end late.
	for int(f.current.Load()) < n || f.dials.Load()-dials < int64(n) {
		if half == 0 && int(f.current.Load()) >= n/2 && f.dials.Load()-dials >= int64(n/2) {
			half = time.Since(ready)
		}
		if err := f.failed(); err != nil {
			return again, nil, err
		}
		if time.Since(ready) > 3*time.Minute {
			return again, nil, fmt.Errorf("%d of %d kiosks are back after 3 min", f.current.Load(), n)
		}
		if err := sleep(ctx, time.Millisecond); err != nil {
			return again, nil, err
		}
	}
	all := time.Since(ready)
	return again, []line{{
		promise:  fmt.Sprintf("kill -9 and restart: %d kiosks current again", n),
		measured: fmt.Sprintf("last %s, half %s after ready; ready %s after the kill; %.2f dials each", ms(all), ms(half), ms(ready.Sub(killed)), float64(f.dials.Load()-dials)/float64(n)),
		limit:    "back-off 0–0.5 s, doubling, is part of it",
	}}, nil
}

// bareBroadcast measures the limit of the same bytes to as many sockets.
func (p *proof) bareBroadcast(ctx context.Context, n int, frame []byte, ours time.Duration) ([]line, error) {
	me, err := self()
	if err != nil {
		return nil, err
	}
	addr, err := freePort()
	if err != nil {
		return nil, err
	}
	proc, err := start(p.log, nil, me, "broadcast", "-addr", addr)
	if err != nil {
		return nil, err
	}
	defer proc.kill()
	srv := &serverUp{process: proc, url: "http://" + addr}
	if err := srv.await(ctx, 10*time.Second); err != nil {
		return nil, err
	}
	before, err := resident(proc.pid())
	if err != nil {
		return nil, err
	}
	c := newCaller(srv.url)
	conns := make([]*websocket.Conn, n)
	var wg sync.WaitGroup
	slots := make(chan struct{}, 64)
	var failed atomic.Pointer[error]
	for i := range conns {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			ws, _, err := c.ws.DialContext(ctx, "ws://"+addr+"/socket", nil)
			if err != nil {
				failed.Store(&err)
				return
			}
			conns[i] = ws
		})
	}
	wg.Wait()
	if e := failed.Load(); e != nil {
		return nil, *e
	}
	seed := maphash.MakeSeed()
	want := maphash.Bytes(seed, frame)
	got := make(chan time.Time, n)
	pool := sync.Pool{New: func() any { b := make([]byte, 0, len(frame)+512); return &b }}
	for _, ws := range conns {
		go func() {
			for {
				_, in, err := ws.NextReader()
				if err != nil {
					return
				}
				buf := pool.Get().(*[]byte)
				*buf, err = readInto((*buf)[:0], in)
				// The same work as the fleet's: a hash, and a comparison.
				if err == nil && maphash.Bytes(seed, *buf) == want && bytes.Equal(*buf, frame) {
					got <- time.Now()
				}
				pool.Put(buf)
			}
		}()
	}
	defer func() {
		for _, ws := range conns {
			ws.Close()
		}
	}()
	if err := sleep(ctx, 3*time.Second); err != nil {
		return nil, err
	}
	after, err := resident(proc.pid())
	if err != nil {
		return nil, err
	}
	var lasts times
	for range p.times(2, 7) {
		begun := time.Now()
		res, err := http.Post(srv.url+"/go", "application/octet-stream", bytes.NewReader(frame))
		if err != nil {
			return nil, err
		}
		res.Body.Close()
		var newest time.Time
		for range n {
			select {
			case newest = <-got:
			case <-time.After(time.Minute):
				return nil, errors.New("the bare broadcast did not arrive within a minute")
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		lasts = append(lasts, newest.Sub(begun))
		if err := sleep(ctx, time.Second); err != nil {
			return nil, err
		}
	}
	return []line{{
		promise:  fmt.Sprintf("bare gorilla PreparedMessage, the same %s to %d", kib(float64(len(frame))), n),
		measured: fmt.Sprintf("last one %s median, %s worst; %s RSS a connection", ms(lasts.at(0.5)), ms(lasts.at(1)), kib(float64(after-before)/float64(n))),
		limit:    fmt.Sprintf("limit; ours takes %.2f times as long", ours.Seconds()/max(lasts.at(0.5), time.Microsecond).Seconds()),
	}}, nil
}
