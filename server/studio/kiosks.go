package studio

import (
	"crypto/ed25519"
	"net/http"
	"slices"
	"time"

	"motcua/server/auth"
	"motcua/server/fleet"
	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/chain"
	"motcua/slides/wire"
)

// commandLife is how long a command waits for a kiosk that is away: longer,
// and a restart would come when nobody expects it any more.
const commandLife = 2 * time.Minute

type pairingCard struct {
	store.Pairing
	Words [6]string // none in a list: they take the code
	Was   string    // name of the kiosk that it says it was
}

type kioskCard struct {
	store.KioskStatus
	State     fleet.State
	Slide     string // title of what shows now
	ClockBad  bool
	Shot      bool
	Trouble   bool
	Fault     *wire.Fault // its newest; nil: none
	FaultRows []store.FaultRow
	Says      *wire.Announcement // that stands on it; nil: none
}

// Late says that the kiosk has another manifest than it should.
func (c kioskCard) Late() bool { return c.Paired && c.Should != "" && c.Has != c.Should }

func (q *request) kioskCard(k store.KioskStatus) kioskCard {
	c := kioskCard{KioskStatus: k, State: fleet.Of(&k, q.Store.Now()), ClockBad: fleet.ClockWrong(&k), Shot: k.ScreenshotAt != 0, Trouble: fleet.Trouble(&k)}
	if h := k.Health; h != nil && h.Slide != "" {
		c.Slide = q.slideTitle(h.Slide)
	}
	if f, ok := fleet.LastFault(&k); ok {
		c.Fault = &f
	}
	return c
}

// slideTitle is a slide's title, its id when it is gone. Kiosks of a class show
// the same slide: one request reads it once.
func (q *request) slideTitle(id string) string {
	if t, ok := q.titles[id]; ok {
		return t
	}
	t := id
	if row, err := q.Store.Slide(q.r.Context(), id); err == nil {
		t = row.Slide.Title.In(q.lang)
	}
	if q.titles == nil {
		q.titles = map[string]string{}
	}
	q.titles[id] = t
	return t
}

func (q *request) pairingCard(p store.Pairing) pairingCard {
	c := pairingCard{Pairing: p}
	if p.Previous != "" {
		if k, err := q.Store.Kiosk(q.r.Context(), p.Previous); err == nil {
			c.Was = k.Name
		}
	}
	return c
}

type approvePage struct {
	Code     string
	Pairing  *pairingCard // nil: ask for the code
	Units    []store.Unit
	Existing []store.KioskStatus
	F        approveForm
	Problems problems
}

type approveForm struct {
	Name, Unit, Kiosk string
	Match             bool
}

func (s *server) approvePage(q *request) error {
	code := short(q.r.URL.Query().Get("code"))
	return q.approveForm(http.StatusOK, code, approveForm{}, nil)
}

// approveForm shows a waiting screen's words and asks what it is to be.
func (q *request) approveForm(status int, code string, f approveForm, pr problems) error {
	ctx := q.r.Context()
	p := approvePage{Code: code, F: f, Problems: pr}
	if code != "" {
		w, err := q.Store.PairingByCode(ctx, q.session.Actor(), code)
		switch kind := slides.KindOf(err); kind {
		case "":
			card := q.pairingCard(w)
			clean, _ := wire.CleanCode(code) // the store has found it
			card.Words = chain.Words(w.Key, q.Store.ServerKey().Public().(ed25519.PublicKey), clean)
			p.Pairing = &card
			if f == (approveForm{}) && w.Previous != "" {
				p.F.Kiosk = w.Previous
			}
		case slides.NotFound, slides.Denied, slides.Throttled, slides.Invalid:
			p.Problems = problems{"code": slides.Sentence(err, q.lang)}
			status = kind.Status()
		default:
			return err
		}
	}
	var err error
	if p.Units, err = q.unitsFor(auth.RunKiosks); err != nil {
		return err
	}
	if p.Existing, err = q.kiosksFor(auth.RunKiosks); err != nil {
		return err
	}
	return q.render(status, "approve", p)
}

