package main

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"motcua/server/store"
)

// faultRows are the rows of motcua-proof faults.
var faultRows = []row{
	{"kiosk-kill", kioskKill},
	{"server-kill", serverKill},
	{"letters", letterKills},
	{"network", networkFaults},
	{"replay", replay},
	{"power-cut", powerCuts},
	{"rot", rot},
	{"full-disk", fullDisk},
	{"clock", clockJumps},
	{"restore", restoreBackup},
	{"screen-kill", screenKill},
	{"monkey", monkey},
}

// world is a server with raters' folders, paired.
type world struct {
	p        *proof
	name     string
	dir      string // of the server
	addr     string
	srv      *serverUp
	seed     *seed
	vaults   []string
	journals []string
	log      *os.File
	mu       sync.Mutex
	r        *rand.Rand // guarded by mu
	counts
}

// newWorld pairs n raters with a fresh server and starts it.
func (p *proof) newWorld(ctx context.Context, name string, n int) (*world, error) {
	dir, err := p.folder(name)
	if err != nil {
		return nil, err
	}
	w := &world{p: p, name: name, dir: filepath.Join(dir, "server"), r: rand.New(rand.NewPCG(uint64(len(name)), 1))}
	if w.log, err = os.Create(filepath.Join(dir, "raters.log")); err != nil {
		return nil, err
	}
	w.seed, err = fill(ctx, w.dir, 0, func(ctx context.Context, st *store.Store, s *seed) error {
		for i := range n {
			v := filepath.Join(dir, fmt.Sprintf("vault-%d", i))
			if _, err := pairFolder(ctx, st, v, s, fmt.Sprintf("Ki-ốt %d", i+1)); err != nil {
				return err
			}
			w.vaults = append(w.vaults, v)
			w.journals = append(w.journals, v+".journal")
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if w.addr, err = freePort(); err != nil {
		return nil, err
	}
	return w, w.startServer(ctx)
}

func (w *world) startServer(ctx context.Context) error {
	var err error
	w.srv, err = w.p.startServer(ctx, w.dir, w.addr)
	return err
}

// rater starts the i-th rater; url "" is the server itself.
func (w *world) rater(i int, url string, args ...string) (*process, error) {
	program, err := self()
	if err != nil {
		return nil, err
	}
	if url == "" {
		url = "http://" + w.addr
	}
	all := append([]string{"rater", "-dir", w.vaults[i], "-url", url, "-journal", w.journals[i], "-seed", w.chance()}, args...)
	return start(w.log, nil, program, all...)
}

// chance is a seed for a rater.
func (w *world) chance() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strconv.FormatUint(w.r.Uint64(), 10)
}

// deliver has every rater send what it still has.
func (w *world) deliver(ctx context.Context) error {
	var g errgroup.Group
	for i := range w.vaults {
		g.Go(func() error {
			p, err := w.rater(i, "", "-every", "-1s")
			if err != nil {
				return err
			}
			_, err = p.line(ctx, "delivered", 3*time.Minute)
			if err != nil {
				p.kill()
				return fmt.Errorf("%w; the raters said: %s", err, w.talk())
			}
			return p.stop()
		})
	}
	return g.Wait()
}

// lateKiosk pairs one more kiosk while the server runs, as a second server over
// the same database would.
func (w *world) lateKiosk(ctx context.Context) (paired, error) {
	st, err := store.Open(w.dir, store.Options{})
	if err != nil {
		return paired{}, err
	}
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		return paired{}, errors.Join(err, st.Close())
	}
	k, err := pair(ctx, st, w.seed.unit, "Ki-ốt đến sau", key)
	return k, errors.Join(err, st.Close())
}

func (w *world) talk() string {
	b, _ := os.ReadFile(w.log.Name()) // for a sentence; nothing hangs on it
	return last(string(b), 600)
}

// judge stops the server and counts.
func (w *world) judge(ctx context.Context, d damage, flights int) error {
	if err := w.srv.stop(); err != nil {
		return err
	}
	all, err := w.said()
	if err != nil {
		return err
	}
	w.counts, err = judge(ctx, w.dir, all, w.counts, d, flights)
	return err
}

// said is what the journals say was thanked for.
func (w *world) said() ([]thanks, error) {
	var all []thanks
	for _, j := range w.journals {
		list, err := readJournal(j)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	return all, nil
}

func (w *world) close() {
	if w.srv != nil {
		select {
		case <-w.srv.done:
		default:
			w.srv.kill()
		}
	}
	w.log.Close()
}

// times is how often a row does its fault.
func (p *proof) times(short, long int) int {
	if p.short {
		return short
	}
	return long
}

// kioskKill ends the kiosk's process with kill -9 at random moments, while it
// opens, rates and delivers.
func kioskKill(ctx context.Context, p *proof) ([]line, error) {
	w, err := p.newWorld(ctx, "kiosk-kill", 2)
	if err != nil {
		return nil, err
	}
	defer w.close()
	w.runs = p.times(12, 300)
	for n := range w.runs {
		r, err := w.rater(n%2, "", "-every", "3ms")
		if err != nil {
			return nil, err
		}
		if n%10 != 9 { // else it may die while it opens
			if _, err := r.line(ctx, "rating", 30*time.Second); err != nil {
				r.kill()
				return nil, fmt.Errorf("%w; it said: %s", err, w.talk())
			}
		}
		err = sleep(ctx, w.moment(250*time.Millisecond))
		r.kill()
		w.kills++
		if err != nil {
			return nil, err
		}
	}
	if err := w.deliver(ctx); err != nil {
		return nil, err
	}
	if err := w.judge(ctx, nil, w.kills); err != nil {
		return nil, err
	}
	return []line{w.line("kill -9 of the kiosk while ratings are made")}, nil
}

// moment is a random time up to top, mostly short: what is cut is cut early.
func (w *world) moment(top time.Duration) time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return time.Duration(float64(top) * w.r.Float64() * w.r.Float64())
}

// serverKill ends the server with kill -9 while ratings arrive.
func serverKill(ctx context.Context, p *proof) ([]line, error) {
	w, err := p.newWorld(ctx, "server-kill", 4)
	if err != nil {
		return nil, err
	}
	defer w.close()
	var raters []*process
	defer func() {
		for _, r := range raters {
			r.kill()
		}
	}()
	for i := range w.vaults {
		r, err := w.rater(i, "", "-every", "4ms")
		if err != nil {
			return nil, err
		}
		raters = append(raters, r)
	}
	w.runs = p.times(4, 60)
	for range w.runs {
		// Until a rater is back takes its back-off: half a second and more.
		if err := sleep(ctx, 300*time.Millisecond+w.moment(2*time.Second)); err != nil {
			return nil, err
		}
		w.srv.kill()
		w.kills++
		if err := w.startServer(ctx); err != nil {
			return nil, err
		}
	}
	for _, r := range raters {
		if err := r.stop(); err != nil {
			return nil, err
		}
	}
	raters = nil
	if err := w.deliver(ctx); err != nil {
		return nil, err
	}
	// A rater that is asked to stop may have appended and not written its line.
	if err := w.judge(ctx, nil, len(w.vaults)); err != nil {
		return nil, err
	}
	return []line{w.line("kill -9 of the server while ratings arrive")}, nil
}

// clockJumps has the kiosk's clock wrong by a year, forth and back, at random.
func clockJumps(ctx context.Context, p *proof) ([]line, error) {
	w, err := p.newWorld(ctx, "clock", 3)
	if err != nil {
		return nil, err
	}
	defer w.close()
	count := strconv.Itoa(p.times(60, 1500))
	var g errgroup.Group
	skews := [][]string{{"-skew", "8760h"}, {"-skew", "-8760h"}, {"-skew", "8760h", "-jumps"}}
	for i := range w.vaults {
		g.Go(func() error {
			// Restarts in between: what a clock wrote must be read by another.
			for n := range 3 {
				args := append([]string{"-count", count}, skews[(i+n)%len(skews)]...)
				r, err := w.rater(i, "", args...)
				if err != nil {
					return err
				}
				if _, err := r.line(ctx, "delivered", 3*time.Minute); err != nil {
					r.kill()
					return fmt.Errorf("%w; it said: %s", err, w.talk())
				}
				if err := r.stop(); err != nil {
					return err
				}
			}
			return nil
		})
	}
	w.runs = 3 * len(w.vaults)
	if err := g.Wait(); err != nil {
		return nil, err
	}
	if err := w.judge(ctx, nil, 0); err != nil {
		return nil, err
	}
	return []line{w.line("the kiosk's clock ± 1 year, jumping")}, nil
}

// restoreBackup goes back to an older backup, twice, while raters go on; the
// kiosks send again what it lacks.
func restoreBackup(ctx context.Context, p *proof) ([]line, error) {
	w, err := p.newWorld(ctx, "restore", 3)
	if err != nil {
		return nil, err
	}
	defer w.close()
	var raters []*process
	defer func() {
		for _, r := range raters {
			r.kill()
		}
	}()
	for i := range w.vaults {
		r, err := w.rater(i, "", "-every", "8ms")
		if err != nil {
			return nil, err
		}
		raters = append(raters, r)
	}
	w.runs = p.times(2, 6)
	for n := range w.runs {
		if err := sleep(ctx, 600*time.Millisecond+w.moment(time.Second)); err != nil {
			return nil, err
		}
		file := filepath.Join(filepath.Dir(w.dir), fmt.Sprintf("backup-%d", n))
		if err := w.backup(ctx, file); err != nil {
			return nil, err
		}
		if err := sleep(ctx, 800*time.Millisecond+w.moment(2*time.Second)); err != nil {
			return nil, err
		}
		w.srv.kill()
		w.kills++
		old := w.dir
		w.dir = filepath.Join(filepath.Dir(w.dir), fmt.Sprintf("server-%d", n))
		if err := w.restore(ctx, file); err != nil {
			return nil, err
		}
		if err := w.startServer(ctx); err != nil {
			return nil, err
		}
		if err := os.RemoveAll(old); err != nil {
			return nil, err
		}
	}
	for _, r := range raters {
		if err := r.stop(); err != nil {
			return nil, err
		}
	}
	raters = nil
	if err := w.deliver(ctx); err != nil {
		return nil, err
	}
	if err := w.judge(ctx, nil, len(w.vaults)); err != nil {
		return nil, err
	}
	return []line{w.line("restore of an older backup; kiosks send again")}, nil
}

// backup is motcua backup while the server runs, or what it calls.
func (w *world) backup(ctx context.Context, file string) error {
	if w.p.server != "" {
		return w.tool(ctx, "backup", "-data", w.dir, file)
	}
	st, err := store.Open(w.dir, store.Options{})
	if err != nil {
		return err
	}
	return errors.Join(st.Backup(ctx, file), st.Close())
}

func (w *world) restore(ctx context.Context, file string) error {
	if w.p.server != "" {
		return w.tool(ctx, "restore", "-data", w.dir, file)
	}
	return store.Restore(ctx, file, w.dir, store.Options{})
}

// tool runs one command of the server program to its end.
func (w *world) tool(ctx context.Context, args ...string) error {
	p, err := start(w.log, nil, w.p.server, args...)
	if err != nil {
		return err
	}
	select {
	case <-p.done:
	case <-ctx.Done():
		p.kill()
		return ctx.Err()
	}
	if p.err != nil {
		return fmt.Errorf("motcua %s: %w: %s", strings.Join(args, " "), p.err, w.talk())
	}
	return nil
}
