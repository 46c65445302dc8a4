package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"motcua/kiosk/vault"
	"motcua/server/store"
)

// screenKill ends the real kiosk program with kill -9 around the moment at
// which it says thanks. What was thanked for is what stood on the screen.
func screenKill(ctx context.Context, p *proof) ([]line, error) {
	if p.kiosk == "" {
		return nil, skipped("needs the kiosk program (-kiosk)")
	}
	d, err := p.openDisplay(ctx, 1920, 1080)
	if err != nil {
		return nil, err
	}
	defer d.close()
	w, err := p.newWorld(ctx, "screen-kill", 0)
	if err != nil {
		return nil, err
	}
	defer w.close()
	dir := filepath.Join(filepath.Dir(w.dir), "kiosk")
	if err := w.screenKiosk(ctx, dir); err != nil {
		return nil, err
	}
	w.nameless = true
	w.vaults, w.journals = []string{dir}, []string{dir + ".journal"}
	thanks, err := w.firstThanks(ctx, d, dir)
	if err != nil {
		return nil, err
	}
	seen := 1
	w.runs = p.times(2, 25)
	for n := range w.runs {
		said, err := w.rateAndKill(ctx, d, dir, thanks, n%2 == 0)
		if err != nil {
			return nil, err
		}
		if said {
			seen++
		}
		w.kills++
	}
	if err := w.deliver(ctx); err != nil {
		return nil, err
	}
	if err := w.judge(ctx, nil, seen+w.kills); err != nil {
		return nil, err
	}
	// The screen names no rating, and the ratings name the slide that was shown,
	// which is the same each time: what was seen is counted against what is there.
	w.thanked, w.lost = seen, max(0, seen-w.stored)
	w.flight = max(0, w.stored-seen)
	if w.foreign = max(0, w.flight-w.kills); w.foreign+w.lost > 0 {
		w.wrong("%d thanks on the screen, %d ratings in the database, %d kills", seen, w.stored, w.kills)
	}
	return []line{w.line("kill -9 of the real kiosk, touched on its screen")}, nil
}

// screenKiosk pairs a folder with the running server and gives it its content.
func (w *world) screenKiosk(ctx context.Context, dir string) error {
	st, err := store.Open(w.dir, store.Options{})
	if err != nil {
		return err
	}
	v, err := vault.OpenFolder(dir, vault.Options{})
	if err != nil {
		return errors.Join(err, st.Close())
	}
	k, err := pairVault(ctx, st, v, w.seed, "Ki-ốt thật")
	if err == nil {
		err = cache(ctx, st, v, k)
	}
	return errors.Join(err, v.Close(), st.Close())
}

// debounce is how long a touch after a change of view is taken for a bounce.
const debounce = 300 * time.Millisecond

// asked touches a slide, then "Đánh giá", and waits for the question.
func (d *display) asked(ctx context.Context) error {
	slide, err := d.settled(ctx, 700*time.Millisecond)
	if err != nil {
		return err
	}
	x, y := d.w/2, d.h/2
	for _, what := range []string{"the home screen", "the question"} {
		if _, err := d.tap(x, y); err != nil {
			return err
		}
		if _, _, err := d.until(ctx, 10*time.Second, func(g *grid) bool { return g.same(slide) < 0.85 }); err != nil {
			return fmt.Errorf("%s did not come: %w", what, err)
		}
		if slide, err = d.settled(ctx, debounce); err != nil {
			return err
		}
		x, y = d.tile()
	}
	return nil
}

// firstThanks rates once to learn what the thanks look like.
func (w *world) firstThanks(ctx context.Context, d *display, dir string) (*grid, error) {
	t, err := w.p.startKiosk(d, dir, "http://"+w.addr, "-calm")
	if err != nil {
		return nil, err
	}
	defer t.end()
	if err := d.asked(ctx); err != nil {
		return nil, err
	}
	ask := d.look()
	if _, err := d.tap(d.face(5)); err != nil {
		return nil, err
	}
	if err := sleep(ctx, time.Second); err != nil {
		return nil, err
	}
	g := d.look()
	if g.same(ask) > 0.9 {
		return nil, errors.New("a touch on the fifth face brought no thanks")
	}
	// The link may be in the middle of sending it: that is for a later run.
	return g, nil
}

// rateAndKill touches a face and kills the program at the very moment at which
// the thanks stand on the screen, or at any before and after it. said tells
// whether they stood there.
func (w *world) rateAndKill(ctx context.Context, d *display, dir string, thanks *grid, atThanks bool) (said bool, err error) {
	t, err := w.p.startKiosk(d, dir, "http://"+w.addr, "-calm")
	if err != nil {
		return false, err
	}
	defer t.logs.Close()
	if err := d.asked(ctx); err != nil {
		t.kill()
		return false, err
	}
	if _, err := d.tap(d.face(5)); err != nil {
		t.kill()
		return false, err
	}
	until := time.Now().Add(w.moment(500 * time.Millisecond))
	if atThanks {
		until = time.Now().Add(10 * time.Second)
	}
	for time.Now().Before(until) && (!said || !atThanks) {
		said = said || d.look().same(thanks) > 0.9
	}
	said = said || d.look().same(thanks) > 0.9
	t.kill()
	return said, d.wipe(ctx)
}