func (s *server) approve(q *request) error {
	v := q.r.PostForm
	code := short(v.Get("code"))
	f := approveForm{Name: slides.Clean(short(v.Get("name"))), Unit: v.Get("unit"), Kiosk: v.Get("kiosk"), Match: v.Get("match") != ""}
	var p slides.Problems
	if !f.Match {
		p.Add("match", q.words.say("vi", "approve.nomatch"), q.words.say("en", "approve.nomatch"))
	}
	edit := store.KioskEdit{Name: f.Name, Unit: f.Unit, Lang: "vi", Audience: slides.Public}
	if f.Kiosk != "" {
		old, err := s.Store.Kiosk(q.r.Context(), f.Kiosk)
		if err != nil && slides.KindOf(err) != slides.NotFound {
			return err
		}
		if err == nil { // pairing again keeps what the kiosk was where the form says nothing
			if err := q.mustReach(auth.RunKiosks, old.Unit, "kiosk", &p); err != nil {
				return err
			}
			edit.Lang, edit.Audience, edit.Groups, edit.Terminal, edit.Counter = old.Lang, old.Audience, old.Groups, old.Terminal, old.Counter
			if edit.Name == "" {
				edit.Name, edit.Unit = old.Name, old.Unit
			}
		}
	}
	q.checkKiosk(edit, &p)
	if edit.Unit != "" {
		if err := q.mustReach(auth.RunKiosks, edit.Unit, "unit", &p); err != nil {
			return err
		}
	}
	err := p.Err("studio.approve")
	if err == nil {
		var k store.Kiosk
		k, err = s.Store.ApprovePairing(q.r.Context(), q.session.Actor(), store.Approval{Code: code, Kiosk: f.Kiosk, KioskEdit: edit})
		if err == nil {
			return q.to("/studio/kiosks/"+k.ID, "approved")
		}
	}
	pr, ok := q.problems(err)
	if !ok {
		return err
	}
	return q.approveForm(slides.KindOf(err).Status(), code, f, pr)
}

// checkKiosk reports what is wrong with a kiosk's name and place.
func (q *request) checkKiosk(e store.KioskEdit, p *slides.Problems) {
	if n := len([]rune(e.Name)); n == 0 || n > 80 {
		p.Add("name", q.words.say("vi", "kiosk.noname"), q.words.say("en", "kiosk.noname"))
	}
	if e.Unit == "" {
		p.Add("unit", q.words.say("vi", "kiosk.nounit"), q.words.say("en", "kiosk.nounit"))
	}
	if len([]rune(e.Counter)) > 80 {
		p.Add("counter", q.words.say("vi", "kiosk.longcounter"), q.words.say("en", "kiosk.longcounter"))
	}
}

func (s *server) refuse(q *request) error {
	if err := s.Store.RefusePairing(q.r.Context(), q.session.Actor(), q.r.PostForm.Get("pairing")); err != nil {
		return err
	}
	return q.to("/studio/kiosks", "refused")
}

type kioskPage struct {
	kioskCard
	Commands []store.CommandRow
	Keys     []store.KioskKey
	Print    string // of the key in use, "" when unpaired
	Waiting  bool   // a screenshot was asked for and has not come
	Does     []line
}

func (s *server) kioskPage(q *request) error {
	ctx := q.r.Context()
	id := q.r.PathValue("id")
	k, err := s.Store.KioskStatus(ctx, id)
	if err != nil {
		return err
	}
	p := kioskPage{kioskCard: q.kioskCard(k)}
	if p.FaultRows, err = s.Store.Faults(ctx, id, 10); err != nil {
		return err
	}
	if p.Commands, err = s.Store.Commands(ctx, id, 8); err != nil {
		return err
	}
	for _, c := range p.Commands {
		if c.Verb == wire.TakeScreenshot && (c.State == "pending" || c.State == "sent") {
			p.Waiting = true
		}
	}
	if p.Keys, err = s.Store.KioskKeys(ctx, id); err != nil {
		return err
	}
	if len(k.Key) == ed25519.PublicKeySize {
		p.Print = chain.KeyPrint(k.Key)
	}
	w, err := q.teller()
	if err != nil {
		return err
	}
	p.Does = w.terminal(k.Terminal, k.Works, k.UnitName.In(q.lang))
	return q.render(http.StatusOK, "kiosk", p)
}

func (s *server) command(q *request) error {
	verb := wire.Verb(q.r.PostForm.Get("verb"))
	if !slices.Contains(wire.StaffVerbs, verb) {
		return slides.E(slides.Invalid, "studio.command", q.words.say("vi", "kiosk.noverb"), q.words.say("en", "kiosk.noverb"), nil)
	}
	id := q.r.PathValue("id")
	if _, err := s.Store.AddCommand(q.r.Context(), q.session.Actor(), id, verb, commandLife); err != nil {
		return err
	}
	return q.to("/studio/kiosks/"+id, "command-"+string(verb))
}

// invite asks the citizen at a counter's kiosk to rate, and goes back to where
// it was pressed.
func (s *server) invite(q *request) error {
	v, id := q.r.PostForm, q.r.PathValue("id")
	if _, err := s.Store.Invite(q.r.Context(), q.session.Actor(), id, wire.Invitation{Ticket: short(v.Get("ticket"))}); err != nil {
		return err
	}
	back := "/studio/kiosks/" + id
	if v.Get("back") == "list" {
		back = "/studio/kiosks"
	}
	return q.to(back, "invited")
}

func (s *server) unpair(q *request) error {
	id := q.r.PathValue("id")
	if q.r.PostForm.Get("sure") == "" {
		return slides.E(slides.Invalid, "studio.unpair", q.words.say("vi", "kiosk.notsure"), q.words.say("en", "kiosk.notsure"), nil)
	}
	if err := s.Store.Unpair(q.r.Context(), q.session.Actor(), id); err != nil {
		return err
	}
	return q.to("/studio/kiosks/"+id, "unpaired")
}
