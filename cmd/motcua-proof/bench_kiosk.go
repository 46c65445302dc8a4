package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"motcua/kiosk/vault"
)

// onScreen is a row that measures the real program on a 1080p display without a GPU.
func onScreen(part func(*proof, context.Context, *display) ([]line, error)) func(context.Context, *proof) ([]line, error) {
	return func(ctx context.Context, p *proof) ([]line, error) {
		if p.kiosk == "" {
			return nil, skipped("needs the kiosk program (-kiosk)")
		}
		d, err := p.openDisplay(ctx, 1920, 1080)
		if err != nil {
			return nil, err
		}
		defer d.close()
		const how = "The kiosk draws with Mesa's software GL on Xvfb; pixels are read from Xvfb's mapped framebuffer each millisecond, touches come through XTEST. GL is drawn inside the kiosk's process and is in its figures; the X server is not."
		p.once(how)
		return part(p, ctx, d)
	}
}

// kioskStart measures from exec to the slide's pixels, with a full vault and no server.
func (p *proof) kioskStart(ctx context.Context, d *display) ([]line, error) {
	dir, _, _, err := p.cached(ctx, "kiosk-start", still(true))
	if err != nil {
		return nil, err
	}
	var first times
	for range p.times(2, 9) {
		begun := time.Now()
		t, err := p.startKiosk(d, dir, nobody)
		if err != nil {
			return nil, err
		}
		type seen struct {
			at time.Time
			g  *grid
		}
		var all []seen
		_, _, err = d.until(ctx, time.Minute, func(g *grid) bool {
			all = append(all, seen{time.Now(), g})
			return time.Since(begun) > 4*time.Second
		})
		t.end()
		if err != nil {
			return nil, err
		}
		final := all[len(all)-1]
		if final.g.lit() < 0.5 {
			return nil, fmt.Errorf("the kiosk shows nothing 4 s after its start; see %s.log", dir)
		}
		// The first picture that is the slide, but for the clock and the ticker's page.
		for _, s := range all {
			if s.g.same(final.g) > 0.93 {
				first = append(first, s.at.Sub(begun))
				break
			}
		}
		// The next start must not find this one's last picture.
		if err := d.wipe(ctx); err != nil {
			return nil, err
		}
	}
	return []line{{
		promise: "kiosk start → cached slide's pixels, no network", measured: fmt.Sprintf("p50 %s, worst %s of %d", ms(first.at(0.5)), ms(first.at(1)), len(first)),
		limit: verdict(first.at(1) <= 600*time.Millisecond, "≤ 0.6 s"),
	}}, nil
}

// wipe waits until the root window is black again after a kiosk has gone.
func (d *display) wipe(ctx context.Context) error {
	_, _, err := d.until(ctx, 10*time.Second, func(g *grid) bool { return g.lit() < 0.02 })
	return err
}

// face is where the n-th of the five faces is on a 1080p screen.
func (d *display) face(n int) (x, y int) { return d.w * (2*n - 1) / 10, d.h * 55 / 100 }

