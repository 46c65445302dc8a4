package studio

import (
	"net/http"
	"slices"
	"strings"

	"motcua/server/auth"
	"motcua/server/store"
	"motcua/slides"
)

type hookRow struct {
	store.Hook
	UnitName string // "" everywhere
}

type hooksPage struct {
	Rows     []hookRow
	F        store.Hook
	Events   []choice
	Units    []store.Unit
	Whole    bool
	Problems problems
}

// maxDeliveries bounds the log on a webhook's page.
const maxDeliveries = 50

type hookPage struct {
	Hook     store.Hook
	UnitName string
	F        store.Hook
	Events   []choice
	Rows     []store.HookDelivery
	Secret   string // just made, shown this once
	Overlap  bool   // the secret before signs as well
	Problems problems
}

func ofHook(q *request) (string, error) {
	h, err := q.Store.Hook(q.r.Context(), q.r.PathValue("id"))
	return h.Unit, err
}

func (s *server) hooks(q *request) error { return q.hooksPage(http.StatusOK, hooksPage{}) }

func (q *request) hooksPage(status int, p hooksPage) error {
	reach, err := q.reach(auth.ManageUsers)
	if err != nil {
		return err
	}
	if p.Units, err = q.unitsFor(auth.ManageUsers); err != nil {
		return err
	}
	p.Whole, p.Events = reach.Everywhere(), q.eventChoices(p.F.Events)
	list, err := q.Store.Hooks(q.r.Context())
	if err != nil {
		return err
	}
	for _, h := range list {
		if reach.In(h.Unit) {
			p.Rows = append(p.Rows, hookRow{h, unitName(p.Units, h.Unit, q.lang)})
		}
	}
	return q.render(status, "hooks", p)
}

func unitName(units []store.Unit, id, lang string) string {
	if i := slices.IndexFunc(units, func(u store.Unit) bool { return u.ID == id }); i >= 0 {
		return units[i].Name.In(lang)
	}
	return id
}

func (q *request) eventChoices(on []store.Event) []choice {
	var out []choice
	for _, e := range store.Events {
		out = append(out, choice{string(e), q.words.say(q.lang, "event."+string(e)), slices.Contains(on, e)})
	}
	return out
}

// readHook reads the form of a webhook.
func (q *request) readHook() store.Hook {
	v := q.r.PostForm
	h := store.Hook{Name: short(v.Get("name")), Unit: short(v.Get("unit")), URL: strings.TrimSpace(short(v.Get("url")))}
	for _, e := range v["event"] {
		h.Events = append(h.Events, store.Event(short(e)))
	}
	return h
}

func (s *server) hookAdd(q *request) error {
	h := q.readHook()
	var p slides.Problems
	if err := q.mustReach(auth.ManageUsers, h.Unit, "unit", &p); err != nil {
		return err
	}
	err := p.Err("studio.hookAdd")
	if err == nil {
		secret := store.NewSecret()
		var made store.Hook
		if made, err = s.Store.AddHook(q.r.Context(), q.session.Actor(), h, secret); err == nil {
			return q.hookPage(http.StatusOK, made.ID, hookPage{Secret: secret})
		}
	}
	pr, ok := q.problems(err)
	if !ok {
		return err
	}
	return q.hooksPage(slides.KindOf(err).Status(), hooksPage{F: h, Problems: pr})
}

func (s *server) hook(q *request) error {
	return q.hookPage(http.StatusOK, q.r.PathValue("id"), hookPage{})
}

func (q *request) hookPage(status int, id string, p hookPage) (err error) {
	ctx := q.r.Context()
	if p.Hook, err = q.Store.Hook(ctx, id); err != nil {
		return err
	}
	units, err := q.unitsFor(auth.ManageUsers)
	if err != nil {
		return err
	}
	p.UnitName = unitName(units, p.Hook.Unit, q.lang)
	if p.Problems == nil {
		p.F = p.Hook
	}
	p.Events, p.Overlap = q.eventChoices(p.F.Events), p.Hook.OldUntil > q.Store.Now()
	if p.Rows, err = q.Store.HookDeliveries(ctx, id, maxDeliveries); err != nil {
		return err
	}
	return q.render(status, "hook", p)
}

func (s *server) hookSave(q *request) error {
	h := q.readHook()
	h.ID = q.r.PathValue("id")
	err := s.Store.UpdateHook(q.r.Context(), q.session.Actor(), h)
	if err == nil {
		return q.to("/studio/hooks/"+h.ID, "hook-saved")
	}
	pr, ok := q.problems(err)
	if !ok {
		return err
	}
	return q.hookPage(slides.KindOf(err).Status(), h.ID, hookPage{F: h, Problems: pr})
}

// hookDo carries out what the buttons of a webhook's page say.
func (s *server) hookDo(q *request) error {
	ctx, a, id := q.r.Context(), q.session.Actor(), q.r.PathValue("id")
	do, what, _ := strings.Cut(q.r.PostForm.Get("do"), ":")
	var err error
	to, done := "/studio/hooks/"+id, ""
	switch do {
	case "test":
		done = "hook-test"
		_, err = s.Store.TestHook(ctx, a, id)
	case "again":
		done, err = "hook-again", s.Store.Redeliver(ctx, a, id, short(what))
	case "on":
		done, err = "hook-on", s.Store.EnableHook(ctx, a, id, true)
	case "off":
		done, err = "hook-off", s.Store.EnableHook(ctx, a, id, false)
	case "remove":
		to, done, err = "/studio/hooks", "hook-removed", s.Store.RemoveHook(ctx, a, id)
	case "rotate":
		secret := store.NewSecret()
		if err = s.Store.RotateHook(ctx, a, id, secret); err == nil {
			return q.hookPage(http.StatusOK, id, hookPage{Secret: secret})
		}
	default:
		err = slides.E(slides.Invalid, "studio.hookDo", q.words.say("vi", "error.form"), q.words.say("en", "error.form"), nil)
	}
	if err != nil {
		return err
	}
	return q.to(to, done)
}
