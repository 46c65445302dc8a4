package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"

	"motcua/slides"
)

// AlertSettings say who is told of silent kiosks, and when.
type AlertSettings struct {
	On    bool     `json:"on"`
	After int      `json:"after"` // minutes of silence in opening hours
	To    []string `json:"to"`
	Lang  string   `json:"lang"`
}

// Limits of the settings. Less than two minutes would tell of every router that
// begins anew; the lease of a kiosk's session alone lasts half of one.
const (
	minAlertAfter = 2
	maxAlertAfter = 240
	maxAlertTo    = 20
)

const alertsMeta = "alerts"

// AlertSettings reads them; nobody is told until somebody is named.
func (s *Store) AlertSettings(ctx context.Context) (a AlertSettings, err error) {
	err = s.read(ctx, "store.AlertSettings", func(t *txn) error {
		a, err = t.alertSettings()
		return err
	})
	return a, err
}

func (t *txn) alertSettings() (AlertSettings, error) {
	a := AlertSettings{After: 10, To: []string{}, Lang: "vi"}
	var b []byte
	err := t.row("SELECT value FROM meta WHERE key = ?", alertsMeta).Scan(&b)
	if errors.Is(err, sql.ErrNoRows) {
		return a, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &a)
	}
	return a, err
}

// SaveAlertSettings keeps them.
func (s *Store) SaveAlertSettings(ctx context.Context, who Actor, a AlertSettings) error {
	const op = "store.SaveAlertSettings"
	var p slides.Problems
	if a.After < minAlertAfter || a.After > maxAlertAfter {
		p.Add("after", "Số phút phải từ 2 đến 240.", "The minutes must be 2 to 240.")
	}
	if a.Lang != "vi" && a.Lang != "en" {
		p.Add("lang", "Ngôn ngữ của thư phải là tiếng Việt hoặc tiếng Anh.", "Mails are in Vietnamese or English.")
	}
	for i, to := range a.To {
		at, err := mail.ParseAddress(strings.TrimSpace(to))
		if err != nil || at.Name != "" {
			p.Add("to", fmt.Sprintf("%.80q không phải địa chỉ thư.", to), fmt.Sprintf("%.80q is no mail address.", to))
			continue
		}
		a.To[i] = at.Address
	}
	slices.Sort(a.To)
	if a.To = slices.Compact(a.To); len(a.To) > maxAlertTo {
		p.Add("to", "Tối đa 20 người nhận.", "At most 20 people are told.")
	}
	if a.On && len(a.To) == 0 {
		p.Add("to", "Hãy ghi ít nhất một địa chỉ nhận thư.", "Name at least one address.")
	}
	if err := p.Err(op); err != nil {
		return err
	}
	return s.write(ctx, op, func(t *txn) error {
		old, err := t.alertSettings()
		if err != nil {
			return err
		}
		if err := t.setMeta(alertsMeta, []byte(toJSON(a))); err != nil {
			return err
		}
		return t.audit(who, "alert.settings", "alerts", change(old, a))
	})
}

// Incident is one silence of a kiosk.
type Incident struct {
	ID     string
	Kiosk  string
	Since  slides.Millis // last seen before
	Opened slides.Millis
	Closed slides.Millis // 0: it lasts
	Back   bool          // closed because the kiosk came back, and not unpaired
}

// Mail is one to be sent, and how far that is.
type Mail struct {
	ID      string
	Kind    string // "alert", "test"
	To      []string
	Subject string
	Body    string
	Queued  slides.Millis
	Tries   int
	Ended   slides.Millis // sent or given up; 0: neither yet
	Sent    bool
	Vi, En  string // why the last try failed
}

// Incidents lists silences, newest first.
func (s *Store) Incidents(ctx context.Context, limit int) (out []Incident, err error) {
	err = s.read(ctx, "store.Incidents", func(t *txn) error {
		out, err = t.incidents("1 ORDER BY opened DESC, id LIMIT ?", limit)
		return err
	})
	return out, err
}

// OpenIncidents lists those that last.
func (s *Store) OpenIncidents(ctx context.Context) (out []Incident, err error) {
	err = s.read(ctx, "store.OpenIncidents", func(t *txn) error {
		out, err = t.incidents("closed = 0")
		return err
	})
	return out, err
}

func (t *txn) incidents(where string, args ...any) (out []Incident, err error) {
	err = t.each("SELECT id, kiosk, since, opened, closed, back FROM alerts WHERE "+where, args, func(rows *sql.Rows) error {
		var i Incident
		err := rows.Scan(&i.ID, &i.Kiosk, &i.Since, &i.Opened, &i.Closed, &i.Back)
		out = append(out, i)
		return err
	})
	return out, err
}

