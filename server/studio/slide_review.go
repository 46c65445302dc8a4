package studio

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/url"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/kinds"
	"motcua/slides/raster"
	"motcua/slides/review"
	"motcua/slides/scene"
)

// around is what a unit's slides are checked against: its frame and colours, the
// hosts that a QR may name, how its screens are read, and its channels.
type around struct {
	*frame
	unit     string
	holds    slides.Defaults
	viewing  review.Viewing
	channels []store.Channel
}

func (q *request) around(ctx context.Context, unit string) (*around, error) {
	f, err := q.frame(unit)
	if err != nil {
		return nil, err
	}
	a := &around{frame: f, unit: unit}
	if unit != "" {
		if _, a.holds, err = q.Store.Defaults(ctx, unit); err != nil && slides.KindOf(err) != slides.NotFound {
			return nil, err
		}
		if _, a.channels, err = q.Store.Channels(ctx, unit); err != nil && slides.KindOf(err) != slides.NotFound {
			return nil, err
		}
	}
	a.viewing = viewingOf(a.holds, q.Store.Now(), f.look.Hosts)
	return a, nil
}

// look is one slide to be looked through; key names all that its findings
// depend on.
type look struct {
	*around
	slide *slides.Slide
	step  store.SubmissionItem // that has it, where it comes from one
	key   string
}

func (a *around) look(sl *slides.Slide) (look, error) {
	left := 0.0 // of its validity, in days: all that the clock has to do with it
	if sl.Until != 0 {
		left = math.Floor(float64(sl.Until-a.viewing.Now) / dayMillis)
	}
	all, err := json.Marshal([]any{sl, a.sum, a.holds.Viewing, a.viewing.Hosts, left})
	return look{around: a, slide: sl, key: slides.Sum(all)}, err
}

// reviewSlide is what a citizen of unit would stumble over in a slide, errors
// first. Errors stop publishing, warnings ask.
func (q *request) reviewSlide(ctx context.Context, sl *slides.Slide, unit string) ([]review.Finding, error) {
	a, err := q.around(ctx, unit)
	if err != nil {
		return nil, err
	}
	x, err := a.look(sl)
	if err != nil {
		return nil, err
	}
	return q.found(ctx, x)
}

// found looks a slide through, or knows what was found.
func (q *request) found(ctx context.Context, x look) ([]review.Finding, error) {
	found, err := q.reviews.of(x.key, func() ([]review.Finding, error) {
		faces, err := q.faces()
		if err != nil {
			return nil, err
		}
		select { // it draws: like the thumbnails, no more than two at once
		case q.thumbs.slots <- struct{}{}:
			defer func() { <-q.thumbs.slots }()
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		return review.Slide(x.slide, x.Frame, faces, q.files(ctx), x.viewing), nil
	})
	if err != nil || x.slide.Kind != "links" || x.unit == "" {
		return found, err
	}
	return slices.Concat(found, movedChannels(x.slide, x.channels)), nil
}

// looks are the slides of the steps that publishing would show.
func (q *request) looks(steps []store.SubmissionItem) ([]look, error) {
	ctx, units := q.r.Context(), map[string]*around{}
	var out []look
	for _, st := range steps {
		if st.Type != store.SlideItem || st.Version == 0 {
			continue
		}
		a, err := units[st.Unit], error(nil)
		if a == nil {
			if a, err = q.around(ctx, st.Unit); err != nil {
				return nil, err
			}
			units[st.Unit] = a
		}
		sl, err := q.Store.SlideVersion(ctx, st.ID, st.Version)
		if err != nil {
			return nil, err
		}
		x, err := a.look(sl)
		if err != nil {
			return nil, err
		}
		x.step = st
		out = append(out, x)
	}
	return out, nil
}

// unseen are those that nobody has looked through since they or what surrounds
// them changed.
func (q *request) unseen(list []look) []look {
	return keep(list, func(x look) bool { return !q.reviews.has(x.key) })
}

// lookThrough looks slides through on every processor that may draw, so that
// asking of each one after it is quick; done is told of each.
func (q *request) lookThrough(ctx context.Context, list []look, done func()) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(cap(q.thumbs.slots))
	for _, x := range list {
		g.Go(func() error {
			_, err := q.found(ctx, x)
			done()
			return err
		})
	}
	return g.Wait()
}

const dayMillis = 24 * 60 * 60 * 1000

// viewingOf is how a unit's screens are read, with what it has not said as at a desk.
func viewingOf(d slides.Defaults, now slides.Millis, hosts []string) review.Viewing {
	v := review.AtDesk(now, hosts)
	if d.Viewing.Inches > 0 {
		v.Inches = d.Viewing.Inches
	}
	if d.Viewing.Metres > 0 {
		v.Metres = d.Viewing.Metres
	}
	if d.Viewing.Words > 0 {
		v.WordsPerMinute = d.Viewing.Words
	}
	return v
}

// files reads a slide's files from the store.
func (q *request) files(ctx context.Context) review.Pictures {
	return func(sha string) ([]byte, bool) {
		b, err := q.Store.Blob(ctx, sha)
		if err != nil {
			return nil, false
		}
		defer b.Close()
		data, err := io.ReadAll(io.LimitReader(b, raster.MaxPictureBytes+1))
		return data, err == nil
	}
}

// maxReviews bounds what reviews keeps: some hundred bytes each.
const maxReviews = 4000

// reviews keeps what was found in slides: a publish page asks for many that
// have not changed since.
type reviews struct {
	mu    sync.Mutex
	byKey map[string][]review.Finding // guarded by mu; read only once in
}

func (r *reviews) has(key string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, ok := r.byKey[key]
	return ok
}

