package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"motcua/kiosk/link"
	"motcua/kiosk/vault"
	"motcua/slides"
	"motcua/slides/chain"
	"motcua/slides/starter"
	"motcua/slides/survey"
	"motcua/slides/wire"
)

// rater is a kiosk without a screen: the real vault and the real link, and
// citizens who never stop. What said thanks stands in a journal of its own,
// fsynced after Append has returned: the truth to compare the database with.
type rater struct {
	vault   *vault.Vault
	link    *link.Link
	seed    *seed
	k       paired
	journal *os.File
	offset  atomic.Int64 // ms, learnt
	skew    slides.Millis
	lost    chan struct{} // the connection was lost
	r       *rand.Rand
	make    func() error // what a citizen does
}

// thanks is one line of the journal.
type thanks struct {
	Chain chain.ID   `json:"chain"`
	Seq   uint64     `json:"seq"`
	Hash  chain.Hash `json:"hash"`
	Name  string     `json:"name"` // stands in the rating's Shown: a rating taken twice shows
}

// raterRole is the process that faults kill.
func raterRole(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	fs := flag.NewFlagSet("rater", flag.ContinueOnError)
	dir := fs.String("dir", "", "the vault's folder, paired before")
	url := fs.String("url", "", "the server")
	journal := fs.String("journal", "", "file of what said thanks")
	every := fs.Duration("every", 5*time.Millisecond, "mean time between ratings; negative: none, only deliver and end")
	count := fs.Int("count", 0, "ratings to make, then deliver and end; 0: go on")
	skew := fs.Duration("skew", 0, "wrong by so much is the kiosk's clock")
	jumps := fs.Bool("jumps", false, "the clock jumps by the skew, forth and back, at random")
	letters := fs.Bool("letters", false, "citizens write letters; nobody rates")
	eager := fs.Bool("eager", false, "come back within 300 ms, whatever the back-off")
	seedOf := fs.Uint64("seed", rand.Uint64(), "of chance")
	if err := fs.Parse(args); err != nil {
		return err
	}
	r := &rater{lost: make(chan struct{}, 1), r: rand.New(rand.NewPCG(*seedOf, 7)), skew: slides.Millis(skew.Milliseconds())}
	if r.make = r.one; *letters {
		r.make = r.writes
	}
	opt := vault.Options{SegmentSize: 128 << 10, Spares: 1, Reserve: 1 << 20}
	now := func() slides.Millis { return slides.At(time.Now()) + r.skew }
	opt.Now = now
	v, err := vault.OpenFolder(*dir, opt)
	if err != nil {
		return err
	}
	if _, ok := v.Identity(); !ok {
		if err := pairByCode(ctx, v, *url, stdout); err != nil {
			return err
		}
	}
	if err := r.open(v, *url, *journal, stderr); err != nil {
		return err
	}
	fmt.Fprintln(stdout, "rating")
	g, gctx := errgroup.WithContext(ctx)
	ctx, stop := context.WithCancel(gctx)
	g.Go(func() error { return r.connected(ctx, *eager) })
	g.Go(func() error {
		defer stop()
		made, refused, err := r.rate(ctx, *every, *count, *jumps)
		if err != nil {
			return err
		}
		fmt.Fprintf(stdout, "made %d refused %d\n", made, refused)
		if err := r.drained(ctx, 2*time.Minute); err != nil {
			return err
		}
		fmt.Fprintln(stdout, "delivered")
		return nil
	})
	err = g.Wait()
	if errors.Is(err, context.Canceled) {
		err = nil
	}
	return errors.Join(err, v.Close())
}

// connected keeps the link running; eager, it is begun anew soon after a loss.
func (r *rater) connected(ctx context.Context, eager bool) error {
	if !eager {
		return r.link.Run(ctx)
	}
	for ctx.Err() == nil {
		one, stop := context.WithCancel(ctx)
		done := make(chan error, 1)
		go func() { done <- r.link.Run(one) }()
		select {
		case err := <-done:
			stop()
			return err
		case <-r.lost:
			if err := sleep(ctx, rand.N(300*time.Millisecond)); err != nil {
				stop()
				return <-done
			}
			stop()
			if err := <-done; err != nil {
				return err
			}
		}
	}
	return nil
}

