package studio

import (
	"net/http"
	"reflect"
	"slices"

	"motcua/server/auth"
	"motcua/server/store"
	"motcua/slides"
)

type copyPage struct {
	Kiosk    store.Kiosk
	Parts    []choice
	Targets  []copyTarget
	Chosen   int
	Preview  bool
	Changed  int // of the chosen, those that would change
	Problems problems
}

// copyTarget is one kiosk that settings may be copied to.
type copyTarget struct {
	store.KioskStatus
	On      bool
	Before  []line // what changes, as it is
	After   []line // and as it would be
	changed slides.Terminal
}

func (s *server) kioskCopyPage(q *request) error {
	p, err := q.copyForm(nil, nil)
	if err != nil {
		return err
	}
	return q.render(http.StatusOK, "kiosk-copy", p)
}

// copyForm lists the kiosks, and for those chosen what copying keys changes.
func (q *request) copyForm(keys, kiosks []string) (copyPage, error) {
	ctx := q.r.Context()
	k, err := q.Store.Kiosk(ctx, q.r.PathValue("id"))
	if err != nil {
		return copyPage{}, err
	}
	p := copyPage{Kiosk: k}
	parts := terminalParts(q.words, nil, nil)
	for _, x := range parts {
		p.Parts = append(p.Parts, choice{x.Key, q.words.say(q.lang, "part."+x.Key), slices.Contains(keys, x.Key)})
	}
	all, err := q.kiosksFor(auth.RunKiosks)
	if err != nil {
		return p, err
	}
	w, err := q.teller()
	if err != nil {
		return p, err
	}
	for _, t := range all {
		if t.ID == k.ID {
			continue
		}
		x := copyTarget{KioskStatus: t, On: slices.Contains(kiosks, t.ID)}
		if x.changed, err = takeOver(parts, keys, k.Terminal, t.Terminal); err != nil {
			return p, err
		}
		if x.On {
			p.Chosen++
			_, holds, err := q.Store.Defaults(ctx, t.Unit)
			if err != nil {
				return p, err
			}
			unit := t.UnitName.In(q.lang)
			x.Before, x.After = differing(w.terminal(t.Terminal, t.Works, unit), w.terminal(x.changed, x.changed.Within(holds), unit))
			if !reflect.DeepEqual(x.changed, t.Terminal) {
				p.Changed++
			}
		}
		p.Targets = append(p.Targets, x)
	}
	return p, nil
}

// differing leaves out the lines that are in both.
func differing(before, after []line) (b, a []line) {
	without := func(list, other []line) []line {
		return slices.DeleteFunc(slices.Clone(list), func(l line) bool { return slices.Contains(other, l) })
	}
	return without(before, after), without(after, before)
}

// kioskCopy shows what copying would change, or carries it out.
func (s *server) kioskCopy(q *request) error {
	v := q.r.PostForm
	p, err := q.copyForm(v["part"], v["kiosk"])
	if err != nil {
		return err
	}
	p.Problems = problems{}
	if !slices.ContainsFunc(p.Parts, func(c choice) bool { return c.On }) {
		p.Problems["part"] = q.words.say(q.lang, "copy.nopart")
	}
	if p.Chosen == 0 {
		p.Problems["kiosk"] = q.words.say(q.lang, "copy.nokiosk")
	}
	if len(p.Problems) > 0 {
		return q.render(http.StatusUnprocessableEntity, "kiosk-copy", p)
	}
	if p.Preview = true; v.Get("do") != "copy" || p.Changed == 0 {
		return q.render(http.StatusOK, "kiosk-copy", p)
	}
	to := map[string]slides.Terminal{}
	for _, t := range p.Targets {
		if t.On && !reflect.DeepEqual(t.changed, t.Terminal) {
			to[t.ID] = t.changed
		}
	}
	c, err := s.Store.CopyTerminal(q.r.Context(), q.session.Actor(), p.Kiosk.ID, to)
	if err != nil {
		return err
	}
	return q.to("/studio/kiosk-copies/"+c.ID, "copied")
}

type copiedPage struct {
	store.KioskCopy
	Source store.Kiosk
	Names  []string
}

func (s *server) kioskCopied(q *request) error {
	c, err := s.Store.KioskCopy(q.r.Context(), q.r.PathValue("id"))
	if err != nil {
		return err
	}
	p := copiedPage{KioskCopy: c}
	if p.Source, err = s.Store.Kiosk(q.r.Context(), c.Source); err != nil {
		return err
	}
	for _, id := range c.Kiosks {
		k, err := s.Store.Kiosk(q.r.Context(), id)
		if err != nil {
			return err
		}
		p.Names = append(p.Names, k.Name)
	}
	return q.render(http.StatusOK, "kiosk-copied", p)
}

// copyReached refuses a copying to kiosks that are not all the session's to run.
func (q *request) copyReached(id string) error {
	c, err := q.Store.KioskCopy(q.r.Context(), id)
	if err != nil {
		return err
	}
	mine, err := q.kiosksFor(auth.RunKiosks)
	if err != nil {
		return err
	}
	for _, id := range c.Kiosks {
		if !slices.ContainsFunc(mine, func(k store.KioskStatus) bool { return k.ID == id }) {
			return slides.E(slides.Denied, "studio.copyReached", q.words.say("vi", "error.right"), q.words.say("en", "error.right"), nil)
		}
	}
	return nil
}

func (s *server) kioskCopyUndo(q *request) error {
	id := q.r.PathValue("id")
	if err := q.copyReached(id); err != nil {
		return err
	}
	_, kept, err := s.Store.UndoCopy(q.r.Context(), q.session.Actor(), id)
	if err != nil {
		return err
	}
	if kept > 0 {
		return q.to("/studio/kiosk-copies/"+id, "copy-partly-undone")
	}
	return q.to("/studio/kiosk-copies/"+id, "copy-undone")
}
