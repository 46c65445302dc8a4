package studio

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"motcua/server/auth"
	"motcua/server/insight"
	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/survey"
)

// periods are the ones offered in words.
var periods = []string{"today", "7", "30", "custom"}

type statsPage struct {
	Period, From, To, Form, Unit string
	Periods                      []choice
	Units                        []choice
	Zone                         string
	Report                       *insight.Report
	FactorRows                   []statRow
	KioskRows                    []statRow
	UnitRows                     []statRow
	Levels                       []levelRow
	Counts, Curve                insight.Plot
	Heat                         *insight.Heat
	Problem                      string
	Kiosks                       int // paired kiosks, for the empty state
	Grain                        string
	Method                       string
	Dossiers                     []store.DossierMonth // of the whole house; the newest twelve
}

// statRow is a factor, kiosk or unit of the tables, in words: a page has
// hundreds of them, and a template takes its time with every call.
type statRow struct {
	Name, Link           string
	Suspect              string // "" for none
	Value, Few, Interval string // Value is "" where None says why
	None, N              string
	Strip                insight.Strip
}

type levelRow struct {
	N       int
	Name    slides.Text
	Count   int64
	Percent float64
}

func (s *server) statistics(q *request) error {
	ctx := q.r.Context()
	u := q.r.URL.Query()
	p := statsPage{Period: u.Get("period"), Form: short(u.Get("form")), Unit: short(u.Get("unit"))}
	units, err := q.unitsFor(auth.SeeStats)
	if err != nil {
		return err
	}
	if len(units) == 0 {
		q.period(&p, q.zone)
		q.offerPeriods(&p)
		return q.render(http.StatusOK, "statistics", p)
	}
	if !slices.ContainsFunc(units, func(x store.Unit) bool { return x.ID == p.Unit }) {
		p.Unit = units[0].ID
	}
	for _, x := range units {
		p.Units = append(p.Units, choice{x.ID, x.Name.In(q.lang), x.ID == p.Unit})
	}
	zone, err := q.zoneOf(p.Unit)
	if err != nil {
		return err
	}
	p.Zone = zone.String()
	status := http.StatusOK
	from, until, problem := q.period(&p, zone)
	if problem != "" {
		p.Problem, status = problem, http.StatusUnprocessableEntity
	}
	q.offerPeriods(&p)
	st, err := s.Store.Statistics(ctx, store.StatQuery{
		Unit: p.Unit, From: slides.At(from), Until: slides.At(until), Series: true, PerKiosk: true, PerUnit: true, PerHour: true, SeriesBy: grain(from, until),
	})
	if err != nil {
		return err
	}
	p.Report = insight.NewReport(st, q.questionnaire, p.Form)
	if p.Report.Picked != nil {
		p.Form = p.Report.Picked.ID
	}
	if err := q.statRows(&p); err != nil {
		return err
	}
	q.charts(&p, zone)
	if reach, err := q.reach(auth.SeeStats); err != nil {
		return err
	} else if reach.Everywhere() { // a month's count says of no unit
		if p.Dossiers, err = s.Store.DossierMonths(ctx); err != nil {
			return err
		}
		p.Dossiers = p.Dossiers[:min(len(p.Dossiers), 12)]
	}
	return q.render(status, "statistics", p)
}

func (q *request) offerPeriods(p *statsPage) {
	for _, x := range periods {
		p.Periods = append(p.Periods, choice{x, q.words.say(q.lang, "period."+x), x == p.Period})
	}
}

// grain is hours for a day, days for a season, months beyond.
func grain(from, until time.Time) store.Grain {
	switch d := until.Sub(from); {
	case d <= 50*time.Hour:
		return store.Hour
	case d <= 100*24*time.Hour:
		return store.Day
	}
	return store.Month
}