func (r *reviews) of(key string, look func() ([]review.Finding, error)) ([]review.Finding, error) {
	r.mu.Lock()
	list, ok := r.byKey[key]
	r.mu.Unlock()
	if ok {
		return list, nil
	}
	list, err := look()
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.byKey) >= maxReviews || r.byKey == nil {
		r.byKey = map[string][]review.Finding{}
	}
	r.byKey[key] = list
	return list, nil
}

// finding is one finding as the page shows it.
type finding struct {
	Stops bool
	Where string // the field's label; "" for the whole slide
	Says  string
	To    string // id of the field's element; "" for none
	Fix   string // what the form's "do" asks for; "" where only a person can mend it
	Label string // of the fix
}

// findings puts what was found in words, each with the way to its field.
func (q *request) findings(kind string, list []review.Finding, fields ...[]formField) []finding {
	label := labels(append(commonFields(q.words), kinds.Fields(kind)...), q.lang)
	var out []finding
	for _, f := range list {
		x := finding{Stops: f.Severity == review.Error, Says: f.Vi}
		if q.lang == "en" && f.En != "" {
			x.Says = f.En
		}
		path := f.Path
		if path == "dwell_ms" {
			path = "dwell" // typed in seconds
		}
		if path != "" {
			x.Where = label(path)
		}
		value := ""
		for _, list := range fields {
			if id, v := fieldAt(list, path); id != "" {
				x.To, value = id, v
			}
		}
		say := func(key string, args ...any) string { return q.words.say(q.lang, key, args...) }
		switch {
		case f.Rule == review.RuleDwell && f.Needs > 0:
			x.Fix, x.Label = fmt.Sprintf("fix:dwell=%d", f.Needs/1000), say("review.fix.dwell", f.Needs/1000)
		case f.Rule == review.RuleExpiry && x.Stops:
			x.Fix, x.Label = "fix:until", say("review.fix.until")
		case f.Rule == ruleChannel:
			x.Fix, x.Label = "fix:channels", say("channels.take")
		case f.Rule == review.RuleGlyph:
			x.Fix, x.Label = "fix:glyphs", say("review.fix.glyphs")
		case (f.Rule == review.RuleAddress || f.Rule == review.RuleQRDense || f.Rule == review.RuleQRSize) && untracked(value) != value:
			x.Fix, x.Label = "fix:address="+path, say("review.fix.address")
		}
		out = append(out, x)
	}
	return out
}

// fieldAt is the id of the element in which a path is typed, and what is typed
// there; else the id of the nearest one that it lies in; "" for none.
func fieldAt(fields []formField, path string) (id, value string) {
	for _, f := range fields {
		if !under(path, f.Name) {
			continue
		}
		if f.Name == path && len(f.Texts) == 0 {
			return f.ID, f.Value
		}
		for _, t := range f.Texts {
			if t.Name == path || f.Name == path {
				return t.ID, t.Value
			}
		}
		inner := f.Fields
		for _, it := range f.Items {
			if under(path, it.Path) {
				inner = it.Fields
			}
		}
		if id, value = fieldAt(inner, path); id != "" {
			return id, value
		}
		return f.ID, ""
	}
	return "", ""
}

// mend does what a finding's button offers to a form's values.
func (q *request) mend(v values, unit, fix string) error {
	what, arg, _ := strings.Cut(fix, "=")
	switch what {
	case "dwell":
		v.Set("dwell", fmt.Sprint(number(arg)))
	case "until":
		v.Del("until")
	case "glyphs":
		faces, err := q.faces()
		if err != nil {
			return nil // nothing is drawn without them, and nothing was found
		}
		for k, x := range v {
			if strings.HasPrefix(k, "body.") || strings.HasPrefix(k, "title.") {
				for i := range x {
					x[i] = writable(x[i], faces)
				}
			}
		}
	case "channels":
		_, err := q.takeChannels(v, unit)
		return err
	case "address":
		if strings.HasPrefix(arg, "body.") {
			v.Set(arg, untracked(v.Get(arg)))
		}
	}
	return nil
}

// spelt are characters that people paste and the font lacks, in letters that it has.
var spelt = strings.NewReplacer("→", "–", "⇒", "–", "➔", "–", "➜", "–", "►", "•", "▪", "•", "●", "•", "✓", "•", "✔", "•", "☑", "•", "№", "Số", "≤", "<=", "≥", ">=", "−", "-", "☎", "ĐT:", "✆", "ĐT:")

// writable is s with the characters that no weight of the font has replaced or left out.
func writable(s string, faces *scene.Faces) string {
	has := func(r rune) bool { return r == '\n' || r == '\r' || r == ' ' || faces.Has(scene.Regular, r) }
	var b strings.Builder
	for _, r := range slides.Clean(s) {
		if has(r) {
			b.WriteRune(r)
			continue
		}
		for _, x := range spelt.Replace(string(r)) {
			if has(x) {
				b.WriteRune(x)
			}
		}
	}
	return b.String()
}

// untracked is an address without what only tells where its reader came from:
// the fragment, and the parameters that campaigns add.
func untracked(s string) string {
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil {
		return s
	}
	u.Fragment, u.RawFragment = "", ""
	query := u.Query()
	for k := range query {
		switch l := strings.ToLower(k); {
		case strings.HasPrefix(l, "utm_"), strings.HasPrefix(l, "_"), l == "fbclid", l == "gclid", l == "zarsrc", l == "mc_cid", l == "mc_eid", l == "igshid":
			query.Del(k)
		}
	}
	u.RawQuery = query.Encode()
	return strings.TrimSuffix(u.String(), "?")
}
