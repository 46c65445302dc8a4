package player

import (
	"maps"
	"time"

	"motcua/slides/survey"
)

// draft is an answer in the making, which the pages of a rating hand on to one
// another. It is a value: what changes it gives another one.
type draft struct {
	content *Content // whose questionnaire it answers, even if other content comes meanwhile
	form    *survey.Questionnaire
	begun   time.Duration
	shown   string // blob of the slide that was touched
	answers map[string]survey.Level
	tags    map[string]bool
}

// answered is d with a question's level.
func (d draft) answered(question string, l survey.Level) draft {
	d.answers = maps.Clone(d.answers)
	d.answers[question] = l
	return d
}

// ticked is d with a reason set, or taken back.
func (d draft) ticked(tag string) draft {
	d.tags = maps.Clone(d.tags)
	if d.tags[tag] {
		delete(d.tags, tag)
	} else {
		d.tags[tag] = true
	}
	return d
}

// list gives the answers in the order of the questions.
func (d draft) list() []survey.Answer {
	var out []survey.Answer
	for _, q := range d.form.Questions {
		if l, ok := d.answers[q.ID]; ok {
			out = append(out, survey.Answer{Question: q.ID, Level: l})
		}
	}
	return out
}

// rating turns the draft into its core section and its exact time. The core
// names no moment finer than the hour.
func (d draft) rating(s *State, partial bool) (survey.Rating, survey.Moment) {
	q, at := d.form, s.Clock.Now()
	r := survey.Rating{
		Questionnaire: q.ID, Version: q.Version, Unit: d.content.Manifest.UnitID,
		Kiosk: s.Place.Kiosk, Counter: s.Place.Counter, Channel: survey.AtKiosk, Lang: s.Lang,
		Hour: survey.HourOf(at, d.content.Zone), Clock: s.Clock.Quality(), Answers: d.list(),
		Partial: partial, Took: min(max(s.now-d.begun, 0), survey.MaxTook).Milliseconds(), Shown: d.shown,
	}
	if q.OffersTags(r.Answers) {
		for _, t := range q.Tags {
			if d.tags[t.ID] {
				r.Tags = append(r.Tags, t.ID)
			}
		}
	}
	return r, survey.Moment{At: at, Offset: s.Clock.Offset()}
}

// left keeps or drops what was answered, as the questionnaire says, when the
// citizen has gone.
func (d draft) left(n *step) {
	if d.form.OnIdle == survey.Keep && len(d.answers) > 0 {
		n.save(d, true)
	}
}

// beginRating opens the questionnaire that this kiosk asks at this hour.
func (n *step) beginRating() {
	q := n.form()
	if q == nil {
		return
	}
	n.open(ask{draft: draft{
		content: n.Content, form: q, begun: n.now, shown: n.Content.Blob[n.Showing.Slide],
		answers: map[string]survey.Level{}, tags: map[string]bool{},
	}})
}

// likelyRating draws ahead what a touch on "Đánh giá" brings, and the thanks
// for a questionnaire of one touch.
func (s *State) likelyRating() []Still {
	q := s.form()
	if q == nil {
		return nil
	}
	out := []Still{ask{draft: draft{content: s.Content, form: q}}.still(*s)}
	if len(q.Questions) == 1 {
		out = append(out, thanks{s.Content}.still(*s))
	}
	return out
}

// form is the questionnaire that this kiosk asks now; nil where it has none.
func (s *State) form() *survey.Questionnaire {
	if s.Content == nil {
		return nil
	}
	return s.Content.SurveyAt(&s.Place.Terminal, s.Clock.Now().Time())
}

// save asks for a draft to be stored. A partial one is stored behind the
// citizen's back: its outcome changes no screen.
func (n *step) save(d draft, partial bool) {
	r, m := d.rating(&n.State, partial)
	if err := survey.CheckRating(d.form, &r, d.content.Zone); err != nil {
		n.do(Report{Fault{"rating", err.Error()}})
		if !partial {
			n.end(refusal{content: d.content}, RefusedFor)
		}
		return
	}
	n.lastSave++
	n.do(SaveRating{ID: n.lastSave, Rating: r, Moment: m})
	if !partial {
		n.Saving, n.saveBegun, n.saved = n.lastSave, n.now, d.content
	}
}
