package citizen

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"motcua/server/store"
	domain "motcua/slides"
	"motcua/slides/chain"
	"motcua/slides/survey"
	"motcua/slides/wire"
)

// ratePage is a questionnaire with what has been answered so far.
type ratePage struct {
	Form    *survey.Questionnaire
	Levels  [5]domain.Text
	Begun   int64 // when the page was first opened, ms
	Answers map[string]string
	// The second step.
	Tags  []survey.Tag
	Write bool // a few words are asked for
	Given url.Values
	Most  int // runes of the text
}

// Answer is what was chosen for a question, or "".
func (p *ratePage) Answer(q survey.Question) string { return p.Answers[q.ID] }

// Ticked says whether a reason was ticked.
func (p *ratePage) Ticked(t survey.Tag) bool { return slices.Contains(p.Given["tag"], t.ID) }

// Chose says whether an option of Phần A was chosen.
func (p *ratePage) Chose(c survey.Choice, o survey.Option) bool {
	return p.Given.Get("p."+c.ID) == o.ID
}

// rate answers the QR of a kiosk.
func (p *Pages) rate(v *visit) error {
	g, err := v.enter(wire.ToRate)
	if err != nil {
		return err
	}
	o := g.offer
	if g.used {
		return v.render(http.StatusOK, "thanks", o.head(g.kiosk, &page{}))
	}
	q := o.at(g.kiosk, v.now)
	if q == nil {
		return domain.E(domain.NotFound, "citizen.rate", "Hiện chưa có phiếu khảo sát nào.", "There is no questionnaire at present.", nil)
	}
	return v.render(http.StatusOK, "rate", o.head(g.kiosk, &page{Page: &ratePage{Form: q, Levels: survey.LevelNames, Begun: int64(v.now)}}))
}

// rated takes the answers: first those of the questions, then, where they bring
// up anything more, the reasons, a few words and Phần A, none of which need be
// given.
func (p *Pages) rated(v *visit) error {
	g, err := v.enter(wire.ToRate)
	if err != nil {
		return err
	}
	if g.used {
		return v.again()
	}
	o, f := g.offer, v.r.PostForm
	version, err := strconv.Atoi(f.Get("version"))
	if err != nil {
		return nowhere(v)
	}
	if !o.asks(f.Get("form"), version) {
		return domain.E(domain.Invalid, "citizen.rate", "Ki-ốt này không hỏi phiếu khảo sát đó. Xin quét lại mã QR trên màn hình.",
			"This kiosk does not ask that questionnaire. Please scan the QR on the screen again.", nil)
	}
	// The version that was asked, even if another is live by now.
	q, err := p.store.Survey(v.r.Context(), f.Get("form"), version)
	if err != nil {
		return err
	}
	pg := &ratePage{Form: q, Levels: survey.LevelNames, Answers: map[string]string{}, Given: f, Most: survey.MaxFreeText}
	pg.Begun, _ = strconv.ParseInt(f.Get("t"), 10, 64) // a phone may send anything; took clamps it
	given := survey.Given{PartA: survey.PartA{}, Free: f.Get("text")}
	for _, k := range q.Questions {
		level, err := strconv.Atoi(f.Get("a." + k.ID))
		if err != nil {
			continue // left out
		}
		pg.Answers[k.ID] = f.Get("a." + k.ID)
		given.Rating.Answers = append(given.Rating.Answers, survey.Answer{Question: k.ID, Level: survey.Level(level)})
	}
	answers := given.Rating.Answers
	if len(answers) == 0 {
		return v.render(http.StatusUnprocessableEntity, "rate", o.head(g.kiosk, &page{
			Problem: v.say("Xin chọn một mức rồi bấm Gửi.", "Please choose an answer, then send."), Page: pg,
		}))
	}
	pg.Tags, pg.Write = q.OfferedTags(answers), q.OffersFreeText(answers)
	if more := len(pg.Tags) > 0 || pg.Write || len(q.PartA) > 0; more && f.Get("step") != "2" {
		return v.render(http.StatusOK, "more", o.head(g.kiosk, &page{Page: pg}))
	}
	for _, t := range pg.Tags {
		if slices.Contains(f["tag"], t.ID) {
			given.Rating.Tags = append(given.Rating.Tags, t.ID)
		}
	}
	for _, c := range q.PartA {
		if id := f.Get("p." + c.ID); id != "" {
			given.PartA[c.ID] = id
		}
	}
	if !pg.Write {
		given.Free = ""
	}
	sections, err := v.sections(&given, q, o, g.kiosk, pg.Begun)
	if err == nil {
		_, err = p.store.TakePhoneRating(v.r.Context(), g.pass, sections)
	}
	if err != nil {
		return v.unsaved(o, g.kiosk, pg, err)
	}
	return v.again()
}

// unsaved shows the last step again with what went wrong; nothing is lost.
func (v *visit) unsaved(o *offer, k *store.Kiosk, pg *ratePage, err error) error {
	kind := domain.KindOf(err)
	if kind != domain.Invalid {
		v.log.Error("a rating from a phone", "err", err)
	}
	name := "more"
	if len(pg.Tags) == 0 && !pg.Write && len(pg.Form.PartA) == 0 {
		name = "rate"
	}
	return v.render(kind.Status(), name, o.head(k, &page{Problem: v.sentence(err), Page: pg}))
}

// sections checks the rating as a kiosk's is checked and makes its parts.
func (v *visit) sections(g *survey.Given, q *survey.Questionnaire, o *offer, k *store.Kiosk, begun int64) ([]chain.Section, error) {
	r := &g.Rating
	r.Questionnaire, r.Version, r.Unit, r.Kiosk = q.ID, q.Version, o.manifest.UnitID, k.ID
	if domain.ValidID(k.Counter) {
		r.Counter = k.Counter
	}
	if t := &k.Works; t.AtDesk && t.Officer != nil { // as the kiosk itself counts it
		r.Officer = t.Officer.ID
	}
	r.Channel, r.Lang, r.Hour, r.Clock = survey.OnPhone, v.lang, survey.HourOf(v.now, o.zone), survey.Synced
	if begun > 0 && begun <= int64(v.now) {
		r.Took = min(int64(v.now)-begun, survey.MaxTook.Milliseconds())
	}
	g.Moment.At = v.now
	if err := survey.CheckRating(q, r, o.zone); err != nil {
		return nil, err
	}
	if err := survey.CheckPartA(q, g.PartA); err != nil {
		return nil, err
	}
	return g.Sections()
}

func (v *visit) say(vi, en string) string { return (&page{Lang: v.lang}).Say(vi, en) }

// Progress is how far question i is: "Câu 3/19".
func (p *page) Progress(i, n int) string {
	return p.Say(fmt.Sprintf("Câu %d/%d", i+1, n), fmt.Sprintf("Question %d/%d", i+1, n))
}
