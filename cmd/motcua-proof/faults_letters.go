package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/letter"
	"motcua/slides/survey"
)

// writes makes one letter as a citizen's, and notes its receipt once it is safe:
// from then on the screen shows it.
func (r *rater) writes() error {
	at := slides.At(time.Now()) + r.skew + slides.Millis(r.offset.Load())
	l := letter.Letter{
		Code: letter.NewCode(), Category: letter.Categories[r.r.IntN(len(letter.Categories))].ID, Unit: r.k.unit, Kiosk: r.k.id,
		Channel: survey.AtKiosk, Lang: "vi", Hour: survey.HourOf(at, r.seed.zone), Clock: survey.Synced,
	}
	secs, err := letter.Sections(l, "Góp ý "+l.Code, nil)
	if err != nil {
		return err
	}
	got, err := r.vault.Letters().Append(secs)
	if err != nil {
		return err
	}
	r.link.Wake()
	if r.journal == nil {
		return nil
	}
	line, err := json.Marshal(thanks{got.Chain, got.Seq, got.Hash, l.Code})
	if err != nil {
		return err
	}
	if _, err := r.journal.Write(append(line, '\n')); err != nil {
		return err
	}
	return r.journal.Sync()
}

// letterKills ends kiosks and server with kill -9 while letters are written:
// each receipt that was shown leads to one letter.
func letterKills(ctx context.Context, p *proof) ([]line, error) {
	w, err := p.newWorld(ctx, "letters", 2)
	if err != nil {
		return nil, err
	}
	defer w.close()
	w.runs = p.times(12, 200)
	for n := range w.runs {
		r, err := w.rater(n%2, "", "-letters", "-eager", "-every", "3ms")
		if err != nil {
			return nil, err
		}
		if _, err := r.line(ctx, "rating", 30*time.Second); err != nil {
			r.kill()
			return nil, fmt.Errorf("%w; it said: %s", err, w.talk())
		}
		err = sleep(ctx, w.moment(400*time.Millisecond))
		if n%3 == 2 && err == nil { // the server first
			w.srv.kill()
			w.kills++
			if err = w.startServer(ctx); err == nil {
				err = sleep(ctx, w.moment(300*time.Millisecond))
			}
		}
		r.kill()
		w.kills++
		if err != nil {
			return nil, err
		}
	}
	if err := w.deliver(ctx); err != nil {
		return nil, err
	}
	if err := w.srv.stop(); err != nil {
		return nil, err
	}
	if err := w.judgeLetters(ctx); err != nil {
		return nil, err
	}
	return []line{w.line("kill -9 of kiosk and server while letters are written")}, nil
}

// judgeLetters compares the receipts that were shown with the letters that the
// server has; each kill of a kiosk may have cut one off before it was shown.
func (w *world) judgeLetters(ctx context.Context) error {
	shown, err := w.said()
	if err != nil {
		return err
	}
	st, err := store.Open(w.dir, store.Options{})
	if err != nil {
		return err
	}
	defer st.Close()
	list, more, err := st.Letters(ctx, store.LetterFilter{Limit: 1_000_000})
	if err != nil || more {
		return fmt.Errorf("the letters: more is %v, %w", more, err)
	}
	c := &w.counts
	c.chainsOK, c.rollupsOK = true, true // letters have no roll-ups; their chains were checked as they came
	if err := st.CheckRollups(ctx); err != nil {
		c.rollupsOK = false
		c.wrong("roll-ups: %v", err)
	}
	have := map[string]int{}
	for _, l := range list {
		have[l.Code]++
		if l.Text != "Góp ý "+l.Code {
			c.lost++
			c.wrong("letter %s says %q", l.Code, l.Text)
		}
	}
	c.stored, c.thanked = len(list), len(shown)
	for _, t := range shown {
		switch n := have[t.Name]; {
		case n == 0:
			c.lost++
			c.wrong("the receipt %s was shown and its letter is gone", t.Name)
		case n > 1:
			c.doubled += n - 1
			c.wrong("letter %s is there %d times", t.Name, n)
		}
		delete(have, t.Name)
	}
	for _, n := range have {
		c.flight += n
	}
	if c.flight > w.runs {
		c.foreign = c.flight - w.runs
		c.wrong("%d letters are there whose receipts nobody was shown; at most %d were in flight", c.flight, w.runs)
	}
	return nil
}
