package studio

import (
	"net/http"

	"motcua/server/store"
	"motcua/slides"
)

type desksPage struct {
	Unit     store.Unit
	Counters []counterRow
	Officers []store.Officer
	Serving  []store.Officer // those who may take duty
	Photos   map[string]store.OfficerPhoto
	Shown    bool // screens may show the photographs
	Problems problems
	Typed    string
}

type counterRow struct {
	store.Counter
	Kiosks  []string // names of those bound to it
	History []dutyRow
}

type dutyRow struct {
	store.Duty
	Name string
}

// dutyRows is how far back a counter's duty is shown.
const dutyRows = 6

func (s *server) desks(q *request) error { return q.desksForm(http.StatusOK, nil, "") }

func (q *request) desksForm(status int, pr problems, typed string) error {
	ctx := q.r.Context()
	u, _, err := q.unit(q.r.PathValue("id"))
	if err != nil {
		return err
	}
	p := desksPage{Unit: u, Problems: pr, Typed: typed}
	if p.Officers, err = q.Store.Officers(ctx, u.ID); err != nil {
		return err
	}
	if p.Photos, p.Shown, err = q.Store.OfficerPhotos(ctx, u.ID); err != nil {
		return err
	}
	names := map[string]string{}
	for _, o := range p.Officers {
		names[o.ID] = o.Name
		if !o.Closed {
			p.Serving = append(p.Serving, o)
		}
	}
	counters, err := q.Store.Counters(ctx, u.ID)
	if err != nil {
		return err
	}
	kiosks, err := q.Store.Kiosks(ctx, "")
	if err != nil {
		return err
	}
	for _, c := range counters {
		row := counterRow{Counter: c}
		for _, k := range kiosks {
			if k.Counter == c.ID {
				row.Kiosks = append(row.Kiosks, k.Name)
			}
		}
		duty, err := q.Store.DutyOf(ctx, c.ID, dutyRows)
		if err != nil {
			return err
		}
		for _, d := range duty {
			name := names[d.Officer]
			if name == "" {
				name = d.Officer
			}
			row.History = append(row.History, dutyRow{d, name})
		}
		p.Counters = append(p.Counters, row)
	}
	return q.render(status, "desks", p)
}

// counterSave and officerSave add, rename, close or open one.
func (s *server) counterSave(q *request) error {
	return q.deskSave("counter", func(id, name string, closed bool) error {
		_, err := s.Store.SaveCounter(q.r.Context(), q.session.Actor(), store.Counter{ID: id, Unit: q.r.PathValue("id"), Name: name, Closed: closed})
		return err
	})
}

func (s *server) officerSave(q *request) error {
	return q.deskSave("officer", func(id, name string, closed bool) error {
		_, err := s.Store.SaveOfficer(q.r.Context(), q.session.Actor(), store.Officer{ID: id, Unit: q.r.PathValue("id"), Name: name, Closed: closed})
		return err
	})
}

func (q *request) deskSave(what string, save func(id, name string, closed bool) error) error {
	v := q.r.PostForm
	name := short(v.Get("name"))
	closed := v.Get("closed") != ""
	switch v.Get("do") {
	case "close":
		closed = true
	case "open":
		closed = false
	}
	err := save(v.Get("id"), name, closed)
	if slides.KindOf(err) == slides.Invalid {
		pr, _ := q.problems(err)
		return q.desksForm(http.StatusUnprocessableEntity, problems{what + v.Get("id"): pr["name"]}, name)
	}
	if err != nil {
		return err
	}
	return q.to("/studio/units/"+q.r.PathValue("id")+"/desks", "desk-saved")
}

// dutySet says who serves at a counter from now on.
func (s *server) dutySet(q *request) error {
	ctx, v := q.r.Context(), q.r.PostForm
	counters, err := s.Store.Counters(ctx, q.r.PathValue("id"))
	if err != nil {
		return err
	}
	id := v.Get("counter")
	if len(keep(counters, func(c store.Counter) bool { return c.ID == id })) == 0 {
		return slides.E(slides.NotFound, "studio.dutySet", q.words.say("vi", "desk.nocounter"), q.words.say("en", "desk.nocounter"), nil)
	}
	if err := s.Store.SetDuty(ctx, q.session.Actor(), id, v.Get("officer")); err != nil {
		return err
	}
	return q.to("/studio/units/"+q.r.PathValue("id")+"/desks", "duty-set")
}
