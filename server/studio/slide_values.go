package studio

import (
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"motcua/slides"
	"motcua/slides/kinds"
)

// values are a form's fields by the path of what they fill: "title.vi",
// "body.steps.0.title.en".
type values = url.Values

// Types of field that only the common part of a slide has.
const (
	fieldMoment  kinds.FieldType = "moment"  // a wall-clock time in the unit's zone
	fieldSeconds kinds.FieldType = "seconds" // milliseconds, typed in seconds
)

// Types of field that only settings have.
const (
	fieldDays   kinds.FieldType = "days"   // weekdays to tick, 0 Sunday to 6
	fieldTime   kinds.FieldType = "time"   // slides.DayTime
	fieldChecks kinds.FieldType = "checks" // any of Options
)

// momentLayout is what browsers send for a datetime-local field.
const momentLayout = "2006-01-02T15:04"

// commonFields describes what every slide has besides its body.
func commonFields(w words) []kinds.Field {
	text := func(key string) slides.Text {
		return slides.Text{"vi": w.say("vi", key), "en": w.say("en", key)}
	}
	field := func(name string, t kinds.FieldType, limit int) kinds.Field {
		return kinds.Field{Name: name, Path: name, Label: text("slide.field." + name), Type: t, Max: limit}
	}
	title, topic, audience := field("title", kinds.FieldText, 0), field("topic", kinds.FieldChoice, 0), field("audience", kinds.FieldChoice, 0)
	topic.Required, audience.Required = true, true // saving gives a title to who wrote none
	for _, t := range topics() {
		name := slides.Text{}
		for l, s := range t.Name {
			name[l] = string(t.Code) + " " + s
		}
		topic.Options = append(topic.Options, kinds.Option{Value: string(t.Code), Label: name})
	}
	for _, a := range []slides.Audience{slides.Public, slides.Internal} {
		audience.Options = append(audience.Options, kinds.Option{Value: string(a), Label: text("audience." + string(a))})
	}
	document := field("document", kinds.FieldGroup, 0)
	document.Fields = []kinds.Field{
		{Name: "number", Label: text("slide.field.document.number"), Type: kinds.FieldString, Max: 60},
		{Name: "issuer", Label: text("slide.field.document.issuer"), Type: kinds.FieldString, Max: 200},
		{Name: "date", Label: text("slide.field.document.date"), Type: kinds.FieldDate},
		{Name: "file", Type: "hidden"},
	}
	return []kinds.Field{
		title, topic, audience, field("from", fieldMoment, 0), field("until", fieldMoment, 0),
		field("dwell", fieldSeconds, 0), document, field("source", kinds.FieldString, 500),
	}
}

// slideValues fills a form with a slide.
func slideValues(s *slides.Slide, zone *time.Location) values {
	v := values{}
	setText(v, "title", s.Title)
	v.Set("topic", string(s.Topic))
	v.Set("audience", string(s.Audience))
	v.Set("source", s.Source)
	v.Set("from", moment(s.From, zone))
	v.Set("until", moment(s.Until, zone))
	if s.Dwell != 0 {
		v.Set("dwell", decimal(float64(s.Dwell)/1000))
	}
	if d := s.Document; d != nil {
		v.Set("document.number", d.Number)
		v.Set("document.issuer", d.Issuer)
		v.Set("document.date", string(d.Date))
		v.Set("document.file", d.File)
	}
	if body, err := kinds.Parse(s); err == nil {
		if b, err := json.Marshal(body); err == nil {
			var tree any
			if json.Unmarshal(b, &tree) == nil {
				flatten(v, "body", tree)
			}
		}
	}
	return v
}

func moment(m slides.Millis, zone *time.Location) string {
	if m == 0 {
		return ""
	}
	return m.Time().In(zone).Format(momentLayout)
}

func setText(v values, path string, t slides.Text) {
	for l, s := range t {
		v.Set(path+"."+l, s)
	}
}

// flatten writes a JSON tree under paths.
func flatten(v values, path string, x any) {
	switch x := x.(type) {
	case map[string]any:
		for k, y := range x {
			flatten(v, path+"."+k, y)
		}
	case []any:
		if list := scalars(x); list != nil { // boxes that are ticked
			v[path] = list
			return
		}
		for i, y := range x {
			flatten(v, path+"."+strconv.Itoa(i), y)
		}
		v.Set(path+".#", strconv.Itoa(len(x)))
	case string:
		v.Set(path, x)
	case bool:
		if x {
			v.Set(path, "on")
		}
	case float64:
		v.Set(path, decimal(x))
	}
}

// scalars are a list of plain values as they stand in a form, nil for others.
func scalars(list []any) []string {
	var out []string
	for _, y := range list {
		switch y := y.(type) {
		case string:
			out = append(out, y)
		case float64:
			out = append(out, decimal(y))
		default:
			return nil
		}
	}
	return out
}

// decimal writes a number as it is typed in Vietnamese, as short as it goes.
func decimal(x float64) string {
	return strings.Replace(strconv.FormatFloat(x, 'f', -1, 64), ".", ",", 1)
}

