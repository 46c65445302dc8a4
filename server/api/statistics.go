package api

import (
	"time"

	"motcua/server/insight"
	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/survey"
)

// share is an index from 0 to 100 with its 95 % interval. index, low and high
// are not there where nobody answered, or too few for it to be told.
type share struct {
	Ratings  int64    `json:"ratings"`
	Withheld bool     `json:"withheld"`
	Few      bool     `json:"few"` // fewer than 30: to be read with caution
	Index    *float64 `json:"index,omitempty"`
	Low      *float64 `json:"low,omitempty"`
	High     *float64 `json:"high,omitempty"`
}

// part is a factor, kiosk or unit of a whole.
type part struct {
	ID      string `json:"id"`
	Name    string `json:"name,omitempty"`
	Suspect int64  `json:"suspect"`
	share
}

// formFigures is one questionnaire's result.
type formFigures struct {
	ID       string `json:"id"`
	Versions []int  `json:"versions"`
	Method   string `json:"method,omitempty"`
	share
	Factors []part `json:"factors"`
}

// bucket is an hour, day or month of the series.
type bucket struct {
	From  slides.Millis `json:"from"`
	Total int64         `json:"total"` // ratings of all questionnaires
	share
}

// figures are what the statistics page shows, of one unit and all below it.
type figures struct {
	Unit     string        `json:"unit"`
	Zone     string        `json:"zone"`
	From     slides.Millis `json:"from"`
	Until    slides.Millis `json:"until"`
	Ratings  int64         `json:"ratings"`
	Suspect  int64         `json:"suspect"` // marked, not counted
	Missing  int64         `json:"missing"` // lost on damaged kiosks, as they reported
	Forms    []formFigures `json:"forms"`
	Form     string        `json:"form,omitempty"` // of which series, kiosks and units show the index
	SeriesBy store.Grain   `json:"series_by"`
	Series   []bucket      `json:"series"`
	Kiosks   []part        `json:"kiosks"`
	Units    []part        `json:"units"`
}

func showShare(s insight.Share) share {
	out := share{Ratings: s.Ratings, Withheld: s.Withheld, Few: s.Few}
	if s.Shown() {
		out.Index, out.Low, out.High = &s.Value, &s.Low, &s.High
	}
	return out
}

func showParts(list []insight.Part) []part {
	out := []part{}
	for _, p := range list {
		out = append(out, part{p.ID, p.Name, p.Suspect, showShare(p.Share)})
	}
	return out
}

// maxPeriod is the longest period, as on the page.
const maxPeriod = 10 * 366 * 24 * time.Hour

func readStatistics(c *call) (any, error) {
	q := c.r.URL.Query()
	of := q.Get("unit")
	if of == "" {
		of = c.token.Unit
	}
	if of == "" || !c.reach.In(of) {
		return nil, badQuery("unit", "Chọn một đơn vị mà khóa có quyền.", "Choose a unit in which the token has a right.")
	}
	zone, err := c.store.ZoneOf(c.r.Context(), of)
	if err != nil {
		return nil, err
	}
	from, errFrom := time.ParseInLocation(time.DateOnly, q.Get("from"), zone)
	to, errTo := time.ParseInLocation(time.DateOnly, q.Get("to"), zone)
	if errFrom != nil || errTo != nil || from.Year() < 2000 || to.Year() > 2200 || to.Before(from) || to.Sub(from) > maxPeriod {
		return nil, badQuery("from", "to không trước from, cách nhau tối đa 10 năm, trong khoảng 2000–2200.", "to is not before from, at most 10 years later, both within 2000 to 2200.")
	}
	st, err := c.store.Statistics(c.r.Context(), store.StatQuery{Unit: of, From: slides.At(from), Until: slides.At(to.AddDate(0, 0, 1)), Series: true, PerKiosk: true, PerUnit: true})
	if slides.KindOf(err) == slides.NotFound {
		return nil, badQuery("unit", "Không có đơn vị này.", "There is no such unit.")
	}
	if err != nil {
		return nil, err
	}
	var broken error
	r := insight.NewReport(st, func(id string, version int) *survey.Questionnaire {
		f, err := c.store.Survey(c.r.Context(), id, version)
		if err != nil && slides.KindOf(err) != slides.NotFound {
			broken = err
		}
		return f
	}, clip(q.Get("form")))
	if broken != nil {
		return nil, broken
	}
	out := figures{
		Unit: of, Zone: zone.String(), From: st.From, Until: st.Until, Ratings: r.Ratings, Suspect: r.Suspect, Missing: r.Missing,
		Forms: []formFigures{}, SeriesBy: r.SeriesBy, Series: []bucket{}, Kiosks: showParts(r.ByKiosk), Units: showParts(r.ByUnit),
	}
	for _, f := range r.Forms {
		out.Forms = append(out.Forms, formFigures{f.ID, f.Versions, f.Method, showShare(f.Overall), showParts(f.Factors)})
	}
	if r.Picked != nil {
		out.Form = r.Picked.ID
	}
	for _, b := range r.Buckets {
		out.Series = append(out.Series, bucket{b.From, b.Total, showShare(b.Share)})
	}
	return out, nil
}
