package player

import (
	"motcua/slides/survey"
)

// answers lists the given answers in the order of the questions.
func (d *Draft) answers() []survey.Answer {
	var out []survey.Answer
	for _, q := range d.Content.Survey.Questions {
		if l, ok := d.Answers[q.ID]; ok {
			out = append(out, survey.Answer{Question: q.ID, Level: l})
		}
	}
	return out
}

// rating turns the draft into its core section and its exact time. The core
// names no moment finer than the hour.
func (d *Draft) rating(s *State, partial bool) (survey.Rating, survey.Moment) {
	q, at := d.Content.Survey, s.Clock.Now()
	r := survey.Rating{
		Questionnaire: q.ID, Version: q.Version, Unit: d.Content.Manifest.UnitID,
		Kiosk: s.Place.Kiosk, Counter: s.Place.Counter, Channel: survey.AtKiosk, Lang: s.Lang,
		Hour: survey.HourOf(at, d.Content.Zone), Clock: s.Clock.Quality(), Answers: d.answers(),
		Partial: partial, Took: min(max(s.now-d.Begun, 0), survey.MaxTook).Milliseconds(), Shown: d.Shown,
	}
	if q.OffersTags(r.Answers) {
		for _, t := range q.Tags {
			if d.Tags[t.ID] {
				r.Tags = append(r.Tags, t.ID)
			}
		}
	}
	return r, survey.Moment{At: at, Offset: s.Clock.Offset()}
}
