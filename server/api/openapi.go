package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/invopop/jsonschema"

	"motcua/server/fleet"
	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/kinds"
	"motcua/slides/wire"
)

// object is a JSON object of the document; encoding/json orders its keys.
type object = map[string]any

// Document is the OpenAPI 3.1 document of the table of routes, in "vi" or "en".
func Document(lang string) map[string]any {
	d := &document{lang: lang, schemas: object{}}
	paths := object{}
	for _, rt := range routes() {
		ops, ok := paths[rt.path].(object)
		if !ok {
			ops = object{}
			paths[rt.path] = ops
		}
		ops[strings.ToLower(rt.method)] = d.operation(&rt)
	}
	return object{
		"openapi": "3.1.0",
		"info": object{
			"title": "Một Cửa", "version": "1",
			"description": say("Khóa truy cập có quyền trong một đơn vị và các đơn vị dưới nó. Thời điểm là mili giây từ 1970 UTC. Lỗi theo RFC 9457. Thay đổi nội dung cần If-Match; POST với Idempotency-Key chỉ xảy ra một lần trong 48 giờ. Quá 10 lời gọi mỗi giây nhận 429 với Retry-After.",
				"A token holds in one unit and all below it. Moments are milliseconds since 1970 UTC. Errors are as RFC 9457 says. Changes of content need If-Match; a POST with an Idempotency-Key happens once within 48 hours. Over 10 calls a second are answered with 429 and Retry-After.").In(lang),
		},
		"paths":    paths,
		"security": []any{object{"token": []any{}}},
		"components": object{
			"schemas":         d.schemas,
			"securitySchemes": object{"token": object{"type": "http", "scheme": "bearer"}},
			"responses": object{"Problem": object{
				"description": say("Có lỗi.", "Something is wrong.").In(lang),
				"content":     object{"application/problem+json": object{"schema": d.ref(failure{})}},
			}},
		},
	}
}

// document gathers schemas while operations are made.
type document struct {
	lang    string
	schemas object
}

var pathParam = regexp.MustCompile(`\{(\w+)\}`)

func (d *document) operation(rt *route) object {
	params := []any{}
	add := func(in string, p param) {
		params = append(params, object{"in": in, "name": p.name, "required": p.needs, "description": p.does.In(d.lang), "schema": p.schema()})
	}
	for _, p := range pathParams(rt) {
		add("path", p)
	}
	for _, p := range rt.query {
		add("query", p)
	}
	if rt.ifs {
		add("header", param{name: "If-Match", does: say(`ETag của bản đã đọc; * để ghi đè.`, `The ETag of what was read; * to overwrite.`)})
		add("header", param{name: "If-None-Match", does: say("* khi tạo mới.", "* for something new.")})
	}
	if rt.method == http.MethodPost {
		add("header", param{name: "Idempotency-Key", does: say("Tên của lời gọi này; gửi lại với tên ấy không làm hai lần.", "A name of this call; sent again under it nothing happens twice."), most: maxKey})
	}
	good := object{"description": say("Thành công.", "Done.").In(d.lang)}
	headers := object{}
	if rt.tags {
		headers["ETag"] = object{"schema": object{"type": "string"}}
	}
	if len(headers) > 0 {
		good["headers"] = headers
	}
	switch {
	case rt.gives != nil:
		good["content"] = object{"application/json": object{"schema": d.answer(rt)}}
	case rt.open:
		good["content"] = object{"application/json": object{"schema": object{"type": "object"}}}
	}
	op := object{
		"operationId": operationID(rt), "summary": rt.does.In(d.lang), "parameters": params,
		"responses": object{fmt.Sprint(rt.status): good, "default": object{"$ref": "#/components/responses/Problem"}},
	}
	if rt.open {
		op["security"] = []any{}
	}
	if rt.scope != "" {
		op["x-scope"] = string(rt.scope)
	}
	if rt.takes != nil {
		op["requestBody"] = object{"required": !rt.bare, "content": object{"application/json": object{"schema": d.ref(rt.takes)}}}
	}
	return op
}

