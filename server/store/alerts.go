package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/mail"
	"slices"
	"strings"
	"time"

	"motcua/slides"
)

// AlertSettings say who is told of silent kiosks, and when. To are told of every
// kiosk; units have receivers of their own besides (SaveUnitAlertTo).
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
	a.To = addresses(&p, a.To)
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

// addresses are mail addresses without names, sorted, each once; what is none is
// a problem at "to".
func addresses(p *slides.Problems, list []string) []string {
	out := []string{}
	for _, to := range list {
		at, err := mail.ParseAddress(strings.TrimSpace(to))
		if err != nil || at.Name != "" {
			p.Add("to", fmt.Sprintf("%.80q không phải địa chỉ thư.", to), fmt.Sprintf("%.80q is no mail address.", to))
			continue
		}
		out = append(out, at.Address)
	}
	slices.Sort(out)
	if out = slices.Compact(out); len(out) > maxAlertTo {
		p.Add("to", "Tối đa 20 người nhận.", "At most 20 people are told.")
	}
	return out
}

// UnitAlertTo is who is told of the kiosks of a unit and those below it, besides
// those whom AlertSettings name.
func (s *Store) UnitAlertTo(ctx context.Context, unit string) (to []string, err error) {
	err = s.read(ctx, "store.UnitAlertTo", func(t *txn) error {
		lists, err := t.alertUnits()
		to = lists[unit]
		return err
	})
	return to, err
}

// SaveUnitAlertTo keeps them; none is allowed. Kind Invalid with problems at "to".
func (s *Store) SaveUnitAlertTo(ctx context.Context, who Actor, unit string, to []string) error {
	const op = "store.SaveUnitAlertTo"
	var p slides.Problems
	to = addresses(&p, to)
	if err := p.Err(op); err != nil {
		return err
	}
	return s.write(ctx, op, func(t *txn) error {
		if err := t.knownUnit(op, unit); err != nil {
			return err
		}
		lists, err := t.alertUnits()
		if err != nil || slices.Equal(lists[unit], to) {
			return err
		}
		if len(to) == 0 {
			err = t.exec("DELETE FROM alert_units WHERE unit = ?", unit)
		} else {
			err = t.exec("INSERT INTO alert_units VALUES (?1, ?2) ON CONFLICT (unit) DO UPDATE SET rcpts = ?2", unit, toJSON(to))
		}
		if err != nil {
			return err
		}
		return t.audit(who, "alert.unit", "unit:"+unit, change(map[string]any{"to": lists[unit]}, map[string]any{"to": to}))
	})
}

func (t *txn) alertUnits() (map[string][]string, error) {
	out := map[string][]string{}
	return out, t.each("SELECT unit, rcpts FROM alert_units", nil, func(rows *sql.Rows) error {
		var unit, text string
		if err := rows.Scan(&unit, &text); err != nil {
			return err
		}
		list, err := fromJSON[[]string](text)
		out[unit] = list
		return err
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

// News makes a mail of what was noted: set tells whom it goes to (To), in which
// language, after how many minutes. It must be quick: it holds the writer.
type News func(set AlertSettings, opened, closed []Incident) (subject, body string)

// NoteIncidents opens an incident for each kiosk of silent (to when it was last
// seen) that has none, and closes those of back (whether the kiosk has come
// back). What was not so before is told to webhooks and, where mails are on and
// tell is not nil, by mail: each receiver gets one, of the kiosks that are theirs.
// Where several servers notice the same, one of them does.
func (s *Store) NoteIncidents(ctx context.Context, silent map[string]slides.Millis, back map[string]bool, tell News) error {
	return s.write(ctx, "store.NoteIncidents", func(t *txn) error {
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
		for _, kiosk := range slices.Sorted(maps.Keys(silent)) {
			if slices.ContainsFunc(open, func(i Incident) bool { return i.Kiosk == kiosk }) {
				continue
			}
			i := Incident{ID: randomID("i"), Kiosk: kiosk, Since: silent[kiosk], Opened: t.now}
			if err := t.exec("INSERT INTO alerts (id, kiosk, since, opened) VALUES (?, ?, ?, ?)", i.ID, i.Kiosk, i.Since, i.Opened); err != nil {
				return err
			}
			opened = append(opened, i)
		}
		if len(opened)+len(closed) == 0 {
			return nil
		}
		units := map[string]string{} // of the kiosks
		for _, list := range [][]Incident{opened, closed} {
			for _, i := range list {
				if units[i.Kiosk], err = t.incidentEvent(i); err != nil {
					return err
				}
			}
		}
		set, err := t.alertSettings()
		if err != nil || !set.On || tell == nil {
			return err
		}
		return t.mailIncidents(set, units, opened, closed, tell)
	})
}

// incidentEvent tells webhooks that an incident opened or closed, and says of
// which unit the kiosk is.
func (t *txn) incidentEvent(i Incident) (unit string, err error) {
	var name string
	if err := t.row("SELECT unit, name FROM kiosks WHERE id = ?", i.Kiosk).Scan(&unit, &name); errors.Is(err, sql.ErrNoRows) {
		return "", nil
	} else if err != nil {
		return "", err
	}
	data := map[string]any{"incident": i.ID, "kiosk": i.Kiosk, "name": name, "since": i.Since}
	if i.Closed == 0 {
		return unit, t.event(SilentEvent, unit, data)
	}
	data["opened"] = i.Opened
	return unit, t.event(BackEvent, unit, data)
}

// mailIncidents queues the mails: receivers who are to hear of the same kiosks
// share one.
func (t *txn) mailIncidents(set AlertSettings, units map[string]string, opened, closed []Incident, tell News) error {
	cat, err := t.catalogue()
	if err != nil {
		return err
	}
	lists, err := t.alertUnits()
	if err != nil {
		return err
	}
	hears := map[string]func(Incident) bool{}
	for unit, list := range lists {
		for _, to := range list {
			before := hears[to]
			hears[to] = func(i Incident) bool {
				return before != nil && before(i) || slices.Contains(cat.path(units[i.Kiosk], t.now), unit)
			}
		}
	}
	for _, to := range set.To {
		hears[to] = func(Incident) bool { return true }
	}
	type letter struct {
		to             []string
		opened, closed []Incident
	}
	var letters []letter
	for _, to := range slices.Sorted(maps.Keys(hears)) {
		l := letter{[]string{to}, keepOf(opened, hears[to]), keepOf(closed, hears[to])}
		if len(l.opened)+len(l.closed) == 0 {
			continue
		}
		if n := slices.IndexFunc(letters, func(x letter) bool { return slices.Equal(x.opened, l.opened) && slices.Equal(x.closed, l.closed) }); n >= 0 {
			letters[n].to = append(letters[n].to, to)
		} else {
			letters = append(letters, l)
		}
	}
	for _, l := range letters {
		own := set
		own.To = l.to
		subject, body := tell(own, l.opened, l.closed)
		if err := t.queue(Mail{Kind: "alert", To: l.to, Subject: subject, Body: body}); err != nil {
			return err
		}
	}
	return nil
}

func keepOf(list []Incident, is func(Incident) bool) (out []Incident) {
	for _, i := range list {
		if is(i) {
			out = append(out, i)
		}
	}
	return out
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