// readSlide reads a form into a slide; what can't be read becomes a problem.
func readSlide(kind string, v values, zone *time.Location, p *slides.Problems) *slides.Slide {
	s := &slides.Slide{Kind: kind, Topic: slides.Topic(v.Get("topic")), Audience: slides.Audience(v.Get("audience")), Source: slides.Typed(v.Get("source"))}
	s.Title = readText(v, "title")
	s.From = readMoment(v, "from", zone, p)
	s.Until = readMoment(v, "until", zone, p)
	if n, ok := readNumber(v, "dwell", p); ok {
		s.Dwell = int64(math.Round(min(max(n, -1e6), 1e6) * 1000))
	}
	d := slides.DocumentRef{Number: slides.Typed(v.Get("document.number")), Issuer: slides.Typed(v.Get("document.issuer")), Date: slides.LocalDate(slides.Clean(v.Get("document.date"))), File: slides.Clean(v.Get("document.file"))}
	if d != (slides.DocumentRef{}) {
		s.Document = &d
	}
	b, err := json.Marshal(readFields(kinds.Fields(kind), v, "body.", p))
	if err != nil {
		p.Add("body", slides.Sentence(err, "vi"), slides.Sentence(err, "en"))
		return s
	}
	s.Body = b
	// The body is written anew by its kind: NFC, no field that it does not know.
	if body, err := kinds.Parse(s); err == nil {
		if b, err := json.Marshal(body); err == nil {
			s.Body = b
		}
	}
	return s
}

func readText(v values, path string) slides.Text {
	t := slides.Text{}
	for k, x := range v {
		if l, ok := strings.CutPrefix(k, path+"."); ok && !strings.Contains(l, ".") && l != "#" && len(x) > 0 {
			t[l] = x[0]
		}
	}
	return slides.TypedText(t)
}

func readMoment(v values, path string, zone *time.Location, p *slides.Problems) slides.Millis {
	x := strings.TrimSpace(v.Get(path))
	if x == "" {
		return 0
	}
	for _, layout := range []string{momentLayout, "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02", "2/1/2006 15:04", "2/1/2006"} {
		if t, err := time.ParseInLocation(layout, x, zone); err == nil && t.Year() >= 1990 && t.Year() < 2200 {
			return slides.At(t)
		}
	}
	p.Add(path, fmt.Sprintf("Không đọc được thời điểm %q; viết như 2026-03-20T09:41 hoặc 20/3/2026 09:41.", short(x)),
		fmt.Sprintf("The moment %q can't be read; write it like 2026-03-20T09:41 or 20/3/2026 09:41.", short(x)))
	return 0
}

// readNumber reads a number with a decimal comma or point; "" is no number.
func readNumber(v values, path string, p *slides.Problems) (float64, bool) {
	x := strings.TrimSpace(v.Get(path))
	if x == "" {
		return 0, false
	}
	n, err := strconv.ParseFloat(strings.Replace(x, ",", ".", 1), 64)
	if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
		p.Add(path, fmt.Sprintf("%q không phải là số; viết như 12 hoặc 84,45.", short(x)), fmt.Sprintf("%q is not a number; write it like 12 or 84.45.", short(x)))
		return 0, false
	}
	return n, true
}

// readFields reads the fields below prefix into a JSON tree. Empty parts that
// may be left out are left out.
func readFields(fields []kinds.Field, v values, prefix string, p *slides.Problems) map[string]any {
	out := map[string]any{}
	for _, f := range fields {
		path := prefix + f.Name
		switch f.Type {
		case kinds.FieldText:
			if t := readText(v, path); len(t) > 0 || f.Required {
				out[f.Name] = t
			}
		case kinds.FieldBool:
			if v.Get(path) != "" {
				out[f.Name] = true
			}
		case kinds.FieldInt:
			if n, ok := readNumber(v, path, p); ok {
				if n != math.Trunc(n) || math.Abs(n) > 1e9 {
					p.Add(path, fmt.Sprintf("%q không phải là số nguyên.", short(v.Get(path))), fmt.Sprintf("%q is not a whole number.", short(v.Get(path))))
				} else {
					out[f.Name] = int64(n)
				}
			} else if f.Required && v.Get(path) == "" {
				p.Add(path, "Chưa điền mục này.", "This must be filled in.")
			}
		case kinds.FieldNumber:
			if n, ok := readNumber(v, path, p); ok {
				out[f.Name] = n
			}
		case kinds.FieldGroup:
			if g := readFields(f.Fields, v, path+".", p); f.Required || filled(g) {
				out[f.Name] = g
			}
		case kinds.FieldList:
			list := []any{}
			for i := range items(v, path, f.Max) {
				at := fmt.Sprintf("%s.%d", path, i)
				if len(f.Fields) == 1 && f.Fields[0].Name == "" {
					list = append(list, readText(v, at))
				} else {
					list = append(list, readFields(f.Fields, v, at+".", p))
				}
			}
			if len(list) > 0 {
				out[f.Name] = list
			}
		case fieldDays:
			if days := ticked(v, path, f.Options, p); len(days) > 0 {
				list := make([]int, len(days))
				for i, d := range days {
					list[i] = number(d)
				}
				out[f.Name] = list
			}
		case fieldChecks:
			if list := ticked(v, path, f.Options, p); len(list) > 0 {
				out[f.Name] = list
			}
		case fieldTime:
			if s := dayTime(v.Get(path)); s != "" {
				if s == "00:00" && f.Name == "until" {
					s = "24:00"
				}
				out[f.Name] = s
			}
		default:
			if s := slides.Typed(v.Get(path)); s != "" {
				out[f.Name] = s
			}
		}
	}
	return out
}

