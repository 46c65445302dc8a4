package studio

import (
	"net/http"
	"strconv"
	"strings"

	"motcua/server/auth"
	"motcua/server/store"
	"motcua/slides"
)

// alertsPage is who is told of silent kiosks, and what was told last.
type alertsPage struct {
	Sends     bool // mails can go out
	F         alertsForm
	Problems  problems
	Incidents []incidentRow
	Mails     []mailRow
	Waiting   bool // a mail is on its way
}

type alertsForm struct {
	On              bool
	After, To, Lang string
}

type incidentRow struct {
	store.Incident
	Name string
}

type mailRow struct {
	store.Mail
	Why string
}

// shownAlerts is how many silences and mails the page shows.
const shownAlerts = 30

func (s *server) alerts(q *request) error { return q.alertsForm(http.StatusOK, nil, nil) }

func (q *request) alertsForm(status int, f *alertsForm, pr problems) error {
	ctx := q.r.Context()
	set, err := q.Store.AlertSettings(ctx)
	if err != nil {
		return err
	}
	p := alertsPage{Sends: q.Mails, Problems: pr, F: alertsForm{set.On, strconv.Itoa(set.After), strings.Join(set.To, "\n"), set.Lang}}
	if f != nil {
		p.F = *f
	}
	incidents, err := q.Store.Incidents(ctx, shownAlerts)
	if err != nil {
		return err
	}
	kiosks, err := q.kiosksFor(auth.SeeKiosks)
	if err != nil {
		return err
	}
	names := map[string]string{}
	for _, k := range kiosks {
		names[k.ID] = k.Name
	}
	for _, i := range incidents {
		p.Incidents = append(p.Incidents, incidentRow{i, names[i.Kiosk]})
	}
	mails, err := q.Store.Mails(ctx, shownAlerts)
	if err != nil {
		return err
	}
	for _, m := range mails {
		r := mailRow{m, m.Vi}
		if q.lang == "en" {
			r.Why = m.En
		}
		p.Waiting = p.Waiting || m.Ended == 0
		p.Mails = append(p.Mails, r)
	}
	return q.render(status, "alerts", p)
}

func (s *server) alertsSave(q *request) error {
	v := q.r.PostForm
	f := alertsForm{On: v.Get("on") != "", After: short(v.Get("after")), To: v.Get("to"), Lang: v.Get("lang")}
	after, err := strconv.Atoi(f.After)
	if err != nil {
		after = 0 // the store says what fits
	}
	set := store.AlertSettings{On: f.On, After: after, Lang: f.Lang, To: mailList(f.To)}
	if err := s.Store.SaveAlertSettings(q.r.Context(), q.session.Actor(), set); err != nil {
		pr, ok := q.problems(err)
		if !ok {
			return err
		}
		return q.alertsForm(slides.KindOf(err).Status(), &f, pr)
	}
	return q.to("/studio/alerts", "alerts-saved")
}

// alertsTest queues a mail to all that the settings name.
func (s *server) alertsTest(q *request) error {
	if !s.Mails {
		return slides.E(slides.Conflict, "studio.alertsTest", q.words.say("vi", "alerts.nomail"), q.words.say("en", "alerts.nomail"), nil)
	}
	set, err := s.Store.AlertSettings(q.r.Context())
	if err != nil {
		return err
	}
	err = s.Store.QueueTest(q.r.Context(), q.session.Actor(), q.words.say(set.Lang, "alerts.test.subject"), q.words.say(set.Lang, "alerts.test.body", q.session.User.Name))
	if err != nil {
		pr, ok := q.problems(err)
		if !ok {
			return err
		}
		return q.alertsForm(slides.KindOf(err).Status(), nil, pr)
	}
	return q.to("/studio/alerts", "alerts-tested")
}

// mailList splits what was typed or pasted into addresses.
func mailList(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(",; \t\r\n", r) })
}

// unitAlertsForm is who is told of the kiosks of a unit, on the unit's page.
type unitAlertsForm struct {
	To    string // as typed, an address on a line
	Wrong string
	On    bool // mails are on in the house
}

// alertsTo names the field, apart from those of the unit's other form.
const alertsTo = "alerts.to"

func (q *request) unitAlertsForm(unit string, typed values, wrong string) (f unitAlertsForm, err error) {
	set, err := q.Store.AlertSettings(q.r.Context())
	if err != nil {
		return f, err
	}
	f.On, f.Wrong = set.On && q.Mails, wrong
	to, err := q.Store.UnitAlertTo(q.r.Context(), unit)
	f.To = strings.Join(to, "\n")
	if _, ok := typed[alertsTo]; ok {
		f.To = typed.Get(alertsTo)
	}
	return f, err
}

func (s *server) unitAlerts(q *request) error {
	id := q.r.PathValue("id")
	err := s.Store.SaveUnitAlertTo(q.r.Context(), q.session.Actor(), id, mailList(q.r.PostForm.Get(alertsTo)))
	if err == nil {
		return q.to("/studio/units/"+id, "alerts-saved")
	}
	var wrong []slides.Problem
	for _, x := range listed(err) {
		wrong = append(wrong, slides.Problem{Path: alertsTo, Vi: x.Vi, En: x.En})
	}
	if slides.KindOf(err) != slides.Invalid || len(wrong) == 0 {
		return err
	}
	v, err := q.unitValues(id)
	if err != nil {
		return err
	}
	v.Set(alertsTo, q.r.PostForm.Get(alertsTo))
	return q.unitForm(http.StatusUnprocessableEntity, v, wrong, true)
}
