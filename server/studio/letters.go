package studio

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"motcua/server/auth"
	"motcua/server/sheet"
	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/letter"
)

// letterRows is how many letters one page of the list has.
const letterRows = 50

type letterListPage struct {
	Rows       []letterCard
	Counts     store.LetterCounts
	Any        bool // there are letters at all
	Filter     store.LetterFilter
	States     []store.LetterState
	Categories []letter.Category
	Units      []choice
	Export     string // the address of the list as a file, less its format
	Prev, Next string
}

type letterCard struct {
	store.Letter
	Late bool
	Kind slides.Text // of its category; nil where it is not readable
}

func (q *request) letterCard(l store.Letter) letterCard {
	k, _ := letter.CategoryOf(l.Category)
	return letterCard{Letter: l, Late: l.Due != 0 && l.Due <= q.Store.Now() && l.State != store.LetterAnswered, Kind: k.Name}
}

// Spelt is the receipt in two groups.
func (c letterCard) Spelt() string { return letter.Spell(c.Code) }

// DueDay is the day of the deadline: a letter is late once that day is over.
func (c letterCard) DueDay() slides.Millis { return max(0, c.Due-1) }

// letterUnits are the units whose letters the session may see, nil for all.
func (q *request) letterUnits() ([]string, error) {
	reach, err := q.reach(auth.SeeLetters)
	if err != nil || reach.Everywhere() {
		return nil, err
	}
	units, err := q.unitsFor(auth.SeeLetters)
	ids := []string{}
	for _, u := range units {
		ids = append(ids, u.ID)
	}
	return ids, err
}

// letterFilter is what an address asks for, within the units whose letters the
// session may see. A unit's are those of the units below it, too.
func (q *request) letterFilter(u url.Values) (f store.LetterFilter, err error) {
	f = store.LetterFilter{State: store.LetterState(u.Get("state")), Category: short(u.Get("category")), Late: u.Get("late") != "", Search: short(u.Get("q"))}
	unit := short(u.Get("unit"))
	if f.Units, err = q.letterUnits(); err != nil || unit == "" {
		return f, err
	}
	units, err := q.unitsFor(auth.SeeLetters)
	f.Units = []string{}
	for _, x := range units {
		for up := x.ID; up != ""; up = q.tree[up] {
			if up == unit {
				f.Units = append(f.Units, x.ID)
				break
			}
		}
	}
	return f, err
}

