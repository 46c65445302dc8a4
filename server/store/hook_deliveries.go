package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"slices"
	"strings"
	"time"

	"motcua/slides"
)

const (
	// hookPatience is how long a delivery is tried before its webhook is turned
	// off: a night and the working day in which somebody can mend the receiver.
	hookPatience = 24 * time.Hour
	// keepDeliveries is how long the log goes back.
	keepDeliveries = 30 * 24 * time.Hour
	firstRetry     = 10 * time.Second
	lastRetry      = time.Hour
)

// HookDelivery is one event on its way to one webhook.
type HookDelivery struct {
	ID    string // by which the receiver tells a repetition
	Hook  string
	Event Event
	Body  []byte
	At    slides.Millis // of the event
	Next  slides.Millis // when it is tried (again), 0 settled
	Now   bool          // a server is at it
	Tries int
	Done  slides.Millis // taken by the receiver, 0: not
	// Of the last try: its HTTP status, 0 where there was no answer, and what
	// went wrong.
	Status int
	Fault  slides.Text
}

// Message is a delivery with all that sending it needs.
type Message struct {
	HookDelivery
	URL     string
	Secrets []string // that sign it, the newest first
}

// told is the body of an event. Unit is that of the thing, Data what there is to
// say of it.
type told struct {
	ID   string        `json:"id"`
	Type Event         `json:"type"`
	At   slides.Millis `json:"at"`
	Unit string        `json:"unit,omitempty"`
	Data any           `json:"data"`
}

// listener is a webhook that wants an event.
type listener struct{ id, unit string }

const listeners = "SELECT id, unit FROM hooks WHERE disabled = 0 AND instr(' ' || events || ' ', ' ' || ?1 || ' ') > 0 ORDER BY id"

const insertDelivery = "INSERT INTO hook_deliveries (id, hook, event, body, at, since, next) VALUES (?, ?, ?, ?, ?, ?, ?)"

// event tells webhooks that something happened in a unit, in this transaction.
func (t *txn) event(e Event, unit string, data any) error {
	return t.eventOf(e, func(mine func(string) bool) (string, any, bool) { return unit, data, mine(unit) })
}

// eventOf is event for what belongs to several units: what is called for each
// webhook with a function that says which units are its own, and says what of
// the event that one is to hear, if anything.
func (t *txn) eventOf(e Event, what func(mine func(unit string) bool) (unit string, data any, any bool)) error {
	var list []listener
	if err := t.each(listeners, []any{e}, func(rows *sql.Rows) error {
		var l listener
		err := rows.Scan(&l.id, &l.unit)
		list = append(list, l)
		return err
	}); err != nil || len(list) == 0 {
		return err
	}
	cat, err := t.catalogue()
	if err != nil {
		return err
	}
	for _, l := range list {
		unit, data, any := what(func(unit string) bool { return l.unit == "" || slices.Contains(cat.path(unit, t.now), l.unit) })
		if !any {
			continue
		}
		id := randomID("ev")
		body := []byte(toJSON(told{id, e, t.now, unit, data}))
		if err := t.exec(insertDelivery, id, l.id, e, body, t.now, t.now, t.now); err != nil {
			return err
		}
		if err := t.tell(Change{Kind: HookDue, Ref: l.id}); err != nil {
			return err
		}
	}
	return nil
}

// eventByHour is event for letters, in the group's transaction: of them no finer
// moment may be known, so they are sent when the hour is over, all together.
func (t *gtx) eventByHour(e Event, unit string, hour slides.Millis, data any) error {
	var list []listener
	if err := t.each(listeners, 2, func(v []driver.Value) error {
		list = append(list, listener{v[0].(string), v[1].(string)})
		return nil
	}, string(e)); err != nil {
		return err
	}
	const anHour = slides.Millis(time.Hour / time.Millisecond)
	over := (t.now/anHour + 1) * anHour
	for _, l := range list {
		if l.unit != "" && !slices.Contains(t.mem.cat.path(unit, t.now), l.unit) {
			continue
		}
		id := randomID("ev")
		if err := t.run(insertDelivery, id, l.id, string(e), []byte(toJSON(told{id, e, hour, unit, data})), int64(hour), int64(over), int64(over)); err != nil {
			return err
		}
	}
	return nil
}