// ticked are the values of a form that are options, in the options' order; any
// other becomes a problem.
func ticked(v values, path string, of []kinds.Option, p *slides.Problems) []string {
	var out []string
	values := v[path]
	for _, x := range values {
		if x != "" && !slices.ContainsFunc(of, func(o kinds.Option) bool { return o.Value == x }) {
			p.Add(path, fmt.Sprintf("Không có lựa chọn %q.", short(x)), fmt.Sprintf("There is no choice %q.", short(x)))
			break
		}
	}
	for _, o := range of {
		if slices.Contains(values, o.Value) {
			out = append(out, o.Value)
		}
	}
	return out
}

// dayTime reads a time of day as people and browsers write it: "7:30", "7h30",
// "07:30:00"; what it can't read stays as it is, to be told.
func dayTime(s string) string {
	s = slides.Clean(short(s))
	for _, layout := range []string{"15:04", "15:04:05", "15h04", "15.04", "15h"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.Format("15:04")
		}
	}
	return s
}

// filled says whether anything was typed into an optional group.
func filled(g map[string]any) bool {
	for _, x := range g {
		if t, ok := x.(slides.Text); !ok || len(t) > 0 {
			return true
		}
	}
	return false
}

// items is how many items of a list the form has: its own count, within what
// the kind may have and a few more (so that one too many is told, not cut).
func items(v values, path string, limit int) int {
	n := number(v.Get(path + ".#"))
	if limit <= 0 {
		limit = 20
	}
	return min(max(n, 0), limit+4)
}

// number reads a small whole number of a hidden field; anything else is 0.
func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > 1<<30 {
		return 0
	}
	return n
}

// moveItem adds an item to a list of the form, removes one, or moves one up or
// down; at is the list's path, or an item's. prefix is the fields' own path.
func moveItem(v values, fields []kinds.Field, prefix, verb, at string) {
	list, i := at, -1
	if verb != "add" {
		dot := strings.LastIndexByte(at, '.')
		if dot < 0 {
			return
		}
		n, err := strconv.Atoi(at[dot+1:])
		if err != nil {
			return
		}
		list, i = at[:dot], n
	}
	limit, ok := listLimit(fields, prefix, list)
	if !ok {
		return
	}
	n := items(v, list, limit)
	switch {
	case verb == "add" && n < limit:
		n++
	case verb == "remove" && i >= 0 && i < n:
		dropItem(v, list, i)
		for k := i + 1; k < n; k++ {
			swapItems(v, list, k-1, k)
		}
		n--
	case verb == "up" && i > 0 && i < n:
		swapItems(v, list, i-1, i)
	case verb == "down" && i >= 0 && i < n-1:
		swapItems(v, list, i, i+1)
	}
	v.Set(list+".#", strconv.Itoa(n))
}

func listLimit(fields []kinds.Field, prefix, path string) (int, bool) {
	for _, f := range fields {
		if prefix+f.Name == path && f.Type == kinds.FieldList {
			return f.Max, true
		}
		inside := prefix + f.Name + "."
		if f.Type == kinds.FieldList { // the path goes on after the item's number
			rest, ok := strings.CutPrefix(path, inside)
			n, _, more := strings.Cut(rest, ".")
			if !ok || !more {
				continue
			}
			inside += n + "."
		}
		if f.Type == kinds.FieldGroup || f.Type == kinds.FieldList {
			if n, ok := listLimit(f.Fields, inside, path); ok {
				return n, ok
			}
		}
	}
	return 0, false
}

func under(k, item string) bool { return k == item || strings.HasPrefix(k, item+".") }

func dropItem(v values, list string, i int) {
	item := fmt.Sprintf("%s.%d", list, i)
	for k := range v {
		if under(k, item) {
			delete(v, k)
		}
	}
}

func swapItems(v values, list string, a, b int) {
	one, two := fmt.Sprintf("%s.%d", list, a), fmt.Sprintf("%s.%d", list, b)
	moved := values{}
	for k, x := range v {
		switch {
		case under(k, one):
			moved[two+k[len(one):]] = x
			delete(v, k)
		case under(k, two):
			moved[one+k[len(two):]] = x
			delete(v, k)
		}
	}
	for k, x := range moved {
		v[k] = x
	}
}
