package api

import (
	"math"
	"slices"
	"strings"

	"motcua/server/reckon"
	"motcua/server/store"
	"motcua/slides"
)

// played is one sum of the proof of play.
type played struct {
	Key            string   `json:"key"` // slide id ("procedure:" and a code for a procedure's page), topic, kiosk id or date
	Times          int64    `json:"times"`
	Seconds        float64  `json:"seconds"`
	Kiosks         int64    `json:"kiosks"`                    // that showed it
	PlannedTimes   *int64   `json:"planned_times,omitempty"`   // not there where no plan was reckoned
	PlannedSeconds *float64 `json:"planned_seconds,omitempty"` // as well
}

// playsPage is a page of sums, by key.
type playsPage struct {
	From    slides.LocalDate `json:"from"`
	To      slides.LocalDate `json:"to"`
	Zone    string           `json:"zone"` // of the days
	By      store.PlayGroup  `json:"by"`
	Planned bool             `json:"planned"` // the plan could be reckoned: else ask for one kiosk, or for fewer days
	Items   []played         `json:"items"`
	Next    string           `json:"next,omitempty"`
}

var playGroups = []string{string(store.PlaysBySlide), string(store.PlaysByTopic), string(store.PlaysByKiosk), string(store.PlaysByDay)}

// listPlays answers what the studio's page of plays shows, of the kiosks of the
// token's units.
func listPlays(c *call) (any, error) {
	q := c.r.URL.Query()
	units, err := c.units(q.Get("unit"))
	if err != nil {
		return nil, err
	}
	all, err := c.store.Kiosks(c.r.Context(), "")
	if err != nil {
		return nil, err
	}
	var kiosks []store.KioskStatus
	for _, k := range all {
		if slices.ContainsFunc(units, func(u store.Unit) bool { return u.ID == k.Unit }) && (q.Get("kiosk") == "" || q.Get("kiosk") == k.ID) {
			kiosks = append(kiosks, k)
		}
	}
	if len(kiosks) == 0 && q.Get("kiosk") != "" {
		return nil, badQuery("kiosk", "Không có ki-ốt này, hoặc khóa không có quyền ở đơn vị của nó.", "There is no such kiosk, or the token has no right in its unit.")
	}
	of := q.Get("unit")
	if of == "" && len(kiosks) > 0 {
		of = kiosks[0].Unit
	}
	zone, err := c.store.ZoneOf(c.r.Context(), of)
	if err != nil {
		return nil, err
	}
	out := playsPage{From: slides.LocalDate(q.Get("from")), To: slides.LocalDate(q.Get("to")), Zone: zone.String(), By: store.PlaysBySlide, Items: []played{}}
	if by := q.Get("by"); by != "" {
		out.By = store.PlayGroup(by)
	}
	rows, known, err := c.programs.Plays(c.r.Context(), reckon.PlayQuery{From: out.From, Until: out.To, By: out.By, Kiosks: kiosks, Zone: zone})
	if err != nil {
		return nil, err
	}
	out.Planned = known
	at := 0
	if key, ok := strings.CutPrefix(q.Get("cursor"), afterKey); ok {
		at, _ = slices.BinarySearchFunc(rows, key+"\x00", func(r reckon.Played, key string) int { return strings.Compare(r.Key, key) })
	}
	end := min(at+c.limit(), len(rows))
	for _, r := range rows[at:end] {
		p := played{Key: r.Key, Times: r.Count, Seconds: toMillis(r.Seconds), Kiosks: r.Kiosks}
		if known {
			plan := toMillis(r.Plan)
			p.PlannedTimes, p.PlannedSeconds = &r.Times, &plan
		}
		out.Items = append(out.Items, p)
	}
	if end < len(rows) {
		out.Next = afterKey + rows[end-1].Key
	}
	return out, nil
}

// toMillis leaves out what no clock here tells.
func toMillis(seconds float64) float64 { return math.Round(seconds*1000) / 1000 }

// afterKey begins a cursor, so that the key of what has no topic is one as well.
const afterKey = "after:"