// TestHook queues a delivery that says nothing but that it is a test.
func (s *Store) TestHook(ctx context.Context, a Actor, id string) (delivery string, err error) {
	const op = "store.TestHook"
	err = s.write(ctx, op, func(t *txn) error {
		h, err := t.hook(op, id)
		if err != nil {
			return err
		}
		if h.Disabled != 0 {
			return slides.E(slides.Conflict, op, "Webhook đang tắt; hãy bật lại rồi gửi thử.", "The webhook is off; turn it on to send a test.", nil)
		}
		delivery = randomID("ev")
		body := []byte(toJSON(told{delivery, TestEvent, t.now, h.Unit, map[string]string{"hook": id}}))
		if err := t.exec(insertDelivery, delivery, id, TestEvent, body, t.now, t.now, t.now); err != nil {
			return err
		}
		if err := t.tell(Change{Kind: HookDue, Ref: id}); err != nil {
			return err
		}
		return t.audit(a, "hook.test", "hook:"+id, nil)
	})
	return delivery, err
}

// Redeliver sends a settled delivery once more, under its own id.
func (s *Store) Redeliver(ctx context.Context, a Actor, hook, id string) error {
	const op = "store.Redeliver"
	return s.write(ctx, op, func(t *txn) error {
		n, err := t.affect("UPDATE hook_deliveries SET since = ?1, next = ?1, tries = 0, done = 0, leased = 0 WHERE id = ?2 AND hook = ?3 AND next = 0", t.now, id, hook)
		if err != nil {
			return err
		}
		if n == 0 {
			return notFound(op, "Không có lần gửi này, hoặc nó đang chờ gửi.", "There is no such delivery, or it waits to be sent.")
		}
		if err := t.tell(Change{Kind: HookDue, Ref: hook}); err != nil {
			return err
		}
		return t.audit(a, "hook.redeliver", "hook:"+hook, id)
	})
}

const deliveryColumns = "d.id, d.hook, d.event, d.body, d.at, d.next, d.tries, d.done, d.status, d.fault, d.leased > 0"

func scanDelivery(scan func(...any) error, more ...any) (d HookDelivery, err error) {
	var fault string
	if err := scan(append([]any{&d.ID, &d.Hook, &d.Event, &d.Body, &d.At, &d.Next, &d.Tries, &d.Done, &d.Status, &fault, &d.Now}, more...)...); err != nil {
		return d, err
	}
	if fault != "" {
		d.Fault, err = fromJSON[slides.Text](fault)
	}
	return d, err
}

// HookDeliveries lists a webhook's deliveries, newest event first.
func (s *Store) HookDeliveries(ctx context.Context, hook string, limit int) (out []HookDelivery, err error) {
	err = s.read(ctx, "store.HookDeliveries", func(t *txn) error {
		return t.each("SELECT "+deliveryColumns+" FROM hook_deliveries d WHERE d.hook = ? ORDER BY d.at DESC, d.id LIMIT ?", []any{hook, limit}, func(rows *sql.Rows) error {
			d, err := scanDelivery(rows.Scan)
			out = append(out, d)
			return err
		})
	})
	return out, err
}

const dueDeliveries = ` FROM hook_deliveries d JOIN hooks h ON h.id = d.hook WHERE d.next > 0 AND d.next <= ?1 AND h.disabled = 0
	AND NOT EXISTS (SELECT 1 FROM hook_deliveries o WHERE o.hook = d.hook AND o.leased > ?1)`