// open makes the link and the journal.
func (r *rater) open(v *vault.Vault, url, journal string, stderr io.Writer) error {
	r.vault = v
	id, ok := v.Identity()
	if !ok {
		return errors.New("the rater's vault is not paired")
	}
	r.k = paired{id: id.Kiosk, chain: id.Chain}
	var err error
	if r.seed, err = forms(); err != nil {
		return err
	}
	r.k.unit = r.seed.unit
	d, err := link.NewDialer(url, nil, nil)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	r.link = link.New(v, d, link.Hooks{
		Hello: func() wire.Hello { return wire.Hello{Program: "motcua-proof rater"} }, Health: func() wire.Health { return wire.Health{} },
		Ready: func(slides.Flip) {}, State: func(st link.State, _ error) {
			if st == link.Offline {
				select {
				case r.lost <- struct{}{}:
				default:
				}
			}
		}, Offset: func(o time.Duration) { r.offset.Store(o.Milliseconds()) },
	}, log)
	if journal == "" {
		return nil
	}
	r.journal, err = os.OpenFile(journal, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	return err
}

// forms are the starter's questionnaires, with the office's zone and unit.
func forms() (*seed, error) {
	content, err := starter.Load()
	if err != nil {
		return nil, err
	}
	s := &seed{unit: content.Office.KioskUnit, forms: map[string]*survey.Questionnaire{}}
	if s.zone, err = time.LoadLocation(content.Office.Zone); err != nil {
		return nil, err
	}
	for _, f := range content.Forms {
		q, err := survey.ParseQuestionnaire(f.Bytes)
		if err != nil {
			return nil, err
		}
		s.forms[q.ID] = q
	}
	return s, nil
}

// rate makes ratings until ctx ends or count are made.
func (r *rater) rate(ctx context.Context, every time.Duration, count int, jumps bool) (made, refused int, err error) {
	if every < 0 {
		return 0, 0, nil
	}
	skew := r.skew
	for ctx.Err() == nil && (count == 0 || made+refused < count) {
		if jumps && r.r.IntN(5) == 0 {
			r.skew = []slides.Millis{0, skew, -skew}[r.r.IntN(3)]
		}
		switch err := r.make(); slides.KindOf(err) {
		case "":
			made++
		case slides.Full:
			refused++
		default:
			return made, refused, err
		}
		if every > 0 && sleep(ctx, time.Duration(r.r.Int64N(2*int64(every)))) != nil {
			break
		}
	}
	return made, refused, nil
}

// one citizen rates and is thanked.
func (r *rater) one() error {
	at := slides.At(time.Now()) + r.skew + slides.Millis(r.offset.Load())
	rating, partA := answers(r.seed, r.k, mix(r.r), at, r.r)
	rating.Shown = name(r.r)
	secs, err := sections(rating, partA, at)
	if err != nil {
		return err
	}
	got, err := r.vault.Outbox().Append(secs)
	if err != nil {
		return err
	}
	r.link.Wake()
	if r.journal == nil {
		return nil
	}
	line, err := json.Marshal(thanks{got.Chain, got.Seq, got.Hash, rating.Shown})
	if err != nil {
		return err
	}
	if _, err := r.journal.Write(append(line, '\n')); err != nil {
		return err
	}
	return r.journal.Sync()
}

// name is a rating's own: 256 random bits, in the form of a blob's hash.
func name(r *rand.Rand) string {
	return fmt.Sprintf("%016x%016x%016x%016x", r.Uint64(), r.Uint64(), r.Uint64(), r.Uint64())
}

// drained waits until the server has acknowledged everything.
func (r *rater) drained(ctx context.Context, within time.Duration) error {
	until := time.Now().Add(within)
	for r.vault.Outbox().Pending()+r.vault.Letters().Pending() > 0 {
		if time.Now().After(until) {
			return fmt.Errorf("%d ratings and %d letters are still not acknowledged after %v", r.vault.Outbox().Pending(), r.vault.Letters().Pending(), within)
		}
		r.link.Wake()
		if err := sleep(ctx, 20*time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

// readJournal reads what said thanks; a last line that was torn by the kill
// never said it.
func readJournal(file string) ([]thanks, error) {
	f, err := os.Open(file)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var out []thanks
	in := bufio.NewReader(f)
	for {
		line, err := in.ReadString('\n')
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		var t thanks
		if err := json.Unmarshal([]byte(strings.TrimSpace(line)), &t); err != nil {
			continue // torn in the middle of the file by a kill, then appended to
		}
		out = append(out, t)
	}
}

// pairByCode pairs over the wire: whoever started this process approves the code.
func pairByCode(ctx context.Context, v *vault.Vault, url string, stdout io.Writer) error {
	key, err := v.PairingKey()
	if err != nil {
		return err
	}
	d, err := link.NewDialer(url, nil, nil)
	if err != nil {
		return err
	}
	id, err := link.Pair(ctx, d, key, "", "motcua-proof rater", wire.Screen{W: 1920, H: 1080},
		func(o link.Offer) { fmt.Fprintln(stdout, "pair-code: "+o.Code) }, func(error) {})
	if err != nil {
		return err
	}
	return v.Pair(vault.Identity{Kiosk: id.Kiosk, Name: id.Name, Server: id.Server, Address: url, Chain: id.Chain, Class: id.Class, Epoch: id.Epoch})
}
