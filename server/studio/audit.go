package studio

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"motcua/server/store"
	"motcua/slides"
)

type auditPage struct {
	Rows              []auditRow
	Object, Q         string
	From, Until       string // dates
	Older             int64  // Seq to go on from, 0 at the end
	Query             string // of the filters, for the next page
	Problem, Verified string
}

type auditRow struct {
	deed
	Did    string // the verb in words
	Facts  string
	Steps  []diff // what was before and what is after
	More   int    // steps that are not shown
	System bool
}

const (
	auditRows  = 100
	auditSteps = 10 // of one row that the page shows
)

// auditFilter reads the filters of a page or an export.
func (q *request) auditFilter(get func(string) string, p *auditPage) store.AuditFilter {
	p.Object, p.Q, p.From, p.Until = short(get("object")), short(get("q")), short(get("from")), short(get("until"))
	f := store.AuditFilter{Object: p.Object}
	day := func(s string, add int) slides.Millis {
		if s == "" {
			return 0
		}
		t, err := time.ParseInLocation(time.DateOnly, s, q.zone)
		if err != nil {
			p.Problem = q.words.say(q.lang, "audit.baddate", s)
			return 0
		}
		return slides.At(t.AddDate(0, 0, add))
	}
	f.From, f.Until = day(p.From, 0), day(p.Until, 1)
	if p.Q != "" {
		f.Match = func(r store.AuditRow) bool {
			return matches(strings.Join([]string{r.Name, r.User, r.Addr, r.Verb, q.verb(r.Verb), r.Object, string(r.Detail)}, " "), p.Q)
		}
	}
	return f
}

func (s *server) audit(q *request) error {
	u := q.r.URL.Query()
	var p auditPage
	f := q.auditFilter(u.Get, &p)
	before, err := strconv.ParseInt(u.Get("before"), 10, 64)
	if err == nil && before > 0 {
		f.Before = before
	}
	f.Limit = auditRows + 1
	rows, err := s.Store.Audit(q.r.Context(), f)
	if err != nil {
		return err
	}
	if len(rows) > auditRows {
		rows = rows[:auditRows]
		p.Older = rows[auditRows-1].Seq
		u.Set("before", fmt.Sprint(p.Older))
		p.Query = u.Encode()
	}
	deeds, err := q.deeds(rows)
	if err != nil {
		return err
	}
	for _, r := range deeds {
		row := auditRow{deed: r, Did: q.verb(r.Verb), System: r.User == "" && r.Name == ""}
		if row.Steps = q.changesIn(r.Detail); row.Steps == nil {
			row.Facts = q.facts(r.Detail)
		}
		if n := len(row.Steps); n > auditSteps {
			row.Steps, row.More = row.Steps[:auditSteps], n-auditSteps
		}
		p.Rows = append(p.Rows, row)
	}
	return q.render(http.StatusOK, "audit", p)
}

// auditVerify recomputes the chain and says what came of it.
func (s *server) auditVerify(q *request) error {
	n, err := s.Store.VerifyAudit(q.r.Context())
	var p auditPage
	switch slides.KindOf(err) {
	case "":
		rows, err := s.Store.Audit(q.r.Context(), store.AuditFilter{Limit: 1})
		if err != nil {
			return err
		}
		p.Verified = q.words.say(q.lang, "audit.sound", n)
		if len(rows) > 0 {
			p.Verified += " " + q.words.say(q.lang, "audit.head", rows[0].Hash)
		}
	case slides.Corrupt:
		p.Problem = slides.Sentence(err, q.lang)
	default:
		return err
	}
	return q.render(http.StatusOK, "audit", p)
}

