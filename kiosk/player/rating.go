package player

import (
	"maps"
	"slices"
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
	text    string       // what the citizen wrote, as typed
	about   survey.PartA // who the citizen is
	dossier string       // cleaned code, or ""
	regards concern
	alone   bool // no home screen lies below: what that would offer is offered here

	asked    int  // how many reasons were offered when the citizen was last asked for them
	reviewed bool // sent from the review
	complete bool // all is answered and sent; what may follow is extra
}

// concern is what a rating is about, as far as it is known: what staff said who
// invited the citizen, or the procedure that was being looked at. ticket is only
// for the screen.
type concern struct {
	ticket, procedure, officer string
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

// told is d with an answer about the citizen; "" takes it back.
func (d draft) told(choice, option string) draft {
	d.about = maps.Clone(d.about)
	if option == "" {
		delete(d.about, choice)
	} else {
		d.about[choice] = option
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

func (d draft) offersTags() []survey.Tag { return d.form.OfferedTags(d.list()) }
func (d draft) offersText() bool         { return d.form.OffersFreeText(d.list()) }

// given is what the draft comes to. What is no longer offered, because an answer
// was made better, is left out. The core names no moment finer than the hour.
func (d draft) given(s *State, partial bool) survey.Given {
	q, at := d.form, s.Clock.Now()
	g := survey.Given{Rating: survey.Rating{
		Questionnaire: q.ID, Version: q.Version, Unit: d.content.Manifest.UnitID,
		Kiosk: s.Place.Kiosk, Counter: s.Place.Counter, Procedure: d.regards.procedure, Officer: d.regards.officer,
		Channel: survey.AtKiosk, Lang: s.Lang,
		Hour: survey.HourOf(at, d.content.Zone), Clock: s.Clock.Quality(), Answers: d.list(),
		Partial: partial, Took: min(max(s.now-d.begun, 0), survey.MaxTook).Milliseconds(), Shown: d.shown,
	}, Moment: survey.Moment{At: at, Offset: s.Clock.Offset()}}
	if t := &s.Place.Terminal; g.Rating.Officer == "" && t.AtDesk && t.Officer != nil {
		g.Rating.Officer = t.Officer.ID
	}
	for _, t := range d.offersTags() {
		if d.tags[t.ID] {
			g.Rating.Tags = append(g.Rating.Tags, t.ID)
		}
	}
	if d.offersText() {
		g.Free = survey.Written(d.text)
	}
	if d.complete && len(d.about) > 0 {
		g.PartA = d.about
	}
	return g
}

// left keeps what must be kept when the citizen has gone: all of it once it was
// sent, else what the questionnaire says of partial answers.
func (d draft) left(n *step) {
	if d.complete || d.form.OnIdle == survey.Keep && len(d.answers) > 0 {
		n.store(d, !d.complete)
	}
}

// beginRating opens the questionnaire that this kiosk asks at this hour.
func (n *step) beginRating() { n.ask(concern{}) }

// ask opens it on a concern.
func (n *step) ask(about concern) {
	q := n.form()
	if q == nil {
		return
	}
	d := draft{
		content: n.Content, form: q, begun: n.now, shown: n.Content.Blob[n.Showing.Slide], regards: about, alone: n.homeless(),
		answers: map[string]survey.Level{}, tags: map[string]bool{}, about: survey.PartA{},
	}
	if n.Place.Terminal.Dossier {
		n.open(whichDossier{draft: d, line: n.newField(maxDossier, false).codes()})
		return
	}
	n.open(ask{draft: d})
}

// likelyRating draws ahead what a touch on "Đánh giá" brings, and the thanks
// for a questionnaire of one touch.
func (s *State) likelyRating() []Still {
	q := s.form()
	if q == nil {
		return nil
	}
	out := []Still{ask{draft: draft{content: s.Content, form: q, alone: s.homeless()}}.still(*s)}
	if len(q.Questions) == 1 {
		out = append(out, thanks{s.Content}.still(*s))
	}
	return out
}

// homeless says that what opens now has no home screen below it: there is one
// thing on offer, or staff have invited.
func (s *State) homeless() bool {
	return !slices.ContainsFunc(s.pages, func(p page) bool { return p.view() == ViewHome })
}

// form is the questionnaire that this kiosk asks now; nil where it has none.
func (s *State) form() *survey.Questionnaire {
	if s.Content == nil {
		return nil
	}
	return s.Content.SurveyAt(&s.Place.Terminal, s.Clock.Now().Time())
}

// chapter is a part of a rating; they follow in this order.
type chapter int

const (
	questions chapter = iota
	reasons
	overview
	aboutYou
)

// onward goes to what follows the chapter that d has come through, or stores it.
func (n *step) onward(d draft, after chapter) {
	offered := len(d.offersTags())
	switch {
	case after < reasons && offered > d.asked:
		d.asked = offered
		n.turn(why{d})
	case after < reasons && offered == 0 && d.offersText() && !d.form.Review:
		n.turn(n.writing(d, questions))
	case after < overview && d.form.Review && !d.reviewed:
		n.turn(review{d})
	case after < aboutYou && len(d.form.PartA) > 0:
		d.complete = true
		n.turn(about{draft: d})
	default:
		n.save(d)
	}
}

// backward goes to what came before a chapter, with every answer kept.
func (n *step) backward(d draft, before chapter) {
	d.complete = false
	switch {
	case before > overview && d.form.Review:
		d.reviewed = false
		n.turn(review{d})
	case before == reasons && d.reviewed: // an answer made worse in the review led there
		d.reviewed, d.asked = false, 0
		n.turn(review{d})
	case before > reasons && len(d.offersTags()) > 0:
		n.turn(why{d})
	default:
		d.asked = 0
		n.turn(ask{draft: d, at: len(d.form.Questions) - 1})
	}
}

// save asks for a rating to be stored, and waits for the outcome.
func (n *step) save(d draft) {
	if n.store(d, false) {
		n.Saving, n.saveBegun, n.saved, n.savedLetter = n.lastSave, n.now, d.content, false
		return
	}
	n.end(refusal{content: d.content}, RefusedFor)
}

// store asks for a rating to be stored; its outcome changes no screen unless
// somebody waits for it. A dossier has rated once all is answered.
func (n *step) store(d draft, partial bool) bool {
	g := d.given(&n.State, partial)
	err := survey.CheckRating(d.form, &g.Rating, d.content.Zone)
	if err == nil {
		err = survey.CheckPartA(d.form, g.PartA)
	}
	if err != nil {
		n.do(Report{Fault{"rating", err.Error()}})
		return false
	}
	n.lastSave++
	r := SaveRating{ID: n.lastSave, Given: g}
	if !partial {
		r.Dossier = d.dossier
	}
	n.do(r)
	return true
}

// group is questions that the review shows together: of one factor, few enough
// for one screen.
type group struct {
	factor   survey.Factor
	from, to int // half open
}

// inGroup is how many answers one screen shows.
const inGroup = 6

func groups(q *survey.Questionnaire) []group {
	var out []group
	for i, k := range q.Questions {
		last := len(out) - 1
		if last < 0 || out[last].factor != k.Factor || i-out[last].from >= inGroup {
			out = append(out, group{k.Factor, i, i})
			last++
		}
		out[last].to = i + 1
	}
	return out
}

// groupOf is the place of the group that holds question i.
func groupOf(q *survey.Questionnaire, i int) int {
	return slices.IndexFunc(groups(q), func(g group) bool { return g.from <= i && i < g.to })
}
