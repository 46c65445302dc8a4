package reckon

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"motcua/server/store"
	"motcua/slides"
)

// Played is how often and how long something was shown (PlaySum) and, where that
// is known, was to be shown.
type Played struct {
	store.PlaySum
	Times int64   // planned
	Plan  float64 // planned seconds
}

// Unheard says that it was planned and never shown.
func (p *Played) Unheard() bool { return p.Count == 0 && p.Times > 0 }

// PlayQuery asks for plays by the local days on which they began.
type PlayQuery struct {
	From, Until slides.LocalDate // both count
	By          store.PlayGroup
	Kiosks      []store.KioskStatus
	Zone        *time.Location // of the days
}

// Plays sums what the kiosks showed beside what was planned, by key. known is
// false where the plan would take too long: then it is asked of fewer kiosks, or
// of fewer days. Kind Invalid: days that can't be read or are too many.
func (x *Programs) Plays(ctx context.Context, q PlayQuery) (out []Played, known bool, err error) {
	ids := make([]string, len(q.Kiosks))
	for i, k := range q.Kiosks {
		ids[i] = k.ID
	}
	sums, err := x.store.PlaySums(ctx, store.PlayFilter{From: q.From, Until: q.Until, By: q.By, Kiosks: ids})
	if err != nil {
		return nil, false, err
	}
	plan, known, err := x.plan(ctx, &q)
	if err != nil {
		return nil, false, err
	}
	rows := map[string]*Played{}
	for _, s := range sums {
		rows[s.Key] = &Played{PlaySum: s}
	}
	for key, p := range plan {
		if rows[key] == nil {
			rows[key] = &Played{PlaySum: store.PlaySum{Key: key}}
		}
		rows[key].Times, rows[key].Plan = p.times, p.seconds
	}
	for _, r := range rows {
		out = append(out, *r)
	}
	slices.SortFunc(out, func(a, b Played) int { return cmp.Compare(a.Key, b.Key) })
	return out, known, nil
}

// planned is how often and how long something should have shown.
type planned struct {
	times   int64
	seconds float64
}

// maxPlanDays bounds the days of programs that one question walks through: each
// costs some ten milliseconds.
const maxPlanDays = 40

// plan reckons what the kiosks should have shown, with the kiosks' own function
// over the manifests that were the newest at the time, within opening hours. Two
// things are taken as they are today: the class of a kiosk, and its hours. A
// kiosk that a citizen uses shows no slides meanwhile, so less than all of the
// plan is usual.
func (x *Programs) plan(ctx context.Context, q *PlayQuery) (out map[string]planned, ok bool, err error) {
	from, err := time.ParseInLocation(time.DateOnly, string(q.From), q.Zone)
	if err != nil {
		return nil, false, err
	}
	until, err := time.ParseInLocation(time.DateOnly, string(q.Until), q.Zone)
	if err != nil {
		return nil, false, err
	}
	all := Times{from, until.AddDate(0, 0, 1)}
	if now := x.store.Now().Time(); now.Before(all.Until) {
		all.Until = now
	}
	type group struct {
		class, hours string
	}
	groups := map[group][]store.KioskStatus{}
	for _, k := range q.Kiosks {
		if k.Paired {
			g := group{k.Class, fmt.Sprint(k.Works.Hours, k.Works.OnHolidays)}
			groups[g] = append(groups[g], k)
		}
	}
	days := int(all.Until.Sub(from).Hours()/24) + 1
	if len(groups)*days > maxPlanDays || !all.From.Before(all.Until) {
		return nil, false, nil
	}
	out = map[string]planned{}
	for g, kiosks := range groups {
		list, err := x.store.ManifestsDuring(ctx, g.class, slides.At(all.From), slides.At(all.Until))
		if err != nil {
			return nil, false, err
		}
		for i, m := range list {
			newest := Times{m.At.Time(), all.Until}
			if i+1 < len(list) {
				newest.Until = list[i+1].At.Time()
			}
			if span, some := newest.And(all); some {
				if err := x.planOf(ctx, q, m, kiosks, span, out); err != nil {
					return nil, false, err
				}
			}
		}
	}
	return out, true, nil
}

// planOf adds what kiosks with one manifest and the same hours should show in a
// span.
func (x *Programs) planOf(ctx context.Context, q *PlayQuery, m store.Manifest, kiosks []store.KioskStatus, span Times, out map[string]planned) error {
	p, err := x.Of(ctx, m)
	if err != nil {
		return err
	}
	y, mo, d := span.From.In(q.Zone).Date()
	for _, open := range OpenTimes(&kiosks[0].Works, p.Manifest.Working(), time.Date(y, mo, d, 0, 0, 0, 0, q.Zone), span.Until.AddDate(0, 0, 1)) {
		left, some := open.And(span)
		for some {
			s := p.At(left.From)
			now, _ := left.And(Times{left.From, s.Until})
			if s.Slide != "" {
				for key, n := range q.keys(p, s.Slide, left.From, kiosks) {
					o := out[key]
					o.times += n
					o.seconds += float64(n) * now.Until.Sub(now.From).Seconds()
					out[key] = o
				}
			}
			left.From = now.Until
			some = left.From.Before(left.Until)
		}
	}
	return nil
}

// keys says under which keys a slide that shows at a moment counts, and on how
// many kiosks.
func (q *PlayQuery) keys(p *Program, slide string, at time.Time, kiosks []store.KioskStatus) map[string]int64 {
	all := int64(len(kiosks))
	switch q.By {
	case store.PlaysByTopic:
		topic := ""
		if sl := p.Slides[slide]; sl != nil {
			topic = string(sl.Topic)
		}
		return map[string]int64{topic: all}
	case store.PlaysByKiosk:
		out := make(map[string]int64, len(kiosks))
		for _, k := range kiosks {
			out[k.ID] = 1
		}
		return out
	case store.PlaysByDay:
		return map[string]int64{at.In(q.Zone).Format(time.DateOnly): all}
	}
	return map[string]int64{slide: all}
}
