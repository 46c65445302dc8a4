package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"motcua/slides"
	"motcua/slides/wire"
)

// Limits of what is done to many kiosks at once.
const (
	MaxFleet    = 2000 // kiosks
	maxTags     = 20   // of one kiosk
	maxTag      = 40   // runes
	MaxSayFor   = 12 * time.Hour
	keepBatches = keepCommands
)

// Order is what staff ask many kiosks for. Text and For belong to wire.Say.
type Order struct {
	Verb wire.Verb
	Text string        // "" takes away what stands
	For  time.Duration // how long it stands, whole minutes
}

func (o *Order) clean(op string) error {
	if o.Verb != wire.Say {
		o.Text, o.For = "", 0
		if !slices.Contains(wire.StaffVerbs, o.Verb) {
			return slides.E(slides.Invalid, op, fmt.Sprintf("Không có lệnh %.40q.", o.Verb), fmt.Sprintf("There is no command %.40q.", o.Verb), nil)
		}
		return nil
	}
	var p slides.Problems
	o.Text = strings.Join(strings.Fields(slides.Clean(o.Text)), " ")
	if n := utf8.RuneCountInString(o.Text); n > wire.MaxAnnounced {
		p.Add("text", fmt.Sprintf("Thông báo dài %d ký tự, tối đa %d.", n, wire.MaxAnnounced), fmt.Sprintf("The message has %d characters, at most %d fit.", n, wire.MaxAnnounced))
	}
	if o.Text != "" && (o.For < time.Minute || o.For > MaxSayFor) {
		p.Add("minutes", "Thông báo hiện từ 1 phút đến 12 giờ.", "A message stands from 1 minute to 12 hours.")
	}
	return p.Err(op)
}

// Batch is a command to many kiosks, with what has become of each.
type Batch struct {
	ID    string
	Verb  wire.Verb
	Text  string
	Until slides.Millis // when an announcement ends
	At    slides.Millis
	By    string // user id
	Rows  []CommandRow
}

// AddCommands asks many kiosks for the same; its batch tells what becomes of
// each. A kiosk that can't be asked (it is not paired, or too much waits for it)
// has failed at once, with a sentence; the others go on. Kind NotFound: one of
// them does not exist.
func (s *Store) AddCommands(ctx context.Context, a Actor, kiosks []string, o Order, life time.Duration) (batch string, err error) {
	const op = "store.AddCommands"
	if err := o.clean(op); err != nil {
		return "", err
	}
	kiosks = slices.Compact(slices.Sorted(slices.Values(kiosks)))
	if len(kiosks) == 0 || len(kiosks) > MaxFleet {
		return "", slides.E(slides.Invalid, op, "Hãy chọn từ 1 đến 2.000 ki-ốt.", "Choose 1 to 2,000 kiosks.", nil)
	}
	err = s.write(ctx, op, func(t *txn) error {
		b := Batch{ID: randomID("b"), Verb: o.Verb, Text: o.Text, At: t.now, By: a.User}
		c := wire.Command{Verb: o.Verb}
		if o.Verb == wire.Say {
			b.Until = t.now + slides.Millis(o.For.Milliseconds())
			c.Announcement = wire.Announcement{Text: o.Text, Until: b.Until}
			life = max(life, o.For) // who comes back meanwhile shows it too
		}
		batch = b.ID
		if err := t.exec("INSERT INTO command_batches VALUES (?, ?, ?, ?, ?, ?)", b.ID, b.Verb, b.Text, b.Until, b.At, b.By); err != nil {
			return err
		}
		for _, id := range kiosks {
			k, err := t.kiosk(op, id)
			if err != nil {
				return err
			}
			if !k.Paired {
				err = slides.E(slides.Conflict, op, "Ki-ốt chưa ghép nối.", "The kiosk is not paired.", nil)
			} else {
				c.Kiosk = id
				_, err = t.addCommand(op, a, c, b.ID, life)
			}
			switch slides.KindOf(err) {
			case "":
			case slides.Conflict, slides.Throttled:
				err = t.exec("INSERT INTO commands (id, kiosk, verb, issued, expires, by, done, ok, vi, en, batch) VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?)",
					randomID("c"), id, o.Verb, t.now, t.now, a.User, t.now, slides.Sentence(err, "vi"), slides.Sentence(err, "en"), b.ID)
			}
			if err != nil {
				return err
			}
		}
		return t.audit(a, "kiosk.commands", "batch:"+b.ID, map[string]any{"verb": o.Verb, "text": o.Text, "until": b.Until, "kiosks": kiosks})
	})
	return batch, err
}

