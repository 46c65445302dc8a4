package api

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"motcua/slides"
)

// param is a parameter of a path or query: what the document says of it, and what
// a call is held to before its handler sees it.
type param struct {
	name  string
	needs bool
	does  slides.Text
	is    valueType
	least int      // of an integer
	most  int      // of an integer; of a text, its characters
	oneOf []string // of a choice
}

type valueType string

const (
	isText    valueType = "" // at most maxParam characters, if most is 0
	isInteger valueType = "integer"
	isDate    valueType = "date" // 2026-01-31
	isChoice  valueType = "choice"
)

// maxParam bounds a text that nothing else bounds: ids have 64 characters at
// most, a search and a cursor are no longer than titles.
const maxParam = 200

// schema is its JSON Schema.
func (p *param) schema() object {
	switch p.is {
	case isInteger:
		return object{"type": "integer", "minimum": p.least, "maximum": p.most}
	case isDate:
		return object{"type": "string", "format": "date"}
	case isChoice:
		return object{"type": "string", "enum": p.oneOf}
	}
	return object{"type": "string", "maxLength": p.longest()}
}

func (p *param) longest() int {
	if p.most > 0 {
		return p.most
	}
	return maxParam
}

// check holds a value that was sent to the schema.
func (p *param) check(v string) error {
	switch p.is {
	case isInteger:
		if n, err := strconv.Atoi(v); err != nil || n < p.least || n > p.most {
			return badQuery(p.name, fmt.Sprintf("Phải là số từ %d đến %d.", p.least, p.most), fmt.Sprintf("A number from %d to %d is needed.", p.least, p.most))
		}
	case isDate:
		if _, err := slides.LocalDate(v).Time(); err != nil {
			return badQuery(p.name, "Phải là ngày dạng năm-tháng-ngày, như 2026-01-31.", "A date as year-month-day is needed, like 2026-01-31.")
		}
	case isChoice:
		if !slices.Contains(p.oneOf, v) {
			list := strings.Join(p.oneOf, ", ")
			return badQuery(p.name, fmt.Sprintf("Phải là một trong: %s.", list), fmt.Sprintf("One of %s is needed.", list))
		}
	default:
		if !utf8.ValidString(v) || utf8.RuneCountInString(v) > p.longest() {
			return badQuery(p.name, fmt.Sprintf("Dài quá %d ký tự, hoặc không phải UTF-8.", p.longest()), fmt.Sprintf("It is longer than %d characters, or no UTF-8.", p.longest()))
		}
	}
	return nil
}

// checkParams holds a call to what the document says of its path and query: a
// parameter that nobody knows, or that is there twice, is an error that names it,
// like a field of a body.
func (c *call) checkParams() error {
	for _, p := range pathParams(c.rt) {
		if err := p.check(c.r.PathValue(p.name)); err != nil {
			return noThing() // nothing has such a name
		}
	}
	q := c.r.URL.Query()
	for _, name := range slices.Sorted(maps.Keys(q)) {
		i := slices.IndexFunc(c.rt.query, func(p param) bool { return p.name == name })
		if i < 0 {
			name = clip(name)
			return badQuery(name, "Không có tham số này.", "There is no such parameter.")
		}
		if len(q[name]) > 1 {
			return badQuery(name, "Chỉ được gửi một lần.", "It may be sent once only.")
		}
		if v := q.Get(name); v != "" {
			if err := c.rt.query[i].check(v); err != nil {
				return err
			}
		}
	}
	for _, p := range c.rt.query {
		if p.needs && q.Get(p.name) == "" {
			return badQuery(p.name, "Thiếu tham số này.", "This parameter is missing.")
		}
	}
	return nil
}

// pathParams are the parameters in a route's path.
func pathParams(rt *route) []param {
	var out []param
	for _, m := range pathParam.FindAllStringSubmatch(rt.path, -1) {
		p := param{name: m[1], needs: true, does: say("Mã.", "The id.")}
		if p.name == "revision" {
			p.is, p.least, p.most = isInteger, 1, maxRevision
			p.does = say("Số của bản phát hành.", "The number of the publication.")
		}
		out = append(out, p)
	}
	return out
}

// maxRevision is more publications than an office makes in its life, and fits
// every JSON reader's numbers (RFC 8259 §6).
const maxRevision = 1<<53 - 1
