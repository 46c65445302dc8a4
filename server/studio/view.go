package studio

import (
	"embed"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"math"
	"path"
	"strings"
	"time"

	"motcua/server/auth"
	"motcua/slides"
	"motcua/slides/survey"
)

//go:embed pages/*.html
var pageFiles embed.FS

// pages are the parsed templates by name, each with the layout and the parts.
type pages map[string]*template.Template

// shared are the files that every page may use: those that begin with "_".
func loadPages() (pages, error) {
	names, err := fs.Glob(pageFiles, "pages/*.html")
	if err != nil {
		return nil, err
	}
	base := template.New("").Funcs(template.FuncMap{"args": args, "inc": func(n int) int { return n + 1 }})
	var own []string
	for _, n := range names {
		if !strings.HasPrefix(path.Base(n), "_") {
			own = append(own, n)
			continue
		}
		if base, err = base.ParseFS(pageFiles, n); err != nil {
			return nil, err
		}
	}
	all := pages{}
	for _, n := range own {
		t, err := base.Clone()
		if err == nil {
			t, err = t.ParseFS(pageFiles, n)
		}
		if err != nil {
			return nil, err
		}
		all[strings.TrimSuffix(path.Base(n), ".html")] = t
	}
	return all, nil
}

func (p pages) render(w io.Writer, page string, v *view) error {
	t, ok := p[page]
	if !ok {
		return fmt.Errorf("studio: no page %q", page)
	}
	return t.ExecuteTemplate(w, "layout", v)
}

// args hands several values to a part: {{template "x" (args "V" $ "Row" .)}}.
func args(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("args: a value is missing")
	}
	m := map[string]any{}
	for i := 0; i < len(pairs); i += 2 {
		k, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("args: key %v is not a string", pairs[i])
		}
		m[k] = pairs[i+1]
	}
	return m, nil
}

// view is what a template sees as its root ($).
type view struct {
	words   words
	Lang    string
	Name    string // of the page
	Section string // of the navigation
	Session *auth.Session
	Path    string // with query, for the language switch
	Done    string // sentence on what was just done
	Running int    // long works that are being done
	Page    any
	zone    *time.Location
	now     time.Time
	may     func(auth.Right) bool
}

var sections = map[string]string{
	"home": "home", "slides": "slides", "slide": "slides", "kinds": "slides", "publish": "publish", "submissions": "submissions", "submission": "submissions", "check": "submissions", "publications": "publish", "publication": "publish", "playlists": "playlists", "playlist": "playlists",
	"media": "media", "media-file": "media", "feeds": "feeds", "voices": "media", "post": "slides",
	"procedures": "procedures", "procedure": "procedures", "imports": "procedures", "import": "procedures", "postings": "procedures",
	"schedule": "schedule", "entry": "schedule", "calendar": "schedule", "workdays": "schedule", "emergencies": "schedule", "emergency": "schedule", "shows": "kiosks", "kiosks": "kiosks", "kiosk": "kiosks", "approve": "kiosks",
	"kiosks-chosen": "kiosks", "alerts": "kiosks", "kiosk-order": "kiosks",
	"kiosk-settings": "kiosks", "kiosk-copy": "kiosks", "kiosk-copied": "kiosks", "units": "units", "unit": "units", "unit-tree": "units", "desks": "units", "users": "users", "user": "users", "totp": "account", "recovery": "account",
	"tokens": "connections", "hooks": "connections", "hook": "connections", "interface": "connections",
	"statistics": "statistics", "letters": "letters", "letter": "letters", "audit": "audit", "account": "account",

	"conflict": "slides", "versions": "slides", "bulk": "slides", "bulk-done": "slides",
}

func (q *request) view(page string, data any) *view {
	v := &view{
		words: q.words, Lang: q.lang, Name: page, Section: sections[page], Session: q.session,
		Path: "/studio/", Page: data, zone: q.zone, now: q.Store.Now().Time(), may: q.session.May,
	}
	if page != "error" {
		v.Running = q.running()
	}
	if q.about != nil && q.tree != nil {
		v.may = func(r auth.Right) bool { return q.session.Reach(r, q.tree).In(*q.about) }
	}
	// After a POST that shows its form again the address is the form's own.
	v.Path = q.r.URL.RequestURI()
	if key := "done." + q.r.URL.Query().Get("done"); q.r.Method == "GET" && q.words.has(key) {
		v.Done = q.words.say(q.lang, key)
	}
	return v
}

// T is a text of the studio.
func (v *view) T(key string, args ...any) string { return v.words.say(v.Lang, key, args...) }

// Text is a citizen-facing text in the page's language.
func (v *view) Text(t slides.Text) string { return t.In(v.Lang) }

// May says whether the person has the right: in the unit that the page is
// about, or in any where it is about none.
func (v *view) May(right string) bool { return v.may(auth.Right(right)) }