// Announced are the announcements that stand on kiosks now, by kiosk: of each the
// newest that it has taken, where that has a text and is not over.
func (s *Store) Announced(ctx context.Context) (out map[string]wire.Announcement, err error) {
	out = map[string]wire.Announcement{}
	err = s.read(ctx, "store.Announced", func(t *txn) error {
		return t.each(`SELECT c.kiosk, b.text, b.until FROM command_batches b JOIN commands c ON c.batch = b.id
			WHERE b.verb = ?1 AND b.at >= ?2 AND c.done > 0 AND c.ok = 1 ORDER BY b.at, b.id`, []any{wire.Say, t.now - slides.Millis(MaxSayFor.Milliseconds())}, func(rows *sql.Rows) error {
			var kiosk string
			var a wire.Announcement
			err := rows.Scan(&kiosk, &a.Text, &a.Until)
			if out[kiosk] = a; a.Text == "" || a.Until <= t.now {
				delete(out, kiosk) // taken away, or over
			}
			return err
		})
	})
	return out, err
}

// Batch finds a command to many kiosks.
func (s *Store) Batch(ctx context.Context, id string) (b Batch, err error) {
	const op = "store.Batch"
	err = s.read(ctx, op, func(t *txn) error {
		err := t.row("SELECT id, verb, text, until, at, by FROM command_batches WHERE id = ?", id).Scan(&b.ID, &b.Verb, &b.Text, &b.Until, &b.At, &b.By)
		if errors.Is(err, sql.ErrNoRows) {
			return notFound(op, "Không có lệnh này.", "There is no such command.")
		}
		if err == nil {
			b.Rows, err = t.commandRows("c.batch = ? ORDER BY c.kiosk", id)
		}
		return err
	})
	return b, err
}

// Labels are what is put on kiosks and taken off: groups, which schedules can
// name, and tags, which only staff see.
type Labels struct {
	AddGroups, DropGroups []string
	AddTags, DropTags     []string
}

func (l *Labels) empty() bool {
	return len(l.AddGroups)+len(l.DropGroups)+len(l.AddTags)+len(l.DropTags) == 0
}

// CleanTag brings a tag to the stored form; "" for what is none.
func CleanTag(tag string) string {
	tag = strings.Join(strings.Fields(slides.Clean(tag)), " ")
	if n := utf8.RuneCountInString(tag); n == 0 || n > maxTag || strings.ContainsAny(tag, ",;#") {
		return ""
	}
	return tag
}

func (l *Labels) clean(op string) error {
	var p slides.Problems
	for path, list := range map[string]*[]string{"addtags": &l.AddTags, "droptags": &l.DropTags} {
		for i, t := range *list {
			if (*list)[i] = CleanTag(t); (*list)[i] == "" {
				p.Add(path, "Nhãn dài 1–40 ký tự, không có dấu phẩy, chấm phẩy, #.", "A tag has 1 to 40 characters and no comma, semicolon or #.")
			}
		}
	}
	if slices.ContainsFunc(l.AddGroups, func(g string) bool { return !slides.ValidID(g) }) {
		p.Add("addgroups", "Tên nhóm chỉ gồm chữ thường không dấu, số, '-', '_', '.'.", "A group's name is made of a-z, 0-9, '-', '_', '.'.")
	}
	if l.empty() {
		p.Add("addtags", "Chưa có gì để gắn hay gỡ.", "There is nothing to put on or take off.")
	}
	return p.Err(op)
}

