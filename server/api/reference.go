package api

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Reference is the document for people.
type Reference struct {
	Intro  string
	Calls  []Call
	Shapes []Shape // by name
}

// Call is one address and what it does.
type Call struct {
	Method, Path, Does string
	Scope              string // "" any token
	Open               bool   // no token at all
	Params             []Field
	Takes, Gives       string // names of shapes, "" for none
	Status             string
}

// Shape is an object and its fields by name.
type Shape struct {
	Name   string
	Fields []Field
}

// Field is a field of an object, or a parameter.
type Field struct {
	Name, Type, Does string
	Shape            string // the shape that Type speaks of, "" for none
	Needed           bool
}

// NewReference reads the document in a language.
func NewReference(lang string) Reference {
	d := Document(lang)
	schemas := d["components"].(object)["schemas"].(object)
	r := Reference{Intro: d["info"].(object)["description"].(string)}
	for _, rt := range routes() {
		op := d["paths"].(object)[rt.path].(object)[strings.ToLower(rt.method)].(object)
		c := Call{Method: rt.method, Path: rt.path, Does: rt.does.In(lang), Scope: string(rt.scope), Open: rt.open, Status: fmt.Sprint(rt.status)}
		for _, p := range op["parameters"].([]any) {
			x := p.(object)
			if x["in"] != "path" {
				f := Field{Name: x["name"].(string), Does: x["description"].(string), Needed: x["required"].(bool)}
				f.Type, _ = typeOf(x["schema"].(object))
				c.Params = append(c.Params, f)
			}
		}
		if body, ok := op["requestBody"].(object); ok {
			_, c.Takes = typeOf(content(body))
		}
		if s := content(op["responses"].(object)[c.Status].(object)); rt.gives != nil {
			if _, c.Gives = typeOf(s); c.Gives == "" { // a page of content
				_, c.Gives = typeOf(s["properties"].(object)["items"].(object))
			}
		}
		r.Calls = append(r.Calls, c)
	}
	for _, name := range slices.Sorted(maps.Keys(schemas)) {
		sh := Shape{Name: name}
		s := schemas[name].(object)
		props, _ := s["properties"].(object)
		needed, _ := s["required"].([]any)
		for _, f := range slices.Sorted(maps.Keys(props)) {
			p, ok := props[f].(object)
			if !ok {
				p = object{}
			}
			x := Field{Name: f, Needed: slices.Contains(needed, any(f))}
			x.Type, x.Shape = typeOf(p)
			x.Does, _ = p["description"].(string)
			sh.Fields = append(sh.Fields, x)
		}
		r.Shapes = append(r.Shapes, sh)
	}
	return r
}

// content is the schema of a body.
func content(body object) object {
	c, _ := body["content"].(object)
	j, _ := c["application/json"].(object)
	s, _ := j["schema"].(object)
	return s
}

// typeOf is a schema in a few words, and the shape that it names.
func typeOf(s object) (words, shape string) {
	if ref, ok := s["$ref"].(string); ok {
		name := ref[strings.LastIndex(ref, "/")+1:]
		return name, name
	}
	if list, ok := s["enum"].([]string); ok { // of a parameter
		return strings.Join(list, " | "), ""
	}
	if list, ok := s["enum"].([]any); ok {
		var all []string
		for _, x := range list {
			all = append(all, fmt.Sprint(x))
		}
		return strings.Join(all, " | "), ""
	}
	if list, ok := s["anyOf"].([]any); ok && len(list) > 0 {
		var all []string
		for _, x := range list {
			w, _ := typeOf(x.(object))
			all = append(all, w)
		}
		return strings.Join(all, " | "), ""
	}
	typ, _ := s["type"].(string)
	if least, ok := s["minimum"]; ok && s["maximum"] != maxRevision {
		return fmt.Sprintf("%v–%v", least, s["maximum"]), ""
	}
	if format, ok := s["format"].(string); ok {
		return format, ""
	}
	if items, ok := s["items"].(object); ok && typ == "array" {
		w, shape := typeOf(items)
		return "[" + w + "]", shape
	}
	if more, ok := s["additionalProperties"].(object); ok && typ == "object" {
		w, shape := typeOf(more)
		return "{…: " + w + "}", shape
	}
	return typ, ""
}
