package store

import (
	"context"
	"encoding/json"
	"fmt"

	"motcua/server/compile"
	"motcua/slides"
)

// EntryChange is one step of ChangeEntries.
type EntryChange struct {
	Unit   string // that owns a new entry; "": as it was
	Entry  compile.Entry
	Base   int  // the version that was seen, 0: a new entry
	Delete bool // take the draft away; only Entry.ID counts
}

// ChangeEntries keeps several entries' drafts, all or none: one occurrence of a
// series that goes its own way is a change of two. Conflict when somebody saved
// one of them since.
func (s *Store) ChangeEntries(ctx context.Context, a Actor, changes []EntryChange) (out []Item, err error) {
	const op = "store.ChangeEntries"
	err = s.write(ctx, op, func(t *txn) error {
		out = out[:0]
		for _, c := range changes {
			var i Item
			var err error
			if c.Delete {
				if i, err = t.deleteItem(op, a, ItemRef{EntryItem, c.Entry.ID}, c.Base); err != nil {
					return err
				}
			} else if i, err = t.saveEntry(op, a, c.Unit, c.Entry, c.Base); err != nil {
				return err
			}
			out = append(out, i)
		}
		return nil
	})
	return out, err
}

// Entry is one entry's draft; NotFound when there is none or it is deleted.
func (s *Store) Entry(ctx context.Context, id string) (r EntryRow, err error) {
	const op = "store.Entry"
	err = s.read(ctx, op, func(t *txn) error {
		ref := ItemRef{EntryItem, id}
		if r.Item, err = t.item(op, ref); err != nil {
			return err
		}
		if r.State == Removed || r.State == Removing {
			return notFound(op, fmt.Sprintf("Lịch phát %q đã bị xóa.", id), fmt.Sprintf("The entry %q is deleted.", id))
		}
		b, err := t.version(op, ref, 0)
		if err != nil {
			return err
		}
		return json.Unmarshal(b, &r.Entry)
	})
	return r, err
}

// EntryVersion is one version of an entry as it was saved, deleted or not, and
// the item as it stands now.
func (s *Store) EntryVersion(ctx context.Context, id string, version int) (r EntryRow, err error) {
	const op = "store.EntryVersion"
	err = s.read(ctx, op, func(t *txn) error {
		ref := ItemRef{EntryItem, id}
		if r.Item, err = t.item(op, ref); err != nil {
			return err
		}
		b, err := t.version(op, ref, max(version, 1))
		if err != nil {
			return err
		}
		return json.Unmarshal(b, &r.Entry)
	})
	return r, err
}

// Preview compiles what one kiosk would show if every draft went live now: the
// manifest and the slides that it names. Places of drafts that are not whole
// (a playlist that is not there) are left out, as compile.Compile does.
func (s *Store) Preview(ctx context.Context, kiosk string) (m *slides.Manifest, live map[string]*slides.Slide, err error) {
	const op = "store.Preview"
	err = s.read(ctx, op, func(t *txn) error {
		k, err := t.kiosk(op, kiosk)
		if err != nil {
			return err
		}
		snap, err := t.snapshotOf(0, slides.AtBoundary, t.draft)
		if err != nil {
			return err
		}
		m, err = compile.Compile(snap, compile.ClassOf(compile.Kiosk{ID: k.ID, Unit: k.Unit, Audience: k.Audience, Groups: k.Groups}, snap.Entries))
		live = map[string]*slides.Slide{}
		for i := range snap.Slides {
			live[snap.Slides[i].Slide.ID] = snap.Slides[i].Slide
		}
		return err
	})
	return m, live, err
}

// draft reads all drafts of a type in order of id, what is deleted or recalled
// left out: what live would read after everything was published.
func (t *txn) draft(typ ItemType, each func([]byte) error) error {
	return t.drafts(typ, "i.id", func(i Item, b []byte) error {
		if i.State == Recalled {
			return nil
		}
		return each(b)
	})
}
