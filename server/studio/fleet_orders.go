package studio

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"motcua/server/auth"
	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/wire"
)

// chosenPage asks what to do with the kiosks that were chosen in the list.
type chosenPage struct {
	Kiosks   []fleetRow
	Offline  int // of them: they act when they come back, if that is soon
	Groups   []string
	Tags     []string // that any of them has
	Most     int
	F        chosenForm
	Problems problems
}

// chosenForm is what is typed there.
type chosenForm struct {
	Text, Minutes                            string
	AddGroups, DropGroups, AddTags, DropTags string
}

// chosen are the kiosks of a form: those ticked, or all that a filter finds. One
// in which the session has no right is none of them.
func (q *request) chosen(v url.Values) ([]fleetRow, error) {
	f := readFleetFilter(nil)
	if v.Get("all") != "" {
		old, err := url.ParseQuery(v.Get("filter"))
		if err != nil {
			return nil, slides.E(slides.Invalid, "studio.chosen", q.words.say("vi", "error.form"), q.words.say("en", "error.form"), err)
		}
		f = readFleetFilter(old)
	}
	found, all, _, err := q.fleet(auth.RunKiosks, f)
	if err != nil || v.Get("all") != "" {
		return found, err
	}
	return keep(all, func(r fleetRow) bool { return slices.Contains(v["kiosk"], r.ID) }), nil
}

func (s *server) fleetChosen(q *request) error {
	list, err := q.chosen(q.r.PostForm)
	if err != nil {
		return err
	}
	return q.chosenForm(http.StatusOK, list, chosenForm{Minutes: "30"}, nil)
}

func (q *request) chosenForm(status int, list []fleetRow, f chosenForm, pr problems) error {
	if len(list) == 0 {
		return slides.E(slides.Invalid, "studio.chosen", q.words.say("vi", "fleet.none"), q.words.say("en", "fleet.none"), nil)
	}
	p := chosenPage{Kiosks: list, Most: wire.MaxAnnounced, F: f, Problems: pr}
	for _, k := range list {
		if !k.Online {
			p.Offline++
		}
		p.Groups, p.Tags = append(p.Groups, k.Groups...), append(p.Tags, k.Tags...)
	}
	p.Groups, p.Tags = distinct(p.Groups), distinct(p.Tags)
	return q.render(status, "kiosks-chosen", p)
}

func ids(list []fleetRow) []string {
	out := make([]string, len(list))
	for i, k := range list {
		out[i] = k.ID
	}
	return out
}

// fleetOrder sends a command to the chosen kiosks and goes to where its outcome shows.
func (s *server) fleetOrder(q *request) error {
	v := q.r.PostForm
	list, err := q.chosen(v)
	if err != nil {
		return err
	}
	f := chosenForm{Text: v.Get("text"), Minutes: short(v.Get("minutes"))}
	o := store.Order{Verb: wire.Verb(v.Get("verb"))}
	if o.Verb == "silence" { // an announcement taken away
		o.Verb = wire.Say
	} else if o.Verb == wire.Say {
		o.Text = f.Text
		n, err := strconv.Atoi(f.Minutes)
		if err != nil {
			n = 0 // the store says what fits
		}
		o.For = time.Duration(n) * time.Minute
		if strings.TrimSpace(f.Text) == "" {
			return q.chosenForm(http.StatusUnprocessableEntity, list, f, problems{"text": q.words.say(q.lang, "fleet.notext")})
		}
	}
	if len(list) == 0 {
		return q.chosenForm(http.StatusUnprocessableEntity, list, f, nil)
	}
	batch, err := s.Store.AddCommands(q.r.Context(), q.session.Actor(), ids(list), o, commandLife)
	if err == nil {
		return q.to("/studio/kiosk-orders/"+batch, "")
	}
	pr, ok := q.problems(err)
	if !ok {
		return err
	}
	return q.chosenForm(slides.KindOf(err).Status(), list, f, pr)
}