// NoteIncidents opens an incident for each kiosk of silent (to when it was last
// seen) that has none, and closes those of back (whether the kiosk has come
// back). What was not so before is told by one mail, made by tell; where several
// servers notice the same, one of them does. tell must be quick: it holds the
// writer.
func (s *Store) NoteIncidents(ctx context.Context, silent map[string]slides.Millis, back map[string]bool, tell func(set AlertSettings, opened, closed []Incident) (subject, body string)) error {
	return s.write(ctx, "store.NoteIncidents", func(t *txn) error {
		set, err := t.alertSettings()
		if err != nil || !set.On {
			return err
		}
		open, err := t.incidents("closed = 0")
		if err != nil {
			return err
		}
		var opened, closed []Incident
		for _, i := range open {
			came, ends := back[i.Kiosk]
			if !ends {
				continue
			}
			if err := t.exec("UPDATE alerts SET closed = ?, back = ? WHERE id = ?", t.now, came, i.ID); err != nil {
				return err
			}
			if i.Closed, i.Back = t.now, came; came {
				closed = append(closed, i)
			}
		}
		for kiosk, since := range silent {
			if slices.ContainsFunc(open, func(i Incident) bool { return i.Kiosk == kiosk }) {
				continue
			}
			i := Incident{ID: randomID("i"), Kiosk: kiosk, Since: since, Opened: t.now}
			if err := t.exec("INSERT INTO alerts (id, kiosk, since, opened) VALUES (?, ?, ?, ?)", i.ID, i.Kiosk, i.Since, i.Opened); err != nil {
				return err
			}
			opened = append(opened, i)
		}
		if len(opened)+len(closed) == 0 {
			return nil
		}
		subject, body := tell(set, opened, closed)
		return t.queue(Mail{Kind: "alert", To: set.To, Subject: subject, Body: body})
	})
}

func (t *txn) queue(m Mail) error {
	return t.exec("INSERT INTO mails (id, kind, rcpts, subject, body, queued, due) VALUES (?, ?, ?, ?, ?, ?, ?)", randomID("m"), m.Kind, toJSON(m.To), m.Subject, m.Body, t.now, t.now)
}

// QueueTest queues a mail by which staff try the settings. Kind Invalid: nobody
// is named.
func (s *Store) QueueTest(ctx context.Context, who Actor, subject, body string) error {
	const op = "store.QueueTest"
	return s.write(ctx, op, func(t *txn) error {
		set, err := t.alertSettings()
		if err != nil {
			return err
		}
		if len(set.To) == 0 {
			return invalid(op, "to", "Hãy ghi và lưu ít nhất một địa chỉ nhận thư trước.", "Name and save at least one address first.")
		}
		if err := t.queue(Mail{Kind: "test", To: set.To, Subject: subject, Body: body}); err != nil {
			return err
		}
		return t.audit(who, "alert.test", "alerts", set.To)
	})
}

const mailColumns = "id, kind, rcpts, subject, body, queued, tries, ended, sent, vi, en"

func scanMail(scan func(...any) error) (m Mail, err error) {
	var to string
	if err = scan(&m.ID, &m.Kind, &to, &m.Subject, &m.Body, &m.Queued, &m.Tries, &m.Ended, &m.Sent, &m.Vi, &m.En); err == nil {
		err = json.Unmarshal([]byte(to), &m.To)
	}
	return m, err
}

// Mails lists the newest.
func (s *Store) Mails(ctx context.Context, limit int) (out []Mail, err error) {
	err = s.read(ctx, "store.Mails", func(t *txn) error {
		return t.each("SELECT "+mailColumns+" FROM mails ORDER BY queued DESC, id LIMIT ?", []any{limit}, func(rows *sql.Rows) error {
			m, err := scanMail(rows.Scan)
			out = append(out, m)
			return err
		})
	})
	return out, err
}

// ClaimMail hands the oldest mail that is due to this server alone for a while;
// ok is false where there is none.
func (s *Store) ClaimMail(ctx context.Context, lease time.Duration) (m Mail, ok bool, err error) {
	err = s.write(ctx, "store.ClaimMail", func(t *txn) error {
		m, err = scanMail(t.row("SELECT "+mailColumns+" FROM mails WHERE ended = 0 AND due <= ?1 AND claimed <= ?1 ORDER BY queued, id LIMIT 1", t.now).Scan)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		ok = true
		m.Tries++
		return t.exec("UPDATE mails SET claimed = ?, tries = ? WHERE id = ?", t.now+slides.Millis(lease.Milliseconds()), m.Tries, m.ID)
	})
	return m, ok, err
}

// MailSent notes that a mail has gone out.
func (s *Store) MailSent(ctx context.Context, id string) error {
	return s.write(ctx, "store.MailSent", func(t *txn) error {
		return t.exec("UPDATE mails SET ended = ?, sent = 1, vi = '', en = '' WHERE id = ? AND ended = 0", t.now, id)
	})
}

// MailFailed notes why a mail did not go out; it is tried again after a while,
// or, where that is 0, never.
func (s *Store) MailFailed(ctx context.Context, id, vi, en string, again time.Duration) error {
	return s.write(ctx, "store.MailFailed", func(t *txn) error {
		ended := slides.Millis(0)
		if again == 0 {
			ended = t.now
		}
		return t.exec("UPDATE mails SET due = ?, claimed = 0, ended = ?, vi = ?, en = ? WHERE id = ? AND ended = 0", t.now+slides.Millis(again.Milliseconds()), ended, clip(vi, 500), clip(en, 500), id)
	})
}