// ClaimDeliveries takes up to limit deliveries that are due, at most one of each
// webhook, the oldest first: until the lease ends no server sends them, nor any
// other one of theirs. Who claims them and dies leaves them to be claimed again.
func (s *Store) ClaimDeliveries(ctx context.Context, limit int, lease time.Duration) (out []Message, err error) {
	const op = "store.ClaimDeliveries"
	due := false
	if err := s.read(ctx, op, func(t *txn) error { // most times there is nothing: a reader costs no fsync
		return t.row("SELECT EXISTS (SELECT 1"+dueDeliveries+")", t.now).Scan(&due)
	}); err != nil || !due {
		return nil, err
	}
	err = s.write(ctx, op, func(t *txn) error {
		out = nil
		taken := map[string]bool{}
		if err := t.each("SELECT "+deliveryColumns+", h.url, h.secret, CASE WHEN h.old_until > ?1 THEN h.old ELSE '' END"+dueDeliveries+" ORDER BY d.next, d.at, d.id", []any{t.now}, func(rows *sql.Rows) error {
			var m Message
			var secret, old string
			m.HookDelivery, err = scanDelivery(rows.Scan, &m.URL, &secret, &old)
			if err != nil || taken[m.Hook] || len(out) == limit {
				return err
			}
			if m.Secrets = []string{secret}; old != "" {
				m.Secrets = append(m.Secrets, old)
			}
			m.Tries++
			taken[m.Hook] = true
			out = append(out, m)
			return nil
		}); err != nil {
			return err
		}
		for _, m := range out {
			until := int64(t.now) + lease.Milliseconds()
			if err := t.exec("UPDATE hook_deliveries SET tries = ?, leased = ?2, next = ?2 WHERE id = ?3", m.Tries, until, m.ID); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// Settle notes how sending a claimed message went: fault nil, the receiver took
// it. A failure waits longer each time, by jitter (0 to 1) of it less; after a
// day the webhook is turned off and says why. A server that was too slow and
// lost its lease to another changes nothing, unless it was taken.
func (s *Store) Settle(ctx context.Context, m Message, status int, fault slides.Text, jitter float64) error {
	const op = "store.Settle"
	return s.write(ctx, op, func(t *txn) error {
		if fault == nil {
			return t.exec("UPDATE hook_deliveries SET done = ?1, next = 0, leased = 0, status = ?2, fault = '' WHERE id = ?3 AND done = 0", t.now, status, m.ID)
		}
		wait := retryAfterTries(m.Tries, jitter)
		n, err := t.affect("UPDATE hook_deliveries SET next = ?1, leased = 0, status = ?2, fault = ?3 WHERE id = ?4 AND tries = ?5 AND next > 0", int64(t.now)+wait.Milliseconds(), status, toJSON(fault), m.ID, m.Tries)
		if err != nil || n == 0 {
			return err
		}
		n, err = t.affect("UPDATE hooks SET disabled = ?1, fault = ?2 WHERE id = ?3 AND disabled = 0 AND EXISTS (SELECT 1 FROM hook_deliveries WHERE id = ?4 AND since <= ?5)",
			t.now, toJSON(fault), m.Hook, m.ID, int64(t.now)-hookPatience.Milliseconds())
		if err != nil || n == 0 {
			return err
		}
		return t.audit(Actor{}, "hook.disable", "hook:"+m.Hook, fault)
	})
}

// retryAfterTries is how long to wait after so many failures: 10 s, 20 s, 40 s …
// up to an hour, less by up to half, so that receivers that were down together
// are not all called together.
func retryAfterTries(tries int, jitter float64) time.Duration {
	wait := min(firstRetry<<min(max(tries-1, 0), 20), lastRetry)
	return wait - time.Duration(min(max(jitter, 0), 1)*float64(wait)/2)
}

// publicationEvent tells what of a publication is whose.
func (t *txn) publicationEvent(p *Publication) error {
	e := map[string]Event{"publish": PublicationEvent, "recall": RecallEvent}[p.Kind]
	if e == "" {
		return nil // a kiosk that moved changes no content
	}
	units := make([]string, len(p.Items))
	for n, i := range p.Items {
		if err := t.row("SELECT unit FROM items WHERE type = ? AND id = ?", i.Type, i.ID).Scan(&units[n]); err != nil {
			return err
		}
	}
	type piece struct {
		Type   ItemType `json:"type"`
		ID     string   `json:"id"`
		Before int      `json:"before"`
		After  int      `json:"after"`
		Title  string   `json:"title"`
	}
	return t.eventOf(e, func(mine func(string) bool) (string, any, bool) {
		var pieces []piece
		for n, i := range p.Items {
			if mine(units[n]) {
				pieces = append(pieces, piece{i.Type, i.ID, i.Before, i.After, i.Title})
			}
		}
		one := slices.Compact(slices.Clone(units))
		unit := ""
		if len(one) == 1 {
			unit = one[0]
		}
		return unit, map[string]any{"revision": p.Revision, "items": pieces, "note": strings.TrimSpace(p.Note)}, len(pieces) > 0
	})
}