// fleetLabel puts groups and tags on the chosen kiosks and takes others off.
func (s *server) fleetLabel(q *request) error {
	v := q.r.PostForm
	list, err := q.chosen(v)
	if err != nil {
		return err
	}
	f := chosenForm{Minutes: "30", AddGroups: short(v.Get("addgroups")), DropGroups: short(v.Get("dropgroups")), AddTags: short(v.Get("addtags")), DropTags: short(v.Get("droptags"))}
	if len(list) == 0 {
		return q.chosenForm(http.StatusUnprocessableEntity, list, f, nil)
	}
	_, err = s.Store.Label(q.r.Context(), q.session.Actor(), ids(list), store.Labels{
		AddGroups: labelsOf(f.AddGroups), DropGroups: labelsOf(f.DropGroups), AddTags: labelsOf(f.AddTags), DropTags: labelsOf(f.DropTags),
	})
	if err == nil {
		return q.to("/studio/kiosks", "labelled")
	}
	pr, ok := q.problems(err)
	if !ok {
		return err
	}
	return q.chosenForm(slides.KindOf(err).Status(), list, f, pr)
}

// labelsOf are the parts of a list as people type one: "tầng 1, cần sửa".
func labelsOf(s string) (out []string) {
	for part := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == ',' || r == ';' || r == '\n' }) {
		if part = strings.TrimPrefix(strings.TrimSpace(part), "#"); part != "" {
			out = append(out, part)
		}
	}
	return out
}

// orderPage is what has become of a command to many.
type orderPage struct {
	store.Batch
	By      string
	Rows    []orderRow
	Counts  []orderCount
	Running bool
}

type orderRow struct {
	store.CommandRow
	Name string
	Why  string // why it failed
	Shot bool
	At   slides.Millis // of the screenshot
}

type orderCount struct {
	State string
	N     int
}

func (s *server) fleetOutcome(q *request) error {
	ctx := q.r.Context()
	b, err := s.Store.Batch(ctx, q.r.PathValue("id"))
	if err != nil {
		return err
	}
	seen, err := q.kiosksFor(auth.SeeKiosks)
	if err != nil {
		return err
	}
	p := orderPage{Batch: b}
	counts := map[string]int{}
	for _, c := range b.Rows {
		i := slices.IndexFunc(seen, func(k store.KioskStatus) bool { return k.ID == c.Kiosk })
		if i < 0 {
			continue
		}
		k := &seen[i]
		r := orderRow{CommandRow: c, Name: k.Name, Why: c.Vi, Shot: c.Verb == wire.TakeScreenshot && c.State == "done" && k.ScreenshotAt != 0, At: k.ScreenshotAt}
		if q.lang == "en" {
			r.Why = c.En
		}
		p.Rows = append(p.Rows, r)
		counts[c.State]++
	}
	if len(p.Rows) == 0 {
		return slides.E(slides.NotFound, "studio.fleetOutcome", q.words.say("vi", "error.notfound"), q.words.say("en", "error.notfound"), nil)
	}
	order := []string{"failed", "expired", "pending", "sent", "done"}
	for _, st := range slices.Backward(order) {
		if counts[st] > 0 {
			p.Counts = append(p.Counts, orderCount{st, counts[st]})
		}
	}
	p.Running = counts["pending"]+counts["sent"] > 0
	slices.SortStableFunc(p.Rows, func(x, y orderRow) int {
		if d := slices.Index(order, x.State) - slices.Index(order, y.State); d != 0 {
			return d
		}
		return strings.Compare(slides.Fold(x.Name), slides.Fold(y.Name))
	})
	names, err := q.userNames()
	if err != nil {
		return err
	}
	p.By = names[b.By]
	return q.render(http.StatusOK, "kiosk-order", p)
}

// kioskRename gives a kiosk another name.
func (s *server) kioskRename(q *request) error {
	id, name := q.r.PathValue("id"), slides.Clean(short(q.r.PostForm.Get("name")))
	var p slides.Problems
	q.checkKiosk(store.KioskEdit{Name: name, Unit: "-"}, &p)
	if err := p.Err("studio.kioskRename"); err != nil {
		return err
	}
	if err := s.Store.RenameKiosk(q.r.Context(), q.session.Actor(), id, name); err != nil {
		return err
	}
	return q.to(fmt.Sprintf("/studio/kiosks/%s", id), "renamed")
}