// Label puts labels on kiosks and takes others off, in one transaction; a kiosk
// whose groups change gets what its new groups are shown. changed is how many
// were not so already.
func (s *Store) Label(ctx context.Context, a Actor, kiosks []string, l Labels) (changed int, err error) {
	const op = "store.Label"
	if err := l.clean(op); err != nil {
		return 0, err
	}
	kiosks = slices.Compact(slices.Sorted(slices.Values(kiosks)))
	if len(kiosks) == 0 || len(kiosks) > MaxFleet {
		return 0, slides.E(slides.Invalid, op, "Hãy chọn từ 1 đến 2.000 ki-ốt.", "Choose 1 to 2,000 kiosks.", nil)
	}
	err = s.write(ctx, op, func(t *txn) error {
		for _, id := range kiosks {
			did, err := t.label(op, a, id, l)
			if err != nil {
				return err
			}
			if did {
				changed++
			}
		}
		return nil
	})
	return changed, err
}

func (t *txn) label(op string, a Actor, id string, l Labels) (changed bool, err error) {
	k, err := t.kiosk(op, id)
	if err != nil {
		return false, err
	}
	was, e := k.Edit(), k.Edit()
	e.Groups = merged(k.Groups, l.AddGroups, l.DropGroups)
	tags := merged(k.Tags, l.AddTags, l.DropTags)
	if len(tags) > maxTags {
		return false, slides.E(slides.Invalid, op, fmt.Sprintf("%q có quá %d nhãn.", k.Name, maxTags), fmt.Sprintf("%q has more than %d tags.", k.Name, maxTags), nil)
	}
	if !slices.Equal(e.Groups, k.Groups) {
		if err := e.clean(op, t); err != nil {
			return false, err
		}
		if err := t.place(a, id, e); err != nil {
			return false, err
		}
		if err := t.audit(a, "kiosk.update", "kiosk:"+id, change(was, e)); err != nil {
			return false, err
		}
		changed = true
	}
	if slices.Equal(tags, k.Tags) {
		return changed, nil
	}
	if err := t.exec("DELETE FROM kiosk_tags WHERE kiosk = ?", id); err != nil {
		return false, err
	}
	for _, tag := range tags {
		if err := t.exec("INSERT INTO kiosk_tags VALUES (?, ?)", id, tag); err != nil {
			return false, err
		}
	}
	return true, t.audit(a, "kiosk.tags", "kiosk:"+id, map[string]any{"before": k.Tags, "after": tags})
}

// merged is old with add and without drop, sorted.
func merged(old, add, drop []string) []string {
	out := slices.Concat(old, add)
	out = slices.DeleteFunc(out, func(x string) bool { return slices.Contains(drop, x) })
	slices.Sort(out)
	return slices.Compact(out)
}

// RenameKiosk gives a kiosk another name; the kiosk is told at once, as of any
// setting.
func (s *Store) RenameKiosk(ctx context.Context, a Actor, id, name string) error {
	const op = "store.RenameKiosk"
	return s.write(ctx, op, func(t *txn) error {
		k, err := t.kiosk(op, id)
		if err != nil {
			return err
		}
		was, e := k.Edit(), k.Edit()
		e.Name = name
		if err := e.clean(op, t); err != nil || e.Name == k.Name {
			return err
		}
		if err := t.place(a, id, e); err != nil {
			return err
		}
		return t.audit(a, "kiosk.update", "kiosk:"+id, change(was, e))
	})
}

// workdays finds the live working calendar of a unit, its own or that of the
// nearest unit above, as its kiosks' manifests have it; nil without one.
func (t *txn) workdays(cat *directory) (func(unit string) *slides.Calendar, error) {
	live, of := map[string]*slides.Calendar{}, map[string]*slides.Calendar{}
	err := errors.Join(
		t.live(CalendarItem, func(b []byte) error {
			var c slides.Calendar
			err := json.Unmarshal(b, &c)
			live[c.ID] = &c
			return err
		}),
		t.each("SELECT unit, id FROM items WHERE type = ? AND unit <> '' ORDER BY id DESC", []any{CalendarItem}, func(rows *sql.Rows) error {
			var unit, id string
			err := rows.Scan(&unit, &id)
			if live[id] != nil {
				of[unit] = live[id] // of several the first by id
			}
			return err
		}))
	return func(unit string) *slides.Calendar {
		for _, u := range cat.path(unit, t.now) {
			if c := of[u]; c != nil {
				return c
			}
		}
		return nil
	}, err
}