// kioskTouch measures from the touch on a face to "Cảm ơn" on the screen.
func (p *proof) kioskTouch(ctx context.Context, d *display) ([]line, error) {
	dir, _, _, err := p.cached(ctx, "kiosk-touch", still(true))
	if err != nil {
		return nil, err
	}
	t, err := p.startKiosk(d, dir, nobody)
	if err != nil {
		return nil, err
	}
	defer t.end()
	slide, err := d.settled(ctx, 1500*time.Millisecond)
	if err != nil {
		return nil, err
	}
	var homes, asks, changed, whole times
	for i := range p.times(3, 25) {
		at, err := d.tap(d.w/2, d.h/2)
		if err != nil {
			return nil, err
		}
		_, opened, err := d.until(ctx, 10*time.Second, func(g *grid) bool { return g.same(slide) < 0.8 })
		if err != nil {
			return nil, fmt.Errorf("the home screen did not come: %w", err)
		}
		homes = append(homes, opened.Sub(at))
		home, err := d.settled(ctx, 400*time.Millisecond)
		if err != nil {
			return nil, err
		}
		x, y := d.tile()
		if at, err = d.tap(x, y); err != nil {
			return nil, err
		}
		if _, opened, err = d.until(ctx, 10*time.Second, func(g *grid) bool { return g.same(home) < 0.85 }); err != nil {
			return nil, fmt.Errorf("the question did not come: %w", err)
		}
		asks = append(asks, opened.Sub(at))
		ask, err := d.settled(ctx, 400*time.Millisecond)
		if err != nil {
			return nil, err
		}
		x, y = d.face(5)
		if at, err = d.tap(x, y); err != nil {
			return nil, err
		}
		type seen struct {
			at time.Time
			g  *grid
		}
		var all []seen
		if _, _, err := d.until(ctx, 10*time.Second, func(g *grid) bool {
			all = append(all, seen{time.Now(), g})
			return time.Since(at) > 1200*time.Millisecond
		}); err != nil {
			return nil, err
		}
		thanks := all[len(all)-1].g
		if thanks.same(ask) > 0.9 {
			return nil, fmt.Errorf("a touch on the fifth face changed nothing (run %d)", i+1)
		}
		for _, s := range all {
			if s.g.same(ask) < 0.95 {
				changed = append(changed, s.at.Sub(at))
				break
			}
		}
		for _, s := range all {
			if s.g.same(thanks) > 0.98 {
				whole = append(whole, s.at.Sub(at.Add(rests)))
				break
			}
		}
		if _, err := d.tap(d.w*7/100, d.h*94/100); err != nil { // "Xem thông tin": the thanks need not stand out their time
			return nil, err
		}
		if _, _, err := d.until(ctx, 30*time.Second, func(g *grid) bool { return g.same(slide) > 0.9 }); err != nil {
			return nil, err
		}
		if _, err := d.settled(ctx, 300*time.Millisecond); err != nil {
			return nil, err
		}
	}
	if err := t.process.stop(); err != nil {
		return nil, err
	}
	v, err := vault.OpenFolder(dir, vault.Options{})
	if err != nil {
		return nil, err
	}
	pending := v.Outbox().Pending()
	if err := v.Close(); err != nil {
		return nil, err
	}
	l := line{
		promise:  "finger lifted from a face → \"Cảm ơn\" whole on the screen, fsync included",
		measured: fmt.Sprintf("p50 %s, worst %s of %d; the face shows the touch after p50 %s", ms(whole.at(0.5)), ms(whole.at(1)), len(whole), ms(changed.at(0.5))),
		limit:    verdict(whole.at(0.99) <= 100*time.Millisecond, "≤ 100 ms"),
	}
	if pending != len(whole) {
		l.limit += fmt.Sprintf("; %d thanks but %d ratings in the vault", len(whole), pending)
	}
	return []line{
		{promise: "touch on a slide → the home screen's first pixels", measured: fmt.Sprintf("p50 %s, worst %s", ms(homes.at(0.5)), ms(homes.at(1)))},
		{promise: "touch on \"Đánh giá\" → the question's first pixels", measured: fmt.Sprintf("p50 %s, worst %s", ms(asks.at(0.5)), ms(asks.at(1)))},
		l,
	}, nil
}

