package studio

import (
	"net/http"

	"motcua/server/auth"
	"motcua/server/fleet"
	"motcua/server/insight"
	"motcua/server/store"
	"motcua/slides"
)

type homePage struct {
	Slides, Live, Changed, Expiring   int
	Playlists, Entries                int
	Procedures, Stale                 int
	Kiosks, Online, Pairings, Trouble int
	Ratings                           int64
	Letters                           store.LetterCounts
	Form                              *insight.Form
	Units                             int
	Steps                             []step
	Recent                            []deed
	Revision                          int64
	Todo                              []todoGroup
	Newest                            *publication // of content; nil: there is none
	NewestHas, NewestWhat             string
}

// step is one of the first things to do; Done ones are ticked.
type step struct {
	Key, Link string
	Done      bool
}

func (s *server) home(q *request) error {
	ctx := q.r.Context()
	var p homePage
	seen, err := q.contentUnits()
	if err != nil {
		return err
	}
	rows, err := s.Store.Slides(ctx, store.SlideFilter{Units: seen, Limit: 10000})
	if err != nil {
		return err
	}
	soon := s.Store.Now() + slides.Millis(expirySoon.Milliseconds())
	for _, r := range rows {
		p.Slides++
		if r.Live > 0 {
			p.Live++
			if u := r.Slide.Until; u > s.Store.Now() && u < soon {
				p.Expiring++
			}
		}
	}
	changed, err := q.changedFor(auth.EditContent)
	if err != nil {
		return err
	}
	p.Changed = len(changed)
	lists, err := q.playlistsSeen()
	if err != nil {
		return err
	}
	entries, err := q.entriesSeen()
	if err != nil {
		return err
	}
	p.Playlists, p.Entries = len(lists), len(entries)
	if err := q.stale(&p); err != nil {
		return err
	}
	kiosks, err := q.kiosksFor(auth.SeeKiosks)
	if err != nil {
		return err
	}
	for _, k := range kiosks {
		if !k.Paired {
			continue
		}
		p.Kiosks++
		if k.Online {
			p.Online++
		}
		if fleet.Trouble(&k) {
			p.Trouble++
		}
	}
	if err := q.waiting(&p, rows, kiosks); err != nil {
		return err
	}
	if q.session.May(auth.SeeContent) {
		if err := q.newest(&p); err != nil {
			return err
		}
	}
	if q.session.May(auth.RunKiosks) {
		waiting, err := s.Store.Pairings(ctx)
		if err != nil {
			return err
		}
		p.Pairings = len(waiting)
	}
	if p.Revision, err = s.Store.Revision(ctx); err != nil {
		return err
	}
	if err := q.week(&p); err != nil {
		return err
	}
	if q.session.May(auth.SeeLetters) {
		units, err := q.letterUnits()
		if err != nil {
			return err
		}
		if p.Letters, err = s.Store.LetterCounts(ctx, units); err != nil {
			return err
		}
	}
	audit, err := q.reach(auth.SeeAudit)
	if err != nil {
		return err
	}
	if audit.Everywhere() {
		rows, err := s.Store.Audit(ctx, store.AuditFilter{Limit: 6})
		if err != nil {
			return err
		}
		if p.Recent, err = q.deeds(rows); err != nil {
			return err
		}
	}
	for _, x := range []struct {
		right auth.Right
		step
	}{
		{auth.EditContent, step{"content", "/studio/slides", p.Slides > 0}},
		{auth.EditContent, step{"schedule", "/studio/schedule", p.Entries > 0}},
		{auth.Publish, step{"publish", "/studio/publish", p.Live > 0}},
		{auth.RunKiosks, step{"kiosk", "/studio/kiosks/approve", p.Kiosks > 0}},
		{auth.SeeStats, step{"rating", "/studio/statistics", p.Ratings > 0}},
	} {
		if q.session.May(x.right) {
			p.Steps = append(p.Steps, x.step)
		}
	}
	return q.render(http.StatusOK, "home", p)
}

// stale counts the procedures, and those whose review is due.
func (q *request) stale(p *homePage) error {
	cutoff, _, err := q.staleBefore()
	if err != nil {
		return err
	}
	seen, err := q.contentUnits()
	if err != nil {
		return err
	}
	if _, p.Procedures, err = q.Store.Procedures(q.r.Context(), store.ProcedureFilter{Units: seen, Limit: 1}); err != nil {
		return err
	}
	_, p.Stale, err = q.Store.Procedures(q.r.Context(), store.ProcedureFilter{Units: seen, Before: cutoff, Limit: 1})
	return err
}

// Next is the first step that is not done, nil when all are.
func (p homePage) Next() *step {
	for i := range p.Steps {
		if !p.Steps[i].Done {
			return &p.Steps[i]
		}
	}
	return nil
}

// week reads the last seven days for the overview.
func (q *request) week(p *homePage) error {
	if !q.session.May(auth.SeeStats) {
		return nil
	}
	units, err := q.unitsFor(auth.SeeStats)
	if err != nil {
		return err
	}
	if p.Units = len(units); p.Units == 0 {
		return nil
	}
	zone, err := q.zoneOf(units[0].ID)
	if err != nil {
		return err
	}
	sp := statsPage{Period: "7"}
	from, until, _ := q.period(&sp, zone)
	st, err := q.Store.Statistics(q.r.Context(), store.StatQuery{Unit: units[0].ID, From: slides.At(from), Until: slides.At(until)})
	if err != nil {
		return err
	}
	r := insight.NewReport(st, q.questionnaire, "")
	p.Ratings, p.Form = st.Ratings, r.Picked
	return nil
}