func (q *request) questionnaire(id string, version int) *survey.Questionnaire {
	f, err := q.Store.Survey(q.r.Context(), id, version)
	if err != nil {
		if slides.KindOf(err) != slides.NotFound {
			q.Log.Error("questionnaire", "id", id, "version", version, "err", err)
		}
		return nil
	}
	return f
}

// maxPeriod bounds a custom period: longer series have no room on a page.
const maxPeriod = 10 * 366 * 24 * time.Hour

// period reads the period in the unit's zone: whole days, [from, until). What
// can't be read falls back to 7 days, with a sentence.
func (q *request) period(p *statsPage, zone *time.Location) (from, until time.Time, problem string) {
	u := q.r.URL.Query()
	now := q.Store.Now().Time().In(zone)
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, zone)
	until = today.AddDate(0, 0, 1)
	days := 7
	switch p.Period {
	case "today":
		days = 1
	case "30":
		days = 30
	case "custom":
		p.From, p.To = short(u.Get("from")), short(u.Get("to"))
		a, errA := time.ParseInLocation(time.DateOnly, p.From, zone)
		b, errB := time.ParseInLocation(time.DateOnly, p.To, zone)
		switch {
		case errA != nil || errB != nil || a.Year() < 2000 || b.Year() > 2200:
			problem = q.words.say(q.lang, "stats.baddate")
		case b.Before(a):
			problem = q.words.say(q.lang, "stats.backwards")
		case b.Sub(a) > maxPeriod:
			problem = q.words.say(q.lang, "stats.toolong")
		default:
			return a, b.AddDate(0, 0, 1), ""
		}
	default:
		p.Period = "7"
	}
	from = today.AddDate(0, 0, 1-days)
	if p.Period != "custom" {
		p.From, p.To = from.Format(time.DateOnly), today.Format(time.DateOnly)
	}
	return from, until, problem
}

func (q *request) statRows(p *statsPage) error {
	units := map[string]string{}
	for _, u := range p.Units {
		units[u.Value] = u.Label
	}
	if p.Report.Ratings == 0 && p.Report.Suspect == 0 { // the page says what is still to be done
		kiosks, err := q.Store.Kiosks(q.r.Context(), "")
		if err != nil {
			return err
		}
		for _, k := range kiosks {
			if k.Paired {
				p.Kiosks++
			}
		}
	}
	v := q.view("statistics", nil)
	row := func(x insight.Part, name, link string) statRow {
		out := statRow{Name: name, Link: link, N: v.Count(x.Ratings)}
		if name == "" {
			out.Name = x.ID
		}
		if x.Suspect != 0 {
			out.Suspect = v.T("stats.row.suspect", v.Count(x.Suspect))
		}
		switch {
		case x.Shown():
			out.Value, out.Interval, out.Strip = v.Pct(x.Value)+"%", v.Pct(x.Low)+"–"+v.Pct(x.High), insight.NewStrip(x.Value, x.Low, x.High)
			if x.Few {
				out.Few = v.T("stats.few", v.Count(x.Ratings))
			}
		case x.Withheld:
			out.None = v.T("stats.withheld.short")
		default:
			out.None = v.T("stats.nodata")
		}
		return out
	}
	for _, x := range p.Report.ByKiosk {
		p.KioskRows = append(p.KioskRows, row(x, x.Name, "/studio/kiosks/"+x.ID))
	}
	for _, x := range p.Report.ByUnit {
		p.UnitRows = append(p.UnitRows, row(x, units[x.ID], ""))
	}
	f := p.Report.Picked
	if f == nil {
		return nil
	}
	p.Method = f.Method
	for _, x := range f.Factors {
		p.FactorRows = append(p.FactorRows, row(x, survey.FactorNames[survey.Factor(x.ID)].In(q.lang), ""))
	}
	if f.Overall.Shown() {
		for l := 5; l >= 1; l-- {
			n := f.Overall.Counts[l]
			p.Levels = append(p.Levels, levelRow{l, survey.LevelNames[l-1], n, 100 * float64(n) / float64(f.Overall.Answers)})
		}
	}
	return nil
}