// answer is the schema of what a route gives; a list of content is a page of it.
func (d *document) answer(rt *route) any {
	one := d.ref(rt.gives)
	if rt.method == http.MethodGet && slices.ContainsFunc(genres, func(g genre) bool { return rt.path == "/api/v1/"+g.name }) {
		return object{
			"type": "object", "required": []string{"items"}, "additionalProperties": false,
			"properties": object{"items": object{"type": "array", "items": one}, "next": object{"type": "string"}},
		}
	}
	return one
}

// operationID names an operation for generated code: "get_kiosks_id".
func operationID(rt *route) string {
	return strings.ToLower(rt.method) + strings.NewReplacer("/api/v1", "", "/", "_", "{", "", "}", "", ".", "_").Replace(rt.path)
}

// ref keeps the schema of v's type among the components, with those that it
// names, and is a reference to it.
func (d *document) ref(v any) object {
	r := &jsonschema.Reflector{Namer: schemaName, Mapper: d.known, Anonymous: true}
	s := r.Reflect(v)
	b, err := json.Marshal(s)
	var flat object
	if err == nil {
		err = json.Unmarshal([]byte(strings.ReplaceAll(string(b), `"#/$defs/`, `"#/components/schemas/`)), &flat)
	}
	if err != nil {
		panic("api: " + err.Error()) // a programming error: a test makes the document
	}
	defs, _ := flat["$defs"].(object)
	for name, def := range defs {
		if old, there := d.schemas[name]; there && !reflect.DeepEqual(old, def) {
			panic("api: two schemas have the name " + name)
		}
		d.schemas[name] = def
	}
	return object{"$ref": flat["$ref"]}
}

// schemaName names a type in the document: "ItemSlide" for item[slides.Slide].
func schemaName(t reflect.Type) string {
	outer, inner, _ := strings.Cut(strings.TrimSuffix(t.Name(), "]"), "[")
	name := upper(outer) + upper(inner[strings.LastIndex(inner, ".")+1:])
	if strings.HasSuffix(t.PkgPath(), "slides/kinds") { // a slide's body may have the name of what it shows
		return "Body" + name
	}
	return name
}

func upper(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// known gives the schemas of types whose Go type does not say everything.
func (d *document) known(t reflect.Type) *jsonschema.Schema {
	choice := func(list ...any) *jsonschema.Schema { return &jsonschema.Schema{Type: "string", Enum: list} }
	switch t {
	case reflect.TypeFor[slides.Text]():
		return &jsonschema.Schema{
			Type: "object", AdditionalProperties: &jsonschema.Schema{Type: "string"},
			Description: say("Văn bản theo ngôn ngữ (BCP 47); vi phải có.", "A text by language (BCP 47); vi must be there.").In(d.lang),
		}
	case reflect.TypeFor[slides.Millis]():
		return &jsonschema.Schema{Type: "integer", Description: say("Mili giây từ 1970 UTC.", "Milliseconds since 1970 UTC.").In(d.lang)}
	case reflect.TypeFor[store.ItemState]():
		return choice(store.Draft, store.Live, store.Edited, store.Recalled, store.Removing, store.Removed)
	case reflect.TypeFor[wire.Verb]():
		var verbs []any
		for _, v := range wire.StaffVerbs {
			verbs = append(verbs, v)
		}
		return choice(verbs...)
	case reflect.TypeFor[fleet.State]():
		var states []any
		for _, x := range fleet.States {
			states = append(states, x)
		}
		return choice(states...)
	case reflect.TypeFor[slides.Audience]():
		return choice(slides.Public, slides.Internal)
	case reflect.TypeFor[json.RawMessage]():
		// Only a slide's body is raw: what its kind has.
		any := &jsonschema.Schema{Type: "object"}
		for _, k := range kinds.All() {
			any.AnyOf = append(any.AnyOf, &jsonschema.Schema{Ref: d.ref(k.New())["$ref"].(string)})
		}
		return any
	}
	return nil
}