// MayAnywhere says whether the person has the right in any unit.
func (v *view) MayAnywhere(right string) bool { return v.Session.May(auth.Right(right)) }

// Nav says whether the entry is the current one.
func (v *view) Nav(section string) bool { return v.Section == section }

func (v *view) local(m slides.Millis) time.Time { return m.Time().In(v.zone) }

// When is a moment as Vietnam writes it: "20/3/2023 09:41".
func (v *view) When(m slides.Millis) string {
	if m == 0 {
		return survey.NoData
	}
	if v.Lang == "en" {
		return v.local(m).Format("2 Jan 2006 15:04")
	}
	return v.local(m).Format("2/1/2006 15:04")
}

// Local is the time of day of a moment, in the zone of the page's kiosk.
func (v *view) Local(t time.Time) string { return t.Format("15:04") }

// Day is a date: "20/3/2023".
func (v *view) Day(m slides.Millis) string {
	if m == 0 {
		return survey.NoData
	}
	if v.Lang == "en" {
		return v.local(m).Format("2 Jan 2006")
	}
	return v.local(m).Format("2/1/2006")
}

// Date is a date without a time: "20/3/2023".
func (v *view) Date(d slides.LocalDate) string {
	t, err := d.Time()
	if err != nil {
		return string(d)
	}
	if v.Lang == "en" {
		return t.Format("2 Jan 2006")
	}
	return t.Format("2/1/2006")
}

// Ago is how long ago a moment was, in words; from a week on its date.
func (v *view) Ago(m slides.Millis) string {
	if m == 0 {
		return v.T("ago.never")
	}
	d := v.now.Sub(m.Time())
	switch {
	case d < time.Minute:
		return v.T("ago.now")
	case d < time.Hour:
		return v.T("ago.minutes", int(d.Minutes()))
	case d < 24*time.Hour:
		return v.T("ago.hours", int(d.Hours()))
	case d < 7*24*time.Hour:
		return v.T("ago.days", int(d.Hours()/24))
	}
	return v.Day(m)
}

// ISO is a moment for the datetime attribute.
func (v *view) ISO(m slides.Millis) string { return m.Time().Format(time.RFC3339) }

// swap turns Vietnamese digits into English ones where the page is English.
func (v *view) swap(s string) string {
	if v.Lang != "en" {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch r {
		case ',':
			return '.'
		case '.':
			return ','
		}
		return r
	}, s)
}

// Count is a whole number: "36.525".
func (v *view) Count(n any) string {
	switch n := n.(type) {
	case int:
		return v.swap(survey.FormatCount(int64(n)))
	case int64:
		return v.swap(survey.FormatCount(n))
	case uint64:
		return v.swap(survey.FormatCount(int64(min(n, math.MaxInt64))))
	}
	return fmt.Sprint(n)
}

// Pct is a percentage with one decimal, without its sign: "82,7".
func (v *view) Pct(x float64) string { return v.swap(survey.FormatDecimal(x, 1)) }

// Num is a number with two decimals.
func (v *view) Num(x float64) string { return v.swap(survey.FormatDecimal(x, 2)) }

// Bytes is a size in words.
func (v *view) Bytes(n int64) string {
	switch {
	case n >= 1<<30:
		return v.swap(survey.FormatDecimal(float64(n)/(1<<30), 1)) + " GiB"
	case n >= 1<<20:
		return v.swap(survey.FormatDecimal(float64(n)/(1<<20), 0)) + " MiB"
	}
	return v.swap(survey.FormatDecimal(float64(n)/(1<<10), 0)) + " KiB"
}

// Seconds is a length of milliseconds in seconds with one decimal.
func (v *view) Seconds(ms int64) string { return v.swap(survey.FormatDecimal(float64(ms)/1000, 1)) }

// Length is how long something shows, in words: "2 phút 5 giây".
func (v *view) Length(ms int64) string {
	s := (ms + 500) / 1000
	if s < 60 {
		return v.T("length.seconds", s)
	}
	return v.T("length.minutes", s/60, s%60)
}

// Clockwork is a length of seconds as hours, minutes and seconds: "1:02:03".
func (v *view) Clockwork(seconds float64) string {
	s := int64(seconds + 0.5)
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}

// Span is a length of milliseconds in words.
func (v *view) Span(ms int64) string {
	d := time.Duration(ms) * time.Millisecond
	switch {
	case d < time.Hour:
		return v.T("span.minutes", int(d.Minutes()))
	case d < 48*time.Hour:
		return v.T("span.hours", int(d.Hours()))
	}
	return v.T("span.days", int(d.Hours()/24))
}

// Has says whether there is such a text.
func (v *view) Has(key string) bool { return v.words.has(key) }