// kioskUrgent publishes at once and recalls, with a real server and the real
// kiosk: from the press of the button to other pixels.
func (p *proof) kioskUrgent(ctx context.Context, d *display) ([]line, error) {
	if p.server == "" {
		return nil, skipped("needs the server program with its studio (-server)")
	}
	dir, home, _, err := p.cached(ctx, "kiosk-urgent", still(false))
	if err != nil {
		return nil, err
	}
	srv, err := p.startServer(ctx, home, "")
	if err != nil {
		return nil, err
	}
	defer func() { srv.kill() }()
	desk, err := p.signIn(ctx, srv)
	if err != nil {
		return nil, err
	}
	t, err := p.startKiosk(d, dir, srv.url)
	if err != nil {
		return nil, err
	}
	defer t.end()
	sl, err := sloganOnScreens()
	if err != nil {
		return nil, err
	}
	urgent := func(act func() error) (time.Duration, error) {
		was, err := d.settled(ctx, 1500*time.Millisecond)
		if err != nil {
			return 0, err
		}
		begun := time.Now()
		if err := act(); err != nil {
			return 0, err
		}
		_, at, err := d.until(ctx, 30*time.Second, func(g *grid) bool { return g.same(was) < 0.97 })
		return at.Sub(begun), err
	}
	var shown times
	for i := range p.times(2, 7) {
		item, err := desk.edit(ctx, sl, i+1, []string{"Hôm nay giải quyết hồ sơ đến 19 giờ", "Hệ thống trục trặc: xin Ông/Bà vui lòng chờ đến lượt"}[i%2])
		if err != nil {
			return nil, err
		}
		took, err := urgent(func() error { return desk.publish(ctx, item, true) })
		if err != nil {
			return nil, fmt.Errorf("publishing at once: %w", err)
		}
		shown = append(shown, took)
	}
	recalled, err := urgent(func() error {
		_, err := desk.post(ctx, "/studio/slides/"+sl.ID+"/recall", nil)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("recall: %w", err)
	}
	return []line{
		{promise: "publish at once → other pixels on a real kiosk", measured: fmt.Sprintf("p50 %s, worst %s of %d", ms(shown.at(0.5)), ms(shown.at(1)), len(shown)), limit: verdict(shown.at(1) < time.Second, "< 1 s")},
		{promise: "recall → other pixels on a real kiosk", measured: ms(recalled), limit: verdict(recalled < time.Second, "< 1 s")},
	}, nil
}

// idle measures processor and memory of a kiosk that is left alone.
func (p *proof) idle(ctx context.Context, d *display, name string, news bool) (cores, rss float64, err error) {
	dir, _, _, err := p.cached(ctx, name, still(news))
	if err != nil {
		return 0, 0, err
	}
	t, err := p.startKiosk(d, dir, nobody)
	if err != nil {
		return 0, 0, err
	}
	defer t.end()
	// Start and first tidying (spare segments are written) are over by then.
	if err := sleep(ctx, 12*time.Second); err != nil {
		return 0, 0, err
	}
	before, err := cpuTime(t.pid())
	if err != nil {
		return 0, 0, err
	}
	window := time.Duration(p.times(10, 60)) * time.Second
	if err := sleep(ctx, window); err != nil {
		return 0, 0, err
	}
	after, err := cpuTime(t.pid())
	if err != nil {
		return 0, 0, err
	}
	m, err := resident(t.pid())
	return (after - before).Seconds() / window.Seconds(), float64(m), err
}

func (p *proof) kioskStill(ctx context.Context, d *display) ([]line, error) {
	cores, rss, err := p.idle(ctx, d, "kiosk-still", false)
	if err != nil {
		return nil, err
	}
	return []line{
		{promise: "kiosk, still slide, 1080p, software GL: processor", measured: fmt.Sprintf("%.4f core over %d s", cores, p.times(10, 60)), limit: verdict(cores <= 0.015, "≤ 0.015 core")},
		{promise: "kiosk, still slide: memory (RSS)", measured: mib(rss), limit: verdict(rss <= 170<<20, "≤ 170 MiB")},
	}, nil
}

func (p *proof) kioskTicker(ctx context.Context, d *display) ([]line, error) {
	cores, rss, err := p.idle(ctx, d, "kiosk-ticker", true)
	if err != nil {
		return nil, err
	}
	return []line{{promise: "kiosk, still slide and ticker in pages, software GL", measured: fmt.Sprintf("%.4f core over %d s, %s", cores, p.times(10, 60), mib(rss)), limit: verdict(cores <= 0.15, "≤ 0.15 core")}}, nil
}

// kioskMemory opens and leaves the home screen as fast as the kiosk takes
// touches, while slides change below as fast as the format lets them. That
// memory stays flat over weeks shows in its drift: 600 changes tell it as well
// as 2,000 do, in a quarter of the time.
func (p *proof) kioskMemory(ctx context.Context, d *display) ([]line, error) {
	dir, _, _, err := p.cached(ctx, "kiosk-memory", quick)
	if err != nil {
		return nil, err
	}
	t, err := p.startKiosk(d, dir, nobody, "-calm")
	if err != nil {
		return nil, err
	}
	defer t.end()
	if _, err := d.settled(ctx, 1500*time.Millisecond); err != nil {
		return nil, err
	}
	n := p.times(60, 600)
	var rss []float64 // after each change
	begun := time.Now()
	for i := range n {
		x, y := d.w/2, d.h/2 // into the home screen
		if i%2 == 1 {
			x, y = d.w*7/100, d.h*94/100 // "Xem thông tin"
		}
		if err := d.changes(ctx, x, y); err != nil {
			return nil, fmt.Errorf("change %d: %w", i, err)
		}
		if err := sleep(ctx, debounce); err != nil {
			return nil, err
		}
		now, err := resident(t.pid())
		if err != nil {
			return nil, err
		}
		rss = append(rss, float64(now))
	}
	took := time.Since(begun)
	third := len(rss) / 3 // the first third warms up
	early, late := mean(rss[third:2*third]), mean(rss[2*third:])
	drift := (late - early) / float64(third) * 1000
	peak := slices.Max(rss)
	p.note("Memory: besides the %d changes by touch about %d slides changed by themselves. The drift compares the last third of the changes with the one before it; the collector's ups and downs are some MiB.", n, int(took.Seconds()/3))
	return []line{{
		promise:  fmt.Sprintf("kiosk memory (RSS) over %d screen changes", n),
		measured: fmt.Sprintf("mean %s, then %s: %+.1f MiB per 1,000 changes; peak %s; %s", mib(early), mib(late), drift/(1<<20), mib(peak), ms(took)),
		limit:    verdict(peak <= 170<<20 && late < early*1.05, "≤ 170 MiB, flat (within 5%)"),
	}}, nil
}

// changes touches until another picture comes. A touch just when a slide gives
// way to the next means neither, and is void.
func (d *display) changes(ctx context.Context, x, y int) (err error) {
	was := d.look()
	for range 5 {
		if _, err = d.tap(x, y); err != nil {
			return err
		}
		if _, _, err = d.until(ctx, 3*time.Second, func(g *grid) bool { return g.same(was) < 0.8 }); err == nil || ctx.Err() != nil {
			return err
		}
	}
	return err
}

func mean(v []float64) (sum float64) {
	for _, x := range v {
		sum += x
	}
	return sum / float64(max(1, len(v)))
}