// The charts' view box: about the width of a column at 1366 px, so that their
// labels come out at the page's size.
const chartW, chartH = 480, 200

func (q *request) charts(p *statsPage, zone *time.Location) {
	v := q.view("statistics", nil)
	layout, long := "2/1", "2/1/2006"
	switch p.Report.SeriesBy {
	case store.Hour:
		layout, long, p.Grain = "15", "2/1/2006 15:04", "hour"
	case store.Month:
		layout, long, p.Grain = "1/2006", "1/2006", "month"
	default:
		p.Grain = "day"
	}
	var counts, curve []insight.Point
	for _, b := range p.Report.Buckets {
		t := b.From.Time().In(zone)
		x := insight.Point{Label: t.Format(layout), OK: true, Value: float64(b.Total)}
		x.Title = v.T("stats.bar", t.Format(long), v.Count(b.Total))
		counts = append(counts, x)
		x.OK, x.Value, x.Low, x.High = b.Shown(), b.Value, b.Low, b.High
		x.Title = v.T("stats.dot", t.Format(long), v.Pct(b.Value), v.Pct(b.Low), v.Pct(b.High), v.Count(b.Share.Ratings))
		curve = append(curve, x)
	}
	p.Counts, p.Curve = insight.Columns(counts, chartW, chartH), insight.Curve(curve, chartW, chartH)
	if p.Report.Week != nil && p.Report.Ratings > 0 {
		var days [7]string
		for i := range days {
			days[i] = v.T(fmt.Sprintf("weekday.%d", i))
		}
		h := insight.HourOfWeek(*p.Report.Week, days, func(d, hour int, n int64) string {
			if n > 0 && n < insight.MinShown {
				return v.T("stats.cellfew", days[d], hour, insight.MinShown)
			}
			return v.T("stats.cell", days[d], hour, v.Count(n))
		})
		p.Heat = &h
	}
}

// export streams every rating, redacted unless the full form was asked for by
// somebody who may. The audit row is written first: an export that breaks off
// has still shown data.
func (s *server) export(q *request) error {
	const op = "studio.export"
	format, full := q.r.PostForm.Get("format"), q.r.PostForm.Get("full") != ""
	if format != insight.CSV && format != insight.JSONL {
		return slides.E(slides.Invalid, op, q.words.say("vi", "stats.noformat"), q.words.say("en", "stats.noformat"), nil)
	}
	if full && !q.session.May(auth.ExportFull) {
		return slides.E(slides.Denied, op, q.words.say("vi", "error.right"), q.words.say("en", "error.right"), nil)
	}
	if err := s.Store.AddAudit(q.r.Context(), q.session.Actor(), "ratings.export", "ratings", map[string]any{"format": format, "full": full}); err != nil {
		return err
	}
	h := q.w.Header()
	h.Set("Content-Type", map[string]string{insight.CSV: "text/csv; charset=utf-8", insight.JSONL: "application/x-ndjson"}[format])
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="motcua-%s.%s"`, s.Store.Now().Time().In(q.zone).Format("20060102-1504"), format))
	q.wrote = true
	w, err := q.begin(store.Work{ID: "export:" + newID(q.session.User.Login), Kind: "export", Title: q.words.say(q.lang, "running.export")})
	if err != nil {
		return err
	}
	if err := q.run(w, func() error { return insight.Export(q.r.Context(), s.Store, lineCounter{q.w, w}, format, full) }); err != nil {
		s.Log.Error("export", "err", err)
		panic(http.ErrAbortHandler) // the reader must see that the file is not whole
	}
	return nil
}

// lineCounter passes a file on and counts its lines as what a work has done.
type lineCounter struct {
	io.Writer
	work *work
}

func (c lineCounter) Write(b []byte) (int, error) {
	c.work.done.Add(int64(bytes.Count(b, []byte{'\n'})))
	return c.Writer.Write(b)
}
