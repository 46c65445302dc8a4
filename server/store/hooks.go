package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"motcua/slides"
)

// Event is a kind of thing that webhooks tell.
type Event string

// The events. What citizens write is never told, only that somebody wrote, and
// that by the hour.
const (
	PublicationEvent Event = "publication.live"
	RecallEvent      Event = "publication.recalled"
	SubmissionEvent  Event = "submission.waiting" // somebody's approval is asked for
	SilentEvent      Event = "kiosk.silent"
	BackEvent        Event = "kiosk.back"
	LetterEvent      Event = "letter.received"
	ImportEvent      Event = "import.done"
	TestEvent        Event = "test" // sent by hand, to any hook
)

// Events lists those that a hook may choose, in the order of the studio.
var Events = []Event{PublicationEvent, RecallEvent, SubmissionEvent, SilentEvent, BackEvent, LetterEvent, ImportEvent}

// Hook is where another system wants to hear of events of a unit and those below.
type Hook struct {
	ID       string
	Name     string
	Unit     string // "" everywhere
	URL      string
	Events   []Event
	Created  slides.Millis
	By       string        // user id
	Disabled slides.Millis // since when, 0: in use
	Fault    slides.Text   // why the server turned it off; nil where staff did
	OldUntil slides.Millis // until when the secret before signs as well, 0: there is none
	Waiting  int           // deliveries that are not settled
}

// secretOverlap is how long the old secret signs beside the new one.
const secretOverlap = 24 * time.Hour

// maxHooks bounds the webhooks of the whole office: each event is written once
// for each of them.
const maxHooks = 50

const hookColumns = "id, name, unit, url, events, created, by, disabled, fault, old_until, (SELECT count(*) FROM hook_deliveries d WHERE d.hook = hooks.id AND d.next > 0)"

func scanHook(scan func(...any) error) (h Hook, err error) {
	var events, fault string
	if err := scan(&h.ID, &h.Name, &h.Unit, &h.URL, &events, &h.Created, &h.By, &h.Disabled, &fault, &h.OldUntil, &h.Waiting); err != nil {
		return h, err
	}
	for e := range strings.FieldsSeq(events) {
		h.Events = append(h.Events, Event(e))
	}
	if fault != "" {
		h.Fault, err = fromJSON[slides.Text](fault)
	}
	return h, err
}

// NewSecret makes a secret as the Standard Webhooks have it (24 to 64 bytes).
func NewSecret() string {
	b := make([]byte, 32)
	rand.Read(b) // never fails (crypto/rand since Go 1.24)
	return "whsec_" + base64.StdEncoding.EncodeToString(b)
}

func (h *Hook) clean(op string) error {
	h.Name, h.URL = slides.Clean(h.Name), strings.TrimSpace(h.URL)
	var p slides.Problems
	if n := utf8.RuneCountInString(h.Name); n == 0 || n > 80 || strings.Contains(h.Name, "\n") {
		p.Add("name", "Webhook cần một tên (tối đa 80 ký tự).", "A webhook needs a name (at most 80 characters).")
	}
	if u, err := url.Parse(h.URL); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil || len(h.URL) > 500 {
		p.Add("url", "Địa chỉ phải bắt đầu bằng https:// (hoặc http:// trong mạng nội bộ), không có tên và mật khẩu.", "The address begins with https:// (or http:// within your network) and has no name or password in it.")
	}
	if len(h.Events) == 0 {
		p.Add("events", "Chọn ít nhất một sự kiện.", "Choose at least one event.")
	}
	for _, e := range h.Events {
		if !slices.Contains(Events, e) {
			p.Add("events", fmt.Sprintf("Không có sự kiện %.40q.", e), fmt.Sprintf("There is no event %.40q.", e))
		}
	}
	return p.Err(op)
}

// Address is the URL as it is shown to those who may not change it.
func (h Hook) Address() string { return Shown(h.URL) }

func (h *Hook) words() string {
	var out []string
	for _, e := range Events {
		if slices.Contains(h.Events, e) {
			out = append(out, string(e))
		}
	}
	return strings.Join(out, " ")
}

func (h *Hook) described() map[string]any {
	return map[string]any{"name": h.Name, "unit": h.Unit, "url": h.Address(), "events": h.words()}
}

