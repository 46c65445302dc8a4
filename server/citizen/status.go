package citizen

import (
	"net/http"

	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/letter"
	"motcua/slides/wire"
)

// statusPage is how far a letter is, or the question for its receipt.
type statusPage struct {
	Code   string // as typed
	Spelt  string // "" while nothing was found
	States []stateLine
	Answer string
}

type stateLine struct {
	Name    slides.Text
	Reached bool
}

// states are what the public is told, in their order.
var states = []struct {
	state store.LetterState
	name  slides.Text
}{
	{store.LetterNew, slides.Text{"vi": "Đã tiếp nhận", "en": "Received"}},
	{store.LetterWorking, slides.Text{"vi": "Đang xử lý", "en": "Being looked into"}},
	{store.LetterAnswered, slides.Text{"vi": "Đã trả lời", "en": "Answered"}},
}

// status tells the holder of a receipt how far the letter is, and nothing of
// what it says.
func (p *Pages) status(v *visit) error {
	typed := v.r.PathValue("code")
	if typed == "" {
		typed = v.r.URL.Query().Get("code")
	}
	pg := &statusPage{Code: typed}
	if typed == "" {
		return v.render(http.StatusOK, "status", &page{Page: pg})
	}
	if v.r.PathValue("code") == "" { // from the form: the page has an address of its own
		if clean, ok := letter.CleanCode(typed); ok {
			to := wire.PathStatus + clean
			if v.lang == "en" {
				to += "?l=en"
			}
			http.Redirect(v.w, v.r, to, http.StatusSeeOther)
			return nil
		}
	}
	if !p.looked.Allow(v.r) {
		v.w.Header().Set("Retry-After", "60")
		return slides.E(slides.Throttled, "citizen.status", "Đã tra cứu quá nhiều lần; xin thử lại sau ít phút.", "There were too many look-ups; please try again in a few minutes.", nil)
	}
	st, err := p.store.LetterStatus(v.r.Context(), typed)
	switch kind := slides.KindOf(err); kind {
	case "":
	case slides.NotFound, slides.Invalid:
		return v.render(kind.Status(), "status", &page{Problem: slides.Sentence(err, v.lang), Page: pg})
	default:
		return err
	}
	clean, _ := letter.CleanCode(typed)
	pg.Spelt, pg.Answer = letter.Spell(clean), st.Answer
	reached := true
	for _, s := range states {
		pg.States = append(pg.States, stateLine{s.name, reached})
		if s.state == st.State {
			reached = false
		}
	}
	return v.render(http.StatusOK, "status", &page{Page: pg})
}
