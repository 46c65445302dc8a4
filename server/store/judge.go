package store

import (
	"encoding/json"
	"time"

	"motcua/slides"
	"motcua/slides/chain"
	"motcua/slides/survey"
)

// judged is one record as it will be counted. Made on the caller's goroutine;
// judged again by the writer if the catalogue changed in between.
type judged struct {
	record  *chain.Record
	header  chain.Header
	hash    chain.Hash
	core    *survey.Rating // nil: not readable
	moment  slides.Millis  // 0: not there
	told    bool           // has Phần A: no exact time is kept beside it
	form    *form          // nil: unknown
	valid   bool
	answers []placed
}

// read parses the sections that counting needs.
func (j *judged) read() {
	for i := range j.record.Sections {
		switch s := &j.record.Sections[i]; s.Kind {
		case chain.Core:
			var r survey.Rating
			if json.Unmarshal(s.Body, &r) == nil {
				j.core = &r
			}
		case chain.Moment:
			if m, err := survey.ParseMoment(s.Body); err == nil {
				j.moment = m.At
			}
		case chain.PartA:
			j.told = true
		}
	}
}

// judge decides whether the rating is one that the questionnaire allows and
// that this kiosk may give. What is not is kept all the same, marked.
func (j *judged) judge(cat *directory, kiosk string) {
	j.form, j.valid, j.answers = nil, false, nil
	r := j.core
	if r == nil {
		return
	}
	f := cat.forms[formKey{r.Questionnaire, r.Version}]
	if f == nil || cat.units[r.Unit] == nil || r.Kiosk != kiosk && kiosk != "" {
		return
	}
	if survey.CheckRating(f.q, r, cat.zoneOf(r.Unit, r.Hour)) != nil {
		return
	}
	j.form, j.valid = f, true
	j.answers = f.placed(r.Answers)
}

// placed turns checked answers into places; what the form does not have is left out.
func (f *form) placed(answers []survey.Answer) []placed {
	out := make([]placed, 0, len(answers))
	for _, a := range answers {
		if i, ok := f.place[a.Question]; ok && a.Level.Valid() {
			out = append(out, placed{int16(i), uint8(a.Level), f.overall[i]})
		}
	}
	return out
}

// maxBurst bounds SuspectRules.Burst: the moments that the writer keeps of a chain.
const maxBurst = 64

// earliest is before any rating: an hour below it is a clock that was never set.
var earliest = slides.At(time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC))

// aheadOfUs is how far a kiosk's hour may be ahead of the server's clock.
const aheadOfUs = slides.Millis(2 * time.Hour / time.Millisecond)

func clockFits(hour, now slides.Millis) bool { return hour >= earliest && hour <= now+aheadOfUs }

// suspect is the reason to count a rating apart, "" for none. before are the
// moments of the kiosk's ratings before it on the chain, newest last.
func (r SuspectRules) suspect(j *judged, now slides.Millis, before []slides.Millis) string {
	if !j.valid {
		return SuspectInvalid
	}
	if !clockFits(j.core.Hour, now) {
		return SuspectClock
	}
	if j.moment == 0 || len(before) == 0 {
		return ""
	}
	// Phones do not wait for one another: only a kiosk's screen has one citizen at a time.
	if last := before[len(before)-1]; r.Rapid > 0 && j.core.Channel != survey.OnPhone && j.moment >= last && time.Duration(j.moment-last)*time.Millisecond < r.Rapid {
		return SuspectRapid
	}
	if r.Burst > 0 && len(before) >= r.Burst {
		// A clock set back is no burst: the span must run forward.
		if span := j.moment - before[len(before)-r.Burst]; span >= 0 && time.Duration(span)*time.Millisecond < r.BurstWithin {
			return SuspectBurst
		}
	}
	return ""
}