// AddHook keeps a webhook and its secret (NewSecret), which is told to nobody
// again. Kind Invalid with problems at "name", "url", "events", "unit".
func (s *Store) AddHook(ctx context.Context, a Actor, h Hook, secret string) (Hook, error) {
	const op = "store.AddHook"
	if err := h.clean(op); err != nil {
		return h, err
	}
	err := s.write(ctx, op, func(t *txn) error {
		if h.Unit != "" {
			if err := t.knownUnit(op, h.Unit); err != nil {
				return err
			}
		}
		var n int
		if err := t.row("SELECT count(*) FROM hooks").Scan(&n); err != nil {
			return err
		}
		if n >= maxHooks {
			return slides.E(slides.Conflict, op, fmt.Sprintf("Đã có %d webhook; hãy xóa bớt.", n), fmt.Sprintf("There are %d webhooks; remove some.", n), nil)
		}
		h.ID, h.Created, h.By = randomID("w"), t.now, a.User
		if err := t.exec("INSERT INTO hooks (id, name, unit, url, events, secret, created, by) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", h.ID, h.Name, h.Unit, h.URL, h.words(), secret, t.now, h.By); err != nil {
			return err
		}
		return t.audit(a, "hook.add", "hook:"+h.ID, h.described())
	})
	return h, err
}

// UpdateHook changes name, address and events.
func (s *Store) UpdateHook(ctx context.Context, a Actor, h Hook) error {
	const op = "store.UpdateHook"
	if err := h.clean(op); err != nil {
		return err
	}
	return s.write(ctx, op, func(t *txn) error {
		old, err := t.hook(op, h.ID)
		if err != nil {
			return err
		}
		h.Unit = old.Unit
		if err := t.exec("UPDATE hooks SET name = ?, url = ?, events = ? WHERE id = ?", h.Name, h.URL, h.words(), h.ID); err != nil {
			return err
		}
		return t.audit(a, "hook.update", "hook:"+h.ID, change(old.described(), h.described()))
	})
}

func (t *txn) hook(op, id string) (Hook, error) {
	h, err := scanHook(t.row("SELECT "+hookColumns+" FROM hooks WHERE id = ?", id).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return h, notFound(op, "Không có webhook này.", "There is no such webhook.")
	}
	return h, err
}

// Hook is one webhook.
func (s *Store) Hook(ctx context.Context, id string) (h Hook, err error) {
	err = s.read(ctx, "store.Hook", func(t *txn) error {
		h, err = t.hook("store.Hook", id)
		return err
	})
	return h, err
}

// Hooks lists webhooks by name.
func (s *Store) Hooks(ctx context.Context) (out []Hook, err error) {
	err = s.read(ctx, "store.Hooks", func(t *txn) error {
		return t.each("SELECT "+hookColumns+" FROM hooks ORDER BY name, id", nil, func(rows *sql.Rows) error {
			h, err := scanHook(rows.Scan)
			out = append(out, h)
			return err
		})
	})
	return out, err
}

// RotateHook gives a webhook a new secret; the one before signs as well for a
// day, so that the receiver may change over in its own time.
func (s *Store) RotateHook(ctx context.Context, a Actor, id, secret string) error {
	const op = "store.RotateHook"
	return s.write(ctx, op, func(t *txn) error {
		if _, err := t.hook(op, id); err != nil {
			return err
		}
		if err := t.exec("UPDATE hooks SET old = secret, old_until = ?, secret = ? WHERE id = ?", int64(t.now)+secretOverlap.Milliseconds(), secret, id); err != nil {
			return err
		}
		return t.audit(a, "hook.rotate", "hook:"+id, nil)
	})
}

// EnableHook turns a webhook on or off. What waited when it was turned off has
// another day from now; what happens while it is off is not told.
func (s *Store) EnableHook(ctx context.Context, a Actor, id string, on bool) error {
	const op = "store.EnableHook"
	return s.write(ctx, op, func(t *txn) error {
		h, err := t.hook(op, id)
		if err != nil || on == (h.Disabled == 0) {
			return err
		}
		if !on {
			if err := t.exec("UPDATE hooks SET disabled = ?, fault = '' WHERE id = ?", t.now, id); err != nil {
				return err
			}
			return t.audit(a, "hook.disable", "hook:"+id, nil)
		}
		if err := t.exec("UPDATE hooks SET disabled = 0, fault = '' WHERE id = ?", id); err != nil {
			return err
		}
		if err := t.exec("UPDATE hook_deliveries SET since = max(since, ?1), next = CASE WHEN tries = 0 THEN next ELSE ?1 END, tries = 0 WHERE hook = ?2 AND next > 0", t.now, id); err != nil {
			return err
		}
		if err := t.tell(Change{Kind: HookDue, Ref: id}); err != nil {
			return err
		}
		return t.audit(a, "hook.enable", "hook:"+id, nil)
	})
}

// RemoveHook forgets a webhook and its deliveries.
func (s *Store) RemoveHook(ctx context.Context, a Actor, id string) error {
	const op = "store.RemoveHook"
	return s.write(ctx, op, func(t *txn) error {
		h, err := t.hook(op, id)
		if err != nil {
			return err
		}
		if err := t.exec("DELETE FROM hook_deliveries WHERE hook = ?", id); err != nil {
			return err
		}
		if err := t.exec("DELETE FROM hooks WHERE id = ?", id); err != nil {
			return err
		}
		return t.audit(a, "hook.remove", "hook:"+id, h.described())
	})
}