// auditExport sends the audit: all of it as JSON lines, which "motcua verify"
// checks, or what the filters pick as a table. That it was taken is a row too.
func (s *server) auditExport(q *request) error {
	format := q.r.PostForm.Get("format")
	if format != "csv" && format != "jsonl" {
		return slides.E(slides.Invalid, "studio.auditExport", q.words.say("vi", "stats.noformat"), q.words.say("en", "stats.noformat"), nil)
	}
	if err := s.Store.AddAudit(q.r.Context(), q.session.Actor(), "audit.export", "audit", map[string]any{"format": format}); err != nil {
		return err
	}
	h := q.w.Header()
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="motcua-nhat-ky-%s.%s"`, s.Store.Now().Time().In(q.zone).Format("20060102-1504"), format))
	if format == "jsonl" {
		h.Set("Content-Type", "application/x-ndjson")
		q.wrote = true
		return s.Store.ExportAudit(q.r.Context(), q.w)
	}
	var p auditPage
	f := q.auditFilter(q.r.PostForm.Get, &p)
	f.Limit = 1 << 30
	rows, err := s.Store.Audit(q.r.Context(), f)
	if err != nil {
		return err
	}
	h.Set("Content-Type", "text/csv; charset=utf-8")
	q.wrote = true
	if _, err := q.w.Write([]byte("\ufeff")); err != nil { // Excel takes UTF-8 only with it
		return err
	}
	out := csv.NewWriter(q.w)
	line := func(cells ...string) {
		for i, c := range cells {
			if c != "" && strings.ContainsRune("=+-@\t\r", rune(c[0])) {
				cells[i] = "'" + c // no formula for who opens it
			}
		}
		out.Write(cells) // its error stays for Flush
	}
	var head []string
	for _, k := range []string{"audit.seq", "publish.when", "audit.who", "audit.addr", "audit.what", "audit.on", "audit.detail", "audit.hash"} {
		head = append(head, q.words.say(q.lang, k))
	}
	line(head...)
	for _, r := range rows {
		line(fmt.Sprint(r.Seq), r.At.Time().In(q.zone).Format(time.RFC3339), r.Name, r.Addr, q.verb(r.Verb), r.Object, string(r.Detail), r.Hash)
	}
	out.Flush()
	return out.Error()
}

// verb is an audit's verb in words; one without words stands as it is.
func (q *request) verb(verb string) string {
	if key := "verb." + verb; q.words.has(key) {
		return q.words.say(q.lang, key)
	}
	return verb
}

// Verb is the same for templates.
func (v *view) Verb(verb string) string {
	if key := "verb." + verb; v.words.has(key) {
		return v.T(key)
	}
	return verb
}

// fieldLabel names a field of a row's detail as its form does: "terminal.hours.0.from".
func (q *request) fieldLabel(path string) string {
	var out []string
	for part := range strings.SplitSeq(strings.ToLower(path), ".") {
		switch {
		case part == "terminal":
			continue
		case strings.Trim(part, "0123456789") == "":
			part = fmt.Sprint(number(part) + 1)
		default:
			for _, in := range []string{"field.", "fact.", "terminal.", "kiosk.", "span.", "user.", "tongue."} {
				if q.words.has(in + part) {
					part = q.words.say(q.lang, in+part)
					break
				}
			}
		}
		out = append(out, part)
	}
	return strings.Join(out, " · ")
}

// changesIn are what a change's row tells: each value before and after; nil for
// rows that tell something else.
func (q *request) changesIn(detail json.RawMessage) []diff {
	var c struct{ Before, After map[string]any }
	if json.Unmarshal(detail, &c) != nil || c.Before == nil && c.After == nil {
		return nil
	}
	b, a := values{}, values{}
	for k, x := range c.Before {
		flatten(b, k, x)
	}
	for k, x := range c.After {
		flatten(a, k, x)
	}
	keys := slices.Collect(maps.Keys(b))
	for k := range a {
		if _, both := b[k]; !both {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	out := []diff{}
	for _, k := range keys {
		x, y := strings.Join(b[k], ", "), strings.Join(a[k], ", ")
		if x != y && !strings.HasSuffix(k, ".#") {
			out = append(out, diff{q.fieldLabel(k), clipRunes(x, 120), clipRunes(y, 120)})
		}
	}
	return out
}

// facts writes those details of an audit row that say something to a person:
// short values, no hashes, no lists.
func (q *request) facts(detail json.RawMessage) string {
	var m map[string]any
	if json.Unmarshal(detail, &m) != nil {
		if s := strings.Trim(string(detail), `"`); s != "null" && len(s) < 60 {
			return s
		}
		return ""
	}
	var out []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		s := ""
		switch v := m[k].(type) {
		case string:
			if s = v; len(s) > 80 || len(s) > 15 && !strings.ContainsFunc(s, func(r rune) bool { return !strings.ContainsRune("0123456789abcdef-", r) }) {
				s = ""
			}
		case bool:
			if v {
				s = q.words.say(q.lang, "fact.yes")
			}
		case float64:
			if v != 0 && v < 1e9 { // moments are longer
				s = decimal(v)
			}
		}
		if s != "" {
			if key := "value." + s; q.words.has(key) {
				s = q.words.say(q.lang, key)
			}
			out = append(out, q.fieldLabel(k)+": "+s)
		}
	}
	return strings.Join(out, " · ")
}
