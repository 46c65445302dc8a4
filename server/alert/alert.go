// Package alert tells people by mail when a kiosk falls silent while its office
// is open, and when it is back; webhooks hear of both as well.
//
// What is told is kept in the store: a silence is an incident that opens once
// and closes once, whichever of several servers notices it, and each change
// queues its mails in the same transaction. All that changed at one look stands
// in one mail to each receiver, so that a district whose line breaks is one mail
// and not forty. A
// mail is claimed by one server for a while; a server that dies between the
// mail server's "250" and its own note leaves a mail that goes out a second time,
// under the same Message-ID.
//
// A server that has just started has heard from nobody: it waits as long as a
// kiosk may be silent before it looks.
package alert

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"time"

	"motcua/server/fleet"
	"motcua/server/store"
	"motcua/slides"
)

// Times. A look costs one query over all kiosks.
const (
	lookEvery  = 30 * time.Second
	mailLease  = 2 * time.Minute // longer than sendWithin
	sendWithin = 45 * time.Second
	firstRetry = time.Minute
	lastRetry  = 30 * time.Minute
	giveUp     = 24 * time.Hour // then nobody needs the news any more
)

// Options are what a Watch needs.
type Options struct {
	Mail   *Mailer // nil: nobody is told by mail; incidents are noted all the same
	Public string  // address of the studio, for links; "" none
	Log    *slog.Logger
}

// Watch looks for silent kiosks and sends the mails. Static after New.
type Watch struct {
	Options
	store *store.Store
	begun slides.Millis
}

// New makes a watch over st.
func New(st *store.Store, o Options) *Watch {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Watch{Options: o, store: st, begun: st.Now()}
}

// Run watches until ctx ends. Faults are logged and tried again.
func (w *Watch) Run(ctx context.Context) error {
	looked := time.Duration(0)
	for wait := rand.N(lookEvery); ; wait = lookEvery/2 + rand.N(lookEvery/8) {
		t := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			t.Stop()
			return nil
		case <-t.C:
		}
		// Mails are looked for twice as often: somebody may wait for a test.
		if looked += wait; looked >= lookEvery {
			looked = 0
			if err := w.look(ctx); err != nil && ctx.Err() == nil {
				w.Log.Error("looking for silent kiosks", "err", err)
			}
		}
		if w.Mail == nil {
			continue
		}
		if err := w.deliver(ctx); err != nil && ctx.Err() == nil {
			w.Log.Error("sending mails", "err", err)
		}
	}
}

// look notes which kiosks have fallen silent and which are back.
func (w *Watch) look(ctx context.Context) error {
	set, err := w.store.AlertSettings(ctx)
	if err != nil {
		return err
	}
	after, now := time.Duration(set.After)*time.Minute, w.store.Now()
	if now-w.begun < slides.Millis(after.Milliseconds()) {
		return nil
	}
	open, err := w.store.OpenIncidents(ctx)
	if err != nil {
		return err
	}
	list, err := w.store.Kiosks(ctx, "")
	if err != nil {
		return err
	}
	silent, back, kiosks := map[string]slides.Millis{}, map[string]bool{}, map[string]*store.KioskStatus{}
	for i := range list {
		k := &list[i]
		kiosks[k.ID] = k
		if fleet.Overdue(k, now, after) {
			silent[k.ID] = k.LastSeen
		}
	}
	for _, i := range open {
		switch k := kiosks[i.Kiosk]; {
		case k == nil || !k.Paired:
			back[i.Kiosk] = false // nobody waits for it any more
		case k.Online:
			back[i.Kiosk] = true
		}
	}
	if len(silent)+len(back) == 0 {
		return nil
	}
	var tell store.News
	if w.Mail != nil {
		tell = func(set store.AlertSettings, opened, closed []store.Incident) (string, string) {
			return news{set.Lang, set.After, w.Public, kiosks}.compose(opened, closed)
		}
	}
	return w.store.NoteIncidents(ctx, silent, back, tell)
}

// deliver sends what is due, one after the other.
func (w *Watch) deliver(ctx context.Context) error {
	for ctx.Err() == nil {
		m, ok, err := w.store.ClaimMail(ctx, mailLease)
		if err != nil || !ok {
			return err
		}
		err = w.send(ctx, m)
		if err == nil {
			err = w.store.MailSent(ctx, m.ID)
		} else {
			w.Log.Warn("a mail did not go out", "mail", m.ID, "try", m.Tries, "err", err)
			err = w.store.MailFailed(ctx, m.ID, slides.Sentence(err, "vi"), slides.Sentence(err, "en"), w.again(m))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *Watch) send(ctx context.Context, m store.Mail) error {
	ctx, cancel := context.WithTimeout(ctx, sendWithin)
	defer cancel()
	return w.Mail.Send(ctx, m)
}

// again is when a mail that failed is tried next; 0: never.
func (w *Watch) again(m store.Mail) time.Duration {
	if w.store.Now()-m.Queued >= slides.Millis(giveUp.Milliseconds()) {
		return 0
	}
	return min(firstRetry<<min(m.Tries-1, 10), lastRetry)
}