// letterExport writes the letters that a filter finds as a file. It has no
// contacts, which are looked at one by one, and no notes of staff's; that it was
// taken is in the audit.
func (s *server) letterExport(q *request) error {
	ctx, u := q.r.Context(), q.r.URL.Query()
	kind := u.Get("format")
	mime, ok := sheetTypes[kind]
	if !ok {
		return slides.E(slides.Invalid, "studio.letterExport", q.words.say("vi", "procedures.noformat"), q.words.say("en", "procedures.noformat"), nil)
	}
	f, err := q.letterFilter(u)
	if err != nil {
		return err
	}
	f.Limit = exportLetters
	list, _, err := s.Store.Letters(ctx, f)
	if err != nil {
		return err
	}
	t := sheet.Texts{Name: q.words.say(q.lang, "nav.letters")}
	for _, c := range []struct {
		key  string
		wide float64
	}{{"letters.when", 18}, {"letters.kind", 14}, {"letter.unit", 30}, {"letter.where", 18}, {"letters.text", 60}, {"letters.state", 16}, {"letters.due", 14}, {"letter.answer", 50}, {"letter.receipt", 16}} {
		t.Columns = append(t.Columns, sheet.TextColumn{Label: q.words.say(q.lang, c.key), Wide: c.wide})
	}
	v := q.view("letters", nil)
	for _, l := range list {
		c, due := q.letterCard(l), ""
		if l.Due != 0 {
			due = v.Day(c.DueDay())
		}
		t.Rows = append(t.Rows, []string{v.When(l.Hour), c.Kind.In(q.lang), l.UnitName.In(q.lang), q.words.say(q.lang, "letter.channel."+string(l.Channel)), l.Text, q.words.say(q.lang, "letter.state."+string(l.State)), due, l.Answer, c.Spelt()})
	}
	if err := s.Store.AddAudit(ctx, q.session.Actor(), "letter.export", "letters", map[string]any{"letters": len(list), "format": kind, "unit": u.Get("unit")}); err != nil {
		return err
	}
	h := q.w.Header()
	h.Set("Content-Type", mime)
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="gop-y-%s.%s"`, q.today().Format("20060102"), kind))
	q.wrote = true
	if err := t.Write(q.w, kind); err != nil {
		s.Log.Error("letters export", "err", err)
		panic(http.ErrAbortHandler) // the reader must see that the file is not whole
	}
	return nil
}

// exportLetters bounds a file of letters: years of a busy office.
const exportLetters = 50_000

func (s *server) letterList(q *request) error {
	ctx, u := q.r.Context(), q.r.URL.Query()
	p := letterListPage{States: store.LetterStates, Categories: letter.Categories}
	skip, err := strconv.Atoi(u.Get("skip"))
	if err != nil || skip < 0 {
		skip = 0
	}
	if p.Filter, err = q.letterFilter(u); err != nil {
		return err
	}
	p.Filter.Skip, p.Filter.Limit = skip, letterRows
	units, err := q.unitsFor(auth.SeeLetters)
	if err != nil {
		return err
	}
	for _, x := range units {
		p.Units = append(p.Units, choice{x.ID, x.Name.In(q.lang), x.ID == u.Get("unit")})
	}
	list, more, err := s.Store.Letters(ctx, p.Filter)
	if err != nil {
		return err
	}
	for _, l := range list {
		p.Rows = append(p.Rows, q.letterCard(l))
	}
	if p.Counts, err = s.Store.LetterCounts(ctx, p.Filter.Units); err != nil {
		return err
	}
	if p.Any = len(list) > 0; !p.Any {
		mine, err := q.letterUnits()
		if err != nil {
			return err
		}
		all, _, err := s.Store.Letters(ctx, store.LetterFilter{Units: mine, Limit: 1})
		if err != nil {
			return err
		}
		p.Any = len(all) > 0
	}
	v := url.Values{}
	for _, k := range []string{"q", "unit", "state", "category", "late"} {
		if x := u.Get(k); x != "" {
			v.Set(k, x)
		}
	}
	p.Export = "/studio/letters/export?" + v.Encode()
	at := func(skip int) string {
		v.Set("skip", strconv.Itoa(skip))
		return "/studio/letters?" + v.Encode()
	}
	if skip > 0 {
		p.Prev = at(max(0, skip-letterRows))
	}
	if more {
		p.Next = at(skip + letterRows)
	}
	return q.render(http.StatusOK, "letters", p)
}

type letterPage struct {
	letterCard
	Where    string          // the kiosk's name, as far as it is known
	Contact  *letter.Contact // only after it was asked for, which the audit tells
	Gone     string          // why it can't be shown
	States   []store.LetterState
	F        letterForm
	Problems problems
}

// letterForm is what staff fill in.
type letterForm struct {
	State, Due, Answer, Note string
	Shown                    bool
	Base                     int
}

func (s *server) letterPage(q *request) error { return q.letter(http.StatusOK, nil, nil) }

// letter shows one, with its form as it was filled in where f is not nil.
func (q *request) letter(status int, f *letterForm, change func(*letterPage)) error {
	l, err := q.Store.Letter(q.r.Context(), q.r.PathValue("id"))
	if err != nil {
		return err
	}
	p := letterPage{letterCard: q.letterCard(l), States: store.LetterStates, Where: l.Kiosk}
	if k, err := q.Store.Kiosk(q.r.Context(), l.Kiosk); err == nil {
		p.Where = k.Name
	}
	p.F = letterForm{State: string(l.State), Answer: l.Answer, Note: l.Note, Shown: l.Shown, Base: l.Version}
	if l.Due != 0 {
		p.F.Due = p.DueDay().Time().In(q.zone).Format(time.DateOnly)
	}
	if f != nil {
		p.F = *f
	}
	if change != nil {
		change(&p)
	}
	return q.render(status, "letter", p)
}

func (s *server) letterSave(q *request) error {
	v := q.r.PostForm
	f := letterForm{State: short(v.Get("state")), Due: short(v.Get("due")), Answer: v.Get("answer"), Note: v.Get("note"), Shown: v.Get("shown") != ""}
	f.Base, _ = strconv.Atoi(v.Get("base")) // a wrong one is a version that nobody has: a conflict
	e := store.LetterEdit{State: store.LetterState(f.State), Answer: f.Answer, Note: f.Note, Shown: f.Shown}
	var p slides.Problems
	if f.Due != "" {
		day, err := time.ParseInLocation(time.DateOnly, f.Due, q.zone)
		if err != nil {
			p.Add("due", q.words.say("vi", "letter.due.wrong"), q.words.say("en", "letter.due.wrong"))
		}
		e.Due = slides.At(day.AddDate(0, 0, 1))
	}
	id := q.r.PathValue("id")
	err := p.Err("studio.letterSave")
	if err == nil {
		_, err = s.Store.UpdateLetter(q.r.Context(), q.session.Actor(), id, f.Base, e)
	}
	if err == nil {
		return q.to("/studio/letters/"+id, "letter-saved")
	}
	pr, ok := q.problems(err)
	if !ok {
		return err
	}
	return q.letter(slides.KindOf(err).Status(), &f, func(p *letterPage) { p.Problems = pr })
}

// letterContact shows how a writer may be reached; the store notes who looked.
func (s *server) letterContact(q *request) error {
	c, err := s.Store.LetterContact(q.r.Context(), q.session.Actor(), q.r.PathValue("id"))
	if err != nil {
		kind := slides.KindOf(err)
		if kind != slides.NotFound && kind != slides.Corrupt {
			return err
		}
		return q.letter(kind.Status(), nil, func(p *letterPage) { p.Gone = slides.Sentence(err, q.lang) })
	}
	return q.letter(http.StatusOK, nil, func(p *letterPage) { p.Contact = &c })
}
